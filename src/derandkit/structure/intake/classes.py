"""Targets of a classifier that was fitted before: its own classes decide which output each target belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.points.frames import all_names
from derandkit.structure.intake.names import KINDS, ClassName, class_of, entries_of, names_of
from derandkit.structure.intake.targets import Targets, refuse_missing_classes
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Classes that a message names.
_SHOWN = 5


def coded(y: object, classes: Sequence[object] | NDArray[np.generic]) -> Targets:
    """Return targets as positions among the classes of a model.

    Numbers are compared by value (1 and 1.0 are one class), text with text, booleans with booleans. Where the classes
    of a model are 0 and 1, or False and True, these pairs are the same.

    Parameters
    ----------
    y : array_like, shape (m,) or (m, 1), or (m, k) with a single 1 among zeros in each row
        Targets; k columns stand for the k classes in their order.
    classes : sequence
        The classes of the model, in the order of its outputs.

    Raises
    ------
    InputError
        A target is no class of the model, or is of another kind than its classes.

    Examples
    --------
    >>> coded(["c", "b"], ["a", "b", "c"]).values.tolist(), coded([1.0, 2.0], [1, 2]).values.tolist()
    ([2.0, 1.0], [0.0, 1.0])
    >>> coded([0, 1], [1, 2])
    Traceback (most recent call last):
    derandkit.errors.InputError: the target in row 0 is 0, which is no class of the model; its classes are 1, 2
    """
    known = [class_of(value) for value in _listed(classes)]
    names = names_of_classes(classes)
    array = entries_of(y)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2:
        return Targets(_columns(y, array, names), names)
    if array.ndim != 1 or not array.size:
        raise InputError(f"the targets must have shape (rows,) or (rows, classes), got {array.shape}")
    refuse_missing_classes(array)
    shown = f"its classes are {', '.join(quoted(value) for _, value in known[:_SHOWN])}" + (
        ", ..." if len(known) > _SHOWN else ""
    )
    truths = {"truth", "number"} if [value for _, value in known] == [0, 1] else set()
    places = {value: place for place, (_, value) in enumerate(known)}
    kinds = {kind for kind, _ in known}
    allowed = kinds | (truths if kinds <= truths else set())
    codes = np.empty(len(array))
    for row, entry in enumerate(array.tolist()):
        kind, value = class_of(entry)
        if kind not in allowed:
            raise InputError(
                f"the target in row {row} is {quoted(value)}, {KINDS.get(kind, 'neither a number nor text')}, and the "
                f"classes of the model are {' and '.join(sorted(KINDS.get(k, k) for k in kinds))}: give the targets "
                f"as the model was fitted with them; {shown}"
            )
        if value not in places:
            raise InputError(
                f"the target in row {row} is {quoted(value)}, which is no class of the model; {shown}"
            )
        codes[row] = places[value]
    return Targets(codes, names)


def names_of_classes(classes: Sequence[object] | NDArray[np.generic]) -> tuple[ClassName, ...]:
    """Return classes as a record names them.

    Examples
    --------
    >>> names_of_classes(np.array([1.0, 2.5]))
    (1, 2.5)
    """
    return names_of(_listed(classes))


def _listed(classes: Sequence[object] | NDArray[np.generic]) -> Sequence[object]:
    return classes.tolist() if isinstance(classes, np.ndarray) else classes


def _columns(y: object, array: NDArray[np.generic], names: tuple[ClassName, ...]) -> NDArray[np.float64]:
    """Return the positions of the ones in rows that have one column for each class."""
    one = array.dtype.kind in "biuf" and array.shape[1] == len(names) and bool(np.isin(array, (0, 1)).all())
    if not (one and array.size and (array.astype(np.float64).sum(axis=1) == 1.0).all()):
        raise InputError(
            f"the model has the classes of one column of targets, {len(names)} of them, and the targets have shape "
            f"{array.shape}: give the classes, or one column for each of them with a single 1 among zeros in every row"
        )
    called = all_names(y)
    if called is not None and called not in (tuple(map(str, names)), tuple(map(str, range(len(names))))):
        raise InputError(
            f"the columns of the targets are called {', '.join(called[:_SHOWN])[:100]}, and the classes of the model "
            f"{', '.join(map(str, names[:_SHOWN]))[:100]}: give the classes themselves, in one column"
        )
    return np.asarray(array.argmax(axis=1), dtype=np.float64)
