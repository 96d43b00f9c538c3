"""How large a teacher may be, and what of its size is compared with limits before anything of it is made."""

from __future__ import annotations

import copy
import dataclasses
import functools
import tracemalloc

import numpy as np
import pytest
from tests.leaves import replaced

import derandkit
from derandkit import InputError, RegressionData, Teacher, certify_network
from derandkit.certificates.structure import cost
from derandkit.certificates.structure.form import misfit
from derandkit.certificates.structure.recomputed import Samples
from derandkit.certificates.trained import record as trained_record
from derandkit.records import encode_array, sealed
from derandkit.structure import data
from derandkit.structure.intake import whitening
from derandkit.structure.nodes import SOBOL_DIMENSION

pytest.importorskip("jax")

from tests.structure.test_structure_certificate import case


def test_a_teacher_of_more_inputs_than_there_are_points_for_is_refused_before_it_is_made():
    with pytest.raises(
        InputError, match="Sobol points exist up to dimension 21201, got 1000000000 coordinates"
    ):
        Teacher("tanh", 10**9)
    assert SOBOL_DIMENSION == pytest.importorskip("scipy.stats.qmc").Sobol.MAXDIM


@pytest.mark.parametrize("inputs", ["gaussian", "uniform", "student-t"])
@pytest.mark.parametrize(("dimension", "noise"), [(1, 0.0), (2, 0.1), (3, 0.0), (3, 0.1), (7, 0.0)])
@pytest.mark.parametrize(("nodes", "judging"), [(64, 16), (1000, 300), (20_000, 5000)])
def test_nodes_are_counted_without_being_made(inputs, dimension, noise, nodes, judging):
    teacher = Teacher("tanh", dimension, noise=noise, inputs=inputs, nodes=nodes, evaluation_nodes=judging)
    samples = Samples(teacher)
    counts = cost.node_counts(samples)
    made = (
        len(samples.training.weights),
        len(samples.coarse.weights),
        sum(len(part.weights) for part in samples.evaluation),
        len(samples.evaluation),
    )
    if samples.training.kind == "grid":  # nodes of hardly any weight are left out
        assert all(most >= found for most, found in zip(counts, made, strict=True))
    else:
        assert counts == made


@pytest.mark.parametrize("name", ["nodes", "evaluation_nodes"])
@pytest.mark.parametrize("exponent", [26, 33, 60])
def test_a_problem_with_very_many_nodes_is_refused_before_they_are_made(name, exponent):
    """2^26 nodes took 7 GB before they were counted."""
    problem, record = case("sobol")
    large = dataclasses.replace(problem, **{name: 2**exponent})
    forged = sealed({**record, "problem": {**record["problem"], **large.describe(), "digest": large.digest}})
    tracemalloc.start()
    outcome = derandkit.verify(forged, large)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not outcome.ok
    assert "refused unseen" in str(outcome)
    assert peak < 2**25


def test_no_size_is_believed_before_it_is_compared():
    """A depth of 2e9 took 5.9 GB; now the form refuses it, and a wide network its predicted cost."""
    problem, record = case("grid")
    for path, value in (
        (("student", "depth"), 2 * 10**9), (("student", "width"), 10**9), (("student", "stream"), 2**70),
        (("parameters", "W", "shape"), [2**31, 2]), (("student", "depth"), 64),
    ):  # fmt: skip
        assert derandkit.verify(sealed(replaced(record, path, value)), problem).failed[-1] in (
            "schema",
            "parameters",
        )
    huge = Teacher("tanh", 2, inputs="uniform", nodes=2**60, evaluation_nodes=2**60)
    forged = copy.deepcopy(record)
    forged["problem"] = {**huge.describe(), "digest": huge.digest, "reading": None}
    forged["settings"]["gaussian"] = False
    outcome = derandkit.verify(sealed(forged), huge)
    assert outcome.failed == ("parameters",)
    assert "the nodes of this problem would take" in str(outcome)
    assert "raise --allow-work to" in str(outcome)


def widened(record, n, depth=2):
    """A record of a network of another width and depth, whose arrays fit it."""
    forged = copy.deepcopy(record)
    d = forged["parameters"]["W"]["shape"][1]
    forged["student"] |= {"width": n, "depth": depth}
    tail = (depth - 2) * (n * n + n) + n + bool(forged["student"]["output_bias"])
    for name, shape in {"W": (n, d), "W_start": (n, d), "b": (n,), "theta": (tail,)}.items():
        forged["parameters"][name] = encode_array(np.zeros(shape), "<f8")
    return sealed(forged)


@pytest.mark.parametrize(
    ("width", "depth", "what"),
    [(1000, 2, "curvatures of this network"), (400, 12, "the check of this network")],
)
def test_the_whole_check_of_a_network_is_bounded(width, depth, what):
    """Each pass was: eighteen matrices of 2000 x 2000, or hundreds of passes, were not."""
    problem, record = case("data")
    forged = widened(record, width, depth)
    outcome = derandkit.verify(forged, problem)
    assert outcome.failed == ("parameters",)
    assert f"refused unseen: {what} would take" in str(outcome)
    assert "raise --allow-work to" in str(outcome)


