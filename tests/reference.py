"""Plain NumPy and Python twins of the kernels: the same definition, none of the loops that make it fast."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import erf, ndtr
from tests.oracles import bivariate_by_owen

# --- derandkit.signs.kernels --------------------------------------------------------------------------------

_MASK = (1 << 64) - 1


def hashed_uniform(first, size):
    """SplitMix64 in Python integers."""
    out = []
    for k in range(first + 1, first + size + 1):
        z = (k * 0x9E3779B97F4A7C15) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        z ^= z >> 31
        out.append(((z >> 11) + 0.5) / 2.0**52 - 1.0)
    return np.array(out)


def mixing_sweep(A, V):
    """Return (V, y, fall) after one pass of the mixing method on a dense matrix."""
    V, y, fall = V.copy(), np.empty(len(V)), 0.0
    for i in range(len(V)):
        pull = A[i] @ V
        y[i] = np.linalg.norm(pull)
        if y[i] > 0:
            fall += y[i] + pull @ V[i]
            V[i] = -pull / y[i]
    return V, y, fall


def pull_norms(A, V):
    """Return (y, sum over edges of a_ij v_i . v_j)."""
    return np.linalg.norm(A @ V, axis=1), 0.5 * float(np.sum(A * (V @ V.T)))


def spread_gradient(A, V, delta):
    """Return the rows ``sum_j a_ij v_j / sqrt(1 - (v_i . v_j)^2 + delta)``."""
    return (A / np.sqrt(np.maximum(0.0, 1.0 - (V @ V.T) ** 2) + delta)) @ V


def spread_sweep(A, V, delta):
    """Return (V, moved) after one pass over the rows."""
    V, moved = V.copy(), 0.0
    for i in range(len(V)):
        pull = (A[i] / np.sqrt(np.maximum(0.0, 1.0 - (V @ V[i]) ** 2) + delta)) @ V
        size = np.linalg.norm(pull)
        if size > 0:
            moved += 1.0 + pull @ V[i] / size
            V[i] = -pull / size
    return V, moved


def hyperplane_expectation(A, V):
    """Return the expected cut of a random hyperplane."""
    angles = np.arccos(np.clip(V @ V.T, -1.0, 1.0))
    return float(np.sum(np.triu(A * angles, 1))) / math.pi


def cut_weight(A, signs):
    """Return ``sum_ij a_ij (1 - s_i s_j) / 4``."""
    return 0.25 * float(np.sum(A * (1.0 - np.outer(signs, signs))))


def flip_sweep(A, order, last, signs):
    """Return the first best count of flips: none, or up to the last flip of a group."""
    current, best = signs.copy(), 0
    best_value = cut_weight(A, signs)
    for k, i in enumerate(order):
        current[i] = -current[i]
        value = cut_weight(A, current)
        if last[k] and value > best_value:
            best_value, best = value, k + 1
    return best


def greedy_round(A, moments):
    """Return the signs of the method of conditional expectations for independent sides."""
    m = moments.copy()
    for i in range(m.size):
        plus, minus = m.copy(), m.copy()
        plus[i], minus[i] = 1.0, -1.0
        gains = [-0.25 * float(x @ A @ x) for x in (plus, minus)]
        if gains[0] > gains[1]:
            m[i] = 1.0
        elif gains[0] < gains[1]:
            m[i] = -1.0
        else:
            m[i] = 1.0 if m[i] >= 0 else -1.0
    return m


def one_flip(A, signs, sweeps, margin):
    """Return (signs, flips) of first-improvement local search in index order."""
    s, flips = signs.astype(float), 0
    for _ in range(sweeps):
        before = flips
        for i in range(s.size):
            if s[i] * (A[i] @ s) > margin:
                s[i] = -s[i]
                flips += 1
        if flips == before:
            break
    return s, flips


# --- derandkit.signs.large_kernels --------------------------------------------------------------------------


def mixing_sweep_large(A, V):
    """Return (V, y, fall) in single precision, every operation in the order of the kernel: equal to the last bit."""
    one, V, y, fall = np.float32, V.copy(), np.empty(len(V)), 0.0
    for i in range(len(V)):
        pull = np.zeros(V.shape[1], dtype=one)
        for j in np.flatnonzero(A[i]):
            pull += one(A[i, j]) * V[j]
        square = slope = 0.0
        for g, v in zip(pull, V[i], strict=True):
            square += float(g * g)
            slope += float(g * v)
        y[i] = math.sqrt(square)
        if y[i] > 0:
            fall += y[i] + slope
            V[i] = one(-1.0 / y[i]) * pull
    return V, y, fall


def spread_sweep_large(A, V, delta):
    """Return (V, moved) in single precision, every operation in the order of the kernel: equal to the last bit."""
    one, V, moved = np.float32, V.copy(), 0.0
    for i in range(len(V)):
        pull = np.zeros(V.shape[1], dtype=one)
        for j in np.flatnonzero(A[i]):
            lanes = np.zeros(8, dtype=one)
            for k in range(0, V.shape[1], 8):
                lanes += V[i, k : k + 8] * V[j, k : k + 8]
            fours = lanes[:4] + lanes[4:]
            dot = (fours[0] + fours[1]) + (fours[2] + fours[3])
            rest = max(one(1) - dot * dot, one(0))
            pull += one(A[i, j]) / np.sqrt(rest + one(delta)) * V[j]
        square = slope = one(0)
        for g in pull:
            square += g * g
        if square > 0:
            turned = -one(1) / np.sqrt(square) * pull
            for x, v in zip(turned, V[i], strict=True):
                slope += x * v
            V[i] = turned
            moved += float(one(1) - slope)
    return V, moved


# --- derandkit.signs.gaussian_kernels -----------------------------------------------------------------------


def standardise(W, b, tau, certain=38.0):
    """Return (sd, h)."""
    sd = np.sqrt((W**2).sum(axis=1) + tau * tau)
    h = np.where(b >= 0, 2 * certain, -2 * certain)
    noisy = sd > 0
    h[noisy] = np.clip(b[noisy] / sd[noisy], -2 * certain, 2 * certain)
    return sd, h


def correlations(W, sd):
    """Return the matrix of correlations, zero where a row has no noise."""
    scale = np.outer(sd, sd)
    return np.clip(np.divide(W @ W.T, scale, out=np.zeros_like(scale), where=scale > 0), -1.0, 1.0)


def expected_cut(A, h, R):
    """Return the expected cut with Owen's T in place of the kernel's Phi2."""
    total = 0.0
    for i, j in zip(*np.nonzero(np.triu(A, 1)), strict=True):
        p, q = float(ndtr(h[i])), float(ndtr(h[j]))
        total += A[i, j] * (p + q - 2.0 * bivariate_by_owen(h[i], h[j], R[i, j]))
    return total


def _density(h):
    return np.exp(-0.5 * h * h) / math.sqrt(2.0 * math.pi)


def mean_gradient(A, sd, h, R, certain=38.0):
    """Return the gradient in b of minus the expected cut."""
    live = (sd > 0) & (np.abs(h) < certain)
    q = np.maximum(1.0 - R * R, 1e-16)
    terms = A * erf((h[None, :] - R * h[:, None]) / np.sqrt(2.0 * q))
    return np.where(live, _density(h) * terms.sum(axis=1) / np.where(sd > 0, sd, 1.0), 0.0)


def curvature(A, sd, h, R, certain=38.0):
    """Return the dense Hessian in b of minus the expected cut."""
    live = (sd > 0) & (np.abs(h) < certain)
    q = np.maximum(1.0 - R * R, 1e-16)
    form = h[:, None] ** 2 - 2.0 * R * np.outer(h, h) + h[None, :] ** 2
    dr = 2.0 / (math.pi * np.sqrt(q)) * np.exp(-form / (2.0 * q))
    dh = 2.0 * _density(h)[:, None] * erf((h[None, :] - R * h[:, None]) / np.sqrt(2.0 * q))
    safe = np.where(sd > 0, sd, 1.0)
    H = np.where(live[:, None] & (sd > 0)[None, :], 0.5 * A * dr / np.outer(safe, safe), 0.0)
    diagonal = -0.5 * (A * (h[:, None] * dh + R * dr)).sum(axis=1) / safe**2
    H[np.diag_indices(sd.size)] = np.where(live, diagonal, 0.0)
    return H


# --- derandkit.signs.relaxation.spectral --------------------------------------------------------------------


def tridiagonal(alpha, beta):
    """Return the dense symmetric tridiagonal matrix."""
    return np.diag(alpha) + np.diag(beta[: alpha.size - 1], 1) + np.diag(beta[: alpha.size - 1], -1)


def lanczos(M, start, steps):
    """Return (alpha, beta, Q): the three-term recurrence on a dense matrix, no reorthogonalisation."""
    q, last, b = start / np.linalg.norm(start), np.zeros(start.size), 0.0
    alpha, beta, basis = [], [], []
    for _ in range(steps):
        basis.append(q)
        z = M @ q - b * last
        a = float(z @ q)
        z = z - a * q
        b = float(np.linalg.norm(z))
        alpha.append(a)
        beta.append(b)
        if b < 1e-14:
            break
        last, q = q, z / b
    return np.array(alpha), np.array(beta), np.array(basis).T


# --- derandkit.signs.relaxation.fill ----------------------------------------------------------------------------


def eliminate(neighbours, limit):
    """Minimum-degree elimination with sets; return (fill, flops, vertices left, order).

    Ties are broken as a stack: among vertices of the least degree, the one whose list changed last; vertices start
    with the lowest index on top, and the neighbours of an eliminated vertex are re-filed in list order.
    """
    lists = [list(row) for row in neighbours]
    n = len(lists)
    buckets = [[] for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        buckets[len(lists[i])].append(i)
    fill, flops, order = 0.0, 0.0, []
    while True:
        degree = next((d for d, bucket in enumerate(buckets[: limit + 1]) if bucket), None)
        if degree is None:
            break
        v = buckets[degree].pop()
        clique = lists[v]
        order.append(v)
        fill += degree + 1
        flops += degree * (degree + 1) / 2
        for u in clique:
            buckets[len(lists[u])].remove(u)
            lists[u] = [x for x in lists[u] if x != v]
            lists[u] += [x for x in clique if x != u and x not in lists[u]]
            buckets[len(lists[u])].append(u)
    left = n - len(order)
    return fill + left * (left + 1) / 2, flops + left * (left + 1) * (left + 2) / 6, left, order
