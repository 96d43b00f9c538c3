"""What `derandkit.certify_network` found, as a record and as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from derandkit.records import JsonMapping, JsonObject, decode_array, encode_array, sealed
from derandkit.results import Result
from derandkit.status import ROW_BOUNDED, ROW_CONTRADICTED, UNSURE_BOUND, ZERO_BOUND, NetworkStatus
from derandkit.versions import CURRENT
from derandkit.words.quoting import clipped, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derandkit.numerics.typing import FloatArray, IntArray
    from derandkit.results import Row
    from derandkit.structure.intake.names import ClassName

SCHEMA = "derandkit-network"
#: Sizes are stored to ten digits, of which the last may be off by one.
STORED = 2e-9
#: A denominator of at most this share of the largest curvature and the penalty is rounding.
LEAST_DENOMINATOR = 1e-12
#: Directions, and weights of each, that the table shows.
SHOWN = 5
#: Characters of the name of a class that the table shows.
LONGEST = 40
_PLAIN = (
    "digest", "directions_given", "effective_rank", "gradient_norm", "kind", "loss", "penalty", "risk", "risk_error",
    "rows", "smooth", "w_par", "w_perp",
)  # fmt: skip
_ARRAYS = ("W", "b", "directions")


@dataclass(frozen=True, eq=False, repr=False)
class NetworkCertificate(Result):
    """What the first layer of a trained network has forgotten.

    Sizes are those of ``W S`` with S the root of the covariance of the rows, or of the patches or tokens that W is
    applied to: ``W_par`` and ``W_perp`` are its parts in and orthogonal to the directions.

    Parameters
    ----------
    status : NetworkStatus
        Whether the lemma bounds ``|W_perp|``.
    kind : str
        What the network is.
    loss : str
        What it was trained with.
    penalty : float
        Coefficient of ``|W|^2``.
    smooth : bool
        Whether it has second derivatives.
    directions_given : bool
        Whether the directions were given; if not, ``W_perp`` is small by their choice.
    rows : int
        Number of rows on which it was measured.
    digest : str
        SHA-256 of rows and targets.
    names : tuple of str or None
        Columns.
    W, b : ndarray, shapes (n, d), (n,)
        First layer.
    directions : ndarray, shape (q, d)
        Weights of the columns.
    w_perp, w_par : float
        ``|W_perp|`` and ``|W_par|``.
    singular_values : tuple of float
        Of ``W S``.
    effective_rank : float
        Of ``W S``.
    risk, risk_error : float
        Mean loss on the rows, with its standard error.
    gradient_norm : float
        Length of the gradient of the penalised risk in all parameters: zero at a stationary point.
    figures : mapping
        ``lemma_bound``, ``row_bound``, ``stein_estimate``, ``stein_residual``, ``perp_gradient``, ``row_gradient``,
        ``smallest_curvature``, ``row_curvature``, ``largest_curvature`` and their standard errors, see
        `derandkit.StructureResult`.
    decay : mapping or None
        What weight decay alone would have left: ``left``, ``steps``, ``step_size``.
    places : ndarray, shape (P, d), or None
        Of a layer that is applied to P patches or tokens: the inputs of a row that it sees at each of them.
    classes : tuple or None
        The classes, in the order of the outputs: those that a fitted classifier states, or of the targets; None of
        numbers, and of targets 0 and 1.
    logits : bool
        Whether outputs that may be probabilities were said to be logits.
    original : mapping or None
        The record of an older version that the result was read from: it is written back as it was.

    Examples
    --------
    >>> import numpy as np
    >>> import derandkit
    >>> X = np.random.default_rng(0).standard_normal((100, 2))
    >>> W = np.array([[1.0, 0.1]])
    >>> found = derandkit.certify_network(
    ...     lambda z: z[0], X, X[:, 0], weights=W, bias=[0.0], directions=[[1, 0]], penalty=0.01
    ... )
    >>> found.W.shape, found.status.name, round(found.w_perp, 1)
    ((1, 2), 'BOUNDED', 0.1)
    """

    schema: ClassVar[str] = SCHEMA

    status: NetworkStatus
    kind: str
    loss: str
    penalty: float
    smooth: bool
    directions_given: bool
    rows: int
    digest: str
    names: tuple[str, ...] | None
    W: FloatArray
    b: FloatArray
    directions: FloatArray
    w_perp: float
    w_par: float
    singular_values: tuple[float, ...]
    effective_rank: float
    risk: float
    risk_error: float
    gradient_norm: float
    figures: Mapping[str, float | None]
    decay: Mapping[str, float] | None
    places: IntArray | None = None
    classes: tuple[ClassName, ...] | None = None
    logits: bool = False
    original: JsonMapping | None = field(default=None, kw_only=True)

    @property
    def message(self) -> str:
        """The text of the status; it names the bound that decided it."""
        bound, error = self.figures["lemma_bound"], self.figures["lemma_bound_error"]
        top = None if bound is None or error is None else bound + 2.0 * error
        if self.status is NetworkStatus.BOUNDED and top is None:
            return ROW_BOUNDED
        if self.status is NetworkStatus.CONTRADICTED and (top is None or within(self.w_perp, top)):
            return ROW_CONTRADICTED
        some = bound is not None or self.figures["row_bound"] is not None
        if self.status is NetworkStatus.NO_BOUND and some:
            return UNSURE_BOUND
        if self.status is NetworkStatus.NO_BOUND and self._cancelled():
            return ZERO_BOUND
        return str(self.status.value)

    def _cancelled(self) -> bool:
        """Whether the denominator of the lemma's bound is zero, but for rounding."""
        least, largest = self.figures["smallest_curvature"], self.figures["largest_curvature"]
        if least is None or largest is None:
            return False
        return is_rounding(abs(2.0 * self.penalty + least), largest, self.penalty)

    def to_dict(self) -> JsonObject:
        """Return the sealed record that `to_json` writes."""
        if self.original is not None:
            return dict(self.original)
        return sealed(
            {
                "schema": SCHEMA,
                "schema_version": CURRENT[SCHEMA],
                "status": self.status.name.lower(),
                "message": self.message,
                **{name: getattr(self, name) for name in _PLAIN},
                "names": None if self.names is None else list(self.names),
                "classes": None if self.classes is None else list(self.classes),
                "logits": self.logits,
                "singular_values": list(self.singular_values),
                "figures": dict(self.figures),
                "decay": None if self.decay is None else dict(self.decay),
                "parameters": {name: encode_array(getattr(self, name), "<f8") for name in _ARRAYS},
                "places": None if self.places is None else encode_array(self.places, "<i8"),
            }
        )

    @classmethod
    def of_record(cls, record: JsonMapping, original: JsonObject | None) -> Self:
        """Rebuild a result from its record."""
        arrays = {name: decode_array(record["parameters"][name]) for name in _ARRAYS}
        return cls(
            original=original,
            status=NetworkStatus[record["status"].upper()],
            **{name: record[name] for name in _PLAIN},
            names=None if record["names"] is None else tuple(record["names"]),
            classes=None if record["classes"] is None else tuple(record["classes"]),
            logits=record["logits"],
            singular_values=tuple(record["singular_values"]),
            figures=dict(record["figures"]),
            decay=None if record["decay"] is None else dict(record["decay"]),
            places=None if record["places"] is None else decode_array(record["places"]).astype(np.int64),
            W=arrays["W"],
            b=arrays["b"],
            directions=arrays["directions"],
        )

    def __repr__(self) -> str:
        n, d = self.W.shape
        return (
            f"NetworkCertificate({printable(self.kind)}, {n} x {d}, |W_perp|={self.w_perp:.3g} of {self.w_par:.3g}, "
            f"{self.status.name.lower()})"
        )

    def table_rows(self) -> Sequence[Row]:
        """Return the rows of the table."""
        n, d = self.W.shape
        most = max(
            self.w_perp, self.w_par
        )  # squares of sizes leave the range of numbers long before these do
        perp, par = (self.w_perp / most, self.w_par / most) if most > 0 else (0.0, 1.0)
        share = perp * perp / (perp * perp + par * par)
        at = "" if self.places is None else f" at each of {len(self.places)} places"
        said = " of outputs that were said to be logits" if self.logits else ""
        given = "given" if self.directions_given else "found, so |W_perp| is small by their choice"
        rows: list[Row] = [
            (
                "network",
                f"{printable(self.kind)}, first layer {n} x {d}{at}; {self.loss} loss{said}, {self.rows} rows",
            ),
            *self._class_rows(),
            ("status", self.message),
            ("|W_perp|", f"{self.w_perp:.4g} beside |W_par| {self.w_par:.4g}: {share:.1%} of the square"),
            ("directions", f"{len(self.directions)}, {given}; effective rank {self.effective_rank:.3f}"),
            *self._direction_rows(),
            ("lemma's bound", self._figure("lemma_bound", "none")),
            ("along its rows", self._figure("row_bound", "none")),
            ("Stein's identity", f"says |W_perp| = {self._figure('stein_estimate', 'not available')}"),
            ("", ""),
            ("risk", f"{self.risk:.4g} +- {self.risk_error:.1g}"),
            ("gradient", f"{self.gradient_norm:.3g} in all parameters; 0 at a stationary point"),
            ("", f"{self._figure('perp_gradient', 'not available')} in W_perp"),
            (
                "curvature in b",
                f"from {self._figure('smallest_curvature', 'not available')} to "
                f"{self._figure('largest_curvature', 'not available')}",
            ),
            ("penalty", f"{self.penalty:g}"),
        ]
        if self.decay is not None:
            left, steps, size = (self.decay[name] for name in ("left", "steps", "step_size"))
            text = (
                f"{left:.4g} of |W_perp| would be left by weight decay alone, {steps:.0f} steps of {size:g}"
            )
            rows.append(("control", text))
        return rows

    def _class_rows(self) -> list[Row]:
        if self.classes is None:
            return []
        names = [printable(clipped(str(name), LONGEST)) for name in self.classes]
        shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
        one = self.loss == "logistic"
        return [
            (
                "classes",
                f"{shown}; "
                + (f"the output is the logit of {names[-1]}" if one else "in the order of the outputs"),
            )
        ]

    def _direction_rows(self) -> list[Row]:
        rows: list[Row] = []
        for k, row in enumerate(self.directions[:SHOWN].tolist()):
            word = "column" if self.places is None else "input"
            names = self.names or [f"{word} {j}" for j in range(len(row))]
            lead = sorted(range(len(row)), key=lambda j: (-abs(row[j]), j))[:SHOWN]
            terms = ", ".join(f"{row[j]:+.2g} {names[j]}" for j in lead if row[j])
            rows.append((f"direction {k + 1}", terms + (", ..." if len(row) > len(lead) else "")))
        return rows

    def _figure(self, name: str, missing: str) -> str:
        value, error = self.figures[name], self.figures[f"{name}_error"]
        if value is None:
            return missing
        return f"{value:.4g}" if error is None else f"{value:.4g} +- {error:.1g}"


def is_rounding(below: float, largest: float, penalty: float) -> bool:
    """Whether what a bound is divided by is rounding of the largest curvature and the penalty.

    Examples
    --------
    >>> is_rounding(1e-17, -0.5, 0.0), is_rounding(1e-3, 0.5, 5e-4)
    (True, False)
    """
    return not below > LEAST_DENOMINATOR * (2.0 * penalty + abs(largest))


def within(size: float, bound: float) -> bool:
    """Return whether a size is at most a bound, both known to ten digits.

    Examples
    --------
    >>> within(1.0000000001, 1.0), within(1.0001, 1.0)
    (True, False)
    """
    return size <= bound * (1.0 + STORED)
