"""The Python blocks of the engine's pages run, in order, and what they print stays what it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.mark.parametrize("page", ["tutorial.md", "engine.md"])
def test_python_blocks_run(page, capsys):
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        line = text.count("\n", 0, block.start()) + 1
        code = "\n" * line + block.group(1)  # a traceback then shows the line of the page
        exec(compile(code, str(DOCS / page), "exec"), names)
    assert capsys.readouterr().out
