"""A compiled scan over all pairs of many points, which collects those whose ratio leaves a band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.jit import Rows
    from derandkit.numerics.typing import FloatArray, IntArray, SingleArray

TILE = 1024
"""Points that a scan holds in the cache while it goes through rows."""

PART = 64
"""Pairs that are passed over at a time if none of them matters."""

_SINGLE = 2.0**-24
_APART = 64.0


def estimates(ZT: FloatArray, YT: FloatArray) -> tuple[float, float, float]:
    """Return ``near``, ``own`` and ``shift`` of `harvest_pass`: how far ratios in single precision are off.

    Parameters
    ----------
    ZT, YT : ndarray, shape (r, n) and (k, n)
        Points and images, a coordinate a row.

    Notes
    -----
    Entries are rounded once, so a difference of two points is off by u times their lengths and itself, u = 2^-24, and a
    sum of r squares by ``(r + 2) u`` of itself. With X and Y twice the greatest lengths and ``|d| >= X / 64``, that is
    ``(2 * 65 + r + 2) u`` of the squared distance, ``(k + 4) u`` of that of the images, and ``64 u Y / X`` of the
    root of their quotient.

    Examples
    --------
    >>> near, own, shift = estimates(np.array([[3.0, 0.0], [4.0, 1.0]]), np.array([[5.0, 0.0]]))
    >>> near < 0.03, own < 1e-5, shift < 1e-5
    (True, True, True)
    """
    r, k = ZT.shape[0], YT.shape[0]
    reach = max(2.0 * float(np.sqrt(np.max(np.sum(ZT * ZT, axis=0)))), 1e-300)
    images = 2.0 * float(np.sqrt(np.max(np.sum(YT * YT, axis=0))))
    own = 1.1 * (2.0 * (_APART + 1.0) + r + k + 16.0) * _SINGLE
    return 1.01 * (reach / _APART) ** 2, own, 1.1 * _APART * _SINGLE * images / reach


@kernel
def harvest_pass(
    ZT: FloatArray,
    YT: FloatArray,
    singles: tuple[SingleArray, SingleArray],
    first: int,
    last: int,
    terms: FloatArray,
    rows: IntArray,
    columns: IntArray,
    inverse: FloatArray,
    stats: FloatArray,
) -> int:
    """Collect the pairs of rows first <= i < last whose ratio leaves a band; return how many there are.

    `singles` holds ZT and YT in single precision, in which twice as many pairs are handled at a time. terms = (floor,
    low, high, near, own, shift): an estimate q of a ratio whose squared distance is above `near` is off by less than
    ``own q + 2 shift sqrt(q) + shift^2`` (`estimates`). Pairs that may leave the band or be the most extreme ones so
    far, and nearer pairs, are computed in double precision; so what comes out does not depend on the estimates. At
    most rows.size pairs are written; the count goes on. stats returns the largest and the smallest ratio.
    """
    n = ZT.shape[1]
    floor, low, high, near, own, shift = terms[0], terms[1], terms[2], terms[3], terms[4], terms[5]
    square = np.empty(TILE)
    image = np.empty(TILE)
    square_ = np.empty(TILE, dtype=np.float32)
    image_ = np.empty(TILE, dtype=np.float32)
    outside = np.empty(TILE, dtype=np.int32)
    places = np.empty(TILE + 1, dtype=np.int64)
    # a row of these is a point: its coordinates are far apart in the others
    Z, Y = ZT[:, first:last].T.copy(), YT[:, first:last].T.copy()
    Z_, Y_ = singles[0][:, first:last].T.copy(), singles[1][:, first:last].T.copy()
    capacity = rows.size
    found = 0
    largest = -np.inf
    smallest = np.inf
    for start in range(first + 1, n, TILE):  # these points stay in the cache for all rows
        stop = min(start + TILE, n)
        points, images = ZT[:, start:stop].copy(), YT[:, start:stop].copy()
        beside, beside_ = points.T.copy(), images.T.copy()
        points_, images_ = singles[0][:, start:stop].copy(), singles[1][:, start:stop].copy()
        for i in range(first, min(last, stop - 1)):
            at = max(i + 1 - start, 0)
            z, y, z_, y_ = Z[i - first], Y[i - first], Z_[i - first], Y_[i - first]
            m = stop - start - at
            for t in range(m):
                square_[t] = 0.0
                image_[t] = 0.0
            add_squares_to(points_, z_, at, square_, m)
            add_squares_to(images_, y_, at, image_, m)
            # twice the bound at the edge: an estimate that is further inside belongs to a ratio that is inside
            edge = min(high, max(largest, 0.0))
            above = np.float32(edge - 2.0 * (own * edge + 2.0 * shift * np.sqrt(edge) + shift * shift))
            edge = max(low, min(smallest, 4.0 * high))
            below = np.float32(edge + 2.0 * (own * edge + 2.0 * shift * np.sqrt(edge) + shift * shift))
            least = np.float32(near)
            # no division, so that the loop is vectorised; what is not a number is not inside
            for t in range(m):
                size, seen = square_[t], image_[t]
                inside = (size > least) & (seen < above * size) & (seen > below * size)
                outside[t] = 0 if inside else 1
            count = 0
            for part in range(0, m, PART):
                end = min(part + PART, m)
                some = 0
                for t in range(part, end):
                    some += outside[t]
                if some > 0:
                    for t in range(part, end):
                        places[count] = t
                        count += outside[t]
            if 32 * count > m:  # then all at once takes less time than one by one
                for t in range(m):
                    square[t] = 0.0
                    image[t] = 0.0
                    places[t] = t
                add_squares_to(points, z, at, square, m)
                add_squares_to(images, y, at, image, m)
                count = m
            else:
                for s in range(count):
                    t = places[s]
                    square[t] = square_between(beside[at + t], z)
                    image[t] = square_between(beside_[at + t], y)
            for s in range(count):
                t = places[s]
                ratio = image[t] / square[t] if square[t] > floor else np.nan
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
def squares_between(X: FloatArray, rows: IntArray, columns: IntArray, out: FloatArray) -> None:
    """Squared distances of the listed pairs of points, a point a row of X: the bits of `harvest_pass`."""
    for p in range(rows.size):
        out[p] = square_between(X[columns[p]], X[rows[p]])


@kernel
def square_between(x: FloatArray, y: FloatArray) -> float:
    """Return the squared distance of two points: the same bits as `add_squares_to` gives."""
    k = x.size
    out = 0.0
    c = 0
    while c + 4 <= k:
        d0, d1, d2, d3 = x[c] - y[c], x[c + 1] - y[c + 1], x[c + 2] - y[c + 2], x[c + 3] - y[c + 3]
        out += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3)
        c += 4
    while c < k:
        delta = x[c] - y[c]
        out += delta * delta
        c += 1
    return out


@kernel
def add_squares_to(columns: Rows, x: Rows, at: int, out: Rows, count: int) -> None:
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
