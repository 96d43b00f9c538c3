"""Results as text: aligned tables for people, tab-separated lines for programs.

Every number says what it is: exact (recomputed from the sides), certified (proven), or estimated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from derandkit.cuts.result import MaxCutResult


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


def maxcut_table(result: MaxCutResult) -> str:
    """Return the table that ``str(result)`` and the command line print."""
    chain, bound, graph = result.chain, result.bound, result.graph
    optimal = ", proven optimal" if result.proven_optimal else ""
    proof = f"{result.bound_status}, {bound['method']}"
    if bound["rounded_down"] and result.upper_bound != bound["dual_bound"]:
        proof += f", {number(bound['dual_bound'])} rounded down"
    guarantee = result.guarantee
    shifted = " + W- (1 - 0.87856)" if guarantee["negative_weight"] else ""
    sizes = [str(len(side)) for side in result.partition]
    rows = [
        ("graph", f"{graph['n']} vertices, {graph['m']} edges, total weight {number(graph['total_weight'])}"),
        ("cut", f"{number(result.cut_value)} (exact{optimal})"),
        ("upper bound", f"{number(result.upper_bound)} ({proof})"),
        ("gap", f"{result.gap:.4%}"),
        ("sides", f"{sizes[0]} + {sizes[1]} vertices"),
        ("status", result.message),
        ("", ""),
        ("chain", f"{number(chain['upper_bound'])} dual bound"),
        ("", f">= {number(chain['sdp_value'])} SDP value of the vectors ({result.relaxation['method']}, "
             f"rank {result.relaxation['rank']})"),
        ("", f"{number(chain['cut_value'])} cut"),
        ("", f">= {number(chain['final_expectation'])} expected cut at the end of the path ({result.method})"),
        ("", f">= {number(chain['start_expectation'])} expected cut of a random hyperplane"),
        ("", f"{'>=' if guarantee['holds'] else '!>='} {number(guarantee['value'])} = 0.87856 SDP value{shifted}"),
    ]  # fmt: skip
    return aligned(rows)


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
