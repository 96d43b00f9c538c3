"""Figures of a cut record, worked out a second time, each with a rigorous bound on its rounding error.

Nothing here is shared with the solver, and the formulas are written differently on purpose: angles by half-angles
instead of arc cosines, probabilities by means of signs, bounds by rationals. A number is an interval that contains the
real number; error bounds come from each edge's own weight and each row's own length, so that one heavy edge or one
large row does not excuse a false number elsewhere. With u = 2^-53: a sum of r products has a relative error of at most
r u in any order of summation; a row scaled to unit length is off by at most (r / 2 + 4) u, so the length of the
difference or the sum of two of them by at most (2 r + 14) u.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.intervals import LEAST, UNIT, Interval
from derandkit.numerics.rounding import float_above
from derandkit.numerics.sums import exact_total

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import BoolArray, FloatArray, SignArray

#: SDP vectors with more entries than this are left out of certificates.
WITNESS_LIMIT = 3_000_000
#: Deviations from zero of a sign that counts as settled.
SETTLED = 8
#: Constant of the guarantee: Goemans and Williamson's 0.878567..., rounded down.
ALPHA = Fraction(87856, 100000)
#: Share by which SciPy's error functions may be off; a test compares them with rationals.
SPECIAL = 1e-14
#: Smallest normal number, below which exponentials may be zero; the error functions of SciPy are so below the other.
NORMAL, ERFC_UNDERFLOWN = math.ldexp(1.0, -1022), 2e-310
#: Edges looked at together.
_BLOCK = 4_000_000


def weighted_sum(
    weights: FloatArray, values: FloatArray, error: FloatArray | float, far: BoolArray | None = None
) -> Interval:
    """Return ``sum_k weights_k values_k`` where each value is within `error` of what it stands for.

    Parameters
    ----------
    weights, values, error : ndarray
        Terms, and bounds on the errors of the values.
    far : ndarray of bool, optional
        Where it is true a value v stands for ``1 - v``: a probability near one is given by its distance from one, so
        that a heavy edge that is cut almost surely is rounded by that distance and not by its weight.

    Examples
    --------
    >>> weighted_sum(np.array([1.0, 2.0]), np.array([0.5, 0.25]), 0.0).contains(1.0)
    True
    >>> weighted_sum(np.array([1e16, -1e16]), np.array([0.0, 0.0]), 0.0, np.array([True, True])).high < 1e-300
    True
    """
    products = weights * values
    # what underflows loses at most the smallest float, in a product and in what it may be off
    size = exact_total(np.abs(products))
    rounding = size * Fraction(2.0 * UNIT) + Fraction(2 * products.size, 2**1074)
    spread = exact_total(np.abs(weights) * error)
    radius = float_above(rounding + spread * Fraction(1 + 4.0 * UNIT))
    total = exact_total(products)
    if far is not None:
        signed = np.where(far, -products, products)
        total = exact_total(signed) + exact_total(weights[far])
    return Interval.around(total, radius)


@dataclass(frozen=True, eq=False)
class Chords:
    """How far apart the two unit rows of every edge are, or how far from opposite, whichever is less.

    Parameters
    ----------
    near : ndarray, shape (m,)
        ``|v_i - v_j|``, or ``|v_i + v_j|`` where the rows are far apart.
    other : ndarray, shape (m,)
        The other of the two.
    far : ndarray of bool, shape (m,)
        Whether `near` is ``|v_i + v_j|``.
    error : ndarray, shape (m,)
        Bound on the error of either; zero where the rows are stored as equal or as opposite.
    """

    near: FloatArray
    other: FloatArray
    far: BoolArray
    error: FloatArray


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Return rows scaled to unit length, each off by at most (r / 2 + 4) u.

    Parameters
    ----------
    vectors : ndarray of float64, shape (n, r)
        Rows of any finite length; a row of zeros stands for the first axis.

    Raises
    ------
    ValueError
        A row is so long or so short that its length cannot be computed.

    Examples
    --------
    >>> unit_rows(np.array([[0.0, 3.0], [0.0, 0.0]])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    largest = np.abs(vectors).max(axis=1, initial=0.0)
    scale = np.where(largest > 0.0, largest, 1.0)
    if not np.isfinite(scale).all() or (scale < 1e-300).any():
        raise ValueError("a row of the vectors has no length that can be computed")
    rows = vectors / scale[:, None]  # the largest entry is 1: squares neither overflow nor all underflow
    rows[largest == 0.0, 0] = 1.0
    scaled: FloatArray = rows / np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return scaled


def chord_lengths(graph: WeightedGraph, vectors: FloatArray) -> Chords:
    """Return ``|v_i - v_j|`` and ``|v_i + v_j|`` of every edge for rows scaled to unit length, and their error bounds.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    vectors : ndarray of float64, shape (n, r)
        Rows of any finite length; a row of zeros stands for the first axis.

    Raises
    ------
    ValueError
        A row is so long or so short that its length cannot be computed.
    """
    rows = unit_rows(vectors)
    i, j, _ = graph.edges()
    near, other = np.empty(i.size), np.empty(i.size)
    error = np.empty(i.size)
    far = np.empty(i.size, dtype=bool)
    bound = (2 * rows.shape[1] + 20) * UNIT
    step = max(1, _BLOCK // max(1, rows.shape[1]))
    for start in range(0, i.size, step):
        part = slice(start, start + step)
        first, second = rows[i[part]], rows[j[part]]
        apart, together = (
            np.sqrt(np.einsum("ij,ij->i", chord, chord)) for chord in (first - second, first + second)
        )
        # rows stored as equal or as opposite are so exactly, in whatever order their squares were added up
        one, two = vectors[i[part]], vectors[j[part]]
        equal, opposite = (one == two).all(axis=1), (one == -two).all(axis=1)
        parallel = equal | opposite
        far[part] = np.where(parallel, ~equal, together < apart)
        near[part] = np.where(parallel, 0.0, np.minimum(apart, together))
        other[part] = np.where(parallel, 2.0, np.maximum(apart, together))
        error[part] = np.where(parallel, 0.0, bound)
    return Chords(near, other, far, error)


def sdp_value(graph: WeightedGraph, vectors: FloatArray) -> Interval:
    """Return ``sum a_ij |v_i - v_j|^2 / 4`` over the edges, which is ``sum a_ij (1 - v_i . v_j) / 2`` for unit rows.

    Where rows are nearly opposite it is ``1 - |v_i + v_j|^2 / 4`` of the weight.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> edge = WeightedGraph.from_edges([0], [1])
    >>> sdp_value(edge, np.array([[3.0, 0.0], [0.0, 5.0]])).contains(0.5)
    True
    """
    chords = chord_lengths(graph, vectors)
    share = 0.25 * chords.near * chords.near
    error = (0.5 * chords.near + chords.error) * chords.error + 4.0 * UNIT * share
    return weighted_sum(graph.edges()[2], share, error, chords.far)


def hyperplane_expectation(graph: WeightedGraph, vectors: FloatArray) -> Interval:
    """Return the expected cut of a random hyperplane: every edge is cut with probability angle / pi.

    The angle between unit rows is ``2 atan2(|v_i - v_j|, |v_i + v_j|)``, whose error is that of the chords everywhere,
    while an arc cosine loses half of the digits near 0 and pi.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> edge = WeightedGraph.from_edges([0], [1])
    >>> hyperplane_expectation(edge, np.array([[1.0, 0.0], [0.0, 1.0]])).contains(0.5)
    True
    """
    chords = chord_lengths(graph, vectors)
    share = 2.0 * np.arctan2(chords.near, chords.other) / math.pi
    # the point of the two chords has radius 2 and is off by at most sqrt(2) error
    error = 0.5 * chords.error + 16.0 * UNIT * share
    return weighted_sum(graph.edges()[2], share, error, chords.far)


def independent_expectation(graph: WeightedGraph, mean: FloatArray, smoothing: float) -> Interval:
    """Return the expected cut of independent sides, + with probability ``Phi(mean_i / smoothing)``.

    A side is as its mean says but for a share ``d_i = erfc(|h_i| / sqrt 2)`` of chance, half of which goes either way:
    two sides with means of one sign are apart with probability ``(d_i + d_j - d_i d_j) / 2``, else with one minus that.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> edge = WeightedGraph.from_edges([0], [1])
    >>> independent_expectation(edge, np.array([0.0, 9.0]), 1.0).contains(0.5)
    True
    """
    from scipy.special import erfc

    i, j, weights = graph.edges()
    deviations = mean / smoothing
    chance = erfc(np.abs(mean) / (smoothing * math.sqrt(2.0)))
    share = 0.5 * (chance[i] + chance[j] - chance[i] * chance[j])
    far = (mean[i] < 0.0) != (mean[j] < 0.0)
    # the argument is off by three units, which the exponential multiplies by its square; erfc is off by a share
    with np.errstate(over="ignore"):
        square = deviations * deviations
    steep = 8.0 * UNIT * square
    lost = lost_below(0.5 * square, ERFC_UNDERFLOWN)
    error = share * np.minimum(2.0 * SPECIAL + steep[i] + steep[j], 1.0) + (lost[i] + lost[j])
    return weighted_sum(weights, share, error, far)


def lost_below(exponent: FloatArray, largest: float) -> FloatArray:
    """Return what underflow may take from ``exp(-exponent)``, or from ``erfc(sqrt(exponent))``, beside a share of it.

    Parameters
    ----------
    exponent : ndarray
        Not negative.
    largest : float
        The largest value that a library gives as zero: SciPy does with ``erfc(26.65)``, which is 1.16e-310, though the
        least float is far below.

    Examples
    --------
    >>> lost_below(np.array([0.0, 26.65**2, 28.0**2]), 2e-310).tolist()
    [4e-323, 2e-310, 4e-323]
    """
    early = (exponent > 676.0) & (exponent < 747.0)  # beyond it even the value is below the least float
    return np.where(early, largest, 8.0 * LEAST)


def dual_value(graph: WeightedGraph, diagonal: FloatArray) -> Fraction:
    """Return ``(sum_ij a_ij + sum_i d_i) / 4`` without rounding.

    Every cut x'Lx / 4 of a graph with ``A + Diag(d) >= 0`` is at most that: ``-s'As <= sum_i d_i``.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> dual_value(WeightedGraph.from_edges([0], [1]), np.array([1.0, 1.0]))
    Fraction(1, 1)
    """
    return (2 * exact_total(graph.edges()[2]) + exact_total(diagonal)) / 4


def is_rounded_up(claim: object, exact: Fraction) -> bool:
    """Whether a float is not below a rational and at most two floats above it.

    Examples
    --------
    >>> is_rounded_up(0.5, Fraction(1, 2)), is_rounded_up(0.5, Fraction(1, 3))
    (True, False)
    """
    if type(claim) is not float or not math.isfinite(claim):
        return False
    above = float_above(exact)
    return Fraction(claim) >= exact and claim <= math.nextafter(math.nextafter(above, math.inf), math.inf)


def gap_of(bound: int | float, cut: int | float) -> Fraction:
    """Return the distance of bound and cut as a share of the larger, as they are stated.

    Examples
    --------
    >>> gap_of(12, 12), gap_of(4.0, 3.0), gap_of(0, 0)
    (Fraction(0, 1), Fraction(1, 4), Fraction(0, 1))
    """
    upper, lower = Fraction(bound), Fraction(cut)
    size = max(abs(upper), abs(lower))
    return (upper - lower) / size if size else Fraction(0)


def settled(mean: FloatArray, sides: SignArray, smoothing: float) -> FloatArray:
    """Return the mean on the chosen sides, `SETTLED` deviations of the noise from zero where it was nearer.

    Examples
    --------
    >>> settled(np.array([0.5, -0.001]), np.array([1, 1]), 0.01)
    array([0.5 , 0.08])
    """
    least = SETTLED * smoothing
    return np.where(np.abs(mean) < least, least, np.abs(mean)) * sides


@dataclass(frozen=True)
class Stationarity:
    """Second-order numbers of minus the expected cut at a distribution without spread.

    Parameters
    ----------
    gradient_norm : Interval
        Norm of the gradient in the mean.
    curvature : Interval
        Lower bound on the smallest eigenvalue of the Hessian in the mean, by Gershgorin's discs.
    scale : float
        The greatest sum of absolute weights at a vertex: what both are compared with.
    """

    gradient_norm: Interval
    curvature: Interval
    scale: float


def stationarity(graph: WeightedGraph, mean: FloatArray, smoothing: float) -> Stationarity:
    """Return gradient and curvature of ``-sum a_ij Pr[s_i != s_j]`` at independent sides ``sign(mean + smoothing x)``.

    With ``h = mean / smoothing`` and the normal density phi, the derivative in mean i is
    ``phi(h_i) / smoothing sum_j a_ij (2 Phi(h_j) - 1)``; the Hessian has ``2 a_ij phi(h_i) phi(h_j) / smoothing^2`` off
    the diagonal and minus ``h_i / smoothing`` times the gradient on it.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> edge = WeightedGraph.from_edges([0], [1])
    >>> stationarity(edge, np.array([0.0, 0.0]), 1.0).curvature.contains(-1 / math.pi)
    True
    """
    from scipy.special import erf

    i, j, w = graph.edges()
    h = mean / smoothing
    density = np.exp(-(h * h) / 2.0) / math.sqrt(2.0 * math.pi)
    side = erf(h / math.sqrt(2.0))

    def gather(from_j: FloatArray, from_i: FloatArray) -> FloatArray:
        """Sum what each vertex gets over its edges."""
        total = np.bincount(i, weights=from_j, minlength=graph.n)
        return np.asarray(total + np.bincount(j, weights=from_i, minlength=graph.n))

    pull = gather(w * side[j], w * side[i])
    size = gather(np.abs(w), np.abs(w))
    terms = gather(np.ones(i.size), np.ones(i.size)) + 8.0
    rate = density / smoothing
    # exp loses (h^2 / 2) of its argument's rounding; the sum of an entry's terms loses one unit a term
    exponential = (2.0 * h * h + 16.0) * UNIT
    # below the normal numbers a result is rounded by up to LEAST, whatever its size; `lost` bounds that of a rate
    lost = (2.0 * LEAST + lost_below(0.5 * h * h, NORMAL)) * (1.0 + 1.0 / smoothing)
    gradient = rate * pull
    gradient_error = np.abs(gradient) * exponential + rate * size * (terms * UNIT + 2.0 * SPECIAL)
    gradient_error += lost * size + (1.0 + rate) * terms * LEAST
    heavy = np.abs(w)
    beside = gather(heavy * rate[j], heavy * rate[i])
    discs = 2.0 * rate * beside
    lowest = -h / smoothing * gradient - discs
    curvature_error = np.abs(h) / smoothing * gradient_error * 1.01 + discs * (
        exponential + (2.0 * (h * h).max(initial=0.0) + 16.0 + terms) * UNIT
    )
    far = float(lost.max(initial=0.0))  # of any neighbour
    curvature_error += 2.0 * (far * rate * size + lost * (beside + far * size))
    curvature_error += (4.0 + 2.0 * rate + np.abs(h) / smoothing) * terms * LEAST
    norm = _length(gradient)
    norm_error = _length(gradient_error) * 1.01 + norm * (graph.n + 8.0) * UNIT + 1e-300
    # the least of the discs lies between the least lower and the least upper ends; zero stands for no disc below it
    ends = [float((lowest + k * curvature_error).min(initial=0.0)) for k in (-2, -1, 1, 2)]
    # whoever claims it computes each disc with such an error as well
    spare = max(ends[1] - ends[0], ends[3] - ends[2])
    scale = float(size.max(initial=0.0))
    gradient_norm = Interval(norm - norm_error, norm + norm_error, norm_error)
    return Stationarity(gradient_norm, Interval(ends[1], ends[2], spare), scale)


def _length(vector: FloatArray) -> float:
    """Return ``|v|``, up to ``(n + 4) u`` relatively; not a number where an entry is not finite."""
    largest = float(np.abs(vector).max(initial=0.0))
    if not math.isfinite(largest):
        return math.nan
    return largest * math.sqrt(float(((vector / largest) ** 2).sum())) if largest > 0.0 else 0.0
