"""The Hessian of a built-in network's risk in all parameters, times a vector, by hand: no differences, no step.

A difference of gradients has an error of the size of the largest curvature, which a record can make as large as it
likes with one idle unit. Here every entry has the rounding of its own terms only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.structure import several
from derandkit.certificates.structure.networks import CHUNK, activation, loss_derivatives, upper_arrays

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.certificates.structure.networks import Derivatives, FloatArray, Sample
    from derandkit.records import JsonMapping

    Parameters = tuple[FloatArray, FloatArray, FloatArray]


def hessian_product(
    student: JsonMapping, loss: str, parameters: Parameters, along: Parameters, sample: Sample
) -> Parameters:
    """Return the Hessian of the risk in (W, b, theta) times a direction, without the terms of penalties.

    Parameters
    ----------
    student : mapping
        The student of a record.
    loss : str
        Name of the loss.
    parameters, along : tuple of ndarray
        W, shape (n, d); b, shape (n,); theta, shape (p,): the point, and the direction.
    sample : Sample
        Points, targets and weights.

    Notes
    -----
    The derivative of every line of `networks.sums` along the direction (Pearlmutter, Neural Computation 6 (1994)
    147-160): O(m p) operations. At its kink the plain ReLU has the slope 1/2 here, so that a unit whose parameters are
    all zero is seen to bend down; beside the kink it is straight.
    """
    (W, b, theta), (W_, b_, theta_) = parameters, along
    k = 1 if sample.targets.ndim == 1 else sample.targets.shape[1]
    act = _activation(student)
    hidden, V, offset = upper_arrays(student, theta, k)
    hidden_, V_, offset_ = upper_arrays(student, theta_, k)
    V, V_ = V.reshape(k, -1), V_.reshape(k, -1)
    total = np.zeros_like(W), np.zeros_like(b), np.zeros_like(theta)
    for first in range(0, len(sample.weights), CHUNK):
        rows = slice(first, first + CHUNK)
        X = sample.points[rows]
        layers = [act(X @ W.T + b)]
        bent = [X @ W_.T + b_]  # of what goes into a layer
        moved = [layers[0][1] * bent[0]]  # of what comes out
        for (A, c), (A_, c_) in zip(hidden, hidden_, strict=True):
            below = layers[-1][0]
            layers.append(act(below @ A.T + c))
            bent.append(moved[-1] @ A.T + below @ A_.T + c_)
            moved.append(layers[-1][1] * bent[-1])
        f = layers[-1][0] @ V.T + offset
        slope, slope_ = _slopes(
            loss,
            f,
            moved[-1] @ V.T + layers[-1][0] @ V_.T + offset_,
            sample.targets[rows],
            sample.weights[rows],
        )
        tail = [(slope_.T @ layers[-1][0] + slope.T @ moved[-1]).ravel()]
        if student["output_bias"]:
            tail.append(slope_.sum(axis=0))
        back, back_ = slope @ V, slope_ @ V + slope @ V_
        for at in range(len(hidden), -1, -1):
            _, d1, d2 = layers[at]
            delta, delta_ = d1 * back, d2 * bent[at] * back + d1 * back_
            if at > 0:
                (A, _), (A_, _) = hidden[at - 1], hidden_[at - 1]
                tail[:0] = [
                    (delta_.T @ layers[at - 1][0] + delta.T @ moved[at - 1]).ravel(),
                    delta_.sum(axis=0),
                ]
                back, back_ = delta @ A, delta_ @ A + delta @ A_
        for part, added in zip(total, (delta_.T @ X, delta_.sum(axis=0), np.concatenate(tail)), strict=True):
            part += added
    return total


def _activation(student: JsonMapping) -> Callable[[FloatArray], Derivatives]:
    """Return the activation of a student with its derivatives; the kink of the plain ReLU has the slope 1/2."""
    act = activation(student["activation"], student["sharpness"])
    if student["activation"] != "relu":
        return act

    def kinked(t: FloatArray) -> Derivatives:
        value, slope, bend = act(t)
        return value, np.where(t == 0.0, 0.5, slope), bend

    return kinked


def _slopes(
    loss: str, f: FloatArray, f_: FloatArray, y: FloatArray, w: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the weighted gradients of the loss in the outputs, and how they change along the direction."""
    if y.ndim == 1:
        _, l1, l2 = loss_derivatives(loss, f[:, 0], y)
        return (w * l1)[:, None], (w * l2)[:, None] * f_
    _, l1, L2 = several.loss_derivatives(loss, f, y)
    return w[:, None] * l1, w[:, None] * np.einsum("mij,mj->mi", L2, f_)


def natural_units(student: JsonMapping, parameters: Parameters, sample: Sample) -> Parameters:
    """Return how far each parameter moves what it is added to by about the size of that, in the mean over the nodes.

    Weights and biases of a layer move what goes into an activation by its own size, by 1 at least; the output moves by
    the size of the targets. A parameter whose input is zero at all nodes has no unit: infinity.

    Raises
    ------
    ArithmeticError
        A number on the way is not finite, so that no size is known.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> nodes = SimpleNamespace(points=np.array([[2.0, 0.0]]), targets=np.array([3.0]), weights=np.ones(1))
    >>> student = {"activation": "relu", "sharpness": None, "width": 1, "depth": 2, "output_bias": True}
    >>> natural_units(student, (np.array([[2.0, 0.0]]), np.zeros(1), np.array([1.0, 0.0])), nodes)
    (array([[ 2., inf]]), array([4.]), array([0.75, 3.  ]))
    """
    W, b, theta = parameters
    k = 1 if sample.targets.ndim == 1 else sample.targets.shape[1]
    act = activation(student["activation"], student["sharpness"])
    hidden, _, _ = upper_arrays(student, theta, k)

    def size(values: FloatArray) -> FloatArray:
        largest = float(np.max(np.abs(values), initial=0.0))
        if not math.isfinite(largest):
            raise ArithmeticError("numbers that go into a layer are not finite")
        if not largest > 0.0:
            return np.zeros(values.shape[1])
        return np.asarray(largest * np.sqrt(sample.weights @ (values / largest) ** 2))

    targets = size(sample.targets.reshape(len(sample.weights), k))
    targets = np.where(targets > 0.0, targets, 1.0)
    layer, below = (W, b), sample.points
    found: list[FloatArray] = []
    with np.errstate(divide="ignore"):
        for above in [*hidden, None]:
            into = below @ layer[0].T + layer[1]
            unit = np.maximum(size(into), 1.0)
            found += [unit[:, None] / size(below), unit]
            below = act(into)[0]
            if above is not None:
                layer = above
        found += [targets[:, None] / size(below)] + ([targets] if student["output_bias"] else [])
    return found[0], found[1], np.concatenate([part.ravel() for part in found[2:]])
