"""Compiled inner loops of the baselines: coins, pairwise-independent seeds, random hyperplanes, one-exchange.

Graphs come as symmetric CSR arrays. Every loop is serial and adds in a fixed order; ties go to the lowest index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SignArray


@kernel
def coins_in_order(
    indptr: IntArray, indices: IndexArray, weights: FloatArray, order: IntArray, signs: SignArray
) -> None:
    """Give each vertex of `order` the side opposite to the heavier decided side; `signs` starts at zero.

    Fair coins by conditional expectations: undecided neighbours contribute nothing to the choice. Ties go to +.
    """
    for k in range(order.size):
        i = order[k]
        pull = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            pull += weights[p] * signs[indices[p]]
        signs[i] = -1 if pull > 0.0 else 1


@kernel
def sift(
    heap: IntArray, place: IntArray, rank: IntArray, pull: FloatArray, at: int | np.int64, size: int
) -> None:
    """Restore the heap order around one position: largest ``|pull|`` first, then the lowest rank."""
    while at > 0:
        up = (at - 1) // 2
        a = abs(pull[heap[at]])
        b = abs(pull[heap[up]])
        if not (a > b or (a == b and rank[heap[at]] < rank[heap[up]])):
            break
        heap[at], heap[up] = heap[up], heap[at]
        place[heap[at]] = at
        place[heap[up]] = up
        at = up
    while True:
        best = at
        for child in (2 * at + 1, 2 * at + 2):
            if child < size:
                a = abs(pull[heap[child]])
                b = abs(pull[heap[best]])
                if a > b or (a == b and rank[heap[child]] < rank[heap[best]]):
                    best = child
        if best == at:
            break
        heap[at], heap[best] = heap[best], heap[at]
        place[heap[at]] = at
        place[heap[best]] = best
        at = best


@kernel
def coins_by_gain(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    order: IntArray,
    heap: IntArray,
    place: IntArray,
    rank: IntArray,
    pull: FloatArray,
    signs: SignArray,
) -> None:
    """Decide the vertex whose two choices differ most next, ties by `order`; ``O(m log n)``.

    `heap`, `place`, `rank` and `pull` are scratch of length n; `signs` starts at zero.
    """
    n = signs.size
    for k in range(n):
        heap[k] = order[k]  # all pulls are zero, so the order is a heap already
        place[order[k]] = k
        rank[order[k]] = k
        pull[k] = 0.0
    for size in range(n - 1, -1, -1):
        i = heap[0]
        place[i] = -1
        if size > 0:
            heap[0] = heap[size]
            place[heap[0]] = 0
            sift(heap, place, rank, pull, np.int64(0), size)
        signs[i] = -1 if pull[i] > 0.0 else 1
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            if place[j] >= 0:
                pull[j] += weights[p] * signs[i]
                sift(heap, place, rank, pull, place[j], size)


@kernel
def walsh_hadamard(spectrum: FloatArray) -> None:
    """Transform in place: ``out[s] = sum_d in[d] (-1)^popcount(s & d)`` for a length that is a power of two."""
    half = 1
    while half < spectrum.size:
        for block in range(0, spectrum.size, 2 * half):
            for k in range(block, block + half):
                a = spectrum[k]
                b = spectrum[k + half]
                spectrum[k] = a + b
                spectrum[k + half] = a - b
        half *= 2


@kernel
def hyperplane_sides(V: FloatArray, X: FloatArray, row: FloatArray, sides: SignArray) -> None:
    """Fill ``sides[i, k] = 1`` where ``v_i . x_k >= 0`` and 0 elsewhere, for V (n, r), X (r, draws)."""
    n, r = V.shape
    for i in range(n):
        for k in range(row.size):
            row[k] = 0.0
        for d in range(r):
            a = V[i, d]
            for k in range(row.size):
                row[k] += a * X[d, k]
        for k in range(row.size):
            sides[i, k] = 1 if row[k] >= 0.0 else 0


@kernel
def cuts_of_sides(
    i: IndexArray, j: IndexArray, weights: FloatArray, sides: SignArray, cuts: FloatArray
) -> None:
    """Fill ``cuts[k]`` with the weight of the cut of column k of the 0/1 matrix `sides`, shape (n, draws)."""
    for k in range(cuts.size):
        cuts[k] = 0.0
    for e in range(i.size):
        a = i[e]
        b = j[e]
        w = weights[e]
        for k in range(cuts.size):
            cuts[k] += w * (sides[a, k] ^ sides[b, k])


@kernel
def improve_columns(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    sides: SignArray,
    signs: SignArray,
    sweeps: int,
    margin: float,
) -> None:
    """Run the one-flip local search on every column of the 0/1 matrix `sides`; `signs` is scratch of length n.

    The same passes as `derandkit.signs.kernels.one_flip`: vertices in index order, flip while that gains more than
    `margin`.
    """
    n, draws = sides.shape
    for k in range(draws):
        for i in range(n):
            signs[i] = 2 * sides[i, k] - 1
        for _ in range(sweeps):
            flips = 0
            for i in range(n):
                gain = 0.0
                for p in range(indptr[i], indptr[i + 1]):
                    gain += weights[p] * signs[i] * signs[indices[p]]
                if gain > margin:
                    signs[i] = -signs[i]
                    flips += 1
            if flips == 0:
                break
        for i in range(n):
            sides[i, k] = (signs[i] + 1) // 2
