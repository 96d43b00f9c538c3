"""Cells that hold more than a name, counts of edges that are listed twice, rows of sums: refused with both readings."""

import io
import json

import networkx as nx
import pandas as pd
import pytest
from tests.inputs import refused

from derandkit import as_graph
from derandkit.graphs.files import read_graph

RING = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2)]


def read(text, **options):
    return read_graph(io.StringIO(text), **options)


def refusal(text, **options):
    return refused(read, text, **options)


@pytest.mark.parametrize("sign", ["--", "-", "->"])
@pytest.mark.parametrize("names", ["ABC", "123"])
def test_a_colon_before_the_weight_behind_a_sign(sign, names):
    u, v, w = names
    text = f"{u} {sign} {v}: 5\n{v} {sign} {w}: 3\n{w} {sign} {u}: 2\n"
    for options in ({}, {"symmetrize": "sum"}) if sign == "->" else ({},):
        message = refusal(text, **options)
        assert "end in ':'" in message or "--symmetrize" in message or "may be a mark" in message
    clean = read(text.replace(":", ""), symmetrize="sum" if sign == "->" else None)
    assert (clean.n, clean.total_weight) == (3, 10)


@pytest.mark.parametrize("sign", ["-", "_", ":", "/"])
@pytest.mark.parametrize("separator", [",", " ", "\t"])
def test_pairs_in_one_column_beside_a_weight(sign, separator):
    for names in ("ABC", "123"):
        u, v, w = names
        text = f"{u}{sign}{v}{separator}3\n{v}{sign}{w}{separator}4\n{w}{sign}{u}{separator}5\n"
        assert "may be an edge with a weight, or an edge between" in refusal(text)
        assert read(text, input_format="edgelist").m == 3
    assert read(f"user{sign}1{separator}3\nuser{sign}2{separator}4\n").m == 2  # no name stands on both sides


@pytest.mark.parametrize("text", ["A,B;C\nB,A\nC,A\n", "A\tB,C\nB\tA\nC\tA\n", "A|B, C\nB|A\nC|A\n"])
def test_lists_in_a_cell(text):
    assert "may list the vertices 'B' and 'C', or be one vertex" in refusal(text)
    assert read(text, input_format="edgelist").n == 4
    if ";" not in text:  # commas are common in names
        assert read(text.replace("\nC", "\nD")).n == 4  # C is no vertex of its own


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("separator", [" ", ",", "\t"])
def test_counts_above_edges_in_both_directions(base, separator):
    lines = [f"{u + base}{separator}{v + base}" for a, b in RING for u, v in ((a, b), (b, a))]
    below = "\n".join(lines) + "\n"
    for m in (6, 12):
        assert "the first line '5 " in (message := refusal(f"5{separator}{m}\n{below}"))
        assert "an edge" in message
    graph = read(below, header=False)
    assert (graph.m, graph.total_weight) == (6, 6)
    assert read(f"9{separator}9\n{below}").m == 6  # a loop, which counts nothing


def test_the_running_id_of_cytoscape_is_no_weight():
    edges = [{"data": {"source": str(k), "target": str(k + 1), "SUID": 70 + k}} for k in range(3)]
    nodes = [{"data": {"id": str(k)}} for k in range(4)]
    graph = read(json.dumps({"elements": {"nodes": nodes, "edges": edges}}))
    assert (graph.total_weight, graph.m) == (3, 3)


@pytest.mark.parametrize("name", ["sum", "Total", "All"])
def test_a_row_of_sums_is_no_vertex(name):
    A = nx.to_pandas_adjacency(nx.path_graph(list("abcd")))
    full = A.assign(**{name: A.sum(axis=1)})
    full.loc[name] = full.sum(axis=0)
    for obj in (full, io.StringIO(full.to_csv()), io.StringIO(full.to_json())):
        assert f"the last row, '{name}', holds the sums of the others" in refused(as_graph, obj)
    full.loc[name, "a"] = full.loc["a", name] = 7
    assert f"the row '{name}' may hold the sums, means" in refused(as_graph, full)
    assert as_graph(full.rename(index={name: "e"}, columns={name: "e"})).n == 5


@pytest.mark.parametrize("name", ["mean", "max", "min"])
def test_a_margin_of_a_pivot_table_is_no_vertex(name):
    rows = [(u, v, w) for w, (u, v) in enumerate(["AB", "BC", "CA"], 1)]
    long = pd.DataFrame([*rows, *((v, u, w) for u, v, w in rows)], columns=["u", "v", "w"])
    table = long.pivot_table(index="u", columns="v", values="w", margins=True, aggfunc=name)
    first = table.loc[["All", *"ABC"], ["All", *"ABC"]]
    for frame in (table, first, table.fillna(0), table.rename(index={"All": name}, columns={"All": name})):
        for obj in (frame, io.StringIO(frame.to_csv())):
            assert "may hold the sums, means or the like of the others" in refused(as_graph, obj)
    assert as_graph(table.drop(index="All", columns="All")).m == 3


def test_words_that_programs_write_for_nothing_are_no_vertices():
    for word in ("\\N", "[NULL]", "(null)", "<null>", "undefined", "#NAME?", "#REF!"):
        text = f"A\tB\t1\nB\t{word}\t2\nC\t{word}\t2\n"
        for obj in (io.StringIO(text), [("A", "B", 1), ("B", word, 2)]):
            assert "may be a missing entry or the name of a vertex" in refused(as_graph, obj)
    assert as_graph(pd.DataFrame([[0, 1], [1, 0]], list("ab"), list("ab"))).n == 2
