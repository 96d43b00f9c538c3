"""What the lines of a table are, and what their cells spell; `dialects`, beside this file, says what parts them."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.given.doubles import EXACT
from derandkit.graphs.assembly import Ints
from derandkit.graphs.readers.attributes import attributes_of
from derandkit.graphs.readers.marks import QUOTED, OpenQuotationError
from derandkit.graphs.readers.text import Row, is_integer, is_number, refuse_zeros, show
from derandkit.missing import IN_NUMBERS
from derandkit.numerals import refuse_parted

ASK_COMMENTS = "say which with --comments '#' or --comments none (comments= of derandkit.as_graph)"
#: Entries of a matrix that are missing, and those that say whether there is an edge.
MISSING = frozenset(word.encode() for word in IN_NUMBERS)
TRUTH = {b"true": b"1", b"false": b"0"}
DECIMAL_COMMA = re.compile(rb"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")
_WHOLE_FLOAT = re.compile(rb"(-?[1-9][0-9]*|0)\.0*")
_CODE = re.compile(
    rb"[0-9]+\.?[eE][0-9]+|[0-9.]+E[0-9]+"
)  # 1E5, 9606.E1: a code; programs write 1.0e5 or 1e+05
_LIKE_NUMBER = re.compile(rb"[+-]?[0-9.,][0-9.,' ]*(?:[eE][+-]?[0-9]+)?[ ]?%?")
_THOUSANDS = re.compile(rb"[+-]?[0-9]{1,3},[0-9]{3}")
_BLANKS = b" \t\r\x0b\x0c"
_BRACE = re.compile(rb"[\s,;|]\{")
_KONECT = re.compile(rb"%[ \t]*(sym|asym|bip)\b")


class Line(NamedTuple):
    """A line that is neither blank nor a comment: its number, its text, and the attributes behind it, if any."""

    number: int
    text: bytes
    attributes: dict[str, object] | None


def lines_of(data: bytes, comments: bytes) -> Iterator[Line]:
    """Lines that are neither blank nor comments; networkx's ``{...}`` at the end of a line is taken apart."""
    for at, text in enumerate(data.split(b"\n"), 1):
        text = text.strip()
        if text and text[0] not in comments:
            brace = _BRACE.search(text) if text.endswith(b"}") else None
            if brace is not None:
                ends = text[: brace.start()].strip(b" \t,;|")
                if not ends:
                    raise InputError("attributes {...} without an edge before them", line=at)
                yield Line(at, ends, attributes_of(text[brace.end() - 1 :], at))
            else:
                yield Line(at, text, None)


def with_corner(data: bytes, lines: list[Line]) -> Line | None:
    """Return the first line with the tab before it, if the second one has tabs, none of them before it; else None.

    pandas writes the names of columns so, where the column of row names has none.
    """
    first = lines[0]
    above = data.split(b"\n", lines[1].number)[: lines[1].number] if len(lines) > 1 else []
    if not above or not above[first.number - 1].startswith(b"\t"):
        return None
    second = above[lines[1].number - 1]
    beside = b"\t" in second and not second.startswith((b"\t", b" "))
    return first._replace(text=b"\t" + first.text) if beside else None


def with_empty_ends(data: bytes, lines: list[Line]) -> list[Line]:
    r"""Return lines with the tabs at their ends, where all have as many tabs with these, so that last cells are empty.

    Examples
    --------
    >>> text = b"a\tb\t\n b\tc\t5"
    >>> [line.text for line in with_empty_ends(text, list(lines_of(text, b"#")))]
    [b'a\tb\t', b'b\tc\t5']
    """
    counts = {line.text.count(b"\t") for line in lines}
    if len(counts) == 1 or not max(counts):
        return lines
    rows = data.split(b"\n")
    full = [line.text + _last_tabs(rows[line.number - 1].rstrip(b" \r")) for line in lines]
    widths = [text.count(b"\t") for text in full]
    widths[0] += rows[lines[0].number - 1].startswith(b"\t")  # the corner above names of rows
    if len(set(widths)) > 1:
        return lines
    return [line._replace(text=text) for line, text in zip(lines, full, strict=True)]


