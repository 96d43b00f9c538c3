"""Codes of relations and of missing answers, triangles of closed surfaces, and numbers in base 16."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pytest
from scipy.spatial import ConvexHull

import derandkit as dk
from derandkit.errors import InputError

SERIAL_1 = "# provider|customer|-1\n# peer|peer|0\n1|11537|0\n1|21616|-1\n2|35|-1\n"
SERIAL_2 = (
    "# source:topology|BGP|20151201|ripe|rrc00\n# source:topology|BGP|20151201|ripe|rrc01\n"
    "1|11537|0|bgp\n1|21616|-1|bgp\n2|35|-1|mlp\n"
)
SNAP = "# AS relationships\n# FromNodeId\tToNodeId\tRelationship\n1\t2\t-1\n2\t3\t0\n3\t4\t1\n1\t4\t2\n"


def read(text: str, **options: object) -> dk.WeightedGraph:
    return dk.read_graph(io.StringIO(text), **options)  # type: ignore[arg-type]


def remarks(graph: dk.WeightedGraph) -> str:
    return "" if graph.reading is None else "; ".join(graph.reading.remarks)


def test_relations_of_caida_are_no_weights() -> None:
    for text in (SERIAL_1, "1 2 0\n2 3 -1\n3 4 -1\n"):
        with pytest.raises(InputError, match="kinds of relations"):
            read(text)
    bare = "1|11537|0\n1|21616|-1\n2|35|-1\n2|36|0\n"
    with pytest.raises(InputError, match="codes of two kinds of relations"):
        read(bare)
    with pytest.raises(InputError, match="codes of two kinds of relations"):
        dk.as_graph(np.loadtxt(io.StringIO(bare), delimiter="|"))
    assert read(bare, weight=None).total_weight == 4
    assert read("source|target|weight\n" + bare).total_weight == -2
    assert read(bare.replace("|0", "|1")).total_weight == 0  # signs


def test_comments_of_one_word_are_no_vertices() -> None:
    with pytest.raises(InputError, match="4 columns"):
        read(SERIAL_2)
    three = SERIAL_2.replace("|bgp\n", "\n").replace("|mlp", "")
    assert read(three, weight=None).n == 5
    assert read("# a\nb\nc\n# b\nc\n").reading.format == "LGL file"  # type: ignore[union-attr]
    grid = read("# 0,0\n0,1\n1,0\n# 1,1\n0,1\n1,0\n")
    assert (grid.n, grid.m) == (4, 4)
    assert read("# a\n# b\nc\nd\n").m == 2  # the first has no neighbours


def test_relations_that_a_comment_names() -> None:
    with pytest.raises(InputError, match="may say that they are kinds of relations"):
        read(SNAP)
    assert read(SNAP, weight=None).total_weight == 4
    assert read(SNAP, comments="#").total_weight == 2
    assert read(SNAP.replace("\t2\n", "\t7\n")).n == 4  # no code
    assert read("\n".join(SNAP.splitlines()[2:])).total_weight == 2


@pytest.mark.parametrize("n", [4, 5, 12, 40, 100])
def test_triangles_of_a_hull(n: int, tmp_path) -> None:
    hull = ConvexHull(np.random.default_rng(n).normal(size=(n, 3))).simplices + 3
    path = tmp_path / "hull.txt"
    np.savetxt(path, hull, fmt="%d")
    for given in (hull, hull.tolist(), str(path)):
        with pytest.raises(InputError, match="triangles of a mesh"):
            dk.as_graph(given)
    if n > 5:
        weighed = hull[1:]  # no closed surface, and the numbers have a gap
        assert dk.as_graph(np.vstack([weighed, [1, 2, 3]])).m > 0


@pytest.mark.parametrize("code", [9, 99, -9, 88])
def test_codes_beside_ones(code: int, tmp_path) -> None:
    A = nx.to_numpy_array(nx.gnm_random_graph(12, 30, seed=2))
    A[2, 3:5] = A[3:5, 2] = code
    path = tmp_path / "ties.txt"
    np.savetxt(path, A, fmt="%d")
    for given in (A, str(path), A.astype(int)):
        with pytest.raises(InputError, match=f"the number {code}, .*may stand for a missing weight"):
            dk.as_graph(given)
    A[2, 3:5] = A[3:5, 2] = 3
    assert dk.as_graph(A).total_weight > 0


def test_ties_that_cannot_change() -> None:
    A = nx.to_numpy_array(nx.gnm_random_graph(12, 30, seed=2))
    A[2, 3] = A[3, 2] = 10
    assert dk.as_graph(A).total_weight > 30  # ten may be a weight where nine is not beside it
    A[5, 6] = A[6, 5] = 9
    with pytest.raises(InputError, match="may stand for a missing weight"):
        dk.as_graph(A)


@pytest.mark.parametrize("code", [99, -9, 8888, 77])
def test_codes_of_surveys_in_lists_are_told(code: int) -> None:
    rows = [(f"p{k}", f"p{(3 * k + 1) % 40}", k % 5 + 1) for k in range(40)]
    rows[7] = (*rows[7][:2], code)
    text = "ego,alter,closeness\n" + "".join(f"{u},{v},{w}\n" for u, v, w in rows)
    for graph in (read(text), dk.as_graph(rows)):
        assert f"the weight {code} was read as a number" in remarks(graph)
    for other in (45, 6):
        rows[7] = (*rows[7][:2], other)
        assert "read as a number" not in remarks(dk.as_graph(rows))


@pytest.mark.parametrize("matrix", [False, True])
def test_the_name_of_a_pajek_network_is_no_relation(matrix: bool) -> None:
    edges = "*Matrix\n0 1 0\n1 0 4\n0 4 0\n" if matrix else "*Edges\n1 2 1\n2 3 4\n"
    graph = read(f'*Network friends\n*Vertices 3\n1 "a"\n2 "b"\n3 "c"\n{edges}')
    assert graph.total_weight == 5
    assert remarks(graph) == ""
    two = read('*Vertices 3\n1 "a"\n2 "b"\n3 "c"\n*Edges :1 "x"\n1 2 1\n*Edges :2 "y"\n2 3 4\n')
    assert "2 relations count alike" in remarks(two)


def test_doubles_of_graph_tool() -> None:
    values = [3.0, -0.1, 1e-300, 5e-324]
    keys = (
        '<key id="key0" for="node" attr.name="text" attr.type="string"/>'
        '<key id="key1" for="edge" attr.name="weight" attr.type="double"/>'
    )
    nodes = "".join(f'<node id="n{k}"><data key="key0">0x1p+{k}</data></node>' for k in range(5))
    edges = "".join(
        f'<edge source="n{k}" target="n{k + 1}"><data key="key1">{value.hex()}</data></edge>'
        for k, value in enumerate(values)
    )
    text = f'<graphml>{keys}<graph edgedefault="undirected">{nodes}{edges}</graph></graphml>'
    graph = read(text)
    assert set(graph.weights.tolist()) == set(values)
    for wrong in ("0x1p+5000", "0x1.g", "0x"):
        with pytest.raises(InputError, match="cannot be read as GraphML"):
            read(text.replace(values[0].hex(), wrong))


@pytest.mark.parametrize("code", [99, -9])
def test_codes_whose_directions_add_up_are_told(code: int) -> None:
    rows = [(k, (k + d) % 12 + 0, (k * d) % 5 + 1) for k in range(12) for d in (1, 2, 11, 10)]
    rows = [(f"p{u}", f"p{v}", code if k == 5 else w) for k, (u, v, w) in enumerate(rows)]
    text = "ego,alter,closeness\n" + "".join(f"{u},{v},{w}\n" for u, v, w in rows)
    for how in ("sum", "max"):
        assert f"the weight {code} was read as a number" in remarks(read(text, symmetrize=how))
    A = np.random.default_rng(3).integers(1, 6, (12, 12))
    A[2, 3] = code
    assert f"the weight {code} was read as a number" in remarks(dk.as_graph(A, symmetrize="sum"))


@pytest.mark.parametrize("end", ["0 0", "0 0 0", "-1 -1", "-1 -1 0"])
def test_rows_that_end_a_list(end: str) -> None:
    weight = "" if end.count(" ") == 1 else " 5"
    graph = read(f"1 2{weight}\n2 3{weight}\n{end}\n")
    assert graph.n == 4
    assert "the end of the list (then remove it)" in remarks(graph)
    if end.startswith("0"):  # -1 below vertices from 0 on is questioned
        for text in (f"0 1{weight}\n2 3{weight}\n{end}\n", f"1 2{weight}\n{end}\n2 3{weight}\n"):
            assert "the end of the list" not in remarks(read(text))
    with pytest.raises(InputError, match="a loop with a weight"):
        read("1 2 5\n2 3 4\n-1 -1 -1\n")


@pytest.mark.parametrize("mark", ["NA", "nan", ""])
def test_a_missing_diagonal_is_no_loop(mark: str) -> None:
    text = f",a,b,c\na,{mark},1,2\nb,1,{mark},3\nc,2,3,{mark}\n"
    assert (read(text).m, read(text).dropped_loops) == (3, 0)
    A = np.array([[np.nan, 1, 2], [1, np.nan, 3], [2, 3, 7]])
    assert dk.as_graph(A).dropped_loops == 1
    assert dk.as_graph(A).digest == dk.as_graph(np.nan_to_num(A)).digest
