"""Perceptrons of scikit-learn and models of Keras as stacks of dense layers: a first layer and JAX functions above it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.typing import FloatArray
from derandkit.structure.trained.layers import first_layer
from derandkit.structure.training.losses import Jax
from derandkit.structure.training.network import require_jax

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

#: Weights and bias of the first layer, a JAX function of (parameters, z), what it takes, and whether it is smooth.
Stack: TypeAlias = tuple[tuple[FloatArray, FloatArray], Callable[[Jax, Jax], Jax], Jax, bool]

#: Activations of dense layers by the names that libraries give them, and whether they have second derivatives.
ACTIVATIONS = {
    "identity": True, "linear": True, "tanh": True, "logistic": True, "sigmoid": True, "relu": False, "gelu": True,
    "softplus": True, "silu": True, "swish": True,
}  # fmt: skip


class Perceptron(Protocol):
    """A fitted multi-layer perceptron of scikit-learn."""

    coefs_: Sequence[FloatArray]
    intercepts_: Sequence[FloatArray]
    activation: str


class Layer(Protocol):
    """A layer of Keras."""

    name: str

    def get_weights(self) -> Sequence[FloatArray]:
        """Return the arrays of the layer."""


class Sequential(Protocol):
    """A model of Keras."""

    @property
    def layers(self) -> Sequence[Layer]:
        """The layers in their order."""


def _dense(layers: Sequence[tuple[npt.ArrayLike, npt.ArrayLike, str]]) -> Stack:
    """Return a stack of dense layers: (kernel of shape (in, out), bias, activation)."""
    jax = require_jax()
    jnp = jax.numpy
    acts: dict[str, Callable[[Jax], Jax]] = {
        "identity": lambda t: t, "linear": lambda t: t, "tanh": jnp.tanh, "logistic": jax.nn.sigmoid,
        "sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "gelu": lambda t: jax.nn.gelu(t, approximate=False),
        "softplus": jax.nn.softplus, "silu": jax.nn.silu, "swish": jax.nn.silu,
    }  # fmt: skip
    for _, _, name in layers:
        if name not in ACTIVATIONS:
            raise InputError(
                f"activation {name!r} is not one of {', '.join(ACTIVATIONS)}; give what stands above the first layer "
                "as a JAX function, with weights and bias"
            )
    W, b = first_layer(np.asarray(layers[0][0]).T, layers[0][1])
    names = [name for _, _, name in layers]
    rest = [(np.asarray(A, dtype=np.float64), np.asarray(c, dtype=np.float64)) for A, c, _ in layers[1:]]

    def upper(parameters: Jax, z: Jax) -> Jax:
        h = acts[names[0]](z)
        for (A, c), name in zip(parameters, names[1:], strict=True):
            h = acts[name](h @ A + c)
        return h

    return (W, b), upper, rest, all(ACTIVATIONS[name] for name in names)


def of_sklearn(model: Perceptron) -> Stack:
    """Take a fitted perceptron of scikit-learn apart.

    Raises
    ------
    InputError
        If no loss has its output activation inside, or an activation is not known.
    """
    last = getattr(model, "out_activation_", "identity")
    if last not in ("identity", "logistic", "softmax"):
        raise InputError(
            f"the output of {type(model).__name__} passes {last!r}, which no loss has inside; give what stands above "
            "the first layer as a JAX function, with weights and bias"
        )
    layers = list(zip(model.coefs_, model.intercepts_, strict=True))
    # outputs before the logistic or the softmax: the loss has these inside
    names = [model.activation] * (len(layers) - 1) + ["identity"]
    stack = [(A, c, name) for (A, c), name in zip(layers, names, strict=True)]
    return _dense(stack)


def of_keras(model: Sequential) -> Stack:
    """Take a model of Keras apart, whose layers follow each other.

    Raises
    ------
    InputError
        If a layer is no ``Dense`` layer with a bias, or an activation is not known.
    """
    stack = []
    for layer in model.layers:
        arrays = layer.get_weights()
        if not arrays and type(layer).__name__ in ("InputLayer", "Dropout", "Flatten"):
            continue
        if type(layer).__name__ != "Dense" or len(arrays) != 2:
            raise InputError(
                f"layer {layer.name!r} is no Dense layer with a bias; give what stands above the first layer as a JAX "
                "function, with weights and bias"
            )
        stack.append((arrays[0], arrays[1], getattr(getattr(layer, "activation", None), "__name__", "?")))
    if not stack:
        raise InputError("the model has no Dense layer")
    if stack[-1][2] in ("sigmoid", "softmax"):  # the loss has these inside
        stack[-1] = (stack[-1][0], stack[-1][1], "linear")
    return _dense(stack)
