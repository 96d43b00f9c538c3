"""What one verifier refuses as false or not proven the other does not call proven; forgeries of an audit."""

from __future__ import annotations

import base64
import itertools
import json
import math
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.certificates.test_tolerances_of_figures import erfc_exactly
from tests.forged import forged_cut
from tests.mutations import sealed_again
from tests.second import second, second_report

import derandkit as dk
from derandkit.certificates.cuts import coins
from derandkit.certificates.cuts.constrained import verify_constrained_cut
from derandkit.certificates.proofs.integers import listed_integers
from derandkit.graphs.graph import WeightedGraph
from derandkit.records import encode_array

RECORDS = Path(__file__).parents[1] / "data" / "records"


def pairs_of_edges(weights):
    """Return a graph of edges that do not meet."""
    k = np.arange(len(weights))
    return WeightedGraph.from_edges(2 * k, 2 * k + 1, [float(w) for w in weights])


def both(record, graph):
    return dk.verify(record, graph).ok, second_report(record, graph).ok


def test_the_forger_makes_records_that_hold():
    graph = pairs_of_edges([1.0])
    assert both(forged_cut(graph, "+-", [0, 0], np.eye(2), [1.0, 1.0]), graph) == (True, True)


def test_a_margin_hides_no_distortion_that_is_too_small_by_a_hundred_thousandth():
    """The second verifier let any margin up to 2^-17 stand beside a distortion that is off by as much."""
    points = np.random.default_rng(0).normal(size=(9, 4))
    record = json.loads(dk.embed(points, n_components=2).to_json())
    assert both(record, points) == (True, True)
    margin = 7.6e-6
    record["margin"], record["distortion"] = margin, record["distortion"] - 0.99 * margin
    record["chain"]["distortion"] = record["distortion"]
    record["chain"]["certified_distortion"] = record["distortion"] + margin
    assert both(sealed_again(record), points) == (False, False)


def heavy_edges(top, means):
    """A record of edges from `top` down to 1, of which only the last is cut."""
    weights = [top]
    while weights[-1] > 1:
        weights.append(max(1.0, float(round(weights[-1] / 8))))
    n = 2 * len(weights)
    mean = np.full(n, 30.0)
    mean[: len(means)], mean[-1] = means, -30.0
    vectors = np.tile([1.0, 0.0], (n, 1))
    vectors[-1] = [0.0, 1.0]
    diagonal = np.repeat(weights, 2) * (1 + 2.0**-40)
    graph = pairs_of_edges(weights)
    return graph, lambda off: forged_cut(
        graph, "+" * (n - 1) + "-", mean, vectors, diagonal, off={"final_expectation": off}
    )


@pytest.mark.parametrize(
    ("top", "means", "off"), [(1e16, [9, 9], 0.0), (1e16, [9, 9], 0.02), (1e45, [], 1e5)]
)
def test_heavy_edges_do_not_widen_what_the_second_verifier_accepts(top, means, off):
    """It rounded shares to 128 bits, so that a heavy edge excused a figure of 100001 for one of 1, and false chains."""
    graph, make = heavy_edges(top, means)
    assert both(make(off), graph) == (False, False)


def test_a_final_expectation_is_claimed_to_the_digits_of_doubles():
    """The second one allowed 1e-12 of each share, and a chain that is false by less."""
    graph = pairs_of_edges([1.0])
    record = forged_cut(graph, "+-", [0, 0], np.eye(2), [1.0, 1.0], off={"final_expectation": 4e-13})
    assert both(record, graph) == (False, False)
    graph = pairs_of_edges([1.0, 0.9999999999996])
    vectors = [[1, 0], [0, 1], [1, 0], [0, 1]]
    assert both(forged_cut(graph, "+++-", [0] * 4, vectors, [1.0001] * 4), graph) == (False, False)


@pytest.mark.parametrize("square", [1, 30, 39, 40, 41, 60, 400, 709, 2000])
def test_the_second_verifier_encloses_the_complementary_error_function(square):
    found = second().reals.erfc_of_root(Fraction(square))
    assert 0 < found.low <= found.high <= found.low * (1 + Fraction(1, 10**16))
    if square >= 676:
        exact = erfc_exactly(math.sqrt(square))  # of the root as a double, 1e-13 off
        assert abs(found.middle / exact - 1) < Fraction(1, 10**11) or square == 2000
    else:
        assert float(found.middle) == pytest.approx(math.erfc(math.sqrt(square)), rel=1e-12)


def test_a_singular_matrix_is_proven_by_none():
    """Doubles cannot show it; the second one called it proven."""
    graph = WeightedGraph.from_edges([0, 0, 1], [1, 2, 2], [2.0, 3.0, 6.0])
    vectors = [[1, 0], [1, 0], [-1, 0]]
    record = forged_cut(graph, "++-", [30, 30, -30], vectors, [1.0, 4.0, 9.0], method="dense-cholesky")
    assert both(record, graph) == (False, False)


def test_dominance_by_fractions_has_the_rounding_of_its_sums_to_spare():
    graph = pairs_of_edges([0.1])
    for diagonal, holds in ((0.1, False), (0.1 * (1 + 1e-12), True)):
        record = forged_cut(graph, "+-", [30, -30], [[1, 0], [-1, 0]], [diagonal] * 2)
        assert both(record, graph) == (holds, holds)


