"""Linear maps that keep distances, from points to a certified map: the algorithm as prose.

Relax to all linear maps of the span of the points, take the Gaussian distribution of a random projection, derandomize
it, round to a map of the whole space, and certify: every pair is measured. `_embed` has these steps in this order, as
`derandkit.signs.solve` and `derandkit.structure.solve` have.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from derandkit.embeddings.bound import spectrum
from derandkit.embeddings.complement import extend
from derandkit.embeddings.fit import Goal, Track, fit_or_isometry, refuse_missed, signed, smallest
from derandkit.embeddings.guarantee import (
    guaranteed_eps,
    log_psi_start,
    sharpness,
    smallest_guaranteed_dimension,
)
from derandkit.embeddings.holdout import Ridge, check_fraction, choose_ridge, holdout_figures
from derandkit.embeddings.measure import Ratios, measure
from derandkit.embeddings.options import (
    METHODS,
    Complement,
    Method,
    NewPoints,
    Objective,
    check_objective,
    checked_dimension,
    chosen_complement,
)
from derandkit.embeddings.paths.mean import mean_distortion
from derandkit.embeddings.paths.secants import DEFAULT_RIDGE
from derandkit.embeddings.result import EmbeddingResult
from derandkit.embeddings.stretch import stretch
from derandkit.errors import InputError
from derandkit.options import check_choice
from derandkit.parts.embeddings import (
    EmbeddingChain,
    EmbeddingGuarantee,
    EmbeddingStats,
    HeldOut,
    OutputRecord,
    PointsRecord,
    Quantiles,
    RidgeRecord,
    RidgeTrial,
    Stretch,
)
from derandkit.points.files import as_point_cloud
from derandkit.points.objects import check_index_of_rows
from derandkit.points.span import span_of
from derandkit.runtime.clock import Stopped
from derandkit.runtime.interrupts import deliver, entry, reporting
from derandkit.status import EmbeddingStatus
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.embeddings.bound import Spectrum
    from derandkit.numerics.typing import FloatArray
    from derandkit.points.cloud import PointCloud
    from derandkit.points.span import Span
    from derandkit.records import JsonObject
    from derandkit.runtime.clock import Clock
    from derandkit.runtime.interrupts import OnInterrupt
    from derandkit.runtime.progress import OnProgress

ISOMETRY = 2.0**-26
"""A certified distortion up to here is rounding, if k reaches the rank: the square root of the spacing of doubles."""


def embed(
    X: object,
    *,
    n_components: int | None = None,
    eps: float | None = None,
    objective: Objective = "max",
    method: Method = "lemma",
    pair_weights: object | None = None,
    holdout: float | bool = True,
    new_points: NewPoints = "distances",
    complement: Complement | None = None,
    ridge: float | None = None,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
    throw: bool = False,
) -> EmbeddingResult:
    """Find one linear map to few dimensions that keeps all pairwise distances of the given points, and certify it.

    Parameters
    ----------
    X : array_like, sparse matrix, PointCloud or path, shape (n, d)
        The points.
    n_components : int, optional
        Number of dimensions k. Give this or `eps`.
    eps : float, optional
        Largest distortion of squared distances wanted, in (0, 1): the smallest dimension found that meets it.
    objective : {"max", "mean", "mean4"}
        What is minimised: the greatest ``|r - 1|`` of a pair, r the ratio of its squared distances after and before,
        the mean over all pairs of different points of ``(r - 1)^2``, or that of ``(r - 1)^4``. A mean is better for
        neighbours of new points, takes a tenth of the time, and has a promise for any points: a root mean square of at
        most ``sqrt(2 / k)``.
    method : {"lemma", "probability", "minimax", "conditional"}
        The derandomizer: the lemma's path on the closed-form objective; the same on the sum of violation
        probabilities; no path, descent from the leading directions of the secants; conditional expectations over
        random signs (no minimax finish). A mean objective has the lemma's path only.
    pair_weights : array_like, shape (n,), optional
        For a mean objective: weights of the points, 0 or at least 2^-256 of the greatest; the pair (i, j) counts
        ``w_i w_j`` times. Copies of a point add their weights, so that weights of 1 count it as often as it stands
        there; without weights it counts once.
    holdout : bool or float
        Whether to fit siblings of the map, each without a fraction (a fifth by default, from 0.05 to 0.5) of the
        points, and report what they do to pairs that they have not seen. Left out below 20 points.
    new_points : {"distances", "neighbours"}
        Purpose of the map for points that were not fitted: distances that keep their size on average, or the nearest
        fitted rows. It decides `complement`, and has no effect where the points span the space.
    complement : {"balanced", "isometric", "zero"}, optional
        What the map does to directions in which the fitted points do not differ: the size at which the mean squared
        stretch of all directions of the space is 1 (kept between 1/2 and 2), at which that of these directions is 1, or
        nothing. By default "balanced" for distances and "zero" for neighbours.
    ridge : float, optional
        Keeps the map small in directions in which the points hardly differ. Larger values are better for new points,
        smaller ones for the fitted points. By default 1, or 10 where that is clearly better on held-out pairs; 1 where
        fewer than 20 points are held out, and with `eps`. A mean objective has no ridge.
    time_limit : float, optional
        Seconds after which the best map so far is measured; the result then depends on the machine.
    on_progress : callable, optional
        Called with a `derandkit.Progress` after every stage; its value is the distortion after the best rescaling.
    on_interrupt : {"raise", "return"}
        Ctrl-C ends the search, and the best map so far is measured: the exception `Interrupted` carries the result, or
        it is returned, with the status ``INTERRUPTED``.
    throw : bool
        Raise `ConvergenceError` (which carries the result) unless ``status.ok``.

    Returns
    -------
    EmbeddingResult
        The map with the distortion of every pair measured, a lower bound for these points and, when the dimension
        is large enough for one, the a-priori guarantee. The same bytes every time.

    Raises
    ------
    InputError
        If the points or the options cannot be used, or pairs that differ by rounding alone keep `eps` from being met.
    ConvergenceError
        See `throw`.
    Interrupted
        See `on_interrupt`.

    Notes
    -----
    A step costs O(n^2 k) operations up to 2048 points; beyond, 1024 landmarks are fitted first and then the pairs
    that matter among all, with a few scans of O(n^2 (r + k)). For a mean objective 150 steps of O(n^2 k) are made, on
    4096 landmarks if there are more points. All pairs are measured in the end.

    References
    ----------
    Tsikouras, Caramanis, Tzamos, NeurIPS 2024 (arXiv 2412.07242); Tsikouras, Pantis, Mitliagkas, Tzamos, ICLR 2026
    (arXiv 2510.19382), section 5.2. The closed form replaces their probabilities by exponential moments.

    Examples
    --------
    >>> X = np.sin(np.arange(300.0) ** 2).reshape(30, 10)
    >>> result = embed(X, n_components=8)
    >>> result.n_components, result.lower_bound <= result.distortion < 0.3
    (8, True)
    >>> embed(X, n_components=10).status.name
    'ISOMETRY'
    """
    k = _check_options(n_components, eps, method)
    off = chosen_complement(complement, new_points)
    check_objective(objective, method, eps, ridge, pair_weights)
    fraction = check_fraction(holdout)
    asked = Asked(k, eps, objective, method, pair_weights, off, _check_ridge(ridge), fraction)
    with entry(time_limit, on_interrupt=on_interrupt, throw=throw) as clock:
        result = _embed(X, asked, Track(reporting(clock, on_progress)), clock)
    result = deliver(clock, result, on_interrupt)
    return result.require() if throw else result


@dataclass(frozen=True)
class Asked:
    """The checked options of a call.

    Parameters
    ----------
    k : int or None
        Number of dimensions; None for the smallest that meets `eps`.
    eps : float or None
        Largest distortion.
    objective, method, pair_weights, complement
        As in `embed`.
    ridge : float or None
        None for the choice on held-out pairs.
    fraction : float or None
        Part of the points that each sibling does not see; None without siblings.
    """

    k: int | None
    eps: float | None
    objective: Objective
    method: Method
    pair_weights: object | None
    complement: Complement
    ridge: float | None
    fraction: float | None


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The problem with every linear map of the span allowed, not only those that were drawn.

    Parameters
    ----------
    cloud : PointCloud
        The points.
    span : Span
        Coordinates of the points in the span of their differences, and its basis.
    limits : Spectrum
        What no map to k dimensions beats.
    mass : ndarray or None
        Weights of the different points.
    centre : ndarray, shape (d,)
        The centre of the different points, in their units.
    """

    cloud: PointCloud
    span: Span
    limits: Spectrum
    mass: FloatArray | None
    centre: FloatArray


