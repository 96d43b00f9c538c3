"""The second verifier reads instance files as derandkit does or refuses them, and judges estimates as `verify` does."""

from __future__ import annotations

import itertools
import json
import math

import networkx as nx
import numpy as np
import pytest
from scipy.integrate import quad
from tests.mutations import sealed_again
from tests.second import command, second, second_report

import derandkit as dk
from derandkit.certificates.cuts.arithmetic import dual_value
from derandkit.numerics.rounding import float_above

COO = "# vartype=SPIN\n0 1 1\n1 2 -2\n0 2 1\n0 0 1\n"
QUBO = "p qubo 0 4 2 1\n0 0 -1\n1 1 2\n0 1 -3\n"
#: Text of a file, and where to write it: each holds the same model for both readers.
MODELS = {
    "no offset": (COO, "m.coo"),
    "offset": (COO.replace("SPIN", "SPIN\n# offset=100"), "m.coo"),
    "offset beside": (COO.replace("SPIN", "BINARY, offset: -0.5"), "m.coo"),
    "an offset in capitals": (COO.replace("SPIN", "SPIN\n# OFFSET=5"), "m.coo"),
    "words": (COO.replace("# vartype=SPIN", "# vartype = spin"), "m.coo"),
    "offset behind a blank": (COO.replace("=SPIN", " Spin\n# offset -2.5"), "m.coo"),
    "qubo": (QUBO, "m.qubo"),
    "qubo below a comment": ("c a note\n" + QUBO.replace("\n", "\nc another\n", 1), "m.qubo"),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_are_those_that_derandkit_reads(name, tmp_path):
    text, file = MODELS[name]
    (tmp_path / file).write_text(text)
    model = dk.read_model(tmp_path / file).model
    assert second().files.read(model.kind, text).digest == model.digest


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ising", COO.replace("SPIN", "SPIN\n# offset=1\n# offset=2")),
        ("ising", COO.replace("SPIN", "SPIN\n# the offset is 3")),
        ("ising", COO.replace("SPIN", "SPIN\n# vartype=BINARY")),
        ("ising", COO.replace("0 1 1", "0 1")),
        ("qubo", QUBO.replace("4 2 1", "4 2 2")),
        ("qubo", QUBO.replace("0 1 -3", "0 4 -3")),
        ("graph", "5 4\n1 2\n2 3\n3 4\n1 4\n"),
        ("graph", "4 5\n1 2\n2 3\n3 4\n1 4\n"),
        ("graph", "4 4 0\n1 2 1\n2 3 1\n3 4 1\n1 4 1\n"),
        ("graph", "3 2\na b\nb c\n"),
        ("graph", "3 3\n0 1\n1 0\n1 2\n2 1\n0 2\n2 0\n"),
        ("graph", "1 2 1 7\n2 3 1 7\n"),
        ("maxdicut", "3 2\n1 2 1\n2 3 1\n"),
    ],
)
def test_what_reads_in_two_ways_is_refused(kind, text):
    files = second()
    with pytest.raises(files.report.Refused):
        files.files.read(kind, text)


def test_a_coo_file_with_two_offsets_is_refused_by_derandkit(tmp_path):
    (tmp_path / "m.coo").write_text(COO.replace("SPIN", "SPIN\n# offset=1\n# offset=2"))
    with pytest.raises(dk.InputError, match="states an offset in line 2 too"):
        dk.read_model(tmp_path / "m.coo")


@pytest.mark.parametrize(("share", "holds"), [(0.97, False), (1.0, True)])
def test_an_estimate_lacks_no_more_than_in_verify(share, holds):
    """A duality gap of 0.1 in the record excused a dual matrix that is negative by 3 % of the bound."""
    graph = dk.as_graph(nx.petersen_graph())
    record = json.loads(dk.maxcut(graph, search=None, bound="sdp").to_json())
    diagonal = np.array(record["certificate"]["diagonal"]) * share
    value = float_above(dual_value(graph, diagonal))
    record["certificate"]["diagonal"] = diagonal.tolist()
    record["chain"]["dual_bound"] = record["bound"]["dual_bound"] = value
    record["bound"]["dual_status"] = record["bound"]["status"] = record["bound_status"] = "estimated"
    record["bound"]["dual_method"] = record["bound"]["method"] = "lanczos"
    record["upper_bound"] = math.floor(value)
    record["relaxation"]["duality_gap"] = 0.1
    record = sealed_again(record)
    own = second_report(record, graph)
    first = {check.name: check.verdict.value for check in dk.verify(record, graph).checks}
    assert (own.verdict("estimate") != "FAILED") == holds
    assert (first["estimate"] != "FAILED") == holds


