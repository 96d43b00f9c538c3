"""One question, every method: which way of removing the randomness wins, on which instance, in how much time.

`compare` prepares each instance once (a graph is relaxed), hands that to every method, and returns one `ComparisonRow`
an instance and method. What can be compared is the table `derandkit.comparison.problems.PROBLEMS`.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import operator
import os
import time
import zlib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from derandkit.comparison.contract import UNBOUNDED, check_draws
from derandkit.comparison.instances import Instances, Missing, chosen_problems, named_instances, no_option
from derandkit.comparison.problems import PROBLEMS
from derandkit.errors import InputError
from derandkit.options import check_callback, check_choice, check_rng, check_whole, generator, renamed
from derandkit.runtime.clock import current
from derandkit.runtime.interrupts import asking, deliver, entry, reporting
from derandkit.runtime.processes import BACKENDS, spread
from derandkit.runtime.progress import OnProgress, Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.comparison.options import (
        CutMethod,
        EmbeddingMethod,
        FeatureMethod,
        LocalSearch,
        ProblemChoice,
        ProblemName,
        QuadraticMethod,
        StructureMethod,
    )
    from derandkit.records import JsonObject
    from derandkit.runtime.interrupts import OnInterrupt
    from derandkit.runtime.processes import Backend


@dataclass(frozen=True)
class ComparisonRow:
    """What one method did on one instance.

    Parameters
    ----------
    instance : str
        Name of the instance.
    problem : {"maxcut", "embedding", "features", "structure", "ising", "qubo", "max2sat", "maxdicut", "balance"}
        What is solved.
    method : str
        Name of the method.
    local_search : bool
        Whether the shared local search followed.
    value : int, float or None
        What was reached, None if it was not run: exact for a cut and for quadratic problems; for an embedding the
        largest ``|r - 1|``, r the ratio of squared distances, over all pairs after the best rescaling, the smaller the
        better; an estimate where `standard_error` is given.
    bound : int or float
        What no solution can beat, the same for all methods of an instance. That of features holds for features of
        length 1, which Nystroem's method and `RBFSampler` do not have: they have no ratio and no gap, see `note`.
    bound_status : {"certified", "tested", "estimated"}
        What the bound is.
    expectation : float or None
        What the randomized algorithm gives on average, in closed form; of a cut to some 1e-16 of all absolute weights,
        of features the root of its mean square error.
        The same for all methods of an instance. None for embeddings, where no closed form is known.
    ratio : float or None
        ``value / bound``: at most 1 for a cut, at least 1 for an embedding, None if the bound is 0, and for quadratic
        problems, whose constant is arbitrary.
    seconds : float or None
        Wall time with kernels compiled and without the bound and the relaxation, which all methods share. ``search`` of
        a quadratic problem is `derandkit.optimize` as a whole, relaxation and proof included.
    deterministic : bool
        Whether the same input always gives the same value.
    guarantee : str
        What the method promises.
    standard_error : float or None
        Of a value that is a mean.
    draws : int or None
        How many random solutions were drawn.
    note : str
        What else there is to know, often nothing.
    sense : {"maximize", "minimize"} or None
        Whether the greatest or the least value is wanted; every row of `compare` says so.
    gap : float or None
        Distance between value and bound, in the units of the problem; None if it was not run.
    relative_gap : float or None
        The gap relative to the range of values that the coefficients allow; quadratic problems only.

    Examples
    --------
    >>> import derandkit
    >>> rows = derandkit.compare({"edge": [("a", "b")]}, methods=["lemma"])
    >>> rows[0].method, rows[0].value, rows[0].ratio
    ('lemma', 1, 1.0)
    """

    instance: str
    problem: str
    method: str
    local_search: bool
    value: int | float | None
    bound: int | float
    bound_status: str
    expectation: float | None
    ratio: float | None
    seconds: float | None
    deterministic: bool
    guarantee: str
    standard_error: float | None = None
    draws: int | None = None
    note: str = ""
    sense: str | None = None
    gap: float | None = None
    relative_gap: float | None = None

    def to_dict(self) -> JsonObject:
        """Return the row as JSON has it."""
        return dataclasses.asdict(self)


@renamed(gap="duality_gap")
def compare(
    instances: object,
    *,
    methods: Iterable[CutMethod | EmbeddingMethod | FeatureMethod | StructureMethod | QuadraticMethod]
    | CutMethod
    | EmbeddingMethod
    | FeatureMethod
    | StructureMethod
    | QuadraticMethod
    | None = None,
    rng: np.random.Generator | int | None = None,
    local_search: LocalSearch = False,
    workers: int = 1,
    backend: Backend = "loky",
    draws: int | None = None,
    duality_gap: float = 1e-4,
    problem: ProblemChoice = "auto",
    on_rows: Callable[[list[ComparisonRow]], None] | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
    **options: object,
) -> list[ComparisonRow]:
    """Run several methods on several instances, each instance prepared once.

    Parameters
    ----------
    instances : sequence or mapping
        Files, names of benchmark graphs (``"G1"``, where there is no such file), or graph objects; a mapping gives them
        names. A single file, name or graph will do. For embeddings and features: files or tables of points. For
        quadratic problems: what `derandkit.optimize` takes, dimod models, and files (``.cnf``, ``.wcnf``, ``.qubo``,
        ``.sparse``, ``.coo``, ...).
    methods : iterable of str, optional
        ``lemma``, ``conditional`` (Mahajan and Ramesh), ``greedy`` (fair coins), ``pairwise``, ``rank2-sweep``,
        ``hyperplane`` (mean), ``hyperplane-best`` (best of `draws`), ``hyperplane-time`` (best of as many as fit into
        the lemma's own time: its row depends on the clock) and ``one-exchange`` (networkx). All but
        ``hyperplane-time`` by default. For embeddings: ``lemma``, ``minimax`` (descent without a path),
        ``conditional``, ``mean`` (the mean objective, judged by its worst pair), ``pca`` (rescaled), ``gaussian``
        (mean), ``gaussian-best`` (best of `draws`) and ``sparse`` (mean of very sparse projections); all by default.
        For features of a kernel (by their root mean square error): ``lemma``, ``conditional``, and means of draws of
        ``random`` frequencies, ``rbf-sampler`` (scikit-learn's), ``orthogonal`` and ``sobol`` ones and ``nystroem``.
        For tables (by the share of the variance of rows kept back that is left): ``network``
        (`derandkit.discover_structure`), ``sir``, ``save``, ``phd`` (slices and curvatures), ``agop`` (gradients of a
        kernel machine), ``pls``, ``pca``, ``lasso`` (columns) and ``all`` inputs.
        For quadratic problems: ``lemma``, ``lemma-thresholds`` and ``conditional`` (both from the best hyperplanes with
        or without thresholds), ``roof-duality`` (what a flow decides, coins for the rest), ``hyperplane`` (mean),
        ``hyperplane-best`` and ``thresholds-best`` (best of `draws`), ``search`` (`derandkit.optimize`); all these by
        default. ``tabu``, ``annealing`` (dwave-samplers), ``openjij``, ``rc2`` (python-sat) and ``cp-sat`` (OR-Tools)
        get the time of ``search``, so that their rows depend on the clock.
    rng : Generator, int or None
        Seeds the randomized baselines, per instance and method: with an integer the rows are the same every time, and a
        row does not depend on what else is compared. None draws other numbers every time.
    local_search : bool or "both"
        Whether the one-flip local search follows every method (cuts and quadratic problems).
    workers : int
        Processes. Rows are the same for any number, but for ``seconds`` (and ``hyperplane-time``).
    backend : {"loky", "dask"}
        joblib's backend. dask connects to the scheduler of dask's configuration (``DASK_SCHEDULER_ADDRESS``) or to an
        active client, else it starts a cluster of `workers` processes on this machine.
    draws : int, optional
        Random hyperplanes (1000 by default) or projections (100), or sets of features (20).
    duality_gap : float
        Relative duality gap of the relaxation (cuts and quadratic problems).
    problem : "auto" or ProblemName
        ``maxcut``, ``embedding``, ``features``, ``structure``, ``ising``, ``qubo``, ``max2sat``, ``maxdicut`` or
        ``balance``: what is solved. By default what ``target``, ``n_features`` or ``n_components`` ask for, or else
        what the instances say: tables, points, and objects and files of quadratic problems know it; all others are
        graphs to be cut.
    on_rows : callable, optional
        Called with the rows of each instance as soon as they are there.
    on_progress : callable, optional
        Called with a `derandkit.Progress` while an instance is relaxed and after every row; with several processes
        after every instance. Steps are rows.
    on_interrupt : {"raise", "return"}
        Ctrl-C ends the comparison, and a row that it cut short is left out with all of its instance: the exception
        `Interrupted` carries the rows of the instances that were complete, or they are returned.
    **options
        For graphs: ``input_format``, ``weight``, ``unweighted``. For embeddings: ``n_components``, the number of
        dimensions. For features: ``n_features``, and ``gamma`` or ``kernel``, ``length_scale``, ``nu`` and ``alpha``.
        For tables: ``target``, the column of a file, and ``n_components``, the number of directions (by default what
        the network chooses). For files of points and tables: ``columns``, ``drop``, ``label`` and ``header``, as in
        `derandkit.RegressionData.from_file`. For directed cuts and balance: ``weight``.

    Returns
    -------
    list of ComparisonRow
        By instance, then without and with local search, then by method.

    Raises
    ------
    InputError
        If an option is unknown or an instance cannot be read. Files that do not exist are refused before any work; the
        content of a file is read when its turn comes, and `on_rows` has then been called with the rows before it; or
        with all others, where a worker died with an instance, or the scheduler of dask went away. After Ctrl-C too,
        where it came first.
    Interrupted
        See `on_interrupt`.
    MissingDependencyError
        If the dask backend is chosen and not installed.

    Examples
    --------
    >>> rows = compare({"5-cycle": [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)]}, methods=["lemma", "greedy"])
    >>> [(row.instance, row.method, row.value, row.bound) for row in rows]
    [('5-cycle', 'lemma', 4, 4), ('5-cycle', 'greedy', 4, 4)]
    """
    problem = check_choice("problem", problem, ("auto", *PROBLEMS))
    local_search = check_choice("local_search", local_search, (False, True, "both"))
    backend = check_choice("backend", backend, BACKENDS)
    check_whole("workers", workers, 1)
    check_callback("on_rows", on_rows)
    listed = known_methods(methods)
    searches = (False, True) if local_search == "both" else (bool(local_search),)
    seed = _seed(rng)
    rows: list[ComparisonRow] = []
    with entry(on_interrupt=on_interrupt) as clock:
        given = named_instances(instances)
        problems = chosen_problems(given, problem, options)
        wing = PROBLEMS[problems[0]]
        if local_search and not wing.local_search:
            raise InputError(f"there is no local search for the problem {problems[0]!r}; leave it out")
        draws = wing.draws if draws is None else draws
        check_draws(draws)
        names = checked_methods(listed, problems[0])
        for option in options:
            if option not in wing.options:
                raise InputError(no_option(problems[0], option))
        tasks = Instances(given, problems, options, (names, searches, seed, draws, duality_gap))
        report, ahead = asking(clock, on_rows), reporting(clock, on_progress)
        count = _Count(len(tasks) * len(names) * len(searches), ahead)
        # a callback stays in this process
        here = backend == "loky" and min(workers, len(tasks)) <= 1
        made = functools.partial(rows_of, on_progress=count.within, on_row=count.row) if here else rows_of
        missing = Missing[ComparisonRow]([name for name, _ in given])
        run = functools.partial(Missing.within_means, made)
        with closing(spread(run, tasks, workers=workers, backend=backend, lost=missing.lose)) as parts:
            for part in missing.apart(parts):
                if not here and not clock.interrupted:
                    count.rows(part)
                if not clock.interrupted:  # else what was made meanwhile may be cut short
                    rows.extend(part)
                    report(part)
    return deliver(clock, rows, on_interrupt)


def _base(name: str) -> str:
    """Return the name of an instance without the folders of its file."""
    return os.path.basename(name) or name


class _Count:
    """How many rows there are of all, as progress reports it."""

    def __init__(self, total: int, report: OnProgress) -> None:
        self.done, self.total, self.report = 0, total, report

    def within(self, progress: Progress) -> None:
        """Report work on what the methods of an instance share."""
        self.report(dataclasses.replace(progress, step=self.done, total=self.total))

    def row(self, row: ComparisonRow) -> None:
        """Report a row."""
        self.rows([row])

    def rows(self, rows: list[ComparisonRow]) -> None:
        """Report rows that came together."""
        self.done += len(rows)
        row = rows[-1]
        value = math.nan if row.value is None else float(row.value)
        stage = f"{_base(row.instance)}: {row.method}"
        self.report(Progress(stage, value, float(row.bound), step=self.done, total=self.total))


def known_methods(methods: Iterable[str] | None) -> tuple[str, ...] | None:
    """Return the methods as a tuple; one that no problem has is refused before any instance is looked at.

    Raises
    ------
    InputError
        Names the methods of all problems.
    """
    known = tuple(dict.fromkeys(name for wing in PROBLEMS.values() for name in wing.methods))
    if methods is None:
        return None
    if not isinstance(methods, Iterable):
        raise InputError(f"methods is a list of names, got {methods!r:.60}")
    names = (methods,) if isinstance(methods, str) else tuple(methods)
    for name in names:
        if not isinstance(name, str) or all(name not in wing.methods for wing in PROBLEMS.values()):
            check_choice("methods", name, known)
    return names


def checked_methods(methods: Iterable[str] | None, problem: ProblemName = "maxcut") -> tuple[str, ...]:
    """Return the names of methods, or the default ones.

    Raises
    ------
    InputError
        If a name is unknown or none is given.

    Examples
    --------
    >>> checked_methods(["lemma"])
    ('lemma',)
    """
    table = PROBLEMS[problem].methods
    names = (
        PROBLEMS[problem].defaults
        if methods is None
        else (methods,)
        if isinstance(methods, str)
        else tuple(methods)
    )
    names = tuple(check_choice("methods", name, tuple(table)) for name in names)
    if not names:
        raise InputError(f"name at least one method of {', '.join(table)}")
    return tuple(dict.fromkeys(names))


def _seed(rng: np.random.Generator | int | None) -> int:
    check_rng(rng)
    return operator.index(rng) if isinstance(rng, SupportsIndex) else int(generator(rng).integers(2**62))


def rows_of(
    problem: str,
    name: str,
    instance: object,
    methods: tuple[str, ...],
    searches: tuple[bool, ...],
    seed: int,
    draws: int,
    duality_gap: float,
    *,
    on_progress: OnProgress | None = None,
    on_row: Callable[[ComparisonRow], None] | None = None,
) -> list[ComparisonRow]:
    """Make the rows of one instance; runs in a worker, without callbacks, or in this process."""
    wing = PROBLEMS[problem]
    _warm(problem)
    key = int(wing.key(instance)[:16], 16)
    begun = None
    if on_progress is not None:
        shown = on_progress

        def begun(progress: Progress) -> None:
            shown(dataclasses.replace(progress, stage=f"{_base(name)}: {progress.stage}"))

    case = wing.prepare(instance, duality_gap, draws, begun)
    shared, expectation = case.bound, case.expectation
    rows = []
    for search in searches:
        for method in methods:
            entry = wing.methods[method]
            row = ComparisonRow(
                name, problem, method, search, None, *shared, expectation, None, None, entry.deterministic,
                entry.promise(local_search=search), sense=case.sense,
            )  # fmt: skip
            if entry.limit is not None and case.size > entry.limit:
                rows.append(
                    dataclasses.replace(
                        row, note=f"not run: made for sizes up to {entry.limit}, not {case.size}"
                    )
                )
                if on_row is not None:
                    on_row(rows[-1])
                continue
            if current().interrupted:
                return _judged(rows, case.spread)
            stream = np.random.default_rng([seed, key, zlib.crc32(entry.stream.encode())])
            begin = time.perf_counter()
            answer = entry.run(case, stream, search)
            seconds = time.perf_counter() - begin
            error = answer.stats.get("standard_error")
            bound, status = answer.stats.get("bound", shared)
            rows.append(
                dataclasses.replace(
                    row,
                    value=answer.value,
                    bound=bound,
                    bound_status=status,
                    seconds=answer.stats.get("seconds", seconds),
                    standard_error=error if error is None or math.isfinite(error) else None,
                    draws=answer.stats.get("draws"),
                    note=answer.stats.get("implementation", "" if entry.bounded else UNBOUNDED),
                )
            )
            if on_row is not None and not current().interrupted:
                on_row(rows[-1])
    return _judged(rows, case.spread)


def _judged(rows: list[ComparisonRow], spread: float | None) -> list[ComparisonRow]:
    """Return the rows of an instance with the best certified bound, which a method may have proved, and gaps to it."""
    if not rows:
        return rows
    maximize = rows[0].sense == "maximize"
    proven = [row for row in rows if row.bound_status == "certified"]
    best = (min if maximize else max)(proven or rows, key=lambda row: row.bound)
    bound, status, judged = best.bound, best.bound_status, []
    for row in rows:
        value = None if row.note == UNBOUNDED else row.value
        gap = None if value is None else max(0.0, float(bound - value if maximize else value - bound))
        ratio = None if value is None or spread is not None or not bound else float(value / bound)
        share = None if gap is None or not spread else gap / spread
        judged.append(
            dataclasses.replace(
                row, bound=bound, bound_status=status, ratio=ratio, gap=gap, relative_gap=share
            )
        )
    return judged


@functools.cache
def _warm(problem: str) -> None:
    """Compile, or load, the kernels of a problem once a process, so that no method pays for it."""
    PROBLEMS[problem].warm_up()
