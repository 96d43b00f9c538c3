"""Vertices and variables that a few bytes claim, and no line names, are refused before they take time or memory."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scipy.sparse as sp
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.errors import InputError

N = 10**7
FILES = {
    "maxcut g.rudy": f"{N} 1\n1 2 1\n",
    "balance g.rudy": f"{N} 1\n1 2 1\n",
    "maxcut g.mtx": f"%%MatrixMarket matrix coordinate real symmetric\n{N} {N} 1\n2 1 1\n",
    "maxcut g.col": f"p edge {N} 1\ne 1 2\n",
    "maxcut g.net": f"*Vertices {N}\n*Edges\n1 2\n",
    "max2sat c.cnf": f"p cnf {N} 2\n1 2 0\n-1 2 0\n",
    "qubo q.qubo": f"p qubo 0 {N} 1 1\n0 0 -1\n1 2 1\n",
    "qubo q.mtx": f"%%MatrixMarket matrix coordinate real symmetric\n{N} {N} 1\n2 1 1\n",
    "qubo q.qplib": f"P\nQBN\nminimize\n{N}\n0\n0\n0\n0\n",
    "qubo q.sparse": f"{N} 1\n1 2 1\n",
}


@pytest.mark.parametrize("line", FILES)
def test_files(line, tmp_path):
    verb, name = line.split()
    (tmp_path / name).write_text(FILES[line])
    done = CliRunner().invoke(main, [verb, str(tmp_path / name)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert re.search(
        rf"of {N} (vertices|variables), of which .* at most .*DERANDKIT_MAX_BYTES to \d+ or more$",
        done.stderr,
    )


def test_objects_and_what_may_be_raised(monkeypatch):
    matrix = sp.coo_array(([1.0], ([0], [1])), shape=(N, N))
    with pytest.raises(InputError, match="variables, of which 1 line names at most 2"):
        dk.QuadraticModel.from_qubo(matrix)
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "20000")
    small = sp.coo_array(([1.0], ([0], [1])), shape=(40, 40))
    with pytest.raises(InputError, match="DERANDKIT_MAX_BYTES to 163840 or more"):
        dk.QuadraticModel.from_qubo(small)
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "163840")
    assert dk.QuadraticModel.from_qubo(small).n == 40


def test_orders_with_as_many_terms_are_read(monkeypatch, tmp_path):
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "20000")
    file = tmp_path / "g.rudy"
    file.write_text("400 26\n" + "".join(f"{k} {k + 1} 1\n" for k in range(1, 27)))
    assert dk.read_graph(file).n == 400
    assert dk.QuadraticModel.from_qubo(np.eye(40)).n == 40
