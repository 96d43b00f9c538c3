"""What the signals that ask a process to end mean to the command line: SIGINT, SIGTERM, SIGHUP, those of time limits.

Before a verb works on an answer, a signal ends the process at once, with one line and exit code 128 + its number.
While one does (`Signals` as a context), the first signal asks for the best answer so far: it stops the clock of the
call that runs, or the next one where none runs. One that follows within a second is the same request: a terminal and
a script that end a process send several. A later one ends the process at once. Batch systems announce the end of a run
by SIGUSR1, SIGUSR2 or SIGXCPU. The system repeats the last one every second, so it is always the same request. SIGALRM,
SIGVTALRM and SIGPROF are time limits of a program that has set a timer and become this one; none is ever set here.

Nothing is raised into code that may not expect it; a block that waits for the reader of a pipe (`waiting`) does. A
process that ends at once does so in the handler, and removes files that it has not finished. Only where a verb runs
inside another program (`listen` was not called) does a signal that has no answer to wait for raise `KeyboardInterrupt`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from derandkit.runtime.interrupts import forewarn, stop_running
from derandkit.runtime.streams import takes
from derandkit.runtime.unfinished import discard

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Names of the signals that are listened to, as far as the platform has them.
NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF")

#: Seconds in which a second signal is the same request.
GRACE = 1.0

_received: list[int] = []
_working: list[Signals] = []
_listening = False
_answered = False
_writing = False
_waiting = False
_elsewhere = False


def listen() -> None:
    """Install the handlers for the rest of the process; call it before anything heavy is imported."""
    global _listening
    _listening = True
    for name in NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _handle)


def answered() -> None:
    """Say that the answer is out: a signal from here on ends a run that was complete."""
    global _answered
    _answered = True


@contextmanager
def writing() -> Iterator[None]:
    """Say that the answer goes out in a block: a signal meanwhile may find it out, in part, or not at all."""
    global _writing
    _writing = True
    try:
        yield
        answered()
    finally:
        _writing = False


def arrivals() -> int:
    """Return how many signals came so far."""
    return len(_received)


@contextmanager
def waiting(*, elsewhere: bool = True, since: int | None = None) -> Iterator[None]:
    """Say that a block waits for another program, such as the reader of a pipe, and ends where a signal comes.

    Python goes on with a call of the system that a signal has interrupted, and no one may ever read.

    Parameters
    ----------
    elsewhere : bool
        Whether the answer can still go to standard output: the block then ends in an `InterruptedError`. Otherwise the
        process ends.
    since : int, optional
        `arrivals` of the time from which on a signal is meant for this wait, where that is before it.
    """
    global _waiting, _elsewhere
    _waiting, _elsewhere = True, elsewhere
    try:
        if since is not None and _received[since:]:
            _leave()
        yield
    finally:
        _waiting = False


def settle() -> None:
    """Ignore signals for the rest of the process: its exit code is settled, and Python takes its handlers down.

    A signal would then end a run that was complete as if it had not been.
    """
    for name in NAMES:
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)


def exit_code() -> int:
    """Return the exit code of a run that a signal has ended: 130 for Ctrl-C."""
    return 128 + (_received[0] if _received else signal.SIGINT)


class Signals:
    """Count signals in a ``with`` block in which a verb works on its answer.

    Notes
    -----
    Handlers can only be installed in the main thread, and are not installed where a signal is ignored (``nohup``, a
    background job of a shell) or handled by somebody else; it then does what it did before.

    Examples
    --------
    >>> import signal
    >>> before = signal.signal(signal.SIGINT, signal.default_int_handler)
    >>> with Signals() as signals:
    ...     signal.raise_signal(signal.SIGINT)
    ...     signals.requested, exit_code()
    (True, 130)
    >>> _ = signal.signal(signal.SIGINT, before)
    """

    def __init__(self) -> None:
        self._first: float | None = None
        self._before: dict[int, object] = {}

    @property
    def requested(self) -> bool:
        """Whether a signal came."""
        return self._first is not None

    def __enter__(self) -> Signals:
        if not _listening:
            _received.clear()
        _working.append(self)
        if threading.current_thread() is threading.main_thread():
            for name in NAMES:
                number = getattr(signal, name, None)
                if number is None:
                    continue
                handler = signal.getsignal(number)
                if handler in (signal.SIG_DFL, signal.default_int_handler):
                    self._before[number] = handler
                    signal.signal(number, _handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            answered()
        _working.remove(self)
        forewarn(False)
        for number, handler in self._before.items():
            if signal.getsignal(number) == _handle:  # else somebody has set another one meanwhile
                signal.signal(number, handler)  # type: ignore[arg-type]
        self._before.clear()

    def arrived(self, number: int) -> None:
        """Do what a signal asks for."""
        now = time.monotonic()
        if _waiting:
            self._first = now if self._first is None else self._first
            _leave()
        if self._first is None:
            self._first = now
            forewarn()  # a call that begins before this block ends is one for the same answer
            stop_running()
        elif now - self._first > GRACE and number != getattr(signal, "SIGXCPU", None):
            _end("interrupted twice: ended at once")


def _handle(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    if _working:
        _working[-1].arrived(number)
    elif not (_answered and len(_received) > 1):  # else the process is about to end, and says why
        when = "while the answer was written" if _writing else "before there was an answer"
        _end("interrupted: the run was complete" if _answered else f"interrupted {when}")


def _leave() -> None:
    """End a block that waits for another program."""
    global _waiting
    if not _elsewhere:
        _end("interrupted while no one read the answer")
    _waiting = False  # at once: the error may come as the block ends by itself
    raise InterruptedError(errno.EINTR, "interrupted while no one read it")


def _end(what: str) -> None:
    """End the process at once, with one line; that is dropped where standard error does not take it now."""
    if not _listening:
        raise KeyboardInterrupt
    discard()
    try:
        errors = sys.stderr.fileno()  # not 2 where workers of a cluster have that
    except (OSError, ValueError, AttributeError):
        errors = 2
    for text in ("\x1b[?25h" if sys.stderr and sys.stderr.isatty() else "", f"derandkit: {what}\n"):
        with contextlib.suppress(OSError):  # its reader may have gone
            if takes(errors):
                os.write(errors, text.encode())
    os._exit(exit_code())
