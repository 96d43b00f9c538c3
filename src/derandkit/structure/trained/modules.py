"""PyTorch modules: derivatives by `torch.func`, in double precision."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.structure.trained.differences import refuse_other_derivatives, terms
from derandkit.structure.trained.kinks import torch_is_smooth
from derandkit.structure.trained.layers import MIXED, ROWS, WRITE_OUT, Derivatives, flattened, named
from derandkit.structure.trained.opened import Torch, first_part
from derandkit.structure.trained.own.copies import copied, places_of
from derandkit.structure.trained.own.outputs import refuse_other_precision
from derandkit.structure.trained.own.running import running
from derandkit.structure.trained.own.watch import alone
from derandkit.structure.trained.places import PASSED_BY, marks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from derandkit.numerics.typing import FloatArray, IntArray

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
    """A PyTorch module whose first layer is linear or a convolution, with a bias.

    Parameters
    ----------
    W, b : ndarray, shapes (n, d), (n,)
        First layer; of a convolution whose windows overlap or are padded, the matrix of all of them.
    module : torch.nn.Module
        A copy of the module, in double precision and evaluation mode.
    first : str
        Name of its first layer.
    shape : tuple of int
        Shape of one row, as the module takes it.
    kind : str
        What the network is, in words.
    smooth : bool
        Whether no part of it is known to have a kink.
    places, windows, kernel : ndarray or None
        See `derandkit.structure.trained.places.Entry`.
    own : torch.nn.Module, optional
        Another copy that computes weights from parameters of its own, as the module does; None where it has no such.
    plain : torch.nn.Module, optional
        Another one, as the module is.
    precision : {"float32", "float64"}
        The type of its parameters with the fewest digits.
    taken : frozenset of int
        Where the module itself has its numbers.
    """

    W: FloatArray
    b: FloatArray
    module: Torch
    first: str
    shape: tuple[int, ...]
    kind: str
    smooth: bool
    places: IntArray | None = None
    windows: IntArray | None = None
    kernel: FloatArray | None = None
    own: Torch | None = None
    plain: Torch = None
    precision: str = "float64"
    taken: frozenset[int] = frozenset()

    @classmethod
    def of(cls, model: Torch, shape: tuple[int, ...]) -> TorchNetwork:
        """Take a module apart that is called with rows of a shape.

        Raises
        ------
        InputError
            If its first layer is not linear with a bias, or does not see the inputs as they are, or it cannot be
            copied.
        """
        torch = import_module("torch")
        model = getattr(model, "_orig_mod", model)  # what torch.compile was given
        kind = named("PyTorch", model)
        taken = frozenset(places_of(model))
        with _plain(torch), running(kind):
            plain, module, computed, precision = copied(torch, model, kind)
        with _plain(torch), running(kind), alone(kind, taken):
            name, _, found = first_part(torch, module, shape)
            own = {f"{name}.{part}".removeprefix(".") for part in ("weight", "bias")}
            if not own <= dict(module.named_parameters()).keys():
                raise InputError(
                    f"the first layer of {kind} has no weight and bias of its own: they are pruned, "
                    "normalized, or stand under another name too; make them plain parameters, for example with "
                    "torch.nn.utils.prune.remove or remove_spectral_norm"
                )
            smooth = not any(type(piece).__name__ in KINKS for piece in module.modules())
            smooth = smooth and torch_is_smooth(module, torch.zeros((1, *shape), dtype=torch.float64))
        if any(isinstance(p, torch.nn.parameter.UninitializedParameter) for p in model.parameters()):
            raise InputError(
                f"{kind} has a lazy layer that has not seen an input: call it once, since that "
                "makes its weights"
            )
        # autocast makes a staircase of what is smooth in double precision
        with _plain(torch), running(kind), alone(kind, taken):
            kept = plain.get_submodule(name).weight.dtype
            smooth = torch_is_smooth(plain, torch.zeros((1, *shape), dtype=kept), weights=False) and smooth
        seen = found.places, found.windows
        parts = module, name, shape, kind, smooth
        return cls(found.W, found.b, *parts, *seen, found.kernel, computed, plain, precision, taken)

    def outputs(self, X: FloatArray) -> FloatArray:
        """Return the outputs, shape (m,) or (m, k)."""
        torch = import_module("torch")
        with _plain(torch), torch.no_grad(), running(self.kind):
            return self._outputs(torch, self.module, torch.from_numpy(X))

    def _outputs(self, torch: ModuleType, module: Torch, X: Torch) -> FloatArray:
        """Return the outputs of a copy of the module, which may write over the rows that it is given."""
        found = module(X.clone().reshape(-1, *self.shape))
        return flattened(found.to(torch.float64).numpy().copy())

    def refuse_other_module(self, X: FloatArray) -> None:
        """Compare the copy in double precision on some rows with one in the precision of the module.

        Raises
        ------
        InputError
            They differ by more than rounding, or use parameters of the module itself.
        """
        torch = import_module("torch")
        kept = self.plain.get_submodule(self.first).weight.dtype
        with _plain(torch), torch.no_grad(), running(self.kind), alone(self.kind, self.taken):
            own, doubled = (
                np.concatenate(
                    [self._outputs(torch, module, rows.to(dtype)) for rows in torch.from_numpy(X).split(ROWS)]
                )
                for module, dtype in ((self.plain, kept), (self.module, torch.float64))
            )
        refuse_other_precision(self.kind, own, doubled, self.precision)

    def refuse_other_layer(self, X: FloatArray) -> None:
        """Compare the first layer on some rows with ``W x + b``, and the module with what stands above that.

        Raises
        ------
        InputError
            A mask, a hook, a class of its own or a limit on the inputs makes the layer something else, or inputs reach
            the outputs by another way.
        """
        torch = import_module("torch")
        part = self.module.get_submodule(self.first)
        calls: list[Torch] = []
        kept: list[Torch] = []

        def note(_module: Torch, _arguments: Torch, out: Torch) -> Torch:
            calls.append(out)
            return kept[0] if kept else out

        handle = part.register_forward_hook(note)  # after all hooks of the module's own
        row = torch.from_numpy(marks(int(np.prod(self.shape))))
        try:
            with _plain(torch), torch.no_grad(), running(self.kind):
                for first in range(0, len(X), ROWS):
                    calls.clear()
                    kept.clear()
                    rows = X[first : first + ROWS]
                    found = self.module(torch.from_numpy(rows.copy()).reshape(-1, *self.shape))
                    if len(calls) != 1 or not self._is_layer(torch, part, calls[0], rows):
                        raise InputError(
                            f"the first layer of {self.kind} is not W x + b on these rows: {WRITE_OUT}"
                        )
                    kept.append(calls[0])
                    other = self.module(row.repeat(len(rows), 1).reshape(-1, *self.shape))
                    if not (found - other).abs().max() <= MIXED * found.abs().max():
                        raise InputError(PASSED_BY)
        finally:
            handle.remove()

    def _is_layer(self, torch: ModuleType, part: Torch, out: Torch, rows: FloatArray) -> bool:
        """Whether the output of the first layer for some rows is that of its matrix and bias, but for rounding."""
        seen = self._seen(rows)
        z, size = seen @ self.W.T + self.b, np.abs(seen) @ np.abs(self.W.T) + np.abs(self.b)
        if not isinstance(part, torch.nn.Linear):  # channels come first
            out = out.reshape(*out.shape[:2], -1).transpose(1, 2)
        return out.numel() == z.size and bool(
            (np.abs(out.numpy().reshape(z.shape) - z) <= MIXED * size).all()
        )

    def _seen(self, X: FloatArray) -> FloatArray:
        return X if self.places is None else X[:, self.places]

    def derivatives(
        self, X: FloatArray, y: FloatArray, loss: str, mix: FloatArray | None = None
    ) -> Derivatives:
        """Return means over rows, block by block; see `Trained.derivatives`."""
        torch = import_module("torch")
        prefix = f"{self.first}." if self.first else ""
        held = {name: value.detach() for name, value in self.module.named_parameters()}
        weight, bias = held.pop(f"{prefix}weight"), held.pop(f"{prefix}bias")
        buffers = dict(self.module.named_buffers())
        part = self.module.get_submodule(self.first)
        seen = self.places if self.windows is None else self.windows
        count = 1 if seen is None else len(seen)

        def total(rest: dict[str, Torch], shift: Torch, X: Torch, y: Torch) -> Torch:
            parameters = {**rest, **buffers, f"{prefix}weight": weight, f"{prefix}bias": bias}
            handle = part.register_forward_hook(
                lambda _module, _arguments, out: _shifted(torch, part, out, shift)
            )
            try:
                f = torch.func.functional_call(self.module, parameters, (X.clone(),)).reshape(y.shape)
            finally:
                handle.remove()
            return _losses(torch, loss, f, y).sum()

        def bent(change: Torch, along: Torch, *others: Torch) -> Torch:
            return total(held, along * change, *others)

        def slope(*where: Torch) -> Torch:
            try:
                return torch.func.grad_and_value(total, argnums=(0, 1))(*where)
            except RuntimeError as error:
                raise InputError(
                    f"PyTorch cannot differentiate the module: {str(error).splitlines()[0]:.200}"
                ) from None

        # backwards twice: forward derivatives are not there for every function of PyTorch
        bend = torch.func.jacrev(torch.func.grad(bent))
        bend_all = torch.func.jacrev(torch.func.grad(total, argnums=1), argnums=1)
        columns = [] if mix is None else list(torch.from_numpy(np.ascontiguousarray(mix.T)).unsqueeze(-1))
        sums: list[Torch] = []

        def check(image: Torch, yk: Torch) -> None:
            """Compare the derivatives with differences, along the first of the columns."""
            weights = columns[0] if columns else torch.ones((count, 1), dtype=torch.float64)

            def at(change: FloatArray) -> tuple[float, FloatArray]:
                (_, slopes), risk = slope(held, weights * torch.from_numpy(change), image, yk)
                return float(risk), (weights * slopes).sum(dim=0).detach().numpy()

            def curvature(change: FloatArray, along: FloatArray) -> FloatArray:
                a = torch.from_numpy(along)
                product = torch.func.grad(
                    lambda change: torch.func.grad(bent)(change, weights, image, yk) @ a
                )
                found: FloatArray = product(torch.from_numpy(change)).detach().numpy()
                return found

            def moved(step: float) -> tuple[float, float]:
                there = {name: value + step * lines[name] for name, value in held.items()}
                (slopes, _), risk = slope(there, torch.zeros((1, len(bias)), dtype=torch.float64), image, yk)
                return float(risk), float(sum((slopes[name] * lines[name]).sum() for name in held))

            lines = {name: _line(torch, value) for name, value in held.items()}
            bends = curvature if self.smooth else None
            scale = float(np.abs(self._seen(X[:ROWS]) @ self.W.T + self.b).max())
            outputs = self.outputs(X[:ROWS])
            size = terms(outputs, y[:ROWS])
            other = _losses(torch, loss, torch.from_numpy(outputs), yk).sum()
            off = abs(float(other) - at(np.zeros(len(bias)))[0])
            if not off <= MIXED * (size + abs(float(other))):
                raise InputError(
                    f"{self.kind} has other outputs on these rows while it is differentiated (the loss is off by "
                    f"{off:.3g}): take out what asks torch.is_grad_enabled() or the like"
                )
            refuse_other_derivatives(self.kind, at, bends, scale, size, len(bias), moved if held else None)

        with _plain(torch), running(self.kind):
            for first in range(0, len(X), ROWS):
                rows = slice(first, first + ROWS)
                Xk, yk = torch.from_numpy(X[rows]), torch.from_numpy(y[rows])
                image = Xk.reshape(-1, *self.shape)
                zeros = torch.zeros((len(Xk), count, len(bias)), dtype=torch.float64)
                (above, slopes), risk = slope(held, zeros, image, yk)
                if first == 0:
                    with alone(self.kind, self.taken):
                        check(image, yk)
                if self.own is not None:
                    above = _in_own_parameters(torch, self.kind, self.own, self.first, above)
                rest = [above[name].reshape(-1) for name in sorted(above)]
                flat = torch.cat(rest) if rest else torch.zeros(0)
                # through this layer alone: its weight may be used again above, as in a tied decoder
                if self.places is None:
                    flown, inputs = slopes.reshape(len(Xk), 1, -1), Xk[:, None]
                else:
                    flown, inputs = slopes, Xk[:, torch.from_numpy(self.places)]
                dW, db = torch.einsum("mpn,mpd->nd", flown, inputs), flown.sum(dim=(0, 1))
                if mix is None:
                    H = bend_all(held, zeros[0], image, yk).reshape(len(self.b), -1)
                else:
                    H = sum(bend(zeros[0, 0], along, image, yk) for along in columns)
                found = [risk, dW, db, flat, H, slopes.sum(dim=0)]
                sums = found if not sums else [a + b for a, b in zip(sums, found, strict=True)]
        risk, dW, db, flat, H, places = (
            np.asarray(a.detach().numpy(), dtype=np.float64) / len(X) for a in sums
        )
        return Derivatives(
            float(risk), dW, db, flat, (H + H.T) / 2.0, None if self.places is None else places
        )


def _in_own_parameters(
    torch: ModuleType, kind: str, own: Torch, first: str, slopes: dict[str, Torch]
) -> dict[str, Torch]:
    """Return the gradient in the parameters that a module has above its first layer.

    Parameters
    ----------
    torch, kind
        The library, and what the network is, in words.
    own : torch.nn.Module
        The module, which computes some weights from its parameters.
    first : str
        Name of its first layer, whose parameters are left out.
    slopes : dict
        The gradient in the weights that it computes, by their names.

    Raises
    ------
    InputError
        PyTorch cannot differentiate how they are computed.
    """
    below = {id(value) for value in own.get_submodule(first).parameters()}
    held = {f"own.{name}": value.detach() for name, value in own.named_parameters() if id(value) not in below}
    names = list(slopes)

    def weights() -> tuple[Torch, ...]:
        paths = [name.rpartition(".") for name in names]
        return tuple(getattr(own.get_submodule(path), name) for path, _, name in paths)

    outer = torch.nn.Module()
    outer.own, outer.forward = own, weights
    try:
        _, back = torch.func.vjp(lambda held: torch.func.functional_call(outer, held, ()), held)
        (found,) = back(tuple(slopes[name] for name in names))
    except RuntimeError as error:
        raise InputError(
            f"PyTorch cannot differentiate how {kind} computes its weights: {str(error).splitlines()[0]:.200}; make "
            "them plain parameters with torch.nn.utils.parametrize.remove_parametrizations"
        ) from None
    return dict(found)


@contextmanager
def _plain(torch: ModuleType) -> Iterator[None]:
    """Run attention by its formula, whose fast kernels have no second derivatives, on the CPU and with derivatives.

    Under `torch.inference_mode` of the caller some operations, such as a weight norm, have wrong derivatives, and the
    `torch.autocast` of the caller is not part of the module.
    """
    attention, fast = import_module("torch.nn.attention"), torch.backends.mha
    before = fast.get_fastpath_enabled()
    fast.set_fastpath_enabled(False)
    try:
        with (
            attention.sdpa_kernel(attention.SDPBackend.MATH),
            torch.device("cpu"),
            torch.inference_mode(False),
            torch.autocast("cpu", enabled=False),
        ):
            yield
    finally:
        fast.set_fastpath_enabled(before)


def _shifted(torch: ModuleType, part: Torch, out: Torch, shift: Torch) -> Torch:
    """Add to the output of the first layer, at each place: shift has shape (P, n) or (m, P, n)."""
    if isinstance(part, torch.nn.Linear):
        return (out.reshape(-1, *shift.shape[-2:]) + shift).reshape(out.shape)
    # channels come first in a convolution
    return (out.reshape(len(out), shift.shape[-1], -1) + shift.transpose(-1, -2)).reshape(out.shape)


def _line(torch: ModuleType, value: Torch) -> Torch:
    """Return a direction in which all entries of a parameter move, as long as they are."""
    long = float(value.abs().max()) if value.numel() else 0.0
    return (long or 1.0) * torch.cos(torch.arange(value.numel()).to(value)).reshape(value.shape)


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
