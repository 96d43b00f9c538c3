"""Arithmetic of a cut certificate, from first principles: weak duality and nothing else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def weak_duality_bound(weights: NDArray[np.float64], diagonal: NDArray[np.float64]) -> float:
    """Return ``(sum_ij a_ij + sum_i d_i) / 4``, never below the exact real number.

    Parameters
    ----------
    weights : ndarray, shape (2 m,)
        The entries of the symmetric matrix A (each edge twice).
    diagonal : ndarray, shape (n,)
        A vector with ``A + Diag(d) >= 0``; that is the caller's to prove.

    Returns
    -------
    float
        An upper bound on the weight of every cut.

    Examples
    --------
    >>> import numpy as np
    >>> weak_duality_bound(np.array([1.0, 1.0]), np.array([1.0, 1.0]))
    1.0
    """
    total = math.fsum(np.concatenate([weights, diagonal])) / 4.0
    # fsum is correctly rounded, so one step up covers it; an exact integer sum needs none
    if total == math.floor(total) and float(abs(total)) < 2.0**52 and _is_integral(weights, diagonal):
        return total
    return math.nextafter(total, math.inf)


def _is_integral(*arrays: NDArray[np.float64]) -> bool:
    return all(bool((array == np.floor(array)).all()) for array in arrays)
