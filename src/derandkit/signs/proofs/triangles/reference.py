"""The relaxation with triangle inequalities at the reference, as Lewin, Livnat and Zwick (2002) use it for MAX-2SAT.

For the reference 0 and a pair of vertices i and j, signs satisfy ``1 + s x_0i + t x_0j + s t x_ij >= 0`` for all signs
s and t: every clause on two variables is violated or not, and never by less than nothing. The pairs are few, so the
vectors stay at low rank: an augmented Lagrangian moves them (Burer and Monteiro), and its multipliers, rounded, are a
proof in the form that `derandkit.certificates.proofs.triangles` checks.

The engine knows no constraints, so its `LemmaDescent` could not take the place of this descent; memory and line search
are the same. On 150 clauses of 50 variables it takes 0.05 s of CPU time to a gap of 5e-8, cvxpy with Clarabel 2.0 s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.numerics.hashing import hashed_uniform
from derandkit.numerics.lbfgs import LimitedMemory, dot
from derandkit.numerics.sums import exact_sum
from derandkit.numerics.vectors import distinct
from derandkit.numerics.wolfe import weak_wolfe
from derandkit.runtime.clock import current
from derandkit.signs.options import MOST_VIOLATION
from derandkit.signs.proofs.proven_bound import ProvenBound, ended
from derandkit.signs.proofs.residual import EliminatedGraph
from derandkit.signs.proofs.triangles.bound import TriangleDual, largest_eigenvalue, level_of
from derandkit.signs.proofs.triangles.kernels import positive_part
from derandkit.signs.proofs.triangles.reference_kernels import augmented_lagrangian
from derandkit.signs.proofs.triangles.rows import triangle_rows
from derandkit.signs.values import scale_rows, semidefinite_value

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IntArray, SingleArray

    _Trial = tuple[float, float, tuple[FloatArray, float, FloatArray]]

#: By how much a start is shaken so that it does not begin on a saddle; the most columns that a step off one adds, and
#: the eigenvalues that get one, in units of the largest.
SHAKE, NEW_COLUMNS, SIZABLE = 0.05, 8, 0.1
#: Lengths of a step off a saddle that are tried, in units of ``sqrt(n)``.
STEP_OFF = (0.1, 0.03, 0.01, 0.003, 0.001)
#: Penalty at first, its growth and its limit, and by what factor violations have to fall for it not to grow. The limit
#: is low, because a large penalty makes descents so slow that they look like saddles: 4000 arcs between 1000 vertices
#: need rank 35 and 8 CPU s, with a limit of 128 rank 97 and four times as long.
PENALTY, GROWTH, MOST_PENALTY, FALL = 0.5, 2.0, 32.0, 0.5
#: Norm of the gradient at which the first and the last descents end.
FIRST_GRADIENT, LEAST_GRADIENT = 0.1, 1e-8
#: Rounds of multipliers, steps between two of them, escapes from saddles, pairs of the quasi-Newton memory.
ROUNDS, STEPS, ESCAPES, PAIRS = 200, 400, 12, 10
#: Rounds without progress after which columns are added.
IDLE = 4
#: How far an inequality may be violated at the end, or a multiplier be off, in units of products; and from where on the
#: bound is looked at.
TOLERANCE, NEAR = 1e-6, 1e-4
#: A search along a line tries so many points.
POINTS = 25


@dataclass(frozen=True, eq=False)
class ReferenceRelaxation:
    """Unit vectors that satisfy triangle inequalities at the reference, and a bound on every cut.

    Parameters
    ----------
    vectors : ndarray, shape (n, r)
        Unit rows, exactly representable in single precision before normalisation.
    stored : ndarray of float32, shape (n, r)
        What a record stores.
    value : float
        ``1/2 sum a_ij (1 - v_i . v_j)``.
    violation : float
        By how much the most violated inequality is violated; 0 if none is.
    bound : ProvenBound
        The bound, with its proof.
    reached : bool
        Whether bound and value are as near to each other as was asked for.
    """

    vectors: FloatArray
    stored: SingleArray
    value: float
    violation: float
    bound: ProvenBound
    reached: bool


class _Lagrangian:
    """Vectors and multipliers, in weights of the size 1."""

    def __init__(self, A: FloatArray, pairs: IntArray, reference: int, vectors: FloatArray) -> None:
        n = len(A)
        self.n, self.A, self.pairs, self.reference = n, A, pairs, reference
        i, j = np.nonzero(np.triu(A))
        self.scale = float(np.abs(A[i, j]).mean()) if i.size else 1.0
        low, high = pairs.min(axis=1), pairs.max(axis=1)
        ends = [low * n + high]
        ends += [np.minimum(side, reference) * n + np.maximum(side, reference) for side in pairs.T]
        keys = distinct(np.concatenate([i * n + j, *ends]))
        self.first, self.second = keys // n, keys % n
        self.half = 0.5 * A[self.first, self.second] / self.scale
        self.sides = np.stack([np.searchsorted(keys, x) for x in (*ends[1:], ends[0])], axis=1)
        self.multipliers = np.zeros((len(pairs), 4))
        self.penalty = PENALTY
        # at this rank there are no saddles for almost every matrix; solutions have far less, so it is not begun with
        self.most_columns = min(n, math.ceil(math.sqrt(2.0 * n + 2.0 * len(pairs))) + 1)
        Y = np.empty(vectors.shape)
        hashed_uniform(0, Y.reshape(-1))
        self.Y = scale_rows(SHAKE * Y + vectors)
        self.V, self.lengths = np.empty_like(Y), np.empty(n)
        self.products, self.pull = np.empty(keys.size), np.empty(keys.size)
        self.steps = 0

    def evaluate(self, Y: FloatArray) -> tuple[float, FloatArray]:
        gradient = np.empty_like(Y)
        value = augmented_lagrangian(
            Y, self.first, self.second, self.half, self.sides, self.multipliers, self.penalty, self.V, self.lengths,
            self.products, self.pull, gradient,
        )  # fmt: skip
        return value, gradient.ravel()

    def descend(self, tolerance: float) -> None:
        """Take quasi-Newton steps until the gradient is small, at most `STEPS`."""
        shape, memory = self.Y.shape, LimitedMemory(PAIRS)
        self.Y = self.Y * self.stiffness()[:, None]
        x = self.Y.ravel()
        value, g = self.evaluate(self.Y)
        for _ in range(STEPS):
            if math.sqrt(dot(g, g)) <= tolerance or current().stopped:
                break
            direction = memory.direction(g)
            slope = dot(g, direction)
            if not slope < 0.0:
                memory.forget()
                continue
            step = 1.0 if len(memory) else min(1.0, 0.1 / math.sqrt(dot(direction, direction)))

            def trial(step: float, x: FloatArray = x, direction: FloatArray = direction) -> _Trial:
                ahead = x + step * direction
                there, g_there = self.evaluate(ahead.reshape(shape))
                return there, dot(g_there, direction), (ahead, there, g_there)

            best = weak_wolfe(trial, value, slope, step, POINTS)
            if best is None:
                if not len(memory):
                    break
                memory.forget()
                continue
            memory.remember(best[0] - x, best[2] - g)
            x, value, g = best
            self.steps += 1
        self.Y = scale_rows(x.reshape(shape).copy())

    def stiffness(self) -> FloatArray:
        """Return lengths for the rows of Y that make the problem equally stiff in all of them.

        Only directions of rows count, so a row that is twice as long moves half as much at a step. A row is as stiff as
        the others pull on it, and the reference has a hundred times as many pairs as most.
        """
        self.evaluate(self.Y)
        along = -self.pull * self.products
        y = np.zeros(self.n)
        np.add.at(y, self.first, along)
        np.add.at(y, self.second, along)
        # rows that are hardly pulled beside the stiffest one are as stiff as rounding
        middle = max(float(np.median(np.abs(y))), 1e-16 * float(y.max(initial=0.0)))
        return np.sqrt(np.maximum(y, 0.1 * middle) / middle) if middle > 0.0 else np.ones(self.n)

    def slacks(self) -> FloatArray:
        """Return by how much each inequality holds, shape (pairs, 4); the products are those of Y afterwards."""
        self.evaluate(self.Y)
        x, y, z = self.products[self.sides].T
        return 1.0 + np.stack([x + y + z, x - y - z, y - x - z, z - x - y], axis=1)

    def value(self, weight: float) -> float:
        """Return the value of the vectors, in units of A, where all weights together are `weight`."""
        self.evaluate(self.Y)
        return 0.5 * weight - self.scale * dot(self.half, self.products)

    def raise_multipliers(self) -> float:
        """Take the step of the augmented Lagrangian in the multipliers; return how far complementarity was missed."""
        slack = self.slacks()
        missed = np.abs(np.minimum(slack, self.multipliers / self.penalty)).max(initial=0.0)
        self.multipliers = np.maximum(0.0, self.multipliers - self.penalty * slack)
        return float(missed)

    def dual(self) -> tuple[FloatArray, FloatArray]:
        """Return the matrix of the weights less the multipliers, and the diagonal of a dual solution, in units of A."""
        pull = self.half.copy()
        for column, (s, u) in enumerate(((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))):
            for at, sign in zip(self.sides.T, (s, u, s * u), strict=True):
                np.add.at(pull, at, -sign * self.multipliers[:, column])
        self.evaluate(self.Y)
        M, y = np.zeros((self.n, self.n)), np.zeros(self.n)
        M[self.first, self.second] = M[self.second, self.first] = 2.0 * self.scale * pull
        np.add.at(y, self.first, -2.0 * self.scale * pull * self.products)
        np.add.at(y, self.second, -2.0 * self.scale * pull * self.products)
        return M, y

    def escape(self, M: FloatArray, y: FloatArray) -> bool:
        """Step off a saddle, into new columns along directions that keep the bound high; False if there are none."""
        n, rank = self.Y.shape
        N = -M
        N[np.diag_indices(n)] -= y
        scratch, vectors = np.empty((3, n)), np.empty((n, n))
        d = np.empty(n)
        positive_part(N, np.empty((n, n)), d, scratch, np.empty((3 * n, n)), vectors)
        values = scratch[2, : np.count_nonzero(d > 0.0)]
        order = np.argsort(-values, kind="stable")[: max(0, min(NEW_COLUMNS, self.most_columns - rank))]
        chosen = order[values[order] >= SIZABLE * values.max(initial=0.0)]
        self.V, best = np.empty((n, rank + chosen.size)), (math.inf, self.Y)
        for part in STEP_OFF:
            wider = np.hstack([self.Y, part * math.sqrt(n) * vectors[:, chosen]])
            wider = scale_rows(np.ascontiguousarray(wider))
            best = min(best, (self.evaluate(wider)[0], wider), key=lambda pair: pair[0])
        self.Y = best[1]
        return bool(chosen.size)


def relax_with_triangles(
    graph: WeightedGraph,
    pairs: IntArray,
    reference: int,
    vectors: FloatArray,
    *,
    duality_gap: float = 1e-4,
) -> ReferenceRelaxation:
    """Solve the relaxation of maximum cut with the triangle inequalities of some pairs with a reference.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    pairs : ndarray of int64, shape (p, 2)
        Pairs of different vertices, neither of them the reference.
    reference : int
        The vertex that stands for the constant.
    vectors : ndarray, shape (n, r)
        Unit rows to begin with, those of the relaxation without triangles.
    duality_gap : float
        How near bound and value are to come to each other, relatively.

    Returns
    -------
    ReferenceRelaxation
        Vectors, value, bound and violation.

    Notes
    -----
    A step costs ``O((m + p) r)``, where r is the rank of `vectors` and grows only on saddles; a look at the bound costs
    a dense eigendecomposition. Measured: 4000 clauses of 1000 variables take 6 CPU s.
    """
    remaining = EliminatedGraph(ExactGraph.from_graph(graph), graph.n)
    A, top = remaining.matrix()
    run = _Lagrangian(A, pairs, reference, vectors)
    clock, weight = current(), 0.5 * exact_sum(A.ravel())
    best, before, tolerance, escapes, why = math.inf, math.inf, FIRST_GRADIENT, 0, "limit of rounds"
    shift_before, lowest, idle = math.inf, math.inf, 0
    y, multipliers = np.zeros(graph.n), run.multipliers
    for rounds in range(1, ROUNDS + 1):
        run.descend(tolerance)
        missed = run.raise_multipliers()
        last = rounds == ROUNDS
        # with too few columns the multipliers may go round in circles
        idle = idle + 1 if missed > FALL * lowest and run.penalty == MOST_PENALTY else 0
        lowest = min(lowest, missed)
        if missed <= NEAR or last or clock.stopped or idle >= IDLE:
            M, diagonal = run.dual()
            N = -M
            N[np.diag_indices(graph.n)] -= diagonal
            shift = largest_eigenvalue(N)
            held = 4.0 * run.scale * exact_sum(run.multipliers.ravel())
            upper = 0.25 * (2.0 * weight + exact_sum(diagonal + shift) + held)
            if upper < best:
                best, y, multipliers = upper, diagonal + shift, run.multipliers
            value = run.value(weight)
            allowed = 0.3 * duality_gap * abs(value)
            if clock.stopped:
                why = ended(clock)
                break
            if last and missed > TOLERANCE:
                break
            if missed <= TOLERANCE and best - value <= allowed:
                why = "bound and value meet"
                break
            # where the last descent made the eigenvalue no smaller, further ones at this rank will not
            stuck = 0.25 * graph.n * shift > allowed and (shift > 0.5 * shift_before or idle >= IDLE)
            if missed <= TOLERANCE and tolerance > LEAST_GRADIENT:
                # nothing is violated, so nothing asks for more but the bound: weak pairs have small gradients
                before, tolerance = missed, max(LEAST_GRADIENT, 0.01 * tolerance)
                continue
            if stuck or missed <= TOLERANCE:
                if escapes < ESCAPES and run.escape(M, diagonal):
                    escapes += 1
                    slope = run.evaluate(run.Y)[1]
                    before, shift_before, lowest, idle = math.inf, math.inf, math.inf, 0
                    tolerance = max(LEAST_GRADIENT, 0.1 * math.sqrt(dot(slope, slope)))
                    continue
                if missed <= TOLERANCE:
                    why = "no way out of a saddle was found"
                    break
                idle = 0
            shift_before = shift
        if missed > FALL * before:
            run.penalty = min(GROWTH * run.penalty, MOST_PENALTY)
        before, tolerance = missed, min(tolerance, max(LEAST_GRADIENT, 0.1 * missed))
    stored = run.Y.astype(np.float32)
    found = scale_rows(stored.astype(np.float64))
    run.Y = found
    violation = max(0.0, -float(run.slacks().min(initial=0.0)))
    value = semidefinite_value(graph, found)
    found.setflags(write=False)
    bound = _proven(run, remaining, top, best, y, multipliers, f"{rounds} rounds, {run.steps} steps; {why}")
    reached = bound.value - value <= duality_gap * max(abs(bound.value), abs(value))
    return ReferenceRelaxation(
        found, stored, value, violation, bound, reached and violation <= MOST_VIOLATION
    )


def _proven(
    run: _Lagrangian,
    remaining: EliminatedGraph,
    top: int,
    upper: float,
    y: FloatArray,
    multipliers: FloatArray,
    reason: str,
) -> ProvenBound:
    """Make a proof of the multipliers, in the form of the bound with triangles."""
    dual = TriangleDual(run.A, level_of(run.A))
    corners, flips = _triangles(run.pairs, run.reference)
    weights = (2.0 * run.scale * multipliers).ravel()
    used = weights > 0.0
    named = np.column_stack([corners, flips])[used]
    order = np.lexsort(named.T[::-1])
    dual.start_from(y, triangle_rows(named[order]), weights[used][order], dual.alpha)
    dual.best_z, dual.best_rows, dual.bound = dual.z, dual.rows, upper
    exact, proof = dual.leaf(remaining, top)
    active = int(np.count_nonzero(used))
    return ProvenBound(
        exact=exact,
        proof=proof,
        method="triangle",
        reason=f"{active} triangles at the reference on {run.n} vertices, {reason}",
        complete=False,
        interrupted=current().interrupted,
    )


def _triangles(pairs: IntArray, reference: int) -> tuple[IntArray, IntArray]:
    """Return the corners of the four inequalities of each pair in ascending order, and which corner's signs are minus.

    Examples
    --------
    >>> corners, flips = _triangles(np.array([[4, 1]]), 2)
    >>> corners.tolist(), flips.tolist()
    ([[1, 2, 4], [1, 2, 4], [1, 2, 4], [1, 2, 4]], [0, 1, 3, 2])
    """
    ends = np.column_stack([pairs, np.full(len(pairs), reference)])
    corners = np.sort(ends, axis=1)
    # signs (+, -) leave the pairs of the second end negative, (-, +) those of the first, (-, -) those of the reference
    ranks = [np.zeros(len(pairs), dtype=np.int64)]
    ranks += [1 + np.argmax(corners == ends[:, [k]], axis=1) for k in (1, 0, 2)]
    return np.repeat(corners, 4, axis=0), np.stack(ranks, axis=1).ravel()
