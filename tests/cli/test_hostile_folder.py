"""What lies in the current folder beside the instance is not read: settings of libraries, and caches that they name."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("yaml")

GRAPH = "a b 1\nb c 2\nc a 3\n"


class Trace:
    """Leaves a file where it is unpickled."""

    def __reduce__(self):
        return open, ("trace", "w")


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "derandkit", *arguments],
        cwd=folder, env={key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "g.txt").write_text(GRAPH)
    return tmp_path


def test_settings_of_numba_in_the_folder_name_no_cache(folder):
    """numba would load what the named folder holds, and that runs code: `derandkit maxcut` beside such a file did."""
    (folder / ".numba_config.yaml").write_text("cache_dir: kernels\n")
    for line in (["info"], ["maxcut", "g.txt", "--quiet"]):
        done = run(folder, *line)
        assert done.returncode == 0, done.stderr
        assert "kernels" not in done.stdout.split()
        assert {path.name for path in folder.iterdir()} == {"g.txt", ".numba_config.yaml"}


@pytest.mark.parametrize("text", ["cache_dir: [", "- 1\n", "opt: evil\n"])
def test_settings_of_numba_that_are_damaged_are_not_read(folder, text):
    """They ended in a traceback."""
    (folder / ".numba_config.yaml").write_text(text)
    done = run(folder, "maxcut", "g.txt", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


def test_other_threads_may_import_yaml_during_a_first_call(folder):
    """While numba was imported no thread of the program could import yaml."""
    pytest.importorskip("yaml")
    program = """
import sys, derandkit, yaml
class Look:
    def find_spec(self, name, path=None, target=None):
        assert sys.modules.get("yaml") is yaml, name
        seen.append(name)
seen = []
sys.meta_path.insert(0, Look())
derandkit.maxcut([("a", "b")])
assert "numba.core.config" in seen
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_cache_of_the_folder_is_unpickled(folder):
    """Every index that numba looks for below the named folder is a pickle that leaves a trace."""
    line = [sys.executable, "-m", "derandkit", "maxcut", "g.txt", "--quiet"]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "kernels")}
    subprocess.run(line, cwd=folder, env=environment, check=True, capture_output=True)
    places = [path for path in (folder / "kernels").rglob("*") if path.is_dir()]
    assert places
    kept = {path.name for path in Path(environment["NUMBA_CACHE_DIR"]).rglob("*.nbi")}
    for place in places:
        for name in kept:
            (place / name).write_bytes(pickle.dumps(Trace()))
    (folder / ".numba_config.yaml").write_text("cache_dir: kernels\n")
    assert run(folder, "maxcut", "g.txt", "--quiet").returncode == 0
    assert not (folder / "trace").exists()
