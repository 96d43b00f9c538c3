"""Options that several verbs have, each written once; a verb says in its own words what they do for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import click

from derandkit.cli.common import FILE, Between, F, Option, stacked
from derandkit.features.options import ALPHA, KERNELS, NU, WIDTHS, Width, checked_gamma, checked_length


def choice(name: str, values: Sequence[str], default: str, text: str) -> Option:
    """Return an option that takes one of several words, and shows its default."""
    metavar = None
    if len(" | ".join(values)) > 60:  # click would not break the line
        metavar, text = "WORD", f"{text} One of {', '.join(values)}."
    return click.option(
        name, type=click.Choice(values), metavar=metavar, default=default, show_default=True, help=text
    )


def output(text: str, *, metavar: str = "FILE") -> Option:
    """Return ``-o``, where the result is written."""
    return click.option("-o", "--output", metavar=metavar, type=FILE, help=text)


def printed(kinds: Sequence[str], text: str) -> Option:
    """Return ``--format``, what is printed: the first kind by default."""
    return click.option(
        "--format", "output_format", type=click.Choice(kinds), default=kinds[0], show_default=True, help=text
    )


def time_limit(text: str) -> Option:
    """Return ``--time-limit``, in seconds."""
    return click.option("--time-limit", type=Between(0.0), metavar="SECONDS", help=text)


def seed(text: str) -> Option:
    """Return ``--rng``, the seed of what is random."""
    return click.option("--rng", type=click.IntRange(min=0), metavar="SEED", help=text)


#: Columns of a table of points: those that are used, those that are not, and one that names the points.
columns = click.option(
    "--columns",
    metavar="NAMES",
    help="Columns to use, by name or number, separated by commas (text, parquet).",
)
header = click.option(
    "--header/--no-header",
    default=None,
    help="Whether the first line of a table names its columns; by default its words decide.",
)
drop = click.option("--drop", metavar="NAMES", help="Columns to leave out.")
label = click.option(
    "--label", metavar="NAME", help="Column that is a label and not a coordinate; tsv output repeats it."
)


def plot(text: str) -> Option:
    """Return ``--plot``, where a picture is drawn."""
    return click.option("--plot", metavar="FILE", type=FILE, help=text)


def width(command: F) -> F:
    """Add ``--gamma``, the width of a Gaussian kernel."""
    return click.option(
        "--gamma",
        default="median",
        show_default=True,
        metavar="NUMBER|" + "|".join(WIDTHS),
        callback=_width,
        help="gamma of the kernel exp(-gamma |x - y|^2): a number; median: 1 / (2 median of squared distances); "
        "scale: the rule of scikit-learn.",
    )(command)


def kernel(command: F) -> F:
    """Add ``--kernel``, ``--length-scale``, ``--nu`` and ``--alpha``: another kernel than the Gaussian one."""
    return stacked(
        choice(
            "--kernel",
            KERNELS,
            "gaussian",
            "The kernel; the others take --length-scale in place of --gamma.",
        ),
        click.option(
            "--length-scale",
            default="median",
            show_default=True,
            metavar="NUMBER|median",
            callback=_length_scale,
            help="Length of the other kernels: a number; median: the root of the median of squared distances.",
        ),
        click.option(
            "--nu",
            type=float,
            default=NU,
            show_default=True,
            metavar="0.5|1.5|2.5",
            help="Smoothness of a matern kernel.",
        ),
        click.option(
            "--alpha",
            type=float,
            default=ALPHA,
            show_default=True,
            metavar="NUMBER",
            help="Exponent of a rational_quadratic kernel, from 0.1 to 1000.",
        ),
    )(command)


def _length_scale(_context: click.Context, _option: click.Parameter, value: str) -> float | Literal["median"]:
    """Return a number, or the name of the rule."""
    try:
        number = float(value)
    except ValueError:
        return checked_length(value)
    return checked_length(number)


def _width(_context: click.Context, _option: click.Parameter, value: str) -> float | Width:
    """Return a number, or the name of a rule."""
    try:
        number = float(value)
    except ValueError:
        return checked_gamma(value)
    return checked_gamma(number)


def report(command: F) -> F:
    """Add ``--report``, a page to look at."""
    return click.option(
        "--report",
        metavar="FILE",
        type=FILE,
        help="Write an HTML page to FILE: the answer, what each number means, pictures, how to check it.",
    )(command)


def checked_and_quiet(command: F) -> F:
    """Add ``--no-verify`` and ``--quiet``."""
    return stacked(
        click.option("--no-verify", is_flag=True, help="Skip the independent check of the result."),
        click.option("-q", "--quiet", is_flag=True, help="No progress display."),
    )(command)
