"""Files of other tools: what networkx, igraph, SciPy, NumPy and pandas write comes back as the same graph."""

from __future__ import annotations

import io
import json
import zipfile

import igraph
import networkx as nx
import numpy as np
import pytest
import rustworkx as rx
import scipy.io
import scipy.sparse as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.inputs import read, refusal

from derandkit.errors import InputError
from derandkit.graphs.files import as_graph, read_graph

ONE_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
LES_MISERABLES = nx.les_miserables_graph()


@st.composite
def networks(draw):
    """A networkx graph with weights and without isolated vertices, whose labels are words or numbers."""
    n = draw(st.integers(2, 7))
    pairs = [(a, b) for a in range(n) for b in range(a)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1))
    weight = draw(st.sampled_from([st.integers(-9, 9), st.integers(-80, 80).map(lambda k: k / 8)]))
    G = nx.Graph()
    G.add_weighted_edges_from((a, b, draw(weight)) for a, b in chosen)
    if draw(st.booleans()):
        words = draw(st.lists(st.text("abcxyz", min_size=2, max_size=5), min_size=n, max_size=n, unique=True))
        G = nx.relabel_nodes(G, dict(enumerate(words)))
    return G


@ONE_FOLDER
@given(networks())
def test_networkx_writers_with_weights(tmp_path, G):
    expected = as_graph(G).digest
    for name, write in (
        ("g.graphml", nx.write_graphml),
        ("g.gml", nx.write_gml),
        ("g.gexf", nx.write_gexf),
        ("g.net", nx.write_pajek),
        ("g.txt", nx.write_multiline_adjlist),
        ("g.edgelist", nx.write_edgelist),
        ("g.edgelist", nx.write_weighted_edgelist),
    ):
        write(G, tmp_path / name)
        assert read_graph(tmp_path / name).digest == expected, name
    for name in ("edges", "links"):
        text = json.dumps(nx.node_link_data(G, edges=name))
        assert read(tmp_path, text, "g.json").digest == expected
    assert read(tmp_path, json.dumps(nx.adjacency_data(G)), "g.json").digest == expected
    assert read(tmp_path, json.dumps(nx.cytoscape_data(G)), "g.json").labels == as_graph(G).labels
    edges = [[u, v, w] for u, v, w in G.edges(data="weight")]
    questions = {2: "may be 2 edges with weights, or the ends of 3 edges", 3: "may be a matrix or 3 edges"}
    text = json.dumps(edges)
    try:
        assert read(tmp_path, text, "g.json").total_weight == as_graph(G).total_weight
    except InputError:
        assert questions[len(edges)] in refusal(tmp_path, text, "g.json")


@ONE_FOLDER
@given(networks())
def test_networkx_writers_without_weights(tmp_path, G):
    expected = as_graph(G, weight=None).digest
    nx.write_adjlist(G, tmp_path / "g")
    assert read_graph(tmp_path / "g").digest == expected
    H = nx.convert_node_labels_to_integers(G)
    H.add_node(H.number_of_nodes())
    expected = as_graph(H, weight=None).digest
    for name, write in (("g.g6", nx.write_graph6), ("g.s6", nx.write_sparse6)):
        for header in (True, False):
            write(H, tmp_path / name, header=header)
            assert read_graph(tmp_path / name).digest == expected


@ONE_FOLDER
@given(networks())
def test_igraph_and_rustworkx_writers(tmp_path, G):
    H = nx.convert_node_labels_to_integers(G)
    H.add_node(H.number_of_nodes())
    ours = igraph.Graph.from_networkx(H)
    del ours.vs["_nx_name"]
    expected = as_graph(H).digest
    for name, write in (("g.gml", ours.write_gml), ("g.graphml", ours.write_graphml)):
        write(str(tmp_path / name))
        back = read_graph(tmp_path / name)
        assert (back.n, back.m, back.total_weight) == (
            H.number_of_nodes(),
            H.number_of_edges(),
            as_graph(H).total_weight,
        )
    ours.write_pajek(str(tmp_path / "g.net"))
    back = read_graph(tmp_path / "g.net")
    assert as_graph(nx.relabel_nodes(H, {v: v + 1 for v in H})).digest == back.digest
    ours.write_dot(str(tmp_path / "g.dot"))
    assert read_graph(tmp_path / "g.dot").digest == expected
    lines = igraph.Graph.from_networkx(G.subgraph(G))
    lines.vs["name"] = [f"v{name}" for name in lines.vs["_nx_name"]]
    lines.write_ncol(str(tmp_path / "g.ncol"), names="name", weights="weight")
    named = as_graph(nx.relabel_nodes(G, {v: f"v{v}" for v in G}))
    back = read_graph(tmp_path / "g.ncol", header=False)  # 'v2 v1 0' may name columns
    assert back.total_weight == named.total_weight
    P = rx.networkx_converter(H)
    rx.node_link_json(
        P, path=str(tmp_path / "g.json"), edge_attrs=lambda data: {"weight": str(data["weight"])}
    )
    assert read_graph(tmp_path / "g.json", weight=None).m == H.number_of_edges()
    P.write_edge_list(str(tmp_path / "g.el"), weight_fn=lambda data: str(data["weight"]))
    assert read_graph(tmp_path / "g.el").total_weight == as_graph(H).total_weight


