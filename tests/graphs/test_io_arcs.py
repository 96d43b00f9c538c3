"""Directed graphs go through the readers of graphs: read right or refused as there, and with their directions."""

from __future__ import annotations

import io
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.sparse as sp
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import derandkit as dk
from derandkit.cli import main
from derandkit.models.arcs import Arcs, as_arcs, read_arcs

WANTED = [("a", "b", 2), ("b", "a", 3), ("b", "c", 0), ("c", "d", 4), ("a", "d", -1.5)]
NUMBERED = [(ord(u) - 96, ord(v) - 96, w) for u, v, w in WANTED]


def arcs_of(found):
    label = found.labels
    ends = zip(found.tails.tolist(), found.heads.tolist(), found.weights.tolist(), strict=True)
    return {(label[u], label[v]): w for u, v, w in ends}


def read(text, **options):
    return read_arcs(io.StringIO(text), **options)


def refusal(make):
    with pytest.raises(dk.InputError) as caught:
        make()
    return str(caught.value)


def objects(arcs):
    """The same arcs in everything that holds them; those of weight zero are listed."""
    G = nx.DiGraph()
    G.add_weighted_edges_from(arcs)
    frame = pd.DataFrame(arcs, columns=["source", "target", "weight"])
    columns = tuple(frame[name].to_numpy() for name in frame)
    text = "".join(f"{u} {v} {w}\n" for u, v, w in arcs)
    return [
        arcs, G, G.edges(data=True), frame, frame.set_index("source"), {(u, v): w for u, v, w in arcs},
        nx.to_dict_of_dicts(G), io.StringIO(text), io.StringIO(text.replace(" ", ",")),
        io.StringIO("from;to;weight\n" + text.replace(" ", ";")),
        io.StringIO("".join(f"{u} -> {v} {w}\n" for u, v, w in arcs)),
        io.StringIO("".join(f"{v} <- {u} {w}\n" for u, v, w in arcs)),
        io.StringIO("\n".join(nx.generate_gml(G))), io.BytesIO("\n".join(nx.generate_graphml(G)).encode()),
        io.StringIO(json.dumps(nx.node_link_data(G, edges="edges"))),
    ] + ([columns] if isinstance(arcs[0][0], int) else [])  # fmt: skip


@pytest.mark.parametrize("arcs", [WANTED, NUMBERED])
def test_whatever_holds_the_arcs(arcs):
    wanted = Arcs.from_arcs(arcs)
    for obj in objects(arcs):
        found = as_arcs(obj)
        assert arcs_of(found) == {(u, v): w for u, v, w in arcs}
        assert found.digest == wanted.digest


def test_libraries_of_graphs():
    igraph = pytest.importorskip("igraph")
    rustworkx = pytest.importorskip("rustworkx")
    g = igraph.Graph.TupleList(WANTED, directed=True, edge_attrs=["weight"])
    assert arcs_of(as_arcs(g)) == {(u, v): w for u, v, w in WANTED}
    r = rustworkx.PyDiGraph()
    place = {name: r.add_node(name) for name in "abcd"}
    r.add_edges_from([(place[u], place[v], w) for u, v, w in WANTED])
    assert arcs_of(as_arcs(r)) == {(u, v): w for u, v, w in WANTED}
    assert "undirected" in refusal(lambda: as_arcs(igraph.Graph([(0, 1)])))
    assert "undirected" in refusal(lambda: as_arcs(r.to_undirected()))


def test_undirected_graphs_are_refused():
    path = nx.path_graph(4)
    adjacency = sp.csr_array(np.eye(4, k=1) + np.eye(4, k=-1))
    for obj in (path, path.edges, dk.as_graph(path), io.StringIO("\n".join(nx.generate_gml(path)))):
        assert "the graph is undirected; a directed cut needs arcs" in refusal(lambda obj=obj: as_arcs(obj))
    for text in ("graph { a -- b }", "a -- b\n", "p edge 2 1\ne 1 2\n", "*Vertices 2\n*Edges\n1 2\n"):
        assert "the graph is undirected" in refusal(lambda text=text: read(text))
    assert "the graph is undirected" in refusal(lambda: read("3 2\n2\n1 3\n2\n", input_format="metis"))
    assert as_arcs(adjacency).m == 6  # a matrix holds both directions


