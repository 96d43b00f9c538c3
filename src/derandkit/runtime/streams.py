"""Standard streams that the caller has closed (``2>&-``), or that stop taking what is written, cost no answer."""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def reserve() -> None:
    """Give each closed standard stream its descriptor back, before a file takes it, and let standard error lose lines.

    Python has None for such a stream, and the next file that is opened gets its number. Standard error goes nowhere,
    as was asked for; standard output fails when it is written, since an answer that is lost is no success.

    Lines on standard error are about the answer and are not the answer. Where they cannot be written (the reader of a
    pipe has gone, a disk is full, a terminal was closed), they are dropped, and the run goes on.
    """
    for number, name, flags in (
        (0, "stdin", os.O_RDONLY),
        (1, "stdout", os.O_RDONLY),
        (2, "stderr", os.O_WRONLY),
    ):
        if getattr(sys, name) is None:
            place = os.open(os.devnull, flags)
            if place == number:
                os.set_inheritable(place, True)  # workers have the same three streams
            else:
                os.dup2(place, number)
                os.close(place)
            setattr(sys, name, _stream(number))
    sys.stderr = lossy(sys.stderr)


def _stream(number: int) -> TextIO:
    return open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)


class _Lossy(io.FileIO):
    """A file that takes everything, and drops what cannot be written."""

    def write(self, data: ReadableBuffer, /) -> int:
        size = memoryview(data).nbytes
        with contextlib.suppress(OSError):
            while True:
                written: int | None = super().write(data)
                if written is not None:
                    return written
                select.select([], [self], [])  # a pipe that does not block, and is full
        return size


def lossy(stream: TextIO) -> TextIO:
    """Return a stream of text over the same descriptor that drops what cannot be written, and raises nothing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryFile("r") as file:  # open to be read
    ...     print("lost", file=lossy(file), flush=True)
    """
    return io.TextIOWrapper(
        io.BufferedWriter(_Lossy(stream.fileno(), "w", closefd=False)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=True,
        write_through=True,
    )
