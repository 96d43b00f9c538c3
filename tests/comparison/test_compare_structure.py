"""Ways to find the directions of a table side by side."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("jax")
pytest.importorskip("sklearn")

import derandkit
from derandkit import InputError, RegressionData
from derandkit.cli import main
from derandkit.comparison.structure import DIRECTIONS, along, judged, load, prepare
from derandkit.structure import baselines

QUICK = ["sir", "save", "phd", "agop", "pls", "pca", "lasso", "all"]


@functools.cache
def table():
    """One direction of five inputs, an even link, and columns of very different scale."""
    rng = np.random.default_rng(5)
    X = rng.standard_normal((400, 5)) * [1.0, 100.0, 0.01, 1.0, 1.0]
    return X, np.tanh(X[:, 0] + X[:, 1] / 100.0) + 0.1 * rng.standard_normal(400)


def rows(**options):
    return derandkit.compare(
        {"ridge": table()}, problem="structure", **{"n_components": 1, "methods": QUICK, **options}
    )


def test_what_sees_an_odd_link_is_near_the_true_direction_and_the_rest_is_not():
    found = {row.method: row for row in rows()}
    case = prepare(load(table(), n_components=1), 0.0, 1)
    truth = judged(case, along(case.columns, np.array([[1.0, 1.0, 0.0, 0.0, 0.0]]))).value
    for method in ("sir", "save", "agop"):
        assert truth * 0.8 < found[method].value < truth * 1.5, method
    assert found["pls"].value < 0.1  # a linear method, which sees most of a link that is nearly linear
    for method in ("phd", "pca"):
        assert found[method].value > 0.3, method
    assert all(
        row.bound == 0.0 and row.sense == "minimize" and row.gap == row.value for row in found.values()
    )
    assert rows()[0].value == found["sir"].value


def test_the_value_is_one_minus_r_squared_of_the_rows_kept_back():
    X, y = table()
    data = RegressionData(X, y)
    case = prepare(load(data, n_components=2), 0.0, 1)
    held = data.rows[1]
    np.testing.assert_allclose(
        np.sort(case.targets[1][:, 0]), np.sort((y[held] - data.units[0]) / data.units[1]), rtol=1e-12
    )
    machine = baselines.KernelRidge(case.whitened[0] / case.whitened[0].std(axis=0), case.targets[0][:, 0])
    guess = machine.predict(case.whitened[1] / case.whitened[0].std(axis=0))
    left = np.mean((guess - case.targets[1][:, 0]) ** 2) / np.var(case.targets[1][:, 0])
    assert judged(case, case.whitened).value == pytest.approx(left, rel=1e-9)
    nothing = tuple(part[:, :1] * 0.0 for part in case.whitened)
    assert judged(case, nothing).value >= 1.0


def test_own_ways_are_those_of_statsmodels():
    dimred = pytest.importorskip("statsmodels.regression.dimred")
    X, y = table()
    data = RegressionData(X, y + X[:, 3] ** 2)
    Z, t = data.training().points, data.training().targets
    kept = len(t) - len(t) % 10
    Z, t = Z[:kept], t[:kept]
    mean = Z.mean(axis=0)
    L = np.linalg.cholesky(np.linalg.inv(np.cov((Z - mean).T, bias=True)))
    Z = (Z - mean) @ L  # exactly white, as statsmodels makes it
    pairs = {
        "sir": (
            baselines.sliced_inverse_regression(Z, t, 2),
            dimred.SlicedInverseReg(t, Z).fit(slice_n=kept // 10),
        ),
        "save": (
            baselines.sliced_average_variance(Z, t, 2),
            dimred.SlicedAverageVarianceEstimation(t, Z).fit(slice_n=kept // 10),
        ),
        "phd": (
            baselines.principal_hessian_directions(Z, t, 2),
            dimred.PrincipalHessianDirections(t, Z).fit(),
        ),
    }
    for name, (own, theirs) in pairs.items():
        other = np.linalg.qr(np.asarray(theirs.params)[:, :2])[0].T
        # covariances of slices are divided by their rows less one there
        assert baselines.subspace_error(own, other) < (0.1 if name == "save" else 1e-6), name


def test_classes_are_compared_and_what_needs_numbers_says_so():
    X, y = table()
    label = np.array(["low", "mid", "top"])[np.digitize(y, [-0.4, 0.4])]
    found = {
        row.method: row
        for row in derandkit.compare({"t": (X, label)}, problem="structure", n_components=1, methods=QUICK)
    }
    assert found["agop"].value is None
    assert "not for classes" in found["agop"].note
    assert found["sir"].value < 0.5 < found["pca"].value


def test_the_lasso_keeps_columns_and_none_where_there_is_nothing():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((80, 3)), rng.standard_normal(80)
    case = prepare(load(noise, n_components=1), 0.0, 1)
    row = DIRECTIONS["lasso"].run(case, rng, False)
    assert row.value == pytest.approx(1.0, abs=0.25)


def test_the_command_line_takes_a_target(tmp_path):
    X, y = table()
    path = tmp_path / "ridge.csv"
    np.savetxt(
        path,
        np.column_stack((X, y))[:120],
        delimiter=",",
        header="a,b,c,d,e,strength",
        comments="",
        fmt="%.9g",
    )
    asked = ["compare", str(path), "--target", "strength", "-k", "1", "--methods", "sir,pca", "-q"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    shown = " ".join(done.stdout.split())
    assert "lower bound 0 (certified)" in shown, shown
    assert "blind to the target" in shown
    listed = json.loads(CliRunner().invoke(main, [*asked, "--format", "json"]).stdout)
    assert [row["method"] for row in listed] == ["sir", "pca"]
    for wrong, words in (
        (["compare", str(path), "--target", "strong"], "strong"),
        (["compare", str(path), "--target", "strength", "--n-features", "4"], "leave"),
        (["compare", str(path), "--target", "strength", "--unweighted"], "--unweighted"),
        (["compare", str(path), "--problem", "structure"], "--target"),
    ):
        refused = CliRunner().invoke(main, wrong)
        assert refused.exit_code == 2, wrong
        assert words in refused.stderr


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        ("table.csv", {}, "give target"),
        (((0.0,),), {}, "a table is a file"),
        ("pair", {"target": "y"}, "leave it out"),
        ("pair", {"n_components": 9}, "between 1 and 5"),
        ("several", {}, "one target a row"),
    ],
)
def test_what_cannot_be_compared_is_refused(given, options, words):
    X, y = table()
    instance = {"pair": (X, y), "several": (X, np.column_stack((y, X[:, 2])))}.get(given, given)
    with pytest.raises(InputError, match=words):
        load(instance, **options)


def test_the_network_is_that_of_discover_structure():
    X, y = table()
    data = RegressionData(X, y)
    (row,) = derandkit.compare({"ridge": data}, problem="structure", methods="network")
    result = derandkit.discover_structure(data, controls=False)
    case = prepare(load(data, n_components=len(result.span)), 0.0, 1)
    assert row.value == judged(case, along(case.whitened, result.span)).value