def cells_of(text: bytes, separator: bytes, line: int) -> list[bytes]:
    r"""Cells of a line; an empty separator stands for blanks and tabs.

    Quotes around a whole cell are taken off, and a comment behind the third column of a blank-separated line, or
    behind a number, is left out.

    Raises
    ------
    InputError
        A quotation mark does not close.

    Examples
    --------
    >>> cells_of(b'"New York"\tBoston\t3', b"\t", 1), cells_of(b'"a b" c 1 # note', b"", 1)
    ([b'New York', b'Boston', b'3'], [b'a b', b'c', b'1'])
    """
    if b'"' not in text and b"'" not in text:
        cells = [cell.strip() for cell in text.split(separator)] if separator else text.split()
    else:
        cells = _quoted_cells(text, separator, line)
    if b"#" in QUOTED.sub(b"", text):
        if not separator:
            shown = QUOTED.sub(b'"', text).split()  # a name in quotation marks begins no comment
            cut = next((k for k, cell in enumerate(shown) if k >= 2 and cell.startswith(b"#")), None)
            return cells if cut is None else cells[:cut]
        before, mark, _ = cells[-1].partition(b" #")
        if mark and is_number(before.strip()):
            cells[-1] = before.strip()
    return cells


def _quoted_cells(text: bytes, separator: bytes, line: int) -> list[bytes]:
    cells: list[bytes] = []
    at, end = 0, len(text)
    stops = separator or _BLANKS
    closings, stop_of = _Closings(text, stops), re.compile(rb"[%s]" % re.escape(stops))
    while at <= end:
        while at < end and text[at] in _BLANKS and text[at : at + 1] != separator:
            at += 1
        if at == end and not separator:
            break
        quote = text[at : at + 1]
        closing = closings.of(at) if quote in (b'"', b"'") else -1
        if closing >= 0:
            cells.append(text[at + 1 : closing].replace(quote * 2, quote))
            at = closing + 1
            while at < end and text[at] in _BLANKS and text[at : at + 1] != separator:
                at += 1
        elif quote == b'"':
            raise OpenQuotationError(line)
        else:
            found = stop_of.search(text, at)
            stop = end if found is None else found.start()
            cells.append(text[at:stop].strip())
            at = stop
        if separator:
            if at >= end:
                break
            at += 1  # the separator
    return cells


def _last_tabs(text: bytes) -> bytes:
    return text[len(text.rstrip(b"\t")) :]


class _Closings:
    """Where quotations of one line close, found once, so that the work grows with the line."""

    def __init__(self, text: bytes, stops: bytes) -> None:
        self._text = text
        self._after = re.compile(
            rb"%s(?:[%s]|\Z)" % (b"" if stops == _BLANKS else rb"[ \r]*(?![ \r])", re.escape(stops))
        )
        self._found: dict[bytes, list[int]] = {}

    def of(self, at: int) -> int:
        """Position of the mark that closes the quotation which opens at `at`; -1 if none stands before a stop.

        Two marks side by side stand for one, so that of several the last one closes if their number is odd.
        """
        quote = self._text[at : at + 1]
        if quote not in self._found:
            runs = re.finditer(re.escape(quote) + b"+", self._text)
            ends = [run.end() for run in runs if (run.end() - run.start()) % 2]
            self._found[quote] = [end - 1 for end in ends if self._after.match(self._text, end)]
        beyond = at + 1
        while self._text[beyond : beyond + 1] == quote:
            beyond += 1
        if (beyond - at) % 2 == 0 and self._after.match(self._text, beyond):
            return beyond - 1
        found = self._found[quote]
        k = bisect.bisect_left(found, beyond)
        return found[k] if k < len(found) else -1


def is_cell(cell: bytes) -> bool:
    """Whether a cell may be an entry of a matrix with names: a number, a truth value, or one that is missing."""
    return is_weight(cell) or cell.lower() in TRUTH or cell.lower() in MISSING


def is_weight(cell: bytes) -> bool:
    """Whether a cell is a number, be it with a decimal comma."""
    return is_number(cell) or DECIMAL_COMMA.fullmatch(cell) is not None


def may_be_number(cell: bytes) -> bool:
    """Whether a cell is a number, or one in a spelling that is not read: ``1.234,5``, ``1 000``, ``12%``.

    Examples
    --------
    >>> [may_be_number(cell) for cell in (b"1.234,5", b"12%", b"2020-01-01", b"a")]
    [True, True, False, False]
    """
    return _LIKE_NUMBER.fullmatch(cell) is not None


