"""The files in datasets/ are what their formulas say, and have the optima that datasets/README.md claims."""

import io
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from derandkit.graphs.files import as_graph, read_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.writing import write_edgelist, write_rudy

FOLDER = Path(__file__).parents[2] / "datasets"


def petersen():
    outer = [(k, (k + 1) % 5) for k in range(5)]
    inner = [(5 + k, 5 + (k + 2) % 5) for k in range(5)]
    return as_graph(outer + inner + [(k, 5 + k) for k in range(5)])


def five_cycle():
    return as_graph([(k, (k + 1) % 5) for k in range(5)])


def torus():
    """Row-major 10 x 10 torus; edge k (right, then down, of each vertex) has the sign of a multiplicative hash."""
    i, j, w = [], [], []
    for r, c in itertools.product(range(10), repeat=2):
        for other in (10 * r + (c + 1) % 10, 10 * ((r + 1) % 10) + c):
            k = len(w)
            i.append(10 * r + c)
            j.append(other)
            w.append(1 - 2 * ((k + 1) * (k + 1) * 2654435761 % 2**32 >> 31))
    return WeightedGraph.from_edges(i, j, w, labels=range(1, 101))


def two_clusters():
    """Similarity below zero within a cluster, distance above zero between them, in steps of 0.05."""
    edges = []
    for a, b in itertools.combinations(range(60), 2):
        hashed = (a + 1) * (b + 61) * 40503 % 65536
        if hashed % 5 == 0 or b == a + 1 or b == a + 30:
            size = (1 + hashed // 5 % 40) / 20
            edges.append((name(a), name(b), size if (a < 30) != (b < 30) else -size))
    return as_graph(edges)


def name(v):
    return f"{'red' if v < 30 else 'blue'}-{v % 30 + 1:02d}"


def paley():
    squares = {k * k % 17 for k in range(1, 17)}
    pairs = [(a + 1, b + 1) for a, b in itertools.combinations(range(17), 2) if b - a in squares]
    return as_graph(pairs)


def wheel():
    rim = [(f"rim{k}", f"rim{(k + 1) % 8}", 3) for k in range(8)]
    return as_graph(rim + [("hub", f"rim{k}", 2) for k in range(8)])


def edge_list_text(graph):
    file = io.StringIO()
    write_edgelist(graph, file)
    return file.getvalue()


def rudy_text(graph):
    file = io.StringIO()
    write_rudy(graph, file)
    return file.getvalue()


def csv_text(graph):
    return "# vertex,vertex,weight\n" + edge_list_text(graph).replace(" ", ",")


def matrix_market_text(graph):
    i, j, _ = graph.edges()
    head = f"%%MatrixMarket matrix coordinate pattern symmetric\n{graph.n} {graph.n} {graph.m}\n"
    return head + "".join(f"{b + 1} {a + 1}\n" for a, b in sorted(zip(i.tolist(), j.tolist(), strict=True)))


def graphml_text(graph):
    i, j, w = (array.tolist() for array in graph.edges())
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ]
    lines += [
        '  <key id="w" for="edge" attr.name="weight" attr.type="int"/>',
        '  <graph edgedefault="undirected">',
    ]
    lines += [f'    <node id="{label}"/>' for label in graph.labels]
    for a, b, x in zip(i, j, w, strict=True):
        ends = f'source="{graph.labels[a]}" target="{graph.labels[b]}"'
        lines.append(f'    <edge {ends}><data key="w">{int(x)}</data></edge>')
    return "\n".join([*lines, "  </graph>", "</graphml>", ""])


FILES = {
    "petersen.edgelist": (petersen, edge_list_text),
    "five-cycle.edgelist": (five_cycle, edge_list_text),
    "torus-10x10.rudy": (torus, rudy_text),
    "two-clusters.csv": (two_clusters, csv_text),
    "paley-17.mtx": (paley, matrix_market_text),
    "wheel-9.graphml": (wheel, graphml_text),
}


