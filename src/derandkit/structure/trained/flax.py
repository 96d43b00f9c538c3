"""Flax modules: a bound linen module, or an nnx module, as a first layer and a JAX function above it."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from derandkit.errors import InputError
from derandkit.structure.trained.layers import named, refuse_mixed_rows
from derandkit.structure.trained.own.outputs import HELD, AsGiven, coarsest_of
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
    from collections.abc import Callable, Hashable, Iterator

    from derandkit.numerics.typing import FloatArray, IntArray

#: Where a layer is in its module.
Path = tuple["Hashable", ...]
#: Asked for the output of a layer before it runs: where it is, what it is given, and the layer.
Note: TypeAlias = "Callable[[Path, Jax, Jax], Jax]"


class Opened(NamedTuple):
    """A module of either kind, ready to be run.

    Parameters
    ----------
    run : callable
        Of (parameters, x, note): calls ``note(path, input, layer)`` for every dense layer and convolution before it
        runs; what that returns, if not None, stands for the output of the layer.
    parameters : pytree
        In double precision.
    layers : dict
        Kernel and bias of every dense layer and convolution, by its path.
    """

    run: Callable[[Jax, Jax, Note], Jax]
    parameters: Jax
    layers: dict[Path, tuple[Jax, Jax]]


class Door(NamedTuple):
    """The layer that the inputs enter by.

    Parameters
    ----------
    path : tuple
        Where it is.
    row : tuple of int
        Shape in which a row is given.
    places : ndarray, shape (P, d)
        Inputs that it sees at each place.
    space : tuple of int
        How the places stand in its output, before the channels.
    led : bool
        Whether the row is given as the only one of several.
    """

    path: Path
    row: tuple[int, ...]
    places: IntArray
    space: tuple[int, ...]
    led: bool


def of_flax(
    model: Jax, shape: tuple[int, ...] | None, rows: FloatArray | None = None
) -> tuple[Entry, Callable[[Jax, Jax], Jax], Callable[[Jax, Jax], Jax], Jax, AsGiven]:
    """Take a flax module apart.

    Parameters
    ----------
    model : flax.nnx.Module, or a bound flax.linen.Module
        Called with one row, or with rows of which this is the first and only one.
    shape : tuple of int, optional
        Shape of a row; by default the width of the layer that sees a row as it is.
    rows : ndarray, shape (m, D), optional
        Rows on which a module that takes several at once is compared with itself on single ones.

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
        If a linen module is not bound, the first layer is not dense and no convolution, has no bias, inputs pass it
        by, outputs depend on other rows, or parameters are complex or of less than 32 bits.
    """
    open_one = _linen if _is_linen(model) else _nnx
    own = open_one(model, lambda tree: tree)
    least = coarsest_of(named("Flax", model), own.parameters, "give it with parameters in float32")
    with double_precision():
        opened = open_one(model, _doubled)
        path, row, places, space, led = _first(opened, shape)
        kernel, bias = opened.layers[path]
        if bias is None:
            raise InputError("the first layer of the flax module has no bias")
        # units, then channels, then taps
        weights = np.moveaxis(np.asarray(kernel, dtype=np.float64), (-1, -2), (0, 1))
        units, inputs = len(weights), int(np.prod(row))
        found = entry(weights.reshape(units, -1), bias, places, inputs)

        def upper(parameters: Jax, z: Jax) -> Jax:
            def instead(place: Path, *_: Jax) -> Jax:
                return z.reshape(*space, units) if place == path else None

            out = opened.run(parameters, np.zeros(row), instead)
            return out[0] if led else out

        shown = fixed((*space, units))

        changed = _moved(opened.parameters, path, (kernel, bias))
        outputs = [
            np.asarray(opened.run(parameters, x, lambda place, *_: shown if place == path else None))
            for parameters, x in (
                (opened.parameters, np.zeros(row)),
                (opened.parameters, np.ones(row)),
                (changed, np.zeros(row)),
                (opened.parameters, np.zeros(row)),
            )
        ]
    if not np.array_equal(outputs[0], outputs[3]):
        raise InputError(CHANGING)
    if not np.array_equal(outputs[0], outputs[2]):
        raise InputError(TIED)
    if not np.array_equal(outputs[0], outputs[1]):
        raise InputError(PASSED_BY)
    if rows is not None and inputs == rows.shape[1]:
        with double_precision():
            _refuse_mixed_rows(named("Flax", model), opened, row[1:] if led else row, led, rows)

    def whole(parameters: Jax, x: Jax) -> Jax:
        out = opened.run(parameters, x.reshape(row), lambda *_: None)
        return out[0] if led else out

    def given(parameters: Jax, x: Jax) -> Jax:
        out = own.run(parameters, x.reshape(row), lambda *_: None)
        return out[0] if led else out

    return (
        found,
        upper,
        whole,
        opened.parameters,
        AsGiven(str(own.layers[path][0].dtype), least, own.parameters, given),
    )


def _is_linen(model: Jax) -> bool:
    """Whether a module is one of linen, whose parameters do not stand in it, and not of nnx."""
    return any(
        f"{base.__module__}.{base.__name__}" == "flax.linen.module.Module" for base in type(model).__mro__
    )


@contextmanager
def untouched(model: Jax, kind: str) -> Iterator[None]:
    """Keep an nnx module as it is while copies of it are run.

    Raises
    ------
    InputError
        A function that the copies run holds the module, and changed what it keeps, which is put back.
    """
    if _is_linen(model):
        yield
        return
    nnx, trees = import_module("flax.nnx"), require_jax().tree_util
    before = trees.tree_map(lambda leaf: leaf, nnx.state(model))
    try:
        yield
    finally:
        now = trees.tree_leaves(nnx.state(model))
        same = all(one is other for one, other in zip(trees.tree_leaves(before), now, strict=True))
        if not same:
            nnx.update(model, before)
            raise InputError(f"{kind} {HELD}")


def _refuse_mixed_rows(
    kind: str, opened: Opened, shape: tuple[int, ...], led: bool, rows: FloatArray
) -> None:
    """Refuse a module that takes several rows, and has other outputs for each of them alone."""

    def run(some: FloatArray) -> FloatArray:
        together = len(some) > 1 or led
        x = some.reshape(len(some), *shape) if together else some.reshape(shape)
        out = np.asarray(opened.run(opened.parameters, x, lambda *_: None))
        return out if together else out[None]

    try:
        # of two numbers of rows, as the axis of a row may be as long as there are rows
        several = all(np.shape(run(rows[:m]))[:1] == (m,) for m in (2, 3))
    except Exception:  # it takes one row
        return
    if several:
        refuse_mixed_rows(kind, run, rows)


def _moved(parameters: Jax, path: Path, layer: tuple[Jax, Jax]) -> Jax:
    """Return parameters of which those of one layer are shifted, wherever else they are used."""
    trees = require_jax().tree_util
    leaves, form = trees.tree_flatten_with_path(parameters)
    own = {(*map(str, path), name) for name in ("kernel", "bias")}

    def name(key: Jax) -> str:
        return str(getattr(key, "key", getattr(key, "name", getattr(key, "idx", key))))

    places = [tuple(map(name, keys))[: len(path) + 1] for keys, _ in leaves]
    # a layer that stands in two places may be stored under the other one: there its values decide
    stored = sum(place in own for place in places) == 2
    return trees.tree_unflatten(
        form,
        [
            leaf + fixed(leaf.shape)  # numbers that are all different, as differences of weights may be used
            if (place in own if stored else any(np.array_equal(leaf, part) for part in layer))
            else leaf
            for place, (_, leaf) in zip(places, leaves, strict=True)
        ],
    )


def _first(opened: Opened, shape: tuple[int, ...] | None) -> Door:
    """Return the layer that is called first, and what it sees of a row."""
    widths = [(int(kernel.shape[0]),) for kernel, _ in opened.layers.values() if kernel.ndim == 2]
    if shape is not None and len(shape) > 1:
        forms = [((1, *shape), True), (shape, False)]
    else:
        known = ([] if shape is None else [shape]) + widths
        forms = [form for width in known for form in ((width, False), ((1, *width), True))]
    for form, led in dict.fromkeys(forms):
        inputs, calls = int(np.prod(form)), list[tuple[Path, Jax, Jax]]()
        x = marks(inputs).reshape(form)
        try:
            out = opened.run(opened.parameters, x, lambda *call, calls=calls: calls.append(call))
        except Exception:  # a shape that is not that of the inputs fails in a way of its own
            continue
        if led and (np.ndim(out) < 1 or len(out) != 1):
            continue
        if not calls or [place for place, *_ in calls].count(calls[0][0]) != 1:
            continue
        path, seen, layer = calls[0]
        order = recognised(np.asarray(seen), inputs)
        if order is None:
            continue
        if opened.layers[path][0].ndim == 2:
            return Door(path, form, order.reshape(-1, order.shape[-1]), order.shape[:-1], led)
        if (windows := _windows(layer, order)) is not None:
            return Door(path, form, *windows, led)
    raise InputError(
        "no dense layer or convolution of the flax module sees the inputs as they are, once for each row; give what "
        "stands above the first layer as a JAX function, with weights and bias"
    )


def _windows(layer: Jax, order: IntArray) -> tuple[IntArray, tuple[int, ...]] | None:
    """Return which inputs each window of a convolution takes, and how the windows stand; None for other layers."""
    kernel = tuple(np.atleast_1d(layer.kernel_size).tolist())
    space = len(kernel)
    lead = order.shape[: order.ndim - space - 1]
    stride, dilation, inner = (
        tuple(np.broadcast_to(1 if value is None else value, space).tolist())
        for value in (layer.strides, layer.kernel_dilation, layer.input_dilation)
    )
    plain = layer.feature_group_count == 1 and set(inner) == {1} and getattr(layer, "mask", None) is None
    if order.ndim < space + 1 or int(np.prod(lead)) != 1 or not plain:
        return None
    extents = order.shape[len(lead) : -1]
    around = layer.padding
    if isinstance(around, str):
        if around.upper() not in ("SAME", "VALID"):
            return None
    else:
        around = [
            (part, part) if isinstance(part, int) else tuple(part)
            for part in ([around] * space if isinstance(around, int) else around)
        ]
    channels_first = np.moveaxis(order.reshape(*extents, order.shape[-1]), -1, 0)
    windows, stands = windowed(channels_first, kernel, stride, dilation, around)
    return windows, (*lead, *stands)


def _linen(model: Jax, change: Callable[[Jax], Jax]) -> Opened:
    linen = import_module("flax.linen")
    if model.scope is None:
        raise InputError("the flax module has no parameters: give it bound to them, module.bind(variables)")
    module, variables = model.unbind()
    variables = change(variables)

    def run(parameters: Jax, x: Jax, note: Note) -> Jax:
        def watch(following: Jax, arguments: Jax, options: Jax, context: Jax) -> Jax:
            layer = (
                isinstance(context.module, (linen.Dense, linen.Conv)) and context.method_name == "__call__"
            )
            found = note(tuple(context.module.path), arguments[0], context.module) if layer else None
            return following(*arguments, **options) if found is None else found

        with linen.intercept_methods(watch):
            return module.apply({**variables, "params": parameters}, x)

    layers: dict[Path, tuple[Jax, Jax]] = {}

    def collect(tree: Jax, path: Path) -> None:
        if hasattr(tree, "keys"):
            if np.ndim(tree.get("kernel")) >= 2:
                layers[path] = tree["kernel"], tree.get("bias")
            for name in tree:
                collect(tree[name], (*path, name))

    collect(variables["params"], ())
    return Opened(run, variables["params"], layers)


def _nnx(model: Jax, change: Callable[[Jax], Jax]) -> Opened:
    nnx = import_module("flax.nnx")
    copy = nnx.clone(model)
    copy.eval()
    form, trained, others = nnx.split(copy, nnx.Param, ...)
    trained, others = change(trained), change(others)

    def run(parameters: Jax, x: Jax, note: Note) -> Jax:
        whole = nnx.merge(form, parameters, others)

        def watched(kind: Jax) -> Jax:
            class Watched(kind):  # type: ignore[misc, valid-type, unused-ignore]
                """Asks what stands for its output."""

                def __call__(self, inputs: Jax, *arguments: Jax, **options: Jax) -> Jax:
                    found = note(places[id(self)], inputs, self)
                    return super().__call__(inputs, *arguments, **options) if found is None else found

            return Watched

        kinds = {kind: watched(kind) for kind in (nnx.Linear, nnx.Conv)}
        places = {id(part): path for path, part in nnx.iter_modules(whole) if type(part) in kinds}
        for _, part in list(nnx.iter_modules(whole)):
            if id(part) in places:
                object.__setattr__(part, "__class__", kinds[type(part)])
        return whole(x)

    layers: dict[Path, tuple[Jax, Jax]] = {}
    for path, part in nnx.iter_modules(nnx.merge(form, trained, others)):
        if type(part) in (nnx.Linear, nnx.Conv):
            layers[path] = part.kernel[...], None if part.bias is None else part.bias[...]
    return Opened(run, trained, layers)


def _doubled(tree: Jax) -> Jax:
    jax = require_jax()

    def doubled(leaf: Jax) -> Jax:
        kind = getattr(getattr(leaf, "dtype", None), "kind", "")
        return jax.numpy.asarray(np.asarray(leaf, dtype=np.float64)) if kind == "f" else leaf

    return jax.tree_util.tree_map(doubled, tree)
