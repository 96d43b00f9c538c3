"""Hyperplane rounding by conditional expectations (Mahajan and Ramesh): one pass over the edges a trial.

The law of the cut is ``sign(V x + tau xi)``. Its Gaussian coordinates are revealed one by one along the principal axes
of ``V``, largest first. While coordinate j is revealed, what is left of each edge is one number, the correlation of
the residual rows ``V[:, j+1:]``; it does not depend on the revealed value t, and only the standardised means
``h_i = (b_i + t V_ij) / sd_i`` do. So the residual covariances are computed once a coordinate, and the expected cut
at a whole grid of t costs one bivariate normal probability an edge and a grid point, with the nodes of its quadrature
shared by the grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.jit import kernel
from derandkit.numerics.quadrature import gauss_hermite
from derandkit.signs.relaxation.spectral import principal_axes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from derandkit.graphs.graph import WeightedGraph

    Float = NDArray[np.float64]
    Index = NDArray[np.int32]
    Pointer = NDArray[np.int64]
    Signs = NDArray[np.int8]

_RULES = [np.polynomial.legendre.leggauss(count) for count in (8, 14, 20)]
#: Gauss-Legendre rules with 8, 14 and 20 nodes on [-1, 1], one after the other, and where each one begins.
NODES = np.concatenate([rule[0] for rule in _RULES])
RULE = np.concatenate([rule[1] for rule in _RULES])
BEGIN = np.array([0, 8, 22, 42])
#: Correlations up to which the shorter rules, and any rule in the angle, are exact to 1e-13.
SHORT, MIDDLE, STEEP = 0.3, 0.6, 0.925
#: Standardised means beyond this are certain signs to double precision.
CERTAIN = 9.0
#: Relative difference of two expectations below which they count as equal.
NOISE = 2.0**-40
#: Private noise of each vertex while coordinates are revealed, for rows of unit length.
REVEAL_SMOOTHING = 1e-4
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
#: Points of the grids that are tried, one after the other, where the nodes do not reach the value before the reveal.
DENSE_GRIDS = (161, 1281, 10241)


@kernel
def tail(x: float) -> float:
    """Return the chance that a standard normal exceeds x."""
    return 0.5 * math.erfc(x * 0.7071067811865476)


@kernel
def owen(h: float, x: float) -> float:
    """Return Owen's ``T(h, x / h)``, odd in x; h = 0 counts as the limit from above.

    For ``a <= 1`` it is ``(1 / 2 pi) int_0^a exp(-h^2 (1 + s^2) / 2) / (1 + s^2) ds`` by 20 Gauss-Legendre nodes, else
    ``T(h, a) + T(a h, 1 / a) = (Q(h) + Q(a h)) / 2 - Q(h) Q(a h)`` leads there (Owen, Ann. Math. Stat. 27 (1956)).
    """
    sign = -1.0 if (x < 0.0) != (h < 0.0) else 1.0
    h = abs(h)
    x = abs(x)
    swap = x > h
    a = (h / x if swap else x / h) if max(h, x) > 0.0 else 1.0
    g = max(h, x)
    half = -0.5 * g * g
    total = 0.0
    for q in range(BEGIN[2], BEGIN[3]):
        s = 0.5 * a * (1.0 + NODES[q])
        c = 1.0 + s * s
        total += RULE[q] * math.exp(half * c) / c
    total *= a * 0.07957747154594767  # 1 / (4 pi)
    if swap:
        p = tail(h)
        q_ = tail(x)
        total = 0.5 * (p + q_) - p * q_ - total
    return sign * total


@kernel
def steep_difference(h: float, k: float, rho: float) -> float:
    """Return the chance that ``x + h`` and ``y + k`` have different signs, for any correlation of x and y but small.

    ``Pr = 2 T(h, (k - rho h) / (h s)) + 2 T(k, (h - rho k) / (k s)) + [h k < 0]`` with ``s^2 = 1 - rho^2``.
    """
    square = (1.0 - rho) * (1.0 + rho)
    if square <= 0.0:  # x = y or x = -y
        return abs(tail(h) - tail(k)) if rho > 0.0 else 1.0 - abs(1.0 - tail(h) - tail(k))
    if abs(h) < 1e-290 and abs(k) < 1e-290:  # below, products with rho would lose digits to underflow
        return math.acos(rho) / math.pi
    s = math.sqrt(square)
    opposite = 1.0 if (h < 0.0) != (k < 0.0) else 0.0
    return 2.0 * owen(h, (k - rho * h) / s) + 2.0 * owen(k, (h - rho * k) / s) + opposite


@kernel
def residuals(i: Index, j: Index, V: Float, first: int, tau: float, sd: Float, rho: Float) -> None:
    """Fill deviations and edge correlations of the rows ``V[:, first:]`` with private noise tau > 0."""
    n, r = V.shape
    for v in range(n):
        s = tau * tau
        for k in range(first, r):
            s += V[v, k] * V[v, k]
        sd[v] = math.sqrt(s)
    for e in range(i.size):
        a = i[e]
        b = j[e]
        d = 0.0
        for k in range(first, r):
            d += V[a, k] * V[b, k]
        rho[e] = min(1.0, max(-1.0, d / (sd[a] * sd[b])))


@kernel
def line_expectations(
    i: Index,
    j: Index,
    weights: Float,
    sd: Float,
    rho: Float,
    mean: Float,
    column: Float,
    steps: Float,
    h: Float,
    moment: Float,
    nodes: Float,
    out: Float,
) -> None:
    """Fill ``out[k]`` with the expected cut at means ``mean + steps[k] * column``.

    With ``m = 2 Phi(h) - 1`` the signs of an edge have ``E[s_i s_j] = m_i m_j + (2 / pi) int_0^asin(rho)
    exp(-(h_i^2 - 2 h_i h_j sin u + h_j^2) / (2 cos^2 u)) du`` (Plackett's identity in the angle). Scratch: `h` and
    `moment` of shape (n, steps), `nodes` of shape (3, 20).
    """
    for v in range(sd.size):
        for k in range(steps.size):
            x = (mean[v] + steps[k] * column[v]) / sd[v]
            h[v, k] = x
            moment[v, k] = math.erf(0.7071067811865476 * x)
    for k in range(steps.size):
        out[k] = 0.0
    for e in range(i.size):
        a = i[e]
        b = j[e]
        r = rho[e]
        size = abs(r)
        if size < STEEP:
            rule = 0 if size < SHORT else (1 if size < MIDDLE else 2)
            angle = 0.5 * math.asin(r)
            count = BEGIN[rule + 1] - BEGIN[rule]
            for q in range(count):
                s = math.sin(angle * (1.0 + NODES[BEGIN[rule] + q]))
                nodes[0, q] = s
                nodes[1, q] = 1.0 / (1.0 - s * s)
                nodes[2, q] = 0.6366197723675814 * angle * RULE[BEGIN[rule] + q]
            for k in range(steps.size):
                x = h[a, k]
                y = h[b, k]
                c = moment[a, k] * moment[b, k]
                if abs(x) < CERTAIN and abs(y) < CERTAIN:
                    product = x * y
                    squares = 0.5 * (x * x + y * y)
                    for q in range(count):
                        c += nodes[2, q] * math.exp((nodes[0, q] * product - squares) * nodes[1, q])
                out[k] += weights[e] * 0.5 * (1.0 - c)
        else:
            for k in range(steps.size):
                x = h[a, k]
                y = h[b, k]
                if abs(x) < CERTAIN and abs(y) < CERTAIN:
                    out[k] += weights[e] * steep_difference(x, y, r)
                else:
                    out[k] += weights[e] * 0.5 * (1.0 - moment[a, k] * moment[b, k])


@kernel
def line_sweep(
    indptr: Pointer, indices: Index, weights: Float, order: Pointer, apart: Signs, signs: Signs
) -> int:
    """Flip `signs` in `order`; return after how many flips the cut was heaviest, judged where ``apart[k]`` is set."""
    gain = 0.0
    best_gain = 0.0
    best = 0
    for k in range(order.size):
        v = order[k]
        for p in range(indptr[v], indptr[v + 1]):
            gain += weights[p] * signs[v] * signs[indices[p]]
        signs[v] = -signs[v]
        if apart[k] and gain > best_gain:
            best_gain = gain
            best = k + 1
    return best


@dataclass(frozen=True, eq=False)
class Revealed:
    """A law without spread, and the reveals that led to it.

    Parameters
    ----------
    mean : ndarray, shape (n,)
        What was revealed: ``V x`` for the chosen x. The private noise is left.
    coordinates : ndarray, shape (r,)
        The chosen x, in the principal axes.
    expectations : tuple of float
        Expected cut at the start and after each reveal; never falling, up to `slack`.
    spread_norms : tuple of float
        ``|W|`` at the same points.
    slack : float
        What the 1-D searches lost in all, normally 0.
    identity_gap : float
        Largest relative gap between the Gauss-Hermite average of a line and the value before its reveal.
    interrupted : bool
        Whether a `KeyboardInterrupt` made the rest of the searches coarse.
    """

    mean: Float
    coordinates: Float
    expectations: tuple[float, ...]
    spread_norms: tuple[float, ...]
    slack: float
    identity_gap: float
    interrupted: bool


def reveal_all(
    graph: WeightedGraph,
    vectors: Float,
    *,
    nodes: int = 25,
    refine: int = 16,
    smoothing: float = REVEAL_SMOOTHING,
    on_reveal: Callable[[float, float], None] | None = None,
) -> Revealed:
    """Choose the Gaussian coordinates of hyperplane rounding one by one, each where the expected cut is largest.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    vectors : ndarray, shape (n, r)
        Rows of the relaxation, of order one.
    nodes : int
        Gauss-Hermite nodes at which each coordinate is tried first.
    refine : int
        Golden-section evaluations around the best node.
    smoothing : float
        Private noise tau > 0 of each vertex, against rows of unit length.
    on_reveal : callable, optional
        Called with the expected cut and ``|W|`` at the start and after each reveal. A `KeyboardInterrupt`, from here or
        from the user, makes the remaining searches coarse; it loses nothing.

    Returns
    -------
    Revealed
        The final means with the expectation at every step.

    Raises
    ------
    InputError
        If the smoothing is not positive or fewer than three nodes are asked for.

    Notes
    -----
    ``m (nodes + refine)`` bivariate normals a coordinate, and ``m r^2 / 2`` multiply-adds in all for the covariances.
    The last coordinate faces a step function (but for the private noise), which an exact sweep over the ``n`` points
    where a vertex changes sides also searches.

    References
    ----------
    Mahajan and Ramesh, SIAM J. Comput. 28 (1999) 1641-1663; Plackett, Biometrika 41 (1954); Owen, Ann. Math. Stat.
    27 (1956).

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> triangle = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0])
    >>> angles = 2 * math.pi * np.arange(3) / 3
    >>> found = reveal_all(triangle, np.stack([np.cos(angles), np.sin(angles)], axis=1))
    >>> [round(value, 3) for value in found.expectations]
    [2.0, 2.0, 2.0]
    """
    if not smoothing > 0:
        raise InputError(f"the smoothing must be positive, got {smoothing}")
    if nodes < 3:
        raise InputError(f"at least three nodes are needed, got {nodes}")
    state = _Reveals(graph, vectors, smoothing)
    search = (*gauss_hermite(nodes), refine)
    hurried = (*gauss_hermite(5), 0)
    interrupted, told = False, -1
    while True:
        try:
            found = state.found
            done = found.coordinates.size
            if on_reveal is not None and told < done and not interrupted:
                told = done
                on_reveal(found.expectations[-1], found.spread_norms[-1])
            if done == state.rank:
                break
            state.reveal(*(hurried if interrupted else search))
        except KeyboardInterrupt:
            interrupted = True
    return replace(state.found, interrupted=interrupted)


class _Reveals:
    """What was revealed so far, and what is left of the spread."""

    def __init__(self, graph: WeightedGraph, vectors: Float, tau: float) -> None:
        V, masses = principal_axes(vectors)
        keep = int(np.count_nonzero(masses > 1e-30 * masses[:1].sum()))
        self.graph, self.tau, self.rank = graph, tau, keep
        self.V = np.ascontiguousarray(V[:, :keep])
        self.i, self.j, self.w = graph.edges()
        self.sd, self.rho = np.empty(graph.n), np.empty(self.i.size)
        left = np.append(np.cumsum(masses[:keep][::-1])[::-1], 0.0)
        self.norms = np.sqrt(left)
        residuals(self.i, self.j, self.V, 0, tau, self.sd, self.rho)
        self.found = Revealed(np.zeros(graph.n), np.zeros(0), (), (float(self.norms[0]),), 0.0, 0.0, False)
        start = float(self._line(np.zeros(graph.n), np.zeros(1))[0])
        self.found = replace(self.found, expectations=(start,))

    def _line(self, column: Float, steps: Float) -> Float:
        """Return the expected cut at the given values of the coordinate being revealed."""
        shape = (self.graph.n, steps.size)
        out = np.empty(steps.size)
        line_expectations(
            self.i, self.j, self.w, self.sd, self.rho, self.found.mean, column, steps,
            np.empty(shape), np.empty(shape), np.empty((3, 20)), out,
        )  # fmt: skip
        return out

    def reveal(self, nodes: Float, rule: Float, refine: int) -> None:
        """Choose the next coordinate; nothing changes if this is interrupted."""
        found = self.found
        at = found.coordinates.size
        column = np.ascontiguousarray(self.V[:, at])
        value, start = found.expectations[-1], found.expectations[0]
        residuals(self.i, self.j, self.V, at + 1, self.tau, self.sd, self.rho)
        noise = NOISE * max(abs(value), abs(start))
        steps, values = np.array(nodes), self._line(column, nodes)
        average = math.fsum(rule * values)
        if at == self.rank - 1:
            extra = np.array([self._exact_step(column)])
            steps, values = _merged(steps, values, extra, self._line(column, extra))
        for size in DENSE_GRIDS:
            if values.max() >= value - noise:
                break
            extra = np.linspace(-8.0, 8.0, size)
            parts = [self._line(column, part) for part in np.array_split(extra, 1 + size // 200)]
            steps, values = _merged(steps, values, extra, np.concatenate(parts))
        t, best = self._golden(column, steps, values, noise, refine)
        gap = abs(average - value) / max(abs(value), abs(start), 1e-300)
        # one assignment, so that an interrupt finds the state before or after it
        self.found = Revealed(
            mean=found.mean + t * column,
            coordinates=np.append(found.coordinates, t),
            expectations=(*found.expectations, best),
            spread_norms=(*found.spread_norms, float(self.norms[at + 1])),
            slack=found.slack + max(0.0, value - best - noise),
            identity_gap=max(found.identity_gap, gap),
            interrupted=False,
        )

    def _golden(
        self, column: Float, steps: Float, values: Float, noise: float, refine: int
    ) -> tuple[float, float]:
        """Golden section between the neighbours of the best point; returns the best point seen.

        Within noise the smallest ``|t|`` wins, then the positive t.
        """
        tied = np.flatnonzero(values >= values.max() - noise)
        best = int(min(tied, key=lambda k: (abs(steps[k]), steps[k] < 0)))
        t, value = float(steps[best]), float(values[best])
        low = float(steps[best - 1]) if best > 0 else 2.0 * t
        high = float(steps[best + 1]) if best + 1 < steps.size else 2.0 * t
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        known: dict[float, float] = {}
        for _ in range(refine - 1):
            for s in (left, right):
                if s not in known:
                    known[s] = float(self._line(column, np.array([s]))[0])
                    if known[s] > value:
                        t, value = s, known[s]
            if known[left] >= known[right]:
                high, right = right, left
                left = high - GOLDEN * (high - low)
            else:
                low, left = left, right
                right = low + GOLDEN * (high - low)
        return t, value

    def _exact_step(self, column: Float) -> float:
        """Return the value of the last coordinate whose cut is the heaviest of all, by a sweep over its crossings."""
        moving = np.flatnonzero(column != 0.0)
        crossing = -self.found.mean[moving] / column[moving]
        order = np.argsort(crossing, kind="stable")
        edges = crossing[order]
        if edges.size == 0:
            return 0.0
        ends = np.concatenate([[min(edges[0], 0.0) - 1.0], edges, [max(edges[-1], 0.0) + 1.0]])
        apart = (np.diff(ends)[1:] > 1e-9).astype(np.int8)
        signs = np.where(self.found.mean + ends[0] * column >= 0.0, 1, -1).astype(np.int8)
        graph = self.graph
        flips = line_sweep(graph.indptr, graph.indices, graph.weights, moving[order], apart, signs)
        return float(0.5 * (ends[flips] + ends[flips + 1]))


def _merged(steps: Float, values: Float, more: Float, more_values: Float) -> tuple[Float, Float]:
    """Join two sampled lines, by rising step."""
    steps, values = np.concatenate([steps, more]), np.concatenate([values, more_values])
    order = np.argsort(steps, kind="stable")
    return steps[order], values[order]
