"""Rules that question an input leave ordinary ones alone: graphs and weights of many kinds, in every usual form."""

import io
import itertools
import warnings

import networkx as nx
import numpy as np
import pytest
import scipy.sparse

import derandkit

pd = pytest.importorskip("pandas")

GRAPHS = {
    "random": lambda k: nx.gnm_random_graph(9 + k, 20 + k, seed=k),
    "scale-free": lambda k: nx.barabasi_albert_graph(10 + k, 2, seed=k),
    "tree": lambda k: nx.random_labeled_tree(9 + k, seed=k),
    "small world": lambda k: nx.watts_strogatz_graph(12 + k, 4, 0.2, seed=k),
    "complete": lambda k: nx.complete_graph(5 + k % 7),
    "cycle": lambda k: nx.cycle_graph(7 + k),
    "star": lambda k: nx.star_graph(8 + k),
}
NAMES = {
    "from 1": lambda v: v + 1,
    "from 1000": lambda v: 1000 + 17 * v,
    "letters": lambda v: f"v{v}",
    "people": lambda v: ("Anna", "Bob", "Chen", "Dora", "Emeka", "Fay", "Gus")[v % 7] + str(v // 7),
}
WEIGHTS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: np.exp(2 * rng.normal(size=n)),
    "pareto": lambda rng, n: (rng.pareto(0.5, n) + 1).round(2),
    "whole": lambda rng, n: rng.integers(1, 100, n),
    "counts": lambda rng, n: rng.poisson(3, n) + 1,
    "heavy counts": lambda rng, n: np.floor(rng.pareto(0.8, n) + 1).astype(np.int64),
    "large": lambda rng, n: rng.integers(1, 10**6, n),
    "signs": lambda rng, n: rng.choice([-1, 1], n),
    "money": lambda rng, n: rng.lognormal(6, 1.5, n).round(2),
    "correlations": lambda rng, n: rng.uniform(-1, 1, n).round(3),
    "tenths": lambda rng, n: rng.integers(1, 10, n) / 10,
    "powers": lambda rng, n: 10.0 ** rng.integers(0, 7, n),
    "ratings": lambda rng, n: rng.integers(1, 6, n),
}
COLUMNS = (
    ("source", "target", "weight"), ("from", "to", "value"), ("u", "v", "w"), ("node1", "node2", "weight"),
    ("Source", "Target", "Weight"), ("i", "j", "w"), ("src", "dst", "n_messages"), ("person1", "person2", "meetings"),
    ("id1", "id2", "score"), ("protein1", "protein2", "combined_score"), ("head", "tail", "strength"),
)  # fmt: skip
#: Names that say by themselves that a first line of two words is no edge.
SAID = ("source", "from", "Source", "src")


def edges(k, kind, names, weights):
    """Return the edges of one graph as tuples of plain Python."""
    ends = [(NAMES[names](u), NAMES[names](v)) for u, v in GRAPHS[kind](k).edges()]
    values = WEIGHTS[weights](np.random.default_rng(k), len(ends))
    return [(*pair, value.item()) for pair, value in zip(ends, values, strict=True)]


def files(folder, listed, frame):
    """Write the list of edges in every usual way; with and without weights."""
    for k, (separator, ending) in enumerate([(",", "csv"), ("\t", "tsv"), (" ", "txt"), (";", "csv")]):
        for header, columns in itertools.product([True, False], [slice(3), slice(2)]):
            if (
                header
                and columns.stop == 2
                and isinstance(listed[0][0], str)
                and frame.columns[0] not in SAID
            ):
                continue  # two words above words may be an edge: that is asked
            name = folder / f"{k}{header}{columns.stop}.{ending}"
            frame.iloc[:, columns].to_csv(name, sep=separator, header=header, index=False)
            yield name, columns.stop == 3
    G = nx.Graph()
    G.add_weighted_edges_from(listed)
    for name, write in (("g.gml", nx.write_gml), ("g.graphml", nx.write_graphml), ("g.gexf", nx.write_gexf)):
        write(G, folder / name)
        yield folder / name, True
    nx.write_weighted_edgelist(G, folder / "g.edgelist")
    yield folder / "g.edgelist", True
    matrix = folder / "matrix.csv"
    nx.to_pandas_adjacency(G).to_csv(matrix)
    yield matrix, True


@pytest.mark.parametrize("kind", GRAPHS)
@pytest.mark.parametrize("weights", WEIGHTS)
def test_they_are_read_without_a_question(tmp_path, kind, weights):
    k = list(GRAPHS).index(kind) + 7 * list(WEIGHTS).index(weights)
    listed = edges(k % 11, kind, list(NAMES)[k % len(NAMES)], weights)
    frame = pd.DataFrame(listed, columns=COLUMNS[k % len(COLUMNS)])
    m, total = len(listed), sum(w for *_, w in listed)
    G = nx.Graph()
    G.add_weighted_edges_from(listed)
    A = nx.to_numpy_array(G)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        held = [listed, frame, A, scipy.sparse.csr_array(A), G, {(u, v): w for u, v, w in listed}]
        for number, graph in enumerate(map(derandkit.as_graph, held)):
            assert (graph.m, graph.total_weight) == (m, pytest.approx(total)), number
        for number, graph in enumerate(
            map(derandkit.as_graph, [frame.iloc[:, :2], [(u, v) for u, v, _ in listed]])
        ):
            assert (graph.m, graph.total_weight) == (m, m), number
        for name, weighted in files(tmp_path, listed, frame):
            graph = derandkit.read_graph(name)
            assert (graph.m, graph.total_weight) == (m, pytest.approx(total if weighted else m)), name


#: Lists that rules were once too strict about, or could be.
LISTS = {
    "stores, shops and loads": [(100, 1, 5), (100, 2, 3), (200, 1, 4), (200, 3, 5), (300, 2, 9), (300, 1, 5)],
    "users, films and marks": [(1000 + k // 3, k % 8 + 1, k * k % 5 + 1) for k in range(24)],
    "complete, sorted": [(u, v, 10 * v + u) for u in range(6) for v in range(u + 1, 6)],
    "users and items": [("u1", 101, 5), ("u1", 102, 3), ("u2", 101, 4)],
    "one star": [("a", 1, 5), ("b", 1, 3), ("c", 1, 2)],
    "a tree, children first": [("b", "a", 5), ("c", "a", 3), ("d", "a", 2), ("e", "b", 1)],
    "numbered by rows, meeting": [(1, 40, 5), (2, 41, 3), (3, 40, 2), (4, 42, 6)],
    "one hub each, weighted": [(k, (5 * k + 3) % 20, k % 4 + 1) for k in range(15)],
    "stations by twenties": [
        (1020, 1580, 147),
        (1020, 1660, 325),
        (1060, 1700, 325),
        (1100, 1580, 147),
        (1120, 1660, 401),
    ],
    "hubs by twenties": [(k // 2 * 20, 500 + 7 * k, 3 + k % 2) for k in range(12)],
}


@pytest.mark.parametrize("kind", LISTS)
def test_small_lists_are_read_wherever_they_are_held(kind):
    listed = LISTS[kind]
    text = "".join(" ".join(map(str, row)) + "\n" for row in listed)
    for given in (io.StringIO(text), listed, np.array(listed), {row[:2]: row[2] for row in listed}):
        assert derandkit.as_graph(given).total_weight == sum(w for *_, w in listed)
