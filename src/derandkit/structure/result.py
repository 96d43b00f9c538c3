"""The answer to a structure question: the network, what it kept and forgot, and how much of that the lemma explains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from derandkit.records import JsonMapping, JsonObject, decode_array, encode_array, sealed
from derandkit.results import Result
from derandkit.status import StructureStatus
from derandkit.versions import CURRENT, rebuilding, upgraded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derandkit.numerics.typing import FloatArray
    from derandkit.results import Row


SCHEMA = "derandkit-structure"
SCHEMA_VERSION = CURRENT[SCHEMA]


@dataclass(frozen=True, eq=False, repr=False)
class StructureResult(Result):
    """A trained network and the structure of its first layer.

    ``W_par`` and ``W_perp`` are the parts of the rows of W inside and orthogonal to the span of the teacher, or, for
    data, of the leading right singular vectors of W.

    Parameters
    ----------
    status : StructureStatus
        How the run ended; for data, whether anything was found.
    ended : StructureStatus
        How training ended.
    selection : mapping or None
        For ``penalty="auto"``: the path of penalties with their losses on rows kept back.
    W, b, theta : ndarray, shapes (n, d), (n,), (p,)
        First layer and the parameters above it, as one vector.
    W_start : ndarray, shape (n, d)
        Where the first layer started.
    span : ndarray, shape (q, d)
        Orthonormal rows: what `w_perp` is orthogonal to.
    problem, student, settings : mapping
        What was asked: teacher or data, network, and loss, penalty, method and its parameters.
    figures : mapping
        All numbers; each of them is also an attribute. ``w_perp``, ``w_perp_start``, ``w_par``, ``ratio``
        (``w_perp / w_perp_start``), ``singular_values``, ``effective_rank``, ``principal_angles`` (None for data),
        ``strengths`` (singular values of W on the span), ``column_weights`` (for data: the directions of the span as
        unit weights of the standardised columns), ``loss`` on evaluation nodes and ``loss_error``,
        ``mean_loss`` and ``linear_loss`` (of the best constant and of a linear model, on the same nodes), ``gain``
        (``mean_loss - loss``) and ``gain_error``, ``mean_training_loss``,
        ``training_loss``, ``gradient_norm`` on the training nodes, ``population_gradient_norm``,
        ``smallest_curvature``, ``lemma_bound``, ``stein_estimate``, ``stein_residual``, each with its ``..._error``,
        and ``evaluations``.
    controls : mapping
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

    status: StructureStatus
    ended: StructureStatus
    selection: JsonMapping | None
    W: FloatArray
    b: FloatArray
    theta: FloatArray
    W_start: FloatArray
    span: FloatArray
    problem: JsonMapping
    student: JsonMapping
    settings: JsonMapping
    figures: JsonMapping
    controls: JsonMapping
    history: Mapping[str, tuple[float, ...]]
    stats: JsonMapping
    original: JsonMapping | None = field(default=None, kw_only=True)

    def __getattr__(self, name: str) -> Any:
        # only what is no field arrives here; during unpickling there are no fields yet
        figures = self.__dict__.get("figures", {})
        if name in figures:
            return figures[name]
        raise AttributeError(f"StructureResult has no attribute {name!r}")

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
                "selection": None if self.selection is None else dict(self.selection),
                "problem": dict(self.problem),
                "student": dict(self.student),
                "settings": dict(self.settings),
                **dict(self.figures),
                "controls": dict(self.controls),
                "history": {name: list(column) for name, column in self.history.items()},
                "parameters": {name: encode_array(getattr(self, name), "<f8") for name in _ARRAYS},
                "stats": dict(self.stats),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> StructureResult:
        """Rebuild a result from its JSON text; nothing is checked, that is what verification is for.

        Raises
        ------
        InputError
            If the text is not a structure record of a version that can be read.
        """
        with rebuilding(text, SCHEMA) as (record, original):
            arrays = {name: decode_array(record["parameters"][name]) for name in _ARRAYS}
            return cls(
                original=original,
                status=StructureStatus[record["status"].upper()],
                ended=StructureStatus[record["ended"].upper()],
                selection=record["selection"],
                W=arrays["W"],
                b=arrays["b"],
                theta=arrays["theta"],
                W_start=arrays["W_start"],
                span=arrays["span"],
                problem=record["problem"],
                student=record["student"],
                settings=record["settings"],
                controls=record["controls"],
                stats=record["stats"],
                figures={name: record[name] for name in record if name not in _TABLES},
                history={name: tuple(column) for name, column in record["history"].items()},
            )

    def __repr__(self) -> str:
        n, d = self.W.shape
        return (
            f"StructureResult({n} x {d}, |W_perp|={self.figures['w_perp']:.3g} of {self.figures['w_perp_start']:.3g}, "
            f"effective rank {self.figures['effective_rank']:.3g}, {self.status.name.lower()})"
        )

    def table_rows(self) -> Sequence[Row]:
        """Return the rows of the table."""
        from derandkit.structure.table import structure_rows

        return structure_rows(upgraded(self.to_dict()))


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
