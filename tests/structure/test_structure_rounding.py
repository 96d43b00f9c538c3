"""The bounds on rounding errors of structure records: they hold, they are tight, and large weights excuse nothing."""

from __future__ import annotations

import copy
import functools
import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

import derandkit
from derandkit import RegressionData, StructureStatus, Student, Teacher, discover_structure
from derandkit.certificates.checks import Verdict
from derandkit.certificates.structure import claims
from derandkit.certificates.structure.networks import ACTIVATIONS, LOSSES, activation, loss_derivatives, sums
from derandkit.certificates.structure.recomputed import GAIN_SPREAD, SPREAD, Estimate, Recomputed
from derandkit.certificates.structure.rounding import activation_bounds, bounds, loss_bounds
from derandkit.records import decode_array, encode_array, sealed
from derandkit.structure.table import structure_rows

pytest.importorskip("jax")
EXTENDED = np.finfo(np.longdouble).eps < 2.0**-60
SIZES = (1e-3, 1.0, 30.0, 1e4)


@functools.cache
def case(name):
    rng = np.random.default_rng(2)
    X = rng.standard_normal((120, 3))
    problems = {
        "grid": (Teacher("tanh", 2), Student(width=4), {}),
        "relu": (Teacher("relu", 4, nodes=1024, evaluation_nodes=2048), Student(width=4, activation="relu"), {}),
        "data": (RegressionData(X, np.tanh(X[:, 0])), Student(width=4, activation="softplus"), {"penalty": 1e-4}),
    }  # fmt: skip
    problem, student, options = problems[name]
    result = discover_structure(problem, student, max_steps=30, controls=False, **options)
    assert derandkit.verify(result, problem).ok
    return problem, json.loads(result.to_json())


def network(name, size, *, depth=3, seed=0, rows=50):
    rng = np.random.default_rng(seed)
    student = {
        "width": 4, "depth": depth, "activation": name, "sharpness": 8.0 if name == "softplus" else None,
        "output_bias": True,
    }  # fmt: skip
    count = (depth - 2) * 20 + 5
    parameters = tuple(size * rng.standard_normal(shape) for shape in ((4, 3), (4,), (count,)))
    targets = rng.standard_normal(rows)
    sample = SimpleNamespace(
        points=rng.standard_normal((rows, 3)), targets=targets, weights=np.full(rows, 1 / rows)
    )
    return student, parameters, sample


@pytest.mark.skipif(not EXTENDED, reason="needs numbers with more digits than doubles")
@pytest.mark.parametrize("name", ["tanh", "softplus", "relu", "hermite2"])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_entry_is_within_its_bound(name, loss):
    for size in SIZES:
        for depth in (2, 3, 4):
            student, parameters, sample = network(name, size, depth=depth)
            longer = tuple(np.asarray(a, dtype=np.longdouble) for a in parameters)
            wide = SimpleNamespace(**{k: np.asarray(a, dtype=np.longdouble) for k, a in vars(sample).items()})
            found, exact = sums(student, loss, parameters, sample), sums(student, loss, longer, wide)
            limit = bounds(student, loss, parameters, sample)
            for name_of, one, other, most in zip(found._fields, found, exact, limit, strict=True):
                assert np.all(np.abs(one - other) <= most + 2.0**-52 * np.abs(one)), (name_of, size, depth)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("error", [1e-12, 1e-3, 0.5])
def test_an_activation_moves_no_further_than_its_bound(name, error):
    t = np.linspace(-9.0, 9.0, 4001)
    limits = activation_bounds(name, 8.0, t, np.full_like(t, error + 4e-15))  # t + shift is rounded
    act = activation(name, 8.0)
    for shift in (-error, -0.3 * error, 0.7 * error, error):
        for before, after, limit in zip(act(t), act(t + shift), limits, strict=True):
            assert np.all(np.abs(after - before) <= limit)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("error", [1e-12, 1e-3, 0.5])
def test_a_loss_moves_no_further_than_its_bound(loss, error):
    f = np.linspace(-9.0, 9.0, 2001)
    y = np.where(np.arange(f.size) % 2 == 0, 1.0, 0.0)
    limits = loss_bounds(loss, f, y, np.full_like(f, error + 4e-15))  # f + shift is rounded
    for shift in (-error, 0.4 * error, error):
        moved = loss_derivatives(loss, f + shift, y)
        for before, after, limit in zip(loss_derivatives(loss, f, y), moved, limits, strict=True):
            assert np.all(np.abs(after - before) <= limit)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_bounds_are_close_to_the_unit_of_rounding(name):
    """Figures of size one are known to 1e-11; a bound that grows beyond that would let false figures pass."""
    student, parameters, sample = network(name, 1.0)
    limit = bounds(student, "squared", parameters, sample)
    assert limit.risk <= 1e-11 * (1.0 + sums(student, "squared", parameters, sample).risk)


