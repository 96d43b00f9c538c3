"""Recipes against their specification: published numbers, and a twin that draws one number at a time."""

from __future__ import annotations

import math
from typing import NamedTuple

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derandkit.datasets import graphbase, graphs, rudy, rudy_edges
from derandkit.datasets.graphbase import GraphBaseStream

M = 2**31


# The twin: one number, one edge, one vertex at a time ---------------------------------------------------


class Flip:
    """The generator, from its recurrences."""

    def __init__(self, seed):
        s = seed % M
        d = [s, 1]
        for _ in range(53):
            s = s // 2 + (s % 2) * 2**30
            d.append((d[-2] - d[-1] - s) % M)
        self.a = [0] * 56
        self.a[55] = d[0]
        for k in range(1, 55):
            self.a[21 * k % 55] = d[k]
        for _ in range(5):
            self.refresh()
        self.p = 54
        self.consumed = 0

    def refresh(self):
        for i in range(1, 25):
            self.a[i] = (self.a[i] - self.a[i + 31]) % M
        for i in range(25, 56):
            self.a[i] = (self.a[i] - self.a[i - 24]) % M
        self.p = 55

    def next(self):
        if self.p == 0:
            self.refresh()
        self.p -= 1
        self.consumed += 1
        return self.a[self.p + 1]

    def uniform(self, m):
        while True:
            r = self.next()
            if r < M - M % m:
                return r % m


class Twin(NamedTuple):
    n: int
    rows: list  # (i, j, w) in list order


def listed(n, inserted):
    """List order of edges (i, j, w) given in the order of insertion."""
    rows = [(k, min(e[:2]), max(e[:2]), e[2]) for k, e in enumerate(inserted)]
    rows.sort(key=lambda row: (row[1], -row[0]))
    return Twin(n, [row[1:] for row in rows])


def twin_rnd_graph(n, density, flip):
    x = (n * (n - 1)) * density / 200
    m = int(x) + (1 if x - int(x) >= 0.5 else 0)
    inserted, there = [], set()
    while len(inserted) < m:
        u = flip.uniform(n)
        v = flip.uniform(n)
        if u != v and frozenset((u, v)) not in there:
            there.add(frozenset((u, v)))
            inserted.append((u, v, 1))
    return listed(n, inserted)


def twin_planar(n, density, flip):
    edges, faces = [(0, 1), (0, 2), (1, 2)], [(0, 1, 2)]
    for q in range(3, n):
        f = flip.uniform(len(faces))
        a, b, c = faces[f]
        edges += [(a, q), (b, q), (c, q)]
        faces[f] = (a, b, q)
        faces += [(a, c, q), (b, c, q)]
    limit = density * len(edges) / 100
    while len(edges) > limit:
        e = flip.uniform(len(edges))
        edges[e] = edges[-1]
        edges.pop()
    return listed(n, [(u, v, 1) for u, v in edges])


def twin_torus(h, w):
    cells = [(r, c) for r in range(h) for c in range(w)]
    right = [(r * w + c, r * w + (c + 1) % w, 1) for r, c in cells]
    down = [(r * w + c, (r + 1) % h * w + c, 1) for r, c in cells]
    return listed(h * w, right + down)


def twin_union(a, b):
    inserted = []
    for v in range(a.n):
        group = [list(row) for row in a.rows if row[0] == v]
        for i, j, w in (row for row in b.rows if row[0] == v):
            same = [row for row in group if row[1] == j]
            if same:
                same[0][2] = min(same[0][2], w)
            else:
                group.append([i, j, w])
        inserted += group
    return listed(a.n, inserted)


def twin(recipe):
    words, stack = iter(recipe.split()), []
    for word in words:
        if word == "-rnd_graph":
            n, density, seed = int(next(words)), float(next(words)), int(next(words))
            stack.append(twin_rnd_graph(n, density, Flip(seed)))
        elif word == "-planar":
            n, density, seed = int(next(words)), float(next(words)), int(next(words))
            stack.append(twin_planar(n, density, Flip(seed)))
        elif word == "-toroidal_grid_2D":
            stack.append(twin_torus(int(next(words)), int(next(words))))
        elif word == "+":
            b, a = stack.pop(), stack.pop()
            stack.append(twin_union(a, b))
        else:
            n, rows = stack.pop()
            if word == "-random":
                lo, hi, flip = int(next(words)), int(next(words)), Flip(int(next(words)))
                new = [lo if lo == hi else lo + flip.uniform(hi - lo + 1) for _ in rows]
            else:
                s = int(next(words))
                new = [w * s if word == "-times" else w + s for _, _, w in rows]
            stack.append(Twin(n, [(i, j, w) for (i, j, _), w in zip(rows, new, strict=True)]))
    (only,) = stack
    return only


