"""The relaxation with triangle inequalities: what it claims, and that claims which do not hold are refused."""

from __future__ import annotations

import itertools
import json
import random
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from tests.second import second_report

import derandkit as dk
from derandkit.certificates.quadratic.least_share import _may_fail, share_is_proven
from derandkit.certificates.quadratic.problems import polynomial, value_of
from derandkit.certificates.quadratic.reduction import reduction
from derandkit.certificates.quadratic.shares import CLAUSE
from derandkit.errors import InputError
from derandkit.quadratic import triangles
from derandkit.quadratic.problem import as_model
from derandkit.quadratic.triangles import pairs_of
from derandkit.records import encode_array, sealed
from derandkit.runtime.clock import current
from derandkit.signs.derandomize.thresholds import BETAS
from derandkit.signs.models import as_graph
from derandkit.signs.proofs.triangles.reference import _Lagrangian, relax_with_triangles


def random_clauses(n, m, seed):
    rng = random.Random(seed)
    return dk.Clauses.from_clauses(
        [tuple(rng.choice((-1, 1)) * v for v in rng.sample(range(1, n + 1), 2)) for _ in range(m)]
    )


def random_arcs(n, m, seed):
    rng = random.Random(seed)
    return dk.Arcs.from_arcs([tuple(rng.sample(range(n), 2)) for _ in range(m)], nodes=range(n))


CLAUSES, ARCS, SMALL = random_clauses(20, 100, 1), random_arcs(20, 80, 1), random_clauses(8, 40, 3)
WEIGHTED = dk.Clauses.from_clauses(
    [(1, 2), (-1, 3), (2, -3), (-2, -1), (1,), (3,)], weights=[0.1, 0.7, 0.3, 1.1, 0.9, 0.2], hard=[0]
)
BITS = dk.QuadraticModel.from_qubo(
    {(0, 0): -1, (0, 1): 2.5, (1, 1): -1.3, (1, 2): 1, (2, 2): 0.7, (0, 2): -1}
)


def relaxed(instance):
    model, _ = as_model(instance)
    graph, inverse = as_graph(model)
    pairs = inverse.position[pairs_of(instance)]
    plain = dk.relax_cut(graph)
    return graph, inverse, pairs, plain, relax_with_triangles(graph, pairs, inverse.reference, plain.vectors)


@pytest.mark.parametrize("instance", [CLAUSES, ARCS])
def test_vectors_meet_the_inequalities_and_the_bound_meets_their_value(instance):
    _, inverse, pairs, plain, found = relaxed(instance)
    x = found.vectors @ found.vectors.T
    assert np.allclose(np.diag(x), 1.0)
    r, (i, j) = inverse.reference, pairs.T
    slack = [1 + s * x[i, r] + t * x[j, r] + s * t * x[i, j] for s in (1, -1) for t in (1, -1)]
    assert found.violation == pytest.approx(max(0.0, -np.min(slack)), abs=1e-12)
    assert found.violation < 2e-6
    assert found.reached
    assert found.value <= plain.bound.value
    # vectors that violate inequalities may lie above the bound, by what the multipliers make of it
    assert abs(found.bound.value - found.value) < 1e-5 * found.bound.value


@pytest.mark.parametrize(("make", "seed"), [(random_arcs, 30201), (random_clauses, 30201)])
def test_columns_are_added_where_too_few_of_them_hold_the_vectors_back(make, seed):
    # without them the multipliers of the first go round in circles, and the second ends on a saddle
    instance = make(30, 200, seed)
    _, _, _, plain, found = relaxed(instance)
    assert found.vectors.shape[1] > plain.vectors.shape[1]
    assert found.reached
    assert "bound and value meet" in found.bound.reason


def test_stiff_rows_do_not_slow_the_descent():
    # the row of the constant has a hundred times as many pairs as the others: 3053 steps, and 4400 at equal lengths
    *_, found = relaxed(random_clauses(300, 1200, 301200))
    assert found.reached
    assert int(found.bound.reason.split(", ")[-1].split()[0]) < 4000


@settings(max_examples=5)
@given(st.integers(0, 10**6), st.booleans())
def test_no_solution_is_above_the_bound_and_the_solution_is_no_worse_than_its_start(seed, directed):
    instance = (random_arcs if directed else random_clauses)(6, 18, seed)
    model, _ = as_model(instance)
    assume(as_graph(model)[1].reference is not None)  # linear terms may cancel
    result = dk.optimize(instance, relaxation="triangles", search=None, bound="sdp")
    best = max(instance.exact_value(np.array(x, dtype=np.int8)) for x in itertools.product((0, 1), repeat=6))
    assert result.value <= best <= result.bound
    assert Fraction(result.value) >= Fraction(result.triangles["expectation"]) - Fraction(1, 10**9)
    assert dk.verify(result, instance)


