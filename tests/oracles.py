"""Slow, plain, independent answers: enumeration, quadrature, finite differences, exact rational arithmetic."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import ndtr, owens_t

# --- cuts --------------------------------------------------------------------------------------------------


def all_signs(n):
    """Return every side vector with the first vertex on the + side, shape (2^(n-1), n)."""
    codes = np.arange(2 ** max(0, n - 1))
    bits = (codes[:, None] >> np.arange(n - 1)[None, :]) & 1
    return np.hstack([np.ones((codes.size, 1), dtype=np.int64), 1 - 2 * bits])


def brute_force_maxcut(graph):
    """Return the maximum cut by enumeration (n <= 20), as the exact fraction of the float weights."""
    n = graph.n
    i, j, w = graph.edges()
    best, best_signs = Fraction(0), np.ones(n, dtype=np.int64)
    values = np.zeros(2 ** (n - 1))
    signs = all_signs(n)
    for a, b, x in zip(i, j, w, strict=True):
        values += x * (signs[:, a] != signs[:, b])
    # floating point only narrows the field: the candidates within its error are compared exactly
    margin = 1e-12 * float(np.abs(w).sum())
    for k in np.flatnonzero(values >= values.max() - margin)[:64]:
        exact = exact_cut(graph, signs[k])
        if exact > best:
            best, best_signs = exact, signs[k]
    return best, best_signs


def exact_cut(graph, signs):
    """Return the weight of a cut as a fraction."""
    i, j, w = graph.edges()
    return sum(
        (Fraction(float(x)) for a, b, x in zip(i, j, w, strict=True) if signs[a] != signs[b]), Fraction(0)
    )


def expected_cut_of_coins(graph, chances):
    """Return the expected cut of independent sides with the given chances of +, by enumerating all outcomes."""
    total = 0.0
    for outcome in itertools.product([1, -1], repeat=graph.n):
        weight = math.prod(p if s > 0 else 1.0 - p for p, s in zip(chances, outcome, strict=True))
        total += weight * float(exact_cut(graph, outcome))
    return total


def best_half_plane(graph, x, y):
    """Return the heaviest cut ``sign(x cos t + y sin t)`` over all angles t, one sample in every open arc."""
    busy = (x != 0) | (y != 0)
    crossings = np.unique(np.mod(np.arctan2(y[busy], x[busy]) + 0.5 * math.pi, math.pi))
    points = np.concatenate([[0.0], crossings, [math.pi]])
    best = Fraction(-(10**30))
    for left, right in itertools.pairwise(points):
        if right - left > 1e-9:
            t = 0.5 * (left + right)
            z = x * math.cos(t) + y * math.sin(t)
            best = max(best, exact_cut(graph, np.where(z >= 0, 1, -1)))
    return best


# --- Gaussian integrals ------------------------------------------------------------------------------------

_NODES, _RULE = np.polynomial.legendre.leggauss(48)


def bivariate_by_owen(h, k, rho):
    """Return ``Phi2(h, k; rho)`` from Owen's T function (Owen, Ann. Math. Stat. 27 (1956))."""
    if h == 0 and k == 0:
        return 0.25 + math.asin(rho) / (2 * math.pi)
    if rho >= 1:
        return float(ndtr(min(h, k)))
    if rho <= -1:
        return max(0.0, float(ndtr(h) - ndtr(-k)))
    q = math.sqrt((1 - rho) * (1 + rho))

    def part(a, b):
        if a == 0:  # the limit of T(a, b / (a q)) with a slope that grows without bound
            return 0.25 if b > 0 else -0.25
        return float(owens_t(a, (b / a - rho) / q))

    opposite = min(h, k) < 0 <= max(h, k)  # by comparisons: h k may underflow
    delta = 0.5 if opposite else 0.0
    return 0.5 * (float(ndtr(h)) + float(ndtr(k))) - part(h, k) - part(k, h) - delta


def bivariate_by_quadrature(h, k, rho):
    """Return ``Phi2(h, k; rho)`` as ``int phi(x) Phi((k - rho x) / sqrt(1 - rho^2)) dx`` on graded panels."""
    q = math.sqrt((1 - rho) * (1 + rho))
    low, high = -40.0, min(h, 40.0)
    if high <= low:
        return 0.0
    marks = {low, high, *np.linspace(low, high, 81)}
    centre = k / rho if rho != 0 else 0.0  # where the inner factor turns, within a few widths q / |rho|
    if rho != 0:
        width = q / abs(rho)
        marks |= {centre + s * width * t for s in (-1, 1) for t in (0, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 40)}
    points = np.array(sorted(m for m in marks if low <= m <= high))
    half, middle = 0.5 * np.diff(points)[:, None], 0.5 * (points[1:] + points[:-1])[:, None]
    x = middle + half * _NODES
    inner = ndtr((k - rho * x) / q)
    return math.fsum((half * _RULE * np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi) * inner).ravel())


