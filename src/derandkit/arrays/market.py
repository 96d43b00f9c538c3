"""Matrix Market files before SciPy reads them: that reader takes the beginning of a word, and drops the rest of it."""

from __future__ import annotations

import re

import numpy as np

from derandkit.errors import InputError
from derandkit.numerals import by_fortran
from derandkit.numerics.rounding import DECIMAL

#: The first line of a Matrix Market file that is neither its banner nor a comment nor blank.
_SIZE_LINE = re.compile(rb"\n[ \t\r]*([^%\s][^\n]*)")
_INDEX, _WHOLE = "[0-9]+", "[+-]?[0-9]+"
#: What parts no words there, and does for `str.split`; a carriage return parts none inside a row.
_OTHER_BLANK = re.compile(r"[^\S \t]")
_REAL = rf"(?:{DECIMAL}|[+-]?(?i:nan|inf(?:inity)?))"
#: What each field writes for a value: the words of a row, and what they are called.
_FIELDS = {
    "real": ([_REAL], "value"),
    "double": ([_REAL], "value"),
    "complex": ([_REAL, _REAL], "real imaginary"),
    "integer": ([_WHOLE], "value"),
    "unsigned-integer": ([_WHOLE], "value"),
    "pattern": ([], ""),
}


def banner_of(data: bytes) -> list[str]:
    r"""Return the words of the first line in small letters, without a copy of the rest.

    Examples
    --------
    >>> banner_of(b"%%MatrixMarket matrix coordinate Real general\n1 1 1\n")
    ['%%matrixmarket', 'matrix', 'coordinate', 'real', 'general']
    """
    end = data.find(b"\n")
    return data[: end if end >= 0 else len(data)].decode("ascii", "replace").lower().split()


def market_text(data: bytes) -> bytes:
    r"""Return a Matrix Market file as SciPy's reader takes it without harm, closed by the end of a line.

    That reader (fast_matrix_market, in C++) looks for the end of a line beyond the end of the data, and at NUL it does
    so too: the process dies. It divides by the sides of an array. Of ``1.0D+02`` and ``1,5`` it reads 1, and the words
    behind an entry it does not read.

    Raises
    ------
    InputError
        The file holds NUL, its size line says that there are no rows or no columns, or a row is not what the banner
        says.

    Examples
    --------
    >>> market_text(b"%%MatrixMarket matrix array real general\n1 1\n2.5")[-5:]
    b'\n2.5\n'
    >>> market_text(b"%%MatrixMarket matrix array real general\n0 1\n")
    Traceback (most recent call last):
    derandkit.errors.InputError: the matrix has no entries: the size line of the Matrix Market file says 0 1
    >>> market_text(b"%%MatrixMarket matrix array real general\n1 1\n1,5\n")
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:3: '1,5' is not a number; write '.' before decimals
    """
    if b"\0" in data:
        raise InputError("the Matrix Market file holds a NUL character, so it is damaged or no text")
    data = data if data.endswith(b"\n") else data + b"\n"
    size = _SIZE_LINE.search(data)
    if size is None:
        return data
    if any(not word.strip(b"+-0") for word in size[1].split()[:2]):
        shown = size[1][:40].decode("ascii", "replace").strip()
        raise InputError(f"the matrix has no entries: the size line of the Matrix Market file says {shown}")
    layout, field = (banner_of(data) + [""] * 4)[2:4]
    if layout in ("coordinate", "array") and field in _FIELDS:  # SciPy refuses others
        _check_rows(data, size.end() + 1, layout, field)
    return data


