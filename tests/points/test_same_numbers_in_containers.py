"""The same numbers are the same points in every container, and numbers that are not exact are refused in each."""

from __future__ import annotations

import collections
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.inputs import refused

import derandkit as dk

pd = pytest.importorskip("pandas")
NAMES = ["a", "b", "c"]
Row = collections.namedtuple("Row", NAMES)


def structured(rows):
    return np.array([tuple(row) for row in rows], dtype=[(name, "f8") for name in NAMES])


def strided(rows):
    wide = np.zeros((2 * len(rows), 6))
    wide[::2, ::2] = rows
    return wide[::2, ::2]


def read_only(rows):
    array = np.array(rows)
    array.flags.writeable = False
    return array


def halves(rows):
    """Entries of one place, which add up."""
    i, j = np.indices((len(rows), 3)).reshape(2, -1)
    values = np.array(rows).ravel() / 2
    return sp.coo_array((np.tile(values, 2), (np.tile(i, 2), np.tile(j, 2))), shape=(len(rows), 3))


#: From a list of rows of floats, each exact in half precision.
CONTAINERS = {
    "tuples": lambda rows: tuple(map(tuple, rows)),
    "arrays": lambda rows: list(map(np.array, rows)),
    "deque": collections.deque,
    "fractions": lambda rows: [[Fraction(x) for x in row] for row in rows],
    "decimals": lambda rows: [[Decimal(x) for x in row] for row in rows],
    "mappings": lambda rows: [dict(zip(NAMES, row, strict=True)) for row in rows],
    "named tuples": lambda rows: [Row(*row) for row in rows],
    "array": np.array,
    "view": lambda rows: memoryview(np.array(rows)),
    "masked": lambda rows: np.ma.MaskedArray(rows, mask=np.zeros((len(rows), 3), dtype=bool)),
    "fortran": np.asfortranarray,
    "backwards": lambda rows: np.array(rows)[::-1, ::-1].copy()[::-1, ::-1],
    "strided": strided,
    "read-only": read_only,
    "swapped": lambda rows: np.array(rows, dtype=">f8"),
    "half": lambda rows: np.array(rows, dtype=np.float16),
    "long double": lambda rows: np.array(rows, dtype=np.longdouble),
    "objects": lambda rows: np.array(rows, dtype=object),
    "structured": structured,
    "records": lambda rows: structured(rows).view(np.recarray),
    "frame": lambda rows: pd.DataFrame(rows, columns=NAMES),
    "frame, nullable": lambda rows: pd.DataFrame(rows, columns=NAMES).astype("Float64"),
    "frame of objects": lambda rows: pd.DataFrame(rows, columns=NAMES).astype(object),
    "frame of categories": lambda rows: pd.DataFrame(rows, columns=NAMES).astype({"a": "category"}),
    "frame, columns of one name": lambda rows: pd.DataFrame(rows, columns=list("aab")),
    "frame, names of two levels": lambda rows: pd.DataFrame(
        rows, columns=pd.MultiIndex.from_tuples([("u", 1), ("u", 2), ("v", 1)])
    ),
    "frame, index of two levels": lambda rows: pd.DataFrame(
        rows, columns=NAMES, index=pd.MultiIndex.from_product([["p"], [f"r{k}" for k in range(len(rows))]])
    ),
    **{
        kind: lambda rows, kind=kind: getattr(sp, kind)(np.array(rows))
        for kind in (*(f"{k}_array" for k in ("csr", "csc", "coo", "lil", "dok", "bsr", "dia")), "csr_matrix")
    },
    "csr_array, two of a place": halves,
}  # fmt: skip
SMALL = st.integers(-512, 512).map(lambda k: k / 8)


@pytest.mark.parametrize("name", CONTAINERS)
@given(rows=st.lists(st.lists(SMALL, min_size=3, max_size=3), min_size=2, max_size=6))
@settings(max_examples=10)
def test_the_digest_is_that_of_the_list(name, rows):
    rows = [*rows, [-100.0, 50.5, 0.25], [0.5, 51.0, 1.25]]
    assert dk.PointCloud(CONTAINERS[name](rows)).digest == dk.PointCloud(rows).digest


LARGE = 2**53 + 1
MIXED = {
    "list": lambda big: [[big, 0.5], [big + 1, 1.5], [big + 2, 2.5]],
    "mappings": lambda big: [{"a": big + k, "b": k + 0.5} for k in range(3)],
    "objects": lambda big: np.array([[big + k, k + 0.5] for k in range(3)], dtype=object),
    "text": lambda big: np.array([[str(big + k), k + 0.5] for k in range(3)], dtype=object),
    "fractions": lambda big: [[Fraction(big + k), 0.5 + k] for k in range(3)],
    "decimals": lambda big: [[Decimal(big + k), Decimal(k)] for k in range(3)],
    "structured": lambda big: np.array(
        [(big + k, k + 0.5) for k in range(3)], dtype=[("a", "i8"), ("b", "f8")]
    ),
    "frame": lambda big: pd.DataFrame({"a": [big + k for k in range(3)], "b": [0.5, 1.5, 2.5]}),
    "frame of objects": lambda big: pd.DataFrame(
        {"a": np.array([big + k for k in range(3)], dtype=object), "b": [0.5, 1.5, 2.5]}
    ),
    "sparse": lambda big: sp.csr_array(np.array([[big, 1], [big + 1, 2], [big + 2, 3]])),
}


