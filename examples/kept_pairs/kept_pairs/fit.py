"""From points and pairs to one map, its promise and its record; and the check of the record in exact arithmetic."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

import derandkit as dk
from kept_pairs.objective import Array, PairMean

FIELDS = {"schema", "version", "pairs", "map", "mean", "promise"}


@dataclass(frozen=True)
class KeptMap:
    """A map, what it does to the chosen pairs, and what a random projection does to them on average."""

    matrix: Array
    mean: float
    promise: float
    record: dict[str, Any]

    def __str__(self) -> str:
        return (
            f"mean of (r - 1)^2  {self.mean:.6g} over the chosen pairs\n"
            f"promise            {self.promise:.6g} (a random projection, on average)"
        )

    def save(self, path: str | Path) -> None:
        """Write the record."""
        Path(path).write_text(json.dumps(self.record, sort_keys=True) + "\n", encoding="utf-8")


def fit(points: Mapping[str, Sequence[float]], pairs: dk.WeightedGraph, k: int) -> KeptMap:
    """Find a map to k dimensions that keeps the distances of the pairs, without random numbers.

    Examples
    --------
    >>> points = {"Ann": (0, 0, 0), "Bob": (1, 0, 0), "Cem": (0, 2, 0), "Dan": (0, 0, 3)}
    >>> found = fit(points, dk.as_graph([("Ann", "Bob"), ("Ann", "Cem"), ("Cem", "Dan")]), 2)
    >>> found.mean < 0.01 < found.promise
    True
    """
    if not 1 <= k <= 10_000:
        raise dk.InputError(f"a map has 1 to 10000 dimensions, not {k}")
    ends, weights = pairs_of(pairs)
    differences = np.array([np.subtract(points[a], points[b], dtype=float) for a, b in ends])
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        lengths = np.linalg.norm(differences, axis=1)
    if not lengths.all():
        a, b = ends[int(lengths.argmin())]
        raise dk.InputError(
            f"{a} and {b} are at one place, or nearer than doubles can say: no map changes their distance"
        )
    if not np.isfinite(lengths).all():
        raise dk.InputError("points are finite numbers whose differences have finite squares: scale them")
    objective = PairMean(differences / lengths[:, None], weights, k)
    found = dk.derandomize(objective, objective.start(), method=dk.LemmaDescent(), throw=False)
    matrix = found.sampler.mean.reshape(k, -1)
    mean = exact_mean(matrix.tolist(), points, pairs)
    record = {
        "schema": "kept-pairs", "version": 1, "pairs": pairs.digest, "map": matrix.tolist(), "mean": float(mean),
        "promise": 2.0 / k,
    }  # fmt: skip
    return KeptMap(matrix, float(mean), 2.0 / k, record)


def pairs_of(pairs: dk.WeightedGraph) -> tuple[list[tuple[str, str]], Array]:
    """Return the ends and the weights of the pairs; weights must be positive."""
    i, j, w = pairs.edges()
    if not len(w) or min(w) <= 0:
        raise dk.InputError("pairs are needed, with positive weights")
    names = [str(label) for label in pairs.labels]
    return [(names[a], names[b]) for a, b in zip(i, j)], np.asarray(w, dtype=float)


def exact_mean(
    matrix: Sequence[Sequence[float]], points: Mapping[str, Sequence[float]], pairs: dk.WeightedGraph
) -> Fraction:
    """Return the weighted mean of ``(r - 1)^2`` in exact arithmetic, from the numbers that are stored."""
    ends, weights = pairs_of(pairs)
    total = Fraction(0)
    for (a, b), weight in zip(ends, weights.tolist()):
        d = [Fraction(x) - Fraction(y) for x, y in zip(points[a], points[b])]
        image = [sum(Fraction(entry) * x for entry, x in zip(row, d)) for row in matrix]
        total += Fraction(weight) * (sum(y * y for y in image) / sum(x * x for x in d) - 1) ** 2
    return total / sum(map(Fraction, weights.tolist()))


def check(
    record: Mapping[str, Any], points: Mapping[str, Sequence[float]], pairs: dk.WeightedGraph
) -> dict[str, bool]:
    """Return what of a record holds: one entry a statement."""
    try:
        if set(record) != FIELDS or not (same(record["schema"], "kept-pairs") and same(record["version"], 1)):
            return {"form": False}
        matrix = record["map"]
        d = len(next(iter(points.values())))
        if not matrix or any(len(row) != d or not all(type(x) is float for x in row) for row in matrix):
            return {"form": False}
        mean = exact_mean(matrix, points, pairs)
        rounded = float(mean)
    except (TypeError, KeyError, ValueError, OverflowError, ZeroDivisionError):
        return {"form": False}
    return {
        "form": True,
        "pairs": same(record["pairs"], pairs.digest),
        "mean": same(record["mean"], rounded),
        "promise": same(record["promise"], 2.0 / len(matrix)),
        "kept": mean <= Fraction(2, len(matrix)),
    }


def same(claimed: object, found: object) -> bool:
    """Whether two values are equal and of one type: in Python 1 equals True, in a record it does not."""
    return type(claimed) is type(found) and claimed == found
