"""Names of classes: the one place where targets of any container become entries, and entries become classes.

A class is named by text, by a whole number, by another double or by a boolean, each of the plain type of Python. No
array of text is made: its width would be that of the longest name, it ends names at a zero, and it cuts what is a
subclass of `str` to another text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from numbers import Integral, Rational, Real
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from derandkit.arrays.columnar import shared_texts
from derandkit.errors import InputError
from derandkit.given.doubles import EXACT, is_fraction, is_rounded, no_double
from derandkit.given.entries import unmasked
from derandkit.numerals import loose_float
from derandkit.points.columns import refuse_unwritable
from derandkit.points.frames import plain_array
from derandkit.words.quoting import clipped, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray, IntArray

#: A class as a record names it.
ClassName: TypeAlias = str | int | float | bool
#: What kinds of entries there are.
Kind: TypeAlias = Literal["text", "number", "truth", "other"]

#: More classes or outputs than this are refused: every one is an output of the network.
MOST_OUTPUTS = 256
#: Bytes of an array of text at most; its width is that of the longest name.
MOST_MEMORY = 2**24
#: What kinds are called in messages.
KINDS = {"text": "text", "number": "numbers", "truth": "booleans"}


@cache
def _kind(of: type) -> Kind:
    """Return what kind of target a type is; a duration is no number, though NumPy makes it a whole one."""
    if issubclass(of, (bool, np.bool_)):
        return "truth"
    if issubclass(of, str):
        return "text"
    number = issubclass(of, (Real, Decimal)) and not issubclass(of, np.timedelta64)
    return "number" if number else "other"


def class_of(value: object) -> tuple[Kind, object]:
    """Return what kind of target an entry is, and the class that it is, of the plain type of Python.

    Numbers that are whole are whole numbers, whatever type they have; other ones are the double that they stand for.

    Raises
    ------
    InputError
        It is a fraction that no double equals, or beyond the range of doubles.

    Examples
    --------
    >>> class_of(np.float32(2.0)), class_of(Decimal("0.5")), class_of(np.str_("1")), class_of(np.bool_(True))
    (('number', 2), ('number', 0.5), ('text', '1'), ('truth', True))
    >>> import enum
    >>> class_of(enum.Enum("Grade", {"MILD": "mild"}, type=str).MILD), class_of(None)
    (('text', 'mild'), ('other', None))
    """
    kind = _kind(type(value))  # type: ignore[arg-type]
    if isinstance(value, str):
        return kind, str.__str__(value)
    if kind == "number":
        return kind, _number(value)
    return kind, bool(value) if kind == "truth" else value


def _number(value: object) -> int | float:
    if isinstance(value, Integral):
        return int(value)
    nearest = loose_float(value)
    if not math.isfinite(nearest):
        infinite = isinstance(value, (float, np.floating)) and not np.isfinite(value)
        if math.isnan(nearest) or infinite or (isinstance(value, Decimal) and value.is_infinite()):
            return nearest
        raise InputError("a target is too large for float64; change its unit")
    if nearest == 0.0 and value != 0:
        raise InputError(f"the target {clipped(str(value), 40)} is too small for float64; change its unit")
    if is_fraction(value) and is_rounded(value, nearest):
        raise InputError(f"the target {clipped(str(value), 40)} is {no_double(nearest, 'the targets')}")
    if isinstance(value, (Rational, Decimal, np.longdouble)) and value == (whole := int(value)):  # type: ignore[arg-type]
        return whole
    return int(nearest) if nearest.is_integer() else nearest


def entries_of(y: object) -> NDArray[np.generic]:
    """Return targets of any container as an array in which each entry is still what it was.

    Numbers of one type are an array of these. Text, and what stands among objects, are objects of plain types; anything
    that is no class stays as it is, for who reads it to refuse.

    Raises
    ------
    InputError
        It is no array, or an entry is masked, or a number that no double stands for.

    Examples
    --------
    >>> entries_of(["a", "bc"]), entries_of([0, True]), entries_of(np.array([np.int8(1), Decimal(2)]))
    (array(['a', 'bc'], dtype=object), array([0, True], dtype=object), array([1, 2], dtype=object))
    >>> entries_of([1, 0.5])
    array([1. , 0.5])
    """
    shared = _shared(y)
    y = plain_array(y) if shared is None else shared
    array = _objects(y)
    if array is None:
        array = unmasked(y, "the targets")
        if array.dtype.kind not in "OU":
            return array
        array = array.astype(object)
    listed = array.ravel().tolist()
    kinds = {_kind(kind) for kind in set(map(type, listed))}
    if "other" in kinds and "text" not in kinds:
        return unmasked(y, "the targets")
    plain = np.empty(len(listed), dtype=object)
    plain[:] = [class_of(entry)[1] for entry in listed]
    return plain.reshape(array.shape)


def _objects(y: object) -> NDArray[np.generic] | None:
    """Return a list as objects; None for what is an array, or becomes one without a loss: numbers or booleans alone."""
    if hasattr(y, "__array__") or hasattr(y, "__array_interface__") or not isinstance(y, Iterable):
        return None
    try:
        array = np.asarray(y, dtype=object)
    except Exception:  # of rows of several lengths, or of tensors: said where it becomes an array
        return None
    kinds = set(map(type, array.ravel().tolist()))
    if kinds <= {int, float} or kinds == {bool}:
        return None
    return array


def _shared(y: object) -> NDArray[np.generic] | None:
    """Return a column of text of pyarrow, or categories of pandas, as objects, each once; None for anything else."""
    if type(y).__module__.partition(".")[0] == "pyarrow":
        return shared_texts(y) if hasattr(y, "type") else None
    kinds = getattr(getattr(y, "dtype", None), "categories", None)
    if kinds is None or not hasattr(y, "isna"):
        return None
    codes = np.asarray(getattr(getattr(y, "cat", y), "codes", None))
    names = np.array([*kinds.tolist(), None], dtype=object)
    return names[codes] if codes.ndim == 1 and all(isinstance(name, str) for name in names[:-1]) else None


def is_text(array: NDArray[np.generic]) -> bool:
    """Whether text stands among entries, as `entries_of` returns them."""
    return array.dtype.kind == "O" and any(isinstance(entry, str) for entry in array.ravel().tolist())


def refuse_mixed(array: NDArray[np.generic]) -> None:
    """Refuse booleans beside numbers in one column: True may be the number 1, or a class of its own.

    Raises
    ------
    InputError
        It names the first boolean, and both readings.

    Examples
    --------
    >>> refuse_mixed(entries_of([0, 1, 2]))
    >>> refuse_mixed(entries_of([0, True, 2]))
    Traceback (most recent call last):
    derandkit.errors.InputError: the target in row 1 is True beside numbers: the number 1, or a class? targets are ...
    """
    if array.dtype.kind != "O":
        return
    for column in array.reshape(len(array), -1).T:
        kinds = [_kind(kind) for kind in map(type, column.tolist())]
        if {"truth", "number"} <= set(kinds):
            row = kinds.index("truth")
            value = bool(column[row])
            raise InputError(
                f"the target in row {row} is {value} beside numbers: the number {int(value)}, or a class? targets are "
                "of one kind, all numbers or all booleans (task='numbers' in Python takes booleans as numbers)"
            )


def class_entries(y: object) -> object:
    """Return targets of one kind as scikit-learn compares them: names of classes, numbers or booleans.

    Text is an array of text if a list holds it and it takes little memory, else objects. Numbers and booleans among
    objects become arrays of such. What has no entries, another shape or another kind stays, for scikit-learn to refuse.

    Raises
    ------
    InputError
        Entries are of two kinds.

    Examples
    --------
    >>> class_entries(["a", "bc"]), class_entries(np.array(["a", "bc"], dtype=object)), class_entries([1, 2])
    (array(['a', 'bc'], dtype='<U2'), array(['a', 'bc'], dtype=object), [1, 2])
    >>> class_entries([Decimal(1), Decimal("2.0")]), class_entries(np.array([True, False], dtype=object))
    (array([1, 2]), array([ True, False]))
    """
    if isinstance(y, np.ndarray) and y.dtype.kind != "O":
        return y
    try:
        array = entries_of(y)
    except InputError:  # rows of several lengths: said by scikit-learn
        return y
    if array.ndim not in (1, 2) or not array.size:
        return y
    refuse_mixed(array)
    if array.dtype.kind != "O":
        return y
    listed = array.ravel().tolist()
    kinds = {_kind(kind) for kind in set(map(type, listed))}
    if "text" in kinds:
        for column in array.reshape(len(array), -1).T:
            if is_text(column):
                refuse_beside_text(column.tolist())
        return _narrow(array) if type(y) in (list, tuple) and kinds == {"text"} else array
    if len(kinds) > 1 or "other" in kinds:
        return y
    if not hasattr(y, "dtype") and np.asarray(y).dtype.kind in "biuf":  # a list of numbers of NumPy
        return y
    if any(isinstance(entry, float) for entry in listed) and max(map(abs, listed)) > EXACT:
        return y
    found = np.array(listed)
    return found.reshape(array.shape) if found.dtype.kind in "biuf" else y


def refuse_beside_text(entries: Sequence[object], first: int = 0) -> None:
    """Refuse entries of another kind beside text; they are those of the rows from the first one on.

    Raises
    ------
    InputError
        It names the first one that is no text.

    Examples
    --------
    >>> refuse_beside_text(["a", "b"])
    >>> refuse_beside_text([1, "a"])
    Traceback (most recent call last):
    derandkit.errors.InputError: the target in row 0 is 1 beside text; classes are of one kind
    """
    for row, value in enumerate(entries, first):
        if isinstance(value, (bool, int, float)):
            raise InputError(f"the target in row {row} is {value!r:.40} beside text; classes are of one kind")
        if not isinstance(value, str):
            raise InputError(f"the target in row {row} is {value!r:.40}, which is neither a number nor text")


def _narrow(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return objects of text as an array of text, as scikit-learn makes it of lists, unless it loses or costs much."""
    names = set(array.ravel().tolist())
    longest = max(map(len, names))
    if 4 * longest * array.size > MOST_MEMORY or any("\0" in name for name in names):
        return array
    return array.astype(str)


