"""What a network is certified on: rows, targets as the network takes them, the loss, and directions."""

from __future__ import annotations

import math
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import refuse_lost, unmasked
from derandkit.given.rows import texts_of
from derandkit.points.columns import refuse_unwritable
from derandkit.points.frames import (
    Look,
    all_names,
    check_frame,
    check_names,
    plain_array,
    refuse_numbers_of_rows,
)
from derandkit.points.objects import check_index_of_rows
from derandkit.structure.choices import LOSSES, OF_CLASSES
from derandkit.structure.intake.classes import coded
from derandkit.structure.intake.inputs import input_table, refuse_target_among
from derandkit.structure.intake.names import entries_of
from derandkit.structure.intake.targets import Targets, read_targets, task_of
from derandkit.structure.trained.adapters import STATED, library_of
from derandkit.structure.trained.stacks import other_loss, own_loss
from derandkit.structure.trained.variation import span_along
from derandkit.structure.training.losses import Jax
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray
    from derandkit.structure.choices import Loss
    from derandkit.structure.intake.names import ClassName

#: What a record names classes by.
NAMES = (str, int, float, bool)


class Rows(NamedTuple):
    """Rows with their targets.

    Parameters
    ----------
    table : ndarray, shape (m, D)
        Inputs.
    shape : tuple of int
        Shape of one of them, as the network takes it.
    target : Targets
        Targets; of a fitted classifier positions among its own classes.
    loss : str
        The loss: the one that is given, that of the network, or what suits the targets.
    classes : tuple or None
        The classes, in the order of the outputs: those that the network states, or of the targets; None of numbers.
    """

    table: FloatArray
    shape: tuple[int, ...]
    target: Targets
    loss: Loss
    classes: tuple[ClassName, ...] | None


def read_rows(model: object, X: object, y: object, loss: Loss | None) -> Rows:
    """Read rows and targets of a network.

    Parameters
    ----------
    model : object
        The network; None where what is given is only a function above its first layer.
    X, y, loss : object
        As in `derandkit.certify_network`.

    Raises
    ------
    InputError
        They cannot be used, a target is no class of the network, or the loss is not that of its fit.

    Examples
    --------
    >>> read_rows(None, [[0.5], [1.5]], ["a", "b"], None).loss
    'logistic'
    """
    refuse_other_loss(model, loss)
    look = Look.at(X)
    if not _fitted_with(model, X, look):
        refuse_doubts(X, y, look)
    own = loss if loss is not None else loss_of(model)
    if own is None and library_of(model) == "Keras" and (other := other_loss(model)):
        raise InputError(
            f"the model was compiled with {other}, which derandkit does not know; pass the one of "
            f"{', '.join(LOSSES)} that it was trained with as loss="
        )
    table, shape = rows_beside(X, y, look)
    target = targets_of(model, y, own)
    refuse_unwritable(target.classes or (), "target")
    return Rows(table, shape, target, _suiting(target) if own is None else own, target.classes)


def rows_beside(X: object, y: object, look: Look | None = None) -> tuple[FloatArray, tuple[int, ...]]:
    """Return rows that have targets, and the shape of one of them; `look` is what a look at X found already.

    Raises
    ------
    InputError
        They cannot be used, or labels of the rows and of the targets disagree.
    """
    look = Look.at(X) if look is None else look
    check_names(X, None, "the network", look)  # numbers in another order
    check_index_of_rows(X, y=y)
    return input_rows(X, look)


def classes_of(model: Jax, loss: object) -> NDArray[np.generic] | None:
    """Return the classes that a fitted classifier states, one for each output, or two; None where it states none."""
    classes = getattr(model, "classes_", None) if library_of(model) == "scikit-learn" else None
    if classes is None or (loss == "logistic" and len(model.intercepts_[-1]) > 1):
        return None  # of several answers of yes or no any may be both
    return np.asarray(classes) if loss in OF_CLASSES else None


