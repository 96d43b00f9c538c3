"""False statements in records of trained networks: each is refused, or shown as not checked, and then nothing holds."""

from __future__ import annotations

import copy
import functools
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp
from hypothesis import given
from hypothesis import strategies as st

import derandkit
from derandkit import InputError, NetworkStatus, certify_network
from derandkit.certificates.checks import Verdict
from derandkit.certificates.structure.form import misfit
from derandkit.certificates.trained import record as trained_record
from derandkit.certificates.trained.again import Again, check_derivatives, check_residual
from derandkit.certificates.trained.record import schema
from derandkit.records import encode_array, sealed
from derandkit.versions import OF_ROWS

W, B, V = np.array([[2.0, 0.3, 0.0], [0.0, 0.5, 1.0]]), np.zeros(2), np.array([1.0, 0.5])
FIGURES = (
    "largest_curvature", "lemma_bound", "perp_gradient", "smallest_curvature", "stein_estimate", "stein_residual",
)  # fmt: skip
NAMES = ("age", "income", "height")


def above(z):
    return jnp.tanh(z) @ V


@functools.cache
def rows():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 3))
    return X, np.tanh(2 * X[:, 0]) + 0.1 * rng.standard_normal(80)


def instance(unit=1.0, names=None):
    """Rows, the function above the first layer, and that layer, for inputs in a unit."""
    X, y = rows()
    table = X * unit
    if names is not None:
        table = pytest.importorskip("pandas").DataFrame(table, columns=list(names))
    return table, y, above, W / unit, B


@functools.cache
def certified(unit=1.0, named=False, given=True, penalty=0.5):
    X, y, f, weights, bias = instance(unit, NAMES if named else None)
    options = {"directions": [[1, 0, 0]]} if given else {"rank": 1}
    return certify_network(
        f, X, y, weights=weights, bias=bias, penalty=penalty, steps=10, step_size=0.1, **options
    )


def forged(record, **changes):
    record = copy.deepcopy(record)
    del record["seal"]
    for name, value in changes.items():
        (record["figures"] if name in record["figures"] else record)[name] = value
    if "status" in changes:
        record["message"] = NetworkStatus[changes["status"].upper()].value
    return sealed(record)


def found(record, about):
    return {check.name: check for check in derandkit.verify(record, about).checks}


def test_every_figure_has_a_width_of_its_own():
    """The gradient is 1e12 times the risk where the inputs are small, and the risk is no less known for that."""
    record, about = certified(1e-12).to_dict(), instance(1e-12)
    assert record["gradient_norm"] > 1e11
    assert derandkit.verify(record, about).ok
    nothing = {
        "risk": 0.0, "risk_error": 0.0, "lemma_bound": 0.0, "lemma_bound_error": 0.0, "perp_gradient": 0.0,
        "perp_gradient_error": 0.0, "smallest_curvature": 0.3, "stein_residual": 0.0,
        "stein_estimate": record["w_perp"],
    }  # fmt: skip
    checks = found(forged(record, **nothing, status="contradicted"), about)
    assert {name for name, check in checks.items() if not check.passed} == {
        "derivatives", "residual", "row_bound", "status",
    }  # fmt: skip
    for name in set(nothing) - {"stein_residual"}:
        assert name in checks["derivatives"].detail


@given(st.sampled_from(["risk", "risk_error", "gradient_norm", *FIGURES]), st.floats(-0.5, 0.5))
def test_no_figure_may_be_off_by_more_than_its_share(name, share):
    record = certified().to_dict()
    terms = {"gradient": 10.0, "perp_gradient": 10.0, "curvature": 10.0, "residual": 1.0, "left": 1.0}
    value = record["figures"].get(name, record.get(name))
    other = forged(record, **{name: value * (1.0 + share)})
    check = check_residual if name.startswith("stein_residual") else check_derivatives
    verdict = check(other, lambda: Again(record, terms, True))[0]
    assert (verdict is True) == (abs(share) <= 1e-6) or abs(share) < 2e-6


