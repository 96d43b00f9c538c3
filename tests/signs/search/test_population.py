"""Populations of cuts: the words of 256 bits, the law of the proposals, selection, and what comes out."""

import math
import os
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalogue import graphs
from tests.oracles import brute_force_maxcut

from derandkit.datasets import family, gset
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics.jit import kernel
from derandkit.numerics.lanes import flipped, load, splat, store
from derandkit.signs.search import trajectory
from derandkit.signs.search.population import BitPopulation, FieldPopulation, common_unit, population
from derandkit.signs.search.population_kernels import (
    copy_cuts,
    count_frustrated,
    draw_masks,
    read_cut,
    sweep_population,
)
from derandkit.signs.search.search import SearchEffort, search_cut

ALL = 2**64 - 1


def stream(seed=88172645463325252):
    return np.array([seed], dtype=np.uint64)


def bits(graph):
    unit = common_unit(graph)
    assert unit is not None
    return BitPopulation(graph, unit, stream())


def all_cuts(herd):
    cuts = np.empty((256, herd.n), dtype=np.int8)
    for k in range(256):
        read_cut(herd.words, k, cuts[k])
    return cuts


def wrong(herd):
    found = np.empty(256, dtype=np.int64)
    count_frustrated(herd.indptr, herd.entries, herd.words, herd.digits, found)
    return found


def sweep(herd, sweeps=1):
    sweep_population(
        herd.indptr, herd.entries, herd.start, herd.kinds, herd.narrow, herd.masks, herd.words, herd.stream, sweeps
    )  # fmt: skip


integer_graphs = graphs(max_n=9).map(
    lambda g: WeightedGraph.from_edges(
        *g.edges()[:2], np.where(g.edges()[2] < 0, -1.0, 1.0) * (1 + np.arange(g.m) % 3), n=g.n
    )
)


def test_floats_are_what_numpy_says():
    @kernel
    def compute(rows, number, out):
        a, b = load(rows, 0), load(rows, 1)
        store(out, 0, a + b)
        store(out, 1, a * b)
        store(out, 2, splat(number))
        store(out, 3, flipped(a, b, splat(number)))

    rows = np.random.default_rng(1).normal(size=(2, 8)).astype(np.float32)
    out = np.empty((4, 8), dtype=np.float32)
    compute(rows, rows[1, 3], out)
    a, b = rows
    expected = [a + b, a * b, np.full(8, b[3]), np.where(b >= b[3], -a, a)]
    np.testing.assert_array_equal(out, expected)


def test_lanes_are_what_numpy_says():
    @kernel
    def compute(rows, word, out):
        a, b = load(rows, 0), load(rows, 1)
        store(out, 0, a & b)
        store(out, 1, a | b)
        store(out, 2, a ^ b)
        store(out, 3, a << splat(word))
        store(out, 4, a >> splat(word))
        store(out, 5, splat(word))

    rows = np.random.default_rng(1).integers(0, ALL, (2, 4), dtype=np.uint64, endpoint=True)
    out = np.empty((6, 4), dtype=np.uint64)
    compute(rows, np.uint64(13), out)
    a, b = rows
    word = np.uint64(13)
    expected = [a & b, a | b, a ^ b, a << word, a >> word, np.full(4, word)]
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("p", [0, 1, 300, 2**15, 17625, 2**16 - 1])
def test_masks_have_their_probability(p):
    masks = np.empty((512, 4), dtype=np.uint64)
    draw_masks(np.array([2**15, p]), masks, stream())
    drawn = np.unpackbits(masks[256:].view(np.uint8))
    share = p / 2**16
    assert abs(drawn.mean() - share) <= 4.5 * math.sqrt(share * (1 - share) / drawn.size)
    assert abs(np.unpackbits(masks[:256].view(np.uint8)).mean() - 0.5) < 0.02