def with_points(cells: Sequence[bytes], separator: bytes = b"") -> list[bytes]:
    """Numbers with a decimal point in place of a decimal comma.

    Raises
    ------
    InputError
        Every comma could part thousands as well, as every point between semicolons; or some numbers have a point.

    Examples
    --------
    >>> with_points([b"3,5", b"4"]), with_points([b"1.5"])
    ([b'3.5', b'4'], [b'1.5'])
    """
    commas = [cell for cell in cells if DECIMAL_COMMA.fullmatch(cell)]
    refuse_parted((cell.decode("utf-8", "replace") for cell in cells), separator.decode())
    points = next((cell for cell in cells if b"." in cell), None)
    if commas and points is not None:
        raise InputError(
            f"the weights {show(commas[0])} and {show(points)} have a decimal comma and a decimal point; a comma or a "
            "point may part thousands: write all weights with decimal points"
        )
    if commas and all(_THOUSANDS.fullmatch(cell) for cell in commas):
        one = commas[0].decode()
        text = f"{one!r} may be {one.replace(',', '.')} or {one.replace(',', '')}"
        raise InputError(f"the weight {text}; write the weights without commas")
    return [cell.replace(b",", b".") if DECIMAL_COMMA.fullmatch(cell) else cell for cell in cells]


def texts(cells: Sequence[bytes]) -> list[str]:
    """Cells as text."""
    return [cell.decode("utf-8", "backslashreplace") for cell in cells]


def check_comments(data: bytes, comments: bytes, given: bool) -> None:
    r"""Refuse comment lines that look like edges between labels which begin with the comment sign.

    Raises
    ------
    InputError
        Some lines could be comments or edges.

    Examples
    --------
    >>> check_comments(b"python #ml 3\n#ml #ai 2\n", b"#%", False)
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:2: '#ml #ai 2' may be a comment or an edge ...
    """
    if given or not any(sign in data for sign in comments):
        return
    pattern = rb"(?m)^[ \t]*([" + re.escape(comments) + rb"][^\s" + re.escape(comments) + rb"][^\n]*)$"
    suspects = [
        (found, cells)
        for found in re.finditer(pattern, data)
        for cells in (_pieces(found[1]), _quoted_pieces(found[1]))
        if len(cells) in (2, 3)
    ]
    if not suspects:
        return
    first = re.search(rb"(?m)^[ \t]*[^\s" + re.escape(comments) + rb"][^\n]*", data)
    labels = _signed_labels(data, comments)
    for found, cells in suspects:
        weighted = len(cells) == 3 and may_be_number(cells[1]) != may_be_number(cells[2])
        inside = first is not None and found.start() > first.start() and not is_number(cells[0][1:])
        if weighted or (inside and len(cells) == 2) or cells[0] in labels:
            sign = chr(cells[0][0])
            raise InputError(
                f"{show(found[1].strip())} may be a comment or an edge between labels that begin with {sign!r}; "
                f"{ASK_COMMENTS}",
                line=data.count(b"\n", 0, found.start(1)) + 1,
            )


def _signed_labels(data: bytes, comments: bytes) -> set[bytes]:
    """Cells behind the first one that begin with a comment sign, in lines that are no comments, found in one pass.

    A cell is what stands between blanks, commas and semicolons, and also what stands between blanks.
    """
    labels: set[bytes] = set()
    signs = re.escape(comments)
    between = re.compile(rb"(?<=[ \t,;])[" + signs + rb"][^\s,;]*")
    blank = re.compile(rb"(?<=[ \t])[" + signs + rb"]\S*")
    for line in re.finditer(rb"(?m)^[^\s" + signs + rb"]([^\n]*[" + signs + rb"][^\n]*)", data):
        labels.update(between.findall(line[1]))
        cells = blank.findall(line[1])
        labels.update(cells, (cell.rstrip(b",;") for cell in cells))
    return labels


