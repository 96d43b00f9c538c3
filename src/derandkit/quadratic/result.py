"""The answer to a quadratic problem: values of the variables, a bound on every solution, and the cut behind both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from derandkit.cuts.constraints import CONSTRAINED_SCHEMA, ConstrainedCutResult
from derandkit.cuts.result import MaxCutResult, label_column, pandas_module
from derandkit.errors import InputError
from derandkit.graphs.label_json import json_of, label_of
from derandkit.quadratic.problem import Instance, as_model, exact_coefficients
from derandkit.records import JsonMapping, JsonObject, canonical_json, sealed
from derandkit.results import Result
from derandkit.signs import models
from derandkit.status import OPTIMAL_OF_FIXED, QuadraticStatus
from derandkit.tables import told_apart
from derandkit.versions import CURRENT
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pandas

    from derandkit.models.options import Sense, Vartype
    from derandkit.results import Row

SCHEMA = "derandkit-quadratic"
SCHEMA_VERSION = CURRENT[SCHEMA]


@dataclass(frozen=True, eq=False, repr=False)
class QuadraticResult(Result):
    """A solution of a quadratic problem, with its bound and its certificate.

    Parameters
    ----------
    kind : {"ising", "qubo", "max2sat", "maxdicut", "balance"}
        The problem.
    status : QuadraticStatus
        How the run ended.
    labels : sequence of hashables, length n
        The variables in canonical order.
    values : tuple of int, length n
        Their values, -1 and 1 or 0 and 1.
    value : int or float
        What the solution is worth, by the definition of the problem: exact for integers, else correctly rounded.
    bound : int or float
        No solution, or with fixed variables none that has their values, is better (if `bound_status` is
        ``"certified"``): an upper bound where the problem maximises, a lower one where it minimises. Rounded away from
        the solutions.
    bound_status : {"certified", "tested", "estimated"}
        Whether the bound is proven.
    spread : float
        Width of the interval in which all values lie by the sizes of the coefficients alone.
    vartype, sense
        Values of the variables, and whether the least or the greatest value is wanted.
    figures : mapping
        What the solution does, in the words of the problem: violated clauses, frustrated edges, arcs.
    instance : mapping
        Number of variables and couplings, and digests of the instance and of its model.
    reduction : mapping
        The affine map from cuts to values, as exact rationals in text.
    cut : MaxCutResult
        The cut behind it, whose record `derandkit.verify` checks against the graph that it builds of the instance. With
        fixed variables it is a `derandkit.ConstrainedCutResult`, and the bound is one on the solutions that have them.
    triangles : mapping or None
        With ``relaxation="triangles"``: vectors that satisfy triangle inequalities, the value of the relaxation and
        the expectation of the start at them, and what share of the one the other has at least; else None, also where a
        run was stopped before the vectors were near the relaxation.

    Examples
    --------
    >>> import derandkit
    >>> result = derandkit.minimize_qubo({("x", "x"): -1, ("x", "y"): 2})
    >>> result.value, result.bound, result.solution, result.proven_optimal
    (-1, -1, {'x': 1, 'y': 0}, True)
    """

    schema: ClassVar[str] = SCHEMA

    kind: str
    status: QuadraticStatus
    labels: Sequence[Hashable]
    values: tuple[int, ...]
    value: int | float
    bound: int | float
    bound_status: str
    spread: float
    vartype: Vartype
    sense: Sense
    figures: JsonMapping
    instance: JsonMapping
    reduction: JsonMapping
    cut: MaxCutResult
    triangles: JsonMapping | None = None

    @property
    def solution(self) -> dict[Hashable, int]:
        """The value of each variable, by label."""
        return dict(zip(self.labels, self.values, strict=True))

    def to_series(self) -> pandas.Series[int]:
        """Return the values as a pandas series ``value``, indexed by the labels in canonical order.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        library = pandas_module()
        index = library.Index(label_column(self.labels).array, tupleize_cols=False, name="variable")
        return library.Series(np.array(self.values, dtype=np.int64), index=index, name="value")

    def to_frame(self) -> pandas.DataFrame:
        """Return a pandas table with the columns ``variable`` and ``value``, in canonical order.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        values = np.array(self.values, dtype=np.int64)
        return pandas_module().DataFrame({"variable": label_column(self.labels), "value": values})

    @property
    def gap(self) -> float:
        """Distance between bound and value as they are stated, in the units of the problem: never below 0.

        Of an optimum that no float64 holds, the value is rounded to nearest and the bound outward: they can then be
        one unit in the last place apart, although `proven_optimal` is True.
        """
        return abs(float(Fraction(self.bound) - Fraction(self.value)))

    @property
    def relative_gap(self) -> float:
        """The gap relative to `spread`: ratios of values mean nothing where the constant is arbitrary."""
        return self.gap / self.spread if self.spread else 0.0

    @property
    def message(self) -> str:
        """The text of the status; with fixed variables an optimum is one among the solutions that have the values."""
        if self.proven_optimal and isinstance(self.cut, ConstrainedCutResult):
            return OPTIMAL_OF_FIXED
        return super().message

    @property
    def proven_optimal(self) -> bool:
        """Whether no solution (that has the fixed values) is better: the exact value meets a certified bound.

        They are compared before either is rounded.
        """
        return self.status is QuadraticStatus.OPTIMAL

    def with_instance(self, problem: Instance) -> QuadraticResult:
        """Return the same result with the variables of its instance, which a record may hold by their text alone.

        Parameters
        ----------
        problem : QuadraticModel, Clauses, Arcs or SignedGraph
            The instance. `derandkit.load` makes it of whatever the function that solved it takes.

        Raises
        ------
        InputError
            If it is another instance.

        Examples
        --------
        >>> import derandkit
        >>> model = derandkit.QuadraticModel.from_qubo({("x", "x"): -1, ("x", "y"): 2})
        >>> derandkit.optimize(model).with_instance(model).solution
        {'x': 1, 'y': 0}
        """
        if not hasattr(problem, "digest"):
            raise InputError(
                f"a {type(problem).__name__} is no instance; pass the model, clauses or arcs as an object"
            )
        if problem.digest != self.instance["digest"]:
            raise InputError(
                f"the result is about another instance: its digest is {self.instance['digest'][:12]}..., "
                f"this one's {problem.digest[:12]}..."
            )
        model, _ = as_model(problem)
        if len(self.values) != model.n:
            raise InputError(
                f"the record has {len(self.values)} values for the {model.n} variables of its instance"
            )
        graph, inverse = models.as_graph(model)
        if self.reduction["rounding"] != "nearest":
            exact = exact_coefficients(problem, model)
            graph, _ = models.toward_solution(inverse, exact, np.array(self.values, dtype=np.int8))
        return replace(self, labels=model.labels, cut=self.cut.with_graph(graph))

    def to_dict(self) -> JsonObject:
        """Return the sealed record that `to_json` writes."""
        asked = {} if self.triangles is None else {"triangles": dict(self.triangles)}
        return sealed(
            {
                **asked,
                "schema": SCHEMA,
                "schema_version": SCHEMA_VERSION,
                "kind": self.kind,
                "status": self.status.name.lower(),
                "message": self.message,
                "labels": [json_of(label) for label in self.labels],
                "values": list(self.values),
                "value": self.value,
                "bound": self.bound,
                "bound_status": self.bound_status,
                "gap": self.gap,
                "relative_gap": self.relative_gap,
                "spread": self.spread,
                "proven_optimal": self.proven_optimal,
                "vartype": self.vartype,
                "sense": self.sense,
                "figures": dict(self.figures),
                "instance": dict(self.instance),
                "reduction": dict(self.reduction),
                "cut": self.cut.to_dict(),
            }
        )

    @classmethod
    def of_record(cls, record: JsonMapping, original: JsonObject | None) -> Self:
        """Rebuild a result from its record."""
        same = ("kind", "value", "bound", "bound_status", "spread", "vartype", "sense", "figures", "instance",
                "reduction")  # fmt: skip
        values = record["values"]
        if not isinstance(values, list) or len(values) != len(record["labels"]):
            raise ValueError("there is not one value a label")
        kept = ConstrainedCutResult if record["cut"]["schema"] == CONSTRAINED_SCHEMA else MaxCutResult
        return cls(
            status=QuadraticStatus[record["status"].upper()],
            labels=tuple(label_of(label) for label in record["labels"]),
            values=tuple(values),
            triangles=record.get("triangles"),
            cut=kept._of_part(canonical_json(record["cut"])),
            **{name: record[name] for name in same},
        )

    def table_rows(self) -> Sequence[Row]:
        """Return the rows of the table that ``str(result)`` and the command line print."""
        from derandkit.quadratic.table import quadratic_rows

        return quadratic_rows(self.to_dict())

    def __repr__(self) -> str:
        mark = ", optimal" if self.proven_optimal else ""
        value, bound = told_apart(self.value, self.bound, above=self.sense != "minimize", digits=12)
        figures = f"value={value}, bound={bound} {printable(str(self.bound_status))}"
        return f"QuadraticResult({printable(str(self.kind))}, {figures}{mark})"
