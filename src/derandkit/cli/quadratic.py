"""``derandkit ising``, ``qubo``, ``max2sat``, ``maxdicut`` and ``balance``: one verb a problem, one way through all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from derandkit.cli import options as option
from derandkit.cli.common import (
    FILE,
    F,
    check_endings,
    check_targets,
    checked_record,
    conclude,
    digraph_options,
    graph_and_notes,
    graph_options,
    keep_inputs,
    print_text,
    reading_lines,
    stacked,
)
from derandkit.cli.group import main
from derandkit.cli.output import SIGNED_LOOPS, Outputs, note, problem_lines
from derandkit.errors import DerandkitError, InputError
from derandkit.models.options import MODEL_FORMATS
from derandkit.runtime.signals import Signals
from derandkit.signs.options import (
    BOUNDS,
    DERANDOMIZERS,
    EFFORTS,
    MODEL_RELAXATIONS,
    Bound,
    Derandomizer,
    EffortName,
    ModelRelaxation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from derandkit.models.model import QuadraticModel


class OneOf(click.IntRange):
    """One of two whole numbers."""

    def __init__(self, values: tuple[int, int]) -> None:
        super().__init__(*values)
        self.values = values

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or refuse a text that stands for neither."""
        known = {str(number): number for number in self.values}
        text = str(value).removeprefix("+")
        if text not in known:
            self.fail(f"{value!r} is neither {' nor '.join(known)}.", param, ctx)
        return known[text]


def solving_options(
    noun: Literal["variable", "vertex"], values: tuple[int, int], words: str
) -> Callable[[F], F]:
    """Return a decorator that adds the options that all verbs of this file share.

    Parameters
    ----------
    noun : str
        What the problem gives values to.
    values : tuple of int
        The two values.
    words : str
        The values, with what they mean where that is not plain.
    """
    several = "vertices" if noun == "vertex" else "variables"
    return stacked(
        option.output("Write the result (JSON with its certificate) to FILE."),
        option.printed(
            ["text", "json", "tsv"],
            f"What to print: a table, the record, or one line 'label value' a {noun}.",
        ),
        option.choice("--method", DERANDOMIZERS, "lemma", "The derandomizer."),
        option.choice(
            "--search",
            ["none", *EFFORTS],
            "quick",
            "Improve the solution by a search. quick: about 3 seconds of work; thorough: about 60. The solution is "
            "the same every time.",
        ),
        option.choice(
            "--bound",
            BOUNDS,
            "auto",
            "Bound. sdp: semidefinite; cycle: also odd cycles; best: also what else suits the problem; auto decides "
            "by size and density.",
        ),
        option.choice(
            "--relaxation",
            MODEL_RELAXATIONS,
            "lowrank",
            "triangles: also a relaxation with triangle inequalities at the constant, which bounds better (up to 1499 "
            "variables; problems with linear terms).",
        ),
        option.time_limit(
            "Seconds for the whole run; the result then depends on the machine."
        ),
        click.option(
            "--fix", "fixed", type=(str, OneOf(values)), multiple=True, metavar=f"{noun.upper()} VALUE",
            help=f"Give a {noun} a value, {words}; may be given several times. The bound then holds for such solutions "
            "only.",
        ),
        click.option(
            "--start", metavar="FILE", type=FILE,
            help=f"A solution to start from: a record, JSON {{label: value}}, or one 'label value' line a {noun} "
            "(--format tsv). The result is never worse, but for rounding.",
        ),
        click.option(
            "--target", type=float, metavar="VALUE", help="Stop the search at a solution with this value or better."
        ),
        click.option(
            "--workers", type=click.IntRange(min=1),
            help="Threads; by default one a core. The answer is the same for any number.",
        ),
        option.plot(f"Draw the {several} with their values, and the chain, to FILE (needs matplotlib)."),
        option.report,
        option.checked_and_quiet,
    )  # fmt: skip


def model_options(command: F) -> F:
    """Add the options that say how a model file is read."""
    return stacked(
        option.choice(
            "--input-format",
            MODEL_FORMATS,
            "auto",
            "Format of the model; auto decides by content and extension.",
        ),
        option.model_options,
    )(command)


def _read_model(model: str, options: dict[str, Any]) -> QuadraticModel:
    """Take the options that say how a model is read out of all options, read it, and say on stderr as what."""
    from derandkit.models.files import read_model

    reading = {name: options.pop(name) for name in ("input_format", *option.MODELS)}
    check_targets(model, output=options["output"], plot=options["plot"], report=options["report"])
    found = read_model(model, **reading)
    if not options["quiet"]:
        note(f"read as {found.reading}")
    return found.model


@main.command(short_help="Find a low energy of an Ising model, with a bound.")
@click.argument("model", type=FILE)
@model_options
@solving_options("variable", (-1, 1), "-1 or 1")
def ising(model: str, **options: Any) -> None:
    """Find a low energy of the Ising model in MODEL, and a certified lower bound.

    \b
    Example:
      derandkit ising glass.coo -o glass.json
      derandkit verify glass.json glass.coo
    """  # noqa: D301
    _solve(_read_model(model, options), "ising", model, {}, **options)


@main.command(short_help="Minimise or maximise x'Qx over bits, with a bound.")
@click.argument("model", type=FILE)
@model_options
@solving_options("variable", (0, 1), "0 or 1")
def qubo(model: str, **options: Any) -> None:
    """Minimise (or maximise) x'Qx over bits for the QUBO in MODEL, with a certified bound.

    \b
    Example:
      derandkit qubo problem.qubo -o answer.json
      derandkit verify answer.json problem.qubo
    """  # noqa: D301
    _solve(_read_model(model, options), "qubo", model, {}, **options)


