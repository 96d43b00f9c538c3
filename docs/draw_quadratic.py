"""Draw the pictures of the pages on quadratic problems: ``python docs/draw_quadratic.py`` writes ``docs/figures``.

The problems are those of the pages: spins on a grid and sixty rules from files of ``datasets``, a
tournament, and the powers of 1914.
"""

from __future__ import annotations

import math
from pathlib import Path

import networkx as nx

import derandkit as dk
from derandkit.quadratic.problem import Instance

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures"
POWERS = [
    ("Germany", "Austria", 1), ("Germany", "Italy", 1), ("Austria", "Italy", 1), ("France", "Russia", 1),
    ("Britain", "France", 1), ("Britain", "Russia", 1), ("France", "Italy", 1), ("Germany", "Russia", -1),
    ("Germany", "France", -1), ("Britain", "Germany", -1), ("Austria", "Russia", -1), ("Austria", "France", -1),
    ("Austria", "Britain", -1),
]  # fmt: skip


def on_circle(labels: list[object]) -> dict[object, tuple[float, float]]:
    """Return places on a circle, in order."""
    turn = 2 * math.pi / len(labels)
    return {label: (math.sin(k * turn), math.cos(k * turn)) for k, label in enumerate(labels)}


def main() -> None:
    """Solve the four problems and draw them."""
    torus = dk.as_graph(str(ROOT / "datasets" / "torus-10x10.rudy"))
    i, j, w = (column.tolist() for column in torus.edges())
    names = list(torus.labels)
    # bonds between neighbours on the page; those around the torus would lie on others
    bonds = {
        (names[a], names[b]): c for a, b, c in zip(i, j, w, strict=True) if names[b] - names[a] in (1, 10)
    }
    glass = dk.QuadraticModel.from_ising({}, bonds)
    grid = {label: ((label - 1) % 10, -((label - 1) // 10)) for label in names}
    rules = dk.read_clauses(ROOT / "datasets" / "quadratic" / "rules.cnf")
    tournament = dk.Arcs.from_arcs(nx.paley_graph(11).edges)
    powers = dk.SignedGraph(dk.as_graph(POWERS))
    scenes: list[tuple[str, Instance, dict[object, tuple[float, float]] | None]] = [
        ("ising", glass, grid),
        ("max2sat", rules, on_circle(list(rules.labels))),
        ("maxdicut", tournament, on_circle(list(range(11)))),
        ("balance", powers, on_circle(["Germany", "Austria", "Italy", "France", "Russia", "Britain"])),
    ]
    for name, instance, places in scenes:
        result = dk.optimize(instance)
        dk.plot_quadratic(result, instance, FIGURES / f"{name}.png", positions=places)
        print(name, result)


if __name__ == "__main__":
    main()
