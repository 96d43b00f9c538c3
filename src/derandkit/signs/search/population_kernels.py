"""Compiled loops of a population: 256 cuts of one graph that are annealed together, one bit a cut in every word.

Multi-spin coding (Jacobs and Rebbi, J. Comput. Phys. 41, 1981; Isakov, Zintchenko, Rønnow, Troyer, Comput. Phys.
Commun. 192, 2015). Weights are small integers, so what a vertex would gain by changing sides is counted with bitwise
sums of one-bit terms: an edge of weight w stands |w| times in the list of its ends. A visit of a vertex costs some
dozen instructions an edge for all 256 cuts together.

An entry of a list is ``2 j + 1`` for a positive edge to j, else ``2 j``. An edge is frustrated if it is positive and
not cut, or negative and cut; a cut weighs the sum of the positive weights less the weights of its frustrated edges.
Everything is integer arithmetic: the same bits on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.lanes import load, splat, store
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import IndexArray, IntArray, SignArray, WordArray


#: Bits of the counter of a vertex with few edges, and of one with many: D + 16 stays below 2 to that power.
NARROW, WIDE = 6, 10


@kernel
def draw_masks(probabilities: IntArray, masks: WordArray, stream: WordArray) -> None:
    """Fill equal blocks of rows with independent bits, each 1 with a probability in units of 2**-16.

    Bits of the probability, from the last to the first, take a random word in by *and* (0) or *or* (1).
    """
    x = stream[0]
    block = masks.shape[0] // probabilities.size
    for b in range(probabilities.size):
        p = probabilities[b]
        last = 16
        if p > 0:
            last = 0
            while (p >> last) & 1 == 0:
                last += 1
        for k in range(b * block, (b + 1) * block):
            for lane in range(masks.shape[1]):
                word = np.uint64(0)
                for bit in range(last, 16):
                    x ^= x << np.uint64(13)
                    x ^= x >> np.uint64(7)
                    x ^= x << np.uint64(17)
                    word = word | x if (p >> bit) & 1 else word & x
                masks[k, lane] = word
    stream[0] = x


@kernel
def sweep_population(
    indptr: IntArray,
    entries: IndexArray,
    start: WordArray,
    kinds: IndexArray,
    narrow: SignArray,
    masks: WordArray,
    words: WordArray,
    stream: WordArray,
    sweeps: int,
) -> None:
    """Metropolis sweeps in index order at one temperature.

    A flip that loses l units is accepted with probability q**l: if a geometric variable R, P(R >= l) = q**l, is at
    least l. The binary digits of such a variable are independent, digit k is 1 with probability q**(2**k) / (1 +
    q**(2**k)); `masks` holds four blocks of such digits, from which rows are drawn and rotated. With D the units at a
    vertex and N the frustrated ones, l = D - 2 N, so the flip is accepted if 2 N + R + (2**B - D) reaches 2**B: the
    counter starts at 2**B - D (row ``kinds[i]`` of `start`, a word for each bit), and its highest bit answers for all
    cuts.
    ``stream[0]`` is the state of Marsaglia's xorshift64.
    """
    x = stream[0]
    size = np.uint64(masks.shape[0] // 4)
    last = size - np.uint64(1)
    low, turn, all_of_them = np.uint64(63), np.uint64(64), ~np.uint64(0)
    for _ in range(sweeps):
        for i in range(words.shape[0]):
            x ^= x << np.uint64(13)
            x ^= x >> np.uint64(7)
            x ^= x << np.uint64(17)
            r = load(masks, (x >> np.uint64(6)) & last)
            r0 = r << splat(x & low) | r >> splat((turn - (x & low)) & low)
            r = load(masks, size + ((x >> np.uint64(22)) & last))
            by = (x >> np.uint64(16)) & low
            r1 = r << splat(by) | r >> splat((turn - by) & low)
            r = load(masks, size + size + ((x >> np.uint64(38)) & last))
            by = (x >> np.uint64(32)) & low
            r2 = r << splat(by) | r >> splat((turn - by) & low)
            r = load(masks, size + size + size + ((x >> np.uint64(54)) & last))
            by = (x >> np.uint64(48)) & low
            r3 = r << splat(by) | r >> splat((turn - by) & low)
            s = kinds[i]
            few = narrow[i]
            c0, c1, c2 = splat(start[s, 1]), splat(start[s, 2]), splat(start[s, 3])
            c3, c4, c5 = splat(start[s, 4]), splat(start[s, 5]), splat(start[s, 6])
            c6, c7, c8, c9 = splat(start[s, 7]), splat(start[s, 8]), splat(start[s, 9]), splat(start[s, 10])
            # R, and the lowest bit of the start, which N does not reach because it counts twice
            r0 = r0 & splat(start[s, 0])
            t = c0 ^ r0
            carry = (c0 & r0) | (t & r1)
            c0 = t ^ r1
            t = c1 ^ r2
            r1 = (c1 & r2) | (t & carry)
            c1 = t ^ carry
            t = c2 ^ r3
            carry = (c2 & r3) | (t & r1)
            c2 = t ^ r1
            t = c3 & carry
            c3 = c3 ^ carry
            carry = c4 & t
            c4 = c4 ^ t
            t = c5 & carry
            c5 = c5 ^ carry
            if not few:
                carry = c6 & t
                c6 = c6 ^ t
                t = c7 & carry
                c7 = c7 ^ carry
                carry = c8 & t
                c8 = c8 ^ t
                c9 = c9 ^ carry
            own = load(words, i)
            p, end = indptr[i], indptr[i + 1]
            while p + 4 <= end:  # four terms at a time: three full adders, then one carry to the top
                e = entries[p]
                y0 = own ^ load(words, e >> 1) ^ splat(all_of_them * np.uint64(e & 1))
                e = entries[p + 1]
                y1 = own ^ load(words, e >> 1) ^ splat(all_of_them * np.uint64(e & 1))
                e = entries[p + 2]
                y2 = own ^ load(words, e >> 1) ^ splat(all_of_them * np.uint64(e & 1))
                e = entries[p + 3]
                y3 = own ^ load(words, e >> 1) ^ splat(all_of_them * np.uint64(e & 1))
                t = c0 ^ y0
                first = (c0 & y0) | (t & y1)
                c0 = t ^ y1
                t = c0 ^ y2
                second = (c0 & y2) | (t & y3)
                c0 = t ^ y3
                t = c1 ^ first
                carry = (c1 & first) | (t & second)
                c1 = t ^ second
                t = c2 & carry
                c2 = c2 ^ carry
                carry = c3 & t
                c3 = c3 ^ t
                t = c4 & carry
                c4 = c4 ^ carry
                carry = c5 & t
                c5 = c5 ^ t
                if not few:
                    t = c6 & carry
                    c6 = c6 ^ carry
                    carry = c7 & t
                    c7 = c7 ^ t
                    t = c8 & carry
                    c8 = c8 ^ carry
                    c9 = c9 ^ t
                p += 4
            while p < end:
                e = entries[p]
                carry = own ^ load(words, e >> 1) ^ splat(all_of_them * np.uint64(e & 1))
                t = c0 & carry
                c0 = c0 ^ carry
                carry = c1 & t
                c1 = c1 ^ t
                t = c2 & carry
                c2 = c2 ^ carry
                carry = c3 & t
                c3 = c3 ^ t
                t = c4 & carry
                c4 = c4 ^ carry
                carry = c5 & t
                c5 = c5 ^ t
                if not few:
                    t = c6 & carry
                    c6 = c6 ^ carry
                    carry = c7 & t
                    c7 = c7 ^ t
                    t = c8 & carry
                    c8 = c8 ^ carry
                    c9 = c9 ^ t
                p += 1
            if few:
                store(words, i, own ^ c5)
            else:
                store(words, i, own ^ c9)
    stream[0] = x


@kernel
def count_frustrated(
    indptr: IntArray, entries: IndexArray, words: WordArray, digits: WordArray, total: IntArray
) -> None:
    """Count the units of frustrated edges of every cut.

    `digits`, shape (8, 4), is a scratch for the counters of up to 255 edges before they are added to `total`.
    """
    total[:] = 0
    digits[:] = 0
    zero = splat(np.uint64(0))
    all_of_them = ~np.uint64(0)
    c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = zero
    pending = 0
    n = words.shape[0]
    for i in range(n):
        own = load(words, i)
        for p in range(indptr[i], indptr[i + 1]):
            e = entries[p]
            if e >> 1 > i:
                break  # lists ascend, and every edge stands in two of them
            carry = own ^ load(words, e >> 1) ^ splat(all_of_them * np.uint64(e & 1))
            t = c0 & carry
            c0 = c0 ^ carry
            carry = c1 & t
            c1 = c1 ^ t
            t = c2 & carry
            c2 = c2 ^ carry
            carry = c3 & t
            c3 = c3 ^ t
            t = c4 & carry
            c4 = c4 ^ carry
            carry = c5 & t
            c5 = c5 ^ t
            t = c6 & carry
            c6 = c6 ^ carry
            c7 = c7 ^ t
            pending += 1
            if pending == 255:
                store(digits, 0, c0)
                store(digits, 1, c1)
                store(digits, 2, c2)
                store(digits, 3, c3)
                store(digits, 4, c4)
                store(digits, 5, c5)
                store(digits, 6, c6)
                store(digits, 7, c7)
                _add_digits(digits, total)
                c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = zero
                pending = 0
    store(digits, 0, c0)
    store(digits, 1, c1)
    store(digits, 2, c2)
    store(digits, 3, c3)
    store(digits, 4, c4)
    store(digits, 5, c5)
    store(digits, 6, c6)
    store(digits, 7, c7)
    _add_digits(digits, total)


@kernel
def _add_digits(digits: WordArray, total: IntArray) -> None:
    for r in range(total.size):
        lane, bit = r >> 6, np.uint64(r & 63)
        for k in range(digits.shape[0]):
            total[r] += np.int64((digits[k, lane] >> bit) & np.uint64(1)) << k


@light(lambda words, source, target: 4 * words.shape[0] * source.size)
@kernel
def copy_cuts(words: WordArray, source: IntArray, target: IntArray) -> None:
    """Overwrite the cuts `target` by the cuts `source`, two disjoint lists of one length."""
    one = np.uint64(1)
    for i in range(words.shape[0]):
        for k in range(source.size):
            side = (words[i, source[k] >> 6] >> np.uint64(source[k] & 63)) & one
            lane, bit = target[k] >> 6, np.uint64(target[k] & 63)
            words[i, lane] = (words[i, lane] & ~(one << bit)) | (side << bit)


@light(lambda words, *_: words.shape[0])
@kernel
def read_cut(words: WordArray, number: int, signs: SignArray) -> None:
    """Write one cut of the population out as signs."""
    lane, bit = number >> 6, np.uint64(number & 63)
    for i in range(words.shape[0]):
        signs[i] = 1 if (words[i, lane] >> bit) & np.uint64(1) else -1
