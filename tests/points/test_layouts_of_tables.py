"""Lines of a spreadsheet that are no rows: units, second names, totals; separators at the end and other ones."""

from __future__ import annotations

import numpy as np
import pytest
from tests.inputs import refused, write

from derandkit import PointCloud, RegressionData
from derandkit.points.files import read_points, read_table

ROWS = np.array(
    [
        [0.5, -1.25, 3.0],
        [2.5, 0.75, -0.5],
        [-1.5, 4.0, 0.25],
        [3.5, -2.0, 1.5],
        [0.25, 0.5, -4.5],
        [1.25, 2.5, 0.75],
    ]
)
TEXT = "".join(",".join(map(repr, row)) + "\n" for row in ROWS.tolist())
TOTAL = ",".join(map(repr, ROWS.sum(axis=0).tolist())) + "\n"


@pytest.mark.parametrize("line", ["kg,m,s", "(kg),(m),(s)", "first,second,third", "kg,,s"])
def test_a_second_line_of_words_is_named(tmp_path, line):
    file = write(tmp_path, f"a,b,c\n{line}\n{TEXT}")
    assert "units, or a second line of names? remove it or the line above" in refused(read_points, file)
    assert ":2: " in refused(RegressionData.from_file, file, "c")


def test_a_row_with_a_missing_entry_is_no_second_line_of_names(tmp_path):
    said = refused(read_points, write(tmp_path, f"a,b,c\nNA,NA,NA\n{TEXT}"))
    assert "a missing value" in said


def test_a_row_of_sums_is_no_point(tmp_path):
    for above in ("a,b,c\n", ""):
        said = refused(read_points, write(tmp_path, f"{above}{TEXT}{TOTAL}"))
        assert "the last row holds the sums of all others; leave it out, or, if it is a point" in said
    above = read_table(write(tmp_path, TOTAL + TEXT))
    assert (above.cloud.n_points, above.notes[0][:42]) == (7, "the first row holds the sums of all others")
    assert PointCloud(np.vstack([ROWS, ROWS.sum(axis=0)])).n_points == 7  # an array has no line of totals


@pytest.mark.parametrize(
    ("first", "names"), [("a,b,c,\n", ("a", "b", "c")), ("a,b,c\n", ("a", "b", "c")), ("", None)]
)
def test_separators_at_the_end_of_lines_are_no_column(tmp_path, first, names):
    table = read_table(write(tmp_path, first + TEXT.replace("\n", ",\n")))
    assert np.array_equal(table.cloud.points, ROWS)
    assert table.cloud.columns == names
    assert "the empty last column is left out" in table.notes[0]


@pytest.mark.parametrize("gap", ["", "NA", "?", "-"])
def test_a_missing_entry_in_the_first_row_is_said_in_a_line(tmp_path, gap):
    """Four rows of numbers below, the first of them whole: it was taken for a number of a second line of names."""
    said = refused(read_points, write(tmp_path, f"1,{gap},3\n1,10,10\n10,10,2\n3,100,3\n1,10,7\n"))
    assert ":1: column 2 is " in said


def test_an_empty_column_with_a_name_is_not_left_out(tmp_path):
    assert "column 4 ('d') is empty in every row" in refused(
        read_points, write(tmp_path, "a,b,c,d\n" + TEXT.replace("\n", ",\n"))
    )


@pytest.mark.parametrize(
    "text",
    [
        "a|b|c\n" + TEXT.replace(",", "|"),
        "| a | b | c |\n|---|---|---|\n" + "".join(f"| {line.replace(',', ' | ')} |\n" for line in TEXT.split()),
        " a | b \n---+---\n 1 | 2\n 3 | 4\n(2 rows)\n",
        TEXT.replace(",", ":"),
        "a\uff0cb\uff0cc\n" + TEXT.replace(",", "\uff0c"),
    ],
)  # fmt: skip
def test_signs_between_columns_are_named(tmp_path, text):
    said = refused(read_points, write(tmp_path, text))
    assert "has its columns between signs '" in said or "'|'" in said


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32"])
def test_text_with_zero_bytes_is_no_table(tmp_path, encoding):
    assert "holds zero bytes" in refused(read_points, write(tmp_path, TEXT.encode(encoding)))
