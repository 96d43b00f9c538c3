"""What targets are: numbers, two classes, or several classes, recognised from their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import refuse_lost, refuse_masked
from derandkit.missing import in_name
from derandkit.options import check_choice
from derandkit.points.columns import refuse_unwritable
from derandkit.points.frames import plain_array
from derandkit.points.suspects.codes import missing_codes
from derandkit.points.suspects.columns import missing_mark
from derandkit.structure.intake.names import (
    MOST_OUTPUTS,
    ClassName,
    coded_entries,
    entries_of,
    is_text,
    refuse_beside_text,
    refuse_mixed,
)
from derandkit.structure.intake.words import MOST_CLASSES, ROWS_A_CLASS, check_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.numerics.typing import FloatArray

#: What targets stand for.
Task: TypeAlias = Literal["numbers", "classes"]
TASKS: tuple[Task, ...] = ("numbers", "classes")

#: Larger numbers are refused: their squares, and losses of them, are beyond the range of numbers.
LARGEST = 1e150


class Targets(NamedTuple):
    """Targets with what they stand for.

    Parameters
    ----------
    values : ndarray, shape (m,) or (m, k)
        Numbers, or for classes their positions in `classes`.
    classes : tuple or None
        The classes, sorted; None for numbers, and for the numbers 0 and 1, which are two classes as they are.
    """

    values: FloatArray
    classes: tuple[ClassName, ...] | None


def read_targets(y: object, task: Task | None = None) -> Targets:
    """Recognise targets.

    Parameters
    ----------
    y : array_like, shape (m,), (m, 1) or (m, k)
        Numbers, or names of classes. Rows with a single 1 among zeros (one-hot) stand for classes as well.
    task : {"numbers", "classes"}, optional
        What they stand for. By default text stands for classes, and so do the whole numbers from 0 or 1 up to at most
        20, if there are three or more of them and each has at least five rows; everything else is numbers. Text that
        may be numbers (``"3,5"``, ``"10.5 kg"``, ``"four"``) is refused, unless "classes" says that it is none; whole
        numbers with a unit (``"12 kg"``) are classes if there are at most 20 and each has at least five rows. Booleans
        are the classes False and True, as in a file, and 0 and 1 as numbers.

    Raises
    ------
    InputError
        If they are neither numbers nor classes, not finite, or have another shape; or a number is a mark for missing
        ones (-999) far away from all others, or a code for such beside classes (99 beside 1 to 5).

    Examples
    --------
    >>> read_targets(["yes", "no", "yes"])
    Targets(values=array([1., 0., 1.]), classes=('no', 'yes'))
    >>> read_targets([0.5, 1.5]).classes is None
    True
    """
    if task is not None:
        task = check_choice("task", task, TASKS)
    array = entries_of(y)
    y = array if is_text(array) else plain_array(y)
    if array.dtype.kind == "c":
        raise InputError("the targets must be numbers or classes, got complex ones")
    if array.ndim == 2 and array.shape[1] == 1:
        array = np.ascontiguousarray(array[:, 0])
    if array.ndim not in (1, 2) or 0 in array.shape:
        raise InputError(f"the targets must have shape (rows,) or (rows, outputs), got {array.shape}")
    if array.dtype.kind in "mM":  # numbers of nanoseconds would pass for numbers
        raise InputError(f"the target in row 0 is {array.ravel()[0]}, which is neither a number nor text")
    if (
        task != "classes" or array.dtype.kind == "f"
    ):  # large whole numbers of a list may have become one class
        refuse_lost(y, "the targets", text=False)
    if task != "numbers":
        refuse_mixed(array)
        if (named := _booleans(array)) is not None:
            return Targets(*coded_entries(named))
    numeric = _numeric(array)
    if numeric is None:
        if task == "numbers":
            raise InputError("the targets must be numbers, got text")
        if array.ndim == 2:
            raise InputError("several columns of targets must be numbers")
        names = [_text(value, row) for row, value in enumerate(array.tolist())]
        refuse_unwritable(dict.fromkeys(names), "target")
        if task is None:
            check_words(names)
        return Targets(*coded_entries(names))
    _check_finite(numeric)
    if numeric.ndim == 2:
        if numeric.shape[1] > MOST_OUTPUTS:
            raise InputError(f"{numeric.shape[1]} columns of targets are more than {MOST_OUTPUTS}")
        if task != "numbers" and _one_hot(numeric):
            return Targets(numeric.argmax(axis=1).astype(np.float64), tuple(range(numeric.shape[1])))
        if task == "classes":
            raise InputError(
                "several columns of targets are classes only with a single 1 among zeros in every row"
            )
        return Targets(numeric, None)
    if task != "classes" and (fill := missing_mark(numeric)) is not None:
        shown = repr(fill).removesuffix(".0")
        raise InputError(
            f"the target in row {int(np.argmax(numeric == fill))} is {shown}, which often stands for a missing "
            "number, far away from all others: leave such rows out, or add a constant to all targets if it is a value"
        )
    if task is None:
        _refuse_coded_classes(numeric)
    if task == "numbers" or two_classes(numeric):
        return Targets(numeric, None)
    if task == "classes":
        return Targets(*coded_entries(array))
    return Targets(*coded_entries(array)) if _counting(numeric) else Targets(numeric, None)


def refuse_missing_classes(y: object) -> None:
    """Refuse classes of which one is missing, before they are compared: None and NA have no order.

    Raises
    ------
    InputError
        It names the row.

    Examples
    --------
    >>> refuse_missing_classes(["a", None])
    Traceback (most recent call last):
    derandkit.errors.InputError: the target in row 1 is None, which is a missing value; leave the row out
    """
    refuse_masked(y)
    if getattr(y, "dtype", None) is not None and getattr(y.dtype, "kind", "O") in "biufcSU":  # type: ignore[attr-defined]
        return
    try:
        entries = np.asarray(y, dtype=object).ravel().tolist()
    except (TypeError, ValueError):
        return  # ragged: said where they are read
    for row, value in enumerate(entries):
        if value is None or type(value).__name__ in ("NAType", "NaTType"):
            raise InputError(
                f"the target in row {row} is {value}, which is a missing value; leave the row out"
            )


def one_hot(codes: FloatArray, count: int) -> FloatArray:
    """Return rows with a single 1, at the position of the class.

    Examples
    --------
    >>> one_hot(np.array([1.0, 0.0]), 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return np.asarray(np.eye(count)[codes.astype(np.int64)])


def under_loss(target: Targets, loss: object) -> FloatArray:
    """Return targets as a loss takes them: under softmax a single 1 in every row, also for classes 0 and 1.

    Examples
    --------
    >>> under_loss(read_targets([0, 1], "classes"), "softmax").tolist(), under_loss(read_targets([0, 1]), "logistic")
    ([[1.0, 0.0], [0.0, 1.0]], array([0., 1.]))
    """
    if loss != "softmax":
        return target.values
    return one_hot(target.values, 2 if target.classes is None else len(target.classes))


def meaning(
    outputs: FloatArray, loss: str, shift: FloatArray | float, unit: FloatArray | float
) -> FloatArray:
    """Return what outputs of a network mean: numbers in units of the targets, or probabilities of the classes.

    Parameters
    ----------
    outputs : ndarray, shape (m,) or (m, k)
        Outputs.
    loss : str
        What they were trained with.
    shift, unit : float or ndarray, shape (k,)
        Mean and scale of numbers.

    Returns
    -------
    ndarray, shape (m,) or (m, k) for numbers, (m, number of classes) for classes

    Examples
    --------
    >>> meaning(np.array([0.0]), "logistic", 0.0, 1.0).tolist(), meaning(np.ones(1), "squared", 5.0, 2.0).tolist()
    ([[0.5, 0.5]], [7.0])
    """
    if loss == "logistic":
        # exp of a negative number only, which cannot overflow
        small = np.exp(-np.abs(outputs))
        second = np.where(outputs >= 0, 1.0, small) / (1.0 + small)
        return np.column_stack((1.0 - second, second))
    if loss == "softmax":
        shares = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))
    return np.asarray(outputs * unit + shift)


