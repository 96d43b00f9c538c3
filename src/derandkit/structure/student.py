"""Students: what stands above the first layer ``W x + b``, where training starts, and how parameters are laid out.

Everything here is NumPy; `derandkit.structure.training.network` turns a student into a JAX function.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import real_array
from derandkit.numerics.hashing import hashed_normals
from derandkit.options import check_choice
from derandkit.structure.choices import ACTIVATIONS, STARTS, Activation, Start
from derandkit.structure.options import check_flag, real, whole
from derandkit.tables import short_repr
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonObject
    from derandkit.structure.training.losses import Jax


#: Each of the arrays of a start has its own stream of hashed numbers.
STREAMS_A_START = 16
#: Beyond these no run ends, and records would not be checked.
LARGEST_WIDTH, LARGEST_DEPTH = 4096, 64
#: Sharpness of a softplus: one of a smaller s is a constant log(2) / s that hides what it bends by.
BLUNTEST, SHARPEST = 1e-4, 1e6
#: The position of a number is a whole number of 64 bits: 2^40 numbers a stream, so 2^24 streams.
STREAMS = 2**20


@dataclass(frozen=True, eq=False, repr=False)
class Student:
    """A network ``f(x) = phi(W x + b; theta)`` of which all parameters are trained.

    Parameters
    ----------
    width : int
        Units n of the first layer, and of every hidden layer of a built-in network.
    depth : int
        Layers of weights: 2 is one hidden layer, ``v . act(W x + b) + c``; more insert ``act(A z + c)``.
    activation : {"tanh", "gelu", "erf", "softplus", "relu", "hermite2"}
        ``"softplus"`` is the smooth ReLU ``log(1 + exp(s t)) / s``; ``"relu"`` has no second derivative at its kink
        and is here for comparison; ``"hermite2"`` is ``(t^2 - 1) / sqrt(2)``.
    sharpness : float
        The s of the smooth ReLU: error at most ``log(2) / s``, second derivative at most ``s / 4``.
    output_bias : bool
        Whether the output has a trained offset.
    start : {"balanced", "published"}
        Sizes of the hashed Gaussian numbers training starts from. Balanced: ``W`` of variance 1/d, ``b`` 1/4, upper
        layers 1/width. Published: ``W`` 1/d, ``b`` and output ``1/width^2``, no other layers.
    stream : int
        Which numbers: another start without a random generator; below 2^20.
    network : callable, optional
        The user's own JAX function of (parameters, z), z = W x + b of shape (width,), with a scalar value.
    parameters : pytree, optional
        Where the parameters of `network` start.
    weights, bias : array_like, shapes (width, d) and (width,), optional
        Where ``W`` and ``b`` start below a `network`, instead of at hashed numbers. W acts on the inputs of the
        problem: those of a teacher, and of data the rows as `RegressionData.whiten` returns them.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> Student(width=4, depth=3).shapes
    {'A1': (4, 4), 'c1': (4,), 'v': (4,), 'c': ()}

    A network of your own, from a start of your own:

    >>> import jax.numpy as jnp
    >>> def network(v, z):
    ...     return jnp.tanh(z) @ v
    >>> student = Student(2, network=network, parameters=np.ones(2), weights=[[1.0, 0.5], [0.0, 1.0]], bias=[0.0, 0.0])
    >>> import derandkit
    >>> found = derandkit.discover_structure(
    ...     derandkit.Teacher("tanh", 2, 1), student, penalty=0.01, max_steps=0, controls=False
    ... )
    >>> found.W_start.tolist()
    [[1.0, 0.5], [0.0, 1.0]]
    """

    width: int = 32
    depth: int = 2
    activation: Activation = "tanh"
    sharpness: float = 8.0
    output_bias: bool = True
    start: Start = "balanced"
    stream: int = 0
    network: Callable[[Jax, Jax], Jax] | None = None
    parameters: Jax = None
    weights: npt.ArrayLike | None = None
    bias: npt.ArrayLike | None = None

    __repr__ = short_repr

    def __post_init__(self) -> None:
        for name, least in (("width", 1), ("depth", 2), ("stream", 0)):
            value = getattr(self, name)
            if not whole(value) or value < least:
                raise InputError(f"{name} must be a whole number, at least {least}, got {quoted(value)}")
        for name, most in (("width", LARGEST_WIDTH), ("depth", LARGEST_DEPTH)):
            if getattr(self, name) > most:
                raise InputError(f"{name} must be at most {most}, got {quoted(getattr(self, name))}")
        if self.stream >= STREAMS:
            raise InputError(
                f"the stream must be below {STREAMS}, where the numbers repeat, got {quoted(self.stream)}"
            )
        object.__setattr__(self, "activation", check_choice("activation", self.activation, ACTIVATIONS))
        if not (real(self.sharpness) and BLUNTEST <= self.sharpness <= SHARPEST):
            raise InputError(
                f"the sharpness must be from {BLUNTEST:g} to {SHARPEST:g}, got {quoted(self.sharpness)}"
            )
        check_flag("output_bias", self.output_bias)
        object.__setattr__(self, "start", check_choice("start", self.start, STARTS))
        if self.network is not None and not callable(self.network):
            raise InputError(
                f"the network is a function of (parameters, z), got {type(self.network).__name__}"
            )
        self._check_given()

    def _check_given(self) -> None:
        """Keep weights and bias as arrays of their own; they belong to a network of the user's, and together."""
        if (self.weights is None) != (self.bias is None):
            raise InputError("a start of the first layer needs both weights and bias")
        if self.weights is None:
            return
        if self.builtin:
            raise InputError(
                "weights and bias are the start below a network of your own; give network as well"
            )
        W, b = real_array(self.weights, "weights"), real_array(self.bias, "bias")
        if W.ndim != 2 or W.shape[0] != self.width or b.shape != (self.width,):
            raise InputError(
                f"weights need shape ({self.width}, inputs) and bias ({self.width},), got {W.shape} and {b.shape}"
            )
        object.__setattr__(self, "weights", W)
        object.__setattr__(self, "bias", b)

    @property
    def builtin(self) -> bool:
        """Whether the network is one that can be rebuilt from its description."""
        return self.network is None

    @property
    def smooth(self) -> bool:
        """Whether the network has second derivatives everywhere; a user's own is taken at its word."""
        return not (self.builtin and self.activation == "relu")

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the arrays above the first layer, in the order they are stored in, for one output."""
        return self.shapes_for(1)

    def shapes_for(self, outputs: int) -> dict[str, tuple[int, ...]]:
        """Return names and shapes of the arrays above the first layer, in the order they are stored in.

        Parameters
        ----------
        outputs : int
            Outputs of the network; with several, v has a row for each of them.

        Examples
        --------
        >>> Student(width=4).shapes_for(3)
        {'v': (3, 4), 'c': (3,)}
        """
        n = int(self.width)
        shapes: dict[str, tuple[int, ...]] = {}
        for k in range(1, int(self.depth) - 1):
            shapes[f"A{k}"] = (n, n)
            shapes[f"c{k}"] = (n,)
        shapes["v"] = (n,) if outputs == 1 else (outputs, n)
        if self.output_bias:
            shapes["c"] = () if outputs == 1 else (outputs,)
        return shapes

    def first_layer(self, dimension: int) -> tuple[FloatArray, FloatArray]:
        """Return where ``W`` and ``b`` start, shapes (n, d) and (n,).

        Parameters
        ----------
        dimension : int
            Number of inputs d.

        Raises
        ------
        InputError
            Weights were given for another number of inputs.
        """
        if self.weights is not None:
            W, b = np.array(self.weights), np.array(self.bias)
            if W.shape[1] != dimension:
                raise InputError(f"weights are for {W.shape[1]} inputs, and the problem has {dimension}")
            return W, b
        n, stream = int(self.width), int(self.stream) * STREAMS_A_START
        size = 0.5 if self.start == "balanced" else 1.0 / n
        W = hashed_normals(n, dimension, stream) / math.sqrt(dimension)
        return W, size * hashed_normals(1, n, stream + 1)[0]

    def upper_layers(self, outputs: int = 1) -> FloatArray:
        """Return where the parameters above the first layer of a built-in network start, as one vector.

        Parameters
        ----------
        outputs : int
            Outputs of the network.
        """
        n, stream = int(self.width), int(self.stream) * STREAMS_A_START
        parts = []
        for k, (name, shape) in enumerate(self.shapes_for(outputs).items()):
            count = math.prod(shape)
            if name.startswith("A"):
                parts.append(hashed_normals(1, count, stream + 2 + k)[0] / math.sqrt(n))
            elif name == "v":
                size = 1.0 / math.sqrt(n) if self.start == "balanced" else 1.0 / n
                parts.append(size * hashed_normals(1, count, stream + 2 + k)[0])
            else:
                parts.append(np.zeros(count))
        return np.concatenate(parts)

    def describe(self) -> JsonObject:
        """Return the student as JSON values; a network of the user's own is named, not stored."""
        return {
            "kind": "built-in" if self.builtin else "user",
            "width": int(self.width),
            "depth": int(self.depth) if self.builtin else None,
            "activation": self.activation if self.builtin else None,
            "sharpness": float(self.sharpness) if self.builtin and self.activation == "softplus" else None,
            "output_bias": bool(self.output_bias) if self.builtin else None,
            "start": self.start if self.weights is None else "given",
            "stream": int(self.stream),
        }
