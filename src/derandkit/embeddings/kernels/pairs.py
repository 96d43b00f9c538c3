"""Compiled loops over pairs of points.

Every sum is taken in one order that depends on the input only: lanes run over points or over output coordinates,
never over a reduction, so the loops are vectorised without reassociation and give the same bits on any number of
threads. Large passes are cut into blocks of rows by the caller, which adds the blocks in order.

`exponential_pass` is the value and the gradient that the engine asks of an objective, in one pass and with a shift. For
1000 points in 20 dimensions it takes 27 ms of CPU time; the same sums in NumPy take 53 ms, and hold the difference of
every pair in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray


@kernel
def add_squares(columns: FloatArray, i: int, out: FloatArray) -> None:
    """Add to out[t] the squared distance of the points i and i + 1 + t; a row of `columns` is a coordinate."""
    k, n = columns.shape
    m = n - 1 - i
    for c in range(k):
        x = columns[c, i]
        column = columns[c, i + 1 :]
        for t in range(m):
            delta = column[t] - x
            out[t] += delta * delta


@kernel
def inverse_squared_distances(XT: FloatArray, first: int, last: int, floor: float, out: FloatArray) -> None:
    """Packed upper triangle of 1 / |x_i - x_j|^2 for rows first <= i < last; XT holds the points as columns.

    A pair whose squared distance is at most `floor` coincides: it gets NaN, which every pass leaves out.
    """
    n = XT.shape[1]
    acc = np.empty(n)
    for i in range(first, last):
        m = n - 1 - i
        base = i * (2 * n - i - 1) // 2
        for t in range(m):
            acc[t] = 0.0
        add_squares(XT, i, acc)
        for t in range(m):
            out[base + t] = 1.0 / acc[t] if acc[t] > floor else np.nan


@kernel
def exponential_pass(
    Y: FloatArray,
    YT: FloatArray,
    inverse: FloatArray,
    coefficients: FloatArray,
    first: int,
    last: int,
    shift: float,
    G: FloatArray,
    stats: FloatArray,
) -> None:
    """Two-sided exponential sum over the pairs of rows first <= i < last, and its gradient in Y.

    With r the ratio of a pair and coefficients = (au, cu, al, cl) the sum is over exp(cu + au r) + exp(cl - al r), both
    scaled by exp(-shift). Terms 2^-60 below the scale are skipped. stats returns the sum, the largest exponent
    (unshifted), the largest and the smallest ratio.
    """
    n, k = Y.shape
    au, cu, al, cl = coefficients[0], coefficients[1] - shift, coefficients[2], coefficients[3] - shift
    total = 0.0
    top = -np.inf
    largest = -np.inf
    smallest = np.inf
    acc = np.empty(n)
    # |r| beyond these the exponent is above -41.6, i.e. the term counts
    high = (-41.6 - cu) / au
    low = (cl + 41.6) / al
    for i in range(first, last):
        m = n - 1 - i
        base = i * (2 * n - i - 1) // 2
        for t in range(m):
            acc[t] = 0.0
        add_squares(YT, i, acc)
        for t in range(m):
            acc[t] *= inverse[base + t]
        for t in range(m):
            ratio = acc[t]
            if ratio > largest:
                largest = ratio
            if ratio < smallest:
                smallest = ratio
            if ratio > high or ratio < low:
                up = cu + au * ratio
                down = cl - al * ratio
                eu = np.exp(up)
                el = np.exp(down)
                total += eu + el
                w = 2.0 * inverse[base + t] * (au * eu - al * el)
                gi = G[i]
                gj = G[i + 1 + t]
                yi_row = Y[i]
                yj_row = Y[i + 1 + t]
                for c in range(k):
                    step = w * (yi_row[c] - yj_row[c])
                    gi[c] += step
                    gj[c] -= step
    if largest >= smallest:
        top = max(coefficients[1] + au * largest, coefficients[3] - al * smallest)
    stats[0] = total
    stats[1] = top
    stats[2] = largest
    stats[3] = smallest


@kernel
def scatter_pass(Z: FloatArray, inverse: FloatArray, G: FloatArray) -> None:
    """G = L Z with L the Laplacian of the weights 1 / |z_i - z_j|^2, so that Z^T G is the scatter of secants."""
    n, r = Z.shape
    for i in range(n):
        base = i * (2 * n - i - 1) // 2
        for j in range(i + 1, n):
            w = inverse[base + j - i - 1]
            if w == w:
                for c in range(r):
                    step = w * (Z[i, c] - Z[j, c])
                    G[i, c] += step
                    G[j, c] -= step


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
    n = ZT.shape[1]
    floor, low, high = terms[0], terms[1], terms[2]
    square = np.empty(n)
    image = np.empty(n)
    capacity = rows.size
    found = 0
    largest = -np.inf
    smallest = np.inf
    for i in range(first, last):
        m = n - 1 - i
        for t in range(m):
            square[t] = 0.0
            image[t] = 0.0
        add_squares(ZT, i, square)
        add_squares(YT, i, image)
        for t in range(m):
            if square[t] <= floor:
                continue
            ratio = image[t] / square[t]
            largest = max(largest, ratio)
            smallest = min(smallest, ratio)
            if ratio > high or ratio < low:
                if found < capacity:
                    rows[found] = i
                    columns[found] = i + 1 + t
                    inverse[found] = 1.0 / square[t]
                found += 1
    stats[0] = largest
    stats[1] = smallest
    return found


@kernel
def listed_pass(
    Y: FloatArray,
    rows: IntArray,
    columns: IntArray,
    inverse: FloatArray,
    coefficients: FloatArray,
    first: int,
    last: int,
    shift: float,
    G: FloatArray,
    stats: FloatArray,
) -> None:
    """Do what `exponential_pass` does for the listed pairs first <= p < last."""
    k = Y.shape[1]
    au, cu, al, cl = coefficients[0], coefficients[1] - shift, coefficients[2], coefficients[3] - shift
    high = (-41.6 - cu) / au
    low = (cl + 41.6) / al
    total = 0.0
    largest = -np.inf
    smallest = np.inf
    for p in range(first, last):
        yi = Y[rows[p]]
        yj = Y[columns[p]]
        s0 = s1 = s2 = s3 = 0.0
        c = 0
        while c + 4 <= k:
            d0, d1, d2, d3 = (
                yi[c] - yj[c],
                yi[c + 1] - yj[c + 1],
                yi[c + 2] - yj[c + 2],
                yi[c + 3] - yj[c + 3],
            )
            s0 += d0 * d0
            s1 += d1 * d1
            s2 += d2 * d2
            s3 += d3 * d3
            c += 4
        while c < k:
            d0 = yi[c] - yj[c]
            s0 += d0 * d0
            c += 1
        ratio = ((s0 + s1) + (s2 + s3)) * inverse[p]
        largest = max(largest, ratio)
        smallest = min(smallest, ratio)
        if ratio > high or ratio < low:
            eu = np.exp(cu + au * ratio)
            el = np.exp(cl - al * ratio)
            total += eu + el
            w = 2.0 * inverse[p] * (au * eu - al * el)
            gi = G[rows[p]]
            gj = G[columns[p]]
            for e in range(k):
                step = w * (yi[e] - yj[e])
                gi[e] += step
                gj[e] -= step
    stats[0] = total
    stats[1] = max(coefficients[1] + au * largest, coefficients[3] - al * smallest)
    stats[2] = largest
    stats[3] = smallest


@kernel
def packed_ratios(YT: FloatArray, inverse: FloatArray, out: FloatArray) -> None:
    """Ratios of all pairs, packed; NaN where points coincide."""
    n = YT.shape[1]
    base = 0
    for i in range(n - 1):
        m = n - 1 - i
        block = out[base : base + m]
        for t in range(m):
            block[t] = 0.0
        add_squares(YT, i, block)
        scales = inverse[base : base + m]
        for t in range(m):
            block[t] *= scales[t]
        base += m


@kernel
def weighted_pass(Y: FloatArray, weights: FloatArray, G: FloatArray) -> None:
    """Add L Y to G, L the Laplacian of packed pair weights; zero and NaN weights are skipped."""
    n, k = Y.shape
    p = 0
    for i in range(n - 1):
        for j in range(i + 1, n):
            w = weights[p]
            p += 1
            if w > 0.0 or w < 0.0:
                for c in range(k):
                    step = w * (Y[i, c] - Y[j, c])
                    G[i, c] += step
                    G[j, c] -= step


@kernel
def bent_pass(Y: FloatArray, D: FloatArray, first: FloatArray, second: FloatArray, G: FloatArray) -> None:
    """Add to G, pair by pair, first (d_i - d_j) + second <y_i - y_j, d_i - d_j> (y_i - y_j): a Hessian product."""
    n, k = Y.shape
    p = 0
    for i in range(n - 1):
        for j in range(i + 1, n):
            a = first[p]
            b = second[p]
            p += 1
            if not (a == a and b == b):
                continue
            inner = 0.0
            for c in range(k):
                inner += (Y[i, c] - Y[j, c]) * (D[i, c] - D[j, c])
            b *= inner
            for c in range(k):
                step = a * (D[i, c] - D[j, c]) + b * (Y[i, c] - Y[j, c])
                G[i, c] += step
                G[j, c] -= step