def rows_of(edges):
    return list(zip(edges.i.tolist(), edges.j.tolist(), edges.w.tolist(), strict=True))


# Random numbers -----------------------------------------------------------------------------------------

RAW = {
    -314159: "119318998 1301097714 451151173 51016514 374261376",
    0: "2029883356 2073281797 759676350 50666240 1904092501",
    1: "275547501 20608703 63752066 1189259106 1757208357",
    8001: "1414150523 1816102906 1089118783 1397856254 1180343539",
    20001: "1623379184 727273238 917171296 2096589266 706411033",
    50001: "240398539 576123828 1849254876 1535740742 1141657301",
    100001: "1935811282 6022239 157697935 1892035080 1800106888",
    2147483647: "2110032679 27956595 1093607513 407942167 159419185",
}
FAR = {
    -314159: "2012596624 1535535511 74972234 921862209 1536887682 1202178959",
    0: "1642498118 1677932786 1466746238 985255059 1975387405 1192803465",
    1: "2146306906 1695648719 1588405454 1025065380 374857482 1923956656",
    8001: "980459474 256494972 1945133172 2108780516 1914711406 174915751",
    50001: "1056319938 1163197468 1203301456 2082369128 1589885631 302901872",
}
UNIFORM = [
    (1, "0 0 0 0 0 0 0 0 0 0 0 0", 327344582),
    (2, "1 0 1 0 1 0 0 1 0 0 1 0", 327344582),
    (10, "3 6 3 4 9 0 6 5 4 0 1 6", 327344582),
    (800, "123 506 383 254 339 100 146 625 794 730 251 446", 327344582),
    (
        1431655765,
        "1414150523 1089118783 1397856254 1180343539 181670500 1038789746 "
        "1187348625 356508730 14033851 327344582 393114154 1420590081",
        1064745968,
    ),
]


@pytest.mark.parametrize("seed", RAW)
def test_first_raw_numbers(seed):
    expected = [int(word) for word in RAW[seed].split()]
    assert GraphBaseStream(seed).raw(5).tolist() == expected
    assert GraphBaseStream(seed + 3 * M).raw(5).tolist() == expected


@pytest.mark.parametrize("seed", FAR)
def test_raw_numbers_far_out(seed):
    values = GraphBaseStream(seed).raw(100_000)
    assert values[[53, 54, 55, 109, 999, 99_999]].tolist() == [int(word) for word in FAR[seed].split()]


@pytest.mark.parametrize(("m", "expected", "after"), UNIFORM)
def test_uniform_numbers(m, expected, after):
    stream, each = GraphBaseStream(8001), GraphBaseStream(8001)
    numbers = [int(word) for word in expected.split()]
    assert stream.uniform(m, 12).tolist() == numbers
    assert each.uniform_each(np.full(12, m)).tolist() == numbers
    assert stream.raw(1).tolist() == each.raw(1).tolist() == [after]


def test_published_self_test():
    stream = GraphBaseStream(-314159)
    stream.raw(134)
    assert stream.uniform(0x55555555, 1).tolist() == [748103812]


@settings(deadline=None)
@given(
    st.integers(-(2**40), 2**40),
    st.lists(st.tuples(st.sampled_from(["raw", "uniform", "each"]), st.integers(1, 150), st.integers(1, M))),
)
def test_blocks_equal_single_draws(seed, calls):
    stream, flip = GraphBaseStream(seed), Flip(seed)
    for kind, count, m in calls:
        if kind == "raw":
            assert stream.raw(count).tolist() == [flip.next() for _ in range(count)]
        elif kind == "uniform":
            assert stream.uniform(m, count).tolist() == [flip.uniform(m) for _ in range(count)]
        else:
            moduli = [max(1, m - 7 * k) for k in range(count)]
            assert stream.uniform_each(np.array(moduli)).tolist() == [flip.uniform(k) for k in moduli]
        assert stream.consumed == flip.consumed


# Graphs -------------------------------------------------------------------------------------------------

