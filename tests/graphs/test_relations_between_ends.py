"""Triples such as ``1 knows 2`` are asked about, in files and in memory; counts of items are read."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

TRIPLES = [(1, "knows", 2), (2, "knows", 3), (3, "knows", 1), (1, "likes", 3)]
ONE_KIND = TRIPLES[:3]
COUNTS = [(1, "apple", 1), (2, "pear", 5), (3, "apple", 3), (1, "pear", 2)]
FAR = [(101, "apple", 3), (102, "pear", 2), (103, "apple", 4)]


@pytest.mark.parametrize("rows", [TRIPLES, ONE_KIND])
@pytest.mark.parametrize(
    "form",
    [
        list,
        lambda rows: [list(row) for row in rows],
        pd.DataFrame,
        lambda rows: pd.DataFrame(rows).to_numpy(),
    ],
)
def test_triples_in_memory_are_asked_about(rows, form):
    with pytest.raises(InputError, match="'knows' may be the relation of the vertices 1 and 2, or a vertex"):
        dk.as_graph(form(rows))


@pytest.mark.parametrize("mark", [" ", ",", "\t"])
def test_triples_of_two_kinds_in_files_are_asked_about(tmp_path: Path, mark: str):
    file = tmp_path / "g.txt"
    file.write_text("".join(mark.join(map(str, row)) + "\n" for row in TRIPLES))
    with pytest.raises(InputError, match="'knows' may be the relation of the vertices 1 and 2, or a vertex"):
        dk.as_graph(file)
    assert dk.as_graph(file, input_format="edgelist").n == 5


def test_names_of_columns_that_say_nothing_are_no_answer():
    with pytest.raises(InputError, match="may be the relation of the vertices 1 and 2"):
        dk.as_graph(pd.DataFrame(TRIPLES, columns=["a", "rel", "b"]))


@pytest.mark.parametrize("kind", ["predicate", "interaction", "relation", "edge_type"])
def test_a_column_that_is_called_a_relation_is_no_end(kind):
    graph = dk.as_graph(pd.DataFrame(TRIPLES, columns=["subject", kind, "object"]))
    assert graph.digest == dk.as_graph([(u, v) for u, _, v in TRIPLES]).digest


def test_the_advice_works():
    assert dk.as_graph(pd.DataFrame(TRIPLES, columns=["source", "target", "weight"])).n == 5
    graph = nx.Graph()
    graph.add_weighted_edges_from(TRIPLES)
    assert dk.as_graph(graph).n == 5
    assert dk.as_graph([(u, v) for u, _, v in ONE_KIND]).n == 3


@pytest.mark.parametrize("rows", [COUNTS, FAR])
def test_counts_of_items_are_read(rows):
    graph = dk.as_graph(rows)
    assert graph.m == len(rows)
    assert graph.total_weight == sum(count for _, _, count in rows)
    numbers = {"apple": 7, "pear": 9}
    assert dk.as_graph([(user, numbers[item], count) for user, item, count in rows]).m == len(rows)
