"""Several graphs in one file, rows that are no edges, code of languages, and graphs of the PACE challenges."""

from __future__ import annotations

import io

import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import InputError


def read(text: str, **options: object) -> dk.WeightedGraph:
    return dk.read_graph(io.StringIO(text), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("gap", ["\n", "\n\n", " \n", "% second\n", "\n% second\n\n"])
@pytest.mark.parametrize(
    "blocks",
    [
        ("0 1 5\n1 2 3\n2 0 1\n", "0 1 2\n1 2 4\n"),
        ("a,b\nb,c\n", "a,b\nc,d\n"),
        ("source,target\na,b\nb,c\n", "source,target\nd,e\ne,f\n"),
        ("a b\nb c\n", "c d\nd e\ne f\n", "b c\na c\n"),
    ],
)
def test_blocks_that_name_a_pair_again(gap: str, blocks: tuple[str, ...]) -> None:
    text = gap.join(blocks)
    with pytest.raises(InputError, match=r"stands in two blocks of lines.*--input-format edgelist"):
        read(text)
    if "source" not in text:
        assert read(text, input_format="edgelist").merged_edges >= 1
        assert read("".join(blocks)).merged_edges >= 1
        assert read(blocks[0] + gap).m == read(blocks[0]).m


@pytest.mark.parametrize(
    "text",
    [
        "a b\nb c\n\nc d\nd e\n",
        "a b\na c\n\nb a\nb c\n\nc a\nc b\n",  # the neighbours of each vertex, both ways
        "a b 1\na b 2\n\na b 3\nb c 1\n",  # parallel edges
        "0 1 5\n1 2 3\n\n0 1 5\n",  # one line is no graph
    ],
)
def test_blocks_of_one_graph_are_read(text: str) -> None:
    assert read(text).m >= 2


@pytest.mark.parametrize("gap", ["", "\n"])
@pytest.mark.parametrize("weight", ["", " 1"])
def test_graphs_below_their_sizes(gap: str, weight: str) -> None:
    graphs = [(3, [(1, 2), (2, 3)]), (3, [(1, 2), (2, 3), (1, 3)])]
    text = gap.join(
        f"{n} {len(edges)}\n" + "".join(f"{u} {v}{weight}\n" for u, v in edges) for n, edges in graphs
    )
    with pytest.raises(InputError, match=r"the lines 1 and [45] may each begin a graph"):
        read(text)
    alone = text[: text.index("3 3")]
    assert read(alone, input_format="rudy").m == 2


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("k", [4, 5, 12])
def test_numbered_rows_without_a_vertex_twice(start: int, k: int) -> None:
    rows = [(start + at, 100 + 17 * at * at % 89 + 90 * at, 50 + 7 * at % 11) for at in range(k)]
    text = "".join(" ".join(map(str, row)) + "\n" for row in rows)
    for given in (io.StringIO(text), rows, np.array(rows), io.StringIO(text.replace(" ", ","))):
        with pytest.raises(
            InputError,
            match=r"no vertex comes twice in the \d+ rows, which the first column counts|may be an index",
        ):
            dk.as_graph(given)
    total = sum(w for *_, w in rows)
    assert read(text, input_format="edgelist").total_weight == total
    assert dk.as_graph({(u, v): w for u, v, w in rows}).total_weight == total
    joined = [*rows, (start, rows[1][1], 5)]
    assert dk.as_graph(joined).total_weight == total + 5


@pytest.mark.parametrize("k", [4, 9, 40])
def test_rows_of_whole_numbers_without_a_vertex_twice(k: int) -> None:
    rng = np.random.default_rng(k)
    numbers = rng.permutation(10 * k)[: 2 * k].reshape(k, 2)
    rows = [(int(u), int(v), int(w)) for (u, v), w in zip(numbers, rng.integers(0, 99, k), strict=True)]
    text = "".join(" ".join(map(str, row)) + "\n" for row in rows)
    if k > 4:  # a square table asks another question
        for given in (io.StringIO(text), np.array(rows), np.array(rows, dtype=float)):
            with pytest.raises(InputError, match=f"no vertex comes twice in the {k} rows: rows of a table"):
                dk.as_graph(given)
    total = sum(w for *_, w in rows)
    for held in (rows, [(f"v{u}", f"v{v}", w) for u, v, w in rows], {(u, v): w for u, v, w in rows}):
        assert dk.as_graph(held).total_weight == total
    assert dk.as_graph(np.array([*rows, (rows[0][0], rows[1][1], 5)])).total_weight == total + 5
    assert k == 4 or dk.as_graph(numbers).m == k


def test_days_of_matlab() -> None:
    rows = [(1, 2, 737791.5), (2, 3, 737792.25), (3, 4, 737900), (4, 1, 738000)]
    for given in (rows, np.array(rows)):
        with pytest.raises(InputError, match="dates as MATLAB counts them"):
            dk.as_graph(given)
    assert dk.as_graph(np.array(rows) * [1, 1, 2]).total_weight == 2 * sum(w for *_, w in rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A = [0 1; 1 0];\n", "in the code of a language"),
        ("A = [0 1 0\n 1 0 1\n 0 1 0];\n", "in the code of a language"),
        ("m <- matrix(c(0,1,1,0), 2)\n", "in the code of a language"),
        ("edges = [(1,2),(2,3)]\n", "in the code of a language"),
        ("[[0 1 0]\n [1 0 1]\n [0 1 0]]\n", "a matrix as NumPy prints it"),
        ("[[ 0.  1.5 0. ]\n [ 1.5 0.  1. ]]\n", "a matrix as NumPy prints it"),
    ],
)
def test_code_and_printed_matrices(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(text)


@pytest.mark.parametrize("kind", ["tw", "ds", "cep", "vc", "td"])
def test_graphs_of_the_pace_challenges(kind: str) -> None:
    text = f"c a path\np {kind} 4 3\n1 2\n2 3\nc one more\n3 4\n"
    graph = read(text)
    assert (graph.n, graph.m, graph.total_weight) == (4, 3, 3)
    for wrong in (text + "5 1\n", text + "1 4\n", text.replace("2 3", "2 x")):
        with pytest.raises(InputError):
            read(wrong)
    with pytest.raises(InputError, match="is not 'e u v'"):
        read("p edge 4 3\n1 2\n2 3\n3 4\n")
