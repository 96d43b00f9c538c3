"""Bilinear forms of signs, the cut norm, and a given number of ones: each against every solution there is."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

import derandkit as dk
from derandkit.errors import InputError

MATRICES = arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.integers(-6, 6))


def signs(n):
    return map(np.array, itertools.product((-1, 1), repeat=n))


def subsets(n):
    return [list(itertools.compress(range(n), chosen)) for chosen in itertools.product((0, 1), repeat=n)]


def cut_norm_of(A):
    return max(
        abs(sum((Fraction(x) for x in A[np.ix_(S, T)].ravel().tolist()), Fraction(0)))
        for S in subsets(A.shape[0])
        for T in subsets(A.shape[1])
    )


@settings(max_examples=25, deadline=None)
@given(MATRICES)
def test_a_bilinear_form_is_maximised(A):
    result = dk.maximize_bilinear(A)
    best = max(int(x @ A @ y) for x in signs(A.shape[0]) for y in signs(A.shape[1]))
    assert result.value == result.bound == best
    x = np.array([result.solution["row", i] for i in range(A.shape[0])])
    y = np.array([result.solution["column", j] for j in range(A.shape[1])])
    assert x @ A @ y == best
    assert dk.verify(result, dk.bilinear_model(A))


@settings(max_examples=25, deadline=None)
@given(MATRICES)
def test_the_cut_norm_is_the_greatest_sum_over_a_block(A):
    norm = dk.cut_norm(A)
    assert norm.proven_optimal
    assert norm.value == norm.bound == cut_norm_of(A)
    assert abs(A[np.ix_(norm.rows, norm.columns)].sum() if norm.rows and norm.columns else 0) == norm.value
    assert 4 * norm.value == norm.result.value
    assert dk.verify(norm.result, norm.model)
    assert norm.model.digest == dk.cut_norm_model(A).digest


@settings(max_examples=6, deadline=None)
@given(arrays(np.float64, (3, 3), elements=st.floats(-1e6, 1e6, allow_subnormal=False)))
def test_real_entries_are_bounded_with_what_rounding_takes_off(A):
    norm = dk.cut_norm(A)
    best = cut_norm_of(A)
    assert Fraction(norm.value) <= best * (1 + Fraction(1, 2**52))
    assert Fraction(norm.bound) >= best
    assert norm.bound - norm.value <= 1e-9 * (1 + abs(norm.value))


def test_a_larger_matrix_has_a_bound_and_the_norms_keep_their_order():
    A = np.sign(np.sin(np.arange(1.0, 401.0) ** 2)).reshape(20, 20).astype(int)
    norm, form = dk.cut_norm(A, search=None, bound="sdp"), dk.maximize_bilinear(A, search=None, bound="sdp")
    assert norm.value <= form.bound
    assert form.value <= 4 * norm.bound
    assert norm.bound_status == "certified"
    assert form.value >= 20 * 20**0.5  # sum of |row . y| over random y is about 0.8 n^1.5


def test_sparse_matrices_and_matrices_of_zeros():
    assert dk.maximize_bilinear(csr_array([[0, 2], [-1, 0]])).value == 3
    norm = dk.cut_norm(np.zeros((2, 3)))
    assert (norm.value, norm.bound) == (0, 0)
    assert norm.proven_optimal


@pytest.mark.parametrize(
    ("A", "message"),
    [
        ([1, 2], r"a matrix with rows and columns, got shape \(2,\)"),
        ([[]], "rows and columns"),
        ([["a"]], "are real numbers"),
        ([[1.0, float("nan")]], r"entry \(0, 1\) of the matrix is nan"),
        ([[2**60]], "beyond what float64 holds"),
    ],
)
def test_what_is_no_matrix_is_refused(A, message):
    for function in (dk.cut_norm, dk.maximize_bilinear, dk.bilinear_model, dk.cut_norm_model):
        with pytest.raises(InputError, match=message):
            function(A)


MODELS = st.tuples(
    st.integers(2, 5), st.booleans(), st.sampled_from(["minimize", "maximize"]), st.integers(0, 10_000)
)


def model_of(n, spin, sense, seed):
    rng = np.random.default_rng(seed)
    i, j = np.triu_indices(n, 1)
    return dk.QuadraticModel.from_arrays(
        i, j, rng.integers(-5, 6, i.size).astype(float), n=n, linear=rng.integers(-5, 6, n).astype(float),
        offset=int(rng.integers(-9, 9)), vartype="spin" if spin else "binary", sense=sense,
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(MODELS, st.data())
def test_a_given_number_of_ones_by_every_solution(about, data):
    model = model_of(*about)
    size = data.draw(st.integers(0, model.n))
    low = -1 if model.vartype == "spin" else 0
    penalised = dk.with_cardinality(model, size)
    assert penalised.integral
    values = {}
    for x in itertools.product((low, 1), repeat=model.n):
        wrong = abs(sum(v == 1 for v in x) - size)
        extra = penalised.exact_value(list(x)) - model.exact_value(list(x))
        assert (extra == 0) if not wrong else (extra > 0) is (model.sense == "minimize")
        if not wrong:
            values[x] = model.exact_value(list(x))
    best = (min if model.sense == "minimize" else max)(values.values())
    found = dk.optimize_with_cardinality(model, size)
    assert found.feasible
    assert found.proven_optimal
    assert found.value == found.bound == best
    assert found.value == model.value(found.solution)
    assert dk.verify(found.result, found.model)


def test_a_penalty_that_is_too_small_is_reported_and_its_bound_still_holds():
    model = dk.QuadraticModel.from_qubo({(k, k): -10 for k in range(4)})
    found = dk.optimize_with_cardinality(model, 1, penalty=1)
    assert not found.feasible
    assert not found.proven_optimal
    assert found.value == -40
    assert found.bound <= -10  # the best value with a single one
    assert dk.optimize_with_cardinality(model, 1).value == -10


def test_coefficients_that_are_not_integers_widen_the_bound_by_what_rounding_moves():
    model = dk.QuadraticModel.from_qubo(
        {("a", "a"): 0.1, ("b", "b"): -0.3, ("a", "b"): 0.7, ("c", "b"): -0.2}
    )
    found = dk.optimize_with_cardinality(model, 2)
    best = min(model.exact_value(list(x)) for x in itertools.product((0, 1), repeat=3) if sum(x) == 2)
    assert found.feasible
    assert not found.proven_optimal
    assert Fraction(found.bound) <= best == model.exact_value(found.solution)
    assert found.value - found.bound < 1e-12


def test_balanced_halves_of_a_graph():
    """The least bisection of two triangles joined by an edge cuts that edge."""
    edges = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3)]
    model = dk.QuadraticModel.from_ising({}, dict.fromkeys(edges, -1), offset=len(edges))
    found = dk.optimize_with_cardinality(model, 3)
    assert (found.value, found.proven_optimal) == (2, True)
    assert {v for v, s in found.solution.items() if s == 1} in ({0, 1, 2}, {3, 4, 5})


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        (4, {}, "from 0 to 3; got 4"),
        (-1, {}, "got -1"),
        (True, {}, "got True"),
        (1.0, {}, "got 1.0"),
        (1, {"penalty": 0}, "a penalty is a positive number, got 0"),
    ],
)
def test_bad_sizes_and_penalties_are_refused(size, options, message):
    model = dk.QuadraticModel.from_qubo([[1, 2, 0], [0, 1, 3], [0, 0, 1]])
    with pytest.raises(InputError, match=message):
        dk.optimize_with_cardinality(model, size, **options)


def test_fixed_variables_are_named_beside_a_bound_that_is_theirs():
    """The cut norm is 8; a choice that has the given values has 2 at most, and the result says which it means."""
    A = [[5, 1], [1, 1]]
    free, norm = dk.cut_norm(A), dk.cut_norm(A, fixed={("row", 0): 1, ("row", 2): 1})
    assert (free.value, free.proven_optimal, free.fixed) == (8, True, 0)
    assert (norm.value, norm.bound, norm.fixed) == (2, 2, 2)
    assert "2 fixed" in repr(norm)
    assert "fixed" not in repr(free) + str(free)
    assert "no such choice has more than" in str(norm)
    assert "the cut norm" not in str(norm)
    model = dk.QuadraticModel.from_qubo({(0, 0): -5, (1, 1): -1, (2, 2): -1})
    free, found = dk.optimize_with_cardinality(model, 1), dk.optimize_with_cardinality(model, 1, fixed={0: 0})
    assert (free.value, free.fixed) == (-5, 0)
    assert (found.value, found.bound, found.feasible, found.fixed) == (-1, -1, True, 1)
    assert "1 fixed" in repr(found)
    assert "no such feasible value is below" in str(found)
    assert "fixed" not in repr(free) + str(free)
