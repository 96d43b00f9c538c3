"""Answers of a function: one a row, of that row alone."""

from __future__ import annotations

import numpy as np
import pytest

from derandkit.engine import LemmaDescent, RandomSampling, derandomize
from derandkit.engine.law import GaussianSampler
from derandkit.engine.objective import QuadratureObjective
from derandkit.errors import InputError


def _well(z):
    return ((z**2 - 1.0) ** 2).sum(1)


MIXED = {
    "centred": lambda z: _well(z) - _well(z).mean(),
    "normalised": lambda z: np.exp(z[:, 0]) / np.exp(z[:, 0]).sum(),
    "running": lambda z: np.cumsum(_well(z)),
    "sorted": lambda z: np.sort(_well(z)),
    "ranks": lambda z: _well(z).argsort().argsort().astype(float),
    "turned": lambda z: _well(z)[::-1],
}
LAW = GaussianSampler(np.full(2, 0.3), 0.5 * np.eye(2))


@pytest.mark.parametrize("method", [LemmaDescent(penalty=0.01), RandomSampling(samples=8)])
@pytest.mark.parametrize("name", MIXED)
def test_a_value_that_depends_on_other_points_is_refused(name, method):
    """A sum over nodes of values that depend on the other nodes is the mean of no function."""
    with pytest.raises(InputError, match=r"another answer for a point alone .* than among"):
        derandomize(QuadratureObjective(MIXED[name], dimension=2), LAW, method=method)


def test_a_gradient_that_depends_on_other_points_is_refused():
    def slopes(z):
        return 4.0 * z * (z**2 - 1.0)

    mixed = QuadratureObjective(_well, dimension=2, gradient=lambda z: slopes(z) - slopes(z).mean(0))
    with pytest.raises(InputError, match="gradient gives another answer for a point alone"):
        derandomize(mixed, LAW, method=LemmaDescent(penalty=0.01))


def test_functions_that_round_or_draw_or_change_their_points_are_not_refused():
    rng = np.random.default_rng(0)
    layer = rng.standard_normal((2, 50)).astype(np.float32)

    def shifting(z):
        z -= 1.0
        return (z**2).sum(1)

    for g in (
        lambda z: np.tanh(z.astype(np.float32) @ layer).sum(1),
        lambda z: _well(z) + rng.standard_normal(len(z)),
        shifting,
        lambda z: np.ones(len(z)),
        lambda z: 1e300 * _well(z),
        lambda z: np.where(z[:, 0] > 3.0, np.nan, _well(z)),
    ):
        QuadratureObjective(g, dimension=2, nodes=64).value(LAW)


def _well_slopes(z):
    return np.column_stack([np.cos(z[:, 0]), 2.0 * z[:, 1]])


def test_a_function_that_takes_no_single_row_runs_to_its_end():
    """The look at one row ended the run in the traceback of the function."""

    def several(z):
        if len(z) < 2:
            raise ValueError("give several rows")
        return _well(z)

    def bare(z):
        return _well(z) if len(z) > 1 else "none"

    plain = QuadratureObjective(_well, dimension=2).value(LAW)
    for g in (several, bare):
        assert QuadratureObjective(g, dimension=2).value(LAW) == plain


def test_labels_of_the_columns_of_an_answer_are_no_labels_of_its_rows():
    """An array of xarray with labels on its second dimension alone was refused as one with an index of its rows."""
    xarray = pytest.importorskip("xarray")

    def slopes(z, rows=None):
        coords = {"axis": ["first", "second"]} | ({} if rows is None else {"row": rows(len(z))})
        return xarray.DataArray(_well_slopes(z), dims=("row", "axis"), coords=coords)

    plain = QuadratureObjective(_well, gradient=_well_slopes, dimension=2).mean_gradient(LAW)
    for answer in (slopes, lambda z: slopes(z, range), lambda z: slopes(z, lambda n: range(n)[::-1])):
        objective = QuadratureObjective(_well, gradient=answer, dimension=2)
        if answer is slopes or answer(np.zeros((2, 2))).row[0] == 0:
            assert np.array_equal(objective.mean_gradient(LAW), plain)
            continue
        with pytest.raises(InputError, match="gradient returned a DataArray whose index"):
            objective.mean_gradient(LAW)


def test_masked_answers_and_series_of_another_order_are_refused():
    """The number behind a mask was used, and a series read by position whatever its index said."""
    pandas = pytest.importorskip("pandas")
    for g, words in (
        (lambda z: np.ma.masked_greater(_well(z), 5.0), "entries of what g returned are masked"),
        (lambda z: pandas.Series(_well(z)).sort_values(), "g returned a Series whose index is not 0, 1"),
        (lambda z: pandas.Series(_well(z), index=range(len(z))[::-1]), "g returned a Series whose index"),
    ):
        with pytest.raises(InputError, match=words):
            QuadratureObjective(g, dimension=2).value(LAW)
    plain = QuadratureObjective(_well, dimension=2).value(LAW)
    assert QuadratureObjective(lambda z: pandas.Series(_well(z)), dimension=2).value(LAW) == plain
    assert QuadratureObjective(lambda z: np.ma.array(_well(z)), dimension=2).value(LAW) == plain

    class Own:
        dimension = 2

        def value(self, law):
            return np.ma.masked

        def mean_gradient(self, law):
            return np.zeros(2)

        def curvature(self, law, directions):
            return np.zeros(directions.shape)

        def pointwise(self, points):
            return MIXED["centred"](points)

    with pytest.raises(InputError, match=r"Own\.value returned are masked"):
        derandomize(Own(), LAW, method=LemmaDescent(penalty=0.01))
    with pytest.raises(InputError, match=r"Own\.pointwise gives another answer for a point alone|Own\.value"):
        derandomize(Own(), LAW, method=RandomSampling(samples=8))
