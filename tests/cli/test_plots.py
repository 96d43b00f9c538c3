"""Pictures: what they show is in the record, nothing overlaps, and equal results give equal bytes."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from tests.legs import thinned

import derandkit
from derandkit.plots.cuts import plot_cut, plot_maxcut
from derandkit.plots.layout import LARGEST, file_positions, given_positions, node_positions
from derandkit.plots.style import FORMATS, INK, LIGHT, METHODS, RED, method_style

DATASETS = Path(__file__).parents[2] / "datasets"
MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "svg": b"<?xml"}
CASES = ["petersen.edgelist", "torus-10x10.rudy", "no edges", "two-clusters.csv", "single edge"]


@pytest.fixture(scope="module", params=thinned(CASES))
def result(request):
    graphs = {"no edges": [("a", "a", 1), ("b", "b", 1)], "single edge": [("a", "b", 1e-12)]}
    return derandkit.maxcut(graphs.get(request.param, DATASETS / request.param))


@pytest.fixture(scope="module")
def whole(result):
    """The picture of the graph with its chain, drawn once for all tests that look at it."""
    figure = plot_cut(result.instance, result)
    return figure, drawn(figure)


@pytest.fixture(scope="module")
def panels(result):
    """The picture of chain and path, likewise."""
    figure = plot_maxcut(result)
    return figure, drawn(figure)


def drawn(figure):
    """Render, so that every text has its place."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return canvas.get_renderer()


def test_the_chain_shows_the_record(result, panels):
    chain_axes = next(axes for axes in panels[0].axes if axes.get_title() == "chain")
    points = sorted(float(line.get_xdata()[0]) for line in chain_axes.lines if line.get_marker() == "o")
    proven = result.bound["proof_bound"]
    shown = [*result.chain.values(), result.guarantee["value"], *([] if proven is None else [proven])]
    assert points == sorted(map(float, shown))
    assert f"({result.bound_status})" in chain_axes.get_yticklabels()[-1].get_text()


def test_the_path_shows_the_history(result, panels):
    axes_of = panels[0].axes
    path = next(axes for axes in axes_of if axes.get_title() == "path")
    below = next(axes for axes in axes_of if axes.get_ylabel() == "|W| / |W0|")
    curve = next(line for line in path.lines if line.get_label() == "expected cut")
    assert tuple(curve.get_ydata()) == result.history["expectation"]
    (spread,) = below.lines
    assert len(spread.get_ydata()) == len(result.history)
    assert spread.get_ydata()[-1] == 0.0


def test_no_label_of_the_chain_overlaps_another_or_leaves_the_picture(panels):
    figure, renderer = panels
    axes = next(axes for axes in figure.axes if axes.get_title() == "chain")
    boxes = [text.get_window_extent(renderer) for text in (*axes.texts, *axes.get_yticklabels())]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)
    for box in boxes:
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.x1
    for text in axes.texts:  # figures stay right of the axis
        assert text.get_window_extent(renderer).x0 >= axes.bbox.x0


def test_titles_fit(panels):
    figure, renderer = panels
    box = figure._suptitle.get_window_extent(renderer)
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1


def test_a_shifted_guarantee_says_so():
    result = derandkit.maxcut(DATASETS / "petersen.edgelist", pairs=[(0, 1, "opposite")])
    for shown, text in (
        (result, "+ shift"),
        (derandkit.maxcut(DATASETS / "petersen.edgelist"), "(0.87856 SDP)"),
    ):
        chain = next(axes for axes in plot_maxcut(shown).axes if axes.get_title() == "chain")
        assert text in chain.get_yticklabels()[0].get_text()


# the graph itself


def collections_of(axes):
    from matplotlib.collections import LineCollection, PathCollection

    lines = [c for c in axes.collections if isinstance(c, LineCollection)]
    points = [c for c in axes.collections if isinstance(c, PathCollection)]
    return lines, points