def test_encoded_integers_beyond_doubles_are_read_as_they_are():
    """derandkit read 2^53 + 1 as 2^53, and what 2^63 and more became depended on the machine."""
    text = base64.b64encode(struct.pack("<2q", 2**53 + 1, -(2**62) - 1)).decode()
    encoded = {"base64": text, "dtype": "<i8", "shape": [2]}
    assert listed_integers(encoded, "x") == second().report.integers(encoded) == [2**53 + 1, -(2**62) - 1]
    encoded = encode_array(np.array([2.0**70, -3.0]), "<f8")
    assert listed_integers(encoded, "x") == second().report.integers(encoded) == [2**70, -3]
    weight, amount = 2**53 + 2, 2**53 + 1
    pairs = list(itertools.combinations(range(4), 2))
    graph = WeightedGraph.from_edges(*zip(*pairs, strict=True), [float(weight)] * 6)
    amounts = struct.pack("<6q", weight, amount, 1, -amount, -1, 0)
    proof = {"kind": "flow", "reference": 0, "unit": 0}
    proof["amounts"] = {"base64": base64.b64encode(amounts).decode(), "dtype": "<i8", "shape": [6]}
    vectors = [[1, 0], [1, 0], [-1, 0], [-1, 0]]
    diagonal = [3.0 * weight + 64] * 4
    record = forged_cut(graph, "++--", [30, 30, -30, -30], vectors, diagonal, proof=(proof, "flow"))
    first, other = both(record, graph)
    assert first == other


def test_a_status_has_the_name_of_its_version():
    """A record of version 2 around one of the older version had the older name of a status, and was proven."""
    record = json.loads((RECORDS / "constrained-cut-1-stopped.json").read_text(encoding="utf-8"))
    graph = dk.as_graph(RECORDS / "reals.edgelist")
    assert record["status"] == "gap_not_reached"
    assert second_report(record, graph).ok
    record["schema_version"] = 2
    record["graph"]["reading"] = None
    sealed_again(record)
    checks = verify_constrained_cut(record, graph)
    assert [check.name for check in checks if not check.passed] == ["status"]
    assert second_report(record, graph).failed == ["status"]


@pytest.mark.parametrize(("off", "holds"), [(0.0, True), (2.0**-53, True), (1e-14, False), (-1e-14, False)])
def test_a_gap_under_constraints_is_one_exact_quotient(off, holds):
    graph = WeightedGraph.from_edges([0, 1, 2, 0], [1, 2, 0, 3], [1.1, 1.3, 1.7, -0.6])
    record = json.loads(dk.maxcut(graph, fixed={0: 0, 1: 0}, bound="sdp").to_json())
    record["gap"] *= 1.0 + off
    sealed_again(record)
    expected = holds or record["gap"] == 0.0
    assert (
        "gap" not in [check.name for check in verify_constrained_cut(record, graph) if not check.passed]
    ) is expected
    assert ("gap" not in second_report(record, graph).failed) is expected


@pytest.mark.parametrize("ratio", [1e-2, 2e-10, 1e-13])
def test_the_degree_of_a_test_by_coins_rests_on_an_angle_that_is_not_too_great(ratio):
    """acosh(1 + 1e-13) is 5e-4 too great: the sum has lost the digits of the ratio."""
    graph = WeightedGraph.from_edges([0], [1], [1.0])
    found = coins.plan(graph.adjacency(), np.ones(2), ratio, 1e-12)
    exact = 2 * Fraction(ratio) / Fraction(found.high)
    theta = Fraction(found.theta)  # cosh t - 1 < t^2 / 2 (1 + t^2 / 12 + t^4 / 360 + t^6 / 20000)
    assert theta**2 / 2 * (1 + theta**2 / 12 + theta**4 / 360 + theta**6 / 20000) <= exact


@pytest.mark.parametrize("exponent", [-1060, -1022, -500, 0, 900])
def test_a_test_by_coins_does_not_depend_on_the_unit_of_the_weights(exponent):
    graph = WeightedGraph.from_edges(
        [0, 1, 2], [1, 2, 0], [math.ldexp(w, exponent) for w in (8.0, 16.0, 8.0)]
    )
    for row, holds in ((17.0, True), (11.0, False)):
        found = coins.test_by_coins(
            graph.adjacency(), np.full(3, math.ldexp(row, exponent)), math.ldexp(1.0, exponent), 1e-12,
            np.random.default_rng(0),
        )  # fmt: skip
        assert found.proven is holds


def test_a_loose_diagonal_does_not_excuse_a_relaxation_that_is_not_known():
    """Its value was compared with the bound of the record, which a diagonal makes as great as its author likes."""
    graph = pairs_of_edges([1e12, -1e12, 1.0])
    vectors = [[1, 0], [-1, 0.01], [1, 0], [-1, 0.01], [1, 0], [0, 1]]
    record = forged_cut(graph, "+-+-+-", [30, -30] * 3, vectors, np.full(6, 1e30))
    verdicts = {check.name: check.verdict.value for check in dk.verify(record, graph).checks}
    assert verdicts["sdp_value"] == "not checked"
    assert both(record, graph) == (False, False)


def test_a_heavy_edge_that_is_all_but_certain_makes_no_chain():
    """Its share of 7.6e-4 was 0 for SciPy, and a chain with an expectation of 8.6e-4 below a cut of 1e-4 proven."""
    graph = pairs_of_edges([1e307, 1e-4])
    h = 26.65 * math.sqrt(2.0)
    diagonal = [1.000000000000001e307] * 2 + [1.000000000000001e-4] * 2
    record = forged_cut(graph, "+++-", [h, h, 5.0, -5.0], [[1, 0], [1, 0], [1, 0], [0, 1]], diagonal)
    assert both(record, graph) == (False, False)
