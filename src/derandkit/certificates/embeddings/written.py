"""Images as they are written: how far rounding may move each, and what that does to their distances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.extremes import greatest, least

if TYPE_CHECKING:
    from derandkit.certificates.embeddings.cloud import Cloud
    from derandkit.numerics.typing import FloatArray

HALVED = 2.0**1022  # rows with larger entries are halved before a centre is subtracted
_UNIT = 2.0**-53
_MOST = 2.0**1000  # a distortion above says nothing any more
# Beside a cloud of size 1. The solver states nothing of pairs nearer than 2^-300, where the rounding of the least
# numbers underflows: farther than the first of these it has to state something, and nearer than the second it may not.
_FAR, _NEAR = 2.0**-200, 2.0**-450


@dataclass(frozen=True, eq=False)
class Output:
    """How images are written: after subtracting a centre, in double or in single precision.

    Parameters
    ----------
    centre : ndarray, shape (d,)
        What is subtracted, in the units of the points.
    single : bool
        Whether the images are rounded to single precision.
    """

    centre: FloatArray
    single: bool


class Written:
    """The distortion that images can have once they are written, pair by pair.

    Parameters
    ----------
    cloud : Cloud
        The points.
    A : ndarray, shape (k, d)
        The map.
    output : Output
        How images are written.

    Attributes
    ----------
    steps : ndarray, shape (m,)
        How far each written image may be from the exact one, in the units of the centred points.
    """

    def __init__(self, cloud: Cloud, A: FloatArray, output: Output) -> None:
        self._most, self._nearest = 0.0, math.inf
        X = cloud.raw - np.ldexp(output.centre - cloud.fixed, -cloud.exponent)
        d, k = X.shape[1], A.shape[0]
        steps = 1.01 * (d + 4) * _UNIT * np.sqrt(np.sum((np.abs(X) @ np.abs(A).T) ** 2, axis=1))
        # a row is scaled to the order of 1 before it is mapped: entries and products far below that underflow
        reach = math.sqrt(float(np.sum(np.sum(np.abs(A), axis=1) ** 2)))
        steps += (reach + d * math.sqrt(k)) * np.ldexp(np.max(np.abs(X), axis=1), -1070)
        top = max(
            float(np.max(np.abs(x)))
            for x in (output.centre, cloud.fixed, np.ldexp(cloud.raw, cloud.exponent))
        )
        if top >= HALVED:
            steps += np.ldexp(reach, -1073 - cloud.exponent)
        Y = X @ A.T
        self.kind = "float32" if output.single else "float64"
        limit = float(np.finfo(self.kind).max)
        # images are known to their own rounding, here and where they are written
        tops = (np.max(np.abs(Y) + side * steps[:, None]) for side in (2.0, -2.0))
        self._fits, self._may_fit = (float(np.ldexp(top, cloud.exponent)) <= limit for top in tops)
        if not output.single:  # images of the size of the least numbers are rounded to multiples of 2^-1074
            steps += math.ldexp(math.sqrt(k), -1075 - cloud.exponent)
        else:
            steps += 2.0**-24 * np.sqrt(np.sum(Y * Y, axis=1))
            steps += math.ldexp(2.0**-150 * math.sqrt(k), -cloud.exponent)
        self.steps = np.asarray(steps)

    def add(self, steps: FloatArray, length: FloatArray, ratio: FloatArray, bound: FloatArray) -> None:
        """Take more pairs.

        Parameters
        ----------
        steps : ndarray
            Sum of the steps of both points.
        length : ndarray
            A distance that theirs is not below; 0 where it is below all numbers.
        ratio, bound : ndarray
            Their ratio, and how far it may be off, at least a few roundings beside 1.
        """
        reach = np.where(length > 0.0, (1.0 + 16.0 * _UNIT) * steps / length, math.inf)
        up = (np.sqrt(ratio + bound) + reach) ** 2 - 1.0
        down = 1.0 - np.maximum(np.sqrt(np.maximum(ratio - bound, 0.0)) - reach, 0.0) ** 2
        self._most = greatest(greatest(self._most, up), down)
        self._nearest = least(self._nearest, length)

    @property
    def most(self) -> float | None:
        """No two images, as they are written, have a larger ``|r - 1|``; None where that is not known."""
        known = self._may_fit and self._nearest >= _NEAR and self._most <= _MOST
        return self._most if known else None

    @property
    def silence(self) -> str:
        """Why a record may state nothing; empty if it has to state something."""
        if not self._fits:
            return f"the images leave the range of {self.kind}"
        if not (self._nearest >= _FAR and self._most <= 0.5 * _MOST):
            return "points are so near each other that rounding hides the distances of their images"
        return ""
