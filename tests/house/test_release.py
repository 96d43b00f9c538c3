"""A release names itself in one way, and says clearly what it cannot run on."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

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


def test_the_recipe_for_conda_requires_what_the_package_requires():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    recipe = (ROOT / "conda" / "meta.yaml").read_text(encoding="utf-8")
    run = recipe.partition("  run:\n")[2].partition("\n\n")[0]
    listed = [line.removeprefix("    - ").replace(" ", "") for line in run.splitlines()]
    assert listed == [f"python{project['requires-python']}", *project["dependencies"]]
    number = derandkit.__version__.partition(".dev")[0]
    assert f'set version = "{number}"' in recipe
    assert f"derandkit = {project['scripts']['derandkit']}" in recipe


def test_the_lock_file_pins_what_the_benchmarks_need():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "benchmarks" / "requirements.lock").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, flags=re.M))
    assert len(pinned) <= text.count("--hash=sha256:")
    for line in [*project["dependencies"], *project["optional-dependencies"]["bench"]]:
        needed = Requirement(line)
        if needed.name != "derandkit":
            assert needed.specifier.contains(pinned[needed.name], prereleases=True), line


def test_the_paper_cites_what_its_bibliography_has():
    text = (ROOT / "docs" / "joss" / "paper.md").read_text(encoding="utf-8")
    entries = (ROOT / "docs" / "joss" / "paper.bib").read_text(encoding="utf-8")
    cited = set(re.findall(r"@(\w+\d{4})", text))
    assert cited == set(re.findall(r"^@\w+\{(\w+),", entries, flags=re.M))


#: Package -> the first version without the advisories that are known of it.
MENDED = {"dask": "2026.1.1", "distributed": "2026.1.1"}


def test_no_version_with_a_known_advisory_is_allowed():
    """CVE-2024-10096 and CVE-2026-23528 of distributed; that of joblib is about a part that is not used."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    least = {line.partition(">=")[0]: line.partition(">=")[2] for line in lines if ">=" in line}
    for name, first in MENDED.items():
        assert tuple(map(int, least[name].split("."))) >= tuple(map(int, first.split("."))), name
    assert "CVE-2024-34997" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_of_joblib_nothing_that_reads_pickles_from_a_disk_is_used():
    for file in (ROOT / "src").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for word in ("joblib.Memory", "joblib.load", "joblib.memory", "numpy_pickle", "import Memory"):
            assert word not in text, (file.name, word)


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
