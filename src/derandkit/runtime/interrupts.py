"""How work that an answer cannot do without is completed when Ctrl-C comes in the middle of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def completed(step: Callable[[], T], interrupted: bool = False) -> tuple[T, bool]:
    """Complete a step without which the work before it is lost, such as writing down the proof of a bound.

    Parameters
    ----------
    step : callable
        Changes nothing that counts: it may be left half-way and run again.
    interrupted : bool
        Whether Ctrl-C was pressed before; then another press gives up.

    Returns
    -------
    object
        What the step returned.
    bool
        Whether Ctrl-C was pressed by now.

    Examples
    --------
    >>> completed(lambda: 5)
    (5, False)
    """
    if interrupted:
        return step(), True
    try:
        return step(), False
    except KeyboardInterrupt:
        return step(), True
