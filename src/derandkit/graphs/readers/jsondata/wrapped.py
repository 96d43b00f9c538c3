"""Edges inside an answer of a web service: ``{"data": [...]}``, results of SPARQL, and JSON that holds no graph."""

from __future__ import annotations

import re
from dataclasses import replace

from derandkit.errors import InputError
from derandkit.graphs.directions import with_remarks
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.objects.columns import ends_among
from derandkit.graphs.readers.jsondata.forms import graph_of_records
from derandkit.graphs.readers.text import is_number
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import is_real
from derandkit.numerics.ranges import exact_or_decimal
from derandkit.records import JsonObject, short_line

#: Keys under which an answer holds an object with the nodes and edges of a graph.
_ENVELOPES = ("data", "graph", "network", "payload", "response", "result")
#: Keys that say that there are more pages, and keys of the number of all entries.
_NEXT = re.compile(
    r"next(?:page|cursor|link|token|url|href|pagetoken)?|odatanextlink|has(?:next|more)(?:page)?|more|truncated"
    r"|incompleteresults|exceededtransferlimit"
)
_TOTAL = re.compile(
    r"(?:total|count|size|records)(?:count|items|records|results|edges|rows|size)?|recordstotal"
)
_EDGES = ("edges", "links")
#: The ends of the names of types of numbers in XML Schema.
_INTEGERS = ("integer", "int", "long", "short", "byte")
_REALS = ("decimal", "double", "float")


#: Keys of services for models of bits or signs.
_POLYNOMIALS = ("binary_polynomial", "binary_polynomials", "cost_function", "penalty_binary_polynomial")


def refuse_foreign_json(content: object) -> None:
    """Refuse JSON of other tools that holds edges in a form of its own, by the name of the tool.

    Raises
    ------
    InputError
        A polynomial, a Sankey diagram of Plotly, an answer of the Overpass API, shapes of a map, or a CX file of
        Cytoscape.

    Examples
    --------
    >>> refuse_foreign_json({"edges": [["a", "b"]]})
    >>> refuse_foreign_json([{"CXVersion": "2.0"}, {"nodes": []}])
    Traceback (most recent call last):
    derandkit.errors.InputError: the JSON is a CX file of Cytoscape and NDEx; open it in Cytoscape, and export ...
    """
    if isinstance(content, list):
        keys = {key for item in content[:2] if isinstance(item, dict) for key in item}
        if keys & {"CXVersion", "numberVerification"}:
            raise InputError(
                "the JSON is a CX file of Cytoscape and NDEx; open it in Cytoscape, and export GraphML or .cyjs"
            )
    inner = content.get("data") if isinstance(content, dict) and "data" in content else content
    traces = inner if isinstance(inner, list) else [inner]
    if any(isinstance(trace, dict) and _is_sankey(trace) for trace in traces):
        raise InputError(
            "the JSON is a Sankey diagram of Plotly, whose link.source and link.target are places in node.label; write "
            "the edges as objects with 'source', 'target' and 'value'"
        )
    if isinstance(content, dict) and any(_holds_terms(content.get(key)) for key in _POLYNOMIALS):
        raise InputError(
            "the JSON holds the terms of a polynomial, as annealers take them, and no graph; pass its terms as "
            "{(i, j): coefficient} to derandkit.minimize_qubo or minimize_ising"
        )
    if isinstance(content, dict) and content.get("type") in ("FeatureCollection", "Topology"):
        raise InputError(
            "the JSON holds shapes of a map (GeoJSON, TopoJSON), whose lines are lists of points; make a graph of it, "
            "with momepy for example, and write GraphML"
        )
    if isinstance(content, dict) and isinstance(content.get("elements"), list):
        kinds = {item.get("type") for item in content["elements"] if isinstance(item, dict)}
        if "osm3s" in content or kinds & {"way", "relation"}:
            raise InputError(
                "the JSON is an answer of the Overpass API of OpenStreetMap, whose ways are lists of points; make a "
                "graph of it, with osmnx for example, and write GraphML"
            )


def _holds_terms(value: object) -> bool:
    """Whether a value of JSON is a polynomial, or a list of them."""
    parts = value if isinstance(value, list) else [value]
    return bool(parts) and all(
        isinstance(part, dict) and isinstance(part.get("terms"), list) for part in parts
    )


def _is_sankey(trace: JsonObject) -> bool:
    link = trace.get("link")
    columns = isinstance(link, dict) and all(isinstance(link.get(key), list) for key in ("source", "target"))
    return columns and (trace.get("type") == "sankey" or isinstance(trace.get("node"), dict))


def opened(content: JsonObject) -> tuple[JsonObject, str]:
    """Return the object inside an envelope such as ``{"data": {"nodes": [...], "edges": [...]}}``, and its key.

    Examples
    --------
    >>> opened({"data": {"edges": [["a", "b"]]}, "errors": None})
    ({'edges': [['a', 'b']]}, 'data')
    >>> opened({"a": {"b": 5}})
    ({'a': {'b': 5}}, '')
    """
    full = [key for key, value in content.items() if isinstance(value, (list, dict)) and value]
    if len(full) != 1 or full[0] not in _ENVELOPES:
        return content, ""
    inner = content[full[0]]
    if not isinstance(inner, dict) or not any(isinstance(inner.get(key), list) for key in _EDGES):
        return content, ""
    return inner, full[0]


