"""One answer to the question "go on?": limits of time, limits of counted work, and a request to stop."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Real
from typing import TYPE_CHECKING

from derandkit.errors import InputError
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The clock of the computation that runs in this context.
_RUNNING: ContextVar[Clock | None] = ContextVar("derandkit_clock", default=None)


class Stopped(Exception):  # noqa: N818, as it says what happened and is no fault
    """Work has to end; raised by `Clock.check` and caught where the best answer so far is kept."""


class Clock:
    """What a long computation may still spend.

    Every loop of a run asks one clock, so that a limit of time is one for the whole call and a request to stop reaches
    every stage. Counted work is the deterministic limit: it does not depend on the machine. Time does, and is looked
    at only where a limit was given.

    Parameters
    ----------
    time_limit : float, optional
        Seconds from now.
    work_limit : float, optional
        Units of counted work; what a unit is, the caller says.

    Raises
    ------
    InputError
        A limit is not a positive number.

    Examples
    --------
    >>> clock = Clock(work_limit=10)
    >>> clock.spend(4)
    >>> clock.stopped, clock.work_left
    (False, 6.0)
    >>> part = clock.part(work_limit=3)
    >>> part.spend(3)
    >>> part.reason, clock.stopped, clock.work_left
    ('work limit', False, 3.0)
    >>> clock.stop()
    >>> clock.reason, part.reason
    ('interrupted', 'interrupted')
    """

    def __init__(
        self,
        time_limit: float | None = None,
        work_limit: float | None = None,
        *,
        _parent: Clock | None = None,
    ) -> None:
        for name, limit in (("time limit", time_limit), ("work limit", work_limit)):
            check_limit(name, limit)
        self._deadline = math.inf if time_limit is None else time.monotonic() + time_limit
        self._work_limit = math.inf if work_limit is None else work_limit
        self._work = 0.0
        self._asked = False
        self._enough = False
        self._parent = _parent
        self._apart = False

    def part(self, time_limit: float | None = None, work_limit: float | None = None) -> Clock:
        """Return the clock of a stage: it has limits of its own and ends with this one at the latest."""
        return Clock(time_limit, work_limit, _parent=self)

    def apart(self) -> Clock:
        """Return the clock of a piece of work beside others: it has all that is left, and counts for itself.

        So what pieces that run at the same time may spend does not depend on which of them is ahead. Who began them
        adds up what they spent.

        Examples
        --------
        >>> clock = Clock(work_limit=10)
        >>> one, other = clock.apart(), clock.apart()
        >>> one.spend(12)
        >>> one.stopped, other.work_left, clock.work_left
        (True, 10.0, 10.0)
        """
        left = self.work_left
        clock = self.part(work_limit=None if left == math.inf else max(left, 1e-9))
        clock._apart = True
        return clock

    def spend(self, work: float) -> None:
        """Count work that was done, here and in every clock that this one is part of, up to one that is apart."""
        clock: Clock | None = self
        while clock is not None:
            clock._work += work
            clock = None if clock._apart else clock._parent

    def stop(self) -> None:
        """Ask the whole computation that this clock is part of to end with the best it has."""
        clock: Clock | None = self
        while clock is not None:
            clock._asked = True
            clock = clock._parent

    def finish(self) -> None:
        """End the work because more of it would gain nothing."""
        self._enough = True

    @property
    def interrupted(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked or (self._parent is not None and self._parent.interrupted)

    @property
    def limited(self) -> bool:
        """Whether there is a limit of time, so that what is found depends on the machine."""
        return self._deadline < math.inf or (self._parent is not None and self._parent.limited)

    @property
    def seconds_left(self) -> float:
        """Seconds until the limit of time; infinity without one, 0 after it."""
        own = math.inf if self._deadline == math.inf else max(0.0, self._deadline - time.monotonic())
        return own if self._parent is None else min(own, self._parent.seconds_left)

    @property
    def work_left(self) -> float:
        """Work until the limit of work; infinity without one, 0 after it."""
        own = max(0.0, self._work_limit - self._work)
        return own if self._parent is None else min(own, self._parent.work_left)

    @property
    def reason(self) -> str | None:
        """Why the work has to end: "interrupted", "enough", "work limit" or "time limit"; None to go on."""
        enough = exhausted = False
        deadline = math.inf
        clock: Clock | None = self
        while clock is not None:  # once along the parts: loops ask this between sweeps of a millisecond
            if clock._asked:
                return "interrupted"
            enough = enough or clock._enough
            exhausted = exhausted or clock._work >= clock._work_limit
            deadline = min(deadline, clock._deadline)
            clock = clock._parent
        if enough or exhausted:
            return "enough" if enough else "work limit"
        late = deadline < math.inf and time.monotonic() >= deadline
        return "time limit" if late else None

    @property
    def stopped(self) -> bool:
        """Whether the work has to end."""
        return self.reason is not None

    def last_seconds(self, late: float = 0.0) -> float:
        """Return the seconds until so many after the limit of the whole computation; infinity without one.

        A stage that finishes an answer may use them: its own share of the time is no limit to it.
        """
        if not self.limited:
            return math.inf
        whole = self
        while whole._parent is not None and whole._parent.limited:
            whole = whole._parent
        return whole._deadline + late - time.monotonic()

    def patience(self, seconds: float) -> Callable[[], bool] | None:
        """Return a function that says whether a last piece of work may go on; None if no limit of time bounds it.

        It may go on for so many seconds after the limit of the whole computation, and not after a request to stop.
        """
        if not self.limited:
            return None
        return lambda: not self.interrupted and self.last_seconds(seconds) > 0.0

    def check(self) -> None:
        """Raise `Stopped` if the work has to end.

        Raises
        ------
        Stopped
            Its text is the reason.
        """
        reason = self.reason
        if reason is not None:
            raise Stopped(reason)


def running() -> Clock | None:
    """Return the clock of the computation that runs in this context, if one does."""
    return _RUNNING.get()


def current() -> Clock:
    """Return the clock of the computation that runs in this context, or one without limits."""
    return running() or Clock()


@contextmanager
def stage(
    time_limit: float | None = None, work_limit: float | None = None, *, clock: Clock | None = None
) -> Iterator[Clock]:
    """Run a stage of a computation under a clock, which is part of the one that runs around it.

    Numbers that are too small for a double become 0 there, also where the caller has numpy raise an error for it.

    Parameters
    ----------
    time_limit, work_limit : float, optional
        Limits of the stage alone.
    clock : Clock, optional
        A clock that exists already, such as one of another thread.

    Examples
    --------
    >>> with stage(work_limit=2) as outer, stage() as inner:
    ...     outer.spend(2)
    ...     inner.reason
    'work limit'
    """
    around = running()
    if clock is None:
        clock = Clock(time_limit, work_limit) if around is None else around.part(time_limit, work_limit)
    import numpy as np  # loaded by whatever is computed; a clock alone does without

    token = _RUNNING.set(clock)
    try:
        with np.errstate(under="ignore"):
            yield clock
    finally:
        _RUNNING.reset(token)


def check_limit(name: str, limit: object) -> None:
    """Refuse a limit that is not a finite positive number; None is none.

    Raises
    ------
    InputError
        Names the limit and what it was.

    Examples
    --------
    >>> check_limit("time limit", 5)
    >>> check_limit("time limit", 0)
    Traceback (most recent call last):
        ...
    derandkit.errors.InputError: the time limit must be a positive number, got 0
    """
    if limit is None:
        return
    number = isinstance(limit, Real) and not isinstance(limit, bool)
    if not (number and 0 < limit < 2**1023):  # type: ignore[operator]
        raise InputError(f"the {name} must be a positive number, got {quoted(limit)}")
