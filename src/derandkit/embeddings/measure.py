"""What a map does to every pair of points: extremes, mean, quantiles and the rounding margin of all of them.

Nothing here knows how the map was found. Each ratio is computed from the points themselves; its distance to the
exact ratio is at most the margin, so ``distortion + margin`` is a certified bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.paths.secants import coincidence_floor, row_blocks
from derandkit.points.cloud import centred
from derandkit.runtime.threads import in_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from derandkit.points.cloud import PointCloud

    FloatArray = NDArray[np.float64]

BINS = 80 << 10
"""Bins of the histogram of ``|r - 1|``: 2^10 a binary order of magnitude, from 2^-60 to 2^20."""

LEVELS: Mapping[str, float] = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}
_BLOCKS = 8
_UNIT = 2.0**-53


@dataclass(frozen=True, eq=False)
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
    quantiles : mapping of str to float
        Upper bounds on quantiles of ``|r - 1|``, at most 0.1 per cent above them.
    margin : float
        Bound on the rounding error of any ratio.
    pairs : int
        Pairs measured.
    coincident : int
        Pairs left out because their points agree to rounding (equal rows not counted).
    log_psi : float or None
        Logarithm of the two-sided exponential sum, if it was asked for.
    """

    largest: float
    smallest: float
    worst_pair: tuple[int, int]
    mean: float
    quantiles: Mapping[str, float]
    margin: float
    pairs: int
    coincident: int
    log_psi: float | None = None

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


def measure(cloud: PointCloud, matrix: FloatArray, *, mu: float = 0.0, eps: float = 0.0) -> Ratios:
    """Measure the ratios of all pairs of different points.

    Parameters
    ----------
    cloud : PointCloud
        The points.
    matrix : ndarray, shape (k, d)
        The map.
    mu, eps : float
        With ``mu > 0``, also the exponential sum ``sum exp(mu (r - 1 - eps)) + exp(mu (1 - eps - r))``.

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
    X = cloud.centred()
    found = measure_points(X, matrix, mu=mu, eps=eps)
    i, j = found.worst_pair
    rows = cloud.distinct
    return Ratios(**{**vars(found), "worst_pair": (int(rows[i]), int(rows[j]))})


def measure_points(X: FloatArray, matrix: FloatArray, *, mu: float = 0.0, eps: float = 0.0) -> Ratios:
    """Do what `measure` does for different points as given by `derandkit.points.cloud.centred`."""
    from derandkit.embeddings.kernels.dense import product
    from derandkit.embeddings.kernels.pairs import ratio_pass

    m, d = X.shape
    k = matrix.shape[0]
    Y = np.empty((m, k))
    product(X, np.ascontiguousarray(matrix.T), Y)
    XT, YT = np.ascontiguousarray(X.T), np.ascontiguousarray(Y.T)
    norms = np.sqrt(np.add.accumulate(X * X, axis=1)[:, -1])
    slack, relative = rounding(matrix, d, k)
    blocks = row_blocks(m, _BLOCKS if m >= 512 else 1)
    counts = np.zeros((len(blocks), BINS), dtype=np.int64)
    stats = np.zeros((len(blocks), 5))
    where = np.zeros((len(blocks), 5), dtype=np.int64)
    terms = np.array([coincidence_floor(X), slack, relative, 0.0, eps, 0.0])

    def work(b: int) -> None:
        buffer = np.empty(m)
        ratio_pass(
            XT, YT, norms, terms, *blocks[b], buffer, buffer.view(np.int64), counts[b], stats[b], where[b]
        )

    in_order(work, len(blocks))
    top = int(np.argmax(stats[:, 0]))
    low = int(np.argmin(stats[:, 1]))
    largest, smallest = float(stats[top, 0]), float(stats[low, 1])
    above = largest - 1.0 >= 1.0 - smallest
    pair = where[top, :2] if above else where[low, 2:4]
    pairs = int(where[:, 4].sum())
    sums = np.add.accumulate(stats, axis=0)[-1]
    margin = float(stats[:, 3].max())
    histogram = counts.sum(axis=0)
    log_psi = None
    if mu > 0.0:
        shift = mu * (max(largest - 1.0, 1.0 - smallest) - eps)
        terms[3], terms[5] = mu, shift
        in_order(work, len(blocks))
        log_psi = shift + float(np.log(np.add.accumulate(stats[:, 4])[-1]))
    return Ratios(
        largest=largest,
        smallest=smallest,
        worst_pair=(int(pair[0]), int(pair[1])),
        mean=float(sums[2]) / pairs,
        quantiles=quantiles(histogram),
        margin=margin,
        pairs=pairs,
        coincident=m * (m - 1) // 2 - pairs,
        log_psi=log_psi,
    )


def rounding(matrix: FloatArray, d: int, k: int) -> tuple[float, float]:
    """Constants of the rounding margin: per unit of ``|x_i| + |x_j|``, and relative to a ratio.

    The image of a centred point is a sum of d products, off by at most ``gamma_{d+2} |A|_F |x|``, the subtraction
    of the mean included; a quotient of sums of d and k squares of differences is off by ``gamma_{d+k+6}``.
    """
    norm = float(np.sqrt(np.sum(matrix * matrix)))
    return 1.01 * (d + 4) * _UNIT * norm, 1.01 * (d + k + 6) * _UNIT


def quantiles(histogram: NDArray[np.int64]) -> dict[str, float]:
    """Upper bin edges of the quantiles in `LEVELS`."""
    total = int(histogram.sum())
    heap = np.cumsum(histogram)
    return {
        name: bin_edge(int(np.searchsorted(heap, int(np.ceil(level * total)))) + 1)
        for name, level in LEVELS.items()
    }


def bin_edge(index: int) -> float:
    """Lower edge of a bin of the histogram; the upper edge is that of the next."""
    bits = np.array([(np.int64(1023 - 60) << np.int64(52)) + (np.int64(index) << np.int64(42))])
    return float(bits.view(np.float64)[0])


def heldout_figures(points: NDArray[np.float64], matrix: FloatArray) -> dict[str, float]:
    """Maximum, 99 % quantile and mean of ``|r - 1|`` over the pairs of points a map has not seen."""
    found = measure_points(centred(points), matrix)
    return {"max": found.distortion, "p99": min(found.quantiles["p99"], found.distortion), "mean": found.mean}
