"""Bounds on the rounding errors of `networks.sums`, one for every entry, from the numbers that the entry adds up.

A running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, section 3.3): every quantity of the
forward and backward pass carries a bound of its own, and a bound grows only by what enters the quantity. A unit that
does not reach the output, however large its weights, therefore adds nothing to the bound of the risk; a number that
large terms cancel in has a wide bound, and `derandkit.certificates.checks.vague` says when it is too wide.

Notes
-----
A product of doubles is ``x y (1 + d) + h`` with ``|d| <= 2^-53`` and ``|h| <= 2^-1022``, whether what underflows is
rounded or set to zero; ``h`` is 0 where a factor is 0. A sum has no such term, since two doubles never add up to less
than the smallest one. So every sum of products below has an absolute term besides its relative ones: `TINY`, which is
2^-1022 for each of four million products and ten times over, so that it also covers what underflows in the bound
itself. It is carried upwards like any other error, since a later weight may be as large as 1e300: a product that
underflowed to zero is not known to be zero. Where all products have a factor that is exactly zero (`touched`), the
term is zero too: a unit whose weights are all zero is at the kink of the plain ReLU, and known to be there. A number
is exactly zero where it and its bound are zero, as every bound with a product of other numbers in it has `TINY`.
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
#: What underflows in a sum of products loses at most that, in the sum and in the bound on it.
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
        1.01 * np.abs(slope) * error + second * error * error + ELEMENTARY * size0 + TINY,
        1.01 * np.abs(bend) * error + third * error * error + ELEMENTARY * size1 + TINY,
        third * error + ELEMENTARY * size2 + TINY,
    )


def loss_bounds(name: str, f: FloatArray, y: FloatArray, error: FloatArray) -> Triple:
    """Bound how far a loss and its first two derivatives are off where the prediction is off by `error`."""
    value, slope, _ = loss_derivatives(name, f, y)
    second, third = {"squared": (2.0, 0.0), "logistic": (0.25, 0.0963), "huber": (1.0, 0.86)}[name]
    steepest = np.maximum(np.abs(y), np.abs(1.0 - y)) if name == "logistic" else 1.0
    error = error + 2.0 * UNIT * (np.abs(f) + np.abs(y))
    size0 = value + (np.abs(y * f) if name == "logistic" else 1.0 if name == "huber" else 0.0)
    # the slope of the logistic loss is a difference of a share and the target
    size1 = np.abs(slope + y) + np.abs(y) if name == "logistic" else np.abs(slope)
    moved = 1.01 * np.abs(slope) * error + second * error * error
    if name != "squared":
        moved = np.minimum(moved, 1.01 * steepest * error)
    return (
        moved + ELEMENTARY * size0 + TINY,
        1.01 * second * error + ELEMENTARY * size1 + TINY,
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

    def layer(t: FloatArray, error: FloatArray) -> tuple[Triple, Triple]:
        return act(t), activation_bounds(student["activation"], student["sharpness"], t, error)

    off = through(X, np.zeros_like(X), W.T, d + 4.0) + (d + 4.0) * UNIT * np.abs(b)
    layers = [layer(X @ W.T + b, off)]
    for A, c in hidden:
        z, e = layers[-1][0][0], layers[-1][1][0]
        off = through(z, e, A.T, n + 4.0) + (n + 4.0) * UNIT * np.abs(c)
        layers.append(layer(z @ A.T + c, off))
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
        ef = through(z, ez, v, n + 4.0) + (n + 4.0) * UNIT * np.abs(offset)
        l0, l1, l2 = (np.abs(x) for x in loss_derivatives(loss, f, y))
        e0, e1, e2 = loss_bounds(loss, f, y, ef)
        l1, l2 = w * l1, w * l2
        e1, e2 = w * e1 + 2.0 * UNIT * l1 + TINY, w * e2 + 2.0 * UNIT * l2 + TINY
        tail = [e1 @ (np.abs(z) + ez) + l1 @ ez + terms * (l1 @ np.abs(z))]
        if student["output_bias"]:
            tail.append(np.array([e1.sum() + terms * l1.sum()]))
        known = np.zeros_like(v)
        g, eg = product(slope, eslope, v, known)
        diagonal, ediagonal = product(bend, ebend, v, known)
        deep = bool(second and hidden)
        Q, eQ = (diagonals(diagonal), diagonals(ediagonal)) if deep else (None, None)
        for (A, _), (below, ebelow) in zip(reversed(hidden), reversed(layers[:-1]), strict=True):
            delta, edelta = product(l1[:, None], e1[:, None], np.abs(g), eg)
            z, ez = np.abs(below[0]), ebelow[0]
            tail[:0] = [
                (edelta.T @ (z + ez) + delta.T @ ez + terms * (delta.T @ z)).ravel(),
                edelta.sum(axis=0) + terms * delta.sum(axis=0),
            ]
            back, eback = g @ A, through(g, eg, A, n + 2.0)
            diagonal, ediagonal = product(below[2], ebelow[2], back, eback)
            if Q is not None and eQ is not None:
                Q, eQ = sandwich(Q, eQ, A, below[1], ebelow[1])
                Q, eQ = Q + diagonals(diagonal), eQ + diagonals(ediagonal)
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
            total.risk + float(w @ e0 + terms * (w @ l0)) + TINY,
            total.W + edelta.T @ np.abs(X) + terms * (delta.T @ np.abs(X)) + TINY,
            total.b + edelta.sum(axis=0) + terms * delta.sum(axis=0) + TINY,
            total.theta + np.concatenate(tail) + TINY,
            H + TINY,
        )
    return total


def product(x: FloatArray, ex: FloatArray, y: FloatArray, ey: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a product and a bound on its error from those of its factors.

    Examples
    --------
    >>> known = np.zeros(1)
    >>> product(np.array([1e-200]), known, np.array([1e-200]), known)[1] > 0.0
    array([ True])
    """
    size, other = np.abs(x), np.abs(y)
    lost = TINY * (((x != 0.0) | (ex != 0.0)) & ((y != 0.0) | (ey != 0.0)))
    return x * y, ex * (other + ey) + size * ey + UNIT * size * other + lost


