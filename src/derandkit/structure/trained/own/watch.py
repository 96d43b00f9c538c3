"""Whether a copy of a PyTorch module is a whole: it may reach the module that it is a copy of by a function."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from derandkit.errors import InputError
from derandkit.structure.trained.kinks.operations import tensors_in
from derandkit.structure.trained.own.outputs import HELD
from derandkit.structure.training.losses import Jax

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set


def memory_of(tensors: Iterable[Jax]) -> set[int]:
    """Return where tensors of PyTorch have their numbers; those without any are left out."""
    found = set()
    for tensor in tensors:
        try:
            found.add(int(tensor.untyped_storage().data_ptr()))
        except (RuntimeError, NotImplementedError, ValueError):  # lazy, or of a kind without memory
            continue
    return found - {0}


@contextmanager
def alone(kind: str, places: Set[int]) -> Iterator[None]:
    """Refuse a copy of a module that uses numbers of the module itself while it runs.

    It is stopped before it uses them, so that it cannot write over them.

    Parameters
    ----------
    kind : str
        What the network is, for the message.
    places : set of int, or frozenset
        Where the parameters and buffers of the module are, see `memory_of`.

    Raises
    ------
    InputError
        A function that it calls, such as a lambda or a hook, holds the module: the gradient of the copy in its own
        parameters would lack what goes through these, and training statistics of the module would change.
    """
    mode = import_module("torch.utils._python_dispatch").TorchDispatchMode
    torch = import_module("torch")

    class Alone(mode):  # type: ignore[misc, valid-type, unused-ignore]
        """Looks at what every operation is given."""

        def __torch_dispatch__(
            self, func: Jax, types: object, args: tuple[Jax, ...] = (), kwargs: dict[str, Jax] | None = None
        ) -> object:
            if memory_of(tensors_in(torch, (*args, *(kwargs or {}).values()))) & places:
                raise InputError(f"{kind} {HELD}")
            return func(*args, **(kwargs or {}))

    with Alone():
        yield
