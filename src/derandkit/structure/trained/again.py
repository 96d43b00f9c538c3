"""What a record of a trained network is checked against: its rows, and the network if it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.errors import InputError
from derandkit.records import JsonMapping, decode_array
from derandkit.structure.data import input_table
from derandkit.structure.intake.targets import one_hot, read_targets
from derandkit.structure.trained.certify import certify_network, task_under

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray


def rows_of(instance: object, record: JsonMapping) -> tuple[FloatArray, FloatArray]:
    """Return rows and targets that a record is to be checked against, as its loss takes them.

    Parameters
    ----------
    instance : tuple
        ``(X, y)``, or ``(X, y, model)``.
    record : mapping
        The record.

    Raises
    ------
    InputError
        If the instance is something else, or cannot be used.
    """
    if not (isinstance(instance, (tuple, list)) and len(instance) in (2, 3)):
        raise InputError(
            "a network record is checked against its rows (X, y), or its rows and the network (X, y, model), got "
            f"{type(instance).__name__}"
        )
    loss = record.get("loss")
    target = read_targets(instance[1], task_under(loss))
    softmax = loss == "softmax" and target.classes is not None
    values = one_hot(target.values, len(target.classes or ())) if softmax else target.values
    return input_table(instance[0]), values


def certified_again(instance: object, record: JsonMapping) -> Callable[[], JsonMapping] | None:
    """Return a function that certifies the network of an instance as the record says; None without a network."""
    if not (isinstance(instance, (tuple, list)) and len(instance) == 3):
        return None
    X, y, model = instance

    def again() -> JsonMapping:
        arrays = {name: decode_array(record["parameters"][name]) for name in ("W", "b", "directions")}
        plain = record["kind"] == "a JAX function of the user"
        return certify_network(
            model,
            X,
            y,
            loss=record["loss"],
            penalty=record["penalty"],
            directions=arrays["directions"],
            weights=arrays["W"] if plain else None,
            bias=arrays["b"] if plain else None,
        ).to_dict()

    return again
