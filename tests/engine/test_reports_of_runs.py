"""Pages about runs of the engine and about trained networks: every row has words, and the picture is drawn."""

from __future__ import annotations

import re

import numpy as np
import pytest

import derandkit as dk
from derandkit.reports.report import TITLES
from derandkit.reports.words import WORDS, meaning
from derandkit.versions import CURRENT

pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def run():
    objective = dk.QuadratureObjective(lambda z: (z**2).sum(axis=1), dimension=2)
    return dk.derandomize(objective, dk.GaussianSampler([1.0, 0.5], np.eye(2)))


def test_every_kind_of_record_has_a_title_and_words():
    assert {*CURRENT} - {*TITLES} == {"derandkit-quadratic"}  # its titles go by the problem
    assert {*CURRENT} == {*WORDS}


def test_a_run_of_the_engine_is_a_page(tmp_path, run):
    dk.write_report(run, tmp_path / "run.html")
    text = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert f"is {run.value:.9g} where the run ended, and {run.start_value:.9g} where it began" in text
    assert "<svg" in text or "data:image" in text
    assert "derandkit verify" not in text  # there is no instance to check it against
    assert "objective.value(result.sampler)" in text
    assert all(meaning(run.schema, name) for name, *_ in run.table_rows())
    again = type(run).of_record(run.to_dict(), None)
    dk.write_report(again, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (tmp_path / "run.html").read_bytes()


def test_a_run_that_left_spread_says_so(tmp_path):
    objective = dk.QuadratureObjective(lambda z: (z**2).sum(axis=1), dimension=2)
    sampler = dk.GaussianSampler([1.0, 0.5], np.eye(2))
    cut_short = dk.derandomize(objective, sampler, method=dk.LemmaDescent(max_steps=1, finish=False))
    assert not cut_short.status.ok
    dk.write_report(cut_short, tmp_path / "run.html")
    assert "Not settled:" in (tmp_path / "run.html").read_text(encoding="utf-8")


def test_a_trained_network_is_a_page(tmp_path):
    neural = pytest.importorskip("sklearn.neural_network")
    X = np.sin(np.arange(600.0) ** 2).reshape(200, 3)
    y = np.tanh(X[:, 0])
    model = neural.MLPRegressor(
        hidden_layer_sizes=(4,), random_state=0, max_iter=2000, activation="tanh", solver="lbfgs"
    ).fit(X, y)
    found = dk.certify_network(model, X, y, penalty=1e-4, directions=np.eye(3)[:1])
    dk.write_report(found, tmp_path / "network.html", outcome=dk.verify(found, (X, y, model)))
    text = (tmp_path / "network.html").read_text(encoding="utf-8")
    assert re.search(r"The first layer has \|W_perp\| [0-9.e+-]+ off the directions", text)
    assert "The record holds." in text
    assert "derandkit.verify(result, (X, y, model))" in text
    assert "derandkit verify" not in text  # the network is no file
    assert all(meaning(found.schema, name) for name, *_ in found.table_rows() if name)
