"""Results of every kind: saved and loaded, copied, pickled, compared by content, shown in a notebook."""

from __future__ import annotations

import copy
import functools
import html.parser
import json
import pickle
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from tests.catalogue import REALS, SMALL_INTEGERS, graphs
from tests.cuts.test_cut_result import LABELS
from tests.inputs import refused
from tests.mutations import sealed_again

import derandkit
from derandkit.graphs.label_json import label_of

KINDS = ["maxcut", "embedding", "structure", "derandomization"]


@functools.cache
def solved(kind, variant=0):
    if kind == "maxcut":
        return derandkit.maxcut([("a", "b", 2 + variant), ("b", "c", 3), ("a", "c", 1)])
    if kind == "embedding":
        return derandkit.embed(np.arange(24.0).reshape(6, 4) ** (2 + variant), n_components=2)
    if kind == "structure":
        pytest.importorskip("jax")
        student = derandkit.Student(width=2 + variant)
        return derandkit.discover_structure(
            derandkit.Teacher("tanh", 2), student, max_steps=5, controls=False
        )
    objective = derandkit.CutObjective(derandkit.as_graph(nx.cycle_graph(5)), 1e-4)
    return derandkit.derandomize(objective, derandkit.GaussianSampler(np.full(5, 0.1 + variant), np.eye(5)))


@pytest.fixture(params=KINDS)
def result(request):
    return solved(request.param)


def test_what_is_saved_is_loaded(result, tmp_path):
    target = tmp_path / "result.json"
    result.save(target)
    assert target.read_text() == result.to_json()
    again = derandkit.load(target)
    assert type(again) is type(result)
    assert again == result
    assert repr(again) == repr(result)
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == target.read_bytes()


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_copies_are_equal(result, duplicate):
    again = duplicate(result)
    assert again == result
    assert hash(again) == hash(result)
    assert str(again) == str(result)


@pytest.mark.parametrize("kind", KINDS)
def test_results_are_equal_by_content(kind):
    one, other = solved(kind), solved(kind, 1)
    assert one != other
    assert one != one.to_dict()
    assert len({one, other, copy.copy(one)}) == 2


def test_an_array_that_differs_in_one_bit_makes_another_result():
    result = solved("embedding")
    again = copy.deepcopy(result)
    again.matrix.setflags(write=True)
    again.matrix[0, 0] = np.nextafter(again.matrix[0, 0], 9.0)
    assert again != result


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "has no schema, so it is not a derandkit result"),
        ('{"schema": "derandkit-cake"}', "has schema 'derandkit-cake'"),
        ('{"schema": ["derandkit-maxcut"]}', "which is not a derandkit result"),
        ('{"schema": "derandkit-maxcut"}', "the record has no 'schema_version'"),
        ('{"schema": "derandkit-embedding", "schema_version": 99}', "version 99"),
        ("[1]", "not an object"),
        ("nothing", "is not JSON"),
    ],
)
def test_files_that_are_no_results_are_refused_in_one_line(tmp_path, text, said):
    target = tmp_path / "result.json"
    target.write_text(text)
    message = refused(derandkit.load, target)
    assert said in message
    assert str(target) in message


def test_a_record_with_a_part_missing_is_refused(tmp_path):
    record = solved("maxcut").to_dict()
    target = tmp_path / "result.json"
    for name in ("partition", "certificate", "history", "chain", "status"):
        target.write_text(json.dumps({key: value for key, value in record.items() if key != name}))
        with pytest.raises(derandkit.InputError, match="complete"):
            derandkit.load(target)


# what comes out of a cut fits the tools that the graph came from


@settings(deadline=None, max_examples=30)
@given(graphs(weights=SMALL_INTEGERS | REALS, max_n=8))
def test_labels_sides_and_edges_say_the_same_cut(graph):
    result = derandkit.maxcut(graph)
    assert list(result.labels) == list(graph.labels)
    assert list(result.sides) == list(graph.labels)
    assert [1 - 2 * side for side in result.sides.values()] == result.signs.tolist()
    assert tuple([x for x in result.labels if result.sides[x] == k] for k in (0, 1)) == result.partition
    edges = result.cut_edges()
    assert all(result.sides[u] != result.sides[v] for u, v, _ in edges)
    G = graph.to_networkx()
    assert nx.cut_size(G, *result.partition, weight="weight") == pytest.approx(result.cut_value)
    assert len(edges) == nx.cut_size(G, *result.partition)
    ends = [graph.labels.index(u) for u, _, _ in edges], [graph.labels.index(v) for _, v, _ in edges]
    cut = derandkit.WeightedGraph.from_edges(*ends, [w for _, _, w in edges], n=graph.n)
    assert cut.total_weight == result.cut_value


