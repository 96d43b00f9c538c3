"""Graph files in, told apart by what is in them; text files out.

The content decides the format and the name only breaks ties: compressed data, archives, Matrix Market, GraphML and
GML announce themselves, and everything else is a table of edges (see `derandkit.graphs.readers.edgelist` for how an
edge list is told from a rudy file). A table under a name that promises one of the others is an error, not a guess.
"""

from __future__ import annotations

import difflib
import gzip
import os
import re
import sys
import zlib
from collections.abc import Hashable
from typing import Any, TextIO

from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.objects import graph_of
from derandkit.graphs.readers.edgelist import read_table
from derandkit.graphs.readers.markup import read_gml, read_graphml, read_npz
from derandkit.graphs.readers.matrixmarket import BANNER, read_matrix_market
from derandkit.graphs.readers.text import is_integer
from derandkit.graphs.reading import ReadOptions

FORMATS = ("auto", "edgelist", "rudy", "matrixmarket", "graphml", "gml", "npz")
_TABLES = ("edgelist", "rudy")  # the two that do not announce themselves

_EXTENSIONS = {
    ".edgelist": "edgelist",
    ".edges": "edgelist",
    ".el": "edgelist",
    ".csv": "edgelist",
    ".tsv": "edgelist",
    ".rudy": "rudy",
    ".rud": "rudy",
    ".mc": "rudy",
    ".gset": "rudy",
    ".mtx": "matrixmarket",
    ".mm": "matrixmarket",
    ".graphml": "graphml",
    ".gml": "gml",
    ".npz": "npz",
}
_GSET_NAME = re.compile(r"G[1-9][0-9]?")
_FOREIGN = {
    b"BZh": "bzip2-compressed",
    b"\xfd7zXZ\x00": "xz-compressed",
    b"\x28\xb5\x2f\xfd": "zstd-compressed",
    b"\x93NUMPY": "a NumPy array, not a graph",
    b"\x89HDF": "an HDF5 file",
    b"%PDF-": "a PDF document",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


def read_graph(
    path: str | os.PathLike[str], *, input_format: str = "auto", weight: str | None = "weight"
) -> WeightedGraph:
    r"""Read a graph from a file.

    Parameters
    ----------
    path : str or PathLike
        The file; ``"-"`` reads standard input. Content compressed with gzip is recognised whatever its name.
    input_format : {"auto", "edgelist", "rudy", "matrixmarket", "graphml", "gml", "npz"}
        What the file is. ``"auto"`` tells by content, and by name where content allows two readings.
    weight : str or None
        Edge attribute that holds the weight in GraphML and GML; other formats have one weight column at most.
        None: every edge weighs 1, and parallel edges still add up.

    Returns
    -------
    WeightedGraph
        Labels are 1..n for rudy and Matrix Market, 0..n-1 for npz, and the names in the file otherwise; names that
        are all integers in the usual spelling become integers.

    Raises
    ------
    InputError
        One line that names the file, the line where there is one, what is wrong and what to do.

    Notes
    -----
    Edge lists and rudy files: columns are separated by blanks, tabs or commas (labels can hold none of these); all
    lines have two columns, or all have three; lines that begin with ``#`` or ``%`` are comments, a comment behind an
    edge is an error. Loops are dropped and parallel edges summed, and both are counted; note that a file which lists
    both ``u v`` and ``v u`` lists the edge twice. Integer weights must be exact in float64.

    About one second for each million edges of integers, O(file size) memory.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "square.edgelist")
    ...     _ = file.write_text("a b 1\nb c 2\nc d 3\nd a 4\n")
    ...     read_graph(file)
    WeightedGraph(n=4, m=4, total_weight=10)
    """
    if input_format not in FORMATS:
        near = difflib.get_close_matches(str(input_format).lower(), FORMATS, n=3, cutoff=0.4) or FORMATS
        raise InputError(f"unknown input format {input_format!r}; did you mean {' or '.join(near)}?")
    name = os.fsdecode(path)
    data = _content(name)
    promised = _promised_format(name)
    seen = _seen_format(data, name)
    if input_format != "auto" and seen != ("table" if input_format in _TABLES else input_format):
        looks = "a table of edges" if seen == "table" else seen
        raise InputError(
            f"the content is not {input_format}, it looks like {looks}: correct --input-format", path=name
        )
    if input_format == "auto" and seen == "table" and promised not in (None, *_TABLES):
        raise InputError(
            f"the name says {promised} but the content is a table of edges; rename it or say which with "
            "--input-format edgelist or rudy",
            path=name,
        )
    try:
        return _read(data, name, seen, input_format, promised, weight)
    except InputError as error:
        if error.path is not None:
            raise
        raise InputError(error.message, path=name, line=error.line) from None
    except MemoryError:
        raise InputError("a graph of this size does not fit in memory", path=name) from None


def _read(
    data: bytes, name: str, seen: str, input_format: str, promised: str | None, weight: str | None
) -> WeightedGraph:
    if seen == "npz":
        return read_npz(data, name, weighted=weight is not None)
    if seen == "matrixmarket":
        return read_matrix_market(data, name, weighted=weight is not None)
    if seen == "graphml":
        return read_graphml(data, name, weight=weight)
    if seen == "gml":
        return read_gml(data, name, weight=weight)
    hint = promised if promised in _TABLES else None
    return read_table(data, name, kind=input_format, hint=hint, weighted=weight is not None)


def _content(name: str) -> bytes:
    """Bytes of the file, uncompressed and without a byte order mark."""
    try:
        if name == "-":
            data = sys.stdin.buffer.read()
        else:
            with open(name, "rb") as file:
                data = file.read()
    except FileNotFoundError:
        raise InputError("no such file", path=name) from None
    except IsADirectoryError:
        raise InputError("is a directory; give a file", path=name) from None
    except PermissionError:
        raise InputError("no permission to read the file", path=name) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=name) from None
    if data.startswith(b"\x1f\x8b"):
        try:
            data = gzip.decompress(data)
        except (EOFError, zlib.error, OSError) as error:
            raise InputError(
                f"the gzip data is damaged or cut short ({error}); fetch it again", path=name
            ) from None
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise InputError("the file is empty", path=name)
    return data


