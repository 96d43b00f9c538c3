"""Names beside values, weights in lists and numbers beside their text, in memory: refused with both readings named."""

import io
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from tests.inputs import refused

from derandkit import as_graph

PRICES = {"Al": 3.5, "Bo": 2.0}


@pytest.mark.parametrize(
    "obj",
    [
        list(PRICES.items()),
        [(v, u) for u, v in PRICES.items()],
        pd.Series(PRICES, name="x").reset_index(),
        pd.DataFrame({"date": ["d1", "d2"], "price": [2.5, 3.5]}),
        np.array([["a", "3.5"], ["b", "2.5"], ["c", "1.5"]]),
        np.array([["a", "3.5"], ["b", "2.5"]]),
        [{"date": "d1", "price": 2.5}, {"date": "d2", "price": 3.5}],
    ],
)
def test_names_and_their_values_are_no_edges(obj):
    assert "a name and its value, or an edge" in refused(as_graph, obj)
    if isinstance(obj, list) and isinstance(obj[0], dict):
        assert "a name and its value, or an edge" in refused(as_graph, io.StringIO(json.dumps(obj)))


def test_edges_between_names_and_numbers_are_edges():
    assert as_graph([("Al", 3), ("Bo", 2)]).m == 2
    assert as_graph([("Al", "Bo"), ("Bo", "Cy")]).m == 2
    assert as_graph([("Al", 3.5, 1), ("Bo", 2.5, 2)]).total_weight == 3
    assert as_graph(nx.Graph([("Al", 3.5), ("Bo", 2.5)])).m == 2


@pytest.mark.parametrize("weights", [[5], (5,), [5, 2.5]])
def test_weights_in_lists_under_pairs(weights):
    assert "an edge with its weights in a list" in refused(as_graph, {("a", "b"): weights, ("b", "c"): [3]})
    assert as_graph({("a", "b"): [("b", "c")], ("b", "c"): []}).m == 1


def test_square_arrays_of_words_are_edges():
    assert as_graph(np.array([["a", "b"], ["b", "c"]])).labels == ("a", "b", "c")
    rows = [["a", "b", 3], ["b", "c", 4], ["c", "d", 5]]
    assert as_graph(np.array(rows, dtype=object)).total_weight == 12


@pytest.mark.parametrize(
    "obj",
    [
        json.loads('{"1": [2, 3], "2": [1, 3], "3": [1, 2]}'),
        json.loads(json.dumps(nx.to_dict_of_lists(nx.path_graph(4)))),
        pd.DataFrame({"source": ["1", 2, "3"], "target": [2, "3", 1]}),
        [("1", 2), (1, 3)],
        {("1", 2): 3, (1, 3): 4},
        [{"source": "1", "target": 2}, {"source": 1, "target": 3}],
    ],
)
def test_a_number_beside_its_text_may_be_one_vertex(obj):
    text = refused(as_graph, obj)
    assert "may be one vertex or two; write it in one way" in text
    if isinstance(obj, dict) and "1" in obj:
        assert "{int(u): row for u, row in d.items()}" in text
        assert as_graph({int(u): row for u, row in obj.items()}).n == len(obj)


def test_a_graph_of_a_library_keeps_them_apart():
    assert as_graph(nx.Graph([("1", 1)])).labels == (1, "1")
    assert as_graph(json.loads('{"1": {"2": 5}, "2": {"1": 5}}')).labels == ("1", "2")
    assert as_graph([("a", 1), ("b", 2)]).n == 4


@pytest.mark.parametrize("word", ["nan", "NA", "", "None", "NaN", "null"])
def test_words_for_missing_entries_are_asked_about_in_memory(word):
    edges = [("a", "b"), ("b", word), (word, "c")]
    frame = pd.DataFrame(edges, columns=["source", "target"])
    records = frame.to_dict("records")
    objects = [edges, frame, np.array(edges), records, dict.fromkeys(edges, 2), {"a": ["b"], "b": [word]}]
    for obj in [*objects, [(u, v, 3) for u, v in edges], frame.set_index("source")]:
        assert f"{word!r} may be a missing entry or the name of a vertex" in refused(as_graph, obj)
    text = json.dumps(records)
    assert "may be a missing entry" in refused(as_graph, io.StringIO(text))
    for named in (nx.Graph(edges), {"a": ["b"], "b": [word], word: ["c"]}):
        assert as_graph(named).n == 4
    assert as_graph(io.StringIO(text), input_format="json").n == 4
    assert as_graph([("a", "-"), ("-", "?")]).n == 3  # signs may be vertices of their own
