"""QUBOs of the literature against their published values, random MAX-2SAT and directed cuts with proofs.

CPU seconds of one thread include the conversion, the relaxation, the search and the bound.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import derandkit as dk
from derandkit.datasets import qubo, qubo_instance, qubo_names
from tables import stored


def table(key: str, prefixes: tuple[str, ...]) -> str:
    """Every instance of some families with the defaults of `optimize`, verified."""
    rows = []
    for name in qubo_names():
        if not name.startswith(prefixes):
            continue
        model, known = qubo(name), qubo_instance(name)
        begin = time.process_time()
        result = dk.optimize(model)
        seconds = time.process_time() - begin
        assert dk.verify(result, model)
        rows.append(
            (name, model.n, model.couplings.m, result.value, known.value, f"{result.bound:g}",
             "yes" if result.proven_optimal else "no", f"{seconds:.2f}")
        )  # fmt: skip
        print(*rows[-1], flush=True)
    header = ("instance", "bits", "couplings", "value", "published", "bound", "proven", "CPU s")
    return stored(f"quadratic/{key}", header, rows)


def gka() -> str:
    """Glover, Kochenberger and Alidaee's instances."""
    return table("gka", ("gka",))


def be() -> str:
    """Billionnet and Elloumi's instances."""
    return table("be", ("be",))


def random_clauses(n: int, m: int, seed: int) -> dk.Clauses:
    """Clauses of two different variables."""
    rng = random.Random(1000 * n + m + seed)
    return dk.Clauses.from_clauses(
        [tuple(rng.choice((-1, 1)) * v for v in rng.sample(range(1, n + 1), 2)) for _ in range(m)]
    )


def random_arcs(n: int, m: int, seed: int) -> dk.Arcs:
    """Arcs of weight 1 between different vertices; parallel ones are added up."""
    rng = random.Random(1000 * n + m + seed)
    return dk.Arcs.from_arcs([tuple(rng.sample(range(n), 2)) for _ in range(m)], nodes=range(n))


def solved(
    make: Callable[[int, int, int], dk.Clauses | dk.Arcs], sizes: Sequence[tuple[int, int]], seeds: int = 3
) -> list:
    """Solve instances of some seeds a size with the defaults of `optimize`, and verify them."""
    rows = []
    for n, m in sizes:
        for seed in range(seeds):
            instance = make(n, m, seed)
            begin = time.process_time()
            result = dk.optimize(instance)
            seconds = time.process_time() - begin
            assert dk.verify(result, instance)
            rows.append(
                (n, m, seed, result.value, f"{result.bound:g}", "yes" if result.proven_optimal else "no",
                 f"{seconds:.2f}")
            )  # fmt: skip
            print(*rows[-1], flush=True)
    return rows


def max2sat() -> str:
    """Random clauses of two different variables: three seeds a size with 50 variables, six with 100."""
    rows = solved(random_clauses, ((50, 150), (50, 250)))
    rows += solved(random_clauses, [(100, m) for m in (200, 400, 600, 800, 1000)], seeds=6)
    header = ("variables", "clauses", "seed", "satisfied", "bound", "proven", "CPU s")
    return stored("quadratic/max2sat", header, rows)


def maxdicut() -> str:
    """Random arcs, three seeds a size."""
    sizes = ((50, 150), (50, 300), (100, 300), (100, 1000), (1000, 5000))
    header = ("vertices", "arcs", "seed", "weight out", "bound", "proven", "CPU s")
    return stored("quadratic/maxdicut", header, solved(random_arcs, sizes))


def thresholds() -> str:
    """Compare the start with and without thresholds, and where the lemma ends; the first seed of each size."""
    from fractions import Fraction

    from derandkit.quadratic.problem import as_model
    from derandkit.signs.derandomize.course import lemma_course
    from derandkit.signs.derandomize.thresholds import best_start
    from derandkit.signs.models import as_graph
    from derandkit.signs.relaxation.semidefinite import relax_cut

    rows = []
    cases = [
        ("MAX-2SAT", random_clauses, n, m)
        for n, m in ((50, 150), (100, 300), (100, 600), (100, 1000), (1000, 4000))
    ]
    cases += [("MAX-DICUT", random_arcs, n, m) for n, m in ((50, 150), (100, 300), (100, 1000), (1000, 5000))]
    for name, make, n, m in cases:
        model, _ = as_model(make(n, m, 0))
        graph, inverse = as_graph(model)
        relaxed = relax_cut(graph)
        start = best_start(graph, relaxed.vectors, inverse.reference)

        def value(cut: float, inverse=inverse) -> float:
            return float(inverse.constant + inverse.factor * Fraction(cut))

        ends = [lemma_course(graph, relaxed.sampler()), lemma_course(graph, start.law)]
        gain = value(start.expectation) / value(start.hyperplane) - 1
        rows.append(
            (name, n, m, f"{value(relaxed.value):.1f}", f"{value(start.hyperplane):.1f}",
             f"{value(start.expectation):.1f}",
             "-" if start.beta is None else f"{start.beta:g}", f"{100 * gain:.2f} %",
             *(f"{value(graph.cut_value(course.signs)):g}" for course in ends))
        )  # fmt: skip
    header = ("problem", "variables", "clauses or arcs", "SDP value", "start: hyperplane", "start: thresholds", "beta",
              "gain", "lemma from hyperplane", "lemma from thresholds")  # fmt: skip
    return stored("quadratic/thresholds", header, rows)


def run() -> None:
    """Print all tables."""
    for table_of in (thresholds, maxdicut, max2sat, gka, be):
        print(table_of(), flush=True)


if __name__ == "__main__":
    run()
