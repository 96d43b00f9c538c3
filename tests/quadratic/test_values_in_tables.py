"""The values of a quadratic result as a series and a table of pandas."""

from __future__ import annotations

import pandas as pd

import derandkit as dk


def test_values_by_variable():
    result = dk.minimize_ising({("t", 1): 0.5, "a": -1}, {("a", 7): 2})
    series = result.to_series()
    assert (series.name, series.index.name, series.dtype.kind) == ("value", "variable", "i")
    assert dict(zip(series.index, series, strict=True)) == result.solution
    frame = result.to_frame()
    assert list(frame.columns) == ["variable", "value"]
    assert frame["variable"].tolist() == list(result.labels)
    bits = dk.minimize_qubo([[1, -3], [0, 1]])
    pd.testing.assert_series_equal(bits.to_series().reset_index(drop=True), pd.Series([1, 1], name="value"))
    assert dk.QuadraticModel.from_qubo([[1, -3], [0, 1]]).value(bits.to_series()) == bits.value
