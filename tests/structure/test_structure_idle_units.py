"""One idle unit makes the parameters as long and the largest curvature as large as a forger likes: it hides nothing."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from tests.legs import some_then_all

from derandkit import StructureStatus, Student, Teacher, discover_structure, verify
from derandkit.certificates.checks import Verdict
from derandkit.certificates.structure.hessian import hessian_product
from derandkit.certificates.structure.networks import layer_shapes
from derandkit.certificates.structure.passes import sums
from derandkit.structure.student import ACTIVATIONS

pytest.importorskip("jax")

from derandkit.structure import run
from derandkit.structure.methods import Trained

TEACHER = Teacher("tanh", 2, nodes=1024, evaluation_nodes=2048)


def status_at(monkeypatch, student, point, status):
    """Return how the status of a record is judged that says a run ended with it at a point (W, b, v)."""

    def train(stages, law, method, penalty, observe, draw):
        end = stages[-1].law(*map(np.array, point))
        for done, at in ((1, law), (2, end)):
            risk = stages[-1].value(at)
            observe(done, risk, risk + penalty * at.spread_norm**2, stages[-1].parameters(at)[0])
        return Trained(end, status, 2, {"steps": 1})

    with monkeypatch.context() as patch:
        patch.setattr(run, "train", train)
        record = discover_structure(TEACHER, student, controls=False).to_dict()
    return next(check.verdict for check in verify(record, TEACHER).checks if check.name == "status")


@pytest.mark.parametrize(
    ("activation", "bias"),
    [("softplus", 1e2), ("softplus", 1e4), ("gelu", 1e2), ("gelu", 1e10), ("relu", 1e4), ("hermite2", 1e2)],
)
def test_a_large_curvature_hides_no_saddle(monkeypatch, activation, bias):
    """At W = 0 and v = 0 the network predicts zero, and the risk falls by a sixth at least along both together."""
    student = Student(width=2, activation=activation, output_bias=False)
    point = np.zeros((2, 2)), [0.0, bias], [0.0, 0.0]
    assert status_at(monkeypatch, student, point, StructureStatus.STATIONARY) is Verdict.FAILED


@pytest.mark.parametrize("activation", ["softplus", "gelu"])
def test_the_bias_of_the_only_unit_hides_no_saddle(monkeypatch, activation):
    student = Student(width=1, activation=activation, output_bias=False)
    point = np.zeros((1, 2)), [5.0], [0.0]
    assert status_at(monkeypatch, student, point, StructureStatus.STATIONARY) is Verdict.FAILED


@pytest.mark.parametrize("bias", [0.0, 1e10, 3e11])
def test_a_long_idle_bias_hides_no_step_that_lowers_the_risk(monkeypatch, bias):
    student = Student(width=2, activation="tanh", output_bias=False)
    point = [[0.5, 0.5], [0.0, 0.0]], [0.0, bias], [0.3, 0.0]
    assert status_at(monkeypatch, student, point, StructureStatus.STALLED) is Verdict.FAILED


CASES = [
    (activation, depth, offset, loss, outputs)
    for activation, depth, offset, (loss, outputs) in itertools.product(
        ACTIVATIONS, (2, 3, 4), (True, False),
        (("squared", 1), ("logistic", 1), ("huber", 1), ("squared", 3), ("softmax", 3)),
    )
    if activation != "relu"
]  # fmt: skip


@some_then_all
def test_products_with_the_hessian_are_the_derivative_of_the_gradient(every):
    numbers = np.random.default_rng(0)
    n, d, m, h = 4, 3, 20, 1e-5
    for activation, depth, offset, loss, outputs in CASES[:: 3 * every]:
        student = {
            "activation": activation, "sharpness": 2.0, "width": n, "depth": depth, "output_bias": offset,
        }  # fmt: skip
        p = sum(math.prod(shape) for shape in layer_shapes(student, outputs))
        at, along = (
            tuple(numbers.standard_normal(shape) for shape in ((n, d), (n,), (p,))) for _ in range(2)
        )
        targets = numbers.integers(0, 2, m).astype(float)
        if outputs > 1:
            targets = np.eye(outputs)[numbers.integers(0, outputs, m)]
        rows = SimpleNamespace(
            points=numbers.standard_normal((m, d)), targets=targets, weights=np.full(m, 1.0 / m)
        )
        ends = [
            sums(student, loss, tuple(a + s * v for a, v in zip(at, along, strict=True)), rows, second=False)
            for s in (h, -h)
        ]
        found = hessian_product(student, loss, at, along, rows)
        for name, product in zip(("W", "b", "theta"), found, strict=True):
            expected = (getattr(ends[0], name) - getattr(ends[1], name)) / (2.0 * h)
            assert product == pytest.approx(expected, rel=1e-4, abs=1e-6 * max(1.0, np.abs(product).max()))


def test_the_only_kink_of_a_plain_relu_has_the_slope_between():
    student = {"activation": "relu", "sharpness": None, "width": 1, "depth": 2, "output_bias": False}
    rows = SimpleNamespace(points=np.ones((1, 1)), targets=np.ones(1), weights=np.ones(1))
    zero = np.zeros((1, 1)), np.zeros(1), np.zeros(1)
    W, b, v = hessian_product(student, "squared", zero, (np.zeros((1, 1)), np.zeros(1), np.ones(1)), rows)
    assert (W.item(), b.item(), v.item()) == (-1.0, -1.0, 0.0)  # the loss has the slope -2
