"""Work in pieces on the available cores, where the number of cores must not change a bit of what comes out."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, TypeVar

from derandkit.runtime.clock import Clock, Stopped, stage
from derandkit.runtime.lacking import ScarceError, needing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

#: What there is too little memory for where no thread can be started.
FEWER = "another thread; ask for fewer (workers=1)"


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
    pool = None if workers is not None or getattr(_here, "inside", False) else _pool(available_cores())
    if pool is None:  # so many threads were asked for, or the jobs of a job would wait for its own thread
        with ThreadPoolExecutor(threads) as own:
            with needing(FEWER):
                asked = [own.submit(work, b) for b in range(count)]
            try:
                for job in asked:
                    job.result()
            finally:
                for job in asked:
                    job.cancel()
        return
    jobs: list[Future[None]] = []
    try:
        with needing(FEWER):
            jobs.extend(pool.submit(_inside, work, b) for b in range(count))
        for job in jobs:
            job.result()
    except (
        ScarceError
    ):  # a job may wait in the pool that nothing here knows of: the threads that there are end it
        for threads in [number for number, other in _pools.items() if other is pool]:
            del _pools[threads]
        for job in jobs:
            job.cancel()
        pool.shutdown()
        raise
    finally:  # after an error too nothing goes on in the buffers of the caller
        for job in jobs:
            job.cancel()
        wait(jobs)


_here = threading.local()
_pools: dict[int, ThreadPoolExecutor] = {}


def _pool(threads: int) -> ThreadPoolExecutor:
    """Return threads that are made once: a pass over pairs takes less time than starting them does."""
    if threads not in _pools:
        _pools[threads] = ThreadPoolExecutor(threads, thread_name_prefix="derandkit")
    return _pools[threads]


def _inside(work: Callable[[int], None], b: int) -> None:
    """Run a job of the pool."""
    _here.inside = True
    work(b)


if hasattr(os, "register_at_fork"):  # a child process has none of the threads
    os.register_at_fork(after_in_child=_pools.clear)


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


#: So many threads instead of one a core.
_wanted: ContextVar[int | None] = ContextVar("wanted", default=None)


@contextmanager
def with_threads(count: int | None) -> Iterator[None]:
    """Use so many threads instead of one a core until the block ends; None leaves that as it is.

    Examples
    --------
    >>> with with_threads(3):
    ...     available_cores()
    3
    """
    token = _wanted.set(_wanted.get() if count is None else count)
    try:
        yield
    finally:
        _wanted.reset(token)


def available_cores() -> int:
    """Cores this process may use, capped by ``NUMBA_NUM_THREADS`` when it is set; or what `with_threads` says."""
    wanted = _wanted.get()
    if wanted is not None:
        return wanted
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    limit = os.environ.get("NUMBA_NUM_THREADS", "")
    return min(cores, int(limit)) if limit.isascii() and limit.isdigit() and int(limit) > 0 else cores
