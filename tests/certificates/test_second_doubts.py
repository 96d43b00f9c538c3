"""Random small texts: the second verifier reads none that derandkit refuses, and what both read is the same instance.

It refuses more than derandkit, since it has no options to be told what a file is. The generator writes cells of names,
whole numbers, numbers and words of headers, with many separators, comments, first lines and names of files.
"""

from __future__ import annotations

import random
import warnings

import pytest
from tests.second import second

import derandkit as dk
from derandkit.datasets.instances import as_graph
from derandkit.models.arcs import read_arcs
from derandkit.points.files import as_recorded_cloud

WORDS = [
    "a", "b", "c", "d", "x1", "weight", "source", "target", "w", "id", "from", "to", "inf", "label", "n", "p",
    "v", "#", "%", "node", "u", "edge", "name", "value", "1a", "a.b", "A", "-", "->", "_", "x:", "1.0", "0.5",
    "1e3", "01", "+1", "-1", "1/2", "2.", "NA", "nan", "0x1", "true", "1_0", "x,y", "a;b",
]  # fmt: skip
WEIGHTS = ["1", "2", "0", "-1", "0.5", "1.5", "2.0", "1e2", "3", "10", "33"]
COMMENTS = [
    "# c",
    "% x",
    "c hello",
    "#",
    "# n m",
    "%%MatrixMarket",
    "# 3 3",
    "// x",
    "# vartype=SPIN",
    "",
    "p edge 3 3",
]
HEADS = [
    "source target",
    "a b w",
    "from to weight",
    "u v",
    "node weight",
    "i j w",
    "0 1",
    "0 1 2",
    "id name",
    "edge 3",
]
ENDINGS = [
    ".edgelist", ".txt", ".tsv", ".csv", ".edges", ".el", ".ncol", ".rudy", ".rud", ".mc", ".gset", ".dat",
    ".graph", ".net", ".mtx", ".adjlist", ".lgl", ".metis", ".g6", ".col",
]  # fmt: skip


def cell(draw: random.Random, kind: int) -> str:
    if kind == 0:
        return str(draw.randint(0, draw.choice([2, 3, 4, 6])))
    return draw.choice("abcdef") if kind == 1 else draw.choice(WORDS)


def graph_text(draw: random.Random) -> str:
    width, kind = draw.choice([1, 2, 2, 2, 3, 3, 4]), draw.choice([0, 0, 0, 1, 1, 2])
    rows = [
        [cell(draw, kind) if k < 2 else draw.choice(WEIGHTS) for k in range(width)]
        for _ in range(draw.randint(1, 6))
    ]
    if draw.random() < 0.2:  # a symmetric matrix
        n = draw.choice([2, 3, 4])
        A = [[str((i * j + i + j) % 3 if i != j else 0) for j in range(n)] for i in range(n)]
        rows = [[str(n)], *A] if draw.random() < 0.2 else A
    ends = {word for row in rows for word in row[:2]}
    first = [[str(len(ends)), str(len(rows))], [str(len(rows)), str(len(ends))], draw.choice(HEADS).split()]
    rows = [draw.choice(first), *rows] if draw.random() < 0.35 else rows
    lines = [draw.choice([" ", " ", "\t", "  ", ","]).join(row) for row in rows]
    if draw.random() < 0.15:
        lines.insert(draw.randint(0, len(lines)), draw.choice(COMMENTS))
    return "\n".join(lines) + draw.choice(["\n", "\n", "", "\n\n"])


def points_text(draw: random.Random) -> str:
    width, sign = draw.randint(1, 4), draw.choice([",", ",", " ", "\t", ", ", ";"])
    odd = ["nan", "1e400", "01", ".5", "5.", "+1", "-999", "x", ""]
    rows = [
        [draw.choice(odd if draw.random() < 0.05 else WEIGHTS) for _ in range(width)]
        for _ in range(draw.randint(2, 6))
    ]
    heads = [
        [f"c{k}" for k in range(width)],
        [str(k) for k in range(width)],
        [draw.choice(WORDS) for _ in range(width)],
    ]
    rows = [draw.choice(heads), *rows] if draw.random() < 0.3 else rows
    return "\n".join(sign.join(row) for row in rows) + draw.choice(["\n", "", "\t\n"])


def clauses_text(draw: random.Random) -> str:
    n, m = draw.randint(1, 4), draw.randint(0, 4)
    weight = draw.random() < 0.5
    head = draw.choice(
        [f"p wcnf {n} {m} 10", f"p wcnf {n} {m}"] if weight else [f"p cnf {n} {m}", f"p cnf {n} {m + 1}", ""]
    )
    rows = [
        " ".join(
            [draw.choice(["1", "2", "0", "-1", "1.5", "h", "10"])] * weight
            + [str(draw.choice([-1, 1]) * draw.randint(1, n)) for _ in range(draw.choice([1, 2, 2, 3]))]
            + ["0"] * (draw.random() < 0.97)
        )
        for _ in range(m)
    ]
    return "\n".join([head, *rows, draw.choice(["", "", "c x", "%", "c1"])]) + "\n"


