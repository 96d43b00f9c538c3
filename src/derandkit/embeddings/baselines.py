"""What an embedding is compared with: random projections, principal components, and the best of many draws.

These are the textbook methods. The random ones take `rng`; nothing on the main path does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.measure import measure
from derandkit.errors import InputError
from derandkit.options import generator
from derandkit.points.files import as_point_cloud
from derandkit.runtime import lapack

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray

    Rng = np.random.Generator | int | None


def gaussian_projection(d: int, k: int, rng: Rng) -> FloatArray:
    """Draw a k x d matrix of independent ``N(0, 1/k)`` entries.

    Examples
    --------
    >>> gaussian_projection(5, 3, 0).shape
    (3, 5)
    """
    return np.asarray(generator(rng).standard_normal((k, d)) / np.sqrt(k))


def sparse_projection(d: int, k: int, rng: Rng, density: float | None = None) -> FloatArray:
    """Draw a very sparse projection: entries ``+-1 / sqrt(density k)``, each with probability density / 2.

    Parameters
    ----------
    d, k : int
        Numbers of columns and rows.
    rng : Generator, int or None
        Source of randomness.
    density : float, optional
        Fraction of entries that are not zero, ``1 / sqrt(d)`` by default (Li, Hastie, Church 2006); 1/3 is
        Achlioptas' choice.

    Raises
    ------
    InputError
        If the density is not in (0, 1].

    Examples
    --------
    >>> sorted(set(np.abs(sparse_projection(9, 4, 0)).round(3).ravel().tolist()))
    [0.0, 0.866]
    """
    density = 1.0 / np.sqrt(d) if density is None else density
    if not 0.0 < density <= 1.0:
        raise InputError(f"a density lies in (0, 1], got {density}")
    rng = generator(rng)
    present = rng.random((k, d)) < density
    signs = np.where(rng.random((k, d)) < 0.5, -1.0, 1.0)
    return np.asarray(present * signs / np.sqrt(density * k))


@np.errstate(under="ignore")  # whatever the caller has set
def principal_components(X: object, k: int, *, rescale: bool = True) -> FloatArray:
    """Project to the k leading principal components.

    Parameters
    ----------
    X : array_like, PointCloud or path, shape (n, d)
        The points.
    k : int
        Number of components.
    rescale : bool
        Multiply by the factor that centres the ratios on 1; a projection alone only contracts.

    Returns
    -------
    ndarray, shape (k, d)
        Orthogonal rows; zero rows beyond the rank.

    Examples
    --------
    >>> principal_components([[0.0, 0.0], [2.0, 0.0], [1.0, 0.1]], 1, rescale=False).round(3).tolist()
    [[1.0, 0.0]]
    """
    cloud = as_point_cloud(X)
    centred = cloud.points.astype(np.float64)
    centred = centred - centred.mean(axis=0)
    _, _, rows = lapack.svd(centred)
    rows = rows[:k]
    # sign convention: the entry of largest modulus is positive
    rows = (
        rows
        * np.where(rows[np.arange(rows.shape[0]), np.argmax(np.abs(rows), axis=1)] < 0.0, -1.0, 1.0)[:, None]
    )
    A = np.zeros((k, cloud.n_features))
    A[: rows.shape[0]] = cloud.wide(rows)
    return rescaled(cloud, A) if rescale else A


def rescaled(X: object, A: FloatArray) -> FloatArray:
    """Multiply a map by the factor that centres its extreme ratios on 1."""
    found = measure(as_point_cloud(X), A)
    total = found.largest + found.smallest
    return A * float(np.sqrt(2.0 / total)) if total > 0.0 else A


@dataclass(frozen=True, eq=False)
class Draws:
    """Distortions of independent draws of a random projection.

    Parameters
    ----------
    distortions, scaled_distortions : ndarray, shape (draws,)
        As drawn, and after the best rescaling.
    best : ndarray, shape (k, d)
        The draw with the smallest scaled distortion, rescaled.
    """

    distortions: FloatArray
    scaled_distortions: FloatArray
    best: FloatArray


def draw_projections(
    X: object,
    k: int,
    rng: Rng,
    *,
    draws: int = 100,
    seconds: float | None = None,
    kind: Callable[[int, int, Rng], FloatArray] = gaussian_projection,
) -> Draws:
    """Draw random projections and measure all pairs of each.

    Parameters
    ----------
    X : array_like, PointCloud or path, shape (n, d)
        The points.
    k : int
        Number of rows.
    rng : Generator, int or None
        Source of randomness.
    draws : int
        Number of draws, at least 1.
    seconds : float, optional
        Draw for this long instead (at least once).
    kind : callable
        `gaussian_projection` or `sparse_projection`.

    Returns
    -------
    Draws
        O(n^2 k) operations a draw, after O(n^2 d) once.

    Examples
    --------
    >>> found = draw_projections(np.eye(8), 4, 0, draws=10)
    >>> found.scaled_distortions.shape, bool((found.scaled_distortions <= found.distortions).all())
    ((10,), True)
    """
    from derandkit.embeddings.kernels.pairs import inverse_squared_distances, packed_ratios
    from derandkit.embeddings.paths.secants import coincidence_floor
    from derandkit.numerics.dense import product

    if draws < 1:
        raise InputError(f"at least one draw is needed, got {draws}")
    cloud = as_point_cloud(X)
    points = cloud.centred()
    m = points.shape[0]
    inverse, ratios = np.empty(m * (m - 1) // 2), np.empty(m * (m - 1) // 2)
    inverse_squared_distances(np.ascontiguousarray(points.T), 0, m, coincidence_floor(points), inverse)
    rng = generator(rng)
    raw: list[float] = []
    scaled: list[float] = []
    best = np.zeros((k, cloud.n_features))
    begin = time.monotonic()
    while len(raw) < draws if seconds is None else (not raw or time.monotonic() - begin < seconds):
        A = kind(cloud.n_features, k, rng)
        Y = np.empty((m, k))
        product(points, np.ascontiguousarray(cloud.cut(A).T), Y)
        packed_ratios(np.ascontiguousarray(Y.T), inverse, ratios)
        largest, smallest = float(np.nanmax(ratios)), float(np.nanmin(ratios))
        raw.append(max(largest - 1.0, 1.0 - smallest))
        scaled.append((largest - smallest) / (largest + smallest))
        if scaled[-1] == min(scaled):
            best = A * float(np.sqrt(2.0 / (largest + smallest)))
    return Draws(np.array(raw), np.array(scaled), best)
