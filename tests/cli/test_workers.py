"""``--workers`` of one instance: so many threads, and the same answer."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from derandkit.cli import main
from derandkit.datasets import biqmac
from derandkit.runtime import threads

#: A graph that has to be branched, as an instance of a cut and of a quadratic problem.
EDGES = list(zip(*(ends.tolist() for ends in biqmac("g05_60.2").edges()[:2]), strict=True))
FILES = {
    "maxcut": ("".join(f"{u} {v}\n" for u, v in EDGES), ("--bound", "best")),
    "balance": ("".join(f"{u} {v} -1\n" for u, v in EDGES), ()),
}


@pytest.mark.parametrize("verb", FILES)
def test_any_number_of_threads_gives_the_same_bytes(verb, tmp_path, monkeypatch):
    """A number for one graph was taken and had no effect; the other verbs did not know the option."""
    text, options = FILES[verb]
    graph = tmp_path / "graph.txt"
    graph.write_text(text)
    pools: list[int] = []

    class Seen(ThreadPoolExecutor):
        def __init__(self, max_workers, **rest):
            pools.append(max_workers)
            super().__init__(max_workers, **rest)

    monkeypatch.setattr(threads, "ThreadPoolExecutor", Seen)
    monkeypatch.setattr(threads, "_pools", {})
    records = []
    for workers, expected in (("1", set()), ("2", {2}), ("3", {3})):
        pools.clear()
        out = tmp_path / f"{workers}.json"
        command = [verb, str(graph), *options, "--workers", workers, "-q", "-o", str(out)]
        run = CliRunner().invoke(main, command)
        assert run.exit_code == 0, run.output
        # the two cases of a pair need two threads at most, but the pool is as large as was asked for
        assert set(pools) == expected
        records.append(out.read_bytes())
    assert records[0] == records[1] == records[2]


def test_no_thread_is_asked_for_by_a_number_that_is_not_positive(tmp_path):
    (tmp_path / "a.txt").write_text("a b\n")
    run = CliRunner().invoke(main, ["maxcut", str(tmp_path / "a.txt"), "--workers", "0"])
    assert run.exit_code == 2


#: Solve the graphs that are named, with so many open files at most.
FEW_FILES = """
import resource, sys
from derandkit.cli import main
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv.pop(1)),) * 2)
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts the files that a process has open on Linux")
@pytest.mark.parametrize(("files", "complete"), [(11, False), (24, True)])
def test_where_the_system_allows_few_workers_they_do_the_work(tmp_path, files, complete):
    """With 24 open files there is one worker of two; with 11 none, which was a traceback or a fault of stdout."""
    graphs = [tmp_path / f"{k}.rudy" for k in range(4)]
    for graph in graphs:
        graph.write_text("3 3\n1 2 1\n2 3 1\n3 1 1\n")
    command = [sys.executable, "-c", FEW_FILES, str(files), "maxcut", *map(str, graphs), "--workers", "2"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.stdout.count("cut 2, upper bound 2 certified") == (4 if complete else 0)
    assert run.returncode == (0 if complete else 2), run.stderr
    assert ("not enough open files" in run.stderr) is not complete
    assert len(run.stderr.splitlines()) == (0 if complete else 1)


def test_what_workers_print_is_no_line_of_the_answer(tmp_path):
    """loky's traceback of a worker that could not start stood on standard output."""
    code = (
        "import os\nfrom derandkit.runtime.streams import own_output\nprint('before')\n"
        "with own_output():\n    os.system('echo lost')\n    print('mine')\nos.system('echo after')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.split() == ["before", "mine", "after"]
