"""Tables drawn at random: headers, separators, orders of columns, labels. Read as what was written, or refused.

The reference is the list of edges from which the table was written, by the csv module, as pandas and R write theirs.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections import defaultdict

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from derandkit import InputError, as_graph, read_graph

WORDS = [
    "a",
    "b",
    "New York",
    "c'd",
    'e"f',
    "g#h",
    "#i",
    "-",
    "x1",
    "é",
    "p;q",
    "r,s",
    "t|u",
    "source",
    "e",
    "+",
    "->",
]
KINDS = {
    "zero": [str(k) for k in range(6)],
    "one": [str(k) for k in range(1, 7)],
    "large": ["17", "204", "1000", "99999"],
    "plain": ["ann", "bob", "cid", "dora"],
    "odd": WORDS,
    "padded": ["001", "002", "010", "100"],
    "mixed": ["1", "2", "a", "b"],
    "floats": ["1.0", "2.0", "3.0", "4"],
}
HEADERS = {
    "none": None,
    "known": ("source", "target", "weight"),
    "short": ("from", "to", "km"),
    "capital": ("Source", "Target", "Weight"),
    "letters": ("one", "other", "c"),
    "numbers": ("0", "1", "2"),
    "strange": ("left", "right", "size"),
}
SEPARATORS = [",", ";", "\t", "|", " "]
WEIGHTS = {
    "none": None,
    "ones": ["1"],
    "small": ["0", "1", "2", "3"],
    "whole": ["5", "-3", "12"],
    "real": ["0.5", "2.25", "-1e3", "7"],
    "comma": ["0,5", "2,25", "7"],
    "signs": ["+", "-"],
    "thousands": ["1,250", "2,500"],
}
EXTRAS = {"id": ["7", "8", "9"], "year": ["1999", "2001"], "note": ["x", "y z"], "": ["0", "1", "2"]}


def value_of(cell):
    if cell in ("+", "-"):
        return 1.0 if cell == "+" else -1.0
    return float(cell.replace(",", "."))


@st.composite
def tables(draw):
    """Return a text, and the edges that were written into it with their weights."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    label = st.sampled_from(KINDS[kind])
    pairs = draw(st.lists(st.tuples(label, label), min_size=1, max_size=7))
    cells = WEIGHTS[draw(st.sampled_from(sorted(WEIGHTS)))]
    columns = [[u for u, _ in pairs], [v for _, v in pairs]]
    if cells is not None:
        columns.append([draw(st.sampled_from(cells)) for _ in pairs])
    header = HEADERS[draw(st.sampled_from(sorted(HEADERS)))]
    names = [] if header is None else list(header[: len(columns)])
    if header is not None:
        known = header[0].lower() in ("source", "from")
        extras = (
            sorted(EXTRAS) if known else ["", "id"] if header[0] != "0" else [""]
        )  # 'note,a,b' could be 'u,v,weight'
        for extra in draw(st.lists(st.sampled_from(extras), max_size=2, unique=True)):
            place = draw(st.integers(0, len(columns))) if extra else 0
            names.insert(place, extra)
            filled = [str(k) for k in range(len(pairs))] if not extra else None
            columns.insert(place, filled or [draw(st.sampled_from(EXTRAS[extra])) for _ in pairs])
        if known and draw(st.booleans()):
            order = draw(st.permutations(range(len(columns))))
            names, columns = [names[k] for k in order], [columns[k] for k in order]
    numbered = header is not None and header[0] == "0"  # 0 1 2 between blanks is an edge
    separator = draw(st.sampled_from(SEPARATORS[:-1] if numbered else SEPARATORS))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=separator, quoting=quoting, lineterminator=draw(st.sampled_from(["\n", "\r\n"]))
    )
    if names:
        writer.writerow(names)
    writer.writerows(zip(*columns, strict=True))
    text = out.getvalue()
    if draw(st.booleans()) and separator != " ":
        text = draw(st.sampled_from(["", f"sep={separator}\n", "\ufeff"])) + text
    weights = (
        [1.0] * len(pairs) if cells is None else [value_of(x) for x in columns[_weight_at(names, columns)]]
    )
    return text, list(zip(pairs, weights, strict=True))


def _weight_at(names, columns):
    if not names:
        return 2
    return next(k for k, name in enumerate(names) if name in ("weight", "km", "Weight", "c", "2", "size"))


def spelled(label):
    """Labels as text, numbers in one spelling."""
    text = str(label)
    return text[:-2] if text.endswith(".0") else text


def expected(edges, *, once):
    total = defaultdict(float)
    seen = set()
    for (u, v), w in edges:
        u, v = spelled(u), spelled(v)
        if u != v and not (once and (v, u) in seen):
            total[frozenset((u, v))] += w
            seen.add((u, v))
    return dict(total), {spelled(x) for pair, _ in edges for x in pair}


def check(folder, text, edges):
    file = folder / "table.txt"
    file.write_text(text, encoding="utf-8", newline="")
    try:
        graph = read_graph(file)
    except InputError:
        return None
    i, j, w = graph.edges()
    names = [spelled(label) for label in graph.labels]
    found = {
        frozenset((names[a], names[b])): x for a, b, x in zip(i.tolist(), j.tolist(), w.tolist(), strict=True)
    }
    if any("was read as an edge" in remark for remark in graph.reading.remarks):
        return None  # said: a first line 0,1,2
    once = any("counts once" in remark for remark in graph.reading.remarks)
    return (found, set(names)), expected(edges, once=once), graph.reading


@settings(max_examples=250, deadline=None)
@given(tables())
def test_tables_are_read_as_written_or_refused(tmp_path_factory, drawn):
    text, edges = drawn
    outcome = check(tmp_path_factory.getbasetemp(), text, edges)
    if outcome is not None:
        found, wanted, reading = outcome
        assert found == wanted, (text, reading)


LABELS = st.text(st.sampled_from("ab1 #'\"é,;|{}<&\\"), min_size=1, max_size=6).filter(
    lambda x: x == x.strip()
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.tuples(LABELS, LABELS), st.integers(-9, 9), min_size=1, max_size=6))
def test_writers_of_libraries_keep_labels(tmp_path_factory, weights):
    G = nx.Graph()
    G.add_weighted_edges_from(
        [(f"v{u}", f"v{v}", w) for (u, v), w in weights.items() if u != v] or [("va", "vb", 1)]
    )
    wanted = as_graph(G).digest
    folder = tmp_path_factory.getbasetemp()
    nx.write_graphml(G, folder / "g.graphml")
    nx.write_gml(G, folder / "g.gml")
    nx.write_gexf(G, folder / "g.gexf")
    (folder / "g.json").write_text(json.dumps(nx.node_link_data(G, edges="edges")))
    frame = nx.to_pandas_edgelist(G)
    frame.to_csv(folder / "g.csv", index=False)
    frame.to_csv(folder / "i.csv")
    frame.to_csv(folder / "g.tsv", index=False, sep="\t")
    for name in ("g.graphml", "g.gml", "g.gexf", "g.json", "g.csv", "i.csv", "g.tsv"):
        tables = contextlib.suppress(InputError) if name.endswith("sv") else contextlib.nullcontext()
        with (
            tables
        ):  # a table with names that are marks may be refused, and a frame with names that hold more
            assert read_graph(folder / name).digest == wanted, name
    with contextlib.suppress(InputError):
        assert as_graph(frame).digest == wanted
