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
)

if TYPE_CHECKING:
    from derandkit.certificates.structure.networks import Derivatives, FloatArray, Sample
    from derandkit.certificates.structure.rounding import Triple
    from derandkit.records import JsonMapping

#: Losses of several outputs.
LOSSES = (*networks.LOSSES, "softmax")
#: The largest logarithm of a change that rounding does not hide.
_LARGEST_LOG = 30.0


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
    # every share changes by the factor exp(2 worst) at most, and is no larger than one
    moved = p * np.expm1(np.minimum(2.0 * worst, _LARGEST_LOG))[:, None]
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
    """Return a bound on the rounding error of every entry of what `sums` returns for the same arguments."""
    W, b, theta = parameters
    n, k = W.shape[0], sample.targets.shape[1]
    hidden, V, offset = networks.upper_arrays(student, theta, k)
    step, size_V = rows_at_once(n, k, second=second), np.abs(V)
    terms = (min(step, len(sample.weights)) * k + len(sample.weights) / step + 8.0) * UNIT
    total = Pass(0.0, np.zeros_like(W), np.zeros(n), np.zeros_like(theta), np.zeros((n, n)))

    for first in range(0, len(sample.weights), step):
        rows = slice(first, first + step)
        X, y, w = sample.points[rows], sample.targets[rows], np.abs(sample.weights[rows])
        layers = forward_bounds(student, W, b, hidden, X)
        (z, slope, bend), (ez, eslope, ebend) = layers[-1]
        f = z @ V.T + offset
        ef = ez @ size_V.T + (n + 4.0) * UNIT * ((np.abs(z) + ez) @ size_V.T + np.abs(offset))
        l0, l1, l2 = loss_derivatives(loss, f, y)
        e0, e1, e2 = loss_errors(loss, f, y, ef)
        l1, e1 = w[:, None] * l1, w[:, None] * (e1 + 2.0 * UNIT * np.abs(l1))
        size = np.abs(l1)
        tail = [(e1.T @ (np.abs(z) + ez) + size.T @ ez + terms * (size.T @ np.abs(z))).ravel()]
        tail += [e1.sum(axis=0) + terms * size.sum(axis=0)] if student["output_bias"] else []
        back, eback = l1 @ V, e1 @ size_V + (k + 2.0) * UNIT * ((size + e1) @ size_V)
        delta, edelta = product(slope, eslope, back, eback)
        diagonal, ediagonal = product(bend, ebend, back, eback)
        deep = bool(second and hidden)
        Q, eQ = (diagonals(diagonal), diagonals(ediagonal)) if deep else (None, None)
        G = eG = None
        if second:
            G, eG = slope[:, None, :] * V, (eslope + 2.0 * UNIT * np.abs(slope))[:, None, :] * size_V
        for (A, _), (below, ebelow) in zip(reversed(hidden), reversed(layers[:-1]), strict=True):
            z, ez = np.abs(below[0]), ebelow[0]
            tail[:0] = [
                (edelta.T @ (z + ez) + np.abs(delta).T @ ez + terms * (np.abs(delta).T @ z)).ravel(),
                edelta.sum(axis=0) + terms * np.abs(delta).sum(axis=0),
            ]
            size = np.abs(A)
            back = delta @ A
            eback = edelta @ size + (n + 2.0) * UNIT * ((np.abs(delta) + edelta) @ size)
            if Q is not None and eQ is not None and G is not None and eG is not None:
                P = A.T @ Q @ A
                eP = size.T @ (eQ + (2.0 * n + 6.0) * UNIT * np.abs(Q)) @ size
                D, eD = np.abs(below[1]), ebelow[1] + UNIT * np.abs(below[1])
                spread = outer(D + eD) - outer(D) + 4.0 * UNIT * outer(D + eD)
                at, eat = product(below[2], ebelow[2], back, eback)
                Q = below[1][:, :, None] * P * below[1][:, None, :] + diagonals(at)
                eQ = outer(D + eD) * eP + spread * np.abs(P) + diagonals(eat)
                eG = eG @ size + (n + 2.0) * UNIT * ((np.abs(G) + eG) @ size)
                G, eG = product(G @ A, eG, below[1][:, None, :], ebelow[1][:, None, :])
            delta, edelta = product(below[1], ebelow[1], back, eback)
            diagonal, ediagonal = product(below[2], ebelow[2], back, eback)
        H = total.curvature
        if G is not None and eG is not None:
            H = H + _curvature_error(w, l2, e2, G, eG, k, terms)
            if Q is None or eQ is None:
                H = H + np.diag(ediagonal.sum(axis=0) + terms * np.abs(diagonal).sum(axis=0))
            else:
                H = H + eQ.sum(axis=0) + terms * np.abs(Q).sum(axis=0)
        size = np.abs(delta)
        total = Pass(
            total.risk + float(w @ e0 + terms * (w @ np.abs(l0))),
            total.W + edelta.T @ np.abs(X) + terms * (size.T @ np.abs(X)),
            total.b + edelta.sum(axis=0) + terms * size.sum(axis=0),
            total.theta + np.concatenate(tail),
            H,
        )
    return total


