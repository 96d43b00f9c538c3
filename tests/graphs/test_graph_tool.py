"""Graphs of graph-tool. It is no package of a registry: without it a stand-in has the methods that its manual lists."""

from __future__ import annotations

import sys
import types

import pytest

import derandkit as dk
from derandkit.errors import InputError

WANTED = [("a", "b", 5.0), ("b", "c", -3.0), ("a", "c", 2.0)]


class Edge:
    def __init__(self, u, v):
        self.ends = u, v

    def source(self):
        return self.ends[0]

    def target(self):
        return self.ends[1]


class StandIn:
    """What is used of ``graph_tool.Graph``: ``get_vertices``, ``edges``, ``is_directed``, ``vp`` and ``ep``."""

    __module__ = "graph_tool"

    def __init__(self, edges, maps, names, directed):
        self.listed = [Edge(u, v) for u, v in edges]
        self.ep = {name: dict(zip(self.listed, values, strict=True)) for name, values in maps.items()}
        self.vp = {name: dict(enumerate(values)) for name, values in names.items()}
        self.n, self.directed = 1 + max(v for edge in edges for v in edge), directed

    def get_vertices(self):
        return range(self.n)

    def edges(self):
        return iter(self.listed)

    def is_directed(self):
        return self.directed


def real(edges, maps, names, directed):
    import graph_tool

    g = graph_tool.Graph(directed=directed)
    g.add_vertex(1 + max(v for edge in edges for v in edge))
    added = [g.add_edge(u, v) for u, v in edges]
    for name, values in maps.items():
        kind = "double" if isinstance(values[0], float) else "string"
        g.ep[name] = g.new_edge_property(kind)
        for edge, value in zip(added, values, strict=True):
            g.ep[name][edge] = value
    for name, values in names.items():
        g.vp[name] = g.new_vertex_property("string")
        for v, value in enumerate(values):
            g.vp[name][v] = value
    return g


@pytest.fixture(params=["stand-in", "graph-tool"])
def make(request, monkeypatch):
    if request.param == "graph-tool":
        pytest.importorskip("graph_tool")
        return real
    monkeypatch.setitem(sys.modules, "graph_tool", types.ModuleType("graph_tool"))
    return StandIn


ENDS, WEIGHTS = [(0, 1), (1, 2), (0, 2)], [5.0, -3.0, 2.0]


@pytest.mark.parametrize("name", ["weight", "km"])
@pytest.mark.parametrize("title", ["name", "label"])
def test_property_maps_are_attributes(make, name, title):
    g = make(ENDS, {name: WEIGHTS, "colour": ["red"] * 3}, {title: "abc"}, False)
    graph = dk.as_graph(g)
    assert graph.digest == dk.as_graph(WANTED).digest
    assert graph.reading.format.startswith(("graph-tool Graph", "graph-tool StandIn"))
    assert f"vertices go by their {title!r}" in graph.reading.remarks
    assert dk.as_graph(g, weight=name).digest == graph.digest
    with pytest.raises(InputError, match="'wieght'; they have colour"):
        dk.as_graph(g, weight="wieght")


def test_without_names_vertices_are_numbers(make):
    assert dk.as_graph(make(ENDS, {}, {}, False)).digest == dk.as_graph(ENDS).digest
    graph = dk.as_graph(make(ENDS, {}, {"label": "aab"}, False))
    assert graph.labels == range(3)
    assert "no distinct names" in graph.reading.remarks[0]


def test_directions_are_asked_about(make):
    g = make([*ENDS, (1, 0)], {"weight": [*WEIGHTS, 4.0]}, {"name": "abc"}, True)
    with pytest.raises(InputError, match="directed"):
        dk.as_graph(g)
    assert dk.as_graph(g, symmetrize="sum").total_weight == 8
    assert dk.maxdicut(g).value == 7
