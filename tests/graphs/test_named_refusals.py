"""What is no graph file is named: archives, comments of other languages, texts for missing entries, models, tables."""

import bz2
import io
import itertools
import tarfile
import types
import zipfile

import dimod
import networkx as nx
import numpy as np
import pandas as pd
import pyarrow
import pytest
from tests import inputs
from tests.inputs import refused

from derandkit import as_graph, maxcut
from derandkit.graphs.files import read_graph
from derandkit.graphs.writing import write_edgelist

EDGES = "a b 1\nb c 2\n"


def read(folder, text, name="g.txt"):
    return as_graph(inputs.write(folder, text, name))


def tar(mode):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo("roads.txt")
        member.size = len(EDGES)
        archive.addfile(member, io.BytesIO(EDGES.encode()))
    return file.getvalue()


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_", "."), text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (tar("w"), "a tar archive, which begins with 'roads.txt'"),
        (tar("w:gz"), "a tar archive, which begins with 'roads.txt'"),
        (bz2.compress(tar("w")), "a tar archive"),
        (zipped(roads_txt=EDGES), "a ZIP archive with 'roads.txt'; unpack it"),
        (
            zipped(a_txt=EDGES, b_txt=EDGES, c_txt="", d_txt=""),
            "with 'a.txt', 'b.txt', 'c.txt', ...; unpack it",
        ),
        (zipped(), "a ZIP archive with nothing"),
        (
            zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_xml=""),
            "an OpenDocument file",
        ),
        (b"\x04\x22\x4d\x18" + bytes(30), "lz4-compressed"),
        (b"\x1f\x9d\x90" + bytes(30), "compressed by the old program compress"),
    ],
    ids=["tar", "tar.gz", "tar.bz2", "zip", "zip of four", "empty zip", "ods", "lz4", "Z"],
)
def test_archives_are_named(tmp_path, data, words):
    file = tmp_path / "graph"
    file.write_bytes(data)
    assert words in refused(as_graph, file)


@pytest.mark.parametrize("mark", ["//", "/*", "--", "!", ";"])
@pytest.mark.parametrize(
    "text", ["{} a graph\na b 1\nb c 2\n", "a b 1\n{}note\nb c 2\n", "{} x\na,b,1\nb,c,2\n"]
)
def test_comments_of_other_languages(tmp_path, mark, text):
    text = text.format(mark)
    message = refused(read, tmp_path, text)
    assert "may be a comment or an edge; if it is a comment, remove it" in message
    assert f":{text[: text.index(mark)].count(chr(10)) + 1}: " in message
    if mark != "--":
        assert f"--comments '#%{mark[0]}'" in message
        assert as_graph_with(tmp_path, text, f"#%{mark[0]}").m == 2
    if mark != ";":
        assert "a comment behind an edge begins with #" in refused(
            read, tmp_path, f"a b 1 {mark} x y\nb c 2\n"
        )


def as_graph_with(folder, text, comments):
    return read_graph(inputs.write(folder, text, "g.txt"), comments=comments)


@pytest.mark.parametrize("text", ["//a //b 3\n//b //c 2\n", "!a !b\n!b !c\n!c !d\n", "a b -1\n-1 c 2\n"])
def test_labels_like_comments(tmp_path, text):
    assert read(tmp_path, text).m == text.count("\n")


def test_semicolons_before_names_of_columns(tmp_path):
    assert read(tmp_path, ";source;target\n0;a;b\n1;b;c\n", "g.csv").m == 2


MISSING = ["NA", "N/A", "n/a", "null", "NULL", "None", "<NA>", "?", ".", "-"]


@pytest.mark.parametrize("word", MISSING)
@pytest.mark.parametrize("mark", [",", " ", "\t", ";"])
def test_missing_entries(tmp_path, word, mark):
    def table(*rows):
        return "".join(mark.join(row) + "\n" for row in rows)

    message = refused(read, tmp_path, table("ab1", ("b", "c", word)))
    assert "missing" in message
    assert ":2: " in message
    for head in ((), (("source", "target", "weight"),)):
        for row in ((word, "c", "2"), ("c", word, "2")):
            message = refused(read, tmp_path, table(*head, "ab1", row))
            assert f"{word!r} may be a missing entry or the name of a vertex" in message
            assert f":{len(head) + 2}: " in message
    quoted = table("ab1", (f'"{word}"', "c", "2"))
    assert word in read(tmp_path, quoted).labels