def chance_of_difference(mean, covariance):
    """Return ``Pr[sign(z_1) != sign(z_2)]`` of a Gaussian pair, with zero counting as +.

    One variable is integrated out in closed form, the other by quadrature; nothing here uses Phi2.
    """
    (m1, m2), ((c11, c12), (_, c22)) = mean, covariance
    if c11 <= 0 and c22 <= 0:
        return float((m1 >= 0) != (m2 >= 0))
    if c11 <= 0:
        up = float(ndtr(m2 / math.sqrt(c22)))
        return 1.0 - up if m1 >= 0 else up
    if c22 <= 0:
        return chance_of_difference((m2, m1), ((c22, c12), (c12, c11)))
    s1 = math.sqrt(c11)
    slope = c12 / s1
    rest = c22 - slope * slope
    rest = math.sqrt(rest) if rest > 1e-12 * c22 else 0.0  # cancellation leaves noise where it should be zero
    cut = -m1 / s1
    marks = {-40.0, 40.0, float(np.clip(cut, -40, 40)), *np.linspace(-12, 12, 97)}
    if slope != 0:
        centre, width = -m2 / slope, rest / abs(slope)
        marks |= {centre + s * width * t for s in (-1, 1) for t in (0, 0.5, 1, 2, 4, 8, 16, 40)}
    points = np.array(sorted(m for m in marks if -40.0 <= m <= 40.0))
    half, middle = 0.5 * np.diff(points)[:, None], 0.5 * (points[1:] + points[:-1])[:, None]
    x = middle + half * _NODES
    z = m2 + slope * x
    up = ndtr(z / rest) if rest > 0 else (z >= 0).astype(float)
    differs = np.where(m1 + s1 * x >= 0, 1.0 - up, up)
    return math.fsum((half * _RULE * np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi) * differs).ravel())


def expected_cut(graph, sampler, smoothing):
    """Return the expected cut of ``sign(W x + b + tau xi)`` edge by edge from `chance_of_difference`."""
    W, b = sampler.dense_spread(), sampler.mean
    S = W @ W.T + smoothing**2 * np.eye(graph.n)
    i, j, w = graph.edges()
    return math.fsum(
        x * chance_of_difference((b[a], b[c]), ((S[a, a], S[a, c]), (S[a, c], S[c, c])))
        for a, c, x in zip(i, j, w, strict=True)
        if x != 0
    )


# --- derivatives -------------------------------------------------------------------------------------------


def gradient_by_differences(f, x, step=1e-3):
    """Return the gradient of a smooth f by central differences of sixth order, in the shape of x."""
    out = np.empty_like(x, dtype=np.float64)
    for index in np.ndindex(x.shape):
        terms = []
        for k, c in ((1, 45.0), (2, -9.0), (3, 1.0)):
            up, down = x.astype(np.float64), x.astype(np.float64)
            up[index] += k * step
            down[index] -= k * step
            terms.append(c * (f(up) - f(down)))
        out[index] = math.fsum(terms) / (60.0 * step)
    return out


def hessian_by_differences(gradient, x, step=1e-3):
    """Return the Hessian from central differences of sixth order of a gradient."""
    columns = []
    for index in range(x.size):
        total = np.zeros(x.size)
        for k, c in ((1, 45.0), (2, -9.0), (3, 1.0)):
            up, down = x.astype(np.float64), x.astype(np.float64)
            up[index] += k * step
            down[index] -= k * step
            total += c * (gradient(up) - gradient(down))
        columns.append(total / (60.0 * step))
    return np.array(columns).T


# --- exact linear algebra ----------------------------------------------------------------------------------


def is_positive_semidefinite(matrix):
    """Decide ``M >= 0`` for a symmetric matrix of floats, by L D L^T in rational numbers: no rounding anywhere."""
    M = [[Fraction(float(x)) for x in row] for row in np.asarray(matrix)]
    n = len(M)
    for k in range(n):
        pivot = M[k][k]
        if pivot < 0:
            return False
        if pivot == 0:
            if any(M[k][c] != 0 for c in range(k + 1, n)):
                return False
            continue
        for a in range(k + 1, n):
            if M[a][k] != 0:
                ratio = M[a][k] / pivot
                for c in range(a, n):
                    M[a][c] -= ratio * M[k][c]
                    M[c][a] = M[a][c]
    return True


def filled_entries(pattern, order):
    """Return the entries of the Cholesky factor of a symmetric pattern in the given order, diagonal included."""
    S = np.array(pattern, dtype=bool)[np.ix_(order, order)]
    n = len(order)
    for k in range(n):
        below = np.flatnonzero(S[k + 1 :, k]) + k + 1
        S[np.ix_(below, below)] = True
    np.fill_diagonal(S, True)
    return int(np.count_nonzero(np.tril(S)))


def assert_derivatives(objective, at, step=1e-5):
    """Hold gradient and curvature in the mean of a `GaussianObjective` against differences, in two directions."""
    D = np.random.default_rng(2).standard_normal((at.dimension, 2))
    gradient, bent = objective.mean_gradient(at), objective.curvature(at, D)
    for p in range(2):
        ahead, behind = at.with_mean(at.mean + step * D[:, p]), at.with_mean(at.mean - step * D[:, p])
        slope = (objective.value(ahead) - objective.value(behind)) / (2 * step)
        assert gradient @ D[:, p] == pytest.approx(slope, rel=1e-6, abs=1e-7)
        change = (objective.mean_gradient(ahead) - objective.mean_gradient(behind)) / (2 * step)
        np.testing.assert_allclose(bent[:, p], change, rtol=1e-5, atol=1e-6)
