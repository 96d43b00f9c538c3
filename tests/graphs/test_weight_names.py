"""A weight that the user names has to be there, the name "weight" like any other; only the default is a choice."""

from __future__ import annotations

import io
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy import sparse

import derandkit as dk
from derandkit.cli import main
from derandkit.errors import InputError
from derandkit.models.arcs import Arcs, as_arcs, read_arcs

EDGES = [("a", "b", 5), ("b", "c", 3), ("a", "c", 2)]
KM = nx.Graph([(u, v, {"km": w}) for u, v, w in EDGES])
PLAIN = nx.Graph([(u, v) for u, v, _ in EDGES])
MATRIX = np.array([[0, 5, 2, 0], [5, 0, 3, 0], [2, 3, 0, 0], [0, 0, 0, 0]])


def written(writer, G):
    """What a writer of networkx writes, as an open file."""
    buffer = io.BytesIO()
    writer(G, buffer)
    buffer.seek(0)
    return buffer


def igraph_of(G):
    return pytest.importorskip("igraph").Graph.from_networkx(G)


def rustworkx_of(G):
    return pytest.importorskip("rustworkx").networkx_converter(G)


HELD = {
    "networkx": lambda: KM,
    "networkx multigraph": lambda: nx.MultiGraph(KM),
    "networkx without attributes": lambda: PLAIN,
    "igraph": lambda: igraph_of(KM),
    "igraph without attributes": lambda: igraph_of(PLAIN),
    "rustworkx": lambda: rustworkx_of(KM),
    "edges with attributes": lambda: list(KM.edges(data=True)),
    "edges without a weight": lambda: [("a", "b"), ("b", "c")],
    "view of edges": lambda: KM.edges(data=True),
    "mapping of attributes": lambda: {(u, v): {"km": w} for u, v, w in EDGES},
    "mapping of neighbours": lambda: {"a": {"b": {"km": 5}}, "b": {"c": {"km": 3}}},
    "frame": lambda: pd.DataFrame(EDGES, columns=["source", "target", "km"]),
    "frame without weights": lambda: pd.DataFrame(EDGES, columns=["source", "target", "km"])[
        ["source", "target"]
    ],
    "numpy": lambda: MATRIX,
    "scipy": lambda: sparse.csr_array(MATRIX),
    "array of ends": lambda: np.array([[0, 1, 2, 3], [1, 2, 3, 0]]),
    "benchmark graph": lambda: "G11",
    "CSV with a header": lambda: io.StringIO("source,target,km\na,b,5\nb,c,3\n"),
    "CSV without weights": lambda: io.StringIO("source,target\na,b\nb,c\n"),
    "edge list without weights": lambda: io.StringIO("a b\nb c\n"),
    "edge list of networkx": lambda: written(nx.write_edgelist, KM),
    "edge list of networkx without attributes": lambda: written(nx.write_edgelist, PLAIN),
    "GraphML": lambda: written(nx.write_graphml, KM),
    "GML": lambda: written(nx.write_gml, KM),
    "GEXF": lambda: written(nx.write_gexf, KM),
    "Pajek": lambda: io.StringIO('*Vertices 2\n1 "a"\n2 "b"\n*Edges\n1 2\n'),
    "DOT": lambda: io.StringIO("graph { a -- b [km=5]; b -- c [km=3] }"),
    "JSON": lambda: io.StringIO('{"nodes": [{"id": 1}, {"id": 2}], "links": [{"source": 1, "target": 2, "km": 4}]}'),
    "Matrix Market": lambda: io.StringIO("%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n2 1 4\n"),
    "graph6": lambda: io.StringIO(">>graph6<<DQc\n"),
    "WeightedGraph": lambda: dk.as_graph(KM),
}  # fmt: skip


@pytest.mark.parametrize("kind", HELD)
def test_the_default_is_a_choice_and_a_name_is_not(kind):
    assert dk.as_graph(HELD[kind]()).m > 0
    for name in ("weight", "wieght"):
        with pytest.raises(InputError, match=name) as caught:
            dk.as_graph(HELD[kind](), weight=name)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["networkx", "numpy", "frame", "benchmark graph", "edges without a weight"])
def test_every_function_asks_for_the_name(kind):
    result = dk.maxcut([("a", "b")])
    for call in (
        lambda: dk.maxcut(HELD[kind](), weight="wieght"),
        lambda: dk.verify(result, HELD[kind](), weight="wieght"),
        lambda: dk.frustration(HELD[kind](), weight="wieght"),
        lambda: dk.compare([HELD[kind]()], weight="wieght"),
    ):
        with pytest.raises(InputError, match="wieght"):
            call()


def test_a_name_that_is_there_is_taken():
    expected = dk.as_graph(EDGES).digest
    for kind in ("networkx", "edges with attributes", "mapping of attributes", "frame", "GraphML", "GML"):
        assert dk.as_graph(HELD[kind](), weight="km").digest == expected
        assert dk.as_graph(HELD[kind]()).digest == expected
    assert dk.as_graph(EDGES, weight="weight").digest == expected  # what the reading calls the third items
    assert dk.as_graph(dk.as_graph(EDGES), weight="weight").digest == expected
    assert dk.as_graph(dk.as_graph(KM), weight="km").digest == expected
    with pytest.raises(InputError, match="third place"):
        dk.as_graph([("a", "b", {"km": 5}), ("b", "c", 3)])


