"""Compiled sums over pairs for frequencies of different widths: kernels that are mixtures of Gaussian ones.

The passes of `derandkit.features.kernels`, with one damping ``e_j = exp(-variance s_j^2 |d|^2 / 2)`` for each frequency
in place of one for each pair. The exponentials of the pairs of a row are computed together, since a loop over them is
vectorised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray


@kernel
def exponentials(x: FloatArray, count: int, powers: FloatArray, bits: IntArray) -> None:
    """Overwrite the first numbers of x, at most 0, by their exponentials, within 2 units in the last place.

    Arguments below -700 count as -700. `bits` are those of `powers`, which is scratch. It is the function of the same
    name in `derandkit.embeddings.kernels.pairs`: a kernel may call only kernels of its own file.
    """
    for s in range(count):
        v = max(x[s], -700.0)
        whole = np.floor(v * 1.4426950408889634 + 0.5)
        r = (v - whole * 0.693145751953125) - whole * 1.42860682030941723212e-6
        z = r / 479001600.0 + 1.0 / 39916800.0
        z = z * r + 1.0 / 3628800.0
        z = z * r + 1.0 / 362880.0
        z = z * r + 1.0 / 40320.0
        z = z * r + 1.0 / 5040.0
        z = z * r + 1.0 / 720.0
        z = z * r + 1.0 / 120.0
        z = z * r + 1.0 / 24.0
        z = z * r + 1.0 / 6.0
        z = z * r + 0.5
        z = z * r + 1.0
        x[s] = z * r + 1.0
        bits[s] = (np.int64(whole) + 1023) << 52
    for s in range(count):
        x[s] *= powers[s]


@kernel
def _damping(
    squares: FloatArray,
    widths: FloatArray,
    variance: float,
    base: int,
    m: int,
    powers: FloatArray,
    bits: IntArray,
    out: FloatArray,
) -> None:
    """Put ``exp(-variance s_j^2 |d|^2 / 2)`` of the pairs base <= p < base + m into out, pair by pair."""
    D = widths.size
    if variance > 0.0:
        for t in range(m):
            r = -0.5 * variance * squares[base + t]
            for j in range(D):
                out[t * D + j] = r * widths[j]
        exponentials(out, m * D, powers, bits)
    else:
        for t in range(m * D):
            out[t] = 1.0


@kernel
def _sum(x: FloatArray) -> float:
    """Return the sum of x: eight sums side by side, in a fixed order, which the compiler may keep in registers."""
    n = x.size
    a = b = c = d = e = f = g = h = 0.0
    j = 0
    while j + 8 <= n:
        a += x[j]
        b += x[j + 1]
        c += x[j + 2]
        d += x[j + 3]
        e += x[j + 4]
        f += x[j + 5]
        g += x[j + 6]
        h += x[j + 7]
        j += 8
    while j < n:
        a += x[j]
        j += 1
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@kernel
def mixed_error_pass(
    C: FloatArray,
    S: FloatArray,
    squares: FloatArray,
    kernels: FloatArray,
    widths: FloatArray,
    variance: float,
    first: int,
    last: int,
    G: FloatArray,
    stats: FloatArray,
) -> None:
    """Sum ``E (K^ - k)^2`` over the pairs of rows first <= i < last, and add its gradient in the phases to G.

    `widths` holds the ``s_j^2``. stats returns the sum, and the trace of its Hessian in frequencies in units of s_j.
    """
    n, D = C.shape
    total = 0.0
    trace = 0.0
    table = np.empty(n * D)
    powers = np.empty(n * D)
    bits = powers.view(np.int64)
    cosines = np.empty(D)
    sines = np.empty(D)
    seen = np.empty(D)
    left = np.empty(D)
    bend = np.empty(D)
    for i in range(first, last):
        m = n - 1 - i
        base = i * (2 * n - i - 1) // 2
        _damping(squares, widths, variance, base, m, powers, bits, table)
        ci, si, gi = C[i], S[i], G[i]
        for t in range(m):
            cq, sq, gq = C[i + 1 + t], S[i + 1 + t], G[i + 1 + t]
            e = table[t * D : (t + 1) * D]
            for j in range(D):
                c = ci[j] * cq[j] + si[j] * sq[j]
                cosines[j] = c
                sines[j] = si[j] * cq[j] - ci[j] * sq[j]
                e2 = e[j] * e[j]
                e4 = e2 * e2
                seen[j] = c * e[j]
                left[j] = 0.5 * (1.0 - e4) + c * c * (e4 - e2)
            off = _sum(seen) / D - kernels[base + t]
            total += off * off + _sum(left) / (D * D)
            a = 2.0 * off / D
            b = 2.0 / (D * D)
            for j in range(D):
                c, s = cosines[j], sines[j]
                e2 = e[j] * e[j]
                f = b * (e2 * e2 - e2)
                g = -s * (a * e[j] + f * c)
                gi[j] += g
                gq[j] -= g
                bend[j] = widths[j] * (b * e2 * s * s - a * e[j] * c - f * (c * c - s * s))
            trace += squares[base + t] * _sum(bend)
    stats[0] = total
    stats[1] = trace


@kernel
def mixed_bend_pass(
    C: FloatArray,
    S: FloatArray,
    T: FloatArray,
    squares: FloatArray,
    kernels: FloatArray,
    widths: FloatArray,
    variance: float,
    first: int,
    last: int,
    G: FloatArray,
) -> None:
    """Add to G the derivative, along phases that move by T, of the gradient that `mixed_error_pass` computes."""
    n, D = C.shape
    table = np.empty(n * D)
    powers = np.empty(n * D)
    bits = powers.view(np.int64)
    cosines = np.empty(D)
    sines = np.empty(D)
    for i in range(first, last):
        m = n - 1 - i
        base = i * (2 * n - i - 1) // 2
        _damping(squares, widths, variance, base, m, powers, bits, table)
        ci, si, ti, gi = C[i], S[i], T[i], G[i]
        for t in range(m):
            cq, sq, tq, gq = C[i + 1 + t], S[i + 1 + t], T[i + 1 + t], G[i + 1 + t]
            e = table[t * D : (t + 1) * D]
            seen = 0.0
            change = 0.0
            for j in range(D):
                c = ci[j] * cq[j] + si[j] * sq[j]
                s = si[j] * cq[j] - ci[j] * sq[j]
                cosines[j] = c
                sines[j] = s
                seen += c * e[j]
                change -= s * (ti[j] - tq[j]) * e[j]
            off = seen / D - kernels[base + t]
            change *= 2.0 / (D * D)
            for j in range(D):
                c, s = cosines[j], sines[j]
                e2 = e[j] * e[j]
                a = 2.0 * off * e[j] / D
                b = 2.0 * (e2 * e2 - e2) / (D * D)
                g = -(ti[j] - tq[j]) * (a * c + b * (c * c - s * s)) - s * e[j] * change
                gi[j] += g
                gq[j] -= g
