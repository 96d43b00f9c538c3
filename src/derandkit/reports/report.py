"""From a result to a page."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING

from derandkit.certificates.checks import Verification
from derandkit.cuts.result import MaxCutResult
from derandkit.embeddings.result import EmbeddingResult
from derandkit.engine.outcome import Derandomization
from derandkit.errors import InputError
from derandkit.features.result import FeaturesResult
from derandkit.options import check_kind, path_name
from derandkit.plots.comparison import short_names
from derandkit.quadratic.result import QuadraticResult
from derandkit.records import write_atomically
from derandkit.reports.command import UNNAMED, shown_path, verify_command
from derandkit.reports.page import commands, folded, meanings, page, paragraph, picture, section, table
from derandkit.reports.words import meaning
from derandkit.structure.result import StructureResult
from derandkit.structure.trained.result import NetworkCertificate
from derandkit.tables import counted
from derandkit.words.digits import decimals_above

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from derandkit.comparison.run import ComparisonRow
    from derandkit.results import Result, Row

#: What a page is about, by the kind of its record or problem.
TITLES = {
    "derandkit-maxcut": "Maximum cut",
    "derandkit-constrained-cut": "Maximum cut under constraints",
    "derandkit-ranked-cuts": "The greatest cuts",
    "ising": "Ising model",
    "qubo": "QUBO",
    "max2sat": "MAX-2SAT",
    "maxdicut": "Directed cut",
    "balance": "Structural balance",
    "derandkit-embedding": "Embedding",
    "derandkit-features": "Kernel features",
    "derandkit-structure": "Structure",
    "derandkit-network": "Trained network",
    "derandkit-derandomization": "Derandomization",
}


def write_report(
    result: Result,
    path: str | os.PathLike[str],
    instance: object = None,
    *,
    positions: Mapping[Hashable, Sequence[float]] | None = None,
    outcome: Verification | None = None,
    source: str = "",
    record: str | None = None,
    reading: Mapping[str, object] | None = None,
) -> None:
    """Write one HTML page about a result, with pictures and what each number means.

    The page needs no network and runs no script. It is written whole or not at all, and equal results give equal bytes.

    Parameters
    ----------
    result : result
        Of any kind.
    path : str or PathLike
        The file.
    instance : graph, points or path, optional
        What the result is about, for the pictures, in any form that `derandkit.maxcut` or
        `derandkit.embed` accepts; a cut that was not read from a file knows its graph.
    positions : mapping of label to (x, y), optional
        Where the vertices of a cut graph stand.
    outcome : Verification, optional
        What `derandkit.verify` said about the record.
    source : str
        The file that was read. The page has the command that checks the record, with paths as they are given here;
        of an absolute path it names the file only, since a page is passed on.
    record : str, optional
        The file to which the record was written.
    reading : mapping, optional
        With which keywords the file was read, where they were not the defaults: ``input_format``, ``weight``,
        ``header``, ``separator``, ``comments``, ``symmetrize``; ``columns``, ``drop``, ``label`` of a table. The
        command has them as options.

    Raises
    ------
    InputError
        If the file cannot be written, the instance is not that of the result, or `reading` has another keyword.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import derandkit
    >>> triangle = [(0, 1), (1, 2), (0, 2)]
    >>> page = pathlib.Path(tempfile.mkdtemp(), "cut.html")
    >>> result = derandkit.maxcut(triangle)
    >>> write_report(result, page, triangle, outcome=derandkit.verify(result, triangle))
    >>> "The record holds." in page.read_text(encoding="utf-8")
    True
    """
    name = path_name(path)
    text = result_page(
        result, instance, positions=positions, outcome=outcome, source=source, record=record, reading=reading
    )
    write_atomically(name, text)


def result_page(
    result: Result,
    instance: object = None,
    *,
    positions: Mapping[Hashable, Sequence[float]] | None = None,
    outcome: Verification | None = None,
    source: str = "",
    record: str | None = None,
    reading: Mapping[str, object] | None = None,
) -> str:
    """Return the page of a result; see `write_report`."""
    for option, value in (("source", source), *((("record", record),) if record is not None else ())):
        if not isinstance(value, str):
            raise InputError(f"{option} is the name of a file, got a {type(value).__name__}")
    if outcome is not None:
        check_kind("outcome", outcome, Verification, "derandkit.verify(...)")
    if reading is not None:
        check_kind("reading", reading, Mapping, "dict(option=value)")
    schema = str(getattr(result, "schema", ""))
    if schema not in TITLES and not isinstance(result, QuadraticResult):
        raise InputError(
            f"there is no report of a {type(result).__name__}; of one that has a result, pass .result"
        )
    kind = result.kind if isinstance(result, QuadraticResult) else schema
    title = f"{TITLES[kind]} of {os.path.basename(source)}" if source else TITLES[kind]
    sections = [section("Pictures", *found)] if (found := _pictures(result, instance, positions)) else []
    explained = [(name, lines, meaning(schema, name)) for name, lines in _joined(result.table_rows())]
    sections += [section("What each number means", meanings(explained)), _checked(outcome)]
    sections.append(_how_to_check(result, source, record, reading))
    return page(title, _answer(result), sections, settled=result.status.ok)


def comparison_page(rows: Sequence[ComparisonRow]) -> str:
    """Return the page of a comparison: a table and a picture for all instances, and what each method promises."""
    from derandkit.comparison.table import (
        bound_shown,
        gaps_shown,
        kind_shown,
        promises_of,
        ratio_shown,
        value_shown,
    )

    names = list(dict.fromkeys(row.instance for row in rows))
    titles = dict(zip(names, short_names(names), strict=True))
    parts = []
    for name in names:
        mine = [row for row in rows if row.instance == name]
        gaps = any(row.relative_gap is not None for row in mine)
        share = ("gap", "gap of range") if gaps else ("ratio to the bound",)
        header = ("method", "value", *share, "seconds", "kind")
        cells = [
            (
                f"{row.method}{' + 1-flip' if row.local_search else ''}",
                value_shown(row),
                *(gaps_shown(row) if gaps else (ratio_shown(row),)),
                "-" if row.seconds is None else f"{row.seconds:.3f}",
                kind_shown(row),
            )
            for row in mine
        ]
        bound = f"{bound_shown(mine[0]).capitalize()}."
        parts.append(
            section(
                titles[name],
                paragraph(bound),
                table(header, cells, numbers=frozenset(range(1, len(header) - 1))),
            )
        )
    if find_spec("matplotlib") is not None:
        from derandkit.plots.comparison import plot_comparison

        parts.insert(
            0,
            section(
                "Pictures",
                picture(plot_comparison(rows), "Values of all methods, with the bound of each instance"),
            ),
        )
    promises = promises_of(rows)
    parts.append(section("What each method promises", table(("method", "promise"), promises)))
    methods = len(dict.fromkeys(row.method for row in rows))
    found = f"{counted(methods, 'method')} on {counted(len(names), 'instance')}"
    relaxed = all(row.expectation is not None for row in rows)
    return page("Comparison", f"{found}, on the same relaxation." if relaxed else f"{found}.", parts)


def _joined(rows: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """Return the rows of a table with those that continue another, or repeat its name, put into it.

    The empty row divides nothing here.

    Examples
    --------
    >>> _joined([("cut", "4"), ("", ""), ("chain", "5"), ("", ">= 4")])
    [('cut', ['4']), ('chain', ['5', '>= 4'])]
    >>> _joined([("control", "half is left"), ("control", "all is left")])
    [('control', ['half is left', 'all is left'])]
    """
    joined: list[tuple[str, list[str]]] = []
    for name, *texts in rows:
        if name and (not joined or joined[-1][0] != name):
            joined.append((name, texts))
        elif any(texts):
            joined[-1][1].extend(texts)
    return joined


def _answer(result: Result) -> str:
    """Return what was found, in a sentence or two."""
    first, second = [texts[0] for _, *texts in result.table_rows()[:2]]
    names = [name for name, *_ in result.table_rows()[:2]]
    if isinstance(result, EmbeddingResult):
        # a promise is rounded upwards
        most = decimals_above(100 * Fraction(result.chain["certified_distortion"]), 2)
        found = f"The squared distance of every two points changes by at most {most} %."
    elif isinstance(result, FeaturesResult):
        most = decimals_above(result.chain["certified_rms"], 6)
        found = f"The kernel of a pair of points is off by at most {most} in the root mean square."
    elif isinstance(result, StructureResult):
        share = f"{result.ratio:.2%} is left of what the first layer had in directions that do not matter."
        first_direction = [lines for name, lines in _joined(result.table_rows()) if name == "direction 1"]
        found = " ".join([share, *(f"Direction 1: {' '.join(lines)}." for lines in first_direction)])
    elif isinstance(result, Derandomization):
        found = (
            f"The expected value of the objective is {result.value:.9g} where the run ended, "
            f"and {result.start_value:.9g} where it began."
        )
    elif isinstance(result, NetworkCertificate):
        found = f"The first layer has |W_perp| {result.w_perp:.4g} off the directions that matter, beside |W_par| "
        found += f"{result.w_par:.4g}."
    else:
        found = f"{names[0].capitalize()} {first}. {names[1].capitalize()} {second}."
    return found if result.status.ok else f"{found} Not settled: {result.message}."


def _pictures(
    result: Result, instance: object, positions: Mapping[Hashable, Sequence[float]] | None
) -> list[str]:
    """Return the pictures of a result; none without matplotlib, and a sentence in their place."""
    if find_spec("matplotlib") is None:
        return [paragraph("Pictures need matplotlib: pip install 'derandkit[plot]'.")]
    if isinstance(result, MaxCutResult):
        return [_picture_of_cut(result, instance, positions)]
    if isinstance(result, QuadraticResult):
        from derandkit.plots.quadratic import caption, plot_quadratic, problem_of

        problem = problem_of(result, instance)
        drawn = plot_quadratic(result, problem, positions=positions)
        return [picture(drawn, caption(result, problem, positions=positions))]
    if isinstance(result, EmbeddingResult) and instance is not None:
        from derandkit.plots.embeddings import plot_ratios

        words = (
            "How far squared distances are stretched: this map, principal components, and a random projection"
        )
        return [picture(plot_ratios(result, instance), words)]
    if isinstance(result, FeaturesResult) and instance is not None:
        from derandkit.plots.features import plot_errors

        words = "Errors of the estimated kernel: these frequencies, random ones, and orthogonal ones"
        return [picture(plot_errors(result, instance), words)]
    if isinstance(result, Derandomization):
        from derandkit.plots.engine import plot_derandomization

        words = "The expected value, and the spread that is left, after every accepted step"
        return [picture(plot_derandomization(result), words)]
    if isinstance(result, StructureResult):
        from derandkit.plots.structure import plot_structure

        return [
            picture(
                plot_structure(result),
                "The first layer, and what is left of it in directions that do not matter",
            )
        ]
    return []


def _picture_of_cut(
    result: MaxCutResult, instance: object, positions: Mapping[Hashable, Sequence[float]] | None
) -> str:
    from derandkit.datasets.instances import as_graph
    from derandkit.plots.cuts import plot_cut, plot_maxcut
    from derandkit.plots.layout import LARGEST

    instance = result.instance if instance is None else instance
    graph = None if instance is None else as_graph(instance)
    chain = "the chain of bounds, and the path on which the expected cut rises while the spread falls to zero"
    if graph is None or (graph.n > LARGEST and positions is None):
        return picture(plot_maxcut(result), chain[:1].upper() + chain[1:])
    return picture(plot_cut(instance, result, positions=positions), f"The graph with its two sides, {chain}")


def _checked(outcome: Verification | None) -> str:
    """Return what the check said: counts first, every statement behind a click."""
    if outcome is None:
        return section("Check", paragraph("The record was not checked in this run."))
    counts = Counter(check.verdict.value for check in outcome.checks)
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    if outcome.ok:
        text = f"The record holds. It was checked with none of the code that found the answer: {said}."
    else:
        text = f"The record does not hold: {', '.join(outcome.failed)}. All statements: {said}."
    rows = [(check.verdict.value, check.name, check.detail) for check in outcome.checks]
    return section(
        "Check", paragraph(text), folded("Every statement", table(("verdict", "statement", "detail"), rows))
    )


def _how_to_check(
    result: Result, source: str, record: str | None, reading: Mapping[str, object] | None
) -> str:
    if isinstance(result, Derandomization):
        text = (
            "The record of a run of the engine has no objective, so there is nothing to check it against. In Python, "
            "objective.value(result.sampler) is its value again, and derandkit.check_objective tests the objective."
        )
        return section("Check it yourself", paragraph(text))
    if isinstance(result, NetworkCertificate):
        text = (
            "In Python, derandkit.verify(result, (X, y, model)) checks every number above against the rows and the "
            "network; with (X, y) alone what follows from the first layer."
        )
        return section("Check it yourself", paragraph(text))
    if record is None:
        text = "The record of this answer was not kept. Run the command again with -o result.json, then:"
    else:
        text = (
            "The record holds all that is needed, and the check uses none of the code that found the answer:"
        )
    parts = [paragraph(text), commands(verify_command(record or "result.json", source, reading))]
    if shown_path(source) == UNNAMED:
        teacher = isinstance(result, StructureResult) and result.problem["kind"] == "teacher"
        what = (
            "the settings of the run, which --save-config writes" if teacher else "the file of the instance"
        )
        parts.append(paragraph(f"{UNNAMED} stands for {what}."))
    absolute = [shown_path(path) for path in (record or "", source) if os.path.isabs(path)]
    if absolute:
        names = " and ".join(absolute)
        parts.append(paragraph(f"Put the folder in front of {names}: this page does not name it."))
    return section("Check it yourself", *parts)
