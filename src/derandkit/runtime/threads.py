"""Work in pieces on the available cores, where the number of cores must not change a bit of what comes out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

from derandkit.runtime.clock import Clock, Stopped, stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def in_order(work: Callable[[int], None], count: int, workers: int | None = None) -> None:
    """Run ``work(0) ... work(count - 1)`` on the available cores, or so many threads; results are the caller's.

    Kernels release the interpreter lock. Each job writes to its own buffers, and the caller adds them in order,
    so the number of threads cannot change a bit.
    """
    threads = min(count, available_cores() if workers is None else workers)
    if threads <= 1:
        for b in range(count):
            work(b)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(count)):
            pass


def side_by_side(
    pieces: Sequence[Callable[[], T]], clocks: Sequence[Clock], workers: int | None = None
) -> list[T]:
    """Run pieces of work, each under its clock, on the available cores or so many threads, and return what they found.

    Raises
    ------
    Stopped
        A piece was stopped; the others have come to their ends.

    Examples
    --------
    >>> from derandkit.runtime.clock import current
    >>> clock = Clock(work_limit=3)
    >>> parts = [clock.apart(), clock.apart()]
    >>> side_by_side([lambda: current() is parts[0], lambda: current() is parts[1]], parts)
    [True, True]
    """
    contexts = [copy_context() for _ in pieces]
    found: dict[int, T] = {}
    ends: dict[int, Stopped] = {}

    def under(k: int) -> None:
        with stage(clock=clocks[k]):
            try:
                found[k] = pieces[k]()
            except Stopped as stopped:
                ends[k] = stopped

    in_order(lambda k: contexts[k].run(under, k), len(pieces), workers)
    if ends:
        raise ends[min(ends)]
    return [found[k] for k in range(len(pieces))]


def available_cores() -> int:
    """Cores this process may use, capped by ``NUMBA_NUM_THREADS`` when it is set."""
    import os

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    limit = os.environ.get("NUMBA_NUM_THREADS", "")
    return min(cores, int(limit)) if limit.isdigit() and int(limit) > 0 else cores
