"""Files made to harm: one line that says what is wrong, bounded memory, nothing run and nothing half-written."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import json
import lzma
import os
import pickle
import stat
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.errors import InputError
from derandkit.records import sealed

LIMIT = 1_000_000
VERBS = ["maxcut", "maxdicut", "balance", "qubo", "ising", "max2sat", "embed", "structure", "compare"]


class Payload:
    """An object whose unpickling leaves a trace."""

    def __reduce__(self):
        return os.mkdir, ("unpickled",)


def npy(header):
    """Return an npy file with a header of one's own and few bytes behind it."""
    text = header.encode() + b" " * 20 + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(64)


def packed(name, content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(name.count("*") * 200 + 1):
            archive.writestr(name.replace("*", str(k)), content)
    return stream.getvalue()


def objects():
    stream = io.BytesIO()
    np.save(stream, np.array([[Payload(), 1]], dtype=object), allow_pickle=True)
    return stream.getvalue()


ZEROS = b"0 1 1\n" * (5 * LIMIT // 6)
LAUGHS = "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 12))
INSTANCES = {
    "bomb.gz": lambda: gzip.compress(ZEROS, 9),
    "bomb.bz2": lambda: bz2.compress(ZEROS),
    "bomb.xz": lambda: lzma.compress(ZEROS),
    "bombs.csv.gz": lambda: gzip.compress(b"1,2\n" * 5 * LIMIT),
    "laughs.graphml": lambda: f'<!DOCTYPE g [<!ENTITY a0 "ha">{LAUGHS}]><graphml>&a11;</graphml>'.encode(),
    "outside.graphml": lambda: b'<!DOCTYPE g [<!ENTITY x SYSTEM "secret.txt">]><graphml>&x;</graphml>',
    "outside.gexf": lambda: b'<!DOCTYPE g SYSTEM "http://127.0.0.1:9/x.dtd"><gexf></gexf>',
    "deep.graphml": lambda: b"<graphml>" * 200_000,
    "deep.gml": lambda: b"graph [ " * 50_000,
    "deep.json": lambda: b"[" * 200_000,
    "deeper.json": lambda: b'{"a":' * 100_000,
    "digits.txt": lambda: b"a b " + b"9" * 900_000,
    "digits.json": lambda: b'{"nodes": [], "links": ' + b"9" * 100_000 + b"}",
    "line.txt": lambda: b"x" * 900_000,
    "huge.mtx": lambda: b"%%MatrixMarket matrix coordinate real symmetric\n999999999999 999999999999 1\n2 1 1\n",
    "dense.mtx": lambda: b"%%MatrixMarket matrix array real general\n9999999 9999999\n1\n",
    "huge.rudy": lambda: b"9999999999999 1\n1 2 1\n",
    "huge.col": lambda: b"p edge 9999999999999 1\ne 1 2\n",
    "huge.cnf": lambda: b"p cnf 99999999999999 1\n1 2 0\n",
    "huge.qubo": lambda: b"p qubo 0 99999999999999 1 0\n0 0 1\n",
    "huge.g6": lambda: b"~~" + b"~" * 6 + b"?" * 20,
    "huge.npy": lambda: npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976, 1)}"),
    "more.npy": lambda: npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}"),
    "code.npy": lambda: npy("{'descr': '<f8', 'fortran_order': False, 'shape': (__import__('os').getpid(), 1)}"),
    "objects.npy": objects,
    "objects.npz": lambda: packed("a.npy", objects()),
    "bomb.npz": lambda: packed("a.npy", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2500000, 1)}")
                               + bytes(20 * LIMIT)),
    "members.npz": lambda: packed("a*.npy", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (8, 1)}")),
    "pickle.npy": lambda: pickle.dumps(Payload()),
    "pickle.csv": lambda: pickle.dumps(Payload()),
    "nul.csv": lambda: bytes(1000),
}  # fmt: skip


@functools.cache
def hostile(name):
    """Return the bytes of an instance; packing some of them takes longer than refusing them."""
    return INSTANCES[name]()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder, and a limit on bytes that a test can reach quickly."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", str(LIMIT))
    (tmp_path / "secret.txt").write_text("the secret")
    return tmp_path


