"""Compiled tails of the non-central chi-square distribution.

``|(M + sigma G) v|^2 / sigma^2`` is non-central chi-square with k degrees of freedom and non-centrality
``|M v|^2 / sigma^2``: a Poisson mixture of central ones. The mixture is summed outward from its largest weight with
the recurrences of the central density and distribution, so one incomplete gamma function suffices.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


@kernel
def lower_gamma(a: float, x: float) -> float:
    """Regularised lower incomplete gamma function P(a, x), absolute error near 1e-15."""
    if x <= 0.0:
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a + 1.0))
    if x < a + 1.0:
        term = 1.0
        total = 1.0
        n = 1
        while term > total * 1e-17 and n < 100000:
            term *= x / (a + n)
            total += term
            n += 1
        return min(total * front, 1.0)
    # continued fraction for the upper function (modified Lentz)
    b = x + 1.0 - a
    c = 1e300
    d = 1.0 / b
    h = d
    for i in range(1, 100000):
        an = -i * (i - a)
        b += 2.0
        d = 1.0 / (an * d + b)
        c = b + an / c
        delta = d * c
        h *= delta
        if abs(delta - 1.0) < 1e-16:
            break
    return max(1.0 - front * a * h, 0.0)


@kernel
def mixture(x: float, k: int, centre: float, out: FloatArray) -> None:
    """Set out to the distribution function with k, and the densities with k + 2 and k + 4 degrees, at x.

    `centre` is the non-centrality.
    """
    out[0] = out[1] = out[2] = 0.0
    if x <= 0.0:
        return
    half = 0.5 * centre
    j = math.floor(half)
    weight = math.exp(-half + (j * math.log(half) if j > 0 else 0.0) - math.lgamma(j + 1.0))
    a = 0.5 * k + j  # half the degrees of the central distribution
    heap = lower_gamma(a, 0.5 * x)
    # density with 2 a + 2 degrees: 1/2 (x/2)^a e^{-x/2} / Gamma(a + 1)
    density = 0.5 * math.exp(a * math.log(0.5 * x) - 0.5 * x - math.lgamma(a + 1.0))
    w, g, p, i = weight, density, heap, j
    while True:
        following = g * 0.5 * x / (0.5 * k + i + 1.0)  # density with 2 more degrees
        out[0] += w * p
        out[1] += w * g
        out[2] += w * following
        p = max(p - 2.0 * g, 0.0)
        g = following
        i += 1
        w *= half / i
        if w < 1e-18 or i > j + 1000000:
            break
    w, g, p, i = weight, density, heap, j
    while i > 0 and w > 1e-18:
        following = g
        g *= (0.5 * k + i) / (0.5 * x)  # density with 2 fewer degrees
        p = min(p + 2.0 * g, 1.0)
        w *= i / half
        i -= 1
        out[0] += w * p
        out[1] += w * g
        out[2] += w * following


@kernel
def violation_terms(
    ratios: FloatArray,
    k: int,
    sigma2: float,
    eps: float,
    value: FloatArray,
    first: FloatArray,
    second: FloatArray,
) -> None:
    """Probability that a pair leaves ``1 -+ eps``, with two derivatives in its ratio ``|Mv|^2``; NaN gives zeros."""
    low = np.empty(3)
    high = np.empty(3)
    for p in range(ratios.size):
        r = ratios[p]
        value[p] = first[p] = second[p] = 0.0
        if not r >= 0.0:
            continue
        mixture((1.0 - eps) / sigma2, k, r / sigma2, low)
        mixture((1.0 + eps) / sigma2, k, r / sigma2, high)
        value[p] = min(max(low[0] + 1.0 - high[0], 0.0), 1.0)
        # d F_k / d centre = -f_{k+2}, d f_{k+2} / d centre = (f_{k+4} - f_{k+2}) / 2
        first[p] = (high[1] - low[1]) / sigma2
        second[p] = 0.5 * ((low[1] - low[2]) - (high[1] - high[2])) / (sigma2 * sigma2)
