"""A trained network of any library as its first layer and the derivatives of its risk.

What stands above the first layer stays as it is. JAX differentiates plain functions and stacks of dense layers
(scikit-learn, Keras, Equinox); PyTorch differentiates its own modules, and is loaded only for them.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

import numpy as np

from derandkit.errors import InputError
from derandkit.structure.trained.differences import refuse_other_derivatives, terms
from derandkit.structure.trained.kinks import jax_is_smooth
from derandkit.structure.trained.layers import (
    ROWS,
    SINGLE,
    Derivatives,
    first_layer,
    flattened,
    named,
    refuse_another,
    refuse_batches,
    refuse_mixed_rows,
)
from derandkit.structure.trained.own.outputs import HELD, AsGiven, refuse_other_precision
from derandkit.structure.trained.own.running import running
from derandkit.structure.training.losses import Jax, loss_function
from derandkit.structure.training.network import double_precision, require_jax

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray, IntArray
    from derandkit.structure.trained.places import Entry


#: Libraries whose models state their last activation.
STATED = ("scikit-learn", "Keras")


class Trained(Protocol):
    """What a certificate needs of a network."""

    @property
    def W(self) -> FloatArray:  # noqa: N802
        """Weights of the first layer, shape (n, d)."""

    @property
    def b(self) -> FloatArray:
        """Its bias, shape (n,)."""

    @property
    def kind(self) -> str:
        """What the network is, in words."""

    @property
    def smooth(self) -> bool:
        """Whether it has second derivatives."""

    def outputs(self, X: FloatArray) -> FloatArray:
        """Return the outputs, shape (m,) or (m, k)."""

    @property
    def places(self) -> IntArray | None:
        """Inputs that a layer of patches or tokens sees at each place, see `derandkit.structure.trained.places`."""

    @property
    def windows(self) -> IntArray | None:
        """The same of a convolution whose windows overlap or are padded; W is the matrix of all of them."""

    @property
    def kernel(self) -> FloatArray | None:
        """The weights of such a convolution, shape (n, d); also those that lie on padding in every window."""

    def derivatives(
        self, X: FloatArray, y: FloatArray, loss: str, mix: FloatArray | None = None
    ) -> Derivatives:
        """Return means over rows.

        Parameters
        ----------
        X, y : ndarray, shapes (m, D), (m,) or (m, k)
            Rows and targets.
        loss : str
            As in `derandkit.certify_network`.
        mix : ndarray, shape (P, r), optional
            For a layer with `places`: the curvature is the sum over the columns of the Hessian in t, where the bias of
            place p is shifted by ``mix[p] * t``.
        """


@dataclass(frozen=True, eq=False)
class JaxNetwork:
    """A first layer, and a JAX function of (parameters, z) above it.

    Parameters
    ----------
    W, b : ndarray, shapes (n, d), (n,)
        First layer.
    upper : callable
        JAX function of (parameters, z), z = W x + b of one row, to a scalar or k outputs; with `places` z has shape
        (P, n).
    parameters : pytree
        What it takes.
    kind : str
        What the network is, in words.
    declared : bool
        Whether its parts are said to have second derivatives.
    places, windows, kernel : ndarray or None
        See `derandkit.structure.trained.places.Entry`.
    given : pytree
        The parameters of the module that this is a copy of.
    """

    W: FloatArray
    b: FloatArray
    upper: Callable[[Jax, Jax], Jax]
    parameters: Jax
    kind: str
    declared: bool
    places: IntArray | None = None
    windows: IntArray | None = None
    kernel: FloatArray | None = None
    given: Jax = ()

    @property
    def smooth(self) -> bool:
        """Whether it has second derivatives: what it runs above the first layer is known to have them.

        Raises
        ------
        InputError
            A function that it runs holds parameters of the module that it is a copy of.
        """
        with double_precision(), running(self.kind):
            z, own = np.zeros(self._shape), require_jax().tree_util.tree_leaves(self.given)
            smooth = jax_is_smooth(self.upper, self.parameters, z, held=own)
            if smooth is None:
                raise InputError(f"{self.kind} {HELD}")
            return self.declared and smooth

    @property
    def _shape(self) -> tuple[int, ...]:
        return (len(self.b),) if self.places is None else (len(self.places), len(self.b))

    def _seen(self, X: FloatArray) -> FloatArray:
        return X if self.places is None else X[:, self.places]

    def outputs(self, X: FloatArray) -> FloatArray:
        """Return the outputs, shape (m,) or (m, k)."""
        jax = require_jax()
        with double_precision(), running(self.kind):
            found = jax.vmap(lambda x: self.upper(self.parameters, x @ self.W.T + self.b))(self._seen(X))
            return flattened(np.asarray(found, dtype=np.float64))

    def above(self, Z: FloatArray) -> FloatArray:
        """Return the outputs of what the first layer gives, each row alone."""
        jax = require_jax()
        with double_precision(), running(self.kind):
            found = [
                np.asarray(self.upper(self.parameters, z), dtype=np.float64) for z in jax.numpy.asarray(Z)
            ]
            return flattened(np.array(found))

    def derivatives(
        self, X: FloatArray, y: FloatArray, loss: str, mix: FloatArray | None = None
    ) -> Derivatives:
        """Return means over rows, block by block; see `Trained.derivatives`."""
        jax = require_jax()
        ravel: Jax = import_module("jax.flatten_util").ravel_pytree
        with double_precision(), running(self.kind):
            jnp = jax.numpy
            ell = loss_function(loss)
            flat, unravel = ravel(self.parameters)

            def total(W: Jax, b: Jax, rest: Jax, shift: Jax, X: Jax, y: Jax) -> Jax:
                f = jax.vmap(lambda x: self.upper(unravel(rest), x @ W.T + b + shift))(X)
                return jnp.sum(ell(f.reshape(y.shape), y))

            def bent(change: Jax, along: Jax, *others: Jax) -> Jax:
                return total(self.W, self.b, flat, along[:, None] * change, *others)

            shift = np.zeros(self._shape)
            slopes = jax.jit(jax.value_and_grad(total, argnums=(0, 1, 2, 3)))
            bend = jax.jit(jax.hessian(total, argnums=1) if mix is None else jax.hessian(bent))
            parts = []

            # of one block: a share of each place moves with the first column, all of it where there is none
            weights = np.ones(self._shape[:-1]) if mix is None else mix[:, 0]
            some = self._seen(X[:ROWS]), y[:ROWS]

            def at(change: FloatArray) -> tuple[float, FloatArray]:
                shift = np.multiply.outer(weights, change)
                value, gradients = slopes(self.W, self.b, flat, shift, *some)
                slope = weights[..., None] * np.asarray(gradients[3])
                return float(value), slope.reshape(-1, len(change)).sum(axis=0)

            def curvature(change: FloatArray, along: FloatArray) -> FloatArray:
                if mix is not None:
                    return np.asarray(bend(change, weights, *some)) @ along
                shift = np.multiply.outer(weights, change)
                return np.asarray(bend(self.W, self.b, flat, shift, *some)) @ along

            def moved(step: float) -> tuple[float, float]:
                value, gradients = slopes(self.W, self.b, flat + step * line, shift, *some)
                return float(value), float(line @ np.asarray(gradients[2]))

            line = (np.abs(flat).max(initial=0.0) or 1.0) * np.cos(np.arange(len(flat)))
            scale = float(np.abs(some[0] @ self.W.T + self.b).max())
            size = terms(self.outputs(X[:ROWS]), y[:ROWS])
            bends, above = curvature if self.smooth else None, moved if len(flat) else None
            refuse_other_derivatives(self.kind, at, bends, scale, size, len(self.b), above)
            for first in range(0, len(X), ROWS):
                rows = slice(first, first + ROWS)
                block = self._seen(X[rows]), y[rows]
                risk, gradients = slopes(self.W, self.b, flat, shift, *block)
                if mix is None:
                    H = bend(self.W, self.b, flat, shift, *block)
                else:
                    H = sum(bend(shift[0], along, *block) for along in mix.T)
                parts.append((risk, *gradients, H))
            found = [
                sum(np.asarray(p, dtype=np.float64) for p in column) / len(X)
                for column in zip(*parts, strict=True)
            ]
        risk, dW, db, rest, places, H = (np.asarray(part) for part in found)
        return Derivatives(
            float(risk), dW, db, rest, (H + H.T) / 2.0, None if self.places is None else places
        )


def adapt(
    model: Jax,
    weights: object = None,
    bias: object = None,
    shape: tuple[int, ...] | None = None,
    loss: str = "squared",
    rows: FloatArray | None = None,
) -> Trained:
    """Return a trained network as its first layer and its derivatives.

    Parameters
    ----------
    model : object
        See `derandkit.certify_network`.
    weights, bias : array_like, optional
        First layer of a plain function.
    shape : tuple of int, optional
        Shape of one row, as the network takes it; a module of PyTorch needs it, and one of Equinox or Flax if it takes
        patches, tokens or images.
    loss : str
        As in `derandkit.certify_network`: the outputs of scikit-learn and Keras leave out what it has inside.
    rows : ndarray, shape (m, D), optional
        Rows on which what is put together anew (scikit-learn, Keras, Equinox, Flax) is compared with the model, and
        the first layer of a module of PyTorch with ``W x + b``; and a module of PyTorch or Flax, or a plain function,
        that takes several rows at once with itself on single rows.

    Raises
    ------
    InputError
        If it is of no kind that is known, has no bias in its first layer, does something else on the rows than its
        layers, or its outputs for a row depend on other rows.
    """
    if (weights is None) != (bias is None):
        raise InputError("a plain function needs both weights and bias of its first layer")
    library = library_of(model)
    if weights is not None:
        if library is not None:
            raise InputError(
                f"{type(model).__name__} of {library} brings its first layer, and weights and bias are another one: "
                "leave them out, or if it stands above them, give a function, lambda z: model(z)"
            )
        if not callable(model):
            raise InputError(f"weights and bias belong to a function of z, got {type(model).__name__}")
        W, b = first_layer(weights, bias)
        own = JaxNetwork(W, b, lambda _, z: model(z), (), "a JAX function of the user", True)
        if rows is not None and W.shape[1:] == rows.shape[1:] and _in_range(rows, W, b):
            refuse_mixed_rows(own.kind, own.outputs, rows, SINGLE)
            with double_precision():
                jnp = require_jax().numpy
                refuse_batches(own.kind, lambda z: model(jnp.asarray(z)), own.above, rows @ W.T + b)
            if {str(getattr(part, "dtype", "")) for part in (weights, bias)} == {"float32"}:
                W, b = W.astype(np.float32), b.astype(np.float32)
                return _in_own_precision(
                    own, AsGiven("float32", "float32", (), lambda _, x: model(W @ x + b)), rows
                )
        return own
    if library == "PyTorch":
        from derandkit.structure.trained.modules import TorchNetwork

        found = TorchNetwork.of(model, shape or ())
        if rows is not None and (found.places is not None or found.W.shape[1:] == rows.shape[1:]):
            refuse_mixed_rows(found.kind, found.outputs, rows)
            found.refuse_other_layer(rows)
            found.refuse_other_module(rows)
        return found
    if library in ("Equinox", "Flax"):
        return _of_equinox(model, shape, rows) if library == "Equinox" else _of_flax(model, shape, rows)
    if library is not None:
        return _of_stack(model, library, shape, loss, rows)
    raise InputError(
        f"no first layer is known of {type(model).__name__}: give a PyTorch, Equinox or Flax module, a fitted MLP of "
        "scikit-learn, a sequential Keras model, or a JAX function of z = W x + b with weights and bias"
    )


def _in_range(rows: FloatArray, W: FloatArray, b: FloatArray) -> bool:
    """Whether ``W x + b`` is finite for all rows, in whatever order it is added up; what is not is said later."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(np.abs(rows) @ np.abs(W).T + np.abs(b)).all())


