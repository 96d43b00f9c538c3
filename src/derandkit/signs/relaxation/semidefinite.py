"""The Goemans-Williamson relaxation, and the Gaussian distribution that it hands to the derandomizer.

``max 1/2 sum_{i<j} a_ij (1 - v_i . v_j)`` over unit vectors. The workhorse keeps the vectors at low rank and sweeps
over the vertices (`mixing_sweep`), with extrapolation between the sweeps. It stops when a *certified* bound is close
enough to the value it has reached, not when its steps are small; where the sweeps settle on a saddle of the low-rank
problem, the negative eigenvector that the bound exposes opens new dimensions. cvxpy solves the same problem for small
graphs and is the oracle in tests. Both return unit vectors, their value, and a bound that owes nothing to the solver's
own claims.

The sweep is a descent over the spread alone, at mean zero: each row moves to its best place in closed form. No method
of the engine keeps rows at unit length, so none could take its place. On random graphs of 50 and 100 vertices it takes
2.4 and 8.1 ms of CPU time to a gap below 1e-4; SCS by way of cvxpy takes 86 and 431 ms (to 1e-6).
"""

from __future__ import annotations

import math
import signal
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.datasets.instances import as_graph
from derandkit.engine.law import GaussianSampler
from derandkit.errors import InputError, MissingDependencyError
from derandkit.options import check_choice, check_count, renamed
from derandkit.runtime.interrupts import deliver, entry, reporting
from derandkit.runtime.progress import OnProgress, Progress
from derandkit.signs.kernels import normalise_rows, pull_norms
from derandkit.signs.options import RELAXATIONS, Relaxation
from derandkit.signs.relaxation.dual_bound import CHANCES, DualBound, choose_proof, dual_bound
from derandkit.signs.relaxation.lowrank import LowRank, scaled_weights
from derandkit.signs.values import (
    duality_gap_reached,
    edge_angles,
    expected_hyperplane_cut,
    scale_rows,
    semidefinite_value,
)
from derandkit.tables import Tabled, bound_row, counted, number
from derandkit.words.digits import digits_above
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, SingleArray
    from derandkit.runtime.clock import Clock
    from derandkit.runtime.interrupts import OnInterrupt

#: Sweeps before the first look at value and bound.
FIRST_CHECK = 40
#: Above this order cvxpy's conic solvers take minutes and gigabytes.
CVXPY_LIMIT = 200
#: What SCS reports after SIGINT.
SCS_SIGINT = -5
#: The widest relative duality gap that may be set; the checker has the same limit for the status "solved".
LOOSEST_GAP = 0.1


