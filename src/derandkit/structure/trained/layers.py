"""The first layer of a trained network, and the derivatives of its risk: what all libraries have in common."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import real_array
from derandkit.points.frames import plain_array
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from derandkit.numerics.typing import FloatArray

#: Rows that are differentiated at a time.
ROWS = 256
#: Units of a first layer at most: the curvature has their square as entries.
MOST_UNITS = 2048
#: And no more inputs.
MOST_INPUTS = 100_000
#: Rows that are run together and apart, and what rounding may make of it, as a share of the largest output.
APART, MIXED = 5, 1e-6
#: The same for functions of the user, which may compute in single precision; and for two ways to call them.
SINGLE, ROUGH = 1e-5, 1e-3
#: What to do about a first layer that is more than a matrix and a bias.
WRITE_OUT = (
    "a mask, a hook, a rule of its own for its outputs, a limit on its inputs, or a way around it; write it out as a "
    "plain layer, or give its matrix as weights, its bias, and what stands above as a JAX function of z"
)


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
    rest : ndarray, shape (p,)
        Its gradient in all other parameters; empty where they are not known.
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


def apart(one: FloatArray, other: FloatArray) -> float:
    """Return the greatest difference of two arrays of outputs; infinite where their shapes are not the same.

    Examples
    --------
    >>> apart(np.array([1.0, 2.0]), np.array([1.0, 2.5])), apart(np.zeros(2), np.zeros(3))
    (0.5, inf)
    """
    return float(np.abs(one - other).max(initial=0.0)) if one.shape == other.shape else math.inf


def refuse_mixed_rows(
    kind: str, run: Callable[[FloatArray], FloatArray], X: FloatArray, share: float = MIXED
) -> None:
    """Refuse a network whose outputs for a row depend on the rows beside it.

    Parameters
    ----------
    kind : str
        What the network is, for the message.
    run : callable
        Its outputs for some rows, given all together, shape (m, ...).
    X : ndarray, shape (m, D)
        Rows of inputs; up to `APART` of them are compared.
    share : float
        What rounding may make of the largest output.

    Raises
    ------
    InputError
        Some rows together, each of them alone, and half of them in another order have different outputs: a mean over
        the batch, or batch normalization that keeps no statistics. A certificate is about a function of one row.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [3.0]])
    >>> refuse_mixed_rows("a module", np.tanh, rows)
    >>> refuse_mixed_rows("a module", lambda X: X - X.mean(axis=0), rows)
    Traceback (most recent call last):
    derandkit.errors.InputError: a module gives other outputs for a row that is alone than for the same row among ...
    """
    some = spread_rows(X)
    places = np.arange(len(some))
    together = np.asarray(run(some), dtype=np.float64)
    largest = float(np.abs(together).max(initial=0.0))
    for rows in (*places[:, None], places[::-2]):
        found = np.asarray(run(some[rows]), dtype=np.float64)
        off = apart(found, together[rows])
        if not off <= share * largest:
            raise InputError(
                f"{kind} gives other outputs for a row that is alone than for the same row among others (they differ "
                f"by {off:.3g}, of {largest:.3g}), and a certificate is about a function of one row: take out what "
                "goes over the rows, such as a mean over the batch or batch normalization without running "
                "statistics, or give what stands above the first layer as a JAX function of one row, with weights "
                "and bias"
            )


def spread_rows(X: FloatArray) -> FloatArray:
    """Return up to `APART` rows, spread over all.

    Examples
    --------
    >>> spread_rows(np.arange(9.0)[:, None])[:, 0].tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    found: FloatArray = X[np.unique(np.linspace(0, len(X) - 1, APART).astype(int))]
    return found


def refuse_batches(
    kind: str,
    upper: Callable[[FloatArray], ArrayLike],
    alone: Callable[[FloatArray], FloatArray],
    Z: FloatArray,
) -> None:
    """Refuse a function of one row that is written for several: a mean over the rows became one over the units.

    Parameters
    ----------
    kind : str
        What the network is, for the message.
    upper : callable
        The function, of one row, shape (n,), or as it may be of several, shape (m, n).
    alone : callable
        Its outputs for several rows, each given alone.
    Z : ndarray, shape (m, n)
        What it takes; up to `APART` rows are compared.

    Raises
    ------
    InputError
        It takes several rows at once, and a single row among several axes is another one than the row itself; or all
        rows alone are one number, and together they are not.

    Examples
    --------
    >>> rows = np.array([[0.0, 1.0], [1.0, 3.0], [3.0, 7.0]])
    >>> for centred in (lambda z: z - z.mean(-1, keepdims=True), lambda z: z - z.mean(), lambda z: z - z.mean(axis=0)):
    ...     refuse_batches("f", centred, lambda Z: np.array([centred(z) for z in Z]), rows)
    Traceback (most recent call last):
    derandkit.errors.InputError: f gives other outputs for several rows at once than for each alone, and a ...
    """
    some = spread_rows(Z)
    try:
        if any(np.shape(upper(some[:m]))[:1] != (m,) for m in (1, 2, 3)):
            return
        together = flattened(np.asarray(upper(some), dtype=np.float64))
        ones = flattened(np.concatenate([np.asarray(upper(z[None]), dtype=np.float64) for z in some]))
    except Exception:  # it takes one row
        return
    found = alone(some)
    if not (together.shape == ones.shape == found.shape and np.isfinite([together, ones, found]).all()):
        return
    rounding = ROUGH * max(float(np.abs(x).max()) for x in (together, ones, found))
    still = apart(found, np.broadcast_to(found[:1], found.shape)) <= rounding
    moves = apart(together, np.broadcast_to(together[:1], found.shape)) > rounding
    if apart(ones, found) > rounding or (still and moves):
        raise InputError(
            f"{kind} gives other outputs for several rows at once than for each alone, and a certificate is about a "
            "function of one row z: take out what goes over the rows, such as a mean over axis 0; what goes over the "
            "units has axis -1"
        )


