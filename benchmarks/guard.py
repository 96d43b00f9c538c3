"""Counted work and quality of a few instances, against what is stored: ``python benchmarks/guard.py [--store]``.

Seconds differ between machines, counts hardly do. So a change that makes an algorithm slower or its answers worse shows
here on any machine, in half a minute. Exit code 1 where a count is a fifth above the stored one, or the distance from
the bound has grown by a fifth.
``--store`` keeps the figures of today as the new ones, which a commit then has to explain.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
#: How much worse is a regression.
ALLOWED = 0.2
#: Column -> whether it is counted work (less is better) or quality (less is better: a distance from the bound).
HEADER = ("instance", "sweeps", "rank", "steps", "search work", "cases", "distance from the bound")


def leaves(proof: Any) -> int:
    """Return the number of cases of a proof: its leaves that are not branchings."""
    if not isinstance(proof, Mapping):
        return 0
    if proof.get("kind") == "branch":
        return leaves(proof["same"]) + leaves(proof["opposite"])
    return len(proof["cases"]) if isinstance(proof.get("cases"), list) else 1


def cut(name: str, **options: Any) -> list[float]:
    """Return the figures of a cut: the distance is that of cut and bound, relative to the bound."""
    import derandkit

    record = derandkit.maxcut(name, **options).to_dict()
    search = record["search"] or {"work": 0}
    return [
        record["relaxation"]["sweeps"],
        record["relaxation"]["rank"],
        len(record["history"]["smoothing"]),
        search["work"],
        leaves(record["certificate"].get("proof")),
        record["gap"],
    ]


def model(name: str) -> list[float]:
    """Return the figures of a QUBO."""
    import derandkit

    record = derandkit.optimize(derandkit.datasets.qubo(name)).to_dict()
    inner = record["cut"]
    search = inner["search"] or {"work": 0}
    return [
        inner["relaxation"]["sweeps"],
        inner["relaxation"]["rank"],
        len(inner["history"]["smoothing"]),
        search["work"],
        leaves(inner["certificate"].get("proof")),
        record["relative_gap"],
    ]


def points(k: int, **options: Any) -> list[float]:
    """Return the figures of an embedding; the distance is its distortion above the lower bound."""
    import numpy as np

    import derandkit

    X = np.sin(np.arange(60 * 24.0) ** 2).reshape(60, 24)
    result = derandkit.embed(X, n_components=k, holdout=False, **options)
    mean = result.mean
    distance = result.distortion - result.lower_bound if mean is None else mean.value - mean.lower_bound
    return [0, 0, result.stats.evaluations, 0, 0, distance]


def engine() -> list[float]:
    """Return the figures of the engine on the cut of G14: steps, and how far the end is from the start."""
    import derandkit

    relaxed = derandkit.relax_cut("G14")
    objective = derandkit.CutObjective(derandkit.as_graph("G14"), 0.1)
    answer = derandkit.derandomize(
        objective, derandkit.GaussianSampler([0.0] * 800, relaxed.vectors), method=derandkit.LemmaDescent()
    )
    return [relaxed.sweeps, relaxed.vectors.shape[1], len(answer.history), 0, 0, 3191 + answer.value]


INSTANCES: dict[str, Callable[[], list[float]]] = {
    "G1": lambda: cut("G1"),
    "G14": lambda: cut("G14"),
    "G22": lambda: cut("G22"),
    "G14, search": lambda: cut("G14", search="quick"),
    "G48, proof": lambda: cut("G48", bound="best"),
    "G11, search and proof": lambda: cut("G11", search="thorough", bound="best"),
    "pm1s_80.0, proof": lambda: cut("pm1s_80.0", bound="best"),
    "gka3a": lambda: model("gka3a"),
    "gka5b": lambda: model("gka5b"),
    "embed, worst pair": lambda: points(8),
    "embed, mean": lambda: points(8, objective="mean"),
    "engine, G14": engine,
}


def measured() -> list[list[str]]:
    """Return the rows of today."""
    return [[name, *(f"{x:.6g}" for x in figures())] for name, figures in INSTANCES.items()]


def regressions(old: Mapping[str, list[str]], rows: list[list[str]]) -> list[str]:
    """Return what became worse by more than is allowed, in words."""
    found = []
    for name, *now in rows:
        if name not in old:
            found.append(f"{name} is not stored; python benchmarks/guard.py --store")
            continue
        for column, before, after in zip(HEADER[1:], old[name], now, strict=True):
            if float(after) > float(before) * (1 + ALLOWED) + 1e-9:
                found.append(f"{name}: {column} {before} -> {after}")
    return found


def run() -> list[list[str]]:
    """Measure, print and store."""
    from tables import stored

    rows = measured()
    print(stored("guard/counts", HEADER, rows))
    return rows


def main() -> None:
    """Compare with what is stored, or store."""
    if "--store" in sys.argv[1:]:
        run()
        return
    kept = json.loads((RESULTS / "guard.json").read_text(encoding="utf-8"))["tables"]["counts"]
    if tuple(kept["header"]) != HEADER:
        sys.exit("the stored table has other columns; python benchmarks/guard.py --store")
    rows = measured()
    found = regressions({name: figures for name, *figures in kept["rows"]}, rows)
    print("\n".join(" ".join(row) for row in rows))
    if found:
        sys.exit("\n".join(["worse than what is stored:", *found]))


if __name__ == "__main__":
    main()
