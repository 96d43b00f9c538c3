"""Under the logistic and the softmax loss outputs are logits, and what may be probabilities is refused."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from derandkit import InputError, certify_network, load, verify
from derandkit.certificates.checks import Verdict
from derandkit.records import sealed
from derandkit.structure.trained.layers import may_be_probabilities
from derandkit.structure.trained.stacks import _refuse_unlike

RNG = np.random.default_rng(0)
X = RNG.standard_normal((64, 3))
TWO = (X[:, 0] > 0).astype(int)
W, B, V = RNG.standard_normal((4, 3)), RNG.standard_normal(4), RNG.standard_normal((4, 3))
TWICE = r"probabilities, or logits, which the \w+ loss takes; leave out the \w+ at the end"


def function(last):
    jax = pytest.importorskip("jax")
    return lambda z: last(jax, jax.numpy.tanh(z) @ V[:, 0])


def check_of(outcome, name):
    return next(check for check in outcome.checks if check.name == name)


def test_a_function_that_returns_probabilities_is_refused_and_its_old_record_not_checked(tmp_path):
    f = function(lambda jax, t: jax.nn.sigmoid(t))
    given = {"weights": W, "bias": B, "penalty": 0.1}
    with pytest.raises(InputError, match=TWICE):
        certify_network(f, X, TWO, **given)
    instance = (X, TWO, f, W, B)
    found = certify_network(f, X, TWO, logits=True, **given)
    outcome = verify(found, instance)
    assert outcome.ok
    assert check_of(outcome, "logits").verdict is Verdict.NOT_CHECKED
    assert "all between 0 and 1" in check_of(outcome, "logits").detail
    assert "taken as it was stated, and loss, gradient" in check_of(outcome, "logits").detail
    assert "logistic loss of outputs that were said to be logits" in check_of(outcome, "derivatives").detail
    assert "said to be logits" in " ".join(str(found).split())
    (tmp_path / "n.json").write_text(found.to_json(), encoding="utf-8")
    assert load(tmp_path / "n.json").logits is True
    forged = sealed({**found.to_dict(), "logits": False})
    assert {"layer", "derivatives"} <= set(verify(forged, instance).failed)
    old = {k: v for k, v in found.to_dict().items() if k not in ("classes", "logits")}
    outcome = verify(sealed({**old, "schema_version": 3}), instance)
    assert outcome.failed == ("derivatives",)
    assert "or logits, and this version does not say which" in str(outcome)


def test_a_report_says_what_rests_on_the_word_that_outputs_are_logits():
    """A record with `logits` set and sealed again verified, and no line of the report was about it."""
    f, given = function(lambda jax, t: t), {"weights": W, "bias": B, "penalty": 0.1}
    found, instance = certify_network(f, X, TWO, **given), (X, TWO, f, W, B)
    outcome = verify(found, instance)
    assert check_of(outcome, "logits").verdict is Verdict.RECOMPUTED
    assert "said" not in check_of(outcome, "logits").detail + check_of(outcome, "derivatives").detail
    assert check_of(verify(found, instance[:2]), "logits").verdict is Verdict.NOT_CHECKED
    forged = sealed({**found.to_dict(), "logits": True})
    outcome = verify(forged, instance)
    assert "nothing rests on what was said" in check_of(outcome, "logits").detail
    assert "said to be logits" in check_of(outcome, "derivatives").detail
    outcome = verify(forged, instance[:2])
    assert check_of(outcome, "logits").verdict is Verdict.NOT_CHECKED
    assert "said to be logits, on which all figures rest" in str(outcome).replace("\n", " ")


@pytest.mark.parametrize(
    ("outputs", "loss", "expected"),
    [
        (np.array([0.0, 0.3, 1.0]), "logistic", "sigmoid"),
        (np.array([0.0, 0.3, 1.01]), "logistic", ""),
        (np.array([-0.01, 0.3, 1.0]), "logistic", ""),
        (np.zeros(3), "logistic", ""),
        (np.array([[0.2, 0.9], [0.1, 0.5]]), "logistic", "sigmoid"),
        (np.array([[0.2, 0.8], [0.5, 0.5]]), "softmax", "softmax"),
        (np.array([[0.2, 0.9], [0.5, 0.5]]), "softmax", ""),
        (np.log([[0.2, 0.8], [0.5, 0.5]]), "softmax", ""),
        (np.array([0.0, 0.3, 1.0]), "squared", ""),
        (np.full(3, np.nan), "logistic", ""),
        (np.log([0.2, 0.9, 1.0]), "logistic", "log-sigmoid"),
        (np.array([-3.0, -0.1, 1e-9]), "logistic", ""),
        (np.array([-3.0, -0.1, 0.0]), "squared", ""),
    ],
)
def test_probabilities_are_between_0_and_1(outputs, loss, expected):
    assert may_be_probabilities(lambda X: outputs, X[:3], loss) == expected


def test_one_row_that_is_no_probability_shows_logits():
    rows = np.full((600, 1), 0.5)
    rows[550] = -1.0
    assert may_be_probabilities(lambda X: X[:, 0], rows[:500], "logistic") == "sigmoid"
    assert may_be_probabilities(lambda X: -X[:, 0], rows[:500], "logistic") == "log-sigmoid"
    assert may_be_probabilities(lambda X: X[:, 0], rows, "logistic") == ""
    assert may_be_probabilities(lambda X: -X[:, 0], rows, "logistic") == ""


@pytest.mark.parametrize("last", ["Sigmoid", "Softmax"])
def test_a_module_that_ends_in_what_the_loss_has_inside_is_refused(last):
    """A module trained with BCELoss was certified with the sigmoid twice, at a risk of 0.56 for 0.037, and verified."""
    torch = pytest.importorskip("torch")
    nn, several = torch.nn, last == "Softmax"
    torch.manual_seed(0)
    end = nn.Softmax(-1) if several else nn.Sigmoid()
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3 if several else 1), end)
    y = np.digitize(X[:, 0], [-0.4, 0.4]) if several else TWO
    with pytest.raises(InputError, match=TWICE):
        certify_network(model, X, y)
    shares = model(torch.tensor(X, dtype=torch.float32)).detach().numpy()
    right = shares[np.arange(64), y] if several else np.where(y == 1, shares[:, 0], 1.0 - shares[:, 0])
    assert certify_network(model[:-1], X, y).risk == pytest.approx(-np.mean(np.log(right)), rel=1e-5)


def test_logarithms_of_the_probability_of_one_class_are_no_logits():
    """A module that ends in LogSigmoid was certified with the sigmoid of logarithms, and verified."""
    torch = pytest.importorskip("torch")
    nn = torch.nn
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1), nn.LogSigmoid())
    with pytest.raises(InputError, match=r"all at most 0: logarithms of .*the log-sigmoid .*logits=True"):
        certify_network(model, X, TWO)
    assert certify_network(model[:-1], X, TWO).risk > 0


def test_logits_that_are_all_below_zero_are_said_to_be_logits():
    import jax.numpy as jnp

    layer = {"weights": np.array([[0.3, -0.2, 0.1], [0.0, 0.4, 0.2]]), "bias": np.zeros(2)}

    def rare(z):
        return jnp.tanh(z) @ jnp.array([0.5, -0.5]) - 4.0

    with pytest.raises(InputError, match="all at most 0"):
        certify_network(rare, X, TWO, **layer)
    found = certify_network(rare, X, TWO, **layer, logits=True)
    assert verify(found, (X, TWO, rare, layer["weights"], layer["bias"])).failed == ()


def test_logarithms_of_probabilities_are_logits_of_the_same_ones():
    torch = pytest.importorskip("torch")
    nn = torch.nn
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3), nn.LogSoftmax(-1))
    y = np.digitize(X[:, 0], [-0.4, 0.4])
    assert certify_network(model, X, y).risk == pytest.approx(certify_network(model[:-1], X, y).risk)


@pytest.mark.parametrize(
    ("last", "logits", "refused"),
    [("sigmoid", True, True), ("linear", False, True), ("sigmoid", False, False), ("linear", True, False)],
)
def test_a_compiled_model_ends_as_its_loss_takes_it(last, logits, refused, monkeypatch):
    kind = type("BinaryCrossentropy", (), {"from_logits": logits, "reduction": "mean"})
    library = SimpleNamespace(losses=SimpleNamespace(BinaryCrossentropy=kind))
    monkeypatch.setitem(sys.modules, "keras", library)
    model = SimpleNamespace(layers=[], get_weights=list, loss=kind())
    if refused:
        with pytest.raises(InputError, match=f"ends in '{last}', and its loss was compiled with from_logits"):
            _refuse_unlike(model, last)
    else:
        _refuse_unlike(model, last)
