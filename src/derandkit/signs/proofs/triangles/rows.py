"""Inequalities on three or five vertices as rows of integers: their forms in programs and in proofs, and their order.

In programs a row is ``(i, j, k, l, m, flips)`` (`derandkit.signs.proofs.triangles.kernels`). In a proof a triangle is
``(i, j, k, flip)``, where flip counts from one the vertex with the negative sign, and a pentagon is such a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from derandkit.numerics.typing import IndexArray, IntArray

#: Up to this order the rows of pentagons have keys that fit into 64 bits.
LARGEST_ORDER = 2000


def triangle_rows(triangles: IndexArray | IntArray) -> IndexArray:
    """Return triangles as rows of six.

    Parameters
    ----------
    triangles : ndarray, shape (t, 4)
        Rows ``(i, j, k, flip)``.

    Returns
    -------
    ndarray of int32, shape (t, 6)

    Examples
    --------
    >>> triangle_rows(np.array([[0, 1, 2, 0], [0, 2, 5, 3]])).tolist()
    [[0, 1, 2, -1, -1, 0], [0, 2, 5, -1, -1, 4]]
    """
    rows = np.full((len(triangles), 6), -1, dtype=np.int32)
    rows[:, :3] = triangles[:, :3]
    rows[:, 5] = np.array([0, 1, 2, 4], dtype=np.int32)[triangles[:, 3]]
    return rows


def proof_rows(rows: IndexArray) -> tuple[IndexArray, IndexArray]:
    """Return triangles, shape (t, 4), and pentagons, shape (p, 6), in the form of proofs.

    Examples
    --------
    >>> triangles, pentagons = proof_rows(np.array([[0, 2, 5, -1, -1, 4], [0, 1, 2, 3, 4, 6]]))
    >>> triangles.tolist(), pentagons.tolist()
    ([[0, 2, 5, 3]], [[0, 1, 2, 3, 4, 6]])
    """
    three = rows[:, 3] < 0
    flips = np.array([0, 1, 2, 0, 3])[rows[three, 5]]
    return np.column_stack([rows[three, :3], flips]), rows[~three]


def sorted_rows(corners: IntArray, sides: IntArray) -> IndexArray:
    """Return rows of given vertices and their signs, the vertices ascending and the signs in their standard form.

    A triangle has at most one negative sign, a pentagon has none at its first vertex: to turn all signs is no change.

    Parameters
    ----------
    corners, sides : ndarray, shape (t, 3) or (t, 5)
        Different vertices, and a sign for each.

    Examples
    --------
    >>> sorted_rows(np.array([[7, 2, 4]]), np.array([[1, -1, -1]])).tolist()
    [[2, 4, 7, -1, -1, 4]]
    """
    size = corners.shape[1]
    order = np.argsort(corners, axis=1, kind="stable")
    corners, sides = np.take_along_axis(corners, order, 1), np.take_along_axis(sides, order, 1)
    turned = (sides < 0).sum(axis=1) >= 2 if size == 3 else sides[:, 0] < 0
    sides = np.where(turned[:, None], -sides, sides)
    rows = np.full((len(corners), 6), -1, dtype=np.int32)
    rows[:, :size] = corners
    rows[:, 5] = ((sides < 0) << np.arange(size)).sum(axis=1)
    return rows


def signs_of(rows: IndexArray | IntArray) -> IntArray:
    """Return the signs of all vertices of rows, shape (t, 5).

    Examples
    --------
    >>> signs_of(np.array([[0, 1, 2, 3, 4, 6]])).tolist()
    [[1, -1, -1, 1, 1]]
    """
    return np.asarray(1 - 2 * ((rows[:, 5:].astype(np.int64) >> np.arange(5)) & 1))


def keys_of(rows: IndexArray, n: int) -> IntArray:
    """Return a number for each row over n vertices: different for different rows, triangles in their order first.

    Examples
    --------
    >>> keys_of(np.array([[0, 1, 2, -1, -1, 4], [0, 1, 2, 3, 4, 6]]), 9).tolist()
    [356, 1050118]
    """
    wide = rows.astype(np.int64)
    key = (wide[:, 0] * n + wide[:, 1]) * n + wide[:, 2]
    if n <= LARGEST_ORDER:  # in larger orders there are triangles alone
        key += ((wide[:, 3] + 1) * (n + 1) + wide[:, 4] + 1) * n**3
    return np.asarray(key * 32 + wide[:, 5])
