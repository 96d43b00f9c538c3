"""Features for a kernel, from points to certified frequencies: the algorithm as prose.

Relax nothing: the solutions are frequencies already. Take the Gaussian distribution that the randomized algorithm draws
them from, the spectrum of the kernel (Rahimi and Recht); derandomize it, round only by bringing the frequencies to the
units of the points, and certify: the error of every pair is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from derandkit.features.measure import (
    given_rows,
    lower_bound,
    measure,
    promise_at_most,
    promised_rms,
    scaled,
)
from derandkit.features.options import (
    ALPHA,
    METHODS,
    NU,
    KernelName,
    Method,
    Width,
    checked_features,
    checked_width,
)
from derandkit.features.paths import Track, descend, reveal
from derandkit.features.result import FeaturesResult
from derandkit.features.spectrum import chosen
from derandkit.numerics.hashing import hashed_order
from derandkit.options import check_choice
from derandkit.parts.features import FeaturesChain, FeaturesOutput, FeaturesPoints, FeaturesStats
from derandkit.points.files import as_point_cloud
from derandkit.points.span import span_of
from derandkit.runtime.interrupts import deliver, entry, reporting
from derandkit.status import FeaturesStatus

if TYPE_CHECKING:
    from derandkit.features.measure import Errors, Scaled
    from derandkit.features.spectrum import Spectrum
    from derandkit.numerics.typing import FloatArray
    from derandkit.points.cloud import PointCloud
    from derandkit.runtime.interrupts import OnInterrupt
    from derandkit.runtime.progress import OnProgress

LANDMARKS = 1024
"""Most points that take part in the steps: beyond, that many by a fixed rule. All are measured in the end."""

SINGLE = 2.0**-22
"""What rounding to single precision does to the inner product of two features of length 1, at most."""


def random_features(
    X: object,
    n_features: int,
    *,
    gamma: float | Width = "median",
    kernel: KernelName = "gaussian",
    length_scale: float | Literal["median"] = "median",
    nu: float = NU,
    alpha: float = ALPHA,
    method: Method = "lemma",
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
    throw: bool = False,
) -> FeaturesResult:
    """Find features whose inner products are a kernel of the given points, without randomness, and certify.

    Parameters
    ----------
    X : array_like, sparse matrix, PointCloud or path, shape (n, d)
        The points.
    n_features : int
        Number of features 2 D, even: a cosine and a sine for each of D frequencies.
    gamma : float, "median" or "scale"
        Parameter gamma of the Gaussian kernel ``exp(-gamma |x - y|^2)``. "median" is ``1 / (2 m)``, m the median of the
        squared distances; "scale" is scikit-learn's ``1 / (d X.var())``.
    kernel : {"gaussian", "matern", "rational_quadratic"}
        The kernel. With ``r = |x - y| / length_scale``, "matern" is ``exp(-r)`` for nu = 0.5,
        ``(1 + t) exp(-t)``, ``t = sqrt(3) r``, for 1.5 and ``(1 + t + t^2 / 3) exp(-t)``, ``t = sqrt(5) r``, for 2.5;
        "rational_quadratic" is ``(1 + r^2 / (2 alpha))^-alpha``. These are scikit-learn's `Matern` and
        `RationalQuadratic`.
    length_scale : float or "median"
        Length of the other two kernels, in the units of the points. "median" is the root of the median of the squared
        distances.
    nu : {0.5, 1.5, 2.5}
        Smoothness of a Matern kernel.
    alpha : float
        Exponent of a rational quadratic kernel, from 0.1 to 1000.
    method : {"lemma", "conditional"}
        The derandomizer: the lemma's descent on the closed form of the expected error, or conditional expectations, one
        frequency after the other (at most 256 points; slower, and not as good).
    time_limit : float, optional
        Seconds after which the best frequencies so far are measured; the result then depends on the machine.
    on_progress : callable, optional
        Called with a `derandkit.Progress` after every step; its value is the root of the expected mean square error.
    on_interrupt : {"raise", "return"}
        Ctrl-C ends the search, and the best frequencies so far are measured: the exception `Interrupted` carries the
        result, or it is returned, with the status ``INTERRUPTED``.
    throw : bool
        Raise `ConvergenceError` (which carries the result) unless ``status.ok``.

    Returns
    -------
    FeaturesResult
        The frequencies with the error of every pair measured, the root of the mean square error of random frequencies,
        and a lower bound for every set of so many features. The same bytes every time.

    Raises
    ------
    InputError
        If the points or the options cannot be used.
    ConvergenceError
        See `throw`.
    Interrupted
        See `on_interrupt`.

    Notes
    -----
    About 320 passes of O(m^2 D) operations, m the number of different points or 1024 of them; then one pass of
    O(n^2 (d + D)) over all pairs. The mean square error is over pairs of different points. A pass takes longer for the
    other kernels: each frequency has a width of its own, and every pair an exponential for each.

    References
    ----------
    Rahimi and Recht, NIPS 2007, for random Fourier features; Tsikouras, Pantis, Mitliagkas, Tzamos, ICLR 2026 (arXiv
    2510.19382), for the lemma.

    Examples
    --------
    >>> X = np.sin(np.arange(300.0) ** 2).reshape(60, 5)
    >>> result = random_features(X, 40)
    >>> result.status.name, result.transform(X).shape
    ('GUARANTEED', (60, 40))
    >>> result.lower_bound <= result.rms < 0.25 * result.promised
    True
    >>> rough = random_features(X, 40, kernel="matern", nu=1.5, length_scale=2.0)
    >>> rough.status.name, rough.kernel, rough.nu, rough.length_scale
    ('GUARANTEED', 'matern', 1.5, 2.0)
    """
    D, spectrum = checked_features(n_features), chosen(kernel, nu, alpha)
    width = checked_width(kernel, gamma, length_scale)
    method = check_choice("method", method, METHODS)
    with entry(time_limit, on_interrupt=on_interrupt, throw=throw) as clock:
        track = Track(reporting(clock, on_progress))
        # relax: nothing has to be, any frequencies will do
        cloud = as_point_cloud(X)
        # Gaussian distribution: standard, in the units of the kernel, with the widths of the frequencies fixed
        points = scaled(cloud, width, spectrum, D)
        rows, scale = given_rows(cloud, points)
        promised = promised_rms(rows, D, spectrum, scale)
        # derandomize: from random frequencies to single ones
        some, basis = landmark_coordinates(points.points, narrow=cloud.places is not None)
        path = reveal if method == "conditional" else descend
        M = path(some, D, track, spectrum)
        # round: to the units of the points
        frequencies = cloud.wide(points.factor * in_columns(M, basis))
        # certify: measure every pair, beside what is promised and what nothing beats
        result = compose(
            cloud,
            points,
            spectrum,
            promised,
            method,
            frequencies,
            measure(cloud, points, frequencies, spectrum),
            len(some),
            track,
            interrupted=clock.interrupted,
        )
    result = deliver(clock, result, on_interrupt)
    return result.require() if throw else result


def landmark_coordinates(Z: FloatArray, *, narrow: bool) -> tuple[FloatArray, FloatArray | None]:
    """Return the points that take part in the steps, and the basis of their coordinates; None for the columns.

    Frequencies matter through their projection to the span of the points only, and that of a standard normal vector is
    one there. So few points with very many columns are handled in coordinates of their span.

    Examples
    --------
    >>> some, basis = landmark_coordinates(np.eye(3, 50), narrow=True)
    >>> some.shape, basis.shape
    ((3, 2), (2, 50))
    """
    some = landmarks(Z)
    if not narrow or len(some) > Z.shape[1]:
        return some, None
    span = span_of(some)
    return span.coordinates, span.basis


def in_columns(M: FloatArray, basis: FloatArray | None) -> FloatArray:
    """Return frequencies in columns, shape (D, a), from coordinates of the span.

    Examples
    --------
    >>> in_columns(np.array([[2.0]]), np.array([[0.6, 0.8]])).tolist()
    [[1.2, 1.6]]
    """
    from derandkit.numerics.dense import product

    if basis is None:
        return M
    out = np.empty((M.shape[0], basis.shape[1]))
    product(M, basis, out)
    return out


def landmarks(Z: FloatArray) -> FloatArray:
    """Return the points that take part in the steps: all, or `LANDMARKS` of them by a fixed rule.

    Examples
    --------
    >>> len(landmarks(np.zeros((2000, 1))))
    1024
    """
    if len(Z) <= LANDMARKS:
        return Z
    return np.ascontiguousarray(Z[np.sort(hashed_order(len(Z))[:LANDMARKS])])


def compose(
    cloud: PointCloud,
    points: Scaled,
    spectrum: Spectrum,
    promised: float,
    method: Method,
    frequencies: FloatArray,
    errors: Errors,
    fitted: int,
    track: Track,
    *,
    interrupted: bool,
) -> FeaturesResult:
    """Put the numbers together: what was measured, what is promised, and how it ended."""
    D = frequencies.shape[0]
    # what nothing beats is not above what was measured, however the last digits of either were rounded
    lower = min(lower_bound(points.points, D, spectrum), errors.rms)
    certified = errors.rms + errors.margin
    if interrupted:
        status = FeaturesStatus.INTERRUPTED
    elif certified <= promised:
        status = FeaturesStatus.GUARANTEED
    else:
        status = FeaturesStatus.CERTIFIED
    rows, scale = given_rows(cloud, points)
    certain = status is FeaturesStatus.CERTIFIED
    hidden = certain and not errors.rms - errors.margin > promise_at_most(rows, D, spectrum, scale)
    single = cloud.points.dtype == np.float32
    return FeaturesResult(
        status=status,
        kernel=spectrum.name,
        nu=spectrum.nu,
        alpha=spectrum.alpha,
        gamma=points.gamma,
        frequencies=frequencies,
        centre=cloud.wide(points.centre),
        rms=errors.rms,
        max_error=errors.greatest,
        margin=errors.margin,
        worst_pair=errors.worst_pair,
        promised=promised,
        lower_bound=lower,
        chain=FeaturesChain(lower, errors.rms, certified, promised),
        # features are off by the rounding of their phases, which the margin covers, and of their type
        output=FeaturesOutput(
            str(cloud.points.dtype), certified + errors.margin + (SINGLE if single else 0.0)
        ),
        points=FeaturesPoints(
            n=cloud.n_points,
            d=cloud.n_features,
            dtype=str(cloud.points.dtype),
            digest=cloud.digest,
            duplicates=cloud.duplicates,
            pairs=cloud.n_pairs,
            columns=cloud.columns,
            reading=cloud.reading,
        ),
        method=method,
        history={name: tuple(column) for name, column in track.columns.items()},
        stats=FeaturesStats(track.evaluations, fitted),
        hidden=hidden,
    )