@main.command(short_help="Satisfy as many clauses of two literals as possible.")
@click.argument("clauses", type=FILE)
@solving_options("variable", (0, 1), "0 (false) or 1 (true)")
def max2sat(clauses: str, **options: Any) -> None:
    """Satisfy the CLAUSES (.cnf or .wcnf, up to two literals each) as far as possible; certified bound.

    \b
    Example:
      derandkit max2sat problem.wcnf -o answer.json
    """  # noqa: D301
    check_targets(clauses, output=options["output"], plot=options["plot"], report=options["report"])
    from derandkit.models.clauses import read_clauses

    found = read_clauses(clauses)
    _describe(clauses, found, quiet=options["quiet"])
    _solve(found, "max2sat", clauses, {}, **options)


@main.command(short_help="Choose vertices with much weight of arcs out.")
@click.argument("digraph", type=FILE)
@digraph_options
@solving_options("vertex", (0, 1), "1 (chosen) or 0")
def maxdicut(digraph: str, reading: dict[str, Any], **options: Any) -> None:
    """Choose vertices of DIGRAPH (lines 'tail head [weight]') with as much weight of arcs out as possible.

    \b
    Example:
      derandkit maxdicut arcs.txt --format tsv
    """  # noqa: D301
    check_targets(digraph, output=options["output"], plot=options["plot"], report=options["report"])
    from derandkit.models.arcs import read_arcs

    if reading.pop("symmetrize") is not None:
        raise click.UsageError("--symmetrize makes an undirected graph; a directed cut keeps both directions")
    found = read_arcs(digraph, **reading)
    _describe(digraph, found, quiet=options["quiet"])
    _solve(found, "maxdicut", digraph, reading, **options)


@main.command(short_help="Divide a signed graph with few frustrated edges.")
@click.argument("graph", type=FILE)
@graph_options
@solving_options("vertex", (-1, 1), "-1 or 1, its camp")
def balance(graph: str, reading: dict[str, Any], **options: Any) -> None:
    """Divide the signed GRAPH into two camps with as few frustrated edges as possible (the frustration index).

    \b
    Example:
      derandkit balance alliances.edgelist
    """  # noqa: D301
    check_targets(graph, output=options["output"], plot=options["plot"], report=options["report"])
    found, notes = graph_and_notes(graph, **reading)
    from derandkit.models.arcs import SignedGraph

    instance = SignedGraph(found)
    for line in reading_lines(graph, found, notes, describe=not options["quiet"]):
        note(line)
    if found.dropped_loops:
        note(SIGNED_LOOPS)
    _solve(instance, "balance", graph, reading, **options)


def _describe(path: str, problem: object, *, quiet: bool) -> None:
    """Say as what a problem was read, unless asked to be quiet, and what was assumed, dropped or added up."""
    for line in problem_lines(path, problem)[int(quiet) :]:
        note(line)


def _solve(
    instance: Any,
    verb: str,
    source: str,
    reading: Mapping[str, object],
    *,
    output: str | None,
    output_format: str,
    method: Derandomizer,
    search: EffortName | Literal["none"],
    bound: Bound,
    relaxation: ModelRelaxation,
    fixed: tuple[tuple[str, int], ...],
    start: str | None,
    target: float | None,
    time_limit: float | None,
    workers: int | None,
    plot: str | None,
    report: str | None,
    no_verify: bool,
    quiet: bool,
) -> None:
    """Solve, check the record as it is written, write it and print it."""
    from derandkit.cli.narration import narrator
    from derandkit.quadratic.given import read_solution, values_by_text
    from derandkit.quadratic.solve import optimize
    from derandkit.quadratic.table import solution_tsv
    from derandkit.runtime.threads import with_threads

    if instance.kind != verb:
        raise InputError(f"this is a problem for 'derandkit {instance.kind}', not for '{verb}'")
    keep_inputs((start,), plot, report)  # a record may take the place of the one it starts from
    check_endings(output=output, report=report)
    effort = None if search == "none" else search
    values = values_by_text(instance.labels, fixed, "--fix") if fixed else None
    known = None if start is None else read_solution(instance.labels, start)
    with Signals() as signals:
        with narrator(quiet=quiet) as narrate, with_threads(workers):
            result = optimize(
                instance,
                fixed=values,
                start=known,
                target=target,
                method=method,
                search=effort,
                bound=bound,
                relaxation=relaxation,
                time_limit=time_limit,
                on_progress=narrate,
                on_interrupt="return",
            )
        text = result.to_json()
        unwritten: list[DerandkitError] = []
        outcome = None if no_verify else checked_record(text, instance, unwritten)
        outputs = Outputs(text, output, output_format, unwritten)
        if plot is not None:
            from derandkit.plots.quadratic import plot_quadratic

            with outputs.file():
                plot_quadratic(result, instance, plot)
        if report is not None:
            from derandkit.reports.report import write_report

            with outputs.file():
                write_report(
                    result,
                    report,
                    instance,
                    outcome=outcome,
                    source=source,
                    record=outputs.record,
                    reading=reading,
                )
        shown = outputs.shown(lambda: f"{result}\n", lambda: solution_tsv(result.to_dict()))
        print_text(shown, data=outputs.printed != "text")
    conclude(signals, result.status, verified=outcome is None or outcome.ok, unwritten=unwritten)
