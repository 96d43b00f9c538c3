"""What to expect on new points: a sibling of the map, fitted without some points, measured on their pairs.

The map that is handed out is fitted to all points. A sibling is found in the same way from four fifths of them (at
most 1000), and the other points (at most 1000) are new to it. The split is a fixed hash of the row numbers. The
sibling is part of the record, rounded to single precision before it is measured, so that the figures can be
recomputed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.embeddings.complement import extend
from derandkit.embeddings.fit import Track, fit_or_isometry
from derandkit.embeddings.measure import heldout_figures
from derandkit.embeddings.span import span_of
from derandkit.errors import InputError
from derandkit.numerics.hashing import hashed_order
from derandkit.points.cloud import centred
from derandkit.records import encode_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.points.cloud import PointCloud

SMALLEST = 20
LARGEST_PART = 1000
DEFAULT_FRACTION = 0.2


def split(count: int, fraction: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split positions ``0 .. count - 1`` into those to fit and those to hold out, both sorted.

    Examples
    --------
    >>> fitted, held = split(20, 0.2)
    >>> len(fitted), len(held)
    (16, 4)
    """
    order = hashed_order(count)
    held = min(max(int(np.ceil(fraction * count)), 2), LARGEST_PART)
    return np.sort(order[held : held + LARGEST_PART]), np.sort(order[:held])


def check_fraction(holdout: float | bool) -> float | None:
    """Return the fraction to hold out, None for none.

    Raises
    ------
    InputError
        If it is a number outside (0, 1/2].
    """
    if holdout is True:
        return DEFAULT_FRACTION
    if holdout is False or holdout is None or holdout == 0:
        return None
    if not isinstance(holdout, (int, float)) or not 0.0 < holdout <= 0.5:
        raise InputError(f"holdout is True, False or a fraction in (0, 1/2], got {holdout!r}")
    return float(holdout)


def holdout_figures(
    cloud: PointCloud, k: int, method: str, complement: str, fraction: float
) -> dict[str, Any] | None:
    """Fit a sibling without a fraction of the points and measure it on their pairs.

    Parameters
    ----------
    cloud : PointCloud
        The points.
    k : int
        Number of rows of the map.
    method, complement : str
        As for the map itself.
    fraction : float
        Part of the different points to hold out.

    Returns
    -------
    dict or None
        ``max``, ``p99`` and ``mean`` of ``|r - 1|`` over held-out pairs, ``n_fitted``, ``n_held`` and the
        sibling's ``matrix``; None below 20 different points.
    """
    rows = cloud.distinct
    if rows.size < SMALLEST:
        return None
    fitted, held = split(rows.size, fraction)
    span = span_of(centred(cloud.points[rows[fitted]]))
    M = fit_or_isometry(span.coordinates, k, method, Track())
    A = extend(M, span.basis, complement).astype(np.float32).astype(np.float64)
    return {
        **heldout_figures(cloud.points[rows[held]], A),
        "n_fitted": int(fitted.size),
        "n_held": int(held.size),
        "matrix": encode_array(A, "<f4"),
    }
