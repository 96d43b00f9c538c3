"""What Ctrl-C means while a call runs: the first press asks for the best answer so far, the second one gives up.

The outermost entry point installs one handler, which stops the clock that every loop of the run looks at
(`derandkit.runtime.clock`). Nothing is cut in half, and no other part of the library catches `KeyboardInterrupt`;
the command line does so while it starts (`derandkit.__main__`).
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Literal, ParamSpec, TypeVar, get_args

from derandkit.errors import Interrupted
from derandkit.options import check_callback, check_choice, check_flag
from derandkit.runtime.clock import Clock, running, stage
from derandkit.runtime.progress import OnProgress

T = TypeVar("T")
P = ParamSpec("P")

#: What an interrupted call does with its best answer: raise `derandkit.errors.Interrupted` with it, or return it.
OnInterrupt = Literal["raise", "return"]

_outermost: Clock | None = None
_forewarned = False


def stop_running() -> None:
    """Ask the call that runs in the main thread, if one does, for its best answer so far."""
    if _outermost is not None:
        _outermost.stop()


def forewarn(requested: bool = True) -> None:
    """Stop the next outermost call as soon as it begins, for a signal that came just before it."""
    global _forewarned
    _forewarned = requested


@contextmanager
def entry(
    time_limit: float | None = None,
    work_limit: float | None = None,
    *,
    on_interrupt: OnInterrupt = "raise",
    throw: bool = False,
) -> Iterator[Clock]:
    """Run an entry point under a clock; the outermost one listens to Ctrl-C.

    Parameters
    ----------
    time_limit : float, optional
        Seconds for the whole call.
    work_limit : float, optional
        Counted work for the whole call.
    on_interrupt : {"raise", "return"}
        Checked here, and obeyed by `deliver`.
    throw : bool
        Checked here, and obeyed by the caller.

    Raises
    ------
    InputError
        A limit is not positive, `on_interrupt` is unknown, or `throw` is neither True nor False.

    Notes
    -----
    A handler is installed in the main thread alone, and only in place of Python's own: where SIGINT is ignored
    (``nohup``, a background job of a shell) or somebody else handles it, that stays so.

    Examples
    --------
    >>> before = signal.signal(signal.SIGINT, signal.default_int_handler)
    >>> with entry() as clock:
    ...     signal.raise_signal(signal.SIGINT)
    ...     clock.reason
    'interrupted'
    >>> _ = signal.signal(signal.SIGINT, before)
    """
    global _outermost
    check_flag("throw", throw)
    on_interrupt = check_choice("on_interrupt", on_interrupt, get_args(OnInterrupt))
    main = threading.current_thread() is threading.main_thread()
    with stage(time_limit, work_limit) as clock:
        if not main or _outermost is not None:
            yield clock
            return
        ours = False
        try:  # Ctrl-C may come at any line, and no call that has ended may stay the outermost one
            _outermost = clock
            if _forewarned:
                clock.stop()
            ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
            if ours:
                signal.signal(signal.SIGINT, _pressed)
            yield clock
        finally:
            _outermost = None
            if ours:
                signal.signal(signal.SIGINT, signal.default_int_handler)


def deliver(clock: Clock, result: T, on_interrupt: OnInterrupt = "raise") -> T:
    """Return the result of an entry point, or raise it if the outermost call was interrupted.

    Parameters
    ----------
    clock : Clock
        The clock of the call, which has ended.
    result : object
        The best result so far, or the complete one if the request came too late to change it.
    on_interrupt : {"raise", "return"}
        What to do with it.

    Raises
    ------
    Interrupted
        The clock was asked to stop, nothing runs around the call, and `on_interrupt` is ``"raise"``.

    Examples
    --------
    >>> deliver(Clock(), 5)
    5
    """
    if clock.interrupted and running() is None and on_interrupt == "raise":
        raise Interrupted(result)
    return result


def asking(clock: Clock, callback: Callable[P, object] | None) -> Callable[P, None]:
    """Return a callback that may stop the run: a `KeyboardInterrupt` that it raises stops the clock.

    It is not called any more once the clock was asked to stop.

    Examples
    --------
    >>> def impatient(value):
    ...     raise KeyboardInterrupt
    >>> clock = Clock()
    >>> asking(clock, impatient)(5)
    >>> clock.reason
    'interrupted'
    """

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        if callback is None or clock.interrupted:
            return
        try:
            callback(*args, **kwargs)
        except KeyboardInterrupt:
            if clock.interrupted:  # the second press met the callback
                raise
            clock.stop()

    return call


def reporting(clock: Clock, on_progress: OnProgress | None) -> OnProgress:
    """Return a callback that fills in the seconds since the call began, and may stop the run (`asking`).

    Of callbacks inside each other the outermost one has the last word on the seconds. Without a callback no time is
    looked at.

    Examples
    --------
    >>> from derandkit.runtime.progress import Progress
    >>> reporting(Clock(), lambda progress: print(progress.stage, progress.elapsed > 0))(Progress("relax", 5.0))
    relax True
    """
    check_callback("on_progress", on_progress)
    report = asking(clock, on_progress)
    if on_progress is None:
        return report
    begun = time.monotonic()
    return lambda progress: report(replace(progress, elapsed=time.monotonic() - begun))


def _pressed(_number: int, _frame: FrameType | None) -> None:
    if _outermost is None or _outermost.interrupted:
        raise KeyboardInterrupt
    _outermost.stop()
