"""The answer to an embedding question: the map, what it does to every pair, and what no map can do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import real_points
from derandkit.parts.embeddings import (
    EmbeddingChain,
    EmbeddingGuarantee,
    EmbeddingStats,
    HeldOut,
    MeanDistortion,
    OutputRecord,
    PointsRecord,
    Quantiles,
    RidgeRecord,
    Stretch,
)
from derandkit.parts.part import part_or_none
from derandkit.records import JsonMapping, JsonObject, decode_array, encode_array, sealed
from derandkit.results import Result
from derandkit.status import KEPT_OR_NOT, UNKEPT, EmbeddingStatus
from derandkit.versions import CURRENT, upgraded
from derandkit.words.digits import digits_below

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derandkit.numerics.typing import FloatArray, SingleArray
    from derandkit.results import Row

SCHEMA = "derandkit-embedding"
SCHEMA_VERSION = CURRENT[SCHEMA]


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddingResult(Result):
    """A linear map for a point cloud, and the evidence.

    Distortions are about squared distances: ``r = |A (x - y)|^2 / |x - y|^2`` and the distortion of a pair is
    ``|r - 1|``.

    Parameters
    ----------
    status : EmbeddingStatus
        How the run ended.
    matrix : ndarray, shape (k, d)
        The map A; the embedding is ``(X - centre) @ A.T``.
    distortion : float
        Largest ``|r - 1|`` over all pairs of different points; exact within `margin`.
    scaled_distortion : float
        The same after the best rescaling, ``(r_max - r_min) / (r_max + r_min)``.
    margin : float
        The exact number lies within ``distortion -+ margin``, so ``distortion + margin`` is certified.
    worst_pair : tuple of int
        Rows of the pair with the largest ``|r - 1|``.
    quantiles : Quantiles
        ``p50``, ``p90``, ``p99``, ``p999`` (upper bounds, at most 0.1 per cent above) and ``mean`` of ``|r - 1|``.
    lower_bound : float
        Certified: no map of these points to k dimensions, linear or not, has a smaller distortion.
    guarantee : EmbeddingGuarantee
        Whether the dimension promises a distortion for any points, and which.
    chain : EmbeddingChain
        ``lower_bound <= distortion <= certified_distortion`` and, with a guarantee, ``<= guaranteed_eps``.
    mean : MeanDistortion or None
        For a mean objective: the mean of ``|r - 1|^p``, its lower bound and its promise; ``lower_bound <= value <=
        certified <= promised``.
    heldout : HeldOut or None
        ``max``, ``p99`` and ``mean`` of ``|r - 1|`` over ``pairs`` that siblings of the map, fitted without them, have
        not seen, and ``mean_interval``: an estimate for new points.
    stretch : Stretch or None
        ``space`` and ``span``, each with the ``smallest`` and ``largest`` ratio that any two points at all, or any
        two whose difference lies in the span of the fitted points, can have. Rounded outward.
    output : OutputRecord or None
        ``dtype`` of the images that `transform` makes of the fitted points, and ``certified_distortion`` of these
        numbers, their rounding included (None if they leave the range of the type).
    ridge : RidgeRecord or None
        ``value`` of the ridge of the fit, and the candidates ``tried`` on held-out pairs.
    centre : ndarray, shape (d,)
        Mean of the different points, which `transform` subtracts; zero in a map of version 1, which took points as they
        are.
    points : PointsRecord
        ``n``, ``d``, ``rank``, ``dtype``, ``digest``, ``duplicates``, ``coincident``, ``pairs``, and the ``columns``
        that were read if a file has others.
    objective : str
        What was made small: ``max``, ``mean`` or ``mean4``.
    method, complement : str
        How the map was found, and what it does off the span of the points.
    history : mapping of str to tuple of float
        One entry a stage of the path: ``spread`` (sigma^2), ``sharpness`` (mu), ``objective``, ``distortion``; for a
        mean objective one a step, with sharpness 0 and the root of the mean as distortion.
    stats : EmbeddingStats
        Counts; never times.
    original : mapping or None
        The record of an older version that the result was read from, where that version claims less: it is written back
        as it was.

    Examples
    --------
    >>> import numpy as np
    >>> import derandkit
    >>> result = derandkit.embed(np.eye(6), n_components=3)
    >>> result.matrix.shape, result.lower_bound <= result.distortion <= result.distortion + result.margin
    ((3, 6), True)
    """

    schema: ClassVar[str] = SCHEMA

    status: EmbeddingStatus
    matrix: FloatArray
    distortion: float
    scaled_distortion: float
    margin: float
    worst_pair: tuple[int, int]
    quantiles: Quantiles
    lower_bound: float
    guarantee: EmbeddingGuarantee
    chain: EmbeddingChain
    mean: MeanDistortion | None
    heldout: HeldOut | None
    stretch: Stretch | None
    output: OutputRecord | None
    ridge: RidgeRecord | None
    centre: FloatArray
    points: PointsRecord
    objective: str
    method: str
    complement: str
    history: Mapping[str, tuple[float, ...]]
    stats: EmbeddingStats
    original: JsonMapping | None = field(default=None, kw_only=True)

    @property
    def n_components(self) -> int:
        """Number of rows k of the map."""
        return int(self.matrix.shape[0])

    def transform(self, X: Any) -> FloatArray | SingleArray:
        """Map points: ``(X - centre) @ A.T``, computed in double precision.

        Parameters
        ----------
        X : array_like, sparse matrix or PointCloud, shape (n, d)
            Points; the certificate is about the fitted ones, `heldout` and `stretch` of others.

        Returns
        -------
        ndarray, shape (n, k)
            float32 for float32 points, rounded once at the end; else float64. The bits of an image depend on its row
            and the map only. `output` certifies these numbers for the fitted points.

        Raises
        ------
        InputError
            If the number of columns differs from that of the fitted points, a frame names them otherwise, or an image
            leaves the range of its type.
        """
        from derandkit.embeddings.images import images
        from derandkit.points.rows import rows_of_fit

        points = real_points(rows_of_fit(X, self.points.columns, self.points.reading), "the points")
        if points.ndim != 2 or points.shape[1] != self.matrix.shape[1]:
            raise InputError(
                f"the map takes rows of {self.matrix.shape[1]} numbers, got a table of shape {points.shape}"
            )
        return images(points, self.matrix, self.centre)

    @property
    def message(self) -> str:
        """The text of the status; a promise of the dimension that the map does not keep is named."""
        promises = self.mean is not None or self.guarantee.applies
        if not promises or self.status is not EmbeddingStatus.CERTIFIED:
            return str(self.status.value)
        # a checker encloses the mean by some margins more
        if self.mean is not None:
            least, promise = self.mean.value - 4.0 * self.margin, self.mean.promised
        else:
            least, promise = self.distortion - self.margin, self.guarantee.eps or 0.0
        return UNKEPT if least > promise * (1.0 + 2.0**-48) else KEPT_OR_NOT

    def to_dict(self) -> JsonObject:
        """Return the sealed record that `to_json` writes."""
        if self.original is not None:
            return dict(self.original)
        return sealed(
            {
                "schema": SCHEMA,
                "schema_version": SCHEMA_VERSION,
                "status": self.status.name.lower(),
                "message": self.message,
                "n_components": self.n_components,
                "distortion": self.distortion,
                "scaled_distortion": self.scaled_distortion,
                "margin": self.margin,
                "worst_pair": list(self.worst_pair),
                "quantiles": self.quantiles.to_dict(),
                "lower_bound": self.lower_bound,
                "guarantee": self.guarantee.to_dict(),
                "chain": self.chain.to_dict(),
                "mean": part_or_none(self.mean),
                "heldout": part_or_none(self.heldout),
                "stretch": part_or_none(self.stretch),
                "output": part_or_none(self.output),
                "ridge": part_or_none(self.ridge),
                "centre": encode_array(self.centre, "<f8"),
                "matrix": encode_array(self.matrix, "<f8"),
                "points": self.points.to_dict(),
                "objective": self.objective,
                "method": self.method,
                "complement": self.complement,
                "history": {name: list(column) for name, column in self.history.items()},
                "stats": self.stats.to_dict(),
            }
        )

    @classmethod
    def of_record(cls, record: JsonMapping, original: JsonObject | None) -> Self:
        """Rebuild a result from its record."""
        first, second = record["worst_pair"]
        matrix, centre = decode_array(record["matrix"]), record["centre"]
        return cls(
            original=original,
            status=EmbeddingStatus[record["status"].upper()],
            matrix=matrix,
            centre=np.zeros(matrix.shape[1]) if centre is None else decode_array(centre),
            worst_pair=(int(first), int(second)),
            history={name: tuple(column) for name, column in record["history"].items()},
            **{name: record[name] for name in _PLAIN},
            quantiles=Quantiles.of(record["quantiles"]),
            guarantee=EmbeddingGuarantee.of(record["guarantee"]),
            chain=EmbeddingChain.of(record["chain"]),
            mean=MeanDistortion.maybe(record["mean"]),
            heldout=HeldOut.maybe(record["heldout"]),
            stretch=Stretch.maybe(record["stretch"]),
            output=OutputRecord.maybe(record["output"]),
            ridge=RidgeRecord.maybe(record["ridge"]),
            points=PointsRecord.of(record["points"]),
            stats=EmbeddingStats.of(record["stats"]),
        )

    def __repr__(self) -> str:
        return (
            f"EmbeddingResult({self.points.n} x {self.points.d} -> {self.n_components}, "
            f"distortion={self.distortion:.4g}, lower_bound={digits_below(self.lower_bound, 3)}, "
            f"{self.status.name.lower()})"
        )

    def table_rows(self) -> Sequence[Row]:
        """Return the rows of the table."""
        from derandkit.embeddings.table import embedding_rows

        return embedding_rows(upgraded(self.to_dict()))


_PLAIN = ("distortion", "scaled_distortion", "margin", "lower_bound", "objective", "method", "complement")
