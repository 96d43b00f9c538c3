"""GraphML and GEXF files whose edges all say of their direction what the graph does not say by default."""

import pytest
from tests import inputs
from tests.inputs import refused

from derandkit import as_graph, maxdicut

EDGES = [("a", "b", "1"), ("b", "c", "2"), ("a", "c", "3")]


def graphml(default, marks):
    nodes = "".join(f'<node id="{v}"/>' for v in "abc")
    edges = "".join(
        f'<edge source="{u}" target="{v}"{mark}/>' for (u, v, _), mark in zip(EDGES, marks, strict=True)
    )
    return f"<graphml><graph{default}>{nodes}{edges}</graph></graphml>"


def gexf(default, marks):
    nodes = "".join(f'<node id="{v}" label="{v}"/>' for v in "abc")
    edges = "".join(
        f'<edge id="{k}"{mark} source="{u}" target="{v}" weight="{w}"/>'
        for (u, v, w), k, mark in zip(EDGES, range(3), marks, strict=True)
    )
    graph = f"<graph{default}><nodes>{nodes}</nodes><edges>{edges}</edges></graph>"
    return f'<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">{graph}</gexf>'


FORMS = {
    "GraphML": (
        graphml,
        "g.graphml",
        " edgedefault='{}'",
        {"directed": "true", "undirected": "false"},
        "directed",
    ),
    "GEXF": (
        gexf,
        "g.gexf",
        ' defaultedgetype="{}"',
        {"directed": "directed", "undirected": "undirected"},
        "type",
    ),
}


def written(folder, form, default, stated):
    write, name, shape, words, mark = FORMS[form]
    marks = [f' {mark}="{words[one]}"' if one else "" for one in stated]
    return inputs.write(folder, write(shape.format(default) if default else "", marks), name)


@pytest.mark.parametrize("form", FORMS)
def test_edges_that_are_all_undirected(tmp_path, form):
    graph = as_graph(written(tmp_path, form, "directed", ["undirected"] * 3))
    usual = as_graph(written(tmp_path, form, "undirected", [None] * 3))

    assert graph.digest == usual.digest
    assert graph.m == 3
    assert "the graph is undirected" in refused(
        maxdicut, written(tmp_path, form, "directed", ["undirected"] * 3)
    )


@pytest.mark.parametrize(
    ("form", "default"),
    [(form, default) for form in FORMS for default in ("undirected", "directed")] + [("GEXF", "")],
)
def test_edges_that_are_all_directed(tmp_path, form, default):
    path = written(tmp_path, form, default, ["directed"] * 3)
    assert "the graph is directed" in refused(as_graph, path)
    assert as_graph(path, symmetrize="sum").m == 3


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "stated", [["undirected", "directed", "undirected"], ["undirected", None, "undirected"]]
)
def test_edges_that_differ_stay_refused(tmp_path, form, stated):
    assert "cannot be read as " + form in refused(as_graph, written(tmp_path, form, "directed", stated))
