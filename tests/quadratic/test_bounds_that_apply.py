"""A bound is stated of what it holds for: cut norms with fixed values, features of length 1, estimates and proofs."""

from __future__ import annotations

import itertools
import json

import networkx as nx
import numpy as np
import pytest
from tests.second import second_report

import derandkit as dk
from derandkit.certificates.cuts import arithmetic
from derandkit.errors import InputError
from derandkit.numerics.rounding import float_above
from derandkit.records import encode_array, sealed


@pytest.mark.parametrize(
    "fixed",
    [
        {("row", 1): -1, ("column", 0): -1},
        {("row", 0): 1, ("column", 2): 1},
        {("column", 1): 1, ("row", 0): -1},
    ],
)
def test_a_cut_norm_has_fixed_rows_or_fixed_columns(fixed):
    """The greatest sum was said to be the greatest absolute value: 1 was certified where 2 is reached."""
    with pytest.raises(InputError, match="rows and columns are fixed both"):
        dk.cut_norm([[1, 1]], fixed=fixed)
    model = dk.cut_norm_model([[1, 1]])
    assert dk.optimize(model, fixed=fixed).bound_status == "certified"


@pytest.mark.parametrize("kind", ["row", "column"])
def test_a_cut_norm_with_values_of_one_kind_is_that_of_such_choices(kind):
    rng = np.random.default_rng(4)
    for _ in range(6):
        A = rng.integers(-3, 4, size=(3, 3))
        fixed = {(kind, 0): 1, (kind, 3): -1, (kind, 1): -1}
        found = dk.cut_norm(A, fixed=fixed)
        B = A if kind == "row" else A.T
        best = max(
            abs(int(B[np.ix_([0, *more], list(columns))].sum()))
            for more in ([], [2])
            for n in range(4)
            for columns in itertools.combinations(range(3), n)
        )
        assert found.value == found.bound == best


def test_features_of_other_lengths_have_no_ratio_to_the_bound():
    """Nystroem's features beat a certified bound, with a gap of 0."""
    X = np.random.default_rng(0).standard_normal((6, 5))
    methods = ["lemma", "nystroem", "rbf-sampler"]
    rows = {row.method: row for row in dk.compare({"x": X}, n_features=4, methods=methods, rng=1)}
    assert rows["nystroem"].value < rows["nystroem"].bound
    for name in ("nystroem", "rbf-sampler"):
        assert (rows[name].ratio, rows[name].gap) == (None, None)
        assert rows[name].note == "the bound does not hold for it"
    assert rows["lemma"].ratio >= 1


def test_an_estimate_beside_a_proof_is_held_to_the_graph():
    """A dual bound of 2 was 'proven' beside a cut of 44, since a proof had certified another bound."""
    numbers = np.random.default_rng(1)
    graph = nx.Graph()
    for u, v in itertools.combinations(range(9), 2):
        if numbers.random() < 0.7:
            graph.add_edge(u, v, weight=int(numbers.integers(1, 6)))
    record = json.loads(json.dumps(dk.maxcut(graph, bound="best").to_dict()))
    assert record["certificate"]["proof"] is not None
    assert dk.verify(record, graph).ok
    n, total = len(graph), 2 * sum(data["weight"] for *_, data in graph.edges(data=True))
    record["certificate"]["diagonal"] = [(8.0 - total) / n] * n
    dual = float_above(arithmetic.dual_value(dk.as_graph(graph), np.array(record["certificate"]["diagonal"])))
    vectors = np.zeros((n, 6))
    vectors[:, 0] = 1
    record["certificate"]["vectors"] = encode_array(vectors, "<f4")
    record["chain"].update(dual_bound=dual, sdp_value=0.0, start_expectation=0.0)
    record["bound"].update(dual_bound=dual, dual_status="estimated", dual_method="lanczos")
    record["relaxation"]["duality_gap_reached"] = False
    record["guarantee"]["value"] = 0.0
    record.pop("seal")
    forged = sealed(record)
    assert "estimate" in dk.verify(forged, graph).failed
    assert not second_report(forged, dk.as_graph(graph)).ok
