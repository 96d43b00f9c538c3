"""Which attribute of the edges is their weight: the one that was named, the only one that can be, or a question."""

from __future__ import annotations

import numbers
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from derandkit.errors import InputError
from derandkit.given.doubles import EXACT
from derandkit.given.entries import exact_float, unmasked
from derandkit.graphs.formats import AUTO_WEIGHT, WeightName
from derandkit.graphs.objects.signs import (
    are_signs,
    numbers_of,
    refuse_signs_beside,
    refuse_some_signs,
    sign_of,
)
from derandkit.graphs.objects.times import refuse_named_times
from derandkit.numerics.rounding import DECIMAL
from derandkit.numerics.typing import FloatArray, IntArray

#: Names of numbers that are no weights.
NO_WEIGHTS = frozenset(
    [
        "", "id", "ids", "key", "keys", "index", "idx", "label", "name", "type", "kind", "class", "color", "colour",
        "group", "cluster", "layer", "page", "time", "timestamp", "timeset", "date", "year", "month", "day", "start",
        "end", "order", "rank", "position", "source", "target", "from", "to", "edge", "edge_id", "edgeid",
        "suid", "osmid", "pmid", "doi", "eid", "gid", "fid", "phone", "zip", "since", "hour", "version", "line_no",
        "oneway", "bidirectional", "directed", "deleted", "is_valid", "active", "mjd", "jd", "datenum", "datetime",
        "code", "lat", "lon", "lng", "latitude", "longitude", "lanes", "p_value", "pvalue", "pval", "q_value", "fdr",
    ]
)  # fmt: skip
#: Names of numbers that are weights.
WEIGHTS = frozenset(
    [
        "weight", "weights", "w", "wt", "value", "cost", "capacity", "distance", "length", "strength", "similarity",
    ]
)  # fmt: skip
_NUMERAL = re.compile(DECIMAL)
_AMOUNT = re.compile(
    r"""(?:[-+$€£¥₹~≈<>=≤≥'(x]|[A-Z]{3}[ ])*[ ]*
    [0-9][0-9.,' \u00a0]*(?:(?:[eE][+-]?[0-9]+|/[0-9]+)[ ]*)?
    (?:[)*%‰€£¥$°]|[a-zA-Z²³](?:\.|/(?=[a-z]))?)*""",
    re.VERBOSE,
)
CHOOSE = (
    "say which with --weight (weight= in Python), or count every edge as 1 with --unweighted (weight=None)"
)


class Choice(NamedTuple):
    """The attribute with the weights, None if every edge weighs 1, and what has to be said about it."""

    name: str | None
    remarks: tuple[str, ...] = ()


def real_weights(values: ArrayLike, size: int) -> FloatArray:
    """Return weights as a fresh float64 vector of the given size, checked as `exact_float` does."""
    if isinstance(
        values, (list, tuple)
    ):  # element by element: as an array, [2**53 + 1, 0.5] would lose a digit
        values = np.array([exact_float(value) for value in values], dtype=np.float64)
    array = unmasked(values, "the weights")
    if array.shape != (size,):
        raise InputError(f"weights have shape {array.shape}; {size} edges need ({size},)")
    if size == 0:
        return np.empty(0, dtype=np.float64)
    kind = array.dtype.kind
    if kind == "O" or (kind == "f" and array.dtype.itemsize > 8):  # long double
        return np.array([exact_float(value) for value in array.tolist()], dtype=np.float64)
    if kind == "b":
        raise InputError("weights are booleans; use numbers, for example .astype(int)")
    if kind == "c":
        raise InputError("weights are complex; they must be real")
    if kind not in "iuf":
        raise InputError(f"weights have type {array.dtype}; they must be real numbers")
    floats = array.astype(np.float64)
    if kind == "f":
        finite = np.isfinite(floats)
        if not finite.all():
            raise InputError(f"weight {floats[~finite][0]} of edge {int(np.argmin(finite))} is not finite")
    else:
        for value in array[np.abs(floats) >= EXACT].tolist():
            exact_float(value)
    floats += 0.0
    return floats


