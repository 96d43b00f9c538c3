"""Writers of `tests.layouts`: one for each format, which draws a graph and one of the legal ways to write it."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import numpy as np
import scipy.io
import scipy.sparse as sp
from tests.layout_markup import (
    dense,
    dot,
    ends,
    gexf,
    gml,
    graph6,
    graphml,
    json_graph,
    npy,
    npz,
    pajek,
    sparse6,
    without_zeros,
)
from tests.layouts import body_of, graph, text_of

Written = tuple[bytes, str, str]


def _cell(r: random.Random, text: str, separator: str, always: bool) -> str:
    """A cell of a table, in quotation marks where it needs them."""
    marks = set(" \t#%\"';,|{}") | set(separator)
    # what stands for something else without them: missing entries, comments, marks between ends
    special = text in ("NA", "null", "nan", "-", "--", "+", "->") or text.startswith(("//", "%", "#"))
    if always or special or marks & set(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def edgelist(r: random.Random) -> Written:
    """Tables: blanks, tabs, commas, semicolons, bars; with and without header; attributes of networkx."""
    g = graph(r, isolated=False)
    separator = r.choice([" ", " ", "\t", ",", ",", ";", "|"])
    always = separator != " " and r.random() < 0.2
    comma = separator == ";" and g.weights is not None and r.random() < 0.5
    lines = []
    if r.random() < 0.4 or (separator != " " and r.random() < 0.5):
        titles = r.choice(
            [("source", "target", "weight"), ("from", "to", "weight"), ("Source", "Target", "Weight")]
        )
        lines.append(separator.join(titles[: 2 + (g.weights is not None)]))
    for k in range(len(g.edges)):
        cells = [_cell(r, name, separator, always) for name in ends(g, k)]
        if g.weights is not None:
            text = text_of(g.weight(k))
            cells.append(text.replace(".", ",") if comma else text)
        wide = separator == " " and r.random() < 0.1
        lines.append(("   " if wide else separator).join(cells))
    mirrored = r.random() < 0.1 and len(lines) == len(g.edges) and separator == " "
    if mirrored:
        back = [line.split(" ") for line in lines if '"' not in line and "  " not in line]
        if len(back) == len(lines):
            lines += [" ".join([c[1], c[0], *c[2:]]) for c in back]
    name = (
        r.choice(["g.txt", "g.edgelist", "g"]) if separator == " " else r.choice(["g.csv", "g.txt", "g.tsv"])
    )
    return body_of(r, lines, r.choice(["#", None]) if separator == " " else None), name, g.digest()


def networkx_edgelist(r: random.Random) -> Written:
    """``u v {'weight': 3}`` with other attributes beside it, as nx.write_edgelist writes lines."""
    g = graph(r, names="words", isolated=False, missing=True)
    lines = []
    for k in range(len(g.edges)):
        cells = [_cell(r, name, " ", False) for name in ends(g, k)]
        found = {} if g.weights is None or g.weights[k] is None else {"weight": g.weights[k]}
        if r.random() < 0.3:
            found = {"color": r.choice(["red", "it's"]), **found}
        lines.append(" ".join([*cells, repr(found)]))
    return body_of(r, lines, None), r.choice(["g.edgelist", "g.txt"]), g.digest()


def rudy(r: random.Random) -> Written:
    """``n m`` above numbered edges."""
    g = graph(r, names="one")
    gap = r.choice([" ", "  ", "\t"])
    lines = [f"{len(g.names)}{gap}{len(g.edges)}"]
    for k in range(len(g.edges)):
        cells = [*ends(g, k)] + ([] if g.weights is None else [text_of(g.weight(k))])
        lines.append(gap.join(cells) + r.choice(["", "", " "]))
    return body_of(r, lines, None), r.choice(["g.rudy", "g.mc", "G14"]), g.digest()


def matrix(r: random.Random) -> Written:
    """Rows of numbers, with the names of vertices above, above and beside, or without."""
    g = without_zeros(graph(r, names=r.choice(["zero", "any"]), least=4))
    named = not g.numbers or g.names[0] != "0" or g.names != [str(k) for k in range(len(g.names))]
    separator = r.choice([",", "\t", ";", " "])
    beside = named and (r.random() < 0.6 or g.numbers)
    if len(g.names) < 4:
        g = without_zeros(graph(r, names="zero", least=5, most=8))
        named = beside = False
    A = dense(g)
    if r.random() < 0.3:
        np.fill_diagonal(A, 1)
    lines = []
    if named:
        above = [_cell(r, name, separator, False) for name in g.names]
        lines.append(separator.join([*([""] if beside and separator != " " else []), *above]))
    for name, row in zip(g.names, A.tolist(), strict=True):
        cells = [text_of(x) for x in row]
        lines.append(separator.join([*([_cell(r, name, separator, False)] if beside else []), *cells]))
    labels = None if named else list(range(len(g.names)))
    return body_of(r, lines, None, blanks=False), r.choice(["g.csv", "g.txt", "g"]), g.digest(labels)


def adjlist(r: random.Random) -> Written:
    """A vertex and its neighbours on a line, each edge once or in both directions."""
    g = graph(r, names="words", weights="ones")
    both = r.random() < 0.3
    rows = {k: [name] for k, name in enumerate(g.names)}
    for i, j in g.edges:
        rows[i].append(g.names[j])
        if both:
            rows[j].append(g.names[i])
    order = list(rows)
    r.shuffle(order)
    lines = [" ".join(_cell(r, name, " ", False) for name in rows[k]) for k in order]
    head = ["#/usr/bin/python", "# GMT Thu Jan  1 00:00:00 1970", "# a graph"] if r.random() < 0.5 else []
    return (
        body_of(r, head, None, blanks=False) * bool(head) + b"\n" * bool(head) + body_of(r, lines, None),
        "g.adjlist",
        g.digest(),
    )


def multiline(r: random.Random) -> Written:
    """``u degree`` above that many lines ``v {...}``."""
    g = graph(r, names="words", missing=True)
    # names that need quotation marks have none in this format
    if any(set(name) & set(" \"'#{}") or name[0] in "#%" for name in g.names):
        return multiline(r)
    lines = []
    for v, name in enumerate(g.names):
        own = [k for k, (i, _) in enumerate(g.edges) if i == v]
        lines.append(f"{name} {len(own)}")
        for k in own:
            found = {} if g.weights is None or g.weights[k] is None else {"weight": g.weights[k]}
            lines.append(f"{g.names[g.edges[k][1]]} {found!r}")
    return body_of(r, lines, "#"), "g.adjlist", g.digest()


def lgl(r: random.Random) -> Written:
    """``# u`` above its neighbours, one a line, with a weight or without; names may hold blanks."""
    g = graph(r)
    if any(
        name[0] in "#" or (g.weights is None and name.split()[-1].lstrip("-").isdigit() and " " in name)
        for name in g.names
    ):
        return lgl(r)
    lines = []
    for v, name in enumerate(g.names):
        own = [k for k, (i, _) in enumerate(g.edges) if i == v]
        lonely = all(v not in pair for pair in g.edges)
        if own or lonely or r.random() < 0.2:
            lines.append(f"# {name}")
        for k in own:
            text = "" if g.weights is None else f" {text_of(g.weight(k))}"
            lines.append(f"{g.names[g.edges[k][1]]}{text}")
    return body_of(r, lines, None), "g.lgl", g.digest()