@ONE_FOLDER
@given(networks())
def test_scipy_and_numpy_writers(tmp_path, G):
    A = nx.to_scipy_sparse_array(G, dtype=float)
    expected = as_graph(A.toarray())
    for make in (sp.csr_array, sp.csc_array, sp.coo_array, sp.bsr_array, sp.dia_array, sp.csr_matrix):
        B = make(A)
        sp.save_npz(tmp_path / "g.npz", B)
        assert read_graph(tmp_path / "g.npz").digest == as_graph(B).digest
    np.save(tmp_path / "g.npy", A.toarray())
    assert read_graph(tmp_path / "g.npy").digest == expected.digest
    np.savez_compressed(tmp_path / "h.npz", A.toarray())
    assert read_graph(tmp_path / "h.npz").digest == expected.digest
    for symmetry in ("general", "symmetric"):
        scipy.io.mmwrite(tmp_path / "g.mtx", A, symmetry=symmetry)
        assert read_graph(tmp_path / "g.mtx").total_weight == expected.total_weight
    if A.shape[0] > 3:
        np.savetxt(tmp_path / "g.txt", A.toarray(), delimiter=",")
        assert read_graph(tmp_path / "g.txt").digest == expected.digest


# A8: an attribute of another name; directed and dynamic graphs


@pytest.mark.parametrize(
    ("name", "write"), [("g.gml", nx.write_gml), ("g.graphml", nx.write_graphml), ("g.gexf", nx.write_gexf)]
)
def test_a8_the_only_attribute_of_numbers_is_the_weight(tmp_path, name, write):
    G = nx.Graph()
    G.add_edges_from((u, v, {"value": d["weight"]}) for u, v, d in LES_MISERABLES.edges(data=True))
    write(G, tmp_path / name)
    graph = read_graph(tmp_path / name)
    assert graph.total_weight == as_graph(LES_MISERABLES).total_weight
    assert graph.reading.weight == "value"
    nx.set_edge_attributes(G, 1.5, "Weight")
    write(G, tmp_path / name)
    assert read_graph(tmp_path / name).total_weight == 1.5 * G.number_of_edges()
    with pytest.raises(InputError, match="no edge has an attribute 'wieght'"):
        read_graph(tmp_path / name, weight="wieght")
    write(nx.DiGraph([("a", "b"), ("b", "a")]), tmp_path / name)
    with pytest.raises(InputError, match="--symmetrize"):
        read_graph(tmp_path / name)
    assert read_graph(tmp_path / name, symmetrize="sum").total_weight == 2


# formats that networkx does not write


def test_dimacs(tmp_path):
    text = "c a square\nc\np edge 4 4\ne 1 2\ne 2 3\ne 3 4\ne 4 1\n"
    expected = as_graph([(1, 2), (2, 3), (3, 4), (4, 1)]).digest
    assert read(tmp_path, text, "g.col").digest == expected
    assert read(tmp_path, text.replace("p edge", "p col").replace("\n", "\r\n")).digest == expected
    assert read(tmp_path, text.replace("4 4\ne", "5 4\ne")).n == 5
    assert "the header says 4 edges, the file has 3" in refusal(tmp_path, text.replace("e 4 1\n", ""))
    assert "vertex '9' is not an integer in 1..4" in refusal(tmp_path, text.replace("e 4 1", "e 4 9"))
    assert "is not 'e u v'" in refusal(tmp_path, text + "q 1 2\n")
    doubled = "p edge 3 4\ne 1 2\ne 2 1\ne 2 3\ne 3 2\n"
    assert read(tmp_path, doubled).total_weight == 2
    flow = "c flow\np max 3 2\nn 1 s\nn 3 t\na 1 2 5\na 2 3 6\n"
    assert "--symmetrize" in refusal(tmp_path, flow)
    graph = read(tmp_path, flow, symmetrize="max")
    assert graph.total_weight == 11
    assert graph.reading.remarks[0] == "lines n are not used"


