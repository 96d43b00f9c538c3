"""What a loss is to be held against: the best constant, and a linear model, fitted to the same rows.

Both are convex problems of a few unknowns for the built-in losses. The constant is known in closed form or by halving
an interval; Newton's method finds the linear model. On targets of size 1e8 and more the Huber loss may be so nearly
flat where the linear model is best that its place is not known in double precision: its loss is NaN then.
"""

from __future__ import annotations

import math
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
STEPS = 200
#: Of steps that promise less than this share of the risk so many may promise no less than the best one before them.
UNSEEN, WITHOUT_GAIN = 1e-12, 5
#: Steps after which a quadratic function is at its minimum but for rounding.
OF_SQUARES = 4
#: Halvings and doublings of a step, and its greatest length.
LENGTHS, LONGEST = 1100, 1e300
#: How fast the second derivative of a loss changes, as a share of itself.
BENDS = {"squared": 0.0, "logistic": 1.0, "huber": 1.5, "softmax": 2.0}
#: A linear model is known if its loss on the training rows is to this share.
KNOWN = 1e-9
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
    known : bool
        Whether the linear model is the best one to within the digits that are stored of its loss.
    """

    constant: FloatArray
    weights: FloatArray
    offset: FloatArray
    known: bool = True

    def losses(self, loss: str, sample: Sample) -> tuple[float, float]:
        """Return the losses of the constant and of the linear model on weighted rows; NaN of one that is not known."""
        linear = np.einsum("ki,ij->kj", sample.points, self.weights) + self.offset
        constant = np.broadcast_to(self.constant, linear.shape)
        mean, line = (
            float(np.einsum("k,k->", sample.weights, values_of(loss, f, _columns(sample.targets))))
            for f in (constant, linear)
        )
        return mean, line if self.known else math.nan


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
    constant = best_constant(loss, _columns(sample.targets), sample.weights)
    ridge = np.append(np.full(sample.points.shape[1], RIDGE), 0.0)
    problem = _Problem(loss, np.hstack((sample.points, ones)), sample, ridge)
    start = np.zeros((len(ridge), len(constant)))
    start[-1] = constant
    with np.errstate(all="ignore"):
        linear = problem.minimum(start)
        known = problem.known(linear)
    return References(constant, linear[:-1], linear[-1], known)


def _columns(targets: FloatArray) -> FloatArray:
    return targets[:, None] if targets.ndim == 1 else targets


def best_constant(loss: str, y: FloatArray, w: FloatArray) -> FloatArray:
    """Return the constant with the smallest loss, one number for each output.

    Examples
    --------
    >>> y, w = np.array([[0.0], [0.0], [0.0], [1.0]]), np.full(4, 0.25)
    >>> [round(float(best_constant(loss, y, w)[0]), 4) for loss in ("squared", "logistic", "huber")]
    [0.25, -1.0986, 0.211]
    """
    if loss == "squared":
        total = math.fsum(w.tolist())
        return np.array([math.fsum((w * column).tolist()) / total for column in y.T])
    if loss == "huber":
        return np.array([_middle_of(column, w) for column in y.T])
    shares = np.array([math.fsum((w * column).tolist()) for column in y.T])
    if loss == "softmax":
        return np.asarray(np.log(np.maximum(shares, np.finfo(float).tiny)))
    others = np.array([math.fsum((w * (1.0 - column)).tolist()) for column in y.T])
    return np.asarray(np.log(np.maximum(shares, 1e-300)) - np.log(np.maximum(others, 1e-300)))


def _middle_of(y: FloatArray, w: FloatArray) -> float:
    """Return the best constant of the pseudo-Huber loss.

    The signs of the differences are added up exactly and what their slopes lack to them apart from these, so that the
    slope is known beside large targets, of which half pull up and half pull down.
    """
    y, w = y[w > 0.0], w[w > 0.0]
    low, high = float(y.min()), float(y.max())
    while low < (c := low + 0.5 * (high - low)) < high:
        sides, lacking = _sides(c - y)
        slope = float(np.sum(w * (sides - lacking)))
        if abs(slope) < UNSEEN * len(w) * float(np.sum(w)):
            slope = math.fsum((*(w * sides).tolist(), *(-w * lacking).tolist()))
        if slope == 0.0:
            break
        low, high = (c, high) if slope < 0.0 else (low, c)
    return c


def _sides(t: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the signs of differences, and what the slopes of the pseudo-Huber loss lack to them."""
    root, sides = np.hypot(1.0, t), np.sign(t)
    return sides, sides / (root * (root + np.abs(t)))


