"""``derandkit compare``."""

from __future__ import annotations

import functools
import os
import sys
import warnings
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal, cast

import click
from click.core import ParameterSource

from derandkit.cli import options as option
from derandkit.cli.common import (
    FILE,
    check_endings,
    check_targets,
    duality_gap_option,
    graph_and_notes,
    graph_options,
    noted,
    print_text,
    reading_lines,
    renamed_option,
)
from derandkit.cli.group import EXIT_BAD_INPUT, main
from derandkit.cli.output import beside_the_answer, problem_lines, read_as, say
from derandkit.comparison.options import (
    CUT_METHODS,
    EMBEDDING_METHODS,
    FEATURE_METHODS,
    PROBLEM_NAMES,
    QUADRATIC_METHODS,
    STRUCTURE_METHODS,
    CutMethod,
    EmbeddingMethod,
    FeatureMethod,
    QuadraticMethod,
    StructureMethod,
)
from derandkit.errors import DerandkitError, InputError
from derandkit.runtime.cluster import without_logs
from derandkit.runtime.processes import BACKENDS, Backend
from derandkit.runtime.signals import Signals, exit_code
from derandkit.runtime.streams import own_errors, own_output

if TYPE_CHECKING:
    from derandkit.comparison.options import ProblemChoice, ProblemName
    from derandkit.comparison.run import ComparisonRow
    from derandkit.features.options import KernelName, Width
    from derandkit.models.options import Sense, Vartype
    from derandkit.points.cloud import PointCloud
    from derandkit.points.columns import TableOptions
    from derandkit.records import JsonObject
    from derandkit.structure.data import RegressionData

#: Options that mean nothing for points, and why.
_FOR_GRAPHS = {
    "input_format": "is for graphs",
    "weight": "is for graphs",
    "unweighted": "is for graphs",
    "separator": "is for graphs",
    "comments": "is for graphs",
    "symmetrize": "is for graphs",
    "duality_gap": "is for graphs",
    "gap": "is for graphs",
    "local_search": "is for graphs: points have no local search",
    "both": "is for graphs: points have no local search",
}
#: Problems whose instances are points.
_OF_POINTS = ("embedding", "features", "structure")
#: Options of graph files that a file of a model or of clauses has no use for.
_OF_GRAPH_FILES = ("input_format", "weight", "unweighted", "header", "separator", "comments", "symmetrize")


