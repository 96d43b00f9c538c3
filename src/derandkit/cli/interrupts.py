"""What Ctrl-C means while the command line works on an answer.

The first press asks for the best answer so far: it raises `KeyboardInterrupt`, which the solver turns into an early
end, or it is only remembered once the end is near (`Interrupts.hold`). The second press gives up.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class Interrupts:
    """Count presses of Ctrl-C in a ``with`` block, and decide which of them raise.

    Notes
    -----
    A handler can only be installed in the main thread, and is not installed where SIGINT is ignored (``nohup``, a
    background job of a shell) or handled by somebody else; presses then do what they did before.

    Examples
    --------
    >>> import signal
    >>> before = signal.signal(signal.SIGINT, signal.default_int_handler)
    >>> with Interrupts() as interrupts:
    ...     interrupts.hold()
    ...     signal.raise_signal(signal.SIGINT)
    ...     interrupts.requested, interrupts.insisted
    (True, False)
    >>> _ = signal.signal(signal.SIGINT, before)
    """

    def __init__(self) -> None:
        self._presses = 0
        self._held = False
        self._installed = False

    @property
    def requested(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._presses > 0

    @property
    def insisted(self) -> bool:
        """Whether Ctrl-C was pressed again."""
        return self._presses > 1

    def hold(self) -> None:
        """From here on the first press is remembered but does not raise: the answer is almost there."""
        self._held = True

    def release(self) -> None:
        """Let the first press raise again; one that was remembered meanwhile raises now."""
        if self._held:
            self._held = False
            if self._presses == 1:
                raise KeyboardInterrupt

    def __enter__(self) -> Interrupts:
        ours = threading.current_thread() is threading.main_thread()
        if ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._pressed)
            self._installed = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._installed = False

    def _pressed(self, _number: int, _frame: FrameType | None) -> None:
        self._presses += 1
        if self.insisted or not self._held:
            raise KeyboardInterrupt
