"""CONTRIBUTING.md names files, commands and commits that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_path_exists():
    paths = set(re.findall(r"`((?:src|tests|docs|benchmarks|examples)/[\w./-]+)`", TEXT))
    assert len(paths) > 40
    made = {"docs/_build/html", "benchmarks/results/NAME.json"}
    assert {path for path in paths - made if not (ROOT / path).exists()} == set()
    links = set(re.findall(r"\]\(([\w./-]+)\)", TEXT))
    assert {link for link in links if not (ROOT / link).exists()} == set()


def test_every_target_of_make_exists():
    targets = set(re.findall(r"`make ([\w-]+)`", TEXT))
    made = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    assert {"test", "test-slow", "check", "ci", "docs", "pages"} <= targets <= made


def test_every_name_of_a_table_that_is_to_be_extended_exists():
    for file, name in (
        ("src/derandkit/cli/group.py", "SECTIONS"),
        ("src/derandkit/signs/solve.py", "METHODS"),
        ("src/derandkit/signs/options.py", "Derandomizer"),
        ("src/derandkit/comparison/cuts.py", "MAXCUT"),
        ("tests/slow.py", "SLOW"),
    ):
        assert f"`{name}`" in TEXT
        assert re.search(rf"^{name}\b.*=", (ROOT / file).read_text(encoding="utf-8"), flags=re.M), file
