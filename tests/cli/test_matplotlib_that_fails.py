"""Where matplotlib cannot draw, a line says so; what the current folder says about pictures changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import derandkit as dk
from derandkit.plots.cuts import plot_maxcut

pytest.importorskip("matplotlib")


@pytest.mark.parametrize(
    "line", ["maxcut g.txt --plot p.svg", "maxcut g.txt --report p.html", "embed p.csv -k 2 --plot p.png"]
)
def test_a_matplotlib_that_cannot_draw_is_a_line_beside_the_answer(tmp_path, line):
    """A backend that does not exist."""
    (tmp_path / "g.txt").write_text("a b 1\nb c 2\nc a 3\n")
    np.savetxt(tmp_path / "p.csv", np.random.default_rng(0).normal(size=(9, 4)), delimiter=",")
    environment = {**os.environ, "PATH": "/nowhere", "MPLBACKEND": "nope"}
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


#: What a folder may ask of matplotlib: programs on every label, other sizes, nothing inside the frame.
SETTINGS = """text.usetex: True
text.latex.preamble: \\input{/etc/hostname}
backend: module://evil
svg.fonttype: none
savefig.bbox: tight
savefig.dpi: 7
savefig.transparent: True
figure.facecolor: red
font.size: 40
font.family: evil
lines.linewidth: 30
path.sketch: 9, 9, 9
axes.prop_cycle: cycler(color=["red"])
axes.unicode_minus: False
axes.formatter.use_mathtext: True
"""
PICTURES = {
    "cut.svg": "maxcut g.txt --plot cut.svg",
    "cut.html": "maxcut g.txt --report cut.html",
    "rows.svg": "compare g.txt --methods lemma,greedy --rng 1 --plot rows.svg",
}


def _drawn(folder, line, name):
    folder.mkdir(exist_ok=True)
    (folder / "g.txt").write_text("a b 1\nb c 2\nc a 3\n")
    environment = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    environment["PATH"] = "/nowhere"
    done = subprocess.run(
        [sys.executable, "-m", "derandkit", *line.split(), "--quiet"],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return (folder / name).read_bytes()


@pytest.mark.parametrize("name", PICTURES)
def test_settings_in_the_folder_change_no_picture(tmp_path, name):
    """`matplotlibrc` of the current folder comes before that of the user: it ran LaTeX on every label."""
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    (hostile / "matplotlibrc").write_text(SETTINGS)
    plain = _drawn(tmp_path / "plain", PICTURES[name], name)
    found = _drawn(hostile, PICTURES[name], name)
    if name != "rows.svg":  # it shows seconds
        assert found == plain
    else:
        assert b"stroke-width: 30" not in found
        assert len(found) < 2 * len(plain)


def test_settings_of_the_process_change_no_picture(tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    found = dk.maxcut([("a", "b", 1), ("b", "c", -2), ("c", "a", 3)])

    def drawn(name):
        plot_maxcut(found, tmp_path / name)
        return (tmp_path / name).read_bytes()

    plain = drawn("plain.svg")
    with matplotlib.rc_context(
        {"font.size": 40, "lines.linewidth": 30, "text.usetex": True, "savefig.dpi": 7}
    ):
        assert drawn("hostile.svg") == plain
        assert matplotlib.rcParams["font.size"] == 40
