"""Values by label as files hold them: lines of a label and its value, tables of pandas and R, and JSON objects."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from derandkit.errors import InputError, in_file
from derandkit.words.quoting import one_field

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

# `str.splitlines` also parts names at U+2028 and the like
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
#: A line of CSV that ends in a side, a value or a class.
_BEHIND = {mark: re.compile(rf'{mark}"?(?:-?1|-?0|2)(?:\.0*)?"?\s*$') for mark in ",;"}
#: A whole number written with a point, as tables of floats have it.
_WITH_POINT = re.compile(r"(-?[0-9]+)\.0*")
#: What headers call the two columns. No value is written so, and a line of them is no line of a label and a value.
_LABELS = frozenset(("node", "vertex", "variable", "label", "name", "id", "index", "key", ""))
_NUMBERS = frozenset(
    (
        "side", "value", "sign", "spin", "part", "partition", "camp", "set", "class", "cluster", "group", "community",
        "membership", "x",
    )
)  # fmt: skip
#: The header that pandas writes of a series without names.
_UNNAMED = re.compile(r"([,;])0\s*$")


class FromFile(dict["Hashable", int]):
    """Values by label that a file holds: what is said of them names the file, and the line where that is known.

    Parameters
    ----------
    values : dict
        The value of each label.
    path : str
        The file.
    lines : dict
        The line of each label, as far as the file has lines.
    """

    def __init__(
        self, values: dict[Hashable, int], path: str, lines: Mapping[Hashable, int | None] | None = None
    ) -> None:
        super().__init__(values)
        self.path, self.lines = path, lines or {}


@contextmanager
def naming(values: object, *labels: Hashable) -> Iterator[None]:
    """Name the file that values come from in the errors of a block, and the line of the first label that has one.

    Examples
    --------
    >>> with naming(FromFile({"a": 1}, "s.txt", {"a": 3}), "a"):
    ...     raise InputError("gives 'a' the value 1")
    Traceback (most recent call last):
    derandkit.errors.InputError: s.txt:3: gives 'a' the value 1
    """
    if not isinstance(values, FromFile):
        yield
        return
    with in_file(values.path, next((k for x in labels if (k := values.lines.get(x)) is not None), None)):
        yield


def _is_note(line: str) -> bool:
    """Whether a line is a comment; a label may begin so too, and has a value behind it."""
    return line.startswith("# ") and re.split(r"[\t,; ]", line)[-1] not in ("0", "1", "-1")


def _fields(line: str) -> list[str]:
    return [field.strip('" ').lower() for field in re.split(r"[\t,; ]", line)]


def _without_point(value: str) -> str:
    """Return ``1.0`` as ``1``, and anything else as it is; zero has no sign."""
    found = _WITH_POINT.fullmatch(value)
    return value if found is None else found[1].replace("-0", "0")


def _mark_of_header(lines: list[str]) -> str | None:
    """Return the sign between the columns if the first line names them, else None."""
    first = _fields(lines[0])
    if len(first) > 1 and first[-2] in _LABELS and first[-1] in _NUMBERS:
        return next(mark for mark in "\t,; " if mark in lines[0])
    if len(lines) > 1:
        unnamed = _UNNAMED.fullmatch(lines[0])
        if unnamed is not None and unnamed[1] in lines[1]:
            return unnamed[1]
        if len(first) == 1 and first[0] in _NUMBERS:  # R names the values alone
            return next((mark for mark in "\t,; " if mark in lines[1]), None)
    return None


def labelled_lines(text: str) -> Iterator[tuple[int, str, str]]:
    r"""Read lines of a label and a value: as the verbs print them, or as pandas and R write a table or a series.

    Parameters
    ----------
    text : str
        Lines whose last column is the value, behind a tab, a blank, a comma or a semicolon; CSV may quote its labels.
        The first line may be a header such as ``node,side``, ``label<tab>value`` or ``,side``; a column of row numbers
        before the two columns is left out.

    A byte order mark and lines of comments (``# ...``) above the first line are left out, and so are quotation marks
    around a whole label, as R writes them.

    Yields
    ------
    line : int
        Its number, from 1.
    label : str
        The label as `one_field` writes it; "" if the line has no second column.
    value : str
        What stands last.

    Raises
    ------
    InputError
        A quotation mark of CSV is not closed.

    Examples
    --------
    >>> list(labelled_lines("node,side\n\"a, b\",0\nc,1\n"))
    [(2, 'a, b', '0'), (3, 'c', '1')]
    >>> list(labelled_lines("a, b 0\nc 1\n")), list(labelled_lines('"a";0\n"b";1\n'))
    ([(1, 'a, b', '0'), (2, 'c', '1')], [(1, 'a', '0'), (2, 'b', '1')])
    """
    text = text.removeprefix("\ufeff")
    pieces = _LINE.findall(text)
    lines = [piece.rstrip("\r\n") for piece in pieces]
    above = sum(1 for _ in itertools.takewhile(_is_note, lines))
    text, lines = "".join(pieces[above:]), lines[above:]
    if not lines:
        return
    between = _mark_of_header(lines)
    header = between is not None
    if between is None:
        between = next((m for m, end in _BEHIND.items() if all(end.search(line) for line in lines)), None)
    if between is None:  # as the verbs print them
        between = "\t" if "\t" in text else " "
        quoted = all(line[:1] == '"' == line.rpartition(between)[0][-1:] for line in lines)
        for k, line in enumerate(lines, above + 1):
            label, _, value = line.rpartition(between)
            yield k, label[1:-1] if quoted else label, _without_point(value)
        return
    first = _fields(lines[0])
    spare = int(header and len(first) == 3 and first[0] == "")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    begin = 1
    try:
        for at, row in enumerate(rows):
            if row and not (header and at == 0):
                label, value = row[spare:] if len(row) == 2 + spare else ("", row[-1])
                yield above + rows.line_num, one_field(label), _without_point(value)
            begin = rows.line_num + 1
    except csv.Error:
        raise InputError(
            "a quotation mark is not closed here, or stands inside of a label, or a label is longer than 131072 signs",
            line=above + begin,
        ) from None


def values_in_json(text: str) -> list[tuple[str, int]] | None:
    """Return the labels and whole numbers of a JSON object that holds such alone, or None.

    Parameters
    ----------
    text : str
        JSON; a label that stands in it twice is handed back twice.

    Examples
    --------
    >>> values_in_json('{"a": 0, "b": 1.0, "c": true}'), values_in_json('{"kind": "cut", "value": 1}')
    ([('a', 0), ('b', 1), ('c', 1)], None)
    """
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    if not isinstance(pairs, list) or not pairs or not all(isinstance(pair, tuple) for pair in pairs):
        return None
    if not all(_is_whole(value) for _, value in pairs):
        return None
    return [(one_field(label), int(value)) for label, value in pairs]


def values_in_list(text: str, labels: Sequence[Hashable], what: str) -> list[tuple[str, int]] | None:
    """Return the labels and whole numbers of a JSON list: of pairs, of objects as pandas writes rows, or of numbers.

    Parameters
    ----------
    text : str
        JSON.
    labels : sequence of hashable
        The labels that there are, in order; they are whole numbers from 0 or 1 where a list has numbers alone.
    what : str
        What a label stands for, in messages.

    Returns
    -------
    list of (str, int) or None
        Labels as `one_field` writes them; None if the text is no such list.

    Raises
    ------
    InputError
        Numbers alone, where nothing says which label each belongs to.

    Examples
    --------
    >>> values_in_list('[["a", 0], ["b", 1.0]]', ["a", "b"], "vertex")
    [('a', 0), ('b', 1)]
    >>> values_in_list('[{"node": "a", "side": 0}]', ["a"], "vertex"), values_in_list("[0, 1]", [1, 2], "vertex")
    ([('a', 0)], [('1', 0), ('2', 1)])
    """
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list) or not rows:
        return None
    if all(map(_is_whole, rows)):
        if len(rows) != len(labels) or list(labels) not in (
            list(range(len(rows))), list(range(1, len(rows) + 1))
        ):  # fmt: skip
            raise InputError(
                f"a list of {len(rows)} numbers does not say which {what} each belongs to; give an object such as "
                '{"a": 0, "b": 1}'
            )
        rows = list(zip(labels, rows, strict=True))
    elif all(isinstance(row, dict) and len(row) == 2 for row in rows):
        keys = sorted(rows[0], key=lambda key: key.lower() not in _LABELS)
        if keys[0].lower() not in _LABELS or keys[1].lower() not in _NUMBERS:
            return None
        rows = [[row.get(key) for key in keys] for row in rows]
    if not all(isinstance(row, (list, tuple)) and len(row) == 2 and _is_whole(row[1]) for row in rows):
        return None
    if not all(isinstance(label, (str, int)) for label, _ in rows):
        return None
    return [(one_field(str(label)), int(value)) for label, value in rows]


def _is_whole(value: object) -> bool:
    return isinstance(value, (int, float)) and value == value // 1
