r"""Text from a file in every output: nothing that a terminal or a browser obeys reaches it.

A string with an escape sequence, marks that turn the direction of writing, line breaks and a tag of HTML is planted in
every string and key of every kind of record, and as name in every kind of instance; then every output is looked at.
"""

from __future__ import annotations

import contextlib
import functools
import json

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from tests.legs import some_then_all

import derandkit as dk
from derandkit.cli import main
from derandkit.errors import VerificationError
from derandkit.records import sealed
from derandkit.signs.search.search import WORK
from derandkit.words.quoting import printable

EVIL = "ev\x1b[2J\x1b]0;t\x07il\u202e\u2066\r\n\x00\x9b<script>alert(1)</script>&\u2028\x7f"
#: What may stand in a text output beside printable characters.
LAYOUT = "\n\t"


def harmless(text, html=False):
    """Assert that a text has nothing that acts on a terminal or (as HTML) on a browser."""
    bad = sorted({c for c in text if not c.isprintable() and c not in LAYOUT})
    assert not bad, (bad, text[:2000])
    if html:
        assert "<script" not in text


def run(*arguments, code=None):
    """Run the command line; return its standard output, after a look at both streams."""
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    harmless(result.stdout)
    harmless(result.stderr)
    assert code is None or result.exit_code == code, result.output
    assert result.exit_code in (0, 1, 2)
    return result


def evil_graph():
    """A graph whose vertices have names of that kind."""
    graph = nx.Graph()
    names = [f"{EVIL}{k}" for k in range(6)]
    graph.add_edges_from((names[k], names[(k + 1) % 6]) for k in range(6))
    graph.add_edge(names[0], names[2], weight=3)
    return graph


@functools.cache
def records():
    """One record of every kind with its instance."""
    graph = evil_graph()
    first = next(iter(graph))
    cloud = np.random.default_rng(0).standard_normal((25, 4))
    found = {
        "maxcut": (dk.maxcut(graph, bound="cycle", search=dk.SearchEffort(work=10_000)), graph),
        "constrained": (dk.maxcut(graph, fixed={first: 1}), graph),
        "ranked": (dk.maxcut(graph, solutions=2), graph),
        "embedding": (dk.embed(cloud, n_components=2), cloud),
        "balance": (dk.frustration(graph), graph),
        "max2sat": (dk.max2sat([[1, 2], [-1, 2], [-2]]), [[1, 2], [-1, 2], [-2]]),
    }
    return {name: (json.loads(result.to_json()), instance) for name, (result, instance) in found.items()}


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key), "key"
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for k, item in enumerate(value[:3]):
            yield from leaves(item, (*path, k))
    elif isinstance(value, str):
        yield path, "value"


def planted(record, path, what):
    record = json.loads(json.dumps(record))
    at = record
    for key in path[:-1]:
        at = at[key]
    if what == "key":
        at[EVIL] = at.pop(path[-1])
    else:
        at[path[-1]] = EVIL
    return sealed(record)


@some_then_all
@pytest.mark.parametrize("kind", ["maxcut", "constrained", "ranked", "embedding", "balance", "max2sat"])
def test_every_string_of_a_record_is_escaped_wherever_it_is_shown(kind, every, tmp_path):
    record, instance = records()[kind]
    file = tmp_path / "record.json"
    for path, what in list(leaves(record))[::every]:
        if path[-1] == "seal":
            continue
        forged = planted(record, path, what)
        try:
            outcome = dk.verify(forged, instance)
        except dk.InputError as error:
            harmless(str(error))
            continue
        harmless(str(outcome))
        try:
            outcome.raise_if_failed()
        except VerificationError as error:
            harmless(str(error))
        file.write_text(json.dumps(forged))
        try:
            result = dk.load(file)
        except dk.InputError as error:
            harmless(str(error))
            continue
        # a record without its form loads, and has no table then
        for show, html in ((str, False), (repr, False), (lambda r: r._repr_html_(), True)):
            with contextlib.suppress(LookupError, TypeError, ValueError):
                harmless(show(result), html)


@some_then_all
@pytest.mark.parametrize("kind", ["maxcut", "embedding", "balance"])
def test_the_command_line_escapes_what_records_say(kind, every, tmp_path):
    record, instance = records()[kind]
    target = tmp_path / "instance"
    if kind == "embedding":
        target = target.with_suffix(".npy")
        np.save(target, instance)
    else:
        target = target.with_suffix(".json")
        target.write_text(json.dumps(nx.node_link_data(instance, edges="links")))
    file = tmp_path / f"r{printable(EVIL).replace('/', '')[:20]}.json"
    for path, what in list(leaves(record))[::every]:
        file.write_text(json.dumps(planted(record, path, what) if path[-1] != "seal" else record))
        run("verify", file, target)


