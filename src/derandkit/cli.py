"""The command line: one verb a question, data on stdout, narration on stderr.

Exit codes: 0 solved and verified; 1 ran but not verified; 2 bad usage or input, with one line saying what is wrong;
130 interrupted, after the best answer so far was written. Nothing heavy is imported before a verb needs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from derandkit import __version__
from derandkit.errors import DerandkitError, InputError

if TYPE_CHECKING:
    from derandkit.cuts.graph import WeightedGraph
    from derandkit.cuts.result import MaxCutResult
    from derandkit.cuts.solve import Progress
    from derandkit.interrupts import Interrupts

F = TypeVar("F", bound=Callable[..., Any])

GRAPH_FORMATS = ("auto", "edgelist", "rudy", "matrixmarket", "graphml", "gml", "npz")
EXIT_NOT_VERIFIED = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130
#: Sweeps of the relaxation that are made for an answer after Ctrl-C has cost the first one.
QUICK_SWEEPS = 64


class _Verbs(click.Group):
    """A group that turns the errors a user can cause into one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DerandkitError as error:
            click.echo(f"derandkit: {' '.join(str(error).split())}", err=True)
            ctx.exit(EXIT_BAD_INPUT)
        except MemoryError:
            click.echo("derandkit: not enough memory for an instance of this size", err=True)
            ctx.exit(EXIT_BAD_INPUT)
        except KeyboardInterrupt:
            click.echo("derandkit: interrupted before there was an answer", err=True)
            ctx.exit(EXIT_INTERRUPTED)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="derandkit")
def main() -> None:
    """Derandomized algorithms whose answers carry a certificate."""


