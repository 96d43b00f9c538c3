"""From the distribution of random Fourier features to one set of frequencies: the lemma's descent, or row by row.

``M = 0`` is a saddle: nothing says which way a frequency should go. The noise itself does. Some of it is revealed
first, ``x = t y + sqrt(1 - t^2) x'`` with y from a fixed formula. On average over y this changes nothing, so there is a
y for which the expected error does not rise; the first such stream is taken. From there the engine's `LemmaDescent`
runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from derandkit.engine.law import GaussianSampler
from derandkit.engine.methods.conditional import ConditionalExpectations
from derandkit.engine.methods.lemma import LemmaDescent
from derandkit.engine.methods.single import single_solution
from derandkit.engine.solve import run_method
from derandkit.errors import InputError
from derandkit.features.measure import scaled
from derandkit.features.objective import PairErrors, RowObjective
from derandkit.features.options import ALPHA, NU, checked_width
from derandkit.features.spectrum import GAUSSIAN, chosen
from derandkit.numerics.hashing import hashed_normals
from derandkit.numerics.ranges import refuse_entries
from derandkit.options import check_whole
from derandkit.points.files import as_point_cloud
from derandkit.runtime.clock import Stopped, current
from derandkit.runtime.progress import OnProgress, Progress

if TYPE_CHECKING:
    from derandkit.engine.method import Step
    from derandkit.features.options import KernelName, Width
    from derandkit.features.spectrum import Spectrum
    from derandkit.numerics.typing import FloatArray

STEPS = 300
"""Steps of the descent: twice as many as 150 lower the error by a tenth to a fifth, on new points too."""

CONDITIONAL_LIMIT = 256
"""Most points of the conditional expectations: each coordinate of each frequency is a search over all pairs."""

CONDITIONAL_FREQUENCIES = 100_000
"""Most frequencies of the conditional expectations: each is a row of the history."""

_REVEALED = 0.95
_STREAMS = 64
_NODES, _REFINE = 9, 6


class FourierObjective(PairErrors):
    """Expected mean over pairs of ``(K^ - k)^2`` for Gaussian frequencies; ``k = exp(-gamma |x - y|^2)`` by default.

    Parameters
    ----------
    X : array_like, sparse matrix, PointCloud or path, shape (n, d)
        The points.
    D : int
        Number of frequencies.
    gamma : float, "median" or "scale"
        Parameter gamma of a Gaussian kernel.
    kernel, length_scale, nu, alpha
        Another kernel, see `derandkit.random_features`.

    Raises
    ------
    InputError
        If the points or the kernel cannot be used, or there are more than 4096 different points.

    Notes
    -----
    A solution is D frequencies in units of ``sqrt(2 gamma)``, flattened row by row. Every derivative is bounded, so
    nothing is smoothed. At `start`, random Fourier features, the value is ``mean (1 - k^2)^2 / (2 D)``. For other
    kernels each frequency is in units of its own width too (`frequencies`), and at `start` the value is the bias of the
    D widths squared, plus the variance given the widths.

    Examples
    --------
    >>> objective = FourierObjective(100.0 * np.eye(4), 50, gamma=0.5)
    >>> round(objective.value(objective.start()), 12)
    0.01
    """

    def __init__(
        self,
        X: object,
        D: int,
        *,
        gamma: float | Width = "median",
        kernel: KernelName = "gaussian",
        length_scale: float | Literal["median"] = "median",
        nu: float = NU,
        alpha: float = ALPHA,
    ) -> None:
        check_whole("D", D, 1)
        refuse_entries("the frequencies", D)
        spectrum = chosen(kernel, nu, alpha)
        width = checked_width(kernel, gamma, length_scale)
        super().__init__(scaled(as_point_cloud(X), width, spectrum, D).points, D, spectrum)


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


def descend(Z: FloatArray, D: int, track: Track, spectrum: Spectrum = GAUSSIAN) -> FloatArray:
    """Run the lemma's descent, and return D frequencies, shape (D, d), for a kernel of length 1.

    A distribution that is left (the steps ran out early, or the run was stopped) is replaced by frequencies that are no
    worse than its mean: hashed normal numbers are tried in a fixed order.
    """
    objective = PairErrors(Z, D, spectrum)

    def on_step(step: Step) -> None:
        track.step(step.spread_norm / float(np.sqrt(objective.dimension)), step.value)

    found = run_method(
        objective, leave_saddle(objective), LemmaDescent(max_steps=STEPS), on_step=on_step, figures=False
    )
    found = single_solution(objective, found)
    track.evaluations += objective.evaluations
    return objective.frequencies(found.sampler.mean)


def reveal(Z: FloatArray, D: int, track: Track, spectrum: Spectrum = GAUSSIAN) -> FloatArray:
    """Reveal one frequency after the other by the engine's conditional expectations, shape (D, d).

    Where the work has to end, the frequencies that are left are hashed normal numbers.

    Raises
    ------
    InputError
        There are more points or frequencies than the method takes.
    """
    m, d = Z.shape
    if m > CONDITIONAL_LIMIT:
        raise InputError(
            f"method='conditional' searches along every coordinate of every frequency, so it takes at most "
            f"{CONDITIONAL_LIMIT} different points, got {m}; use method='lemma'"
        )
    if D > CONDITIONAL_FREQUENCIES:
        raise InputError(
            f"method='conditional' takes at most {2 * CONDITIONAL_FREQUENCIES} features, got {2 * D}; "
            "use method='lemma'"
        )
    pairs = PairErrors(Z, D, spectrum)
    i, j = np.triu_indices(m, 1)
    # what each frequency adds on average, and its variance: the same for all where there is one width
    means = [pairs.kernels] * D
    if spectrum != GAUSSIAN:
        means = [np.exp(-0.5 * width * pairs.squares) for width in pairs.widths]
    spares = [0.5 * float(np.mean((1.0 - mean**2) ** 2)) for mean in means]
    # coordinates in which the points vary most come first, since the first reveals have most to choose from
    order = np.argsort(-np.var(Z, axis=0), kind="stable")
    law = GaussianSampler(np.zeros(d), np.eye(d)[:, order])
    method = ConditionalExpectations(nodes=_NODES, refine=_REFINE, order="given")
    scales = np.sqrt(pairs.widths)
    W = hashed_normals(D, d) * scales[:, None]
    known = np.zeros(pairs.kernels.size)
    if spectrum != GAUSSIAN:
        known = sum(means, start=known) - D * pairs.kernels
    for row in range(D):
        # the rows to come add their mean each, this one its cosine, the known ones what they are
        rest = means[row] - known
        objective = RowObjective(np.ascontiguousarray(Z * scales[row]), rest)
        try:
            found = run_method(objective, law, method)
        except Stopped:
            break
        W[row] = scales[row] * found.sampler.mean
        track.evaluations += objective.evaluations
        u = np.einsum("nd,d->n", Z, W[row])
        known += np.cos(u[i] - u[j]) - means[row]
        value = (float(np.mean(known**2)) + sum(spares[row + 1 :])) / D**2
        track.step(float(np.sqrt((D - 1 - row) / D)), value, D)
        if current().stopped:
            break
    return W
