"""What the quick leg takes of a long list of cases; the slow leg takes all of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

#: Two cases of one test: ``cases[::every]`` is a fourth of the work in the quick leg, and all of it in the slow one.
some_then_all = pytest.mark.parametrize(
    "every", [pytest.param(4, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)


def thinned(cases: Iterable[Any], every: int = 2) -> list[Any]:
    """Return cases as parameters; the quick leg has one of so many."""
    return [
        pytest.param(case, marks=() if k % every == 0 else pytest.mark.slow) for k, case in enumerate(cases)
    ]


def diagonal(*axes: Sequence[Any]) -> list[Any]:
    """Return all combinations as parameters; the quick leg has as few as meet every value of every axis.

    These are the first values together, the second ones, and so on, where a short axis begins again.
    """
    quick = {tuple(k % len(axis) for axis in axes) for k in range(max(map(len, axes)))}
    places = itertools.product(*(range(len(axis)) for axis in axes))
    return [
        pytest.param(
            *(axis[k] for axis, k in zip(axes, place, strict=True)),
            marks=() if place in quick else pytest.mark.slow,
        )
        for place in places
    ]
