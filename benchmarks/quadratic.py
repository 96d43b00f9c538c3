"""QUBOs of the literature against their published values, and random MAX-2SAT with proofs.

CPU seconds of one thread include the conversion, the relaxation, the search and the bound.
"""

from __future__ import annotations

import random
import time

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


def max2sat() -> str:
    """Random clauses of two different variables, three seeds a size."""
    rows = []
    for n, m in ((50, 150), (50, 250), (100, 200), (100, 300), (100, 400), (100, 600)):
        for seed in range(3):
            rng = random.Random(1000 * n + m + seed)
            clauses = [
                tuple(rng.choice((-1, 1)) * v for v in rng.sample(range(1, n + 1), 2)) for _ in range(m)
            ]
            begin = time.process_time()
            result = dk.max2sat(clauses)
            seconds = time.process_time() - begin
            rows.append(
                (n, m, seed, result.value, f"{result.bound:g}", "yes" if result.proven_optimal else "no",
                 f"{seconds:.2f}")
            )  # fmt: skip
    return stored(
        "quadratic/max2sat", ("variables", "clauses", "seed", "satisfied", "bound", "proven", "CPU s"), rows
    )


def run() -> None:
    """Print all tables."""
    print(gka())
    print(be())
    print(max2sat())


if __name__ == "__main__":
    run()