@settings(deadline=None, max_examples=50)
@given(graphs(weights=SMALL_INTEGERS | REALS, max_n=8))
def test_a_graph_comes_back_from_networkx_and_scipy(graph):
    assert derandkit.as_graph(graph.to_networkx()).digest == graph.digest
    again = derandkit.as_graph(graph.to_scipy())
    assert again.digest == derandkit.WeightedGraph.from_edges(*graph.edges(), n=graph.n).digest


@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_every_kind_survive_a_file(kind, tmp_path):
    G = nx.Graph()
    nx.add_cycle(G, LABELS[kind])
    result = derandkit.maxcut(G)
    nx.set_node_attributes(G, result.sides, "side")
    assert all(G.nodes[u]["side"] != G.nodes[v]["side"] for u, v in G.edges)
    result.save(tmp_path / "cut.json")
    again = derandkit.load(tmp_path / "cut.json", G)
    assert again.sides == result.sides
    assert again.partition == result.partition
    assert [type(x) for x in again.labels] == [type(x) for x in result.labels]
    assert again.cut_edges() == result.cut_edges()
    assert again.membership == result.membership
    assert all(label_of(derandkit.graphs.label_json.json_of(x)) == x for x in result.labels)


def test_membership_follows_the_input():
    G = nx.Graph([("d", "b"), ("b", "a"), ("a", "c")])
    result = derandkit.maxcut(G)
    assert dict(zip(G.nodes, result.membership, strict=True)) == result.sides
    assert result.membership != list(result.sides.values())  # the canonical order is another one
    matrix = nx.to_numpy_array(nx.path_graph(5))
    assert derandkit.maxcut(matrix).membership == [0, 1, 0, 1, 0]


def test_membership_fits_igraph():
    igraph = pytest.importorskip("igraph")
    G = igraph.Graph(edges=[(3, 0), (0, 2), (2, 1)])
    edges = np.array(G.get_edgelist())
    result = derandkit.maxcut(derandkit.WeightedGraph.from_edges(edges[:, 0], edges[:, 1], n=G.vcount()))
    clusters = igraph.VertexClustering(G, result.membership)
    assert sorted(map(sorted, clusters)) == [[0, 1], [2, 3]]
    assert len(clusters.crossing()) == 3
    assert all(clusters.crossing())


def test_membership_fits_graphs_with_names():
    igraph = pytest.importorskip("igraph")
    G = igraph.Graph(edges=[(3, 0), (0, 2), (2, 1)])
    G.vs["name"] = ["d", "c", "a", "b"]
    result = derandkit.maxcut(G)
    assert dict(zip(G.vs["name"], result.membership, strict=True)) == result.sides
    assert all(igraph.VertexClustering(G, result.membership).crossing())
    rustworkx = pytest.importorskip("rustworkx")
    R = rustworkx.PyGraph()
    R.add_nodes_from(["d", "c", "a", "b"])
    R.add_edges_from([(0, 1, 1.0), (1, 2, 2.0), (2, 3, 1.0)])
    result = derandkit.maxcut(R)
    assert dict(zip(R.nodes(), result.membership, strict=True)) == result.sides


def test_signs_fit_a_matrix():
    A = nx.to_scipy_sparse_array(nx.petersen_graph())
    result = derandkit.maxcut(A)
    assert (A.sum() - result.signs @ A @ result.signs) / 4 == result.cut_value


def test_what_needs_the_graph_says_so():
    text = solved("maxcut").to_json()
    again = derandkit.MaxCutResult.from_json(text)
    for use in (again.cut_edges, lambda: again.membership):
        with pytest.raises(derandkit.InputError, match="with_graph"):
            use()
    with pytest.raises(derandkit.InputError, match="another graph"):
        again.with_graph(derandkit.as_graph([("a", "b")]))
    assert again.with_graph(solved("maxcut").instance).cut_edges() == solved("maxcut").cut_edges()


@pytest.mark.parametrize("kind", LABELS)
def test_pandas_has_one_cell_a_label(kind):
    pytest.importorskip("pandas")
    G = nx.Graph()
    nx.add_cycle(G, LABELS[kind])
    result = derandkit.maxcut(G)
    series, frame = result.to_series(), result.to_frame()
    assert series.index.nlevels == 1
    assert series.to_dict() == result.sides
    assert (series.name, series.index.name) == ("side", "node")
    assert list(frame.columns) == ["node", "side"]
    assert dict(zip(frame["node"], frame["side"], strict=True)) == result.sides


