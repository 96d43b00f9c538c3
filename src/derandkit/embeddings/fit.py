"""Find a map for points in coordinates of their span: the derandomizers, one signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.guarantee import guaranteed_eps
from derandkit.embeddings.options import POWERS, Method, Objective
from derandkit.embeddings.paths.active import refine
from derandkit.embeddings.paths.lemma import follow_lemma
from derandkit.embeddings.paths.mean import LARGEST, PairPowers
from derandkit.embeddings.paths.mean import descend as descend_mean
from derandkit.embeddings.paths.minimax import FIRST_SHARPNESS, sharpen
from derandkit.embeddings.paths.probability import follow_probability
from derandkit.embeddings.paths.secants import DEFAULT_RIDGE, Secants, coincidence_floor
from derandkit.errors import InputError
from derandkit.numerics.hashing import hashed_normals, hashed_order
from derandkit.runtime.clock import current
from derandkit.runtime.progress import OnProgress, Progress
from derandkit.words.digits import digits_above

if TYPE_CHECKING:
    from derandkit.embeddings.measure import Ratios
    from derandkit.embeddings.paths.secants import Sum, Whitening
    from derandkit.engine.method import Step
    from derandkit.numerics.typing import FloatArray, IntArray

DENSE_POINTS = 2048
"""Up to this many points every pair takes part in every step; beyond, landmarks and an active set."""

LANDMARKS = 1024

STAGES = {"lemma": "derandomize", "probability": "derandomize", "minimax": "refine"}
"""What progress reports call the stages of a fit."""


@dataclass
class Track:
    """What happened on the way: the history by column, the best map so far, and who wants to know.

    Parameters
    ----------
    on_progress : callable, optional
        Called after every stage.
    """

    on_progress: OnProgress | None = None
    columns: dict[str, list[float]] = field(
        default_factory=lambda: {"spread": [], "sharpness": [], "objective": [], "distortion": []}
    )
    best: FloatArray | None = None
    latest: FloatArray | None = None
    best_distortion: float = float("inf")
    evaluations: int = 0
    scans: int = 0
    active_pairs: int = 0

    def within(self, work: str) -> Track:
        """Return a track for a fit on the way to something else, which its stages name first."""
        report = self.on_progress
        if report is None:
            return Track()
        return Track(lambda progress: report(replace(progress, stage=f"{work}: {progress.stage}")))

    def stage(
        self,
        name: str,
        sigma2: float,
        mu: float,
        objective: float,
        here: Sum,
        whitening: Whitening,
        P: FloatArray,
    ) -> None:
        """Record the end of a stage and the map there.

        Raises
        ------
        Stopped
            The work has to end.
        """
        self.latest = whitening.matrix(P)
        row = (sigma2, mu, objective, here.scaled_distortion)
        for column, value in zip(self.columns.values(), row, strict=True):
            column.append(value)
        if self.on_progress is not None:
            self.on_progress(
                Progress(
                    STAGES[name],
                    here.scaled_distortion,
                    step=len(self.columns["spread"]),
                    noise=min(1.0, sigma2 * P.shape[1]),
                )
            )
        current().check()

    @property
    def found(self) -> FloatArray | None:
        """The best map whose distortion is known, else the map of the latest stage."""
        return self.latest if self.best is None else self.best

    def offer(self, M: FloatArray, distortion: float) -> None:
        """Remember a map (k x r) on span coordinates if it is the best so far."""
        if distortion < self.best_distortion:
            self.best, self.best_distortion = M, distortion


def fit(
    Z: FloatArray,
    k: int,
    method: Method,
    track: Track,
    warm: FloatArray | None = None,
    ridge: float = DEFAULT_RIDGE,
) -> FloatArray:
    """Find a map for points in coordinates of their span.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Different centred points, ``r > k``.
    k : int
        Number of rows of the map.
    method : Method
        The derandomizer.
    track : Track
        Collects the history and the best map, so that an interrupt loses nothing.
    warm : ndarray, shape (k, r), optional
        A map to start the minimax finish from, instead of the method's path.
    ridge : float
        Of the whitening, see `derandkit.embeddings.paths.secants.Whitening`.

    Returns
    -------
    ndarray, shape (k, r)
        The map.
    """
    if method == "conditional":
        return signed(Z, k, track)
    dense = Z.shape[0] <= DENSE_POINTS
    chosen = np.sort(hashed_order(Z.shape[0])[:LANDMARKS])
    secants = Secants(Z if dense else Z[chosen], ridge)
    whitening = secants.whitening

    def sharpened(mu: float, objective: float, here: Sum, P: FloatArray) -> None:
        track.stage("minimax", 0.0, mu, objective, here, whitening, P)

    if warm is not None:
        P, mu = whitening.transposed(warm), FIRST_SHARPNESS
    else:
        P, mu = PATHS[method](secants, k, track)
    if dense or warm is not None:
        P, distortion = sharpen(secants, P, mu, report=sharpened)
    track.evaluations += secants.evaluations
    if dense:
        M = whitening.matrix(P)
        track.offer(M, distortion)
        return M

    def offer(P: FloatArray, full: float) -> None:
        track.offer(whitening.matrix(P), full)

    before = secants.evaluations
    P, pairs = refine(Z, secants, chosen, P, sharpened, offer)
    track.evaluations += pairs.evaluations + secants.evaluations - before
    track.scans, track.active_pairs = pairs.scans, len(pairs)
    return whitening.matrix(P)


@dataclass(frozen=True, eq=False)
class Goal:
    """What a map is fitted for.

    Parameters
    ----------
    objective : Objective
        The worst pair, or a mean over pairs.
    method : Method
        The derandomizer; a mean objective has the lemma's path only.
    ridge : float
        Of the whitening, see `derandkit.embeddings.paths.secants.Whitening`; a mean objective has none.
    mass : ndarray, shape (m,), optional
        Weights of the points, for a mean objective.
    """

    objective: Objective = "max"
    method: Method = "lemma"
    ridge: float = DEFAULT_RIDGE
    mass: FloatArray | None = None

    def of(self, rows: IntArray) -> Goal:
        """Return the goal for some of the points."""
        if self.mass is None:
            return self
        mass = self.mass[rows]
        # points without weight have no mean: then all of them count alike
        return replace(self, mass=mass if np.count_nonzero(mass) > 1 else None)


def fit_or_isometry(Z: FloatArray, k: int, goal: Goal, track: Track) -> FloatArray:
    """Return the identity, padded with zero rows, when the span has at most k dimensions; else fit a map."""
    r = Z.shape[1]
    if k >= r:
        return np.eye(k, r)
    if goal.objective != "max":
        return fit_mean(Z, k, goal, track)
    return fit(Z, k, goal.method, track, ridge=goal.ridge)


def fit_mean(Z: FloatArray, k: int, goal: Goal, track: Track) -> FloatArray:
    """Find a map with a small mean of ``|r - 1|^p`` over the pairs.

    Beyond 4096 points the map is fitted to 4096 landmarks: the rows with the smallest hash of their numbers.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Different centred points, ``r > k``.
    k : int
        Number of rows of the map.
    goal : Goal
        Objective and weights.
    track : Track
        Collects the history: `distortion` is the p-th root of the mean.

    Returns
    -------
    ndarray, shape (k, r)
        The map.
    """
    if Z.shape[0] > LARGEST:
        chosen = np.sort(hashed_order(Z.shape[0])[:LARGEST])
        return fit_mean(np.ascontiguousarray(Z[chosen]), k, goal.of(chosen), track)
    power = POWERS[goal.objective]
    objective = PairPowers(Z, k, power, goal.mass)

    def on_step(step: Step) -> None:
        variance = step.spread_norm**2 / objective.dimension
        row = (variance, 0.0, step.value, max(step.value, 0.0) ** (1.0 / power))
        for column, value in zip(track.columns.values(), row, strict=True):
            column.append(value)
        if track.on_progress is not None:
            noise = min(1.0, variance * k)
            track.on_progress(Progress(STAGES["lemma"], row[-1], step=step.step, noise=noise))

    found = descend_mean(objective, on_step=on_step)
    M = np.ascontiguousarray(found.sampler.mean.reshape(k, -1))
    track.evaluations += objective.evaluations
    track.offer(M, found.value ** (1.0 / power))
    return M


def smallest(
    Z: FloatArray, eps: float, method: Method, track: Track, floor: int, ridge: float = DEFAULT_RIDGE
) -> FloatArray:
    """Find the map with the fewest rows, among those tried, whose distortion is at most `eps`.

    Bisection between `floor`, below which no map can, and the rank, where an isometry does. A dimension is tried
    from the next larger map that met the target, compressed to its leading directions, and, if that misses, from
    scratch.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Different centred points.
    eps : float
        Largest distortion.
    method : Method
        The derandomizer.
    track : Track
        Collects the history of the map that is returned last.
    floor : int
        Smallest dimension that is not excluded.
    ridge : float
        As in `fit`.

    Returns
    -------
    ndarray, shape (k, r)
        The map.
    """
    high = Z.shape[1]
    best = np.eye(high)
    track.offer(best, 0.0)
    low = min(floor, high) - 1
    while high - low > 1:
        k = min(max(round(float(np.sqrt(max(low, 1) * high))), low + 1), high - 1)
        met = False
        warmed = high < Z.shape[1] and method != "conditional"
        for warm in (compressed(best, k), None) if warmed else (None,):
            attempt = Track(track.on_progress)
            M = fit(Z, k, method, attempt, warm, ridge)
            track.evaluations += attempt.evaluations
            track.scans += attempt.scans
            met = attempt.best_distortion * (1.0 + 1e-6) + 1e-9 <= eps
            if met:
                best, high = M, k
                track.best, track.best_distortion = M, attempt.best_distortion
                track.columns, track.active_pairs = attempt.columns, attempt.active_pairs
                break
        if not met:
            low = k
    return best


def refuse_missed(eps: float, k: int, ratios: Ratios) -> None:
    """Refuse a wanted distortion that rounding keeps from being met.

    Pairs so close that no objective sees them may have any ratio.

    Raises
    ------
    InputError
        The map has a distortion above `eps`.
    """
    if ratios.distortion - ratios.margin <= eps:
        return
    if not ratios.close:
        raise InputError(
            f"eps={eps:g} is below the rounding of a map of these points, which has a distortion of "
            f"{digits_above(ratios.distortion, 3)} in {k} dimensions; give a larger one"
        )
    i, j = ratios.worst_pair
    raise InputError(
        f"{k} dimensions keep eps={eps:g} for all pairs but those that are closer than 1e-11 of the largest distance "
        f"from the centre, such as rows {i} and {j} with a distortion of {ratios.distortion:.3g}; round the points, so "
        f"that rows that repeat others but for rounding are equal, or ask for n_components={k}"
    )


def compressed(M: FloatArray, k: int) -> FloatArray:
    """Keep the k leading output directions of a map, by subspace iteration from hashed rows."""
    from derandkit.numerics.dense import orthonormalise, product

    rows = M.shape[0]
    gram = np.empty((rows, rows))
    product(np.ascontiguousarray(M), np.ascontiguousarray(M.T), gram)
    B = hashed_normals(k, rows)
    out = np.empty((k, rows))
    orthonormalise(B)
    for _ in range(30):
        product(B, gram, out)
        B, out = out, B
        orthonormalise(B)
    small = np.empty((k, M.shape[1]))
    product(B, np.ascontiguousarray(M), small)
    return small


def _lemma(secants: Secants, k: int, track: Track) -> tuple[FloatArray, float]:
    def report(sigma2: float, mu: float, objective: float, here: Sum, P: FloatArray) -> None:
        track.stage("lemma", sigma2, mu, objective, here, secants.whitening, P * here.rescaling)

    return follow_lemma(secants, k, report)


def signed(Z: FloatArray, k: int, track: Track) -> FloatArray:
    """Return the map of conditional expectations for the smallest distortion that k guarantees (1/2 if none)."""
    from derandkit.embeddings.kernels.pairs import inverse_squared_distances, packed_ratios
    from derandkit.embeddings.paths.conditional import conditional_expectations
    from derandkit.numerics.dense import product

    m = Z.shape[0]
    eps = guaranteed_eps(m * (m - 1) // 2, k) or 0.5
    M = conditional_expectations(Z, k, eps).matrix
    inverse, ratios = np.empty(m * (m - 1) // 2), np.empty(m * (m - 1) // 2)
    inverse_squared_distances(np.ascontiguousarray(Z.T), 0, m, coincidence_floor(Z), inverse)
    Y = np.empty((m, k))
    product(Z, np.ascontiguousarray(M.T), Y)
    packed_ratios(np.ascontiguousarray(Y.T), inverse, ratios)
    largest, smallest = float(np.nanmax(ratios)), float(np.nanmin(ratios))
    M = M * float(np.sqrt(2.0 / (largest + smallest)))
    track.offer(M, (largest - smallest) / (largest + smallest))
    return M


def _probability(secants: Secants, k: int, track: Track) -> tuple[FloatArray, float]:
    def report(sigma2: float, mu: float, objective: float, here: Sum, P: FloatArray) -> None:
        track.stage("probability", sigma2, mu, objective, here, secants.whitening, P * here.rescaling)

    return follow_probability(secants, k, report)


def _minimax(secants: Secants, k: int, track: Track) -> tuple[FloatArray, float]:
    return principal(secants.whitening, k), FIRST_SHARPNESS


def principal(whitening: Whitening, k: int) -> FloatArray:
    """Whitened transpose of the projection to the leading directions of the secants."""
    return whitening.transposed(whitening.leading(k))


PATHS: dict[Method, Callable[[Secants, int, Track], tuple[FloatArray, float]]] = {
    "lemma": _lemma,
    "probability": _probability,
    "minimax": _minimax,
}
"""Each returns a whitened transposed map and the sharpness at which the minimax finish goes on."""
