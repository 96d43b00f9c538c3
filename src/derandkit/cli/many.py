"""``derandkit maxcut`` for many graphs: one record a graph in a folder, one line a graph on stdout.

A graph is read, solved and checked by one worker; this process alone writes and prints. A record is written as soon as
it is there, lines come in the order of the arguments, and neither depends on the number of workers.
"""

from __future__ import annotations

import functools
import os
import stat
import sys
import warnings
from collections import Counter
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from derandkit.cli.common import checks_of, failures, graph_and_notes, print_text
from derandkit.cli.group import EXIT_BAD_INPUT, EXIT_NOT_OK
from derandkit.cli.output import say
from derandkit.errors import DerandkitError, InputError, first_line
from derandkit.runtime.cluster import without_logs
from derandkit.runtime.signals import Signals, exit_code
from derandkit.runtime.streams import absolute, own_output, stream_of
from derandkit.tables import first_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.runtime.progress import Progress


class Task(NamedTuple):
    """What a worker is given."""

    number: int
    path: str  # absolute: a worker may have another working directory
    name: str
    reading: dict[str, Any]
    solving: dict[str, Any]
    check: bool


class Answer(NamedTuple):
    """What a worker sends back about one graph: a line and its record, or what is wrong with the file."""

    number: int
    line: str = ""
    record: str = ""
    said: tuple[str, ...] = ()  # for stderr: what was dropped, which checks failed, why there is no record
    code: int = 0
    early: bool = False  # the best answer so far, cut short by a signal
    kept: bool = False  # the record is in its file

    @property
    def complete(self) -> bool:
        """Whether this is the answer of a whole run; a file that cannot be used has none."""
        return bool(self.line) and not self.early


def solve_many(
    graphs: Sequence[str],
    folder: str | None,
    *,
    reading: dict[str, Any],
    solving: dict[str, Any],
    check: bool,
    workers: int | None,
    dask: str | None,
    quiet: bool,
) -> int:
    """Solve every graph, in parallel, and return the exit code.

    Parameters
    ----------
    graphs : sequence of str
        Files; the standard input cannot be one of several.
    folder : str, optional
        Where the records go; it is made if it does not exist. Nothing is written without one.
    reading : dict
        What `derandkit.cli.common.graph_options` collects.
    solving : dict
        Options of `derandkit.maxcut`.
    check : bool
        Whether every record is verified before it is written.
    workers : int, optional
        Processes, at most one a graph; by default one a core.
    dask : str, optional
        Address of a dask scheduler, whose workers then do the work; they find the files under the same paths.
    quiet : bool
        No progress on stderr.

    Returns
    -------
    int
        130 after Ctrl-C, else 2 if a file could not be used, else 1 if a check failed or a worker died, else 0.

    Raises
    ------
    InputError
        Before any work is done: the folder or a name cannot be used, or an option is wrong.

    Notes
    -----
    After Ctrl-C the graphs that run end with their best answers so far, but for those of dask; no graph begins.
    """
    targets = _targets(graphs, folder)
    if dask == "":  # another cluster by the rules of dask, and a variable of a shell that is not set
        raise InputError("the address of --dask is empty; leave the option out, or name a dask scheduler")
    from derandkit.signs.relaxation.semidefinite import check_relaxation

    check_relaxation(solving["relaxation"], solving["duality_gap"], 1)  # once, not once a graph
    tasks = [
        (Task(k, absolute(path) if os.path.exists(path) else path, path, reading, solving, check),)
        for k, path in enumerate(graphs)
    ]
    with nullcontext() if folder is None else _made(folder, targets):
        return _all_solved(graphs, targets, tasks, workers, dask, quiet)


