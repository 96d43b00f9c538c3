"""Networks with several outputs by hand: what `networks` and `rounding` are for one.

The loss of a row is the mean over the outputs of a loss of one output, or that of the softmax. Sums over nodes carry
the derivative of the loss down the layers; the curvature carries the gradient of every output beside it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.structure import networks
from derandkit.certificates.structure.networks import CHUNK, HESSIANS, Pass, activation, diagonals
from derandkit.certificates.structure.rounding import (
    ELEMENTARY,
    TINY,
    UNIT,
    forward_bounds,
    loss_bounds,
    outer,
    product,
    sandwich,
    through,
)

if TYPE_CHECKING:
    from derandkit.certificates.structure.networks import Derivatives, FloatArray, Sample
    from derandkit.certificates.structure.rounding import Triple
    from derandkit.records import JsonMapping

#: Losses of several outputs.
LOSSES = (*networks.LOSSES, "softmax")
#: The largest logarithm of a factor that is a number.
_LARGEST_LOG = 700.0


def loss_derivatives(name: str, f: FloatArray, y: FloatArray) -> Derivatives:
    """Return a loss of k outputs, its gradient and its Hessian in them, shapes (m,), (m, k) and (m, k, k)."""
    k = f.shape[1]
    if name == "softmax":
        top = f.max(axis=1, keepdims=True)
        shares = np.exp(f - top)
        total = shares.sum(axis=1, keepdims=True)
        p = shares / total
        value = top[:, 0] + np.log(total[:, 0]) - (y * f).sum(axis=1)
        return value, p - y, diagonals(p) - outer(p)
    l0, l1, l2 = networks.loss_derivatives(name, f, y)
    return l0.mean(axis=1), l1 / k, diagonals(l2 / k)


def loss_errors(name: str, f: FloatArray, y: FloatArray, error: FloatArray) -> Triple:
    """Bound how far a loss of k outputs and its derivatives are off where the outputs are off by `error`."""
    k = f.shape[1]
    if name != "softmax":
        l0, l1, l2 = networks.loss_derivatives(name, f, y)
        e0, e1, e2 = loss_bounds(name, f, y, error)
        return (
            e0.mean(axis=1) + (k + 2.0) * UNIT * l0.mean(axis=1),
            (e1 + 2.0 * UNIT * np.abs(l1)) / k,
            diagonals((e2 + 2.0 * UNIT * np.abs(l2)) / k),
        )
    size, worst = np.abs(f).max(axis=1), error.max(axis=1)
    e0 = worst + (y * error).sum(axis=1) + ELEMENTARY * (2.0 * size + math.log(k) + 1.0) + k * UNIT
    below = f.max(axis=1, keepdims=True) - f
    p = loss_derivatives(name, f, np.zeros_like(y))[1]
    # every share, also one that underflowed, changes by the factor exp(2 worst) at most, and is no larger than one
    factor = np.where(2.0 * worst <= _LARGEST_LOG, np.expm1(np.minimum(2.0 * worst, _LARGEST_LOG)), math.inf)
    moved = (p + 2.0**-1073) * factor[:, None]
    ep = np.minimum(moved, 1.0) + p * (ELEMENTARY * (1.0 + below) + (k + 8.0) * UNIT) + TINY
    pairs = outer(p + ep) - outer(p) + 4.0 * UNIT * outer(p + ep)
    return e0, ep + UNIT * (p + y), pairs + diagonals(ep + UNIT * p)


def sums(
    student: JsonMapping,
    loss: str,
    parameters: tuple[FloatArray, FloatArray, FloatArray],
    sample: Sample,
    *,
    second: bool = True,
) -> Pass:
    """Return what `networks.sums` does for targets of shape (m, k).

    Notes
    -----
    ``H = sum_k w_k (G^T L G + Q)``, where G has the gradients of the outputs in the first layer as rows, L is the
    Hessian of the loss in the outputs, and Q that of the outputs weighted by the gradient of the loss.
    """
    W, b, theta = parameters
    n, k = W.shape[0], sample.targets.shape[1]
    act = activation(student["activation"], student["sharpness"])
    hidden, V, offset = networks.upper_arrays(student, theta, k)
    total = Pass(0.0, np.zeros_like(W), np.zeros(n), np.zeros_like(theta), np.zeros((n, n)))
    step = rows_at_once(n, k, second=second)
    for first in range(0, len(sample.weights), step):
        rows = slice(first, first + step)
        X, y, w = sample.points[rows], sample.targets[rows], sample.weights[rows]
        layers = networks.forward(act, W, b, hidden, X)
        value, l1, l2 = loss_derivatives(loss, layers[-1][0] @ V.T + offset, y)
        l1 = w[:, None] * l1
        tail = [(l1.T @ layers[-1][0]).ravel()] + ([l1.sum(axis=0)] if student["output_bias"] else [])
        back = l1 @ V
        delta, diagonal = layers[-1][1] * back, layers[-1][2] * back
        Q = diagonals(diagonal) if second and hidden else None
        G = layers[-1][1][:, None, :] * V if second else None
        for (A, _), below in zip(reversed(hidden), reversed(layers[:-1]), strict=True):
            tail[:0] = [(delta.T @ below[0]).ravel(), delta.sum(axis=0)]
            back = delta @ A
            if Q is not None and G is not None:
                Q = below[1][:, :, None] * (A.T @ Q @ A) * below[1][:, None, :] + diagonals(below[2] * back)
                G = (G @ A) * below[1][:, None, :]
            delta, diagonal = below[1] * back, below[2] * back
        H = total.curvature
        if G is not None:
            H = H + np.tensordot(G, (w[:, None, None] * l2) @ G, axes=([0, 1], [0, 1]))
            H = H + (np.diag(diagonal.sum(axis=0)) if Q is None else Q.sum(axis=0))
        total = Pass(
            total.risk + float(w @ value),
            total.W + delta.T @ X,
            total.b + delta.sum(axis=0),
            total.theta + np.concatenate(tail),
            H,
        )
    return total


def bounds(
    student: JsonMapping,
    loss: str,
    parameters: tuple[FloatArray, FloatArray, FloatArray],
    sample: Sample,
    *,
    second: bool = True,
) -> Pass:
    """Return a bound on the rounding error of every entry of what `sums` returns for the same arguments.

    Notes
    -----
    The derivation, and what underflows, are those of `derandkit.certificates.structure.rounding`.
    """
    W, b, theta = parameters
    n, k = W.shape[0], sample.targets.shape[1]
    hidden, V, offset = networks.upper_arrays(student, theta, k)
    step = rows_at_once(n, k, second=second)
    terms = (min(step, len(sample.weights)) * k + len(sample.weights) / step + 8.0) * UNIT
    total = Pass(0.0, np.zeros_like(W), np.zeros(n), np.zeros_like(theta), np.zeros((n, n)))

    for first in range(0, len(sample.weights), step):
        rows = slice(first, first + step)
        X, y, w = sample.points[rows], sample.targets[rows], np.abs(sample.weights[rows])
        layers = forward_bounds(student, W, b, hidden, X)
        (z, slope, bend), (ez, eslope, ebend) = layers[-1]
        f = z @ V.T + offset
        ef = through(z, ez, V.T, n + 4.0) + (n + 4.0) * UNIT * np.abs(offset)
        l0, l1, l2 = loss_derivatives(loss, f, y)
        e0, e1, e2 = loss_errors(loss, f, y, ef)
        l1, e1 = w[:, None] * l1, w[:, None] * (e1 + 2.0 * UNIT * np.abs(l1)) + TINY
        size = np.abs(l1)
        tail = [(e1.T @ (np.abs(z) + ez) + size.T @ ez + terms * (size.T @ np.abs(z))).ravel()]
        tail += [e1.sum(axis=0) + terms * size.sum(axis=0)] if student["output_bias"] else []
        back, eback = l1 @ V, through(l1, e1, V, k + 2.0)
        delta, edelta = product(slope, eslope, back, eback)
        diagonal, ediagonal = product(bend, ebend, back, eback)
        deep = bool(second and hidden)
        Q, eQ = (diagonals(diagonal), diagonals(ediagonal)) if deep else (None, None)
        G = eG = None
        if second:
            G, eG = product(slope[:, None, :], eslope[:, None, :], V, np.zeros_like(V))
        for (A, _), (below, ebelow) in zip(reversed(hidden), reversed(layers[:-1]), strict=True):
            z, ez = np.abs(below[0]), ebelow[0]
            tail[:0] = [
                (edelta.T @ (z + ez) + np.abs(delta).T @ ez + terms * (np.abs(delta).T @ z)).ravel(),
                edelta.sum(axis=0) + terms * np.abs(delta).sum(axis=0),
            ]
            back, eback = delta @ A, through(delta, edelta, A, n + 2.0)
            delta, edelta = product(below[1], ebelow[1], back, eback)
            diagonal, ediagonal = product(below[2], ebelow[2], back, eback)
            if Q is not None and eQ is not None and G is not None and eG is not None:
                Q, eQ = sandwich(Q, eQ, A, below[1], ebelow[1])
                Q, eQ = Q + diagonals(diagonal), eQ + diagonals(ediagonal)
                eG = through(G, eG, A, n + 2.0)
                G, eG = product(G @ A, eG, below[1][:, None, :], ebelow[1][:, None, :])
        H = total.curvature
        if G is not None and eG is not None:
            H = H + _curvature_error(w, l2, e2, G, eG, k, terms)
            if Q is None or eQ is None:
                H = H + np.diag(ediagonal.sum(axis=0) + terms * np.abs(diagonal).sum(axis=0))
            else:
                H = H + eQ.sum(axis=0) + terms * np.abs(Q).sum(axis=0)
        size = np.abs(delta)
        total = Pass(
            total.risk + float(w @ e0 + terms * (w @ np.abs(l0))) + TINY,
            total.W + edelta.T @ np.abs(X) + terms * (size.T @ np.abs(X)) + TINY,
            total.b + edelta.sum(axis=0) + terms * size.sum(axis=0) + TINY,
            total.theta + np.concatenate(tail) + TINY,
            H + TINY,
        )
    return total


def _curvature_error(
    w: FloatArray, l2: FloatArray, e2: FloatArray, G: FloatArray, eG: FloatArray, k: int, terms: float
) -> FloatArray:
    size = np.abs(G)
    bent, ebent = w[:, None, None] * np.abs(l2), w[:, None, None] * (e2 + 2.0 * UNIT * np.abs(l2)) + TINY
    T, eT = bent @ size, ebent @ (size + eG) + bent @ eG + (k + 2.0) * UNIT * (bent @ size) + TINY
    both = ([0, 1], [0, 1])
    return np.asarray(
        np.tensordot(eG, T + eT, axes=both)
        + np.tensordot(size, eT, axes=both)
        + terms * np.tensordot(size, T, axes=both)
    )


def rows_at_once(n: int, k: int, *, second: bool) -> int:
    """Return how many nodes a chunk has: what takes memory are the Hessians of its nodes."""
    return max(1, min(CHUNK, HESSIANS // max(n * n if second else n, k * (n + k))))
