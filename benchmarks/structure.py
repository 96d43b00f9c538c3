"""What networks forget: the published picture, twenty inputs, kinks, other inputs, and rival ways to find directions.

    python benchmarks/structure.py [picture twenty links kinks inputs subspaces repeat] [--figure FILE]

|W_perp| is given as a share of its start. Bounds and losses are evaluated on nodes that were not trained on, with
their errors. Main runs draw nothing; SGD, Adam and samples name their seeds. `--figure` draws the picture's rows of W.
"""

from __future__ import annotations

import argparse
import hashlib

import numpy as np

from derandkit import RegressionData, StochasticGradient, Student, Teacher, discover_structure
from derandkit.structure.baselines import (
    average_gradient_outer_product,
    downstream_error,
    principal_directions,
    sliced_inverse_regression,
    subspace_error,
)
from derandkit.structure.measure import split
from derandkit.structure.teacher import LINKS, cosine_directions
from tables import met, stored, timed

#: The published network: softplus of sharpness 2, no offset, output weights as they start.
PUBLISHED = Student(width=1000, activation="softplus", sharpness=2, output_bias=False, start="published")
#: Penalty of |W|^2 (half of the published decay), and the steps of the two readings of the published settings.
READINGS = {
    "steps 25.3 / 62.5, no noise": (
        5e-6,
        StochasticGradient(step_size=25.3, bias_step=62.5, batch=50, steps=10_000, rng=0),
    ),
    "steps 1, noise 0.005": (
        5e-5,
        StochasticGradient(step_size=1.0, batch=50, steps=20_000, rng=0, noise_threshold=1e-3, noise=0.005),
    ),
}
#: directions, depth, penalty of the upper layers, and what |W_perp| is to fall to
TWENTY = [(1, 2, 0.0, 0.01), (2, 2, 0.0, 0.02), (1, 3, 1e-6, 0.01), (2, 3, 1e-6, 0.02)]
SECONDS = 180.0
#: (penalty of |W|^2, penalty of the upper layers): chosen on the rows kept back from a fit on the training rows alone
PENALTIES = ((3e-3, 1e-3), (3e-2, 3e-3), (1e-1, 1e-2))
SHARPNESS = (2.0, 8.0, 32.0, 128.0, None)


def left(control):
    """Return the ratio of a control that may be missing."""
    return "" if control is None else f"{control['ratio']:.3g}"


def decayed(result):
    """Return what weight decay alone leaves."""
    value = result.controls["decay"]["left"]
    return "no formula" if value is None else f"{value:.3g}"


def bound(result):
    """Return the bound with its error, and how many times |W_perp| it is."""
    if result.lemma_bound is None:
        return "none", ""
    times = f"{result.lemma_bound / result.w_perp:.3g}" if result.w_perp > 0 else ""
    return f"{result.lemma_bound:.3g} +- {result.lemma_bound_error:.0e}", times


def holds(result):
    """Return whether the bound is there and holds; 'none' is only allowed away from stationary points."""
    if result.lemma_bound is None:
        return result.status.name != "STATIONARY"
    return result.lemma_bound >= result.w_perp


def picture(figure=None):
    """Return the published experiment in both readings, and population descent on the same network."""
    rows, teacher, panels = [], Teacher("tanh", 2), []
    for name, (penalty, method) in READINGS.items():
        result, seconds, _ = timed(
            lambda penalty=penalty, method=method: discover_structure(
                teacher, PUBLISHED, penalty=penalty, method=method, frozen=("upper",)
            )
        )
        rows.append(picture_row(f"SGD, {name}", result, seconds, result.ratio < 0.25))
        panels.append((f"SGD, {name}", result))
    for penalty in (5e-6, 5e-5):
        result, seconds, _ = timed(
            lambda penalty=penalty: discover_structure(
                teacher, PUBLISHED, penalty=penalty, frozen=("upper",), controls=penalty == 5e-6
            )
        )
        near = result.lemma_bound is not None and result.w_perp <= result.lemma_bound <= 10.0 * result.w_perp
        rows.append(picture_row("population descent", result, seconds, near))
        panels.append((f"population descent, penalty {penalty:g}", result))
    if figure is not None:
        draw(panels[:3], figure)
    header = ("run", "penalty", "left of W_perp", "decay alone", "frozen bias", "no penalty", "bound", "times W_perp",
              "loss", "seconds", "met")  # fmt: skip
    return stored("structure/picture", header, rows)


def draw(panels, path):
    """Draw the rows of W at start and end, one panel a run."""
    from derandkit.plots.structure import draw_rows
    from derandkit.plots.style import new_figure, save_figure

    figure = new_figure(4.2 * len(panels), 4.4)
    for axes, (name, result) in zip(figure.subplots(1, len(panels)), panels, strict=True):
        draw_rows(axes, result, f"{name}: {result.ratio:.2g} is left")
    save_figure(figure, path)


def picture_row(name, result, seconds, ok):
    return (
        name, f"{result.settings['penalty']:g}", f"{result.ratio:.3g}", decayed(result),
        left(result.controls["frozen_bias"]), left(result.controls["no_penalty"]), *bound(result),
        f"{result.loss:.2e}", f"{seconds:.0f}", met(ok and holds(result)),
    )  # fmt: skip