@main.command(short_help="Run several methods on graphs or points, side by side.")
@click.argument("instances", nargs=-1, required=True, metavar="INSTANCE...", type=FILE)
@click.option(
    "-k",
    "--n-components",
    type=click.IntRange(min=1),
    help="Compare embeddings: the INSTANCEs are files of points, mapped to this many dimensions.",
)
@renamed_option("--dimension", "--n-components", type=click.IntRange(min=1))
@click.option(
    "--n-features",
    type=click.IntRange(min=2),
    help="Compare features of a kernel: the INSTANCEs are files of points, with this many features (even).",
)
@click.option(
    "--target",
    help="Compare methods that find directions: the INSTANCEs are tables with this column to predict, a name or a "
    "number from 1; -k is then the number of directions, by default what the network chooses.",
)
@option.width
@option.kernel
@option.choice(
    "--problem",
    ["auto", *PROBLEM_NAMES],
    "auto",
    "The problem. auto reads .cnf, .wcnf, .qubo, .bq, .sparse, .coo, .gsg, .qplib and .lp as models, and all other "
    "files as graphs.",
)
@graph_options
@option.model_options
@option.column_options
@click.option(
    "--methods",
    metavar="A,B,...",
    help=f"{', '.join(CUT_METHODS)}; by default all but hyperplane-time, whose row depends on the clock. "
    f"With -k: {', '.join(EMBEDDING_METHODS)}; by default all. With --n-features: {', '.join(FEATURE_METHODS)}; by "
    f"default all. With --target: {', '.join(STRUCTURE_METHODS)}; by default all. "
    f"Of quadratic problems: {', '.join(QUADRATIC_METHODS)}; by default all up to search: those after it get the time "
    "of search.",
)
@option.printed(["text", "json", "csv"], "What to print: a table, a list of rows, or one line a row.")
@click.option(
    "--local-search/--no-local-search",
    default=False,
    show_default=True,
    help="Run the same one-flip local search after every method.",
)
@click.option("--both", is_flag=True, help="Give rows without and with local search.")
@option.seed(
    "Seed of the randomized baselines, for the same rows every time. Without it they differ from run to run."
)
@click.option(
    "--draws",
    type=click.IntRange(min=1),
    help="Random hyperplanes of hyperplane and hyperplane-best (1000 by default), or random projections of gaussian, "
    "gaussian-best and sparse (100), or random features (20).",
)
@duality_gap_option
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of processes; each takes one instance at a time.",
)
@option.choice(
    "--backend",
    BACKENDS,
    "loky",
    "joblib's backend; dask uses the scheduler of DASK_SCHEDULER_ADDRESS, or starts a local cluster.",
)
@option.plot("Draw values against bound and expectation (needs matplotlib).")
@option.report
@click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
@click.pass_context
def compare(
    context: click.Context,
    instances: tuple[str, ...],
    n_components: int | None,
    n_features: int | None,
    target: str | None,
    gamma: float | Width,
    kernel: KernelName,
    length_scale: float | Literal["median"],
    nu: float,
    alpha: float,
    problem: ProblemChoice,
    reading: dict[str, Any],
    sense: Sense | None,
    vartype: Vartype | None,
    instance: int | None,
    chosen: TableOptions,
    methods: str | None,
    output_format: str,
    local_search: bool,
    both: bool,
    rng: int | None,
    draws: int | None,
    duality_gap: float,
    workers: int,
    backend: Backend,
    plot: str | None,
    report: str | None,
    quiet: bool,
) -> None:
    """Run several methods on each INSTANCE: a graph file, the name of a benchmark graph such as G1, or points with -k.

    A file of a quadratic problem (Ising, QUBO, MAX-2SAT) is known by its name; --problem says maxdicut or balance.

    \b
    Example:
      derandkit compare G1 G14 --methods lemma,conditional,hyperplane-best
      derandkit compare *.mtx --both --workers 2 --format csv
      derandkit compare points.npy -k 20 --methods lemma,gaussian,pca
      derandkit compare table.csv --target price
      derandkit compare problem.wcnf --methods lemma,search,annealing,rc2
    """  # noqa: D301
    options: dict[str, Any] = {}
    if n_features is not None and target is not None:
        raise InputError("--n-features compares features of a kernel and --target directions; leave one out")
    if n_components is not None and n_features is not None:
        raise InputError("-k compares embeddings and --n-features features of a kernel; leave one out")
    of_points = n_components is not None or n_features is not None or target is not None
    if of_points:
        flag = "--target" if target is not None else "-k" if n_features is None else "--n-features"
        for name, reason in _FOR_GRAPHS.items():
            if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
                raise InputError(f"--{name.replace('_', '-')} {reason}; leave it out with {flag}")
        options = (
            {"n_components": n_components}
            if n_features is None
            else {
                "n_features": n_features,
                "gamma": gamma,
                "kernel": kernel,
                "length_scale": length_scale,
                "nu": nu,
                "alpha": alpha,
            }
        )
    for name in ("gamma", "kernel", "length_scale", "nu", "alpha") if n_features is None else ():
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            flag = f"--{name.replace('_', '-')}"
            raise InputError(f"{flag} is for features of a kernel: give --n-features with it")
    if not of_points:
        option.refuse_columns(chosen, "a graph or a quadratic problem")
    model = {"sense": sense, "vartype": vartype, "instance": instance}
    for source in instances:
        check_targets(source, plot=plot, report=report)
    check_endings(report=report)
    from derandkit.cli.narration import narrator
    from derandkit.comparison.instances import Unread, problems_of
    from derandkit.comparison.quadratic import kind_of
    from derandkit.comparison.run import checked_methods
    from derandkit.comparison.run import compare as run

    names = None if methods is None else [name.strip() for name in methods.split(",") if name.strip()]
    if n_components is None and problem == "embedding":
        raise InputError("embeddings are compared at one dimension: give -k")
    if n_features is None and problem == "features":
        raise InputError("features are compared at one number: give --n-features")
    if target is None and problem == "structure":
        raise InputError("directions are those that a column depends on: give --target")
    if target is not None and problem not in ("auto", "structure"):
        raise InputError(
            f"--target compares ways to find directions, and --problem says {problem}; leave one out"
        )
    if target is None and n_components is not None and problem not in ("auto", "embedding"):
        raise InputError(f"-k compares embeddings, and --problem says {problem}; leave one out")
    if n_features is not None and problem not in ("auto", "features"):
        raise InputError(
            f"--n-features compares features of a kernel, and --problem says {problem}; leave one out"
        )
    if n_features is not None:
        kind: ProblemName = "features"
    elif target is not None:
        kind = "structure"
    elif n_components is not None:
        kind = "embedding"
    else:
        kind = problems_of([(name, name) for name in instances], model)[0] if problem == "auto" else problem
    for name, value in model.items():
        if value is not None and kind not in ("ising", "qubo"):
            raise InputError(f"--{name} is for files of Ising models and QUBOs; leave it out for {kind}")
    checked_methods(names, kind)  # a wrong name is refused before any graph is read
    rows: list[ComparisonRow] = []
    said: dict[str, list[str]] = {}
    interrupted, refused = False, None

    def read(name: str) -> Any:
        if kind in _OF_POINTS:
            instance, notes = noted(lambda: _table(name, target, {**chosen, "header": reading["header"]}))
            said[name] = [read_as(name, instance.reading), *notes]
            return instance
        if kind != "maxcut":
            instance = _quadratic(name, problem, kind, reading, model, context)
            said[name] = problem_lines(name, instance)
            return instance
        graph, notes = graph_and_notes(name, **reading)
        if os.path.exists(name):  # no benchmark graph by its name
            said[name] = reading_lines(name, graph, notes, describe=True)
        return graph

    def unread(name: str) -> Unread:
        own = kind_of(name, model) if problem == "auto" and kind != "maxcut" else None
        return Unread(name, own or kind, functools.partial(read, name))

    with Signals() as signals:
        try:
            with (
                narrator(quiet=quiet) as narrate,
                own_output(),
                own_errors() if backend == "dask" else nullcontext(),
                without_logs(),
            ):
                run(
                    {name: unread(name) for name in instances},
                    methods=cast(
                        "list[CutMethod | EmbeddingMethod | FeatureMethod | StructureMethod | QuadraticMethod] | None",
                        names,
                    ),
                    rng=rng,
                    local_search="both" if both else local_search,
                    workers=workers,
                    backend=backend,
                    draws=draws,
                    duality_gap=duality_gap,
                    problem="auto" if kind not in ("maxcut", *_OF_POINTS) else kind,
                    on_rows=rows.extend,
                    on_progress=narrate,
                    **options,
                )
        except KeyboardInterrupt:
            if not rows:
                raise
            interrupted = True
        except InputError as error:  # in a file whose turn came after others
            if not rows and not signals.requested:
                raise
            refused = error
            if not rows:
                say(str(error))
                raise KeyboardInterrupt from None
        if not quiet:
            for source in dict.fromkeys(row.instance for row in rows):
                about = f"{source}: " if len(instances) > 1 else ""
                for k, line in enumerate(said.get(source, ())):
                    say(f"{about if k else ''}{line}")
        unwritten: list[DerandkitError] = []
        if plot is not None:
            from derandkit.plots.comparison import plot_comparison

            with beside_the_answer(unwritten):
                plot_comparison(rows, plot)
        if report is not None:
            from derandkit.records import write_atomically
            from derandkit.reports.report import comparison_page

            with beside_the_answer(unwritten):
                write_atomically(report, comparison_page(rows))
        from derandkit.comparison import table

        written = {
            "text": table.comparison_table,
            "json": table.comparison_json,
            "csv": table.comparison_csv,
        }
        print_text(written[output_format](rows), data=output_format in ("csv", "json"))
    if interrupted or signals.requested:
        if refused is not None:
            say(str(refused))
        say("interrupted: these are the instances that were complete")
        sys.exit(EXIT_BAD_INPUT if unwritten else exit_code())
    if refused is not None:
        say("not all instances could be compared: the rows are those of the ones that were")
        raise refused
    if unwritten:
        sys.exit(EXIT_BAD_INPUT)


