"""``derandkit features``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from derandkit.cli import options as option
from derandkit.cli.common import FILE, check_endings, check_targets, conclude
from derandkit.cli.group import main
from derandkit.cli.images import deliver, read_points
from derandkit.errors import DerandkitError, InputError
from derandkit.features.options import METHODS, KernelName, Method, Width
from derandkit.runtime.signals import Signals

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from derandkit.points.columns import TableOptions


@main.command(short_help="Features for a kernel of points.")
@click.argument("points", type=FILE)
@click.option(
    "-n",
    "--n-features",
    type=click.IntRange(min=2),
    required=True,
    help="Number of features, even: a cosine and a sine for each frequency.",
)
@option.width
@option.kernel
@option.output("Write the result (JSON with the frequencies) to FILE.")
@click.option("--features", metavar="FILE", type=FILE, help="Write the features of the points to FILE (npy).")
@option.printed(
    ["text", "json", "tsv"], "What to print: a table, the record, or the features, one line a point."
)
@option.choice("--method", METHODS, "lemma", "The derandomizer.")
@option.table_options
@option.time_limit(
    "Seconds after which the best features so far are measured; the result then depends on the machine."
)
@option.plot("Draw the errors of the kernel over all pairs to FILE (needs matplotlib).")
@option.report
@option.checked_and_quiet
def features(
    points: str,
    n_features: int,
    gamma: float | Width,
    kernel: KernelName,
    length_scale: float | Literal["median"],
    nu: float,
    alpha: float,
    time_limit: float | None,
    output: str | None,
    features: str | None,
    output_format: str,
    method: Method,
    chosen: TableOptions,
    plot: str | None,
    report: str | None,
    no_verify: bool,
    quiet: bool,
) -> None:
    """Find features of POINTS (a file, or - for standard input) whose inner products are a kernel.

    \b
    Example:
      derandkit features points.npy -n 128 -o features.json
      derandkit features points.npy -n 64 --kernel matern --nu 2.5
      derandkit verify features.json points.npy
    """  # noqa: D301
    check_targets(points, output=output, features=features, plot=plot, report=report)
    check_endings(output=output, features=features, report=report)
    if n_features % 2:
        raise InputError(
            f"--n-features counts cosines and sines, so it is even: {n_features - 1} or {n_features + 1}"
        )
    table = read_points(points, chosen, quiet=quiet)
    cloud = table.cloud
    from derandkit.cli.narration import narrator
    from derandkit.features.solve import random_features

    with Signals() as signals:
        with narrator(quiet=quiet) as narrate:
            result = random_features(
                cloud,
                n_features,
                gamma=gamma,
                kernel=kernel,
                length_scale=length_scale,
                nu=nu,
                alpha=alpha,
                method=method,
                time_limit=time_limit,
                on_progress=narrate,
                on_interrupt="return",
            )

        def draw() -> Figure:
            from derandkit.plots.features import plot_errors

            return plot_errors(result, cloud)

        unwritten: list[DerandkitError] = []
        holds = deliver(
            result,
            table,
            points=points,
            chosen=chosen,
            output=output,
            images=features,
            plot=plot,
            draw=draw,
            report=report,
            output_format=output_format,
            no_verify=no_verify,
            unwritten=unwritten,
        )
    conclude(signals, result.status, verified=holds, unwritten=unwritten)
