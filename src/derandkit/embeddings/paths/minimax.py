"""Quasi-Newton descent on exponential sums, and the minimax finish.

The logarithm of ``sum exp(mu (r - 1)) + exp(mu (1 - r))`` over pairs, divided by ``mu``, lies within
``ln(2 N) / mu`` above the worst ``|r - 1|``. Raising ``mu`` step by step and rescaling after every step drives the
worst pair down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from derandkit.numerics.wolfe import weak_wolfe
from derandkit.runtime.clock import Stopped, current

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.embeddings.paths.secants import Sum
    from derandkit.numerics.typing import FloatArray


_MEMORY = 12
_SEARCH_STEPS = 15
FIRST_SHARPNESS = 10.0
GROWTH = 1.7
STEPS_A_STAGE = 60
ROUNDING = 2.0**-40
"""A distortion below this is not driven further down: the exponents would be rounding errors."""

_LAST_SHARPNESS = 1000.0  # divided by the distortion: the smoothing is then below one per cent of it


class PairSums(Protocol):
    """What the descent needs: all pairs, or an active set of them."""

    def evaluate(self, P: FloatArray, coefficients: FloatArray, shift: float | None = None) -> Sum:
        """Logarithm of the exponential sum with its gradient in P."""
        ...


def two_sided(mu: float) -> FloatArray:
    """Return the coefficients of ``exp(mu (r - 1)) + exp(mu (1 - r))``."""
    return np.array([mu, -mu, mu, mu])


def descend(
    pairs: PairSums, P: FloatArray, coefficients: FloatArray, steps: int, *, tolerance: float = 1e-7
) -> tuple[FloatArray, Sum]:
    """Minimise the logarithm of an exponential sum by L-BFGS with a weak Wolfe search.

    Parameters
    ----------
    pairs : PairSums
        The pairs.
    P : ndarray, shape (r, k)
        Start.
    coefficients : ndarray, shape (4,)
        The exponential sum, see `Secants.evaluate`.
    steps : int
        Most steps.
    tolerance : float
        Stop when a step lowers ``log sum / au`` by less.

    Returns
    -------
    P : ndarray
        Never worse than the start.
    sum : Sum
        The sum there.

    Notes
    -----
    The clock that runs is asked before every pass over the pairs, which may take seconds, and ends the descent.
    """
    from derandkit.numerics.lbfgs import LimitedMemory, dot

    clock = current()
    scale = float(coefficients[0])
    memory = LimitedMemory(_MEMORY)
    x = np.array(P).ravel()
    here = pairs.evaluate(P, coefficients)
    g = here.gradient.ravel() / scale
    for _ in range(steps):
        direction = memory.direction(g)
        slope = dot(g, direction)
        if not slope < 0.0:
            break
        t = 1.0 if len(memory) else min(1.0, 0.01 * float(np.sqrt(dot(x, x) / dot(direction, direction))))

        def trial(
            step: float, x: FloatArray = x, direction: FloatArray = direction, top: float = here.top
        ) -> tuple[float, float, tuple[FloatArray, Sum, FloatArray]]:
            clock.check()
            ahead = x + step * direction
            there = pairs.evaluate(ahead.reshape(P.shape), coefficients, top)
            g_there = there.gradient.ravel() / scale
            return there.value / scale, dot(g_there, direction), (ahead, there, g_there)

        try:
            best = weak_wolfe(trial, here.value / scale, slope, t, _SEARCH_STEPS)
        except Stopped:
            break
        if best is None:
            break
        ahead, there, g_there = best
        memory.remember(ahead - x, g_there - g)
        gain = (here.value - there.value) / scale
        x, here, g = ahead, there, g_there
        if gain < tolerance:
            break
    return x.reshape(P.shape), here


def sharpen(
    pairs: PairSums,
    P: FloatArray,
    mu: float,
    *,
    report: Callable[[float, float, Sum, FloatArray], None],
    steps: int = STEPS_A_STAGE,
    growth: float = GROWTH,
) -> tuple[FloatArray, float]:
    """Raise the sharpness from `mu` until smoothing is negligible; return the best map met, rescaled.

    Parameters
    ----------
    pairs : PairSums
        The pairs.
    P : ndarray, shape (r, k)
        Start.
    mu : float
        First sharpness.
    report : callable
        Called with (mu, log sum, Sum, map) after every stage.
    steps : int
        Most quasi-Newton steps a stage.
    growth : float
        Factor between stages.

    Returns
    -------
    P : ndarray
        Best map.
    distortion : float
        Its largest ``|r - 1|`` over `pairs`.
    """
    start = pairs.evaluate(P, two_sided(1.0))
    P = P * start.rescaling
    best, distortion = P, start.scaled_distortion
    while distortion > ROUNDING:
        P, end = descend(pairs, P, two_sided(mu), steps, tolerance=1e-6 * distortion)
        P = P * end.rescaling
        if end.scaled_distortion < distortion:
            best, distortion = P, end.scaled_distortion
        report(mu, end.value / mu, end, P)
        if mu * distortion >= _LAST_SHARPNESS:
            break
        mu *= growth
    return best, distortion
