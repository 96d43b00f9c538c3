"""The words that `derandkit.embed` takes for an option; the command line reads its choices here."""

from __future__ import annotations

import operator
from typing import Literal, SupportsIndex, TypeAlias, get_args

from derandkit.errors import InputError

#: How a map is found.
Method: TypeAlias = Literal["lemma", "probability", "minimax", "conditional"]
#: What a map does to directions that no fitted point has.
Complement: TypeAlias = Literal["balanced", "isometric", "zero"]

METHODS: tuple[Method, ...] = get_args(Method)
COMPLEMENTS: tuple[Complement, ...] = get_args(Complement)


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
