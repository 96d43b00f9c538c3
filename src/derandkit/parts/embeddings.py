"""The parts of the result of an embedding. All ratios and distortions speak of squared distances."""

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
    """

    lower_bound: float
    distortion: float
    certified_distortion: float
    guaranteed_eps: float | None = None

    optional: ClassVar[frozenset[str]] = frozenset({"guaranteed_eps"})


@dataclass(frozen=True, eq=False)
class MeanDistortion(Part):
    """The mean of ``|r - 1|^p`` over all pairs, as its p-th root; a mean objective makes it small.

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
        Lower bound on the smallest eigenvalue of its Hessian there. Gradient and this bound are the two figures of
        second-order stationarity.
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
        Their distortion, rounding included; None if they leave the range of the type.
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
    """

    value: float
    tried: tuple[RidgeTrial, ...]

    inner: ClassVar[Mapping[str, type[Part]]] = {"tried": RidgeTrial}


@dataclass(frozen=True, eq=False)
class PointsRecord(Part):
    """Which points a result speaks about.

    Parameters
    ----------
    n, d, rank : int
        Points, columns, and dimensions of their span.
    dtype : {"float32", "float64"}
        Their type.
    digest : str
        SHA-256 of their bytes.
    duplicates, coincident, pairs : int
        Rows equal to an earlier one; pairs too close to have a ratio; pairs that were measured.
    columns : tuple of str, or None
        Columns that were read, if the file has others.
    reading : str or None
        What the input was taken for, in words; nothing checks it.
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
    """

    evaluations: int
    scans: int
    active_pairs: int
