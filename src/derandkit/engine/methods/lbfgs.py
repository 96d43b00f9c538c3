"""Limited-memory BFGS directions with sums in a fixed order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from derandkit.numerics.vectors import inner

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


class LimitedMemory:
    """The last few steps and changes of gradient, and the quasi-Newton direction they make.

    Parameters
    ----------
    size : int
        Pairs kept; 0 gives steepest descent.

    References
    ----------
    Nocedal, Math. Comp. 35 (1980) 773-782 (two-loop recursion).

    Examples
    --------
    >>> import numpy as np
    >>> memory = LimitedMemory(5)
    >>> memory.remember(np.array([1.0, 0.0]), np.array([2.0, 0.0]))
    >>> memory.direction(np.array([4.0, 0.0]))
    array([-2.,  0.])
    """

    def __init__(self, size: int) -> None:
        self._pairs: deque[tuple[FloatArray, FloatArray, float]] = deque(maxlen=size)

    def __len__(self) -> int:
        return len(self._pairs)

    def forget(self) -> None:
        """Drop all pairs."""
        self._pairs.clear()

    def remember(self, step: FloatArray, change: FloatArray) -> None:
        """Keep a step and the change of gradient along it, if the curvature between them is positive."""
        product = inner(step, change)
        if product > 1e-12 * (inner(step, step) * inner(change, change)) ** 0.5:
            self._pairs.append((step, change, product))

    def direction(self, gradient: FloatArray) -> FloatArray:
        """Return the quasi-Newton direction; without pairs it is minus the gradient."""
        q = -gradient
        weights = []
        for step, change, product in reversed(self._pairs):
            weight = inner(step, q) / product
            q = q - weight * change
            weights.append(weight)
        if self._pairs:
            _, change, product = self._pairs[-1]
            q = q * (product / inner(change, change))
        for (step, change, product), weight in zip(self._pairs, reversed(weights), strict=True):
            q = q + (weight - inner(change, q) / product) * step
        return q
