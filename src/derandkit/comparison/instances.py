"""What a call of `derandkit.compare` is given: names of the instances, and the problem that each of them is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derandkit.comparison.problems import PROBLEMS
from derandkit.comparison.quadratic import kind_of
from derandkit.datasets.instances import benchmark_instance, is_benchmark_name
from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.models.arcs import Arcs, SignedGraph
from derandkit.models.clauses import Clauses
from derandkit.models.model import QuadraticModel
from derandkit.points.cloud import PointCloud
from derandkit.structure.data import RegressionData

if TYPE_CHECKING:
    from derandkit.comparison.options import ProblemName
    from derandkit.records import JsonMapping

#: What makes the rows of one instance: problem, name, instance, methods, searches, seed, draws and duality gap.
Task = tuple[str, str, Any, tuple[str, ...], tuple[bool, ...], int, int, float]


@dataclass(frozen=True)
class Unread:
    """A file or benchmark graph that is read when its turn comes.

    Parameters
    ----------
    source : str
        Its name.
    kind : str
        The problem.
    read : callable
        Returns the instance.
    """

    source: str
    kind: ProblemName
    read: Callable[[], object]


class Instances(Sequence[Task]):
    """The tasks of a comparison. Files are read one after the other, so that memory holds those that are worked on.

    All else is read here: objects, and names of what cannot be a file to read, which are refused so.

    Parameters
    ----------
    named : sequence of (str, object)
        Instances with their names.
    problems : sequence of str
        The problem of each.
    options : mapping
        How instances are read.
    shared : tuple
        What all tasks end with: methods, searches, seed, draws and duality gap.

    Raises
    ------
    InputError
        An instance cannot be read; of files that are there, when their turn comes.
    """

    def __init__(
        self,
        named: Sequence[tuple[str, object]],
        problems: Sequence[ProblemName],
        options: Mapping[str, object],
        shared: tuple[tuple[str, ...], tuple[bool, ...], int, int, float],
    ) -> None:
        self._options, self._shared = options, shared
        self._entries: list[tuple[ProblemName, str, object, bool]] = []
        for kind, (name, instance) in zip(problems, named, strict=True):
            waits = _waits(instance)
            self._entries.append((kind, name, instance if waits else self._load(kind, instance), waits))

    def _load(self, kind: ProblemName, instance: object) -> object:
        read = instance.read() if isinstance(instance, Unread) else instance
        return PROBLEMS[kind].load(read, **self._options)

    def __len__(self) -> int:
        """Return how many instances there are."""
        return len(self._entries)

    def __getitem__(self, k: Any) -> Any:
        """Return a task, with its instance read if it was not."""
        kind, name, instance, waits = self._entries[k]
        return kind, name, self._load(kind, instance) if waits else instance, *self._shared


def _waits(instance: object) -> bool:
    """Whether an instance is a file that seems to be readable, or the name of a benchmark graph."""
    source = instance.source if isinstance(instance, Unread) else instance
    if not isinstance(source, (str, os.PathLike)):
        return False
    if os.path.exists(source):
        return not os.path.isdir(source) and os.access(source, os.R_OK)
    name = os.fsdecode(source)
    return is_benchmark_name(name) and bool(benchmark_instance(name))


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


def problems_of(named: Sequence[tuple[str, object]], options: JsonMapping | None = None) -> list[ProblemName]:
    """Return the problem of every instance, as it says so itself; all others are graphs to be cut.

    `options` are those of `derandkit.read_model`, for files of models.

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
    found: list[ProblemName] = [
        instance.kind if isinstance(instance, Unread) else kind_of(instance, options) or "maxcut"
        for _, instance in named
    ]
    for (name, _), kind in zip(named, found, strict=True):
        if (kind == "maxcut") is not (found[0] == "maxcut"):
            raise InputError(
                f"{named[0][0]!r} is of the problem {found[0]!r} and {name!r} of {kind!r}, whose methods differ: "
                "compare them in two calls"
            )
    return found
