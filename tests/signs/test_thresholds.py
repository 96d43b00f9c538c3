"""Hyperplanes with thresholds: chances by definition, three writings of one expectation, and what a record says."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import oracles
from tests.second import second, second_report

import derandkit as dk
from derandkit.certificates.cuts.thresholds import threshold_expectation
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import sealed
from derandkit.signs.derandomize.course import conditional_course, lemma_course
from derandkit.signs.derandomize.thresholds import BETAS, best_start, expected_leaning_cut, threshold_law
from derandkit.signs.objective import CutObjective
from derandkit.signs.relaxation.semidefinite import relax_cut


def complete(n, seed, rank=3, near=0.0):
    """A complete graph with small weights, and unit rows of single precision; some nearly those of the reference."""
    rng = np.random.default_rng(seed)
    i, j = np.triu_indices(n, 1)
    graph = WeightedGraph.from_edges(i, j, rng.integers(-5, 6, i.size).astype(float), n=n)
    rows = rng.standard_normal((n, rank))
    if near:
        rows[1] = rows[0] + near * rows[1]
        rows[2] = -rows[0] + near * rows[2]
        rows[3] = rows[4] + near * rows[3]
    stored = (rows / np.linalg.norm(rows, axis=1)[:, None]).astype(np.float32).astype(np.float64)
    return graph, stored / np.linalg.norm(stored, axis=1)[:, None]


def by_definition(graph, vectors, reference, beta):
    """The expected cut edge by edge: chances from the definition, two normals from the oracle."""
    from scipy.stats import norm

    mu = vectors @ vectors[reference]
    total = 0.0
    for i, j, w in zip(*(x.tolist() for x in graph.edges()), strict=True):
        if reference in (i, j):
            other = j if i == reference else i
            total += w * (1 - beta * mu[other]) / 2
            continue
        a, b = (vectors[k] - mu[k] * vectors[reference] for k in (i, j))
        rho = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        mean = norm.ppf((1 + beta * mu[[i, j]]) / 2)
        total += w * oracles.chance_of_difference(mean, np.array([[1.0, rho], [rho, 1.0]]))
    return total


@pytest.mark.parametrize("beta", [1.0, 0.94, 0.5])
@pytest.mark.parametrize("reference", [0, 3])
def test_the_expectation_is_that_of_the_definition(beta, reference):
    graph, vectors = complete(5, 7)
    law = threshold_law(vectors, reference, beta)
    own = CutObjective(graph, 0.0).expectation(law)
    assert own == pytest.approx(expected_leaning_cut(graph, law), abs=1e-12)
    assert own == pytest.approx(by_definition(graph, vectors, reference, beta), abs=1e-9)


def test_a_side_is_that_of_the_reference_with_the_chance_that_is_promised():
    _, vectors = complete(6, 1)
    law = threshold_law(vectors, 2, 0.9)
    x = np.random.default_rng(0).standard_normal((40_000, law.spread.shape[1]))
    share = ((law.mean + x @ law.spread.T) >= 0.0).mean(axis=0)
    expected = (1 + 0.9 * vectors @ vectors[2]) / 2
    expected[2] = 1.0
    assert np.abs(share - expected).max() < 5 * 0.5 / math.sqrt(40_000)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(BETAS),
    st.sampled_from([0.0, 1e-2, 1e-4, 1e-6]),
    st.integers(2, 4),
)
def test_solver_and_both_verifiers_agree_on_the_expectation(seed, beta, near, rank):
    graph, vectors = complete(6, seed, rank=rank, near=near)
    own = expected_leaning_cut(graph, threshold_law(vectors, 0, beta))
    interval = threshold_expectation(graph, vectors, 0, beta)
    assert interval.contains(own), (interval, own)
    assert interval.high - interval.low < 1e-9 + 1e-6 * (near > 0)
    leaning = second().leaning.Leaning(vectors.tolist(), 0, beta)
    terms = [(w, *leaning.apart(i, j)) for i, j, w in zip(*(x.tolist() for x in graph.edges()), strict=True)]
    other, spare = sum(w * p for w, p, _ in terms), sum(abs(w) * e for w, _, e in terms)
    assert abs(other - own) <= spare + (interval.high - interval.low)
    assert spare < 1e-5


def test_parallel_and_opposite_vectors_are_certain():
    graph = WeightedGraph.from_edges([0, 0, 1], [1, 2, 2], [1.0, 2.0, 4.0])
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
    for beta in (1.0, 0.5):
        law = threshold_law(vectors, 0, beta)
        assert not law.spread.any()
        assert CutObjective(graph, 0.0).expectation(law) == 6.0
        assert threshold_expectation(graph, vectors, 0, beta).contains(6.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_best_start_is_never_below_the_hyperplane_and_no_course_below_its_start(seed):
    graph, vectors = complete(7, seed)
    start = best_start(graph, vectors, 0)
    assert start.expectation >= start.hyperplane
    plain = best_start(graph, vectors, None)
    assert (plain.beta, plain.expectation) == (None, start.hyperplane)
    for course in (
        lemma_course(graph, start.law, plain=plain.law), conditional_course(graph, start.law),
    ):  # fmt: skip
        assert course.start_expectation == start.expectation
        assert course.final_expectation >= start.expectation - 1e-9
        assert graph.cut_value(course.signs) >= course.final_expectation - 1e-9


def test_where_the_descent_from_thresholds_is_too_long_the_plain_one_has_to_reach_its_start(monkeypatch):
    from derandkit.signs.derandomize import course as module

    graph, _ = complete(12, 5)
    relaxed = relax_cut(graph)
    start = best_start(graph, relaxed.vectors, 0)
    assert start.beta is not None
    monkeypatch.setattr(module, "DIRECT_WORK", 0)
    course = lemma_course(graph, start.law, plain=relaxed.sampler())
    assert course.start_expectation in (start.expectation, start.hyperplane)
    monkeypatch.setattr(module, "_loses", lambda graph, law, course: bool(law.mean.any()))
    course = lemma_course(graph, start.law, plain=relaxed.sampler())
    assert course.start_expectation == start.hyperplane
    assert course.final_expectation >= start.hyperplane - 1e-9


CLAUSES = dk.Clauses.from_clauses(
    [
        (1, 2),
        (-1, 2),
        (1, -2),
        (-1, -2),
        (3, 4),
        (-3, 5),
        (-4, -5),
        (1, -5),
        (2, 3),
        (-2, 4),
        (5, -1),
        (-3, -2),
    ]
)


@pytest.fixture(scope="module")
def result():
    found = dk.optimize(CLAUSES, search=None, bound="sdp")
    assert found.cut.certificate.thresholds is not None
    return found


def test_a_record_says_how_far_its_start_leans_and_both_verifiers_recompute_it(result):
    leaning = result.cut.certificate.thresholds
    assert leaning.reference == 5
    assert 0.0 < leaning.beta <= 1.0
    assert result.to_dict()["cut"]["certificate"]["thresholds"] == leaning.to_dict()
    assert dk.verify(result, CLAUSES)
    assert second_report(result.to_dict(), CLAUSES).ok
    again = dk.QuadraticResult.from_json(result.to_json())
    assert again.cut.certificate.thresholds == leaning
    assert again == result


@pytest.mark.parametrize(
    "change",
    [
        {"beta": 0.3},
        {"reference": 2},
        {"beta": 1},
        {"beta": 2.0},
        {"reference": 6},
        {"reference": 1.0},
        {"more": 1},
        None,
    ],
    ids=str,
)
def test_another_leaning_is_refused_by_both(result, change):
    record = copy.deepcopy(result.to_dict())
    certificate = record["cut"]["certificate"]
    if change is None:
        del certificate["thresholds"]
    else:
        certificate["thresholds"] |= change
    record["cut"] = sealed({key: value for key, value in record["cut"].items() if key != "seal"})
    record = sealed({key: value for key, value in record.items() if key != "seal"})
    assert not dk.verify(record, CLAUSES)
    assert not second_report(record, CLAUSES).ok


def test_problems_without_linear_terms_have_no_thresholds():
    glass = dk.QuadraticModel.from_ising({}, {("a", "b"): 1, ("b", "c"): 1, ("a", "c"): 1})
    assert "thresholds" not in dk.optimize(glass).to_dict()["cut"]["certificate"]
    assert "thresholds" not in dk.maxcut([(0, 1), (1, 2), (2, 0)]).to_dict()["certificate"]


def test_with_fixed_variables_the_sides_lean_to_the_class_of_the_reference():
    found = dk.optimize(CLAUSES, fixed={3: 1}, search=None, bound="sdp")
    assert found.solution[3] == 1
    assert dk.verify(found, CLAUSES)
    assert second_report(found.to_dict(), CLAUSES).ok


def test_the_law_needs_no_unit_rows_of_a_certificate():
    """The checker scales rows itself, as those of a record are of single precision."""
    graph, vectors = complete(5, 3)
    stored = (7.0 * vectors).astype(np.float32).astype(np.float64)
    assert threshold_expectation(graph, stored, 1, 1.0).contains(
        expected_leaning_cut(graph, threshold_law(stored / np.linalg.norm(stored, axis=1)[:, None], 1, 1.0))
    )


@pytest.mark.parametrize("apart", [1e-9, 1e-8, 3e-8, 1e-7])
@pytest.mark.parametrize("beta", [0.5, 1.0])
def test_rows_that_are_nearly_the_reference_have_an_expectation(apart, beta):
    """Their scalar product rounds to 1, so that the less likely side has chance 0 and an infinite threshold."""
    rows = np.array([[1.0, 0.0, 0.0], [1.0, apart, 0.0], [-1.0, 0.0, apart]])
    graph = WeightedGraph.from_edges([0, 1, 0], [1, 2, 2], [-3.0, 1.0, -3.0])
    found = threshold_expectation(graph, rows, 0, beta)
    assert math.isfinite(float(found.low))
    assert math.isfinite(float(found.high))
    if beta == 1.0:
        assert found.contains(-2.0)
