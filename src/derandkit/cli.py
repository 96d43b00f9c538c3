"""The command line: one verb a question, data on stdout, narration on stderr.

Exit codes: 0 solved and verified; 1 ran but not verified; 2 bad usage or input, with one line saying what is wrong;
130 interrupted, after the best answer so far was written. Nothing heavy is imported before a verb needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from derandkit.errors import DerandkitError, InputError

if TYPE_CHECKING:
    from derandkit.cuts.result import MaxCutResult

F = TypeVar("F", bound=Callable[..., Any])

GRAPH_FORMATS = ("auto", "edgelist", "rudy", "matrixmarket", "graphml", "gml", "npz")
EXIT_NOT_VERIFIED = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


class _Verbs(click.Group):
    """A group that turns the errors a user can cause into one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DerandkitError as error:
            click.echo(f"derandkit: {' '.join(str(error).split())}", err=True)
            ctx.exit(EXIT_BAD_INPUT)
        except BrokenPipeError:
            # the reader of our stdout went away (head, a closed pager): not an error of ours
            sys.stderr.close()
            ctx.exit(0)
        except KeyboardInterrupt:
            click.echo("derandkit: interrupted before there was an answer", err=True)
            ctx.exit(EXIT_INTERRUPTED)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="derandkit", prog_name="derandkit")
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
    default=20000,
    show_default=True,
    help="Limit of the relaxation.",
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
    max_sweeps: int,
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
    for target in (output, plot):
        _check_target(target)
    instance = _read_graph(graph, input_format, weight, unweighted)
    from derandkit.cuts.solve import maxcut as solve
    from derandkit.narration import narrator

    with narrator(quiet=quiet) as narrate:
        result = solve(
            instance,
            relaxation=relaxation,
            method=method,
            gap=gap,
            max_sweeps=max_sweeps,
            on_progress=narrate,
        )
    text = result.to_json()
    verified = no_verify or _verified(text, instance)
    if output is not None:
        from derandkit.io.records import write_atomically

        write_atomically(output, text)
    if plot is not None:
        from derandkit.plots import plot_maxcut

        plot_maxcut(result, plot)
    _print_cut(result, text, output_format)
    if result.status.name == "INTERRUPTED":
        sys.exit(EXIT_INTERRUPTED)
    if not verified:
        sys.exit(EXIT_NOT_VERIFIED)


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
        click.echo("".join(f"{name}\n" for name in outcome.failed), nl=False)
    else:
        click.echo(str(outcome))
    if not outcome.ok:
        click.echo(f"derandkit: verification failed: {', '.join(outcome.failed)}", err=True)
        sys.exit(EXIT_NOT_VERIFIED)


@main.command()
def info() -> None:
    """Print versions, and where compiled kernels are cached."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    rows = [("derandkit", version("derandkit")), ("python", platform.python_version())]
    required = ("numpy", "scipy", "networkx", "numba", "cvxpy", "click", "rich")
    rows.extend((package, version(package)) for package in required)
    for package, extra in (("scikit-learn", "sklearn"), ("matplotlib", "plot"), ("jax", "structure")):
        try:
            rows.append((package, version(package)))
        except PackageNotFoundError:
            rows.append((package, f"not installed (extra: {extra})"))
    import os

    cache = os.environ.get("NUMBA_CACHE_DIR", "beside the installed package, else the user's cache folder")
    rows.append(("kernel cache", cache))
    from derandkit.report import aligned

    click.echo(aligned(rows))


def _check_target(target: str | None) -> None:
    """Refuse an output path that cannot be written before any work is done."""
    if target is None:
        return
    path = Path(target)
    if path.is_dir():
        raise InputError("is a directory; name a file to write", path=target)
    if not path.parent.is_dir():
        raise InputError(f"the folder {str(path.parent)!r} does not exist", path=target)


def _read_graph(path: str, input_format: str, weight: str, unweighted: bool) -> Any:
    from derandkit.io.graphs import read_graph

    graph = read_graph(path, input_format=input_format, weight=weight)
    if graph.dropped_loops:
        click.echo(f"derandkit: dropped {graph.dropped_loops} self-loops, which no cut counts", err=True)
    if graph.merged_edges:
        click.echo(f"derandkit: added {graph.merged_edges} parallel edges to their first", err=True)
    return graph.unweighted() if unweighted else graph


def _verified(text: str, instance: Any) -> bool:
    """Check the record as it is written, not the object it came from."""
    import json

    from derandkit.certificates import verify as check

    outcome = check(json.loads(text), instance)
    for failed in (c for c in outcome.checks if not c.passed):
        click.echo(f"derandkit: check {failed.name} failed: {failed.detail}", err=True)
    return outcome.ok


def _print_cut(result: MaxCutResult, text: str, output_format: str) -> None:
    if output_format == "json":
        click.echo(text, nl=False)
    elif output_format == "tsv":
        from derandkit.report import sides_tsv

        click.echo(sides_tsv(result), nl=False)
    else:
        click.echo(str(result))
