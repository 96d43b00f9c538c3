"""GraphML and GML through networkx, npz through scipy, with their many errors turned into one line each.

Node names that are all integers in the usual spelling become integers, as in an edge list, so that the same graph
gives the same labels whatever file it comes from.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any
from xml.etree.ElementTree import ParseError

from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.readers.text import is_integer


def read_graphml(data: bytes, path: str, *, weight: str | None) -> WeightedGraph:
    """Read the one undirected graph of a GraphML file.

    Parameters
    ----------
    data : bytes
        Uncompressed content.
    path : str
        For messages.
    weight : str or None
        Name of the edge attribute that holds the weight (``attr.name``); an edge without it weighs 1.

    Raises
    ------
    InputError
        Not well-formed, several graphs, a directed graph, or weights that are not finite real numbers.

    Examples
    --------
    >>> text = b'<graphml><graph edgedefault="undirected"><node id="a"/><node id="b"/>'
    >>> read_graphml(text + b'<edge source="a" target="b"/></graph></graphml>', "-", weight="weight")
    WeightedGraph(n=2, m=1, total_weight=1)
    """
    import networkx as nx  # type: ignore[import-untyped, unused-ignore]

    graphs = len(re.findall(rb"<(?:\w+:)?graph[\s>]", data))
    if graphs > 1:
        raise InputError(f"the file holds {graphs} graphs; a cut needs one", path=path)
    try:
        G = nx.read_graphml(io.BytesIO(data))
    except ParseError as error:
        raise InputError(f"not well-formed XML: {error}", path=path, line=error.position[0]) from None
    except (nx.NetworkXException, ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"cannot be read as GraphML: {_reason(error)}", path=path) from None
    return _from_networkx(G, path, weight, 'set edgedefault="undirected"')


def read_gml(data: bytes, path: str, *, weight: str | None) -> WeightedGraph:
    r"""Read an undirected GML file; nodes without labels go by their ids.

    Parameters
    ----------
    data : bytes
        Uncompressed content in UTF-8.
    path : str
        For messages.
    weight : str or None
        Name of the edge attribute that holds the weight; an edge without it weighs 1.

    Raises
    ------
    InputError
        Not GML, a directed graph, or weights that are not finite real numbers.

    Examples
    --------
    >>> text = b"graph [\n node [ id 1 ]\n node [ id 2 ]\n edge [ source 1 target 2 weight 3 ]\n]\n"
    >>> read_gml(text, "-", weight="weight")
    WeightedGraph(n=2, m=1, total_weight=3)
    """
    import networkx as nx

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"not UTF-8 text (byte 0x{data[error.start]:02x})", path=path, line=line) from None
    label = "label" if re.search(r"\blabel\s", text) else "id"
    try:
        G = nx.parse_gml(text, label=label)
    except (nx.NetworkXException, ValueError, LookupError, TypeError, AttributeError) as error:
        reason = _reason(error)
        found = re.search(r"at \((\d+), \d+\)|line (\d+)", reason)
        line_at = int(found.group(1) or found.group(2)) if found else None
        raise InputError(f"cannot be read as GML: {reason}", path=path, line=line_at) from None
    return _from_networkx(G, path, weight, "set 'directed 0'")


def read_npz(data: bytes, path: str, *, weighted: bool) -> WeightedGraph:
    """Read a matrix written by `scipy.sparse.save_npz`; vertices are labelled 0..n-1.

    Raises
    ------
    InputError
        Not such a file, or a matrix that is not square, symmetric, real and finite.

    Examples
    --------
    >>> import scipy.sparse
    >>> file = io.BytesIO()
    >>> scipy.sparse.save_npz(file, scipy.sparse.csr_array([[0, 4], [4, 0]]))
    >>> read_npz(file.getvalue(), "-", weighted=True)
    WeightedGraph(n=2, m=1, total_weight=4)
    """
    import scipy.sparse

    try:
        matrix = scipy.sparse.load_npz(io.BytesIO(data))
        if hasattr(matrix, "check_format"):
            matrix.check_format(full_check=True)
    except (ValueError, LookupError, TypeError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(
            f"cannot be read as a matrix of scipy.sparse.save_npz: {_reason(error)}", path=path
        ) from None
    graph = WeightedGraph.from_scipy(matrix)
    return graph if weighted else graph.unweighted()


def _from_networkx(G: Any, path: str, weight: str | None, advice: str) -> WeightedGraph:
    import networkx as nx

    if G.is_directed():
        raise InputError(f"the graph is directed; a cut needs an undirected one: {advice}", path=path)
    if weight not in (None, "weight") and G.number_of_edges():
        known = sorted({str(name) for _, _, attributes in G.edges(data=True) for name in attributes})
        if weight not in known:
            has = f"they have {', '.join(known)}" if known else "they have no attributes"
            raise InputError(f"no edge has an attribute {weight!r}; {has}", path=path)
    names = list(G.nodes)
    if names and all(isinstance(name, str) and is_integer(name.encode()) for name in names):
        G = nx.relabel_nodes(G, {name: int(name) for name in names})
    return WeightedGraph.from_networkx(G, weight)


def _reason(error: BaseException) -> str:
    """First line of an exception's message."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