def test_written_edge_lists_come_back(tmp_path):
    words = [*MISSING, "//a", "/*b", "--c", "!d", "a"]
    graph = as_graph(nx.Graph([(u, v, {"weight": 2}) for u, v in itertools.pairwise(words)]))
    with open(tmp_path / "g.txt", "w") as file:
        write_edgelist(graph, file)
    assert as_graph(tmp_path / "g.txt").digest == graph.digest


@pytest.mark.parametrize(
    ("rows", "fine"),
    [(["+", "-"], True), (["+", "-", "1"], True), (["-", "3"], False), (["positive", "2.5"], False)],
)
def test_signs_among_numbers(tmp_path, rows, fine):
    edges = [("a", chr(98 + k), w) for k, w in enumerate(rows)]
    text = "".join(f"{u} {v} {w}\n" for u, v, w in edges)
    frame = pd.DataFrame(edges, columns=["source", "target", "weight"])
    if fine:
        assert read(tmp_path, text).m == len(rows)
        return
    assert "may be a missing weight or" in refused(read, tmp_path, text)
    numbers = [(u, v, float(w) if w[0] in "123" else w) for u, v, w in edges]
    assert "may be a missing weight or" in refused(as_graph, numbers)
    assert "may be a missing weight or" in refused(as_graph, frame.assign(weight=[w for _, _, w in numbers]))


@pytest.mark.parametrize(
    ("model", "verb"),
    [
        (dimod.BinaryQuadraticModel({"a": 1}, {("a", "b"): 2}, "BINARY"), "minimize_qubo takes it"),
        (dimod.DictBQM({"a": 1}, {("a", "b"): 2}, "BINARY"), "minimize_qubo takes it"),
        (dimod.BinaryQuadraticModel({"a": 1}, {("a", "b"): 2}, "SPIN"), "minimize_ising takes it"),
        (dimod.ConstrainedQuadraticModel(), "is no graph"),
        (dimod.SampleSet.from_samples({"a": 1}, "SPIN", 0), "is no graph"),
        (types.SimpleNamespace(linear={"a": 1}, quadratic={("a", "b"): 2}, offset=0), "is no graph"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_models_are_named(model, verb):
    for call in (as_graph, maxcut):
        assert verb in refused(call, model)


def test_tables_of_other_libraries():
    expected = as_graph([("a", "b", 1), ("b", "c", 2)]).digest
    columns = {"weight": [1, 2], "source": ["a", "b"], "target": ["b", "c"]}
    table = pyarrow.table(columns)
    assert as_graph(table).digest == as_graph(table.to_batches()[0]).digest == expected
    records = pd.DataFrame(columns).to_records()
    assert as_graph(records).digest == expected
    assert str(as_graph(records).reading) == "structured array of edges, 3 columns: source target weight"
    assert as_graph(np.array(records.tolist(), dtype=records.dtype)).digest == expected


def test_polars_frames():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"weight": [1, 2], "source": ["a", "b"], "target": ["b", "c"]})
    assert (
        as_graph(frame).digest
        == as_graph(frame.lazy()).digest
        == as_graph([("a", "b", 1), ("b", "c", 2)]).digest
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("g.net", '*Vertices 3\n1 "a"\n2 "b"\n3 "c"\n*Edges\n1 2\n2 3 5\n'),
        ("g.net", '*Vertices 3\n1 "a"\n2 "b"\n3 "c"\n*Edges\n2 3 5\n*Edgeslist\n1 2\n'),
        ("g.col", "p edge 3 2\ne 1 2\ne 2 3 5\n"),
    ],
)
def test_edges_without_a_weight_among_others_are_counted(tmp_path, name, text):
    graph = read(tmp_path, text, name)
    assert graph.total_weight == 6
    assert "1 of 2 edges has no weight and weighs 1" in graph.reading.remarks
    assert read(tmp_path, text.replace(" 5", ""), name).reading.remarks == ()
