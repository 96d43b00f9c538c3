"""What a method is: a frozen record of its tolerances with one function, ``run``.

`run` gets the counted objective, the start and a trail to log on, and hands back an `Ending`. Whatever holds for all
methods (the check against the start, history, statistics, errors) is done once, in `derandkit.engine.solve`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from derandkit.runtime.clock import Clock, Stopped
from derandkit.runtime.interrupts import asking
from derandkit.runtime.progress import Progress
from derandkit.status import DerandomizationStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.engine.evaluation import CountedObjective
    from derandkit.engine.law import GaussianSampler
    from derandkit.engine.outcome import Stationarity
    from derandkit.records import JsonObject


@dataclass(frozen=True)
class Step:
    """What an observer inside the package gets after each accepted step; users get its `progress`.

    Parameters
    ----------
    step : int
        0 at the start.
    value : float
        ``F`` at the accepted point.
    penalised : float
        ``J = F + penalty |W|^2``.
    spread_norm : float
        ``|W|``.
    law : GaussianSampler or None
        The accepted distribution, where the method has one to show.
    """

    step: int
    value: float
    penalised: float
    spread_norm: float
    law: GaussianSampler | None = field(default=None, compare=False, repr=False)

    def progress(self, start_spread: float) -> Progress:
        """Return the step as users see it; `start_spread` is ``|W|`` at the start."""
        noise = min(1.0, self.spread_norm / start_spread) if start_spread > 0.0 else 0.0
        return Progress(
            "derandomize", self.value, step=self.step, spread=self.spread_norm, noise=noise, law=self.law
        )


class Trail:
    """The history while it is being written.

    Parameters
    ----------
    on_step : callable, optional
        Called with every row.
    clock : Clock, optional
        Looked at after every row.
    figures : bool
        Whether second-order numbers of the end are asked for, which cost many products.
    """

    COLUMNS = ("objective", "penalised", "spread_norm", "gradient_norm", "curvature")

    def __init__(
        self,
        on_step: Callable[[Step], None] | None = None,
        clock: Clock | None = None,
        *,
        figures: bool = True,
    ) -> None:
        self.rows: list[tuple[float, float, float, float, float]] = []
        self.clock = Clock() if clock is None else clock
        self._report = asking(self.clock, on_step)
        self._silent = False
        self.figures = figures
        #: Whether a request to stop and the limit of time are looked at before each evaluation too.
        self.watching = True

    def add(
        self,
        value: float,
        penalised: float,
        spread_norm: float,
        gradient_norm: float = float("nan"),
        curvature: float = float("nan"),
        *,
        law: GaussianSampler | None = None,
    ) -> None:
        """Log an accepted point and call back; NaN stands for a number that was not needed there.

        Raises
        ------
        Stopped
            The clock says that the work has to end.
        """
        self.rows.append((value, penalised, spread_norm, gradient_norm, curvature))
        if not self._silent:
            self._report(Step(len(self.rows) - 1, value, penalised, spread_norm, law))
            self.clock.check()

    def look(self) -> None:
        """Before an evaluation: stop where a stop was asked for or the limit of time is over.

        Counted work is looked at after accepted steps alone. Once this has stopped a method it does so no more: what
        follows finishes the answer.

        Raises
        ------
        Stopped
            The text is the reason.
        """
        if self.watching and (
            self.clock.interrupted or (self.clock.limited and self.clock.seconds_left <= 0.0)
        ):
            self.watching = False
            self.clock.check()

    def silence(self) -> None:
        """Do not call back or stop from here on; rows are still logged."""
        self._silent = True
        self.watching = False

    def close(self, value: float, penalised: float, spread_norm: float, *, quiet: bool) -> bool:
        """Log the last point; returns whether the callback asked to stop (quiet: it is not called)."""
        if quiet:
            self.silence()
        try:
            self.add(value, penalised, spread_norm)
        except Stopped:
            return self.clock.interrupted
        return False

    def stopped_status(self) -> DerandomizationStatus:
        """Return how a method ends that was stopped."""
        return (
            DerandomizationStatus.INTERRUPTED if self.clock.interrupted else DerandomizationStatus.STEP_LIMIT
        )

    def columns(self) -> dict[str, tuple[float, ...]]:
        """Return the rows by column."""
        return {name: tuple(row[k] for row in self.rows) for k, name in enumerate(self.COLUMNS)}


@dataclass(frozen=True, eq=False)
class Ending:
    """Where a method stopped, before the common checks.

    Parameters
    ----------
    sampler : GaussianSampler
        The final distribution.
    status : DerandomizationStatus
        Why it stopped.
    slack : float
        What 1-D searches lost.
    stationarity : Stationarity or None
        Second-order numbers at the final distribution.
    stats : dict
        The method's own counts and numbers.
    """

    sampler: GaussianSampler
    status: DerandomizationStatus
    slack: float = 0.0
    stationarity: Stationarity | None = None
    stats: JsonObject = field(default_factory=dict)


@runtime_checkable
class Method(Protocol):
    """A way to derandomize: a frozen record with ``run``."""

    def run(self, problem: CountedObjective, start: GaussianSampler, trail: Trail) -> Ending:
        """Derandomize from `start`, logging accepted points on `trail`.

        Parameters
        ----------
        problem : CountedObjective
            The objective.
        start : GaussianSampler
            The distribution to start from; its value is finite.
        trail : Trail
            The history; `Trail.add` raises `Stopped` where the work has to end.

        Returns
        -------
        Ending
            The final distribution and why it is final.
        """
        ...
