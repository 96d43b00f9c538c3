"""Tests that the quick leg leaves out: the lines of ``slow.txt``, found with ``--durations``.

A line is ``file::test``, or ``file::test[case]`` where only that case is slow.
"""

from __future__ import annotations

from pathlib import Path

#: File -> tests.
SLOW: dict[str, list[str]] = {}
for _line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines():
    _file, _, _test = _line.partition("::")
    SLOW.setdefault(_file, []).append(_test)