def refuse_laplacian(row: IntArray, col: IntArray, w: FloatArray, n: int) -> None:
    """Refuse the entries of a matrix that may be a Laplacian, whose entries are minus the weights.

    Its rows sum to zero and no entry of its diagonal is negative; or it has ones there and negative entries elsewhere.

    Parameters
    ----------
    row, col : ndarray of int64, shape (k,)
        Positions from 0, both triangles.
    w : ndarray of float64, shape (k,)
        Entries.
    n : int
        Order of the matrix.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_laplacian(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([3.0, -3.0, -3.0, 3.0]), 2)
    Traceback (most recent call last):
    derandkit.errors.InputError: the rows of the matrix sum to zero, as those of a Laplacian, whose entries are ...
    """
    diagonal = row == col
    if not (w[diagonal] > 0).any() or (w[diagonal] < 0).any():
        return
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.bincount(row, weights=w, minlength=n)
        sizes = np.bincount(row, weights=np.abs(w), minlength=n)
        zero = bool((np.abs(sums) <= 2.0**-38 * sizes).all())
    if zero:
        raise InputError(
            "the rows of the matrix sum to zero, as those of a Laplacian, whose entries are minus the weights; pass "
            "the adjacency matrix, or set the diagonal to 0 if the entries are the weights"
        )
    ones = (np.abs(w[diagonal] - 1.0) < 1e-6).all() and np.isin(row, row[diagonal]).all()
    if n > 2 and ones and not diagonal.all() and (w[~diagonal] <= 0.0).all():
        raise InputError(
            "the diagonal of the matrix holds ones and the rest no positive entry, as in a normalised Laplacian, whose "
            "entries are minus the weights over roots of degrees; pass the adjacency matrix, or set the diagonal to 0 "
            "if the entries are the weights"
        )


def is_real(value: object) -> bool:
    """Whether a value may be a weight.

    Examples
    --------
    >>> is_real(2.5), is_real(True), is_real("2.5")
    (True, False, False)
    """
    return isinstance(value, (numbers.Real, Decimal)) and not isinstance(value, bool)


def is_no_weight(name: str) -> bool:
    """Whether a name says that its numbers are no weights: ``id``, ``year``, ``Unnamed: 0``.

    Examples
    --------
    >>> is_no_weight("Id"), is_no_weight("Unnamed: 0"), is_no_weight("capacity")
    (True, True, False)
    """
    return name.strip().lower() in NO_WEIGHTS or name.lower().startswith("unnamed:")


def is_key(name: str) -> bool:
    """Whether the name of a column or attribute ends as those of keys do: ``post_id``, ``userId``.

    Examples
    --------
    >>> is_key("post_id"), is_key("userId"), is_key("bid"), is_key("grid")
    (True, True, False, False)
    """
    return re.search(r"(?:[ _.-]id|[a-z]I[Dd])s?$", name.strip()) is not None