def test_a_unit_that_does_not_reach_the_output_adds_nothing():
    student, (W, b, theta), sample = network("relu", 1.0, depth=2)
    before = bounds(student, "squared", (W, b, theta), sample).risk
    W[0], b[0], theta[0] = 0.0, -1.0, 1e14  # an enormous weight on a unit that is never active
    assert bounds(student, "squared", (W, b, theta), sample).risk <= 2.0 * before
    W[1], b[1], theta[1] = 1e14, 1e14, 0.0  # an enormous unit that nothing listens to
    assert bounds(student, "squared", (W, b, theta), sample).risk <= 2.0 * before


def forged(record, change):
    """The record with other parameters, figures that follow from its form, and a risk of almost nothing."""
    record = copy.deepcopy(record)
    arrays = {name: decode_array(record["parameters"][name]).copy() for name in ("W", "b", "theta")}
    change(**arrays)
    for name, array in arrays.items():
        record["parameters"][name] = encode_array(array, "<f8")
    record |= {"training_loss": 1e-30, "gradient_norm": 1e-30, "loss": 1e-30, "loss_error": 1e-31}
    record["history"]["risk"][-1] = 1e-30
    record["history"]["penalised"][-1] = 1e-30
    return sealed(record)


def dead(W, b, theta):
    W[0], b[0], theta[0] = 0.0, -1.0, 1e14


def unheard(W, b, theta):
    b[0], theta[0] = 1e14, 0.0


def cancelling(W, b, theta):
    W[0] = W[1] = 0.0
    b[0], b[1], theta[0], theta[1] = 1e14, 1e14, 1.0, -1.0


@pytest.mark.parametrize("change", [dead, unheard, cancelling])
@pytest.mark.parametrize("name", ["grid", "relu", "data"])
def test_large_numbers_excuse_no_false_figure(name, change):
    """The tolerance once grew with the parameters: one dead unit of weight 1e14, and any risk was accepted."""
    problem, record = case(name)
    outcome = derandkit.verify(forged(record, change), problem)
    assert not outcome.ok
    assert {"training", "evaluation"} <= set(outcome.failed)


def test_a_figure_that_cancels_away_is_not_checked():
    """With the very figures that the checker finds: the interval is as wide as the figures, so they say nothing."""
    problem, record = case("relu")
    changed = forged(record, cancelling)
    point = Recomputed(changed, problem).at_end()
    changed |= {"training_loss": point.risk, "gradient_norm": point.gradient(Recomputed(changed, problem))[0]}
    verdict, detail = claims.training(Recomputed(changed, problem))
    assert verdict is Verdict.NOT_CHECKED
    assert "cancel" in detail


@pytest.mark.parametrize("name", ["grid", "data"])
def test_that_a_run_diverged_is_a_claim_that_nothing_shows(name):
    """Any record could once be called diverged, and held."""
    problem, record = case(name)
    changed = {**record, "status": "diverged", "ended": "diverged"}
    changed["message"] = StructureStatus.DIVERGED.value
    outcome = derandkit.verify(sealed(changed), problem)
    assert not outcome.ok
    assert "status" in outcome.not_checked


def test_a_figure_without_an_error_is_still_compared():
    """Where one part of the jackknife is infinite the error is not stated, and any finite figure once passed."""
    found = Estimate(5.0, math.inf, 1e-12, math.inf)
    assert claims.agrees({"lemma_bound": 5.0, "lemma_bound_error": None}, "lemma_bound", found)
    assert not claims.agrees({"lemma_bound": 4.9, "lemma_bound_error": None}, "lemma_bound", found)
    assert not claims.agrees({"lemma_bound": 5.0, "lemma_bound_error": 0.1}, "lemma_bound", found)


@pytest.mark.parametrize("columns", [1, 2])
def test_honest_records_of_data_with_nothing_to_forget_verify(columns):
    """As many directions as columns: |W_perp| and the bound are exactly zero, and known to be."""
    rng = np.random.default_rng(columns)
    X = rng.standard_normal((60, columns))
    data = RegressionData(X, np.tanh(X[:, 0]))
    student = Student(width=2, depth=3, activation="erf")
    result = discover_structure(data, student, max_steps=20, controls=False, rank=columns, penalty=1e-2)
    outcome = derandkit.verify(json.loads(result.to_json()), data)
    assert outcome.ok, str(outcome)


