"""The example package: formulas, the promise, forged records, the reader, and its registration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit as dk
from kept_pairs import PAIRS, PairMean, check, fit
from kept_pairs.__main__ import main

HERE = Path(__file__).parent
POINTS = {f"p{i}": tuple(float(x) for x in np.sin(np.arange(8) * (i + 1.5) ** 2)) for i in range(20)}
FRIENDS = "\n".join(f"p{i}: p{(i + 1) % 20}*{1 + i % 3}, p{(7 * i + 3) % 20}" for i in range(0, 20, 2))
GRAPH = dk.as_graph({(f"p{i}", f"p{i + step}"): 1 + i % 4 for step in (1, 5) for i in range(20 - step)})


def example(k=3):
    rng = np.random.default_rng(5)
    units = rng.normal(size=(7, 4))
    units /= np.linalg.norm(units, axis=1)[:, None]
    return PairMean(units, rng.uniform(0.5, 2.0, size=7), k)


@pytest.mark.parametrize("spread", [0.1, 0.4, 1.3])
def test_the_derivatives_are_those_of_the_value(spread):
    objective = example()
    mean = np.sin(np.arange(objective.dimension))
    assert dk.check_objective(objective, dk.GaussianSampler(mean, spread)).ok


def test_the_value_is_the_expectation():
    """Gauss-Hermite nodes integrate a polynomial of degree four exactly."""
    objective = PairMean(np.array([[0.6, 0.8]]), np.ones(1), 1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    M, sigma = np.array([0.3, -1.1]), 0.7
    total = sum(
        a * b * ((0.6 * (M[0] + sigma * x) + 0.8 * (M[1] + sigma * y)) ** 2 - 1) ** 2
        for x, a in zip(nodes, weights)
        for y, b in zip(nodes, weights)
    ) / (2 * np.pi)
    assert objective.value(dk.GaussianSampler(M, sigma)) == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_dice_promise_two_over_k_for_any_pairs(k):
    objective = example(k)
    assert objective.value(objective.start()) == pytest.approx(2 / k)


def test_the_map_keeps_its_promise_and_its_record_holds():
    result = fit(POINTS, GRAPH, 4)
    assert result.mean < 0.1 * result.promise
    assert all(check(result.record, POINTS, GRAPH).values())
    assert json.dumps(result.record) == json.dumps(fit(POINTS, GRAPH, 4).record)  # nothing is random


FORGERIES = {
    "mean": lambda r: {**r, "mean": r["mean"] * (1 - 1e-15)},
    "promise": lambda r: {**r, "promise": 0.5 * r["promise"]},
    "pairs": lambda r: {**r, "pairs": "0" * 64},
    "kept": lambda r: {**r, "map": [[0.0] * 8, [2.0] * 8], "promise": 1.0},
    "form": lambda r: {**r, "map": []},
}


@pytest.mark.parametrize("statement", FORGERIES)
def test_a_forged_record_is_refused_by_name(statement):
    record = fit(POINTS, GRAPH, 2).record
    holds = check(FORGERIES[statement](record), POINTS, GRAPH)
    assert not holds[statement]


@given(st.dictionaries(
    st.sampled_from([(a, b) for a in range(6) for b in range(a)]), st.integers(1, 9), min_size=1))  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_what_is_written_is_read(pairs):
    text = "\n".join(f"v{a}: v{b}*{w}" for (a, b), w in pairs.items())
    graph = PAIRS.read(text.encode(), "x.pairs")
    assert graph.digest == dk.as_graph({(f"v{a}", f"v{b}"): w for (a, b), w in pairs.items()}).digest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ann Bob", "there is no colon"),
        ("Ann: Bob*x", "no friend with a whole weight"),
        ("A: B\nB: A", "twice"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path, text, words):
    file = tmp_path / "x.pairs"
    file.write_text(text)
    with pytest.raises(dk.InputError, match=rf"x\.pairs:\d: .*{words}"):
        dk.read_graph(file, input_format=PAIRS)


def test_the_command_says_what_it_did(tmp_path, capsys):
    (tmp_path / "points.csv").write_text("\n".join(",".join(map(str, (p, *x))) for p, x in POINTS.items()))
    (tmp_path / "friends.pairs").write_text(FRIENDS)
    call = [str(tmp_path / "points.csv"), str(tmp_path / "friends.pairs")]
    assert main([*call, "-k", "3", "-o", str(tmp_path / "map.json")]) == 0
    assert main([*call, "--check", str(tmp_path / "map.json")]) == 0
    assert "FAILED" not in capsys.readouterr().out
    record = json.loads((tmp_path / "map.json").read_text())
    (tmp_path / "map.json").write_text(json.dumps({**record, "mean": 0.0}))
    assert main([*call, "--check", str(tmp_path / "map.json")]) == 1
    assert "FAILED  mean" in capsys.readouterr().out
    (tmp_path / "friends.pairs").write_text("p1: p2, Zoe")
    assert main(call) == 2
    assert capsys.readouterr().err == f"kept-pairs: {tmp_path / 'friends.pairs'}: Zoe has no point\n"


@pytest.mark.slow
def test_an_installed_package_reads_its_files_on_the_command_line(tmp_path):
    """The entry point of ``pyproject.toml``, as an installer writes it."""
    points = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]["entry-points"]
    installed = tmp_path / "kept_pairs-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: kept-pairs\nVersion: 0.1.0\n")
    (installed / "entry_points.txt").write_text(
        "".join(
            f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items())
            for group, names in points.items()
        )
    )
    (tmp_path / "friends.pairs").write_text(FRIENDS)
    (tmp_path / "friends.txt").write_text(FRIENDS)
    package = Path(dk.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (tmp_path, HERE, package)))}

    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "derandkit", *words], cwd=tmp_path, env=environment, capture_output=True, text=True
        )  # fmt: skip

    cut = run("maxcut", "friends.pairs", "-o", "cut.json")
    assert cut.returncode == 0, cut.stderr
    assert "list of pairs (reader 'pairs' of kept-pairs)" in cut.stderr
    assert run("verify", "cut.json", "friends.pairs").returncode == 0
    named = run("verify", "cut.json", "friends.txt", "--input-format", "pairs")
    assert named.returncode == 0, named.stderr + named.stdout
    refused = run("maxcut", "friends.pairs", "--symmetrize", "sum")
    assert refused.returncode == 2
    assert "the reader 'pairs' has no option for symmetrize" in refused.stderr


def test_the_check_uses_the_stored_numbers_exactly():
    points = {"a": (0.0, 0.0), "b": (0.1, 0.0)}
    graph = dk.as_graph([("a", "b")])
    record = {
        "schema": "kept-pairs",
        "version": 1,
        "pairs": graph.digest,
        "map": [[1.0, 0.0]],
        "mean": 0.0,
        "promise": 2.0,
    }
    assert all(check(record, points, graph).values())
    r = Fraction(1.0000000000000002) ** 2
    wide = {**record, "map": [[1.0000000000000002, 0.0]], "mean": float((r - 1) ** 2)}
    assert all(check(wide, points, graph).values())
    assert not check({**wide, "mean": 0.0}, points, graph)["mean"]


BAD_POINTS = {
    "p0,1\np1,2\np1,3\n": "'p1' is there twice",
    "p0,1\np1,1_0\n": "'p1' has '1_0'",
    "p0,1\np1,\u0663\n": "where a number belongs",
    "p0,1\np1,nan\n": "where a number belongs",
    "p0,1\np1,1e999\n": "finite",
    "p0,1e-200\np1,-1e-200\n": "nearer than doubles can say",
    "p0\np1\n": "equally many numbers",
    'p0,1\n"p1,2\n': "no CSV file",
    "": "equally many numbers",
}


@pytest.mark.parametrize("text", BAD_POINTS, ids=range(len(BAD_POINTS)))
def test_points_that_cannot_be_used_are_refused_in_one_line(tmp_path, capsys, text):
    points, pairs = tmp_path / "points.csv", tmp_path / "friends.pairs"
    points.write_text(text, encoding="utf-8")
    pairs.write_text("p0: p1")
    assert main([str(points), str(pairs)]) == 2
    said = capsys.readouterr().err
    assert BAD_POINTS[text] in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "line", [": Bob", "Ann: Ann", "Ann: Bob*\u0663", f"Ann: Bob*{'9' * 5000}", "Ann: Bob*1_0"]
)
def test_lines_of_pairs_that_say_nothing_certain_are_refused(line):
    with pytest.raises(dk.InputError, match=r"x\.pairs:1"):
        PAIRS.read(line.encode(), "x.pairs")


@pytest.mark.parametrize("k", ["0", "-1", "1000000000"])
def test_a_map_has_some_dimensions(tmp_path, capsys, k):
    points, pairs = tmp_path / "points.csv", tmp_path / "friends.pairs"
    points.write_text("p0,1\np1,2\n")
    pairs.write_text("p0: p1")
    assert main([str(points), str(pairs), "-k", k]) == 2
    assert "1 to 10000 dimensions" in capsys.readouterr().err


def test_records_of_other_types_or_without_bounds_are_refused(tmp_path, capsys):
    record = fit(POINTS, GRAPH, 2).record
    assert check({**record, "version": True}, POINTS, GRAPH) == {"form": False}
    assert check({**record, "map": [[1e300] * 8] * 2}, POINTS, GRAPH) == {"form": False}
    points, pairs, deep = tmp_path / "points.csv", tmp_path / "friends.pairs", tmp_path / "deep.json"
    points.write_text("p0,1\np1,2\n")
    pairs.write_text("p0: p1")
    deep.write_text("[" * 100_000)
    assert main([str(points), str(pairs), "--check", str(deep)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
