"""Names and notes between quotation marks that go over several lines: one row, whatever wrote it."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.inputs import read, refusal

from derandkit import InputError, as_graph

NAMES = ["New\nYork", "a\n\nb", 'say "x\ny"', "c, d\n;e\t|f", "# no\ncomment", "plain", "two\r\nlines"]
EDGES = [(NAMES[k], NAMES[(k + 1) % 7], k + 1.5) for k in range(7)]


def written(separator, *, header, rows=EDGES, ends="\n"):
    text = io.StringIO()
    table = csv.writer(text, delimiter=separator, lineterminator=ends)
    table.writerows([("source", "target", "weight"), *rows] if header else rows)
    return text.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_csv(tmp_path, separator, ends):
    graph = read(tmp_path, written(separator, header=True, ends=ends))
    assert graph.digest == as_graph(EDGES).digest
    assert "line breaks inside quotation marks are part of the text" in graph.reading.remarks[-1]


def test_pandas_and_a_table_without_a_header(tmp_path):
    frame = pd.DataFrame(EDGES, columns=["source", "target", "km"])
    assert read(tmp_path, frame.to_csv()).digest == as_graph(frame).digest
    assert read(tmp_path, written(",", header=False)).digest == as_graph(EDGES).digest
    again = read(tmp_path, '"c\nd" a\nb a\n')
    assert again.labels == ("a", "b", "c\nd")


def test_matrices_with_such_names(tmp_path):
    frame = pd.DataFrame(
        [[0, 1, 0, 2], [1, 0, 3, 0], [0, 3, 0, 4], [2, 0, 4, 0]], columns=NAMES[:4], index=NAMES[:4]
    )
    graph = read(tmp_path, frame.to_csv(), "g.csv")
    assert graph.digest == as_graph(frame).digest
    assert [graph.labels[k] for k in graph.input_rank] == NAMES[:4]


def test_notes_are_left_out_with_their_lines(tmp_path):
    text = 'source,target,note\na,b,"first\nsecond, third"\nb,c,"x"\n'
    graph = read(tmp_path, text)
    assert graph.digest == as_graph([("a", "b"), ("b", "c")]).digest
    assert "column 'note' is not used, and every edge weighs 1" in graph.reading.remarks


def test_a_quotation_that_stays_open_is_named_with_its_line(tmp_path):
    assert ":3: a quotation mark does not close" in refusal(tmp_path, 'source,target\na,b\n"c,d\ne,f\n')
    assert ":2: a quotation mark does not close" in refusal(tmp_path, 'source,target\n"c,d\n"e,f\n')


def test_faults_keep_their_lines(tmp_path):
    text = 'source,target,weight\n"a\nb",c,3\nc,d,x\n'
    assert ":4: weight 'x' is not a number" in refusal(tmp_path, text)
    assert r"'a\nb'" in refusal(tmp_path, 'source,target,weight\nc,d,3\n"x","y","a\nb"\n')


def test_inches_are_no_quotation(tmp_path):
    assert read(tmp_path, 'source,target\n5" pipe,6" pipe\n6" pipe,5" rod\n').m == 2


def test_two_readings_are_refused(tmp_path):
    text = 'x;"p,q\nq,y";2\n'
    assert "quotation marks may go over line breaks" in refusal(tmp_path, text)


words = st.text(alphabet='ab"\n,; #%', min_size=1, max_size=5).map(lambda text: f"x{text}y")


@settings(max_examples=40)
@given(st.lists(st.tuples(words, words, st.integers(1, 9)), min_size=2, max_size=5))
def test_what_csv_writes_comes_back(rows):
    try:
        expected = as_graph(rows)
    except InputError:  # two names look alike, or an edge weighs two things
        assume(False)
    text, refused = written(",", header=True, rows=rows), None
    try:
        found = as_graph(io.StringIO(text))
    except InputError as error:
        refused = str(error)
    if refused is not None:  # a line within a name may begin with a sign of comments, or be empty
        assert "may be a comment" in refused or "stands in two blocks" in refused
    else:
        assert found.digest == expected.digest
