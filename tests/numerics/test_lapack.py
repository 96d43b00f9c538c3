"""LAPACK in one thread: records are the same bytes for any number of threads, and the caller's number comes back."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import derandkit as dk
from derandkit.runtime import lapack

RNG = np.random.default_rng(0)
POINTS = RNG.standard_normal((300, 150))
SQUARE = RNG.standard_normal((160, 160))


def threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def embedded():
    return dk.embed(POINTS, n_components=12, objective="mean", holdout=False)


def structure():
    pytest.importorskip("jax")
    targets = np.tanh(POINTS[:, 0])
    return dk.discover_structure(
        (POINTS, targets), penalty=1e-2, upper_penalty=1e-3, max_steps=1, controls=False
    )


def certified():
    jnp = pytest.importorskip("jax").numpy
    v, W = np.ones(160), SQUARE[:, :150]
    return dk.certify_network(
        lambda z: jnp.tanh(z) @ v,
        POINTS,
        np.tanh(POINTS[:, 0]),
        weights=W,
        bias=np.zeros(160),
        penalty=0.1,
        rank=2,
    )


@pytest.mark.parametrize("solve", [embedded, structure, certified])
def test_records_do_not_depend_on_the_number_of_threads(solve):
    """Bounds, whitened inputs and directions came from LAPACK in as many threads as there were."""
    found = set()
    for count in (1, 2):
        with threadpool_limits(count, user_api="blas"):
            found.add(solve().to_json())
    assert len(found) == 1


@pytest.mark.parametrize("function", ["eigvalsh", "eigh", "svd", "singular_values", "qr", "triangle"])
def test_the_number_of_threads_is_that_of_the_caller_afterwards(function):
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        getattr(lapack, function)(SQUARE + SQUARE.T)
        assert threads() == before


def test_calls_of_many_threads_leave_the_number_that_they_met():
    """The last one out could not restore what the first one in had set."""
    before = threads()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lapack.eigvalsh, [SQUARE + SQUARE.T] * 20))
    assert all((values == found[0]).all() for values in found)
    assert threads() == before


def test_an_error_leaves_the_number_too():
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        with pytest.raises(np.linalg.LinAlgError):
            lapack.cholesky(-np.eye(3))
        assert threads() == before


FORKED = """
import os, signal, threading
import numpy as np
from derandkit.runtime import lapack

inside, leave = threading.Event(), threading.Event()

def other():
    with lapack.one_thread():
        inside.set()
        leave.wait(60)

thread = threading.Thread(target=other)
thread.start()
inside.wait(60)
child = os.fork()
if child == 0:
    signal.alarm(20)  # which ends a child that waits
    lapack.eigvalsh(np.eye(2))
    os._exit(0)
print(os.waitpid(child, 0)[1])
leave.set()
thread.join(60)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_child_of_a_fork_waits_for_no_thread_of_its_parent():
    """A thread that was inside while the process forked held the lock of the child for ever."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "0\n"


def test_a_handler_of_a_signal_may_enter_again():
    with lapack.one_thread():
        assert lapack.eigvalsh(np.eye(2)).tolist() == [1.0, 1.0]
