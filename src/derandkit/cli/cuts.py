"""``derandkit maxcut``."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import click

from derandkit.cli import options as option
from derandkit.cli.common import (
    FILE,
    check_endings,
    check_targets,
    checked_record,
    conclude,
    duality_gap_option,
    graph_options,
    keep_inputs,
    print_text,
    read_graph_file,
)
from derandkit.cli.group import main
from derandkit.cli.output import Outputs
from derandkit.errors import DerandkitError, InputError
from derandkit.runtime.signals import Signals
from derandkit.signs.options import (
    BOUNDS,
    DERANDOMIZERS,
    RELAXATIONS,
    SEARCHES,
    Bound,
    Derandomizer,
    Relaxation,
    SearchName,
)

if TYPE_CHECKING:
    from derandkit.cuts.result import MaxCutResult
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.signs.search.search import SearchEffort


@main.command(short_help="Find a large cut of a graph, with a certified bound.")
@click.argument("graphs", nargs=-1, required=True, metavar="GRAPH...", type=FILE)
@graph_options
@option.output(
    "Write the result (JSON with its certificate) to FILE; those of several graphs to FOLDER.",
    metavar="FILE|FOLDER/",
)
@option.printed(
    ["text", "json", "tsv"],
    "What to print: a table, the record, or one 'label side' line a vertex, in the order of the labels.",
)
@option.choice("--method", DERANDOMIZERS, "lemma", "The derandomizer.")
@option.choice("--relaxation", RELAXATIONS, "lowrank", "How the semidefinite relaxation is solved.")
@duality_gap_option
@click.option(
    "--max-sweeps",
    type=click.IntRange(min=1),
    help="Most passes of the relaxation over the vertices; by default about a minute of work.",
)
@option.choice(
    "--search",
    ["none", *SEARCHES],
    "auto",
    "Improve the derandomized cut by a search. quick: about 3 seconds of work; thorough: about 60; auto: a part "
    "of the time of the rest, at most as much as quick. The cut is the same every time.",
)
@click.option(
    "--trajectories",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Independent searches, one thread each, whose cuts are combined; the same result on all machines.",
)
@option.time_limit("Seconds for the whole run; the result then depends on the machine.")
@option.choice(
    "--bound",
    BOUNDS,
    "auto",
    "Upper bound. sdp: semidefinite; cycle: also odd cycles; best: also what else suits the graph, with branching; "
    "auto: a proof of half a second for small or sparse graphs.",
)
@click.option(
    "--fix",
    "fixed",
    type=(str, click.IntRange(0, 1)),
    multiple=True,
    metavar="VERTEX SIDE",
    help="Put a vertex on side 0 or 1; may be given several times. The bound then holds for such cuts only.",
)
@click.option("--same", type=(str, str), multiple=True, metavar="U V", help="Two vertices on the same side.")
@click.option(
    "--opposite", type=(str, str), multiple=True, metavar="U V", help="Two vertices on opposite sides."
)
@click.option(
    "--start",
    metavar="FILE",
    type=FILE,
    help="A cut to start from: a record, JSON {label: side}, or one 'label side' line a vertex (--format tsv). The "
    "result is never worse, but for rounding.",
)
@click.option(
    "--solutions",
    type=click.IntRange(min=1),
    metavar="K",
    help="Keep the K greatest different cuts that are found; --format tsv then has a column for each.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes for several graphs, at most one a graph; threads for one graph, whose answer is the same for any "
    "number. By default one a core.",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Solve several graphs on the cluster of this dask scheduler; its workers find the files by the same paths.",
)
@option.plot("Draw the graph with its cut, the chain and the path to FILE (needs matplotlib).")
@option.report
@option.checked_and_quiet
def maxcut(
    graphs: tuple[str, ...],
    reading: dict[str, Any],
    output: str | None,
    output_format: str,
    method: Derandomizer,
    relaxation: Relaxation,
    duality_gap: float,
    max_sweeps: int | None,
    search: SearchName | Literal["none"],
    trajectories: int,
    time_limit: float | None,
    bound: Bound,
    fixed: tuple[tuple[str, int], ...],
    same: tuple[tuple[str, str], ...],
    opposite: tuple[tuple[str, str], ...],
    start: str | None,
    solutions: int | None,
    workers: int | None,
    dask: str | None,
    plot: str | None,
    report: str | None,
    no_verify: bool,
    quiet: bool,
) -> None:
    """Find a large cut of GRAPH (a file, or - for standard input) and a certified upper bound.

    Several graphs are solved side by side: one line each on standard output, one record each in the folder of -o, named
    after the graph.

    \b
    Example:
      derandkit maxcut graph.edgelist -o cut.json
      derandkit verify cut.json graph.edgelist
      derandkit maxcut *.edgelist -o results/
    """  # noqa: D301
    if trajectories > 1 and search in ("none", "auto"):
        raise InputError(
            "--trajectories says how many searches there are; it needs --search quick or thorough"
        )
    solving: dict[str, Any] = {
        "relaxation": relaxation,
        "method": method,
        "duality_gap": duality_gap,
        "max_sweeps": max_sweeps,
        "search": None if search == "none" else _effort(search, trajectories),
        "bound": bound,
        "time_limit": time_limit,
        "solutions": solutions,
    }
    if len(graphs) > 1 or dask is not None or (output is not None and output.endswith(("/", os.sep))):
        for name, given in (
            ("--plot", plot is not None),
            ("--report", report is not None),
            ("--format", output_format != "text"),
        ):
            if given:
                raise InputError(
                    f"{name} is for one graph; with several, each has its record in the folder of -o"
                )
        if output is not None and output.endswith(".json"):
            raise InputError(
                f"-o names the folder of several records, and {output} looks like a file; end a folder with '/'"
            )
        if fixed or same or opposite or start is not None:
            raise InputError("--fix, --same, --opposite and --start are about the vertices of one graph")
        from derandkit.cli.many import solve_many

        code = solve_many(
            graphs, output, reading=reading, solving=solving, check=not no_verify, workers=workers, dask=dask,
            quiet=quiet,
        )  # fmt: skip
        sys.exit(code)
    if len(dict(fixed)) < len(set(fixed)):
        raise InputError("--fix puts a vertex on both sides")
    graph = graphs[0]
    check_targets(graph, output=output, plot=plot, report=report)
    keep_inputs((start,), plot, report)  # a record may take the place of the one it starts from
    check_endings(output=output, report=report)
    instance = read_graph_file(graph, reading, describe=not quiet)
    if fixed or same or opposite:
        solving |= _constraints(instance, fixed, same, opposite)
    if start is not None:
        from derandkit.cuts.starts import read_start_file

        solving["start"] = read_start_file(instance, start)
    from derandkit.cli.narration import narrator
    from derandkit.cuts.solve import maxcut as solve
    from derandkit.runtime.threads import with_threads

    with Signals() as signals:
        with narrator(quiet=quiet) as narrate, with_threads(workers):
            result = solve(instance, on_progress=narrate, on_interrupt="return", **solving)
        text = result.to_json()
        unwritten: list[DerandkitError] = []
        outcome = None if no_verify else checked_record(text, instance, unwritten)
        outputs = Outputs(text, output, output_format, unwritten)
        if plot is not None:
            with outputs.file():
                _draw(result, instance, graph, plot)
        if report is not None:
            from derandkit.plots.layout import file_positions
            from derandkit.reports.report import write_report

            with outputs.file():
                write_report(
                    result,
                    report,
                    instance,
                    positions=file_positions(graph, instance.labels),
                    outcome=outcome,
                    source=graph,
                    record=outputs.record,
                    reading=reading,
                )
        shown = outputs.shown(lambda: _table(result, instance), lambda: _columns(result))
        print_text(shown, data=outputs.printed != "text")
    conclude(
        signals,
        result.status,
        verified=outcome is None or outcome.ok,
        unwritten=unwritten,
        complete=_what_was_complete(result),
    )


def _what_was_complete(result: MaxCutResult) -> str:
    """Say of what a late signal has met how far it had come: the status is that of the best cut alone."""
    from derandkit.cuts.ranking import RankedCutsResult

    short = isinstance(result, RankedCutsResult) and result.shortened
    return "the best cut was complete, the search for others was not" if short else "the run was complete"


def _constraints(
    instance: WeightedGraph,
    fixed: tuple[tuple[str, int], ...],
    same: tuple[tuple[str, str], ...],
    opposite: tuple[tuple[str, str], ...],
) -> dict[str, Any]:
    """Turn the words of the command line into labels of the graph."""
    labels = {str(label): label for label in instance.labels}
    if len(labels) < instance.n:
        raise InputError("two vertices have the same text; name them in Python with fixed= and pairs=")
    sides = {labels.get(name, name): side for name, side in fixed}
    relations = [(same, "same"), (opposite, "opposite")]
    pairs = [(labels.get(u, u), labels.get(v, v), how) for given, how in relations for u, v in given]
    return {"fixed": sides, "pairs": pairs}


def _effort(name: SearchName, trajectories: int) -> SearchName | SearchEffort:
    """Return the named effort, multiplied if there are several trajectories; a name alone costs no import."""
    if trajectories == 1 or name == "auto":
        return name
    from derandkit.signs.search.search import SearchEffort

    return replace(
        SearchEffort.of(name), work=trajectories * SearchEffort.of(name).work, trajectories=trajectories
    )


def _draw(result: MaxCutResult, instance: WeightedGraph, source: str, target: str) -> None:
    """Draw the graph beside its chain and path; of a graph that is too large, chain and path alone."""
    from derandkit.plots.cuts import plot_cut, plot_maxcut
    from derandkit.plots.layout import LARGEST, file_positions

    positions = file_positions(source, instance.labels)
    if instance.n > LARGEST and positions is None:
        plot_maxcut(result, target)
    else:
        plot_cut(instance, result, target, positions=positions)


def _table(result: MaxCutResult, instance: WeightedGraph) -> str:
    from derandkit.datasets.instances import identify_graph
    from derandkit.tables import aligned

    return f"{aligned(result.table_rows(identify_graph(instance)))}\n"


def _columns(result: MaxCutResult) -> str:
    from derandkit.cuts.ranking import RankedCutsResult
    from derandkit.cuts.table import columns_tsv, sides_tsv

    if isinstance(result, RankedCutsResult):
        return columns_tsv(result.labels, [cut.signs for cut in result.solutions])
    return sides_tsv(result.sides)
