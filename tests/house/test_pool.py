"""Threads are made once, and a job that fails or asks for more threads leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from derandkit.runtime import threads
from derandkit.runtime.threads import in_order


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(threads, "available_cores", lambda: 2)


def test_threads_are_made_once():
    seen = set()
    for _ in range(20):
        in_order(lambda b: seen.add(threading.get_ident()), 8)
    assert 1 <= len(seen) <= 2
    assert threading.get_ident() not in seen


def test_a_job_may_have_jobs_of_its_own():
    out = [0] * 64

    def work(b):
        in_order(lambda c: out.__setitem__(8 * b + c, 8 * b + c), 8)

    in_order(work, 8)
    assert out == list(range(64))


def test_after_an_error_no_job_goes_on():
    ended = []

    def work(b):
        if b == 0:
            raise ValueError("the first")
        time.sleep(0.02)
        ended.append(b)

    with pytest.raises(ValueError, match="the first"):
        in_order(work, 50)
    count = len(ended)
    time.sleep(0.05)
    assert len(ended) == count
    in_order(ended.append, 3)
    assert len(ended) == count + 3


FORKED = """
import os, warnings
from derandkit.runtime import threads
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
threads.available_cores = lambda: 2
threads.in_order(lambda b: None, 8)
child = os.fork()
if child == 0:
    found = []
    threads.in_order(found.append, 8)
    os._exit(0 if sorted(found) == list(range(8)) else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_threads_of_its_own():
    """In a program of its own: other tests load packages that warn of forks."""
    source = str(Path(threads.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", FORKED], env={**os.environ, "PYTHONPATH": source}, timeout=60, check=False
    )
    assert done.returncode == 0
