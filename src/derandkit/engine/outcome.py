"""What a derandomizer returns, whichever method produced it.

The status says in words what happened, what still holds and what to try; the history is stored by column, one row
per accepted step; the stationarity record carries the numbers the lemma's computable certificate needs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from derandkit.engine.law import GaussianSampler
from derandkit.engine.resolution import resolution
from derandkit.errors import InputError
from derandkit.results import Result
from derandkit.status import ABOVE_AT_LIMIT, ABOVE_START, UNRESOLVED, UNRESOLVED_END, DerandomizationStatus
from derandkit.tables import counted
from derandkit.versions import CURRENT
from derandkit.words.digits import digits_above, digits_below
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derandkit.records import JsonMapping, JsonObject
    from derandkit.results import Row

SCHEMA = "derandkit-derandomization"
SCHEMA_VERSION = CURRENT[SCHEMA]


@dataclass(frozen=True, eq=False)
class DerandomizationHistory:
    """Columns of numbers, one row per accepted step.

    Parameters
    ----------
    columns : mapping of str to tuple of float
        Equally long columns: ``objective`` (F), ``penalised`` (J), ``spread_norm``, ``gradient_norm``, ``curvature``.
        NaN stands for a number that the method did not need at that step; in JSON it is null.

    Raises
    ------
    InputError
        Their lengths differ.

    Examples
    --------
    >>> h = DerandomizationHistory({"objective": (2.0, 1.0), "spread_norm": (1.0, 0.0)})
    >>> len(h), h["objective"][-1], h
    (2, 1.0, DerandomizationHistory(2 rows, objective 2 to 1))
    """

    columns: Mapping[str, tuple[float, ...]]

    def __post_init__(self) -> None:
        if len({len(column) for column in self.columns.values()}) > 1:
            raise InputError("the columns of a history are not of one length")

    def __len__(self) -> int:
        return max((len(column) for column in self.columns.values()), default=0)

    def __getitem__(self, name: str) -> tuple[float, ...]:
        return self.columns[name]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DerandomizationHistory):
            return NotImplemented
        return self.to_dict() == other.to_dict()  # where NaN equals NaN

    def __hash__(self) -> int:
        return hash(tuple(sorted((name, tuple(column)) for name, column in self.to_dict().items())))

    def __repr__(self) -> str:
        course = self.columns.get("objective", ())
        ends = f", objective {course[0]:.6g} to {course[-1]:.6g}" if len(course) else ""
        return f"DerandomizationHistory({counted(len(self), 'row')}{ends})"

    def to_dict(self) -> dict[str, list[float | None]]:
        """Return the columns as JSON values."""
        return {name: [_finite_or_none(entry) for entry in column] for name, column in self.columns.items()}


@dataclass(frozen=True)
class Stationarity:
    """Second-order numbers at a point, and the bound on the spread they prove.

    With ``J = F + penalty |W|^2`` the identity ``dJ/dW = (H + 2 penalty I) W`` gives
    ``|W| <= |dJ/dW| / (2 penalty + lambda_min(H))`` whenever the denominator is positive
    (arXiv 2510.19382, Lemma 3.1, with its constants replaced by computed numbers).

    Parameters
    ----------
    spread_norm : float
        ``|W|_F`` as measured.
    spread_gradient_norm : float
        ``|dJ/dW|_F``.
    mean_gradient_norm : float
        ``|dF/db|``.
    smallest_curvature : float
        A lower bound or estimate of ``lambda_min(H)``.
    curvature_method : str
        How it was obtained: ``"dense"`` (a lower bound up to rounding), ``"differences"`` (from differences of values,
        whose error is not bounded: an estimate), ``"lanczos"`` (an estimate), ``"gershgorin"`` or ``"factorisation"``
        (proven lower bounds).
    penalty : float
        The coefficient of ``|W|^2`` in J.

    Examples
    --------
    >>> figures = Stationarity(0.0, 0.02, 0.001, -0.1, "dense", penalty=0.1)
    >>> round(figures.spread_bound, 6)
    0.2
    """

    spread_norm: float
    spread_gradient_norm: float
    mean_gradient_norm: float
    smallest_curvature: float
    curvature_method: str
    penalty: float

    @property
    def spread_bound(self) -> float:
        """The lemma's bound on ``|W|_F``; infinite where the denominator is not positive."""
        denominator = 2.0 * self.penalty + self.smallest_curvature
        return self.spread_gradient_norm / denominator if denominator > 0 else float("inf")

    def to_dict(self) -> JsonObject:
        """Return the numbers as JSON values; an infinite bound becomes None."""
        bound = self.spread_bound
        return {
            "spread_norm": self.spread_norm,
            "spread_gradient_norm": self.spread_gradient_norm,
            "mean_gradient_norm": self.mean_gradient_norm,
            "smallest_curvature": self.smallest_curvature,
            "curvature_method": self.curvature_method,
            "penalty": self.penalty,
            "spread_bound": bound if bound != float("inf") else None,
        }


