"""What R and pandas write where nothing was named: V1, V2, ..., numbers of rows, and 0 for a series."""

import io
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from derandkit import as_graph
from derandkit.errors import InputError
from derandkit.graphs.files import read_graph


def read(text, **options):
    return read_graph(io.StringIO(text), **options)


MATRIX = "0 1 2\n1 0 3\n2 3 0\n"


@pytest.mark.parametrize("separator", [" ", ",", ";", "\t"])
@pytest.mark.parametrize("head", ['"V1" "V2" "V3"', "0 1 2", "1 2 3", "x1 x2 x3", "id_1 id_2 id_3", "i j k"])
def test_a_matrix_below_names_that_say_nothing_is_asked_about(head, separator):
    text = f"{head}\n{MATRIX}".replace(" ", separator)
    with pytest.raises(InputError, match="3 lines of 3 numbers may be a symmetric matrix or edges"):
        read(text)
    assert read(text, input_format="matrix").total_weight == 6


@pytest.mark.parametrize("head", ["V1 V2 V3", "node1 node2 node3", "i j k"])
def test_a_frame_with_names_that_say_nothing_is_asked_about(head):
    frame = pd.DataFrame([[0, 1, 2], [1, 0, 3], [2, 3, 0]], columns=head.split())
    with pytest.raises(InputError, match="may be a matrix or 3 edges"):
        as_graph(frame)
    edges = pd.DataFrame([[1, 2, 5], [2, 3, 6], [4, 3, 1]], columns=head.split())
    assert as_graph(edges).total_weight == 12


def test_edges_below_names_of_r_are_edges():
    assert read('"V1","V2","V3"\n1,2,5\n2,3,6\n4,3,1\n').total_weight == 12
    assert read('"V1","V2"\n1,2\n2,3\n').m == 2
    with pytest.raises(InputError, match="2 lines of 2 numbers may be a symmetric matrix"):
        read('"V1","V2"\n0,1\n1,0\n')


@pytest.mark.parametrize("separator", [" ", ",", "\t"])
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("mark", ["", '"'])
def test_numbers_of_rows_are_asked_about(separator, start, mark):
    rows = [(10, 20), (20, 30), (30, 10), (10, 40)]
    text = "".join(f"{mark}{k}{mark} {u} {v}\n" for k, (u, v) in enumerate(rows, start)).replace(
        " ", separator
    )
    with pytest.raises(
        InputError, match=f"the first column counts {start}, {start + 1}, ...: it may be an index"
    ):
        read(text)
    assert read(text, input_format="edgelist").m == 4


def test_numbers_of_rows_in_quotation_marks_are_asked_about_among_small_vertices():
    with pytest.raises(InputError, match="the first column counts 1, 2"):
        read('"1" 2 3\n"2" 3 4\n"3" 4 2\n"4" 2 5\n')
    assert read("1 2 5\n2 3 6\n3 4 7\n4 5 8\n5 6 9\n").total_weight == 35  # a path


def test_a_series_without_a_name_has_the_name_0():
    for separator in ",;\t":
        text = "source,target,0\na,b,1.5\nb,a,1.5\na,c,2\nc,a,2\n".replace(",", separator)
        graph = read(text)
        assert (graph.m, graph.total_weight, graph.reading.header_lines) == (2, 3.5, 1)
        assert "the weights are those of '0'" in graph.reading.remarks
        with pytest.raises(InputError, match="'user item 0' may name the columns, as pandas does"):
            read(text.replace("source", "user").replace("target", "item"))
    assert read("source,target,0\n1,2,5\n2,3,4\n").total_weight == 9
    assert read("buyer,seller,0\n1,2,5\n2,3,4\n", header=True).total_weight == 9
    assert read("a,b,0\nb,c,2\n").m == 2  # b is a vertex


@pytest.mark.parametrize("stem", ["v", "x", "V", "node", "id_"])
def test_vertices_with_such_names_are_vertices_in_json(stem):
    for graph in (nx.cycle_graph(3), nx.path_graph(4), nx.petersen_graph()):
        named = nx.relabel_nodes(graph, lambda v: f"{stem}{v + 1}")
        for form in (nx.to_dict_of_lists(named), {u: dict.fromkeys(named[u], 1) for u in named}):
            assert read(json.dumps(form)).digest == as_graph(named).digest


@pytest.mark.parametrize(
    "text", ['{"x1": ["a", "b"], "x2": ["b", "c"]}', '{"v1": {"p": 3, "q": 4}, "v2": {"p": 5, "q": 6}}']
)
def test_columns_or_vertices_with_such_names_are_asked_about(text):
    with pytest.raises(InputError, match="or vertices with their neighbours"):
        read(text)


