"""Matrices in memory with a whole number that no double equals: refused in lists and frames as in arrays."""

from __future__ import annotations

from array import array
from collections import deque

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

LARGE = 2**53 + 1
MIXED = [[0, LARGE, 1, 0.5], [LARGE, 0, -5, 2], [1, -5, 0, 0.25], [0.5, 2, 0.25, 0]]
COLUMNS = {"a": [0, LARGE, 0.5], "b": [LARGE, 0, -5], "c": [0.5, -5.0, 0.0]}
NAMES = {"name": list("abc")}


def frame(content, **options):
    return pd.DataFrame(content, dtype=object, **options)


def half_integers(content):
    """A frame of which one column holds whole numbers, and another one does not."""
    made = pd.DataFrame(content)
    made["b"] = made["b"].astype(np.int64)
    return made


MADE = {
    "lists": lambda: MIXED,
    "tuples": lambda: [tuple(row) for row in MIXED],
    "objects": lambda: frame(MIXED, index=list("abcd"), columns=list("abcd")),
    "a column of integers": lambda: half_integers(
        {"a": [0.0, 1.0, 0.5], "b": [LARGE, 0, -5], "c": [0.5, -5.0, 0.0]}
    ).set_axis(list("abc")),
    "names in a column": lambda: frame(NAMES | COLUMNS),
    "names behind": lambda: frame(COLUMNS | NAMES),
    "all whole beside names": lambda: pd.DataFrame(
        NAMES | {"a": [0, LARGE, 3], "b": [LARGE, 0, -5], "c": [3, -5, 0]}
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_a_graph_loses_no_digits(name):
    """They became 9007199254740992, and the cut was called exact."""
    with pytest.raises(InputError, match="9007199254740993"):
        dk.as_graph(MADE[name](), symmetrize="sum" if name == "a column of integers" else None)


@pytest.mark.parametrize("build", [dk.QuadraticModel.from_qubo, dk.bilinear_model, dk.cut_norm_model])
@pytest.mark.parametrize("package", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("named", [False, True])
def test_a_model_of_a_frame_loses_no_digits(build, package, named):
    module = pytest.importorskip(package)
    columns = {"a": [0, 1, 3], "b": [LARGE, 0, -5], "c": [0.5, -5.0, 0.0]}
    if named and build is not dk.QuadraticModel.from_qubo:
        return
    content = NAMES | columns if named else columns
    made = module.table(content) if package == "pyarrow" else module.DataFrame(content)
    if package == "pandas" and not named:
        made = made.set_axis(list("abc"))
    with pytest.raises(InputError, match="9007199254740993"):
        build(made)


def test_points_of_arrays_without_dimensions_lose_no_digits():
    rows = [[np.array(1.5), np.array(LARGE)], [np.array(2.5), np.array(3)], [np.array(4.0), np.array(7)]]
    with pytest.raises(InputError, match="9007199254740993"):
        dk.embed(rows, n_components=1)


def test_a_long_double_is_quoted_with_all_digits():
    matrix = np.zeros((3, 3), dtype=np.longdouble)
    matrix[0, 1] = matrix[1, 0] = np.longdouble(2**53) + 1
    if matrix[0, 1] == 2**53:
        pytest.skip("a long double is a double here")
    with pytest.raises(InputError, match="9007199254740993"):
        dk.as_graph(matrix)


ROWS = [[0, 2, 3], [2, 0, 5], [3, 5, 0]]


@pytest.mark.parametrize(
    "kind",
    [lambda row: array("q", row), deque, lambda row: memoryview(np.array(row))],
    ids=["array", "deque", "view"],
)
@pytest.mark.parametrize("size", [2, 3, 4])
def test_rows_of_other_sequences_are_read_as_lists_are(kind, size):
    """Rows of three were read as edges with weights, where lists are refused with both readings."""
    rows = (np.ones((size, size), dtype=int) - np.eye(size, dtype=int)).tolist() if size != 3 else ROWS

    def outcome(given):
        try:
            return dk.as_graph(given).digest
        except InputError as error:
            return str(error)

    assert outcome(list(map(kind, rows))) == outcome(rows)
