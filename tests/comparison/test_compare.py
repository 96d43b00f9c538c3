"""Comparisons: one contract for every method, and rows that depend on nothing but the instance and the seed."""

import contextlib
import dataclasses
import functools
import itertools
import json
import math
import socket
import weakref
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from tests import oracles
from tests.catalogue import catalogue, random_graph

import derandkit
from derandkit.comparison.cuts import DEFAULT_METHODS, MAXCUT
from derandkit.comparison.instances import Unread
from derandkit.comparison.problems import PROBLEMS
from derandkit.comparison.run import ComparisonRow, compare
from derandkit.comparison.table import comparison_csv, comparison_json, comparison_table
from derandkit.errors import InputError

DATA = str(Path(__file__).parents[2] / "datasets" / "petersen.edgelist")
GRAPHS = {
    "ones": random_graph(14, 0.5),
    "signs": random_graph(14, 0.5, weights="signs"),
    "reals": random_graph(14, 0.5, weights="reals"),
}
SDP = {name: derandkit.relax_cut(graph).value for name, graph in GRAPHS.items()}
KEYS = {
    "instance", "problem", "method", "value", "bound", "bound_status", "ratio", "expectation", "seconds",
    "deterministic", "guarantee", "local_search", "standard_error", "draws", "note", "sense", "gap", "relative_gap",
}  # fmt: skip


def timeless(rows):
    return [dataclasses.replace(row, seconds=None) for row in rows]


@pytest.fixture(scope="module")
def both():
    return compare(GRAPHS, local_search="both", draws=200, rng=0, methods=MAXCUT)


def test_one_row_an_instance_search_and_method_in_that_order(both):
    expected = list(itertools.product(GRAPHS, (False, True), MAXCUT))
    assert [(row.instance, row.local_search, row.method) for row in both] == expected
    assert all(set(row.to_dict()) == KEYS and row.problem == "maxcut" for row in both)


def test_no_value_beats_the_optimum_and_no_optimum_the_bound(both):
    best = {name: float(oracles.brute_force_maxcut(graph)[0]) for name, graph in GRAPHS.items()}
    for row in both:
        assert row.value <= best[row.instance] + 1e-9 <= row.bound + 2e-9
        assert row.ratio == row.value / row.bound
        assert row.bound_status == "certified"
        assert row.seconds >= 0


def test_every_method_keeps_its_guarantee(both):
    for row in both:
        graph = GRAPHS[row.instance]
        if "hyperplane cut, hence" in row.guarantee:
            assert row.value >= row.expectation - 1e-3
        elif "half the total" in row.guarantee:
            assert row.value >= graph.total_weight / 2 - 1e-9
        elif row.method == "hyperplane" and not row.local_search:
            assert abs(row.value - row.expectation) < 5 * row.standard_error
        if graph.has_negative_weights:
            low = graph.negative_weight
            assert row.expectation - low >= 0.87856 * (SDP[row.instance] - low) - 1e-6


def test_local_search_never_hurts(both):
    rows = {(row.instance, row.method, row.local_search): row.value for row in both}
    for (instance, method, searched), value in rows.items():
        if searched and method != "hyperplane-time":  # its draws depend on the clock
            assert value >= rows[instance, method, False] - 1e-9


def test_what_is_deterministic_does_not_depend_on_the_seed():
    one = compare(GRAPHS, rng=1, draws=50)
    two = compare(GRAPHS, rng=2, draws=50)
    for a, b in zip(timeless(one), timeless(two), strict=True):
        assert (a == b) or not a.deterministic
    assert timeless(one) != timeless(two)
    assert any(not row.deterministic for row in one)


def test_a_row_does_not_depend_on_what_else_is_compared():
    whole = timeless(compare(GRAPHS, draws=100, rng=0))
    reordered = dict(reversed(GRAPHS.items()))
    other = timeless(compare(reordered, draws=100, rng=0, methods=reversed(DEFAULT_METHODS)))
    assert sorted(whole, key=repr) == sorted(other, key=repr)
    alone = timeless(compare({"signs": GRAPHS["signs"]}, draws=100, rng=0, methods=["one-exchange"]))
    assert alone[0] in whole


def test_rows_are_the_same_for_any_number_of_workers():
    serial = compare(GRAPHS, local_search="both", draws=100, rng=0)
    parallel = compare(GRAPHS, local_search="both", draws=100, rng=0, workers=2)
    assert comparison_json(timeless(serial)) == comparison_json(timeless(parallel))


