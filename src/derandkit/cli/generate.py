"""``derandkit generate``."""

from __future__ import annotations

import sys
from io import StringIO

import click

from derandkit.cli import options as option
from derandkit.cli.common import check_targets, print_text
from derandkit.cli.group import main
from derandkit.cli.output import say
from derandkit.runtime.signals import Signals, exit_code


class _Recipes(click.Command):
    """A command whose argument may begin with a dash: an argument with a blank in it is a recipe, not an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        recipes = [arg for arg in args if arg.startswith("-") and " " in arg.strip()]
        options = [arg for arg in args if arg not in recipes]
        return super().parse_args(ctx, [*options, "--", *recipes] if recipes else options)


@main.command(cls=_Recipes, short_help="Write a benchmark graph, such as G1 of the Gset.")
@click.argument("recipe")
@option.output("Write the graph to FILE instead of standard output.")
@option.printed(
    ["rudy", "edgelist"], "rudy: a header and lines 'i j w'; edgelist: sorted edges without a header."
)
def generate(recipe: str, output: str | None, output_format: str) -> None:
    """Write a benchmark graph: a name such as G1 (Gset) or pm1d_100.3 (Biq Mac), or a rudy RECIPE in quotes.

    \b
    Example:
      derandkit generate G1 -o G1.rudy
      derandkit generate pm1d_100.3 --format edgelist
      derandkit generate "-rnd_graph 800 6 8001" -o G1.rudy
    """  # noqa: D301
    check_targets(None, output=output)
    from derandkit.datasets import rudy_edges, write_rudy_lines
    from derandkit.datasets.instances import benchmark_instance

    words = recipe if recipe.lstrip().startswith("-") else benchmark_instance(recipe).recipe
    text = StringIO()
    if output_format == "rudy":
        write_rudy_lines(*rudy_edges(words), text)
    else:
        from derandkit.datasets import rudy
        from derandkit.graphs.writing import write_edgelist

        write_edgelist(rudy(words), text)
    if output is None:
        print_text(text.getvalue())
    else:
        from derandkit.records import write_atomically

        with Signals() as signals:  # a signal meanwhile finds the file out, and says so
            write_atomically(output, text.getvalue())
        if signals.requested:
            say("interrupted: the run was complete")
            sys.exit(exit_code())
