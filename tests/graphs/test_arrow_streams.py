"""Streams of Arrow are read as its files are; graphs in TOML and YAML are named as such."""

from __future__ import annotations

import io
import random

import pytest

import derandkit as dk

pa = pytest.importorskip("pyarrow")
TABLE = pa.table({"source": ["a", "b", "c"], "target": ["b", "c", "a"], "weight": [1.0, 2.0, 4.0]})
EXPECTED = dk.as_graph([("a", "b", 1), ("b", "c", 2), ("a", "c", 4)])


def stream(table: object = TABLE, compression: str | None = None) -> bytes:
    file = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(file, table.schema, options=options) as writer:  # type: ignore[attr-defined]
        writer.write_table(table)
    return file.getvalue()


def refusal(data: bytes) -> str | None:
    try:
        dk.read_graph(io.BytesIO(data))
    except dk.InputError as error:
        return str(error)
    return None


@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
def test_streams_are_read_as_files(compression: str | None) -> None:
    graph = dk.read_graph(io.BytesIO(stream(compression=compression)))
    assert graph.digest == EXPECTED.digest
    assert str(graph.reading) == "Arrow edge list, 3 columns: source target weight"
    coded = TABLE.set_column(0, "source", TABLE["source"].dictionary_encode())
    assert dk.read_graph(io.BytesIO(stream(coded, compression))).digest == EXPECTED.digest


def test_damaged_streams_and_files_are_refused_in_one_line() -> None:
    file = io.BytesIO()
    with pa.ipc.new_file(file, TABLE.schema) as writer:
        writer.write_table(TABLE)
    q = random.Random(5)
    for data in (stream(), file.getvalue()):
        assert refusal(data) is None
        for k in range(300):
            damaged = bytearray(data)
            for _ in range(q.randrange(1, 4)):
                damaged[q.randrange(8, len(data))] = q.randrange(256)
            said = refusal(bytes(damaged if k % 4 else damaged[: q.randrange(12, len(data))]))
            assert said is None or "\n" not in said
    assert "is a damaged Arrow file" in str(refusal(stream()[:-60]))


def test_a_stream_larger_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = ["a" * 9, "b" * 9] * 50_000
    data = stream(pa.table({"source": ends, "target": ends[::-1]}), "zstd")
    assert len(data) < 700_000
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "1000000")
    assert "DERANDKIT_MAX_BYTES" in str(refusal(data))


@pytest.mark.parametrize(
    "text",
    [
        '[graph]\nname = "x"\nedges = [[1, 2], [2, 3]]\n',
        '# a note\n[[edge]]\nsource = "a"\ntarget = "b"\n',
    ],
)
def test_toml_is_named(text: str) -> None:
    assert "the file is a TOML file; read it with tomllib" in str(refusal(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "nodes:\n  - a\n  - b\nedges:\n  - [a, b]\n",
        "a: [b, c]\nb: [c]\n",
        "- [a, b]\n- [b, c]\n",
        "---\nedges:\n- source: a\n  target: b\n",
        "- source: a\n  target: b\n",
        "- {source: a, target: b}\n",
        "graph:\n  directed: false\n",
    ],
)
def test_yaml_is_named(text: str) -> None:
    assert "the file is a YAML file; read it with yaml.safe_load" in str(refusal(text.encode()))


@pytest.mark.parametrize("text", ["a: b\nb: c\n", "a:\nb: c\n", "- a\n- b\n"])
def test_colons_and_dashes_alone_are_no_yaml(text: str) -> None:
    assert "YAML" not in str(refusal(text.encode()))