def test_a_large_rank_is_no_reason_to_leave_vectors_out():
    """Of a graph of 1800 vertices, with a cut of 0 below a bound of 3600: the gap counted as met, and all held."""
    graph = dk.as_graph(nx.circulant_graph(1800, [1, 7]))
    record = json.loads(dk.maxcut(graph, search=None, bound="sdp").to_json())
    record["certificate"]["vectors"] = None
    record["relaxation"]["rank"] = 1700
    record = sealed_again(record)
    assert second_report(record, graph).verdict("sdp_value") == "FAILED"
    assert "sdp_value" in dk.verify(record, graph).failed


def apart_by(h, k, t):
    """The integral of Plackett's formula, piece by piece towards its steep end."""

    def density(x):
        # h^2 + k^2 - 2 h k cos x, without the cancellation near 0 and a half turn
        half = (h - k) ** 2 + 4 * h * k * math.sin(x / 2) ** 2
        if x > math.pi / 2:
            half = (h + k) ** 2 - 4 * h * k * math.sin((math.pi - x) / 2) ** 2
        return math.exp(-half / (2 * math.sin(x) ** 2))

    places = [t, *(t + (math.pi / 2 - t) * 10.0**-e for e in range(9, -1, -1))]
    return math.fsum(quad(density, *ends)[0] for ends in itertools.pairwise(places))


@pytest.mark.parametrize("apart", [0.0, 1e-8, 1e-5, 1e-2, 1.0])
@pytest.mark.parametrize("t", [1e-7, 1e-4, 1e-2, 0.5, 1.5, 2.5, math.pi - 1e-2, math.pi - 1e-5])
def test_the_integral_of_thresholds_is_known_to_1e_11(t, apart):
    """For nearly parallel rests it was known to 5e-8 only, and a start could be claimed that was off by so much."""
    integral = second().leaning.integral
    for h in (0.3, -1.7):
        for k in (h + apart, -h - apart):
            best, error = integral(h, k, t)
            assert error < 1e-11
            assert best == pytest.approx(apart_by(h, k, t), abs=1e-10)


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
@pytest.mark.parametrize("name", MODELS)
def test_the_sense_is_that_of_the_record(name, sense, tmp_path):
    text, file = MODELS[name]
    (tmp_path / file).write_text(text)
    record = json.loads(dk.optimize(dk.read_model(tmp_path / file, sense=sense).model).to_json())
    assert dk.verify(record, tmp_path / file).ok
    assert second_report(record, tmp_path / file).ok


EDGES = [
    "1 0\n",
    "3 0\n",
    "2 1\n",
    "# one\n10 0\n",
    "5 2\n2 3\n3 4\n",
    "4 3\n4 1\n1 2\n2 3\n",
    "5 4 0\n0 1 2\n",
]


@pytest.mark.parametrize("ending", ["edgelist", "edges", "EL", "ncol"])
@pytest.mark.parametrize("text", EDGES)
def test_lines_of_a_file_that_is_called_an_edge_list_are_edges(text, ending, tmp_path):
    file = tmp_path / f"g.{ending}"
    file.write_text(text)
    graph = dk.read_graph(file)
    assert second().files.read("graph", text, {}, str(file)).digest == graph.digest


@pytest.mark.parametrize("name", ["g.txt", "edgelist", "g.edgelist.txt"])
def test_another_name_leaves_the_doubt(name):
    with pytest.raises(second().report.Refused, match="may count"):
        second().files.read("graph", "1 0\n", {}, name)


