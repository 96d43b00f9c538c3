"""Sparse matrices whose index arrays point outside: scipy's loops would follow them, into memory of others."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import scipy.sparse as sparse
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.errors import InputError
from derandkit.numerics.sparse import checked_sparse

ENDS, ONES = np.arange(6, dtype=np.int32), np.ones(5)
FILES = {
    "an index beyond": {"format": b"csr", "indices": [0, 1, 2, 3, 10**6]},
    "an index before": {"format": b"csc", "indices": [0, 1, 2, 3, -(10**6)]},
    "a pointer beyond": {"format": b"csr", "indptr": [0, 10**8, 2, 3, 4, 5]},
    "pointers that fall": {"format": b"csr", "indptr": [0, 3, 1, 3, 4, 5]},
    "a block beyond": {"format": b"bsr", "data": np.ones((5, 1, 1)), "indices": [0, 1, 99, 3, 4]},
    "a place beyond": {"format": b"coo", "row": [0, 1, 2, 3, 77], "col": [0, 1, 2, 3, 4]},
    "fewer values": {"format": b"csr", "data": np.ones(2)},
}


def saved(folder, changes):
    arrays = {"indices": ENDS[:5], "indptr": ENDS, "data": ONES} | changes
    if changes["format"] == b"coo":
        del arrays["indices"], arrays["indptr"]
    file = folder / "damaged.npz"
    np.savez(file, shape=np.array([5, 5]), **{key: np.array(value) for key, value in arrays.items()})
    return file


@pytest.mark.parametrize("what", FILES)
def test_a_damaged_file_is_refused_in_one_line(what, tmp_path):
    file = saved(tmp_path, FILES[what])
    for verb in (("embed", "-k", "1"), ("features", "-n", "2"), ("maxcut",), ("qubo",)):
        outcome = CliRunner().invoke(main, [verb[0], str(file), *verb[1:], "-q"])
        assert outcome.exit_code == 2, outcome.output
        assert outcome.stderr.startswith("derandkit: ")
        assert "damaged.npz: " in outcome.stderr
        assert outcome.stderr.count("\n") == 1


def damaged():
    """Matrices in memory of every format that has index arrays, each with an index outside."""
    whole = sparse.csr_array(np.eye(5) + np.eye(5)[::-1])
    for name in ("csr", "csc", "coo", "bsr"):
        matrix = copy.deepcopy(whole.asformat(name))
        (matrix.coords[1] if name == "coo" else matrix.indices)[0] = 10**6
        yield pytest.param(matrix, id=name)
    lists = whole.tolil()
    lists.rows[0][0] = 10**6
    yield pytest.param(lists, id="lil")
    short = sparse.csr_array(whole)
    short.data = short.data[:-1]
    yield pytest.param(short, id="short")


@pytest.mark.parametrize("matrix", list(damaged()))
def test_a_damaged_matrix_in_memory_is_refused(matrix):
    points = np.sin(np.arange(50.0) ** 2).reshape(10, 5)
    mapped, features = dk.embed(points, n_components=2, holdout=False), dk.random_features(points, 2)
    for call in (
        lambda: dk.embed(matrix, n_components=1), lambda: dk.random_features(matrix, 2), lambda: dk.maxcut(matrix),
        lambda: mapped.transform(matrix), lambda: features.transform(matrix), lambda: dk.cut_norm(matrix),
        lambda: dk.QuadraticModel.from_qubo(matrix),
    ):  # fmt: skip
        with pytest.raises(InputError, match="the sparse matrix is damaged: "):
            call()


def test_sound_matrices_pass_as_they_are():
    dense = np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 0.0]])
    for name in ("csr", "csc", "coo", "bsr", "dia", "dok", "lil"):
        matrix = sparse.csr_array(dense).asformat(name)
        assert np.array_equal(checked_sparse(matrix).toarray(), dense)
        assert np.array_equal(checked_sparse(sparse.csr_matrix(dense).asformat(name)).toarray(), dense)
    assert checked_sparse(sparse.csr_array((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("offset", [0.0, 1e13, 1e15])
def test_a_sparse_table_has_the_images_of_the_dense_one(offset, monkeypatch):
    """The image of the centre was subtracted last, and far from the origin it took the digits that were certified."""
    X = np.round(np.random.default_rng(0).standard_normal((30, 6)) * 8) / 8 + offset
    table = sparse.csr_matrix(X)
    result = dk.embed(table, n_components=3, holdout=False)
    Z = result.transform(X)
    for _ in range(2):
        assert np.array_equal(result.transform(table), Z)
        assert np.array_equal(result.transform(sparse.coo_array(X.astype(np.float64))), Z)
        monkeypatch.setattr("derandkit.embeddings.images._NUMBERS", 13)
    i, j = np.triu_indices(len(X), 1)
    lengths = ((X[i] - X[j]) ** 2).sum(axis=1)
    ratios = ((Z[i] - Z[j]) ** 2).sum(axis=1)[lengths > 0] / lengths[lengths > 0]
    assert np.abs(ratios - 1.0).max() <= result.output.certified_distortion * (1.0 + 1e-12)


def test_columns_that_are_zero_everywhere_change_no_bit():
    numbers = np.random.default_rng(2)
    X = np.zeros((12, 403))
    X[:, [3, 40, 41, 200, 401]] = numbers.standard_normal((12, 5)) + 3.0
    result = dk.embed(X, n_components=3, holdout=False)
    new = numbers.standard_normal((4, 403)) * (numbers.random((4, 403)) < 0.02)
    for table in (X, new, new[:0]):
        assert np.array_equal(result.transform(sparse.csr_array(table)), result.transform(table))


def test_the_zeros_of_a_sparse_table_are_counted(tmp_path):
    """71 bytes named a table of 10^12 entries, whose digest would have read them for hours."""
    file = tmp_path / "wide.mtx"
    file.write_text(
        "%%MatrixMarket matrix coordinate pattern general\n1000000 1000000 1\n2 1\n", encoding="ascii"
    )
    with pytest.raises(
        InputError, match=r"1000000 x 1000000 is 7451 GiB with its zeros.*DERANDKIT_MAX_BYTES"
    ):
        dk.read_points(file)


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        (
            "indices",
            np.array([1.5, 0.2, 2.9, 1.0]),
            "indices of the sparse matrix has the type float64, and places are",
        ),
        ("indices", np.zeros(4, "M8[s]"), "indices of the sparse matrix has the type datetime64"),
        (
            "indptr",
            np.array([0, 1, 3, 4], dtype=complex),
            "indptr of the sparse matrix has the type complex128",
        ),
        ("shape", np.array([3.5, 3.0]), "shape of the sparse matrix has the type float64"),
        ("data", np.zeros(4, "V8"), "the entries of the sparse matrix have the type"),
        ("data", np.zeros(4, "f2"), "the entries of the sparse matrix have the type float16"),
        ("format", np.array(b"dok"), "the parts of the sparse matrix make none"),
        ("format", np.array(1), "the parts of the sparse matrix make none"),
    ],
)
@pytest.mark.parametrize("read", [dk.read_graph, dk.read_points, dk.read_model])
def test_parts_of_other_types_are_refused_by_name(tmp_path, part, value, words, read):
    """SciPy cuts 1.5 to the column 1, and takes dates for places; of other entries it raises what it likes."""
    file = tmp_path / "m.npz"
    sparse.save_npz(file, sparse.csr_array(np.array([[0, 4, 0], [4, 0, 2], [0, 2, 0.0]])))
    np.savez(file, **{**np.load(file), part: value})
    with pytest.raises(InputError, match=words):
        read(file)


@pytest.mark.parametrize("layout", ["dia", "csr", "csc", "coo", "bsr"])
def test_numbers_in_the_order_of_another_machine_are_read_or_refused(tmp_path, layout):
    """A matrix of diagonals ended in a traceback of SciPy, which loads no such coordinates or blocks."""
    plain, file = np.array([[0, 4, 0], [4, 0, 2], [0, 2, 0.0]]), tmp_path / "m.npz"
    matrix = getattr(sparse, f"{layout}_array")(plain)
    matrix.data = matrix.data.astype(">f8")
    assert dk.as_graph(matrix).total_weight == 6
    assert dk.minimize_qubo(matrix).value == 0
    assert (dk.PointCloud(matrix).table() == plain).all()
    sparse.save_npz(file, matrix)
    if layout == "coo":
        with pytest.raises(InputError, match=r"m\.npz: "):
            dk.read_graph(file)
        return
    assert dk.read_graph(file).total_weight == 6
    assert dk.read_model(file).model.n == 3


@pytest.mark.parametrize("kind", ["V8", "S3", "U3", "M8[s]"])
def test_a_matrix_of_no_numbers_is_no_empty_model(tmp_path, kind):
    np.save(tmp_path / "m.npy", np.zeros((3, 3), kind))
    with pytest.raises(InputError):
        dk.read_model(tmp_path / "m.npy")
