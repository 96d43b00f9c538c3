"""Files of every format with changed bytes are read or refused in one line, and end no process."""

from __future__ import annotations

import subprocess

import pytest
from tests.damage import NAMES, OTHERS, read_apart, written

pytest.importorskip("pyarrow")
FILES = 20 * len(NAMES)


@pytest.mark.parametrize("piece", range(2))
def test_every_reader_ends_in_an_object_or_in_one_line(tmp_path, piece):
    """Found so: labels of GML that occur twice, weights of GraphML in damaged XML, version 1 of Feather, Parquet."""
    found = read_apart(piece * FILES, FILES, tmp_path)
    assert found.faults == []
    assert set(found.counts) == set(NAMES)
    assert all(counts["files"] == 20 and counts["refused"] > 30 for counts in found.counts.values())
    assert sum(counts["read"] for counts in found.counts.values()) > 100


def test_a_process_that_ends_is_counted_and_the_others_go_on(tmp_path, monkeypatch):
    """The harness itself: the file that ends a process is named, and those behind it are read."""
    run, started = subprocess.run, []

    def first_aborts(command, **options):
        started.append(command)
        if len(started) > 1:
            return run(command, **options)
        (tmp_path / "number").write_text("7")
        return subprocess.CompletedProcess(command, -6, "", "terminate called")

    monkeypatch.setattr(subprocess, "run", first_aborts)
    found = read_apart(5, 8, tmp_path)
    assert len(found.faults) == 1
    assert found.faults[0].startswith(f"7 {NAMES[7]}: the process ended (-6)")
    assert sum(counts["files"] for counts in found.counts.values()) == 5


def test_files_are_the_same_each_time():
    assert [written(k) for k in range(len(NAMES))] == [written(k) for k in range(len(NAMES))]
    assert {written(k)[0] for k in range(len(NAMES))} == set(NAMES) > set(OTHERS)
