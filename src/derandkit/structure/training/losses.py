"""Losses by name, as JAX functions of (prediction, target)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from derandkit.options import check_choice
from derandkit.structure.choices import LOSSES

if TYPE_CHECKING:
    from collections.abc import Callable

#: JAX itself, its arrays, trees and functions. It is an optional package, and its arrays take part where NumPy's do.
Jax: TypeAlias = Any


def loss_function(loss: str | Callable[[Jax, Jax], Jax]) -> Callable[[Jax, Jax], Jax]:
    """Return a loss as a JAX function of a block of rows: predictions and targets, shape (m,) or (m, k), to m losses.

    squared: ``(f - y)^2``; logistic: ``log(1 + e^f) - y f`` with y in [0, 1]; huber: ``sqrt(1 + (f - y)^2) - 1``; with
    k outputs, their mean. softmax: ``log sum_j e^f_j - sum_j y_j f_j`` with y a row of zeros and a single 1.

    Parameters
    ----------
    loss : str or callable
        One of `LOSSES`, or the user's own JAX function of the prediction and the target of one row, both scalars, or
        both of shape (k,) with k outputs.

    Raises
    ------
    InputError
        If the name is not known.
    """
    import jax
    import jax.numpy as jnp

    if callable(loss):
        return jax.vmap(loss)
    if loss == "softmax":
        return lambda f, y: jax.scipy.special.logsumexp(f, axis=-1) - jnp.sum(y * f, axis=-1)

    def over(values: Jax) -> Jax:
        return values if values.ndim == 1 else jnp.mean(values, axis=1)

    if loss == "squared":
        return lambda f, y: over((f - y) ** 2)
    if loss == "logistic":
        return lambda f, y: over(jax.nn.softplus(f) - y * f)
    if loss == "huber":
        return lambda f, y: over(jnp.sqrt(1.0 + (f - y) ** 2) - 1.0)
    check_choice("loss", loss, LOSSES, also="a function")
    raise AssertionError(loss)
