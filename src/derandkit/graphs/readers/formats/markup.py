"""Formats that networkx reads: GraphML, GML, GEXF, JSON and graph6, with their many errors turned into one line each.

Node names that are all integers in the usual spelling become integers, as in an edge list, so that the same graph
gives the same labels whatever file it comes from.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError, iterparse

from derandkit.errors import InputError, first_line
from derandkit.graphs.content import check_order, check_values
from derandkit.graphs.directions import are_mirrored
from derandkit.graphs.formats import AUTO_WEIGHT
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.libraries import graph_from_attributes
from derandkit.graphs.readers.arrays.matrices import integer_labels
from derandkit.graphs.readers.formats.xmltext import (
    check_edge_ids,
    check_stray_weights,
    plain_gexf,
    with_decimal_numbers,
    with_one_direction,
)
from derandkit.graphs.readers.formats.xmlvalues import check_edges
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import refuse_drawn_numbers
from derandkit.numerics.ranges import refuse_out_of_range
from derandkit.numerics.rounding import DECIMAL
from derandkit.tables import counted, repeated

if TYPE_CHECKING:
    import networkx as nx

#: Keys that some programs write with capitals.
_GML_KEYS = re.compile(r'"[^"]*"|\b(?:Graph|Node|Edge|Id|Label|Source|Target|Directed)\b')
_GML_PARTS = re.compile(r'"[^"]*"|#[^\n]*|[\[\]]|\b(?:[Nn]ode|[Ee]dge)\b(?=\s{0,99}\[)')
_GRAPH = re.compile(r"(?m)^([^\S\n]*graph\s*\[)")
_MULTIGRAPH = re.compile(r"\bmultigraph\s+\d")
_UNDIRECTED_GML = re.compile(r"(?m)^[^\S\n]*directed[^\S\n]+0[^\S\n]*$")
_IGRAPH = re.compile(rb"<!-- Created by igraph -->|Creator \"igraph")
#: NetworKit writes the name of the space of names so, which networkx then does not find.
_NETWORKIT = re.compile(rb"(<graphml\s(?:[^>]*\s)?)xmlnsi=")
_UNDIRECTED = re.compile(rb"""((?:edgedefault|defaultedgetype|\btype)\s*=\s*["'])undirected""")
_MOST_BRACKETS = 100  # that GML may nest
_NONE: Mapping[str, object] = MappingProxyType({})
_NODE = 16  # times as much as a vertex of ours is what networkx takes for one
_DEFAULT = re.compile(rb"<(?:[\w.-]+:)?default[\s/>]")
_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?(?:node|edge)[\s/>]")


def read_graphml(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    """Read the one graph of a GraphML file.

    Parameters
    ----------
    data : bytes
        Uncompressed content.
    name : str
        Of the file.
    options : ReadOptions
        ``weight`` (an ``attr.name``) and ``symmetrize`` count.

    Raises
    ------
    InputError
        Not well-formed, several graphs, a directed graph without ``symmetrize``, or weights that are not finite real
        numbers.

    Examples
    --------
    >>> text = b'<graphml><graph edgedefault="undirected"><node id="a"/><node id="b"/>'
    >>> read_graphml(text + b'<edge source="a" target="b"/></graph></graphml>', "-", ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=1)
    """
    import networkx as nx

    graphs = len(re.findall(rb"<(?:\w+:)?graph[\s>]", data))
    if graphs > 1:
        raise InputError(f"the file holds {graphs} graphs; a cut needs one")
    data = _NETWORKIT.sub(rb"\1xmlns=", with_one_direction(with_decimal_numbers(data), "GraphML"), count=1)
    G, remarks = _by_name(_parse_xml(nx.read_graphml, data, "GraphML"), data)
    if options.weight is not None:
        check_stray_weights(data)
    _check_ranges(G, data)
    defaults = {**_defaults_for_all(data), **G.graph["edge_default"]}
    if _lists_both_directions(G, data):
        arcs = _parse_xml(nx.read_graphml, _UNDIRECTED.sub(rb"\1directed", data), "GraphML")
        return _from_list(_by_name(arcs, data)[0], "GraphML file", options, remarks, defaults)
    return _from_networkx(G, "GraphML file", options, 'set edgedefault="undirected"', remarks, defaults)


def read_gexf(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    """Read a GEXF file of Gephi; nodes go by their ids.

    Raises
    ------
    InputError
        Not well-formed, no GEXF, a graph that changes with time, or a directed graph without ``symmetrize``.
    """
    import networkx as nx

    data = with_one_direction(plain_gexf(data), "GEXF")
    G = _parse_xml(nx.read_gexf, data, "GEXF")
    _check_ranges(G, data)
    defaults = G.graph["edge_default"]
    if _lists_both_directions(G, data):
        arcs = _parse_xml(nx.read_gexf, _UNDIRECTED.sub(rb"\1directed", _with_type(data)), "GEXF")
        return _from_list(arcs, "GEXF file", options, (), defaults)
    return _from_networkx(G, "GEXF file", options, 'set defaultedgetype="undirected"', (), defaults)


def _lists_both_directions(G: nx.Graph[str], data: bytes) -> bool:
    """Whether the file lists every edge in both directions: networkx keeps no direction of undirected edges.

    It reads a multigraph where two edges have the same ends; other files are not looked at again.
    """
    if G.is_directed() or not G.is_multigraph():
        return False
    edges = [
        (element.get("source"), element.get("target"))
        for _, element in iterparse(io.BytesIO(data))
        if element.tag.rpartition("}")[2] == "edge"
    ]
    return are_mirrored(edges)


def _with_type(data: bytes) -> bytes:
    """Write out the type of edges that GEXF leaves out where they are undirected."""
    if re.search(rb"<(?:\w+:)?graph\b[^<>]*defaultedgetype", data):
        return data
    return re.sub(rb"(<(?:\w+:)?graph)\b", rb'\1 defaultedgetype="undirected"', data, count=1)


def _from_list(
    G: Any, what: str, options: ReadOptions, remarks: tuple[str, ...], defaults: Mapping[str, object]
) -> WeightedGraph:
    """Graph of arcs that are the two directions of undirected edges."""
    names = list(G.nodes)
    label = dict(zip(names, integer_labels(names), strict=True))
    said = tuple(_with_defaults(G, defaults).values())
    edges = [(label[u], label[v]) for u, v in G.edges()]
    attributes = [values for _, _, values in G.edges(data=True)]
    return graph_from_attributes(
        edges, attributes, list(label.values()), options, what, directed=False, listed=True,
        remarks=(*remarks, *said),
    )  # fmt: skip


def _defaults_for_all(data: bytes) -> dict[str, object]:
    """Defaults of the GraphML attributes of everything, of edges among it; networkx keeps those of edges alone."""
    kinds = {"int": int, "long": int, "float": float, "double": float}
    found: dict[str, object] = {}
    for event, element in iterparse(io.BytesIO(data), ("start", "end")):
        tag = element.tag.rpartition("}")[2]
        if tag == "graph":
            break  # keys stand above it
        if event == "end" and tag == "key" and element.get("for", "all") == "all":
            value = next(
                (below.text or "" for below in element if below.tag.rpartition("}")[2] == "default"), None
            )
            if value is not None:
                name = element.get("attr.name", element.get("id", ""))
                try:
                    found[name] = kinds.get(element.get("attr.type", ""), str)(value)
                except ValueError:
                    raise InputError(f"the default {value!r} of attribute {name!r} is no number") from None
    return found


def _with_defaults(G: Any, defaults: Mapping[str, object]) -> dict[str, str]:
    """Give every edge the default of each attribute that it lacks; returns what to say of each such attribute."""
    said: dict[str, str] = {}
    edges = [attributes for _, _, attributes in G.edges(data=True)]
    for name, value in defaults.items():
        lacking = [attributes for attributes in edges if name not in attributes]
        for attributes in lacking:
            attributes[name] = value
        if lacking:
            verb = "has" if len(lacking) == 1 else "have"
            takes = "takes" if len(lacking) == 1 else "take"
            said[name] = (
                f"{len(lacking)} of {counted(len(edges), 'edge')} {verb} no {name!r} and {takes} its default {value!r}"
            )
    return said


def _check_ranges(G: Any, data: bytes) -> None:
    """Refuse attributes of edges that are zero or infinite because float64 cannot hold what is written."""
    refuse_out_of_range(data, (value for _, _, edge in G.edges(data=True) for value in edge.values()))


def _by_name(G: Any, data: bytes) -> tuple[Any, tuple[str, ...]]:
    """Let vertices go by their attribute ``name`` where igraph wrote the file: it numbers them apart from that."""
    import networkx as nx

    if not _IGRAPH.search(data[:4096]):
        return G, ()
    names = [attributes.get("name") for _, attributes in G.nodes(data=True)]
    if all(isinstance(name, (str, int)) for name in names) and len(set(names)) == len(names):
        return nx.relabel_nodes(G, dict(zip(G, names, strict=True))), ("vertices go by their 'name'",)
    if all(re.fullmatch(r"n\d+", str(v)) for v in G):
        return nx.relabel_nodes(G, {v: int(v[1:]) for v in G}), ()
    return G, ()


def _parse_xml(read: Callable[[io.BytesIO], Any], data: bytes, what: str) -> Any:

    if b"<!ENTITY" in data:
        raise InputError("the XML defines entities, which can grow without limit; write them out")
    check_values(len(_DEFAULT.findall(data)) * len(_ELEMENT.findall(data)), len(data))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # attributes without a declared type
            check_edges(data)
            G = read(io.BytesIO(data))
        _check_nodes(G, data)
        check_edge_ids(data, G.number_of_edges(), what)
        return G
    except InputError:
        raise
    except ParseError as error:
        raise InputError(f"not well-formed XML: {error}", line=error.position[0]) from None
    except faults() as error:
        why = reason(error)
        bad = re.search(r"could not convert string to float: '([^']+)'$", why)
        at = -1 if bad is None else data.find(b">" + bad[1].encode())
        why += "; write numbers with a decimal point" if bad is not None and "," in bad[1] else ""
        raise InputError(
            f"cannot be read as {what}: {why}", line=data.count(b"\n", 0, at) + 1 if at >= 0 else None
        ) from None


def _check_nodes(G: Any, data: bytes) -> None:
    """Refuse two nodes with one id, and edges that end at no node: networkx merges the first and adds the second."""
    ids = [
        element.get("id")
        for _, element in iterparse(io.BytesIO(data))
        if element.tag.rpartition("}")[2] == "node"
    ]
    known, twice = set(ids), repeated(ids)
    if twice is not None:
        raise InputError(f"two nodes share the id {twice!r}")
    for u, v in G.edges():
        odd = next((end for end in (u, v) if end not in known), None)
        if odd is not None:
            raise InputError(f"edge ({u!r}, {v!r}) ends at {odd!r}, a node that is not listed")


def read_gml(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    r"""Read a GML file; nodes without labels go by their ids.

    Raises
    ------
    InputError
        Not GML, a directed graph without ``symmetrize``, or weights that are not finite real numbers.

    Examples
    --------
    >>> text = b"graph [\n node [ id 1 ]\n node [ id 2 ]\n edge [ source 1 target 2 weight 3 ]\n]\n"
    >>> read_gml(text, "-", ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=3)
    """
    import networkx as nx

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"not UTF-8 text (byte 0x{data[error.start]:02x})", line=line) from None
    text = _with_reals(text)
    depth = 0
    for found in _GML_PARTS.finditer(text):
        stray = depth == 0 and found[0][0] in "NnEe"
        depth += {"[": 1, "]": -1}.get(found[0], 0)
        if stray or depth > _MOST_BRACKETS:
            line = text.count("\n", 0, found.start()) + 1
            why = f"{found[0]!r} stands outside of 'graph [ ... ]', where it does not count"
            raise InputError(
                why if stray else f"brackets are nested more than {_MOST_BRACKETS} deep", line=line
            )
    text = _GML_KEYS.sub(lambda key: key[0] if key[0].startswith('"') else key[0].lower(), text)
    said: tuple[str, ...] = ()
    listed = False
    try:
        try:
            G = nx.parse_gml(text, label="id")
        except nx.NetworkXError as error:
            if "is duplicated" not in str(error) or _MULTIGRAPH.search(text):
                raise
            text = _GRAPH.sub(r"\1\n multigraph 1", text, count=1)
            G = nx.parse_gml(text, label="id")
            said = ("edges with the same ends add up, though the file does not say 'multigraph 1'",)
            arcs = nx.parse_gml(
                _GRAPH.sub(r"\1\n directed 1", _UNDIRECTED_GML.sub("", text), count=1), label="id"
            )
            if not G.is_directed() and are_mirrored(list(arcs.edges())):
                G, listed = arcs, True
    except faults() as error:
        why = reason(error)
        why += "; write 'multigraph 1' if edges may be parallel" if "is duplicated" in why else ""
        place = re.search(r"at \((\d+), \d+\)|line (\d+)", why)
        line_at = int(place.group(1) or place.group(2)) if place else None
        raise InputError(f"cannot be read as GML: {why}", line=line_at) from None
    G, remarks = _by_label(G) if not _IGRAPH.search(data[:4096]) else _by_name(G, data)
    _check_ranges(G, data)
    if options.weight is AUTO_WEIGHT:
        refuse_drawn_numbers([edge for _, _, edge in G.edges(data=True)])
    if listed:
        return _from_list(G, "GML file", options, remarks, _NONE)
    return _from_networkx(G, "GML file", options, "set 'directed 0'", (*remarks, *said))


def _by_label(G: Any) -> tuple[Any, tuple[str, ...]]:
    """Let vertices of a GML file go by their labels where all have one of their own; without labels they go by ids.

    Raises
    ------
    InputError
        Some nodes have a label and some have none, or one has several.
    """
    import networkx as nx

    labels = [node.pop("label", None) for _, node in G.nodes(data=True)]
    for at, label in zip(G, labels, strict=True):
        if isinstance(label, (list, dict)):  # a key that a node has twice, or one with parts
            raise InputError(f"the node with id {at!r} has several labels; leave one")
    if None in labels:
        if any(label is not None for label in labels):
            at = list(G)[labels.index(None)]
            raise InputError(f"some nodes have a label, and the node with id {at!r} has none")
        return G, ()
    if len(set(labels)) < len(labels):
        return G, ("labels of nodes occur twice, so vertices go by their ids",)
    return nx.relabel_nodes(G, dict(zip(G, labels, strict=True))), ()


def _with_reals(text: str) -> str:
    """GML in which ``1e-05``, as igraph writes it, has the point that networkx expects of a real number.

    Raises
    ------
    InputError
        Letters or digits stand behind a number without a blank, which networkx takes for another key.
    """

    def mended(found: re.Match[str]) -> str:
        token = found[0]
        if token[0] == '"':
            return token
        if re.fullmatch(r"[+-]?[0-9]+[eE][+-]?[0-9]+", token):
            return re.sub("[eE]", ".0e", token)
        if not re.fullmatch(DECIMAL, token):
            line = text.count("\n", 0, found.start()) + 1
            raise InputError(f"{token[:40]!r} is not a number of GML; put text in quotation marks", line=line)
        return token

    return re.sub(r'"[^"]*"|(?<![^\s\[\]])[+-]?\.?[0-9][^\s\[\]]*', mended, text)


def read_graph6(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    r"""Read one graph in graph6 or sparse6; vertices are labelled 0..n-1.

    Raises
    ------
    InputError
        Damaged, or several graphs.

    Examples
    --------
    >>> read_graph6(b">>graph6<<Dhc\n", "-", ReadOptions())
    WeightedGraph(n=5, m=5, total_weight=5)
    """
    import networkx as nx
    from networkx.readwrite.graph6 import data_to_n

    lines = data.split()
    if len(lines) > 1:
        raise InputError(
            f"the file holds {len(lines)} graphs, one a line; a cut needs one: write one graph a "
            "file (split -l 1), and give maxcut all of them with --input-format graph6; in Python networkx.read_graph6"
        )
    text = lines[0]
    sparse = text.removeprefix(b">>sparse6<<").startswith(b":")
    body = text.removeprefix(b">>sparse6<<").removeprefix(b">>graph6<<").removeprefix(b":")
    try:
        if any(not 63 <= byte < 127 for byte in body):
            raise ValueError("a character stands outside the format")
        n = int(data_to_n([byte - 63 for byte in body[:8]])[0])  # type: ignore[no-untyped-call, unused-ignore]
        check_order(n, weight=_NODE)
        parse: Any = nx.from_sparse6_bytes if sparse else nx.from_graph6_bytes
        G = parse(text)
    except (nx.NetworkXException, ValueError, LookupError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"cannot be read as {'sparse6' if sparse else 'graph6'}: {reason(error)}") from None
    return _from_networkx(G, "sparse6 file" if sparse else "graph6 file", options, "")


def _from_networkx(
    G: Any,
    what: str,
    options: ReadOptions,
    advice: str,
    remarks: tuple[str, ...] = (),
    defaults: Mapping[str, object] = _NONE,
) -> WeightedGraph:
    """Graph of what networkx read, with integer names as integers, and the file's defaults for attributes of edges."""
    import networkx as nx

    if G.is_directed() and options.symmetrize is None:
        raise InputError(
            f"the graph is directed; a cut needs an undirected one: {advice}, or say what an edge weighs with "
            "--symmetrize sum, mean or max (symmetrize= of derandkit.maxcut or as_graph)"
        )
    names = list(G.nodes)
    labels = integer_labels(names)
    if labels != names:
        G = nx.relabel_nodes(G, dict(zip(names, labels, strict=True)))
    said = _with_defaults(G, defaults)
    graph = WeightedGraph.from_networkx(G, options.weight, symmetrize=options.symmetrize)
    reading = graph.reading or Reading(what)
    if reading.weight is not None and reading.weight in said:
        remarks = (*remarks, said[reading.weight])
    return replace(graph, reading=replace(reading, format=what, remarks=(*remarks, *reading.remarks)))


def graph_of_networkx(G: object, what: str, options: ReadOptions) -> WeightedGraph:
    """Turn what a reader made with networkx into a graph; integer names become integers."""
    return _from_networkx(G, what, options, "make it undirected")


def faults() -> tuple[type[Exception], ...]:
    """Exceptions that networkx raises for a file that is not what it should be."""
    import networkx as nx

    return nx.NetworkXException, ValueError, LookupError, TypeError, AttributeError, RuntimeError


def reason(error: BaseException) -> str:
    """First line of an exception's message, cut short when it is long; that of a KeyError is the key alone."""
    text = first_line(error).replace("No active exception to reraise", "it has a form of no such file")
    return f"nothing is known of {text}" if isinstance(error, KeyError) else text
