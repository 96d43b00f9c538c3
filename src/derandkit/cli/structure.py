"""``derandkit structure``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derandkit.cli import options as option
from derandkit.cli.common import (
    FILE,
    check_endings,
    check_targets,
    checked_record,
    conclude,
    keep_inputs,
    noted,
    print_text,
)
from derandkit.cli.group import main
from derandkit.cli.output import Outputs, beside_the_answer, note, read_as
from derandkit.errors import DerandkitError, InputError
from derandkit.runtime.signals import Signals
from derandkit.structure.choices import ACTIVATIONS, FREEZABLE, INPUTS, LINK_NAMES, LOSSES, METHODS

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.points.columns import TableOptions
    from derandkit.records import JsonObject
    from derandkit.status import RunStatus
    from derandkit.structure.config import Configuration

#: Flags by the table of the configuration that they stand for.
TEACHER = ("link", "dimension", "directions", "noise", "inputs", "binary", "nodes")
STUDENT = ("width", "depth", "activation", "sharpness", "stream")
RUN = (
    "loss",
    "penalty",
    "method",
    "step_size",
    "batch",
    "rng",
    "max_steps",
    "frozen",
    "upper_penalty",
    "rank",
    "controls",
)


def _penalty(_ctx: click.Context, _option: click.Parameter, value: str | None) -> float | str | None:
    """Return a penalty as a number, or the word auto."""
    if value is None or value == "auto":
        return value
    try:
        return float(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither a number nor auto") from None


@main.command(short_help="Find the inputs that a network depends on.")
@click.argument("configuration", required=False, metavar="[CONFIG]", type=FILE)
@click.option(
    "--teacher",
    "link",
    type=click.Choice(LINK_NAMES),
    metavar="LINK",
    help=f"Function of a teacher with known directions: {', '.join(LINK_NAMES)}.",
)
@click.option("-d", "--dim", "dimension", type=click.IntRange(min=1), help="Number of inputs of the teacher.")
@click.option("--directions", type=click.IntRange(min=1), help="Number of teacher directions.  [default: 1]")
@click.option("--noise", type=float, help="Standard deviation of label noise.  [default: 0]")
@click.option("--inputs", type=click.Choice(INPUTS), help="Distribution of the inputs.")
@click.option("--binary/--no-binary", default=None, help="Targets 0 and 1 instead of numbers (teacher).")
@click.option(
    "--nodes", type=click.IntRange(min=16), help="Integration nodes for training.  [default: 65536]"
)
@click.option(
    "--data", metavar="TABLE", type=FILE, help="A table (csv, tsv, npy, parquet) instead of a teacher."
)
@click.option(
    "--target",
    metavar="COLUMN",
    help="Target column of the table: a name or a number, from 1. Text means classes.",
)
@option.table_options
@click.option("--rank", type=click.IntRange(min=1), help="Number of directions to keep, for a table.")
@click.option("--width", type=click.IntRange(min=1), help="Units of a layer.  [default: 32; 16 for data]")
@click.option("--depth", type=click.IntRange(min=2), help="Layers of weights.  [default: 2]")
@click.option(
    "--activation",
    type=click.Choice(ACTIVATIONS),
    help="Activation; softplus is the smooth ReLU.  [default: tanh]",
)
@click.option("--sharpness", type=float, help="Sharpness of the smooth ReLU.  [default: 8]")
@click.option("--stream", type=click.IntRange(min=0), help="Number of the start values.  [default: 0]")
@click.option(
    "--loss",
    type=click.Choice(LOSSES),
    help="Loss function.  [default: logistic for two classes, softmax for more, else squared]",
)
@click.option(
    "--penalty",
    metavar="NUMBER|auto",
    callback=_penalty,
    help="Coefficient of |W|^2, the penalty on the first layer, or auto.  [default: auto for data, 1e-4 for a teacher]",
)
@click.option(
    "--upper-penalty", type=float, help="The same for the layers above.  [default: chosen with auto, else 0]"
)
@click.option(
    "--method",
    type=click.Choice([name for name in METHODS if name != "perturbed"]),
    help="Training method.  [default: lemma]",
)
@click.option("--step-size", type=float, help="Step size of sgd and adam.  [default: 0.05 and 1e-3]")
@click.option(
    "--batch", type=click.IntRange(min=1), help="Inputs in a minibatch of sgd and adam.  [default: 50]"
)
@option.seed("Seed of sgd and adam; without it the rows of data come in a fixed order.")
@click.option("--max-steps", type=click.IntRange(min=0), help="Most steps of the training.")
@click.option(
    "--frozen", multiple=True, type=click.Choice(FREEZABLE), help="Part of the network that is not trained."
)
@click.option(
    "--controls/--no-controls",
    default=None,
    help="For comparison, train again with frozen bias and without penalty.",
)
@option.time_limit(
    "Seconds after which training stops at its last point; the result then depends on the machine."
)
@option.output("Write the result (JSON) to FILE.")
@click.option(
    "--save-config",
    metavar="FILE",
    type=FILE,
    help="Write the settings to FILE (TOML), to run or verify with.",
)
@click.option("--save-page", metavar="FILE", type=FILE, hidden=True, help="The name of --save-config in 0.1.")
@option.printed(["text", "json"], "What to print: a table, or the record.")
@option.plot("Draw the weights of the columns or W, |W_perp| and the spectrum to FILE (needs matplotlib).")
@option.report
@option.checked_and_quiet
def structure(
    configuration: str | None,
    data: str | None,
    target: str | None,
    chosen: TableOptions,
    time_limit: float | None,
    output: str | None,
    save_config: str | None,
    save_page: str | None,
    output_format: str,
    plot: str | None,
    report: str | None,
    no_verify: bool,
    quiet: bool,
    **flags: Any,
) -> None:
    """Train a network on a teacher or a table, and find the directions of the input that its first layer keeps.

    The problem is a CONFIG (a TOML file), or flags. Flags override the configuration.

    \b
    Examples:
      derandkit structure --teacher tanh --dim 20 --width 32 --penalty 1e-4
      derandkit structure --data table.csv --target price --plot price.png
      derandkit structure datasets/structure/staircase.toml -o run.json
      derandkit verify run.json datasets/structure/staircase.toml
    """  # noqa: D301
    save_config = save_config or save_page
    given = {name: value for name, value in flags.items() if value is not None and value != ()}
    if "frozen" in given:
        given["frozen"] = list(given["frozen"])
    check_targets(configuration or data, output=output, save_config=save_config, plot=plot, report=report)
    from derandkit.structure.config import make_configuration
    from derandkit.structure.intake.table import target_from_one

    column: str | int | None = target
    of_number: str | None = None

    def tables_of(flags: Mapping[str, object]) -> JsonObject:
        return _tables(configuration, data, column, chosen, flags)

    tables = tables_of(given)
    keep_inputs((configuration, data, _table_of(tables, configuration)), output, save_config, plot, report)
    check_endings(output=output, save_config=save_config, report=report)
    if data is not None and target is not None:
        column, of_number = target_from_one(data, target, **chosen)
        tables = tables_of(given)
    try:
        asked, notes = noted(lambda: make_configuration(tables, configuration))
    except InputError as error:
        raise _of_flag(
            error, given, lambda flags: make_configuration(tables_of(flags), configuration)
        ) from None
    page = None
    if save_config is not None:
        from derandkit.structure.config import moved
        from derandkit.structure.intake.toml import to_toml

        folder = Path(save_config).parent
        page = to_toml(moved(tables, Path(configuration or "").parent, folder)), save_config
    for line in notes if of_number is None else [of_number, *notes]:
        note(line)
    _run(
        asked,
        tables,
        time_limit,
        output,
        page,
        output_format,
        plot,
        report,
        # a record is not that of a configuration that flags override
        data or (not given and configuration) or save_config or "",
        chosen,
        no_verify,
        quiet,
    )


def _table_of(tables: Mapping[str, object], configuration: str | None) -> Path | None:
    """Return the file that the data of a configuration are in, where it names one."""
    data = tables.get("data")
    name = data.get("table") if isinstance(data, Mapping) else None
    return Path(configuration or "").parent / name if isinstance(name, str) else None


def _flag(name: str) -> str:
    """Return the flag of an option as users type it."""
    params = click.get_current_context().command.params
    return next(max(param.opts, key=len) for param in params if param.name == name)


def _of_flag(
    error: InputError, given: Mapping[str, object], make: Callable[[Mapping[str, object]], object]
) -> InputError:
    """Return an error of a table of the configuration as one of the flag without which it does not arise."""
    place, _, message = error.message.partition(": ")
    sections = {"[teacher]": TEACHER, "[student]": STUDENT, "[run]": RUN}
    flags = [name for name in sections.get(place, ()) if name in given]
    for name in flags:
        try:
            make({key: value for key, value in given.items() if key != name})
        except InputError as other:
            later = other.message.startswith("[") or other.path is not None  # an error behind this one
            if other.message.startswith(f"{place}: ") or not later:
                continue  # this flag is not the cause, or the problem needs it
        return InputError(f"{_flag(name)}: {message}")
    if flags and error.path is None:
        return InputError(f"{', '.join(map(_flag, flags))}: {message}")
    return error


def _tables(
    configuration: str | None,
    data: str | None,
    target: str | int | None,
    chosen: TableOptions,
    given: Mapping[str, object],
) -> dict[str, Any]:
    """Return the tables of a configuration with the flags put into them."""
    tables: dict[str, Any] = {}
    if configuration is not None:
        from derandkit.structure.config import read_tables

        tables = read_tables(configuration)
    if data is not None:
        if configuration is not None or "link" in given:
            raise InputError("give one problem: a configuration, a teacher or a table")
        if target is None:
            raise InputError("--data needs --target, the column to predict")
        listed = {key: text for key, text in chosen.items() if text is not None}
        tables["data"] = {"table": data, "target": target, **listed}
    elif target is not None:
        raise InputError("--target names a column of --data")
    for key, text in chosen.items():
        if data is None and text is not None:
            raise InputError(f"--{key} names columns of --data")
    for name, keys in (("teacher", TEACHER), ("student", STUDENT), ("run", RUN)):
        extra = {key: given[key] for key in keys if key in given}
        if name == "teacher" and extra and "data" in tables:
            raise InputError(f"{_flag(next(iter(extra)))} belongs to a teacher, and the problem is a table")
        if extra:
            tables[name] = {**tables.get(name, {}), **extra}
    if configuration is not None:
        return tables
    if "teacher" not in tables and "data" not in tables:
        raise InputError(
            "give a problem: a configuration (TOML), --teacher with --dim, or --data with --target"
        )
    if "teacher" in tables and "link" not in tables["teacher"]:
        raise InputError("give the teacher's link: --teacher tanh")
    if "teacher" in tables and "dimension" not in tables["teacher"]:
        raise InputError("give the number of inputs of the teacher: --dim 20")
    return tables


def _run(
    asked: Configuration,
    tables: JsonObject,
    time_limit: float | None,
    output: str | None,
    page: tuple[str, str] | None,
    output_format: str,
    plot: str | None,
    report: str | None,
    source: str,
    chosen: TableOptions,
    no_verify: bool,
    quiet: bool,
) -> None:
    from derandkit.cli.narration import narrator
    from derandkit.structure.data import RegressionData
    from derandkit.structure.solve import discover_structure

    if not quiet and isinstance(asked.problem, RegressionData):
        note(read_as(tables["data"]["table"], asked.problem.reading))
    with Signals() as signals:
        with narrator(quiet=quiet) as narrate:
            result = discover_structure(
                asked.problem,
                asked.student,
                time_limit=time_limit,
                on_progress=narrate,
                on_interrupt="return",
                **asked.options(),
            )
        text = result.to_json()
        unwritten: list[DerandkitError] = []
        outcome = None if no_verify else checked_record(text, asked.problem, unwritten)
        if page is not None:
            from derandkit.records import write_atomically

            with beside_the_answer(unwritten):  # settings are no part of the answer
                write_atomically(page[1], page[0])
                page = None
        if page is not None and source == page[1]:  # not written: no command can name it
            source = ""
        outputs = Outputs(text, output, output_format, unwritten)
        if plot is not None:
            from derandkit.plots.structure import plot_structure
            from derandkit.plots.style import save_figure

            with outputs.file():
                save_figure(plot_structure(result), plot)
        if report is not None:
            from derandkit.reports.report import write_report

            with outputs.file():
                write_report(
                    result, report, outcome=outcome, source=source, record=outputs.record, reading=chosen
                )
        shown = outputs.shown(lambda: f"{result}\n", lambda: text)  # no columns
        print_text(shown, data=outputs.printed == "json")
        cut_short = None in (result.controls["frozen_bias"], result.controls["no_penalty"])
    status: RunStatus = result.status
    complete = "the run was complete"
    if result.ended.name == "INTERRUPTED":
        status = result.ended
    elif cut_short and asked.run.get("controls", True):
        complete = "the controls that were not finished are left out"
    verified = outcome is None or outcome.ok
    conclude(signals, status, verified=verified, unwritten=unwritten, complete=complete)
