"""What a problem offers to be compared: its instances, its methods, and what each promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from derandkit.errors import InputError
from derandkit.options import check_whole
from derandkit.records import JsonMapping
from derandkit.runtime.progress import OnProgress
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.comparison.options import Sense

#: Random solutions of the methods that draw a fixed number.
DRAWS = 1000
#: Most of them: each is kept.
MOST_DRAWS = 10**9


class Answer(Protocol):
    """What a method returns; ``stats`` may hold ``draws``, ``standard_error`` and ``implementation``."""

    @property
    def value(self) -> int | float | None:
        """What was reached; None if there is no solution, and ``stats["implementation"]`` says why."""

    @property
    def stats(self) -> JsonMapping:
        """Counts and numbers."""


class Case(Protocol):
    """What the methods of an instance share."""

    @property
    def size(self) -> int:
        """What the limit of a method is about."""

    @property
    def bound(self) -> tuple[int | float, str]:
        """What no solution can beat, and whether that is certified or estimated."""

    @property
    def expectation(self) -> float | None:
        """What the randomized algorithm gives on average; None if there is no closed form."""

    @property
    def sense(self) -> Sense:
        """Whether the least or the greatest value is wanted: the bound is an upper or a lower one."""

    @property
    def spread(self) -> float | None:
        """Width of the range of values where their constant is arbitrary; None where ratios mean something."""


#: Takes a case, a Generator and whether to search locally.
Run = Callable[[Any, np.random.Generator, bool], Answer]


#: What is said of a method for which the bound of an instance does not hold.
UNBOUNDED = "the bound does not hold for it"


@dataclass(frozen=True)
class Method:
    """A row of a problem's table.

    Parameters
    ----------
    run : callable
        Takes the case, a Generator and whether to search locally; returns the answer.
    guarantee : str
        What it promises.
    deterministic : bool
        Whether it ignores the Generator and the clock.
    stream : str
        Methods with the same stream see the same random numbers.
    limit : int, optional
        Largest size of an instance on which it is run.
    improved : str, optional
        What it promises with a local search behind it, if that is something else.
    bounded : bool
        Whether the bound of an instance holds for what it returns.
    """

    run: Run
    guarantee: str
    deterministic: bool = True
    stream: str = ""
    limit: int | None = None
    improved: str = ""
    bounded: bool = True

    def promise(self, *, local_search: bool) -> str:
        """Return what the method promises, with a local search behind it or without."""
        return self.improved if local_search and self.improved else self.guarantee


@dataclass(frozen=True)
class Problem:
    """How the instances of a problem are read and prepared, and what can be done with them.

    Parameters
    ----------
    load : callable
        Turns what the user gave into an instance that can be sent to a worker; takes options by keyword.
    prepare : callable
        Instance, gap, draws and a callback for progress to the case that the methods share.
    key : callable
        Digest of an instance in hex: random numbers depend on it and not on the order of instances.
    methods : dict
        The table, in the order in which rows are printed.
    warm_up : callable
        Compiles what the methods need.
    defaults : tuple of str
        Methods of a comparison that names none.
    options : tuple of str
        What `load` takes by keyword.
    draws : int
        Random solutions of the methods that draw a fixed number, unless another number is given.
    local_search : bool
        Whether the methods can be followed by a local search.
    timing : str
        What the seconds of a row cover.
    """

    load: Callable[..., Any]
    prepare: Callable[[Any, float, int, OnProgress | None], Case]
    key: Callable[[Any], str]
    methods: Mapping[str, Method]
    warm_up: Callable[[], None]
    defaults: tuple[str, ...]
    options: tuple[str, ...] = ()
    draws: int = DRAWS
    local_search: bool = True
    timing: str = ""


def check_draws(draws: object) -> None:
    """Refuse a number of random solutions that is none, or that no run comes to an end of.

    Raises
    ------
    InputError
        Names the option and the value.

    Examples
    --------
    >>> check_draws(1000)
    >>> check_draws(10**400)
    Traceback (most recent call last):
    derandkit.errors.InputError: draws must be a whole number from 1 to 1000000000, got 10000000000000000000000000000...
    """
    check_whole("draws", draws, 1)
    if draws > MOST_DRAWS:  # type: ignore[operator]
        raise InputError(f"draws must be a whole number from 1 to {MOST_DRAWS}, got {quoted(draws)}")
