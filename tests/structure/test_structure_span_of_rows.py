"""How far rounding may turn the span of what is left of ``W_perp``: the width of the checker holds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from derandkit.certificates.structure import rows


@given(st.integers(0, 10**6), st.floats(-13, -7), st.floats(-3, 0))
def test_parts_of_a_gradient_change_by_no_more_than_is_allowed(seed, moved, gap):
    """The span of the columns above the cut, of a matrix and of another one that is `moved` away."""
    rng = np.random.default_rng(seed)
    n, d, kept, moved = 6, 5, 3, 10.0**moved
    left, right = (np.linalg.qr(rng.standard_normal((k, k)))[0] for k in (n, d))
    values = np.array([1.0, 0.5, 1e-3, 1e-3 * (1.0 - 10.0**gap), 1e-5])
    unit = left[:, :d] * (values / np.linalg.norm(values)) @ right
    noise = rng.standard_normal((n, d))
    other = unit + moved * noise / np.linalg.norm(noise)
    gradient = rng.standard_normal((n, d))

    def found(matrix):
        U = np.linalg.svd(matrix)[0][:, :kept]
        P = U @ U.T
        inside = P @ gradient
        parts = np.linalg.norm(P @ matrix), np.linalg.norm(matrix - P @ matrix)
        return np.linalg.norm(inside) * parts[0] + np.linalg.norm(gradient - inside) * parts[1], parts, P

    (one, (within, beyond), P), (two, _, Q) = found(unit), found(other)
    singular = np.linalg.svd(unit)[1]
    apart = singular[kept - 1] - singular[kept]
    turned = min(1.0, moved / (apart - moved)) if apart > moved else 1.0
    rounding = 1e-12 / min(1.0, apart)
    assert np.linalg.norm(P - Q, 2) <= turned + rounding
    off = (within + beyond) * turned + 2.0 * moved
    assert abs(one - two) <= (off + rounding) * np.linalg.norm(gradient)


def test_a_span_near_the_cut_turns_by_what_rounding_moves_over_the_gap():
    """Four times as much was allowed, and the record of a table of 398 x 30 was "not checked" for it."""
    values = np.array([0.9, 0.4, 0.0076, 0.0050])
    values /= np.linalg.norm(values)
    whole = 0.0063 / rows.NEGLIGIBLE
    left = rows.left_of(np.diag(values), whole)
    gap = values[2] - values[3]
    assert left.turned == left.moved / (gap - left.moved)
    assert np.allclose(left.projector, np.diag([1.0, 1.0, 1.0, 0.0]))
