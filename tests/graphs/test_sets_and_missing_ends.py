"""Edges as sets, names of what is missing, and words beside objects that are written like them."""

from __future__ import annotations

import datetime
import io
import os
import subprocess
import sys
from pathlib import Path

import igraph
import networkx as nx
import pyarrow as pa
import pytest

import derandkit as dk
from derandkit.errors import InputError

PATH = dk.as_graph([("a", "b"), ("b", "c")]).digest


@pytest.mark.parametrize("kind", [set, frozenset])
@pytest.mark.parametrize("outer", [list, tuple, frozenset])
def test_sets_of_two_are_edges(kind: type, outer: type) -> None:
    if (kind, outer) == (set, frozenset):
        return  # sets of sets do not exist
    graph = dk.as_graph(outer([kind("ab"), kind("cb")]))
    assert graph.digest == PATH
    with pytest.raises(InputError, match="undirected; a directed cut needs arcs"):
        dk.maxdicut(outer([kind("ab"), kind("cb")]))


def test_other_sets_are_refused() -> None:
    with pytest.raises(InputError, match="does not hold the two ends of an edge"):
        dk.as_graph([{1, 2, 3}, {1, 2}])
    with pytest.raises(InputError, match="may be edges, or lists of the neighbours"):
        dk.as_graph([{1, 3}, {0, 2}, {1, 3}, {0, 2}])
    nested = [(frozenset({1}), frozenset({2})), (frozenset({2}), frozenset({3}))]
    assert frozenset({1}) in dk.as_graph(nested).labels  # sets as vertices


def test_a_mapping_may_name_edges_by_sets() -> None:
    graph = dk.as_graph({frozenset("ab"): 2, frozenset("cb"): 3})
    assert graph.digest == dk.as_graph([("a", "b", 2), ("b", "c", 3)]).digest
    assert dk.as_graph({frozenset("ab"): [frozenset("cd")], frozenset("cd"): [frozenset("ab")]}).n == 2


def test_the_order_of_a_set_does_not_depend_on_hashes() -> None:
    code = (
        "import derandkit as dk\n"
        "for edges in ({('d','c'),('b','a'),('c','b')}, {frozenset('dc'),frozenset('ba'),frozenset('cb')}):\n"
        "    print(dk.as_graph(edges).input_rank)\n"
    )
    outputs = set()
    for seed in ("1", "2", "3"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        outputs.add(run.stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize(
    "word", ["none", "NONE", "nil", "NIL", "missing", "Missing", "nothing", "Null", "na", "NAN", "n.a."]
)
def test_every_spelling_of_a_missing_end_is_asked_about(word: str) -> None:
    for text in (f"a {word}\nb c\nc a\n", f"a,{word},2\nb,c,3\nc,a,4\n"):
        with pytest.raises(InputError, match="may be a missing entry or the name of a vertex"):
            dk.read_graph(io.StringIO(text))
    assert word in dk.read_graph(io.StringIO(f'a "{word}"\nb c\nc a\n')).labels
    for given in ([("a", word), ("b", "c")], {("a", word): 2, ("b", "c"): 3}):
        with pytest.raises(InputError, match="may be a missing entry or the name of a vertex"):
            dk.as_graph(given)
    assert word in dk.as_graph(nx.Graph([("a", word)])).labels


@pytest.mark.parametrize("word", ["Nan", "Nil", "Na", "Nonesuch", "missing-1"])
def test_names_of_people_and_things_are_names(word: str) -> None:
    assert word in dk.read_graph(io.StringIO(f"a {word}\nb c\nc a\n")).labels
    assert word in dk.as_graph([("a", word), ("b", "c")]).labels


@pytest.mark.parametrize("other", [Path("a.b"), b"a.b", datetime.date(2020, 1, 1), 1.5])
def test_a_word_beside_what_is_written_like_it_is_asked_about(other: object) -> None:
    word = other.decode() if isinstance(other, bytes) else str(other)
    for given in (
        [(word, "x"), (other, "y")],
        {(word, "x"): 1, (other, "y"): 2},
        {word: ["x"], other: ["y"]},
    ):
        with pytest.raises(InputError, match=r"may be one vertex or two|a name and its value"):
            dk.as_graph(given)
    assert dk.as_graph([(other, "x"), ("x", "y")]).n == 3
    assert dk.as_graph(nx.Graph([(word, other)])).n == 2  # a graph lists its vertices


def test_a_table_of_two_columns_of_one_name_is_refused() -> None:
    table = pa.Table.from_arrays(
        [pa.array(["a", "b"]), pa.array(["b", "c"]), pa.array([1, 2])], names=["a", "a", "w"]
    )
    with pytest.raises(InputError, match="two columns of the frame are named 'a'"):
        dk.as_graph(table)


def test_vertices_of_igraph_keep_their_names_in_dot_files(tmp_path: Path) -> None:
    g = igraph.Graph(edges=[(0, 1), (1, 2), (2, 0)])
    g.vs["name"], g.es["weight"] = ["New York", "12", "cid"], [1, 2, 3]
    g.write_dot(str(tmp_path / "g.dot"))
    graph = dk.as_graph(tmp_path / "g.dot")
    assert graph.digest == dk.as_graph(g).digest
    assert graph.reading is not None
    assert graph.reading.remarks == ("vertices go by their 'name'",)
    g.vs["name"] = ["a", "a", "b"]
    g.write_dot(str(tmp_path / "g.dot"))
    assert list(dk.as_graph(tmp_path / "g.dot").labels) == [0, 1, 2]
    (tmp_path / "h.dot").write_text('graph { 0 [name="a"]; 1 [name="b"]; 0 -- 1 }')  # not of igraph
    assert list(dk.as_graph(tmp_path / "h.dot").labels) == [0, 1]
