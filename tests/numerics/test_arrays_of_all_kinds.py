"""Every public callable that takes an array, and arrays of entries that no double stands for: each is refused."""

from __future__ import annotations

import inspect
import re
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

RNG = np.random.default_rng(0)
ROWS = RNG.integers(1, 9, (40, 3)).astype(float)
TARGETS = ROWS[:, 0] + 0.25 * ROWS[:, 1]
MATRIX = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [2.0, 3.0, 0.0]])
PATH = dk.WeightedGraph.from_edges([0, 1], [1, 2])


def at_first(good, entry, dtype=object):
    """Return an array with another entry in front; in a matrix, beside its diagonal."""
    array = np.array(good, dtype=dtype)
    place = (0, 1)[-array.ndim :]
    array[place] = entry
    if array.ndim == 2 and np.array_equal(good, np.transpose(good)):  # still a matrix of an undirected graph
        array[place[::-1]] = entry
    return array


class Wide:
    """A series of integers that NumPy does not have, as of polars."""

    def __init__(self, shape):
        self.shape, self.ndim = shape, len(shape)

    def __len__(self):
        return self.shape[0]

    def __array__(self, *_, **__):
        raise RuntimeError("cannot convert i128 to NumPy")


def masked(good):
    return np.ma.array(good, mask=at_first(np.zeros(np.shape(good)), 1, bool))


NUMBERS = {
    "masked": masked,
    "masked in a list": lambda good: list(masked(good)) if np.ndim(good) > 1 else [np.ma.masked, *good[1:]],
    "complex": lambda good: np.array(good) + 1j,
    "real as complex": lambda good: np.array(good, dtype=complex),
    "complex among objects": lambda good: at_first(good, 1 + 2j),
    "dates": lambda good: np.array(good).astype("int64").astype("datetime64[D]"),
    "durations": lambda good: np.array(good).astype("int64").astype("timedelta64[s]"),
    "dates among objects": lambda good: at_first(good, np.datetime64("2020-01-01")),
    "NaN": lambda good: at_first(good, np.nan, float),
    "NA": lambda good: at_first(good, pd.NA),
    "None": lambda good: at_first(good, None),
    "NA of a frame": lambda good: (pd.Series if np.ndim(good) == 1 else pd.DataFrame)(at_first(good, None)).astype(
        "Float64"
    ),
    "text": lambda good: at_first(good, "x"),
    "infinity": lambda good: at_first(good, np.inf, float),
    "a whole number": lambda good: at_first(np.array(good).astype(np.int64), 2**53 + 1, np.int64),
    "a whole number among objects": lambda good: at_first(good, 2**53 + 1),
    "a whole number in a list": lambda good: at_first(good, 2**53 + 1).tolist(),
    "a long double": lambda good: at_first(good, np.longdouble(2**53) + 1, np.longdouble),
    "a large decimal": lambda good: at_first(good, Decimal(2**53 + 1)),
    "a small decimal": lambda good: at_first(good, Decimal("1e-400")),
    "a small fraction": lambda good: at_first(good, Fraction(1, 10**400)),
    "a fraction that is no double": lambda good: at_first(good, Fraction(1, 3)),
    "a large fraction": lambda good: at_first(good, Fraction(10**400, 3)),
    "bytes among objects": lambda good: at_first(good, b"1"),
}  # fmt: skip


def signs(call):
    return call, [1, -1, 1]


@cache
def embedding():
    return dk.embed(ROWS, n_components=2, holdout=False)


@cache
def features():
    return dk.random_features(ROWS, 4)


@cache
def projection():
    return dk.DerandomizedProjection(2, compute_inverse_components=True).fit(ROWS)


@cache
def fourier():
    return dk.DerandomizedFourierFeatures(4).fit(ROWS)


@cache
def regressor():
    return dk.StructureRegressor(max_steps=2).fit(ROWS, TARGETS)


@cache
def classifier():
    return dk.StructureClassifier(max_steps=2).fit(ROWS, (TARGETS > 5).astype(int))


def network(X=ROWS, y=TARGETS, **options):
    import jax.numpy as jnp

    layer = {"weights": np.eye(3)[:2], "bias": np.zeros(2), "directions": [[1.0, 0.0, 0.0]], "penalty": 1e-3}
    return dk.certify_network(lambda z: jnp.tanh(z) @ jnp.ones(2), X, y, **(layer | options))


