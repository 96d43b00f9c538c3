"""Pictures of embeddings. Every figure is drawn from numbers that are measured here or in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.options import generator
from derandkit.plots.style import GREY, RED, histograms_of_pairs, method_style, new_figure, own_settings
from derandkit.points.files import as_fitted_cloud, as_point_cloud
from derandkit.words.digits import digits_above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from derandkit.embeddings.result import EmbeddingResult
    from derandkit.numerics.typing import FloatArray
    from derandkit.points.cloud import PointCloud


_MOST_POINTS = 2000
#: What the three histograms of `plot_ratios` show.
TITLES = ("derandkit", "PCA, rescaled for its worst pair", "random projection, one draw")


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
    cloud = as_fitted_cloud(X, result.points.columns, result.points.reading or "")
    before, (ratios,) = _pairs(_shown(cloud), [cloud.cut(result.matrix)])
    return before, before * np.sqrt(ratios)


def _shown(cloud: PointCloud) -> FloatArray:
    """Return the centred points that a picture shows."""
    from derandkit.numerics.hashing import hashed_order

    Z = cloud.centred()
    return Z[np.sort(hashed_order(Z.shape[0])[:_MOST_POINTS])]


def _pairs(Z: FloatArray, maps: Sequence[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
    """Return the distances of all pairs, and for each map the ratios of squared distances after and before."""
    from derandkit.embeddings.kernels.pairs import inverse_squared_distances, packed_ratios
    from derandkit.embeddings.paths.secants import coincidence_floor

    m = Z.shape[0]
    inverse, ratios = np.empty(m * (m - 1) // 2), []
    inverse_squared_distances(np.ascontiguousarray(Z.T), 0, m, coincidence_floor(Z), inverse)
    kept = ~np.isnan(inverse)
    for A in maps:
        found = np.empty_like(inverse)
        packed_ratios(np.ascontiguousarray((Z @ A.T).T), inverse, found)
        ratios.append(found[kept])
    return 1.0 / np.sqrt(inverse[kept]), ratios


@own_settings()
def plot_ratios(result: EmbeddingResult, X: object) -> Figure:
    """Draw how far the map stretches squared distances, beside principal components and a random projection.

    Parameters
    ----------
    result : EmbeddingResult
        The map.
    X : array_like, PointCloud or path
        Its points; of more than 2000 different ones the pairs of 2000 are shown.

    Returns
    -------
    matplotlib.figure.Figure
        Three histograms on one axis, with the number of pairs on a logarithmic scale: the tails are what the worst pair
        is about. Principal components are those of the points that are shown, multiplied by the factor that makes
        their worst pair best; of random projections it is one Gaussian draw, the same every time.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.

    Examples
    --------
    >>> import derandkit
    >>> X = np.cos(np.outer(np.arange(12.0), np.arange(1.0, 7.0)))
    >>> figure = plot_ratios(derandkit.embed(X, n_components=3, objective="mean"), X)
    >>> [axes.get_title(loc="left").split(":")[0] for axes in figure.axes]
    ['derandkit', 'PCA, rescaled for its worst pair', 'random projection, one draw']
    """
    from derandkit.embeddings.baselines import gaussian_projection, principal_components

    figure = new_figure(6.4, 5.0)
    cloud, k = as_fitted_cloud(X, result.points.columns, result.points.reading or ""), result.n_components
    Z = _shown(cloud)
    others = [principal_components(Z, k), gaussian_projection(Z.shape[1], k, 0)]
    _, ratios = _pairs(Z, [cloud.cut(result.matrix), *others])
    edges = np.linspace(0.0, max(2.0, *(float(r.max(initial=0.0)) for r in ratios)), 121)
    titles = []
    for title, found in zip(TITLES, ratios, strict=True):
        error = np.abs(found - 1.0)
        worst, mean = (float(error.max()), float(error.mean())) if error.size else (0.0, 0.0)
        titles.append(f"{title}: worst pair {worst:.3g}, mean {mean:.3g}")
    histograms_of_pairs(
        figure, ratios, ("lemma", "pca", "gaussian"), titles, edges, ideal=1.0, spread=result.distortion,
        certified=digits_above(result.chain["certified_distortion"], 4), xlabel="squared distance after / before",
    )  # fmt: skip
    shown = f", {Z.shape[0]} points shown" if Z.shape[0] < result.points["n"] else ""
    figure.suptitle(
        f"{result.points['n']} points, {result.points['d']} to {k} dimensions{shown}", fontsize=11
    )
    return figure


@own_settings()
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


@own_settings()
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
    rng = generator(rng)
    ours, bound, mean, components = [], [], [], []
    for k in dimensions:
        result = embed(cloud, n_components=k, holdout=False)
        ours.append(result.scaled_distortion)
        bound.append(result.lower_bound)
        mean.append(float(draw_projections(cloud, k, rng, draws=draws).scaled_distortions.mean()))
        components.append(measure(cloud, principal_components(cloud, k)).scaled_distortion)
    axes = figure.subplots()
    for name, style, values, label in (
        ("gaussian", "--", mean, f"random projection, mean of {draws}"),
        ("pca", "--", components, "PCA, rescaled"),
        ("lemma", "-", ours, "derandkit"),
    ):
        colour, marker = method_style(name)
        axes.plot(dimensions, values, linestyle=style, marker=marker, color=colour, label=label)
    axes.plot(dimensions, bound, ":", color=RED, label="lower bound for any map")
    axes.set_xlabel("dimension")
    axes.set_ylabel("scaled distortion of the worst pair")
    axes.set_ylim(0.0, 1.0)
    axes.legend()
    return figure
