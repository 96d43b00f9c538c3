"""The tables of the pages are what the benchmarks stored, and what is said about them in words agrees with them."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.fixture
def benchmark(monkeypatch):
    """Load a file of ``benchmarks`` as `run.py` does, with its folder on the path."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    yield importlib.import_module
    for name in ("pages", "tables"):
        sys.modules.pop(name, None)


def stored(name, key):
    return json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))[
        "tables"
    ][key]


def column(table, name, place=0):
    k = [k for k, title in enumerate(table["header"]) if title == name][place]
    return [row[k] for row in table["rows"]]


def test_every_page_shows_what_is_stored(benchmark):
    pages = benchmark("pages")
    shown = set()
    for page in pages.PAGES:
        text = page.read_text(encoding="utf-8")
        assert pages.written(text) == text, f"{page.name}: run python benchmarks/pages.py"
        shown |= {match["name"] for match in pages.BLOCK.finditer(text)}
    assert {file.stem for file in RESULTS} <= shown


def test_a_changed_figure_or_a_lost_end_is_noticed(benchmark):
    pages = benchmark("pages")
    page = ROOT / "docs" / "scale.md"
    text = page.read_text(encoding="utf-8")
    changed = text.replace("365307", "365308", 1)
    assert changed != text
    assert pages.written(changed) == text
    with pytest.raises(pages.PageError, match="end"):
        pages.written(text.replace("<!-- end -->", "", 1).replace("<!-- end -->", "", 1))
    with pytest.raises(pages.PageError, match="no table"):
        pages.written("<!-- table scale/nothing -->\n\n<!-- end -->")
    with pytest.raises(pages.PageError, match="no single column"):
        pages.written("<!-- table scale/random: rank; height -->\n\n<!-- end -->")


@pytest.mark.parametrize("file", RESULTS, ids=lambda file: file.stem)
def test_a_result_says_when_and_where_it_was_measured(file, benchmark):
    text = file.read_text(encoding="utf-8")
    result = json.loads(text)
    assert result["benchmark"] == file.stem
    assert (ROOT / "benchmarks" / f"{file.stem}.py").exists()
    for key, table in result["tables"].items():
        assert re.fullmatch(r"2\d{3}-\d{2}(-\d{2})?", table["date"]), key
        assert table["machine"]
        assert {"derandkit", "Python"} <= set(table["versions"])
        assert table["rows"]
        assert all(len(row) == len(table["header"]) for row in table["rows"])
    assert benchmark("tables").as_text(result) == text


def test_a_benchmark_keeps_its_table(benchmark, monkeypatch, tmp_path):
    tables = benchmark("tables")
    monkeypatch.setenv("DERANDKIT_RESULTS", str(tmp_path))
    shown = tables.stored("toy/first", ("a", "b"), [(1, "x")])
    tables.stored("toy/second", ("a",), [])
    tables.stored("toy/first", ("a", "b"), [(2, "y"), (3, "]")])
    kept = json.loads((tmp_path / "toy.json").read_text(encoding="utf-8"))
    assert shown == tables.markdown(("a", "b"), [(1, "x")])
    assert list(kept["tables"]) == ["first", "second"]
    assert kept["tables"]["first"]["rows"] == [["2", "y"], ["3", "]"]]
    assert tables.as_text(kept) == (tmp_path / "toy.json").read_text(encoding="utf-8")
    monkeypatch.setenv("DERANDKIT_RESULTS", "")
    tables.stored("toy/first", ("a", "b"), [])
    assert json.loads((tmp_path / "toy.json").read_text(encoding="utf-8")) == kept


def test_the_words_about_the_gset_agree_with_its_rows():
    """Shares, means and worst rows that README and the page on the Gset name are those of the 71 graphs."""
    table = stored("gset", "cuts")
    rows = [row for row in table["rows"] if row[0] != "G23-2002"]
    assert len(rows) == 71
    page = (ROOT / "docs" / "gset.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    known = [int(x) for x in column({**table, "rows": rows}, "best known")]
    for budget, place in (("<= 5 s (s)", 0), ("<= 60 s (s)", 1)):
        cuts = [int(x.split()[0]) for x in column({**table, "rows": rows}, budget)]
        gaps = [100.0 * (b - c) / b for b, c in zip(known, cuts, strict=True)]
        shown = [float(x) for x in column({**table, "rows": rows}, "gap %", place)]
        assert [f"{x:.3f}" for x in gaps] == [f"{x:.3f}" for x in shown]
        equal, mean, worst = sum(x <= 0 for x in gaps), sum(gaps) / 71, max(gaps)
        seconds = budget.split()[1]
        assert f"| {seconds} s: equal to the best known or above | {equal} of 71 |" in page
        assert f"| {seconds} s: mean gap{'' if place else ' to the best known'} | {mean:.3f} % |" in page
        assert f"| {seconds} s: worst gap | {worst:.2f} % ({rows[gaps.index(worst)][0]}) |" in page
        if not place:
            assert f"{equal} of the 71 Gset graphs" in readme
            assert f"the average is {mean:.3f} % below" in readme