def law():
    return dk.GaussianSampler([1.0, 2.0, 3.0], np.eye(3))


#: Name: what is called with the array, and an array that it takes.
TAKES = {
    "GaussianSampler, mean": (lambda a: dk.GaussianSampler(a, np.eye(3)), [1.0, 2.0, 3.0]),
    "GaussianSampler, spread": (lambda a: dk.GaussianSampler([1.0, 2.0, 3.0], a), np.eye(3) + 1),
    "GaussianSampler.with_mean": (lambda a: law().with_mean(a), [1.0, 2.0, 3.0]),
    "GaussianSampler.with_spread": (lambda a: law().with_spread(a), np.eye(3) + 1),
    "GaussianSampler.reveal": (lambda a: law().reveal(a, 0.5), [1.0, 0.0, 0.0]),
    "max2sat, weights": (lambda a: dk.max2sat([(1, 2), (-1, 2), (-2,)], weights=a), [1.0, 2.0, 3.0]),
    "Clauses.from_clauses": (lambda a: dk.Clauses.from_clauses([(1, 2), (-1, 2), (-2,)], weights=a), [1.0, 2.0, 3.0]),
    "from_edges, i": (lambda a: dk.WeightedGraph.from_edges(a, [1, 2, 3]), [0, 1, 2]),
    "from_edges, j": (lambda a: dk.WeightedGraph.from_edges([0, 1, 2], a), [1, 2, 3]),
    "from_edges, w": (lambda a: dk.WeightedGraph.from_edges([0, 1, 2], [1, 2, 3], a), [1.0, 2.0, 3.0]),
    "as_graph": (dk.as_graph, MATRIX),
    "maxcut": (dk.maxcut, MATRIX),
    "from_arrays, c": (lambda a: dk.QuadraticModel.from_arrays([0, 1], [1, 2], a, n=3), [1.0, 2.0]),
    "from_arrays, i": (lambda a: dk.QuadraticModel.from_arrays(a, [1, 2], [1.0, 2.0], n=3), [0, 1]),
    "from_arrays, linear": (
        lambda a: dk.QuadraticModel.from_arrays([0, 1], [1, 2], [1.0, 2.0], n=3, linear=a), [1.0, 2.0, 3.0]
    ),
    "from_ising, h": (lambda a: dk.QuadraticModel.from_ising(a, {(0, 1): 1.0}), [1.0, 2.0]),
    "from_ising, J": (lambda a: dk.QuadraticModel.from_ising([1.0, 2.0, 3.0], a), np.triu(MATRIX, 1)),
    "minimize_ising": (lambda a: dk.minimize_ising(a, {(0, 1): 1.0}), [1.0, 2.0]),
    "minimize_qubo": (dk.minimize_qubo, MATRIX + np.eye(3)),
    "bilinear_model": (dk.bilinear_model, MATRIX),
    "cut_norm": (dk.cut_norm, MATRIX),
    "cut_norm_model": (dk.cut_norm_model, MATRIX),
    "maximize_bilinear": (dk.maximize_bilinear, MATRIX),
    "frustration": (dk.frustration, MATRIX),
    "maxdicut": (dk.maxdicut, np.triu(MATRIX)),
    "cut_value": signs(PATH.cut_value),
    "partition": signs(PATH.partition),
    "as_signs": signs(PATH.as_signs),
    "value": signs(lambda a: dk.QuadraticModel.from_ising([1.0, 2.0, 3.0], {}).value(a)),
    "satisfied": (lambda a: dk.Clauses.from_clauses([(1, 2)]).satisfied(a), [1, 0]),
    "search_cut": signs(lambda a: dk.search_cut(PATH, a)),
    "branch_and_bound": signs(lambda a: dk.branch_and_bound(PATH, signs=a)),
    "cycle_bound": signs(lambda a: dk.cycle_bound(PATH, signs=a)),
    "triangle_bound": signs(lambda a: dk.triangle_bound(PATH, signs=a)),
    "PointCloud": (dk.PointCloud, ROWS),
    "embed": (lambda a: dk.embed(a, n_components=2), ROWS),
    "embed, pair_weights": (
        lambda a: dk.embed(ROWS, n_components=2, objective="mean", pair_weights=a), np.ones(len(ROWS))
    ),
    "random_features": (lambda a: dk.random_features(a, 4), ROWS),
    "EmbeddingResult.transform": (lambda a: embedding().transform(a), ROWS),
    "FeaturesResult.transform": (lambda a: features().transform(a), ROWS),
    "DerandomizedProjection.fit": (lambda a: dk.DerandomizedProjection(2).fit(a), ROWS),
    "DerandomizedProjection.transform": (lambda a: projection().transform(a), ROWS),
    "DerandomizedProjection.inverse_transform": (lambda a: projection().inverse_transform(a), ROWS[:, :2]),
    "DerandomizedProjection.score": (lambda a: projection().score(a), ROWS),
    "DerandomizedFourierFeatures.fit": (lambda a: dk.DerandomizedFourierFeatures(4).fit(a), ROWS),
    "DerandomizedFourierFeatures.transform": (lambda a: fourier().transform(a), ROWS),
    "DerandomizedFourierFeatures.score": (lambda a: fourier().score(a), ROWS),
    "measure_rows": (lambda a: dk.measure_rows(a, embedding()), ROWS),
    "sample_rows": (lambda a: dk.sample_rows(a, 5), ROWS),
    "scan_pairs": (lambda a: dk.scan_pairs(a, embedding()), ROWS),
    "verify": (lambda a: dk.verify(embedding(), a), ROWS),
    "MeanObjective": (lambda a: dk.MeanObjective(a, 2), ROWS),
    "MeanObjective, pair_weights": (lambda a: dk.MeanObjective(ROWS, 2, pair_weights=a), np.ones(len(ROWS))),
    "ExponentialObjective": (lambda a: dk.ExponentialObjective(a, 2, eps=0.5), ROWS),
    "ProbabilityObjective": (lambda a: dk.ProbabilityObjective(a, 2, 0.5), ROWS),
    "FourierObjective": (lambda a: dk.FourierObjective(a, 2), ROWS),
    "certify_network, X": (lambda a: network(X=a), ROWS),
    "certify_network, y": (lambda a: network(y=a), TARGETS),
    "certify_network, weights": (lambda a: network(weights=a), np.eye(3)[:2] + 1),
    "certify_network, bias": (lambda a: network(bias=a), [1.0, 2.0]),
    "certify_network, directions": (lambda a: network(directions=a), [[1.0, 0.0, 0.0]]),
    "StructureRegressor, X": (lambda a: dk.StructureRegressor(max_steps=2).fit(a, TARGETS), ROWS),
    "StructureRegressor, y": (lambda a: dk.StructureRegressor(max_steps=2).fit(ROWS, a), TARGETS),
    "StructureRegressor, weights": (
        lambda a: dk.StructureRegressor(max_steps=2).fit(ROWS, TARGETS, sample_weight=a), np.ones(len(ROWS))
    ),
    "StructureRegressor.predict": (lambda a: regressor().predict(a), ROWS),
    "StructureRegressor.transform": (lambda a: regressor().transform(a), ROWS),
    "StructureClassifier, X": (lambda a: dk.StructureClassifier(max_steps=2).fit(a, TARGETS > 5), ROWS),
    "StructureClassifier.predict": (lambda a: classifier().predict(a), ROWS),
    "StructureClassifier.predict_proba": (lambda a: classifier().predict_proba(a), ROWS),
    "StructureClassifier.transform": (lambda a: classifier().transform(a), ROWS),
    "RegressionData, X": (
        lambda a: dk.discover_structure(dk.RegressionData(a, TARGETS), max_steps=2, controls=False), ROWS
    ),
    "RegressionData, y": (
        lambda a: dk.discover_structure(dk.RegressionData(ROWS, a), max_steps=2, controls=False), TARGETS
    ),
    "RegressionData, weights": (
        lambda a: dk.discover_structure(
            dk.RegressionData(ROWS, TARGETS, weights=a), max_steps=2, controls=False
        ), np.ones(len(ROWS)),
    ),
    "RegressionData.whiten": (lambda a: dk.RegressionData(ROWS, TARGETS).whiten(a), ROWS),
    "Teacher, directions": (lambda a: dk.Teacher("tanh", 3, directions=a), [[1.0, 0.0, 0.0]]),
    "Teacher.targets": (lambda a: dk.Teacher("tanh", 3).targets(a), ROWS),
    "Student, weights": (lambda a: trained(weights=a, bias=[0.0, 1.0]), np.eye(3)[:2] + 1),
    "Student, bias": (lambda a: trained(weights=np.eye(3)[:2], bias=a), [1.0, 2.0]),
    "RandomSampling, quantiles": (lambda a: dk.RandomSampling(quantiles=a), [0.5, 0.25]),
    "min_dim, n": (lambda a: dk.min_dim(a, 0.5), [10, 20]),
    "min_dim, eps": (lambda a: dk.min_dim(10, a), [0.5, 0.25]),
    "johnson_lindenstrauss_min_dim, n": (lambda a: dk.johnson_lindenstrauss_min_dim(a, 0.5), [10, 20]),
    "johnson_lindenstrauss_min_dim, eps": (lambda a: dk.johnson_lindenstrauss_min_dim(10, a), [0.5, 0.25]),
    "edges_sha256, w": (lambda a: dk.datasets.edges_sha256([0, 1], [1, 2], a), [1, 2]),
    "edges_sha256, i": (lambda a: dk.datasets.edges_sha256(a, [1, 2], [1, 1]), [0, 1]),
}  # fmt: skip


