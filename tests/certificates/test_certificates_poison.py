"""Every formula of the solver that ends up in a record of a cut, made wrong one at a time: verify has to notice.

The checker writes each of them a second time; if both sides shared one, a mistake in it would pass.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import sys
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit as dk
from derandkit.certificates.cuts import arithmetic, psd
from derandkit.certificates.cuts import rounding as counted_bounds
from derandkit.signs import rounding, values

SIGNED_EDGES = nx.gnp_random_graph(9, 0.7, seed=2).edges
GRAPHS = {
    "unit": nx.gnp_random_graph(12, 0.5, seed=1),
    "signed": [(a, b, w) for (a, b), w in zip(SIGNED_EDGES, np.linspace(-2, 3, 26), strict=False)],
}


def scaled(factor):
    return lambda honest, *a, **k: honest(*a, **k) * factor


def shifted(by):
    return lambda honest, *a, **k: honest(*a, **k) + by


def entry(key, change):
    """Change one entry of a dictionary."""

    def poison(honest, *a, **k):
        record = honest(*a, **k)
        return {**record, key: change(record[key])}

    return poison


def negated(honest, *a, **k):
    return not honest(*a, **k)


def stepped(factor):
    """Change the step between weights of cuts, or take one where there is none."""

    def poison(honest, *a, **k):
        lattice = honest(*a, **k) or rounding.CutLattice(1, 1, 0)
        return dataclasses.replace(lattice, step=lattice.step * factor)

    return poison


def replaced(**changes):
    """Change fields of what a formula returns."""

    def poison(honest, *a, **k):
        found = honest(*a, **k)
        return dataclasses.replace(
            found, **{name: change(getattr(found, name)) for name, change in changes.items()}
        )

    return poison


#: Formula of the solver -> ways to get it wrong.
POISONS = {
    "weak_duality_bound": [scaled(0.9), scaled(1.0 - 1e-6), shifted(-1e-3), scaled(1.0 + 1e-6)],
    "dominant_diagonal": [scaled(0.9), scaled(1.0 - 1e-6), shifted(-1e-3)],
    "edge_angles": [
        replaced(cosine=lambda x: 0.9 * x),
        replaced(chord=lambda x: 0.9 * x),
        replaced(sign=lambda x: -x),
    ],
    "semidefinite_value": [scaled(0.9), scaled(1.0 + 1e-6), shifted(1e-3), scaled(0.0)],
    "expected_hyperplane_cut": [scaled(0.9), scaled(1.0 + 1e-6), shifted(-1e-3), scaled(0.0)],
    "expected_independent_cut": [scaled(0.9), scaled(1.0 - 1e-6), shifted(-1e-3)],
    "scale_rows": [scaled(1.1), scaled(1.0 + 1e-6)],
    "duality_gap_reached": [negated],
    "guarantee_record": [
        entry("ratio", lambda x: x + 0.01),
        entry("value", lambda x: x - 1e-6),
        entry("holds", lambda x: not x),
        entry("negative_weight", lambda x: x - 1),
        entry("statement", lambda x: x.replace(">=", ">")),
    ],
    "relative_gap": [shifted(0.5), shifted(1e-6)],
    "final_stationarity": [
        entry("spread_norm", lambda x: x + 1e-9),
        entry("spread_gradient_norm", lambda x: x + 1e-9),
        entry("mean_gradient_norm", lambda x: x + 1e-3),
        entry("smallest_curvature", lambda x: x - 1e-3),
        entry("spread_bound", lambda x: None if x == 0.0 else 0.0),
        entry("curvature_method", lambda x: "lanczos"),
    ],
    "settled_mean": [scaled(0.1)],
    "cut_lattice": [
        stepped(7),
        stepped(0),
        lambda honest, *a, **k: None if honest(*a, **k) else rounding.CutLattice(2, 1, 0),
    ],
    "possible_cut": [shifted(-1), shifted(Fraction(1, 3)), scaled(Fraction(9, 10))],
    "exact_cut": [shifted(1000), scaled(0)],
    "upper_bound": [
        replaced(value=lambda x: x - 1),
        replaced(value=lambda x: x + 1),
        replaced(record=lambda r: {**r, "status": "tested"}),
        replaced(
            record=lambda r: {**r, "rounding": {"granularity": 5.0, "steps": ["weights are multiples of 5"]}}
        ),
    ],
}
#: This shows where the cut is optimal; the others where the semidefinite bound is not met.
PROOF = {("exact_cut", 1)}
#: Rows dominate in the records of balanced graphs only; there little else is computed.
BALANCED = {"dominant_diagonal"}
GRAPHS_OF = {name: {"balanced": nx.path_graph(6)} if name in BALANCED else GRAPHS for name in POISONS}
#: A heavier cut changes nothing in a graph whose cut is optimal anyway.
CASES = [
    (instance, name, k)
    for name, ways in POISONS.items()
    for instance in GRAPHS_OF[name]
    for k in range(len(ways))
    if (instance, name, k) != ("unit", "exact_cut", 0)
]


def test_every_formula_of_the_solver_is_in_the_table():
    own = {
        name
        for module in (values, rounding)
        for name, item in vars(module).items()
        if getattr(item, "__module__", "") == module.__name__ and not isinstance(item, type)
    }
    unseen = {name for name in own if not name.startswith("_")} - set(POISONS)
    # the penalty is a figure of the record that nothing else has to agree with; unit_rows is scale_rows on a copy,
    # which baselines use and no record; is_heavier chooses a cut, and what a record says of any cut is true
    assert unseen == {"default_penalty", "unit_rows", "is_heavier"}


@pytest.fixture(scope="module", autouse=True)
def _everything_is_imported():
    """Load what a run loads: a module that is first imported while a formula is wrong would keep the wrong one."""
    for graph in GRAPHS.values():
        assert dk.verify(dk.maxcut(graph), graph)


@pytest.mark.parametrize(("instance", "name", "k"), CASES)
def test_a_wrong_formula_of_the_solver_is_noticed(monkeypatch, instance, name, k):
    graph = GRAPHS_OF[name][instance]
    assert dk.verify(dk.maxcut(graph), graph)
    honest, poison = getattr(values, name, None) or getattr(rounding, name), POISONS[name][k]
    places = [
        module
        for key, module in list(sys.modules.items())
        if key.startswith("derandkit.") and getattr(module, name, None) is honest
    ]
    assert places
    assert not [module for module in places if module.__name__.startswith("derandkit.certificates")]
    with monkeypatch.context() as patch:
        for module in places:
            patch.setattr(module, name, lambda *a, **kw: poison(honest, *a, **kw))
        record = dk.maxcut(graph, bound="best" if (name, k) in PROOF else "sdp").to_dict()
    assert not dk.verify(record, graph).ok


@pytest.mark.parametrize("instance", GRAPHS)
def test_the_honest_record_passes(instance):
    outcome = dk.verify(dk.maxcut(GRAPHS[instance]), GRAPHS[instance])
    assert outcome.ok, str(outcome)


@pytest.mark.parametrize("seed", range(20))
def test_both_writings_agree(seed):
    rng = np.random.default_rng(seed)
    graph = dk.as_graph(
        [(a, b, rng.normal()) for a, b in nx.gnp_random_graph(20, 0.4, seed=seed).edges] or [(0, 1, 1)]
    )
    vectors = values.unit_rows(rng.standard_normal((graph.n, 5)))
    if seed % 3 == 0:  # angles near 0 and pi
        vectors[1::2] = -vectors[: graph.n // 2] if graph.n % 2 == 0 else vectors[1::2]
    assert arithmetic.sdp_value(graph, vectors).contains(values.semidefinite_value(graph, vectors))
    assert arithmetic.hyperplane_expectation(graph, vectors).contains(
        values.expected_hyperplane_cut(graph, vectors)
    )
    demanded = psd.absolute_row_sums(graph.adjacency())
    assert (demanded <= values.dominant_diagonal(graph)).all()
    mean, noise = rng.standard_normal(graph.n), 0.3
    assert arithmetic.independent_expectation(graph, mean, noise).contains(
        values.expected_independent_cut(graph, mean, noise)
    )
    own = arithmetic.stationarity(graph, mean, noise)
    theirs = values.final_stationarity(graph, mean, noise, penalty=0.1)
    assert own.gradient_norm.contains(theirs["mean_gradient_norm"])
    assert own.curvature.contains(theirs["smallest_curvature"])


@settings(max_examples=25)
@given(
    edges=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12),
    weights=st.sampled_from(
        [(1.0,), (2.0, 4.0, -6.0), (0.5, 1.5), (3.0, 0.0), (0.0,), (0.1, 1.0), (2.0**53,), (2.0**-500, 1.0),
         (2.0**60, -(2.0**60)), (2.0**-1060,), (1.5, 2.0**51)]
    ),
)  # fmt: skip
def test_both_writings_agree_on_what_cuts_can_weigh(edges, weights):
    graph = dk.as_graph(
        [
            (a, b, weights[k % len(weights)])
            for k, (a, b) in enumerate({tuple(sorted(e)) for e in edges})
            if a != b
        ]
        or [(0, 1, 1.0)]
    )
    lattice, own = rounding.cut_lattice(graph), counted_bounds.granularity(graph)
    assert (lattice is None) is (own is None)
    if lattice is not None:
        assert own == (
            Fraction(lattice.divisor, 1 << lattice.shift),
            Fraction(lattice.step, 1 << lattice.shift),
        )
    cuts = {
        rounding.exact_cut(graph, np.array(signs)) for signs in itertools.product((1, -1), repeat=graph.n)
    }
    if own is not None and own[1]:
        assert math.gcd(*(int(cut / own[1]) for cut in cuts)) == 1
        assert {cut % own[1] for cut in cuts} == {0}
    dual = {
        "value": 2.75 * max(1.0, float(max(cuts))),
        "status": "certified",
        "method": "dense",
        "reason": "",
    }
    claimed = {"dual_bound": dual["value"], "dual_status": "certified", "dual_method": "dense", "proof_method": "b",
               "reason": ""}  # fmt: skip
    for proof in (None, max(cuts) + Fraction(1, 3)):
        solver = rounding.upper_bound(graph, dual, None if proof is None else (proof, "b", ""))
        checker = counted_bounds.counted_bound(graph, claimed, proof)
        assert (solver.exact, solver.value, solver.record) == (checker.exact, checker.value, checker.record)
        assert type(solver.value) is type(checker.value)
        assert solver.exact >= max(cuts)


def test_the_error_function_is_as_good_as_assumed():
    from scipy.special import erf

    points = np.concatenate([np.linspace(-7, 7, 20_001), np.logspace(-300, 0, 2_000)])
    assert max(abs(float(erf(x)) - math.erf(x)) for x in points) <= 0.2 * arithmetic.SPECIAL


def test_one_heavy_edge_excuses_nothing():
    """An expectation off by 30 beside an edge of weight 1e9: a tolerance of the total weight let it pass."""
    from derandkit.records import sealed

    edges = [
        (0, 1, 1e9),
        *((a, b, 1.0) for a, b in nx.gnp_random_graph(12, 0.6, seed=3).edges if (a, b) != (0, 1)),
    ]
    record = dk.maxcut(edges).to_dict()
    assert dk.verify(record, edges).ok
    for name in ("start_expectation", "final_expectation", "sdp_value"):
        chain = {**record["chain"], name: record["chain"][name] - 30.0}
        assert name in dk.verify(sealed({**record, "chain": chain}), edges).failed


def test_an_estimated_bound_is_not_checked_and_has_to_survive_a_cut():
    from derandkit.records import sealed

    graph = nx.gnp_random_graph(14, 0.6, seed=5)
    record = dk.maxcut(graph).to_dict()
    bound = {**record["bound"], "dual_status": "estimated", "dual_method": "lanczos", "status": "estimated",
             "method": "lanczos", "reason": "as an attacker says"}  # fmt: skip
    base = {**record, "bound": bound, "bound_status": "estimated", "proven_optimal": False}
    base |= {"status": "bound_estimated", "message": dk.CutStatus.BOUND_ESTIMATED.value}
    honest = dk.verify(sealed(base), graph)
    assert "upper_bound" in honest.not_checked
    # a diagonal that says "no cut weighs more than 1"
    total = sum(record["certificate"]["diagonal"])
    shift = (4.0 - 2.0 * record["graph"]["total_weight"] - total) / 14
    diagonal = [x + shift for x in record["certificate"]["diagonal"]]
    value = math.nextafter((2.0 * record["graph"]["total_weight"] + math.fsum(diagonal)) / 4.0, math.inf)
    low = {**base, "certificate": {**record["certificate"], "diagonal": diagonal},
           "bound": {**bound, "dual_bound": value}, "chain": {**record["chain"], "dual_bound": value}}  # fmt: skip
    assert "upper_bound" in dk.verify(sealed(low), graph).failed
