"""The lemma's bound with the curvature along the rows that are left of ``W_perp``.

The lemma divides by the smallest curvature of all directions of the bias. What is left of ``W_perp`` feels the
curvature in its own directions only, and the gradient counts only where ``W_perp`` has something.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.vectors import norm
from derandkit.runtime import lapack

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

#: Singular values of ``W_perp`` below this share of ``|W|`` belong to no direction that rounding leaves alone.
NEGLIGIBLE = 1e-6


@dataclass(frozen=True, eq=False)
class Rows:
    """What is left of ``W_perp``, as a unit matrix with the span of its columns.

    Parameters
    ----------
    unit : ndarray, shape (n, d)
        ``W_perp / |W_perp|``.
    basis : ndarray, shape (n, r)
        Left singular vectors of ``W_perp`` whose singular values are above `NEGLIGIBLE` times ``|W|``.
    within, beyond : float
        Norms of the parts of `unit` in the span of the basis and outside of it.
    """

    unit: FloatArray
    basis: FloatArray
    within: float
    beyond: float

    def curvature(self, H: FloatArray) -> float:
        """Return ``<W_perp, H W_perp> / |W_perp|^2``, the mean curvature along the rows that are left."""
        return float(np.sum(self.unit * np.einsum("ij,jd->id", H, self.unit)))

    def gradient(self, G: FloatArray) -> float:
        """Return the part of a gradient that can hold ``W_perp`` up.

        It is at least ``<W_perp, G> / |W_perp|``, and at most ``|G|``.
        With P the projection on the span of the basis it is ``|P G|`` and ``|G - P G|``, each times the share of
        ``W_perp`` there.
        """
        inside = np.einsum("nr,nd->rd", self.basis, G)
        outside = G - np.einsum("nr,rd->nd", self.basis, inside)
        return norm(inside) * self.within + norm(outside) * self.beyond


def rows_of(perp: FloatArray, size: float) -> Rows | None:
    """Return what is left of ``W_perp``; None where it is a millionth of W or less, and mostly rounding.

    Parameters
    ----------
    perp : ndarray, shape (n, d)
        ``W_perp``.
    size : float
        ``|W|``.

    Examples
    --------
    >>> rows = rows_of(np.array([[3.0, 0.0], [0.0, 0.0]]), 5.0)
    >>> rows.curvature(np.diag([0.5, 0.0])), rows.gradient(np.array([[0.0, 2.0], [7.0, 0.0]]))
    (0.5, 2.0)
    >>> rows_of(np.array([[1e-7]]), 1.0) is None
    True
    """
    left = norm(perp)
    if not left > NEGLIGIBLE * size:
        return None
    vectors, values, _ = lapack.svd(perp / left)
    kept = values > NEGLIGIBLE * (size / left)
    return Rows(
        perp / left,
        np.ascontiguousarray(vectors[:, kept]),
        math.sqrt(math.fsum((values[kept] ** 2).tolist())),
        math.sqrt(math.fsum((values[~kept] ** 2).tolist())),
    )
