"""WeightedGraph against its definition: canonical arrays, exact cuts, one digest for one graph."""

import hashlib
import itertools
import json
import math
import pickle
import subprocess
import sys
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derandkit.errors import InputError
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph

INT_WEIGHTS = st.integers(-(2**40), 2**40)
REAL_WEIGHTS = st.floats(-1e12, 1e12, allow_subnormal=False)


@st.composite
def edge_lists(draw, weights=None, max_n=9):
    """(n, list of (i, j, w)) with loops and parallel edges."""
    n = draw(st.integers(1, max_n))
    vertex = st.integers(0, n - 1)
    weights = draw(st.sampled_from([INT_WEIGHTS, REAL_WEIGHTS])) if weights is None else weights
    return n, draw(st.lists(st.tuples(vertex, vertex, weights), max_size=25))


def build(n, edges, **kwargs):
    i, j, w = zip(*edges, strict=True) if edges else ((), (), ())
    return WeightedGraph.from_edges(list(i), list(j), list(w), n=n, **kwargs)


def same(a, b):
    return (
        a.digest == b.digest
        and np.array_equal(a.indptr, b.indptr)
        and np.array_equal(a.indices, b.indices)
        and np.array_equal(a.weights, b.weights)
        and list(a.labels) == list(b.labels)
    )


def exact_sums(edges):
    """Exact weight of each vertex pair, as fractions: the twin of merging."""
    total = {}
    for i, j, w in edges:
        if i != j:
            pair = (min(i, j), max(i, j))
            total[pair] = total.get(pair, Fraction(0)) + Fraction(w)
    return total


@given(edge_lists())
def test_arrays_are_canonical_and_sums_correctly_rounded(case):
    n, edges = case
    g = build(n, edges)
    expected = exact_sums(edges)
    i, j, w = g.edges()
    assert (i.dtype, j.dtype, w.dtype) == (np.int32, np.int32, np.float64)
    assert [(int(a), int(b)) for a, b in zip(i, j, strict=True)] == sorted(expected)
    assert w.tolist() == [float(expected[pair]) for pair in sorted(expected)]
    assert g.n == n
    assert g.m == len(expected)
    assert g.dropped_loops == sum(a == b for a, b, _ in edges)
    assert g.merged_edges == len(edges) - g.dropped_loops - g.m
    assert g.integral == all(float(x).is_integer() for x in expected.values())
    dense = np.zeros((n, n))
    for (a, b), x in expected.items():
        dense[a, b] = dense[b, a] = float(x)
    assert np.array_equal(g.adjacency().toarray(), dense)
    for v in range(n):
        row = g.indices[g.indptr[v] : g.indptr[v + 1]].tolist()
        assert row == sorted({b for pair in expected for b in pair if v in pair and b != v})
    assert g.degrees.tolist() == [sum(v in pair for pair in expected) for v in range(n)]


@given(edge_lists(), st.randoms(use_true_random=False))
def test_order_and_direction_of_edges_change_nothing(case, random):
    n, edges = case
    shuffled = [(b, a, w) if random.random() < 0.5 else (a, b, w) for a, b, w in edges]
    random.shuffle(shuffled)
    assert same(build(n, edges), build(n, shuffled))


@given(edge_lists(max_n=7), st.integers(0, 2**7 - 1))
def test_cut_value_is_the_exact_sum_over_cut_edges(case, bits):
    n, edges = case
    g = build(n, edges)
    signs = [1 if bits >> v & 1 else -1 for v in range(n)]
    i, j, w = (a.tolist() for a in g.edges())
    exact = sum((Fraction(x) for a, b, x in zip(i, j, w, strict=True) if signs[a] != signs[b]), Fraction(0))
    value = g.cut_value(signs)
    assert value == (exact if g.integral else float(exact))
    assert type(value) is (int if g.integral else float)
    assert g.cut_value(np.array(signs, dtype=float)) == g.cut_value([-s for s in signs]) == value
    left, right = g.partition(signs)
    assert left[0] == g.labels[0]
    assert sorted(left + right) == list(g.labels)
    assert g.signs_from_partition(left, right).tolist() == [s * signs[0] for s in signs]


@given(edge_lists())
def test_totals(case):
    g = build(*case)
    w = [Fraction(x) for x in g.edges()[2].tolist()]
    for value, part in (
        (g.total_weight, w),
        (g.positive_weight, [x for x in w if x > 0]),
        (g.negative_weight, [x for x in w if x < 0]),
    ):
        assert value == (sum(part) if g.integral else float(sum(part)))
        assert type(value) is (int if g.integral else float)
    assert g.has_negative_weights == any(x < 0 for x in w)