@pytest.mark.parametrize("instance", [SMALL, ARCS, WEIGHTED, BITS])
def test_both_verifiers_accept_the_record_and_it_reads_back(instance):
    result = dk.optimize(instance, relaxation="triangles", search=None)
    assert result.triangles is not None
    outcome = dk.verify(result, instance)
    assert outcome.ok
    assert "pairs" in next(check.detail for check in outcome.checks if check.name == "triangles")
    assert second_report(result.to_dict(), instance).ok
    again = dk.QuadraticResult.from_json(result.to_json())
    assert again.to_json() == result.to_json()
    assert "with triangles of" in str(result)


def test_the_bound_is_better_than_without():
    instance = random_clauses(30, 150, 1)
    plain = dk.optimize(instance, search=None, bound="sdp")
    better = dk.optimize(instance, relaxation="triangles", search=None, bound="sdp")
    assert plain.triangles is None
    assert "triangles" not in plain.to_dict()
    assert better.value <= better.bound < plain.bound
    assert better.cut.bound.method == "triangle"


def changed(record, **claims):
    record = json.loads(json.dumps(record))
    record["triangles"] |= claims
    return sealed({key: value for key, value in record.items() if key != "seal"})


def test_false_claims_are_refused_by_both_verifiers():
    record = dk.optimize(SMALL, relaxation="triangles", search=None, bound="sdp").to_dict()
    found = record["triangles"]
    n, rank = found["vectors"]["shape"]
    forged = [
        {"sdp_value": found["sdp_value"] + 0.01},
        {"expectation": found["expectation"] + 0.01},
        {"violation": 0.5 * found["violation"]},
        {"pairs": found["pairs"] + 1},
        {"beta": 0.5},
        {"beta": 2.0},
        {"ratio": 0.99},
        {"shift": "1"},
        {"vectors": encode_array(np.eye(n, rank), "<f4")},
        {"vectors": encode_array(np.eye(n + 1, rank), "<f4")},
        {"more": 1},
    ]
    for claims in forged:
        wrong = changed(record, **claims)
        failed = [check.name for check in dk.verify(wrong, SMALL).checks if not check.passed]
        assert failed == ["triangles"], claims
        assert not second_report(wrong, SMALL).ok, claims


def test_the_share_of_clauses_is_stated_and_no_other():
    def ratio(instance):
        result = dk.optimize(instance, relaxation="triangles", search=None, bound="sdp")
        assert dk.verify(result, instance).ok
        found = result.triangles
        if found["ratio"] is not None:
            shift = float(Fraction(found["shift"]))
            assert found["expectation"] + shift >= 0.94 * (found["sdp_value"] + shift) - 1e-9
        return found["ratio"]

    assert ratio(SMALL) == ratio(WEIGHTED) == 0.94
    assert ratio(dk.Clauses.from_clauses([(1, 2), (-2, 3), (1,)], weights=[1, -1, 2])) is None
    assert ratio(ARCS) is None
    assert ratio(BITS) is None


def test_no_greater_share_than_that_of_a_known_clause_is_proven():
    # mu = nu = x = 1: a clause that the relaxation counts as 1 is satisfied with a chance of (1 + beta) / 2
    assert not share_is_proven(0.9201, 0.84, most_boxes=50_000)
    # without triangles, vectors in a plane at 120 degrees from each other
    assert not share_is_proven(0.9, 0.94, violation=2.0, most_boxes=50_000)
    assert share_is_proven(0.92, 0.94, violation=1e-3)


def test_the_share_of_a_clause():
    assert share_is_proven(float(CLAUSE), 0.94)
    assert 0.94 in BETAS


