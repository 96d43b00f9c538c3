"""What to expect on new points: siblings of the map, each fitted without some points and measured on their pairs.

The map that is handed out is fitted to all points. Siblings are found in the same way, each without one part of the
points (cross-fitting): a fifth by default, at most 1000, and the fit takes at most 1000 of the others. Small clouds get
five siblings, or four where 5 does not divide the number of points: with five every point is held out once. Larger ones
get as many as a fixed amount of work allows, at least one. The parts follow from a fixed hash of the row numbers. The
siblings are in the record, rounded to single precision before they are measured, so that the numbers can be recomputed.

The first part also chooses the ridge of the fit (see `derandkit.embeddings.paths.secants.Whitening`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.complement import extend
from derandkit.embeddings.fit import Goal, fit_or_isometry
from derandkit.embeddings.measure import measure_points, quantiles
from derandkit.embeddings.paths.secants import DEFAULT_RIDGE
from derandkit.errors import InputError
from derandkit.numerics.hashing import hashed_order
from derandkit.points.cloud import centred, centring
from derandkit.points.span import span_of
from derandkit.records import JsonObject, encode_array
from derandkit.runtime.clock import current
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.embeddings.fit import Track
    from derandkit.embeddings.measure import Ratios
    from derandkit.embeddings.options import Complement
    from derandkit.numerics.typing import FloatArray, IntArray
    from derandkit.points.cloud import PointCloud

SMALLEST = 20
LARGEST_PART = 1000
DEFAULT_FRACTION = 0.2
FEWEST_HELD = 4
MOST_SIBLINGS = 5

_FIT_BUDGET = 200_000  # squares of fitted points over all siblings: about the work of a fit to 450 points
_SIZE_BUDGET = 2_000_000  # entries of all siblings, since they are in the record
_RIDGES = (DEFAULT_RIDGE, 10.0 * DEFAULT_RIDGE)
_ENOUGH_TO_CHOOSE = 20  # points held out; fewer say too little about a ridge
_BETTER, _AS_GOOD = 0.9, 1.05


def split(count: int, fraction: float) -> tuple[IntArray, IntArray]:
    """Split positions ``0 .. count - 1`` into those to fit and those to hold out, both sorted: the first part.

    Examples
    --------
    >>> fitted, held = split(20, 0.2)
    >>> len(fitted), len(held)
    (16, 4)
    """
    return part(count, fraction, 0)


def part(count: int, fraction: float, fold: int) -> tuple[IntArray, IntArray]:
    """Return the positions to fit and to hold out for one sibling, both sorted."""
    order = hashed_order(count)
    held = n_held(count, fraction)
    at = fold * held
    rest = np.concatenate([order[at + held :], order[:at]])
    return np.sort(rest[:LARGEST_PART]), np.sort(order[at : at + held])


def n_held(count: int, fraction: float) -> int:
    """Points that each sibling does not see."""
    return min(max(int(np.ceil(fraction * count)), FEWEST_HELD), LARGEST_PART)


def n_siblings(count: int, held: int, size: int) -> int:
    """Siblings that are worth their work, for maps with `size` entries.

    Examples
    --------
    >>> n_siblings(200, 40, 640), n_siblings(300, 60, 640), n_siblings(1000, 200, 640)
    (5, 3, 1)
    """
    fitted = min(count - held, LARGEST_PART)
    return max(1, min(MOST_SIBLINGS, count // held, _FIT_BUDGET // fitted**2, _SIZE_BUDGET // size))


def check_fraction(holdout: float | bool) -> float | None:
    """Return the fraction to hold out, None for none.

    Raises
    ------
    InputError
        If it is a number outside [1/20, 1/2].
    """
    if holdout is True:
        return DEFAULT_FRACTION
    if holdout is False or holdout is None:
        return None
    if isinstance(holdout, (int, float)) and holdout == 0:
        return None
    if not isinstance(holdout, (int, float)) or not 0.05 <= holdout <= 0.5:
        raise InputError(f"holdout is True, False or a fraction from 0.05 to 0.5, got {quoted(holdout)}")
    return float(holdout)


@dataclass(frozen=True, eq=False)
class Sibling:
    """A map fitted without some of the points.

    Parameters
    ----------
    matrix : ndarray, shape (k, d)
        The map, rounded to single precision.
    fitted : float
        Its distortion on the points it was fitted to.
    found : Ratios
        What it does to the pairs of the points that it has not seen.
    """

    matrix: FloatArray
    fitted: float
    found: Ratios


@dataclass(frozen=True, eq=False)
class Ridge:
    """The ridge that a fit takes, and what held-out pairs said about the candidates.

    Parameters
    ----------
    value : float
        The ridge.
    tried : tuple of dict
        ``ridge``, ``fitted`` (distortion of the sibling's own points), ``max`` and ``mean`` over held-out pairs.
    sibling : Sibling or None
        The first sibling, fitted with that ridge.
    """

    value: float
    tried: tuple[dict[str, float], ...] = ()
    sibling: Sibling | None = None


def fit_sibling(
    cloud: PointCloud,
    k: int,
    goal: Goal,
    complement: Complement,
    fraction: float,
    fold: int,
    track: Track,
) -> Sibling:
    """Fit a map without one part of the points, and measure it on the pairs of that part.

    Raises
    ------
    Stopped
        The work has to end, and the map itself comes first.
    """
    current().check()
    rows = cloud.distinct
    fitted, held = part(rows.size, fraction, fold)
    span = span_of(centred(cloud.points[rows[fitted]]))
    M = fit_or_isometry(span.coordinates, k, goal.of(fitted), track)
    A = extend(M, span.basis, complement, cloud=cloud).astype(np.float32).astype(np.float64)
    found = measure_points(centring(cloud.points[rows[held]]), cloud.cut(A), by_point=True)
    return Sibling(A, track.best_distortion if np.isfinite(track.best_distortion) else 0.0, found)


def choose_ridge(
    cloud: PointCloud,
    k: int,
    rank: int,
    goal: Goal,
    complement: Complement,
    fraction: float,
    track: Track,
) -> Ridge:
    """Choose the ridge on held-out pairs: the smallest one, unless a larger one is clearly better there.

    Clearly: the maximum or the mean over held-out pairs falls by a tenth, and the other one does not grow by more than
    a twentieth. Costs one fit a candidate.
    """
    count = cloud.distinct.size
    if (
        k >= rank
        or goal.objective != "max"
        or goal.method == "conditional"
        or n_held(count, fraction) < _ENOUGH_TO_CHOOSE
    ):
        return Ridge(DEFAULT_RIDGE)
    siblings = [
        fit_sibling(
            cloud,
            k,
            replace(goal, ridge=ridge),
            complement,
            fraction,
            0,
            track.within(f"choose ridge, {number + 1} of {len(_RIDGES)}"),
        )
        for number, ridge in enumerate(_RIDGES)
    ]
    best = 0
    for other in range(1, len(siblings)):
        now, then = siblings[best].found, siblings[other].found
        gains = (then.distortion / max(now.distortion, 1e-300), then.mean / max(now.mean, 1e-300))
        if min(gains) <= _BETTER and max(gains) <= _AS_GOOD:
            best = other
    tried = tuple(
        {"ridge": ridge, "fitted": s.fitted, "max": s.found.distortion, "mean": s.found.mean}
        for ridge, s in zip(_RIDGES, siblings, strict=True)
    )
    return Ridge(_RIDGES[best], tried, siblings[best])


def holdout_figures(
    cloud: PointCloud,
    k: int,
    goal: Goal,
    complement: Complement,
    fraction: float,
    ridge: Ridge,
    track: Track,
) -> JsonObject | None:
    """Fit siblings, each without a part of the points, and measure them on the pairs of that part.

    Parameters
    ----------
    cloud : PointCloud
        The points.
    k : int
        Number of rows of the map.
    goal : Goal
        As for the map itself.
    complement : str
        As for the map itself.
    fraction : float
        Part of the different points that each sibling does not see.
    ridge : Ridge
        As for the map itself; its sibling is used again.
    track : Track
        Reports the fits.

    Returns
    -------
    dict or None
        ``max``, ``p99`` and ``mean`` of ``|r - 1|`` over all pairs held out, ``mean_interval`` (two standard errors
        on either side, Hoeffding 1948, from the means of the points), ``pairs``, ``n_fitted`` and ``n_held`` of each
        sibling, and the ``siblings``; None below 20 different points.
    """
    count = cloud.distinct.size
    if count < SMALLEST:
        return None
    held = n_held(count, fraction)
    folds = n_siblings(count, held, k * cloud.n_features)
    siblings = [
        ridge.sibling
        if fold == 0 and ridge.sibling is not None
        else fit_sibling(
            cloud,
            k,
            replace(goal, ridge=ridge.value),
            complement,
            fraction,
            fold,
            track.within(f"hold out, {fold + 1} of {folds}"),
        )
        for fold in range(folds)
    ]
    figures = pooled([s.found for s in siblings])
    if figures is None:
        return None
    return {
        **figures,
        "n_fitted": min(count - held, LARGEST_PART),
        "n_held": held,
        "siblings": [encode_array(s.matrix, "<f4") for s in siblings],
    }


def pooled(parts: list[Ratios]) -> JsonObject | None:
    """Figures over the pairs of all parts; None if no two points are apart."""
    pairs = sum(found.pairs for found in parts)
    if not pairs:
        return None
    histogram = np.add.accumulate([f.histogram for f in parts if f.histogram is not None], axis=0)[-1]
    largest = max(found.distortion for found in parts if found.pairs)
    mean = float(np.add.accumulate([found.mean * found.pairs for found in parts])[-1]) / pairs
    variance = float(np.add.accumulate([(found.pairs * standard_error(found)) ** 2 for found in parts])[-1])
    error = float(np.sqrt(variance)) / pairs
    return {
        "max": largest,
        "p99": min(quantiles(histogram)["p99"], largest),
        "mean": mean,
        "mean_interval": [max(mean - 2.0 * error, 0.0), mean + 2.0 * error],
        "pairs": pairs,
    }


def standard_error(found: Ratios) -> float:
    """Return the standard error of the mean over pairs of independent points: twice that of the means of the points.

    The mean over pairs is a U-statistic of degree 2; its leading term is twice the mean of the projections, which the
    means of the points estimate (Hoeffding, Annals of Mathematical Statistics 19, 1948).
    """
    means = found.point_means
    if means is None or means.size < 2:
        return 0.0
    away = means - float(np.add.accumulate(means)[-1]) / means.size
    variance = float(np.add.accumulate(away * away)[-1]) / (means.size - 1)
    return 2.0 * float(np.sqrt(variance / means.size))