def two_classes(y: FloatArray) -> bool:
    """Return whether targets are 0 and 1, and both occur: two classes, for the logistic loss.

    Examples
    --------
    >>> two_classes(np.array([0.0, 1.0, 1.0])), two_classes(np.array([0.0, 1.0, 2.0])), two_classes(np.ones(3))
    (True, False, False)
    """
    return bool(y.ndim == 1 and np.isin(y, (0.0, 1.0)).all() and (y == 0).any() and (y == 1).any())


def are_probabilities(y: FloatArray, loss: object) -> bool:
    """Return whether a loss reads targets as probabilities: the logistic one, of numbers that are not all 0 or 1.

    Examples
    --------
    >>> are_probabilities(np.array([0.0, 0.3]), "logistic"), are_probabilities(np.array([0.0, 1.0]), "logistic")
    (True, False)
    """
    return loss == "logistic" and bool(np.any((y > 0.0) & (y < 1.0)))


def task_of(loss: object) -> Task | None:
    """Return what targets stand for under a loss: None leaves it to their values."""
    return None if loss is None or loss == "logistic" else "classes" if loss == "softmax" else "numbers"


def standardised(loss: object) -> bool | None:
    """Return whether numbers are scaled under a loss: None leaves it to their values."""
    return None if loss is None else loss != "logistic"


