"""Weights where no column of plain numbers holds them: with units, in labels of drawings, in attributes nested."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

AMOUNTS = [
    "$5",
    "€5",
    "5 €",
    "USD 5",
    "5k",
    "5 km",
    "(5)",
    "'5",
    "=5",
    "5*",
    "<5",
    "~5",
    "1/2",
    "x5",
    "1 200 EUR",
    "5 m/s",
]


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize("name", ["amount", "n", "x"])
def test_numbers_with_units_are_not_left_out(name: str, amount: str) -> None:
    text = f"source,target,{name}\nA,B,{amount}\nB,C,{amount}\n"
    for given in (io.StringIO(text), pd.read_csv(io.StringIO(text))):
        with pytest.raises(InputError, match=r"numbers as text|not all of its entries are numbers"):
            dk.as_graph(given)
    assert dk.read_graph(io.StringIO(text), weight=None).m == 2


@pytest.mark.parametrize("code", ["P12", "ENSG01", "2013-01-01", "1u4nrps", "friend"])
def test_codes_and_dates_are_no_numbers(code: str) -> None:
    graph = dk.read_graph(io.StringIO(f"source,target,what\nA,B,{code}\nB,C,{code}\n"))
    assert graph.total_weight == 2
    assert graph.reading is not None
    assert "column 'what' is not used" in graph.reading.remarks[0]


def test_attributes_within_attributes_are_not_left_out() -> None:
    rows = [
        {"source": "A", "target": "B", "attributes": {"weight": 5}},
        {"source": "B", "target": "C", "attributes": {}},
    ]
    with pytest.raises(InputError, match="'attributes' holds attributes of edges"):
        dk.as_graph(rows)
    with pytest.raises(InputError, match="'attr' holds attributes of edges"):
        dk.as_graph(nx.Graph([(1, 2, {"attr": {"weight": 3}})]))


@pytest.mark.parametrize("extra", ["", ", len=1"])
def test_numbers_drawn_beside_edges_are_not_left_out(tmp_path: Path, extra: str) -> None:
    body = "; ".join(
        f'{u} -- {v} [label="{w}"{extra}]' for u, v, w in [("A", "B", 5), ("B", "C", 3), ("A", "C", 2)]
    )
    (tmp_path / "g.dot").write_text(f"graph {{ {body} }}")
    with pytest.raises(InputError, match="labels of the edges are numbers, such as 5"):
        dk.read_graph(tmp_path / "g.dot")
    assert dk.read_graph(tmp_path / "g.dot", weight="label").total_weight == 10
    (tmp_path / "w.dot").write_text('graph { A -- B [label="x"]; B -- C [label="5", weight=2] }')
    assert dk.read_graph(tmp_path / "w.dot").total_weight == 3
    (tmp_path / "g.gml").write_text(
        'graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 label "5" ] ]'
    )
    with pytest.raises(InputError, match="labels of the edges are numbers, such as 5"):
        dk.read_graph(tmp_path / "g.gml")
    with pytest.raises(InputError, match="labels of the edges are numbers, such as 3"):
        dk.as_graph(nx.Graph([(1, 2, {"label": 3}), (2, 3, {"label": 4})]))


def test_labels_of_nodes_in_gml_files(tmp_path: Path) -> None:
    def read(text: str) -> dk.WeightedGraph:
        (tmp_path / "g.gml").write_text(text)
        return dk.read_graph(tmp_path / "g.gml")

    twice = read('graph [ node [ id 1 label "A" ] node [ id 2 label "A" ] edge [ source 1 target 2 ] ]')
    assert list(twice.labels) == [1, 2]
    assert twice.reading is not None
    assert twice.reading.remarks == ("labels of nodes occur twice, so vertices go by their ids",)
    edge = read('graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 label "x" ] ]')
    assert list(edge.labels) == [1, 2]
    capitals = read('Graph [ Node [ Id 1 Label "Node" ] Node [ Id 2 Label "b" ] Edge [ Source 1 Target 2 ] ]')
    assert set(capitals.labels) == {"Node", "b"}
    with pytest.raises(InputError, match="some nodes have a label, and the node with id 2 has none"):
        read('graph [ node [ id 1 label "A" ] node [ id 2 ] edge [ source 1 target 2 ] ]')


def test_neighbours_of_one_vertex_are_no_star_around_weight() -> None:
    for given in (dict(nx.karate_club_graph()[0]), {1: {"weight": 4}, 2: {"weight": 5}}):
        with pytest.raises(
            InputError, match=r"'weight' may be an attribute of edges.*neighbours of one vertex"
        ):
            dk.as_graph(given)
    assert dk.as_graph({"a": {"weight": 4}, "weight": {"a": 4}}).m == 1


def test_points_and_columns_in_lists_are_refused_as_arrays_are() -> None:
    for given in (
        np.random.default_rng(0).random((5, 2)).tolist(),
        [[0, 1, 2], [1, 2, 0], [0.5, 0.3, 0.2]],
        [[0, 1], [1, 2], [0.73, 0.66]],
    ):
        with pytest.raises(InputError, match="not all whole: points, or an edge list"):
            dk.as_graph(given)
    assert dk.as_graph([[0, 1, 0.5], [1, 2, 0.3]]).total_weight == 0.8


def test_positions_and_weighted_neighbours_in_a_mapping_are_refused() -> None:
    with pytest.raises(InputError, match="positions of vertices, or neighbours"):
        dk.as_graph({0: (0.1, 0.2), 1: (0.3, 0.4), 2: (0.5, 0.6)})
    with pytest.raises(InputError, match="may be a neighbour and the weight, or two neighbours"):
        dk.as_graph({"a": ("b", 5), "b": ("c", 3), "c": ("a", 2)})
    assert dk.as_graph({"a": ["b", 5], "b": ["a"], 5: ["a"]}).m == 2
    assert dk.as_graph({1: (2, 3), 2: (1, 3), 3: (1, 2)}).m == 3


def test_one_triangle_of_a_matrix_is_said() -> None:
    A = np.array([[0, 5, 2], [5, 0, 3], [2, 3, 0]])
    for half in (np.triu(A), np.tril(A)):
        with pytest.raises(
            InputError, match=r"only one triangle is filled: pass A \+ A.T, or say --symmetrize sum"
        ):
            dk.as_graph(half)
        assert dk.as_graph(half, symmetrize="sum").digest == dk.as_graph(A).digest


def test_frames_of_other_kinds_are_refused_in_one_line() -> None:
    pl = pytest.importorskip("polars")
    days = [datetime.date(2020, 1, k) for k in (1, 2, 3)]
    with pytest.raises(InputError, match="it is not clear which of the columns"):
        dk.as_graph(pl.DataFrame({"x": days, "y": [1, 2, 3], "z": ["a", "b", "c"]}))
    with pytest.raises(InputError, match="column 'score' holds True, which is no vertex"):
        dk.as_graph(pd.DataFrame({"score": [True] * 3, 0: [6, 2, 2], 1: [2, 4, 1]}))


@pytest.mark.parametrize("sign", ["-", "\u2212", "\u2013", "\u2014", "\uff0d", "(-)"])
def test_signs_as_spreadsheets_write_them(sign: str) -> None:
    for text in (f"u,v,type\nA,B,+\nB,C,{sign}\nA,C,+\n", f"A,B,+\nB,C,{sign}\nA,C,+\n"):
        assert dk.read_graph(io.StringIO(text)).total_weight == 1


@pytest.mark.parametrize(
    "names",
    [
        "next,prev",
        "recipient,donor",
        "victim,attacker",
        "term_node,init_node",
        "D,O",
        "ziel,quelle",
        "vers,de",
        "hacia,desde",
    ],
)
def test_arcs_whose_columns_are_turned(names: str) -> None:
    rows = "B,A,5\nC,A,3\nB,C,1\nB,D,7\n"
    turned, plain = (dk.maxdicut(io.StringIO(f"{head},w\n{rows}")) for head in (names, "target,source"))
    assert turned.solution == plain.solution
    assert turned.value == plain.value == 15
    with pytest.raises(InputError, match="leave it open where an arc leads"):
        dk.maxdicut(io.StringIO(f"reportee,manager,w\n{rows}"))


@pytest.mark.parametrize("beside", ['"tags": ["x", "y"]', '"place": {"x": 1.5}', '"tags": []'])
def test_lists_beside_a_weight_in_metadata_take_it_not_away(tmp_path, beside):
    """The weight 3 of such an edge counted as 1: "has no 'weight'"."""
    file = tmp_path / "g.json"
    edges = f'{{"source": "a", "target": "b", "metadata": {{"weight": 3, {beside}}}}}, '
    edges += '{"source": "b", "target": "c", "metadata": {"weight": 2}}'
    file.write_text(
        f'{{"graph": {{"directed": false, "nodes": {{"a": {{}}, "b": {{}}, "c": {{}}}}, "edges": [{edges}]}}}}'
    )
    assert dk.read_graph(file).total_weight == 5
    file.write_text(file.read_text().replace('"weight": 3', '"weight": [3]'))
    with pytest.raises(InputError, match=r"weight \[3\] is not a real number"):
        dk.read_graph(file)