def test_metis(tmp_path):
    text = "% a path and a lonely vertex\n4 2\n2\n1 3\n2\n\n"
    graph = read(tmp_path, text, "g.graph")
    assert (graph.n, graph.m, graph.labels) == (4, 2, range(1, 5))
    assert read(tmp_path, text, input_format="metis").digest == graph.digest
    weighted = "3 2 011 1\n7 2 5\n7 1 5 3 6\n7 2 6\n"
    assert read(tmp_path, weighted, "g.metis").total_weight == 11
    assert "do not agree" in refusal(tmp_path, weighted.replace("2 6", "2 9"), "g.metis")
    assert "the header says 3 vertices, 2 lines follow" in refusal(tmp_path, "3 2\n2\n1 3\n", "g.metis")
    assert "do not agree" in refusal(tmp_path, "3 2\n2\n1 3\n1\n", "g.metis")
    assert "the header says 3 edges, the file has 2" in refusal(tmp_path, "3 3\n2\n1 3\n2\n", "g.metis")
    assert "no edge twice" in refusal(tmp_path, "2 2\n2 2\n1 1\n", "g.metis")
    assert "has no weight" in refusal(tmp_path, "2 1 1\n2\n1\n", "g.metis")


def test_pajek(tmp_path):
    head = '*Network test\n*Vertices 3\n1 "New York" 0.1 0.2 0.5\n2 Boston\n3 "Los Angeles"\n'
    graph = read(tmp_path, head + "*Edges\n1 2 3\n2 3 0.5 c Blue\n")
    assert (graph.labels, graph.total_weight) == (("Boston", "Los Angeles", "New York"), 3.5)
    assert read(tmp_path, "*vertices 3\n*edges\n1 2\n").labels == range(1, 4)
    twins = read(tmp_path, "*Vertices 2\n1 a\n2 a\n*Edges\n1 2\n")
    assert (twins.n, twins.m) == (2, 1)
    assert "occur twice" in twins.reading.remarks[0]
    assert "--symmetrize" in refusal(tmp_path, head + "*Arcs\n1 2 3\n")
    assert read(tmp_path, head + "*Arcs\n1 2 3\n2 1 4\n", symmetrize="max").total_weight == 4
    assert read(tmp_path, head + "*Edgeslist\n1 2 3\n").m == 2
    assert read(tmp_path, head + "*Matrix\n0 1 2\n1 0 0\n2 0 0\n").total_weight == 3
    assert "vertex '4' is not an integer in 1..3" in refusal(tmp_path, head + "*Edges\n1 4\n")
    assert "second network" in refusal(tmp_path, head + "*Vertices 2\n")
    assert "vertex 1 stands twice" in refusal(tmp_path, head + "1 Chicago\n*Edges\n1 2\n")
    assert "'*Partition'" in refusal(tmp_path, head + "*Partition x\n")


def test_dot(tmp_path):
    graph = read(tmp_path, 'strict graph "G" {\n  // roads\n  node [shape=box]; edge [weight=2];\n  a -- b -- c;\n'
                           '  a -- c [weight=5, label="x y"]; d\n}\n')  # fmt: skip
    assert (graph.labels, graph.total_weight) == (("a", "b", "c", "d"), 9)
    assert read(tmp_path, "graph { 1 -- 2; 2 -- 3 }").labels == range(1, 4)
    assert "--symmetrize" in refusal(tmp_path, "digraph { a -> b }")
    assert read(tmp_path, "digraph { a -> b; b -> a }", symmetrize="sum").total_weight == 2
    assert "subgraphs are not read" in refusal(tmp_path, "graph { subgraph x { a -- b } }")
    assert "subgraphs are not read" in refusal(tmp_path, "graph { { a b } -- c }")
    assert "HTML" in refusal(tmp_path, "graph { a [label=<b>] }")
    assert "where" in refusal(tmp_path, "graph { a -- ; }")
    assert "a cut needs one graph" in refusal(tmp_path, "graph { a -- b } graph { c -- d }")