def test_integer_sums_stay_exact_beyond_2_to_53():
    big = 2**53
    g = WeightedGraph.from_edges([0, 1, 2], [1, 2, 3], [big, 1, 1])
    assert g.total_weight == big + 2
    assert g.cut_value([1, -1, 1, -1]) == big + 2
    assert g.cut_value([1, -1, 1, 1]) == big + 1  # no float64 is equal to this
    huge = WeightedGraph.from_edges([0, 1], [1, 2], [1e300, -3.0])
    assert huge.total_weight == int(1e300) - 3


def test_real_sums_do_not_lose_small_terms():
    g = WeightedGraph.from_edges([0, 1, 2], [1, 2, 3], [1e16, 0.5, -1e16])
    assert g.total_weight == 0.5 == math.fsum([1e16, 0.5, -1e16])
    parallel = WeightedGraph.from_edges([0] * 3, [1] * 3, [1e16, 0.5, -1e16])
    assert parallel.edges()[2].tolist() == [0.5]


@given(edge_lists(max_n=12))
def test_components_are_numbered_by_lowest_vertex(case):
    n, edges = case
    g = build(n, [(a, b, 0) for a, b, _ in edges])  # edges of weight zero connect
    ids = g.components()
    assert ids.dtype == np.int32
    G = nx.empty_graph(n)
    G.add_edges_from((a, b) for a, b, _ in edges)
    parts = sorted(nx.connected_components(G), key=min)
    assert ids.tolist() == [next(k for k, part in enumerate(parts) if v in part) for v in range(n)]


@given(edge_lists())
def test_digest_is_what_the_documentation_says(case):
    g = build(*case)
    i, j, w = g.edges()
    text = b"derandkit-graph-v1\n" + g.n.to_bytes(8, "little") + g.m.to_bytes(8, "little")
    text += "".join(json.dumps(label) + "\n" for label in g.labels).encode()
    text += i.astype("<i4").tobytes() + j.astype("<i4").tobytes() + w.astype("<f8").tobytes()
    assert g.digest == hashlib.sha256(text).hexdigest()


def test_digest_tells_labels_edges_and_weights_apart():
    base = WeightedGraph.from_edges([0, 1], [1, 2], [1, 2])
    others = [
        WeightedGraph.from_edges([0, 1], [1, 2], [1, 3]),
        WeightedGraph.from_edges([0, 0], [1, 2], [1, 2]),
        WeightedGraph.from_edges([0, 1], [1, 2], [1, 2], n=4),
        WeightedGraph.from_edges([0, 1], [1, 2], [1, 2], labels=["0", "1", "2"]),
        WeightedGraph.from_edges([0, 1], [1, 2], [1, 2], labels=[1, 2, 3]),
    ]
    assert len({g.digest for g in [base, *others]}) == 6


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([10, 9, -1], [-1, 9, 10]),
        (["b", "B", "10", "9", "é"], ["10", "9", "B", "b", "é"]),
        ([2.5, 1, 10**30], [1, 2.5, 10**30]),
        ([(1, "b"), (1, "a"), (0, "z")], [(0, "z"), (1, "a"), (1, "b")]),
        (["a", 1, (0,)], [1, "a", (0,)]),
        ([frozenset({2, 1}), frozenset({3}), frozenset({1})], None),
        ([np.int64(3), np.int32(1)], [1, 3]),
        ([np.str_("b"), "a"], ["a", "b"]),
        ([None, "a"], [None, "a"]),
    ],
)
def test_label_order_depends_on_the_set_alone(labels, expected):
    n = len(labels)
    digests = set()
    for order in itertools.permutations(range(n)):
        mine = [labels[k] for k in order]
        at = {k: place for place, k in enumerate(order)}
        ends = [(at[k], at[(k + 1) % n], k + 1) for k in range(n)]
        g = build(n, ends, labels=mine)
        digests.add(g.digest)
        if expected is not None:
            assert list(g.labels) == expected
    assert len(digests) == 1


def test_consecutive_integer_labels_cost_nothing():
    assert WeightedGraph.from_edges([0], [1], labels=[8, 7]).labels == range(7, 9)
    assert WeightedGraph.from_edges([0], [1]).labels == range(2)
    assert WeightedGraph.from_edges([0], [1], labels=[8, 6]).labels == (6, 8)


@pytest.mark.parametrize("labels", [["a", "a"], [1, 1.0], [[], 1], [object(), "b"]])
def test_unusable_labels(labels):
    with pytest.raises(InputError):
        WeightedGraph.from_edges([0], [1], labels=labels)


