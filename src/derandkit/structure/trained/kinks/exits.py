"""Where numbers leave the tensors of PyTorch: what is done to them outside is seen by none of its derivatives."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING

from derandkit.errors import InputError
from derandkit.structure.training.losses import Jax

if TYPE_CHECKING:
    from collections.abc import Callable

#: Methods of tensors that give their numbers away. A comparison, which a branch asks for, is no number: it is a kink.
EXITS = frozenset(
    (
        "__array__", "__complex__", "__deepcopy__", "__dlpack__", "__float__", "__index__", "__int__", "__reduce_ex__",
        "data_ptr", "item", "numpy", "storage", "tolist", "untyped_storage",
    )
)  # fmt: skip


def exits(moving: Callable[[object], bool]) -> AbstractContextManager[object]:
    """Return a context in which numbers that depend on the row do not leave PyTorch.

    Parameters
    ----------
    moving : callable
        Whether a tensor depends on the row.

    Raises
    ------
    InputError
        They do; it names the method.
    """
    torch = import_module("torch")
    mode = import_module("torch.overrides").TorchFunctionMode

    class Exits(mode):  # type: ignore[misc, valid-type, unused-ignore]
        """Looks at the methods of tensors that are called."""

        def __torch_function__(
            self,
            func: Jax,
            types: object,
            args: tuple[object, ...] = (),
            kwargs: dict[str, object] | None = None,
        ) -> object:
            name = getattr(func, "__name__", "")
            if name in EXITS and args and moving(args[0]) and args[0].dtype != torch.bool:  # type: ignore[attr-defined]
                raise InputError(
                    f"the module takes numbers that depend on the row out of PyTorch by {name}(), which sees no kink "
                    "and no derivative of what is done to them there: compute with tensors"
                )
            return func(*args, **(kwargs or {}))

    found: AbstractContextManager[object] = Exits()
    return found