def trained(**layer):
    import jax.numpy as jnp

    student = dk.Student(width=2, network=lambda p, z: jnp.tanh(z) @ p, parameters=np.ones(2), **layer)
    return dk.discover_structure(dk.RegressionData(ROWS, TARGETS), student, max_steps=2, controls=False)


#: What is no fault there: a masked entry of a matrix of a graph is no edge, three columns with a text list edges, and
#: numbers of points may have any size.
MEANT = {
    *((name, "masked") for name in ("as_graph", "maxcut", "frustration", "maxdicut")),
    *((name, "text") for name in ("as_graph", "maxcut", "frustration", "maxdicut")),
    *(
        (name, kind)
        for name in ("min_dim, n", "johnson_lindenstrauss_min_dim, n")
        for kind in NUMBERS
        if kind.startswith("a whole number") or kind == "a long double"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.filterwarnings("ignore")
def test_an_array_that_is_no_array_of_numbers_is_refused(name):
    call, good = TAKES[name]
    for kind, spoiled in NUMBERS.items():
        if (name, kind) in MEANT:
            continue
        array, refused = spoiled(good), None
        try:
            call(array)
        except ValueError as error:  # some of scikit-learn's own
            refused = error
        assert refused is not None, f"{kind} is taken"
        if isinstance(refused, InputError):
            assert "\n" not in str(refused), kind
            assert len(str(refused)) < 400, kind


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.filterwarnings("ignore")
def test_the_same_array_of_numbers_is_taken(name):
    call, good = TAKES[name]
    call(np.array(good))


#: Public functions whose parameters are arrays only within an object that is made above, or objects of this package.
ELSEWHERE = {
    "compare", "check_objective", "derandomize", "from_jax", "relax_cut", "read_model", "verify", "load", "embed",
    "optimize", "optimize_with_cardinality", "with_cardinality", "plot_cut", "plot_quadratic", "write_report",
    "maximize_ising", "maximize_qubo", "discover_structure",
}  # fmt: skip


def test_every_function_with_an_array_is_in_the_table():
    """By the annotations: what takes an ``ArrayLike`` or an object is called above, or named as an exception."""
    seen = {name.split(",")[0].split(".")[0] for name in TAKES} | ELSEWHERE
    for name in dir(dk):
        function = getattr(dk, name)
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        parameters = inspect.signature(function).parameters.values()
        first = [
            p for p in parameters if re.search(r"ArrayLike|SignArray|FloatArray|object", str(p.annotation))
        ]
        assert not first or name in seen, name


@pytest.mark.parametrize(
    "call",
    [
        lambda a: dk.max2sat([(1, 2)] * 40, weights=a),
        lambda a: dk.RegressionData(ROWS, a),
        lambda a: dk.RegressionData(ROWS, TARGETS, weights=a),
        lambda a: dk.embed(ROWS, n_components=2, objective="mean", pair_weights=a),
        lambda a: dk.cut_norm(a),
        lambda a: dk.GaussianSampler(a, 1.0),
    ],
)
def test_a_series_that_numpy_cannot_hold_is_refused_in_one_line(call):
    """polars has integers of 128 bits: its own error ended targets and weights."""
    with pytest.raises(InputError, match="cannot convert i128 to NumPy"):
        call(Wide((40,)))
