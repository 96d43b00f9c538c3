"""Which tests the quick leg takes, and which cases of a long list; the slow leg takes the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

#: Two cases of one test: ``cases[::every]`` is a fourth of the work in the quick leg, and all of it in the slow one.
some_then_all = pytest.mark.parametrize(
    "every", [pytest.param(4, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)


def thinned(cases: Iterable[Any], every: int = 2) -> list[Any]:
    """Return cases as parameters; the quick leg has one of so many."""
    return [
        pytest.param(case, marks=() if k % every == 0 else pytest.mark.slow) for k, case in enumerate(cases)
    ]


#: File -> tests, found with ``--durations``; with ``[...]`` only that case of the test.
SLOW = {
    "test_any": ["test_only_modules_at_a_boundary_use_any", "test_uses_of_any_do_not_grow"],
    "test_architecture": [
        "test_the_picture_lists_the_imports_that_the_layers_test_finds",
        "test_the_picture_of_the_lemma_is_what_the_code_does",
    ],
    "test_branch": [
        "test_every_limit_of_nodes_leaves_a_bound_and_they_fall",
        "test_hundreds_of_complete_graphs",
        "test_threads_and_hash_seeds_leave_no_trace",
    ],
    "test_cases": [
        "test_a_tree_of_cases_is_verified_in_a_record",
        "test_large_sparse_graphs_are_split_on_one_kernel_and_equal_input_gives_equal_trees",
    ],
    "test_certificates_attacks": [
        "test_a_proof_goes_on_when_the_one_heavy_edge_is_eliminated[1e+200]",
        "test_a_proof_goes_on_when_the_one_heavy_edge_is_eliminated[1e+307]",
        "test_an_edge_that_outweighs_all_others_keeps_the_chain_of_every_method",
    ],
    "test_certificates_denial": [
        "test_verify_says_the_limit_and_allow_work_raises_it[copies of branches]",
        "test_verify_says_the_limit_and_allow_work_raises_it[long integers]",
        "test_verify_says_the_limit_and_allow_work_raises_it[the same row in many cases]",
    ],
    "test_certificates_rubbish": ["test_rubbish_anywhere_is_reported"],
    "test_cli": ["test_trajectories_multiply_the_search", "test_tsv_adds_up_to_the_cut[torus-10x10.rudy]"],
    "test_cli_process": [
        "test_a_full_disk_is_said_in_one_line",
        "test_a_pipe_gets_data_and_stderr_one_line",
        "test_a_reader_that_goes_away_is_no_error[json]",
        "test_a_reader_that_goes_away_is_no_error[text]",
        "test_a_reader_that_goes_away_is_no_error[tsv]",
        "test_a_terminal_shows_cut_bound_gap_and_seconds_while_a_proof_is_sought",
        "test_a_terminal_shows_stage_value_bound_and_noise",
        "test_many_presses_of_ctrl_c_leave_nothing_half_written",
        "test_quiet_is_silent_on_a_terminal",
    ],
    "test_coins": ["test_one_eigenvalue_below_is_refused_in_a_thousand_of_a_thousand_trials"],
    "test_combinations": ["test_every_quadratic_combination", "test_many_combinations"],
    "test_compare": [
        "test_rows_are_the_same_for_any_number_of_workers",
        "test_rows_are_the_same_on_a_dask_cluster",
    ],
    "test_compare_cli": [
        "test_rows_are_the_same_for_any_number_of_workers_and_seeds_matter",
        "test_the_picture_is_written_and_the_same_each_time[pdf]",
        "test_the_picture_is_written_and_the_same_each_time[svg]",
    ],
    "test_qplib": ["test_the_ground_state_of_a_published_torus"],
    "test_compare_quadratic": [
        "test_rows_are_the_same_for_any_number_of_workers",
        "test_solvers_from_elsewhere_find_small_optima[cp-sat]",
    ],
    "test_compare_features": [
        "test_conditional_expectations_are_not_run_on_many_points",
        "test_every_method_is_measured_on_every_pair",
    ],
    "test_features": [
        "test_the_same_bytes_for_any_number_of_threads",
        "test_the_transformer_is_the_function",
    ],
    "test_features_certificate": [
        "test_every_changed_leaf_is_noticed[full]",
        "test_every_changed_leaf_is_noticed[single]",
        "test_rubbish_anywhere_ends_in_a_report",
    ],
    "test_compare_embeddings": [
        "test_a_picture_of_distortions",
        "test_rows_are_the_same_for_any_number_of_workers",
    ],
    "test_constraints": [
        "test_every_change_outside_the_inner_record_is_noticed[reals]",
        "test_files_pictures_and_tables",
    ],
    "test_cut_proofs": [
        "test_a_cubic_graph_is_closed_by_branching_on_odd_cycles",
        "test_best_leaves_large_dense_graphs_to_the_semidefinite_bound",
        "test_dense_graphs_are_proven_optimal[30-1]",
        "test_dense_graphs_are_proven_optimal[60-1]",
        "test_interrupting_the_proof_keeps_what_there_is",
    ],
    "test_cut_solve": ["test_a_large_graph_is_solved_as_without_search_and_proof"],
    "test_cycles": [
        "test_no_cut_is_above_the_bound_and_no_bound_is_far_above_the_positive_weights",
        "test_thousands_of_dense_little_graphs_with_integer_weights",
        "test_toruses_are_solved_to_proven_optimality[G32-1410]",
    ],
    "test_dense": ["test_a_published_value_is_reached"],
    "test_determinism": [
        "test_another_process_with_two_threads_and_another_hash_seed",
        "test_blas_kernels_leave_no_trace",
        "test_order_of_networkx_nodes_and_edges",
        "test_repeated_runs_in_one_process",
    ],
    "test_docs": [
        "test_pages_show_what_the_commands_print[README.md-1]",
        "test_pages_show_what_the_commands_print[README.md-2]",
        "test_pages_show_what_the_commands_print[first-cut.md-2]",
        "test_pages_show_what_the_commands_print[first-embedding.md-0]",
        "test_pages_show_what_the_commands_print[first-embedding.md-1]",
        "test_pages_show_what_the_commands_print[first-network.md-0]",
        "test_pages_show_what_the_commands_print[first-network.md-1]",
        "test_python_blocks_run_in_order[branching.md]",
        "test_python_blocks_run_in_order[draw.md]",
        "test_python_blocks_run_in_order[embeddings.md]",
        "test_python_blocks_run_in_order[first-embedding.md]",
        "test_python_blocks_run_in_order[first-network.md]",
        "test_python_blocks_run_in_order[goemans-williamson.md]",
        "test_python_blocks_run_in_order[gset.md]",
        "test_python_blocks_run_in_order[index.md1]",
        "test_python_blocks_run_in_order[inputs.md]",
        "test_python_blocks_run_in_order[many-graphs.md]",
        "test_python_blocks_run_in_order[notebook.md]",
        "test_python_blocks_run_in_order[pipeline.md]",
        "test_python_blocks_run_in_order[proofs.md]",
        "test_python_blocks_run_in_order[prove.md]",
        "test_python_blocks_run_in_order[structure.md]",
        "test_python_blocks_run_in_order[trained.md]",
        "test_python_blocks_run_in_order[ten-seconds.md]",
        "test_python_blocks_run_in_order[tutorial.md]",
        "test_the_program_of_the_two_pages_checks_every_tree",
    ],
    "test_ends": ["test_several_graphs_leave_with_the_greatest_code"],
    "test_engine_edges": ["test_equal_bytes_whatever_the_hash_seed_and_threads"],
    "test_engine_parts": [
        "test_a_plain_function_and_the_closed_form_lead_to_the_same_end",
        "test_the_generic_engine_reaches_the_fast_paths_cut",
    ],
    "test_extreme_weights": ["test_every_verb_answers_or_refuses_in_one_line"],
    "test_flow": ["test_a_flow_that_decides_some_leaves_the_others_to_cycles"],
    "test_fuzz": [
        "test_awkward_graphs",
        "test_many_awkward_clouds",
        "test_many_awkward_graphs",
        "test_what_passes_is_true_at_length",
    ],
    "test_given": ["test_a_search_stops_at_the_target[fixed1]"],
    "test_graph": ["test_the_same_digest_whatever_the_hash_seed"],
    "test_guided": ["test_it_closes_what_the_same_work_on_the_whole_graph_does_not"],
    "test_hostile_files": [
        "test_a_file_that_cannot_grow_leaves_the_old_one",
        "test_hostile_instances_are_refused[bomb.bz2-maxcut]",
        "test_memory_is_bounded_without_a_limit_of_ones_own[bomb]",
    ],
    "test_hostile_text": ["test_pictures_are_escaped"],
    "test_imports": ["test_a_cut_loads_only_what_it_uses"],
    "test_io_formats": ["test_deep_nesting"],
    "test_io_object_traps": [
        "test_a_matrix_of_igraph_is_a_matrix",
        "test_sparse_arrays_of_jax_are_read",
        "test_tensors_of_every_layout_are_read",
    ],
    "test_io_text": [
        "test_a_million_lines_take_the_fast_way",
        "test_tables_read_fast_and_read_carefully_are_equal",
    ],
    "test_io_words": ["test_plain_words_are_read_the_fast_way[False]"],
    "test_jl_certificate": [
        "test_a_huge_entry_on_a_constant_column_hides_nothing",
        "test_another_matrix_is_found_out",
        "test_any_mutated_field_fails_with_its_name",
        "test_rubbish_anywhere_ends_in_a_report",
        "test_schema_and_code_refuse_the_same_forms",
    ],
    "test_jl_embed": [
        "test_interrupted_runs_keep_the_best_map[16-False]",
        "test_large_clouds_use_landmarks_and_an_active_set",
        "test_methods_end_close_to_each_other[probability]",
        "test_same_bytes_whatever_the_threads_and_the_hash_seed",
        "test_unseen_points_are_not_contracted",
    ],
    "test_jl_estimator": [
        "test_automatic_dimension_has_names_and_pandas_output",
        "test_grid_search_and_pipelines",
        "test_pictures",
    ],
    "test_jl_hard": [
        "test_a_smaller_ridge_serves_the_fitted_points_only",
        "test_far_points_in_single_precision_keep_their_certificate",
        "test_large_hard_clouds",
        "test_no_direction_is_stretched_more_than_stated",
        "test_points_that_are_nearly_flat_are_an_isometry_without_warnings",
        "test_the_estimate_is_that_of_other_points_of_the_same_kind",
        "test_the_inverse_has_the_smallest_squared_error",
        "test_the_map_is_tame_on_new_points",
        "test_the_ridge_is_chosen_on_held_out_pairs",
    ],
    "test_jl_mean": ["test_the_random_projection_has_the_promised_value_for_any_points[2]"],
    "test_jl_mean_embed": [
        "test_equal_and_nearly_equal_points",
        "test_the_mean_is_better_than_principal_components_at_every_scale",
    ],
    "test_jl_objective": ["test_the_general_engine_reaches_a_map_without_violations"],
    "test_labels": ["test_nesting_without_end_is_refused"],
    "test_large": [
        "test_a_large_graph_gets_the_chain_of_a_small_one[ones]",
        "test_a_large_graph_gets_the_chain_of_a_small_one[signs]",
        "test_single_precision_loses_little",
    ],
    "test_layouts": ["test_hundreds_of_files"],
    "test_many": [
        "test_a_dask_worker_that_dies_takes_one_task_with_it",
        "test_a_graph_whose_worker_is_killed_is_named_and_the_others_are_solved",
        "test_bad_files_get_a_line_and_the_others_are_solved[2]",
        "test_ctrl_c_at_a_terminal_reaches_every_process_and_ends_the_work",
        "test_ctrl_c_keeps_what_is_complete_and_nothing_else",
        "test_records_and_lines_are_those_of_single_runs_whoever_works",
        "test_the_same_bytes_from_a_dask_cluster",
    ],
    "test_lessons": ["test_a_lesson_runs_and_its_claims_hold"],
    "test_models": ["test_the_generated_qubos_have_their_published_optima"],
    "test_numbers": [
        "test_an_option_that_is_a_number_refuses_what_is_none[DerandomizedFourierFeatures]",
        "test_an_option_that_is_a_number_refuses_what_is_none[StructureClassifier]",
        "test_an_option_that_is_a_number_refuses_what_is_none[StructureRegressor]",
        "test_an_option_that_is_a_number_refuses_what_is_none[compare]",
        "test_an_option_that_is_a_number_refuses_what_is_none[discover_structure]",
        "test_an_option_that_is_a_number_refuses_what_is_none[optimize_with_cardinality]",
    ],
    "test_plots": [
        "test_a_notebook_shows_the_picture_of_a_small_graph",
        "test_every_format_is_written_the_same_twice[pdf]",
        "test_every_format_is_written_the_same_twice[svg]",
        "test_positions_are_those_of_the_graph",
        "test_the_same_picture_for_any_number_of_threads",
    ],
    "test_population": ["test_populations_beat_single_cuts_under_real_weights", "test_work_is_kept_to"],
    "test_progress": [
        "test_comparisons_count_rows_with_any_number_of_processes[2]",
        "test_embeddings_report_before_and_after_the_fit",
        "test_every_long_function_reports[optimize]",
        "test_structure_reports_after_training_too",
    ],
    "test_proof_course": [
        "test_ctrl_c_between_the_steps_of_a_proof_loses_nothing[derandkit.signs.proofs.branching.tree.CaseTree-best]",
        "test_ctrl_c_between_the_steps_of_a_proof_loses_nothing[derandkit.signs.proofs.branching.tree.bound_by_cases-best]",
        "test_ctrl_c_between_the_steps_of_a_proof_loses_nothing[derandkit.signs.proofs.branching.tree.branch_and_bound-best]",
        "test_ctrl_c_between_the_steps_of_a_proof_loses_nothing[derandkit.signs.proofs.branching.tree.proven_bound-best]",
        "test_cut_rises_and_bound_falls_while_a_proof_is_sought[cubic]",
        "test_the_best_bound_is_never_worse_than_that_of_the_cycles[gka3b]",
        "test_the_table_says_which_bound_won_and_why",
    ],
    "test_psd": ["test_a_factorisation_in_blocks_is_the_same_and_can_be_stopped[700]"],
    "test_reports": [
        "test_a_browser_shows_the_page_and_loads_nothing",
        "test_names_from_a_file_cannot_become_markup_and_pages_are_equal",
        "test_the_page_of_a_network",
        "test_the_page_of_each_verb[balance-]",
        "test_the_page_of_each_verb[embed-]",
    ],
    "test_results": [
        "test_results_are_equal_by_content[structure]",
        "test_what_is_saved_is_loaded[structure]",
    ],
    "test_search": [
        "test_a_run_ends_cold_however_slow_the_machine",
        "test_maxcut_searches_on_from_the_derandomized_cut",
        "test_small_graphs_are_cut_optimally",
    ],
    "test_second_old_records": [
        "test_both_accept_an_old_record_with_the_same_standing[embedding-2-cloud.json]",
        "test_the_command_reads_an_old_record[embedding-1-isometry.json]",
        "test_the_command_reads_an_old_record[quadratic-1-balance.json]",
        "test_the_command_reads_an_old_record[quadratic-1-max2sat.json]",
    ],
    "test_second_verifier": [
        "test_both_agree_on_many_changed_records",
        "test_the_names_are_those_of_the_collection",
    ],
    "test_several_cuts": ["test_the_best_is_never_lighter_than_without"],
    "test_signals": [
        "test_a_signal_at_any_moment_ends_in_a_true_line",
        "test_too_little_memory_is_one_line",
        "test_two_processes_with_one_output_and_one_cold_cache_write_one_whole_record",
    ],
    "test_statements": [
        "test_every_check_of_every_record_is_in_the_table_and_every_row_is_met",
        "test_what_is_printed_of_old_records_is_in_the_table[structure-2-teacher.json]",
    ],
    "test_streams": [
        "test_an_answer_that_is_lost_is_no_success[arguments0]",
        "test_closed_standard_error_costs_no_answer",
        "test_damaged_kernels_are_compiled_again",
    ],
    "test_structure_awkward": [
        "test_a_layer_without_input_sits_at_the_kink_exactly",
        "test_a_loss_that_is_held_against_the_mean_of_classes_verifies",
        "test_records_of_many_awkward_networks_verify",
        "test_references_are_minima_to_the_last_digits[huber]",
    ],
    "test_compare_structure": [
        "test_own_ways_are_those_of_statsmodels",
        "test_the_network_is_that_of_discover_structure",
    ],
    "test_structure_auto": [
        "test_a_choice_among_shortened_fits_says_so",
        "test_a_duplicated_column_shares_its_weight",
        "test_a_page_that_asks_for_auto_is_compared",
        "test_a_small_penalty_overfits_noise_and_says_so",
        "test_nothing_is_found_in_noise",
        "test_targets_0_and_1_are_two_classes",
        "test_the_choice_follows_from_its_table",
        "test_the_choice_is_the_same_every_time",
        "test_the_rows_that_judge_take_no_part_in_the_choice",
        "test_what_is_given_is_not_chosen",
    ],
    "test_structure_certificate": [
        "test_a_running_point_may_not_be_called_stationary",
        "test_rubbish_anywhere_is_reported",
    ],
    "test_structure_cli": [
        "test_flags_make_a_record_that_verifies_against_the_saved_page",
        "test_flags_override_the_page",
    ],
    "test_structure_estimators": [
        "test_scikit_learn_accepts_them",
        "test_shapes_of_targets_come_back",
        "test_text_names_columns_and_searches",
        "test_what_is_fitted_is_the_record",
    ],
    "test_structure_forged": [
        "test_a_large_penalty_excuses_no_gradient_and_no_curvature[100000000.0]",
        "test_a_plain_relu_may_end_at_a_kink",
        "test_a_point_where_the_risk_falls_is_not_stalled",
        "test_a_saddle_is_left_without_moving_what_is_frozen[1000000.0]",
        "test_how_training_ended_is_derived_where_nothing_was_found[StructureStatus.STALLED]",
        "test_how_training_ended_is_derived_where_nothing_was_found[StructureStatus.STATIONARY]",
        "test_the_first_row_is_the_start[risk]",
        "test_what_is_frozen_stands_where_it_started[frozen0]",
        "test_what_is_frozen_stands_where_it_started[frozen1]",
    ],
    "test_structure_parts": [
        "test_baselines_find_what_they_can_see",
        "test_even_links_are_invisible_to_sliced_inverse_regression",
    ],
    "test_structure_rounding": ["test_honest_records_of_data_with_nothing_to_forget_verify[1]"],
    "test_structure_several": [
        "test_a_record_of_several_outputs_verifies_and_no_changed_figure_does",
        "test_classes_of_a_table_are_said_and_columns_chosen",
        "test_references_of_several_outputs_are_minima",
        "test_two_writings_of_the_passes_agree_within_the_bounds",
    ],
    "test_structure_solve": [
        "test_a_divergent_step_keeps_the_best_point",
        "test_a_quadratic_student_forgets_a_quartic_teacher_whole",
        "test_an_interrupt_during_the_controls_keeps_the_run_and_drops_half_a_control",
        "test_hessian_descent_runs_on_small_networks",
        "test_irrelevant_directions_vanish_in_eight_dimensions",
        "test_plain_relu_has_no_bound",
        "test_stochastic_methods_learn_and_say_what_they_are",
        "test_the_same_bytes_from_one_core_and_from_two",
    ],
    "test_structure_trained": [
        "test_a_record_says_what_it_rests_on",
        "test_classes_and_several_outputs",
        "test_directions_that_are_found_are_those_of_the_weights",
        "test_inputs_that_pass_the_first_layer_by_are_refused",
        "test_one_network_has_one_certificate_whatever_trained_it",
        "test_sizes_do_not_depend_on_the_units_of_the_inputs",
        "test_weight_decay_alone_is_a_formula",
        "test_who_has_the_network_can_have_it_checked",
    ],
    "test_structure_trained_forged": [
        "test_a_bound_that_the_stored_digits_do_not_give_is_found_again",
        "test_a_network_with_a_first_layer_brings_it",
        "test_a_plain_function_does_not_show_its_first_layer",
        "test_directions_that_were_found_are_not_given",
        "test_every_figure_has_a_width_of_its_own",
        "test_kinks_are_seen_in_what_a_module_runs",
        "test_names_are_those_of_the_rows",
        "test_sizes_are_compared_where_their_squares_overflow",
    ],
    "test_tools_page": ["test_files_of_r", "test_the_answer_in_r"],
    "test_triangles": [
        "test_hundreds_of_complete_graphs",
        "test_the_bound_is_the_value_of_the_relaxation[10-0.9-reals]",
        "test_the_bound_is_the_value_of_the_relaxation[11-0.8-reals]",
    ],
    "test_turns": ["test_the_run_ends_where_cut_and_bound_meet[best]"],
    "test_types": ["test_a_program_of_a_user_passes_and_its_faults_are_found"],
    "test_warm_start": ["test_a_better_start_is_kept_and_searched_from"],
    "test_weighted": [
        "test_a_power_of_two_changes_no_side",
        "test_the_record_on_disk_verifies_and_its_chain_descends",
    ],
    "test_words": ["test_words_of_the_field_are_used[sources]"],
    "test_writing": [
        "test_a_full_standard_output_is_no_success[1]",
        "test_a_full_standard_output_is_no_success[]",
    ],
}

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
    "tests/certificates/test_second_verifier.py": "collection of records",
}
