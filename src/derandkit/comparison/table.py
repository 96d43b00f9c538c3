"""Comparisons as text: an aligned table for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import math
from fractions import Fraction
from typing import TYPE_CHECKING

from derandkit.tables import aligned, paragraph, percent_above
from derandkit.words.digits import digits_above, digits_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.comparison.run import ComparisonRow

#: Share of a mean below which its standard error is that of rounding.
_ROUNDING = 1e-12
_MOST_DECIMALS = 9


def comparison_table(rows: Sequence[ComparisonRow]) -> str:
    """Return the table of a comparison, a block an instance under its name and bound, with the guarantees below."""
    from derandkit.comparison.problems import PROBLEMS

    # where a constant is arbitrary, gaps stand for ratios
    gaps = any(row.relative_gap is not None for row in rows)
    header = ("  method", "value", *(("gap", "of range") if gaps else ("ratio",)), "seconds", "kind")
    best: dict[tuple[str, bool], float] = {}
    for row in rows:
        if row.value is not None and row.standard_error is None:  # a mean is no solution
            key = row.instance, row.local_search
            better = min if row.sense == "minimize" else max
            best[key] = better(best.get(key, row.value), row.value)
    cells: list[Sequence[str]] = [header]
    last = None
    for row in rows:
        shown = value_shown(row)
        if row.standard_error is None and row.value == best.get((row.instance, row.local_search), math.nan):
            shown += " *"
        if last is not None and last != row.instance:
            cells.append(())
        if last != row.instance:
            cells.append((f"{row.instance}: {bound_shown(row)}",))
        cells.append(
            (
                "  " + row.method + (" + 1-flip" if row.local_search else ""),
                shown,
                *(gaps_shown(row) if gaps else (ratio_shown(row),)),
                "-" if row.seconds is None else f"{row.seconds:.3f}",
                kind_shown(row),
            )
        )
        last = row.instance
    promises: dict[str, list[str]] = {}
    for name, text in promises_of(rows):
        promises.setdefault(text, []).append(name)
    notes = [f"{', '.join(names)}: {text}" for text, names in promises.items()]
    timing = dict.fromkeys(PROBLEMS[row.problem].timing for row in rows)
    legend = ["", "; ".join(["* best of its group, means aside", *timing]), *notes]
    return "\n".join([aligned(cells), *map(paragraph, legend)]) + "\n"


def bound_shown(row: ComparisonRow) -> str:
    """Return what no solution can beat, rounded to its own side, and what it is."""
    least = row.sense == "minimize"
    shown = (digits_below if least else digits_above)(row.bound)
    return f"{'lower' if least else 'upper'} bound {shown} ({row.bound_status})"


def value_shown(row: ComparisonRow) -> str:
    """Return the value of a row; a mean has its standard error."""
    if row.value is None:
        return "-"
    return f"{row.value:.9g}" if row.standard_error is None else estimate_shown(row.value, row.standard_error)


def ratio_shown(row: ComparisonRow) -> str:
    """Return the ratio to the bound in four decimals, rounded away from 1, which is for values that meet it."""
    if row.ratio is None:
        return "-"
    shown = f"{row.ratio:.4f}"
    if float(shown) == row.ratio or not math.isfinite(row.ratio):
        return shown
    units = Fraction(row.ratio) * 10**4
    away = math.ceil(units) if row.sense == "minimize" else math.floor(units)
    return f"{away / 10**4:.4f}"


def gaps_shown(row: ComparisonRow) -> tuple[str, str]:
    """Return the gap in the units of the problem and as a share of the range of values."""
    return (
        "-" if row.gap is None else digits_above(row.gap, 6),
        "-" if row.relative_gap is None else percent_above(row.relative_gap, digits=3),
    )


def kind_shown(row: ComparisonRow) -> str:
    """Return whether a row depends on chance, and what else there is to know about a quadratic problem."""
    if row.value is None:
        return row.note
    kind = "deterministic" if row.deterministic else "random"
    return f"{kind}; {row.note}" if row.note and (row.relative_gap is not None or row.gap is None) else kind


def promises_of(rows: Sequence[ComparisonRow]) -> list[tuple[str, str]]:
    """Return each method with what it promises, twice where a local search behind it changes that."""
    texts: dict[str, set[str]] = {}
    for row in rows:
        texts.setdefault(row.method, set()).add(row.guarantee)
    named = (
        (row.method + (" + 1-flip" if row.local_search and len(texts[row.method]) > 1 else ""), row.guarantee)
        for row in rows
    )
    return list(dict.fromkeys(named))


def estimate_shown(value: float, error: float) -> str:
    """Return a mean with its standard error, to the first digit of the error; an error of rounding alone is 0.

    Examples
    --------
    >>> estimate_shown(53.8312, 0.0481), estimate_shown(223.0, 3e-15), estimate_shown(2.5e-12, 1e-13)
    ('53.83 +- 0.05', '223 +- 0', '2.5e-12 +- 1e-13')
    """
    if error <= _ROUNDING * abs(value):
        return f"{value:.9g} +- 0"
    digits = max(1, -math.floor(math.log10(error)))
    if digits > _MOST_DECIMALS:
        return f"{value:.9g} +- {error:.1g}"
    return f"{value:.{digits}f} +- {error:.{digits}f}"


def comparison_json(rows: Sequence[ComparisonRow]) -> str:
    """Return the rows of a comparison as a JSON list, one row a line, keys sorted."""
    lines = [json.dumps(row.to_dict(), sort_keys=True, allow_nan=False, ensure_ascii=False) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def comparison_csv(rows: Sequence[ComparisonRow]) -> str:
    """Return the rows of a comparison as CSV with a header; what is not there is left empty."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    for k, row in enumerate(rows):
        record = row.to_dict()
        if k == 0:
            table.writerow(record)
        table.writerow("" if value is None else value for value in record.values())
    return text.getvalue()
