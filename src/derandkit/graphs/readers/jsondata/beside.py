"""What stands beside the edges of node-link data and the like: lists that may be their weights are refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from derandkit.errors import InputError
from derandkit.graphs.objects.signs import sign_of
from derandkit.graphs.readers.text import is_number
from derandkit.graphs.reading import ReadOptions
from derandkit.graphs.weights import WEIGHTS, is_real
from derandkit.records import JsonObject

#: Keys that say what the graph is, not what its edges weigh.
_KNOWN = frozenset(
    [
        "nodes", "vertices", "edges", "links", "hyperedges", "adjacency", "elements", "directed", "multigraph", "graph",
        "graphs", "options", "attributes", "attrs", "data", "metadata", "type", "label", "id", "name",
    ]
)  # fmt: skip
_NESTED = ("graph", "attributes", "attrs", "data", "metadata")
_PLURALS = {f"{word}s" for word in WEIGHTS} | {"capacities", "similarities"}


def beside(content: JsonObject, form: str, edges: Collection[int], options: ReadOptions) -> tuple[str, ...]:
    """Return what has to be said about the keys that stand beside the edges and are not read.

    Parameters
    ----------
    content : dict
        The whole object.
    form : str
        Key of the edges.
    edges : collection of int
        Numbers of entries that a list with one entry an edge may have.
    options : ReadOptions
        Where ``weight`` is None, nothing can be taken for weights.

    Raises
    ------
    InputError
        A key holds what may be the weights of the edges: its name says so, or it has as many numbers as there are
        edges. It names both keys.

    Examples
    --------
    >>> beside({"edges": [["a", "b"]], "n": 5}, "edges", {1}, ReadOptions())
    ("'n' beside 'edges' is not used",)
    >>> beside({"edges": [["a", "b"]], "weights": [5]}, "edges", {1}, ReadOptions())
    Traceback (most recent call last):
    derandkit.errors.InputError: 'weights' beside 'edges' may hold the weights of the edges, which are read from ...
    """
    said = []
    for key, value in content.items():
        if key in _NESTED and isinstance(value, dict):
            for name, inner in value.items():
                if _is_weight(name) and _size(inner) in edges:
                    _check(name, form, options)
        if key in _KNOWN or not (_size(value) or is_real(value)):
            continue
        if (_is_weight(key) and not (key.lower() == "value" and is_real(value))) or (
            _size(value) in edges and _may_weigh(value)
        ):
            _check(key, form, options)
        if is_real(value) or _may_weigh(value):
            said.append(key)
    return (f"{', '.join(map(repr, said[:5]))} beside {form!r} is not used",) if said else ()


def _check(key: str, form: str, options: ReadOptions) -> None:
    if options.weight is not None:
        raise InputError(
            f"{key!r} beside {form!r} may hold the weights of the edges, which are read from {form!r} alone, or "
            "something else; write each weight into its edge, as [u, v, weight], remove the key, or say --unweighted "
            "(weight=None in Python)"
        )


def _is_weight(key: object) -> bool:
    """Whether a name, such as ``edgeWeights`` or ``edge_weights``, is one of weights."""
    if not isinstance(key, str):
        return False
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key))
    return any(word.lower() in WEIGHTS or word.lower() in _PLURALS for word in words)


def _size(value: object) -> int:
    return len(value) if isinstance(value, (list, tuple, Mapping)) else 0


def _may_weigh(value: object) -> bool:
    """Whether some entry of a list or mapping is a number, a sign, or a mapping with one."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return False
    return any(
        is_real(item)
        or (isinstance(item, str) and (is_number(item.encode()) or sign_of(item) is not None))
        or (isinstance(item, Mapping) and any(map(is_real, item.values())))
        for item in value
    )
