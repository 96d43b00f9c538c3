"""Compiled loops of the search on dense graphs: annealing and tabu search on rows of 32-bit integers.

The *field* of vertex i is ``sum_j a_ij s_j``, and what the cut gains when i changes sides is ``s_i`` times that. A flip
adds a row of the matrix to all fields: one pass over contiguous memory, exact, and the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SignArray, WordArray


@kernel
def dense_fields(rows: IndexArray, signs: SignArray, fields: IndexArray) -> None:
    """Fill in the field of every vertex."""
    n = signs.size
    fields[:] = 0
    for i in range(n):
        if signs[i] > 0:
            for j in range(n):
                fields[j] += rows[i, j]
        else:
            for j in range(n):
                fields[j] -= rows[i, j]


@kernel
def flip(rows: IndexArray, signs: SignArray, fields: IndexArray, i: int) -> None:
    """Change the side of one vertex."""
    change = np.int32(-2 * signs[i])
    signs[i] = -signs[i]
    for j in range(signs.size):
        fields[j] += change * rows[i, j]


@kernel
def dense_anneal(
    rows: IndexArray,
    signs: SignArray,
    fields: IndexArray,
    temperatures: FloatArray,
    log_uniform: FloatArray,
    stream: WordArray,
    value: IntArray,
    best: SignArray,
) -> int:
    """Metropolis sweeps in index order, one for each temperature; return the number of flips.

    The rule is that of `derandkit.signs.search.annealing_kernels.anneal`. ``value[0]`` is the cut of `signs` (up to a
    constant), ``value[1]`` that of `best`; both are kept up to date.
    """
    n = signs.size
    x = stream[0]
    mask = np.uint64(log_uniform.size - 1)
    cut = value[0]
    flips = 0
    for k in range(temperatures.size):
        T = temperatures[k]
        floor = T * log_uniform[0]
        for i in range(n):
            g = np.int64(signs[i]) * np.int64(fields[i])
            if g <= 0:
                if g < floor:
                    continue
                x ^= x << np.uint64(13)
                x ^= x >> np.uint64(7)
                x ^= x << np.uint64(17)
                if g < T * log_uniform[(x >> np.uint64(20)) & mask]:
                    continue
            cut += g
            flip(rows, signs, fields, i)
            flips += 1
        if cut > value[1]:
            value[1] = cut
            for v in range(n):
                best[v] = signs[v]
    value[0] = cut
    stream[0] = x
    return flips


@kernel
def dense_tabu(
    rows: IndexArray,
    signs: SignArray,
    fields: IndexArray,
    tenure: int,
    patience: int,
    most: int,
    free: IndexArray,
    stream: WordArray,
    value: IntArray,
    best: SignArray,
) -> int:
    """Flip the vertex that gains most or loses least, and hold it for a while; return the number of flips.

    Held vertices are flipped only to a cut greater than the best. It ends after `patience` flips without such a cut, or
    after `most`. A vertex is held for `tenure` flips and up to 15 more, by the number stream (Glover 1989; Palubeckis
    2004 for this problem). `free` is scratch, shape (n,); the rest is as in `dense_anneal`.
    """
    n = signs.size
    x = stream[0]
    cut = value[0]
    free[:] = 0
    since = 0
    done = 0
    held = np.int32(-(2**31) + 1)
    while done < most and since < patience:
        now = np.int32(done)
        aspired = np.int32(min(value[1] - cut, np.int64(2**30)))
        # the greatest gain, and then who has it: a loop without branches takes several vertices at a time
        top = held
        for i in range(n):
            g = np.int32(np.int32(signs[i]) * fields[i])
            g = g if (free[i] <= now) | (g > aspired) else held
            top = max(top, g)
        chosen = done % n
        if top > held:
            chosen = 0
            while signs[chosen] * fields[chosen] != top or (free[chosen] > now and top <= aspired):
                chosen += 1
        cut += np.int64(signs[chosen]) * np.int64(fields[chosen])
        flip(rows, signs, fields, chosen)
        x ^= x << np.uint64(13)
        x ^= x >> np.uint64(7)
        x ^= x << np.uint64(17)
        done += 1
        free[chosen] = np.int32(done + tenure + np.int64((x >> np.uint64(20)) & np.uint64(15)))
        if cut > value[1]:
            value[1] = cut
            for v in range(n):
                best[v] = signs[v]
            since = 0
        else:
            since += 1
    value[0] = cut
    stream[0] = x
    return done


@kernel
def cross(one: SignArray, other: SignArray, stream: WordArray, child: SignArray) -> None:
    """Give a child the sides on which two cuts agree, up to a flip of all, and random ones elsewhere."""
    n = one.size
    x = stream[0]
    alike = 0
    for i in range(n):
        if one[i] == other[i]:
            alike += 1
    mirror = 1 if 2 * alike >= n else -1
    for i in range(n):
        child[i] = one[i]
        if one[i] != mirror * other[i]:
            x ^= x << np.uint64(13)
            x ^= x >> np.uint64(7)
            x ^= x << np.uint64(17)
            if (x >> np.uint64(20)) & np.uint64(1):
                child[i] = -one[i]
    stream[0] = x