def test_pandas_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    for convert in (solved("maxcut").to_series, solved("maxcut").to_frame):
        with pytest.raises(derandkit.MissingDependencyError, match=r"derandkit\[pandas\]"):
            convert()


class Cells(html.parser.HTMLParser):
    """Texts of the cells of a table, and whether every element is closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.cells = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        if tag in ("th", "td"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("th", "td"):
            self.cells[-1] += data


def test_a_notebook_shows_the_table(result):
    cells = Cells(derandkit.tables.html_table(repr(result), result.table_rows())).cells
    assert cells == [cell for row in result.table_rows() for cell in row]


def test_a_notebook_shows_labels_as_text():
    table = derandkit.tables.html_table("<script>alert(1)</script>", [("<b>", "&amp;<script>")])
    assert "<script>" not in table
    assert Cells(table).cells == ["<b>", "&amp;<script>"]


PATH = [("a", "b"), ("b", "c")]
SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


@functools.cache
def other_result(kind):
    """A small result of each class that has no record of its own."""
    graph, ising = derandkit.WeightedGraph(PATH), derandkit.QuadraticModel.from_qubo([[-1, 3], [0, -2]])
    return {
        "relaxation": lambda: derandkit.relax_cut(graph),
        "search": lambda: derandkit.search_cut(graph, np.ones(3, dtype=np.int8)),
        "cycles": lambda: derandkit.cycle_bound(graph),
        "branching": lambda: derandkit.branch_and_bound(graph),
        "triangles": lambda: derandkit.triangle_bound(graph),
        "cardinality": lambda: derandkit.optimize_with_cardinality(ising, 1),
        "cut norm": lambda: derandkit.cut_norm([[1, -2], [3, 4]]),
        "rows": lambda: derandkit.measure_rows(SQUARE, derandkit.embed(SQUARE, n_components=2)),
        "pairs": lambda: derandkit.scan_pairs(SQUARE, derandkit.embed(SQUARE, n_components=2)),
        "verification": lambda: derandkit.verify(derandkit.maxcut(PATH), PATH),
        "objective": lambda: derandkit.check_objective(
            derandkit.CutObjective(graph, 0.1), derandkit.GaussianSampler(np.zeros(3), 0.5)
        ),
    }[kind]()


OTHERS = (
    "relaxation", "search", "cycles", "branching", "triangles", "cardinality", "cut norm", "rows", "pairs",
    "verification",    "objective",
)  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
def test_results_without_a_record_show_what_they_know(kind):
    found = other_result(kind)
    rows = found.table_rows()
    page = found._repr_html_()
    assert Cells(page).cells == [cell for row in rows for cell in row]
    assert len(repr(found)) < 200 or kind in ("rows", "verification", "objective")
    assert len(rows) >= 3
    assert len({cell for cell, *_ in rows}) == len(rows)


def test_the_tables_state_the_numbers_of_the_result():
    relaxed, norm = other_result("relaxation"), other_result("cut norm")
    assert ("value of the relaxation", f"{relaxed.value:.9g}") in relaxed.table_rows()
    assert ("no choice has more than", "7 (certified)") in norm.table_rows()
    assert repr(norm) == "CutNorm(value=7, bound=7 certified, optimal)"
    assert repr(other_result("cycles")).startswith("CycleBound(odd-cycle, value=2, complete")
    assert "the record holds" in other_result("verification")._repr_html_()


def test_a_record_whose_sides_are_not_those_of_its_graph_is_refused_beside_it():
    """One side more than vertices was an error of Python where the graph was given too."""
    edges = [("a", "b"), ("b", "c"), ("a", "c")]
    record = json.loads(derandkit.maxcut(edges).to_json())
    sides = record["certificate"]["sides"]
    record["certificate"]["sides"] = sides + sides[-1]
    changed = derandkit.MaxCutResult.from_json(json.dumps(sealed_again(record)))
    assert "4 sides for the 3 vertices" in refused(changed.with_graph, derandkit.as_graph(edges))


def test_a_record_whose_history_has_two_lengths_is_refused():
    """Its report ended in an error of matplotlib."""
    record = json.loads(derandkit.maxcut([("a", "b"), ("b", "c"), ("a", "c")]).to_json())
    record["history"]["expectation"] = [*record["history"]["expectation"], 1.0]
    assert "not of one length" in refused(derandkit.MaxCutResult.from_json, json.dumps(sealed_again(record)))
