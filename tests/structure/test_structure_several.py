"""Several outputs and classes: recognised, trained on, predicted, and recomputed by the checker."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit
from derandkit import InputError, RegressionData, Student, discover_structure
from derandkit.certificates.structure import several
from derandkit.cli import main
from derandkit.records import sealed
from derandkit.structure.intake.targets import read_targets
from derandkit.structure.teacher import Sample

pytest.importorskip("jax")

from derandkit.certificates.structure.references.constants import best_constant
from derandkit.certificates.structure.references.linear import linear_model
from derandkit.structure.heldout.reference import derivatives, fit_references, values_of
from derandkit.structure.training.losses import loss_function
from derandkit.structure.training.network import build, double_precision
from derandkit.structure.training.objective import NetworkObjective


def sample(loss, rows=30, outputs=3):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((rows, 4))
    y = rng.standard_normal((rows, outputs))
    if loss in ("softmax", "logistic"):
        y = np.eye(outputs)[y.argmax(axis=1)]
    return Sample(X, y, rng.uniform(0.5, 1.5, rows) / rows, "rows")


@functools.cache
def run(kind):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 5))
    if kind == "classes":
        y = np.array(["low", "mid", "top"])[np.digitize(X[:, 0] - X[:, 1] + 0.3 * X[:, 2], [-0.7, 0.7])]
    else:
        y = np.column_stack((np.tanh(X[:, 0]), 3.0 + 2.0 * X[:, 1])) + 0.1 * rng.standard_normal((200, 2))
    student = Student(width=5, depth=3 if kind == "deep" else 2, activation="gelu")
    result = discover_structure(
        (X, y), student, penalty=1e-2, upper_penalty=1e-3, max_steps=25, controls=False
    )
    return X, y, result


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (["b", "a"] * 20, ("a", "b")),
        ([0, 1] * 20, None),
        ([-1, 1] * 20, None),
        ([1, 2, 3] * 20, (1, 2, 3)),
        ([1.0, 2.0, 3.0] * 20, (1, 2, 3)),
        ([1, 2, 4] * 20, None),
        ([0, 1, 2, 2, 2, 2, 2, 2], None),
        ([0.5, 1, 2] * 20, None),
        (np.eye(3)[[0, 1, 2, 1]], (0, 1, 2)),
        (np.ones((4, 2)), None),
        ([True, False] * 3, ("False", "True")),  # as a file has them
    ],
)
def test_what_targets_stand_for_is_seen_from_their_values(y, classes):
    assert read_targets(y).classes == classes


def test_what_is_said_about_targets_counts_more_than_their_values():
    assert read_targets([1, 2, 3] * 9, "numbers").classes is None
    assert read_targets([-1, 1] * 9, "classes").classes == (-1, 1)
    assert read_targets(np.eye(3), "numbers").values.shape == (3, 3)
    with pytest.raises(InputError, match="got text"):
        read_targets(["a", "b"], "numbers")
    with pytest.raises(InputError, match="a single 1"):
        read_targets(np.ones((4, 2)), "classes")
    X = np.random.default_rng(0).standard_normal((60, 2))
    for loss, y, message in (
        ("softmax", [0.0, 1.0] * 30, "three or more classes"),
        ("logistic", ["a", "b", "c"] * 20, "3 classes; their loss is softmax"),
        ("logistic", X, "2 outputs"),
    ):
        with pytest.raises(InputError, match=message):
            discover_structure((X, y), loss=loss)


def test_of_every_class_a_quarter_is_kept_back():
    y = np.repeat([0, 1, 2], [40, 12, 5])
    data = RegressionData(np.random.default_rng(0).standard_normal((57, 2)), y)
    train, held = data._rows
    assert np.bincount(y[held]).tolist() == [10, 3, 1]
    assert sorted([*train, *held]) == list(range(57))
    assert data.loss == "softmax"
    assert data.outputs == 3
    assert data.training().targets.sum(axis=1).tolist() == [1.0] * 43


def test_rows_of_weight_zero_are_as_good_as_absent():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((50, 2)), rng.standard_normal(50)
    weights = np.where(np.arange(50) < 40, 2.0, 0.0)
    weighted, absent = RegressionData(X, y, weights=weights), RegressionData(X[:40], y[:40])
    for one, other in zip(weighted.training(), absent.training(), strict=True):
        assert one is other or np.allclose(one, other) if not isinstance(one, str) else one == other
    assert weighted.digest != absent.digest
    for wrong, message in (
        (weights[:9], "as many weights"),
        (-weights, "not negative"),
        (0 * weights, "positive"),
    ):
        with pytest.raises(InputError, match=message):
            RegressionData(X, y, weights=wrong)


@pytest.mark.parametrize("loss", several.LOSSES)
@pytest.mark.parametrize(("depth", "activation"), [(2, "tanh"), (4, "gelu")])
def test_two_writings_of_the_passes_agree_within_the_bounds(loss, depth, activation):
    """JAX and the checker's formulas: risk, gradients and curvature."""
    nodes, student = sample(loss), Student(width=3, depth=depth, activation=activation)
    network = build(student, loss, 4, 3)
    W, b = student.first_layer(4)
    theta = 2.0 * student.upper_layers(3)
    objective = NetworkObjective(network, nodes)
    law = objective.law(W, b, theta)
    described = student.describe()
    found = several.sums(described, loss, (W, b, theta), nodes)
    wide = several.bounds(described, loss, (W, b, theta), nodes)
    mean = objective.mean_gradient(law)
    for claimed, value, bound in (
        (objective.value(law), found.risk, wide.risk),
        (objective.spread_gradient(law)[:3], found.W, wide.W),
        (mean[:3], found.b, wide.b),
        (mean[3:], found.theta, wide.theta),
        (objective.bias_curvature(law), found.curvature, wide.curvature),
    ):
        off = np.abs(claimed - value)
        assert (off <= 2.0 * np.asarray(bound)).all()
        assert np.max(bound) < 1e-11


