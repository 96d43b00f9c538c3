"""The sampler for dimod: its own contract, energies, bounds, several different solutions."""

from __future__ import annotations

import itertools
import unittest

import networkx as nx
import pytest

import derandkit as dk

dimod = pytest.importorskip("dimod")
dimod_testing = pytest.importorskip("dimod.testing")

from derandkit.dimod import DerandkitSampler  # noqa: E402


@dimod_testing.load_sampler_bqm_tests(DerandkitSampler)
class TestDimodsOwn(unittest.TestCase):
    """Dimod's tests of a sampler: variables, offsets, vartypes, types of numbers, empty models."""


def test_the_interface_is_the_one_that_dimod_asks_for():
    dimod_testing.assert_sampler_api(DerandkitSampler())


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("seed", range(4))
def test_energies_and_bounds_against_enumeration(vartype, seed):
    bqm = dimod.generators.gnm_random_bqm(9, 18, vartype, random_state=seed)
    found = DerandkitSampler().sample(bqm, num_reads=5)
    dimod_testing.assert_response_energies(found, bqm)
    exact = dimod.ExactSolver().sample(bqm)
    assert found.first.energy == pytest.approx(exact.first.energy, abs=1e-12)
    assert found.info["bound"] <= exact.first.energy + 1e-12
    samples = [tuple(sorted(sample.items())) for sample in found.samples()]
    assert len(set(samples)) == len(samples) == 5
    assert dk.verify(found.info["certificate"], dk.QuadraticModel.from_dimod(bqm))


def test_the_same_answer_every_time_and_the_mirror_image_beside_it():
    glass = dimod.generators.frustrated_loop(nx.grid_2d_graph(5, 5), 10, seed=1)
    first, second = (DerandkitSampler().sample(glass, num_reads=4) for _ in range(2))
    assert (first.record.sample == second.record.sample).all()
    energies = first.record.energy
    assert list(energies) == sorted(energies)
    assert energies[0] == energies[1]  # without fields every solution has a mirror image


def test_a_start_is_never_lost():
    bqm = dimod.BinaryQuadraticModel({}, dict.fromkeys(itertools.combinations("abcde", 2), 1), 0, "SPIN")
    start = {"a": 1, "b": 1, "c": 1, "d": -1, "e": -1}
    found = DerandkitSampler().sample(bqm, initial_states=start, search=None)
    assert found.first.energy <= bqm.energy(start)


def test_parameters_are_checked():
    bqm = dimod.BinaryQuadraticModel({"a": 1}, {}, 0, "SPIN")
    with pytest.raises(dk.InputError, match="num_reads"):
        DerandkitSampler().sample(bqm, num_reads=0)
    with pytest.raises(dk.InputError, match="initial_states"):
        DerandkitSampler().sample(bqm, initial_states=3)
    with pytest.warns(dimod.exceptions.SamplerUnknownArgWarning):
        DerandkitSampler().sample(bqm, beta_range=(0, 1))


def test_what_dimod_hands_out_is_taken_in_parts():
    bqm = dimod.BinaryQuadraticModel({"a": 1, "b": -2}, {("a", "b"): 3}, 0.5, "BINARY")
    energy = dimod.ExactSolver().sample(bqm).first.energy
    assert dk.minimize_qubo(*bqm.to_qubo()).value == energy
    assert dk.minimize_ising(*bqm.to_ising()).value == energy
    with pytest.raises(dk.InputError, match="pass its parts"):
        dk.minimize_qubo(bqm.to_qubo())


@pytest.mark.parametrize("seed", range(6))
def test_bound_and_certificate_are_about_the_first_sample(seed):
    """Better solutions, of the user or met among several, stood before the one that the certificate holds."""
    bqm = dimod.generators.gnm_random_bqm(60, 300, "SPIN", random_state=seed)
    better = DerandkitSampler().sample(bqm, search="thorough").first.sample
    for options in (
        {"initial_states": dict(better)},
        {"num_reads": 5},
        {"num_reads": 3, "initial_states": dict(better)},
    ):
        found = DerandkitSampler().sample(bqm, search=None, bound="sdp", **options)
        certificate = found.info["certificate"]
        assert found.first.energy == pytest.approx(certificate["value"], abs=1e-9)
        assert found.info["gap"] == pytest.approx(certificate["value"] - found.info["bound"], abs=1e-9)
        assert list(found.record.energy) == sorted(found.record.energy)
        assert len(found) == options.get("num_reads", 1)


def test_a_limit_of_time_holds_for_all_solutions(monkeypatch):
    """Several solutions of 20 000 spins took 70 seconds with a limit of one."""
    import derandkit.dimod as wing
    from derandkit.runtime.clock import current

    honest, limited = wing.maxcut, []

    def watched(*arguments, **options):
        limited.append(current().limited)
        return honest(*arguments, **options)

    monkeypatch.setattr(wing, "maxcut", watched)
    bqm = dimod.generators.gnm_random_bqm(20, 40, "BINARY", random_state=1)
    assert len(DerandkitSampler().sample(bqm, num_reads=3, time_limit=60)) == 3
    assert limited == [True]
