"""The algorithm as prose: reduce to the span, relax to the random projection, derandomize, extend, certify."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from derandkit.embeddings.bound import spectrum
from derandkit.embeddings.complement import extend
from derandkit.embeddings.fit import Track, fit_or_isometry, signed, smallest
from derandkit.embeddings.guarantee import (
    guaranteed_eps,
    log_psi_start,
    sharpness,
    smallest_guaranteed_dimension,
)
from derandkit.embeddings.holdout import Ridge, check_fraction, choose_ridge, holdout_figures
from derandkit.embeddings.measure import Ratios, measure
from derandkit.embeddings.options import COMPLEMENTS, METHODS, Complement, Method, checked_dimension
from derandkit.embeddings.paths.secants import DEFAULT_RIDGE
from derandkit.embeddings.result import EmbeddingResult
from derandkit.embeddings.span import span_of
from derandkit.embeddings.stretch import stretch
from derandkit.errors import InputError
from derandkit.options import check_choice
from derandkit.points.files import as_point_cloud
from derandkit.runtime.clock import Stopped
from derandkit.runtime.interrupts import deliver, entry, reporting
from derandkit.status import EmbeddingStatus

if TYPE_CHECKING:
    from derandkit.embeddings.bound import Spectrum
    from derandkit.embeddings.span import Span
    from derandkit.numerics.typing import FloatArray
    from derandkit.points.cloud import PointCloud
    from derandkit.runtime.clock import Clock
    from derandkit.runtime.interrupts import OnInterrupt
    from derandkit.runtime.progress import OnProgress

ISOMETRY = 2.0**-26
"""A certified distortion up to here, the square root of the spacing of doubles, is rounding."""


def embed(
    X: Any,
    *,
    n_components: int | None = None,
    eps: float | None = None,
    method: Method = "lemma",
    holdout: float | bool = True,
    complement: Complement = "balanced",
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
    method : {"lemma", "probability", "minimax", "conditional"}
        The derandomizer: the lemma's path on the closed-form objective; the same on the sum of violation
        probabilities; no path, descent from the leading directions of the secants; conditional expectations over
        random signs (no minimax finish).
    holdout : bool or float
        Whether to fit siblings of the map, each without a fraction (a fifth by default, from 0.05 to 0.5) of the
        points, and report what they do to pairs that they have not seen. Left out below 20 points.
    complement : {"balanced", "isometric", "zero"}
        What the map does to directions no fitted point has, see `derandkit.embeddings.complement.extend`.
    ridge : float, optional
        How much the fit is held back along directions that the points hardly show: larger values serve new points,
        smaller ones the fitted points. By default 1 or 10, whichever is better on held-out pairs; 1 without any.
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
        If the points or the options cannot be used.
    ConvergenceError
        See `throw`.
    Interrupted
        See `on_interrupt`.

    Notes
    -----
    A step costs O(n^2 k) operations up to 2048 points; beyond, 1024 landmarks are fitted first and then the pairs
    that matter among all, with a few scans of O(n^2 (r + k)).

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
    k = _check_options(n_components, eps, method, complement)
    given = _check_ridge(ridge)
    fraction = check_fraction(holdout)
    with entry(time_limit, on_interrupt=on_interrupt) as clock:
        track = Track(reporting(clock, on_progress))
        result = _embed(X, k, eps, method, fraction, complement, given, track, clock)
    result = deliver(clock, result, on_interrupt)
    return result.require() if throw else result


def _embed(
    X: Any,
    k: int | None,
    eps: float | None,
    method: Method,
    fraction: float | None,
    complement: Complement,
    given: float | None,
    track: Track,
    clock: Clock,
) -> EmbeddingResult:
    cloud = as_point_cloud(X)
    span = span_of(cloud.centred())
    limits = spectrum(span.coordinates, cloud.n_features)
    chosen = Ridge(DEFAULT_RIDGE if given is None else given)
    try:
        if k is not None:
            if fraction is not None and given is None:
                with suppress(Stopped):  # then the default is as good as any
                    chosen = choose_ridge(cloud, k, span.rank, method, complement, fraction, track)
            M = fit_or_isometry(span.coordinates, k, method, track, chosen.value)
        else:
            target = float(eps or 0.0)
            least = limits.smallest_dimension(target)
            M = smallest(span.coordinates, target, method, track, least, chosen.value)
    except Stopped:  # raised at the end of a stage, so there is a map
        assert track.found is not None
        M = track.found
    matrix = extend(M, span.basis, complement)
    ratios, guarantee = certify(cloud, matrix)
    if guarantee["applies"] and ratios.distortion + ratios.margin > guarantee["eps"] and not clock.stopped:
        # the path has lost what its start promised: conditional expectations cannot
        M = signed(span.coordinates, matrix.shape[0], track)
        matrix = extend(M, span.basis, complement)
        ratios, guarantee = certify(cloud, matrix)
    heldout = None
    if fraction is not None and not clock.stopped:
        with suppress(Stopped):
            heldout = holdout_figures(cloud, matrix.shape[0], method, complement, fraction, chosen, track)
    return compose(
        cloud,
        span,
        limits,
        M,
        matrix,
        ratios,
        guarantee,
        heldout,
        method,
        complement,
        chosen,
        track,
        clock.interrupted,
    )


def certify(cloud: PointCloud, matrix: FloatArray) -> tuple[Ratios, dict[str, Any]]:
    """Measure every pair, and set the result beside what the dimension promises for any points.

    The promise: if ``Psi(0, 1/k) < 1`` then a random projection keeps every pair within eps with positive
    probability. It is kept when the measured distortion, margin included, is at most eps; ``log_psi_end`` at or
    below ``log_psi_start`` shows the path did not lose.
    """
    k = matrix.shape[0]
    pairs = cloud.n_pairs
    promised = guaranteed_eps(pairs, k)
    if promised is None:
        return measure(cloud, matrix), {
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
    cloud: PointCloud,
    span: Span,
    limits: Spectrum,
    M: FloatArray,
    matrix: FloatArray,
    ratios: Ratios,
    guarantee: dict[str, Any],
    heldout: dict[str, Any] | None,
    method: Method,
    complement: Complement,
    ridge: Ridge,
    track: Track,
    interrupted: bool,
) -> EmbeddingResult:
    """Put the figures together: the map on the span (M) and on the space (matrix), what was measured, how it ended."""
    k = matrix.shape[0]
    # a pair that was left out has no ratio to keep, so the bound for all pairs does not speak about the rest
    lower = limits.lower_bound(k) if ratios.coincident == 0 else 0.0
    chain = {
        "lower_bound": lower,
        "distortion": ratios.distortion,
        "certified_distortion": ratios.distortion + ratios.margin,
    }
    if guarantee["applies"]:
        chain["guaranteed_eps"] = guarantee["eps"]
    if interrupted:
        status = EmbeddingStatus.INTERRUPTED
    elif chain["certified_distortion"] <= ISOMETRY:
        status = EmbeddingStatus.ISOMETRY
    elif guarantee["applies"] and chain["certified_distortion"] <= guarantee["eps"]:
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
        quantiles={**ratios.quantiles, "mean": ratios.mean},
        lower_bound=lower,
        guarantee=guarantee,
        chain=chain,
        heldout=heldout,
        stretch=stretch(matrix, M, int(cloud.distinct.size), limits),
        output={"dtype": str(cloud.points.dtype), "certified_distortion": ratios.written},
        ridge={"value": ridge.value, "tried": list(ridge.tried)},
        centre=cloud.centring().origin,
        points={
            "n": cloud.n_points,
            "d": cloud.n_features,
            "rank": span.rank,
            "dtype": str(cloud.points.dtype),
            "digest": cloud.digest,
            "reading": cloud.reading,
            "duplicates": cloud.duplicates,
            "coincident": ratios.coincident,
            "pairs": ratios.pairs,
            "columns": None if cloud.columns is None else list(cloud.columns),
        },
        method=method,
        complement=complement,
        history={name: tuple(map(_finite, column)) for name, column in track.columns.items()},
        stats={"evaluations": track.evaluations, "scans": track.scans, "active_pairs": track.active_pairs},
    )


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
            f"ridge is a number from 1e-6 to 1e6, or None for the choice on held-out pairs, got {ridge!r}"
        )
    return float(ridge)


def _check_options(
    n_components: SupportsIndex | None, eps: float | None, method: str, complement: str
) -> int | None:
    if (n_components is None) == (eps is None):
        raise InputError("give exactly one of n_components and eps")
    check_choice("method", method, METHODS)
    check_choice("complement", complement, COMPLEMENTS)
    if n_components is None:
        if not isinstance(eps, (int, float, np.floating)) or not 0.0 < eps < 1.0:
            raise InputError(f"eps lies strictly between 0 and 1, got {eps!r}")
        return None
    return checked_dimension(n_components)