def twenty():
    """Return the runs in twenty dimensions with all parameters trained, and first-order methods beside them."""
    rows = []
    for directions, depth, upper, limit in TWENTY:
        teacher, student = Teacher("tanh", 20, directions), Student(width=32, depth=depth)

        def trained(teacher=teacher, student=student, upper=upper, **options):
            return discover_structure(teacher, student, upper_penalty=upper, controls=False, **options)

        result, seconds, _ = timed(trained)
        frozen, free = trained(frozen=("bias",)), trained(penalty=0.0)
        ok = result.ratio <= limit and seconds < SECONDS and holds(result)
        rows.append(
            (directions, depth, "lemma", f"{result.ratio:.2g}", f"{limit:g}", decayed(result),
             f"{frozen.ratio:.2g}", f"{free.ratio:.2g}", *bound(result),
             f"{max(result.principal_angles):.1e}", f"{result.loss:.1e}", result.evaluations, f"{seconds:.0f}", met(ok))
        )  # fmt: skip
        if directions == 1 and depth == 2:
            rows += [rival(teacher, student, name, result.evaluations) for name in ("sgd", "adam")]
    header = ("q", "depth", "method", "left of W_perp", "<=", "decay alone", "frozen bias", "no penalty", "bound",
              "times W_perp", "angle", "loss", "gradients", "seconds", "met")  # fmt: skip
    return stored("structure/twenty", header, rows)


def rival(teacher, student, optimizer, steps):
    """Train by full-batch steps of a first-order method, as many as the descent took gradients."""
    method = StochasticGradient(
        optimizer=optimizer, step_size={"sgd": 0.1, "adam": 3e-3}[optimizer], batch=None, steps=steps
    )
    coarse = Teacher("tanh", 20, teacher.directions, nodes=8192)
    result, seconds, _ = timed(lambda: discover_structure(coarse, student, method=method, controls=False))
    return (
        1, 2, f"{optimizer}, 8192 nodes", f"{result.ratio:.2g}", "", decayed(result), "", "", *bound(result),
        f"{max(result.principal_angles):.1e}", f"{result.loss:.1e}", steps, f"{seconds:.0f}", "",
    )  # fmt: skip


def links():
    """Return forgetting and recovery for teachers that a quadratic student can and cannot see."""
    rows = []
    for link in ("hermite2", "hermite4"):
        result = discover_structure(
            Teacher(link, 2), Student(width=8, activation="hermite2"), upper_penalty=1e-4, controls=False
        )
        seen = result.strengths[0] > 0.05
        expected = (link == "hermite2") == seen and result.ratio < 0.01
        rows.append(
            (link, f"{result.ratio:.1e}", f"{result.strengths[0]:.2g}", "yes" if seen else "lost", f"{result.loss:.3g}",
             *bound(result), met(expected and holds(result)))
        )  # fmt: skip
    header = (
        "teacher",
        "left of W_perp",
        "W along the teacher",
        "recovered",
        "loss",
        "bound",
        "times W_perp",
        "met",
    )
    return stored("structure/links", header, rows)


def kinks():
    """Return |W_perp| and test loss of a ReLU teacher and smooth ReLUs of growing sharpness, and the raw one."""
    rows = []
    for sharpness in SHARPNESS:
        student = (
            Student(width=32, activation="relu")
            if sharpness is None
            else Student(width=32, activation="softplus", sharpness=sharpness)
        )
        result, seconds, _ = timed(
            lambda s=student: discover_structure(Teacher("relu", 8), s, penalty=1e-3, controls=False)
        )
        ended = result.status.name.lower().replace("_", " ")
        rows.append(
            ("raw" if sharpness is None else f"{sharpness:g}", f"{result.ratio:.2g}", f"{result.w_perp:.2g}",
             f"{result.loss:.2e} +- {result.loss_error:.0e}", *bound(result), ended,
             f"{seconds:.0f}", met(sharpness is None or holds(result)))
        )  # fmt: skip
    header = (
        "sharpness",
        "left of W_perp",
        "W_perp",
        "test loss",
        "bound",
        "times W_perp",
        "ended",
        "seconds",
        "met",
    )
    return stored("structure/kinks", header, rows)


def known_direction():
    """Return the breast cancer table with a target made of one known whitened direction, and the direction."""
    from sklearn.datasets import load_breast_cancer

    X = load_breast_cancer().data
    Z = RegressionData(X, X[:, 0]).whiten(X)
    direction = cosine_directions(1, Z.shape[1])
    return RegressionData(X, np.tanh(Z @ direction[0])), direction


