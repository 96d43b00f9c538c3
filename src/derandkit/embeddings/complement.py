"""What a fitted map does to directions that no fitted point has.

The fit fixes the map on the span of the points. On the orthogonal complement any choice gives the same ratios, and
zero, the choice a solver makes by default, contracts every unseen point. Here the complement is mapped by a tight
frame: the directions are spread evenly over the output, at a size that makes the whole map neither contract nor
expand on average. It costs nothing on the fitted points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.options import COMPLEMENTS, Complement
from derandkit.numerics.hashing import hashed_normals
from derandkit.options import check_choice

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray
    from derandkit.points.cloud import PointCloud

_SCALES = (0.5, 2.0)


def extend(
    M: FloatArray,
    basis: FloatArray,
    complement: Complement = "balanced",
    *,
    cloud: PointCloud | None = None,
) -> FloatArray:
    """Extend a map on the span of the points to the whole space.

    Parameters
    ----------
    M : ndarray, shape (k, r)
        The map in coordinates of the span.
    basis : ndarray, shape (r, a)
        Orthonormal basis of the span, in the columns of the points that the cloud holds.
    complement : {"balanced", "isometric", "zero"}
        Size of the map on the complement: such that the mean squared stretch over all of R^d is 1 (kept within
        [1/2, 2]), mean squared stretch 1 on the complement itself, or nothing.
    cloud : PointCloud, optional
        The points, where they have columns that the basis has not: these belong to the complement.

    Returns
    -------
    ndarray, shape (k, d)
        Agrees with ``M @ basis`` on the span. O(k d (r + k)) operations.

    Examples
    --------
    >>> basis = np.array([[1.0, 0.0, 0.0]])
    >>> A = extend(np.array([[1.0], [0.0]]), basis, "isometric")
    >>> bool(np.allclose(A @ basis.T, [[1.0], [0.0]])), round(float(np.sum(A * A)), 12)
    (True, 3.0)
    """
    from derandkit.numerics.dense import orthonormalise, product

    complement = check_choice("complement", complement, COMPLEMENTS)
    k, r = M.shape
    inner = np.empty((k, basis.shape[1]))
    product(np.ascontiguousarray(M), basis, inner)
    A = inner if cloud is None else cloud.wide(inner)
    d = A.shape[1]
    if complement == "zero" or r == d:
        return A
    frame = hashed_normals(min(k, d - r), d, stream=1)
    shadow = np.empty((frame.shape[0], r))
    inside = np.empty((frame.shape[0], basis.shape[1]))
    # the other columns of the span are zero
    places = slice(None) if cloud is None or cloud.places is None else cloud.places
    for _ in range(2):
        product(np.ascontiguousarray(frame[:, places]), np.ascontiguousarray(basis.T), shadow)
        product(shadow, basis, inside)
        frame[:, places] -= inside
        kept = orthonormalise(frame)
    size = (d - r) / max(kept, 1)
    if complement == "balanced":
        stretch = float(np.add.accumulate((M * M).ravel())[-1])
        size *= min(max((d - stretch) / (d - r), _SCALES[0]), _SCALES[1])
    # behind the rows of the span, if there is room: with k = d the whole map is an isometry
    first = k - frame.shape[0] if k > r else 0
    A[first : first + frame.shape[0]] += np.sqrt(size) * frame
    return A
