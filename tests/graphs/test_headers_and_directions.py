"""Headers that are no edges, edges that are no headers, and lists of every edge in both directions, in any format."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit as dk
from derandkit import InputError
from derandkit.graphs.directions import are_mirrored

pd = pytest.importorskip("pandas")

ROADS = [("source", "target"), ("a", "b"), ("b", "c")]


@pytest.mark.parametrize(
    "table",
    [
        ROADS,
        [list(row) for row in ROADS],
        [("From", "To", "weight")[:2], ("a", "b"), ("b", "c")],
        np.array(ROADS),
        pd.DataFrame(ROADS),
        pd.DataFrame([("node1", "node2", "km"), ("a", "b", "3")]).iloc[:, :2],
    ],
    ids=["tuples", "lists", "words", "array", "frame", "part of a frame"],
)
def test_a_header_among_the_edges_is_asked_about(table):
    if isinstance(table, pd.DataFrame) and len(table) == 2:
        table = pd.concat([table, pd.DataFrame([("b", "c")])])
    with pytest.raises(InputError, match="may be the header of a table"):
        dk.as_graph(table)


def test_a_reader_of_csv_and_a_list_in_json_are_asked_about(tmp_path):
    with pytest.raises(InputError, match="may be the header of a table"):
        dk.as_graph(list(csv.reader(["source,target", "a,b", "b,c"])))
    file = tmp_path / "g.json"
    file.write_text(json.dumps(ROADS))
    with pytest.raises(InputError, match="may be the header of a table"):
        dk.as_graph(file)


@pytest.mark.parametrize(
    "edges", [[("u", "v"), ("x", "y")], [("source", "a"), ("a", "b")], [("from", "to"), ("to", "c")]]
)
def test_vertices_may_be_called_like_columns(edges):
    assert dk.as_graph(edges).m == 2


def test_a_first_edge_that_became_the_header_is_asked_about():
    for frame in (
        pd.DataFrame({"a": ["b", "c"], "b": ["c", "a"]}),
        pd.DataFrame({"1": [2, 3], "2": [3, 1]}),
        pd.DataFrame({"a": ["b", "c"], "b": ["c", "a"], "3": [1, 2]}),
    ):
        with pytest.raises(InputError, match="if the table has no header"):
            dk.as_graph(frame)
    assert dk.as_graph(pd.DataFrame({"a": ["b", "c"], "b": ["c", "a"], "weight": [1, 2]})).total_weight == 3
    assert dk.as_graph(pd.DataFrame([(0, 1), (1, 2), (2, 3)])).m == 3  # columns that have no names


def written(kind, edges):
    """A file of undirected edges ``(u, v, weight)``."""
    nodes = sorted({end for u, v, _ in edges for end in (u, v)})
    if kind == "json":
        links = [{"source": u, "target": v, "weight": w} for u, v, w in edges]
        return json.dumps({"nodes": [{"id": v} for v in nodes], "links": links})
    if kind == "dot":
        return "graph {" + "; ".join(f"{u} -- {v} [weight={w}]" for u, v, w in edges) + "}"
    if kind == "net":
        place = {v: k for k, v in enumerate(nodes, 1)}
        rows = [f"*Vertices {len(nodes)}", *(f'{k} "{v}"' for v, k in place.items()), "*Edges"]
        return "\n".join([*rows, *(f"{place[u]} {place[v]} {w}" for u, v, w in edges)]) + "\n"
    if kind == "graphml":
        rows = "".join(
            f'<edge source="{u}" target="{v}"><data key="w">{w}</data></edge>' for u, v, w in edges
        )
        key = '<key id="w" for="edge" attr.name="weight" attr.type="int"/>'
        some = "".join(f'<node id="{v}"/>' for v in nodes)
        return f'<graphml>{key}<graph edgedefault="undirected">{some}{rows}</graph></graphml>'
    rows = "".join(
        f'<edge id="{k}" source="{u}" target="{v}" weight="{w}"/>' for k, (u, v, w) in enumerate(edges)
    )
    some = "".join(f'<node id="{v}" label="{v}"/>' for v in nodes)
    return (
        '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph>'
        f"<nodes>{some}</nodes><edges>{rows}</edges></graph></gexf>"
    )


KINDS = ["json", "dot", "net", "graphml", "gexf"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_edge_in_both_directions_counts_once(tmp_path, kind):
    file = tmp_path / f"g.{kind}"
    once = [("a", "b", 3), ("b", "c", 1)]
    file.write_text(written(kind, [*once, *((v, u, w) for u, v, w in once)]))
    graph = dk.as_graph(file)
    assert (graph.m, graph.total_weight) == (2, 4)
    assert any("counts once" in remark for remark in graph.reading.remarks)
    for how, total in (("sum", 8), ("mean", 4), ("max", 4)):
        assert dk.as_graph(file, symmetrize=how).total_weight == total
    file.write_text(written(kind, [*once, ("b", "a", 4), ("c", "b", 1)]))
    with pytest.raises(InputError, match="every edge is listed in both directions, but"):
        dk.as_graph(file)
    for how, total in (("sum", 9), ("mean", 4.5), ("max", 5)):
        assert dk.as_graph(file, symmetrize=how).total_weight == total


@pytest.mark.parametrize("kind", KINDS)
def test_other_parallel_edges_add_up(tmp_path, kind):
    file = tmp_path / f"g.{kind}"
    file.write_text(written(kind, [("a", "b", 3), ("a", "b", 3), ("b", "c", 1), ("b", "c", 1)]))
    assert dk.as_graph(file).total_weight == 8


def test_an_explicit_multigraph_keeps_its_parallel_edges(tmp_path):
    file = tmp_path / "g.json"
    content = json.loads(written("json", [("a", "b", 3), ("b", "a", 3)]))
    file.write_text(json.dumps({"multigraph": True, "directed": False, **content}))
    assert dk.as_graph(file).total_weight == 6


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8))
def test_mirrored_is_what_it_says(edges):
    plain = [edge for edge in edges if edge[0] != edge[1]]
    expected = bool(plain) and all(plain.count(e) == 1 and plain.count(e[::-1]) == 1 for e in plain)
    assert are_mirrored(edges) == expected


@pytest.mark.parametrize(
    "header", ["source,target,2019", "from,to,-1", "Source,Target,2.5", "source,0", "target,7"]
)
def test_names_of_ends_before_a_number_are_asked_about(tmp_path, header):
    file = tmp_path / "g.csv"
    rows = ["a,b,2", "a,c,1", "b,c,1"]
    rows = rows if header.count(",") == 2 else [row[:3] for row in rows]
    file.write_text("\n".join([header, *rows]))
    with pytest.raises(InputError, match="may name the columns, or be an edge"):
        dk.as_graph(file)
    assert dk.as_graph(file, header=True).m == 3
    assert dk.as_graph(file, header=False).m == 4


def test_times_before_the_ends_of_contacts_are_asked_about(tmp_path):
    file = tmp_path / "contacts.dat"
    file.write_text("28820 492 938\n28820 267 578\n28840 267 492\n28860 938 267\n28860 492 578\n")
    with pytest.raises(InputError, match="may hold times before the ends"):
        dk.as_graph(file)
    assert dk.as_graph(file, input_format="edgelist").total_weight == 938 + 578 + 492 + 267 + 578
    ratings = "".join(f"{1000 + k // 4} {k % 7 + 1} {k * k % 5 + 1}\n" for k in range(40))
    file.write_text(ratings)  # users, films and marks from 1 to 5
    assert dk.as_graph(file).m == 40