def inputs():
    """Return what is forgotten where the inputs are not the lemma's."""
    rows = []
    for law in ("gaussian", "uniform", "student-t"):
        result = discover_structure(
            Teacher("tanh", 10, 1, inputs=law), Student(width=32), penalty=1e-3, controls=False
        )
        kept = result.lemma_bound is not None and result.lemma_bound >= result.w_perp
        residual = f"{result.stein_residual:.1e} +- {result.stein_residual_error:.0e}"
        rows.append(
            (law, 10, f"{result.ratio:.2g}", *bound(result), residual, "yes" if kept else "no", f"{result.loss:.1e}")
        )  # fmt: skip
    data, direction = known_direction()
    result = discover_structure(data, Student(width=32), penalty=1e-3, rank=1, controls=False)
    share = np.linalg.norm(split(result.W, direction)[1]) / np.linalg.norm(
        split(result.W_start, direction)[1]
    )
    name = f"breast cancer, {len(data.y)} rows"
    rows.append((name, data.dimension, f"{share:.2g}", "", "", "", "", f"{result.loss:.1e}"))
    header = ("inputs", "d", "left of W_perp", "bound", "times W_perp", "residual of Stein's identity", "bound holds",
              "loss")  # fmt: skip
    return stored("structure/inputs", header, rows)


METHODS = {
    "SIR": sliced_inverse_regression,
    "AGOP": average_gradient_outer_product,
    "PCA": lambda X, _y, rank: principal_directions(X, rank),
}


def subspaces():
    """Return the error of the discovered subspace, and of a regression after projecting, beside three baselines."""
    rows = []
    for link, rank in (("tanh", 2), ("staircase", 2), ("hermite2", 2)):
        truth = cosine_directions(rank, 10)
        rng = np.random.default_rng(0)
        X = rng.standard_normal((2000, 10))
        y = LINKS[link](X @ truth.T) + 0.1 * rng.standard_normal(2000)
        rows += subspace_rows(f"{link}, q = {rank}, 2000 x 10", X, y, rank, truth)
    from sklearn.datasets import load_diabetes

    table = load_diabetes()
    rows += subspace_rows("diabetes, 442 x 10", table.data, table.target, 1, None)
    return stored(
        "structure/subspaces", ("data", "method", "subspace error", "1 - R2 after projecting"), rows
    )


def subspace_rows(name, X, y, rank, truth):
    data = RegressionData(X, y)
    train = data.training().points, data.training().targets
    parts = data.evaluation()
    test = np.concatenate([part.points for part in parts]), np.concatenate([part.targets for part in parts])
    inner = RegressionData(data.X[data._rows[0]], data.y[data._rows[0]])
    options = [
        {
            "student": Student(width=16),
            "penalty": lam,
            "upper_penalty": upper,
            "rank": rank,
            "controls": False,
        }
        for lam, upper in PENALTIES
    ]
    losses = [discover_structure(inner, **option).loss for option in options]
    result = discover_structure(data, **options[int(np.argmin(losses))])
    spans = {"network": result.span, **{key: method(*train, rank) for key, method in METHODS.items()}}
    spans["all inputs"] = np.eye(data.dimension)
    rows = []
    for method, span in spans.items():
        error = ""
        if truth is not None and len(span) == rank:
            basis = np.linalg.qr(data.features(span).T)[0].T
            # in standardised columns, where the truth is stretched by the columns' deviations
            stretched = np.linalg.qr((truth * X[data._rows[0]].std(axis=0)).T)[0].T
            error = f"{subspace_error(basis, stretched):.3f}"
        rows.append((name, method, error, f"{downstream_error(span, train, test):.3f}"))
    return rows


def repeat():
    """Return whether two runs of the run in twenty dimensions are the same to the byte."""
    digests, times = [], []
    for _ in range(2):
        result, seconds, _ = timed(
            lambda: discover_structure(Teacher("tanh", 20), Student(width=32), controls=False)
        )
        digests.append(hashlib.sha256(result.to_json().encode()).hexdigest()[:16])
        times.append(seconds)
    same = digests[0] == digests[1]
    rows = [(" ".join(digests), f"{max(times):.0f}", f"{SECONDS:.0f}", met(same and max(times) < SECONDS))]
    return stored("structure/repeat", ("digests of two runs", "seconds", "<", "met"), rows)


PARTS = {
    "picture": ("The published picture: two inputs, width 1000, tanh of the diagonal, smooth ReLU", picture),
    "twenty": ("Twenty inputs, width 32, all parameters trained, penalty 1e-4", twenty),
    "links": ("Forgetting is not recovering: a quadratic student", links),
    "kinks": ("ReLU through softplus: eight inputs, ReLU teacher", kinks),
    "inputs": ("Inputs that are not Gaussian: tanh of one direction", inputs),
    "subspaces": ("Rival ways to find the directions (samples: seed 0)", subspaces),
    "repeat": ("The same bytes again", repeat),
}


def run(names=None, figure=None):
    """Print every table of this file, or those named."""
    for name in names or PARTS:
        title, table = PARTS[name]
        text = table(figure) if name == "picture" else table()
        print(f"### {title}\n\n{text}\n", flush=True)


def run_quick():
    """Print the tables that carry the claims: twenty inputs, and forgetting without recovery."""
    run(("twenty", "links"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="TABLE", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--figure", help="where to draw the rows of W of the published experiment")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in PARTS]
    if unknown:
        parser.error(f"unknown table {unknown[0]!r}; one of {', '.join(PARTS)}")
    run(options.names, options.figure)


if __name__ == "__main__":
    main()
