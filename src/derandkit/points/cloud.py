"""Point clouds: one validated form for every input, and the exact reduction to the span of the points.

A cloud remembers which rows are first occurrences, because a pair of equal rows has no ratio of distances, and a
digest of its bytes, which ties a certificate to the points it is about. Distances live in the span of the
centred points, so a map is fitted in coordinates of that span (dimension at most n - 1), without loss.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError, first_line
from derandkit.given.entries import NARROW, real_array, refuse_lost
from derandkit.given.series import index_of
from derandkit.numerals import writable_numbers
from derandkit.numerics.vectors import column_sums
from derandkit.points.columns import refuse_unwritable
from derandkit.points.frames import check_frame, frame_notes, named_table, plain_array
from derandkit.points.lines import is_number
from derandkit.points.objects import refuse_infinite, refuse_rounded
from derandkit.points.sparse import cut, distinct_rows, points_digest, used_columns, wide
from derandkit.records import short_line
from derandkit.tables import short_repr
from derandkit.words.quoting import one_line

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_array

    from derandkit.numerics.typing import FloatArray, IntArray, SingleArray


COINCIDENCE = 1e-11
"""Pairs closer than this fraction of the largest centred norm are left out of objectives, not of measurements."""

LEAST_WEIGHT = 2.0**-256
"""Least positive weight of a point, the greatest being 1: products of two, and sums of them, stay normal numbers."""


#: A mean that is off by more than this share of the spread is computed again, from differences.
_CENTRED = 2.0**-24


@dataclass(frozen=True, eq=False, repr=False)
class PointCloud:
    """A cloud of n points in R^d.

    Parameters
    ----------
    X : array_like or scipy.sparse array or matrix, shape (n, d)
        Finite real numbers, at least two different rows. float32 is kept; other real types become float64. A sparse
        matrix is expanded (4 GiB at most, or twice ``DERANDKIT_MAX_BYTES``). Of a large table, sparse or not, most of
        whose columns are zero in every row, the other columns are held.
    columns : tuple of str, optional
        Names of the columns that were read; numbers where columns without a name were chosen.
    reading : str, optional
        How the input was read, in words; by default the type of `X`.

    Attributes
    ----------
    points : ndarray of float64 or float32, shape (n, a)
        The entries: all d columns, or those of a large table that are not zero in every row.
    places : ndarray of int64, shape (a,), or None
        Which columns those are; None for all.
    width : int
        Number of columns d of the table.
    sparse : bool
        Whether the table was sparse.
    distinct : ndarray of int64, shape (m,)
        The first of each set of equal rows, ascending.
    digest : str
        SHA-256 of shape, type and entries in hex.
    index : pandas.Index or None
        Labels of the rows of a frame of pandas; weights of points that have other labels are refused.

    Raises
    ------
    InputError
        If the data is empty, not two-dimensional, not numeric, not finite, a single point, or all rows are equal.

    Notes
    -----
    Finding equal rows costs O(n d log n).

    Examples
    --------
    >>> cloud = PointCloud([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]])
    >>> cloud
    PointCloud(n=3, d=2, float64, 1 duplicate)
    >>> cloud.distinct
    array([0, 1])
    """

    points: FloatArray | SingleArray
    places: IntArray | None
    width: int
    sparse: bool
    distinct: IntArray
    digest: str
    columns: tuple[str, ...] | None
    reading: str
    index: pd.Index | None

    @writable_numbers()
    def __init__(
        self, X: object, *, columns: tuple[str, ...] | None = None, reading: str | None = None
    ) -> None:
        found = named_table(X)
        if found is not None and found.names is not None:
            check_frame(found)
            for note in frame_notes(found):
                warnings.warn(one_line(note), UserWarning, stacklevel=3)
            columns = found.names if columns is None else columns
        points, places, width = _dense(plain_array(X) if found is None else found.table)
        if points.ndim != 2:
            pairs = f"{points.shape}{_as_many_as_pairs(points.shape)}"
            raise InputError(f"points form a table with one row a point, got shape {pairs}")
        n, d = points.shape
        if n == 0 or d == 0:
            raise InputError(f"no points: the table has shape {points.shape}")
        refuse_infinite(points, places, columns)
        refuse_unwritable(columns or (), "column")
        refuse_rounded(X, points, range(d) if places is None else places)
        if n == 1:
            raise InputError("one point has no distances; give at least two")
        distinct = distinct_rows(points)
        if distinct.size == 1:
            raise InputError(f"all {n} points are equal, so there are no distances to keep")
        points.setflags(write=False)
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "width", width)
        object.__setattr__(self, "sparse", hasattr(X, "tocsr"))
        object.__setattr__(self, "distinct", distinct)
        object.__setattr__(self, "digest", points_digest(points, places, width))
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "index", index_of(X))
        object.__setattr__(self, "reading", short_line(type_name(X) if reading is None else reading))

    @property
    def n_points(self) -> int:
        """Number of rows n."""
        return int(self.points.shape[0])

    @property
    def n_features(self) -> int:
        """Number of columns d."""
        return self.width

    @property
    def duplicates(self) -> int:
        """Number of rows equal to an earlier row; they take no part in ratios."""
        return self.n_points - int(self.distinct.size)

    @property
    def n_pairs(self) -> int:
        """Number of pairs of different rows."""
        m = int(self.distinct.size)
        return m * (m - 1) // 2

    def centring(self) -> Centring:
        """Return the different rows as float64, centred and scaled by a power of two to the order of 1."""
        return centring(self.points[self.distinct] if self.duplicates else self.points)

    def centred(self) -> FloatArray:
        """Return the points of `centring`."""
        return self.centring().points

    @property
    def origin(self) -> FloatArray:
        """The centre of the different rows, shape (d,), in the units of the points."""
        return self.wide(self.centring().origin)

    def cut(self, columns: FloatArray) -> FloatArray:
        """Return the columns of `points` of something with one entry a column.

        Parameters
        ----------
        columns : ndarray, shape (..., d)
            One entry for each column of the table.

        Returns
        -------
        ndarray, shape (..., a)
            The entries of the columns that `points` holds.
        """
        return columns if self.places is None else np.ascontiguousarray(columns[..., self.places])

    def wide(self, columns: FloatArray) -> FloatArray:
        """Return something with one entry a column of `points` with all d columns; the others are zero.

        Parameters
        ----------
        columns : ndarray, shape (..., a)
            One entry for each column that `points` holds.

        Returns
        -------
        ndarray, shape (..., d)
            One entry for each column of the table.
        """
        return wide(columns, self.places, self.width)

    def table(self) -> FloatArray | SingleArray | csr_array:
        """Return the points with all their columns; sparse where they were sparse and columns were left out."""
        if self.places is None:
            return self.points
        if not self.sparse:
            whole = np.zeros((self.n_points, self.width), dtype=self.points.dtype)
            whole[:, self.places] = self.points
            return whole
        from scipy.sparse import csr_array

        entries = csr_array(self.points)
        shape = (self.n_points, self.width)
        return csr_array((entries.data, self.places[entries.indices], entries.indptr), shape=shape)

    def masses(self, weights: object) -> FloatArray:
        """Return the weights of the different rows: those of equal rows are added, and the largest becomes 1.

        Parameters
        ----------
        weights : array_like, shape (n,)
            One number a row, not negative.

        Raises
        ------
        InputError
            If it is anything else, or fewer than two different rows have a positive weight, or a positive weight is
            below 2^-256 of the greatest.

        Examples
        --------
        >>> PointCloud([[0.0], [3.0], [0.0]]).masses([1, 4, 1])
        array([0.5, 1. ])
        """
        given = real_array(weights, "pair_weights")
        if given.shape != (self.n_points,):
            raise InputError(
                f"pair_weights has one number a point: shape ({self.n_points},), got {given.shape}; "
                "the pair (i, j) counts weights[i] * weights[j] times"
            )
        if (given < 0.0).any():
            row = int(np.argmax(given < 0.0))
            raise InputError(f"pair_weights[{row}] is {given[row]}; weights are finite and not negative")
        top = float(given.max())
        _, first, group = np.unique(self.points, axis=0, return_index=True, return_inverse=True)
        sums = np.bincount(group.ravel(), weights=given / top if top > 0.0 else given)
        out = sums[np.argsort(first, kind="stable")]
        greatest = max(float(out.max()), 1.0)
        tiny = (given > 0.0) & (given / (top or 1.0) < LEAST_WEIGHT * greatest)
        if tiny.any():
            row = int(np.argmax(tiny))
            raise InputError(
                f"pair_weights[{row}] is {given[row]}, less than 2^-256 (about 1e-77) of the greatest; products of "
                "such weights leave the range of double precision, so give it 0"
            )
        if np.count_nonzero(out) < 2:
            raise InputError("pair_weights leaves fewer than two different points with a positive weight")
        return np.asarray(out / greatest)

    def __repr__(self) -> str:
        count = self.duplicates
        extra = f", {count} duplicate{'s' if count > 1 else ''}" if count else ""
        return f"PointCloud(n={self.n_points}, d={self.n_features}, {self.points.dtype}{extra})"


def type_name(value: object) -> str:
    """Return what an object is, as a record says it: its package and its type.

    Examples
    --------
    >>> type_name([[1.0]]), type_name(np.ones((1, 1)))
    ('list', 'numpy ndarray')
    """
    kind = type(value)
    package = kind.__module__.partition(".")[0]
    return kind.__qualname__ if package == "builtins" else f"{package} {kind.__qualname__}"


@dataclass(frozen=True, eq=False, repr=False)
class Centring:
    """Points minus a centre, everything multiplied by one power of two so that the largest entry is near 1.

    Parameters
    ----------
    given : ndarray, shape (n, d)
        The points as given; zero in a column that does not vary. Differences of two rows are exact up to one rounding
        an entry.
    points : ndarray, shape (n, d)
        The points minus a centre, scaled, rounded once an entry; exactly zero in a column that does not vary.
    mean : ndarray, shape (d,)
        Mean of the rows, rounded, in the units of the points; zero in a column that does not vary.
    exponent : int
        ``ldexp(points, exponent)`` is in the units of the points.
    fixed : ndarray, shape (d,)
        The value, not scaled, of a column that does not vary; zero for the others.
    """

    given: FloatArray
    points: FloatArray
    mean: FloatArray
    exponent: int
    fixed: FloatArray

    __repr__ = short_repr

    @property
    def raw(self) -> FloatArray:
        """The points as given, scaled as `points` are."""
        return np.ldexp(self.given, -self.exponent)

    @property
    def origin(self) -> FloatArray:
        """The centre in the units of the points: the mean, and the value itself in a column that does not vary."""
        return self.mean + self.fixed


@np.errstate(under="ignore")  # whatever the caller has set
def centring(points: FloatArray | SingleArray) -> Centring:
    """Centre and scale points; O(n d).

    Ratios of distances do not change under either; squares can no longer overflow.

    Examples
    --------
    >>> found = centring(np.array([[1.0, 7.0], [3.0, 7.0]]))
    >>> found.points.tolist(), found.origin.tolist()
    ([[-0.5, 0.0], [0.5, 0.0]], [2.0, 7.0])
    """
    raw = np.array(points, dtype=np.float64, order="C")
    # a column that does not vary has no part in any distance: a large value there must not push the others, which are
    # scaled with it, to where they lose digits
    constant = (raw == raw[0]).all(axis=0)
    fixed = np.where(constant, raw[0], 0.0)
    raw[:, constant] = 0.0
    given = raw
    # a column of much smaller numbers than the others keeps its mean, though distances do not show it
    sizes = np.frexp(np.max(np.abs(raw), axis=0))[1]
    mean = np.ldexp(column_sums(np.ldexp(raw, -sizes)) / raw.shape[0], sizes)
    first = int(np.frexp(np.max(np.abs(raw)))[1])
    raw = np.ldexp(raw, -first)
    # a plain running mean a column: the same bits for any memory layout
    centre = column_sums(raw) / raw.shape[0]
    X = raw - centre
    # under a large offset the rounding of the sum may be larger than the spread; differences from a row are exact
    left = np.abs(column_sums(X)) / raw.shape[0] > _CENTRED * np.max(np.abs(X), axis=0)
    if left.any():
        X[:, left] = raw[:, left] - raw[0, left]
        shift = column_sums(X[:, left]) / raw.shape[0]
        X[:, left] -= shift
        mean[left] = np.ldexp(raw[0, left] + shift, first)
    second = int(np.frexp(np.max(np.abs(X)))[1])
    return Centring(given, np.ldexp(X, -second, out=X), mean, first + second, fixed)


def centred(points: FloatArray | SingleArray) -> FloatArray:
    """Return the points of `centring`."""
    return centring(points).points


def _dense(X: object) -> tuple[FloatArray | SingleArray, IntArray | None, int]:
    """Return the entries as floating-point numbers, the columns they are in, and the number of columns."""
    places, width, given = None, 0, True
    if (
        hasattr(X, "toarray")
        and hasattr(X, "tocsr")
        and hasattr(X, "nnz")
        and hasattr(X, "shape")
        and hasattr(X, "astype")
        and hasattr(X, "dtype")
    ):
        found = cut(X)
        X, places, width, given = found.table, found.places, found.width, False
    refuse_lost(X, "the points")
    try:
        points = np.asarray(X)
    except ValueError:
        raise InputError("the rows have different lengths; points form a table") from None
    except Exception as error:  # of a method __array__
        raise InputError(f"the points are no array: {first_line(error)}") from error
    if points.dtype == object and points.ndim == 1 and points.size and hasattr(points[0], "__len__"):
        raise InputError("the points are a sequence of lists in one column; pass numpy.stack of its entries")
    if points.dtype == object:
        try:
            if not all(
                map(is_number, (entry for entry in points.ravel().tolist() if isinstance(entry, str)))
            ):
                raise ValueError
            points = points.astype(np.float64)
        except (TypeError, ValueError):
            raise InputError("the points hold something that is not a number") from None
        except OverflowError:
            raise InputError("the points hold a number that is too large for float64; scale them") from None
    if points.dtype.name in NARROW:
        points = points.astype(np.float32)
    if points.dtype.kind == "c":
        raise InputError("Complex data not supported: points are real numbers")
    if points.dtype.kind not in "fiub":
        such = f", such as {str(points.ravel()[0])[:40]!r}; convert it first" if points.size else ""
        raise InputError(f"points are numbers, got the type {points.dtype}{such}")
    # what somebody gave may change later on; what was expanded here may not
    kind = np.float32 if points.dtype.name == "float32" else np.float64  # in any order of bytes
    points = (np.array if given else np.asarray)(points, dtype=kind, order="C")
    if places is None and points.ndim == 2:
        places, width = used_columns(points), points.shape[1]
        if places is not None:
            points = np.ascontiguousarray(points[:, places])
    return points, places, width


def _as_many_as_pairs(shape: tuple[int, ...]) -> str:
    """Say of a vector that it may hold the distances between points, as SciPy's ``pdist`` gives them."""
    if len(shape) != 1:
        return ""
    line = "; points on a line are one column, X.reshape(-1, 1), or X.to_frame() of a series"
    n = (1 + math.isqrt(1 + 8 * shape[0])) // 2
    if shape[0] < 3 or n * (n - 1) // 2 != shape[0]:
        return line
    return f"; if it holds the distances between {n} points, pass the points"
