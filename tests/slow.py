"""Tests that the quick leg leaves out: those of ``slow.txt``, found with ``--durations``, and of ``long.txt``.

A line is ``file::test``, or ``file::test[case]`` where only that case is slow. Of a long test a shorter one of the same
kind runs with every change; ``make test-long`` runs the long ones, before a release.
"""

from __future__ import annotations

from pathlib import Path


def listed(name: str) -> dict[str, list[str]]:
    """Return the tests of a list by their files."""
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines():
        file, _, test = line.partition("::")
        found.setdefault(file, []).append(test)
    return found


#: File -> tests.
SLOW = listed("slow.txt")
LONG = listed("long.txt")
