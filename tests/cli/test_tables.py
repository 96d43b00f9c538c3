"""Tables: nothing is lost or broken by wrapping, and the first lines of a cut say what counts."""

from __future__ import annotations

import functools
import math
import re
from fractions import Fraction

import networkx as nx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.catalogue import SHORT, random_graph

import derandkit
from derandkit.cli import main
from derandkit.cuts.table import maxcut_rows
from derandkit.tables import NARROW, aligned, counted, percent_above, terminal_width

WORDS = st.lists(st.text("abc-/.", min_size=1, max_size=12), max_size=30).map(" ".join)
TABLES = st.lists(st.tuples(st.text("xyz ", max_size=10).map(str.strip), WORDS), max_size=8)


@given(TABLES, st.integers(NARROW + 14, 100))
def test_wrapping_loses_no_word_and_breaks_none(rows, width):
    lines = aligned(rows, width=width).split("\n") if rows else []
    assert " ".join(" ".join(row) for row in rows).split() == " ".join(lines).split()
    for line in lines:
        assert len(line) <= width
        assert line == line.rstrip()
    column = max((len(name) for name, _ in rows), default=0) + 2
    assert all(line[column - 2 : column].strip() == "" for line in lines)


def test_a_heading_does_not_widen_the_columns():
    rows = [("a very long heading",), ("x", "1"), ("longer", "2")]
    assert aligned(rows, width=60) == "a very long heading\nx       1\nlonger  2"


@pytest.mark.parametrize("columns", [72, 80])
def test_a_comparison_fits_the_screen(columns, monkeypatch):
    from derandkit.comparison.table import comparison_table

    monkeypatch.setenv("COLUMNS", str(columns))
    text = comparison_table(derandkit.compare({"a long name of a graph": nx.petersen_graph()}, draws=10))
    assert max(map(len, text.split("\n"))) <= columns
    assert text.count("a long name of a graph: upper bound 12 (certified)\n") == 1


def test_a_word_longer_than_a_line_sticks_out():
    assert aligned([("name", "x" * 100 + " y")], width=40) == f"name  {'x' * 100}\n      y"


@pytest.mark.parametrize(
    ("columns", "width"), [("33", 33), ("", 80), ("-5", 80), ("wide", 80), ("0", 80), ("²", 80)]
)
def test_the_width_is_what_columns_says_and_80_without_a_terminal(monkeypatch, columns, width):
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal_width() == width


