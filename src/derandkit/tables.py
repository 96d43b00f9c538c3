"""Results as text: aligned tables for people, tab-separated lines for programs.

Every number says what it is: exact (recomputed from the sides), certified (proven), or estimated.
"""

from __future__ import annotations

import csv
import io
import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from derandkit.comparison import Row
    from derandkit.cuts.result import MaxCutResult
    from derandkit.datasets.gset import GsetInstance


def aligned(rows: Iterable[Sequence[str]], *, indent: str = "") -> str:
    """Join rows of cells into lines whose columns start at the same place.

    Examples
    --------
    >>> print(aligned([("a", "1"), ("long", "2")]))
    a     1
    long  2
    """
    table = [list(row) for row in rows]
    widths = [
        max(len(row[k]) for row in table if k < len(row)) for k in range(max(map(len, table), default=0))
    ]
    return "\n".join(
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in table
    )


def number(value: float) -> str:
    """Format a figure for people: integers whole, others to nine digits.

    Examples
    --------
    >>> number(12), number(4.52254248593)
    ('12', '4.52254249')
    """
    return str(value) if isinstance(value, int) else f"{value:.9g}"


def maxcut_table(result: MaxCutResult, known: GsetInstance | None = None) -> str:
    """Return the table that ``str(result)`` and the command line print.

    Parameters
    ----------
    result : MaxCutResult
        The result.
    known : GsetInstance, optional
        What is published about the graph; a row with the best cut known is added.
    """
    chain, bound, graph = result.chain, result.bound, result.graph
    optimal = ", proven optimal" if result.proven_optimal else ""
    proof = f"{result.bound_status}, {bound['method']}"
    unrounded = bound["dual_bound"] if bound["method"] == bound["dual_method"] else bound["proof_bound"]
    if result.upper_bound != unrounded:
        proof += f", {number(unrounded)} rounded down"
    beside = [("", _rivals(bound))] if bound["proof_bound"] is not None else []
    guarantee = result.guarantee
    shifted = " + W- (1 - 0.87856)" if guarantee["negative_weight"] else ""
    sizes = [str(len(side)) for side in result.partition]
    published = []
    if known is not None:
        below = (known.best_known - result.cut_value) / known.best_known
        published.append(("best known", f"{known.best_known} for {known.name}, {below:.4%} above the cut"))
    searched = []
    if result.search is not None:
        size = f"kernel of {result.search['kernel_n']} vertices, {result.search['kernel_m']} edges"
        text = f">= {number(chain['derandomized_cut'])} cut before the search ({result.search['runs']} runs, {size})"
        searched.append(("", text))
    rows = [
        ("graph", f"{graph['n']} vertices, {graph['m']} edges, total weight {number(graph['total_weight'])}"),
        ("cut", f"{number(result.cut_value)} (exact{optimal})"),
        ("upper bound", f"{number(result.upper_bound)} ({proof})"),
        *beside,
        ("gap", f"{result.gap:.4%}"),
        *published,
        ("sides", f"{sizes[0]} + {sizes[1]} vertices"),
        ("status", result.message),
        ("", ""),
        ("chain", f"{number(chain['upper_bound'])} dual bound"),
        ("", f">= {number(chain['sdp_value'])} SDP value of the vectors ({result.relaxation['method']}, "
             f"rank {result.relaxation['rank']})"),
        ("", f"{number(chain['cut_value'])} cut"),
        *searched,
        ("", f">= {number(chain['final_expectation'])} expected cut at the end of the path ({result.method})"),
        ("", f">= {number(chain['start_expectation'])} expected cut of a random hyperplane"),
        ("", f"{'>=' if guarantee['holds'] else '!>='} {number(guarantee['value'])} = 0.87856 SDP value{shifted}"),
    ]  # fmt: skip
    return aligned(rows)


