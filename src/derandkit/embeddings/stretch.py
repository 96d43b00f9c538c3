"""What holds for every point: how much a map can stretch or shrink a direction.

The certificate of a map is about the fitted points. For any two points at all, new ones included, the ratio
``|A (x - y)|^2 / |x - y|^2`` lies between the smallest and the largest squared singular value of A, and, if their
difference lies in the span of the fitted points, between those of A on that span.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.rounding import round_down
from derandkit.runtime import lapack

if TYPE_CHECKING:
    from derandkit.embeddings.bound import Spectrum
    from derandkit.numerics.typing import FloatArray

_UNIT = 2.0**-53
_FLATTEST = 1e-13  # smallest eigenvalue over the largest up to which the condition of the span is known


def stretch(
    matrix: FloatArray,
    M: FloatArray,
    points: int,
    limits: Spectrum,
    ratios: tuple[float, float] | None = None,
) -> dict[str, dict[str, float]]:
    """Smallest and largest ``|A v|^2 / |v|^2`` over all directions, and over those of the span of the points.

    Parameters
    ----------
    matrix : ndarray, shape (k, d)
        The map.
    M : ndarray, shape (k, r)
        The map in orthonormal coordinates of the span.
    points : int
        Number of points.
    limits : Spectrum
        Spectrum of the points; it says how well the directions of the span are known.
    ratios : tuple of float, optional
        A ratio of pairs that is at least the smallest, and one that is at most the largest. Where one of them is beyond
        the stretch on the span, the points span more dimensions than their singular values show, and nothing is known
        of the span but that it is a part of the space.

    Returns
    -------
    dict
        ``space`` and ``span``, each with ``smallest`` and ``largest``, rounded outward to six digits. A map to fewer
        dimensions than there are loses a direction, so its smallest stretch is 0. O(k^2 d + k^3) operations.

    Examples
    --------
    >>> from derandkit.embeddings.bound import spectrum
    >>> A = np.array([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    >>> found = stretch(A, A[:, :2].copy(), 3, spectrum(np.eye(3)[:, :2] - 1 / 3))
    >>> found["space"], found["span"]
    ({'smallest': 0.0, 'largest': 4.00001}, {'smallest': 0.999999, 'largest': 4.00001})
    """
    d = matrix.shape[1]
    values = limits.eigenvalues
    condition = float(np.sqrt(values[0] / max(values[-1], _FLATTEST * values[0])))
    angle = 200.0 * (points + d) * _UNIT * condition
    space, span = _outward(matrix, 0.0), _outward(M, angle)
    if ratios is not None and (ratios[0] < span["smallest"] or ratios[1] > span["largest"]):
        return {"space": space, "span": dict(space)}
    # the span is a part of the space
    return {"space": space, "span": {**span, "largest": min(span["largest"], space["largest"])}}


def _outward(A: FloatArray, angle: float) -> dict[str, float]:
    """Squared extreme singular values of A, whose domain may be turned by `angle`, rounded outward."""
    from derandkit.numerics.dense import product

    k, d = A.shape
    rows = np.ascontiguousarray(A if k < d else A.T)
    gram = np.empty((rows.shape[0], rows.shape[0]))
    product(rows, np.ascontiguousarray(rows.T), gram)
    values = lapack.eigvalsh(0.5 * (gram + gram.T))
    total = float(np.trace(gram))
    off = 64.0 * (k + d) * _UNIT * total
    shift = angle * float(np.sqrt(total))
    least = np.sqrt(max(float(values[0]) - off, 0.0)) - shift if k >= d else 0.0
    greatest = np.sqrt(float(values[-1]) + off) + shift
    return {
        "smallest": round_down(float(max(least, 0.0) ** 2) * (1.0 - 1e-9)),
        "largest": round_up(float(greatest**2) * (1.0 + 1e-9)),
    }


def round_up(x: float) -> float:
    """Round a positive number up to 6 significant digits.

    Examples
    --------
    >>> round_up(0.123456789), round_up(2.0)
    (0.123457, 2.0)
    """
    if x <= 0.0:
        return 0.0
    scale = 10.0 ** (5 - int(np.floor(np.log10(x))))
    return float(np.ceil(x * scale)) / scale
