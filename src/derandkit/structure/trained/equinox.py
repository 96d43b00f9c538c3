"""Equinox modules as a first layer and a JAX function above it, also where the layer is mapped over tokens."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.structure.trained.layers import named
from derandkit.structure.trained.own.outputs import AsGiven, coarsest_of
from derandkit.structure.trained.places import (
    CHANGING,
    PASSED_BY,
    TIED,
    Entry,
    entry,
    fixed,
    marks,
    recognised,
    windowed,
)
from derandkit.structure.training.losses import Jax
from derandkit.structure.training.network import double_precision, require_jax

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from derandkit.numerics.typing import FloatArray, IntArray

_UNSEEN = (
    "the first layer of the module does not see the inputs as they are, once for each row; give what stands above it "
    "as a JAX function, with weights and bias"
)


def of_equinox(
    model: Jax, shape: tuple[int, ...] | None
) -> tuple[Entry, Callable[[Jax, Jax], Jax], Callable[[Jax, Jax], Jax], Jax, AsGiven]:
    """Take an Equinox module apart that is called with one row of a shape.

    Parameters
    ----------
    model : equinox.Module
        Its first layer is the first ``Linear`` or convolution in the order of its fields.
    shape : tuple of int, optional
        Shape of a row; by default the width of the first layer.

    Returns
    -------
    entry : Entry
        Where the inputs enter.
    upper : callable
        JAX function of (parameters, z).
    whole : callable
        The module, as a JAX function of (parameters, x) of one row of shape (D,).
    parameters : pytree
        What they take.
    given : AsGiven
        The module as it is.

    Raises
    ------
    InputError
        If the first layer has no bias or does not see the inputs as they are, inputs pass it by, or parameters are
        complex or of less than 32 bits.
    """
    jax, eqx = require_jax(), import_module("equinox")
    first = next((leaf for leaf in _leaves(eqx, model) if _is_layer(eqx, leaf)), None)
    if first is None or first.bias is None:
        raise InputError(
            "the module has no Linear layer with a bias as its first layer, and no convolution with one"
        )
    convolves = isinstance(first, eqx.nn.Conv)
    if shape is None or (len(shape) == 1 and not convolves):
        shape = first.weight.shape[1:]  # another width of the rows is named by the caller
    inputs = int(np.prod(shape))
    own, static = eqx.partition(model, eqx.is_inexact_array)
    least = coarsest_of(named("Equinox", model), own, "give it with parameters in float32")
    with double_precision():
        arrays = jax.tree_util.tree_map(lambda a: jax.numpy.asarray(np.asarray(a, dtype=np.float64)), own)
        whole = eqx.combine(arrays, static)
        x = jax.numpy.asarray(marks(inputs).reshape(shape))
        seen = _seen(eqx, whole, x)
        order = recognised(seen, inputs)
        if order is None:
            raise InputError(_UNSEEN)
        weights = np.asarray(first.weight, dtype=np.float64).reshape(len(first.weight), -1)
        if convolves:
            windows, space = _windows(first, order)
        else:
            windows, space = order.reshape(-1, order.shape[-1]), order.shape[:-1]
        found = entry(weights, np.asarray(first.bias).reshape(-1), windows, inputs)
        units = len(weights)
        which = np.zeros(inputs)
        if found.places is not None and not convolves:
            which[found.places] = np.arange(len(found.places))[:, None]
        row = jax.numpy.asarray(which.reshape(shape))  # modules index it with arrays of JAX

        class Direct(eqx.Module):  # type: ignore[misc, name-defined, unused-ignore]
            """Stands for the first layer once z is known."""

            z: Jax

            def __call__(self, x: Jax, *, key: Jax = None) -> Jax:
                if convolves:
                    return self.z.reshape(-1, units).T.reshape(units, *space)
                # the row that is given holds the number of its place
                return self.z if self.z.ndim == 1 else self.z[x[0].astype(int)]

        def upper(parameters: Jax, z: Jax) -> Jax:
            return _with(eqx, eqx.combine(parameters, static), Direct(z))(row)

        def run(parameters: Jax, x: Jax) -> Jax:
            return eqx.combine(parameters, static)(x.reshape(shape))

        _check_one_way(eqx, whole, units, convolves, space, x)
    return found, upper, run, arrays, AsGiven(str(first.weight.dtype), least, own, run)


def _check_one_way(
    eqx: ModuleType, whole: Jax, units: int, convolves: bool, space: tuple[int, ...], x: FloatArray
) -> None:
    """Refuse a module that sees its inputs by another way than its first layer."""

    class Fixed(eqx.Module):  # type: ignore[misc, name-defined, unused-ignore]
        """Stands for the first layer and shows nothing of its inputs."""

        size: int = eqx.field(static=True)

        def __call__(self, x: Jax, *, key: Jax = None) -> Jax:
            return fixed((units, *space) if convolves else (self.size,))

    silent = _with(eqx, whole, Fixed(units))
    if not np.array_equal(np.asarray(silent(x)), np.asarray(silent(x))):
        raise InputError(CHANGING)
    # zeros are padding to some modules
    if not all(
        np.array_equal(np.asarray(silent(x)), np.asarray(silent(other))) for other in (x + 1.0, 0.0 * x, -x)
    ):
        raise InputError(PASSED_BY)


def _is_layer(eqx: ModuleType, leaf: object) -> bool:
    return isinstance(leaf, (eqx.nn.Linear, eqx.nn.Conv))


def _leaves(eqx: ModuleType, tree: Jax) -> list[Jax]:
    found: list[Jax] = require_jax().tree_util.tree_leaves(tree, is_leaf=lambda x: _is_layer(eqx, x))
    return found


def _with(eqx: ModuleType, model: Jax, layer: Jax) -> Jax:
    """Return an Equinox module with another first layer."""
    return eqx.tree_at(
        lambda tree: next(leaf for leaf in _leaves(eqx, tree) if _is_layer(eqx, leaf)), model, layer
    )


def _seen(eqx: ModuleType, model: Jax, x: FloatArray) -> FloatArray:
    """Return what the first layer is given: of a layer that is mapped over tokens, the array of all tokens."""
    jax = require_jax()
    calls: list[FloatArray] = []

    def note(seen: Jax) -> Jax:
        calls.append(np.array(seen))
        return seen

    class Probe(eqx.Module):  # type: ignore[misc, name-defined, unused-ignore]
        """Shows what the first layer is given."""

        layer: Jax

        def __call__(self, x: Jax, *, key: Jax = None) -> Jax:
            form = jax.ShapeDtypeStruct(x.shape, x.dtype)
            return self.layer(jax.pure_callback(note, form, x, vmap_method="broadcast_all"))

    first = next(leaf for leaf in _leaves(eqx, model) if _is_layer(eqx, leaf))
    try:
        np.asarray(_with(eqx, model, Probe(first))(x))
    except AttributeError:  # it asks what stands for the layer for its weight
        raise InputError(TIED) from None
    except (TypeError, ValueError, IndexError) as error:
        raise InputError(
            f"the module cannot be called with a row of shape {x.shape}: {str(error).splitlines()[0]:.120}"
        ) from None
    if len(calls) != 1:
        raise InputError(_UNSEEN)
    return calls[0]


def _windows(layer: Jax, order: IntArray) -> tuple[IntArray, tuple[int, ...]]:
    """Return which inputs each window of a convolution takes, and how the windows stand in space."""
    kernel, stride, dilation = layer.kernel_size, layer.stride, layer.dilation
    plain = layer.groups == 1 and getattr(layer, "padding_mode", "ZEROS").upper() == "ZEROS"
    if order.ndim != len(kernel) + 1 or not plain or type(layer).__name__.startswith("ConvTranspose"):
        raise InputError(_UNSEEN)
    return windowed(order, kernel, stride, dilation, layer.padding)
