"""The compiled part of Palubeckis' generator: whether a pair has a coefficient decides which number comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import IntArray


@kernel
def fill_palubeckis(q: IntArray, density: int, seed: int) -> None:
    """Fill the upper triangle: the diagonal always has a coefficient, a pair with the chance of the density."""
    x = seed
    for i in range(q.shape[0]):
        x = x * 16807 % 2147483647
        q[i, i] = int(x / 2147483648.0 * 201) - 100
        for j in range(i + 1, q.shape[0]):
            x = x * 16807 % 2147483647
            if np.float32(100.0 * (x / 2147483648.0)) <= density:
                x = x * 16807 % 2147483647
                q[i, j] = int(x / 2147483648.0 * 201) - 100
