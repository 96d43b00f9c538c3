"""Blanks beyond ASCII, carriage returns inside lines, and single precision in other orders or at one place twice."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

import derandkit as dk

COO = {"input_format": "coo", "vartype": "spin"}


def refusal(read, file, text, **options):
    file.write_bytes(text.encode())
    with pytest.raises(dk.InputError) as caught:
        read(file, **options)
    return str(caught.value)


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", "\u2009", "\u3000", "\x0c", "\x1f"])
def test_a_blank_that_may_part_thousands_is_refused(tmp_path, blank):
    """Of 1 234 with a no-break space came two columns, or in a file with decimal commas the columns 1 and 234.5."""
    said = f"U+{ord(blank):04X} in "
    file = tmp_path / "t.txt"
    assert f"t.txt:2: {said}" in refusal(dk.read_points, file, f"1 2 5\n1{blank}234 5\n")
    assert f"t.txt:1: {said}" in refusal(dk.read_points, file, f"1{blank}234,5\n2{blank}111,4\n")
    assert f"t.txt:2: {said}" in refusal(dk.read_model, file, f"0 1 5\n1{blank}234 5\n", **COO)
    assert f"t.txt:1: {said}" in refusal(dk.read_model, file, f"1{blank}234 5\n3 4\n", input_format="matrix")
    assert f"t.txt:2: {said}" in refusal(dk.read_clauses, file, f"p cnf 9 1\n1{blank}2 0\n")
    lp = f"Minimize\n obj: 1{blank}234 x\nBinaries\n x\nEnd\n"
    assert f"t.txt:2: {said}" in refusal(dk.read_model, file, lp)


def test_other_blanks_at_the_ends_of_lines_and_in_comments_are_read(tmp_path):
    (tmp_path / "t.txt").write_text("# 1\u00a0000 points\n1 2\u00a0\n\u00a03 4\n5 9\n", encoding="utf-8")
    assert dk.read_points(tmp_path / "t.txt").points.tolist() == [[1, 2], [3, 4], [5, 9]]
    (tmp_path / "t.coo").write_text("# 1\u00a0000 lines\n0 1 5\u00a0\n", encoding="utf-8")
    assert dk.read_model(tmp_path / "t.coo", **COO).model.n == 2


def test_other_blanks_inside_quotation_marks_are_read(tmp_path):
    """Tables that R writes were refused for a label with a no-break space."""
    file = tmp_path / "t.txt"
    file.write_text('"lab" "a" "b"\n"\u00cele\u00a0x" 1 2\n"y" 3 4\n"z" 5 9\n', encoding="utf-8")
    assert dk.read_points(file, label="lab").points.tolist() == [[1, 2], [3, 4], [5, 9]]
    assert "U+00A0 in " in refusal(dk.read_points, file, '"a" 1\u00a0234 5\n"b" 3 4\n')


def test_a_carriage_return_inside_a_line_is_refused(tmp_path):
    file, said = tmp_path / "t.txt", "a carriage return stands inside the line"
    assert said in refusal(dk.read_points, file, "1 2\n3 4\r5 6\n")
    assert said in refusal(dk.read_model, file, "0 1 2\r1 2 3\n2 3 4\n", **COO)
    assert said in refusal(dk.read_clauses, file, "p cnf 2 2\n1 0\r2 0\n")
    for ends in ("\r", "\r\n", "\r\r\n"):
        file.write_bytes(ends.join(["1 2", "3 4", "5 9", ""]).encode())
        assert dk.read_points(file).points.shape == (3, 2)


def test_a_carriage_return_inside_a_line_of_a_graph_is_refused(tmp_path):
    """It was a blank there: 1 and 2, joined with the weight 3."""
    file, said = tmp_path / "g.txt", "a carriage return stands inside the line"
    assert "g.txt:2: " + said in refusal(dk.as_graph, file, "1 3\n1 2\r3\n2 3 4\n")
    for ends in ("\r", "\r\n", "\r\r\n"):
        file.write_bytes(ends.join(["1 2 3", "2 3 4", ""]).encode())
        assert dk.as_graph(file).total_weight == 7


def test_single_precision_is_kept_in_any_order_of_bytes(tmp_path):
    """Points of big-endian files and arrays became doubles, with another digest."""
    X = np.arange(12, dtype="<f4").reshape(4, 3) ** 2
    np.save(tmp_path / "x.npy", X.astype(">f4"))
    for cloud in (dk.read_points(tmp_path / "x.npy"), dk.PointCloud(X.astype(">f4"))):
        assert cloud.points.dtype == np.float32
        assert cloud.digest == dk.PointCloud(X).digest
    fitted = dk.DerandomizedProjection(n_components=2).fit(X.astype(">f4"))
    assert fitted.transform(X.astype(">f4")).dtype == np.float32


@pytest.mark.parametrize("kind", ["coo_array", "csr_array", "csc_matrix"])
def test_entries_of_one_place_are_added_in_double_precision(kind):
    """1 was added to 2^24 in single precision, twice, and was lost both times."""
    values, rows, columns = np.array([2**24, 1, 1, 1], dtype=np.float32), [0, 0, 0, 1], [0, 0, 0, 1]
    if kind == "coo_array":
        A = scipy.sparse.coo_array((values, (rows, columns)), shape=(3, 2))
    else:
        A = getattr(scipy.sparse, kind)(
            (values, columns, [0, 3, 4, 4][: 4 if kind == "csr_array" else 3]), shape=(3, 2)
        )
    assert dk.PointCloud(A).points[0, 0] == 2**24 + 2
    assert dk.PointCloud(scipy.sparse.csr_array(np.eye(3, 2, dtype=np.float32))).points.dtype == np.float32
