"""Patterns of a program of JAX: a softmax, whose greatest number leaves no kink, and a variance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derandkit.structure.training.losses import Jax

#: Operations that only move numbers.
_MOVES = ("broadcast_in_dim", "reshape", "squeeze", "expand_dims", "transpose", "stop_gradient", "copy")


class Flow:
    """Who makes and who takes the numbers of a program.

    Parameters
    ----------
    jaxpr : Jaxpr
        The program.
    """

    def __init__(self, jaxpr: Jax) -> None:
        self.made = {var: equation for equation in jaxpr.eqns for var in equation.outvars}
        self.taken: dict[Jax, list[Jax]] = {}
        for equation in jaxpr.eqns:
            for var in equation.invars:
                if not hasattr(var, "val"):
                    self.taken.setdefault(var, []).append(equation)
        self.results = {var for var in jaxpr.outvars if not hasattr(var, "val")}

    def harmless(self, equation: Jax) -> bool:
        """Whether an equation with a kink, or a quotient, is part of a softmax, which has none."""
        name = equation.primitive.name
        if name == "div":
            return self._is_softmax(equation)
        return name in ("reduce_max", "max", "stop_gradient") and self._in_softmax(equation)

    def is_variance(self, equation: Jax) -> bool:
        """Whether an equation is the mean of squares minus the square of the mean, which is never below 0."""
        if equation.primitive.name != "sub" or any(hasattr(var, "val") for var in equation.invars):
            return False
        mean_square, square_mean = (self._maker(var) for var in equation.invars)
        if square_mean is None or not _is_square(square_mean):
            return False
        first, second = self._mean(mean_square), self._mean(self._maker(square_mean.invars[0]))
        if first is None or second is None or first[1:] != second[1:]:
            return False
        square = self.made.get(first[0])
        return square is not None and _is_square(square) and square.invars[0] is second[0]

    def _maker(self, var: Jax) -> Jax | None:
        """Return the equation that makes numbers, past those that only add axes of length 1."""
        found = None if hasattr(var, "val") else self.made.get(var)
        while found is not None and found.primitive.name in ("broadcast_in_dim", "reshape"):
            inside = found.invars[0]
            if hasattr(inside, "val") or inside.aval.size != var.aval.size:
                return None
            found = self.made.get(inside)
        return found

    def _mean(self, equation: Jax) -> tuple[Jax, tuple[int, ...]] | None:
        """Return what an equation is the mean of, and over which axes; None if it is none."""
        if equation is None or equation.primitive.name != "div" or not hasattr(equation.invars[1], "val"):
            return None
        total = self._maker(equation.invars[0])
        if total is None or total.primitive.name != "reduce_sum":
            return None
        inside, axes = total.invars[0], tuple(int(axis) for axis in total.params["axes"])
        count = math.prod(inside.aval.shape[axis] for axis in axes)
        return (inside, axes) if float(equation.invars[1].val) == count else None

    def _is_softmax(self, quotient: Jax) -> bool:
        """Whether a quotient is that of powers by their sum, which is above 0 wherever one of them is."""
        powers = None if hasattr(quotient.invars[0], "val") else self.made.get(quotient.invars[0])
        if powers is None or powers.primitive.name != "exp" or hasattr(powers.invars[0], "val"):
            return False
        return self._normalised(powers.invars[0], quotient.invars[1].aval.shape)

    def _in_softmax(self, equation: Jax) -> bool:
        """Whether an equation takes the greatest number of a softmax: ``exp(a - c) / sum exp(a - c)``.

        The quotient is the same for every c that is constant along the sum, so its derivatives are right although none
        goes through c.
        """
        stopped = False
        while equation.primitive.name != "sub":
            if equation.primitive.name != "reduce_max" and not self._moved(equation):
                return False
            stopped = stopped or equation.primitive.name == "stop_gradient"
            level = equation.outvars[0]
            users = self.taken.get(level, [])
            if len(users) != 1 or level in self.results:
                return False
            equation = users[0]
        shifted = equation.outvars[0]
        return stopped and equation.invars[1] is level and self._normalised(shifted, level.aval.shape)

    def _moved(self, equation: Jax) -> bool:
        """Whether an equation moves numbers, or compares them with minus infinity."""
        if equation.primitive.name == "max":
            values = [float(var.val) for var in equation.invars if hasattr(var, "val")]
            return values == [-math.inf]
        return equation.primitive.name in _MOVES

    def _normalised(self, shifted: Jax, shape: tuple[int, ...]) -> bool:
        """Whether numbers are only used as exponents that are divided by their sum along axes where a shape has 1."""
        users = self.taken.get(shifted, [])
        if shifted in self.results or len(users) != 1 or users[0].primitive.name != "exp":
            return False
        powers = users[0].outvars[0]
        sums = [user for user in self.taken.get(powers, []) if user.primitive.name == "reduce_sum"]
        quotients = [user for user in self.taken.get(powers, []) if user.primitive.name == "div"]
        if powers in self.results or len(sums) != 1 or len(quotients) != 1:
            return False
        axes = sums[0].params["axes"]
        if len(self.taken[powers]) != 2 or len(shape) != powers.aval.ndim or any(shape[k] != 1 for k in axes):
            return False
        level = sums[0].outvars[0]
        while True:
            users = self.taken.get(level, [])
            if len(users) != 1 or level in self.results:
                return False
            if users[0] is quotients[0]:
                aligned = level.aval.ndim == len(shape) and all(level.aval.shape[k] == 1 for k in axes)
                return aligned and quotients[0].invars[0] is powers and quotients[0].invars[1] is level
            # a transposed sum would belong to other numbers
            if users[0].primitive.name not in ("broadcast_in_dim", "reshape"):
                return False
            level = users[0].outvars[0]


def _is_square(equation: Jax) -> bool:
    """Whether an equation squares its numbers: older versions of JAX have no operation of that name."""
    if equation.primitive.name == "integer_pow":
        return bool(equation.params["y"] == 2)
    return bool(equation.primitive.name == "square")
