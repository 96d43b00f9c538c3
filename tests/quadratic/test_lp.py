"""QUBOs in the LP format: a quadratic objective of binary variables is read, everything else refused by its line."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.models.lp import lp_model

GUROBI = r"""\ Model projects
\ LP format - for model browsing
Minimize
  - 3 x1 + 2x2 + 7 + [ 4 x1 * x2 - 2 x1 ^2
  + 2.5e0 x2 * x3 ] / 2
Subject To
Bounds
 0 <= x1 <= 1
 x2 <= 1
Binaries
 x1 x2
 x3 x(4)
End
"""


def test_an_objective_is_what_the_format_says():
    model = lp_model(GUROBI, "m.lp")
    assert list(model.labels) == ["x(4)", "x1", "x2", "x3"]
    for x4, x1, x2, x3 in itertools.product((0, 1), repeat=4):
        value = -3 * x1 + 2 * x2 + 7 + (4 * x1 * x2 - 2 * x1**2 + 2.5 * x2 * x3) / 2
        assert model.value({"x1": x1, "x2": x2, "x3": x3, "x(4)": x4}) == value


def test_files_of_dimod_come_back(tmp_path: Path):
    dimod = pytest.importorskip("dimod")
    bqm = dimod.BinaryQuadraticModel({"a": 1, "b": -2, "c": 0}, {"ab": 3, "bc": -1.5}, 0.5, "BINARY")
    file = tmp_path / "m.lp"
    file.write_text(dimod.lp.dumps(dimod.ConstrainedQuadraticModel.from_bqm(bqm)))
    found = dk.read_model(file)
    assert found.model.digest == dk.QuadraticModel.from_dimod(bqm).digest
    assert found.reading == "LP file, linear terms and half of the bracket, minimized"
    assert dk.verify(dk.optimize(found.model), file).ok


def test_maximization_and_sections_on_one_line():
    model = lp_model("MAX obj: 3 x - 2 y - [ 8 x * y ]/2\nst\nbin x y\nend\n", "m.lp")
    assert (model.sense, model.value([1, 0]), model.value([1, 1])) == ("maximize", 3, -3)
    signs = lp_model("min\n - - x + - 2 * y\n- [ - 2 x*x ] / 2\nbinary\nx\ny\n", "m.lp")
    assert [signs.value([1, 0]), signs.value([0, 1])] == [2, -2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min\n obj: [ 4 x * y ]\nbin\nx y\nend\n", r":2: .*half of it, .* or all of it"),
        ("min\n obj: [ 4 x * y ] / 4\nbin\nx y\nend\n", r":2: divides"),
        ("Minimize\n x\nSubject To\n c: x + y <= 1\nBinaries\nx y\nEnd\n", r":4: has constraints"),
        ("Minimize\n x\nGeneral\nx\nEnd\n", r":4: has integer variables"),
        ("Minimize\n x + y\nBinaries\nx\nEnd\n", "'y' is not binary"),
        ("Minimize\n x + y\nBounds\n y <= 3\nBinaries\nx y\nEnd\n", r":4: bounds a variable otherwise"),
        ("Minimize\n x\nBounds\n x = 1\nBinaries\nx\nEnd\n", r":4: bounds a variable otherwise"),
        ("max\n [ 2 x * y * z ]/2\nbin\n x y z\n", r":2: has a term of degree 3"),
        ("max\n [ 2 x ^ 3 ]/2\nbin\n x\n", r":2: has a power other than 2"),
        ("max\n 2 x * y\nbin\n x y\n", r":2: has a product outside"),
        ("max\n 2 x y\nbin\n x y\n", r":2: expected \+ or - between two terms"),
        ("max\n x\nmin\n y\nbin\n x y\n", "two objectives"),
        ("max: 3x+2y;\nbin x;\n", "expected a section"),
        ("max\n 1\nend\n", "no binary variables"),
        ("max\n 1e400 x\nbin\nx\n", "too large for float64"),
    ],
)
def test_what_is_no_qubo_is_refused_by_its_line(tmp_path: Path, text: str, words: str):
    file = tmp_path / "m.lp"
    file.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        dk.read_model(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "above",
    ["Lazy Constraints", "lazy constraint", "User Cuts", "General Constraints", "INDICATOR CONSTRAINTS"],
)
@pytest.mark.parametrize("binaries_first", [True, False])
def test_constraints_under_any_name_are_refused(above, binaries_first):
    sections = ["Binaries\n x y\n", f"{above}\n c1: x + y <= 1\n"]
    text = "Minimize\n obj: - x - y\n" + "".join(sections if binaries_first else sections[::-1]) + "End\n"
    with pytest.raises(InputError, match="has lazy or general constraints, or cuts"):
        lp_model(text, "m.lp")


@pytest.mark.parametrize("row", ["x y c1: x", "x y + z", "x y <= 1", "x y 5", "x >= y"])
def test_what_is_no_name_of_a_variable_is_refused(row):
    with pytest.raises(InputError, match=r"m\.lp:4: expected names of binary variables"):
        lp_model(f"Minimize\n obj: - x - y\nBinaries\n {row}\nEnd\n", "m.lp")


@pytest.mark.parametrize("term", ["2 * - x", "2 * 3", "2 * + x", "2 *"])
def test_a_product_with_no_variable_is_refused(term):
    with pytest.raises(InputError, match=r"expected a variable behind '\*'"):
        lp_model(f"Minimize\n obj: {term} - y\nBinaries\n x y\nEnd\n", "m.lp")


@pytest.mark.parametrize("stated", ["minimize", "maximize"])
def test_another_sense_than_the_file_says_is_refused(stated, tmp_path):
    lp, qplib = tmp_path / "p.lp", tmp_path / "p.qplib"
    lp.write_text(f"{stated.title()}\n obj: x - 2 y\nBinaries\n x y\nEnd\n")
    qplib.write_text(f"P\nQBN\n{stated}\n2\n1\n2 1 3\n0\n0\n0\n0\n0\n")
    other = "maximize" if stated == "minimize" else "minimize"
    for file in (lp, qplib):
        found = dk.read_model(file, sense=stated)
        assert found.model.sense == dk.read_model(file).model.sense == stated
        with pytest.raises(InputError, match=f"says {stated}, and {other} is asked for"):
            dk.read_model(file, sense=other)
        turned = dk.QuadraticModel.from_arrays(
            *found.model.couplings.edges(), n=2, labels=found.model.labels, linear=found.model.linear,
            vartype="binary", sense=other,
        )  # fmt: skip
        with pytest.raises(InputError, match=f"says {stated}"):
            dk.verify(dk.optimize(turned), file)
