"""Compiled conditional expectations over random signs, one matrix entry at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray


_TILE = 512
_MAGIC = 6755399441055744.0  # 1.5 * 2^52: adding it leaves the rounded integer in the low bits
_LOG2E = 1.4426950408889634
_LN2 = 0.6931471805599453


@kernel
def scaled_exponentials(
    x: FloatArray,
    count: int,
    t: FloatArray,
    bits: IntArray,
    power: IntArray,
    scale: FloatArray,
    out: FloatArray,
) -> None:
    """Set out = exp(x) for |x| < 700, written so that the loops are vectorised.

    `bits` is the integer view of `t`, and `scale` the floating-point view of `power`. Relative error below 1e-10.
    """
    for p in range(count):
        y = x[p] * _LOG2E
        shifted = y + _MAGIC
        f = (y - (shifted - _MAGIC)) * _LN2
        t[p] = shifted
        out[p] = 1.0 + f * (
            1.0
            + f
            * (
                0.5
                + f
                * (
                    1.0 / 6.0
                    + f
                    * (
                        1.0 / 24.0
                        + f * (1.0 / 120.0 + f * (1.0 / 720.0 + f * (1.0 / 5040.0 + f * (1.0 / 40320.0))))
                    )
                )
            )
        )
    for p in range(count):
        power[p] = (bits[p] << 52) + (1023 << 52)
    for p in range(count):
        out[p] *= scale[p]


@kernel
def fill_row(
    Z: FloatArray,
    root: FloatArray,
    weights: FloatArray,
    lower: FloatArray,
    h: float,
    signs: FloatArray,
    c: FloatArray,
    left: FloatArray,
    v: FloatArray,
    buffers: FloatArray,
    integers: IntArray,
) -> None:
    """Choose the signs of one row of the matrix, entry by entry, to the lower conditional expectation.

    Z holds the points (m x r) and root the packed inverse lengths of their differences, 0 for a pair that is left
    out. weights, lower are the parts of the upper and the lower factor that this row does not change. On return
    `signs` holds the row and c its products with all unit secants. The other arrays are scratch: buffers[6] and
    integers[0] share memory, and so do buffers[7] and integers[1]. Loops touch few arrays each, because beyond that
    the compiler gives up on lanes.
    """
    m, r = Z.shape
    total = root.size
    for p in range(total):
        c[p] = 0.0
        left[p] = 1.0
    den, arg, half, e, tail = buffers[0], buffers[1], buffers[2], buffers[3], buffers[4]
    t, scale = buffers[6], buffers[7]
    bits, power = integers[0], integers[1]
    column = np.empty(m)
    for j in range(r):
        for i in range(m):
            column[i] = Z[i, j]
        base = 0
        for i in range(m - 1):
            others = column[i + 1 :]
            here = column[i]
            block = v[base : base + m - 1 - i]
            scales = root[base : base + m - 1 - i]
            for q in range(m - 1 - i):
                block[q] = (here - others[q]) * scales[q]
            base += m - 1 - i
        s0 = s1 = s2 = s3 = 0.0
        for start in range(0, total, _TILE):
            size = min(_TILE, total - start)
            cc = c[start : start + size]
            ll = left[start : start + size]
            vv = v[start : start + size]
            wu = weights[start : start + size]
            wl = lower[start : start + size]
            for p in range(size):
                rest = max(ll[p] - vv[p] * vv[p], 0.0)
                ll[p] = rest
                den[p] = 1.0 / (1.0 - 2.0 * h * rest)
            for p in range(size):
                half[p] = cc[p] * vv[p]
                arg[p] = cc[p] * cc[p] + vv[p] * vv[p]
            for p in range(size):
                tail[p] = min(h * arg[p] * den[p], 690.0)
            scaled_exponentials(tail, size, t, bits, power, scale, e)
            for p in range(size):
                # sinh by its series; where that is short of it the sign is the same and the weight too small
                q = den[p]
                x = 2.0 * h * half[p] * q
                y = x * x
                e[p] *= (
                    np.sqrt(q)
                    * x
                    * (1.0 + y * (1.0 / 6.0) * (1.0 + y * 0.05 * (1.0 + y * (1.0 / 42.0) * (1.0 + y / 72.0))))
                )
            for p in range(size):
                arg[p] = 2.0 * e[p] * wu[p] + wl[p] * h * half[p] * (h * (4.0 * arg[p] + 12.0 * ll[p]) - 4.0)
            p = 0
            while p + 4 <= size:
                s0 += arg[p]
                s1 += arg[p + 1]
                s2 += arg[p + 2]
                s3 += arg[p + 3]
                p += 4
            while p < size:
                s0 += arg[p]
                p += 1
        sign = -1.0 if (s0 + s1) + (s2 + s3) > 0.0 else 1.0
        signs[j] = sign
        for p in range(total):
            c[p] += sign * v[p]
