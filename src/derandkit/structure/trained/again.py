"""What a record of a trained network is checked against: its rows, and the network if it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.certificates.trained.figures import Given
from derandkit.certificates.work import refuse_beyond
from derandkit.errors import InputError
from derandkit.records import JsonMapping, decode_array
from derandkit.structure.intake.classes import coded, names_of_classes
from derandkit.structure.intake.targets import under_loss
from derandkit.structure.trained.adapters import STATED, adapt, library_of
from derandkit.structure.trained.certify import check_fit, refuse_probabilities
from derandkit.structure.trained.layers import may_be_probabilities
from derandkit.structure.trained.rows import (
    check_columns,
    classes_of,
    column_names,
    input_rows,
    joined,
    loss_of,
    refuse_other_loss,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray


#: The first version that says whether outputs are logits, and what is said of older ones.
SAYS_LOGITS = 4
UNSAID = (
    "all outputs may be probabilities (or logarithms of them), or logits, and this version does not say which: certify "
    "the network again"
)
#: Rows times the square of the units of a layer that only the record knows: some ten seconds of derivatives.
MOST_WORK = 3e7


def rows_of(instance: object, record: JsonMapping) -> tuple[FloatArray, FloatArray]:
    """Return rows and targets that a record is to be checked against, as its loss takes them.

    Parameters
    ----------
    instance : tuple
        ``(X, y)``, ``(X, y, model)``, or of a plain function ``(X, y, f, W, b)``.
    record : mapping
        The record.

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
    loss, model = record.get("loss"), instance[2] if len(instance) == 3 else None
    # beside a network of another loss the record does not hold, see `network_of`
    stated = model if loss_of(model) == loss else None
    table, _, target = joined(stated, instance[0], instance[1], loss)
    classes = record.get("classes")
    if model is None and isinstance(classes, list) and classes and loss in ("logistic", "softmax"):
        target = coded(instance[1], classes)
    return table, under_loss(target, loss)


def names_of(instance: object) -> tuple[str, ...] | None:
    """Return the names of the columns of an instance, None where they have none."""
    return column_names(instance[0]) if isinstance(instance, (tuple, list)) else None


def network_of(instance: object, record: JsonMapping, allow_work: float = 1.0) -> Callable[[], Given] | None:
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
            refuse_other_classes(model, record)
        found = adapt(model, weights, bias, shape, record["loss"], table)
        check_fit(found, table, rows_of(instance, record)[1])
        old = record["schema_version"] < SAYS_LOGITS
        if not (old or record["logits"]):
            refuse_probabilities(model, found, table, record["loss"])
        doubted = old and library_of(model) not in STATED
        unsaid = doubted and may_be_probabilities(found.outputs, table, record["loss"]) != ""
        return Given(
            found.kind,
            found.smooth,
            found.W,
            found.b,
            found.places,
            found.windows,
            own,
            lambda X, y, mix: found.derivatives(X, y, record["loss"], mix),
            UNSAID if unsaid else "",
        )

    return network


def refuse_other_classes(model: object, record: JsonMapping) -> None:
    """Refuse a network that states other classes than a record, or in another order.

    Raises
    ------
    InputError
        They differ.
    """
    claimed, own = record.get("classes"), classes_of(model, record["loss"])
    if claimed is not None and (own is None or [*map(repr, claimed)] != [*map(repr, names_of_classes(own))]):
        raise InputError("the record names other classes than the network states")
