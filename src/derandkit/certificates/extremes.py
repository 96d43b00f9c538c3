"""Running extremes that a number which is none cannot hide in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


def greatest(so_far: float, numbers: FloatArray | float) -> float:
    """Return the greatest of a number and of others; NaN if one of them is.

    ``max`` of Python keeps the first of two where the second is NaN, so that what is not known would be passed over.
    No comparison holds for NaN, so a check whose comparisons have to hold fails.

    Examples
    --------
    >>> greatest(0.0, np.array([1.0, 2.0])), greatest(0.0, np.array([1.0, np.nan])), max(0.0, np.nan)
    (2.0, nan, 0.0)
    """
    return float(np.maximum(so_far, np.max(numbers)))


def least(so_far: float, numbers: FloatArray | float) -> float:
    """Return the least of a number and of others; NaN if one of them is.

    Examples
    --------
    >>> least(3.0, np.array([1.0, 2.0])), least(0.0, np.nan)
    (1.0, nan)
    """
    return float(np.minimum(so_far, np.min(numbers)))
