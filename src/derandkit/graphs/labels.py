"""The one order in which vertices are numbered.

A vertex has a label (what the user calls it) and a number (its row in the arrays). Numbers are given in an
order that depends on the set of labels alone, never on the order in which they were met; so permuting the
lines of a file, or the nodes of a networkx graph, changes nothing that comes after. What JSON cannot hold is written
by `derandkit.graphs.label_json`, which also reads it back.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import cast

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.given.series import plain_series
from derandkit.graphs.label_json import json_of, label_text, tagged
from derandkit.graphs.objects.lookalikes import refuse_lookalikes, with_plain_digits
from derandkit.numerals import writable_numbers
from derandkit.options import refuse_wrapped
from derandkit.tables import counted, repeated
from derandkit.words.quoting import quoted

#: Signs that a number begins with; the empty text begins with none.
_FIRST = frozenset("+-.0123456789")
_NUMERAL = re.compile(r"[+-]?(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,9})?")
_INT64 = range(-(2**63), 2**63)

#: Below this every whole number is one in floating point, by the size of the numbers in bytes.
WHOLE_BELOW = {2: 2.0**11, 4: 2.0**24, 8: 2.0**53}


def plain_label(label: Hashable) -> Hashable:
    """Return the label as a plain Python object; labels that compare equal become identical.

    NumPy scalars are unwrapped; ``1.0`` and ``True`` become ``1``, to which they compare equal. The same is done
    inside tuples and frozensets.

    Raises
    ------
    InputError
        A date or duration of NumPy is finer than microseconds, missing, or outside the years 1 to 9999; or the label
        is an array or a tensor; or a float from 2**53 to 2**64, where whole numbers are rounded (from 2**24 in single,
        2**11 in half precision).

    Examples
    --------
    >>> plain_label(np.int64(7)), plain_label(2.0), plain_label("a"), plain_label((np.int32(1), 0.5))
    (7, 2, 'a', (1, 0.5))
    >>> plain_label(np.datetime64("2020-01-31T10:00", "ns"))
    datetime.datetime(2020, 1, 31, 10, 0)
    """
    if type(label) is str or type(label) is int:
        return label
    size = 8
    if isinstance(label, np.generic):
        size = label.itemsize
        label = _date(label) if isinstance(label, (np.datetime64, np.timedelta64)) else label.item()
    if isinstance(label, bool) or (isinstance(label, float) and label.is_integer()):
        if isinstance(label, float) and WHOLE_BELOW.get(size, 2.0**53) <= abs(label) <= 2.0**64:
            raise InputError(
                f"vertex {label!r} is a floating-point number of {8 * size} bits, which rounds whole numbers of that "
                "size: different vertices may have become one; keep them as int64 (Int64 in pandas) or as text"
            )
        return int(label)
    if type(label) is tuple:
        return tuple(map(plain_label, label))
    if type(label) is frozenset:
        return frozenset(map(plain_label, label))
    if hasattr(label, "__array__") and hasattr(label, "shape"):
        raise InputError(_no_label(label))
    return label


def _no_label(label: object) -> str:
    """Say that an array is no vertex; a tensor of torch is equal to itself alone, so that each would be one."""
    name, shape = type(label).__name__, tuple(getattr(label, "shape", ()))
    what = f"{label!r}" if not shape else f"a {name} of shape {shape}"
    return (
        f"{what} is no vertex label; pass numbers or strings: edge_index.tolist() or .numpy() for a tensor of ends, "
        "and of a Data object its edge_index"
    )


def _date(label: np.datetime64 | np.timedelta64) -> Hashable:
    """Date, time or duration of Python that equals one of NumPy; ``item()`` gives integers for nanoseconds."""
    plain: Hashable = label.item()
    if isinstance(plain, int) and np.datetime_data(label.dtype)[0] not in ("Y", "M", "generic"):
        kind = "datetime64[us]" if isinstance(label, np.datetime64) else "timedelta64[us]"
        short = label.astype(kind)
        plain = short.item() if short == label else plain
    if plain is None or isinstance(plain, int):
        raise InputError(
            f"vertex label {label!r} is no date or duration that Python can hold (microseconds, years 1 to 9999); "
            "relabel with numbers or strings"
        )
    return plain


def canonical_order(labels: Sequence[Hashable]) -> tuple[Sequence[Hashable], NDArray[np.int64] | None]:
    """Sort labels into the canonical order.

    Integers are ordered numerically and strings by code point. Other labels are ordered by their own ``<``
    where that is a total order on them, and by (type name, text, JSON) otherwise.

    Parameters
    ----------
    labels : sequence of hashables
        Distinct labels, in any order.

    Returns
    -------
    labels : sequence of hashables
        The sorted labels: a `range` when they are consecutive integers, else a tuple.
    rank : ndarray of int64, shape (n,), or None
        Where each given label went; None when the labels were in order already.

    Raises
    ------
    InputError
        A label occurs twice, cannot be hashed, or has no order that is the same in every run.

    Notes
    -----
    O(n log n) comparisons.

    Examples
    --------
    >>> canonical_order(["b", "c", "a"])
    (('a', 'b', 'c'), array([1, 2, 0]))
    >>> canonical_order([3, 1, 2])
    (range(1, 4), array([2, 0, 1]))
    >>> canonical_order([1, "a"])
    ((1, 'a'), None)
    """
    if isinstance(labels, range) and labels.step == 1:
        return labels, None
    plain = [plain_label(label) for label in labels]
    whole = np.array(plain) if set(map(type, plain)) == {int} else np.zeros(0)
    if whole.dtype == np.int64:
        order = np.argsort(whole, kind="stable").tolist()
    else:
        _refuse_unwritable(plain)
        order = _sorted_positions(plain)
    ordered = [plain[k] for k in order]
    _refuse_twins(plain)
    if order == list(range(len(plain))):
        return _compact(ordered), None
    rank = np.empty(len(plain), dtype=np.int64)
    rank[order] = np.arange(len(plain), dtype=np.int64)
    return _compact(ordered), rank


def _sorted_positions(plain: list[Hashable]) -> list[int]:
    """Positions of the labels in canonical order."""
    try:
        order = sorted(range(len(plain)), key=plain.__getitem__)  # type: ignore[arg-type]
        # A chain of strict inequalities shows that `<` orders these labels totally; sets it does not.
        if all(plain[a] < plain[b] for a, b in itertools.pairwise(order)):  # type: ignore[operator]
            return order
    except TypeError:
        pass
    keys = [(type(label).__name__, label_text(label), json.dumps(json_of(label))) for label in plain]
    order = sorted(range(len(plain)), key=keys.__getitem__)
    for a, b in itertools.pairwise(order):
        if keys[a] == keys[b] and plain[a] != plain[b]:
            raise InputError(
                f"two vertex labels of type {keys[a][0]} read {keys[a][1]!r}; relabel with numbers or strings"
            )
    return order


def _refuse_unwritable(plain: Iterable[Hashable]) -> None:
    """Refuse labels that a result file cannot hold: NaN and infinities, and text that is not Unicode."""
    for label in plain:
        if isinstance(label, (tuple, frozenset)):
            _refuse_unwritable(label)
        if type(label) is Fraction or (type(label) is int and label not in _INT64):
            with writable_numbers():
                str(label)
        if (isinstance(label, float) and not math.isfinite(label)) or (
            isinstance(label, Decimal) and not label.is_finite()
        ):
            raise InputError(
                f"vertex label {label!r} is not a finite number; relabel with numbers or strings"
            )
        if isinstance(label, str) and not label.isascii():
            try:
                label.encode("utf-8")
            except UnicodeEncodeError:
                raise InputError(f"vertex label {label!r} cannot be written as UTF-8; relabel it") from None


def _refuse_twins(plain: list[Hashable]) -> None:
    """Refuse labels that occur twice, or that only their place in the input could order."""
    try:
        if len(set(plain)) == len(plain):
            return
    except TypeError:
        raise InputError("a vertex label is not hashable; use numbers, strings or tuples") from None
    seen: set[Hashable] = set()
    for label in plain:
        if label in seen:
            raise InputError(f"vertex label {label!r} occurs twice; labels must be distinct")
        seen.add(label)


def _compact(ordered: list[Hashable]) -> Sequence[Hashable]:
    """Store consecutive integers as a range: a million labels then cost nothing."""
    if ordered and all(type(label) is int for label in ordered):
        first, last = ordered[0], ordered[-1]
        if isinstance(first, int) and isinstance(last, int) and last - first == len(ordered) - 1:
            return range(first, last + 1)
    return tuple(ordered)


def refuse_mixed(labels: Iterable[Hashable], advice: str = "") -> None:
    """Refuse the number 1 beside the text ``"1"``: they may be one vertex.

    Parameters
    ----------
    labels : iterable of labels
        The vertices of an object that does not list them itself.
    advice : str
        Ends the message.

    Raises
    ------
    InputError
        It names the two.

    Examples
    --------
    >>> refuse_mixed([1, 2, "a"])
    >>> refuse_mixed(["1", 2, 1])
    Traceback (most recent call last):
    derandkit.errors.InputError: '1' and 1 may be one vertex or two; write it in one way
    """
    words: set[str] = set()
    numbers: set[int] = set()
    for label in labels:
        if isinstance(label, str):
            words.add(label if label.isascii() else with_plain_digits(label))
        elif isinstance(label, int) and not isinstance(label, bool):
            numbers.add(label)
    if words and numbers:
        both = next((x for x in sorted(numbers) if str(x) in words), None)
        if both is not None:
            text = f"{str(both)!r} and {both!r} may be one vertex or two; write it in one way"
            raise InputError(text + (f" ({advice})" if advice else ""))


def said_of_case(labels: Iterable[Hashable]) -> tuple[str, ...]:
    """Return what has to be said of words that differ in capital and small letters only: they are different vertices.

    Examples
    --------
    >>> said_of_case(["TP53", "Tp53", "BRCA1"])
    ("'TP53' and 'Tp53' differ in case only and are two vertices",)
    >>> said_of_case(["a", "b", 1])
    ()
    """
    if isinstance(labels, range):
        return ()
    seen: dict[str, str] = {}
    pairs = [
        (other, label)
        for label in labels
        if isinstance(label, str) and (other := seen.setdefault(label.casefold(), label)) != label
    ]
    if not pairs:
        return ()
    more = f" (and {counted(len(pairs) - 1, 'other pair')})" if len(pairs) > 1 else ""
    return (f"{pairs[0][0]!r} and {pairs[0][1]!r} differ in case only and are two vertices{more}",)


def refuse_spellings(labels: Iterable[Hashable], *, whole: bool = False) -> None:
    """Refuse labels of a text that does not list its vertices, where two of them may spell one vertex.

    ``01`` and ``2.0`` may be 1 and 2, the text ``"1"`` may be the number 1, and words may look alike.

    Parameters
    ----------
    labels : iterable of hashables
        All of them.
    whole : bool
        Whether of numbers that words spell only whole ones count, so that ``1.1`` and ``1.10`` are two chapters.

    Raises
    ------
    InputError
        It names the two.

    Examples
    --------
    >>> refuse_spellings(["1", "02", "x"])
    >>> refuse_spellings(["1.1", "1.10"], whole=True)
    >>> refuse_spellings(["1", "01", "x"])
    Traceback (most recent call last):
    derandkit.errors.InputError: '1' and '01' may be one vertex or two; write it in one way
    """
    words = []
    seen: dict[Decimal, Hashable] = {}
    for label in labels:
        if isinstance(label, str):
            words.append(label)
        number = not whole and isinstance(label, (int, float))
        if number or (isinstance(label, str) and label[:1] in _FIRST and _NUMERAL.fullmatch(label)):
            value = Decimal(label)  # type: ignore[arg-type]
            if whole and value != value.to_integral_value():
                continue
            other = seen.setdefault(value, label)
            if other is not label and (type(other) is not type(label) or other != label):
                raise InputError(f"{other!r} and {label!r} may be one vertex or two; write it in one way")
    refuse_lookalikes(words)


def label_lines(labels: Sequence[Hashable]) -> Iterator[bytes]:
    r"""JSON of each label, one a line, in chunks of bytes; what `WeightedGraph.digest` hashes.

    Examples
    --------
    >>> b"".join(label_lines(("a", (1, 2), 0.5)))
    b'"a"\n[1, 2]\n0.5\n'
    """
    for start in range(0, len(labels), 65536):
        chunk = labels[start : start + 65536]
        if isinstance(chunk, range):
            yield ("\n".join(map(str, chunk)) + "\n").encode()
        else:
            yield "".join(json.dumps(label, default=tagged) + "\n" for label in chunk).encode()


def signs_of_sides(
    labels: Sequence[Hashable], left: Iterable[Hashable], right: Iterable[Hashable]
) -> NDArray[np.int8]:
    """Signs of two sides that are given by labels: +1 on the left, -1 on the right, shape (n,).

    Raises
    ------
    InputError
        A label is unknown, is given twice, or is missing.

    Examples
    --------
    >>> signs_of_sides(["a", "b", "c"], ["b"], ["a", "c"])
    array([-1,  1, -1], dtype=int8)
    """
    number = {label: k for k, label in enumerate(labels)}
    signs = np.zeros(len(labels), dtype=np.int8)
    for side, sign in ((left, 1), (right, -1)):
        for label in side:
            k = number.get(label)
            if k is None:
                raise InputError(f"partition names {quoted(label)}, which is not a vertex of the graph")
            if signs[k] != 0:
                raise InputError(f"partition names vertex {label!r} twice")
            signs[k] = sign
    if (signs == 0).any():
        missing = labels[int(np.argmin(np.abs(signs)))]
        raise InputError(f"partition leaves out vertex {missing!r}; every vertex belongs to one side")
    return signs


def by_label(values: object, labels: Sequence[Hashable], names: tuple[str, str] = ("node", "side")) -> object:
    """Return the values of a pandas Series, or of a table with two columns of these names, by label.

    Parameters
    ----------
    values : object
        Anything; what is neither is returned as it is.
    labels : sequence of hashable
        What values may be of. A series that counts its rows 0, 1, 2, ... where these are no labels is in order.
    names : tuple of str
        Columns of the labels and of the values in a table of pandas or polars.

    Raises
    ------
    InputError
        A label stands twice, or values are wrapped, see `refuse_wrapped`.

    Examples
    --------
    >>> import pandas as pd
    >>> by_label(pd.Series([0, 1], index=["b", "a"]), ["a", "b"])
    {'b': 0, 'a': 1}
    >>> by_label(pd.DataFrame({"node": ["b", "a"], "side": [0, 1]}), ["a", "b"])
    {'b': 0, 'a': 1}
    """
    values = plain_series(values)
    if set(names) <= set(map(str, getattr(values, "columns", ()))):
        table = cast("Mapping[str, Iterable[object]]", values)
        keys, found = list(table[names[0]]), list(table[names[1]])
    elif list(map(str, getattr(values, "columns", ()))) == [names[1]] and hasattr(values, "iloc"):
        return by_label(values.iloc[:, 0], labels, names)  # its index has the labels
    elif hasattr(values, "index") and hasattr(values, "items") and hasattr(values, "dtype"):
        keys, found = list(values.index), np.asarray(values).tolist()
        if keys == list(range(len(keys))) and not all(isinstance(label, int) for label in labels):
            return np.asarray(found)
    else:
        refuse_wrapped(values)
        return values
    given = {plain_label(key): value for key, value in zip(keys, found, strict=True)}
    if (twice := repeated(map(plain_label, keys))) is not None:
        raise InputError(f"the {type(values).__name__} has two entries for {twice!r}")
    return given


def in_order(labels: Sequence[Hashable], values: object, word: str = "vertex") -> object:
    """Return values that are given by label in the order of the labels; what has no labels as it is.

    Parameters
    ----------
    labels : sequence of hashable
        Every one has to have a value.
    values : object
        A mapping, or what `by_label` makes one of; of a table in the columns `word` or ``node``.
    word : {"vertex", "variable"}
        What a label stands for, in messages.

    Raises
    ------
    InputError
        A label is unknown, left out, or stands twice.

    Examples
    --------
    >>> in_order(["a", "b"], {"b": 1, "a": 0}), in_order(["a", "b"], [1, -1])
    ([0, 1], [1, -1])
    """
    values = by_label(values, labels, ("node", "side") if word == "vertex" else (word, "value"))
    if not isinstance(values, Mapping):
        return values
    known, what = set(labels), "cut" if word == "vertex" else "solution"
    for label in values:
        if plain_label(label) not in known:
            raise InputError(f"the {what} names {quoted(label)}, which is not a {word}")
    given = {plain_label(label): entry for label, entry in values.items()}
    missing = next((label for label in labels if label not in given), None)
    if missing is not None or len(given) < len(labels):
        raise InputError(f"the {what} leaves out {word} {missing!r}")
    return [given[label] for label in labels]