def test_rows_are_the_same_on_a_dask_cluster():
    """Also where somebody listens at the port of dask's page, which was a warning."""
    pytest.importorskip("distributed")
    pytest.importorskip("dask")
    serial = compare(GRAPHS, draws=100, rng=0)
    parts = []
    with socket.socket() as other:
        with contextlib.suppress(OSError):  # somebody does
            other.bind(("127.0.0.1", 8787))
            other.listen()
        parallel = compare(GRAPHS, draws=100, rng=0, workers=2, backend="dask", on_rows=parts.append)
    assert comparison_json(timeless(serial)) == comparison_json(timeless(parallel))
    assert [part[0].instance for part in parts] == list(GRAPHS)


def test_a_generator_is_used_up_and_a_seed_is_not():
    generator = np.random.default_rng(3)
    first = compare(GRAPHS["ones"], methods=["hyperplane"], rng=generator, draws=50)
    second = compare(GRAPHS["ones"], methods=["hyperplane"], rng=generator, draws=50)
    assert first[0].value != second[0].value
    again = compare(GRAPHS["ones"], methods=["hyperplane"], rng=np.random.default_rng(3), draws=50)
    assert again[0].value == first[0].value
    assert compare(GRAPHS["ones"], methods=["hyperplane"], rng=None, draws=50)[0].draws == 50


def test_instances_may_be_files_names_and_objects():
    named = nx.petersen_graph()
    named.name = "Petersen"
    rows = compare([DATA, named, [(0, 1), (1, 2)], GRAPHS["ones"]], methods="greedy")
    assert [row.instance for row in rows] == [DATA, "Petersen", "instance 3", "instance 4"]
    assert rows[0].value == rows[1].value == 12
    assert [row.value for row in compare(named, methods="lemma")] == [12]
    assert compare(nx.to_scipy_sparse_array(named), methods="lemma")[0].value == 12
    assert compare(DATA, methods="lemma")[0].ratio == 1.0
    weighted = compare({"w": [(0, 1, 5)]}, methods="lemma", unweighted=True)
    assert weighted[0].value == 1


def test_a_gset_name_stands_for_its_graph_unless_there_is_such_a_file(tmp_path, monkeypatch):
    row = compare("g48", methods=["pairwise"], duality_gap=0.1)[0]
    assert row.instance == "g48"
    assert row.bound >= 6000
    monkeypatch.chdir(tmp_path)
    (tmp_path / "G48").write_text("2 1\n1 2 1\n")
    assert compare("G48", methods=["pairwise"])[0].value == 1


@pytest.mark.parametrize("known", catalogue(), ids=lambda k: k.name)
def test_degenerate_instances_have_rows_too(known):
    rows = compare({known.name: known.graph}, draws=10, rng=0)
    assert len(rows) == len(DEFAULT_METHODS)
    for row in rows:
        assert row.value <= known.cut + 1e-9
        assert (row.ratio is None) == (row.bound == 0)
        json.dumps(row.to_dict(), allow_nan=False)


def test_too_large_for_a_method_is_a_row_with_a_note(monkeypatch):
    small = dataclasses.replace(MAXCUT["one-exchange"], limit=5)
    monkeypatch.setitem(MAXCUT, "one-exchange", small)
    row = compare(GRAPHS["ones"], methods=["one-exchange"])[0]
    assert (row.value, row.ratio, row.seconds) == (None, None, None)
    assert row.note == "not run: made for sizes up to 5, not 14"
    assert "not run" in comparison_table([row])


