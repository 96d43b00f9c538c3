"""What several verbs share: options, output paths, reading, printing, the check of what was written."""

from __future__ import annotations

import functools
import io
import itertools
import math
import os
import stat
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import click

from derandkit.cli.group import EXIT_BAD_INPUT, EXIT_NOT_OK
from derandkit.cli.output import (
    beside_the_answer,
    counted_notes,
    encoded_next,
    lose_output,
    note,
    read_as,
    say,
    shown,
)
from derandkit.errors import DerandkitError, InputError
from derandkit.graphs.formats import AUTO_WEIGHT, SYMMETRIZE
from derandkit.graphs.formats import FORMATS as GRAPH_FORMATS
from derandkit.options import REMOVED_IN
from derandkit.runtime.lacking import lacking
from derandkit.runtime.signals import arrivals, exit_code, waiting, writing
from derandkit.runtime.streams import destination, flush, own_descriptor, same_file, stream_of, write_all

if TYPE_CHECKING:
    from derandkit.certificates.checks import Verification
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.runtime.signals import Signals
    from derandkit.status import RunStatus

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


class Option(Protocol):
    """A decorator that adds an option, or several, to a verb."""

    def __call__(self, command: F, /) -> F:
        """Return the verb with what is added."""


#: A file name as it was typed: shells complete it, and whether it can be used is decided where it is read or written.
FILE = click.Path(readable=False)

#: What `graph_options` adds, and `read_graph_file` takes.
READING = ("input_format", "weight", "unweighted", "header", "separator", "comments", "symmetrize")


#: What the options that name a file write, and the endings that say so.
_WRITTEN = {
    "output": ("the record, JSON", "json jsn"),
    "embedded": ("an array of NumPy", "npy"),
    "features": ("an array of NumPy", "npy"),
    "report": ("a page, HTML", "html htm xhtml"),
    "save_config": ("a configuration, TOML", "toml"),
}
#: Endings that say a format, without their points.
_ENDINGS = frozenset((
    "json", "jsn", "npy", "npz", "html", "htm", "xhtml", "toml", "csv", "tsv", "tab", "xls", "xlsx", "ods", "parquet",
    "feather", "arrow", "pkl", "pickle", "mat", "h5", "hdf5", "pdf", "png", "jpg", "jpeg", "gif", "svg", "doc", "docx",
    "md", "xml", "yaml", "yml", "gz", "bz2", "xz", "zip",
))  # fmt: skip


def stacked(*options: Option) -> Option:
    """Return a decorator that adds options in the order in which the help lists them."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


class GraphFormatChoice(click.Choice[str]):
    """The formats of derandkit, and the names of readers that installed packages supply."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name or the reader; other packages are asked only for a name that derandkit does not have."""
        if isinstance(value, str) and value not in self.choices:
            from derandkit.graphs.readers.outside import reader_named

            if (reader := reader_named(value)) is not None:
                return reader
        return super().convert(value, param, ctx)


#: Whether the first line of a table names its columns; graphs and points have the same option.
header = click.option(
    "--header/--no-header",
    default=None,
    help="Whether the first line of a table names its columns; by default its words decide.",
)


def graph_options(command: F) -> F:
    """Add the options that say how a graph is read; the command gets them in one dictionary, `reading`."""
    return _graph_options(command, directed=False)


def digraph_options(command: F) -> F:
    """Add the options that say how a directed graph is read: ``--symmetrize`` is refused, and not shown."""
    return _graph_options(command, directed=True)


def _graph_options(command: F, *, directed: bool) -> F:
    options = (
        click.option(
            "--input-format",
            type=GraphFormatChoice(GRAPH_FORMATS),
            default="auto",
            show_default=True,
            metavar="FORMAT",  # the list of all of them has no blank where a line could end
            help=f"Format of the graph: {', '.join(GRAPH_FORMATS)}. auto decides by content and extension. The name "
            "of a reader that an installed package supplies is taken too.",
        ),
        click.option(
            "--weight",
            metavar="NAME",
            help="Column or edge attribute that holds the weight; the file must have it.  [default: weight, or else "
            "the only one with numbers]",
        ),
        click.option("--unweighted", is_flag=True, help="Count every edge as 1."),
        header,
        click.option(
            "--separator",
            metavar="SIGN",
            help="What separates columns: blank, tab, comma, semicolon, bar or one sign; by default what fits.",
        ),
        click.option(
            "--comments",
            metavar="SIGNS",
            help="Signs that begin a comment line, #% by default; none for labels that begin with them.",
        ),
        click.option(
            "--symmetrize",
            type=click.Choice(SYMMETRIZE),
            hidden=directed,
            help="How two directions with different weights become one edge.",
        ),
    )

    @functools.wraps(command)
    def collected(**given: Any) -> Any:
        reading = {name: given.pop(name) for name in READING}
        unweighted = reading.pop("unweighted")
        if unweighted and reading["weight"] is not None:
            raise click.UsageError(
                "--weight names the weights and --unweighted leaves them out; give one of them"
            )
        if not unweighted and reading["weight"] is None:
            reading["weight"] = AUTO_WEIGHT
        return command(reading=reading, **given)

    return cast("F", stacked(*options)(collected))


