"""Methods for features of a kernel side by side: what they share, and what the rows say."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit
from derandkit.cli import main
from derandkit.comparison.features import load, prepare
from derandkit.features import baselines

X = np.sin(np.arange(160.0) ** 2).reshape(40, 4)


def rows(**options):
    options = {"n_features": 16, "rng": 0, "draws": 3, **options}
    return derandkit.compare({"waves": X}, problem="features", **options)


def test_every_method_is_measured_on_every_pair():
    found = {row.method: row for row in rows()}
    own = derandkit.random_features(X, 16)
    assert found["lemma"].value == own.rms
    assert found["lemma"].bound == own.lower_bound
    assert found["lemma"].expectation == own.promised
    assert found["lemma"].value < 0.5 * found["orthogonal"].value < found["random"].value
    assert found["conditional"].value <= own.promised
    assert found["random"].value == pytest.approx(own.promised, rel=0.3)
    assert all(row.draws == 3 for row in found.values() if not row.deterministic)
    assert all(row.sense == "minimize" for row in found.values())


def test_rows_of_a_seed_repeat_and_do_not_depend_on_the_others():
    assert rows(methods=["sobol"])[0].value == rows(methods=["random", "sobol"])[1].value
    assert rows(methods=["random"])[0].value != rows(methods=["random"], rng=1)[0].value


def test_gamma_is_an_option_of_the_problem():
    one, other = (rows(methods=["lemma"], gamma=gamma)[0] for gamma in ("scale", 3.0))
    assert one.value == derandkit.random_features(X, 16, gamma="scale").rms
    assert other.value == derandkit.random_features(X, 16, gamma=3.0).rms


def test_conditional_expectations_are_not_run_on_many_points():
    many = np.sin(np.arange(520.0) ** 2).reshape(260, 2)
    (row,) = derandkit.compare([many], problem="features", n_features=2, methods=["conditional"])
    assert row.value is None
    assert row.note.startswith("not run")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "give n_features"),
        ({"n_features": 3}, "2 or 4"),
        ({"n_features": 4, "n_components": 2}, "no option"),
    ],
)
def test_what_is_missing_or_wrong_is_said(options, words):
    with pytest.raises(derandkit.InputError, match=words):
        derandkit.compare([X], problem="features", **options)


# --- the baselines ---
def test_errors_of_any_features_are_those_of_the_definition():
    case = prepare(load(X, n_features=6), 0.0, 1)
    Z = case.points.points
    F = baselines.shifted_features(Z, 6, 0)
    i, j = np.triu_indices(40, 1)
    exact = (F @ F.T)[i, j] - np.exp(-0.5 * ((Z[i] - Z[j]) ** 2).sum(axis=1))
    rms, most = baselines.kernel_errors(Z, F)
    assert rms == pytest.approx(np.sqrt(np.mean(exact**2)))
    assert most == pytest.approx(np.abs(exact).max())


def test_orthogonal_frequencies_are_orthogonal_and_have_gaussian_lengths():
    W = baselines.orthogonal_frequencies(6, 15, 0)
    for at in (0, 6):
        G = W[at : at + 6] @ W[at : at + 6].T
        assert pytest.approx(np.diag(np.diag(G)), abs=1e-12) == G
    assert np.mean(np.sum(baselines.orthogonal_frequencies(6, 3000, 1) ** 2, axis=1)) == pytest.approx(
        6, rel=0.05
    )


def test_sobol_frequencies_have_the_moments_of_a_gaussian():
    W = baselines.sobol_frequencies(3, 1024, 0)
    assert W.shape == (1024, 3)
    assert pytest.approx(np.zeros(3), abs=0.01) == W.mean(axis=0)
    assert pytest.approx(np.eye(3), abs=0.05) == np.cov(W.T)


# --- the command line ---
@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("points.npy", X)


def call(*arguments):
    return CliRunner().invoke(main, list(arguments))


def test_compare_on_the_command_line(folder):
    arguments = [
        "--n-features",
        "16",
        "--methods",
        "lemma,random",
        "--rng",
        "0",
        "--draws",
        "3",
        "--format",
        "json",
    ]
    found = call("compare", "points.npy", *arguments)
    assert found.exit_code == 0, found.stderr
    assert [row["value"] for row in json.loads(found.stdout)] == [
        row.value for row in rows(methods=["lemma", "random"])
    ]
    for arguments, words in (
        (["--n-features", "4", "-k", "2"], "leave one out"),
        (["--gamma", "2"], "give --n-features"),
        (["--n-features", "4", "--gamma", "wide"], "not one of median, scale"),
        (["--n-features", "4", "--both"], "leave it out with --n-features"),
        (["--problem", "features"], "give --n-features"),
        (["--problem", "maxcut", "--n-features", "4"], "leave one out"),
    ):
        refused = call("compare", "points.npy", *arguments)
        assert refused.exit_code == 2
        assert words in refused.stderr
        assert refused.stderr.count("\n") == 1


def test_features_on_the_command_line(folder, tmp_path):
    found = call(
        "features", "points.npy", "-n", "8", "-o", "f.json", "--features", "f.npy", "--report", "f.html", "-q"
    )
    assert found.exit_code == 0, found.stderr
    result = derandkit.random_features("points.npy", 8)
    assert found.stdout == f"{result}\n"
    assert derandkit.load("f.json") == result
    assert (np.load("f.npy") == result.transform(X)).all()
    assert "Kernel features" in (tmp_path / "f.html").read_text(encoding="utf-8")
    assert call("verify", "f.json", "points.npy").exit_code == 0
    as_text = call("features", "points.npy", "-n", "8", "--gamma", "0.5", "--format", "tsv", "-q").stdout
    table = np.array([line.split("\t") for line in as_text.splitlines()], dtype=float)
    assert (table == derandkit.random_features(X, 8, gamma=0.5).transform(X)).all()
    np.save("points.npy", X[::-1])
    assert call("verify", "f.json", "points.npy").exit_code == 1
    odd = call("features", "points.npy", "-n", "7")
    assert (odd.exit_code, "6 or 8" in odd.stderr) == (2, True)
