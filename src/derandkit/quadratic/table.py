"""A quadratic record as a table for people, in the words of its problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.graphs.reading import of_rounded_sums
from derandkit.signs.options import MOST_VIOLATION
from derandkit.tables import bound_row, bounding, counted, number, percent_above, told_apart
from derandkit.words.digits import digits_above
from derandkit.words.quoting import one_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.records import JsonMapping
    from derandkit.results import Row

#: Violated clauses that the table names.
SHOWN = 10

#: What the problem, its value and its variables are called.
WORDS = {
    "ising": ("Ising model", "energy", "spin"),
    "qubo": ("QUBO", "value", "bit"),
    "max2sat": ("MAX-2SAT", "satisfied weight", "variable"),
    "maxdicut": ("directed cut", "weight of arcs out", "vertex"),
    "balance": ("structural balance", "frustrated weight", "vertex"),
}
#: What two variables with a product in the objective are called: arcs or clauses of a pair may cancel or add up.
PAIRS = {
    "ising": ("coupling", "couplings"),
    "qubo": ("coupling", "couplings"),
    "max2sat": ("pair of variables that interact", "pairs of variables that interact"),
    "maxdicut": ("pair of vertices that interact", "pairs of vertices that interact"),
    "balance": ("edge", "edges"),
}


def quadratic_rows(record: JsonMapping) -> Sequence[Row]:
    """Return the rows of the table: what was reached, what is possible, how far apart, then the details.

    Parameters
    ----------
    record : mapping
        The record of a result (`derandkit.QuadraticResult.to_dict`).
    """
    title, value, variable = WORDS[record["kind"]]
    n, m = record["instance"]["n"], record["instance"]["couplings"]
    plural = "vertices" if variable == "vertex" else None
    least = record["sense"] == "minimize"
    cut = record["cut"].get("contracted", record["cut"])
    fixed = sum(
        1 for label, _ in record["cut"].get("constraints", {}).get("fixed", ()) if label in record["labels"]
    )
    such = "no such solution" if fixed else "no solution"
    optimal = ", proven optimal" if record["proven_optimal"] else ""
    reached, possible = told_apart(record["value"], record["bound"], above=not least)
    test = cut["bound"].get("coin_test")
    possible_row = bound_row(
        f"{such} is {'below' if least else 'above'}",
        possible,
        record["bound_status"],
        cut["bound"]["method"],
        None if test is None else test["error_probability"],
    )
    percent = percent_above(record["relative_gap"])
    distance = f"{bounding(record['gap'], above=True)} at most, {percent} of the range of the coefficients"
    if record["bound_status"] == "estimated":
        distance = f"{number(record['gap'])} to the estimate, which proves nothing"
    # the optimum itself meets the bound: the two were rounded to different sides where no float64 holds it
    rounded = (
        f" (the rounded numbers of the record differ by {number(record['gap'])})" if record["gap"] else ""
    )
    exact = "exact for rounded sums" if of_rounded_sums(record["instance"].get("reading")) else "exact"
    missed = len(record["figures"].get("hard_violated", ()))
    if missed:
        reached = f"{reached}, which counts the cost of violated hard clauses"
        value = "value"
    rows: list[Row] = [
        *(_infeasible(record, missed, fixed) if missed else ()),
        (value, f"{reached} ({exact}{optimal})"),
        possible_row,
        ("gap", f"0{rounded}: {such} is better" if record["proven_optimal"] else distance),
        *_figures(record),
        ("", ""),
        (
            "problem",
            f"{title}, {counted(n, variable, plural)}, {counted(m, *PAIRS[record['kind']])}, {record['sense']}d",
        ),
        *(
            [
                (
                    "fixed",
                    f"{counted(fixed, variable, plural)}; value and bound are those of such solutions",
                )
            ]
            if fixed
            else []
        ),
        *_triangles(record),
        ("status", record["message"]),
        ("method", f"as a cut of {counted(cut['graph']['n'], 'vertex', 'vertices')}; {cut['method']}"),
    ]
    return rows


def _triangles(record: JsonMapping) -> list[Row]:
    """Say what the relaxation with triangles is worth, and what its start is expected to be."""
    found = record.get("triangles")
    if found is None:
        return []
    share = "" if found["ratio"] is None else f", at least {found['ratio']:g} of it"
    if (
        share and found["shift"] != "0"
    ):  # the share is one of sums over clauses, in which hard ones count as well
        share += " where the cost of all hard clauses is added to both"
    text = f"{number(found['sdp_value'])} with triangles of {counted(found['pairs'], 'pair')}"
    if found["violation"] > MOST_VIOLATION:
        text += f", violated by up to {digits_above(found['violation'], 2)}"
    return [("relaxation", text), ("its start", f"{number(found['expectation'])} is expected{share}")]


def _infeasible(record: JsonMapping, missed: int, fixed: int) -> list[Row]:
    """Say that hard clauses are violated, whether that is proven to be inevitable, and what is satisfied all the same.

    A violated hard clause costs more than all soft ones together can bring. The optimum violates one only where every
    assignment does.
    """
    if record["proven_optimal"]:
        such = "no assignment with the fixed values" if fixed else "no assignment"
        said = f"{missed} violated: {such} satisfies the hard clauses (proven)"
    else:
        said = f"{missed} violated: this is no feasible assignment"
    figures = record["figures"]
    soft = f"{number(figures['satisfied_weight'])} of {number(figures['soft_weight'])}, by the soft clauses"
    return [("hard clauses", said), ("satisfied weight", soft)]


def _figures(record: JsonMapping) -> list[Row]:
    figures = record["figures"]
    if record["kind"] == "max2sat":
        violated = [str(k) for k in figures["violated"][:SHOWN]]
        more = ", ..." if len(figures["violated"]) > SHOWN else ""
        count = counted(len(figures["violated"]), "soft clause")
        rows: list[Row] = [
            (
                "violated",
                f"{count}{', by number from 0: ' if violated else ''}{', '.join(violated)}{more}",
            )
        ]
        return rows
    if record["kind"] == "balance":
        plus, minus = figures["frustrated_positive"], figures["frustrated_negative"]
        alone = (
            record["value"] == 0 and len(set(record["values"])) == 1
        )  # then negative edges would be inside it
        return [
            *([("camps", "all vertices are in one, and no edge is negative")] if alone else []),
            (
                "frustrated",
                f"{counted(plus, 'positive edge')} between the camps, {counted(minus, 'negative edge')} inside them",
            ),
        ]
    if record["kind"] == "maxdicut":
        return [("arcs out", str(figures["arcs_out"]))]
    return []


def solution_tsv(record: JsonMapping) -> str:
    """Return one line ``label<TAB>value`` a variable; tabs and newlines in labels are escaped."""
    pairs = zip(record["labels"], record["values"], strict=True)
    return "".join(f"{one_field(str(label))}\t{value}\n" for label, value in pairs)
