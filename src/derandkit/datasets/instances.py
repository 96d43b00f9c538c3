"""Graphs by whatever the user has: an object, a file, or the name of a benchmark graph."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import IO, cast

from derandkit.datasets.gset import gset
from derandkit.graphs import files
from derandkit.graphs.formats import AUTO_WEIGHT, GraphFormat, Symmetrize, WeightName
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.reading import Reading

_NAME = re.compile(r"[Gg][0-9][0-9-]*")


def as_graph(
    obj: object,
    *,
    input_format: GraphFormat = "auto",
    weight: WeightName = AUTO_WEIGHT,
    header: bool | None = None,
    separator: str | None = None,
    comments: str | None = None,
    symmetrize: Symmetrize | None = None,
) -> WeightedGraph:
    """Turn whatever describes a graph into a `WeightedGraph`.

    Parameters
    ----------
    obj : object
        One of these:

        * a string: the name of a file, or of a benchmark graph such as ``"G22"`` if there is no such file;
        * a PathLike or open file, read by `derandkit.read_graph`;
        * an object of networkx, igraph, rustworkx, graph-tool, pandas, polars, SciPy, NumPy, torch or jax, a mapping or
          a sequence of edges, as `derandkit.graphs.files.as_graph` lists them.
    input_format : str
        For files: see `derandkit.read_graph`.
    weight : str or None
        Attribute or column that holds the weight; None gives every edge weight 1.
    header, separator, comments : optional
        For files: see `derandkit.read_graph`.
    symmetrize : {"sum", "mean", "max"}, optional
        What an edge weighs whose two directions have weights of their own.

    Returns
    -------
    WeightedGraph
        ``.reading`` says what the input was taken for.

    Raises
    ------
    InputError
        `obj` is none of these, could be two of them, or holds no undirected graph with finite real weights.

    Examples
    --------
    >>> as_graph("G11")
    WeightedGraph(n=800, m=1600, total_weight=34)
    >>> as_graph({("a", "b"): 5, ("b", "c"): -3})
    WeightedGraph(n=3, m=2, total_weight=2)
    """
    if isinstance(obj, (str, os.PathLike)) or hasattr(obj, "read"):
        name = os.fsdecode(obj) if isinstance(obj, (str, os.PathLike)) else ""
        known = _NAME.fullmatch(name) is not None
        if known and not os.path.exists(name):
            graph = replace(gset(name), reading=Reading(f"benchmark graph {name.upper()}"))
            return files.with_weight(graph, weight) if weight is not None else graph.unweighted()
        if isinstance(obj, str) and "\n" in obj:
            return files.as_graph(obj)
        graph = files.read_graph(
            cast("str | os.PathLike[str] | IO[str] | IO[bytes]", obj),
            input_format=input_format,
            weight=weight,
            header=header,
            separator=separator,
            comments=comments,
            symmetrize=symmetrize,
        )
        if known and graph.reading is not None:
            text = f"the file {name!r} was read, not the benchmark graph of that name"
            graph = replace(graph, reading=replace(graph.reading, remarks=(*graph.reading.remarks, text)))
        return graph
    return files.as_graph(obj, weight=weight, symmetrize=symmetrize)