class Between(click.FloatRange):
    """A finite number above `low`, at most `high`: `click.FloatRange` lets NaN and infinity pass."""

    def __init__(self, low: float, high: float | None = None) -> None:
        super().__init__(min=low, max=high, min_open=True)

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse what is no number of the range, before any file is read."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


def duality_gap_option(command: F) -> F:
    """Add ``--duality-gap``, and its old name ``--gap``."""
    new = click.option(
        "--duality-gap",
        type=Between(0.0, 0.1),
        default=1e-4,
        show_default=True,
        help="Relative duality gap at which the relaxation stops, at most 0.1.",
    )
    return new(renamed_option("--gap", "--duality-gap", type=Between(0.0, 0.1))(command))


def renamed_option(old: str, new: str, **settings: Any) -> Callable[[F], F]:
    """Take an option under its old name too, with a line on standard error; `settings` are those of `click.option`."""
    before, now = (name.lstrip("-").replace("-", "_") for name in (old, new))

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def named(*args: Any, **given: Any) -> Any:
            value = given.pop(before)
            if value is not None:
                note(f"{old} is now {new}; the old name works until version {REMOVED_IN}")
                given[now] = value
            return command(*args, **given)

        return cast("F", click.option(old, before, hidden=True, **settings)(named))

    return decorate


def check_targets(source: str | None, *, plot: str | None = None, **targets: str | None) -> None:
    """Refuse output paths that cannot be written, before any work is done; `source` is the file that is read."""
    from derandkit.records import refuse_kept_file, standing_mode

    named = {name: target for name, target in {**targets, "plot": plot}.items() if target is not None}
    for target in named.values():
        if not target:
            raise InputError("the name of the file to write is empty; leave the option out, or name a file")
        if target == "-":
            raise InputError("name a file to write; for the record on standard output use --format json")
        if (descriptor := own_descriptor(target)) is not None:
            _check_descriptor(descriptor, target)
            continue
        mode, path = standing_mode(target), _destination(target)
        if mode is not None and stat.S_ISDIR(mode):
            raise InputError("is a directory; name a file to write", path=target)
        if mode is not None and not stat.S_ISREG(mode):
            if not os.access(target, os.W_OK):
                raise InputError("no permission to write into it", path=target)
            continue
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise InputError(f"no permission to write in the folder {str(path.parent)!r}", path=target)
        refuse_kept_file(target, mode)
        if stream := stream_of(target):
            raise InputError(f"is where {stream} goes; name another file to write", path=target)
    keep_inputs((source,), *named.values())
    for (one, first), (other, second) in itertools.combinations(named.items(), 2):
        through = own_descriptor(first) is not None or own_descriptor(second) is not None
        if _destination(first) == _destination(second) or (through and same_file(first, second)):
            raise InputError(f"--{one} and --{other} name the same file", path=first)
    if plot is not None:
        from derandkit.plots.style import check_plot_target

        check_plot_target(plot)


def _destination(target: str) -> Path:
    """Return where a file is written that a path leads to; see `derandkit.runtime.streams.destination`."""
    try:
        return Path(destination(target))
    except (FileNotFoundError, NotADirectoryError) as error:
        folder = (os.path.dirname(target) or os.curdir) if error.filename is None else error.filename
        raise InputError(f"the folder {folder!r} does not exist; create it first", path=target) from None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", path=target) from None


def _check_descriptor(descriptor: int, target: str) -> None:
    """Refuse a descriptor such as ``/dev/fd/3`` that is not open for writing."""
    try:
        os.write(descriptor, b"")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", path=target) from None


def check_endings(**targets: str | None) -> None:
    """Refuse names of files whose endings say another format than the one that is written."""
    for name, target in targets.items():
        what, own = _WRITTEN[name]
        ending = Path(target or "").suffix.lstrip(".").lower()
        if ending in _ENDINGS and ending not in own.split():
            hint = "; for columns print them with --format tsv" if ending in ("csv", "tsv", "tab") else ""
            raise InputError(
                f"--{name.replace('_', '-')} writes {what}, not {ending}; end its name with .{own.split()[0]}{hint}",
                path=target,
            )


def keep_inputs(sources: Iterable[str | os.PathLike[str] | None], *targets: str | None) -> None:
    """Refuse to write over a file that is read: the instance, a table that a configuration names, a start."""
    for target, source in itertools.product(targets, sources):
        if target is not None and source is not None and same_file(target, source):
            raise InputError("is the input itself; name another file to write", path=target)


def read_graph_file(path: str, reading: Mapping[str, Any], *, describe: bool = False) -> WeightedGraph:
    """Read a graph and note what was assumed, dropped or added up, and how it was read if asked."""
    graph, notes = graph_and_notes(path, **reading)
    for line in reading_lines(path, graph, notes, describe=describe):
        note(line)
    return graph


