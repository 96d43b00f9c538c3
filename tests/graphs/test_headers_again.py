"""Lines of names that stand in a file a second time, where two tables were put together."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import derandkit as dk

AGAIN = "holds the names of the columns again and was left out"
YEARS = [(2020, 2021), (2, 3), (3, 4), (2020, 2021), (4, 5), (5, 6)]


def read(text: str, header: bool | None = None) -> dk.WeightedGraph:
    return dk.read_graph(io.StringIO(text), header=header)


def lines(rows: list[tuple[int, ...]]) -> str:
    return "".join(" ".join(map(str, row)) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("text", "line", "weight"),
    [
        ("source target\na b\nsource target\nc d\n", 3, 2),
        ("source target\n1 2\nsource target\n3 4\n4 5\n", 3, 3),
        ("source,target,weight\na,b,3\nsource,target,weight\nc,d,4\n", 3, 7),
        ("foo bar km\na b 3\nfoo bar km\nc d 4\n", 3, 7),
        ("source,target,weight,date\na,b,3,x\nc,d,4,y\nsource,target,weight,date\nd,e,4,y\n", 4, 11),
        (",a,b,c\na,0,1,2\nb,1,0,3\n,a,b,c\nc,2,3,0\n", 4, 6),
    ],
)
def test_a_line_of_names_that_comes_again_is_left_out_and_said(text: str, line: int, weight: float) -> None:
    graph = read(text)
    assert graph.total_weight == weight
    assert graph.reading is not None
    assert f"line {line} {AGAIN}" in graph.reading.remarks
    assert not {"source", "foo", ""} & set(map(str, graph.labels))


def test_several_such_lines_are_counted() -> None:
    graph = read("source,target,weight\na,b,3\nsource,target,weight\nc,d,4\nsource,target,weight\nc,x,4\n")
    assert graph.reading is not None
    assert f"line 3 (and 1 other) {AGAIN}" in graph.reading.remarks


@pytest.mark.parametrize("text", ["foo bar\n1 2\nfoo bar\n3 4\n", "foo bar\na b\nfoo bar\nc d\n"])
def test_words_that_no_other_line_has_are_asked_about_as_often_as_they_come(text: str) -> None:
    with pytest.raises(dk.InputError, match=r"'foo bar' looks like column names, or an edge"):
        read(text)
    assert read(text, header=True).m == 2
    assert read(text, header=False).m == 3


@pytest.mark.parametrize("text", ["a b\nb c\na b\nc d\n", "a b\na b\nc d\n", "a b 2\nc d 3\na b 2\n"])
def test_parallel_edges_stay_edges(text: str) -> None:
    assert read(text).merged_edges == 1


def test_two_years_that_come_again_are_asked_about_in_files_and_in_memory() -> None:
    for given in (io.StringIO(lines(YEARS)), YEARS, np.array(YEARS)):
        with pytest.raises(dk.InputError, match=r"the first row, 2020 2021, comes again, and no other row"):
            dk.as_graph(given)
    weighted = [(*row, 2022 if row[0] == 2020 else 7 * k) for k, row in enumerate(YEARS)]
    with pytest.raises(dk.InputError, match="comes again"):
        dk.as_graph(io.StringIO(lines(weighted)))
    assert dk.read_graph(io.StringIO(lines(YEARS)), input_format="edgelist").merged_edges == 1


def test_years_above_words_are_asked_about_too() -> None:
    """There they are text: a table of names that was put together of two."""
    words = [(2020, 2021), ("ann", "bob"), ("bob", "cem"), (2020, 2021), ("cem", "ann")]
    for given in (io.StringIO(lines(words)), [tuple(map(str, row)) for row in words]):
        with pytest.raises(dk.InputError, match=r"the first row, 2020 2021, comes again, and no other row"):
            dk.as_graph(given)
    assert dk.as_graph(io.StringIO(lines([*words, (2021, "cem")]))).merged_edges == 1


def test_years_that_are_vertices_elsewhere_stay_vertices() -> None:
    assert dk.as_graph([*YEARS, (2021, 2)]).merged_edges == 1
    assert dk.as_graph([(20, 21), *YEARS[1:3], (20, 21), *YEARS[4:]]).merged_edges == 1


def test_rows_in_memory_that_repeat_the_names_are_asked_about() -> None:
    rows = [("a", "b"), ("source", "target"), ("b", "c")]
    frame = pd.DataFrame(rows, columns=["source", "target"])
    records = [{"source": u, "target": v} for u, v in rows]
    for given in (frame, records, frame.assign(weight=1)):
        with pytest.raises(
            dk.InputError, match="a row holds 'source' and 'target', the names of its columns"
        ):
            dk.as_graph(given)
    with pytest.raises(dk.InputError, match="may be the header of a table"):
        dk.as_graph([rows[1], *rows])
    assert dk.as_graph(pd.DataFrame([("source", "b"), ("b", "target")], columns=["source", "target"])).m == 2
