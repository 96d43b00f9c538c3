"""Curvature of the penalised risk from differences of gradients that are computed by hand, a second writing.

`largest` stands behind the weight decay control; `joint` and `falls` behind the statuses "stationary" and "stalled".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.structure.passes import bounds, sums
from derandkit.certificates.structure.rounding import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derandkit.certificates.structure.networks import Sample
    from derandkit.certificates.structure.recomputed import Recomputed
    from derandkit.numerics.typing import FloatArray

POWER_STEPS = 20
PRODUCTS = 40
STEP = 1e-4
#: First length along the gradient that is tried where a run says that none helps, in sizes of the parameters.
FIRST = 1e-3
HALVINGS = 24


def direction(size: int) -> FloatArray:
    """Return a fixed unit vector: the fractional parts of multiples of two irrational numbers."""
    k = np.arange(1.0, size + 1.0)
    v = (k * 0.6180339887498949) % 1.0 + (k * k * 0.7548776662466927) % 1.0 - 1.0
    return np.asarray(v / math.sqrt(math.fsum((v * v).tolist())))


class Slopes:
    """Gradients of the risk of a record's network on some nodes, all parameters as one vector (W, b, theta).

    Parameters
    ----------
    case : Recomputed
        The record.
    sample : Sample
        The nodes.
    """

    def __init__(self, case: Recomputed, sample: Sample) -> None:
        self.case, self.sample = case, sample

    def parts(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return W, b and theta of a vector."""
        n, d = self.case.W.shape
        return x[: n * d].reshape(n, d), x[n * d : n * d + n], x[n * d + n :]

    def free(self, v: FloatArray) -> FloatArray:
        """Return a vector without what is frozen."""
        W, b, theta = self.parts(v)
        return np.concatenate((W.ravel(), self.case.unfrozen(b, theta)))

    def decay(self, v: FloatArray) -> FloatArray:
        """Return half of the gradient of ``penalty |W|^2`` at a vector: it is linear, so its curvature is exact."""
        moved = np.zeros_like(v)
        moved[: self.case.W.size] = self.case.penalty * v[: self.case.W.size]
        return moved

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return the gradient at a point, without the penalty of the first layer."""
        case, (W, b, theta) = self.case, self.parts(x)
        found = sums(case.student, case.settings["loss"], (W, b, theta), self.sample, second=False)
        return np.concatenate((found.W.ravel(), case.mean_gradient(found.b, found.theta, theta)))

    def product(self, x: FloatArray, v: FloatArray) -> FloatArray:
        """Return the Hessian times a vector, by a central difference; without the penalty of the first layer."""
        h = STEP * max(1.0, float(np.linalg.norm(x)))
        return np.asarray((self.gradient(x + h * v) - self.gradient(x - h * v)) / (2.0 * h))

    def largest(self, x: FloatArray) -> float:
        """Return the largest curvature that twenty power steps from a fixed start reach, without the penalty."""
        v, size = direction(x.size), 0.0
        for _ in range(POWER_STEPS):
            w = self.product(x, v)
            size = float(np.linalg.norm(w))
            if not (size > 0 and math.isfinite(size)):
                break
            v = w / size
        return size

    def joint(self, x: FloatArray) -> tuple[float, float, float, FloatArray]:
        """Return the smallest curvature in a Krylov space of forty products, two sizes, and its direction.

        The sizes that it is held against are the largest curvature without and with the penalty of the first layer: a
        large penalty is no reason to overlook where the risk bends down.
        """
        count = min(PRODUCTS, x.size)
        Q = np.zeros((x.size, count))
        image = np.zeros((x.size, count))
        v, used = self.free(direction(x.size)), 0
        v = v / float(np.linalg.norm(v))
        for k in range(count):
            Q[:, k], used = v, k + 1
            image[:, k] = w = self.product(x, v) + 2.0 * self.decay(v)
            for _ in range(2):
                w = w - Q[:, :used] @ (Q[:, :used].T @ w)
            size = float(np.linalg.norm(w))
            if not size > 1e-10 * max(1e-300, float(np.abs(image).max())):
                break
            v = w / size
        T = Q[:, :used].T @ image[:, :used]
        first = Q[: self.case.W.size, :used]
        alone = T - 2.0 * self.case.penalty * (first.T @ first)
        values, vectors = np.linalg.eigh((T + T.T) / 2.0)
        free = np.linalg.eigvalsh((alone + alone.T) / 2.0)
        lowest = Q[:, :used] @ vectors[:, 0]
        return float(values[0]), float(np.abs(free).max()), float(np.abs(values).max()), lowest

    def value(self, x: FloatArray) -> float:
        """Return the penalised risk."""
        case, at = self.case, self.parts(x)
        found = sums(case.student, case.settings["loss"], at, self.sample, second=False).risk
        added = case.penalty * float(np.sum(at[0] ** 2)) + case.upper * float(np.sum(at[2] ** 2))
        return float(found + added)

    def error(self, x: FloatArray) -> float:
        """Bound the error of the penalised risk."""
        case, at = self.case, self.parts(x)
        added = case.penalty * float(np.sum(at[0] ** 2)) + case.upper * float(np.sum(at[2] ** 2))
        found = bounds(case.student, case.settings["loss"], at, self.sample, second=False).risk
        return float(found + (x.size + 8.0) * 2.0 * UNIT * added)

    def lower(self, x: FloatArray, steps: Iterable[tuple[FloatArray, float]]) -> tuple[float, float] | None:
        """Return the length of the first step that lowers the penalised risk, and by how much; None if none does.

        A step comes with the fall that a derivative foretells. It counts if the risk falls by a quarter of that, and by
        more than its error.
        """
        here = self.value(x)
        for step, foretold in steps:
            fall = here - self.value(x + step)
            if fall > 0.25 * foretold and fall > self.error(x) + self.error(x + step):
                return float(np.linalg.norm(step)), fall
        return None

    def falls(self, x: FloatArray) -> tuple[float, float] | None:
        """Return a step along the negative gradient that lowers the penalised risk, and by how much.

        The lengths are halved from a thousandth of the parameters' size, as by a search that ends where nothing helps.
        """
        gradient = self.gradient(x) + 2.0 * self.decay(x)
        size = float(np.linalg.norm(gradient))
        if not (size > 0.0 and math.isfinite(size)):
            return None
        first = FIRST * max(1e-300, float(np.linalg.norm(x)))
        lengths = [first * 2.0**-k for k in range(HALVINGS)]
        return self.lower(x, ((-(t / size) * gradient, t * size) for t in lengths))

    def bends(self, x: FloatArray, smallest: float, v: FloatArray) -> tuple[float, float] | None:
        """Return a step along a direction of negative curvature that lowers the penalised risk, and by how much.

        At the kinks of a plain ReLU a difference of gradients is no curvature, and nothing falls.
        """
        first = 0.25 * max(1.0, float(np.linalg.norm(x)))
        lengths = [sign * first * 2.0**-k for k in range(HALVINGS) for sign in (1.0, -1.0)]
        return self.lower(x, ((t * v, 0.5 * abs(smallest) * t * t) for t in lengths))
