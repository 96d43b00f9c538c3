"""Rows of databases and named tuples: cells go by the names of their columns, whatever their order."""

from __future__ import annotations

import sqlite3

import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.models.arcs import as_arcs

ROWS = [(2, 1, 3), (3, 2, 4), (5, 1, 4), (7, 4, 2)]  # weight, source, target
WANTED = dk.as_graph([(u, v, w) for w, u, v in ROWS])


def table(rows: list[tuple[int, int, int]] = ROWS) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.execute("create table e (w integer, s integer, t integer)")
    connection.executemany("insert into e values (?, ?, ?)", rows)
    return connection


def asked(query: str) -> sqlite3.Cursor:
    return table().execute(query)


@pytest.mark.parametrize(
    "query",
    [
        "select w as weight, s as source, t as target from e",
        "select t as target, w as weight, s as source from e",
        "select t as dst, s as src, w as weight from e",
        "select s as source, t as target, w as n, 'x' as kind from e",
    ],
)
def test_rows_of_sqlite_go_by_their_names(query: str) -> None:
    for given in (asked(query), asked(query).fetchall(), tuple(asked(query).fetchall())):
        assert dk.as_graph(given).digest == WANTED.digest
    arcs = as_arcs([(u, v, w) for w, u, v in ROWS])
    assert as_arcs(asked(query).fetchall()).digest == arcs.digest


def test_rows_whose_names_say_nothing() -> None:
    with pytest.raises(InputError, match="edges, points, or rows of a matrix"):
        dk.as_graph(asked("select s as x, t as y, w as z from e").fetchall())
    with pytest.raises(InputError, match="are named 'id'"):
        dk.as_graph(asked("select s as id, t as id, w as weight from e").fetchall())
    graph = dk.as_graph(asked("select s as source, t as target from e").fetchall())
    assert (graph.m, graph.total_weight) == (3, 4)


@pytest.mark.parametrize("index", [False, True])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_named_tuples_of_a_square_table(count: int, index: bool) -> None:
    frame = pd.DataFrame(ROWS[:count], columns=["weight", "source", "target"])
    wanted = dk.as_graph([(u, v, w) for w, u, v in ROWS[:count]])
    assert dk.as_graph(list(frame.itertuples(index=index))).digest == wanted.digest
    A = pd.DataFrame([[0, 1, 2, 0], [1, 0, 3, 0], [2, 3, 0, 5], [0, 0, 5, 0]], columns=list("abcd"))
    assert dk.as_graph(list(A.itertuples(index=False))).total_weight == 11
