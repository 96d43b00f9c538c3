"""The error of features over all pairs, measured, with what is known of it before and beyond any computation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.features.objective import row_blocks
from derandkit.features.spectrum import GAUSSIAN
from derandkit.numerics.rounding import round_down
from derandkit.runtime import lapack
from derandkit.runtime.threads import in_order

if TYPE_CHECKING:
    from derandkit.features.options import Width
    from derandkit.features.spectrum import Spectrum
    from derandkit.numerics.typing import FloatArray
    from derandkit.points.cloud import PointCloud

BOUNDED = 2048
"""Most different points for which a lower bound is computed: it costs O(n^3)."""

WIDEST_PHASE = 2.0**26
"""Greatest phase, in radians: beyond it cosines have lost half their digits."""

_LONGEST_SUM = (
    2.0**31
)  # greatest phase times number of columns: no error is then off by more than about 2^-21
_UNIT = 2.0**-53
_BLOCKS = 64


@dataclass(frozen=True, eq=False)
class Scaled:
    """Different points of a cloud, centred and scaled so that the kernel has length 1: ``exp(-|x - y|^2 / 2)``.

    Parameters
    ----------
    points : ndarray, shape (m, a)
        ``sqrt(2 gamma) (x - centre)``, in the columns that the cloud holds.
    gamma : float
        Parameter gamma of the kernel ``exp(-gamma |x - y|^2)`` of the points as they were given; for other kernels
        ``1 / (2 length_scale^2)``.
    factor : float
        ``sqrt(2 gamma)``, the inverse of the length of the kernel.
    centre : ndarray, shape (a,)
        In the units of the points.
    """

    points: FloatArray
    gamma: float
    factor: float
    centre: FloatArray


def scaled(cloud: PointCloud, gamma: float | Width, spectrum: Spectrum = GAUSSIAN, D: int = 1) -> Scaled:
    """Return the different points of a cloud in the units of the kernel.

    Parameters
    ----------
    cloud : PointCloud
        The points.
    gamma : float, "median" or "scale"
        "median" is ``1 / (2 m)``, m the median of the squared distances (of 1024 points if there are more);
        "scale" is ``1 / (d var)``, var the variance of all entries.
    spectrum : Spectrum
        The kernel.
    D : int
        Number of frequencies: the more there are, the wider are some of them for other kernels than the Gaussian.

    Raises
    ------
    InputError
        The kernel is so narrow, or the points so far apart, that phases leave double precision.

    Examples
    --------
    >>> from derandkit.points.cloud import PointCloud
    >>> scaled(PointCloud([[0.0], [1.0], [3.0]]), "median").gamma
    0.125
    """
    from derandkit.numerics.hashing import hashed_order

    centring = cloud.centring()
    X, asked = centring.points, gamma
    if gamma == "median":
        some = X if len(X) <= 1024 else X[np.sort(hashed_order(len(X))[:1024])]
        middle = float(np.median(_squares(some)))
        if not middle > 0.0:
            raise InputError(
                "the median of the squared distances is 0 beside the largest one: most points are equal, or one lies "
                "so far from the others that their distances vanish; leave it out, or give gamma a number"
            )
        gamma = _per_square(0.5 / middle, centring.exponent)
    elif gamma == "scale":
        with np.errstate(over="ignore", invalid="ignore"):  # refused below
            every = np.ldexp(cloud.points.astype(np.float64), -centring.exponent)
            if cloud.places is None:
                spread = X.shape[1] * float(np.var(every))
            else:  # the columns that are zero count too
                d, mean = cloud.n_features, float(np.mean(every)) * X.shape[1] / cloud.n_features
                spread = float(np.mean(every * every)) * X.shape[1] - d * mean * mean
            gamma = _per_square(1.0 / spread, centring.exponent)
    assert isinstance(gamma, float)
    if not 0.0 < gamma < np.inf:
        raise InputError("the distances of the points leave the range of double precision; scale the points")
    factor = float(np.sqrt(2.0 * gamma)) if gamma < 1e300 else float(np.sqrt(2.0) * np.sqrt(gamma))
    with np.errstate(over="ignore"):
        size = float(np.sqrt(np.max(np.sum(X * X, axis=1)))) * float(np.ldexp(factor, centring.exponent))
    # a frequency has a length of about sqrt(d) times its width, and the steps rarely double it
    size *= float(np.sqrt(np.max(spectrum.widths(D))))
    # a phase of many columns is a long sum, whose rounding hides an error sooner
    if not size * np.sqrt(X.shape[1]) <= min(WIDEST_PHASE / 16.0, _LONGEST_SUM / (X.shape[1] + 8)):
        if asked == "median":
            row = int(cloud.distinct[np.argmax(np.sum(X * X, axis=1))])
            raise InputError(
                f"row {row} lies so far from the others that phases reach {size:.3g} radians where the median distance "
                "sets the kernel; leave it out"
            )
        if spectrum != GAUSSIAN:
            raise InputError(
                f"length_scale={1.0 / factor!r} and {D} frequencies make phases reach {size:.3g} radians; give a "
                "greater length_scale (length_scale='median' follows the points), fewer features or a greater nu"
            )
        raise InputError(
            f"gamma={gamma!r} makes the kernel so narrow that phases reach {size:.3g} radians; "
            "give a smaller gamma (gamma='median' follows the points)"
        )
    Z = np.ascontiguousarray(X * float(np.ldexp(factor, centring.exponent)))
    return Scaled(Z, gamma, factor, centring.origin)


def _per_square(value: float, exponent: int) -> float:
    """Return a gamma of scaled points in the units of the points."""
    with np.errstate(over="ignore", under="ignore"):
        return float(np.ldexp(value, -2 * exponent))


def _squares(X: FloatArray) -> FloatArray:
    from derandkit.features.kernels import squared_distances

    out = np.empty(len(X) * (len(X) - 1) // 2)
    squared_distances(np.ascontiguousarray(X.T), out)
    return out


@dataclass(frozen=True)
class Errors:
    """What features do to the kernel of all pairs of different points.

    Parameters
    ----------
    rms, greatest : float
        Root mean square and greatest ``|K^ - k|``.
    margin : float
        Bound on the rounding error of each of them.
    worst_pair : tuple of int
        Rows of the cloud with the greatest error.
    """

    rms: float
    greatest: float
    margin: float
    worst_pair: tuple[int, int]


def measure(
    cloud: PointCloud, points: Scaled, frequencies: FloatArray, spectrum: Spectrum = GAUSSIAN
) -> Errors:
    """Measure ``|K^ - k|`` over all pairs of different points.

    Parameters
    ----------
    cloud : PointCloud
        The points.
    points : Scaled
        The same, in the units of the kernel.
    frequencies : ndarray, shape (D, d)
        In the units of the points.
    spectrum : Spectrum
        The kernel.

    Returns
    -------
    Errors
        O(m^2 (d + D)) operations on all cores; memory O(m D).
    """
    from derandkit.features.images import phases
    from derandkit.features.kernels import measure_pass

    X = cloud.points[cloud.distinct]
    frequencies = cloud.cut(frequencies)
    U = phases(X, frequencies, points.centre)
    CT, ST = np.ascontiguousarray(np.cos(U).T), np.ascontiguousarray(np.sin(U).T)
    rows, scale = given_rows(cloud, points)
    XT = np.ascontiguousarray(rows.T)
    m, d, D = X.shape[0], X.shape[1], frequencies.shape[0]
    blocks = row_blocks(m, _BLOCKS if m >= 1024 else 1)
    found = np.zeros((len(blocks), 4))
    kind, parameter = spectrum.kind, spectrum.parameter
    in_order(lambda b: measure_pass(CT, ST, XT, scale, kind, parameter, *blocks[b], found[b]), len(blocks))
    mean = float(np.add.accumulate(found[:, 0])[-1]) / (m * (m - 1) // 2)
    worst = found[int(np.argmax(found[:, 1]))]
    rms = float(np.sqrt(mean))
    margin = rounding(points.points, frequencies / points.factor, d, D) + rms * (2 * m + 64) * _UNIT
    if spectrum != GAUSSIAN:
        margin += of_the_kernel(d)
    pair = int(cloud.distinct[int(worst[2])]), int(cloud.distinct[int(worst[3])])
    return Errors(rms, float(worst[1]), margin, pair)


def given_rows(cloud: PointCloud, points: Scaled) -> tuple[FloatArray, float]:
    """Return the different rows as they were given, times a power of two, and what brings differences to the kernel.

    Examples
    --------
    >>> from derandkit.points.cloud import PointCloud
    >>> cloud = PointCloud([[0.0], [1.0], [3.0]])
    >>> rows, scale = given_rows(cloud, scaled(cloud, 0.5))
    >>> rows.tolist(), scale
    ([[0.0], [0.5], [1.5]], 2.0)
    """
    centring = cloud.centring()
    return centring.raw, float(np.ldexp(points.factor, centring.exponent))


def rounding(Z: FloatArray, M: FloatArray, d: int, D: int) -> float:
    """Return a bound on the rounding error of ``K^ - k`` of any pair, as `measure` computes it.

    A phase is off by ``(d + 8) u`` times the sum of the sizes of its terms, and a cosine by no more; two points take
    part. The kernel is off by its exponent: ``x exp(-x) <= 1/e`` times the relative error of x, which is ``(d + 8) u``
    since differences are taken of the rows as given. The sum over frequencies is off by ``D u``.
    """
    sizes = np.mean(np.abs(Z) @ np.abs(M).T, axis=1)
    return float((2.0 * (d + 8) * float(np.max(sizes)) + 2.0 * D + d + 64) * _UNIT)


def of_the_kernel(d: int) -> float:
    """Return a bound on the rounding of a kernel at a distance that is rounded, beyond that of an exponential.

    A squared distance is off by ``(d + 4) u`` of itself. A Matern kernel changes by less than 1.3 times that, since
    ``t |k'(t)| < 1.3``, and so does ``exp(-alpha log(1 + r^2 / (2 alpha)))``; its own operations lose a few u more.
    """
    return 2.0 * (d + 40) * _UNIT


def longest(Z: FloatArray) -> float:
    """Return the greatest length of a row."""
    return float(np.sqrt(np.max(np.sum(Z * Z, axis=1))))


def promised_rms(rows: FloatArray, D: int, spectrum: Spectrum = GAUSSIAN, scale: float = 1.0) -> float:
    """Return the root of the expected mean square error of random frequencies, ``sqrt(mean v / (2 D))``.

    The variance of a random cosine is ``v / 2`` with ``v = 1 + k(2 d) - 2 k(d)^2``, which is ``(1 - k^2)^2`` for the
    Gaussian kernel.

    Parameters
    ----------
    rows : ndarray, shape (m, d)
        Different points, as they were given: their differences are rounded once, however close they are.
    D : int
        Number of frequencies.
    spectrum : Spectrum
        The kernel.
    scale : float
        What brings differences of rows to the units of the kernel.

    Returns
    -------
    float
        Rounded down by what rounding can do to it, here and where it is computed again, so that an error below it is
        below the exact number. O(m^2 d) operations.

    Raises
    ------
    InputError
        The kernel is so long that rounding hides what random frequencies do to it.

    Examples
    --------
    >>> round(promised_rms(np.array([[0.0], [100.0]]), 50), 12)
    0.1
    """
    mean, lost = _unlike(rows, spectrum, scale)
    # a share that whoever computes it again, with bounds of its own, still knows: 1e-5
    if not mean >= max(1e6 * lost, 1e-270):
        wider = "smaller length_scale (length_scale='median'"
        if spectrum == GAUSSIAN:
            wider = "greater gamma (gamma='median'"
        raise InputError(
            f"the {spectrum.name.replace('_', ' ')} kernel is 1 on all pairs up to rounding, so nothing is left to "
            f"estimate; give a {wider} follows the points)"
        )
    return float(np.sqrt((mean - 3.0 * lost) / (2.0 * D)) * (1.0 - 8.0 * _UNIT))


def promise_at_most(rows: FloatArray, D: int, spectrum: Spectrum = GAUSSIAN, scale: float = 1.0) -> float:
    """Return what the exact promise does not exceed, of the arguments of `promised_rms`.

    An error above it is above the exact promise, also to who computes that again with the bounds of a checker.

    Examples
    --------
    >>> Z = np.array([[0.0], [100.0]])
    >>> 1.0 <= promise_at_most(Z, 50) / promised_rms(Z, 50) <= 1.0 + 1e-12
    True
    """
    mean, lost = _unlike(rows, spectrum, scale)
    return float(np.sqrt((mean + 4.0 * lost) / (2.0 * D)) * (1.0 + 8.0 * _UNIT))


def _unlike(rows: FloatArray, spectrum: Spectrum, scale: float) -> tuple[float, float]:
    """Return the mean of ``1 + k(2 d) - 2 k(d)^2`` over the pairs of rows, and how far rounding may move it.

    Notes
    -----
    An exponent is off by ``(d + 4) u`` of itself. ``(1 - exp(-x))^2`` loses four times that; for the other kernels see
    `below_one`: of ``f = 1 - k`` it is ``4 f(x) - f(4 x) - 2 f^2``, and f is concave in x, so that a relative error of
    x or of f moves it by no more than ``12 f`` times that. Each has a second bound for who computes it again.
    """
    from derandkit.features.kernels import promise_pass

    m, d = rows.shape
    XT = np.ascontiguousarray(rows.T)
    blocks = row_blocks(m, _BLOCKS if m >= 1024 else 1)
    found = np.zeros((len(blocks), 2))
    kind, parameter = spectrum.kind, spectrum.parameter
    in_order(lambda b: promise_pass(XT, scale, kind, parameter, *blocks[b], found[b]), len(blocks))
    mean, less = np.add.accumulate(found, axis=0)[-1] / (m * (m - 1) // 2)
    sums = (4.0 * m + 128.0) * _UNIT * mean
    if spectrum == GAUSSIAN:
        return float(mean), float(5.0 * (d + 16) * _UNIT * mean + sums)
    return float(mean), float(13.0 * (d + 100.0) * _UNIT * less + sums)


def lower_bound(Z: FloatArray, D: int, spectrum: Spectrum = GAUSSIAN) -> float:
    """Return a root mean square error over pairs that no 2 D features with ``|f(x)| = 1`` undercut.

    Parameters
    ----------
    Z : ndarray, shape (m, d)
        Different points in the units of the kernel.
    D : int
        Half the number of features.
    spectrum : Spectrum
        The kernel.

    Returns
    -------
    float
        Rounded down to 6 digits; 0 beyond `BOUNDED` points, where nothing is stated. O(m^3) operations.

    Notes
    -----
    Inner products of features are a matrix of rank at most 2 D, so (Eckart and Young) the sum of squares of
    ``K^ - K`` over all entries is at least ``sum_{i > 2 D} l_i(K)^2``. On the diagonal both are 1.

    Examples
    --------
    >>> Z = 100.0 * np.arange(6.0)[:, None]  # no two points are alike: K is the identity
    >>> lower_bound(Z, 1), round((4 / 30) ** 0.5, 6)
    (0.365148, 0.365148)
    """
    m, d = Z.shape
    if m > BOUNDED or m <= 2 * D:
        return 0.0
    K = np.eye(m)
    i, j = np.triu_indices(m, 1)
    K[i, j] = K[j, i] = spectrum.values(_squares(Z))
    values = lapack.eigvalsh(K)[::-1]
    tail = float(np.sqrt(np.sum(values[2 * D :] ** 2)))
    # entries are off by d + 8 roundings of the exponent, and the solver is backward stable; room for a verifier's own
    error = m * (d + 16 + 4.0 * longest(Z) + 16.0 * float(np.sqrt(np.sum(values * values)))) * _UNIT
    if spectrum != GAUSSIAN:
        error += m * of_the_kernel(d)
    return round_down(max(tail - 4.0 * error, 0.0) / float(np.sqrt(m * (m - 1.0))) * (1.0 - 1e-9))
