"""Times in place of weights or before the ends, and one vertex in two spellings, are found in memory as in files."""

from __future__ import annotations

import io
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

ENDS = sorted(nx.petersen_graph().edges)[:10]
TIMES = {
    "seconds since 1970": [1_580_000_000 + 977 * (k * k % 10) for k in range(10)],
    "dates": [20200101 + k * 7 % 10 for k in range(10)],
    "days since 1900": [43_000 + k * 7 % 10 for k in range(10)],
    "years": [1990 + k * 7 % 10 for k in range(10)],
}


def held(weights):
    """Return one list of edges in every container whose numbers have no name."""
    triples = [(*pair, w) for pair, w in zip(ENDS, weights, strict=True)]
    by_row: dict[int, dict[int, int]] = {}
    for u, v, w in triples:
        by_row.setdefault(u, {})[v] = w
    return {
        "array": np.array(triples),
        "array of decimals": np.array(triples, dtype=float),
        "tuples": triples,
        "lists": list(map(list, triples)),
        "columns": tuple(np.array(column) for column in zip(*triples, strict=True)),
        "mapping of pairs": {(u, v): w for u, v, w in triples},
        "mapping of rows": by_row,
        "node-link": io.StringIO(json.dumps({"edges": triples})),
        "JSON": io.StringIO(json.dumps(triples)),
        "file": io.StringIO("".join(f"{u} {v} {w}\n" for u, v, w in triples)),
    }


@pytest.mark.parametrize("what", TIMES)
@pytest.mark.parametrize("container", held(range(10)))
def test_times_are_asked_about_in_every_container(what, container):
    with pytest.raises(InputError, match=rf"may be .*{what}.*, or weights; for times say --unweighted"):
        dk.as_graph(held(TIMES[what])[container])
    assert dk.as_graph(held(TIMES[what])[container], weight=None).total_weight == 10
    named = pd.DataFrame(
        [(*pair, w) for pair, w in zip(ENDS, TIMES[what], strict=True)], columns=["u", "v", "weight"]
    )
    assert dk.as_graph(named).total_weight == sum(TIMES[what])
    if container in ("JSON", "node-link", "file"):
        form = "edgelist" if container == "file" else "json"
        assert (
            dk.as_graph(held(TIMES[what])[container], input_format=form).digest == dk.as_graph(named).digest
        )


def test_an_attribute_that_is_called_weight_is_one():
    G = nx.cycle_graph(5)
    for k, edge in enumerate(G.edges):
        G.edges[edge].update(sent=1_580_000_000 + k)
    with pytest.raises(InputError, match="in attribute 'sent', such as 1580000000, may be times in seconds"):
        dk.as_graph(G)
    total = sum(w for *_, w in G.edges(data="sent"))
    assert dk.as_graph(G, weight="sent").total_weight == total
    assert dk.as_graph(G, weight=None).total_weight == 5
    edges = [(u, v, {"weight": data["sent"]}) for u, v, data in G.edges(data=True)]
    assert dk.as_graph(edges).total_weight == dk.as_graph(nx.Graph(edges)).total_weight == total


def test_weights_that_only_grow_are_weights_in_memory():
    grown = [(k, k + 1, w) for k, w in enumerate([3, 5, 8, 200, 2000, 5000, 10_000, 20_000, 40_000, 90_000])]
    counted = [(k, k + 1, k) for k in range(8)]
    for edges in (grown, np.array(grown), counted, {(u, v): w for u, v, w in counted}):
        assert dk.as_graph(edges).total_weight == sum(w for *_, w in (grown if len(edges) > 8 else counted))


CONTACTS = [
    (28820, 492, 938),
    (28820, 267, 272),
    (28840, 492, 938),
    (28860, 105, 272),
    (28860, 492, 938),
    (28880, 77, 105),
]
DAYS = [(t, i, j) for t in range(8) for i in range(5) for j in range(i + 1, 5) if (i * j + i + t) % 3 == 0]


@pytest.mark.parametrize(
    "contacts",
    [
        CONTACTS,
        [(t + 1_262_400_000, i, j) for t, i, j in CONTACTS],
        [*CONTACTS, (28900, 492, 105)],
        DAYS,
    ],
)
def test_times_before_the_ends_are_asked_about(contacts):
    text = "".join(f"{t} {i} {j}\n" for t, i, j in contacts)
    for given in (io.StringIO(text), contacts, np.array(contacts), list(map(list, contacts))):
        with pytest.raises(
            InputError, match=rf"times before the ends of a contact, as in '{contacts[0][0]} "
        ):
            dk.as_graph(given)
    total = sum(w for u, v, w in contacts if u != v)  # loops are dropped
    assert dk.as_graph(io.StringIO(text), input_format="edgelist").total_weight == total
    pairs = [pair[1:] for pair in contacts]
    assert dk.as_graph(np.array(pairs)).total_weight == len(pairs)


@pytest.mark.parametrize("twice", [("01", "1"), ("2.0", "2"), ("+3", "3"), ("1e0", "1")])
def test_one_number_spelled_twice_is_asked_about_in_memory(twice):
    pairs = [("a", twice[0]), (twice[1], "b"), ("b", "c")]
    rows = [(u, v, 2) for u, v in pairs]
    for given in (pairs, rows, np.array(pairs), list(map(list, rows)), dict.fromkeys(pairs, 2)):
        with pytest.raises(InputError, match="may be one vertex or two"):
            dk.as_graph(given)
    assert dk.as_graph(nx.Graph(pairs)).n == 5
    chapters = [("1.1", "1.10"), ("1.10", "1.2")]
    assert dk.as_graph(chapters).n == 3
