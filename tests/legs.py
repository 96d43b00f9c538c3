"""What the quick leg takes of a long list of cases; the slow leg takes all of it."""

from __future__ import annotations

from collections.abc import Iterable
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
