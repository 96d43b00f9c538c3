"""What users hand to the quadratic verbs: read as what it is, or refused in one line that says what to pass."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.io
import scipy.sparse as sp

import derandkit as dk
from derandkit.errors import InputError
from derandkit.models.files import read_model

dimod = pytest.importorskip("dimod")

BITS = dimod.BinaryQuadraticModel({"a": 1, "b": -2}, {("a", "b"): 3}, 0.5, "BINARY")
SPINS = BITS.change_vartype("SPIN", inplace=False)


def refusal(make):
    with pytest.raises(dk.InputError) as caught:
        make()
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_models_of_dimod_are_taken_as_they_are():
    exact = dimod.ExactSolver().sample(BITS)
    energies = [float(e) for e in exact.record.energy]
    assert dk.minimize_qubo(BITS).value == min(energies) == dk.minimize_ising(SPINS).value
    assert dk.maximize_qubo(BITS).value == max(energies) == dk.maximize_ising(SPINS).value
    assert dk.minimize_qubo(BITS, offset=2).value == min(energies) + 2
    result = dk.minimize_qubo(BITS)
    assert dk.verify(result, BITS)
    assert not dk.verify(result, dimod.BinaryQuadraticModel({"a": 1}, {("a", "b"): 3}, 0.5, "BINARY"))
    assert "pass it to minimize_ising, or change_vartype('BINARY')" in refusal(
        lambda: dk.minimize_qubo(SPINS)
    )
    assert "pass it to minimize_qubo, or change_vartype('SPIN')" in refusal(lambda: dk.minimize_ising(BITS))


@pytest.mark.parametrize(
    "given",
    [
        [[("a", "b"), 3]],
        [(("a", "b"), 3)],
        [("a", "b", 3)],
        "model.qubo",
        None,
        dk,
        np.zeros(3),
        [[1, 2], [3]],
    ],
)
def test_what_holds_no_coefficients(given):
    assert "pass {(u, v): coefficient}, a square matrix or a dimod model" in refusal(
        lambda: dk.minimize_qubo(given)
    )


def test_couplings_that_are_missing():
    assert "the couplings J are missing" in refusal(lambda: dk.minimize_ising({"a": 1}))
    assert "dimod model use minimize_qubo" in refusal(lambda: dk.optimize(BITS))
    assert "no clauses" in refusal(lambda: dk.max2sat([]))


def test_the_sampler_takes_models():
    from derandkit.dimod import DerandkitSampler

    for given in ({("a", "b"): 1}, None):
        text = refusal(lambda given=given: DerandkitSampler().sample(given))
        assert "sample takes a dimod BinaryQuadraticModel" in text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("m.csv", "i,j,q\n0,0,1\n0,1,2\n", "is a table with commas"),
        ("m.cnf", "p cnf 2 1\n1 2 0\n", "'derandkit max2sat' takes it"),
        ("m.qubo", "", "the file is empty"),
        ("m.txt", "\n \n", "the file is empty"),
        ("m.lp", "Minimize\n obj: x + y\nEnd\n", "is not binary"),
        ("m.gml", "graph [\n]\n", "is none of the formats"),
        (
            "m.mtx",
            "%%MatrixMarket matrix coordinate real general\n2 2 9\n1 1 1\n",
            "is not a Matrix Market matrix",
        ),
        ("m.mtx", "%%MatrixMarket matrix coordinate real general\n2 3 1\n1 1 1\n", "must be square"),
    ],
)
def test_files_that_are_no_models(tmp_path, name, content, words):
    file = tmp_path / name
    file.write_text(content)
    text = refusal(lambda: read_model(file))
    assert words in text
    assert text.startswith(str(file))


@pytest.mark.parametrize(
    "line", ["# vartype=SPIN", "#vartype = spin", "# vartype: SPIN", "# offset=0, vartype =Spin"]
)
def test_a_vartype_in_any_spelling(tmp_path, line):
    file = tmp_path / "m.coo"
    file.write_text(f"{line}\n0 0 1\n0 1 -2\n")
    assert read_model(file).model.vartype == "spin"
    assert "'derandkit qubo' takes it" in refusal(lambda: dk.read_graph(file))


def test_matrix_market_is_a_matrix(tmp_path):
    Q = np.array([[-1.0, 2, 0], [2, -1, 0.5], [0, 0, 3]])
    scipy.io.mmwrite(tmp_path / "q.mtx", sp.coo_array(Q))
    found = read_model(tmp_path / "q.mtx")
    assert found.model.digest == dk.QuadraticModel.from_qubo(Q).digest
    assert "both count, row 1 of the file is variable 0, minimized" in found.reading
    assert [*found.model.labels] == [0, 1, 2]
    np.save(tmp_path / "q.npy", Q)
    assert "row 1" not in read_model(tmp_path / "q.npy").reading
    np.savetxt(tmp_path / "q.txt", Q)
    assert read_model(tmp_path / "q.txt", input_format="matrix").model.digest == found.model.digest
    (tmp_path / "q.txt").write_text("1 2 3\n4 5\n")
    assert "is no square matrix of numbers" in refusal(
        lambda: read_model(tmp_path / "q.txt", input_format="matrix")
    )


def test_the_end_of_files_of_satlib(tmp_path):
    file = tmp_path / "uf.cnf"
    file.write_text("c uniform\np cnf 3 2\n 1 -2 0\n-1 3 0\n%\n0\n\n")
    assert dk.read_clauses(file).m == 2


def test_archives_of_two_arrays_name_them(tmp_path):
    np.savez(tmp_path / "two.npz", one=np.eye(2), other=np.eye(2))
    assert "the archive holds one, other; it must hold one array" in refusal(
        lambda: dk.read_graph(tmp_path / "two.npz")
    )
    assert "holds 2 arrays (one, other); it must hold one" in refusal(
        lambda: read_model(tmp_path / "two.npz")
    )


def test_the_table_of_a_balanced_graph_speaks_of_frustration():
    text = str(dk.frustration([("a", "b", 1), ("b", "c", -1), ("a", "c", -1)]))
    assert "no edge is frustrated" in " ".join(text.split())
    assert "0: no solution is better" in text
    assert "positive edge is cut" not in text
    odd = str(dk.frustration([("a", "b", 1), ("b", "c", 1), ("a", "c", -1)]))
    assert (
        "1 positive edge between the camps, 0 negative edges" in " ".join(odd.split())
        or "1 negative edge inside" in odd
    )


def test_a_sum_that_is_not_exact_is_refused_by_its_terms():
    terms = {("a", "b"): 2**53, ("b", "a"): 1, ("a", "a"): -5}
    with pytest.raises(
        InputError, match=r"weights 9007199254740992, 1 of 'a' and 'b' add up.*sum is not exact"
    ):
        dk.minimize_qubo(terms)
    with pytest.raises(InputError, match=r"weights 1e\+25, 3 of 0 and 1 add up"):
        dk.minimize_qubo([[0, 1e25], [3, 0]])
    even = dk.minimize_qubo({("a", "b"): -(2**53), ("b", "a"): -2})
    assert even.value == even.bound == -(2**53) - 2
    with pytest.raises(InputError, match=r"1, 2, 2, \.\.\. of 0 and 1 add up"):
        dk.WeightedGraph.from_edges([0] * 6, [1] * 6, [2.0**54, 1, 2, 2, 2, 2])


def test_a_binary_file_of_dimod_is_named(tmp_path):
    file = tmp_path / "model.bqm"
    with BITS.to_file() as content:
        file.write_bytes(content.read())
    assert "BinaryQuadraticModel.from_file" in refusal(lambda: read_model(file))


def test_a_graph_is_taken_as_couplings():
    """A physicist's lattice is often a networkx graph; it was refused as no matrix."""
    nx = pytest.importorskip("networkx")
    lattice = nx.grid_2d_graph(3, 3, periodic=True)
    weights = {edge: (-1) ** k * (1 + k % 3) for k, edge in enumerate(lattice.edges)}
    nx.set_edge_attributes(lattice, weights, "weight")
    fields = {(0, 0): 0.5, (2, 1): -1}
    wanted = dk.QuadraticModel.from_ising(fields | {v: 0 for v in lattice if v not in fields}, weights)
    assert dk.QuadraticModel.from_ising(fields, lattice).digest == wanted.digest
    assert dk.QuadraticModel.from_ising(fields, dk.as_graph(lattice)).digest == wanted.digest
    assert dk.verify(dk.minimize_ising(fields, lattice), wanted)
    # a vertex without edges and fields is a variable, and so is a field without a vertex
    lattice.add_node("alone")
    assert dk.QuadraticModel.from_ising({"other": 1}, lattice).n == 11
    # numbered vertices go with fields in a row
    path = nx.path_graph(3)
    assert dk.minimize_ising([0, 0, 5], path).solution == {0: -1, 1: 1, 2: -1}
    assert "the 2 fields are those of variables 0..1" in refusal(lambda: dk.minimize_ising([0, 1], path))
    assert "the 1 fields" in refusal(lambda: dk.minimize_ising([1], nx.empty_graph(2)))
    assert "no direction" in refusal(lambda: dk.minimize_ising({}, nx.DiGraph([(1, 2)])))
    assert "has a loop" in refusal(lambda: dk.minimize_ising({}, nx.Graph([(1, 1), (1, 2)])))
    assert dk.minimize_ising({}, nx.Graph([(1, 2, {"coupling": 3})])).value == -3
    two = nx.Graph([(1, 2, {"coupling": 3, "distance": 2})])
    text = refusal(lambda: dk.minimize_ising({}, two))
    assert "coupling and distance are numbers" in text
    assert "as_graph(graph, weight=...)" in text
    assert dk.minimize_ising({}, dk.as_graph(two, weight="distance")).value == -2