def test_the_same_digest_whatever_the_hash_seed():
    code = (
        "import networkx as nx; from derandkit.graphs.files import as_graph;"
        "G = nx.Graph(); G.add_weighted_edges_from("
        "(frozenset(a), frozenset(b), len(a) - len(b)) for a in ('xy', 'pqr', 'k') for b in ('uvw', 'yz'));"
        "print(as_graph(G).digest)"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(seen) == 1


def test_reading_the_module_loads_nothing_heavy():
    code = (
        "import sys; import derandkit.graphs.graph;"
        "heavy = {'numba', 'scipy', 'networkx', 'cvxpy', 'sklearn'} & set(sys.modules); print(sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_arrays_are_read_only_and_views_are_not_shared():
    g = WeightedGraph.from_edges([0, 1], [1, 2], [1.5, 2])
    for array in (g.indptr, g.indices, g.weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
    A = g.adjacency()
    A.data[:] = 0
    assert g.total_weight == 3.5
    given_weights = np.array([1.5, 2.0])
    h = WeightedGraph.from_edges([0, 1], [1, 2], given_weights)
    given_weights[:] = 9
    assert h.total_weight == 3.5
    with pytest.raises(AttributeError):
        g.integral = True


def test_repr_and_pickle():
    g = WeightedGraph.from_edges([0, 1, 0, 2], [1, 0, 0, 1], [1, 2, 5, 4])
    assert repr(g) == "WeightedGraph(n=3, m=2, total_weight=7, dropped_loops=1, merged_edges=1)"
    assert same(pickle.loads(pickle.dumps(g)), g)


@settings(max_examples=50)
@given(edge_lists())
def test_all_ways_in_agree(case):
    n, edges = case
    total = exact_sums(edges)
    g = build(n, [(a, b, float(w)) for (a, b), w in total.items()])
    G = nx.empty_graph(n)
    G.add_weighted_edges_from((b, a, float(w)) for (a, b), w in reversed(total.items()))
    multi = nx.MultiGraph(nx.empty_graph(n))
    multi.add_weighted_edges_from(edges)
    assert same(as_graph(G), g)
    assert same(as_graph(multi), g)
    for make in (sp.csr_array, sp.coo_matrix, sp.csc_array, sp.lil_array):
        assert same(as_graph(make(g.adjacency())), g)
    assert as_graph(g) is g
    dense = as_graph(g.adjacency().toarray())
    assert same(dense, build(n, [(a, b, float(w)) for (a, b), w in total.items() if float(w) != 0]))
    if edges:
        # from the lower end to the higher, with weights that are no counters and no marks for missing ones
        rows = [(min(a, b), max(a, b), w + 0.5) for a, b, w in edges]
        expected = WeightedGraph.from_edges(*map(list, zip(*rows, strict=True)))
        named = as_graph([(f"v{a}", f"v{b}", w) for a, b, w in rows])
        assert set(named.labels) == {f"v{a}" for edge in edges for a in edge[:2]}
        assert named.total_weight == expected.total_weight
        bare = [(a, b, w if a != b else 0.0) for a, b, w in rows]  # weighted loops may be linear terms
        array = as_graph(np.array([*bare, *[(0, 0, 0.0)] * 4], dtype=float))
        assert array.total_weight == expected.total_weight


def test_weight_argument():
    G = nx.Graph([(0, 1, {"weight": 3, "cost": 5}), (1, 2, {"cost": 7})])
    assert as_graph(G).total_weight == 4
    assert as_graph(G, weight="cost").total_weight == 12
    assert as_graph(G, weight=None).total_weight == 2
    assert as_graph([(0, 1, {"weight": 3})]).total_weight == 3
    assert as_graph([(0, 1, 3), (1, 2, 4)], weight=None).total_weight == 2
    assert as_graph(np.array([[0, 3], [3, 0]]), weight=None).total_weight == 1
    assert as_graph(as_graph(G), weight=None).total_weight == 2
    assert as_graph(nx.MultiGraph([(0, 1), (0, 1)]), weight=None).edges()[2].tolist() == [2]


def test_stored_zeros_are_edges_and_loops_are_counted():
    A = sp.coo_array(([0.0, 4.0, 0.0], ([0, 2, 1], [1, 2, 0])), shape=(3, 3))
    g = as_graph(A)
    assert (g.n, g.m, g.dropped_loops, g.total_weight) == (3, 1, 1, 0)
    one_sided = as_graph(sp.coo_array(([0.0], ([0], [1])), shape=(2, 2)))
    assert (one_sided.m, one_sided.total_weight) == (1, 0)


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        (nx.DiGraph([(0, 1)]), "the graph is directed"),
        (nx.MultiDiGraph([(0, 1)]), "--symmetrize sum"),
        (nx.Graph(), "no vertices"),
        (nx.Graph([("a", "b", {"weight": "7 km"})]), "edge ('a', 'b'): weight '7 km'"),
        (nx.Graph([(0, 1, {"weight": True}), (1, 2, {"weight": False})]), "boolean"),
        (nx.Graph([(0, 1, {"weight": math.nan})]), "not finite"),
        (nx.Graph([(0, 1, {"weight": -math.inf})]), "not finite"),
        (nx.Graph([(0, 1, {"weight": 1j})]), "not a real number"),
        (nx.Graph([(0, 1, {"weight": None})]), "not a real number"),
        (nx.Graph([(0, 1, {"weight": 2**53 + 1})]), "not exact"),
        (sp.csr_array(np.array([[0, 1.0], [2.0, 0]])), "entry (0, 1) is 1 but (1, 0) is 2"),
        (sp.csr_array((2, 3)), "square"),
        (sp.csr_array(np.array([[0, 1j], [1j, 0]])), "complex"),
        (np.array([[0, np.nan], [np.nan, 0]]), "not finite"),
        (np.array([[0, 1, 0], [0, 0, 0], [0, 1, 0]]), "entry (0, 1) is 1 but (1, 0) is 0"),
        (np.zeros((0, 0)), "no vertices"),
        (np.zeros(4), "shape (4,)"),
        (np.zeros((5, 4)), "shape (5, 4)"),
        ([(0, 1, 2, 3)], "edge 0"),
        ([(0, 1), "ab"], "edge 1"),
        ([(0, 1), 5], "edge 1"),
        ([([], 1)], "not hashable"),
        ([], "no vertices"),
        (7, "cannot read a graph from int"),
        (b"0 1", "cannot read a graph from bytes"),
    ],
)
def test_bad_input_is_refused_in_one_line(obj, message):
    with pytest.raises(InputError) as caught:
        as_graph(obj)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("i", "j", "w", "kwargs"),
    [
        ([0], [1, 2], None, {}),
        ([0], [1], [1, 2], {}),
        ([[0]], [[1]], None, {}),
        ([0.5], [1], None, {}),
        (["0"], ["1"], None, {}),
        ([0], [3], None, {"n": 3}),
        ([-1], [0], None, {"n": 3}),
        ([0], [1], None, {"n": 2**31}),
        ([0], [1], None, {"n": 3, "labels": "ab"}),
        ([], [], None, {}),
        ([0], [1], ["x"], {}),
        ([0], [1], [True], {}),
        ([0], [1], np.array([True]), {}),
        ([0], [1], np.array(["1"]), {}),
        ([0], [1], np.array([2**53 + 1]), {}),
        ([0], [1], np.array([np.inf]), {}),
        ([0, 0], [1, 1], [2**53, 1], {}),
        ([0, 0], [1, 1], [1e308, 1e308], {}),
    ],
)
def test_bad_arrays(i, j, w, kwargs):
    with pytest.raises(InputError):
        WeightedGraph.from_edges(i, j, w, **kwargs)


