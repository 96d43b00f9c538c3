"""Which problem a comparison solves, of which file a remark is, and what is said where an instance cannot be one."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.errors import InputError

RNG = np.random.default_rng(3)
X = RNG.normal(size=(40, 3)).round(3)
PATH = [(0, 1), (1, 2)]


def with_decimal_commas(folder, name):
    file = folder / name
    file.write_text("\n".join(";".join(f"{x:.3f}".replace(".", ",") for x in row) for row in X))
    return file


def test_the_command_line_says_which_file_a_remark_is_about(tmp_path):
    first, second = (with_decimal_commas(tmp_path, name) for name in ("a.csv", "b.csv"))
    done = CliRunner().invoke(main, ["compare", str(first), str(second), "-k", "2", "--methods", "pca", "-q"])
    assert done.stderr == ""
    done = CliRunner().invoke(main, ["compare", str(first), str(second), "-k", "2", "--methods", "pca"])
    for file in (first, second):
        assert f"derandkit: read {file} as semicolon-separated table" in done.stderr
        assert f"derandkit: {file}: the numbers have decimal commas" in done.stderr
    done = CliRunner().invoke(main, ["compare", str(first), "-k", "2", "--methods", "pca"])
    assert "derandkit: the numbers have decimal commas" in done.stderr


@pytest.mark.parametrize("option", [["-k", "2"], ["--n-features", "4"]])
def test_the_reading_of_points_is_said(tmp_path, option):
    file = tmp_path / "p.npy"
    np.save(file, X)
    done = CliRunner().invoke(main, ["compare", str(file), *option, "--methods", "lemma"])
    assert f"derandkit: read {file} as npy array" in done.stderr


def test_a_warning_about_one_of_several_files_names_it(tmp_path):
    files = [with_decimal_commas(tmp_path, name) for name in ("a.csv", "b.csv")]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        dk.compare(files, n_components=2, methods=["pca"])
    assert [str(warning.message).partition(": the numbers")[0] for warning in caught] == list(map(str, files))


def test_options_and_instances_say_the_problem():
    assert dk.compare(X, n_components=2, methods=["pca"])[0].problem == "embedding"
    assert dk.compare(dk.PointCloud(X), n_components=2, methods=["pca"])[0].problem == "embedding"
    assert dk.compare(X, n_features=4, methods=["lemma"])[0].problem == "features"
    data = dk.RegressionData(X, X[:, 0])
    assert dk.compare(data, n_components=1, methods=["pca"])[0].problem == "structure"
    assert dk.compare([PATH], methods=["greedy"])[0].problem == "maxcut"


@pytest.mark.parametrize(
    ("instances", "options", "words"),
    [
        ({("x", "y"): 2, ("y", "z"): -1}, {}, r"a mapping gives instances names.*compare \[mapping\]"),
        ({"x": 2.5}, {}, "a mapping gives instances names"),
        ([PATH], {"problem": "maxcut", "target": "y"}, "'target' is for problem='structure'"),
        ([PATH], {"problem": "maxcut", "n_components": 2}, "for problem='embedding' or 'structure'"),
        (X, {"target": "y"}, r"pass RegressionData\(X, y\).*frame\['y'\]"),
        (dk.PointCloud(X), {}, "give n_components"),
        ([dk.PointCloud(X), PATH], {}, "compare them in two calls"),
        (X, {"problem": "structure"}, r"derandkit.RegressionData\(X, y\), or a pair"),
    ],
)
def test_what_cannot_be_compared_says_what_can(instances, options, words):
    with pytest.raises(InputError, match=words):
        dk.compare(instances, **options)
