"""The picture of the architecture shows the imports as they are, and pages import what is public."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from docs import draw_house
from tests.conftest import SLOW
from tests.house.test_layers import GRAPH, room

import derandkit
import derandkit.datasets

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_picture_lists_the_imports_that_the_layers_test_finds():
    """Two readings of the sources; the picture's is its own."""
    faces = {"__init__", "__main__"}
    found = {
        (room(name, "derandkit"), room(target, "derandkit"))
        for name, targets in GRAPH.items()
        for target in targets
    }
    found = {(a, b) for a, b in found if a != b and not faces & {a, b}}
    text = draw_house.PICTURE.read_text(encoding="utf-8")
    listed = set(re.findall(r"^(\w+) -&gt; (\w+)$", text, flags=re.M))
    assert listed == found, "run python docs/draw_house.py"
    assert text == draw_house.picture(draw_house.edges())


def test_lines_point_down_and_are_not_said_twice():
    lines = {("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")}
    assert draw_house.levels(lines) == {"a": 2, "b": 1, "c": 0, "d": 1}
    assert draw_house.necessary(lines) == lines - {("a", "c")}
    with pytest.raises(ValueError, match="imports itself"):
        draw_house.levels({("a", "b"), ("b", "a")})


def test_every_form_of_import_is_a_line(tmp_path):
    (tmp_path / "upper").mkdir()
    (tmp_path / "upper" / "one.py").write_text(
        "def f():\n    from derandkit import lower\n    return lower\n"
    )
    (tmp_path / "middle.py").write_text(
        "import derandkit.lower\nfrom derandkit.upper.one import f\nimport numpy\n"
    )
    (tmp_path / "lower.py").write_text("")
    (tmp_path / "__init__.py").write_text("import derandkit.upper\n")
    assert draw_house.edges(tmp_path) == {("upper", "lower"), ("middle", "lower"), ("middle", "upper")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_import_only_what_is_public(page):
    found = set()
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.M | re.S):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module)
    assert {name for name in found if name.startswith("derandkit.")} <= {
        "derandkit.datasets",
        "derandkit.dimod",
    }


def test_every_public_name_is_on_the_page_of_the_interface():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^\.\. auto\w+:: derandkit\.(\w+)$", page, flags=re.M))
    assert shown == set(derandkit.__all__) - {"__version__"}
    recipes = set(re.findall(r"^\.\. auto\w+:: derandkit\.datasets\.(\w+)$", page, flags=re.M))
    assert recipes <= set(derandkit.datasets.__all__)


def test_every_slow_test_that_is_named_exists():
    files = {file.stem: file for file in (ROOT / "tests").rglob("test_*.py")}
    for file, names in SLOW.items():
        found = files[file].read_text(encoding="utf-8")
        for name in names:
            assert f"def {name.partition('[')[0]}(" in found, f"{file}: {name}"
            case = re.search(r"\[(.*)\]", name)
            assert case is None or (ROOT / "docs" / case[1]).exists()