def test_a_figure_that_is_rounding_and_differs_is_not_checked():
    record = forged(certified().to_dict(), gradient_norm=1e-13)
    terms = {"gradient": 1.0, "perp_gradient": 1.0, "curvature": 1.0, "residual": 1.0, "left": 1.0}

    def verdict(value):
        return check_derivatives(forged(record, gradient_norm=value), lambda: Again(record, terms, True))[0]

    assert verdict(1e-13) is True
    assert verdict(2e-13) is Verdict.NOT_CHECKED
    assert verdict(2e-12) is False


@pytest.mark.parametrize("name", ["smallest_curvature", "row_curvature"])
def test_a_unit_of_large_weights_hides_no_curvature(name):
    """A unit that no output shows made the largest curvature 2e14, and with it any smallest one was rounding."""
    X, y = rows()
    weights, bias = np.array([[1.0, 0.3, 0], [0.5, -1, 0.2], [0, 0, 0]]), np.array([0.5, -0.3, 0.0])

    def wide(z):
        return jnp.tanh(z) @ np.array([-2.0, -1.5, 1e7])

    about = (X, y, wide, weights, bias)
    given = {"weights": weights, "bias": bias, "directions": [[1, 0, 0]], "penalty": 1e-3}
    record = certify_network(wide, X, y, **given).to_dict()
    figures = {**record["figures"], name: record["figures"][name] + 1.0}
    assert found(forged(record, figures=figures), about)["derivatives"].verdict is not Verdict.RECOMPUTED


@pytest.mark.parametrize("large", [1e153, 1e160, 1e300])
def test_sizes_are_compared_where_their_squares_overflow(large):
    X, y, f, weights, bias = instance()
    weights = np.where(weights == 1.0, large, weights)
    record = certify_network(f, X, y, weights=weights, bias=bias, directions=[[1, 0, 0]]).to_dict()
    about = (X, y, f, weights, bias)
    assert derandkit.verify(record, about).ok
    small = {"w_perp": 1e-3, "w_par": 5.0, "singular_values": [5.0, 1e-3], "effective_rank": 1.0}
    for changes in (small, *({name: value} for name, value in small.items() if name == "w_perp")):
        assert found(forged(record, **changes), about)["split"].verdict is Verdict.FAILED
    beyond = {**record["parameters"], "W": encode_array(np.full((2, 3), 1e308), "<f8")}
    assert found(forged(record, parameters=beyond), about)["split"].verdict is Verdict.FAILED


def test_names_are_those_of_the_rows():
    record = certified(named=True).to_dict()
    assert derandkit.verify(record, instance(names=NAMES)).ok
    for names in (["height", "age", "income"], ["\x1b[2Ja", "income", "height"]):
        check = found(forged(record, names=names), instance(names=NAMES))["names"]
        assert check.verdict is Verdict.FAILED
        assert "\x1b" not in check.detail
    outcome = derandkit.verify(record, instance())
    assert outcome.failed == ("names",)
    assert "names" in outcome.not_checked
    assert derandkit.verify(certified().to_dict(), instance(names=NAMES)).ok
    hostile = type(certified()).of_record({**record, "names": ["\x1b[2Ja", "b", "c"]}, None)
    assert "\x1b" not in str(hostile)


def test_a_part_that_nearly_dependent_columns_hide_is_not_checked():
    """Indicators of classes with a little noise: large weights of a unit were named, and there were none."""
    draw = np.random.default_rng(3)
    X = np.eye(3)[draw.integers(0, 3, 90)] + 2e-5 * draw.standard_normal((90, 3))
    layer = np.array([[2.0, 0.0, 0.0], [1.0, 1e-7, 0.0]])
    parts = (X, X[:, 0], lambda z: jnp.tanh(z) @ np.array([1.0, 0.5]), layer, B)
    found = certify_network(parts[2], X, X[:, 0], weights=layer, bias=B, directions=[[1, 0, 0]])
    split = {check.name: check for check in derandkit.verify(found, parts).checks}["split"]
    assert split.verdict is Verdict.NOT_CHECKED
    assert "some columns of the rows are nearly sums of others" in split.detail


