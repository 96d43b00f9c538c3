"""The Biq Mac graphs and the DIMACS tori as published, the words that make them, and their names."""

from __future__ import annotations

import math

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.legs import thinned

import derandkit as dk
from derandkit.cli import main
from derandkit.datasets import biqmac, biqmac_instance, biqmac_names, edges_sha256, rudy_edges
from derandkit.datasets.graphbase import GraphBaseStream
from derandkit.datasets.instances import benchmark_instance, identify_graph
from derandkit.errors import InputError

M = 2**31
SIDES = st.lists(st.integers(3, 5), min_size=2, max_size=3)


class Twin:
    """Numbers one at a time, as a program without arrays draws them."""

    def __init__(self, seed):
        self.raw = iter(GraphBaseStream(seed).raw(200_000).tolist())
        self.second = None

    def gaussian(self):
        if self.second is not None:
            found, self.second = self.second, None
            return found
        while True:
            v1 = 2.0 * (next(self.raw) / (M - 1)) - 1.0
            v2 = 2.0 * (next(self.raw) / (M - 1)) - 1.0
            s = v1 * v1 + v2 * v2
            if s < 1.0:
                factor = math.sqrt(-2.0 * math.log(s) / s)
                self.second = v2 * factor
                return v1 * factor

    def below(self, m):
        while True:
            number = next(self.raw)
            if number < M - M % m:
                return number % m

    def shuffle(self, costs):
        for j in range(len(costs), 1, -1):
            k = self.below(j)
            costs[j - 1], costs[k] = costs[k], costs[j - 1]
        return costs


def torus_pairs(sides):
    """List the edges of a torus in the order in which they get their costs: layer by layer, way by way."""
    h, w, layers = (*sides, 1)[:3]
    pairs = []
    for layer in range(layers):
        cells = [(layer, r, c) for r in range(h) for c in range(w)]
        pairs += [(cell, (layer, cell[1], (cell[2] + 1) % w)) for cell in cells]
        pairs += [(cell, (layer, (cell[1] + 1) % h, cell[2])) for cell in cells]
        if len(sides) == 3:
            pairs += [(cell, ((layer + 1) % layers, cell[1], cell[2])) for cell in cells]
    return [tuple(sorted((p * h + r) * w + c for p, r, c in pair)) for pair in pairs]


def edges_of(recipe):
    n, i, j, w = rudy_edges(recipe)
    return n, dict(zip(zip(i.tolist(), j.tolist(), strict=True), w.tolist(), strict=True))


@pytest.mark.parametrize("name", thinned(biqmac_names(), 8))
def test_graph_is_the_published_one(name):
    case = biqmac_instance(name)
    edges = rudy_edges(case.recipe)
    assert (edges.n, len(edges.w), int(edges.w.sum())) == (case.n, case.m, case.weight_sum)
    assert edges_sha256(edges.i, edges.j, edges.w) == case.sha256


@settings(max_examples=15)
@given(SIDES, st.integers(0, 10**6), st.integers(0, 100))
def test_tori_are_those_of_a_program_that_draws_one_number_at_a_time(sides, seed, percent):
    text, pairs = " ".join(map(str, sides)), torus_pairs(sides)
    twin = Twin(seed)
    costs = twin.shuffle([int(100_000 * twin.gaussian()) for _ in pairs])
    n, edges = edges_of(f"-spinglass{len(sides)}g {text} {seed}")
    assert n == math.prod(sides)
    assert edges == dict(zip(pairs, costs, strict=True))
    negative = len(pairs) * percent // 100
    costs = Twin(seed).shuffle([-1] * negative + [1] * (len(pairs) - negative))
    assert edges_of(f"-spinglass{len(sides)}pm {text} {percent} {seed}")[1] == dict(
        zip(pairs, costs, strict=True)
    )


