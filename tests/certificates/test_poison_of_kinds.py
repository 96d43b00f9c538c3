"""Formulas of the solver that end up in records of other kinds than a plain cut, made wrong one at a time.

Records of plain cuts, embeddings, structures and trained networks have tables of their own (`POISONED_ELSEWHERE`).
"""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.legs import thinned

import derandkit as dk
from derandkit.certificates.kinds import KINDS
from derandkit.cuts import constraints, ranking
from derandkit.cuts import solve as cuts
from derandkit.features import measure
from derandkit.features import solve as features
from derandkit.features.spectrum import Spectrum
from derandkit.models.arcs import Arcs, SignedGraph
from derandkit.models.clauses import Clauses
from derandkit.models.model import QuadraticModel
from derandkit.points import cloud
from derandkit.points.cloud import PointCloud
from derandkit.quadratic import triangles
from derandkit.quadratic.result import QuadraticResult
from derandkit.signs import contraction, models
from derandkit.signs.derandomize import thresholds
from derandkit.signs.proofs.triangles import reference

EDGES = [(0, 1, 2), (1, 2, 3), (2, 3, 1), (3, 0, 2), (0, 2, 1), (3, 4, 5), (4, 1, -2)]
REALS = [(a, b, 0.1 * w) for a, b, w in EDGES]
CLAUSES = Clauses.from_clauses(
    [(1, 2), (-1, 3), (-2, -3), (1, -3), (2,), (-1, -2)], weights=[2, 1, 3, 1, 2, 5]
)
HARD = Clauses.from_clauses([(1, 2), (-1, 3), (-2, -3), (1, -3)], hard=[1])
ARCS = Arcs.from_arcs([(0, 1, 1), (1, 2, 2), (2, 0, 3), (2, 3, 1)])
ISING = QuadraticModel.from_ising({0: 0.3, 1: -0.1, 2: 0.7}, {(0, 1): 0.1, (1, 2): -0.7, (0, 2): 0.2})
NUMBERS = np.random.default_rng(3).standard_normal((10, 10))
REAL = QuadraticModel.from_qubo(NUMBERS)
QUBO = QuadraticModel.from_qubo([[-1, 2, 0], [0, -1, 3], [0, 0, -2]])
POINTS = np.sin(np.arange(60.0) ** 2).reshape(20, 3) + 5.0

#: Name -> the instance, and the call that makes a result of it.
CASES = {
    "constrained": (EDGES, lambda g: dk.maxcut(g, fixed={0: 0}, pairs=[(1, 3, "same")])),
    "constrained reals": (REALS, lambda g: dk.maxcut(g, pairs=[(0, 2, "same"), (1, 3, "opposite")])),
    "ranked": (EDGES, lambda g: dk.maxcut(g, solutions=3)),
    "clauses": (CLAUSES, lambda p: dk.optimize(p, relaxation="triangles")),
    "hard": (HARD, lambda p: dk.optimize(p, relaxation="triangles")),
    "arcs": (ARCS, dk.optimize),
    "signed": (SignedGraph(dk.as_graph(EDGES)), dk.optimize),
    "ising": (ISING, dk.optimize),
    "qubo": (QUBO, lambda p: dk.optimize(p, fixed={0: 1})),
    "loose": (REAL, lambda p: dk.optimize(p, search=None, bound="sdp")),
    "toward": (REAL, dk.optimize),
    "gauss": (POINTS, lambda X: dk.random_features(X, n_features=4)),
    "matern": (POINTS, lambda X: dk.random_features(X, n_features=4, kernel="matern", length_scale=2.0)),
    "few": (POINTS, lambda X: dk.random_features(X.astype(np.float32), n_features=24)),
}


def plus(by):
    return lambda x: x + by


def times(factor):
    return lambda x: x * factor


def field(name, change):
    """Change one field of a dataclass, a named tuple or a mapping."""

    def wrong(found):
        if isinstance(found, tuple) and not hasattr(found, "_fields"):
            return (*found[:-1], wrong(found[-1]))
        if isinstance(found, dict):
            return {**found, name: change(found[name])}
        return dataclasses.replace(found, **{name: change(getattr(found, name))})

    return wrong


def first_turned(signs):
    signs = np.array(signs)
    signs[0] = -signs[0] if abs(signs[0]) == 1 and signs.min() < 0 else 1 - signs[0]
    return signs