def test_json(tmp_path):
    d3 = {"nodes": [{"id": "a"}, {"id": "b"}], "links": [{"source": "a", "target": "b", "value": 3}]}
    assert read(tmp_path, json.dumps(d3)).total_weight == 3
    d3["links"].append({"source": "a", "target": "z"})
    assert "not listed" in refusal(tmp_path, json.dumps(d3))
    jgf = {
        "graph": {
            "nodes": {"a": {}, "b": {}},
            "edges": [{"source": "a", "target": "b", "metadata": {"weight": 4}}],
        }
    }
    assert read(tmp_path, json.dumps(jgf)).total_weight == 4
    records = [{"source": "a", "target": "b", "km": 3}, {"source": "b", "target": "c", "km": 4}]
    assert read(tmp_path, json.dumps(records)).total_weight == 7
    assert read(tmp_path, "[[0, 1, 5], [1, 2, 6], [0, 2, 7]]").total_weight == 18
    assert "may be a symmetric matrix" in refusal(tmp_path, "[[0, 7], [7, 0]]")
    assert "is not JSON" in refusal(tmp_path, '{"nodes": [,]}')
    assert "no graph that is known" in refusal(tmp_path, '{"a": 1}')
    assert "a result of derandkit" in refusal(tmp_path, '{"schema": "derandkit-maxcut"}')
    assert "derandkit qubo" in refusal(tmp_path, '{"type": "BinaryQuadraticModel", "bias_type": "float64"}')


def test_a_line_of_dimacs_comments_has_one_reading(tmp_path):
    """A star of a vertex c with the line ends of Windows: each sign of return could belong to two parts of a line.

    40 lines did not end within 40 seconds, and each one more doubled the time.
    """
    assert read(tmp_path, b"".join(b"c v%d\r\n" % k for k in range(2000))).n == 2001
    assert read(tmp_path, b"c v\r\n\r\n" * 2000 + b"p edge 2 1\r\ne 1 2\r\n").n == 2


def test_the_order_that_a_header_claims_is_named_as_it_is(tmp_path):
    claim = bytes([126, 126, *(63 + (10**7 >> shift & 63) for shift in range(30, -6, -6))])
    assert "a graph of 10000000 vertices takes more than" in refusal(tmp_path, b":" + claim, "g.s6")


def test_graph6(tmp_path):
    assert read(tmp_path, nx.to_graph6_bytes(nx.petersen_graph())).m == 15
    two = nx.to_graph6_bytes(nx.petersen_graph(), header=False) * 2
    assert "holds 2 graphs" in refusal(tmp_path, two, "g.g6")
    assert "cannot be read as graph6" in refusal(tmp_path, b"\x7f\x7f", "g.g6")


def test_matrix_market_of_other_tools(tmp_path):
    head = "%%MatrixMarket matrix coordinate "
    both = head + "real symmetric\n3 3 4\n2 1 5\n1 2 5\n3 2 6\n2 3 6\n"
    graph = read(tmp_path, both)
    assert graph.total_weight == 11
    assert "both triangles" in graph.reading.remarks[0]
    pattern = head + "pattern general\n3 3 2\n1 2\n3 2\n"
    graph = read(tmp_path, pattern)
    assert graph.total_weight == 2
    assert "one direction only" in graph.reading.remarks[0]
    mixed = head + "pattern general\n3 3 3\n1 2\n2 1\n3 2\n"
    assert "--symmetrize" in refusal(tmp_path, mixed)
    assert read(tmp_path, mixed, symmetrize="max").total_weight == 2
    assert read(tmp_path, mixed, symmetrize="sum").total_weight == 3
    real = head + "real general\n2 2 1\n1 2 5\n"
    assert "--symmetrize" in refusal(tmp_path, real)
    assert read(tmp_path, real, symmetrize="mean").total_weight == 2.5


# hostile files: one line each, and no memory taken


def test_archives_that_lie(tmp_path):
    def archive(**members):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in members.items():
                packed.writestr(f"{name}.npy", content)
        return file.getvalue()

    def npy(array):
        file = io.BytesIO()
        np.save(file, array)
        return file.getvalue()

    sound = {
        "indices": npy(np.array([1, 0], dtype=np.int32)),
        "indptr": npy(np.array([0, 1, 2], dtype=np.int32)),
        "format": npy(np.array(b"csr")),
        "shape": npy(np.array([2, 2])),
        "data": npy(np.array([3.0, 3.0])),
    }
    assert read(tmp_path, archive(**sound)).total_weight == 3
    for change in (
        {"indptr": npy(np.array([0, 0, 0], dtype=np.int32))},
        {"indptr": npy(np.array([0, 1, 9], dtype=np.int32))},
        {"indices": npy(np.array([1, 7], dtype=np.int32))},
        {"data": npy(np.array([3.0, 3.0, 3.0]))},
        {"data": npy(np.array([3.0, 3.0]))[:-5]},
        {"format": npy(np.array(b"xyz"))},
    ):
        message = refusal(tmp_path, archive(**{**sound, **change}))
        assert "cannot be read as a matrix" in message or "is cut short" in message
    packed = bytearray(archive(**sound))
    packed[60] ^= 255
    assert refusal(tmp_path, bytes(packed))
    assert "cut short" in refusal(tmp_path, npy(np.zeros(1)).replace(b"(1,)", b"(9,)"), "g.npy")
    assert "is damaged" in refusal(tmp_path, npy(np.zeros(1)).replace(b"(1,)", b"(9* "), "g.npy")
    big = npy(np.zeros(1)).replace(b"(1,), }          ", b"(99999999999,), }")
    assert "DERANDKIT_MAX_BYTES" in refusal(tmp_path, big, "g.npy")
    objects = io.BytesIO()
    np.save(objects, np.array([[1, "a"]], dtype=object), allow_pickle=True)
    assert "Python objects" in refusal(tmp_path, objects.getvalue(), "g.npy")
    assert "members" in refusal(tmp_path, archive(**{f"a{k}": b"" for k in range(99)}))


