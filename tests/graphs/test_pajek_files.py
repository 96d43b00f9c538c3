"""Pajek: positions with two or three coordinates, and the files of Pajek that are no networks."""

import networkx as nx
import pytest
from tests.inputs import read, refusal, write

from derandkit.plots.layout import file_positions

EDGES = "*Edges\n1 2 1\n2 3 1\n"


@pytest.mark.parametrize("third", ["", " 0.5", " 0.5 ellipse x_fact 1 y_fact 1 ic Red bc Blue"])
def test_positions_need_no_third_coordinate(tmp_path, third):
    text = f'*Network g\n*Vertices 3\n1 "a" 0.1 0.2{third}\n2 b 0.3 0.4\n3 "c d" 5 6{third}\n{EDGES}'
    file = write(tmp_path, text, "g.net")
    labels = list(read(tmp_path, text, "g.net").labels)
    assert file_positions(file, labels) == {"a": (0.1, 0.2), "b": (0.3, 0.4), "c d": (5, 6)}


def test_positions_follow_the_names_that_vertices_go_by(tmp_path):
    text = f"*Vertices 3\n1 3 0.1 0.2\n2 1 0.3 0.4\n3 2 5 6\n{EDGES}"
    graph = read(tmp_path, text, "g.net")
    assert file_positions(tmp_path / "g.net", graph.labels) == {3: (0.1, 0.2), 1: (0.3, 0.4), 2: (5, 6)}
    twins = read(tmp_path, text.replace("2 1", "2 3"), "g.net")
    assert file_positions(tmp_path / "g.net", twins.labels) == {1: (0.1, 0.2), 2: (0.3, 0.4), 3: (5, 6)}
    some = write(tmp_path, f"*Vertices 3\n1 a 0.1 0.2\n2 b\n3 c 5 6\n{EDGES}", "g.net")
    assert file_positions(some, ["a", "b", "c"]) is None


def test_places_that_are_all_one_are_none(tmp_path):
    G = nx.path_graph(["a", "b", "c"])
    nx.write_pajek(G, tmp_path / "g.net")
    assert "0.0 0.0" in (tmp_path / "g.net").read_text()
    assert file_positions(tmp_path / "g.net", list("abc")) is None


@pytest.mark.parametrize("values", ["1\n2\n1", "0.5\n-2\n1e-3", "3\n1\n2", "% note\n1\n 2\n\n3"])
def test_a_partition_or_vector_is_refused_by_name(tmp_path, values):
    for name in ("g.clu", "g.vec", "g.net"):
        assert "partition, vector or permutation of Pajek" in refusal(
            tmp_path, f"*Vertices 3\n{values}\n", name
        )


def test_networks_without_edges_are_graphs(tmp_path):
    for text in ("*Vertices 3\n", "*Vertices 3\n1 a\n2 b\n3 c\n", "*Vertices 3\n1\n2\n3\n*Edges\n"):
        assert (read(tmp_path, text).n, read(tmp_path, text).m) == (3, 0)
    assert "stands twice" in refusal(tmp_path, f"*Vertices 3\n1 a\n1 b\n2 c\n{EDGES}")


def test_a_name_with_a_blank_stands_in_quotation_marks(tmp_path):
    """`New York` was `New`, and what stood behind it was dropped."""
    for rest in ("0.1 0.2", "ellipse x_fact 2", "[1-3]", "", "ic Red"):
        text = f"*Vertices 2\n1 Paris {rest}\n2 Rome\n*Edges\n1 2 3\n"
        assert read(tmp_path, text, "g.net").labels == ("Paris", "Rome")
    text = "*Vertices 2\n1 New York 0.1\n2 Rome\n*Edges\n1 2\n"
    said = refusal(tmp_path, text, "g.net")
    assert "'York' stands behind the name 'New': write names with blanks in quotation marks" in said