def refused(folder, *arguments, answer=""):
    """Run a command that has to end with 2, one line, and the folder as it was; it may print an answer all the same."""
    before = {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}
    outcome = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert outcome.exit_code == 2, (outcome.exit_code, outcome.output[:500], outcome.exception)
    lines = [line for line in outcome.stderr.splitlines() if not line.startswith("derandkit: read ")]
    assert len(lines) == 1, outcome.stderr[:500]
    assert len(lines[0]) < 1000
    assert lines[0].isprintable()
    assert "secret" not in lines[0].replace("secret.txt", "")
    assert outcome.stdout.partition(" ")[0] == answer
    assert {path: path.lstat().st_mtime_ns for path in folder.rglob("*")} == before
    return lines[0]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", INSTANCES)
def test_hostile_instances_are_refused(folder, name, verb):
    if (name, verb) == ("huge.mtx", "embed"):
        pytest.skip("rows of numbers under a comment are two points")
    (folder / name).write_bytes(hostile(name))
    arguments = [verb, name] + ([] if verb == "compare" else ["-o", "out.json"])
    if verb == "embed":
        arguments += ["-k", "1"]
    refused(folder, *arguments)


@pytest.mark.parametrize("name", INSTANCES)
def test_hostile_instances_are_refused_by_verify(folder, name):
    (folder / name).write_bytes(hostile(name))
    record = json.loads(dk.maxcut([(0, 1, 1)]).to_json())
    (folder / "r.json").write_text(json.dumps(record))
    refused(folder, "verify", "r.json", name)


@pytest.mark.parametrize("name", ["bomb.gz", "bomb.bz2", "bomb.xz", "huge.npy", "bomb.npz"])
def test_a_limit_of_bytes_says_how_to_raise_it(folder, name):
    (folder / name).write_bytes(hostile(name))
    verb = ["embed", "-k", "1"] if name.startswith("huge") else ["maxcut"]
    assert "DERANDKIT_MAX_BYTES" in refused(folder, *verb, name)


# --- records ----------------------------------------------------------------------------------------------------------
def record_with(**changes):
    return sealed({**json.loads(dk.maxcut([(0, 1, 1)]).to_json()), **changes})