def reading_lines(path: str, graph: WeightedGraph, notes: list[str], *, describe: bool) -> list[str]:
    """Return what `graph_and_notes` noted, after how the file was read if asked."""
    if not describe or graph.reading is None:
        return notes
    return [read_as(path, graph.reading), *notes]


def graph_and_notes(path: str, **reading: Any) -> tuple[WeightedGraph, list[str]]:
    """Read a graph; return it and what was assumed, dropped or added up, in words."""
    from derandkit.datasets.instances import as_graph

    graph = as_graph(path, **reading)
    notes = [] if graph.reading is None else list(graph.reading.remarks)
    notes += counted_notes(graph.dropped_loops, graph.merged_edges, "edge", graph.rounded)
    return graph, notes


def noted(read: Callable[[], T]) -> tuple[T, list[str]]:
    """Return what a reader of points or tables returns, and the warnings it gave, in words."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        found = read()
    return found, [str(warning.message) for warning in caught]


def checked_record(text: str, instance: Any, unwritten: list[DerandkitError]) -> Verification | None:
    """Check the record as it is written, not the object it came from, and say on stderr what failed.

    None where memory ends: this is said and added to `unwritten`, as the answer is there.
    """
    with beside_the_answer(unwritten):
        outcome = checks_of(text, instance)
        for line in failures(outcome):
            say(f"{line}")
        return outcome
    return None


def checks_of(text: str, instance: Any) -> Verification:
    """Return what the check says about the record as it is written.

    Raises
    ------
    InputError
        Memory ended; that says nothing about the record.
    """
    import json

    from derandkit.verification import verify as check

    try:
        return check(json.loads(text), instance)
    except Exception as error:
        what = lacking(error)
        if what is None:
            raise
        raise InputError(f"the record was not checked: {what}") from None


def failures(outcome: Verification) -> list[str]:
    """Return one line for every check that was not passed."""
    return [f"check {entry.name} failed: {entry.detail}" for entry in outcome.checks if not entry.passed]


def conclude(
    signals: Signals,
    status: RunStatus,
    *,
    verified: bool,
    unwritten: Sequence[DerandkitError] = (),
    complete: str = "the run was complete",
) -> None:
    """Say on stderr what a reader of the answer has to know, and leave with the exit code of the verb.

    Parameters
    ----------
    signals : Signals
        What came while the verb worked.
    status : RunStatus
        How the run ended.
    verified : bool
        Whether the record passed its check, which said on stderr what failed.
    unwritten : sequence
        What `beside_the_answer` has caught, and said.
    complete : str
        What to say of an answer to which a signal came too late.
    """
    early = status.name == "INTERRUPTED"
    if early or signals.requested:
        what = "this is the best answer so far" if early else complete
        say(f"interrupted: {what}")
    elif not status.ok:
        say(f"{status.value}")
    if unwritten:
        sys.exit(EXIT_BAD_INPUT)
    if not verified:
        sys.exit(EXIT_NOT_OK)
    if early or signals.requested:
        sys.exit(exit_code())
    if not status.ok:
        sys.exit(EXIT_NOT_OK)


def print_text(text: str, *, data: bool = False, elsewhere: bool = False) -> None:
    """Write to stdout; a reader that went away (head, a closed pager) is no error of ours.

    A signal while a reader makes no room ends the process, and so does one that came a second before.

    Parameters
    ----------
    text : str
        What is written.
    data : bool
        Whether programs are to read it, as JSON, TSV and CSV: then it is UTF-8 in pipes and files, whatever the locale,
        so that it can be read again and is the same everywhere. Other text has escapes for what the encoding lacks.
    elsewhere : bool
        Whether the run has more to do than to print: such a signal is then an error of standard output.

    Raises
    ------
    InputError
        Standard output takes no more, but for a reader that went away.
    """
    since = arrivals()
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if data and sys.stdout is not None and not sys.stdout.isatty():
        encoding = "utf-8"
    raw = getattr(sys.stdout, "buffer", None)
    # not by click, which writes an empty text first: in UTF-8 with a mark that is one mark more; and before the write,
    # since a codec may have to be loaded
    payload = b"" if raw is None else encoded_next(text, encoding)
    try:
        with writing():
            if raw is None:
                click.echo(shown(text), nl=False)
                return
            flush(sys.stdout)
            file = getattr(raw, "raw", raw)  # python -u has no buffer
            if isinstance(file, io.FileIO):  # a buffer loses what a pipe does not take at once
                write_all(file.fileno(), payload, lambda: waiting(elsewhere=elsewhere, since=since))
                return
            rest = memoryview(payload)
            while rest:
                rest = rest[raw.write(rest) or 0 :]
            raw.flush()
    except OSError as error:
        lose_output()
        if not isinstance(error, BrokenPipeError):
            raise InputError(f"standard output cannot be written: {error.strerror}") from None
