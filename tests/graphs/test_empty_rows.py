"""Rows of empty cells, as spreadsheets write them: left out at the end, with a word, and refused before it."""

import pytest
from tests.inputs import read, refusal


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize(
    "tail", ["{0}{0}\n", "{0}{0}\n{0}{0}\n\n", ' {0} {0} \r\n""{0}""{0}""\n', "{0}{0}\n# end\n{0}{0}"]
)
def test_empty_rows_at_the_end_are_left_out(tmp_path, separator, tail):
    text = "source,target,weight\na,b,2\nb,c,3\n".replace(",", separator)
    graph = read(tmp_path, text + tail.format(separator), "g.csv")
    assert graph.digest == read(tmp_path, text, "g.csv").digest
    count = sum(separator in line for line in tail.format(separator).split("\n"))
    rows = "1 row of empty cells" if count == 1 else f"{count} rows of empty cells"
    assert any(remark.startswith(f"{rows} at the end of the file w") for remark in graph.reading.remarks)


def test_they_do_not_hide_a_matrix_or_a_plain_list(tmp_path):
    matrix = ",a,b,c,d\na,0,1,2,3\nb,1,0,3,1\nc,2,3,0,1\nd,3,1,1,0\n"
    assert read(tmp_path, f"{matrix},,,,\n").digest == read(tmp_path, matrix).digest
    for text in ("1,2\n2,3\n3,1\n1,4\n4,5\n", "a,b\nb,c\n"):
        assert read(tmp_path, f"{text},\n,\n").digest == read(tmp_path, text).digest


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b,2\n,,\nb,c,3\n", "2: empty column between commas"),
        ("a,b,2\nb,c,3\n,,5\n,,\n", "3: empty column between commas"),
        (",,\n,,\n", "only rows of empty cells"),
    ],
)
def test_other_empty_cells_are_refused(tmp_path, text, why):
    assert why in refusal(tmp_path, text, "g.csv")


def test_two_columns_of_one_name_are_refused(tmp_path):
    for name in ("weight", "km"):
        text = f"source,target,{name},{name}\na,b,2,3\nb,c,3,3\n"
        assert f"2 columns are named '{name}'" in refusal(tmp_path, text, "g.csv", weight=name)
        assert refusal(tmp_path, text, "g.csv")
