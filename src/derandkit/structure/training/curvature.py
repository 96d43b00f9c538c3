"""Curvature of the penalised risk in all parameters jointly, from differences of gradients.

The engine's descent looks for negative curvature in the bias and the layers above. The saddle at ``W = 0`` with a zero
output layer bends down only in both together, so a run that calls itself stationary is asked once more here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.hashing import hashed_direction
from derandkit.numerics.vectors import inner, norm

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.engine.law import GaussianSampler
    from derandkit.numerics.typing import FloatArray
    from derandkit.structure.training.objective import NetworkObjective

#: Products with the Hessian that one look at the joint curvature costs at most.
PRODUCTS = 40
#: Curvature below this share of the largest one counts as zero; the checker allows twice as much.
SHARE = 5e-4
#: Step of the differences, in units of the parameters' norm.
STEP = 1e-4
#: Lengths that are tried along negative curvature, from the largest on.
LENGTHS = tuple(2.0**-k for k in range(-2, 24))


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
        return self.objective.value(law) + self.penalty * law.spread_norm**2

    def gradient(self, vector: FloatArray) -> FloatArray:
        """Return its gradient; zero in what is frozen."""
        n, law = self.objective.network.width, self.law(vector)
        W = self.objective.parameters(law)[0]
        dW = self.objective.spread_gradient(law)[:n] + 2.0 * self.penalty * W
        return np.concatenate((dW.ravel(), self.objective.mean_gradient(law)))


def lanczos(product: Callable[[FloatArray], FloatArray], size: int) -> tuple[float, float, FloatArray]:
    """Return the smallest and largest Ritz value of a symmetric matrix, and the vector of the smallest.

    Parameters
    ----------
    product : callable
        Matrix times vector.
    size : int
        Rows of the matrix; up to `PRODUCTS` of them the values are its eigenvalues.

    Notes
    -----
    Lanczos' method with full orthogonalisation, from a fixed start: `PRODUCTS` products at most. The smallest Ritz
    value is never below the smallest eigenvalue.

    Examples
    --------
    >>> low, high, _ = lanczos(lambda v: np.array([-1.0, 2.0, 5.0]) * v, 3)
    >>> round(low, 6), round(high, 6)
    (-1.0, 5.0)
    """
    basis = np.zeros((min(PRODUCTS, size), size))
    basis[0] = hashed_direction(size)
    T = np.zeros((len(basis), len(basis)))
    used = 0
    for k in range(len(basis)):
        w = product(basis[k])
        used = k + 1
        T[k, k] = inner(basis[k], w)
        for _ in range(2):
            w = w - np.einsum("ki,k->i", basis[:used], np.einsum("ki,i->k", basis[:used], w))
        rest = norm(w)
        if used == len(basis) or not rest > 1e-10 * max(1e-300, float(np.abs(T).max())):
            break
        basis[used] = w / rest
        T[k, used] = T[used, k] = rest
    values, vectors = np.linalg.eigh(T[:used, :used])
    low = np.einsum("ki,k->i", basis[:used], vectors[:, 0])
    return float(values[0]), float(max(abs(values[0]), abs(values[-1]))), low / norm(low)


def joint_curvature(joint: Joint, here: FloatArray) -> tuple[float, float, FloatArray]:
    """Return the smallest and the largest curvature found in all parameters jointly, and a direction of the former.

    Examples
    --------
    >>> from derandkit.structure.training.network import build
    >>> from derandkit.structure.training.objective import NetworkObjective
    >>> from derandkit import Student, Teacher
    >>> student, teacher = Student(width=2), Teacher("tanh", 2)
    >>> risk = NetworkObjective(build(student, "squared", 2), teacher.training())
    >>> smallest, largest, _ = joint_curvature(Joint(risk, 1e-3), np.zeros(2 * 2 + 2 + 3))
    >>> bool(smallest < -0.1 * largest)  # W = 0 and v = 0: a saddle
    True
    """
    h = STEP * max(1.0, norm(here))

    def product(v: FloatArray) -> FloatArray:
        return np.asarray((joint.gradient(here + h * v) - joint.gradient(here - h * v)) / (2.0 * h))

    return lanczos(product, here.size)


def leave_saddle(joint: Joint, law: GaussianSampler) -> GaussianSampler | None:
    """Return a distribution of smaller penalised risk along negative curvature; None if no curvature is negative."""
    here = joint.vector(law)
    smallest, largest, direction = joint_curvature(joint, here)
    if not (math.isfinite(smallest) and smallest < -SHARE * largest):
        return None
    lead = direction[int(np.argmax(np.abs(direction)))]
    direction = direction if lead > 0 else -direction
    value = joint.value(here)
    trials = [here + sign * length * direction for length in LENGTHS for sign in (1.0, -1.0)]
    values = [joint.value(trial) for trial in trials]
    best = int(np.argmin([x if math.isfinite(x) else math.inf for x in values]))
    return joint.law(trials[best]) if values[best] < value else None
