"""The lines of a table in text: its encoding, its comments, what separates its fields, and its quotes."""

from __future__ import annotations

import re
from typing import NamedTuple

from derandkit.content import refuse_lone_returns, text_lines, western_text
from derandkit.errors import InputError
from derandkit.numerals import may_hold_other_blanks, refuse_other_blanks
from derandkit.tables import counted

_QUOTED = re.compile(r'"[^"]*"')
_BLANKS = re.compile(r'"(?:[^"]|"")*"|[^ \t]+')
_PARTS = ",;\t"
_WORD = re.compile(r"\S+")
_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:nan|inf|infinity)", re.IGNORECASE
)
_ZEROS = "holds zero bytes: UTF-32, UTF-16 without its mark, or no text; save it as UTF-8"
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SIGNS = re.compile(r"\s*,\s*|\s+")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", None: "blanks"}
_LOOKED_AT = 50  # lines that decide between commas and semicolons


class Lines(NamedTuple):
    """Lines of a table that are neither empty nor comments.

    Parameters
    ----------
    rows : list of (int, str)
        Numbers of the lines from 1, and their texts.
    delimiter : str or None
        What separates fields; None for blanks.
    notes : tuple of str
        What has to be said.
    comment : (int, str) or None
        Number and text of the last comment above the first line, without its sign.
    """

    rows: list[tuple[int, str]]
    delimiter: str | None
    notes: tuple[str, ...]
    comment: tuple[int, str] | None = None

    def fields(self, line: str) -> list[str]:
        """Return the fields of a line, without blanks and quotes around them."""
        return fields_of(line, self.delimiter)


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    r"""Return bytes as text, and what has to be said about it.

    Raises
    ------
    InputError
        They are no text in UTF-8, UTF-16 with its mark, Latin-1 or Windows-1252.

    Examples
    --------
    >>> decoded("1;2".encode("utf-16"))
    ('1;2', ('the text is UTF-16',))
    >>> decoded(b"L\xe4nge")
    ('Länge', ('the text is not UTF-8 and was read as Latin-1',))
    """
    if data.startswith(_MARKS):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            text = ""
        if data.startswith(b"\xff\xfe\0\0"):
            raise InputError(_ZEROS)
        if any(mark in text for mark in "0123456789"):
            return text, ("the text is UTF-16",)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text, encoding = western_text(data)
        except ValueError:
            raise InputError("is neither npy, npz, parquet nor UTF-8 text") from None
        return text, (f"the text is not UTF-8 and was read as {encoding}",)
    if "\0" in text:
        raise InputError(_ZEROS)
    return text, ()


def read_lines(text: str) -> Lines:
    r"""Take a text apart into lines.

    Comments begin with ``#`` at the start of a line or behind a blank, or with ``%`` at the start of a line; inside a
    field ``#`` is a sign as any other. A first line ``sep=;`` of a spreadsheet
    names the delimiter. Lines with empty fields only are left out, with a word.

    Raises
    ------
    InputError
        A quote is not closed on its line, a comment may be a row or a part of a field, other blanks than those of ASCII
        stand between columns, lines end in two ways, or nothing is left.

    Examples
    --------
    >>> lines = read_lines('"x, y",z\n1,2 # a comment\n,,\n')
    >>> [lines.fields(line) for _, line in lines.rows], lines.notes
    ([['x, y', 'z'], ['1', '2']], ('1 line with empty fields only is left out',))
    """
    refuse_lone_returns(text)
    rows: list[tuple[int, str]] = []
    comment = None
    for number, line in enumerate(text_lines(text), 1):
        if not rows and line[:1] in ("#", "%") and line.strip("#% \t\r"):
            comment = number, line.strip("#% \t\r")
        stripped = (_uncommented(line, number, first=not rows) if "#" in line else line).strip(" \r")
        if stripped.strip() and not stripped.startswith("%"):
            rows.append((number, stripped))
    said = _SEPARATOR.fullmatch(rows[0][1]) if rows else None
    if said is not None:
        rows = rows[1:]
    if not rows:
        raise InputError("holds no numbers")
    if '"' in text:
        for number, line in rows:
            if line.count('"') % 2:
                raise InputError("a quote is not closed on its line; a field stands on one line", line=number)
    delimiter = _delimiter(rows) if said is None else said[1]
    if "#" in text or "%" in text:
        _refuse_hidden_rows(text, rows, delimiter)
    if delimiter is None:
        for number, line in rows if may_hold_other_blanks(text) else ():
            refuse_other_blanks(_unquoted(line), number)
        return Lines(rows, None, (), comment)
    kept = [(number, line) for number, line in rows if line.strip(f'{delimiter} "')]
    if not kept:
        raise InputError("holds no numbers")
    count = len(rows) - len(kept)
    verb = "is" if count == 1 else "are"
    notes = (f"{counted(count, 'line')} with empty fields only {verb} left out",) if count else ()
    bare = _without_empty_end(kept, delimiter)
    if bare is not None:
        kept, notes = bare, (*notes, "the lines end in a separator: the empty last column is left out")
    return Lines(kept, delimiter, notes, comment)


