"""Coefficients as users write them, checked one by one: mappings, graphs and vectors."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import exact_float, refuse_lost
from derandkit.graphs.files import graph_with
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.labels import plain_label, refuse_mixed
from derandkit.graphs.objects.lookalikes import refuse_lookalikes
from derandkit.graphs.objects.names import refuse_written_alike
from derandkit.graphs.reading import Lost, ReadOptions, shown_numbers
from derandkit.numerics.sums import errors_of_sums, exact_total
from derandkit.points.frames import plain_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from derandkit.numerics.typing import FloatArray, IntArray


#: What may stand without couplings.
ALONE = "without fields h is {}, as in f({}, J), and only a dimod model of spins is passed alone"


def coefficient(value: object, what: str) -> float:
    """Return one coefficient as float64, or say which one cannot be used."""
    try:
        return exact_float(value)
    except InputError as error:
        raise InputError(f"coefficient {what}: {error.message}") from None


def numbered(
    pairs: Mapping[tuple[Hashable, Hashable], float], linear: Mapping[Hashable, float]
) -> tuple[list[Hashable], FloatArray, IntArray, FloatArray]:
    """Return the variables of a model by label as those of arrays, in the order in which they are named.

    Returns
    -------
    names : list of hashables
        The n variables.
    field : ndarray, shape (n,)
        Linear terms.
    ends : ndarray of int64, shape (m, 2)
        Places of the variables of each pair.
    c : ndarray, shape (m,)
        Coefficients of the pairs.

    Raises
    ------
    InputError
        There is no variable, or a coefficient is no number.

    Examples
    --------
    >>> names, field, ends, c = numbered({("a", "b"): 2}, {"b": 1})
    >>> names, field.tolist(), ends.tolist(), c.tolist()
    (['b', 'a'], [1.0, 0.0], [[1, 0]], [2.0])
    """
    number: dict[Hashable, int] = {}
    for label in (*linear, *(end for pair in pairs for end in pair)):
        number.setdefault(plain_label(label), len(number))
    if not number:
        raise InputError("the model has no variables; it needs at least one")
    ends = np.array([[number[plain_label(u)], number[plain_label(v)]] for u, v in pairs], dtype=np.int64)
    field = np.zeros(len(number))
    for label, value in linear.items():
        field[number[plain_label(label)]] = coefficient(value, f"of variable {label!r}")
    c = np.array([coefficient(w, f"of pair {pair!r}") for pair, w in pairs.items()], dtype=np.float64)
    return list(number), field, ends.reshape(-1, 2), c


def linear_terms(h: Mapping[Hashable, float] | ArrayLike) -> dict[Hashable, float]:
    """Return the terms of single variables by variable."""
    if isinstance(h, Mapping):
        return dict(h)
    if type(h).__module__.partition(".")[0] == "xarray" and getattr(h, "ndim", 0) == 1:
        h = h.to_pandas()  # type: ignore[union-attr]  # coordinates become the index
    if hasattr(h, "to_dict"):  # a pandas series: its index names the variables
        if not getattr(getattr(h, "index", None), "is_unique", True):
            raise InputError(
                "the index of the fields names a variable twice; variables need different labels"
            )
        return dict(h.to_dict())
    if hasattr(h, "is_directed"):
        raise InputError("h is a graph; pass the fields as a mapping or one number a variable")
    fields = plain_array(h)
    refuse_lost(fields, "the fields")
    array = np.asarray(fields)
    if array.ndim != 1:
        raise InputError(f"fields have shape {array.shape}; pass a mapping or one number a variable")
    return dict(enumerate(array.tolist()))


def _refuse_parts(model: Mapping[object, object]) -> None:
    """Refuse a mapping of the parts of a model, with the way to pass them.

    Raises
    ------
    InputError
        The keys are those of dimod's serialised model, or names of fields and couplings.
    """
    if model.get("type") == "BinaryQuadraticModel":
        raise InputError(
            "the mapping is a model of dimod, serialised; pass dimod.BinaryQuadraticModel.from_serializable(it), or "
            "save it with json.dump and read the file with derandkit.read_model"
        )
    for one, two in (("linear", "quadratic"), ("h", "J")):
        if one in model and two in model:
            raise InputError(
                f"the mapping m holds a model in parts: of signs pass minimize_ising(m[{one!r}], m[{two!r}]), of bits "
                f"minimize_qubo({{**{{(v, v): x for v, x in m[{one!r}].items()}}, **m[{two!r}]}}), and a constant "
                "as offset="
            )


def split_pairs(
    J: Mapping[tuple[Hashable, Hashable], float], vartype: str, linear: Iterable[Hashable] = ()
) -> tuple[dict[tuple[Hashable, Hashable], float], dict[Hashable, float]]:
    """Split a mapping of pairs into those of two variables and those of one with itself.

    A frozen set is a pair in any order, and ``(u,)`` the key of one bit, as other packages write polynomials.

    Parameters
    ----------
    J : mapping
        Coefficients by pair.
    vartype : {"binary", "spin"}
        Of the model.
    linear : iterable of hashables
        Variables that are named beside the pairs.

    Raises
    ------
    InputError
        A key is something else, such as that of a constant; or the mapping has variables of another kind. Two labels
        may name one variable. Every pair of signs is there in both orders, so that it may count once or twice.
    """
    kind = getattr(getattr(J, "vartype", None), "name", "")
    if isinstance(kind, str) and kind and kind.lower() != vartype:
        raise InputError(f"the polynomial has {kind.lower()} variables, and the model has {vartype} ones")
    pairs: dict[tuple[Hashable, Hashable], float] = {}
    diagonal: dict[Hashable, float] = {}
    for key, value in J.items():
        pair = tuple(sorted(key, key=repr)) if isinstance(key, frozenset) else key
        if isinstance(pair, tuple) and not len(pair):
            raise InputError(
                f"the key {key!r} stands for a constant; pass it as offset={value!r}, and leave it out here"
            )
        if isinstance(pair, tuple) and len(pair) == 1:
            if vartype == "spin":
                raise InputError(f"the key {key!r} is that of a single sign; give fields as h")
            pair = pair * 2
        if not isinstance(pair, tuple) or len(pair) != 2:
            _refuse_parts(J)
            what = f" of degree {len(pair)}" if isinstance(pair, tuple) else ""
            raise InputError(
                f"the key {key!r}{what} is not a pair of variables; keys are (u, v), and (u, u) for a linear term"
            )
        if plain_label(pair[0]) != plain_label(pair[1]):
            pairs[pair] = value
        elif pair[0] in diagonal:
            raise InputError(f"the variable {pair[0]!r} has two linear terms; add them up")
        else:
            diagonal[pair[0]] = value
    refuse_one_variable((*linear, *diagonal, *(end for pair in pairs for end in pair)))
    if vartype == "spin" and pairs and all(pairs.get((v, u)) == value for (u, v), value in pairs.items()):
        u, v = next(iter(pairs))
        raise InputError(
            f"J has every pair in both orders, as ({u!r}, {v!r}), which fits two readings: keep one order of each for "
            "sum_{i<j} J_ij s_i s_j, and twice its value for sum_ij J_ij s_i s_j"
        )
    return pairs, diagonal


def refuse_one_variable(labels: Iterable[Hashable]) -> None:
    """Refuse two labels that may name one variable: 1 and ``"1"``, a word and one that looks alike.

    Raises
    ------
    InputError
        It names the two.

    Examples
    --------
    >>> refuse_one_variable(["1", 2, 1])
    Traceback (most recent call last):
    derandkit.errors.InputError: '1' and 1 may be one variable or two; write it in one way
    """
    plain = list(dict.fromkeys(map(plain_label, labels)))
    try:
        refuse_lookalikes(label for label in plain if isinstance(label, str))
        refuse_mixed(plain)
        refuse_written_alike(plain)
    except InputError as error:
        raise InputError(error.message.replace("one vertex or two", "one variable or two")) from None


def graph_couplings(
    J: object, h: object, linear: dict[Hashable, float]
) -> tuple[object, dict[Hashable, float], float]:
    """Return couplings and fields, the weights of a graph as a mapping; what is no graph stays as it is.

    The last number is what sums of parallel edges of the graph lost.

    Parameters
    ----------
    J : object
        What was given as couplings.
    h : object
        What was given as fields.
    linear : dict
        The same by label, or by position.

    Raises
    ------
    InputError
        The graph is directed, has a loop, or `derandkit.as_graph` refuses it; or fields without labels do not fit it.

    Examples
    --------
    >>> import networkx as nx
    >>> graph_couplings(nx.Graph([("a", "b", {"weight": -2})]), {"a": 1}, {"a": 1})
    ({('a', 'b'): -2.0}, {'a': 1, 'b': 0.0}, 0.0)
    """
    if isinstance(J, WeightedGraph):
        graph = J
    else:
        if not hasattr(J, "is_directed") and type(J).__module__.partition(".")[0] != "rustworkx":
            return J, linear, 0.0
        if getattr(J, "is_directed", bool)():
            raise InputError("J is a directed graph, but a coupling has no direction; pass an undirected one")
        try:
            graph = graph_with(J, ReadOptions())
        except InputError as error:
            raise InputError(f"{error.message} (give J as derandkit.as_graph(graph, weight=...))") from None
    if graph.dropped_loops:
        raise InputError("the graph J has a loop, which couples no two variables; remove it")
    labels = tuple(graph.labels)
    i, j, w = (x.tolist() for x in graph.edges())
    pairs = {(labels[a], labels[b]): c for a, b, c in zip(i, j, w, strict=True)}
    if isinstance(h, Mapping) or hasattr(h, "to_dict"):
        # vertices without edges and fields are variables too
        linear = dict.fromkeys(labels, 0.0) | {plain_label(label): x for label, x in linear.items()}
    else:
        refuse_other_labels({(label, label): 0.0 for label in labels}, len(linear))
    return pairs, linear, graph.rounded


def refuse_other_models(given: object) -> None:
    """Refuse tuples of the parts of a model, and models of packages that say how they become one of dimod.

    Raises
    ------
    InputError
        It says what to pass.

    Examples
    --------
    >>> refuse_other_models(({}, {("a", "b"): 1}))
    Traceback (most recent call last):
    derandkit.errors.InputError: a tuple of coefficients, as to_qubo() and to_ising() return it; pass its parts, f(*it)
    """
    if isinstance(given, tuple) and len(given) in (2, 3) and isinstance(given[0], Mapping):
        raise InputError(
            "a tuple of coefficients, as to_qubo() and to_ising() return it; pass its parts, f(*it)"
        )
    package, kind = type(given).__module__.partition(".")[0], type(given).__name__
    if package == "dimod" and kind.startswith("Constrained"):
        raise InputError(
            "the constraints of a dimod ConstrainedQuadraticModel have no place here: pass dimod.cqm_to_bqm(cqm)[0], "
            "whose penalties stand for them"
        )
    if package == "dimod" and kind == "QuadraticModel":
        raise InputError(
            "a dimod QuadraticModel may have integers and reals: pass a BinaryQuadraticModel; of one whose variables "
            "are all bits, dimod.BinaryQuadraticModel(qm.linear, qm.quadratic, qm.offset, 'BINARY')"
        )
    if package == "dimod" and kind.endswith("BQMVectors"):
        raise InputError("these are the vectors of a dimod model; pass the model that they are of")
    if not isinstance(given, Mapping) and hasattr(given, "to_bqm"):
        raise InputError(f"the {type(given).__name__} is a model of another package; pass model.to_bqm()")


def pairs_of_series(given: object) -> object:
    """Return a series of pandas over pairs of variables as a mapping; anything else as it is.

    Raises
    ------
    InputError
        A pair comes twice.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs_of_series(pd.Series({("a", "a"): -1, ("a", "b"): 2}))
    {('a', 'a'): -1, ('a', 'b'): 2}
    """
    index = getattr(given, "index", None)
    if hasattr(given, "columns") or getattr(index, "nlevels", 1) != 2 or not hasattr(given, "to_dict"):
        return given
    if not getattr(index, "is_unique", True):
        raise InputError(
            "a pair of variables comes twice in the series; pass series.groupby(level=[0, 1]).sum()"
        )
    found: object = given.to_dict()
    return found


def refuse_other_labels(pairs: Mapping[tuple[Hashable, Hashable], float], n: int) -> None:
    """Refuse couplings of variables that a vector of n fields does not number."""
    for pair in pairs:
        for label in pair:
            plain = plain_label(label)
            if type(plain) is not int or not 0 <= plain < n:
                raise InputError(
                    f"J names {label!r}, but the {n} fields are those of variables 0..{n - 1}; pass h as a mapping"
                )


def fields_of(
    h: object, linear: Mapping[Hashable, float], n: int, labels: Sequence[Hashable] | None
) -> FloatArray:
    """Return the fields of the n variables of a matrix of couplings, shape (n,).

    Parameters
    ----------
    h : object
        What was given as fields.
    linear : mapping
        The same by label, or by position where `h` has none.
    n : int
        Number of variables.
    labels : sequence or None
        What the matrix calls them; None for ``range(n)``.

    Raises
    ------
    InputError
        A field is that of no variable, or is no number.
    """
    by_label = isinstance(h, Mapping) or (hasattr(h, "to_dict") and list(linear) != list(range(n)))
    if labels is None or not by_label:
        known: dict[Hashable, int] = {k: k for k in range(n)}
        variables = f"the variables of an {n} x {n} matrix are 0..{n - 1}"
    else:
        known = {plain_label(label): k for k, label in enumerate(labels)}
        variables = f"the variables of the matrix are {', '.join(map(repr, labels))}"[:300]
    if not isinstance(h, Mapping) and not by_label and len(linear) != n:
        raise InputError(f"{len(linear)} fields for {n} variables; give one a variable, or a mapping of some")
    field = np.zeros(n)
    for label, value in linear.items():
        if plain_label(label) not in known:
            raise InputError(f"h names {label!r}; {variables}")
        field[known[plain_label(label)]] = coefficient(value, f"of variable {label!r}")
    return field


def grouped_sums(position: IntArray, values: FloatArray, n: int) -> list[Fraction]:
    """Exact sum of the values at each position."""
    sums = [Fraction(0)] * n
    for k, value in zip(position.tolist(), values.tolist(), strict=True):
        sums[k] += Fraction(value)
    return sums


def lost_in_sums(
    i: IntArray, j: IntArray, c: FloatArray, linear: FloatArray, names: Sequence[Hashable]
) -> Lost | None:
    """Return what is lost where several coefficients of one term add up; None where every sum is exact.

    Parameters
    ----------
    i, j : ndarray of int64, shape (k,)
        Variables of each entry, by their place in `names`.
    c : ndarray, shape (k,)
        Coefficients.
    linear : ndarray, shape (n,)
        Further numbers of the entries (v, v).
    names : sequence of hashables
        The n variables.

    Notes
    -----
    O(k log k). The error of a sum of two numbers is itself a float64, and that of more is correctly rounded.

    Examples
    --------
    >>> print(lost_in_sums(np.array([0]), np.array([0]), np.array([5e14]), np.array([-0.01]), ["x"]))
    sums are rounded, by 0.01 in all (500000000000000.0, -0.01 of 'x'); value and bound are those of the rounded sums
    >>> lost_in_sums(np.array([0, 1]), np.array([1, 0]), np.array([0.1, 0.2]), np.zeros(2), ["x", "y"]).example
    "0.1, 0.2 of 'x' and 'y'"
    >>> lost_in_sums(np.array([0, 1]), np.array([1, 0]), np.array([0.1, 0.1]), np.zeros(2), ["x", "y"]) is None
    True
    """
    if (c == np.rint(c)).all() and (linear == np.rint(linear)).all():
        return None  # sums of integers that are not exact are refused
    own = np.flatnonzero(linear)
    low, high = np.append(np.minimum(i, j), own), np.append(np.maximum(i, j), own)
    values = np.append(c, linear[own])
    low, high, values = low[values != 0], high[values != 0], values[values != 0]
    order = np.lexsort((high, low))
    low, high, values = low[order], high[order], values[order]
    starts = np.flatnonzero(np.append(True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])))
    with np.errstate(over="ignore"):
        if starts.size >= values.size or not np.isfinite(np.abs(values).sum()):
            return None  # what overflows is refused
    off = np.abs(errors_of_sums(values, starts))
    if not off.any():
        return None
    g = int(np.argmax(off))
    part = values[starts[g] : np.append(starts, values.size)[g + 1]]
    a, b = names[int(low[starts[g]])], names[int(high[starts[g]])]
    of = f"{a!r:.40}" if a == b else f"{a!r:.40} and {b!r:.40}"
    return Lost(exact_total(off), f"{shown_numbers(part.tolist())} of {of}")


def counting_of(i: IntArray, j: IntArray) -> str:
    """Say how pairs count: once; and how many lines name the pair of another line, in this order or the other.

    Examples
    --------
    >>> counting_of(np.array([0, 1]), np.array([1, 2]))
    'pairs count once'
    >>> counting_of(np.array([0, 1, 1, 1]), np.array([1, 0, 1, 1]))
    'pairs count once, 4 lines that share their pair with another are added up'
    """
    ends = np.stack([np.minimum(i, j), np.maximum(i, j)], axis=1)
    times = np.unique(ends, axis=0, return_counts=True)[1] if len(ends) else np.zeros(0, dtype=np.int64)
    shared = int(times[times > 1].sum())
    return "pairs count once" + (
        f", {shared} lines that share their pair with another are added up" if shared else ""
    )
