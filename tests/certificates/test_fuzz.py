"""Changed records of every kind: what passes is true. Awkward graphs and clouds: no bound is below the optimum.

The long runs are those of ``python benchmarks/run.py fuzz``; their figures are in docs/testing.md.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from tests import adversarial, fuzzing
from tests.adversarial import Found, exact_optimum, judge_graph, try_clouds, try_graphs
from tests.catalogue import SHORT, random_graph
from tests.coherent import CHANGES, coherent
from tests.collection import as_if_large, collection, without_vectors
from tests.fuzzing import MOST_CALLS, fuzz, fuzz_coherent, with_a_proof
from tests.legs import some_then_all
from tests.oracles import brute_force_maxcut
from tests.second import second_report
from tests.truth import lies

import derandkit as dk
from derandkit.certificates.proofs import cases
from derandkit.records import sealed

NAMES = [
    "cut/signed", "cut/real", "cut/sparse+search+cycle", "cut/complete+best", "cut/cases", "cut/petersen+branch",
    "cut/real+estimated", "cut/tested", "constrained/both", "constrained/turned", "ranked/constrained",
    "embedding/certified", "embedding/single", "embedding/promise", "embedding/sparse", "embedding/wide",
    "features/single", "features/sparse", "signs/ising", "signs/hard", "signs/maxdicut", "signs/off", "signs/triangles",
]  # fmt: skip
#: Records with a proof of each kind.
TREES = [
    "cut/signed", "cut/complete+best", "cut/field+best", "cut/decided+cycle", "cut/cases", "cut/real+branch",
    "signs/glass", "signs/maxdicut", "signs/norm", "signs/triangles",
]  # fmt: skip


def assert_true(tally):
    assert tally.tried > 0
    assert not tally.crashes, tally.crashes
    assert not tally.false, tally.false
    assert not tally.disagreements, tally.disagreements
    assert 0 < tally.calls <= MOST_CALLS


def test_a_check_that_works_on_and_on_is_noticed(monkeypatch):
    record, graph = collection()["cut/signed"]
    honest = fuzz(record, graph, range(3))
    monkeypatch.setattr(fuzzing, "accepted", lambda *case: [abs(k) for k in range(MOST_CALLS)] == case)
    assert honest.calls <= MOST_CALLS < fuzz(record, graph, range(1)).calls


def test_no_verdict_rests_on_the_clock(monkeypatch):
    """The slowest case is shown on the page; a clock that jumps by days changes that number, and no other."""
    record, graph = collection()["cut/signed"]

    def found():
        graphs = Found()
        try_graphs(3, graphs)
        return vars(fuzz(record, graph, range(40), every=10)), vars(graphs)

    usual = found()
    days = itertools.count(0, 86_400)
    for module in (fuzzing, adversarial):
        monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: float(next(days))))
    other = found()
    for one, two in zip(usual, other, strict=True):
        assert one.pop("slowest") < 86_400 <= two.pop("slowest")
        one.pop("calls", 0), two.pop("calls", 0)  # of a first check a few more
        assert one == two


def test_honest_records_say_nothing_false():
    for name, (record, instance) in collection().items():
        assert lies(record, instance) == [], name


@pytest.mark.parametrize("name", NAMES)
def test_what_passes_is_true(name):
    tally = fuzz(*collection()[name], range(30), every=10)
    assert_true(tally)
    assert tally.refused > tally.tried // 2


@pytest.mark.parametrize("name", NAMES)
def test_what_passes_is_true_at_length(name):
    assert_true(fuzz(*collection()[name], range(1000, 1080), every=10))


@some_then_all
def test_what_passes_without_vectors_is_true(every):
    """Nothing that rests on vectors is checked there, and everything else is."""
    with as_if_large():
        record, graph = without_vectors()
        assert lies(record, graph) == []
        tally = fuzz(record, graph, range(0, 400, every), every=5)
    assert_true(tally)
    assert tally.refused > tally.tried // 2


@some_then_all
@pytest.mark.parametrize("name", TREES)
def test_a_changed_proof_with_all_that_follows_proves_nothing_false(name, every):
    """Seals, sums, gap and status agree; a case is left out or counted twice, a multiplier or a scale is another."""
    tally = fuzz_coherent(*collection()[name], range(0, 120, 3 * every), every=10)
    assert_true(tally)
    assert tally.refused > 0


def test_every_record_with_a_proof_can_be_changed_with_all_that_follows():
    records = with_a_proof(collection())
    assert set(TREES) <= set(records)
    made = set()
    for name in TREES:
        for seed in range(6):
            forged, done = coherent(*records[name], np.random.default_rng(seed))
            made.update(done)
            assert forged != records[name][0] or not done
    assert len(made & {change.__name__ for change in CHANGES}) >= 8
    assert "lesser cut" in made


def test_a_checker_that_takes_the_best_case_is_found_out(monkeypatch):
    """The changes can do harm: where the worst case does not count, bounds below the optimum pass."""
    monkeypatch.setattr(cases, "min", max, raising=False)
    assert fuzz_coherent(*collection()["cut/cases"], range(40), every=100).false


@some_then_all
@pytest.mark.parametrize("name", ["cut/signed", "ranked/constrained", "embedding/certified", "signs/hard"])
def test_a_verifier_that_accepts_anything_is_found_out(name, every, monkeypatch):
    """The fuzzer can fail: false statements in changed records are noticed by enumeration and fractions alone."""
    monkeypatch.setattr(fuzzing, "accepted", lambda record, instance: True)
    tally = fuzz(*collection()[name], range(0, 60, every), every=1)
    assert len(tally.false) > 20 // every
    assert len(tally.disagreements) > 20 // every


def test_the_optimum_of_the_oracles_is_one():
    for seed, weights in itertools.product(range(5), ("reals", "signs")):
        graph = random_graph(8, 0.6, seed=seed, weights=weights)
        assert exact_optimum(graph) == brute_force_maxcut(graph)[0]
    graph = random_graph(1, 0.5, seed=0)
    assert exact_optimum(graph) == Fraction(0)


def outcomes(header, rows):
    assert header == ["outcome", "number"]
    return dict(rows)


def test_awkward_graphs():
    found = outcomes(*try_graphs(60, every=6))
    check_graphs(found)
    assert found["shown to both verifiers"] > 3


def test_a_temperature_beyond_single_precision_is_no_warning():
    """Found by the awkward graphs: weights over 320 decimal orders made NumPy warn of an overflow in the search."""
    edges = [
        (0, 1, 1e-164), (0, 2, 1e13), (0, 3, 1e-43), (0, 6, 1e159), (1, 2, 1e-114), (1, 5, 1e142), (1, 7, 1e-150),
        (2, 4, 1e32), (2, 6, 1e17), (2, 7, 1e126), (3, 4, 1e-79), (3, 5, 9.999999999999999e141), (3, 6, 1e48),
        (4, 6, 1e123), (4, 7, 1e-113),
    ]  # fmt: skip
    assert judge_graph(8, edges, {"bound": "best", "search": SHORT}, second=False) == []


def test_whole_weights_whose_sums_are_no_doubles_are_no_reason_to_refuse():
    """Found by the awkward graphs: the search on contracted settled edges refused 1e48 + 1e34, and with it the run."""
    edges = [
        (0, 1, 1e15), (0, 2, -1e15), (0, 3, -1e28), (0, 4, -1e72), (0, 5, -1e109), (0, 6, -1e138), (0, 7, -1e11),
        (1, 2, -1e130), (1, 3, -1e9), (1, 4, -1e44), (1, 5, -1e50), (1, 6, -1e48), (1, 7, -1e120), (2, 3, -1e122),
        (2, 5, -1e84), (2, 6, -1e2), (2, 7, -1e99), (3, 4, -1e6), (3, 5, -1e131), (3, 6, -1e119), (3, 7, -1e133),
        (4, 5, -10.0), (4, 6, -1e35), (4, 7, -1e82), (5, 6, -1e114), (5, 7, -1e72), (6, 7, -1e121),
    ]  # fmt: skip
    assert "refused" not in judge_graph(8, edges, {"method": "conditional"}, second=False)


def test_many_awkward_graphs():
    check_graphs(outcomes(*try_graphs(300, every=10)))


def check_graphs(found):
    assert found["refused in one line"] < found["instances"] / 2
    for name in ("certified bound", "estimated bound", "proof", "dual bound"):
        assert found[f"{name} below the optimum"] == 0
    assert found["proven optimal, and it is not"] == found["anything else"] == 0


def test_awkward_clouds():
    check_clouds(outcomes(*try_clouds(12)))


def test_many_awkward_clouds():
    check_clouds(outcomes(*try_clouds(100)))


def check_clouds(found):
    assert found["refused in one line"] < found["instances"]
    assert found["certified distortion below the true one"] == found["anything else"] == 0
    assert (
        found["lower bound above the distortion of a map"] == found["lower bound above the spectral one"] == 0
    )


def test_nothing_in_place_of_the_triangles_is_no_form():
    """Found by the changes: null there passed in both verifiers, as if the key were missing."""
    record, instance = collection()["signs/triangles"]
    forged = sealed({**record, "triangles": None})
    assert dk.verify(forged, instance).failed == ("form",)
    assert second_report(forged, instance).failed == ["form"]


def test_changes_are_the_same_every_time():
    from tests.mutations import mutated

    record, _ = collection()["signs/ising"]
    first, again = (mutated(record, np.random.default_rng(7)) for _ in range(2))
    assert first == again
