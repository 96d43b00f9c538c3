"""Every formula of the solver that ends up in a structure record, wrong one at a time: verification notices each."""

from __future__ import annotations

import functools
import json
import sys

import numpy as np
import pytest
from tests.legs import thinned

import derandkit
from derandkit import RegressionData, StructureStatus, Student, Teacher, discover_structure

pytest.importorskip("jax")

from derandkit.structure import measure, run, solve, student
from derandkit.structure.heldout import reference
from derandkit.structure.training import curvature, network, objective


def scaled(function, factor=1.01):
    """Return a function whose answer is wrong by a percent, whatever numbers it is made of."""

    def wrong(x):
        if isinstance(x, tuple):
            return tuple(map(wrong, x))
        if isinstance(x, list):
            return [wrong(item) for item in x]
        if isinstance(x, dict):
            return {key: wrong(item) for key, item in x.items()}
        return x if x is None or isinstance(x, (bool, str)) else x * factor

    @functools.wraps(function)
    def poisoned(*arguments, **options):
        return wrong(function(*arguments, **options))

    return poisoned


def replaced(monkeypatch, old, new):
    """Put `new` wherever a module of the wing holds `old`."""
    found = 0
    for name, module in list(sys.modules.items()):
        if name.startswith("derandkit.structure."):
            for key, value in list(vars(module).items()):
                if value is old:
                    monkeypatch.setattr(module, key, new)
                    found += 1
    assert found, old


def turned(function):
    """Return a function whose rows are turned a little, and stay orthonormal."""

    def poisoned(*arguments):
        rows = function(*arguments)
        c, s = np.cos(0.05), np.sin(0.05)
        turn = np.eye(rows.shape[1])
        turn[:2, :2] = [[c, -s], [s, c]]
        return rows @ turn

    return poisoned


FUNCTIONS = {
    "split": (measure.split, lambda f: lambda W, span: (f(W, span)[0], 0.5 * f(W, span)[1])),
    "singular values": (measure.singular_values, scaled),
    "leading directions": (measure.leading_directions, turned),
    "effective rank": (measure.effective_rank, scaled),
    "principal angles": (measure.principal_angles, scaled),
    "column weights": (run.column_weights, scaled),
    "jackknife": (measure.jackknife, scaled),
    "references": (reference.fit_references, lambda f: lambda *a: f(*a)._replace(constant=0.3, offset=0.3)),
    "figures of the references": (measure.reference_measurements, scaled),
    "figures of the lemma": (measure.lemma_measurements, scaled),
    "shares": (measure.shares, lambda f: lambda *a: {**f(*a), "decay": 0.5}),
    "largest curvature": (curvature.largest_curvature, lambda f: lambda *a: 2.0 * f(*a)),
    "finding": (measure.finding, lambda f: lambda ended, *a, **k: StructureStatus.OVERFITTED),
    "name of the method": (solve.name_of, lambda f: lambda record: "sgd, batch 50, step 0.05"),
}  # fmt: skip

METHODS = {
    "value": (objective.NetworkObjective, "value"),
    "spread gradient": (objective.NetworkObjective, "spread_gradient"),
    "mean gradient": (objective.NetworkObjective, "mean_gradient"),
    "curvature in the bias": (objective.NetworkObjective, "bias_curvature"),
    "jackknife of functionals": (measure.Evaluation, "estimate"),
    "loss of a reference": (reference.References, "losses"),
    "start": (student.Student, "first_layer"),
    "features": (RegressionData, "features"),
}


@functools.cache
def problems():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((160, 3))
    return {
        "teacher": (
            Teacher("tanh", 4, 2, noise=0.1, nodes=1024, evaluation_nodes=2048), Student(width=5), {"max_steps": 30}
        ),
        "data": (
            RegressionData(X, np.tanh(X[:, 0]) + 0.5 * X[:, 1]), Student(width=4),
            {"max_steps": 40, "penalty": 1e-3, "rank": 1, "controls": False},
        ),
    }  # fmt: skip


def outcomes():
    """Make both records as the solver makes them now, and verify them as they are written.

    The problem itself is what they are checked against, so its own methods have to be sound again by then.
    """
    records = {
        name: json.loads(discover_structure(problem, student, **options).to_json())
        for name, (problem, student, options) in problems().items()
    }
    return lambda: {
        name: derandkit.verify(record, problems()[name][0]).failed for name, record in records.items()
    }


def test_without_poison_both_records_pass():
    assert outcomes()() == {"teacher": (), "data": ()}


@pytest.mark.parametrize("name", thinned(FUNCTIONS))
def test_a_wrong_formula_is_noticed(name, monkeypatch):
    function, poison = FUNCTIONS[name]
    with monkeypatch.context() as patch:
        replaced(patch, function, poison(function))
        check = outcomes()
    assert any(check().values()), name


@pytest.mark.parametrize("name", thinned(METHODS))
def test_a_wrong_method_is_noticed(name, monkeypatch):
    owner, method = METHODS[name]
    with monkeypatch.context() as patch:
        patch.setattr(owner, method, scaled(getattr(owner, method)))
        check = outcomes()
    assert any(check().values()), name


@pytest.mark.parametrize("what", thinned(["loss", "activation", "curvature of a block"], 3))
def test_a_wrong_network_is_noticed(what, monkeypatch):
    """Both sides write networks and losses; JAX compiles these once, so the cache is emptied."""
    old = {"loss": network.loss_function, "activation": network.activation}.get(
        what, network._curvature_of_block
    )

    def poisoned(*arguments):
        if what == "curvature of a block":
            return old(*arguments) * 1.01
        function = old(*arguments)
        return lambda *a: function(*a) * 1.01

    with monkeypatch.context() as patch:
        patch.setattr(network, "_BUILT", {})
        replaced(patch, old, poisoned)
        check = outcomes()
    assert any(check().values())


def test_a_wrong_history_is_noticed(monkeypatch):
    columns = run.History.columns
    with monkeypatch.context() as patch:
        patch.setattr(run.History, "columns", lambda self, span: scaled(columns)(self, span))
        check = outcomes()
    assert set(check().values()) == {("history",)}


def test_the_table_names_every_function_that_measures():
    """A formula that is added to `measure` has to be added here as well."""
    named = {function.__name__ for function, _ in FUNCTIONS.values()}
    public = {
        name for name, value in vars(measure).items()
        if callable(value) and getattr(value, "__module__", "") == measure.__name__ and not isinstance(value, type)
    }  # fmt: skip
    # `evaluate` only calls methods of the second table, `settled` rounds
    assert public - named == {"evaluate", "settled"}
