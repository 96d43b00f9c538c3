"""Limited-memory BFGS directions, with sums in a fixed order: the two-loop recursion, and the pairs it runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel
from derandkit.numerics.light import light

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


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
    >>> memory = LimitedMemory(5)
    >>> memory.remember(np.array([1.0, 0.0]), np.array([2.0, 0.0]))
    >>> memory.direction(np.array([4.0, 0.0]))
    array([-2.,  0.])
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._steps = self._changes = np.empty((0, 0))
        self._count, self._newest = 0, -1

    def __len__(self) -> int:
        return self._count

    def forget(self) -> None:
        """Drop all pairs."""
        self._count, self._newest = 0, -1

    def remember(self, step: FloatArray, change: FloatArray) -> None:
        """Keep a step and the change of gradient along it, if the curvature between them is positive."""
        product, squares = dot(step, change), (dot(step, step), dot(change, change))
        # squares that underflow or overflow would be divided by
        if not self._size or not all(1e-290 < x < 1e290 for x in (product, *squares)):
            return
        if not product > 1e-12 * (squares[0] * squares[1]) ** 0.5:
            return
        if self._steps.shape[1] != step.size:
            self._steps, self._changes = np.empty((self._size, step.size)), np.empty((self._size, step.size))
        self._newest = (self._newest + 1) % self._size
        self._steps[self._newest], self._changes[self._newest] = step, change
        self._count = min(self._count + 1, self._size)

    def direction(self, gradient: FloatArray) -> FloatArray:
        """Return the quasi-Newton direction; without pairs it is minus the gradient."""
        out = np.empty(gradient.size)
        lbfgs_direction(gradient, self._steps, self._changes, self._count, self._newest, out)
        return out + 0.0  # no negative zeros


@light(lambda a, b: a.size)
@kernel
def dot(a: FloatArray, b: FloatArray) -> float:
    """Inner product, four running sums: a copy of `derandkit.numerics.dense.dot` for kernels of this file."""
    n = a.size
    s0 = s1 = s2 = s3 = 0.0
    i = 0
    while i + 4 <= n:
        s0 += a[i] * b[i]
        s1 += a[i + 1] * b[i + 1]
        s2 += a[i + 2] * b[i + 2]
        s3 += a[i + 3] * b[i + 3]
        i += 4
    while i < n:
        s0 += a[i] * b[i]
        i += 1
    return (s0 + s1) + (s2 + s3)


@light(lambda g, S, T, count, *_: (2 * count + 3) * g.size)
@kernel
def lbfgs_direction(
    g: FloatArray, S: FloatArray, T: FloatArray, count: int, newest: int, out: FloatArray
) -> None:
    """Two-loop recursion: out = -H g from the last count pairs (S, T), stored as a ring with head `newest`."""
    memory = S.shape[0]
    n = g.size
    alpha = np.empty(memory)
    rho = np.empty(memory)
    for i in range(n):
        out[i] = g[i]
    slot = newest
    for _ in range(count):
        rho[slot] = 1.0 / dot(S[slot], T[slot])
        alpha[slot] = rho[slot] * dot(S[slot], out)
        a = alpha[slot]
        row = T[slot]
        for i in range(n):
            out[i] -= a * row[i]
        slot = (slot - 1) % memory
    if count > 0:
        scale = dot(S[newest], T[newest]) / dot(T[newest], T[newest])
        for i in range(n):
            out[i] *= scale
    for _ in range(count):
        slot = (slot + 1) % memory
        a = alpha[slot] - rho[slot] * dot(T[slot], out)
        row = S[slot]
        for i in range(n):
            out[i] += a * row[i]
    for i in range(n):
        out[i] = -out[i]
