"""Results list vertices in the order of the input, whatever separates the columns of a file."""

import io
import random

import networkx as nx
import numpy as np
import pytest

import derandkit as dk
from derandkit.graphs.readers import plain

EDGES = [("f", "b", 3), ("d", "a", -2), ("f", "a", 4), ("c", "e", 1), ("b", "d", 5)]
MET = ["f", "b", "d", "a", "c", "e"]
NUMBER = {label: 10 * (ord(label) - 96) for label in MET}


def order_of(graph):
    rank = range(graph.n) if graph.input_rank is None else graph.input_rank
    return [graph.labels[k] for k in rank]


@pytest.mark.parametrize("separator", [" ", "\t", ",", ";"])
@pytest.mark.parametrize("width", [2, 3])
def test_vertices_come_in_the_order_in_which_lines_name_them(separator, width):
    text = "".join(separator.join(map(str, edge[:width])) + "\n" for edge in EDGES)
    assert order_of(dk.read_graph(io.StringIO(text))) == MET
    numbers = "".join(separator.join(map(str, (NUMBER[u], NUMBER[v], w)[:width])) + "\n" for u, v, w in EDGES)
    assert order_of(dk.read_graph(io.StringIO(numbers))) == [NUMBER[label] for label in MET]
    dense = numbers.replace("0", "")
    assert order_of(dk.read_graph(io.StringIO(dense))) == [NUMBER[label] // 10 for label in MET]
    header = separator.join(["source", "target", "weight"][:width]) + "\n"
    assert order_of(dk.read_graph(io.StringIO(header + numbers))) == [NUMBER[label] for label in MET]


def test_membership_fits_the_graph_that_networkx_reads(tmp_path):
    rng = random.Random(3)
    for kind in (str, int):
        G = nx.gnp_random_graph(30, 0.2, seed=1)
        nodes = [kind(v) if kind is int else f"v{v}" for v in rng.sample(range(100), 30)]
        G = nx.relabel_nodes(G, dict(zip(G, nodes, strict=True)))
        nx.set_edge_attributes(G, {edge: rng.randint(1, 9) for edge in G.edges}, "weight")
        for write, read in (
            (nx.write_weighted_edgelist, nx.read_weighted_edgelist),
            (nx.write_edgelist, nx.read_edgelist),
            (nx.write_adjlist, nx.read_adjlist),
            (nx.write_multiline_adjlist, nx.read_multiline_adjlist),
        ):
            write(G, tmp_path / "g.txt")
            again = read(tmp_path / "g.txt", nodetype=kind)
            assert order_of(dk.as_graph(tmp_path / "g.txt")) == list(again)


def test_chunks_of_lines_give_the_same_order(monkeypatch):
    ends = np.random.default_rng(0).integers(0, 40, (200, 2))
    whole = plain._order_met(ends[:, 0], ends[:, 1], 40)
    monkeypatch.setattr(plain, "_CHUNK", 7)
    assert (plain._order_met(ends[:, 0], ends[:, 1], 40) == whole).all()
    assert whole.tolist() == list(dict.fromkeys(ends.ravel().tolist()))


def test_the_cut_of_a_file_fits_its_membership(tmp_path):
    file = tmp_path / "o.ncol"
    file.write_text("".join(f"{u} {v} {w}\n" for u, v, w in EDGES))
    result = dk.maxcut(file)
    side = dict(zip(MET, result.membership, strict=True))
    assert sum(w for u, v, w in EDGES if side[u] != side[v]) == result.cut_value
    for start in (result.sides, result):
        assert dk.maxcut(file, start=start, search="quick").cut_value == result.cut_value
