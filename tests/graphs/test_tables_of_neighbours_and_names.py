"""Tables that list neighbours, and matrices whose names, titles or sums stand elsewhere."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

RING = [(2, 5), (1, 3), (2, 4), (3, 5), (4, 1)]
A = np.array([[0, 5, 2, 1], [5, 0, 3, 4], [2, 3, 0, 6], [1, 4, 6, 0]])
NAMES = ["a", "b", "c", "d"]
WANTED = dk.as_graph(pd.DataFrame(A, NAMES, NAMES)).digest
ROWS = [",".join(map(str, row)) for row in A.tolist()]


@pytest.mark.parametrize("head", ['"n1","n2"', '"","n1","n2"', '"V1","V2"', "id,a1,b1"])
def test_neighbours_beside_numbers_of_rows_are_no_edges(head: str) -> None:
    text = head + "\n" + "".join(f'"{k}",{u},{v}\n' for k, (u, v) in enumerate(RING, 1))
    with pytest.raises(InputError, match=r"may be edges, or lists of the neighbours|looks like column names"):
        dk.read_graph(io.StringIO(text))
    frame = pd.DataFrame(RING, columns=["n1", "n2"])
    with pytest.raises(InputError, match="may be edges, or lists of the neighbours"):
        dk.as_graph(frame)
    assert dk.as_graph(frame.rename(columns={"n1": "from", "n2": "to"})).m == 5


@pytest.mark.parametrize("word", ["neighbor", "neighbour_", "nn", "nbr", "Nearest_"])
def test_columns_called_neighbours_are_no_ends(word: str) -> None:
    head = f"id,{word}1,{word}2" if word != "Nearest_" else "id,nearest_nn1,nearest_nn2"
    text = head + "\n" + "".join(f"{k},{u},{v}\n" for k, (u, v) in enumerate(RING, 1))
    for given, header in ((io.StringIO(text), True), (io.StringIO(text), None)):
        with pytest.raises(InputError):
            dk.read_graph(given, header=header)
    with pytest.raises(InputError, match="may list the neighbours of one vertex a row"):
        dk.as_graph(pd.read_csv(io.StringIO(text)))


def test_three_names_a_line_are_lists_of_neighbours() -> None:
    text = "a b d\nb a c\nc b d\nd a c\n"
    with pytest.raises(InputError, match=r"lists of neighbours\? Say --input-format adjlist"):
        dk.read_graph(io.StringIO(text))
    assert dk.read_graph(io.StringIO(text), input_format="adjlist").m == 4


def metis(G: nx.Graph, code: str) -> str:
    lines = []
    for u in sorted(G):
        row = ["4"] * (code[-2:-1] == "1")
        for v in sorted(G[u]):
            row += [str(v + 1)] + [str(G[u][v]["weight"])] * (code[-1] == "1")
        lines.append(" ".join(row))
    return f"{len(G)} {G.size()} {code}\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize("code", ["0", "1", "10", "11", "010", "011"])
@pytest.mark.parametrize("G", [nx.cycle_graph(3), nx.path_graph(4), nx.cycle_graph(6), nx.complete_graph(5)])
def test_metis_files_of_other_names_are_named(G: nx.Graph, code: str) -> None:
    G = nx.Graph(G)
    nx.set_edge_attributes(G, {edge: 5 + k for k, edge in enumerate(G.edges)}, "weight")
    text = metis(G, code)
    with pytest.raises(InputError, match=r"METIS|may be edges|may be a"):
        dk.read_graph(io.StringIO(text))
    graph = dk.read_graph(io.StringIO(text), input_format="metis")
    weighted = code[-1] == "1"
    assert graph.total_weight == (sum(w for _, _, w in G.edges(data="weight")) if weighted else G.size())


def test_an_edge_list_that_looks_like_the_head_of_metis_is_read() -> None:
    rows = "4 1 10\n1 2 4\n2 3 4\n3 1 4\n4 2 1\n"
    assert dk.read_graph(io.StringIO(rows)).m == 5


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{row},{name}" for row, name in zip(ROWS, NAMES, strict=True)),
        "\n".join([*(f"{row},{name}" for row, name in zip(ROWS, NAMES, strict=True)), "a,b,c,d,"]),
        "\n".join([*ROWS, "a,b,c,d"]),
        "\n".join(["a,b,c,d,", *(f"{row},{name}" for row, name in zip(ROWS, NAMES, strict=True))]),
        "\n".join(["a,b,c,d", *(f"{row},{name}" for row, name in zip(ROWS, NAMES, strict=True))]),
        "\n".join(f"{name},{row}" for row, name in zip(ROWS, NAMES, strict=True)),
        "\n".join([*(f"{name},{row}" for row, name in zip(ROWS, NAMES, strict=True)), ",a,b,c,d"]),
    ],
)
def test_names_at_the_end_of_a_matrix(text: str) -> None:
    assert dk.read_graph(io.StringIO(text + "\n")).digest == WANTED
    assert dk.read_graph(io.StringIO(text.replace(",", "\t") + "\n")).digest == WANTED
    broken = text.replace("5", "7", 1)
    with pytest.raises(InputError):
        dk.read_graph(io.StringIO(broken))


def test_points_with_names_are_no_matrix() -> None:
    with pytest.raises(InputError):
        dk.read_graph(io.StringIO("a,1,5,2\nb,5,0,3\nc,2,3,4\n"))


@pytest.mark.parametrize("word", ["Total", "sum", "Row sum", "Gesamt", "mean"])
@pytest.mark.parametrize("where", ["column", "row"])
def test_sums_on_one_side_are_named(word: str, where: str) -> None:
    frame = pd.DataFrame(A, NAMES, NAMES)
    if where == "column":
        frame[word] = A.sum(axis=1)
    else:
        frame.loc[word] = A.sum(axis=0)
    for given in (frame, io.StringIO(frame.to_csv())):
        with pytest.raises(InputError, match=f"'{word}' stands on one side of the matrix only"):
            dk.as_graph(given)


@pytest.mark.parametrize("title", ["My network", "Table 1: distances", "Report"])
def test_a_title_above_a_table_is_named(title: str) -> None:
    for table in (
        "source,target,weight\nA,B,5\nB,C,3\n",
        "\n".join([",a,b,c,d", *(f"{n},{r}" for n, r in zip(NAMES, ROWS, strict=True))]),
    ):
        for blank in ("", "\n"):
            with pytest.raises(InputError, match=f"1: '{title}' has no comma, which separates.*a title"):
                dk.read_graph(io.StringIO(f"{title}\n{blank}{table}"))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("nodedef>name VARCHAR\nA\nB\nedgedef>node1 VARCHAR,node2 VARCHAR\nA,B\n", "a GDF file"),
        ("graph TD\nA-->B\n", "a diagram of Mermaid"),
        ('(tlp "2.0"\n(nodes 0 1)\n(edge 0 0 1)\n)\n', "a Tulip file"),
        ("graph 1 2 3\nnode A 1 1 1 1 A solid\nedge A B 2 1 1\nstop\n", "a plain output of Graphviz"),
        ("<NUMBER OF ZONES> 24\n1 2 3\n", "a network of TNTP"),
        ("3\na 0 5 2\nb 5 0 3\nc 2 3 0\n", "a distance matrix of PHYLIP"),
        ("\u250c\u2500\u252c\u2500\u2510\n\u2502a\u2502b\u2502\n", "a table drawn with lines"),
    ],
)
def test_further_formats_are_named(text: str, what: str) -> None:
    with pytest.raises(InputError, match=f"the file is {what}"):
        dk.read_graph(io.StringIO(text))


STRING = (
    "#node1\tnode2\tnode1_id\tnode2_id\tcombined_score\n"
    "TP53\tMDM2\t9606.ENSP1\t9606.ENSP2\t0.9\nMDM2\tATM\t9606.ENSP2\t9606.ENSP3\t0.8\n"
)


def test_names_of_columns_in_a_comment_count_where_they_are_needed() -> None:
    graph = dk.read_graph(io.StringIO(STRING))
    assert graph.digest == dk.as_graph([("TP53", "MDM2", 0.9), ("MDM2", "ATM", 0.8)]).digest
    assert graph.reading is not None
    assert "the comment above the lines names the columns" in graph.reading.remarks
    three = "#node1\tnode2\tcombined_score\nTP53\tMDM2\t0.9\nMDM2\tATM\t0.8\n"
    assert dk.read_graph(io.StringIO(three)).digest == graph.digest
    assert dk.read_graph(io.StringIO(three), weight="combined_score").digest == graph.digest


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("source\ttarget\tweight\tnotes\nA\tB\t3\t\nB\tC\t9\thi\n", [("A", "B", 3), ("B", "C", 9)]),
        ("Source\tTarget\nAnn Lee\tBob\nBob\tCy Day\n", [("Ann Lee", "Bob"), ("Bob", "Cy Day")]),
        ("source\ttarget\nApt #1\tApt #2\nApt #2\tApt #3\n", [("Apt #1", "Apt #2"), ("Apt #2", "Apt #3")]),
        ("A\tB\t3\t\nB\tC\t4\t\n", [("A", "B", 3), ("B", "C", 4)]),
    ],
)
def test_tabs_with_empty_cells_and_blanks(text: str, edges: list[tuple[object, ...]]) -> None:
    assert dk.read_graph(io.StringIO(text)).digest == dk.as_graph(edges).digest