def graph_options(command: F) -> F:
    """Add the options that say how a graph file is read."""
    options = (
        click.option(
            "--input-format",
            type=click.Choice(GRAPH_FORMATS),
            default="auto",
            show_default=True,
            help="Format of the graph; auto tells by content and extension.",
        ),
        click.option(
            "--weight",
            default="weight",
            show_default=True,
            metavar="NAME",
            help="Edge attribute that holds the weight (GraphML, GML).",
        ),
        click.option("--unweighted", is_flag=True, help="Count every edge as 1."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@click.argument("graph")
@graph_options
@click.option("-o", "--output", metavar="FILE", help="Write the result (JSON with its certificate) to FILE.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "tsv"]),
    default="text",
    show_default=True,
    help="What to print: a table, the record, or one 'label side' line a vertex.",
)
@click.option(
    "--method",
    type=click.Choice(["lemma", "conditional"]),
    default="lemma",
    show_default=True,
    help="The derandomizer.",
)
@click.option(
    "--relaxation",
    type=click.Choice(["lowrank", "cvxpy"]),
    default="lowrank",
    show_default=True,
    help="How the semidefinite relaxation is solved.",
)
@click.option("--gap", type=float, default=1e-4, show_default=True, help="Relative duality gap to reach.")
@click.option(
    "--max-sweeps",
    type=click.IntRange(min=1),
    help="Passes after which the relaxation stops; by default about a minute's worth.",
)
@click.option("--plot", metavar="FILE", help="Draw the chain and the path to FILE (needs matplotlib).")
@click.option("--no-verify", is_flag=True, help="Skip the independent check of the result.")
@click.option("-q", "--quiet", is_flag=True, help="No progress display.")
def maxcut(
    graph: str,
    input_format: str,
    weight: str,
    unweighted: bool,
    output: str | None,
    output_format: str,
    method: str,
    relaxation: str,
    gap: float,
    max_sweeps: int | None,
    plot: str | None,
    no_verify: bool,
    quiet: bool,
) -> None:
    r"""Find a heavy cut of GRAPH (a file, or - for standard input) and a certified upper bound.

    \b
    Example:
      derandkit maxcut graph.edgelist -o cut.json
      derandkit verify cut.json graph.edgelist
    """
    _check_targets(output, plot, graph)
    instance = _read_graph(graph, input_format, weight, unweighted)
    from derandkit.interrupts import Interrupts
    from derandkit.narration import narrator

    with Interrupts() as interrupts:
        with narrator(quiet=quiet) as narrate:
            result = _solve(
                instance,
                interrupts,
                narrate,
                relaxation=relaxation,
                method=method,
                gap=gap,
                max_sweeps=max_sweeps,
            )
        interrupts.hold()
        text = result.to_json()
        verified = no_verify or _verified(text, instance)
        if output is not None:
            from derandkit.io.records import write_atomically

            write_atomically(output, text)
        if plot is not None:
            from derandkit.plots import plot_maxcut

            plot_maxcut(result, plot)
        _print(_cut_as(result, text, output_format))
    if not verified:
        sys.exit(EXIT_NOT_VERIFIED)
    if interrupts.requested:
        what = (
            "the run was complete"
            if result.status.name != "INTERRUPTED"
            else "this is the best answer so far"
        )
        click.echo(f"derandkit: interrupted: {what}", err=True)
        sys.exit(EXIT_INTERRUPTED)


@main.command()
@click.argument("result")
@click.argument("instance")
@graph_options
@click.option("-q", "--quiet", is_flag=True, help="Print failed checks only.")
def verify(result: str, instance: str, input_format: str, weight: str, unweighted: bool, quiet: bool) -> None:
    """Check every claim of RESULT (a JSON file) against INSTANCE, with none of the solver's code.

    Exit code 0 if all checks pass, 1 if one fails.
    """
    from derandkit.certificates import verify as check
    from derandkit.io.records import read_record

    record = read_record(result)
    loaded = (
        _read_graph(instance, input_format, weight, unweighted)
        if record.get("schema") == "derandkit-maxcut"
        else instance
    )
    outcome = check(record, loaded)
    if quiet:
        _print("".join(f"{name}\n" for name in outcome.failed))
    else:
        _print(f"{outcome}\n")
    if not outcome.ok:
        click.echo(f"derandkit: verification failed: {', '.join(outcome.failed)}", err=True)
        sys.exit(EXIT_NOT_VERIFIED)


@main.command()
def info() -> None:
    """Print versions, and where compiled kernels are cached."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    rows = [("derandkit", __version__), ("python", platform.python_version())]
    extras = {"scikit-learn": "sklearn", "matplotlib": "plot", "jax": "structure"}
    for package in ("numpy", "scipy", "networkx", "numba", "cvxpy", "click", "rich", *extras):
        try:
            rows.append((package, version(package)))
        except PackageNotFoundError:
            extra = extras.get(package)
            rows.append((package, f"not installed (extra: {extra})" if extra else "not installed"))
    cache = os.environ.get("NUMBA_CACHE_DIR", "beside the installed package, else the user's cache folder")
    rows.append(("kernel cache", cache))
    from derandkit.report import aligned

    _print(f"{aligned(rows)}\n")


def _check_targets(output: str | None, plot: str | None, graph: str) -> None:
    """Refuse output paths that cannot be written, before any work is done."""
    for target in (output, plot):
        if target is None:
            continue
        if target == "-":
            raise InputError("name a file to write; for the record on standard output use --format json")
        path = Path(target)
        if path.is_dir():
            raise InputError("is a directory; name a file to write", path=target)
        if not path.parent.is_dir():
            raise InputError(f"the folder {str(path.parent)!r} does not exist; create it first", path=target)
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise InputError(f"no permission to write in the folder {str(path.parent)!r}", path=target)
        if path.exists() and os.path.exists(graph) and path.samefile(graph):
            raise InputError("is the graph itself; name another file to write", path=target)
    if output is not None and plot is not None and Path(output).resolve() == Path(plot).resolve():
        raise InputError("--output and --plot name the same file", path=output)
    if plot is not None:
        from derandkit.plots import check_plot_target

        check_plot_target(plot)


def _read_graph(path: str, input_format: str, weight: str, unweighted: bool) -> WeightedGraph:
    from derandkit.io.graphs import read_graph

    graph = read_graph(path, input_format=input_format, weight=weight)
    if graph.dropped_loops:
        loops = _count(graph.dropped_loops, "self-loop")
        click.echo(f"derandkit: dropped {loops}, which no cut counts", err=True)
    if graph.merged_edges:
        edges = _count(graph.merged_edges, "parallel edge")
        click.echo(f"derandkit: added {edges} to the first edge between the same vertices", err=True)
    return graph.unweighted() if unweighted else graph


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _solve(
    instance: WeightedGraph,
    interrupts: Interrupts,
    narrate: Callable[[Progress], None],
    *,
    relaxation: str,
    method: str,
    gap: float,
    max_sweeps: int | None,
) -> MaxCutResult:
    """Run the solver; after Ctrl-C, come back with the best answer that is to be had quickly."""
    from derandkit.cuts.result import CutStatus
    from derandkit.cuts.solve import maxcut as solve

    def watch(progress: Progress) -> None:
        if progress.stage == "derandomize" and method == "lemma":
            interrupts.hold()  # what is left takes seconds at most, and nothing that was worked out is lost
        narrate(progress)

    try:
        return solve(
            instance,
            relaxation=relaxation,
            method=method,
            gap=gap,
            max_sweeps=max_sweeps,
            on_progress=watch,
        )
    except KeyboardInterrupt:
        if interrupts.insisted:
            raise
        # Ctrl-C met a step that cannot be left half-way: a run that is cut short from its start still has an answer
        interrupts.hold()
        sweeps = min(max_sweeps or QUICK_SWEEPS, QUICK_SWEEPS)
        quick = solve(instance, gap=gap, max_sweeps=sweeps, on_progress=narrate)
        return quick if quick.proven_optimal else replace(quick, status=CutStatus.INTERRUPTED)


def _verified(text: str, instance: WeightedGraph) -> bool:
    """Check the record as it is written, not the object it came from."""
    import json

    from derandkit.certificates import verify as check

    outcome = check(json.loads(text), instance)
    for failed in (c for c in outcome.checks if not c.passed):
        click.echo(f"derandkit: check {failed.name} failed: {failed.detail}", err=True)
    return outcome.ok


def _cut_as(result: MaxCutResult, text: str, output_format: str) -> str:
    if output_format == "json":
        return text
    if output_format == "tsv":
        from derandkit.report import sides_tsv

        return sides_tsv(result)
    return f"{result}\n"


def _print(text: str) -> None:
    """Write to stdout; a reader that went away (head, a closed pager) is no error of ours."""
    try:
        click.echo(text, nl=False)
    except OSError as error:
        # what Python still flushes at exit must find a descriptor that takes it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise InputError(f"standard output cannot be written: {error.strerror}") from None
