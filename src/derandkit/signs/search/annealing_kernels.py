"""Compiled loops of the search: annealing sweeps on local fields, and the exact recombination of two cuts.

The *gain* of vertex i is what the cut gains when i changes sides, ``s_i sum_j a_ij s_j``. Everything is serial and
double precision; with integer weights every sum below is exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SignArray, WordArray


@light(lambda indptr, indices, *_: indices.size)
@kernel
def flip_gains(
    indptr: IntArray, indices: IndexArray, weights: FloatArray, signs: SignArray, gains: FloatArray
) -> None:
    """Fill in the gain of every vertex."""
    for i in range(signs.size):
        pull = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            pull += weights[p] * signs[indices[p]]
        gains[i] = pull * signs[i]


@kernel
def anneal(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    signs: SignArray,
    gains: FloatArray,
    temperatures: FloatArray,
    log_uniform: FloatArray,
    stream: WordArray,
    value: FloatArray,
    best: SignArray,
) -> None:
    """Metropolis sweeps in index order, one for each temperature.

    A vertex changes sides if its gain is at least ``T log u``, u from the number stream; `log_uniform` holds the
    logarithms of equidistant u in (0, 1), its length a power of two, so a proposal costs no transcendental function,
    and one that is hopeless for the smallest u costs no number either. ``value[0]`` is the cut of `signs` (up to a
    constant), ``value[1]`` that of `best`, the greatest at the end of a sweep; both are kept up to date.
    ``stream[0]`` is the state of Marsaglia's xorshift64 (J. Stat. Softw. 8, 2003), an explicit formula.
    """
    n = signs.size
    x = stream[0]
    mask = np.uint64(log_uniform.size - 1)
    cut = value[0]
    for k in range(temperatures.size):
        T = temperatures[k]
        floor = T * log_uniform[0]
        for i in range(n):
            g = gains[i]
            if g <= 0.0:
                if g < floor:
                    continue
                x ^= x << np.uint64(13)
                x ^= x >> np.uint64(7)
                x ^= x << np.uint64(17)
                if g < T * log_uniform[(x >> np.uint64(20)) & mask]:
                    continue
            cut += g
            gains[i] = -g
            change = 2.0 * signs[i]
            signs[i] = -signs[i]
            for p in range(indptr[i], indptr[i + 1]):
                j = indices[p]
                gains[j] -= weights[p] * change * signs[j]
        if cut > value[1]:
            value[1] = cut
            for i in range(n):
                best[i] = signs[i]
    value[0] = cut
    stream[0] = x


@kernel
def greatest_cut(indptr: IntArray, indices: IndexArray, weights: FloatArray, signs: SignArray) -> None:
    """Fill in a cut of the greatest weight: all of them in the order of the Gray code, one flip from each to the next.

    `signs` is all ones before, and the last vertex stays there. The gains are summed up again now and then, so that
    rounding errors do not add up.
    """
    n = signs.size
    gains = np.empty(n)
    best = signs.copy()
    value = 0.0
    most = 0.0
    for k in range(1 << (n - 1)):
        if k > 0:
            i = 0
            while (k >> i) & 1 == 0:
                i += 1
            value += gains[i]
            gains[i] = -gains[i]
            signs[i] = -signs[i]
            for p in range(indptr[i], indptr[i + 1]):
                gains[indices[p]] += 2.0 * weights[p] * signs[i] * signs[indices[p]]
        if k % 65536 == 0:
            value = 0.0
            for i in range(n):
                pull = 0.0
                for p in range(indptr[i], indptr[i + 1]):
                    pull += weights[p] * signs[indices[p]]
                    if signs[indices[p]] != signs[i] and indices[p] > i:
                        value += weights[p]
                gains[i] = pull * signs[i]
        if value > most:
            most = value
            for v in range(n):
                best[v] = signs[v]
    for v in range(n):
        signs[v] = best[v]


@light(lambda indptr, indices, *_: indices.size + 4 * indptr.size)
@kernel
def recombine(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    base: SignArray,
    other: SignArray,
    mark: SignArray,
    stack: IndexArray,
) -> float:
    """Take over from `other` every connected piece of disagreement that does not make `base` worse.

    The vertices on which the two cuts disagree (up to a global flip) fall into connected pieces of the graph. No edge
    joins two pieces, so the gain of flipping one in `base` does not depend on the others, and the result is the
    greatest of all cuts that follow `base` or `other` piece by piece. Ties follow `other`, which lets the search drift
    along plateaus. Returns what `base` gained. O(n + m).
    """
    n = base.size
    apart = 0
    for i in range(n):
        if base[i] != other[i]:
            apart += 1
    mirror = 1 if 2 * apart <= n else -1
    for i in range(n):
        mark[i] = 1 if base[i] != mirror * other[i] else 0
    total = 0.0
    for root in range(n):
        if mark[root] != 1:
            continue
        size = 1
        stack[0] = root
        mark[root] = 2
        done = 0
        gain = 0.0
        while done < size:
            i = stack[done]
            done += 1
            for p in range(indptr[i], indptr[i + 1]):
                j = indices[p]
                if mark[j] == 0:
                    gain += weights[p] * base[i] * base[j]
                elif mark[j] == 1:
                    mark[j] = 2
                    stack[size] = j
                    size += 1
        if gain >= 0.0:
            total += gain
            for k in range(size):
                base[stack[k]] = -base[stack[k]]
    return total
