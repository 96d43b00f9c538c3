"""Compiled loops of a population under any weights: 64 cuts of one graph, eight vectors of eight signs a vertex.

Row ``8 i + k`` of `signs` holds the sides of vertex i in cuts ``8 k`` to ``8 k + 7``. The pull on a vertex is added up
anew at every visit, for all cuts at once, in the order of its edges: its rounding errors do not accumulate, and are
the same on every machine. They decide nothing but which proposals are accepted; what a cut weighs is computed exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.lanes import flipped, load, splat, store

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray, SingleArray, WordArray


@kernel
def sweep_fields(
    indptr: IntArray,
    indices: IndexArray,
    weights: SingleArray,
    signs: SingleArray,
    draws: SingleArray,
    temperature: np.float32,
    stream: WordArray,
    sweeps: int,
) -> None:
    """Metropolis sweeps in index order at one temperature.

    `draws` holds logarithms of numbers in (0, 1) in rows of eight; a visit takes eight consecutive rows from a random
    place, so the number of rows is a power of two and seven more. ``stream[0]`` is the state of Marsaglia's xorshift64.
    """
    x = stream[0]
    last = np.uint64(draws.shape[0] - 8)
    zero, heat = splat(np.float32(0.0)), splat(temperature)
    for _ in range(sweeps):
        for i in range(indptr.size - 1):
            p0 = p1 = p2 = p3 = p4 = p5 = p6 = p7 = zero
            for p in range(indptr[i], indptr[i + 1]):
                w = splat(weights[p])
                j = 8 * indices[p]
                p0 = p0 + w * load(signs, j)
                p1 = p1 + w * load(signs, j + 1)
                p2 = p2 + w * load(signs, j + 2)
                p3 = p3 + w * load(signs, j + 3)
                p4 = p4 + w * load(signs, j + 4)
                p5 = p5 + w * load(signs, j + 5)
                p6 = p6 + w * load(signs, j + 6)
                p7 = p7 + w * load(signs, j + 7)
            x ^= x << np.uint64(13)
            x ^= x >> np.uint64(7)
            x ^= x << np.uint64(17)
            d = np.int64((x >> np.uint64(20)) & last)
            j = 8 * np.int32(i)
            own = load(signs, j)
            store(signs, j, flipped(own, p0 * own, heat * load(draws, d)))
            own = load(signs, j + 1)
            store(signs, j + 1, flipped(own, p1 * own, heat * load(draws, d + 1)))
            own = load(signs, j + 2)
            store(signs, j + 2, flipped(own, p2 * own, heat * load(draws, d + 2)))
            own = load(signs, j + 3)
            store(signs, j + 3, flipped(own, p3 * own, heat * load(draws, d + 3)))
            own = load(signs, j + 4)
            store(signs, j + 4, flipped(own, p4 * own, heat * load(draws, d + 4)))
            own = load(signs, j + 5)
            store(signs, j + 5, flipped(own, p5 * own, heat * load(draws, d + 5)))
            own = load(signs, j + 6)
            store(signs, j + 6, flipped(own, p6 * own, heat * load(draws, d + 6)))
            own = load(signs, j + 7)
            store(signs, j + 7, flipped(own, p7 * own, heat * load(draws, d + 7)))
    stream[0] = x


@kernel
def weigh_cuts(
    indptr: IntArray, indices: IndexArray, weights: FloatArray, signs: SingleArray, cuts: FloatArray
) -> None:
    """Add up what every cut weighs, in double precision."""
    cuts[:] = 0.0
    for i in range(indptr.size - 1):
        for p in range(indptr[i], indptr[i + 1]):
            if indices[p] > i:
                break  # lists ascend, and every edge stands in two of them
            half = 0.5 * weights[p]
            for k in range(8):
                for r in range(8):
                    product = signs[8 * i + k, r] * signs[8 * indices[p] + k, r]
                    cuts[8 * k + r] += half - half * product


@kernel
def scatter_signs(signs: SingleArray, stream: WordArray) -> None:
    """Draw every side of every cut."""
    x = stream[0]
    for i in range(signs.shape[0]):
        x ^= x << np.uint64(13)
        x ^= x >> np.uint64(7)
        x ^= x << np.uint64(17)
        for r in range(signs.shape[1]):
            signs[i, r] = 1.0 if (x >> np.uint64(20 + r)) & np.uint64(1) else -1.0
    stream[0] = x
