"""Records on disk: one text for one record, a seal that notices every edit, files written whole."""

import hashlib
import json
import math
import os
import stat

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derandkit import records
from derandkit.errors import InputError
from derandkit.records import repeated_key

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
RECORDS = st.dictionaries(TEXT, VALUES, max_size=6)


@settings(deadline=None)
@given(RECORDS)
def test_canonical_json_is_json_of_the_same_record(record):
    text = records.canonical_json(record)
    assert json.loads(text) == record
    assert text.endswith("\n")
    assert records.canonical_json(json.loads(text)) == text


@settings(deadline=None)
@given(RECORDS, st.randoms(use_true_random=False))
def test_canonical_json_does_not_depend_on_the_order_of_keys(record, shuffler):
    def shuffled(value):
        if isinstance(value, dict):
            keys = list(value)
            shuffler.shuffle(keys)
            return {key: shuffled(value[key]) for key in keys}
        return [shuffled(x) for x in value] if isinstance(value, list) else value

    assert records.canonical_json(shuffled(record)) == records.canonical_json(record)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_come_back_to_the_bit(x):
    back = json.loads(records.canonical_json({"x": x}))["x"]
    assert (back, math.copysign(1.0, back)) == (x, math.copysign(1.0, x))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, [1.0, {"a": math.nan}]])
def test_numbers_that_are_not_finite_are_refused(bad):
    with pytest.raises(ValueError, match="JSON compliant"):
        records.canonical_json({"x": bad})


def test_the_empty_record():
    assert records.canonical_json({}) == "{}\n"


@settings(deadline=None)
@given(RECORDS)
def test_the_seal_is_the_hash_of_the_rest(record):
    record.pop("seal", None)
    sealed = records.sealed(record)
    rest = {key: value for key, value in sealed.items() if key != "seal"}
    assert rest == record  # 0.0 and -0.0 are equal; a record holds the first
    assert not records.has_signed_zero(rest)
    assert sealed["seal"] == hashlib.sha256(records.canonical_json(rest).encode()).hexdigest()
    assert records.seal(sealed) == sealed["seal"]
    assert "seal" not in record
    assert records.seal(json.loads(records.canonical_json(sealed))) == sealed["seal"]


@settings(deadline=None)
@given(RECORDS, TEXT, VALUES)
def test_any_edit_breaks_the_seal(record, key, value):
    record.pop("seal", None)
    sealed = records.sealed(record)
    edited = {**sealed, key: value}
    if key != "seal" and records.canonical_json(edited) != records.canonical_json(sealed):
        assert records.seal(edited) != sealed["seal"]


@settings(deadline=None)
@given(
    st.sampled_from(["<f4", "<f8", "<i4", "<i8"]),
    st.lists(st.integers(-(2**20), 2**20), max_size=12),
    st.sampled_from([1, 2]),
)
def test_arrays_come_back(dtype, values, ndim):
    array = np.array(values, dtype=dtype)
    if ndim == 2:
        array = array[: array.size // 2 * 2].reshape(-1, 2)
    encoded = json.loads(json.dumps(records.encode_array(array, dtype)))
    decoded = records.decode_array(encoded)
    assert decoded.dtype == np.float64
    assert decoded.shape == array.shape
    np.testing.assert_array_equal(decoded, array.astype(np.float64))


def test_single_precision_is_what_is_stored():
    x = np.array([0.1, 1 / 3])
    np.testing.assert_array_equal(
        records.decode_array(records.encode_array(x, "<f4")), x.astype(np.float32).astype(np.float64)
    )
    np.testing.assert_array_equal(records.decode_array(records.encode_array(x, "<f8")), x)
    transposed = np.arange(6.0).reshape(2, 3).T
    np.testing.assert_array_equal(records.decode_array(records.encode_array(transposed, "<f8")), transposed)


GOOD = records.encode_array(np.arange(4.0), "<f4")


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        {},
        {**GOOD, "dtype": "<f2"},
        {**GOOD, "dtype": "|O"},
        {**GOOD, "shape": None},
        {**GOOD, "shape": [5]},
        {**GOOD, "shape": [-1]},
        {**GOOD, "shape": ["4"]},
        {**GOOD, "base64": "not base64!"},
        {**GOOD, "base64": GOOD["base64"][:-4]},
        {key: value for key, value in GOOD.items() if key != "base64"},
    ],
)
def test_malformed_arrays_are_refused(bad):
    with pytest.raises(ValueError, match=r"."):
        records.decode_array(bad)


def test_files_are_read_back(tmp_path):
    record = records.sealed({"a": [1, 2.5, "Überraschung"]})
    path = tmp_path / "r.json"
    records.write_atomically(path, records.canonical_json(record))
    assert records.read_record(path) == records.read_record(str(path)) == record


def test_a_file_is_replaced_whole_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "r.json"
    records.write_atomically(path, "old")
    records.write_atomically(path, b"new \xff")
    assert path.read_bytes() == b"new \xff"
    assert os.listdir(tmp_path) == ["r.json"]


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "r.json"
    records.write_atomically(path, "old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(InputError, match="No space left"):
        records.write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["r.json"]


def test_an_interrupted_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "r.json"
    records.write_atomically(path, "old")

    class Stopped(BaseException):
        pass

    def stop(*_):
        raise Stopped

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(Stopped):
        records.write_atomically(path, "new")
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["r.json"])


@pytest.mark.skipif(os.name != "posix", reason="permission bits are a posix matter")
def test_permissions_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        records.write_atomically(tmp_path / "r.json", "{}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "r.json").stat().st_mode) == 0o640


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match="cannot be written") as caught:
        records.write_atomically(tmp_path / "nowhere" / "r.json", "{}")
    assert caught.value.path.endswith("r.json")


@pytest.mark.parametrize(
    ("content", "words", "line"),
    [
        (b'{"a": 1,\n "b": }', "is not JSON", 2),
        (b"", "is not JSON", 1),
        (b"[1, 2]", "not an object", None),
        (b'{"a": NaN}', "NaN", None),
        (b'{"a": -Infinity}', "-Infinity", None),
        (b'{"a": "\xff"}', "UTF-8", None),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "result file", None),
    ],
)
def test_files_that_are_no_records(tmp_path, content, words, line):
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        records.read_record(path)
    assert (caught.value.path, caught.value.line) == (str(path), line)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        records.read_record(tmp_path / "r.json")
    with pytest.raises(InputError, match="directory"):
        records.read_record(tmp_path)


def test_a_record_of_too_many_values_is_refused_before_it_is_taken_apart(tmp_path, monkeypatch):
    """Brackets of two bytes take seventy each once they are read: 1 GiB of them would take 30."""
    monkeypatch.setattr(records, "MOST_VALUES", 1000)
    path = tmp_path / "r.json"
    path.write_text('{"a": [' + "[]," * 400 + "[]]}")
    records.read_record(path)
    path.write_text('{"a": [' + "[]," * 600 + "[]]}")
    with pytest.raises(InputError, match="it holds 1203 values; a result file has at most 1000"):
        records.read_record(path)


def test_a_repeated_key_is_found_in_one_pass():
    """The readers of graphs and of models looked at all keys before each: 60000 keys took a quarter of a minute."""
    pairs = [(f"k{k}", k) for k in range(200_000)]
    assert repeated_key(pairs) is None
    assert repeated_key([*pairs, ("k7", 0), ("k8", 0)]) == "k7"


def test_the_text_of_a_record_is_no_path():
    with pytest.raises(InputError, match=r"got the text of a record; pass json\.loads") as caught:
        records.read_record(records.canonical_json({"schema": "derandkit-cut"}))
    assert caught.value.path is None
