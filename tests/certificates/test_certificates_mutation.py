"""A valid max-cut record, changed in one place: which check notices, with the old seal and with a fresh one.

The seal notices every change. Whoever changes a file on purpose can seal it again, so what is *claimed* must be
caught by recomputing it. `PROVENANCE` lists what only the seal protects: how the answer was found, which is no claim
about the graph.
"""

from __future__ import annotations

import base64
import copy
import functools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.leaves import changed, leaves, replaced

import derandkit
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import decode_array, encode_array, sealed

PROVENANCE = {
    "stationarity.penalty",  # a parameter of the descent
    "method",
    "seal",
    "bound.reason",
    "graph.reading",
    "history.expectation",
    "history.smoothing",
    "history.spread_norm",
    "relaxation.duality_gap",
    "relaxation.method",
    "relaxation.sweeps",
}
#: What a changed leaf runs into, by its place in the record.
NOTICED_BY = {
    "bound.dual_bound": "upper_bound",
    "bound.dual_method": "positive_semidefinite",
    "bound.dual_status": "positive_semidefinite",
    "bound.method": "upper_bound",
    "bound.proof_bound": "proof",
    "bound.proof_method": "proof",
    "bound.rounding.granularity": "upper_bound",
    "bound.rounding.steps": "upper_bound",
    "bound.status": "upper_bound",
    "bound_status": "upper_bound",
    "certificate.derandomized_sides": "search",
    "certificate.proof": "proof",
    "certificate.diagonal": "upper_bound",
    "certificate.mean.dtype": "final_expectation",
    "certificate.mean.shape": "final_expectation",
    "certificate.sides": "partition",
    "certificate.vectors.dtype": "sdp_value",
    "certificate.vectors.shape": "sdp_value",
    "chain.cut_value": "cut_value",
    "chain.derandomized_cut": "search",
    "chain.final_expectation": "final_expectation",
    "chain.sdp_value": "sdp_value",
    "chain.start_expectation": "start_expectation",
    "chain.dual_bound": "upper_bound",
    "cut_value": "cut_value",
    "gap": "gap",
    "graph.digest": "graph",
    "graph.m": "graph",
    "graph.n": "graph",
    "graph.total_weight": "graph",
    "guarantee.holds": "guarantee",
    "guarantee.negative_weight": "guarantee",
    "guarantee.ratio": "guarantee",
    "guarantee.statement": "guarantee",
    "guarantee.value": "guarantee",
    "message": "status",
    "partition.0": "partition",
    "partition.1": "partition",
    "proven_optimal": "gap",
    "relaxation.duality_gap_reached": "duality_gap",
    "relaxation.rank": "sdp_value",
    "schema_version": "form",
    "search": "search",
    "stationarity.curvature_method": "stationarity",
    "stationarity.mean_gradient_norm": "stationarity",
    "stationarity.smallest_curvature": "stationarity",
    "stationarity.spread_bound": "stationarity",
    "stationarity.spread_gradient_norm": "stationarity",
    "stationarity.spread_norm": "stationarity",
    "status": "status",
    "upper_bound": "upper_bound",
}
#: Leaves whose encoding has slack: they are changed by meaning, in tests of their own.
BY_MEANING = {"certificate.mean.base64", "certificate.vectors.base64", "certificate.smoothing"}


def cycle(n):
    return [(k, (k + 1) % n, 1) for k in range(n)]


GRAPHS = {
    "petersen": cycle(5) + [(k, k + 5, 1) for k in range(5)] + [(5 + k, 5 + (k + 2) % 5, 1) for k in range(5)],
    "signed": list(zip("abccde", "bcadea", (1.5, -0.25, 2.0, 1.0, -3.5, 0.75), strict=True)),
    "bipartite": [(k, 10 + (k * j) % 7, 1 + (k + j) % 3) for k in range(6) for j in range(1, 4)],
}  # fmt: skip


