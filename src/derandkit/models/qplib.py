"""QPLIB files with binary variables and no constraints (Furini et al., Math. Program. Comput. 11 (2019)).

A file is a list of values, one a line, with comments after ``#``, ``!`` or ``%``: name, a type of three letters
(objective, variables, constraints), sense, sizes, then the objective ``1/2 x'Hx + b'x + q`` with the lower triangle of
H. What follows, start values and names, is not needed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from derandkit.content import text_lines
from derandkit.errors import InputError
from derandkit.given.entries import exact_float
from derandkit.graphs.content import check_variables
from derandkit.models.model import QuadraticModel
from derandkit.numerics.rounding import decimal, exact_decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derandkit.numerics.typing import FloatArray

#: What the letters of a type say; of each, those that a model can hold.
VARIABLES = {"B": "binary", "C": "continuous", "M": "mixed binary", "I": "integer", "G": "general"}
CONSTRAINTS = {
    "N": "no",
    "B": "only box",
    "L": "linear",
    "D": "convex quadratic",
    "C": "convex",
    "Q": "quadratic",
}


#: What begins a comment, on a line of its own or behind values.
COMMENT = re.compile("[#!%]")
_WHOLE = re.compile("[+-]?[0-9]+")
_SENSES = {"minimize", "maximize"}
_NUMERAL = re.compile(r"[+-]?\.?\d")


def _without_comment(row: str) -> str:
    return COMMENT.split(row, maxsplit=1)[0].strip()


class _Values:
    """The lines of a file that are not empty, one after another, each known by its number."""

    def __init__(self, lines: list[str], name: str) -> None:
        self.name, self.line, self.count = name, 0, len(lines)
        self._rows = self._iterate(lines)

    def _iterate(self, lines: list[str]) -> Iterator[tuple[int, str]]:
        for k, row in enumerate(lines, 1):
            text = _without_comment(row)
            if text:
                yield k, text

    def text(self, what: str) -> str:
        found = next(self._rows, None)
        if found is None:
            raise self.error(f"ends before {what}", self.count)
        self.line = found[0]
        return found[1]

    def error(self, message: str, line: int | None = None) -> InputError:
        return InputError(message, path=self.name, line=self.line if line is None else line)

    def numbers(self, what: str, size: int) -> list[str]:
        words = self.text(what).split()
        if len(words) < size:
            raise self.error(f"expected {what}, got {' '.join(words)[:60]!r}")
        if len(words) > size and _NUMERAL.match(words[size]):  # words there are a comment
            raise self.error(
                f"expected {what}, got {' '.join(words)[:60]!r}: {words[size][:40]!r} may belong to the number "
                "before it, or be one too many; write comments behind '#'"
            )
        return words[:size]

    def whole(self, what: str) -> int:
        (word,) = self.numbers(what, 1)
        if not _is_count(word):
            raise self.error(f"expected {what}, a count, got {word[:60]!r}")
        return int(word)

    def real(self, word: str) -> float:
        try:
            whole = _WHOLE.fullmatch(word) is not None
            value = exact_float(exact_decimal(word).numerator) if whole else decimal(word)
        except (ValueError, InputError):
            raise self.error(f"{word[:60]!r} is no number that float64 holds") from None
        if not np.isfinite(value):
            raise self.error(f"{word[:60]!r} is no finite number")
        return value

    def place(self, word: str, n: int) -> int:
        if not _is_count(word) or not 1 <= int(word) <= n:
            raise self.error(f"names variable {word[:60]!r}; numbers are 1..{n}")
        return int(word) - 1


def _is_count(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 19


def is_qplib(head: str) -> bool:
    r"""Whether the first lines of a file are those of QPLIB: a name, a type of three letters, a sense.

    Examples
    --------
    >>> is_qplib("QPLIB_3506\nQBN  # type\nmaximize\n496\n"), is_qplib("5 3\n1 2 1\n")
    (True, False)
    """
    rows = [text for row in text_lines(head) if (text := _without_comment(row))][:3]
    if len(rows) < 3:
        return False
    kind, sense = (row.split()[0] for row in rows[1:])
    return len(kind) == 3 and kind.isupper() and sense.lower() in _SENSES


def qplib_model(lines: list[str], name: str) -> QuadraticModel:
    """Read a QPLIB file with binary variables and no constraints; variables are numbered from 1.

    Raises
    ------
    InputError
        It has other variables or constraints, or is broken; names the line.

    Notes
    -----
    A pair (i, j) of the lower triangle stands for both triangles, so that the half cancels; on the diagonal it does
    not, and ``x^2 = x``.

    Examples
    --------
    >>> text = ["P", "QBN", "minimize", "2", "2", "1 1 -4", "2 1 3", "0", "1", "2 -1", "0.5", "1e30"]
    >>> model = qplib_model(text, "p.qplib")
    >>> model, model.value([1, 0]), model.value([1, 1])
    (QuadraticModel(2 binary variables, 1 coupling, minimize), -1.5, 0.5)
    """
    values = _Values(lines, name)
    values.text("a name")
    kind = values.text("a type of three letters").split()[0]
    if len(kind) != 3 or kind[1] not in VARIABLES or kind[2] not in CONSTRAINTS:
        raise values.error(f"expected a type of three letters such as QBN, got {kind[:60]!r}")
    if kind[1] != "B" or kind[2] not in "NB":
        raise values.error(
            f"is of type {kind}: {VARIABLES[kind[1]]} variables and {CONSTRAINTS[kind[2]]} constraints; a model has "
            "binary variables and no constraints (QBN)"
        )
    sense, *more = values.text("a sense").lower().split()
    if sense not in _SENSES or not _SENSES.isdisjoint(more):
        raise values.error(f"expected minimize or maximize, got {' '.join([sense, *more])[:60]!r}")
    n = values.whole("the number of variables")
    if n == 0:
        raise values.error("has no variables")
    check_variables(n, len(lines), path=name, line=values.line)
    i, j, w = _lower_triangle(values, n) if kind[0] != "L" else _nothing()
    linear = np.full(n, values.real(values.numbers("the default coefficient b", 1)[0]))
    seen: set[int] = set()
    for _ in range(values.whole("the number of other coefficients b")):
        word, value = values.numbers("'i value'", 2)
        place = values.place(word, n)
        if place in seen:
            raise values.error(f"gives the coefficient of variable {place + 1} twice")
        seen.add(place)
        linear[place] = values.real(value)
    offset = values.real(values.numbers("the constant of the objective", 1)[0])
    whole = int(offset) if offset.is_integer() else offset
    return QuadraticModel.from_arrays(
        np.array(i, dtype=np.int64), np.array(j, dtype=np.int64), np.array(w), n=n, labels=range(1, n + 1),
        linear=linear, offset=whole, vartype="binary", sense=sense,  # type: ignore[arg-type]
    )  # fmt: skip


def _nothing() -> tuple[list[int], list[int], FloatArray]:
    return [], [], np.zeros(0)


def _lower_triangle(values: _Values, n: int) -> tuple[list[int], list[int], FloatArray]:
    rows: list[int] = []
    columns: list[int] = []
    entries: list[float] = []
    seen: set[tuple[int, int]] = set()
    for _ in range(values.whole("the number of quadratic terms")):
        first, second, value = values.numbers("'i j value'", 3)
        a, b = values.place(first, n), values.place(second, n)
        if b > a:
            raise values.error(
                f"has entry ({a + 1}, {b + 1}) above the diagonal; the lower triangle is listed"
            )
        if (a, b) in seen:
            raise values.error(f"lists entry ({a + 1}, {b + 1}) twice")
        seen.add((a, b))
        rows.append(a)
        columns.append(b)
        entries.append(values.real(value) * (0.5 if a == b else 1.0))
    return rows, columns, np.array(entries, dtype=np.float64)