def table():
    """Rows of the table in datasets/README.md: file -> (n, m, optimum)."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| (\d+) \| (\d+) \| ([\d.]+) \|", text, re.MULTILINE)
    return {file: (int(n), int(m), float(best)) for file, n, m, best in rows}


def best_cut_by_enumeration(graph):
    """Largest cut over all 2^(n-1) partitions, by Gray code."""
    A = graph.adjacency().toarray()
    signs = np.ones(graph.n)
    value = best = 0.0
    for step in range(1, 2 ** (graph.n - 1)):
        v = (step & -step).bit_length()  # vertex 0 never moves
        value += signs[v] * float(A[v] @ signs)
        signs[v] = -signs[v]
        best = max(best, value)
    return best


def best_cut_of_torus(graph, side):
    """Largest cut of a side x side torus, exactly: every first row, then one row after the other.

    best[first, last] is the largest weight cut so far among rows that begin with `first` and end with `last`; a
    vertex of the next row needs only its left neighbour, the vertex above and, at the end, the ones it wraps to.
    """
    A = graph.adjacency().toarray()
    rows = np.array(list(itertools.product([0, 1], repeat=side)), dtype=np.int64)

    def within(r):
        v = side * r + np.arange(side)
        weight = np.array([A[v[c], v[(c + 1) % side]] for c in range(side)])
        return (rows != np.roll(rows, -1, axis=1)) @ weight

    def between(r):
        v, u = side * r + np.arange(side), side * ((r + 1) % side) + np.arange(side)
        return A[v, u]

    def extend(best, weight):
        # Replace the last row's spins one by one: a max-plus product with a Kronecker product of 2 x 2 matrices.
        best = best.reshape(-1, *[2] * side)
        for c in range(side):
            same, other = np.take(best, [0, 1], axis=c + 1), np.take(best, [1, 0], axis=c + 1)
            best = np.maximum(same, other + weight[c])
        return best.reshape(best.shape[0], -1)

    best = np.full((2**side, 2**side), -np.inf)
    np.fill_diagonal(best, within(0))
    best = best[: 2 ** (side - 1)]  # the first vertex stays on one side
    for r in range(side - 1):
        best = extend(best, between(r)) + within(r + 1)
    closing = (rows[: 2 ** (side - 1), None, :] != rows[None, :, :]) @ between(side - 1)
    return float((best + closing).max())


@pytest.mark.parametrize("file", sorted(FILES))
def test_files_can_be_made_again(file):
    make, write = FILES[file]
    assert (FOLDER / file).read_text(encoding="utf-8") == write(make())
    graph = read_graph(FOLDER / file)
    assert graph.digest == make().digest
    assert (graph.n, graph.m) == table()[file][:2]
    assert graph.merged_edges == graph.dropped_loops == 0


def test_the_table_lists_every_file():
    assert set(table()) == set(FILES)
    assert {path.name for path in FOLDER.iterdir()} == {
        *FILES,
        "README.md",
        "points",
        "quadratic",
        "structure",
    }


@pytest.mark.parametrize(
    "file", ["petersen.edgelist", "five-cycle.edgelist", "paley-17.mtx", "wheel-9.graphml"]
)
def test_small_optima_by_enumeration(file):
    assert best_cut_by_enumeration(read_graph(FOLDER / file)) == table()[file][2]


def test_torus_optimum_by_transfer_matrix():
    graph = read_graph(FOLDER / "torus-10x10.rudy")
    assert set(graph.weights.tolist()) == {-1.0, 1.0}
    assert best_cut_of_torus(graph, 10) == table()["torus-10x10.rudy"][2]


def test_the_transfer_matrix_agrees_with_enumeration():
    i, j, w = (array.tolist() for array in torus().edges())
    corner = {(a // 10, a % 10): k for k, a in enumerate(v for v in range(100) if v // 10 < 4 and v % 10 < 4)}
    edges = [
        (corner[a // 10, a % 10], corner[b // 10, b % 10], x)
        for a, b, x in zip(i, j, w, strict=True)
        if max(a // 10, a % 10, b // 10, b % 10) < 4
    ]
    edges += [(4 * r, 4 * r + 3, 1) for r in range(4)] + [(c, 12 + c, -1) for c in range(4)]
    graph = as_graph(edges)
    assert graph.m == 32
    assert best_cut_of_torus(graph, 4) == best_cut_by_enumeration(graph)


def test_two_clusters_optimum_by_balance():
    # A cut that takes every positive edge and no negative one meets the trivial upper bound.
    graph = read_graph(FOLDER / "two-clusters.csv")
    signs = [1 if str(label).startswith("red") else -1 for label in graph.labels]
    assert graph.cut_value(signs) == graph.positive_weight == table()["two-clusters.csv"][2]
    assert graph.components().max() == 0
