"""Edge lists between words: the fast way gives what the careful way gives, graph or message."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.inputs import refused

import derandkit
from derandkit.errors import InputError
from derandkit.graphs.readers import edgelist, plain, text
from derandkit.graphs.readers.edgelist import read_table


def outcome(data, **options):
    """The graph down to its labels, or the message."""
    try:
        graph = read_table(data, "file", kind="auto", hint=None, weighted=True, **options)
    except InputError as error:
        return str(error)
    i, j, w = graph.edges()
    labels = [(type(label), label) for label in graph.labels]
    return labels, i.tolist(), j.tolist(), w.tolist(), graph.dropped_loops, graph.merged_edges


def carefully(data):
    with mock.patch.object(plain, "parse_words", return_value=None):
        return outcome(data)


WORD = st.one_of(
    st.text("ab1", min_size=1, max_size=3),
    st.text("ab", min_size=7, max_size=17),
    st.sampled_from(
        ["a", "b", "1", "2", "-0", "007", "#x", "%", "x#", "é", "a" * 64, "b" * 65, "10000000000000001"]
    ),
)
WEIGHT = st.sampled_from(
    ["1", "-2", "0.5", "1e3", "+.5", "007", "nan", "1_0", "9007199254740993", "x", "1e999", "1-2"]
)
BLANK = st.sampled_from([" ", "\t", "  ", " \x0b", "\x0c"])
END = st.sampled_from(["\n", "\r\n", " \n", "\n\n", "\n# a comment\n", "\n \t% another\n"])


@st.composite
def files(draw):
    weighted = draw(st.booleans())
    lines = []
    for _ in range(draw(st.integers(1, 8))):
        columns = [draw(WORD), draw(WORD), *([draw(WEIGHT)] if weighted else [])]
        if draw(st.integers(0, 19)) == 0:
            columns.append(draw(WORD))
        blank = draw(BLANK)
        lines.append(draw(st.sampled_from(["", " ", "\x0b"])) + blank.join(columns) + draw(END))
    return "".join(lines).encode()


@given(files(), st.sampled_from([1, 8, 1 << 22]))
@example(b"a b\nc d", 8)
@example(b"a b 1\na b 2\nb b 1\n", 1)
@example(b"abcdefgh b\nabcdefghi b\nabcdefg b\n", 1)
@example(b"a b\nb \xff\n", 1)
@example(b"a b\n b c d\n", 1)
def test_both_ways_agree(data, chunk):
    with mock.patch.object(text, "_CHUNK", chunk):
        assert outcome(data) == carefully(data)


@pytest.mark.parametrize("weighted", [False, True])
def test_plain_words_are_read_the_fast_way(weighted, monkeypatch):
    lines = [f"v{k % 1000} w{k * k % 777}{' 0.25' * weighted}\n" for k in range(5000)]
    data = "".join(lines).encode()
    expected = carefully(data)
    monkeypatch.setattr(edgelist, "_read_edgelist", None)  # the careful way would fail
    assert outcome(data) == expected


@given(
    st.lists(
        st.binary(min_size=1, max_size=20).filter(lambda w: not {0, *b" \t\r\n\x0b\x0c,#%"} & set(w)),
        min_size=2,
    )
)
def test_words_are_numbered_in_the_order_of_their_bytes(words):
    words = words[: len(words) // 2 * 2]
    data = b"".join(b"%s %s\n" % pair for pair in zip(words[::2], words[1::2], strict=True))
    block = text.parse_words(data, 0)
    assert block.words == sorted(set(words))
    np.testing.assert_array_equal(block.ids.ravel(), [block.words.index(word) for word in words])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x,3,y\ny,4,z\n", "the numbers stand in the second of three columns"),
        (
            '"a.name","r.weight","b.name"\n"x",3,"y"\n"y",4,"z"\n',
            "the numbers stand in the second of three columns",
        ),
        ("x pp y\ny pd z\n", "'pp' may be the relation between two vertices"),
        ("from,to,amount\nA,B,3\nB,C,NA\nC,A,4\n", "not all of its entries are numbers (row 2: 'NA')"),
        ("*Vertices 3\n*Edges\n1: 2 3 1\n", "begins with the number of a relation"),
    ],
)
def test_what_stands_in_the_place_of_the_weight_is_named(tmp_path, text, line):
    file = tmp_path / "g.csv"
    file.write_text(text, encoding="utf-8")
    assert line in refused(derandkit.read_graph, file)


def test_names_say_where_the_weight_is(tmp_path):
    file = tmp_path / "g.csv"
    file.write_text("source,weight,target\nx,3,y\ny,4,z\n", encoding="utf-8")
    assert derandkit.read_graph(file).total_weight == 7


def test_relations_and_times_of_pajek_are_remarked(tmp_path):
    file = tmp_path / "g.net"
    file.write_text('*Vertices 3\n*Edges :1 "a"\n1 2 1\n*Edges :2 "b"\n2 3 1 [1-5]\n', encoding="utf-8")
    remarks = derandkit.read_graph(file).reading.remarks
    assert "the edges of 2 relations count alike (':1 \"a\"', ':2 \"b\"')" in remarks
    assert "the times in square brackets are not used" in remarks
