"""Places, sides and pairs come in series, frames and rows of arrays, and are taken by label."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.cuts.constraints import read_constraints
from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.plots.layout import given_positions

GRAPH = WeightedGraph.from_edges([0, 1, 2, 0], [1, 2, 3, 3], labels=list("abcd"))
PLACES = np.array([[0.0, 0.5], [1.0, 1.5], [2.0, 0.0], [3.0, 1.0]])
FRAME = pd.DataFrame(PLACES, columns=["x", "y"], index=list("abcd"))

POSITIONS = {
    "labels in the index": FRAME,
    "another order": FRAME[::-1],
    "columns in another order": FRAME[["y", "x"]],
    "a third column": FRAME.assign(z=7.0),
    "longitude and latitude": FRAME.rename(columns={"x": "Lon", "y": "Lat"}),
    "two columns": FRAME.rename(columns={"x": 0, "y": 1}),
    "labels in a column": FRAME.rename_axis("node").reset_index().sample(frac=1, random_state=2),
    "index as a column": FRAME.reset_index(),
    "rows of an array": dict(zip("abcd", PLACES, strict=True)),
    "rows of a frame": {label: FRAME.loc[label] for label in FRAME.index},
    "mappings": {label: dict(FRAME.loc[label]) for label in FRAME.index},
    "series of pairs": pd.Series({label: tuple(FRAME.loc[label]) for label in FRAME.index}),
}


@pytest.mark.parametrize("form", POSITIONS)
def test_places_are_taken_by_label(form: str) -> None:
    assert np.array_equal(given_positions(GRAPH, POSITIONS[form]), PLACES)


@pytest.mark.parametrize(
    ("positions", "words"),
    [
        (FRAME.iloc[:3], "positions leave out vertex 'd'"),
        (FRAME.reset_index(drop=True), "positions leave out vertex 'a'"),
        (FRAME.T, "columns x and y, with the vertices in its index or in a column 'node'; it has 'a', 'b'"),
        (pd.concat([FRAME, FRAME.iloc[1:2]]), "two rows for vertex 'b'"),
        (FRAME.replace(0.5, np.nan), "the position of vertex 'a' is not a pair of finite numbers"),
        (PLACES, "positions are a mapping"),
    ],
)
def test_places_that_do_not_fit_are_refused(positions: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        given_positions(GRAPH, positions)


def test_numbers_of_rows_are_no_vertices_beside_a_column_that_names_them() -> None:
    graph = WeightedGraph.from_edges([0, 1, 2, 0], [1, 2, 3, 3], labels=range(4))
    order = [2, 0, 3, 1]
    frame = pd.DataFrame({"node": order, "x": PLACES[order, 0], "y": PLACES[order, 1]})
    assert np.array_equal(given_positions(graph, frame), PLACES)
    assert np.array_equal(given_positions(graph, frame.set_index("node")), PLACES)
    with pytest.raises(
        InputError, match="the index and the column 'node' name the vertices in different ways"
    ):
        given_positions(graph, frame[::-1])


def test_a_cut_is_drawn_at_the_places_of_a_frame() -> None:
    pytest.importorskip("matplotlib")
    graph = nx.relabel_nodes(nx.cycle_graph(4), dict(enumerate("abcd")))
    figure = dk.plot_cut(graph, dk.maxcut(graph), positions=FRAME)
    drawn = np.vstack(
        [points.get_offsets() for points in figure.axes[0].collections if len(points.get_offsets())]
    )
    assert {(0.0, 0.5), (3.0, 1.0)} <= set(map(tuple, drawn.tolist()))


PAIRS = [("a", "c", "same"), ("b", "d", "opposite")]


@pytest.mark.parametrize(
    "pairs",
    [
        PAIRS,
        tuple(PAIRS),
        iter(PAIRS),
        pd.DataFrame(PAIRS, columns=["u", "v", "relation"]),
        pd.Series({(u, v): how for u, v, how in PAIRS}),
        {(u, v): how for u, v, how in PAIRS},
        np.array(PAIRS),
    ],
    ids=lambda given: type(given).__name__,
)
def test_pairs_come_in_lists_frames_series_and_mappings(pairs: object) -> None:
    assert read_constraints(GRAPH, None, pairs).pairs == ((0, 2, "same"), (1, 3, "opposite"))


@pytest.mark.parametrize("pairs", [{"a": "same"}, pd.Series(["same"], index=["a"]), "ac", 5, [("a", "c")]])
def test_pairs_that_are_none_are_refused_in_one_line(pairs: object) -> None:
    with pytest.raises(InputError, match="pair"):
        read_constraints(GRAPH, None, pairs)


def test_fixed_sides_of_a_series_that_pandas_made_floats() -> None:
    """A missing entry makes whole numbers floats; dropping it leaves them so."""
    sides = pd.Series({"a": 0, "b": 1, "c": None}, dtype=float)
    assert read_constraints(GRAPH, sides.dropna(), None).fixed == ((0, 0), (1, 1))
    for wrong in (sides, pd.Series({"a": 0.5}), {"a": True}, {"a": np.True_}, {"a": -1}):
        with pytest.raises(InputError, match="a side is 0 or 1"):
            read_constraints(GRAPH, wrong, None)
