"""What every function with options shares: choices that are refused by name, and keywords with an old spelling."""

from __future__ import annotations

import difflib
import functools
import inspect
import math
import operator
import warnings
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, ParamSpec, SupportsFloat, SupportsIndex, TypeVar, cast

from derandkit.errors import InputError

if TYPE_CHECKING:
    from numpy.random import Generator

P = ParamSpec("P")
T = TypeVar("T")

#: The version in which names that are deprecated now stop working.
REMOVED_IN = "0.4.0"


def check_choice(option: str, value: object, choices: Collection[object], *, also: str = "") -> None:
    """Refuse a value that an option does not have.

    Parameters
    ----------
    option : str
        Name of the option, as the caller spells it.
    value : object
        What was given.
    choices : collection
        What there is, in the order in which the message shows it.
    also : str
        What else the option takes, in words: ``"a SearchEffort"``.

    Raises
    ------
    InputError
        Names the option, all choices, and the nearest of them if one is near.

    Examples
    --------
    >>> check_choice("search", "quick", ("quick", "thorough"))
    >>> check_choice("search", "quik", ("quick", "thorough"), also="a SearchEffort")
    Traceback (most recent call last):
        ...
    derandkit.errors.InputError: search='quik' is not one of quick, thorough, or a SearchEffort; did you mean 'quick'?
    """
    # 1 == True: a choice has the type of the value too
    if any(type(value) is type(choice) and value == choice for choice in choices):
        return
    words = ", ".join(str(choice) for choice in choices) + (f", or {also}" if also else "")
    names = [choice for choice in choices if isinstance(choice, str)]
    near = difflib.get_close_matches(value.lower(), names, n=1) if isinstance(value, str) else []
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(f"{option}={_short(value)} is not one of {words}{hint}")


def check_flag(option: str, value: object) -> None:
    """Refuse what is neither True nor False.

    Raises
    ------
    InputError
        Names the option and what it was.

    Examples
    --------
    >>> check_flag("throw", True)
    >>> check_flag("throw", "no")
    Traceback (most recent call last):
        ...
    derandkit.errors.InputError: throw is True or False, got 'no'
    """
    # by name: numpy is not loaded for its own
    if type(value).__name__ not in ("bool", "bool_"):
        raise InputError(f"{option} is True or False, got {_short(value)}")


def check_count(option: str, value: object) -> None:
    """Refuse what is no whole number from 0 on; None stands for no limit.

    Raises
    ------
    InputError
        Names the option and the value.

    Examples
    --------
    >>> check_count("max_rounds", 3)
    >>> check_count("max_rounds", -1)
    Traceback (most recent call last):
        ...
    derandkit.errors.InputError: max_rounds must be a whole number from 0 on, got -1
    """
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, SupportsIndex) or operator.index(value) < 0:
        raise InputError(f"{option} must be a whole number from 0 on, got {_short(value)}")


def check_callback(option: str, value: object) -> None:
    """Refuse a callback that cannot be called; None is none.

    Raises
    ------
    InputError
        Names the option and what it was.

    Examples
    --------
    >>> check_callback("on_progress", print)
    >>> check_callback("on_progress", 5)
    Traceback (most recent call last):
        ...
    derandkit.errors.InputError: on_progress is a function of one derandkit.Progress, or None; got 5
    """
    if value is not None and not callable(value):
        raise InputError(f"{option} is a function of one derandkit.Progress, or None; got {_short(value)}")


def check_rng(value: object) -> None:
    """Refuse what is no source of randomness: a generator of numpy, an integer that is not negative, or None.

    Raises
    ------
    InputError
        Says what it was.

    Examples
    --------
    >>> check_rng(7)
    >>> check_rng(-1)
    Traceback (most recent call last):
        ...
    derandkit.errors.InputError: rng is a Generator, None or an integer that is not negative, got -1
    """
    if value is None or (hasattr(value, "integers") and hasattr(value, "standard_normal")):
        return
    if isinstance(value, bool) or not isinstance(value, SupportsIndex) or operator.index(value) < 0:
        raise InputError(f"rng is a Generator, None or an integer that is not negative, got {_short(value)}")


def check_real(option: str, value: object) -> None:
    """Refuse what is no finite real number.

    Raises
    ------
    InputError
        Names the option and what it was.

    Examples
    --------
    >>> check_real("tolerance", 1e-3)
    >>> check_real("tolerance", "small")
    Traceback (most recent call last):
        ...
    derandkit.errors.InputError: tolerance is a finite number, got 'small'
    """
    number = isinstance(value, (SupportsFloat, SupportsIndex)) and not hasattr(value, "__len__")
    if isinstance(value, (bool, complex)) or not number or not math.isfinite(cast(SupportsFloat, value)):
        raise InputError(f"{option} is a finite number, got {_short(value)}")


def generator(rng: Generator | int | None) -> Generator:
    """Return the generator of numpy that a source of randomness stands for.

    Raises
    ------
    InputError
        See `check_rng`.

    Examples
    --------
    >>> int(generator(7).integers(100))
    94
    """
    check_rng(rng)
    from numpy.random import default_rng

    return default_rng(rng)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def renamed(**new_names: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a function take keywords under their old names too, with a warning.

    Parameters
    ----------
    **new_names : str
        Old name to new name.

    Returns
    -------
    callable
        A decorator; the signature that it shows has the new names alone.

    Raises
    ------
    InputError
        From the decorated function, if a keyword is given under both names.

    Examples
    --------
    >>> @renamed(tolerance="gap")
    ... def solve(*, gap=1):
    ...     return gap
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     solve(tolerance=2)
    2
    >>> print(caught[0].message)
    solve(tolerance=...) is now solve(gap=...); the old name works until version 0.4.0
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        name = function.__name__

        @functools.wraps(function)
        def call(*args: Any, **keywords: Any) -> T:
            for old in [given for given in keywords if given in new_names]:
                new = new_names[old]
                if new in keywords:
                    raise InputError(f"{name} got both {old}= and {new}=, which is its new name; give {new}=")
                warn_renamed(f"{name}({old}=...)", f"{name}({new}=...)")
                keywords[new] = keywords.pop(old)
            return function(*args, **keywords)

        call.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
        return cast("Callable[P, T]", call)

    return decorate


def warn_renamed(old: str, new: str, *, stacklevel: int = 2) -> None:
    """Warn that a name has a new spelling.

    Parameters
    ----------
    old, new : str
        As the caller writes them.
    stacklevel : int
        2 for the caller of the function that calls this one.
    """
    warnings.warn(
        f"{old} is now {new}; the old name works until version {REMOVED_IN}",
        DeprecationWarning,
        stacklevel=stacklevel + 1,
    )
