"""Refusals say what is wrong with the file: not what Python, NumPy or pandas say, and not what is false."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from derandkit.cli import main
from derandkit.errors import InputError
from derandkit.graphs.readers.arrays import columnar
from derandkit.structure.config import read_configuration

DEEP = 50_000


def refused(*arguments):
    outcome = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert outcome.exit_code == 2, outcome.output
    return outcome.stderr.strip().splitlines()[-1]


def test_what_is_nested_too_deeply_is_called_so(tmp_path):
    gexf, record = tmp_path / "deep.gexf", tmp_path / "deep.json"
    nodes = '<node id="a"><nodes>' * DEEP + "</nodes></node>" * DEEP
    head = '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">'
    gexf.write_text(f"{head}<graph><nodes>{nodes}</nodes></graph></gexf>", encoding="utf-8")
    record.write_text('{"schema":"derandkit-maxcut","a":' + "[" * DEEP + "]" * DEEP + "}", encoding="utf-8")
    for line in (refused("maxcut", gexf), refused("verify", record, gexf)):
        assert "recursion" not in line
        assert "nested too deeply" in line


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(float).max, reason="no longer numbers here")
def test_numbers_beyond_doubles_are_refused_without_a_warning(tmp_path):
    """NumPy said four times that it overflowed before the line came."""
    table = np.array([[np.longdouble("1e4000"), 1], [2, 3]], dtype=np.longdouble)
    np.save(tmp_path / "far.npy", table)
    np.savez(tmp_path / "far.npz", table)
    for name in ("far.npy", "far.npz"):  # warnings are errors here
        assert "row 0 holds NaN or infinity" in refused("embed", tmp_path / name, "-k", "1")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_configuration_that_names_a_pipe_does_not_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "c.toml").write_text('[data]\ntable = "pipe"\ntarget = "y"\n', encoding="utf-8")
    script = (
        "import sys; from derandkit.structure.config import read_configuration as read; read(sys.argv[1])"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "c.toml")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "'pipe' is a named pipe, not a file" in ended.stderr
    (tmp_path / "d.toml").write_text('[data]\ntable = "none.csv"\ntarget = "y"\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"none\.csv"):
        read_configuration(tmp_path / "d.toml")


@pytest.mark.skipif(os.name != "posix", reason="devices and sockets of POSIX")
def test_a_configuration_names_a_regular_file_alone(tmp_path, monkeypatch):
    """A terminal that no one types at was waited for; only a named pipe was refused."""
    import pty
    import socket

    monkeypatch.chdir(tmp_path)
    master, slave = pty.openpty()
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
            Path("terminal").symlink_to(os.ttyname(slave))
            for name, what in (
                ("terminal", "a device"),
                (os.ttyname(slave), "a device"),
                ("socket", "a socket"),
            ):
                Path("c.toml").write_text(f'[data]\ntable = "{name}"\ntarget = "y"\n', encoding="utf-8")
                with pytest.raises(InputError, match=f"is {what}, not a file"):
                    read_configuration("c.toml")
    finally:
        os.close(master)
        os.close(slave)
    Path("c.toml").write_text('[data]\ntable = ""\ntarget = "y"\n', encoding="utf-8")
    with pytest.raises(InputError, match="the name of the table is empty"):
        read_configuration("c.toml")


def test_a_damaged_frame_is_said_to_lack_what_it_names():
    class Table:
        def to_pandas(self):
            raise KeyError("i")

    with pytest.raises(InputError, match="damaged: it lacks 'i'"):
        columnar._frame(Table())


@pytest.mark.parametrize("options", [[], ["--kernel", "matern"]], ids=["gaussian", "matern"])
def test_a_far_row_is_named_where_the_median_does_not_fit_it(options, tmp_path):
    """The advice was gamma='median', which had been used and did not fit."""
    points = tmp_path / "p.csv"
    points.write_text("0.3\n1e12\n0.7\n4\n9\n5.5\n", encoding="utf-8")
    line = refused("features", points, "-n", "4", *options)
    assert "row 1 lies so far from the others" in line
    assert "any points" not in line
    assert "gamma='median'" in refused("features", points, "-n", "4", "--gamma", "3")