def refuse_doubts(X: object, y: object, look: Look) -> None:
    """Refuse rows with columns that may be no inputs, as `derandkit.RegressionData` does.

    A network that was fitted with the names of such columns takes them as inputs, so they are not refused.

    Raises
    ------
    InputError
        A column may number or name the rows, is certainly not a measurement, or is the target.
    """
    refuse_target_among(X, y)
    if look.found is not None and look.names is not None:
        check_frame(look.found, beside_target=True)
    refuse_numbers_of_rows(X, "pass frame.to_numpy()")


def _fitted_with(model: object, X: object, look: Look) -> bool:
    """Whether a network was fitted with columns of these names."""
    fitted = getattr(model, "feature_names_in_", None)
    return fitted is not None and texts_of(fitted) == column_names(X, look)


def loss_of(model: Jax) -> Loss | None:
    """Return the loss that a network states it was fitted with; None for one that states none."""
    library = library_of(model)
    return own_loss(model, library) if library in STATED else None


def refuse_other_loss(model: object, loss: object) -> None:
    """Refuse a loss that is not the one that a network was fitted with.

    Raises
    ------
    InputError
        It names both.

    Examples
    --------
    >>> refuse_other_loss(object(), "squared")
    """
    own = loss_of(model)
    if loss is not None and own not in (None, loss):
        raise InputError(
            f"{type(model).__name__:.60} was fitted with the loss {own!r}, not {loss!r}: leave loss out"
        )


