"""From a list of edges to symmetric compressed rows, with every number checked on the way in.

These are the array steps behind `derandkit.graphs.graph.WeightedGraph`: check vertex numbers and weights,
orient each edge upwards, sort, sum parallel edges so that their order cannot matter, and mirror the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, NoReturn, TypeAlias, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from derandkit.errors import InputError
from derandkit.given.doubles import EXACT
from derandkit.given.entries import unmasked
from derandkit.graphs.weights import real_weights, refuse_laplacian
from derandkit.numerics.sums import lost_in_groups, lost_in_means, lost_means, lost_sums, sums_of_groups
from derandkit.numerics.typing import BoolArray, FloatArray, IndexArray, IntArray
from derandkit.numerics.vectors import spread_over
from derandkit.options import check_whole

MAX_VERTICES = 2**31 - 1
#: In place of "sum", "mean" or "max": the two directions of an edge stay apart, as arcs.
ARCS = "arcs"
_SHARES = {"sum": 1.0, "mean": 0.5}  # of both directions together; "max" is one of them
#: Differences between mirrored entries up to this times the greatest are rounding, by the size of the numbers in bytes.
_ROUNDING = {2: 2.0**-8, 4: 2.0**-18, 8: 2.0**-38}

#: The names that the readers use.
Ints: TypeAlias = IntArray
Floats: TypeAlias = FloatArray


class SymmetricRows(TypedDict, total=False):
    """Compressed rows of a graph, each edge in two of them, and whether all weights are integers."""

    indptr: IntArray
    indices: IndexArray
    weights: FloatArray
    integral: bool


class GraphFields(SymmetricRows, total=False):
    """Every field of a `derandkit.graphs.graph.WeightedGraph` that its edges decide."""

    dropped_loops: int
    merged_edges: int
    rounded: float
    arcs: Directed | None


INEXACT = "give one weight, rounded as you want, as their {} is not exact in float64"
#: Sum of |weights| below which everything that is computed of a graph stays finite: four times as much is needed.
MOST_WEIGHT = 4e307


def check_size(n: int) -> None:
    """Refuse a graph without vertices, or with more than int32 can number, or of no whole number of them."""
    check_whole("n", n)
    if n < 1:
        raise InputError("the graph has no vertices; it needs at least one")
    if n > MAX_VERTICES:
        raise InputError(f"{n} vertices; at most {MAX_VERTICES} are supported")


def vertex_numbers(values: ArrayLike, name: str) -> IntArray:
    """Return vertex numbers as an int64 vector, refusing anything that is not integer.

    Examples
    --------
    >>> vertex_numbers([2, 0], "i")
    array([2, 0])
    """
    array = unmasked(values, name)
    if array.ndim != 1:
        raise InputError(f"{name} has shape {array.shape}; it must be one-dimensional")
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise InputError(f"{name} holds {array.dtype} values; vertex numbers must be integers")
    if array.dtype == np.uint64 and int(array.max()) > MAX_VERTICES:
        raise InputError(f"{name} holds {array.max()}; vertex numbers must be below 2**31")
    return array.astype(np.int64, copy=False)


def merge_edges(
    i: IntArray,
    j: IntArray,
    w: FloatArray,
    n: int,
    *,
    labels: Sequence[object] | None = None,
    rounded: bool = False,
) -> tuple[IndexArray, IndexArray, FloatArray, int, float]:
    """Turn each edge upwards, sort lexicographically and sum parallel edges.

    Parameters
    ----------
    i, j : ndarray of int64, shape (k,)
        Ends of each edge, no loops.
    w : ndarray of float64, shape (k,)
    n : int
        Number of vertices.
    labels : sequence, optional
        What they are called, for messages.
    rounded : bool
        Whether sums may lose units: the caller weighs, or counts, what that takes off.

    Returns
    -------
    lo, hi : ndarray of int32
        Ends of each distinct edge, ``lo < hi``.
    w : ndarray of float64
        Sums are correctly rounded, hence independent of the order of their terms.
    merged : int
        How many edges were added to another.
    off : float
        What rounding takes off the sums, all together.

    Raises
    ------
    InputError
        A sum loses units (`derandkit.numerics.sums.loses_units`), or sums overflow.

    Examples
    --------
    >>> merge_edges(np.array([1, 1, 2]), np.array([2, 0, 1]), np.array([0.5, 1.0, 0.25]), 3)
    (array([0, 1], dtype=int32), array([1, 2], dtype=int32), array([1.  , 0.75]), 1, 0.0)
    """
    if not _span(w) < MOST_WEIGHT:
        raise InputError("the weights are so large that their sum overflows; scale them down")
    key = np.minimum(i, j)
    key *= n
    key += np.maximum(i, j)
    merged, off = 0, 0.0
    if not (key[1:] > key[:-1]).all():
        order = np.argsort(key, kind="stable")
        key, w = key[order], w[order]
        first = np.ones(key.size, dtype=bool)
        np.not_equal(key[1:], key[:-1], out=first[1:])
        merged = int(key.size - np.count_nonzero(first))
        if merged:
            starts = np.flatnonzero(first)
            sums = sums_of_groups(w, starts)
            for g in [] if rounded else lost_sums(sums, w, starts)[:1].tolist():
                terms = w[starts[g] : np.append(starts, w.size)[g + 1]]
                _refuse_sum(terms, divmod(int(key[starts[g]]), n), labels)
            off = lost_in_groups(w, starts)
            key, w = key[first], sums
    return (key // n).astype(np.int32), (key % n).astype(np.int32), w, merged, off


def _refuse_sum(terms: FloatArray, pair: tuple[int, int], labels: Sequence[object] | None) -> NoReturn:
    """Refuse the weights of one pair; they are named, as their sum stands nowhere in the input."""
    one, other = pair if labels is None else (labels[k] for k in pair)
    raise InputError(
        f"the weights {_shown(terms)} of {one!r:.60} and {other!r:.60} add up; {INEXACT.format('sum')}"
    )


def _shown(w: FloatArray) -> str:
    return ", ".join(repr(x).removesuffix(".0") for x in w[:4].tolist()) + ", ..." * (w.size > 4)


def _span(w: FloatArray) -> float:
    """Sum of absolute values, inf if it overflows."""
    with np.errstate(over="ignore"):
        return float(np.abs(w).sum())


def _is_integral(w: FloatArray) -> bool:
    return bool((w == np.rint(w)).all())


def symmetric_rows(lo: IndexArray, hi: IndexArray, w: FloatArray, n: int) -> SymmetricRows:
    """Mirror sorted, distinct edges ``lo < hi`` into compressed rows sorted by column.

    Returns
    -------
    dict
        ``indptr``, ``indices``, ``weights`` and ``integral`` of a `derandkit.graphs.graph.WeightedGraph`.

    Notes
    -----
    O(n + m log m). Row v holds first its smaller neighbours (edges with ``hi == v``, in order of ``lo``),
    then its larger ones (edges with ``lo == v``, in order of ``hi``), so both halves can be placed without
    a second sort by column.
    """
    m = lo.size
    below = np.bincount(hi, minlength=n)
    above = np.bincount(lo, minlength=n)
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(below + above, out=indptr[1:])
    indices = np.empty(2 * m, dtype=np.int32)
    weights = np.empty(2 * m, dtype=np.float64)
    place = np.arange(m, dtype=np.int64)
    at = place + (indptr[:-1] + below - (np.cumsum(above) - above))[lo]
    indices[at], weights[at] = hi, w
    order = np.argsort(hi, kind="stable")
    at = place + (indptr[:-1] - (np.cumsum(below) - below))[hi[order]]
    indices[at], weights[at] = lo[order], w[order]
    return {"indptr": indptr, "indices": indices, "weights": weights, "integral": _is_integral(w)}


def assemble(
    i: IntArray, j: IntArray, w: FloatArray, n: int, labels: Sequence[object] | None = None
) -> GraphFields:
    """Arrays and counts of the graph with the given edges: any order, either direction, loops, repeats.

    Returns
    -------
    dict
        Every field of a `derandkit.graphs.graph.WeightedGraph` but ``labels``.
    """
    proper = i != j
    loops = int(i.size - np.count_nonzero(proper))
    if loops:
        i, j, w = i[proper], j[proper], w[proper]
    lo, hi, w, merged, off = merge_edges(i, j, w, n, labels=labels)
    counts: GraphFields = {"dropped_loops": loops, "merged_edges": merged, "rounded": off, "arcs": None}
    return {**symmetric_rows(lo, hi, w, n), **counts}


class Directed(NamedTuple):
    """Both directions of every edge: ends ``lo < hi``, the weight of each direction, and whether it is there."""

    lo: IndexArray
    hi: IndexArray
    up: FloatArray
    down: FloatArray
    has_up: BoolArray
    has_down: BoolArray
    merged: int  # entries that were added to an earlier one of the same direction
    rounded: float  # what rounding takes off such sums

    def unweighted(self) -> Directed:
        """Return the same directions, each of weight 1."""
        up, down = self.has_up.astype(np.float64), self.has_down.astype(np.float64)
        return self._replace(up=up, down=down, rounded=0.0)

    def listed(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Return tails, heads and weights of all arcs, in lexicographic order."""
        tails = np.concatenate([self.lo[self.has_up], self.hi[self.has_down]]).astype(np.int64)
        heads = np.concatenate([self.hi[self.has_up], self.lo[self.has_down]]).astype(np.int64)
        weights = np.concatenate([self.up[self.has_up], self.down[self.has_down]])
        order = np.lexsort((heads, tails))
        return tails[order], heads[order], weights[order]


