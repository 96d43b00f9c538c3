"""Re-check every claim of a record of a quadratic problem against the instance, with none of the solver's code.

The instance is written as a polynomial and the polynomial as a cut a second time; the record of the cut is checked
against that graph, and solution, value, bound and numbers follow from it in exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.certificates.checks import Verdict, VerificationCheck, is_reading, proven, same_json
from derandkit.certificates.cuts.constrained import SCHEMA as CONSTRAINED
from derandkit.certificates.cuts.constrained import verify_constrained_cut
from derandkit.certificates.cuts.record import verify_maxcut
from derandkit.certificates.intervals import is_rounded
from derandkit.certificates.quadratic.problems import counts_of, polynomial, spread_of, value_of
from derandkit.certificates.quadratic.reduction import Reduction, reduction, reduction_toward
from derandkit.certificates.quadratic.statements import QUADRATIC
from derandkit.certificates.quadratic.triangles import check_triangles
from derandkit.certificates.statements import (
    another,
    check_ending,
    check_reading,
    check_seal,
    message_of,
    within,
)
from derandkit.graphs.label_json import json_of, label_of, label_text
from derandkit.graphs.reading import recorded
from derandkit.models.arcs import SignedGraph
from derandkit.models.files import problem_of
from derandkit.numerics.rounding import float_above, float_below
from derandkit.records import JsonMapping
from derandkit.status import OPTIMAL_OF_FIXED, QuadraticStatus
from derandkit.tables import counted, first_names
from derandkit.versions import upgraded
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from derandkit.certificates.cuts.coins import Coins
    from derandkit.certificates.quadratic.problems import Polynomial
    from derandkit.numerics.typing import SignArray

SCHEMA, VERSION = "derandkit-quadratic", 3
_KEYS = frozenset(
    ["bound", "bound_status", "cut", "figures", "gap", "instance", "kind", "labels", "message", "proven_optimal",
     "reduction", "relative_gap", "schema", "schema_version", "seal", "sense", "spread", "status", "value", "values",
     "vartype"]
)  # fmt: skip


def verify_quadratic(
    record: JsonMapping, instance: object, *, allow_work: float = 1.0, rng: Coins = None
) -> list[VerificationCheck]:
    """Check a record of a quadratic problem against its instance.

    Parameters
    ----------
    record : mapping
        What `QuadraticResult.to_dict` returned, or the JSON object of a file. Anything may be wrong with it.
    instance : QuadraticModel, Clauses, Arcs or SignedGraph
        What it is about.
    allow_work : float
        How many times the usual work a check may cost before it is refused.
    rng : int or Generator, optional
        As for `derandkit.certificates.cuts.record.verify_maxcut`.

    Returns
    -------
    list of VerificationCheck
        The checks of the cut come first, under names that begin with ``"cut."``.
    """
    written, record = record, upgraded(record)
    checks = [
        QUADRATIC.check("form", _form, record, written),
        QUADRATIC.check("seal", check_seal, written),
        QUADRATIC.check("kind", _kind, record, instance),
    ]
    if not all(check.passed for check in checks):
        return checks
    try:
        poly = polynomial(instance)
        near = found = reduction(poly.model)
    except ArithmeticError:  # that of the instance: nothing solves one whose sums leave the doubles
        text = "the coefficients of the instance add up beyond the range of doubles"
        return [*checks, QUADRATIC.check("instance", lambda: (Verdict.FAILED, text))]
    checks.append(QUADRATIC.check("instance", _instance, record, instance, poly))
    if not checks[-1].passed:
        return checks
    if _favours(record) and _are_values(record["values"], poly):
        try:
            found = reduction_toward(poly, found, record["values"])
        except ArithmeticError:
            text = "the weights of the cut are beyond the range of doubles"
            return [*checks, QUADRATIC.check("reduction", lambda: (Verdict.FAILED, text))]
    cut = record["cut"]
    if not isinstance(cut, Mapping):
        return [*checks, VerificationCheck("cut", Verdict.FAILED, "is not a record")]
    bounded = verify_constrained_cut if cut.get("schema") == CONSTRAINED else verify_maxcut
    inner = bounded(written["cut"], found.graph, allow_work=allow_work, rng=rng)
    checks += within("cut", inner)
    if not all(check.passed for check in checks):
        return checks
    for name, check in (
        ("reduction", _reduction), ("solution", _solution), ("value", _value), ("figures", _figures),
        ("bound", _bound), ("gap", _gap),
    ):  # fmt: skip
        # an estimated bound is shown as not checked, and nothing rests on it
        rests = name != "bound" or cut["bound_status"] != "estimated"
        checks.append(QUADRATIC.check(name, check, record, instance, poly, found, headline=rests))
    checks.append(QUADRATIC.check("triangles", check_triangles, record, instance, poly, near))
    inside = next(check for check in inner if check.name == "status")
    # nothing rests on an end that is not checked, as in the record of the cut
    rests = inside.verdict.holds
    checks.append(QUADRATIC.check("status", _status, record, instance, poly, found, inside, headline=rests))
    checks.append(QUADRATIC.check("provenance", check_reading, written, record["instance"], _read(instance)))
    return checks


def _form(record: JsonMapping, written: JsonMapping) -> tuple[bool, str]:
    odd = (set(record) - {"triangles"}) ^ _KEYS  # only a relaxation that has them says something about them
    if odd:
        return False, f"unknown or missing keys: {', '.join(map(str, sorted(odd, key=str)))}"
    right = record["schema"] == SCHEMA and type(record["schema_version"]) is int
    lists = isinstance(record["labels"], list) and isinstance(record["values"], list)
    parts = ["cut", "figures", "instance", "reduction", *(set(record) & {"triangles"})]
    tables = all(isinstance(record[name], Mapping) for name in parts)
    good = right and record["schema_version"] == VERSION and lists and tables
    return good, f"{record['schema']!r} version {written['schema_version']!r}"


def _kind(record: JsonMapping, instance: object) -> tuple[bool, str]:
    kind = getattr(instance, "kind", type(instance).__name__)
    return record["kind"] == kind, f"the instance is {kind!r}, the record is about {record['kind']!r}"


def _instance(record: JsonMapping, instance: Any, poly: Polynomial) -> tuple[Verdict, str]:
    model = poly.model
    expected = {
        "n": model.n,
        "couplings": model.couplings.m,
        "digest": instance.digest,
        "model_digest": model.digest,
    }
    claimed = {key: value for key, value in record["instance"].items() if key != "reading"}
    same = (
        same_json(claimed, expected)
        and is_reading(record["instance"]["reading"])
        and record["vartype"] == model.vartype
        and record["sense"] == model.sense
    )
    same = same and same_json(record["labels"], [json_of(label) for label in model.labels])
    if wrong := another("instance", claimed, expected):
        return Verdict.FAILED, wrong
    text = f"{model.n} {model.vartype} variables, {model.sense}, digest {expected['digest'][:12]}..."
    here = _read(instance)
    if here is not None and here != record["instance"]["reading"]:  # a file may fit several readings
        text += f"; read as {printable(here)}"
    own, said = (problem_of(reading) for reading in (here, record["instance"]["reading"]))
    if own is not None:
        text += f"; problem {own[0]} of {own[1]} of the file"
        if said is not None and said != own:
            return Verdict.FAILED, f"{text}, the record says problem {said[0]} of {said[1]}"
    return proven(same), text


def _read(instance: object) -> str | None:
    """Return how the instance was read for this check, or None where it came from no file or object of others."""
    source = instance.graph if isinstance(instance, SignedGraph) else instance
    return recorded(getattr(source, "reading", None), getattr(source, "rounded", 0.0))


def _reduction(record: JsonMapping, _: object, poly: Polynomial, found: Reduction) -> tuple[Verdict, str]:
    expected = {
        "constant": str(found.constant),
        "factor": str(found.factor),
        "rounding": "toward the solution" if _favours(record) else "nearest",
        "slack": str(_slack(record, poly, found)),
    }
    same = same_json(record["reduction"], expected)
    return proven(same), f"{found.constant} + {found.factor} cut, worked out again from the instance"


def _favours(record: JsonMapping) -> bool:
    """Whether weights of the cut are rounded in favour of the solution."""
    return bool(record["reduction"].get("rounding") == "toward the solution")


def _are_values(values: list[object], poly: Polynomial) -> bool:
    """Whether there is a value for every variable; others have no reduction, and fail as a solution."""
    low = -1 if poly.model.vartype == "spin" else 0
    return len(values) == poly.model.n and all(type(x) is int and x in (low, 1) for x in values)


def _slack(record: JsonMapping, poly: Polynomial, found: Reduction) -> Fraction:
    """Return what rounding can add to a value; towards the solution the coefficients are not rounded before."""
    return found.slack if _favours(record) else found.slack + poly.slack


def _sides(record: JsonMapping) -> SignArray:
    cut = record["cut"]
    sides = cut["sides"] if cut["schema"] == CONSTRAINED else cut["certificate"]["sides"]
    return np.array([1 if side == "+" else -1 for side in sides], dtype=np.int8)


def _fixed(record: JsonMapping, found: Reduction) -> list[str] | None:
    """Return the names of the variables that the cut has fixed; None if its constraints are others.

    The vertex of the constant has to be fixed as well, on side 0: only there side 0 means the value 1.
    """
    if record["cut"]["schema"] != CONSTRAINED:
        return []
    constraints = record["cut"]["constraints"]
    reference = [] if found.reference is None else [[json_of(found.reference), 0]]
    others = [entry for entry in constraints["fixed"] if entry not in reference]
    whole = len(others) + len(reference) == len(constraints["fixed"])
    if not (whole and others and not constraints["pairs"]):
        return None
    return [label_text(label_of(label)) for label, _ in others]


def _solution(record: JsonMapping, _: object, poly: Polynomial, found: Reduction) -> tuple[Verdict, str]:
    values, fixed = found.solution(poly.model, _sides(record)), _fixed(record, found)
    if fixed is None:
        return Verdict.FAILED, "the constraints of the cut are not those of fixed variables"
    given = f"; {counted(len(fixed), 'variable')} fixed ({first_names(fixed)})" if fixed else ""
    return proven(
        same_json(record["values"], values)
    ), f"the sides of the cut, relative to the vertex of the constant{given}"


def _value(record: JsonMapping, instance: object, _: Polynomial, __: Reduction) -> tuple[Verdict, str]:
    exact = value_of(instance, record["values"])
    return proven(_same(record["value"], exact)), f"{_shown(exact)} by the definition of the problem"


def _figures(record: JsonMapping, instance: object, _: Polynomial, __: Reduction) -> tuple[Verdict, str]:
    expected, claimed = counts_of(instance, record["values"]), record["figures"]
    same = set(expected) == set(claimed)
    for name, value in expected.items():
        same = same and (
            _same(claimed[name], value) if isinstance(value, Fraction) else same_json(claimed[name], value)
        )
    return proven(same), ", ".join(sorted(expected)) or "none for this problem"


def _best(record: JsonMapping, poly: Polynomial, found: Reduction) -> Fraction:
    """Return what no solution beats, with sign for a model to be minimised turned back."""
    model = poly.model
    slack = _slack(record, poly, found)
    bound = found.constant + found.factor * Fraction(record["cut"]["upper_bound"]) + slack
    if record["cut"]["proven_optimal"] and (slack == 0 or _favours(record)):
        bound = found.constant + found.factor * _cut(found, _sides(record)) + slack
    return bound if model.sense == "maximize" else -bound


def _cut(found: Reduction, sides: SignArray) -> Fraction:
    i, j, w = found.graph.edges()
    return sum((Fraction(x) for x in w[sides[i] != sides[j]].tolist()), Fraction(0))


def _bound(record: JsonMapping, _: object, poly: Polynomial, found: Reduction) -> tuple[Verdict, str]:
    best = _best(record, poly, found)
    status = record["cut"]["bound_status"]
    rounded = float_above(best) if poly.model.sense == "maximize" else float_below(best)
    expected = best.numerator if best.denominator == 1 else rounded
    same = same_json(record["bound"], expected)
    same = same and record["bound_status"] == status
    reach = {"certified": Verdict.PROVEN, "tested": Verdict.RECOMPUTED}.get(status, Verdict.NOT_CHECKED)
    verdict = reach if same else Verdict.FAILED
    every = "every cut with the fixed values" if _fixed(record, found) else "every cut"
    return verdict, f"{expected} from the bound on {every} ({status})"


def _gap(record: JsonMapping, _: object, poly: Polynomial, __: Reduction) -> tuple[Verdict, str]:
    gap = abs(Fraction(record["bound"]) - Fraction(record["value"]))
    spread = spread_of(poly.model)
    near = is_rounded(record["spread"], Fraction(spread))
    same = near and is_rounded(record["gap"], gap)
    same = same and is_rounded(record["relative_gap"], gap / Fraction(record["spread"] or 1.0))
    return proven(same), f"{float(gap):.9g}, of a range of {spread:.9g}"


def _status(
    record: JsonMapping, instance: object, poly: Polynomial, found: Reduction, inside: VerificationCheck
) -> tuple[bool | Verdict, str]:
    certified = record["cut"]["bound_status"] == "certified"
    optimal = certified and _best(record, poly, found) == value_of(instance, record["values"])
    message, earlier = message_of(QuadraticStatus, record["status"]), ""
    if record["status"] == "optimal" and _fixed(record, found):
        if record["message"] == message:
            earlier = "; the message, of an earlier release, is true of solutions with the fixed values"
        else:
            message = OPTIMAL_OF_FIXED
    verdict, detail = check_ending(record, record["cut"], inside, optimal, message)
    return verdict, detail + earlier


def _same(claimed: object, exact: Fraction) -> bool:
    expected = exact.numerator if exact.denominator == 1 else float(exact)
    return type(claimed) is type(expected) and repr(claimed) == repr(expected)


def _shown(exact: Fraction) -> str:
    return str(exact) if exact.denominator == 1 else repr(float(exact))
