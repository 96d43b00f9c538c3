"""``derandkit verify`` and ``derandkit info``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from derandkit import __version__
from derandkit.cli import options as option
from derandkit.cli.common import FILE, READING, graph_options, noted, print_text, read_graph_file
from derandkit.cli.group import EXIT_NOT_OK, main
from derandkit.cli.images import read_points
from derandkit.cli.output import note, say
from derandkit.errors import InputError, MissingDependencyError
from derandkit.words.digits import digits_above
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.certificates.checks import Verification
    from derandkit.points.columns import TableOptions
    from derandkit.records import JsonMapping

#: Records whose instance is a table of points.
_POINTS = ("derandkit-embedding", "derandkit-features", "derandkit-structure")
#: Records of cuts, whose instance is a graph.
_CUTS = ("derandkit-maxcut", "derandkit-constrained-cut", "derandkit-ranked-cuts")


@main.command(short_help="Check a result with none of the solver's code.")
@click.argument("result", type=FILE)
@click.argument("instance", type=FILE)
@graph_options
@option.column_options
@click.option("--strict", is_flag=True, help="Do not count a random test (of a tested bound) as a check.")
@click.option(
    "--allow-work",
    type=float,
    default=1.0,
    show_default=True,
    help="Limit of work of one check, as a multiple of the usual one.",
)
@click.option(
    "--rng",
    type=click.IntRange(min=0),
    help="Seed of the random test of a tested bound, to repeat a run; by default from the system's entropy.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print failed checks only.")
@click.pass_context
def verify(
    context: click.Context,
    result: str,
    instance: str,
    reading: dict[str, Any],
    chosen: TableOptions,
    strict: bool,
    allow_work: float,
    rng: int | None,
    quiet: bool,
) -> None:
    """Check every claim of RESULT (a JSON file) against INSTANCE, with none of the solver's code.

    Statements are printed in groups: failed, not checked, recomputed, proven. Exit code 0 if all that the headline
    rests on is proven or recomputed, 1 if not.

    \b
    Example:
      derandkit maxcut graph.edgelist -o cut.json
      derandkit verify cut.json graph.edgelist
      derandkit verify map.json points.npy --strict
    """  # noqa: D301
    from derandkit.cli.narration import narrator
    from derandkit.records import read_record
    from derandkit.verification import verify as check

    record = read_record(result)
    _refuse_options(context, record, instance)
    loaded = _instance_of(record, instance, reading, chosen)
    with narrator(quiet=quiet) as narrate:
        outcome = check(record, loaded, allow_work=allow_work, rng=rng, on_progress=narrate)
    if quiet:
        print_text("".join(f"{name}\n" for name in outcome.failed))
    else:
        print_text(f"{_on_screen(outcome.worst_first())}\n")
    if not outcome.ok:
        say(f"verification failed: {', '.join(outcome.failed)}")
        sys.exit(EXIT_NOT_OK)
    if strict and not outcome.strict:
        chance = outcome.error_probability
        say(f"--strict: a false statement passes with a chance of up to {digits_above(chance, 3)}")
        sys.exit(EXIT_NOT_OK)


def _on_screen(outcome: Verification) -> str:
    """Break long statements to the width of a terminal; a pipe or a file gets one line a statement, as grep wants."""
    from derandkit.tables import aligned

    if not sys.stdout.isatty():
        return str(outcome)
    rows = [(entry.verdict.value, entry.name, entry.detail) for entry in outcome.checks]
    return f"{aligned(rows)}\n\n{outcome.summary}"


def _refuse_options(context: click.Context, record: JsonMapping, path: str) -> None:
    """Refuse options that say how an instance is read and mean nothing for the kind of a record.

    Raises
    ------
    InputError
        It names the first of them, and what the record is of.
    """
    schema, kind = record.get("schema"), record.get("kind")
    if _subject(record, path) is None:
        return  # what the record is says more
    table = schema in _POINTS and not (schema == "derandkit-structure" and path.lower().endswith(".toml"))
    of_graph = schema in _CUTS or (schema == "derandkit-quadratic" and kind in ("balance", "maxdicut"))
    meant: tuple[str, ...] = ()
    if table:
        meant = (*option.COLUMNS, "header")
    elif of_graph:
        meant = tuple(name for name in READING if not (kind == "maxdicut" and name == "symmetrize"))
    for name in (*READING, *option.COLUMNS):
        if name in meant or context.get_parameter_source(name) in (ParameterSource.DEFAULT, None):
            continue
        flag = "--header and --no-header are" if name == "header" else f"--{name.replace('_', '-')} is"
        whose = "tables" if name == "header" else "points" if name in option.COLUMNS else "graphs"
        whose = "undirected graphs" if name == "symmetrize" else whose
        raise InputError(
            f"{flag} for {whose}; leave it out for this record, which is {_subject(record, path)}"
        )


def _subject(record: JsonMapping, path: str) -> str | None:
    """Say what a record is about; None of a kind that no option is known for."""
    schema, kind = record.get("schema"), record.get("kind")
    if schema in _CUTS:
        return "of a cut of a graph"
    if schema == "derandkit-quadratic":
        return f"of the problem {quoted(kind)}"
    if schema == "derandkit-structure":
        return "of a configuration" if path.lower().endswith(".toml") else "of a table"
    return "of points" if schema in _POINTS else "of a network" if schema == "derandkit-network" else None


def _instance_of(record: JsonMapping, path: str, reading: dict[str, Any], chosen: TableOptions) -> object:
    """Read the instance of a record as the options say; without options by what the record says."""
    schema, kind = record.get("schema"), record.get("kind")
    if schema in _POINTS and not path.lower().endswith(".toml"):
        chosen = {**chosen, "header": reading["header"]}
        if any(value is not None for value in chosen.values()):
            return _table_of(record, path, chosen)
        return path
    if schema in _CUTS or kind == "balance":
        return read_graph_file(path, reading)
    if kind == "maxdicut":
        from derandkit.models.arcs import read_arcs

        return read_arcs(path, **{name: value for name, value in reading.items() if name != "symmetrize"})
    return path


def _table_of(record: JsonMapping, path: str, chosen: TableOptions) -> object:
    """Read a file of points or a table by options, in place of what the record says of its columns."""
    if record.get("schema") == "derandkit-structure":
        from derandkit.structure.config import of_record

        table, notes = noted(lambda: of_record(path, record, **chosen))
        for line in notes:
            note(line)
        return table
    return read_points(path, chosen, quiet=True).cloud


@main.command(short_help="Print versions and the cache of compiled code.")
def info() -> None:
    """Print versions, and where compiled kernels are cached."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    rows = [("derandkit", __version__), ("python", platform.python_version())]
    extras = {"cvxpy": "cvxpy", "scikit-learn": "sklearn", "matplotlib": "plot", "jax": "structure"}
    for package in ("numpy", "scipy", "networkx", "numba", "click", "rich", *extras):
        try:
            rows.append((package, version(package)))
        except PackageNotFoundError:
            extra = extras.get(package)
            rows.append((package, f"not installed (extra: {extra})" if extra else "not installed"))
    try:
        from derandkit.numerics.jit import cache_folder

        cache = cache_folder() or "none: no folder can be written, so every run compiles again"
    except MissingDependencyError as error:
        cache = f"none: {error}"
    rows.append(("kernel cache", cache))
    from derandkit.tables import aligned

    print_text(f"{aligned(rows)}\n")