def _without_empty_end(rows: list[tuple[int, str]], delimiter: str) -> list[tuple[int, str]] | None:
    """Return the lines without the empty last column that all of them have, or all below the names; else None."""
    if len(rows) < 2 or not all(line.endswith(delimiter) for _, line in rows[1:]):
        return None
    (number, first), below = rows[0], [(number, line[: -len(delimiter)]) for number, line in rows[1:]]
    if first.endswith(delimiter):
        return [(number, first[: -len(delimiter)]), *below]
    return (
        [rows[0], *below]
        if len(fields_of(first, delimiter)) == len(fields_of(below[0][1], delimiter))
        else None
    )


def _refuse_hidden_rows(text: str, rows: list[tuple[int, str]], delimiter: str | None) -> None:
    """Refuse comments below the first row that are rows of numbers but for a first field such as ``#N/A`` or ``#2``."""
    first, width = rows[0][0], len(fields_of(rows[-1][1], delimiter))
    for number, line in enumerate(text_lines(text), 1):
        if number <= first and line.startswith(f"#{delimiter or ' '}") and _are_names(line, delimiter, width):
            raise InputError(
                "the line may be a comment, or the names of the columns, the first of which is '#'; remove it, or give "
                "that column a name",
                line=number,
            )
        mark = line.lstrip()[:2]
        if number <= first or mark[:1] not in ("#", "%") or not mark[1:].strip() or mark[1:] in "#%":
            continue
        fields = fields_of(line.strip(), delimiter)
        if width > 1 and len(fields) == width and all(is_number(field) for field in fields[1:]):
            raise InputError(
                f"the line may be a comment, or a row whose first field is {fields[0]!r}; remove it, or put this field "
                "in quotation marks",
                line=number,
            )


def refuse_bars(lines: Lines, *, named: bool = False) -> None:
    r"""Refuse lines whose columns stand between signs ``|``, or which are rows as Python or MATLAB writes them.

    Parameters
    ----------
    lines : Lines
        The lines of the table.
    named : bool
        Whether all columns are named, so that a number between semicolons may have a decimal comma.

    Raises
    ------
    InputError
        They do.

    Examples
    --------
    >>> refuse_bars(read_lines("0.1, 0.2; 0.3, 0.4"))
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: the rows end in semicolons, as MATLAB writes a matrix; write one row a ...
    """
    _refuse_rows_of_matlab(lines, named=named)
    if all(line[0] == "(" and line.rstrip(",")[-1] == ")" for _, line in lines.rows):
        raise InputError("has its rows between '(' and ')'; remove these signs", line=lines.rows[0][0])
    if lines.delimiter is None and any("|" in line for _, line in lines.rows[:2]):
        raise InputError(
            "has its columns between signs '|'; write commas, semicolons or tabs", line=lines.rows[0][0]
        )