def test_corners_of_boxes_bound_the_chance_and_the_part():
    rng = np.random.default_rng(0)
    ends = np.sort(rng.uniform(-1.0, 1.0, (200, 3, 2)), axis=2)
    boxes = ends.reshape(200, 6)
    mu, nu, c = (ends[:, k, 0] + rng.random(200) * (ends[:, k, 1] - ends[:, k, 0]) for k in range(3))
    x = mu * nu + np.sqrt((1 - mu**2) * (1 - nu**2)) * c
    part = (3 + mu + nu - x) / 4
    h, k = (np.array([NormalDist().inv_cdf(0.5 * (1 - 0.94 * m)) for m in side]) for side in (mu, nu))
    normals = [multivariate_normal([0.0, 0.0], [[1.0, r], [r, 1.0]]) for r in c]
    chance = np.array([1 - normal.cdf([a, b]) for normal, a, b in zip(normals, h, k, strict=True)])
    # a box that holds a point below the share is never taken for shown
    below = np.flatnonzero((chance < 0.96 * part) & (mu < nu))
    assert below.size > 5
    assert _may_fail(boxes[below], 0.96, 0.94, 4.0).all()


def test_a_relaxation_that_is_worse_than_the_solution_is_refused():
    """Vectors of the worst assignment passed as the relaxation: 5 was said beside an optimum of 8."""
    clauses = dk.Clauses.from_clauses([(1, 2), (-1, 3), (-2, -3), (1, -3), (2, 3), (-1, -2), (3, 4), (-4, 1)])
    record = dk.optimize(clauses, relaxation="triangles", search=None).to_dict()
    assert record["value"] == record["bound"] == 8
    worst = min(itertools.product([0, 1], repeat=4), key=lambda values: value_of(clauses, list(values)))
    side = dict(zip(clauses.labels, worst, strict=True))
    labels = reduction(polynomial(clauses).model).graph.labels
    rows = np.array([[1.0 if side.get(label, 1) else -1.0, 0.0] for label in labels])
    value = float(value_of(clauses, list(worst)))
    wrong = changed(
        record, vectors=encode_array(rows, "<f4"), violation=0.0, sdp_value=value, expectation=value, beta=None,
        ratio=None,
    )  # fmt: skip
    assert dk.verify(wrong, clauses).failed == ("triangles",)
    assert not second_report(wrong, clauses).ok


@pytest.mark.parametrize("seed", range(4))
def test_values_near_zero_are_known_beside_the_range_of_values(seed):
    """An optimum of 0, as of every QUBO without negative coefficients, was said to drown in heavy weights."""
    rng = np.random.default_rng(seed)
    model = dk.QuadraticModel.from_qubo(np.triu(rng.integers(1, 1000, (3, 3))))
    record = dk.optimize(model, relaxation="triangles", search=None).to_dict()
    assert record["value"] == 0
    assert dk.verify(record, model).ok
    assert second_report(record, model).ok


@pytest.mark.parametrize(
    "terms",
    [{(0, 1): 0.01, (2, 2): 2 / 3}, {(0, 0): -1e-4, (0, 1): 3e-3, (1, 1): 20.0, (1, 2): -0.5, (2, 2): 1e-3}],
)
def test_weak_pairs_beside_heavy_terms_are_relaxed_to_the_end(terms):
    """The descent ended before it moved weak pairs: vectors were 2e-3 of the spread off, too far to be checked."""
    model = dk.QuadraticModel.from_qubo(terms)
    result = dk.optimize(model, relaxation="triangles")
    record = result.to_dict()
    (check,) = (check for check in dk.verify(record, model).checks if check.name == "triangles")
    assert check.verdict.value == "recomputed"
    assert second_report(record, model).verdict("triangles") == "recomputed"
    # sums of the terms span the spread, and no relaxation is worth more than the least value by more than rounding
    spread = sum(abs(q) for q in terms.values())
    assert result.triangles["sdp_value"] <= result.value + 1e-6 * spread


@pytest.mark.parametrize(
    ("weight", "verdict"), [(0.003, "recomputed"), (0.03, "not checked"), (0.3, "FAILED")]
)
def test_vectors_a_little_worse_than_the_solution_are_near_the_relaxation_only(weight, verdict):
    """Vectors of the solution with its weakest bit the other way: worse by its weight, of a spread of about 5."""
    model = dk.QuadraticModel.from_qubo(
        {("a", "a"): -1, ("a", "b"): 2.5, ("b", "b"): -1.3, ("c", "c"): weight}
    )
    record = dk.optimize(model, relaxation="triangles", search=None).to_dict()
    best = dict(zip(model.labels, record["values"], strict=True))
    assert best["c"] == 0
    assert 1e-3 < 0.03 / record["spread"] < 1e-2
    near = reduction(polynomial(model).model)
    side = {label: 1.0 if value else -1.0 for label, value in (best | {"c": 1}).items()}
    rows = np.array([[side.get(label, 1.0), 0.0] for label in near.graph.labels])
    value = float(value_of(model, [*record["values"][:2], 1]))
    moved = changed(
        record, vectors=encode_array(rows, "<f4"), violation=0.0, sdp_value=value, expectation=value, beta=None
    )  # fmt: skip
    (check,) = (check for check in dk.verify(moved, model).checks if check.name == "triangles")
    assert check.verdict.value == verdict
    assert ("near the relaxation only" in check.detail) == (verdict == "not checked")
    second = second_report(moved, model)
    assert second.ok == (verdict != "FAILED")
    assert second.verdict("triangles") == verdict


