"""Pentagons that a primal matrix violates: triangles that count, extended by two vertices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.signs.proofs.triangles.rows import keys_of, signs_of, sorted_rows
from derandkit.signs.proofs.triangles.separation import EXTENSIONS, violated_pentagons

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IndexArray

#: Rounds of triangles before the first pentagons; pentagons a vertex and round; from which violation on they are added.
FIRST_ROUND, PER_VERTEX, VIOLATION = 3, 4, 5e-2


def worst_pentagons(X: FloatArray, rows: IndexArray, multipliers: FloatArray) -> IndexArray:
    """Extend the triangles with the largest multipliers; return the most violated pentagons.

    Parameters
    ----------
    X : ndarray, shape (n, n)
        A primal matrix with unit diagonal, nearly.
    rows : ndarray of int32, shape (t, 6)
        Triangles, and other rows that are left out.
    multipliers : ndarray, shape (t,)
        Of the rows.

    Returns
    -------
    ndarray of int32, shape (p, 6)
        At most `PER_VERTEX` n different pentagons, the worst first.

    Notes
    -----
    ``2 n^3`` steps: all pairs of further vertices for `PER_VERTEX` n triangles. To look at all pentagons would take
    ``2 n^5 / 15``.

    Examples
    --------
    >>> X = np.full((5, 5), -0.25) + 1.25 * np.eye(5)  # every triangle holds, -10 / 4 is below -2
    >>> worst_pentagons(X, np.array([[0, 1, 2, -1, -1, 0]], dtype=np.int32), np.ones(1)).tolist()
    [[0, 1, 2, 3, 4, 0]]
    """
    n = len(X)
    limit = PER_VERTEX * n
    three = rows[:, 3] < 0
    heaviest = np.argsort(-multipliers[three], kind="stable")[:limit]
    base = np.ascontiguousarray(rows[three][heaviest])
    room = EXTENSIONS * len(base)
    found, slack = np.empty((room, 6), dtype=np.int32), np.empty(room)
    count = violated_pentagons(X, base, -VIOLATION, found, slack)
    pentagons = sorted_rows(found[:count, :5].astype(np.int64), signs_of(found[:count]))
    _, first = np.unique(keys_of(pentagons, n), return_index=True)
    worst = np.argsort(slack[:count][first], kind="stable")[:limit]
    return pentagons[first][worst]
