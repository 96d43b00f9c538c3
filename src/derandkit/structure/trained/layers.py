"""The first layer of a trained network, and the derivatives of its risk: what all libraries have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

#: Rows that are differentiated at a time.
ROWS = 256
#: Units of a first layer at most: the curvature has their square as entries.
MOST_UNITS = 2048


def named(library: str, model: object) -> str:
    r"""Return in words what a network is: one line that can be printed, of at most 200 characters.

    Examples
    --------
    >>> named("PyTorch", type("Net\n", (), {})())
    'PyTorch Net\\n'
    """
    line = printable(f"{library} {type(model).__name__}")
    return line if len(line) <= 200 else f"{line[:197]}..."


class Derivatives(NamedTuple):
    """Means over rows.

    Parameters
    ----------
    risk : float
        The loss.
    W, b : ndarray, shapes (n, d), (n,)
        Its gradient in the first layer.
    rest : float
        Length of its gradient in all other parameters; 0 where they are not known.
    curvature : ndarray, shape (n, n)
        Its Hessian in b. For a layer that is applied at P places, the Hessians in the biases of two places, summed over
        all pairs of places, each times the correlation of what varies at the two.
    places : ndarray, shape (P, n), or None
        Its gradient in a bias of each place, for such a layer.
    """

    risk: float
    W: FloatArray
    b: FloatArray
    rest: FloatArray
    curvature: FloatArray
    places: FloatArray | None = None


def flattened(found: FloatArray) -> FloatArray:
    """Return outputs of shape (m, 1) as (m,)."""
    return found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found


def first_layer(weights: object, bias: object) -> tuple[FloatArray, FloatArray]:
    """Return weights and bias of a first layer as arrays of double precision.

    Raises
    ------
    InputError
        If their shapes do not fit, a number is not finite, or there are more than 2048 units.
    """
    W, b = np.asarray(weights, dtype=np.float64), np.asarray(bias, dtype=np.float64)
    if W.ndim != 2 or b.shape != W.shape[:1]:
        raise InputError(
            f"the first layer has weights (units, inputs) and bias (units,), got {W.shape} and {b.shape}"
        )
    if not (np.isfinite(W).all() and np.isfinite(b).all()):
        raise InputError("the first layer holds numbers that are not finite")
    if len(b) > MOST_UNITS:
        raise InputError(f"the first layer has {len(b)} units, more than {MOST_UNITS}")
    return W, b
