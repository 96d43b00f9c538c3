"""Matrices of quadratic problems as frames and tensors: their names are kept, whatever wrote or read them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.inputs import refused

import derandkit as dk
from derandkit.models.model import QuadraticModel

pandas = pytest.importorskip("pandas")

NAMES = ["a", "b", "c"]
Q = np.array([[-1.0, 2.0, 0.0], [0.0, -3.0, 1.0], [0.0, 0.0, -1.0]])
FRAME = pandas.DataFrame(Q, index=NAMES, columns=NAMES)
COUPLINGS = pandas.DataFrame(np.triu(Q, 1), index=NAMES, columns=NAMES)
FIELDS = pandas.Series([1.0, -2.0, 0.5], index=NAMES)


def frames(folder):
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    FRAME.to_csv(folder / "q.csv")
    yield FRAME
    yield pandas.read_csv(folder / "q.csv")
    yield pandas.read_csv(folder / "q.csv", index_col=0)
    yield polars.read_csv(folder / "q.csv")
    yield polars.DataFrame(Q, schema=NAMES)
    yield pyarrow.Table.from_pandas(FRAME)


def test_every_frame_of_a_matrix_is_the_same_model(tmp_path):
    wanted = QuadraticModel.from_qubo({(NAMES[i], NAMES[j]): Q[i, j] for i, j in np.argwhere(Q)})
    for frame in frames(tmp_path):
        model = QuadraticModel.from_qubo(frame)
        assert list(model.labels) == NAMES
        assert model.digest == wanted.digest
    assert dk.minimize_qubo(pandas.read_csv(tmp_path / "q.csv")).solution == {"a": 0, "b": 1, "c": 0}


def test_names_of_rows_in_another_order_are_refused(tmp_path):
    FRAME.to_csv(tmp_path / "q.csv")
    assert "different labels" in refused(QuadraticModel.from_qubo, FRAME.loc[["b", "a", "c"]])
    swapped = pandas.read_csv(tmp_path / "q.csv").iloc[[1, 0, 2]]
    assert "square" in refused(QuadraticModel.from_qubo, swapped)


@pytest.mark.parametrize(
    "h",
    [
        FIELDS,
        FIELDS.iloc[::-1],
        FIELDS.to_dict(),
        FIELDS.tolist(),
        FIELDS.to_numpy(),
        FIELDS.reset_index(drop=True),
    ],
)
def test_fields_beside_a_frame_of_couplings(h):
    wanted = QuadraticModel.from_ising(FIELDS.to_dict(), {("a", "b"): 2, ("b", "c"): 1})
    model = QuadraticModel.from_ising(h, COUPLINGS)
    assert list(model.labels) == NAMES
    assert model.digest == wanted.digest


@pytest.mark.parametrize(
    ("h", "words"),
    [
        (
            pandas.Series([1.0, 2.0, 3.0], index=list("xyz")),
            "h names 'x'; the variables of the matrix are 'a', 'b', 'c'",
        ),
        ({0: 1.0}, "h names 0; the variables of the matrix are 'a', 'b', 'c'"),
        (pandas.Series([1.0, 2.0, 3.0], index=[2, 0, 1]), "h names 2; the variables"),
        ([1.0, 2.0], "2 fields for 3 variables"),
        ([1.0, 2.0, 3.0, 4.0], "4 fields for 3 variables"),
    ],
)
def test_fields_of_other_variables_are_refused(h, words):
    assert words in refused(QuadraticModel.from_ising, h, COUPLINGS)


def test_tensors():
    torch = pytest.importorskip("torch")
    wanted = QuadraticModel.from_qubo(Q).digest
    tensor = torch.tensor(Q)
    for X in (tensor, torch.tensor(Q, requires_grad=True), tensor.to_sparse()):
        assert QuadraticModel.from_qubo(X).digest == wanted
    assert (
        QuadraticModel.from_ising(torch.ones(3, requires_grad=True), np.triu(Q, 1)).linear.tolist()
        == [1.0] * 3
    )


@pytest.mark.filterwarnings("ignore:Sparse invariant")
@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "float16", "float64"])
def test_entries_of_one_place_add_up_beyond_the_range_of_their_type(kind):
    torch = pytest.importorskip("torch")
    value = {"int16": 30000, "float16": 60000}.get(kind, 100)
    places = torch.tensor([[0, 0, 1, 1], [1, 1, 0, 0]])
    X = torch.sparse_coo_tensor(places, torch.tensor([value] * 4, dtype=getattr(torch, kind)), (3, 3))
    assert dk.as_graph(X).total_weight == 2 * value
    assert dk.PointCloud(X).points.max() == 2 * value
    assert QuadraticModel.from_qubo(X).value([1, 1, 0]) == 4 * value


@pytest.mark.parametrize("make", [list, np.array, pandas.DataFrame], ids=["tuples", "array", "frame"])
def test_three_terms_are_a_matrix_too(make):
    """As terms the least value is -1, as a matrix it is 0."""
    assert "may be a matrix or terms" in refused(dk.minimize_qubo, make([(0, 0, -1), (1, 1, -1), (0, 1, 2)]))
    assert dk.minimize_qubo({(0, 0): -1, (1, 1): -1, (0, 1): 2}).value == -1
    assert dk.minimize_qubo(np.array([[1, 2, 0], [0, 1, 1], [0, 0, -1]])).value == -1
