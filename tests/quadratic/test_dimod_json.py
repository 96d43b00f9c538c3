"""Models in dimod's JSON: each variable and each pair once, positions within the list, numbers that are numbers."""

from __future__ import annotations

import json

import pytest

import derandkit as dk

MODEL = {
    "type": "BinaryQuadraticModel", "variable_labels": ["a", "b", 1], "linear_biases": [1, 2, 0.5],
    "quadratic_head": [0, 2], "quadratic_tail": [1, 0], "quadratic_biases": [1, -3], "offset": 1,
    "variable_type": "SPIN",
}  # fmt: skip


def read(tmp_path, text):
    (tmp_path / "m.json").write_text(text)
    return dk.read_model(tmp_path / "m.json").model


def test_a_model_is_read_as_it_stands(tmp_path):
    model = read(tmp_path, json.dumps(MODEL))
    for a in (-1, 1):
        for b in (-1, 1):
            for c in (-1, 1):
                assert model.value({"a": a, "b": b, 1: c}) == 1 + a + 2 * b + 0.5 * c + a * b - 3 * a * c


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"variable_labels": ["a", "a", 1]}, "the variable 'a' twice"),
        ({"variable_labels": ["a", 1, True]}, "the variable True beside 1, which is equal"),
        ({"variable_labels": ["a", 1, 1.0]}, "the variable 1.0 beside 1, which is equal"),
        ({"quadratic_head": [-1, 2]}, "quadratic_head holds -1; it holds positions of variables, 0..2"),
        ({"quadratic_tail": [3, 0]}, "quadratic_tail holds 3"),
        ({"quadratic_tail": [True, 0]}, "quadratic_tail holds True"),
        ({"quadratic_head": [0, 1], "quadratic_tail": [1, 0]}, "the pair 'b', 'a' twice"),
        ({"quadratic_head": [0, 0], "quadratic_tail": [1, 1]}, "the pair 'a', 'b' twice"),
        ({"quadratic_head": [1, 2]}, "couples the variable 'b' to itself"),
        ({"linear_biases": [1, "2", 0.5]}, "the bias '2' is no finite number"),
        ({"linear_biases": [1, True, 0.5]}, "the bias 'True' is no finite number"),
        ({"linear_biases": [1, float("nan"), 0.5]}, "the bias 'nan' is no finite number"),
        ({"linear_biases": [1, 2**53 + 1, 0.5]}, "9007199254740993"),
        ({"offset": float("inf")}, "the bias 'inf' is no finite number"),
        ({"offset": "1"}, "the bias '1' is no finite number"),
        ({"linear_biases": [1, 2]}, "is not a complete dimod model"),
        ({"variable_type": "INTEGER"}, "unknown variable_type 'INTEGER'"),
    ],
)
def test_what_reads_in_two_ways_is_refused(tmp_path, changes, words):
    with pytest.raises(dk.InputError) as refused:
        read(tmp_path, json.dumps({**MODEL, **changes}))
    assert words in str(refused.value)
    assert str(refused.value).count("\n") == 0


def test_a_key_that_stands_twice_is_refused(tmp_path):
    text = json.dumps(MODEL).replace('"offset": 1', '"offset": 1, "offset": 2')
    with pytest.raises(dk.InputError, match="'offset' stands twice"):
        read(tmp_path, text)


def test_fields_in_a_series_with_one_label_twice_are_refused():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(dk.InputError, match="twice"):
        dk.QuadraticModel.from_ising(pandas.Series([1.0, 2.0], index=["a", "a"]), {("a", "b"): 1.0})
