"""Every formula of the solver that ends up in an embedding record, made wrong one at a time: verification notices.

The checker is a second writing. If it took a formula from the solver, a mistake there would be on both sides.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import json

import numpy as np
import pytest
from sklearn.datasets import load_digits

import derandkit.embeddings.bound as bound
import derandkit.embeddings.fit as fit
import derandkit.embeddings.holdout as holdout
import derandkit.embeddings.measure as measure
import derandkit.embeddings.paths.mean as path
import derandkit.embeddings.result as result
import derandkit.embeddings.solve as solve
import derandkit.points.cloud as cloud
from derandkit.certificates.embeddings.record import verify_embedding
from derandkit.embeddings.measure import Ratios
from derandkit.points.cloud import Centring, PointCloud
from derandkit.points.span import Span

SINGLE = (np.random.default_rng(2).standard_normal((40, 20)) + 300.0).astype(np.float32)
WIDE = np.random.default_rng(5).standard_normal((70, 75))
CASES = {
    "mean": (SINGLE[:14, :6].copy(), {"n_components": 3, "objective": "mean", "holdout": False}),
    "mean4": (
        SINGLE[:9, :4].astype(float),
        {"n_components": 2, "objective": "mean4", "pair_weights": range(9)},
    ),
    "certified": (load_digits().data[:24].astype(float), {"n_components": 3}),
    "promised": (WIDE, {"n_components": 60, "method": "minimax", "holdout": False}),
    "single": (SINGLE, {"n_components": 5, "holdout": False}),
    "isometry": (SINGLE[:, :4].copy(), {"n_components": 5, "holdout": False}),
    "repeated": (np.vstack([SINGLE[:30], SINGLE[:2]]).astype(float), {"n_components": 19, "holdout": False}),
}


def times(factor):
    return lambda value: value * factor


def scaled(function, change):
    """Return the function with its value changed."""

    @functools.wraps(function)
    def wrong(*arguments, **options):
        return change(function(*arguments, **options))

    return wrong


def field(name, change):
    """Change one field of a dataclass or mapping."""

    def wrong(value):
        if isinstance(value, dict):
            return {**value, name: change(value[name])}
        return dataclasses.replace(value, **{name: change(getattr(value, name))})

    return wrong


def swapped(pair):
    return (0, 1) if pair != (0, 1) else (1, 2)


#: What is made wrong: the case that shows it, where the formula lives, its name, and how its value changes.
FORMULAS = {
    "largest ratio": ("certified", solve, "measure", field("largest", times(0.999))),
    "smallest ratio": ("certified", solve, "measure", field("smallest", times(1.001))),
    "both ratios by a millionth": ("certified", solve, "measure", lambda r: dataclasses.replace(
        r, largest=1 + (r.largest - 1) * (1 - 1e-6), smallest=1 - (1 - r.smallest) * (1 - 1e-6))),
    "worst pair": ("certified", solve, "measure", field("worst_pair", swapped)),
    "mean": ("certified", solve, "measure", field("mean", times(1 - 1e-6))),
    "median": ("certified", solve, "measure", field("quantiles", field("p50", times(0.99)))),
    "90 per cent": ("certified", solve, "measure", field("quantiles", field("p90", times(1.01)))),
    "99 per cent": ("certified", solve, "measure", field("quantiles", field("p99", times(0.99)))),
    "99.9 per cent": ("certified", solve, "measure", field("quantiles", field("p999", times(0.99)))),
    "no margin": ("certified", solve, "measure", field("margin", times(0.0))),
    "wide margin": ("certified", solve, "measure", field("margin", times(1e6))),
    "pairs": ("certified", solve, "measure", field("pairs", lambda n: n - 1)),
    "written images": ("single", solve, "measure", field("written", times(1 - 1e-5))),
    "written images, loose": ("single", solve, "measure", field("written", times(1.1))),
    "log Psi at the end": ("promised", solve, "measure", field("log_psi", lambda x: x - 1e-3)),
    "rounding constants": ("certified", measure, "rounding", lambda c: (0.0, 0.0, 0.0)),
    "reach of rounding": ("certified", measure, "reaches", times(0.0)),
    "quantiles of the histogram": ("certified", measure, "bin_edge", times(1.01)),
    "scaled distortion": ("certified", Ratios, "scaled_distortion", times(0.999)),
    "distortion": ("certified", Ratios, "distortion", times(1 - 1e-7)),
    "lower bound": ("certified", bound.Spectrum, "lower_bound", times(1.001)),
    "lower bound, weak": ("certified", bound.Spectrum, "lower_bound", times(0.99)),
    "eigenvalues": ("certified", solve, "spectrum", field("eigenvalues", times(1.1))),
    "norm of distances": ("certified", solve, "spectrum", field("distance_norm", times(0.9))),
    "rounding down": ("certified", bound, "round_down", lambda x: x * (1 + 1e-5)),
    "stretch of the space": ("certified", solve, "stretch", field("space", field("largest", times(0.9999)))),
    "stretch of the span": ("certified", solve, "stretch", field("span", field("largest", times(0.9999)))),
    "least stretch": ("certified", solve, "stretch", field("space", field("smallest", lambda x: x + 1e-3))),
    "least stretch of the span": ("isometry", solve, "stretch", field("span", field("smallest", times(1.001)))),
    "promise": ("promised", solve, "guaranteed_eps", times(0.999)),
    "sharpness of the promise": ("promised", solve, "sharpness", times(1.001)),
    "log Psi at the start": ("promised", solve, "log_psi_start", lambda x: x - 1e-6),
    "smallest dimension": ("promised", solve, "smallest_guaranteed_dimension", lambda k: k - 1),
    "smallest dimension without a promise": ("certified", solve, "smallest_guaranteed_dimension", lambda k: k + 1),
    "no promise": ("promised", solve, "guaranteed_eps", lambda eps: None),
    "rank": ("repeated", Span, "rank", lambda r: r - 1),
    "duplicates": ("repeated", PointCloud, "duplicates", lambda n: n + 1),
    "rows": ("certified", PointCloud, "n_points", lambda n: n + 1),
    "columns": ("certified", PointCloud, "n_features", lambda n: n + 1),
    "digest": ("certified", cloud, "points_digest", lambda text: text[::-1]),
    "centre": ("certified", Centring, "origin", times(1 + 1e-9)),
    "isometry": ("isometry", solve, "ISOMETRY", lambda x: -1.0),
    "encoding of the map": ("certified", result, "encode_array", lambda a: {**a, "shape": a["shape"][::-1]}),
    "mean square": ("mean", solve, "measure", field("mean_square", times(1 - 1e-6))),
    "mean fourth power": ("mean4", solve, "measure", field("mean_fourth", times(1 - 1e-6))),
    "promise of the mean": ("mean", path, "promised_mean", times(0.999)),
    "promise of the fourth power": ("mean4", path, "promised_mean", times(1.001)),
    "lower bound of the mean": ("mean", path, "mean_lower_bound", times(1.001)),
    "lower bound of the mean, weak": ("mean4", path, "mean_lower_bound", times(0.99)),
    "farthest points": ("mean", bound, "farthest", times(0.9)),
    "gradient of the mean": ("mean", path, "norm", lambda x: x + 1e-4),
    "curvature of the mean": ("mean", path.PairPowers, "curvature_bounds", lambda b: (b[0] * 1.001, b[1])),
    "weights of points": ("mean4", PointCloud, "masses", lambda q: 0.5 * q),
    "weights of fewer points": ("mean4", PointCloud, "masses", lambda q: np.append(q, 1.0)),
    "held-out maximum": ("certified", holdout, "pooled", field("max", times(0.99))),
    "held-out quantile": ("certified", holdout, "pooled", field("p99", times(0.99))),
    "held-out mean": ("certified", holdout, "pooled", field("mean", times(0.9999))),
    "held-out pairs": ("certified", holdout, "pooled", field("pairs", lambda n: n + 1)),
    "held-out interval": ("certified", holdout, "pooled", field("mean_interval", lambda i: [i[0], 0.99 * i[1]])),
    "standard error": ("certified", holdout, "standard_error", times(0.5)),
    "size of the part held out": ("certified", holdout, "n_held", lambda n: 2),
    "number of siblings": ("certified", holdout, "n_siblings", lambda n: n - 1),
    "split": ("certified", holdout, "hashed_order", lambda order: order[::-1]),
}  # fmt: skip


FITTED = {}


def fitted_once(Z, k, goal, track):
    """Fit a map, or give that of the same input: the search is no formula of the table, and most of the time."""
    key = Z.tobytes(), Z.shape, k, *map(str, vars(goal).values())
    if key not in FITTED:
        FITTED[key] = fit.fit_or_isometry(Z, k, goal, track), copy.deepcopy(vars(track))
    vars(track).update(copy.deepcopy(FITTED[key][1]))
    return FITTED[key][0].copy()


@pytest.fixture(autouse=True)
def fits_are_made_once(monkeypatch):
    for module in (solve, holdout):
        monkeypatch.setattr(module, "fit_or_isometry", fitted_once)


def record(case):
    X, options = CASES[case]
    return json.loads(solve.embed(X, **options).to_json()), X


def failed(found, X):
    return [check.name for check in verify_embedding(found, X) if not check.passed]


@pytest.mark.parametrize("case", CASES)
def test_without_poison_all_holds(case):
    assert failed(*record(case)) == []


@pytest.mark.parametrize("name", FORMULAS)
def test_a_wrong_formula_is_noticed(monkeypatch, name):
    case, owner, attribute, change = FORMULAS[name]
    true = owner.__dict__[attribute]
    if isinstance(true, property):
        monkeypatch.setattr(owner, attribute, property(lambda self: change(true.fget(self))))
    elif callable(true):
        monkeypatch.setattr(owner, attribute, scaled(true, change))
    else:
        monkeypatch.setattr(owner, attribute, change(true))
    try:
        wrong, X = record(case)
    except (ValueError, TypeError, AssertionError):
        return  # it is so wrong that no record is made
    assert failed(wrong, X), name


def test_the_seal_is_checked(monkeypatch):
    monkeypatch.setattr("derandkit.records.seal", lambda record: "0" * 64)
    wrong, X = record("single")
    monkeypatch.undo()
    assert failed(wrong, X) == ["seal"]


def test_every_claim_has_a_poisoned_formula():
    """A claim whose formula is added to the record later has to be added to the table."""
    claims = set(record("promised")[0]) - {
        "schema", "schema_version", "seal", "message", "n_components", "matrix",  # what is claimed about
        "objective", "method", "complement", "ridge", "history", "stats",  # provenance, not checked
    }  # fmt: skip
    assert claims == {
        "distortion", "scaled_distortion", "margin", "worst_pair", "quantiles", "lower_bound", "guarantee", "chain",
        "heldout", "stretch", "output", "centre", "points", "status", "mean",
    }  # fmt: skip