def _embed(X: object, asked: Asked, track: Track, clock: Clock) -> EmbeddingResult:
    """Go through the steps; every one hands its result to the next."""
    # relax: to any linear map of the span, with a bound that no map beats
    relaxed = relax(X, asked.pair_weights)
    # Gaussian distribution: the random projection, which every method but "minimax" starts from; its ridge is chosen
    ridge = start(relaxed, asked, track)
    goal = Goal(asked.objective, asked.method, ridge.value, relaxed.mass)
    # derandomize: to one map of the span
    M = derandomize(relaxed, asked, goal, track)
    # round: to a map of the whole space
    matrix = extend(M, relaxed.span.basis, asked.complement, cloud=relaxed.cloud)
    # certify: measure every pair, and new points
    ratios, guarantee = certify(relaxed, asked.objective, matrix)
    if guarantee["applies"] and ratios.distortion + ratios.margin > guarantee["eps"] and not clock.stopped:
        # the path has lost what its start promised: conditional expectations cannot
        M = signed(relaxed.span.coordinates, matrix.shape[0], track)
        matrix = extend(M, relaxed.span.basis, asked.complement, cloud=relaxed.cloud)
        ratios, guarantee = certify(relaxed, asked.objective, matrix)
    if asked.eps is not None and not clock.interrupted:
        refuse_missed(asked.eps, matrix.shape[0], ratios)
    heldout = None
    if asked.fraction is not None and not clock.stopped:
        with suppress(Stopped):
            heldout = holdout_figures(
                relaxed.cloud, matrix.shape[0], goal, asked.complement, asked.fraction, ridge, track
            )
    return compose(
        relaxed, asked, ridge, M, matrix, ratios, guarantee, heldout, track, interrupted=clock.interrupted
    )


