"""A release names itself in one way, and says clearly what it cannot run on."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import derandkit

ROOT = Path(__file__).parents[2]


def test_the_version_stands_in_the_package_and_the_others_follow():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" not in project
    assert project["dynamic"] == ["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    assert f"version: {derandkit.__version__}" in citation
    number, _, development = derandkit.__version__.partition(".dev")
    title = f"## [Unreleased ({number})]" if development else f"## [{number}]"
    assert title in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "raise ImportError('Numba needs NumPy 2.3 or less.\\nGot NumPy 9.0.')",
            "2.3 or less. Got NumPy 9.0.",
        ),
        ("raise ModuleNotFoundError(\"No module named 'numba'\")", "pip install 'numba'"),
    ],
)
def test_a_numba_that_cannot_be_used_is_one_line(tmp_path, line, said):
    (tmp_path / "numba").mkdir()
    (tmp_path / "numba" / "__init__.py").write_text(line)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT / "src")])}
    graph = ROOT / "datasets" / "petersen.edgelist"
    done = subprocess.run(
        [sys.executable, "-m", "derandkit", "maxcut", "-q", str(graph)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert not done.stdout
    (message,) = done.stderr.splitlines()
    assert "numba" in message
    assert said in message