def check_hidden_rows(data: bytes, comments: bytes, rows: Sequence[Row], separator: bytes) -> None:
    """Refuse comment lines that have the columns of the table, without a blank behind the comment sign.

    Above the table, and between blanks, such a line counts only if its last column is a number: names of columns are
    often comments, and sentences have words.

    Raises
    ------
    InputError
        Some line could be a comment or a row.
    """
    width, top = len(rows[-1].columns), rows[0].line
    if not separator and width < 4:
        return  # `check_comments` knows these
    for at, text in enumerate(data.split(b"\n"), 1):
        text = text.strip()
        if len(text) < 2 or text[0] not in comments or text[1:2].isspace():
            continue
        if separator and text.count(separator) < width - 1:
            continue
        try:
            cells = cells_of(text, separator, at)
        except InputError:  # a lone quotation mark: a sentence
            continue
        if len(cells) == width and ((at > top and separator) or is_weight(cells[-1])):
            sign = chr(text[0])
            raise InputError(
                f"{show(text)} may be a comment or a row whose first label begins with {sign!r}; {ASK_COMMENTS}",
                line=at,
            )


def _quoted_pieces(text: bytes) -> list[bytes]:
    """Cells between blanks of a line that may be a comment; none where a quotation mark does not close."""
    try:
        return cells_of(text.strip(), b"", 0)
    except InputError:
        return []


def _pieces(text: bytes) -> list[bytes]:
    """Cells of a line that may be a comment, whatever separates them."""
    return [cell for cell in re.split(rb"[\s,;]+", text) if cell]


def konect_kind(data: bytes) -> str | None:
    """``"sym"``, ``"asym"`` or ``"bip"`` if the file begins like those of the KONECT collection."""
    found = _KONECT.match(data)
    return found[1].decode() if found else None


def numbered(table: list[Row]) -> tuple[list[int | str], Ints, Ints]:
    """Labels in the order they are met, and the number of both ends of each line."""
    ends = _one_spelling([token for row in table for token in row.columns[:2]])
    number_of = {token: k for k, token in enumerate(dict.fromkeys(ends))}
    ids = np.fromiter(map(number_of.__getitem__, ends), dtype=np.int64, count=len(ends)).reshape(-1, 2)
    return _labels(list(number_of), table), ids[:, 0], ids[:, 1]


def _one_spelling(tokens: list[bytes]) -> list[bytes]:
    """Vertices in one spelling: 2.0 beside 2 is 2 where all vertices are numbers.

    Raises
    ------
    InputError
        Two spellings may be one vertex or two.
    """
    distinct = set(tokens)
    refuse_zeros(distinct)
    real = {token for token in distinct if spelled_real(token)}
    if not real:
        return tokens
    whole = {token: found[1] for token in real if (found := _WHOLE_FLOAT.fullmatch(token))}
    if len(real) == len(whole) and all(is_integer(token) for token in distinct - real):
        return [whole.get(token, token) for token in tokens]
    seen = {float(token): token for token in distinct - real if is_number(token) and len(token) < 300}
    for token in sorted(real):
        other = seen.setdefault(float(token), token)
        if other != token:
            text = f"{show(other)} and {show(token)} may be one vertex or two; write it in one way"
            raise InputError(f"{text}, or put letters before the names")
    return tokens


def _labels(tokens: list[bytes], table: list[Row]) -> list[int | str]:
    """Labels that distinct tokens spell: integers if all of them do, else words."""
    whole = all(is_integer(token) for token in tokens)
    if not whole and all(map(spelled_real, tokens)) and not any(map(_CODE.fullmatch, tokens)):
        values = [float(token) for token in tokens]
        if all(value.is_integer() and abs(value) < EXACT for value in values):
            if len(set(values)) < len(values):
                raise InputError(
                    "one vertex is spelled in two ways, such as 1.0 and 1e0; write vertices as integers"
                )
            return [int(value) for value in values]
    labels: list[int | str] = []
    for token in tokens:
        try:
            labels.append(int(token) if whole else token.decode("utf-8"))
        except ValueError as error:
            line = next(row.line for row in table if token in row.columns[:2])
            if not isinstance(error, UnicodeDecodeError):  # Python refuses to convert thousands of digits
                raise InputError(f"vertex {show(token)} has too many digits", line=line) from None
            raise InputError(
                f"not UTF-8 text (byte 0x{token[error.start]:02x}); is this a graph file?", line=line
            ) from None
    return labels


def spelled_real(token: bytes) -> bool:
    """Whether a token is a number that is spelled with a point or an exponent.

    Examples
    --------
    >>> [spelled_real(token) for token in (b"2.0", b"1e3", b"2", b"e2e")]
    [True, True, False, False]
    """
    return any(sign in token for sign in b".eE") and is_number(token) and b"n" not in token.lower()