@settings(max_examples=15)
@given(st.integers(2, 30), st.floats(0, 6), st.integers(0, 10**6))
def test_couplings_of_a_chain_are_gaussian_numbers_over_a_power_of_the_chord(n, sigma, seed):
    size, edges = edges_of(f"-chain {n} {sigma!r} {seed}")
    assert size == n
    assert list(edges) == [(i, j) for i in range(n) for j in range(n - 1, i, -1)]
    chord = [n / math.pi * math.sin(math.pi * d / n) for d in range(1, n)]
    c = sum(r ** (-2 * sigma) for r in chord) ** -0.5
    twin = Twin(seed)
    for i in range(n):
        for j in range(i + 1, n):
            expected = 100_000 * c * twin.gaussian() / chord[j - i - 1] ** sigma
            assert abs(edges[i, j] - expected) <= 0.500001 + 1e-5 * abs(expected)  # eight digits of pi


def test_a_recipe_that_makes_no_glass_is_refused_in_one_line():
    for recipe, words in {
        "-spinglass2g 2 5 1": "a 2 x 5 torus has loops or parallel edges",
        "-spinglass3pm 3 4 2 50 1": "a 3 x 4 x 2 torus",
        "-spinglass2pm 3 3 101 1": "101 is not a percentage",
        "-spinglass2pm 3 3 50.5 1": "p must be an integer",
        "-spinglass3g 3 3 5": "takes h w l seed, but the recipe ends before seed",
        "-chain 1 2 3": "1 vertices are too few",
        "-chain 9 -1 3": "the exponent -1 is not between 0 and 20",
        "-chain 100000 2 3": "at most",
        "-spinglass3g 9999 9999 9999 1": "at most",
    }.items():
        with pytest.raises(InputError, match="word 1 of the recipe") as refusal:
            rudy_edges(recipe)
        assert words in str(refusal.value)
        assert "\n" not in str(refusal.value)


def test_names_families_and_values():
    assert len(biqmac_names()) == len(set(biqmac_names())) == 182
    sizes = {biqmac_instance(name).family: 0 for name in biqmac_names()}
    assert sum(len(biqmac_names(family)) for family in sizes) == 182
    assert all(
        biqmac_instance(name).optimal
        for name in biqmac_names()
        if name not in ("torusg3-15", "toruspm3-15-50")
    )
    with pytest.raises(InputError, match="the families are g05_60, "):
        biqmac_names("g06")
    for wrong, right in {"pm1d_100.33": "pm1d_100.3", "t2g11_5555": "t2g1", "torusg3-9": "torusg3-8"}.items():
        with pytest.raises(InputError, match=f"did you mean .*{right}"):
            benchmark_instance(wrong)
        with pytest.raises(InputError, match=f"did you mean .*{right}"):
            dk.as_graph(wrong)


def test_graphs_are_known_by_their_edges():
    for name in ("t3g5_5555", "pm1s_80.0", "torusg3-8"):
        assert identify_graph(biqmac(name)).name == name
        i, j, w = biqmac(name).edges()
        assert identify_graph(dk.WeightedGraph.from_edges(j, i, w)).name == name
        w = w.copy()
        w[0], w[-1] = w[0] + 1, w[-1] - 1
        assert identify_graph(dk.WeightedGraph.from_edges(i, j, w)) is None


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_names_go_where_graphs_go(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = run("maxcut", "t2g10_5555", "--search", "quick", "--bound", "best")
    assert found.exit_code == 0
    assert found.stdout.startswith("cut          6049461 (exact, proven optimal)\n")
    assert "best known   6049461 for t2g10_5555, 0% above the cut" in found.stdout
    assert found.stderr == "derandkit: read t2g10_5555 as benchmark graph t2g10_5555\n"
    rows = run("compare", "pm1s_80.3", "--methods", "lemma", "--format", "csv", "--quiet")
    assert rows.exit_code == 0
    assert rows.stdout.splitlines()[1].startswith("pm1s_80.3,")
    assert run("generate", "pm1d_80.3", "-o", "pm1d_80.3").exit_code == 0
    lines = (tmp_path / "pm1d_80.3").read_text().splitlines()
    assert lines[0] == "80 3128"
    edges = np.array([line.split() for line in lines[1:]], dtype=np.int64)
    assert edges_sha256(edges[:, 0] - 1, edges[:, 1] - 1, edges[:, 2]) == biqmac_instance("pm1d_80.3").sha256
    graph = dk.as_graph("pm1d_80.3")
    assert graph.digest == biqmac("pm1d_80.3").digest
    assert "not the benchmark graph of that name" in graph.reading.remarks[0]