def test_the_graph_shows_every_edge_on_its_side_of_the_cut(result, whole):
    graph = result.instance
    axes = whole[0].axes[0]
    lines, points = collections_of(axes)
    places = {
        tuple(place): sign for sign, c in zip((1, -1), points, strict=True) for place in c.get_offsets()
    }
    assert len(places) == graph.n  # no two vertices in one place
    assert sorted(places.values()) == sorted(result.signs.tolist())
    drawn = {INK: 0.0, LIGHT: 0.0}
    for collection in lines:
        from matplotlib.colors import to_hex

        (colour,) = {to_hex(c).upper() for c in collection.get_colors()}
        drawn[colour] += len(collection.get_segments())
        for one, other in collection.get_segments():
            assert (places[tuple(one)] != places[tuple(other)]) == (colour == INK)
    assert drawn == {INK: len(result.cut_edges()), LIGHT: graph.m - len(result.cut_edges())}
    counts = [text.get_text() for text in axes.get_legend().get_texts()]
    sizes = [len(side) for side in result.partition]
    assert sum("side 0" in text or "side 1" in text for text in counts) == 2
    assert all(any(f": {size} vert" in text for text in counts) for size in sizes)


def test_nothing_of_the_whole_picture_leaves_it_or_overlaps(whole):
    figure, renderer = whole
    texts = [
        figure._suptitle,
        figure.axes[0].get_legend(),
        *(axes.title for axes in figure.axes if axes.get_title()),
    ]
    boxes = [text.get_window_extent(renderer) for text in texts]
    for box in boxes:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)
    chain = next(axes for axes in figure.axes if axes.get_title() == "chain")
    labels = [text.get_window_extent(renderer) for text in (*chain.texts, *chain.get_yticklabels())]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(labels, 2))


def test_the_same_picture_for_any_number_of_threads(tmp_path):
    program = (
        "import sys, derandkit as dk; r = dk.maxcut(sys.argv[1]);"
        "dk.plot_cut(r.instance, r, sys.argv[2], chain=False)"
    )
    pictures = set()
    for threads in ("1", "2"):
        target = tmp_path / f"{threads}.png"
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads,
                       "PYTHONHASHSEED": threads, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}  # fmt: skip
        command = [sys.executable, "-c", program, str(DATASETS / "torus-10x10.rudy"), str(target)]
        subprocess.run(command, env=environment, check=True)
        pictures.add(target.read_bytes())
    assert len(pictures) == 1


def test_positions_are_those_of_the_graph(tmp_path):
    G = nx.path_graph(["b", "a", "c"])
    pos = {"a": (0.0, 1.0), "b": (2.0, 3.0), "c": (5.0, 8.0)}
    result = derandkit.maxcut(G)

    def places(graph, **options):
        _, points = collections_of(plot_cut(graph, result, **options).axes[0])
        return sorted(tuple(map(float, place)) for c in points for place in c.get_offsets())

    assert places(G, positions=pos) == sorted(pos.values())
    free = places(G)
    assert free != sorted(pos.values())
    for node, (x, y) in pos.items():
        G.nodes[node].update(x=x, y=y)
    assert places(G) == sorted(pos.values())
    del G.nodes["a"]["x"]  # one without a position: all are laid out
    assert places(G) == free


def dot_of(G, form):
    nodes = "".join(f'"{v}" [pos="{form.format(**data)}"];' for v, data in G.nodes(data=True))
    return "graph {" + nodes + "".join(f'"{u}" -- "{v}";' for u, v in G.edges) + "}"


def with_viz(G):
    H = nx.Graph(G.edges)
    for v, data in G.nodes(data=True):
        H.nodes[v]["viz"] = {"position": {**data, "z": 0.0}}
    return H


def cytoscape_of(G):
    nodes = [{"data": {"id": str(v)}, "position": data} for v, data in G.nodes(data=True)]
    return {
        "elements": {
            "nodes": nodes,
            "edges": [{"data": {"source": str(u), "target": str(v)}} for u, v in G.edges],
        }
    }


def pajek_of(G):
    number = {v: k for k, v in enumerate(G, 1)}
    nodes = [f'{k} "{v}" {G.nodes[v]["x"]} {G.nodes[v]["y"]} ellipse' for v, k in number.items()]
    return "\n".join(
        [f"*Vertices {len(G)}", *nodes, "*Edges", *(f"{number[u]} {number[v]}" for u, v in G.edges)]
    )