#: What is made wrong: the case that shows it, where the formula lives, its name, and how its value changes.
FORMULAS = {
    # constraints
    "constant": ("constrained", contraction, "contract", field("constant", plus(1))),
    "slack of merged edges": ("constrained reals", contraction, "contract", field("slack", plus(1))),
    "no slack of merged edges": ("constrained reals", contraction, "_merged", lambda f: (*f[:3], Fraction(1, 7))),
    "orientation": ("constrained", contraction, "contract", field(
        "orientation", lambda x: np.where(np.arange(5) == 3, -x, x))),
    "weight of merged edges": ("constrained", contraction, "_merged", lambda f: (f[0], f[1], 2 * f[2], f[3])),
    "expansion": ("constrained", constraints, "lifted_sides", first_turned),
    "other side": ("constrained", constraints, "lifted_sides", np.negative),
    "bound under constraints": ("constrained", constraints, "constrained_bound", plus(-1)),
    "weak bound under constraints": ("constrained reals", constraints, "constrained_bound", plus(1)),
    "record of constraints": ("constrained", constraints.Constraints, "record", field("pairs", lambda p: [])),
    # several cuts
    "weights of several cuts": ("ranked", ranking, "Cut", field("cut_value", plus(1))),
    "order of several cuts": ("ranked", cuts, "_first", lambda f: [f[0], *f[:0:-1]]),
    "one cut twice": ("ranked", cuts, "_first", lambda f: [f[0], f[1], f[1]]),
    "complement as a cut": ("ranked", cuts, "_first", lambda f: [f[0], -f[0], f[1]]),
    "sides of a cut": ("ranked", cuts, "_first", lambda f: [f[0], first_turned(f[1]), f[2]]),
    # quadratic problems
    "constant of the cut": ("loose", models, "as_graph", field("constant", plus(1))),
    "factor of the cut": ("ising", models, "as_graph", field("factor", times(2))),
    "no slack of the cut": ("loose", models, "as_graph", field("slack", times(0))),
    "large slack of the cut": ("loose", models, "as_graph", field("slack", plus(1))),
    "units of the cut": ("arcs", models, "integer_scale", times(2)),
    "fields as edges": ("loose", models, "_reference_weights", lambda w: [-x for x in w]),
    "solution from sides": ("clauses", models.Inverse, "solution", first_turned),
    "solution of signs": ("signed", models.Inverse, "solution", np.negative),
    "bound from a cut": ("arcs", models.Inverse, "bound", plus(Fraction(1, 2))),
    "bound below the value": ("qubo", models.Inverse, "bound", plus(-1)),
    "clauses as terms": ("clauses", Clauses, "terms", field("constant", plus(1))),
    "arcs as terms": ("arcs", Arcs, "terms", field("c", times(0.5))),
    "signed edges as terms": ("signed", SignedGraph, "terms", field("constant", plus(1))),
    "value of clauses": ("clauses", Clauses, "exact_value", plus(1)),
    "value with hard clauses": ("hard", Clauses, "exact_value", plus(1)),
    "value of arcs": ("arcs", Arcs, "exact_value", plus(1)),
    "value of signed edges": ("signed", SignedGraph, "exact_value", plus(-1)),
    "value of a model": ("ising", QuadraticModel, "exact_value", plus(Fraction(1, 10**9))),
    "satisfied clauses": ("clauses", Clauses, "figures", field("satisfied_weight", plus(1))),
    "violated clauses": ("clauses", Clauses, "figures", field("violated", lambda v: [*v, 0])),
    "hard violated": ("hard", Clauses, "figures", field("hard_violated", lambda v: [*v, 0])),
    "arcs out": ("arcs", Arcs, "figures", field("arcs_out", plus(1))),
    "frustrated edges": ("signed", SignedGraph, "figures", field("frustrated_negative", plus(1))),
    "penalty of hard clauses": ("hard", Clauses, "penalty", plus(1.0)),
    "digest of clauses": ("clauses", Clauses, "digest", lambda text: text[::-1]),
    "digest of a model": ("qubo", QuadraticModel, "digest", lambda text: text[::-1]),
    "spread": ("ising", QuadraticModel, "spread", times(2.0)),
    "gap": ("ising", QuadraticResult, "gap", plus(1e-9)),
    "relative gap": ("ising", QuadraticResult, "relative_gap", plus(1e-9)),
    "proven optimal": ("clauses", QuadraticResult, "proven_optimal", lambda b: not b),
    "pairs of triangles": ("clauses", triangles, "pairs_of", lambda p: p[:-1]),
    "violation of triangles": ("clauses", reference, "relax_with_triangles", field("violation", plus(1e-7))),
    "value with triangles": ("clauses", reference, "semidefinite_value", times(1.01)),
    "expectation with triangles": ("clauses", triangles, "best_start", field("expectation", plus(1e-3))),
    "lean of the start": ("clauses", triangles, "best_start", field("beta", lambda beta: 0.123)),
    "expectation with thresholds": ("clauses", thresholds, "expected_leaning_cut", plus(0.01)),
    "share": ("clauses", triangles, "share_of", plus(Fraction(1, 100))),
    "shift": ("hard", triangles, "shift_of", plus(1)),
    # features
    "root mean square": ("gauss", measure, "measure", field("rms", times(1 - 1e-9))),
    "root mean square, matern": ("matern", measure, "measure", field("rms", times(1 - 1e-9))),
    "greatest error": ("gauss", measure, "measure", field("greatest", times(1 - 1e-9))),
    "no margin": ("gauss", measure, "measure", field("margin", times(0.0))),
    "worst pair": ("gauss", measure, "measure", field("worst_pair", lambda p: (0, 1) if p != (0, 1) else (1, 2))),
    "promise": ("gauss", measure, "promised_rms", times(1.0 + 1e-6)),
    "promise, matern": ("matern", measure, "promised_rms", times(1.0 + 1e-6)),
    "lower bound": ("gauss", measure, "lower_bound", times(1.01)),
    "lower bound, matern": ("matern", measure, "lower_bound", times(0.99)),
    "lower bound where there is none": ("few", measure, "lower_bound", plus(0.01)),
    "units of the kernel": ("gauss", measure, "scaled", field("gamma", times(1.01))),
    "centre": ("gauss", measure, "scaled", field("centre", times(1.01))),
    "kernel": ("matern", Spectrum, "nu", lambda nu: 2.5),
    "rounding of single precision": ("few", features, "SINGLE", times(0.0)),
    "rows": ("gauss", PointCloud, "n_points", plus(1)),
    "columns": ("gauss", PointCloud, "n_features", plus(1)),
    "pairs": ("gauss", PointCloud, "n_pairs", plus(1)),
    "duplicates": ("gauss", PointCloud, "duplicates", plus(1)),
    "digest of points": ("gauss", cloud, "points_digest", lambda text: text[::-1]),
    "status of features": ("gauss", features, "compose", field(
        "status", lambda s: type(s).CERTIFIED if s is not type(s).CERTIFIED else type(s).GUARANTEED)),
}  # fmt: skip

