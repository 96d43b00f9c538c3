"""Models of scikit-learn and Keras are their dense layers one after another, or refused: neither is traced."""

from __future__ import annotations

import functools
from types import SimpleNamespace

import numpy as np
import pytest

from derandkit import InputError, certify_network, verify
from derandkit.structure.trained.adapters import adapt

RNG = np.random.default_rng(5)
X = RNG.standard_normal((80, 3))
Y = np.tanh(X[:, 0]) + 0.1 * X[:, 1]
W, B = RNG.standard_normal((3, 4)), RNG.standard_normal(4)
V, C = RNG.standard_normal((4, 4)), RNG.standard_normal(4)
A, D = RNG.standard_normal((4, 1)), RNG.standard_normal(1)


def sigmoid(t):
    return 1.0 / (1.0 + np.exp(-t))


class Dense:
    """A layer as Keras has them."""

    def __init__(self, kernel, bias, activation="tanh"):
        self.name, self.activation = "dense", SimpleNamespace(__name__=activation)
        self.kernel, self.bias = kernel, bias

    def get_weights(self):
        return [self.kernel, self.bias]


def keras(layers, outputs):
    """A model as Keras has them: its layers, and what it computes of rows in single precision."""

    def predict_on_batch(x):
        assert x.dtype == np.float32
        return outputs(x.astype(np.float64)).astype(np.float32)

    return SimpleNamespace(layers=layers, get_weights=list, predict_on_batch=predict_on_batch)


LAYERS = [Dense(W, B), Dense(V, C), Dense(A, D, "linear")]


def first(x):
    return np.tanh(x @ W + B)


def second(h):
    return np.tanh(h @ V + C)


def plain(x):
    return second(first(x)) @ A + D


OTHERS = {
    "a layer twice": lambda x: second(second(first(x))) @ A + D,
    "a layer left out": lambda x: first(x) @ A + D,
    "a product": lambda x: (second(first(x)) * first(x)) @ A + D,
    "a skip": lambda x: (second(first(x)) + first(x)) @ A + D,
    "squares of inputs": lambda x: plain(x * x),
    "another function of that name": lambda x: second(np.sin(x @ W + B)) @ A + D,
    "an activation of the outputs": lambda x: sigmoid(plain(x)),
    "several outputs": lambda x: np.hstack([plain(x), plain(x)]),
    "no numbers": lambda x: np.nan * plain(x),
}


@functools.cache
def plain_certificate():
    return certify_network(keras(LAYERS, plain), X, Y, penalty=1e-2)


def test_what_its_layers_compute_has_a_certificate_that_verifies():
    certificate = plain_certificate()
    assert certificate.risk == pytest.approx(np.mean((plain(X)[:, 0] - Y) ** 2), rel=1e-9)
    assert verify(certificate, (X, Y, keras(LAYERS, plain))).ok


@pytest.mark.parametrize("name", OTHERS)
def test_what_its_layers_do_not_compute_is_refused(name):
    with pytest.raises(InputError, match="SimpleNamespace computes something else on these rows"):
        certify_network(keras(LAYERS, OTHERS[name]), X, Y, penalty=1e-2)


@pytest.mark.parametrize("name", OTHERS)
def test_a_certificate_of_its_layers_does_not_hold_for_another_model(name):
    outcome = verify(plain_certificate(), (X, Y, keras(LAYERS, OTHERS[name])))
    assert not outcome.ok
    assert "computes something else" in str(outcome)


@pytest.mark.filterwarnings("ignore:72 of 80 rows repeat")
def test_on_zeros_and_ones_a_square_is_seen():
    rows = (X > 0).astype(float)
    with pytest.raises(InputError, match="computes something else"):
        certify_network(keras(LAYERS, lambda x: plain(x * x)), rows, Y, penalty=1e-2)


def test_layers_that_do_not_follow_each_other_are_refused():
    layers = [Dense(W, B), Dense(A, D, "linear"), Dense(V, C)]
    with pytest.raises(InputError, match="do not follow each other"):
        certify_network(keras(layers, plain), X, Y)


@pytest.mark.parametrize(("loss", "inside"), [("squared", False), ("logistic", True)])
def test_the_last_sigmoid_is_left_to_the_loss_that_has_it(loss, inside):
    layers = [*LAYERS[:2], Dense(A, D, "sigmoid")]
    model, targets = keras(layers, lambda x: sigmoid(plain(x))), (X[:, 0] > 0).astype(float)
    certificate = certify_network(model, X, targets, loss=loss, penalty=1e-2)
    p = sigmoid(plain(X)[:, 0])
    risk = np.mean((p - targets) ** 2)
    if inside:
        risk = -np.mean(targets * np.log(p) + (1 - targets) * np.log(1 - p))
    assert certificate.risk == pytest.approx(risk, rel=1e-9)
    assert verify(certificate, (X, targets, model)).ok


def test_perceptrons_of_scikit_learn_are_compared_too():
    network = pytest.importorskip("sklearn.neural_network")

    class Doubled(network.MLPRegressor):
        def predict(self, X):
            return 2.0 * super().predict(X)

    model = network.MLPRegressor(
        hidden_layer_sizes=(4,), activation="tanh", max_iter=2000, random_state=0, solver="lbfgs"
    ).fit(X, Y)
    assert verify(certify_network(model, X, Y), (X, Y, model)).ok
    model.__class__ = Doubled
    with pytest.raises(InputError, match="Doubled computes something else"):
        certify_network(model, X, Y)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("given", [False, True])
def test_classifiers_of_scikit_learn_are_read_by_the_loss(classes, given):
    network = pytest.importorskip("sklearn.neural_network")
    labels = np.digitize(X[:, 0], [0.0] if classes == 2 else [-0.5, 0.5])
    model = network.MLPClassifier((4,), activation="tanh", max_iter=2000, random_state=0, solver="lbfgs")
    targets = labels.astype(str)
    model.fit(X, targets)
    shares = model.predict_proba(X)
    risk = -np.mean(np.log(shares[np.arange(len(X)), labels]))
    certificate = certify_network(
        model, X, targets, loss=("softmax" if classes == 3 else "logistic") if given else None
    )
    assert certificate.risk == pytest.approx(risk, rel=1e-6)
    assert verify(certificate, (X, targets, model)).ok


@pytest.mark.parametrize("name", ["Net\x1b[31m\u202e\n", "N" * 5000], ids=["escapes", "long"])
def test_what_a_stack_is_is_one_line_that_can_be_printed(name):
    model = keras(LAYERS, plain)
    model = type(name, (SimpleNamespace,), {})(**vars(model))
    kind = adapt(model, rows=X).kind
    assert kind.isprintable()
    assert kind.startswith("Keras N")
    assert len(kind) <= 200
