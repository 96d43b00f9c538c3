"""Which part of a PyTorch module the inputs enter by, and which of them it sees at which place."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from derandkit.errors import InputError
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

if TYPE_CHECKING:
    from types import ModuleType

    from derandkit.numerics.typing import IntArray

#: Modules and tensors of PyTorch. It is an optional package, and its types are not known here.
Torch: TypeAlias = Jax

UNSEEN = "the first layer of the module does not see the inputs as they are, once for each row"


def first_part(torch: ModuleType, module: Torch, shape: tuple[int, ...]) -> tuple[str, Torch, Entry]:
    """Return the name of the layer that the inputs enter by, the layer, and where they enter it.

    Parameters
    ----------
    torch : module
        PyTorch.
    module : torch.nn.Module
        In double precision.
    shape : tuple of int
        Shape of one row.

    Raises
    ------
    InputError
        If the layer that is called first is not linear and no convolution, has no bias, does not see the inputs as they
        are, or inputs pass it by.
    """
    layers = (torch.nn.Linear, torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)
    parts = {name: part for name, part in module.named_modules() if isinstance(part, layers)}
    inputs = int(np.prod(shape))
    row = torch.from_numpy(marks(inputs))
    calls = _calls(torch, module, parts, row.reshape(1, *shape))
    if not calls or parts[calls[0][0]].bias is None:
        raise InputError(
            "the module has no Linear layer with a bias as its first layer, and no convolution with one"
        )
    name, seen = calls[0]
    part = parts[name]
    _check_one_way(torch, module, part, row.reshape(1, *shape))
    order = recognised(seen.numpy(), inputs)
    if order is None or [called for called, _ in calls].count(name) != 1:
        raise InputError(UNSEEN)
    places = order.reshape(-1, seen.shape[-1]) if isinstance(part, torch.nn.Linear) else _windows(part, order)
    two = torch.stack((row, row.flip(0)))
    again = _calls(torch, module, parts, two.reshape(2, *shape))[0][1]
    # one row after the other, each as it was alone
    if again.shape[0] != 2 * seen.shape[0] or not torch.equal(
        again.reshape(2, -1), two[:, torch.from_numpy(order.reshape(-1))]
    ):
        raise InputError(UNSEEN)
    weights = part.weight.detach().numpy()
    if not len(weights):
        raise InputError("the first layer has no units")
    return name, part, entry(weights.reshape(len(weights), -1), part.bias.detach().numpy(), places, inputs)


def _calls(torch: ModuleType, module: Torch, parts: dict[str, Torch], x: Torch) -> list[tuple[str, Torch]]:
    """Run a module, and return the layers in the order in which they are called, with what they are given."""
    calls: list[tuple[str, Torch]] = []
    handles = [
        part.register_forward_pre_hook(
            lambda _module, arguments, name=name: calls.append((name, arguments[0].detach().clone()))
        )
        for name, part in parts.items()
    ]
    try:
        with torch.no_grad():
            module(x.clone())
    except InputError:
        raise
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        raise InputError(
            f"the module cannot be called with rows of shape {tuple(x.shape[1:])}: {str(error).splitlines()[0]:.120}"
        ) from None
    finally:
        for handle in handles:
            handle.remove()
    return calls


def _check_one_way(torch: ModuleType, module: Torch, first: Torch, x: Torch) -> None:
    """Refuse a module that uses its inputs, or the weights of its first layer, by another way than this layer."""
    handle = first.register_forward_hook(
        lambda _module, _arguments, out: torch.from_numpy(fixed(out.shape)).to(out)
    )
    kept = {part: part.detach().clone() for part in (first.weight, first.bias)}
    try:
        with torch.no_grad():
            found = module(x.clone())
            if not isinstance(found, torch.Tensor):
                raise InputError(
                    f"the module returns {type(found).__name__:.60}; give one that returns a tensor"
                )
            if not torch.isfinite(found).all():
                raise InputError("the module's outputs are not finite: are all of its weights?")
            if not torch.equal(found, module(x.clone())):
                raise InputError(CHANGING)
            # zeros are padding to some modules
            same = all(torch.equal(found, module(other)) for other in (x + 1.0, 0.0 * x, -x))
            for part in kept:  # by numbers that are all different, as differences of weights may be used
                part += torch.from_numpy(fixed(part.shape)).to(part)
            tied = not torch.equal(found, module(x.clone()))
            for part, before in kept.items():
                part.copy_(before)
    finally:
        handle.remove()
    if tied:
        raise InputError(TIED)
    if not same:
        raise InputError(PASSED_BY)


def _windows(part: Torch, order: IntArray) -> IntArray:
    """Return which inputs each window of a convolution takes."""
    space = len(part.kernel_size)
    if order.ndim != space + 2 or len(order) != 1:
        raise InputError(UNSEEN)
    if part.groups != 1 or (part.padding_mode != "zeros" and any(np.atleast_1d(part.padding) != 0)):
        raise InputError(
            "the first layer is a convolution in groups, or padded by other numbers than zeros: give its matrix as "
            "weights, its bias, and what stands above as a JAX function of z"
        )
    around = [(0, 0)] * space
    if part.padding == "same":
        sizes = [step * (taps - 1) for taps, step in zip(part.kernel_size, part.dilation, strict=True)]
        around = [(size // 2, size - size // 2) for size in sizes]
    elif part.padding != "valid":
        around = [(size, size) for size in part.padding]
    return windowed(order[0], part.kernel_size, part.stride, part.dilation, around)[0]