def _promised_format(name: str) -> str | None:
    """Format that a file's name announces."""
    base = os.path.basename(name)
    base = base[:-3] if base.lower().endswith(".gz") else base
    if _GSET_NAME.fullmatch(base):
        return "rudy"
    return _EXTENSIONS.get(os.path.splitext(base)[1].lower())


def _seen_format(data: bytes, name: str) -> str:
    """Format that the content announces; ``"table"`` for plain text that announces nothing."""
    if data.startswith(b"PK\x03\x04"):
        return "npz"
    for magic, what in _FOREIGN.items():
        if data.startswith(magic) and (magic != b"BZh" or data[4:10] == b"1AY&SY"):
            raise InputError(
                f"the file is {what}; convert it to a plain or gzip-compressed graph file", path=name
            )
    nul = data.find(b"\0")
    if nul >= 0:
        raise InputError(f"the file is binary (NUL byte at offset {nul}); no graph format matches", path=name)
    if BANNER.match(data):
        return "matrixmarket"
    head = data[:65536].lstrip()
    if re.match(rb"<[?!\w]", head):
        if re.search(rb"<(?:\w+:)?graphml[\s>]", head):
            return "graphml"
        if data.rstrip().endswith(b">"):
            raise InputError(
                "the file is XML but not GraphML; export it as GraphML or an edge list", path=name
            )
    # A GML file is nested key-value pairs around 'graph ['; no edge list ends in a closing bracket of its own.
    if re.search(rb"(?m)^\s*graph\s*\[", head) and data.rstrip().endswith(b"]"):
        return "gml"
    return "table"


def write_edgelist(graph: WeightedGraph, file: TextIO) -> None:
    r"""Write ``u v weight`` lines in canonical order; `read_graph` gives back the same graph.

    Parameters
    ----------
    graph : WeightedGraph
        Its labels are all integers, or all strings that a line can hold.
    file : text stream
        An isolated vertex v becomes the loop ``v v 0``, which readers drop without losing the vertex.

    Raises
    ------
    InputError
        A label is neither integer nor string, holds a blank or comma, begins with a comment sign, or all labels
        are strings that would be read back as integers.

    Examples
    --------
    >>> write_edgelist(WeightedGraph.from_edges([0, 0], [1, 2], [3, -1], n=4), sys.stdout)
    0 1 3
    0 2 -1
    3 3 0
    """
    names = [_written_label(label) for label in graph.labels]
    kinds = {type(label) for label in graph.labels}
    if kinds == {str} and all(is_integer(name.encode()) for name in names):
        raise InputError(
            "all labels are strings of digits, which would come back as integers; relabel with int"
        )
    if len(kinds) > 1:
        raise InputError("labels mix integers and strings; relabel the vertices with one of them")
    i, j, _ = graph.edges()
    text = _weight_texts(graph)
    ends = zip(i.tolist(), j.tolist(), text, strict=True)
    file.writelines(f"{names[a]} {names[b]} {x}\n" for a, b, x in ends)
    file.writelines(f"{names[v]} {names[v]} 0\n" for v in (graph.degrees == 0).nonzero()[0].tolist())


