"""Attributes that stand for far more values than their text writes out, by defaults or by gaps."""

import pytest

import derandkit as dk
from derandkit.graphs import content

FAR_MORE = "stand for [0-9]+ values, far more than the text writes out; keep no attribute but the weight"


def edges(n):
    return [(k, k + 1) for k in range(n)]


def dot(names, n, value="x"):
    defaults = " ".join(f"a{k}={value}" for k in range(names))
    return f"graph {{\nedge [{defaults}]\n" + "".join(f"{u} -- {v};\n" for u, v in edges(n)) + "}\n"


def dot_between(names, n, value="x"):
    lines = (f"edge [a{k % names}={value}]\n{u} -- {v};\n" for k, (u, v) in enumerate(edges(n)))
    return "graph {\n" + "".join(lines) + "}\n"


def dot_chain(names, n, value="x"):
    defaults = " ".join(f"a{k}={value}" for k in range(names))
    return f"graph {{ edge [{defaults}] " + " -- ".join(map(str, range(n + 1))) + " }\n"


def graphml(names, n, value="x", of="edge"):
    keys = "".join(
        f'<key id="d{k}" for="{of}" attr.name="a{k}" attr.type="string"><default>{value}</default></key>'
        for k in range(names)
    )
    nodes = "".join(f'<node id="{k}"/>' for k in range(n + 1))
    lines = "".join(f'<edge source="{u}" target="{v}"/>' for u, v in edges(n))
    return (
        f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{keys}<graph edgedefault="undirected">'
        f"{nodes}{lines}</graph></graphml>"
    )


def graphml_for_all(names, n, value="x"):
    return graphml(names, n, value, of="all")


def gexf(names, n, value="x"):
    attributes = "".join(
        f'<attribute id="d{k}" title="a{k}" type="string"><default>{value}</default></attribute>'
        for k in range(names)
    )
    nodes = "".join(f'<node id="{k}"/>' for k in range(n + 1))
    lines = "".join(f'<edge id="{u}" source="{u}" target="{v}"/>' for u, v in edges(n))
    return (
        '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="undirected">'
        f'<attributes class="edge">{attributes}</attributes><nodes>{nodes}</nodes><edges>{lines}</edges></graph></gexf>'
    )


def json_lines(names, n, value="x"):
    lines = (f'{{"source": {u}, "target": {v}, "a{u % names}": "{value}"}}\n' for u, v in edges(n))
    return "".join(lines)


WRITERS = [
    (dot, ".dot"),
    (dot_between, ".dot"),
    (dot_chain, ".dot"),
    (graphml, ".graphml"),
    (graphml_for_all, ".graphml"),
    (gexf, ".gexf"),
    (json_lines, ".jsonl"),
]


def written(folder, suffix, text):
    path = folder / f"graph{suffix}"
    path.write_text(text)
    return path


@pytest.mark.parametrize(("write", "suffix"), WRITERS)
def test_a_table_far_larger_than_its_text_is_refused(tmp_path, monkeypatch, write, suffix):
    monkeypatch.setattr(content, "_VALUES", 1000)
    path = written(tmp_path, suffix, write(1200, 1200))
    with pytest.raises(dk.InputError, match=FAR_MORE):
        dk.read_graph(path)


@pytest.mark.parametrize(("write", "suffix"), WRITERS)
def test_a_few_defaults_and_gaps_are_read_however_many_edges_there_are(tmp_path, monkeypatch, write, suffix):
    monkeypatch.setattr(content, "_VALUES", 0)
    graph = dk.read_graph(written(tmp_path, suffix, write(20, 300)))
    assert (graph.n, graph.m, graph.total_weight) == (301, 300, 300)


def test_small_texts_may_have_many_defaults(tmp_path):
    graph = dk.read_graph(written(tmp_path, ".dot", dot(300, 10)))
    assert (graph.n, graph.m) == (11, 10)


def test_lists_in_memory_may_have_gaps(monkeypatch):
    monkeypatch.setattr(content, "_VALUES", 0)
    rows = [{"source": u, "target": v, f"a{u}": "x"} for u, v in edges(100)]
    assert dk.as_graph(rows).m == 100