RECORDS = {
    "deep": lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep lists": lambda: b'{"a": ' + b"[" * 200_000,
    "digits": lambda: b'{"a": ' + b"9" * 200_000 + b"}",
    "twice": lambda: b'{"schema": "derandkit-maxcut", "schema": "derandkit-maxcut"}',
    "nan": lambda: b'{"a": NaN}',
    "beyond": lambda: b'{"a": 1e999}',
    "surrogate": lambda: b'{"a": "\\ud800"}',
    "list": lambda: b"[]",
    "binary": lambda: bytes(range(256)),
    "pickle": lambda: pickle.dumps(Payload()),
    "unknown": lambda: json.dumps({"schema": "\x1b[2J\u202e<script>"}).encode(),
}


@pytest.mark.parametrize("name", RECORDS)
def test_hostile_records_are_refused(folder, name):
    (folder / "r.json").write_bytes(RECORDS[name]())
    (folder / "g.txt").write_text("0 1\n")
    refused(folder, "verify", "r.json", "g.txt")


@pytest.mark.parametrize(
    "path", ["certificate.vectors.shape", "certificate.mean.shape", "relaxation.rank", "graph.n"]
)
def test_sizes_that_a_record_claims_take_no_memory(folder, path):
    keys, record = path.split("."), record_with()
    target = record
    for key in keys[:-1]:
        target = target[key]
    target[keys[-1]] = [2**60] * len(target[keys[-1]]) if keys[-1] == "shape" else 2**60
    (folder / "r.json").write_text(json.dumps(sealed(record)))
    (folder / "g.txt").write_text("0 1\n")
    outcome = CliRunner().invoke(main, ["verify", "r.json", "g.txt"])
    assert outcome.exit_code == 1
    assert "Traceback" not in outcome.output
    assert outcome.output.replace("\n", "").isprintable()


def test_a_record_beyond_the_limit_is_not_read(folder):
    with open("r.json", "wb") as file:
        file.truncate(2**31)  # a hole: no disk is used
    (folder / "g.txt").write_text("0 1\n")
    assert "at most" in refused(folder, "verify", "r.json", "g.txt")


# --- links, folders, pipes, devices -----------------------------------------------------------------------------------
def test_loops_and_folders_are_refused(folder):
    os.symlink("loop", "loop")
    os.mkdir("folder")
    (folder / "g.txt").write_text("0 1\n")
    for name in ("loop", "folder"):
        for verb in VERBS:
            refused(folder, verb, name, *(["-k", "1"] if verb == "embed" else []))
        refused(folder, "verify", name, "g.txt")
    refused(folder, "maxcut", "g.txt", "-o", "loop")
    refused(folder, "maxcut", "g.txt", "-o", "folder")
    refused(folder, "maxcut", "g.txt", "-o", "missing/out.json")


def test_a_link_is_followed_and_stays(folder):
    (folder / "g.txt").write_text("0 1\n")
    (folder / "real.json").write_text("old")
    os.symlink("real.json", "link.json")
    assert CliRunner().invoke(main, ["maxcut", "g.txt", "-o", "link.json"]).exit_code == 0
    assert os.path.islink("link.json")
    assert json.loads((folder / "real.json").read_text())["cut_value"] == 1


def node(name, minor):
    """Make a character device of one's own; skip the test where that is not allowed."""
    try:
        os.mknod(name, 0o600 | stat.S_IFCHR, os.makedev(1, minor))
        with open(name, "r+b", buffering=0) as file:
            file.read(1)
    except OSError as error:
        pytest.skip(f"devices cannot be made or used here: {error.strerror}")


def test_a_device_without_end_is_not_read_to_the_end(folder, monkeypatch):
    monkeypatch.setattr("derandkit.records.MOST_BYTES", LIMIT)
    node("zeros", 5)
    (folder / "g.txt").write_text("0 1\n")
    for verb in VERBS:
        refused(folder, verb, "zeros", *(["-k", "1"] if verb == "embed" else []))
    refused(folder, "verify", "zeros", "g.txt")
    refused(folder, "maxcut", "g.txt", "--start", "zeros")


def test_a_device_that_is_full_stays_a_device(folder):
    node("full", 7)
    (folder / "g.txt").write_text("0 1\n")
    assert "No space left" in refused(folder, "maxcut", "g.txt", "-o", "full", answer="{\n")
    assert stat.S_ISCHR(os.stat("full").st_mode)


def test_a_pipe_is_written_into(folder):
    os.mkfifo("pipe")
    (folder / "g.txt").write_text("0 1\n")
    reader = subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE)
    outcome = CliRunner().invoke(main, ["maxcut", "g.txt", "-o", "pipe"])
    text, _ = reader.communicate(timeout=60)
    assert outcome.exit_code == 0
    assert json.loads(text)["cut_value"] == 1
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)


# --- in processes of their own: bounded memory, a full disk -----------------------------------------------------------
#: The limits are set in the child's own program: a `preexec_fn` would fork this process, which may have loaded jax and
#: its threads.
LIMITED = """
import os, resource, sys
memory, size = map(int, sys.argv[1:3])
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
if size:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
os.execv(sys.argv[3], sys.argv[3:])
"""


def run(*arguments, memory=3 << 30, file_size=0, environment=None):
    """Run the command in a process whose memory and files are limited by the system; 0 is no limit of files."""
    limited = [sys.executable, "-c", LIMITED, str(memory), str(file_size)]
    command = [sys.executable, "-m", "derandkit", *map(str, arguments)]
    return subprocess.run(
        [*limited, *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, **(environment or {})},
    )


def test_a_file_that_cannot_grow_leaves_the_old_one(folder):
    (folder / "g.txt").write_text("".join(f"{k} {k + 1}\n" for k in range(300)))
    (folder / "out.json").write_text("old")
    outcome = run("maxcut", "g.txt", "-o", "out.json", file_size=4096)
    assert outcome.returncode == 2
    assert json.loads(outcome.stdout)["cut_value"] == 300
    assert outcome.stderr.splitlines()[-1].startswith("derandkit: out.json: cannot be written")
    assert (folder / "out.json").read_text() == "old"
    assert sorted(path.name for path in folder.iterdir()) == ["g.txt", "out.json", "secret.txt"]