def metis(r: random.Random) -> Written:
    """``n m [format [constraints]]`` above the neighbours of each vertex."""
    g = graph(r, names="one", weights=r.choice(["ones", "whole"]))
    sizes, counts = r.random() < 0.2, r.choice([0, 0, 0, 1, 2])
    layout = f"{int(sizes)}{int(counts > 0)}{int(g.weights is not None)}"
    head = f"{len(g.names)} {len(g.edges)}"
    if layout != "000" or r.random() < 0.3:
        head += (
            f" {layout.lstrip('0') or '0'}" if r.random() < 0.3 and not counts and not sizes else f" {layout}"
        )
        head += f" {counts}" if counts else ""
    lines = []
    for v in range(len(g.names)):
        cells = [str(r.randint(1, 5))] * sizes + [str(r.randint(1, 9)) for _ in range(counts)]
        for k, (i, j) in enumerate(g.edges):
            if v in (i, j):
                cells += [g.names[j if v == i else i]] + ([] if g.weights is None else [text_of(g.weight(k))])
        lines.append(" ".join(cells))
    note = ["% a graph of METIS"] if r.random() < 0.3 else []
    end = "\r\n" if r.random() < 0.2 else "\n"
    return (end.join([*note, head, *lines]) + end).encode(), r.choice(["g.graph", "g.metis"]), g.digest()