def graph_of_answer(content: JsonObject, options: ReadOptions) -> WeightedGraph | None:
    """Graph of a list of edges as objects under one key, beside what describes the list; None if there is none.

    Raises
    ------
    InputError
        There are several such lists, or the keys of the objects do not say which are the ends.

    Examples
    --------
    >>> graph_of_answer({"count": 1, "data": [{"source": "a", "target": "b"}]}, ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=1)
    """
    if {"schema", "data"} <= content.keys():  # a frame of pandas
        return None
    lists = [key for key, value in content.items() if _are_records(value)]
    others = [value for key, value in content.items() if key not in lists]
    if not lists or any(isinstance(value, list) and value for value in others):
        return None
    if len(lists) > 1:
        raise InputError(
            f"the JSON has lists of objects under {' and '.join(map(repr, lists[:3]))}; write the list of edges alone, "
            "or {'nodes': [...], 'links': [...]}"
        )
    (key,) = lists
    if key == "children":  # nx.tree_data, d3.hierarchy
        raise InputError(
            "the JSON is a tree under 'children', no graph that is read; write its edges as [parent, child]"
        )
    rows = content[key]
    names = list(dict.fromkeys(name for row in rows for name in row))
    if ends_among(names) is None:
        raise InputError(
            f"the objects under {key!r} have the keys {', '.join(map(repr, names[:5]))}; name the ends of each edge "
            "'source' and 'target'"
        )
    refuse_pages(content, key, len(rows))
    graph = graph_of_records(rows, options)
    unused = [name for name in content if name != key]
    verb = "is" if len(unused) == 1 else "are"
    said = (f"{', '.join(map(repr, unused[:5]))} beside {key!r} {verb} not used",) if unused else ()
    return with_remarks(graph, said, last=True)


def refuse_pages(content: JsonObject, key: str, count: int, *, within: bool = True) -> None:
    """Refuse a list beside which it stands that it goes on, such as ``"next": "https://..."`` or a greater total.

    Parameters
    ----------
    content : dict
        What stands beside the list.
    key : str
        Where the list is.
    count : int
        How many edges it holds.
    within : bool
        Look into other objects too; those of a graph may hold attributes of any name.

    Raises
    ------
    InputError
        It names what says so.
    """
    inner = [value for name, value in content.items() if isinstance(value, dict) and name != key and within]
    for name, value in (item for part in (content, *inner) for item in part.items()):
        plain = re.sub(r"[^a-z]", "", str(name).lower())
        more = _NEXT.fullmatch(plain) and (value is True or (isinstance(value, (str, dict)) and value))
        written = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 18
        number = int(value) if written else value
        total = _TOTAL.fullmatch(plain) and is_real(number) and number > count
        if more or total:
            raise InputError(
                f"{name!r} is {short_line(repr(value))[:60]}, and {key!r} holds {count} edges: one page of many; "
                "put the pages together"
            )


def _are_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def graph_of_sparql(content: JsonObject, options: ReadOptions) -> WeightedGraph | None:
    """Graph of the results of a SPARQL query, one row an edge; None if the object holds none.

    Raises
    ------
    InputError
        Two terms of other kinds are written alike, a row lacks an end, or it is not clear which variables are the ends.

    Examples
    --------
    >>> rows = [{"a": {"type": "uri", "value": "x:1"}, "b": {"type": "uri", "value": "x:2"}}]
    >>> graph_of_sparql({"head": {"vars": ["a", "b"]}, "results": {"bindings": rows}}, ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=1)
    """
    head, results = content.get("head"), content.get("results")
    if not isinstance(head, dict) or not isinstance(results, dict):
        return None
    names, rows = head.get("vars"), results.get("bindings")
    if not isinstance(names, list) or not isinstance(rows, list):
        return None
    if not all(isinstance(row, dict) and all(isinstance(x, dict) for x in row.values()) for row in rows):
        raise InputError("the results of SPARQL hold a row that binds no terms")
    if not rows:
        raise InputError("the results of SPARQL hold no rows, so that there is no edge")
    kinds: dict[object, object] = {}
    table = [{str(name): _value(row.get(str(name)), kinds) for name in names} for row in rows]
    graph = graph_of_records(table, options)
    return replace(graph, reading=replace(graph.reading or Reading(""), format="results of SPARQL"))


def _value(term: JsonObject | None, kinds: dict[object, object]) -> object:
    """Return the number or the text of a term; `kinds` holds the kind of every text that came before."""
    if term is None:
        return None
    text, kind = term.get("value"), term.get("type")
    if not isinstance(text, str):
        raise InputError(f"the results of SPARQL hold the term {term!r}, whose value is no text")
    name = str(term.get("datatype", "")).rpartition("#")[2].lower()
    if is_number(text.encode()) and name.endswith(_INTEGERS) and text.lstrip("+-").isdigit():
        return int(text) if len(text) < 400 else text
    if is_number(text.encode()) and name.endswith(_REALS):
        return exact_or_decimal(text)
    other = kinds.setdefault(text, (kind, term.get("xml:lang"), term.get("datatype")))
    if other != (kind, term.get("xml:lang"), term.get("datatype")):
        raise InputError(
            f"the results of SPARQL hold {text!r} as terms of two kinds: one vertex, or two? Select str(...)"
        )
    return f"_:{text}" if kind == "bnode" else text
