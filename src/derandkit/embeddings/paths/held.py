"""What one scan of all pairs says about maps near its own, so that the next scan may be left out.

A map that moved by ``Delta`` changes the root of a ratio by at most the norm of ``Delta``. So a pair that is not among
those that a scan found stays within a band that is a little wider. Where enough of the pairs that were found are beyond
that band, they are the most extreme ones of all pairs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray

#: Rounding of ratios, far above what it is.
_ROUNDING = 1e-6
#: A bound on the norm of a matrix is the root of order 2^_SQUARINGS of the trace of a power.
_SQUARINGS = 4
#: Points of an even sample whose pairs say how many of all pairs are outside a band.
_SAMPLE = 700


class Found(NamedTuple):
    """The extreme ratios of all pairs, and pairs outside of a band.

    Parameters
    ----------
    largest, smallest : float
        Ratios.
    rows, columns : ndarray of int
        The pairs, in the order of a scan.
    inverse : ndarray
        Inverse squared distances.
    """

    largest: float
    smallest: float
    rows: IntArray
    columns: IntArray
    inverse: FloatArray


class Held:
    """The pairs that a scan found outside of a band.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Points in coordinates of their span.
    M : ndarray, shape (k, r)
        The map of the scan.
    band : float
        Every pair of different points with ``|r - 1|`` above it was found.
    found : Found
        What it found.
    """

    def __init__(self, Z: FloatArray, M: FloatArray, band: float, found: Found) -> None:
        self.Z, self.M, self.band, self.found = Z, M, band, found
        self._squares: FloatArray | None = None

    def reach(self, M: FloatArray) -> float:
        """Return the greatest ``|r - 1|`` that a pair which was not found can have under another map."""
        moved = norm_bound(M - self.M)
        high = math.sqrt(1.0 + self.band) + moved
        low = max(math.sqrt(max(1.0 - self.band, 0.0)) - moved, 0.0)
        return max(high * high - 1.0, 1.0 - low * low) + _ROUNDING

    def under(self, M: FloatArray, Y: FloatArray, band: float, enough: int) -> Found | None:
        """Return what a scan under a map would find of the pairs that matter; None where that is not known.

        Parameters
        ----------
        M : ndarray, shape (k, r)
            The map.
        Y : ndarray, shape (m, k)
            Images of the points.
        band : float
            Pairs outside of it are asked for.
        enough : int
            So many of the most extreme ones, at least, if there are more.
        """
        from derandkit.embeddings.kernels.scan import squares_between

        reach = self.reach(M)
        if reach > 2.0 * self.band:
            return None
        _, _, rows, columns, inverse = self.found
        if self._squares is None:
            self._squares = np.empty(rows.size)
            squares_between(self.Z, rows, columns, self._squares)
        ratios = np.empty(rows.size)
        squares_between(Y, rows, columns, ratios)
        ratios /= self._squares
        largest, smallest = float(ratios.max(initial=-np.inf)), float(ratios.min(initial=np.inf))
        if not (largest - 1.0 > reach and 1.0 - smallest > reach):
            return None
        if band < reach and np.count_nonzero(np.abs(ratios - 1.0) > reach) < enough:
            return None
        out = (ratios > 1.0 + band) | (ratios < 1.0 - band)
        return Found(largest, smallest, rows[out], columns[out], inverse[out])


def norm_bound(matrix: FloatArray) -> float:
    """Return a bound on the spectral norm, at most ``k^(1/16)`` times it for k rows: the same bits everywhere.

    Examples
    --------
    >>> round(norm_bound(np.diag([3.0, 1.0])), 6), norm_bound(np.zeros((2, 3)))
    (3.0, 0.0)
    """
    from derandkit.numerics.dense import product

    k = matrix.shape[0]
    G, other = np.empty((k, k)), np.empty((k, k))
    product(np.ascontiguousarray(matrix), np.ascontiguousarray(matrix.T), G)
    logarithm, order = 0.0, 2.0
    for _ in range(_SQUARINGS):
        trace = float(np.trace(G))
        if not (trace > 0.0 and math.isfinite(trace)):
            return trace
        G /= trace
        logarithm += math.log(trace) / order
        order *= 2.0
        product(G, np.ascontiguousarray(G.T), other)
        G, other = other, G
    # the trace of the last power, taken as if it were that of the one before
    return math.exp(logarithm + math.log(float(np.trace(G))) / order)


class Sample:
    """Pairs of evenly spaced points, for an estimate of how many of all pairs are outside of a band.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Points in coordinates of their span.
    floor : float
        Squared distance at which two points coincide.
    """

    def __init__(self, Z: FloatArray, floor: float) -> None:
        from derandkit.embeddings.kernels.pairs import inverse_squared_distances

        self.points = np.arange(0, len(Z), -(-len(Z) // _SAMPLE))
        n = len(self.points)
        self.inverse: FloatArray = np.empty(n * (n - 1) // 2)
        self.share = self.inverse.size / (len(Z) * (len(Z) - 1) / 2.0)
        inverse_squared_distances(np.ascontiguousarray(Z[self.points].T), 0, n, floor, self.inverse)

    def band(self, Y: FloatArray, count: int) -> float:
        """Return a band outside of which about so many pairs are, rather more; 0 where that is not known."""
        from derandkit.embeddings.kernels.pairs import packed_ratios

        mean = count * self.share
        place = math.ceil(mean + 3.0 * math.sqrt(mean)) + 10
        ratios = np.empty_like(self.inverse)
        packed_ratios(np.ascontiguousarray(Y[self.points].T), self.inverse, ratios)
        deviations = np.abs(ratios[~np.isnan(ratios)] - 1.0)
        if place > deviations.size:
            return 0.0
        return float(np.partition(deviations, deviations.size - place)[deviations.size - place])
