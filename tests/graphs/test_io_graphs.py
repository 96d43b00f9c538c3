"""Every format read back, and edge lists told from rudy files without guessing."""

import gzip
import io
import json
import re
import sys

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.sparse as sp
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.inputs import read, refusal

from derandkit.errors import InputError
from derandkit.graphs.files import FORMATS, as_graph, read_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.writing import write_edgelist, write_rudy
from derandkit.missing import NO_EDGE

ONE_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
WORD = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters=","), min_size=1, max_size=4)
FILLS = {abs(x) for x in NO_EDGE}  # a reader asks about these among smaller weights
WORDS = WORD.filter(lambda word: word[0] not in "#%")


@st.composite
def graphs(draw, labels=None):
    n = draw(st.integers(1, 8))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] < p[1])
    chosen = draw(st.lists(pairs, unique=True, max_size=12)) if n > 1 else []
    weight = draw(
        st.sampled_from([st.integers(-(10**6), 10**6), st.floats(-1e12, 1e12, width=64), st.just(1)])
    )
    w = [draw(weight.filter(lambda x: abs(x) not in FILLS)) for _ in chosen]
    names = (
        draw(st.lists(labels, min_size=n, max_size=n, unique=True)) if labels is not None else range(1, n + 1)
    )
    i, j = zip(*chosen, strict=True) if chosen else ((), ())
    return WeightedGraph.from_edges(list(i), list(j), w, n=n, labels=names)


def text_of(write, graph):
    file = io.StringIO()
    write(graph, file)
    return file.getvalue()


@ONE_FOLDER
@given(graphs(labels=st.integers(-50, 10**18) | st.integers(0, 20)))
def test_edge_list_round_trip_with_integer_labels(tmp_path, graph):
    assert read(tmp_path, text_of(write_edgelist, graph)).digest == graph.digest


@ONE_FOLDER
@given(graphs(labels=WORDS))
def test_edge_list_round_trip_with_words(tmp_path, graph):
    if all(re.fullmatch("-?[1-9][0-9]*|0", label) for label in graph.labels):
        with pytest.raises(InputError, match="come back as integers"):
            write_edgelist(graph, io.StringIO())
    else:
        assert read(tmp_path, text_of(write_edgelist, graph)).digest == graph.digest


@ONE_FOLDER
@given(graphs())
def test_rudy_round_trip(tmp_path, graph):
    assert read(tmp_path, text_of(write_rudy, graph), "g.rudy").digest == graph.digest


@ONE_FOLDER
@given(
    graphs(), st.sampled_from([" ", "\t", "  ", ",", ", "]), st.booleans(), st.randoms(use_true_random=False)
)
def test_layout_and_line_order_change_nothing(tmp_path, graph, separator, crlf, random):
    lines = text_of(write_edgelist, graph).splitlines()
    random.shuffle(lines)
    lines = [separator.join(line.split()) for line in lines]
    lines.insert(random.randrange(len(lines) + 1), "# a comment, with commas")
    lines.insert(random.randrange(len(lines) + 1), "   ")
    lines.insert(random.randrange(len(lines) + 1), "% another")
    text = ("\r\n" if crlf else "\n").join(lines)
    for content in (text, text + "\n", "\ufeff" + text, gzip.compress(text.encode())):
        try:
            again = read(tmp_path, content, "g.edgelist")
        except InputError:  # shuffled, lines may look like numbered edges, or weights like times
            assert "--input-format edgelist" in refusal(tmp_path, content, "g.edgelist")
            again = read(tmp_path, content, "g.edgelist", input_format="edgelist")
        assert again.digest == graph.digest
        assert np.array_equal(again.indptr, graph.indptr)


@pytest.mark.parametrize("n", range(3, 12))
@pytest.mark.parametrize("start", [0, 1])
def test_vertices_without_edges_come_back(tmp_path, n, start):
    """Their lines ``u u 0`` are no edges that a first column numbers."""
    G = nx.empty_graph(range(start, start + n))
    for last in range(start + 1, start + n):
        G.clear_edges()
        G.add_edge(start, last, weight=1)
        graph = as_graph(G)
        for name in ("g.edgelist", "g.csv", "g.txt"):
            assert read(tmp_path, text_of(write_edgelist, graph), name).digest == graph.digest


@ONE_FOLDER
@given(graphs())
def test_matrix_market_round_trip(tmp_path, graph):
    A = graph.adjacency()
    for symmetry in ("general", "symmetric"):
        for matrix in (A, A.toarray()):
            scipy.io.mmwrite(tmp_path / "g.mtx", matrix, symmetry=symmetry, precision=17)
            again = read_graph(tmp_path / "g.mtx")
            assert again.labels == range(1, graph.n + 1)
            if matrix is A:
                assert again.digest == graph.digest
            assert again.total_weight == graph.total_weight


