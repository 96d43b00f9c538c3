"""The Goemans-Williamson relaxation, and the Gaussian law that it hands to the derandomizer.

``max 1/2 sum_{i<j} a_ij (1 - v_i . v_j)`` over unit vectors. The workhorse keeps the vectors at low rank and sweeps
over the vertices (`mixing_sweep`). It stops when a *certified* bound is close enough to the value it has reached,
not when its steps are small; where the sweeps settle on a saddle of the low-rank problem, the negative eigenvector
that the bound exposes opens new dimensions. cvxpy solves the same problem for small graphs and is the oracle in
tests. Both return unit vectors, their value, and a bound that owes nothing to the solver's own claims.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.certificates.cut import semidefinite_value, unit_rows
from derandkit.cuts.bound import DualBound, choose_proof, dual_bound
from derandkit.cuts.kernels import hashed_uniform, mixing_sweep, normalise_rows, pull_norms
from derandkit.cuts.spectral import smallest_eigenvalue
from derandkit.errors import InputError
from derandkit.sampler import GaussianSampler

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from derandkit.cuts.graph import WeightedGraph

    FloatArray = NDArray[np.float64]
    Progress = Callable[[float, float], None]

#: Rank of the first vectors, and how many columns an escape from a saddle adds.
FIRST_RANK = 16
RANK_STEP = 8
#: Above this order cvxpy's conic solvers take minutes and gigabytes.
CVXPY_LIMIT = 200


@dataclass(frozen=True, eq=False)
class CutRelaxation:
    """Unit vectors, their SDP value, and an upper bound from the dual.

    Parameters
    ----------
    vectors : ndarray, shape (n, r)
        One unit vector a vertex, exactly representable in single precision before normalisation.
    value : float
        ``1/2 sum_{i<j} a_ij (1 - v_i . v_j)``: a feasible value, hence not above the SDP optimum.
    bound : DualBound
        An upper bound on every cut and on the SDP optimum.
    method : str
        ``"lowrank"`` or ``"cvxpy:SOLVER"``.
    sweeps : int
        Passes over the vertices (0 for cvxpy).
    gap_reached : bool
        Whether the requested relative gap was met.
    stored : ndarray of float32, shape (n, r)
        What a certificate stores: `vectors` are its rows, normalised.
    interrupted : bool
        Whether a `KeyboardInterrupt` ended the sweeps early.
    """

    vectors: FloatArray
    value: float
    bound: DualBound
    method: str
    sweeps: int
    gap_reached: bool
    stored: NDArray[np.float32]
    interrupted: bool = False

    @property
    def rank(self) -> int:
        """Number of columns of the vectors."""
        return int(self.vectors.shape[1])

    def sampler(self) -> GaussianSampler:
        """Return the law of Goemans-Williamson rounding: mean zero, one row of spread a vertex."""
        return GaussianSampler(np.zeros(self.vectors.shape[0]), self.vectors)

    def __repr__(self) -> str:
        n, r = self.vectors.shape
        return (
            f"CutRelaxation({self.method}, n={n}, rank={r}, value={self.value:.9g}, "
            f"bound={self.bound.value:.9g} {self.bound.status})"
        )


def relax(
    graph: WeightedGraph,
    *,
    relaxation: str = "lowrank",
    gap: float = 1e-4,
    max_sweeps: int = 20000,
    on_progress: Progress | None = None,
) -> CutRelaxation:
    """Solve the Goemans-Williamson relaxation to a certified relative duality gap.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    relaxation : {"lowrank", "cvxpy"}
        Coordinate sweeps at low rank, or cvxpy with a conic solver (at most 200 vertices).
    gap : float
        Stop when ``(bound - value) / max(|bound|, 1e-9 sum |w|)`` is at most this.
    max_sweeps : int
        Stop after so many passes whatever the gap.
    on_progress : callable, optional
        Called with ``(value, bound)`` at every check.

    Returns
    -------
    CutRelaxation
        Vectors, value and bound.

    Raises
    ------
    InputError
        Unknown relaxation, a gap that is not positive, or a graph too large for cvxpy.

    References
    ----------
    Goemans and Williamson, J. ACM 42 (1995); Burer and Monteiro, Math. Program. 95 (2003); Boumal, Voroninski,
    Bandeira, NIPS 2016 (rank about sqrt(2 n) has no bad second-order points); Wang, Chang, Kolter,
    arXiv 1706.00476 (the mixing method).

    Notes
    -----
    A sweep costs ``4 m r`` flops. A check adds a few hundred matrix products and, when the estimated gap is met,
    one factorisation.

    Examples
    --------
    >>> from derandkit.cuts.graph import WeightedGraph
    >>> cycle = WeightedGraph.from_edges([0, 1, 2, 3, 4], [1, 2, 3, 4, 0])
    >>> solution = relax(cycle)
    >>> round(solution.value, 3), round(solution.bound.value, 3), solution.bound.status
    (4.523, 4.523, 'certified')
    """
    if not gap > 0:
        raise InputError(f"the relative gap must be positive, got {gap}")
    if relaxation == "lowrank":
        return _low_rank(graph, gap, max_sweeps, on_progress)
    if relaxation == "cvxpy":
        return _conic(graph, gap)
    raise InputError(f"unknown relaxation {relaxation!r}; use 'lowrank' or 'cvxpy'")


def full_rank(n: int) -> int:
    """Return the rank ``ceil(sqrt(2 n)) + 1`` at which second-order points are optimal for almost every matrix."""
    return min(n, math.ceil(math.sqrt(2.0 * n)) + 1)


def scaled_weights(graph: WeightedGraph) -> tuple[FloatArray, int]:
    """Return the weights times a power of two that brings the largest into [1, 2), and its exponent."""
    largest = float(np.abs(graph.weights).max(initial=0.0))
    exponent = 0 if largest == 0.0 else -math.frexp(largest)[1] + 1
    return np.ldexp(graph.weights, exponent), exponent


def start_vectors(n: int, r: int) -> FloatArray:
    """Return the explicit start: hashed coordinates, rows of unit length."""
    V = np.empty((n, r))
    hashed_uniform(0, V.reshape(-1))
    normalise_rows(V)
    return V


def _low_rank(
    graph: WeightedGraph, gap: float, max_sweeps: int, on_progress: Progress | None
) -> CutRelaxation:
    n = graph.n
    weights, exponent = scaled_weights(graph)
    arcs = (graph.indptr, graph.indices, weights)
    half_total = 0.25 * math.fsum(weights)
    floor = 1e-9 * 0.5 * math.fsum(np.abs(weights))
    rank_limit = max(full_rank(n), min(n, FIRST_RANK))
    V = start_vectors(n, min(rank_limit, FIRST_RANK))
    g, y = np.empty(V.shape[1]), np.empty(n)
    proof: tuple[str | None, str] | None = None
    last_value = -math.inf
    sweeps, check = 0, 16
    interrupted = False
    while True:
        try:
            while sweeps < min(check, max_sweeps):
                fall = mixing_sweep(*arcs, V, g, y)
                sweeps += 1
                if fall <= 1e-15 * n:
                    break
        except KeyboardInterrupt:  # a sweep is never cut in half: the vectors are whole
            interrupted = True
        settled = sweeps < min(check, max_sweeps)
        value = half_total - 0.5 * pull_norms(*arcs, V, g, y)
        steps = 100 if sweeps < 100 else 300
        smallest, sure, _ = smallest_eigenvalue(graph, weights, y, steps=steps)
        while not sure and -n * smallest > 0.1 * gap * abs(value) and steps < 2000:
            steps *= 3
            smallest, sure, _ = smallest_eigenvalue(graph, weights, y, steps=steps)
        upper = half_total + 0.25 * (math.fsum(y) + n * max(0.0, -smallest))
        target = gap * max(abs(upper), floor)
        if on_progress is not None:
            on_progress(math.ldexp(value, -exponent), math.ldexp(upper, -exponent))
        done = interrupted or sweeps >= max_sweeps
        if upper - value <= 0.8 * target or done:
            proof = choose_proof(graph) if proof is None else proof
            result = _finish(graph, V, y, smallest, exponent, proof, sweeps, gap)
            if result.gap_reached or done or result.bound.status == "estimated":
                return replace(result, interrupted=interrupted)
        if (settled or value - last_value < 0.05 * (upper - value)) and smallest < 0 and V.shape[1] < n:
            V = _escape(graph, weights, V, y, steps)
            g = np.empty(V.shape[1])
        elif settled:
            proof = choose_proof(graph) if proof is None else proof
            return _finish(graph, V, y, smallest, exponent, proof, sweeps, gap)
        last_value = value
        check = sweeps + max(8, sweeps // 2)


def _escape(
    graph: WeightedGraph, weights: FloatArray, V: FloatArray, y: FloatArray, steps: int
) -> FloatArray:
    """Add columns: a step along the most negative eigenvector of ``A + Diag(y)``, and a hashed remainder."""
    n, r = V.shape
    extra = min(RANK_STEP, n - r)
    _, _, direction = smallest_eigenvalue(graph, weights, y, steps=steps, vector=True)
    columns = np.empty((n, extra))
    hashed_uniform(n * r, columns.reshape(-1))
    columns *= 0.01
    columns[:, 0] = 0.3 * math.sqrt(n) * direction
    wider = np.ascontiguousarray(np.hstack([V, columns]))
    normalise_rows(wider)
    return wider


def _finish(
    graph: WeightedGraph,
    V: FloatArray,
    y: FloatArray,
    smallest: float,
    exponent: int,
    proof: tuple[str | None, str],
    sweeps: int,
    gap: float,
) -> CutRelaxation:
    """Round the vectors to what a certificate stores, and prove the bound in the units of the weights."""
    stored = V.astype(np.float32)
    vectors = unit_rows(stored.astype(np.float64))
    value = semidefinite_value(graph, vectors)
    bound = dual_bound(
        graph, np.ldexp(y, -exponent), proof=proof, smallest=math.ldexp(smallest, -exponent), gap=gap
    )
    scale = max(abs(bound.value), 1e-9 * 0.5 * math.fsum(np.abs(graph.weights)))
    return CutRelaxation(vectors, value, bound, "lowrank", sweeps, bound.value - value <= gap * scale, stored)


def _conic(graph: WeightedGraph, gap: float) -> CutRelaxation:
    """Solve ``max <L/4, X>, X_ii = 1, X >= 0`` with cvxpy and read vectors and dual off the solution."""
    n = graph.n
    if n > CVXPY_LIMIT:
        raise InputError(
            f"relaxation='cvxpy' is for at most {CVXPY_LIMIT} vertices, this graph has {n}; use 'lowrank'"
        )
    cvxpy: Any = import_module("cvxpy")

    weights, exponent = scaled_weights(graph)
    A = graph.adjacency().toarray() * math.ldexp(1.0, exponent)
    X = cvxpy.Variable((n, n), PSD=True)
    constraints = [cvxpy.diag(X) == 1]
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum(cvxpy.multiply(A, X))), constraints)
    problem.solve(solver=cvxpy.SCS, eps=min(1e-7, 0.1 * gap), max_iters=100_000)
    if X.value is None:
        raise InputError(f"cvxpy found no solution ({problem.status}); use relaxation='lowrank'")
    values, columns = np.linalg.eigh(0.5 * (X.value + X.value.T))
    # the largest entry of every column is made positive, so that the factor does not depend on the library's signs
    peak = np.abs(columns).argmax(axis=0)
    columns = columns * np.sign(columns[peak, np.arange(n)])
    keep = values > 1e-9 * max(float(values[-1]), 1e-300)
    V = np.ascontiguousarray(columns[:, keep] * np.sqrt(values[keep]))
    normalise_rows(V)
    y = np.empty(n)
    pull_norms(graph.indptr, graph.indices, weights, V, np.empty(V.shape[1]), y)
    smallest = float(np.linalg.eigvalsh(A + np.diag(y))[0])
    result = _finish(graph, V, y, smallest, exponent, choose_proof(graph), 0, gap)
    return replace(result, method="cvxpy:SCS")