RECORD = '{"schema": "derandkit-maxcut"}'
#: What is wrong, the record, the instance, the exit code, and words of the only line on standard error.
REFUSALS = {
    "no record": (None, "0 1\n", "no such file"),
    "no instance": (RECORD, None, "no such file"),
    "no text": (b"\xff\xfe", "0 1\n", "is not UTF-8 text"),
    "no JSON": ("{", "0 1\n", "is not JSON"),
    "a list": ("[1]", "0 1\n", "the JSON value is not an object"),
    "no schema": ("{}", "0 1\n", "is no record: it does not say its schema"),
    "schema of lists": ('{"schema": []}', "0 1\n", "is no record: it does not say its schema"),
    "unknown": ('{"schema": "\\u001b[2J"}', "0 1\n", "is of a kind that is not checked here"),
    "network": ('{"schema": "derandkit-structure"}', "0 1\n", "is not checked here: the network's loss"),
    "a key twice": ('{"schema": 1, "schema": 1}', "0 1\n", "a key stands twice in one object"),
    "large": ('{"schema": 1e999}', "0 1\n", "is beyond the range of numbers"),
    "NaN": ('{"schema": NaN}', "0 1\n", "NaN is not a number"),
    "deep": ("[" * 100_000, "0 1\n", "is nested too deeply"),
    "long number": (f'{{"schema": {"9" * 5000}}}', "0 1\n", "cannot be read"),
    "no lines": (RECORD, "", "the file has no lines"),
    "escapes": (RECORD, "a b\x1b[2J\n", "may be a blank, the end of a line, or a part of a name"),
    "binary": (RECORD, b"\xff\xfe\x00", "is not UTF-8 text"),
    "header only": (RECORD, "1 0\n", "the only line may count what follows"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_a_sentence(name, tmp_path, capsys):
    record, instance, words = REFUSALS[name]
    paths = [tmp_path / "r.json", tmp_path / "g.txt"]
    for path, content in zip(paths, (record, instance), strict=True):
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert command().main([str(path) for path in paths]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.rstrip("\n").isprintable()
    assert words in said
    assert not any(error in said for error in ("Error", "Refused", "Traceback"))


def test_a_part_of_another_form_is_a_sentence_too():
    for error, words in (
        (KeyError("cut"), "cannot be read: it lacks 'cut'"),
        (TypeError("'int' object is not iterable"), "a part of it is of another form than it should have"),
        (ZeroDivisionError("division by zero"), "a number in it is beyond the range of numbers"),
        (MemoryError(), "takes more memory than there is"),
    ):
        assert words in second().report.sentence(error)
        assert type(error).__name__ not in second().report.sentence(error)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("graph", "0 1\n1 2\r2 0\n"),
        ("max2sat", "p cnf 3 2\r1 2 0\n-1 3 0\n"),
        ("ising", "# vartype=SPIN\r\n0 1 1\r1 2 1\r\n"),
        ("points", "a,b\n1,2\r3,4\n5,9\n"),
    ],
)
def test_a_carriage_return_inside_a_line_is_refused_by_both(kind, text, tmp_path, capsys):
    """Opened as a text, the file had one more line."""
    whole = tmp_path / "whole"
    whole.write_bytes(text.replace("\r\n", "\n").replace("\r", "\n").encode())
    solve = {
        "graph": dk.maxcut,
        "max2sat": dk.max2sat,
        "ising": dk.optimize,
        "points": lambda file: dk.embed(file, n_components=1),
    }[kind]
    found = dk.read_model(whole).model if kind == "ising" else whole
    (tmp_path / "r.json").write_text(solve(found).to_json())
    assert command().main([str(tmp_path / "r.json"), str(whole)]) == 0
    (tmp_path / "torn").write_bytes(text.encode())
    assert command().main([str(tmp_path / "r.json"), str(tmp_path / "torn")]) == 2
    assert "'\\r' may be a blank, the end of a line" in capsys.readouterr().err
    with pytest.raises(dk.InputError, match="a carriage return stands inside the line"):
        dk.verify(tmp_path / "r.json", tmp_path / "torn")
