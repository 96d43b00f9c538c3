"""Files of every format with some bytes changed, and what becomes of them in all readers.

``python -m tests.damage FIRST COUNT FOLDER`` reads files number FIRST, FIRST + 1, ... and prints what became of them.
It is a process of its own, since compiled code of libraries can end one: then the number of the file stands in FOLDER.
A file is the same in every run: nothing in it is a date.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.io
import scipy.sparse as sp
from tests.layout_writers import FORMS

import derandkit as dk
from derandkit.errors import InputError

#: What is a file: its bytes, and its name.
File = tuple[bytes, str]

#: Small records of every kind and version.
_KEPT = Path(__file__).parent / "data" / "records"
RECORDS = [file for file in sorted(_KEPT.glob("*.json")) if file.stat().st_size < 30_000]
READERS = (dk.read_graph, dk.read_points, dk.read_model, dk.read_clauses)
#: What is put into files: numbers at the ends of ranges, marks of formats, bytes that are no text.
PIECES = (
    b"1e308", b"1e-320", b"-1", b"nan", b"inf", b"99999999999999999999", b"0x10", b"1_0", b"0", b"\x00", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\x1b[2J", b'"', b"'", b"<", b">", b"&a;", b"[", b"]", b"{", b"}", b"\n", b"\r",
    b"\t", b",", b";", b" ", b"#", b"%", b"*",
)  # fmt: skip


def _table(r: random.Random) -> np.ndarray:
    return np.array([[r.gauss(0, 1) for _ in range(3)] for _ in range(12)])


def _square(r: random.Random) -> np.ndarray:
    upper = np.triu(np.array([[r.randrange(-3, 4) for _ in range(6)] for _ in range(6)], dtype=float), 1)
    return upper + upper.T


def _saved(write: Callable[[io.BytesIO], object], name: str) -> File:
    file = io.BytesIO()
    write(file)
    return file.getvalue(), name


def _csv(r: random.Random) -> File:
    rows = "\n".join(",".join(map(repr, row)) for row in _table(r).tolist())
    return f"{r.choice(['', 'a,b,c'])}\n{rows}\n".lstrip().encode(), "x.csv"


def _npy(r: random.Random) -> File:
    table = _table(r)
    if r.random() < 0.5:
        table = np.array([tuple(row) for row in table], dtype=[("a", "f8"), ("b", "f4"), ("c", "f8")])
    return _saved(lambda file: np.save(file, table), "x.npy")


def _npz(r: random.Random) -> File:
    if r.random() < 0.5:
        return _saved(lambda file: sp.save_npz(file, sp.csr_array(_square(r))), "x.npz")
    return _saved(lambda file: np.savez_compressed(file, X=_table(r)), "x.npz")


def _undated(data: bytes) -> bytes:
    """Return an archive without the dates of its members, or a MATLAB file without that of its head."""
    if data.startswith(b"MATLAB"):
        return data[:20].ljust(116) + data[116:]
    if not data.startswith(b"PK"):
        return data
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for member in old.infolist():
            plain = zipfile.ZipInfo(member.filename)
            plain.compress_type = member.compress_type
            new.writestr(plain, old.read(member))
    return file.getvalue()


def _mat(r: random.Random) -> File:
    held: dict[str, object] = {"A": r.choice([_square(r), sp.csc_array(_square(r)), _table(r)])}
    if r.random() < 0.2:
        held = {"S": {"x": 1.0, "y": ["a", _square(r)]}, "c": np.array(["q", "r"], dtype=object)}
    form = "5" if "S" in held else r.choice(["4", "5"])
    packs = form == "5" and r.random() < 0.5
    return _saved(lambda file: scipy.io.savemat(file, held, format=form, do_compression=packs), "x.mat")


def _columns(r: random.Random) -> dict[str, object]:
    """Columns of points, of lists of numbers, or of a graph with names."""
    table = _table(r)
    names = [f"n{k}" for k in range(12)]
    return r.choice([
        {"a": table[:, 0], "b": table[:, 1].astype("f4"), "c": (1e3 * table[:, 2]).astype(int)},
        {"v": [list(row) for row in table]},
        {"source": names, "target": names[1:] + names[:1], "weight": table[:, 0]},
    ])  # fmt: skip


def _parquet(r: random.Random) -> File:
    import pyarrow
    from pyarrow import parquet

    options = {
        "compression": r.choice(["none", "snappy", "zstd"]),
        "use_dictionary": r.random() < 0.5,
        "data_page_version": r.choice(["1.0", "2.0"]),
        "store_schema": r.random() < 0.5,
    }
    table = pyarrow.table(_columns(r))
    return _saved(lambda file: parquet.write_table(table, file, **options), "x.parquet")


def _arrow(r: random.Random) -> File:
    import pyarrow
    from pyarrow import ipc

    table, stream = pyarrow.table(_columns(r)), r.random() < 0.5
    options = ipc.IpcWriteOptions(compression=r.choice([None, "lz4", "zstd"]))

    def write(file: io.BytesIO) -> None:
        with (ipc.new_stream if stream else ipc.new_file)(file, table.schema, options=options) as sink:
            sink.write_table(table)

    return _saved(write, "x.arrow" if stream else "x.feather")


def _lp(r: random.Random) -> File:
    text = f"minimize\n obj: - {r.randrange(9)} x + [ {r.randrange(9)} x * y ] / 2\nsubject to\nbinary\n x y\nend\n"
    return text.encode(), "m.lp"


def _qplib(r: random.Random) -> File:
    text = (
        "QPLIB_X\nQBN\nminimize\n3\n2\n2 1 2.0\n3 2 -1.0\n0.0\n1\n1 -3.0\n0.0\n1e30\n0.0\n0\n0.0\n0\n0\n0\n"
    )
    return text.encode(), "m.qplib"


def _qbsolv(r: random.Random) -> File:
    return f"p qubo 0 3 2 2\n0 0 -{r.randrange(1, 9)}\n1 1 -1\n0 1 2\n1 2 -1\n".encode(), "m.qubo"


def _clauses(r: random.Random) -> File:
    lines = [f"{r.choice([1, 2, 9])} {r.choice([-1, 1]) * r.randrange(1, 4)} 3 0" for _ in range(4)]
    return "\n".join(["p wcnf 3 4 10", *lines, ""]).encode(), "m.wcnf"


def _model_json(r: random.Random) -> File:
    held = r.choice([
        {"linear": {"x": -1}, "quadratic": {"x,y": 2}},
        {"h": {"a": 1}, "J": [["a", "b", -1.5]]},
        {"Q": [[-1, 2], [0, -1]], "offset": 1},
    ])  # fmt: skip
    return json.dumps(held).encode(), "m.json"


def _record(r: random.Random) -> File:
    return r.choice(RECORDS).read_bytes(), "r.json"


#: Formats of points, tables, models and records, beside those of graphs in `tests.layout_writers`.
OTHERS: dict[str, Callable[[random.Random], File]] = {
    "points in csv": _csv,
    "points in npy": _npy,
    "points in npz": _npz,
    "mat": _mat,
    "parquet": _parquet,
    "feather and arrow": _arrow,
    "lp": _lp,
    "qplib": _qplib,
    "qbsolv": _qbsolv,
    "clauses": _clauses,
    "models in json": _model_json,
    "records": _record,
}
NAMES = (*FORMS, *OTHERS)
#: Ways to compress, and the ends of names; gzip without the time.
PACKERS = ((lambda data: gzip.compress(data, mtime=0), ".gz"), (bz2.compress, ".bz2"), (lzma.compress, ".xz"))


def written(number: int) -> tuple[str, bytes, str]:
    """Return the format of file `number`, what is in it, and its name: every format in turn, some compressed."""
    form = NAMES[number % len(NAMES)]
    r = random.Random(f"{form} {number}")
    if form in OTHERS:
        data, name = OTHERS[form](r)
    else:
        data, name, _ = FORMS[form](r)
    data = _undated(data)
    if r.random() < 0.1:
        pack, end = r.choice(PACKERS)
        data, name = pack(data), name + end
    return form, _changed(data, r), name


def _changed(data: bytes, r: random.Random) -> bytes:
    """Change a few places: a byte or a bit, bytes away, a piece or a copy of others put in, the end cut off."""
    found = bytearray(data)
    for _ in range(r.choice([1, 1, 2, 3, 6])):
        at, way = r.randrange(len(found) + 1), r.randrange(6)
        if way == 0 and at < len(found):
            found[at] = r.randrange(256)
        elif way == 1 and at < len(found):
            found[at] ^= 1 << r.randrange(8)
        elif way == 2:
            del found[at : at + r.randrange(1, 12)]
        elif way == 3:
            found[at:at] = r.choice(PIECES)
        elif way == 4:
            start = r.randrange(len(found) + 1)
            found[at:at] = found[start : start + r.randrange(1, 40)]
        elif way == 5 and r.random() < 0.3:
            del found[at:]
    return bytes(found)


@dataclass
class Damage:
    """What became of files with changed bytes.

    Parameters
    ----------
    counts : dict
        Format -> how many files were tried, and how many reads ended in an object or in one line.
    faults : list of str
        Anything else: another exception, a line that cannot be printed, a process that ended.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Damage) -> None:
        for form, counts in other.counts.items():
            own = self.counts.setdefault(form, {})
            for name, count in counts.items():
                own[name] = own.get(name, 0) + count
        self.faults += other.faults


