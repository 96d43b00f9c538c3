"""Compiled loops that read a primal matrix: the triangles it violates most, the cuts that hyperplanes make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, SignArray

#: Pentagons that a triangle is extended to.
EXTENSIONS = 4


@kernel
def violated_triangles(X: FloatArray, threshold: float, found: IndexArray, slack: FloatArray) -> int:
    """Fill `found` with the triangles of least slack among those below `threshold`; return their number.

    Rows are ``(i, j, k, flip)`` as in proofs; of the four inequalities on three
    vertices only the worst is considered. They stand in the order of a heap with the largest slack on top; of equal
    slacks the first met are kept. ``n^3 / 6`` steps.
    """
    n = X.shape[0]
    limit = slack.size
    count = 0
    worst = threshold
    for i in range(n):
        for j in range(i + 1, n):
            x = X[i, j]
            for k in range(j + 1, n):
                y = X[i, k]
                z = X[j, k]
                # the least of 1 + x + y + z, 1 - x - y + z, 1 - x + y - z, 1 + x - y - z
                least = 1.0 + min(min(z + (x + y), z - (x + y)), min((y - x) - z, (x - y) - z))
                if least < worst:
                    if least == 1.0 + (z + (x + y)):
                        flip = 0
                    elif least == 1.0 + (z - (x + y)):
                        flip = 1
                    elif least == 1.0 + ((y - x) - z):
                        flip = 2
                    else:
                        flip = 3
                    if count < limit:  # sift up
                        at = count
                        count += 1
                        while at > 0 and slack[(at - 1) // 2] < least:
                            slack[at] = slack[(at - 1) // 2]
                            found[at] = found[(at - 1) // 2]
                            at = (at - 1) // 2
                    else:  # replace the top and sift down
                        at = 0
                        while True:
                            child = 2 * at + 1
                            if child >= limit:
                                break
                            if child + 1 < limit and slack[child + 1] > slack[child]:
                                child += 1
                            if slack[child] <= least:
                                break
                            slack[at] = slack[child]
                            found[at] = found[child]
                            at = child
                    slack[at] = least
                    found[at, 0] = i
                    found[at, 1] = j
                    found[at, 2] = k
                    found[at, 3] = flip
                    if count == limit:
                        worst = slack[0]
    return count


@kernel
def hyperplane_signs(V: FloatArray, directions: FloatArray, signs: SignArray) -> None:
    """Fill ``signs[t, i]`` with the side of ``V_i . directions_t``; zero counts as +."""
    n, r = V.shape
    for t in range(directions.shape[0]):
        for i in range(n):
            s = 0.0
            for k in range(r):
                s += V[i, k] * directions[t, k]
            signs[t, i] = 1 if s >= 0.0 else -1


@kernel
def violated_pentagons(
    X: FloatArray, triangles: IndexArray, threshold: float, found: IndexArray, slack: FloatArray
) -> int:
    """Extend triangles by two vertices each, and fill `found` with the worst pentagons below `threshold`.

    `triangles` are rows of six; each gets its `EXTENSIONS` worst pairs of further vertices, with the signs that make
    the slack least, as rows whose vertices are not sorted. Returns their number, at most `EXTENSIONS` a triangle, which
    is what `found` and `slack` have room for. ``n^2 / 2`` steps a triangle.
    """
    n = X.shape[0]
    pull = np.empty(n)
    least = np.empty(EXTENSIONS)
    pair = np.empty((EXTENSIONS, 3), dtype=np.int64)
    count = 0
    for t in range(triangles.shape[0]):
        i, j, k, flips = triangles[t, 0], triangles[t, 1], triangles[t, 2], triangles[t, 5]
        a = -1.0 if flips & 1 else 1.0
        b = -1.0 if flips & 2 else 1.0
        c = -1.0 if flips & 4 else 1.0
        base = 2.0 + a * b * X[i, j] + a * c * X[i, k] + b * c * X[j, k]
        for v in range(n):
            pull[v] = a * X[i, v] + b * X[j, v] + c * X[k, v]
        for q in range(EXTENSIONS):
            least[q] = threshold
        for v in range(1, n):
            if v in (i, j, k):
                continue
            for u in range(v):
                x = X[v, u]
                # with equal signs x + (+-)(pull_u + pull_v), with different ones -x + (+-)(pull_v - pull_u)
                equal, other = x - abs(pull[v] + pull[u]), -x - abs(pull[v] - pull[u])
                value = base + min(equal, other)
                if value >= least[EXTENSIONS - 1] or u in (i, j, k):
                    continue
                q = EXTENSIONS - 1
                while q > 0 and least[q - 1] > value:
                    least[q] = least[q - 1]
                    for r in range(3):
                        pair[q, r] = pair[q - 1, r]
                    q -= 1
                least[q] = value
                pair[q, 0], pair[q, 1] = u, v
                if equal <= other:
                    pair[q, 2] = 24 if pull[v] + pull[u] > 0.0 else 0
                else:  # bit 3 is the sign of u, bit 4 that of v
                    pair[q, 2] = 16 if pull[v] - pull[u] > 0.0 else 8
        for q in range(EXTENSIONS):
            if least[q] < threshold:
                found[count, 0], found[count, 1], found[count, 2] = i, j, k
                found[count, 3], found[count, 4], found[count, 5] = pair[q, 0], pair[q, 1], flips | pair[q, 2]
                slack[count] = least[q]
                count += 1
    return count
