"""What a record of a trained network is checked against: its rows, and the network if it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.trained.classes import Labels
from derandkit.certificates.trained.figures import Given
from derandkit.certificates.work import refuse_beyond
from derandkit.errors import InputError
from derandkit.records import JsonMapping, decode_array
from derandkit.structure.intake.classes import names_of_classes
from derandkit.structure.intake.targets import under_loss
from derandkit.structure.trained.adapters import STATED, adapt, library_of
from derandkit.structure.trained.certify import check_fit, digest_of, refuse_probabilities
from derandkit.structure.trained.layers import may_be_probabilities
from derandkit.structure.trained.rows import (
    check_columns,
    classes_of,
    column_names,
    input_rows,
    loss_of,
    refuse_other_loss,
    rows_beside,
    targets_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derandkit.numerics.typing import FloatArray
    from derandkit.structure.intake.targets import Targets


#: The first version that says whether outputs are logits, and what is said of older ones.
SAYS_LOGITS = 4
UNSAID = (
    "all outputs may be probabilities (or logarithms of them), or logits, and this version does not say which: certify "
    "the network again"
)
#: Rows times the square of the units of a layer that only the record knows: some ten seconds of derivatives.
MOST_WORK = 3e7


def instance_of(instance: object, record: JsonMapping) -> tuple[tuple[FloatArray, FloatArray], Labels]:
    """Return what a record is to be checked against: rows with targets as its loss takes them, and their classes.

    Parameters
    ----------
    instance : tuple
        ``(X, y)``, ``(X, y, model)``, or of a plain function ``(X, y, f, W, b)``.
    record : mapping
        The record.

    Returns
    -------
    rows : tuple of ndarray
        Inputs and targets.
    labels : Labels
        The classes of the rows, and those that the network states.

    Raises
    ------
    InputError
        If the instance is something else, or cannot be used.
    """
    if not (isinstance(instance, (tuple, list)) and len(instance) in (2, 3, 5)):
        raise InputError(
            "a network record is checked against its rows (X, y), its rows and the network (X, y, model), or of a "
            f"plain function (X, y, f, W, b), got {type(instance).__name__}"
        )
    table, _ = rows_beside(instance[0], instance[1])
    loss = record.get("loss")
    model = instance[2] if len(instance) == 3 else None
    if (
        loss_of(model) != loss
    ):  # its classes count only under its own loss: of another one the record does not hold
        model = None
    target = _targets(model, instance, record, table)
    names, stated = target.classes, classes_of(model, loss)
    labels = Labels(
        None if names is None else [names[place] for place in target.values.astype(np.int64).tolist()],
        None if stated is None else names_of_classes(stated),
        len(instance) > 2,
    )
    return (table, under_loss(target, loss)), labels


def _targets(model: object, instance: Sequence[object], record: JsonMapping, table: FloatArray) -> Targets:
    """Return the targets of an instance: by the classes that its network states, else by their own.

    Only without a network, which may state classes that these rows lack, those of the record are taken. Two columns
    with a single 1 in each row are two classes where no loss was named, and two answers under the logistic one: the
    digest says which of them a record is about.
    """
    y, loss = instance[1], record.get("loss")
    found = targets_of(model, y, loss, record.get("classes") if len(instance) == 2 else None)
    if loss == "logistic" and found.values.ndim == 2:
        other = targets_of(None, y, None)
        if other.classes == (0, 1) and digest_of(table, other.values) == record.get("digest"):
            return other
    return found


def names_of(instance: object) -> tuple[str, ...] | None:
    """Return the names of the columns of an instance, None where they have none."""
    return column_names(instance[0]) if isinstance(instance, (tuple, list)) else None


def network_of(
    instance: object, record: JsonMapping, targets: FloatArray, allow_work: float = 1.0
) -> Callable[[], Given] | None:
    """Return a function that reads the network of an instance; None without a network.

    The first layer is that of the instance. Only a plain function without one is put above that of the record, and then
    `Given.own_layer` is false, and the record says how many units there are to differentiate: work beyond `MOST_WORK`
    times `allow_work` is refused.
    """
    if not (isinstance(instance, (tuple, list)) and len(instance) in (3, 5)):
        return None
    X, y, model = instance[:3]

    def network() -> Given:
        own = len(instance) == 5 or library_of(model) is not None
        weights, bias = instance[3:] if len(instance) == 5 else (None, None)
        if not own:
            weights, bias = (decode_array(record["parameters"][name]) for name in ("W", "b"))
            work = len(y) * float(len(bias)) ** 2
            refuse_beyond(work, MOST_WORK, "a function above the record's own layer", allow_work)
        table, shape = input_rows(X)
        check_columns(model, X)
        if len(instance) == 3:
            refuse_other_loss(model, record["loss"])
        found = adapt(model, weights, bias, shape, record["loss"], table)
        check_fit(found, table, targets)
        old, probable = record["schema_version"] < SAYS_LOGITS, ""
        if not (old or record["logits"]):
            refuse_probabilities(model, found, table, record["loss"])
        elif library_of(model) not in STATED:
            probable = may_be_probabilities(found.outputs, table, record["loss"])
        return Given(
            found.kind,
            found.smooth,
            found.W,
            found.b,
            found.places,
            found.windows,
            found.kernel,
            own,
            lambda X, y, mix: found.derivatives(X, y, record["loss"], mix),
            UNSAID if old and probable else "",
            probable,
        )

    return network