@pytest.mark.parametrize("name", ["bomb", "members", "header"])
def test_memory_is_bounded_without_a_limit_of_ones_own(folder, name):
    """The usual limit is two gigabytes; what claims more is refused before it is taken."""
    bomb = gzip.compress(bytes(1 << 24), 9) * 160  # 2.5 GB in 2.6 MB
    header = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1073741824, 1)}")
    content = {"bomb": bomb, "members": hostile("members.npz"), "header": header}[name]
    file = folder / {"bomb": "x.gz", "members": "x.npz", "header": "x.npy"}[name]
    file.write_bytes(content)
    outcome = run("embed", file, "-k", "1", memory=8 << 30, environment={"DERANDKIT_MAX_BYTES": str(2 << 30)})
    assert outcome.returncode == 2, outcome.stderr[-500:]
    assert len(outcome.stderr.splitlines()) == 1


@pytest.mark.parametrize("columns", [["x"] * 100_000, ["9" * 5000]])
def test_a_record_that_names_columns_is_no_reason_to_read_them(tmp_path, columns):
    """A table of 1000 rows was read with 100 000 columns before anything of the record was looked at."""
    points, record = tmp_path / "p.csv", tmp_path / "r.json"
    points.write_text("x,y\n" + "".join(f"{37 * k % 101}.5,{k * k % 97}.25\n" for k in range(1000)))
    found = dk.embed(points, n_components=1, holdout=False).to_dict()
    found["points"]["columns"] = columns
    record.write_text(json.dumps(found))
    with pytest.raises(InputError, match=r"columns are named; the table has 2|there is no column '9{80}'"):
        dk.verify(record, points)
    frame = pd.read_csv(points)
    assert not dk.verify(record, frame).ok


@pytest.mark.parametrize(
    ("verb", "name", "text"),
    [
        ("maxcut", "g.net", f"*Vertices {'9' * 5000}\n*Edges\n1 2\n"),
        (
            "maxcut",
            "g.graphml",
            f'<graphml><graph edgedefault="undirected"><node id="{"9" * 5000}"/></graph></graphml>',
        ),
        ("structure", "c.toml", f'[teacher]\nlink = "tanh"\ndimension = {"9" * 5000}\n'),
    ],
)
def test_numbers_of_thousands_of_digits_are_one_line(tmp_path, verb, name, text):
    """Python converts 4300 digits at most, and raises an error of its own."""
    file = tmp_path / name
    file.write_text(text)
    done = CliRunner().invoke(main, [verb, str(file)])
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert len(done.stderr) < 300


def _columnar(folder, name):
    """A few kilobytes that stand for tens of megabytes."""
    import pyarrow as pa
    from pyarrow import ipc, parquet

    rows = 2_000_000
    if name == "texts.parquet":
        column = pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(300, dtype=np.int32)), pa.array(["x" * 20_000])
        )
        table = pa.table({"source": column, "target": pa.array(np.arange(300))})
        parquet.write_table(table, folder / name, store_schema=False, compression="zstd")
        return folder / name
    column = pa.nulls(rows) if name == "nulls.feather" else pa.array(np.zeros(rows, dtype=np.int64))
    if name == "zeros.parquet":
        parquet.write_table(pa.table({"x": column}), folder / name, compression="zstd")
        return folder / name
    batch = pa.record_batch([column], names=["x"])
    with ipc.new_file(folder / name, batch.schema, options=ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(batch)
    return folder / name


@pytest.mark.parametrize("name", ["texts.parquet", "zeros.parquet", "nulls.feather", "zeros.feather"])
def test_columns_that_unpack_to_much_more_are_refused_before(tmp_path, monkeypatch, name):
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", str(LIMIT))
    file = _columnar(tmp_path, name)
    assert file.stat().st_size < LIMIT
    for verb in (["maxcut"], ["embed", "-k", "1"]):
        done = CliRunner().invoke(main, [*verb, str(file)])
        assert done.exit_code == 2
        # of points a column of text is held once, and is no coordinate
        once = name == "texts.parquet" and verb[0] == "embed"
        assert ("has the type string" if once else f"takes more than {LIMIT} bytes") in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_tables_of_arrow_are_read_as_before(tmp_path):
    frame = pd.DataFrame({"x": np.arange(50.0), "y": np.sqrt(np.arange(50.0))})
    frame.to_feather(tmp_path / "a.feather", compression="zstd")
    frame.to_feather(tmp_path / "b.feather", compression="uncompressed")
    frame.to_parquet(tmp_path / "c.parquet")
    wanted = dk.PointCloud(frame.to_numpy()).digest
    for name in ("a.feather", "b.feather", "c.parquet"):
        assert dk.read_points(tmp_path / name, columns=["x", "y"]).digest == wanted
