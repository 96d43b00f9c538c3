"""Options that several verbs have, each written once; a verb says in its own words what they do for it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Literal, cast

import click

from derandkit.cli.common import FILE, Between, F, Option, header, stacked
from derandkit.errors import InputError
from derandkit.features.options import ALPHA, KERNELS, NU, WIDTHS, Width, checked_gamma, checked_length
from derandkit.models.options import SENSES, VARTYPES


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


#: How a file of a model is read, beside its format.
MODELS = ("sense", "vartype", "instance")


def model_options(command: F) -> F:
    """Add the options of `MODELS`."""
    return stacked(
        click.option(
            "--sense",
            type=click.Choice(SENSES),
            help="Look for the least or the greatest value; by default what the format means.",
        ),
        click.option(
            "--vartype", type=click.Choice(VARTYPES), help="Spins or bits, for COO files that do not say it."
        ),
        click.option(
            "--instance",
            type=click.IntRange(min=1),
            help="Number of the problem in an OR-Library file, from 1.",
        ),
    )(command)


#: What `column_options` adds.
COLUMNS = ("columns", "drop", "label")


def column_options(command: F) -> F:
    """Add the options that choose columns of a table; the command gets them in one dictionary, `chosen`.

    Every verb that reads points or tables has them: a refusal of the readers may name any of them.
    """
    options = (
        click.option(
            "--columns",
            metavar="NAMES",
            help="Columns of a table of points to use, by name or number from 1, separated by commas (text, parquet).",
        ),
        click.option("--drop", metavar="NAMES", help="Columns of a table of points to leave out."),
        click.option(
            "--label",
            metavar="NAME",
            help="Column of a table of points that is a label and not a coordinate; tsv output repeats it.",
        ),
    )

    @functools.wraps(command)
    def collected(**given: object) -> object:
        return command(chosen={name: given.pop(name) for name in COLUMNS}, **given)

    return cast("F", stacked(*options)(collected))


def refuse_columns(chosen: Mapping[str, object], what: str) -> None:
    """Refuse `column_options` where no table of points is read.

    Raises
    ------
    InputError
        One is given.
    """
    for name, value in chosen.items():
        if value is not None:
            raise InputError(f"--{name} chooses columns of a table of points; leave it out for {what}")


def table_options(command: F) -> F:
    """Add `column_options` and ``--header`` to a verb that reads no graphs; all are in `chosen`."""

    @functools.wraps(command)
    def collected(chosen: dict[str, object], **given: object) -> object:
        return command(chosen={**chosen, "header": given.pop("header")}, **given)

    return column_options(header(cast("F", collected)))


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
