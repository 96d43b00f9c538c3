"""Kernels that start as Python: a small first run does not wait for a compiler.

To compile a kernel takes a tenth of a second or more; on a small graph, Python does its work in milliseconds. A
`light` kernel comes with a count of its steps. Until the steps of its calls add up to an allowance, its Python
function runs; then it is compiled. A kernel that is on disk already is loaded at once. The lanes are counted, not
timed, and both give the same bits, because IEEE 754 determines sums, products, quotients, square roots and comparisons.
The last bits of ``exp`` belong to a library: a kernel that calls such a function starts as Python only where compiled
code calls the library that Python calls, on Linux without Intel's vector library (SVML).
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Generic, ParamSpec, TypeVar, cast

import numpy as np
from numba import types
from numba.core import config
from numba.core.dispatcher import Dispatcher

P = ParamSpec("P")
T = TypeVar("T")

#: Steps that a kernel may take as Python in one process, for each of its lines: about 4 ms, where the compiler takes 9.
ALLOWANCE = 20_000
#: What Python's `math` computes as IEEE 754 wants it; the last bits of the rest belong to the C library.
_DETERMINED = {"fabs", "inf", "isfinite", "isinf", "isnan", "nan", "pi", "sqrt"}
_OF_THE_LIBRARY = set(dir(math)) - _DETERMINED


class LightKernel(Generic[P, T]):
    """A compiled function and its Python original, behind one call.

    Parameters
    ----------
    compiled : Dispatcher
        What `derandkit.numerics.jit.kernel` returns.
    steps : callable
        Takes the arguments of a call; returns about how many times its innermost loops run, and never much fewer.

    Attributes
    ----------
    left : int
        Steps that may still be taken as Python; below zero the compiled function runs.
    """

    def __init__(self, compiled: Dispatcher, steps: Callable[..., int]) -> None:
        functools.update_wrapper(cast("Callable[..., object]", self), compiled.py_func)
        self.compiled, self.py_func, self.steps = compiled, compiled.py_func, steps
        self.left: int | None = None

    @property
    def _numba_type_(self) -> types.Dispatcher:
        """What a compiled kernel sees that calls this one: the compiled function."""
        return types.Dispatcher(self.compiled)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the Python function if the steps of this call still fit into the allowance, else the compiled one."""
        if self.left is None:
            waits = _same_library(self.py_func) and not _on_disk(self.compiled)
            self.left = ALLOWANCE * _lines(self.py_func) if waits else -1
        if self.left >= 0:
            self.left -= self.steps(*args, **kwargs)
            # Python mixes single and double precision by other rules than numba
            if self.left >= 0 and not any(getattr(a, "dtype", None) == np.float32 for a in args):
                return self.interpret(*args, **kwargs)
        return cast("T", self.compiled(*args, **kwargs))

    def interpret(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the Python function, as silent as compiled code."""
        with np.errstate(all="ignore"):
            return cast("T", _plain(self.py_func(*args, **kwargs)))


def light(steps: Callable[..., int]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a kernel run as Python until its calls have taken `ALLOWANCE` steps in this process.

    Parameters
    ----------
    steps : callable
        Takes the arguments of a call; returns about how many times its innermost loops run, and never much fewer. The
        steps of kernels that it calls are counted there.

    Returns
    -------
    callable
        A decorator that stands above ``@kernel``.

    Examples
    --------
    >>> from derandkit.numerics.jit import kernel
    >>> @light(lambda x: x.size)
    ... @kernel
    ... def total(x):
    ...     s = 0.0
    ...     for i in range(x.size):
    ...         s += x[i]
    ...     return s
    >>> total(np.ones(5)), total.compiled.signatures
    (5.0, [])
    """

    def decorate(compiled: Callable[P, T]) -> Callable[P, T]:
        # with NUMBA_DISABLE_JIT=1 there is nothing but the Python function
        return (
            cast("Callable[P, T]", LightKernel(compiled, steps))
            if isinstance(compiled, Dispatcher)
            else compiled
        )

    return decorate


def _same_library(function: Callable[..., object]) -> bool:
    """Whether both lanes of a function take what they compute from the same place, checks of indices included."""
    calls = not _OF_THE_LIBRARY.isdisjoint(function.__code__.co_names)
    same = sys.platform == "linux" and not getattr(config, "USING_SVML", False)
    return (same or not calls) and not getattr(config, "BOUNDSCHECK", None)


def _on_disk(compiled: Dispatcher) -> bool:
    """Whether the cache holds the function that stands on this line, be it as it was before the last edit."""
    folder, code = compiled.stats.cache_path, compiled.py_func.__code__
    return folder is not None and any(Path(folder).glob(f"*.{code.co_name}-{code.co_firstlineno}.py*.nbi"))


def _lines(function: Callable[..., object]) -> int:
    """Return how many lines of a function do something: the compiler's time grows with them."""
    return len({line for *_, line in function.__code__.co_lines()})


def _plain(value: object) -> object:
    """Return numpy's scalars as Python's, which is what compiled code returns."""
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value)
    return value.item() if isinstance(value, np.generic) else value
