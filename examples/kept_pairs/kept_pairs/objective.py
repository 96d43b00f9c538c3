"""An objective of embeddings that derandkit does not have: the mean distortion of chosen pairs, with weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import derandkit as dk

Array = NDArray[np.float64]


class PairMean:
    """Expected weighted mean of ``(r - 1)^2`` over pairs, ``r = |A v|^2`` for the unit vector v of a pair.

    For ``A = M + sigma G`` with G standard Gaussian and k rows, ``sigma^2 + |M v|^2`` decide everything: with
    ``m = |M v|^2``, ``E (r - 1)^2 = (m + k sigma^2 - 1)^2 + 2 k sigma^4 + 4 sigma^2 m``. A polynomial, so nothing has
    to be smoothed. At ``M = 0``, ``sigma^2 = 1 / k`` it is ``2 / k`` for any points: that is the promise.

    Parameters
    ----------
    units : ndarray, shape (p, d)
        The unit vector of every pair.
    weights : ndarray, shape (p,)
        What each pair counts, positive.
    k : int
        Rows of the map.

    Examples
    --------
    >>> objective = PairMean(np.eye(3), np.ones(3), 2)
    >>> round(objective.value(objective.start()), 12)
    1.0
    """

    #: The closed form holds for one spread in all directions.
    isotropic_only = True

    def __init__(self, units: Array, weights: Array, k: int) -> None:
        self.units = units
        self.weights = weights / weights.sum()
        self.k = k

    @property
    def dimension(self) -> int:
        """Number of entries of a map."""
        return self.k * self.units.shape[1]

    def start(self) -> dk.GaussianSampler:
        """Return the random projection."""
        return dk.GaussianSampler(np.zeros(self.dimension), float(np.sqrt(1.0 / self.k)))

    def parts(self, sampler: dk.GaussianSampler) -> tuple[Array, Array, float]:
        """Return the images of the pairs, their squared lengths, and the variance of an entry."""
        images = self.units @ sampler.mean.reshape(self.k, -1).T
        if not isinstance(sampler.spread, float) and not sampler.is_deterministic:
            raise dk.InputError("the mean has a closed form for one spread in all directions only")
        variance = sampler.spread**2 if isinstance(sampler.spread, float) else 0.0
        return images, np.einsum("ij,ij->i", images, images), variance

    def value(self, sampler: dk.GaussianSampler) -> float:
        """Return the expected mean."""
        _, m, variance = self.parts(sampler)
        k = self.k
        return float(
            self.weights @ ((m + k * variance - 1.0) ** 2 + 2.0 * k * variance**2 + 4.0 * variance * m)
        )

    def slopes(self, m: Array, variance: float) -> Array:
        """Return the first derivative of each pair's part in m; the second one is 2."""
        return 2.0 * (m + self.k * variance - 1.0) + 4.0 * variance

    def mean_gradient(self, sampler: dk.GaussianSampler) -> Array:
        """Return the gradient in M, flattened."""
        images, m, variance = self.parts(sampler)
        pulls = 2.0 * (self.weights * self.slopes(m, variance))[:, None] * images
        return (pulls.T @ self.units).ravel()

    def curvature(self, sampler: dk.GaussianSampler, directions: Array) -> Array:
        """Return the Hessian in M times directions, shape (k d, q)."""
        images, m, variance = self.parts(sampler)
        slopes = 2.0 * self.weights * self.slopes(m, variance)
        out = np.empty_like(directions)
        for q in range(directions.shape[1]):
            moved = self.units @ directions[:, q].reshape(self.k, -1).T
            bends = 8.0 * self.weights * np.einsum("ij,ij->i", images, moved)
            out[:, q] = ((slopes[:, None] * moved + bends[:, None] * images).T @ self.units).ravel()
        return out

    def curvature_trace(self, sampler: dk.GaussianSampler) -> float:
        """Return the trace of the Hessian; the derivative in sigma is sigma times it."""
        _, m, variance = self.parts(sampler)
        return float(self.weights @ (2.0 * self.k * self.slopes(m, variance) + 8.0 * m))
