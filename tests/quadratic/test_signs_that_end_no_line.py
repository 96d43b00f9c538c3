"""Only line feeds and carriage returns end a line: what stands behind a form feed in a comment is part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import derandkit as dk
from derandkit.signs.listed import labelled_lines
from derandkit.words.quoting import one_field

#: Signs at which `str.splitlines` ends a line.
SIGNS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
#: Files of which the comment holds what would be a line of data.
FILES = {
    "q.coo": "# vartype=BINARY\n0 0 3\n1 1 -1\n# x@0 0 -9\n",
    "q.qubo": "p qubo 0 2 2 0\n0 0 3\n1 1 -1\nc x@0 0 -9\n",
    "q.lp": "Minimize\n obj: 3 x + 2 y \\ note@ - 9 x\nBinary\n x y\nEnd\n",
    "q.csv": "1,2\n2,-3\n# x@4,5\n",
}


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
@pytest.mark.parametrize("name", FILES)
def test_models(name: str, sign: str, tmp_path: Path) -> None:
    file = tmp_path / name
    found = []
    for mark in (" ", sign):
        file.write_bytes(FILES[name].replace("@", mark).encode())
        found.append(dk.read_model(file).model)
    one, other = found
    assert one.digest == other.digest


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_clauses(sign: str, tmp_path: Path) -> None:
    for name, text in (
        ("c.wcnf", "3 1 0\n2 -1 0\nc note@h 1 0\n"),
        ("c.cnf", "c note@p cnf 1 1\np cnf 2 2\n1 2 0\n-1 0\n"),
    ):
        file = tmp_path / name
        file.write_bytes(text.replace("@", sign).encode())
        found = dk.read_clauses(file)
        assert (found.m, found.hard.any()) == (2, False)


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_points(sign: str, tmp_path: Path) -> None:
    file = tmp_path / "w.csv"
    file.write_bytes(f"1,2\n# c{sign}3,4\n5,7\n1,0\n9,1\n".encode())
    assert dk.read_points(file).n_points == 4


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_starts(sign: str) -> None:
    label = one_field(f"a{sign}b")  # as the labels of the graph are compared with it
    for text in (f'node,side\n"a{sign}b",0\nc,1\n', f"{label} 0\nc 1\n"):
        assert [name for _, name, _ in labelled_lines(text)] == [label, "c"]
