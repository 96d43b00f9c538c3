"""The method of conditional expectations: reveal the Gaussian coordinates one by one, each at its best value.

For a column ``c`` of ``W`` the reveal identity says ``F(W, b) = E_t F(W without c, b + t c)`` with ``t ~ N(0, 1)``, so
some ``t`` is at least as good as the average. The search starts from the nodes of a Gauss-Hermite rule: a weighted
average is never below its smallest term, so the best node already keeps the value wherever the rule is exact. Columns
are taken in principal order, largest first, which spends the freedom of the search where it matters most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from derandkit.engine.law import GaussianSampler
from derandkit.engine.method import Ending
from derandkit.engine.resolution import PRECISION
from derandkit.errors import InputError
from derandkit.numerics.axes import principal_columns
from derandkit.numerics.quadrature import gauss_hermite
from derandkit.options import check_choice, check_whole
from derandkit.runtime.clock import Stopped
from derandkit.status import DerandomizationStatus

if TYPE_CHECKING:
    from derandkit.engine.evaluation import CountedObjective
    from derandkit.engine.method import Trail
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonObject


#: Points of the grids that are tried, one after the other, where the nodes do not reach the value before the reveal.
DENSE_GRIDS = (161, 1281, 10241)
#: The first of them where time is over.
COARSE_GRID = 21
#: Most coordinates of an isotropic spread that is made a matrix.
LARGEST_ISOTROPIC = 4096
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True)
class ConditionalExpectations:
    """Reveal the coordinates of ``x`` in principal order, each by a safeguarded 1-D search.

    Parameters
    ----------
    nodes : int
        Gauss-Hermite nodes of the first search of each column; at least 3.
    refine : int
        Golden-section evaluations around the best node; 0 keeps the node.
    order : {"principal", "given"}
        Reveal along the principal axes of ``W``, largest first, or the columns as they are.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Notes
    -----
    About ``rank * (nodes + refine)`` values of F. `Derandomization.slack` adds up what any reveal lost (normally 0);
    ``stats["identity_gap"]`` is the largest relative gap between the Gauss-Hermite average over ``t`` and the value
    before the reveal, which is 0 up to quadrature error when the objective is what it claims to be.

    References
    ----------
    Spencer, Ten Lectures on the Probabilistic Method (1987); for hyperplane rounding Mahajan and Ramesh, SIAM J.
    Comput. 28 (1999) 1641-1663. The reveal identity is fact 3 of docs/engine.md.

    Examples
    --------
    >>> import numpy as np
    >>> from derandkit import derandomize, QuadratureObjective, GaussianSampler
    >>> wave = QuadratureObjective(lambda z: np.cos(z[:, 0]), dimension=1)
    >>> r = derandomize(wave, GaussianSampler([0.0], [[1.0]]), method=ConditionalExpectations())
    >>> round(r.start_value, 6), round(r.value, 6), r.slack
    (0.606531, -1.0, 0.0)
    """

    nodes: int = 25
    refine: int = 16
    order: Literal["principal", "given"] = "principal"

    def __post_init__(self) -> None:
        check_whole("nodes", self.nodes)
        check_whole("refine", self.refine)
        if not 3 <= self.nodes <= 200:
            raise InputError(f"nodes must lie between 3 and 200, got {self.nodes}")
        object.__setattr__(self, "order", check_choice("order", self.order, ("principal", "given")))

    def run(self, problem: CountedObjective, start: GaussianSampler, trail: Trail) -> Ending:
        """Reveal every column; one that has to end drops the rest where that loses nothing, or reveals it coarsely."""
        reveal = Reveal(problem, start, self.nodes, self.refine, self.order)
        status, finite = DerandomizationStatus.DETERMINISTIC, True
        try:
            trail.add(reveal.value, reveal.value, reveal.spread_norm)
            while finite and not reveal.done:
                finite = reveal.step()
                if finite:
                    trail.add(reveal.value, reveal.value, reveal.spread_norm)
        except Stopped:
            trail.watching = False
            status = DerandomizationStatus.INTERRUPTED if trail.clock.interrupted else status
            reveal.coarsen()
            trail.silence()
            while finite and not reveal.done:
                finite = reveal.drop() or reveal.step()
                trail.add(reveal.value, reveal.value, reveal.spread_norm)
        status = status if finite else DerandomizationStatus.NOT_FINITE
        early: JsonObject = {"finished_by": reveal.finished_by} if reveal.dropped else {}
        return Ending(reveal.sampler, status, reveal.slack, stats={**reveal.stats, **early})


class Reveal:
    """A distribution on its way from its start to no spread, one column at a time."""

    def __init__(
        self, problem: CountedObjective, start: GaussianSampler, nodes: int, refine: int, order: str
    ) -> None:
        self._problem = problem
        self._refine = refine
        self._grids: tuple[int, ...] = DENSE_GRIDS
        self._nodes, self._weights = gauss_hermite(nodes)
        if problem.isotropic_only and not start.is_deterministic:
            raise InputError(
                f"conditional expectations reveal one coordinate after the other, and {problem.name} knows isotropic "
                "spreads only; use LemmaDescent()"
            )
        if start.is_isotropic and start.dimension > LARGEST_ISOTROPIC:
            raise InputError(
                f"conditional expectations need an isotropic spread as a matrix, and {start.dimension} coordinates are "
                f"more than {LARGEST_ISOTROPIC}; use LemmaDescent(finish=False)"
            )
        W = start.dense_spread()
        W = principal_columns(W) if order == "principal" else W[:, W.any(axis=0)]
        self.sampler = GaussianSampler(start.mean, W)
        self.value = problem.value(start)
        self.slack = 0.0
        self._identity_gap = 0.0
        self._scale = abs(self.value)
        self._revealed = 0
        self._coarse = self.dropped = False

    @property
    def done(self) -> bool:
        """Whether no column is left."""
        return self.sampler.rank == 0

    @property
    def spread_norm(self) -> float:
        """What is left of ``|W|``."""
        return self.sampler.spread_norm

    @property
    def stats(self) -> dict[str, float | int]:
        """Columns revealed, and the largest relative gap of the reveal identity."""
        return {"revealed": self._revealed, "identity_gap": self._identity_gap}

    @property
    def finished_by(self) -> str:
        """What removed the last of the spread: reveals, or a contraction where the work had to end."""
        return "contraction" if self.dropped else "conditional expectations"

    def coarsen(self) -> None:
        """From here on, look at five nodes a column and refine none; and at the mean alone before each column."""
        self._coarse = True
        self._nodes, self._weights = gauss_hermite(5)
        self._refine = 0
        self._grids = (COARSE_GRID, *DENSE_GRIDS)

    def finish_coarsely(self) -> bool:
        """Drop what is left, or reveal it on five nodes a column; False where a value is not finite."""
        self.coarsen()
        return self.finish()

    def drop(self) -> bool:
        """End at the mean without spread if that is no worse, for the price of one value; False if it is."""
        bare = self.sampler.deterministic()
        value = self._problem.value(bare)
        if not value <= self.value:
            return False
        self.sampler, self.value, self.dropped = bare, value, True
        return True

    def finish(self, trail: Trail | None = None) -> bool:
        """Reveal what is left, coarsely once the trail's clock says so; False where a value is not finite."""
        while not self.done:
            if trail is not None:
                trail.watching = not trail.clock.stopped
                if trail.clock.stopped:
                    self.coarsen()
            try:
                if self._coarse and self.drop():
                    return True
                if not self.step():
                    return False
            except Stopped:  # in the middle of a column, which is taken again on few nodes
                continue
            finally:
                if trail is not None:
                    trail.watching = False
        return True

    def step(self) -> bool:
        """Reveal the first column; False (and nothing changed) if no value along it is finite."""
        W = self.sampler.dense_spread()
        column = np.ascontiguousarray(W[:, 0])
        rest = self.sampler.with_spread(W[:, 1:])
        steps, values = self._nodes, self._problem.line_values(rest, column, self._nodes)
        average = math.fsum(self._weights * values) if np.isfinite(values).all() else math.nan
        steps, values = self._joined(rest, column, steps, values, self._problem.line_candidates(rest, column))
        noise = PRECISION * max(self._scale, abs(self.value))
        for size in self._grids:
            if not np.isfinite(values).any():
                return False
            if np.nanmin(values) <= self.value + noise:
                break
            # the rule is not exact here (a kink, a jump): some t is still no worse than the average
            steps, values = self._joined(rest, column, steps, values, np.linspace(-8.0, 8.0, size))
        t, value = self._refined(rest, column, steps, values)
        if math.isfinite(average):
            gap = abs(average - self.value) / max(self._scale, abs(self.value), 1e-300)
            self._identity_gap = max(self._identity_gap, gap)
        self.slack += max(0.0, value - self.value - noise)
        self.value = value
        self.sampler = rest.with_mean(rest.mean + t * column)
        self._scale = max(self._scale, abs(value))
        self._revealed += 1
        return True

    def _joined(
        self,
        rest: GaussianSampler,
        column: FloatArray,
        steps: FloatArray,
        values: FloatArray,
        extra: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """Evaluate further steps of a line and merge them in, by rising step."""
        if not extra.size:
            return steps, values
        steps = np.concatenate((steps, extra))
        values = np.concatenate((values, self._problem.line_values(rest, column, extra)))
        order = np.argsort(steps, kind="stable")
        return steps[order], values[order]

    def _best(self, steps: FloatArray, values: FloatArray) -> int:
        """Return the index of the smallest value; within noise the smallest ``|t|`` wins, then the positive t."""
        finite = np.isfinite(values)
        lowest = float(np.min(values[finite]))
        tied = np.flatnonzero(finite & (values <= lowest + PRECISION * max(self._scale, abs(lowest))))
        return int(min(tied, key=lambda k: (abs(steps[k]), steps[k] < 0)))

    def _refined(
        self, rest: GaussianSampler, column: FloatArray, steps: FloatArray, values: FloatArray
    ) -> tuple[float, float]:
        """Golden section between the neighbours of the best point; returns the best point met."""
        best = self._best(steps, values)
        t, value = float(steps[best]), float(values[best])
        if self._refine == 0:
            return t, value
        low = float(steps[best - 1]) if best > 0 else 2.0 * t
        high = float(steps[best + 1]) if best + 1 < steps.size else 2.0 * t

        def at(s: float) -> float:
            f = float(self._problem.line_values(rest, column, np.array([s]))[0])
            return f if math.isfinite(f) else math.inf

        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        f_left, f_right = at(left), at(right)
        for k in range(self._refine - 1):
            if min(f_left, f_right) < value:
                t, value = (left, f_left) if f_left <= f_right else (right, f_right)
            if k == self._refine - 2:
                break
            if f_left <= f_right:
                high, right, f_right = right, left, f_left
                left = high - GOLDEN * (high - low)
                f_left = at(left)
            else:
                low, left, f_left = left, right, f_right
                right = low + GOLDEN * (high - low)
                f_right = at(right)
        return t, value