@pytest.mark.parametrize("loss", several.LOSSES)
def test_the_bounds_hold_for_changed_outputs(loss):
    rng = np.random.default_rng(2)
    y = sample(loss).targets
    f = 3.0 * rng.standard_normal(y.shape)
    for size in (1e-12, 1e-6, 1e-3):
        error = size * rng.uniform(0.1, 1.0, f.shape)
        moved = several.loss_derivatives(loss, f + error * rng.choice([-1.0, 1.0], f.shape), y)
        still = several.loss_derivatives(loss, f, y)
        for one, other, bound in zip(moved, still, several.loss_errors(loss, f, y, error), strict=True):
            assert (np.abs(one - other) <= bound).all()
            assert bound.max() < 1e3 * size


def test_the_bounds_hold_for_outputs_that_are_hardly_known():
    """A share of 1e-22 whose outputs are off by 20 each may be 4.5e-5: the bound was 2e-9."""
    rng = np.random.default_rng(3)
    for size in (1.0, 20.0, 400.0, 1e4):
        for scale in (1.0, 50.0, 800.0):
            f, error = scale * rng.standard_normal((40, 3)), np.full((40, 3), size)
            y = np.eye(3)[rng.integers(3, size=40)]
            for side in (-1.0, 1.0):
                towards = np.where(f == f.max(axis=1, keepdims=True), -1.0, 1.0)
                moved = several.loss_derivatives("softmax", f + 0.99 * side * error * towards, y)
                still = several.loss_derivatives("softmax", f, y)
                for one, other, bound in zip(
                    moved, still, several.loss_errors("softmax", f, y, error), strict=True
                ):
                    assert (np.abs(one - other) <= bound).all()


@pytest.mark.parametrize(("loss", "outputs"), [("huber", 1), *((loss, 3) for loss in several.LOSSES)])
def test_closed_forms_of_losses_are_those_that_networks_are_trained_with(loss, outputs):
    import jax

    y = sample(loss, outputs=outputs).targets
    f = 4.0 * np.random.default_rng(2).standard_normal(y.shape)

    def one(p, t):
        return loss_function(loss)(p[None], t[None])[0]

    functions = (one, jax.grad(one), jax.hessian(one))
    with double_precision():
        trained = jax.jit(lambda f, y: [jax.vmap(g)(f, y) for g in functions])(f, y)
    for closed, other in zip((values_of(loss, f, y), *derivatives(loss, f, y)), trained, strict=True):
        np.testing.assert_allclose(closed, np.asarray(other), rtol=1e-13, atol=1e-14)


def test_losses_beyond_all_numbers_are_infinite_and_give_no_warning():
    f, y = np.array([[1e200], [800.0]]), np.zeros((2, 1))
    assert values_of("squared", f, y).tolist() == [np.inf, 640000.0]
    assert values_of("logistic", f, y).tolist() == [1e200, 800.0]
    assert values_of("huber", f, y)[0] == pytest.approx(1e200)
    for loss in ("squared", "logistic", "huber"):
        assert all(np.isfinite(part).all() for part in derivatives(loss, f, y))


