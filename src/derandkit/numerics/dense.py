"""Compiled dense algebra: small, and the same bits everywhere.

LAPACK and a threaded BLAS change their last bits with the number of threads, and a descent amplifies them; these
loops sum in one order that depends on the input only. The passes over pairs cost more, so nothing is lost.

Examples
--------
>>> basis, coordinates = np.zeros((2, 2)), np.zeros((3, 2))
>>> rows = np.array([[3.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
>>> gram_schmidt(rows, 1e-9, basis, coordinates), basis[0].tolist(), coordinates[:, 0].tolist()
(1, [1.0, 0.0], [3.0, 1.0, 2.0])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

_GROWTH = 1.0 + 2.0**-20


@light(lambda A, B, out: A.size * B.shape[1] // 2)
@kernel
def product(A: FloatArray, B: FloatArray, out: FloatArray) -> None:
    """out[i, c] = sum_l A[i, l] B[l, c], summed over l in order (four at a time)."""
    n, r = A.shape
    k = B.shape[1]
    for i in range(n):
        row = out[i]
        for c in range(k):
            row[c] = 0.0
        l = 0  # noqa: E741
        while l + 4 <= r:
            a0, a1, a2, a3 = A[i, l], A[i, l + 1], A[i, l + 2], A[i, l + 3]
            for c in range(k):
                row[c] += (a0 * B[l, c] + a1 * B[l + 1, c]) + (a2 * B[l + 2, c] + a3 * B[l + 3, c])
            l += 4  # noqa: E741
        while l < r:
            a0 = A[i, l]
            for c in range(k):
                row[c] += a0 * B[l, c]
            l += 1  # noqa: E741


@light(lambda A, B, out: A.size * B.shape[1] // 2)
@kernel
def transposed_product(A: FloatArray, B: FloatArray, out: FloatArray) -> None:
    """out[l, c] = sum_i A[i, l] B[i, c], summed over i in order (four at a time)."""
    n, r = A.shape
    k = B.shape[1]
    for l in range(r):  # noqa: E741
        for c in range(k):
            out[l, c] = 0.0
    i = 0
    while i + 4 <= n:
        for l in range(r):  # noqa: E741
            a0, a1, a2, a3 = A[i, l], A[i + 1, l], A[i + 2, l], A[i + 3, l]
            row = out[l]
            for c in range(k):
                row[c] += (a0 * B[i, c] + a1 * B[i + 1, c]) + (a2 * B[i + 2, c] + a3 * B[i + 3, c])
        i += 4
    while i < n:
        for l in range(r):  # noqa: E741
            a0 = A[i, l]
            row = out[l]
            for c in range(k):
                row[c] += a0 * B[i, c]
        i += 1


@light(lambda a, b: a.size)
@kernel
def dot(a: FloatArray, b: FloatArray) -> float:
    """Inner product of two vectors, four running sums."""
    n = a.size
    s0 = s1 = s2 = s3 = 0.0
    i = 0
    while i + 4 <= n:
        s0 += a[i] * b[i]
        s1 += a[i + 1] * b[i + 1]
        s2 += a[i + 2] * b[i + 2]
        s3 += a[i + 3] * b[i + 3]
        i += 4
    while i < n:
        s0 += a[i] * b[i]
        i += 1
    return (s0 + s1) + (s2 + s3)


@light(lambda R, i, basis, first, last, coordinates, rest: 3 * (last - first) * R.shape[1])
@kernel
def project_out(
    R: FloatArray, i: int, basis: FloatArray, first: int, last: int, coordinates: FloatArray, rest: FloatArray
) -> None:
    """Take the basis vectors first to last - 1 out of row i of R, one after the other; rest[i] is what is left."""
    row = R[i]
    for s in range(first, last):
        v = basis[s]
        a = dot(row, v)
        coordinates[i, s] = a
        for c in range(row.size):
            row[c] -= a * v[c]
    rest[i] = dot(row, row)


@light(lambda R, tolerance, basis, coordinates: basis.shape[0] * (R.size + basis.size))
@kernel
def gram_schmidt(R: FloatArray, tolerance: float, basis: FloatArray, coordinates: FloatArray) -> int:
    """Pivoted modified Gram-Schmidt on the rows of R (overwritten); return the rank.

    The pivot is re-orthogonalised twice; the next basis vector is the row with the largest remainder, lowest
    index first. Stops when every remainder is below tolerance times the largest row.

    Remainders get smaller, so a row whose last one is below the largest waits: it is read once for many basis vectors.
    """
    n, d = R.shape
    most = basis.shape[0]
    scale = 0.0
    rest = np.empty(n)
    done = np.empty(n, dtype=np.int64)  # basis vectors that were taken out of each row
    grows = np.empty(n, dtype=np.int64)  # 1 for rows that were passed over, until a basis vector is taken out
    for i in range(n):
        rest[i] = dot(R[i], R[i])
        scale = max(scale, rest[i])
        done[i] = 0
        grows[i] = 0
    rank = 0
    while rank < most:
        first = 0
        for i in range(1, n):
            if rest[i] > rest[first]:
                first = i
        if done[first] < rank:
            project_out(R, first, basis, done[first], rank, coordinates, rest)
            done[first] = rank
            grows[first] = 0
        pivot = first
        for i in range(n):
            # rounding lets a remainder grow by much less than a part in 2^20
            if done[i] < rank and (grows[i] == 1 or rest[i] * _GROWTH >= rest[pivot]):
                project_out(R, i, basis, done[i], rank, coordinates, rest)
                done[i] = rank
                grows[i] = 0
            if done[i] == rank and (rest[i] > rest[pivot] or (rest[i] == rest[pivot] and i < pivot)):
                pivot = i
        if rest[pivot] <= tolerance * tolerance * scale:
            break
        v = basis[rank]
        for c in range(d):
            v[c] = R[pivot, c]
        for _ in range(2):
            for s in range(rank):
                a = dot(v, basis[s])
                row = basis[s]
                for c in range(d):
                    v[c] -= a * row[c]
        norm = np.sqrt(dot(v, v))
        if norm <= tolerance * np.sqrt(scale):
            rest[pivot] = 0.0
            grows[pivot] = 1
            continue
        for c in range(d):
            v[c] /= norm
        rank += 1
    for i in range(n):
        if done[i] < rank:
            project_out(R, i, basis, done[i], rank, coordinates, rest)
    return rank


@light(lambda S: 2 * S.size)
@kernel
def cholesky(S: FloatArray) -> None:
    """Overwrite the lower triangle of S by its Cholesky factor; pivots are positive by the caller's ridge."""
    r = S.shape[0]
    for j in range(r):
        for l in range(j):  # noqa: E741
            S[j, j] -= S[j, l] * S[j, l]
        S[j, j] = np.sqrt(S[j, j])
        for i in range(j + 1, r):
            S[i, j] = (S[i, j] - dot(S[i, :j], S[j, :j])) / S[j, j]
    for j in range(r):
        for i in range(j):
            S[i, j] = 0.0


