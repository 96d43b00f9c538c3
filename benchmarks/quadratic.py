"""QUBOs of the literature against their published values, random MAX-2SAT and directed cuts with proofs.

CPU seconds of one thread include the conversion, the relaxation, the search and the bound.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

import derandkit as dk
from derandkit.datasets import palubeckis, qubo, qubo_instance, qubo_names
from derandkit.signs.models import as_graph
from derandkit.signs.search.search import SearchEffort, search_cut
from tables import markdown, revision, stored, stored_rows

DENSE_HEADER = (
    "instance", "bits", "density", "value", "best known to us", "short by", "CPU s to it", "commit"
)  # fmt: skip
HEADER = ("instance", "bits", "couplings", "value", "published", "bound", "proven", "CPU s", "commit")


def family(key: str, names: Sequence[str]) -> str:
    """Solve named instances with the defaults of `optimize`, verify them, and put their rows into the stored table.

    Rows of other instances stay as they are; the last column names the commit that each row was measured with.
    """
    order, rows = qubo_names(), {row[0]: row for row in stored_rows(f"quadratic/{key}")}
    text = markdown(HEADER, rows.values())
    for name in names:
        model, known = qubo(name), qubo_instance(name)
        begin = time.process_time()
        result = dk.optimize(model)
        seconds = time.process_time() - begin
        assert dk.verify(result, model)
        rows[name] = [
            name, str(model.n), str(model.couplings.m), str(result.value), str(known.value), f"{result.bound:g}",
            "yes" if result.proven_optimal else "no", f"{seconds:.2f}", revision(),
        ]  # fmt: skip
        print(*rows[name], flush=True)
        # after every row, so that an end before the last one loses nothing
        text = stored(f"quadratic/{key}", HEADER, [rows[x] for x in order if x in rows])
    return text


def gka() -> str:
    """Glover, Kochenberger and Alidaee's instances."""
    return family("gka", [name for name in qubo_names() if name.startswith("gka")])


def be() -> str:
    """Billionnet and Elloumi's instances."""
    return family("be", [name for name in qubo_names() if name.startswith("be")])


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


def large() -> str:
    """Compare the lemma alone with a search from its end, on instances that no proof reaches."""
    rows = []
    for name, make, n, m, seeds in (
        ("MAX-2SAT", random_clauses, 1000, 4000, 3),
        ("MAX-DICUT", random_arcs, 1000, 5000, 1),
    ):
        for seed in range(seeds):
            instance, seconds, values = make(n, m, seed), [], []
            for search in (None, "quick"):
                begin = time.process_time()
                result = dk.optimize(instance, search=search, bound="sdp")
                seconds.append(f"{time.process_time() - begin:.2f}")
                assert dk.verify(result, instance)
                values.append(result.value)
            rows.append((name, n, m, seed, values[0], seconds[0], values[1], seconds[1], f"{result.bound:g}"))
            print(*rows[-1], flush=True)
    header = ("problem", "variables", "clauses or arcs", "seed", "lemma", "CPU s of the lemma", "search",
              "CPU s in all", "bound")  # fmt: skip
    return stored("quadratic/large", header, rows)


def thresholds() -> str:
    """Compare the start with and without thresholds, and where the lemma ends; the first seed of each size."""
    from derandkit.quadratic.problem import as_model
    from derandkit.signs.derandomize.course import lemma_course
    from derandkit.signs.derandomize.thresholds import best_start
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


#: n, density and seed of Palubeckis' instances, and the best value known to us: remembered from the literature and not
#: compared with a printed source.
PALUBECKIS = {
    "p3000.1": (3000, 50, 31000, 3931583),
    "p3000.2": (3000, 80, 32000, 5193073),
    "p3000.3": (3000, 80, 33000, 5111533),
    "p3000.4": (3000, 100, 34000, 5761822),
    "p3000.5": (3000, 100, 35000, 5675625),
    "p5000.1": (5000, 50, 51000, 8559680),
    "p5000.2": (5000, 80, 52000, 10836019),
    "p5000.3": (5000, 80, 53000, 10489137),
    "p5000.4": (5000, 100, 54000, 12252318),
    "p5000.5": (5000, 100, 55000, 12731803),
    "p6000.1": (6000, 50, 61000, 11384976),
    "p6000.2": (6000, 80, 62000, 14333855),
    "p6000.3": (6000, 100, 64000, 16132915),
    "p7000.1": (7000, 50, 71000, 14478676),
    "p7000.2": (7000, 80, 72000, 18249948),
    "p7000.3": (7000, 100, 74000, 20446407),
}


class EnoughError(Exception):
    """The search has what was asked for, or has had its time."""


def dense(names: Sequence[str] = tuple(PALUBECKIS)) -> str:
    """Search on Palubeckis' large dense QUBOs for at most 30 CPU seconds, from all vertices on one side.

    Rows of other instances stay as they are.
    """
    rows, header = {row[0]: row for row in stored_rows("quadratic/dense")}, DENSE_HEADER
    text = markdown(header, rows.values())
    for name in names:
        n, density, seed, known = PALUBECKIS[name]
        graph, inverse = as_graph(palubeckis(n, density, seed))
        start, values, begin = np.ones(graph.n, dtype=np.int8), [], time.process_time()

        def value(cut: float, inverse=inverse) -> int:
            return int(inverse.constant + inverse.factor * Fraction(cut))

        def look(progress, values=values, begin=begin, value=value, known=known) -> None:
            seconds = time.process_time() - begin
            if seconds <= 30.0 and progress.value is not None:
                found = value(progress.value)
                if not values or found > values[-1][0]:
                    values.append((found, seconds))
            if seconds > 30.0 or (values and values[-1][0] >= known):
                raise EnoughError

        with contextlib.suppress(EnoughError):
            search_cut(graph, start, effort=SearchEffort(work=10**13), on_progress=look)
        best, seconds = values[-1]
        rows[name] = [
            name, str(n), f"{density} %", str(best), str(known), f"{100 * (known - best) / known:.4f} %",
            f"{seconds:.1f}", revision(),
        ]  # fmt: skip
        print(*rows[name], flush=True)
        text = stored("quadratic/dense", header, [rows[x] for x in PALUBECKIS if x in rows])
    return text


TABLES = {
    "dense": dense,
    "thresholds": thresholds,
    "large": large,
    "maxdicut": maxdicut,
    "max2sat": max2sat,
    "gka": gka,
    "be": be,
}


def run(wanted: Sequence[str] = ()) -> None:
    """Print tables by name, or measure single instances such as ``be100.4`` and print their tables; all by default."""
    for name in [name for name in wanted if name in TABLES] or (() if wanted else TABLES):
        print(TABLES[name](), flush=True)
    for key in ("gka", "be"):
        names = [name for name in wanted if name not in TABLES and name.startswith(key)]
        if names:
            print(family(key, names), flush=True)
    names = [name for name in wanted if name in PALUBECKIS]
    if names:
        print(dense(names), flush=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = [*TABLES, *(name for name in qubo_names() if name.startswith(("gka", "be"))), *PALUBECKIS]
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"{', '.join(TABLES)}, or an instance such as be100.4 or p5000.2; all tables",
    )
    wanted = parser.parse_args().names
    unknown = [name for name in wanted if name not in known]
    if unknown:
        parser.error(f"unknown table or instance {unknown[0]!r}")
    run(wanted)


if __name__ == "__main__":
    main()
