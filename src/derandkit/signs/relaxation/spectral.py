"""The eigenvalue that decisions rest on, computed without BLAS.

The smallest eigenvalue of ``A + Diag(d)`` (Lanczos) opens new dimensions of the relaxation and sets the shift of its
bound. Library routines would give other last bits with other thread counts or processors, so short serial kernels
stand here. The engine's own Lanczos (`derandkit.engine.methods.stationarity`) keeps its basis, for at most 120 steps.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.hashing import hashed_uniform
from derandkit.numerics.jit import kernel, prefetch
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray


#: How many arcs ahead an entry is asked for: three times faster where a vector does not fit into a cache.
AHEAD = 24


def smallest_eigenvalue(
    graph: WeightedGraph, weights: FloatArray, diagonal: FloatArray, *, steps: int, vector: bool = False
) -> tuple[float, bool, FloatArray]:
    """Estimate the smallest eigenvalue of ``A + Diag(diagonal)`` by Lanczos from a fixed start.

    Parameters
    ----------
    graph : WeightedGraph
        The pattern.
    weights : ndarray, shape (2 m,)
        The entries of A in the graph's order (the graph's weights, possibly scaled).
    diagonal : ndarray, shape (n,)
        The diagonal.
    steps : int
        Number of matrix products.
    vector : bool
        Whether to form the Ritz vector too, at the cost of a second pass.

    Returns
    -------
    value : float
        The smallest Ritz value: never below the smallest eigenvalue, up to rounding.
    settled : bool
        Whether the space was exhausted, or the value changed by less than 10 % over the second half of the steps.
    vector : ndarray, shape (n,)
        The Ritz vector of unit length, or an empty array.

    Notes
    -----
    ``2 m + 6 n`` multiply-adds a step and three vectors of memory; no reorthogonalisation, because ghosts do not
    disturb the smallest Ritz value.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> edge = WeightedGraph.from_edges([0], [1])
    >>> value, settled, _ = smallest_eigenvalue(edge, edge.weights, np.zeros(2), steps=8)
    >>> round(value, 12), settled
    (-1.0, True)
    """
    run = Lanczos(graph, weights, diagonal)
    value, change = run.extend(steps)
    settled = run.exhausted or change <= 0.1 * abs(value)
    return value, settled, run.vector() if vector else np.empty(0)


class Lanczos:
    """The Lanczos process on ``A + Diag(diagonal)`` from a fixed start, which can be continued.

    Parameters
    ----------
    graph, weights, diagonal
        As for `smallest_eigenvalue`.
    """

    def __init__(self, graph: WeightedGraph, weights: FloatArray, diagonal: FloatArray) -> None:
        self.arcs = (graph.indptr, graph.indices, weights, diagonal)
        n = graph.n
        self.most = 4 * n + 16  # in floating point n steps need not exhaust the space: ghosts take some
        self.q, self.q_last, self.z = np.empty(n), np.empty(n), np.empty(n)
        hashed_uniform(0, self.q)
        self.alpha, self.beta = np.empty(0), np.empty(0)
        self.exhausted = False
        self.value = 0.0

    @property
    def steps(self) -> int:
        """Number of matrix products so far."""
        return self.alpha.size

    def extend(self, steps: int) -> tuple[float, float]:
        """Go on until `steps` steps are done in all.

        Returns
        -------
        value : float
            The smallest Ritz value.
        change : float
            By how much it fell over the second half of the steps.
        """
        done, wanted = self.alpha.size, min(steps, self.most)
        if wanted > done and not self.exhausted:
            alpha, beta = np.empty(wanted), np.empty(wanted)
            alpha[:done], beta[:done] = self.alpha, self.beta
            none = np.empty(0)
            now = lanczos(*self.arcs, done, wanted, self.q, self.q_last, self.z, alpha, beta, none, none)
            self.alpha, self.beta = alpha[:now], beta[:now]
            self.exhausted = now < wanted
        half = (self.alpha.size + 1) // 2
        self.value = smallest_tridiagonal(self.alpha, self.beta)
        return self.value, abs(smallest_tridiagonal(self.alpha[:half], self.beta[:half]) - self.value)

    def vector(self) -> FloatArray:
        """Return the Ritz vector of unit length that belongs to the value, at the cost of as many steps again."""
        n, done = self.q.size, self.alpha.size
        mix, out, q = np.empty(done), np.zeros(n), np.empty(n)
        tridiagonal_vector(self.alpha, self.beta, self.value, mix, np.empty(done))
        hashed_uniform(0, q)
        lanczos(*self.arcs, 0, done, q, np.empty(n), np.empty(n), np.empty(done), np.empty(done), mix, out)
        norm = math.sqrt(float(np.sum(out * out)))
        return out / norm if norm > 0.0 else out


@light(
    lambda indptr, indices, weights, diagonal, begin, steps, *_: (
        (steps - begin) * (2 * indices.size + 6 * indptr.size)
    )
)
@kernel
def lanczos(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    diagonal: FloatArray,
    begin: int,
    steps: int,
    q: FloatArray,
    q_last: FloatArray,
    z: FloatArray,
    alpha: FloatArray,
    beta: FloatArray,
    mix: FloatArray,
    ritz: FloatArray,
) -> int:
    """Plain Lanczos on ``A + Diag(diagonal)`` from the start in `q`; return the number of steps done in all.

    Where `begin` steps are done already, the vectors and coefficients that they left go on to `steps`.

    When `mix` is not empty the recurrence also accumulates ``ritz = sum_t mix_t q_t`` (the second pass that forms a
    vector).
    """
    n = q.size
    end = indices.size - 1
    b = 0.0
    if begin > 0:
        b = beta[begin - 1]
    else:
        s = 0.0
        for i in range(n):
            s += q[i] * q[i]
        s = math.sqrt(s)
        for i in range(n):
            q[i] /= s
            q_last[i] = 0.0
    for t in range(begin, steps):
        if mix.size > 0:
            for i in range(n):
                ritz[i] += mix[t] * q[i]
        a = 0.0
        for i in range(n):
            v = diagonal[i] * q[i] - b * q_last[i]
            for p in range(indptr[i], indptr[i + 1]):
                prefetch(q, indices[min(p + AHEAD, end)])
                v += weights[p] * q[indices[p]]
            z[i] = v
            a += v * q[i]
        alpha[t] = a
        s = 0.0
        for i in range(n):
            z[i] -= a * q[i]
            s += z[i] * z[i]
        b = math.sqrt(s)
        beta[t] = b
        if b < 1e-14:
            return t + 1
        for i in range(n):
            q_last[i] = q[i]
            q[i] = z[i] / b
    return steps


@light(lambda alpha, beta: 64 * alpha.size)
@kernel
def smallest_tridiagonal(alpha: FloatArray, beta: FloatArray) -> float:
    """Return the smallest eigenvalue of the tridiagonal matrix by bisection on Sturm counts.

    ``beta[t]`` couples t and t + 1; the last entry is not used.
    """
    n = alpha.size
    low = 1e300
    high = -1e300
    for t in range(n):
        radius = 0.0
        if t > 0:
            radius += abs(beta[t - 1])
        if t < n - 1:
            radius += abs(beta[t])
        low = min(low, alpha[t] - radius)
        high = max(high, alpha[t] + radius)
    scale = max(abs(low), abs(high))
    while high - low > 1e-15 * scale and high - low > 1e-300:
        x = 0.5 * (low + high)
        if x <= low or x >= high:
            break
        below = False
        d = 1.0
        for t in range(n):
            coupling = beta[t - 1] * beta[t - 1] if t > 0 else 0.0
            d = alpha[t] - x - coupling / d
            if d < 0.0:
                below = True
                break
            if d == 0.0:
                d = 1e-300
        if below:
            high = x
        else:
            low = x
    return 0.5 * (low + high)


@kernel
def tridiagonal_vector(
    alpha: FloatArray, beta: FloatArray, value: float, x: FloatArray, pivots: FloatArray
) -> None:
    """Fill `x` with the unit eigenvector of the tridiagonal matrix at its smallest eigenvalue `value`.

    Inverse iteration: just below the smallest eigenvalue the shifted matrix is positive definite, so elimination
    needs no interchanges.
    """
    n = alpha.size
    scale = 1e-280  # for a zero matrix: the shift below must not be so small that its inverse overflows
    for t in range(n):
        scale = max(scale, abs(alpha[t]) + 2.0 * abs(beta[t]))
        x[t] = 1.0
    shift = value - 4e-15 * scale
    for _ in range(3):
        for t in range(n):
            d = alpha[t] - shift
            if t > 0:
                ratio = beta[t - 1] / pivots[t - 1]
                d -= ratio * beta[t - 1]
                x[t] -= ratio * x[t - 1]
            pivots[t] = max(d, 1e-18 * scale)
        s = 0.0
        for t in range(n - 1, -1, -1):
            if t < n - 1:
                x[t] -= beta[t] * x[t + 1]
            x[t] /= pivots[t]
            s = max(s, abs(x[t]))
        norm = 0.0
        for t in range(n):
            x[t] /= s
            norm += x[t] * x[t]
        norm = math.sqrt(norm)
        for t in range(n):
            x[t] /= norm
