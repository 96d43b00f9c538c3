"""Columns of whole numbers that may be labels of classes: by what they hold, and by what they are called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from derandkit.points.suspects.names import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray

_MOST_CLASSES, _BALANCED_ROWS = 20, 50
#: At the edge of an image a pixel is hardly ever lit.
_NEARLY_ALWAYS = 0.8
#: What the class of a row is called, alone or behind one other word (``true_label``) ...
_LABELS = frozenset(
    (
        "label", "labels", "lbl", "class", "classes", "klass", "cls", "target", "targets", "cluster", "clusters",
        "digit", "category", "species", "community", "outcome",
    )
)  # fmt: skip
#: ... what may stand behind it ...
_BEHIND = frozenset(("id", "no", "nr", "num", "number", "code", "idx", "index", "true", "pred", "encoded"))
#: ... and what stands behind the y that is the target of many tables.
_TARGETS = frozenset(("true", "pred", "train", "test", "label", "class", "target"))
_MOST_NAMES = 5000  # each column called y looks at them
_NUMBERED = re.compile(r"(\D*)\d+(?:[x_.:-]\d+)?")


def classes(table: FloatArray, at: int) -> str | None:
    """Return the words for the few whole numbers that a column holds beside others of another kind.

    Parameters
    ----------
    table : ndarray of float64, shape (n, d)
        All columns.
    at : int
        The place of the column, the first or the last.

    Examples
    --------
    >>> classes(np.column_stack([np.arange(12) % 3, np.arange(12) / 7]), 0)
    '0 to 2'
    """
    values, counts = np.unique(table[:, at], return_counts=True)
    few = 2 <= values.size <= min(_MOST_CLASSES, len(table) // 4) and int(counts.min()) >= 2
    if not few or values[0] not in (-1.0, 0.0, 1.0, 2.0) or (values != np.floor(values)).any():
        return None
    if values[-1] - values[0] >= 2 * values.size:  # some classes may be missing, most are not
        return None
    shown = _range(values)
    rest = np.delete(table, at, axis=1)
    if (rest != np.floor(rest)).any() or float(np.abs(rest).max()) > 10.0 * float(np.abs(values).max()):
        return shown
    alone = at > 0 and len(table) >= _BALANCED_ROWS and rest.shape[1] > 2 and _is_balanced(values, counts)
    return shown if alone and not any(_rivals(rest[:, k], values) for k in range(rest.shape[1])) else None


def whole_numbers(table: FloatArray, kept: Sequence[int], names: Sequence[str], at: int) -> str | None:
    """Return the words for the whole numbers of a column that is called like a label, some of them twice.

    Parameters
    ----------
    table : ndarray of float64, shape (n, d)
        All columns that are used.
    kept : sequence of d int
        Their places among all columns of the file.
    names : sequence of str
        What all columns of the file are called.
    at : int
        The place of the column in the table.

    Examples
    --------
    >>> pixels = np.column_stack([[3.0, 7, 3, 0], [0.0, 16, 2, 2]])
    >>> whole_numbers(pixels, [0, 1], ["label", "pixel0"], 0), whole_numbers(pixels, [0, 1], ["age", "pixel0"], 0)
    ('0, 3, 7', None)
    """
    if not is_label(names[kept[at]], (names[place] for k, place in enumerate(kept) if k != at)):
        return None
    column = table[:, at]
    if (column != np.floor(column)).any():
        return None
    values = np.unique(column)
    return _range(values) if 1 < values.size < column.size else None


def is_label(name: str, others: Iterable[str]) -> bool:
    """Whether a column is called like one of labels; ``y`` is, beside others that are called by one word and a number.

    Examples
    --------
    >>> [is_label(name, ["pixel0", "pixel1"]) for name in ("label", "true_label", "ClassId", "y", "y_true", "age")]
    [True, True, True, True, True, False]
    >>> is_label("y", ["x", "z"]), is_label("target", ["x"]), is_label("distance_to_target", ["x"])
    (False, True, False)
    """
    words = words_of(str(name))
    if words[:1] == ["y"] and not re.search(r"\d", str(name)):
        if len(words) == 2:
            return words[1] in _TARGETS
        return len(words) == 1 and _are_numbered(others)
    if len(words) == 2 and words[1] in _BEHIND:
        return words[0] in _LABELS
    return 0 < len(words) <= 2 and words[-1] in _LABELS


def _are_numbered(names: Iterable[str]) -> bool:
    """Whether all names, some thousands at most, are one word and a number."""
    stems = set()
    for k, name in enumerate(names):
        match = _NUMBERED.fullmatch(str(name))
        if match is None or k == _MOST_NAMES:
            return False
        stems.add(match[1])
        if len(stems) > 1:
            return False
    return len(stems) == 1


def _range(values: NDArray[np.float64]) -> str:
    """Return words for whole numbers that ascend, all different."""
    if values[-1] - values[0] < values.size or values.size > _MOST_CLASSES:
        return f"{values[0]:.0f} to {values[-1]:.0f}"
    return ", ".join(f"{value:.0f}" for value in values)


def _is_balanced(values: FloatArray, counts: NDArray[np.intp]) -> bool:
    """Whether the most common of some numbers is hardly twice as common as the rarest."""
    return values.size > 1 and bool(counts.max() <= 2 * counts.min())


def _rivals(column: FloatArray, taken: FloatArray) -> bool:
    """Whether another column is as balanced, or has as few different numbers, and not one of them nearly always."""
    values, counts = np.unique(column, return_counts=True)
    few = values.size <= taken.size and counts.max() <= _NEARLY_ALWAYS * column.size
    return bool(few) or _is_balanced(values, counts)
