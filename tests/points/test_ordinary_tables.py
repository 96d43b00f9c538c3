"""Rules that question a table leave ordinary ones alone: clouds of many kinds, with and without names, in files."""

import warnings

import numpy as np
import pytest

import derandkit

pd = pytest.importorskip("pandas")

CLOUDS = {
    "normal": lambda rng, n, p: rng.normal(size=(n, p)),
    "uniform": lambda rng, n, p: rng.uniform(size=(n, p)),
    "clusters": lambda rng, n, p: rng.normal(size=(n, p)) + 10 * rng.integers(0, 3, n)[:, None],
    "counts": lambda rng, n, p: rng.poisson(3, (n, p)),
    "rare counts": lambda rng, n, p: rng.poisson(0.2, (n, p)),
    "whole": lambda rng, n, p: rng.integers(0, 100, (n, p)),
    "pixels": lambda rng, n, p: rng.integers(0, 256, (n, p)),
    "heavy tails": lambda rng, n, p: rng.pareto(1, (n, p)),
    "lognormal": lambda rng, n, p: np.exp(2 * rng.normal(size=(n, p))),
    "two decimals": lambda rng, n, p: rng.normal(size=(n, p)).round(2),
    "scales": lambda rng, n, p: rng.normal(size=(n, p)) * 10.0 ** rng.integers(-3, 6, p),
    "walk": lambda rng, n, p: np.cumsum(rng.normal(size=(n, p)), axis=0),
    "one-hot": lambda rng, n, p: np.eye(p)[rng.integers(0, p, n)],
    "grid": lambda rng, n, p: np.stack(np.meshgrid(range(5), range(4)), -1).reshape(-1, 2) / 2.0,
    "sphere": lambda rng, n, p: (lambda X: X / np.linalg.norm(X, axis=1)[:, None])(rng.normal(size=(n, p))),
    "float32": lambda rng, n, p: rng.normal(size=(n, p)).astype(np.float32),
    "people": lambda rng, n, p: np.column_stack(
        [rng.integers(18, 90, n), rng.normal(170, 10, n).round(1), rng.normal(70, 12, n).round(1)]
    ),
}
WORDS = (
    "age", "height", "weight", "income", "score", "bmi", "length", "width", "temperature", "pressure", "speed", "price",
    "area", "volume", "depth", "energy", "power", "angle", "x", "y", "z", "mass", "density", "ph",
)  # fmt: skip


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("kind", CLOUDS)
def test_they_are_read_without_a_question(tmp_path, kind, named):
    for k in range(4):
        rng = np.random.default_rng(100 * list(CLOUDS).index(kind) + 10 * k + named)
        X = CLOUDS[kind](rng, int(rng.integers(12, 120)), int(rng.integers(2, 13)))
        counts = {*X[0]} <= {
            *range(X.shape[1])
        }  # a first line may hold the names that pandas gives: that is asked
        names = list(rng.choice(WORDS, X.shape[1], replace=False)) if named else None
        frame = pd.DataFrame(X, columns=names or [f"f{i}" for i in range(X.shape[1])])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for held in (X, frame):
                assert derandkit.PointCloud(held).n_points == len(X)
            for separator, ending in [(",", "csv"), ("\t", "tsv"), (" ", "txt"), (";", "csv")]:
                for header in (True, False):
                    name = tmp_path / f"{k}.{ending}"
                    frame.to_csv(name, sep=separator, header=header, index=False)
                    if not header and counts:
                        continue
                    cloud = derandkit.read_points(name)
                    assert (cloud.n_points, cloud.width) == X.shape
            np.savetxt(tmp_path / f"{k}.txt", X)
            np.save(tmp_path / f"{k}.npy", X)
            for ending in ("npy",) if counts else ("txt", "npy"):
                assert derandkit.read_points(tmp_path / f"{k}.{ending}").n_points == len(X)
