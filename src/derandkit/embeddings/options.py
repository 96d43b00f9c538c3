"""The words that `derandkit.embed` takes for an option; the command line reads its choices here."""

from __future__ import annotations

import operator
from typing import Literal, SupportsIndex, TypeAlias, get_args

from derandkit.errors import InputError

#: How a map is found.
Method: TypeAlias = Literal["lemma", "probability", "minimax", "conditional"]
#: What a map does to directions that no fitted point has.
Complement: TypeAlias = Literal["balanced", "isometric", "zero"]
#: What is made small: the greatest ``|r - 1|`` of a pair, or the mean over pairs of its square or fourth power.
Objective: TypeAlias = Literal["max", "mean", "mean4"]
#: The exponent p of a mean of ``|r - 1|^p``.
Power: TypeAlias = Literal[2, 4]

METHODS: tuple[Method, ...] = get_args(Method)
COMPLEMENTS: tuple[Complement, ...] = get_args(Complement)
OBJECTIVES: tuple[Objective, ...] = get_args(Objective)


def checked_dimension(n_components: SupportsIndex) -> int:
    """Return the number of dimensions of a map.

    Raises
    ------
    InputError
        It is no positive integer.

    Examples
    --------
    >>> checked_dimension(3)
    3
    """
    try:
        k = operator.index(n_components)
    except TypeError:
        raise InputError(f"n_components is an integer, got {n_components!r}") from None
    if k < 1 or isinstance(n_components, bool):
        raise InputError(f"n_components is at least 1, got {n_components!r}")
    return k