@functools.cache
def solved(name):
    graph = as_graph(GRAPHS[name])
    record = json.loads(derandkit.maxcut(graph).to_json())
    assert derandkit.verify(record, graph).ok
    return graph, record


@pytest.fixture(params=sorted(GRAPHS))
def case(request):
    return solved(request.param)


def key_of(path):
    """``certificate.diagonal`` for each entry of the diagonal, but ``partition.0`` and ``partition.1`` apart."""
    return (
        f"partition.{path[1]}" if path[0] == "partition" else ".".join(k for k in path if isinstance(k, str))
    )


def test_every_leaf_of_the_record_is_known(case):
    _, record = case
    found = {key_of(path) for path, _ in leaves(record)} - {"schema"}
    assert found == PROVENANCE | set(NOTICED_BY) | BY_MEANING


def test_the_seal_notices_every_changed_leaf(case):
    graph, record = case
    for path, value in leaves(record):
        if path != ("schema",):
            outcome = derandkit.verify(replaced(record, path, changed(value)), graph)
            assert "seal" in outcome.failed, path


def test_a_changed_claim_is_noticed_although_it_is_sealed_again(case):
    graph, record = case
    for path, value in leaves(record):
        check = NOTICED_BY.get(key_of(path))
        if check is None:
            continue
        outcome = derandkit.verify(sealed(replaced(record, path, changed(value))), graph)
        assert check in outcome.failed, (path, outcome.failed)
        assert check == "seal" or "seal" not in outcome.failed


def test_what_only_the_seal_protects_is_no_claim_about_the_graph(case):
    graph, record = case
    for path, value in leaves(record):
        if key_of(path) in PROVENANCE:
            assert derandkit.verify(sealed(replaced(record, path, changed(value))), graph).ok, path


def test_another_schema_is_refused_not_checked(case):
    graph, record = case
    with pytest.raises(derandkit.InputError, match="schema 'xyz'"):
        derandkit.verify({**record, "schema": "xyz"}, graph)


def test_every_side_counts(case):
    graph, record = case
    sides = record["certificate"]["sides"]
    for k, side in enumerate(sides):
        other = sides[:k] + ("-" if side == "+" else "+") + sides[k + 1 :]
        forged = sealed(replaced(record, ("certificate", "sides"), other))
        assert "partition" in derandkit.verify(forged, graph).failed


def test_a_side_moved_in_the_partition_too_is_noticed_by_the_cut(case):
    graph, record = case
    signs = np.array([1 if side == "+" else -1 for side in record["certificate"]["sides"]])
    noticed = 0
    for k in range(1, graph.n):
        signs[k] *= -1
        forged = replaced(record, ("certificate", "sides"), "".join("+" if s > 0 else "-" for s in signs))
        forged["partition"] = [list(side) for side in graph.partition(signs)]
        failed = derandkit.verify(sealed(forged), graph).failed
        assert "partition" not in failed
        assert ("cut_value" in failed) == (graph.cut_value(signs) != record["cut_value"])
        noticed += "cut_value" in failed
        signs[k] *= -1
    assert noticed > graph.n // 2


def test_no_entry_of_the_diagonal_can_be_lowered(case):
    """A lower bound that is consistent everywhere still lacks its proof."""
    graph, record = case
    for k, value in enumerate(record["certificate"]["diagonal"]):
        if value <= 1e-3:
            continue
        forged = replaced(record, ("certificate", "diagonal", k), 0.5 * value)
        total = math.fsum([*graph.weights.tolist(), *forged["certificate"]["diagonal"]]) / 4.0
        bound = total if total == math.floor(total) else math.nextafter(total, math.inf)
        forged["chain"]["dual_bound"] = forged["bound"]["dual_bound"] = bound
        assert "positive_semidefinite" in derandkit.verify(sealed(forged), graph).failed


def test_every_vector_counts(case):
    graph, record = case
    vectors = decode_array(record["certificate"]["vectors"])
    for k in np.flatnonzero(graph.degrees):
        forged = vectors.copy()
        forged[k] = -forged[k]
        stored = encode_array(forged, "<f4")
        failed = derandkit.verify(sealed(replaced(record, ("certificate", "vectors"), stored)), graph).failed
        assert {"sdp_value", "start_expectation"} <= set(failed)