class _Problem:
    """Minimise ``sum_k w_k loss(X_k u, y_k) + sum_j ridge_j |u_j|^2`` by Newton's method."""

    def __init__(self, loss: str, X: FloatArray, sample: Sample, ridge: FloatArray) -> None:
        self.loss, self.X, self.ridge = loss, X, ridge
        self.y, self.w = _columns(sample.targets), sample.weights

    def _outputs(self, u: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("ki,ij->kj", self.X, u))

    def _risk(self, u: FloatArray) -> float:
        values = values_of(self.loss, self._outputs(u), self.y)
        return float(np.einsum("k,k->", self.w, values) + np.einsum("i,ij,ij->", self.ridge, u, u))

    def _gradient(self, u: FloatArray) -> FloatArray:
        f = self._outputs(u)
        slopes = derivatives(self.loss, f, self.y)[0]
        g = np.einsum("ki,kj->ij", self.X, self.w[:, None] * slopes) + 2.0 * self.ridge[:, None] * u
        if self.loss == "huber":  # the offset has no ridge, and next to no curvature beside large targets
            sides, lacking = _sides(f - self.y)
            for j in range(f.shape[1]):
                terms = (*(self.w * sides[:, j]).tolist(), *(-self.w * lacking[:, j]).tolist())
                g[-1, j] = math.fsum(terms) / f.shape[1]
        return np.asarray(g)

    def _hessian(self, u: FloatArray) -> FloatArray:
        bends = derivatives(self.loss, self._outputs(u), self.y)[1]
        return _curvature(self.X, self.w, bends, self.ridge, shifts=self.loss == "softmax")

    def minimum(self, u: FloatArray) -> FloatArray:
        """Return the minimum, as near as rounding allows.

        How long a step is, the slope along it says, which shows what rounding hides in the risk itself.
        """
        best, least, idle = u, math.inf, 0
        H: FloatArray | None = None
        for _ in range(OF_SQUARES if self.loss == "squared" else STEPS):
            gradient = self._gradient(u)
            if H is None or self.loss != "squared":  # squares bend the same everywhere
                H = self._hessian(u)
            units = np.sqrt(np.diag(H))
            if not (np.isfinite(H).all() and units.min() > 0.0):
                break
            scaled = H / units[:, None] / units + 1e-15 * np.eye(len(H))
            step = -(lapack.solve(scaled, gradient.ravel() / units) / units).reshape(u.shape)
            fall = -float(np.einsum("ij,ij->", gradient, step))
            if not fall >= 0.0:
                break
            if fall < least:
                best, least, idle = u, fall, 0 if fall < 0.5 * least else idle
            if fall <= UNSEEN * self._risk(u):
                idle += 1
            if fall == 0.0 or idle > WITHOUT_GAIN:
                break
            u = u + self._length(u, step, fall) * step
        return best

    def _length(self, u: FloatArray, step: FloatArray, fall: float) -> float:
        """Return a length of a step at whose end the risk neither rises nor falls half as steeply as at its start."""
        low, high, length = 0.0, math.inf, 1.0
        for _ in range(LENGTHS):
            slope = float(np.einsum("ij,ij->", self._gradient(u + length * step), step))
            if abs(slope) <= 0.5 * fall:
                return length
            if slope < 0.0:
                low = length
            else:
                high = length
            length = 2.0 * low if high == math.inf else 0.5 * (low + high)
            if not low < length < high or length > LONGEST:
                break
        return low or length

    def known(self, u: FloatArray) -> bool:
        """Whether the minimum is so near that the loss there is the same in all digits that are stored.

        The distance follows from the gradient and the curvature; how far that changes, from the loss.
        """
        f, H = self._outputs(u), self._hessian(u)
        units = np.sqrt(np.diag(H))
        slopes = np.abs(derivatives(self.loss, f, self.y)[0])
        noise = np.einsum("ki,kj->ij", np.abs(self.X), self.w[:, None] * slopes)
        if self.loss == "huber":
            noise[-1] = np.einsum("k,kj->j", self.w, np.abs(_sides(f - self.y)[1])) / f.shape[1]
        if not (np.isfinite(H).all() and units.min() > 0.0):
            return False
        steepness = (np.abs(self._gradient(u)) + 2e-16 * noise).ravel() / units
        least = float(lapack.eigvalsh(H / units[:, None] / units)[0])
        away = math.sqrt(float(np.sum(steepness**2))) / max(least, 1e-300)
        reach = np.sqrt(np.einsum("ki,ij->kj", self.X**2, units.reshape(u.shape) ** -2.0)) * away
        change = float(np.einsum("k,kj,kj->", self.w, slopes, reach))
        risk = float(np.einsum("k,k->", self.w, values_of(self.loss, f, self.y)))
        return bool(BENDS[self.loss] * reach.max() < 0.5 and change <= KNOWN * risk + 1e-300)


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
    H = H.reshape(d * k, d * k) + np.diag(np.repeat(2.0 * ridge, k))
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