def test_graphs_of_other_packages_are_taken_as_couplings():
    igraph, rustworkx = pytest.importorskip("igraph"), pytest.importorskip("rustworkx")
    edges = [(0, 1, 2.0), (1, 2, -3.0)]
    wanted = dk.QuadraticModel.from_ising({}, {(u, v): w for u, v, w in edges}).digest
    one = igraph.Graph([(u, v) for u, v, _ in edges], edge_attrs={"weight": [w for *_, w in edges]})
    two = rustworkx.PyGraph()
    two.add_nodes_from(range(3))
    two.add_edges_from(edges)
    assert {dk.QuadraticModel.from_ising({}, graph).digest for graph in (one, two)} == {wanted}
    assert "direct" in refusal(lambda: dk.minimize_ising({}, rustworkx.PyDiGraph()))


def test_arrays_of_xarray_keep_their_coordinates():
    xarray = pytest.importorskip("xarray")
    Q = np.array([[-1, 2.0, 0], [0, -1, 2], [0, 0, -1]])

    def array(rows, columns):
        return xarray.DataArray(Q, dims=("i", "j"), coords={"i": list(rows), "j": list(columns)})

    assert dk.minimize_qubo(array("abc", "abc")).solution == {"a": 1, "b": 0, "c": 1}
    assert dk.minimize_qubo(xarray.DataArray(Q)).solution == {0: 1, 1: 0, 2: 1}
    assert "different labels" in refusal(lambda: dk.minimize_qubo(array("abc", "cab")))
    J = xarray.DataArray(
        np.array([[0, 1.0], [0, 0]]), dims=("i", "j"), coords={"i": ["a", "b"], "j": ["a", "b"]}
    )
    h = xarray.DataArray([3.0, -1.0], dims="i", coords={"i": ["b", "a"]})
    assert dk.minimize_ising(h, J).solution == {"a": 1, "b": -1}


def test_marks_of_hard_clauses_as_numbers_are_not_taken_as_positions():
    clauses = [(1, 2), (-1, -2), (-1, 2)]
    for marks in ([1, 0, 0], [0, 0, 0], np.array([1, 1, 1]), (0, 1, 1)):
        text = refusal(lambda marks=marks: dk.max2sat(clauses, hard=marks))
        assert "marks of the clauses, or their positions; pass True and False" in text
    assert dk.Clauses.from_clauses(clauses[:2], hard=[0, 1]).hard.tolist() == [True, True]
    assert "positions" in refusal(lambda: dk.max2sat(clauses[:2], hard=[1, 0]))
    for given, wanted in (
        ([True, False, False], [True, False, False]),
        ([1, 0], [True, True, False]),
        ([0, 1, 2], [True] * 3),
    ):
        assert dk.Clauses.from_clauses(clauses, hard=given).hard.tolist() == wanted
