"""What is printed as a bound is not on the wrong side of it, and shares are of what they say."""

from __future__ import annotations

import csv
import dataclasses
import re
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import derandkit as dk
from derandkit.comparison.run import ComparisonRow
from derandkit.comparison.table import bound_shown, comparison_table, ratio_shown
from derandkit.cuts.table import maxcut_rows
from derandkit.datasets.instances import benchmark_instance
from derandkit.reports.words import WORDS
from derandkit.tables import told_apart
from derandkit.words.digits import decimals_above, digits_above, digits_below

ROOT = Path(__file__).resolve().parents[2]
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def near(text, value, digits):
    """Whether a text is within one unit of its last digit of a number."""
    return abs(Fraction(text) - Fraction(value)) <= abs(Fraction(value)) * Fraction(10) ** (1 - digits)


@given(FLOATS, st.integers(1, 17))
def test_digits_are_on_the_side_that_they_say_and_within_a_unit(value, digits):
    above, below = digits_above(value, digits), digits_below(value, digits)
    # a text that reads back as the number is the number
    assert float(above) == value or Fraction(above) > Fraction(value)
    assert float(below) == value or Fraction(below) < Fraction(value)
    assert near(above, value, digits)
    assert near(below, value, digits)


@given(st.fractions(), st.integers(1, 17))
def test_fractions_are_rounded_to_the_side_exactly(value, digits):
    assert Fraction(digits_below(value, digits)) <= value <= Fraction(digits_above(value, digits))


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_decimals_above_are_never_below(value, places):
    text = decimals_above(value, places)
    assert float(text) == value or Fraction(text) > Fraction(value)


@given(FLOATS, FLOATS)
def test_a_value_and_its_bound_are_shown_apart_and_in_their_order(one, other):
    low, high = sorted((one, other))
    value, bound = told_apart(low, high, above=True)
    assert float(value) <= float(bound)
    assert (value == bound) == (low == high)
    assert float(bound) >= high
    value, bound = told_apart(high, low, above=False)
    assert float(bound) <= low
    assert (value == bound) == (low == high)


def test_an_upper_bound_is_not_printed_below_the_heaviest_cut():
    """It was: 0.123456789, and the cut weighs 0.1234567894."""
    result = dk.maxcut([("a", "b", 0.1234567894)])
    rows = {row[0]: row[1] for row in result.table_rows() if row[0]}
    assert rows["cut"].split()[0] == rows["upper bound"].split()[0] == "0.1234567894"
    loose = dk.relax_cut([(0, 1, 0.3), (1, 2, 0.4), (2, 0, 0.1234567)])
    shown = next(row[1] for row in loose.table_rows() if row[0] == "no cut is above")
    assert float(shown.split()[0]) >= loose.bound.value
    assert float(re.search(r"bound=(\S+)", repr(loose))[1]) >= loose.bound.value


@given(st.integers(-(2**70), 2**70), st.booleans())
def test_whole_numbers_are_printed_with_all_digits(value, above):
    """Beyond 2^53 the nearest float is another number."""
    assert told_apart(value, value, above=above) == (str(value), str(value))
    assert Fraction(digits_below(value, 25)) <= value <= Fraction(digits_above(value, 25))


def test_a_gap_that_is_not_zero_is_not_printed_as_zero():
    result = dk.maxcut([("a", "b")])
    loose = dataclasses.replace(result, upper_bound=1.00000001, status=dk.CutStatus.SOLVED)
    assert "gap=under 0.01%" in repr(loose)
    assert "upper_bound=1.00000001 " in repr(loose)


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_bounds_of_quadratic_problems_are_printed_on_their_side(sense):
    draws = np.random.default_rng(5)
    couplings = {(i, j): draws.standard_normal() for i in range(9) for j in range(i)}
    model = dk.QuadraticModel.from_ising({}, couplings, sense=sense)
    result = dk.optimize(model, bound="sdp", search=None)
    side = (
        (lambda shown: shown <= result.bound)
        if sense == "minimize"
        else (lambda shown: shown >= result.bound)
    )
    row = next(row for row in result.table_rows() if row[0].startswith("no solution"))
    assert side(float(row[1].split()[0]))
    assert side(float(re.search(r"bound=(\S+)", repr(result))[1]))
    gap = next(row[1] for row in result.table_rows() if row[0] == "gap")
    assert result.proven_optimal or float(gap.split()[0]) >= result.gap


@pytest.mark.parametrize("seed", range(3))
def test_what_an_embedding_says_of_all_vectors_holds_as_printed(seed):
    """Stretches, distortions in single precision and margins were rounded to nearest: half were too small."""
    points = np.random.default_rng(seed).standard_normal((12, 5)).astype("f4")
    result = dk.embed(points, n_components=3, holdout=False)
    rows = {row[0]: row[1] for row in result.table_rows()}
    space, span = result.stretch["space"], result.stretch["span"]
    for text, sides in ((rows["any new point"].partition(" is ")[2], space), (rows["in the span"], span)):
        found = [float(word) for word in re.findall(r"(?<=from |. to |most )[\d.e+-]+", text)]
        assert found[-1] >= sides["largest"]
        assert len(found) == 1 or found[0] <= sides["smallest"]
    assert float(rows["as float32"].split()[-1]) >= result.output["certified_distortion"]
    assert float(rows["rounding margin"]) >= result.margin
    assert float(rows["lower bound"].split()[0]) <= result.lower_bound
    assert float(rows["mean, 99 %"].split()[1]) >= result.quantiles["p99"]
    scanned = dk.scan_pairs(points, result)
    assert float(re.search(r"at most ([^)]+)\)", str(scanned))[1]) >= scanned.margin


