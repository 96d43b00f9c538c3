"""Rows that do not fit: the mean over all pairs from moments is the mean over all pairs, from any source of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from derandkit.embeddings.many.moments import measure_rows
from derandkit.embeddings.many.pairs import _parts, measure_pairs, offsets
from derandkit.embeddings.many.passes import row_factors, row_sum
from derandkit.embeddings.solve import embed
from derandkit.errors import InputError
from derandkit.points import rows
from derandkit.points.cloud import PointCloud
from derandkit.points.files import read_points
from derandkit.points.rows import blocks_of, sample_rows

X = np.random.default_rng(3).standard_normal((300, 6)) * [3.0, 1.0, 1.0, 0.5, 0.2, 0.1] + 5.0
MAP = embed(sample_rows(X, 40), n_components=3, objective="mean", holdout=False)


def weighted(X, A):
    """The mean by its definition."""
    i, j = np.triu_indices(len(X), 1)
    V = X[i] - X[j]
    square = np.sum(V * V, axis=1)
    change = np.sum((V @ A.T) ** 2, axis=1) - square
    return np.sqrt(np.sum(change**2) / np.sum(square**2))


@given(st.integers(0, 10**6), st.integers(2, 40), st.floats(-1e3, 1e3), st.sampled_from([1e-150, 1.0, 1e150]))
@settings(max_examples=20, deadline=None)
def test_the_mean_from_moments_is_the_mean_over_pairs(seed, n, offset, scale):
    rng = np.random.default_rng(seed)
    Z = scale * (rng.standard_normal((n, 6)) + offset)
    found = measure_rows(Z, MAP, sample=n)
    unit = Z / scale
    assert found.weighted_rms == pytest.approx(weighted(unit, MAP.matrix), abs=found.margin + 1e-9)
    assert 0 <= found.margin < 1e-5


@pytest.mark.parametrize("n", [40, 500, 8000])
@pytest.mark.parametrize(("offset", "step"), [(2.0**53, 2.0), (1.3 * 2.0**53, 4.0), (-1e14, 1.0), (0.0, 1.0)])
def test_the_margin_bounds_the_error_at_offsets_that_leave_a_few_units(n, offset, step):
    """Rows that differ in their last places: off by 3e-4 where "at most 2e-10" was said."""
    whole = np.random.default_rng(n).integers(0, 3, (n, 6))
    found = measure_rows(offset + step * whole, MAP, sample=8)
    # the rows are small whole numbers: rows that are equal count as often as they occur, in exact sums
    Z = whole - 1.0
    P = MAP.matrix.T @ MAP.matrix - np.eye(6)
    sums = []
    for S in (P, np.eye(6)):
        q, C, first = np.einsum("ij,jk,ik->i", Z, S, Z), Z.T @ Z, Z.sum(0)
        sums.append(
            2 * n * (q @ q) + 2 * q.sum() ** 2 + 4 * np.sum((S @ C) * (S @ C).T) - 8 * (q @ Z) @ S @ first
        )
    assert abs(found.weighted_rms - np.sqrt(sums[0] / sums[1])) <= found.margin + 1e-13
    assert found.margin < 1e-8


def test_the_sample_has_evenly_spread_pairs_of_eight_times_as_many_rows():
    found = measure_rows(X, MAP, sample=25, skip=40)
    S = sample_rows(X, 200, skip=40)
    i = np.concatenate([np.arange(200), np.arange(200)])
    j = (i + np.repeat(offsets(200, 300), 200)) % 200
    V = S[i] - S[j]
    off = np.abs(np.sum((V @ MAP.matrix.T) ** 2, axis=1) / np.sum(V * V, axis=1) - 1)
    assert found.sample_mean == pytest.approx(off.mean())
    assert found.sample_rms == pytest.approx(np.sqrt(np.mean(off**2)))
    assert found.sample_max == pytest.approx(off.max())
    assert found.interval[0] < off.mean() < found.interval[1]
    assert (found.n, found.sampled, found.sampled_pairs) == (300, 200, 400)


@given(st.integers(2, 40), st.integers(1, 900))
@settings(max_examples=30, deadline=None)
def test_pairs_are_different_and_every_row_is_in_equally_many(m, count):
    some = offsets(m, count)
    pairs = [(int(a), int(b)) for part in _parts(m, some, 7) for a, b in zip(*part, strict=True)]
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    degrees = np.bincount(np.array(pairs).ravel(), minlength=m)
    assert degrees.min() == degrees.max()
    assert abs(len(pairs) - min(count, m * (m - 1) // 2)) <= m
    if count >= m * (m - 1) // 2:
        assert len(pairs) == m * (m - 1) // 2


def test_spread_pairs_are_closer_to_the_mean_than_all_pairs_of_few_rows():
    Z = np.random.default_rng(8).standard_normal((2000, 6)) * [3.0, 1.0, 1.0, 0.5, 0.2, 0.1]
    true = measure_pairs(Z, MAP.matrix, 10**9).mean
    spread, whole = [], []
    for skip in range(0, 1600, 200):
        rows_ = sample_rows(Z, 200, skip=skip)
        spread.append(measure_pairs(rows_, MAP.matrix, 300).mean - true)
        whole.append(measure_pairs(rows_[:25], MAP.matrix, 300).mean - true)
    assert np.mean(np.square(spread)) < 0.5 * np.mean(np.square(whole))


def test_the_interval_covers_the_mean_over_all_pairs_about_as_often_as_it_says():
    i, j = np.triu_indices(len(X), 1)
    V = X[i] - X[j]
    true = np.abs(np.sum((V @ MAP.matrix.T) ** 2, axis=1) / np.sum(V * V, axis=1) - 1).mean()
    inside = 0
    for skip in range(0, 240, 30):
        low, high = measure_rows(X, MAP, sample=12, skip=skip).interval
        inside += low <= true <= high
    assert inside >= 6


def test_every_source_gives_the_same_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "ROWS", 64)
    np.save(tmp_path / "x.npy", X)
    pd.DataFrame(X, columns=list("abcdef")).to_parquet(tmp_path / "x.parquet")
    sources = [X, tmp_path / "x.npy", str(tmp_path / "x.parquet"), lambda: iter([X[:7], X[7:200], X[200:]]),
               np.load(tmp_path / "x.npy", mmap_mode="r")]  # fmt: skip
    for source in sources:
        assert (np.concatenate(list(blocks_of(source))) == X).all()
        assert (sample_rows(source, 30, skip=5) == sample_rows(X, 30, skip=5)).all()
    first, second = measure_rows(sources[1], MAP, sample=30), measure_rows(sources[2], MAP, sample=30)
    assert first == second


def test_a_sample_is_spread_over_the_rows_and_two_share_none():
    Z = np.arange(10_000.0)[:, None]
    first, second = sample_rows(Z, 500), sample_rows(Z, 500, skip=500)
    assert not np.isin(first, second).any()
    assert (np.diff(first[:, 0]) > 0).all()
    assert abs(first.mean() - 5000) < 500
    assert np.histogram(first, bins=10, range=(0, 10_000))[0].min() > 25
    assert len(sample_rows(Z[:9], 20)) == 9


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (iter([X]), "give a function that returns it"),
        (lambda: 3, "iterable of tables"),
        (lambda: [X[:5], X[:5, :4]], "row 5 has 4 columns"),
        (lambda: [X[:5], np.where(X[:5] > 9, np.nan, X[:5]) * np.nan], "row 5 holds NaN"),
        (X[:, :4], "rows of 6 numbers, got 4"),
        (np.ones((5, 6)), "all 5 rows are equal"),
        (X[0], "one row a point"),
        ("missing.npy", "cannot be mapped"),
        (__file__, "cannot be mapped as a .npy file: it is none; read it with read_points"),
        (lambda: [["a", "b"]], "no table of numbers"),
    ],
)
def test_what_cannot_be_used_is_refused(source, words):
    with pytest.raises(InputError, match=words):
        measure_rows(source, MAP)
    if words == "all 5 rows are equal":
        return


def test_a_sample_that_is_too_small_is_refused():
    for options in ({"count": 1}, {"count": 5, "skip": -1}, {"count": 5, "skip": 299}):
        with pytest.raises(InputError, match=r"sample|count|skip"):
            sample_rows(X, **options)


@pytest.mark.parametrize("far", [0.0, 1e9, 1e13, 1e300])
def test_pairs_of_the_sample_are_measured_however_far_another_row_lies(far):
    """Pairs nearer than 1e-11 of the largest norm were left out: 39 of 780 were measured, with no interval left."""
    Z = np.random.default_rng(3).normal(size=(40, 6))
    Z[7, 1] += far
    Z[3] = Z[2] + np.array([0.0, 2.0**-49, 0, 0, 0, 0])
    found = measure_rows(Z, MAP)
    i, j = np.triu_indices(40, 1)
    V = Z[i] - Z[j]
    V /= np.abs(V).max(axis=1, keepdims=True)
    off = np.abs(np.sum((V @ MAP.matrix.T) ** 2, axis=1) / np.sum(V * V, axis=1) - 1)
    assert found.sampled_pairs == 780
    assert found.sample_max == pytest.approx(off.max(), rel=1e-9)
    assert found.sample_mean == pytest.approx(off.mean(), rel=1e-9)
    assert found.interval[0] < off.mean() < found.interval[1]


def test_rows_that_differ_by_the_sign_of_a_zero_or_by_the_least_number():
    Z = np.array([[0.0, 1, 0, 0, 0, 0], [-0.0, 1, 0, 0, 0, 0], [5e-324, 1, 0, 0, 0, 0], [3.0, 1, 2, 0, 0, 0]])
    found = measure_rows(Z, MAP)
    assert (found.sampled_pairs, found.different) == (5, 3)  # all but the pair of equal rows
    assert np.isfinite(found.sample_max)


def test_equal_rows_of_a_sample_say_nothing_about_distances():
    """No pair was measured, and the greatest and the mean change were 0, with an interval from 0 to 0."""
    Z = np.zeros((2000, 6))
    rare = next(k for k in range(2000) if not sample_rows(np.eye(2000)[:, [k]], 16).any())
    Z[rare] = 1.0
    found = measure_rows(Z, MAP, sample=2)
    assert (found.sampled, found.different, found.sampled_pairs) == (16, 1, 0)
    assert (found.sample_max, found.sample_rms, found.sample_mean, found.interval) == (None,) * 4
    assert found.weighted_rms > 0.0
    assert "0 pairs of 16 rows, 1 of them different" in " ".join(str(found).split())
    assert "greatest" not in str(found)


def test_few_different_rows_have_no_interval():
    """A single pair had one of width 0."""
    for n in (2, 19):
        found = measure_rows(np.repeat(X[:n], 3, axis=0), MAP)
        assert (found.different, found.interval) == (n, None)
        assert "no interval: too few different rows" in str(found)
    assert measure_rows(X[:20], MAP).interval is not None


def test_rows_that_are_repeated_count_as_often_as_they_are_there():
    """The pairs of a sample were those of its different rows, and the interval was around another mean."""
    rng = np.random.default_rng(6)
    shares = np.repeat(np.arange(40), np.where(np.arange(40) < 4, 100, 5))
    i, j = np.triu_indices(shares.size, 1)
    i, j = shares[i], shares[j]
    V = X[i[i != j]] - X[j[i != j]]
    true = np.abs(np.sum((V @ MAP.matrix.T) ** 2, axis=1) / np.sum(V * V, axis=1) - 1).mean()
    inside = 0
    for _ in range(20):
        found = measure_rows(X[rng.permutation(shares)], MAP, sample=20)
        assert found.sampled == 160
        inside += found.interval[0] <= true <= found.interval[1]
    assert inside >= 17
    assert "pairs of equal rows are left out" in " ".join(str(found).split())


NAMED = pd.DataFrame(X, columns=list("abcdef")).assign(b=lambda frame: 20.0 * frame.b)
TURNED = NAMED[list("fedcba")]
OF_NAMES = embed(NAMED.iloc[:60], n_components=2, objective="mean", holdout=False)


def parquet(folder, table):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.Table.from_pandas(table) if hasattr(table, "iloc") else table, folder / "t.parquet")
    return folder / "t.parquet"


def test_columns_are_read_by_name_in_every_source(tmp_path):
    """Parquet files and blocks were read by position: 0.998 was measured for 0.005."""
    pa = pytest.importorskip("pyarrow")
    true, rows_ = measure_rows(NAMED, OF_NAMES, sample=30), sample_rows(NAMED, 20)
    np.save(tmp_path / "r.npy", TURNED.to_records(index=False))
    blocks = [
        lambda: [TURNED[:100], TURNED[100:]],
        lambda: [NAMED[:100], TURNED[100:]],
        lambda: [NAMED.to_numpy()[:100], TURNED[100:]],
        lambda: [pa.table(TURNED[:7]), TURNED[7:].to_dict("records")],
        lambda: [NAMED.assign(z=1.0)[:9], TURNED[9:]],
        lambda: [PointCloud(NAMED[:9]), PointCloud(TURNED[9:])],
    ]
    for source in (
        TURNED, parquet(tmp_path, TURNED), tmp_path / "r.npy", TURNED.to_records(index=False), PointCloud(TURNED),
        PointCloud(NAMED), TURNED.to_dict("records"), pa.table(TURNED), NAMED.to_numpy(), *blocks,
        parquet(tmp_path, TURNED.assign(id=np.arange(len(X)), word="x")), parquet(tmp_path, NAMED.set_index("c")),
    ):  # fmt: skip
        assert measure_rows(source, OF_NAMES, sample=30).weighted_rms == pytest.approx(true.weighted_rms)
    assert (sample_rows(lambda: [NAMED[:100], TURNED[100:]], 20) == rows_).all()
    assert (sample_rows(parquet(tmp_path, TURNED), 20) == rows_[:, ::-1]).all()


def test_other_names_are_refused_in_every_source(tmp_path):
    other = NAMED.rename(columns={"a": "z"})
    for source in (
        other,
        PointCloud(other),
        parquet(tmp_path, other),
        lambda: [other],
        lambda: [NAMED[:9], other[9:]],
    ):
        with pytest.raises(InputError, match=r"lacks? the column 'a' of"):
            measure_rows(source, OF_NAMES)
    turned = parquet(tmp_path, pd.DataFrame(X)[[5, 4, 3, 2, 1, 0]].set_axis(list("543210"), axis=1))
    with pytest.raises(InputError, match=r"'5'\] in this order"):
        measure_rows(turned, MAP)
    with pytest.raises(
        InputError, match=r"the rows from 9 on: the \w+ lacks? the column 'a' of the rows before"
    ):
        sample_rows(lambda: [NAMED[:9], other[9:]], 20)
    with pytest.raises(InputError, match=r"the rows from 9 on: .* or there are more"):
        sample_rows(lambda: [NAMED[:9], NAMED.assign(z=1.0)[9:]], 20)
    with pytest.raises(InputError, match=r"\['0', '1'\] in this order"):
        sample_rows(lambda: [pd.DataFrame(X[:9, :2]), pd.DataFrame(X[9:, :2])[[1, 0]]], 20)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (lambda n: 2**60 + np.arange(n) * 3 % 297, "not exact in double precision"),
        (lambda n: ["007", "008"] * (n // 2), "has the type"),
        (lambda n: pd.date_range("2020", periods=n), "has the type timestamp"),
        (lambda n: pd.to_timedelta(np.arange(n), "s"), "has the type duration"),
        (lambda n: pd.array([1, None] * (n // 2), "Int64"), "150 missing values"),
        (lambda n: np.where(np.arange(n) % 9, 1.5 + np.arange(n) % 7, -999.0), "holds -999"),
        (lambda n: np.arange(n)[::-1] * 5, "may number or name the rows"),
    ],
)
def test_rules_for_tables_hold_for_rows_of_a_parquet_file(tmp_path, column, words):
    """They were read as numbers, or ended in an error of NumPy."""
    file = parquet(tmp_path, NAMED.assign(id=column(len(X))))
    for read in (lambda file: sample_rows(file, 20), lambda file: list(blocks_of(file)), read_points):
        with pytest.raises(InputError, match=words):
            read(file)
    assert measure_rows(file, OF_NAMES, sample=30).n == len(X)  # the other columns


def test_a_row_of_totals_in_a_parquet_file_of_one_block_is_refused(tmp_path):
    file = parquet(tmp_path, pd.concat([NAMED, NAMED.sum().to_frame().T], ignore_index=True))
    with pytest.raises(InputError, match="the last row holds the sums"):
        sample_rows(file, 20)


def test_columns_of_lists_are_read_as_in_read_points(tmp_path):
    pa = pytest.importorskip("pyarrow")
    file = parquet(tmp_path, pa.table({"emb": pa.array(X.tolist())}))
    assert (sample_rows(file, 20) == sample_rows(X, 20)).all()
    result = embed(read_points(file), n_components=2, objective="mean", holdout=False)
    both = parquet(tmp_path, pa.table({"emb": pa.array(X.tolist()), "more": X[:, 0]}))
    assert measure_rows(both, result, sample=30) == measure_rows(X, result, sample=30)


def test_text_is_no_number_in_any_block(tmp_path):
    np.save(tmp_path / "t.npy", np.array([["007", "1"], ["3", "4"]]))
    for source in (tmp_path / "t.npy", lambda: [[["007", "1"], ["3", "4"]]],
                   lambda: [np.array([["007", 1.0], [2, 3]], dtype=object)]):  # fmt: skip
        with pytest.raises(InputError, match=r"no table of numbers|leading zeros"):
            sample_rows(source, 2)


@pytest.mark.parametrize("wrap", [lambda A: A, lambda A: lambda: [A[:9], A[9:]]])
def test_a_sparse_matrix_is_refused_by_its_name(wrap):
    """It had the shape ()."""
    A = sparse.csr_array(([1.0, 2.0, 3.0], ([0, 1, 2], [5, 4, 3])), shape=(20, 6))
    for use in (lambda: measure_rows(wrap(A), MAP), lambda: sample_rows(wrap(A), 4)):
        with pytest.raises(InputError, match="rows of a sparse matrix are not read in blocks"):
            use()


class _Passes:
    """A function that gives other tables in each pass."""

    def __init__(self, *passes):
        self.passes, self.calls = passes, 0

    def __call__(self):
        self.calls += 1
        return iter(self.passes[min(self.calls, len(self.passes)) - 1])


SPREAD_OUT = np.sin(np.arange(180.0) ** 2).reshape(60, 3)
UNLIKE = {
    "a shorter second pass": (
        [[SPREAD_OUT], [SPREAD_OUT[:20]]],
        "second pass gave 20 rows, the first one 60",
    ),
    "a longer second pass": ([[SPREAD_OUT[:20]], [SPREAD_OUT]], "second pass gave 60 rows, the first one 20"),
    "an empty third pass": ([[SPREAD_OUT], [SPREAD_OUT], []], "third pass gave no rows, the first one 60"),
    "other numbers": ([[SPREAD_OUT], [SPREAD_OUT * 1e200]], "second pass gave other rows"),
    "a row twice instead of another": (
        [[SPREAD_OUT], [SPREAD_OUT], [SPREAD_OUT[:-1], SPREAD_OUT[:1]]],
        "third pass gave other rows",
    ),
    "two rows that exchange an entry": (
        [[SPREAD_OUT], [np.column_stack((np.roll(SPREAD_OUT[:, 0], 1), SPREAD_OUT[:, 1:]))]],
        "second pass gave other rows",
    ),
    "columns in another order": ([[SPREAD_OUT], [SPREAD_OUT[:, ::-1]]], "second pass gave other rows"),
    "another sign": ([[SPREAD_OUT], [-SPREAD_OUT]], "second pass gave other rows"),
}


@pytest.mark.parametrize("name", UNLIKE)
def test_passes_over_the_rows_are_of_the_same_rows(name):
    """Moments of one pass stood beside the centre of another, and a used iterator had "all 60 rows equal"."""
    result = embed(SPREAD_OUT[:30], n_components=1, objective="mean", holdout=False)
    passes, words = UNLIKE[name]
    with pytest.raises(InputError, match=words):
        measure_rows(_Passes(*passes), result)
    once = iter([SPREAD_OUT])
    with pytest.raises(
        InputError, match="second pass gave no rows, the first one 60: an iterator gives its rows once"
    ):
        measure_rows(lambda: once, result)
    cut = _Passes([SPREAD_OUT], [SPREAD_OUT[:7], SPREAD_OUT[7:]], list(SPREAD_OUT[:, None]))
    assert str(measure_rows(cut, result)) == str(measure_rows(SPREAD_OUT, result))


def test_passes_may_give_the_rows_in_any_order():
    """Readers that run side by side give their blocks in the order in which they end; such passes were refused."""
    result = embed(SPREAD_OUT[:30], n_components=1, objective="mean", holdout=False)
    blocks = [SPREAD_OUT[at : at + 12] for at in range(0, 60, 12)]
    found = measure_rows(_Passes(blocks, blocks[::-1], blocks[::-1]), result)
    plain = measure_rows(SPREAD_OUT, result)
    assert np.isclose(found.weighted_rms, plain.weighted_rms, rtol=1e-12)
    assert found.n == plain.n
    assert str(measure_rows(_Passes(blocks, [SPREAD_OUT[::-1]], blocks), result)) == str(plain)


def test_the_check_sum_of_rows_notices_small_changes():
    """Powers of two and small whole numbers differ in their highest bits alone."""
    rng = np.random.default_rng(0)
    for table in (
        2.0 ** rng.integers(-4, 5, (40, 5)),
        rng.integers(0, 2, (40, 5)).astype(float),
        rng.random((40, 1)),
    ):
        factors = row_factors(table.shape[1])
        whole = row_sum(table, factors)
        assert whole == row_sum(table[rng.permutation(40)], factors)
        changed = set()
        for _ in range(2000):
            other = table.copy()
            at = rng.integers(40), rng.integers(table.shape[1])
            other[at] += rng.choice([1.0, -1.0, 0.5, 2.0, 2.0**-40])
            changed.add(row_sum(other, factors))
        assert whole not in changed


def test_rows_that_are_no_table_are_refused_in_one_line():
    """Lists of frames and of rows of several lengths ended in an error of NumPy."""

    class Broken:
        def __array__(self, *_, **__):
            raise RuntimeError("no\nway")

    class Closed:
        def __array__(self, *_, **__):
            raise ValueError("the file is closed")

    frame = pd.DataFrame(SPREAD_OUT, columns=list("abc"))
    result = embed(frame[:30], n_components=1, objective="mean", holdout=False)
    for table in (
        [frame[:20], frame[20:]],
        [SPREAD_OUT[:20], SPREAD_OUT[20:]],
        [[1.0, 2.0, 3.0], [1.0]],
        Broken(),
        Closed(),
    ):
        for read in (lambda rows: measure_rows(rows, result), lambda rows: sample_rows(rows, 4)):
            with pytest.raises(InputError, match=r"^the rows (have different lengths|are no array)[^\n]*$"):
                read(table)
            with pytest.raises(InputError, match=r"^[^\n]*$"):
                read(lambda table=table: [table])
    with pytest.raises(InputError, match=r"^the rows are no array: the file is closed$"):
        measure_rows(Closed(), result)