def test_vectors_that_violate_triangles_are_said_to_be_no_relaxation():
    record = dk.optimize(SMALL, relaxation="triangles", search=None, bound="sdp").to_dict()
    rows = np.random.default_rng(1).standard_normal(record["triangles"]["vectors"]["shape"])
    rows[:, 1:] *= 0.01
    wrong = changed(record, vectors=encode_array(np.sign(rows) * [1, *[0.6] * (rows.shape[1] - 1)], "<f4"))
    verdict = next(check for check in dk.verify(wrong, SMALL).checks if check.name == "triangles")
    assert not verdict.verdict.holds


@pytest.mark.parametrize("looks", [0, 1, 30])
def test_a_relaxation_that_is_stopped_claims_no_vectors_that_are_worse_than_the_solution(looks, monkeypatch):
    """A request to stop comes before the relaxation or after so many looks at it; the record that is written holds."""
    seen = []

    def stopping(honest):
        def call(*arguments, **options):
            if len(seen) == looks:
                current().stop()
            seen.append(1)
            return honest(*arguments, **options)

        return call

    if looks:
        monkeypatch.setattr(_Lagrangian, "evaluate", stopping(_Lagrangian.evaluate))
    else:
        monkeypatch.setattr(triangles, "relax_cut", stopping(triangles.relax_cut))
    instance = random_clauses(40, 120, 2)
    result = dk.optimize(instance, relaxation="triangles", on_interrupt="return")
    assert len(seen) > looks
    assert result.status.name == "INTERRUPTED"
    assert dk.verify(result, instance).ok
    record = json.loads(result.to_json())
    assert ("triangles" in record) == (looks > 0)


def test_what_has_no_such_relaxation_is_refused():
    def message(instance, **options):
        with pytest.raises(InputError) as caught:
            dk.optimize(instance, relaxation="triangles", **options)
        return caught.value.message

    assert "cancels" in message(dk.Clauses.from_clauses([(1, 2), (-1, -2)]))
    assert "cancels" in message(dk.Clauses.from_clauses([(1,), (2,)]))
    assert "leave out fixed" in message(CLAUSES, fixed={1: 1})
    chain = [(k, k + 1) for k in range(1, 1501)]
    assert "at most 1499 variables, here are 1501" in message(dk.Clauses.from_clauses(chain))


# the tightest relaxations leave the other solver short of its own tolerance, not of the one below
@pytest.mark.filterwarnings("ignore:Solution may be inaccurate")
def test_cvxpy_agrees():
    cvxpy = pytest.importorskip("cvxpy")
    for instance in (CLAUSES, ARCS):
        graph, inverse, pairs, _, found = relaxed(instance)
        x, r, (i, j) = cvxpy.Variable((graph.n, graph.n), PSD=True), inverse.reference, pairs.T
        zero = np.full(len(pairs), r)
        limits = [cvxpy.diag(x) == 1]
        limits += [s * x[i, zero] + t * x[j, zero] + s * t * x[i, j] >= -1 for s in (1, -1) for t in (1, -1)]
        heads, tails, w = graph.edges()
        goal = cvxpy.Maximize(0.5 * cvxpy.sum(cvxpy.multiply(w, 1 - x[heads, tails])))
        value = cvxpy.Problem(goal, limits).solve(solver="CLARABEL")
        assert found.value == pytest.approx(value, rel=1e-5)


def test_the_least_numbers_beside_one_are_answered_with_triangles():
    """Stiffnesses were divided by a median of 1e-320: they overflowed, and there was no answer."""
    linear = {1: 1.0, 2: 1e-320, 3: 1e-320}
    model = dk.QuadraticModel.from_ising(
        linear, {(1, 0): -5e-324, (2, 0): 5e-324, (3, 1): 1e-320, (3, 2): 5e-324}
    )
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        result = dk.optimize(model, relaxation="triangles")
    assert result.value == -1.0
    assert dk.verify(result, model).ok
