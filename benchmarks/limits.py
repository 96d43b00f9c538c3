"""Where the theorem about networks stops, measured; and the bound along the rows beside the lemma's.

    python benchmarks/limits.py [rows penalties stops links inputs]

Small networks, a few CPU minutes for all of it. Bounds are evaluated on nodes that were not trained on.
"""

from __future__ import annotations

import argparse
import itertools
import math
import statistics

import numpy as np
from scipy.special import ndtr, ndtri
from sklearn.neural_network import MLPRegressor

from derandkit import Student, Teacher, certify_network, discover_structure
from tables import met, stored

#: (link, directions, penalty of the upper layers, depth)
NETWORKS = (
    ("tanh", 1, 0.0, 2),
    ("tanh", 2, 0.0, 2),
    ("sine", 1, 0.0, 2),
    ("staircase", 2, 0.0, 2),
    ("tanh", 1, 1e-4, 3),
)


def rows():
    """Return how many times |W_perp| the lemma's bound and the one along the rows are, over many trained networks."""
    table = []
    for penalty in (1e-4, 1e-3, 1e-2):
        found = []
        for (link, q, upper, depth), width, stream in itertools.product(NETWORKS, (6, 16), (0, 1)):
            teacher = Teacher(link, 6, q, nodes=2048, evaluation_nodes=8192)
            student = Student(width=width, depth=depth, stream=stream)
            result = discover_structure(
                teacher, student, penalty=penalty, upper_penalty=upper, max_steps=100, controls=False
            )
            if result.row_bound is not None:
                found.append(result)
        lemma = [r.lemma_bound / r.w_perp for r in found if r.lemma_bound is not None]
        along = [r.row_bound / r.w_perp for r in found]
        below = sum(r.w_perp > r.row_bound + 2.0 * r.row_bound_error for r in found)
        table.append(
            (f"{penalty:g}", len(found), len(found) - len(lemma), f"{statistics.median(lemma):.3g}",
             f"{max(lemma):.3g}", f"{statistics.median(along):.3g}", f"{max(along):.3g}",
             below, met(below <= 0.05 * len(found)))
        )  # fmt: skip
    header = ("penalty", "networks", "no bound by the lemma", "lemma: median", "lemma: greatest",
              "along the rows: median", "along the rows: greatest", "W_perp above it", "met")  # fmt: skip
    return stored("limits/rows", header, table)


def penalties():
    """Return what is left of W_perp over penalties from 1e-6 to 1e-1, after a short and a long training."""
    table = []
    for exponent in range(-12, -1):
        penalty = 10.0 ** (exponent / 2)
        found = [trained(penalty, steps) for steps in (50, 1000)]
        decay = found[1].controls["decay"]["left"]
        table.append(
            (f"{penalty:.1e}", *(f"{r.ratio:.2g}" for r in found), f"{decay:.2g}",
             f"{found[1].row_bound / found[1].w_perp:.3g}",
             f"{found[1].gradient_norm:.1e}", f"{found[1].loss:.1e}")
        )  # fmt: skip
    header = ("penalty", "left after 50 steps", "left after 1000 steps", "decay alone",
              "bound along the rows, times W_perp", "gradient", "loss")  # fmt: skip
    return stored("limits/penalties", header, table)


def trained(penalty, steps, link="tanh", **student):
    """Return a small network after some steps on six inputs."""
    teacher = Teacher(link, 6, 1, nodes=2048, evaluation_nodes=8192)
    return discover_structure(
        teacher,
        Student(**{"width": 8, **student}),
        penalty=penalty,
        upper_penalty=1e-4,
        max_steps=steps,
        controls=False,
    )


def stops():
    """Return what an early stop leaves, beside both bounds on it."""
    table = []
    for steps in (10, 20, 40, 80, 160, 320, 640):
        r = trained(1e-3, steps)
        lemma = "none" if r.lemma_bound is None else f"{r.lemma_bound:.2g}"
        along = "none" if r.row_bound is None else f"{r.row_bound:.2g}"
        table.append(
            (steps, f"{r.gradient_norm:.1e}", f"{r.perp_gradient:.1e}", f"{r.w_perp:.2g}", along, lemma,
             f"{r.smallest_curvature:.1e}", f"{r.row_curvature:.1e}")
        )  # fmt: skip
    header = ("steps", "gradient", "gradient in W_perp", "W_perp", "bound along the rows", "the lemma's bound",
              "smallest curvature", "along the rows")  # fmt: skip
    return stored("limits/stops", header, table)


