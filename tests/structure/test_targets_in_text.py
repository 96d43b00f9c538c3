"""Targets in text: names are classes, numbers are numbers however their decimals are marked, doubt is refused."""

from __future__ import annotations

import numpy as np
import pytest
from tests.inputs import refused

from derandkit import RegressionData
from derandkit.errors import InputError
from derandkit.structure.config import as_instance
from derandkit.structure.intake.table import read_target_table
from derandkit.structure.intake.targets import read_targets

pytestmark = pytest.mark.filterwarnings("ignore:the numbers have decimal commas")

ORDER = (3, 1, 2, 5, 4, 7, 6, 9, 8, 11, 10, 12, 15, 14, 17, 16)


def table(folder, row, mark=";"):
    file = folder / "table.csv"
    file.write_text(
        mark.join("aby") + "\n" + "".join(mark.join(row(k)) + "\n" for k in ORDER), encoding="utf-8"
    )
    return file


@pytest.mark.parametrize(
    ("row", "first"),
    [
        (lambda k: (f"{k}", f"{k * k}", f"{k},5"), 3.5),
        (lambda k: (f"{k},25", f"{k * k}", f"{k},500"), 3.5),  # the other column says what the comma is
        (lambda k: (f"{k},25", f"{k * k}", f"{k}"), 3.0),
        (lambda k: (f"{k}", f"{k * k}", f'"{k},5"'), 3.5),
    ],
)
def test_decimal_commas_of_a_target_are_numbers(tmp_path, row, first):
    file = table(tmp_path, row)
    data = RegressionData.from_file(file, "y")
    assert data.task == "numbers"
    assert data.classes is None
    assert data.targets[0] == first if hasattr(data, "targets") else True
    other = table(tmp_path, lambda k: tuple(field.replace(",", ".").strip('"') for field in row(k)))
    assert RegressionData.from_file(other, "y").digest == data.digest
    assert as_instance(str(file), {"problem": data.describe()}).digest == data.digest


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (lambda k: (f"{k}.25", f"{k * k}", f"{k},5"), "'3,5' has a comma and '3.25' in line 2 a point"),
        (lambda k: (f"{k},25", f"{k * k}", f"{k}.5"), "'3,25' has a comma and '3.5' in line 2 a point"),
        (
            lambda k: (f"{k}", f"{k * k}", f"1,{100 + k}"),
            "is 1103 with a mark for thousands, or 1.103 with a",
        ),
        (lambda k: (f"{k}", f"{k * k}", f"1.{100 + k},5"), "'1.103,5' has a mark for thousands"),
        (
            lambda k: (f"{k}", f"{k * k}", f"{k},5 kg"),
            "'3,5 kg': numbers with ' kg' behind them, or classes?",
        ),
        (
            lambda k: (f"{k}", f"{k * k}", "?" if k == 9 else f"{k}"),
            "the target in row 7 (from 0) is '?', which is a missing",
        ),
        (lambda k: (f"{k}", f"{k * k}", "low" if k == 9 else f"{k}"), "row 7 (from 0) is 'low'; correct it"),
        (
            lambda k: (f"{k}", f"{k * k}", f"1_0{k}"),
            "'1_03': numbers with commas, blanks or other marks, or classes",
        ),
        (
            lambda k: (f"{k}", f"{k * k}", "1e400" if k == 9 else f"{k}"),
            "row 7 (from 0) is 1e400, too large for float64",
        ),
        (
            lambda k: (f"{k}", f"{k * k}", "1e-400" if k == 9 else f"{k}"),
            "row 7 (from 0) is 1e-400, too small for float64",
        ),
    ],
)
def test_targets_that_fit_two_readings_are_refused(tmp_path, row, words):
    said = refused(RegressionData.from_file, table(tmp_path, row), "y")
    assert words in said


@pytest.mark.parametrize(
    "labels",
    [
        [f"{k},5" for k in ORDER],
        [f"{k}%" for k in ORDER],
        [f"${k}" for k in ORDER],
        [f"\u20ac {k}.50" for k in ORDER],
        [f"EUR {k}" for k in ORDER],
        [f"1 0{k:02d},5" for k in ORDER],
        [f"{k}'000" for k in ORDER],
        [f"2020-01-{k:02d}" for k in ORDER],
        [f"{k}:30" for k in ORDER],
        [hex(k) for k in ORDER],
        [f"{k % 3}%" for k in range(30)],
        [f"${k % 3}" for k in range(30)],
        ["1,250", "1,500"] * 15,
        ["2020-01-01", "2021-01-01"] * 15,
        [str(k / 2) for k in ORDER],
        [str(k) for k in ORDER],
        ["one", "two", "three", "twenty-one"],
    ],
)
def test_text_that_may_be_numbers_is_refused_and_the_advice_works(labels):
    said = refused(read_targets, labels)
    assert "or classes?" in said
    assert read_targets(labels, "classes").classes == tuple(sorted(set(labels)))
    assert read_targets([f"class {label}" for label in labels]).classes is not None


@pytest.mark.parametrize(
    "labels",
    [
        ["4WD", "2WD"], ["1st", "2nd", "3rd"], ["<5", "5-10", ">10"], ["10-20", "20-30"], ["True", "False"],
        ["1", "2", "A"], ["iris 1", "iris 2"], ["3", "5"], ["12 kg", "heavy"], ["one car", "no car"],
    ],
)  # fmt: skip
def test_names_with_digits_of_few_classes_are_classes(labels):
    assert read_targets(labels * 6).classes == tuple(sorted(labels))


@pytest.mark.parametrize("mark", [-999.0, -9999.0, 1e20])
@pytest.mark.parametrize("task", [None, "numbers"])
def test_marks_for_missing_targets_are_refused(mark, task):
    """A number -999 among others near zero is taken for one that is missing; far from zero it is a number."""
    y = [0.5, 1.5, -2.0, mark, 2.5]
    assert f"target in row 3 is {mark:.17g}, which often stands for a missing number" in refused(
        read_targets, y, task
    )
    shifted = [x + 1e3 for x in y] if abs(mark) < 1e4 else [x + 1e20 for x in y]
    assert read_targets(shifted, task).values.tolist() == shifted


def test_targets_with_leading_zeros_are_codes_or_numbers(tmp_path):
    rows = np.random.default_rng(0)
    X = rows.normal(size=(40, 2))
    codes = [f"{code:05d}" for code in rows.integers(500, 99999, 40)]
    file = tmp_path / "t.csv"
    for padded in (
        codes,
        ["00501", *map(str, range(10001, 10040))],
        [f"{k % 12 + 1:02d}" for k in range(40)],
    ):
        lines = [f"{a},{b},{code}" for (a, b), code in zip(X.tolist(), padded, strict=True)]
        file.write_text("a,b,area\n" + "\n".join(lines) + "\n")
        with pytest.raises(
            InputError, match=r"'0\d+': a code, and so a class, or a number with leading zeros"
        ):
            read_target_table(file, "area")
    for plain in ([code.lstrip("0") for code in codes], [f"0.{code}" for code in codes], ["0", "1"] * 20):
        lines = [f"{a},{b},{code}" for (a, b), code in zip(X.tolist(), plain, strict=True)]
        file.write_text("a,b,area\n" + "\n".join(lines) + "\n")
        assert read_target_table(file, "area").y.dtype == np.float64
    file.write_text(file.read_text().replace(",0\n", ",class 00\n").replace(",1\n", ",class 01\n"))
    assert set(read_target_table(file, "area").y) == {"class 00", "class 01"}
