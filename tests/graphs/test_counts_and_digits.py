"""First lines that count or name vertices in unusual ways, METIS files in .txt, and digits of other scripts."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

CYCLE = "1 2\n2 3\n3 4\n4 5\n1 5\n1 3\n"


def metis(G: nx.Graph) -> str:
    lines = [" ".join(str(v + 1) for v in sorted(G[u])) for u in sorted(G)]
    return f"{len(G)} {G.size()}\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "G", [nx.cycle_graph(3), nx.cycle_graph(4), nx.cycle_graph(7), nx.complete_graph(4), nx.petersen_graph()]
)
def test_metis_is_named_where_its_lines_could_be_edges(G: nx.Graph) -> None:
    text = metis(G)
    with pytest.raises(InputError, match="METIS file") as caught:
        dk.read_graph(io.StringIO(text))
    assert "rudy" in str(caught.value)
    assert "--input-format" in str(caught.value)
    graph = dk.read_graph(io.StringIO(text), input_format="metis")
    assert (graph.n, graph.m) == (len(G), G.size())
    assert dk.as_graph(nx.relabel_nodes(G, lambda v: v + 1)).digest == graph.digest


def test_rudy_files_without_such_lines_do_not_name_it() -> None:
    for text in ("5 6\n" + CYCLE, "3 3\n1 2\n1 3\n2 3\n"):
        with pytest.raises(InputError, match="may be a rudy header or an edge"):
            dk.read_graph(io.StringIO(text))
    with pytest.raises(InputError, match="it may be cut short"):
        dk.read_graph(io.StringIO("5 9\n1 2 3\n2 3 1\n4 5 1\n"))


@pytest.mark.parametrize("first", ["5.0 6.0", "5. 6", "5 6.0"])
@pytest.mark.parametrize("weights", ["", " 7"])
@pytest.mark.parametrize("point", ["", ".0"])
def test_counts_that_are_written_as_floats_are_asked_about(first: str, weights: str, point: str) -> None:
    lines = [f"{point} ".join(line.split()) + point + weights for line in CYCLE.splitlines()]
    text = "\n".join([first, *lines]) + "\n"
    with pytest.raises(InputError, match=f"the first line '{first}' may count the vertices and the edges"):
        dk.read_graph(io.StringIO(text))
    if not weights:
        assert dk.read_graph(io.StringIO(text), input_format="edgelist").m == 7


def test_edges_between_whole_floats_are_read() -> None:
    assert dk.read_graph(io.StringIO("1.0 2.0\n2.0 3.0\n7.0 3.0\n")).labels == (1, 2, 3, 7)


MATRIX = np.array([[0, 1, 2, 3], [1, 0, 3, 1], [2, 3, 0, 1], [3, 1, 1, 0]])


@pytest.mark.parametrize("names", [[0.1, 0.2, 0.3, 0.4], [10, 20, 30, 40], [3, 1, 7, 9]])
def test_numbers_above_a_matrix_are_asked_about(names: list[float]) -> None:
    text = pd.DataFrame(MATRIX, columns=names).to_csv(index=False)
    with pytest.raises(InputError, match="the first line holds 4 numbers above as many rows of a matrix"):
        dk.read_graph(io.StringIO(text))
    graph = dk.read_graph(io.StringIO(text), header=True)
    assert (graph.n, graph.total_weight) == (4, 11)
    beside = pd.DataFrame(MATRIX, names, names)
    assert dk.read_graph(io.StringIO(beside.to_csv())).total_weight == 11


def test_names_that_grow_evenly_are_no_entries() -> None:
    heads = np.array([0.1, 0.2, 0.3, 0.4])
    full = np.block([[np.zeros((1, 1)), heads[None]], [heads[:, None], MATRIX]])
    for obj in (
        full,
        full.tolist(),
        io.StringIO("\n".join(",".join(map(str, row)) for row in full.tolist())),
    ):
        with pytest.raises(InputError, match=r"hold 0\.1, 0\.2, \.\.\.: names of the vertices, or entries"):
            dk.as_graph(obj)
    line = np.abs(np.subtract.outer(np.arange(5) / 10, np.arange(5) / 10))
    assert dk.as_graph(line).n == 5  # distances between points on a line
    assert dk.as_graph(np.corrcoef(np.random.default_rng(1).standard_normal((6, 9)))).n == 6


@pytest.mark.parametrize("two", ["\u0662", "\uff12", "\u0968"])
def test_digits_of_two_scripts_are_one_vertex_or_two(two: str) -> None:
    for obj in (io.StringIO(f"1,2,5\n{two},3,3\n"), [("1", "2", 5), (two, "3", 3)], [(1, 2, 5), (two, 3, 3)]):
        with pytest.raises(InputError, match="may be one vertex or two"):
            dk.as_graph(obj)
    alone = f"{two},b,5\nb,c,3\n"
    assert dk.read_graph(io.StringIO(alone)).n == 3
