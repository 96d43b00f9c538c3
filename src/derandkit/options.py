"""What every function with options shares: choices that are refused by name, and keywords with an old spelling."""

from __future__ import annotations

import difflib
import functools
import inspect
import math
import operator
import os
import warnings
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, SupportsFloat, SupportsIndex, TypeVar, cast

from derandkit.errors import InputError, OptionError
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from numpy.random import Generator

P = ParamSpec("P")
T = TypeVar("T")

#: The version in which names that are deprecated now stop working.
REMOVED_IN = "0.4.0"
#: What takes options that are often looked for elsewhere.
_ELSEWHERE = {
    **{
        name: f"pass derandkit.as_graph(..., {name}=...)"
        for name in ("input_format", "header", "separator", "comments")
    },
    "solutions": "derandkit.maxcut has it",
    "sense": "minimize_... and maximize_... are two functions; files: derandkit.read_model(..., sense=...)",
    "workers": "derandkit.branch_and_bound, search_cut and compare have it",
}


def check_choice(option: str, value: T, choices: Collection[object], *, also: str = "") -> T:
    """Return the choice that a value is, of its plain type; refuse a value that an option does not have.

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
    >>> import numpy
    >>> check_choice("search", numpy.str_("quick"), ("quick", "thorough"))
    'quick'
    >>> check_choice("search", "quik", ("quick", "thorough"), also="a SearchEffort")
    Traceback (most recent call last):
    derandkit.errors.InputError: search='quik' is not one of quick, thorough, or a SearchEffort; did you mean 'quick'?
    """
    # 1 == True: a choice has the type of the value too; a text of NumPy is the text that it is
    kind = str if isinstance(value, str) else type(value)
    for choice in choices:
        if kind is type(choice) and value == choice:
            return choice
    words = ", ".join(str(choice) for choice in choices) + (f", or {also}" if also else "")
    names = [choice for choice in choices if isinstance(choice, str)]
    near = difflib.get_close_matches(value.lower(), names, n=1) if isinstance(value, str) else []
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(f"{option}={quoted(value)} is not one of {words}{hint}")


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
    derandkit.errors.InputError: throw is True or False, got 'no'
    """
    # by name: numpy is not loaded for its own
    if type(value).__name__ not in ("bool", "bool_"):
        raise InputError(f"{option} is True or False, got {quoted(value)}")


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
    derandkit.errors.InputError: max_rounds must be a whole number from 0 on, got -1
    """
    if value is not None:
        check_whole(option, value)


def check_whole(option: str, value: object, least: int = 0) -> None:
    """Refuse what is no whole number from a least one on.

    Raises
    ------
    InputError
        Names the option and the value.

    Examples
    --------
    >>> check_whole("sample", 64, 2)
    >>> check_whole("sample", 1.5, 2)
    Traceback (most recent call last):
    derandkit.errors.InputError: sample must be a whole number from 2 on, got 1.5
    """
    number = _index(value)
    if number is None or number < least:
        raise InputError(f"{option} must be a whole number from {least} on, got {quoted(value)}")


def check_kind(option: str, value: object, kind: type, instead: str) -> None:
    """Refuse what is no object of a type of this package.

    Parameters
    ----------
    option : str
        Name of the parameter.
    value : object
        What was given.
    kind : type
        What it has to be.
    instead : str
        How such an object is made.

    Raises
    ------
    InputError
        Names the parameter, both types, and how such an object is made.

    Examples
    --------
    >>> check_kind("graph", [(0, 1)], dict, "derandkit.as_graph(...)")
    Traceback (most recent call last):
    derandkit.errors.InputError: graph must be of the type dict, as derandkit.as_graph(...) makes it; got a list
    """
    if not isinstance(value, kind):
        raise InputError(
            f"{option} must be of the type {kind.__name__}, as {instead} makes it; got a {type(value).__name__}"
        )


def path_name(path: object, option: str = "path") -> str:
    """Return the name of a file as text.

    Raises
    ------
    InputError
        It is none: neither text nor an object of `pathlib`, or one that no file can have.

    Examples
    --------
    >>> path_name("a.txt"), path_name(b"a.txt")
    ('a.txt', 'a.txt')
    >>> path_name(5)
    Traceback (most recent call last):
    derandkit.errors.InputError: path is the name of a file, got 5
    """
    try:
        name = os.fsdecode(cast("str", path))
    except Exception:  # of a method __fspath__ too
        raise InputError(f"{option} is the name of a file, got {quoted(path)}") from None
    try:
        possible = b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:  # half a character
        possible = False
    if not possible:
        raise InputError(f"{option} is the name of a file, and no file can be called {quoted(name)}")
    return name


