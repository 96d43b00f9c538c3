"""Pictures: what they show is in the record, nothing overlaps, and equal results give equal bytes."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import derandkit
from derandkit.plots.cuts import plot_maxcut
from derandkit.plots.style import FORMATS

DATASETS = Path(__file__).parent.parent / "datasets"
MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "svg": b"<?xml"}
CASES = ["petersen.edgelist", "torus-10x10.rudy", "two-clusters.csv", "no edges", "single edge"]


@pytest.fixture(scope="module", params=CASES)
def result(request):
    graphs = {"no edges": [("a", "a", 1), ("b", "b", 1)], "single edge": [("a", "b", 1e-12)]}
    return derandkit.maxcut(graphs.get(request.param, DATASETS / request.param))


def drawn(figure):
    """Render, so that every text has its place."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return canvas.get_renderer()


def test_the_chain_shows_the_record(result):
    chain_axes = next(axes for axes in plot_maxcut(result).axes if axes.get_title() == "chain")
    points = sorted(float(line.get_xdata()[0]) for line in chain_axes.lines if line.get_marker() == "o")
    assert points == sorted(map(float, [*result.chain.values(), result.guarantee["value"]]))
    assert f"({result.bound_status})" in chain_axes.get_yticklabels()[-1].get_text()


def test_the_path_shows_the_history(result):
    panels = plot_maxcut(result).axes
    path = next(axes for axes in panels if axes.get_title() == "path")
    below = next(axes for axes in panels if axes.get_ylabel() == "|W| / |W0|")
    curve = next(line for line in path.lines if line.get_label() == "expected cut")
    assert tuple(curve.get_ydata()) == result.history["expectation"]
    (spread,) = below.lines
    assert len(spread.get_ydata()) == len(result.history)
    assert spread.get_ydata()[-1] == 0.0


def test_no_label_of_the_chain_overlaps_another_or_leaves_the_picture(result):
    figure = plot_maxcut(result)
    renderer = drawn(figure)
    axes = next(axes for axes in figure.axes if axes.get_title() == "chain")
    boxes = [text.get_window_extent(renderer) for text in (*axes.texts, *axes.get_yticklabels())]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)
    for box in boxes:
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.x1
    for text in axes.texts:  # figures stay right of the axis
        assert text.get_window_extent(renderer).x0 >= axes.bbox.x0


def test_titles_fit(result):
    figure = plot_maxcut(result)
    renderer = drawn(figure)
    box = figure._suptitle.get_window_extent(renderer)
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_is_written_the_same_twice(tmp_path, suffix):
    result = derandkit.maxcut(DATASETS / "petersen.edgelist")
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix.upper()}"
    plot_maxcut(result, first)
    plot_maxcut(result, second)
    assert first.read_bytes().startswith(MAGIC[suffix])
    assert first.read_bytes() == second.read_bytes()
    assert len(first.read_bytes()) > 5000


def test_the_command_line_writes_a_picture_beside_the_record(tmp_path):
    from click.testing import CliRunner

    from derandkit.cli import main

    graph = str(DATASETS / "petersen.edgelist")
    arguments = ["maxcut", graph, "-o", str(tmp_path / "r.json"), "--plot", str(tmp_path / "p.png")]
    outcome = CliRunner().invoke(main, arguments)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert (tmp_path / "p.png").read_bytes().startswith(MAGIC["png"])
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["p.png", "r.json"]


@pytest.mark.parametrize("name", ["x.gif", "x", "no/such/folder/x.png"])
def test_bad_names_are_refused(tmp_path, name):
    result = derandkit.maxcut([("a", "b")])
    with pytest.raises(derandkit.InputError):
        plot_maxcut(result, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