def dimacs(r: random.Random) -> Written:
    """``p edge``, ``p col`` or ``p max`` with lines ``e`` or ``a``."""
    flow = r.random() < 0.05
    g = graph(r, names="one", weights="whole" if flow else "any")
    lines = ["c a graph"] * (r.random() < 0.5)
    lines.append(f"p {'max' if flow else r.choice(['edge', 'col'])} {len(g.names)} {len(g.edges)}")
    lines += ["n 1 s", f"n {len(g.names)} t"] * flow
    for k in range(len(g.edges)):
        text = "" if g.weights is None else f" {text_of(g.weight(k))}"
        lines.append(f"{'a' if flow else 'e'} {' '.join(ends(g, k))}{text}")
        lines += ["c in between"] * (r.random() < 0.05)
    return body_of(r, lines, None), r.choice(["g.col", "g.dimacs", "g.txt"]), g.digest()


def matrixmarket(r: random.Random) -> Written:
    """Coordinates and arrays, real, integer and pattern, general and symmetric; also what scipy writes."""
    g = graph(r, names="one")
    whole = all(g.weight(k).is_integer() for k in range(len(g.edges)))
    n = len(g.names)
    if r.random() < 0.3:
        g = without_zeros(g)
        file = io.BytesIO()
        A = dense(g)
        scipy.io.mmwrite(file, sp.coo_array(A) if r.random() < 0.5 else A, precision=17)
        return file.getvalue(), "g.mtx", g.digest()
    symmetric = r.random() < 0.6
    field = (
        "pattern"
        if g.weights is None
        else "integer"
        if whole and r.random() < 0.7
        else r.choice(["real", "double"])
    )
    entries = []
    for k, (i, j) in enumerate(g.edges):
        at = [(max(i, j), min(i, j))] if symmetric else [(i, j), (j, i)]
        text = "" if field == "pattern" else f" {text_of(g.weight(k))}"
        entries += [f"{a + 1} {b + 1}{text}" for a, b in at]
    r.shuffle(entries)
    banner = f"%%MatrixMarket matrix coordinate {field} {'symmetric' if symmetric else 'general'}"
    notes = ["% a comment", "%"] * (r.random() < 0.4)
    return (
        body_of(r, [banner, *notes, f"{n} {n} {len(entries)}", *entries], None, blanks=False),
        "g.mtx",
        g.digest(),
    )


#: Format -> its writer, which draws a graph: what is in the file, its name, and the digest of the graph.
FORMS: dict[str, Callable[[random.Random], Written]] = {
    "edgelist": edgelist,
    "edgelist of networkx": networkx_edgelist,
    "rudy": rudy,
    "matrix": matrix,
    "adjlist": adjlist,
    "multiline adjlist": multiline,
    "lgl": lgl,
    "metis": metis,
    "dimacs": dimacs,
    "matrixmarket": matrixmarket,
    "pajek": pajek,
    "dot": dot,
    "graphml": graphml,
    "gml": gml,
    "gexf": gexf,
    "json": json_graph,
    "graph6": graph6,
    "sparse6": sparse6,
    "npy": npy,
    "npz": npz,
}
