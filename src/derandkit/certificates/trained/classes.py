"""Classes and targets of a record of a trained network: which output each class has, worked out once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.certificates.checks import Verdict
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.certificates.statements import Finding
    from derandkit.certificates.trained.again import Certify
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping

#: The losses whose outputs are logits of classes.
OF_CLASSES = ("logistic", "softmax")
#: What outputs are that a function at the end of a network may have made.
PROBABLE = {
    "sigmoid": "between 0 and 1, as probabilities are",
    "softmax": "between 0 and 1 and add up to 1, as probabilities do",
    "log-sigmoid": "at most 0, as logarithms of probabilities are",
}


class Labels(NamedTuple):
    """What is known of the classes besides the record.

    Parameters
    ----------
    rows : sequence or None
        The class of each row, as records name it; None of numbers.
    stated : sequence or None
        The classes that the network states, in the order of its outputs; None where it states none, or is not given.
    network : bool
        Whether the network is given.
    """

    rows: Sequence[object] | None
    stated: Sequence[object] | None
    network: bool


def wrong_outputs(record: JsonMapping) -> str | None:
    """Return what a record says of outputs that no network under its loss has; None where there is no such thing.

    Examples
    --------
    >>> wrong_outputs({"loss": "logistic", "classes": ["no", "yes"], "logits": True})
    >>> wrong_outputs({"loss": "squared", "classes": None, "logits": True})
    'outputs under the squared loss are no logits'
    >>> wrong_outputs({"loss": "logistic", "classes": [0, 5, 1], "logits": False})
    '3 classes under the logistic loss, which has two'
    """
    loss, classes = record["loss"], record["classes"]
    if loss not in OF_CLASSES:
        if record["logits"]:
            return f"outputs under the {loss} loss are no logits"
        return None if classes is None else f"there are no classes under the {loss} loss"
    if classes is None:
        return None
    if len(set(map(_key, classes))) < len(classes):
        return "a class is named twice"
    if loss == "logistic" and len(classes) > 2:
        return f"{len(classes)} classes under the logistic loss, which has two"
    return None


def wrong_targets(loss: str, y: FloatArray) -> str | None:
    """Return why targets are none of a loss of classes; None where they are, and under other losses.

    Examples
    --------
    >>> wrong_targets("logistic", np.array([0.0, 1.0])), wrong_targets("squared", np.array([0.5]))
    (None, None)
    >>> wrong_targets("logistic", np.array([0.0, 2.0]))
    'targets under the logistic loss are 0 and 1'
    """
    if loss not in OF_CLASSES:
        return None
    if not ((y == 0.0) | (y == 1.0)).all():
        return f"targets under the {loss} loss are 0 and 1"
    if loss == "softmax" and not (y.ndim == 2 and (y.sum(axis=1) == 1.0).all()):
        return "targets under the softmax loss have a single 1 in every row"
    return None


def check_classes(record: JsonMapping, y: FloatArray, labels: Labels | None) -> Finding:
    """Compare the classes of a record with those of the network, or of the targets where it states none.

    Parameters
    ----------
    record : mapping
        The record.
    y : ndarray, shape (m,) or (m, k)
        Targets as the loss takes them.
    labels : Labels or None
        What is known of the classes.

    Examples
    --------
    >>> y, seen = np.array([1.0, 0.0]), Labels(["yes", "no"], None, True)
    >>> check_classes({"loss": "logistic", "classes": ["no", "yes"]}, y, seen)
    (True, '2 classes in the order of the outputs')
    >>> check_classes({"loss": "logistic", "classes": ["yes", "no"]}, 1 - y, seen)
    (False, 'the classes of these targets are no, yes, in this order')
    """
    claimed = record["classes"]
    if claimed is None:
        return True, "none are claimed"
    if labels is None:
        return Verdict.NOT_CHECKED, "the classes of the rows are not given"
    if labels.stated is not None:
        if [*map(_key, claimed)] != [*map(_key, labels.stated)]:
            return False, f"the classes of the network are {_shown(labels.stated)}, in this order"
        own = labels.stated
    elif labels.rows is None:
        return False, "these targets are no names of classes, and the network states none"
    else:
        own = _in_order(labels.rows)
        if [*map(_key, claimed)] != [*map(_key, own)]:
            if not labels.network:
                return (
                    Verdict.NOT_CHECKED,
                    "the classes of these targets are others, and the network is not given",
                )
            return False, f"the classes of these targets are {_shown(own)}, in this order"
    places = {_key(name): place for place, name in enumerate(own)}
    if labels.rows is not None:
        codes = np.array([places.get(_key(name), -1) for name in labels.rows])
        coded = codes[:, None] == np.arange(len(own)) if record["loss"] == "softmax" else codes
        if not np.array_equal(coded, y):
            return False, "targets do not stand at the places of their classes"
    return True, f"{len(own)} classes in the order of the outputs"


def check_logits(record: JsonMapping, again: Certify | None) -> Finding:
    """Say whether outputs that may be probabilities count as logits, on the word of who made the record alone.

    Parameters
    ----------
    record : mapping
        The record.
    again : callable or None
        What the network that is given says; None without one.

    Examples
    --------
    >>> check_logits({"loss": "squared", "logits": False}, None)
    (True, 'the squared loss takes numbers, not logits')
    """
    if record["loss"] not in OF_CLASSES:
        return True, f"the {record['loss']} loss takes numbers, not logits"
    if again is None:
        said = (
            "said to be logits, on which all figures rest"
            if record["logits"]
            else "said to be no probabilities"
        )
        return Verdict.NOT_CHECKED, f"outputs were {said}; the network is not in the record"
    if not (probable := again().probable):
        idle = "; nothing rests on what was said of them" if record["logits"] else ""
        return (
            True,
            f"outputs are logits, by the layers of the model or as no probabilities on these rows{idle}",
        )
    return Verdict.NOT_CHECKED, (
        f"outputs on these rows are all {PROBABLE[probable]}; that they are logits is taken as it was stated, and "
        "loss, gradient, curvature, bounds and status rest on it"
    )


def _in_order(rows: Sequence[object]) -> list[object]:
    """Return the different classes of rows: text by its characters, numbers by size."""
    return sorted({_key(name): name for name in rows}.values())  # type: ignore[type-var]


def _key(name: object) -> tuple[bool, object]:
    """Return a class as it is compared: True is not 1."""
    return isinstance(name, bool), name


def _shown(names: Sequence[object]) -> str:
    return printable(", ".join(map(str, names[:5])))[:60] + (", ..." if len(names) > 5 else "")
