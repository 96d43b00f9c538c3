"""Marks and words for the signs of edges, and columns that may hold signs beside the weights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.typing import FloatArray

#: Words and marks for the sign of an edge.
SIGNS = {
    "+": 1, "\uff0b": 1, "(+)": 1, "-": -1, "\u2212": -1, "\u2013": -1, "\u2014": -1, "\uff0d": -1, "(-)": -1,
    "positive": 1, "negative": -1, "pos": 1, "neg": -1,
}  # fmt: skip
SIGNS_READ = "+ and - (positive and negative) weigh 1 and -1"
#: Names of columns of 1 and -1 that are signs of edges, of which they may be signs, and of + and - that are none.
_SIGN_NAMES = frozenset({"sign", "signs", "signed", "polarity", "valence"})
_YES = frozenset(
    [
        "positive", "negative", "is_positive", "is_negative", "isnegative", "ispositive", "hostile", "is_hostile",
        "enemy", "enemies", "is_enemy", "is_foe", "friendly", "friend", "is_friend", "antagonistic", "inhibits",
        "is_inhibitory", "inhibitory", "is_excitatory", "excitatory", "distrust", "trust",
    ]
)  # fmt: skip
#: Words for positive and for negative edges that count only where a column has nothing else.
_POSITIVE = frozenset(
    [
        "p", "plus", "friend", "friends", "friendly", "friendship", "ally", "allies", "allied", "alliance", "trust",
        "trusts", "like", "likes", "love", "loves", "support", "supports", "for", "agree", "agrees", "agreement",
        "activation", "activates", "activate", "activator", "stimulates", "stimulation", "excitatory", "excitation",
        "cooperation", "cooperative", "attract", "attraction", "attractive", "upregulates", "amity", "upvote",
    ]
)  # fmt: skip
_NEGATIVE = frozenset(
    [
        "n", "minus", "enemy", "enemies", "foe", "foes", "hostile", "enmity", "rival", "rivals", "rivalry", "distrust",
        "distrusts", "mistrust", "dislike", "dislikes", "hate", "hates", "oppose", "opposes", "opposition", "against",
        "disagree", "disagrees", "disagreement", "inhibition", "inhibits", "inhibit", "inhibitor", "repression",
        "represses", "repressor", "inhibitory", "conflict", "repel", "repulsion", "repulsive", "downregulates", "war",
        "downvote", "antagonism",
    ]
)  # fmt: skip
_TRUE = frozenset({"1", "true", "yes", "t", "y"})
_FALSE = frozenset({"0", "false", "no", "f", "n"})
_KIND_NAMES = frozenset({"type", "kind", "label", "class"})
#: A number as text; one with zeros before it is a code.
_NUMERAL = re.compile(
    r"[+-]?(?:(?:0|[1-9][0-9]{0,399})(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,9})?"
)
NUMERALS_READ = "the weights are numbers written as text"
_STRANDS = frozenset({"strand", "strands", "direction", "orientation"})


def may_be_sign(name: object) -> bool:
    """Whether a column or attribute of truth values may say which edges are positive or negative, by its name.

    Examples
    --------
    >>> may_be_sign("Is_Negative"), may_be_sign("weight"), may_be_sign(None)
    (True, False, False)
    """
    word = str(name).strip().lower()
    return word in _YES or word in _SIGN_NAMES or word.removeprefix("is_") in _POSITIVE | _NEGATIVE


def sign_of(value: object) -> int | None:
    """Return what a mark or word for the sign of an edge weighs; None if it is none.

    Examples
    --------
    >>> sign_of("+"), sign_of("Negative"), sign_of("a")
    (1, -1, None)
    """
    return SIGNS.get(value.strip().lower()) if isinstance(value, str) else None


def sign_entries(cells: Sequence[object]) -> list[float] | None:
    """Return 1, -1 and 0 for the entries of a matrix of ``+``, ``-`` and 0; None if there is no ``+``, or other ones.

    Examples
    --------
    >>> sign_entries(["0", "+", "-", 0]), sign_entries(["0", "-"]), sign_entries(["+", 5])
    ([0.0, 1.0, -1.0, 0.0], None, None)
    """
    found: list[float] = []
    for cell in cells:
        sign = sign_of(cell)
        if sign is None and _bare(cell) not in ("0", "1", "-1"):
            return None
        found.append(float(_bare(cell) if sign is None else sign))
    return found if any(sign_of(cell) == 1 for cell in cells) else None


def signs_of(values: Sequence[object]) -> tuple[list[int | None], str]:
    """Return the sign that each value of a column spells, None for what is none, and what has to be said about them.

    Words such as ``friend`` and ``enemy`` count where the column has no others.

    Examples
    --------
    >>> signs_of(["friend", "enemy"]), signs_of(["enemy", "5"]), signs_of(["+", "5"])[0]
    (([1, -1], "'friend' and 'enemy' weigh 1 and -1"), ([None, None], ''), [1, None])
    """
    signs = [sign_of(value) for value in values]
    if any(sign is not None for sign in signs):
        return signs, SIGNS_READ
    words = _words_of(values)
    if not words:
        return signs, ""
    ones, others = (
        " and ".join(map(repr, sorted(word for word in words if words[word] == k))) for k in (1, -1)
    )
    said = f"{ones} and {others} weigh 1 and -1" if ones else f"{others} weighs -1"
    return [words[str(value)] for value in values], said


def numbers_of(values: Sequence[object]) -> tuple[list[object], tuple[str, ...]]:
    """Return weights with marks and words for signs, and the texts of numbers, as numbers; and what has to be said.

    What is none of these stays, for the one who needs a number to refuse it.

    Examples
    --------
    >>> numbers_of(["5", 3, " 2.5 ", "heavy"])
    ([Decimal('5'), 3, Decimal('2.5'), 'heavy'], ('the weights are numbers written as text',))
    >>> numbers_of(["+", "-"])
    ([1, -1], ('+ and - (positive and negative) weigh 1 and -1',))
    """
    signs, said = signs_of(values)
    found = [value if sign is None else sign for value, sign in zip(values, signs, strict=True)]
    texts = {
        k: x.strip() for k, x in enumerate(found) if isinstance(x, str) and _NUMERAL.fullmatch(x.strip())
    }
    for k, text in texts.items():
        found[k] = Decimal(text)
    return found, tuple(remark for remark in (said, NUMERALS_READ * bool(texts)) if remark)


def _words_of(values: Sequence[object]) -> dict[str, int]:
    """Signs of the words of a column that has no others than those for signs; empty if it has, or if none is negative.

    Digits and booleans are no words.
    """
    if not all(isinstance(value, str) for value in values):
        return {}
    found = {str(value): str(value).strip().lower() for value in values}
    small = set(found.values())
    if not small <= _POSITIVE | _NEGATIVE | SIGNS.keys() or not small & _NEGATIVE:
        return {}
    return {word: SIGNS.get(found[word], 1 if found[word] in _POSITIVE else -1) for word in found}


def refuse_some_signs(values: Sequence[object], lines: Sequence[int] = ()) -> None:
    """Refuse weights some of which are the marks or words of signs and some are numbers: ``-`` may be a missing one.

    Parameters
    ----------
    values : sequence
        The weights.
    lines : sequence of int, optional
        Where they stand.

    Raises
    ------
    InputError
        It names the first sign.

    Examples
    --------
    >>> refuse_some_signs(["+", "-"])
    >>> refuse_some_signs(["2", "-"])
    Traceback (most recent call last):
    derandkit.errors.InputError: '-' may be a missing weight or -1, as other weights are numbers; ...
    """
    signs = [sign_of(value) for value in values]
    plain = [value for value, sign in zip(values, signs, strict=True) if sign is None]
    ones = all(str(value).lstrip("+") in ("1", "-1", "1.0", "-1.0") for value in plain)
    if len(plain) == len(signs) or not plain or (ones and {1, -1} <= set(signs)):
        return
    at = next(k for k, sign in enumerate(signs) if sign is not None)
    raise InputError(
        f"{values[at]!r} may be a missing weight or {signs[at]}, as other weights are numbers; write a number, or drop "
        "such edges",
        line=lines[at] if len(lines) else None,
    )


def are_signs(values: Sequence[object]) -> bool:
    """Whether values are marks or words for signs, some of them negative.

    Examples
    --------
    >>> are_signs(["+", "-"]), are_signs(["+", "+"]), are_signs([1, -1])
    (True, False, False)
    """
    signs = [sign_of(value) for value in values]
    return None not in signs and -1 in signs


def _bare(value: object) -> str:
    """Text of a value without what says nothing of it."""
    return str(value).strip().lstrip("+").removesuffix(".0")


def refuse_signs_beside(
    name: str | None, weights: Sequence[object], others: Mapping[str, Sequence[object]]
) -> None:
    """Refuse signs of edges that are left out: beside weights none of which is negative, or where all edges weigh 1.

    Parameters
    ----------
    name : str or None
        The column or attribute with the weights; None if every edge weighs 1.
    weights : sequence
        Its values.
    others : mapping
        The other columns or attributes.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_signs_beside("weight", [3, -2], {"sign": [1, -1]})
    >>> refuse_signs_beside("weight", [3, 2], {"strand": ["+", "-"]})
    >>> refuse_signs_beside("weight", [3, 2], {"sign": [1, -1]})
    Traceback (most recent call last):
    derandkit.errors.InputError: 'sign' may hold the signs of the weights, and no 'weight' is negative: an edge may ...
    """
    if (name or "").strip().lower() in _SIGN_NAMES | _YES and set(map(_bare, weights)) == {"0", "1"}:
        raise InputError(
            f"{name!r} holds 1 and 0, which may be signs of edges, or weights; write + and - for signs, or say "
            f"--weight {name} (weight={name!r} in Python) for weights"
        )
    if name is not None and any(str(value).strip().startswith(("-", "\u2212")) for value in weights):
        return
    for other, values in others.items():
        small = other.strip().lower()
        _refuse_words(name, other, values)
        marks = small not in _STRANDS and are_signs(values)
        found = set(map(_bare, values))
        ones = found == {"1", "-1"} or (small in _SIGN_NAMES and found == {"-1"})
        if name is None and ones and small in _KIND_NAMES:
            raise InputError(
                f"{other!r} holds 1 and -1: the signs of the edges, or two kinds of them; say --weight {other} "
                f"(weight={other!r} in Python) for signs, or --unweighted (weight=None)"
            )
        if small in _SIGN_NAMES and not any(
            x in SIGNS or x.strip("-").replace(".", "").isdigit() for x in found
        ):
            raise InputError(
                f"{other!r} may hold the signs of the edges in words that are not known, such as {sorted(found)[0]!r}; "
                "write + and - for signs, or say which column holds the weights with --weight, or --unweighted "
                "(weight= in Python)"
            )
        if name is not None and (marks or (ones and small in _SIGN_NAMES)):
            raise InputError(
                f"{other!r} may hold the signs of the weights, and no {name!r} is negative: an edge may weigh the one, "
                f"the other or their product; say --weight {other} or --weight {name} (weight= in Python), or write "
                "the product in one column"
            )


def _refuse_words(name: str | None, other: str, values: Sequence[object]) -> None:
    """Refuse a column, which is left out, of words for signs, or of truths about them."""
    small = other.strip().lower()
    words, found = _words_of(values), set(map(_bare, values))
    if words and (small in _SIGN_NAMES or 1 in words.values()):
        one, rest = (next((repr(word) for word in sorted(words) if words[word] == k), "") for k in (1, -1))
        kinds = f"{one} and {rest}" if one else rest
        weigh = f"say --weight {other} (weight={other!r} in Python) for signs"
        if name is None:
            raise InputError(
                f"{other!r} may hold the signs of the edges in words, {kinds}, or kinds of edges; {weigh}, or "
                "--unweighted (weight=None)"
            )
        raise InputError(
            f"{other!r} may hold the signs of the weights in words, {kinds}, and no {name!r} is negative; {weigh} "
            f"alone, or --weight {name} for these weights, or write the product in one column"
        )
    truths = {text.lower() for text in found}
    if small in _YES | _SIGN_NAMES and truths & _TRUE and truths & _FALSE and truths <= _TRUE | _FALSE:
        beside = (
            f"say --weight {name} (weight={name!r})" if name is not None else "say --unweighted (weight=None)"
        )
        raise InputError(
            f"{other!r} is true of some edges and false of others, which may be their signs; write + and - for signs, "
            f"or {beside} to leave it out"
        )


def refuse_codes(weights: FloatArray, tuples: bool = False) -> None:
    """Refuse numbers behind the ends of edges that are all 0 or -1, as CAIDA codes the relations of networks.

    Parameters
    ----------
    weights : ndarray of float64, shape (k,)
        The numbers.
    tuples : bool
        Whether they stand in tuples of Python, whose columns have no names.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_codes(np.array([-1.0, -1, -1])), refuse_codes(np.array([-1.0, 0, 1]))
    (None, None)
    >>> refuse_codes(np.array([0.0, -1, -1]))
    Traceback (most recent call last):
    derandkit.errors.InputError: the numbers behind the ends are all 0 or -1: codes of two kinds of relations, as ...
    """
    if _are_codes(weights):
        way = "pass {(u, v): weight}" if tuples else "call the columns 'source', 'target' and 'weight'"
        raise InputError(
            "the numbers behind the ends are all 0 or -1: codes of two kinds of relations, as CAIDA's (provider and "
            f"customer, peers), or weights; for codes say --unweighted (weight=None), for weights {way}"
        )


def said_of_codes(weights: FloatArray) -> tuple[str, ...]:
    """Return what has to be said of such numbers in a column, or in a mapping, that is not called a weight.

    Examples
    --------
    >>> said_of_codes(np.array([0.0, -1, -1]))
    ('all weights are 0 or -1, as codes of relations are; --unweighted (weight=None) leaves them out',)
    """
    if not _are_codes(weights):
        return ()
    return ("all weights are 0 or -1, as codes of relations are; --unweighted (weight=None) leaves them out",)


def _are_codes(weights: FloatArray) -> bool:
    return bool(
        weights.size > 2 and weights.min() == -1 and weights.max() == 0 and np.isin(weights, (0, -1)).all()
    )
