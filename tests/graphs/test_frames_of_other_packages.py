"""Arrays with names of xarray are read by their names; a frame of dask has to be computed first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

A = np.array([[0, 5, 2, 0], [5, 0, 1, 0], [2, 1, 0, 4], [0, 0, 4, 0]])
FRAME = pd.DataFrame(A, list("abcd"), list("abcd"))


def test_coordinates_of_xarray_are_the_names():
    xarray = pytest.importorskip("xarray")
    named = dk.as_graph(xarray.DataArray(FRAME))
    assert named.labels == ("a", "b", "c", "d")
    assert named.digest == dk.as_graph(FRAME).digest
    assert dk.as_graph(xarray.DataArray(FRAME[list("dcba")])).digest == named.digest
    with pytest.raises(InputError, match="not symmetric"):
        dk.as_graph(xarray.DataArray(A, coords=[list("abcd"), list("dcba")], dims=["i", "j"]))
    assert dk.as_graph(xarray.DataArray(A, dims=["i", "j"])).digest == dk.as_graph(A).digest


def test_a_frame_of_dask_is_computed_first():
    class Frame:
        def __dataframe__(self):  # pragma: no cover
            raise AssertionError

    Frame.__module__ = "dask.dataframe.core"
    with pytest.raises(InputError, match=r"pass frame\.compute\(\)"):
        dk.as_graph(Frame())
    Frame.__module__ = "modin.pandas"
    with pytest.raises(InputError, match=r"pass frame\.to_pandas\(\)"):
        dk.as_graph(Frame())


def test_rows_of_xarray_are_edges():
    xarray = pytest.importorskip("xarray")
    rows = np.array([[0, 1, 2], [3, 4, 1], [1, 2, 1], [0, 4, 1]])
    assert dk.as_graph(xarray.DataArray(rows, dims=["i", "j"])).digest == dk.as_graph(rows).digest
