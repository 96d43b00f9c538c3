"""What a case of branch and bound hands down to the cases it is split into: multipliers of triangles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.sums import exact_sum
from derandkit.signs.proofs.triangles.kernels import add_triangles

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray, IntArray
    from derandkit.signs.proofs.triangles.bound import TriangleDual


#: From this share of entries that are not zero a matrix counts as dense.
DENSE = 0.5


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Multipliers of a case, for its children: ``y`` by vertex, triangles as rows of vertices, in scaled units."""

    vertices: IntArray
    y: FloatArray
    triangles: IntArray
    multipliers: FloatArray
    alpha: float
    coupling: float

    def contracted(
        self, u: int, v: int, opposite: bool, left: IntArray
    ) -> tuple[FloatArray, IndexArray, FloatArray]:
        """Return y, triangles and multipliers over the vertices `left` when v has been merged into u.

        Restricted to vectors with ``x_v = +-x_u`` a semidefinite matrix stays one, so y loses nothing. A triangle on
        both ends says of its third vertex k no more than ``0 >= 0`` or ``|x_uk| <= 1``. The latter follows from the
        diagonal of the semidefinite matrix, which takes its multiplier over: the bound loses nothing either.
        Triangles on vertices that are gone are dropped.
        """
        sign = -1 if opposite else 1
        position = np.full(int(self.vertices.max()) + 1, -1, dtype=np.int64)
        position[left] = np.arange(left.size)
        full = np.zeros(position.size)
        full[self.vertices] = self.y
        full[u] += full[v] + 2.0 * sign * self.coupling
        corners, flip = self.triangles[:, :3].copy(), self.triangles[:, 3]
        side = np.ones_like(corners)
        side[np.arange(flip.size)[flip > 0], flip[flip > 0] - 1] = -1
        ends = (corners == u) | (corners == v)
        sides_differ = np.where(ends, side, 1).prod(axis=1) * sign < 0
        kept = (ends.sum(axis=1) == 2) & ~sides_differ
        third = corners[kept][~ends[kept]]
        np.add.at(full, third, 2.0 * self.multipliers[kept])
        full[u] += 2.0 * exact_sum(self.multipliers[kept])
        moved = corners == v
        corners[moved] = u
        side[moved] *= sign
        corners = position[corners]
        order = np.argsort(corners, axis=1, kind="stable")
        corners, side = np.take_along_axis(corners, order, 1), np.take_along_axis(side, order, 1)
        side[(side < 0).sum(axis=1) >= 2] *= -1
        negative = side < 0
        flip = np.where(negative.any(axis=1), negative.argmax(axis=1) + 1, 0)
        fine = (corners[:, 0] >= 0) & (corners[:, 0] < corners[:, 1]) & (corners[:, 1] < corners[:, 2])
        rows = np.column_stack([corners, flip])[fine]
        rows, where = np.unique(rows, axis=0, return_inverse=True)
        multipliers = np.zeros(rows.shape[0])
        np.add.at(multipliers, where.reshape(-1), self.multipliers[fine])
        return full[left], rows.astype(np.int32), multipliers


def handed_down(dual: TriangleDual, vertices: IntArray) -> tuple[tuple[int, int], Multipliers]:
    """Return the pair on which a case is split, and what its children start from."""
    a, b = choose_pair(dual)
    M = np.zeros_like(dual.A)
    add_triangles(M, dual.best_triangles, dual.best_z[dual.n :])
    warm = Multipliers(
        vertices,
        dual.best_z[: dual.n],
        np.column_stack([vertices[dual.best_triangles[:, :3]], dual.best_triangles[:, 3]]),
        dual.best_z[dual.n :],
        dual.alpha,
        float(dual.A[a, b] - M[a, b]),
    )
    return (int(vertices[a]), int(vertices[b])), warm


def choose_pair(dual: TriangleDual) -> tuple[int, int]:
    """Return the pair of vertices on which a case is split.

    In dense cases it is the pair that the primal matrix leaves most open. In others many vertices are hardly tied to
    any other, and to know the sides of two of them says little: a pair then counts for more where the row of either
    end has large squares.
    """
    X = np.abs(dual.X)
    open_pairs = 1.0 - X
    if np.count_nonzero(dual.A) < DENSE * dual.n**2:
        ties = np.array([exact_sum(row) for row in X * X])
        open_pairs *= np.minimum.outer(ties, ties)
    np.fill_diagonal(open_pairs, -1.0)
    best = int(np.argmax(open_pairs))
    a, b = divmod(best, dual.n)
    return min(a, b), max(a, b)
