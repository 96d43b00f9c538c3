"""Options that a record cannot hold are refused before any work, and long histories are thinned."""

from __future__ import annotations

import numpy as np
import pytest

import derandkit.structure.run as runs
from derandkit import (
    InputError,
    RegressionData,
    SearchEffort,
    Student,
    certify_network,
    discover_structure,
    random_features,
    verify,
)
from derandkit.points.cloud import PointCloud
from derandkit.points.columns import LONGEST_NAME
from derandkit.structure.methods import StochasticGradient
from derandkit.structure.result import StructureResult
from derandkit.structure.trained.layers import first_layer
from derandkit.structure.trained.result import NetworkCertificate

X = np.random.default_rng(0).standard_normal((60, 3))
DATA = RegressionData(X, np.tanh(X[:, 0]))


@pytest.mark.parametrize("method", ["lemma", "hessian", "sgd", "adam"])
def test_more_steps_than_a_record_counts_are_refused_first(method, monkeypatch):
    monkeypatch.setattr(runs, "train", lambda *_: pytest.fail("it was trained"))
    with pytest.raises(InputError, match=r"max_steps must be a whole number from 0 to 10\^12"):
        discover_structure(DATA, Student(width=3), method=method, max_steps=10**12 + 1)


@pytest.mark.parametrize("options", [{"steps": 10**12 + 1}, {"batch": 2**20 + 1}, {"batch": 0}])
def test_steps_and_batches_have_limits(options):
    with pytest.raises(InputError, match=r"from 0 to 10\^12|1 to 1048576 inputs"):
        StochasticGradient(**options)


def test_a_layer_of_more_inputs_than_a_record_holds_is_refused():
    with pytest.raises(InputError, match="100001 inputs, more than 100000"):
        first_layer(np.zeros((1, 100_001)), [0.0])


def test_names_longer_than_a_record_holds_are_refused():
    with pytest.raises(InputError, match="more than 100000 characters"):
        PointCloud(X, columns=("a" * (LONGEST_NAME + 1), "b", "c"))
    PointCloud(X, columns=("a" * LONGEST_NAME, "b", "c"))


def test_more_frequencies_than_a_history_holds_are_refused():
    with pytest.raises(InputError, match="at most 200000 features"):
        random_features([[0.0], [1.0]], 200_002, method="conditional")


@pytest.mark.parametrize("steps", [7, 8, 9, 40, 41])
def test_a_long_history_is_thinned_and_holds(steps, monkeypatch):
    pytest.importorskip("jax")
    monkeypatch.setattr(runs, "MOST_ROWS", 8)
    method = StochasticGradient("sgd", step_size=0.05, batch=None, steps=steps, rng=0)
    found = discover_structure(DATA, Student(width=3), method=method, penalty=1e-2, controls=False)
    done = found.history["evaluations"]
    assert len(done) <= 8
    assert done[-1] == found.evaluations
    assert len(np.unique(np.diff(done)[:-1])) <= 1
    assert StructureResult.from_json(found.to_json()).to_json() == found.to_json()
    assert verify(found, DATA).ok


def test_a_network_on_long_names_is_loaded_and_longer_ones_are_refused():
    jnp = pytest.importorskip("jax").numpy
    pandas = pytest.importorskip("pandas")

    def certified(length):
        table = pandas.DataFrame(X, columns=["a" * length, "b", "c"])
        W, v = np.eye(2, 3), np.ones(2)
        return certify_network(
            lambda z: jnp.dot(jnp.tanh(z), v), table, DATA.y, weights=W, bias=[0.0, 0.1], penalty=0.1
        )

    found = certified(20_000)
    assert NetworkCertificate.from_json(found.to_json()).names == found.names
    with pytest.raises(InputError, match="more than 100000 characters"):
        certified(100_001)


def test_a_search_has_so_many_trajectories_as_can_be_kept():
    """All of them are made before a clock is looked at: 2^63 of them never ended."""
    with pytest.raises(InputError, match="at most 10000 trajectories"):
        SearchEffort(trajectories=2**63)
    assert SearchEffort(trajectories=10_000).trajectories == 10_000
