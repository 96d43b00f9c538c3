"""Columns used with a remark: codes for missing answers, even steps, names of rows, labels; and rows of bits."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import derandkit as dk
from derandkit.points.suspects.codes import missing_codes
from derandkit.points.suspects.columns import even_steps, far_wider, is_row_of_digits
from derandkit.points.suspects.remarks import remarks_on

RNG = np.random.default_rng(52)
N = 200
X = RNG.normal(size=(N, 3)).round(3)
SCALE = np.arange(N, dtype=float) * 7 % 5 + 1


def spread(values: np.ndarray, *codes: float) -> np.ndarray:
    """Return numbers with codes in some rows."""
    found = values.astype(float)
    for k, code in enumerate(codes):
        found[11 * k + 3] = code
    return found


def said_of(column: np.ndarray, at: int = 1) -> list[str]:
    table = np.insert(X, at, column, axis=1)
    return remarks_on(table, range(4), None)


CODED = {
    "99": spread(SCALE, 99, 99, 99),
    "99 once": spread(SCALE, 99),
    "codes of two digits": spread(SCALE, 97, 98, 99, 88, 77),
    "genotypes": spread(np.arange(N) % 3, 9, 9),
    "yes and no": spread(np.arange(N) % 2 + 1, 7, 9, 9),
    "below": spread(SCALE, -9, -8),
    "one below one": spread(SCALE, -1, -1),
    "ages": spread(18 + np.arange(N) % 70, -9, -9, -8),
    "thermometer": spread(np.arange(N) % 101, 997, 998),
    "counts": spread(np.arange(N) % 31, 7777, 9999),
    "both sides of zero": spread(np.arange(N) % 7 - 3, 99, 99),
}
PLAIN = {
    "a scale to nine": np.arange(N) % 10,
    "a scale to eleven": np.arange(N) % 12 - 1,
    "hundred": np.arange(N) % 100,
    "differences": np.arange(N) % 5 - 2,
    "cold": spread(np.arange(N) % 31, -8, -5, -3),
    "squares": (np.arange(N) % 4) ** 2,
    "an outlier": spread(SCALE, 50, 50),
    "fractions": spread(SCALE + 0.5, 99, 99),
    "nearly always zero": spread(np.zeros(N), 1, 2, 9, 9),
    "two numbers": spread(np.ones(N), 99, 99),
    "large": spread(1000.0 * SCALE, 99, 99),
}


@pytest.mark.parametrize("name", CODED)
def test_codes_for_missing_answers_are_remarked(name: str) -> None:
    found = missing_codes(CODED[name])
    assert found is not None
    assert set(found.codes) == set(CODED[name]) - {v for v in CODED[name] if found.low <= v <= found.high}
    (said,) = said_of(CODED[name])
    assert said.startswith("column 2 holds ")
    assert "stands for a missing number" in said


@pytest.mark.parametrize("name", PLAIN)
def test_plain_numbers_hold_no_codes(name: str) -> None:
    assert missing_codes(np.asarray(PLAIN[name], dtype=float)) is None


def test_counts_of_many_kinds_hold_no_codes() -> None:
    kinds = [
        lambda n: RNG.poisson(3, n),
        lambda n: RNG.poisson(0.2, n),
        lambda n: RNG.geometric(0.3, n),
        lambda n: RNG.negative_binomial(0.5, 0.1, n),
        lambda n: RNG.integers(0, 10, n),
        lambda n: RNG.poisson(2, n) - RNG.poisson(2, n),
    ]
    for draw in kinds:
        assert not any(missing_codes(draw(int(RNG.integers(12, 400))).astype(float)) for _ in range(300))


def test_codes_of_several_columns_are_one_remark_and_hide_no_labels(tmp_path) -> None:
    answers = np.column_stack([SCALE, CODED["99"], SCALE[::-1], CODED["below"]])
    (said,) = remarks_on(answers, range(4), ["q1", "q2", "q3", "q4"])  # q1 is no label beside 99
    assert (
        "column 2 ('q2') holds 99 in 3 rows, far from all its others, 1 to 5 (and 1 other column so)" in said
    )
    file = tmp_path / "answers.csv"
    np.savetxt(file, np.column_stack([answers, np.arange(N) % 7]), delimiter=",", fmt="%g")
    with pytest.warns(UserWarning, match="column 2 holds 99 in 3 rows"):
        dk.RegressionData.from_file(file, -1)
    with pytest.warns(UserWarning, match="column 2 holds 99 in 3 rows"):
        dk.read_points(file)


@pytest.mark.parametrize("step", [0.1, 60.0, -0.02, 1 / 3])
def test_even_steps_of_a_first_column_are_remarked(step: float) -> None:
    times = np.round(5 + step * np.arange(N), 3)
    (said,) = said_of(times, 0)
    assert (
        f"column 1 {'grows' if step > 0 else 'falls'} by {abs(times[-1] - times[0]) / (N - 1):.6g} in each"
        in said
    )
    assert said_of(times + 0.25, 1) == []  # another column has to be called so
    (said,) = remarks_on(np.insert(X, 3, times, axis=1), range(4), ["a", "b", "c", "elapsed"])
    assert "column 4 ('elapsed')" in said
    assert even_steps(times + 1.5 * abs(step) * (np.arange(N) % 2)) is None
    assert even_steps((times + 0.5 * abs(step) * (np.arange(N) % 2))[:19]) is None
    line = np.column_stack([times, 2 * times + 1])
    assert remarks_on(line, range(2), None) == []


@pytest.mark.parametrize("at", [0, 2, 3])
def test_names_of_rows_are_remarked(at: int) -> None:
    ids = 80000.0 + RNG.permutation(10**6)[:N]
    ids[7] = ids[9]
    (said,) = said_of(ids, at)
    assert said.startswith(f"column {at + 1} holds whole numbers, hardly one twice")
    assert f"--drop {at + 1}" in said
    for column, others in (
        (ids + 0.5, X),
        (ids // 10**5, X),
        (ids, 1000 * X),
        (ids % 5 * 10**6, X),
        (-ids, X),
    ):
        assert far_wider(np.insert(others, at, column, axis=1)) is None
    assert far_wider(np.insert(np.ones((N, 3)), at, ids, axis=1)) is None


@pytest.mark.parametrize(
    "times", [2015 + np.round(np.arange(60) / 12, 3), np.cumsum(RNG.integers(8, 13, 60))]
)
def test_a_first_column_that_rises_in_all_rows_is_remarked(times: np.ndarray) -> None:
    (said,) = remarks_on(np.column_stack([times, X[:60]]), range(4), None)
    assert f"from {times[0]:.12g} to {times[-1]:.12g}, and is used as a coordinate" in said
    assert remarks_on(np.column_stack([X[:60], times % 17]), range(4), None) == []
    assert remarks_on(np.column_stack([times[:12] ** 2 % 11, X[:12]]), range(4), None) == []


def test_targets_with_codes_are_questioned_or_remarked(tmp_path) -> None:
    for values in (CODED["99"], CODED["genotypes"], spread(np.arange(N) % 2, 9, 9)):
        with pytest.raises(
            dk.InputError, match=r"target in row 3 is 9+: 9+ beside the classes .*task='numbers'"
        ):
            dk.RegressionData(X, values)
        assert dk.RegressionData(X, values, task="numbers").task == "numbers"
        assert dk.RegressionData(X, values, task="classes").task == "classes"
    file = tmp_path / "thermometer.csv"
    np.savetxt(file, np.column_stack([X, CODED["thermometer"]]), delimiter=",", fmt="%g")
    with pytest.warns(
        UserWarning, match="the target holds 997 and 998 in 2 rows, far from all its others, 0 to 100"
    ):
        dk.RegressionData.from_file(file, -1)
    assert dk.RegressionData(X, np.arange(N) % 10).task == "classes"


def test_labels_with_gaps_and_balanced_labels_are_remarked() -> None:
    for values, words in (([2, 4], "2, 4"), ([1, 2, 3, 4, 5, 7], "1, 2, 3, 4, 5, 7"), ([0, 1, 2], "0 to 2")):
        (said,) = said_of(np.resize(values, N), 3)
        assert f"column 4 holds only the whole numbers {words} and is" in said
    assert said_of(np.resize([3, 5], N), 3) == said_of(np.resize([0, 1, 11], N), 3) == []
    pixels = np.clip(np.round(RNG.normal(5, 5, (N, 6))), 0, 16)
    digits = np.arange(N) % 10.0
    (said,) = remarks_on(np.column_stack([pixels, digits]), range(7), None)
    assert "column 7 holds only the whole numbers 0 to 9" in said
    assert remarks_on(np.column_stack([digits, pixels]), range(7), None) == []
    assert remarks_on(np.column_stack([pixels, digits, pixels[:, 0]]), range(8), None) == []
    answers = RNG.integers(1, 6, (N, 5)).astype(float)
    assert remarks_on(answers, range(5), None) == []  # all columns are so


@pytest.mark.parametrize(
    "text", ["0101\n1100\n0011\n", "10110011\n11110000\n", "0120\n2291\n", "a\n0101\n1100\n"]
)
def test_rows_of_digits_are_refused(tmp_path, text: str) -> None:
    file = tmp_path / "bits.txt"
    file.write_text(text)
    with pytest.raises(dk.InputError, match="one number a row, or one coordinate a digit; write commas"):
        dk.read_points(file)
    assert dk.read_points(file, columns="1").n_features == 1


def test_columns_of_numbers_are_no_rows_of_digits(tmp_path) -> None:
    for text in ("1000\n1100\n1010\n", "0.1\n0.0\n1.1\n", "0\n1\n0\n", "10\n11\n01\n"):
        file = tmp_path / "numbers.txt"
        file.write_text(text)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert dk.read_points(file).n_points == 3
    assert not is_row_of_digits([])