def library_of(model: object) -> str | None:
    """Return the library whose networks a model is one of, whose first layer is known; None for anything else.

    Examples
    --------
    >>> library_of(lambda z: z) is None
    True
    """
    names = {f"{base.__module__.partition('.')[0]}.{base.__name__}" for base in type(model).__mro__}
    if "keras.Model" in names:  # on some backends a module of PyTorch as well
        return "Keras"
    if "torch.Module" in names and "torch" in sys.modules:
        return "PyTorch"
    if "equinox.Module" in names:
        return "Equinox"
    if "flax.Module" in names:
        return "Flax"
    if hasattr(model, "coefs_") and hasattr(model, "intercepts_"):
        return "scikit-learn"
    if hasattr(model, "layers") and hasattr(model, "get_weights"):
        return "Keras"
    return None


def _of_stack(
    model: Jax, library: str, shape: tuple[int, ...] | None, loss: str, rows: FloatArray | None
) -> JaxNetwork:
    from derandkit.structure.trained.stacks import of_keras, of_sklearn

    stack = of_sklearn(model, loss, rows) if library == "scikit-learn" else of_keras(model, loss, rows, shape)
    found, upper, parameters, smooth = stack
    return JaxNetwork(*found, upper, parameters, named(library, model), smooth)


def _of_flax(model: Jax, shape: tuple[int, ...] | None, rows: FloatArray | None) -> JaxNetwork:
    from derandkit.structure.trained.flax import of_flax, untouched

    kind = named("Flax", model)
    with running(kind), untouched(model, kind):
        found, upper, whole, parameters, given = of_flax(model, shape, rows)
        return _compared(_above(found, upper, parameters, kind, True), whole, given, rows)