def named(names):
    size = len(names.split())
    rows = [row[:size] for row in ([0, 1, 2], [1, 0, 3], [2, 3, 0])[:size]]
    return pd.DataFrame(rows, columns=names.split(), index=names.split())


@pytest.mark.parametrize(
    "names", ["v1 v2 v3", "u v w", "i j k", "node1 node2 node3", "A B C", "x1 x2", "u v", "a b"]
)
def test_a_matrix_with_words_above_and_beside_it_is_a_matrix(names):
    frame = named(names)
    texts = [frame.to_csv(sep=separator) for separator in ",;\t"]
    texts += [frame.rename_axis("name").to_csv(), frame.iloc[::-1].to_csv(), frame.to_csv(quoting=2)]
    for text in texts:
        graph = read(text)
        assert graph.digest == as_graph(frame).digest
        assert graph.reading.header_lines == 1
    bare = "\n".join(line.removeprefix(",") for line in frame.to_csv().split("\n"))
    assert read(bare.replace(",", " ")).digest == as_graph(frame).digest  # as write.table of R


@pytest.mark.parametrize(
    "names", ["from to w", "source target weight", "node1 node2", "0 1 2", "1 2 3", "0 1"]
)
def test_names_that_an_edge_list_may_have_leave_a_doubt(names):
    size = len(names.split())
    for separator in ",;":
        text = named(names).to_csv(sep=separator)
        with pytest.raises(
            InputError, match=f"{size} lines of {size} numbers may be a (symmetric )?matrix or edges"
        ):
            read(text)
        assert read(text, input_format="matrix").total_weight == (6 if size == 3 else 1)


@pytest.mark.parametrize("size", [2, 3, 4, 5])
@pytest.mark.parametrize("stem", ["V", "X", "x"])
def test_matrices_with_names_that_count_above_numbers_of_rows(size, stem):
    A = np.add.outer(np.arange(size), np.arange(size)) + 1
    np.fill_diagonal(A, 0)
    frame = pd.DataFrame(A, [str(v + 1) for v in range(size)], [f"{stem}{v + 1}" for v in range(size)])
    texts = [frame.to_csv(quoting=quoting, sep=sep) for quoting in (0, 2) for sep in ",\t"]
    texts += [frame.to_csv(sep=" ", quoting=2).removeprefix('"" ')]
    for text in texts:
        if size > 3:
            graph = read(text)
            assert (graph.labels, graph.total_weight) == (range(1, size + 1), np.triu(A).sum())
        else:
            with pytest.raises(
                InputError, match=f"{size} lines of {size} numbers may be a symmetric matrix or edges"
            ):
                read(text)
            assert read(text, input_format="matrix").total_weight == np.triu(A).sum()
    counted = pd.DataFrame(A, columns=[f"x{v}" for v in range(size)]).to_csv()
    if size > 3:
        assert read(counted).labels == ("x0", "x1", "x2", "x3", "x4")[:size]


def test_three_edges_below_such_names_are_edges():
    edges = pd.DataFrame([(1, 2, 5), (2, 3, 4), (4, 1, 7)], index=[1, 2, 3], columns=["V1", "V2", "V3"])
    graph = read(edges.to_csv())
    assert (graph.n, graph.total_weight) == (4, 16)
    assert read(pd.DataFrame([(0, 1, 2.5), (1, 2, 3.5), (2, 3, 1)]).to_csv()).total_weight == 7


@pytest.mark.parametrize(
    "form", ['"1"{0}0{0}5\n"2"{0}5{0}0\n', "1{0}0{0}5\n2{0}5{0}0\n", "a{0}0{0}5\nb{0}5{0}0\n"]
)
def test_two_lines_may_be_a_matrix_whose_rows_have_names(form):
    for separator in " ,\t;":
        text = form.format(separator)
        with pytest.raises(InputError, match="the 2 lines may be a matrix whose rows are called"):
            read(text)
        assert read(text, header=False).m == read(text, input_format="edgelist").m == 2
    assert read("1 0 5\n2 5 1\n").m == 2


@pytest.mark.parametrize(
    "form", ['"1"{0}10{0}20\n"2"{0}30{0}40\n', '"1"{0}10{0}20\n"2"{0}20{0}30\n"3"{0}30{0}10\n']
)
def test_numbers_of_rows_of_r_above_any_edges(form):
    for separator in " ,\t;":
        with pytest.raises(InputError, match="the first column counts 1, 2"):
            read(form.format(separator))
