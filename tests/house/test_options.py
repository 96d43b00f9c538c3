"""Choices are refused by name with the nearest one; keywords with an old name work, with a warning."""

from __future__ import annotations

import inspect
import warnings

import pytest

from derandkit.errors import InputError
from derandkit.options import REMOVED_IN, check_choice, renamed, warn_renamed


@renamed(tolerance="gap", hurry="fast")
def solve(instance, *, gap=1.0, fast=False):
    return instance, gap, fast


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("quik", "search='quik' is not one of quick, thorough; did you mean 'quick'?"),
        ("QUICK", "search='QUICK' is not one of quick, thorough; did you mean 'quick'?"),
        ("xyz", "search='xyz' is not one of quick, thorough"),
        (3, "search=3 is not one of quick, thorough"),
        (None, "search=None is not one of quick, thorough"),
        (["quick"], "search=['quick'] is not one of quick, thorough"),
    ],
)
def test_a_wrong_choice_is_one_line_that_names_the_nearest(value, message):
    with pytest.raises(InputError) as caught:
        check_choice("search", value, ("quick", "thorough"))
    assert str(caught.value) == message


def test_a_number_is_not_taken_for_a_truth_value():
    check_choice("local_search", True, (False, True, "both"))
    with pytest.raises(InputError, match="local_search=1 is not one of False, True, both"):
        check_choice("local_search", 1, (False, True, "both"))


def test_a_long_value_does_not_fill_the_line():
    with pytest.raises(InputError) as caught:
        check_choice("method", "x" * 1000, ("lemma",))
    assert len(str(caught.value)) < 120


def test_an_old_keyword_works_with_one_warning_at_the_caller():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert solve(5, tolerance=2.0, hurry=True) == (5, 2.0, True)
    assert sorted(str(warning.message) for warning in caught) == [
        f"solve(hurry=...) is now solve(fast=...); the old name works until version {REMOVED_IN}",
        f"solve(tolerance=...) is now solve(gap=...); the old name works until version {REMOVED_IN}",
    ]
    assert {warning.category for warning in caught} == {DeprecationWarning}
    assert {warning.filename for warning in caught} == {__file__}


def test_new_keywords_do_not_warn_and_the_signature_shows_them_alone():
    assert solve(5, gap=2.0) == (5, 2.0, False)
    assert list(inspect.signature(solve).parameters) == ["instance", "gap", "fast"]
    with pytest.raises(TypeError):
        solve(5, unknown=1)


def test_both_names_at_once_are_refused():
    with pytest.raises(InputError, match="both tolerance= and gap="):
        solve(5, tolerance=1.0, gap=2.0)


def test_a_name_is_warned_of_at_the_caller():
    def outer():
        warn_renamed("Old", "New")

    with pytest.warns(DeprecationWarning, match="Old is now New") as caught:
        outer()
    assert caught[0].filename == __file__