@functools.cache
def trained():
    """A record of a trained network with 2 units above 3 inputs, and its rows."""
    X = np.random.default_rng(0).standard_normal((40, 3))
    y = X[:, 0] ** 2
    layer = {"weights": np.array([[2.0, 0.3, 0.0], [0.0, 0.5, 1.0]]), "bias": np.zeros(2)}
    found = certify_network(lambda z: (z**2).sum(), X, y, directions=[[1, 0, 0]], **layer)
    return found.to_dict(), (X, y)


def zeros(*shape, dtype="<f8"):
    return encode_array(np.zeros(shape), dtype)


INPUTS = 90_000
SIZES = {
    "more units than singular values": {"W": zeros(90_000, 3), "b": zeros(90_000)},
    "more biases than units": {"b": zeros(90_000)},
    "more inputs than rows have": {
        "W": zeros(2, INPUTS), "b": zeros(2), "directions": zeros(1, INPUTS)
    },
    "more directions than inputs": {"directions": zeros(30_000, 3)},
    "directions of other inputs": {"directions": zeros(1, INPUTS)},
    "places that overlap": {"places": zeros(30_000, 3, dtype="<i8")},
}  # fmt: skip


@pytest.mark.parametrize("name", SIZES)
def test_sizes_of_a_trained_network_are_compared_before_an_array_is_decoded(name, monkeypatch):
    record, rows = trained()
    changes = dict(SIZES[name])
    places = {"places": changes.pop("places")} if "places" in changes else {}
    forged = sealed({**record, **places, "parameters": {**record["parameters"], **changes}})
    monkeypatch.setattr(trained_record, "decode_array", lambda array: pytest.fail("it is decoded"))
    outcome = derandkit.verify(forged, rows)
    assert outcome.failed == ("form",)


def test_a_first_layer_of_more_units_than_its_rows_are_worth_is_refused_unseen(monkeypatch):
    record, rows = trained()
    units = 100_000
    parameters = {"W": zeros(units, 3), "b": zeros(units), "directions": record["parameters"]["directions"]}
    forged = sealed({**record, "parameters": parameters, "singular_values": [0.0] * 3})
    monkeypatch.setattr("derandkit.certificates.work.ARRAY_ENTRIES", 100_000)
    monkeypatch.setattr(trained_record, "decode_array", lambda array: pytest.fail("it is decoded"))
    outcome = derandkit.verify(forged, rows)
    assert outcome.failed == ("form",)
    assert "refused unseen: the first layer would take 3e+05 numbers" in str(outcome)


def wide(columns, rows=16, seed=0):
    rng = np.random.default_rng(seed)
    return RegressionData(rng.standard_normal((rows, columns)), rng.standard_normal(rows))


def test_a_wide_table_is_whitened_by_its_rows_as_by_its_columns(monkeypatch):
    usual = wide(40)
    by_columns = usual.whiten(usual.X)
    monkeypatch.setattr(whitening, "WIDE", 8)
    found = wide(40)
    np.testing.assert_allclose(found.whiten(found.X), by_columns, atol=1e-9)
    assert found.dimension == usual.dimension == len(usual.rows[0]) - 1
    assert found.describe() == usual.describe()


def test_a_wide_table_takes_no_memory_of_its_columns_squared():
    """12 rows of 12 000 columns took 1.2 GB and minutes, in the training and in the check."""
    tracemalloc.start()
    try:
        dimension = wide(6000).dimension
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert dimension == 11
    assert peak < 6000**2  # bytes: an eighth of such a covariance


def test_another_table_is_refused_before_it_is_whitened(monkeypatch):
    _, record = case("data")
    monkeypatch.setattr(data, "whitening_of", None)
    checks = derandkit.verify(record, wide(3)).checks
    assert checks[-1].name == "problem"
    assert "another table: digest" in checks[-1].detail


def test_whitening_is_refused_by_its_work_before_it_is_made(monkeypatch):
    problem, record = case("data")
    fresh = RegressionData(problem.X, problem.y)
    monkeypatch.setattr(cost, "MOST_WORK", 0.0)
    monkeypatch.setattr(cost, "WHITENING_EACH", 1.0)
    with monkeypatch.context() as patch:
        patch.setattr(data, "whitening_of", None)
        check = derandkit.verify(record, fresh).checks[-1]
    assert (check.name, check.passed) == ("problem", False)
    assert "whitening the table would take" in check.detail
    assert f"raise --allow-work to {min(problem.X.shape)}" in check.detail
    assert derandkit.verify(record, fresh, allow_work=min(problem.X.shape)).checks[2].passed


def test_what_may_be_null_and_is_not_is_held_against_its_form():
    _, record = case("data")
    long = [[0.0] * 1_000_001]
    assert "an entry of column_weights has 1000001 entries" in misfit({**record, "column_weights": long})
    assert misfit({**record, "column_weights": None}) is None
