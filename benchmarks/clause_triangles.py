"""What triangle inequalities of the clauses would do to the relaxation of MAX-2SAT and MAX-DICUT; not in the solver.

For a clause on variables i and j and the reference 0, signs satisfy ``s x_0i + t x_0j + s t x_ij >= -1`` for all signs
s, t. Lewin, Livnat and Zwick (2002) need them for their constant. Here an augmented Lagrangian on vectors of low rank
solves the relaxation with them, its multipliers give a bound in doubles, and cvxpy solves the smaller ones once more.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri, owens_t

from derandkit.models.arcs import Arcs
from derandkit.models.clauses import Clauses
from derandkit.quadratic.problem import as_model
from derandkit.signs.derandomize.course import lemma_course
from derandkit.signs.derandomize.thresholds import best_start
from derandkit.signs.models import as_graph
from derandkit.signs.relaxation.semidefinite import relax_cut
from quadratic import random_arcs, random_clauses
from tables import stored, stored_rows

#: Signs s, t of the four inequalities of a clause, and their product.
SIGNS = np.array([(s, t, s * t) for s in (1.0, -1.0) for t in (1.0, -1.0)])


@dataclass(frozen=True)
class Relaxation:
    """Maximise ``constant + <matrix, X>`` over X with diagonal 1, positive semidefinite, and triangles."""

    matrix: np.ndarray
    constant: float
    first: np.ndarray
    second: np.ndarray
    reference: int

    def slack(self, x: np.ndarray) -> np.ndarray:
        """Return by how much each inequality holds, shape (pairs, 4)."""
        i, j, r = self.first, self.second, self.reference
        return 1.0 + np.stack([x[i, r], x[j, r], x[i, j]], axis=1) @ SIGNS.T

    def weighted(self, multipliers: np.ndarray) -> np.ndarray:
        """Return the symmetric matrix whose product with X is the weighted sum of the left sides without their 1."""
        i, j, r = self.first, self.second, self.reference
        a, b, c = (multipliers @ SIGNS).T
        out = np.zeros_like(self.matrix)
        for p, q, w in ((i, r, a), (j, r, b), (i, j, c)):
            np.add.at(out, (p, q), 0.5 * w)
            np.add.at(out, (q, p), 0.5 * w)
        return out

    def bound(self, multipliers: np.ndarray, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return an upper bound on every X, and the direction that keeps it from being less.

        It holds for all multipliers >= 0, up to rounding of doubles.
        """
        total = self.matrix + self.weighted(multipliers)
        diagonal = np.einsum("ij,ij->i", total, x)
        least, vectors = np.linalg.eigh(np.diag(diagonal) - total)
        upper = (
            self.constant + float(multipliers.sum() + diagonal.sum()) + max(0.0, -float(least[0])) * len(x)
        )
        return upper, vectors[:, 0]


def relaxation_of(instance: Clauses | Arcs):
    """Return the graph, the way back, and the relaxation with the inequalities of all its clauses."""
    model, _ = as_model(instance)
    graph, inverse = as_graph(model)
    place = inverse.position
    if isinstance(instance, Clauses):
        first, second = place[np.abs(instance.literals) - 1].T
    else:
        first, second = place[instance.tails], place[instance.heads]
    pairs = np.unique(np.sort(np.stack([first, second], axis=1), axis=1), axis=0)
    i, j, w = graph.edges()
    matrix = np.zeros((graph.n, graph.n))
    matrix[i, j] = matrix[j, i] = -0.25 * w
    return (
        graph,
        inverse,
        Relaxation(matrix, 0.5 * float(w.sum()), pairs[:, 0], pairs[:, 1], inverse.reference),
    )


