"""Names of classes are made in one place: of any container the same classes, in the same order, by the same names."""

from __future__ import annotations

import enum
import json
import tracemalloc
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import derandkit
from derandkit import InputError, RegressionData, Student, certify_network, discover_structure, verify
from derandkit.structure.intake.classes import coded
from derandkit.structure.intake.names import class_entries
from derandkit.structure.intake.targets import read_targets

X = np.random.default_rng(0).standard_normal((90, 2))
CODES = np.digitize(X[:, 0], [-0.4, 0.4])
UPPER = np.array([[1.0, -1.0, 0.5], [0.2, 0.3, -2.0]])
LAYER = np.array([[1.0, 0.1], [0.3, 1.0]]), np.zeros(2)


class Grade(str, enum.Enum):  # noqa: UP042
    """Text that `str` writes as another text, as before Python 3.11 and without a method of its own."""

    MILD = "mild"
    MILDER = "milder"
    SEVERE = "severe"


class Level(enum.IntEnum):
    """Numbers that are written as words."""

    LOW = 9
    MIDDLE = 10
    HIGH = 11


def containers(values):
    """Targets of three values in each container that holds them as they are."""
    listed = [values[code] for code in CODES]
    objects = np.empty(len(listed), dtype=object)
    objects[:] = listed
    yield from (listed, tuple(listed), objects, objects[:, None])
    try:
        import pandas as pd
    except ImportError:
        return
    yield from (pd.Series(objects, dtype=object), pd.Series(pd.Categorical(objects)), pd.Series(listed))


def certified(targets, logits=False):
    """A record of a plain function above a layer, and what it is checked against."""
    import jax.numpy as jnp

    def upper(z):
        return jnp.tanh(z) @ UPPER

    W, b = LAYER
    found = certify_network(
        upper, X, targets, weights=W, bias=b, directions=[[1, 0]], penalty=0.3, loss="softmax", logits=logits
    )
    return found, (X, targets, upper, W, b)


