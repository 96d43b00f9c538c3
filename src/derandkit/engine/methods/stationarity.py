"""The smallest curvature of a distribution, the direction it belongs to, and the certificate the lemma makes of it.

Up to `DENSE_LIMIT` coordinates ``H`` is formed column by column and diagonalised, and its smallest eigenvalue is
rounded outward; beyond, Lanczos with a fixed start and full reorthogonalisation gives an estimate. Directions are
rounded to single precision and signed by their largest entry, so that the last bits of a multi-threaded LAPACK do
not steer a descent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.outcome import Stationarity
from derandkit.numerics.hashing import hashed_direction
from derandkit.numerics.vectors import inner, norm
from derandkit.runtime import lapack
from derandkit.tables import short_repr

if TYPE_CHECKING:
    from derandkit.engine.evaluation import CountedObjective
    from derandkit.engine.law import GaussianSampler
    from derandkit.numerics.typing import FloatArray


#: Largest n for which H is formed and diagonalised.
DENSE_LIMIT = 128
#: Lanczos steps at most.
LANCZOS_STEPS = 120
#: A Ritz pair is accepted when its residual is below this share of the largest Ritz value.
LANCZOS_TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False, repr=False)
class Curvature:
    """The smallest eigenvalue of ``H`` and what is known about it.

    Parameters
    ----------
    smallest : float
        The smallest (Ritz) eigenvalue, less its error: an estimate for ``"lanczos"``, else a lower bound.
    scale : float
        The largest magnitude among the eigenvalues (Ritz values).
    direction : ndarray, shape (n,)
        Unit vector of the smallest eigenvalue.
    method : str
        ``"dense"``, ``"lanczos"`` or ``"gershgorin"``, which has no direction.
    """

    smallest: float
    scale: float
    direction: FloatArray
    method: str

    __repr__ = short_repr


def smallest_curvature(
    problem: CountedObjective, sampler: GaussianSampler, *, sign_only: bool = False
) -> Curvature | None:
    """Return the smallest eigenvalue of ``H`` at a distribution; None if H is not finite there.

    Parameters
    ----------
    problem : CountedObjective
        The objective.
    sampler : GaussianSampler
        The distribution.
    sign_only : bool
        Whether a bound will do, where the objective has one: beyond `DENSE_LIMIT` coordinates its ``curvature_bounds``
        are then taken if they prove that no eigenvalue is negative, or if the distribution has no spread to bound.

    Returns
    -------
    Curvature or None
        For n = 0 the eigenvalue is 0 (there is no direction to fall along).

    Notes
    -----
    Dense: n products with H and O(n^3). Lanczos: at most `LANCZOS_STEPS` products.
    """
    n = sampler.dimension
    if n == 0:
        return Curvature(0.0, 0.0, np.zeros(0), "dense")
    if n <= DENSE_LIMIT:
        H = problem.curvature(sampler, np.eye(n))
        return _dense(H) if np.isfinite(H).all() else None
    if sign_only and (bounds := problem.curvature_bounds(sampler)) is not None:
        low, high = bounds
        if low >= 0.0 or sampler.is_deterministic:
            return Curvature(_round_down(low), max(abs(low), abs(high)), np.zeros(n), "gershgorin")
    return _lanczos(problem, sampler)


def stationarity(
    problem: CountedObjective, sampler: GaussianSampler, penalty: float, curvature: Curvature | None = None
) -> Stationarity | None:
    """Compute the numbers of the lemma's certificate at a distribution; None if one of them is not finite.

    Parameters
    ----------
    problem : CountedObjective
        The objective.
    sampler : GaussianSampler
        The distribution.
    penalty : float
        Coefficient of ``|W|^2``.
    curvature : Curvature, optional
        Computed unless given.

    Returns
    -------
    Stationarity or None
        Its ``spread_bound`` is the lemma's bound on ``|W|``.
    """
    if curvature is None:
        curvature = smallest_curvature(problem, sampler, sign_only=True)
    mean_gradient = problem.mean_gradient(sampler)
    spread_gradient = problem.spread_gradient(sampler)
    if isinstance(sampler.spread, float) and isinstance(spread_gradient, float):
        n = max(sampler.dimension, 1)
        # in the coordinate |W| = sigma sqrt(n)
        pull = abs(spread_gradient / math.sqrt(n) + 2.0 * penalty * sampler.spread_norm)
    else:
        pull = norm(np.asarray(spread_gradient) + 2.0 * penalty * sampler.dense_spread())
    by_differences = getattr(problem.objective, "curvature_by_differences", False)
    figures = (pull, norm(mean_gradient))
    if curvature is None or not all(
        map(math.isfinite, (*figures, sampler.spread_norm, curvature.smallest, penalty))
    ):
        return None
    return Stationarity(
        spread_norm=sampler.spread_norm,
        spread_gradient_norm=figures[0],
        mean_gradient_norm=figures[1],
        smallest_curvature=curvature.smallest,
        curvature_method="differences"
        if curvature.method == "dense" and by_differences
        else curvature.method,
        penalty=penalty,
    )


def _dense(H: FloatArray) -> Curvature:
    n = H.shape[0]
    asymmetry = norm(H - H.T) / 2.0
    values, vectors = lapack.eigh((H + H.T) / 2.0)
    scale = float(np.max(np.abs(values)))
    # eigenvalues move by at most the norm of the error: asymmetric part, and LAPACK's backward error
    margin = asymmetry + 4.0 * n * float(np.finfo(float).eps) * scale
    return Curvature(_round_down(float(values[0]) - margin), scale, canonical(vectors[:, 0]), "dense")


def _lanczos(problem: CountedObjective, sampler: GaussianSampler) -> Curvature | None:
    n = sampler.dimension
    basis = np.zeros((min(LANCZOS_STEPS, n), n))
    alpha: list[float] = []
    beta: list[float] = []
    v = hashed_direction(n)
    for k in range(basis.shape[0]):
        basis[k] = v
        w = problem.curvature(sampler, v[:, None])[:, 0]
        if not np.isfinite(w).all():
            return None
        alpha.append(inner(v, w))
        for _ in range(2):  # twice is enough (Kahan, Parlett)
            w = w - np.einsum("kj,k->j", basis[: k + 1], np.einsum("kj,j->k", basis[: k + 1], w))
        beta.append(norm(w))
        last = k + 1 == basis.shape[0]
        scale_so_far = max(map(abs, alpha)) + max(beta)
        exhausted = beta[-1] <= 1e-14 * scale_so_far
        if exhausted or last or (k >= 7 and k % 4 == 3):
            T = np.diag(alpha) + np.diag(beta[:-1], 1) + np.diag(beta[:-1], -1)
            values, vectors = lapack.eigh(T)
            scale = float(np.max(np.abs(values)))
            residual = beta[-1] * abs(float(vectors[-1, 0]))
            if exhausted or last or residual <= LANCZOS_TOLERANCE * scale:
                ritz = np.einsum("kj,k->j", basis[: k + 1], vectors[:, 0])
                return Curvature(_round_down(float(values[0]) - residual), scale, canonical(ritz), "lanczos")
        v = w / beta[-1]
    return None  # not reached: the last step always returns


def canonical(direction: FloatArray) -> FloatArray:
    """Return a direction in single precision, its largest entry (lowest index on ties) positive, of unit norm."""
    length = norm(direction)
    if not length > 0:
        return direction
    rounded = np.asarray(direction / length, dtype=np.float32).astype(np.float64)
    magnitude = np.abs(rounded)
    lead = int(np.argmax(magnitude >= np.max(magnitude) * (1.0 - 1e-6)))
    signed = -rounded if rounded[lead] < 0 else rounded
    return np.asarray(signed / norm(signed) + 0.0)


def _round_down(x: float) -> float:
    """Round down to ten significant digits."""
    if x == 0.0 or not math.isfinite(x):
        return x
    unit = 10.0 ** (math.floor(math.log10(abs(x))) - 9)
    return math.floor(x / unit) * unit if unit > 0.0 else x
