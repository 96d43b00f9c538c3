"""Compiled sums over pairs of a polynomial of the ratio, and their derivatives: the mean objectives.

Loops and the order of sums are those of `derandkit.embeddings.kernels.pairs`. Every pair takes part in every pass: for
1000 points in 64 dimensions one takes 25 ms of CPU time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


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
def power_pass(
    Y: FloatArray,
    YT: FloatArray,
    inverse: FloatArray,
    mass: FloatArray,
    coefficients: FloatArray,
    first: int,
    last: int,
    G: FloatArray,
    stats: FloatArray,
) -> None:
    """Sum ``q_i q_j f(r - 1)`` over the pairs of rows first <= i < last, and add its gradient in Y to G.

    ``f(x)`` has the coefficients c_0 .. c_4, `mass` holds q. A pair whose inverse squared distance is NaN is left out.
    stats returns the sums of q_i q_j times f, f' and r f''.
    """
    n, k = Y.shape
    c0, c1, c2, c3, c4 = coefficients[0], coefficients[1], coefficients[2], coefficients[3], coefficients[4]
    value = 0.0
    slope = 0.0
    bend = 0.0
    acc = np.empty(n)
    for i in range(first, last):
        m = n - 1 - i
        base = i * (2 * n - i - 1) // 2
        for t in range(m):
            acc[t] = 0.0
        add_squares(YT, i, acc)
        qi = mass[i]
        yi_row = Y[i]
        gi = G[i]
        for t in range(m):
            scale = inverse[base + t]
            if scale != scale:
                continue
            ratio = acc[t] * scale
            q = qi * mass[i + 1 + t]
            x = ratio - 1.0
            derivative = c1 + x * (2.0 * c2 + x * (3.0 * c3 + x * 4.0 * c4))
            value += q * (c0 + x * (c1 + x * (c2 + x * (c3 + x * c4))))
            slope += q * derivative
            bend += q * ratio * (2.0 * c2 + x * (6.0 * c3 + x * 12.0 * c4))
            w = 2.0 * q * scale * derivative
            gj = G[i + 1 + t]
            yj_row = Y[i + 1 + t]
            for c in range(k):
                step = w * (yi_row[c] - yj_row[c])
                gi[c] += step
                gj[c] -= step
    stats[0] = value
    stats[1] = slope
    stats[2] = bend


@kernel
def power_bend_pass(
    Y: FloatArray,
    YT: FloatArray,
    D: FloatArray,
    DT: FloatArray,
    inverse: FloatArray,
    mass: FloatArray,
    coefficients: FloatArray,
    first: int,
    last: int,
    G: FloatArray,
) -> None:
    """Add to G the derivative, along D, of the gradient in Y that `power_pass` computes."""
    n, k = Y.shape
    c1, c2, c3, c4 = coefficients[1], coefficients[2], coefficients[3], coefficients[4]
    acc = np.empty(n)
    along = np.empty(n)
    for i in range(first, last):
        m = n - 1 - i
        base = i * (2 * n - i - 1) // 2
        for t in range(m):
            acc[t] = 0.0
            along[t] = 0.0
        for c in range(k):
            yi = Y[i, c]
            di = D[i, c]
            images = YT[c, i + 1 :]
            moves = DT[c, i + 1 :]
            for t in range(m):
                delta = images[t] - yi
                acc[t] += delta * delta
                along[t] += delta * (moves[t] - di)
        yi_row = Y[i]
        di_row = D[i]
        gi = G[i]
        for t in range(m):
            scale = inverse[base + t]
            if scale != scale:
                continue
            q = mass[i] * mass[i + 1 + t]
            x = acc[t] * scale - 1.0
            a = 2.0 * q * scale * (c1 + x * (2.0 * c2 + x * (3.0 * c3 + x * 4.0 * c4)))
            b = 4.0 * q * scale * scale * (2.0 * c2 + x * (6.0 * c3 + x * 12.0 * c4)) * along[t]
            yj_row = Y[i + 1 + t]
            dj_row = D[i + 1 + t]
            gj = G[i + 1 + t]
            for c in range(k):
                step = a * (di_row[c] - dj_row[c]) + b * (yi_row[c] - yj_row[c])
                gi[c] += step
                gj[c] -= step


@kernel
def power_scatter(
    Z: FloatArray,
    YT: FloatArray,
    inverse: FloatArray,
    mass: FloatArray,
    coefficients: FloatArray,
    G: FloatArray,
) -> None:
    """Add L Z to G, L the Laplacian of the weights ``2 q_i q_j f'(r - 1) / |z_i - z_j|^2``."""
    n, r = Z.shape
    c1, c2, c3, c4 = coefficients[1], coefficients[2], coefficients[3], coefficients[4]
    acc = np.empty(n)
    for i in range(n - 1):
        m = n - 1 - i
        base = i * (2 * n - i - 1) // 2
        for t in range(m):
            acc[t] = 0.0
        add_squares(YT, i, acc)
        zi = Z[i]
        gi = G[i]
        for t in range(m):
            scale = inverse[base + t]
            if scale != scale:
                continue
            x = acc[t] * scale - 1.0
            w = 2.0 * mass[i] * mass[i + 1 + t] * scale
            w *= c1 + x * (2.0 * c2 + x * (3.0 * c3 + x * 4.0 * c4))
            zj = Z[i + 1 + t]
            gj = G[i + 1 + t]
            for c in range(r):
                step = w * (zi[c] - zj[c])
                gi[c] += step
                gj[c] -= step
