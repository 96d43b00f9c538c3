"""Choices are refused by name with the nearest one; keywords with an old name work, with a warning."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pytest

import derandkit
from derandkit.embeddings.baselines import draw_projections, gaussian_projection, sparse_projection
from derandkit.errors import InputError
from derandkit.options import REMOVED_IN, check_choice, check_rng, renamed, warn_renamed
from derandkit.signs.baselines.randomized import draw_hyperplanes, one_exchange


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


TRIANGLE = [("a", "b"), ("b", "c"), ("c", "a")]


@pytest.mark.parametrize(
    "call",
    [
        lambda **options: derandkit.maxcut(TRIANGLE, **options),
        lambda **options: derandkit.maxdicut(TRIANGLE, **options),
        lambda **options: derandkit.max2sat([(1, 2)], **options),
        lambda **options: derandkit.embed(np.eye(3), n_components=2, **options),
        lambda **options: derandkit.derandomize(
            derandkit.QuadratureObjective(lambda z: z[:, 0] ** 2, dimension=1),
            derandkit.GaussianSampler([0.0], [[1.0]]),
            **options,
        ),
    ],
    ids=["maxcut", "maxdicut", "max2sat", "embed", "derandomize"],
)
@pytest.mark.parametrize(
    ("option", "value"), [("on_progress", 5), ("throw", "x"), ("throw", 1), ("throw", None)]
)
def test_callbacks_and_flags_of_another_type_are_refused(call, option, value):
    with pytest.raises(InputError, match=f"^{option} is "):
        call(**{option: value})


@pytest.mark.parametrize(
    ("option", "value"),
    [("rng", -1), ("rng", "x"), ("rng", 1.5), ("rng", True), ("allow_work", "a"), ("allow_work", None),
     ("allow_work", True), ("on_progress", 5)],
)  # fmt: skip
def test_verify_checks_its_options_even_where_it_does_not_need_them(option, value):
    result = derandkit.maxcut(TRIANGLE)
    with pytest.raises(InputError, match=f"^{option} is "):
        derandkit.verify(result, TRIANGLE, **{option: value})


@pytest.mark.parametrize("rng", [None, 0, np.int64(3), np.random.default_rng(1)], ids=str)
def test_every_source_of_randomness_is_taken(rng):
    check_rng(rng)


@pytest.mark.parametrize("rng", [-1, 1.5, "x", [1], True])
def test_what_is_no_source_of_randomness_is_refused_where_it_is_given(rng):
    for call in (
        lambda: derandkit.RandomSampling(rng=rng),
        lambda: derandkit.PerturbedGradientDescent(1.0, 1.0, 0.1, rng=rng),
        lambda: derandkit.GaussianSampler([0.0], [[1.0]]).draw(2, rng),
        lambda: derandkit.StochasticGradient(rng=rng),
        lambda: draw_hyperplanes(derandkit.as_graph(TRIANGLE), np.eye(3), rng, draws=1),
        lambda: one_exchange(derandkit.as_graph(TRIANGLE), rng),
        lambda: draw_projections(np.eye(3), 2, rng, draws=1),
        lambda: gaussian_projection(3, 2, rng),
        lambda: sparse_projection(3, 2, rng),
        lambda: derandkit.compare({"triangle": TRIANGLE}, methods=["hyperplane"], rng=rng),
    ):
        with pytest.raises(InputError, match=r"^rng is "):
            call()


@pytest.mark.parametrize("clauses", [None, 5])
def test_clauses_that_are_no_sequence_are_refused(clauses):
    with pytest.raises(InputError, match=r"^clauses is "):
        derandkit.max2sat(clauses)
    with pytest.raises(InputError, match=r"^hard is "):
        derandkit.max2sat([(1, 2)], hard=clauses)


TRIANGLE = [(0, 1), (1, 2), (2, 0)]
WITH_A_CUT = [
    derandkit.branch_and_bound,
    derandkit.cycle_bound,
    derandkit.triangle_bound,
    derandkit.search_cut,
]


@pytest.mark.parametrize("signs", [[1, -1], [1, -1, 0], [1, 1, 1, -1], [[1, 1, 1]], ["a", "b", "c"]])
@pytest.mark.parametrize("function", WITH_A_CUT)
def test_signs_that_are_no_cut_of_the_graph_are_refused(function, signs):
    with pytest.raises(InputError, match="signs"):
        function(derandkit.as_graph(TRIANGLE), signs=signs)


@pytest.mark.parametrize("count", [-1, 1.5, True, "ten"])
def test_a_number_of_rounds_is_a_whole_one(count):
    graph = derandkit.as_graph(TRIANGLE)
    for function in (derandkit.cycle_bound, derandkit.triangle_bound):
        with pytest.raises(InputError, match=r"max_rounds must be a whole number from [01] on, got"):
            function(graph, max_rounds=count)
    for function in (derandkit.maxcut, derandkit.relax_cut):
        with pytest.raises(InputError, match="max_sweeps must be a whole number from 0 on, got"):
            function(graph, max_sweeps=count)


def test_images_of_another_map_are_not_mapped_back():
    pytest.importorskip("sklearn")
    X = np.sin(np.arange(300.0) ** 2).reshape(30, 10)
    projection = derandkit.DerandomizedProjection(8).fit(X)
    with pytest.raises(InputError, match="images of this map have 8 columns, these have 10"):
        projection.inverse_transform(X)
