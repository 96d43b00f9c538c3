"""Compiled closed forms of the expected cut of a Gaussian distribution.

For ``s_i = sign(z_i)``, ``z = W x + b + tau xi``, put ``sd_i^2 = |w_i|^2 + tau^2``, ``h_i = b_i / sd_i`` and
``r_ij = w_i . w_j / (sd_i sd_j)``. Everything below is a sum over edges of functions of ``(h_i, h_j, r_ij)``. The
correlations do not depend on the mean, so the expected cut along a whole line of means shares them, and the nodes of
the quadrature besides (`line_expectations`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray


_RULES = [np.polynomial.legendre.leggauss(count) for count in (8, 14, 20)]
#: Gauss-Legendre rules with 8, 14 and 20 nodes on [-1, 1], one after the other, and where each one begins.
NODES = np.concatenate([rule[0] for rule in _RULES])
RULE = np.concatenate([rule[1] for rule in _RULES])
BEGIN = np.array([0, 8, 22, 42])
#: Correlations up to which the shorter rules, and any rule in the angle, are exact to 1e-13.
SHORT, MIDDLE, STEEP = 0.3, 0.6, 0.925
#: Standardised means beyond this are certain signs to double precision, relative to one ...
CERTAIN = 9.0
#: ... and beyond this even their densities are nothing.
FLAT = 38.0
#: Floor of 1 - rho^2 where a derivative divides by it: fully correlated sides have unbounded curvature.
_LEAST_COMPLEMENT = 1e-16


@light(lambda x: 1)
@kernel
def normal_cdf(x: float) -> float:
    """Return the standard normal distribution function."""
    return 0.5 * math.erfc(-x * 0.7071067811865476)


@light(lambda h, k, rho: 40)
@kernel
def bivariate_cdf(h: float, k: float, rho: float) -> float:
    """Return ``Phi2(h, k; rho)``, the chance that two standard normals of correlation rho stay below h and k.

    Away from ``|rho| = 1`` this integrates Plackett's identity ``dPhi2/drho = phi2`` in the angle ``asin rho``; near
    it, the same identity from the degenerate end in ``sqrt(1 - rho^2)``, with the singular part of the integrand
    taken out in closed form (Drezner and Wesolowsky 1990; Genz, Statistics and Computing 14 (2004), section 2.4).
    Absolute error about 1e-15.
    """
    if h > FLAT:
        return normal_cdf(k)
    if k > FLAT:
        return normal_cdf(h)
    if h < -FLAT or k < -FLAT:
        return 0.0
    hk = h * k
    if abs(rho) < STEEP:
        squares = 0.5 * (h * h + k * k)
        angle = 0.5 * math.asin(rho)
        total = 0.0
        rule = 0 if abs(rho) < SHORT else (1 if abs(rho) < MIDDLE else 2)
        for q in range(BEGIN[rule], BEGIN[rule + 1]):
            sn = math.sin(angle * (1.0 + NODES[q]))
            total += RULE[q] * math.exp((sn * hk - squares) / (1.0 - sn * sn))
        return max(0.0, total * angle / (2.0 * math.pi) + normal_cdf(h) * normal_cdf(k))
    flip = rho < 0.0
    if flip:  # P(X < h, Y < k; rho) = Phi(h) - P(X < h, -Y < -k; -rho)
        k = -k
        hk = -hk
    a2 = (1.0 - rho) * (1.0 + rho)
    result = 0.0
    if a2 > 0.0:
        a = math.sqrt(a2)
        gap = (h - k) * (h - k)
        c = (4.0 - hk) / 8.0
        d = (12.0 - hk) / 16.0
        exponent = -(gap / a2 + hk) / 2.0
        if exponent > -700.0:
            result = (
                a
                * math.exp(exponent)
                * (1.0 - c * (gap - a2) * (1.0 - d * gap / 5.0) / 3.0 + c * d * a2 * a2 / 5.0)
            )
        if hk > -700.0:
            b = math.sqrt(gap)
            result -= (
                math.exp(-hk / 2.0)
                * math.sqrt(2.0 * math.pi)
                * normal_cdf(-b / a)
                * b
                * (1.0 - c * gap * (1.0 - d * gap / 5.0) / 3.0)
            )
        half = 0.5 * a
        for q in range(BEGIN[2], BEGIN[3]):
            x = half * (1.0 + NODES[q])
            x2 = x * x
            exponent = -(gap / x2 + hk) / 2.0
            if exponent > -700.0:
                rs = math.sqrt(1.0 - x2)
                series = 1.0 + c * x2 * (1.0 + d * x2)
                result += (
                    half
                    * RULE[q]
                    * math.exp(exponent)
                    * (math.exp(-hk * x2 / (2.0 * (1.0 + rs) * (1.0 + rs))) / rs - series)
                )
        result = -result / (2.0 * math.pi)
    # at this point `result` corrects the value at correlation one
    result += normal_cdf(min(h, k))
    if flip:
        result = normal_cdf(h) - result
    return min(1.0, max(0.0, result))


@light(lambda W, *_: W.size)
@kernel
def standardise(W: FloatArray, b: FloatArray, tau: float, sd: FloatArray, h: FloatArray) -> None:
    """Fill ``sd_i`` and ``h_i``; a row without any noise counts as the certain sign of its mean, zero as +."""
    n, r = W.shape
    for i in range(n):
        s = tau * tau
        for k in range(r):
            s += W[i, k] * W[i, k]
        sd[i] = math.sqrt(s)
        if sd[i] > 0.0:
            h[i] = min(2.0 * FLAT, max(-2.0 * FLAT, b[i] / sd[i]))
        else:
            h[i] = 2.0 * FLAT if b[i] >= 0.0 else -2.0 * FLAT


@light(lambda indptr, indices, W, *_: indices.size // 2 * W.shape[1] + indices.size)
@kernel
def correlations(
    indptr: IntArray, indices: IndexArray, W: FloatArray, sd: FloatArray, place: IntArray, rho: FloatArray
) -> None:
    """Fill ``rho[p]`` for every arc p; both directions of an edge get the same bits. Cost: r flops an edge.

    `place` is scratch of length n. Rows are sorted, so the arcs back from j come in the order of the rows i.
    """
    n, r = W.shape
    for i in range(n):
        place[i] = indptr[i]
    for i in range(n):
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            if j < i:
                continue
            d = 0.0
            for k in range(r):
                d += W[i, k] * W[j, k]
            s = sd[i] * sd[j]
            rho[p] = min(1.0, max(-1.0, d / s)) if s > 0.0 else 0.0
            rho[place[j]] = rho[p]
            place[j] += 1


@light(
    lambda indptr, indices, weights, sd, rho, mean, column, steps, *_: (
        12 * (indices.size + sd.size) * steps.size
    )
)
@kernel
def line_expectations(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    sd: FloatArray,
    rho: FloatArray,
    mean: FloatArray,
    column: FloatArray,
    steps: FloatArray,
    h: FloatArray,
    moment: FloatArray,
    nodes: FloatArray,
    out: FloatArray,
) -> None:
    """Fill ``out[k]`` with the expected cut at means ``mean + steps[k] * column``.

    With ``m = 2 Phi(h) - 1`` the signs of an edge have ``E[s_i s_j] = m_i m_j + (2 / pi) int_0^asin(rho)
    exp(-(h_i^2 - 2 h_i h_j sin u + h_j^2) / (2 cos^2 u)) du`` (Plackett's identity in the angle); the nodes in u are
    shared by all steps. Near ``|rho| = 1``, and for a single step, it is one `bivariate_cdf`. Scratch: `h` and
    `moment` of shape (n, steps), `nodes` of shape (3, 20).
    """
    for v in range(sd.size):
        for k in range(steps.size):
            x = mean[v] + steps[k] * column[v]
            if sd[v] > 0.0:
                x /= sd[v]
            else:
                x = 2.0 * FLAT if x >= 0.0 else -2.0 * FLAT
            h[v, k] = x
            moment[v, k] = math.erf(0.7071067811865476 * x)
    for k in range(steps.size):
        out[k] = 0.0
    for i in range(sd.size):
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            if j < i or weights[p] == 0.0:
                continue
            r = rho[p]
            single = abs(r) >= STEEP or steps.size == 1
            count = 0
            for k in range(steps.size):
                x = h[i, k]
                y = h[j, k]
                c = moment[i, k] * moment[j, k]
                if r != 0.0 and abs(x) < CERTAIN and abs(y) < CERTAIN:
                    if x == 0.0 and y == 0.0:
                        c = 0.6366197723675814 * math.asin(r)
                    elif single:
                        c = 4.0 * bivariate_cdf(x, y, r) - 1.0 - (moment[i, k] + moment[j, k])
                    else:
                        if count == 0:
                            rule = 0 if abs(r) < SHORT else (1 if abs(r) < MIDDLE else 2)
                            angle = 0.5 * math.asin(r)
                            count = BEGIN[rule + 1] - BEGIN[rule]
                            for q in range(count):
                                s = math.sin(angle * (1.0 + NODES[BEGIN[rule] + q]))
                                nodes[0, q] = s
                                nodes[1, q] = 1.0 / (1.0 - s * s)
                                nodes[2, q] = 0.6366197723675814 * angle * RULE[BEGIN[rule] + q]
                        product = x * y
                        squares = 0.5 * (x * x + y * y)
                        for q in range(count):
                            c += nodes[2, q] * math.exp((nodes[0, q] * product - squares) * nodes[1, q])
                out[k] += weights[p] * 0.5 * (1.0 - c)


@light(lambda indptr, indices, *_: 4 * indices.size)
@kernel
def cut_mean_gradient(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    sd: FloatArray,
    h: FloatArray,
    rho: FloatArray,
    gradient: FloatArray,
) -> None:
    """Fill the gradient in b of *minus* the expected cut: one exp and one erf an arc.

    With ``c = E[s_i s_j]`` minus the cut has gradient ``(1/2) sum_j a_ij dc/dh_i / sd_i`` and
    ``dc/dh_i = 2 phi(h_i) erf((h_j - rho h_i) / sqrt(2 (1 - rho^2)))``.
    """
    for i in range(h.size):
        total = 0.0
        if sd[i] > 0.0 and abs(h[i]) < FLAT:
            hi = h[i]
            for p in range(indptr[i], indptr[i + 1]):
                r = rho[p]
                total += weights[p] * math.erf(
                    (h[indices[p]] - r * hi) / math.sqrt(2.0 * max(1.0 - r * r, _LEAST_COMPLEMENT))
                )
            total *= 0.3989422804014327 * math.exp(-0.5 * hi * hi) / sd[i]
        gradient[i] = total


@light(lambda indptr, indices, *_: 8 * indices.size)
@kernel
def cut_curvature(
    indptr: IntArray,
    indices: IndexArray,
    weights: FloatArray,
    sd: FloatArray,
    h: FloatArray,
    rho: FloatArray,
    offdiagonal: FloatArray,
    diagonal: FloatArray,
) -> None:
    """Fill the Hessian in b of minus the expected cut: ``offdiagonal`` on the arcs, ``diagonal`` on the vertices.

    ``H_ij = (a_ij / 2) (dc/drho) / (sd_i sd_j)`` and ``H_ii = (1/2) sum_j a_ij (-h_i dc/dh_i - rho dc/drho) / sd_i^2``
    with ``dc/drho = 4 phi2(h_i, h_j; rho)``.
    """
    for i in range(h.size):
        total = 0.0
        hi = h[i]
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            hj = h[j]
            offdiagonal[p] = 0.0
            if sd[i] > 0.0 and abs(hi) < FLAT:
                r = rho[p]
                q = max(1.0 - r * r, _LEAST_COMPLEMENT)
                dr = (
                    2.0
                    / (math.pi * math.sqrt(q))
                    * math.exp(-(hi * hi - 2.0 * r * hi * hj + hj * hj) / (2.0 * q))
                )
                dh = (
                    0.7978845608028654
                    * math.exp(-0.5 * hi * hi)
                    * math.erf((hj - r * hi) / math.sqrt(2.0 * q))
                )
                total -= weights[p] * (hi * dh + r * dr)
                if sd[j] > 0.0:
                    offdiagonal[p] = 0.5 * weights[p] * dr / (sd[i] * sd[j])
        diagonal[i] = 0.5 * total / (sd[i] * sd[i]) if sd[i] > 0.0 else 0.0


@light(lambda indptr, indices, offdiagonal, diagonal, X, out: (indices.size + X.shape[0]) * X.shape[1])
@kernel
def hessian_product(
    indptr: IntArray,
    indices: IndexArray,
    offdiagonal: FloatArray,
    diagonal: FloatArray,
    X: FloatArray,
    out: FloatArray,
) -> None:
    """Fill ``out = H X`` for X of shape (n, p)."""
    n, p_columns = X.shape
    for i in range(n):
        for k in range(p_columns):
            out[i, k] = diagonal[i] * X[i, k]
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            a = offdiagonal[p]
            for k in range(p_columns):
                out[i, k] += a * X[j, k]


@kernel
def gershgorin(indptr: IntArray, offdiagonal: FloatArray, diagonal: FloatArray) -> tuple[float, float]:
    """Return two numbers between which every eigenvalue of H lies: the ends of its discs (Gershgorin 1931)."""
    low = math.inf
    high = -math.inf
    for i in range(diagonal.size):
        radius = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            radius += abs(offdiagonal[p])
        low = min(low, diagonal[i] - radius)
        high = max(high, diagonal[i] + radius)
    return low, high
