"""Cut records that say something false, sealed again: attacks that once succeeded."""

from __future__ import annotations

import copy
import functools
import json
import math
from importlib.resources import files

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from tests.catalogue import SHORT
from tests.leaves import replaced
from tests.legs import some_then_all
from tests.mutations import mutated

import derandkit
from derandkit.certificates.checks import Verdict
from derandkit.certificates.cuts import arithmetic
from derandkit.certificates.cuts.form import faults
from derandkit.certificates.cuts.statements import CUT
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import decode_array, encode_array, read_record, sealed
from derandkit.signs import values
from derandkit.status import CutStatus


def odd_graph(n=14, seed=3, negative=True):
    generator = np.random.default_rng(seed)
    pairs = [(i, j) for i in range(n) for j in range(i) if generator.random() < 0.5]
    weights = generator.integers(-3 if negative else 1, 6, len(pairs))
    return as_graph([(i, j, int(w)) for (i, j), w in zip(pairs, weights, strict=True)])


@functools.cache
def honest(name="signed", **options):
    graph = {"signed": odd_graph, "plain": lambda: odd_graph(negative=False)}[name]()
    record = json.loads(derandkit.maxcut(graph, **{"search": None, "bound": "sdp", **options}).to_json())
    assert derandkit.verify(record, graph).ok
    return graph, record


@pytest.mark.parametrize("key", ["mean_gradient_norm", "smallest_curvature"])
@pytest.mark.parametrize("factor", [0.0, 0.9, 1.0 + 1e-6, 1.0 - 1e-9])
def test_the_figures_of_the_lemma_are_recomputed(key, factor):
    """With means at the noise the figures are about 1e-11; a wrong one is noticed although it is tiny."""
    graph, record = honest()
    forged = near_the_noise(graph, record)
    assert "stationarity" not in derandkit.verify(sealed(forged), graph).failed
    assert abs(forged["stationarity"][key]) > 1e-16
    forged["stationarity"][key] *= factor
    assert "stationarity" in derandkit.verify(sealed(forged), graph).failed


def near_the_noise(graph, record):
    """The same record with means of a few deviations, one side turned over, and the figures that belong to them."""
    record = copy.deepcopy(record)
    text = record["certificate"]["sides"]
    record["certificate"]["sides"] = text[:1] + ("-" if text[1] == "+" else "+") + text[2:]
    sides = np.array([1 if side == "+" else -1 for side in record["certificate"]["sides"]], dtype=np.int8)
    record["certificate"]["smoothing"] = 0.125
    mean = np.where(sides > 0, 1.0, -1.0)
    record["certificate"]["mean"] = encode_array(mean, "<f4")
    final = values.settled_mean(mean, sides, 0.125)
    penalty = record["stationarity"]["penalty"]
    record["stationarity"] = values.final_stationarity(graph, final, 0.125, penalty=penalty)
    record["chain"]["final_expectation"] = values.expected_independent_cut(graph, mean, 0.125)
    return record


# --- attacks that once succeeded ----------------------------------------------------------------------------------
def replace_vectors(graph, record, vectors):
    record["certificate"]["vectors"] = encode_array(vectors, "<f4")
    record["relaxation"]["rank"] = vectors.shape[1]
    return record


def test_vectors_with_subnormal_squares_are_normalised_or_refused():
    """Squares of these underflow in single precision; in double they do not, and rows have length 1."""
    graph, record = honest("plain")
    vectors = decode_array(record["certificate"]["vectors"])
    tiny = np.where(np.abs(vectors) < 1e-3, 0.0, vectors) * 1e-39
    forged = replace_vectors(graph, copy.deepcopy(record), tiny)
    assert "sdp_value" in derandkit.verify(sealed(forged), graph).failed
    stored = decode_array(forged["certificate"]["vectors"])
    assert arithmetic.sdp_value(graph, stored).high <= arithmetic.sdp_value(graph, 1e30 * stored).high + 1e-9
    for array in (np.full((graph.n, 1), 1e-160), np.full((graph.n, 1), 5e-324)):
        forged["certificate"]["vectors"] = encode_array(array, "<f8")
        assert {"form", "sdp_value", "start_expectation", "chain"} <= set(
            derandkit.verify(sealed(forged), graph).failed
        )


