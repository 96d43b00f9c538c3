"""Matrix Market files of points and of models: a word is read as a whole, and every word counts."""

from __future__ import annotations

import io

import numpy as np
import pytest
import scipy.io
import scipy.sparse

import derandkit as dk

BANNER = "%%MatrixMarket matrix {}\n"
REFUSED = {
    "Fortran": ("array real general", "2 1\n1.0D+02\n2\n", "is a number as Fortran writes it"),
    "decimal comma": ("array real general", "2 1\n1,5\n2\n", "write '.' before decimals"),
    "letters": ("coordinate real general", "2 2 1\n1 1 7abc\n", "'7abc' is not a number"),
    "base 16": ("coordinate real general", "2 2 1\n1 1 0x10\n", "'0x10' is not a number"),
    "underscore": ("coordinate real general", "2 2 1\n1 1 1_0\n", "'1_0' is not a number"),
    "another column": ("coordinate real general", "2 2 1\n1 1 7 8\n", "4 words in a row"),
    "pattern with values": ("coordinate pattern general", "2 2 1\n1 1 7\n", "3 words in a row"),
    "pattern without end": ("coordinate pattern general", "2 2 1\n1\n", "expected 'i j'"),
    "fraction": ("coordinate integer general", "2 2 1\n1 1 1.5\n", "'1.5' is not an integer"),
    "power": ("coordinate integer general", "2 2 1\n1 1 3e2\n", "'3e2' is not an integer"),
    "two values": ("array real general", "2 1\n1 5\n2\n", "2 words in a row"),
    "place": ("coordinate real general", "2 2 1\n1 1.9 7\n", "'1.9' is not the number of a row or column"),
    "comment": ("coordinate real general", "2 2 1\n% 2 2 7\n1 1 7\n", "a comment stands below"),
}


@pytest.mark.parametrize("read", [dk.read_points, dk.read_model])
@pytest.mark.parametrize("name", REFUSED)
def test_a_word_that_is_no_number_is_refused_with_its_line(tmp_path, name, read):
    """SciPy's reader took the beginning of a word, 1 of 1.0D+02, and dropped further words."""
    banner, body, said = REFUSED[name]
    (tmp_path / "t.mtx").write_text(BANNER.format(banner) + body)
    with pytest.raises(dk.InputError, match=r"t\.mtx:3: ") as caught:
        read(tmp_path / "t.mtx")
    assert said in str(caught.value)


@pytest.mark.parametrize("read", [dk.read_points, dk.read_model])
def test_a_symmetric_file_that_stores_an_entry_twice_is_refused(tmp_path, read):
    """The mirror image of an entry was added to it: of 7 and 7 came 14."""
    (tmp_path / "t.mtx").write_text(BANNER.format("coordinate real symmetric") + "3 3 2\n1 2 7\n2 1 7\n")
    with pytest.raises(dk.InputError, match=r"both entries \(1, 2\) and \(2, 1\)"):
        read(tmp_path / "t.mtx")


def test_entries_of_one_place_are_added_up_and_said(tmp_path):
    (tmp_path / "t.mtx").write_text(
        BANNER.format("coordinate real general") + "3 3 4\n1 1 1\n1 1 3\n2 3 5\n3 2 7\n"
    )
    said = ", 2 entries that share their place with another are added up"
    assert said in dk.read_points(tmp_path / "t.mtx").reading
    found = dk.read_model(tmp_path / "t.mtx")
    assert said in found.reading
    assert found.model.value([1, 0, 0]) == 4


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8])
@pytest.mark.parametrize("sparse", [False, True])
def test_what_scipy_writes_is_read(tmp_path, dtype, sparse):
    X = np.array([[1, 2, 1], [0, 5, 2], [6, 0, 4], [2, 2, 5]]).astype(dtype)
    if dtype in (np.float64, np.float32):
        X *= dtype(1e-5)
    scipy.io.mmwrite(tmp_path / "x.mtx", scipy.sparse.coo_array(X) if sparse else X)
    points = dk.read_points(tmp_path / "x.mtx").points
    assert np.allclose(points.toarray() if hasattr(points, "toarray") else points, X, rtol=1e-6)


def test_lines_of_other_systems_and_blank_ones_are_read(tmp_path):
    for end in ("\n", "\r\n"):
        text = end.join(
            [
                BANNER.format("coordinate real general").strip(),
                "% by hand",
                "2 2 2",
                "",
                " 1 1\t.5 ",
                "2 2 -1.e2",
            ]
        )
        (tmp_path / "q.mtx").write_bytes(text.encode())
        assert dk.read_model(tmp_path / "q.mtx").model.n == 2


@pytest.mark.parametrize("read", [dk.as_graph, dk.read_points, dk.read_model])
@pytest.mark.parametrize("more", ["another array", "bytes", "one byte"])
def test_what_stands_behind_an_array_is_refused(tmp_path, read, more):
    """numpy.load reads the first array of a file, and nothing behind it."""
    A = np.array([[0.0, 1, 2, 0], [1, 0, 3, 0], [2, 3, 0, 4], [0, 0, 4, 0]])
    file = io.BytesIO()
    np.save(file, A)
    if more == "another array":
        np.save(file, 7 * A)
    (tmp_path / "a.npy").write_bytes(
        file.getvalue() + {"bytes": b"trailing", "one byte": b"\n"}.get(more, b"")
    )
    said = {"another array": "are 256 more bytes, another array", "bytes": "are 8 more bytes:"}.get(
        more, "is 1 more byte:"
    )
    with pytest.raises(dk.InputError, match=said):
        read(tmp_path / "a.npy")


def test_what_stands_behind_an_array_that_is_mapped_is_refused(tmp_path):
    with open(tmp_path / "a.npy", "wb") as file:
        np.save(file, np.eye(4))
        np.save(file, np.eye(4))
    with pytest.raises(dk.InputError, match="are 256 more bytes, another array"):
        dk.sample_rows(str(tmp_path / "a.npy"), 2)


@pytest.mark.parametrize("read", [dk.read_points, dk.read_model])
@pytest.mark.parametrize("row", ["{}", " {} ", "1 1{}1.0", "1 1 1.0{}", "{}1 1 1.0"])
@pytest.mark.parametrize("sign", ["\f", "\v", "\x1f", "\u00a0", "\u2028"])
def test_a_blank_that_parts_no_words_is_refused(tmp_path, read, row, sign):
    """A form feed on a line of its own ended in a traceback."""
    text = BANNER.format("coordinate real general") + f"2 2 2\n1 1 1.0\n{row.format(sign)}\n2 2 2.0\n"
    (tmp_path / "t.mtx").write_text(text, encoding="utf-8")
    with pytest.raises(dk.InputError, match=rf"t\.mtx:4: U\+{ord(sign):04X} stands in "):
        read(tmp_path / "t.mtx")


@pytest.mark.parametrize("read", [dk.read_points, dk.read_model])
def test_a_carriage_return_between_words_is_refused_and_letters_of_other_scripts_are(tmp_path, read):
    for row, said in (("1 1\r1.0", "U\\+000D stands in"), ("1 1 \u0131nf", "is not a number")):
        text = BANNER.format("coordinate real general") + f"2 2 1\n{row}\n"
        (tmp_path / "t.mtx").write_bytes(text.encode())
        with pytest.raises(dk.InputError, match=said):
            read(tmp_path / "t.mtx")
