"""Names that each stand once beside a number or a truth value are names and their values, or stars apart."""

from __future__ import annotations

import io

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