KINDS = {
    "subclasses of text": ([Grade.MILD, Grade.MILDER, Grade.SEVERE], ("mild", "milder", "severe")),
    "texts of NumPy": ([np.str_("a"), np.str_("bc"), np.str_("d")], ("a", "bc", "d")),
    "named numbers": ([Level.LOW, Level.MIDDLE, Level.HIGH], (9, 10, 11)),
    "decimals": ([Decimal(9), Decimal("10.0"), Decimal(11)], (9, 10, 11)),
    "fractions": ([Fraction(9), Fraction(10), Fraction(23, 2)], (9, 10, 11.5)),
    "numbers of several types": ([np.int64(9), np.int8(10), np.float32(11)], (9, 10, 11)),
    "zero and one among objects": ([np.int64(0), 1, Decimal(2)], (0, 1, 2)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_entries_of_every_type_are_the_classes_that_they_are(kind):
    """Three classes became 'K.mild' and 'K.seve'; numbers among objects were text, which stands in another order."""
    values, classes = KINDS[kind]
    for targets in containers(values):
        found = read_targets(targets, "classes")
        assert found.values.tolist() == CODES.tolist()
        assert found.classes == classes
        assert [*map(type, found.classes)] == [*map(type, classes)]
        assert coded(targets, classes).values.tolist() == CODES.tolist()


@pytest.mark.parametrize("kind", ["subclasses of text", "decimals", "numbers of several types"])
def test_certificates_hold_whatever_type_the_classes_have(kind):
    """Records of decimals and of numbers among objects failed: the check sorted 9, 10, 11 by size."""
    pytest.importorskip("jax")
    values, classes = KINDS[kind]
    found, instance = certified([*containers(values)][2])
    assert found.classes == classes
    assert verify(found, instance).ok


@pytest.mark.parametrize("kind", ["subclasses of text", "named numbers", "decimals"])
def test_records_of_structures_hold_in_memory_and_as_files(kind):
    """Numbers of an IntEnum stayed of their type, and the record in memory did not have its form."""
    pytest.importorskip("jax")
    values, classes = KINDS[kind]
    for targets in (*containers(values),)[:3]:
        data = RegressionData(X, targets, task="classes")
        assert data.classes == classes
        found = discover_structure(
            data, Student(width=2), penalty=0.01, upper_penalty=0.01, max_steps=2, controls=False
        )
        assert verify(found, data).ok
        assert verify(json.loads(found.to_json()), data).ok


def test_a_classifier_has_the_classes_of_its_targets():
    """scikit-learn makes an array of text, which cut the names; the score compared cut ones."""
    pytest.importorskip("jax")
    pytest.importorskip("sklearn")
    import warnings

    from derandkit import StructureClassifier

    model = StructureClassifier(1, width=2, penalty=0.01, upper_penalty=0.01, max_steps=3, refit=False)
    for targets in containers([Grade.MILD, Grade.MILDER, Grade.SEVERE]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, targets)
        assert model.classes_.tolist() == ["mild", "milder", "severe"]
        assert model.result_.problem["classes"] == ["mild", "milder", "severe"]
        assert model.score(X, targets) == np.mean(
            model.predict(X) == np.array(["mild", "milder", "severe"])[CODES]
        )
    with pytest.raises(InputError, match="zero byte"):
        model.fit(X, np.array(["a", "a\0"], dtype=object)[CODES % 2])
    with pytest.raises(InputError, match="True beside numbers"):
        model.fit(X, [0, True, *CODES[2:].tolist()])


def test_targets_that_are_none_for_a_classifier_are_refused_by_what_they_are():
    """No length of None or of a text, no shape of an empty array, and "continuous" for text beside numbers."""
    for targets in (None, "abc", [], np.array([], dtype=object), np.full((4, 1, 1), "a", dtype=object)):
        assert class_entries(targets) is targets
    for targets in ([1, "a"] * 30, np.array([1, "a"] * 30, dtype=object), [[1], ["a"]] * 30):
        with pytest.raises(InputError, match="the target in row 0 is 1 beside text; classes are of one kind"):
            class_entries(targets)
    assert class_entries([["a", 1], ["b", 2]]).shape == (2, 2)
    pytest.importorskip("jax")
    pytest.importorskip("sklearn")
    from derandkit import StructureClassifier

    for targets in ("abc", [], np.array([], dtype=object)):
        with pytest.raises(ValueError, match=r"should be a 1d array|inconsistent numbers of samples"):
            StructureClassifier(1).fit(X, targets)


@pytest.mark.parametrize(
    ("targets", "kind", "classes"),
    [
        ([Decimal(1), Decimal("2.0")], "i", [1, 2]),
        ([Level.LOW, Level.HIGH], "i", [9, 11]),
        (np.array([np.int64(1), 2], dtype=object), "i", [1, 2]),
        (np.array([[np.int8(1)], [2.5]], dtype=object), "f", [1.0, 2.5]),
        (np.array([True, False], dtype=object), "b", [False, True]),
        ([np.float64(0), np.float64(1)], "f", [0.0, 1.0]),
        (["a", "bc"], "U", ["a", "bc"]),
        (("a", "bc"), "U", ["a", "bc"]),
        ([Grade.MILD, Grade.SEVERE], "U", ["mild", "severe"]),
        (np.array(["a", "bc"], dtype=object), "O", ["a", "bc"]),
        (["a", "b" * 3_000_000], "O", ["a", "b" * 3_000_000]),
    ],
)
def test_a_classifier_takes_numbers_and_booleans_among_objects(targets, kind, classes):
    """Lists of decimals and objects of booleans had an "unknown label type"; lists of text gave classes of objects."""
    found = np.unique(class_entries(targets))
    assert found.dtype.kind == kind
    assert found.tolist() == classes


@pytest.mark.parametrize("read", [lambda y: RegressionData(X, y), certified])
def test_a_name_with_a_zero_byte_is_refused(read):
    """NumPy drops zeros at the end of a text, so that two classes became one."""
    pytest.importorskip("jax")
    for targets in containers(["a", "a\0", "b"]):
        with pytest.raises(InputError, match=r"'a\\x00' holds a zero byte"):
            read(targets)


def test_a_zero_byte_in_a_file_of_columns_is_refused(tmp_path):
    """Such a table in Parquet or Feather was read with two classes of three; a name of a column likewise."""
    pa, file = pytest.importorskip("pyarrow"), tmp_path / "table"
    from pyarrow import feather, parquet

    names = [["a", "a\0", "b"][code] for code in CODES]
    for write in (parquet.write_table, feather.write_feather):
        for column in (pa.array(names), pa.array(names).dictionary_encode()):
            write(pa.table({"x": X[:, 0], "z": X[:, 1], "y": column}), str(file))
            with pytest.raises(InputError, match="zero byte"):
                RegressionData.from_file(file, "y")
        write(pa.table({"x": X[:, 0], "x\0": X[:, 1], "y": X[:, 1]}), str(file))
        with pytest.raises(InputError, match="zero byte"):
            RegressionData.from_file(file, "y")


@pytest.mark.parametrize(
    "values",
    [[0, True, 2], [True, 1, 2], [False, 1.5, 2], [Decimal(0), np.True_, 2], [np.False_, np.int8(1), 2]],
)
def test_booleans_beside_numbers_fit_two_readings(values):
    """True and 1 were one class, named True; in a list True was the class 1."""
    for targets in (*containers(values),)[:3]:
        for read in (read_targets, lambda y: read_targets(y, "classes")):
            with pytest.raises(InputError, match=r"beside numbers: the number [01], or a class\?"):
                read(targets)
        assert read_targets(targets, "numbers").classes is None
    objects = np.array([["a", True], ["b", 1]], dtype=object)[:, 1:]
    with pytest.raises(InputError, match="beside numbers"):
        RegressionData(X, np.tile(objects, (45, 1)))


@pytest.mark.parametrize("values", [["a", 1, "b"], ["a", True, "b"], [1, "1", 2]])
def test_text_beside_other_kinds_is_refused(values):
    """In a list the number 1 was the class '1'."""
    for targets in (*containers(values),)[:3]:
        with pytest.raises(InputError, match="beside text; classes are of one kind"):
            read_targets(targets)


@pytest.mark.parametrize("value", [Fraction(1, 3), Decimal("1e-400"), Decimal("1e400")])
def test_a_class_that_no_double_stands_for_is_refused(value):
    for task in (None, "classes"):
        with pytest.raises(InputError, match=r"no double|too (small|large)"):
            read_targets([value, 1, 2], task)


def peak(work):
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("long", [2_000, 100_000])
def test_one_long_name_among_many_rows_takes_no_memory_of_each_row(tmp_path, long):
    """A file of 0.17 MB took 7.6 GB: every row had the width of the longest name."""
    rows = 4000
    X = np.random.default_rng(0).standard_normal((rows, 2))
    names = ["n" * long, *(["a", "b"][k % 2] for k in range(rows - 1))]
    file = tmp_path / "table.csv"
    file.write_text(
        "x,z,y\n" + "".join(f"{x!r},{z!r},{y}\n" for (x, z), y in zip(X.tolist(), names, strict=True))
    )
    assert peak(lambda: RegressionData.from_file(file, "y")) < 60 * file.stat().st_size
    objects = np.array(names, dtype=object)
    for targets in (names, objects, objects[:, None]):
        assert peak(lambda: RegressionData(X, targets)) < 1e7  # noqa: B023
        assert peak(lambda: coded(targets, ["a", "b", names[0]])) < 5e6  # noqa: B023


@pytest.mark.parametrize("share", [1, 1500])
def test_a_long_name_that_a_file_of_columns_holds_once_is_in_memory_once(tmp_path, share):
    """A file of Parquet of 0.12 MB with one name of 1e5 characters in half of its rows took 600 MB."""
    pd, pa = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    names = ["n" * 100_000 if k < share else "ab"[k % 2] for k in range(3000)]
    inputs = np.random.default_rng(0).standard_normal((3000, 2))
    table = pd.DataFrame({"x": inputs[:, 0], "z": inputs[:, 1], "y": pd.Categorical(names)})
    for coded_column in (table["y"], table["y"].values, pa.array(names).dictionary_encode(), pa.array(names)):
        assert peak(lambda: RegressionData(inputs, coded_column)) < 2e7  # noqa: B023
        assert RegressionData(inputs, coded_column).classes == ("a", "b", "n" * 100_000)
    file = tmp_path / "table"
    for column in (table["y"], table["y"].astype(str).astype(object)):
        for write in ("to_parquet", "to_feather"):
            getattr(table.assign(y=column), write)(file)
            assert peak(lambda: RegressionData.from_file(file, "y")) < 2e7
            for option in ("drop", "label"):
                assert peak(lambda: derandkit.read_points(file, **{option: "y"})) < 2e7  # noqa: B023
    table.assign(y=table["y"].astype(str).astype(object)).to_parquet(file)
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(pool)
    try:
        RegressionData.from_file(file, "y")
    finally:
        pa.set_memory_pool(usual)
    assert 0 < pool.max_memory() < 2e7
