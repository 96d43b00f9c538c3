"""Pictures of random Fourier features. Every figure is drawn from numbers that are measured here or in the record."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.plots.style import histograms_of_pairs, new_figure, own_settings
from derandkit.points.files import as_fitted_cloud
from derandkit.words.digits import digits_above

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from derandkit.features.result import FeaturesResult
    from derandkit.features.spectrum import Spectrum
    from derandkit.numerics.typing import FloatArray

_MOST_POINTS = 500
#: What the histograms of `plot_errors` show.
TITLES = ("derandkit", "random frequencies, one draw", "orthogonal frequencies, one draw")


def _errors(Z: FloatArray, frequencies: FloatArray, spectrum: Spectrum) -> FloatArray:
    """Return the estimate minus the kernel for all pairs of rows, without BLAS."""
    i, j = np.triu_indices(Z.shape[0], 1)
    found = np.empty(i.size)
    for a in range(0, i.size, 8192):
        difference = Z[i[a : a + 8192]] - Z[j[a : a + 8192]]
        phase = np.einsum("pd,fd->pf", difference, frequencies)
        kernel = spectrum.values(np.einsum("pd,pd->p", difference, difference))
        found[a : a + 8192] = np.cos(phase).mean(axis=1) - kernel
    return found


@own_settings()
def plot_errors(result: FeaturesResult, X: object) -> Figure:
    """Draw the errors of the estimated kernel over pairs of points, beside random and orthogonal frequencies.

    Parameters
    ----------
    result : FeaturesResult
        The features.
    X : array_like, PointCloud or path
        Their points; of more than 500 different ones the pairs of 500 are shown, in a fixed hashed order.

    Returns
    -------
    matplotlib.figure.Figure
        Three histograms on one axis, with the number of pairs on a logarithmic scale. Of random and orthogonal
        frequencies it is one draw each, the same every time.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.

    Examples
    --------
    >>> import derandkit
    >>> X = np.cos(np.outer(np.arange(12.0), np.arange(1.0, 4.0)))
    >>> figure = plot_errors(derandkit.random_features(X, n_features=8), X)
    >>> [axes.get_title(loc="left").split(":")[0] for axes in figure.axes]
    ['derandkit', 'random frequencies, one draw', 'orthogonal frequencies, one draw']
    """
    from derandkit.features.baselines import orthogonal_frequencies, random_frequencies, with_widths
    from derandkit.features.measure import scaled
    from derandkit.numerics.hashing import hashed_order

    figure = new_figure(6.4, 5.0)
    units = scaled(as_fitted_cloud(X, result.points.columns, result.points.reading or ""), result.gamma)
    points = units.points[np.sort(hashed_order(units.points.shape[0])[:_MOST_POINTS])]
    (D, d), spectrum = result.frequencies.shape, result.spectrum
    choices = (
        result.frequencies / units.factor,
        with_widths(random_frequencies(d, D, 0), spectrum, 1),
        with_widths(orthogonal_frequencies(d, D, 0), spectrum, 1),
    )
    errors = [_errors(points, frequencies, spectrum) for frequencies in choices]
    most = max(1e-12, *(float(np.abs(error).max(initial=0.0)) for error in errors))
    titles = []
    for title, error in zip(TITLES, errors, strict=True):
        rms = math.sqrt(float(np.mean(error**2))) if error.size else 0.0
        worst = float(np.abs(error).max(initial=0.0))
        titles.append(f"{title}: root mean square {rms:.3g}, greatest {worst:.3g}")
    histograms_of_pairs(
        figure, errors, ("lemma", "random", "orthogonal"), titles, np.linspace(-most, most, 121), ideal=0.0,
        spread=result.max_error, certified=digits_above(Fraction(result.max_error) + Fraction(result.margin), 4),
        xlabel="estimated kernel minus kernel",
    )  # fmt: skip
    shown = f", {points.shape[0]} shown" if points.shape[0] < result.points["n"] else ""
    figure.suptitle(f"{result.points['n']} points{shown}, {2 * D} features", fontsize=11)
    return figure
