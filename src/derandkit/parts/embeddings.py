"""The parts of the result of an embedding. All ratios and distortions are about squared distances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from derandkit.parts.part import EncodedArray, Part


@dataclass(frozen=True, eq=False)
class Quantiles(Part):
    """Quantiles and mean of ``|r - 1|`` over all pairs.

    Parameters
    ----------
    p50, p90, p99, p999 : float
        Upper bounds, at most 0.1 per cent above.
    mean : float
        The mean.

    Examples
    --------
    >>> from derandkit import embed
    >>> corners = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    >>> quantiles = embed(corners, n_components=2, objective="mean", holdout=False).quantiles
    >>> quantiles.p50 <= quantiles.p90 <= quantiles.p999
    True
    """

    p50: float
    p90: float
    p99: float
    p999: float
    mean: float


@dataclass(frozen=True, eq=False)
class EmbeddingGuarantee(Part):
    """What the number of dimensions promises for any points, before anything is computed.

    Parameters
    ----------
    applies : bool
        Whether it promises anything.
    eps : float or None
        The distortion it promises.
    smallest_dimension : int
        From how many dimensions on there is a promise.
    sharpness, log_psi_start, log_psi_end : float or None
        The parameter mu of the bound, and the logarithm of the bound at the start and at the end of the path; none
        without a promise.

    Examples
    --------
    >>> from derandkit import embed
    >>> corners = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    >>> guarantee = embed(corners, n_components=2, objective="mean", holdout=False).guarantee
    >>> guarantee.applies, guarantee.smallest_dimension
    (False, 15)
    """

    applies: bool
    eps: float | None
    smallest_dimension: int
    sharpness: float | None = None
    log_psi_start: float | None = None
    log_psi_end: float | None = None

    optional: ClassVar[frozenset[str]] = frozenset({"sharpness", "log_psi_start", "log_psi_end"})


@dataclass(frozen=True, eq=False)
class EmbeddingChain(Part):
    """Numbers in an order that is proven: each is at most the next.

    Parameters
    ----------
    lower_bound : float
        No map has a smaller distortion.
    distortion : float
        As measured.
    certified_distortion : float
        With the rounding of the measurement.
    guaranteed_eps : float or None
        What the dimension promises; none without a promise.

    Examples
    --------
    >>> from derandkit import embed
    >>> corners = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    >>> chain = embed(corners, n_components=2, objective="mean", holdout=False).chain
    >>> chain.lower_bound <= chain.distortion <= chain.certified_distortion
    True
    """

    lower_bound: float
    distortion: float
    certified_distortion: float
    guaranteed_eps: float | None = None

    optional: ClassVar[frozenset[str]] = frozenset({"guaranteed_eps"})


@dataclass(frozen=True, eq=False)
class MeanDistortion(Part):
    """The mean of ``|r - 1|^p`` over pairs of different points, as its p-th root; a mean objective makes it small.

    Parameters
    ----------
    power : {2, 4}
        p: the root is the root mean square for 2.
    lower_bound : float
        No map has a smaller root.
    value : float
        The root as measured.
    certified : float
        With the rounding of the measurement.
    promised : float
        What the dimension promises for any points: ``sqrt(2/k)``, or the fourth root of ``12/k^2 + 48/k^3``.
    weights : EncodedArray or None, shape (m,)
        Weights of the different points, the largest 1: the pair (i, j) counts ``w_i w_j`` times. None: every pair of
        different points counts once.
    gradient : float or None
        Norm of the gradient of the mean in the map, on the span of the points; None beyond 4096 points.
    curvature : float or None
        Lower bound on the smallest eigenvalue of its Hessian there. Gradient and this bound are the two numbers of
        second-order stationarity.

    Examples
    --------
    >>> from derandkit import embed
    >>> corners = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    >>> mean = embed(corners, n_components=2, objective="mean", holdout=False).mean
    >>> mean.power, mean.promised, mean.lower_bound <= mean.value <= mean.certified <= mean.promised
    (2, 1.0, True)
    """

    power: int
    lower_bound: float
    value: float
    certified: float
    promised: float
    weights: EncodedArray | None
    gradient: float | None
    curvature: float | None

    @property
    def kept(self) -> bool:
        """Whether the promise is kept, rounding included."""
        return self.certified <= self.promised

    inner: ClassVar[Mapping[str, type[Part]]] = {"weights": EncodedArray}


@dataclass(frozen=True, eq=False)
class HeldOut(Part):
    """An estimate for new points: distortions of pairs that siblings of the map have not seen.

    Parameters
    ----------
    max, p99, mean : float
        Of ``|r - 1|``.
    mean_interval : tuple of float, or None
        Mean minus and plus two standard errors; version 1 does not claim it.
    pairs : int or None
        How many pairs; version 1 does not claim it.
    n_fitted, n_held : int
        Points that each sibling was fitted to, and points that it had not seen.
    siblings : tuple of EncodedArray, shapes (k, d)
        The maps.

    Examples
    --------
    >>> heldout = HeldOut(0.9, 0.8, 0.4, (0.3, 0.5), pairs=75, n_fitted=24, n_held=6, siblings=())
    >>> heldout.mean, heldout.mean_interval
    (0.4, (0.3, 0.5))
    """

    max: float
    p99: float
    mean: float
    mean_interval: tuple[float, float] | None
    pairs: int | None
    n_fitted: int
    n_held: int
    siblings: tuple[EncodedArray, ...]

    inner: ClassVar[Mapping[str, type[Part]]] = {"siblings": EncodedArray}


@dataclass(frozen=True, eq=False)
class Sides(Part):
    """The smallest and the largest ratio ``|A v|^2 / |v|^2``, rounded outward.

    Parameters
    ----------
    smallest, largest : float
        The ratios.

    Examples
    --------
    >>> Sides(smallest=0.25, largest=1.5)
    Sides(smallest=0.25, largest=1.5)
    """

    smallest: float
    largest: float


@dataclass(frozen=True, eq=False)
class Stretch(Part):
    """What the map does to any two points at all.

    Parameters
    ----------
    space : Sides
        For every difference v.
    span : Sides
        For those in the span of the fitted points.

    Examples
    --------
    >>> from derandkit import embed
    >>> corners = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    >>> stretch = embed(corners, n_components=2, objective="mean", holdout=False).stretch
    >>> stretch.span.smallest <= stretch.span.largest
    True
    """

    space: Sides
    span: Sides

    inner: ClassVar[Mapping[str, type[Part]]] = {"space": Sides, "span": Sides}


@dataclass(frozen=True, eq=False)
class OutputRecord(Part):
    """The images that ``transform`` makes of the fitted points.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        Their type.
    certified_distortion : float or None
        Their distortion, rounding included; None if they leave the range of the type, or points are so near each other
        that rounding hides the distances of their images.

    Examples
    --------
    >>> OutputRecord("float32", 0.25).certified_distortion
    0.25
    """

    dtype: str
    certified_distortion: float | None


@dataclass(frozen=True, eq=False)
class RidgeTrial(Part):
    """A ridge that was tried on held-out pairs.

    Parameters
    ----------
    ridge : float
        Its value.
    fitted, max, mean : float
        The distortion of fitted pairs, and the greatest and the mean one of held-out pairs.

    Examples
    --------
    >>> RidgeTrial(ridge=10.0, fitted=0.3, max=0.5, mean=0.2)
    RidgeTrial(ridge=10.0, fitted=0.3, max=0.5, mean=0.2)
    """

    ridge: float
    fitted: float
    max: float
    mean: float


@dataclass(frozen=True, eq=False)
class RidgeRecord(Part):
    """The ridge of the fit.

    Parameters
    ----------
    value : float
        The one that was used.
    tried : tuple of RidgeTrial
        What it was chosen from.

    Examples
    --------
    >>> record = RidgeRecord(10.0, (RidgeTrial(10.0, 0.3, 0.5, 0.2), RidgeTrial(1.0, 0.3, 0.6, 0.2)))
    >>> record.value == min(record.tried, key=lambda trial: trial.max).ridge
    True
    """

    value: float
    tried: tuple[RidgeTrial, ...]

    inner: ClassVar[Mapping[str, type[Part]]] = {"tried": RidgeTrial}


@dataclass(frozen=True, eq=False)
class PointsRecord(Part):
    """Which points a result is about.

    Parameters
    ----------
    n, d, rank : int
        Points, columns, and dimensions of their span.
    dtype : {"float32", "float64"}
        Their type.
    digest : str
        SHA-256 of their bytes.
    duplicates, coincident, pairs : int
        Rows equal to an earlier one; pairs that were left out, which is none; pairs that were measured.
    columns : tuple of str, or None
        Columns that were read, where the input names them or has others.
    reading : str or None
        How the input was read, in words; nothing checks it.

    Examples
    --------
    >>> from derandkit import embed
    >>> corners = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    >>> points = embed(corners, n_components=2, objective="mean", holdout=False).points
    >>> points.n, points.d, points.rank, points.pairs
    (4, 3, 3, 6)
    """

    n: int
    d: int
    rank: int
    dtype: str
    digest: str
    duplicates: int
    coincident: int
    pairs: int
    columns: tuple[str, ...] | None
    reading: str | None


@dataclass(frozen=True, eq=False)
class EmbeddingStats(Part):
    """Counts of the run; never times.

    Parameters
    ----------
    evaluations, scans, active_pairs : int
        Evaluations of an objective, passes over all pairs, and pairs of the last working set.

    Examples
    --------
    >>> EmbeddingStats(evaluations=113, scans=2, active_pairs=40)
    EmbeddingStats(evaluations=113, scans=2, active_pairs=40)
    """

    evaluations: int
    scans: int
    active_pairs: int