def classes_and_codes(y: NDArray[np.generic]) -> tuple[NDArray[np.generic], IntArray]:
    """Return the classes of a classifier, of the type of the targets, and the place of each target among them.

    Raises
    ------
    InputError
        There are fewer than two, or no record can hold the name of one.

    Examples
    --------
    >>> classes_and_codes(np.array([3, 1, 3]))
    (array([1, 3]), array([1, 0, 1]))
    """
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        found = f"one class only, {quoted(classes.tolist()[0])}" if len(classes) else "no class"
        raise InputError(f"there is {found}; a classifier needs two")
    refuse_unwritable(classes.tolist(), "target")
    return classes, codes


def coded_entries(
    array: NDArray[np.generic] | Sequence[ClassName],
) -> tuple[FloatArray, tuple[ClassName, ...]]:
    """Return the places of targets among their classes, and the classes: text by its characters, numbers by size.

    Parameters
    ----------
    array : ndarray or sequence, shape (m,)
        Entries of one kind, as of `entries_of`.

    Raises
    ------
    InputError
        There are too many classes, or no record can hold the name of one.

    Examples
    --------
    >>> coded_entries(entries_of([Decimal(10), Decimal(9), Decimal(10)]))
    (array([1., 0., 1.]), (9, 10))
    """
    if isinstance(array, np.ndarray) and array.dtype.kind != "O":
        values, codes = np.unique(array, return_inverse=True)
        refuse_many(len(values))
        return codes.astype(np.float64), names_of(values.tolist())
    entries = array.tolist() if isinstance(array, np.ndarray) else array
    different = set(entries)
    refuse_many(len(different))
    names = sorted(different)
    refuse_unwritable(names, "target")
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[entry] for entry in entries], dtype=np.float64), tuple(names)


def refuse_many(count: int) -> None:
    """Refuse more classes than a network has outputs.

    Raises
    ------
    InputError
        It says how many there may be.
    """
    if count > MOST_OUTPUTS:
        raise InputError(f"{count} different targets are too many for classes; at most {MOST_OUTPUTS}")


def names_of(values: Sequence[object]) -> tuple[ClassName, ...]:
    """Return classes as a record names them; what is neither text nor a number by its text.

    Examples
    --------
    >>> names_of([1.0, np.float64(2.5), np.str_("a")])
    (1, 2.5, 'a')
    """
    found = [class_of(value) for value in values]
    return tuple(str(value) if kind == "other" else value for kind, value in found)  # type: ignore[misc]
