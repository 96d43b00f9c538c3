"""A first column that numbers or names the edges, or holds their weights, is no end of an edge."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

#: Other doubts about such rows.
OTHERS = "may be an edge .*or a row's number|it may be an index before|has a loop with a weight|may name the columns"
Rows = list[tuple[object, int, int]]


def gnm(seed: int) -> list[tuple[int, int]]:
    return list(nx.gnm_random_graph(6 + seed % 9, 8 + 2 * (seed % 9), seed=seed).edges)


def signs(seed: int) -> Rows:
    edges, q = gnm(seed), random.Random(seed)
    return [(1 - 2 * (k % 2) if k < 2 else q.choice([-1, 1]), u + 1, v + 1) for k, (u, v) in enumerate(edges)]


KINDS: dict[str, Callable[[int], Rows]] = {
    "number the edges": lambda s: [
        (k + s % 2, u + s // 2 % 2, v + s // 2 % 2) for k, (u, v) in enumerate(gnm(s))
    ],
    "name the edges": lambda s: [(f"e{k}", u, v) for k, (u, v) in enumerate(gnm(s))],
    "name the kind of each edge": lambda s: [(("km", "hv")[k % 2], u, v) for k, (u, v) in enumerate(gnm(s))],
    "hold the weights": signs,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_numbers_names_and_weights_before_the_ends_are_asked_about(kind: str, seed: int) -> None:
    rows = KINDS[kind](seed)
    shuffled = random.Random(seed).sample(rows, len(rows))
    text = "".join(f"{a} {u} {v}\n" for a, u, v in shuffled)
    objects = [io.StringIO(text), io.StringIO(text.replace(" ", ",")), io.StringIO(json.dumps(rows)), rows]
    objects += [pd.DataFrame(rows), [list(row) for row in rows]]
    objects += [np.array(rows)] if "name" not in kind else [np.array(rows, dtype=object)]
    for obj in objects:
        with pytest.raises(InputError, match=f"may {kind}|{OTHERS}"):
            dk.as_graph(obj)
    mapping = {(a, u): v for a, u, v in rows}
    if len(mapping) == len(rows) and kind != "number the edges":
        graph, listed = dk.as_graph(mapping), dk.read_graph(io.StringIO(text), input_format="edgelist")
        assert (graph.n, graph.m, graph.total_weight) == (listed.n, listed.m, listed.total_weight)
    named = pd.DataFrame(rows, columns=["source", "target", "weight"])
    assert dk.as_graph(named).reading.columns == ("source", "target", "weight")


def test_the_edges_that_pgrouting_prints() -> None:
    text = "1 1 4\n2 1 5\n3 2 3\n4 3 5\n5 2 6\n6 4 6\n"
    with pytest.raises(InputError, match="the first column may number the edges, as in '1 1 4'"):
        dk.read_graph(io.StringIO(text))
    assert dk.read_graph(io.StringIO("".join(f"{line[2:]}\n" for line in text.splitlines()))).m == 6


def test_ends_in_powers_of_ten_behind_numbers_of_rows() -> None:
    """As MATLAB writes whole numbers with '%g'."""
    text = "0,1e3,2e3\n1,2e3,3e3\n2,3e3,1e3\n3,1e3,4e3\n4,4e3,5e3\n"
    with pytest.raises(InputError, match="the first column may number the edges, as in '0 1000 2000'"):
        dk.read_graph(io.StringIO(text))
    assert dk.read_graph(io.StringIO(text), input_format="edgelist").m == 5


def test_ratings_are_edges() -> None:
    text = "alice 1 5\nalice 2 3\nbob 1 4\nbob 3 5\ncarl 2 1\ncarl 4 4\n"
    assert dk.read_graph(io.StringIO(text)).total_weight == 22


@pytest.mark.parametrize("n", [6, 9, 15])
def test_lists_of_weighted_edges_are_rarely_asked_about(n: int) -> None:
    asked = 0
    for seed in range(60):
        q = random.Random(seed)
        lists = [
            [(k, (k + 1) % n, q.randint(1, 9)) for k in range(n)],
            [(k, q.randrange(1, k), q.randint(1, 9)) for k in range(2, n + 1)],
            [(u, v, q.randint(1, 9)) for u, v in nx.gnm_random_graph(n, n, seed=seed).edges],
        ]
        assert all(dk.as_graph(rows).n for rows in lists)
        try:
            dk.as_graph([(k, q.randrange(k), q.randint(1, 9)) for k in range(1, n)])  # child, parent, weight
        except InputError:
            asked += 1
    assert asked <= 6
