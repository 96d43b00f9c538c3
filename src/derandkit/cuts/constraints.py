"""Cuts that obey constraints: fixed vertices, pairs on the same side or on opposite ones.

The graph is contracted along the constraints (`derandkit.signs.contraction`), the contracted graph is cut like any
other, and cut, bound and chain are read back. The record holds the constraints and the record of the contracted graph.
"""

from __future__ import annotations

import contextlib
import math
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args

import numpy as np

from derandkit.cuts.result import MaxCutResult, graph_record, json_label, sides_text, signs_of_text
from derandkit.engine.outcome import DerandomizationHistory
from derandkit.errors import InputError
from derandkit.graphs.label_json import label_of
from derandkit.graphs.labels import by_label, plain_label
from derandkit.numerics.rounding import float_above
from derandkit.options import check_choice
from derandkit.parts.cuts import Chain, GraphRecord
from derandkit.records import JsonMapping, JsonObject, canonical_json
from derandkit.signs.contraction import Contraction, Link
from derandkit.signs.rounding import exact_cut
from derandkit.status import CutStatus
from derandkit.tables import counted
from derandkit.versions import CURRENT
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.datasets.instances import KnownGraph
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.results import Row

CONSTRAINED_SCHEMA = "derandkit-constrained-cut"
CONSTRAINED_VERSION = CURRENT[CONSTRAINED_SCHEMA]

#: How two vertices of a pair are.
Relation = Literal["same", "opposite"]


@dataclass(frozen=True)
class Constraints:
    """What a cut has to obey, by vertex number, each statement once and in order.

    Parameters
    ----------
    fixed : tuple of (vertex, side)
        Vertices whose side is given, 0 or 1.
    pairs : tuple of (vertex, vertex, relation)
        Pairs on the ``"same"`` side or on ``"opposite"`` sides, the lower number first.
    """

    fixed: tuple[tuple[int, int], ...]
    pairs: tuple[tuple[int, int, Relation], ...]

    def links(self) -> list[Link]:
        """Return the same as pairs of vertices: fixed ones are tied to the first of them."""
        tied = [Link(self.fixed[0][0], v, side != self.fixed[0][1]) for v, side in self.fixed[1:]]
        return tied + [Link(u, v, relation == "opposite") for u, v, relation in self.pairs]

    def record(self, graph: WeightedGraph) -> JsonObject:
        """Return the statements with labels, as JSON has them."""
        labels = graph.labels
        return {
            "fixed": [[json_label(labels[v]), side] for v, side in self.fixed],
            "pairs": [[json_label(labels[u]), json_label(labels[v]), how] for u, v, how in self.pairs],
        }


def read_constraints(
    graph: WeightedGraph,
    fixed: Mapping[Any, int] | None,
    pairs: Iterable[tuple[Any, Any, Relation]] | None,
) -> Constraints:
    """Turn what a user says into constraints.

    Raises
    ------
    InputError
        If a vertex is not in the graph, a side is not 0 or 1, a pair is not one or is not ``"same"`` or ``"opposite"``.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> graph = WeightedGraph.from_edges([0, 1], [1, 2], labels=["a", "b", "c"])
    >>> read_constraints(graph, {"c": 1}, [("b", "a", "same")])
    Constraints(fixed=((2, 1),), pairs=((0, 1, 'same'),))
    """
    fixed = by_label(fixed, graph.labels)  # type: ignore[assignment]
    listed = _listed(pairs)
    if fixed is not None and not isinstance(fixed, Mapping):
        raise InputError(f"fixed is a mapping from a vertex to its side, 0 or 1, got {type(fixed).__name__}")
    number = {label: k for k, label in enumerate(graph.labels)}

    def vertex(label: Any, where: str) -> int:
        k = text = None
        with contextlib.suppress(TypeError, ValueError):  # no label; more digits than Python writes
            text = str(label)
            k = number.get(plain_label(label))
        if k is None:
            like = [known for known in number if str(known) == text] if graph.n <= 10**6 else []
            hint = f"; there is {like[0]!r} of type {type(like[0]).__name__}" if like else ""
            raise InputError(f"{where} names {quoted(label)}, which is not a vertex of the graph{hint}")
        return k

    sides: dict[int, int] = {}
    for label, side in (fixed or {}).items():
        if isinstance(side, (bool, np.bool_)) or not isinstance(side, numbers.Real) or side not in (0, 1):
            raise InputError(f"fixed puts vertex {quoted(label)} on side {quoted(side)}; a side is 0 or 1")
        sides[vertex(label, "fixed")] = int(side)
    found: dict[tuple[int, int], Relation] = {}
    for entry in listed:
        if isinstance(entry, str) or not hasattr(entry, "__len__") or len(entry) != 3:
            raise InputError(f'a pair is (u, v, "same") or (u, v, "opposite"), got {quoted(entry)}')
        u, v, relation = entry
        relation = check_choice(f"pairs: relation of {u!r} and {v!r}", relation, get_args(Relation))
        ends = sorted((vertex(u, "a pair"), vertex(v, "a pair")))
        key = ends[0], ends[1]
        if found.setdefault(key, relation) != relation or (key[0] == key[1] and relation == "opposite"):
            raise InputError(f"the constraints contradict each other about {u!r} and {v!r}")
    return Constraints(
        tuple(sorted(sides.items())), tuple((u, v, found[u, v]) for u, v in sorted(found) if u != v)
    )