def _index(value: object) -> int | None:
    """Return a whole number as int; None for anything else, arrays and truth values among them."""
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        return None
    try:
        return operator.index(value)
    except TypeError:  # an array of several numbers
        return None


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
    derandkit.errors.InputError: on_progress is a function of one derandkit.Progress, or None; got 5
    """
    if value is not None and not callable(value):
        raise InputError(f"{option} is a function of one derandkit.Progress, or None; got {quoted(value)}")


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
    derandkit.errors.InputError: rng is a Generator, None or an integer that is not negative, got -1
    """
    if value is None or (hasattr(value, "integers") and hasattr(value, "standard_normal")):
        return
    if (number := _index(value)) is None or number < 0:
        raise InputError(f"rng is a Generator, None or an integer that is not negative, got {quoted(value)}")


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
    derandkit.errors.InputError: tolerance is a finite number, got 'small'
    """
    number = isinstance(value, (SupportsFloat, SupportsIndex)) and not hasattr(value, "__len__")
    try:
        number = number and math.isfinite(cast(SupportsFloat, value))
    except OverflowError:  # an integer beyond the doubles
        number = False
    if isinstance(value, (bool, complex)) or not number:
        raise InputError(f"{option} is a finite number, got {quoted(value)}")


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
        name, parameters = function.__name__, inspect.signature(function).parameters
        open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())

        @functools.wraps(function)
        def call(*args: Any, **keywords: Any) -> T:
            for old in [given for given in keywords if given in new_names]:
                new = new_names[old]
                if new in keywords:
                    raise InputError(f"{name} got both {old}= and {new}=, which is its new name; give {new}=")
                warn_renamed(f"{name}({old}=...)", f"{name}({new}=...)")
                keywords[new] = keywords.pop(old)
            if not open_ended:
                refuse_unknown(name, keywords, parameters)
            return function(*args, **keywords)

        call.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
        return cast("Callable[P, T]", call)

    return decorate


def refuse_unknown(function: str, given: Collection[str], known: Collection[str]) -> None:
    """Refuse keywords that a function does not take, and say what they may stand for.

    Raises
    ------
    OptionError
        Names the function, the keyword, and what takes it, what is near to it, or all that there is.

    Examples
    --------
    >>> refuse_unknown("maxcut", ["bound"], ["graph", "bound"])
    >>> refuse_unknown("maxcut", ["header"], ["graph", "bound"])
    Traceback (most recent call last):
    derandkit.errors.OptionError: maxcut() has no option 'header'; pass derandkit.as_graph(..., header=...)
    """
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            advice = _ELSEWHERE.get(name) or (
                f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
            )
            raise OptionError(f"{function}() has no option {name!r}; {advice}")


def takes(*options: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a function refuse, under its own name, keywords that it would hand on to another which has none such.

    Parameters
    ----------
    *options : str
        The keywords that it hands on.

    Returns
    -------
    callable
        A decorator.

    Examples
    --------
    >>> @takes("bound")
    ... def solve(problem, **options):
    ...     return options
    >>> solve(1, bound="flow")
    {'bound': 'flow'}
    >>> solve(1, bounds="flow")
    Traceback (most recent call last):
    derandkit.errors.OptionError: solve() has no option 'bounds'; did you mean 'bound'?
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        own = [
            name
            for name, parameter in inspect.signature(function).parameters.items()
            if parameter.kind is not parameter.VAR_KEYWORD
        ]
        known = (*own, *options)

        @functools.wraps(function)
        def call(*args: Any, **keywords: Any) -> T:
            refuse_unknown(function.__name__, keywords, known)
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


def refuse_wrapped(values: object) -> None:
    """Refuse a value beside a solution, pairs of name and value, and sample sets; raise InputError with what to pass.

    Examples
    --------
    >>> refuse_wrapped((3, [1, -1]))
    Traceback (most recent call last):
    derandkit.errors.InputError: a value stands beside the solution; pass the solution alone, the item [1] of the pair
    """
    part = ".first.sample" if hasattr(values, "first") else ".sample" if hasattr(values, "energy") else None
    if part is not None and not isinstance(values, Mapping):
        raise InputError(f"a {type(values).__name__} is no solution, it holds some; pass {part}")
    if not isinstance(values, (list, tuple)):
        return
    many = [isinstance(x, (list, tuple, set, Mapping)) or bool(getattr(x, "shape", ())) for x in values]
    if len(many) == 2 and sum(many) == 1 and isinstance(values[many.index(False)], SupportsFloat):
        place = f"the item [{many.index(True)}] of the pair"
        raise InputError(f"a value stands beside the solution; pass the solution alone, {place}")
    if len(many) not in (0, 2) and all(isinstance(x, tuple) and len(x) == 2 for x in values):
        raise InputError("pairs of a name and its value are given; pass dict(...) of them")