@settings(deadline=None)
@given(integer_graphs)
def test_wrong_edges_are_the_positive_weights_less_the_cut(graph):
    if graph.m == 0:
        return
    herd = bits(graph)
    herd.scatter()
    positive = graph.weights[graph.weights > 0].sum() / 2
    values = [graph.cut_value(signs) for signs in all_cuts(herd)]
    np.testing.assert_array_equal(positive - herd.unit * wrong(herd), values)


@pytest.mark.parametrize(
    "graph",
    [
        gset("G11"),
        gset("G14"),  # more than 47 edges at a vertex
        as_graph(nx.star_graph(700)),
        as_graph(nx.complete_graph(300)),
        WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [0.5, -1.5, 1.0], n=5),
    ],
    ids=["torus", "planar", "star", "complete", "multiples"],
)
def test_cold_sweeps_follow_the_gains(graph):
    """At temperature zero each visit flips just those cuts that lose nothing by it."""
    herd = bits(graph)
    herd.scatter()
    cuts = all_cuts(herd)[::37].astype(np.int64)
    before = wrong(herd)
    sweep(herd)
    matrix = graph.adjacency().toarray()
    for signs, after in zip(cuts, all_cuts(herd)[::37], strict=True):
        for i in range(graph.n):
            if signs[i] * (matrix[i] @ signs) >= 0:
                signs[i] = -signs[i]
        np.testing.assert_array_equal(signs, after)
    assert np.all(wrong(herd) <= before)


@pytest.mark.parametrize("loss", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("temperature", [0.7, 1.5, 3.0])
def test_losses_are_accepted_as_metropolis_does(loss, temperature):
    """Pairs whose edge of so many units is cut: the first end of each flips with probability exp(-loss / T)."""
    pairs = 200
    first = np.arange(pairs) * 2
    graph = WeightedGraph.from_edges(
        np.append(first, 2 * pairs),
        np.append(first + 1, 2 * pairs + 1),
        np.append(np.full(pairs, float(loss)), 1.0),
    )  # the last edge makes the unit 1
    herd = BitPopulation(graph, 1.0, stream())
    signs = np.where(np.arange(graph.n) % 2, 1, -1).astype(np.int8)
    herd.begin(signs)
    herd.sweep(temperature, 1)
    flipped = all_cuts(herd)[:, :-2:2] != signs[:-2:2]
    p = math.exp(-loss / temperature)
    # rows of random bits are used more than once, which widens the spread somewhat
    assert abs(flipped.mean() - p) < 6.0 * math.sqrt(p * (1 - p) / flipped.size) + 2e-4


def test_copies_replace_what_they_should():
    herd = bits(gset("G11"))
    herd.scatter()
    before = all_cuts(herd)
    copy_cuts(herd.words, np.array([5, 5, 200]), np.array([0, 130, 255]))
    after = all_cuts(herd)
    np.testing.assert_array_equal(after[[0, 130, 255]], before[[5, 5, 200]])
    kept = np.setdiff1d(np.arange(256), [0, 130, 255])
    np.testing.assert_array_equal(after[kept], before[kept])


def test_selection_follows_boltzmann():
    """Two kinds of cuts, one edge apart: their numbers shift by the factor exp(step) of the inverse temperature."""
    herd = bits(as_graph(nx.path_graph(2)))
    herd.words[0] = 0
    herd.words[1] = [ALL, ALL, 0, 0]  # half of the cuts are wrong
    herd.select(math.log(3.0))
    assert np.sum(wrong(herd) == 0) == 192
    herd.select(0.0)
    assert np.sum(wrong(herd) == 0) == 192


def test_cuts_come_heaviest_first_and_once():
    graph = gset("G11")
    herd = bits(graph)
    herd.scatter()
    values = [graph.cut_value(signs) for signs in herd.cuts()]
    assert values == sorted(values, reverse=True)
    assert len(values) == 256
    herd.begin(np.ones(graph.n, dtype=np.int8))
    copy = herd.words.copy()
    herd.words[:, 2] = ~copy[:, 2]  # the same cuts from the other side
    assert len(list(herd.cuts())) == 1


@settings(deadline=None, max_examples=60)
@given(integer_graphs, st.sampled_from([1e-9, 0.1, 1.0, 1e11]))
def test_small_graphs_are_cut_optimally(graph, scale):
    if graph.m == 0:
        return
    i, j, w = graph.edges()
    graph = WeightedGraph.from_edges(i, j, w * scale, n=graph.n)
    if common_unit(graph) is None:  # rounding may leave no common unit
        return
    best, _ = brute_force_maxcut(graph)
    for herd in (bits(graph), FieldPopulation(graph, stream())):
        herd.scatter()
        herd.anneal(3.0 * scale, 0.2 * scale, 200, go_on=lambda work, done, left: left)
        heaviest = graph.cut_value(next(herd.cuts()))
        assert abs(heaviest - best) <= 1e-12 * np.abs(w * scale).sum()


@pytest.mark.parametrize(
    ("weights", "unit"),
    [
        ([1.0, 1.0, -1.0], 1.0),
        ([2.0, 3.0, -4.0], 1.0),
        ([1e-9, 2e-9, 1e-9], 1e-9),
        ([1.0, 1.0, 9.0], 1.0),
        ([1.0, 1.0, 11.0], None),  # too many units an edge
        ([1.0, 1.1, 1.2], None),
        ([1.0, 1e300, 1.0], None),
    ],
)
def test_a_common_unit_is_found_where_there_is_one(weights, unit):
    assert common_unit(WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], weights)) == unit


