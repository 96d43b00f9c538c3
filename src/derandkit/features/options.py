"""The words that `derandkit.random_features` takes for an option; the command line reads its choices here."""

from __future__ import annotations

import math
import operator
from numbers import Real
from typing import Literal, SupportsIndex, TypeAlias, get_args

from derandkit.errors import InputError
from derandkit.options import check_choice

#: How frequencies are found.
Method: TypeAlias = Literal["lemma", "conditional"]
#: Rules for the width of the kernel.
Width: TypeAlias = Literal["median", "scale"]

METHODS: tuple[Method, ...] = get_args(Method)
WIDTHS: tuple[Width, ...] = get_args(Width)


def checked_features(n_features: SupportsIndex) -> int:
    """Return the number of frequencies D of 2 D features.

    Raises
    ------
    InputError
        It is no positive even integer.

    Examples
    --------
    >>> checked_features(128)
    64
    """
    try:
        count = operator.index(n_features)
    except TypeError:
        raise InputError(f"n_features is an integer, got {n_features!r}") from None
    if isinstance(n_features, bool) or count < 2:
        raise InputError(f"n_features is at least 2, a cosine and a sine, got {n_features!r}")
    if count % 2:
        raise InputError(
            f"n_features counts cosines and sines, so it is even: {count - 1} or {count + 1}, got {count}"
        )
    return count // 2


def checked_gamma(gamma: object) -> float | Width:
    """Return gamma as a number, or the name of its rule.

    Raises
    ------
    InputError
        It is neither a positive finite number nor a rule.

    Examples
    --------
    >>> checked_gamma("median"), checked_gamma(2)
    ('median', 2.0)
    """
    for width in WIDTHS:
        if isinstance(gamma, str) and gamma == width:
            return width
    if isinstance(gamma, Real) and not isinstance(gamma, bool):
        value = float(gamma)
        if 0.0 < value < math.inf:
            return value
    check_choice("gamma", gamma, WIDTHS, also="a positive number")
    raise AssertionError("a rule is returned above")
