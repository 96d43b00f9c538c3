"""Whatever a file or a caller puts into a name or a field, a message is one printable line of a bounded length."""

from __future__ import annotations

import functools
import json
import sys
import warnings

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import DerandkitError, in_file

#: Characters that a message, with the path before it, has at the most.
MOST = 600
FIELDS = {
    "letters": "x" * 100_000,
    "digits": "9" * 100_000,
    "400 digits": "7" * 400,
    "negative": "-" + "9" * 100_000,
    "words": "word " * 20_000,
    "escapes": "\x1b[2J\u202e" * 20_000,
    "halves": "\ud800" * 50_000,
}
#: What Python code may hand over beside texts.
OBJECTS = {
    **FIELDS,
    "int": 10**400,
    "unwritable": 10**5000,
    "negative int": -(10**5000),
    "tuple": ("a",) * 50_000,
    "bytes": b"y" * 100_000,
    "lines": "a\nb" * 30_000,
    "nested": (10**5000, 1),
    "set": frozenset(range(20_000)),
    "nul": "a\0b",
}
FILES = {
    "read_points": {
        "points.csv": ("{}\n", "a,b\n1,{}\n", "{},{}\n1,2\n", "1,2\n3,{}\n", "1,2\n3,4,{}\n", "a,a\n1,2\n{}\n"),
        "points.txt": ("QBN\n{}\n", "{}\nQBN\nminimize\n2\n", "0 {} 1\n"),
        "points.mtx": ("%%MatrixMarket {}\n1 1 1\n1 1 1\n",),
    },
    "read_graph": {
        "g.edgelist": ("{}\n", "0 1 {}\n", "0 {} 1\n0 1 1\n", "{} {}\n", "0 1\n0 1 2 {}\n"),
        "g.csv": ("source,target,weight\na,b,{}\n", "source,target,{}\na,b,1\n", "source,target,weight\n{},b,x\n"),
        "g.graphml": ("<graphml>{}</graphml>", "<{}/>"),
        "g.dot": ('graph {{ a -- b [weight="{}"] }}', "{}", "graph {{ {} -> b }}"),
        "g.net": ('*Vertices 2\n1 "{}"\n*Edges\n1 5\n', "*{}\n", "*Vertices {}\n*Edges\n1 2\n"),
        "g.gml": (
            'graph [ node [ id 0 label "{}" ] edge [ source 0 target 1 ] ]',
            'graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 weight "{}" ] ]',
        ),
        "g.mtx": (
            "%%MatrixMarket {}\n1 1 1\n1 1 1\n",
            "%%MatrixMarket matrix coordinate real symmetric\n{} 2 1\n2 1 1\n",
            "%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n2 1 {}\n",
        ),
        "g.json": (
            '{{"nodes": [{{"id": "{}"}}], "links": [{{"source": "{}", "target": 5}}]}}',
            '{{"{}": 1}}', '"{}"', '[["{}"]]',
        ),
    },
    "read_clauses": {"m.cnf": ("p cnf 2 1\n1 {} 0\n", "p {}\n", "p cnf 2 2\n1 2 0\n", "{}\n")},
    "read_model": {
        "m.qubo": ("p qubo 0 2 2 1\n0 0 {}\n", "{}\n"),
        "m.lp": ("Minimize\n obj: {} x\nBinary\n x\nEnd\n", "Minimize\n obj: x + {}\nBinary\n x\nEnd\n"),
        "m.qplib": ("{}\nQBN\nminimize\n2\n", "a\n{}\nminimize\n2\n"),
        "m.coo": ("# vartype={}\n0 0 1\n", "0 {} 1\n"),
        "m.mtx": ("%%MatrixMarket {}\n1 1 1\n1 1 1\n",),
    },
    "load": {"r.json": ('{{"kind": "{}"}}', '{{"{}": 1}}', '{{"a": {}}}', "{}", '{{"a": 1, "a": "{}"}}')},
}  # fmt: skip
EDGES = [(0, 1), (1, 2), (2, 0), (2, 3)]
X = np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 9.0]])


def lines_of(call):
    """Return the message and the warnings of a call; refuse errors that are not ours."""
    said = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            call()
        except DerandkitError as error:
            said.append(str(error))
    return said + [str(warning.message) for warning in caught]


def check(said, where):
    for line in said:
        assert len(line) <= MOST, (where, len(line), line[:300])
        assert line.isprintable(), (where, line[:300])


@pytest.mark.parametrize(
    ("reader", "name", "text"),
    [
        pytest.param(reader, name, text, id=f"{reader}-{name}-{k}")
        for reader, files in FILES.items()
        for name, texts in files.items()
        for k, text in enumerate(texts)
    ],
)
def test_fields_of_files(reader, name, text, tmp_path):
    file, found = tmp_path / name, 0
    for kind, field in FIELDS.items():
        content = text.format(*[field] * text.count("{}"))
        file.write_bytes(content.encode("utf-8", "surrogatepass"))
        said = lines_of(lambda: getattr(dk, reader)(file))
        check(said, kind)
        found += len(said)
    assert found >= 1


@functools.cache
def record():
    return json.loads(dk.maxcut(EDGES, search=None).to_json())


def record_with(key, value):
    return {**record(), key: value}