@pytest.mark.parametrize("row", [0.0, np.nan, np.inf])
def test_a_vector_without_direction_is_refused(row):
    graph, record = honest()
    vectors = decode_array(record["certificate"]["vectors"])
    vectors[1] = row
    forged = replace_vectors(graph, copy.deepcopy(record), vectors)
    assert {"sdp_value", "start_expectation"} <= set(derandkit.verify(sealed(forged), graph).failed)


def test_one_heavy_edge_hides_no_broken_chain():
    """The rounding of an edge of weight 1e9 is charged to that edge; a chain that is false by one unit is seen."""
    edges = [("x", "y", 10**9), *((a, b, 1) for a, b in [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 0)])]
    graph = as_graph([(str(a), str(b), w) for a, b, w in edges])
    record = derandkit.maxcut(graph).to_dict()
    assert derandkit.verify(record, graph).ok
    forged = copy.deepcopy(record)
    sides = np.array([1 if side == "+" else -1 for side in forged["certificate"]["sides"]], dtype=np.int8)
    heavy = [k for k, label in enumerate(graph.labels) if label in ("x", "y")]
    sides = np.where(np.isin(np.arange(graph.n), heavy), sides, 1).astype(np.int8)
    sides *= sides[0]
    forged["certificate"]["sides"] = "".join("+" if side > 0 else "-" for side in sides)
    forged["partition"] = [list(side) for side in graph.partition(sides)]
    cut = graph.cut_value(sides)
    assert cut < record["cut_value"]
    for key in ("cut_value", "derandomized_cut"):
        forged["chain"][key] = cut
    forged["cut_value"] = cut
    forged["gap"] = values.relative_gap(forged["upper_bound"], cut)
    forged["proven_optimal"], forged["status"] = False, "solved"
    forged["message"] = CutStatus.SOLVED.value
    assert "chain" in derandkit.verify(sealed(forged), graph).failed


def estimated(record, bound, cut=None):
    record = copy.deepcopy(record)
    record["bound_status"] = record["bound"]["status"] = record["bound"]["dual_status"] = "estimated"
    record["bound"]["method"] = record["bound"]["dual_method"] = "lanczos"
    record["status"], record["message"] = "bound_estimated", CutStatus.BOUND_ESTIMATED.value
    record["proven_optimal"] = False
    return record


def test_an_estimated_bound_is_not_shown_as_checked():
    graph, record = honest()
    outcome = derandkit.verify(sealed(estimated(record, None)), graph)
    assert outcome.ok
    assert {"upper_bound", "estimate", "positive_semidefinite"} <= set(outcome.not_checked)
    assert "is estimated: not proven; a heavier cut is not ruled out" in str(outcome)


def test_an_estimate_below_a_cut_that_is_easy_to_find_is_refuted():
    """The bound, the cut and the chain of an edgeless law; row 6 of the attacks: cut 0, bound 0, gap 0."""
    graph, record = honest("plain")
    forged = estimated(record, 0)
    lowered = [d - 4.0 * record["chain"]["dual_bound"] / graph.n for d in record["certificate"]["diagonal"]]
    forged["certificate"]["diagonal"] = lowered
    value = values.weak_duality_bound(graph.weights, np.array(lowered))
    forged["chain"]["dual_bound"] = forged["bound"]["dual_bound"] = value
    forged["upper_bound"] = math.floor(value)
    assert {"estimate", "upper_bound"} <= set(derandkit.verify(sealed(forged), graph).failed)


def test_an_estimate_that_its_matrix_refutes_is_refuted():
    graph, record = honest("plain")
    forged = estimated(record, None)
    shift = 0.02 * record["chain"]["dual_bound"] * 4.0 / graph.n
    forged["certificate"]["diagonal"] = [d - shift for d in record["certificate"]["diagonal"]]
    value = values.weak_duality_bound(graph.weights, np.array(forged["certificate"]["diagonal"]))
    forged["chain"]["dual_bound"] = forged["bound"]["dual_bound"] = value
    forged["upper_bound"] = math.floor(value)
    forged["gap"] = values.relative_gap(forged["upper_bound"], record["cut_value"])
    failed = derandkit.verify(sealed(forged), graph).failed
    assert {"estimate", "chain", "upper_bound"} & set(failed)