def test_arcs_ask_for_the_name_too():
    arcs = [("a", "b", {"km": 5}), ("b", "a", {"km": 3})]
    assert Arcs.from_arcs(arcs, weight="km").weights.tolist() == [5, 3]
    assert dk.maxdicut(nx.DiGraph(arcs)).value == 5
    for call in (Arcs.from_arcs, dk.maxdicut):
        with pytest.raises(InputError, match="'weight'; they have km"):
            call(arcs, weight="weight")


def test_the_command_line_asks_for_the_name(tmp_path):
    file = tmp_path / "g.csv"
    file.write_text("source,target,km\na,b,5\nb,c,3\na,c,2\n")
    for verb in ("maxcut", "balance", "compare"):
        found = CliRunner().invoke(main, [verb, str(file)])
        assert found.exit_code == 0, found.stderr
        refused = CliRunner().invoke(main, [verb, str(file), "--weight", "weight"])
        assert refused.exit_code == 2
        assert "no column is named 'weight'" in refused.stderr
    found = CliRunner().invoke(main, ["maxcut", str(file), "--weight", "km", "--format", "tsv"])
    assert found.exit_code == 0, found.stderr


def test_unweighted_counts_parallel_edges_everywhere(tmp_path):
    file = tmp_path / "g.txt"
    file.write_text("a b 5\na b 3\nb c 1\nb b 2\n")
    expected = dk.as_graph(file, weight=None)
    assert expected.total_weight == 3
    for verb, figure in (("maxcut", "cut_value"), ("maxdicut", "value")):
        found = CliRunner().invoke(main, [verb, str(file), "--unweighted", "--format", "json"])
        assert json.loads(found.stdout)[figure] == {"maxcut": 3, "maxdicut": 2}[verb]
    (row,) = dk.compare([str(file)], methods="lemma", unweighted=True)
    assert row.value == 3
    both = CliRunner().invoke(main, ["maxcut", str(file), "--unweighted", "--weight", "weight"])
    assert both.exit_code == 2
    assert "give one of them" in both.stderr
    with pytest.raises(InputError, match="give one of them"):
        dk.compare([str(file)], methods="lemma", unweighted=True, weight="weight")


def test_parallel_arcs_and_loops_are_counted(tmp_path):
    files = {
        "p.max": "p max 3 5\na 1 2 5\na 1 2 3\na 2 3 1\na 3 1 1\na 3 3 2\n",
        "g.rudy": "3 5\n1 2 5\n1 2 3\n2 3 1\n3 1 1\n3 3 2\n",
        "g.txt": "1 2 5\n1 2 3\n2 3 1\n3 1 1\n3 3 2\n",
        "g.net": "*Vertices 3\n*Arcs\n1 2 5\n1 2 3\n2 3 1\n3 1 1\n3 3 2\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        arcs = read_arcs(tmp_path / name)
        assert (arcs.m, arcs.dropped_loops, arcs.merged_arcs) == (3, 1, 1)
        said = CliRunner().invoke(main, ["maxdicut", str(tmp_path / name)]).stderr
        assert "dropped 1 self-loop" in said
        assert "added 1 parallel arc to the first arc" in said
    assert Arcs.from_arcs([(1, 2), (1, 2), (2, 2)]).merged_arcs == 1
    assert as_arcs(nx.MultiDiGraph([(1, 2), (1, 2), (2, 2)])).dropped_loops == 1


@pytest.mark.parametrize(
    "command",
    [
        ["maxcut"],
        ["maxcut", "--fix", "a", "0"],
        ["maxcut", "--solutions", "2"],
        ["maxcut", "--fix", "a", "0", "--solutions", "2"],
        ["maxdicut"],
        ["balance"],
    ],
    ids=" ".join,
)
def test_verify_reads_every_record_of_a_graph_as_the_options_say(tmp_path, command):
    """Constrained, several and directed cuts were verified with the options left out."""
    file, out = tmp_path / "g.csv", tmp_path / "out.json"
    file.write_text("source,target,km,cost\na,b,5,1\nb,c,3,7\na,c,2,1\n")
    verb, *rest = command
    found = CliRunner().invoke(main, [verb, str(file), "--weight", "cost", *rest, "-o", str(out)])
    assert found.exit_code == 0, found.stderr
    good = CliRunner().invoke(main, ["verify", str(out), str(file), "--weight", "cost"])
    assert good.exit_code == 0, good.stderr
    assert CliRunner().invoke(main, ["verify", str(out), str(file), "--weight", "km"]).exit_code == 1
    assert CliRunner().invoke(main, ["verify", str(out), str(file)]).exit_code == 2


@pytest.mark.parametrize(
    ("head", "weight"), [("weight,weight", ...), ("Weight,WEIGHT", ...), ("km,km", "km"), ("Km,KM", "km")]
)
def test_two_columns_with_the_name_of_the_weight_are_refused(head, weight):
    text = f"source,target,{head}\na,b,1,5\nb,c,2,7\na,c,1,1\n"
    options = {} if weight is ... else {"weight": weight}
    with pytest.raises(InputError, match="2 columns are named"):
        dk.as_graph(io.StringIO(text), **options)


def test_the_exact_name_of_the_weight_comes_before_other_spellings():
    text = "source,target,Weight,weight\na,b,1,5\nb,c,2,7\n"
    assert dk.as_graph(io.StringIO(text)).total_weight == 12


@pytest.mark.parametrize("name", ["tie", "trust"])
def test_ego_and_alter_are_ends_beside_a_weight_of_any_name(name):
    """The words of surveys of networks were asked about, as columns of points are."""
    graph = dk.as_graph(io.StringIO(f"ego,alter,{name}\n1,2,1\n1,3,4\n2,3,1\n3,4,1\n4,5,3\n1,5,1\n"))
    assert (graph.n, graph.total_weight) == (5, 11)
