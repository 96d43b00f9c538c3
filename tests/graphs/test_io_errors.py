"""What cannot be read is refused in one line that names the file and the line."""

import gzip
import io

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp

from derandkit.errors import InputError
from derandkit.graphs.files import read_graph

MM = "%%MatrixMarket matrix coordinate real general\n"
XML = """<?xml version="1.0"?>
<graphml>
<graph edgedefault="{}">
<node id="a"/><node id="b"/>
{}
</graph></graphml>
"""


def refusal(path, **kwargs):
    """The message, checked to be one line that begins with the file."""
    with pytest.raises(InputError) as caught:
        read_graph(path, **kwargs)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"{path}:")
    return text.removeprefix(str(path))


TABLES = [
    # edge lists
    ("", "g", ": the file is empty"),
    (" \n\t\r\n", "g", ": the file is empty"),
    ("# a\n\n% b\n", "g", ": the file holds only comments"),
    ("a b 1\nb c x\n", "g", ":2: weight 'x' is not a number"),
    ("a b 1\n# note\n\nb c nan\n", "g", ":4: weight 'nan' is not finite"),
    ("a b -Infinity\n", "g", ":1: weight '-Infinity' is not finite"),
    ("1 2 1\n2 3 1e999\n", "g", ":2: weight '1e999' is too large"),
    ("1 2 1\n2 3 9007199254740993\n", "g", ":2: weight 9007199254740993 is not exact"),
    (f"1 2 {'9' * 5000}\n", "g", ":1: weight of 5000 digits"),
    ("1 2 1_0\n", "g", ":1: weight '1_0'"),
    ("1 2 0x10\n", "g", ":1: weight '0x10'"),
    ("1 2 1d5\n", "g", ":1: weight '1d5'"),
    ("1 2\n2 3\n3\n", "g", ":3: 1 column; expected 'u v' or 'u v weight'"),
    ("1 2 3\n2 3 4 5\n", "g", ":2: 4 columns; expected"),
    ("5 9\n2 3\n2 3 4\n", "g", ":3: 3 columns, but line 1 has 2"),
    ("a b 1\nb c\n", "g", ":2: 2 columns, but line 1 has 3"),
    ("1,2,3\n1,,3\n", "g", ":2: empty column between commas"),
    ("1,2,\n2,3,4\n", "g", ":1: the weight is missing (an empty cell)"),
    ("1,2\n2 3,4\n", "g", ":2: column '2 3' holds a blank"),
    (b"a b\nb \xff\x81\n", "g", ":2: not UTF-8 text (byte 0xff), nor Latin-1"),
    (b"1 2\n\x00\x01\x02", "g", ": the file is binary (NUL byte at offset 4)"),
    (b"\x89\x9a\xf0 \x80\n", "g", ":1: not UTF-8 text"),
    ("<graphml></graphml>".encode("utf-16"), "g", ": the file is UTF-16 text"),
    # rudy
    ("3 3\n1 2 1\n2 3 1\n", "g", ":1: the header says 3 edges, the file has 2"),
    ("# c\n3 1\n1 2 1\n2 3 1\n", "g", ":2: the header says 1 edges, the file has 2"),
    ("3 2\n1 2 1\n2 4 1\n", "g", ":3: vertex 4 is not in 1..3"),
    ("3 2\n0 2 1\n2 3 1\n", "g", ":2: vertex 0 is not in 1..3"),
    ("3 2\n1 2 1\n2 -3 1\n", "g", ":3: vertex -3 is not in 1..3"),
    ("3 2\n1 2 1\n2 x 1\n", "g", ":3: vertex 'x' is not an integer in 1..3"),
    ("3 2\n1 2 1\n2 03 1\n", "g", ":3: vertex '03' is not an integer"),
    ("3 2\n1 2 1\n2 3 y\n", "g", ":3: weight 'y'"),
    ("3 2\n1 2 1\n2 3 1\n7\n", "g", ":4: 1 column; expected 'i j' or 'i j weight'"),
    ("3 2\n1 2 1\n2 3\n", "g", ":3: 2 columns, but line 2 has 3"),
    ("3 9\n1 2\n2 3\n", "g.rudy", ":1: the header says 9 edges, the file has 2"),
    ("3 9\n1 2\n2 3\n", "G14", ":1: the header says 9 edges, the file has 2"),
    ("a b\n1 2\n", "g.rudy", ":1: the first line of a rudy file is 'n m'"),
    ("2147483648 1\n1 2 1\n", "g", ":1: 2147483648 vertices; at most"),
    # Matrix Market
    ("%%MatrixMarket matrix coordinate real\n2 2 0\n", "g", ":1: the first line must read"),
    (MM.replace("real", "complex") + "1 1 0\n", "g", ":1: Matrix Market field 'complex'"),
    (MM.replace("general", "skew-symmetric") + "1 1 0\n", "g", ":1: Matrix Market symmetry 'skew-symmetric'"),
    (MM.replace("coordinate", "list") + "1 1 0\n", "g", ":1: Matrix Market layout 'list'"),
    ("%%MatrixMarket matrix array pattern general\n1 1\n", "g", ":1: an array file cannot be a pattern"),
    (MM, "g", ": the file ends before the line that gives the size"),
    (MM.strip(), "g", ": the file ends before the line that gives the size"),
    (MM + "2 2\n", "g", ":2: the size line must be 'rows columns entries'"),
    (MM + "2 3 0\n", "g", ":2: the matrix is 2 x 3; an adjacency matrix must be square"),
    (MM + "0 0 0\n", "g", ":2: the graph has no vertices"),
    (MM + "2 2 3\n1 2 1\n2 1 1\n", "g", ":2: the header says 3 entries, the file has 2"),
    (MM + "% c\n2 2 2\n1 2 1\n2 3 1\n", "g", ":5: vertex '3' is not an integer in 1..2"),
    (MM + "2 2 2\n1 2 1\n2 1\n", "g", ":4: 2 columns; expected 'i j value'"),
    (MM + "2 2 2\n1 2 1\n2 1 one\n", "g", ":4: weight 'one' is not a number"),
    (MM + "2 2 1\n1 2 5\n", "g", ": the matrix is not symmetric: entry (1, 2) is 5 but (2, 1) is 0"),
    (MM + "2 2 2\n1 2 5\n2 1 6\n", "g", ": the matrix is not symmetric: entry (1, 2) is 5 but (2, 1) is 6"),
    (MM.replace("real", "integer") + "2 2 2\n1 2 1.5\n2 1 1.5\n", "g", ":3: weight '1.5' is not an integer"),
    (
        MM.replace("general", "symmetric") + "2 2 2\n2 1 1\n1 2 3\n",
        "g",
        ": a symmetric file stores one triangle",
    ),
    ("%%MatrixMarket matrix array real general\n2 2\n0\n1\n1\n", "g", ":2: the header calls for 4 values"),
    (
        "%%MatrixMarket matrix array real general\n99999 99999\n0\n",
        "g",
        ":2: the header calls for 9999800001 values",
    ),
    ("%%MatrixMarket matrix array real general\n1 1\n0 0\n", "g", ":3: 2 columns; expected one value"),
    # markup and archives
    (XML.format("directed", ""), "g", ": the graph is directed"),
    (XML.format("undirected", "<edge source='a'"), "g", ":6: not well-formed XML"),
    (
        XML.format("undirected", "<edge source='a' target='b' directed='true'/>"),
        "g",
        ": the graph is directed",
    ),
    ("<svg></svg>", "g", ": the file is XML but not GraphML"),
    ("graph [\n directed 1\n node [ id 1 ]\n]\n", "g", ": the graph is directed"),
    ("graph [\n node [ id 1 ]\n node [ id 1 ]\n]\n", "g", ": cannot be read as GML"),
    ("graph [\n node [ id 1 ]\n !\n]\n", "g", ":3: cannot be read as GML"),
    (b'graph [\n node [ id 1 label "\xff" ]\n]\n', "g", ":2: not UTF-8 text"),
    (b"PK\x03\x04 not an archive", "g", ": cannot be read as a matrix of scipy.sparse.save_npz"),
    (b"BZh91AY&SY\x00", "g", ": the bzip2 data is damaged or cut short"),
    (b"\x28\xb5\x2f\xfd\x00", "g", ": the file is zstd-compressed"),
    # a name that promises what the content is not
    ("1 2\n2 3\n", "g.mtx", ": the name says matrixmarket but the content is a table of edges"),
    ("1 2\n2 3\n", "g.npz", ": the name says npz but the content is a table of edges"),
]