@pytest.mark.parametrize("status", [status.name.lower() for status in CutStatus])
def test_the_status_follows_from_the_figures(status):
    graph, record = honest()
    forged = sealed({**record, "status": status, "message": CutStatus[status.upper()].value})
    outcome = derandkit.verify(forged, graph)
    if status == record["status"]:
        assert outcome.ok
    elif status == "interrupted" and not record["proven_optimal"]:
        assert "status" in outcome.not_checked
    else:
        assert outcome.failed == ("status",)


def test_solved_needs_the_gap_that_was_asked_for():
    graph, record = honest("plain", max_sweeps=1, duality_gap=1e-9)
    assert record["status"] == "duality_gap_not_reached"
    forged = sealed({**record, "status": "solved", "message": CutStatus.SOLVED.value})
    assert derandkit.verify(forged, graph).failed == ("status",)
    forged["relaxation"] = {**record["relaxation"], "duality_gap_reached": True}
    assert derandkit.verify(sealed(forged), graph).failed == ("duality_gap", "status")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("graph", "n"), 14.0), (("graph", "m"), 46.0), (("schema_version",), 2.0), (("relaxation", "sweeps"), 3.0),
        (("relaxation", "rank"), True), (("proven_optimal",), 0), (("guarantee", "holds"), 1),
        (("method",), "m\x1b[2J"),
        (("relaxation", "method"), 7), (("relaxation", "duality_gap"), 1e300), (("bound", "reason"), "x" * 3000),
        (("history", "expectation"), [0] * 3), (("chain", "sdp_value"), 30), (("relaxation", "sweeps"), -1),
    ],
)  # fmt: skip
def test_wrong_types_and_sizes_are_refused(path, value):
    graph, record = honest()
    assert "form" in derandkit.verify(sealed(replaced(record, path, value)), graph).failed


def test_absurd_weights_are_reported_not_raised():
    graph = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0], [1.3e307, 1.3e307, 1.3e307])
    outcome = derandkit.verify(honest()[1], graph)
    assert not outcome.ok


def test_the_table_of_statements_is_complete():
    graph, record = honest()
    outcome = derandkit.verify(record, graph)
    assert [check.name for check in outcome.checks] == [statement.name for statement in CUT]
    assert {check.name for check in outcome.checks if check.verdict is Verdict.NOT_CHECKED} == {"provenance"}


# --- a fuzzer: one place, changed at random and sealed again ---------------------------------------------------------
#: What a reader relies on: if a changed record is ok, all of this is as in the honest one (figures to 12 digits).
RELIED_ON = (
    "cut_value", "upper_bound", "bound_status", "gap", "proven_optimal", "partition", "chain", "guarantee", "graph",
)  # fmt: skip


