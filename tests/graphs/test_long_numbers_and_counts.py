"""Whole numbers that became floating-point numbers in a text, counts above words, and the least integer among few."""

import numpy as np
import pandas as pd
import pytest
from tests.inputs import read, refusal, refused

import derandkit as dk

LOST = "different vertices may have become one"
NONE = "may stand for none"
COUNTS = "may count the vertices and the"


@pytest.mark.parametrize(
    "long",
    [
        "1.2345678901234568e+18",  # pandas and Python
        "1.2e+18",
        "1e+18",
        "-1.2345678901234568e+18",
        "1.23456789012346e+18",  # R
        "1.23456789012346e+15",  # below 2^53, but R has dropped a digit
        "1,23456789012346E+18",  # a spreadsheet with decimal commas
        "9007199254740993.0",
        "9007199254740994,0",
    ],
)
@pytest.mark.parametrize("head", ["source;target\n", ""])
def test_long_numbers_in_floating_point_are_asked_about(tmp_path, long, head):
    for other in ("5", "a", long.replace("1", "2", 1)):
        assert LOST in refusal(tmp_path, f"{head}{long};{other}\n{other};7\n7;8\n", "g.csv")
    assert LOST in refused(dk.as_graph, [(long, "2"), ("2", "3")])
    assert LOST in refused(dk.as_graph, pd.DataFrame({"source": [long, "2"], "target": ["2", "3"]}))
    assert read(tmp_path, f"{long};a\na;b\n", "g.csv", input_format="edgelist").n == 3


def test_a_column_of_long_numbers_that_once_had_a_hole_is_asked_about(tmp_path):
    frame = pd.DataFrame(
        {"source": [2**60 + 1, None, 2**60 + 3], "target": [2**60 + 3, 2**60 + 5, 2**60 + 5]}
    )
    frame = frame.dropna()
    assert LOST in refused(dk.as_graph, frame)
    assert LOST in refusal(tmp_path, frame.to_csv(index=False), "g.csv")
    assert LOST in refusal(tmp_path, frame.to_csv(index=False, sep="\t"), "g.tsv")


@pytest.mark.parametrize(
    "name", ["1e18", "2e3", "1.5E+11", "3.0", "4503599627370496.0", "1.1", "1.25e+2", "3.14159265358979"]
)
def test_shorter_numbers_and_words_like_numbers_are_names(tmp_path, name):
    assert read(tmp_path, f"source,target\n{name},a\na,b\nb,{name}\n", "g.csv").n == 3


@pytest.mark.parametrize(
    ("line", "edges"),
    [
        ("3 3", "a b\nb c\na c\n"),
        ("4 4", "a b\nb c\nc d\nd a\n"),
        ("6 4", "a b\nb c\nc d\nd a\n"),
        ("4 3", "a b\nb c\nc d\n"),
        ("3 4", "a b\nb c\nc d\n"),
    ],
)
def test_counts_above_words_are_asked_about(tmp_path, line, edges):
    rows = [row.split() for row in f"{line}\n{edges}".splitlines()]
    assert COUNTS in refusal(tmp_path, f"{line}\n{edges}")
    assert COUNTS in refusal(tmp_path, f"{line}\n{edges}".replace(" ", ","), "g.csv")
    n, m = map(int, rows[0])
    for first in ((n, m), (str(n), str(m))):
        edges_of = [first, *map(tuple, rows[1:])]
        for given in (edges_of, list(map(list, edges_of)), pd.DataFrame(edges_of)):
            assert COUNTS in refused(dk.as_graph, given)
    assert COUNTS in refused(dk.as_graph, np.array(rows))
    for name, options in (("g", {"input_format": "edgelist"}), ("g.edgelist", {}), ("g.edges", {})):
        assert read(tmp_path, f"{line}\n{edges}", name, **options).labels[0] == str(min(n, m))
    assert COUNTS in refusal(tmp_path, f"{line}\n{edges}".replace("a", '"a x"'))


@pytest.mark.parametrize("first", [(3, 3), (5, 3), (2, 4), (2, 2)])
def test_an_edge_of_numbers_that_counts_nothing_is_one(tmp_path, first):
    words = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    text = "".join(f"{u} {v}\n" for u, v in [first, *words])
    assert read(tmp_path, text).n == dk.as_graph([first, *words]).n == 5 + len(set(first))


def test_an_edge_of_numbers_that_counts_is_one_where_it_stands_lower_or_is_named(tmp_path):
    words = [("a", "b"), ("b", "c"), ("a", "c")]
    assert dk.as_graph([*words, (3, 3)]).n == read(tmp_path, "a b\n3 3\nb c\na c\n").n == 4
    assert read(tmp_path, "source,target\n3,3\na,b\nb,c\na,c\n", "g.csv").n == 4
    assert dk.as_graph(pd.DataFrame([(3, 3), *words], columns=["source", "target"])).n == 4
    assert dk.as_graph([(3, 3), ("a", 3), ("b", "c"), ("a", "c")]).n == 4  # 3 is a vertex below


@pytest.mark.parametrize("least", [-(2**63), -(2**31)])
def test_the_least_integer_is_asked_about_among_few_vertices(tmp_path, least):
    for rows in ([(1, 2), (1, 3), (2, least)], [(1, 2), (2, least), (3, least)]):
        text = "".join(f"{u},{v}\n" for u, v in rows)
        assert NONE in refusal(tmp_path, f"source,target\n{text}", "g.csv")
        assert NONE in refusal(tmp_path, text.replace(",", " "))
        assert NONE in refused(dk.as_graph, rows)
        assert NONE in refused(dk.as_graph, pd.DataFrame(rows, columns=["source", "target"]))
        assert NONE in refusal(tmp_path, str([list(row) for row in rows]), "g.json")
    assert dk.as_graph([(-1, 2), (2, least)]).n == 3
    assert dk.as_graph([(0, 1), (1, -9)]).n == dk.as_graph([(0, 1), (1, 2**31 - 1)]).n == 3


def test_a_file_of_many_graphs_says_how_to_solve_them(tmp_path):
    message = refusal(tmp_path, "Bw\nBw\nC~\n", "g.g6")
    assert "holds 3 graphs" in message
    assert "(split -l 1), and give maxcut all of them with --input-format graph6" in message
    assert "networkx.read_graph6" in message
