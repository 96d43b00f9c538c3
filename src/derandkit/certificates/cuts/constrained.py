"""Re-check the record of a cut under constraints: contract the graph again, from instance and constraints alone.

The record of the contracted graph is checked like that of any other cut. What it proves about that graph is carried
over here in exact arithmetic: the constraints are propagated from vertex to vertex, and every edge is added, with its
sign, to the pair of classes that it joins.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict, VerificationCheck, is_reading, same_json
from derandkit.certificates.cuts.arithmetic import gap_of
from derandkit.certificates.cuts.record import verify_maxcut
from derandkit.certificates.cuts.statements import CONSTRAINED
from derandkit.certificates.intervals import is_rounded
from derandkit.certificates.statements import (
    another,
    check_ending,
    check_reading,
    check_seal,
    message_of,
    within,
)
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.label_json import json_of, label_text
from derandkit.graphs.reading import recorded
from derandkit.numerics.rounding import float_above
from derandkit.records import JsonMapping
from derandkit.status import CutStatus
from derandkit.tables import counted, first_names
from derandkit.versions import upgraded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derandkit.certificates.cuts.coins import Coins

SCHEMA, VERSION = "derandkit-constrained-cut", 2
_KEYS = frozenset(
    ["bound_status", "constraints", "contracted", "contraction", "cut_value", "gap", "graph", "message", "partition",
     "proven_optimal", "schema", "schema_version", "seal", "sides", "status", "upper_bound"]
)  # fmt: skip


@dataclass(frozen=True)
class _Classes:
    """What the constraints make of the graph: the smaller graph, and how its cuts are cuts of the whole one."""

    graph: WeightedGraph
    leader: list[int]
    turned: list[bool]
    constant: Fraction
    slack: Fraction


def verify_constrained_cut(
    record: JsonMapping, graph: WeightedGraph, *, allow_work: float = 1.0, rng: Coins = None
) -> list[VerificationCheck]:
    """Check the record of a cut under constraints against its graph.

    Parameters
    ----------
    record : mapping
        What `ConstrainedCutResult.to_dict` returned, or the JSON object of a file. Anything may be wrong with it.
    graph : WeightedGraph
        The graph it is about.
    allow_work : float
        How many times the usual work a check may cost before it is refused.
    rng : int or Generator, optional
        As for `derandkit.certificates.cuts.record.verify_maxcut`.

    Returns
    -------
    list of VerificationCheck
        The checks of the contracted graph have names that begin with ``"contracted."``.
    """
    written, record = record, upgraded(record)
    checks = [
        CONSTRAINED.check("form", _form, record),
        CONSTRAINED.check("seal", check_seal, written),
        CONSTRAINED.check("graph", _graph, record, graph),
    ]
    if not all(check.passed for check in checks):
        return checks
    checks.append(CONSTRAINED.check("constraints", _constraints, record, graph))
    if not checks[-1].passed:
        return checks
    found = _contracted(graph, list(_links(record, graph)))
    inner = verify_maxcut(written["contracted"], found.graph, allow_work=allow_work, rng=rng)
    checks += within("contracted", inner)
    checks.append(CONSTRAINED.check("contraction", _contraction, record, found))
    checks.append(CONSTRAINED.check("partition", _partition, record, graph))
    checks.append(CONSTRAINED.check("expansion", _expansion, record, graph, found))
    checks.append(CONSTRAINED.check("cut_value", _cut_value, record, graph))
    if not all(check.passed for check in checks):
        return checks
    holds = record["contracted"]["bound_status"] != "estimated"
    checks.append(CONSTRAINED.check("upper_bound", _upper_bound, record, graph, found, headline=holds))
    checks.append(CONSTRAINED.check("gap", _gap, record))
    inside = next(check for check in inner if check.name == "status")
    # nothing rests on an end that is not checked, as in the record of the contracted graph
    checks.append(
        CONSTRAINED.check("status", _status, record, graph, found, inside, headline=inside.verdict.holds)
    )
    checks.append(
        CONSTRAINED.check(
            "provenance", check_reading, written, record["graph"], recorded(graph.reading, graph.rounded)
        )
    )
    return checks


def _form(record: JsonMapping) -> tuple[bool, str]:
    if set(record) != _KEYS:
        wrong = ", ".join(sorted(map(str, set(record) ^ _KEYS)))
        return False, f"unknown or missing keys: {wrong}"
    right = same_json([record["schema"], record["schema_version"]], [SCHEMA, VERSION])
    parts = all(
        isinstance(record[name], Mapping) for name in ("constraints", "contracted", "contraction", "graph")
    )
    stated = record["constraints"]
    keys = set(stated) == {"fixed", "pairs"} and set(record["contraction"]) == {"constant", "slack"}
    lists = all(type(stated[name]) is list and all(type(x) is list for x in stated[name]) for name in stated)
    return right and parts and keys and lists, "every key that belongs here, and no other"


def _graph(record: JsonMapping, graph: WeightedGraph) -> tuple[bool, str]:
    found = {"n": graph.n, "m": graph.m, "total_weight": graph.total_weight, "digest": graph.digest}
    claimed = {key: value for key, value in record["graph"].items() if key != "reading"}
    if wrong := another("graph", claimed, found):
        return False, wrong
    same = same_json(claimed, found) and is_reading(record["graph"]["reading"])
    return same, f"n={graph.n}, m={graph.m}, digest {graph.digest[:12]}..."


def _numbers(graph: WeightedGraph) -> dict[str, int]:
    """Return the number of each vertex by the JSON text of its label."""
    return {json.dumps(json_of(label), sort_keys=True): k for k, label in enumerate(graph.labels)}


def _statements(
    record: JsonMapping, graph: WeightedGraph
) -> tuple[list[tuple[int, int]], list[tuple[int, int, str]]]:
    number = _numbers(graph)

    def vertex(label: object) -> int:
        return number[json.dumps(label, sort_keys=True)]

    fixed = [(vertex(label), side) for label, side in record["constraints"]["fixed"]]
    pairs = [(vertex(u), vertex(v), how) for u, v, how in record["constraints"]["pairs"]]
    return fixed, pairs


def _listed(kind: str, statements: list[str]) -> str:
    """Return how many statements there are, and the first ones: a reader has no other place to see them.

    Examples
    --------
    >>> _listed("fixed", ["a on side 0"]), _listed("pairs", [])
    ('1 fixed (a on side 0)', '0 pairs')
    """
    return f"{len(statements)} {kind}" + (f" ({first_names(statements, 4)})" if statements else "")


def _constraints(record: JsonMapping, graph: WeightedGraph) -> tuple[Verdict, str]:
    fixed, pairs = _statements(record, graph)
    ordered = all(a[0] < b[0] for a, b in itertools.pairwise(fixed))
    ordered = ordered and all(a[:2] < b[:2] for a, b in itertools.pairwise(pairs))
    formed = all(type(side) is int and side in (0, 1) for _, side in fixed)
    formed = formed and all(u < v and how in ("same", "opposite") for u, v, how in pairs)
    if not (ordered and formed):
        return Verdict.FAILED, "every constraint is stated once, in the order of the vertices"
    side = _sides(record, graph)
    obeyed = Obedience(record, graph).holds(record["sides"])
    if not fixed and side[0] != 0:
        return Verdict.FAILED, "without fixed vertices the first one is on side 0"
    names = [label_text(label) for label in graph.labels]
    text = (
        f"{_listed('fixed', [f'{names[v]} on side {side}' for v, side in fixed])} and "
        f"{_listed('pairs', [f'{names[u]} and {names[v]} {how}' for u, v, how in pairs])}, obeyed by the sides"
    )
    return (Verdict.PROVEN, text) if obeyed else (Verdict.FAILED, "the sides do not obey the constraints")


class Obedience:
    """Whether sides obey the constraints of a record, which are read once.

    Parameters
    ----------
    record : mapping
        The record, whose constraints were found to be in order.
    graph : WeightedGraph
        The graph.
    """

    def __init__(self, record: JsonMapping, graph: WeightedGraph) -> None:
        fixed, pairs = _statements(record, graph)
        self.count = len(fixed) + len(pairs)
        self._fixed = np.array([v for v, _ in fixed], dtype=np.int64)
        self._first = np.array([side == 0 for _, side in fixed], dtype=bool)
        self._ends = np.array([(u, v) for u, v, _ in pairs], dtype=np.int64).reshape(-1, 2).T
        self._apart = np.array([how == "opposite" for _, _, how in pairs], dtype=bool)

    def holds(self, sides: str) -> bool:
        """Whether sides, one character a vertex, obey."""
        plus = np.frombuffer(sides.encode("ascii"), dtype=np.uint8) == ord("+")
        if not self._fixed.size and not plus[0]:
            return False
        u, v = self._ends
        fixed = np.array_equal(plus[self._fixed], self._first)
        return fixed and np.array_equal(plus[u] != plus[v], self._apart)


def _sides(record: JsonMapping, graph: WeightedGraph) -> list[int]:
    text = record["sides"]
    if not isinstance(text, str) or len(text) != graph.n or set(text) - {"+", "-"}:
        raise ValueError(f"the sides are {graph.n} characters + or -")
    return [0 if side == "+" else 1 for side in text]


def _links(record: JsonMapping, graph: WeightedGraph) -> Iterator[tuple[int, int, bool]]:
    fixed, pairs = _statements(record, graph)
    for (u, one), (v, other) in itertools.pairwise(fixed):
        yield u, v, one != other
    for u, v, how in pairs:
        yield u, v, how == "opposite"


def _contracted(graph: WeightedGraph, links: Sequence[tuple[int, int, bool]]) -> _Classes:
    """Contract the graph along links that some sides obey, so that they do not contradict each other."""
    beside: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for u, v, opposite in links:
        beside[u].append((v, opposite))
        beside[v].append((u, opposite))
    leader, turned = [-1] * graph.n, [False] * graph.n
    for first in range(graph.n):
        if leader[first] >= 0:
            continue
        leader[first] = first
        waiting = deque([first])
        while waiting:
            u = waiting.popleft()
            for v, opposite in beside.get(u, ()):
                if leader[v] < 0:
                    leader[v], turned[v] = first, turned[u] != opposite
                    waiting.append(v)
    leaders = sorted(set(leader))
    place = {v: k for k, v in enumerate(leaders)}
    constant = Fraction(0)
    weights: dict[tuple[int, int], Fraction] = {}
    for u, v, w in zip(*(column.tolist() for column in graph.edges()), strict=True):
        weight = Fraction(w)
        if turned[u] != turned[v]:
            constant, weight = constant + weight, -weight
        a, b = sorted((place[leader[u]], place[leader[v]]))
        if a != b:
            weights[a, b] = weights.get((a, b), Fraction(0)) + weight
    floats = {pair: float(weight) for pair, weight in weights.items()}
    hidden = [weight - Fraction(floats[pair]) for pair, weight in weights.items()]
    smaller = WeightedGraph.from_edges(
        [a for a, _ in floats],
        [b for _, b in floats],
        list(floats.values()),
        labels=[graph.labels[v] for v in leaders],
    )
    slack = sum((rest for rest in hidden if rest > 0), Fraction(0))
    return _Classes(smaller, leader, turned, constant, slack)


def _contraction(record: JsonMapping, found: _Classes) -> tuple[Verdict, str]:
    expected = {"constant": str(found.constant), "slack": str(found.slack)}
    verdict = Verdict.PROVEN if same_json(record["contraction"], expected) else Verdict.FAILED
    size = f"{counted(found.graph.n, 'vertex', 'vertices')}, {counted(found.graph.m, 'edge')}"
    return verdict, f"{size}, {found.constant} added to every cut"


def _expansion(record: JsonMapping, graph: WeightedGraph, found: _Classes) -> tuple[Verdict, str]:
    """Compare the sides with those of the contracted graph, whose chain and status they inherit."""
    inner = record["contracted"]["certificate"]["sides"]
    place = {v: k for k, v in enumerate(sorted(set(found.leader)))}
    own = [
        (inner[place[leader]] == "-") != turned
        for leader, turned in zip(found.leader, found.turned, strict=True)
    ]
    claimed = [side == 1 for side in _sides(record, graph)]
    same = claimed == [side != (own[0] != claimed[0]) for side in own]
    return (
        Verdict.PROVEN if same else Verdict.FAILED
    ), "the sides are those of the contracted graph, expanded"


def _partition(record: JsonMapping, graph: WeightedGraph) -> tuple[Verdict, str]:
    side = _sides(record, graph)
    expected = [
        [json_of(x) for x, k in zip(graph.labels, side, strict=True) if k == which] for which in (0, 1)
    ]
    verdict = Verdict.PROVEN if same_json(record["partition"], expected) else Verdict.FAILED
    return verdict, f"{len(expected[0])} + {len(expected[1])} vertices, each on its side"


def _weight(graph: WeightedGraph, side: Sequence[int]) -> Fraction:
    edges = zip(*(column.tolist() for column in graph.edges()), strict=True)
    return sum((Fraction(w) for u, v, w in edges if side[u] != side[v]), Fraction(0))


def _cut_value(record: JsonMapping, graph: WeightedGraph) -> tuple[Verdict, str]:
    exact = _weight(graph, _sides(record, graph))
    expected = int(exact) if graph.integral else float(exact)
    return (
        Verdict.PROVEN if same_json(record["cut_value"], expected) else Verdict.FAILED
    ), f"{expected} recomputed"


def _bound(record: JsonMapping, found: _Classes) -> Fraction:
    """Return what no cut that obeys the constraints weighs more than, by the record of the contracted graph."""
    inner = record["contracted"]
    within = Fraction(inner["upper_bound"])
    if inner["proven_optimal"]:
        within = _weight(found.graph, [0 if side == "+" else 1 for side in inner["certificate"]["sides"]])
    return found.constant + within + found.slack


def _upper_bound(record: JsonMapping, graph: WeightedGraph, found: _Classes) -> tuple[Verdict, str]:
    exact = _bound(record, found)
    expected: int | float = math.floor(exact) if graph.integral else float_above(exact)
    status = record["contracted"]["bound_status"]
    if not same_json([record["upper_bound"], record["bound_status"]], [expected, status]):
        return Verdict.FAILED, f"{expected} ({status}) follows from the contracted graph"
    if status == "certified":
        return Verdict.PROVEN, f"no cut that obeys the constraints weighs more than {expected}"
    if status == "tested":
        return (
            Verdict.RECOMPUTED,
            f"{expected}, if the dual matrix of the contracted graph is as it was tested",
        )
    return Verdict.NOT_CHECKED, f"{expected} is an estimate: it follows from that of the contracted graph"


def _gap(record: JsonMapping) -> tuple[bool, str]:
    gap = gap_of(record["upper_bound"], record["cut_value"])
    return is_rounded(record["gap"], gap), f"gap {float(gap):.6g}"


def _status(
    record: JsonMapping, graph: WeightedGraph, found: _Classes, inside: VerificationCheck
) -> tuple[bool | Verdict, str]:
    optimal = record["bound_status"] == "certified"
    optimal = optimal and _weight(graph, _sides(record, graph)) >= _bound(record, found)
    message = message_of(CutStatus, record["status"])
    return check_ending(record, record["contracted"], inside, optimal, message)