def choose_weight(attributes: Sequence[Mapping[str, object]], weight: WeightName) -> Choice:
    """Choose the attribute that holds the weights.

    Parameters
    ----------
    attributes : sequence of mappings
        The attributes of every edge.
    weight : str or None
        What the user named, which some edge must have. By default ``"weight"``, or where no edge has it the only
        attribute of numbers that all edges have. None: every edge weighs 1.

    Returns
    -------
    Choice

    Raises
    ------
    InputError
        No edge has the attribute that was named, or several attributes could be meant.

    Examples
    --------
    >>> choose_weight([{"value": 3}, {"value": 4}], AUTO_WEIGHT)
    Choice(name='value', remarks=("no edge has an attribute 'weight'; the weights are those of 'value'",))
    >>> choose_weight([{"cost": 3, "delay": 1}], AUTO_WEIGHT)
    Traceback (most recent call last):
    derandkit.errors.InputError: no edge has an attribute 'weight', but cost and delay are numbers; say which ...
    """
    name = "weight" if weight is AUTO_WEIGHT else weight
    if name is None or not attributes:
        return Choice(name)
    having = sum(name in edge for edge in attributes)
    if having:
        missing = len(attributes) - having
        verb = "has" if missing == 1 else "have"
        ones = "weighs" if missing == 1 else "weigh"
        text = f"{missing} of {len(attributes)} edges {verb} no {name!r} and {ones} 1"
        return Choice(name, (*([text] if missing else []), *_unused(attributes, name)))
    known = sorted({str(name) for edge in attributes for name in edge})
    if weight is not AUTO_WEIGHT:
        has = f"they have {', '.join(known)}" if known else "they have no attributes"
        raise InputError(f"no edge has an attribute {name!r}; {has}")
    if not known:
        return Choice(None)
    numeric = [
        name
        for name in sorted(attributes[0], key=str)
        if all(_may_weigh(edge.get(name)) for edge in attributes)
        and (
            not (is_no_weight(str(name)) or is_key(str(name)))
            or are_signs([edge.get(name) for edge in attributes])
        )
    ]
    same = [name for name in numeric if str(name).lower() == "weight"]
    found = same if len(same) == 1 else numeric
    if len(found) > 1:
        names = " and ".join([", ".join(map(str, found[:-1])), str(found[-1])])
        raise InputError(f"no edge has an attribute 'weight', but {names} are numbers; {CHOOSE}")
    if found:
        text = f"no edge has an attribute 'weight'; the weights are those of {found[0]!r}"
        return Choice(found[0], (text, *_unused(attributes, found[0])))
    _refuse_some_weights(attributes)
    texts = [str(name) for name in attributes[0] if are_amounts([edge.get(name) for edge in attributes])]
    refuse_numerals([name for name in texts if not is_no_weight(name)])
    refuse_drawn_numbers(attributes)
    nested = [name for name in known if all(isinstance(edge.get(name), Mapping) for edge in attributes)]
    if nested:
        raise InputError(
            f"{nested[0]!r} holds attributes of edges, which may have the weights; write them to the edges themselves, "
            "or count every edge as 1 with --unweighted (weight=None)"
        )
    text = f"no edge has an attribute 'weight' (they have {', '.join(known)}), so every edge weighs 1"
    return Choice(None, (text,))


def _refuse_some_weights(attributes: Sequence[Mapping[str, object]]) -> None:
    """Refuse an attribute of numbers that most edges have and some lack, where nothing else can be the weight.

    Raises
    ------
    InputError
        It names the attribute and what decides.
    """
    found: dict[str, list[object]] = {}
    for edge in attributes:
        for name, value in edge.items():
            found.setdefault(str(name), []).append(value)
    for name, values in found.items():
        lacking = len(attributes) - len(values)
        if 0 < lacking <= len(values) and all(map(_may_weigh, values)) and not is_no_weight(name):
            raise InputError(
                f"{lacking} of {len(attributes)} edges have no {name!r}, which may be the weight: say --weight {name} "
                f"(weight={name!r}), so that they weigh 1, or --unweighted (weight=None)"
            )


def are_amounts(values: Sequence[object]) -> bool:
    """Whether values are texts of one number each, some with a currency, a unit or a mark beside it.

    Examples
    --------
    >>> are_amounts(["$5", "3"]), are_amounts(["5 km", "1,200 km"]), are_amounts(["P12", "P13"]), are_amounts(["1u4"])
    (True, True, False, False)
    """
    return bool(values) and all(isinstance(x, str) and _AMOUNT.fullmatch(x.strip()) for x in values)


def are_numerals(values: Sequence[object]) -> bool:
    """Whether values are texts of finite numbers.

    Examples
    --------
    >>> are_numerals(["5", "-2.5"]), are_numerals([5, 2]), are_numerals(["5", "a"]), are_numerals([])
    (True, False, False, False)
    """
    return bool(values) and all(
        isinstance(value, str) and _NUMERAL.fullmatch(value.strip()) for value in values
    )


def refuse_numerals(names: Sequence[str]) -> None:
    """Refuse columns or attributes that hold the texts of numbers, where no other ones can be the weights.

    Raises
    ------
    InputError
        It names the first one.

    Examples
    --------
    >>> refuse_numerals(["km"])
    Traceback (most recent call last):
    derandkit.errors.InputError: 'km' holds numbers as text, which may be the weights; make them numbers ...
    """
    if names:
        raise InputError(
            f"{names[0]!r} holds numbers as text, which may be the weights; make them numbers (with astype(float) in "
            "pandas) without units and marks, or count every edge as 1 with --unweighted (weight=None)"
        )


