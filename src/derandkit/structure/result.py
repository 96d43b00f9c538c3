"""The answer to a structure question: the network, what it kept and forgot, and how much of that the lemma explains."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, ClassVar, Self

from derandkit.parts.part import part_or_none
from derandkit.parts.structure import (
    Controls,
    Measured,
    Measurements,
    Selection,
    StudentRecord,
    TrainingSettings,
)
from derandkit.records import JsonMapping, JsonObject, decode_array, encode_array, sealed
from derandkit.results import Result
from derandkit.status import StructureStatus
from derandkit.versions import CURRENT, upgraded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derandkit.numerics.typing import FloatArray
    from derandkit.results import Row


SCHEMA = "derandkit-structure"
SCHEMA_VERSION = CURRENT[SCHEMA]


@dataclass(frozen=True, eq=False, repr=False)
class StructureResult(Measured, Result):
    """A trained network and the structure of its first layer.

    ``W_par`` and ``W_perp`` are the parts of the rows of W inside and orthogonal to the span of the teacher, or, for
    data, of the leading right singular vectors of W. What was measured (``w_perp``, ``ratio``, ``loss``, ...) is
    documented with `derandkit.parts.structure.Measured`.

    Parameters
    ----------
    status : StructureStatus
        How the run ended; for data, whether anything was found.
    ended : StructureStatus
        How training ended.
    selection : Selection or None
        For ``penalty="auto"``: the path of penalties with their losses on rows kept back.
    W, b, theta : ndarray, shapes (n, d), (n,), (p,)
        First layer and the parameters above it, as one vector.
    W_start : ndarray, shape (n, d)
        Where the first layer started.
    span : ndarray, shape (q, d)
        Orthonormal rows: what `w_perp` is orthogonal to.
    problem : mapping
        What the problem was, as a teacher or data describe themselves.
    student : StudentRecord
        Which network was trained.
    settings : TrainingSettings
        Loss, penalties, method and its parameters.
    controls : Controls
        ``decay``, ``frozen_bias``, ``no_penalty``: what is left of ``W_perp`` without the lemma's ingredients, and
        ``shares``, which divides the shrinkage among decay, curvature and both together.
    history : mapping of str to tuple of float
        One row an accepted step: ``evaluations``, ``risk``, ``penalised``, ``w_par``, ``w_perp``.
    stats : mapping
        Counts; never times.
    original : mapping or None
        The record of an older version that the result was read from, where that version claims less: it is written back
        as it was.

    Examples
    --------
    >>> import derandkit
    >>> teacher = derandkit.Teacher("tanh", dimension=2)
    >>> result = derandkit.discover_structure(teacher, derandkit.Student(width=2), max_steps=3, controls=False)
    >>> result.W.shape, result.w_perp <= result.w_perp_start
    ((2, 2), True)
    """

    schema: ClassVar[str] = SCHEMA

    status: StructureStatus
    ended: StructureStatus
    selection: Selection | None
    W: FloatArray
    b: FloatArray
    theta: FloatArray
    W_start: FloatArray
    span: FloatArray
    problem: JsonMapping
    student: StudentRecord
    settings: TrainingSettings
    controls: Controls
    history: Mapping[str, tuple[float, ...]]
    stats: JsonMapping
    original: JsonMapping | None = field(default=None, kw_only=True)

    @property
    def figures(self) -> Measurements:
        """All that was measured, as one part; each field is also an attribute of the result."""
        return Measurements(**{field.name: getattr(self, field.name) for field in fields(Measured)})

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
                "ended": self.ended.name.lower(),
                "selection": part_or_none(self.selection),
                "problem": dict(self.problem),
                "student": self.student.to_dict(),
                "settings": self.settings.to_dict(),
                **self.figures.to_dict(),
                "controls": self.controls.to_dict(),
                "history": {name: list(column) for name, column in self.history.items()},
                "parameters": {name: encode_array(getattr(self, name), "<f8") for name in _ARRAYS},
                "stats": dict(self.stats),
            }
        )

    @classmethod
    def of_record(cls, record: JsonMapping, original: JsonObject | None) -> Self:
        """Rebuild a result from its record."""
        arrays = {name: decode_array(record["parameters"][name]) for name in _ARRAYS}
        _check_sizes(arrays, record)
        return cls(
            original=original,
            status=StructureStatus[record["status"].upper()],
            ended=StructureStatus[record["ended"].upper()],
            selection=Selection.maybe(record["selection"]),
            W=arrays["W"],
            b=arrays["b"],
            theta=arrays["theta"],
            W_start=arrays["W_start"],
            span=arrays["span"],
            problem=record["problem"],
            student=StudentRecord.of(record["student"]),
            settings=TrainingSettings.of(record["settings"]),
            controls=Controls.of(record["controls"]),
            stats=record["stats"],
            **Measurements.of({name: record[name] for name in record if name not in _TABLES}),
            history={name: tuple(column) for name, column in record["history"].items()},
        )

    def __repr__(self) -> str:
        n, d = self.W.shape
        return (
            f"StructureResult({n} x {d}, |W_perp|={self.w_perp:.3g} of {self.w_perp_start:.3g}, "
            f"effective rank {self.effective_rank:.3g}, {self.status.name.lower()})"
        )

    def table_rows(self) -> Sequence[Row]:
        """Return the rows of the table."""
        from derandkit.structure.table import structure_rows

        return structure_rows(upgraded(self.to_dict()))


def _check_sizes(arrays: Mapping[str, FloatArray], record: JsonMapping) -> None:
    """Refuse a record whose parts are not about one network: pictures and tables draw them side by side."""
    W, columns = arrays["W"], {len(column) for column in record["history"].values()}
    if len(columns) > 1:
        raise ValueError("the columns of the history are not of one length")
    if W.ndim != 2 or arrays["W_start"].shape != W.shape or arrays["b"].shape != W.shape[:1]:
        raise ValueError("W, W_start and b are not of one network")
    if arrays["span"].ndim != 2 or arrays["span"].shape[1] != W.shape[1]:
        raise ValueError("the span is not one of the inputs of W")
    weights, names = record["column_weights"] or [], record["problem"].get("names")
    if len({len(row) for row in weights} | ({len(names)} if weights and names else set())) > 1:
        raise ValueError("the weights of the columns are not one row of them for each direction")
    if len(record["singular_values"]) != min(W.shape):
        raise ValueError("there are not as many singular values as W has")


_ARRAYS = ("W", "W_start", "b", "span", "theta")
_TABLES = frozenset(
    {
        "controls",
        "ended",
        "history",
        "message",
        "parameters",
        "problem",
        "schema",
        "schema_version",
        "seal",
        "selection",
        "settings",
        "stats",
        "status",
        "student",
    }
)