def test_a_further_problem_is_a_further_entry(monkeypatch):
    """The table is data: an entry is all it takes."""
    entry = dataclasses.replace(PROBLEMS["maxcut"], methods={"lemma": MAXCUT["lemma"]})
    monkeypatch.setitem(PROBLEMS, "mine", entry)
    row = compare(GRAPHS["ones"], problem="mine", methods=["lemma"])[0]
    assert row.problem == "mine"
    with pytest.raises(InputError, match="'greedy'"):
        compare(GRAPHS["ones"], problem="mine", methods=["greedy"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ["lema"]}, "did you mean 'lemma'"),
        ({"methods": ["simplex"]}, "methods='simplex' is not one of lemma"),
        ({"methods": []}, "at least one method"),
        ({"rng": -1}, "rng is a Generator"),
        ({"rng": True}, "rng is a Generator"),
        ({"local_search": "maybe"}, "local_search='"),
        ({"workers": 0}, "workers must be a whole number from 1 on"),
        ({"draws": 0}, "draws must be a whole number from 1 on"),
        ({"backend": "mpi"}, "backend='mpi' is not one of loky, dask"),
        ({"problem": "sudoku"}, "problem='sudoku' is not one of"),
        ({"duality_gap": 0.0}, "gap must be positive"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(InputError, match=message):
        compare(GRAPHS["ones"], **options)


def test_bad_instances():
    with pytest.raises(InputError, match="nothing to compare"):
        compare([])
    with pytest.raises(InputError, match="no/such/file"):
        compare(["no/such/file"])
    with pytest.raises(InputError, match="G98"):
        compare(["G98"])


def test_files_are_read_one_after_the_other(tmp_path):
    """Memory holds one graph at a time, and what is wrong with a file is known when its turn comes."""
    alive = []

    def read(file):
        assert all(weights() is None for weights in alive)
        graph = derandkit.read_graph(file)
        alive.append(weakref.ref(graph.weights))
        return graph

    for name in "abc":
        (tmp_path / name).write_text("1 2\n2 3\n1 3\n")
    files = [str(tmp_path / name) for name in "abc"]
    unread = {file: Unread(file, "maxcut", functools.partial(read, file)) for file in files}
    assert [row.value for row in compare(unread, methods=["greedy"])] == [2, 2, 2]
    assert len(alive) == 3
    (tmp_path / "c").write_text("1 2 three four\n")
    seen = []
    with pytest.raises(InputError, match=r"c:1"):
        compare(files, methods=["greedy"], on_rows=seen.extend)
    assert [row.instance for row in seen] == files[:2]


@pytest.mark.parametrize(
    ("missing", "message"), [("no-such-file", "no such file"), ("G99", "G99"), (".", "directory")]
)
def test_what_cannot_be_read_is_refused_before_any_work(tmp_path, missing, message):
    file = tmp_path / "a"
    file.write_text("1 2\n")
    unread = Unread(str(file), "maxcut", lambda: pytest.fail("a graph was read"))
    for instances in ([unread, missing], [str(file), missing]):
        with pytest.raises(InputError, match=message):
            compare(instances, methods=["greedy"], on_rows=lambda rows: pytest.fail("rows were made"))


def test_rows_arrive_as_they_are_made():
    seen = []

    def stop(part):
        seen.extend(part)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(GRAPHS, methods=["greedy"], on_rows=stop)
    assert [row.instance for row in seen] == ["ones", "signs"]


ROWS = [
    ComparisonRow("a", "maxcut", "lemma", False, 12, 12, "certified", 11.5, 1.0, 0.25, True, "promise"),
    ComparisonRow(
        "a", "maxcut", "hyperplane", True, 11.5, 12, "certified", 11.5, 0.95, 0.5, False, "x, y", 0.25, 10
    ),
]


def test_text_json_and_csv_say_the_same():
    table = comparison_table(ROWS)
    assert "12 *" in table
    assert "11.5 +- 0.2" in table
    assert "hyperplane + 1-flip" in table
    assert "lemma: promise" in table
    assert json.loads(comparison_json(ROWS)) == [row.to_dict() for row in ROWS]
    header, first, second = comparison_csv(ROWS).splitlines()
    assert set(header.split(",")) == KEYS
    assert first == "a,maxcut,lemma,False,12,12,certified,11.5,1.0,0.25,True,promise,,,,,,"
    assert second == 'a,maxcut,hyperplane,True,11.5,12,certified,11.5,0.95,0.5,False,"x, y",0.25,10,,,,'
    assert json.loads(comparison_json([])) == []


def test_the_name_of_the_package_is_the_function():
    """Whatever was imported before: the module has another name than the function."""
    import importlib

    importlib.import_module("derandkit.comparison.run")
    assert derandkit.compare is compare
    assert derandkit.ComparisonRow is ComparisonRow


def test_hyperplanes_get_the_time_of_the_lemma(both):
    for row in both:
        if row.method == "hyperplane-time":
            assert row.draws >= 64
            assert row.draws % 64 == 0
        assert (row.draws is not None) == row.method.startswith("hyperplane")
        assert row.standard_error is None or math.isfinite(row.standard_error)
