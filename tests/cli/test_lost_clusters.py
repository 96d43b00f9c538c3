"""Many graphs on a cluster that goes away: what was solved is said, what was not is named."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from tests.cli.test_many import DATASETS, ENDLESS, PATIENCE, endless_graph, start, wait_until

from derandkit.runtime.cluster import ANSWER, _workers_of

CLUSTER = """
import distributed, sys
from derandkit.runtime.cluster import QUIETLY
if __name__ == "__main__":
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, **QUIETLY)
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


@contextmanager
def cluster_of(folder):
    """A cluster of dask in a process of its own, and its address."""
    pytest.importorskip("distributed")
    (folder / "cluster.py").write_text(CLUSTER)
    cluster = subprocess.Popen(
        [sys.executable, folder / "cluster.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield cluster, cluster.stdout.readline().strip()
    finally:
        cluster.kill()
        cluster.communicate()


@contextmanager
def run_on(address, folder, *graphs):
    """A run over some graphs, the first of which takes for ever; it is there when all others are solved."""
    out = folder / "out"
    process = start(
        "maxcut", *graphs, "-o", out, "--dask", address, *ENDLESS,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_until(lambda: out.exists() and len(list(out.glob("*.json"))) == len(graphs) - 1, process)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_dask_scheduler_that_dies_takes_no_answer_with_it(tmp_path):
    """The graphs after the one that runs for ever are solved before; their lines wait for its own."""
    quick, torus = DATASETS / "petersen.edgelist", DATASETS / "torus-10x10.rudy"
    with (
        cluster_of(tmp_path) as (cluster, address),
        run_on(address, tmp_path, endless_graph(tmp_path), quick, torus) as process,
    ):
        cluster.kill()
        stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert [line.split(": ")[0] for line in stdout.splitlines()] == [str(quick), str(torus)]
    assert stderr.splitlines()[-1].startswith("derandkit: the dask scheduler has gone away: no answer for ")
    assert "Traceback" not in stderr


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="signals of POSIX")
def test_a_signal_ends_a_run_whose_dask_scheduler_hangs(tmp_path):
    quick = DATASETS / "petersen.edgelist"
    with (
        cluster_of(tmp_path) as (cluster, address),
        run_on(address, tmp_path, endless_graph(tmp_path), quick) as process,
    ):
        cluster.send_signal(signal.SIGSTOP)
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert [line.split(": ")[0] for line in stdout.splitlines()] == [str(quick)]
    assert stderr.splitlines()[-1] == "derandkit: interrupted: 1 of 2 graphs were complete"


def test_a_scheduler_that_does_not_answer_has_no_workers():
    async def hang(**_):
        await asyncio.sleep(3600)

    client = SimpleNamespace(
        status="running",
        scheduler=SimpleNamespace(identity=hang),
        sync=lambda call, *, callback_timeout, **given: asyncio.run(
            asyncio.wait_for(call(**given), callback_timeout / 100)
        ),
    )
    assert _workers_of(client) == (False, ANSWER)
