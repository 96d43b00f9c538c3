"""Decimal commas in the ends of edges: points, whole numbers, cells of a grid, and names beside values."""

from __future__ import annotations

import io

import pytest

import derandkit as dk
from derandkit.errors import InputError

POINTS = [(1.3, -2.2, 3.6), (-6.7, 13.7, 3.5), (2.4, 3.1, 9.9), (4.4, -3.1, 8.9), (5.5, 6.6, 7.7)]


def read(text: str, **options: object) -> dk.WeightedGraph:
    return dk.as_graph(io.StringIO(text), **options)


def rows(separator: str, width: int, digits: int = 2) -> str:
    lines = ([f"{x:.{digits}f}".replace(".", ",") for x in point[:width]] for point in POINTS)
    return "".join(separator.join(line) + "\n" for line in lines)


@pytest.mark.parametrize("digits", [1, 2, 3])
@pytest.mark.parametrize("separator", [";", "\t", " "])
def test_three_coordinates_are_no_edges(separator: str, digits: int) -> None:
    with pytest.raises(InputError, match="not all whole: a table of points, or an edge list"):
        read(rows(separator, 3, digits if digits < 3 else 4))


def test_two_coordinates_are_no_edges() -> None:
    for text in (rows(";", 2), "-10,10;-2,10\n-3,00;13,00\n4,00;2,00\n", "1,5;2\n3,5;4\n"):
        with pytest.raises(InputError, match="not all whole: a table of points, or an edge list"):
            read(text)
    for separator, name in (("\t", "tab"), (" ", "blank")):
        with pytest.raises(InputError, match="not all whole: a table of points"):
            read(rows(separator, 2), separator=name)
    quoted = "".join(f'"{x}","{y}"\n'.replace(".", ",") for x, y, _ in POINTS)
    with pytest.raises(InputError, match="not all whole: a table of points"):
        read(quoted)


def test_the_caller_decides() -> None:
    graph = read(rows(";", 3), input_format="edgelist")
    assert (graph.n, graph.m, graph.weights.max()) == (10, 5, 9.9)
    named = read("source;target;weight\n1,5;2,5;3\n2,5;3,7;4\n")
    assert named.labels == ("1,5", "2,5", "3,7")


def test_names_between_semicolons_stand_above_decimal_commas() -> None:
    with pytest.raises(InputError, match="not clear which of the columns 'x', 'y', 'z', 'cls' are the ends"):
        read("x;y;z;cls\n1,5;2,0;3,0;0\n2,5;2,0;3,0;1\n")
    with pytest.raises(
        InputError, match="has no comma, which separates the columns of the lines below: a title"
    ):
        read("Roads\nA,B,1\nB,C,2\n")


@pytest.mark.parametrize(
    "text",
    ["1,0;2,0;0,5\n2,0;3,0;0,7\n", "1,0;2;5\n2,0;3;7\n", "1,0\t2,0\t0,5\n2\t3,0\t0,7\n", "1;2;5,0\n2,0;3;7,0\n"],
)  # fmt: skip
def test_whole_numbers_are_whole(text: str) -> None:
    assert list(read(text).labels) == list(read(text.replace(",", ".")).labels) == [1, 2, 3]


def test_two_spellings_of_one_vertex_are_refused() -> None:
    for text in ("2,0;B;1,5\n2;C;1,5\nB;C;3,5\n", "2,0;B;1\n2,00;C;2\n", "1,000;B;5\n1000;C;3\n"):
        with pytest.raises(InputError, match="may be one vertex or two"):
            read(text)


def test_cells_of_a_grid_are_names() -> None:
    for weights in (("", "", "", ""), (";3", ";2,5", ";5", ";2")):
        pairs = ("0,0;0,1", "0,1;1,1", "1,1;1,0", "1,0;0,0")
        graph = read("".join(pair + weight + "\n" for pair, weight in zip(pairs, weights, strict=True)))
        assert (graph.m, graph.labels) == (4, ("0,0", "0,1", "1,0", "1,1"))


def test_a_name_and_its_value() -> None:
    text = "Alice;3,5\nBob;2,5\nCarl;2,5\n"
    for options in ({}, {"separator": "semicolon"}):
        with pytest.raises(InputError, match=r"'Alice' stands beside .*: a name and its value"):
            read(text, **options)
    with pytest.raises(InputError, match=r"'Alice' stands beside .*: a name and its value"):
        read(text.replace(";", "\t"), separator="tab")


def test_weights_with_decimal_commas_stay_weights() -> None:
    for text in ("A;B;3,5\nC;D;4,5\n", "A\tB\t3,5\nC\tD\t4,5\n", "A B 3,5\nC D 4,5\n"):
        graph = read(text)
        assert (graph.labels, graph.total_weight) == (("A", "B", "C", "D"), 8)
    matrix = "0,0;1,5;2,5;0,0\n1,5;0,0;3,5;1,0\n2,5;3,5;0,0;0,0\n0,0;1,0;0,0;0,0\n"
    assert (read(matrix).n, read(matrix).total_weight) == (4, 8.5)
