"""Graphs of libraries that keep attributes of vertices and edges: igraph, rustworkx and graph-tool."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.graphs.directions import graph_of_list, with_both_directions
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import DIRECTED, check_direction, mixed_refusal, number_edges
from derandkit.graphs.labels import plain_label
from derandkit.graphs.objects.signs import said_of_codes
from derandkit.graphs.objects.times import refuse_fills, refuse_times, said_of_days, said_of_rows
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.graphs.weights import weights_of
from derandkit.numerics.typing import BoolArray


def graph_of_edges(
    edges: Sequence[tuple[Hashable, Hashable, object]],
    nodes: Iterable[Hashable],
    options: ReadOptions,
    reading: Reading,
    *,
    directed: bool | Sequence[bool] = False,
    listed: bool = False,
) -> WeightedGraph:
    """Graph of labelled edges with weights; `directed` edges need `options.symmetrize`.

    A sequence says of each edge whether it is directed. Those `listed` by a user may name every edge in both
    directions; those of a graph are parallel edges if they do.
    """
    some: BoolArray | None = None
    if not isinstance(directed, bool):
        count = sum(directed)
        if 0 < count < len(edges):
            some = np.array(directed, dtype=np.bool_)
            if options.symmetrize is None:
                raise InputError(mixed_refusal(count, len(edges)))
        directed = count > 0
    if not listed:
        check_direction(directed, options.symmetrize)
    elif directed and options.symmetrize is None:
        raise InputError(DIRECTED)
    if options.weight is None:
        edges = [(u, v, 1) for u, v, _ in edges]
    i, j, w, labels = number_edges(edges, nodes, reading.weight)
    if some is not None and w is not None and options.symmetrize is not None:
        i, j, w, remark = with_both_directions(i, j, w, some, options.symmetrize)
        reading = dataclasses.replace(reading, remarks=(*reading.remarks, remark))
    if listed:
        return graph_of_list(i, j, w, options, reading, labels=labels)
    if w is not None and options.input_format == "auto" and options.weight is not None:
        mapping = reading.format.startswith("mapping")
        if reading.weight == "edge data" or (mapping and reading.weight == "value"):  # numbers without a name
            refuse_times(w, rows=False)
            said = said_of_days(w) + said_of_codes(w) + said_of_rows(w)
            reading = dataclasses.replace(reading, remarks=(*reading.remarks, *said))
        if mapping:
            refuse_fills(w)
    graph = WeightedGraph.from_edges(
        i, j, w, labels=labels, symmetrize=options.symmetrize if directed else None
    )
    if directed:
        reading = dataclasses.replace(reading, remarks=(*reading.remarks, *options.combined))
    return dataclasses.replace(graph, reading=reading)


def graph_from_attributes(
    edges: Sequence[tuple[Hashable, Hashable]],
    attributes: Sequence[Mapping[str, object]],
    nodes: Iterable[Hashable],
    options: ReadOptions,
    what: str,
    *,
    directed: bool | Sequence[bool],
    listed: bool = False,
    remarks: tuple[str, ...] = (),
) -> WeightedGraph:
    """Build the graph of edges that have attributes, one of which is the weight.

    Parameters
    ----------
    edges : sequence of pairs
        Both ends of every edge.
    attributes : sequence of mappings
        The attributes of every edge.
    nodes : iterable of labels
        All vertices.
    options : ReadOptions
        ``weight`` and ``symmetrize`` count.
    what : str
        What the input is, for ``reading``.
    directed : bool or sequence of bool
        Whether edges have a direction, so that ``symmetrize`` is needed; a sequence says it of each edge.
    listed : bool
        Whether they are a list, which may name every edge in both directions.
    remarks : tuple of str
        What has to be said already.

    Raises
    ------
    InputError
        The weight cannot be determined, or directions are given without ``symmetrize``.
    """
    values, choice = weights_of(attributes, options.weight)
    weighted = [(u, v, w) for (u, v), w in zip(edges, values, strict=True)]
    reading = Reading(what, weight=choice.name, remarks=(*remarks, *choice.remarks))
    return graph_of_edges(weighted, nodes, options, reading, directed=directed, listed=listed)


def graph_of_igraph(obj: Any, options: ReadOptions) -> WeightedGraph:
    """Turn an igraph graph into one; vertices go by their ``name`` where all names differ, else by their numbers.

    Raises
    ------
    InputError
        The weights are not clear, or directions are given without ``symmetrize``.
    """
    n = obj.vcount()
    nodes: list[Hashable] = list(range(n))
    remarks: tuple[str, ...] = ()
    if "name" in obj.vs.attributes():
        names = obj.vs["name"]
        if len(set(names)) == n and None not in names:
            nodes = list(names)
        else:
            remarks = ("vertex names are missing or occur twice, so vertices go by their numbers",)
    edges = [(nodes[a], nodes[b]) for a, b in obj.get_edgelist()]
    attributes = [edge.attributes() for edge in obj.es]
    attributes = [{k: v for k, v in edge.items() if v is not None} for edge in attributes]
    return graph_from_attributes(
        edges, attributes, nodes, options, "igraph Graph", directed=obj.is_directed(), remarks=remarks
    )


def graph_of_rustworkx(obj: Any, options: ReadOptions) -> WeightedGraph:
    """Turn a rustworkx graph into one; vertices go by their data where these are distinct names, else by their indices.

    Raises
    ------
    InputError
        The weights are not clear, or directions are given without ``symmetrize``.
    """
    numbers = list(obj.node_indices())
    payloads = list(obj.nodes())
    named = all(isinstance(name, (str, int, tuple)) for name in payloads)
    named = named and len(set(map(plain_label, payloads))) == len(payloads)
    names = payloads if named else numbers
    label = dict(zip(numbers, names, strict=True))
    remarks = () if named else ("node data are no distinct names, so vertices go by their indices",)
    what = f"rustworkx {type(obj).__name__}"
    # PyDAG is a class below PyDiGraph, and users make others
    directed = any(kind.__name__ == "PyDiGraph" for kind in type(obj).__mro__)
    listed = list(obj.weighted_edge_list())
    edges = [(label[a], label[b]) for a, b, _ in listed]
    data = [payload for _, _, payload in listed]
    if data and all(isinstance(payload, dict) for payload in data):
        return graph_from_attributes(edges, data, names, options, what, directed=directed, remarks=remarks)
    if all(payload is None for payload in data):
        reading = Reading(what, remarks=remarks)
        return graph_of_edges([(u, v, 1) for u, v in edges], names, options, reading, directed=directed)
    reading = Reading(what, weight="edge data", remarks=remarks)
    weighted = [(u, v, payload) for (u, v), payload in zip(edges, data, strict=True)]
    return graph_of_edges(weighted, names, options, reading, directed=directed)


def graph_of_graph_tool(obj: Any, options: ReadOptions) -> WeightedGraph:
    """Turn a graph of graph-tool, or a view of one, into one; its property maps are the attributes.

    Vertices go by the property ``name`` or else ``label``, where all values differ, else by their numbers.

    Raises
    ------
    InputError
        The weights are not clear, or directions are given without ``symmetrize``.
    """
    vertices = [int(v) for v in obj.get_vertices()]
    names: dict[int, Hashable] = {v: v for v in vertices}
    remarks: tuple[str, ...] = ()
    called = next((name for name in ("name", "label") if name in obj.vp), None)
    if called is not None:
        found = [obj.vp[called][v] for v in vertices]
        known = all(isinstance(name, (str, int)) for name in found) and len(set(found)) == len(found)
        if known:
            names = dict(zip(vertices, found, strict=True))
        text = f"vertices go by their {called!r}"
        no_names = f"the values of {called!r} are no distinct names, so vertices go by their numbers"
        remarks = (text if known else no_names,)
    listed = [(int(edge.source()), int(edge.target()), edge) for edge in obj.edges()]
    edges = [(names[a], names[b]) for a, b, _ in listed]
    attributes = [{name: values[edge] for name, values in obj.ep.items()} for _, _, edge in listed]
    directed, what = bool(obj.is_directed()), f"graph-tool {type(obj).__name__}"
    return graph_from_attributes(
        edges, attributes, [names[v] for v in vertices], options, what, directed=directed, remarks=remarks
    )


def numpy_or_scipy(obj: Any) -> Any:
    """Return a tensor of torch or an array of jax as one of NumPy, or of SciPy where it is sparse.

    Anything else of these libraries is returned as it is.
    """
    import scipy.sparse

    if hasattr(obj, "detach") and hasattr(obj, "layout"):
        plain = obj.detach().cpu().resolve_conj()
        if str(plain.dtype) == "torch.bfloat16":  # each of its numbers is one of float32
            plain = plain.float()
        if str(plain.layout) == "torch.strided":
            return plain.numpy()
        plain = plain.to_sparse_coo()
        # entries of one place add up, where they would leave the range of a narrow type, or be rounded in it
        if str(plain.dtype) in ("torch.int8", "torch.uint8", "torch.int16", "torch.int32", "torch.bool"):
            plain = plain.long()
        elif str(plain.dtype) in ("torch.float16", "torch.float32"):
            plain = plain.double()
        plain = plain.coalesce()
        if plain.sparse_dim() != 2 or plain.dense_dim():
            raise InputError(
                f"the sparse tensor has shape {tuple(plain.shape)}; a matrix has two sparse dimensions"
            )
        return scipy.sparse.coo_array((plain.values().numpy(), plain.indices().numpy()), tuple(plain.shape))
    if hasattr(obj, "to_bcoo"):
        obj = obj.to_bcoo()
    if hasattr(obj, "n_sparse"):
        if obj.n_sparse != 2 or obj.n_batch or obj.n_dense:
            raise InputError(f"the sparse array has shape {obj.shape}; a matrix has two sparse dimensions")
        places, values = np.asarray(obj.indices), np.asarray(obj.data)
        there = (places < np.array(obj.shape)).all(axis=1)  # places outside are padding
        return scipy.sparse.coo_array((values[there], tuple(places[there].T)), obj.shape)
    return obj


def plain_array(obj: object) -> NDArray[np.generic]:
    """Return an object that is an array as one of NumPy.

    Raises
    ------
    InputError
        Its library refuses.
    """
    try:
        array = np.asarray(obj)
    except (TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{type(obj).__name__} does not become an array of NumPy: {reason}") from None
    # a type of jax, each of whose numbers float32 has
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array
