"""Costly work is done once a call, counted and not timed: no stage of a verb repeats what another has done."""

from __future__ import annotations

from collections import Counter
from importlib import import_module

import numpy as np
import pytest
from click.testing import CliRunner
from tests.catalogue import SHORT, random_graph

import derandkit as dk
from derandkit.cli import main
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.proofs.cycles.bound import CycleRun
from derandkit.signs.relaxation.lowrank import LowRank
from derandkit.signs.values import expected_hyperplane_cut, semidefinite_value

GRAPH = random_graph(24, 0.4)
NUMBERS = np.random.default_rng(0)
GLASS = dk.QuadraticModel.from_ising(
    {}, {(i, j): float(NUMBERS.normal()) for i in range(24) for j in range(i)}
)
CLAUSES = (NUMBERS.choice([-1, 1], (200, 2)) * NUMBERS.integers(1, 40, (200, 2))).tolist()
ARCS = [(int(a), int(b)) for a, b in NUMBERS.integers(0, 30, (150, 2)) if a != b]

COMPARE = ["compare", "--methods", "lemma", "--rng", "0"]

VERBS = {
    "maxcut": lambda: dk.maxcut(GRAPH),
    "maxcut, everything": lambda: dk.maxcut(GRAPH, search=SHORT, bound="best"),
    "maxcut, constrained": lambda: dk.maxcut(GRAPH, fixed={0: 1}, solutions=2),
    "optimize, dense": lambda: dk.optimize(GLASS, search=SHORT),
    "optimize, cycles": lambda: dk.optimize(GLASS, search=SHORT, bound="cycle"),
    "max2sat": lambda: dk.max2sat(CLAUSES, search=SHORT),
    "maxdicut": lambda: dk.maxdicut(ARCS, search=SHORT),
    "frustration": lambda: dk.frustration(GRAPH, search=SHORT),
}


@pytest.fixture
def done(monkeypatch):
    """Counts of calls, by name."""
    count: Counter[str] = Counter()

    def counting(owner, name, key):
        real = getattr(owner, name)

        def counted(*arguments, **options):
            count[key] += 1
            return real(*arguments, **options)

        monkeypatch.setattr(owner, name, counted)

    counting(LowRank, "__init__", "relaxations")
    counting(WeightedGraph, "__init__", "graphs")
    counting(CycleRun, "__init__", "packings")
    for module, name in (
        ("derandkit.cuts.solve", "certify"),
        ("derandkit.signs.values", "edge_angles"),
        ("derandkit.signs.solve", "balanced_sides"),
        ("derandkit.graphs.files", "read_with"),
    ):
        counting(import_module(module), name, name)
    return count


@pytest.mark.parametrize("verb", VERBS)
def test_a_call_relaxes_and_certifies_once(done, verb):
    VERBS[verb]()
    assert done["relaxations"] <= 1
    assert done["certify"] == 1
    assert done["balanced_sides"] == 1
    assert done["packings"] <= 1


@pytest.mark.parametrize("method", ["lemma", "conditional"])
def test_the_start_takes_its_expectation_from_the_relaxation(done, method):
    """Value and expectation share the inner products of the edges, and are what either has alone."""
    dk.maxcut(GRAPH, bound="sdp", method=method)
    assert done["edge_angles"] == 0  # of the relaxation alone, which imports it by name
    graph, relaxed = dk.as_graph(GRAPH), dk.relax_cut(GRAPH)
    assert relaxed.value == semidefinite_value(graph, relaxed.vectors)
    assert relaxed.expectation == expected_hyperplane_cut(graph, relaxed.vectors)
    assert done["edge_angles"] == 2


def test_two_calls_relax_twice(done):
    """The counts can be more than one."""
    for _ in range(2):
        dk.maxcut(GRAPH, bound="sdp")
    assert (done["relaxations"], done["certify"]) == (2, 2)


def test_verify_takes_a_graph_as_it_is(done):
    result = dk.maxcut(GRAPH, bound="sdp")
    done.clear()
    assert dk.verify(result, GRAPH).ok
    assert done["graphs"] == 0


def test_the_command_line_reads_a_file_once_and_checks_what_it_has(done, tmp_path):
    target = tmp_path / "g.edgelist"
    target.write_text("".join(f"{i} {j}\n" for i, j, _ in zip(*GRAPH.edges(), strict=True)))
    for command in (["maxcut", "--bound", "sdp"], ["maxcut", "--bound", "cycle"], ["balance"], COMPARE):
        done.clear()
        outcome = CliRunner().invoke(main, [*command, str(target)])
        assert outcome.exit_code == 0, outcome.output
        assert done["read_with"] == 1, command


def test_compare_says_what_it_read_and_reads_each_of_several_files_once(done, tmp_path):
    files = [tmp_path / "a.edgelist", tmp_path / "b.edgelist"]
    for file in files:
        file.write_text("1 2\n2 3\n1 3\n")
    for quiet in ([], ["-q"]):
        done.clear()
        outcome = CliRunner().invoke(main, [*COMPARE, *quiet, *map(str, files)])
        assert outcome.exit_code == 0, outcome.output
        assert done["read_with"] == 2
        assert outcome.stderr.count("derandkit: read ") == (0 if quiet else 2)
