"""Targets and the loss of a trained network are those that the network states, where it states some."""

from __future__ import annotations

import functools
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from derandkit import InputError, certify_network, verify
from derandkit.records import sealed
from derandkit.structure.intake.classes import coded
from derandkit.structure.trained.rows import loss_of, read_rows

neural = pytest.importorskip("sklearn.neural_network")
pytest.importorskip("jax")
RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 3))
THREE = np.digitize(X[:, 0], [-0.4, 0.4])
TWO = (X[:, 0] > 0).astype(int)


@functools.cache
def fitted(*classes):
    """A classifier of these classes; a regressor on 0 and 1 without any."""
    kind = neural.MLPClassifier if classes else neural.MLPRegressor
    model = kind(
        hidden_layer_sizes=(3,), activation="tanh", solver="lbfgs", alpha=1, max_iter=200, random_state=0
    )
    codes = THREE if len(classes) == 3 else TWO
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X, np.array(classes)[codes] if classes else codes)


def log_loss(model, labels, rows=slice(None)):
    places = np.searchsorted(model.classes_, labels)
    shares = model.predict_proba(X[rows])
    return -np.mean(np.log(shares[np.arange(len(places)), places]))


@pytest.mark.parametrize("classes", [(2, 5, 9), ("a", "b", "c"), (-1, 1), (1, 2), (False, True)])
def test_the_risk_of_a_classifier_is_its_log_loss_whatever_its_classes_are_called(classes):
    """Classes -1 and 1, or 1 and 2, were certified under the squared loss: 0.594 for a log loss of 0.041."""
    model, labels = fitted(*classes), np.array(classes)[THREE if len(classes) == 3 else TWO]
    found = certify_network(model, X, labels)
    assert found.loss == ("softmax" if len(classes) == 3 else "logistic")
    assert found.risk == pytest.approx(log_loss(model, labels), rel=1e-6)
    assert verify(found, (X, labels, model)).ok
    assert certify_network(model, X, labels, loss=found.loss).risk == found.risk


def test_targets_belong_to_the_outputs_of_their_classes_though_some_classes_are_absent():
    """Rows of the classes 2 and 3 of three would have been those of 1 and 2."""
    model, rows = fitted(1, 2, 3), THREE > 0
    labels = np.array([1, 2, 3])[THREE][rows]
    found = certify_network(model, X[rows], labels)
    assert found.risk == pytest.approx(log_loss(model, labels, rows), rel=1e-6)
    assert verify(found, (X[rows], labels, model)).ok
    assert found.classes == (1, 2, 3)
    assert verify(found, (X[rows], labels)).failed == ("classes", "layer", "derivatives")  # not checked
    other = sealed({**found.to_dict(), "classes": [1, 2, 4]})
    assert verify(other, (X[rows], labels, model)).failed == ("classes",)
    two = fitted("no", "yes")
    one = certify_network(two, X[TWO == 1], ["yes"] * int(TWO.sum()))
    assert one.risk == pytest.approx(log_loss(two, ["yes"] * int(TWO.sum()), TWO == 1), rel=1e-6)


@pytest.mark.parametrize(
    ("classes", "labels"),
    [
        ((1, 2, 3), (0, 1, 2)),
        ((1, 2, 3), (2, 3, 4)),
        (("a", "b", "c"), ("b", "c", "d")),
        (("a", "b", "c"), ("a", "b", "d")),
        (("no", "yes"), ("nein", "ja")),
        (("no", "yes"), ("yes", "zzz")),
    ],
)
def test_a_target_that_is_no_class_of_the_model_is_refused(classes, labels):
    """They were matched by rank: labels 0, 1, 2 with the outputs for 1, 2, 3, at a risk of 4.2, and it verified."""
    model, codes = fitted(*classes), THREE if len(classes) == 3 else TWO
    with pytest.raises(InputError, match=r"which is no class of the model; its classes are [^\n]*$"):
        certify_network(model, X, np.array(labels)[codes])
    found = certify_network(model, X, np.array(classes)[codes])
    with pytest.raises(InputError, match="no class of the model"):
        verify(found, (X, np.array(labels)[codes], model))


