"""The solver's own formulas: what it computes about a graph, its vectors and its distributions.

A record states these numbers, and the checker recomputes them by formulas of its own
(`derandkit.certificates.cuts`), so a mistake here is noticed there. Nothing that solves imports those.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.sparse import shared_rows
from derandkit.numerics.sums import exact_sum, exact_total

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.sums import Sums
    from derandkit.numerics.typing import BoolArray, FloatArray, IntArray, SignArray
    from derandkit.records import JsonObject

#: SDP vectors with more entries than this are left out of certificates (16 MB of text).
WITNESS_LIMIT = 3_000_000
#: A sign whose mean is this many deviations from zero is settled: it is wrong with probability 6e-16.
SETTLED = 8.0
#: The Goemans-Williamson constant ``min_t (2/pi) t / (1 - cos t) = 0.878567...``, rounded down.
ALPHA = 0.87856
#: Numbers of the rows of one block of edges: such a block stays in the cache, which is four times as fast.
BLOCK = 100_000


def weak_duality_bound(weights: FloatArray, diagonal: FloatArray, sums: Sums | None = None) -> float:
    """Return ``(sum_ij a_ij + sum_i d_i) / 4``, never below the exact real number.

    Parameters
    ----------
    weights : ndarray, shape (2 m,)
        The entries of the symmetric matrix A (each edge twice).
    diagonal : ndarray, shape (n,)
        A vector with ``A + Diag(d) >= 0``; that is the caller's to prove.
    sums : Sums, optional
        `WeightedGraph.sums`, where the weights are those of a graph: then only the diagonal is added up.

    Returns
    -------
    float
        An upper bound on the weight of every cut.

    Examples
    --------
    >>> import numpy as np
    >>> weak_duality_bound(np.array([1.0, 1.0]), np.array([1.0, 1.0]))
    1.0
    """
    if sums is None or not np.isfinite(diagonal).all():
        total = exact_sum(weights, diagonal) / 4.0
    else:
        total = float(2 * sums.total + exact_total(diagonal)) / 4.0
    # the sum is correctly rounded, so one step up covers it; a sum of integers, four times as large, that is exact
    # needs none
    if total == math.floor(total) and float(abs(total)) < 2.0**51 and _is_integral(weights, diagonal):
        return total
    return math.nextafter(total, math.inf)


def dominant_diagonal(graph: WeightedGraph) -> FloatArray:
    """Return a diagonal that is not below the sums of the absolute weights in the rows; exact for integers. O(n + m).

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> dominant_diagonal(WeightedGraph.from_edges([0, 1], [1, 2], [2, -1]))
    array([2., 3., 1.])
    """
    sizes = np.abs(graph.weights)
    diagonal = np.zeros(graph.n)
    busy = graph.degrees > 0
    if busy.any():
        diagonal[busy] = np.add.reduceat(sizes, graph.indptr[:-1][busy])
    if graph.integral and diagonal.max(initial=0.0) < 2.0**53:
        return diagonal
    # k sums of positive numbers err by k units of rounding in any order; the checker takes twice that, and the product
    # is rounded too
    units = (int(graph.degrees.max(initial=0)) + 1) * 2.0**-53
    return np.asarray(diagonal * (1.0 + 3.0 * (units / (1.0 - units))))


def _is_integral(*arrays: FloatArray) -> bool:
    return all(bool((array == np.floor(array)).all()) for array in arrays)


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Return the rows scaled to unit length; a zero row becomes the first unit vector.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [1. , 0. ]])
    """
    return scale_rows(vectors.copy())


def scale_rows(vectors: FloatArray) -> FloatArray:
    """Do what `unit_rows` does, in place.

    Examples
    --------
    >>> scale_rows(np.array([[3.0, 4.0]]))
    array([[0.6, 0.8]])
    """
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    vectors /= np.where(norms > 0, norms, 1.0)[:, None]
    vectors[norms == 0, 0] = 1.0
    return vectors


@dataclass(frozen=True, eq=False)
class EdgeAngles:
    """What the value of a relaxation and the expectation of its hyperplanes need of every edge.

    Parameters
    ----------
    cosine : ndarray, shape (m,)
        Inner products of the unit rows at the ends of the edges, in the order of `WeightedGraph.edges`.
    flat : ndarray of int64, shape (k,)
        Edges whose rows are nearly parallel.
    sign : ndarray, shape (k,)
        +1 where such rows agree and -1 where they oppose.
    chord : ndarray, shape (k,)
        Squared distance of one row from the other, or from its opposite: near 0 it has the digits that a cosine loses.
    """

    cosine: FloatArray
    flat: IntArray
    sign: FloatArray
    chord: FloatArray

    @property
    def far(self) -> BoolArray:
        """Whether the rows of an edge are nearly opposite, so that it counts by what is missing from its weight."""
        found = np.zeros(self.cosine.size, dtype=bool)
        found[self.flat] = self.sign < 0.0
        return found


