"""The points, the QUBO and the clauses in datasets/ are what their formulas say."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np

from derandkit import optimize, read_clauses, read_model
from derandkit.points.files import read_points

FOLDER = Path(__file__).parents[2] / "datasets"


def loops_text():
    """Eighty points on a closed curve: cos(m t) / m and sin(m t) / m for m = 1..12, in steps of 1/1000."""
    lines = []
    for k in range(80):
        t = 2 * math.pi * k / 80
        row = [f(m * t) / m for m in range(1, 13) for f in (math.cos, math.sin)]
        lines.append(",".join(f"{round(1000 * x) / 1000 + 0.0:.3f}" for x in row))
    return "\n".join(lines) + "\n"


def projects():
    """Twenty projects: number k earns 5 + (7 k mod 11); two that differ by 1, 4 or 9 share work worth 2 to 6."""
    gains = [5 + 7 * k % 11 for k in range(20)]
    shared = {
        (i, j): 2 + (3 * i + 5 * j) % 5 for i, j in itertools.combinations(range(20), 2) if j - i in (1, 4, 9)
    }
    return gains, shared


def qubo_text():
    gains, shared = projects()
    lines = ["c twenty projects, see datasets/README.md", f"p qubo 0 20 20 {len(shared)}"]
    lines += [f"{k} {k} {-gain}" for k, gain in enumerate(gains)]
    return "\n".join([*lines, *(f"{i} {j} {cost}" for (i, j), cost in shared.items())]) + "\n"


def clauses():
    """Sixty clauses on sixteen variables; a variable is negated where bit 30 of a square is set."""
    found = []
    for k in range(60):
        a, b = 1 + 5 * k % 16, 1 + (11 * k + k // 16 + 3) % 16
        signs = [-1 if (m * m * 2654435761 >> 30) & 1 else 1 for m in (2 * k + 1, 2 * k + 2)]
        found.append((a * signs[0], (b if b != a else 1 + b % 16) * signs[1]))
    return found


def cnf_text():
    lines = ["c sixty rules, see datasets/README.md", "p cnf 16 60"]
    return "\n".join([*lines, *(f"{a} {b} 0" for a, b in clauses())]) + "\n"


def test_files_can_be_made_again():
    assert (FOLDER / "points" / "loops.csv").read_text(encoding="utf-8") == loops_text()
    assert (FOLDER / "quadratic" / "projects.qubo").read_text(encoding="utf-8") == qubo_text()
    assert (FOLDER / "quadratic" / "rules.cnf").read_text(encoding="utf-8") == cnf_text()
    assert repr(read_points(FOLDER / "points" / "loops.csv")) == "PointCloud(n=80, d=24, float64)"


def test_optima_of_the_page_by_enumeration():
    gains, shared = projects()
    # the bits 0..9 and 10..19 on their own, and a matrix of what pairs between them cost
    x = ((np.arange(2**10)[:, None] >> np.arange(10)) & 1).astype(float)
    Q = np.diag([-float(gain) for gain in gains])
    for (i, j), cost in shared.items():
        Q[i, j] = cost
    low, high = (np.einsum("ki,ij,kj->k", x, Q[k : k + 10, k : k + 10], x) for k in (0, 10))
    best = float((low[:, None] + high + x @ Q[:10, 10:] @ x.T).min())
    truth = ((np.arange(2**16)[:, None] >> np.arange(16)) & 1).astype(bool)
    met = np.zeros(2**16, dtype=int)
    for clause in clauses():
        met += np.any([truth[:, abs(v) - 1] == (v > 0) for v in clause], axis=0)
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"least cost is {best:.0f}" in text
    assert f"{met.max()} of the 60 clauses" in text
    assert optimize(read_model(FOLDER / "quadratic" / "projects.qubo").model, search="quick").value == best
    assert optimize(read_clauses(FOLDER / "quadratic" / "rules.cnf"), search="quick").value == met.max()
