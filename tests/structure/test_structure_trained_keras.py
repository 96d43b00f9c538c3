"""Which loss a compiled model of Keras states: Keras's own with default options, and no other of its name."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
import pytest

from derandkit import certify_network, verify
from derandkit.errors import InputError
from derandkit.structure.trained.rows import loss_of

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.random.default_rng(0).standard_normal((64, 2))
Y, THREE = np.tanh(X[:, 0]), np.digitize(X[:, 0], [-0.5, 0.5])


def model(outputs=1, last=None, base=keras.Sequential, **compiled):
    dense = keras.layers.Dense
    found = base([keras.layers.Input((2,)), dense(2, activation="tanh"), dense(outputs, activation=last)])
    found.compile(**compiled)
    return found


def mse(y_true, y_pred):
    return keras.ops.mean(keras.ops.where(y_true > 0, 10.0, 1.0) * (y_true - y_pred) ** 2, axis=-1)


class MeanSquaredError(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return mse(y_true, y_pred)


class Derived(keras.losses.MeanSquaredError):
    pass


class Doubled(keras.Sequential):
    def compute_loss(self, *arguments, **named):
        return 2.0 * super().compute_loss(*arguments, **named)


losses = keras.losses
KNOWN = {
    "name": ("mse", "squared"),
    "function": (losses.mean_squared_error, "squared"),
    "class": (losses.MeanSquaredError(name="mine"), "squared"),
    "mean": (losses.MeanSquaredError(reduction="mean", dtype="float64"), "squared"),
    "logits": (losses.BinaryCrossentropy(from_logits=True), "logistic"),
    "shares": (losses.SparseCategoricalCrossentropy(), "softmax"),
    "categories": (losses.categorical_crossentropy, "softmax"),
}
OTHERS = {
    "function": mse,
    "class": MeanSquaredError(),
    "derived": Derived(),
    "ignored": losses.SparseCategoricalCrossentropy(ignore_class=0),
    "axis": losses.BinaryCrossentropy(axis=0),
    "smooth": losses.BinaryCrossentropy(label_smoothing=0.1),
    "smooth categories": losses.CategoricalCrossentropy(label_smoothing=0.1),
    "sum": losses.MeanSquaredError(reduction="sum"),
    "none": losses.MeanSquaredError(reduction=None),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_loss_of_keras_is_stated(name):
    compiled, own = KNOWN[name]
    assert loss_of(model(loss=compiled)) == own


@pytest.mark.parametrize("name", OTHERS)
def test_another_loss_of_the_same_name_has_to_be_named(name):
    """They were read as squared, logistic and softmax."""
    other = model(loss=OTHERS[name])
    assert loss_of(other) is None
    with pytest.raises(InputError, match="which derandkit does not know; pass the one of"):
        certify_network(other, X, Y, penalty=0.01, directions=[[1, 0]])


def test_weights_of_losses_and_losses_of_the_model_have_to_be_named():
    """A weight of two doubles the gradient, and so may a method of the model."""
    assert loss_of(model(loss="mse", loss_weights=2.0)) is None
    doubled = model(base=Doubled, loss="mse")
    with pytest.raises(
        InputError, match="the loss 'mse' that is not Keras's own or has options or weights, which"
    ):
        certify_network(doubled, X, Y, penalty=0.01, directions=[[1, 0]])
    assert certify_network(doubled, X, Y, loss="squared", penalty=0.01, directions=[[1, 0]]).loss == "squared"


def test_the_risk_is_what_keras_evaluates():
    for outputs, last, loss, y in (
        (1, None, losses.MeanSquaredError(), Y),
        (3, "softmax", losses.SparseCategoricalCrossentropy(), THREE),
    ):
        own = model(outputs, last, loss=loss)
        found = certify_network(own, X, y, penalty=0.01, directions=[[1, 0]])
        assert found.risk == pytest.approx(own.evaluate(X, y, verbose=0), rel=1e-4)
        assert verify(found, (X, y, own)).ok


def test_a_model_with_two_outputs_is_refused():
    """It ended in a ValueError of NumPy."""
    inputs = keras.Input((2,))
    hidden = keras.layers.Dense(2, activation="tanh")(inputs)
    one = keras.layers.Dense(1)(hidden)
    two = keras.Model(inputs, [one, keras.layers.Dense(3)(one)])
    with pytest.raises(InputError, match="the model has 2 outputs"):
        certify_network(two, X, np.column_stack([Y, Y, Y]), loss="squared", penalty=0.01)