def _table(name: str, target: str | None, chosen: TableOptions) -> PointCloud | RegressionData:
    r"""Read a file of points, or a table with the column to predict.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> file = pathlib.Path(folder.name) / "t.csv"
    >>> _ = file.write_text("a,b,y\n0.5,1.5,2.5\n1.25,0.5,1.75\n0.125,2.5,3.25\n")
    >>> _table(str(file), None, {})
    PointCloud(n=3, d=3, float64)
    >>> folder.cleanup()
    """
    if target is not None:
        from derandkit.structure.data import RegressionData
        from derandkit.structure.intake.table import target_from_one

        column, said = target_from_one(name, target, **chosen)
        if said is not None:
            warnings.warn(said, UserWarning, stacklevel=2)  # said with the notes of the table
        return RegressionData.from_file(name, column, **chosen)
    from derandkit.points.files import read_points

    return read_points(name, **chosen)


def _quadratic(
    name: str,
    problem: ProblemChoice,
    kind: ProblemName,
    reading: dict[str, Any],
    model: JsonObject,
    context: click.Context,
) -> Any:
    """Read a file of a quadratic problem: graphs by the options of graphs, models and clauses by what they say."""
    from derandkit.comparison.quadratic import kind_of, load_clauses, load_ising, load_qubo

    if kind in ("maxdicut", "balance"):
        from derandkit.models.arcs import SignedGraph, read_arcs

        if kind == "balance":
            return SignedGraph(graph_and_notes(name, **reading)[0])
        if reading["symmetrize"] is not None:
            raise InputError("--symmetrize makes an undirected graph; a directed cut keeps both directions")
        return read_arcs(name, **{key: value for key, value in reading.items() if key != "symmetrize"})
    for given in _OF_GRAPH_FILES:
        if context.get_parameter_source(given) not in (ParameterSource.DEFAULT, None):
            raise InputError(f"--{given.replace('_', '-')} is for graphs; leave it out for a {kind} problem")
    own = kind_of(name, model) or "maxcut" if problem == "auto" else problem
    return (
        load_clauses(name) if own == "max2sat" else {"ising": load_ising, "qubo": load_qubo}[own](name, model)
    )