def refuse_drawn_numbers(attributes: Sequence[Mapping[str, object]]) -> None:
    """Refuse edges of a drawing without a ``weight`` whose labels are numbers.

    Raises
    ------
    InputError
        The labels may be the weights.

    Examples
    --------
    >>> refuse_drawn_numbers([{"label": "5", "weight": 2}, {"label": "3"}])
    >>> refuse_drawn_numbers([{"label": "5"}, {"label": 3.0}])
    Traceback (most recent call last):
    derandkit.errors.InputError: the labels of the edges are numbers, such as 5, and may be their weights, or mere ...
    """
    labels = [edge.get("label") for edge in attributes]
    if not labels or any("weight" in edge for edge in attributes):
        return
    if all(is_real(x) or are_amounts([x]) for x in labels):
        raise InputError(
            f"the labels of the edges are numbers, such as {labels[0]}, and may be their weights, or mere text; "
            "write weight=..., say --weight label (weight='label') if they are plain numbers, or --unweighted "
            "(weight=None)"
        )


def weights_of(attributes: Sequence[Mapping[str, object]], weight: WeightName) -> tuple[list[object], Choice]:
    """Weights of edges from their attributes, and the attribute that `choose_weight` chose.

    An edge without the attribute weighs 1, and the marks ``+`` and ``-`` (or words, see `signs`) weigh 1 and -1. Texts
    of numbers are numbers.

    Raises
    ------
    InputError
        As `choose_weight` does.

    Examples
    --------
    >>> weights_of([{"sign": "+"}, {"sign": "-"}], "sign")
    ([1, -1], Choice(name='sign', remarks=('+ and - (positive and negative) weigh 1 and -1',)))
    """
    choice = choose_weight(attributes, weight)
    if weight is AUTO_WEIGHT and attributes:
        shared = [
            name for name in attributes[0] if name != choice.name and all(name in edge for edge in attributes)
        ]
        others = {str(name): [edge[name] for edge in attributes] for name in shared}
        refuse_signs_beside(choice.name, [edge.get(choice.name or "", 1) for edge in attributes], others)
    if choice.name is None:
        return [1] * len(attributes), choice
    found = [edge.get(choice.name, 1) for edge in attributes]
    values, said = numbers_of(found)
    if weight is AUTO_WEIGHT and str(choice.name).lower() not in WEIGHTS:
        refuse_named_times(str(choice.name), values, "attribute")
    refuse_some_signs([value for value, edge in zip(found, attributes, strict=True) if choice.name in edge])
    return values, Choice(choice.name, (*choice.remarks, *said))


def _unused(attributes: Sequence[Mapping[str, object]], used: str) -> tuple[str, ...]:
    """Say which other attributes hold numbers, as weights do."""
    others = {str(name): True for edge in attributes for name in edge if name != used}
    for edge in attributes if others else ():
        for name, value in edge.items():
            if str(name) in others and not (_may_weigh(value) and not is_no_weight(str(name))):
                del others[str(name)]
    if not others:
        return ()
    names = ", ".join(map(repr, sorted(others)))
    return (f"attribute{'s' * (len(others) > 1)} {names} {'are' if len(others) > 1 else 'is'} not used",)


def _may_weigh(value: object) -> bool:
    return is_real(value) or sign_of(value) is not None


def only_column(places: Sequence[int], names: Sequence[str]) -> int:
    """Return the place of the one column that holds the weights by its name.

    Raises
    ------
    InputError
        Several columns have the name.

    Examples
    --------
    >>> only_column([2], ["source", "target", "km"])
    2
    >>> only_column([2, 3], ["source", "target", "km", "km"])
    Traceback (most recent call last):
    derandkit.errors.InputError: 2 columns are named 'km'; rename all but the one with the weights
    """
    if len(places) > 1:
        raise InputError(
            f"{len(places)} columns are named {names[places[0]].strip()!r}; rename all but the one with the weights"
        )
    return places[0]
