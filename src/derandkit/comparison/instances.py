"""What a call of `derandkit.compare` is given: names of the instances, and the problem that each of them is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from derandkit.comparison.quadratic import kind_of
from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.models.arcs import Arcs, SignedGraph
from derandkit.models.clauses import Clauses
from derandkit.models.model import QuadraticModel
from derandkit.points.cloud import PointCloud
from derandkit.structure.data import RegressionData

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.comparison.options import ProblemName


def named_instances(instances: Any) -> list[tuple[str, object]]:
    """Give every instance a name.

    Raises
    ------
    InputError
        There is none.

    Examples
    --------
    >>> named_instances(["G1", [(0, 1)]])
    [('G1', 'G1'), ('instance 2', [(0, 1)])]
    """
    nothing = "there is nothing to compare: pass at least one instance"
    if isinstance(instances, Mapping) and not hasattr(instances, "is_directed"):
        if not instances:
            raise InputError(nothing)
        return [(str(name), instance) for name, instance in instances.items()]
    single = (
        str, os.PathLike, WeightedGraph, PointCloud, QuadraticModel, Clauses, Arcs, SignedGraph, RegressionData
    )  # fmt: skip
    table = hasattr(instances, "tocoo") or getattr(instances, "ndim", 1) == 2 or hasattr(instances, "vartype")
    if isinstance(instances, single) or hasattr(instances, "is_directed") or table:
        instances = [instances]
    named: list[tuple[str, object]] = []
    for k, instance in enumerate(instances):
        if isinstance(instance, (str, os.PathLike)):
            named.append((os.fspath(instance), instance))
        else:
            own = getattr(instance, "name", "")
            named.append((own if isinstance(own, str) and own else f"instance {k + 1}", instance))
    if not named:
        raise InputError(nothing)
    return named


def problems_of(named: Sequence[tuple[str, object]]) -> list[ProblemName]:
    """Return the problem of every instance, as it says so itself; all others are graphs to be cut.

    Raises
    ------
    InputError
        Some are quadratic problems and others are not: their methods differ.

    Examples
    --------
    >>> from derandkit import Clauses
    >>> problems_of([("two", Clauses.from_clauses([(1, 2)]))]), problems_of([("edge", [(0, 1)])])
    (['max2sat'], ['maxcut'])
    """
    found: list[ProblemName] = [kind_of(instance) or "maxcut" for _, instance in named]
    for (name, _), kind in zip(named, found, strict=True):
        if (kind == "maxcut") is not (found[0] == "maxcut"):
            raise InputError(
                f"{named[0][0]!r} is of the problem {found[0]!r} and {name!r} of {kind!r}, whose methods differ: "
                "compare them in two calls"
            )
    return found
