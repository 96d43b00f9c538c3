"""No reader looks at the same text again and again: two forms of code that made a long run of empty lines quadratic.

A pattern that starts a line with '^\\s*' runs to the end of a run of empty lines, fails, and starts again one line
below. Removing the first item of a list in a loop moves all others each time.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import derandkit as dk

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "examples").rglob("*.py")])

#: A line's start, then blanks that may end lines, in a pattern whose '^' matches after each line's end.
AGAIN = re.compile(r"\(\?[a-ln-z]*m[a-z]*\).*\^\\s[*+]", re.DOTALL)
#: Lists whose length is bounded by a count of the program, not by the size of a file: (module, call).
SHORT = {("structure/methods.py", "waiting.pop(0)"), ("structure/methods.py", "left.pop(0)")}
SHORT |= {
    ("runtime/cluster.py", "suspects.pop(0)"),
    ("structure/networks.py", "tail.insert(0, l1 @ layers[-1][0])"),
}


def patterns(tree: ast.AST) -> list[tuple[int, str]]:
    found = [
        (node.lineno, node.value if isinstance(node.value, str) else node.value.decode("latin-1"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    ]
    return [(line, text) for line, text in found if AGAIN.search(text)]


def shifts(tree: ast.AST) -> list[tuple[int, str]]:
    """Return the removals and insertions at the front of a list that stand in a loop."""
    found = []
    for loop in (node for node in ast.walk(tree) if isinstance(node, ast.While | ast.For)):
        for node in ast.walk(loop):
            if isinstance(node, ast.Delete):
                targets = [t for t in node.targets if isinstance(t, ast.Subscript)]
                if any(isinstance(t.slice, ast.Constant) and t.slice.value == 0 for t in targets):
                    found.append((node.lineno, ast.unparse(node)))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                first = node.args[0] if node.args else None
                zero = isinstance(first, ast.Constant) and first.value == 0
                if node.func.attr in ("pop", "insert") and zero:
                    found.append((node.lineno, ast.unparse(node)))
    return found


def test_text_is_looked_at_once():
    """One list of all places, each with what is wrong there."""
    wrong = []
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = "/".join(path.parts[-2:])
        wrong += [(name, line, "use '^[ \\t]*' or '^[^\\S\\n]*'") for line, _ in patterns(tree)]
        wrong += [(name, line, call) for line, call in shifts(tree) if (name, call) not in SHORT]
    assert len(FILES) > 400
    assert wrong == []


def test_the_rule_sees_what_it_forbids():
    bad = ast.parse('import re\nre.search(rb"(?mi)^\\s*graph", x)\nwhile x:\n    del x[0]\n    x.pop(0)\n')
    assert len(patterns(bad)) == 1
    assert [call for _, call in shifts(bad)] == ["del x[0]", "x.pop(0)"]


@pytest.mark.parametrize("tail", [b"]", b" ]\n"])
def test_gml_is_still_seen_below_other_lines(tmp_path, tail):
    path = tmp_path / "a.txt"
    path.write_bytes(
        b'Creator "x"\n\n\n\t graph\n[ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 ]' + tail
    )
    assert dk.read_graph(path).n == 2
