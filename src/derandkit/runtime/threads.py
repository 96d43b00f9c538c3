"""Work in pieces on the available cores, where the number of cores must not change a bit of what comes out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def in_order(work: Callable[[int], None], count: int) -> None:
    """Run ``work(0) ... work(count - 1)`` on the available cores; results are the caller's.

    Kernels release the interpreter lock. Each job writes to its own buffers, and the caller adds them in order,
    so the number of threads cannot change a bit.
    """
    threads = min(count, available_cores())
    if threads <= 1:
        for b in range(count):
            work(b)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(count)):
            pass


def available_cores() -> int:
    """Cores this process may use, capped by ``NUMBA_NUM_THREADS`` when it is set."""
    import os

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    limit = os.environ.get("NUMBA_NUM_THREADS", "")
    return min(cores, int(limit)) if limit.isdigit() and int(limit) > 0 else cores
