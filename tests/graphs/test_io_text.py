"""The fast parser and the careful one agree on every text, and the fast one does take plain text."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derandkit.errors import InputError
from derandkit.graphs.files import read_graph
from derandkit.graphs.readers import edgelist, plain, text
from derandkit.graphs.readers.arrays import matrixmarket

TOKENS = st.one_of(
    st.integers(-3, 12).map(str),
    st.integers(0, 4).map(str),
    st.floats(-100, 100).map(repr),
    st.sampled_from(
        [
            "007",
            "-0",
            "+1",
            "1.0",
            "1e3",
            "1e999",
            "nan",
            "-",
            "1-2",
            "--1",
            "1_0",
            ".",
            "1e",
            ".5",
            "a",
            "é",
            "#",
        ]
    ),
    st.sampled_from([str(2**53), str(2**53 - 1), str(2**53 + 1), "9" * 19, "9" * 25, "1" * 30 + ".5"]),
)
PLAIN = st.integers(0, 5).map(str)
SEPARATORS = st.sampled_from([" ", "\t", ",", " ", "  ", ",", ", ", " \t ", "\r", "\x0b"])
ENDS = st.sampled_from(["\n", "\n", "\r\n", "\r\n", "\n\n", " \n", "\t\r\n", ",\n", "\n#c\n", "\n% 1,2\n"])


@st.composite
def tables(draw):
    """Text that is mostly a sound table, with something odd here and there."""
    separator = draw(SEPARATORS)
    end = draw(ENDS)
    width = draw(st.sampled_from([2, 3, 2, 3, 2, 3, 1, 4]))
    odd = draw(st.integers(0, 15))
    lines = []
    for k in range(draw(st.integers(0, 6))):
        columns = [draw(TOKENS if odd == k else PLAIN) for _ in range(width + (odd == k + 6))]
        if width == 3 and draw(st.booleans()):
            columns[2] = draw(st.floats(-1e6, 1e6).map(repr))
        lines.append((draw(SEPARATORS) if odd == k + 3 else separator).join(columns))
        lines.append(draw(ENDS) if odd == k + 1 else end)
    body = "".join(lines)
    rows = max(1, len(lines) // 2)
    first = draw(
        st.sampled_from(["", "", f"6 {rows}\n", f"6 {rows - 1}\n", "# c\n", "5 1\r\n", "\n", "a b\n"])
    )
    return (first + body + draw(st.sampled_from(["", "", "\n", "3"]))).encode()


def outcome(read, data, **kwargs):
    """Everything that can be seen of a result: the graph's digest and counts, or the refusal."""
    try:
        g = read(data, "f", **kwargs)
    except InputError as error:
        return str(error)
    return g.digest, g.dropped_loops, g.merged_edges, g.integral, g.weights.dtype, list(g.labels)


def refuse(*_args, **_kwargs):
    return None


@settings(max_examples=600, deadline=None)
@given(tables(), st.sampled_from(["auto", "edgelist", "rudy"]), st.sampled_from([None, "rudy", "edgelist"]))
def test_tables_read_fast_and_read_carefully_are_equal(data, kind, hint):
    kwargs = {"kind": kind, "hint": hint, "weighted": True}
    fast = outcome(edgelist.read_table, data, **kwargs)
    with mock.patch.object(plain, "parse_columns", refuse):
        assert outcome(edgelist.read_table, data, **kwargs) == fast
    with mock.patch.object(text, "_CHUNK", 5):
        assert outcome(edgelist.read_table, data, **kwargs) == fast


@settings(max_examples=300, deadline=None)
@given(
    tables(),
    st.sampled_from(["real", "integer", "pattern"]),
    st.sampled_from(["general", "symmetric"]),
    st.sampled_from(["coordinate 6 6 {}", "coordinate 13 13 {}", "array 2 2", "array 1 1"]),
)
def test_matrices_read_fast_and_read_carefully_are_equal(body, field, symmetry, shape):
    layout, size = shape.split(" ", 1)
    count = sum(bool(line.strip()) for line in body.split(b"\n"))
    data = f"%%MatrixMarket matrix {layout} {field} {symmetry}\n{size.format(count)}\n".encode() + body
    fast = outcome(matrixmarket.read_matrix_market, data, weighted=True)
    with mock.patch.object(matrixmarket, "parse_columns", refuse):
        assert outcome(matrixmarket.read_matrix_market, data, weighted=True) == fast