def relax(X: object, weights: object | None = None) -> Relaxation:
    """Read the points, and bound the distortion of every map of their span."""
    cloud = as_point_cloud(X)
    check_index_of_rows(X, pair_weights=weights)
    mass = None if weights is None else cloud.masses(weights)
    points = cloud.centring()
    centre = cloud.wide(points.origin)
    span = span_of(points.points)
    del points  # two tables; it is worked out once more where the pairs are measured
    return Relaxation(cloud, span, spectrum(span.coordinates, cloud.points.shape[1]), mass, centre)


def start(relaxed: Relaxation, asked: Asked, track: Track) -> Ridge:
    """Choose how much the random projection is whitened, where that was not given and can be judged."""
    ridge = Ridge(DEFAULT_RIDGE if asked.ridge is None else asked.ridge)
    if asked.k is not None and asked.fraction is not None and asked.ridge is None:
        with suppress(Stopped):  # then the default is as good as any
            ridge = choose_ridge(
                relaxed.cloud,
                asked.k,
                relaxed.span.rank,
                Goal(asked.objective, asked.method, mass=relaxed.mass),
                asked.complement,
                asked.fraction,
                track,
            )
    return ridge


def derandomize(relaxed: Relaxation, asked: Asked, goal: Goal, track: Track) -> FloatArray:
    """Find the map of the span, shape (k, r); where the work has to end, the best one so far."""
    Z = relaxed.span.coordinates
    try:
        if asked.k is not None:
            return fit_or_isometry(Z, asked.k, goal, track)
        target = float(asked.eps or 0.0)
        least = relaxed.limits.smallest_dimension(target)
        return smallest(Z, target, asked.method, track, least, goal.ridge)
    except Stopped:  # raised at the end of a stage, so there is a map
        assert track.found is not None
        return track.found


def certify(relaxed: Relaxation, objective: Objective, matrix: FloatArray) -> tuple[Ratios, JsonObject]:
    """Measure every pair, and set the result beside what the dimension promises for any points.

    The promise: if ``Psi(0, 1/k) < 1`` then a random projection keeps every pair within eps with positive
    probability. It is kept when the measured distortion, margin included, is at most eps; ``log_psi_end`` at or
    below ``log_psi_start`` shows the path did not lose. A mean objective keeps another promise, about the mean.
    """
    cloud, k = relaxed.cloud, matrix.shape[0]
    pairs = cloud.n_pairs
    promised = guaranteed_eps(pairs, k) if objective == "max" else None
    if promised is None:
        return measure(cloud, matrix, mass=relaxed.mass), {
            "applies": False,
            "eps": None,
            "smallest_dimension": smallest_guaranteed_dimension(pairs),
        }
    mu = sharpness(k, promised)
    ratios = measure(cloud, matrix, mu=mu, eps=promised)
    return ratios, {
        "applies": True,
        "eps": promised,
        "sharpness": mu,
        "log_psi_start": log_psi_start(pairs, k, promised),
        "log_psi_end": ratios.log_psi,
        "smallest_dimension": smallest_guaranteed_dimension(pairs),
    }


