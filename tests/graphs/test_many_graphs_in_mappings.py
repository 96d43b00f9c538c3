"""Mappings of the edges of many graphs, which look like neighbours with weights."""

from __future__ import annotations

import io
import json

import networkx as nx
import pytest

import derandkit as dk
from derandkit.errors import InputError

SEVERAL = "the edges of one of several graphs, or neighbours with their weights"

MANY = {
    "stars": {"0": [[0, 1], [0, 2], [0, 3], [0, 4]], "1": [[0, 1], [0, 2], [0, 3]]},
    "from one": {"0": [[1, 2], [2, 3], [1, 3]], "1": [[2, 3], [3, 4]]},
    "other keys": {"10": [[0, 1], [1, 2]], "11": [[3, 4]]},
    "paths": {"0": [[0, 1], [1, 2], [2, 3]], "1": [[0, 1], [1, 2]]},
    "names": {"0": [["a", "b"], ["b", "c"]], "1": [["a", "c"]]},
    "names of graphs": {"ego 1": [["a", "b"], ["b", "c"]], "ego 2": [["d", "e"]]},
    "words and numbers": {"first": [[0, 1], [0, 2], [1, 2]], "second": [[0, 1]]},
    "random": {
        str(seed): [list(edge) for edge in nx.gnm_random_graph(12, 20, seed=seed).edges()]
        for seed in range(5)
    },
}


def read(content: object) -> dk.WeightedGraph:
    return dk.as_graph(io.StringIO(json.dumps(content)))


@pytest.mark.parametrize("many", MANY.values(), ids=MANY)
def test_the_edges_of_many_graphs_are_asked_about(many: dict[str, list[list[object]]]) -> None:
    with pytest.raises(InputError, match=SEVERAL):
        read(many)
    for made in (list, tuple):
        with pytest.raises(InputError, match=SEVERAL):
            dk.as_graph({u: [made(pair) for pair in row] for u, row in many.items()})
        whole = {int(u): [made(pair) for pair in row] for u, row in many.items() if u.isdigit()}
        if whole:
            with pytest.raises(InputError, match=SEVERAL):
                dk.as_graph(whole)


@pytest.mark.parametrize(
    ("content", "total"),
    [
        ({"0": [[1, 5], [2, 6]], "1": [[2, 7]], "2": []}, 18),
        ({"0": [[1, 1], [2, 2], [3, 1]], "1": [[0, 1], [2, 1]], "2": [[0, 2], [1, 1]], "3": [[0, 1]]}, 5),
        ({"a": [["b", 5], ["c", 2]], "b": [["c", 1]]}, 8),
        ({"a": [["a", 0], ["b", 5]], "b": [["a", 5], ["b", 0]]}, 5),
        (
            {
                "0": [[0, 0], [1, 5], [2, 3], [3, 1]],
                "1": [[1, 0], [0, 5], [2, 1]],
                "2": [[2, 0], [0, 3], [1, 1]],
                "3": [[3, 0], [0, 1]],
            },
            10,
        ),
        ({"7": [[101, 5], [102, 5]], "8": [[101, 3]]}, 13),
        ({"0": [[1, 2.5], [2, 0.5]], "1": [[2, 1.5]]}, 4.5),
    ],
)
def test_neighbours_with_weights_are_read(content: dict[str, list[list[object]]], total: float) -> None:
    assert read(content).total_weight == total
    pairs = {u: [tuple(pair) for pair in row] for u, row in content.items() if u.isalpha()}
    assert not pairs or dk.as_graph(pairs).total_weight == total


def test_vertices_that_are_pairs_are_read() -> None:
    assert dk.as_graph({("a", "b"): [("b", "c")], ("b", "c"): []}).m == 1
    assert dk.as_graph({(0, 0): [(0, 1), (1, 0)]}).m == 2
