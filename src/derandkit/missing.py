"""Words, marks and numbers for an entry that is missing: one list for graphs, points and targets.

What depends on the place is only what else the text could be. Among numbers it can be nothing else, so that every
spelling counts (`in_number`). Among classes it counts as programs write it: `none` and `missing` are common classes
(`in_name`). Among vertices of a list, where one name stands beside another, every spelling counts but capitalized
words that may be names of people, such as `Nan` (`in_end`). A lone mark is a name only where somebody wrote it in a
program, or where `+` stands beside `-`. A number stands for a missing one only far away from all others.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Frame = TypeVar("Frame")

#: As pandas, R, SQL, spreadsheets, JavaScript and JSON write them.
WORDS = frozenset(
    (
        "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NaT", "null", "NULL", "None", "\\N", "[NULL]", "(null)",
        "(NULL)", "<null>", "<NULL>", "undefined", "(blank)", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!",
        "#NUM!",
    )
)  # fmt: skip
_SPELLED = (
    "na", "n.a.", "n/a", "#n/a", "#na", "n.d.", "nil", "nan", "-nan", "none", "<none>", "(none)", "null", "nothing",
    "missing", "<missing>", "(missing)", "undefined", "<empty>", "(empty)", "1.#qnan", "-1.#ind",
)  # fmt: skip
#: All of that, and what further programs and people write, where a vertex is expected.
IN_ENDS = WORDS | {
    form
    for word in _SPELLED
    for form in (word, word.upper(), word.capitalize())
    if form not in ("Na", "Nan", "Nil")  # names of people
}
#: As people write them in a file.
MARKS = frozenset(("-", "--", "?", "."))
#: Small letters of all that is missing where a number is expected.
IN_NUMBERS = frozenset(word.lower() for word in WORDS | MARKS | {"", "nil", "missing"})

#: What stands for a missing number in many tables: nines, least integers, and the fill values of netCDF and rasters.
FILLS = (
    -99.0, -999.0, -9999.0, -99999.0, -999999.0, 999.0, 9999.0, 99999.0, 999999.0,
    -32768.0, -2147483648.0, 2147483647.0, -9223372036854775808.0, 9223372036854775807.0,
    9.969209968386869e36, 1e20, 1e30, -3.4028234663852886e38,
)  # fmt: skip
#: What stands for "no edge" beside them, in tables of distances and costs: infinity, as programs write it in numbers.
NO_EDGE = (
    *FILLS, -9999999.0, 9999999.0, 99999999.0, 999999999.0, 1e9, 1e18, 1061109567.0, 4294967295.0,
    3.4028234663852886e38, 3.4e38, -1e20, -1e30, 1e35, 1e36, 1.70141e38,
)  # fmt: skip
#: In a list of edges nothing stands for no edge, and powers of ten are heavy edges.
NO_WEIGHT = tuple(fill for fill in NO_EDGE if fill not in (1e9, 1e18))
#: Codes of surveys and genotypes for refused, not known, does not apply, no answer, by their number of digits:
#: 7, 8 and 9, then 66, 77, 88 and 96 to 99, and the same with more digits.
CODES_OF_DIGITS = (
    frozenset((7.0, 8.0, 9.0)),
    *(
        frozenset((*(10.0**n - k for k in range(1, 5)), *(k * (10.0**n - 1.0) / 9.0 for k in (6, 7, 8))))
        for n in (2, 3, 4, 5)
    ),
)
#: Those of two digits and more, and what stands for all of them below zero, beside -1.
LONG_CODES = frozenset[float]().union(*CODES_OF_DIGITS[1:])
CODES_BELOW = frozenset(-code for codes in CODES_OF_DIGITS for code in codes)
_FAR = 10.0
_DIGITS = 2.0**-18  # fills as single precision and six digits write them


def in_number(text: str) -> bool:
    """Whether a text that should be a number says that there is none.

    Examples
    --------
    >>> in_number("N/a"), in_number(""), in_number("?"), in_number("0")
    (True, True, True, False)
    """
    return text.strip().lower() in IN_NUMBERS


def in_end(text: str) -> bool:
    """Whether a text that should be a vertex says that there is none; marks are left to the caller.

    Examples
    --------
    >>> [in_end(word) for word in ("none", "NIL", "missing", "Nan", "a", "")]
    [True, True, True, False, False, True]
    """
    bare = text.strip()
    return not bare or bare in IN_ENDS


def in_name(text: str, *, marks: bool = True, beside: Collection[str] = ()) -> bool:
    """Whether a text that should be a name says that there is none.

    Parameters
    ----------
    text : str
        The text.
    marks : bool
        Whether a lone mark is missing too: in a file, and not in memory.
    beside : collection of str
        The other names: beside ``+`` the mark ``-`` is one.

    Examples
    --------
    >>> in_name("NA"), in_name("Na"), in_name("-"), in_name("-", beside={"+"}), in_name(" ")
    (True, False, True, False, True)
    """
    bare = text.strip()
    if bare == "-" and "+" in beside:
        return False
    return not bare or bare in WORDS or (marks and bare in MARKS)


def fill_value(values: NDArray[np.float64], fills: Collection[float] = FILLS) -> float | None:
    """Return a mark for missing numbers that is ten times as large as all other numbers, if there is one.

    Parameters
    ----------
    values : ndarray of float64, shape (k,)
        Finite numbers, at least one.
    fills : collection of float
        What may stand for a missing one.

    Examples
    --------
    >>> fill_value(np.array([0.5, -999.0])), fill_value(np.array([-500.0, -999.0])) is None
    (-999.0, True)
    """
    low, high = float(values.min()), float(values.max())
    top = max(high, -low)
    for fill in fills:
        size = abs(fill)
        single = float(np.float32(size)) if size > 1e9 else size  # nines would become powers of ten
        if top not in (size, single) and (top < 1e18 or abs(top - size) > _DIGITS * top):
            continue  # it is the largest number, or none of them
        same = values == (high if fill > 0 else low)
        if (high if fill > 0 else -low) != top or same.all():
            continue
        if _FAR * float(np.abs(values[~same]).max()) < top:
            return float(values[same][0])
    return None


def with_gaps(frame: Frame) -> Frame:
    """Return a frame of pandas, a table or column of pyarrow, or an array of dask, of which missing entries stay so.

    Anything else is returned as it is. Missing categories would become the least of all integers in a frame with other
    columns of integers, and the last category in columns of pyarrow. NumPy makes numbers of masked entries of dask.

    Examples
    --------
    >>> import pandas as pd
    >>> with_gaps(pd.DataFrame({"a": pd.Categorical([1, None]), "b": [1, 2]})).to_numpy().tolist()
    [[1, 1], [nan, 2]]
    >>> import pyarrow
    >>> np.asarray(with_gaps(pyarrow.chunked_array([pyarrow.array([1, None, 2]).dictionary_encode()])))
    array([ 1., nan,  2.])
    """
    if type(frame).__module__.partition(".")[0] == "pyarrow":
        return cast("Frame", _decoded(frame))
    if hasattr(frame, "dask") and hasattr(frame, "compute") and not hasattr(frame, "columns"):
        computed: Frame = frame.compute()
        return computed
    if not (hasattr(frame, "iloc") and hasattr(frame, "dtypes") and hasattr(frame, "columns")):
        return frame
    kinds = enumerate(frame.dtypes)
    gaps = any(hasattr(kind, "categories") and frame.iloc[:, k].isna().any() for k, kind in kinds)
    found: Frame = frame.astype(object) if gaps else frame  # type: ignore[attr-defined]
    return found


def _decoded(given: object) -> object:
    """Return a table or a column of pyarrow without dictionaries: each entry itself."""
    import pyarrow

    if isinstance(given, (pyarrow.Table, pyarrow.RecordBatch)):
        if not any(map(pyarrow.types.is_dictionary, given.schema.types)):
            return given
        return type(given).from_arrays(
            [_decoded(column) for column in given.columns], names=given.schema.names
        )
    if isinstance(given, pyarrow.DictionaryArray):
        return given.dictionary_decode()
    if isinstance(given, pyarrow.ChunkedArray) and pyarrow.types.is_dictionary(given.type):
        return pyarrow.chunked_array(
            [part.dictionary_decode() for part in given.chunks], given.type.value_type
        )
    return given