@pytest.mark.parametrize(
    ("classes", "labels"),
    [
        ((1, 2), ("1", "2")),
        (("0", "1"), (0, 1)),
        (("0", "1"), (False, True)),
        ((1, 2), (True, True)),
        ((False, True), ("False", "True")),
        (("False", "True"), (False, True)),
    ],
)
def test_targets_of_another_kind_than_the_classes_are_refused(classes, labels):
    with pytest.raises(InputError, match="give the targets as the model was fitted with them"):
        certify_network(fitted(*classes), X, np.array(labels)[TWO])


@pytest.mark.parametrize(
    ("classes", "labels"),
    [
        ([1, 2], [1.0, np.float32(2)]),
        ([0, 1], [False, True]),
        ([False, True], [0, np.int8(1)]),
        (["a", "b"], [np.str_("a"), "b"]),
        ([10, 2**60 + 256], [10, 2**60 + 256]),
        (["a", "b"], [["a"], ["b"]]),
        (["a", "b"], np.array([[1, 0], [0, 1]])),
    ],
)
def test_classes_are_compared_by_value(classes, labels):
    assert coded(labels, np.array(classes)).values.tolist() == [0.0, 1.0]


def test_whole_numbers_that_are_near_are_other_classes():
    with pytest.raises(InputError, match="no class"):
        coded(np.array([2**60 + 1]), np.array([2**60, 2**60 + 2]))
    with pytest.raises(InputError, match="missing"):
        coded(["a", None], np.array(["a", "b"]))
    with pytest.raises(InputError, match="give the targets as the model was fitted"):
        coded(["1", 1], np.array(["1", "2"]))


def test_columns_of_ones_are_those_of_the_classes():
    pd = pytest.importorskip("pandas")
    model = fitted("a", "b", "c")
    ones = np.eye(3)[THREE]
    found = certify_network(model, X, ones)
    assert found.risk == certify_network(model, X, np.array(list("abc"))[THREE]).risk
    assert certify_network(model, X, pd.DataFrame(ones, columns=list("abc"))).risk == found.risk
    with pytest.raises(InputError, match="the columns of the targets are called"):
        certify_network(model, X, pd.DataFrame(ones, columns=list("cba")))
    with pytest.raises(InputError, match="one column for each"):
        certify_network(model, X, ones[:, :2])


def test_several_answers_of_yes_or_no_are_under_the_logistic_loss():
    """A classifier fitted on rows with a single 1 has a logistic output for each, and was certified under softmax."""
    model = neural.MLPClassifier(
        hidden_layer_sizes=(3,), activation="tanh", solver="lbfgs", alpha=1, max_iter=60, random_state=0
    )
    ones = np.eye(3, dtype=int)[THREE]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, ones)
    found = certify_network(model, X, ones)
    shares = model.predict_proba(X)
    assert found.loss == "logistic"
    assert found.risk == pytest.approx(-np.mean(np.log(np.where(ones == 1, shares, 1.0 - shares))), rel=1e-6)
    assert verify(found, (X, ones, model)).ok
    # its rows failed without the network, as classes
    assert verify(found, (X, ones)).failed == ("layer", "derivatives")  # not checked


@pytest.mark.parametrize("count", [2, 3])
def test_several_columns_under_the_logistic_loss_are_answers_of_any_network(count):
    """A single 1 in each row made classes of them, which the logistic loss refused."""
    jnp = pytest.importorskip("jax.numpy")
    W, b, V = (
        np.array([[2.0, -1.0, 0.1], [0.0, 0.3, 0.2]]),
        np.zeros(2),
        3.0 * RNG.standard_normal((2, count)),
    )
    ones = np.eye(count)[THREE if count == 3 else TWO]

    def upper(z):
        return jnp.tanh(z) @ V - 1.0

    found = certify_network(upper, X, ones, loss="logistic", weights=W, bias=b)
    outputs = np.tanh(X @ W.T) @ V - 1.0
    assert found.risk == pytest.approx(np.mean(np.logaddexp(0.0, outputs) - ones * outputs), rel=1e-6)
    assert found.classes is None
    assert verify(found, (X, ones, upper, W, b)).ok
    assert verify(found, (X, ones)).failed == ("layer", "derivatives")  # not checked
    forged = sealed({**found.to_dict(), "classes": [0, 1]})
    assert "classes" in verify(forged, (X, ones, upper, W, b)).failed