def test_a_standard_error_moves_no_further_than_the_widths_that_are_allowed():
    """Figures that are off by two widths each, the worst way: what is allowed covers it, and little more."""
    parts, width = 8, 1e-6
    numbers = np.random.default_rng(4)
    spread, gain = [], []
    for flip in range(2**parts):
        signs = np.array([1.0 if flip >> k & 1 else -1.0 for k in range(parts)])
        figures = numbers.normal() + signs * numbers.choice([1e-9, 1e-3, 1.0])

        def jackknife(x):
            return math.sqrt((parts - 1) / parts * float(np.sum((x - x.mean()) ** 2)))

        spread.append(abs(jackknife(figures + 2.0 * width * signs) - jackknife(figures)) / width)
        gain.append(abs(jackknife(figures + width * signs) - jackknife(figures)) / width)
    assert 2.0 / 3.0 * SPREAD < max(spread) < SPREAD
    assert 2.0 / 3.0 * GAIN_SPREAD < max(gain) < GAIN_SPREAD
    assert len(derandkit.RegressionData(np.eye(60), np.arange(60.0)).evaluation()) == parts


@pytest.mark.parametrize("name", ["relu", "data"])
def test_an_error_beyond_the_widths_is_refused(name):
    problem, record = case(name)
    found = Recomputed(record, problem).estimate(lambda part: (part.risk, part.risk_error))
    assert claims.agrees({"loss": found.value, "loss_error": found.error}, "loss", found)
    beyond = found.error * (1.0 + 1e-5) + 7.0 * found.widest
    assert not claims.agrees({"loss": found.value, "loss_error": beyond}, "loss", found)


def small_problem(seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((24, 3))
    return RegressionData(X, np.tanh(2.0 * X[:, 0]) + 0.1 * rng.standard_normal(24))


def false_of(result, problem):
    """Return what failed of a result; that a run diverged is a claim that nothing shows."""
    failed = derandkit.verify(result, problem).failed
    return tuple(name for name in failed if (name, result.ended.name) != ("status", "DIVERGED"))


@pytest.mark.parametrize("method", ["lemma", "adam"])
@pytest.mark.parametrize("upper", [1e5, 1e8, 1e20])
def test_losses_do_not_round_at_the_size_of_the_upper_penalty(method, upper):
    """The penalty on theta was added to the risk and taken off again: the loss was wrong from the seventh digit on."""
    problem = small_problem(1)
    result = discover_structure(
        problem, Student(width=3), penalty=1e-3, upper_penalty=upper, frozen=("upper",), method=method,
        max_steps=5, controls=False,
    )  # fmt: skip
    assert false_of(result, problem) == ()
    case_of = Recomputed(json.loads(result.to_json()), problem)
    assert result.training_loss == pytest.approx(case_of.at_end().risk, rel=1e-9)


def test_the_choice_of_penalties_does_not_round_at_the_size_of_the_upper_penalty():
    """Each loss of the path was a multiple of 2^-53 times the penalty, so zero."""
    options = {"upper_penalty": 1e18, "frozen": ("upper",), "max_steps": 2, "controls": False}
    result = discover_structure(small_problem(1), Student(width=2), **options)
    assert all(0.01 < row["loss"] < 5.0 for row in (*result.selection.path, *result.selection.ranks))


@pytest.mark.parametrize(
    ("seed", "penalty", "method"),
    [(4, 1e9, "adam"), (14, 1e59, "hessian"), (23, 1e12, "adam"), (0, 1e20, "hessian")],
)
def test_a_penalty_makes_rounding_of_w_perp_as_large_as_itself(seed, penalty, method):
    """|W_perp| was a difference of parts of W and nothing else; twice the penalty on it failed the lemma's check."""
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.integers(16, 60)), int(rng.integers(2, 6))
    X = rng.standard_normal((rows, columns))
    problem = RegressionData(X, np.tanh(2.0 * X[:, 0]) + 0.1 * rng.standard_normal(rows))
    result = discover_structure(
        problem, Student(width=3), penalty=penalty, method=method, max_steps=25, controls=False
    )
    record = json.loads(result.to_json())
    assert false_of(result, problem) == ()
    wrong = sealed({**record, "lemma_bound": record["lemma_bound"] * 1.01 + 1e-9 * record["w_par"]})
    assert "lemma" in derandkit.verify(wrong, problem).failed


@pytest.mark.parametrize(
    ("least", "said"),
    [
        (0.0, "cancel"),
        (-1e-17, "cancel"),
        (1e-18, "cancel"),
        (-1e-3, "more negative than the penalty makes up for"),
    ],
)
def test_the_table_says_of_rounding_what_certificates_of_networks_say(least, said):
    """A curvature of -1e-17 beside one of 0.5 was "more negative than the penalty makes up for"."""
    _, record = case("grid")
    changed = record | {"lemma_bound": None, "smallest_curvature": least, "largest_curvature": 0.5}
    changed["settings"] = record["settings"] | {"penalty": 0.0}
    assert said in dict(structure_rows(changed))["lemma's bound"]