@ONE_FOLDER
@given(graphs())
def test_npz_graphml_and_gml_round_trip(tmp_path, graph):
    sp.save_npz(tmp_path / "g.npz", graph.adjacency())
    assert read_graph(tmp_path / "g.npz").digest == as_graph(graph.adjacency()).digest
    i, j, w = (a.tolist() for a in graph.edges())
    G = nx.empty_graph(graph.labels)
    G.add_weighted_edges_from((a + 1, b + 1, x) for a, b, x in zip(i, j, w, strict=True))
    for name, write in (("g.graphml", nx.write_graphml), ("g.gml", nx.write_gml)):
        write(G, tmp_path / name)
        assert read_graph(tmp_path / name).digest == graph.digest
        assert read_graph(tmp_path / name, weight=None).total_weight == graph.m


def test_matrix_market_dialects(tmp_path):
    head = "%%MatrixMarket matrix coordinate pattern symmetric\n% note\n\n3 3 3\n"
    g = read(tmp_path, head + "2 1\n3 1\n3 3\n")
    assert (g.n, g.m, g.dropped_loops, g.total_weight) == (3, 2, 1, 2)
    upper = read(tmp_path, "%%matrixmarket MATRIX coordinate INTEGER symmetric\n3 3 2\n1 2 5\n1 3 6\n")
    assert upper.total_weight == 11
    array = read(tmp_path, "%%MatrixMarket matrix array integer symmetric\n3 3\n9\n1\n2\n0\n4\n0\n")
    assert [a.tolist() for a in array.edges()] == [[0, 0, 1], [1, 2, 2], [1, 2, 4]]
    assert array.dropped_loops == 1
    full = read(tmp_path, "%%MatrixMarket matrix array real general\n2 2\n0\n1e3\n1000\n0\n")
    assert full.total_weight == 1000
    repeated = read(
        tmp_path, "%%MatrixMarket matrix coordinate real general\n2 2 4\n1 2 1\n1 2 2\n2 1 2\n2 1 1\n"
    )
    assert (repeated.total_weight, repeated.merged_edges) == (3, 1)
    assert read(tmp_path, "%%MatrixMarket matrix coordinate real general\n4 4 0\n").n == 4


def test_rudy_dialects(tmp_path):
    expected = read(tmp_path, "4 3\n1 2 1\n2 3 -1\n3 1 2\n")
    assert (expected.n, expected.m, expected.labels) == (4, 3, range(1, 5))
    for text in (
        "4 3 \r\n1 2 1\r\n2 3 -1\r\n3 1 2\r\n",
        "# made by hand\n# twice\n4 3\n1 2 1\n\n3 2 -1\n1 3 2\n\n",
        "4\t3\n1\t2\t1\n2\t3\t-1\n3\t1\t2",
        "4 3\n1 2 1.0\n2 3 -1.0\n3 1 2e0\n",
    ):
        assert read(tmp_path, text).digest == expected.digest
    doubled = read(
        tmp_path, "3 4\n1 2 1\n2 1 5\n3 3 9\n2 3 -1\n", "g.rudy"
    )  # without the name: perhaps a QUBO
    assert (doubled.m, doubled.merged_edges, doubled.dropped_loops, doubled.total_weight) == (2, 1, 1, 5)
    assert read(tmp_path, "4 3\n1 2 1\n2 3 -1\n3 1 2\n", weight=None).total_weight == 3
    assert read(tmp_path, "3 0\n", "g.rudy").n == 3


