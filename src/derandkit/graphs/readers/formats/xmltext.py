"""What networkx does not look at in GraphML and GEXF: names of versions, edges that share an id, stray weights."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError, iterparse

from derandkit.errors import InputError
from derandkit.graphs.readers.text import is_number
from derandkit.graphs.weights import WEIGHTS

_GEXF_TAG = re.compile(rb"<(?:(\w+):)?gexf\b[^<>]*>")
_NAMESPACE = re.compile(rb"""(xmlns(?::\w+)?\s*=\s*)(["'])((?:(?!gexf)[^"'<>])*gexf[^"'<>]*)\2""")
_EDGE = re.compile(rb"<(?:\w+:)?edge[\s/>]")
_EDGE_WITH_WEIGHT = re.compile(
    rb"<(?:\w+:)?edge\b[^<>]*\s(?:" + "|".join(WEIGHTS).encode() + rb")\s*=", re.IGNORECASE
)

#: How edges say whether they are directed, and how the graph says it of all of them.
_DIRECTED = {
    "GraphML": ("directed", "edgedefault", {"true": "directed", "false": "undirected"}),
    "GEXF": ("type", "defaultedgetype", {"directed": "directed", "undirected": "undirected"}),
}

#: A number in base 16 as ``%a`` of C writes it, within the data of a key.
_HEX = re.compile(
    rb"""(<(?:\w+:)?data key=["']([^"'<>]*)["']>)\s*"""
    rb"""([+-]?0[xX][0-9a-fA-F]{1,40}(?:\.[0-9a-fA-F]{0,40})?[pP][+-]?[0-9]{1,6})(?=\s*<)"""
)
_REAL = re.compile(rb"""attr\.type\s*=\s*["'](?:float|double)["']""")


def with_one_direction(data: bytes, what: str) -> bytes:
    """Return a file whose graph says what all of its edges say of their direction, where it says the contrary.

    Gephi writes ``type="undirected"`` at every edge of a graph that is directed by default, which networkx refuses.

    Parameters
    ----------
    data : bytes
        The file.
    what : {"GraphML", "GEXF"}

    Examples
    --------
    >>> with_one_direction(b'<graph edgedefault="directed"><edge directed="false"/></graph>', "GraphML")
    b'<graph edgedefault="undirected"><edge/></graph>'
    """
    mark, default, values = _DIRECTED[what]
    at_edge = re.compile(rb"""(<(?:\w+:)?edge\b[^<>]*?)\s%s\s*=\s*(?:"[^"<]*"|'[^'<]*')""" % mark.encode())
    if b"<!ENTITY" in data or not at_edge.search(data):
        return data
    try:
        stated = {
            element.get(mark)
            for _, element in iterparse(io.BytesIO(data))
            if element.tag.rpartition("}")[2] == "edge"
        }
    except ParseError:  # as the reader will say
        return data
    one = values.get(next(iter(stated)) or "") if len(stated) == 1 else None
    graph = re.search(rb"<(?:\w+:)?graph\b[^<>]*>", data)
    if one is None or graph is None:
        return data
    tag = re.sub(rb"""\s%s\s*=\s*(?:"[^"<]*"|'[^'<]*')""" % default.encode(), b"", graph[0])
    tag = re.sub(rb"graph\b", f'graph {default}="{one}"'.encode(), tag, count=1)
    return data[: graph.start()] + tag + at_edge.sub(rb"\1", data[graph.end() :])


def plain_gexf(data: bytes) -> bytes:
    """Return a GEXF file under the name of the version that networkx knows and that is nearest to its own.

    Tools write ``http://www.gexf.net/1.3``, ``http://gexf.net/1.2``, ``https://...`` and no name at all.

    Raises
    ------
    InputError
        The graph changes with time.

    Examples
    --------
    >>> plain_gexf(b'<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">')
    b'<gexf xmlns="http://www.gexf.net/1.2draft" xmlns:viz="http://www.gexf.net/1.2draft/viz" version="1.3">'
    >>> plain_gexf(b'<gexf version="1.2">')
    b'<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">'
    """
    if re.search(rb'<(?:\w+:)?graph[^<>]*mode\s*=\s*["\']dynamic', data):
        raise InputError("the graph changes with time (mode='dynamic'); export one state of it")
    timed = re.search(rb"<(?:\w+:)?spell[\s/>]", data)
    if timed is None and b"timeformat" not in data:
        timed = re.search(rb"<(?:\w+:)?(?:node|edge)\b[^<>]*\s(?:start|end)\s*=", data)
    if timed is not None:
        line = data.count(b"\n", 0, timed.start()) + 1
        raise InputError("nodes or edges have times (start, end); export one state of the graph", line=line)
    found = _GEXF_TAG.search(data)
    if found is None:
        return data

    def known(name: re.Match[bytes]) -> bytes:
        version = b"1.1draft" if b"/1.1" in name[3] else b"1.2draft"
        tail = b"/viz" if name[3].rstrip(b"/").endswith(b"viz") else b""
        return name[1] + name[2] + b"http://www.gexf.net/" + version + tail + name[2]

    tag = _NAMESPACE.sub(known, found[0])
    if found[1] is None and not re.search(rb"\sxmlns\s*=", tag):
        tag = tag.replace(b"<gexf", b'<gexf xmlns="http://www.gexf.net/1.2draft"', 1)
    return data[: found.start()] + tag + data[found.end() :]


def check_edge_ids(data: bytes, kept: int, what: str) -> None:
    """Refuse edges with the same ends and the same id: networkx keeps the last of them alone.

    Parameters
    ----------
    data : bytes
        The file.
    kept : int
        How many edges networkx made of it.
    what : str
        The format, for messages.

    Raises
    ------
    InputError
        It names the first two edges that share an id.
    """
    if len(_EDGE.findall(data)) <= kept:
        return
    seen: set[tuple[frozenset[str], str]] = set()
    edges = 0
    for ends, name, mutual in _edges(data):
        edges += 1 + mutual
        if name is not None and (ends, name) in seen and not mutual:
            u, v = sorted(ends) if len(ends) == 2 else [*ends] * 2
            raise InputError(
                f"two edges between {u!r} and {v!r} share the id {name!r}: one edge that is listed twice, or two; give "
                "every edge an id of its own, or list it once"
            )
        seen.add((ends, name or ""))
    if edges > kept:
        raise InputError(
            f"{edges} edges are listed, but networkx keeps only {kept} of them, by their ids; give every edge of "
            f"the {what} file an id of its own"
        )


def _edges(data: bytes) -> Iterator[tuple[frozenset[str], str | None, bool]]:
    """Yield the ends of each edge of a GraphML or GEXF file, its id, and whether it counts in both directions."""
    for _, element in iterparse(io.BytesIO(data)):
        if element.tag.rpartition("}")[2] == "edge":
            ends = frozenset((element.get("source", ""), element.get("target", "")))
            yield ends, element.get("id"), element.get("type") == "mutual"


def check_stray_weights(data: bytes) -> None:
    """Refuse weights of GraphML that are attributes of XML, where the format has elements: no tool reads them.

    Parameters
    ----------
    data : bytes
        A file that is well-formed.

    Raises
    ------
    InputError
        It names the first one.
    """
    if not _EDGE_WITH_WEIGHT.search(data):
        return
    for _, element in iterparse(io.BytesIO(data)):
        if element.tag.rpartition("}")[2] != "edge":
            continue
        for name, value in element.items():
            if name.lower() in WEIGHTS and is_number(value.strip().encode()):
                raise InputError(
                    f"the edge ({element.get('source')!r}, {element.get('target')!r}) has {name}={value!r} as an "
                    "attribute of XML, which GraphML does not know: write it as <data key=...>, or say --unweighted "
                    "(weight=None) if it does not count"
                )


def with_decimal_numbers(data: bytes) -> bytes:
    """Return GraphML whose numbers in base 16, as graph-tool writes ``double`` without loss, are in base 10.

    Examples
    --------
    >>> text = b'<key id="w" for="edge" attr.name="w" attr.type="double"/><data key="w">0x1.8p+1</data>'
    >>> with_decimal_numbers(text).rpartition(b"/>")[2]
    b'<data key="w">3.0</data>'
    """
    if not _HEX.search(data):
        return data
    real = {
        found[1]
        for key in re.findall(rb"<(?:\w+:)?key\b[^<>]*>", data)
        if _REAL.search(key) and (found := re.search(rb"""\sid\s*=\s*["']([^"']*)["']""", key))
    }

    def written(found: re.Match[bytes]) -> bytes:
        try:
            value = float.fromhex(found[3].decode())
        except OverflowError:
            return found[0]
        return found[1] + repr(value).encode() if found[2] in real else found[0]

    return _HEX.sub(written, data)
