"""Search and proof in turns: they share what they find, and end where cut and bound meet."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from tests.catalogue import REALS, SMALL_INTEGERS, graphs, random_graph
from tests.oracles import brute_force_maxcut, exact_cut

import derandkit
from derandkit.datasets import family
from derandkit.runtime.clock import Clock
from derandkit.signs.search.annealing_kernels import greatest_cut
from derandkit.signs.search.search import SearchEffort, SearchRun
from derandkit.signs.search.turns import PROPOSAL, Turns

EFFORT = SearchEffort(work=3_000_000)


def silent(progress):
    pass


def ones(graph):
    return np.ones(graph.n, dtype=np.int8)


@pytest.fixture(scope="module")
def torus():
    return family("torus", 100, seed=1)


@settings(deadline=None, max_examples=25)
@given(graphs(max_n=9, weights=REALS))
def test_a_small_graph_is_enumerated(graph):
    run = SearchRun(graph, ones(graph), EFFORT, Clock(), silent)
    run.advance(float("inf"))
    assert graph.cut_value(run.signs) == pytest.approx(
        float(brute_force_maxcut(graph)[0]), rel=1e-12, abs=1e-12
    )
    assert run.outcome().runs <= 1


@settings(deadline=None, max_examples=25)
@given(graphs(min_n=1, max_n=9, weights=SMALL_INTEGERS))
def test_the_gray_code_meets_every_cut(graph):
    signs = ones(graph)
    greatest_cut(graph.indptr, graph.indices, graph.weights, signs)
    assert exact_cut(graph, signs) == brute_force_maxcut(graph)[0]
    assert signs[-1] == 1


def test_work_that_does_not_suffice_for_all_cuts_is_spent_on_runs():
    graph = random_graph(20, 0.6, seed=1)
    run = SearchRun(graph, ones(graph), SearchEffort(work=2**19 - 1), Clock(), silent)
    run.advance(float("inf"))
    assert run.outcome().runs > 1


def test_a_run_in_pieces_is_the_run_as_a_whole(torus):
    whole, pieces = (SearchRun(torus, ones(torus), EFFORT, Clock(), silent) for _ in range(2))
    whole.advance(float("inf"))
    for work in (10, 200_000, 700_000, 700_000, float("inf")):
        pieces.advance(work)
        assert pieces.outcome().work <= work
    assert pieces.outcome().record() == whole.outcome().record()
    assert (pieces.signs == whole.signs).all()


def test_the_search_costs_no_more_than_the_proof(torus):
    run = SearchRun(torus, ones(torus), EFFORT, Clock(), silent)
    turns, spent = Turns(torus, run), 0.0
    for work in (1e3, 1e6, 3e6, 5e6):
        turns.take(ones(torus), Fraction(10**6), work)
        spent += work
        assert run.outcome().work <= spent / PROPOSAL
    assert 0 < run.outcome().work < EFFORT.work
    before = run.outcome().work
    turns.take(turns.signs, exact_cut(torus, turns.signs), 1e12)  # a bound that the cut meets
    assert run.outcome().work == before


def test_each_takes_over_the_better_cut_of_the_other(torus):
    best = derandkit.search_cut(torus, ones(torus), effort=EFFORT).signs
    turns = Turns(torus, SearchRun(torus, ones(torus), EFFORT, Clock(), silent))
    assert (turns.take(best, Fraction(10**6), 1.0) == best).all()
    assert torus.cut_value(turns.run.signs) == torus.cut_value(best)
    assert (turns.take(ones(torus), Fraction(10**6), 1.0) == best).all()


@pytest.mark.parametrize("bound", ["cycle", "best"])
def test_the_run_ends_where_cut_and_bound_meet(torus, bound):
    result = derandkit.maxcut(torus, search="thorough", bound=bound)
    assert result.proven_optimal
    assert result.search["work"] < 1_000_000_000
    assert derandkit.verify(result, torus).ok


def test_a_semidefinite_bound_ends_a_search_too():
    graph = derandkit.as_graph(
        [(u, v) for u in range(30) for v in range(u)]
    )  # K30: 225, and the bound is 225
    result = derandkit.maxcut(graph, search="thorough", bound="sdp")
    assert result.proven_optimal
    assert result.search["work"] == 0


@pytest.mark.parametrize("trajectories", [1, 2])
def test_search_and_proof_in_turns_are_the_same_every_time(trajectories):
    graph = random_graph(34, 0.6, seed=3, weights="signs")
    effort = SearchEffort(work=6_000_000, trajectories=trajectories)
    one, other = (derandkit.maxcut(graph, search=effort, bound="best").to_json() for _ in range(2))
    assert one == other
