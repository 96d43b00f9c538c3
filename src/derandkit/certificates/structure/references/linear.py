"""The linear model with the smallest loss and a ridge, by Newton's method, and a proof of how near it is to the best.

Notes
-----
Let F be the risk with its ridge at u, g its gradient there, ``u + d`` the minimum, and ``p(t) = F(u + t d)``. All
losses are self-concordant in a general sense (Bach, Electronic Journal of Statistics 4 (2010) 384-414): along a line on
which the outputs of row r move by ``s_r`` the third derivative of its loss is at most ``M |s_r|`` times the second one,
with ``M = 0`` for squares, 1 for the logistic loss, 3/2 for the pseudo-Huber loss ``sqrt(1 + t^2) - 1``
(``3 |t| / (1 + t^2)`` is at most that), and 1 for the softmax with ``s_r`` the range of the movements of its outputs.
With R the largest ``|s_r|``, ``p''(t) >= exp(-M R t) p''(0)``. Since ``p'(1) = 0``, ``-g d = -p'(0) >= p''(0) k(R)``
with ``k(R) = (1 - exp(-M R)) / (M R)``. Let S be a diagonal matrix of units and ``mu`` such that ``H >= mu S^2`` for
the Hessian at u, so that ``p''(0) >= mu |S d|^2``. Then ``|S d| mu k(R) <= |S^-1 g|``. With ``x = max_r |S^-1 x_r|``
(twice that for the softmax) R is at most ``x |S d|``, so ``(1 - exp(-M R)) / M <= x |S^-1 g| / mu = q``. Where
``M q < 1`` this gives ``R <= -log(1 - M q) / M``, and ``|S d| <= |S^-1 g| / (mu k(R)) <= -log(1 - M q) / (M x)``: no
output of the model is farther from that of the best one than this times ``|S^-1 x_r|``. The units are the roots of the
diagonal of H, and ``mu`` is the smallest eigenvalue of ``S^-1 H S^-1`` less what rounding may change of it.

The gradient is added up exactly, from terms whose rounding is counted. Of the Huber loss it is split as in
`derandkit.certificates.structure.references.constants.huber_constant`.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.certificates.structure import networks, several
from derandkit.certificates.structure.references.model import Reference
from derandkit.certificates.structure.rounding import TINY, UNIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.certificates.structure.networks import Sample
    from derandkit.numerics.typing import FloatArray

#: Of the weights on whitened inputs; the offset has none.
RIDGE = 1e-3
#: How fast the second derivative may change, as a share of itself.
BENDS = {"squared": 0.0, "logistic": 1.0, "huber": 1.5, "softmax": 1.0}
#: Steps of Newton's method; and those after which a quadratic function is at its minimum but for rounding.
STEPS, OF_SQUARES = 200, 4
#: Of steps that promise less than this share of the risk, so many may promise no less than the best one before them.
UNSEEN, WITHOUT_GAIN = 1e-12, 5
#: Halvings and doublings of a step, and its greatest length.
LENGTHS, LONGEST = 1100, 1e300
_LARGEST = 0.5


class Slopes(NamedTuple):
    """Derivatives of the losses of rows in their outputs.

    Parameters
    ----------
    exact, rest : ndarray, shape (m, k)
        Two parts of the gradient; the first has no error.
    error : ndarray, shape (m, k)
        Of the sum of both.
    bends : ndarray, shape (m, k, k)
        The Hessian, known to a share of itself.
    share : float
        That share, as an order of matrices.
    """

    exact: FloatArray
    rest: FloatArray
    error: FloatArray
    bends: FloatArray
    share: float


def slopes_of(loss: str, f: FloatArray, y: FloatArray, off: FloatArray) -> Slopes:
    """Return gradients and Hessians of row losses whose outputs f are off by `off`; sums over outputs, not means."""
    from scipy.special import expit

    exact = np.zeros_like(f)
    if loss == "softmax":
        powers = np.exp(f - f.max(axis=1, keepdims=True))
        p = powers / powers.sum(axis=1, keepdims=True)
        spread, k = off.max(axis=1, keepdims=True), f.shape[1]
        size = 1.0 + np.ptp(f, axis=1, keepdims=True)
        relative = 4.0 * spread + (2.0 * k + 64.0) * UNIT * size
        bends = -p[:, :, None] * p[:, None, :]
        at = np.arange(k)
        bends[:, at, at] = 0.0
        bends[:, at, at] = -bends.sum(axis=2)
        return Slopes(exact, p - y, relative * p + 2.0 * UNIT * (p + y), bends, 3.0 * float(relative.max()))
    if loss == "squared":
        return Slopes(
            exact, 2.0 * (f - y), 2.0 * off + 4.0 * UNIT * np.abs(f - y), _matrices(np.full_like(f, 2.0)), 0.0
        )
    if loss == "logistic":
        p, other = expit(f), expit(-f)
        bent, rest = p * other, np.where(y == 0.0, p, np.where(y == 1.0, -other, p - y))
        error = bent * _grown(loss, off) * off + 24.0 * UNIT * np.where(
            (y == 0.0) | (y == 1.0), np.abs(rest), p + np.abs(y)
        )
        share = 2.0 * float(off.max()) + 64.0 * UNIT * (1.0 + float(np.abs(f).max()))
        return Slopes(exact, rest, error, _matrices(bent), share)
    t = f - y
    off = off + UNIT * np.abs(t)
    size, root = np.abs(t), np.hypot(1.0, t)
    lost, bent = 1.0 / (root * (root + size)), root**-3.0
    exact = np.sign(t)
    share = 3.0 * float(off.max()) + 64.0 * UNIT
    error = bent * _grown(loss, off) * off + 24.0 * UNIT * lost
    return Slopes(exact, -exact * lost, error, _matrices(bent), share)


def _grown(loss: str, off: FloatArray) -> FloatArray:
    """Return by which factor a second derivative may grow where outputs are off."""
    return np.asarray(np.exp(np.minimum(2.0 * BENDS[loss] * off, _LARGEST)))


def _matrices(diagonal: FloatArray) -> FloatArray:
    out = np.zeros((*diagonal.shape, diagonal.shape[1]))
    at = np.arange(diagonal.shape[1])
    out[:, at, at] = diagonal
    return out


class Problem:
    """A linear model of some outputs together: one, or those of a softmax, of which the last has no offset.

    Parameters
    ----------
    loss : str
        The loss.
    X : ndarray, shape (m, d + 1)
        Inputs, the last one of which is 1.
    y, w : ndarray, shapes (m, k) and (m,)
        Targets and weights.
    ridge : ndarray, shape (d + 1,)
        Of each input.
    """

    def __init__(self, loss: str, X: FloatArray, y: FloatArray, w: FloatArray, ridge: FloatArray) -> None:
        self.loss, self.X, self.y, self.w = loss, X, y, w
        self.k = y.shape[1]
        self.ridge = np.repeat(ridge, self.k)
        free = np.ones(self.ridge.size, dtype=bool)
        if loss == "softmax":  # a common shift of all outputs changes nothing
            free[-1] = False
        self.free = free

    def full(self, u: FloatArray) -> FloatArray:
        """Return parameters as a matrix, shape (d + 1, k)."""
        out = np.zeros(self.free.size)
        out[self.free] = u
        return out.reshape(-1, self.k)

    def outputs(self, u: FloatArray) -> FloatArray:
        """Return predictions."""
        return np.asarray(self.X @ self.full(u))

    def off(self, u: FloatArray) -> FloatArray:
        """Bound the rounding of predictions."""
        return np.asarray((self.X.shape[1] + 4.0) * UNIT * (np.abs(self.X) @ np.abs(self.full(u))) + TINY)

    def value(self, u: FloatArray) -> float:
        """Return what is minimised."""
        f, u = self.outputs(u), self.full(u)
        value = (
            several.loss_derivatives(self.loss, f, self.y)[0]
            if self.loss == "softmax"
            else networks.loss_derivatives(self.loss, f, self.y)[0].sum(axis=1)
        )
        return float(self.w @ value + self.ridge @ u.ravel() ** 2)

    def slopes(self, u: FloatArray) -> Slopes:
        """Return the derivatives of the losses of rows at predictions that count as exact."""
        f = self.outputs(u)
        return slopes_of(self.loss, f, self.y, np.zeros_like(f))

    def gradient(self, u: FloatArray, found: Slopes) -> FloatArray:
        """Return the gradient, fast; of offsets, which have no ridge and may have next to no curvature, exactly."""
        at = self.X.T @ (self.w[:, None] * (found.exact + found.rest))
        if self.loss == "huber":
            for i in range(self.k):
                parts = self.w * found.exact[:, i], self.w * found.rest[:, i]
                at[-1, i] = math.fsum((*parts[0].tolist(), *parts[1].tolist()))
        return np.asarray((at.ravel() + 2.0 * self.ridge * self.full(u).ravel())[self.free])

    def hessian(self, bends: FloatArray) -> FloatArray:
        """Return the Hessian from those of the rows."""
        P, k = self.X.shape[1], self.k
        H = np.diag(2.0 * self.ridge).reshape(P, k, P, k)
        for i in range(k):
            for j in range(k):
                H[:, i, :, j] += (self.X.T * (self.w * bends[:, i, j])) @ self.X
        return np.asarray(H.reshape(P * k, P * k)[np.ix_(self.free, self.free)])

    def exact_gradient(self, u: FloatArray, found: Slopes) -> tuple[FloatArray, FloatArray]:
        """Return the gradient, added up exactly, and a bound on its error."""
        shape = self.X.shape[1], self.k
        g, error = np.zeros(shape), np.zeros(shape)
        for j in range(shape[0]):
            x = self.X[:, j]
            ones = bool(np.all(x == 1.0))
            for i in range(self.k):
                signs, rest = self.w * x * found.exact[:, i], self.w * x * found.rest[:, i]
                g[j, i] = math.fsum((*signs.tolist(), *rest.tolist()))
                size = self.w * np.abs(x)
                rounded = (
                    4.0 * UNIT * (np.abs(found.rest[:, i]) + (0.0 if ones else np.abs(found.exact[:, i])))
                )
                error[j, i] = 1.01 * float(size @ (found.error[:, i] + rounded)) + 2.0 * UNIT * abs(g[j, i])
        decay = 2.0 * self.ridge * self.full(u).ravel()
        total = g.ravel() + decay
        errors = error.ravel() + 4.0 * UNIT * (np.abs(decay) + np.abs(g.ravel())) + TINY
        return total[self.free], errors[self.free]

    def distance(self, u: FloatArray) -> tuple[float, FloatArray]:
        """Return the radius and the units of a proof that the minimum is near, see the notes of this module."""
        off = self.off(u)
        found = slopes_of(self.loss, self.outputs(u), self.y, off)
        H = self.hessian(found.bends)
        units = np.sqrt(np.diag(H))
        unknown = math.inf, np.ones((self.X.shape[1], self.k))
        if not (np.isfinite(H).all() and np.all(units > 1e-100) and found.share < _LARGEST):
            return unknown
        size, m = len(units), len(self.w)
        try:
            least = float(np.linalg.eigvalsh(H / units[:, None] / units)[0])
        except np.linalg.LinAlgError:
            return unknown
        least = least * (1.0 - found.share) - 4.0 * size * (m + 8.0 * size + 64.0) * UNIT
        g, error = self.exact_gradient(u, found)
        short = float(np.linalg.norm((np.abs(g) + error) / units)) * 1.01
        if not (least > 0.0 and math.isfinite(short)):
            return unknown
        inverse = self.full(1.0 / units)
        # the outputs of a softmax move apart by twice the largest movement
        lengths = np.sqrt(self.X**2 @ inverse**2) * (2.0 if self.loss == "softmax" else 1.0)
        farthest, bend = 1.01 * float(lengths.max()), BENDS[self.loss]
        moved = bend * farthest * short / least
        if not moved < 0.9:
            return unknown
        stretched = -math.log1p(-moved) / moved if moved > 1e-12 else 1.0 + moved
        return stretched * short / least, inverse


def minimum(problem: Problem, u: FloatArray) -> FloatArray:
    """Minimise a convex function by Newton steps, each as long as the slope along it says.

    A step is halved while the function rises at its end half as steeply as it fell at its beginning, and doubled while
    it still falls so: the slope shows that where rounding hides the function itself, and there is no shortest length.

    Examples
    --------
    >>> x, y = np.ones((3, 1)), np.array([[0.0], [1e9], [3e9]])
    >>> found = minimum(Problem("huber", x, y, np.full(3, 1 / 3), np.zeros(1)), np.zeros(1))
    >>> bool(abs(found[0] - 1e9) < 1.0)
    True
    """
    best, least, idle = u, math.inf, 0
    H: FloatArray | None = None
    for _ in range(OF_SQUARES if problem.loss == "squared" else STEPS):
        found = problem.slopes(u)
        g = problem.gradient(u, found)
        if H is None or problem.loss != "squared":  # squares bend the same everywhere
            H = problem.hessian(found.bends)
        step = newton_step(H, g)
        fall = -float(g @ step)
        if not (fall >= 0.0 and np.isfinite(step).all()):
            break
        if fall < least:
            best, least, idle = u, fall, 0 if fall < 0.5 * least else idle
        if fall <= UNSEEN * problem.value(u):
            idle += 1
        if fall == 0.0 or idle > WITHOUT_GAIN:
            break
        u = u + _length(functools.partial(_slope, problem, u, step), fall) * step
    return best


def _slope(problem: Problem, u: FloatArray, step: FloatArray, t: float) -> float:
    """Return the slope along a step behind the share t of it."""
    there = u + t * step
    return float(problem.gradient(there, problem.slopes(there)) @ step)


def newton_step(H: FloatArray, g: FloatArray) -> FloatArray:
    """Return minus the Hessian's inverse times the gradient, each parameter in its own unit.

    Examples
    --------
    >>> newton_step(np.diag([4.0, 2.0**-80]), np.array([1.0, 1.0])).tolist()
    [-0.25, -1.2089258196146292e+24]
    """
    diagonal = np.diag(H)
    units = np.sqrt(np.where(diagonal > 0.0, diagonal, 1e-300))
    C = H / units[:, None] / units
    try:
        found = np.linalg.solve(C, g / units)
        if not np.isfinite(found).all() or found @ (g / units) < 0.0:
            found = np.linalg.lstsq(C, g / units, rcond=1e-14)[0]
    except np.linalg.LinAlgError:
        return np.full_like(g, np.nan)
    return np.asarray(-found / units, dtype=np.float64)


def _length(slope: Callable[[float], float], fall: float) -> float:
    """Return a length at which a convex function neither rises nor falls half as steeply as it fell at 0."""
    low, high, length = 0.0, math.inf, 1.0
    for _ in range(LENGTHS):
        found = slope(length)
        if abs(found) <= 0.5 * fall:
            break
        if found < 0.0:
            low = length
        else:  # NaN counts as too far
            high = length
        length = 2.0 * low if high == math.inf else 0.5 * (low + high)
        if not low < length < high or length > LONGEST:
            break
    return low or length if abs(found) > 0.5 * fall else length


def linear_model(loss: str, sample: Sample, start: FloatArray) -> Reference:
    """Return the linear model with the smallest loss and a ridge of its weights, from the best constant on.

    Parameters
    ----------
    loss : str
        The loss.
    sample : Sample
        Weighted rows.
    start : ndarray, shape (k,)
        Offsets to begin with.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> x = np.linspace(-1.0, 1.0, 9)
    >>> rows = SimpleNamespace(points=x[:, None], targets=1e6 + 2.0 * x, weights=np.full(9, 1 / 9))
    >>> found = linear_model("huber", rows, np.array([1e6]))
    >>> bool(abs(found.weights[0, 0] - 2.0) < 0.02), bool(found.radius[0] < 1e-6)
    (True, True)
    """
    w = sample.weights
    y = sample.targets.reshape(len(w), -1)
    d, k = sample.points.shape[1], y.shape[1]
    X = np.column_stack((sample.points, np.ones(len(w))))
    ridge = np.append(np.full(d, RIDGE), 0.0)
    groups = [list(range(k))] if loss == "softmax" else [[i] for i in range(k)]
    # the loss is the mean over the outputs, and each of them is a problem of its own with k times the ridge
    if loss != "softmax":
        ridge = ridge * k
    weights, units, radius = np.zeros((d + 1, k)), np.zeros((d + 1, k)), np.zeros(k)
    with np.errstate(all="ignore"):
        for group in groups:
            problem = Problem(loss, X, y[:, group], w, ridge)
            first = np.zeros((d + 1, len(group)))
            first[-1] = start[group] - (start[group[-1]] if loss == "softmax" else 0.0)
            u = minimum(problem, first.ravel()[problem.free])
            radius[group], units[:, group] = problem.distance(u)
            weights[:, group] = problem.full(u)
    return Reference(loss, weights[:-1], weights[-1], radius, units)
