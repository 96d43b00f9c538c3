"""``derandkit features``."""

from __future__ import annotations

import click

from derandkit.cli import options as option
from derandkit.cli.common import FILE, check_targets, checked_record, conclude, print_text
from derandkit.cli.group import main
from derandkit.cli.output import say
from derandkit.errors import InputError
from derandkit.features.options import METHODS, Method, Width
from derandkit.runtime.signals import Signals
from derandkit.tables import one_field


@main.command(short_help="Features for a Gaussian kernel of points.")
@click.argument("points", type=FILE)
@click.option(
    "-n",
    "--n-features",
    type=click.IntRange(min=2),
    required=True,
    help="Number of features, even: a cosine and a sine for each frequency.",
)
@option.width
@option.output("Write the result (JSON with the frequencies) to FILE.")
@click.option("--features", metavar="FILE", type=FILE, help="Write the features of the points to FILE (npy).")
@option.printed(
    ["text", "json", "tsv"], "What to print: a table, the record, or the features, one line a point."
)
@option.choice("--method", METHODS, "lemma", "The derandomizer.")
@click.option(
    "--columns",
    metavar="NAMES",
    help="Columns to use, by name or number, commas between (text, parquet).",
)
@option.time_limit(
    "Seconds after which the best features so far are measured; the result then depends on the machine."
)
@click.option("--drop", metavar="NAMES", help="Columns to leave out.")
@click.option(
    "--label", metavar="NAME", help="A column that is a label and no coordinate; tsv output repeats it."
)
@option.report
@option.checked_and_quiet
def features(
    points: str,
    n_features: int,
    gamma: float | Width,
    time_limit: float | None,
    output: str | None,
    features: str | None,
    output_format: str,
    method: Method,
    columns: str | None,
    drop: str | None,
    label: str | None,
    report: str | None,
    no_verify: bool,
    quiet: bool,
) -> None:
    """Find features of POINTS (a file, or - for standard input) whose inner products are a Gaussian kernel.

    \b
    Example:
      derandkit features points.npy -n 128 -o features.json
      derandkit verify features.json points.npy
    """  # noqa: D301
    check_targets(points, output=output, features=features, report=report)
    if n_features % 2:
        raise InputError(
            f"--n-features counts cosines and sines, so it is even: {n_features - 1} or {n_features + 1}"
        )
    from derandkit.points.files import read_table

    table = read_table(points, columns=columns, drop=drop, label=label)
    for note in table.notes:
        say(f"{note}")
    cloud = table.cloud
    from derandkit.cli.narration import narrator
    from derandkit.features.solve import random_features
    from derandkit.records import write_atomically

    with Signals() as signals:
        with narrator(quiet=quiet) as narrate:
            result = random_features(
                cloud,
                n_features,
                gamma=gamma,
                method=method,
                time_limit=time_limit,
                on_progress=narrate,
                on_interrupt="return",
            )
        text = result.to_json()
        outcome = None if no_verify else checked_record(text, cloud)
        image = result.transform(cloud)
        if output is not None:
            write_atomically(output, text)
        if features is not None:
            from io import BytesIO

            import numpy as np

            buffer = BytesIO()
            np.save(buffer, image)
            write_atomically(features, buffer.getvalue())
        if report is not None:
            from derandkit.reports.report import write_report

            write_report(result, report, cloud, outcome=outcome, source=points, record=output)
        if output_format == "json":
            print_text(text)
        elif output_format == "tsv":
            labels = table.labels or ()
            rows = [
                [*map(repr, row), *map(one_field, labels[i : i + 1])] for i, row in enumerate(image.tolist())
            ]
            print_text("".join("\t".join(row) + "\n" for row in rows))
        else:
            print_text(f"{result}\n")
    conclude(signals, result.status, verified=outcome is None or outcome.ok)
