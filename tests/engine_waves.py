"""A family of objectives with closed forms, written from the definition: quadratics plus cosines."""

from __future__ import annotations

import numpy as np

from derandkit.engine.law import GaussianSampler


class Waves:
    """``g(z) = z'Az / 2 + q'z + sum_k a_k cos(c_k'z + d_k)``; E cos is damped by ``exp(-|W'c|^2 / 2)``."""

    def __init__(self, A, q, a, C, d):
        self.A = (np.asarray(A) + np.asarray(A).T) / 2.0
        self.q, self.a, self.C, self.d = map(np.asarray, (q, a, C, d))

    @property
    def dimension(self):
        return self.q.size

    def _damped(self, law):
        damping = np.exp(-0.5 * np.sum((self.C @ law.dense_spread()) ** 2, axis=1))
        phase = self.C @ law.mean + self.d
        return self.a * damping, phase

    def value(self, law):
        b, W = law.mean, law.dense_spread()
        amplitude, phase = self._damped(law)
        quadratic = 0.5 * b @ self.A @ b + self.q @ b + 0.5 * np.sum((self.A @ W) * W)
        return float(quadratic + amplitude @ np.cos(phase))

    def mean_gradient(self, law):
        amplitude, phase = self._damped(law)
        return self.A @ law.mean + self.q - self.C.T @ (amplitude * np.sin(phase))

    def hessian(self, law):
        amplitude, phase = self._damped(law)
        return self.A - self.C.T @ ((amplitude * np.cos(phase))[:, None] * self.C)

    def curvature(self, law, directions):
        return self.hessian(law) @ directions

    def curvature_trace(self, law):
        return float(np.trace(self.hessian(law)))

    def pointwise(self, points):
        quadratic = 0.5 * np.einsum("ki,ij,kj->k", points, self.A, points) + points @ self.q
        return quadratic + np.cos(points @ self.C.T + self.d) @ self.a


def random_waves(seed, n, terms=4, bowl=0.5):
    """Return an objective that is bounded below: the quadratic part is at least ``bowl``."""
    rng = np.random.default_rng(seed)
    R = 0.3 * rng.standard_normal((n, n))
    return Waves(
        bowl * np.eye(n) + R @ R.T,
        0.3 * rng.standard_normal(n),
        rng.standard_normal(terms),
        rng.standard_normal((terms, n)),
        rng.uniform(0, 2 * np.pi, terms),
    )


def random_law(seed, n, r, width=1.0):
    rng = np.random.default_rng(seed)
    return GaussianSampler(rng.standard_normal(n), width * rng.standard_normal((n, r)))