@pytest.mark.parametrize(("content", "name", "message"), TABLES)
def test_bad_content(tmp_path, content, name, message):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert refusal(path).startswith(message)


@pytest.mark.parametrize(
    ("input_format", "content"),
    [
        ("edgelist", MM + "1 1 0\n"),
        ("rudy", XML.format("undirected", "")),
        ("matrixmarket", "1 2\n2 3\n"),
        ("graphml", "1 2\n2 3\n"),
        ("gml", MM + "1 1 0\n"),
        ("npz", "1 2\n2 3\n"),
    ],
)
def test_wrong_format_for_the_content(tmp_path, input_format, content):
    path = tmp_path / "g"
    path.write_text(content)
    assert f"the content is not {input_format}, it looks like" in refusal(path, input_format=input_format)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("edge-list", "did you mean 'edgelist'"),
        ("mtx", "matrixmarket"),
        ("RUDY", "rudy"),
        ("zzz", "npz"),
    ],
)
def test_unknown_format_names_the_nearest(tmp_path, name, near):
    with pytest.raises(InputError, match="input_format='") as caught:
        read_graph(tmp_path / "absent", input_format=name)
    assert near in str(caught.value)


def test_files_that_cannot_be_opened(tmp_path, monkeypatch):
    assert refusal(tmp_path / "absent") == ": no such file"
    assert refusal(tmp_path) == ": is a directory; give a file"
    (tmp_path / "g").write_text("1 2\n")
    assert refusal(tmp_path / "g" / "h").startswith(": cannot be read")
    with pytest.raises(InputError, match="cannot be read"):
        read_graph("a\0b")

    def locked(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", locked)
    assert refusal(tmp_path / "g") == ": no permission to read the file"


def test_damaged_gzip(tmp_path):
    packed = gzip.compress(b"1 2\n" * 1000)
    for broken in (packed[:-9], packed[:20] + b"\xff" * 9 + packed[29:], packed[:5], packed[:-4] + b"abcd"):
        (tmp_path / "g").write_bytes(broken)
        assert refusal(tmp_path / "g").startswith(": the gzip data is damaged or cut short")


def test_npz_matrices_that_are_no_graph(tmp_path):
    for matrix, message in (
        (np.array([[0, 1.0], [2.0, 0]]), ": the matrix is not symmetric: entry (0, 1)"),
        (np.ones((2, 3)), ": adjacency matrix has shape (2, 3)"),
        (np.array([[0, np.inf], [np.inf, 0]]), ": weight inf"),
        (np.array([[0, 1j], [1j, 0]]), ": weights are complex"),
    ):
        sp.save_npz(tmp_path / "g.npz", sp.csr_array(matrix))
        assert refusal(tmp_path / "g.npz").startswith(message)
    file = io.BytesIO()
    np.savez(file, a=np.ones(3))
    (tmp_path / "g.npz").write_bytes(file.getvalue())
    assert refusal(tmp_path / "g.npz").startswith(": cannot be read as a matrix")
    np.savez(
        tmp_path / "g.npz",
        format=b"csr",
        shape=np.array([2, 2]),
        data=np.ones(1),
        indices=np.array([7]),
        indptr=np.array([0, 1, 1]),
    )
    assert refusal(tmp_path / "g.npz").startswith(": cannot be read as a matrix")


def test_graphml_weights_and_several_graphs(tmp_path):
    nx.write_graphml(nx.Graph([("a", "b", {"weight": "heavy"})]), tmp_path / "g.graphml")
    assert refusal(tmp_path / "g.graphml") == ": edge ('a', 'b'): weight 'heavy' is not a real number"
    graph = '<graph edgedefault="undirected"><node id="a"/></graph>'
    (tmp_path / "g.graphml").write_text(f"<graphml>{graph}{graph}</graphml>")
    assert refusal(tmp_path / "g.graphml").startswith(": the file holds 2 graphs")


def test_a_graph_too_large_for_memory(tmp_path, monkeypatch):
    def exhausted(*_args, **_kwargs):
        raise MemoryError

    monkeypatch.setattr("derandkit.graphs.assembly.symmetric_rows", exhausted)
    (tmp_path / "g").write_text("2000000 1\n1 2 1\n")
    assert refusal(tmp_path / "g") == ": a graph of this size does not fit in memory"

    (tmp_path / "g").write_text("2000000000 1\n1 2 1\n")
    assert "set the environment variable DERANDKIT_MAX_BYTES" in refusal(tmp_path / "g")
