"""Where the system allows no thread and no process, a refusal is one line: not the traceback of a library."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.runtime import threads
from derandkit.runtime.cluster import without_logs
from derandkit.runtime.lacking import ScarceError, lacking, needing

NO_THREAD = "can't start new thread"


def refuse(*_args, **_options):
    raise RuntimeError(NO_THREAD)


def hidden(*_args, **_options):
    """Fail as a worker of dask does: what there was too little of stands behind two other errors."""
    try:
        try:
            refuse()
        except RuntimeError:
            raise AssertionError("Status.starting") from ValueError("closed")
    except AssertionError as error:
        raise RuntimeError("Nanny failed to start.") from error


def test_what_lacks_is_found_behind_a_cause_and_beside_it():
    with pytest.raises(RuntimeError) as found:
        hidden()
    assert lacking(found.value) == "not enough memory"


@pytest.mark.parametrize(("fail", "reason"), [
    (refuse, "not enough memory"), (hidden, "not enough memory"),
    (lambda **_: (_ for _ in ()).throw(RuntimeError("Cluster failed\nto start")), "Cluster failed"),
])  # fmt: skip
def test_a_cluster_that_does_not_start_is_one_line(fail, reason, monkeypatch, tmp_path):
    """``compare --backend dask`` under ``ulimit -v`` ended in pages of dask, in Python in a RuntimeError."""
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(distributed, "Client", fail)
    (tmp_path / "g.txt").write_text("a b\nb c\n")
    words = ["compare", str(tmp_path / "g.txt"), "--backend", "dask", "--workers", "2", "--methods", "greedy"]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "no dask cluster can be started on this machine" in line
    assert reason in line
    with pytest.raises(dk.InputError, match="no dask cluster can be started"):
        dk.compare({"g": dk.as_graph([("a", "b")])}, methods=["greedy"], workers=2, backend="dask")


@pytest.mark.parametrize("workers", [None, 3])
def test_a_pool_without_threads_is_one_line(workers, monkeypatch):
    monkeypatch.setattr(threads, "_pools", {})
    monkeypatch.setattr(threads, "available_cores", lambda: 2)
    with monkeypatch.context() as inside:
        inside.setattr(threading.Thread, "start", refuse)
        with pytest.raises(dk.InputError, match="not enough memory for another thread; ask for fewer"):
            threads.in_order(lambda b: None, 4, workers)
    done = np.zeros(4)
    threads.in_order(lambda b: done.__setitem__(b, 1), 4, workers)  # with threads it goes on
    assert done.all()


@pytest.mark.parametrize("started", [1, 2])
def test_a_pool_with_some_of_its_threads_ends_what_it_has_begun(started, monkeypatch):
    """Jobs that waited when a thread could not be started were waited for without end."""
    monkeypatch.setattr(threads, "_pools", {})
    monkeypatch.setattr(threads, "available_cores", lambda: 3)
    honest, calls, done = threading.Thread.start, [], []
    begun = threading.Event()

    def start(thread):
        calls.append(thread)
        if len(calls) > started:
            begun.set()
            refuse()
        honest(thread)

    def work(b):
        begun.wait(60)
        done.append(b)

    with monkeypatch.context() as inside:
        inside.setattr(threading.Thread, "start", start)
        with pytest.raises(dk.InputError, match="not enough memory for another thread"):
            threads.in_order(work, 6)
    ended = list(done)
    assert threads._pools == {}
    threads.in_order(work, 4)
    assert sorted(done[len(ended) :]) == [0, 1, 2, 3]  # nothing of before goes on


def test_an_error_of_the_work_stays_what_it_is():
    def work(b):
        raise MemoryError

    for workers in (None, 2):
        with pytest.raises(MemoryError):
            threads.in_order(work, 4, workers)


def test_what_lacks_nothing_passes():
    with pytest.raises(ValueError, match="seven"), needing("a thread"):
        raise ValueError("seven")
    with (
        pytest.raises(ScarceError, match="for a dask cluster"),
        needing("a thread"),
        needing("a dask cluster"),
    ):
        refuse()


def test_a_log_is_silent_while_a_cluster_is_there(capsys):
    logger = logging.getLogger("distributed.of a test")
    with without_logs():
        logger.critical("Failed to deserialize")
    assert not capsys.readouterr().err
    assert logging.root.manager.disable == 0


def test_only_this_process_has_standard_error():
    program = (
        "import os, sys\nfrom derandkit.runtime.streams import own_errors\nwith own_errors():\n"
        "    os.system('echo of a worker >&2')\n    print('of this one', file=sys.stderr)\n"
        "print('after', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "of this one\nafter\n")