def by_derandkit(kind: str, path: str) -> tuple[str | None, dict[str, object]]:
    """Return the digest of an instance, None if it is refused, and what a record of it would say."""
    try:
        if kind == "points":
            cloud = as_recorded_cloud(path, None, "")
            columns = None if cloud.columns is None else list(cloud.columns)
            return cloud.digest, {"points": {"reading": str(cloud.reading), "columns": columns}}
        return by_kind(kind)(path).digest, {}
    except dk.InputError as error:
        equal = "points are equal" in str(error) or "one point has" in str(error)  # read, and then of no use
        return "" if equal else None, {}


@pytest.mark.parametrize(
    ("kind", "texts", "make"),
    [
        ("graph", 2500, graph_text),
        ("maxdicut", 1500, graph_text),
        ("points", 800, points_text),
        ("max2sat", 500, clauses_text),
    ],
)
def test_no_text_is_read_that_derandkit_refuses(kind, texts, make, tmp_path, monkeypatch):
    """Of such texts of edges 5 in 100 were read here, in one of two ways that derandkit names."""
    monkeypatch.chdir(tmp_path)
    draw, both = random.Random(f"{kind} 3"), 0
    files, malformed = second().files, second().report.MALFORMED
    for _ in range(texts):
        text, path = (
            make(draw),
            "g" + (draw.choice(ENDINGS) if kind != "max2sat" else draw.choice([".cnf", ".wcnf"])),
        )
        (tmp_path / path).write_text(text, encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            expected, record = by_derandkit(kind, path)
        try:
            found = files.read(kind, text, record, path).digest
        except malformed as error:
            said = str(error)
        else:
            said = ""
        assert "unpack" not in said, text
        if said:
            continue
        named_otherwise = kind in ("graph", "maxdicut") and text.split()[:2] == ["u", "v"]
        assert expected in (found, "") or named_otherwise, (path, text)
        both += 1
    assert both > texts // 60


DOUBTFUL = [
    ("graph", ".txt", "A b 1\n\u0391 b 2\n"),  # the second name begins with a Greek letter
    ("graph", ".txt", "a-b c 1\na\u2013b c 2\n"),
    ("graph", ".csv", "# weight source target\n1 2 4\n2 3 3\n"),
    ("graph", ".tsv", "1 2 6\nyes 1 7\n1 total 3\n"),
    ("graph", ".csv", "0 1 1 3\n1 2 3 2\n1 3 0 -1\n3 2 -1 0\n"),
    ("graph", ".txt", "0 1 2 3\n1 2 2 1\n2 2 2 1\n3 1 1 0\n"),
    ("graph", ".txt", "5 7\n3 2\n6 5\n4 5\n5 3\n3 6\n2 5\n3 4\n"),
    ("graph", ".txt", "1 5 4\n2 6 3\n5 4 0\n6 1 5\n6 7 1\n7 3 2\n7 4 6\n"),
    ("graph", ".txt", "9 8 -3\n8 N -3\n9 true -2\n"),
    ("graph", ".edgelist", "1 0 6\n2 5 7\n3 6 4\n"),
    ("graph", ".tsv", "from\tto\nto\tt\nweight\tto\nweight\tfrom\nfrom\tt\n"),
    ("maxdicut", ".csv", "V2 V1\nBob V2\nV1 Bob\nB Bob\nB V1"),
    ("maxdicut", ".txt", "0 1\n2 1\n0 2\n"),
    ("balance", ".txt", "a b 0\nb c 1\n"),
    ("balance", ".txt", "a b 5e-324\nb c 5\n"),
]


@pytest.mark.parametrize(("kind", "ending", "text"), DOUBTFUL)
def test_what_derandkit_asks_about_is_refused(kind, ending, text, tmp_path):
    """The second verifier read these, and called records about them right beside files that derandkit refuses."""
    file = tmp_path / f"g{ending}"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(dk.InputError):
        dk.SignedGraph(as_graph(file)) if kind == "balance" else by_kind(kind)(file)
    with pytest.raises(second().report.MALFORMED) as refused:
        second().files.read(kind, text, {}, str(file))
    assert " may " in str(refused.value) or "halved" in str(refused.value)


def by_kind(kind: str):
    return {"max2sat": dk.read_clauses, "maxdicut": read_arcs, "graph": as_graph}[kind]


LARGE = [
    "9007199254740993", "9007199254740993.0", "9.007199254740993e15", "-9007199254740993.0", "1234567890123456789.",
    "1.2345678901234567e18", "9007199254740992", "9007199254740994.0", "6.022e23", "1e300", "9007199254740993.5",
]  # fmt: skip


@pytest.mark.parametrize("word", LARGE)
@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("graph", "g.edgelist", "a b @\nb c @\n"),
        ("graph", "g.rudy", "3 2\n1 2 @\n2 3 @\n"),
        ("points", "p.csv", "x,y\n@,1\n2,3\n5,7\n"),
        ("max2sat", "c.wcnf", "p wcnf 2 2\n@ 1 2 0\n3 -1 0\n"),
    ],
)
def test_large_numbers_follow_one_rule(kind, name, text, word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = text.replace("@", word)
    (tmp_path / name).write_text(text, encoding="utf-8")
    expected, record = by_derandkit(kind, name)
    if expected is None:
        with pytest.raises(second().report.MALFORMED):
            second().files.read(kind, text, record, name)
    elif kind != "max2sat":  # whose weights may be too large together
        assert second().files.read(kind, text, record, name).digest == expected
