"""A bound that holds but for a stated probability, where no factorisation is affordable: the solver's side.

The checker draws vectors that no one knows beforehand and applies a Chebyshev polynomial of ``A + Diag(d)`` to them
(`derandkit.certificates.cuts.coins` has the mathematics). Here the margin of such a test is chosen, as small as a
budget of work allows, and the test is run once with numbers that are fixed, so that a bound which would fail is not
handed out. The error probability is that of the checker's coins, not of these numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.cuts.coins import STATED, VECTORS, judged, plan
from derandkit.numerics.hashing import hashed_normals
from derandkit.numerics.jit import kernel, prefetch
from derandkit.tables import short_repr

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray

#: Multiply-adds that one test may take.
WORK = 2.4e10
#: Share of the duality gap that the margin should not take more of; where the budget is too small for it, it does.
SHARE = 0.2
#: How many arcs ahead a row is asked for.
AHEAD = 16


@dataclass(frozen=True, eq=False, repr=False)
class Chance:
    """A diagonal that passes the test, and what the test was.

    Parameters
    ----------
    diagonal : ndarray, shape (n,)
        The diagonal d: ``A + Diag(d - margin)`` is positive semidefinite as far as is known.
    margin : float
        By how much the diagonal is above that.
    detail : str
        What was done.
    """

    diagonal: FloatArray
    margin: float
    detail: str

    __repr__ = short_repr


def steps_within(graph: WeightedGraph, work: float) -> int:
    """Return how many products with 8 vectors a number of multiply-adds pays for.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> steps_within(WeightedGraph.from_edges([0], [1]), 1e4)
    125
    """
    return int(work / (VECTORS * (graph.indices.size + 4 * graph.n)))


def chance_proof(
    graph: WeightedGraph, y: FloatArray, wanted: float, work: float | None = None
) -> Chance | str:
    """Raise `y` by a margin that a test by coins can see, and run that test.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    y : ndarray, shape (n,)
        A vector with ``A + Diag(y)`` believed to be positive semidefinite.
    wanted : float
        The margin that is small enough; a greater one is taken where the budget does not reach so far.
    work : float, optional
        Multiply-adds; `WORK` by default.

    Returns
    -------
    Chance or str
        What passed, or why nothing did.

    Notes
    -----
    One test: ``K`` passes over the arcs with rows of 8 numbers, ``K`` about ``5 sqrt(h / margin)``.
    """
    adjacency = graph.adjacency()
    busy = graph.degrees > 0
    most = max(16, steps_within(graph, WORK if work is None else work))
    margin = _two_digits(wanted)
    while True:  # a greater margin takes fewer steps
        diagonal = np.where(busy, y + margin, margin)
        found = plan(adjacency, diagonal, margin, STATED)
        if found is None:
            return f"a margin of {margin:.3g} allows no test"
        if found.steps <= most:
            break
        margin = _two_digits(margin * min(4.0, max(1.05, (found.steps / most) ** 2)))
    last, now = np.empty((graph.n, VECTORS)), np.empty((graph.n, VECTORS))
    for k in range(VECTORS):
        last[:, k] = hashed_normals(graph.n, 1, stream=k)[:, 0]
    arcs = (graph.indptr, graph.indices, graph.weights, diagonal - margin)
    busiest = int(graph.degrees.max(initial=0)) + 8
    gamma = busiest * 1.2e-16
    before = _lengths(last)
    chebyshev_step(*arcs, 2.0 / found.high, -1.0, 0.0, last, now)
    size, error = _lengths(now), gamma * 3.0 * before
    for _ in range(found.steps - 1):
        error = np.maximum(error, gamma * (6.0 * size + before))
        chebyshev_step(*arcs, 4.0 / found.high, -2.0, -1.0, now, last)
        last, now = now, last
        before, size = size, _lengths(now)
        if not np.isfinite(size).all():
            break
    outcome = judged(found, size, error)
    return Chance(diagonal, margin, outcome.detail) if outcome.proven else outcome.detail


@kernel
def chebyshev_step(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    diagonal: FloatArray,
    scale: float,
    shift: float,
    keep: float,
    u: FloatArray,
    out: FloatArray,
) -> None:
    """Fill ``out = scale (A + Diag(diagonal)) u + shift u + keep out``, rows of 8 numbers."""
    n, r = u.shape
    numbers = u.reshape(n * r)
    end = indices.size - 1
    row = np.empty(r)
    for i in range(n):
        d = diagonal[i]
        for k in range(r):
            row[k] = d * u[i, k]
        for p in range(indptr[i], indptr[i + 1]):
            prefetch(numbers, np.int32(indices[min(p + AHEAD, end)] * r))
            j = indices[p]
            a = weights[p]
            for k in range(r):
                row[k] += a * u[j, k]
        if keep == 0.0:
            for k in range(r):
                out[i, k] = scale * row[k] + shift * u[i, k]
        else:
            for k in range(r):
                out[i, k] = scale * row[k] + shift * u[i, k] + keep * out[i, k]


@kernel
def squared_lengths(u: FloatArray, out: FloatArray) -> None:
    """Fill `out` with the squared length of each column."""
    n, r = u.shape
    for k in range(r):
        out[k] = 0.0
    for i in range(n):
        for k in range(r):
            out[k] += u[i, k] * u[i, k]


def _lengths(u: FloatArray) -> FloatArray:
    out = np.empty(u.shape[1])
    squared_lengths(u, out)
    return np.asarray(np.sqrt(out) * (1.0 + 1e-9))


def _two_digits(x: float) -> float:
    """Round a positive number up to two significant decimal digits."""
    exponent = math.floor(math.log10(x)) - 1
    return math.ceil(x / 10.0**exponent) * 10.0**exponent
