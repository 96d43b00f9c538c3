"""Where matplotlib cannot draw, a line says so, and the answer comes out all the same."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("matplotlib")


@pytest.mark.parametrize(
    "line", ["maxcut g.txt --plot p.svg", "maxcut g.txt --report p.html", "embed p.csv -k 2 --plot p.png"]
)
@pytest.mark.parametrize("how", ["backend", "latex"])
def test_a_matplotlib_that_cannot_draw_is_a_line_beside_the_answer(tmp_path, line, how):
    """A backend that does not exist, and settings in the folder that ask for a LaTeX that does not."""
    (tmp_path / "g.txt").write_text("a b 1\nb c 2\nc a 3\n")
    np.savetxt(tmp_path / "p.csv", np.random.default_rng(0).normal(size=(9, 4)), delimiter=",")
    environment = {**os.environ, "PATH": "/nowhere", "MPLBACKEND": "nope" if how == "backend" else "agg"}
    if how == "latex":
        (tmp_path / "matplotlibrc").write_text("text.usetex: True\n")
    done = subprocess.run(
        [sys.executable, "-m", "derandkit", *line.split(), "--quiet", "-o", "r.json"],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("derandkit: ")
    assert done.stderr.splitlines()[-1].startswith("derandkit: matplotlib cannot ")
    assert done.stdout
    assert (tmp_path / "r.json").exists()
    assert not (tmp_path / line.split()[-1]).exists()