def _rivals(bound: Mapping[str, Any]) -> str:
    """Say why the bound that counts does, beside the other one of a result that has two.

    Examples
    --------
    >>> dual = {"dual_bound": 12.5, "dual_method": "dense-cholesky", "dual_status": "certified"}
    >>> both = {**dual, "proof_bound": 12.0, "proof_method": "odd-cycle", "reason": "3 rounds"}
    >>> _rivals({**both, "method": "odd-cycle"})
    'less than 12.5 (dense-cholesky); 3 rounds'
    >>> _rivals({**both, "proof_bound": 13.0, "method": "dense-cholesky"})
    'no more than 13 (odd-cycle); 3 rounds'
    """
    dual, proof = (
        f"{number(bound[f'{kind}_bound'])} ({bound[f'{kind}_method']})" for kind in ("dual", "proof")
    )
    if bound["method"] != bound["proof_method"]:
        text = f"no more than {proof}"
    elif bound["dual_status"] == "certified":
        text = f"less than {dual}"
    else:
        text = f"proven, unlike {dual}"
    return f"{text}; {bound['reason']}"


def sides_tsv(result: MaxCutResult) -> str:
    r"""Return one line ``label<TAB>side`` a vertex, the first side as 0, in the order of the partition.

    Backslash, tab, newline and carriage return in a label are written ``\\``, ``\t``, ``\n`` and ``\r``, so that every
    line has two columns.
    """
    return "".join(
        f"{_one_field(str(label))}\t{side}\n"
        for side, labels in enumerate(result.partition)
        for label in labels
    )


def _one_field(text: str) -> str:
    escapes = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
    return "".join(escapes.get(character, character) for character in text)


def comparison_table(rows: Sequence[Row]) -> str:
    """Return the table of a comparison, a block an instance, with the guarantees below."""
    from derandkit.contestants import PROBLEMS

    header = ("instance", "method", "value", "bound", "ratio", "seconds", "kind")
    best: dict[tuple[str, bool], float] = {}
    for row in rows:
        if row.value is not None:
            key = row.instance, row.local_search
            better = min if PROBLEMS[row.problem].smaller_is_better else max
            best[key] = better(best.get(key, row.value), row.value)
    cells: list[Sequence[str]] = [header]
    last = None
    for row in rows:
        shown = "-" if row.value is None else f"{row.value:.9g}"
        if row.standard_error is not None:
            digits = _decimals(row.standard_error)
            shown = f"{row.value:.{digits}f} +- {row.standard_error:.{digits}f}"
        elif row.value is not None and row.value == best[row.instance, row.local_search]:
            shown += " *"
        if last is not None and last != row.instance:
            cells.append(())
        cells.append(
            (
                row.instance if row.instance != last else "",
                row.method + (" + 1-flip" if row.local_search else ""),
                shown,
                f"{row.bound:.9g} {row.bound_status}" if row.instance != last else "",
                "-" if row.ratio is None else f"{row.ratio:.4f}",
                "-" if row.seconds is None else f"{row.seconds:.3f}",
                row.note if row.value is None else "deterministic" if row.deterministic else "random",
            )
        )
        last = row.instance
    promises: dict[str, list[str]] = {}
    for row in rows:
        names = promises.setdefault(row.guarantee, [])
        if row.method not in names:
            names.append(row.method)
    notes = [f"{', '.join(names)}: {text}" for text, names in promises.items()]
    timing = dict.fromkeys(PROBLEMS[row.problem].timing for row in rows)
    legend = ["", "; ".join(["* best of its group", *timing]), *notes]
    return "\n".join([aligned(cells), *legend]) + "\n"


def _decimals(error: float) -> int:
    """Return the number of decimals at which an error shows its first digit, at least one."""
    return 1 if error <= 0.0 else min(9, max(1, -math.floor(math.log10(error))))


def comparison_json(rows: Sequence[Row]) -> str:
    """Return the rows of a comparison as a JSON list, one row a line, keys sorted."""
    lines = [json.dumps(row.to_dict(), sort_keys=True, allow_nan=False, ensure_ascii=False) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def comparison_csv(rows: Sequence[Row]) -> str:
    """Return the rows of a comparison as CSV with a header; what is not there is left empty."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    for k, row in enumerate(rows):
        record = row.to_dict()
        if k == 0:
            table.writerow(record)
        table.writerow("" if value is None else value for value in record.values())
    return text.getvalue()
