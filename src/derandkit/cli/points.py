"""``derandkit embed``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from derandkit.cli import options as option
from derandkit.cli.common import FILE, check_endings, check_targets, conclude, renamed_option
from derandkit.cli.group import main
from derandkit.cli.images import deliver, read_points
from derandkit.embeddings.options import (
    COMPLEMENTS,
    METHODS,
    NEW_POINTS,
    OBJECTIVES,
    Complement,
    Method,
    NewPoints,
    Objective,
)
from derandkit.errors import DerandkitError, InputError
from derandkit.runtime.signals import Signals

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from derandkit.points.columns import TableOptions


@main.command(short_help="Map points to few dimensions; distances are kept.")
@click.argument("points", type=FILE)
@click.option("-k", "--n-components", type=click.IntRange(min=1), help="Number of dimensions of the map.")
@renamed_option("--dimension", "--n-components", type=click.IntRange(min=1))
@click.option(
    "--eps",
    type=float,
    help="Largest distortion allowed; the smallest dimension found with at most this is used.",
)
@option.output("Write the result (JSON with the map) to FILE.")
@click.option("--embedded", metavar="FILE", type=FILE, help="Write the embedded points to FILE (npy).")
@option.printed(
    ["text", "json", "tsv"], "What to print: a table, the record, or the embedded points, one line a point."
)
@option.choice(
    "--objective",
    OBJECTIVES,
    "max",
    "What is minimised: the distortion of the worst pair, the mean of squares, or the mean of fourth powers.",
)
@option.choice("--method", METHODS, "lemma", "The derandomizer.")
@click.option(
    "--holdout/--no-holdout", default=True, show_default=True, help="Estimate the distortion of new points."
)
@option.choice(
    "--new-points",
    NEW_POINTS,
    "distances",
    "Purpose of the map for new points: distances of the right size, or their nearest given points.",
)
@click.option(
    "--complement",
    type=click.Choice(COMPLEMENTS),
    help="What the map does to directions in which the given points do not differ; by default what --new-points needs.",
)
@option.table_options
@click.option(
    "--ridge",
    type=float,
    help="Greater: better for new points; smaller: better for the given points. Chosen on held-out pairs by default.",
)
@option.time_limit(
    "Seconds after which the best map so far is measured; the result then depends on the machine."
)
@option.plot("Draw the ratios of all pairs to FILE (needs matplotlib).")
@option.report
@option.checked_and_quiet
def embed(
    points: str,
    n_components: int | None,
    time_limit: float | None,
    eps: float | None,
    output: str | None,
    embedded: str | None,
    output_format: str,
    objective: Objective,
    method: Method,
    holdout: bool,
    new_points: NewPoints,
    complement: Complement | None,
    ridge: float | None,
    chosen: TableOptions,
    plot: str | None,
    report: str | None,
    no_verify: bool,
    quiet: bool,
) -> None:
    """Map POINTS (a file, or - for standard input) to few dimensions, keeping all pairwise distances.

    \b
    Example:
      derandkit embed points.npy -k 20 -o map.json
      derandkit verify map.json points.npy
    """  # noqa: D301
    if (n_components is None) == (eps is None):
        raise InputError("give either a dimension (-k 20) or a distortion (--eps 0.3)")
    check_targets(points, output=output, embedded=embedded, plot=plot, report=report)
    check_endings(output=output, embedded=embedded, report=report)
    table = read_points(points, chosen, quiet=quiet)
    cloud = table.cloud
    from derandkit.cli.narration import narrator
    from derandkit.embeddings.solve import embed as solve

    with Signals() as signals:
        with narrator(quiet=quiet) as narrate:
            result = solve(
                cloud,
                n_components=n_components,
                eps=eps,
                objective=objective,
                method=method,
                holdout=holdout,
                new_points=new_points,
                complement=complement,
                ridge=ridge,
                time_limit=time_limit,
                on_progress=narrate,
                on_interrupt="return",
            )

        def draw() -> Figure:
            from derandkit.plots.embeddings import plot_ratios

            return plot_ratios(result, cloud)

        unwritten: list[DerandkitError] = []
        holds = deliver(
            result,
            table,
            points=points,
            chosen=chosen,
            output=output,
            images=embedded,
            plot=plot,
            draw=draw,
            report=report,
            output_format=output_format,
            no_verify=no_verify,
            unwritten=unwritten,
        )
    conclude(signals, result.status, verified=holds, unwritten=unwritten)
