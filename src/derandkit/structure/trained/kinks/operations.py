"""Whether a PyTorch module has second derivatives, by the operations that it runs and not by the names of its parts."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from derandkit.structure.trained.kinks.exits import exits
from derandkit.structure.trained.kinks.ranges import (
    LEAST,
    OF_ONE,
    OFF_POLE,
    Range,
    hull,
    log_sigmoid,
    power_is_smooth,
    power_of,
)
from derandkit.structure.training.losses import Jax

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: Operations of PyTorch with derivatives of every order, or that only move numbers. Others may have a kink.
_TORCH = frozenset(
    (
        "_adaptive_avg_pool2d", "_adaptive_avg_pool3d", "_log_softmax", "_native_batch_norm_legit_no_training",
        "_safe_softmax", "_softmax", "_to_copy", "_unsafe_view", "add", "addmm", "alias", "arange", "asinh", "atan",
        "avg_pool2d", "avg_pool3d", "bmm", "cat", "clone", "constant_pad_nd", "convolution", "cos", "cosh", "div",
        "empty", "erf", "exp", "expand", "expm1", "full", "gather", "gelu", "index", "index_select", "lift_fresh",
        "linear", "log", "log1p", "log_sigmoid_forward", "logsumexp", "matmul", "mean", "mish", "mm", "mul", "mv",
        "native_batch_norm", "native_group_norm", "native_layer_norm", "neg", "ones", "permute", "pow", "reciprocal",
        "rsqrt", "rsub", "select", "sigmoid", "silu", "sin", "sinh", "slice", "softplus", "split", "sqrt", "squeeze",
        "stack", "sub", "sum", "t", "tanh", "transpose", "unbind", "unsqueeze", "var", "view", "zeros",
    )
)  # fmt: skip
#: Operations that keep the range of their first input.
_KEEP = frozenset(
    (
        "_to_copy", "_unsafe_view", "alias", "clone", "expand", "gather", "index", "index_select", "lift_fresh", "mean",
        "permute", "select", "slice", "split", "squeeze", "t", "transpose", "unbind", "unsqueeze", "view",
    )
)  # fmt: skip
#: From here on, softplus may be the identity: its jump is 2e-9 there, the rounding of a float32 (PyTorch's default).
_THRESHOLD = 20.0


def torch_is_smooth(module: Callable[[object], object], x: Jax, weights: bool = True) -> bool:
    """Whether a PyTorch module runs only operations that are known to have second derivatives on a row.

    Parameters
    ----------
    module : callable
        The module.
    x : Tensor
        A row, which is not changed.
    weights : bool
        Whether operations count that only parameters go into.

    Raises
    ------
    InputError
        Numbers that depend on the row leave PyTorch, which then knows no derivative, nor any kink on their way back.
    """
    torch = import_module("torch")
    mode = import_module("torch.utils._python_dispatch").TorchDispatchMode
    numbers = Numbers(torch)
    unknown: list[str] = []

    class Watch(mode):  # type: ignore[misc, valid-type, unused-ignore]
        """Notes operations that may have a kink."""

        def __torch_dispatch__(
            self,
            func: Jax,
            types: object,
            args: tuple[object, ...] = (),
            kwargs: dict[str, Jax] | None = None,
        ) -> object:
            name = func.overloadpacket.__name__
            base = name.removesuffix("_") if not name.endswith("__") else name
            given = _named(func, args, kwargs or {})
            moving = [part for part in tensors_in(torch, list(given.values())) if numbers.moving(part)]
            smooth = base in _TORCH and _is_smooth(base, func, given, numbers)
            found_range = _range(base, given, numbers) if smooth and moving else Range()
            found = func(*args, **(kwargs or {}))
            results = list(tensors_in(torch, (found,)))
            if moving:
                smooth = smooth and all(part.dtype in (torch.float32, torch.float64) for part in results)
                changed = [
                    given[part.name]
                    for part in func._schema.arguments
                    if part.alias_info is not None and part.alias_info.is_write
                ]
                for part in tensors_in(torch, changed):
                    numbers.forget(part)
                if base in ("sum", "var") and results:
                    found_range = _summed(base, found_range, moving[0], results[0])
                for part in results:
                    numbers.note(part, found_range if part is results[0] or base in _KEEP else Range())
            if not smooth and (weights or moving):
                unknown.append(name)
            return found

    x = x.clone()
    numbers.note(x, Range())
    with torch.no_grad(), Watch(), exits(numbers.moving):
        module(x)
    return not unknown


class Numbers:
    """Which tensors change with the row, and between which bounds they are.

    Parameters
    ----------
    torch : module
        PyTorch.
    """

    def __init__(self, torch: Jax) -> None:
        self.torch = torch
        # a tensor is kept as long as its id and its place in memory are
        self.seen: dict[int, tuple[Jax, Range]] = {}
        self.places: set[int] = set()

    def note(self, tensor: Jax, found: Range) -> None:
        """Note a tensor that changes with the row."""
        self.seen[id(tensor)] = tensor, found
        place = _place(tensor)
        if place:
            self.places.add(place)

    def forget(self, tensor: Jax) -> None:
        """Note that what a tensor shows was written over: it and its other views may be anything."""
        place = _place(tensor)
        for key, (part, _) in self.seen.items():
            if place is None or _place(part) == place:
                self.seen[key] = part, Range()
        self.note(tensor, Range())

    def moving(self, value: object) -> bool:
        """Whether a value is a tensor that changes with the row."""
        if not isinstance(value, self.torch.Tensor):
            return False
        place = _place(value)
        return id(value) in self.seen or place is None or place in self.places

    def range(self, value: Jax) -> Range:
        """Return between which bounds a tensor or a number is; what does not change is as it is."""
        if not isinstance(value, self.torch.Tensor):
            return Range.of(value) if isinstance(value, (int, float)) else Range()
        if id(value) in self.seen:
            return self.seen[id(value)][1]
        if self.moving(value):
            return Range()
        known = value.detach().cpu()
        return Range.of((known.double() if known.is_floating_point() else known).numpy())


def _place(tensor: Jax) -> int | None:
    """Return where a tensor is in memory: 0 if it has no entries, None if it is not known."""
    try:
        return int(tensor.untyped_storage().data_ptr())
    except (RuntimeError, NotImplementedError):
        return None


def _named(func: Jax, args: tuple[object, ...], kwargs: Mapping[str, object]) -> dict[str, Jax]:
    """Return the arguments of an operation by name and in their order, with those that it takes by default."""
    parts = func._schema.arguments
    given = {**dict(zip((part.name for part in parts), args, strict=False)), **kwargs}
    return {
        part.name: given.get(part.name, part.default_value if part.has_default_value() else None)
        for part in parts
    }


def tensors_in(torch: Jax, values: object) -> Iterator[Jax]:
    """Yield tensors, also those within lists."""
    if isinstance(values, torch.Tensor):
        yield values
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from tensors_in(torch, value)


def _is_smooth(name: str, func: Jax, given: Mapping[str, Jax], numbers: Numbers) -> bool:
    """Whether an operation of the table has second derivatives with its arguments."""
    first: Jax = next(iter(given.values()), None)
    if name == "_to_copy":
        kind = given["dtype"]
        return kind is None or kind.is_floating_point or not first.is_floating_point()
    if name == "view":  # bits that are read as another type
        return bool(func._overloadname != "dtype")
    if name == "softplus":
        return bool(float(given["threshold"]) >= _THRESHOLD)
    if name == "div" and given.get("rounding_mode") is not None:
        return False
    if name in ("native_layer_norm", "native_group_norm", "native_batch_norm"):
        return bool(given["eps"] >= LEAST or not given.get("training", True))
    if name == "pow":
        base, exponent = given["self"], given["exponent"]
        if not (numbers.moving(base) or numbers.moving(exponent)):
            return True
        return power_is_smooth(numbers.range(base), numbers.range(exponent))
    below = first if name in OFF_POLE else given["other"] if name == "div" else None
    if not numbers.moving(below):
        return True
    return OFF_POLE.get(name, OFF_POLE["reciprocal"])(numbers.range(below))


def _range(name: str, given: Mapping[str, Jax], numbers: Numbers) -> Range:
    """Return between which bounds the first result of an operation is; of a sum, each of its terms."""
    first: Jax = next(iter(given.values()))
    if name in ("cat", "stack"):
        return hull(numbers.range(part) for part in first)
    x = numbers.range(first)
    if name in _KEEP or name == "sum":
        return x
    if name == "constant_pad_nd":
        return x.hull(numbers.range(given["value"]))
    if name in ("add", "sub", "rsub"):
        other, alpha = numbers.range(given["other"]), numbers.range(given["alpha"])
        if name == "rsub":
            x, other = other, x
        other = other.times(alpha)
        return x.plus(other if name == "add" else other.negative())
    if name == "mul":
        other = given["other"]
        return x.power(2) if other is first else x.times(numbers.range(other))
    if name == "div":
        return x.times(numbers.range(given["other"]).reciprocal())
    if name == "pow":
        return power_of(x, numbers.range(given["exponent"]))
    if name in ("_softmax", "_safe_softmax"):
        return Range(0.0, 1.0, over=x.finite and name == "_softmax", under=False)
    if name == "softplus":
        return Range(0.0, over=x.finite) if float(given["beta"]) > 0.0 else Range()
    if name == "log_sigmoid_forward":
        return log_sigmoid(x)
    return OF_ONE[name](x) if name in OF_ONE else Range()


def _summed(name: str, terms: Range, before: Jax, after: Jax) -> Range:
    """Return the range of sums of as many terms as there are, or of variances."""
    if name == "var":
        return Range(0.0, over=False)
    return terms.times(Range.of(before.numel() / max(after.numel(), 1)))
