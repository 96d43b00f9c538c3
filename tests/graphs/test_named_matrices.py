"""Matrices with names, and tables of numbers that could be matrices: in files, frames and JSON."""

import functools
import json

import numpy as np
import pandas as pd
import pytest
from tests import inputs
from tests.inputs import refused

from derandkit import as_graph, read_graph

NAMES = list("abcd")
ROWS = [[0, 5, 4, 1], [5, 0, 3, 2], [4, 3, 0, 6], [1, 2, 6, 0]]
FRAME = pd.DataFrame(ROWS, NAMES, NAMES)
SMALL = FRAME.iloc[:3, :3]
LOWER = np.tril(np.ones((4, 4), dtype=bool))
EDGES = {
    (u, v): w for a, u in enumerate(NAMES) for v, w in zip(NAMES[a + 1 :], ROWS[a][a + 1 :], strict=True)
}
WANTED = as_graph(EDGES).digest


refusal = functools.partial(refused, as_graph)


def write(folder, text, name="g.csv"):
    return inputs.write(folder, text, name)


def test_rows_in_another_order_than_columns(tmp_path):
    turned = FRAME.loc[list("cadb")]
    assert as_graph(turned).digest == WANTED
    assert as_graph(write(tmp_path, turned.to_csv())).digest == WANTED
    assert as_graph(write(tmp_path, turned.to_csv(sep="\t"), "g.tsv")).digest == WANTED
    for orient in ("split", "table", "index", "columns"):
        assert as_graph(write(tmp_path, turned.to_json(orient=orient), "g.json")).digest == WANTED
    small = SMALL.loc[list("cba")]
    file = write(tmp_path, small.to_csv())
    assert as_graph(file).digest == as_graph(SMALL).digest == as_graph(small).digest
    assert as_graph(write(tmp_path, small.to_json(orient="split"), "g.json")).digest == as_graph(SMALL).digest


@pytest.mark.parametrize(
    "text",
    [
        ",a,b,c\np,1,2,3\nq,4,5,6\nr,1,5,7\ns,2,4,1\n",
        '"","math","physics","x"\n"ann",1,2,3\n"bob",2,3,4\n',
        FRAME.to_csv(columns=list("abc")),
        pd.DataFrame([[1, 2, 3], [2, 5, 6], [3, 6, 9]], columns=list("abc")).to_csv(),
    ],
)
def test_columns_of_numbers_beside_names_are_no_edges(tmp_path, text):
    assert "hold numbers" in refusal(write(tmp_path, text))
    named = text.replace("math", "source").replace("physics", "target").replace(",a,b,", ",source,target,")
    assert as_graph(write(tmp_path, named), weight=named.split("\n")[0].split(",")[3].strip('"')).m > 0


def test_frames_of_numbers_with_names_that_say_nothing(tmp_path):
    A = np.array([[1, 2, 3], [2, 5, 6], [3, 6, 9]])
    assert "rows have names, such as 'a'" in refusal(pd.DataFrame(A, list("abc"), list("xyz")))
    points = pd.DataFrame(np.arange(15).reshape(5, 3), columns=list("xyz"))
    assert "edges, points, or rows of a matrix" in refusal(points)
    assert as_graph(points, weight="z").m == 5
    assert "edges, points" in refusal(pd.DataFrame(A, columns=list("xyz")))
    assert "edges, points" in refusal(
        write(tmp_path, pd.DataFrame(A, columns=list("abc")).to_json(orient="records"))
    )
    assert as_graph(pd.DataFrame([(0, 1, 2), (1, 2, 3)])).m == 2
    assert as_graph(pd.DataFrame([(0, 1, 2), (1, 2, 3)], columns=["x", "y", "weight"])).m == 2


def test_one_triangle_is_the_whole_matrix(tmp_path):
    for part in (LOWER, LOWER.T):
        half = FRAME.where(part)
        spread = half.to_csv(sep=";", decimal=",")
        for obj in (
            half,
            half.astype(float),
            write(tmp_path, half.to_csv()),
            write(tmp_path, spread, "h.csv"),
        ):
            g = as_graph(obj)
            assert g.digest == WANTED
            assert "mirror" in g.reading.remarks[0]
        assert as_graph(half.to_numpy()).m == 6
        assert "is missing" in refusal(half, symmetrize="sum")


def test_what_stands_on_the_diagonal_does_not_count(tmp_path):
    for mark in ("", "-", "NA", "nan", "1"):
        text = FRAME.astype(object).where(~np.eye(4, dtype=bool), mark).to_csv()
        assert as_graph(write(tmp_path, text)).digest == WANTED
    three = ",a,b,c\na,-,4,0\nb,4,-,4\nc,0,4,-\n"
    assert as_graph(write(tmp_path, three)).total_weight == 8
    counted = ",0,1,2\n0,-,4,0\n1,4,-,4\n2,0,4,-\n"
    assert "may be a matrix or edges" in refusal(write(tmp_path, counted))


def test_missing_entries_are_named(tmp_path):
    gap = FRAME.where(FRAME != 3)
    for obj in (gap, write(tmp_path, gap.to_csv())):
        assert "row 'b' and column 'c' is missing" in refusal(obj)
    assert "row 1 and column 2 is missing" in refusal(gap.to_numpy())
    assert "line 4 has 'abc'" in refusal(write(tmp_path, FRAME.to_csv().replace("6", "abc")))


def test_truth_values(tmp_path):
    truth = FRAME > 2
    for text in (truth.to_csv(), truth.to_csv().replace("True", "TRUE").replace("False", "FALSE")):
        g = as_graph(write(tmp_path, text))
        assert g.digest == as_graph(truth).digest
        assert g.total_weight == 4


def test_columns_of_one_name():
    assert "two columns of the frame are named 'weight'" in refusal(
        pd.DataFrame([["a", "b", 3, 4]], columns=["source", "target", "weight", "weight"])
    )
    assert "two columns of the frame are named 'a'" in refusal(pd.DataFrame(ROWS, list("aabb"), list("aabb")))


def test_an_index_without_a_name_is_no_end_beside_one_name(tmp_path):
    text = refusal(write(tmp_path, ",height,weight\n0,180,80\n1,170,90\n"))
    assert "not clear which of the columns" in text


def test_values_in_json_keep_their_order(tmp_path):
    file = write(tmp_path, json.dumps(ROWS), "g.json")
    assert as_graph(file).m == 6


def test_three_rows_of_numbers_that_share_no_end_may_be_a_matrix(tmp_path):
    """The first rows of the table of the chord diagram of D3: as edges no two of them would meet."""
    rows = [[11975, 5871, 8916], [1951, 10048, 2060], [8010, 16145, 8090]]
    file = tmp_path / "chord.txt"
    file.write_text("\n".join(" ".join(map(str, row)) for row in rows), encoding="utf-8")
    assert "3 lines of 3 numbers may be a matrix or edges" in refused(read_graph, file)
    assert "3 lists of 3 numbers may be a matrix or 3 edges" in refused(as_graph, rows)
    apart = as_graph([[1, 2, 5], [3, 4, 5], [5, 6, 5]])
    assert (apart.n, apart.m) == (6, 3)