def test_every_mean_counts(case):
    graph, record = case
    mean = decode_array(record["certificate"]["mean"])
    for k in np.flatnonzero(graph.degrees):
        forged = mean.copy()
        forged[k] = 0.0  # a fair coin instead of a settled side
        stored = encode_array(forged, "<f4")
        i, j, w = graph.edges()
        signs = np.sign(mean)
        gain = math.fsum(-w * signs[i] * signs[j] * ((i == k) | (j == k)))
        failed = derandkit.verify(sealed(replaced(record, ("certificate", "mean"), stored)), graph).failed
        assert ("final_expectation" in failed) == (abs(gain) > 1e-6), k


def test_the_smoothing_counts(case):
    graph, record = case
    for smoothing in (10.0, 0.0, -1.0):
        forged = sealed(replaced(record, ("certificate", "smoothing"), smoothing))
        assert "final_expectation" in derandkit.verify(forged, graph).failed


@pytest.mark.parametrize("change", ["remove", "weight", "label", "vertex", "rewire", "sign"])
def test_another_graph_is_noticed(case, change):
    graph, record = case
    i, j, w = (column.tolist() for column in graph.edges())
    for k in range(graph.m):
        a, b, c, labels, n = i.copy(), j.copy(), w.copy(), list(graph.labels), graph.n
        if change == "remove":
            del a[k], b[k], c[k]
        elif change == "weight":
            c[k] = math.nextafter(c[k], math.inf) if not graph.integral else c[k] + 1
        elif change == "sign":
            c[k] = -c[k]
        elif change == "label":
            labels[k % n] = "zz" if isinstance(labels[0], str) else 1000
        elif change == "vertex":
            n, labels = n + 1, [*labels, "zz" if isinstance(labels[0], str) else 1000]
        else:
            b[k] = next(v for v in range(n) if v != a[k] and v != b[k])
        other = WeightedGraph.from_edges(a, b, c, n=n, labels=labels)
        assert "graph" in derandkit.verify(record, other).failed


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(0.01, 5.0))
def test_estimated_may_not_be_called_certified(shift):
    """Raising a claim to 'certified' demands the proof: a diagonal that fails it is found out."""
    graph, record = solved("petersen")
    forged = copy.deepcopy(record)
    forged["certificate"]["diagonal"] = [d - shift for d in record["certificate"]["diagonal"]]
    bound = math.fsum([*graph.weights.tolist(), *forged["certificate"]["diagonal"]]) / 4.0
    forged["chain"]["dual_bound"] = forged["bound"]["dual_bound"] = math.nextafter(bound, math.inf)
    for method in ("dense-cholesky", "sparse-ldl", "diagonal-dominance", "lanczos", "trust me"):
        forged["bound"]["method"] = forged["bound"]["dual_method"] = method
        assert "positive_semidefinite" in derandkit.verify(sealed(forged), graph).failed
    forged["bound_status"] = forged["bound"]["status"] = forged["bound"]["dual_status"] = "estimated"
    forged["bound"]["method"] = forged["bound"]["dual_method"] = "lanczos"
    failed = derandkit.verify(sealed(forged), graph).failed
    assert "positive_semidefinite" not in failed  # an estimate is allowed to be one,
    assert forged["status"] != "optimal" or {"gap", "status"} & set(
        failed
    )  # but then nothing is proven optimal


def test_base64_that_is_cut_short_is_noticed(case):
    graph, record = case
    for name, check in (("mean", "final_expectation"), ("vectors", "sdp_value")):
        raw = base64.b64decode(record["certificate"][name]["base64"])
        stored = {**record["certificate"][name], "base64": base64.b64encode(raw[:-4]).decode()}
        outcome = derandkit.verify(sealed(replaced(record, ("certificate", name), stored)), graph)
        assert check in outcome.failed
