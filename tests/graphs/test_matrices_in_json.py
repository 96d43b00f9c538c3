"""JSON of matrices with names and of nested lists; empty rows above a table; messages that name lists of neighbours."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

ROWS = [[0, 1, 2.5], [1, 0, 3], [2.5, 3, 0]]
WANTED = dk.as_graph({("a", "b"): 1, ("a", "c"): 2.5, ("b", "c"): 3}).digest


def read(text: str, **options: object) -> dk.WeightedGraph:
    return dk.read_graph(io.StringIO(text), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["matrix", "adjacency", "adjacency_matrix"])
@pytest.mark.parametrize("names", ["labels", "nodes", "names"])
def test_a_matrix_beside_names(key: str, names: str) -> None:
    content = {names: ["a", "b", "c"], key: ROWS, "title": "flows", "directed": False}
    assert read(json.dumps(content)).digest == WANTED
    assert dk.as_graph(content).digest == WANTED
    with pytest.raises(InputError, match="the graph is directed and a cut needs an undirected one"):
        read(json.dumps({**content, "directed": True}))
    with pytest.raises(InputError, match="not symmetric"):
        read(json.dumps({**content, key: [[0, 1, 2.5], [1, 0, 3], [2.5, 4, 0]]}))
    with pytest.raises(InputError):
        read(json.dumps({**content, names: ["a", "b"]}))
    with pytest.raises(InputError):
        read(json.dumps({**content, "weights": [1, 2, 3]}))


def test_numbers_as_names_are_numbers_in_a_text() -> None:
    graph = read(json.dumps({"matrix": ROWS, "labels": ["10", "9", "8"]}))
    assert list(graph.labels) == [8, 9, 10]
    with pytest.raises(InputError, match="may be one vertex or two"):
        read(json.dumps({"matrix": ROWS, "labels": ["1", "01", "8"]}))


def test_ends_that_are_objects() -> None:
    edges = [{"source": {"id": "a", "x": 3}, "target": {"id": "b", "x": 4}, "value": 1}]
    assert read(json.dumps(edges)).digest == dk.as_graph([("a", "b", 1)]).digest
    tagged = [{"source": "a", "target": "b", "value": 1, "tags": [{"x": 1}]}]
    assert read(json.dumps(tagged)).digest == read(json.dumps(edges)).digest
    for text, message in (
        ('[{"source":{"value":"a"},"target":{"value":"b"}}]', "has no 'id'"),
        ('[{"id":"a","edges":[{"to":"b"}]},{"id":"b","edges":[]}]', "'edges' lists objects"),
        ('{"a":{"neighbors":["b","c"]}}', "'neighbors' under 'a' holds a list"),
    ):
        with pytest.raises(InputError, match=message):
            read(text)


@pytest.mark.parametrize("above", [",,\n", ",,\n,,\n", '"","",""\n'])
def test_empty_rows_above_the_names(above: str) -> None:
    graph = read(above + "source,target,weight\na,b,1\na,c,2.5\nb,c,3\n,,\n")
    assert graph.digest == WANTED
    assert graph.reading is not None
    assert "of empty cells at the beginning of the file" in graph.reading.remarks[0]
    assert graph.reading.remarks[1] == "1 row of empty cells at the end of the file was left out"
    assert (
        read(",a,b\na,0,5\nb,5,0\n").digest == dk.as_graph([("a", "b", 5)]).digest
    )  # a matrix begins with a comma


def test_messages_name_lists_of_neighbours(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=r"pass dict\(enumerate\(lists\)\)"):
        dk.as_graph([[1, 2], [0], [0]])
    assert dk.as_graph(dict(enumerate([[1, 2], [0], [0]]))).m == 2
    with pytest.raises(InputError, match=r"adjacency list\? --input-format adjlist"):
        read("a b c\nb c\nc\n")
    file = tmp_path / "g.adj"
    file.write_text("0 1 1 0\n1 0 0 1\n1 0 0 0\n0 1 0 0\n")
    with pytest.raises(InputError, match=r"is it a matrix\? --input-format matrix"):
        dk.as_graph(file)
    assert dk.read_graph(file, input_format="matrix").m == 3
    file = tmp_path / "g.txt"
    file.write_bytes("a b 3\n".encode("utf-32"))
    with pytest.raises(InputError, match="UTF-32 text; save it as UTF-8"):
        dk.as_graph(file)


def test_a_reading_is_one_line_and_says_no_weight_that_is_not_there() -> None:
    frame = pd.DataFrame({"source": ["a"], "target": ["b"], "weight\n(kg)": [3]})
    assert str(dk.as_graph(frame).reading) == "pandas edge list, 3 columns: source target weight (kg)"
    assert str(dk.as_graph({0: [1, 2]}).reading) == "mapping of neighbours"
    assert str(dk.as_graph({0: {1: 2}}).reading) == "mapping of neighbours, weights from 'value'"
