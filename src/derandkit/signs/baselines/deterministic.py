"""What a derandomized cut is compared with: the textbook algorithms, each as strong as it can be made.

Here are the deterministic ones: fair coins by conditional expectations, pairwise-independent seeds, hyperplane
rounding by conditional expectations, and the exact sweep of rank-2 vectors; `derandkit.signs.baselines.randomized`
holds those that take an `rng`. Each can be followed by the same one-flip local search, so that a derandomizer is
judged and not the clean-up after it. Every value is recomputed from the sides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.law import GaussianSampler
from derandkit.numerics.axes import principal_axes
from derandkit.signs.baselines.kernels import coins_by_gain, coins_in_order, walsh_hadamard
from derandkit.signs.derandomize.conditional import REVEAL_SMOOTHING, reveal_all
from derandkit.signs.derandomize.spread import reveal_best_direction
from derandkit.signs.kernels import mixing_sweep, one_flip
from derandkit.signs.objective import CutObjective
from derandkit.signs.relaxation.lowrank import start_vectors
from derandkit.signs.values import expected_hyperplane_cut, unit_rows

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, SignArray
    from derandkit.records import JsonMapping


#: Passes of the local search; it ends long before, at a local optimum.
SWEEPS = 100_000
#: Explicit starts of the rank-2 relaxation, besides the leading plane of the vectors.
RANK2_STARTS = 8
#: What the algorithms promise.
HALF = "at least half the total weight"
EXPECTED = "at least the expected hyperplane cut, hence 0.87856 SDP value for non-negative weights"
PLANE = "at least the expected hyperplane cut of its rank-2 vectors"
AVERAGE = "an estimate of the expected hyperplane cut, at least 0.87856 SDP value for non-negative weights"
ON_AVERAGE = "on average at least the expected hyperplane cut (0.87856 SDP value for non-negative weights)"


@dataclass(frozen=True, eq=False)
class Baseline:
    """The cut of a baseline.

    Parameters
    ----------
    name : str
        The algorithm.
    signs : ndarray of int8, shape (n,)
        The sides; of the best cut found.
    value : int or float
        Weight of that cut, exact. For `hyperplane_mean` the mean over all draws, which is an estimate.
    deterministic : bool
        Whether the same input always gives the same sides.
    guarantee : str
        What the algorithm promises.
    stats : mapping
        Counts and numbers of its own.
    """

    name: str
    signs: SignArray
    value: int | float
    deterministic: bool
    guarantee: str
    stats: JsonMapping = field(default_factory=dict)


def improved(graph: WeightedGraph, signs: SignArray) -> SignArray:
    """Return the sides after the one-flip local search that all baselines share.

    Vertices in index order, flipped while that gains (more than a billionth of the largest weight where weights are
    not integers); never worse, and at least half the total weight where no flip gains, but for n / 4 times that least.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> improved(WeightedGraph.from_edges([0], [1]), np.array([1, 1], dtype=np.int8))
    array([-1,  1], dtype=int8)
    """
    signs = signs.copy()
    one_flip(graph.indptr, graph.indices, graph.weights, signs, SWEEPS, margin(graph))
    return signs


def margin(graph: WeightedGraph) -> float:
    """Return the gain that a flip of the local search must exceed."""
    return 0.0 if graph.integral else 1e-9 * float(np.abs(graph.weights).max(initial=0.0))


def fair_coins(graph: WeightedGraph, *, local_search: bool = False) -> Baseline:
    """Derandomize independent fair coins by conditional expectations, in three orders; the greatest cut wins.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    local_search : bool
        Whether each of the three cuts is improved by `improved`.

    Returns
    -------
    Baseline
        At least half the total weight. ``stats["order"]`` is ``"given"``, ``"degree"`` (falling weighted degree) or
        ``"gain"`` (the vertex whose choice matters most next); ties go in this order.

    Notes
    -----
    ``O(m log n)``.

    References
    ----------
    Sahni and Gonzalez, J. ACM 23 (1976) 555-565; Vadhan, Pseudorandomness (2012), algorithm 3.17.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> fair_coins(WeightedGraph.from_edges([0, 1, 2, 3, 4], [1, 2, 3, 4, 0])).value
    4
    """
    arcs = (graph.indptr, graph.indices, graph.weights)
    n = graph.n
    degrees = np.array(
        [
            math.fsum(np.abs(graph.weights[a:b]))
            for a, b in zip(graph.indptr[:-1], graph.indptr[1:], strict=True)
        ]
    )
    given, falling = np.arange(n), np.argsort(-degrees, kind="stable").astype(np.int64)
    found = {}
    for name, order in (("given", given), ("degree", falling), ("gain", falling)):
        signs = np.zeros(n, dtype=np.int8)
        if name == "gain":
            heap, place, rank = (np.empty(n, dtype=np.int64) for _ in range(3))
            coins_by_gain(*arcs, order, heap, place, rank, np.empty(n), signs)
        else:
            coins_in_order(*arcs, order, signs)
        found[name] = improved(graph, signs) if local_search else signs
    values = {name: graph.cut_value(signs) for name, signs in found.items()}
    best = max(values, key=values.__getitem__)
    return Baseline("fair coins", found[best], values[best], True, HALF, {"order": best, "values": values})


def pairwise_seeds(graph: WeightedGraph, *, local_search: bool = False) -> Baseline:
    """Try every seed of a pairwise-independent sample space; the greatest cut wins.

    Vertex i (from 0) gets the parity of ``seed & (i + 1)``: ``k = ceil(log2(n + 1))`` fair bits make n pairwise
    independent coins, so the mean over the ``2^k`` seeds is half the total weight and the best one at least that.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    local_search : bool
        Whether the best cut is improved by `improved`.

    Returns
    -------
    Baseline
        ``stats`` holds the best ``seed`` (the lowest on ties) and the number of ``seeds``.

    Notes
    -----
    The cut of a seed is ``(total - sum_e w_e (-1)^|seed & d_e|) / 2`` with ``d_e = (i + 1) xor (j + 1)``, so one
    Walsh-Hadamard transform measures all seeds: ``O(m + n log n)``.

    References
    ----------
    Luby, SIAM J. Comput. 15 (1986); Vadhan, Pseudorandomness (2012), construction 3.18 and algorithm 3.20.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> pairwise_seeds(WeightedGraph.from_edges([0, 1, 2, 3, 4], [1, 2, 3, 4, 0])).stats["seeds"]
    8
    """
    i, j, w = graph.edges()
    bits = graph.n.bit_length()
    spectrum = np.zeros(1 << bits)
    np.add.at(spectrum, (i + 1) ^ (j + 1), w)
    walsh_hadamard(spectrum)
    seed = int(np.argmin(spectrum))
    masked = (np.arange(1, graph.n + 1) & seed).astype(np.uint64)
    signs = (1 - 2 * (np.bitwise_count(masked) & 1).astype(np.int8)).astype(np.int8)
    signs = improved(graph, signs) if local_search else signs
    stats = {"seed": seed, "seeds": 1 << bits}
    return Baseline("pairwise-independent seeds", signs, graph.cut_value(signs), True, HALF, stats)


def rank2_sweep(graph: WeightedGraph, vectors: FloatArray, *, local_search: bool = False) -> Baseline:
    """Solve the rank-2 relaxation from explicit starts and sweep a half-plane around each; the greatest cut wins.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    vectors : ndarray, shape (n, r)
        The vectors of the relaxation: their leading plane is one of the starts.
    local_search : bool
        Whether each cut is improved by `improved`.

    Returns
    -------
    Baseline
        For every start all ``n`` half-plane cuts of the vectors are compared, so the cut is at least the expected cut
        of a random hyperplane of the same vectors (``stats["expectation"]``).

    Notes
    -----
    ``O(m)`` a sweep of the relaxation (at most 1000 a start) and ``O(n log n + m)`` for the exact sweep. The rank-2
    problem is not convex; what it reaches depends on the start.

    References
    ----------
    Burer, Monteiro, Zhang, SIAM J. Optim. 12 (2002) 503-521.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> rank2_sweep(WeightedGraph.from_edges([0, 1, 2, 3, 4], [1, 2, 3, 4, 0]), np.eye(5)).value
    4
    """
    n = graph.n
    plane = np.ascontiguousarray(np.pad(principal_axes(vectors)[0], ((0, 0), (0, 2)))[:, :2])
    hashed = start_vectors(n, 2 * RANK2_STARTS)
    starts = [plane, *(np.ascontiguousarray(hashed[:, 2 * k : 2 * k + 2]) for k in range(RANK2_STARTS))]
    best: tuple[float, SignArray, float] | None = None
    for start in starts:
        V = np.ascontiguousarray(unit_rows(start))
        g, y = np.empty(2), np.empty(n)
        for _ in range(1000):
            fall = mixing_sweep(graph.indptr, graph.indices, graph.weights, V, g, y)
            if fall <= 1e-7 * max(1e-300, float(np.abs(y).sum())):
                break
        law = reveal_best_direction(graph, V)
        signs = np.where(law.mean >= 0.0, 1, -1).astype(np.int8)
        signs = improved(graph, signs) if local_search else signs
        value = graph.cut_value(signs)
        if best is None or value > best[0]:
            best = value, signs, expected_hyperplane_cut(graph, V)
    assert best is not None
    stats = {"starts": len(starts), "expectation": best[2]}
    return Baseline("rank-2 sweep", best[1], best[0], True, PLANE, stats)


def conditional_hyperplane(
    graph: WeightedGraph, vectors: FloatArray, *, local_search: bool = False
) -> Baseline:
    """Derandomize hyperplane rounding by conditional expectations (Mahajan and Ramesh).

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    vectors : ndarray, shape (n, r)
        Unit rows.
    local_search : bool
        Whether the cut is improved by `improved`.

    Returns
    -------
    Baseline
        At least the expected hyperplane cut of the vectors. ``stats`` holds that expectation, the expected cut after
        the last reveal (``final_expectation``) and what the searches lost (``slack``, normally 0). What private noise
        is left is rounded away vertex by vertex, as on the lemma's path.

    Notes
    -----
    See `derandkit.signs.derandomize.conditional.reveal_all`.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> conditional_hyperplane(WeightedGraph.from_edges([0], [1]), np.array([[1.0], [-1.0]])).value
    1
    """
    found = reveal_all(graph, vectors)
    law = GaussianSampler(found.mean, np.zeros((graph.n, 0)))
    signs = CutObjective(graph, REVEAL_SMOOTHING).round(law)
    signs = improved(graph, signs) if local_search else signs
    # a run that is interrupted before the first reveal has no expectation; `compare` drops its row
    known = found.expectations or (math.nan,)
    stats = {
        "expectation": known[0],
        "final_expectation": known[-1],
        "slack": found.slack,
    }
    return Baseline("conditional expectations", signs, graph.cut_value(signs), True, EXPECTED, stats)
