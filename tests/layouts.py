"""Whole files of every format, drawn at random: a graph, and one of the many ways to write it that the format allows.

Each writer (`tests.layout_writers`) is our own, from the description of its format, and knows nothing of the readers.
`judged` reads one such file and says what became of it.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from derandkit import as_graph
from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph

PLAIN = ["ann", "bob", "cid", "dora", "eve", "x1", "Y-2", "z_3", "émile", "ß", "日本", "Ωmega"]
BLANKS = ["New York", "San José", "a b c", "Saint-Denis sur Mer", "x  y"]
ODD = [
    "c'd",
    'e"f',
    "g#h",
    "#i",
    "p;q",
    "r,s",
    "t|u",
    "{v}",
    "[w]",
    "<x>",
    "a&b",
    "50%",
    "%z",
    "//k",
    "back\\slash",
    "a=b",
]
LIKE = [
    "source",
    "weight",
    "e",
    "p",
    "-",
    "+",
    "->",
    "--",
    "NA",
    "null",
    "nan",
    "1.5",
    "01",
    "1e5",
    "n5",
    "True",
    "graph",
    "node",
]


class Drawn(NamedTuple):
    """A graph: labels as the file spells them, edges between their places, weights or None for every edge 1."""

    names: list[str]
    edges: list[tuple[int, int]]
    weights: list[float | None] | None  # None for one edge: it has no weight in the file
    numbers: bool  # the names are integers

    def weight(self, k: int) -> float:
        """Weight of edge k, 1 where the file has none."""
        found = None if self.weights is None else self.weights[k]
        return 1.0 if found is None else found

    def digest(self, labels: list[object] | None = None) -> str:
        """Digest of the graph with these labels; by default the names, integers where all of them are."""
        if labels is None:
            labels = [int(name) for name in self.names] if self.numbers else list(self.names)
        ends = np.array(self.edges, dtype=np.int64).reshape(-1, 2)
        w = np.array([self.weight(k) for k in range(len(self.edges))])
        return WeightedGraph.from_edges(ends[:, 0], ends[:, 1], w, n=len(labels), labels=labels).digest


def graph(
    r: random.Random,
    *,
    names: str = "any",
    weights: str = "any",
    isolated: bool = True,
    most: int = 9,
    least: int = 2,
    missing: bool = False,
) -> Drawn:
    """Draw a graph whose names and weights are such as a format can hold.

    Parameters
    ----------
    r : random.Random
        The source.
    names : {"any", "words", "zero", "one"}
        "words" have no blanks; "zero" and "one" are the numbers from 0 or 1.
    weights : {"any", "ones", "whole", "none"}
        "none" never has weights.
    isolated : bool
        Whether some vertices may have no edge.
    most, least : int
        Numbers of vertices.
    missing : bool
        Whether some edges may lack a weight.
    """
    n = r.randint(least, most)
    kind = (
        names
        if names in ("zero", "one")
        else r.choice(["zero", "one", "large", "plain", "plain", "odd", "odd"])
    )
    words = PLAIN + (BLANKS if names == "any" else [])
    if kind in ("zero", "one"):
        spelled = [str(k + (kind == "one")) for k in range(n)]
    elif kind == "large":
        spelled = [str(x) for x in r.sample(range(-50, 10**6), n)]
    else:
        pool = words if kind == "plain" else words + ODD + LIKE
        spelled = r.sample(pool, min(n, len(pool)))
        n = len(spelled)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    edges = r.sample(pairs, r.randint(1, len(pairs)))
    used = sorted({v for pair in edges for v in pair})
    if not isolated or r.random() < 0.6:
        place = {v: k for k, v in enumerate(used)}
        if names in ("zero", "one") or kind in ("zero", "one"):
            spelled = [str(k + (kind == "one")) for k in range(len(used))]
        else:
            spelled = [spelled[v] for v in used]
        edges = [(place[i], place[j]) for i, j in edges]
    form = (
        weights
        if weights != "any"
        else r.choice(["ones", "whole", "signed", "real", "real", "tiny", "large"])
    )
    made: dict[str, Callable[[], float]] = {
        "whole": lambda: float(r.randint(1, 30)),
        "signed": lambda: float(r.randint(-9, 9)),
        "real": lambda: round(r.uniform(-5, 5), r.randint(0, 6)),
        "tiny": lambda: r.uniform(-1, 1) * 10.0 ** r.randint(-20, 3),
        "large": lambda: float(r.randint(-(2**50), 2**50)),
    }
    found: list[float | None] | None = None
    if form in made:
        found = [made[form]() + 0.0 for _ in edges]
        if missing and len(found) > 1 and r.random() < 0.3:
            found[r.randrange(len(found))] = None
    r.shuffle(edges)
    numbers = all(name.lstrip("-").isdigit() and str(int(name)) == name for name in spelled)
    return Drawn(spelled, [pair if r.random() < 0.5 else pair[::-1] for pair in edges], found, numbers)


def text_of(value: float) -> str:
    """A weight as text: whole numbers mostly without a point, others as Python writes them."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def body_of(r: random.Random, lines: list[str], comment: str | None, *, blanks: bool = True) -> bytes:
    """Lines as bytes: line ends, blank lines, comments, a mark of the byte order."""
    out = []
    for line in lines:
        if comment is not None and r.random() < 0.08:
            out.append(f"{comment} written by a program, {r.randint(1, 9)} of them")
        if blanks and r.random() < 0.08:
            out.append("")
        out.append(line)
    end = "\r\n" if r.random() < 0.2 else "\n"
    text = end.join(out) + (end if r.random() < 0.85 else "")
    return text.encode("utf-8")


def packed(r: random.Random, data: bytes, name: str) -> tuple[bytes, str]:
    """The file compressed, or not; its name with or without the extension of the compression."""
    how = r.choice([None] * 7 + [gzip, bz2, lzma])
    if how is None:
        return (
            b"\xef\xbb\xbf" + data
            if r.random() < 0.05 and data[:1].isascii() and data[:1] not in b"P\x93>:"
            else data
        ), name
    ends = {gzip: ".gz", bz2: ".bz2", lzma: ".xz"}
    return how.compress(data), name + (ends[how] if r.random() < 0.8 else "")


class Outcome(NamedTuple):
    """What became of one file: "right", "refused", "wrong" or "failed", the words, and whether a line was named."""

    kind: str
    words: str = ""
    line: bool = False


def judged(folder: Path, form: str, seed: int) -> Outcome:
    """Write file number `seed` of a format, read it, and compare the graph."""
    from tests.layout_writers import FORMS

    r = random.Random(f"{form} {seed}")
    data, name, digest = FORMS[form](r)
    if form not in ("npy", "npz", "graph6", "sparse6"):
        data, name = packed(r, data, name)
    file = folder / name
    file.write_bytes(data)
    try:
        found = as_graph(file)
    except InputError as error:
        text = str(error)
        if "\n" in text or not text.isprintable() or len(text) > 900:
            return Outcome("failed", f"refused in a way that is no line: {text[:200]!r}")
        return Outcome("refused", text.replace(str(file), "FILE"), error.line is not None)
    except Exception as error:  # every other exception is a fault
        return Outcome("failed", f"{type(error).__name__}: {error}")
    finally:
        file.unlink()
    if found.digest != digest:
        return Outcome("wrong", f"read as {found.reading} with labels {list(found.labels)[:6]}")
    return Outcome("right")
