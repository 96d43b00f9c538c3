"""Whether mappings and tuples in memory that could be edges are tables, or edges in another order, as well."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.weights import is_real
from derandkit.numerals import is_whole, loose_float
from derandkit.numerics.rounding import DECIMAL
from derandkit.numerics.typing import IntArray

#: Keys that number things, which are edges rather than vertices where a word says so.
_COUNTED = re.compile(r"((?:e|edge|link|line|arc|bond|branch)?[ _-]?)\d+", re.IGNORECASE)
_WHOLE = re.compile(r"[0-9]{1,18}")
_NUMERAL = re.compile(DECIMAL)


def refuse_counts(labels: Sequence[Hashable], i: IntArray, j: IntArray) -> None:
    """Refuse a first edge of two whole numbers above edges of words, if it counts the vertices and edges below.

    Files are asked in `derandkit.graphs.readers.decide`, with their line.

    Parameters
    ----------
    labels : sequence of hashables
        The vertices.
    i, j : ndarray of int64, shape (k,)
        Ends of each edge, as places in `labels`, in the order of the input.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> ends = np.array([0, 1, 2, 1]), np.array([0, 2, 3, 3])
    >>> refuse_counts([7, "a", "b", "c"], *ends)
    >>> refuse_counts([3, "a", "b", "c"], *ends)
    Traceback (most recent call last):
    derandkit.errors.InputError: the first edge, 3 and 3, may count the vertices and the 3 edges below, or be ...
    """
    if i.size < 2:
        return
    at = {int(i[0]), int(j[0])}
    head = [str(labels[int(end)]) for end in (i[0], j[0])]
    if not all(isinstance(labels[k], (int, str)) for k in at) or not all(map(_WHOLE.fullmatch, head)):
        return
    n, m = map(int, head)
    words, edges = len(labels) - len(at), i.size - 1
    if not ((m == edges and n >= words) or (n == edges and m >= words)):
        return
    if np.isin(i[1:], list(at)).any() or np.isin(j[1:], list(at)).any():
        return
    if all(isinstance(x, str) and not _NUMERAL.fullmatch(x) for k, x in enumerate(labels) if k not in at):
        raise InputError(
            f"the first edge, {n} and {m}, may count the vertices and the {edges} edges below, or be an edge; leave it "
            "out if it counts, or pass a graph of networkx if it is an edge"
        )


def refuse_tables(obj: Mapping[Any, Any], ends: Callable[[Sequence[str]], object]) -> None:
    """Refuse a mapping of columns, of rows, or of the parts of a graph, which may be one of neighbours as well.

    Parameters
    ----------
    obj : mapping
        What a user passed.
    ends : callable
        Finds the two names of columns that are ends of edges, or None.

    Raises
    ------
    InputError
        It names both readings. Where a neighbour is a key itself, there is no doubt.

    Examples
    --------
    >>> refuse_tables({"source": ["target"], "target": ["source"]}, lambda names: (0, 1))
    >>> refuse_tables({"nodes": ["a", "b"], "edges": [("a", "b")]}, lambda names: None)
    Traceback (most recent call last):
    derandkit.errors.InputError: 'nodes' and 'edges' may be the parts of a graph, or two vertices; ...
    """
    rows = list(obj.values())
    inner = [x for row in rows if isinstance(row, (Mapping, list, tuple, set, frozenset)) for x in row]
    names = [key for key in obj if isinstance(key, str)]
    small = {name.lower(): name for name in names}
    for nodes in ("nodes", "vertices"):
        for edges in ("edges", "links", "arcs"):
            if nodes in small and edges in small and not _among(inner, names):
                raise InputError(
                    f"{small[nodes]!r} and {small[edges]!r} may be the parts of a graph, or two vertices; pass the "
                    "list of edges alone (networkx.node_link_graph reads node-link data), or write the data to a file "
                    "that ends in .json"
                )
    if len(names) == len(obj) and ends(names) is not None and inner and not _among(inner, names):
        raise InputError(
            f"{', '.join(map(repr, names))} may be the columns of a table, or vertices with their neighbours; pass "
            "pandas.DataFrame(...) for columns, or edges as tuples (u, v, weight)"
        )
    keys = list(rows[0]) if isinstance(rows[0], Mapping) else []
    if (
        all(isinstance(key, str) for key in keys)
        and all(isinstance(row, Mapping) and list(row) == keys for row in rows)
        and ends(keys) is not None
        and not _among(list(obj), keys)
    ):
        raise InputError(
            f"{', '.join(map(repr, keys))} may be the columns of a table, or vertices that every key is joined to; "
            "pass pandas.DataFrame(...).T for rows, or edges as tuples (u, v, weight)"
        )


def _among(items: Sequence[object], names: Sequence[str]) -> bool:
    """Whether some item is one of the names."""
    return any(isinstance(item, str) and item in names for item in items)


def refuse_pairs(items: Sequence[object]) -> None:
    """Refuse pairs of an edge and a number: the items of a mapping, or edges that were counted.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_pairs([(("a", "b"), "c")])  # one of the vertices is a pair
    >>> refuse_pairs([(("a", "b"), 5)])
    Traceback (most recent call last):
    derandkit.errors.InputError: (('a', 'b'), 5) may be an edge with its weight, or an edge between ...
    """
    pairs = [item for item in items if isinstance(item, (tuple, list)) and len(item) == 2]
    if not pairs or len(pairs) < len(items):
        return
    for at, what in ((0, "an edge with its weight"), (1, "a number and an edge")):
        if all(isinstance(item[at], (tuple, list)) and len(item[at]) in (2, 3) for item in pairs) and all(
            is_real(item[1 - at]) for item in pairs
        ):
            raise InputError(
                f"{pairs[0]!r} may be {what}, or an edge between {pairs[0][0]!r} and {pairs[0][1]!r}; pass a mapping "
                "{(u, v): weight}, or tuples (u, v, weight)"
            )


def refuse_items(items: Sequence[object]) -> None:
    """Refuse pairs that a library yields of a frame, a mapping or a graph, which are no edges, and say what to pass.

    Raises
    ------
    InputError
        It names what to pass.

    Examples
    --------
    >>> refuse_items([("a", {"b": {"weight": 5}}), ("b", {"a": {"weight": 5}})])
    Traceback (most recent call last):
    derandkit.errors.InputError: the items are pairs of a vertex and its neighbours; pass the graph itself, or dict(...)
    >>> refuse_items([("a", ("b", "c")), ("b", ("c", "a"))])
    Traceback (most recent call last):
    derandkit.errors.InputError: ('b', 'c') beside 'a' may be its neighbours, or a vertex; pass dict(...) of the ...
    """
    if len(items) in (2, 3) and isinstance(items[0], Mapping) and is_real(items[-1]):
        verb = "minimize_qubo(Q, offset=...)" if len(items) == 2 else "minimize_ising(h, J, offset)"
        raise InputError(
            "a mapping and a number: the terms of a model and its offset, as to_qubo and to_ising of dimod give them, "
            f"no graph; derandkit.{verb} takes them"
        )
    if len(items) == 2:  # two arrays
        ends, weights = (tuple(getattr(part, "shape", ())) for part in items)
        if len(ends) == 2 and ends[0] == 2 and weights == ends[1:]:
            raise InputError(
                "two arrays, as edge_index and edge_weight of PyTorch Geometric; pass (*edge_index, edge_weight)"
            )
    pairs = [item for item in items if isinstance(item, (tuple, list)) and len(item) == 2]
    if not pairs or len(pairs) < len(items):
        return
    if all(hasattr(second, "iloc") for _, second in pairs):
        raise InputError(
            "the items are rows of a frame and their names, as frame.iterrows() has them; pass the frame"
        )
    if all(isinstance(second, Mapping) for _, second in pairs):
        if all(isinstance(first, (tuple, list)) for first, _ in pairs):
            raise InputError(
                "the items are edges and their attributes; pass the graph itself, or tuples (u, v, weight)"
            )
        raise InputError(
            "the items are pairs of a vertex and its neighbours; pass the graph itself, or dict(...)"
        )
    first, second = pairs[0]
    rows = [
        row for u, row in pairs if isinstance(row, (tuple, list, set)) and not isinstance(u, (tuple, list))
    ]
    if len(rows) < len(pairs):
        return
    firsts = {u for u, _ in pairs if isinstance(u, Hashable)}
    if any(
        isinstance(row, (list, set)) or any(isinstance(x, Hashable) and x in firsts for x in row)
        for row in rows
    ):
        raise InputError(
            f"{second!r} beside {first!r} may be its neighbours, or a vertex; pass dict(...) of the items"
        )


def refuse_numbered_edges(obj: Mapping[Any, Collection[Hashable]]) -> None:
    """Refuse ``{0: (u, v, weight), 1: ...}``: edges by their number or name, or vertices and their neighbours.

    Lists and sets are those of neighbours unless each ends in a number that may weigh, or their keys are numbers or
    names such as ``e1`` and no two of them are the ends of the same edge.

    Raises
    ------
    InputError
        Every row has two or three items, and no key is among them.

    Examples
    --------
    >>> refuse_numbered_edges({"ann": ["x", "y"], "bob": ["y", "z"]})
    >>> refuse_numbered_edges({"e1": ["x", "y"], "e2": ["y", "z"]})
    Traceback (most recent call last):
    derandkit.errors.InputError: ['x', 'y'] under 'e1' may be an edge that has a number or name, or the neighbours ...
    """
    rows = [list(row) for row in obj.values()]
    sizes = {len(row) for row in rows}
    if len(sizes) > 1 or not sizes <= {2, 3}:
        return
    words = not any(is_real(x) for row in rows for x in row[:2])
    tuples = all(isinstance(row, tuple) for row in obj.values())
    weighs = sizes == {3} and words and all(is_real(row[2]) for row in rows)
    keys = set(map(str, obj))  # JSON makes text of keys
    if any(str(x) in keys for row in rows for x in (row[:2] if weighs else row)):
        return
    stems = [_COUNTED.fullmatch(str(key)) for key in obj]
    counted = all(stems) and len({stem[1] for stem in stems if stem}) == 1
    several = len({frozenset(row[:2]) for row in rows}) == len(rows)
    if weighs or (len(rows) > 1 and (tuples or (counted and several))):
        u, row = next(iter(obj.items()))
        raise InputError(
            f"{row!r} under {u!r} may be an edge that has a number or name, or the neighbours of a vertex; pass a list "
            "of tuples (u, v, weight) for edges, or {u: {v: weight}} for neighbours"
        )


def refuse_many_graphs(obj: Mapping[Any, Collection[Any]]) -> None:
    """Refuse ``{graph: [(u, v), ...]}``, the edges of many graphs, which look like neighbours with weights.

    Pairs of numbers are edges where a list names one neighbour twice or its own key, or where no neighbour is a key and
    what would weigh is named as a neighbour by the same list. A weight is a number: pairs of names are no neighbours.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_many_graphs({0: [(1, 5), (2, 6)], 1: [(2, 7)]})
    >>> refuse_many_graphs({0: [(0, 0), (1, 5)], 1: [(0, 5), (1, 0)]})  # each list has the diagonal
    >>> refuse_many_graphs({0: [(0, 1), (1, 2), (0, 2)], 1: [(0, 1)]})
    Traceback (most recent call last):
    derandkit.errors.InputError: the list under 0 holds pairs, such as (0, 1): the edges of one of several ...
    """
    rows = {str(u): list(row) for u, row in obj.items()}
    items = [item for row in rows.values() for item in row]
    if not items or not all(isinstance(item, (tuple, list)) and len(item) == 2 for item in items):
        return
    if any(isinstance(key, tuple) for key in obj):
        return
    if not all(is_real(item[1]) for item in items):
        odd = all(isinstance(x, str) for item in items for x in item)
    else:
        firsts = {u: [str(item[0]) for item in row] for u, row in rows.items()}
        ends = all(_WHOLE.fullmatch(str(x)) for item in items for x in item)
        twice = any(len(set(row)) < len(row) for row in firsts.values())
        own = [str(item[1]) for u, row in rows.items() for item in row if str(item[0]) == u]
        diagonal = len(own) == len(rows) and len(set(own)) == 1 and not twice
        long = {u: row for u, row in rows.items() if len(row) > 1}
        apart = not {first for row in firsts.values() for first in row} & rows.keys()
        paths = all(
            any(str(item[1]) in firsts[u] and str(item[1]) != str(item[0]) for item in row)
            for u, row in long.items()
        )
        odd = ends and (twice or (bool(own) and not diagonal) or (bool(long) and apart and paths))
    if odd:
        u, first = next((u, next(iter(row))) for u, row in obj.items() if row)
        raise InputError(
            f"the list under {u!r} holds pairs, such as {first!r}: the edges of one of several graphs, or neighbours "
            "with their weights? Give the list of edges of one graph, or write neighbours as {u: {v: weight}}"
        )


def refuse_attributes(obj: Mapping[Any, Any]) -> None:
    """Refuse mappings of the same words to numbers, none of which is a key: rows of a table, or neighbours.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_attributes({"A": {"x": 1, "y": 2}, "B": {"x": 3, "y": 4}})
    Traceback (most recent call last):
    derandkit.errors.InputError: 'x' and 'y' under every key may be attributes of vertices, or their neighbours; ...
    """
    rows = list(obj.values())
    names = list(rows[0])
    if (
        len(rows) < 2
        or len(names) < 2
        or not all(isinstance(name, str) and name not in obj for name in names)
    ):
        return
    if all(row.keys() == rows[0].keys() and all(map(is_real, row.values())) for row in rows):
        raise InputError(
            f"{names[0]!r} and {names[1]!r} under every key may be attributes of vertices, or their neighbours; pass "
            "pandas.DataFrame(...) for a table, or edges as tuples (u, v, weight)"
        )


def refuse_symmetric(rows: Sequence[object]) -> None:
    """Refuse three tuples of three numbers that are a symmetric matrix with zeros, or ones, on its diagonal.

    As edges they name one pair in both directions, with two weights, and another one with the weight on the diagonal.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_symmetric([(0, 1, 5), (1, 2, 3), (0, 2, 2)])
    >>> refuse_symmetric([(0, 5, 2), (5, 0, 3), (2, 3, 0)])
    Traceback (most recent call last):
    derandkit.errors.InputError: three tuples of three numbers may be a symmetric matrix, or edges; pass ...
    """
    if len(rows) != 3 or not all(isinstance(row, (tuple, list)) and len(row) == 3 for row in rows):
        return
    cells = [x for row in rows if isinstance(row, (tuple, list)) for x in row]
    if not all(is_real(x) or isinstance(x, (bool, np.bool_)) for x in cells):
        return
    A = np.array([loose_float(x) for x in cells]).reshape(3, 3)
    if (A == A.T).all() and (A.diagonal() == A[0, 0]).all() and A[0, 0] in (0, 1) and A[0, 1] != A[0, 0]:
        raise InputError(
            "three tuples of three numbers may be a symmetric matrix, or edges; pass numpy.array(...) for a matrix, or "
            "{(u, v): weight}"
        )


def refuse_order(edges: Sequence[tuple[Any, Any, Any]]) -> None:
    """Refuse triples whose first item may be the number of a row, or whose first or second item may be the weight.

    ``frame.itertuples(name=None)`` begins each row with its index, and gives the columns in the order of the frame.
    Whole numbers in another order look like edges unless the first ones count 0, 1, 2, ... and an edge would
    join a vertex to itself.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_order([(0, 1, 0.5), (1, 2, 1.5), (2, 0, 1)])
    >>> refuse_order([(0, 0, 1), (1, 1, 2), (2, 0, 2)])
    Traceback (most recent call last):
    derandkit.errors.InputError: (0, 0, 1) may be an edge (u, v, weight), or a row's number and the ends of an ...
    >>> refuse_order([(0.5, 0, 1), (1.5, 1, 2)])
    Traceback (most recent call last):
    derandkit.errors.InputError: the ends of (0.5, 0, 1) and others are not all whole but the last items are: an ...
    """
    if not edges or not all(is_real(x) for edge in edges for x in edge):
        return
    whole = [all(is_whole(edge[k]) for edge in edges) for k in range(3)]
    if whole in ([False, True, True], [True, False, True]):
        raise InputError(
            f"the ends of {edges[0]!r} and others are not all whole but the last items are: an edge list in the order "
            "(u, v, weight), or does the weight stand before an end? Pass {(u, v): weight}, or tuples in this order"
        )
    if len(edges) > 2 and all(whole):
        counted = all(edge[0] == k for k, edge in enumerate(edges))
        if counted and any(u == v for u, v, _ in edges) and all(v != w for _, v, w in edges):
            raise InputError(
                f"{edges[0]!r} may be an edge (u, v, weight), or a row's number and the ends of an edge, as "
                "frame.itertuples writes them; leave the number out (index=False), or pass {(u, v): weight}"
            )
