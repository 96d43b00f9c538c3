"""Where the theorem about networks stops, measured; and the bound along the rows beside the lemma's.

    python benchmarks/limits.py [rows ...]

Small networks, a few CPU minutes for all of it. Bounds are evaluated on nodes that were not trained on.
"""

from __future__ import annotations

import argparse
import itertools
import statistics

from derandkit import Student, Teacher, discover_structure
from tables import met, stored

#: (link, directions, penalty of the upper layers, depth)
NETWORKS = (
    ("tanh", 1, 0.0, 2),
    ("tanh", 2, 0.0, 2),
    ("sine", 1, 0.0, 2),
    ("staircase", 2, 0.0, 2),
    ("tanh", 1, 1e-4, 3),
)


def rows():
    """Return how many times |W_perp| the lemma's bound and the one along the rows are, over many trained networks."""
    table = []
    for penalty in (1e-4, 1e-3, 1e-2):
        found = []
        for (link, q, upper, depth), width, stream in itertools.product(NETWORKS, (6, 16), (0, 1)):
            teacher = Teacher(link, 6, q, nodes=2048, evaluation_nodes=8192)
            student = Student(width=width, depth=depth, stream=stream)
            result = discover_structure(
                teacher, student, penalty=penalty, upper_penalty=upper, max_steps=100, controls=False
            )
            if result.row_bound is not None:
                found.append(result)
        lemma = [r.lemma_bound / r.w_perp for r in found if r.lemma_bound is not None]
        along = [r.row_bound / r.w_perp for r in found]
        below = sum(r.w_perp > r.row_bound + 2.0 * r.row_bound_error for r in found)
        table.append(
            (f"{penalty:g}", len(found), len(found) - len(lemma), f"{statistics.median(lemma):.3g}",
             f"{max(lemma):.3g}", f"{statistics.median(along):.3g}", f"{max(along):.3g}",
             below, met(below <= 0.05 * len(found)))
        )  # fmt: skip
    header = ("penalty", "networks", "no bound by the lemma", "lemma: median", "lemma: greatest",
              "along the rows: median", "along the rows: greatest", "W_perp above it", "met")  # fmt: skip
    return stored("limits/rows", header, table)


PARTS = {"rows": ("Bounds as multiples of |W_perp|", rows)}


def run(names=None):
    """Print every table of this file, or those named."""
    for name in names or PARTS:
        title, table = PARTS[name]
        print(f"### {title}\n\n{table()}\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="TABLE", help=f"of {', '.join(PARTS)}; all by default")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in PARTS]
    if unknown:
        parser.error(f"unknown table {unknown[0]!r}; one of {', '.join(PARTS)}")
    run(options.names)


if __name__ == "__main__":
    main()