def _all_solved(
    graphs: Sequence[str],
    targets: Sequence[Path],
    tasks: Sequence[tuple[Task]],
    workers: int | None,
    dask: str | None,
    quiet: bool,
) -> int:
    """Solve every graph as `solve_many` says: its options are known to be good, and the folder is there."""
    from derandkit.runtime.processes import spread

    workers = min(len(graphs), workers or _cores())
    alone = dask is None and workers == 1
    signals = Signals()
    answers = spread(
        functools.partial(_narrated, quiet) if alone else answer,
        tasks,
        workers=workers,
        backend="loky" if dask is None else "dask",
        address=dask,
        ordered=False,
        lost=_lost,
        stopped=lambda: signals.requested,
        gently=True,
    )
    progress = not quiet and not alone and sys.stderr.isatty() and not sys.stdout.isatty()
    waiting: dict[int, Answer] = {}
    codes = set()
    following = early = complete = 0
    refused: list[InputError] = []
    lost: list[InputError] = []
    with signals, closing(answers), without_logs(), own_output():
        for done, found in enumerate(_as_far_as_they_come(answers, refused), 1):
            if targets and found.record:
                found = _written(targets[found.number], found)
            waiting[found.number] = found
            codes.add(found.code)
            early += found.early
            complete += found.complete
            while following in waiting:
                _say(waiting.pop(following), targets, lost)
                following += 1
            if progress:
                say(f"{done} of {len(graphs)}: {graphs[found.number]}")
        for index in sorted(waiting):
            _say(waiting[index], targets, lost)
    if signals.requested:
        codes.add(exit_code())
        more = f"; of {early} more this is the best answer so far" if early else ""
        say(f"interrupted: {complete} of {len(graphs)} graphs were complete{more}")
    for error in refused:
        missing = [graph for k, graph in enumerate(graphs) if k >= following and k not in waiting]
        raise InputError(f"{error.message}: no answer for {first_names(missing)}")
    for error in lost:
        raise error
    return max(codes, default=0)


def _as_far_as_they_come(answers: Iterable[Answer], refused: list[InputError]) -> Iterator[Answer]:
    """Yield answers; what ends them early, such as a cluster that has gone away, waits until all are out."""
    try:
        yield from answers
    except InputError as error:
        refused.append(error)


def _lost(task: Task) -> Answer:
    """Answer for a worker that died with its graph."""
    text = f"{task.name}: the worker process died, most likely because memory ran out; run fewer workers"
    return Answer(task.number, said=(text,), code=EXIT_NOT_OK)


def answer(task: Task, narrate: Callable[[Progress], None] | None = None) -> Answer:
    """Read, solve and check one graph; runs in a worker. What is wrong with the file becomes part of the answer."""
    from derandkit.cuts.solve import maxcut
    from derandkit.tables import percent_above, told_apart

    index, name = task.number, task.name
    try:
        graph, notes = graph_and_notes(task.path, **task.reading)
        result = maxcut(graph, on_progress=narrate, on_interrupt="return", **task.solving)
        record = result.to_json()
        failed, code = _failures(record, graph) if task.check else ([], 0)
    except InputError as error:
        text = str(InputError(error.message, path=name, line=error.line))
        return Answer(index, said=(text,), code=EXIT_BAD_INPUT)
    except DerandkitError as error:
        return Answer(index, said=(f"{name}: {error}",), code=EXIT_BAD_INPUT)
    except MemoryError:
        return Answer(
            index, said=(f"{name}: not enough memory for a graph of this size",), code=EXIT_BAD_INPUT
        )
    except Exception as error:  # a fault of this package: the other graphs go on
        text = (
            f"{name}: there is no answer ({type(error).__name__}: {first_line(error, 200)}); please report it"
        )
        return Answer(index, said=(text,), code=EXIT_NOT_OK)
    cut, bound = told_apart(result.cut_value, result.upper_bound, above=True)
    line = (
        f"{name}: cut {cut}, upper bound {bound} {result.bound_status}, "
        f"gap {percent_above(result.gap)}, {result.status.name.lower()}"
    )
    said = tuple(f"{name}: {text}" for text in (*notes, *failed))
    short = getattr(result, "shortened", False)  # of a list of several cuts
    if short:
        line += ", the search for other cuts ended early"
    early = short or result.status.name == "INTERRUPTED"
    return Answer(index, line, record, said, code or (0 if result.status.ok else EXIT_NOT_OK), early)


def _failures(record: str, graph: WeightedGraph) -> tuple[list[str], int]:
    """Return what is wrong with a record, or that memory ended before that was known, and an exit code."""
    try:
        failed = failures(checks_of(record, graph))
    except InputError as error:
        return [str(error)], EXIT_BAD_INPUT
    return failed, EXIT_NOT_OK if failed else 0


def _narrated(quiet: bool, task: Task) -> Answer:
    """Answer in this process, with the progress of a single graph."""
    from derandkit.cli.narration import narrator

    with narrator(quiet=quiet) as narrate:
        return answer(task, narrate)