def _listed(pairs: Any) -> list[Any]:
    """Return pairs with their relations: rows of a frame, or entries ``{(u, v): relation}`` of a series or mapping."""
    if names := list(getattr(pairs, "columns", ())):
        return list(zip(*(list(pairs[name]) for name in names), strict=True))
    if isinstance(pairs, Mapping) or (
        hasattr(pairs, "index") and hasattr(pairs, "items") and hasattr(pairs, "dtype")
    ):
        return [
            (*key, relation) if isinstance(key, tuple) else (key, relation) for key, relation in pairs.items()
        ]
    if pairs is None:
        return []
    if isinstance(pairs, str) or not isinstance(pairs, Iterable):
        raise InputError(f'pairs are a list of (u, v, "same") and (u, v, "opposite"), got {quoted(pairs)}')
    return list(pairs.tolist() if isinstance(pairs, np.ndarray) else pairs)


@dataclass(frozen=True, eq=False, repr=False)
class ConstrainedCutResult(MaxCutResult):
    """A cut that obeys constraints, with a bound on every cut that obeys them.

    Everything a `MaxCutResult` has is there, for the whole graph: ``chain``, ``guarantee`` and ``history`` are those of
    the contracted graph plus `constant`. Side 0 is what ``fixed`` calls 0; without fixed vertices it is the side of the
    first vertex. ``stationarity``, ``certificate``, ``relaxation`` and ``search`` are those of `contracted`.

    Parameters
    ----------
    constraints : mapping
        ``fixed`` (label and side) and ``pairs`` (two labels and a relation), labels as JSON has them.
    constant, slack : Fraction
        A cut of the graph weighs `constant` more than the cut of the contracted graph, and up to `slack` more than that
        where weights of merged edges had to be rounded.
    contracted : MaxCutResult
        The result for the contracted graph.

    Examples
    --------
    >>> import networkx as nx
    >>> import derandkit
    >>> result = derandkit.maxcut(nx.petersen_graph(), fixed={0: 1, 1: 1}, pairs=[(2, 3, "opposite")])
    >>> result
    ConstrainedCutResult(cut_value=12, upper_bound=12 certified, gap=0%, optimal)
    >>> result.sides[0], result.sides[1], result.sides[2] != result.sides[3]
    (1, 1, True)
    """

    schema: ClassVar[str] = CONSTRAINED_SCHEMA

    constraints: JsonMapping = field(kw_only=True)
    constant: Fraction = field(kw_only=True)
    slack: Fraction = field(kw_only=True)
    contracted: MaxCutResult = field(kw_only=True)

    def _record(self) -> JsonObject:
        return {
            "schema": CONSTRAINED_SCHEMA,
            "schema_version": CONSTRAINED_VERSION,
            **self._answer(),
            "sides": sides_text(self.signs),
            "constraints": dict(self.constraints),
            "contraction": {"constant": str(self.constant), "slack": str(self.slack)},
            "contracted": self.contracted.to_dict(),
        }

    @classmethod
    def of_record(cls, record: JsonMapping, original: JsonObject | None) -> Self:
        """Rebuild a result from its record."""
        zero, one = ([label_of(x) for x in side] for side in record["partition"])
        constant, slack = (Fraction(record["contraction"][name]) for name in ("constant", "slack"))
        contracted = MaxCutResult._of_part(canonical_json(record["contracted"]))
        return cls(
            status=CutStatus[record["status"].upper()],
            cut_value=record["cut_value"],
            partition=(zero, one),
            signs=signs_of_text(record["sides"]),
            upper_bound=record["upper_bound"],
            bound_status=record["bound_status"],
            graph=GraphRecord.of(record["graph"]),
            constraints=record["constraints"],
            constant=constant,
            slack=slack,
            contracted=contracted,
            **_shifted(contracted, constant),
        )

    def table_rows(self, known: KnownGraph | None = None) -> list[Row]:
        """Return the rows of the table; what is published about the graph is about other cuts.

        Parameters
        ----------
        known : KnownGraph, optional
            What is published about the graph.
        """
        from derandkit.cuts.table import maxcut_rows

        rows: list[Row] = []
        flat = MaxCutResult._record(self)
        for row in maxcut_rows(flat, constant=self.constant, among="no cut that obeys the constraints"):
            if row[0] == "status":
                rows.append(("constraints", self._constraints_text()))
            rows.append(row)
        return rows

    def _constraints_text(self) -> str:
        fixed = counted(len(self.constraints["fixed"]), "fixed vertex", "fixed vertices")
        pairs = counted(len(self.constraints["pairs"]), "pair")
        n, m = self.contracted.graph.n, self.contracted.graph.m
        left = f"{counted(n, 'vertex', 'vertices')} and {counted(m, 'edge')}"
        return f"{fixed}, {pairs}; contracted to {left}, {float(self.constant):.9g} added to every cut"


