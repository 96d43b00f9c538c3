"""Inner products and norms whose bits do not depend on the BLAS or the number of threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


def inner(a: FloatArray, b: FloatArray) -> float:
    """Return the sum of the products of the entries of two arrays, in an order free of threads.

    Examples
    --------
    >>> inner(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.einsum("i,i->", a.reshape(-1), b.reshape(-1)))


def norm(a: FloatArray) -> float:
    """Return the Euclidean (Frobenius) norm, without overflow for entries beyond 1e154.

    Examples
    --------
    >>> round(norm(np.array([3e200, 4e200])) / 1e200, 9)
    5.0
    """
    if a.size == 0:
        return 0.0
    top = float(np.max(np.abs(a)))
    if not (top > 0.0 and np.isfinite(top)):
        return top
    scaled = a / top
    return top * float(np.sqrt(inner(scaled, scaled)))
