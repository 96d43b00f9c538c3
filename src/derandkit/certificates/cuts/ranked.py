"""Re-check the record of several cuts: the record of the best one, and the weight of every other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict, VerificationCheck, same_json
from derandkit.certificates.cuts.constrained import SCHEMA as CONSTRAINED
from derandkit.certificates.cuts.constrained import Obedience, verify_constrained_cut
from derandkit.certificates.cuts.record import verify_maxcut
from derandkit.certificates.cuts.statements import RANKED
from derandkit.certificates.statements import check_seal, within
from derandkit.certificates.work import refuse_beyond
from derandkit.numerics.sums import exact_total
from derandkit.records import JsonMapping

if TYPE_CHECKING:
    from derandkit.certificates.cuts.coins import Coins
    from derandkit.graphs.graph import WeightedGraph

SCHEMA, VERSION = "derandkit-ranked-cuts", 1

#: Edges and vertices that are looked at for all cuts together; about ten seconds.
MOST_EDGES = 2e8


def verify_ranked_cuts(
    record: JsonMapping, graph: WeightedGraph, *, allow_work: float = 1.0, rng: Coins = None
) -> list[VerificationCheck]:
    """Check the record of several cuts against their graph.

    Parameters
    ----------
    record : mapping
        What `RankedCutsResult.to_dict` returned, or the JSON object of a file. Anything may be wrong with it.
    graph : WeightedGraph
        The graph it is about.
    allow_work : float
        How many times the usual work a check may cost before it is refused.
    rng : int or Generator, optional
        As for `derandkit.certificates.cuts.record.verify_maxcut`.

    Returns
    -------
    list of VerificationCheck
        The checks of the best cut have names that begin with ``"best."``.
    """
    checks = [RANKED.check("form", _form, record), RANKED.check("seal", check_seal, record)]
    if not all(check.passed for check in checks):
        return checks
    best = record["best"]
    verify = verify_constrained_cut if best.get("schema") == CONSTRAINED else verify_maxcut
    checks += within("best", verify(best, graph, allow_work=allow_work, rng=rng))
    if all(check.passed for check in checks):
        checks.append(RANKED.check("cuts", _cuts, record, graph, allow_work))
    if "shortened" in record:
        text = "the search for the cuts was ended early"
        checks.append(RANKED.check("shortened", lambda: (Verdict.NOT_CHECKED, text)))
    return checks


def _form(record: JsonMapping) -> tuple[bool, str]:
    keys = set(record) - {"shortened"} == {"schema", "schema_version", "best", "cuts", "seal"}
    keys = keys and record.get("shortened", True) is True
    named = keys and same_json([record["schema"], record["schema_version"]], [SCHEMA, VERSION])
    parts = (
        named and isinstance(record["best"], Mapping) and isinstance(record["cuts"], list) and record["cuts"]
    )
    formed = parts and all(
        isinstance(cut, Mapping) and set(cut) == {"cut_value", "sides"} for cut in record["cuts"]
    )
    return bool(formed), "every key that belongs here, and no other"


def _cuts(record: JsonMapping, graph: WeightedGraph, allow_work: float) -> tuple[Verdict, str]:
    best = record["best"]
    constrained = best.get("schema") == CONSTRAINED
    own = best["sides"] if constrained else best["certificate"]["sides"]
    seen: set[frozenset[str]] = set()
    last: int | float | None = None
    i, j, w = graph.edges()
    constraints = Obedience(best, graph) if constrained else None
    size = graph.m + graph.n + (0 if constraints is None else constraints.count)
    refuse_beyond(float(len(record["cuts"]) * size), MOST_EDGES, "weighing the cuts", allow_work)
    for k, cut in enumerate(record["cuts"]):
        sides, value = cut["sides"], cut["cut_value"]
        if not isinstance(sides, str) or len(sides) != graph.n or set(sides) - {"+", "-"}:
            return Verdict.FAILED, f"cut {k} has no sides of {graph.n} characters + or -"
        plus = np.frombuffer(sides.encode("ascii"), dtype=np.uint8) == ord("+")
        exact = exact_total(w[plus[i] != plus[j]])
        expected = int(exact) if graph.integral else float(exact)
        if not same_json(value, expected):
            return Verdict.FAILED, f"cut {k} weighs {expected}, {value} is claimed"
        if (
            last is not None and expected > last
        ):  # as stated: rounded weights can be equal where exact ones are not
            return Verdict.FAILED, f"cut {k} is heavier than the one before it"
        last = expected
        turned = sides.translate(str.maketrans("+-", "-+"))
        if frozenset((sides, turned)) in seen:
            return Verdict.FAILED, f"cut {k} is one of those before it"
        seen.add(frozenset((sides, turned)))
        if k == 0 and sides != own:
            return Verdict.FAILED, "the first cut is not the best one"
        if constraints is not None and not constraints.holds(sides):
            return Verdict.FAILED, f"cut {k} does not obey the constraints"
        if constraints is None and sides[0] != "+":
            return Verdict.FAILED, f"cut {k} does not have the first vertex on the first side"
    return Verdict.PROVEN, f"{len(record['cuts'])} different cuts, weights exact, greatest first"
