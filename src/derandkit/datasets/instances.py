"""Graphs by whatever the user has: an object, a file, or the name of a benchmark graph."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import replace
from typing import IO, TypeAlias, cast

from derandkit.datasets.biqmac import BiqmacInstance, biqmac_instance, biqmac_table
from derandkit.datasets.gset import GsetInstance, gset_instance, gset_table, matching
from derandkit.datasets.rudy import rudy
from derandkit.errors import InputError
from derandkit.graphs import files
from derandkit.graphs.directions import with_remarks
from derandkit.graphs.formats import AUTO_WEIGHT, GraphFormat, GraphReader, Symmetrize, WeightName
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.reading import Reading, check_symmetrize
from derandkit.options import path_name

_GSET_NAME = re.compile(r"[Gg][0-9][0-9-]*")
_BIQMAC_NAME = re.compile(
    r"(g05|pm1[sd]|p?w0[159])_\d+\.\d+|t[23]g\d+_\d+|ising\d\.\d-\d+_\d+|torus(g|pm)3-[\d-]+"
)

#: What is published about a benchmark graph.
KnownGraph: TypeAlias = GsetInstance | BiqmacInstance


def benchmark_instance(name: str) -> KnownGraph:
    """Return what is published about a benchmark graph of either collection.

    Parameters
    ----------
    name : str
        A name of the Gset, or of the Biq Mac library and the DIMACS tori.

    Returns
    -------
    GsetInstance or BiqmacInstance

    Raises
    ------
    InputError
        There is none of that name.

    Examples
    --------
    >>> benchmark_instance("g22").best_known, benchmark_instance("torusg3-8").best_known
    (13359, 41684814)
    """
    near = not _GSET_NAME.fullmatch(name) and difflib.get_close_matches(name, biqmac_table(), n=1, cutoff=0.7)
    return biqmac_instance(name) if near or _BIQMAC_NAME.fullmatch(name) else gset_instance(name)


def is_benchmark_name(name: str) -> bool:
    """Whether a word looks like the name of a benchmark graph.

    Examples
    --------
    >>> [is_benchmark_name(name) for name in ("G22", "pm1d_100.3", "network.txt")]
    [True, True, False]
    """
    return _GSET_NAME.fullmatch(name) is not None or _BIQMAC_NAME.fullmatch(name) is not None


def identify_graph(graph: WeightedGraph) -> KnownGraph | None:
    """Return the benchmark graph that a graph is, if any.

    Parameters
    ----------
    graph : WeightedGraph
        Vertices labelled by integers from 1 (as in the published files) or from 0.

    Returns
    -------
    GsetInstance, BiqmacInstance or None
        The instance with exactly these edges and weights.

    Examples
    --------
    >>> identify_graph(rudy("-spinglass3pm 8 8 8 50 5555")).name
    'toruspm3-8-50'
    """
    return matching(graph, gset_table().values()) or matching(graph, biqmac_table().values())


def as_graph(
    obj: object,
    *,
    input_format: GraphFormat | GraphReader = "auto",
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

        * a string: the name of a file, or of a benchmark graph such as ``"G22"`` or ``"pm1d_100.3"`` if there is
          no such file;
        * a PathLike or open file, read by `derandkit.read_graph`;
        * an object of networkx, igraph, rustworkx, graph-tool, pandas, polars, SciPy, NumPy, torch or jax, a mapping or
          a sequence of edges, as docs/inputs.md lists them.
    input_format : str or GraphReader
        For files: see `derandkit.read_graph`.
    weight : str or None
        Attribute or column that holds the weight; None gives every edge weight 1.
    header, separator, comments : optional
        For files: see `derandkit.read_graph`.
    symmetrize : {"sum", "mean", "max"}, optional
        How two directions with different weights become one edge.

    Returns
    -------
    WeightedGraph
        ``.reading`` says how the input was read.

    Raises
    ------
    InputError
        `obj` is none of these, could be two of them, or holds no undirected graph with finite real weights; or
        `input_format` or `symmetrize` stands beside the name of a benchmark graph.

    Examples
    --------
    >>> as_graph("G11")
    WeightedGraph(n=800, m=1600, total_weight=34)
    >>> as_graph({("a", "b"): 5, ("b", "c"): -3})
    WeightedGraph(n=3, m=2, total_weight=2)
    """
    check_symmetrize(symmetrize)
    if isinstance(obj, (str, os.PathLike)) or hasattr(obj, "read"):
        name = path_name(obj, "obj") if isinstance(obj, (str, os.PathLike)) else ""
        known = is_benchmark_name(name)
        if known and not os.path.exists(name):
            instance = benchmark_instance(name)
            for option, given in (
                ("input_format", input_format != "auto"),
                ("symmetrize", symmetrize is not None),
            ):
                if given:
                    raise InputError(
                        f"is a benchmark graph, made from its recipe as no file has this name; leave out {option} "
                        f"(--{option.replace('_', '-')}), or give the file",
                        path=name,
                    )
            graph = replace(rudy(instance.recipe), reading=Reading(f"benchmark graph {instance.name}"))
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
        if known:
            text = f"the file {name!r} was read, not the benchmark graph of that name"
            return with_remarks(graph, [text], last=True)
        return graph
    return files.as_graph(obj, input_format=input_format, weight=weight, symmetrize=symmetrize)
