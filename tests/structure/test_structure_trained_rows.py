"""Rows, targets, directions and columns of a trained network are joined by their labels, or refused."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from derandkit import InputError, RegressionData, certify_network, verify
from derandkit.structure.trained.layers import first_layer
from derandkit.structure.trained.rows import (
    _check_names_of,
    check_columns,
    column_names,
    input_rows,
    read_rows,
)

pd = pytest.importorskip("pandas")
RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.standard_normal((60, 3)), columns=list("abc"))
Y = pd.Series(np.tanh(X.a - X.b))
TURNED = Y.sample(frac=1, random_state=1)


def function():
    jnp = pytest.importorskip("jax").numpy
    W, v = np.array([[1.0, 0.1, 0.1], [0.1, 0.2, 0.0]]), np.array([1.0, -0.5])
    return lambda z: jnp.tanh(z) @ v, W, np.zeros(2)


def test_targets_whose_index_disagrees_are_refused_where_a_network_is_certified_and_verified():
    """They were joined by position: a risk of 0.917 for 0.0042."""
    f, W, b = function()
    with pytest.raises(InputError, match="the index of y and the index of X differ"):
        certify_network(f, X, TURNED, weights=W, bias=b)
    found = certify_network(f, X, Y, weights=W, bias=b)
    assert verify(found, (X, Y, f, W, b)).ok
    for instance in ((X, TURNED, f, W, b), (X, TURNED)):
        with pytest.raises(InputError, match="the index of y and the index of X differ"):
            verify(found, instance)


def test_directions_with_names_are_those_of_the_columns():
    """Columns c, b, a, or p, q, r, were read by position."""
    f, W, b = function()
    given = {"weights": W, "bias": b, "penalty": 0.1}
    found = certify_network(f, X, Y, directions=pd.DataFrame([[1.0, 0, 0]], columns=list("abc")), **given)
    assert found.w_perp == certify_network(f, X, Y, directions=[[1.0, 0, 0]], **given).w_perp
    with pytest.raises(InputError, match="the directions stand in another order"):
        certify_network(f, X, Y, directions=pd.DataFrame([[0, 0, 1.0]], columns=list("cba")), **given)


@pytest.mark.parametrize(
    ("directions", "message"),
    [
        (pd.DataFrame([[0.0, 0, 1]], columns=list("pqr")), "have a column 'p', that the rows do not have"),
        (pd.DataFrame([[0.0, 1]], columns=list("ab")), "lack columns of the rows"),
        ([{"c": 1.0, "b": 0.0, "a": 0.0}], "another order"),
        (np.array([(1.0, 0, 0)], dtype=[(name, float) for name in "cba"]), "another order"),
    ],
)
def test_directions_of_other_columns_are_refused(directions, message):
    with pytest.raises(InputError, match=message):
        _check_names_of(directions, ("a", "b", "c"))


def test_directions_without_names_are_read_by_position():
    for directions in ([[1.0, 0, 0]], pd.DataFrame([[1.0, 0, 0]]), pd.DataFrame([[0.0]], columns=["a"])):
        _check_names_of(directions, None)
    _check_names_of([[1.0, 0, 0]], ("a", "b", "c"))
    _check_names_of(pd.DataFrame([[1.0, 0, 0]]), ("a", "b", "c"))
    _check_names_of(pd.DataFrame([[1.0, 0]], columns=list("ab")), ("0", "1"))


@pytest.mark.parametrize("names", [None, ("0", "1", "2")])
def test_numbers_of_columns_in_another_order_are_refused(names):
    """They were read by position, as numbers that say nothing."""
    with pytest.raises(InputError, match="another order"):
        _check_names_of(pd.DataFrame([[1.0, 0, 0]])[[2, 1, 0]], names)
    f, W, b = function()
    with pytest.raises(InputError, match="another order"):
        certify_network(f, pd.DataFrame(X.to_numpy())[[2, 1, 0]], Y, weights=W, bias=b, penalty=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": np.arange(60) * 7 % 60}, r"'id'\) may number or name the rows"),
        ({"Unnamed: 0": np.arange(60)}, "may number or name the rows"),
        ({"y": Y}, "'y' of the inputs is the target itself"),
        ({"d": 2**60 + np.arange(60) * 3}, "not exact in double precision"),
    ],
)
def test_columns_that_the_data_of_a_structure_refuse_are_refused_beside_a_network(change, message):
    table, target = X.assign(**change), Y.rename("y")
    for refuse in (RegressionData, lambda X, y: read_rows(None, X, y, None)):
        with pytest.raises(InputError, match=message):
            refuse(table, target)


def test_columns_that_a_network_was_fitted_with_are_its_inputs():
    neural = pytest.importorskip("sklearn.neural_network")
    table = X.assign(id=np.arange(60) * 7 % 60)
    model = neural.MLPRegressor(hidden_layer_sizes=(3,), max_iter=5, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(table, Y)
    assert read_rows(model, table, Y, None).loss == "squared"
    with pytest.raises(InputError, match="may number or name the rows"):
        read_rows(model, table.rename(columns={"a": "z"}), Y, None)


def test_structured_rows_have_names():
    rows = np.array([(0.5, 1.0), (2.0, 3.0)], dtype=[("b", float), ("a", float)])
    assert column_names(rows) == ("b", "a")
    assert input_rows(rows)[0].tolist() == [[0.5, 1.0], [2.0, 3.0]]
    assert column_names([{"b": 1.0, "a": 2.0}]) == ("b", "a")


@pytest.mark.parametrize("shape", [(0, 2, 3), (0, 6), (5, 0, 3), (0,)])
def test_no_rows_of_any_shape_are_refused_in_one_line(shape):
    """Rows of images, of which there were none, ended in an error of NumPy about reshaping."""
    with pytest.raises(InputError, match=r"^[^\n]+$"):
        certify_network(sum, np.zeros(shape), np.zeros(shape[0]), weights=np.ones((2, 6)), bias=np.zeros(2))
    assert input_rows(np.zeros((0, 2, 3)))[0].shape == (0, 6)


@pytest.mark.parametrize(
    ("directions", "message"),
    [
        ([1.0, 0.0, 0.0], r"^directions must have shape \(rows, columns\), got \(3,\)$"),
        ([[np.nan, 0.0, 0.0]], "^directions hold nan in row 0, column 0; they must be finite$"),
        ([[0.0, 1e200, 0.0]], r"^directions are beyond 1e\+150 in row 0, column 1; change the unit"),
        (SimpleNamespace(tocsr=None), "^directions are a sparse table"),
    ],
)
def test_messages_about_directions_name_directions(directions, message):
    """They were about the inputs."""
    f, W, b = function()
    with pytest.raises(InputError, match=message):
        certify_network(f, X, Y, weights=W, bias=b, directions=directions)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("abb", "the rows have 2 columns 'b', and the network was fitted with 1; leave the others out"),
        ("aab", "the rows have 2 columns 'a'"),
        ("aa", "the rows have 2 columns 'a'"),
        ("a", "was fitted with more columns"),
        ("abc", "was not fitted with a column 'c'"),
        ("ba", "in another order"),
    ],
)
def test_columns_that_a_network_was_not_fitted_with_are_named(names, message):
    """A column that came twice was said to be one of more columns of the fit."""
    fitted = SimpleNamespace(feature_names_in_=np.array(["a", "b"], dtype=object))
    check_columns(fitted, pd.DataFrame([[0.5, 1.0]], columns=["a", "b"]))
    with pytest.raises(InputError, match=message):
        check_columns(fitted, pd.DataFrame([[0.5] * len(names)], columns=list(names)))


def test_tensors_are_read_as_points_are():
    """Tensors of bfloat16, and those that need a gradient, ended in the messages of torch."""
    torch = pytest.importorskip("torch")
    inputs = torch.from_numpy(np.random.default_rng(0).standard_normal((60, 3))).bfloat16()
    plain = inputs.double().numpy()
    for table in (inputs, inputs.double().requires_grad_(), inputs.half(), inputs.double().to_sparse()):
        found = read_rows(None, table, inputs[:, 0], None)
        assert np.array_equal(found.table, plain)
        assert np.array_equal(found.target.values, plain[:, 0])
    layer = torch.nn.Linear(3, 2).bfloat16()
    W, b = first_layer(layer.weight, layer.bias)
    assert np.array_equal(W, layer.weight.detach().double().numpy())
    assert np.array_equal(b, layer.bias.detach().double().numpy())