def _curvature_error(
    w: FloatArray, l2: FloatArray, e2: FloatArray, G: FloatArray, eG: FloatArray, k: int, terms: float
) -> FloatArray:
    size = np.abs(G)
    bent, ebent = w[:, None, None] * np.abs(l2), w[:, None, None] * (e2 + 2.0 * UNIT * np.abs(l2))
    T, eT = bent @ size, ebent @ (size + eG) + bent @ eG + (k + 2.0) * UNIT * (bent @ size)
    both = ([0, 1], [0, 1])
    return np.asarray(
        np.tensordot(eG, T + eT, axes=both)
        + np.tensordot(size, eT, axes=both)
        + terms * np.tensordot(size, T, axes=both)
    )


def rows_at_once(n: int, k: int, *, second: bool) -> int:
    """Return how many nodes a chunk has: what takes memory are the Hessians of its nodes."""
    return max(1, min(CHUNK, HESSIANS // max(n * n if second else n, k * (n + k))))


def minimiser(loss: str, X: FloatArray, sample: Sample, ridge: FloatArray) -> FloatArray:
    """Minimise ``sum_r w_r loss(X_r u, y_r) + sum_j ridge_j |u_j|^2`` over u of shape (d, k), by damped Newton steps.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = SimpleNamespace(targets=np.eye(2)[[0, 1, 1, 1]], weights=np.full(4, 0.25))
    >>> u = minimiser("softmax", np.ones((4, 1)), rows, np.zeros(1))[0]
    >>> bool(abs(u[1] - u[0] - np.log(3.0)) < 1e-9)
    True
    """
    y, w = sample.targets, sample.weights
    d, k = X.shape[1], y.shape[1]

    def risk(u: FloatArray) -> float:
        return float(w @ loss_derivatives(loss, X @ u, y)[0] + ridge @ (u * u).sum(axis=1))

    def step_at(u: FloatArray) -> tuple[FloatArray, float]:
        _, slope, bend = loss_derivatives(loss, X @ u, y)
        gradient = X.T @ (w[:, None] * slope) + 2.0 * ridge[:, None] * u
        H = np.diag(np.repeat(2.0 * ridge, k)).reshape(d, k, d, k)
        for i in range(k):
            for j in range(k):
                H[:, i, :, j] += (X.T * (w * bend[:, i, j])) @ X
        # what shifts all outputs of a softmax together has no curvature, and needs no step
        step = np.linalg.lstsq(H.reshape(d * k, d * k), gradient.ravel(), rcond=1e-13)[0].reshape(d, k)
        return np.asarray(step, dtype=np.float64), float((gradient * step).sum())

    return networks.newton(np.zeros((d, k)), step_at, risk, damped=loss != "squared")
