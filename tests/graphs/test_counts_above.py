"""A first line that may count vertices and edges is asked about, whatever the vertices are called."""

import io

import pytest
from tests.inputs import refused, write

from derandkit.errors import InputError
from derandkit.graphs.files import read_graph

RING = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2)]


def text(head, edges, tail="", separator=" "):
    rows = [" ".join(map(str, head)), *(f"{u} {v}{tail}" for u, v in edges)]
    return "\n".join(rows).replace(" ", separator) + "\n"


def shifted(by):
    return [(u + by, v + by) for u, v in RING]


@pytest.mark.parametrize("separator", [" ", ",", "\t"])
@pytest.mark.parametrize(
    ("head", "edges", "tail"),
    [
        ((5, 6), RING, ""),
        ((10, 6), RING, ""),
        ((3, 2), RING[:2], ""),
        ((6, 5), RING, ""),
        ((6, 5), shifted(1), ""),
        ((5, 6, 0), RING, " 2"),
        ((3, 2), [("a", "b"), ("b", "c")], ""),
        ((2, 3), [("a", "b"), ("b", "c")], ""),
    ],
)
def test_a_line_that_may_count_is_asked_about(head, edges, tail, separator):
    written = text(head, edges, tail, separator)
    with pytest.raises(InputError, match=r"may count the vertices and the \d edges below, or be an edge"):
        read_graph(io.StringIO(written))
    graph = read_graph(io.StringIO(written), input_format="edgelist")
    assert graph.m == len(edges) + 1
    below = read_graph(io.StringIO(written.split("\n", 1)[1]), input_format="edgelist")
    assert below.m == len(edges)


@pytest.mark.parametrize(
    ("head", "edges"),
    [
        ((4, 6), RING),  # vertex 4 is one of the others: 0..4 are five
        ((6, 3), RING),  # vertices up to 4
        ((3, 2), [("3", "b"), ("b", "c")]),
        ((2, 2), [("a", "b"), ("b", "c")]),
        ((3, 4), [(1, 2), (2, 3), (1, 4)]),
    ],
)
def test_a_line_that_counts_nothing_is_an_edge(head, edges):
    assert read_graph(io.StringIO(text(head, edges))).m == len(edges) + (head[0] != head[1])


def test_counts_above_fewer_edges_are_asked_about():
    for m in (7, 9):
        with pytest.raises(InputError, match=f"'5 {m}' looks like a rudy header, but 6 edges follow"):
            read_graph(io.StringIO(text((5, m), RING)))


@pytest.mark.parametrize("name", ["g.csv", "g.tsv"])
@pytest.mark.parametrize(
    ("head", "edges", "text_of_doubt"),
    [
        ((5, 6), RING, "may count the vertices"),
        ((5, 6), shifted(1), "may be a rudy header or an edge"),
        ((6, 5), shifted(1), "may count the vertices"),
        ((3, 2), [("a", "b"), ("b", "c")], "may count the vertices"),
        ((5, 9), shifted(1), "looks like a rudy header, but 6 edges follow"),
    ],
)
def test_a_name_for_tables_does_not_say_what_the_first_line_is(tmp_path, name, head, edges, text_of_doubt):
    written = text(head, edges, separator="\t" if name.endswith(".tsv") else ",")
    file = write(tmp_path, written, name)
    assert text_of_doubt in refused(read_graph, file)
    assert read_graph(file, input_format="edgelist").m == len(edges) + 1
