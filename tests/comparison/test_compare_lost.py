"""An instance whose worker dies takes no row of another one with it, and is named."""

from __future__ import annotations

import os

import pytest

import derandkit as dk
from derandkit.comparison import run
from derandkit.comparison.run import compare
from derandkit.graphs.graph import WeightedGraph
from derandkit.runtime.processes import Team

RINGS = {
    name: dk.as_graph([(k, (k + 1) % n) for k in range(n)]) for name, n in (("a", 5), ("c", 7), ("d", 9))
}


class Deadly(WeightedGraph):
    """A graph whose arrival ends the process that gets it."""

    __slots__ = ()

    def __reduce__(self):
        return os._exit, (1,)


def deadly():
    graph = object.__new__(Deadly)
    for name in WeightedGraph.__slots__:
        if hasattr(RINGS["a"], name):
            object.__setattr__(graph, name, getattr(RINGS["a"], name))
    return graph


GIVEN = {"a": RINGS["a"], "b": deadly(), "c": RINGS["c"], "d": RINGS["d"]}


def rows_before(match, **options):
    rows = []
    with pytest.raises(dk.InputError, match=match):
        compare(GIVEN, methods=["greedy"], rng=0, workers=2, on_rows=rows.extend, **options)
    return [row.instance for row in rows]


def test_an_instance_whose_process_dies_is_named_and_the_others_have_rows():
    assert rows_before(r"^b: the worker process died") == ["a", "c", "d"]


def test_rows_that_are_there_when_the_scheduler_goes_away_are_kept(monkeypatch):
    def rounds(function, tasks, lost, stopped, gently):
        for k in (2, 3):  # the first one is slow
            yield k, function(*tasks[k])
        raise dk.InputError("the dask scheduler has gone away")

    monkeypatch.setattr(
        run, "spread", lambda function, tasks, lost, **_: Team(rounds).run(function, tasks, lost=lost)
    )
    assert rows_before("^the dask scheduler has gone away: no rows for a, b$") == ["c", "d"]


def test_results_that_wait_for_their_turn_come_before_the_error():
    def rounds(function, tasks, lost, stopped, gently):
        yield 2, "c"
        yield 1, "b"
        raise dk.InputError("gone")

    results = Team(rounds).run(str, [(1,), (2,), (3,)])
    assert [next(results), next(results)] == ["b", "c"]
    with pytest.raises(dk.InputError, match="gone"):
        next(results)