def _check_rows(data: bytes, begin: int, layout: str, field: str) -> None:
    """Refuse the first row that has other words than the banner says."""
    words, names = _FIELDS[field]
    words = [_INDEX, _INDEX, *words] if layout == "coordinate" else words
    names = f"i j {names}".strip() if layout == "coordinate" else names
    row = r"[ \t]+".join(words)
    good = re.compile(rf"(?:[ \t]*(?:{row})?[ \t\r]*\n)*+".encode()).match(data, begin)
    end = begin if good is None else good.end()
    if end == len(data):
        return
    line = data.count(b"\n", 0, end) + 1
    shown = data[end : data.index(b"\n", end)].decode("utf-8", "replace").rstrip(" \t\r")
    odd = _OTHER_BLANK.search(shown)
    if odd is not None and not shown.lstrip().startswith("%"):
        raise InputError(
            f"U+{ord(odd[0]):04X} stands in {shown[:60]!r}; blanks or tabs part the words of a Matrix Market file, so "
            "remove it, or write a blank there",
            line=line,
        )
    given = shown.split()
    if given[0].startswith("%"):
        raise InputError("a comment stands below the line with the size; move it above that line", line=line)
    if len(given) != len(words):
        wanted = f"expected {names!r}" if names else "an array has values"
        raise InputError(
            f"{len(given)} word{'s' * (len(given) != 1)} in a row of a Matrix Market file of field {field!r}; {wanted}",
            line=line,
        )
    for word, pattern in zip(given, words, strict=True):
        if not re.fullmatch(pattern, word, re.ASCII):
            raise InputError(_fault(word, pattern), line=line)


def _fault(word: str, pattern: str) -> str:
    """Say why a word is not what it should be."""
    shown = word if len(word) <= 40 else word[:37] + "..."
    if pattern is _INDEX:
        return f"{shown!r} is not the number of a row or column"
    if re.fullmatch(DECIMAL, word):
        return (
            f"{shown!r} is not an integer, as the banner of the Matrix Market file says; write 'real' there"
        )
    advice = "; write '.' before decimals" if re.fullmatch("[+-]?[0-9]*,[0-9]+", word) else ""
    return by_fortran(word) or f"{shown!r} is not a number{advice}"


def added_up(matrix: object, data: bytes) -> str:
    r"""Say how many entries of a file share their place with another, of which SciPy makes the sum.

    Parameters
    ----------
    matrix : ndarray or sparse matrix
        What SciPy made of the file.
    data : bytes
        The file.

    Raises
    ------
    InputError
        The file is called symmetric, so that the second may be the mirror image of the first. It names the entry.

    Examples
    --------
    >>> import scipy.sparse
    >>> general, symmetric = (f"%%MatrixMarket matrix coordinate real {x}\n".encode() for x in ("general", "symmetric"))
    >>> added_up(scipy.sparse.coo_array(([3, 4, 5], ([1, 1, 0], [0, 0, 1]))), general)
    ', 2 entries that share their place with another are added up'
    >>> added_up(scipy.sparse.coo_array(([7, 7, 7, 7], ([1, 0, 0, 1], [0, 1, 1, 0]))), symmetric)
    Traceback (most recent call last):
    derandkit.errors.InputError: the file is called symmetric and has both entries (1, 2) and (2, 1), or one of them ...
    """
    if not hasattr(matrix, "tocoo"):
        return ""
    coo = matrix.tocoo()
    row, col = np.asarray(coo.row, dtype=np.int64), np.asarray(coo.col, dtype=np.int64)
    rows, columns = map(int, coo.shape)
    order = np.argsort(row * columns + col) if rows * columns < 2**63 else np.lexsort((col, row))
    row, col = row[order], col[order]
    same = (row[1:] == row[:-1]) & (col[1:] == col[:-1])
    if not same.any():
        return ""
    symmetry = (banner_of(data) + [""] * 5)[4]
    if symmetry != "general":
        i, j = sorted((int(row[1:][same][0]) + 1, int(col[1:][same][0]) + 1))
        raise InputError(
            f"the file is called {symmetry} and has both entries ({i}, {j}) and ({j}, {i}), or one of them twice: the "
            "second may be the mirror image of the first or may be added to it; write one triangle, every entry once"
        )
    shared = int(np.count_nonzero(np.append(same, False) | np.append(False, same)))
    return f", {shared} entries that share their place with another are added up"