GRAPH_VERBS = (
    ("maxcut",), ("maxcut", "--format", "tsv"), ("maxcut", "--format", "json"), ("maxcut", "--solutions", "2"),
    ("maxcut", "--search", "quick", "--bound", "best"), ("balance",), ("balance", "--format", "tsv"),
    ("compare", "--methods", "lemma,greedy"), ("compare", "--methods", "lemma,greedy", "--format", "csv"),
    ("compare", "--methods", "lemma", "--format", "json"),
)  # fmt: skip


@pytest.mark.parametrize("verb", GRAPH_VERBS, ids=" ".join)
def test_names_of_vertices_are_escaped_in_every_output(verb, tmp_path, monkeypatch):
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(nx.node_link_data(evil_graph(), edges="links")))
    monkeypatch.setitem(WORK, "quick", 2_000_000)
    run(*verb, file, code=0)


@pytest.mark.parametrize("verb", [("maxdicut",), ("maxdicut", "--format", "tsv")], ids=" ".join)
def test_names_of_arcs_are_escaped(verb, tmp_path):
    file = tmp_path / "arcs.json"
    graph = nx.DiGraph([(f"{EVIL}1", f"{EVIL}2"), (f"{EVIL}2", f"{EVIL}3"), (f"{EVIL}1", f"{EVIL}3")])
    file.write_text(json.dumps(nx.node_link_data(graph, edges="links")))
    run(*verb, file)


@pytest.mark.parametrize(
    "name", ["graph.csv", "graph.edgelist", "graph.graphml", "graph.dot", "graph.net", "m.txt"]
)
def test_error_lines_escape_what_they_quote(name, tmp_path):
    inline = EVIL.replace("\n", "").replace("\r", "").replace("\x00", "").replace("\u2028", "")
    for text in (
        f"a b {inline}\n", f"source,target,weight\na,b,{inline}\n", f"<graphml>{inline}</graphml>",
        f"graph {{ a -- b [weight=\"{inline}\"] }}", f"*Vertices 2\n1 \"{inline}\"\n*Edges\n1 5\n",
        f"{inline} {inline}\n{inline}\n", f"0 1\n0 {inline}\n",
    ):  # fmt: skip
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        for verb in ("maxcut", "balance", "compare", "max2sat", "ising", "qubo", "embed"):
            options = ("-k", "1") if verb == "embed" else ()
            run(verb, file, *options)


def test_options_and_file_names_are_escaped(tmp_path):
    missing = tmp_path / EVIL.replace("/", "").replace("\x00", "")
    (tmp_path / "g.csv").write_text("a,b\n")
    run("maxcut", missing, code=2)
    run("verify", missing, missing, code=2)
    for option in ("--fix", "--weight", "--method", "--separator", "--search"):
        run(
            "maxcut",
            tmp_path / "g.csv",
            option,
            EVIL.replace("\x00", ""),
            *(["0"] if option == "--fix" else []),
        )
    run("embed", tmp_path / "g.csv", "-k", "1", "--columns", EVIL.replace("\x00", ""), code=2)
    run("structure", missing, code=2)


@pytest.mark.parametrize("options", [(), ("--format", "tsv")], ids=["text", "tsv"])
def test_names_of_columns_and_points_are_escaped(options, tmp_path):
    file = tmp_path / "points.csv"
    bad = EVIL.replace("\n", "").replace("\r", "").replace("\x00", "").replace("\u2028", "").replace(",", "")
    rows = [f"{bad},x{bad},y"] + [f"{bad}{k},{k * k % 7}.5,{k * 3 % 11}.25" for k in range(9)]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    record = tmp_path / "r.json"
    run("embed", file, "-k", "1", "--label", bad, "-o", record, *options)
    run("embed", file, "-k", "1", *options)
    if record.exists():
        run("verify", record, file)


@pytest.mark.parametrize(
    "text", ['[teacher]\nlink = "{}"\n', '["{}"]\na = 1\n', '[student]\n"{}" = 3\n', "{} = ["]
)
def test_pages_are_escaped(text, tmp_path):
    page = tmp_path / "page.toml"
    bad = EVIL.replace("\n", "").replace("\r", "").replace("\x00", "").replace('"', "").replace("\\", "")
    page.write_text(text.format(bad), encoding="utf-8")
    run("structure", page, code=2)
    bad = "".join(f"\\u{ord(c):04x}" for c in bad)
    page.write_text(text.format(bad), encoding="utf-8")
    run("structure", page, code=2)


def test_pictures_are_escaped(tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "cut.svg"
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(nx.node_link_data(evil_graph(), edges="links")))
    run("maxcut", file, "--plot", picture, code=0)
    harmless(picture.read_text(encoding="utf-8"), html=True)
    run("compare", file, "--methods", "lemma,greedy", "--plot", picture)
    harmless(picture.read_text(encoding="utf-8"), html=True)
