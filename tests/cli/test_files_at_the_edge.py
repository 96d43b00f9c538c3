"""Files and options at the edge of what is read: one line and exit code 2, or an answer."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import proven_bound
from derandkit.cli import main
from derandkit.graphs.files import read_graph


def call(*words: object, given: str | None = None):
    return CliRunner().invoke(main, [str(word) for word in words], input=given)


@pytest.mark.parametrize("sign", ["\v", "\f"])
@pytest.mark.parametrize("text", ["1 2\n1 3\n\n{}\n", "{}\n\n1 2\n1 3\n2 3\n", "1 2\n\n{}\n2 3\n"])
def test_a_page_break_alone_on_a_line_is_a_blank_line(tmp_path, sign, text):
    """It ended in an IndexError, in every verb that reads graphs."""
    file = tmp_path / "g.edgelist"
    file.write_text(text.format(sign))
    plain = tmp_path / "plain.edgelist"
    plain.write_text(text.replace("{}\n", ""))
    ended = call("maxcut", file)
    assert ended.exit_code in (0, 2)
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
    if ended.exit_code == 0:
        assert read_graph(file).digest == read_graph(plain).digest


@pytest.mark.parametrize("points", ["0\n1e5\n1e-320\n", "0 0\n1e297 0\n1e-27 0\n"])
def test_a_distance_below_all_doubles_is_no_division_by_zero(tmp_path, points):
    """Beside the largest distance the smallest one is 0; the kernel divided by it."""
    file, record = tmp_path / "p.csv", tmp_path / "r.json"
    file.write_text(points)
    ended = call("embed", file, "-k", "1", "-o", record)
    assert ended.exit_code == 0, ended.output
    assert call("verify", record, file).exit_code == 0


def test_pairs_that_cannot_be_distinguished_are_refused_whatever_their_distance():
    X = np.array([[0.0, 0.0], [1e297, 0.0], [1e-27, 2e-27], [3e-320, 1e-320]])
    with pytest.raises(dk.InputError, match="row 1 lies so far from the others"):
        dk.embed(X, n_components=1)


@pytest.mark.parametrize("size", [3 * 10**18, 9 * 10**18])
@pytest.mark.parametrize("name", ["nodes", "evaluation_nodes"])
def test_more_nodes_than_memory_holds_are_refused_in_one_line(tmp_path, size, name):
    """3e18 of them ended in a ValueError of SciPy."""
    file = tmp_path / "d.toml"
    file.write_text(f'[teacher]\nlink = "tanh"\ndimension = 4\n{name} = {size}\n')
    ended = call("structure", file)
    assert ended.exit_code == 2
    assert "Sobol points take more than any memory" in ended.output
    assert ended.output.count("\n") == 1


def test_a_header_of_python_2_prints_no_warning(tmp_path):
    """Three lines stood above the refusal."""
    table = np.ones((9, 4))
    table[0, 0] = np.nan
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (9L, 4L), }"
    head += b" " * ((64 - (10 + len(head) + 1) % 64) % 64) + b"\n"
    file = tmp_path / "old.npy"
    file.write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + table.tobytes())
    ran = subprocess.run(
        [sys.executable, "-m", "derandkit", "embed", str(file), "-k", "2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert "NaN" in ran.stderr
    with pytest.raises(dk.InputError, match="NaN"):
        dk.sample_rows(str(file), 4)


def test_an_empty_npy_file_is_refused_where_its_rows_are_mapped(tmp_path):
    """It ended in an EOFError."""
    file = tmp_path / "empty.npy"
    file.write_bytes(b"")
    with pytest.raises(dk.InputError, match=r"cannot be mapped as a \.npy file"):
        dk.sample_rows(str(file), 4)


def test_what_balance_refuses_has_one_line(tmp_path):
    """Remarks on the graph stood above the refusal of the problem."""
    file = tmp_path / "g.edgelist"
    file.write_text("0 1 1\n1 2 1\n0 1 -1\n")
    ended = call("balance", file)
    assert ended.exit_code == 2
    assert ended.output.count("\n") == 1
    file.write_text("0 1 1\n1 2 1\n0 2 -1\n")
    assert "read" in call("balance", file).output


@pytest.mark.parametrize("option", ["--output", "--report", "--plot"])
def test_an_output_without_a_name_is_refused_before_the_work(tmp_path, option):
    file = tmp_path / "g.edgelist"
    file.write_text("0 1\n1 2\n")
    ended = call("maxcut", file, option, "")
    assert ended.exit_code == 2
    assert ended.output.count("\n") == 1
    assert "the name of the file to write is empty" in ended.output


@pytest.mark.parametrize("first", [True, 1.0])
@pytest.mark.parametrize("kind", ["branch", "eliminate"])
def test_a_vertex_of_a_proof_is_a_whole_number_by_type(first, kind):
    """True and 1.0 are keys of a dictionary like 1."""

    def proof(vertex):
        rest = {"kind": "positive"}
        if kind == "branch":
            return {"kind": kind, "pair": [vertex, 2], "same": rest, "opposite": rest}
        return {"kind": kind, "vertices": [vertex], "then": rest}

    def triangle():
        return ExactGraph.from_edges(3, [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0)])

    assert isinstance(proven_bound(triangle(), proof(1)), Fraction)
    with pytest.raises(ValueError, match="not a list of integers"):
        proven_bound(triangle(), proof(first))