@light(lambda L, Z: 2 * Z.size)
@kernel
def solve_lower(L: FloatArray, Z: FloatArray) -> None:
    """Overwrite every row z of Z by L^{-1} z."""
    n, r = Z.shape
    for i in range(n):
        row = Z[i]
        for j in range(r):
            row[j] = (row[j] - dot(L[j, :j], row[:j])) / L[j, j]


@light(lambda L, P: P.size * L.shape[0])
@kernel
def solve_lower_transposed(L: FloatArray, P: FloatArray) -> None:
    """Overwrite P (r x k) by L^{-T} P."""
    r, k = P.shape
    for j in range(r - 1, -1, -1):
        for c in range(k):
            P[j, c] /= L[j, j]
        for i in range(j):
            a = L[j, i]
            for c in range(k):
                P[i, c] -= a * P[j, c]


@light(lambda B: B.size * (B.shape[0] + 2))
@kernel
def orthonormalise(B: FloatArray) -> int:
    """Orthonormalise the rows of B in order (twice is enough); return how many were independent."""
    k, r = B.shape
    kept = 0
    for s in range(k):
        row = B[s]
        start = np.sqrt(dot(row, row))
        for _ in range(2):
            for q in range(kept):
                a = dot(row, B[q])
                for c in range(r):
                    row[c] -= a * B[q, c]
        norm = np.sqrt(dot(row, row))
        if norm > 1e-10 * start and norm > 0.0:
            for c in range(r):
                B[kept, c] = row[c] / norm
            kept += 1
    for s in range(kept, k):
        for c in range(r):
            B[s, c] = 0.0
    return kept
