"""Numbers in text files: read fast when the text is plain, read carefully when it is not.

`parse_columns` turns megabytes of whole-number columns into arrays with NumPy's C parser, `parse_words` does it for
columns of words, and both refuse (return None) as soon as anything could be read in two ways: a comment behind numbers,
a leading zero, a line of another width. The caller then goes through `rows`, line by line, and reports the exact line.
All ways give the same numbers; refusing costs time, never correctness.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.given.doubles import EXACT
from derandkit.given.entries import exact_float
from derandkit.graphs.assembly import Floats, Ints
from derandkit.numerics.ranges import fault_of, may_vanish
from derandkit.numerics.rounding import DECIMAL

BLANKS = b" \t\r\x0b\x0c"
_LONGEST_WORD = 64  # of a file that is read fast
_CHUNK = 1 << 22  # bytes parsed at a time; bounds the memory for masks
_INTEGER = re.compile(rb"-?[1-9][0-9]*|0")
_WHOLE = re.compile(rb"[+-]?[0-9]+")
_REAL = re.compile(DECIMAL.encode())
_NOT_FINITE = re.compile(rb"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)

# What each byte may mean on the fast path.
_FORBIDDEN, _BLANK, _NEWLINE, _COMMA, _DIGIT, _MINUS, _REAL_SIGN = range(7)
_KIND = np.full(256, _FORBIDDEN, dtype=np.uint8)
for _bytes, _kind in (
    (b" \t\r", _BLANK),
    (b"\n", _NEWLINE),
    (b",", _COMMA),
    (b"0123456789", _DIGIT),
    (b"-", _MINUS),
    (b"+.eE", _REAL_SIGN),
):
    _KIND[list(_bytes)] = _kind


# What each byte is to words: part of one, or what stands between them.
_WORD = np.full(256, _DIGIT, dtype=np.uint8)
_WORD[list(BLANKS)] = _BLANK
_WORD[ord("\n")] = _NEWLINE


class Row(NamedTuple):
    """A line that is neither blank nor a comment: its 1-based number and its columns."""

    line: int
    columns: list[bytes]


class Columns(NamedTuple):
    """A block of lines of equal width: whole-number columns, then at most one column of real numbers."""

    ids: Ints  # shape (rows, number of whole-number columns)
    values: Floats | None
    real: bool  # some value is written with a point or an exponent


class Words(NamedTuple):
    """A block of lines of equal width: two columns of words, then at most one of numbers."""

    words: list[bytes]  # distinct, sorted
    ids: Ints  # shape (rows, 2)
    values: Floats | None


def is_integer(token: bytes) -> bool:
    """Whether a token is an integer in its one usual spelling: no plus sign, no leading zero.

    Examples
    --------
    >>> [is_integer(token) for token in (b"10", b"-3", b"0", b"007", b"-0", b"+1", b"1.0", b"1_0")]
    [True, True, True, False, False, False, False, False]
    """
    return _INTEGER.fullmatch(token) is not None


def is_number(token: bytes) -> bool:
    """Whether a token is spelled as a number, be it one that `number` refuses.

    Examples
    --------
    >>> [is_number(token) for token in (b"-1", b".5e3", b"nan", b"weight", b"1_0")]
    [True, True, True, False, False]
    """
    return _REAL.fullmatch(token) is not None or _NOT_FINITE.fullmatch(token) is not None


def number(token: bytes) -> float:
    """Return the number a token spells, as float64.

    A whole number must be exact in float64; a real one is rounded to nearest.

    Raises
    ------
    InputError
        The token is no number, is not finite, or is one that float64 cannot hold: a large integer, or 1e-400.

    Examples
    --------
    >>> number(b"-3"), number(b"2.5e-3"), number(b".5")
    (-3.0, 0.0025, 0.5)
    >>> number(b"1_0")
    Traceback (most recent call last):
    derandkit.errors.InputError: weight '1_0' is not a number
    """
    if _REAL.fullmatch(token):
        if _WHOLE.fullmatch(token) and len(token) > 15:
            if len(token) > 400:
                raise InputError(f"weight of {len(token)} digits is too large for float64")
            return exact_float(int(token))
        value = float(token)
        fault = fault_of(token, value)
        if fault is None:
            return value + 0.0
        raise InputError(f"weight {show(token)} is {fault}")
    if _NOT_FINITE.fullmatch(token):
        raise InputError(f"weight {show(token)} is not finite")
    raise InputError(f"weight {show(token)} is not a number")


def show(token: bytes) -> str:
    """Quote a token for a message, cut short when it is long."""
    text = token.decode("utf-8", "backslashreplace")
    return repr(text if len(text) <= 40 else text[:37] + "...")


def spelled_oddly(token: bytes) -> bool:
    """Whether a token is a whole number with a plus sign or with leading zeros.

    Examples
    --------
    >>> [spelled_oddly(token) for token in (b"01", b"+1", b"-0", b"1", b"a")]
    [True, True, True, False, False]
    """
    return _WHOLE.fullmatch(token) is not None and not is_integer(token)


def refuse_zeros(distinct: set[bytes]) -> None:
    """Refuse ``01`` or ``+1`` beside ``1``.

    Raises
    ------
    InputError
        They may be one vertex or two.
    """
    odd = sorted(filter(spelled_oddly, distinct))
    seen: dict[bytes, bytes] = {}
    for token in [*odd, *(distinct if odd else ())]:
        if _WHOLE.fullmatch(token):
            size = token.lstrip(b"+-").lstrip(b"0")
            other = seen.setdefault((b"-" if token.startswith(b"-") and size else b"") + size, token)
            if other != token:
                first, second = sorted((other, token), key=lambda text: (len(text), text))
                text = f"{show(first)} and {show(second)} may be one vertex or two; write it in one way"
                raise InputError(f"{text}, or put letters before the names")


def split(line: bytes, path: str, number_of_line: int) -> list[bytes]:
    """Columns of a line: separated by commas if it has any, else by blanks.

    Raises
    ------
    InputError
        A column between commas is empty or holds a blank.
    """
    if b"," not in line:
        return line.split()
    columns = [column.strip() for column in line.split(b",")]
    for column in columns:
        if not column:
            raise InputError("empty column between commas", path=path, line=number_of_line)
        if len(column.split()) > 1:
            raise InputError(
                f"column {show(column)} holds a blank; separate columns by commas or by blanks, not both",
                path=path,
                line=number_of_line,
            )
    return columns


def rows(data: bytes, path: str, *, comments: bytes = b"#%", start: int = 0, line: int = 0) -> Iterator[Row]:
    """Lines that are neither blank nor comments, from offset `start`, which follows line number `line`."""
    for at, text in enumerate(data[start:].split(b"\n"), line + 1):
        text = text.strip()
        if text and text[0] not in comments:
            yield Row(at, split(text, path, at))


def first_row(data: bytes, path: str, *, comments: bytes = b"#%", start: int = 0) -> tuple[Row, int] | None:
    """First line that is neither blank nor a comment, and the offset behind it; None if there is none."""
    line = data.count(b"\n", 0, start)
    end = len(data)
    while start < end:
        stop = data.find(b"\n", start)
        stop = end if stop < 0 else stop
        text = data[start:stop].strip()
        start, line = stop + 1, line + 1
        if text and text[0] not in comments:
            return Row(line, split(text, path, line)), min(start, end)
    return None


def parse_columns(data: bytes, start: int, ids: int, *, comments: bytes = b"#%") -> Columns | None:
    r"""Parse all lines from offset `start` as `ids` integers and an optional number, fast, or refuse.

    Parameters
    ----------
    data : bytes
        The whole file.
    start : int
        Where the first line of the block begins.
    ids : int
        Number of integer columns; each line has this many columns, or one more.
    comments : bytes
        Signs that begin a comment line.

    Returns
    -------
    Columns or None
        None when any byte is unusual, lines differ in width, an integer is not spelled in its usual way, or a
        number is not finite or not below 2**53; the careful way then decides.

    Notes
    -----
    O(bytes): about 0.1 s per million lines.

    Examples
    --------
    >>> parse_columns(b"1 2 0.5\n2 3 4\n", 0, 2)
    Columns(ids=array([[1, 2],
           [2, 3]]), values=array([0.5, 4. ]), real=True)
    >>> parse_columns(b"1 2\n1 2 3\n", 0, 2) is None
    True
    """
    blocks: list[tuple[NDArray[np.int64], Floats | None, bool]] = []
    width = 0
    for chunk in _chunks(data, start, comments):
        block = _parse_chunk(chunk, ids, width)
        if block is None:
            return None
        if block[0].size or block[1] is not None:
            blocks.append(block)
            width = ids + (block[1] is not None)
    if not blocks:
        return Columns(np.empty((0, ids), dtype=np.int64), None, False)
    values = [block[1] for block in blocks if block[1] is not None]
    return Columns(
        np.concatenate([block[0] for block in blocks]) if len(blocks) > 1 else blocks[0][0],
        np.concatenate(values) if values else None,
        any(block[2] for block in blocks),
    )


def parse_words(data: bytes, start: int, *, comments: bytes = b"#%") -> Words | None:
    r"""Parse all lines from offset `start` as two words and an optional number, fast, or refuse.

    Parameters
    ----------
    data : bytes
        The whole file.
    start : int
        Where the first line of the block begins.
    comments : bytes
        Signs that begin a comment line.

    Returns
    -------
    Words or None
        None when there is a comma, lines differ in width, or a number is unusual; the careful way then decides.

    Notes
    -----
    O(bytes + words log words); no Python object a word of the file, only one a distinct word.

    Examples
    --------
    >>> parse_words(b"b a\na c\n", 0)
    Words(words=[b'a', b'b', b'c'], ids=array([[1, 0],
           [0, 2]]), values=None)
    """
    if b"," in data:
        return None
    found: list[NDArray[np.bytes_]] = []
    values: list[Floats] = []
    width = 0
    for chunk in _chunks(data, start, comments):
        raw = np.frombuffer(chunk, dtype=np.uint8)
        kinds = _WORD[raw]
        starts = _token_starts(kinds)
        if not starts.size:
            continue
        width = _common_width(kinds, starts, width)
        if width not in (2, 3) or np.isin(raw[starts[::width]], list(comments)).any():
            return None
        if width == 3:
            column = _parse_weights(b" ".join(chunk.split()[2::3]))
            if column is None or column.size * 3 != starts.size:
                return None
            values.append(column)
        words = _words(raw, kinds, starts.reshape(-1, width)[:, :2].ravel())
        if words is None:
            return None
        found.append(words)
    if not found:
        return Words([], np.empty((0, 2), dtype=np.int64), None)
    distinct, ids = _number_words(np.concatenate(found))
    return Words(distinct, ids.reshape(-1, 2), np.concatenate(values) if values else None)


def _words(raw: NDArray[np.uint8], kinds: NDArray[np.uint8], starts: Ints) -> NDArray[np.bytes_] | None:
    """Words that begin at `starts`, none cut off; None if one is longer than `_LONGEST_WORD`."""
    gaps = np.flatnonzero(kinds < _DIGIT)
    ends = np.append(gaps, raw.size)[np.searchsorted(gaps, starts)]
    lengths = ends - starts
    longest = int(lengths.max())
    if longest > _LONGEST_WORD:
        return None
    letters = np.zeros((starts.size, -8 * (-longest // 8)), dtype=np.uint8)
    for k in range(longest):
        there = lengths > k
        letters[there, k] = raw[starts[there] + k]
    return letters.view(f"S{letters.shape[1]}").ravel()


def _number_words(words: NDArray[np.bytes_]) -> tuple[list[bytes], Ints]:
    """Distinct words in the order of their bytes, and the place of each word among them."""
    eights = (
        words.view(">u8").reshape(words.size, -1).astype(np.uint64)
    )  # sorts several times faster than text
    place = np.zeros(words.size, dtype=np.int64)
    for column in eights.T:
        found, inverse = np.unique(column, return_inverse=True)
        place *= found.size
        place += inverse
        if eights.shape[1] > 1:
            place = np.unique(place, return_inverse=True)[1]
    last = np.empty(int(place.max()) + 1, dtype=np.int64)
    last[place] = np.arange(words.size)
    return words[last].tolist(), place


def _chunks(data: bytes, start: int, comments: bytes) -> Iterator[bytes]:
    """Pieces of whole lines from offset `start`, comment lines emptied."""
    while start < len(data):
        stop = data.find(b"\n", start + _CHUNK)
        stop = len(data) if stop < 0 else stop + 1
        chunk = data[start:stop]
        if any(sign in chunk for sign in comments):
            chunk = re.sub(rb"(?m)^[ \t]*[" + re.escape(comments) + rb"][^\n]*", b"", chunk)
        yield chunk
        start = stop


def _token_starts(kinds: NDArray[np.uint8]) -> Ints:
    """Where tokens begin, given what every byte is."""
    inside = kinds >= _DIGIT
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    return np.flatnonzero(begins)


def _common_width(kinds: NDArray[np.uint8], starts: Ints, width: int) -> int:
    """Return how many tokens every line has that has any, to be `width` unless that is 0; 0 if lines differ."""
    line_of = np.cumsum(kinds == _NEWLINE, dtype=np.int32)[starts]
    width = width or int(np.searchsorted(line_of, line_of[0], side="right"))
    if starts.size % width:
        return 0
    line_of = line_of.reshape(-1, width)
    if (line_of[:, 0] != line_of[:, -1]).any() or (line_of[1:, 0] == line_of[:-1, 0]).any():
        return 0
    return width


def _parse_weights(column: bytes) -> Floats | None:
    """Numbers of one column, or None if one is unusual."""
    kinds = _KIND[np.frombuffer(column, dtype=np.uint8)]
    if not kinds.all() or b"," in column:
        return None
    numbers = _parse_numbers(column, bool((kinds == _REAL_SIGN).any()))
    if numbers is None or not (np.abs(numbers) < EXACT).all():
        return None
    return numbers.astype(np.float64) + 0.0


def _parse_chunk(chunk: bytes, ids: int, width: int) -> tuple[Ints, Floats | None, bool] | None:
    """One chunk of whole lines; `width` is what earlier chunks had, 0 at first."""
    raw = np.frombuffer(chunk, dtype=np.uint8)
    kinds = _KIND[raw]
    if not kinds.all():
        return None
    commas = chunk.count(b",")
    if commas:
        if b" " in chunk or b"\t" in chunk:
            return None
        chunk = chunk.replace(b",", b" ")
    starts = _token_starts(kinds)
    if not starts.size:
        return None if commas else (np.empty((0, ids), dtype=np.int64), None, False)
    width = _common_width(kinds, starts, width)
    if width not in (ids, ids + 1) or width == 0:
        return None
    if commas and commas != (width - 1) * (starts.size // width):
        return None
    signs = np.flatnonzero(kinds == _REAL_SIGN)
    real = bool(signs.size)
    if real and ((np.searchsorted(starts, signs, side="right") - 1) % width < ids).any():
        return None
    if not _usual_spelling(raw, starts.reshape(-1, width)[:, :ids].ravel()):
        return None
    numbers = _parse_numbers(chunk, real)
    if numbers is None or numbers.size != starts.size or not (np.abs(numbers) < EXACT).all():
        return None
    numbers = numbers.reshape(-1, width)
    values = None if width == ids else numbers[:, ids].astype(np.float64) + 0.0
    return numbers[:, :ids].astype(np.int64), values, real


def _usual_spelling(raw: NDArray[np.uint8], starts: Ints) -> bool:
    """Whether no integer that begins at `starts` has a leading zero, as in ``007`` or ``-0``."""
    first = raw[starts]
    second = raw[np.minimum(starts + 1, raw.size - 1)]
    digit_follows = (second >= ord("0")) & (second <= ord("9")) & (starts + 1 < raw.size)
    return not (((first == ord("0")) & digit_follows) | ((first == ord("-")) & (second == ord("0")))).any()


def _parse_numbers(chunk: bytes, real: bool) -> NDArray[np.int64] | Floats | None:
    """All numbers in blank-separated text, or None if NumPy stumbles."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            if real:
                numbers = np.fromstring(chunk, dtype=np.float64, sep=" ")
                return None if may_vanish(chunk, numbers) else numbers
            return np.fromstring(chunk, dtype=np.int64, sep=" ")
        except (DeprecationWarning, ValueError):
            return None