FITS_BOTH = "3 2\n1 2\n2 3\n"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        # three columns below two integers: rudy, whatever the name
        ("3 2\n1 2 5\n2 3 5\n", "g", "rudy"),
        ("3 2\n1 2 5\n2 3 5\n", "g.edgelist", "rudy"),
        # both readings fit: the name decides, else the reader asks
        (FITS_BOTH, "g.rudy", "rudy"),
        (FITS_BOTH, "g.mc.gz", "rudy"),
        (FITS_BOTH, "G14", "rudy"),
        (FITS_BOTH, "g.edgelist", "edgelist"),
        (FITS_BOTH, "g.csv", "ask"),
        (FITS_BOTH, "g.tsv", "ask"),
        (FITS_BOTH, "g.txt", "ask"),
        (FITS_BOTH, "G14b", "ask"),
        ("5 0\n", "g", "ask"),
        ("5 0\n", "g.rudy", "rudy"),
        ("5 0\n", "g.edges", "edgelist"),
        ("3 2\n1 2\n2 3\n# 9 9\n", "g", "ask"),
        # no fit: an edge list
        ("3 4\n1 2\n2 3\n", "g", "edgelist"),
        ("3 1\n1 2\n2 3\n", "g", "edgelist"),
        ("3 2\n1 2\n2 4\n", "g", "edgelist"),
        ("3 2\n0 2\n2 3\n", "g", "edgelist"),
        ("0 2\n1 2\n2 3\n", "g", "edgelist"),
        ("3 04\n1 2\n2 3\n", "g", "edgelist"),
        ("5 3\n", "g", "edgelist"),
        ("99 98\n" + "".join(f"{v} {v - 1}\n" for v in range(99, 1, -1)), "g", "ask"),
        ("99 100\n" + "".join(f"{v} {v - 1}\n" for v in range(99, 1, -1)), "g", "edgelist"),
        # a rudy file cut short would be a strange edge list: ask
        ("8 20\n" + "".join(f"{a} {b}\n" for a in range(1, 7) for b in range(a + 1, 7)), "g", "ask"),
        ("8 20\n" + "".join(f"{a} {b}\n" for a in range(1, 7) for b in range(a + 1, 7)), "g.el", "edgelist"),
        # three columns from the start: an edge list
        ("3 2 1\n1 2 1\n", "g.rudy", "edgelist"),
    ],
)
def test_edge_list_or_rudy(tmp_path, text, name, expected):
    if name.endswith(".gz"):
        text = gzip.compress(text.encode())
    if expected == "ask":
        with pytest.raises(InputError, match="--input-format edgelist or rudy"):
            read(tmp_path, text, name)
        assert read(tmp_path, text, name, input_format="edgelist").m >= 1
        return
    g = read(tmp_path, text, name)
    assert g.digest == read(tmp_path, text, name, input_format=expected).digest
    lines = text if isinstance(text, str) else gzip.decompress(text).decode()
    columns = [line.split() for line in lines.splitlines() if not line.startswith("#")]
    assert g.m + g.dropped_loops + g.merged_edges == len(columns) - (expected == "rudy")


@ONE_FOLDER
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=8))
@example([(3, 2), (1, 2), (2, 3)])
def test_an_unweighted_edge_list_is_never_misread(tmp_path, edges):
    both = {(a, b) for a, b in edges if a != b}
    if both and {(b, a) for a, b in both} == both and len(both) == sum(a != b for a, b in edges):
        expected = as_graph([(a, b) for a, b in edges if a <= b])  # every edge is listed in both directions
    else:
        expected = as_graph(edges)
    text = "".join(f"{a} {b}\n" for a, b in edges)
    assert read(tmp_path, text, input_format="edgelist").digest == expected.digest
    for name in ("g.edgelist", "g"):
        try:
            assert read(tmp_path, text, name).digest == expected.digest
        except InputError:
            assert "--input-format" in refusal(tmp_path, text, name)


@ONE_FOLDER
@given(graphs(), st.integers(0, 12))
def test_a_weighted_rudy_file_cut_short_is_never_read(tmp_path, graph, lost):
    lines = text_of(write_rudy, graph).splitlines()
    kept = lines[: max(2, len(lines) - 1 - lost)]
    if len(kept) < len(lines):
        with pytest.raises(InputError, match=r"the header says|may begin a METIS file"):
            read(tmp_path, "\n".join(kept))


def test_labels(tmp_path):
    assert read(tmp_path, "10 9\n9 2\n").labels == (2, 9, 10)
    assert read(tmp_path, "10 9\n9 02\n").labels == ("02", "10", "9")
    assert read(tmp_path, "a 1.0\n2 +3\n").labels == ("+3", "1.0", "2", "a")
    assert read(tmp_path, "Zürich Łódź 3\n").labels == ("Zürich", "Łódź")
    assert read(tmp_path, "99999999999999999999 -1 2\n").labels == (-1, 99999999999999999999)
    assert read(tmp_path, "v v\nv v\n").labels == ("v",)


def test_weights(tmp_path):
    g = read(tmp_path, "a b 1e-12\nb c 1e12\nc d 0\nd a -.5\n")
    assert g.edges()[2].tolist() == [1e-12, -0.5, 1e12, 0]
    assert not g.integral
    assert read(tmp_path, "a b 9007199254740992\n").total_weight == 2**53
    assert read(tmp_path, f"a b {2**70}\n").total_weight == 2**70
    assert read(tmp_path, "a b +3\nb c 4.0\n").integral
    assert read(tmp_path, "a b 3\nb c 4\n", weight=None).total_weight == 2