@pytest.mark.parametrize(
    "signs", [[1, -1], [1, -1, 0], [1, -1, math.nan], [True, False, True], ["1", "1", "1"]]
)
def test_bad_signs(signs):
    g = WeightedGraph.from_edges([0, 1], [1, 2])
    with pytest.raises(InputError):
        g.cut_value(signs)


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [([0, 1], [2, 9], "9"), ([0, 1], [1, 2], "twice"), ([0], [2], "leaves out vertex 1")],
)
def test_bad_partitions(left, right, message):
    with pytest.raises(InputError, match=message):
        WeightedGraph.from_edges([0, 1], [1, 2]).signs_from_partition(left, right)


def test_exact_weights_beyond_2_to_53_are_accepted():
    assert WeightedGraph.from_edges([0], [1], [2**60]).total_weight == 2**60
    assert WeightedGraph.from_edges([0], [1], np.array([2**60])).total_weight == 2**60
    assert WeightedGraph.from_edges([0], [1], [-0.0]).digest == WeightedGraph.from_edges([0], [1], [0]).digest


def test_large_random_graph_matches_scipy():
    i, j = np.divmod(np.arange(400_000, dtype=np.int64) * 2654435761 % 10**8, 10**4)
    w = (np.arange(400_000) % 7 - 3).astype(np.int64)
    g = WeightedGraph.from_edges(i, j, w, n=10**4)
    off = i != j
    A = sp.coo_array((w[off], (i[off], j[off])), shape=(10**4, 10**4)).tocsr()
    assert abs(g.adjacency() - (A + A.T)).max() == 0
    assert g.total_weight == int(w[off].sum())
