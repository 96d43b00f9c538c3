"""Bounds on the rounding errors of `networks.sums`, one for every entry, from the numbers that the entry adds up.

A running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, section 3.3): every quantity of the
forward and backward pass carries a bound of its own, and a bound grows only by what enters the quantity. A unit that
does not reach the output, however large its weights, therefore adds nothing to the bound of the risk; a number that
large terms cancel in has a wide bound, and `derandkit.certificates.checks.vague` says when it is too wide.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.structure.networks import (
    CHUNK,
    HESSIANS,
    Pass,
    activation,
    diagonals,
    loss_derivatives,
    upper_arrays,
)

if TYPE_CHECKING:
    from derandkit.certificates.structure.networks import Sample
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping

    Triple = tuple[FloatArray, FloatArray, FloatArray]

#: Half the distance from 1 to the next float.
UNIT = 2.0**-53
#: Share of its terms that an elementary function may be off by: sixteen units, against two to four in practice.
ELEMENTARY = 16.0 * UNIT
#: What underflows loses at most that.
TINY = 1e-300


def activation_bounds(name: str, sharpness: float | None, t: FloatArray, error: FloatArray) -> Triple:
    """Bound how far an activation and its first two derivatives are off where the argument is off by `error`.

    Parameters
    ----------
    name : str
        One of `networks.ACTIVATIONS`.
    sharpness : float or None
        The s of the smooth ReLU.
    t, error : ndarray
        Arguments as computed, and bounds on their errors.

    Examples
    --------
    >>> far = activation_bounds("relu", None, np.array([-3.0, 3.0]), np.array([0.5, 0.5]))
    >>> far[0].round(9).tolist(), far[1].tolist()
    ([0.0, 0.5], [0.0, 0.0])
    """
    value, slope, bend = activation(name, sharpness)(t)
    if name == "relu":
        near = (np.abs(t) <= error) & (error > 0.0)  # zero without an error is at the kink for everybody
        return np.where(near | (t > 0), error, 0.0), near.astype(np.float64), np.zeros_like(t)
    # the greatest second and third derivative anywhere; a test compares them with a fine grid
    s = float(sharpness or 1.0)
    second, third = {
        "tanh": (0.77, 2.0), "gelu": (0.8, 1.2), "erf": (0.97, 2.26), "softplus": (0.25 * s, 0.0963 * s * s),
        "hermite2": (1.4143, 0.0),
    }[name]  # fmt: skip
    # the terms of each formula, without their signs: what cancels in it is rounded at the size of its terms
    bell = np.exp(-np.minimum(0.5 * t * t, 700.0)) * (1.0 + t * t)
    sizes: dict[str, Triple] = {
        "tanh": (np.abs(value), 1.0 + value**2, 2.0 * np.abs(value) * (1.0 + value**2)),
        "gelu": (np.abs(t), 1.0 + np.abs(t) * bell, (2.0 + t * t) * bell),
        "erf": (np.abs(value), 1.2 * bell, 2.4 * np.abs(t) * bell),
        "softplus": (np.abs(value), slope, s * slope),
        "hermite2": (1.0 + t * t, np.abs(slope), np.abs(bend)),
    }
    size0, size1, size2 = sizes[name]
    error = error + 2.0 * UNIT * np.abs(t)
    return (
        1.01 * np.abs(slope) * error + second * error**2 + ELEMENTARY * size0 + TINY,
        1.01 * np.abs(bend) * error + third * error**2 + ELEMENTARY * size1 + TINY,
        third * error + ELEMENTARY * size2 + TINY,
    )


def loss_bounds(name: str, f: FloatArray, y: FloatArray, error: FloatArray) -> Triple:
    """Bound how far a loss and its first two derivatives are off where the prediction is off by `error`."""
    value, slope, _ = loss_derivatives(name, f, y)
    second, third = {"squared": (2.0, 0.0), "logistic": (0.25, 0.0963), "huber": (1.0, 0.86)}[name]
    error = error + 2.0 * UNIT * (np.abs(f) + np.abs(y))
    size0 = value + (np.abs(y * f) if name == "logistic" else 1.0 if name == "huber" else 0.0)
    return (
        1.01 * np.abs(slope) * error + second * error**2 + ELEMENTARY * size0 + TINY,
        1.01 * second * error + ELEMENTARY * np.minimum(np.abs(f) + np.abs(y), 1.0) + TINY,
        third * error + ELEMENTARY * second + TINY,
    )


def forward_bounds(
    student: JsonMapping,
    W: FloatArray,
    b: FloatArray,
    hidden: list[tuple[FloatArray, FloatArray]],
    X: FloatArray,
) -> list[tuple[Triple, Triple]]:
    """Return what `networks.forward` does, each layer with bounds on the errors of its three arrays."""
    act = activation(student["activation"], student["sharpness"])
    n, d = W.shape

    def through(t: FloatArray, error: FloatArray) -> tuple[Triple, Triple]:
        return act(t), activation_bounds(student["activation"], student["sharpness"], t, error)

    layers = [through(X @ W.T + b, (d + 4.0) * UNIT * (np.abs(X) @ np.abs(W).T + np.abs(b)))]
    for A, c in hidden:
        z, e = layers[-1][0][0], layers[-1][1][0]
        off = e @ np.abs(A).T + (n + 4.0) * UNIT * ((np.abs(z) + e) @ np.abs(A).T + np.abs(c))
        layers.append(through(z @ A.T + c, off))
    return layers


def bounds(
    student: JsonMapping,
    loss: str,
    parameters: tuple[FloatArray, FloatArray, FloatArray],
    sample: Sample,
    *,
    second: bool = True,
) -> Pass:
    """Return a bound on the rounding error of every entry of what `networks.sums` returns for the same arguments.

    Notes
    -----
    About three times the work of the sums. The bounds hold for any order of summation inside a chunk.
    """
    W, b, theta = parameters
    n = W.shape[0]
    hidden, v, offset = upper_arrays(student, theta)
    step = max(1, min(CHUNK, HESSIANS // (n * n))) if second and hidden else CHUNK
    # terms of a sum over nodes, chunk by chunk
    terms = (min(CHUNK, len(sample.weights)) + len(sample.weights) / step + 8.0) * UNIT
    total = Pass(0.0, np.zeros_like(W), np.zeros(n), np.zeros_like(theta), np.zeros((n, n)))

    for first in range(0, len(sample.weights), step):
        rows = slice(first, first + step)
        X, y, w = sample.points[rows], sample.targets[rows], np.abs(sample.weights[rows])
        layers = forward_bounds(student, W, b, hidden, X)
        (z, slope, bend), (ez, eslope, ebend) = layers[-1]
        f = z @ v + offset
        ef = ez @ np.abs(v) + (n + 4.0) * UNIT * ((np.abs(z) + ez) @ np.abs(v) + np.abs(offset))
        l0, l1, l2 = (np.abs(x) for x in loss_derivatives(loss, f, y))
        e0, e1, e2 = loss_bounds(loss, f, y, ef)
        l1, l2 = w * l1, w * l2
        e1, e2 = w * e1 + 2.0 * UNIT * l1, w * e2 + 2.0 * UNIT * l2
        tail = [e1 @ (np.abs(z) + ez) + l1 @ ez + terms * (l1 @ np.abs(z))]
        if student["output_bias"]:
            tail.append(np.array([e1.sum() + terms * l1.sum()]))
        g, eg = slope * v, (eslope + 2.0 * UNIT * np.abs(slope)) * np.abs(v)
        diagonal, ediagonal = bend * v, (ebend + 2.0 * UNIT * np.abs(bend)) * np.abs(v)
        deep = bool(second and hidden)
        Q, eQ = (diagonals(diagonal), diagonals(ediagonal)) if deep else (None, None)
        for (A, _), (below, ebelow) in zip(reversed(hidden), reversed(layers[:-1]), strict=True):
            delta, edelta = product(l1[:, None], e1[:, None], np.abs(g), eg)
            z, ez = np.abs(below[0]), ebelow[0]
            tail[:0] = [
                (edelta.T @ (z + ez) + delta.T @ ez + terms * (delta.T @ z)).ravel(),
                edelta.sum(axis=0) + terms * delta.sum(axis=0),
            ]
            size = np.abs(A)
            back, eback = g @ A, eg @ size + (n + 2.0) * UNIT * ((np.abs(g) + eg) @ size)
            if Q is not None and eQ is not None:
                P = A.T @ Q @ A
                eP = size.T @ (eQ + (2.0 * n + 6.0) * UNIT * np.abs(Q)) @ size
                D, eD = np.abs(below[1]), ebelow[1] + UNIT * np.abs(below[1])
                spread = outer(D + eD) - outer(D) + 4.0 * UNIT * outer(D + eD)
                at, eat = product(below[2], ebelow[2], back, eback)
                Q = below[1][:, :, None] * P * below[1][:, None, :] + diagonals(at)
                eQ = outer(D + eD) * eP + spread * np.abs(P) + diagonals(eat)
            diagonal, ediagonal = product(below[2], ebelow[2], back, eback)
            g, eg = product(below[1], ebelow[1], back, eback)
        delta, edelta = product(l1[:, None], e1[:, None], np.abs(g), eg)
        H = total.curvature
        if second:
            size = np.abs(g)
            once, eonce = product(size, eg, l2[:, None], e2[:, None])
            H = H + eonce.T @ (size + eg) + once.T @ eg + terms * (once.T @ size)
            if Q is None or eQ is None:
                H = H + np.diag(
                    e1 @ (np.abs(diagonal) + ediagonal) + l1 @ ediagonal + terms * (l1 @ np.abs(diagonal))
                )
            else:
                H = H + np.tensordot(e1, np.abs(Q) + eQ, axes=1) + np.tensordot(l1, eQ, axes=1)
                H = H + terms * np.tensordot(l1, np.abs(Q), axes=1)
        total = Pass(
            total.risk + float(w @ e0 + terms * (w @ l0)),
            total.W + edelta.T @ np.abs(X) + terms * (delta.T @ np.abs(X)),
            total.b + edelta.sum(axis=0) + terms * delta.sum(axis=0),
            total.theta + np.concatenate(tail),
            H,
        )
    return total


def product(x: FloatArray, ex: FloatArray, y: FloatArray, ey: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a product and a bound on its error from those of its factors."""
    size, other = np.abs(x), np.abs(y)
    return x * y, ex * (other + ey) + size * ey + UNIT * size * other


def outer(rows: FloatArray) -> FloatArray:
    """Return the outer product of every row with itself."""
    return np.asarray(rows[:, :, None] * rows[:, None, :])


def length_bound(errors: FloatArray, found: float, count: int) -> float:
    """Bound the error of a Frobenius norm from those of its entries."""
    return (
        float(np.linalg.norm(errors)) * 1.01 + (count + 8.0) * UNIT * found
        if math.isfinite(found)
        else math.inf
    )
