"""The least share of its part of the relaxation with which a random start satisfies a clause, bounded from below.

Two literals have products mu and nu with the constant and x with each other. The relaxation counts a clause
``(3 + mu + nu - x) / 4``. The start with thresholds (Lewin, Livnat and Zwick 2002) makes the first literal true with
chance ``(1 + beta mu) / 2``, the second likewise, and the two are signs of normals with correlation c, where
``x = mu nu + sqrt((1 - mu^2) (1 - nu^2)) c``. So a clause is satisfied with chance ``1 - Phi2(h, k; c)``, h and k the
quantiles of ``(1 - beta mu) / 2`` and ``(1 - beta nu) / 2``.

The chance grows with mu and nu and falls with c (Slepian 1962), so over a box of (mu, nu, c) it is least at one corner.
In ``4 - (1 - mu) (1 - nu) - sqrt(...) c`` each part is greatest at a corner, too. Boxes in which the least chance is
below the share of the greatest part are halved, those that violate a triangle inequality everywhere are dropped, and
when none is left the share is proven. Everything is in double precision, with a margin that is wider than what
rounding can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from derandkit.numerics.typing import BoolArray, FloatArray

#: Allowance for rounding: of a chance (two of Owen's functions and quantiles), and of everything else.
MARGIN = 1e-10
#: Cells of the first grid in each direction.
CELLS = 8


def share_is_proven(
    share: float, beta: float, *, violation: float = 1e-5, most_boxes: int = 4_000_000
) -> bool:
    """Try to prove that every clause of two literals is satisfied with at least a share of its part.

    Parameters
    ----------
    share : float
        The share.
    beta : float
        How far sides lean, from 0 to below 1: at 1 chance and part vanish together.
    violation : float
        By how much a triangle inequality may be violated; 2 and more for vectors that need not satisfy any.
    most_boxes : int
        Where so many boxes are open at a time, the attempt is given up.

    Returns
    -------
    bool
        True is a proof; False says nothing.

    Raises
    ------
    ValueError
        If beta is not in its range.

    Examples
    --------
    >>> share_is_proven(0.92, 0.94), share_is_proven(0.92, 0.94, violation=2.0, most_boxes=20_000)
    (True, False)
    """
    if not 0.0 <= beta < 1.0:
        raise ValueError(f"beta is from 0 to below 1, got {beta}")
    edge = np.linspace(-1.0, 1.0, CELLS + 1)
    i, j, k = (axis.ravel() for axis in np.indices((CELLS,) * 3))
    boxes = np.stack([edge[i], edge[i + 1], edge[j], edge[j + 1], edge[k], edge[k + 1]], axis=1)
    while len(boxes):
        boxes = boxes[_may_fail(boxes, share, beta, violation)]
        if 2 * len(boxes) > most_boxes:
            return False
        widths = boxes[:, 1::2] - boxes[:, ::2]
        if len(boxes) and widths.max() < 1e-9:
            return False
        rows, longest = np.arange(len(boxes)), 2 * widths.argmax(axis=1)
        middle = 0.5 * (boxes[rows, longest] + boxes[rows, longest + 1])
        low, high = boxes.copy(), boxes.copy()
        low[rows, longest + 1] = high[rows, longest] = middle
        boxes = np.concatenate([low, high])
    return True


def _may_fail(boxes: FloatArray, share: float, beta: float, violation: float) -> BoolArray:
    """Say in which boxes the share is not shown yet; rows are the ends of mu, nu and c."""
    from scipy.special import ndtri

    mu, mu_high, nu, nu_high, c, c_high = boxes.T
    widest = _sine(mu, mu_high, widest=True) * _sine(nu, nu_high, widest=True)
    least = _sine(mu, mu_high, widest=False) * _sine(nu, nu_high, widest=False)
    # of sqrt((1 - mu^2) (1 - nu^2)) c
    low = np.where(c >= 0.0, least, widest) * c
    high = np.where(c_high >= 0.0, widest, least) * c_high
    possible = mu < nu_high  # the two literals may be exchanged
    for one, other, rest in (
        (1.0 + mu_high, 1.0 + nu_high, high), (1.0 - mu, 1.0 - nu, high),
        (1.0 + mu_high, 1.0 - nu, -low), (1.0 - mu, 1.0 + nu_high, -low),
    ):  # fmt: skip
        possible &= one * other + rest >= -violation - MARGIN
    part = (4.0 - (1.0 - mu_high) * (1.0 - nu_high) - low) / 4.0 + MARGIN
    chance = 1.0 - _both_below(ndtri(0.5 * (1.0 - beta * mu)), ndtri(0.5 * (1.0 - beta * nu)), c_high)
    shown = chance - MARGIN >= share * part  # never where a figure is no number
    return np.asarray(possible & ~shown)


def _sine(low: FloatArray, high: FloatArray, *, widest: bool) -> FloatArray:
    """Return the greatest, or the least, ``sqrt(1 - m^2)`` for m between the two."""
    near = np.where((low < 0.0) & (high > 0.0), 0.0, np.minimum(np.abs(low), np.abs(high)))
    far = np.maximum(np.abs(low), np.abs(high))
    m = near if widest else far
    return np.asarray(np.sqrt((1.0 - m) * (1.0 + m)))


def _both_below(h: FloatArray, k: FloatArray, c: FloatArray) -> FloatArray:
    """Return the chance that normals with correlation c are below h and k, by Owen's T function."""
    from scipy.special import ndtr, owens_t

    h, k = np.where(h == 0.0, 1e-300, h), np.where(k == 0.0, 1e-300, k)
    turning = np.abs(c) < 1.0
    inner = np.where(turning, c, 0.0)
    sine = np.sqrt((1.0 - inner) * (1.0 + inner))
    with np.errstate(over="ignore"):
        tails = owens_t(h, (k - h * inner) / (h * sine)) + owens_t(k, (h - k * inner) / (k * sine))
    found = 0.5 * (ndtr(h) + ndtr(k)) - tails - 0.5 * ((h < 0.0) != (k < 0.0))
    one_way = np.where(c > 0.0, np.minimum(ndtr(h), ndtr(k)), np.maximum(ndtr(h) + ndtr(k) - 1.0, 0.0))
    return np.asarray(np.where(turning, found, one_way))