def _of_equinox(model: Jax, shape: tuple[int, ...] | None, rows: FloatArray | None) -> JaxNetwork:
    from derandkit.structure.trained.equinox import of_equinox

    kind = named("Equinox", model)
    with running(kind):
        found, upper, whole, parameters, given = of_equinox(model, shape)
    # no part of it may be named after a function with a kink
    declared = "relu" not in repr(model).lower()
    return _compared(_above(found, upper, parameters, kind, declared), whole, given, rows)


def _above(
    found: Entry, upper: Callable[[Jax, Jax], Jax], parameters: Jax, kind: str, declared: bool
) -> JaxNetwork:
    """Return a layer that inputs enter by, with what stands above it."""
    seen = found.places, found.windows
    return JaxNetwork(found.W, found.b, upper, parameters, kind, declared, *seen, found.kernel)


def _compared(
    network: JaxNetwork, whole: Callable[[Jax, Jax], Jax], given: AsGiven, rows: FloatArray | None
) -> JaxNetwork:
    """Return a network whose outputs for the rows are those of the module; refuse another one."""
    inputs = network.W.shape[1] if network.places is None else network.places.size
    if rows is None or rows.shape[1] != inputs:  # said by the caller
        return network
    jax = require_jax()
    with double_precision(), running(network.kind):
        outputs = jax.lax.map(lambda x: whole(network.parameters, x), rows, batch_size=ROWS)
    refuse_another(network.kind, np.asarray(outputs, dtype=np.float64), network.outputs(rows))
    return _in_own_precision(network, given, rows)


def _in_own_precision(network: JaxNetwork, given: AsGiven, rows: FloatArray) -> JaxNetwork:
    """Return a network that has no kink in the precision that it was given in either; refuse another one."""
    jax = require_jax()
    # single precision is that of the user, who may have switched double precision on for the rest
    with double_precision() if given.precision == "float64" else nullcontext(), running(network.kind):
        with np.errstate(over="ignore"):
            seen = rows.astype(given.precision)

        def own(x: Jax) -> Jax:
            return given.run(given.parameters, x)

        # before they are traced: JAX cannot run operations with constants of NumPy that were traced first
        outputs = np.asarray(jax.lax.map(own, seen, batch_size=ROWS), dtype=np.float64)
        declared = network.declared and bool(jax_is_smooth(lambda _, x: own(x), (), seen[0]))
    refuse_other_precision(network.kind, outputs, network.outputs(rows), given.coarsest)
    return replace(network, declared=declared, given=given.parameters)
