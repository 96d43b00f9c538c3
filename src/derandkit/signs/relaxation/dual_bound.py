"""Upper bounds on the maximum cut from any dual vector, proven where a factorisation is practical.

Weak duality: if ``A + Diag(d)`` is positive semidefinite then every cut weighs at most
``(sum_ij a_ij + sum_i d_i) / 4``, because ``s^T (A + Diag(d)) s >= 0`` for the side vector s. So any ``y`` gives a
bound once it is raised to a ``d`` with that property; how close ``y`` is to the optimum only decides how good it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.cuts.coins import STATED
from derandkit.certificates.cuts.psd import prove_positive_semidefinite, relative_margin
from derandkit.numerics.sparse import shared_rows
from derandkit.runtime.clock import current
from derandkit.signs.relaxation import chance
from derandkit.signs.relaxation.chance import chance_proof
from derandkit.signs.relaxation.fill import elimination_cost
from derandkit.signs.relaxation.spectral import smallest_eigenvalue
from derandkit.signs.values import dominant_diagonal, weak_duality_bound
from derandkit.tables import short_repr

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray


#: A proof by the sums of the rows.
DOMINANCE = "diagonal-dominance"
#: Up to this order a dense Cholesky factorisation takes a fraction of a second.
DENSE_ALWAYS = 1500
#: Seconds after a limit of time in which a factorisation of a greater order may still end.
LATE = 1.0
#: Seconds of a multiply-add of a sparse elimination as it is predicted, and multiply-adds a second of a test by coins.
ELIMINATION_SECONDS, CHANCE_RATE = 4.0e-10, 1.0e9
#: Seconds of that prediction for a vertex or entry of the matrix.
PREDICTION_SECONDS = 4.0e-7
#: Up to this order a dense factorisation is still practical (half a gigabyte, seconds).
DENSE_LIMIT = 8000
#: Entries of a sparse factor that still fit comfortably (both triangles: about 24 bytes an entry).
FILL_LIMIT = 3.0e7
#: Shifts that a test by coins tries before the bound is left as an estimate.
CHANCES = 3
#: A multiply-add of the sparse elimination costs about as much as this many of dense Cholesky.
SPARSE_COST = 8.0
#: What a sparse elimination may cost beyond that order, where a test by coins takes about a second.
ELIMINATION_LIMIT = 4.0e10


@dataclass(frozen=True, eq=False, repr=False)
class DualBound:
    """An upper bound on the maximum cut.

    Parameters
    ----------
    value : float
        ``(sum_ij a_ij + sum_i d_i) / 4``, rounded upward.
    diagonal : ndarray, shape (n,)
        The vector ``d``.
    status : {"certified", "tested", "estimated"}
        Certified when ``A + Diag(d) >= 0`` was proven in floating point with a rounding margin; tested when it passes a
        test by coins, which a false claim passes with a small probability that is stated.
    method : str
        The proof (see `derandkit.certificates.cuts.psd`), ``"chebyshev"`` or ``"lanczos"``.
    reason : str
        What the proof rests on, or why there is none.
    margin : float, optional
        Of a test: how far the diagonal is above one that is semidefinite as far as is known.
    """

    value: float
    diagonal: FloatArray
    status: str
    method: str
    reason: str
    margin: float | None = None

    __repr__ = short_repr

    @property
    def coin_test(self) -> dict[str, float] | None:
        """What a record says about the test, or None without one."""
        return None if self.margin is None else {"error_probability": STATED, "margin": self.margin}

    @property
    def certified(self) -> bool:
        """Whether the bound is proven."""
        return self.status == "certified"


def choose_proof(graph: WeightedGraph) -> tuple[str | None, str]:
    """Choose how positive semidefiniteness is to be proven for matrices with this graph's pattern.

    Returns
    -------
    method : str or None
        ``"dense-cholesky"``, ``"sparse-ldl"``, or None when neither is practical.
    reason : str
        The predicted costs behind the choice.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> choose_proof(WeightedGraph.from_edges([0, 1], [1, 2]))
    ('dense-cholesky', 'order 3')
    """
    n = int(np.count_nonzero(np.diff(graph.indptr)))
    if n <= DENSE_ALWAYS:
        return "dense-cholesky", f"order {n}"
    if PREDICTION_SECONDS * (n + graph.indices.size) > current().last_seconds(LATE):
        text = f"order {n}, and the limit of time leaves none to predict an elimination"
        return ("dense-cholesky" if n <= DENSE_LIMIT else None), text
    cost = elimination_cost(graph)
    text = f"order {n}, predicted fill {cost.fill:.3g}"
    dense = n**3 / 6.0 if n <= DENSE_LIMIT else ELIMINATION_LIMIT
    if cost.fill <= FILL_LIMIT and SPARSE_COST * cost.flops <= dense:
        return "sparse-ldl", text
    if n <= DENSE_LIMIT:
        return "dense-cholesky", text
    return (
        None,
        f"{text} and {cost.flops:.3g} multiply-adds are too many, and the order exceeds {DENSE_LIMIT}",
    )


def trivial_bound(graph: WeightedGraph) -> DualBound:
    """Return the sum of the positive weights as a bound, proven by diagonal dominance.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> trivial_bound(WeightedGraph.from_edges([0, 1], [1, 2], [2, -1])).value
    2.0
    """
    diagonal = dominant_diagonal(graph)
    value = weak_duality_bound(graph.weights, diagonal, graph.sums)
    return DualBound(value, diagonal, "certified", DOMINANCE, "every row is diagonally dominant")


def dual_bound(
    graph: WeightedGraph,
    y: FloatArray,
    *,
    proof: tuple[str | None, str] | None = None,
    smallest: float | None = None,
    duality_gap: float = 1e-4,
    chances: int = CHANCES,
) -> DualBound:
    """Raise `y` to a diagonal that proves an upper bound on the maximum cut.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    y : ndarray, shape (n,)
        Any vector, in the units of the weights; ``y_i = |sum_j a_ij v_j|`` at an SDP solution is optimal.
    proof : tuple, optional
        What `choose_proof` returned, when it is known already.
    smallest : float, optional
        An estimate of ``lambda_min(A + Diag(y))``; computed by Lanczos when missing.
    duality_gap : float
        Relative precision that is asked of the bound: the shift starts at no less than a hundredth of what that
        allows and is raised up to four times as much before the proof is given up (up to a thousand vertices or so
        it is raised until a proof runs through).
    chances : int
        How many shifts a test by coins may try where no factorisation is practical; 0 for a run that is to end.

    Returns
    -------
    DualBound
        Certified if a proof ran through; where none is practical, tested if a test by coins passed; else estimated.

    Notes
    -----
    One factorisation when the estimate is good. The shift is rounded outward to two digits, so that the last bits
    of a library's eigenvalue do not reach the result.
    """
    largest = float(np.abs(graph.weights).max(initial=0.0))
    trivial = trivial_bound(graph)
    dominance = trivial.diagonal
    if trivial.value <= weak_duality_bound(graph.weights, y, graph.sums) + 1e-9 * float(np.sum(dominance)):
        return trivial  # bipartite graphs, negative weights only, no edges: every positive edge can be cut
    method, reason = choose_proof(graph) if proof is None else proof
    adjacency = shared_rows(graph.indptr, graph.indices, graph.weights)
    if smallest is None:
        smallest = smallest_eigenvalue(graph, graph.weights, y, steps=400)[0]
    allowed = (
        4.0 * max(duality_gap, 1e-6) * abs(weak_duality_bound(graph.weights, y, graph.sums)) / max(1, graph.n)
    )
    floor = max(1e-11 * largest, 0.01 * allowed, 5e-324)  # the last where these are no longer float64 numbers
    shift = _outward(max(-1.02 * smallest, floor))
    busy = dominance > 0
    relative = 4.0 * relative_margin(int(np.count_nonzero(busy)), method) if method else 0.0
    # small factorisations take no time worth a bound
    clock = current()
    go_on = clock.patience(LATE) if graph.n > DENSE_ALWAYS else None
    needed = (
        0.0  # a sparse elimination is never cut in half: with a limit it begins where it is predicted to end
    )
    if method == "sparse-ldl" and go_on is not None:
        needed = ELIMINATION_SECONDS * elimination_cost(graph).flops
    while method is not None and shift <= 2.0 * float(dominance.max()):
        if needed > clock.last_seconds(LATE):
            reason = f"a sparse elimination is predicted to take {needed:.2g} s, which the limit of time does not leave"
            break
        diagonal = np.where(busy, (np.maximum(y, 0.0) + shift) * (1.0 + relative), 0.0)
        attempt = prove_positive_semidefinite(adjacency, diagonal, method, go_on)
        if attempt.proven:
            value = weak_duality_bound(graph.weights, diagonal, graph.sums)
            found = DualBound(value, diagonal, "certified", attempt.method, attempt.detail)
            return found if value < trivial.value else trivial
        reason = attempt.detail
        if go_on is not None and not go_on():
            break
        if graph.n > DENSE_ALWAYS and shift > 4.0 * max(allowed, -smallest):
            break  # another factorisation is not cheap, and would prove little
        shift = _outward(2.0 * shift)
    diagonal = np.where(busy, np.maximum(y, 0.0) + _outward(max(-1.1 * smallest, 10 * floor)), 0.0)
    value = weak_duality_bound(graph.weights, diagonal, graph.sums)
    if value >= trivial.value:
        return trivial
    estimate = DualBound(
        value, diagonal, "estimated", "lanczos", f"smallest eigenvalue estimated, not proven: {reason}"
    )
    if method is not None:
        return estimate  # a factorisation broke down, so the matrix is hardly semidefinite
    shift = max(-1.02 * smallest, 0.01 * floor)
    for _ in range(chances):
        raised = np.maximum(y, 0.0) + _outward(shift)
        work = min(chance.WORK, CHANCE_RATE * max(0.0, clock.last_seconds()))
        tested = chance_proof(graph, raised, chance.SHARE * allowed, work)
        if isinstance(tested, str):
            reason, shift = tested, 2.0 * shift + 0.1 * allowed
            continue
        value = weak_duality_bound(graph.weights, tested.diagonal, graph.sums)
        if value >= trivial.value:
            return trivial
        return DualBound(value, tested.diagonal, "tested", "chebyshev", tested.detail, tested.margin)
    return estimate


def _outward(x: float) -> float:
    """Round a positive number up to two significant decimal digits."""
    if x < 1e-290:
        return 1.5 * x  # here powers of ten have few digits, and the last step may be none
    exponent = np.floor(np.log10(x)) - 1
    return float(np.ceil(x / 10.0**exponent) * 10.0**exponent)
