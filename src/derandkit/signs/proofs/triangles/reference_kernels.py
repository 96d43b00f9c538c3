"""Compiled loops of the relaxation with triangles at the reference: the augmented Lagrangian and its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray


@kernel
def augmented_lagrangian(
    Y: FloatArray,
    first: IntArray,
    second: IntArray,
    half: FloatArray,
    sides: IntArray,
    multipliers: FloatArray,
    penalty: float,
    V: FloatArray,
    lengths: FloatArray,
    products: FloatArray,
    pull: FloatArray,
    gradient: FloatArray,
) -> float:
    """Return the augmented Lagrangian at the directions of the rows of Y, and fill its gradient.

    With ``v = y / |y|`` it is ``sum_k half_k x_k + sum_t max(0, multiplier_t - penalty slack_t)^2 / (2 penalty)``.
    Pair k is (first_k, second_k) and ``x_k`` its product. Row t of `sides` names the three pairs of a triangle, the
    last of which is without the reference, and column c of `multipliers` is that of ``1 + s x + t y + s t z`` with
    the signs (s, t) = (+, +), (+, -), (-, +), (-, -). `V`, `lengths`, `products` and `pull` are left as they came out.
    """
    n, r = Y.shape
    for i in range(n):
        total = 0.0
        for c in range(r):
            total += Y[i, c] * Y[i, c]
        lengths[i] = total**0.5
        for c in range(r):
            V[i, c] = Y[i, c] / lengths[i]
            gradient[i, c] = 0.0
    value = 0.0
    for k in range(first.size):
        a, b = V[first[k]], V[second[k]]
        x = 0.0
        for c in range(r):
            x += a[c] * b[c]
        products[k] = x
        pull[k] = half[k]
        value += half[k] * x
    for t in range(sides.shape[0]):
        x, y, z = products[sides[t, 0]], products[sides[t, 1]], products[sides[t, 2]]
        for c in range(4):
            s = 1.0 if c < 2 else -1.0
            u = 1.0 if c % 2 == 0 else -1.0
            active = multipliers[t, c] - penalty * (1.0 + s * x + u * y + s * u * z)
            if active > 0.0:
                value += 0.5 * active * active / penalty
                pull[sides[t, 0]] -= s * active
                pull[sides[t, 1]] -= u * active
                pull[sides[t, 2]] -= s * u * active
    for k in range(first.size):
        i, j = first[k], second[k]
        w = pull[k]
        if w != 0.0:
            for c in range(r):
                gradient[i, c] += w * V[j, c]
                gradient[j, c] += w * V[i, c]
    for i in range(n):
        along = 0.0
        for c in range(r):
            along += gradient[i, c] * V[i, c]
        for c in range(r):
            gradient[i, c] = (gradient[i, c] - along * V[i, c]) / lengths[i]
    return value
