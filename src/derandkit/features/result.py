"""The answer to a question for features: the frequencies, their error on every pair, and what no features can do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from derandkit.errors import InputError
from derandkit.features.options import KERNELS
from derandkit.given.entries import real_points
from derandkit.parts.features import FeaturesChain, FeaturesOutput, FeaturesPoints, FeaturesStats
from derandkit.records import JsonMapping, JsonObject, decode_array, encode_array, sealed
from derandkit.results import Result
from derandkit.status import BELOW_OR_NOT, ON_AVERAGE, FeaturesStatus
from derandkit.versions import CURRENT
from derandkit.words.digits import digits_above

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derandkit.features.options import KernelName
    from derandkit.features.spectrum import Spectrum
    from derandkit.numerics.typing import FloatArray, SingleArray
    from derandkit.results import Row

SCHEMA = "derandkit-features"
SCHEMA_VERSION = CURRENT[SCHEMA]


@dataclass(frozen=True, eq=False, repr=False)
class FeaturesResult(Result):
    """Random Fourier features without randomness, and the evidence.

    The kernel k is ``exp(-gamma |x - y|^2)``, squared distances, or another one (see `derandkit.random_features`), and
    the features give ``K^ = (1/D) sum_j cos(w_j . (x - y))``. Errors are ``|K^ - k|`` over all pairs of different
    points.

    Parameters
    ----------
    status : FeaturesStatus
        How the run ended.
    kernel : {"gaussian", "matern", "rational_quadratic"}
        The kernel.
    nu, alpha : float or None
        Smoothness of a Matern kernel, and exponent of a rational quadratic one; None for the others.
    gamma : float
        Parameter gamma of the kernel, in the units of the points; ``1 / (2 length_scale^2)`` for every kernel.
    frequencies : ndarray, shape (D, d)
        The w_j, in the units of the points.
    centre : ndarray, shape (d,)
        What `transform` subtracts; no inner product depends on it.
    rms : float
        Root mean square error; exact within `margin`.
    max_error : float
        Greatest error; exact within `margin`.
    margin : float
        Bound on the rounding error of both: ``rms + margin`` is certified.
    worst_pair : tuple of int
        Rows of the pair with the greatest error.
    promised : float
        ``sqrt(mean (1 + k(2 d) - 2 k(d)^2) / (2 D))``, d the difference of a pair: the root of the mean square error
        of random frequencies; rounded down. It is ``sqrt(mean (1 - k^2)^2 / (2 D))`` for a Gaussian
        kernel.
    lower_bound : float
        Certified: no features of this number whose vectors have length 1 have a smaller root mean square error. 0 where
        none is stated (more than 2048 different points, or no more points than features).
    chain : FeaturesChain
        ``lower_bound <= rms <= certified_rms``, and ``<= promised`` where the status is ``GUARANTEED``.
    output : FeaturesOutput
        Type of the features that `transform` makes of the fitted points, and a bound on the root mean square error of
        the inner products of these numbers.
    points : FeaturesPoints
        ``n``, ``d``, ``dtype``, ``digest``, ``duplicates``, ``pairs``, and the ``columns`` that were read if a file has
        others.
    method : str
        How the frequencies were found.
    history : mapping of str to tuple of float
        One entry a step: ``spread`` (share of the noise that is left) and ``objective`` (expected mean square error of
        the points that take part).
    stats : FeaturesStats
        Counts; never times.
    hidden : bool
        Whether rounding hides if `rms` is below `promised`; only where the status is ``CERTIFIED``.
    before : bool
        Whether the message is in the words of version 0.3.0, in whose records the promise is "on average".

    Examples
    --------
    >>> import derandkit
    >>> result = derandkit.random_features([[0.0], [1.0], [3.0], [7.0]], n_features=4, gamma=0.5)
    >>> result.frequencies.shape, result.n_features, result.gamma
    ((2, 1), 4, 0.5)
    """

    schema: ClassVar[str] = SCHEMA

    status: FeaturesStatus
    kernel: str
    nu: float | None
    alpha: float | None
    gamma: float
    frequencies: FloatArray
    centre: FloatArray
    rms: float
    max_error: float
    margin: float
    worst_pair: tuple[int, int]
    promised: float
    lower_bound: float
    chain: FeaturesChain
    output: FeaturesOutput
    points: FeaturesPoints
    method: str
    history: Mapping[str, tuple[float, ...]]
    stats: FeaturesStats
    hidden: bool = field(default=False, kw_only=True)
    before: bool = field(default=False, kw_only=True)

    @property
    def message(self) -> str:
        """The text of the status; an error that rounding does not part from the promise is not called above it."""
        text = BELOW_OR_NOT if self.hidden else str(self.status.value)
        return text.replace(ON_AVERAGE[1], ON_AVERAGE[0]) if self.before else text

    @property
    def n_features(self) -> int:
        """Number of features 2 D."""
        return 2 * int(self.frequencies.shape[0])

    @property
    def length_scale(self) -> float:
        """Length of the kernel, ``1 / sqrt(2 gamma)``, in the units of the points."""
        return float(np.sqrt(0.5) / np.sqrt(self.gamma))

    @property
    def spectrum(self) -> Spectrum:
        """The kernel of unit length, with the distribution of its frequencies."""
        from derandkit.features.spectrum import Spectrum

        names: dict[str, KernelName] = {name: name for name in KERNELS}
        return Spectrum(names[self.kernel], self.nu or self.alpha or 0.0)

    def transform(self, X: Any) -> FloatArray | SingleArray:
        """Return the features of points: D cosines, then D sines, over ``sqrt(D)``.

        Parameters
        ----------
        X : array_like, sparse matrix or PointCloud, shape (n, d)
            Points; the certificate is about the fitted ones.

        Returns
        -------
        ndarray, shape (n, 2 D)
            float32 for float32 points, rounded once at the end; else float64. Inner products of rows estimate the
            kernel; every row has length 1.

        Raises
        ------
        InputError
            If the number of columns differs from that of the fitted points, a frame names them otherwise, or a point is
            so far from them that its cosines have no digits.
        """
        from derandkit.features.images import images
        from derandkit.numerics.sparse import checked_sparse
        from derandkit.points.rows import rows_of_fit

        rows = rows_of_fit(X, self.points.columns, self.points.reading)
        points = real_points(checked_sparse(rows).tocsr() if hasattr(rows, "tocsr") else rows, "the points")
        if points.ndim != 2 or points.shape[1] != self.frequencies.shape[1]:
            raise InputError(
                f"the features take rows of {self.frequencies.shape[1]} numbers, got a table of shape {points.shape}"
            )
        return images(points, self.frequencies, self.centre)

    def to_dict(self) -> JsonObject:
        """Return the sealed record that `to_json` writes."""
        return sealed(
            {
                "schema": SCHEMA,
                "schema_version": SCHEMA_VERSION,
                "status": self.status.name.lower(),
                "message": self.message,
                "n_features": self.n_features,
                **{name: getattr(self, name) for name in _PLAIN},
                "worst_pair": list(self.worst_pair),
                "chain": self.chain.to_dict(),
                "output": self.output.to_dict(),
                "centre": encode_array(self.centre, "<f8"),
                "frequencies": encode_array(self.frequencies, "<f8"),
                "points": self.points.to_dict(),
                "history": {name: list(column) for name, column in self.history.items()},
                "stats": self.stats.to_dict(),
            }
        )

    @classmethod
    def of_record(cls, record: JsonMapping, original: JsonObject | None) -> Self:
        """Rebuild a result from its record."""
        first, second = record["worst_pair"]
        return cls(
            status=FeaturesStatus[record["status"].upper()],
            frequencies=decode_array(record["frequencies"]),
            centre=decode_array(record["centre"]),
            worst_pair=(int(first), int(second)),
            history={name: tuple(column) for name, column in record["history"].items()},
            **{name: record[name] for name in _PLAIN},
            chain=FeaturesChain.of(record["chain"]),
            output=FeaturesOutput.of(record["output"]),
            points=FeaturesPoints.of(record["points"]),
            stats=FeaturesStats.of(record["stats"]),
            hidden=record["message"].replace(*ON_AVERAGE) == BELOW_OR_NOT,
            before=ON_AVERAGE[0] in record["message"],
        )

    def __repr__(self) -> str:
        return (
            f"FeaturesResult({self.points.n} x {self.points.d} -> {self.n_features}, rms={self.rms:.4g}, "
            f"promised={digits_above(self.promised, 3)}, {self.status.name.lower()})"
        )

    def table_rows(self) -> Sequence[Row]:
        """Return the rows of the table."""
        from derandkit.features.table import features_rows

        return features_rows(self.to_dict())


_PLAIN = ("kernel", "nu", "alpha", "gamma", "rms", "max_error", "margin", "promised", "lower_bound", "method")
