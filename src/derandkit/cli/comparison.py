"""``derandkit compare``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, cast

import click
from click.core import ParameterSource

from derandkit.cli import options as option
from derandkit.cli.common import (
    FILE,
    check_targets,
    duality_gap_option,
    graph_and_notes,
    graph_options,
    print_text,
    renamed_option,
    say_reading,
)
from derandkit.cli.group import main
from derandkit.cli.output import say
from derandkit.comparison.options import CUT_METHODS, EMBEDDING_METHODS, CutMethod, EmbeddingMethod
from derandkit.errors import InputError
from derandkit.runtime.processes import BACKENDS, Backend
from derandkit.runtime.signals import Signals, exit_code

if TYPE_CHECKING:
    from derandkit.comparison.options import ProblemName
    from derandkit.comparison.run import ComparisonRow
    from derandkit.graphs.graph import WeightedGraph

#: Options that mean nothing for points, and why.
_FOR_GRAPHS = {
    "input_format": "is for graphs",
    "weight": "is for graphs",
    "unweighted": "is for graphs",
    "header": "is for graphs",
    "separator": "is for graphs",
    "comments": "is for graphs",
    "symmetrize": "is for graphs",
    "duality_gap": "is for graphs",
    "gap": "is for graphs",
    "local_search": "is for graphs: embeddings have no local search",
    "both": "is for graphs: embeddings have no local search",
}


@main.command(short_help="Run several methods on graphs or points, side by side.")
@click.argument("instances", nargs=-1, required=True, metavar="INSTANCE...", type=FILE)
@click.option(
    "-k",
    "--n-components",
    type=click.IntRange(min=1),
    help="Compare embeddings: the INSTANCEs are files of points, mapped to this many dimensions.",
)
@renamed_option("--dimension", "--n-components", type=click.IntRange(min=1))
@graph_options
@click.option(
    "--methods",
    metavar="A,B,...",
    help=f"{', '.join(CUT_METHODS)}; by default all but hyperplane-time, whose row depends on the clock. "
    f"With -k: {', '.join(EMBEDDING_METHODS)}; by default all.",
)
@option.printed(["text", "json", "csv"], "What to print: a table, a list of rows, or one line a row.")
@click.option(
    "--local-search/--no-local-search",
    default=False,
    show_default=True,
    help="Follow every method by the same one-flip local search.",
)
@click.option("--both", is_flag=True, help="Rows without and with local search.")
@option.seed(
    "Seed of the randomized baselines: the same rows every time. Without it other numbers every time."
)
@click.option(
    "--draws",
    type=click.IntRange(min=1),
    help="Random hyperplanes of hyperplane and hyperplane-best (1000 by default), or random projections of gaussian, "
    "gaussian-best and sparse (100).",
)
@duality_gap_option
@click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes, one an instance."
)
@option.choice(
    "--backend",
    BACKENDS,
    "loky",
    "joblib's backend; dask uses the scheduler of DASK_SCHEDULER_ADDRESS, or starts a local cluster.",
)
@option.plot("Draw values against bound and expectation (needs matplotlib).")
@option.report
@click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
@click.pass_context
def compare(
    context: click.Context,
    instances: tuple[str, ...],
    n_components: int | None,
    reading: dict[str, Any],
    methods: str | None,
    output_format: str,
    local_search: bool,
    both: bool,
    rng: int | None,
    draws: int | None,
    duality_gap: float,
    workers: int,
    backend: Backend,
    plot: str | None,
    report: str | None,
    quiet: bool,
) -> None:
    """Run several methods on each INSTANCE: a graph file, the name of a benchmark graph such as G1, or points with -k.

    \b
    Example:
      derandkit compare G1 G14 --methods lemma,conditional,hyperplane-best
      derandkit compare *.mtx --both --workers 2 --format csv
      derandkit compare points.npy -k 20 --methods lemma,gaussian,pca
    """  # noqa: D301
    options: dict[str, Any] = {}
    if n_components is not None:
        for name, reason in _FOR_GRAPHS.items():
            if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
                raise InputError(f"--{name.replace('_', '-')} {reason}; leave it out with -k")
        options = {"n_components": n_components}
    for instance in instances:
        check_targets(instance, plot=plot, report=report)
    from derandkit.cli.narration import narrator
    from derandkit.comparison.run import checked_methods
    from derandkit.comparison.run import compare as run

    names = None if methods is None else [name.strip() for name in methods.split(",") if name.strip()]
    problem: ProblemName = "maxcut" if n_components is None else "embedding"
    checked_methods(names, problem)  # a wrong name is refused before any file is read
    rows: list[ComparisonRow] = []
    read: dict[str, tuple[WeightedGraph, list[str]]] = {}
    interrupted = False

    with Signals() as signals, narrator(quiet=quiet) as narrate:
        try:
            if n_components is None:
                read = {
                    instance: graph_and_notes(instance, **reading) for instance in dict.fromkeys(instances)
                }
            run(
                {instance: graph for instance, (graph, _) in read.items()} or instances,
                methods=cast("list[CutMethod | EmbeddingMethod] | None", names),
                rng=rng,
                local_search="both" if both else local_search,
                workers=workers,
                backend=backend,
                draws=draws,
                duality_gap=duality_gap,
                problem=problem,
                on_rows=rows.extend,
                on_progress=narrate,
                **options,
            )
        except KeyboardInterrupt:
            if not rows:
                raise
            interrupted = True
        if not quiet:
            for instance in dict.fromkeys(row.instance for row in rows):
                if os.path.exists(instance) and instance in read:  # no benchmark graph by its name
                    say_reading(instance, *read[instance], describe=True)
        if plot is not None:
            from derandkit.plots.comparison import plot_comparison

            plot_comparison(rows, plot)
        if report is not None:
            from derandkit.records import write_atomically
            from derandkit.reports.report import comparison_page

            write_atomically(report, comparison_page(rows))
        from derandkit.comparison import table

        written = {
            "text": table.comparison_table,
            "json": table.comparison_json,
            "csv": table.comparison_csv,
        }
        print_text(written[output_format](rows))
    if interrupted or signals.requested:
        say("interrupted: these are the instances that were complete")
        sys.exit(exit_code())