def targets_of(model: object, y: object, loss: object, claimed: object = None) -> Targets:
    """Return targets as a network under a loss takes them: classes by those that it states, if it states some.

    Under the logistic loss several columns are several answers of yes or no, also where each row has a single 1.

    Parameters
    ----------
    model, y, loss : object
        As in `read_rows`; the loss None leaves it to the values what the targets stand for.
    claimed : object
        Classes of a record, for targets without their network, of which some classes may be absent. They count under
        the losses of classes where the targets have others, or leave it open what they stand for.

    Raises
    ------
    InputError
        They cannot be used; or they name one class, and the network states none.

    Examples
    --------
    >>> targets_of(None, ["yes", "no"], "logistic")
    Targets(values=array([1., 0.]), classes=('no', 'yes'))
    >>> targets_of(None, ["yes", "yes"], "logistic", ["no", "yes"]).values.tolist()
    [1.0, 1.0]
    >>> targets_of(None, ["yes", "yes"], "logistic")
    Traceback (most recent call last):
    derandkit.errors.InputError: all targets are the class 'yes', and the network does not state which output ...
    >>> targets_of(None, np.eye(2), "logistic").values.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    classes = classes_of(model, loss)
    if classes is not None:
        return coded(y, classes)
    if loss in OF_CLASSES and _names_classes(claimed):
        with suppress(InputError):
            found = targets_of(None, y, loss)
            if [*map(repr, found.classes or ())] == [*map(repr, claimed)]:
                return found
        return coded(y, claimed)
    found = read_targets(y, "numbers" if loss == "logistic" and _has_columns(y) else task_of(loss))
    if found.classes is not None and len(found.classes) == 1:
        raise InputError(
            f"all targets are the class {quoted(found.classes[0])}, and the network does not state which output it "
            "has: give rows of all classes"
            + ("" if loss == "softmax" else ", or 0 and 1 as targets, of which 1 is the class of the output")
        )
    return found


def _names_classes(claimed: object) -> TypeGuard[list[object]]:
    return isinstance(claimed, list) and bool(claimed) and all(isinstance(name, NAMES) for name in claimed)


def _has_columns(y: object) -> bool:
    """Whether targets are a table of several columns."""
    array = entries_of(y)
    return array.ndim == 2 and array.shape[1] > 1


def _suiting(target: Targets) -> Loss:
    values = target.values
    if target.classes is not None:
        return "softmax" if values.max() > 1 else "logistic"
    return "logistic" if values.ndim == 1 and np.isin(values, (0.0, 1.0)).all() else "squared"


def check_columns(model: object, X: object) -> None:
    """Refuse a table whose columns are called otherwise than those that a model of scikit-learn was fitted with.

    Raises
    ------
    InputError
        Their names or their order differ.

    Examples
    --------
    >>> check_columns(object(), [[0.5, 1.0]])
    """
    names, fitted = column_names(X), getattr(model, "feature_names_in_", None)
    if names is None or fitted is None or texts_of(fitted) == names:
        return
    if sorted(texts_of(fitted)) == sorted(names):
        raise InputError(
            "the columns stand in another order than those that the network was fitted with; pass "
            "X[model.feature_names_in_]"
        )
    own = texts_of(fitted)
    here, known = Counter(names), Counter(own)
    other = next((name for name in names if name not in known), None)
    twice = next((name for name in names if here[name] > known[name]), None)
    if other is None and twice is not None:
        raise InputError(
            f"the rows have {here[twice]} columns {twice!r:.60}, and the network was fitted with {known[twice]}; leave "
            "the others out"
        )
    what = (
        f"was not fitted with a column {other!r:.60}" if other is not None else "was fitted with more columns"
    )
    raise InputError(f"the network {what}; pass X[model.feature_names_in_]")


def column_names(X: object, look: Look | None = None) -> tuple[str, ...] | None:
    """Return the names of the columns of a table, of a frame also those that only count them; None without any."""
    found = (Look.at(X) if look is None else look).found
    names = all_names(X) if found is None or found.names is None else found.names
    refuse_unwritable(names or (), "column")
    return names


def input_rows(X: object, look: Look | None = None) -> tuple[FloatArray, tuple[int, ...]]:
    """Return inputs of any shape as a table with one row for each, and the shape of one.

    Examples
    --------
    >>> table, shape = input_rows(np.zeros((5, 2, 3)))
    >>> table.shape, shape
    ((5, 6), (2, 3))
    """
    found = (Look.at(X) if look is None else look).found
    if found is not None:
        table = input_table(found.table)
        return table, table.shape[1:]
    X = plain_array(X)
    refuse_lost(X, "the inputs")
    array = unmasked(X, "the inputs")
    table = input_table(array.reshape(len(array), math.prod(array.shape[1:])) if array.ndim > 2 else array)
    return table, array.shape[1:]


def given_directions(
    directions: object, names: tuple[str, ...] | None, scale: FloatArray, root: FloatArray, rank: object
) -> tuple[FloatArray, FloatArray]:
    """Return given directions as orthonormal rows for inputs of variance 1, and as weights of the columns.

    Parameters
    ----------
    directions : array_like, shape (q, d)
        The directions.
    names : tuple of str or None
        Names of the columns of the rows, or of those that the network was fitted with.
    scale, root : ndarray
        As in `derandkit.structure.trained.variation.covariance_root`.
    rank : object
        What the caller says of their number; None, or it is refused.

    Raises
    ------
    InputError
        They cannot be used, or their columns are called otherwise, or stand in another order.
    """
    if rank is not None:
        raise InputError("directions say how many there are; rank is for directions that are found")
    _check_names_of(directions, names)
    rows = input_table(directions, "directions")
    if rows.shape[1] != len(scale):
        raise InputError(f"directions have {rows.shape[1]} weights, and the rows {len(scale)} columns")
    return span_along(rows * scale, root), rows


def _check_names_of(directions: object, names: tuple[str, ...] | None) -> None:
    """Refuse directions with names of columns that are not those of the rows, in their order."""
    look = Look.at(directions)
    if names is None:
        check_names(directions, None, "the rows", look)  # numbers in another order
    found = look.found
    own = None if found is None else found.names
    numbers = _counts(names or ())
    if own is None or names is None or own == names or (numbers and sorted(own) != sorted(names)):
        return
    if sorted(own) == sorted(names):
        raise InputError(
            "the columns of the directions stand in another order than those of the rows; pass directions[X.columns], "
            "or directions.to_numpy() to take them by position"
        )
    other = next((name for name in own if name not in names), None)
    what = (
        "lack columns of the rows"
        if other is None
        else f"have a column {other!r:.60}, that the rows do not have"
    )
    raise InputError(
        f"the directions {what}; pass directions with the columns of X, or directions.to_numpy()"
    )


def _counts(names: tuple[str, ...]) -> bool:
    """Whether columns are only numbered."""
    return names == tuple(map(str, range(len(names))))
