"""Whether a JAX function has second derivatives, by the operations that it runs and not by the names of its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from derandkit.structure.trained.kinks.flow import Flow
from derandkit.structure.trained.kinks.ranges import (
    OF_ONE,
    OFF_POLE,
    Range,
    hull,
    power_is_smooth,
    power_of,
)
from derandkit.structure.training.losses import Jax

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Operations of JAX with derivatives of every order, or that only move numbers. Others may have a kink.
_JAX = frozenset(
    (
        "add", "add_any", "asinh", "atan", "broadcast_in_dim", "concatenate", "conv_general_dilated", "copy", "cos",
        "cosh", "dot_general", "erf", "erfc", "exp", "exp2", "expand_dims", "expm1", "gather", "logistic", "mul", "neg",
        "pad", "reduce_sum", "reduce_window_sum", "reshape", "rev", "sin", "sinh", "slice", "split", "square",
        "squeeze", "sub", "tanh", "transpose",
    )
)  # fmt: skip
#: Operations that have them where a number is off a pole.
_POLES = frozenset(("div", "integer_pow", "log", "log1p", "pow", "rsqrt", "sqrt"))
#: Operations that keep the range of their first input.
_KEEP = frozenset(
    (
        "broadcast_in_dim", "convert_element_type", "copy", "expand_dims", "reshape", "rev", "slice", "split",
        "squeeze", "stop_gradient", "transpose",
    )
)  # fmt: skip
#: Operations that run a program of their own.
_CALLS = frozenset(
    ("pjit", "jit", "custom_jvp_call", "custom_vjp_call", "closed_call", "remat", "remat2", "checkpoint")
)
#: Functions of JAX that are smooth though their parts are not: they compare only to keep numbers in range.
_JAX_WHOLE = frozenset(("_logaddexp", "logaddexp", "silu", "softplus"))
#: Numbers whose rounding is none to speak of; fewer digits make a staircase.
_WIDE = ("float32", "float64")


@dataclass(frozen=True)
class _Seen:
    """What is known of numbers: their range, whether they change with the parameters or the row, and with the row."""

    range: Range
    moves: bool = False
    of_row: bool = False


def jax_is_smooth(upper: Callable[..., Jax], *arguments: Jax, held: Sequence[Jax] = ()) -> bool | None:
    """Whether a JAX function runs only operations that are known to have second derivatives.

    Parameters
    ----------
    upper : callable
        The function.
    arguments : pytrees
        Parameters, as they are, and last what changes from row to row, of which only the shape counts.
    held : sequence of arrays
        What it must not have as constants: then the answer is None.

    Examples
    --------
    >>> import jax
    >>> import jax.numpy as jnp
    >>> jax_is_smooth(jnp.tanh, 1.0), jax_is_smooth(jnp.abs, 1.0)
    (True, False)
    >>> jax_is_smooth(jax.nn.softmax, jnp.ones(3)), jax_is_smooth(jnp.max, jnp.ones(3))
    (True, False)
    >>> jax_is_smooth(lambda x: jnp.sqrt(1.0 + x * x), 1.0), jax_is_smooth(lambda x: jnp.sqrt(x * x), 1.0)
    (True, False)
    """
    jax = import_module("jax")
    closed = jax.make_jaxpr(upper)(*arguments)
    if {id(value) for value in closed.consts} & {id(value) for value in held}:
        return None
    leaves = jax.tree_util.tree_leaves(arguments[:-1])
    inputs = [_Seen(Range.of(leaf), moves=True) for leaf in leaves]
    inputs += [_Seen(Range(), moves=True, of_row=True)] * (len(closed.jaxpr.invars) - len(leaves))
    return _results(closed.jaxpr, closed.consts, inputs) is not None


def _results(jaxpr: Jax, consts: Sequence[Jax], inputs: Sequence[_Seen]) -> list[_Seen] | None:
    """Return what is known of the results of a program; None where it may have no second derivatives."""
    seen: dict[Jax, _Seen] = {
        var: _Seen(Range.of(value)) for var, value in zip(jaxpr.constvars, consts, strict=True)
    }
    seen.update(zip(jaxpr.invars, inputs, strict=True))

    def known(var: Jax) -> _Seen:
        return _Seen(Range.of(var.val)) if hasattr(var, "val") else seen[var]

    flow = Flow(jaxpr)
    for equation in jaxpr.eqns:
        given = [known(var) for var in equation.invars]
        found = _outputs(equation, given, flow)
        if found is None:
            return None
        seen.update(zip(equation.outvars, found, strict=True))
    return [known(var) for var in jaxpr.outvars]


def _outputs(equation: Jax, given: list[_Seen], flow: Flow) -> list[_Seen] | None:
    """Return what is known of the results of an equation; None where it may have no second derivatives."""
    name, options = equation.primitive.name, equation.params
    moves, of_row = any(part.moves for part in given), any(part.of_row for part in given)
    ranges = [part.range for part in given]
    if name in _CALLS:
        inner = options.get("jaxpr", options.get("call_jaxpr"))
        if options.get("name") in _JAX_WHOLE and _is_of_jax(equation):
            whole = OF_ONE["softplus"](ranges[0]) if options["name"] == "softplus" else Range()
            return [_Seen(whole, moves, of_row)]
        if inner is not None:
            found = _results(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), given)
            if found is not None or moves:
                return found
    elif moves:  # a constant has no kink
        if of_row and any(var.aval.dtype.name not in _WIDE for var in equation.outvars):
            return None
        if not _is_smooth(equation, given, flow):
            return None
    return [_Seen(_range(equation, ranges, flow), moves, of_row)] * len(equation.outvars)


def _is_smooth(equation: Jax, given: list[_Seen], flow: Flow) -> bool:
    """Whether an equation has second derivatives wherever its inputs are."""
    name, options = equation.primitive.name, equation.params
    if name in _JAX:
        return True
    if name == "convert_element_type":
        return bool(options["new_dtype"].kind == "f")
    if name == "select_n":
        return not given[0].moves
    if name in _POLES and not any(part.of_row for part in given):
        return True
    ranges = [part.range for part in given]
    if name in OFF_POLE:
        return OFF_POLE[name](ranges[0])
    if name == "div":
        return not given[1].of_row or ranges[1].nonzero or flow.harmless(equation)
    if name == "integer_pow":
        return bool(options["y"] >= 0 or ranges[0].nonzero)
    if name == "pow":
        return power_is_smooth(*ranges)
    return _picked(name, ranges) is not None or flow.harmless(equation)


def _picked(name: str, ranges: list[Range]) -> Range | None:
    """Return the range of a maximum, a minimum or an absolute value that has no kink by the ranges, else None."""
    if name == "abs":
        return next((one for one in (ranges[0], ranges[0].negative()) if one.low >= 0.0), None)
    if name in ("max", "min"):
        above, below = ranges if ranges[0].low >= ranges[1].high else reversed(ranges)
        return (above if name == "max" else below) if above.low >= below.high else None
    return None


def _range(equation: Jax, ranges: list[Range], flow: Flow) -> Range:
    """Return between which bounds the results of an equation are."""
    name, options = equation.primitive.name, equation.params
    same = len(ranges) == 2 and equation.invars[0] is equation.invars[1]
    found = _picked(name, ranges)
    if found is not None:
        return found
    if name in _KEEP:
        return ranges[0]
    if name in OF_ONE:
        return OF_ONE[name](ranges[0])
    if name in ("concatenate", "pad", "select_n"):
        return hull(ranges[name == "select_n" :])
    if name in ("add", "add_any"):
        return ranges[0].plus(ranges[1])
    if name == "sub":
        found = ranges[0].plus(ranges[1].negative())
        return Range(0.0, found.high, over=False, under=found.under) if flow.is_variance(equation) else found
    if name == "div":
        return ranges[0].times(ranges[1].reciprocal())
    if name in ("integer_pow", "pow"):
        return power_of(ranges[0], Range.of(options["y"]) if name == "integer_pow" else ranges[1])
    if name == "reduce_sum":
        count = equation.invars[0].aval.size / max(equation.outvars[0].aval.size, 1)
        return ranges[0].times(Range.of(count))
    if name == "mul":
        return ranges[0].power(2) if same else ranges[0].times(ranges[1])
    if name == "dot_general":
        (left, right), (first, second) = options["dimension_numbers"]
        count = np.prod([equation.invars[0].aval.shape[axis] for axis in left])
        # each row with itself: squares
        same = same and left == right and first == second
        same = same and len(left) + len(first) == equation.invars[0].aval.ndim
        return (ranges[0].power(2) if same else ranges[0].times(ranges[1])).times(Range.of(count))
    return Range()


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
