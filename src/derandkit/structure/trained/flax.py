"""Flax modules: a bound linen module, or an nnx module, as a first layer and a JAX function above it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.structure.trained.layers import first_layer
from derandkit.structure.training.losses import Jax
from derandkit.structure.training.network import double_precision, require_jax

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from derandkit.numerics.typing import FloatArray

#: Where a layer is in its module.
Path = tuple["Hashable", ...]


class Parts(NamedTuple):
    """A module taken apart.

    Parameters
    ----------
    W, b : ndarray, shapes (n, d), (n,)
        First layer.
    upper : callable
        JAX function of (parameters, z).
    parameters : pytree
        What it takes.
    """

    W: FloatArray
    b: FloatArray
    upper: Callable[[Jax, Jax], Jax]
    parameters: Jax


class Opened(NamedTuple):
    """A module of either kind, ready to be run.

    Parameters
    ----------
    run : callable
        Of (parameters, x, note): calls ``note(path, input)`` for every dense layer before it runs; what that returns,
        if not None, stands for the output of the layer.
    parameters : pytree
        In double precision.
    layers : dict
        Kernel and bias of every dense layer, by its path.
    """

    run: Callable[[Jax, Jax, Callable[[Path, Jax], Jax]], Jax]
    parameters: Jax
    layers: dict[Path, tuple[Jax, Jax]]


def of_flax(model: Jax) -> Parts:
    """Take a flax module apart.

    Parameters
    ----------
    model : flax.nnx.Module, or a bound flax.linen.Module

    Raises
    ------
    InputError
        If a linen module is not bound, the first layer is not dense with a bias, or inputs pass it by.
    """
    names = {f"{base.__module__}.{base.__name__}" for base in type(model).__mro__}
    with double_precision():
        opened = _linen(model) if "flax.linen.module.Module" in names else _nnx(model)
        path, d = _first(opened)
        kernel, bias = opened.layers[path]
        if bias is None:
            raise InputError("the first dense layer of the flax module has no bias")
        W, b = first_layer(np.asarray(kernel).T, bias)

        def upper(parameters: Jax, z: Jax) -> Jax:
            return opened.run(parameters, np.zeros(d), lambda place, _: z if place == path else None)

        zeros = np.zeros(len(b))
        outputs = [
            np.asarray(opened.run(opened.parameters, x, lambda place, _: zeros if place == path else None))
            for x in (np.zeros(d), np.ones(d))
        ]
    if not np.array_equal(outputs[0], outputs[1]):
        raise InputError(
            "inputs reach the output by another way than the first dense layer, so the lemma does not apply"
        )
    return Parts(W, b, upper, opened.parameters)


def _first(opened: Opened) -> tuple[Path, int]:
    """Return the dense layer that is called first, and the number of its inputs."""
    for d in dict.fromkeys(int(kernel.shape[0]) for kernel, _ in opened.layers.values()):
        x, calls = np.linspace(-1.0, 1.0, d), list[tuple[Path, Jax]]()
        try:
            opened.run(opened.parameters, x, lambda path, seen, calls=calls: calls.append((path, seen)))  # type: ignore[misc]
        except Exception:  # a width that is not that of the inputs fails in a way of its own
            continue
        if not calls:
            break
        path, seen = calls[0]
        if [place for place, _ in calls].count(path) == 1 and np.array_equal(np.asarray(seen), x):
            return path, d
    raise InputError(
        "no dense layer of the flax module sees the inputs as they are, once for each row; give what stands above the "
        "first layer as a JAX function, with weights and bias"
    )


def _linen(model: Jax) -> Opened:
    linen = import_module("flax.linen")
    if model.scope is None:
        raise InputError("the flax module has no parameters: give it bound to them, module.bind(variables)")
    module, variables = model.unbind()
    variables = _doubled(variables)

    def run(parameters: Jax, x: Jax, note: Callable[[Path, Jax], Jax]) -> Jax:
        def watch(following: Jax, arguments: Jax, options: Jax, context: Jax) -> Jax:
            dense = isinstance(context.module, linen.Dense) and context.method_name == "__call__"
            found = note(tuple(context.module.path), arguments[0]) if dense else None
            return following(*arguments, **options) if found is None else found

        with linen.intercept_methods(watch):
            return module.apply({**variables, "params": parameters}, x)

    layers: dict[Path, tuple[Jax, Jax]] = {}

    def collect(tree: Jax, path: Path) -> None:
        if hasattr(tree, "keys"):
            if np.ndim(tree.get("kernel")) == 2:
                layers[path] = tree["kernel"], tree.get("bias")
            for name in tree:
                collect(tree[name], (*path, name))

    collect(variables["params"], ())
    return Opened(run, variables["params"], layers)


def _nnx(model: Jax) -> Opened:
    nnx = import_module("flax.nnx")
    copy = nnx.clone(model)
    copy.eval()
    form, trained, others = nnx.split(copy, nnx.Param, ...)
    trained, others = _doubled(trained), _doubled(others)

    def run(parameters: Jax, x: Jax, note: Callable[[Path, Jax], Jax]) -> Jax:
        whole = nnx.merge(form, parameters, others)

        class Watched(nnx.Linear):  # type: ignore[misc, name-defined, unused-ignore]
            """Asks what stands for its output."""

            def __call__(self, inputs: Jax, *arguments: Jax, **options: Jax) -> Jax:
                found = note(places[id(self)], inputs)
                return super().__call__(inputs, *arguments, **options) if found is None else found

        places = {id(part): path for path, part in nnx.iter_modules(whole) if type(part) is nnx.Linear}
        for _, part in list(nnx.iter_modules(whole)):
            if id(part) in places:
                object.__setattr__(part, "__class__", Watched)
        return whole(x)

    layers: dict[Path, tuple[Jax, Jax]] = {}
    for path, part in nnx.iter_modules(nnx.merge(form, trained, others)):
        if type(part) is nnx.Linear:
            layers[path] = part.kernel[...], None if part.bias is None else part.bias[...]
    return Opened(run, trained, layers)


def _doubled(tree: Jax) -> Jax:
    jax = require_jax()

    def doubled(leaf: Jax) -> Jax:
        kind = getattr(getattr(leaf, "dtype", None), "kind", "")
        return jax.numpy.asarray(np.asarray(leaf, dtype=np.float64)) if kind == "f" else leaf

    return jax.tree_util.tree_map(doubled, tree)
