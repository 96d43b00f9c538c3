"""Every attack of the first forgers, and every fault they met, has a test that holds it: row -> tests.

The rows are those of the report on which `SECURITY.md` and docs/testing.md rest. A test that is renamed or removed is
missed here.
"""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

#: What was accepted though it said something false.
FORGERIES = {
    "1: an embedding with one entry of 1e160": [
        "embeddings/test_jl_certificate: a_huge_entry_on_a_constant_column_hides_nothing"
    ],
    "2: the same, finite; certified may not be below found": [
        "embeddings/test_jl_certificate: a_huge_entry_on_a_constant_column_hides_nothing",
        "embeddings/test_jl_certificate: certified_covers_the_rounding_of_what_was_found",
    ],
    "3: isometry with a distortion of 0.996": [
        "embeddings/test_jl_certificate: an_isometry_has_a_distortion_of_rounding_size"
    ],
    "4: unit rows whose squares are subnormal": [
        "certificates/test_certificates_forgeries: vectors_with_subnormal_squares_are_normalised_or_refused",
        "certificates/test_certificates_forgeries: a_vector_without_direction_is_refused",
    ],
    "5: one heavy edge hides a cut below its expectation": [
        "certificates/test_certificates_forgeries: one_heavy_edge_hides_no_broken_chain",
        "certificates/test_certificates_attacks: heavy_edges_that_cancel_hide_no_broken_chain",
    ],
    "6: an estimate below the optimum": [
        "certificates/test_certificates_forgeries: an_estimated_bound_is_not_shown_as_checked",
        "certificates/test_certificates_forgeries: an_estimate_below_a_cut_that_is_easy_to_find_is_refuted",
        "certificates/test_certificates_attacks: an_estimate_lacks_no_more_than_its_shift"
        "_whatever_gap_the_record_names",
    ],
    "7: status, method, types and gap are not derived": [
        "certificates/test_certificates_forgeries: the_status_follows_from_the_figures",
        "certificates/test_certificates_forgeries: wrong_types_and_sizes_are_refused",
        "certificates/test_certificates_attacks: solved_to_a_gap_that_says_nothing_is_not_ok",
    ],
    "8: duplicate keys": [
        "certificates/test_certificates_forgeries: hostile_json_is_refused_in_one_printable_line"
    ],
    "9: a structure record made uncheckable": [
        "structure/test_structure_certificate: a_record_is_not_made_uncheckable",
        "structure/test_structure_certificate: what_is_the_users_own_is_not_checked_and_not_ok",
    ],
    "10: step of the decay control, counts, method, history": [
        "structure/test_structure_certificate: the_step_size_of_the_decay_control_is_derived",
        "structure/test_structure_certificate: what_is_not_checked_is_typed_and_bounded",
        "structure/test_structure_certificate: rows_of_the_history_between_fit_each_other",
        "structure/test_structure_rounding: that_a_run_diverged_is_a_claim_that_nothing_shows",
    ],
    "11: stationary at a saddle": [
        "structure/test_structure_certificate: the_saddle_of_all_parameters_is_not_stationary"
    ],
    "12: a page that the record contradicts": [
        "structure/test_structure_certificate: a_page_is_compared_whole"
    ],
    "13: held-out figures of points picked by hand": [
        "embeddings/test_jl_certificate: the_split_follows_a_rule_and_the_fit_is_not_checked"
    ],
}

#: Honest records that failed or misled.
HONEST = {
    "conditional expectations break their own chain": [
        "certificates/test_certificates_attacks: an_edge_that_outweighs_all_others_keeps_the_chain_of_every_method",
        "certificates/test_fuzz: many_awkward_graphs",
    ],
    "points far from the origin, fewer than columns": [
        "embeddings/test_jl_hard: hard_clouds_give_records_that_verify",
        "embeddings/test_jl_hard: the_rank_does_not_count_the_rounding_of_the_mean",
    ],
    "points that nearly coincide": [
        "embeddings/test_jl_hard: near_duplicates_end_in_finite_figures",
        "embeddings/test_jl_hard: a_pair_at_the_edge_of_what_is_computed_again_verifies",
    ],
    "the certificate covers what is written": ["embeddings/test_jl_hard: what_is_written_is_certified"],
    "other bytes under another BLAS": ["house/test_determinism: blas_kernels_leave_no_trace"],
    "time limits": ["house/test_interrupts: a_time_limit_is_for_the_whole_call"],
    "a bound that is proven, and worse than the estimate": [
        "signs/proofs/test_proof_course: a_proof_above_an_estimate_or_a_test_keeps_both_and_says_so",
    ],
    "heavy edges of opposite rows that cancel": [
        "certificates/test_certificates_intervals: heavy_edges_of_opposite_rows_that_cancel_leave_no_rounding"
    ],
}