@dataclass(frozen=True, eq=False)
class CutRelaxation(Tabled):
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
    duality_gap_reached : bool
        Whether the requested relative duality gap was met.
    stored : ndarray of float32, shape (n, r)
        What a certificate stores: `vectors` are its rows, normalised.
    expectation : float
        ``sum_{i<j} a_ij arccos(v_i . v_j) / pi``: what a random hyperplane cuts on average (Goemans and Williamson).
    interrupted : bool
        Whether Ctrl-C ended the sweeps early.

    Examples
    --------
    >>> import derandkit
    >>> relaxed = derandkit.relax_cut([(0, 1), (1, 2), (2, 0)])
    >>> relaxed.vectors.shape[0], round(relaxed.value, 4), relaxed.bound.status
    (3, 2.25, 'certified')
    """

    vectors: FloatArray
    value: float
    bound: DualBound
    method: str
    sweeps: int
    duality_gap_reached: bool
    stored: SingleArray
    expectation: float
    interrupted: bool = False

    @property
    def rank(self) -> int:
        """Number of columns of the vectors."""
        return int(self.vectors.shape[1])

    def sampler(self) -> GaussianSampler:
        """Return the distribution of Goemans-Williamson rounding: mean zero, one row of spread a vertex."""
        return GaussianSampler(np.zeros(self.vectors.shape[0]), self.vectors)

    def table_rows(self) -> Sequence[tuple[str, ...]]:
        """Return the rows of the table."""
        n, r = self.vectors.shape
        rows = [
            ("value of the relaxation", number(self.value)),
            ("random hyperplane", f"{number(self.expectation)} on average"),
            bound_row("no cut is above", digits_above(self.bound.value), self.bound.status),
            ("duality gap reached", "yes" if self.duality_gap_reached else "no"),
            ("vectors", f"{n} unit vectors in {counted(r, 'dimension')}"),
            ("method", f"{self.method}, {counted(self.sweeps, 'sweep')}" if self.sweeps else self.method),
        ]
        return [*rows, ("interrupted", "by Ctrl-C")] if self.interrupted else rows

    def __repr__(self) -> str:
        n, r = self.vectors.shape
        return (
            f"CutRelaxation({self.method}, n={n}, rank={r}, value={self.value:.9g}, "
            f"bound={digits_above(self.bound.value)} {self.bound.status})"
        )


@renamed(gap="duality_gap")
def relax_cut(
    graph: object,
    *,
    relaxation: Relaxation = "lowrank",
    duality_gap: float = 1e-4,
    max_sweeps: int | None = None,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> CutRelaxation:
    """Solve the Goemans-Williamson relaxation to a certified relative duality gap.

    Parameters
    ----------
    graph : object
        Whatever `derandkit.as_graph` accepts.
    relaxation : {"lowrank", "cvxpy"}
        Coordinate sweeps at low rank, or cvxpy with a conic solver (at most 200 vertices; extra ``cvxpy``).
    duality_gap : float
        Stop when ``(bound - value) / max(|bound|, 1e-9 sum |w|)`` is at most this.
    max_sweeps : int, optional
        Stop after so many passes whatever the gap. By default as many as fit into 6.4e10 multiply-adds (a minute or
        so), at least 100 and at most 20000; a count, not a time, so that the answer does not depend on the machine.
    time_limit : float, optional
        Seconds after which the sweeps stop; the result then depends on the machine.
    on_progress : callable, optional
        Called with a `derandkit.Progress` at every check.
    on_interrupt : {"raise", "return"}
        Whether Ctrl-C raises `Interrupted`, which carries the relaxation so far, or returns it.

    Returns
    -------
    CutRelaxation
        Vectors, value and bound.

    Raises
    ------
    InputError
        Unknown relaxation, a gap that is not positive or above 0.1, or a graph too large for cvxpy.
    MissingDependencyError
        cvxpy is chosen and not installed (extra ``cvxpy``).
    Interrupted
        See `on_interrupt`.

    Notes
    -----
    A sweep costs ``4 m r`` flops. A check adds a few hundred matrix products and, when the estimated gap is met,
    one factorisation. Between two sweeps the vectors are extrapolated: to a gap of 1e-4 on a torus of 20 000 vertices
    that takes 231 sweeps, and 4618 without. Vectors of more than 600 000 numbers are kept in single precision; from
    250 000 edges on the eigenvalue estimates have a budget. Values and bounds are double.

    References
    ----------
    Goemans and Williamson, J. ACM 42 (1995); Burer and Monteiro, Math. Program. 95 (2003); Boumal, Voroninski,
    Bandeira, NIPS 2016 (rank about sqrt(2 n) has no bad second-order points); Wang, Chang, Kolter,
    arXiv 1706.00476 (the mixing method); Nesterov, Soviet Math. Dokl. 27 (1983); O'Donoghue and Candes, Found.
    Comput. Math. 15 (2015) (extrapolation with restarts).

    Examples
    --------
    >>> from derandkit import WeightedGraph
    >>> cycle = WeightedGraph.from_edges([0, 1, 2, 3, 4], [1, 2, 3, 4, 0])
    >>> solution = relax_cut(cycle)
    >>> round(solution.value, 3), round(solution.bound.value, 3), solution.bound.status
    (4.523, 4.523, 'certified')
    """
    relaxation = check_choice("relaxation", relaxation, RELAXATIONS)
    check_count("max_sweeps", max_sweeps)
    with entry(time_limit, on_interrupt=on_interrupt) as clock:
        graph = as_graph(graph)
        check_relaxation(relaxation, duality_gap, graph.n)
        duality_gap = float(duality_gap)  # narrow types of NumPy would round every tolerance
        relaxed = _conic(graph, duality_gap) if relaxation == "cvxpy" else None
        if relaxed is None:  # a conic solver that was interrupted has no answer; a stopped sweep has one
            relaxed = _low_rank(graph, duality_gap, max_sweeps, clock, reporting(clock, on_progress))
    return deliver(clock, relaxed, on_interrupt)


def check_relaxation(relaxation: Relaxation, duality_gap: float, n: int) -> None:
    """Refuse options that `relax_cut` could not follow on a graph with n vertices.

    Raises
    ------
    InputError
        Unknown relaxation, a gap that is not positive or above 1, or a graph too large for cvxpy.
    MissingDependencyError
        cvxpy is chosen and not installed.
    """
    if isinstance(duality_gap, bool) or not isinstance(duality_gap, (int, float, np.integer, np.floating)):
        raise InputError(f"the relative duality gap must be a positive number, got {quoted(duality_gap)}")
    if not 0 < duality_gap <= LOOSEST_GAP:
        raise InputError(
            f"the relative duality gap must be positive, at most {LOOSEST_GAP}, got {duality_gap}"
        )
    relaxation = check_choice("relaxation", relaxation, RELAXATIONS)
    if relaxation == "cvxpy" and n > CVXPY_LIMIT:
        raise InputError(
            f"relaxation='cvxpy' is for at most {CVXPY_LIMIT} vertices, this graph has {n}; use 'lowrank'"
        )
    if relaxation == "cvxpy" and find_spec("cvxpy") is None:
        raise MissingDependencyError("cvxpy", "cvxpy")


def _low_rank(
    graph: WeightedGraph, duality_gap: float, max_sweeps: int | None, clock: Clock, report: OnProgress
) -> CutRelaxation:
    state = LowRank(graph, duality_gap, clock)
    proof: tuple[str | None, str] | None = None
    limit = state.affordable_sweeps() if max_sweeps is None else max_sweeps
    last_value, last_gap = -math.inf, math.inf
    check = FIRST_CHECK
    while True:
        settled = state.sweep_until(min(check, limit))
        if clock.stopped:  # kernels are never cut in half, so the vectors are whole
            break
        if state.large and state.sweeps >= limit:
            break  # what is left of the budget goes into the last look
        upper = state.examine(state.check_steps)
        left, target = upper - state.value, state.target(upper)
        value, bound = math.ldexp(state.value, -state.exponent), math.ldexp(upper, -state.exponent)
        report(Progress("relax", value, bound, step=state.sweeps, noise=1.0))
        if state.sweeps >= limit or clock.stopped:
            break
        if left <= 0.8 * target:
            proof = choose_proof(graph) if proof is None else proof
            result = _finish(state, proof)
            if result.duality_gap_reached or not result.bound.certified:
                return result
        # on a saddle neither the value nor the gap moves; where the sweeps are slow, one of the two does
        stuck = settled or (state.value - last_value < 0.05 * left and left > 0.7 * last_gap)
        last_value, last_gap = state.value, left
        if stuck and state.may_escape():
            state.escape()
            last_value, last_gap = -math.inf, math.inf
        elif settled:
            break
        # far from optimal the gap falls like the square of the sweeps
        factor = min(max(math.sqrt(max(left, 0.0) / (0.5 * target)), 1.25), 2.0) if target > 0 else 2.0
        check = state.sweeps + max(8, math.ceil((factor - 1.0) * state.sweeps))
    state.release()
    state.examine(state.last_steps() if clock.stopped else 2000)
    result = _finish(state, choose_proof(graph) if proof is None else proof)
    return replace(result, interrupted=clock.interrupted)


def _finish(state: LowRank, proof: tuple[str | None, str]) -> CutRelaxation:
    """Round the vectors to what a certificate stores, and prove the bound."""
    return _assemble(
        state.graph, state.V, state.y, state.smallest, state.exponent, proof, state.sweeps, state.duality_gap,
        chances=0 if state.clock.stopped else CHANCES,
    )  # fmt: skip


def _assemble(
    graph: WeightedGraph,
    V: FloatArray,
    y: FloatArray,
    smallest: float,
    exponent: int,
    proof: tuple[str | None, str],
    sweeps: int,
    duality_gap: float,
    chances: int = CHANCES,
) -> CutRelaxation:
    """Compute value and bound in the units of the weights, for the vectors as a certificate stores them."""
    stored = V.astype(np.float32, copy=False)
    vectors = scale_rows(stored.astype(np.float64))
    angles = edge_angles(graph, vectors)
    value, expectation = (of(graph, vectors, angles) for of in (semidefinite_value, expected_hyperplane_cut))
    vectors.setflags(write=False)  # the distribution of these vectors shares them
    bound = dual_bound(
        graph,
        np.ldexp(y, -exponent),
        proof=proof,
        smallest=math.ldexp(smallest, -exponent),
        duality_gap=duality_gap,
        chances=chances,
    )
    reached = duality_gap_reached(graph, bound.value, value, duality_gap)
    return CutRelaxation(vectors, value, bound, "lowrank", sweeps, reached, stored, expectation)


def _conic(graph: WeightedGraph, duality_gap: float) -> CutRelaxation | None:
    """Solve ``max <L/4, X>, X_ii = 1, X >= 0`` with cvxpy and read vectors and dual off the solution.

    None if Ctrl-C came meanwhile: SCS catches SIGINT itself, so the signal is raised again for whoever listens.
    """
    n = graph.n
    cvxpy: Any = import_module("cvxpy")

    weights, exponent = scaled_weights(graph)
    A = np.ldexp(graph.adjacency().toarray(), exponent)
    X = cvxpy.Variable((n, n), PSD=True)
    constraints = [cvxpy.diag(X) == 1]
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum(cvxpy.multiply(A, X))), constraints)
    data, chain, inverse = problem.get_problem_data(cvxpy.SCS)
    options = {"eps": min(1e-7, 0.1 * duality_gap), "max_iters": 100_000}
    found = chain.solve_via_data(problem, data, solver_opts=options)
    if found["info"]["status_val"] == SCS_SIGINT:
        signal.raise_signal(signal.SIGINT)
        return None
    problem.unpack_results(found, chain, inverse)
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
    result = _assemble(graph, V, y, smallest, exponent, choose_proof(graph), 0, duality_gap)
    return replace(result, method="cvxpy:SCS")