def _say(found: Answer, targets: Sequence[Path], lost: list[InputError]) -> None:
    """Print the line of an answer, and below it a record that could not be written: it has the sides and the proof.

    Where records are written, they go on when standard output takes no more.
    """
    for text in found.said:
        say(text)
    if found.line:
        shown = f"{found.line} -> {targets[found.number]}\n" if found.kept else f"{found.line}\n"
        if targets and not found.kept:  # the encoding of lines: what it lacks has an escape of JSON
            shown += found.record
        try:
            print_text(shown, elsewhere=bool(targets))
        except InputError as error:
            if not targets:
                raise
            lost.append(error)


def _written(target: Path, found: Answer) -> Answer:
    """Write the record of an answer; where that fails it will be printed, and the other graphs go on."""
    from derandkit.records import write_atomically

    try:
        write_atomically(target, found.record)
    except InputError as error:
        text = f"{error}; the record is printed below its line"
        return found._replace(said=(*found.said, text), code=EXIT_BAD_INPUT)
    return found._replace(kept=True)


def _cores() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that no process can be started: said by whoever starts one
        import joblib

    return int(joblib.cpu_count())


def _targets(graphs: Sequence[str], folder: str | None) -> list[Path]:
    """Return the file of each record; refuse what cannot be written before any work is done."""
    if "-" in graphs:
        raise InputError("standard input cannot be one of several graphs; name files")
    places = [os.path.realpath(path) for path in graphs]
    for k, path in enumerate(graphs):
        if places[k] in places[:k]:
            raise InputError("is named twice; name every graph once", path=path)
    if folder is None:
        return []
    if not folder:  # the current folder by the rules of paths, and a variable of a shell that is not set
        raise InputError("the name of the folder to write is empty; leave the option out, or name a folder")
    if folder == "-":
        raise InputError("name a folder for the records of several graphs")
    from derandkit.records import standing_mode

    place = Path(folder)
    mode = standing_mode(place)
    if mode is not None and not stat.S_ISDIR(mode):
        raise InputError("is a file; name a folder for the records of several graphs", path=folder)
    targets = [place / name for name in record_names(graphs)]
    files = [os.path.realpath(target) for target in targets]
    for k, (target, file) in enumerate(zip(targets, files, strict=True)):
        if stream := stream_of(file):
            raise InputError(f"is where {stream} goes; name another folder", path=str(target))
        if file in places:
            raise InputError(
                "the record of a graph would overwrite an input; name another folder", path=str(target)
            )
        if file in files[:k]:
            raise InputError(
                "a link leads to the file of another record; remove it, or name another folder",
                path=str(target),
            )
    return targets


@contextmanager
def _made(folder: str, targets: Sequence[Path]) -> Iterator[None]:
    """Make a folder if it does not exist; where nothing is in it after the block, it goes again.

    Raises
    ------
    InputError
        It cannot be made, or not be written into, or a record cannot be written there.
    """
    from derandkit.records import refuse_kept_file, standing_mode

    place = Path(folder)
    made = not place.is_dir()
    try:
        place.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder cannot be made: {error.strerror}", path=folder) from None
    try:
        if not os.access(place, os.W_OK | os.X_OK):
            raise InputError("no permission to write in the folder", path=folder)
        for target in targets:
            mode = standing_mode(target)
            if mode is not None and not stat.S_ISREG(mode):
                raise InputError("is no regular file, so no record can take its place", path=str(target))
            refuse_kept_file(target, mode)
        yield
    finally:
        if made:
            with suppress(OSError):  # there are records in it
                place.rmdir()


def record_names(paths: Iterable[str]) -> list[str]:
    """Return a file name for the record of every graph: that of the graph and ``.json``, no two the same.

    Where two graphs have one name, the names of their folders come before it, as many as it takes. Names that differ
    in case only count as the same, as some file systems have it.

    Raises
    ------
    InputError
        Two names are the same with all their folders: ``a/b_c`` and ``a_b/c``.

    Examples
    --------
    >>> record_names(["x/one.mtx", "y/one.mtx", "y/two.mtx"])
    ['x_one.mtx.json', 'y_one.mtx.json', 'two.mtx.json']
    """
    whole = [Path(absolute(path)).parts[1:] for path in paths]
    depths = [1] * len(whole)
    while True:
        names = ["_".join(parts[-depth:]) + ".json" for parts, depth in zip(whole, depths, strict=True)]
        counts = Counter(name.casefold() for name in names)
        clashing = [k for k, name in enumerate(names) if counts[name.casefold()] > 1]
        if not clashing:
            return names
        deeper = [k for k in clashing if depths[k] < len(whole[k])]
        if not deeper:
            raise InputError(f"two graphs would both be recorded as {names[clashing[0]]!r}; solve them apart")
        for k in deeper:
            depths[k] += 1
