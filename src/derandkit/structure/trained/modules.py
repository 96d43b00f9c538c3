"""PyTorch modules: derivatives by `torch.func`, in double precision."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from derandkit.errors import InputError
from derandkit.structure.trained.kinks import torch_is_smooth
from derandkit.structure.trained.layers import ROWS, Derivatives, first_layer, flattened

if TYPE_CHECKING:
    from types import ModuleType

    from derandkit.numerics.typing import FloatArray

#: Modules and tensors of PyTorch. It is an optional package, and its types are not known here.
Torch: TypeAlias = Any

#: Modules with a kink.
KINKS = (
    "ReLU",
    "LeakyReLU",
    "PReLU",
    "ReLU6",
    "Hardtanh",
    "Hardswish",
    "Hardsigmoid",
    "MaxPool1d",
    "MaxPool2d",
)


@dataclass(frozen=True, eq=False)
class TorchNetwork:
    """A PyTorch module whose first layer is linear, with a bias.

    Parameters
    ----------
    W, b : ndarray, shapes (n, d), (n,)
        First layer.
    module : torch.nn.Module
        A copy of the module, in double precision and evaluation mode.
    first : str
        Name of its first layer.
    kind : str
        What the network is, in words.
    smooth : bool
        Whether no part of it is known to have a kink.
    """

    W: FloatArray
    b: FloatArray
    module: Torch
    first: str
    kind: str
    smooth: bool

    @classmethod
    def of(cls, model: Torch) -> TorchNetwork:
        """Take a module apart.

        Raises
        ------
        InputError
            If its first layer is not linear with a bias, or does not see the inputs as they are.
        """
        torch = import_module("torch")
        module = copy.deepcopy(model).double().cpu().eval()
        linear = [(name, part) for name, part in module.named_modules() if isinstance(part, torch.nn.Linear)]
        if not linear or linear[0][1].bias is None:
            raise InputError("the module has no Linear layer with a bias as its first layer")
        name, part = linear[0]
        W, b = first_layer(part.weight.detach().numpy(), part.bias.detach().numpy())
        _check_first(torch, module, part, W.shape[1])
        smooth = not any(type(piece).__name__ in KINKS for piece in module.modules())
        smooth = smooth and torch_is_smooth(module, torch.zeros((1, W.shape[1]), dtype=torch.float64))
        return cls(W, b, module, name, f"PyTorch {type(model).__name__}", smooth)

    def outputs(self, X: FloatArray) -> FloatArray:
        """Return the outputs, shape (m,) or (m, k)."""
        torch = import_module("torch")
        with torch.no_grad():
            return flattened(np.asarray(self.module(torch.from_numpy(X)).numpy(), dtype=np.float64))

    def derivatives(self, X: FloatArray, y: FloatArray, loss: str) -> Derivatives:
        """Return means over rows, block by block."""
        torch = import_module("torch")
        prefix = f"{self.first}." if self.first else ""
        held = {name: value.detach() for name, value in self.module.named_parameters()}
        weight, bias = held.pop(f"{prefix}weight"), held.pop(f"{prefix}bias")
        buffers = dict(self.module.named_buffers())

        def total(W: Torch, b: Torch, rest: dict[str, Torch], X: Torch, y: Torch) -> Torch:
            parameters = {**rest, **buffers, f"{prefix}weight": W, f"{prefix}bias": b}
            f = torch.func.functional_call(self.module, parameters, (X,)).reshape(y.shape)
            return _losses(torch, loss, f, y).sum()

        sums: list[Torch] = []
        for first in range(0, len(X), ROWS):
            rows = slice(first, first + ROWS)
            Xk, yk = torch.from_numpy(X[rows]), torch.from_numpy(y[rows])
            grads, risk = torch.func.grad_and_value(total, argnums=(0, 1, 2))(weight, bias, held, Xk, yk)
            # backwards twice: forward derivatives are not there for every function of PyTorch
            slope = torch.func.grad(total, argnums=1)
            H = torch.func.jacrev(slope, argnums=1)(weight, bias, held, Xk, yk)
            rest = [grads[2][name].reshape(-1) for name in sorted(held)]
            flat = torch.cat(rest) if rest else torch.zeros(0)
            part = [risk, grads[0], grads[1], flat, H]
            sums = part if not sums else [a + b for a, b in zip(sums, part, strict=True)]
        risk, dW, db, flat, H = (np.asarray(a.detach().numpy(), dtype=np.float64) / len(X) for a in sums)
        return Derivatives(float(risk), dW, db, flat, (H + H.T) / 2.0)


def _losses(torch: ModuleType, loss: str, f: Torch, y: Torch) -> Torch:
    """Return the loss of every row, as `derandkit.structure.training.losses` has it."""
    if loss == "softmax":
        return torch.logsumexp(f, dim=-1) - (y * f).sum(dim=-1)
    values = {
        "squared": lambda: (f - y) ** 2,
        "logistic": lambda: torch.nn.functional.softplus(f) - y * f,
        "huber": lambda: torch.sqrt(1.0 + (f - y) ** 2) - 1.0,
    }[loss]()
    return values if values.ndim == 1 else values.mean(dim=1)


def _check_one_way(torch: ModuleType, module: Torch, first: Torch, x: Torch) -> None:
    """Refuse a module that sees its inputs by another way than its first layer, as over a residual connection."""
    handle = first.register_forward_hook(lambda _module, _arguments, out: torch.zeros_like(out))
    try:
        with torch.no_grad():
            same = bool(torch.equal(module(x), module(x + 1.0)))
    finally:
        handle.remove()
    if not same:
        raise InputError(
            "inputs reach the output by another way than the first Linear layer, so the lemma does not apply"
        )


def _check_first(torch: ModuleType, module: Torch, first: Torch, d: int) -> None:
    """Refuse a module whose first linear layer is not what the inputs enter by."""
    seen: list[Torch] = []
    handle = first.register_forward_pre_hook(lambda _module, arguments: seen.append(arguments[0].detach()))
    try:
        x = torch.linspace(-1.0, 1.0, d, dtype=torch.float64).reshape(1, d)
        with torch.no_grad():
            module(x)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        raise InputError(
            f"the module cannot be called with a row of {d} inputs: {str(error).splitlines()[0]:.120}"
        ) from None
    finally:
        handle.remove()
    _check_one_way(torch, module, first, x)
    if len(seen) != 1 or tuple(seen[0].shape) != (1, d) or not bool(torch.equal(seen[0], x)):
        raise InputError(
            "the first Linear layer of the module does not see the inputs as they are, once for each row"
        )
