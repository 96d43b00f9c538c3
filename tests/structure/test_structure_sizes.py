"""How large a teacher may be, and what of its size is compared with limits before anything of it is made."""

from __future__ import annotations

import dataclasses
import tracemalloc

import pytest

import derandkit
from derandkit import InputError, Teacher
from derandkit.certificates.structure import cost
from derandkit.certificates.structure.recomputed import Samples
from derandkit.records import sealed
from derandkit.structure.nodes import SOBOL_DIMENSION

pytest.importorskip("jax")

from tests.structure.test_structure_certificate import case


def test_a_teacher_of_more_inputs_than_there_are_points_for_is_refused_before_it_is_made():
    with pytest.raises(
        InputError, match="Sobol points exist up to dimension 21201, got 1000000000 coordinates"
    ):
        Teacher("tanh", 10**9)
    assert SOBOL_DIMENSION == pytest.importorskip("scipy.stats.qmc").Sobol.MAXDIM


@pytest.mark.parametrize("inputs", ["gaussian", "uniform", "student-t"])
@pytest.mark.parametrize(("dimension", "noise"), [(1, 0.0), (2, 0.1), (3, 0.0), (3, 0.1), (7, 0.0)])
@pytest.mark.parametrize(("nodes", "judging"), [(64, 16), (1000, 300), (20_000, 5000)])
def test_nodes_are_counted_without_being_made(inputs, dimension, noise, nodes, judging):
    teacher = Teacher("tanh", dimension, noise=noise, inputs=inputs, nodes=nodes, evaluation_nodes=judging)
    samples = Samples(teacher)
    counts = cost.node_counts(samples)
    made = (
        len(samples.training.weights),
        len(samples.coarse.weights),
        sum(len(part.weights) for part in samples.evaluation),
        len(samples.evaluation),
    )
    if samples.training.kind == "grid":  # nodes of hardly any weight are left out
        assert all(most >= found for most, found in zip(counts, made, strict=True))
    else:
        assert counts == made


@pytest.mark.parametrize("name", ["nodes", "evaluation_nodes"])
@pytest.mark.parametrize("exponent", [26, 33, 60])
def test_a_problem_with_very_many_nodes_is_refused_before_they_are_made(name, exponent):
    """2^26 nodes took 7 GB before they were counted."""
    problem, record = case("sobol")
    large = dataclasses.replace(problem, **{name: 2**exponent})
    forged = sealed({**record, "problem": {**record["problem"], **large.describe(), "digest": large.digest}})
    tracemalloc.start()
    outcome = derandkit.verify(forged, large)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not outcome.ok
    assert "refused unseen" in str(outcome)
    assert peak < 2**25
