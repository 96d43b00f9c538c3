"""What SIGINT, SIGTERM and SIGHUP mean to the command line as a process.

Before a verb works on an answer, a signal ends the process at once, with one line and exit code 128 + its number.
While one does (`Signals` as a context), the first signal asks for the best answer so far: it stops the clock of the
call that runs. Between two calls it raises `KeyboardInterrupt`, or is remembered where the end is near
(`Signals.hold`). The second signal gives up.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType, TracebackType

from derandkit.runtime.interrupts import forewarn, outermost

#: Names of the signals that are listened to, as far as the platform has them.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")

_received: list[int] = []
_working: list[Signals] = []


def listen() -> None:
    """Install the handlers for the rest of the process; call it before anything heavy is imported."""
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _handle)


def exit_code() -> int:
    """Return the exit code of a run that a signal has ended: 130 for Ctrl-C."""
    return 128 + (_received[-1] if _received else signal.SIGINT)


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
    ...     signals.hold()
    ...     signal.raise_signal(signal.SIGINT)
    ...     signals.requested, signals.insisted
    (True, False)
    >>> _ = signal.signal(signal.SIGINT, before)
    """

    def __init__(self) -> None:
        self._count = 0
        self._held = False
        self._before: dict[int, object] = {}

    @property
    def requested(self) -> bool:
        """Whether a signal came."""
        return self._count > 0

    @property
    def insisted(self) -> bool:
        """Whether a second one came."""
        return self._count > 1

    def hold(self) -> None:
        """From here on the first signal is remembered but does not raise: the answer is almost there."""
        self._held = True

    def release(self) -> None:
        """Let the first signal raise again; one that was remembered meanwhile raises now."""
        if self._held:
            self._held = False
            if self._count == 1:
                raise KeyboardInterrupt

    def __enter__(self) -> Signals:
        _working.append(self)
        if threading.current_thread() is threading.main_thread():
            for name in _NAMES:
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
        _working.remove(self)
        forewarn(False)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._before.clear()

    def arrived(self) -> None:
        """Do what a signal asks for."""
        self._count += 1
        if self._count == 1:
            clock = outermost()
            if clock is not None:
                clock.stop()
                return
            if self._held:
                forewarn()
                return
        raise KeyboardInterrupt


def _handle(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    if _working:
        _working[-1].arrived()
        return
    for text in (
        "\x1b[?25h" if sys.stderr.isatty() else "",
        "derandkit: interrupted before there was an answer\n",
    ):
        os.write(2, text.encode())
    os._exit(exit_code())