def test_a_part_that_large_weights_hide_is_not_checked():
    """Beside a unit of weights 1e8 |W_perp| of 0.194 was recomputed as 0.1."""
    X, y = rows()
    wide = np.array([[2.0, 0.0, 0.0], [1e12, 0.2, 0.0]])
    parts = (X, y, lambda z: jnp.tanh(z) @ np.array([1.0, 0.0]), wide, B)
    found = certify_network(parts[2], X, y, weights=wide, bias=B, directions=[[1, 0, 0]], penalty=1e-3)
    split = {check.name: check for check in derandkit.verify(found, parts).checks}["split"]
    assert split.verdict is Verdict.NOT_CHECKED
    assert "a unit has far larger weights" in split.detail
    forged = found.to_dict() | {"w_perp": 0.1}
    assert "split" in derandkit.verify(sealed(forged), parts).failed


def test_a_small_unit_does_not_hide_behind_directions_that_are_found():
    """Two directions of two units, one of 0.2 and one of 1e12: what is left of the first is not known."""
    X, y = rows()
    wide = np.array([[0.1, 0.2, 0.0], [1e12, 0.0, 0.0]])
    parts = (X, y, lambda z: jnp.tanh(z) @ np.array([1.0, 0.0]), wide, B)
    result = certify_network(parts[2], X, y, weights=wide, bias=B, rank=2, penalty=1e-3)
    split = {check.name: check for check in derandkit.verify(result, parts).checks}["split"]
    assert split.verdict is Verdict.NOT_CHECKED


def test_the_report_names_loss_penalty_and_directions():
    """A record chooses them, and a penalty of 1e6 makes a bound where the network has none."""
    X, y, f, weights, bias = instance()
    result = certify_network(
        f, X, y, weights=weights, bias=bias, penalty=1e6, loss="huber", directions=[[1, 0, 0]]
    )
    for about in (instance(), (X, y)):
        detail = found(result.to_dict(), about)["derivatives"].detail
        assert detail.startswith("huber loss, penalty 1e+06, smooth, 1 direction; ")


@pytest.mark.parametrize(
    ("change", "check", "verdict"),
    [
        ({"left": 1.0, "step_size": 5e-324, "steps": 2.0**53}, "decay", Verdict.NOT_CHECKED),
        ({"left": 0.0, "step_size": 1e200, "steps": 3.0}, "decay", Verdict.FAILED),
        ({"left": 0.0, "step_size": 1e308, "steps": 3.0}, "decay", Verdict.FAILED),
        ({"left": 0.0, "step_size": 1e308, "steps": 3}, "form", Verdict.FAILED),
        ({"left": 1.0, "step_size": 5e-324, "steps": 1e300}, "form", Verdict.FAILED),
        ({"left": 0.9, "step_size": 0.1, "steps": 0.5}, "form", Verdict.FAILED),
        ({"left": True, "step_size": True, "steps": True}, "form", Verdict.FAILED),
        ({"left": 1.0, "step_size": "a", "steps": 1.0}, "form", Verdict.FAILED),
    ],
)
def test_steps_of_weight_decay_are_never_shown_as_recomputed(change, check, verdict):
    assert found(forged(certified().to_dict(), decay=change), rows())[check].verdict is verdict


@pytest.mark.parametrize(
    "change",
    [
        {"loss": "nope"},
        {"kind": "x" * 300},
        {"kind": "a\x1b[2J"},
        {"kind": ""},
        {"penalty": -0.1},
        {"w_par": -1.0},
    ],
)
def test_numbers_and_words_have_their_range(change):
    assert derandkit.verify(forged(certified().to_dict(), **change), rows()).failed == ("form",)


def test_a_plain_function_does_not_show_its_first_layer():
    X, y, f, weights, bias = instance()
    fake = certify_network(f, X, y, weights=[[2.0, 0.1, 0.0], [0, 0, 0]], bias=bias, directions=[[1, 0, 0]])
    assert derandkit.verify(fake, (X, y, f)).failed == ("layer",)
    checks = found(fake.to_dict(), (X, y, f, weights, bias))
    assert checks["layer"].verdict is Verdict.FAILED
    assert checks["derivatives"].verdict is Verdict.FAILED
    moved = {**certified().to_dict()["parameters"], "b": encode_array([0.0, 1e-300], "<f8")}
    about = (X, y, f, weights, bias)
    assert found(forged(certified().to_dict(), parameters=moved), about)["layer"].verdict is Verdict.FAILED


