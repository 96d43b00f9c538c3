r"""Every hostile name in every place that a name comes from, in every sink: what a sink shows is data.

Each case plants all names of `NAMES` at once in one place (vertices, columns, ...) and looks at one sink. A terminal
gets printable characters, a page and a picture get no element and no formula from a name, tables keep their columns,
and what is read again (JSON, TSV, CSV) has each name as it was.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import xml.etree.ElementTree

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from tests.markup import Elements

import derandkit as dk
from derandkit.cli import main
from derandkit.reports.report import comparison_page, result_page
from derandkit.words.quoting import MOST_OF_A_PATH, MOST_SAID, one_field

NAMES = {
    "colours": "\x1b[2J\x1b[31mred",
    "title": "\x1b]0;title\x07",
    "link": "\x1b]8;;http://e.x\x1b\\here\x1b]8;;\x1b\\",
    "c1": "a\x9b2Jb\x85c\x90d",
    "bidi": "x\u202egnp.\u2066a\u2069\u200fb",
    "line separator": "a\u2028b\u2029c",
    "nul": "a\0b",
    "script": "</script><script>alert(1)</script>",
    "url": "javascript:alert(1)",
    "attribute": "\"><img src=x onerror=alert(1)>' onload='x",
    "comment": "--></style></title><!--]]>",
    "formula": "=cmd|'/c calc'!A0",
    "plus": "+1",
    "at": "@x",
    "minus": "-2+3",
    "tab": "a\tb",
    "lines": "a\nb\rc\r\nd\x0be\x0cf",
    "latex": r"$\input{/etc/hosts}$ \frac{$_^",
    "long": "L" * 5000,
    "digits": "7" * 400,
    "format": "{0} %s %(x)s {x!r} [red]rich[/red]",
    "quotes": "a\"b'c`d\\n",
    "bom": "\ufeffa\u00adb\u200b",
}  # fmt: skip
ALL = list(NAMES.values())
#: No file of UTF-8 has it; it is refused by name.
HALF = "a\ud800b"
#: Those that may stand in one field of a line of UTF-8, quoted as CSV quotes.
INLINE = [name for name in ALL if not set(name) & set("\n\r\0\x0b\x0c\u2028\u2029\x85")]


def on_terminal(text):
    """Assert that a text has printable characters, and beside them line ends and tabs alone."""
    bad = sorted({c for c in text if not c.isprintable() and c not in "\n\t"})
    assert not bad, (bad, text[:500])


def on_page(text):
    """Assert that a page has no element but ours, and no line that a name made long."""
    on_terminal(text)
    Elements(text)


def in_picture(data):
    """Assert that a picture is XML without scripts, links and what a terminal obeys."""
    text = data.decode("utf-8")
    on_terminal(text)
    for element in xml.etree.ElementTree.fromstring(text).iter():
        assert element.tag.rpartition("}")[2] not in ("script", "foreignObject", "a", "iframe", "img")
        for key, value in element.attrib.items():
            assert not key.rpartition("}")[2].startswith("on")
            assert "javascript:" not in value


def names_in(value):
    """Return all texts of a JSON value."""
    if isinstance(value, dict):
        return {text for key, item in value.items() for text in {key} | names_in(item)}
    if isinstance(value, list):
        return {text for item in value for text in names_in(item)}
    return {value} if isinstance(value, str) else set()


def ring(names):
    return [(name, names[(k + 1) % len(names)], (-1) ** k * (k + 1)) for k, name in enumerate(names)]


def table(names, rows=12):
    return np.random.default_rng(1).normal(size=(rows, len(names)))


def network():
    pytest.importorskip("jax")
    X = table(ALL[:3], 80)
    y = np.array([NAMES["script" if x > 0 else "latex"] for x in X[:, 0]])
    return dk.RegressionData(X, y, names=tuple(ALL[:3]), target=ALL[3])


def frame():
    pandas = pytest.importorskip("pandas")
    names = [name for name in ALL if "\0" not in name]  # those are refused
    return pandas.DataFrame(table(names, 40), columns=names)


@functools.cache
def answer(place):
    """Return a result about the names, and its instance."""
    quick = {"search": None}
    if place == "vertices":
        graph = dk.as_graph(ring(ALL))
        return dk.maxcut(graph, **quick), graph
    if place == "several cuts":
        graph = dk.as_graph(ring(ALL))
        return dk.maxcut(graph, solutions=2, fixed={ALL[0]: 0}, **quick), graph
    if place == "vertices with signs":
        graph = dk.SignedGraph(dk.as_graph(ring(ALL)))
        return dk.optimize(graph, **quick), graph
    if place == "ends of arcs":
        arcs = dk.Arcs.from_arcs([(u, v, abs(w)) for u, v, w in ring(ALL)])
        return dk.optimize(arcs, **quick), arcs
    if place == "variables":
        model = dk.QuadraticModel.from_qubo({(u, v): w for u, v, w in ring(ALL)})
        return dk.optimize(model, fixed={ALL[0]: 1}, **quick), model
    if place == "columns of an embedding":
        return dk.embed(frame(), n_components=2, holdout=False), frame()
    if place == "columns of features":
        return dk.random_features(frame(), 4), frame()
    data = network()
    return dk.discover_structure(data, dk.Student(width=3), max_steps=2, controls=False), data


PLACES = [
    "vertices", "several cuts", "vertices with signs", "ends of arcs", "variables", "columns of an embedding",
    "columns of features", "columns and classes",
]  # fmt: skip
GRAPHS = PLACES[:4]


@pytest.mark.parametrize("place", PLACES)
def test_text_and_notebooks(place):
    result, instance = answer(place)
    data = type(instance).__module__.startswith("derandkit")
    for shown in (result, dk.verify(result, instance), *([instance] if data else [])):
        on_terminal(str(shown))
        on_terminal(repr(shown))
        assert max(map(len, repr(shown).splitlines())) < 400
        if hasattr(shown, "_repr_html_"):
            on_page(shown._repr_html_())


@pytest.mark.parametrize("place", PLACES)
def test_records(place, tmp_path):
    result, instance = answer(place)
    text = result.to_json()
    assert len(names_in(json.loads(text)) & set(ALL)) >= 3
    result.save(tmp_path / "r.json")
    loaded = dk.load(tmp_path / "r.json")
    on_terminal(str(loaded))
    assert dk.verify(tmp_path / "r.json", instance).ok


@pytest.mark.parametrize("place", PLACES)
def test_pages(place):
    result, instance = answer(place)
    given = instance if place in (*GRAPHS, "variables") else None
    source = "".join(NAMES[name] for name in ("script", "attribute", "comment", "lines", "long"))
    on_page(result_page(result, given, source=source, record=f"{source}.json"))


@pytest.mark.parametrize("place", ["vertices", "vertices with signs", "ends of arcs", "variables"])
def test_pictures(place, tmp_path):
    pytest.importorskip("matplotlib")
    result, instance = answer(place)
    draw = dk.plot_cut if place == "vertices" else dk.plot_quadratic
    order = (instance, result) if place == "vertices" else (result, instance)
    for ending in ("svg", "png", "pdf"):
        draw(*order, tmp_path / f"p.{ending}")
    in_picture((tmp_path / "p.svg").read_bytes())


@pytest.mark.parametrize(
    "call",
    [
        lambda: dk.as_graph([(HALF, "b")]),
        lambda: dk.minimize_qubo({(HALF, "b"): 1.0}),
        lambda: dk.Arcs.from_arcs([(HALF, "b")]),
        lambda: dk.PointCloud(np.eye(3), columns=(HALF, "b", "c")),
        lambda: dk.PointCloud(np.eye(3), columns=(NAMES["nul"], "b", "c")),
        lambda: dk.RegressionData(table(ALL[:2]), np.arange(12), names=(HALF, "b")),
        lambda: dk.RegressionData(table(ALL[:2]), [HALF, "b"] * 6),
        lambda: dk.maxcut([(0, 1)], **{HALF: 1}),
        lambda: dk.load(f"{HALF}.json"),
        lambda: dk.read_points(f"{HALF}.csv"),
        lambda: dk.maxcut([(0, 1)]).save(f"{HALF}.json"),
        lambda: dk.write_report(dk.maxcut([(0, 1)]), f"{HALF}.html"),
    ],
)
def test_half_a_character_and_zero_bytes_of_columns_are_refused(call):
    with pytest.raises(dk.InputError) as caught:
        call()
    on_terminal(str(caught.value))


@functools.cache
def graph_text():
    graph = nx.Graph()
    graph.add_weighted_edges_from(ring(ALL))
    return json.dumps(nx.node_link_data(graph, edges="links"))


def invoke(*arguments):
    """Run the command line; look at what it says on standard error, and return what it prints."""
    outcome = CliRunner().invoke(main, [str(a) for a in arguments])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), repr(outcome.exception)
    on_terminal(outcome.stdout)
    on_terminal(outcome.stderr)
    for line in outcome.stderr.splitlines():
        assert len(line) < MOST_OF_A_PATH + MOST_SAID + 60, line
    return outcome


def unescaped(field):
    return field.encode("latin-1", "backslashreplace").decode("unicode_escape")


@pytest.mark.parametrize("verb", ["maxcut", "balance", "maxdicut", "ising", "qubo"])
def test_columns_of_tsv(verb, tmp_path):
    file, names = tmp_path / "g.json", ALL
    if verb in ("ising", "qubo"):
        dimod = pytest.importorskip("dimod")
        names = [name for name in ALL if name != NAMES["digits"]]  # it would be a number too large
        terms = {(u, v): w for u, v, w in ring(names)}
        kind = "SPIN" if verb == "ising" else "BINARY"
        model = dimod.BinaryQuadraticModel({}, terms, 0.0, kind)
        file.write_text(json.dumps(model.to_serializable()))
    else:
        file.write_text(graph_text() if verb != "maxdicut" else json.dumps(
            nx.node_link_data(nx.DiGraph([(u, v, {"weight": abs(w)}) for u, v, w in ring(ALL)]), edges="links")
        ))  # fmt: skip
    outcome = invoke(verb, file, "--format", "tsv", "--search", "none")
    assert outcome.exit_code == 0, outcome.stderr
    rows = [line.split("\t") for line in outcome.stdout.splitlines() if not line.startswith("#")]
    assert {len(row) for row in rows} == {2}
    assert {one_field(name) for name in names} <= {row[0] for row in rows}
    invoke(verb, file, "--search", "none", "--solutions", 2)
    assert set(names) <= names_in(
        json.loads(invoke(verb, file, "--format", "json", "--search", "none").stdout)
    )


def test_names_of_instances():
    edges = [(0, 1), (1, 2), (2, 0), (2, 3)]
    rows = dk.compare(dict.fromkeys(ALL, edges), methods=["greedy"])
    on_page(comparison_page(rows))
    for row in rows:
        on_terminal(str(row))
        on_terminal(repr(row))


@pytest.mark.parametrize("name", sorted(NAMES))
def test_names_of_files(name, tmp_path):
    """A file that has the name, and one that cannot."""
    short = NAMES[name].replace("/", "")[:60]
    file = tmp_path / f"{short}.edgelist"
    if "\0" in short:
        for call in (dk.read_graph, dk.read_points, dk.read_model, dk.read_clauses, dk.load):
            with pytest.raises(dk.InputError) as caught:
                call(str(file))
            on_terminal(str(caught.value))
        return
    assert invoke("maxcut", file).exit_code == 2
    assert invoke("verify", file, file).exit_code == 2
    if "\n" in short:  # a text that was meant as the graph
        return
    file.write_text("a b\nb c\nc a\n")
    on_terminal(repr(dk.read_graph(file)))
    record, rows = (tmp_path / f"{short}.{ending}" for ending in ("json", "csv"))
    assert invoke("maxcut", file, "-o", record, "--search", "none").exit_code == 0
    assert invoke("verify", record, file).exit_code == 0
    listed = invoke("compare", file, "--methods", "greedy", "--format", "csv")
    assert listed.exit_code == 0, listed.stderr
    found = list(csv.reader(io.StringIO(listed.stdout, newline="")))
    assert len({len(row) for row in found}) == 1
    file.rename(rows)
    rows.write_text("x,y\n1,2.5\n3,4.25\n5,7.5\n")
    invoke("embed", rows, "-k", 1)
    invoke("embed", rows, "-k", 1, "--columns", "z")


@pytest.mark.parametrize("name", ["attribute", "comment", "latex", "link", "script"])
def test_pages_about_files(name, tmp_path):
    short = NAMES[name].replace("/", "")
    file, page = tmp_path / f"{short}.edgelist", tmp_path / f"{short}.html"
    file.write_text("a b\nb c\nc a\n")
    assert invoke("maxcut", file, "--report", page, "--search", "none").exit_code == 0
    on_page(page.read_text(encoding="utf-8"))
    assert invoke("compare", file, "--methods", "greedy", "--report", page).exit_code == 0
    on_page(page.read_text(encoding="utf-8"))


def test_columns_and_classes_of_files(tmp_path):
    file, quoted = tmp_path / "p.csv", io.StringIO()
    numbers = table(INLINE, 30).round(3).tolist()
    rows = [["name", *INLINE], *([INLINE[k % len(INLINE)], *row] for k, row in enumerate(numbers))]
    csv.writer(quoted, quoting=csv.QUOTE_ALL).writerows(rows)
    file.write_text(quoted.getvalue(), encoding="utf-8")
    for way in ("text", "tsv", "json"):
        outcome = invoke("embed", file, "-k", 1, "--label", "name", "--format", way)
        assert outcome.exit_code == 0, outcome.stderr
        outcome = invoke("features", file, "-n", 4, "--label", "name", "--format", way)
        assert outcome.exit_code == 0, outcome.stderr


@pytest.mark.parametrize("name", sorted(NAMES))
def test_keys(name, tmp_path):
    """A key of a record, of a configuration, and an option."""
    key = NAMES[name]
    edges = [(0, 1), (1, 2), (2, 0)]
    record = {**json.loads(dk.maxcut(edges, search=None).to_json()), key: 1}
    on_terminal(str(dk.verify(record, edges)))
    on_page(dk.verify(record, edges)._repr_html_())
    with pytest.raises(dk.DerandkitError) as caught:
        dk.maxcut(edges, **{key: 1})
    on_terminal(str(caught.value))
    file = tmp_path / "c.toml"
    escaped = "".join(f"\\U{ord(c):08x}" for c in key)
    for text in (f'"{escaped}" = 1\n', f'[teacher]\nlink = "{escaped}"\n', f'[student]\n"{escaped}" = 3\n'):
        file.write_text(text)
        assert invoke("structure", file).exit_code == 2
    file = tmp_path / "r.json"
    file.write_text(json.dumps(record))
    (tmp_path / "g.txt").write_text("0 1\n1 2\n2 0\n")
    assert invoke("verify", file, tmp_path / "g.txt").exit_code in (1, 2)
    assert invoke("maxcut", tmp_path / "g.txt", "--fix", f"{key[:60]}=0").exit_code == 2 or "\0" in key
