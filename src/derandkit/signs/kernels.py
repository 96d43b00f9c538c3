"""Compiled inner loops of the relaxation and of the spread descent.

Graphs come as symmetric CSR arrays (``indptr``, ``indices``, ``weights``), vectors as rows of C-contiguous
matrices. Every loop is serial and adds in a fixed order, so the bits depend on the input alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SignArray


@light(lambda V: V.size)
@kernel
def normalise_rows(V: FloatArray) -> None:
    """Scale every row to unit length; a zero row becomes the first unit vector."""
    n, r = V.shape
    for i in range(n):
        s = 0.0
        for k in range(r):
            s += V[i, k] * V[i, k]
        if s > 0.0:
            s = 1.0 / math.sqrt(s)
            for k in range(r):
                V[i, k] *= s
        else:
            V[i, 0] = 1.0


@light(lambda indptr, indices, weights, V, *_: (indices.size + 2 * V.shape[0]) * V.shape[1])
@kernel
def mixing_sweep(
    indptr: IntArray, indices: IndexArray, weights: FloatArray, V: FloatArray, g: FloatArray, y: FloatArray
) -> float:
    """One pass of ``v_i <- -normalise(sum_j a_ij v_j)`` in index order (the mixing method).

    Fills `y` with the row norms ``|sum_j a_ij v_j|``; returns by how much ``sum_ij a_ij v_i.v_j / 2`` fell. Rows
    without a pull stay where they are. Cost: r multiply-adds an arc. `g` is scratch of length r.
    """
    n, r = V.shape
    fall = 0.0
    for i in range(n):
        for k in range(r):
            g[k] = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            a = weights[p]
            for k in range(r):
                g[k] += a * V[j, k]
        s = 0.0
        d = 0.0
        for k in range(r):
            s += g[k] * g[k]
            d += g[k] * V[i, k]
        s = math.sqrt(s)
        y[i] = s
        if s > 0.0:
            fall += s + d
            c = -1.0 / s
            for k in range(r):
                V[i, k] = c * g[k]
    return fall


@light(lambda V, *_: 2 * V.size)
@kernel
def extrapolate(V: FloatArray, before: FloatArray, beta: float) -> None:
    """Move every row on by `beta` times its way since the sweep before, and keep the row it came from in `before`.

    ``v_i <- normalise(v_i + beta (v_i - before_i))``. `beta` comes in the precision of V.
    """
    n, r = V.shape
    for i in range(n):
        s = 0.0
        for k in range(r):
            v = V[i, k]
            x = v + beta * (v - before[i, k])
            before[i, k] = v
            V[i, k] = x
            s += x * x
        if s > 0.0:
            s = 1.0 / math.sqrt(s)
            for k in range(r):
                V[i, k] *= s


@light(lambda indptr, indices, weights, V, *_: (indices.size + 2 * V.shape[0]) * V.shape[1])
@kernel
def pull_norms(
    indptr: IntArray, indices: IndexArray, weights: FloatArray, V: FloatArray, g: FloatArray, y: FloatArray
) -> float:
    """Fill ``y_i = |sum_j a_ij v_j|`` at fixed V; return ``sum_{i<j} a_ij v_i.v_j``."""
    # the sum is written out as in `mixing_sweep`: as a function of its own it made that sweep a third slower
    n, r = V.shape
    total = 0.0
    for i in range(n):
        for k in range(r):
            g[k] = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            a = weights[p]
            for k in range(r):
                g[k] += a * V[j, k]
        s = 0.0
        d = 0.0
        for k in range(r):
            s += g[k] * g[k]
            d += g[k] * V[i, k]
        y[i] = math.sqrt(s)
        total += d
    return 0.5 * total


@light(lambda indptr, indices, weights, V, *_: 2 * (indices.size + V.shape[0]) * V.shape[1])
@kernel
def spread_sweep(
    indptr: IntArray, indices: IndexArray, weights: FloatArray, V: FloatArray, delta: float, g: FloatArray
) -> float:
    """One pass of the lemma's spread descent at mean zero; returns ``sum_i (1 - v_i . v_i_new)``.

    At ``b = 0`` and private noise tau the objective is ``(2/pi) sum_{i<j} a_ij arcsin(v_i.v_j / (1 + tau^2))``;
    its gradient in row i is, up to one common factor, ``sum_j a_ij v_j / sqrt(1 - (v_i.v_j)^2 + delta)`` with
    ``delta = 2 tau^2 + tau^4``. Each row is set to minus the direction of its gradient.
    """
    n, r = V.shape
    moved = 0.0
    for i in range(n):
        for k in range(r):
            g[k] = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            dot = 0.0
            for k in range(r):
                dot += V[i, k] * V[j, k]
            c = 1.0 - dot * dot
            if c < 0.0:
                c = 0.0
            a = weights[p] / math.sqrt(c + delta)
            for k in range(r):
                g[k] += a * V[j, k]
        s = 0.0
        for k in range(r):
            s += g[k] * g[k]
        if s > 0.0:
            c = -1.0 / math.sqrt(s)
            d = 0.0
            for k in range(r):
                x = c * g[k]
                d += x * V[i, k]
                V[i, k] = x
            moved += 1.0 - d
    return moved


@light(lambda indptr, indices, weights, V: indices.size * (V.shape[1] + 4))
@kernel
def hyperplane_expectation(
    indptr: IntArray, indices: IndexArray, weights: FloatArray, V: FloatArray
) -> float:
    """Return ``sum_{i<j} a_ij arccos(v_i.v_j) / pi`` for unit rows: the expected cut of a random hyperplane."""
    n, r = V.shape
    total = 0.0
    for i in range(n):
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            if j > i:
                d = 0.0
                for k in range(r):
                    d += V[i, k] * V[j, k]
                d = min(1.0, max(-1.0, d))
                total += weights[p] * math.acos(d)
    return total / math.pi


@kernel
def flip_sweep(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    order: IntArray,
    last: SignArray,
    signs: SignArray,
) -> int:
    """Flip the vertices of `signs` one by one in `order`; return the number of flips after which the cut was greatest.

    With `order` the vertices by where they change sides, along a half-turn or along a line, this visits every cut on
    the way. ``last[k]`` says whether flip k is the last of a group that changes sides together: a cut counts only
    there. Ties keep the earlier cut. O(m).
    """
    gain = 0.0
    best_gain = 0.0
    best_count = 0
    for k in range(order.size):
        i = order[k]
        for p in range(indptr[i], indptr[i + 1]):
            gain += weights[p] * signs[i] * signs[indices[p]]
        signs[i] = -signs[i]
        if last[k] and gain > best_gain:
            best_gain = gain
            best_count = k + 1
    return best_count


@light(lambda indptr, indices, *_: indices.size)
@kernel
def flip_sweep_parts(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    order: IntArray,
    last: SignArray,
    part: IntArray,
    signs: SignArray,
    gains: FloatArray,
    counts: IntArray,
) -> None:
    """Do what `flip_sweep` does for each part of the way: fill the greatest gain and after how many flips it came.

    The cut after flip k lies in part ``part[k]``, the one before all flips in part 0. `gains` comes filled with minus
    infinity, which stays where a part has no cut.
    """
    gain = 0.0
    gains[0], counts[0] = 0.0, 0
    for k in range(order.size):
        i = order[k]
        for p in range(indptr[i], indptr[i + 1]):
            gain += weights[p] * signs[i] * signs[indices[p]]
        signs[i] = -signs[i]
        q = part[k]
        if last[k] and gain > gains[q]:
            gains[q], counts[q] = gain, k + 1


@light(lambda indptr, indices, *_: indices.size)
@kernel
def greedy_round(indptr: IntArray, indices: IndexArray, weights: FloatArray, moments: FloatArray) -> None:
    """Round independent signs with expectations `moments` in [-1, 1] to +-1, in place, losing nothing.

    The expected cut ``sum_{i<j} a_ij (1 - m_i m_j) / 2`` is linear in each moment, so each vertex in turn goes to
    the better end (the method of conditional expectations); a tie keeps the sign of the moment, zero counts as +.
    """
    for i in range(moments.size):
        pull = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            pull += weights[p] * moments[indices[p]]
        if pull > 0.0:
            moments[i] = -1.0
        elif pull < 0.0:
            moments[i] = 1.0
        else:
            moments[i] = 1.0 if moments[i] >= 0.0 else -1.0


@light(lambda indptr, indices, weights, signs, sweeps, margin: indices.size * min(sweeps, 8))
@kernel
def one_flip(
    indptr: IntArray, indices: IndexArray, weights: FloatArray, signs: SignArray, sweeps: int, margin: float
) -> int:
    """Flip single vertices in index order while a flip gains more than `margin`; return the number of flips."""
    flips = 0
    for _ in range(sweeps):
        before = flips
        for i in range(signs.size):
            gain = 0.0
            for p in range(indptr[i], indptr[i + 1]):
                gain += weights[p] * signs[i] * signs[indices[p]]
            if gain > margin:
                signs[i] = -signs[i]
                flips += 1
        if flips == before:
            break
    return flips