def refuse_another(kind: str, model: FloatArray, layers: FloatArray) -> None:
    """Refuse a network whose outputs are not those of the function that its certificate would be about.

    Parameters
    ----------
    kind : str
        What the network is, for the message.
    model : ndarray, shape (m, ...)
        Its outputs for the rows.
    layers : ndarray, shape (m, ...)
        What stands above its first layer, of ``W x + b``.

    Raises
    ------
    InputError
        They differ by more than rounding.

    Examples
    --------
    >>> refuse_another("a module", np.array([1.0, 2.0]), np.array([[1.0], [2.0]]))
    >>> refuse_another("a module", np.array([1.0, 2.0]), np.array([1.0, 2.5]))
    Traceback (most recent call last):
    derandkit.errors.InputError: the first layer of a module is not W x + b on these rows (its outputs are off by up ...
    """
    off, largest = apart(flattened(model), flattened(layers)), float(np.abs(model).max(initial=0.0))
    if not off <= MIXED * largest:
        raise InputError(
            f"the first layer of {kind} is not W x + b on these rows (its outputs are off by up to {off:.3g}, of "
            f"{largest:.3g}): {WRITE_OUT}"
        )


def may_be_probabilities(run: Callable[[FloatArray], FloatArray], X: FloatArray, loss: str) -> str:
    """Return what the outputs of a network for all rows may be, if not the logits that a loss takes; "" for logits.

    Parameters
    ----------
    run : callable
        Returns the outputs for rows, shape (m,) or (m, k).
    X : ndarray, shape (m, D)
        The rows.
    loss : str
        The loss. Under softmax, logarithms of probabilities are logits of the same ones; under logistic they are not.

    Returns
    -------
    str
        ``"sigmoid"``, ``"softmax"`` or ``"log-sigmoid"``: what may stand at the end of the network.

    Examples
    --------
    >>> rows = np.array([[0.2, 0.8], [0.4, 0.6]])
    >>> may_be_probabilities(lambda X: X, rows, "softmax"), may_be_probabilities(lambda X: 2 * X, rows, "logistic")
    ('softmax', '')
    >>> may_be_probabilities(np.log, rows, "softmax"), may_be_probabilities(np.log, rows, "logistic")
    ('', 'log-sigmoid')
    """
    readings = {"logistic": ["sigmoid", "log-sigmoid"], "softmax": ["softmax"]}.get(loss, [])
    some = False
    for first in range(0, len(X), ROWS):
        outputs = run(X[first : first + ROWS])
        readings = [reading for reading in readings if _fits(outputs, reading)]
        if not readings:
            return ""
        some = some or bool(outputs.any())
    return readings[0] if some and readings else ""  # of units that are off all are 0, and no probabilities


def _fits(outputs: FloatArray, reading: str) -> bool:
    """Whether outputs may be what a function at the end of a network makes."""
    if reading == "log-sigmoid":
        return bool((outputs <= 0.0).all())
    inside = bool(((outputs >= 0.0) & (outputs <= 1.0)).all())
    if reading == "sigmoid":
        return inside
    return inside and outputs.ndim == 2 and bool((np.abs(outputs.sum(axis=1) - 1.0) <= MIXED).all())


def first_layer(weights: object, bias: object) -> tuple[FloatArray, FloatArray]:
    """Return weights and bias of a first layer as arrays of double precision.

    Raises
    ------
    InputError
        If their shapes do not fit, a number is not finite, or there are more than 2048 units or 100 000 inputs.
    """
    W, b = real_array(plain_array(weights), "weights"), real_array(plain_array(bias), "bias")
    if W.ndim != 2 or b.shape != W.shape[:1]:
        raise InputError(
            f"the first layer has weights (units, inputs) and bias (units,), got {W.shape} and {b.shape}"
        )
    if len(b) > MOST_UNITS:
        raise InputError(f"the first layer has {len(b)} units, more than {MOST_UNITS}")
    if W.shape[1] > MOST_INPUTS:
        raise InputError(f"the first layer has {W.shape[1]} inputs, more than {MOST_INPUTS}")
    return W, b
