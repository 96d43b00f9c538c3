"""Rows and labels of tables of edges that are none: second names, sums, two kinds of numbers, several graphs."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from tests.inputs import refused

import derandkit as dk
from derandkit import as_graph

USERS, MOVIES = [1, 2, 1, 3], [1, 1, 2, 2]


def read(text: str, **options):
    return dk.read_graph(io.StringIO(text), **options)


@pytest.mark.parametrize(
    "names",
    [
        ("userId", "movieId"),
        ("author_id", "paper_id"),
        ("student", "course"),
        ("customer", "products"),
        ("drug", "disease"),
    ],
)
def test_numbers_of_two_kinds_of_things_are_not_one_vertex(names):
    frame = pd.DataFrame(dict(zip(names, (USERS, MOVIES), strict=True)))
    assert "may number two kinds of things apart: 1 stands in both" in refused(as_graph, frame)
    with pytest.raises(dk.InputError, match="may number two kinds of things apart"):
        read(frame.to_csv(index=False), header=True)
    lettered = frame.assign(**{names[1]: [f"m{x}" for x in MOVIES]})
    assert as_graph(lettered).n == 5
    assert as_graph(frame.assign(**{names[1]: [x + 10 for x in MOVIES]})).n == 5
    assert as_graph(frame.set_axis(["source", "target"], axis=1)).n == 3


@pytest.mark.parametrize(
    "names", [("buyer", "seller"), ("user_id", "friend_id"), ("person", "member"), ("a", "b")]
)
def test_numbers_of_one_kind_are_vertices(names):
    assert as_graph(pd.DataFrame(dict(zip(names, ([1, 2, 3], [2, 3, 1]), strict=True)))).n == 3


@pytest.mark.parametrize("row", ["string,string", "source,target", "VARCHAR,bigint", "int,int"])
def test_a_second_line_of_names_is_no_edge(row):
    with pytest.raises(dk.InputError, match="the first row below the names holds"):
        read(f"from,to\n{row}\na,b\nb,c\n")
    assert read("from,to\nstring,ball\na,b\n").m == 2


def test_sums_are_no_vertices():
    for rows in ("a,b,4\nb,c,3\nTotal,Total,7\n", "a,b,4\na,total,4\nb,c,3\nb,total,3\n"):
        with pytest.raises(dk.InputError, match=r"a vertex is called '[Tt]otal': a sum over others"):
            read(f"source,target,weight\n{rows}")
    assert read("source,target\nShell,Total\nTotal,BP\n").n == 3


def test_several_graphs_in_one_table():
    text = "graph_id,source,target\n0,0,1\n0,1,2\n1,0,1\n1,1,2\n"
    with pytest.raises(
        dk.InputError, match="'graph_id' may say of which graph an edge is: vertex 0 is in several"
    ):
        read(text)
    assert read(text.replace("\n1,0,1\n1,1,2", "\n1,10,11\n1,11,12")).n == 6
    table = "molecule,atom1,atom2,type\n0,0,1,a\n0,1,2,b\n0,2,3,a\n1,0,1,a\n1,1,2,a\n1,2,3,b\n"
    with pytest.raises(dk.InputError, match="'molecule' may say of which graph an edge is"):
        read(table)


def test_numbers_that_a_spreadsheet_has_rounded():
    with pytest.raises(dk.InputError, match=r"'1\.23457E\+17' and the like"):
        read("source,target\n1.23457E+17,2.34568E+17\n1.23457E+17,3.45679E+17\n")


@pytest.mark.parametrize("separator", [",", ";", " ", "\t"])
@pytest.mark.parametrize("rows", [4, 12])
@pytest.mark.parametrize("number", ["1.{}457E+11", "1.{}457E+17", "2.{}457e+07"])
def test_rounded_numbers_need_no_names_above(separator, rows, number):
    ids = [number.format(10 + k) for k in range(rows)]
    both = [(u, ids[k - 1]) for k, u in enumerate(ids)]
    for listed in (
        both,
        [(u, str(k)) for k, u in enumerate(ids)],
        [(*pair, str(k % 7)) for k, pair in enumerate(both)],
    ):
        text = "".join(separator.join(row) + "\n" for row in listed)
        for given in (
            io.StringIO(text),
            listed if len(listed[0]) == 2 else [(u, v, int(w)) for u, v, w in listed],
        ):
            with pytest.raises(dk.InputError, match="which a spreadsheet has made of longer numbers"):
                dk.as_graph(given)
        assert dk.as_graph(io.StringIO(text), input_format="edgelist").m >= rows - 1
    exact = [(f"{u:.18e}", f"{u + 1:.18e}") for u in range(10**11, 10**11 + rows)]
    assert read("".join(separator.join(row) + "\n" for row in exact)).m == rows
    assert read("1e3 2e3 5\n2e3 4e3 3\n4e3 1e3 2\n2.5E+11 1e3 2\n1.5E+11 1e3 2\n").m == 5


@pytest.mark.parametrize("name", ["oneway", "bidirectional", "deleted", "active"])
def test_flags_are_no_weights(name):
    graph = read(f"source,target,{name}\na,b,1\nb,c,0\nc,a,1\n")
    assert (graph.m, graph.total_weight) == (3, 3)
    assert f"column '{name}' is not used, and every edge weighs 1" in graph.reading.remarks


def test_tensors_of_ends_and_weights_are_columns():
    torch = pytest.importorskip("torch")
    ends, weights = np.array([[0, 1, 2, 3], [1, 2, 3, 0]]), np.array([1.0, 2.0, 3.0, 4.0])
    wanted = as_graph((*ends, weights)).digest
    edge_index, edge_weight = torch.tensor(ends), torch.tensor(weights)
    assert "pass (*edge_index, edge_weight)" in refused(as_graph, (edge_index, edge_weight))
    for given in (edge_weight, edge_weight[:, None], weights[:, None]):
        assert as_graph((*edge_index, given)).digest == wanted


@pytest.mark.parametrize("mark", [-1, -(2**63), 2**32 - 1])
def test_a_mark_for_no_vertex_beside_numbers_from_zero(mark):
    edges = [(0, mark), (1, 0), (2, 0), (3, 1), (4, mark)]
    text = "".join(f"{u} {v}\n" for u, v in edges)
    for given in (edges, pd.DataFrame(edges, columns=["source", "target"]), np.array(edges)):
        assert f"vertex {mark} may stand for none" in refused(as_graph, given)
    with pytest.raises(dk.InputError, match=f"vertex {mark} may stand for none"):
        read(text)
    assert read(text, input_format="edgelist").n == 6
    for sites in ([(k, k + 1) for k in range(-2, 5)], [(1, 2), (2, 3), (3, 4), (4, -1)]):
        assert as_graph(sites).m == len(sites)


def test_lists_of_networkx_have_a_line_for_every_vertex(tmp_path):
    file = tmp_path / "g.adjlist"
    G = nx.Graph([("New York", "Boston"), ("Boston", "LA")])
    nx.write_adjlist(G, file)
    with pytest.raises(dk.InputError, match="3 lines for 4 names: names may hold blanks"):
        dk.read_graph(file)
    nx.write_adjlist(G, file, delimiter="|")
    assert dk.read_graph(file, separator="|").digest == as_graph(G).digest
    nx.write_multiline_adjlist(nx.empty_graph(3), file)
    with pytest.raises(dk.InputError, match="a multiline list of vertices without an edge"):
        dk.read_graph(file)
    for H in (nx.karate_club_graph(), nx.star_graph(4), nx.empty_graph(3)):
        nx.write_adjlist(H, file)
        assert dk.read_graph(file).m == H.number_of_edges()


def test_long_doubles_that_float64_does_not_hold_are_refused():
    big = np.longdouble(2) ** 53 + 1
    if float(big) == big:
        pytest.skip("long doubles are doubles here")
    assert "not exact in float64" in refused(as_graph, [("a", "b", big), ("b", "c", 1)])
    assert as_graph([("a", "b", np.longdouble(2) ** 60), ("b", "c", np.longdouble("0.1"))]).m == 2
