"""Compiled sums over pairs of the error of random Fourier features, and their derivatives.

Cosines and sines of the phases ``u_ij = m_j . x_i`` come in; ``cos(u - v)`` is a product of them, so no pass computes
one. Loops run over pairs or over frequencies, whichever leaves no sum to be reordered. For 500 points and 64
frequencies a pass takes about 15 ms of CPU time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


@kernel
def squared_distances(XT: FloatArray, out: FloatArray) -> None:
    """Fill out with ``|x_i - x_j|^2``, i < j, row by row; a row of XT is a coordinate."""
    d, n = XT.shape
    base = 0
    for i in range(n - 1):
        m = n - 1 - i
        row = out[base : base + m]
        for t in range(m):
            row[t] = 0.0
        for c in range(d):
            x = XT[c, i]
            column = XT[c, i + 1 :]
            for t in range(m):
                delta = column[t] - x
                row[t] += delta * delta
        base += m


@kernel
def _sums(CT: FloatArray, ST: FloatArray, i: int, first: FloatArray, second: FloatArray) -> None:
    """Put ``sum_j c_j`` and ``sum_j c_j^2`` of the pairs (i, i + 1 + t) into first[t] and second[t]."""
    D, n = CT.shape
    m = n - 1 - i
    for t in range(m):
        first[t] = 0.0
        second[t] = 0.0
    for j in range(D):
        ci, si = CT[j, i], ST[j, i]
        cosines, sines = CT[j, i + 1 :], ST[j, i + 1 :]
        for t in range(m):
            c = ci * cosines[t] + si * sines[t]
            first[t] += c
            second[t] += c * c


@kernel
def error_pass(
    C: FloatArray,
    S: FloatArray,
    CT: FloatArray,
    ST: FloatArray,
    squares: FloatArray,
    kernels: FloatArray,
    variance: float,
    first: int,
    last: int,
    G: FloatArray,
    stats: FloatArray,
) -> None:
    """Sum ``E (K^ - k)^2`` over the pairs of rows first <= i < last, and add its gradient in the phases to G.

    stats returns that sum, and the trace of its Hessian in the frequencies.
    """
    n, D = C.shape
    total = 0.0
    trace = 0.0
    sums = np.empty(n)
    powers = np.empty(n)
    for i in range(first, last):
        m = n - 1 - i
        base = i * (2 * n - i - 1) // 2
        _sums(CT, ST, i, sums, powers)
        ci, si, gi = C[i], S[i], G[i]
        for t in range(m):
            r = squares[base + t]
            e1 = np.exp(-0.5 * variance * r) if variance > 0.0 else 1.0
            e2 = e1 * e1
            e4 = e2 * e2
            off = sums[t] * e1 / D - kernels[base + t]
            total += off * off + (0.5 * D * (1.0 - e4) + powers[t] * (e4 - e2)) / (D * D)
            a = 2.0 * off * e1 / D
            b = 2.0 * (e4 - e2) / (D * D)
            # of sum_j f_jj: -a c - b (c^2 - s^2) + 2 (e1 s / D)^2, with s^2 = 1 - c^2
            trace += r * (-a * sums[t] - b * (2.0 * powers[t] - D) + 2.0 * e2 / (D * D) * (D - powers[t]))
            cq, sq, gq = C[i + 1 + t], S[i + 1 + t], G[i + 1 + t]
            for j in range(D):
                c = ci[j] * cq[j] + si[j] * sq[j]
                s = si[j] * cq[j] - ci[j] * sq[j]
                g = -s * (a + b * c)
                gi[j] += g
                gq[j] -= g
    stats[0] = total
    stats[1] = trace


@kernel
def bend_pass(
    C: FloatArray,
    S: FloatArray,
    CT: FloatArray,
    ST: FloatArray,
    T: FloatArray,
    squares: FloatArray,
    kernels: FloatArray,
    variance: float,
    first: int,
    last: int,
    G: FloatArray,
) -> None:
    """Add to G the derivative, along phases that move by T, of the gradient that `error_pass` computes."""
    n, D = C.shape
    sums = np.empty(n)
    powers = np.empty(n)
    for i in range(first, last):
        m = n - 1 - i
        base = i * (2 * n - i - 1) // 2
        _sums(CT, ST, i, sums, powers)
        ci, si, ti, gi = C[i], S[i], T[i], G[i]
        for t in range(m):
            e1 = np.exp(-0.5 * variance * squares[base + t]) if variance > 0.0 else 1.0
            e2 = e1 * e1
            e4 = e2 * e2
            a = 2.0 * (sums[t] * e1 / D - kernels[base + t]) * e1 / D
            b = 2.0 * (e4 - e2) / (D * D)
            cq, sq, tq, gq = C[i + 1 + t], S[i + 1 + t], T[i + 1 + t], G[i + 1 + t]
            change = 0.0
            for j in range(D):
                change -= (si[j] * cq[j] - ci[j] * sq[j]) * (ti[j] - tq[j])
            change *= 2.0 * e2 / (D * D)
            for j in range(D):
                c = ci[j] * cq[j] + si[j] * sq[j]
                s = si[j] * cq[j] - ci[j] * sq[j]
                g = -(ti[j] - tq[j]) * (a * c + b * (c * c - s * s)) - s * change
                gi[j] += g
                gq[j] -= g


@kernel
def product(A: FloatArray, B: FloatArray, out: FloatArray) -> None:
    """out[i, c] = sum_l A[i, l] B[l, c], summed over l in order."""
    n, r = A.shape
    k = B.shape[1]
    for i in range(n):
        row = out[i]
        for c in range(k):
            row[c] = 0.0
        for l in range(r):  # noqa: E741
            a = A[i, l]
            for c in range(k):
                row[c] += a * B[l, c]


@kernel
def transposed_product(A: FloatArray, B: FloatArray, out: FloatArray) -> None:
    """out[l, c] = sum_i A[i, l] B[i, c], summed over i in order."""
    n, r = A.shape
    k = B.shape[1]
    for l in range(r):  # noqa: E741
        for c in range(k):
            out[l, c] = 0.0
    for i in range(n):
        for l in range(r):  # noqa: E741
            a = A[i, l]
            row = out[l]
            for c in range(k):
                row[c] += a * B[i, c]


@kernel
def value(kind: int, parameter: float, square: float) -> float:
    """Return a kernel at a squared distance in units of its length: `derandkit.features.spectrum`, one number."""
    if kind == 0:
        return float(np.exp(-0.5 * square))
    if kind == 2:
        return float(np.exp(-parameter * np.log1p(square / (2.0 * parameter))))
    t = np.sqrt(2.0 * parameter * square)
    if parameter == 0.5:
        return float(np.exp(-t))
    if parameter == 1.5:
        return float((1.0 + t) * np.exp(-t))
    return float((1.0 + t * (1.0 + t / 3.0)) * np.exp(-t))


@kernel
def measure_pass(
    CT: FloatArray,
    ST: FloatArray,
    XT: FloatArray,
    scale: float,
    kind: int,
    parameter: float,
    first: int,
    last: int,
    stats: FloatArray,
) -> None:
    """Measure ``|K^ - k|`` over the pairs of rows first <= i < last, with the kernel that `value` computes.

    XT holds the points as they were given, times a power of two: only their differences are brought to the units of the
    kernel by `scale`, so that a kernel of close points is known however far apart others are.
    stats returns the sum of squares, the greatest error, and the pair that has it.
    """
    D, n = CT.shape
    d = XT.shape[0]
    sums = np.empty(n)
    squares = np.empty(n)
    total = 0.0
    worst = -1.0
    at_i = 0
    at_j = 1
    for i in range(first, last):
        m = n - 1 - i
        for t in range(m):
            sums[t] = 0.0
            squares[t] = 0.0
        for c in range(d):
            x = XT[c, i]
            column = XT[c, i + 1 :]
            for t in range(m):
                delta = scale * (column[t] - x)
                squares[t] += delta * delta
        for j in range(D):
            ci, si = CT[j, i], ST[j, i]
            cosines, sines = CT[j, i + 1 :], ST[j, i + 1 :]
            for t in range(m):
                sums[t] += ci * cosines[t] + si * sines[t]
        here = 0.0
        for t in range(m):
            off = abs(sums[t] / D - value(kind, parameter, squares[t]))
            here += off * off
            if off > worst:
                worst = off
                at_i = i
                at_j = i + 1 + t
        total += here
    stats[0] = total
    stats[1] = worst
    stats[2] = at_i
    stats[3] = at_j


@kernel
def below_one(kind: int, parameter: float, square: float) -> float:
    """Return ``1 - k`` at a squared distance in units of the length of the kernel, known as well where it is small.

    For t < 1 a Matern kernel takes the series of ``1 - (1 + t) exp(-t) = sum (-1)^n (n - 1) t^n / n!``, n > 1, or
    ``-sum (-1)^n (n - 1) (n - 3) t^n / (3 n!)``.
    """
    if kind == 0:
        return float(-np.expm1(-0.5 * square))
    if kind == 2:
        return float(-np.expm1(-parameter * np.log1p(square / (2.0 * parameter))))
    t = np.sqrt(2.0 * parameter * square)
    if parameter == 0.5:
        return float(-np.expm1(-t))
    if t >= 1.0:
        return 1.0 - value(kind, parameter, square)
    power = 0.5 * t * t
    total = 0.0
    for n in range(2, 21):
        total += (n - 1.0) * power if parameter == 1.5 else (n - 1.0) * (3.0 - n) * power / 3.0
        power *= -t / (n + 1.0)
    return total


@kernel
def promise_pass(
    XT: FloatArray, scale: float, kind: int, parameter: float, first: int, last: int, stats: FloatArray
) -> None:
    """Sum ``1 + k(2 d) - 2 k(d)^2`` over the pairs of rows first <= i < last into stats[0]; ``1 - k`` into stats[1].

    The first is twice the variance of a random cosine, and ``(1 - k^2)^2`` for a Gaussian kernel. XT and scale are
    those of `measure_pass`.
    """
    d, n = XT.shape
    squares = np.empty(n)
    total = 0.0
    less = 0.0
    for i in range(first, last):
        m = n - 1 - i
        for t in range(m):
            squares[t] = 0.0
        for c in range(d):
            x = XT[c, i]
            column = XT[c, i + 1 :]
            for t in range(m):
                delta = scale * (column[t] - x)
                squares[t] += delta * delta
        here = 0.0
        for t in range(m):
            if kind == 0:
                # 1 - k^2 without cancellation for close points
                rest = -np.expm1(-squares[t])
                here += rest * rest
            else:
                f = below_one(kind, parameter, squares[t])
                here += 4.0 * f - below_one(kind, parameter, 4.0 * squares[t]) - 2.0 * f * f
                less += f
        total += here
    stats[0] = total
    stats[1] = less


@kernel
def row_line_pass(
    rest: FloatArray,
    phases: FloatArray,
    moves: FloatArray,
    damping: FloatArray,
    steps: FloatArray,
    out: FloatArray,
) -> None:
    """Add to out[l] the sum over pairs of ``-2 R c e + c^2 e^4 + (1 - e^4) / 2``, with the mean moved by steps[l] v.

    `phases` and `moves` hold ``b . x`` and ``v . x`` of every point; ``c = cos((b + t v) . d)``, and `damping` holds e.
    """
    n = phases.size
    for i in range(n - 1):
        base = i * (2 * n - i - 1) // 2
        for l in range(steps.size):  # noqa: E741
            here = 0.0
            step = steps[l]
            for t in range(n - 1 - i):
                e = damping[base + t]
                e4 = e * e * e * e
                c = np.cos(phases[i] - phases[i + 1 + t] + step * (moves[i] - moves[i + 1 + t]))
                here += c * (c * e4 - 2.0 * rest[base + t] * e) + 0.5 * (1.0 - e4)
            out[l] += here
