"""A model that is linear in its inputs, with how far its predictions may be from those of the best one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.certificates.structure import networks, several
from derandkit.certificates.structure.rounding import TINY, UNIT, loss_bounds

if TYPE_CHECKING:
    from derandkit.certificates.structure.networks import Sample
    from derandkit.numerics.typing import FloatArray


class Reference(NamedTuple):
    """A constant or a linear model; calling it gives its loss on weighted rows.

    Parameters
    ----------
    loss : str
        The loss.
    weights : ndarray, shape (d, k)
        Of the inputs; zeros of a constant.
    offset : ndarray, shape (k,)
        Of the outputs.
    radius : ndarray, shape (k,)
        An output of the best model is within `radius` times the length of the inputs, and of a one behind them, in
        `units`; infinite where that is not known.
    units : ndarray, shape (d + 1, k)
        What each input is multiplied by for that.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = SimpleNamespace(points=np.zeros((2, 1)), targets=np.array([1.0, 4.0]), weights=np.full(2, 0.5))
    >>> constant = Reference("squared", np.zeros((1, 1)), np.array([2.5]), np.array([1e-9]), np.array([[0.0], [1.0]]))
    >>> constant(rows), 0.0 < constant.width(rows) < 1e-13
    (2.25, True)
    """

    loss: str
    weights: FloatArray
    offset: FloatArray
    radius: FloatArray
    units: FloatArray

    def outputs(self, sample: Sample) -> FloatArray:
        """Return the predictions, shape (m, k)."""
        return np.asarray(sample.points @ self.weights + self.offset)

    def __call__(self, sample: Sample) -> float:
        """Return the loss on weighted rows."""
        f, y = self.outputs(sample), sample.targets
        if y.ndim == 1:
            return float(sample.weights @ networks.loss_derivatives(self.loss, f[:, 0], y)[0])
        return float(sample.weights @ several.loss_derivatives(self.loss, f, y)[0])

    def width(self, sample: Sample) -> float:
        """Bound how far that is from the loss of the best model, rounding included; infinite if it is not known."""
        with np.errstate(all="ignore"):
            found = self._width(sample)
        return found if math.isfinite(found) else math.inf

    def _width(self, sample: Sample) -> float:
        X, w = sample.points, np.abs(sample.weights)
        y = sample.targets.reshape(len(w), -1)
        f, (d, k) = self.outputs(sample), self.weights.shape
        rounding = (d + 4.0) * UNIT * (np.abs(X) @ np.abs(self.weights) + np.abs(self.offset)) + TINY
        away = self.radius * np.sqrt(X**2 @ self.units[:-1] ** 2 + self.units[-1] ** 2)
        terms = (len(w) + 2.0 * k + 16.0) * UNIT
        if self.loss == "softmax":
            value = several.loss_derivatives(self.loss, f, y)[0]
            errors = several.loss_errors(self.loss, f, y, rounding + away)[0]
            return float(w @ errors + terms * (w @ value)) + TINY
        value = networks.loss_derivatives(self.loss, f, y)[0]
        if self.weights.any() or self.units[:-1].any():
            errors = loss_bounds(self.loss, f, y, rounding + away)[0]
            return float((w @ (errors + terms * value)).sum() / k) + TINY
        # all rows move alike, and a convex function changes most at an end: a best constant is nearly level there
        errors = loss_bounds(self.loss, f, y, rounding)[0] + terms * value
        ends = [w @ networks.loss_derivatives(self.loss, f + sign * away, y)[0] for sign in (1.0, -1.0)]
        changes = np.maximum(*(np.abs(end - w @ value) for end in ends))
        return float((2.02 * (w @ errors) + 1.01 * changes).sum() / k) + TINY
