"""What triangle inequalities of the clauses do to the relaxation of MAX-2SAT and MAX-DICUT.

``optimize(..., relaxation="triangles")`` is measured against the relaxation without them, and cvxpy solves the smaller
ones once more.
"""

from __future__ import annotations

import argparse
import math
import time
from fractions import Fraction

import numpy as np
from scipy.special import ndtr, ndtri, owens_t

from derandkit.certificates.quadratic.least_share import share_is_proven
from derandkit.graphs.graph import WeightedGraph
from derandkit.quadratic.problem import as_model
from derandkit.quadratic.triangles import pairs_of
from derandkit.signs.derandomize.course import lemma_course
from derandkit.signs.derandomize.thresholds import best_start
from derandkit.signs.models import as_graph
from derandkit.signs.proofs.triangles.reference import relax_with_triangles
from derandkit.signs.relaxation.semidefinite import relax_cut
from quadratic import random_arcs, random_clauses
from tables import stored, stored_rows


def peer(graph: WeightedGraph, pairs: np.ndarray, reference: int) -> float:
    """Return the value of the same relaxation by cvxpy with Clarabel."""
    import cvxpy

    x = cvxpy.Variable((graph.n, graph.n), PSD=True)
    (i, j), zero = pairs.T, np.full(len(pairs), reference)
    limits = [cvxpy.diag(x) == 1]
    limits += [s * x[i, zero] + t * x[j, zero] + s * t * x[i, j] >= -1 for s in (1, -1) for t in (1, -1)]
    heads, tails, w = graph.edges()
    goal = cvxpy.Maximize(0.5 * cvxpy.sum(cvxpy.multiply(w, 1 - x[heads, tails])))
    return float(cvxpy.Problem(goal, limits).solve(solver="CLARABEL"))


def chance_below(h: np.ndarray, k: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return the chance that two standard normals of correlation c are below h and k, by Owen's T function."""
    h, k = np.where(np.abs(h) < 1e-12, 1e-12, h), np.where(np.abs(k) < 1e-12, 1e-12, k)
    s = np.sqrt(1.0 - c * c)
    apart = owens_t(h, (k - h * c) / (h * s)) + owens_t(k, (h - k * c) / (k * s))
    return 0.5 * (ndtr(h) + ndtr(k)) - apart - 0.5 * ((h < 0.0) != (k < 0.0))


def worst_ratio(beta: float, conjunction: bool, triangles: bool, cells: int = 160) -> float:
    """Return the least ratio on a grid: the chance that thresholds satisfy a clause, over its part of the relaxation.

    A point is the products of both literals with the reference, mu and nu, and with each other, x. A conjunction is a
    clause that holds where both literals are true, as an arc of a directed cut; else one true literal suffices.
    """
    axis = np.linspace(-0.999, 0.999, cells)
    mu, nu = (a.ravel() for a in np.meshgrid(axis, axis))
    wide = np.sqrt((1.0 - mu**2) * (1.0 - nu**2))
    low, high = mu * nu - wide, mu * nu + wide
    if triangles:
        low, high = np.maximum(low, np.abs(mu + nu) - 1.0), np.minimum(high, 1.0 - np.abs(mu - nu))
    best = math.inf
    for part in np.linspace(0.0, 1.0, 81):
        x = low + part * (high - low)
        c = np.clip((x - mu * nu) / wide, -1.0 + 1e-12, 1.0 - 1e-12)
        h, k = (
            ndtri(0.5 * (1.0 - beta * mu)),
            ndtri(0.5 * (1.0 - beta * nu)),
        )  # a literal is false below these
        if conjunction:
            share, chance = 0.25 * (1.0 + mu + nu + x), chance_below(-h, -k, c)
        else:
            share, chance = 0.25 * (3.0 + mu + nu - x), 1.0 - chance_below(h, k, c)
        inside = (low <= high) & (share > 1e-3)
        best = min(best, float((chance[inside] / share[inside]).min()))
    return best


def constants() -> str:
    """Compute the least ratio of a clause and of an arc for thresholds, on a grid; and for a clause what is proven."""
    rows = []
    for beta in (1.0, 0.97, 0.94, 0.85, 0.7):
        cases = [(conjunction, triangles) for conjunction in (False, True) for triangles in (False, True)]
        least = [worst_ratio(beta, *case) for case in cases]
        proven = math.floor(1000 * least[1]) / 1000
        while beta < 1.0 and not share_is_proven(proven, beta):
            proven = round(proven - 0.001, 3)
        rows.append(
            (f"{beta:g}", *(f"{ratio:.4f}" for ratio in least), f"{proven:.3f}" if beta < 1.0 else "-")
        )
        print(*rows[-1], flush=True)
    header = (
        "beta",
        "clause",
        "clause with triangles",
        "arc",
        "arc with triangles",
        "proven of a clause with triangles",
    )
    return stored("clause_triangles/constants", header, rows)


def effect(sizes=(("MAX-2SAT", 50, 150), ("MAX-2SAT", 100, 400), ("MAX-2SAT", 100, 600), ("MAX-2SAT", 100, 1000),
                  ("MAX-2SAT", 1000, 4000), ("MAX-DICUT", 50, 150), ("MAX-DICUT", 100, 300), ("MAX-DICUT", 100, 1000),
                  ("MAX-DICUT", 1000, 4000), ("MAX-DICUT", 1000, 5000))) -> str:  # fmt: skip
    """Bound, start and end with and without the inequalities; the first seed of each size."""
    rows = []
    for name, n, m in sizes:
        instance = (random_clauses if name == "MAX-2SAT" else random_arcs)(n, m, 0)
        graph, inverse = as_graph(as_model(instance)[0])
        pairs, reference = inverse.position[pairs_of(instance)], inverse.reference
        plain = relax_cut(graph)
        begin = time.process_time()
        found = relax_with_triangles(graph, pairs, reference, plain.vectors)
        seconds = time.process_time() - begin

        def value(cut: float | Fraction, inverse=inverse) -> float:
            return float(inverse.constant + inverse.factor * Fraction(cut))

        starts = [best_start(graph, v, reference) for v in (plain.vectors, found.vectors)]
        ends = [value(graph.cut_value(lemma_course(graph, start.law).signs)) for start in starts]
        other = (
            f"{value(peer(graph, pairs, reference)):.5f}" if n == 50 else "-"
        )  # 100 variables take it minutes
        optima = {(*row[:3],): row[3] for row in stored_rows(f"quadratic/{name.lower().replace('-', '')}")}
        optima |= {(*row[1:4],): row[6] for row in stored_rows("quadratic/large") if row[0] == name}
        rows.append(
            (name, n, m, optima.get((str(n), str(m), "0"), "-"), f"{value(plain.value):.1f}",
             f"{value(found.value):.5f}", other, f"{value(found.bound.exact):.5f}", f"{found.violation:.0e}",
             f"{seconds:.2f}", *(f"{value(start.expectation):.1f}" for start in starts), *(f"{end:g}" for end in ends))
        )  # fmt: skip
        print(*rows[-1], flush=True)
    header = ("problem", "variables", "clauses or arcs", "best value", "SDP value", "with triangles", "cvxpy",
              "bound", "violation", "CPU s", "start",
              "start with triangles", "end", "end with triangles")  # fmt: skip
    return stored("clause_triangles/effect", header, rows)


TABLES = {"constants": constants, "effect": effect}


def run() -> None:
    """Print all tables."""
    for table in TABLES.values():
        print(table(), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", choices=[*TABLES, []], help="tables; all of them by default")
    for chosen in parser.parse_args().tables or TABLES:
        print(TABLES[chosen](), flush=True)
