"""Graph files, recognised by what is in them.

The content decides the format; the name decides only where the content leaves a choice. Archives, and formats that
begin in a way of their own, are recognised by that; everything else is a table (`derandkit.graphs.readers.decide` says
how an edge list differs from a rudy file). A table under a name that promises one of the others is an error, not a
guess.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from typing import IO, Any

from derandkit.arrays.columnar import ARROW, STREAM
from derandkit.content import extension, read_bytes, refuse_lone_returns, unpacked
from derandkit.errors import InputError
from derandkit.graphs.content import from_utf16, plain_text, refuse_foreign
from derandkit.graphs.directions import with_remarks
from derandkit.graphs.formats import (
    AUTO_WEIGHT,
    PLAIN,
    PROBLEMS,
    TABLE,
    GraphFormat,
    GraphReader,
    Symmetrize,
    WeightName,
    problem_refusal,
    promised_format,
)
from derandkit.graphs.formats import FORMATS as FORMATS
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.labels import said_of_case
from derandkit.graphs.objects.kinds import graph_of
from derandkit.graphs.objects.lookalikes import said_of_dates
from derandkit.graphs.objects.times import said_of_fills
from derandkit.graphs.readers.arrays.columnar import read_parquet
from derandkit.graphs.readers.arrays.matlab import MATLAB, read_mat
from derandkit.graphs.readers.arrays.matrices import read_npy, read_npz
from derandkit.graphs.readers.arrays.matrixmarket import BANNER, read_matrix_market
from derandkit.graphs.readers.edgelist import read_table
from derandkit.graphs.readers.formats import dot
from derandkit.graphs.readers.formats.adjacency import (
    NETWORKX_HEADER,
    looks_like_lgl,
    read_adjlist,
    read_lgl,
    read_metis,
)
from derandkit.graphs.readers.formats.dimacs import is_dimacs, read_dimacs, refuse_problems
from derandkit.graphs.readers.formats.markup import read_gexf, read_gml, read_graph6, read_graphml
from derandkit.graphs.readers.formats.pajek import read_pajek
from derandkit.graphs.readers.jsondata.jsongraph import read_json
from derandkit.graphs.readers.outside import read_outside, reader_for
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.numerals import writable_numbers

Reader = Callable[[bytes, str, ReadOptions], WeightedGraph]
_READERS: dict[str, Reader] = {
    "adjlist": read_adjlist,
    "lgl": read_lgl,
    "metis": read_metis,
    "dimacs": read_dimacs,
    "matrixmarket": lambda data, name, options: read_matrix_market(data, name, options=options),
    "pajek": read_pajek,
    "dot": dot.read_dot,
    "graphml": read_graphml,
    "gml": read_gml,
    "gexf": read_gexf,
    "json": read_json,
    "graph6": read_graph6,
    "sparse6": read_graph6,
    "npy": read_npy,
    "npz": read_npz,
    "mat": read_mat,
    "parquet": read_parquet,
}
_TABLES = ("edgelist", "rudy", "matrix")


def read_graph(
    path: str | os.PathLike[str] | IO[str] | IO[bytes],
    *,
    input_format: GraphFormat | GraphReader = "auto",
    weight: WeightName = AUTO_WEIGHT,
    header: bool | None = None,
    separator: str | None = None,
    comments: str | None = None,
    symmetrize: Symmetrize | None = None,
) -> WeightedGraph:
    r"""Read a graph from a file.

    Parameters
    ----------
    path : str, PathLike or open file
        The file; ``"-"`` reads standard input. Content compressed with gzip, bzip2 or xz is recognised whatever its
        name.
    input_format : str or GraphReader
        What the file is: ``"edgelist"``, ``"rudy"``, ``"matrix"`` (numbers in a text), ``"adjlist"``, ``"lgl"``,
        ``"metis"``, ``"dimacs"``, ``"matrixmarket"``, ``"pajek"``, ``"dot"``, ``"graphml"``, ``"gml"``, ``"gexf"``,
        ``"json"``, ``"graph6"``, ``"sparse6"``, ``"npy"``, ``"npz"``, ``"mat"`` or ``"parquet"`` (Feather too).
        ``"auto"`` decides by content, and by name where content allows two readings. A `derandkit.GraphReader` reads a
        format that derandkit does not have.
    weight : str or None
        Column or edge attribute that holds the weight; the file must have it. By default ``"weight"``, or where there
        is none the only other one with numbers (``.reading`` names it); several are refused. None: every edge weighs
        1, and parallel edges still add up.
    header : bool, optional
        Whether the first line of a table names its columns. By default a line of words is a header if its names are
        known (``source``, ``target``, ``weight`` and the like) and no vertex has them; where it could be an edge as
        well, it is refused.
    separator : str, optional
        What separates columns: ``"blank"`` (blanks and tabs), ``"tab"``, ``"comma"``, ``"semicolon"``, ``"bar"`` or one
        character. By default what makes all lines equally wide.
    comments : str, optional
        Signs that begin a comment line, ``"#%"`` by default; ``"none"`` for labels that begin with them.
    symmetrize : {"sum", "mean", "max"}, optional
        How two directions with different weights become one edge (directed graphs, matrices that are not
        symmetric); the mean is half the sum. A table that lists every edge in both directions with one weight lists
        each edge once unless ``symmetrize`` is given.

    Returns
    -------
    WeightedGraph
        Labels are 1..n for rudy, METIS, DIMACS, Matrix Market and MATLAB, 0..n-1 for npy, npz and matrices without
        names, and the names in the file otherwise; names that are all integers in the usual spelling become integers.
        ``.reading`` says how the file was read.

    Raises
    ------
    InputError
        One line that names the file, the line where there is one, what is wrong and what to do.

    Notes
    -----
    In tables all lines have two columns, or all have three, unless a header names them. Lines that begin with ``#`` or
    ``%`` are comments, and so is what follows a ``#`` behind an edge. Loops are dropped and parallel edges summed, and
    both are counted. Integer weights must be exact in float64. Text that is not UTF-8 is read as Latin-1
    or Windows-1252.

    About one second for each million edges of integers, O(file size) memory. A file may have 2 GiB after decompression;
    the environment variable ``DERANDKIT_MAX_BYTES`` raises this limit.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "square.csv")
    ...     _ = file.write_text("source;target;km\na;b;1,5\nb;c;2\nc;d;3\nd;a;4\n")
    ...     graph = read_graph(file)
    >>> graph
    WeightedGraph(n=4, m=4, total_weight=10.5)
    >>> print(graph.reading)
    edge list, semicolon-separated, 3 columns: source target km; 1 header line
    """
    return read_with(path, ReadOptions(input_format, weight, header, separator, comments, symmetrize))


def read_with(path: str | os.PathLike[str] | IO[str] | IO[bytes], options: ReadOptions) -> WeightedGraph:
    """Read a graph from a file as the options say; `read_graph` describes them.

    Raises
    ------
    InputError
        As `read_graph` does.
    """
    data, name = read_bytes(path)
    try:
        return _saying(with_weight(_read(data, name, options), options.weight), options)
    except InputError as error:
        if error.path is not None:
            raise
        raise InputError(error.message, path=name, line=error.line) from None
    except MemoryError:
        raise InputError("a graph of this size does not fit in memory", path=name) from None


@writable_numbers()
def _read(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    data, _ = unpacked(data)
    data, remarks = from_utf16(data.removeprefix(b"\xef\xbb\xbf"))
    if not data.strip():
        raise InputError("the file is empty")
    wanted = options.input_format
    if isinstance(wanted, GraphReader):
        return read_outside(wanted, data, name, options)
    if wanted == "auto" and (outside := reader_for(extension(name))) is not None:
        return read_outside(outside, data, name, options)
    promised = promised_format(name)
    seen = seen_format(data)
    if seen not in ("npy", "npz", "mat", "parquet", "graphml", "gexf", "gml"):
        data, latin = plain_text(data)
        remarks += latin
        if b"\n" not in data:
            data = data.replace(b"\r", b"\n")  # line ends of old Macs
        elif b'"' not in data:  # names in quotation marks may go over lines
            refuse_lone_returns(data.decode("utf-8", "replace") if b"\r" in data else "")
        data = data.removesuffix(b"\x1a")  # the end of files of DOS
    if wanted != "auto" and seen not in (wanted, "table" if wanted in PLAIN else wanted):
        looks = "a table of edges" if seen == "table" else seen
        raise InputError(f"the content is not {wanted}, it looks like {looks}: correct --input-format")
    if wanted == "auto" and seen == "table":
        if promised not in (None, *PLAIN):
            raise InputError(
                f"the name says {promised} but the content is a table of edges; rename it or say which with "
                "--input-format edgelist or rudy"
            )
        if extension(name) in PROBLEMS:
            raise InputError(problem_refusal(*PROBLEMS[extension(name)]))
    chosen = wanted if wanted != "auto" else seen
    if chosen == "table":
        named = promised if promised in PLAIN and promised not in _TABLES else None
        chosen = named or ("adjlist" if NETWORKX_HEADER.match(data) else "table")
        if chosen == "table" and wanted == "auto" and options.comments is None and looks_like_lgl(data):
            chosen = "lgl"
    if chosen in _READERS:
        graph = _READERS[chosen](data, name, options)
    else:
        hint = promised if promised in _TABLES else None
        graph = read_table(data, name, kind=wanted, hint=hint, options=options)
    if not remarks:
        return graph
    reading = graph.reading or Reading(TABLE[promised].title if promised else "table")
    return replace(graph, reading=replace(reading, remarks=(*reading.remarks, *remarks)))


def _saying(graph: WeightedGraph, options: ReadOptions) -> WeightedGraph:
    """Return the graph with what has to be said of its labels and weights."""
    if graph.reading is None:
        return graph
    remarks = said_of_case(graph.labels) + said_of_dates(graph.labels)
    if options.weight is not None and options.input_format == "auto" and not graph.reading.weighed:
        remarks += said_of_fills(graph.weights)  # of a graph; in tables and matrices they are refused
    remarks = tuple(remark for remark in remarks if remark not in graph.reading.remarks)
    return with_remarks(graph, remarks, last=True)


def with_weight(graph: WeightedGraph, weight: WeightName) -> WeightedGraph:
    """Return the graph if it has its weights from the column or attribute that was named, or none was.

    Raises
    ------
    InputError
        The input has no names for its weights, so that the one that was given means nothing.
    """
    if weight is None or weight is AUTO_WEIGHT:
        return graph
    if graph.reading is None:  # made by the user, without a source: its weights are called "weight"
        if weight == "weight":
            return graph
        raise InputError(
            f"no attribute is named {weight!r}: the graph is a WeightedGraph, which has its weights"
        )
    if graph.reading.weight == weight or weight.lower() in [
        name.strip().lower() for name in graph.reading.columns
    ]:
        return graph
    raise InputError(
        f"no column or attribute is named {weight!r}: the input was read as {graph.reading}, which names none"
    )


def seen_format(data: bytes) -> str:
    r"""Format that the content announces; ``"table"`` for plain text that announces nothing.

    Raises
    ------
    InputError
        The content is no graph.

    Examples
    --------
    >>> seen_format(b"graph { a -- b }"), seen_format(b"*Vertices 2\n"), seen_format(b"a b\n")
    ('dot', 'pajek', 'table')
    """
    refuse_foreign(data)
    if data.startswith(b"PK\x03\x04"):
        return "npz"
    if data.startswith(b"\x93NUMPY"):
        return "npy"
    if data.startswith(MATLAB):
        return "mat"
    if data.startswith((*ARROW, STREAM)):
        return "parquet"
    nul = data.find(b"\0")
    if nul >= 0:
        raise InputError(f"the file is binary (NUL byte at offset {nul}); no graph format matches")
    if BANNER.match(data):
        return "matrixmarket"
    if data.startswith((b">>graph6<<", b">>sparse6<<")):
        return data[2:9].decode().rstrip("<")
    head = data[:65536].lstrip()
    last = data.rstrip()[-1:]
    if re.match(rb"<[?!\w]", head):
        found = re.search(rb"<(?:\w+:)?(graphml|gexf)[\s>]", head)
        if found:
            return found[1].decode()
        if last == b">":
            raise InputError(
                "the file is XML but not GraphML or GEXF; export it as one of these or an edge list"
            )
    # A GML file is nested key-value pairs around 'graph ['; no edge list ends in a closing bracket of its own.
    # Blanks within the line only: '^' with '\s*' would look at a run of empty lines again from each of them.
    if re.search(rb"(?mi)^[^\S\n]*graph\s*\[(?!\s*\{)", head) and last == b"]":
        return "gml"
    if (head[:1] + last) in (b"{}", b"[]"):
        return "json"
    if re.match(rb"(?:%[^\n]*\n|/\*[^\n]*\n)*\*(?:vertices|network)\b", head, re.IGNORECASE):
        return "pajek"
    if last == b"}" and dot.START.match(head):
        return "dot"
    refuse_problems(data)
    if is_dimacs(head):
        return "dimacs"
    return "table"


def as_graph(
    obj: object,
    *,
    input_format: GraphFormat | GraphReader = "auto",
    weight: WeightName = AUTO_WEIGHT,
    symmetrize: Symmetrize | None = None,
) -> WeightedGraph:
    """Turn whatever describes a graph into a `WeightedGraph`.

    Parameters
    ----------
    obj : object
        One of these:

        * a `WeightedGraph`; a graph of networkx, igraph, rustworkx or graph-tool (node names become labels);
        * a string, PathLike or open file, read by `read_graph`;
        * a SciPy sparse matrix, or a square array of NumPy, torch, jax or the like: a symmetric adjacency matrix. In a
          dense one zeros are no edges; True weighs 1; masked entries are no edges. A 2 x 2 or 3 x 3 array is never read
          as edges;
        * a pandas or polars frame: an edge list (columns ``source``, ``target`` and a weight, or two or three columns
          of any names), or an adjacency matrix whose index and columns are the same labels; a series over pairs;
        * a mapping ``{(u, v): weight}``, ``{u: {v: weight}}``, ``{u: {v: attributes}}`` or ``{u: [v, ...]}``, where an
          edge that is listed in both directions counts once; lists may hold pairs ``(v, weight)``;
        * a sequence or an (m, 2) or (m, 3) array of edges ``(u, v)`` or ``(u, v, weight)``; a dict in third place holds
          attributes. An integer array of shape (2, m), m above 3, or a tuple of arrays holds the ends of all edges.

        Parallel edges add up. A list that names every edge in both directions, with one weight, names each once.
    input_format : str, optional
        What the object is where it could be two things: ``"edgelist"`` for edges.
    weight : str or None
        Attribute or column that holds the weight; it must be there. By default ``"weight"``, or where no edge has it
        the only attribute of numbers (``.reading`` names it); several are refused. None gives every edge weight 1
        (parallel edges still add up).
    symmetrize : {"sum", "mean", "max"}, optional
        How two directions with different weights become one edge: in a directed graph, a matrix that is not
        symmetric, a mapping. The mean is half the sum; the maximum leaves out a direction that is not there.

    Returns
    -------
    WeightedGraph
        ``.reading`` says how the object was read.

    Raises
    ------
    InputError
        `obj` is none of these or could be two of them, or what it describes is not an undirected graph with finite real
        weights.

    Examples
    --------
    >>> as_graph([("b", "a", 1), ("a", "c", 2.5)])
    WeightedGraph(n=3, m=2, total_weight=3.5)
    >>> as_graph([[0, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    WeightedGraph(n=4, m=2, total_weight=3)
    >>> as_graph({("a", "b"): 5, ("b", "c"): -3})
    WeightedGraph(n=3, m=2, total_weight=2)
    """
    return graph_with(obj, ReadOptions(input_format=input_format, weight=weight, symmetrize=symmetrize))


@writable_numbers()
def graph_with(obj: Any, options: ReadOptions) -> WeightedGraph:
    """Turn what describes a graph into one as the options say; `as_graph` lists what is known.

    Raises
    ------
    InputError
        As `as_graph` does.
    """
    if isinstance(obj, str) and "\n" in obj:
        raise InputError(
            "a string is the name of a file, but this one has several lines; pass io.StringIO(text)"
        )
    if isinstance(obj, (str, os.PathLike)) or hasattr(obj, "read"):
        return read_with(obj, options)
    return _saying(with_weight(graph_of(obj, options), options.weight), options)