def links():
    """Return W along the teacher and orthogonal to it, for a quadratic student and two teachers."""
    table = []
    for steps in (0, 10, 20, 40, 80, 160):
        row = [steps]
        for link in ("hermite2", "hermite4"):
            r = discover_structure(
                Teacher(link, 2), Student(width=8, activation="hermite2"), upper_penalty=1e-4, max_steps=max(steps, 1),
                controls=False,
            )  # fmt: skip
            along, perp = (r.history[name] for name in ("w_par", "w_perp"))
            last = min(steps, len(along) - 1)
            row += [f"{along[last]:.2g}", f"{perp[last]:.2g}"]
        table.append(row)
    header = ("steps", "He_2: along", "He_2: orthogonal", "He_4: along", "He_4: orthogonal")
    return stored("limits/links", header, table)


def laws(rng, count, d):
    """Return tables whose columns are not Gaussian, by name; each column has mean 0 and variance 1."""
    normal = rng.standard_normal((count, d))
    skewed = (np.exp(normal) - math.exp(0.5)) / math.sqrt((math.e - 1.0) * math.e)
    return {
        "Gaussian": normal,
        "uniform": (2.0 * ndtr(normal) - 1.0) * math.sqrt(3.0),
        "two values": np.where(normal > 0, 1.0, -1.0),
        "lognormal": skewed,
        "Gaussian, correlated 0.9": math.sqrt(0.1) * normal
        + math.sqrt(0.9) * rng.standard_normal((count, 1)),
    }


def copula(X):
    """Return normal scores of the ranks of every column."""
    return ndtri((np.argsort(np.argsort(X, axis=0), axis=0) + 0.5) / len(X))


def certified(X, y, direction, alpha=2.0, noise=None):
    """Return what a network trained on a half of rows has forgotten, judged on the other half."""
    half = len(X) // 2
    train = X[:half] if noise is None else X[:half] + noise[:half]
    judged = X[half:] if noise is None else X[half:] + noise[half:]
    model = MLPRegressor(
        hidden_layer_sizes=(12,),
        activation="tanh",
        solver="lbfgs",
        alpha=alpha,
        max_iter=1000,
        random_state=0,
    ).fit(train, y[:half])
    return certify_network(model, judged, y[half:], penalty=alpha / half, directions=[direction])


def inputs():
    """Return how far the lemma is from holding for other inputs, and what helps."""
    rng = np.random.default_rng(0)
    table = []
    one, two = np.eye(6)[0], np.array([1.0, -1.0, 0, 0, 0, 0]) / math.sqrt(2.0)
    for name, X in laws(rng, 4000, 6).items():
        for what, direction in (("one column", one), ("two columns", two)):
            y = np.tanh(1.5 * X @ direction)
            ways = {"as they are": (X, None), "normal scores": (copula(X), None)}
            if name != "Gaussian":
                ways["with noise of half their size"] = X, 0.5 * rng.standard_normal(X.shape)
            for way, (Z, noise) in ways.items():
                found = certified(Z, y, direction, noise=noise)
                figures = found.figures
                share = found.w_perp / math.hypot(found.w_perp, found.w_par)
                kept = (
                    "none" if figures["row_bound"] is None else f"{figures['row_bound'] / found.w_perp:.3g}"
                )
                table.append(
                    (name, what, way, f"{share:.2g}", kept,
                     f"{figures['stein_residual']:.2g} +- {figures['stein_residual_error']:.0e}",
                     f"{figures['stein_estimate'] / found.w_perp:.2f}" if figures["stein_estimate"] else "none")
                )  # fmt: skip
    header = ("inputs", "target of", "given", "share of W_perp", "bound along the rows, times W_perp",
              "residual of Stein's identity", "its estimate, times W_perp")  # fmt: skip
    return stored("limits/inputs", header, table)


PARTS = {
    "rows": ("Bounds as multiples of |W_perp|", rows),
    "penalties": ("Penalties from 1e-6 to 1e-1", penalties),
    "stops": ("What an early stop leaves", stops),
    "links": ("Forgetting is not recovering", links),
    "inputs": ("Inputs that are not Gaussian", inputs),
}


def run(names=None):
    """Print every table of this file, or those named."""
    for name in names or PARTS:
        title, table = PARTS[name]
        print(f"### {title}\n\n{table()}\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="TABLE", help=f"of {', '.join(PARTS)}; all by default")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in PARTS]
    if unknown:
        parser.error(f"unknown table {unknown[0]!r}; one of {', '.join(PARTS)}")
    run(options.names)


if __name__ == "__main__":
    main()
