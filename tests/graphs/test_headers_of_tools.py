"""Names of columns as databases and programs write them: which columns are the ends, and which line is a header."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.graphs.objects import columns

HEADERS = [
    "person,friend,hours", "protein1,protein2,combined_score", "TF,target,importance", "regulator,target,strength",
    "gene1,gene2,score", "Var1,Var2,Freq", "item1,item2,n", "station_a,station_b,minutes", "ligand,receptor,score",
    "query,subject,bitscore", "city_x,city_y,km", "Interactor A,Interactor B,Score", "from_city,to_city,trips",
    "SOURCE_SUBREDDIT,TARGET_SUBREDDIT,LINK_SENTIMENT",
]  # fmt: skip
ROWS = [("ann", "bob", 3), ("bob", "cid", 4), ("cid", "ann", 5)]
WANTED = dk.as_graph(ROWS).digest


def table(header: str, rows: list[tuple[object, ...]], mark: str = ",") -> str:
    return "".join(mark.join(map(str, row)) + "\n" for row in [header.split(","), *rows])


@pytest.mark.parametrize("header", HEADERS)
def test_a_file_and_its_frame_are_the_same_graph(header: str) -> None:
    text = table(header, ROWS)
    frame = pd.read_csv(io.StringIO(text))
    for given in (
        io.StringIO(text),
        frame,
        io.StringIO(frame.to_csv()),
        io.StringIO(table(header, ROWS, "\t")),
    ):
        assert dk.as_graph(given).digest == WANTED


@pytest.mark.parametrize("word", ["high", "NA", "l0", "yes", "three"])
def test_a_first_edge_whose_weight_is_no_number_is_no_header(word: str) -> None:
    with pytest.raises(InputError):
        dk.read_graph(io.StringIO(table(f"eve,dan,{word}", [*ROWS, ("a", "b", 1)])))


def test_a_header_called_as_vertices_below_names_the_option() -> None:
    with pytest.raises(
        InputError, match="'km' is not a number; if 'ann bob km' names the columns, say --header"
    ):
        dk.read_graph(io.StringIO(table("ann,bob,km", ROWS)))
    assert dk.read_graph(io.StringIO(table("ann,bob,km", ROWS)), header=True).digest == WANTED
    assert dk.read_graph(io.StringIO(table("ann,bob,weight", ROWS))).digest == WANTED


def test_of_several_pairs_of_columns_that_of_the_vertices_is_taken() -> None:
    rows = [(u, v, w, "undirected", u.upper(), v.upper()) for u, v, w in ROWS]
    header = "fromNode,toNode,weight,direction,fromAltName,toAltName"
    for given in (io.StringIO(table(header, rows)), pd.read_csv(io.StringIO(table(header, rows)))):
        assert dk.as_graph(given).digest == WANTED
    doubtful = table("gene1,gene2,drug1,drug2", [("a", "b", "x", "y"), ("b", "c", "y", "z")])
    for given in (io.StringIO(doubtful), pd.read_csv(io.StringIO(doubtful))):
        with pytest.raises(InputError, match="it is not clear which of the columns"):
            dk.as_graph(given)


@pytest.mark.parametrize("header", ["x,y,z", "col1,col2,col3", "year1,year2,count", "lat1,lat2,km"])
def test_columns_of_numbers_called_otherwise_are_asked_about(header: str) -> None:
    text = table(header, [(1, 2, 3.5), (2, 3, 4.5), (3, 4, 0.5), (4, 5, 2.5)])
    for given in (io.StringIO(text), pd.read_csv(io.StringIO(text))):
        with pytest.raises(InputError, match=r"looks like column names|hold numbers"):
            dk.as_graph(given)


@pytest.mark.parametrize(
    "header", ["name,interaction,weight", "interaction,name,weight", "shared name,name,interaction,weight"]
)
def test_edge_tables_of_cytoscape_are_named(header: str) -> None:
    cells = {"name": "{} (pp) {}", "shared name": "{} (pp) {}", "interaction": "pp", "weight": "{2}"}
    rows = [tuple(cells[name].format(*row) for name in header.split(",")) for row in ROWS]
    text = table(header, rows)
    for given in (io.StringIO(text), pd.read_csv(io.StringIO(text))):
        with pytest.raises(InputError, match=r"holds names of edges, such as .*Cytoscape"):
            dk.as_graph(given)


def test_tables_of_vertices_with_a_value_are_asked_about() -> None:
    text = table("id,name,score", [(1, "ann", 3.5), (2, "bob", 4.5)])
    for given in (io.StringIO(text), pd.read_csv(io.StringIO(text))):
        with pytest.raises(InputError, match="may be a table of vertices, or edges"):
            dk.as_graph(given)


def test_a_frame_that_took_its_first_edge_for_names_is_asked_about() -> None:
    frame = pd.read_csv(io.StringIO("ann,bob,5\nbo,cid,4\n"))
    with pytest.raises(InputError, match=r"as an edge and its weight.*header=None"):
        dk.as_graph(frame)
    assert dk.as_graph(frame.rename(columns={"5": "0"})).m == 1  # sizes of groups, as reset_index calls them


def test_codes_that_look_like_numbers_stay_codes() -> None:
    graph = dk.read_graph(io.StringIO("9606.E1 9606.E2 3\n9606.E2 1E5 4\n"), input_format="edgelist")
    assert set(graph.labels) == {"9606.E1", "9606.E2", "1E5"}
    floats = dk.read_graph(io.StringIO("1.0e0 2.0e0 3\n2.0e0 3.0 4\n"))
    assert list(floats.labels) == [1, 2, 3]


def test_a_line_of_very_many_words_is_refused_without_looking_at_all_pairs(tmp_path, monkeypatch):
    calls = []
    shared = columns._shared
    monkeypatch.setattr(columns, "_shared", lambda *words: calls.append(words) or shared(*words))
    file = tmp_path / "wide.txt"
    file.write_text("0 " * 5000)
    with pytest.raises(InputError, match="5000 columns"):
        dk.read_graph(file)
    assert len(calls) <= 10_000
    assert columns.ends_among([*(f"c{k}" for k in range(5000)), "source", "target"]) == (5000, 5001)


def test_one_long_cell_is_refused_in_one_pass(tmp_path):
    """A pattern that begins with a repetition would try every place of ten million letters to the end."""
    file = tmp_path / "long.txt"
    file.write_text("a" * 10_000_000)
    with pytest.raises(InputError, match="1 column;"):
        dk.read_graph(file)


@pytest.mark.parametrize("stem", ["v", "V", "x", "node", "vertex", "id", "p", "node_"])
@pytest.mark.parametrize("separator", [" ", ",", "\t"])
def test_names_that_are_numbered_as_the_vertices_below_may_be_an_edge(stem, separator, tmp_path):
    pairs = [(2, 1), (4, 0), (4, 3)]
    file = tmp_path / "g.csv"
    file.write_text("".join(f"{stem}{i}{separator}{stem}{j}\n" for i, j in pairs))
    with pytest.raises(dk.InputError, match="looks like column names, or an edge"):
        dk.read_graph(file)
    assert dk.read_graph(file, header=False).m == 3
    assert dk.read_graph(file, header=True).m == 2
    file.write_text(f"{stem}1{separator}{stem}2{separator}weight\n{stem}3{separator}{stem}4{separator}5\n")
    assert dk.read_graph(file).total_weight == 5
