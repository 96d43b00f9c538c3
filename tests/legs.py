"""Which tests the quick leg takes, and which cases of a long list; the slow leg takes the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

#: Two cases of one test: ``cases[::every]`` is a fourth of the work in the quick leg, and half of it in the long one.
some_then_all = pytest.mark.parametrize(
    "every",
    [pytest.param(4, id="some"), pytest.param(2, id="half", marks=[pytest.mark.slow, pytest.mark.long])],
)


def thinned(cases: Iterable[Any], every: int = 2) -> list[Any]:
    """Return cases as parameters; the quick leg has one of so many."""
    return [
        pytest.param(case, marks=() if k % every == 0 else pytest.mark.slow) for k, case in enumerate(cases)
    ]


#: File -> tests of many cases; the quick leg takes the first one of so many, the slow leg the others.
FEWER = {
    "test_baselines_conditional": {"test_the_chance_of_a_cut_edge_for_every_correlation": 4},
    "test_branch": {"test_mutated_trees_fail_or_still_hold": 3},
    "test_cases": {"test_mutated_trees_fail_or_still_hold": 3},
    "test_certificates_mutation": {
        "test_a_changed_claim_is_noticed_although_it_is_sealed_again": 3,
        "test_another_graph_is_noticed": 5,
        "test_the_seal_notices_every_changed_leaf": 3,
        "test_what_only_the_seal_protects_is_no_claim_about_the_graph": 3,
    },
    "test_certificates_rubbish": {"test_some_rubbish_anywhere_is_reported": 4},
    "test_content": {"test_every_reader_refuses_what_is_cut_short_too_large_or_missing": 3},
    "test_cut_gaussian": {"test_bivariate_on_the_ridge": 4, "test_the_two_oracles_agree": 2},
    "test_cut_solve": {"test_fourteen_vertices": 3, "test_scaling_by_a_power_of_two": 3},
    "test_engine_methods": {"test_no_method_ends_above_its_start": 3},
    "test_fuzz": {
        "test_a_verifier_that_accepts_anything_is_found_out": 2,
        "test_what_passes_is_true": 4,
    },
    "test_gset": {"test_bounds_of_the_table_are_consistent": 5, "test_graph_is_the_published_one": 5},
    "test_hostile_files": {"test_hostile_instances_are_refused": 4},
    "test_imports": {"test_start_up_loads_nothing_heavy": 3},
    "test_io_tables": {"test_b7_every_form_of_to_csv": 5},
    "test_jl_certificate": {
        "test_a_huge_entry_on_a_constant_column_hides_nothing": 3,
        "test_every_record_is_verified": 3,
    },
    "test_jl_estimator": {"test_scikit_learn_checks": 3},
    "test_jl_mean": {"test_the_descent_keeps_the_promise": 4},
    "test_old_records": {
        "test_no_changed_leaf_of_an_old_record_passes": 3,
        "test_no_key_of_an_old_record_can_be_left_out_or_added": 3,
    },
    "test_plots": {
        "test_the_chain_shows_the_record": 3,
        "test_the_graph_shows_every_edge_on_its_side_of_the_cut": 3,
    },
    "test_proof_course": {
        "test_ctrl_c_among_triangles_keeps_what_was_told": 3,
        "test_ctrl_c_between_the_steps_of_a_proof_loses_nothing": 3,
    },
    "test_quadratic": {"test_no_claim_of_a_record_can_be_changed": 3},
    "test_reports": {"test_every_row_has_a_meaning": 3},
    "test_second_verifier": {
        "test_a_record_holds_for_its_own_instance_only": 3,
        "test_both_accept_honest_records": 2,
        "test_both_agree_on_changed_records": 3,
        "test_both_refuse_forgeries": 3,
        "test_it_runs_from_the_command_line": 4,
    },
    "test_structure_network": {
        "test_compiled_sums_are_those_by_hand": 2,
        "test_curvature_in_the_bias_is_the_block_of_products": 2,
    },
    "test_structure_poison": {"test_a_wrong_formula_is_noticed": 2, "test_a_wrong_method_is_noticed": 2},
    "test_structure_rounding": {"test_large_numbers_excuse_no_false_figure": 2},
    "test_turns": {"test_search_and_proof_in_turns_are_the_same_every_time": 2},
    "test_writers": {"test_what_is_written_comes_back": 5},
}

#: Beginnings of paths whose files run in one worker, and what it then makes once.
TOGETHER = {
    "src/derandkit/structure/": "compiled programs of JAX",
    "tests/structure/": "compiled programs of JAX",
    "tests/certificates/test_fuzz.py": "collection of records",
    "tests/certificates/test_record_sizes.py": "collection of records",
    "tests/certificates/test_second_verifier.py": "collection of records",
}
