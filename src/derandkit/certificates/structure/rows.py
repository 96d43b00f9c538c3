"""The bound on ``W_perp`` by the curvature along its rows: a second writing of `derandkit.structure.heldout.rows`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.certificates.checks import Verdict
from derandkit.certificates.structure.claims import (
    OWN,
    Held,
    Outcome,
    follows,
    judged,
    pull,
    quotient,
    said,
    spread,
    verdict_of,
)
from derandkit.certificates.structure.recomputed import ROUNDED, size
from derandkit.certificates.structure.rounding import UNIT

if TYPE_CHECKING:
    from derandkit.certificates.structure.recomputed import Part, Recomputed
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping

#: Singular values of ``W_perp`` below this share of ``|W|`` are left to the rest.
NEGLIGIBLE = 1e-6
#: So close to that share two writings may see a singular value on different sides.
BORDER = 1e-6
#: Unit vectors that differ by this are one.
SAME = 1e-9


class Left(NamedTuple):
    """What is left of ``W_perp``.

    Parameters
    ----------
    unit : ndarray
        ``W_perp`` scaled to length one.
    projector : ndarray
        On the columns that count.
    turned : float
        How far the projector may be off, as a share of what it is applied to.
    moved : float
        How far the unit matrix may be off.
    """

    unit: FloatArray
    projector: FloatArray
    turned: float
    moved: float


def left_of(perp: FloatArray, whole: float) -> Left | None:
    """Return what is left of ``W_perp`` beside W of size `whole`; None where that is no more than rounding."""
    left = size(perp)
    if not left > NEGLIGIBLE * whole:
        return None
    unit = perp / left
    values, vectors = np.linalg.svd(unit)[1::-1]
    cut = NEGLIGIBLE * whole / left
    kept = int(np.sum(values > cut))
    basis = vectors[:, :kept]
    # W_perp is a difference of parts of W; a span of singular vectors turns by that over the gap, which may be smaller
    # by as much in the other matrix (Wedin 1972)
    moved = 16.0 * (sum(perp.shape) + 8.0) * UNIT * whole / left
    below = values[kept] if kept < len(values) else 0.0
    gap = float(values[kept - 1] - below) if kept else 1.0
    everything = kept in (0, len(perp))
    turned = 0.0 if everything else min(1.0, moved / (gap - moved)) if gap > moved else 1.0
    if np.any(np.abs(values - cut) <= BORDER * cut):
        turned = 1.0
    return Left(unit, basis @ basis.T, turned, moved)


def are_leading(W: FloatArray, rows: FloatArray, slack: float, same: float = SAME) -> bool:
    """Whether orthonormal rows are the leading right singular vectors of W, one by one, largest first.

    Parameters
    ----------
    W : ndarray, shape (n, d)
        The matrix.
    rows : ndarray, shape (q, d)
        The rows, at most as many as W has singular values.
    slack : float
        How far rounding may have moved W, as a share of its largest singular value.
    same : float
        How far the rows may be off.

    Notes
    -----
    A vector of a matrix that is as near as that has ``2 slack / |s_k - s_j|`` at most of the vector of another singular
    value (in shares of the largest). So each stands beside its own strength, and those of equal ones turn freely.

    Examples
    --------
    >>> W, turned = np.diag([2.0, 1.0, 0.0]), np.array([[0.8, 0.6, 0.0], [-0.6, 0.8, 0.0]])
    >>> are_leading(W, np.eye(3)[:2], 1e-15), are_leading(W, np.eye(3)[[1, 0]], 1e-15), are_leading(W, turned, 1e-15)
    (True, False, False)
    >>> are_leading(np.eye(3)[:2], turned, 1e-15)
    True
    """
    values, vectors = np.linalg.svd(W, full_matrices=False)[1:]
    if len(rows) > len(values):
        return False
    if values[0] == 0.0:
        return True
    shares = values / values[0]
    along = rows @ vectors.T
    beside = np.linalg.norm(rows - along @ vectors, axis=1)
    own = shares[: len(rows)]
    with np.errstate(divide="ignore"):
        between = same + 2.0 * slack / np.abs(own[:, None] - shares)
        outside = same + 2.0 * slack / own
    return bool((np.abs(along) <= between).all() and (beside <= outside).all())


def bound(case: Recomputed) -> Outcome:
    """Recompute gradient and curvature along the rows of ``W_perp``, and the bound that follows from them."""
    if not case.builtin:
        return Verdict.NOT_CHECKED, OWN
    record, perp = case.record, case.split(case.W)[1]
    names = ("row_bound", "row_curvature", "row_gradient")
    left = left_of(perp, size(case.W)) if case.settings["smooth"] else None
    if left is None:
        silent = all(record[name] is None and record[f"{name}_error"] is None for name in names)
        why = "W_perp is a millionth of W or less" if case.settings["smooth"] else "no second derivatives"
        return silent, f"{why}, so no bound"
    unit, rest = left.unit, left.unit - left.projector @ left.unit
    within, beyond = size(left.projector @ unit), size(rest)

    def gradient(part: Part) -> tuple[float, float]:
        vector, width = pull(case, part, perp)
        inside = left.projector @ vector
        found = size(inside) * within + size(vector - inside) * beyond
        # norms of parts of W_perp are those of singular values, which move and do not turn
        off = (within + beyond) * left.turned + 2.0 * left.moved + 32.0 * len(unit) * UNIT
        return found, 2.0 * width + off * size(vector)

    def curvature(part: Part) -> tuple[float, float]:
        found = float(np.sum(unit * (part.curvature @ unit)))
        return found, spread(part) + 3.0 * left.moved * size(part.curvature)

    def bounded_by(part: Part) -> tuple[float, float]:
        (top, width), (bend, off) = gradient(part), curvature(part)
        below = 2.0 * case.penalty + bend
        return quotient(top / below if below > 0 else math.inf, width, below, off)

    along, bent, bounded = case.estimate(gradient), case.estimate(curvature), case.estimate(bounded_by)
    scale, start = case.scale(), size(case.split(case.W_start)[1])
    figures = {
        "row_bound": Held(bounded, max(bounded.value, start, size(perp))),
        "row_curvature": Held(bent, max(scale, abs(bent.value))),
        "row_gradient": Held(along, max(scale, along.value)),
    }
    wrong, unclear = judged(record, figures)
    if not (
        within_whole(record) and follows(record, case.penalty, "row_bound", "row_gradient", "row_curvature")
    ):
        wrong.append("row_bound of its parts")
    return verdict_of(case, not wrong, unclear, f"{said(bounded, size(perp))}; differs: {wrong}")


def within_whole(record: JsonMapping) -> bool:
    """Whether curvature and gradient along the rows are between those of the whole, as they are of any matrix.

    Examples
    --------
    >>> record = {"smallest_curvature": -1.0, "largest_curvature": 2.0, "perp_gradient": 1.0, "row_gradient": 0.5}
    >>> within_whole(record | {"row_curvature": 0.0}), within_whole(record | {"row_curvature": -1.1})
    (True, False)
    """
    low, high, bend = (record[f"{name}_curvature"] for name in ("smallest", "largest", "row"))
    pull, whole = record["row_gradient"], record["perp_gradient"]
    if None in (low, high, bend, pull, whole):  # one that is not known leaves nothing to compare
        return True
    slack = 4.0 * ROUNDED * max(abs(low), abs(high))
    return bool(low - slack <= bend <= high + slack and pull <= whole * (1.0 + 4.0 * ROUNDED) + 1e-300)