def test_formats_of_arcs(tmp_path):
    assert arcs_of(read("digraph { a -> b [weight=2]; b -> a [weight=3] }")) == {("a", "b"): 2, ("b", "a"): 3}
    assert arcs_of(read("p sp 3 2\na 1 2 5\na 2 1 6\n")) == {(1, 2): 5, (2, 1): 6}
    assert arcs_of(read("*Vertices 2\n*Arcs\n1 2 5\n2 1 6\n")) == {(1, 2): 5, (2, 1): 6}
    assert arcs_of(read("a b c\nb a\n", input_format="adjlist")) == {
        ("a", "b"): 1,
        ("a", "c"): 1,
        ("b", "a"): 1,
    }
    assert arcs_of(read("3 2\n1 2 5\n2 1 6\n")) == {(1, 2): 5, (2, 1): 6}
    matrix = np.array([[0, 3, 0, 0], [0, 0, 5, 0], [7, 0, 0, 0], [0, 0, 1, 0]])
    wanted = {(0, 1): 3, (1, 2): 5, (2, 0): 7, (3, 2): 1}
    np.savetxt(tmp_path / "m.txt", matrix, fmt="%d")
    np.save(tmp_path / "m.npy", matrix)
    sp.save_npz(tmp_path / "m.npz", sp.csr_array(matrix))
    pd.DataFrame(matrix).to_csv(tmp_path / "m.csv")
    for name in ("m.txt", "m.npy", "m.npz", "m.csv"):
        assert arcs_of(read_arcs(tmp_path / name)) == wanted, name
    scipy.io.mmwrite(tmp_path / "m.mtx", sp.coo_array(matrix))
    assert sorted(arcs_of(read_arcs(tmp_path / "m.mtx")).values()) == [1, 3, 5, 7]
    for obj in (matrix, matrix.tolist(), sp.csr_array(matrix), pd.DataFrame(matrix)):
        assert arcs_of(as_arcs(obj)) == wanted
    names = pd.DataFrame(matrix, index=list("wxyz"), columns=list("wxyz"))
    assert arcs_of(as_arcs(names)) == {("w", "x"): 3, ("x", "y"): 5, ("y", "w"): 7, ("z", "y"): 1}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: read("source,target\na,b,3\n"), "the last may lack a name"),
        (lambda: read("e 1 2\ne 2 3\n"), "a kind of line"),
        (lambda: read("a,b,3\n", weight="cost"), "no column or attribute is named 'cost'"),
        (lambda: read("0 3\n0 0\n"), "may be a matrix or edges"),
        (lambda: as_arcs([[0, 3], [0, 0]]), "may be a matrix or 2 edges"),
        (lambda: as_arcs(np.array([[0, 1, 2], [1, 2, 0]])), "may be 2 edges"),
        (lambda: as_arcs(3), "cannot read a graph from int"),
        (lambda: as_arcs(nx.DiGraph()), "no vertices"),
    ],
)
def test_two_readings_are_refused(make, words):
    assert words in refusal(make)


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.floats(-9, 9, width=16)), min_size=1, max_size=30
    ),
    st.booleans(),
)
def test_parallel_arcs_are_added_up_and_loops_left_out(arcs, unweighted):
    weight = None if unweighted else "weight"
    G = nx.MultiDiGraph()
    G.add_weighted_edges_from(arcs)
    wanted = Arcs.from_arcs([(u, v, 1 if unweighted else w) for u, v, w in arcs])
    assert as_arcs(arcs, weight=weight).digest == wanted.digest
    assert as_arcs(G, weight=weight).digest == wanted.digest


def test_the_command_line_reads_what_python_reads(tmp_path):
    file, out = tmp_path / "g.csv", tmp_path / "r.json"
    file.write_text("source;target;km;year\na;b;2,5;1999\nb;a;1;2000\n")
    done = CliRunner().invoke(main, ["maxdicut", str(file), "-o", str(out)])
    assert done.exit_code == 0, done.output
    reading = "edge list, semicolon-separated, 3 columns: source target km; 1 header line"
    assert f"read {file} as {reading}; 2 vertices, 2 arcs, total weight 3.5" in done.stderr
    assert "derandkit: the weights are those of 'km'" in done.stderr
    assert dk.verify(out, file)
    assert dk.maxdicut(file).value == 2.5
    ones = CliRunner().invoke(main, ["maxdicut", str(file), "--unweighted", "--format", "json"])
    assert json.loads(ones.stdout)["value"] == 1
    wrong = CliRunner().invoke(main, ["maxdicut", str(file), "--symmetrize", "sum"])
    assert wrong.exit_code == 2