def compose(
    relaxed: Relaxation,
    asked: Asked,
    ridge: Ridge,
    M: FloatArray,
    matrix: FloatArray,
    ratios: Ratios,
    guarantee: JsonObject,
    heldout: JsonObject | None,
    track: Track,
    *,
    interrupted: bool,
) -> EmbeddingResult:
    """Put the numbers together: the map on the span (M) and on the space (matrix), what was measured, how it ended."""
    cloud, limits, k = relaxed.cloud, relaxed.limits, matrix.shape[0]
    lower = min(limits.lower_bound(k), ratios.distortion)  # which is known to its margin
    chain = {
        "lower_bound": lower,
        "distortion": ratios.distortion,
        "certified_distortion": ratios.distortion + ratios.margin,
    }
    if guarantee["applies"]:
        chain["guaranteed_eps"] = guarantee["eps"]
    inner = (ratios.smallest + ratios.margin, ratios.largest - ratios.margin)  # whatever rounding did
    average = None
    if asked.objective != "max":
        average = mean_distortion(asked.objective, relaxed.span.coordinates, M, ratios, relaxed.mass, cloud)
    if interrupted:
        status = EmbeddingStatus.INTERRUPTED
    elif chain["certified_distortion"] <= ISOMETRY and relaxed.span.rank <= k:
        status = EmbeddingStatus.ISOMETRY
    elif average.kept if average is not None else kept(guarantee, chain["certified_distortion"]):
        status = EmbeddingStatus.GUARANTEED
    else:
        status = EmbeddingStatus.CERTIFIED
    return EmbeddingResult(
        status=status,
        matrix=matrix,
        distortion=ratios.distortion,
        scaled_distortion=ratios.scaled_distortion,
        margin=ratios.margin,
        worst_pair=ratios.worst_pair,
        quantiles=Quantiles(**ratios.quantiles, mean=ratios.mean),
        lower_bound=lower,
        guarantee=EmbeddingGuarantee.of(guarantee),
        chain=EmbeddingChain.of(chain),
        mean=average,
        heldout=HeldOut.maybe(heldout),
        stretch=Stretch.of(stretch(matrix, M, int(cloud.distinct.size), limits, inner)),
        output=OutputRecord(str(cloud.points.dtype), ratios.written),
        ridge=RidgeRecord(ridge.value, tuple(RidgeTrial.of(tried) for tried in ridge.tried))
        if average is None
        else None,
        centre=relaxed.centre,
        points=PointsRecord(
            n=cloud.n_points,
            d=cloud.n_features,
            rank=relaxed.span.rank,
            dtype=str(cloud.points.dtype),
            digest=cloud.digest,
            reading=cloud.reading,
            duplicates=cloud.duplicates,
            coincident=0,
            pairs=ratios.pairs,
            columns=cloud.columns,
        ),
        objective=asked.objective,
        method=asked.method,
        complement=asked.complement,
        history={name: tuple(map(_finite, column)) for name, column in track.columns.items()},
        stats=EmbeddingStats(track.evaluations, track.scans, track.active_pairs),
    )


def kept(guarantee: JsonObject, certified: float) -> bool:
    """Whether there is a promise about the worst pair, and it is kept."""
    return bool(guarantee["applies"]) and certified <= guarantee["eps"]


def _finite(x: float) -> float:
    return x if np.isfinite(x) else float(np.copysign(1e300, x))


def _check_ridge(ridge: float | None) -> float | None:
    if ridge is None:
        return None
    if (
        isinstance(ridge, bool)
        or not isinstance(ridge, (int, float, np.floating))
        or not 1e-6 <= ridge <= 1e6
    ):
        raise InputError(
            f"ridge is a number from 1e-6 to 1e6, or None for the choice on held-out pairs, got {quoted(ridge)}"
        )
    return float(ridge)


def _check_options(n_components: SupportsIndex | None, eps: float | None, method: str) -> int | None:
    if (n_components is None) == (eps is None):
        raise InputError("give exactly one of n_components and eps")
    method = check_choice("method", method, METHODS)
    if n_components is None:
        if not isinstance(eps, (int, float, np.floating)) or not 0.0 < eps < 1.0:
            raise InputError(f"eps lies strictly between 0 and 1, got {quoted(eps)}")
        return None
    return checked_dimension(n_components)