def through(x: FloatArray, ex: FloatArray, M: FloatArray, terms: float) -> FloatArray:
    """Bound the error of ``x @ M`` where x is off by `ex`, M is exact, and sums are rounded `terms` times.

    Examples
    --------
    >>> x, known = np.array([[1e-200, 3.0]]), np.zeros((1, 2))
    >>> through(x, known, np.array([1e-200, 0.0]), 4.0) > 0.0, through(x, known, np.zeros(2), 4.0)
    (array([ True]), array([0.]))
    """
    size = np.abs(M)
    found = ex @ size + terms * UNIT * ((np.abs(x) + ex) @ size) + touched(x, ex, M)
    return np.asarray(found, dtype=np.float64)


def touched(x: FloatArray, ex: FloatArray, M: FloatArray) -> FloatArray:
    """Return what underflow may take from ``x @ M``: nothing where all products have a factor that is exactly zero."""
    alive, weights = (x != 0.0) | (ex != 0.0), M != 0.0
    if weights.all():
        return np.asarray(TINY * alive.any(axis=-1, keepdims=M.ndim > 1))
    return np.asarray(TINY * (alive.astype(np.float64) @ weights.astype(np.float64) > 0.0))


def sandwich(
    Q: FloatArray, eQ: FloatArray, A: FloatArray, slope: FloatArray, eslope: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return ``D A^T Q A D`` with ``D = diag(slope)``, and a bound on its error from those of Q and the slopes.

    Three products follow one another, and each may underflow before the next one makes it large again.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> found, error = sandwich(1e-200 * one[None], 0.0 * one[None], 1e-80 * one, 1e150 * one, 0.0 * one)
    >>> found.item(), error.item() >= 1e-60
    (0.0, True)
    """
    n, size = len(A), np.abs(A)
    P = A.T @ Q @ A
    eP = (size.T @ (eQ + (2.0 * n + 6.0) * UNIT * np.abs(Q)) + TINY) @ size + TINY
    D, eD = np.abs(slope), eslope + UNIT * np.abs(slope)
    spread = outer(D + eD) - outer(D) + 4.0 * UNIT * outer(D + eD) + TINY
    error = (outer(D + eD) + TINY) * eP + spread * np.abs(P) + TINY * (1.0 + D + eD)[:, None, :]
    return slope[:, :, None] * P * slope[:, None, :], error


def outer(rows: FloatArray) -> FloatArray:
    """Return the outer product of every row with itself."""
    return np.asarray(rows[:, :, None] * rows[:, None, :])


def length(M: FloatArray) -> float:
    """Return the Frobenius norm; no square underflows or overflows on the way, and NaN stays.

    Examples
    --------
    >>> length(np.array([3e-200, 4e-200])), length(np.array([0.0, np.nan]))
    (5e-200, nan)
    """
    largest = float(np.max(np.abs(M), initial=0.0))
    if 1e-100 < largest < 1e100 or largest == 0.0 or not math.isfinite(largest):
        return float(np.linalg.norm(M))
    scale = 2.0 ** max(math.frexp(largest)[1], -1000)
    return float(np.linalg.norm(M / scale)) * scale


def length_bound(errors: FloatArray, found: float, count: int) -> float:
    """Bound the error of a Frobenius norm from those of its entries."""
    if not math.isfinite(found):
        return math.inf
    return length(errors) * 1.01 + (count + 8.0) * UNIT * found + TINY
