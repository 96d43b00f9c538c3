"""Compiled loops that read a primal matrix: the triangles it violates most, the cuts that hyperplanes make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, SignArray


@kernel
def violated_triangles(X: FloatArray, threshold: float, found: IndexArray, slack: FloatArray) -> int:
    """Fill `found` with the triangles of least slack among those below `threshold`; return their number.

    Rows are ``(i, j, k, flip)`` as in `derandkit.signs.proofs.triangles.kernels`; of the four inequalities on three
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