def test_the_width_of_a_terminal_is_asked_for(monkeypatch):
    import os
    import pty
    import sys

    fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, (24).to_bytes(2, "little") + (57).to_bytes(2, "little") + bytes(4))
    monkeypatch.delenv("COLUMNS", raising=False)
    with os.fdopen(inner, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        width = terminal_width()
        monkeypatch.undo()
    os.close(outer)
    assert width == 57


GRAPHS = {
    "optimal": lambda: derandkit.maxcut(nx.petersen_graph()),
    "bound above": lambda: derandkit.maxcut(random_graph(30, 0.4), bound="sdp"),
    "both signs": lambda: derandkit.maxcut(
        random_graph(30, 0.4, weights="reals"), search=SHORT, bound="cycle"
    ),
    "one vertex": lambda: derandkit.maxcut([("a", "a", 1)]),
}


@functools.cache
def solved(kind):
    return GRAPHS[kind]()


@pytest.mark.parametrize(
    ("weights", "said"),
    [([0.1, 0.2, 0.3], True), ([0.7, 0.1, 0.3], True), ([0.25, 0.5, 0.75], False), ([1, 2, 3], False)],
)
def test_the_table_says_why_a_cut_that_is_optimal_has_another_bound(weights, said):
    edges = [(k, k + 1, w) for k, w in enumerate(weights)]
    for result in (derandkit.maxcut(edges), derandkit.maxcut(edges, fixed={0: 1})):
        assert result.proven_optimal
        exact = Fraction(0)
        for side, other, w in edges:
            exact += Fraction(w) * (result.sides[side] != result.sides[other])
        apart = result.cut_value != result.upper_bound
        assert apart == (float(exact) < exact)
        assert Fraction(result.cut_value) <= exact <= Fraction(result.upper_bound)
        text = " ".join(str(result).split())
        assert ("rounded up where that one is rounded down" in text) == apart
        assert not apart or math.nextafter(result.cut_value, math.inf) == result.upper_bound
    assert (derandkit.maxcut(edges).cut_value != derandkit.maxcut(edges).upper_bound) == said


@pytest.mark.parametrize("kind", GRAPHS)
@pytest.mark.parametrize("columns", [60, 80, 132])
def test_the_first_lines_say_cut_bound_and_distance(kind, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    result = solved(kind)
    text = str(result)
    head, _, rest = text.partition("\n\n")
    assert [line.split("  ")[0] for line in head.split("\n") if line[0] != " "] == [
        "cut",
        "upper bound",
        "gap",
    ]
    assert max(map(len, text.split("\n"))) <= columns
    assert ("no cut is heavier" in head) == result.proven_optimal
    assert "certified: no cut weighs more" in " ".join(head.split())
    assert rest.startswith("graph ")
    assert "kernel" not in text
    assert "W-" not in text


def test_the_distance_is_never_rounded_down():
    record = derandkit.maxcut(random_graph(30, 0.4), bound="sdp").to_dict()
    for gap in (1e-12, 0.1, 0.123456789, 1 / 3):
        table = aligned(maxcut_rows({**record, "gap": gap, "proven_optimal": False}))
        (percent,) = re.findall(r"^gap +(?:under )?([\d.]+)%: ", table, flags=re.M)
        assert gap <= float(percent) / 100 * (1 + 1e-15) <= gap + 2e-6


@given(st.floats(-1, 10), st.integers(2, 4))
def test_a_percentage_is_never_below_its_share_and_less_than_a_digit_above(share, digits):
    shown = percent_above(share, digits)
    percent = Fraction(shown.removeprefix("under ").removesuffix("%")) / 100
    digit = Fraction(1, 10 ** (digits + 2))
    if shown.startswith("under "):
        assert 0 < share < percent == digit
    else:
        assert 0 <= percent - Fraction(share) < digit
    assert percent_above(float("nan")) == "nan%"  # figures of progress that are not there yet


def test_an_estimate_is_called_one():
    record = derandkit.maxcut(random_graph(30, 0.4), bound="sdp").to_dict()
    head = aligned(maxcut_rows({**record, "bound_status": "estimated"})).partition("\n\n")[0]
    assert "estimated: a heavier cut is not ruled out" in head
    assert "which proves nothing" in head
    assert "certified" not in head


def test_the_reason_that_a_status_refers_to_stands_where_it_says():
    """ "see the reason under 'bound'", and the row "bound by" had none."""
    record = derandkit.maxcut(random_graph(30, 0.4), bound="sdp").to_dict()
    bound = {**record["bound"], "status": "estimated", "reason": "no time for the proof"}
    rows = dict(maxcut_rows({**record, "bound": bound, "bound_status": "estimated"}))
    assert rows["bound by"].endswith("; no time for the proof")


@pytest.mark.parametrize(("count", "shown"), [(0, "0 vertices"), (1, "1 vertex"), (2, "2 vertices")])
def test_singular_and_plural(count, shown):
    assert counted(count, "vertex", "vertices") == shown


def test_one_is_singular():
    text = str(derandkit.maxcut([("a", "b", 1)]))
    assert "2 vertices, 1 edge, total weight 1" in text
    assert not re.search(r"\b1 (vertices|edges|runs)\b", text + str(derandkit.maxcut([("a", "a", 1)])))


@pytest.mark.parametrize(
    "verb", [["embed", "-k", "1"], ["features", "--n-features", "2"]], ids=["embed", "features"]
)
def test_a_verb_says_what_a_file_of_points_was_read_as(verb, tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("width,mass\n" + "".join(f"{x * 5 % 13},{x * x % 7}\n" for x in range(12)))
    done = CliRunner().invoke(main, [*verb, str(file)])
    assert done.exit_code == 0, done.output
    reading = "comma-separated table with a header line, 2 columns: width mass"
    assert f"derandkit: read {file} as {reading}\n" in done.stderr
    quiet = CliRunner().invoke(main, [*verb, str(file), "-q"])
    assert quiet.stdout == done.stdout
    assert not quiet.stderr
