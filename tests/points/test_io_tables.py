"""Tables of edges and of numbers: read as they are meant, or refused with both readings and the option that chooses."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.inputs import read, refusal

import derandkit as dk
from derandkit.errors import InputError
from derandkit.graphs.files import as_graph, read_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.writing import write_edgelist

ONE_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)


def best(graph):
    """The greatest cut, by trying all."""
    signs = ([1 if bits >> v & 1 else -1 for v in range(graph.n)] for bits in range(2 ** (graph.n - 1)))
    return max(graph.cut_value(s) for s in signs)


# every row of the table of wrong answers (A1 ... A11) and of wrong refusals (B5 ... B17): the right cut, or a question

TORUS = "".join(
    f"{a} {b} {w}\n"
    for k, (a, b) in enumerate((v + 1, (v + step) % 16 + 1) for v in range(16) for step in (1, 4))
    for w in [1 if k * 7 % 3 else -1]
)


def test_a1_header_with_a_third_number(tmp_path):
    plain = read(tmp_path, f"16 32\n{TORUS}")
    assert read(tmp_path, f"16 32 0\n{TORUS}").digest == plain.digest
    assert (plain.n, plain.m) == (16, 32)
    cut_short = "\n".join(TORUS.splitlines()[:-3])
    assert "looks like a rudy header, but 29 edges follow" in refusal(tmp_path, f"16 32 0\n{cut_short}")
    text = "3 3 0\n1 2 1\n2 3 1\n"
    assert "looks like a rudy header, but 2 edges follow" in refusal(tmp_path, text)
    assert "the header says 3 edges, the file has 2" in refusal(tmp_path, text, input_format="rudy")
    assert read(tmp_path, text, input_format="edgelist").dropped_loops == 1
    assert read(tmp_path, "3 3 0\n1 2 1\n2 3 1\n1 3 1\n").labels == range(1, 4)
    assert "looks like a rudy header" in refusal(tmp_path, "5 6 1\n1 2 1\n2 3 1\n3 1 1\n")
    assert "may be a rudy header or an edge" in refusal(tmp_path, "4 3 0\n1 2 1\n2 3 1\n1 4 1\n")
    assert read(tmp_path, "4 3 0\n1 2 1\n2 3 1\n1 4 1\n", "g.rudy").m == 3


def test_a2_headers_over_words(tmp_path):
    graph = read(tmp_path, "source,target\nA,B\nB,C\nA,C\n", "header_noweight.csv")
    assert (graph.n, best(graph)) == (3, 2)
    assert graph.reading.header_lines == 1
    text = "person,friend\nA,B\nB,C\nA,C\n"
    assert "--header or --no-header" in refusal(tmp_path, text)
    assert read(tmp_path, text, header=True).n == 3
    assert read(tmp_path, text, header=False).n == 5
    occurs = "source,target\nsource,A\n"
    assert "--header or --no-header" in refusal(tmp_path, occurs)
    assert read(tmp_path, "ann bob\nbob eve\neve ann\n").n == 3


@pytest.mark.parametrize("text", ["0,4,1\n4,0,1\n1,1,0\n", "0 4 1\n4 0 1\n1 1 0\n", "0\t7\n7\t0\n"])
@pytest.mark.parametrize("name", ["g", "dense3b.csv"])
def test_a5_small_matrices_that_may_be_edges(tmp_path, text, name):
    assert "--input-format matrix or edgelist" in refusal(tmp_path, text, name)
    size = text.count("\n")
    matrix = read(tmp_path, text, name, input_format="matrix")
    assert (matrix.n, best(matrix)) == (size, 5 if size == 3 else 7)
    assert read(tmp_path, text, name, input_format="edgelist").n != 0


def test_matrices_in_text(tmp_path):
    A = np.triu(np.arange(25).reshape(5, 5) * 7 % 11 + 1, 1)
    A = A + A.T
    expected = as_graph(A).digest
    for options in (
        {},
        {"fmt": "%d"},
        {"fmt": "%d", "delimiter": ","},
        {"delimiter": "\t"},
        {"delimiter": ";"},
    ):
        file = io.StringIO()
        np.savetxt(file, A, **options)
        assert read(tmp_path, file.getvalue()).digest == expected
    names = list("vwxyz")
    frame = pd.DataFrame(A, index=names, columns=names)
    named = as_graph(frame).digest
    for text in (
        frame.to_csv(),
        frame.to_csv(sep=";"),
        frame.to_csv(index=False),
        frame.to_csv(sep="\t", quoting=csv.QUOTE_NONNUMERIC),
        frame.to_string(),
    ):
        assert read(tmp_path, text).digest == named, text
    assert read(tmp_path, frame.to_csv(decimal=",", sep=";")).digest == named
    A[0, 1] += 1
    text = "\n".join(" ".join(map(str, row)) for row in A)
    assert "the matrix is not symmetric: entry (0, 1) is 9 but (1, 0) is 8" in refusal(tmp_path, text)
    assert read(tmp_path, text, symmetrize="max").total_weight == as_graph(A, symmetrize="max").total_weight


def test_a6_decimal_commas(tmp_path):
    graph = read(tmp_path, "A;B;3,5\nB;C;4,5\nA;C;5,5\n", "decimalcomma.csv")
    assert (graph.n, best(graph)) == (3, 10)
    assert "'1,234' may be 1.234 or 1234" in refusal(tmp_path, "A;B;1,234\nB;C;4,500\n")
    assert read(tmp_path, "A;B;1,234\nB;C;4,5\n").total_weight == 5.734
    assert read(tmp_path, "A B 3,5\nB C 4,5\n").total_weight == 8
    assert read(tmp_path, "A;B\nB;C\n").n == 3


def test_a7_labels_that_begin_with_a_comment_sign(tmp_path):
    text = "python #ml 3\n#ml #ai 2\n#ai python 4\n"
    assert "--comments '#' or --comments none" in refusal(tmp_path, text)
    graph = read(tmp_path, text, comments="none")
    assert (graph.m, best(graph)) == (3, 7)
    assert read(tmp_path, text, comments="#").m == 1
    assert "--comments" in refusal(tmp_path, "a b 1\n#x y 2\n")
    for harmless in (
        "#source target weight\n",
        "# a b 1\n",
        "#1 2 3\n",
        "#!/bin/sh\n",
        "# x y\n",
        "#a longer note\n",
    ):
        assert read(tmp_path, f"{harmless}1 2 5\n2 3 6\n").m == 2
    assert "holds only comments" in refusal(tmp_path, "# ml\n")


def test_a9_problems_that_are_no_graphs(tmp_path):
    sparse = "3 5\n1 1 -3\n1 2 2\n2 2 -3\n2 3 2\n3 3 -1\n"
    assert "linear term of a QUBO" in refusal(tmp_path, sparse)
    assert "is a QUBO, not a graph" in refusal(tmp_path, sparse, "g.sparse")
    assert read(tmp_path, sparse, input_format="rudy").dropped_loops == 3
    coo = "0 0 1.0\n0 1 -1.0\n1 2 -1.0\n"
    assert "linear term of a QUBO" in refusal(tmp_path, coo)
    assert "is a QUBO or Ising model" in refusal(tmp_path, f"# vartype=SPIN\n{coo}")
    for text, what in (
        ("c x\np qubo 0 3 2 1\n0 0 1\n", "is a QUBO"),
        ("c x\np cnf 3 2\n1 -2 0\n", "is a satisfiability problem"),
        ("p wcnf 3 2 9\n9 1 -2 0\n", "is a satisfiability problem"),
        ("Minimize\n obj: x + y\nSubject To\n c1: x >= 1\nEnd\n", "is a program in the LP format"),
        ("NAME test\nROWS\n N obj\n", "is a program in MPS"),
    ):
        assert what in refusal(tmp_path, text)
    assert read(tmp_path, "a a 1\na b 2\nc b 1\n").dropped_loops == 1
    assert read(tmp_path, "1 1 3\n1 2 2\n", "g.edgelist").dropped_loops == 1


def test_a10_and_b5_what_networkx_writes(tmp_path):
    G = nx.Graph([("a", "b", {"weight": 3}), ("b", "c", {"weight": 4}), ("a", "d", {"weight": 5})])
    G.add_edge("x y", "a", weight=1)
    assert "columns before the attributes" in (nx.write_edgelist(G, tmp_path / "e") or refusal(
        tmp_path, (tmp_path / "e").read_bytes(), "e"))  # fmt: skip
    G.remove_node("x y")
    expected, ones = as_graph(G).digest, as_graph(G, weight=None).digest
    for write, wanted in (
        (nx.write_edgelist, expected),
        (nx.write_multiline_adjlist, expected),
        (nx.write_weighted_edgelist, expected),
        (nx.write_adjlist, ones),
        (lambda G, path: nx.write_edgelist(G, path, delimiter=","), expected),
        (lambda G, path: nx.write_edgelist(G, path, delimiter="\t"), expected),
        (lambda G, path: nx.write_edgelist(G, path, data=False), ones),
    ):
        write(G, tmp_path / "g")
        assert read_graph(tmp_path / "g").digest == wanted
    nx.write_edgelist(nx.Graph(G.edges), tmp_path / "g")
    assert read_graph(tmp_path / "g").digest == ones
    nx.set_edge_attributes(G, 2, "cost")
    nx.write_edgelist(G, tmp_path / "g")
    assert read_graph(tmp_path / "g", weight="cost").total_weight == 6
    assert "no edge has an attribute 'price'" in refusal(
        tmp_path, (tmp_path / "g").read_bytes(), weight="price"
    )
    for text in (
        "1 2 {'weight': __import__('os')}\n",
        "1 2 {1: [}\n",
        "1 2 " + "{'a':" * 5000 + "}" * 5000 + "\n",
    ):
        assert "no dictionary of attributes" in refusal(tmp_path, text) or "is no" in refusal(tmp_path, text)


def test_a11_and_b8_quotes_and_blanks(tmp_path):
    graph = read(tmp_path, '"a" "b" 1\n"b" "c" 2\n"a" c 3\n')
    assert (graph.labels, graph.total_weight) == (("a", "b", "c"), 6)
    assert read(tmp_path, "'a' b 1\nb 'a c' 2\n").labels == ("a", "a c", "b")
    assert read(tmp_path, "New York\tBoston\t3\nBoston\tLos Angeles\t4\n", "g.tsv").labels == (
        "Boston", "Los Angeles", "New York")  # fmt: skip
    assert read(tmp_path, "New York,Boston,3\nBoston,Los Angeles,4\n").n == 3
    assert read(tmp_path, '"Smith, John";"5"" disk";1\n').labels == ('5" disk', "Smith, John")
    assert read(tmp_path, '"Smith, John",B,1\nB,C,2\n').labels == ("B", "C", "Smith, John")
    assert read(tmp_path, "don't it's 1\n").labels == ("don't", "it's")
    assert "does not close" in refusal(tmp_path, 'a "b 1\n')
    assert "--separator" in refusal(tmp_path, "a;b,c\nd;e,f\n")
    assert read(tmp_path, "a;b,c\nd;e,f\n", separator=";", header=False).n == 4
    assert read(tmp_path, "a;b,c\nd;e,f\n", separator="comma", header=False).labels == (
        "a;b",
        "c",
        "d;e",
        "f",
    )
    assert read(tmp_path, "a|b|3\nb|c|4\n").total_weight == 7


FRAME = pd.DataFrame({"source": ["A", "B", "A"], "target": ["B", "C", "C d"], "weight": [3.5, 4.5, 5.5]})


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC, csv.QUOTE_ALL])
def test_b7_every_form_of_to_csv(tmp_path, sep, index, decimal, quoting):
    expected = as_graph(FRAME).digest
    text = FRAME.to_csv(sep=sep, index=index, decimal=decimal, quoting=quoting)
    for content in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.replace("\n", "\r\n").encode()):
        graph = read(tmp_path, content, "g.csv")
        assert graph.digest == expected
        assert graph.reading.columns == ("source", "target", "weight")
    plain = FRAME[["source", "target"]].to_csv(sep=sep, index=index, quoting=quoting)
    assert read(tmp_path, plain, "g.csv").digest == as_graph(FRAME, weight=None).digest
    headless = FRAME.to_csv(sep=sep, index=False, header=False, decimal=decimal, quoting=quoting)
    assert read(tmp_path, headless, "g.csv").digest == expected


def test_columns_are_chosen_by_name(tmp_path):
    expected = as_graph(FRAME).digest
    gephi = "Source,Target,Type,Id,Label,timeset,Weight\nA,B,Undirected,0,,,3.5\nB,C,Undirected,1,,,4.5\n"
    gephi += "A,C d,Undirected,2,,,5.5\n"
    graph = read(tmp_path, gephi)
    assert graph.digest == expected
    assert graph.reading.remarks == ("columns 'Id', 'Label', 'timeset' are not used",)
    directed = gephi.replace("Undirected", "Directed")
    assert "directed" in refusal(tmp_path, directed)
    assert read(tmp_path, directed, symmetrize="sum").digest == expected
    assert read(tmp_path, FRAME[["weight", "target", "source"]].to_csv(index=False)).digest == expected
    named = read(tmp_path, FRAME.rename(columns={"weight": "Kilometres"}).to_csv(index=False))
    assert named.digest == expected
    assert named.reading.remarks == ("the weights are those of 'Kilometres'",)
    two = FRAME.assign(cost=[1, 2, 3]).rename(columns={"weight": "km"}).to_csv(index=False)
    assert "'km' and 'cost' hold numbers; say which with --weight" in refusal(tmp_path, two)
    assert read(tmp_path, two, weight="cost").total_weight == 6
    assert read(tmp_path, two, weight=None).total_weight == 3
    assert "no column is named 'price'" in refusal(tmp_path, two, weight="price")
    assert "weight 'x' is not a number" in refusal(tmp_path, "source,target,weight\nA,B,x\nB,C,1\n")
    assert "the weight is missing (an empty cell)" in refusal(tmp_path, "source,target,weight\nA,B,\nB,C,1\n")
    assert "4 columns, but the header names 3" in refusal(tmp_path, "source,target,weight\nA,B,1\nB,C,1,2\n")
    assert "'p' and 'q'" in refusal(tmp_path, "p,q,x,y\nA,B,1,2\n") or "it is not clear" in refusal(
        tmp_path, "p,q,x,y\nA,B,1,2\nB,C,1,2\n")  # fmt: skip
    r_table = '"from" "to" "weight"\n"1" "A" "B" 3.5\n"2" "B" "C" 4.5\n"3" "A" "C d" 5.5\n'
    assert read(tmp_path, r_table).digest == expected
    assert read(tmp_path, r_table.replace('"from"', '"" "from"')).digest == expected


def test_an_index_without_a_name_is_not_read_as_a_vertex(tmp_path):
    frame = pd.DataFrame({"u": [5, 6, 7, 8], "v": [6, 7, 8, 9]})
    message = refusal(tmp_path, frame.to_csv(header=False))
    assert "--no-header" in message
    assert read(tmp_path, frame.to_csv(header=False), header=False).n == 8
    assert read(tmp_path, frame.to_csv()).n == 5
    path = "".join(f"{k},{k + 1},1\n" for k in range(6))
    assert read(tmp_path, path).n == 7


def test_b10_every_edge_in_both_directions(tmp_path):
    both = "1 2\n2 1\n2 3\n3 2\n1 3\n3 1\n"
    graph = read(tmp_path, f"# Undirected graph\n{both}")
    assert (graph.m, graph.total_weight, best(graph)) == (3, 3, 2)
    assert "both directions" in graph.reading.remarks[0]
    assert read(tmp_path, both, symmetrize="sum").total_weight == 6
    assert read(tmp_path, both, symmetrize="mean").total_weight == 3
    assert read(tmp_path, both.replace("1 3\n3 1\n", "1 3\n")).total_weight == 5
    weighted = "a b 2\nb a 2\nb c 3\nc b 3\n"
    assert read(tmp_path, weighted).total_weight == 5
    assert "weighs 3 and" in refusal(tmp_path, weighted.replace("c b 3", "c b 4"))
    assert read(tmp_path, weighted.replace("c b 3", "c b 4"), symmetrize="max").total_weight == 6


def test_b15_comments_behind_an_edge(tmp_path):
    assert read(tmp_path, "1 2 5 # strong\n2 3 6\n").total_weight == 11
    assert read(tmp_path, "1,2,5 # strong\n2,3,6\n").total_weight == 11
    assert read(tmp_path, "a b #x\nb c\n").n == 3
    assert read(tmp_path, "a b\nb #c\n").labels == ("#c", "a", "b")


def test_b16_and_b17_words_that_help(tmp_path):
    assert "weight '\u22121' is not a number" in refusal(tmp_path, "a b \u22121\nb c 1\n")
    assert "weight '1.5d3' is not a number" in refusal(tmp_path, "a b 1\nb c 1.5d3\n")
    assert read(tmp_path, "a b 1\rb c 2\r").total_weight == 3
    assert read(tmp_path, "a b 1\r\nb c 2\r\n\x1a").total_weight == 3
    assert "--input-format adjlist or metis" in refusal(tmp_path, "1 2 3 4\n2 3\n3\n")
    assert "a header line that names the columns" in refusal(tmp_path, "1 2 3 4\n1 3 4 5\n")


def test_konect(tmp_path):
    text = "% sym weighted\n% 3 3 3\n1 2 5 1082040961\n2 3 6 1082155839\n1 3 7 1082414391\n"
    graph = read(tmp_path, text, "out.net-name")
    assert (graph.n, graph.total_weight) == (3, 18)
    assert "the time, is not used" in graph.reading.remarks[0]
    assert read(tmp_path, "% asym unweighted\n1 2\n2 3\n").m == 2
    assert "bipartite" in refusal(tmp_path, "% bip unweighted\n1 1\n1 2\n")


def test_floats_that_are_integers(tmp_path):
    edges = np.array([[0, 1, 2], [1, 2, 0.5], [5, 2, 1], [3, 5, 4]])
    for options in ({}, {"delimiter": ","}):
        file = io.StringIO()
        np.savetxt(file, edges, **options)
        assert read(tmp_path, file.getvalue()).digest == as_graph(edges).digest
    assert "may be one vertex or two" in refusal(tmp_path, "1.0 2.0\n1e0 3.0\n")
    assert "a table of points" in refusal(tmp_path, "1.5 2.0\n2.0 3.5\n")
    assert "a table of points" in refusal(tmp_path, "0.1,0.2\n0.3,0.4\n0.5,0.6\n0.7,0.8\n", "g.csv")
    assert read(tmp_path, "1.5 2.0\n2.0 3.5\n", input_format="edgelist").labels == ("1.5", "2.0", "3.5")


def test_compressed_and_foreign_text(tmp_path):
    text = b"a b 1\nb c 2\n"
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert read(tmp_path, pack(text)).total_weight == 3
        assert "damaged or cut short" in refusal(tmp_path, pack(text)[:-6])
    graph = read(tmp_path, "Köln Zürich 3\n".encode("latin-1"))
    assert graph.labels == ("Köln", "Zürich")
    assert graph.reading.remarks == ("the text is not UTF-8 and was read as Latin-1",)


def test_limits_before_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "1000000")
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert "DERANDKIT_MAX_BYTES" in refusal(tmp_path, pack(b"1 2\n" * 10**6))
    assert "DERANDKIT_MAX_BYTES" in refusal(tmp_path, b"1 2\n" * 10**6)
    assert "DERANDKIT_MAX_BYTES" in refusal(tmp_path, "100000 1\n1 2 1\n")
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "a lot")
    assert "give a number of bytes" in refusal(tmp_path, "a b\n")


def test_streams(tmp_path):
    text = "a b 1\nb c 2\n"
    assert read_graph(io.StringIO(text)).total_weight == 3
    assert read_graph(io.BytesIO(gzip.compress(text.encode()))).total_weight == 3
    (tmp_path / "g.csv").write_text(text.replace(" ", ","))
    with open(tmp_path / "g.csv") as file:
        assert as_graph(file).total_weight == 3
    with open(tmp_path / "g.csv", "rb") as file:
        assert dk.maxcut(file).cut_value == 3
    with pytest.raises(InputError, match="several lines"):
        as_graph(text)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"header": "yes"}, "header is 'yes'"),
        ({"separator": "ab"}, "separator is 'ab'"),
        ({"separator": "1"}, "separator is '1'"),
        ({"comments": 3}, "comments is 3"),
        ({"symmetrize": "min"}, "symmetrize='min' is not one of sum, mean, max"),
        ({"weight": 3}, "weight is 3"),
        ({"input_format": "pickle"}, "input_format='pickle' is not one of"),
    ],
)
def test_options_are_checked(tmp_path, options, message):
    (tmp_path / "g").write_text("a b\n")
    with pytest.raises(InputError, match=message):
        read_graph(tmp_path / "g", **options)


NAME = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"], exclude_characters=","),
    min_size=1,
    max_size=5,
)


@ONE_FOLDER
@given(st.lists(st.tuples(NAME, NAME, st.integers(-9, 9)), min_size=1, max_size=6), st.sampled_from(",;\t"))
@example([('"', ";", 1), (";", '"', 2)], ";")
def test_what_csv_writers_write_is_read_or_refused(tmp_path, edges, sep):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=sep, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["source", "target", "weight"])
    writer.writerows(edges)
    try:
        expected = as_graph([(u, v, w) for u, v, w in edges])
    except InputError:
        return
    if {"source", "target"} & {x for edge in edges for x in edge[:2]}:
        return  # the header names a vertex: refused
    graph = read(tmp_path, file.getvalue(), "g.csv")
    if graph.reading.remarks:  # every edge in both directions
        assert graph.total_weight * 2 == expected.total_weight
    else:
        names = {str(label) for label in graph.labels}
        assert names == set(map(str, expected.labels))
        assert graph.total_weight == expected.total_weight


@ONE_FOLDER
@given(
    st.lists(NAME.filter(lambda name: name[0] not in "#%"), min_size=2, max_size=5, unique=True), st.data()
)
@example(["a;", "b;"], None)
@example(['"', "'"], None)
def test_our_own_edge_lists_come_back(tmp_path, labels, data):
    n = len(labels)
    pairs = [(a, b) for a in range(n) for b in range(a)]
    chosen = pairs if data is None else data.draw(st.lists(st.sampled_from(pairs), unique=True))
    graph = WeightedGraph.from_edges(
        [a for a, _ in chosen], [b for _, b in chosen], [7] * len(chosen), n=n, labels=labels
    )
    file = io.StringIO()
    try:
        write_edgelist(graph, file)
    except InputError:
        return
    assert read(tmp_path, file.getvalue()).digest == graph.digest