SMALL = {
    "-rnd_graph 6 60 1": "1-2:1 1-4:1 1-3:1 2-4:1 2-6:1 3-6:1 3-4:1 4-5:1 4-6:1",
    "-rnd_graph 6 60 1 -random -3 5 42": "1-2:4 1-4:3 1-3:0 2-4:4 2-6:3 3-6:0 3-4:2 4-5:4 4-6:1",
    "-rnd_graph 5 25 3": "1-5:1 3-4:1 3-5:1",
    "-planar 4 50 9": "1-2:1 2-4:1 3-4:1",
    "-planar 7 100 5": (
        "1-7:1 1-6:1 1-5:1 1-4:1 1-3:1 1-2:1 2-5:1 2-4:1 2-3:1 3-7:1 3-6:1 3-4:1 4-6:1 4-5:1 6-7:1"
    ),
    "-planar 7 60 5": "1-7:1 1-2:1 2-3:1 3-7:1 3-4:1 3-6:1 4-5:1 4-6:1 6-7:1",
    "-toroidal_grid_2D 3 4": (
        "1-9:1 1-5:1 1-4:1 1-2:1 2-10:1 2-6:1 2-3:1 3-11:1 3-7:1 3-4:1 4-12:1 4-8:1 5-9:1 5-8:1 5-6:1 "
        "6-10:1 6-7:1 7-11:1 7-8:1 8-12:1 9-12:1 9-10:1 10-11:1 11-12:1"
    ),
    "-planar 6 70 1 -planar 6 70 2 +": (
        "1-4:1 1-2:1 1-3:1 1-6:1 2-4:1 2-3:1 3-6:1 3-4:1 3-5:1 4-5:1 4-6:1 5-6:1"
    ),
    "-planar 6 70 1 -random 1 9 3 -planar 6 70 2 -random 1 9 4 +": (
        "1-4:2 1-2:5 1-3:2 1-6:2 2-4:2 2-3:5 3-6:5 3-4:8 3-5:7 4-5:2 4-6:9 5-6:9"
    ),
}
TORUS_SIGNS = "1 -1 1 -1 1 -1 -1 1 -1 -1 1 -1 -1 -1 1 -1 -1 1 -1 1 1 1 1 1"
CONSUMED = [  # instance, n, density, seed, raw numbers
    ("G1", 800, 6, 8001, 39572),
    ("G2", 800, 6, 8002, 39585),
    ("G22", 2000, 1, 20001, 40226),
    ("G43", 1000, 2, 10001, 20256),
    ("G55", 5000, 0.1, 50001, 25022),
    ("G60", 7000, 0.07, 70001, 34312),
    ("G70", 10000, 0.02, 100001, 20002),
    ("G14", 800, 99, 8001, 821),
    ("G14", 800, 99, 8002, 821),
    ("G51", 1000, 100, 10001, 997),
    ("G58", 5000, 99, 50002, 5147),
    ("G63", 7000, 99, 70001, 7207),
]

real = st.one_of(st.integers(0, 100), st.floats(0, 100).map(lambda x: round(x, 6)))
seeds = st.integers(-(2**33), 2**33)


@st.composite
def recipes(draw):
    """Recipes of small graphs with every operator, unions of weighted graphs included."""
    kind = draw(st.sampled_from(["rnd", "planar", "torus"]))
    h, w = draw(st.integers(3, 5)), draw(st.integers(3, 5))
    n = h * w if kind == "torus" else draw(st.integers(3 if kind == "planar" else 1, 15))

    def changed(text):
        for _ in range(draw(st.integers(0, 2))):
            lo, s = draw(st.integers(-9, 9)), draw(st.integers(-4, 4))
            change = [
                f"-random {lo} {lo + draw(st.integers(0, 9))} {draw(seeds)}",
                f"-times {s}",
                f"-plus {s}",
            ]
            text += " " + draw(st.sampled_from(change))
        return text

    def generator():
        options = [f"-rnd_graph {n} {draw(real)} {draw(seeds)}"]
        if n >= 3:
            options.append(f"-planar {n} {draw(real)} {draw(seeds)}")
        if kind == "torus":
            options.append(f"-toroidal_grid_2D {h} {w}")
        return changed(draw(st.sampled_from(options)))

    text = generator()
    for _ in range(draw(st.integers(0, 2))):
        text = changed(f"{text} {generator()} +")
    return text


@pytest.mark.parametrize("recipe", SMALL)
def test_small_graphs_of_the_original(recipe):
    edges = rudy_edges(recipe)
    assert " ".join(f"{i + 1}-{j + 1}:{w}" for i, j, w in rows_of(edges)) == SMALL[recipe]


def test_signs_of_a_torus_follow_the_list_order():
    edges = rudy_edges("-toroidal_grid_2D 3 4 -random 0 1 8001 -times 2 -plus -1")
    assert " ".join(map(str, edges.w.tolist())) == TORUS_SIGNS


@pytest.mark.parametrize(("name", "n", "density", "seed", "consumed"), CONSUMED)
def test_raw_numbers_consumed(name, n, density, seed, consumed):
    stream = GraphBaseStream(seed)
    graph = (graphs.planar if density >= 99 else graphs.rnd_graph)(n, density, stream)
    assert stream.consumed == consumed
    signs = GraphBaseStream(seed)
    graphs.random_weights(graph, 0, 1, signs)
    assert signs.consumed == len(graph.w)