@dataclass(frozen=True, eq=False)
class Derandomization(Result):
    """A deterministic point and the evidence that nothing was lost on the way to it.

    Parameters
    ----------
    sampler : GaussianSampler
        The final distribution; without spread, but where the status says that spread was left.
    value : float
        ``F`` at the final distribution.
    start_value : float
        ``F`` at the start; ``value <= start_value + slack``.
    status : DerandomizationStatus
        How the run ended.
    method : str
        Name of the method.
    history : DerandomizationHistory
        One row per accepted step.
    stationarity : Stationarity or None
        Second-order numbers at the final point; None for methods that do not compute them.
    slack : float
        What a 1-D search may have lost against the exact method of conditional expectations; 0 for descent.
    stats : mapping
        Counts (steps, evaluations); never times. A number that is not finite is null in the record.

    Examples
    --------
    >>> import numpy as np
    >>> import derandkit
    >>> objective = derandkit.QuadratureObjective(lambda z: z[:, 0] ** 2, dimension=1)
    >>> result = derandkit.derandomize(objective, derandkit.GaussianSampler([1.0], [[1.0]]))
    >>> result.status.ok, result.value <= result.start_value, result.sampler.is_deterministic
    (True, True, True)
    """

    schema: ClassVar[str] = SCHEMA

    sampler: GaussianSampler
    value: float
    start_value: float
    status: DerandomizationStatus
    method: str
    history: DerandomizationHistory
    stationarity: Stationarity | None
    slack: float
    stats: JsonMapping

    @property
    def message(self) -> str:
        """The text of the status; a value above the start, and a gradient that rounding hides, are named."""
        if self.value > self.start_value + resolution(self.value, self.start_value):
            if self.status is DerandomizationStatus.DETERMINISTIC:
                return ABOVE_START
            if self.status is DerandomizationStatus.STEP_LIMIT:
                return ABOVE_AT_LIMIT
        if "gradient_resolution" in self.stats:
            if self.status is DerandomizationStatus.STALLED:
                return UNRESOLVED
            if self.status is DerandomizationStatus.DETERMINISTIC:
                return UNRESOLVED_END
        return str(self.status.value)

    def to_dict(self) -> JsonObject:
        """Return the record as JSON values."""
        spread = self.sampler.spread
        return {
            "schema": SCHEMA,
            "schema_version": SCHEMA_VERSION,
            "status": self.status.name.lower(),
            "message": self.message,
            "method": self.method,
            "value": _finite_or_none(self.value),
            "start_value": _finite_or_none(self.start_value),
            "slack": _finite_or_none(self.slack),
            "mean": self.sampler.mean.tolist(),
            "spread": spread if isinstance(spread, float) else spread.tolist(),
            "rank": self.sampler.rank,
            "history": self.history.to_dict(),
            "stationarity": None if self.stationarity is None else self.stationarity.to_dict(),
            "stats": {name: _figure(entry) for name, entry in self.stats.items()},
        }

    @classmethod
    def of_record(cls, record: JsonMapping, original: JsonObject | None) -> Self:
        """Rebuild a result from its record."""
        import numpy as np

        mean, spread = record["mean"], record["spread"]
        if isinstance(spread, list):
            spread = np.array(spread, dtype=np.float64).reshape(len(mean), record["rank"])
        figures = record["stationarity"]
        if figures is not None:
            figures = Stationarity(**{k: v for k, v in figures.items() if k != "spread_bound"})
        columns = record["history"].items()
        return cls(
            sampler=GaussianSampler(mean, spread),
            value=_number(record["value"]),
            start_value=_number(record["start_value"]),
            status=DerandomizationStatus[record["status"].upper()],
            method=record["method"],
            history=DerandomizationHistory({name: tuple(map(_number, column)) for name, column in columns}),
            stationarity=figures,
            slack=math.inf if record["slack"] is None else record["slack"],
            stats={
                name: tuple(map(tuple, entry)) if isinstance(entry, list) else entry
                for name, entry in record["stats"].items()
            },
        )

    def table_rows(self) -> Sequence[Row]:
        """Return the rows of the table."""
        rows = [
            ("method", self.method),
            ("status", self.message),
            ("value", f"{self.value:.9g}"),
            ("at the start", f"{self.start_value:.9g}"),
            ("slack", digits_above(self.slack, 3)),
            ("spread left", f"{self.sampler.spread_norm:.3g}"),
        ]
        if self.stationarity is not None:
            figures = self.stationarity
            rows.append(("lemma's bound", digits_above(figures.spread_bound, 3)))
            least = figures.smallest_curvature
            estimated = figures.curvature_method in ("lanczos", "differences")
            shown = f"about {least:.3g}" if estimated else f"at least {digits_below(least, 3)}"
            rows.append(("curvature", f"{shown} ({figures.curvature_method})"))
        return rows

    def __repr__(self) -> str:
        return (
            f"Derandomization({printable(self.method)}, {self.status.name}, value={self.value:.9g}, "
            f"start={self.start_value:.9g}, |W|={self.sampler.spread_norm:.3g})"
        )


def _finite_or_none(x: float) -> float | None:
    return x if math.isfinite(x) else None


def _figure(entry: object) -> object:
    """Return a number, a text or pairs of numbers as JSON has them; what is not finite becomes None."""
    if isinstance(entry, tuple):
        return [[float(x) for x in pair] for pair in entry]
    return _finite_or_none(entry) if isinstance(entry, float) else entry


def _number(x: float | None) -> float:
    return math.nan if x is None else float(x)