def json_graph_of(G):
    nodes = {str(v): {"label": f"vertex {v}", "metadata": dict(data)} for v, data in G.nodes(data=True)}
    return {"nodes": nodes, "edges": [{"source": str(u), "target": str(v)} for u, v in G.edges]}


#: Files with positions: a name, and what writes them.
PLACED = {
    "graphml": ("g.graphml", lambda G: "\n".join(nx.generate_graphml(G))),
    "graphml, no suffix": ("g", lambda G: "\n".join(nx.generate_graphml(G))),
    "gml": ("g.gml", lambda G: "\n".join(nx.generate_gml(G))),
    "gexf": ("g.gexf", lambda G: "\n".join(nx.generate_gexf(with_viz(G)))),
    "dot": ("g.dot", lambda G: dot_of(G, "{x},{y}")),
    "dot, fixed": ("g.gv", lambda G: dot_of(G, "{x},{y},0!")),
    "pajek": ("g.net", pajek_of),
    "node-link": ("g.json", lambda G: json.dumps(nx.node_link_data(G, edges="links"))),
    "cytoscape": ("g.json", lambda G: json.dumps(cytoscape_of(G))),
    "json graph format": ("g.json", lambda G: json.dumps({"graph": json_graph_of(G)})),
    "json graph format, one of several": ("g.json", lambda G: json.dumps({"graphs": [json_graph_of(G)]})),
}


@pytest.mark.parametrize("form", PLACED)
@pytest.mark.parametrize("names", [["b", "a", "c"], [2, 10, 7]])
def test_positions_are_those_of_the_file(tmp_path, form, names):
    name, write = PLACED[form]
    G = nx.path_graph(names)
    for k, v in enumerate(names):
        G.nodes[v].update(x=1.5 * k, y=2.0 - k * k)
    path = tmp_path / name
    path.write_text(write(G))
    graph = derandkit.as_graph(path)
    assert sorted(graph.labels) == sorted(names)
    for again in (path, gzipped(path)):
        assert file_positions(again, graph.labels) == {v: (G.nodes[v]["x"], G.nodes[v]["y"]) for v in names}
    del G.nodes[names[0]]["x"], G.nodes[names[0]]["y"]
    if "dot" not in form and form != "pajek":
        path.write_text(write(G))
        assert file_positions(path, graph.labels) is None


