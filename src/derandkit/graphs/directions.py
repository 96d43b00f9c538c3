"""One rule for edges that a list names in both directions: in a file, a frame, an array or a sequence.

A list that names *every* edge in both directions, with one weight, lists a symmetric matrix: each edge counts once. If
the weights differ, the list is refused. If only some edges come in both directions, they are parallel edges and add
up, as all parallel edges do. Whichever it is, the reading says so.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.assembly import ARCS, Directed, Floats, Ints, both_directions
from derandkit.graphs.doubts import said_of_end
from derandkit.graphs.formats import AUTO_WEIGHT, TABLE
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import check_direction, mixed_refusal, refuse_linear_terms
from derandkit.graphs.labels import refuse_mixed, refuse_spellings
from derandkit.graphs.objects.columns import ends_among, refuse_table, refuse_winners
from derandkit.graphs.objects.heads import refuse_years_again, said_of_parents, said_of_root
from derandkit.graphs.objects.indices import (
    refuse_groups,
    refuse_indices,
    refuse_named_numbers,
    refuse_rows,
    refuse_sums,
)
from derandkit.graphs.objects.lookalikes import refuse_floating, refuse_rounded
from derandkit.graphs.objects.names import (
    refuse_names,
    refuse_relations,
    refuse_roots,
    refuse_written_alike,
)
from derandkit.graphs.objects.nearest import refuse_contacts
from derandkit.graphs.objects.parts import are_counted
from derandkit.graphs.objects.shapes import refuse_counts
from derandkit.graphs.objects.signs import refuse_codes, said_of_codes
from derandkit.graphs.objects.times import (
    refuse_fills,
    refuse_times,
    said_of_days,
    said_of_fills,
    said_of_rows,
)
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import WEIGHTS
from derandkit.numerics.typing import BoolArray

ONCE = "every edge is listed in both directions and counts once (--symmetrize sum adds them up)"
#: Lists whose columns have no names, unless the first line of a file has them.
_BARE = frozenset({"edge list", "sequence of edges", "array of edges", "array of ends", "columns of ends"})
#: Names of weights beside those that are the first choice.
_COUNTS = frozenset(
    {"count", "counts", "n", "freq", "frequency", "rating", "score", "amount", "quantity", "size"}
)


def graph_of_list(
    i: Ints,
    j: Ints,
    w: Floats | None,
    options: ReadOptions,
    reading: Reading,
    *,
    labels: Sequence[Hashable],
    n: int | None = None,
    directed: Sequence[bool] | None = None,
) -> WeightedGraph:
    """Build the graph of a list of edges.

    Parameters
    ----------
    i, j : ndarray of int64, shape (k,)
        Ends of each edge, as places in `labels`.
    w : ndarray of float64, shape (k,), or None
        Weights; None if every edge weighs 1.
    options : ReadOptions
        ``symmetrize`` makes the list one of arcs; ``weight=None`` leaves the weights out.
    reading : Reading
        How the list was read.
    labels : sequence of hashables
        The vertices.
    n : int, optional
        Their number.
    directed : sequence of bool, optional
        Whether each edge leads from `i` to `j` only, where the input says it of each.

    Raises
    ------
    InputError
        The input says that edges are directed, or not, and the options need the contrary; or every edge is listed in
        both directions, and the two weights of some edge differ; or two labels look alike, or hold more than a name;
        or a weight may stand for a missing one.

    Notes
    -----
    O(k log k); lists without parallel edges are not looked at twice.

    Examples
    --------
    >>> ends = np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1])
    >>> graph = graph_of_list(*ends, None, ReadOptions(), Reading("edge list"), labels=[*"abc"])
    >>> print(graph.total_weight, graph.reading.remarks)
    2 ('every edge is listed in both directions and counts once (--symmetrize sum adds them up)',)
    """
    if not isinstance(labels, range) and set(map(type, labels)) != {int}:
        refuse_spellings(labels, whole=True)
        refuse_mixed(labels)
        refuse_written_alike(labels)
    weights = w if options.weight is not None else None
    if options.input_format == "auto":
        listed = n is None  # no header counts the vertices
        if listed:
            _question_ends(labels, i, j, w, reading)
        if listed and w is not None and options.header is not False:
            _question_columns(labels, i, j, w, options, reading)
        if weights is not None:
            _question_weights(labels, i, j, weights, options, reading, listed=listed)
        said = () if weights is None else said_of_fills(weights)  # two directions that add up hide a code
        if listed and weights is not None and not _says_weights(reading):
            said += said_of_days(weights) + said_of_codes(weights)
            said += said_of_rows(weights) if reading.format != "edge list" else ()  # a file was refused
        if listed:
            said += said_of_end(labels, i, j, w)
        if listed:
            bare = _is_bare(reading, width=2)
            said += said_of_root(labels, i, j) if bare else said_of_parents(reading.columns, labels, i, j)
        reading = replace(reading, remarks=(*reading.remarks, *said), weighed=True)
    how = options.symmetrize
    if directed is not None and i.size:
        count = sum(directed)
        if 0 < count < i.size and how is None:
            raise InputError(mixed_refusal(count, i.size))
        check_direction(count > 0, how)
        if how is not None and not count and not are_mirrored(list(zip(i.tolist(), j.tolist(), strict=True))):
            how = None  # an edge is no arc
        elif 0 < count < i.size and how is not None:
            ones = np.ones(i.size) if weights is None else weights
            i, j, weights, remark = with_both_directions(i, j, ones, np.array(directed, dtype=np.bool_), how)
            reading = replace(reading, remarks=(*reading.remarks, remark))
    if how is not None:
        graph = WeightedGraph.from_edges(i, j, weights, n=n, labels=labels, symmetrize=how)
        return _saying(graph, reading, *options.combined)
    graph = WeightedGraph.from_edges(i, j, weights, n=n, labels=labels)
    if not graph.merged_edges:
        return replace(graph, reading=reading)
    pairs = both_directions(i, j, np.ones(i.size) if weights is None else weights, len(labels))
    mirrored = int(np.count_nonzero(pairs.has_up & pairs.has_down))
    if not mirrored:
        return replace(graph, reading=reading)
    if pairs.merged or mirrored < pairs.lo.size:
        edges = "1 edge is" if mirrored == 1 else f"{mirrored} edges are"
        adds = "adds" if mirrored == 1 else "add"
        text = f"{edges} listed in both directions and {adds} up (--symmetrize max counts each once)"
        return _saying(graph, reading, text)
    gap = np.abs(pairs.up - pairs.down).max()
    if 0 < gap <= 2.0**-38 * np.abs(pairs.up).max():
        graph = WeightedGraph.from_edges(i, j, weights, n=n, labels=labels, symmetrize="mean")
        return _saying(
            graph, reading, ONCE, "the weights of both directions differ by rounding and were averaged"
        )
    _refuse_conflict(pairs, labels)
    once = i <= j
    graph = WeightedGraph.from_edges(
        i[once], j[once], None if weights is None else weights[once], n=n, labels=labels
    )
    return _saying(graph, reading, ONCE)


def _question_ends(labels: Sequence[Hashable], i: Ints, j: Ints, w: Floats | None, reading: Reading) -> None:
    """Refuse ends that may hold something else than vertices."""
    if not isinstance(labels, range):
        refuse_rounded(label for label in labels if isinstance(label, str))
        refuse_floating(label for label in labels if isinstance(label, str))
        refuse_names(labels, i, j, columns=reading.format != TABLE["lgl"].title)
        refuse_named_numbers(labels, i, j)
        refuse_sums(labels, i, j)
        unnamed = _is_bare(reading, width=2) or (
            len(reading.columns) == 2 and not ends_among(reading.columns)
        )
        if unnamed and reading.format != "edge list":  # files are asked where they are read
            refuse_counts(labels, i, j)
        if w is not None and not _says_edges(reading):
            refuse_relations(labels, i, j, w)
    refuse_roots(labels, i, j)
    if not reading.header_lines:
        refuse_years_again(labels, i, j)
    if _is_bare(reading, width=2):
        refuse_groups(labels, i, j)


def _question_columns(
    labels: Sequence[Hashable], i: Ints, j: Ints, w: Floats, options: ReadOptions, reading: Reading
) -> None:
    """Refuse three columns of which others than the first two may be the ends.

    ``--no-header``, which the question about a first column 0, 1, ... in files advises for ``u v weight``, answers it.
    """
    if not _says_edges(reading):
        refuse_indices(labels, i, j, w)
        refuse_table(labels, i, j, w)
        if _is_bare(reading):
            refuse_rows(labels, i, j, tuples=reading.format == "sequence of edges")
            in_memory = reading.format != "edge list"  # files are asked where they are read
            if in_memory and options.weight is not None and options.symmetrize is None:
                refuse_linear_terms(labels, i, j, w)
    third = reading.columns[2].strip().lower() if len(reading.columns) == 3 else "weight"
    if options.weight is AUTO_WEIGHT and (_is_bare(reading) or third not in WEIGHTS | _COUNTS):
        refuse_winners(labels, i, j, w)


def _question_weights(
    labels: Sequence[Hashable],
    i: Ints,
    j: Ints,
    weights: Floats,
    options: ReadOptions,
    reading: Reading,
    *,
    listed: bool,
) -> None:
    """Refuse weights that may be times, codes, or marks for missing ones."""
    if listed and _is_bare(reading):
        refuse_times(weights, rows=reading.format == "edge list")
        refuse_codes(weights, tuples=reading.format == "sequence of edges")
        if options.header is not False:
            refuse_contacts(labels, i, j, weights)
    title = reading.format.partition(" (")[0]
    if not title.endswith(" file") or title == "rudy file":  # others, as Pajek's, state edges
        refuse_fills(weights, named=reading.columns[2] if len(reading.columns) > 2 else reading.weight)


def _says_edges(reading: Reading) -> bool:
    """Whether the input says which columns are the ends, or that one is a weight, or has no columns."""
    columns = reading.columns
    if len(columns) < 3 or _is_bare(reading):
        return len(columns) < 3
    if are_counted(columns):
        return False  # names that R and NumPy give
    return ends_among(columns) is not None or columns[2].strip().lower() in WEIGHTS | _COUNTS


def _says_weights(reading: Reading) -> bool:
    """Whether the column or attribute with the weights is called as weights are."""
    name = reading.columns[2] if len(reading.columns) == 3 and not _is_bare(reading) else reading.weight
    return name is not None and name.strip().lower() in WEIGHTS | _COUNTS


def _is_bare(reading: Reading, width: int = 3) -> bool:
    """Whether the input is a list of edges, with weights or without, whose columns have no names."""
    columns = ("u", "v", "weight")[:width]
    return reading.format in _BARE and reading.columns == columns and not reading.header_lines


def are_mirrored(edges: Sequence[tuple[Hashable, Hashable]]) -> bool:
    """Whether every edge, but for loops, is there in both directions, each once.

    Examples
    --------
    >>> are_mirrored([("a", "b"), ("b", "a")]), are_mirrored([("a", "b"), ("a", "b")]), are_mirrored([("a", "b")])
    (True, False, False)
    """
    pairs = {(u, v) for u, v in edges if u != v}
    count = sum(u != v for u, v in edges)
    return 0 < len(pairs) == count and all((v, u) in pairs for u, v in pairs)


def with_both_directions(
    i: Ints, j: Ints, w: Floats, directed: BoolArray, how: str
) -> tuple[Ints, Ints, Floats, str]:
    """List arcs and undirected edges as arcs, so that an undirected edge keeps its weight whatever `how` is.

    Parameters
    ----------
    i, j : ndarray of int64, shape (k,)
        Ends of each edge.
    w : ndarray of float64, shape (k,)
        Weights.
    directed : ndarray of bool, shape (k,)
        Whether each edge leads from `i` to `j` only.
    how : {"sum", "mean", "max", "arcs"}
        What is done with the two directions later. A sum needs an undirected edge once, all else in both directions.

    Returns
    -------
    i, j, w : ndarray
        The arcs.
    remark : str
        What has to be said of the undirected edges.

    Examples
    --------
    >>> ends = np.array([0, 1]), np.array([1, 2])
    >>> with_both_directions(*ends, np.array([4.0, 5.0]), np.array([True, False]), "mean")[:3]
    (array([0, 1, 2]), array([1, 2, 1]), array([4., 5., 5.]))
    """
    count = int(np.count_nonzero(~directed))
    edges = "1 edge is" if count == 1 else f"{count} edges are"
    does = "counts" if count == 1 else "count"
    keeps = "keeps its weight" if count == 1 else "keep their weights"
    remark = f"{edges} undirected and {f'{does} in both directions' if how == ARCS else keeps}"
    if how == "sum":
        return i, j, w, remark
    back = ~directed & (i != j)
    return np.append(i, j[back]), np.append(j, i[back]), np.append(w, w[back]), remark


def relabelled(graph: WeightedGraph, labels: Sequence[Hashable], reading: Reading) -> WeightedGraph:
    """Return the same graph between vertices of other names, `labels`, in the order of its own.

    Examples
    --------
    >>> path = WeightedGraph.from_edges([0, 1], [1, 2])
    >>> relabelled(path, ["c", "b", "a"], Reading("path")).labels
    ('a', 'b', 'c')
    """
    if graph.arcs is None:
        i, j, w = graph.edges()
        named = WeightedGraph.from_edges(i, j, w, labels=labels)
    else:
        tails, heads, w = graph.arcs.listed()
        named = WeightedGraph.from_edges(tails, heads, w, labels=labels, symmetrize=ARCS)
    rank = graph.input_rank
    if rank is not None and named.input_rank is not None:
        rank = named.input_rank[rank]  # the order of the input stays what it was
    return replace(
        named,
        dropped_loops=graph.dropped_loops,
        merged_edges=graph.merged_edges,
        rounded=graph.rounded,
        input_rank=named.input_rank if rank is None else rank,
        reading=reading,
    )


def with_remarks(graph: WeightedGraph, remarks: Sequence[str], *, last: bool = False) -> WeightedGraph:
    """Return the graph with more remarks about its reading, before those that it has, or behind them.

    Examples
    --------
    >>> graph = WeightedGraph.from_edges([0], [1])
    >>> graph = replace(graph, reading=Reading("edge list", remarks=("a",)))
    >>> with_remarks(graph, ["b"]).reading.remarks, with_remarks(graph, ["b"], last=True).reading.remarks
    (('b', 'a'), ('a', 'b'))
    """
    if not remarks or graph.reading is None:
        return graph
    known = graph.reading.remarks
    every = (*known, *remarks) if last else (*remarks, *known)
    return replace(graph, reading=replace(graph.reading, remarks=every))


def _saying(graph: WeightedGraph, reading: Reading, *texts: str) -> WeightedGraph:
    return replace(graph, reading=replace(reading, remarks=(*reading.remarks, *texts)))


def _refuse_conflict(pairs: Directed, labels: Sequence[Hashable]) -> None:
    unequal = np.flatnonzero(pairs.up != pairs.down)
    if unequal.size:
        e = int(unequal[0])
        u, v = labels[int(pairs.lo[e])], labels[int(pairs.hi[e])]
        one, other = (f"{float(x[e]):.17g}" for x in (pairs.up, pairs.down))
        raise InputError(
            f"every edge is listed in both directions, but {u!r}, {v!r} weighs {one} and {v!r}, {u!r} weighs {other}; "
            "say what an edge weighs with --symmetrize sum, mean or max (symmetrize= of derandkit.maxcut or as_graph)"
        )
