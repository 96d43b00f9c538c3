"""Names, files and objects: every call takes the same, says what it took, and the command line has the options."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.datasets import gset
from derandkit.errors import InputError
from derandkit.graphs.formats import FORMATS, TABLE, promised_format


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def test_benchmark_names_are_instances(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert dk.as_graph("G11").digest == gset("G11").digest
    assert str(dk.as_graph("g11").reading) == "benchmark graph G11"
    outcome = run("maxcut", "G11", "--unweighted", "--duality-gap", "0.1", "-o", "out.json")
    assert outcome.exit_code == 0
    assert outcome.stderr == "derandkit: read G11 as benchmark graph G11\n"
    assert run("verify", "out.json", "G11", "--unweighted").exit_code == 0
    assert dk.verify("out.json", "G11", weight=None).ok
    with pytest.raises(InputError, match="G999"):
        dk.as_graph("G999")
    (tmp_path / "G11").write_text("3 2\n1 2 5\n2 3 6\n")
    graph = dk.as_graph("G11")
    assert graph.n == 3
    assert "not the benchmark graph of that name" in graph.reading.remarks[0]
    assert "not the benchmark graph" in run("maxcut", "G11").stderr


def test_relax_and_search_take_what_maxcut_takes():
    petersen = nx.petersen_graph()
    assert round(dk.relax_cut(petersen).value, 6) == 12.5
    found = dk.search_cut({(0, 1): 5, (1, 2): -3, (0, 2): 2}, np.array([1, 1, 1], dtype=np.int8))
    assert dk.as_graph({(0, 1): 5, (1, 2): -3, (0, 2): 2}).cut_value(found.signs) == 7
    with pytest.raises(InputError, match="as_graph reads graphs"):
        dk.WeightedGraph(petersen, None, None, None, True)
    with pytest.raises(InputError, match="must be a positive number, got 'small'"):
        dk.relax_cut(petersen, duality_gap="small")


@pytest.mark.parametrize("options", [["--header"], ["--separator", "semicolon"], ["--comments", "none"]])
def test_options_reach_the_reader(tmp_path, options):
    texts = {
        "--header": "person,friend\nA,B\nB,C\nA,C\n",
        "--separator": "a;b;1\nb;c;1\na;c;1\n",
        "--comments": "python #ml 1\n#ml #ai 1\n#ai python 1\n",
    }
    (tmp_path / "g").write_text(texts[options[0]])
    outcome = run("maxcut", tmp_path / "g", *options)
    assert outcome.exit_code == 0
    assert outcome.stdout.startswith("cut          2 (exact, proven optimal)")


def test_symmetrize_and_what_is_said(tmp_path):
    nx.write_graphml(nx.DiGraph([("a", "b", {"value": 2}), ("b", "a", {"value": 3})]), tmp_path / "g.graphml")
    refused = run("maxcut", tmp_path / "g.graphml")
    assert refused.exit_code == 2
    assert "--symmetrize" in refused.stderr
    outcome = run("maxcut", tmp_path / "g.graphml", "--symmetrize", "sum")
    assert outcome.stderr.splitlines() == [
        f"derandkit: read {tmp_path / 'g.graphml'} as GraphML file, weights from 'value'",
        "derandkit: no edge has an attribute 'weight'; the weights are those of 'value'",
        "derandkit: the weight of an edge is the sum of both directions",
    ]
    assert "proven optimal" in outcome.stdout
    quiet = run("maxcut", "-q", tmp_path / "g.graphml", "--symmetrize", "sum")
    assert len(quiet.stderr.splitlines()) == 2


def test_several_graphs_take_names_and_options(tmp_path):
    (tmp_path / "g.csv").write_text("u;v\nA;B\nB;C\n")
    outcome = run(
        "maxcut", "G11", tmp_path / "g.csv", "--duality-gap", "0.1", "--workers", "1", "--separator", ";"
    )
    assert outcome.exit_code == 0, outcome.stderr
    assert [line.partition(":")[0] for line in outcome.stdout.splitlines()] == [
        "G11",
        str(tmp_path / "g.csv"),
    ]


def test_one_table_of_formats():
    help_text = run("maxcut", "--help").output.replace("\n", "").replace(" ", "")
    for name in FORMATS:
        assert name in help_text
    for name, entry in TABLE.items():
        for end in entry.extensions:
            assert promised_format(f"x{end}.gz") == name


@pytest.mark.parametrize("weight", ["1e300", "1e160", "1e-200", "1e-300"])
def test_weights_far_from_one(tmp_path, weight):
    file = tmp_path / "g"
    file.write_text(f"a b {weight}\nb c {weight}\na c {weight}\n")
    outcome = run("maxcut", file, "-o", tmp_path / "out.json")
    assert outcome.exit_code == 0, outcome.stderr
    result = dk.load(tmp_path / "out.json", file)
    assert result.cut_value == 2 * float(weight)
    assert result.cut_value <= result.upper_bound <= 3 * float(weight) * (1 + 1e-12)
    assert run("verify", tmp_path / "out.json", file).exit_code == 0