def same(one, other):
    if isinstance(one, dict) and isinstance(other, dict):
        return set(one) == set(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-12 * max(abs(one), abs(other))
    return type(one) is type(other) and one == other


def fuzz(name, seed, options=()):
    """Change one place; return whether the record was accepted, and fail if something false was."""
    graph, record = honest(name, **dict(options))
    path, _, _, other, forged = mutated(record, np.random.default_rng(seed))
    if path[0] in ("schema", "seal"):
        return False
    try:
        forged = sealed(forged)
    except (ValueError, TypeError, RecursionError):
        return False
    outcome = derandkit.verify(forged, graph)
    if outcome.ok:
        forged["graph"]["reading"] = record["graph"]["reading"]  # provenance
        assert all(same(forged[key], record[key]) for key in RELIED_ON), (path, other)
        status, claimed = record["status"], forged["status"]
        assert claimed == status or (claimed == "interrupted" and "status" in outcome.not_checked)
    return outcome.ok


CASES = (("signed", ()), ("plain", ()), ("plain", (("search", SHORT), ("bound", "best"))))


@some_then_all
@pytest.mark.parametrize("case", range(len(CASES)))
def test_no_changed_leaf_passes_as_something_that_a_reader_relies_on(case, every):
    name, options = CASES[case]
    for seed in range(0, 120, every):
        fuzz(name, seed, options)


HOSTILE = {
    '{"a": 1, "a": 2}': "the key 'a' stands twice",
    '{"b": {"a": 1, "x": 0, "a": 1}}': "the key 'a' stands twice",
    '{"a": 1e400}': "1e400 is beyond the range",
    '{"a": -1e999}': "-1e999 is beyond the range",
    '{"a": -0}': "-0 is not how an integer is written",
    '{"a": "\\ud800"}': "lone surrogate",
    '{"\\uDC00": 1}': "lone surrogate",
    '{"\\u001b[2J": 1, "\\u001b[2J": 1}': "stands twice",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_json_is_refused_in_one_printable_line(tmp_path, text):
    file = tmp_path / "r.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(derandkit.InputError, match="is not a result file") as caught:
        read_record(file)
    assert HOSTILE[text] in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_pair_of_surrogates_is_a_character(tmp_path):
    (tmp_path / "r.json").write_text('{"a": "\\ud83d\\ude00"}', encoding="utf-8")
    assert read_record(tmp_path / "r.json") == {"a": "\N{GRINNING FACE}"}


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("derandkit.records.MOST_BYTES", 10)
    (tmp_path / "r.json").write_text('{"a": "0123456789"}')
    with pytest.raises(derandkit.InputError, match="at most 10"):
        read_record(tmp_path / "r.json")


def test_a_limit_of_bytes_that_the_user_lowers_is_one_of_records_too(tmp_path, monkeypatch):
    """A record takes up to thirty times its bytes; a limit that fits the memory did not hold for it."""
    (tmp_path / "r.json").write_text('{"a": "0123456789"}')
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "19")
    assert read_record(tmp_path / "r.json")
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "18")
    with pytest.raises(
        derandkit.InputError, match="has 19 bytes; a result file has at most 18, as DERANDKIT_MAX_BYTES"
    ):
        read_record(tmp_path / "r.json")


def test_a_dense_proof_of_a_large_graph_is_refused_unseen():
    n = 30_000
    graph = WeightedGraph.from_edges(list(range(n)), [(k + 1) % n for k in range(n)])
    record = copy.deepcopy(honest()[1])
    record["certificate"]["diagonal"] = [2.0] * n
    record["bound"]["dual_method"] = "dense-cholesky"
    outcome = derandkit.verify(sealed(record), graph)
    detail = {check.name: check.detail for check in outcome.checks}["positive_semidefinite"]
    assert detail.startswith("refused unseen: dense-cholesky would take 4.5e+08 entries")


# --- the published schema --------------------------------------------------------------------------------------------
SCHEMA = json.loads(files("derandkit").joinpath("data/schemas/maxcut.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", range(len(CASES)))
def test_honest_records_have_the_published_form(case):
    Draft202012Validator.check_schema(SCHEMA)
    name, options = CASES[case]
    record = honest(name, **dict(options))[1]
    assert not list(Draft202012Validator(SCHEMA).iter_errors(record))
    assert faults(record) == ""


def test_what_the_schema_refuses_the_checker_refuses():
    record = honest("plain", search=SHORT, bound="best")[1]
    validator = Draft202012Validator(SCHEMA)
    refused = 0
    for seed in range(600):
        path, _, _, other, forged = mutated(record, np.random.default_rng(seed))
        if path[:2] != ("certificate", "proof") and not validator.is_valid(forged):
            refused += 1
            assert faults(forged) != "", (path, other)
    assert refused > 100


def test_long_claims_are_cut_where_they_are_shown():
    """A bound of three million characters made lines of three million, and hid the lines that failed."""
    graph, record = honest()
    shown = []
    for key in ("cut_value", "upper_bound", "bound_status"):
        report = derandkit.verify(sealed(replaced(record, (key,), "A" * 3_000_000)), graph)
        assert not report.ok
        shown.append(str(report))
        assert max(map(len, shown[-1].splitlines())) < 1100
    assert any("A... (3000" in text for text in shown)