def _refuse_rows_of_matlab(lines: Lines, *, named: bool) -> None:
    """Refuse lines in which semicolons end rows; ``1,5;`` may be one number with a decimal comma, too."""
    rows = [line for _, line in lines.rows[:_LOOKED_AT]]
    ended = len(lines.rows) > 1 and all(line.endswith(";") for line in rows[:-1])
    if lines.delimiter != ";" and not ended:
        return
    pieces = [[piece.strip() for piece in line.split(";") if piece.strip()] for line in rows]
    parts = [_SIGNS.split(piece) for row in pieces for piece in row]
    width = len(parts[0])
    if width < 2 or any(len(row) != width or not all(map(is_number, row)) for row in parts):
        return
    if not all(is_number(piece) for row in pieces for piece in row):
        raise InputError(
            "the rows end in semicolons, as MATLAB writes a matrix; write one row a line, without a semicolon "
            "behind it",
            line=lines.rows[0][0],
        )
    if not named and all(len(row) == 1 for row in pieces):
        raise InputError(
            f"{pieces[0][0][:40]!r} before a semicolon is one number with a decimal comma, or a row of a matrix as "
            "MATLAB writes it; write decimal points, or one row a line without semicolons",
            line=lines.rows[0][0],
        )


def other_separator(line: str, delimiter: str | None, width: int) -> str | None:
    r"""Say what else parts a line into so many fields, where the first line has another separator.

    Examples
    --------
    >>> other_separator("1;2;3", ",", 3), other_separator("1,2", ",", 3) is None
    ('commas in the first line, and semicolons here? write one sign in all lines', True)
    """
    for mark, word in _SEPARATORS.items():
        if width > 1 and mark != delimiter and len(fields_of(line, mark)) == width:
            here = _SEPARATORS.get(delimiter, f"signs {delimiter!r}")
            return f"{here} in the first line, and {word} here? write one sign in all lines"
    return None


def wrong_count(names: int, width: int, lines: Lines) -> str:
    r"""Say that a first line does not name every column.

    Parameters
    ----------
    names : int
        Number of names.
    width : int
        Number of columns.
    lines : Lines
        The lines, whose last one may have another separator.

    Examples
    --------
    >>> wrong_count(1, 3, read_lines("a\n1,2,3\n"))
    'the first line has 1 name for 3 columns; name every column, or delete that line'
    >>> wrong_count(3, 1, read_lines("a,b,c\n1;2;3\n")).partition("; ")[2]
    'commas in the first line, and semicolons below? write one sign in all lines'
    """
    what = other_separator(lines.rows[-1][1], lines.delimiter, names)
    return (
        f"the first line has {counted(names, 'name')} for {counted(width, 'column')}; "
        f"{'name every column, or delete that line' if what is None else what.replace('here?', 'below?')}"
    )


def names_in_comment(lines: Lines, width: int) -> str:
    r"""Say that the comment above a table may hold the names of its columns; nothing if it has another number of words.

    Examples
    --------
    >>> names_in_comment(read_lines("# T p\n1 2\n3 4\n"), 2).partition(":")[0]
    "; the comment in line 1, 'T p', may name the columns"
    >>> names_in_comment(read_lines("# T p\n1 2 3\n3 4 4\n"), 3)
    ''
    """
    if lines.comment is None or len(fields_of(lines.comment[1], lines.delimiter)) != width:
        return ""
    number, text = lines.comment
    return (
        f"; the comment in line {number}, {text[:40]!r}, may name the columns: write it without the sign of a comment "
        "(numpy.savetxt has comments='')"
    )


def _are_names(line: str, delimiter: str | None, width: int) -> bool:
    """Whether a line ``#,a,b`` has one field a column; between blanks ``# a b`` is a comment."""
    return delimiter is not None and len(fields_of(line, delimiter)) == width > 1


def fields_of(line: str, delimiter: str | None) -> list[str]:
    """Return the fields of a line; a delimiter in quotes separates nothing, and two quotes in quotes are one.

    Examples
    --------
    >>> fields_of('"a, b", c', ","), fields_of('"a b"  c', None)
    (['a, b', 'c'], ['a b', 'c'])
    """
    if '"' not in line:
        return [field.strip() for field in line.split(delimiter)]
    if delimiter is None:
        return [_bare(match[0]) for match in _BLANKS.finditer(line)]
    found, start, inside = [], 0, False
    for at, mark in enumerate(line):
        if mark == '"':
            inside = not inside
        elif mark == delimiter and not inside:
            found.append(_bare(line[start:at]))
            start = at + 1
    return [*found, _bare(line[start:])]


