"""Pictures of embeddings. Every figure is drawn from numbers that are measured here or in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.plots.style import BLUE, GREEN, GREY, ORANGE, RED, new_figure
from derandkit.points.files import as_point_cloud

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from derandkit.embeddings.result import EmbeddingResult
    from derandkit.numerics.typing import FloatArray


_MOST_POINTS = 2000


def pair_distances(result: EmbeddingResult, X: object) -> tuple[FloatArray, FloatArray]:
    """Distances of pairs before and after the map.

    Parameters
    ----------
    result : EmbeddingResult
        The map.
    X : array_like, PointCloud or path
        Points; of more than 2000 different ones the first 2000 in a fixed hashed order are taken.

    Returns
    -------
    before, after : ndarray
        One entry a pair of different points.
    """
    from derandkit.embeddings.kernels.pairs import inverse_squared_distances, packed_ratios
    from derandkit.embeddings.paths.secants import coincidence_floor
    from derandkit.numerics.hashing import hashed_order

    Z = as_point_cloud(X).centred()
    Z = Z[np.sort(hashed_order(Z.shape[0])[:_MOST_POINTS])]
    m = Z.shape[0]
    inverse, ratios = np.empty(m * (m - 1) // 2), np.empty(m * (m - 1) // 2)
    inverse_squared_distances(np.ascontiguousarray(Z.T), 0, m, coincidence_floor(Z), inverse)
    packed_ratios(np.ascontiguousarray((Z @ result.matrix.T).T), inverse, ratios)
    kept = ~np.isnan(inverse)
    before = 1.0 / np.sqrt(inverse[kept])
    return before, before * np.sqrt(ratios[kept])


def plot_ratios(result: EmbeddingResult, X: object) -> Figure:
    """Histogram of squared-distance ratios with the certified band.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    """
    figure = new_figure(6.0, 3.6)
    before, after = pair_distances(result, X)
    axes = figure.subplots()
    axes.hist((after / before) ** 2, bins=80, color=BLUE, alpha=0.8)
    axes.axvspan(
        1.0 - result.distortion, 1.0 + result.distortion, color=GREY, alpha=0.15, label="certified band"
    )
    axes.axvline(1.0, color=GREY, linewidth=0.8)
    axes.set_yscale("log")
    axes.set_xlabel("squared distance after / before")
    axes.set_ylabel("pairs")
    axes.set_title(
        f"{result.points['d']} to {result.n_components} dimensions, distortion {result.distortion:.4g}"
    )
    axes.legend()
    return figure


def plot_distances(result: EmbeddingResult, X: object) -> Figure:
    """Distances after against distances before, as a density of pairs, on square axes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    """
    figure = new_figure(4.8, 4.8)
    before, after = pair_distances(result, X)
    scale = float(before.max())
    axes = figure.subplots()
    axes.hexbin(before / scale, after / scale, gridsize=60, bins="log", cmap="Blues", mincnt=1)
    axes.plot([0.0, 1.0], [0.0, 1.0], color=GREY, linewidth=0.8)
    axes.set_aspect("equal")
    axes.set_xlabel("distance before (of the largest)")
    axes.set_ylabel("distance after")
    return figure


def plot_dimensions(
    X: object, dimensions: Sequence[int], rng: np.random.Generator | int | None, *, draws: int = 20
) -> Figure:
    """Distortion against dimension: the lemma's map, random projections, principal components, the lower bound.

    Parameters
    ----------
    X : array_like, PointCloud or path
        The points.
    dimensions : sequence of int
        Where to measure.
    rng : Generator, int or None
        For the random projections.
    draws : int
        Random projections a dimension.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    """
    from derandkit.embeddings.baselines import draw_projections, principal_components
    from derandkit.embeddings.measure import measure
    from derandkit.embeddings.solve import embed

    figure = new_figure(6.0, 4.0)
    cloud = as_point_cloud(X)
    rng = np.random.default_rng(rng)
    ours, bound, mean, components = [], [], [], []
    for k in dimensions:
        result = embed(cloud, n_components=k, holdout=False)
        ours.append(result.scaled_distortion)
        bound.append(result.lower_bound)
        mean.append(float(draw_projections(cloud, k, rng, draws=draws).scaled_distortions.mean()))
        components.append(measure(cloud, principal_components(cloud, k)).scaled_distortion)
    axes = figure.subplots()
    axes.plot(dimensions, mean, "s--", color=ORANGE, label=f"random projection, mean of {draws}")
    axes.plot(dimensions, components, "^--", color=RED, label="principal components, rescaled")
    axes.plot(dimensions, ours, "o-", color=BLUE, label="derandomized")
    axes.plot(dimensions, bound, ":", color=GREEN, label="lower bound for any map")
    axes.set_xlabel("dimension")
    axes.set_ylabel("scaled distortion of the worst pair")
    axes.set_ylim(0.0, 1.0)
    axes.legend()
    return figure