def test_vertices_with_too_many_units_have_no_population():
    assert common_unit(as_graph(nx.star_graph(1000))) is not None
    assert common_unit(as_graph(nx.star_graph(1010))) is None
    assert common_unit(WeightedGraph.from_edges([], [], [], n=3)) is None


def real(graph, kind="normal"):
    """Give a graph real weights."""
    rng = np.random.default_rng(1)
    draw = {
        "normal": rng.normal,
        "uniform": lambda size: rng.uniform(0.1, 1.0, size),
        "power law": lambda size: rng.uniform(0.0, 1.0, size) ** -1.0,
    }[kind]
    i, j, _ = graph.edges()
    return WeightedGraph.from_edges(i, j, draw(size=graph.m), n=graph.n)


def test_fields_fall_cold_as_the_gains_say():
    """At temperature zero single precision and exact gains agree wherever the gain is not a rounding error."""
    graph = real(gset("G11"))
    herd = FieldPopulation(graph, stream())
    herd.scatter()
    before = herd.signs.reshape(graph.n, 64).astype(np.int64)
    weights = np.array([graph.cut_value(before[:, k].astype(np.int8)) for k in range(64)])
    np.testing.assert_allclose(herd.lightness(), weights.max() - weights, atol=1e-9)
    herd.sweep(0.0, 1)
    after = herd.signs.reshape(graph.n, 64)
    matrix = graph.adjacency().toarray()
    for k in (0, 7, 8, 33, 63):
        signs = before[:, k]
        for i in range(graph.n):
            gain = signs[i] * (matrix[i] @ signs)
            assert abs(gain) > 1e-5
            signs[i] *= -1 if gain > 0 else 1
        np.testing.assert_array_equal(signs, after[:, k])


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_fields_accept_losses_as_metropolis_does(temperature):
    first = 2 * np.arange(400)
    graph = WeightedGraph.from_edges(first, first + 1, np.full(400, math.sqrt(2.0)))
    herd = FieldPopulation(graph, stream())
    signs = np.where(np.arange(graph.n) % 2, 1, -1).astype(np.int8)
    herd.begin(signs)
    herd.sweep(temperature, 1)
    flipped = herd.signs.reshape(graph.n, 64)[::2] != signs[::2, None]
    p = math.exp(-math.sqrt(2.0) / temperature)
    assert abs(flipped.mean() - p) < 6.0 * math.sqrt(p * (1 - p) / flipped.size) + 2e-4


