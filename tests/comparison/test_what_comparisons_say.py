"""Comparisons say what was reached: no share of nothing, no tick where nothing is known, no bound on the wrong side."""

from __future__ import annotations

import dataclasses

import matplotlib
import numpy as np
import pytest

import derandkit as dk
from derandkit.comparison.quadratic import QUADRATIC
from derandkit.comparison.run import ComparisonRow
from derandkit.comparison.structure import load, prepare
from derandkit.comparison.table import comparison_table
from derandkit.plots.comparison import expected_place, plot_comparison

matplotlib.use("agg")

X = np.random.default_rng(0).standard_normal((80, 3))
KEPT = np.sort(np.concatenate(list(dk.RegressionData(X, X[:, 0]).rows[1:])))
NOT_VARIED = "not run: the target does not vary in the rows kept back"


@pytest.mark.parametrize(
    "kept",
    [np.zeros(KEPT.size), np.full(KEPT.size, 0.1), 0.3 + 1e-16 * np.arange(KEPT.size)],
    ids=["zero", "constant", "constant but for rounding"],
)
def test_rows_kept_back_whose_target_does_not_vary_judge_nothing(kept):
    """A division by zero escaped; where the mean was rounded, a share of 3.8e31 was the best of its group."""
    y = X[:, 0].copy()
    y[KEPT] = kept
    rows = dk.compare({"t": (X, y)}, problem="structure", n_components=1, methods=["sir", "pca", "all"])
    assert [(row.value, row.ratio, row.gap, row.note) for row in rows] == [(None, None, None, NOT_VARIED)] * 3
    assert " *" not in comparison_table(rows).partition("\n\n")[0]


def test_one_class_in_the_rows_kept_back_judges_nothing():
    y = np.where(X[:, 0] > 0, "yes", "no")
    y[KEPT] = "no"
    rows = dk.compare({"t": (X, y)}, problem="structure", n_components=1, methods=["sir", "pca"])
    assert {(row.value, row.note) for row in rows} == {(None, NOT_VARIED)}
    y[KEPT[0]] = "yes"
    assert prepare(load((X, y), n_components=1), 0.0, 0).varied


def test_an_expectation_is_not_drawn_at_the_bound_where_all_methods_reach_it():
    """The range of values was not known, and the tick stood at 0: at the bound of -4, where -3 is expected."""
    row = ComparisonRow(
        "a", "ising", "lemma", False, -4.0, -4.0, "certified", -3.0, None, 0.0, True, "", sense="minimize", gap=0.0,
        relative_gap=0.0,
    )  # fmt: skip
    assert expected_place([row], row) is None
    off = dataclasses.replace(row, method="greedy", value=-2.0, gap=2.0, relative_gap=0.25)
    assert expected_place([row, off], row) == pytest.approx(0.125)
    assert expected_place([row], dataclasses.replace(row, expectation=None)) is None
    labels = [line.get_label() for line in plot_comparison([row]).axes[0].lines]
    assert "expectation" not in labels
    assert "expectation" in [line.get_label() for line in plot_comparison([row, off]).axes[0].lines]


def test_a_lower_bound_that_every_method_meets_is_called_one():
    """The side was guessed from the ratios: where all were 1, the bound of a distortion was an upper one."""
    row = ComparisonRow(
        "a", "embedding", "pca", False, 0.25, 0.25, "certified", None, 1.0, 0.0, True, "", sense="minimize", gap=0.0
    )  # fmt: skip
    axes = plot_comparison([row]).axes[0]
    assert axes.get_xlabel() == "value / lower bound"
    assert "lower bound" in [line.get_label() for line in axes.lines]


def test_search_does_not_promise_a_certified_bound():
    """Its bound may be tested or estimated, as its row says."""
    assert "certified" not in QUADRATIC["search"].guarantee
    assert "never" not in QUADRATIC["search"].guarantee
