"""Graphs with real weights: uniform, Gaussian and heavy-tailed ones, through maxcut and verify, at any scale."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from tests.catalogue import hashed
from tests.oracles import brute_force_maxcut

import derandkit
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.search.search import SearchEffort


def uniform(draws):
    return draws


def gaussian(draws):
    return ndtri(0.5 * (draws + 1.0))


def heavy_tailed(draws):
    """Both signs, and sizes of which a share ``x^-1.5`` is above x: a mean, but no variance."""
    return np.sign(draws) * np.abs(draws) ** (-1.0 / 1.5)


WEIGHTS = {"uniform": uniform, "gaussian": gaussian, "heavy-tailed": heavy_tailed}
KINDS = st.sampled_from(sorted(WEIGHTS))
OPTIONS = st.sampled_from(
    [{}, {"method": "conditional"}, {"bound": "best"}, {"search": SearchEffort(work=200_000)}]
)


def weighted_graph(n, density, seed, kind, *, positive=False):
    i, j = np.triu_indices(n, 1)
    coins, draws = hashed(2 * i.size, seed=seed).reshape(2, -1)
    keep = 0.5 * (coins + 1.0) < density
    w = WEIGHTS[kind](draws[keep])
    return WeightedGraph.from_edges(i[keep], j[keep], np.abs(w) if positive else w, n=n)


def scaled(graph, power):
    i, j, w = graph.edges()
    return WeightedGraph.from_edges(i, j, np.ldexp(w, power), n=graph.n)


@settings(max_examples=40)
@given(st.integers(2, 12), st.sampled_from([0.4, 1.0]), st.integers(0, 10**6), KINDS, st.booleans(), OPTIONS)
def test_the_optimum_lies_between_the_cut_and_the_bound(n, density, seed, kind, positive, options):
    graph = weighted_graph(n, density, seed, kind, positive=positive)
    result = derandkit.maxcut(graph, **options)
    best = brute_force_maxcut(graph)[0]
    room = 1e-12 * (1.0 + float(np.abs(graph.weights).sum()))
    assert result.cut_value <= best + room
    assert best <= result.upper_bound + room
    assert result.bound_status == "certified"
    if positive:
        assert result.cut_value >= 0.87856 * best - room
    assert derandkit.verify(result, graph).ok


@settings(max_examples=25)
@given(st.integers(15, 60), st.sampled_from([0.1, 0.5]), st.integers(0, 10**6), KINDS, OPTIONS)
def test_the_record_on_disk_verifies_and_its_chain_descends(n, density, seed, kind, options):
    graph = weighted_graph(n, density, seed, kind)
    result = derandkit.maxcut(graph, **options)
    chain, room = result.chain, 1e-9 * (1.0 + float(np.abs(graph.weights).sum()))
    assert result.cut_value == graph.cut_value(result.signs)
    assert chain["dual_bound"] >= chain["sdp_value"] - room
    assert result.cut_value >= chain["final_expectation"] - room
    assert chain["final_expectation"] >= chain["start_expectation"] - room
    outcome = derandkit.verify(json.loads(result.to_json()), graph)
    assert outcome.ok, outcome.failed


@settings(max_examples=25)
@given(st.integers(2, 50), st.integers(0, 10**6), KINDS, st.integers(-40, 12), OPTIONS)
def test_a_power_of_two_changes_no_side(n, seed, kind, power, options):
    """Sides rest on sums of weights and their ratios, through which a power of two passes exactly.

    The bound may move by less than the gap: the certificate stores its diagonal in decimals.
    """
    graph = weighted_graph(n, 0.3, seed, kind)
    one, other = derandkit.maxcut(graph, **options), derandkit.maxcut(scaled(graph, power), **options)
    np.testing.assert_array_equal(one.signs, other.signs)
    assert other.cut_value == np.ldexp(one.cut_value, power)
    assert other.upper_bound == pytest.approx(np.ldexp(one.upper_bound, power), rel=1e-4)
