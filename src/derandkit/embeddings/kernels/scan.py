"""A compiled scan over all pairs of many points, which collects those whose ratio leaves a band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray

TILE = 1024
"""Points that a scan holds in the cache while it goes through rows."""


@kernel
def harvest_pass(
    ZT: FloatArray,
    YT: FloatArray,
    first: int,
    last: int,
    terms: FloatArray,
    rows: IntArray,
    columns: IntArray,
    inverse: FloatArray,
    stats: FloatArray,
) -> int:
    """Collect the pairs of rows first <= i < last whose ratio leaves a band; return how many there are.

    terms = (floor, low, high). At most rows.size pairs are written; the count goes on. stats returns the largest
    and the smallest ratio.
    """
    n, r, k = ZT.shape[1], ZT.shape[0], YT.shape[0]
    floor, low, high = terms[0], terms[1], terms[2]
    square = np.empty(TILE)
    image = np.empty(TILE)
    z, y = np.empty(r), np.empty(k)
    capacity = rows.size
    found = 0
    largest = -np.inf
    smallest = np.inf
    for start in range(first + 1, n, TILE):  # these points stay in the cache for all rows
        stop = min(start + TILE, n)
        points, images = ZT[:, start:stop].copy(), YT[:, start:stop].copy()
        for i in range(first, min(last, stop - 1)):
            at = max(i + 1 - start, 0)
            for c in range(r):
                z[c] = ZT[c, i]
            for c in range(k):
                y[c] = YT[c, i]
            m = stop - start - at
            for t in range(m):
                square[t] = 0.0
                image[t] = 0.0
            add_squares_to(points, z, at, square, m)
            add_squares_to(images, y, at, image, m)
            for t in range(m):
                image[t] = image[t] / square[t] if square[t] > floor else np.nan
            for t in range(m):
                ratio = image[t]
                if ratio > largest:
                    largest = ratio
                if ratio < smallest:
                    smallest = ratio
                if ratio > high or ratio < low:
                    if found < capacity:
                        rows[found] = i
                        columns[found] = start + at + t
                        inverse[found] = 1.0 / square[t]
                    found += 1
    stats[0] = largest
    stats[1] = smallest
    return found


@kernel
def add_squares_to(columns: FloatArray, x: FloatArray, at: int, out: FloatArray, count: int) -> None:
    """Add to out[t] the squared distance of x and the point in place at + t; a row of `columns` is a coordinate."""
    k = columns.shape[0]
    c = 0
    while c + 4 <= k:
        x0, x1, x2, x3 = x[c], x[c + 1], x[c + 2], x[c + 3]
        r0, r1, r2, r3 = columns[c, at:], columns[c + 1, at:], columns[c + 2, at:], columns[c + 3, at:]
        for t in range(count):
            d0, d1, d2, d3 = r0[t] - x0, r1[t] - x1, r2[t] - x2, r3[t] - x3
            out[t] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3)
        c += 4
    while c < k:
        column = columns[c, at:]
        for t in range(count):
            delta = column[t] - x[c]
            out[t] += delta * delta
        c += 1