def constrained_result(
    graph: WeightedGraph, constraints: Constraints, contraction: Contraction, inner: MaxCutResult
) -> ConstrainedCutResult:
    """Read the result for a contracted graph as one for the whole.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    constraints : Constraints
        What a cut has to obey.
    contraction : Contraction
        What the constraints make of the graph.
    inner : MaxCutResult
        The result for the contracted graph.
    """
    signs = lifted_sides(constraints, contraction, inner.signs)
    cut, exact = graph.cut_value(signs), exact_cut(graph, signs)
    bound = constrained_bound(contraction, inner)
    optimal = inner.bound_status == "certified" and exact >= bound
    status = CutStatus.OPTIMAL if optimal else inner.status
    if (
        not optimal and inner.status is CutStatus.OPTIMAL
    ):  # roundings of merged weights are between cut and bound
        status = CutStatus.SOLVED
    zero, one = (
        [label for label, s in zip(graph.labels, signs.tolist(), strict=True) if s == k] for k in (1, -1)
    )
    return ConstrainedCutResult(
        status=status,
        cut_value=cut,
        partition=(zero, one),
        signs=signs,
        upper_bound=math.floor(bound) if graph.integral else float_above(bound),
        bound_status=inner.bound_status,
        graph=graph_record(graph),
        instance=graph,
        constraints=constraints.record(graph),
        constant=contraction.constant,
        slack=contraction.slack,
        contracted=inner,
        **_shifted(inner, contraction.constant),
    )


def lifted_sides(constraints: Constraints, contraction: Contraction, small: SignArray) -> SignArray:
    """Return the sides of all vertices from those of the classes: +1 for side 0, which is what ``fixed`` calls 0."""
    signs = contraction.lift(small)
    vertex, side = constraints.fixed[0] if constraints.fixed else (0, 0)
    return signs if signs[vertex] == (1, -1)[side] else -signs


def constrained_bound(contraction: Contraction, inner: MaxCutResult) -> Fraction:
    """Return what no cut that obeys the constraints weighs more than, exactly."""
    within = Fraction(inner.upper_bound)
    if inner.proven_optimal:  # the stated bound may be rounded up; the cut itself is the bound
        within = exact_cut(contraction.graph, inner.signs)
    return contraction.constant + within + contraction.slack


def _statement(inner: MaxCutResult, constant: Fraction) -> str:
    """Return the guarantee in words: its ratio is one of cuts of the contracted graph, which weigh less."""
    if not constant:
        return inner.guarantee.statement
    return (
        "start_expectation - C - W- >= 0.87856 (sdp_value - C - W-), W- the sum of the negative weights of the "
        f"contracted graph, C = {float(constant):.9g} what a cut weighs beyond its part of that graph"
    )


def _shifted(inner: MaxCutResult, constant: Fraction) -> JsonObject:
    """Return the parts of a result that are those of the contracted graph, plus what every cut weighs beyond it."""

    def shift(value: Any) -> Any:
        if value is None or not math.isfinite(value):
            return value
        exact = Fraction(value) + constant
        return exact.numerator if isinstance(value, int) and exact.denominator == 1 else float(exact)

    bound = replace(
        inner.bound,
        dual_bound=shift(inner.bound.dual_bound),
        proof_bound=shift(inner.bound.proof_bound),
    )
    columns = dict(inner.history.columns)
    columns["expectation"] = tuple(shift(value) for value in columns["expectation"])
    return {
        "chain": Chain(**{name: shift(value) for name, value in inner.chain.items()}),
        "guarantee": replace(
            inner.guarantee, value=shift(inner.guarantee.value), statement=_statement(inner, constant)
        ),
        "bound": bound,
        "history": DerandomizationHistory(columns),
        "stationarity": inner.stationarity,
        "certificate": inner.certificate,
        "relaxation": inner.relaxation,
        "search": inner.search,
        "method": inner.method,
    }
