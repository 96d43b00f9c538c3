"""The lessons run as plain Python, in order, and what they say in words is asserted in their cells."""

from __future__ import annotations

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LESSONS = [*sorted((ROOT / "docs" / "lessons").glob("*.md")), ROOT / "docs" / "gallery.md"]
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?:---\n.*?^---\n|(?::[^\n]*\n)+)?(.*?)^```$", re.M | re.S)


def test_every_lesson_is_a_notebook_and_on_the_page_of_pictures():
    assert all("file_format: mystnb" in page.read_text(encoding="utf-8") for page in LESSONS)
    shown = (ROOT / "docs" / "lesson_pictures.py").read_text(encoding="utf-8")
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in LESSONS[:-1]:
        assert f'"{page.stem}"' in shown
        assert f"lessons/{page.stem}\n" in index


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_a_lesson_runs_and_its_claims_hold(page, monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    from matplotlib.figure import Figure

    text = page.read_text(encoding="utf-8")
    if "discover_structure" in text and find_spec("jax") is None:
        pytest.skip("jax is not installed")
    if "import torch" in text and find_spec("torch") is None:
        pytest.skip("torch is not installed")
    monkeypatch.chdir(page.parent)
    before = sorted(page.parent.iterdir())
    namespace: dict[str, object] = {"__name__": "lesson"}
    try:
        with pyplot.rc_context({"backend": "agg"}):
            for cell in CELL.finditer(text):
                above = "\n" * text.count(
                    "\n", 0, cell.start(1)
                )  # a traceback then shows the line of the page
                exec(compile(above + cell[1], str(page), "exec"), namespace)
            figures = [pyplot.figure(number) for number in pyplot.get_fignums()]
            figures += [value for value in namespace.values() if isinstance(value, Figure)]
            assert figures
            for figure in figures:
                figure.draw_without_rendering()  # warnings are errors: a text that finds no place is one
    finally:
        pyplot.close("all")
    assert sorted(page.parent.iterdir()) == before, "a lesson leaves no files behind"


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_every_cell_is_found_and_claims_are_asserted(page):
    text = page.read_text(encoding="utf-8")
    cells = [cell[1] for cell in CELL.finditer(text)]
    assert len(cells) == len(re.findall(r"^```\{code-cell\}", text, re.M))
    for cell in cells:
        compile(cell, str(page), "exec")
    assert sum(cell.count("assert ") for cell in cells) >= 4


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_no_cell_shows_what_a_drawing_function_happens_to_return(page):
    for cell in CELL.finditer(page.read_text(encoding="utf-8")):
        last = ast.parse(cell[1]).body[-1]
        if isinstance(last, ast.Expr) and not isinstance(last.value, ast.Name):
            assert re.match(r"print\(|.*\.set_axis_off\(\)$", ast.unparse(last)), ast.unparse(last)


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_every_picture_has_words_for_those_who_do_not_see_it(page):
    for cell in CELL.finditer(page.read_text(encoding="utf-8")):
        if "plt.subplots(" in cell[1]:
            assert "    alt: " in cell[0], cell[1][:80]
