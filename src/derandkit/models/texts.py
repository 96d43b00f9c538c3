"""Models in texts of libraries: matrices Q of NumPy, pandas and spreadsheets, and models of dimod in JSON."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

import numpy as np

from derandkit.content import text_lines
from derandkit.errors import InputError, first_line, in_file
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.parts import refuse_heads
from derandkit.missing import in_number
from derandkit.models.matrices import refuse_terms, refuse_totals
from derandkit.models.model import QuadraticModel
from derandkit.numerals import constants_of_comments
from derandkit.points.columns import Choice
from derandkit.points.lines import decoded, is_number, read_lines
from derandkit.points.text import text_table
from derandkit.records import repeated_key
from derandkit.tables import repeated

if TYPE_CHECKING:
    from collections.abc import Hashable

    from derandkit.points.lines import Lines
    from derandkit.records import JsonMapping, JsonObject

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_AUTO = "--input-format matrix (input_format= in Python) for a matrix, --input-format coo for terms 'i j coefficient'"
#: What to do with JSON of other tools.
OTHER_JSON = (
    "is JSON, but no dimod BinaryQuadraticModel as json.dump(bqm.to_serializable(), file) writes it; read it with "
    "json.load in Python, and pass its coefficients to derandkit.minimize_qubo or minimize_ising"
)


def is_matrix_text(data: bytes) -> bool:
    r"""Whether a text is a square table of numbers, two rows at least, with names of columns, of both, or of none.

    Examples
    --------
    >>> is_matrix_text(b"-3 2 1\n0 -2 4\n0 0 -1.5\n"), is_matrix_text(b",a,b\na,1,2\nb,0,3\n")
    (True, True)
    >>> is_matrix_text(b"1 2 3\n")
    False
    """
    try:
        lines = read_lines(decoded(data)[0])
    except InputError:
        return False
    try:
        return _laid_out(lines)[0] is not None
    except InputError:  # a matrix whose names do not fit
        return True


def text_matrix(data: bytes, name: str, *, asked: bool) -> tuple[QuadraticModel, str]:
    r"""Read a matrix Q in text; variables have the names of the columns, or numbers from 0.

    Parameters
    ----------
    data : bytes
        The text.
    name : str
        The file, for messages.
    asked : bool
        Whether the user said that it is a matrix. If not, three rows of three numbers may be terms, and a first row and
        column may be names.

    Returns
    -------
    model : QuadraticModel
        ``x'Qx``, to be minimised.
    words : str
        What separates its columns, and where the names come from.

    Raises
    ------
    InputError
        It is no square table of numbers, or fits two readings.

    Examples
    --------
    >>> model, words = text_matrix(b",a,b\na,1,2\nb,0,-3\n", "q.csv", asked=False)
    >>> model.value({"a": 1, "b": 1}), words
    (0, 'comma-separated, variables named by the header')
    """
    with in_file(name):
        text, notes = decoded(data)
        lines = read_lines(text)
    with in_file(name):
        found, lines, empty = _laid_out(lines)
    if found is None:
        widths = {len(lines.fields(line)) for _, line in lines.rows}
        shown = f"{min(widths)} to {max(widths)}" if len(widths) > 1 else f"{min(widths)}"
        raise InputError(
            f"is no square matrix of numbers: {len(lines.rows)} lines of {shown} columns; terms 'i j coefficient' need "
            "--input-format coo",
            path=name,
        )
    head, beside = found
    body = text_lines(text)
    for k, row in enumerate(body[: lines.rows[0][0] - 1]):
        if row.strip(' "').lower().startswith("sep="):  # said again below, of the columns that are kept
            body[k] = ""
    for number, line in lines.rows if empty else ():
        body[number - 1] = line
    if head is not None:
        body[lines.rows[0][0] - 1] = ""  # lines keep their numbers
    k = len(lines.rows) - (head is not None)
    columns = tuple(str(at + 1 + beside) for at in range(k))
    sign = {"\t": "\t", None: " "}.get(lines.delimiter, lines.delimiter)
    rest = f"sep={sign}\n".encode() if lines.delimiter not in (None, "\t") else b""
    try:
        raw = text_table(rest + "\n".join(body).encode(), name, Choice(columns, header=False))
    except InputError as error:
        at = None if error.line is None else error.line - bool(rest)
        message = error.message.replace("; points are finite", "; coefficients are finite")
        raise InputError(message, path=name, line=at) from None
    Q = np.asarray(raw.table, dtype=np.float64)
    try:
        if not asked:
            if head is None:
                refuse_heads(Q, _AUTO)
            if (
                head is None
                or all(map(is_number, head))
                or (not beside and set(known_ends(head) or ()) == {0, 1})
            ):
                refuse_terms(Q, rows=True)
    except InputError as error:
        message = error.message.split(";")[0].removesuffix(f", {_AUTO}")
        raise InputError(f"{message}; {_AUTO}", path=name) from None
    if head is not None:
        with in_file(name):
            refuse_totals(Q, head)
    i, j = np.nonzero(Q)
    labels: list[Hashable] = list(head) if head is not None else list(range(k))
    if head is not None and all(map(_WHOLE.fullmatch, head)):
        labels = [int(label) for label in head]
    model = QuadraticModel.from_arrays(i.astype(np.int64), j.astype(np.int64), Q[i, j], n=k, labels=labels)
    mark = {"\t": "tab", ",": "comma", ";": "semicolon", None: "blank"}.get(lines.delimiter, "mark")
    return (
        model,
        f"{mark}-separated{empty}, variables {'named by the header' if head is not None else 'counted from 0'}"
        f"{''.join(f', {note}' for note in (*notes, *raw.notes))}"
        f"{constants_of_comments(text_lines(text), 'c#%')}",
    )


def _laid_out(lines: Lines) -> tuple[tuple[list[str] | None, int] | None, Lines, str]:
    """Return what `_layout` says, and the lines and words of `_filled` where cells are missing."""
    found = _layout(lines)
    if found is not None and not any("nan" in line.lower() for _, line in lines.rows):
        return found, lines, ""
    lines, empty = _filled(lines)
    return _layout(lines), lines, empty


def _filled(lines: Lines) -> tuple[Lines, str]:
    """Return lines with zeros where all cells on one side of the diagonal are empty or missing, and words about it.

    Raises
    ------
    InputError
        Other cells of a square matrix are empty, or the lines are a triangle without them.
    """
    rows, mark = [lines.fields(line) for _, line in lines.rows], lines.delimiter or " "
    if lines.delimiter is not None and len(rows) > 2 and sorted(map(len, rows)) == [*range(1, len(rows) + 1)]:
        if all(is_number(x) for row in rows for x in row):
            raise InputError("the lines are one triangle of a matrix; write zeros in its other cells")
        return lines, ""
    fault: InputError | None = None
    for above, beside in ((0, 0), (1, 0), (1, 1)):
        body = [row[beside:] for row in rows[above:]]
        k = len(body)
        if k < 2 or not all(len(row) == k and all(is_number(x) or in_number(x) for x in row) for row in body):
            continue
        missing = [(i, j) for i in range(k) for j in range(k) if in_number(body[i][j]) or _is_nan(body[i][j])]
        side = next((side for side in ("below", "above") if missing == _beside_diagonal(k, side)), None)
        if not missing:
            return lines, ""
        if side is None:
            i, j = missing[0]
            fault = fault or InputError(
                f"the cell in row {i + 1} and column {j + 1} of the matrix is {body[i][j] or 'empty'}; write 0, or "
                "leave out all cells below the diagonal",
                line=lines.rows[above + i][0],
            )
            continue
        for i, j in missing:
            rows[above + i][beside + j] = "0"
        kept = [
            (number, line if at < above else mark.join(f'"{x}"' if mark in x else x for x in rows[at]))
            for at, (number, line) in enumerate(lines.rows)
        ]
        return lines._replace(rows=kept), f", empty cells {side} the diagonal are zeros"
    if fault is not None:
        raise fault
    return lines, ""


def _is_nan(field: str) -> bool:
    return field.lower().lstrip("+-") == "nan"


def _beside_diagonal(k: int, side: str) -> list[tuple[int, int]]:
    return [(i, j) for i in range(k) for j in range(k) if (i > j if side == "below" else i < j)]


def _layout(lines: Lines) -> tuple[list[str] | None, int] | None:
    """Return the names above the numbers, if there are some, and how many columns of names stand before them.

    Raises
    ------
    InputError
        Names above and beside the numbers differ, or a name comes twice.
    """
    rows = [lines.fields(line) for _, line in lines.rows]
    k = len(rows)
    if k >= 2 and all(len(row) == k and _numeric(row) for row in rows):
        return None, 0
    first, below = rows[0], rows[1:]
    k -= 1
    if k < 2:
        return None
    counted = [[str(at + start) for at in range(k)] for start in (0, 1)]
    if any(map(is_number, first)) and first not in counted and first[-k:] not in counted:
        return None
    if len(first) == k and all(len(row) == k and _numeric(row) for row in below):
        return _different(first), 0
    names = first[-k:]
    if len(first) in (k, k + 1) and all(len(row) == k + 1 and _numeric(row[1:]) for row in below):
        if len(first) == k + 1 and is_number(first[0]):
            return None
        beside = [row[0] for row in below]
        if first[0] and len(first) == k + 1 and sorted(beside) != sorted(names):
            return None
        numbered = beside == counted[1] and names in ([f"{letter}{k}" for k in beside] for letter in "VX")
        if beside != names and not numbered:  # R calls columns V1, V2, ... and rows 1, 2, ...
            raise InputError("the names beside the matrix are not those above it, in their order")
        return _different(names), 1
    return None


def _numeric(fields: list[str]) -> bool:
    return all(map(is_number, fields))


def _different(names: list[str]) -> list[str]:
    if not all(names):
        raise InputError("a variable has no name")
    if (twice := repeated(names)) is not None:
        raise InputError(f"two variables of the matrix are called {twice!r}")
    return names


def dimod_model(data: bytes, name: str) -> QuadraticModel:
    """Read what ``json.dump(bqm.to_serializable())`` writes; arrays in bytes are refused."""
    try:
        return _of_dimod(json.loads(data, object_pairs_hook=_once))
    except InputError as error:
        raise InputError(error.message, path=name) from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        reason = " ".join(first_line(error).split())[:100]
        raise InputError(
            f"is not a complete dimod model ({type(error).__name__}: {reason})", path=name
        ) from None


def refusal_of_dimod(data: bytes) -> str:
    """Words that refuse a binary file of dimod, and how its model is passed.

    Examples
    --------
    >>> refusal_of_dimod(b"DIMODCQM")[:60]
    'is a binary file of dimod; read it with dimod.ConstrainedQua'
    """
    if data.startswith(b"DIMODCQM"):
        return (
            "is a binary file of dimod; read it with dimod.ConstrainedQuadraticModel.from_file, and pass "
            "derandkit.minimize_qubo the model dimod.cqm_to_bqm(cqm)[0], whose penalties stand for the constraints"
        )
    if data.startswith(b"DIMODDQM"):
        return "is a binary file of dimod, of variables with several cases; they have no place in a model of bits"
    return (
        "is a binary file of dimod; read it with dimod.BinaryQuadraticModel.from_file and give its model to "
        "derandkit.QuadraticModel.from_dimod"
    )


def _once(pairs: list[tuple[str, object]]) -> JsonObject:
    """Return an object of JSON; refused if a key stands twice, of which readers keep the last alone."""
    twice = repeated_key(pairs)
    if twice is not None:
        raise InputError(f"the key {twice[:40]!r} stands twice in one JSON object; keep one")
    return dict(pairs)


def _of_dimod(record: JsonMapping) -> QuadraticModel:
    if record.get("type") != "BinaryQuadraticModel":
        raise InputError(OTHER_JSON)
    if "quadratic_head" not in record and "biases" in record:
        raise InputError(
            "is a model of openjij or cimod in JSON, not of dimod; in Python pass derandkit.minimize_qubo or "
            "minimize_ising what its to_qubo() or to_ising() returns"
        )
    if record.get("use_bytes"):
        raise InputError("stores its arrays as bytes; write it with to_serializable(use_bytes=False)")
    kind = str(record["variable_type"]).lower()
    if kind not in ("spin", "binary"):
        raise InputError(f"unknown variable_type {record['variable_type']!r}; SPIN or BINARY")
    labels: list[Hashable] = [tuple(x) if isinstance(x, list) else x for x in record["variable_labels"]]
    seen: dict[Hashable, Hashable] = {}
    for label in labels:
        if label in seen:  # true and 1.0 are 1 as well
            same = "twice" if repr(seen[label]) == repr(label) else f"beside {seen[label]!r}, which is equal"
            raise InputError(f"lists the variable {label!r} {same}; variables need different labels")
        seen[label] = label
    pairs: dict[tuple[Hashable, Hashable], float] = {}
    heads, tails = (
        _places(record, "quadratic_head", len(labels)),
        _places(record, "quadratic_tail", len(labels)),
    )
    for a, b, w in zip(heads, tails, record["quadratic_biases"], strict=True):
        u, v = labels[a], labels[b]
        if a == b:
            raise InputError(f"couples the variable {u!r} to itself; that is a linear term, or a constant")
        if (u, v) in pairs or (v, u) in pairs:
            raise InputError(f"lists the pair {u!r}, {v!r} twice")
        pairs[u, v] = _bias(w)
    linear = {u: _bias(x) for u, x in zip(labels, record["linear_biases"], strict=True)}
    offset = _bias(record["offset"])
    exact = int(offset) if float(offset).is_integer() else offset
    if kind == "spin":
        return QuadraticModel.from_ising(linear, pairs, offset=exact)
    return QuadraticModel.from_qubo({**{(v, v): w for v, w in linear.items()}, **pairs}, offset=exact)


def _places(record: JsonMapping, key: str, n: int) -> list[int]:
    """Return the positions of variables that a list holds."""
    found: list[int] = list(record[key])
    wrong = next((k for k in found if type(k) is not int or not 0 <= k < n), None)
    if wrong is not None:
        raise InputError(f"{key} holds {wrong!r}; it holds positions of variables, 0..{n - 1}")
    return found


def _bias(x: object) -> float:
    """Return a number of JSON as it is; no text and no truth value stands for one."""
    if isinstance(x, bool) or not (isinstance(x, (int, float)) and -math.inf < x < math.inf):
        raise InputError(f"the bias {str(x)[:40]!r} is no finite number")
    return x
