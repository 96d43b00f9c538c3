"""Structure records of tiny networks on awkward data: each has to verify, or to say why nothing can be known of it."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import strategies as st
from tests.adversarial import Found

import derandkit as dk
from derandkit.certificates.checks import Verdict
from derandkit.structure.data import RegressionData
from derandkit.structure.solve import discover_structure
from derandkit.structure.student import ACTIVATIONS, Student
from derandkit.structure.teacher import Teacher

#: Dimension and width of a network; few of them, since each is compiled once.
SHAPES = ((3, 4), (4, 8), (6, 5))
KINDS = (
    "plain",
    "scale",
    "columns",
    "offset",
    "constant",
    "collinear",
    "heavy",
    "classes",
    "teacher",
    "noise",
)


def awkward_table(numbers, kind, d):
    """Return rows and targets: of many scales, far from the origin, with columns that say nothing, with one outlier."""
    X = numbers.standard_normal((int(numbers.integers(40, 90)), d))
    y = np.tanh(X[:, 0]) + 0.3 * X[:, 1] ** 2 + 0.1 * numbers.standard_normal(len(X))
    if kind == "scale":
        X, y = X * 10.0 ** float(numbers.integers(-140, 140)), y * 10.0 ** float(numbers.integers(-140, 140))
    if kind == "columns":
        X = X * 10.0 ** numbers.integers(-12, 13, d)
    if kind == "offset":
        X, y = X + 10.0 ** float(numbers.integers(1, 9)), y - 10.0 ** float(numbers.integers(1, 9))
    if kind == "constant":
        X[:, -1] = 1e6
    if kind == "collinear":
        X[:, -1] = X[:, 0] + 10.0 ** -float(numbers.integers(2, 14)) * X[:, 1]
    if kind == "heavy":
        X[0], y[0] = 10.0 ** float(numbers.integers(1, 9)), 10.0 ** float(numbers.integers(1, 9))
    return X, (y > 0.2).astype(float) if kind == "classes" else y


@st.composite
def awkward_networks(draw):
    """Draw (seed, kind of problem, dimension, student, options)."""
    kind, (d, width) = draw(st.sampled_from(KINDS)), draw(st.sampled_from(SHAPES))
    student = {
        "width": width, "depth": draw(st.sampled_from([2, 2, 3])), "activation": draw(st.sampled_from(ACTIVATIONS)),
        "sharpness": draw(st.sampled_from([0.01, 8.0, 100.0])), "output_bias": draw(st.booleans()),
        "start": draw(st.sampled_from(["balanced", "published"])), "stream": draw(st.integers(0, 5)),
    }  # fmt: skip
    options = {
        "penalty": draw(st.sampled_from([0.0, 1e-12, 1e-4, 1e-2, 1.0, 1e6])),
        "upper_penalty": draw(st.sampled_from([0.0, 1e-3])),
        "method": draw(st.sampled_from(["lemma", "lemma", "adam"])), "max_steps": draw(st.integers(1, 12)),
        "loss": draw(st.sampled_from([None, None, "huber"])),
        "frozen": draw(st.sampled_from([(), (), ("bias",)])),
    }  # fmt: skip
    return draw(st.integers(0, 2**32)), kind, d, student, options


def problem_of(seed, kind, d):
    """Return the problem of a draw."""
    numbers = np.random.default_rng(seed)
    if kind in ("teacher", "noise"):
        noise = 10.0 ** float(numbers.integers(-8, 3)) if kind == "noise" else 0.0
        link = ["tanh", "relu", "hermite3"][seed % 3] if kind == "teacher" else "tanh"
        return Teacher(link, d, directions=1 + seed % 2, noise=noise, nodes=64, evaluation_nodes=128)
    return RegressionData(*awkward_table(numbers, kind, d))


def judge_network(seed, kind, d, student, options, *, second=False):
    """Train and check; return what is wrong, that the call refused, or that no figure can be known."""
    try:
        problem = problem_of(seed, kind, d)
        result = discover_structure(problem, Student(**student), controls=False, **options)
    except dk.InputError as error:
        return ["refused"] if len(str(error).splitlines()) == 1 else ["refused in several lines"]
    report = dk.verify(json.loads(result.to_json()), problem)
    if report.ok:
        return [f"{kind} holds"]
    if all(check.verdict is Verdict.NOT_CHECKED for check in report.checks if not check.passed):
        diverged = result.to_dict()["status"] == "diverged"
        return ["diverged, which nothing shows" if diverged else "too vague to be checked"]
    return [f"does not verify: {', '.join(report.failed)}"]


def try_networks(count, found=None):
    """Judge so many networks."""
    found = found or Found()
    found.judge(count, lambda data: (data.draw(awkward_networks()), judge_network), 1)
    return found


def tabled(found):
    """Return the outcomes as a table, those that are named first."""
    counts = found.counts
    rows = [["instances", found.seen], ["refused in one line", counts["refused"]]]
    rows += [["verified", sum(n for name, n in counts.items() if name.endswith(" holds"))]]
    rows += [[name, counts[name]] for name in ("diverged, which nothing shows", "too vague to be checked")]
    rows.append(["anything else", found.seen - sum(row[1] for row in rows[1:])])
    return ["outcome", "number"], [*rows, ["slowest s", f"{found.slowest:.1f}"]]