def test_graphml_weight_attribute_and_parallel_edges(tmp_path):
    G = nx.MultiGraph(
        [("a", "b", {"weight": 2, "cost": 0.5}), ("a", "b", {"weight": 3, "cost": 1.5}), ("c", "c")]
    )
    nx.write_graphml(G, tmp_path / "g.graphml")
    g = read_graph(tmp_path / "g.graphml")
    assert (g.n, g.m, g.merged_edges, g.dropped_loops, g.total_weight) == (3, 1, 1, 1, 5)
    assert read_graph(tmp_path / "g.graphml", weight="cost").total_weight == 2
    with pytest.raises(InputError, match="no edge has an attribute 'price'; they have cost, weight"):
        read_graph(tmp_path / "g.graphml", weight="price")


def test_content_comes_before_the_name(tmp_path):
    matrix = "%%MatrixMarket matrix coordinate pattern symmetric\n2 2 1\n2 1\n"
    assert read(tmp_path, matrix, "g.edgelist").n == 2
    assert read(tmp_path, gzip.compress(matrix.encode()), "g.txt").n == 2
    sp.save_npz(tmp_path / "g.npz", sp.csr_array([[0, 1], [1, 0]]))
    assert read(tmp_path, (tmp_path / "g.npz").read_bytes(), "g.dat").m == 1


def test_standard_input(monkeypatch):
    for content in (b"a b 2\nb c 3\n", gzip.compress(b"a b 2\nb c 3\n")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert read_graph("-").total_weight == 5
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a b 2\nb c x\n")))
    with pytest.raises(InputError, match=r"^<stdin>:2: "):
        read_graph("-")


def test_as_graph_and_read_graph_take_paths(tmp_path):
    (tmp_path / "g.el").write_text("1 2\n2 3\n")
    for path in (tmp_path / "g.el", str(tmp_path / "g.el")):
        assert as_graph(path).digest == read_graph(path).digest
    assert read_graph(tmp_path / "g.el", input_format="edgelist").m == 2


@pytest.mark.parametrize(
    "labels",
    [[(0, 1), (1, 0)], ["a b", "c"], ["a,b", "c"], ["#a", "b"], ["", "b"], [0.5, 1.5], [1, "a"], ["1", "2"]],
)
def test_labels_that_an_edge_list_cannot_hold(labels):
    graph = WeightedGraph.from_edges([0], [1], labels=labels)
    with pytest.raises(InputError, match="label"):
        write_edgelist(graph, io.StringIO())
    assert text_of(write_rudy, graph) == "2 1\n1 2 1\n"


def test_every_format_can_be_named(tmp_path):
    G = nx.Graph([(1, 2), (2, 3)])
    nx.write_graphml(G, tmp_path / "graphml")
    nx.write_gml(G, tmp_path / "gml")
    nx.write_gexf(G, tmp_path / "gexf")
    nx.write_adjlist(G, tmp_path / "adjlist")
    nx.write_pajek(G, tmp_path / "pajek")
    nx.write_graph6(G, tmp_path / "graph6")
    nx.write_sparse6(G, tmp_path / "sparse6")
    (tmp_path / "json").write_text(json.dumps(nx.node_link_data(G, edges="edges")))
    (tmp_path / "rudy").write_text(FITS_BOTH)
    (tmp_path / "edgelist").write_text("1 2\n2 3\n")
    (tmp_path / "auto").write_text("1 2 1\n2 3 1\n")
    (tmp_path / "matrix").write_text("0 1 0\n1 0 1\n0 1 0\n")
    (tmp_path / "metis").write_text("3 2\n2\n1 3\n2\n")
    (tmp_path / "lgl").write_text("# 1\n2\n# 2\n3\n")
    (tmp_path / "dimacs").write_text("p edge 3 2\ne 1 2\ne 2 3\n")
    (tmp_path / "dot").write_text("graph { 1 -- 2 -- 3 }\n")
    A = nx.to_scipy_sparse_array(G)
    scipy.io.mmwrite(tmp_path / "x.mtx", A)
    (tmp_path / "x.mtx").rename(tmp_path / "matrixmarket")
    sp.save_npz(tmp_path / "x.npz", sp.csr_array(A))
    (tmp_path / "x.npz").rename(tmp_path / "npz")
    scipy.io.savemat(tmp_path / "mat", {"A": A}, appendmat=False)
    np.save(tmp_path / "x.npy", A.toarray())
    (tmp_path / "x.npy").rename(tmp_path / "npy")
    pd.DataFrame({"source": [1, 2], "target": [2, 3]}).to_parquet(tmp_path / "parquet")
    for name in FORMATS:
        g = read_graph(tmp_path / name, input_format=name)
        assert (g.n, g.m, g.total_weight) == (3, 2, 2), name
        assert g.reading is not None
