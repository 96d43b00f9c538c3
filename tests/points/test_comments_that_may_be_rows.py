"""Rows whose first field begins with a comment sign are asked about; comments are comments."""

from __future__ import annotations

from pathlib import Path

import pytest

import derandkit as dk
from derandkit.errors import InputError


@pytest.mark.parametrize("first", ["#N/A", "#DIV/0!", "#2", "%2", "#ff0000"])
@pytest.mark.parametrize("mark", [",", ";", "\t", " "])
def test_a_first_field_with_a_comment_sign_is_asked_about(tmp_path: Path, first: str, mark: str):
    file = tmp_path / "p.csv"
    rows = [["1", "2", "3"], [first, "5", "1"], ["2", "0", "1"], ["4", "4", "5"]]
    file.write_text("\n".join(map(mark.join, rows)) + "\n")
    with pytest.raises(InputError, match="may be a comment, or a row whose first field is") as caught:
        dk.read_points(file)
    assert ":2:" in str(caught.value)


def test_labels_in_quotation_marks_are_read(tmp_path: Path):
    file = tmp_path / "p.csv"
    file.write_text('s,a,b\ns1,1,2\n"#2",3,4\ns3,0,1\n')
    assert dk.read_points(file, drop="s").n_points == 3


@pytest.mark.parametrize("comment", ["# 1,2", "# from 2019, 12", "#", "## 1,2", "#comment", "% 3,4", "#a,b"])
def test_comments_are_left_out(tmp_path: Path, comment: str):
    file = tmp_path / "p.csv"
    file.write_text(f"{comment}\n1,2\n{comment}\n3,4\n0,7\n")
    assert dk.read_points(file).n_points == 3
