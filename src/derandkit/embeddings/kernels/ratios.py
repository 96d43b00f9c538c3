"""Compiled measurement of every pair: its ratio, with a bound on the rounding error made from the pair itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray

#: A difference of larger numbers may overflow: both are halved before.
_HALVED = 2.0**1022
#: Of the size of the cloud: nothing is stated of the written images of pairs that are nearer.
_NEAREST = 2.0**-300
#: Rows whose distances are summed together, and points of one piece: four columns of them stay in the nearest cache.
_ROWS, _TILE = 16, 512


@light(lambda columns, first, last, out: columns.shape[0] * (columns.shape[1] - first) * (last - first))
@kernel
def add_squares(columns: FloatArray, first: int, last: int, out: FloatArray) -> None:
    """Add to out[i - first, j] the squared distance of the points first <= i < last and j > i.

    A row of `columns` is a coordinate. The sum of a pair is that of the function of this name in
    `derandkit.embeddings.kernels.pairs`. But here a piece of four columns serves several rows while it is in the cache:
    of wide tables the columns would take longer to be read than to be worked on.
    """
    k, n = columns.shape
    c = 0
    while c + 4 <= k:  # four at a time, so that `out` is read and written once for them
        for begin in range(first + 1, n, _TILE):
            end = min(begin + _TILE, n)
            for i in range(first, last):
                at = max(begin, i + 1)
                x0, x1, x2, x3 = columns[c, i], columns[c + 1, i], columns[c + 2, i], columns[c + 3, i]
                r0, r1, r2, r3 = (
                    columns[c, at:end],
                    columns[c + 1, at:end],
                    columns[c + 2, at:end],
                    columns[c + 3, at:end],
                )
                row = out[i - first, at:end]
                for t in range(end - at):
                    d0, d1, d2, d3 = r0[t] - x0, r1[t] - x1, r2[t] - x2, r3[t] - x3
                    row[t] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3)
        c += 4
    while c < k:
        for i in range(first, last):
            x = columns[c, i]
            column = columns[c, i + 1 :]
            row = out[i - first, i + 1 :]
            for t in range(n - 1 - i):
                delta = column[t] - x
                row[t] += delta * delta
        c += 1


@light(lambda T, A, *_: 2 * A.size)
@kernel
def direct_ratio(
    T: FloatArray, A: FloatArray, i: int, j: int, v: FloatArray, terms: FloatArray, out: FloatArray
) -> None:
    """Ratio of one pair from the difference of its rows, with a bound on its error: O(d k).

    Columns in which the two points agree drop out exactly, whatever the map holds there. The difference is scaled by a
    power of two of its own, so that neither it nor its square leaves the doubles. terms as for `ratio_pass`; out
    returns the ratio, the bound, and the distance, scaled as terms[9] says.
    """
    k, d = A.shape
    power = -2000
    for c in range(d):
        if T[i, c] != T[j, c]:
            half = 1 if max(abs(T[i, c]), abs(T[j, c])) >= _HALVED else 0
            v[c] = math.ldexp(T[i, c], -half) - math.ldexp(T[j, c], -half)
            power = max(power, math.frexp(v[c])[1] + half)
    square = 0.0
    for c in range(d):
        if T[i, c] != T[j, c]:
            half = 1 if max(abs(T[i, c]), abs(T[j, c])) >= _HALVED else 0
            v[c] = math.ldexp(v[c], half - power)
        else:
            v[c] = 0.0
        square += v[c] * v[c]
    image = 0.0
    weight = 0.0
    for l in range(k):  # noqa: E741
        y = 0.0
        w = 0.0
        for c in range(d):
            term = A[l, c] * v[c]
            y += term
            w += abs(term)
        image += y * y
        weight += w * w
    ratio = image / square
    error = terms[1] * np.sqrt(weight / square)
    out[0] = ratio
    out[1] = (
        error * (2.0 * np.sqrt(ratio) + error) * (1.0 + terms[3])
        + terms[3] * ratio
        + 4.0 * terms[4] * (1.0 + ratio)
    )
    out[2] = math.ldexp(np.sqrt(square), power - int(terms[9]))


@light(lambda XT, YT, T, A, sizes, terms, first, last, *_: 24 * (last - first) * XT.shape[1])
@kernel
def ratio_pass(
    XT: FloatArray,
    YT: FloatArray,
    T: FloatArray,
    A: FloatArray,
    sizes: FloatArray,
    terms: FloatArray,
    first: int,
    last: int,
    work: FloatArray,
    bits: IntArray,
    counts: IntArray,
    stats: FloatArray,
    where: IntArray,
    shares: FloatArray,
) -> None:
    """Measure every pair of rows first <= i < last from the points themselves.

    XT, YT hold centred points and images as columns, T the points as given, A the map. sizes holds a row each
    of |x|, of ||A| |x||, of what rounding an image once more may change, and of the weights q of the points. terms =
    (floor, slack, shift of x, relative, unit, hard, mu, eps, shift of the sum, exponent of the scale of XT): pairs with
    squared distance <= floor are close; slack (||A| |x_i|| + ||A| |x_j||) bounds the rounding error of |y_i - y_j|. A
    pair that is close, or whose ratio could be off by more than `hard`, is computed again from the difference of its
    rows.

    counts is a histogram of |r - 1| by its leading bits (`bits` is the integer view of `work`). stats returns
    largest r, smallest r, sum of |r - 1|, largest bound on the error of a ratio, the sum of exp(mu (r - 1 - eps) -
    shift) + exp(mu (1 - eps - r) - shift) when mu > 0, the largest |r - 1| that rounded images can have, and the sums
    of q_i q_j times |r - 1|^2, |r - 1|^4 and 1. where returns the pairs of the two extremes, lowest index first, and
    the numbers of pairs and of close ones. shares, if it has a column a point, collects the sum of |r - 1| and the
    number of pairs of every point.
    """
    d, n = XT.shape
    shared = shares.shape[1] == n
    floor, slack, eta, relative, unit, hard = terms[0], terms[1], terms[2], terms[3], terms[4], terms[5]
    mu, eps, shift = terms[6], terms[7], terms[8]
    largest = -np.inf
    smallest = np.inf
    deviation = 0.0
    margin = 0.0
    written = 0.0
    psi = 0.0
    squares = 0.0
    fourths = 0.0
    masses = 0.0
    measured = 0
    close = 0
    squares_ = np.empty((min(_ROWS, last - first), n))
    images_ = np.empty((min(_ROWS, last - first), n))
    image = np.empty(n)
    bounds = np.empty(n)
    written_ = np.empty(n)
    steps = np.empty(n)
    difference = np.empty(d)
    again = np.empty(3)
    size = counts.size
    offset = (np.int64(1023 - 60) << 52) >> 42
    for i in range(4):
        where[i] = 0
    for i in range(first, last):
        m = n - 1 - i
        row = (i - first) % _ROWS
        if row == 0:
            stop = min(i + _ROWS, last)
            for s in range(stop - i):
                for t in range(n):
                    squares_[s, t] = 0.0
                    images_[s, t] = 0.0
            add_squares(XT, i, stop, squares_)
            add_squares(YT, i, stop, images_)
        for t in range(m):
            work[t] = squares_[row, i + 1 + t]
            image[t] = images_[row, i + 1 + t]
        size_x, size_reach, size_written = sizes[0, i], sizes[1, i], sizes[2, i]
        xs, reaches, writes = sizes[0, i + 1 :], sizes[1, i + 1 :], sizes[2, i + 1 :]
        for t in range(m):  # no branch and no reduction, so it is vectorised
            square = work[t] if work[t] > floor else 1.0
            ratio = image[t] / square
            per = 1.0 / np.sqrt(square)
            root = np.sqrt(ratio)
            error = slack * (size_reach + reaches[t]) * per
            off_square = relative + eta * (size_x + xs[t]) * per
            bound = (
                error * (2.0 * root + error) * (1.0 + off_square)
                + off_square * ratio
                + 4.0 * unit * (1.0 + ratio)
            )
            # what is written is off from the exact image by an error of the same kind, and by its own rounding
            reach = (error + (size_written + writes[t]) * per) * (1.0 + off_square)
            up = np.sqrt(ratio + bound) + reach
            down = max(np.sqrt(max(ratio - bound, 0.0)) - reach, 0.0)
            written_[t] = max(up * up - 1.0, 1.0 - down * down)
            steps[t] = reach
            bounds[t] = bound
            image[t] = ratio
        row_deviation = 0.0
        row_squares = 0.0
        row_fourths = 0.0
        row_mass = 0.0
        for t in range(m):
            j = i + 1 + t
            ratio = image[t]
            bound = bounds[t]
            near = work[t] <= floor
            if near or not bound <= hard:
                direct_ratio(T, A, i, j, difference, terms, again)
                ratio = again[0]
                bound = again[1]
                reach = steps[t]
                if near:
                    close += 1
                    absolute = slack * (size_reach + reaches[t]) + size_written + writes[t]
                    # the rounding of the least numbers underflows where a distance is so small beside the others
                    reach = absolute * (1.0 + relative) / again[2] if again[2] >= _NEAREST else np.inf
                up = np.sqrt(ratio + bound) + reach
                down = max(np.sqrt(max(ratio - bound, 0.0)) - reach, 0.0)
                written_[t] = max(up * up - 1.0, 1.0 - down * down)
            if written_[t] > written:
                written = written_[t]
            if ratio > largest:
                largest = ratio
                where[0] = i
                where[1] = j
            if ratio < smallest:
                smallest = ratio
                where[2] = i
                where[3] = j
            if not bound <= margin:
                margin = bound
            off = abs(ratio - 1.0)
            row_deviation += off
            q = sizes[3, j]
            row_squares += q * off * off
            row_fourths += q * off * off * off * off
            row_mass += q
            work[t] = off
            measured += 1
            if shared:
                shares[0, i] += off
                shares[0, j] += off
                shares[1, i] += 1.0
                shares[1, j] += 1.0
            if mu > 0.0:
                psi += math.exp(mu * (ratio - 1.0 - eps) - shift) + math.exp(mu * (1.0 - eps - ratio) - shift)
        deviation += row_deviation
        squares += sizes[3, i] * row_squares
        fourths += sizes[3, i] * row_fourths
        masses += sizes[3, i] * row_mass
        for t in range(m):
            place = (bits[t] >> 42) - offset
            counts[min(max(place, 0), size - 1)] += 1
    stats[0] = largest
    stats[1] = smallest
    stats[2] = deviation
    stats[3] = margin
    stats[4] = psi
    stats[5] = written
    stats[6] = squares
    stats[7] = fourths
    stats[8] = masses
    where[4] = measured
    where[5] = close