@pytest.mark.parametrize("loss", several.LOSSES)
def test_references_of_several_outputs_are_minima(loss):
    nodes = sample(loss, 60)
    fit = fit_references(loss, nodes)
    if loss == "softmax":
        shares = nodes.weights @ nodes.targets
        assert fit.constant - fit.constant[0] == pytest.approx(np.log(shares / shares[0]), abs=1e-9)
    line = linear_model(loss, nodes, best_constant(loss, nodes).offset)
    assert line.width(nodes) < 1e-9 * line(nodes)
    other = np.vstack((line.weights, line.offset))
    shift = (lambda u: u - u[:, :1]) if loss == "softmax" else (lambda u: u)
    np.testing.assert_allclose(
        shift(np.vstack((fit.weights, fit.offset))), shift(other), rtol=1e-7, atol=1e-9
    )


@pytest.mark.parametrize("kind", ["classes", "numbers", "deep"])
def test_a_record_of_several_outputs_verifies_and_no_changed_figure_does(kind):
    X, y, result = run(kind)
    assert result.settings.loss == ("softmax" if kind == "classes" else "squared")
    outcome = derandkit.verify(json.loads(result.to_json()), (X, y))
    assert outcome.ok, str(outcome)
    for name in ("loss", "gradient_norm", "smallest_curvature", "linear_loss"):
        forged = json.loads(result.to_json())
        forged[name] *= 1.0 + 1e-6
        assert not derandkit.verify(sealed(forged), (X, y)).ok, name
    assert not derandkit.verify(json.loads(result.to_json()), (X[::-1].copy(), y)).ok


def test_a_record_that_takes_classes_for_numbers_is_refused():
    X, y, result = run("classes")
    forged = json.loads(result.to_json())
    forged["settings"]["loss"] = "squared"
    assert "parameters" in derandkit.verify(sealed(forged), (X, y)).failed


def test_classes_of_a_table_are_said_and_columns_chosen(tmp_path):
    X, y, _ = run("classes")
    lines = ["id,a,b,c,d,e,kind"]
    lines += [
        f"{k},{','.join(map(repr, row))},{name}"
        for k, (row, name) in enumerate(zip(X.tolist(), y, strict=True))
    ]
    table, record, page = tmp_path / "t.csv", tmp_path / "r.json", tmp_path / "p.toml"
    table.write_text("\n".join(lines) + "\n")
    quick = ("--width", "4", "--penalty", "0.01", "--max-steps", "20", "--no-controls")
    call = lambda *words: CliRunner().invoke(main, [str(word) for word in words])  # noqa: E731
    outcome = call("structure", "--data", table, "--target", "kind", "--drop", "id,e", *quick, "-o", record,
                   "--save-config", page)  # fmt: skip
    assert outcome.exit_code == 1, outcome.output
    assert "targets are 3 classes: low, mid, top" in " ".join(outcome.stdout.split())
    assert json.loads(record.read_text())["problem"]["names"] == ["a", "b", "c", "d"]
    for instance in (table, page):
        assert call("verify", record, instance).exit_code == 0
    again = call(
        "structure", "--data", table, "--target", "kind", "--columns", "a,b,c,d", *quick, "--format", "json"
    )
    assert (
        json.loads(again.stdout)["problem"]["digest"] == json.loads(record.read_text())["problem"]["digest"]
    )
    for words, message in (
        (("--target", "kind"), "column 1 ('id') counts the rows"),
        (("--target", "kind", "--drop", "no"), "no column 'no'"),
        (
            ("--target", "0", "--drop", "1"),
            "columns are counted from 1, for a target as in --columns and --drop",
        ),
    ):
        refused = call("structure", "--data", table, *words, *quick)
        assert refused.exit_code == 2
        assert message in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert "--drop names columns of --data" in call("structure", "--drop", "a").stderr


def test_a_missing_target_is_no_class(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text(
        "a,kind\n" + "\n".join(f"{k / 7},{'x' if k % 2 else 'y'}" for k in range(30)) + "\n0.5,NA\n"
    )
    with pytest.raises(
        InputError, match=r"row 30 \(from 0\) is 'NA', which is a missing value or a class of that name"
    ):
        RegressionData.from_file(table, "kind")