def write_rudy(graph: WeightedGraph, file: TextIO) -> None:
    r"""Write a header ``n m`` and ``i j weight`` lines in canonical order, vertices numbered 1..n.

    Labels are replaced by numbers; a graph whose labels are 1..n is given back unchanged by `read_graph`.

    Examples
    --------
    >>> write_rudy(WeightedGraph.from_edges([0, 0], [1, 2], [0.5, -1], n=4), sys.stdout)
    4 2
    1 2 0.5
    1 3 -1.0
    """
    i, j, _ = graph.edges()
    text = _weight_texts(graph)
    file.write(f"{graph.n} {graph.m}\n")
    ends = zip((i + 1).tolist(), (j + 1).tolist(), text, strict=True)
    file.writelines(f"{a} {b} {x}\n" for a, b, x in ends)


def _weight_texts(graph: WeightedGraph) -> list[str]:
    """Each edge's weight: integers as integers, else the shortest decimal that reads back the same."""
    values = graph.edges()[2].tolist()
    return [str(int(value)) for value in values] if graph.integral else [repr(value) for value in values]


def _written_label(label: Hashable) -> str:
    """Text of a label that one column of an edge list can hold."""
    if type(label) is int:
        return str(label)
    if not isinstance(label, str):
        raise InputError(
            f"label {label!r} is neither integer nor string; relabel the vertices, or write rudy"
        )
    if (
        not label
        or label[0] in "#%"
        or not label.isprintable()
        or any(c.isspace() or c == "," for c in label)
    ):
        raise InputError(f"label {label!r} does not fit a column of an edge list; relabel, or write GraphML")
    return label


def as_graph(obj: Any, *, weight: str | None = "weight", symmetrize: str | None = None) -> WeightedGraph:
    """Turn whatever describes a graph into a `WeightedGraph`.

    Parameters
    ----------
    obj : object
        One of these:

        * a `WeightedGraph`; a networkx, igraph or rustworkx graph (node names become labels);
        * a string, PathLike or open file, read by `read_graph`;
        * a SciPy sparse matrix, or a square array of NumPy, torch, jax or the like: a symmetric adjacency matrix. In a
          dense one zeros are no edges; True weighs 1; masked entries are no edges. A 2 x 2 or 3 x 3 array is never read
          as edges;
        * a pandas or polars frame: an edge list (columns ``source``, ``target`` and a weight, or two or three columns
          of any names), or an adjacency matrix whose index and columns are the same labels; a series over pairs;
        * a mapping ``{(u, v): weight}``, ``{u: {v: weight}}``, ``{u: {v: attributes}}`` or ``{u: [v, ...]}``, where an
          edge that is listed in both directions counts once;
        * a sequence or an (m, 2) or (m, 3) array of edges ``(u, v)`` or ``(u, v, weight)``; a dict in third place holds
          attributes. An edge that is listed twice counts twice.
    weight : str or None
        Attribute or column that holds the weight. The default ``"weight"``, where no edge has it, gives way to the
        only attribute of numbers (``.reading`` names it); several are refused. None gives every edge weight 1
        (parallel edges still add up).
    symmetrize : {"sum", "mean", "max"}, optional
        What an edge weighs whose two directions have weights of their own: in a directed graph, a matrix that is not
        symmetric, a mapping. The mean is half the sum; the maximum leaves out a direction that is not there.

    Returns
    -------
    WeightedGraph
        ``.reading`` says what the object was taken for.

    Raises
    ------
    InputError
        `obj` is none of these or could be two of them, or what it describes is not an undirected graph with finite real
        weights.

    Examples
    --------
    >>> as_graph([("b", "a"), ("a", "c", 2.5)])
    WeightedGraph(n=3, m=2, total_weight=3.5)
    >>> as_graph([[0, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    WeightedGraph(n=4, m=2, total_weight=3)
    >>> as_graph({("a", "b"): 5, ("b", "c"): -3})
    WeightedGraph(n=3, m=2, total_weight=2)
    """
    if isinstance(obj, (str, os.PathLike)):
        return read_graph(obj, weight=weight)
    return graph_of(obj, ReadOptions(weight=weight, symmetrize=symmetrize))
