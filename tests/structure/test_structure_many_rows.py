"""Tables of many rows: penalties chosen and a descent begun on some of the rows, and minibatches in a fixed order."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from tests.mutations import sealed_again

from derandkit import RegressionData, StructureRegressor, Student, Teacher, discover_structure, verify
from derandkit.certificates.structure import recomputed
from derandkit.cli import main
from derandkit.structure import run, solve
from derandkit.structure.measure import principal_angles
from derandkit.structure.methods import StochasticGradient

pytest.importorskip("jax")


def table(rows, columns=20):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, columns))
    return X, np.tanh(X[:, 0] - X[:, 1]) + 0.5 * X[:, 2] * X[:, 3] + 0.3 * rng.standard_normal(rows)


@pytest.fixture
def few(monkeypatch):
    """Let 4096 rows count as many, for the training and for the check."""
    for module in (run, solve, recomputed):
        monkeypatch.setattr(module, "MOST_COARSE", 4096)


def test_minibatches_take_every_row_once_before_any_comes_again():
    X, y = table(40, 4)
    data = RegressionData(X, y, weights=np.arange(1.0, 41.0))
    rng, whole = np.random.default_rng(0), data.training()
    drawn = [data.draw(7, rng, first) for first in range(0, 210, 7)]
    points = np.concatenate([part.points for part in drawn])
    one, two = points[:30], points[30:60]
    assert not np.array_equal(one, two)
    for part in (one, two):
        assert np.array_equal(np.sort(part, axis=0), np.sort(whole.points, axis=0))
    # weights belong to their rows, with the mean 1
    weights = np.concatenate([part.weights for part in drawn])[:30]
    place = [int(np.argmin(np.abs(whole.points - point).sum(axis=1))) for point in one]
    assert np.allclose(weights, 30 * whole.weights[place], rtol=1e-14, atol=0)
    # the generator was not asked
    assert rng.integers(1 << 40) == np.random.default_rng(0).integers(1 << 40)


def test_some_rows_are_rows_to_train_on():
    X, y = table(60, 4)
    data = RegressionData(X, y)
    assert np.array_equal(data.coarse(45).points, data.training().points)
    part = data.coarse(20)
    assert len(part.points) == len({tuple(row) for row in part.points.tolist()}) == 20
    assert {tuple(row) for row in part.points.tolist()} <= {
        tuple(row) for row in data.training().points.tolist()
    }
    assert abs(part.weights.sum() - 1.0) < 1e-12


@pytest.mark.parametrize("problem", [table(60, 4), Teacher("tanh", 2, nodes=64, evaluation_nodes=64)])
def test_minibatches_without_a_seed_are_the_same_every_time(problem):
    method = StochasticGradient("adam", batch=8, steps=20)
    first, second = (
        discover_structure(problem, Student(width=3), method=method, penalty=1e-2, controls=False).to_json()
        for _ in range(2)
    )
    assert first == second


def test_minibatches_from_the_table_doors(tmp_path):
    X, y = table(200, 4)
    method = StochasticGradient("adam", step_size=0.01, batch=32, steps=400)
    model = StructureRegressor(2, width=4, penalty=1e-3, upper_penalty=1e-3, method=method, refit=False).fit(
        X, y
    )
    file, out = tmp_path / "t.csv", tmp_path / "r.json"
    np.savetxt(file, np.column_stack((X, y)), delimiter=",", header="a,b,c,d,y", comments="", fmt="%.17g")
    options = "--method adam --batch 32 --max-steps 400 --step-size 0.01 --width 4 --penalty 1e-3 --upper-penalty 1e-3"
    line = f"structure --data {file} --target y {options} --rank 2 --no-controls -q -o {out}"
    ran = CliRunner().invoke(main, line.split())
    assert ran.exit_code == 0, ran.output
    record = json.loads(out.read_text())
    assert record["settings"]["method"] == "adam, batch 32, step 0.01"
    assert record["loss"] == model.result_.loss
    refused = CliRunner().invoke(main, ["structure", "--data", str(file), "--target", "y", "--batch", "32"])
    assert refused.exit_code == 2
    assert "belongs to the methods sgd and adam" in refused.output


def test_many_rows_give_what_all_of_them_give(few):
    X, y = table(20_000)
    some = discover_structure((X, y), controls=False)
    assert some.selection.rows == 4096
    assert "of 4096 training rows" in " ".join(str(some).split())
    checked = verify(some, (X, y))
    assert checked.ok, str(checked)
    forged = json.loads(some.to_json())
    forged["selection"]["rows"] = 15_000
    assert not verify(sealed_again(forged), (X, y)).ok
    for module in (run, solve):
        module.MOST_COARSE = 1 << 16
    whole = discover_structure((X, y), controls=False)
    assert whole.selection.rows is None
    assert len(some.span) == len(whole.span) == 3
    assert max(principal_angles(some.span, whole.span)) < 0.03
    assert abs(some.loss - whole.loss) < 1.5 * whole.loss_error
    # records of version 0.1 begin on all rows
    assert verify(whole, (X, y)).ok
