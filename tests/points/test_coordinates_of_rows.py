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
