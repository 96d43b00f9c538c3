"""Several different cuts of one graph, greatest first, in one result and one record."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from derandkit.cuts.constraints import CONSTRAINED_SCHEMA, ConstrainedCutResult
from derandkit.cuts.result import MaxCutResult, sides_text, signs_of_text, unwritable
from derandkit.errors import InputError
from derandkit.records import JsonMapping, JsonObject, canonical_json
from derandkit.tables import number, short_repr
from derandkit.versions import CURRENT

if TYPE_CHECKING:
    from derandkit.datasets.instances import KnownGraph
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.results import Row

RANKED_SCHEMA = "derandkit-ranked-cuts"
RANKED_VERSION = CURRENT[RANKED_SCHEMA]


@dataclass(frozen=True, eq=False, repr=False)
class Cut:
    """One of several cuts.

    Parameters
    ----------
    cut_value : int or float
        Its weight, exact for integer weights.
    signs : ndarray of int8, shape (n,)
        The sides in the order of the graph, +1 for side 0.
    labels : sequence of hashables
        Labels of the vertices in the same order.
    """

    cut_value: int | float
    signs: SignArray
    labels: Sequence[Hashable] = field(repr=False)

    __repr__ = short_repr

    def __post_init__(self) -> None:
        object.__setattr__(self, "signs", unwritable(self.signs))

    @property
    def sides(self) -> dict[Hashable, int]:
        """Side of each vertex, 0 or 1."""
        return {label: 0 if s > 0 else 1 for label, s in zip(self.labels, self.signs.tolist(), strict=True)}


@dataclass(frozen=True, eq=False, repr=False)
class RankedCutsResult(MaxCutResult):
    """The best cut with its bound and its certificate, and other cuts behind it.

    Everything a `MaxCutResult` has is about the best cut. The others are the greatest that were found; other cuts
    may be better than these.

    Parameters
    ----------
    best : MaxCutResult
        The result for the best cut; a `ConstrainedCutResult` under constraints.
    solutions : tuple of Cut
        Different cuts (no two equal or complementary), greatest first, the best one among them first.
    shortened : bool
        Whether a limit of time, or Ctrl-C, ended the search for them: there may be fewer than were wanted, or lighter
        ones than a whole search finds. Not checked by `verify`.

    Examples
    --------
    >>> import derandkit
    >>> result = derandkit.maxcut([("a", "b", 3), ("b", "c", 2), ("c", "a", 1)], solutions=3)
    >>> [(cut.cut_value, cut.sides) for cut in result.solutions]
    [(5, {'a': 0, 'b': 1, 'c': 0}), (4, {'a': 0, 'b': 1, 'c': 1}), (3, {'a': 0, 'b': 0, 'c': 1})]
    """

    schema: ClassVar[str] = RANKED_SCHEMA

    best: MaxCutResult = field(kw_only=True)
    solutions: tuple[Cut, ...] = field(kw_only=True)
    shortened: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        # the record is made from the best cut, so nothing else may be shown
        for name in ("status", "cut_value", "upper_bound", "bound_status"):
            if getattr(self, name) != getattr(self.best, name):
                raise InputError(
                    f"{name} is {getattr(self, name)!r}, that of the best cut {getattr(self.best, name)!r}"
                )
        if not np.array_equal(self.signs, self.best.signs):
            raise InputError("the signs are not those of the best cut")

    def with_graph(self, graph: WeightedGraph) -> RankedCutsResult:
        """Return the same result with its graph, which a record does not hold.

        Parameters
        ----------
        graph : WeightedGraph
            The graph that the result is about.
        """
        best = self.best.with_graph(graph)
        cuts = tuple(replace(cut, labels=best.labels) for cut in self.solutions)
        return RankedCutsResult(**best.parts(), best=best, solutions=cuts, shortened=self.shortened)

    def _record(self) -> JsonObject:
        record: JsonObject = {
            "schema": RANKED_SCHEMA,
            "schema_version": RANKED_VERSION,
            "best": self.best.to_dict(),
            "cuts": [{"cut_value": cut.cut_value, "sides": sides_text(cut.signs)} for cut in self.solutions],
        }
        return record | {"shortened": True} if self.shortened else record

    @classmethod
    def of_record(cls, record: JsonMapping, original: JsonObject | None) -> Self:
        """Rebuild a result from its record."""
        inner = canonical_json(record["best"])
        kind = ConstrainedCutResult if record["best"].get("schema") == CONSTRAINED_SCHEMA else MaxCutResult
        best = kind._of_part(inner)
        labels = best.labels
        cuts = tuple(Cut(cut["cut_value"], signs_of_text(cut["sides"]), labels) for cut in record["cuts"])
        return cls(**best.parts(), best=best, solutions=cuts, shortened=record.get("shortened", False))

    def table_rows(self, known: KnownGraph | None = None) -> list[Row]:
        """Return the rows of the table.

        Parameters
        ----------
        known : KnownGraph, optional
            What is published about the graph.
        """
        rows = list(self.best.table_rows(known))
        values = ", ".join(number(cut.cut_value) for cut in self.solutions)
        place = [row[0] for row in rows].index("sides")
        ended = " (the search for them was ended early)" if self.shortened else ""
        rows.insert(place, ("cuts", f"{len(self.solutions)} different ones{ended}: {values}"))
        return rows


def ranked_result(
    best: MaxCutResult, found: Sequence[SignArray], *, shortened: bool = False
) -> RankedCutsResult:
    """Return the best result with the cuts behind it.

    Parameters
    ----------
    best : MaxCutResult
        The result for the first of the cuts, with its graph.
    found : sequence of ndarray of int8, shape (n,)
        The cuts, greatest first.
    shortened : bool
        Whether the search for them was ended early.
    """
    graph = best.instance
    assert graph is not None
    cuts = tuple(Cut(graph.cut_value(signs), signs, graph.labels) for signs in found)
    return RankedCutsResult(**best.parts(), best=best, solutions=cuts, shortened=shortened)