@pytest.mark.parametrize("seed", range(3))
def test_what_features_say_of_all_pairs_holds_as_printed(seed):
    points = np.random.default_rng(seed).standard_normal((12, 5)).astype("f4")
    result = dk.random_features(points, 6)
    rows = {row[0]: row[1] for row in result.table_rows()}
    assert float(rows["as float32"].split()[-1]) >= result.output["certified_rms"]
    assert float(rows["rounding margin"]) >= result.margin
    assert float(rows["promise"].split()[0]) >= result.promised


def test_a_report_counts_the_margin_from_the_record():
    """The table has six digits, and the margin is far smaller than the last of them."""
    for schema in ("derandkit-embedding", "derandkit-features"):
        assert "in the record" in WORDS[schema]["rounding margin"]


def test_the_best_known_cut_is_so_many_percent_above_this_cut():
    """The share was one of the best known cut: 1.2572 % where 3341 is 1.2731 % above 3299."""
    result = dk.maxcut([(0, 1), (1, 2), (2, 0), (2, 3)]).to_dict()
    known = benchmark_instance("G27")
    rows = dict(
        maxcut_rows({**result, "cut_value": 3299, "upper_bound": 4141, "proven_optimal": False}, known)
    )
    assert rows["best known"] == "3341 for G27, 1.2732% above the cut"


def test_a_share_of_a_cut_below_zero_says_what_it_is_a_share_of():
    result = dk.maxcut([(0, 1), (1, 2), (2, 0)]).to_dict()
    loose = {**result, "cut_value": -2, "upper_bound": -1, "proven_optimal": False, "gap": 0.5}
    assert dict(maxcut_rows(loose))["gap"].endswith("as a share of its own weight")
    assert "share" not in dict(maxcut_rows({**loose, "cut_value": 1, "upper_bound": 2}))["gap"]


def test_a_tested_bound_without_its_test_says_no_empty_probability():
    result = dk.maxcut([(0, 1), (1, 2), (2, 0)]).to_dict()
    text = dict(maxcut_rows({**result, "bound_status": "tested"}))["upper bound"]
    assert "but for a small error probability when verified" in text


def row(**figures):
    """Return a row of a comparison."""
    given = {
        "instance": "a", "problem": "maxcut", "method": "lemma", "local_search": False, "value": 1.0, "bound": 1.0,
        "bound_status": "certified", "expectation": None, "ratio": None, "seconds": None, "deterministic": True,
        "guarantee": "", "sense": "maximize",
    }  # fmt: skip
    return ComparisonRow(**{**given, **figures})


def test_a_ratio_is_one_only_where_the_bound_is_met():
    """99999 of 100000 were 1.0000."""
    assert [ratio_shown(row(ratio=x)) for x in (0.99999, 1.0, 0.3)] == ["0.9999", "1.0000", "0.3000"]
    assert [ratio_shown(row(ratio=x, sense="minimize")) for x in (1.00001, 1.0)] == ["1.0001", "1.0000"]


def test_bounds_of_a_comparison_are_on_their_side():
    assert bound_shown(row(bound=0.1234567894)) == "upper bound 0.12345679 (certified)"
    assert bound_shown(row(bound=0.1234567896, sense="minimize")) == "lower bound 0.123456789 (certified)"


def test_the_best_solution_has_the_star_where_a_mean_is_better():
    """No row had one: the best number was a mean, and means have none."""
    rows = [
        row(value=2.0),
        row(value=1.0, method="greedy"),
        row(value=3.0, method="hyperplane", standard_error=0.1),
    ]
    lines = comparison_table(rows).split("\n")
    assert [line.split()[0] for line in lines if " * " in line and not line.startswith("*")] == ["lemma"]


def test_principal_components_are_not_below_their_bound():
    """The value was rounded to nearest in nine digits, and could beat what nothing beats."""
    points = [[0, 0], [1, 0], [0.5, 3**0.5 / 2]]
    found = dk.compare({"triangle": np.array(points)}, n_components=1, methods=["pca", "minimax"])
    assert all(one.ratio >= 1.0 for one in found)


def test_the_readme_says_how_far_above_the_best_cuts_the_semidefinite_bound_is():
    """The shares were those of the bound, in words that say shares of the cut."""
    text = files("derandkit").joinpath("data/gset.csv").read_text()
    shares = {True: [], False: []}
    for graph in csv.DictReader(text.splitlines()):
        if graph["name"] not in ("G48", "G49", "G50"):  # tori with weights of one sign: nearly bipartite
            share = 100 * (float(graph["sdp_bound"]) / float(graph["best_known"]) - 1)
            shares["-" in graph["weights"]].append(share)
    plain, signed = (f"{min(found):.0f}-{max(found):.0f} %" for found in (shares[False], shares[True]))
    said = f"The semidefinite bound is {plain} above the best cuts of random and planar graphs and {signed} above those"
    assert said in " ".join((ROOT / "README.md").read_text().split())