def _numeric(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> FloatArray | None:
    """Return numbers as such; None for text, which is not read as numbers even where it could be."""
    if array.dtype.kind in "biuf":
        return np.array(array, dtype=np.float64, order="C")
    if array.dtype.kind == "O" and not is_text(array):
        try:
            return np.array(array, dtype=np.float64, order="C")
        except (TypeError, ValueError):
            return None
        except OverflowError:
            raise InputError("a target is too large for float64; change its unit") from None
    return None


def _booleans(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> list[str] | None:
    """Return booleans as the classes that they are in a file, False and True; None where not both of them occur."""
    if array.ndim != 1 or array.dtype.kind not in "bO":
        return None
    if not all(isinstance(value, (bool, np.bool_)) for value in array.tolist()):
        return None
    truth = array.astype(np.bool_)
    return [*map(str, truth.tolist())] if truth.any() and not truth.all() else None


def _text(value: object, row: int) -> str:
    if value is None or (isinstance(value, float) and value != value) or in_name(str(value), marks=False):
        raise InputError(
            f"the target in row {row} is {str(value)!r}, which is a missing value or a class of that name; leave the "
            "row out, or rename the class"
        )
    refuse_beside_text([value], row)
    assert isinstance(value, str)
    return value


def _check_finite(y: FloatArray) -> None:
    bad = ~np.isfinite(y)
    if not bad.any() and np.abs(y).max() > LARGEST:
        at = np.unravel_index(int(np.argmax(np.abs(y))), y.shape)
        raise InputError(f"the target in {_where(at)} is beyond {LARGEST:g}; change its unit")
    if bad.any():
        at = tuple(np.argwhere(bad)[0])
        raise InputError(f"the target in {_where(at)} is {y[at]}; targets are finite")


def _where(at: Sequence[np.integer[Any]]) -> str:
    return f"row {at[0]}" + (f", column {at[1]}" if len(at) > 1 else "")


def _refuse_coded_classes(y: FloatArray) -> None:
    """Refuse numbers that are classes but for a few, which are codes for missing answers."""
    coded = missing_codes(y)
    if coded is None:
        return
    found = np.isin(y, coded.codes)
    if two_classes(y[~found]) or _counting(y[~found]):
        codes = " and ".join(f"{code:.0f}" for code in coded.codes)
        raise InputError(
            f"the target in row {int(np.argmax(found))} is {y[found][0]:.0f}: {codes} beside the classes "
            f"{coded.low:.0f} to {coded.high:.0f} may stand for missing ones, or be numbers or a class; leave such "
            "rows out, or say task='numbers' or 'classes' (the loss squared or softmax of derandkit structure)"
        )


def _one_hot(y: FloatArray) -> bool:
    return bool(np.isin(y, (0.0, 1.0)).all() and (y.sum(axis=1) == 1.0).all() and (y.sum(axis=0) > 0).all())


def _counting(y: FloatArray) -> bool:
    """Return whether targets are whole numbers from 0 or 1 on, few of them, and each of several rows."""
    values, counts = np.unique(y, return_counts=True)
    return bool(
        3 <= values.size <= MOST_CLASSES
        and values[0] in (0.0, 1.0)
        and np.array_equal(values, values[0] + np.arange(values.size))
        and counts.min() >= ROWS_A_CLASS
    )
