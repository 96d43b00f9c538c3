"""Graphs in JSON: nodes and edges as many tools write them, adjacency data, frames, mappings, lists of edges."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import exact_float
from derandkit.graphs.directions import relabelled, with_remarks
from derandkit.graphs.formats import problem_refusal
from derandkit.graphs.frames import dense_graph, edge_frame
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import refuse_model
from derandkit.graphs.labels import refuse_spellings
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.kinds import graph_of
from derandkit.graphs.objects.parts import are_counted, fits_unnamed, refuse_matrix, refuse_parts
from derandkit.graphs.objects.shapes import refuse_many_graphs, refuse_numbered_edges
from derandkit.graphs.readers.arrays.matrices import integer_labels
from derandkit.graphs.readers.formats.markup import faults, reason
from derandkit.graphs.readers.jsondata.forms import graph_of_data, graph_of_records
from derandkit.graphs.readers.jsondata.wrapped import (
    graph_of_answer,
    graph_of_sparql,
    opened,
    refuse_foreign_json,
    refuse_pages,
)
from derandkit.graphs.readers.text import number
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.numerals import loose_float
from derandkit.numerics.ranges import exact_or_decimal
from derandkit.numerics.typing import FloatArray
from derandkit.records import JsonObject, repeated_key

_FAR = 1e300
_PAIR = re.compile(r"\((?:'[^']*'|\"[^\"]*\"|[\w.+-]+), (?:'[^']*'|\"[^\"]*\"|[\w.+-]+)\)")
_PRINTED = re.compile(rb"\s*\[\[\s*[-+.\d][-+.\deE]*\s+[-+.\d]")
_TABLE_OF_TOML = re.compile(rb"\s*\[{1,2}[A-Za-z_][\w.-]*\]{1,2}[ \t]*\r?\n[ \t]*[\w.-]+[ \t]*=")
_TUPLES = re.compile(rb"\s*\[\s*\(")
_KNOWN = (
    "node-link data ({'nodes': [...], 'links': [...]}), a list of edges or rows, {u: {v: weight}}, {u: [v, ...]}, "
    "a frame of pandas, elements of Cytoscape, or JSON Graph Format"
)


def read_json(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    r"""Read a graph in JSON.

    Raises
    ------
    InputError
        Not JSON, not a graph, or an edge between nodes that are not listed.

    Examples
    --------
    >>> text = b'{"nodes": [{"id": "a"}, {"id": "b"}], "links": [{"source": "a", "target": "b", "value": 3}]}'
    >>> read_json(text, "-", ReadOptions())
    WeightedGraph(n=2, m=1, total_weight=3)
    """
    content = _loaded(data)
    refuse_foreign_json(content)
    if isinstance(content, dict) and known_ends(list(content)) is not None:
        content = [content] if not any(isinstance(x, (list, dict)) for x in content.values()) else content
    if isinstance(content, list):
        return _from_list(content, options)
    if not isinstance(content, dict):
        raise InputError(f"the JSON value is no graph; expected {_KNOWN}")
    if str(content.get("schema", "")).startswith("derandkit-"):
        raise InputError("is a result of derandkit, not a graph; give the graph that it is about")
    if content.get("type") in ("BinaryQuadraticModel", "BQM") or "bias_type" in content:
        verb = "ising" if content.get("variable_type") == "SPIN" else "qubo"
        raise InputError(problem_refusal("a QUBO or Ising model", verb))
    return _from_object(content, options)


def _loaded(data: bytes) -> object:
    """Content of a JSON text, or a list of what stands in its lines if each of them is an object or a list."""
    try:
        return json.loads(data, object_pairs_hook=_object, parse_float=exact_or_decimal)
    except json.JSONDecodeError as error:
        if _PRINTED.match(data):
            text = "the file is a matrix as NumPy prints it; save it with numpy.savetxt or numpy.save"
            raise InputError(text) from None
        if _TABLE_OF_TOML.match(data):
            text = "the file is a TOML file; read it with tomllib and pass its edges as tuples (u, v, weight)"
            raise InputError(text) from None
        if _TUPLES.match(data):
            raise InputError(
                "the file is a list of tuples as Python prints it; write one edge a line, or save it with json.dump"
            ) from None
        if error.msg != "Extra data":
            raise InputError(f"is not JSON: {error.msg}", line=error.lineno) from None
        fault = InputError(f"is not JSON: {error.msg} behind the first value", line=error.lineno)
    except InputError:
        raise
    except RecursionError:
        raise InputError("the JSON is nested too deeply") from None
    except (ValueError, UnicodeDecodeError) as error:  # an integer of thousands of digits
        raise InputError(f"is not JSON that can be read: {reason(error)}") from None
    rows = []
    for line in filter(bytes.strip, data.splitlines()):  # JSON lines
        try:
            rows.append(json.loads(line, object_pairs_hook=_object, parse_float=exact_or_decimal))
        except json.JSONDecodeError:
            raise fault from None
    if not all(isinstance(row, dict) for row in rows) and not all(_may_be_edge(row) for row in rows):
        raise fault
    return rows


def _may_be_edge(row: object) -> bool:
    return isinstance(row, list) and len(row) > 1


def _object(pairs: list[tuple[str, object]]) -> JsonObject:
    """Object of JSON; refused if a key occurs twice, of which JSON readers keep the last value alone."""
    twice = repeated_key(pairs)
    if twice is not None:
        raise InputError(
            f"the key {twice!r} occurs twice in one object; put its values together, or rename one"
        )
    return dict(pairs)


def _from_list(content: list[Any], options: ReadOptions) -> WeightedGraph:
    if content and all(isinstance(item, dict) for item in content):
        return graph_of_records(content, options)
    if len(content) == 2 and all(isinstance(row, list) and len(row) == 3 for row in content):
        if all(isinstance(x, int) for row in content for x in row):
            raise InputError(
                "2 lists of 3 whole numbers may be 2 edges with weights, or the ends of 3 edges; write objects with "
                "'source' and 'target'"
            )
        content = [tuple(row) for row in content]
    graph = graph_of(content, options)
    refuse_spellings(graph.labels)
    return replace(graph, reading=replace(graph.reading or Reading(""), format="JSON list of edges or rows"))


def _from_object(content: JsonObject, options: ReadOptions) -> WeightedGraph:
    refuse_model(content)
    _refuse_pairs_as_text(content)
    inner, key = opened(content)
    for where in ("edges", "links"):
        if isinstance(inner.get(where), list):
            for beside in (inner, {name: value for name, value in content.items() if name != key}):
                refuse_pages(beside, where, len(inner[where]), within=False)
    for form in (graph_of_data, graph_of_sparql, graph_of_answer):
        graph = form(content, options)
        if graph is not None:
            return graph
    if key:
        return with_remarks(_from_object(inner, options), [f"the graph is under {key!r}"], last=True)
    try:
        graph = _from_frame(content, options)
    except InputError:
        raise
    except faults() as error:
        what = "a frame or mapping"
        raise InputError(f"cannot be read as {what}: {type(error).__name__} {reason(error)}") from None
    if graph is not None:
        return graph
    keys = ", ".join(map(repr, list(content)[:5]))
    raise InputError(f"the JSON object with {keys} is no graph that is known; expected {_KNOWN}")


def _refuse_pairs_as_text(content: JsonObject) -> None:
    """Refuse keys such as ``"('a', 'b')"``, which pandas writes for an index of pairs.

    Raises
    ------
    InputError
        It names one, and what to write.
    """
    inner = [key for value in content.values() if isinstance(value, dict) for key in value]
    for keys in (list(content), inner):
        if keys and all(map(_PAIR.fullmatch, keys)):
            raise InputError(
                f"the key {keys[0]!r} is the text of a pair, as pandas writes an index of pairs; write it with "
                "reset_index().to_json(orient='records')"
            )


def _from_frame(content: JsonObject, options: ReadOptions) -> WeightedGraph | None:
    """Graph of what ``pandas.DataFrame.to_json`` writes, or of ``{u: {v: weight}}``; None if it is neither."""
    if {"schema", "data"} <= content.keys():
        fields = content["schema"].get("fields", ())
        index = content["schema"].get("primaryKey", [])
        names = [field["name"] for field in fields if field["name"] not in index]
        rows = [[row[str(name)] for name in names] for row in content["data"]]
        heads = [row[str(index[0])] for row in content["data"]] if len(index) == 1 else []
        return _from_rows(names, heads, rows, options)
    if {"columns", "data"} <= content.keys() <= {"columns", "index", "data"}:
        return _from_rows(content["columns"], content.get("index", ()), content["data"], options)
    if content and all(isinstance(value, list) for value in content.values()):
        return _from_lists(content, options)
    if not content or not all(isinstance(value, dict) for value in content.values()):
        return None
    outer, inner = list(content), list(dict.fromkeys(key for value in content.values() for key in value))
    vertices = bool(set(outer) & set(inner))  # else some keys name columns
    if not vertices and any(known_ends(x) is not None and are_counted(x) for x in (outer, inner)):
        listed = ", ".join(map(repr, outer[:5]))
        raise InputError(
            f"{listed} may be the columns or rows of a table, or vertices with their neighbours; write a list of edges"
        )
    if not vertices and (known_ends(outer) is not None or known_ends(inner) is not None):
        by_column = known_ends(outer) is not None
        names, heads = (outer, inner) if by_column else (inner, outer)
        rows = [
            [content[name][head] if by_column else content[head][name] for name in names] for head in heads
        ]
        return _from_rows(names, heads, rows, options)
    if set(outer) == set(inner) and all(value.keys() == set(outer) for value in content.values()):
        return _from_rows(outer, outer, [[content[v][u] for v in outer] for u in outer], options)
    refuse_matrix(content, text=True)
    return _named_by_text(graph_of(content, options))


def _from_lists(content: dict[str, list[Any]], options: ReadOptions) -> WeightedGraph:
    """Graph of ``{u: [v, ...]}`` or ``{u: [[v, weight], ...]}``, or of columns with the names of ends."""
    cells = [item for row in content.values() for item in row]
    named = {x for cell in cells for x in (cell if isinstance(cell, list) else [cell]) if isinstance(x, str)}
    if known_ends(list(content)) is not None and not named & content.keys():  # else the keys are vertices
        if are_counted(list(content)):
            raise InputError(
                f"{', '.join(map(repr, content))} may be columns of edges, or vertices with their neighbours; write a "
                "list of edges, or name the columns 'source' and 'target'"
            )
        if len({len(column) for column in content.values()}) > 1:
            raise InputError("the columns have different lengths")
        return _rows_of_edges(list(content), list(content.values()), options, "JSON columns of edges")
    items = [item for row in content.values() for item in row]
    refuse_matrix(content, text=True)
    weighted = bool(items) and all(isinstance(item, list) and len(item) == 2 for item in items)
    names = [item[0] if weighted else item for item in items]
    odd = next((name for name in names if not isinstance(name, (str, int)) or isinstance(name, bool)), None)
    if odd is not None:
        raise InputError(f"{odd!r} in the lists of neighbours names no vertex; expected {_KNOWN}")
    refuse_parts(content)
    refuse_many_graphs(content)
    if not weighted:
        refuse_numbered_edges(content)
    rows: dict[str, list[object]] = {
        u: [(str(item[0]), item[1]) if weighted else str(item) for item in row] for u, row in content.items()
    }
    return _named_by_text(graph_of(rows, options))


def _rows_of_edges(
    names: list[str], columns: list[list[object]], options: ReadOptions, what: str
) -> WeightedGraph:
    """Graph of edges in named columns, no two of whose labels may spell one vertex."""
    graph = edge_frame(names, columns, options, what)
    refuse_spellings(graph.labels)
    return graph


def _named_by_text(graph: WeightedGraph) -> WeightedGraph:
    """Give vertices whose names are all integers these as labels: JSON writes every key as text."""
    refuse_spellings(graph.labels)
    labels = integer_labels(list(graph.labels))
    return relabelled(graph, labels, graph.reading or Reading("JSON mapping of neighbours"))


def _from_rows(
    names: Sequence[object], heads: Sequence[object], rows: Sequence[Sequence[object]], options: ReadOptions
) -> WeightedGraph:
    """Graph of a frame: an adjacency matrix if rows and columns have the same names, else a list of edges.

    Rows without names (none, or 0, 1, ...) below columns with names are a matrix where the numbers are symmetric.
    """
    if heads and all(isinstance(head, list) and len(head) == 2 for head in heads):  # an index of pairs
        names = ["source", "target", *names]
        rows = [[*head, *row] for head, row in zip(heads, rows, strict=True) if isinstance(head, list)]
        heads = ()
    above, beside = list(map(str, names)), list(map(str, heads))
    if len(beside) > 1 and len(set(above)) == len(above) and sorted(above) == sorted(beside):
        order = [above.index(name) for name in beside]  # rows may come in another order than columns
        return _matrix(_numbers(rows)[:, order], beside, options)
    unnamed = not beside or list(heads) == list(range(len(above)))
    square = 0 < len(rows) == len(above) == len(set(above)) and all(len(row) == len(rows) for row in rows)
    whole = unnamed and square and all(isinstance(x, (int, float)) for row in rows for x in row)
    if whole:
        near = np.clip([list(map(loose_float, row)) for row in rows], -_FAR, _FAR)  # is it a matrix at all?
        if fits_unnamed(near, above, options):
            return _matrix(_numbers(rows), above, options)
    if any(len(row) != len(above) for row in rows):
        raise InputError(f"a row of the frame has not {len(above)} entries, as many as there are columns")
    columns = [list(column) for column in zip(*rows, strict=True)]
    return _rows_of_edges(list(map(str, names)), columns, options, "JSON list of edges")


def _numbers(rows: Sequence[Sequence[object]]) -> FloatArray:
    """Return the cells of a matrix as doubles; an empty one is a NaN, as in a frame.

    NumPy would read ``true`` as 1, ``"1_0"`` as 10, and round whole numbers beyond 2^53.

    Raises
    ------
    InputError
        A cell is a truth value, a text that spells no number, or a number that float64 cannot hold.

    Examples
    --------
    >>> _numbers([[1, "2.5"]])
    array([[1. , 2.5]])
    >>> _numbers([[2**53 + 1]])
    Traceback (most recent call last):
    derandkit.errors.InputError: weight 9007199254740993 is not exact in float64; scale the weights down
    """
    return np.array([[_cell(cell) for cell in row] for row in rows], dtype=np.float64)


def _cell(cell: object) -> float:
    if cell is None or isinstance(cell, float):
        return math.nan if cell is None else cell
    return number(cell.strip().encode()) if isinstance(cell, str) else exact_float(cell)


def _matrix(values: FloatArray, names: Sequence[str], options: ReadOptions) -> WeightedGraph:
    graph = dense_graph(values, options, names)
    remarks = graph.reading.remarks if graph.reading else ()
    return relabelled(graph, integer_labels(names), Reading("JSON adjacency matrix", remarks=remarks))