def solve(problem: Relaxation, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors and multipliers of an augmented Lagrangian, from unit vectors to begin with."""
    n, rank = len(problem.matrix), min(len(problem.matrix), 40)
    spare = np.random.default_rng(0).normal(size=(n, rank)) * 0.05
    spare[:, : min(rank, vectors.shape[1])] += vectors[:, :rank]
    multipliers = np.zeros((problem.first.size, 4))
    rho, before = 0.5, math.inf

    def lagrangian(flat: np.ndarray) -> tuple[float, np.ndarray]:
        y = flat.reshape(n, rank)
        length = np.sqrt(np.einsum("ij,ij->i", y, y))[:, None]
        v = y / length
        x = v @ v.T
        active = np.maximum(0.0, multipliers - rho * problem.slack(x))
        value = -float(np.einsum("ij,ij->", problem.matrix, x)) + float(np.square(active).sum()) / (2.0 * rho)
        pull = -2.0 * (problem.matrix + problem.weighted(active)) @ v
        return value, ((pull - np.einsum("ij,ij->i", pull, v)[:, None] * v) / length).ravel()

    v = spare / np.linalg.norm(spare, axis=1)[:, None]
    best, kept, restarts = math.inf, multipliers, 0
    for _ in range(120):
        options = {"maxiter": 2000, "maxfun": 4000, "ftol": 1e-13, "gtol": 1e-7, "maxcor": 30}
        v = minimize(lagrangian, v.ravel(), jac=True, method="L-BFGS-B", options=options).x.reshape(n, rank)
        v = v / np.linalg.norm(v, axis=1)[:, None]
        x = v @ v.T
        slack = problem.slack(x)
        change = np.abs(np.minimum(slack, multipliers / rho)).max()
        multipliers = np.maximum(0.0, multipliers - rho * slack)
        if change < 1e-7:
            value = problem.constant + float(np.einsum("ij,ij->", problem.matrix, x))
            upper, direction = problem.bound(multipliers, x)
            if upper < best:
                best, kept = upper, multipliers
            if best - value < 1e-4 * abs(value) or restarts == 3:
                break
            # a saddle, as where all vectors are parallel: leave it along the eigenvector that keeps the bound above
            restarts += 1
            rho, before = 0.5, math.inf
            spare = np.random.default_rng(restarts).normal(size=rank)
            v = v + 0.1 * math.sqrt(n) * direction[:, None] * spare / np.linalg.norm(spare)
            v = v / np.linalg.norm(v, axis=1)[:, None]
            continue
        if change > 0.5 * before:
            rho *= 2.0
        before = change
    return v, kept


def peer(problem: Relaxation) -> float:
    """Return the value of the same relaxation by cvxpy with Clarabel."""
    import cvxpy

    x = cvxpy.Variable(problem.matrix.shape, PSD=True)
    i, j, r = problem.first, problem.second, problem.reference
    zero = np.full(i.size, r)
    limits = [cvxpy.diag(x) == 1]
    limits += [s * x[i, zero] + t * x[j, zero] + u * x[i, j] >= -1 for s, t, u in SIGNS]
    solved = cvxpy.Problem(cvxpy.Maximize(cvxpy.sum(cvxpy.multiply(problem.matrix, x))), limits)
    return problem.constant + float(solved.solve(solver="CLARABEL"))


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
    """Compute the least ratio of a clause and of an arc for thresholds, on a grid."""
    rows = []
    for beta in (1.0, 0.97, 0.94, 0.85, 0.7):
        cases = [(conjunction, triangles) for conjunction in (False, True) for triangles in (False, True)]
        rows.append((f"{beta:g}", *(f"{worst_ratio(beta, *case):.4f}" for case in cases)))
        print(*rows[-1], flush=True)
    header = ("beta", "clause", "clause with triangles", "arc", "arc with triangles")
    return stored("clause_triangles/constants", header, rows)


def effect(sizes=(("MAX-2SAT", 50, 150), ("MAX-2SAT", 100, 400), ("MAX-2SAT", 100, 600), ("MAX-2SAT", 100, 1000),
                  ("MAX-DICUT", 50, 150), ("MAX-DICUT", 100, 300), ("MAX-DICUT", 100, 1000))) -> str:  # fmt: skip
    """Bound, start and end with and without the inequalities; the first seed of each size."""
    rows = []
    for name, n, m in sizes:
        instance = (random_clauses if name == "MAX-2SAT" else random_arcs)(n, m, 0)
        graph, inverse, problem = relaxation_of(instance)
        plain = relax_cut(graph)
        begin = time.process_time()
        vectors, multipliers = solve(problem, plain.vectors)
        seconds = time.process_time() - begin
        x = vectors @ vectors.T
        reached = problem.constant + float(np.einsum("ij,ij->", problem.matrix, x))

        def value(cut: float, inverse=inverse) -> float:
            return float(inverse.constant + inverse.factor * Fraction(cut))

        starts = [best_start(graph, v, problem.reference) for v in (plain.vectors, vectors)]
        ends = [value(graph.cut_value(lemma_course(graph, start.law).signs)) for start in starts]
        other = f"{value(peer(problem)):.5f}" if n == 50 else "-"  # 100 variables take it minutes
        optima = {(*row[:3],): row[3] for row in stored_rows(f"quadratic/{name.lower().replace('-', '')}")}
        rows.append(
            (name, n, m, optima.get((str(n), str(m), "0"), "-"), f"{value(plain.value):.1f}",
             f"{value(reached):.5f}", other, f"{value(problem.bound(multipliers, x)[0]):.5f}",
             f"{max(0.0, -float(problem.slack(x).min())):.0e}", f"{seconds:.2f}",
             *(f"{value(start.expectation):.1f}" for start in starts), *(f"{end:g}" for end in ends))
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
