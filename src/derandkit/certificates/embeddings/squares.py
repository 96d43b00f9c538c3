"""Squared distances of the rows of a table, a block of pairs at a time, as near as a sum of squares of differences.

Wide tables go through matrix products. ``|x|^2 + |y|^2 - 2 x.y`` loses digits where points are near each other beside
their lengths. On the other hand a product that is summed in short pieces is off by little (Higham, Accuracy and
Stability of Numerical Algorithms, section 3.1: the bound on an inner product grows with the longest chain of
additions). Every pair for which the bound is not that of d differences is worked out from these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray

_PIECE = 64  # columns of one matrix product
_WIDE = 8 * _PIECE  # with fewer columns the bound of the products is hardly ever the better one
_ROWS, _COLUMNS = 8, 2048  # a tile of pairs whose sums stay in the cache
_FEW = 16  # of so many pairs of a tile one may be worked out apart
_GATHERED = 1 << 20  # entries of differences of pairs that are worked out apart


class Squares:
    """Squared distances of the rows of a table.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        The rows.
    floor : float
        What is near this is worked out from differences, as is all that is so small that products may underflow.

    Examples
    --------
    >>> squares = Squares(np.array([[0.0, 1.0], [1.0, 1.0], [0.5, 0.0]]))
    >>> squares.block(0, 2).tolist()
    [[1.0, 1.25], [0.0, 1.25]]
    """

    def __init__(self, X: FloatArray, floor: float = 0.0) -> None:
        self.X, self.columns = X, np.ascontiguousarray(X.T)
        m, d = X.shape
        self.floor = max(8.0 * floor, 2.0**-500)
        self.norms = np.zeros(m)
        self.wide = d >= _WIDE
        if not self.wide:
            return
        pieces = range(0, d, _PIECE)
        for c in pieces:
            part = X[:, c : c + _PIECE]
            self.norms += np.einsum("ij,ij->i", part, part)
        self.lengths = np.sqrt(self.norms)
        # chain of additions: within a piece, from piece to piece, the three terms; in units of (|x| + |y|)^2, against d
        self.share = 1.05 * (_PIECE + len(pieces) + 8) / d

    def block(self, first: int, last: int) -> FloatArray:
        """Return the squared distances of the rows first <= i < last to all rows from first + 1 on.

        Parameters
        ----------
        first, last : int
            The rows, at least one.

        Returns
        -------
        ndarray, shape (last - first, m - first - 1)
            Each for a later row within ``(d + 2) 2^-53`` of itself and little more. What stands for an earlier row is
            the distance to that one, and for the row itself near zero.
        """
        if not self.wide:
            return self._direct(first, last, first + 1, self.X.shape[0])
        d = self.X.shape[1]
        inner = np.zeros((last - first, self.X.shape[0] - first - 1))
        for c in range(0, d, _PIECE):
            inner += self.X[first:last, c : c + _PIECE] @ self.X[first + 1 :, c : c + _PIECE].T
        inner *= -2.0
        inner += self.norms[first:last, None] + self.norms[None, first + 1 :]
        reach = (self.lengths[first:last, None] + self.lengths[None, first + 1 :]) ** 2
        sure = (inner >= self.share * reach) & (inner > self.floor)
        later = np.arange(first + 1, self.X.shape[0])[None, :] > np.arange(first, last)[:, None]
        for start in range(first, last, _ROWS):
            for at in range(first + 1, self.X.shape[0], _COLUMNS):
                tile = np.s_[
                    start - first : min(start + _ROWS, last) - first,
                    at - first - 1 : at - first - 1 + _COLUMNS,
                ]
                unsure = later[tile] & ~sure[tile]
                count = int(np.count_nonzero(unsure))
                if count * _FEW > unsure.size:
                    end = min(at + _COLUMNS, self.X.shape[0])
                    inner[tile] = self._direct(start, min(start + _ROWS, last), at, end)
                elif count:
                    i, j = np.nonzero(unsure)
                    inner[tile][i, j] = self._apart(start + i, at + j)
        return inner

    def _direct(self, first: int, last: int, begin: int, end: int) -> FloatArray:
        """Sum the squares of the differences, in the order of the columns."""
        out = np.zeros((last - first, end - begin))
        for start in range(first, last, _ROWS):
            for at in range(begin, end, _COLUMNS):
                stop, to = min(start + _ROWS, last), min(at + _COLUMNS, end)
                sums = np.zeros((stop - start, to - at))
                step = np.empty_like(sums)
                for column in self.columns:
                    np.subtract(column[start:stop, None], column[None, at:to], out=step)
                    step *= step
                    sums += step
                out[start - first : stop - first, at - begin : to - begin] = sums
        return out

    def _apart(self, i: IntArray, j: IntArray) -> FloatArray:
        """Return the squared distances of pairs of rows."""
        out = np.empty(len(i))
        step = max(1, _GATHERED // self.X.shape[1])
        for at in range(0, len(i), step):
            V = self.X[i[at : at + step]] - self.X[j[at : at + step]]
            out[at : at + step] = np.einsum("ij,ij->i", V, V)
        return out