@settings(deadline=None, max_examples=300)
@given(recipes())
def test_every_recipe_equals_the_twin(recipe):
    edges, expected = rudy_edges(recipe), twin(recipe)
    assert edges.n == expected.n
    assert rows_of(edges) == expected.rows
    assert rows_of(rudy_edges(recipe)) == expected.rows


@pytest.mark.parametrize("block", [1, 2, 7, 2**22])
@pytest.mark.parametrize(
    ("n", "density"), [(40, 3), (40, 12), (40, 60), (9, 100), (2, 100), (1, 50), (30, 0)]
)
def test_block_size_does_not_matter(monkeypatch, block, n, density):
    monkeypatch.setattr(graphs, "_BLOCK", block)
    monkeypatch.setattr(graphbase, "_WINDOW", block)
    for seed in range(5):
        stream, flip = GraphBaseStream(seed), Flip(seed)
        assert rows_of(graphs.rnd_graph(n, density, stream)) == twin_rnd_graph(n, density, flip).rows
        assert stream.consumed == flip.consumed
        if n >= 3:
            stream, flip = GraphBaseStream(seed), Flip(seed)
            assert rows_of(graphs.planar(n, density, stream)) == twin_planar(n, density, flip).rows
            assert stream.consumed == flip.consumed


@pytest.mark.parametrize("block", [5, 2**22])
def test_rejected_draws_of_a_huge_vertex_set(monkeypatch, block):
    monkeypatch.setattr(graphs, "_BLOCK", block)
    n, density = 130_000_001, 2e-12  # 6 percent of all raw numbers are rejected, 169 edges
    assert M % n / M > 0.03
    stream, flip = GraphBaseStream(7), Flip(7)
    edges = graphs.rnd_graph(n, density, stream)
    assert rows_of(edges) == twin_rnd_graph(n, density, flip).rows
    assert stream.consumed == flip.consumed > 2 * len(edges.w)


@settings(deadline=None)
@given(st.integers(1, 60), real, seeds)
def test_random_graphs_are_simple_with_the_right_number_of_edges(n, density, seed):
    edges = rudy_edges(f"-rnd_graph {n} {density} {seed}")
    x = n * (n - 1) * density / 200
    assert len(edges.w) == math.floor(x) + (x % 1 >= 0.5) == graphs.edge_count(n, density)
    assert all(0 <= i < j < n for i, j, _ in rows_of(edges))
    assert len({(i, j) for i, j, _ in rows_of(edges)}) == len(edges.w)
    assert np.all(np.diff(edges.i) >= 0)


@settings(deadline=None)
@given(st.integers(3, 60), real, seeds)
def test_planar_graphs_are_planar(n, density, seed):
    edges = rudy_edges(f"-planar {n} {density} {seed}")
    graph = nx.Graph((i, j) for i, j, _ in rows_of(edges))
    assert len(edges.w) == graph.number_of_edges() == math.floor(density * (3 * n - 6) / 100)
    assert nx.check_planarity(graph)[0]


@pytest.mark.parametrize("recipe", ["-rnd_graph 9 0 1 -planar 9 50 2 +", "-planar 9 50 2 -rnd_graph 9 0 1 +"])
def test_union_with_a_graph_without_edges(recipe):
    assert rows_of(rudy_edges(recipe)) == twin(recipe).rows


@pytest.mark.parametrize(("h", "w"), [(3, 3), (3, 7), (6, 4)])
def test_torus_is_the_periodic_grid(h, w):
    edges = rudy_edges(f"-toroidal_grid_2D {h} {w}")
    grid = nx.grid_2d_graph(h, w, periodic=True)
    expected = {tuple(sorted((a * w + b, c * w + d))) for (a, b), (c, d) in grid.edges()}
    assert {(i, j) for i, j, _ in rows_of(edges)} == expected
    assert len(edges.w) == 2 * h * w


def test_halves_are_rounded_up():
    assert [graphs.edge_count(5000, 0.1), graphs.edge_count(5, 25), graphs.edge_count(2, 50)] == [12498, 3, 1]
    assert graphs.edge_count(2, 49.9) == 0


def test_weighted_graph_of_a_recipe():
    recipe = "-planar 30 80 4 -rnd_graph 30 20 5 + -random -3 3 6"
    graph, edges = rudy(recipe), rudy_edges(recipe)
    assert list(graph.labels) == list(range(1, 31))
    i, j, w = graph.edges()
    assert sorted(rows_of(edges)) == list(zip(i.tolist(), j.tolist(), w.tolist(), strict=True))


def test_weights_up_to_the_exact_limit():
    edges = rudy_edges(f"-toroidal_grid_2D 3 3 -plus {2**53 - 1} -plus {-(2**54)} -times -1")
    assert set(edges.w.tolist()) == {2**53}
    assert not rudy_edges(f"-toroidal_grid_2D 3 3 -times 0 -times {10**30}").w.any()
