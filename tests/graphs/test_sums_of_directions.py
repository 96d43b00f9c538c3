"""One rule for what an edge weighs whose two directions are given: in matrices as in lists, mappings and digraphs."""

import io
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.sparse as sp
from tests.inputs import refused

from derandkit import as_graph
from derandkit.graphs.files import read_graph

SYMMETRIC = np.array([[0, 1, 4, 0], [1, 0, 2, 0], [4, 2, 0, 0], [0, 0, 0, 0]])
ONE_CHANGED = SYMMETRIC + np.diag([1, 0, 0], 1)
TOTALS = {"sum": {7: 14, 8: 15}, "mean": {7: 7, 8: 7.5}, "max": {7: 7, 8: 8}}


def text_of(A):
    file = io.StringIO()
    np.savetxt(file, A)
    return io.StringIO(file.getvalue())


def market(A):
    file = io.BytesIO()
    scipy.io.mmwrite(file, sp.coo_array(A), symmetry="general")
    return io.StringIO(file.getvalue().decode())


def pajek(A):
    rows = "\n".join(" ".join(map(str, row)) for row in A.tolist())
    return io.StringIO(f"*Vertices 4\n*Matrix\n{rows}\n")


def named(A):
    return pd.DataFrame(A, list("abcd"), list("abcd"))


def archive(A):
    file = io.BytesIO()
    sp.save_npz(file, sp.csr_array(A))
    return file.getvalue()


def array_file(A):
    file = io.BytesIO()
    np.save(file, A)
    return file.getvalue()


MATRICES = [
    np.asarray,
    np.ndarray.tolist,
    sp.csr_array,
    sp.coo_matrix,
    named,
    text_of,
    market,
    pajek,
    lambda A: io.StringIO(named(A).to_csv()),
    lambda A: io.StringIO(named(A).to_json()),
    lambda A: io.StringIO(named(A).to_json(orient="split")),
    lambda A: io.StringIO(json.dumps(A.tolist())),
    lambda A: io.BytesIO(archive(A)),
    lambda A: io.BytesIO(array_file(A)),
]
OTHERS = [
    lambda A: nx.from_numpy_array(A, create_using=nx.DiGraph),
    lambda A: dict(nx.from_numpy_array(A, create_using=nx.DiGraph).edges.items()),
    lambda A: list(zip(*sp.find(A), strict=True)),
]


@pytest.mark.parametrize("make", MATRICES + OTHERS)
@pytest.mark.parametrize("how", list(TOTALS))
def test_both_directions_become_one_weight(make, how):
    for A in (SYMMETRIC, ONE_CHANGED):
        graph = as_graph(make(A), symmetrize=how)
        assert graph.total_weight == TOTALS[how][int(np.triu(A).sum())]
        assert f"the weight of an edge is the {how} of both directions" in graph.reading.remarks


@pytest.mark.parametrize("make", MATRICES)
def test_every_direction_weighs_one_without_weights(make):
    for how, total in (("sum", 6), ("mean", 3), ("max", 3)):
        assert as_graph(make(SYMMETRIC), symmetrize=how, weight=None).total_weight == total
    assert as_graph(make(np.triu(SYMMETRIC)), symmetrize="sum", weight=None).total_weight == 3
    graph = as_graph(make(SYMMETRIC), weight=None)
    assert (graph.total_weight, graph.reading.remarks) == (3, ())


def test_what_says_that_it_is_undirected_keeps_its_weights():
    file = io.BytesIO()
    scipy.io.mmwrite(file, sp.coo_array(SYMMETRIC), symmetry="symmetric")
    graph = read_graph(io.StringIO(file.getvalue().decode()), symmetrize="sum")
    assert graph.total_weight == 7
    assert "every edge keeps its weight" in graph.reading.remarks[0]
    assert as_graph(nx.from_numpy_array(SYMMETRIC), symmetrize="sum").total_weight == 7


def test_stored_entries_that_stand_twice_are_one_direction():
    A = sp.coo_array(([1.0, 2, 3, 3], ([0, 0, 1, 1], [1, 1, 0, 2])), shape=(3, 3))
    assert as_graph(A, symmetrize="sum", weight=None).total_weight == 3
    assert as_graph(A, symmetrize="sum").total_weight == 9
    assert A.nnz == 4
    stored = sp.coo_array(([True, False], ([0, 1], [1, 2])), shape=(3, 3))
    assert as_graph(stored, symmetrize="sum", weight=None).total_weight == 1


def test_a_mapping_of_edges_to_attributes_lists_every_edge_once_or_in_both_directions():
    D = nx.from_numpy_array(SYMMETRIC, create_using=nx.DiGraph)
    D.remove_node(3)
    graph = as_graph(dict(D.edges.items()))
    assert graph.digest == as_graph(D.to_undirected()).digest
    assert graph.reading.remarks == ("edges are listed in both directions; each counts once",)
    D.edges[0, 1]["weight"] = 5
    assert "edge (0, 1) weighs 5" in refused(as_graph, dict(D.edges.items()))
    D.remove_edge(0, 1)
    assert "(1, 0) is listed in one direction" in refused(as_graph, dict(D.edges.items()))
