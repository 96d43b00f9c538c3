"""Symmetric frames whose rows are called as their columns hold numbers of pairs, and no points."""

import numpy as np
import pandas as pd
import pytest
from tests.inputs import refused

import derandkit as dk

X = pd.DataFrame(np.random.default_rng(5).standard_normal((30, 5)), columns=list("abcde"))


@pytest.mark.parametrize("table", [X.cov(), X.cov() + 1, X.T @ X])
def test_covariances_are_no_points(table):
    assert "its rows are called as its columns" in refused(dk.embed, table, n_components=2)
    assert dk.embed(dk.PointCloud(table.to_numpy()), n_components=2).matrix.shape[0] == 2
    assert dk.embed(X.iloc[:5].set_axis(list("abcde")), n_components=2).matrix.shape[0] == 2
