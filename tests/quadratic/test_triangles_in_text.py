"""One triangle of a matrix Q with empty cells is read and said; other gaps, and constants in comments, are named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

K = 4
Q = np.triu(np.random.default_rng(4).integers(-9, 10, (K, K)) + 0.5)
NAMES = list("abcd")
UPPER = pd.DataFrame(Q, columns=NAMES, index=NAMES).where(np.triu(np.ones((K, K), dtype=bool)))
WRITERS = {
    "to_csv": lambda frame, file: frame.to_csv(file),
    "no index": lambda frame, file: frame.to_csv(file, index=False),
    "semicolons and commas": lambda frame, file: frame.to_csv(file, sep=";", decimal=","),
    "quoted decimal commas": lambda frame, file: frame.to_csv(file, decimal=","),
    "tabs": lambda frame, file: frame.to_csv(file, sep="\t"),
    "NaN": lambda frame, file: frame.to_csv(file, na_rep="NaN"),
    "blanks and NA": lambda frame, file: frame.to_csv(file, sep=" ", na_rep="NA", index=False),
    "numbers alone": lambda frame, file: frame.to_csv(file, header=False, index=False),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("side", ["below", "above"])
def test_one_triangle_with_empty_cells_is_read_and_said(tmp_path: Path, writer: str, side: str) -> None:
    file = tmp_path / "q.csv"
    frame = UPPER if side == "below" else UPPER.T
    WRITERS[writer](frame, file)
    found = dk.read_model(file)
    whole = frame.fillna(0.0)
    wanted = dk.QuadraticModel.from_qubo(whole.to_numpy() if writer == "numbers alone" else whole)
    assert found.model.digest == wanted.digest
    assert f"empty cells {side} the diagonal are zeros" in found.reading
    assert dk.verify(dk.optimize(found.model), file).ok


@pytest.mark.parametrize("writer", ["to_csv", "tabs", "NaN", "numbers alone"])
def test_other_empty_cells_are_named(tmp_path: Path, writer: str) -> None:
    file = tmp_path / "q.csv"
    frame = UPPER.copy()
    frame.iloc[1, 3] = np.nan
    WRITERS[writer](frame, file)
    with pytest.raises(
        InputError, match=r"row 2 and column 1 of the matrix is (empty|NaN); write 0"
    ) as caught:
        dk.read_model(file)
    assert f"q.csv:{2 if writer == 'numbers alone' else 3}:" in str(caught.value)


def test_a_triangle_of_lines_of_different_lengths_is_named(tmp_path: Path) -> None:
    file = tmp_path / "q.csv"
    for sign in ",;\t":
        file.write_text("1,-2,3\n2,-4\n-1\n".replace(",", sign))
        with pytest.raises(InputError, match="the lines are one triangle of a matrix; write zeros"):
            dk.read_model(file)
    file.write_text("1\n2 1\n1 2 5\n")  # a file of the OR-Library, of one problem
    assert "OR-Library" in dk.read_model(file).reading


def test_one_triangle_of_an_array_is_named() -> None:
    for matrix in (
        UPPER,
        UPPER.to_numpy(),
        UPPER.astype(object).where(UPPER.notna(), None).to_numpy().tolist(),
    ):
        with pytest.raises(InputError, match=r"all entries below the diagonal are (nan|None): one triangle"):
            dk.minimize_qubo(matrix)
    assert dk.minimize_qubo(UPPER.fillna(0)).value == dk.minimize_qubo(Q).value


def test_constants_in_comments_of_formats_without_them_are_said(tmp_path: Path) -> None:
    file = tmp_path / "q.qubo"
    for line, said in (
        ("c Constant: 5", True),
        ("c offset = 0", False),
        ("c offset curve 3", False),
        ("c two bits", False),
    ):
        file.write_text(f"{line}\np qubo 0 2 2 1\n0 0 -1\n1 1 -1\n0 1 3\n")
        found = dk.read_model(file)
        assert found.model.offset == 0
        assert ("the constant 5 in the comment of line 1 is not counted" in found.reading) is said
        assert ("not counted" in found.reading) is said
    table = tmp_path / "q.csv"
    table.write_text("# offset: -2.5\n1,2\n0,-3\n")
    assert "the offset -2.5 in the comment of line 1 is not counted" in dk.read_model(table).reading


def test_constants_in_comments_of_coo_lines_are_asked_about(tmp_path: Path) -> None:
    file = tmp_path / "q.coo"
    for comment, words in (
        ("offset", "gives no number"),
        ("the offset is 5", "gives no number"),
        ("constant 5", "states a constant"),
    ):
        file.write_text(f"# {comment}\n0 0 1\n0 1 -2\n")
        with pytest.raises(InputError, match=words):
            dk.read_model(file, vartype="binary")
    file.write_text("# constant field, offset=5\n0 0 1\n0 1 -2\n")
    assert dk.read_model(file, vartype="binary").model.offset == 5


def test_models_of_openjij_in_json_are_named(tmp_path: Path) -> None:
    file = tmp_path / "q.json"
    said = {"biases": [0.0, 3.0, 0.0, 1.0], "num_variables": 1, "offset": 5.0, "type": "BinaryQuadraticModel"}
    file.write_text(json.dumps({**said, "variable_labels": ["a"], "variable_type": "BINARY"}))
    with pytest.raises(InputError, match="a model of openjij or cimod in JSON"):
        dk.read_model(file)
