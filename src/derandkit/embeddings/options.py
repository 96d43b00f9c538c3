"""The words that `derandkit.embed` takes for an option; the command line reads its choices here."""

from __future__ import annotations

import operator
from typing import Literal, SupportsIndex, TypeAlias, get_args

from derandkit.errors import InputError
from derandkit.options import check_choice
from derandkit.words.quoting import quoted

#: How a map is found.
Method: TypeAlias = Literal["lemma", "probability", "minimax", "conditional"]
#: What a map does to directions that no fitted point has.
Complement: TypeAlias = Literal["balanced", "isometric", "zero"]
#: What new points are mapped for.
NewPoints: TypeAlias = Literal["distances", "neighbours"]
#: What is minimised: the greatest ``|r - 1|`` of a pair, or the mean over pairs of its square or fourth power.
Objective: TypeAlias = Literal["max", "mean", "mean4"]
#: The exponent p of a mean of ``|r - 1|^p``.
Power: TypeAlias = Literal[2, 4]

METHODS: tuple[Method, ...] = get_args(Method)
COMPLEMENTS: tuple[Complement, ...] = get_args(Complement)
NEW_POINTS: tuple[NewPoints, ...] = get_args(NewPoints)
#: The complement that serves new points best, by what they are mapped for (measured, see docs/embeddings.md).
SERVING: dict[NewPoints, Complement] = {"distances": "balanced", "neighbours": "zero"}
OBJECTIVES: tuple[Objective, ...] = get_args(Objective)
#: The exponent of each mean objective.
POWERS: dict[str, Power] = {"mean": 2, "mean4": 4}


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
        raise InputError(f"n_components is an integer, got {quoted(n_components)}") from None
    if k < 1 or isinstance(n_components, bool):
        raise InputError(f"n_components is at least 1, got {quoted(n_components)}")
    if k >= 2**31:
        raise InputError("n_components is below 2147483648")
    return k


def chosen_complement(complement: str | None, new_points: NewPoints) -> Complement:
    """Return the complement that was given, or the one for what new points are mapped for.

    Raises
    ------
    InputError
        A word is none of the choices, or both are given and contradict each other.

    Examples
    --------
    >>> chosen_complement(None, "neighbours"), chosen_complement("isometric", "distances")
    ('zero', 'isometric')
    """
    new_points = check_choice("new_points", new_points, NEW_POINTS)
    if complement is None:
        return SERVING[new_points]
    complement = check_choice("complement", complement, COMPLEMENTS)
    if new_points == "neighbours" and complement != "zero":
        raise InputError(
            f"new_points='neighbours' needs complement='zero', and complement={complement!r} keeps distances; "
            "give one of them"
        )
    return next(word for word in COMPLEMENTS if word == complement)


def check_objective(
    objective: str, method: str, eps: float | None, ridge: float | None, pair_weights: object | None
) -> None:
    """Refuse what has no meaning for the objective.

    Raises
    ------
    InputError
        An option is about the worst pair and the objective is not, or the other way round.
    """
    objective = check_choice("objective", objective, OBJECTIVES)
    if objective == "max":
        if pair_weights is not None:
            raise InputError(
                "pair_weights has no meaning for the worst pair; give objective='mean' or 'mean4' with it"
            )
        return
    if eps is not None:
        raise InputError(
            f"eps is about the worst pair, and objective={objective!r} about the mean; give n_components"
        )
    if method != "lemma":
        raise InputError(
            f"method={method!r} is about the worst pair; objective={objective!r} has 'lemma' only"
        )
    if ridge is not None:
        raise InputError(f"ridge is for the worst pair; objective={objective!r} has none")
