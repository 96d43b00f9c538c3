"""The Gset as published: every graph edge by edge, in the order of the files, and the facts about it."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derandkit.datasets import (
    edges_sha256,
    family,
    family_recipe,
    gset,
    gset_instance,
    gset_names,
    identify_gset,
    rudy,
    rudy_edges,
    write_rudy_lines,
)
from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph

NAMES = gset_names(second_readings=True)
SIBLINGS = {
    **{f"G{k + 5}": f"G{k}" for k in [*range(1, 6), *range(22, 27)]},
    **{f"G{k + 4}": f"G{k}" for k in [*range(14, 18), *range(35, 39)]},
    "G56": "G55",
    "G59": "G58",
    "G61": "G60",
    "G64": "G63",
}


@pytest.mark.parametrize("name", NAMES)
def test_graph_is_the_published_one(name):
    instance = gset_instance(name)
    edges = rudy_edges(instance.recipe)
    assert (edges.n, len(edges.w), int(edges.w.sum())) == (instance.n, instance.m, instance.weight_sum)
    assert set(edges.w.tolist()) == ({1} if instance.weights == "+1" else {1, -1})
    assert edges_sha256(edges.i, edges.j, edges.w) == instance.sha256
    stream = io.StringIO()
    write_rudy_lines(*edges, stream)
    header, lines = stream.getvalue().split("\n", 1)
    assert header == f"{instance.n} {instance.m}"
    assert hashlib.sha256(lines.encode()).hexdigest()[:16] == instance.list_sha256_prefix


def test_names_are_the_71_in_natural_order():
    numbers = [*range(1, 68), 70, 72, 77, 81]
    assert gset_names() == tuple(f"G{k}" for k in numbers)
    assert len(gset_names()) == 71
    assert [name for name in NAMES if name not in gset_names()] == ["G23-2002"]
    assert NAMES.index("G23-2002") == NAMES.index("G23") + 1


def test_graph_object_and_checksum_agree():
    graph, instance = gset("g11"), gset_instance("G11")
    assert (graph.n, graph.m, graph.total_weight) == (instance.n, instance.m, instance.weight_sum)
    assert list(graph.labels) == list(range(1, 801))
    assert edges_sha256(*graph.edges()) == instance.sha256


@pytest.mark.parametrize("signed", SIBLINGS)
def test_signed_instances_have_the_edges_of_their_sibling(signed):
    a, b = (rudy_edges(gset_instance(name).recipe) for name in (signed, SIBLINGS[signed]))
    assert np.array_equal(a.i, b.i)
    assert np.array_equal(a.j, b.j)
    assert set(a.w.tolist()) == {1, -1}


def test_the_two_graphs_called_g23():
    first, second = gset_instance("G23"), gset_instance("G23-2002")
    assert (first.best_known, second.best_known) == (13344, 13342)
    edges = [
        {*zip(i.tolist(), j.tolist(), strict=True)}
        for _, i, j, _ in map(rudy_edges, (first.recipe, second.recipe))
    ]
    assert len(edges[0] & edges[1]) == 181


@pytest.mark.parametrize("name", NAMES)
def test_bounds_of_the_table_are_consistent(name):
    instance = gset_instance(name)
    positive = (instance.m + instance.weight_sum) // 2
    assert instance.weight_sum / 2 <= instance.best_known <= instance.sdp_bound + 0.005
    assert instance.best_known <= positive
    assert instance.best_known_source
    assert instance.sdp_bound_source
    degrees = np.bincount(np.concatenate(rudy_edges(instance.recipe)[1:3]), minlength=instance.n)
    if not (degrees % 2).any():  # then all cuts of a +1/-1 graph have the same parity, that of the empty one
        assert instance.best_known % 2 == 0


@pytest.mark.parametrize("name", ["G48", "G49"])
def test_bipartite_tori_have_all_edges_as_their_best_cut(name):
    i, j, _ = gset(name).edges()
    assert nx.is_bipartite(nx.Graph(zip(i.tolist(), j.tolist(), strict=True)))
    assert gset_instance(name).best_known == gset_instance(name).m


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("G68", "did you mean G67 or G70?"),
        ("g0", "the names are G1..G67, G70, G72, G77 and G81"),
        ("9999999", "the names are G1..G67, G70, G72, G77 and G81"),
        ("G23-2003", "did you mean G23-2002"),
        ("K2000", "there is no Gset instance 'K2000'"),
        ("", "the names are G1..G67, G70, G72, G77 and G81"),
    ],
)
def test_unknown_names(name, message):
    for function in (gset, gset_instance):
        with pytest.raises(InputError) as caught:
            function(name)
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


# Which instance is it? ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["G2", "G23", "G23-2002", "G48", "G70", "G72"])
@pytest.mark.parametrize("base", [0, 1])
def test_instances_are_recognised_in_any_order(name, base):
    n, i, j, w = rudy_edges(gset_instance(name).recipe)
    order = np.random.default_rng(1).permutation(len(w))
    if base:
        graph = WeightedGraph.from_edges(j[order], i[order], w[order], n=n, labels=range(1, n + 1))
    else:
        graph = WeightedGraph.from_edges(j[order], i[order], w[order], n=n)
    assert identify_gset(graph).name == name


def test_an_edge_list_without_its_isolated_vertices_is_recognised():
    n, i, j, w = rudy_edges(gset_instance("G70").recipe)
    used = np.unique(np.concatenate((i, j)))
    assert len(used) < n
    graph = WeightedGraph.from_edges(
        np.searchsorted(used, i), np.searchsorted(used, j), w, labels=[int(v) + 1 for v in used]
    )
    assert identify_gset(graph).name == "G70"


def test_near_misses_are_not_recognised():
    n, i, j, w = rudy_edges(gset_instance("G11").recipe)
    labels = range(1, n + 1)
    swapped = w.copy()
    swapped[[0, int(np.flatnonzero(w != w[0])[0])]] = [-w[0], w[0]]  # the same sum of weights
    assert identify_gset(WeightedGraph.from_edges(i, j, swapped, labels=labels)) is None
    assert identify_gset(WeightedGraph.from_edges(i, j, w, labels=[f"v{k}" for k in labels])) is None
    assert identify_gset(WeightedGraph.from_edges(i, j, w, labels=[10**30 + k for k in labels])) is None
    assert identify_gset(WeightedGraph.from_edges(i, j, w * 1.5, labels=labels)) is None
    assert identify_gset(WeightedGraph.from_edges(i[1:], j[1:], w[1:], labels=labels)) is None


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(-5, 5)), max_size=40), st.randoms()
)
def test_checksum_depends_on_the_edges_alone(rows, random):
    edges = {frozenset(row[:2]): row[2] for row in rows if row[0] != row[1]}
    canonical = sorted((min(pair), max(pair), w) for pair, w in edges.items())
    text = "".join(f"{i + 1} {j + 1} {w}\n" for i, j, w in canonical)
    shuffled = [(i, j, w) if random.random() < 0.5 else (j, i, w) for i, j, w in canonical]
    random.shuffle(shuffled)
    columns = zip(*shuffled, strict=True) if shuffled else ([], [], [])
    assert edges_sha256(*map(list, columns)) == hashlib.sha256(text.encode()).hexdigest()


# Families -----------------------------------------------------------------------------------------------


@given(st.integers(2, 3000), st.data())
def test_random_family_has_the_average_degree_asked_for(n, data):
    degree = data.draw(st.one_of(st.integers(0, min(n - 1, 12)), st.floats(0, min(n - 1, 12))))
    _, i, _, w = rudy_edges(family_recipe("random", n, degree=degree))
    assert len(w) == len(i) == int(np.floor(n * degree / 2 + 0.5))
    assert set(w.tolist()) <= {1}


def test_complete_graph_is_a_random_family():
    assert len(rudy_edges(family_recipe("random", 30, degree=29)).w) == 30 * 29 // 2


@given(st.integers(0, 2000))
def test_torus_family_has_n_vertices_or_names_sizes_that_work(n):
    try:
        recipe = family_recipe("torus", n)
    except InputError as error:
        message = str(error)
    else:
        h, w = map(int, recipe.split()[1:3])
        assert h * w == n
        assert 3 <= h <= w <= 16 * h
        assert not any(n % k == 0 for k in range(h + 1, int(n**0.5) + 1))
        return
    near = [int(word) for word in message.rpartition(": ")[2].split(" and ")]
    assert near
    for size in near:
        assert family_recipe("torus", size).startswith("-toroidal_grid_2D")


@pytest.mark.parametrize("kind", ["random", "torus", "planar"])
def test_families_are_made_by_recipes_and_differ_by_seed(kind):
    graphs = [family(kind, 100, seed=seed, signed=True) for seed in (1, 2, 3)]
    assert len({graph.digest for graph in graphs}) == 3
    assert all(set(graph.edges()[2].tolist()) == {1, -1} for graph in graphs)
    again = rudy(family_recipe(kind, 100, seed=2, signed=True))
    assert all(np.array_equal(a, b) for a, b in zip(graphs[1].edges(), again.edges(), strict=True))
    assert set(family(kind, 100, signed=False).edges()[2].tolist()) == {1}


def test_families_continue_the_gset():
    assert family_recipe("planar", 800, seed=4001) == "-planar 800 99 8001 -planar 800 99 8002 +"
    assert family_recipe("planar", 800, seed=4001) == gset_instance("G14").recipe
    assert family_recipe("torus", 10000, seed=100001) == gset_instance("G67").recipe
    assert family_recipe("random", 10000, degree=1.9998, seed=100001) == gset_instance("G70").recipe


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("toris", 100), {}, "did you mean 'torus'"),
        (("lattice", 100), {}, "is not one of random, torus, planar"),
        (("torus", 101), {}, "the nearest that do: 100 and 102"),
        (("torus", 4), {}, "the nearest that do: 9"),
        (("planar", 100), {"degree": 4}, "give degree only for random graphs"),
        (("random", 10), {"degree": 10}, "an average degree of 10 is impossible on 10 vertices; give 0..9"),
        (("random", 0), {}, "0 vertices are too few"),
        (("random", 10), {"degree": float("nan")}, "an average degree of nan is impossible"),
    ],
)
def test_impossible_families(arguments, options, message):
    with pytest.raises(InputError) as caught:
        family_recipe(*arguments, **options)
    assert message in str(caught.value)


def test_importing_the_datasets_loads_nothing_heavy():
    code = (
        "import sys, derandkit.datasets as d; d.rudy_edges('-planar 50 99 1'); d.gset_instance('G1');"
        "print([m for m in ('numba', 'scipy', 'networkx', 'cvxpy', 'matplotlib') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