def test_a_function_above_many_units_of_the_record_is_refused_unseen():
    """A record of 1024 units and 256 rows took 83 s, and the record chose the units."""
    X, y = rows()
    record = certified().to_dict()
    units = 1024
    W = np.zeros((units, 3))
    W[0, 0] = 1.0
    record["parameters"].update(W=encode_array(W, "<f8"), b=encode_array(np.zeros(units), "<f8"))
    record["singular_values"] = [1.0, 0.0, 0.0]
    (derivatives,) = (
        check
        for check in derandkit.verify(sealed(record), (X, y, lambda z: jnp.tanh(z).sum())).checks
        if check.name == "derivatives"
    )
    assert derivatives.verdict is Verdict.FAILED
    assert "refused unseen: a function above the record's own layer" in derivatives.detail


def test_a_network_with_a_first_layer_brings_it():
    """A record of a function cannot stand for a network that can be called, as Equinox modules can."""
    X, y, f, weights, bias = instance()

    class Dense:
        def __init__(self, kernel, bias, name):
            self.name, self.activation = "dense", SimpleNamespace(__name__=name)
            self.get_weights = lambda: [kernel, bias]

    class Callable(SimpleNamespace):
        def __call__(self, z):
            return f(z)

    layers = [Dense(weights.T, bias, "tanh"), Dense(V[:, None], np.zeros(1), "linear")]
    model = Callable(layers=layers, get_weights=list)
    with pytest.raises(InputError, match="Callable does not predict these rows"):
        certify_network(model, X, y, directions=[[1, 0, 0]])
    model.predict_on_batch = lambda x: np.tanh(x @ weights.T + bias) @ V[:, None]
    record = certify_network(lambda z: f(z), X, y, weights=weights, bias=bias, directions=[[1, 0, 0]])
    assert found(record.to_dict(), (X, y, model))["layer"].verdict is Verdict.FAILED
    with pytest.raises(InputError, match=r"brings its first layer.*lambda z: model\(z\)"):
        certify_network(model, X, y, weights=weights, bias=bias)
    assert derandkit.verify(certify_network(model, X, y, directions=[[1, 0, 0]]), (X, y, model)).ok


def test_a_bound_that_the_stored_digits_do_not_give_is_found_again():
    low = certified().figures["smallest_curvature"]
    assert low < 0
    record = certified(penalty=-low / 2.0 * (1.0 + 1e-7)).to_dict()
    assert record["figures"]["lemma_bound"] > 1e4
    assert found(record, instance())["bound"].verdict is Verdict.RECOMPUTED
    assert found(record, rows())["bound"].verdict is Verdict.NOT_CHECKED
    other = forged(record, lemma_bound=record["figures"]["lemma_bound"] * 1.0001)
    assert found(other, instance())["bound"].verdict is Verdict.FAILED


def test_records_have_the_published_form_and_no_other_passes():
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    for record in (certified().to_dict(), certified(named=True).to_dict()):
        assert not list(validator.iter_errors(record))
        assert misfit(record, schema()) is None
    assert set(schema()["required"]) == set(schema()["properties"]) == set(record)
    for name in record:
        for value in (None, True, -1.5, 2**60, "x" * 20_000, [], {}, [1.0] * 3000, {"more": 1}):
            other = {**record, name: value}
            if not validator.is_valid(other):
                assert misfit(other, schema()) is not None, (name, str(value)[:40])
                if name not in ("schema", "schema_version", "seal"):
                    assert derandkit.verify(sealed(other), instance(names=NAMES)).failed == ("form",), name
    large = {**record["parameters"], "b": {**record["parameters"]["b"], "shape": [10**6]}}
    assert misfit({**record, "parameters": large}, schema()) is not None


