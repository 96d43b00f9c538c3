"""Whether mappings and tuples in memory that could be edges are tables, or edges in another order, as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from derandkit.errors import InputError
from derandkit.graphs.weights import is_real


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
    pairs = [item for item in items if isinstance(item, tuple) and len(item) == 2]
    if not pairs or len(pairs) < len(items):
        return
    for at, what in ((0, "an edge with its weight"), (1, "a number and an edge")):
        if all(isinstance(item[at], tuple) and len(item[at]) in (2, 3) for item in pairs) and all(
            is_real(item[1 - at]) for item in pairs
        ):
            raise InputError(
                f"{pairs[0]!r} may be {what}, or an edge between {pairs[0][0]!r} and {pairs[0][1]!r}; pass a mapping "
                "{(u, v): weight}, or tuples (u, v, weight)"
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
    whole = [all(float(edge[k]).is_integer() for edge in edges) for k in range(3)]
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
