"""Examples of hypothesis are derived from the tests, not drawn: a run that was green stays green.

The default run takes a fourth of the examples that a test asks for. ``HYPOTHESIS_PROFILE=all`` takes all of them, as
``.ci/run`` does in its second leg; ``HYPOTHESIS_PROFILE=explore`` draws other ones, to look for counterexamples.

Programs that JAX has compiled are kept from run to run in ``.pytest_cache/jax``, as numba keeps its kernels: compiling
them was most of the time of the tests of structure. Each worker has a folder of its own, since JAX writes in place.

Tests that take most of the time are named here and get the mark `slow`: the default run leaves them out, and
``.ci/run`` runs them in a leg of its own. ``pytest -m "slow or not slow"`` runs every test.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

#: File -> tests, found with ``--durations``; with ``[...]`` only that case of the test.
SLOW = {
    "test_signals": [
        "test_a_signal_at_any_moment_ends_in_a_true_line",
        "test_two_processes_with_one_output_and_one_cold_cache_write_one_whole_record",
        "test_too_little_memory_is_one_line",
    ],
    "test_architecture": ["test_the_picture_of_the_lemma_is_what_the_code_does"],
    "test_branch": ["test_threads_and_hash_seeds_leave_no_trace", "test_hundreds_of_complete_graphs"],
    "test_certificates_rubbish": ["test_rubbish_anywhere_is_reported"],
    "test_cases": ["test_a_tree_of_cases_is_verified_in_a_record"],
    "test_flow": ["test_a_flow_that_decides_some_leaves_the_others_to_cycles"],
    "test_compare": ["test_rows_are_the_same_on_a_dask_cluster"],
    "test_cycles": [
        "test_thousands_of_dense_little_graphs_with_integer_weights",
        "test_no_cut_is_above_the_bound_and_no_bound_is_far_above_the_positive_weights",
    ],
    "test_determinism": [
        "test_another_process_with_two_threads_and_another_hash_seed",
        "test_blas_kernels_leave_no_trace",
    ],
    "test_docs": [
        "test_pages_show_what_the_commands_print[README.md-1]",
        "test_pages_show_what_the_commands_print[README.md-2]",
        "test_pages_show_what_the_commands_print[first-embedding.md-0]",
        "test_pages_show_what_the_commands_print[first-embedding.md-1]",
        "test_pages_show_what_the_commands_print[first-network.md-0]",
        "test_pages_show_what_the_commands_print[first-network.md-1]",
        "test_python_blocks_run_in_order[embeddings.md]",
        "test_python_blocks_run_in_order[draw.md]",
        "test_python_blocks_run_in_order[first-embedding.md]",
        "test_python_blocks_run_in_order[first-network.md]",
        "test_python_blocks_run_in_order[many-graphs.md]",
        "test_python_blocks_run_in_order[notebook.md]",
        "test_python_blocks_run_in_order[pipeline.md]",
        "test_python_blocks_run_in_order[prove.md]",
        "test_python_blocks_run_in_order[ten-seconds.md]",
        "test_python_blocks_run_in_order[branching.md]",
        "test_python_blocks_run_in_order[proofs.md]",
        "test_the_program_of_the_two_pages_checks_every_tree",
    ],
    "test_engine_edges": ["test_equal_bytes_whatever_the_hash_seed_and_threads"],
    "test_engine_parts": ["test_the_generic_engine_reaches_the_fast_paths_cut"],
    "test_graph": ["test_the_same_digest_whatever_the_hash_seed"],
    "test_io_text": ["test_tables_read_fast_and_read_carefully_are_equal"],
    "test_hostile_files": ["test_memory_is_bounded_without_a_limit_of_ones_own[bomb]"],
    "test_jl_certificate": [
        "test_rubbish_anywhere_ends_in_a_report",
        "test_schema_and_code_refuse_the_same_forms",
        "test_any_mutated_field_fails_with_its_name",
    ],
    "test_jl_embed": [
        "test_large_clouds_use_landmarks_and_an_active_set",
        "test_same_bytes_whatever_the_threads_and_the_hash_seed",
    ],
    "test_jl_hard": [
        "test_the_map_is_tame_on_new_points",
        "test_no_direction_is_stretched_more_than_stated",
        "test_the_estimate_is_that_of_other_points_of_the_same_kind",
    ],
    "test_cli_process": [
        "test_a_reader_that_goes_away_is_no_error[json]",
        "test_a_reader_that_goes_away_is_no_error[tsv]",
    ],
    "test_many": [
        "test_records_and_lines_are_those_of_single_runs_whoever_works",
        "test_a_dask_worker_that_dies_takes_one_task_with_it",
    ],
    "test_plots": ["test_the_same_picture_for_any_number_of_threads"],
    "test_search": [
        "test_a_run_ends_cold_however_slow_the_machine[1000000000000]",
        "test_maxcut_searches_on_from_the_derandomized_cut",
        "test_small_graphs_are_cut_optimally",
    ],
    "test_fuzz": [
        "test_many_awkward_clouds",
        "test_many_awkward_graphs",
        "test_what_passes_is_true_at_length",
    ],
    "test_second_verifier": [
        "test_the_names_are_those_of_the_collection",
        "test_both_agree_on_many_changed_records",
    ],
    "test_statements": [
        "test_every_check_of_every_record_is_in_the_table_and_every_row_is_met",
        "test_what_is_printed_of_old_records_is_in_the_table[structure-2-teacher.json]",
    ],
    "test_structure_auto": ["test_a_page_that_asks_for_auto_is_compared"],
    "test_structure_solve": [
        "test_irrelevant_directions_vanish_in_eight_dimensions",
        "test_stochastic_methods_learn_and_say_what_they_are",
        "test_a_quadratic_student_forgets_a_quartic_teacher_whole",
        "test_the_same_bytes_from_one_core_and_from_two",
    ],
    "test_triangles": ["test_hundreds_of_complete_graphs"],
}

_programs = (
    Path(__file__).parents[1] / ".pytest_cache" / "jax" / os.environ.get("PYTEST_XDIST_WORKER", "alone")
)
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_programs))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

# no deadlines: the first example of a test may compile a kernel, and machines are shared
STEADY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", derandomize=True, **STEADY)
settings.register_profile("all", derandomize=True, **STEADY)
settings.register_profile("explore", derandomize=False, **STEADY)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
settings.load_profile(PROFILE)

#: Hypothesis keeps the settings of a test here; a profile cannot lower a number that stands at a test.
SETTINGS = "_hypothesis_internal_use_settings"


def fewer(found: settings) -> settings:
    """Return the settings of a test for the quick leg: a fourth of the examples, ten at least."""
    return settings(found, max_examples=min(found.max_examples, max(10, found.max_examples // 4)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `SLOW` names, before the option ``-m`` looks at marks; take fewer examples in the quick leg."""
    if PROFILE == "quick":
        # a set: the cases of one parametrized test are one function
        for function in {getattr(item, "function", None) for item in items}:
            if hasattr(function, SETTINGS):
                setattr(function, SETTINGS, fewer(getattr(function, SETTINGS)))
    for item in items:
        named = SLOW.get(item.path.stem, ())
        if item.name in named or item.name.partition("[")[0] in named:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Let one worker run a file: what its tests share is then made once."""
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)
