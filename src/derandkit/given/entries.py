"""Numbers that a caller gives: what no double stands for is refused where it arises, not read as another number.

Masked entries have no value, complex numbers lose their imaginary parts, dates become counts of days or of nanoseconds,
whole numbers beyond 2^53 and fractions such as 1/3 become other ones, and ``1e-400`` becomes 0: NumPy converts all of
these and says nothing.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError, first_line
from derandkit.given.codes import refuse_codes
from derandkit.given.doubles import EXACT, NO_DOUBLE, first_rounded, is_fraction, is_rounded, no_double
from derandkit.missing import with_gaps
from derandkit.numerals import loose_float
from derandkit.numerics.ranges import fault_of, loses_digits
from derandkit.words.quoting import clipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.sparse import Sparse
    from derandkit.numerics.typing import FloatArray

#: Types of jax that NumPy does not have: each of their numbers is one of float32.
NARROW = ("bfloat16", "float8_e4m3fn", "float8_e5m2")
#: What dates, times, durations and periods have.
_OF_TIMES = ("total_seconds", "year", "hour")
#: A number as all programs write it: no digits of other scripts, and no underscores.
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def exact_float(value: object, what: str = "weight") -> float:
    """Return one weight, or another number, as float64, refusing what is not a finite real number or would lose digits.

    Raises
    ------
    InputError
        Booleans, complex numbers, text, NaN, infinities, integers and fractions that float64 cannot hold, and
        ``Decimal("1e-400")``. A decimal is read as its text is in a file.

    Examples
    --------
    >>> from fractions import Fraction
    >>> exact_float(3), exact_float(2**60), exact_float(0.1)
    (3.0, 1.152921504606847e+18, 0.1)
    >>> exact_float(2**53 + 1)
    Traceback (most recent call last):
    derandkit.errors.InputError: weight 9007199254740993 is not exact in float64; scale the weights down
    >>> exact_float(Fraction(1, 3))
    Traceback (most recent call last):
    derandkit.errors.InputError: weight 1/3 is no double (the nearest is 0.3333333333333333); pass floats, or ...
    """
    if isinstance(value, (bool, np.bool_)):
        raise InputError(f"{what} {value!r} is a boolean; {what}s must be numbers, for example 1 and 0")
    if not isinstance(value, (numbers.Real, Decimal)) or isinstance(value, np.timedelta64):
        raise InputError(f"{what} {value!r} is not a real number")
    result = loose_float(value)
    if not math.isfinite(result):
        if isinstance(value, numbers.Rational):  # its digits fill a page
            raise InputError(f"a {what} is too large for float64; scale the {what}s down")
        given = (isinstance(value, Decimal) and value.is_finite()) or (
            isinstance(value, np.longdouble) and bool(np.isfinite(value))
        )  # 1e400
        raise InputError(f"{what} {_written(value)} is {'too large for float64' if given else 'not finite'}")
    if result == 0.0 and value != 0:
        raise InputError(f"{what} {_written(value)} is too small for float64; scale the {what}s up")
    if is_rounded(value, result):
        if is_fraction(value):
            raise InputError(f"{what} {clipped(_written(value), 40)} is {no_double(result, f'the {what}s')}")
        raise InputError(f"{what} {_written(value)} is not exact in float64; scale the {what}s down")
    return result + 0.0  # -0.0 becomes 0.0, so that both give the same bytes


def refuse_masked(X: object, what: str = "") -> None:
    """Refuse an array of NumPy with entries that are masked, and a list of such.

    Raises
    ------
    InputError
        It says how many, and what to do.

    Examples
    --------
    >>> refuse_masked(np.ma.masked_greater([1, 5], 3))
    Traceback (most recent call last):
    derandkit.errors.InputError: 1 entries are masked, so they have no value; fill them (X.filled(...)) or drop ...
    """
    rows = [X] if isinstance(X, np.ndarray) else X if isinstance(X, (list, tuple)) else ()
    count = sum(int(np.ma.getmaskarray(row).sum()) for row in rows if isinstance(row, np.ma.MaskedArray))
    if count:
        raise InputError(
            f"{count} entries{what and f' of {what}'} are masked, so they have no value; fill them "
            "(X.filled(...)) or drop their rows"
        )


def unmasked(values: object, what: str) -> NDArray[np.generic]:
    """Return an array none of whose entries is masked; missing categories stay missing (see `with_gaps`).

    Raises
    ------
    InputError
        See `refuse_masked`; or it is no array.

    Examples
    --------
    >>> unmasked([1, 2], "signs")
    array([1, 2])
    """
    values = with_gaps(values)
    refuse_masked(values, what)
    try:
        found = np.asanyarray(values)
    except ValueError:  # parts of several lengths
        raise InputError(f"some parts of {what} are not numbers") from None
    except Exception as error:  # of a method __array__: polars has integers that NumPy has not
        raise InputError(f"{what} is no array: {first_line(error)}") from None
    refuse_masked(found, what)  # of an object that makes a masked array
    return np.asarray(found)


def refuse_lost(values: object, what: str, *, text: bool = True) -> None:
    """Refuse entries that NumPy would convert into other numbers; all else is left to who reads the numbers.

    Parameters
    ----------
    values : object
        An array, or what becomes one; of a sparse matrix its entries.
    what : str
        Name of the parameter.
    text : bool
        Whether texts may stand for numbers; names of classes do not. Then a text among objects is refused that Python
        alone reads as a number, such as ``"1_0"``.

    Raises
    ------
    InputError
        Some entry is masked, complex or missing among objects, a date, a duration, a fraction or a whole number beyond
        2^53 that no double equals, or a number that would become 0 or infinite; it names the parameter and the first.
        Or a column of a table holds texts with leading zeros.

    Examples
    --------
    >>> refuse_lost([1.5, 2, "a"], "weights")
    >>> refuse_lost([0.5, 2**53 + 1], "weights")
    Traceback (most recent call last):
    derandkit.errors.InputError: entry 1 of weights is 9007199254740993, which is not exact in double precision; ...
    """
    values = with_gaps(values)
    refuse_masked(values, what)
    if hasattr(values, "tocsr"):
        values = getattr(values, "data", None)
        if not isinstance(values, np.ndarray):
            return
    try:
        array = np.asanyarray(values)
    except Exception:  # of a method __array__, or of rows of several lengths: said where they are read
        return
    refuse_masked(array, what)
    array = np.asarray(array)
    kind = array.dtype.kind
    if kind in "mM":
        shown = f", such as {str(array.ravel()[0])[:40]!r}" if array.size else ""
        raise InputError(f"{what} holds dates or times{shown}; convert them to numbers first")
    if kind == "O":
        for place, entry in _entries(array):
            _refuse_entry(entry, place, what, text)
        if text:
            refuse_codes(array, what)
    elif kind == "f" and array.dtype.itemsize > 8:
        _refuse_long(array, what)
    elif kind in "iu" and (first := first_rounded(array)) is not None:
        lost = np.arange(array.size).reshape(array.shape) == first
        _refuse_first(array, lost, what, NO_DOUBLE)
    elif kind == "f" and not isinstance(values, np.ndarray) and (np.abs(array) >= EXACT).any():
        # of whole numbers beside others NumPy has made doubles already
        for place, entry in _given(values, array):
            _refuse_entry(entry, place, what, text)


def refuse_texts(values: object, what: str) -> None:
    """Refuse texts, which scikit-learn would read as numbers, structured arrays, and lists of several lengths.

    Raises
    ------
    InputError
        It says what to do; of what scikit-learn meets with an error of NumPy, too.

    Examples
    --------
    >>> refuse_texts([["1_0", "2"]], "X")
    Traceback (most recent call last):
    derandkit.errors.InputError: X is no array of numbers, such as '1_0'; convert it first
    """
    if hasattr(values, "tocsr") or hasattr(values, "columns"):
        return
    try:
        array = np.asarray(values)
    except Exception as error:  # of a method __array__ it is said where it is read
        if isinstance(error, ValueError) and isinstance(values, (list, tuple)):
            raise InputError(f"{what} is no array: {first_line(error)}") from None
        return
    if array.dtype.names is not None:  # numbers of bfloat16 and of eight bits are of kind "V" too
        raise InputError(
            f"{what} is a structured array; pass a frame, such as pandas.DataFrame({what}), or an array of numbers"
        )
    if (array.dtype.kind in "US" or array.dtype.type is np.void) and array.size:
        raise InputError(
            f"{what} is no array of numbers, such as {str(array.ravel()[0])[:40]!r}; convert it first"
        )


def real_array(values: object, what: str, *, text: bool = False) -> FloatArray:
    """Return finite real numbers in double precision, as a fresh array in rows.

    Parameters
    ----------
    values : object
        An array, or what becomes one.
    what : str
        Name of the parameter.
    text : bool
        Whether texts of numbers are numbers where they stand among objects; an array of texts holds none.

    Raises
    ------
    InputError
        Some entry is none, see also `refuse_lost`; it names the parameter and the first such entry.

    Examples
    --------
    >>> real_array([1, 2.5], "weights")
    array([1. , 2.5])
    >>> real_array([1, 2j], "weights")
    Traceback (most recent call last):
    derandkit.errors.InputError: weights holds complex numbers; pass real ones
    >>> real_array([[1.0, float("nan")]], "X")
    Traceback (most recent call last):
    derandkit.errors.InputError: entry (0, 1) of X is nan; its entries are finite
    """
    values = with_gaps(values)
    refuse_lost(values, what)
    try:
        array = np.asarray(values)
    except Exception as error:  # of a method __array__, or of rows of several lengths
        raise InputError(f"{what} is no array of numbers: {first_line(error)}") from None
    if array.dtype.name in NARROW:
        array = array.astype(np.float32)
    kind = array.dtype.kind
    if kind == "c":
        raise InputError(f"{what} holds complex numbers; pass real ones")
    if kind == "O":
        found = np.empty(array.shape)
        for place, entry in _entries(array):
            found[place] = _number(entry, place, what, text)
    elif kind in "fiub":
        found = np.array(array, dtype=np.float64, order="C")
    else:
        shown = f", such as {str(array.ravel()[0])[:40]!r}" if array.size else ""
        raise InputError(f"{what} is no array of numbers{shown}; convert it first")
    _refuse_first(found, ~np.isfinite(found), what, "; its entries are finite")
    return found


def in_native_order(points: object) -> object:
    """Return an array of floats in the order of bytes of this machine, in the precision that it has.

    Examples
    --------
    >>> in_native_order(np.ones(1, dtype=">f4")).dtype
    dtype('float32')
    """
    if isinstance(points, np.ndarray) and points.dtype.kind == "f" and not points.dtype.isnative:
        return points.astype(points.dtype.newbyteorder("="))
    return points


def real_points(points: object, what: str) -> FloatArray | Sparse:
    """Return finite real numbers as they are, if they are doubles, single or sparse; else in double precision.

    Raises
    ------
    InputError
        As of `real_array`.

    Examples
    --------
    >>> real_points(np.ones((1, 2), dtype=np.float32), "the points").dtype, real_points([[1, 2]], "the points").dtype
    (dtype('float32'), dtype('float64'))
    """
    sparse = hasattr(points, "tocsr")
    points = in_native_order(points)
    entries = getattr(points, "data", None) if sparse else points
    if isinstance(entries, np.ndarray) and entries.dtype in (np.float32, np.float64):
        refuse_masked(entries, what)
        _refuse_first(np.asarray(entries), ~np.isfinite(entries), what, "; its entries are finite")
        return points
    if sparse:
        if not isinstance(entries, np.ndarray) or entries.dtype.kind == "O":  # lists of rows are read later
            return points
        real_array(entries, what)
        return points
    return real_array(points, what, text=True)


def _entries(array: NDArray[np.generic]) -> Iterator[tuple[tuple[int, ...], object]]:
    """Give the places and entries of an array."""
    return zip(np.ndindex(array.shape), array.ravel().tolist(), strict=True)


def _given(values: object, array: NDArray[np.generic]) -> Iterator[tuple[tuple[int, ...], object]]:
    """Give places and entries as they were before they became an array; of a frame those of columns with large ones."""
    if array.ndim == 2 and frame_column(values, 0) is not None:
        for k in np.flatnonzero((np.abs(array) >= EXACT).any(axis=0)).tolist():
            for row, entry in enumerate(frame_column(values, k) or ()):
                yield (row, k), entry
        return
    given = values.astype(object) if hasattr(values, "iloc") else values  # type: ignore[attr-defined]
    for place, entry in _entries(np.asarray(given, dtype=object)):
        yield place, entry.item() if isinstance(entry, np.ndarray) and entry.ndim == 0 else entry


def frame_column(frame: object, k: int) -> list[object] | None:
    """Return the entries of a column of a frame of pandas, polars or pyarrow, each of its own type; None of no frame.

    Examples
    --------
    >>> import pandas as pd
    >>> frame_column(pd.DataFrame({"a": [1, 2], "b": [0.5, 1.0]}), 0), frame_column([[1, 2]], 0)
    ([1, 2], None)
    """
    if hasattr(frame, "iloc"):
        return list(frame.iloc[:, k].tolist())
    if hasattr(frame, "column_names") and hasattr(frame, "column"):
        return list(frame.column(k).to_pylist())
    if hasattr(frame, "to_series") and hasattr(frame, "iter_rows"):  # polars; xarray has the first one too
        return list(frame.to_series(k).to_list())
    return None


def _named(place: tuple[int, ...], what: str) -> str:
    """Name an entry, or the number itself where there is only one."""
    return f"entry {place[0] if len(place) == 1 else place} of {what}" if place else what


def _refuse_first(array: NDArray[np.generic], bad: NDArray[np.bool_], what: str, why: str) -> None:
    if bad.any():
        place = tuple(np.argwhere(bad)[0].tolist())
        comma = "" if why.startswith(";") else ", "
        raise InputError(f"{_named(place, what)} is {clipped(str(array[place]), 40)}{comma}{why}")


def _refuse_entry(entry: object, place: tuple[int, ...], what: str, text: bool) -> None:
    """Refuse one object that a conversion would change."""
    if isinstance(entry, float) or entry is None:
        return
    if isinstance(entry, str):
        if text:
            _refuse_text(entry, place, what)
    elif isinstance(entry, (numbers.Real, Decimal)) and not isinstance(entry, np.timedelta64):
        nearest = loose_float(entry)
        shown = clipped(_written(entry), 40)
        if math.isinf(nearest) and not _infinite(entry):
            raise InputError(f"{_named(place, what)} is {shown}, too large for float64; scale the numbers")
        if nearest == 0.0 and entry != 0:
            raise InputError(f"{_named(place, what)} is {shown}, too small for float64; scale the numbers")
        if is_rounded(entry, nearest):
            said = no_double(nearest, "the numbers") if is_fraction(entry) else NO_DOUBLE
            raise InputError(f"{_named(place, what)} is {shown}, {said}")
    elif (why := _no_number(entry)) is not None:
        raise InputError(f"{_named(place, what)} is {clipped(str(entry), 40)}, {why}")


def _no_number(entry: object) -> str | None:
    """Say what an object is that is no real number and may pass for one; None for anything else."""
    if entry is np.ma.masked:
        return "masked, so it has no value; fill it, or leave it out"
    if isinstance(entry, (bytes, bytearray)):
        return "which is bytes; decode them first"
    if isinstance(entry, numbers.Complex) and not isinstance(entry, numbers.Real):
        return "which is complex; pass real numbers"
    if type(entry).__name__ in ("NAType", "NaTType"):
        return "which is a missing value; fill it, or leave it out"
    if isinstance(entry, (np.datetime64, np.timedelta64)) or any(hasattr(entry, name) for name in _OF_TIMES):
        return "a date or a time; convert it to a number first"
    return None


def _refuse_text(entry: str, place: tuple[int, ...], what: str) -> None:
    """Refuse the text of a number that no double stands for; other texts are left to the caller."""
    word = entry.strip()
    try:
        nearest = float(word)
    except ValueError:
        return
    if not _PLAIN.fullmatch(word) and math.isfinite(nearest):
        raise InputError(
            f"{_named(place, what)} is {clipped(word, 40)!r}, which Python alone reads as {nearest:g}; write the number"
        )
    fault = fault_of(word.encode(), nearest) if word.lstrip("+-").lower() not in ("inf", "infinity") else None
    if fault is not None:
        raise InputError(f"{_named(place, what)} is {clipped(word, 40)}, {fault}; scale the numbers")
    if loses_digits(word, nearest):
        raise InputError(f"{_named(place, what)} is {clipped(word, 40)}, {NO_DOUBLE}")


def _refuse_long(array: NDArray[np.generic], what: str) -> None:
    """Refuse long doubles that are another whole number, 0 or infinite in double precision."""
    with np.errstate(over="ignore", under="ignore"):
        near = array.astype(np.float64)
    far = (np.isinf(near) & np.isfinite(array)) | ((near == 0.0) & (array != 0))
    _refuse_first(array, far, what, "beyond the range of float64; scale the numbers")
    _refuse_first(array, (np.abs(near) >= EXACT) & (near != array) & np.isfinite(near), what, NO_DOUBLE)


def _number(entry: object, place: tuple[int, ...], what: str, text: bool) -> float:
    """Return one object as a number."""
    if isinstance(entry, (numbers.Real, Decimal, np.bool_)):
        return loose_float(entry)
    if text and isinstance(entry, (str, bytes)):
        try:
            return float(entry)
        except ValueError:
            pass
    raise InputError(f"{_named(place, what)} is {clipped(repr(entry), 40)}, which is no real number")


def _infinite(entry: object) -> bool:
    return (isinstance(entry, Decimal) and not entry.is_finite()) or (
        isinstance(entry, np.floating) and not bool(np.isfinite(entry))
    )


def _written(entry: object) -> str:
    """Return a number as text; one of more digits than Python writes by its size."""
    try:
        return str(entry)
    except ValueError:
        return "a number of thousands of digits"