#: Kinds of records -> the file whose table covers them.
POISONED_ELSEWHERE = {
    "derandkit-maxcut": "certificates/test_certificates_poison.py",
    "derandkit-embedding": "embeddings/test_jl_poison.py",
    "derandkit-structure": "structure/test_structure_poison.py",
    "derandkit-network": "structure/test_structure_trained_poison.py",
}


def poisoned(patch, owner, name, change):
    """Put the wrong formula wherever a module that solves holds the true one."""
    true = owner.__dict__[name]
    if isinstance(owner, type):
        getter = getattr(true, "fget", None) or getattr(true, "func", None)
        if getter is not None:
            patch.setattr(owner, name, property(lambda self: change(getter(self))))
        else:
            patch.setattr(owner, name, lambda *a, **k: change(true(*a, **k)))
        return
    places = [
        (module, key)
        for title, module in list(sys.modules.items())
        if title.startswith("derandkit.")
        for key, value in list(vars(module).items())
        if value is true
    ]
    assert not [module for module, _ in places if module.__name__.startswith("derandkit.certificates")]
    if not callable(true):
        patch.setattr(owner, name, change(true))
        return
    for module, key in places:
        patch.setattr(module, key, functools.wraps(true)(lambda *a, **k: change(true(*a, **k))))


def record(case):
    instance, call = CASES[case]
    return json.loads(call(instance).to_json())


def instance_of(case):
    instance = CASES[case][0]
    return instance.astype(np.float32) if case == "few" else instance


@functools.cache
def honest(case):
    return record(case)


@pytest.mark.parametrize("case", CASES)
def test_without_poison_all_holds(case):
    found = dk.verify(honest(case), instance_of(case))
    assert found.failed == ()
    assert found.ok, str(found)


@pytest.mark.parametrize("name", thinned(FORMULAS, 5))
def test_a_wrong_formula_is_noticed(monkeypatch, name):
    case, owner, attribute, change = FORMULAS[name]
    honest(case)
    with monkeypatch.context() as patch:
        poisoned(patch, owner, attribute, change)
        wrong = record(case)
    assert wrong != honest(case), "the formula is not in the record"
    assert dk.verify(wrong, instance_of(case)).failed


def test_every_kind_of_record_has_a_table():
    here = {honest(case)["schema"] for case, *_ in FORMULAS.values()}
    assert here | set(POISONED_ELSEWHERE) == set(KINDS)
    folder = Path(__file__).parents[1]
    assert all((folder / file).exists() for file in POISONED_ELSEWHERE.values())
