"""What stands in a file or call and is not used is refused: a third number, a second spelling, an option for files."""

import json

import pytest
from tests.inputs import read, refusal, refused

import derandkit as dk
from derandkit.graphs.label_json import label_of

LARGE = 2**53 + 1
NAMES = ["a", "b", "c", "d"]


def matrices(x, y=1):
    """Return a matrix whose first entry beside the diagonal is x, in each form of JSON that pandas writes."""
    rows = [[0, x, 1, 2], [x, 0, y, 3], [1, y, 0, 4], [2, 3, 4, 0]]
    fields = [{"name": name} for name in ("index", *NAMES)]
    named = [dict(zip(NAMES, row, strict=True)) for row in rows]
    return {
        "split": {"columns": NAMES, "index": NAMES, "data": rows},
        "without index": {"columns": NAMES, "data": rows},
        "columns": dict(zip(NAMES, named, strict=True)),
        "table": {
            "schema": {"fields": fields, "primaryKey": ["index"]},
            "data": [{"index": name, **row} for name, row in zip(NAMES, named, strict=True)],
        },
    }


@pytest.mark.parametrize("form", matrices(1))
def test_cells_of_matrices_in_json_are_exact_numbers(tmp_path, form):
    """NumPy made doubles of them: 2**53 + 1 was rounded, "1_0" was 10, and true beside 5 was 1."""
    assert read(tmp_path, json.dumps(matrices(2.5)[form])).total_weight == 13.5
    assert f"{LARGE} is not exact" in refusal(tmp_path, json.dumps(matrices(LARGE)[form]))
    assert "True is a boolean" in refusal(tmp_path, json.dumps(matrices(True, False)[form]))
    refusal(tmp_path, json.dumps(matrices(10**400)[form]))
    for text in ("1_0", "\u0663"):
        refusal(tmp_path, json.dumps(matrices(text)[form]))
    if form != "without index":
        assert read(tmp_path, json.dumps(matrices("2.5")[form])).total_weight == 13.5
        assert "weight '1_0' is not a number" in refusal(tmp_path, json.dumps(matrices("1_0")[form]))


def test_ends_of_edges_in_a_square_frame_may_be_long(tmp_path):
    frame = {"columns": ["source", "target", "weight"], "data": [[LARGE, 5, 1], [5, 7, 2], [7, LARGE, 3]]}
    assert LARGE in read(tmp_path, json.dumps(frame)).labels


def test_a_huge_third_item_of_an_edge_is_refused(tmp_path):
    assert "too large for float64" in refusal(
        tmp_path, json.dumps({"nodes": [1, 2], "links": [[1, 2, 10**400]]})
    )


@pytest.mark.parametrize("blank", [" ", "\t"])
def test_a_number_behind_the_weight_of_pajek_is_refused(tmp_path, blank):
    """``1 234`` was 1."""
    text = f"*Vertices 3\n*Edges\n1 3 1{blank}234\n2 3 7\n"
    assert ":3: '234' stands behind the weight '1'" in refusal(tmp_path, text)
    assert "'234' stands behind the weight" in refusal(tmp_path, text.replace("1\n2", "1 c Blue 234\n2", 1))


def test_parameters_and_times_behind_the_weight_of_pajek_are_read(tmp_path):
    text = '*Vertices 3\n*Edges\n1 3 1 c Blue w 2 l "5 6" [1-3]\n2 3 7 [5-9,11] p Dots\n'
    assert read(tmp_path, text).total_weight == 8
    assert "'1\\xa0234' is not a number" in refusal(tmp_path, "*Vertices 3\n*Edges\n1 3 1\u00a0234\n2 3 7\n")
    assert "New\u00a0York" in read(tmp_path, "*Vertices 2\n1 New\u00a0York\n2 b\n*Edges\n1 2 1\n").labels


def test_numbers_of_edges_in_dimacs_fit(tmp_path):
    """``p edge 4 3`` with one line was half of 3, and a third number was left out."""
    assert "the header says 3 edges, the file has 1" in refusal(tmp_path, "p edge 4 3\ne 1 2\n")
    assert read(tmp_path, "p edge 4 4\ne 1 2\ne 3 4\n").m == 2
    text = "p max 4 2 9\na 1 2 5\na 3 4 6\n"
    assert "'p max 4 2 9' has a third number" in refusal(tmp_path, text, symmetrize="sum")


def test_a_minus_within_a_name_of_dot_needs_quotation_marks(tmp_path):
    """``x-1 -- x-2`` was read as Graphviz reads it, with a warning there: an edge between -1 and x."""
    assert "'x-1' is no name or number of DOT" in refusal(tmp_path, "graph { x-1 -- x-2; x-2 -- x-3 }")
    assert read(tmp_path, "graph { a--b; b---1; -1-- -2 }").m == 3


@pytest.mark.parametrize("option", [{"symmetrize": "mean"}, {"input_format": "rudy"}])
def test_options_that_read_a_file_otherwise_are_refused_beside_a_benchmark_graph(option):
    """They were not used."""
    said = refused(dk.as_graph, "G11", **option)
    assert "G11: is a benchmark graph" in said
    assert next(iter(option)) in said


def test_classes_below_directed_graphs_of_rustworkx_are_directed():
    """PyDAG was read as a graph without directions."""
    rx = pytest.importorskip("rustworkx")
    for kind in (rx.PyDAG, rx.PyDiGraph):
        D = kind()
        D.add_nodes_from(list("ab"))
        D.add_edge(0, 1, 5)
        assert "the graph is directed" in refused(dk.as_graph, D)
        assert dk.as_graph(D, symmetrize="sum").total_weight == 5
        assert dk.maxdicut(D).value == 5


@pytest.mark.parametrize(
    "value",
    [
        {"uuid": 5}, {"uuid": ["a"]}, {"fraction": 5}, {"decimal": "sNaN"}, {"decimal": "NaN"}, {"decimal": 5},
        {"decimal": "1_0"}, {"fraction": "2/4"}, {"fraction": "\u0663"}, {"bytes": "61 62"}, {"bytes": "AB"},
        {"timedelta": [True, 0, 0]}, {"timedelta": [0, 86400, 0]}, {"timedelta": ["1", 0, 0]}, {"date": "20260131"},
        {"uuid": "{12345678123456781234567812345678}"}, {"frozenset": [1, 1]}, {"time": 5}, {"complex": {}},
    ],
)  # fmt: skip
def test_a_value_that_no_label_is_written_as_is_refused(value):
    """Some ended in an error of Python, some were a second spelling of a label, and one could not be compared."""
    assert "is not a vertex label" in refused(label_of, value)
    assert "is not a vertex label" in refused(label_of, [1, value])