def test_deep_nesting(tmp_path):
    assert "nested more than 100 deep" in refusal(tmp_path, "graph [" + " a [" * 5000 + "]" * 5001)
    assert "nested too deeply" in refusal(tmp_path, '{"nodes":' + "[" * 200_000 + "]" * 200_000 + "}")
    entity = '<!DOCTYPE g [<!ENTITY a "aaaa">]><graphml>&a;</graphml>'
    assert "entities" in refusal(tmp_path, '<?xml version="1.0"?>' + entity)
    assert refusal(tmp_path, "<graphml>" + "<a>" * 100_000 + "</a>" * 100_000 + "</graphml>")
    assert refusal(tmp_path, "a b " + "{'x': " * 3000 + "1" + "}" * 3000)


def test_names_that_are_too_long(tmp_path):
    for name in ("x" * 300, "x" * 5000):
        with pytest.raises(InputError) as caught:
            read_graph(tmp_path / name)
        assert len(str(caught.value)) < 500


@pytest.mark.parametrize("content", [b"7z\xbc\xaf\x27\x1c", b"%PDF-1.4", b"\x80\x04\x95xx", b"\x89HDF"])
def test_foreign_files_are_named(tmp_path, content):
    assert "the file is a" in refusal(tmp_path, content + b"\n").replace("is an", "is a")


def test_sizes_in_headers_cost_nothing(tmp_path):
    assert "DERANDKIT_MAX_BYTES" in refusal(tmp_path, "2000000000 1\n1 2 1\n")
    assert "DERANDKIT_MAX_BYTES" in refusal(tmp_path, "p edge 2000000000 1\ne 1 2\n")
    assert "DERANDKIT_MAX_BYTES" in refusal(tmp_path, "*Vertices 2000000000\n*Edges\n1 2\n")
    mtx = "%%MatrixMarket matrix coordinate pattern symmetric\n2000000000 2000000000 1\n2 1\n"
    assert "DERANDKIT_MAX_BYTES" in refusal(tmp_path, mtx)
    assert "DERANDKIT_MAX_BYTES" in refusal(tmp_path, b":~~?@@@@@@", "g.s6")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("4q3\n 0\n1 2 1\n", "g"),
        ("weighted\n14\n2 3 4 5\n", "g"),
        (", {}\n", "g"),
        ("*Vertices 4\u00b2\n", "g.net"),
        ("a\n", "g"),
        ('""\n', "g"),
    ],
)
def test_what_mutated_files_showed(tmp_path, content, name):
    refusal(tmp_path, content, name)


@pytest.mark.parametrize("text", ["p q 2\nq r 3\n", "p cnf 2\ncnf x 3\n", "p edge 4\nedge p2 1\n"])
def test_a_vertex_may_be_called_p(tmp_path, text):
    file = tmp_path / "g.txt"
    file.write_text(text, encoding="utf-8")
    assert read_graph(file).total_weight == 5


@pytest.mark.parametrize("labels", ['label "a"\nlabel "b"', 'label [ x "a" ]'])
def test_a_gml_node_has_one_label(tmp_path, labels):
    """It ended in a TypeError: networkx makes a list of a key that occurs twice."""
    file = tmp_path / "g.gml"
    file.write_text(f'graph [ node [ id 0\n{labels} ] node [ id 1 label "c" ] edge [ source 0 target 1 ] ]')
    with pytest.raises(InputError, match="the node with id 0 has several labels; leave one"):
        read_graph(file)


def test_an_edge_with_a_weight_for_attribute_in_damaged_graphml(tmp_path):
    """The search for such weights ended in a ParseError, before the file was looked at as a whole."""
    file = tmp_path / "g.graphml"
    file.write_text('<graphml><graph><edge source="a"b="4" weight="1" target="b"/></graph></graphml>')
    with pytest.raises(InputError, match="not well-formed XML"):
        read_graph(file)
