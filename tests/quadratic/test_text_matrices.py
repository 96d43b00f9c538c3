"""A matrix Q in text is read as NumPy, pandas, R and spreadsheets write it; what fits terms too is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

Q = np.triu(np.random.default_rng(3).integers(-5, 6, (5, 5)))
NAMES = list("vwxyz")
FRAME = pd.DataFrame(Q, columns=NAMES, index=NAMES)

WRITERS = {
    "savetxt blanks": lambda file: np.savetxt(file, Q, fmt="%d"),
    "savetxt commas": lambda file: np.savetxt(file, Q, delimiter=","),
    "to_csv of numbers": lambda file: pd.DataFrame(Q).to_csv(file),
    "to_csv of numbers, no index": lambda file: pd.DataFrame(Q).to_csv(file, index=False),
    "to_csv without header": lambda file: pd.DataFrame(Q).to_csv(file, index=False, header=False),
}
NAMED = {
    "to_csv": lambda file: FRAME.to_csv(file),
    "to_csv, no index": lambda file: FRAME.to_csv(file, index=False),
    "tabs": lambda file: FRAME.to_csv(file, sep="\t"),
    "semicolons": lambda file: FRAME.astype(float).to_csv(file, sep=";", decimal=","),
    "index with a name": lambda file: FRAME.rename_axis("bit").to_csv(file),
    "write.table of R": lambda file: Path(file).write_text(
        " ".join(f'"{name}"' for name in NAMES)
        + "\n"
        + "".join(
            f'"{name}" {" ".join(map(str, row))}\n' for name, row in zip(NAMES, Q.tolist(), strict=True)
        )
    ),
    "UTF-16 of a spreadsheet": lambda file: FRAME.to_csv(file, sep="\t", encoding="utf-16"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_matrices_without_names_are_those_of_npy(tmp_path: Path, writer: str):
    file = tmp_path / "q.txt"
    WRITERS[writer](file)
    found = dk.read_model(file)
    assert found.model.digest == dk.QuadraticModel.from_qubo(Q).digest
    assert "pairs (i, j) and (j, i) both count, minimized" in found.reading


@pytest.mark.parametrize("writer", NAMED)
def test_names_of_matrices_name_the_variables(tmp_path: Path, writer: str):
    file = tmp_path / "q.csv"
    NAMED[writer](file)
    found = dk.read_model(file)
    assert found.model.digest == dk.QuadraticModel.from_qubo(FRAME).digest
    assert "variables named by the header" in found.reading
    assert dk.verify(dk.optimize(found.model), file).ok


def test_upper_triangular_and_symmetric_matrices_follow_one_rule(tmp_path: Path):
    """Both triangles count: a symmetric matrix has twice the pairs of its upper triangle."""
    upper, both = tmp_path / "u.csv", tmp_path / "s.csv"
    np.savetxt(upper, [[1, 2, 0, 0], [0, -3, 4, 0], [0, 0, 1, 5], [0, 0, 0, 1]], delimiter=",", fmt="%d")
    np.savetxt(both, [[1, 2, 0, 0], [2, -3, 4, 0], [0, 4, 1, 5], [0, 0, 5, 1]], delimiter=",", fmt="%d")
    ones = [1, 1, 1, 1]
    assert dk.read_model(upper).model.value(ones) == 11
    assert dk.read_model(both).model.value(ones) == 22


@pytest.mark.parametrize(
    ("text", "as_matrix", "as_terms"),
    [
        ("0 0 -1\n1 1 -1\n0 1 2\n", 3, 0),
        ("0 0 1\n0 1 2\n1 2 3\n", 10, 6),  # a symmetric matrix as well
        ("1 2 3\n0 4 5\n0 0 6\n", 21, 14),  # a triangular one
    ],
)
def test_three_lines_of_three_numbers_are_asked_about(
    tmp_path: Path, text: str, as_matrix: int, as_terms: int
):
    file = tmp_path / "q.txt"
    file.write_text(text)
    with pytest.raises(InputError, match=r"--input-format matrix .*--input-format coo"):
        dk.read_model(file)
    matrix = dk.read_model(file, input_format="matrix").model
    terms = dk.read_model(file, input_format="coo", vartype="binary").model
    assert matrix.value([1, 1, 1]) == as_matrix
    assert terms.value([1] * terms.n) == as_terms
    assert dk.verify(dk.optimize(matrix), file).ok
    assert dk.verify(dk.optimize(terms), file).ok


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",a,b\nb,1,2\na,3,4\n", "not those above it, in their order"),
        (",a,a\na,1,2\na,3,4\n", "two variables of the matrix are called 'a'"),
        ("a,b,c\n1,2,x\n3,4,5\n6,7,8\n", "table with commas and no square matrix"),
        ("0,0,-1\n1,1,-1\n0,1,2\n1,2,1\n", "'i,j,w' of a model need --input-format coo"),
        ("0,1,2\n0,0,1\n1,1,5\n0,2,-1\n", "may be a matrix or terms"),
        ("-1,2,NA,1\n0,1,2,3\n0,0,1,2\n0,0,0,1\n", "no square matrix"),
        ("0,10,20,30\n10,1,2,3\n20,0,1,2\n30,0,0,1\n", "--input-format matrix"),
    ],
)
def test_tables_that_are_no_matrix(tmp_path: Path, text: str, words: str):
    file = tmp_path / "q.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=words):
        dk.read_model(file)


def test_terms_between_commas(tmp_path: Path):
    file = tmp_path / "q.csv"
    file.write_text("0,0,-1\n1, 1, -1.5\n0,1,2\n1,2,1\n")
    model = dk.read_model(file, input_format="coo", vartype="binary").model
    assert (
        model.digest == dk.QuadraticModel.from_qubo({(0, 0): -1, (1, 1): -1.5, (0, 1): 2, (1, 2): 1}).digest
    )


def test_keys_of_polynomials():
    want = dk.QuadraticModel.from_qubo({("a", "a"): -3, ("b", "b"): -2, ("a", "b"): 2}).digest
    assert dk.QuadraticModel.from_qubo({("a",): -3, ("b",): -2, ("a", "b"): 2}).digest == want
    polynomial = {frozenset(("a",)): -3, frozenset(("b",)): -2, frozenset(("b", "a")): 2}
    assert dk.QuadraticModel.from_qubo(polynomial).digest == want
    for wrong, words in (
        ({(): 7, ("a",): 1}, "pass it as offset=7"),
        ({("a",): 1, ("a", "a"): 2}, "two linear terms"),
        ({("a", "b", "c"): 1}, "of degree 3"),
        ({0: 1}, "keys are"),
    ):
        with pytest.raises(InputError, match=words):
            dk.minimize_qubo(wrong)
    with pytest.raises(InputError, match="give fields as h"):
        dk.minimize_ising({}, {("a",): 1, ("a", "b"): 2})


def test_polynomials_of_dimod():
    dimod = pytest.importorskip("dimod")
    terms = {("a",): -3, ("a", "b"): 2}
    assert dk.minimize_qubo(dimod.BinaryPolynomial(terms, "BINARY")).value == -3
    with pytest.raises(InputError, match="has spin variables"):
        dk.minimize_qubo(dimod.BinaryPolynomial(terms, "SPIN"))


def test_what_stands_without_couplings_is_said():
    for given, words in (
        (({"a": 1}, {("a", "b"): 1}), r"pass its parts, f\(\*it\)"),
        ({("a", "b"): 1}, r"f\(\{\}, J\)"),
        (np.zeros((2, 2)), r"f\(\{\}, J\)"),
    ):
        with pytest.raises(InputError, match=words):
            dk.minimize_ising(given)


@pytest.mark.parametrize(
    "matrix",
    [
        np.array([[1.0, np.nan], [0.0, 2.0]]),
        np.array([[1, None], [0, 2]], dtype=object),
        pd.DataFrame(
            {"a": pd.array([1, 0], dtype="Int64"), "b": pd.array([None, 2], dtype="Int64")}, index=["a", "b"]
        ),
    ],
)
def test_missing_entries_are_named_by_their_place(matrix: object):
    with pytest.raises(
        InputError, match=r"entry \(0, 1\) of the matrix is .*; write 0 where there is no coefficient"
    ):
        dk.minimize_qubo(matrix)


def test_tensors_without_numbers_are_one_line():
    torch = pytest.importorskip("torch")
    with pytest.raises(InputError, match="the Tensor cannot become a NumPy array"):
        dk.minimize_qubo(torch.empty(3, 3, device="meta"))


@pytest.mark.parametrize("names", ["i,j,q", "row,col,value", "source,target,weight", "u,v,w"])
def test_three_terms_below_names_of_ends_are_no_matrix_of_their_own(tmp_path: Path, names: str):
    file = tmp_path / "q.csv"
    file.write_text(f"{names}\n0,0,-1\n0,1,2\n1,1,-1\n")
    with pytest.raises(
        InputError, match=r"may be a matrix or terms .*--input-format matrix.*--input-format coo"
    ):
        dk.read_model(file)
    terms = dk.read_model(file, input_format="coo", vartype="binary").model
    assert terms.digest == dk.QuadraticModel.from_qubo({(0, 0): -1, (0, 1): 2, (1, 1): -1}).digest
    assert set(dk.read_model(file, input_format="matrix").model.labels) == set(names.split(","))
    file.write_text(f"{names}\n-1,2,0\n0,-1,2\n0,0,-1\n")  # no ends below zero
    assert dk.read_model(file).model.n == 3


@pytest.mark.parametrize("letter", ["V", "X"])
def test_matrices_of_r_without_names_are_read(tmp_path: Path, letter: str):
    file = tmp_path / "q.csv"
    above = ",".join(f'"{letter}{k}"' for k in range(1, 6))
    rows = "".join(f'"{k}",{",".join(map(str, row))}\n' for k, row in enumerate(Q.tolist(), 1))
    file.write_text(f'"",{above}\n{rows}')
    wanted = pd.DataFrame(Q, *[[f"{letter}{k}" for k in range(1, 6)]] * 2)
    assert dk.read_model(file).model.digest == dk.QuadraticModel.from_qubo(wanted).digest
    file.write_text(f'"",{above}\n{rows}'.replace('"5",', '"6",'))
    with pytest.raises(InputError, match="names beside the matrix are not those above it"):
        dk.read_model(file)


def test_an_offset_may_stand_behind_a_blank(tmp_path: Path):
    file = tmp_path / "q.coo"
    for head in (
        "# vartype=BINARY\n# offset=-5.5\n",
        "# vartype binary\n# offset -5.5\n",
        "# vartype: BINARY, offset -5.5\n",
    ):
        file.write_text(f"{head}0 0 -1\n0 1 2\n")
        assert dk.read_model(file).model.offset == -5.5
    for comment in ("# offset of 3", "# offset 5 clauses"):
        file.write_text(f"# vartype=BINARY\n{comment}\n0 0 -1\n0 1 2\n")
        with pytest.raises(
            InputError, match="speaks of an offset, and gives no number behind the word that stands"
        ):
            dk.read_model(file)


@pytest.mark.parametrize("take", [dk.max2sat, dk.read_model, dk.read_points, dk.embed])
def test_text_in_place_of_a_file_is_named(take):
    for text in ("p cnf 2 2\n1 2 0\n-1 2 0\n", "1 2 0\n" * 1000):
        with pytest.raises(
            InputError, match="string is the name of a file, but this one has several lines"
        ) as caught:
            take(text, **({"n_components": 2} if take is dk.embed else {}))
        assert "\n" not in str(caught.value)
