"""Names of files and of columns stand in pictures as text: no formula, no control character, and the picture is XML."""

import shutil
import xml.dom.minidom
from pathlib import Path

import numpy as np
import pytest

import derandkit
from derandkit.plots.labels import plain_text

pytest.importorskip("matplotlib")
DATASETS = Path(__file__).parents[2] / "datasets"
NAMES = ["us$and$mex", r"$\frac{$", "a\x1b[2Jb\u202ec", "<img src=x>"]


def parsed(path):
    """Return the text of a picture that any reader of XML takes, and that moves no terminal."""
    text = path.read_text(encoding="utf-8")
    xml.dom.minidom.parseString(text.encode())
    assert text.replace("\n", "").replace("\t", "").isprintable()
    return text


@pytest.mark.parametrize("name", NAMES)
def test_files_of_a_comparison(tmp_path, name):
    from derandkit.plots.comparison import plot_comparison

    file = tmp_path / f"{name}.edgelist"
    shutil.copy(DATASETS / "petersen.edgelist", file)
    rows = derandkit.compare([str(file)], methods=["lemma", "conditional"])
    plot_comparison(rows, tmp_path / "c.svg")
    assert parsed(tmp_path / "c.svg")


def test_columns_of_a_structure(tmp_path):
    pytest.importorskip("jax")
    from derandkit.plots.structure import plot_structure

    rng = np.random.default_rng(0)
    X = rng.standard_normal((64, len(NAMES)))
    data = derandkit.RegressionData(X, np.tanh(X[:, 0]), tuple(NAMES))
    result = derandkit.discover_structure(
        data, derandkit.Student(width=3), penalty=1e-3, max_steps=5, controls=False
    )
    plot_structure(result, tmp_path / "s.svg")
    assert parsed(tmp_path / "s.svg")


def test_what_is_written():
    assert plain_text("a$b\x1b") == r"a\$b\x1b"
