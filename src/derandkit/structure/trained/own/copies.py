"""Copies of a PyTorch module: as it is, and in double precision with each weight as a number of its own."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

from derandkit.errors import InputError, first_line
from derandkit.structure.trained.own.outputs import coarsest
from derandkit.structure.trained.own.watch import memory_of
from derandkit.structure.training.losses import Jax

if TYPE_CHECKING:
    from types import ModuleType


class Copies(NamedTuple):
    """Copies of a module on the CPU, in evaluation mode.

    Parameters
    ----------
    plain : torch.nn.Module
        As it is.
    doubled : torch.nn.Module
        In double precision, each weight as a number of its own.
    computing : torch.nn.Module or None
        In double precision, with weights computed from other parameters by `torch.nn.utils.parametrize` as in the
        module; None where there are none.
    precision : {"float32", "float64"}
        The type of its parameters with the fewest digits.
    """

    plain: Jax
    doubled: Jax
    computing: Jax | None
    precision: str


def copied(torch: ModuleType, model: Jax, kind: str) -> Copies:
    """Return copies of a module that share nothing with it.

    Parameters
    ----------
    torch : module
        PyTorch.
    model : torch.nn.Module
        The module.
    kind : str
        What it is, for messages.

    Raises
    ------
    InputError
        It cannot be copied, or some of it stays the same object; or its parameters are complex, or of less than 32
        bits.
    """
    inexact = [part.dtype for part in model.parameters() if part.is_floating_point() or part.is_complex()]
    names = [str(kept).removeprefix("torch.") for kept in inexact]
    precision = coarsest(kind, names, "give a copy by float()")
    plain = _apart(model, model, kind)
    for change in ("cpu", "eval"):  # as an override may do without the return value of its own
        getattr(plain, change)()
    module = _apart(plain, model, kind)
    parametrize = torch.nn.utils.parametrize
    parts = [part for part in module.modules() if parametrize.is_parametrized(part)]
    own = _apart(module, model, kind) if parts else None
    if own is not None:
        own.double()
    for part in parts:
        # the copy has the class of the original, made for it alone, and removing would change that class
        part.__class__ = type(type(part).__name__, type(part).__bases__, dict(vars(type(part))))
        for name in list(part.parametrizations):
            parametrize.remove_parametrizations(part, name, leave_parametrized=True)
    module.double()
    return Copies(plain, module, own, precision)


def places_of(model: Jax) -> set[int]:
    """Return where a module has its parameters and buffers."""
    return memory_of((*model.parameters(), *model.buffers()))


def _apart(model: Jax, original: Jax, kind: str) -> Jax:
    """Return a copy of a module; refuse one that is, in part, the module itself, which would be changed."""
    try:
        found = copy.deepcopy(model)
    except MemoryError:
        raise
    except Exception as error:  # what cannot be copied says so in its own way
        raise InputError(
            f"the module cannot be copied ({first_line(error):.120}); remove what recomputes its weights, for example "
            "with torch.nn.utils.remove_weight_norm"
        ) from None
    same = {id(part) for part in found.modules()} & {id(part) for part in original.modules()}
    if same or places_of(found) & places_of(original):
        raise InputError(
            f"{kind} cannot be copied: copy.deepcopy returns some of its parts as they are, and what is done to the "
            "copy would be done to them; leave their __deepcopy__ out"
        )
    return found
