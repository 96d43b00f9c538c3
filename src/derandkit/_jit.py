"""The one place that decides how kernels are compiled.

Kernels are compiled on first call and cached on disk. On a read-only install without a writable cache directory
numba refuses to create the cache when the decorator runs; then the kernel is compiled without one.
``fastmath`` and ``parallel`` stay off: decisions rest on these numbers, so their bits must not depend on
reassociation or on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
T = TypeVar("T")


def kernel(function: Callable[P, T]) -> Callable[P, T]:
    """Compile `function` with numba in nopython mode, cached when a cache directory can be written.

    Parameters
    ----------
    function : callable
        Plain arrays in, caller-allocated arrays out. It may call only kernels of its own file, because the
        cache does not notice edits elsewhere.

    Returns
    -------
    callable
        The compiled function; the Python original stays available as ``.py_func``.

    Examples
    --------
    >>> @kernel
    ... def double(x: float) -> float:
    ...     return 2.0 * x
    >>> double(21.0)
    42.0
    """
    try:
        return numba.njit(cache=True, nogil=True)(function)  # type: ignore[no-any-return, unused-ignore]
    except RuntimeError:  # "cannot cache function ...: no locator available"
        return numba.njit(nogil=True)(function)  # type: ignore[no-any-return, unused-ignore]
