"""Starts, fixed sides and pairs in the forms in which pandas holds them, and files that it writes of results."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.cuts.starts import read_start_file
from derandkit.errors import InputError
from derandkit.quadratic.given import read_solution

GRAPH = dk.as_graph(
    [("New York", "a,b"), ("a,b", 'q"x'), ('q"x', "New York"), ("c", "New York"), ("t\tu", "c")]
)
CUT = dk.maxcut(GRAPH)
FRAME, SERIES = CUT.to_frame(), CUT.to_series()
WRITTEN = {
    "table": lambda file: FRAME.to_csv(file, index=False),
    "table and numbers of rows": lambda file: FRAME.to_csv(file),
    "series": lambda file: SERIES.to_csv(file),
    "tabs": lambda file: FRAME.to_csv(file, index=False, sep="\t"),
    "tabs and numbers of rows": lambda file: FRAME.to_csv(file, sep="\t"),
    "semicolons": lambda file: FRAME.to_csv(file, index=False, sep=";"),
    "no header": lambda file: FRAME.to_csv(file, index=False, header=False),
    "signs": lambda file: FRAME.assign(side=1 - 2 * FRAME.side).to_csv(file, index=False),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_pandas_writes_of_a_cut_is_a_start(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "s.csv"
    WRITTEN[kind](file)
    found = read_start_file(GRAPH, file)
    wanted = {label: 1 - 2 * side for label, side in CUT.sides.items()} if kind == "signs" else CUT.sides
    assert found == wanted


def test_the_command_line_starts_from_csv(tmp_path: Path) -> None:
    graph, start = tmp_path / "g.txt", tmp_path / "s.csv"
    graph.write_text("a b\nb c\nc a\nc d\n")
    result = dk.maxcut(dk.read_graph(graph))
    result.to_frame().to_csv(start, index=False)
    done = CliRunner().invoke(main, ["maxcut", str(graph), "--start", str(start), "--search", "none"])
    assert done.exit_code == 0, done.output
    for text, line in (
        ("node,side\na,0\nz,1\n", 3),
        ("node,side\na,2\n", 2),
        ("a,0\nb\n", 1),
        ("node,side\na,0,1\n", 2),
    ):
        start.write_text(text)
        done = CliRunner().invoke(main, ["maxcut", str(graph), "--start", str(start)])
        said = f"s.csv:{line}: " in done.stderr and "is not a vertex" in done.stderr
        assert (done.exit_code, said) == (2, True), text


def test_what_pandas_writes_of_a_solution_is_a_start(tmp_path: Path) -> None:
    result = dk.minimize_ising({"a, b": 1}, {("a, b", "c"): 2, ("c", "d"): -1})
    file = tmp_path / "s.csv"
    for write in (
        lambda: result.to_frame().to_csv(file, index=False),
        lambda: result.to_frame().to_csv(file),
        lambda: result.to_series().to_csv(file),
        lambda: result.to_frame().to_csv(file, index=False, sep="\t"),
    ):
        write()
        assert read_solution(result.labels, file) == result.solution


def test_series_and_frames_say_what_a_cut_obeys() -> None:
    graph = nx.cycle_graph(4)
    wanted = dk.maxcut(graph, fixed={0: 1, 2: 0}, pairs=[(1, 3, "same"), (0, 1, "opposite")])
    fixed = pd.Series({0: 1, 2: 0})
    pairs = pd.DataFrame({"u": [1, 0], "v": [3, 1], "kind": ["same", "opposite"]})
    for one in (fixed, fixed.rename_axis("node").reset_index(name="side"), fixed.to_frame("side")):
        assert dk.maxcut(graph, fixed=one, pairs=pairs).to_json() == wanted.to_json()
    with pytest.raises(InputError, match=r'a pair is \(u, v, "same"\)'):
        dk.maxcut(graph, pairs=pairs[["u", "v"]])
    with pytest.raises(InputError, match="relation of 1 and 3"):
        dk.maxcut(graph, pairs=pairs.assign(kind="near"))
    with pytest.raises(InputError, match="fixed is a mapping"):
        dk.maxcut(nx.relabel_nodes(graph, str), fixed=pd.Series([0, 1]))
    bits = dk.minimize_qubo({("x", "y"): 2, ("y", "y"): -1}, fixed=pd.Series({"y": 0}))
    assert bits.solution["y"] == 0


def test_a_frame_whose_index_names_the_vertices_is_a_start() -> None:
    for start in (FRAME.set_index("node"), FRAME.set_index("node")[::-1], SERIES.to_frame()):
        assert dk.maxcut(GRAPH, start=start, search=None).cut_value == CUT.cut_value
    with pytest.raises(InputError, match="leaves out vertex"):
        dk.maxcut(GRAPH, start=FRAME.set_index("node").iloc[1:])


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffa\t0\nb\t1\nc\t0\n", '"a"\t0\n"b"\t1\n"c"\t0\n', "# a cut\n# of three\na\t0\nb\t1\nc\t0\n",
        "\ufeffnode,side\na,0\nb,1\nc,0\n", '"a" 0\n"b" 1\n"c" 0\n', "# x\r\na,0\r\nb,1\r\nc,0\r\n",
    ],
)  # fmt: skip
def test_files_of_other_tools(tmp_path, text):
    graph = dk.as_graph([("a", "b"), ("b", "c")])
    file = tmp_path / "cut.tsv"
    file.write_bytes(text.encode())
    assert read_start_file(graph, file) == {"a": 0, "b": 1, "c": 0}


def test_a_label_may_begin_like_a_comment(tmp_path):
    graph = dk.as_graph([("# a", "b")])
    file = tmp_path / "cut.tsv"
    file.write_text("# a\t0\nb\t1\n", encoding="utf-8")
    assert read_start_file(graph, file) == {"# a": 0, "b": 1}


def test_a_line_that_does_not_fit_is_shown(tmp_path):
    graph = dk.as_graph([("a", "b"), ("b", "c")])
    file = tmp_path / "cut.tsv"
    file.write_text("a\t0\t0\nb\t1\t0\n", encoding="utf-8")
    with pytest.raises(InputError, match=r":1: 'a\\t0 0' is the sides of several cuts"):
        read_start_file(graph, file)
    file.write_text("a\t0\nz\t1\n", encoding="utf-8")
    with pytest.raises(InputError, match=":2: 'z 1' is not a vertex of the graph and its side"):
        read_start_file(graph, file)


@pytest.mark.parametrize("label", ["a\u2028b", "a\r\nb", "a\x0bb", "a\nb"])
def test_breaks_of_lines_within_quoted_labels_stay(tmp_path, label):
    graph = dk.as_graph([(label, "c"), ("c", "d")])
    file = tmp_path / "cut.csv"
    dk.maxcut(graph).to_frame().to_csv(file, index=False)
    assert set(read_start_file(graph, file)) == {label, "c", "d"}


@pytest.mark.parametrize("seed", [0, 1])
def test_a_cut_that_networkx_returns_beside_its_value(seed):
    G = nx.cycle_graph(6)
    pair = nx.approximation.one_exchange(G, seed=seed)
    with pytest.raises(InputError, match=r"pass the solution alone, the item \[1\] of the pair"):
        dk.maxcut(G, start=pair)
    assert dk.maxcut(G, start=pair[1]).cut_value == 6


def test_solutions_that_solvers_wrap():
    Q = {("a", "a"): -1, ("a", "b"): 2, ("b", "b"): 1}
    for start in (([1, 0], -1.0), ({"a": 1, "b": 0}, -1), (np.array([1, 0]), np.float64(-1))):
        with pytest.raises(InputError, match=r"the item \[0\] of the pair"):
            dk.minimize_qubo(Q, start=start)
        assert dk.minimize_qubo(Q, start=start[0]).value == -1
    with pytest.raises(InputError, match=r"the item \[1\] of the pair"):
        dk.max2sat([(1, -2), (2, 3)], start=(3, [1, -2, 3]))
    with pytest.raises(InputError, match=r"pass dict\(...\) of them"):
        dk.maxcut(nx.path_graph(3), start=[(0, 1), (1, 0), (2, 1)])
    with pytest.raises(InputError, match="got set"):
        dk.minimize_qubo(Q, start={"a"})
    with pytest.raises(InputError, match="are not numbers"):
        dk.minimize_qubo(Q, start=[[1, 0], [1]])


def test_sample_sets_hold_several_solutions():
    dimod = pytest.importorskip("dimod")
    model = dimod.BinaryQuadraticModel({"a": -1, "b": 1}, {("a", "b"): 2}, 0, "BINARY")
    found = dimod.ExactSolver().sample(model)
    with pytest.raises(InputError, match=r"pass \.first\.sample"):
        dk.minimize_qubo(model, start=found)
    with pytest.raises(InputError, match=r"pass \.sample"):
        dk.minimize_qubo(model, start=found.first)
    assert dk.minimize_qubo(model, start=found.first.sample).value == -1
