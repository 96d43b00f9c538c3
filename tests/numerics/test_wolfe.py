"""Weak Wolfe steps: what is accepted keeps both conditions, and values that are not finite are left quickly."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derandkit.numerics.wolfe import ARMIJO, WOLFE, Bracket, weak_wolfe


@given(st.floats(1e-3, 1e3), st.floats(1e-6, 1e6), st.floats(0.0, 0.5))
def test_an_accepted_step_keeps_both_conditions(minimum, first, ripple):
    """A parabola with ripples that leave its slope at 0 negative."""

    def value(t):
        x = t / minimum
        return (x - 1.0) ** 2 + ripple * math.sin(x)

    def slope(t):
        x = t / minimum
        return (2.0 * (x - 1.0) + ripple * math.cos(x)) / minimum

    step = weak_wolfe(lambda t: (value(t), slope(t), t), value(0.0), slope(0.0), first, 200)
    assert step is not None
    assert value(step) <= value(0.0) + ARMIJO * step * slope(0.0)
    assert slope(step) >= WOLFE * slope(0.0)


@pytest.mark.parametrize("wall", [math.inf, math.nan])
def test_a_value_that_is_not_finite_is_never_accepted_and_left_quickly(wall):
    tried = []

    def trial(t):
        tried.append(t)
        return (wall, wall, t) if t > 1e-3 else ((t - 1e-3) ** 2, 2.0 * (t - 1e-3), t)

    step = weak_wolfe(trial, 1e-6, -2e-3, 1.0, 20)
    assert step is not None
    assert step <= 1e-3
    assert tried[:4] == pytest.approx([1.0, 0.1, 0.01, 0.001])


def test_none_is_returned_where_no_step_falls_enough():
    assert weak_wolfe(lambda t: (1.0 + t, 1.0, t), 1.0, -1.0, 1.0, 30) is None


def test_the_last_step_that_falls_enough_is_returned_where_the_slope_stays():
    assert weak_wolfe(lambda t: (-t, -1.0, t), 0.0, -1.0, 1.0, 5) == 16.0


def test_a_bracket_doubles_until_it_is_closed_and_halves_then():
    bracket = Bracket(1.0)
    bracket.lengthen()
    bracket.lengthen()
    assert (bracket.low, bracket.high, bracket.step) == (2.0, math.inf, 4.0)
    bracket.shorten(finite=False)
    assert bracket.step == pytest.approx(2.2)
    bracket.lengthen()
    assert (bracket.low, bracket.high, bracket.step) == (2.2, 4.0, 3.1)
