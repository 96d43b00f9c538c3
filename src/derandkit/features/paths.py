"""From the distribution of random Fourier features to one set of frequencies: the lemma's descent, or row by row.

``M = 0`` is a saddle: nothing says which way a frequency should go. The noise itself does. Some of it is revealed
first, ``x = t y + sqrt(1 - t^2) x'`` with y from a fixed formula. On average over y this changes nothing, so there is a
y for which the expected error does not rise; the first such stream is taken. From there the engine's `LemmaDescent`
runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.law import GaussianSampler
from derandkit.engine.methods.conditional import ConditionalExpectations
from derandkit.engine.methods.lemma import LemmaDescent
from derandkit.engine.solve import run_method
from derandkit.errors import InputError
from derandkit.features.measure import scaled
from derandkit.features.objective import PairErrors, RowObjective
from derandkit.features.options import checked_gamma
from derandkit.numerics.hashing import hashed_normals
from derandkit.points.files import as_point_cloud
from derandkit.runtime.clock import Stopped, current
from derandkit.runtime.progress import OnProgress, Progress

if TYPE_CHECKING:
    from derandkit.engine.method import Step
    from derandkit.engine.outcome import Derandomization
    from derandkit.features.options import Width
    from derandkit.numerics.typing import FloatArray

STEPS = 300
"""Steps of the descent: twice as many as 150 lower the error by a tenth to a fifth, on new points too."""

CONDITIONAL_LIMIT = 256
"""Most points of the conditional expectations: each coordinate of each frequency is a search over all pairs."""

_REVEALED = 0.95
_STREAMS, _DRAWS = 64, 64
_NODES, _REFINE = 9, 6


class FourierObjective(PairErrors):
    """Expected mean over pairs of ``(K^ - k)^2`` for Gaussian frequencies, ``k = exp(-gamma |x - y|^2)``.

    Parameters
    ----------
    X : array_like, sparse matrix, PointCloud or path, shape (n, d)
        The points.
    D : int
        Number of frequencies.
    gamma : float, "median" or "scale"
        Parameter gamma of the kernel.

    Raises
    ------
    InputError
        If the points or gamma cannot be used, or there are more than 4096 different points.

    Notes
    -----
    A solution is D frequencies in units of ``sqrt(2 gamma)``, flattened row by row. Every derivative is bounded, so
    nothing is smoothed. At `start`, random Fourier features, the value is ``mean (1 - k^2)^2 / (2 D)``.

    Examples
    --------
    >>> objective = FourierObjective(100.0 * np.eye(4), 50, gamma=0.5)
    >>> round(objective.value(objective.start()), 12)
    0.01
    """

    def __init__(self, X: object, D: int, *, gamma: float | Width = "median") -> None:
        width = checked_gamma(gamma)
        super().__init__(scaled(as_point_cloud(X), width).points, D)


@dataclass
class Track:
    """What happened on the way: the history by column, the evaluations, and who wants to know.

    Parameters
    ----------
    on_progress : callable, optional
        Called after every step.
    """

    on_progress: OnProgress | None = None
    columns: dict[str, list[float]] = field(default_factory=lambda: {"spread": [], "objective": []})
    evaluations: int = 0

    def step(self, spread: float, value: float, total: int | None = None) -> None:
        """Record a step."""
        self.columns["spread"].append(spread)
        self.columns["objective"].append(value)
        if self.on_progress is not None:
            rms = float(np.sqrt(max(value, 0.0)))
            done = len(self.columns["spread"])
            self.on_progress(Progress("derandomize", rms, step=done, total=total, noise=min(1.0, spread)))


def leave_saddle(objective: PairErrors) -> GaussianSampler:
    """Return the distribution that the descent starts from: some of the noise revealed, the value no higher.

    Examples
    --------
    >>> objective = PairErrors(np.arange(6.0)[:, None], 4)
    >>> start = objective.start()
    >>> bool(objective.value(leave_saddle(objective)) <= objective.value(start))
    True
    """
    start = objective.start()
    most = objective.value(start)
    rest = float(np.sqrt(1.0 - _REVEALED**2))
    for stream in range(_STREAMS):
        y = hashed_normals(objective.D, objective.points.shape[1], stream=stream).ravel()
        law = GaussianSampler(_REVEALED * y, rest)
        if objective.value(law) <= most:
            return law
    return start


def descend(Z: FloatArray, D: int, track: Track) -> FloatArray:
    """Run the lemma's descent, and return D frequencies, shape (D, d), for the kernel ``exp(-|x - y|^2 / 2)``.

    A distribution that is left (the steps ran out early, or the run was stopped) is replaced by frequencies that are no
    worse than its mean: hashed normal numbers are tried in a fixed order.
    """
    objective = PairErrors(Z, D)

    def on_step(step: Step) -> None:
        track.step(step.spread_norm / float(np.sqrt(objective.dimension)), step.value)

    found = run_method(objective, leave_saddle(objective), LemmaDescent(max_steps=STEPS), on_step=on_step)
    if not found.sampler.is_deterministic:
        found = _single(objective, found)
    track.evaluations += objective.evaluations
    return np.ascontiguousarray(found.sampler.mean.reshape(D, -1))


def _single(objective: PairErrors, found: Derandomization) -> Derandomization:
    law = found.sampler
    assert isinstance(law.spread, float)
    for stream in range(_DRAWS):
        noise = hashed_normals(objective.D, objective.points.shape[1], stream=stream).ravel()
        single = GaussianSampler(law.mean + law.spread * noise, 0.0)
        value = objective.value(single)
        if value <= found.value:
            break
    return replace(found, sampler=single, value=value)


def reveal(Z: FloatArray, D: int, track: Track) -> FloatArray:
    """Reveal one frequency after the other by the engine's conditional expectations, shape (D, d).

    Where the work has to end, the frequencies that are left are hashed normal numbers.

    Raises
    ------
    InputError
        There are more points than the method takes.
    """
    m, d = Z.shape
    if m > CONDITIONAL_LIMIT:
        raise InputError(
            f"method='conditional' searches along every coordinate of every frequency, so it takes at most "
            f"{CONDITIONAL_LIMIT} different points, got {m}; use method='lemma'"
        )
    pairs = PairErrors(Z, D)
    kernels, i, j = pairs.kernels, *np.triu_indices(m, 1)
    spare = 0.5 * (1.0 - kernels**2) ** 2
    # coordinates in which the points vary most come first, since the first reveals have most to choose from
    order = np.argsort(-np.var(Z, axis=0), kind="stable")
    law = GaussianSampler(np.zeros(d), np.eye(d)[:, order])
    method = ConditionalExpectations(nodes=_NODES, refine=_REFINE, order="given")
    W = hashed_normals(D, d)
    known = np.zeros(kernels.size)
    for row in range(D):
        # the rows to come add their kernel each, this one its cosine, the known ones what they are
        rest = kernels - known
        objective = RowObjective(Z, rest)
        try:
            found = run_method(objective, law, method)
        except Stopped:
            break
        W[row] = found.sampler.mean
        track.evaluations += objective.evaluations
        u = np.einsum("nd,d->n", Z, W[row])
        known += np.cos(u[i] - u[j]) - kernels
        value = float(np.mean(known**2 + (D - 1 - row) * spare)) / D**2
        track.step(float(np.sqrt((D - 1 - row) / D)), value, D)
        if current().stopped:
            break
    return W