#: Where a name or a value comes from, as a call.
CALLS = {
    "end of an edge": lambda it: dk.as_graph([(it, "b", "z"), ("b", "c", 1)]),
    "weight": lambda it: dk.as_graph([("a", "b", it), ("b", "c", 1)]),
    "key of a mapping": lambda it: dk.as_graph({(it, "b"): "z"}),
    "mapping of mappings": lambda it: dk.as_graph({it: {"b": "z"}}),
    "networkx": lambda it: dk.as_graph(nx.Graph([(it, 2, {"weight": "z"})])),
    "attribute": lambda it: dk.as_graph(nx.Graph([(1, 2, {it: "z"})]), weight="q"),
    "weight column": lambda it: dk.as_graph(pd.DataFrame({"a": [1, 2], "b": [2, 3], "c": [1, 1]}), weight=it),
    "cell": lambda it: dk.embed(
        pd.DataFrame({"a": [1, 2], "b": np.array([2, it], dtype=object)}), n_components=1
    ),
    "points": lambda it: dk.embed([[1, 2], [3, it]], n_components=1),
    "signs": lambda it: dk.frustration([(it, 1, "q")]),
    "arcs": lambda it: dk.maxdicut([(it, 1, "q")]),
    "variable": lambda it: dk.minimize_qubo({(it, "b"): "z"}),
    "coefficient": lambda it: dk.minimize_qubo({("a", "b"): it}),
    "field": lambda it: dk.minimize_ising({it: "z"}, {}),
    "literal": lambda it: dk.max2sat([[it, 1]]),
    "clause weight": lambda it: dk.max2sat([[2, 1]], weights=[it]),
    "fixed": lambda it: dk.maxcut(EDGES, fixed={it: 1}),
    "fixed side": lambda it: dk.maxcut(EDGES, fixed={0: it}),
    "start": lambda it: dk.maxcut(EDGES, start={it: 1}),
    "start side": lambda it: dk.maxcut(EDGES, start={0: it, 1: 1, 2: 1, 3: 1}),
    "starts": lambda it: dk.maxcut(EDGES, start=[it, 1, 1, 1]),
    "start of a model": lambda it: dk.minimize_qubo({("a", "b"): 1.0}, start={it: 1}),
    "method": lambda it: dk.maxcut(EDGES, method=it),
    "search": lambda it: dk.maxcut(EDGES, search=it),
    "time limit": lambda it: dk.maxcut(EDGES, time_limit=it, search=None),
    "methods": lambda it: dk.compare([EDGES], methods=[it]),
    "problem": lambda it: dk.compare([EDGES], methods=["greedy"], problem=it),
    "instance": lambda it: dk.compare({it: [("a", "b", "z")]}, methods=["greedy"]),
    "size": lambda it: dk.optimize_with_cardinality(dk.QuadraticModel.from_qubo({("a", "b"): 1.0}), size=it),
    "link": lambda it: dk.Teacher(it, 40),
    "dimension": lambda it: dk.Teacher("tanh", it),
    "graph file": lambda it: dk.read_graph(it),
    "points file": lambda it: dk.read_points(it),
    "model file": lambda it: dk.read_model(it),
    "clauses file": lambda it: dk.read_clauses(it),
    "record file": lambda it: dk.load(it),
    "target file": lambda it: dk.maxcut(EDGES, search=None).save(f"/no/{it}" if isinstance(it, str) else it),
    **{
        f"record's {key}": lambda it, key=key: dk.verify(record_with(key, it), EDGES).raise_if_failed()
        for key in ("kind", "status", "cut_value", "seal", "version")
    },
    "key of a record": lambda it: dk.verify(record_with(str(it)[: 10**5], 1), EDGES).raise_if_failed(),
    "instance of a record": lambda it: dk.verify(record_with("time", 0), [(it, 1)]).raise_if_failed(),
}


@pytest.mark.parametrize("place", sorted(CALLS))
def test_objects_in_memory(place):
    found = 0
    for kind, it in OBJECTS.items():
        if place == "key of a record" and not isinstance(it, str):
            continue
        said = lines_of(lambda it=it: CALLS[place](it))
        check(said, kind)
        found += len(said)
    assert found >= 2


@pytest.mark.parametrize("option", ["columns", "drop", "label"])
def test_columns_of_points(option, tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("a,b\n1,2\n3,5\n4,9\n")
    for kind, it in OBJECTS.items():
        for given in (it, [it]):
            said = lines_of(lambda given=given: dk.read_points(file, **{option: given}))
            assert said
            check(said, kind)


def test_two_ends_of_a_long_message_are_left():
    error = dk.InputError("column 2 'a" + "b" * 1000 + "c' is not a number; convert it, or leave it out")
    assert error.message.startswith("column 2 'ab")
    assert error.message.endswith("bc' is not a number; convert it, or leave it out")
    words = dk.InputError("column 2 'a" + " b" * 1000 + " c' is not a number; convert it, or leave it out")
    assert words.message.startswith("column 2 'a b b")
    assert words.message.endswith("b b c' is not a number; convert it, or leave it out")


def test_a_message_is_cut_once(tmp_path):
    """Who adds a file or a line to an error changes nothing of what it says."""
    name = str(tmp_path / ("d" * 300))
    error = dk.InputError("word " * 1000 + "end", path=name, line=7)
    with pytest.raises(dk.InputError) as caught, in_file(name, 8):
        raise error
    assert caught.value.message == error.message
    assert caught.value.path == name
    assert str(caught.value).startswith(str(tmp_path)[:40])
    assert ":8: word" in str(caught.value)
    assert sys.getsizeof(str(caught.value)) < 2 * MOST