@given(
    st.lists(
        st.tuples(st.integers(-(2**53) + 1, 2**53 - 1), st.integers(0, 99), st.floats(-(2.0**52), 2.0**52)),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from([b" ", b"\t", b",", b"   "]),
    st.sampled_from([b"\n", b"\r\n", b"\n\n"]),
    st.sampled_from([3, 40, 1 << 24]),
)
def test_plain_text_is_read_fast_and_to_the_last_bit(rows, separator, end, chunk):
    data = end.join(separator.join([b"%d" % i, b"%d" % j, repr(w).encode()]) for i, j, w in rows)
    with mock.patch.object(text, "_CHUNK", chunk):
        block = text.parse_columns(data, 0, 2)
    assert block is not None
    assert block.ids.tolist() == [[i, j] for i, j, _ in rows]
    assert block.values is not None
    assert block.values.tolist() == [w + 0.0 for _, _, w in rows]


@pytest.mark.parametrize(
    "data",
    [
        b"1 2 # note\n2 3",
        b"1 2\n2 #3",
        b"01 2",
        b"-0 2",
        b"+1 2",
        b"1.0 2",
        b"1 2 3\n1 2",
        b"1 2\n3 4 5\n6",
        b"1 2 3 4",
        b"1",
        b"1 2 x",
        b"1 2 1-2",
        b"1 2 1e",
        b"1 2 9007199254740993",
        b"9007199254740993 2",
        b"1 2 1e400",
        b"1,,2",
        b"1, 2",
        b",1,2",
        b",\n",
        b"1 2\x0b3",
        "1\u00a02".encode(),
    ],
)
def test_the_fast_parser_refuses_what_it_could_misread(data):
    assert text.parse_columns(data, 0, 2) is None


def test_comment_lines_do_not_slow_reading_down():
    block = text.parse_columns(b"# 1,2\n1 2\n  % 3 x\n\t#\n2 3\n#", 0, 2)
    assert block is not None
    assert block.ids.tolist() == [[1, 2], [2, 3]]
    assert text.parse_columns(b"1 2\n# note\n2 3", 0, 2, comments=b"%") is None


def test_numbers():
    for token in (b"0", b"-0", b"1.", b".25", b"1e5", b"-1E-5", b"+2", b"00012", b"123456789012345678901e-3"):
        assert text.number(token) == float(token)
    assert np.signbit(text.number(b"-0.0")) == np.False_
    for token in (
        b"",
        b".",
        b"e5",
        b"1e",
        b"0x1",
        b"1_0",
        b"--1",
        b"1 2",
        "\u0661".encode(),
        b"inf",
        b"NaN",
        b"1e400",
    ):
        with pytest.raises(InputError):
            text.number(token)


def test_a_million_lines_take_the_fast_way():
    ids = np.arange(1_000_000, dtype=np.int64) * 2654435761 % 99_991
    data = "\n".join(f"{a} {b}" for a, b in zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True)).encode()
    with mock.patch.object(edgelist, "lines_of", side_effect=AssertionError("read line by line")):
        g = edgelist.read_table(data, "f", kind="edgelist", hint=None, weighted=True)
    assert g.labels == range(99_991)
    assert g.total_weight == 999_999 - g.dropped_loops == g.m + g.merged_edges


@pytest.mark.parametrize("signs", ["^", "-", "]", "\\", "[", "^]", "]-[", "a-b", "#-%", "&&", "~~"])
def test_any_signs_may_begin_comments(signs, tmp_path):
    """`]-[` and `1e-3` ended in an error of Python's patterns, and `[` in a warning."""
    file = tmp_path / "g.txt"
    file.write_text(f"1 2 3\n{signs[-1]} one\n{signs[0]}two words\n2 5 2\n1 5 1\n")
    graph = read_graph(file, comments=signs)
    i, j, w = graph.edges()
    assert [(graph.labels[a], graph.labels[b], c) for a, b, c in zip(i, j, w, strict=True)] == [
        (1, 2, 3), (1, 5, 1), (2, 5, 2),
    ]  # fmt: skip
