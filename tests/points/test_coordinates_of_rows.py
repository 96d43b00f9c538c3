"""Coordinates of arrays of xarray are labels of rows, as an index of pandas is."""

from __future__ import annotations

import numpy as np
import pytest

import derandkit
from derandkit import InputError, RegressionData
from derandkit.structure.trained.rows import read_rows

pd = pytest.importorskip("pandas")
xr = pytest.importorskip("xarray")
RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 3))
Y = pd.Series(np.tanh(X[:, 0] - X[:, 1]))
INPUTS = xr.DataArray(X, dims=("t", "f"), coords={"t": np.arange(60)})
TARGETS = xr.DataArray(Y.to_numpy(), dims="t", coords={"t": np.arange(60)})


@pytest.mark.parametrize("turned", [TARGETS[::-1], Y.sample(frac=1, random_state=1)])
def test_rows_whose_coordinates_disagree_are_refused(turned):
    """Targets and weights in another order of times were joined by position."""
    with pytest.raises(InputError, match="the index of y and the index of X differ"):
        RegressionData(INPUTS, turned)
    with pytest.raises(InputError, match="the index of weights and the index of X differ"):
        RegressionData(INPUTS, TARGETS, weights=abs(turned) + 0.1)
    with pytest.raises(InputError, match="the index of y and the index of X differ"):
        read_rows(None, INPUTS, turned, None)
    with pytest.raises(InputError, match="the index of pair_weights and the index of X differ"):
        derandkit.embed(INPUTS, n_components=2, objective="mean", pair_weights=abs(turned) + 0.1)
    with pytest.raises(InputError, match="the index of pair_weights and the index of X differ"):
        derandkit.MeanObjective(INPUTS, 2, pair_weights=abs(turned) + 0.1)


def test_the_way_that_the_message_names_joins_by_label():
    with pytest.raises(InputError, match=r"pass y.sel\(t=X.indexes\['t'\]\)"):
        RegressionData(INPUTS, TARGETS[::-1])
    y = TARGETS[::-1].sel(t=INPUTS.indexes["t"])
    assert RegressionData(INPUTS, y).digest == RegressionData(X, Y.to_numpy()).digest


def test_rows_without_coordinates_are_joined_by_position():
    bare = xr.DataArray(Y.to_numpy(), dims="t")
    for y in (bare, TARGETS, Y, Y.to_numpy(), TARGETS.assign_coords(lag=1)):
        assert RegressionData(INPUTS, y).digest == RegressionData(X, Y.to_numpy()).digest
    assert RegressionData(INPUTS.drop_vars("t"), TARGETS[::-1]).digest


@pytest.mark.parametrize("inputs", [X, X.tolist(), xr.DataArray(X, dims=("t", "f"))])
@pytest.mark.parametrize(
    "weights", [Y[::-1], xr.DataArray(Y.to_numpy(), dims="t", coords={"t": Y.index})[::-1]]
)
def test_targets_and_weights_that_disagree_are_refused_beside_rows_without_labels(inputs, weights):
    """Weights of the same labels in another order were joined by position: row 0 had the weight of the last one."""
    with pytest.raises(
        InputError, match=r"the index of weights and the index of y differ, .*for labels pass weights"
    ):
        RegressionData(inputs, Y, weights=abs(weights) + 0.1)
    given = RegressionData(inputs, Y, weights=(abs(weights) + 0.1).to_numpy())
    assert given.digest == RegressionData(X, Y.to_numpy(), weights=(abs(weights) + 0.1).to_numpy()).digest


def test_weights_of_the_same_labels_or_of_new_ones_are_joined_by_position():
    weights = abs(Y) + 0.1
    for y in (Y, Y.set_axis(Y.index + 100), Y.sample(frac=1, random_state=1)):
        RegressionData(X, y, weights=weights.set_axis(y.index))
    RegressionData(X, Y.set_axis(Y.index + 100), weights=weights)


@pytest.mark.parametrize("name", ["StructureRegressor", "StructureClassifier"])
def test_estimators_refuse_targets_and_weights_that_disagree(name):
    """Their `fit` beside an array, and `score` always, joined rows, targets and weights by position."""
    pytest.importorskip("sklearn")
    model, y = getattr(derandkit, name)(), Y > 0 if "Class" in name else Y
    turned = abs(Y)[::-1]
    for way in (model.fit, model.score):
        with pytest.raises(InputError, match="the index of sample_weight and the index of y differ"):
            way(X, y, sample_weight=turned)
    with pytest.raises(InputError, match="the index of y and the index of X differ"):
        model.score(pd.DataFrame(X), y[::-1])
