"""What a call of `derandkit.compare` is given: names of the instances, and the problem that each of them is."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Number
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from derandkit.comparison.problems import PROBLEMS
from derandkit.comparison.quadratic import kind_of
from derandkit.content import entries_of
from derandkit.datasets.instances import benchmark_instance, is_benchmark_name
from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.models.arcs import Arcs, SignedGraph
from derandkit.models.clauses import Clauses
from derandkit.models.model import QuadraticModel
from derandkit.points.cloud import PointCloud
from derandkit.runtime.lacking import needing
from derandkit.structure.data import RegressionData
from derandkit.tables import first_names
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.comparison.options import ProblemChoice, ProblemName
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


#: Problems that share their methods.
_QUADRATIC = frozenset(("ising", "qubo", "max2sat", "maxdicut", "balance"))
#: Options that only one problem takes, or that mean one problem where no other option of this list is given.
_ASKING: tuple[tuple[str, ProblemName], ...] = (
    ("target", "structure"),
    ("n_features", "features"),
    ("n_components", "embedding"),
)


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
        self._options, self._shared, self._several = options, shared, len(named) > 1
        self._entries: list[tuple[ProblemName, str, object, bool]] = []
        for kind, (name, instance) in zip(problems, named, strict=True):
            waits = _waits(instance)
            self._entries.append((kind, name, instance if waits else self._load(kind, name, instance), waits))

    def _load(self, kind: ProblemName, name: str, instance: object) -> object:
        """Read an instance; a warning about one of several says its name."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            read = instance.read() if isinstance(instance, Unread) else instance
            found = PROBLEMS[kind].load(read, **self._options)
        for warning in caught:
            about = f"{name}: " if self._several and warning.category is UserWarning else ""
            warnings.warn(f"{about}{warning.message}", warning.category, stacklevel=4)
        return found

    def __len__(self) -> int:
        """Return how many instances there are."""
        return len(self._entries)

    def __getitem__(self, k: Any) -> Any:
        """Return a task, with its instance read if it was not."""
        kind, name, instance, waits = self._entries[k]
        with needing(f"the instance {name}"):
            return kind, name, self._load(kind, name, instance) if waits else instance, *self._shared


class _Row(Protocol):
    @property
    def instance(self) -> str: ...


R = TypeVar("R", bound=_Row)


class Missing(Generic[R]):
    """Which instances have no rows: their worker died, or the processes that were to make them have gone away.

    Parameters
    ----------
    names : sequence of str
        Names of the instances, in the order of their tasks.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names, self.lost = names, list[str]()

    @staticmethod
    def within_means(rows: Callable[..., list[R]], problem: str, name: str, *rest: object) -> list[R]:
        """Make the rows of an instance; where the system has too little for it, that is said of this instance alone.

        Raises
        ------
        ScarceError
            There is too little memory, or too few processes or open files.
        """
        with needing(f"the instance {name}"):
            return rows(problem, name, *rest)

    def lose(self, _problem: str, name: str, *_rest: object) -> list[R]:
        """Note an instance whose worker died; it has no rows."""
        self.lost.append(name)
        return []

    def apart(self, parts: Iterable[list[R]]) -> Iterator[list[R]]:
        """Yield the rows of each instance; at the end, say which instances have none.

        Raises
        ------
        InputError
            A worker died, and names its instance; or what ended `parts`, with the instances that were still to come.
        """
        left = list(self.names)
        try:
            for part in parts:
                if part:
                    left.remove(part[0].instance)
                    yield part
        except InputError as error:
            if error.path is not None or len(self.names) < 2:
                raise
            raise InputError(f"{error.message}: no rows for {first_names(left)}") from None
        if self.lost:
            names = first_names(self.lost)
            raise InputError(
                f"{names}: the worker process died, most likely because memory ran out; run fewer workers"
            )


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
        for name, instance in instances.items():
            if isinstance(name, tuple) or isinstance(instance, Number):
                raise InputError(
                    f"a mapping gives instances names, and {quoted(name)}: {quoted(instance)} is none: if the "
                    "mapping is a graph or the terms of a model, compare [mapping]"
                )
        return [
            (name if isinstance(name, str) else quoted(name), instance)
            for name, instance in instances.items()
        ]
    single = (
        str, os.PathLike, WeightedGraph, PointCloud, QuadraticModel, Clauses, Arcs, SignedGraph, RegressionData
    )  # fmt: skip
    table = hasattr(instances, "tocoo") or getattr(instances, "ndim", 1) == 2 or hasattr(instances, "vartype")
    if isinstance(instances, single) or hasattr(instances, "is_directed") or table:
        instances = [instances]
    if not isinstance(instances, Iterable):
        raise InputError(f"instances are a list or a mapping of names, got a {type(instances).__name__}")
    named: list[tuple[str, object]] = []
    for k, instance in enumerate(entries_of(instances, "the instances")):
        if isinstance(instance, (str, os.PathLike)):
            named.append((os.fspath(instance), instance))
        else:
            own = getattr(instance, "name", "")
            named.append((own if isinstance(own, str) and own else f"instance {k + 1}", instance))
    if not named:
        raise InputError(nothing)
    return named


def asked_by(options: Collection[str]) -> ProblemName | None:
    """Return the problem that options ask for, as ``-k``, ``--n-features`` and ``--target`` do; None if they ask none.

    Examples
    --------
    >>> asked_by(["n_components"]), asked_by(["n_components", "target"]), asked_by(["weight"])
    ('embedding', 'structure', None)
    """
    for option, problem in _ASKING:
        if option in options:
            return problem
    return None


def chosen_problems(
    given: list[tuple[str, object]], problem: ProblemChoice, options: Collection[str]
) -> list[ProblemName]:
    """Return the problem of every instance: as it is said, as the options ask for, or as the instances say."""
    if problem != "auto":
        return [problem] * len(given)
    asked = asked_by(options)
    tables = all(isinstance(instance, RegressionData) for _, instance in given)
    if asked is None or (asked == "embedding" and tables):  # the number of directions of a table
        return problems_of(given)
    return [asked] * len(given)


def no_option(problem: ProblemName, option: str) -> str:
    """Say that a problem does not take an option, and which does.

    Examples
    --------
    >>> no_option("maxcut", "target").partition("; ")[2].partition("; ")[2]
    "'target' is for problem='structure'"
    """
    takes = ", ".join(PROBLEMS[problem].options) or "none"
    others = [repr(name) for name, wing in PROBLEMS.items() if option in wing.options]
    said = f"the problem {problem!r} has no option {option!r}; it takes {takes}"
    return f"{said}; {option!r} is for problem={' or '.join(others)}" if others else said


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
        instance.kind if isinstance(instance, Unread) else _own_kind(instance, options)
        for _, instance in named
    ]
    for (name, _), kind in zip(named, found, strict=True):
        if kind != found[0] and not {kind, found[0]} <= _QUADRATIC:
            raise InputError(
                f"{named[0][0]!r} is of the problem {found[0]!r} and {name!r} of {kind!r}, whose methods differ: "
                "compare them in two calls"
            )
    return found


def _own_kind(instance: object, options: JsonMapping | None) -> ProblemName:
    """Return the problem that an instance says it is."""
    if isinstance(instance, RegressionData):
        return "structure"
    if isinstance(instance, PointCloud):
        return "embedding"
    return kind_of(instance, options) or "maxcut"
