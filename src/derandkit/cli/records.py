"""``derandkit verify`` and ``derandkit info``."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from derandkit import __version__
from derandkit.cli.common import graph_options, print_text, read_graph_file
from derandkit.cli.group import EXIT_NOT_VERIFIED, main


@main.command()
@click.argument("result")
@click.argument("instance")
@graph_options
@click.option("-q", "--quiet", is_flag=True, help="Print failed checks only.")
def verify(result: str, instance: str, reading: dict[str, Any], quiet: bool) -> None:
    """Check every claim of RESULT (a JSON file) against INSTANCE, with none of the solver's code.

    Exit code 0 if all checks pass, 1 if one fails.
    """
    from derandkit.records import read_record
    from derandkit.verification import verify as check

    record = read_record(result)
    loaded = read_graph_file(instance, reading) if record.get("schema") == "derandkit-maxcut" else instance
    outcome = check(record, loaded)
    if quiet:
        print_text("".join(f"{name}\n" for name in outcome.failed))
    else:
        print_text(f"{outcome}\n")
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
    from derandkit.tables import aligned

    print_text(f"{aligned(rows)}\n")
