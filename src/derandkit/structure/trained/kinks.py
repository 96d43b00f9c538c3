"""Whether a network has second derivatives, by the operations that it runs and not by the names of its parts."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

from derandkit.structure.trained.flow import Flow
from derandkit.structure.training.losses import Jax

if TYPE_CHECKING:
    from collections.abc import Callable

#: Operations of JAX with derivatives of every order, or that only move numbers. Others may have a kink.
_JAX = frozenset(
    (
        "add", "add_any", "asinh", "atan", "broadcast_in_dim", "concatenate", "conv_general_dilated", "copy", "cos",
        "cosh", "div", "dot_general", "erf", "erfc", "exp", "exp2", "expand_dims", "expm1", "gather", "integer_pow",
        "log", "log1p", "logistic", "mul", "neg", "pad", "reduce_sum", "reduce_window_sum", "reshape", "rev", "rsqrt",
        "sin", "sinh", "slice", "split", "square", "squeeze", "sub", "tanh", "transpose",
    )
)  # fmt: skip
#: Functions of JAX that are smooth though their parts are not: they compare only to keep numbers in range.
_JAX_WHOLE = frozenset(("_logaddexp", "logaddexp", "silu", "softplus"))
#: The same of PyTorch.
_TORCH = frozenset(
    (
        "_adaptive_avg_pool2d", "_adaptive_avg_pool3d", "_log_softmax", "_native_batch_norm_legit_no_training",
        "_safe_softmax", "_softmax", "_to_copy", "_unsafe_view", "add", "addmm", "alias", "arange", "asinh", "atan",
        "avg_pool2d", "avg_pool3d", "bmm", "cat", "clone", "constant_pad_nd", "convolution", "cos", "cosh", "div",
        "empty", "erf", "exp", "expand", "expm1", "full", "gather", "gelu", "index", "index_select", "lift_fresh",
        "linear", "log", "log1p", "log_sigmoid_forward", "logsumexp", "matmul", "mean", "mish", "mm", "mul", "mv",
        "native_batch_norm", "native_group_norm", "native_layer_norm", "neg", "ones", "permute", "reciprocal",
        "rsqrt", "rsub", "select", "sigmoid", "silu", "sin", "sinh", "slice", "softplus", "split", "squeeze", "stack",
        "sub", "sum", "t", "tanh", "transpose", "unbind", "unsqueeze", "view", "zeros",
    )
)  # fmt: skip


def jax_is_smooth(upper: Callable[..., Jax], *arguments: Jax) -> bool:
    """Whether a JAX function runs only operations that are known to have second derivatives.

    Examples
    --------
    >>> import jax
    >>> import jax.numpy as jnp
    >>> jax_is_smooth(jnp.tanh, 1.0), jax_is_smooth(jnp.abs, 1.0)
    (True, False)
    >>> jax_is_smooth(jax.nn.softmax, jnp.ones(3)), jax_is_smooth(jnp.max, jnp.ones(3))
    (True, False)
    """
    jax = import_module("jax")
    return _smooth(jax.make_jaxpr(upper)(*arguments).jaxpr, None)


def _smooth(jaxpr: Jax, moves: list[bool] | None) -> bool:
    """Whether a program is smooth in those of its inputs that move, None for all of them."""
    moving = {var for k, var in enumerate(jaxpr.invars) if moves is None or moves[k]}
    flow = Flow(jaxpr)
    for equation in jaxpr.eqns:
        name, options = equation.primitive.name, equation.params
        inputs = [not hasattr(var, "val") and var in moving for var in equation.invars]
        if not any(inputs):  # a constant has no kink
            continue
        moving.update(equation.outvars)
        if name == "convert_element_type":
            if options["new_dtype"].kind != "f":
                return False
        elif name in (
            "pjit",
            "jit",
            "custom_jvp_call",
            "custom_vjp_call",
            "closed_call",
            "remat",
            "checkpoint",
        ):
            inner = options.get("jaxpr", options.get("call_jaxpr"))
            if options.get("name") in _JAX_WHOLE and _is_of_jax(equation):
                continue
            if inner is None or not _smooth(getattr(inner, "jaxpr", inner), inputs):
                return False
        elif name == "select_n":
            if inputs[0]:
                return False
        elif name not in _JAX and not flow.harmless(equation):
            return False
    return True


def _is_of_jax(equation: Jax) -> bool:
    """Whether a call with the name of a function of JAX runs the program of that function, and not a user's."""
    jax = import_module("jax")
    functions = {"silu": jax.nn.silu, "softplus": jax.nn.softplus}
    name = equation.params["name"]
    places = [jax.ShapeDtypeStruct(var.aval.shape, var.aval.dtype) for var in equation.invars]
    known = jax.make_jaxpr(functions.get(name, jax.numpy.logaddexp))(*places)
    return _program(equation) in [
        _program(other) for other in known.jaxpr.eqns if other.params.get("name") == name
    ]


def _program(equation: Jax) -> str:
    """Return what a call runs, as text; weak types and places in memory, which older versions show, play no part."""
    text = str(equation.params.get("jaxpr", equation.params.get("call_jaxpr")))
    return re.sub(r"\{weak_type=True\}| at 0x[0-9a-f]+", "", text)


def torch_is_smooth(module: Callable[[object], object], x: object) -> bool:
    """Whether a PyTorch module runs only operations that are known to have second derivatives on a row."""
    torch = import_module("torch")
    mode = import_module("torch.utils._python_dispatch").TorchDispatchMode
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
            power = args[1] if name == "pow" else None
            whole = isinstance(power, int) and power >= 0
            kind = (kwargs or {}).get("dtype")
            source: Jax = args[0] if args else None
            rounds = name == "_to_copy" and kind is not None and not kind.is_floating_point
            rounds = rounds and source.is_floating_point()
            if rounds or not (whole or name.removesuffix("_") in _TORCH):
                unknown.append(name)
            return func(*args, **(kwargs or {}))

    with torch.no_grad(), Watch():
        module(x)
    return not unknown
