"""The derivatives that a library states, beside differences of the values and slopes: a part may state other ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray

#: Steps of the differences, as shares of the largest output of the first layer: from wide, for functions in single
#: precision, to narrow, for sharp ones.
STEPS = (1e-3, 1e-4, 1e-5, 1e-6)
#: How far a stated derivative may be off, as a share. Differences are believed where two steps in turn, and
#: half of each, give the same to a quarter of this.
SLACK = 1e-4
#: Rounding of a value or a slope, as a share of it.
ROUNDING = 2.0**-44


def refuse_other_derivatives(
    kind: str,
    at: Callable[[FloatArray], tuple[float, FloatArray]],
    curvature: Callable[[FloatArray, FloatArray], FloatArray] | None,
    scale: float,
    size: float,
    units: int,
    above: Callable[[float], tuple[float, float]] | None = None,
) -> None:
    """Compare what a library states with central differences, near the outputs of the first layer.

    The point is a little beside the outputs, since they may be on a kink, as ``relu(0)`` is where the inputs are zero.
    A stated derivative is accepted if it fits the difference of any step, and refused only if the differences agree
    with each other: neither kinks nor rounding refuse a right one.

    Parameters
    ----------
    kind : str
        What the network is, in words.
    at : callable
        The loss and its slope, shape (n,), for a change of the outputs of the first layer, shape (n,), that is the same
        for all rows.
    curvature : callable or None
        The second derivative at such a change times a direction, both of shape (n,); None for a network with a kink.
    scale : float
        The largest output of the first layer on the rows, in absolute value.
    size : float
        The size of the terms that the loss is made of; rounding of them hides slopes below (see `terms`).
    units : int
        n, the width of the first layer.
    above : callable, optional
        The loss and its slope along a line through the parameters of the other layers, about as long as they are.

    Raises
    ------
    InputError
        A part of the network runs without derivatives, or states others than those of its function.

    Notes
    -----
    It takes at most 42 evaluations of the loss and its slope and one product with the curvature.

    Examples
    --------
    >>> along = np.array([1.0, -2.0])
    >>> def at(change):
    ...     return float(np.sin(along @ change)), along * np.cos(along @ change)
    >>> def curvature(change, a):
    ...     return -along * (along @ a) * np.sin(along @ change)
    >>> refuse_other_derivatives("a sine", at, curvature, 1.0, 1.0, 2)
    >>> refuse_other_derivatives("a sine", at, lambda change, a: 0.0 * a, 1.0, 1.0, 2)
    Traceback (most recent call last):
    derandkit.errors.InputError: the slope of the loss of a sine changes by ...
    """
    scale = scale if scale > 0.0 else 1.0
    along = np.cos(np.arange(units))
    base = 1e-2 * scale * np.cos(1.0 + 3.0 * np.arange(units))
    value, slope = at(base)
    size += abs(value)
    _refuse_other_slope(
        kind,
        lambda h: at(base + h * along)[0],
        size,
        float(slope @ along),
        scale,
        "outputs of the first layer",
    )
    if above is not None:
        stated = above(1e-2)[1]
        _refuse_other_slope(
            kind, lambda h: above(1e-2 + h)[0], size, stated, 1.0, "parameters of other layers"
        )
    if curvature is None:
        return
    bent = curvature(base, along)
    if not np.isfinite(bent).all():
        raise InputError(
            f"the second derivative of the loss of {kind} is not a number on these rows, as that of Mish of PyTorch "
            "where its inputs are large; scale the inputs of the network down, or use another function"
        )
    found = _other(lambda h: at(base + h * along)[1], bent, float(np.abs(slope).max()) + size / scale, scale)
    if found is not None:
        k = int(np.argmax(np.abs(found - bent)))
        raise InputError(
            f"the slope of the loss of {kind} changes by {found[k]:.4g} in unit {k + 1} for a unit along the "
            f"outputs of the first layer, and its second derivative says {bent[k]:.4g}: {_WHY}"
        )


def terms(outputs: FloatArray, targets: FloatArray) -> float:
    """Return the size of what losses of rows are made of: a logistic loss of 1e-10 is a difference of two outputs.

    Examples
    --------
    >>> terms(np.array([30.0, -2.0]), np.array([1.0, 0.0]))
    35.0
    """
    return float(outputs.size + np.abs(outputs).sum() + np.abs(targets).sum())


def _refuse_other_slope(
    kind: str, f: Callable[[float], float], size: float, stated: float, scale: float, where: str
) -> None:
    found = _other(lambda h: np.array([f(h)]), np.array([stated]), size, scale)
    if found is not None:
        raise InputError(
            f"the loss of {kind} changes by {found[0]:.4g} for a unit along the {where}, and its derivative says "
            f"{stated:.4g}: {_WHY}"
        )


# compiled second derivatives of jax.nn.gelu are 1e5 at inputs of -5e4, where they are 0
_WHY = (
    "a part of it runs without gradients, is detached, has a derivative of its own that is another one, or one that "
    "rounding spoils"
)


@np.errstate(over="ignore", invalid="ignore")  # a value that is not finite is in no difference that counts
def _other(
    f: Callable[[float], FloatArray], stated: FloatArray, size: float, scale: float
) -> FloatArray | None:
    """Return the difference that is another one than what is stated, or None."""
    before: FloatArray | None = None
    believed: FloatArray | None = None
    for share in STEPS:
        h = share * scale
        wide, narrow = ((f(step) - f(-step)) / (2.0 * step) for step in (h, h / 2.0))
        most = max(float(np.abs(narrow).max()), float(np.abs(stated).max()))
        if np.abs(narrow - stated).max() <= SLACK * most + ROUNDING * size / h:
            return None
        same = SLACK / 4.0 * most
        steady = bool(np.abs(wide - narrow).max() <= same)
        if steady and before is not None and np.abs(narrow - before).max() <= same:
            believed = narrow
        before = narrow if steady else None
    return believed
