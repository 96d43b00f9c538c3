"""Lists of vertices in one cell or tuple, marks on the diagonal of a matrix, and words that look alike."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

A = np.array([[0, 5, 2, 1], [5, 0, 3, 4], [2, 3, 0, 6], [1, 4, 6, 0]])
NAMES = ["a", "b", "c", "d"]
WANTED = dk.as_graph(pd.DataFrame(A, NAMES, NAMES)).digest


@pytest.mark.parametrize("cell", ["B C", "B/C", "B & C", "B+C", "B, C"])
def test_lists_in_one_cell_are_refused(cell: str) -> None:
    for head, what in (
        ("node,neighbors", "may hold a list of vertices in each cell"),
        ("x1,x2", "may list the vertices"),
    ):
        text = f'{head}\nA,"{cell}"\nB,C\nC,D\n'
        with pytest.raises(InputError, match=what):
            dk.read_graph(io.StringIO(text), header=True)
        with pytest.raises(InputError, match=what):
            dk.as_graph(pd.read_csv(io.StringIO(text)))
    with pytest.raises(InputError, match="may hold a list of vertices in each cell"):
        dk.as_graph(pd.DataFrame({"node": ["A", "B"], "neighbors": [["B", "C"], ["C"]]}))
    assert dk.read_graph(io.StringIO("gene,targets\nA,B\nB,C\n"), header=True).m == 2


def test_names_with_blanks_beside_their_parts_are_names() -> None:
    text = "machine learning,ai\nmachine,learning\nai,learning\n"
    assert "machine learning" in dk.read_graph(io.StringIO(text)).labels


@pytest.mark.parametrize(
    "mapping",
    [
        {"A": [(5, "B"), (2, "C")], "B": [(5, "A"), (3, "C")], "C": [(2, "A"), (3, "B")]},
        {0: [(5, 1), (2, 2)], 1: [(3, 2)], 2: []},
        {"A": [("A", "B", 5)], "B": [("B", "C", 3)]},
    ],
)
def test_tuples_that_are_no_neighbours_are_refused(mapping: dict[object, object]) -> None:
    with pytest.raises(InputError, match="may be a weight and a neighbour, an edge, or a vertex"):
        dk.as_graph(mapping)


def test_pairs_of_neighbour_and_weight_and_tuples_as_vertices_are_read() -> None:
    assert dk.as_graph({0: [(1, 5), (2, 2)], 1: [(0, 5)], 2: [(0, 2)]}).total_weight == 7
    assert dk.as_graph({(0, 0): [(0, 1)], (0, 1): [(0, 0)]}).m == 1


def matrix(mark: str, *, names: bool = False, separator: str = ",", entries: np.ndarray = A) -> str:
    rows = [[mark if u == v else str(x) for v, x in enumerate(row)] for u, row in enumerate(entries.tolist())]
    if names:
        rows = [["", *NAMES], *([name, *row] for name, row in zip(NAMES, rows, strict=True))]
    return "".join(separator.join(row) + "\n" for row in rows)


@pytest.mark.parametrize("mark", ["", "-", "x", "NA", "\u2014"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_mark_on_the_diagonal_is_no_name(mark: str, separator: str) -> None:
    assert dk.read_graph(io.StringIO(matrix(mark, names=True, separator=separator))).digest == WANTED
    text = matrix(mark, separator=separator)  # 5, 2, 1 above and beside
    with pytest.raises(
        InputError, match=r"names of vertices, or entries of a matrix whose diagonal is empty|blank or"
    ):
        dk.read_graph(io.StringIO(text))
    twice = np.array([[0, 3, 2, 2], [3, 0, 1, 1], [2, 1, 0, 4], [2, 1, 4, 0]])
    if mark or separator != "\t":
        graph = dk.read_graph(io.StringIO(matrix(mark, separator=separator, entries=twice)))
        assert graph.digest == dk.as_graph(twice).digest


def test_a_lower_triangle_beside_names_is_a_matrix() -> None:
    graph = dk.read_graph(io.StringIO("A,-,,,\nB,1,-,,\nC,0,0,-,\nD,0,1,0,-\n"))
    assert (graph.n, graph.m, graph.total_weight) == (4, 2, 2)
    signed = dk.read_graph(io.StringIO("Ann,x,,\nBob,-1,x,\nCy,1,1,x\n"))
    assert signed.digest == dk.as_graph([("Ann", "Bob", -1), ("Ann", "Cy", 1), ("Bob", "Cy", 1)]).digest


def test_empty_cells_between_tabs_are_cells() -> None:
    with pytest.raises(InputError, match="may be separated by blank or tab"):
        dk.read_graph(io.StringIO("A\t\t1\t0\nB\t1\t\t1\nC\t0\t1\t\n"))
    rows = [(k, k + 1, 4) for k in range(1, 7)]
    aligned = "".join(f"{u}\t\t{v}\t{w}\n" for u, v, w in rows)
    assert dk.read_graph(io.StringIO(aligned)).digest == dk.as_graph(rows).digest


@pytest.mark.parametrize(
    "lines",
    [
        ("a\t\tb\t3", "b\t\tc\t2", "a\t\tc\t3"),
        ("a\t\tb", "b\t\tc", "a\t\tc"),
        ("a\t\tb\t\t3", "b\t\tc\t\t2", "a\t\tc\t\t3"),
        ("\ta b 3", "b c 2", "a c 3"),
        ("\ta b", "b c", "a c"),
    ],
)
def test_tabs_that_part_columns_are_read_whatever_the_order_of_the_lines(lines: tuple[str, ...]) -> None:
    """Two of the six orders were refused for an empty column, where names of columns may stand above."""
    orders = itertools.permutations(lines)
    found = {dk.read_graph(io.StringIO("\n".join(order) + "\n")).digest for order in orders}
    assert found == {dk.as_graph([(u, v, *map(int, w)) for u, v, *w in map(str.split, lines)]).digest}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u201cB\u201d", "B"), ("\u201eB\u201c", "B"), ("O'Neil", "O\u2019Neil"), ("X-1", "X\u20131"),
        ("X-1", "X\u20111"),
        ("A", "\u0410"), ("A", "\u0391"), ("x2", "x\u00b2"),
    ],
)  # fmt: skip
def test_words_of_word_processors_and_other_scripts_look_alike(one: str, other: str) -> None:
    with pytest.raises(InputError, match="look alike"):
        dk.read_graph(io.StringIO(f"source,target\nP,{one}\n{other},Q\nP,Q\n"))
    with pytest.raises(InputError, match="look alike"):
        dk.as_graph([("P", one), (other, "Q")])
    assert dk.as_graph([("P", other), (other, "Q")]).n == 3


def test_words_of_one_script_are_words() -> None:
    names = [
        "\u041c\u043e\u0441\u043a\u0432\u0430",
        "\u0422\u043e\u043c\u0441\u043a",
        "\u0391\u0392",
        "\u0393",
    ]
    assert dk.as_graph(list(itertools.pairwise(names))).n == 4


@pytest.mark.parametrize("head", ["mode,o,d", "lane_kind,a,b", "mode,origin,dest"])
def test_a_kind_before_both_ends_is_no_end(head: str) -> None:
    text = f"{head}\nbus,4,2\nbus,6,5\nrail,1,4\n"
    for given in (io.StringIO(text), pd.read_csv(io.StringIO(text))):
        assert dk.as_graph(given).digest == dk.as_graph([(4, 2), (6, 5), (1, 4)]).digest


def test_a_kind_may_be_an_end() -> None:
    text = "customer,category,amount\nann,x,4\nbob,x,5\n"
    assert dk.read_graph(io.StringIO(text)).digest == dk.as_graph([("ann", "x", 4), ("bob", "x", 5)]).digest


def test_an_unusual_separator_is_named() -> None:
    with pytest.raises(InputError, match="if another sign separates the columns, say --separator"):
        dk.read_graph(io.StringIO("A:B:5\nB:C:4\n"))
    assert dk.read_graph(io.StringIO("A:B:5\nB:C:4\n"), separator=":").total_weight == 9
