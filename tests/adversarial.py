"""Graphs and clouds of awkward numbers, small enough for enumeration and exact fractions."""

from __future__ import annotations

import functools
import itertools
import math
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.oracles import exact_cut
from tests.second import second_report
from tests.truth import exact_ratios, spectral_bound

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.graphs.graph import WeightedGraph

#: Settings of a long run: nothing is kept, nothing is shrunk, examples are drawn anew.
LONG = {
    "database": None,
    "deadline": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
POWERS = st.one_of(st.integers(-3, 3), st.integers(-30, 30), st.integers(-320, 307))


@st.composite
def awkward_graphs(draw, most=9):
    """Draw a graph with at most `most` vertices: weights of one scale or many, whole or not, of both signs or of one.

    Sometimes one edge outweighs all others by far, or two are opposite.
    """
    n, scale = draw(st.integers(1, most)), draw(POWERS)
    digits, sign = draw(st.integers(0, 3)), draw(st.sampled_from([0, 0, 1, -1]))
    mixed, heavy = (
        draw(st.integers(0, 4)) == 0,
        draw(st.sampled_from([1.0, 1.0, 1.0, 1e9, -1e9, 1e15, 1e-12])),
    )
    numbers = np.random.default_rng(draw(st.integers(0, 2**32)))
    share = numbers.random()
    pairs = [pair for pair in itertools.combinations(range(n), 2) if numbers.random() <= share]
    m = len(pairs)
    values = [
        np.ones(m),
        numbers.integers(-6, 10, m),
        numbers.integers(-99, 100, m) / 64,
        numbers.normal(size=m),
    ][digits]
    values = np.abs(values) * sign if sign else values.astype(float)
    powers = (
        numbers.integers(*sorted((scale, int(numbers.integers(-300, 300)))), m, endpoint=True)
        if mixed
        else scale
    )
    with np.errstate(over="ignore"):
        values = values * 10.0 ** np.asarray(powers, dtype=float)
        if m:
            values[numbers.integers(m)] *= heavy
    if m > 1 and numbers.random() < 0.1:
        values[0] = -values[1]
    return n, [(i, j, w) for (i, j), w in zip(pairs, values.tolist(), strict=True)]


def exact_optimum(graph):
    """Return the heaviest cut as a fraction: all cuts in Gray's order, in whole numbers of one unit."""
    i, j, w = (column.tolist() for column in graph.edges())
    exact = [Fraction(x) for x in w]
    unit = math.lcm(1, *(x.denominator for x in exact))
    near = [[] for _ in range(graph.n)]
    for a, b, x in zip(i, j, exact, strict=True):
        near[a].append((b, int(x * unit)))
        near[b].append((a, int(x * unit)))
    sides, cut, best = [1] * graph.n, 0, 0
    for number in range(1, 2 ** max(0, graph.n - 1)):
        v = (number & -number).bit_length()
        cut += sum(x if sides[v] == sides[u] else -x for u, x in near[v])
        sides[v] = -sides[v]
        best = max(best, cut)
    return Fraction(best, unit)


#: As many proposals as nine vertices need; "quick" makes two hundred million.
SHORT = dk.SearchEffort(work=100_000)
OPTIONS = (
    {}, {}, {"search": SHORT}, {"bound": "cycle"}, {"bound": "best", "search": SHORT}, {"method": "conditional"},
)  # fmt: skip
#: Outcomes that are as they should be.
KNOWN = {"refused": "refused in one line", "compared": "shown to both verifiers"}


@st.composite
def awkward_clouds(draw):
    """Draw points: offsets, constant columns, duplicates, columns of different scales, single precision."""
    numbers = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, d = draw(st.integers(2, 9)), draw(st.integers(1, 6))
    X = numbers.standard_normal((n, d))
    kind = draw(st.sampled_from(["plain", "whole", "offset", "columns", "line", "near", "scale", "single"]))
    if kind == "whole":
        X = np.round(2 * X)
    if kind == "offset":
        X = X + 10.0 ** draw(st.integers(2, 8))
    if kind == "columns":
        X = X * 10.0 ** numbers.integers(-8, 9, d)
    if kind == "line":
        X = X[:, :1] * numbers.standard_normal((1, d))
    if kind == "near":
        X[1] = X[0] + 10.0 ** -draw(st.integers(3, 16))
    if kind == "scale":
        X = X * 10.0 ** draw(st.integers(-300, 300))
    if kind == "single":
        X = (X * 10.0 ** draw(st.integers(-30, 30))).astype(np.float32)
    if draw(st.booleans()):
        X[:, draw(st.integers(0, d - 1))] = X[0, 0]
    if draw(st.integers(0, 3)) == 0 and n > 2:
        X[-1] = X[0]
    return X, draw(st.integers(1, d + 1))


def judge_graph(n, edges, options, *, second):
    """Solve, compare with enumeration and check; return what is wrong, or that the call refused."""
    try:
        graph = WeightedGraph.from_edges(*([edge[k] for edge in edges] for k in range(3)), n=n)
        result = dk.maxcut(graph, **options)
    except dk.InputError as error:
        return ["refused"] if len(str(error).splitlines()) == 1 else ["refused in several lines"]
    best, wrong = exact_optimum(graph), []
    record = result.to_dict()
    if record["bound_status"] == "certified" and record["upper_bound"] < best:
        wrong.append("certified bound below the optimum")
    if record["bound_status"] == "estimated" and record["upper_bound"] < best:
        wrong.append("estimated bound below the optimum")
    cut = exact_cut(graph, result.signs)
    if cut > best or (result.proven_optimal and cut != best):
        wrong.append("proven optimal, and it is not")
    bound = record["bound"]
    if any(value is not None and value < best for value in (bound["proof_bound"],)):
        wrong.append("proof below the optimum")
    if bound["dual_status"] == "certified" and bound["dual_bound"] < best:
        wrong.append("dual bound below the optimum")
    report = dk.verify(result, graph)
    if not report.ok:
        vague = all(check.verdict is Verdict.NOT_CHECKED for check in report.checks if not check.passed)
        wrong.append("too vague to be checked" if vague else f"does not verify: {', '.join(report.failed)}")
    if second:
        other = second_report(record, graph)
        wrong.append("compared")
        if other.ok != report.ok:
            wrong.append(f"verifiers differ: {report.failed} and {other.failed}")
    return wrong


def judge_cloud(X, k, *, second=True):
    """Embed, compare with exact fractions and check; return what is wrong, or that the call refused."""
    try:
        result = dk.embed(X, n_components=k)
    except dk.InputError as error:
        return ["refused"] if len(str(error).splitlines()) == 1 else ["refused in several lines"]
    record, wrong = result.to_dict(), []
    report = dk.verify(result, X)
    if not report.ok:
        wrong.append(f"does not verify: {', '.join(report.failed)}")
    worst = max(abs(ratio - 1) for ratio in exact_ratios(X.tolist(), np.asarray(result.matrix).tolist()))
    if worst > record["chain"]["certified_distortion"]:
        wrong.append("certified distortion below the true one")
    if record["lower_bound"] > worst:
        wrong.append("lower bound above the distortion of a map")
        scaled = np.ldexp(X.astype(np.float64), -int(np.frexp(np.abs(X).max())[1]))
        scaled = scaled - scaled[0]
        distinct = np.unique(scaled / np.abs(scaled).max(), axis=0)
        if record["lower_bound"] > spectral_bound(distinct, k) * (1 + 1e-6) + 1e-8:
            wrong.append("lower bound above the spectral one")
    if second:
        other = second_report(record, X)
        wrong.append("compared")
        if other.ok != report.ok:
            wrong.append(f"verifiers differ: {report.failed} and {other.failed}")
    return wrong


def guarded(judge, *arguments, **options):
    """Judge; a traceback and a warning are outcomes, too."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return judge(*arguments, **options)
        except Exception as error:
            return [f"{type(error).__name__}: {str(error)[:80]}"]


@functools.cache
def loaded():
    """Load what is loaded at first use, so that no import happens while warnings are counted as faults."""
    judge_graph(3, [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0)], {"bound": "best", "search": SHORT}, second=True)


@dataclass
class Found:
    """What became of instances, piece by piece; each piece is drawn from its number."""

    pieces: int = 0
    seen: int = 0
    slowest: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.counts = Counter(self.counts)

    def judge(self, examples, draw, every):
        """Judge one more piece of so many instances."""
        loaded()

        @seed(self.pieces)
        @settings(max_examples=examples, **LONG)
        @given(st.data())
        def run(data):
            case, judged = draw(data)
            begin = time.perf_counter()
            outcomes = guarded(judged, *case, second=self.seen % every == 0)
            self.seen += 1
            self.slowest = max(self.slowest, time.perf_counter() - begin)
            self.counts.update(outcomes)
            for outcome in outcomes:
                if outcome not in KNOWN and self.counts[outcome] <= 5:
                    self.shown.append(f"{outcome}: {case}")
                    print(self.shown[-1])  # a test that fails shows what was printed

        run()
        self.pieces += 1

    def listed(self, names):
        """Return a table of the outcomes, those that are named first."""
        rows = [["instances", self.seen]] + [[KNOWN[key], self.counts[key]] for key in KNOWN]
        rows += [[key, self.counts[key]] for key in names]
        other = sum(value for key, value in self.counts.items() if key not in names and key not in KNOWN)
        rows += [["anything else", other], ["slowest s", f"{self.slowest:.1f}"]]
        return ["outcome", "number"], rows


def try_graphs(count, found=None, every=10):
    """Judge so many graphs; every tenth is shown to the second verifier."""

    def drawn(data):
        return (*data.draw(awkward_graphs()), data.draw(st.sampled_from(OPTIONS))), judge_graph

    found = found or Found()
    found.judge(count, drawn, every)
    return found.listed(
        ["certified bound below the optimum", "estimated bound below the optimum", "proof below the optimum",
         "dual bound below the optimum", "proven optimal, and it is not", "too vague to be checked"]
    )  # fmt: skip


def try_clouds(count, found=None, every=4):
    """Judge so many clouds; every fourth is shown to the second verifier."""

    def drawn(data):
        return data.draw(awkward_clouds()), judge_cloud

    found = found or Found()
    found.judge(count, drawn, every)
    return found.listed(
        ["certified distortion below the true one", "lower bound above the distortion of a map",
         "lower bound above the spectral one"]
    )  # fmt: skip
