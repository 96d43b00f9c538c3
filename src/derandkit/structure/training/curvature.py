"""Curvature of the penalised risk in all parameters jointly, from differences of gradients.

The engine's descent looks for negative curvature in the bias and the layers above. The saddle at ``W = 0`` with a zero
output layer bends down only in both together, so a run that calls itself stationary is asked once more here.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.hashing import hashed_direction
from derandkit.numerics.vectors import inner, norm
from derandkit.runtime import lapack
from derandkit.structure.training.units import balanced_units, natural_units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from derandkit.engine.law import GaussianSampler
    from derandkit.numerics.typing import FloatArray
    from derandkit.structure.training.objective import NetworkObjective

#: Products with the Hessian that one look at the joint curvature costs at most.
PRODUCTS = 40
#: Curvature below this share of the largest one of the risk counts as zero, and so does what is below this share of the
#: penalty's, which is its rounding; the checker allows twice as much of both.
SHARE, ROUNDING = 5e-4, 5e-13
#: Step of the differences, in units of the parameters' norm.
STEP = 1e-4
#: Lengths that are tried along negative curvature, from the largest on.
LENGTHS = tuple(2.0**-k for k in range(-2, 24))
#: Along smaller negative curvature a step that lowers the risk by this share shows it; the checker allows a thousandth.
LEAST = 5e-4
#: A step longer than this share of the parameters, or of 1, is not taken: it makes weights of 1e12 for units that are
#: all but idle, where any other row may wake them. A point with such a way down is not called stationary either.
FAR = 1e6
#: Directions that are tried in units in which all parameters bend alike, and what counts as negative curvature there.
TRIED, BENT = 3, 1e-6
#: A step along the gradient that lowers the risk by this share shows that it still falls; the checker allows a tenth.
FALL = 0.09
#: Lengths that are tried for it, in units of what would take the whole risk if it fell as at first.
DOWN = tuple(2.0 ** (-k / 2.0) for k in range(-4, 20))


class Joint:
    """All parameters of a network as one vector, with the gradient of the penalised risk.

    Parameters
    ----------
    objective : NetworkObjective
        The risk.
    penalty : float
        Coefficient of ``|W|^2``.
    """

    def __init__(self, objective: NetworkObjective, penalty: float) -> None:
        self.objective, self.penalty = objective, penalty

    def vector(self, law: GaussianSampler) -> FloatArray:
        """Return (W, b, theta) of a distribution as one vector."""
        return np.concatenate([part.ravel() for part in self.objective.parameters(law)])

    def law(self, vector: FloatArray) -> GaussianSampler:
        """Return the distribution of a vector."""
        n, d = self.objective.network.width, self.objective.inputs
        W, b, theta = vector[: n * d], vector[n * d : n * d + n], vector[n * d + n :]
        return self.objective.law(W.reshape(n, d), b, theta)

    def value(self, vector: FloatArray) -> float:
        """Return the penalised risk."""
        law = self.law(vector)
        return self.objective.value(law) + price(self.penalty, law)

    def gradient(self, vector: FloatArray) -> FloatArray:
        """Return its gradient without that of the penalty; zero in what is frozen."""
        law = self.law(vector)
        dW = self.objective.spread_gradient(law)[: self.objective.network.width]
        return np.concatenate((dW.ravel(), self.objective.mean_gradient(law)))

    def product(self, here: FloatArray, v: FloatArray) -> FloatArray:
        """Return the Hessian, without that of the penalty, times a unit vector, by a difference of gradients."""
        h = STEP * max(1.0, norm(here))
        return np.asarray((self.gradient(here + h * v) - self.gradient(here - h * v)) / (2.0 * h))

    def hessian(self, here: FloatArray, v: FloatArray) -> FloatArray:
        """Return the Hessian of the penalised risk times a vector of any length, without a difference."""
        return np.asarray(self.objective.joint_product(self.law(here), v) + self.bend(here) * v)

    def natural_units(self, here: FloatArray) -> FloatArray | None:
        """Return what moves sums in the network by their size, zero in what is frozen; None for a network unknown."""
        student, sample = self.objective.network.student, self.objective.sample
        if not student.builtin:
            return None
        return self.free(natural_units(student, *self.objective.parameters(self.law(here)), sample))

    def lowest(self, trials: Sequence[FloatArray]) -> tuple[FloatArray, float]:
        """Return the vector of the smallest penalised risk, the first of equals, and that risk."""
        values = [self.value(trial) for trial in trials]
        best = int(np.argmin([x if math.isfinite(x) else math.inf for x in values]))
        return trials[best], values[best]

    def free(self, vector: FloatArray) -> FloatArray:
        """Return a copy of a vector with zeros in what is frozen."""
        n, frozen = self.objective.network.width, self.objective.frozen
        first, out = n * self.objective.inputs, vector.copy()
        if "bias" in frozen:
            out[first : first + n] = 0.0
        if "upper" in frozen:
            out[first + n :] = 0.0
        return out

    def bend(self, vector: FloatArray) -> FloatArray:
        """Return the curvature that the penalty adds, in each parameter."""
        added = np.zeros_like(vector)
        added[: self.objective.network.width * self.objective.inputs] = 2.0 * self.penalty
        return added


def lanczos(
    product: Callable[[FloatArray], FloatArray], added: FloatArray, start: FloatArray, count: int = 1
) -> tuple[FloatArray, float, float, FloatArray]:
    """Return the smallest Ritz values of ``A + Diag(added)``, the greatest of A and of the sum, and unit vectors.

    Parameters
    ----------
    product : callable
        A symmetric matrix A times a vector.
    added : ndarray, shape (N,)
        A diagonal. Up to `PRODUCTS` rows the smallest value is an eigenvalue.
    start : ndarray, shape (N,)
        Where Lanczos' method starts; the vectors stay in an invariant subspace that it lies in.
    count : int
        How many of the smallest values, and of their vectors, are wanted; fewer in a space of fewer products.

    Notes
    -----
    Lanczos' method with full orthogonalisation: `PRODUCTS` products at most. The smallest Ritz
    value is never below the smallest eigenvalue.

    Examples
    --------
    >>> low, alone, whole, _ = lanczos(lambda v: np.array([-1.0, 2.0, 5.0]) * v, np.array([0.0, 9.0, 0.0]), np.ones(3))
    >>> low.round(6), round(alone, 6), round(whole, 6)
    (array([-1.]), 5.0, 11.0)
    """
    basis = np.zeros((min(PRODUCTS, start.size), start.size))
    basis[0] = start / norm(start)
    T = np.zeros((len(basis), len(basis)))
    used = 0
    for k in range(len(basis)):
        w = product(basis[k]) + added * basis[k]
        used = k + 1
        T[k, k] = inner(basis[k], w)
        for _ in range(2):
            w = w - np.einsum("ki,k->i", basis[:used], np.einsum("ki,i->k", basis[:used], w))
        rest = norm(w)
        if used == len(basis) or not rest > 1e-10 * max(1e-300, float(np.abs(T).max())):
            break
        basis[used] = w / rest
        T[k, used] = T[used, k] = rest
    values, vectors = lapack.eigh(T[:used, :used])
    alone = T[:used, :used] - np.einsum("ki,i,li->kl", basis[:used], added, basis[:used])
    low = [np.einsum("ki,k->i", basis[:used], vector) for vector in vectors.T[:count]]
    sizes = (float(np.abs(lapack.eigvalsh(alone)).max()), float(np.abs(values).max()))
    return values[:count], *sizes, np.stack([vector / norm(vector) for vector in low])


def joint_curvature(joint: Joint, here: FloatArray) -> tuple[float, float, float, FloatArray]:
    """Return what `lanczos` finds of the curvature in all parameters jointly, without and with the penalty.

    Examples
    --------
    >>> from derandkit.structure.training.network import build
    >>> from derandkit.structure.training.objective import NetworkObjective
    >>> from derandkit import Student, Teacher
    >>> student, teacher = Student(width=2), Teacher("tanh", 2)
    >>> risk = NetworkObjective(build(student, "squared", 2), teacher.training())
    >>> smallest, largest, _, _ = joint_curvature(Joint(risk, 1e-3), np.zeros(2 * 2 + 2 + 3))
    >>> bool(smallest < -0.1 * largest)  # W = 0 and v = 0: a saddle
    True
    """
    # a start with a part in what is frozen would bend the risk there, and the way down would move it
    start = joint.free(hashed_direction(here.size))
    (low,), alone, whole, (way,) = lanczos(partial(joint.product, here), joint.bend(here), start)
    return float(low), alone, whole, way


def leave_saddle(joint: Joint, law: GaussianSampler) -> GaussianSampler | None:
    """Return a distribution of smaller penalised risk along negative curvature; None if no curvature is negative.

    The given one comes back where it is no saddle to leave, but no stationary point: only steps beyond `FAR` lead down.
    Curvature is negative beyond doubt from `SHARE` of the largest on. Some that is smaller counts where the risk falls
    along it by `LEAST` of itself, in the parameters as they are or in units in which all bend alike: one of large
    effect, such as a constant of the outputs, hides no saddle.
    """
    here = joint.vector(law)
    smallest, largest, whole, direction = joint_curvature(joint, here)
    if not math.isfinite(smallest):
        return None
    value = joint.value(here)
    if smallest < -(SHARE * largest + ROUNDING * whole):
        lower, least = joint.lowest(_both_ways(here, direction))
        return joint.law(lower) if least < value else None
    ways = list(_balanced_ways(joint, here, value))
    if smallest < -ROUNDING * whole:
        ways.append(_length(value, smallest) * direction)
    enough, reach = (1.0 - LEAST) * value, FAR * max(1.0, norm(here))
    trials = [trial for way in ways for trial in _both_ways(here, way)]
    near = [trial for trial in trials if norm(trial - here) <= reach]
    for within in (near, trials):
        if not within:
            continue
        lower, least = joint.lowest(within)
        if least < enough:
            return joint.law(lower) if within is near else law
    return None


def _balanced_ways(joint: Joint, here: FloatArray, value: float) -> Iterator[FloatArray]:
    """Yield steps along negative curvature in units in which all parameters bend the risk alike.

    The products are no differences, in which curvature that is small beside the largest one would be rounding.
    """
    most = joint.natural_units(here)
    if most is None:
        return
    unit = balanced_units(partial(joint.hessian, here), most)
    start = hashed_direction(here.size) * (unit > 0.0)
    if not (start.any() and np.isfinite(unit).all()):
        return
    bent, whole, _, ways = lanczos(
        lambda v: unit * joint.hessian(here, unit * v), np.zeros_like(here), start, TRIED
    )
    for low, way in zip(bent, ways, strict=True):
        if not low < -BENT * whole:
            return
        yield _length(value, low) * unit * way


def _length(value: float, curvature: float) -> float:
    """Return the step at which negative curvature would have taken the whole risk, if it went on so."""
    return math.sqrt(2.0 * max(value, 0.0) / -curvature)


def _both_ways(here: FloatArray, way: FloatArray) -> list[FloatArray]:
    """Return the points at `LENGTHS` of a vector and of its opposite; which of the two is given changes nothing."""
    lead = way[int(np.argmax(np.abs(way)))]
    way = way if lead > 0 else -way
    return [here + sign * length * way for length in LENGTHS for sign in (1.0, -1.0)]


def leave_slope(joint: Joint, law: GaussianSampler) -> GaussianSampler | None:
    """Return the lowest distribution along the gradient if the penalised risk falls by `FALL` of itself; None if not.

    A descent measures gradients, and falls of the risk, by those at its start. Where the targets are tiny the risk at
    the start is that of the network's own outputs, and everything is small beside it long before the targets are met.

    Examples
    --------
    >>> from derandkit.structure.training.network import build
    >>> from derandkit.structure.training.objective import NetworkObjective
    >>> from derandkit import Student, Teacher
    >>> student, teacher = Student(width=2), Teacher("tanh", 2)
    >>> risk = NetworkObjective(build(student, "squared", 2), teacher.training())
    >>> joint, law = Joint(risk, 1e-3), risk.law(np.eye(2), np.zeros(2), np.ones(3))
    >>> below = leave_slope(joint, law)
    >>> bool(joint.value(joint.vector(below)) < 0.91 * joint.value(joint.vector(law)))
    True
    """
    here = joint.vector(law)
    value, gradient = joint.value(here), joint.gradient(here) + joint.bend(here) * here
    size = norm(gradient)
    first = value / size if size > 0.0 else 0.0
    if not (0.0 < first < math.inf):
        return None
    lower, least = joint.lowest([here - (length * first / size) * gradient for length in DOWN])
    return joint.law(lower) if least < (1.0 - FALL) * value else None


def largest_curvature(objective: NetworkObjective, law: GaussianSampler, steps: int = 20) -> float:
    """Estimate the largest curvature of the risk in all parameters, by power steps on differences of gradients."""
    joint = Joint(objective, 0.0)
    here = joint.vector(law)
    v, size = hashed_direction(here.size), 0.0
    for _ in range(steps):
        w = joint.product(here, v)
        size = norm(w)
        if not (size > 0 and math.isfinite(size)):
            return size
        v = w / size
    return size


def price(penalty: float, law: GaussianSampler) -> float:
    """Return what a penalty adds to the risk: infinite, or no number, where the square leaves the range of numbers."""
    return penalty * (law.spread_norm * law.spread_norm)