def test_two_columns_of_two_classes_suit_one_output_unless_the_loss_is_named():
    jnp = pytest.importorskip("jax.numpy")
    W, b, ones = np.array([[2.0, -1.0, 0.1], [0.0, 0.3, 0.2]]), np.zeros(2), np.eye(2)[TWO]

    def upper(z):
        return 3.0 * jnp.tanh(z).sum()

    found = certify_network(upper, X, ones, weights=W, bias=b)
    assert (found.loss, found.classes) == ("logistic", (0, 1))
    assert verify(found, (X, ones, upper, W, b)).ok
    assert verify(found, (X, ones)).failed == ("layer", "derivatives")  # not checked
    old = {name: part for name, part in found.to_dict().items() if name not in ("classes", "logits")}
    assert "rows" not in verify(sealed({**old, "schema_version": 3}), (X, ones, upper, W, b)).failed
    turned = sealed({**found.to_dict(), "classes": [1, 0]})
    assert "classes" in verify(turned, (X, ones, upper, W, b)).failed
    with pytest.raises(InputError, match="for one output of two classes give them in one column"):
        certify_network(upper, X, ones, loss="logistic", weights=W, bias=b)


@pytest.mark.parametrize(
    "classes",
    [
        ("12,5", "13,5"),
        ("four", "five"),
        ("", "x"),
        ("nan", "x"),
        (-999, 1),
        (2**60, 2**60 + 1),
        (False, True),
    ],
)
def test_targets_without_the_network_may_be_called_as_the_classes_of_its_record(classes):
    """Classes that may be numbers or marks were doubted, though the record names them."""
    labels = np.array(classes)[TWO]
    found = certify_network(fitted(*classes), X, labels)
    assert found.classes == tuple(sorted(classes))
    assert verify(found, (X, labels)).failed == ("layer", "derivatives")  # not checked
    other = sealed({**found.to_dict(), "classes": [*reversed(found.classes)]})
    assert "rows" in verify(other, (X, labels)).failed


@pytest.mark.parametrize(
    ("classes", "loss", "own"),
    [
        ((), "logistic", "squared"),
        ((), "huber", "squared"),
        ((0, 1), "squared", "logistic"),
        ((0, 1), "softmax", "logistic"),
        ((1, 2, 3), "squared", "softmax"),
        ((1, 2, 3), "logistic", "softmax"),
    ],
)
def test_a_loss_that_contradicts_the_fit_is_refused(classes, loss, own):
    model = fitted(*classes)
    labels = np.array(classes or (0, 1))[THREE if len(classes) == 3 else TWO]
    with pytest.raises(InputError, match=f"was fitted with the loss '{own}', not '{loss}': leave loss out"):
        certify_network(model, X, labels, loss=loss)


def test_a_regressor_on_zeros_and_ones_is_certified_under_its_squared_loss():
    """It was under the logistic loss by default: a risk of 0.547 for 0.027."""
    model = fitted()
    found = certify_network(model, X, TWO)
    assert found.loss == "squared"
    assert found.risk == pytest.approx(np.mean((model.predict(X) - TWO) ** 2), rel=1e-6)
    assert verify(found, (X, TWO, model)).ok
    forged = sealed({**found.to_dict(), "loss": "logistic"})
    assert {"layer", "derivatives"} <= set(verify(forged, (X, TWO, model)).failed)


@pytest.mark.parametrize(
    ("compiled", "own"),
    [
        ("mse", "squared"),
        ("mean_squared_error", "squared"),
        ("binary_crossentropy", "logistic"),
        ("bce", "logistic"),
        ("BCE", "logistic"),
        (type("SparseCategoricalCrossentropy", (), {})(), None),  # not Keras's own
        (None, None),
        ("mae", None),
        ("huber", None),
        ({"a": "mse"}, None),
    ],
)
def test_a_compiled_model_of_keras_states_its_loss(compiled, own):
    assert loss_of(SimpleNamespace(layers=[], get_weights=list, loss=compiled)) == own


@pytest.mark.parametrize("compiled", ["mae", "huber", {"a": "mse"}, abs])
def test_a_compiled_loss_of_another_kind_has_to_be_named(compiled):
    """A model compiled with the mean absolute error was certified under the squared loss."""
    model = SimpleNamespace(layers=[], get_weights=list, loss=compiled)
    with pytest.raises(InputError, match="which derandkit does not know; pass the one of"):
        read_rows(model, X, X[:, 0], None)
    assert read_rows(model, X, X[:, 0], "huber").loss == "huber"
    model.loss = None
    assert read_rows(model, X, X[:, 0], None).loss == "squared"
