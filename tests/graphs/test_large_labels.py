"""Labels and numbers beyond doubles, and beyond the digits that Python writes: read right, or refused in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import derandkit as dk

BEYOND = 10**400
TRIPLES = [(BEYOND, 1, 2.0), (1, 2, 3.0), (2, BEYOND, 5.0), (2, 3, 4.0)]
FRAME = pd.DataFrame(TRIPLES, columns=["source", "target", "weight"])


@pytest.mark.parametrize(
    "given",
    [
        TRIPLES,
        [*TRIPLES[:2], (2, 3, 1.0)],
        [list(edge) for edge in TRIPLES],
        np.array(TRIPLES, dtype=object),
        iter(TRIPLES),
        FRAME,
        FRAME.set_index(["source", "target"])["weight"],
        {(u, v): w for u, v, w in TRIPLES},
        {BEYOND: {1: 2.0, 2: 5.0}, 1: {2: 3.0}, 2: {3: 4.0}},
        [(BEYOND, 1), (1, 2), (2, BEYOND)],
        {BEYOND: [1, 2], 1: [BEYOND], 2: [BEYOND]},
        [(1, 2, 3), (2, BEYOND, 3), (1, BEYOND, 2), (2, 5, 2)],  # the weights are ends
        [(Fraction(BEYOND), 1, 2.0), (1, 2, 3.0)],
        [(Decimal("1e400"), 1, 2.0), (1, 2, 3.0)],
        [(-BEYOND, 2**63, 2.0), (2**63, 2**64, 3.0)],
    ],
    ids=lambda given: type(given).__name__,
)
def test_labels_beyond_doubles_are_labels(given: object) -> None:
    graph = dk.as_graph(given)
    assert any(abs(label) > 2**62 for label in graph.labels)
    result = dk.maxcut(graph)
    assert dk.verify(result, graph).ok


def test_weights_and_coordinates_beyond_doubles_are_refused() -> None:
    for given in ([[0, BEYOND], [BEYOND, 0]], [("a", "b", BEYOND)], {("a", "b"): Fraction(BEYOND)}):
        with pytest.raises(dk.InputError):
            dk.as_graph(given)
    with pytest.raises(dk.InputError, match="too large"):
        dk.as_graph([("a", "b", BEYOND)])
    for rows in ([[BEYOND, 1], [1, 2], [4, 7]], pd.DataFrame([[BEYOND, 1], [1, 2], [4, 7]])):
        with pytest.raises(dk.InputError, match=r"too large|not a number"):
            dk.embed(rows, n_components=2)


def test_options_beyond_doubles_are_refused() -> None:
    rows = [[1.0, 2], [3, 5], [4, 9]]
    calls: list[Callable[[], Any]] = [
        lambda: dk.embed(rows, n_components=BEYOND),
        lambda: dk.random_features(rows, n_features=BEYOND),
        lambda: dk.min_dim(BEYOND, 0.5),
        lambda: dk.min_dim(1e300, 0.5),
        lambda: dk.maxcut([("a", "b", 1)], time_limit=BEYOND),
    ]
    for call in calls:
        with pytest.raises(dk.InputError):
            call()


UNWRITABLE = 10**5000


def _unwritable() -> Iterator[tuple[str, Callable[[], Any]]]:
    edges = [(UNWRITABLE, 1, 2.0), (1, 2, 3.0)]
    matrix = pd.DataFrame(np.eye(4)[::-1], index=[UNWRITABLE, 1, 2, 3], columns=[UNWRITABLE, 1, 2, 3])
    graphs = {
        "list": edges,
        "pair": [(UNWRITABLE, 1)],
        "fraction": [(Fraction(1, UNWRITABLE), 1, 2.0)],
        "mapping": {(u, v): w for u, v, w in edges},
        "neighbours": {UNWRITABLE: [1, 2], 1: [UNWRITABLE]},
        "frame": pd.DataFrame(edges, columns=["source", "target", "weight"]),
        "matrix": matrix,
    }
    for name, given in graphs.items():
        yield f"graph {name}", lambda given=given: dk.as_graph(given)
        yield f"arcs {name}", lambda given=given: dk.maxdicut(given)
    yield "qubo", lambda: dk.minimize_qubo({(UNWRITABLE, 1): 2})
    yield "ising", lambda: dk.minimize_ising({UNWRITABLE: 2}, {(UNWRITABLE, 1): 2})
    yield "literal", lambda: dk.max2sat([(UNWRITABLE, 1)])
    yield "column", lambda: dk.embed(pd.DataFrame({UNWRITABLE: [1.0, 2], 2: [3, 5.0]}), n_components=1)
    yield "row", lambda: dk.embed(pd.DataFrame([[1.0, 2], [3, 5]], index=[UNWRITABLE, 2]), n_components=1)


@pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in _unwritable()])
def test_numbers_that_python_does_not_write_are_refused(call: Callable[[], Any]) -> None:
    with pytest.raises(dk.InputError) as caught:
        call()
    assert len(str(caught.value)) < 300


DIGITS = "1" + "0" * 5000


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv", "X,1,2\n1,2,3\n2,X,3\n"), ("a.rudy", "3 2\nX 2 1\n2 3 1\n")]
)
def test_files_with_such_numbers_are_refused_by_name(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text.replace("X", DIGITS))
    with pytest.raises(dk.InputError, match=name):
        dk.read_graph(path)


@pytest.mark.parametrize("bad", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")])
def test_decimals_that_are_no_numbers_are_refused(bad: Decimal) -> None:
    for given in ([(bad, 1, 2.0), (1, 2, 3.0)], [(0, 1, bad), (1, 2, bad)], {0: {1: bad}, 1: {0: bad}}):
        with pytest.raises(dk.InputError):
            dk.as_graph(given)