@pytest.mark.parametrize("name", MIXED)
def test_whole_numbers_that_are_not_exact_are_refused_in_every_container(name):
    """As doubles two of the three would be one point; those of a file are refused, too."""
    words = refused(dk.PointCloud, MIXED[name](LARGE))
    assert re.search(rf"{LARGE}, (which is )?not exact in (double precision|float64)", words)
    assert len(dk.PointCloud(MIXED[name](LARGE - 10)).distinct) == 3


def test_larger_numbers_that_are_exact_or_floats_stay():
    exact = [[2**60, 0.5], [2**61, 1.5], [-(2**70), 1.0]]
    assert dk.PointCloud(exact).points[2, 0] == -(2.0**70)
    texts = np.array([["1e300", 1.0], [2.0, 3.0], ["-1e300", 1.0]], dtype=object)
    assert dk.PointCloud(texts).points[0, 0] == 1e300
    assert dk.PointCloud([[1e300, 1], [2.0, 3]]).points[0, 0] == 1e300


OTHERS = ("float64", "float32", "float16", "int64", "int8", "uint64", "bool")


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("kind", ["int64", "uint64"])
def test_whole_numbers_that_are_not_exact_are_refused_beside_every_type_in_memory_and_in_files(
    tmp_path, other, kind
):
    """Of Parquet and Feather the columns became one type first, and two files of different numbers one table."""
    pa = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet")
    offset = np.array([0, 1, 1024, 1025, 5, 900])
    frames = [
        pd.DataFrame({"a": np.array([0, 0, 1, 1, 1, 0], dtype=other), "b": (base + offset).astype(kind)})
        for base in (2**60, 2**53 - 2000)
    ]
    for frame, accepted in zip(frames, (False, True), strict=True):
        frame.to_parquet(tmp_path / "t.parquet")
        frame.to_feather(tmp_path / "t.feather")
        lists = pa.table(
            {"a": frame.a, "l": pa.array(frame[["b"]].to_numpy().tolist(), pa.list_(getattr(pa, kind)()))}
        )
        pa.parquet.write_table(lists, tmp_path / "l.parquet")
        files = [tmp_path / name for name in ("t.parquet", "t.feather", "l.parquet")]
        memory = [frame, pa.table(frame), frame.to_records(index=False), frame.to_dict("records")]
        for place, table in enumerate((*files, *memory)):
            read = dk.read_points if place < len(files) else dk.PointCloud
            if accepted:
                assert len(read(table).distinct) == 6
            else:
                assert f"{2**60 + 1}" in refused(read, table)


@pytest.mark.parametrize(
    "make", [lambda frame: frame, lambda frame: frame.to_records(index=False), lambda f: f.to_dict("records")]
)
def test_new_rows_are_exact_or_refused_too(make):
    """`transform` read the doubles that columns of several types become."""
    X = np.random.default_rng(3).normal(size=(12, 2))
    table = make(pd.DataFrame({"a": X[:, 0], "b": 2**60 + np.arange(12)}))
    named = pd.DataFrame(X, columns=["a", "b"])
    y = np.tanh(X[:, 0])
    for apply in (
        dk.embed(named, n_components=1, holdout=False).transform,
        dk.random_features(named, 4).transform,
        dk.RegressionData(named, y).whiten,
    ):
        assert f" is {2**60 + 1}, which is not exact" in refused(apply, table)


def test_values_of_a_mapping_are_passed_as_a_list():
    table = {"p": [0.0, 1.0], "q": [1.0, 1.0]}
    assert "pass the points as a list" in refused(dk.PointCloud, table.values())
    assert dk.PointCloud(list(table.values())).n_points == 2


@pytest.mark.parametrize("name", sorted({*MIXED} - {"sparse", "text"}))
def test_inputs_of_a_regression_are_exact_or_refused_too(name):
    """Those in a file are."""
    y = np.arange(12.0) ** 2 % 7
    rows = MIXED[name](LARGE)
    four = pd.concat([rows] * 4, ignore_index=True) if hasattr(rows, "iloc") else (
        np.concatenate([rows] * 4) if isinstance(rows, np.ndarray) else rows * 4
    )  # fmt: skip
    assert f"{LARGE}, which is not exact in double precision" in refused(dk.RegressionData, four, y)


def test_a_tensor_whose_signs_are_not_applied_yet():
    torch = pytest.importorskip("torch")
    table = np.array([[1.0, 2.0], [3.0, 5.0], [4.0, -1.0]])
    negative = torch._neg_view(torch.tensor(-table))
    assert negative.is_neg()
    assert dk.PointCloud(negative).digest == dk.PointCloud(table).digest
    flipped = torch.tensor(table.astype(complex)).conj()
    assert "points are real numbers" in refused(dk.PointCloud, flipped)


def test_a_frame_that_is_no_array_is_refused_in_one_line():
    """All columns of 128-bit integers of polars: its own error, as NumPy has none."""

    class Wide:
        columns, shape, dtypes = ["a"], (3, 1), ["Int128"]

        def to_numpy(self):
            raise RuntimeError("cannot convert i128 to NumPy")

    with pytest.raises(dk.InputError, match="cannot become an array: cannot convert i128"):
        dk.PointCloud(Wide())
