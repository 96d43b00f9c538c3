"""What a map does to every pair of points: extremes, mean, quantiles and the rounding margin of all of them.

Nothing here knows how the map was found. Each ratio is computed from the points themselves, with a bound on its
rounding error that comes from the two points and the map alone; the margin covers the largest of these bounds, so
``distortion + margin`` is a certified bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.paths.secants import coincidence_floor, row_blocks
from derandkit.errors import InputError
from derandkit.numerics.vectors import HALVED, norm
from derandkit.points.cloud import centring
from derandkit.runtime.threads import in_order
from derandkit.tables import short_repr

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from derandkit.numerics.typing import FloatArray, IntArray, SingleArray
    from derandkit.points.cloud import Centring, PointCloud
    from derandkit.runtime.crew import Crew

BINS = 80 << 10
"""Bins of the histogram of ``|r - 1|``: 2^10 a binary order of magnitude, from 2^-60 to 2^20."""

LEVELS: Mapping[str, float] = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}
#: How far the farthest point may be, in medians, where pairs of different points are left out.
FAR = 1e4
_BLOCKS = 8
_UNIT = 2.0**-53
_HARD = 2.0**-30
"""A ratio whose error bound from the images of its points is larger is computed again from their difference."""

_CARE = 4.0
"""The margin is this many times the largest error bound: a verifier rounds too, and has to find its number inside."""

_MOST_WRITTEN = 2.0**1000
"""Images whose ratios may be larger, since their points are so near each other, say nothing any more."""

_OFFSET = 2.0**24
"""Offsets of a column that are larger, in parts of its spread, count where images are written."""

_SINGLE = 2.0**-24
_SINGLE_LARGEST, _SINGLE_HALF = 3.4028234663852886e38, 2.0**-150
_DOUBLE_LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True, eq=False, repr=False)
class Ratios:
    """Figures of the ratios ``r = |A (x - y)|^2 / |x - y|^2`` over all pairs of different points.

    Parameters
    ----------
    largest, smallest : float
        Extreme ratios as computed.
    worst_pair : tuple of int
        Rows of the pair with the largest ``|r - 1|``, lowest index first.
    mean : float
        Mean ``|r - 1|``.
    mean_square, mean_fourth : float
        Weighted means of ``|r - 1|^2`` and ``|r - 1|^4``.
    quantiles : mapping of str to float
        Upper bounds on quantiles of ``|r - 1|``, at most 0.1 per cent above them and never above the greatest.
    margin : float
        The exact largest ``|r - 1|`` of the matrix lies within this of `distortion`.
    pairs : int
        Pairs measured: all of different points.
    close : int
        Pairs among them that are nearer than 1e-11 of the largest centred norm: they are measured from the difference
        of their rows, and no objective sees them.
    written : float or None
        Certified: no pair of images as `derandkit.EmbeddingResult.transform` rounds them has a larger ``|r - 1|``.
        None if they leave the range of their type, a pair is nearer than 2^-300 of the cloud, or it is above 2^1000.
    log_psi : float or None
        Logarithm of the two-sided exponential sum, if it was computed.
    histogram : ndarray, shape (BINS,)
        How many pairs have ``|r - 1|`` in each bin.
    point_means : ndarray or None
        Mean ``|r - 1|`` over the pairs of each point that has some, if it was computed.
    """

    largest: float
    smallest: float
    worst_pair: tuple[int, int]
    mean: float
    mean_square: float
    mean_fourth: float
    quantiles: Mapping[str, float]
    margin: float
    pairs: int
    close: int
    written: float | None = None
    log_psi: float | None = None
    histogram: IntArray | None = None
    point_means: FloatArray | None = None

    __repr__ = short_repr

    @property
    def distortion(self) -> float:
        """Largest ``|r - 1|``."""
        return max(self.largest - 1.0, 1.0 - self.smallest)

    @property
    def scaled_distortion(self) -> float:
        """Largest ``|r - 1|`` after the best rescaling: ``(r_max - r_min) / (r_max + r_min)``."""
        if self.largest == 0.0:  # every point goes to one: no rescaling helps
            return 1.0
        return (self.largest - self.smallest) / (self.largest + self.smallest)


@np.errstate(under="ignore")  # whatever the caller has set
def measure(
    cloud: PointCloud,
    matrix: FloatArray,
    *,
    mu: float = 0.0,
    eps: float = 0.0,
    mass: FloatArray | None = None,
    crew: Crew | None = None,
) -> Ratios:
    """Measure the ratios of all pairs of different points.

    Parameters
    ----------
    cloud : PointCloud
        The points.
    matrix : ndarray, shape (k, d)
        The map.
    mu, eps : float
        With ``mu > 0``, also the exponential sum ``sum exp(mu (r - 1 - eps)) + exp(mu (1 - eps - r))``.
    mass : ndarray, optional
        Weights q of the different points: in the weighted means the pair (i, j) counts ``q_i q_j`` times.
    crew : Crew, optional
        Who works at `pieces_of` the pairs: more pieces than for threads alone, the same for every crew.

    Returns
    -------
    Ratios
        O(n^2 (d + k)) operations, O(n (d + k)) memory.

    Examples
    --------
    >>> from derandkit.points.cloud import PointCloud
    >>> cloud = PointCloud([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    >>> measure(cloud, np.array([[1.0, 0.0]])).worst_pair
    (0, 2)
    """
    single = cloud.points.dtype == np.float32
    points = cloud.centring()
    found = measure_points(points, cloud.cut(matrix), mu=mu, eps=eps, single=single, mass=mass, crew=crew)
    i, j = found.worst_pair
    rows = cloud.distinct
    if found.close:
        refuse_far_point(cloud.points, rows, found.close)
    return Ratios(**{**vars(found), "worst_pair": (int(rows[i]), int(rows[j]))})


def measure_points(
    points: Centring,
    matrix: FloatArray,
    *,
    mu: float = 0.0,
    eps: float = 0.0,
    single: bool = False,
    by_point: bool = False,
    mass: FloatArray | None = None,
    crew: Crew | None = None,
) -> Ratios:
    """Do what `measure` does for different points as given by `derandkit.points.cloud.centring`.

    `single` says that images are written in single precision; `by_point` asks for `Ratios.point_means`. `crew` says who
    works at `pieces_of` so many points, in place of a few threads; it knows neither `by_point` nor `mu`.
    """
    from derandkit.embeddings.kernels.ratios import ratio_pass
    from derandkit.numerics.dense import product

    X = points.points
    m, d = X.shape
    k = matrix.shape[0]
    Y = np.empty((m, k))
    product(X, np.ascontiguousarray(matrix.T), Y)
    XT, YT = np.ascontiguousarray(X.T), np.ascontiguousarray(Y.T)
    blocks = pieces_of(m) if crew else row_blocks(m, _BLOCKS if m >= 512 else 1)
    counts = np.zeros((len(blocks), BINS), dtype=np.int64)
    stats = np.zeros((len(blocks), 9))
    where = np.zeros((len(blocks), 6), dtype=np.int64)
    shares = np.zeros((len(blocks), 2, m if by_point else 0))
    terms = np.array([coincidence_floor(X), *rounding(d, k), _UNIT, _HARD, 0.0, eps, 0.0, points.exponent])
    sizes = np.stack([lengths(X), reaches(X, matrix), np.zeros(m), np.ones(m) if mass is None else mass])
    with np.errstate(over="ignore"):  # infinite where the images leave the range of double precision
        reach = float(np.ldexp(np.max(np.abs(Y)), points.exponent))
    fits = reach <= (_SINGLE_LARGEST if single else _DOUBLE_LARGEST)
    busy = max(int(np.count_nonzero(np.any(matrix != 0.0, axis=1))), 1)
    # images of the size of the least numbers are rounded to multiples of 2^-1074
    sizes[2] = np.ldexp(1.0005 * np.sqrt(busy), -1075 - points.exponent)
    sizes[2] += terms[1] * _off_centre(points, matrix, sizes[1])
    if single:
        tiny = float(np.ldexp(1.0005 * _SINGLE_HALF * np.sqrt(busy), -points.exponent))
        sizes[2] += 1.0005 * _SINGLE * lengths(Y) + tiny
    if max(float(np.max(np.abs(x))) for x in (points.fixed, points.given)) >= HALVED:
        # the least bit of an entry is lost
        sizes[2] += np.ldexp(1.0005 * norm(np.sum(np.abs(matrix), axis=1)), -1073 - points.exponent)

    def work(b: int) -> None:
        buffer = np.empty(m)
        bits: IntArray = buffer.view(np.int64)
        ratio_pass(
            XT,
            YT,
            points.given,
            matrix,
            sizes,
            terms,
            *blocks[b],
            buffer,
            bits,
            counts[b],
            stats[b],
            where[b],
            shares[b],
        )

    matrix = np.ascontiguousarray(matrix)
    if crew is None or crew.backend == "threads":
        in_order(work, len(blocks), None if crew is None else crew.workers)
    else:
        pieces = _elsewhere(crew, points, matrix, sizes, terms, blocks)
        for b, (found_counts, found_stats, found_where) in enumerate(pieces):
            counts[b], stats[b], where[b] = found_counts, found_stats, found_where
    top = int(np.argmax(stats[:, 0]))
    low = int(np.argmin(stats[:, 1]))
    largest, smallest = float(stats[top, 0]), float(stats[low, 1])
    above = largest - 1.0 >= 1.0 - smallest
    pair = where[top, :2] if above else where[low, 2:4]
    pairs = int(where[:, 4].sum())
    sums = np.add.accumulate(stats, axis=0)[-1]
    margin = _CARE * float(stats[:, 3].max())
    written = (1.0 + 16.0 * _UNIT) * float(stats[:, 5].max()) + margin
    histogram = counts.sum(axis=0)
    point_means = None
    if by_point:
        heap = np.add.accumulate(shares, axis=0)[-1]
        point_means = heap[0, heap[1] > 0.0] / heap[1, heap[1] > 0.0]
    log_psi = None
    if mu > 0.0:
        shift = mu * (max(largest - 1.0, 1.0 - smallest) - eps)
        terms[6], terms[8] = mu, shift
        in_order(work, len(blocks))
        log_psi = shift + float(np.log(np.add.accumulate(stats[:, 4])[-1]))
    greatest = max(largest - 1.0, 1.0 - smallest)  # a bin reaches beyond it
    return Ratios(
        largest=largest,
        smallest=smallest,
        worst_pair=(int(pair[0]), int(pair[1])),
        mean=float(sums[2]) / max(pairs, 1),
        mean_square=float(sums[6] / sums[8]) if sums[8] > 0.0 else 0.0,
        mean_fourth=float(sums[7] / sums[8]) if sums[8] > 0.0 else 0.0,
        quantiles={name: min(edge, greatest) for name, edge in quantiles(histogram).items()},
        margin=margin,
        pairs=pairs,
        close=int(where[:, 5].sum()),
        written=written if fits and written <= _MOST_WRITTEN else None,
        log_psi=log_psi,
        histogram=histogram,
        point_means=point_means,
    )


def refuse_far_point(points: FloatArray | SingleArray, distinct: IntArray, close: int) -> None:
    """Refuse points of which one lies so far away that no map can be fitted to the others beside it.

    No objective sees pairs nearer than 1e-11 of the largest norm. Where the farthest point is `FAR` times as far from
    the medians of the columns as half of the points, in the coordinate that differs most, these pairs need not be near
    each other.

    Raises
    ------
    InputError
        It names the row.

    Examples
    --------
    >>> refuse_far_point(np.array([[1.0, 2.0], [3.0, 5.0], [-1e31, 2.0], [4.0, 4.0]]), np.arange(4), 3)
    Traceback (most recent call last):
    derandkit.errors.InputError: row 2 lies so far from the others that 3 pairs of different points cannot be ...
    """
    X = 0.5 * np.asarray(points[distinct], dtype=np.float64)  # differences stay in range
    away = np.abs(X - np.median(X, axis=0)).max(axis=1)
    others = away[away > 0.0]
    far = away > FAR * float(np.median(others)) if others.size else np.zeros(0, dtype=np.bool_)
    if 0 < np.count_nonzero(far) <= max(1, len(X) // 20):  # more of them are a cluster
        raise InputError(
            f"row {int(distinct[away.argmax()])} lies so far from the others that {close} pairs of different points "
            "cannot be distinguished beside it: leave it out if its numbers stand for missing ones, or embed it apart"
        )


def _off_centre(points: Centring, matrix: FloatArray, sizes: FloatArray) -> FloatArray:
    """How much larger `reaches` are for what is mapped: points minus the mean as it is written, in double precision.

    Zero unless an offset is so large that the rounding of the mean is seen beside the spread.
    """
    written = np.ldexp(points.mean, -points.exponent)
    if (np.abs(written) <= _OFFSET * np.max(np.abs(points.points), axis=0)).all():
        return np.zeros(len(sizes))
    with np.errstate(over="ignore"):
        return reaches(np.ldexp(points.given - points.mean, -points.exponent), matrix) - sizes


def pieces_of(m: int) -> list[tuple[int, int]]:
    """Cut the pairs of m points into pieces for many workers; they depend on m alone, and so does every sum.

    Examples
    --------
    >>> len(pieces_of(100_000)), pieces_of(3)
    (48, [(0, 2)])
    """
    return row_blocks(m, min(max(m // 2048, 1), 256))


def _elsewhere(
    crew: Crew,
    points: Centring,
    matrix: FloatArray,
    sizes: FloatArray,
    terms: FloatArray,
    blocks: list[tuple[int, int]],
) -> Iterator[tuple[IntArray, FloatArray, IntArray]]:
    """Yield what `scan_piece` finds in each piece, in their order, wherever it is computed."""
    X, T = points.points, points.given
    with crew.team() as team:
        held = team.hold((X, T, sizes)) if team.holds else None

        class Tasks(Sequence[tuple[object, ...]]):
            """Arguments of a piece, made when it is its turn: rows before the piece are left out."""

            def __len__(self) -> int:
                return len(blocks)

            def __getitem__(self, b: int) -> tuple[object, ...]:  # type: ignore[override]
                first, last = blocks[b]
                if held is not None:
                    return held, 0, matrix, terms, first, last
                return (X[first:], T[first:], sizes[:, first:]), first, matrix, terms, first, last

        yield from team.run(scan_piece, Tasks(), stopped=lambda: False)


def scan_piece(
    rows: tuple[FloatArray, FloatArray, FloatArray],
    start: int,
    matrix: FloatArray,
    terms: FloatArray,
    first: int,
    last: int,
) -> tuple[IntArray, FloatArray, IntArray]:
    """Measure the pairs of the rows first <= i < last with all later ones, in whatever process it is called.

    Parameters
    ----------
    rows : tuple of ndarray
        Centred points, points as given, and the rows of `sizes` of `ratio_pass`, of all points from `start` on.
    start : int
        Number of the first of them.
    matrix : ndarray, shape (k, d)
        The map.
    terms : ndarray
        See `derandkit.embeddings.kernels.ratios.ratio_pass`.
    first, last : int
        The piece.

    Returns
    -------
    tuple of ndarray
        Histogram, figures and pairs, as `ratio_pass` returns them: the same bits as in one process.
    """
    from derandkit.embeddings.kernels.ratios import ratio_pass
    from derandkit.numerics.dense import product

    X, T, sizes = (np.ascontiguousarray(table) for table in rows)
    m = X.shape[0]
    Y = np.empty((m, matrix.shape[0]))
    product(X, np.ascontiguousarray(matrix.T), Y)
    XT, YT = np.ascontiguousarray(X.T), np.ascontiguousarray(Y.T)
    counts, stats, where = np.zeros(BINS, dtype=np.int64), np.zeros(9), np.zeros(6, dtype=np.int64)
    buffer = np.empty(m)
    bits: IntArray = buffer.view(np.int64)
    tables = XT, YT, T, matrix, sizes, terms
    ratio_pass(*tables, first - start, last - start, buffer, bits, counts, stats, where, np.zeros((2, 0)))
    where[:4] += start
    return counts, stats, where


def lengths(X: FloatArray) -> FloatArray:
    """Euclidean length of every row, summed in order."""
    return np.asarray(np.sqrt(np.add.accumulate(X * X, axis=1)[:, -1]))


def reaches(X: FloatArray, matrix: FloatArray) -> FloatArray:
    """Length of ``|A| |x|`` for every row x: to this the rounding errors of its image are proportional.

    A column in which the points do not vary is zero here, whatever the map holds there.
    """
    from derandkit.numerics.dense import product

    out = np.empty((X.shape[0], matrix.shape[0]))
    product(np.abs(X), np.ascontiguousarray(np.abs(matrix).T), out)
    return lengths(out)


def rounding(d: int, k: int) -> tuple[float, float, float]:
    """Constants of the error bounds (Higham, Accuracy and Stability, chapter 3), with a little to spare.

    Per unit of `reaches`, for an image: a sum of d products of entries that were rounded once. Per unit of length and
    distance, for a squared distance: the rounding of the centred entries. Relative, for a quotient of sums of d and
    of k squares.
    """
    return 1.011 * (d + 4) * _UNIT, 4.2 * _UNIT, 1.02 * (d + k + 8) * _UNIT


def quantiles(histogram: IntArray) -> dict[str, float]:
    """Upper bin edges of the quantiles in `LEVELS`."""
    total = int(histogram.sum())
    heap = np.cumsum(histogram)
    if not total:
        return dict.fromkeys(LEVELS, 0.0)
    return {
        name: bin_edge(int(np.searchsorted(heap, int(np.ceil(level * total)))) + 1)
        for name, level in LEVELS.items()
    }


def bin_edge(index: int) -> float:
    """Lower edge of a bin of the histogram; the upper edge is that of the next."""
    bits = np.array([(np.int64(1023 - 60) << np.int64(52)) + (np.int64(index) << np.int64(42))])
    return float(bits.view(np.float64)[0])


def heldout_measurements(points: FloatArray, matrix: FloatArray) -> dict[str, float]:
    """Maximum, 99 % quantile and mean of ``|r - 1|`` over the pairs of points a map has not seen."""
    found = measure_points(centring(points), matrix)
    return {"max": found.distortion, "p99": min(found.quantiles["p99"], found.distortion), "mean": found.mean}