def gzipped(path):
    packed = path.with_name("packed.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return packed


def test_of_three_numbers_the_first_two_are_drawn(tmp_path):
    G = nx.random_geometric_graph(4, 2, dim=3, seed=0)
    flat = {v: tuple(data["pos"][:2]) for v, data in G.nodes(data=True)}
    assert node_positions(G) == flat
    path = tmp_path / "g.json"
    path.write_text(json.dumps(nx.node_link_data(G, edges="links")))
    assert file_positions(path, range(4)) == flat
    G.nodes[0]["pos"] = (1, 2, 3, 4)
    assert node_positions(G) is None
    path.write_text(json.dumps({"graph": {"nodes": {"a": 3}, "edges": []}}))
    assert file_positions(path, ["a"]) is None


def test_what_holds_no_positions_has_none(tmp_path):
    path = tmp_path / "g.txt"
    path.write_text("a b\nb c\n")
    assert file_positions(path, ("a", "b", "c")) is None
    assert file_positions("G22", range(1, 2001)) is None
    assert file_positions("-", ("a",)) is None


@pytest.mark.parametrize(
    ("positions", "said"),
    [
        ({"a": (0, 0)}, "leave out vertex 'b'"),
        ({"a": (0, 0), "b": (float("nan"), 0)}, "of vertex 'b' is not a pair"),
        ({"a": (0, 0), "b": "here"}, "of vertex 'b' is not a pair"),
    ],
)
def test_bad_positions_are_named(positions, said):
    result = derandkit.maxcut([("a", "b")])
    with pytest.raises(derandkit.InputError, match=said):
        plot_cut(result.instance, result, positions=positions)


def test_another_graph_and_one_too_large_are_refused():
    import networkx as nx

    result = derandkit.maxcut([("a", "b")])
    with pytest.raises(derandkit.InputError, match="another graph"):
        plot_cut([("a", "c")], result)
    large = derandkit.maxcut(nx.path_graph(LARGEST + 1))
    with pytest.raises(derandkit.InputError, match="no readable picture"):
        plot_cut(large.instance, large)
    plot_cut(large.instance, large, positions={k: (k, k % 7) for k in range(LARGEST + 1)})


@pytest.mark.parametrize(("rows", "name"), [(1, "{}"), (20, "a long name {}")])
def test_labels_do_not_overlap_and_those_left_out_are_counted(rows, name):
    names = [name.format(k) for k in range(36)]
    G = nx.path_graph(names)
    result = derandkit.maxcut(G)
    figure = plot_cut(G, result, positions={v: (k % rows, k // 20) for k, v in enumerate(names)}, chain=False)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    shown = [text for text in axes.texts if text.get_visible()]
    boxes = [text.get_window_extent() for text in shown]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    notes = [text.get_text() for text in axes.get_legend().get_texts() if "left out" in text.get_text()]
    assert notes == [f"{36 - len(shown)} labels left out, to avoid overlap"]
    assert len(shown) > 9


def test_labels_are_text_and_not_formulas():
    result = derandkit.maxcut([("$\\frac$", "two\nlines"), ("two\nlines", "a" * 60)])
    figure = plot_cut(result.instance, result, chain=False)
    drawn(figure)
    assert {text.get_text() for text in figure.axes[0].texts} == {"$\\frac$", "two lines", "a" * 15 + "…"}


def test_a_notebook_shows_the_picture_of_a_small_graph(monkeypatch):
    import networkx as nx

    small = derandkit.maxcut(nx.petersen_graph())
    shown = small._repr_html_()
    (data,) = re.findall(r'<img alt="cut 12, proven optimal" src="data:image/png;base64,([^"]+)"/>', shown)
    assert base64.b64decode(data).startswith(MAGIC["png"])
    assert shown.count("<tr>") == len(small.table_rows())
    read = derandkit.MaxCutResult.from_json(small.to_json())
    assert "<img" not in read._repr_html_()  # a record has no graph
    assert "<img" not in derandkit.maxcut(nx.path_graph(400))._repr_html_()
    monkeypatch.setattr("derandkit.plots.cuts.find_spec", lambda _: None)
    assert "<img" not in small._repr_html_()


def test_every_method_has_a_style_of_its_own():
    from derandkit.comparison.problems import PROBLEMS

    for problem in PROBLEMS.values():
        styles = [method_style(name) for name in problem.methods]
        assert len(set(styles)) == len(styles)
        assert all(name in METHODS for name in problem.methods)
        assert RED not in {colour for colour, _ in styles}


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
    assert outcome.exit_code == 0
    assert all(line.startswith("derandkit: read ") for line in outcome.stderr.splitlines())
    assert (tmp_path / "p.png").read_bytes().startswith(MAGIC["png"])
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["p.png", "r.json"]


@pytest.mark.parametrize("name", ["x.gif", "x", "no/such/folder/x.png"])
def test_bad_names_are_refused(tmp_path, name):
    result = derandkit.maxcut([("a", "b")])
    with pytest.raises(derandkit.InputError):
        plot_maxcut(result, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("places", [[(0, 0), (1, 1)], np.zeros((2, 2))])
def test_positions_that_are_no_mapping_are_refused_in_a_line(places):
    graph = derandkit.WeightedGraph([("a", "b")])
    with pytest.raises(
        derandkit.InputError, match=r"positions are a mapping .*pass dict\(zip\(vertices, places\)\)"
    ):
        given_positions(graph, places)


def test_letters_that_the_font_lacks_are_no_warnings(tmp_path):
    edges = [("\u6771\u4eac", "\u5927\u962a", 2), ("\u5927\u962a", "\u4eac\u90fd", 1)]
    result = derandkit.maxcut(edges)
    derandkit.plot_cut(edges, result, tmp_path / "cut.svg")  # warnings are errors here
    derandkit.write_report(result, tmp_path / "cut.html", edges)
    assert result._repr_html_()
