"""What a loss is to be held against: the best constant, and a linear model, fitted to the same rows.

Both are convex problems of a few unknowns for the built-in losses, so Newton's method ends at their only minimum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.options import check_choice
from derandkit.runtime import lapack
from derandkit.structure.choices import LOSSES

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray
    from derandkit.structure.teacher import Sample

#: Ridge of the linear model on whitened inputs: next to nothing on many rows, a bound where classes separate.
RIDGE = 1e-3
STEPS = 60
#: What a step promises, as a share of the risk, from which on steps are taken whole; and how many of these are.
UNSEEN, WHOLE_STEPS = 1e-12, 3
#: Numbers that a part of the Hessian holds at a time.
BLOCK_ENTRIES = 1 << 22


class References(NamedTuple):
    """A constant and a linear model.

    Parameters
    ----------
    constant : ndarray, shape (k,)
        The prediction that has the smallest training loss of all constants, one number for each output.
    weights : ndarray, shape (d, k)
        Of the whitened inputs.
    offset : ndarray, shape (k,)
        Of the linear model.
    """

    constant: FloatArray
    weights: FloatArray
    offset: FloatArray

    def losses(self, loss: str, sample: Sample) -> tuple[float, float]:
        """Return the losses of the constant and of the linear model on weighted rows."""
        linear = np.einsum("ki,ij->kj", sample.points, self.weights) + self.offset
        constant = np.broadcast_to(self.constant, linear.shape)
        return tuple(
            float(np.einsum("k,k->", sample.weights, values_of(loss, f, _columns(sample.targets))))
            for f in (constant, linear)
        )  # type: ignore[return-value]


def fit_references(loss: str, sample: Sample) -> References:
    """Fit both to weighted rows.

    Parameters
    ----------
    loss : {"squared", "logistic", "huber", "softmax"}
        The loss.
    sample : Sample
        Training rows.

    Examples
    --------
    >>> from derandkit.structure.teacher import Sample
    >>> x = np.linspace(-1.0, 1.0, 50)[:, None]
    >>> fit = fit_references("squared", Sample(x, 3.0 * x[:, 0] + 1.0, np.full(50, 0.02), "rows"))
    >>> fit.constant.round(6).tolist(), fit.offset.round(6).tolist(), bool(abs(fit.weights[0, 0] - 3.0) < 0.02)
    ([1.0], [1.0], True)
    """
    ones = np.ones((len(sample.weights), 1))
    constant = _newton(loss, ones, sample, np.zeros(1))
    ridge = np.append(np.full(sample.points.shape[1], RIDGE), 0.0)
    linear = _newton(loss, np.hstack((sample.points, ones)), sample, ridge)
    return References(constant[0], linear[:-1], linear[-1])


def _columns(targets: FloatArray) -> FloatArray:
    return targets[:, None] if targets.ndim == 1 else targets


def _newton(loss: str, X: FloatArray, sample: Sample, ridge: FloatArray) -> FloatArray:
    """Minimise ``sum_k w_k loss(X_k u, y_k) + sum_j ridge_j |u_j|^2``, with steps halved until it falls.

    The risk shows no step that promises less than its rounding, when half of the digits of u are still open; whole
    steps of Newton's method, each of which doubles the digits, settle them. The loss on other rows needs them all.
    """
    y, w = _columns(sample.targets), sample.weights
    d, k = X.shape[1], y.shape[1]

    def risk(u: FloatArray) -> float:
        f = np.einsum("ki,ij->kj", X, u)
        return float(np.einsum("k,k->", w, values_of(loss, f, y)) + np.einsum("i,ij,ij->", ridge, u, u))

    u = np.zeros((d, k))
    here, whole = risk(u), 0
    H: FloatArray | None = None
    for _ in range(STEPS):
        slopes, bends = derivatives(loss, np.einsum("ki,ij->kj", X, u), y)
        gradient = np.einsum("ki,kj->ij", X, w[:, None] * slopes) + 2.0 * ridge[:, None] * u
        if H is None or loss != "squared":  # squares bend the same everywhere
            H = _curvature(X, w, bends, ridge, shifts=loss == "softmax")
        step = lapack.solve(H, gradient.ravel()).reshape(d, k)
        if whole or float(np.einsum("ij,ij->", gradient, step)) <= UNSEEN * (1.0 + abs(here)):
            u, whole = u - step, whole + 1
            if whole == WHOLE_STEPS:
                break
            continue
        size = 1.0
        while size > 1e-9 and not risk(u - size * step) <= here:
            size /= 2.0
        if size <= 1e-9:
            break
        u = u - size * step
        here = risk(u)
    return u


def _curvature(
    X: FloatArray, w: FloatArray, bends: FloatArray, ridge: FloatArray, *, shifts: bool
) -> FloatArray:
    """Return the Hessian in u, row by row; of the softmax, whose outputs may shift together, with that shift held.

    All pairs of outputs are one product: a library with threads of its own is slow on many small ones.
    """
    d, k = X.shape[1], bends.shape[1]
    above = np.triu_indices(k) if shifts else np.diag_indices(k)
    products = np.zeros((d, d, len(above[0])))
    block = max(1, BLOCK_ENTRIES // (d * len(above[0])))
    for first in range(0, len(X), block):
        rows = slice(first, first + block)
        c = w[rows, None] * bends[rows][:, above[0], above[1]]
        bent = (X[rows, :, None] * c[:, None, :]).reshape(len(c), -1)
        products += (X[rows].T @ bent).reshape(products.shape)
    H = np.zeros((d, k, d, k))
    H[:, above[0], :, above[1]] = H[:, above[1], :, above[0]] = np.moveaxis(products, 2, 0)
    H = H.reshape(d * k, d * k) + np.diag(np.repeat(2.0 * ridge, k) + 1e-12)
    if shifts:
        H[-k:, -k:] += 1.0 / k
    return H


def values_of(loss: str, f: FloatArray, y: FloatArray) -> FloatArray:
    """Return a loss of predictions f for targets y, both of shape (m, k), row by row, shape (m,).

    This and `derivatives` are closed forms of `derandkit.structure.training.losses.loss_function`. JAX would compile
    each step of each derivative for this one use, which costs about a second at the first call.

    Raises
    ------
    InputError
        If the name is not known.
    """
    # a loss beyond all numbers is infinite, and the caller leaves it out
    with np.errstate(over="ignore", invalid="ignore"):
        if loss == "softmax":
            top = np.max(f, axis=1)
            values: FloatArray = (
                top + np.log(np.sum(np.exp(f - top[:, None]), axis=1)) - np.sum(y * f, axis=1)
            )
            return values
        if loss == "squared":
            values = (f - y) ** 2
        elif loss == "logistic":
            values = np.logaddexp(0.0, f) - y * f
        elif loss == "huber":
            values = np.hypot(1.0, f - y) - 1.0
        else:
            check_choice("loss", loss, LOSSES)
            raise AssertionError(loss)
        return np.asarray(np.mean(values, axis=1))


def derivatives(loss: str, f: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the gradient and the Hessian of `values_of` in the predictions, shapes (m, k) and (m, k, k)."""
    k = f.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        if loss == "softmax":
            powers = np.exp(f - np.max(f, axis=1, keepdims=True))
            shares = powers / np.sum(powers, axis=1, keepdims=True)
            return shares - y, shares[:, :, None] * (np.eye(k) - shares[:, None, :])
        if loss == "squared":
            slopes, bends = 2.0 * (f - y), np.full(f.shape, 2.0)
        elif loss == "logistic":
            # the smaller of the two classes' probabilities, which neither overflows nor cancels
            small = np.exp(-np.abs(f)) / (1.0 + np.exp(-np.abs(f)))
            slopes, bends = np.where(f < 0.0, small, 1.0 - small) - y, small * (1.0 - small)
        elif loss == "huber":
            root = np.hypot(1.0, f - y)
            slopes, bends = (f - y) / root, root**-3
        else:
            check_choice("loss", loss, LOSSES)
            raise AssertionError(loss)
    return slopes / k, bends[:, :, None] * np.eye(k) / k
