"""Curvature of the penalised risk from differences of gradients that are computed by hand, a second writing.

`largest` stands behind the weight decay control; `joint` behind the status "stationary".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.structure.passes import sums

if TYPE_CHECKING:
    from derandkit.certificates.structure.recomputed import Recomputed
    from derandkit.numerics.typing import FloatArray

POWER_STEPS = 20
PRODUCTS = 40
STEP = 1e-4


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
    penalty : float
        Coefficient of ``|W|^2`` to include.
    """

    def __init__(self, case: Recomputed, sample: object, penalty: float) -> None:
        self.case, self.sample, self.penalty = case, sample, penalty

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return the gradient at a point."""
        case, (n, d) = self.case, self.case.W.shape
        W, b, theta = x[: n * d].reshape(n, d), x[n * d : n * d + n], x[n * d + n :]
        found = sums(case.student, case.settings["loss"], (W, b, theta), self.sample, second=False)
        mean = case.mean_gradient(found.b, found.theta, theta)
        return np.concatenate(((found.W + 2.0 * self.penalty * W).ravel(), mean))

    def product(self, x: FloatArray, v: FloatArray) -> FloatArray:
        """Return the Hessian times a vector, by a central difference."""
        h = STEP * max(1.0, float(np.linalg.norm(x)))
        return np.asarray((self.gradient(x + h * v) - self.gradient(x - h * v)) / (2.0 * h))

    def largest(self, x: FloatArray) -> float:
        """Return the largest curvature that twenty power steps from a fixed start reach."""
        v, size = direction(x.size), 0.0
        for _ in range(POWER_STEPS):
            w = self.product(x, v)
            size = float(np.linalg.norm(w))
            if not (size > 0 and math.isfinite(size)):
                break
            v = w / size
        return size

    def joint(self, x: FloatArray) -> tuple[float, float]:
        """Return the smallest and the largest curvature of a Krylov space of forty products."""
        count = min(PRODUCTS, x.size)
        Q = np.zeros((x.size, count))
        image = np.zeros((x.size, count))
        v, used = direction(x.size), 0
        for k in range(count):
            Q[:, k], used = v, k + 1
            image[:, k] = w = self.product(x, v)
            for _ in range(2):
                w = w - Q[:, :used] @ (Q[:, :used].T @ w)
            size = float(np.linalg.norm(w))
            if not size > 1e-10 * max(1e-300, float(np.abs(image).max())):
                break
            v = w / size
        T = Q[:, :used].T @ image[:, :used]
        values = np.linalg.eigvalsh((T + T.T) / 2.0)
        return float(values[0]), float(max(abs(values[0]), abs(values[-1])))