def both_directions(
    i: IntArray, j: IntArray, w: FloatArray, n: int, labels: Sequence[object] | None = None
) -> Directed:
    """Put the two directions of each edge side by side; loops are left out, repeated entries added up.

    Examples
    --------
    >>> pairs = both_directions(np.array([0, 1, 2]), np.array([1, 0, 1]), np.array([5.0, 6.0, 7.0]), 3)
    >>> pairs.up, pairs.down, pairs.has_up
    (array([5., 0.]), array([6., 7.]), array([ True, False]))
    """
    up, down = i < j, i > j
    lo, hi, wu, merged, off = merge_edges(i[up], j[up], w[up], n, labels=labels)
    lo2, hi2, wd, again, more = merge_edges(i[down], j[down], w[down], n, labels=labels)
    if np.array_equal(lo, lo2) and np.array_equal(hi, hi2):
        there = np.ones(lo.size, dtype=np.bool_)
        return Directed(lo, hi, wu, wd, there, there, merged + again, off + more)
    key, key2 = lo * np.int64(n) + hi, lo2 * np.int64(n) + hi2
    every = np.sort(np.concatenate([key, key2]), kind="stable")  # np.union1d hashes, ten times as long
    every = every[np.append(True, every[1:] != every[:-1])] if every.size else every
    (wu, has_up), (wd, has_down) = spread_over(key, wu, every), spread_over(key2, wd, every)
    lo, hi = (every // n).astype(np.int32), (every % n).astype(np.int32)
    return Directed(lo, hi, wu, wd, has_up, has_down, merged + again, off + more)


def one_weight(pairs: Directed, how: str, *, noise: bool = False) -> FloatArray:
    """Make one weight of the two directions of each edge: their sum, mean (half the sum) or maximum.

    An absent direction adds nothing to the sum and is left out of the maximum. Where the directions differ by `noise`,
    a sum may lose units (`derandkit.numerics.sums.loses_units`), and a half may be rounded; otherwise neither may.

    Examples
    --------
    >>> pairs = both_directions(np.array([0, 1, 2]), np.array([1, 0, 1]), np.array([5.0, 6.0, -7.0]), 3)
    >>> one_weight(pairs, "sum"), one_weight(pairs, "mean"), one_weight(pairs, "max")
    (array([11., -7.]), array([ 5.5, -3.5]), array([ 6., -7.]))
    """
    if share := _SHARES.get(how):
        found = share * (pairs.up + pairs.down)  # finite: each direction is below MOST_WEIGHT in all
        if not _span(found) < MOST_WEIGHT:
            raise InputError("the weights are so large that their sum overflows; scale them down")
        lost = np.flatnonzero(lost_means(pairs.up, pairs.down, share))
        if lost.size and not noise:
            one, other = (_shown(x[lost[:1]]) for x in (pairs.up, pairs.down))
            raise InputError(f"the directions of an edge weigh {one} and {other}; {INEXACT.format(how)}")
        return np.asarray(found)
    both = np.maximum(pairs.up, pairs.down)
    return np.where(pairs.has_up, np.where(pairs.has_down, both, pairs.up), pairs.down)


def assemble_directed(
    i: IntArray, j: IntArray, w: FloatArray, n: int, how: str, labels: Sequence[object] | None = None
) -> GraphFields:
    """Arrays and counts of the graph whose edges are directed; `how` makes one weight of two directions."""
    pairs = both_directions(i, j, w, n, labels)
    loops = int(np.count_nonzero(i == j))
    return _fields_of(pairs, n, how, loops)


def _fields_of(pairs: Directed, n: int, how: str, loops: int) -> GraphFields:
    """Fields of the graph with one weight for two directions; the arcs are kept where they were asked for."""
    weights = one_weight(pairs, "max" if how == ARCS else how)
    rows = symmetric_rows(pairs.lo, pairs.hi, weights, n)
    arcs = pairs if how == ARCS else None
    off = pairs.rounded + lost_in_means(pairs.up, pairs.down, _SHARES.get(how, 0.0))
    return {**rows, "dropped_loops": loops, "merged_edges": pairs.merged, "rounded": off, "arcs": arcs}


def assemble_matrix(
    row: IntArray,
    col: IntArray,
    w: FloatArray,
    n: int,
    *,
    base: int = 0,
    rounding: float = 0.0,
    symmetrize: str | None = None,
    hint: str = "",
) -> GraphFields:
    """Arrays and counts of the graph whose symmetric matrix has the given entries, both triangles present.

    Parameters
    ----------
    row, col : ndarray of int64, shape (k,)
        Positions from 0; repeated positions are summed.
    w : ndarray of float64, shape (k,)
    n : int
        Order of the matrix.
    base : int
        What the caller calls the first row, for messages.
    rounding : float
        Differences of at most this many times the greatest one off the diagonal are rounding: the two are replaced
        by their mean. Entries that are integers must be equal.
    symmetrize : {"sum", "mean", "max"}, optional
        What to make of the two entries of each edge, of a symmetric matrix too. By default they must be equal.
    hint : str
        Ends the message about a matrix that is not symmetric.

    Raises
    ------
    InputError
        The matrix is not symmetric; the message names the first entry, in row order, that has no equal mirror.
    """
    refuse_laplacian(row, col, w, n)
    pairs = both_directions(row, col, w, n)
    if symmetrize == ARCS:
        loops = int(np.count_nonzero(row == col))
        return _fields_of(pairs, n, ARCS, loops)
    if symmetrize is not None:
        weights, unequal = one_weight(pairs, symmetrize), np.zeros(0, dtype=np.int64)
        off = pairs.rounded + lost_in_means(pairs.up, pairs.down, _SHARES.get(symmetrize, 0.0))
    else:
        weights, unequal, off = pairs.up, np.flatnonzero(pairs.up != pairs.down), pairs.rounded / 2.0
    if unequal.size:
        apart = np.abs(pairs.up[unequal] - pairs.down[unequal])
        off_diagonal = max(float(np.abs(pairs.up).max()), float(np.abs(pairs.down).max()))
        allowed = 0.0 if _is_integral(w) else rounding * off_diagonal
        if apart.max() > allowed:
            e = int(unequal[np.argmax(apart > allowed)])
            at, to = int(pairs.lo[e]) + base, int(pairs.hi[e]) + base
            one, other = (
                f"{int(x)}" if x.is_integer() and abs(x) < EXACT else repr(x)
                for x in (float(pairs.up[e]), float(pairs.down[e]))
            )
            what = "pass (A + A.T) / 2, or say what an edge weighs with --symmetrize sum, mean or max"
            if not (pairs.up.any() and pairs.down.any()):
                what = "only one triangle is filled: pass A + A.T, or say --symmetrize sum"
            raise InputError(
                f"the matrix is not symmetric: entry ({at}, {to}) is {one} but ({to}, {at}) is {other}; "
                f"{what} (symmetrize= of derandkit.maxcut or as_graph){hint}"
            )
        weights = one_weight(pairs, "mean", noise=True)
    loops = int(np.count_nonzero(row == col))
    entries = max(int(np.count_nonzero(row < col)), int(np.count_nonzero(row > col)))
    return {
        **symmetric_rows(pairs.lo, pairs.hi, weights, n),
        "dropped_loops": loops,
        "merged_edges": max(0, entries - pairs.lo.size),
        "rounded": off,
        "arcs": None,
    }


def assemble_entries(
    row: ArrayLike, col: ArrayLike, data: NDArray[np.generic], n: int, symmetrize: str | None
) -> GraphFields:
    """Arrays and counts of the graph whose matrix of order n has the given entries, checked on the way in.

    True weighs 1, and a stored False is no edge. Mirrored floating-point numbers may differ by rounding.
    """
    check_size(n)
    at, to = vertex_numbers(row, "row"), vertex_numbers(col, "col")
    if data.dtype.kind == "b":
        at, to, data = at[data], to[data], np.ones(int(data.sum()))
    w = real_weights(data, data.size)
    rounding = _ROUNDING.get(data.dtype.itemsize, 0.0) if data.dtype.kind == "f" else 0.0
    hint = "; a square array is read as a matrix, so pass edges as a list of tuples" if n in (2, 3) else ""
    return assemble_matrix(at, to, w, n, rounding=rounding, symmetrize=symmetrize, hint=hint)
