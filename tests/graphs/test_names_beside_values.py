"""Names that each stand once beside a number or a truth value are names and their values, or stars apart."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

TABLES = (
    "Alice,90\nBob,85\nCarol,90\n", "Alice,1\nBob,2\nCarol,1\n", "the 120\nof 100\nand 100\n",
    "ENSG1\t0\nENSG2\t3\nENSG3\t0\n", "Alice,true\nBob,false\nCarol,true\n", "Alice;yes\nBob;no\nCarol;yes\n",
    "2020-01-01,5\n2020-01-02,6\n2020-01-03,5\n", "A\t1\nB\t0\nC\t1\nD\t0\n",
)  # fmt: skip


@pytest.mark.parametrize("text", TABLES)
def test_names_and_values_are_asked_about(text: str) -> None:
    with pytest.raises(InputError, match=r"comes twice: names and their values, or edges between them"):
        dk.as_graph(io.StringIO(text))
    assert dk.as_graph(io.StringIO(text), input_format="edgelist").m == text.count("\n")
    pairs = [
        tuple(line.replace(";", ",").replace("\t", ",").replace(" ", ",").split(",")) for line in text.split()
    ]
    if all(len(pair) == 2 for pair in pairs):
        with pytest.raises(InputError, match=r"comes twice: names and their values, or edges between them"):
            dk.as_graph([(u, int(v) if v.isdigit() else v) for u, v in pairs])


@pytest.mark.parametrize(
    "text",
    [
        "Alice,90\nBob,85\nCarol,90\nAlice,85\n", "source,target\nAlice,1\nBob,2\nCarol,1\n", "a 1\nb 1\nc 1\n",
        "alice 17\nbob 17\nbob 18\n", "a 1\nb 2\n",
    ],
)  # fmt: skip
def test_edges_are_read(text: str) -> None:
    graph = dk.as_graph(io.StringIO(text))
    assert graph.m == text.count("\n") - text.startswith("source")


def test_the_table_of_a_cut_is_no_graph() -> None:
    cut = dk.maxcut([("A", "B"), ("B", "C"), ("C", "D"), ("D", "A")])
    table = "".join(f"{label}\t{side}\n" for label, side in cut.sides.items())
    with pytest.raises(InputError, match=r"comes twice: names and their values"):
        dk.as_graph(io.StringIO(table))


MEASURES = (
    [("Alice", 30, 175), ("Bob", 25, 180), ("Carol", 30, 165)], [("s1", 0, 1), ("s2", 1, 0), ("s3", 0, 0)],
    [("Ulm", 48.4, 9.9), ("Bonn", 50.7, 7.1), ("Rome", 41.9, 12.5)],
    [(30, "Alice", 175), (25, "Bob", 180), (30, "Carol", 165)], [("x y", 7, 3), ("y z", 8, 3), ("z x", 9, 4)],
)  # fmt: skip


@pytest.mark.parametrize("rows", MEASURES)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("header", ["", "player,goals,assists", "city,pop,area"])
def test_names_and_two_numbers_are_asked_about(rows, separator, header):
    first = [header.replace(",", separator)] if header else []
    text = "".join(line + "\n" for line in [*first, *(separator.join(map(str, row)) for row in rows)])
    with pytest.raises(
        InputError, match=r"a table of names and numbers, or edges|a name and its value|'x y' "
    ):
        dk.as_graph(io.StringIO(text))
    named = text if header else "a,b,c\n".replace(",", separator) + text
    named = "source,target,weight\n".replace(",", separator) + named.split("\n", 1)[1]
    graph = dk.as_graph(io.StringIO(named))
    assert (graph.m, graph.total_weight) == (3, pytest.approx(sum(w for *_, w in rows)))
    frame = pd.DataFrame(rows, columns=header.split(",") if header else None)
    for given in (rows, list(map(list, rows)), frame):
        with pytest.raises(InputError, match=r"a table of names and numbers, or edges"):
            dk.as_graph(given)
    assert dk.as_graph({(u, v): w for u, v, w in rows}).total_weight == graph.total_weight


@pytest.mark.parametrize(
    "rows",
    [
        [("u1", 101, 5), ("u1", 102, 3), ("u2", 101, 4)],  # ratings
        [("a", 1, 5), ("b", 1, 3), ("c", 1, 2)],  # one star
        [("b", "a", 5), ("c", "a", 3), ("d", "a", 2), ("e", "b", 1)],  # a tree, children first
        [("x", "1", 5), ("1", "y", 3), ("y", "2", 4)],
        [("Ulm", "Bonn", 5), ("Rome", "Bonn", 3), ("Oslo", "Rome", 4)],
    ],
)
def test_edges_with_weights_between_words_and_numbers_are_read(rows):
    text = "".join(",".join(map(str, row)) + "\n" for row in rows)
    for given in (io.StringIO(text), rows, pd.DataFrame(rows)):
        assert dk.as_graph(given).total_weight == sum(w for *_, w in rows)
