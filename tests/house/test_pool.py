"""Threads are made once, and a job that fails or asks for more threads leaves nothing behind."""

from __future__ import annotations

import os
import threading
import time

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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own():
    in_order(lambda b: None, 8)
    child = os.fork()
    if child == 0:
        found = []
        in_order(found.append, 8)
        os._exit(0 if sorted(found) == list(range(8)) else 1)
    deadline = time.monotonic() + 30.0
    while (status := os.waitpid(child, os.WNOHANG))[0] == 0:
        if time.monotonic() > deadline:
            os.kill(child, 9)
            os.waitpid(child, 0)
            pytest.fail("the child waits for threads that it has not")
        time.sleep(0.01)
    assert os.waitstatus_to_exitcode(status[1]) == 0
