"""Many graphs on a cluster that goes away: what was solved is said, what was not is named."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.cli.test_many import DATASETS, ENDLESS, PATIENCE, endless_graph, start, wait_until

CLUSTER = """
import distributed, sys
if __name__ == "__main__":
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_dask_scheduler_that_dies_takes_no_answer_with_it(tmp_path):
    """The graphs after the one that runs for ever are solved before; their lines wait for its own."""
    pytest.importorskip("distributed")
    (tmp_path / "cluster.py").write_text(CLUSTER)
    cluster = subprocess.Popen(
        [sys.executable, tmp_path / "cluster.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    endless, quick, torus = (
        endless_graph(tmp_path),
        DATASETS / "petersen.edgelist",
        DATASETS / "torus-10x10.rudy",
    )
    try:
        address = cluster.stdout.readline().strip()
        process = start(
            "maxcut", endless, quick, torus, "-o", tmp_path / "out", "--dask", address, *ENDLESS,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            wait_until(lambda: len(list((tmp_path / "out").glob("*.json"))) == 2, process)
            cluster.kill()
            stdout, stderr = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
            process.communicate()
    finally:
        cluster.kill()
        cluster.communicate()
    assert process.returncode == 2
    assert [line.split(": ")[0] for line in stdout.splitlines()] == [str(quick), str(torus)]
    assert stderr.splitlines()[-1].startswith("derandkit: the dask scheduler has gone away: no answer for ")
    assert "Traceback" not in stderr