#: Crashes, denial, terminals.
DENIAL = {
    "a depth of 2e9": ["structure/test_structure_sizes: no_size_is_believed_before_it_is_compared"],
    "the whole check of a network": [
        "structure/test_structure_sizes: the_whole_check_of_a_network_is_bounded"
    ],
    "dense and sparse proofs by predicted cost": [
        "certificates/test_certificates_forgeries: a_dense_proof_of_a_large_graph_is_refused_unseen",
        "certificates/test_certificates_denial: the_count_of_a_sparse_factor_is_itself_bounded",
    ],
    "decompression, entities, pickles, nesting, npz": [
        "cli/test_hostile_files: hostile_instances_are_refused",
        "cli/test_hostile_files: memory_is_bounded_without_a_limit_of_ones_own",
    ],
    "records of too many values": [
        "certificates/test_records: a_record_of_too_many_values_is_refused_before_it_is_taken_apart"
    ],
    "division by zero, overflow, surrogates": [
        "embeddings/test_jl_certificate: rubbish_anywhere_ends_in_a_report",
        "certificates/test_certificates_forgeries: absurd_weights_are_reported_not_raised",
        "certificates/test_certificates_forgeries: hostile_json_is_refused_in_one_printable_line",
    ],
    "clear-screen and fake lines": [
        "cli/test_hostile_text: every_string_of_a_record_is_escaped_wherever_it_is_shown",
        "cli/test_hostile_text: the_command_line_escapes_what_records_say",
    ],
    "weights of 1e300 and 1e-290": ["cuts/test_extreme_weights: every_verb_answers_or_refuses_in_one_line"],
    "a gap that is infinite": [
        "certificates/test_certificates_attacks: a_duality_gap_that_says_nothing_is_refused"
    ],
    "a name of 300 characters": ["cli/test_cli_errors: names_that_no_file_can_have"],
    "settings beyond all range": ["structure/test_structure_cli: mistakes_are_one_line"],
    "a damaged cache of kernels": ["cli/test_streams: damaged_kernels_are_compiled_again"],
    "closed standard error": ["cli/test_streams: closed_standard_error_costs_no_answer"],
    "too little memory": ["cli/test_signals: too_little_memory_is_one_line"],
}

#: Files and processes.
FILES = {
    "-o to a device, a pipe, a link": [
        "house/test_writing: a_device_is_written_into_and_stays",
        "house/test_writing: a_pipe_is_written_into_and_stays",
        "house/test_writing: a_link_stays_and_its_target_is_written",
    ],
    "a full standard output, unbuffered too": ["house/test_writing: a_full_standard_output_is_no_success"],
    "a closed standard output": ["cli/test_streams: an_answer_that_is_lost_is_no_success"],
    "the mode of a file is kept": ["house/test_writing: a_file_keeps_its_mode"],
    "a full disk leaves the old file": ["house/test_writing: a_full_disk_leaves_the_old_file"],
    "a kill while a file is written": [
        "cli/test_signals: a_signal_while_a_file_is_written_leaves_the_old_one"
    ],
    "any moment of any verb": ["cli/test_signals: a_signal_at_any_moment_ends_in_a_true_line"],
    "workers outlive their parent": ["cli/test_many: workers_end_with_the_process_that_started_them"],
    "a worker dies": [
        "cli/test_many: a_graph_whose_worker_is_killed_is_named_and_the_others_are_solved",
        "cli/test_many: a_dask_worker_that_dies_takes_one_task_with_it",
    ],
    "one output and one cold cache": [
        "cli/test_signals: two_processes_with_one_output_and_one_cold_cache_write_one_whole_record"
    ],
}

#: What others wrote.
DEPENDENCIES = {
    "versions with known advisories": [
        "house/test_release: no_version_with_a_known_advisory_is_allowed",
        "house/test_release: of_joblib_nothing_that_reads_pickles_from_a_disk_is_used",
    ],
}

ROWS = {**FORGERIES, **HONEST, **DENIAL, **FILES, **DEPENDENCIES}


@functools.cache
def functions_of(file):
    tree = ast.parse((TESTS / f"{file}.py").read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_its_tests(row):
    assert ROWS[row]
    for address in ROWS[row]:
        file, _, name = address.partition(": ")
        assert f"test_{name}" in functions_of(file), address


def test_no_forgery_is_left_out():
    assert [int(row.partition(":")[0]) for row in FORGERIES] == list(range(1, 14))
