"""Readers of other packages: what they may claim, how they are found, and how their faults are named."""

from __future__ import annotations

from importlib import metadata

import pytest

import derandkit
from derandkit.errors import InputError
from derandkit.graphs.formats import FORMATS, TABLE, GraphReader
from derandkit.graphs.readers import outside


def chain(data, name):
    """A path through the words of a file."""
    words = data.decode().split()
    return derandkit.WeightedGraph.from_edges(range(len(words) - 1), range(1, len(words)), labels=words)


CHAIN = GraphReader("chain", "chain of names", (".chain",), chain)


class Announced:
    """An entry point of an installed package."""

    def __init__(self, reader, package="others"):
        self.name, self.value = "broken" if isinstance(reader, Exception) else "chain", "others.module:READER"
        self.reader, self.dist = reader, type("Distribution", (), {"name": package})

    def load(self):
        if isinstance(self.reader, Exception):
            raise self.reader
        return self.reader


@pytest.fixture
def installed(monkeypatch):
    """Announce readers for one test."""

    real = metadata.entry_points

    def announce(*points):
        monkeypatch.setattr(
            metadata, "entry_points", lambda **of: points if of == {"group": outside.GROUP} else real(**of)
        )
        outside.announced.cache_clear()

    yield announce
    outside.announced.cache_clear()


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "g.chain"
    file.write_text("a b c")
    return file


def test_a_reader_reads_what_it_is_given_for(tmp_path):
    file = tmp_path / "g.txt"
    file.write_text("a b c")
    graph = derandkit.read_graph(file, input_format=CHAIN)
    assert (graph.n, graph.m, graph.labels) == (3, 2, ("a", "b", "c"))
    assert str(graph.reading) == "chain of names (reader 'chain')"
    assert derandkit.as_graph(file, input_format=CHAIN).digest == graph.digest


def test_an_announced_reader_reads_files_with_its_extension(installed, path):
    with pytest.raises(InputError):
        derandkit.read_graph(path)
    installed(Announced(CHAIN))
    graph = derandkit.read_graph(path)
    assert graph.m == 2
    assert str(graph.reading) == "chain of names (reader 'chain' of others)"
    assert derandkit.maxcut(path).cut_value == 2


@pytest.mark.parametrize("end", sorted(end for entry in TABLE.values() for end in entry.extensions))
def test_no_reader_takes_what_derandkit_reads(end):
    with pytest.raises(InputError, match="is not free"):
        GraphReader("other", "other", (end,), chain)


@pytest.mark.parametrize("name", [name for name in FORMATS if name.isalpha()])
def test_no_reader_has_the_name_of_a_format(name):
    with pytest.raises(InputError, match="a format of derandkit"):
        GraphReader(name, "other", (), chain)


@pytest.mark.parametrize(
    "given",
    [
        ("Chain", "chain", (".chain",), chain),
        ("chain", "", (".chain",), chain),
        ("chain", "two\nlines", (".chain",), chain),
        ("chain", "chain", ("chain",), chain),
        ("chain", "chain", (".txt",), chain),
        ("chain", "chain", (".qubo",), chain),
        ("chain", "chain", (".gz",), chain),
        ("chain", "chain", (".chain",), None),
    ],
)
def test_what_a_reader_says_of_itself_is_checked(given):
    with pytest.raises(InputError):
        GraphReader(*given)


def test_faults_of_a_package_are_named_in_one_line(installed, path):
    for point, words in [
        (
            Announced(ImportError("no module\nnamed x")),
            r"the reader 'broken' of others cannot be loaded: ImportError",
        ),
        (Announced("a text"), "is no derandkit.GraphReader"),
    ]:
        installed(point)
        with pytest.raises(InputError, match=words) as caught:
            derandkit.read_graph(path)
        assert "\n" not in str(caught.value)
    installed(Announced(CHAIN, "one"), Announced(CHAIN, "two"))
    with pytest.raises(InputError, match="one and two both have a reader for 'chain'; uninstall one"):
        derandkit.read_graph(path)


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (lambda data, name: [(0, 1)], "returned a list, not a WeightedGraph"),
        (lambda data, name: {}["key"], "refuses it: 'key'"),
        (lambda data, name: int("x"), "refuses it: invalid literal"),
    ],
)
def test_what_a_reader_does_not_understand_is_one_line_with_the_file(path, read, words):
    reader = GraphReader("faulty", "faulty", (), read)
    with pytest.raises(InputError, match=rf"g\.chain: the reader 'faulty' {words}"):
        derandkit.read_graph(path, input_format=reader)


@pytest.mark.parametrize(
    "options",
    [{"weight": "km"}, {"header": True}, {"separator": ","}, {"comments": "#"}, {"symmetrize": "sum"}],
    ids=str,
)
def test_options_of_other_readers_are_refused(path, options):
    with pytest.raises(InputError, match=f"the reader 'chain' has no option for {next(iter(options))}"):
        derandkit.read_graph(path, input_format=CHAIN, **options)


def test_unweighted_means_the_same(path):
    heavy = GraphReader("heavy", "heavy", (), lambda data, name: derandkit.as_graph([("a", "b", 7)]))
    assert derandkit.read_graph(path, input_format=heavy).total_weight == 7
    assert derandkit.read_graph(path, input_format=heavy, weight=None).total_weight == 1


def test_packages_are_not_asked_for_files_that_derandkit_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(outside, "announced", None)
    file = tmp_path / "g.edgelist"
    file.write_text("a b\nb c\n")
    assert derandkit.read_graph(file).m == 2
