"""Small texts in many layouts, drawn at random: the second verifier reads none that derandkit refuses.

It may refuse what derandkit reads. The other way round, a record beside a file that may be read in two ways was called
right. `test_second_doubts.py` draws names, headers and counts; here are rows of numbers, matrices, lists of neighbours,
words of tables, marks for what is missing, signs at names, and tables of points with codes.
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

SMALL = list("012345678")
#: Cells that stand in a column together.
CELLS = [
    SMALL, SMALL, SMALL[:4], SMALL[1:6], list("abcde"), ["-1", *SMALL[:4]], ["x1", "x2", "x3", "x4"],
    ["source", "target", "weight", "node", "col", "row", "value"], ["TRUE", "FALSE", "NA"], ["up", "left", "right"],
    ["(a)", "(b)", "(c)"], ["#1", "#2", "2", "3"], ["0x1", "0x2", "0x3"], ['"a"', "'b'", '"c"'], ["a=1", "b=2", "a"],
    ["999", "-999", "1", "2"], ["0.5", "1.5", "2"], ["+1", "-", "+", "1"], ["A", "B", "10"], ["10", "20", "30", "40"],
    ["a:", "b:", "1:"], ["01", "1e3", "1"], ["<a>", "[b]", "{c}"], ["a-b", "b-c", "a_c"], ["mean", "total", "min"],
    ["2020", "2021", "2022"], ["yes", "no", "maybe"], ["a|b", "b;c", "c,"],
]  # fmt: skip
WEIGHTS = [
    ["1"], ["1", "-1"], ["1", "2", "5"], ["0", "1"], ["0.5", "2.5"], ["1", "2", "999"], ["1", "2", "-999"], SMALL,
    ["1", "9", "99"], ["1e9", "1"], ["-1", "2", "5"], ["TRUE", "FALSE"], ["+", "-"], ["10", "11", "12"], ["1", "NA"],
]  # fmt: skip
HEADS = [
    "source target weight",
    "from to",
    "x1 x2 w",
    "u v",
    "0 1 2",
    "node value",
    "nodes 4",
    "4 3",
    "a b",
    "row col",
]
NOTES = [
    "# a note",
    "#",
    "# u v since",
    "#a b",
    "% 3 3",
    "# nodes: 3",
    "# target source weight",
    "#1 2",
    "",
    "// x",
]
ENDINGS = [".txt", ".txt", ".csv", ".tsv", ".edgelist", ".el", ".rudy", ".mc", ".dat", "", ".1"]
MARKS = ["-999", "9999", "-1", "99", "0", "2.5", "7", "1e20", "", "NA"]


def laid_out(draw: random.Random, rows: list[list[str]]) -> str:
    """Join cells to lines, perhaps below a header or around a comment."""
    if draw.random() < 0.15:
        rows = [draw.choice(HEADS).split(), *rows]
    separator = draw.choice([" ", " ", " ", "\t", ",", ", ", ";"])
    lines = [separator.join(row) for row in rows]
    if draw.random() < 0.12:
        lines.insert(draw.choice([0, 0, len(lines)]), draw.choice(NOTES))
    return "\n".join(lines) + draw.choice(["\n", "\n", "", "\n\n"])


def edges(draw: random.Random) -> list[list[str]]:
    """Rows of two cells, mostly different, with or without a weight."""
    left = draw.choice(CELLS)
    right = left if draw.random() < 0.85 else draw.choice(CELLS)
    weights, found, seen = draw.choice([[], *WEIGHTS]), [], set()
    for _ in range(draw.randint(1, 6)):
        pair = [draw.choice(left), draw.choice(right)]
        if len({*pair}) == 2 and frozenset(pair) not in seen:
            found.append(pair + ([draw.choice(weights)] if weights else []))
        seen.add(frozenset(pair))
    return found


def numbers(draw: random.Random) -> list[list[str]]:
    """Rows of two or three different small numbers, perhaps behind the number of the row."""
    width, most, first = draw.choice([2, 3, 3]), draw.choice([3, 5, 6, 8]), draw.choice([None, None, 0, 1])
    rows = [list(map(str, draw.sample(range(most + 1), width))) for _ in range(draw.randint(2, 7))]
    return rows if first is None else [[str(k), *row[1:]] for k, row in enumerate(rows, first)]


def column(draw: random.Random, rows: int) -> list[int]:
    """Numbers of one column: counted, different, from a few, one and minus one, ticks of a clock, or one alone."""
    first = draw.choice([0, 0, 1, 1, 10, 15, 40, -2, 1000, 2**31])
    found = draw.choice([
        range(first, first + rows),
        draw.sample(range(first, first + rows + 4), rows),
        draw.choices([1, 3, 5, 7], k=rows),
        draw.choices(range(first, first + draw.choice([2, 4, 12])), k=rows),
        draw.choices([1, -1], k=rows),
        range(first, first + 20 * rows, 20),
        [first + k // 2 for k in range(rows)],
        draw.choices([1, 4, 27], k=rows),
        [5] * rows,
    ])  # fmt: skip
    return sorted(found) if draw.random() < 0.2 else list(found)


def columns(draw: random.Random) -> list[list[str]]:
    """Rows of two to four numbers, of columns that often share theirs, so that any of them may be ends or weights."""
    rows, weights = draw.randint(3, 9), draw.choice(["", "", "", ".0"])
    found = [column(draw, rows)]
    for _ in range(draw.choice([1, 2, 2, 2, 2, 3])):
        found.append(draw.choices(found[0], k=rows) if draw.random() < 0.4 else column(draw, rows))
    draw.shuffle(found)
    kept = {frozenset(row[:2]): row for row in zip(*found, strict=True) if row[0] != row[1]}
    return [[*map(str, row[:2]), *(f"{x}{weights}" for x in row[2:])] for row in kept.values()]


def matrix(draw: random.Random) -> list[list[str]]:
    """A symmetric matrix of order two to five."""
    n, weights = draw.choice([2, 3, 4, 4, 5]), [*draw.choice(WEIGHTS), "0"]
    A = [["0"] * n for _ in range(n)]
    for i in range(n):
        A[i][i] = draw.choice(["0", "0", "0", "1", *weights])
        for j in range(i):
            A[i][j] = A[j][i] = draw.choice(weights)
    return [[str(n)], *A] if draw.random() < 0.2 else A


def neighbours(draw: random.Random) -> list[list[str]]:
    """Lists of neighbours, perhaps without the vertex."""
    n, first = draw.randint(3, 6), draw.choice([0, 1])
    rows = [[k, *draw.sample([j for j in range(n) if j != k], draw.choice([1, 2, 2]))] for k in range(n)]
    at = draw.choice([0, 1])
    return [[str(x + first) for x in row[at:]] for row in rows]


def points(draw: random.Random) -> list[list[str]]:
    """Columns of numbers, some with marks for what is missing, perhaps below names."""
    rows = draw.randint(2, 11)
    columns = []
    for _ in range(draw.choice([1, 1, 2, 3])):
        kind = draw.choice([["1", "2", "3"], ["1.5", "2.5"], ["0.5", "-0.75"], ["10", "20"], ["100", "101"]])
        column = [draw.choice(kind) for _ in range(rows)]
        mark = draw.choice(MARKS)
        for at in draw.choice([[], [], [0], [0, rows - 1], [rows - 1], [rows // 2]]):
            column[at] = mark
        columns.append(column)
    names = [[draw.choice(draw.choice(CELLS)) for _ in columns]] if draw.random() < 0.3 else []
    return [*names, *map(list, zip(*columns, strict=True))]


def clauses(draw: random.Random) -> str:
    """Clauses of one or two literals below a header, with lines that may be comments."""
    n, m, weight = draw.randint(1, 4), draw.randint(1, 4), draw.random() < 0.5
    rows = [
        [draw.choice(["1", "2", "h", "0.5", "10"])] * weight
        + [str(draw.choice([-1, 1]) * draw.randint(1, n)) for _ in range(draw.choice([1, 2, 2, 3]))]
        + ["0"]
        for _ in range(m)
    ]
    head = draw.choice([f"p wcnf {n} {m} 10", f"p wcnf {n} {m}", ""] if weight else [f"p cnf {n} {m}", ""])
    lines = [head, *map(" ".join, rows)]
    lines.insert(draw.randint(0, m), draw.choice(["", "", "c x", "c{", "% x", "# x", "cx"]))
    return "\n".join(line for line in lines if line) + "\n"


def text_of(kind: str, draw: random.Random) -> tuple[str, str]:
    """Return a text of a kind, and how its file ends."""
    if kind == "max2sat":
        return clauses(draw), draw.choice([".cnf", ".wcnf", ".txt"])
    if kind == "points":
        return laid_out(draw, points(draw)), draw.choice([".txt", ".csv", ".tsv"])
    make = draw.choice([edges, edges, edges, numbers, columns, columns, matrix, neighbours])
    return laid_out(draw, make(draw)), draw.choice(ENDINGS)


READ = {
    "graph": as_graph,
    "balance": lambda path: dk.SignedGraph(as_graph(path)),
    "maxdicut": read_arcs,
    "points": lambda path: as_recorded_cloud(path, None, ""),
    "max2sat": dk.read_clauses,
}


def compare(kind: str, text: str, path: str) -> bool:
    """Assert that both read the same instance, if the second verifier reads one; return whether it does."""
    files = second().files
    try:
        found = files.read(kind, text, {}, path)
    except second().report.MALFORMED:
        return False
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    refusal, digest = "", ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            digest = READ[kind](path).digest
    except dk.InputError as error:
        refusal = str(error)
    if "points are equal" in refusal or "one point has" in refusal:
        return False  # read, and then of no use
    assert not refusal, (path, text)
    assert found.digest == digest, (path, text)
    return True


@pytest.mark.parametrize("texts", [250, 6000])
@pytest.mark.parametrize("kind", READ)
def test_no_small_text_is_read_that_derandkit_refuses(kind, texts, tmp_path, monkeypatch):
    """Of 15 000 such texts the second verifier read 24 that derandkit refuses; of 60 000 of `columns` 15."""
    monkeypatch.chdir(tmp_path)
    draw = random.Random(f"{kind} {texts}")
    read = 0
    for _ in range(texts):
        text, ending = text_of(kind, draw)
        read += compare(kind, text, f"g{ending}")
    assert read > texts // 40


DOUBTFUL = {
    "a matrix with one entry far above all others": ("graph", "0 999 2 2\n999 0 2 2\n2 2 0 2\n2 2 2 0\n"),
    "codes beside ones": ("graph", "0 1 1 99\n1 0 0 -99\n1 0 1 1\n99 -99 1 0\n"),
    "a normalised Laplacian": ("graph", "1 -2 -2 -2\n-2 1 -1 -2\n-2 -1 1 -1\n-2 -2 -1 1\n"),
    "numbers that count as names": ("graph", "0 0.1 0.2 0.3\n0.1 0 0.1 0.3\n0.2 0.1 0 0.1\n0.3 0.3 0.1 0\n"),
    "names of columns that are vertices too": ("graph", "x2 x1\nx4 x1\nx4 x3\n"),
    "names of columns of a matrix": ("graph", "col\trow\nrow\tvalue\nvalue\tcol\n"),
    "nearest neighbours": ("graph", "0 2 3\n1 4 3\n2 5 3\n3 2 5\n4 0 5\n5 4 3\n"),
    "nearest neighbours as arcs": ("maxdicut", "0 1 5\n1 5 3\n2 0 3\n3 2 5\n4 1 5\n5 0 3\n"),
    "a mesh": ("maxdicut", "0 2 3\n1 0 3\n2 0 1\n3 2 1\n"),
    "a code beside ones": ("graph", "0 9 1 1 9\n9 0 9 1 1\n1 9 0 1 0\n1 1 1 0 1\n9 1 0 1 0\n"),
    "times before the ends of contacts": (
        "graph",
        "100 7 0\n100 5 0\n120 8 2\n120 2 1\n140 6 5\n140 3 1\n160 6 4\n160 8 3\n180 7 5\n200 1 0\n",
    ),
    "vertices and their groups": (
        "graph",
        "".join(f"{k} {1 + k * k % 5}\n" for k in range(1, 21)),
    ),
    "numbers of rows before two ends": ("maxdicut", "1 3 0\n2 1 0\n3 4 5\n4 2 6\n5 3 6\n6 5 0\n7 3 2\n"),
    "numbers of which the second may be weights": ("graph", "3 22 27\n1 17 4\n1 18 27\n3 16 1\n"),
    "numbers of arcs with weights between the ends": ("maxdicut", "1 15 3\n1 40 5\n3 17 5\n5 16 7\n"),
    "numbers written with a point": ("balance", "3 22 27.0\n1 17 4.0\n1 18 27.0\n3 16 1.0\n"),
    "numbers of who won, with a point": ("graph", "1 4 4.0\n1 3 1.0\n2 4 4.0\n3 4 4.0\n"),
    "times before two ends, the last of which is always one": (
        "balance",
        "2147483000 5 1\n2147483001 5 1\n2147483002 5 1\n2147483003 5 1\n",
    ),
    "rows of a table": ("maxdicut", "3 6 1\n0 20 -1\n1 30 -1\n2 40 -1\n"),
    "a counter before two ends": ("graph", "0\t2\t6\n1\t3\t5\n2\t1\t5\n3\t5\t6\n"),
    "a table of names": ("graph", "up\tFALSE\t3\nleft\tTRUE\t-2\nright\tFALSE\t0.039\n"),
    "vertices that begin with a sign of comments": ("graph", "8 2\n#2 3 0\n#1 #2 1\n"),
    "a comment that turns the columns": ("maxdicut", "# target source weight\n1\t0\t1\n"),
    "a comment that counts more edges": ("graph", "# Nodes: 3 Edges: 2\n2 8"),
    "names in parentheses on one side": ("graph", "(a) 0x1\n(a) 0x2\n(c) 0x2\n"),
    "names with a weight behind them": ("graph", "b=2 a 1\na=1 a 1\n"),
    "a root above the others": ("maxdicut", "5\t3\t0\n1\t5\t-1\n2\t-1\t5\n3\t-1\t6\n"),
    "a first number that comes again, far from the others": (
        "points",
        "-999\n2.5\n1.5\n2.5\n1.5\n1.5\n-999\n",
    ),
    "a header without a word": ("points", "-\n102\n101\n"),
    "a comment between tabs": ("points", "#\tb\n2.148\t2\n2.272\t2\n"),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_text_that_may_be_something_else_is_refused_by_both(name, tmp_path):
    """The second verifier read these, and called records about them right beside files that derandkit refuses."""
    kind, text = DOUBTFUL[name]
    for ending in (".txt", ".edgelist") if ("number" in name or "times" in name) else (".txt",):
        file = tmp_path / f"g{ending}"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(dk.InputError):
            READ[kind](file)
        with pytest.raises(second().report.MALFORMED):
            second().files.read(kind, text, {}, str(file))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("graph", "a b 1\nb c 2\nc a 0.5\n"),
        ("graph", "# some roads\nKiel Bonn 3\nBonn Ulm 2\nUlm Kiel 4\n"),
        ("graph", "0 1 10\n1 2 40\n2 3 25\n3 0 15\n"),
        ("graph", "0 1 2.5 0\n1 0 -2 1\n2.5 -2 0 0\n0 1 0 0\n"),
        ("graph", "4 3\n1 2 5\n2 3 -4\n3 4 7\n"),
        ("maxdicut", "a b\nb c\na c\nc d\n"),
        ("balance", "ann bob 1\nbob eve -1\neve ann -1\n"),
        ("points", "-999,1.5\n-998,2.5\n-1000,1.25\n-997,3\n"),
    ],
)
def test_ordinary_texts_are_read_by_both(kind, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert compare(kind, text, "g.txt")