def is_glued(line: str) -> bool:
    """Whether a quoted field of a line whose fields blanks separate goes on behind its closing mark.

    Examples
    --------
    >>> is_glued('1 ""2'), is_glued('"a b"  c'), is_glued('"a ""b"" c" 1')
    (True, False, False)
    """
    return any(
        found[0][0] == '"' and line[found.end() : found.end() + 1].strip(" \t")
        for found in _BLANKS.finditer(line)
    )


def is_number(field: str) -> bool:
    """Whether a field is a number, with a decimal point or a decimal comma.

    Examples
    --------
    >>> is_number("1.5e-3"), is_number("2,5"), is_number("nan"), is_number("1_000"), is_number("")
    (True, True, True, False, False)
    """
    return _NUMBER.fullmatch(field) is not None


def _unquoted(line: str) -> str:
    """Return a line between whose columns blanks stand with nothing inside its quoted fields.

    Examples
    --------
    >>> _unquoted('"a b" 5" 2 "c ""d"" e"')
    '"" 5" 2 ""'
    """
    return _BLANKS.sub(lambda found: '""' if found[0][0] == found[0][-1] == '"' else found[0], line)


def _bare(field: str) -> str:
    field = field.strip()
    if len(field) > 1 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"').strip()
    return field.strip('"')


def _uncommented(line: str, number: int, *, first: bool) -> str:
    """Cut a line at the first sign outside quotes that begins a comment; O(length).

    Raises
    ------
    InputError
        Words stand before the sign, in a line below the first: it may be a part of the last field.
    """
    inside = said = False
    begin, parted = 0, False  # of the field, and whether it is not the first one
    fresh = True  # whether this is the first sign of its field that words are looked at for
    last = max(map(line.rfind, _PARTS))
    for at, mark in enumerate(line):
        if mark == '"':
            inside = not inside
        elif mark == "#" and not inside:
            if not said:
                return line[:at]
            if line[at - 1] in " \t":  # not C#, 12#A, nor #N/A behind a comma
                if _begins_comment(line, begin, at, number, (parted, at < last), first, fresh):
                    return line[:at]
                fresh = False
        if mark in _PARTS:
            begin, parted, fresh = at + 1, True, True
        said = said or not mark.isspace()
    return line


def _begins_comment(
    line: str, begin: int, at: int, number: int, beside: tuple[bool, bool], first: bool, fresh: bool
) -> bool:
    """Whether the sign behind a blank, at a place of a line, begins a comment: behind no word, or behind numbers.

    The field begins at `begin`, and `beside` says whether separators stand before and behind the sign. Behind another
    sign of the field, which began no comment, there are words that are no numbers: it is not `fresh`.
    """
    if fresh:
        words = _WORD.finditer(line, begin, at)
        found = next(words, None)
        if found is None:  # behind a tab, or a comma and a blank
            return at + 1 == len(line) or line[at + 1] in " \t#" or line[at - 1] == " "
        if is_number(found[0]) and all(is_number(word[0]) for word in words):
            return True
    if first:  # names of columns
        return not all(beside)
    if all(beside):
        return False
    raise InputError(
        f"{line[at : at + 200].strip()[:40]!r} may be a comment or a part of the field "
        f"{line[begin:at][:200].strip()[:40]!r}; put the field in quotation marks, or remove the comment",
        line=number,
    )


def _delimiter(rows: list[tuple[int, str]]) -> str | None:
    """Return what separates fields: tabs, semicolons that are in every line alike, commas, semicolons, or blanks."""
    bare = [_QUOTED.sub("", line) if '"' in line else line for _, line in rows[:_LOOKED_AT]]
    if "\t" in bare[0]:
        return "\t"
    if ";" in bare[0] and ("," not in bare[0] or len({line.count(";") for line in bare}) == 1):
        return ";"
    return "," if "," in bare[0] and not _between_blanks(bare) else None


def _between_blanks(lines: list[str]) -> bool:
    """Whether numbers with decimal commas stand between blanks in every line; ``1, 2`` has a comma behind a number."""
    fields = [line.split() for line in lines]
    if not all(len(row) > 1 and all(is_number(x) and x.strip(",") == x for x in row) for row in fields):
        return False
    return any("," in field for row in fields for field in row)
