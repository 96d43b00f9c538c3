"""``--workers`` of one instance: so many threads, and the same answer."""

from __future__ import annotations

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
