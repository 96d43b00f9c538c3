"""Standard streams that the caller has closed (``2>&-``): nothing else may come to stand in their place."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def reserve() -> None:
    """Give each closed standard stream its descriptor back, before a file takes it.

    Python has None for such a stream, and the next file that is opened gets its number. Standard error goes nowhere,
    as was asked for; standard output fails when it is written, since an answer that is lost is no success.
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


def _stream(number: int) -> TextIO:
    return open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)
