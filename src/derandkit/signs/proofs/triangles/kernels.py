"""Compiled inner loops of the triangle bound: the smoothed dual function, its minimisation, and separation.

Symmetric matrices are dense and stored in full. Nothing here calls BLAS or LAPACK: the eigenvalues decide how the
minimisation proceeds, and library routines give other last bits with other thread counts or processors. Loops
that matter run along rows and add vectors, not numbers, so the compiler may use vector instructions without
changing any order of summation.

An inequality is a row ``(i, j, k, l, m, flips)`` with ``i < j < k < l < m``, a pentagon, or with ``l = m = -1``, a
triangle. Bit a of ``flips`` says that the sign b of its vertex a is -1. A sum of an odd number of signs is at least one
in size, so the row stands for ``(s - 1) / 2 + sum b_a b_c x_ac >= 0`` over the pairs of its s vertices.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray


@kernel
def inner(x: FloatArray, y: FloatArray) -> float:
    """Return ``sum_i x_i y_i``, added in four interleaved parts."""
    n = x.size
    a = b = c = d = 0.0
    stop = n - n % 4
    for i in range(0, stop, 4):
        a += x[i] * y[i]
        b += x[i + 1] * y[i + 1]
        c += x[i + 2] * y[i + 2]
        d += x[i + 3] * y[i + 3]
    for i in range(stop, n):
        a += x[i] * y[i]
    return (a + b) + (c + d)


@kernel
def add_inequalities(M: FloatArray, rows: IndexArray, multipliers: FloatArray) -> None:
    """Add ``sum_t multipliers_t T_t`` to M, where ``<T_t, X> / 2 = sum b_a b_c x_ac`` over the pairs of the row."""
    for t in range(multipliers.size):
        plus = multipliers[t]
        if plus != 0.0:
            size, flips = 3 if rows[t, 3] < 0 else 5, rows[t, 5]
            for a in range(1, size):
                i = rows[t, a]
                for c in range(a):
                    j = rows[t, c]
                    x = plus if ((flips >> a) ^ (flips >> c)) & 1 == 0 else -plus
                    M[i, j] += x
                    M[j, i] += x


@kernel
def tridiagonalise(M: FloatArray, beta: FloatArray, d: FloatArray, e: FloatArray, p: FloatArray) -> None:
    """Reduce M to tridiagonal form by reflections ``I - beta_k v_k v_k^T``; v_k is left in ``M[k, k+1:]``.

    ``d`` receives the diagonal, ``e[k]`` couples k and k + 1; `p` is scratch. About ``2 n^3`` flops.
    """
    n = d.size
    for k in range(n - 2):
        v = M[k]
        s = 0.0
        for i in range(k + 2, n):
            s += v[i] * v[i]
        d[k] = v[k]
        if s == 0.0:
            beta[k] = 0.0
            e[k] = v[k + 1]
            continue
        length = math.sqrt(s + v[k + 1] * v[k + 1])
        image = -length if v[k + 1] > 0.0 else length
        v[k + 1] -= image
        b = 2.0 / (s + v[k + 1] * v[k + 1])
        beta[k] = b
        e[k] = image
        for i in range(k + 1, n):
            p[i] = 0.0
        # rows are taken four at a time: v and p are then read four times less often
        whole = n - (n - k - 1) % 4
        for i in range(k + 1, whole, 4):
            w, x, y, z = M[i], M[i + 1], M[i + 2], M[i + 3]
            cw, cx, cy, cz = b * v[i], b * v[i + 1], b * v[i + 2], b * v[i + 3]
            for j in range(k + 1, n):
                p[j] = (((p[j] + cw * w[j]) + cx * x[j]) + cy * y[j]) + cz * z[j]
        for i in range(whole, n):
            c = b * v[i]
            row = M[i]
            for j in range(k + 1, n):
                p[j] += c * row[j]
        c = 0.0
        for i in range(k + 1, n):
            c += p[i] * v[i]
        c *= 0.5 * b
        for i in range(k + 1, n):
            p[i] -= c * v[i]
        for i in range(k + 1, whole, 4):
            w, x, y, z = M[i], M[i + 1], M[i + 2], M[i + 3]
            vw, vx, vy, vz = v[i], v[i + 1], v[i + 2], v[i + 3]
            pw, px, py, pz = p[i], p[i + 1], p[i + 2], p[i + 3]
            for j in range(k + 1, n):
                s, c = p[j], v[j]
                w[j] -= vw * s + pw * c
                x[j] -= vx * s + px * c
                y[j] -= vy * s + py * c
                z[j] -= vz * s + pz * c
        for i in range(whole, n):
            row = M[i]
            s, c = v[i], p[i]
            for j in range(k + 1, n):
                row[j] -= s * p[j] + c * v[j]
    for k in range(max(0, n - 2), n):
        d[k] = M[k, k]
    if n > 1:
        e[n - 2] = M[n - 2, n - 1]


@kernel
def diagonalise(d: FloatArray, e: FloatArray, turns: FloatArray) -> tuple[int, FloatArray]:
    """Turn d into the eigenvalues of the tridiagonal matrix ``(d, e)`` by implicit QL steps, in no order.

    Rotations ``(sine, cosine, i)`` of the coordinates i and i + 1 are kept in the rows of `turns`, in their order.
    Returns their number and where they stand: `turns`, or a longer array if it is full. With `turns` of no columns they
    are not kept. ``e[n - 1]`` must be there and is scratch.
    """
    used, kept = 0, turns.shape[1] > 0
    n = d.size
    e[n - 1] = 0.0
    for low in range(n):
        for _ in range(60):
            m = low
            while m < n - 1 and abs(e[m]) > 1.2e-16 * (abs(d[m]) + abs(d[m + 1])):
                m += 1
            if m == low:
                break
            g = (d[low + 1] - d[low]) / (2.0 * e[low])
            r = math.sqrt(g * g + 1.0)
            g = d[m] - d[low] + e[low] / (g + (r if g >= 0.0 else -r))
            s = c = 1.0
            p = 0.0
            split = False
            for i in range(m - 1, low - 1, -1):
                f = s * e[i]
                b = c * e[i]
                r = math.sqrt(f * f + g * g)
                e[i + 1] = r
                if r == 0.0:
                    d[i + 1] -= p
                    e[m] = 0.0
                    split = True
                    break
                s = f / r
                c = g / r
                g = d[i + 1] - p
                r = (d[i] - g) * s + 2.0 * c * b
                p = s * r
                d[i + 1] = g + p
                g = c * r - b
                if kept:
                    if used == turns.shape[0]:
                        longer = np.empty((2 * used + n, 3))
                        for row in range(used):  # an assignment of slices compiles seconds of messages
                            for column in range(3):
                                longer[row, column] = turns[row, column]
                        turns = longer
                    turns[used, 0], turns[used, 1], turns[used, 2] = s, c, i
                    used += 1
            if split:
                continue
            d[low] -= p
            e[low] = g
            e[m] = 0.0
    return used, turns


@kernel
def positive_part(
    M: FloatArray, X: FloatArray, d: FloatArray, scratch: FloatArray, Z: FloatArray, B: FloatArray
) -> float:
    """Fill X with the projection of M onto the semidefinite cone and d with the eigenvalues; return ``sum d_+^2``.

    M is destroyed. `scratch` has shape (3, n), Z shape (3 n, n), B the shape of M; on return the first columns of B
    hold the eigenvectors to positive eigenvalues, in the order in which those stand in d. Rotations are kept and then
    applied, last ones first, to these alone: few eigenvalues are positive.
    """
    n = d.size
    beta, e, p = scratch[0], scratch[1], scratch[2]
    tridiagonalise(M, beta, d, e, p)
    used, turns = diagonalise(d, e, Z.reshape(n * n, 3))
    rank = 0
    total = 0.0
    for t in range(n):
        if d[t] > 0.0:
            total += d[t] * d[t]
            for i in range(n):
                B[i, rank] = 0.0
            B[t, rank] = 1.0
            p[rank] = d[t]
            rank += 1
    for a in range(used - 1, -1, -1):
        s, c, i = turns[a, 0], turns[a, 1], int(turns[a, 2])
        lower, upper = B[i], B[i + 1]
        for t in range(rank):
            x, y = lower[t], upper[t]
            upper[t] = c * y - s * x
            lower[t] = s * y + c * x
    for k in range(n - 3, -1, -1):
        if beta[k] != 0.0:
            v = M[k]
            for t in range(rank):
                e[t] = 0.0
            for i in range(k + 1, n):
                x = v[i]
                row = B[i]
                for t in range(rank):
                    e[t] += x * row[t]
            for i in range(k + 1, n):
                x = beta[k] * v[i]
                row = B[i]
                for t in range(rank):
                    row[t] -= x * e[t]
    for t in range(rank):
        for i in range(n):
            Z[t, i] = B[i, t]
    for i in range(n):
        row = X[i]
        for j in range(i + 1):
            row[j] = 0.0
        for t in range(rank):
            x = p[t] * B[i, t]
            other = Z[t]
            for j in range(i + 1):
                row[j] += x * other[j]
    for i in range(n):
        for j in range(i):
            X[j, i] = X[i, j]
    return total


@kernel
def smooth_dual(
    A: FloatArray,
    rows: IndexArray,
    z: FloatArray,
    alpha: float,
    gradient: FloatArray,
    X: FloatArray,
    d: FloatArray,
    work: FloatArray,
) -> float:
    """Return the smoothed dual at ``z = (y, multipliers)``; fill its gradient, the primal matrix and eigenvalues.

    ``sum y + sum (s_t - 1) multipliers_t + |N_+|^2 / (2 alpha) + alpha n^2 / 2`` with
    ``N = sum multipliers_t T_t - A - Diag(y)`` is at least ``max -<A, X>`` over semidefinite X with unit diagonal that
    satisfy the rows, for every alpha > 0 (such X has ``|X|_F <= n``). Its gradient is what ``X = N_+ / alpha`` lacks:
    ``1 - X_ii`` and twice the slacks.
    `d` receives the eigenvalues of N. `work` has shape (5 n + 3, n).
    """
    n = d.size
    M, B, Z, scratch = work[:n], work[n : 2 * n], work[2 * n : 5 * n], work[5 * n :]
    for i in range(n):
        for j in range(n):
            M[i, j] = -A[i, j]
        M[i, i] -= z[i]
    multipliers = z[n:]
    add_inequalities(M, rows, multipliers)
    value = 0.5 * positive_part(M, X, d, scratch, Z, B) / alpha + 0.5 * alpha * n * n
    for i in range(n):
        for j in range(n):
            X[i, j] /= alpha
        gradient[i] = 1.0 - X[i, i]
        value += z[i]
    for t in range(multipliers.size):
        size, flips = 3 if rows[t, 3] < 0 else 5, rows[t, 5]
        slack = 0.5 * (size - 1)
        value += multipliers[t] * (size - 1)
        for a in range(1, size):
            i = rows[t, a]
            for c in range(a):
                x = X[i, rows[t, c]]
                slack += x if ((flips >> a) ^ (flips >> c)) & 1 == 0 else -x
        gradient[n + t] = 2.0 * slack
    return value


@kernel
def minimise_dual(
    A: FloatArray,
    rows: IndexArray,
    z: FloatArray,
    best: FloatArray,
    alpha: float,
    limit: int,
    target: float,
    tolerance: float,
    X: FloatArray,
    d: FloatArray,
    work: FloatArray,
    memory: FloatArray,
    ring: IntArray,
    out: FloatArray,
) -> int:
    """Minimise the smoothed dual over multipliers >= 0 by projected limited-memory BFGS steps, in place in z.

    Every iterate gives the bound ``sum y + sum (s_t - 1) multipliers_t + n max(0, lambda_max(N))`` on ``max -<A, X>``;
    the z with the lowest one is left in `best` with y already raised, ``out = (that bound, last value, largest entry of
    the projected gradient, step)``; `step` is the length of a gradient step to begin with, and is left fit for the next
    call. Stops after `limit` evaluations, when the bound falls below `target`, or when no entry of the projected
    gradient exceeds `tolerance`; returns the number of evaluations. `memory` has shape (2 s + 5, z.size) for s pairs
    of steps and changes of gradient, the first ``ring[0]`` of which, newest at ``ring[1]``, may come from an earlier
    call. Multipliers at zero that the gradient would lower stay out of the quasi-Newton step.

    References: Byrd, Lu, Nocedal, Zhu, SIAM J. Sci. Comput. 16 (1995) for the class of methods; Krislock, Malick,
    Roupin, Math. Program. 143 (2014) for this dual.
    """
    n = d.size
    size = z.size
    pairs = (memory.shape[0] - 5) // 2
    S, Y = memory[:pairs], memory[pairs : 2 * pairs]
    g, q, trial, g_trial, free = (
        memory[2 * pairs],
        memory[2 * pairs + 1],
        memory[2 * pairs + 2],
        memory[2 * pairs + 3],
        memory[2 * pairs + 4],
    )
    weight = np.empty(pairs)
    rho = np.empty(pairs)
    stored = ring[0]
    newest = ring[1]
    value = smooth_dual(A, rows, z, alpha, g, X, d, work)
    evaluations = 1
    out[0] = np.inf
    step = 0.0
    while True:
        # the bound at z
        top = 0.0
        for i in range(n):
            top = max(top, d[i])
        bound = n * top
        for i in range(n):
            bound += z[i]
        for i in range(n, size):
            bound += 2.0 * z[i] if rows[i - n, 3] < 0 else 4.0 * z[i]
        if bound < out[0]:
            out[0] = bound
            for i in range(size):
                best[i] = z[i]
            for i in range(n):
                best[i] += top
        residual = 0.0
        for i in range(size):
            free[i] = 0.0 if i >= n and z[i] <= 0.0 and g[i] >= 0.0 else 1.0
            residual = max(residual, free[i] * abs(g[i]))
        out[1] = value
        out[2] = residual
        ring[0] = stored
        ring[1] = newest
        if out[0] < target or residual <= tolerance or evaluations >= limit:
            return evaluations
        # two-loop recursion on the free coordinates
        for i in range(size):
            q[i] = -g[i] * free[i]
        for a in range(stored):
            at = (newest - a) % pairs
            s, y = S[at], Y[at]
            curvature = 0.0
            product = 0.0
            for i in range(size):
                curvature += free[i] * s[i] * y[i]
                product += s[i] * q[i]
            rho[a] = curvature
            weight[a] = 0.0
            if curvature > 0.0:
                weight[a] = product / curvature
                for i in range(size):
                    q[i] -= weight[a] * y[i] * free[i]
        scaled = False
        for a in range(stored):
            at = (newest - a) % pairs
            square = 0.0
            for i in range(size):
                square += free[i] * Y[at, i] * Y[at, i]
            if rho[a] > 0.0 and square > 0.0:
                out[3] = rho[a] / square
                for i in range(size):
                    q[i] *= out[3]
                scaled = True
                break
        for a in range(stored - 1, -1, -1):
            if rho[a] > 0.0:
                at = (newest - a) % pairs
                c = weight[a] - inner(Y[at], q) / rho[a]
                for i in range(size):
                    q[i] += c * S[at, i] * free[i]
        slope = inner(g, q)
        if not scaled or not slope < 0.0:
            stored = 0
            for i in range(size):
                q[i] = -out[3] * g[i] * free[i]
        step = 1.0
        accepted = False
        for _ in range(30):
            slope = 0.0
            for i in range(size):
                x = z[i] + step * q[i]
                if i >= n and x < 0.0:
                    x = 0.0
                trial[i] = x
                slope += g[i] * (x - z[i])
            f = smooth_dual(A, rows, trial, alpha, g_trial, X, d, work)
            evaluations += 1
            if f <= value + 1e-4 * slope:
                accepted = True
                break
            # minimum of the parabola through value, slope and f
            ratio = -0.5 * slope / (f - value - slope) if f - value - slope > 0.0 else 0.5
            step *= min(0.5, max(0.1, ratio))
            if evaluations >= limit:
                break
        if not accepted:
            smooth_dual(A, rows, z, alpha, g, X, d, work)
            return evaluations + 1
        newest = (newest + 1) % pairs
        stored = min(pairs, stored + 1)
        for i in range(size):
            S[newest, i] = trial[i] - z[i]
            Y[newest, i] = g_trial[i] - g[i]
            z[i] = trial[i]
            g[i] = g_trial[i]
        value = f