def test_an_old_version_hides_no_contradiction_from_the_network_at_hand():
    """Version 1 does not claim the bound along the rows, and 'contradicted' by it became 'bounded', recomputed."""
    neural = pytest.importorskip("sklearn.neural_network")
    numbers = np.random.default_rng(0)
    X = numbers.normal(size=(300, 6))
    y = np.tanh(X[:, 0] + 0.5 * X[:, 1])
    model = neural.MLPRegressor(
        hidden_layer_sizes=(8,), activation="tanh", alpha=1e-2, max_iter=400, random_state=0
    ).fit(X, y)
    record = certify_network(model, X, y, penalty=1e-2).to_dict()
    assert record["status"] == "contradicted"
    record = copy.deepcopy(record) | {"schema_version": 1}
    del record["classes"], record["logits"]
    del record["places"]
    for name in OF_ROWS:
        del record["figures"][name]
    check = found(forged(record, status="bounded"), (X, y, model))["status"]
    assert check.verdict is Verdict.NOT_CHECKED
    assert not check.passed


def test_singular_values_of_a_large_layer_are_refused_unseen(monkeypatch):
    """A record names as many units as its bytes hold, and their singular values take more than the rows are worth."""
    record = certified().to_dict()
    monkeypatch.setattr(trained_record, "_MOST_VALUES", 100.0)
    check = found(record, instance())["form"]
    assert check.detail.startswith("refused unseen: singular values of W would take")
    assert not check.passed
    again = {c.name: c for c in derandkit.verify(record, instance(), allow_work=100.0).checks}
    assert again["form"].passed


def test_a_status_is_not_recomputed_without_the_network():
    """Its numbers are not checked then, and what follows from them was called recomputed all the same."""
    X, y, *_ = instance()
    checks = found(certified().to_dict(), (X, y))
    assert checks["status"].verdict is checks["derivatives"].verdict is Verdict.NOT_CHECKED
    assert "rest on the network" in checks["status"].detail
    other = forged(certified().to_dict(), status="no_bound")
    assert found(other, (X, y))["status"].verdict is Verdict.FAILED


@functools.cache
def hardly_bounded():
    """A network that is bounded with the penalty, and without one of the parts of its rows by rounding only."""
    from derandkit.certificates.trained import figures

    lows = []
    kept = figures._without_one
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "_without_one", lambda parts: lows.append(kept(parts)) or kept(parts))
        derandkit.verify(certified().to_dict(), instance())
    low = min(float(np.linalg.eigvalsh(part.curvature)[0]) for part in lows[0])
    X, y, f, weights, bias = instance()
    given = {"weights": weights, "bias": bias, "directions": [[1, 0, 0]]}
    return certify_network(f, X, y, penalty=-low / 2.0 * (1.0 + 1e-13), **given)


def test_an_error_that_one_part_of_the_rows_makes_of_rounding_is_not_checked():
    """Without one part 2 penalty and the curvature added up to 1e-14, and the error of 1e11 was called recomputed."""
    record = hardly_bounded().to_dict()
    assert record["figures"]["lemma_bound_error"] > 1e9 * record["figures"]["lemma_bound"]
    check = found(record, instance())["derivatives"]
    assert check.verdict is Verdict.NOT_CHECKED
    assert "mostly rounding: lemma_bound_error, stein_estimate_error" in check.detail


def test_a_curvature_of_rounding_is_not_known_because_it_is_found_again():
    """Beside a unit of weight 1e13 that no output shows it was -5e9 and recomputed, and no curvature of the rest is."""
    X, y = rows()
    weights, bias = np.array([[1.0, 0.3, 0], [0.5, -1, 0.2], [0, 0, 0]]), np.zeros(3)

    def wide(z):
        return jnp.tanh(z) @ np.array([-2.0, -1.5, 1e13])

    about = (X, y - np.mean(y), wide, weights, bias)
    record = certify_network(wide, *about[:2], weights=weights, bias=bias, directions=[[1, 0, 0]]).to_dict()
    assert record["figures"]["smallest_curvature"] < -1e6
    check = found(record, about)["derivatives"]
    assert check.verdict is Verdict.NOT_CHECKED
    assert "smallest_curvature" in check.detail
