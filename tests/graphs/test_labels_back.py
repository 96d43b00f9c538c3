"""Labels that JSON cannot hold come back where the graph is given again."""

import uuid
from pathlib import PurePosixPath

import networkx as nx
import pandas as pd
import pytest

import derandkit as dk

NAMES = {
    "members of an enumeration": list(uuid.SafeUUID),
    "paths": [PurePosixPath("a"), PurePosixPath("b"), PurePosixPath("c")],
    "times": list(pd.date_range("2026-01-01", periods=3)),
}


@pytest.mark.parametrize("kind", NAMES)
def test_a_record_with_its_graph_has_the_labels_of_the_graph(tmp_path, kind):
    a, b, c = NAMES[kind]
    G = nx.Graph([(a, b, {"weight": 2}), (b, c, {"weight": 3})])
    result = dk.maxcut(G)
    result.save(tmp_path / "cut.json")
    again = dk.load(tmp_path / "cut.json", G)
    assert again == result
    assert again.sides == result.sides
    assert again.to_series().equals(result.to_series())
    assert again.to_json() == result.to_json()
    for options in ({"fixed": {a: 1}}, {"solutions": 2}, {"solutions": 2, "fixed": {a: 1}}):
        other = dk.maxcut(G, **options)
        other.save(tmp_path / "other.json")
        back = dk.load(tmp_path / "other.json", G)
        assert (back, back.sides) == (other, other.sides)
        assert [cut.sides for cut in getattr(back, "solutions", ())] == [
            cut.sides for cut in getattr(other, "solutions", ())
        ]
    nx.set_node_attributes(G, again.sides, "side")
    assert set(nx.get_node_attributes(G, "side")) == set(G)
