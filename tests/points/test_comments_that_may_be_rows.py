"""Rows whose first field begins with a comment sign are asked about; comments are comments."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.points import lines


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


@pytest.mark.parametrize("line", ["a#" * 3000, "," + "1 " * 3000 + "x " + "# " * 3000 + ",", "\t#x " * 3000])
@pytest.mark.parametrize("first", [True, False])
def test_words_before_signs_are_looked_at_once(line: str, first: bool, monkeypatch: pytest.MonkeyPatch):
    """All words before each sign were: 240 KB of ``a#`` took 25 seconds, 5 MB would have taken hours."""
    looked: list[str] = []

    class Words:
        def finditer(self, *where):
            text, begin, end = where
            for found in re.finditer(r"\S+", text[begin:end]):
                looked.append(found[0])
                yield found

    monkeypatch.setattr(lines, "_WORD", Words())
    with contextlib.suppress(InputError):
        lines._uncommented(line, 1, first=first)
    assert len(looked) <= 10_000
