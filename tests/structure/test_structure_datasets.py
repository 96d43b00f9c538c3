"""The example table of the structure wing, made again by its formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from derandkit.structure.baselines import sliced_inverse_regression, subspace_error
from derandkit.structure.data import RegressionData

TABLE = Path(__file__).parents[2] / "datasets" / "structure" / "ridge.csv"
ROWS, COLUMNS = 400, 6
NAMES = ("width", "height", "mass", "age", "load", "angle")


def hashed(k):
    """Sixteen bits that look like chance and are none."""
    return ((k + 1) * (k + 1) * 2654435761 >> 16) & 0xFFFF


def rows():
    for k in range(ROWS):
        # four uniform numbers make one that is nearly Gaussian; whole numbers, so that every machine agrees
        x = [sum(hashed(100 * k + 4 * j + i) for i in range(4)) - 131070 for j in range(COLUMNS)]
        s = x[0] + 2 * x[2] - x[4]
        # a cubic in s with integer arithmetic, flat at both ends of the range, and some noise
        t = max(-180000, min(180000, s))
        y = 3 * t - t**3 // 32400000000 + (hashed(7919 * k + 13) - 32768) // 2
        yield [v / 10000 for v in (*x, y)]


def text():
    lines = [",".join((*NAMES, "strength"))]
    lines += [",".join(f"{value:.4f}" for value in row) for row in rows()]
    return "\n".join(lines) + "\n"


def test_the_table_is_its_formula():
    assert TABLE.read_text() == text()


def test_the_direction_is_there_to_be_found():
    data = RegressionData.from_file(TABLE, "strength")
    sample = data.training()
    found = data.features(sliced_inverse_regression(sample.points, sample.targets, 1))
    scale = data.X[data._rows[0]].std(axis=0)
    truth = np.array([[1.0, 0.0, 2.0, 0.0, -1.0, 0.0]]) * scale
    assert subspace_error(found, truth / np.linalg.norm(truth)) < 0.2