def read_all(numbers: range, folder: Path) -> Damage:
    """Read files in this process; the number of the file that is read stands in the folder."""
    found = Damage()
    for number in numbers:
        (folder / "number").write_text(str(number))
        form, data, name = written(number)
        file = folder / name
        file.write_bytes(data)
        counts = found.counts.setdefault(form, {"files": 0, "read": 0, "refused": 0})
        counts["files"] += 1
        for read in READERS:
            try:
                read(file)
                counts["read"] += 1
            except InputError as error:
                counts["refused"] += 1
                text = str(error)
                if "\n" in text or not text.isprintable():
                    found.faults.append(
                        f"{number} {form}: {read.__name__} refused in no line: {text[:200]!r}"
                    )
            except Exception as error:  # every other exception is a fault
                found.faults.append(f"{number} {form}: {read.__name__}: {type(error).__name__}: {error}")
        file.unlink()
    return found


def read_apart(first: int, count: int, folder: Path) -> Damage:
    """Read files in a process of their own, and go on behind one that ended it."""
    found, end = Damage(), first + count
    while first < end:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.damage", str(first), str(end - first), str(folder)],
            capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        if ran.returncode == 0:
            found.add(Damage(**json.loads(ran.stdout)))
            return found
        at = int((folder / "number").read_text())
        found.faults.append(
            f"{at} {NAMES[at % len(NAMES)]}: the process ended ({ran.returncode}): {ran.stderr[-200:]}"
        )
        first = at + 1
    return found


if __name__ == "__main__":
    start, many, where = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = read_all(range(start, start + many), where)
    print(json.dumps(vars(outcome)))
