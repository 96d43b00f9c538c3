"""The worst pair or the mean: neighbours, distortions and seconds of both objectives and of PCA, fitted and new rows.

    python benchmarks/means.py [name ...]

Rows are drawn by a fixed hash of the row numbers: the first n to fit, the next ones are new. "recall" is the mean share
of the 10 nearest neighbours that are still among the nearest: of fitted rows among fitted ones, of new rows among new
ones, and of new rows among fitted ones (query). PCA is rescaled to its smallest root mean square. Seconds are CPU
seconds of a warm process with the measurement of all pairs, and without held-out fits.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from derandkit import embed
from derandkit.embeddings.baselines import principal_components
from derandkit.embeddings.measure import measure
from derandkit.numerics.hashing import hashed_order
from derandkit.points.cloud import PointCloud
from embeddings import load, missing
from tables import met, stored

#: data: fitted rows, new rows, dimensions
CASES = {
    "sentences": (1000, 1000, 64),
    "tokens": (1000, 1000, 64),
    "mnist": (1000, 1000, 32),
    "digits": (500, 800, 16),
}
NEIGHBOURS = 10
HEADER = (
    "data", "map", "rms", "rms, new", "mean", "mean, new", "max", "recall", "recall, new", "recall, query", "CPU s",
)  # fmt: skip


def points(name):
    """Return the rows of a case, or the package that is missing."""
    source = "minilm" if name in ("sentences", "tokens") else name
    if missing(source):
        return missing(source)
    if name == "sentences":
        from sentences import embedded

        return embedded(2000).astype(np.float64)
    return np.asarray(load(source), dtype=np.float64)


def nearest(queries, base):
    """Return the places of the nearest rows of a base; of itself without the row itself."""
    distance = (
        np.sum(queries * queries, axis=1)[:, None] + np.sum(base * base, axis=1) - 2.0 * queries @ base.T
    )
    if queries is base:
        np.fill_diagonal(distance, np.inf)
    return np.argsort(distance, axis=1, kind="stable")[:, :NEIGHBOURS]


def recall(queries, base, A):
    """Return the mean share of nearest neighbours that a map keeps."""
    images = base @ A.T
    before, after = nearest(queries, base), nearest(images if queries is base else queries @ A.T, images)
    return (
        float(np.mean([len(np.intersect1d(a, b)) for a, b in zip(before, after, strict=True)])) / NEIGHBOURS
    )


def principal(fitted, k):
    """Return the leading directions at the scale with the smallest root mean square."""
    A = principal_components(fitted, k)
    i, j = np.triu_indices(len(fitted), 1)
    squares = sum((x[i] - x[j]) ** 2 for x in fitted.T)
    ratios = sum((y[i] - y[j]) ** 2 for y in (fitted @ A.T).T)[squares > 0] / squares[squares > 0]
    return A * np.sqrt(np.mean(ratios) / np.mean(ratios**2))


def case(name):
    """Return the rows of one case, and whether the mean objective keeps what the table promises."""
    n, others, k = CASES[name]
    X = points(name)
    if isinstance(X, str):
        return [(name, X, *[""] * (len(HEADER) - 2))], True
    order = hashed_order(len(X))
    fitted, new = X[np.sort(order[:n])], X[np.sort(order[n : n + others])]
    maps, seconds = {}, {}
    for label in ("max", "mean", "mean4", "PCA"):
        start = time.process_time()
        if label == "PCA":
            maps[label] = principal(fitted, k)
        else:
            maps[label] = embed(fitted, n_components=k, objective=label, holdout=False).matrix
        seconds[label] = time.process_time() - start
    rows, recalls = [], {}
    for label, A in maps.items():
        ours, theirs = measure(PointCloud(fitted), A), measure(PointCloud(new), A)
        recalls[label] = recall(fitted, fitted, A), recall(new, new, A), recall(new, fitted, A)
        figures = (
            ours.mean_square**0.5, theirs.mean_square**0.5, ours.mean, theirs.mean, ours.distortion, *recalls[label],
        )  # fmt: skip
        rows.append((f"{name} {n}, k = {k}", label, *[f"{x:.3f}" for x in figures], f"{seconds[label]:.1f}"))
    fast = seconds["mean"] <= seconds["max"] / 4
    near = all(
        ours >= other - 0.01 for ours, other in zip(recalls["mean"][1:], recalls["PCA"][1:], strict=True)
    )
    return rows, fast and near


def run(names=tuple(CASES)):
    """Print the table."""
    tiny = np.random.default_rng(0).standard_normal((30, 12))
    for objective in ("max", "mean"):  # compile
        embed(tiny, n_components=4, objective=objective, holdout=False)
    rows, good = [], []
    for name in names:
        more, ok = case(name)
        rows += more
        good.append(ok)
    print(stored("means/neighbours", HEADER, rows))
    print("\na quarter of the time, and not 0.01 below PCA on new rows:", ", ".join(map(met, good)))


if __name__ == "__main__":
    run(tuple(sys.argv[1:]) or tuple(CASES))
