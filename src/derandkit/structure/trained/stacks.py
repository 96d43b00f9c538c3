"""Perceptrons of scikit-learn and models of Keras as stacks of dense layers, a first layer and a JAX function above it.

Neither library lets JAX see what a model does, so its layers are put together anew. Whether that is what the model does
is compared on the rows: layers may be used twice or in another order than they were made in, inputs may pass layers
by, and a function may have the name of another.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from derandkit.errors import InputError, first_line
from derandkit.numerics.typing import FloatArray, SingleArray
from derandkit.structure.trained.layers import apart, first_layer, flattened
from derandkit.structure.training.losses import Jax
from derandkit.structure.training.network import double_precision, require_jax
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.structure.choices import Loss

#: What to do with a model that cannot be read.
ABOVE = "give what stands above the first layer as a JAX function, with weights and bias"
#: Weights and bias of the first layer, a JAX function of (parameters, z), what it takes, and whether it is smooth.
Stack: TypeAlias = tuple[tuple[FloatArray, FloatArray], Callable[[Jax, Jax], Jax], Jax, bool]

#: Activations of dense layers by the names that libraries give them, and whether they have second derivatives.
ACTIVATIONS = {
    "identity": True, "linear": True, "tanh": True, "logistic": True, "sigmoid": True, "relu": False, "gelu": True,
    "softplus": True, "silu": True, "swish": True, "softmax": True,
}  # fmt: skip
#: Activations of the outputs that a loss has inside.
INSIDE = {"logistic": ("logistic", "sigmoid"), "softmax": ("softmax",)}
#: Losses of Keras by their names, in small letters.
COMPILED: dict[str, Loss] = {
    "mse": "squared", "meansquarederror": "squared", "bce": "logistic", "binarycrossentropy": "logistic",
    "categoricalcrossentropy": "softmax", "sparsecategoricalcrossentropy": "softmax",
}  # fmt: skip
#: What a loss of Keras may have of its own: the rest changes its values. `from_logits` is compared with the last layer.
FREE = ("name", "from_logits", "reduction", "_dtype", "_dtype_policy", "_fn_kwargs")
#: How it may put the losses of rows together.
MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "auto")
#: Outputs of a model and of its layers differ at most by this share of the largest: they may be in single precision.
SINGLE = 1e-4
#: By what the rows are multiplied where outputs are compared: on rows of zeros and ones alone a square is no change.
FACTORS = (1.0, -1.0, 0.5)


class Perceptron(Protocol):
    """A fitted multi-layer perceptron of scikit-learn."""

    coefs_: Sequence[FloatArray]
    intercepts_: Sequence[FloatArray]
    activation: str

    def predict(self, X: FloatArray, /) -> FloatArray:
        """Return the outputs."""

    def predict_proba(self, X: FloatArray, /) -> FloatArray:
        """Return the probabilities of the classes; regressors have no such method."""


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

    def predict_on_batch(self, x: SingleArray, /) -> FloatArray:
        """Return the outputs."""


def own_loss(model: Perceptron | Sequential, library: str) -> Loss | None:
    """Return the loss that a model was fitted or compiled with; None where it is not known.

    Parameters
    ----------
    model : object
        A perceptron of scikit-learn or a model of Keras.
    library : {"scikit-learn", "Keras"}
        Which of them.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> own_loss(SimpleNamespace(loss="log_loss", out_activation_="softmax"), "scikit-learn")
    'softmax'
    >>> own_loss(SimpleNamespace(loss="mean_squared_error"), "Keras")
    'squared'
    """
    loss = getattr(model, "loss", None)
    if library == "scikit-learn":
        if loss == "log_loss":
            return {"logistic": "logistic", "softmax": "softmax"}.get(getattr(model, "out_activation_", ""))  # type: ignore[return-value]
        return "squared" if loss == "squared_error" else None
    return _known(model) if _is_own(model) else None


def _known(model: object) -> Loss | None:
    return COMPILED.get(compiled_name(model).replace("_", "").lower())


def _is_own(model: object) -> bool:
    """Whether a model of Keras was compiled with a loss by its name, or one of Keras itself whose options are default.

    Another function may have the name of one of Keras, and options such as `ignore_class` and `label_smoothing`, a sum
    over the rows and weights of losses change the values; so does a model with a loss or a training step of its own.
    """
    weights = getattr(getattr(model, "_compile_loss", None), "_user_loss_weights", None)
    if weights not in (None, 1.0):
        return False
    keras: Jax = sys.modules.get("keras")
    base = getattr(keras, "Model", None)
    if isinstance(base, type) and isinstance(model, base):
        for name in ("compute_loss", "train_step"):
            if getattr(type(model), name, None) is not getattr(base, name, None) or name in vars(model):
                return False
    loss: Jax = getattr(model, "loss", None)
    if isinstance(loss, str):
        return True
    kind: Jax = type(loss)
    made: Jax = loss if hasattr(loss, "__name__") else kind
    losses = getattr(keras, "losses", None)
    if isinstance(loss, type) or losses is None or getattr(losses, str(made.__name__), None) is not made:
        return False
    return made is loss or (getattr(loss, "reduction", "") in MEANS and _options(loss) == _options(kind()))


def _options(loss: object) -> dict[str, object]:
    """Return what a loss of Keras has that changes its values."""
    found = {**vars(loss), **vars(loss).get("_fn_kwargs", {})}
    return {name: value for name, value in found.items() if name not in FREE}


def other_loss(model: object) -> str:
    """Return in words what a model of Keras was compiled with, where its loss is none that derandkit knows, or "".

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> other_loss(SimpleNamespace(loss="mae")), other_loss(SimpleNamespace(loss=None))
    ("the loss 'mae'", '')
    >>> def mse(y_true, y_pred): ...
    >>> other_loss(SimpleNamespace(loss=mse))
    "the loss 'mse' that is not Keras's own or has options or weights"
    """
    name = compiled_name(model)
    if not name or own_loss(model, "Keras") is not None:  # type: ignore[arg-type]
        return ""
    own = "" if _known(model) is None else " that is not Keras's own or has options or weights"
    return f"the loss {quoted(name)}{own}"


def compiled_name(model: object) -> str:
    """Return what the loss is called that a model of Keras was compiled with; an empty text where there is none.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> compiled_name(SimpleNamespace(loss="mae")), compiled_name(SimpleNamespace())
    ('mae', '')
    """
    loss = getattr(model, "loss", None)
    if loss is None or isinstance(loss, str):
        return loss or ""
    return str(getattr(loss, "__name__", type(loss).__name__))


def of_sklearn(model: Perceptron, loss: str, rows: FloatArray | None) -> Stack:
    """Take a fitted perceptron of scikit-learn apart.

    Parameters
    ----------
    model : MLPRegressor or MLPClassifier
        The perceptron.
    loss : str
        As in `derandkit.certify_network`: what it has inside, such as the logistic function, is left out of the stack.
    rows : ndarray, shape (m, d), optional
        Rows on which the stack is compared with the model.

    Raises
    ------
    InputError
        If an activation is not known, or the layers one after another are not what the model computes.
    """
    last = getattr(model, "out_activation_", "identity")
    if last not in ACTIVATIONS:
        raise InputError(
            f"the output of {type(model).__name__} passes {last!r}, which no loss has inside; {ABOVE}"
        )
    layers = list(zip(model.coefs_, model.intercepts_, strict=True))
    names = [model.activation] * (len(layers) - 1) + [last]

    def own(rows: FloatArray) -> FloatArray:
        classes = hasattr(model, "predict_proba")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # rows without the names of the columns
            found = (model.predict_proba if classes else model.predict)(rows)
        return found[:, 1] if classes and last == "logistic" and len(layers[-1][1]) == 1 else found

    stack = [(A, c, name) for (A, c), name in zip(layers, names, strict=True)]
    return _dense(type(model).__name__, stack, loss, own, rows)


def of_keras(model: Sequential, loss: str, rows: FloatArray | None, shape: tuple[int, ...] | None) -> Stack:
    """Take a model of Keras apart, whose layers follow each other.

    Parameters
    ----------
    model : keras.Model
        The model.
    loss, rows
        As in `of_sklearn`.
    shape : tuple of int, optional
        Shape of a row, as the model takes it.

    Raises
    ------
    InputError
        If a layer is no ``Dense`` layer with a bias, an activation is not known, or the layers one after another are
        not what the model computes.
    """
    stack = []
    for layer in model.layers:
        arrays = layer.get_weights()
        if not arrays and type(layer).__name__ in ("InputLayer", "Dropout", "Flatten"):
            continue
        if type(layer).__name__ != "Dense" or len(arrays) != 2:
            raise InputError(f"layer {layer.name!r} is no Dense layer with a bias; {ABOVE}")
        stack.append((arrays[0], arrays[1], getattr(getattr(layer, "activation", None), "__name__", "?")))
    if not stack:
        raise InputError("the model has no Dense layer")
    _refuse_unlike(model, stack[-1][2])

    def own(rows: FloatArray) -> FloatArray:
        found = model.predict_on_batch(rows.astype(np.float32).reshape(len(rows), *(shape or rows.shape[1:])))
        if isinstance(found, (list, tuple, dict)):
            raise InputError(f"the model has {len(found)} outputs; make one of the layers to a single output")
        return found

    return _dense(type(model).__name__, stack, loss, own, rows)


def _refuse_unlike(model: Sequential, last: str) -> None:
    """Refuse a model that was compiled with a loss of probabilities and ends in logits, or the other way round.

    Raises
    ------
    InputError
        It names the loss and what the last layer ends in.
    """
    compiled = own_loss(model, "Keras")
    if compiled not in INSIDE:
        return
    logits = getattr(getattr(model, "loss", None), "from_logits", False) is True
    if logits == (last in INSIDE[compiled]):
        raise InputError(
            f"the last layer of the model ends in {last!r}, and its loss was compiled with from_logits={logits}: "
            f"compile it with from_logits={not logits}, or without a loss and say loss={compiled!r}, if the model was "
            "trained so"
        )


def _dense(
    name: str,
    layers: Sequence[tuple[FloatArray, FloatArray, str]],
    loss: str,
    own: Callable[[FloatArray], FloatArray],
    rows: FloatArray | None,
) -> Stack:
    """Return a stack of layers (kernel of shape (in, out), bias, activation), as `own` computes it on the rows."""
    jax = require_jax()
    jnp = jax.numpy
    acts: dict[str, Callable[[Jax], Jax]] = {
        "identity": lambda t: t, "linear": lambda t: t, "tanh": jnp.tanh, "logistic": jax.nn.sigmoid,
        "sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "gelu": lambda t: jax.nn.gelu(t, approximate=False),
        "softplus": jax.nn.softplus, "silu": jax.nn.silu, "swish": jax.nn.silu, "softmax": jax.nn.softmax,
    }  # fmt: skip
    names = [activation for _, _, activation in layers]
    for activation in names:
        if activation not in ACTIVATIONS:
            raise InputError(f"activation {activation!r} is not one of {', '.join(ACTIVATIONS)}; {ABOVE}")
    if any(np.iscomplexobj(part) for A, c, _ in layers for part in (A, c)):
        raise InputError(f"{name} has complex weights, and a certificate is about real ones; {ABOVE}")
    W, b = first_layer(np.asarray(layers[0][0]).T, layers[0][1])
    rest = [(np.asarray(A, dtype=np.float64), np.asarray(c, dtype=np.float64)) for A, c, _ in layers[1:]]
    if any(len(A) != len(c) for (A, _), c in zip(rest, [b, *(c for _, c in rest)], strict=False)):
        raise InputError(
            f"the layers of {name} do not follow each other in the order in which it has them; {ABOVE}"
        )
    inside = names[-1] in INSIDE.get(loss, ())
    last, names[-1] = names[-1], "identity" if inside else names[-1]

    def upper(parameters: Jax, z: Jax) -> Jax:
        h = acts[names[0]](z)
        for (A, c), activation in zip(parameters, names[1:], strict=True):
            h = acts[activation](h @ A + c)
        return h

    if rows is not None and rows.shape[1:] == W.shape[1:]:
        with double_precision():
            for factor in FACTORS:
                outputs = upper(rest, (factor * rows) @ W.T + b)
                try:
                    model = np.asarray(own(factor * rows), dtype=np.float64)
                except InputError:
                    raise
                except (AttributeError, TypeError, ValueError) as error:
                    raise InputError(f"{name} does not predict these rows: {first_line(error)}") from error
                _compare(name, np.asarray(acts[last](outputs) if inside else outputs), model)
    return (W, b), upper, rest, all(ACTIVATIONS[activation] for activation in names)


def _compare(name: str, stack: FloatArray, model: FloatArray) -> None:
    """Refuse a stack of layers whose outputs are not those of the model.

    Examples
    --------
    >>> _compare("MLP", np.array([1.0, 2.0]), np.array([[1.0], [2.00001]]))
    >>> _compare("MLP", np.array([1.0, 2.0]), np.array([1.0, 2.5]))
    Traceback (most recent call last):
    derandkit.errors.InputError: MLP computes something else on these rows than its dense layers one after another ...
    """
    same = flattened(stack).shape == flattened(model).shape
    largest = float(max(np.abs(stack).max(), np.abs(model).max())) if same else math.nan
    off = apart(flattened(stack), flattened(model))
    if not off <= SINGLE * largest:
        raise InputError(
            f"{name} computes something else on these rows than its dense layers one after another "
            + (f"(by up to {off:.3g}, of {largest:.3g})" if same else f"(outputs of shape {model.shape[1:]})")
            + f": a layer is used twice, inputs pass one by, or it computes in half precision; {ABOVE}"
        )
