"""Processes cannot be started where the system has no room for what they share; that is said, and what to do."""

from __future__ import annotations

import errno
import multiprocessing.synchronize
import os
import sys

import pytest
from click.testing import CliRunner

from derandkit.cli import main
from derandkit.runtime import processes

pytestmark = pytest.mark.skipif(os.name != "posix", reason="semaphores of POSIX")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.ENOENT])
@pytest.mark.parametrize("verb", [["maxcut"], ["compare", "--methods", "greedy"]], ids=lambda words: words[0])
def test_semaphores_that_cannot_be_made_are_named(tmp_path, monkeypatch, verb, number):
    """A full ``/dev/shm`` was a standard output that cannot be written, or a current folder that had gone."""

    def refused(*_arguments, **_options):
        raise OSError(number, os.strerror(number))

    if number == errno.ENOSPC and verb == ["maxcut"]:  # there is room for some of them
        monkeypatch.setattr(processes._Processes, "made", refused)
    else:
        monkeypatch.setattr(multiprocessing.synchronize, "Semaphore", refused)
    monkeypatch.chdir(tmp_path)
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text("0 1\n")
    done = CliRunner().invoke(main, [*verb, "one.txt", "two.txt", "--workers", "2"])
    where = ", which are files in /dev/shm," if sys.platform == "linux" else ""
    what = "answer" if verb == ["maxcut"] else "rows"
    assert done.stderr.splitlines() == [
        f"derandkit: no worker process can be started: its semaphores{where} cannot be made ({os.strerror(number)}); "
        f"make room there, or run one worker: no {what} for one.txt, two.txt"
    ]
    assert (done.exit_code, done.stdout) == (2, "")
    assert CliRunner().invoke(main, [*verb, "one.txt", "two.txt", "--workers", "1", "-q"]).exit_code == 0