def edge_angles(graph: WeightedGraph, vectors: FloatArray) -> EdgeAngles:
    """Return inner products and chords of unit rows along the edges. O(m r).

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> found = edge_angles(WeightedGraph.from_edges([0], [1]), np.array([[1.0, 0.0], [-0.6, 0.8]]))
    >>> found.cosine, found.sign, found.chord.round(12)
    (array([-0.6]), array([-1.]), array([0.8]))
    """
    i, j, _ = graph.edges()
    step = max(1, BLOCK // max(1, vectors.shape[1]))
    cosine = np.empty(i.size)
    for a in range(0, i.size, step):
        b = slice(a, a + step)
        cosine[b] = np.einsum("ij,ij->i", vectors[i[b]], vectors[j[b]])
    flat = np.flatnonzero(np.abs(cosine) > 0.5)
    sign = np.where(cosine[flat] > 0.0, 1.0, -1.0)
    chord = np.empty(flat.size)
    for a in range(0, flat.size, step):
        part = flat[a : a + step]
        apart = vectors[i[part]] - sign[a : a + step, None] * vectors[j[part]]
        chord[a : a + step] = np.einsum("ij,ij->i", apart, apart)
    return EdgeAngles(cosine, flat, sign, chord)


def semidefinite_value(graph: WeightedGraph, vectors: FloatArray, angles: EdgeAngles | None = None) -> float:
    """Return ``1/2 sum_{i<j} a_ij (1 - v_i . v_j)`` for unit rows; from the chord where they are nearly parallel.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> semidefinite_value(WeightedGraph.from_edges([0], [1]), np.array([[1.0], [-1.0]]))
    1.0
    """
    along = edge_angles(graph, vectors) if angles is None else angles
    share = 0.5 * (1.0 - along.cosine)
    share[along.flat] = 0.25 * along.chord
    return _weighted(graph, share, along.far)


def expected_hyperplane_cut(
    graph: WeightedGraph, vectors: FloatArray, angles: EdgeAngles | None = None
) -> float:
    """Return ``sum_{i<j} a_ij arccos(v_i . v_j) / pi`` for unit rows: the expected cut of a random hyperplane.

    Notes
    -----
    Near 0 and pi an arc cosine loses half of its digits; there the angle is taken from the chord, which keeps them. An
    edge of opposite rows counts with its weight and nothing else, so heavy ones that cancel leave no rounding. O(m r),
    and O(m) where the `EdgeAngles` of the same rows are known.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> expected_hyperplane_cut(WeightedGraph.from_edges([0], [1]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    0.5
    """
    along = edge_angles(graph, vectors) if angles is None else angles
    share = np.arccos(np.clip(along.cosine, -1.0, 1.0)) / math.pi
    share[along.flat] = 2.0 * np.arcsin(np.minimum(0.5 * np.sqrt(along.chord), 1.0)) / math.pi
    return _weighted(graph, share, along.far)


def expected_independent_cut(graph: WeightedGraph, mean: FloatArray, smoothing: float) -> float:
    """Return the expected cut of independent sides with ``Pr[+] = Phi(mean_i / smoothing)``.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> expected_independent_cut(WeightedGraph.from_edges([0], [1]), np.array([0.0, 9.0]), 1.0)
    0.5
    """
    from scipy.special import ndtr

    i, j, _ = graph.edges()
    rare = ndtr(-np.abs(mean / smoothing))  # chance of the side against the mean
    p, q = rare[i], rare[j]
    return _weighted(graph, p * (1.0 - q) + q * (1.0 - p), (mean[i] < 0.0) != (mean[j] < 0.0))


def _weighted(graph: WeightedGraph, share: FloatArray, far: BoolArray) -> float:
    """Return ``sum_k a_k s_k``, where `far` says of an edge that its `share` is ``1 - s_k``.

    A heavy edge that is cut almost surely counts with its weight, less what its share takes off: heavy ones of both
    signs that cancel leave no rounding.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> heavy = WeightedGraph.from_edges([0, 0], [1, 2], [1e17, -1e17])
    >>> _weighted(heavy, np.array([1e-17, 0.0]), np.array([True, True]))
    -1.0
    """
    weights = graph.edges()[2]
    return exact_sum(weights[far], weights * np.where(far, -share, share))


def duality_gap_reached(
    graph: WeightedGraph, dual_bound: float, sdp_value: float, duality_gap: float
) -> bool:
    """Return whether ``dual_bound - sdp_value <= gap max(|dual_bound|, 1e-9 sum |w|)``, compared in rational numbers.

    Rounded products answer otherwise than the checker where the gap is a few of the smallest floats.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> duality_gap_reached(WeightedGraph.from_edges([0], [1]), 1.0, 0.9999, 1e-4)
    True
    """
    if not math.isfinite(dual_bound) or not math.isfinite(sdp_value):
        return False
    dual, total = Fraction(float(dual_bound)), Fraction(float(2 * graph.sums.size)) / 2
    return dual - Fraction(float(sdp_value)) <= Fraction(float(duality_gap)) * max(
        abs(dual), Fraction(1e-9) * total
    )


def guarantee_record(graph: WeightedGraph, sdp_value: float, start_expectation: float) -> JsonObject:
    """Return what hyperplane rounding guarantees for these weights, with its numbers.

    For weights of both signs the ratio holds after the sum ``W-`` of the negative weights is subtracted from both
    sides: ``E - W- >= 0.87856 (SDP - W-)`` (Goemans and Williamson, J. ACM 42 (1995), Theorem 3.2.1).

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> record = guarantee_record(WeightedGraph.from_edges([0], [1]), 1.0, 1.0)
    >>> record["value"], record["holds"]
    (0.87856, True)
    """
    offset = graph.negative_weight
    value = offset + ALPHA * (sdp_value - offset)
    # near the least numbers each edge's share of an expectation is off by as much as one of them
    slack = 1e-7 * (graph.positive_weight - offset) + (graph.m + 2) * 5e-324
    statement = (
        "start_expectation >= 0.87856 sdp_value"
        if offset == 0
        else "start_expectation - W- >= 0.87856 (sdp_value - W-), W- the sum of the negative weights"
    )
    return {
        "ratio": ALPHA,
        "negative_weight": offset,
        "value": value,
        "holds": bool(start_expectation >= value - slack),
        "statement": statement,
    }


def settled_mean(mean: FloatArray, sides: SignArray, smoothing: float) -> FloatArray:
    """Return the mean after the greedy pass: on the chosen sides, at least `SETTLED` deviations of noise from zero.

    Examples
    --------
    >>> settled_mean(np.array([0.5, -0.001]), np.array([1, 1]), 0.01)
    array([0.5 , 0.08])
    """
    return np.asarray(sides * np.maximum(np.abs(mean), SETTLED * smoothing), dtype=np.float64)


def relative_gap(bound: float, cut: float) -> float:
    """Return ``(bound - cut) / max(|bound|, |cut|)``, which does not depend on the unit of the weights; 0 for 0 and 0.

    Examples
    --------
    >>> relative_gap(12, 12), relative_gap(4.0, 3.0), relative_gap(4e-9, 2e-9)
    (0.0, 0.25, 0.5)
    """
    size = max(abs(float(bound)), abs(float(cut)))
    return float(bound - cut) / size if size else 0.0


def default_penalty(graph: WeightedGraph) -> float:
    """Return the coefficient of ``|W|^2``: 1e-4 of the mean absolute pull on a vertex, too little to decide a cut.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> default_penalty(WeightedGraph.from_edges([0], [1], [5]))
    0.0005
    """
    return 1e-4 * float(2 * graph.sums.size) / graph.n


def final_stationarity(
    graph: WeightedGraph, mean: FloatArray, smoothing: float, *, penalty: float
) -> JsonObject:
    """Return the lemma's computable certificate at a final distribution ``W = 0``.

    With ``h = b / tau`` the Hessian in b of minus the expected cut has ``H_ij = 2 a_ij phi(h_i) phi(h_j) / tau^2``
    and ``H_ii = -h_i phi(h_i) sum_j a_ij (2 Phi(h_j) - 1) / tau^2``. Gershgorin's discs bound its smallest
    eigenvalue from below, and ``|W| <= |dJ/dW| / (2 penalty + lambda_min(H))`` (arXiv 2510.19382, Lemma 3.1).

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> edge = WeightedGraph.from_edges([0], [1])
    >>> final_stationarity(edge, np.array([1.0, -1.0]), 0.5, penalty=0.5)["spread_bound"]
    0.0
    """
    from scipy.special import erf

    h = mean / smoothing
    density = np.exp(-0.5 * h * h) / math.sqrt(2.0 * math.pi)
    A = shared_rows(graph.indptr, graph.indices, graph.weights)
    pull = A @ erf(h / math.sqrt(2.0))
    gradient = density * pull / smoothing
    centre = -h * density * pull / smoothing**2
    radius = 2.0 * density * (abs(A) @ density) / smoothing**2
    smallest = float((centre - radius).min(initial=0.0))
    denominator = 2.0 * penalty + smallest
    return {
        "spread_norm": 0.0,
        "spread_gradient_norm": 0.0,
        "mean_gradient_norm": _norm(gradient),
        "smallest_curvature": smallest,
        "curvature_method": "gershgorin",
        "penalty": penalty,
        "spread_bound": 0.0 if denominator > 0 else None,
    }


def _norm(vector: FloatArray) -> float:
    """Return the length of a vector, scaled by a power of two so that no square overflows or underflows."""
    exponent = math.frexp(float(np.abs(vector).max(initial=0.0)))[1]
    scaled = np.ldexp(vector, -exponent)
    return math.ldexp(math.sqrt(exact_sum(scaled * scaled)), exponent)