def test_fields_are_copied_and_read():
    graph = real(gset("G11"))
    herd = FieldPopulation(graph, stream())
    herd.scatter()
    before = herd.signs.reshape(graph.n, 64).copy()
    herd.copy(np.array([3, 60]), np.array([40, 0]))
    after = herd.signs.reshape(graph.n, 64)
    np.testing.assert_array_equal(after[:, [40, 0]], before[:, [3, 60]])
    others = np.setdiff1d(np.arange(64), [40, 0])
    np.testing.assert_array_equal(after[:, others], before[:, others])
    values = [graph.cut_value(cut) for cut in herd.cuts()]
    assert max(values) >= graph.cut_value(before[:, 0].astype(np.int8))
    assert len(values) == 62


@pytest.mark.parametrize("kind", ["normal", "uniform", "power law"])
def test_populations_beat_single_cuts_under_real_weights(monkeypatch, kind):
    graph = real(family("random", 1500, degree=8, seed=2), kind)
    start = np.ones(graph.n, dtype=np.int8)
    effort = SearchEffort(work=20_000_000)
    many = graph.cut_value(search_cut(graph, start, effort=effort).signs)
    monkeypatch.setattr(trajectory, "FEWEST", 10**12)
    one = graph.cut_value(search_cut(graph, start, effort=effort).signs)
    assert many > one


def test_search_takes_populations_where_the_work_suffices(monkeypatch):
    made = []

    def spy(graph, state):
        made.append(population(graph, state))
        return made[-1]

    monkeypatch.setattr(trajectory, "population", spy)
    torus = gset("G11")
    start = np.ones(torus.n, dtype=np.int8)
    search_cut(torus, start, effort=SearchEffort(work=10_000))
    assert not made
    search_cut(torus, start, effort=SearchEffort(work=5_000_000))
    assert isinstance(made[0], BitPopulation)
    assert made[0].n == torus.n
    made.clear()
    search_cut(real(torus), start, effort=SearchEffort(work=5_000_000))
    assert isinstance(made[0], FieldPopulation)


def test_populations_find_in_no_time_what_single_runs_seek_for_long():
    """G43 and G22: 6660 and 13359 are the best values known."""
    for name, known, work in (("G43", 6660, 10_000_000), ("G22", 13359, 100_000_000)):
        graph = gset(name)
        found = search_cut(
            graph, np.ones(graph.n, dtype=np.int8), effort=SearchEffort(work=work, target=known)
        )
        assert graph.cut_value(found.signs) == known
        assert found.work < work


def test_work_is_kept_to():
    graph = family("random", 3000, degree=6, seed=1)
    for work in (1, 10_000, 10_000_000, 50_000_000):
        found = search_cut(graph, np.ones(graph.n, dtype=np.int8), effort=SearchEffort(work=work))
        assert found.work <= 1.3 * work + 60 * graph.n


#: Runs a population of each kind, and prints all that it can be asked.
POPULATIONS = """
import networkx as nx, numpy as np, derandkit
from derandkit.signs.search.population import population
signs = np.ones(10, dtype=np.int8)
for scale in (1, 0.7**5):
    weights = [(-1) ** k * scale * (1 + (scale < 1) * k / 7) for k in range(15)]
    edges = [(u, v, w) for (u, v), w in zip(nx.petersen_graph().edges(), weights)]
    found = population(derandkit.as_graph(edges), np.array([7], dtype=np.uint64))
    found.begin(signs)
    found.scatter()
    for temperature in (2.0, 1.0, 0.5):
        found.sweep(temperature, 2)
    print(type(found).__name__, found.lightness().tolist(), found.read(3).tolist())
"""


def test_without_compilation_every_bit_is_the_same():
    """Lanes are then rows of numpy."""
    printed = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", POPULATIONS],
            env={**os.environ, "NUMBA_DISABLE_JIT": plain},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for plain in ("0", "1")
    ]
    assert printed[0] == printed[1]
    assert [line.split()[0] for line in printed[0].splitlines()] == ["BitPopulation", "FieldPopulation"]
