"""Features of a kernel on real data: every method on the same points in one run.

    python benchmarks/features.py [name ...]

Rows are drawn by a fixed hash of the row numbers: the first n to fit, the next n are new; figures are means over 4 such
splits. gamma is "median"; columns of breast cancer and housing are standardised. D frequencies are 2 D features, and
Nystroem's method has 2 D landmarks. The random methods are means over 10 draws of each split. The error of a pair is
``|K^ - k|``. Seconds are CPU seconds of a warm process with the measurement of all pairs.

The second table has Matern and rational quadratic kernels with ``length_scale="median"``; the widths of frequencies are
drawn from their distribution for the random methods.
"""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec

import numpy as np

from derandkit import random_features
from derandkit.features.baselines import (
    kernel_errors,
    nystroem_features,
    orthogonal_frequencies,
    random_frequencies,
    shifted_features,
    sobol_frequencies,
    wave_features,
    with_widths,
)
from derandkit.features.measure import scaled
from derandkit.numerics.hashing import hashed_order
from derandkit.points.cloud import PointCloud
from tables import met, stored

#: name: data, fitted rows, frequencies, and the root mean squares (fitted, new) to reach
CASES = {
    "digits": ("digits", 500, 64, (0.0081, 0.0117)),
    "breast-cancer": ("breast cancer", 284, 64, None),
    "housing": ("housing", 253, 64, (0.0037, 0.0054)),
    "housing-16": ("housing", 253, 16, None),
}
#: name: options of the kernel, on the first case
KERNELS = {
    "matern 0.5": {"kernel": "matern", "nu": 0.5},
    "matern 1.5": {"kernel": "matern", "nu": 1.5},
    "matern 2.5": {"kernel": "matern", "nu": 2.5},
    "rational quadratic 1": {"kernel": "rational_quadratic", "alpha": 1.0},
}
DRAWS, SPLITS = 10, 4
HEADER = ("data", "D", "method", "rms", "rms, new", "greatest", "greatest, new", "CPU s")


def load(name):
    """Return the rows of a data set, or what is missing."""
    if name == "digits":
        from sklearn.datasets import load_digits

        return load_digits().data
    if name == "breast cancer":
        from sklearn.datasets import load_breast_cancer

        X = load_breast_cancer().data
    elif find_spec("mlxtend") is None:
        return "not run: mlxtend is not installed"
    else:
        from mlxtend.data import boston_housing_data

        X = boston_housing_data()[0]
    return (X - X.mean(axis=0)) / X.std(axis=0)


def one_split(X, order, n, D, options=None):
    """Return name -> (rms, new rms, greatest, new greatest, CPU seconds) of every method on one split of the rows."""
    fitted, new = X[np.sort(order[:n])], X[np.sort(order[n : 2 * n])]
    start = time.process_time()
    result = random_features(fitted, 2 * D, **(options or {}))
    seconds = time.process_time() - start
    points, spectrum = scaled(PointCloud(fitted), result.gamma), result.spectrum
    Z, others = points.points, points.factor * (np.unique(new, axis=0) - points.centre)
    (ours, most), (theirs, worst) = (
        (result.rms, result.max_error),
        kernel_errors(others, wave_features(others, result.frequencies / points.factor), spectrum),
    )
    nothing = np.nan
    found = {
        "promise": (result.promised, nothing, nothing, nothing, nothing),
        "lemma": (ours, theirs, most, worst, seconds),
    }

    def waves(draw):
        def both(rng):
            M = with_widths(draw(Z.shape[1], D, rng), spectrum, rng)
            return wave_features(Z, M), wave_features(others, M)

        return both

    def shifts(rng):
        F = shifted_features(np.concatenate([Z, others]), 2 * D, rng, spectrum)
        return F[: len(Z)], F[len(Z) :]

    def nystroem(rng):
        state = rng.bit_generator.state
        first = nystroem_features(Z, 2 * D, rng, spectrum=spectrum)
        rng.bit_generator.state = state
        return first, nystroem_features(Z, 2 * D, rng, others, spectrum)

    methods = {
        "random": waves(random_frequencies), "RBFSampler": shifts, "orthogonal": waves(orthogonal_frequencies),
        "Sobol": waves(sobol_frequencies), "Nystroem": nystroem,
    }  # fmt: skip
    for method, draw in methods.items():
        rng, drawn, start = np.random.default_rng(0), [], time.process_time()
        for _ in range(DRAWS):
            ours, theirs = draw(rng)
            (a, c), (b, d) = kernel_errors(Z, ours, spectrum), kernel_errors(others, theirs, spectrum)
            drawn.append((a, b, c, d))
        found[method] = *np.mean(drawn, axis=0), (time.process_time() - start) / DRAWS
    found["lower bound"] = (result.lower_bound, nothing, nothing, nothing, nothing)
    return found


def case(name, kernel=None):
    """Return the rows of one case, and whether the lemma reaches what the table is measured against."""
    data, n, D, reach = CASES[name]
    X = load(data)
    if isinstance(X, str):
        return [(data, D, X, *[""] * 5)], True
    order = hashed_order(len(X))
    starts = [k * len(X) // SPLITS for k in range(SPLITS)]
    splits = [one_split(X, np.roll(order, k), n, D, KERNELS.get(kernel)) for k in starts]
    rows = []
    for method in splits[0]:
        a, b, c, d, seconds = np.mean([split[method] for split in splits], axis=0)
        shown = [f"{a:.6f}" if method == "lower bound" else f"{a:.4f}", f"{b:.4f}", f"{c:.3f}", f"{d:.3f}"]
        shown.append(f"{seconds:.2f}")
        what = [kernel] if kernel else [f"{data} {n} x {X.shape[1]}", D]
        rows.append((*what, method, *("" if x == "nan" else x for x in shown)))
        if method == "lemma":
            good = reach is None or kernel or (round(a, 4) <= reach[0] and round(b, 4) <= reach[1])
    return rows, good


def run(names=(*CASES, "kernels")):
    """Print the tables."""
    random_features(np.random.default_rng(0).standard_normal((20, 3)), 8)  # compile
    rows, good = [], []
    for name in names:
        if name in CASES:
            more, ok = case(name)
            rows += more
            good.append(ok)
    if rows:
        print(stored("features/errors", HEADER, rows))
        print("\nthe figures of the research reached:", ", ".join(map(met, good)))
    if "kernels" in names:
        random_features(np.random.default_rng(0).standard_normal((20, 3)), 8, kernel="matern")
        rows = [row for kernel in KERNELS for row in case("digits", kernel)[0]]
        print(stored("features/kernels", ("kernel", *HEADER[2:]), rows))


if __name__ == "__main__":
    run(tuple(sys.argv[1:]) or (*CASES, "kernels"))
