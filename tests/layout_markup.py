"""Writers of `tests.layouts` for formats that mark what they hold: Pajek, DOT, XML, GML, JSON, and arrays."""

from __future__ import annotations

import io
import json
import random
from xml.sax.saxutils import escape, quoteattr

import networkx as nx
import numpy as np
import scipy.sparse as sp
from tests.layouts import Drawn, body_of, graph, text_of

Written = tuple[bytes, str, str]


def ends(g: Drawn, k: int) -> tuple[str, str]:
    """Names of both ends of edge k."""
    i, j = g.edges[k]
    return g.names[i], g.names[j]


def dense(g: Drawn) -> np.ndarray:
    """The symmetric matrix of the graph."""
    A = np.zeros((len(g.names), len(g.names)))
    for k, (i, j) in enumerate(g.edges):
        A[i, j] = A[j, i] = g.weight(k)
    return A


def without_zeros(g: Drawn) -> Drawn:
    """The graph without edges of weight 0, which a dense matrix does not hold."""
    keep = [k for k in range(len(g.edges)) if g.weight(k) != 0]
    weights = None if g.weights is None else [g.weights[k] for k in keep]
    return g._replace(edges=[g.edges[k] for k in keep], weights=weights)


def pajek(r: random.Random) -> Written:
    """Numbered vertices with names in quotation marks, edges with or without weights, lists of edges."""
    g = graph(r)
    if any('"' in name for name in g.names):
        return pajek(r)
    lines = ["*Network a graph"] * (r.random() < 0.3)
    lines.append(f"{r.choice(['*Vertices', '*vertices', '*VERTICES'])} {len(g.names)}")
    places = r.random() < 0.3
    lines += [f'{k + 1} "{name}"' + (" 0.5 0.25 0.0" if places else "") for k, name in enumerate(g.names)]
    if g.weights is None and r.random() < 0.3:
        lines.append("*Edgeslist")
        for i, j in g.edges:
            lines.append(f"{i + 1} {j + 1}")
    else:
        lines.append(r.choice(["*Edges", "*edges"]))
        for k, (i, j) in enumerate(g.edges):
            lines.append(f"{i + 1} {j + 1}" + ("" if g.weights is None else f" {text_of(g.weight(k))}"))
    return body_of(r, lines, None, blanks=False), r.choice(["g.net", "g.paj"]), g.digest()


def _dot_name(r: random.Random, name: str) -> str:
    plain = (
        name.isascii()
        and name.isidentifier()
        and name.lower() not in ("graph", "node", "edge", "strict", "subgraph")
    )
    if (plain or name.isdigit()) and r.random() < 0.7:
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def dot(r: random.Random) -> Written:
    """Nodes, edges and chains with attributes, defaults, and comments of all kinds."""
    g = graph(r, missing=True)
    title = r.choice(["", "G ", '"my graph" '])
    lines = [f"{'strict ' * (r.random() < 0.2)}graph {title}{{"]
    lines += ["  node [shape=circle];"] * (r.random() < 0.3)
    lines += ["  // a comment", "  /* another\n one */"] * (r.random() < 0.2)
    end = r.choice([";", ""])
    for name in g.names:
        lines.append(f"  {_dot_name(r, name)}{' [color=red]' * (r.random() < 0.2)}{end}")
    for k in range(len(g.edges)):
        u, v = (_dot_name(r, name) for name in ends(g, k))
        attributes = ["color=blue"] * (r.random() < 0.2)
        if g.weights is not None and g.weights[k] is not None:
            text = text_of(g.weight(k))
            bare = "e" not in text and r.random() < 0.6
            attributes.append(f"weight={text}" if bare else f'weight="{text}"')
        given = f" [{r.choice([', ', ' ', '; ']).join(attributes)}]" if attributes else ""
        lines.append(f"  {u} -- {v}{given}{end}")
    return body_of(r, [*lines, "}"], None), r.choice(["g.dot", "g.gv", "g.txt"]), g.digest()


def graphml(r: random.Random) -> Written:
    """Keys of several types, defaults, edges without a value, namespaces or none."""
    g = graph(r, missing=True)
    whole = all(g.weight(k).is_integer() for k in range(len(g.edges)))
    kind = (
        r.choice(["int", "long"])
        if whole and all(abs(g.weight(k)) < 2**31 for k in range(len(g.edges)))
        else "double"
    )
    default = r.choice([None, None, 7])
    lines = ['<?xml version="1.0" encoding="UTF-8"?>'] * (r.random() < 0.7)
    space = ' xmlns="http://graphml.graphdrawing.org/xmlns"' * (r.random() < 0.7)
    lines.append(f"<graphml{space}>")
    if g.weights is not None:
        whose = r.choice(["edge", "all"])
        head = f'<key id="d0" for="{whose}" attr.name="weight" attr.type="{kind}"'
        lines.append(f"{head}/>" if default is None else f"{head}><default>{default}</default></key>")
    lines.append('<key id="d1" for="node" attr.name="color" attr.type="string"/>')
    order = ' parse.order="free"' * (r.random() < 0.2)
    lines.append(f'<graph id="G" edgedefault="undirected"{order}>')
    nodes = [f"<node id={quoteattr(name)}/>" for name in g.names]
    if r.random() < 0.3:
        nodes = [node.replace("/>", '><data key="d1">red</data></node>') for node in nodes]
    edges, weights = [], []
    for k in range(len(g.edges)):
        u, v = map(quoteattr, ends(g, k))
        given = g.weights is not None and g.weights[k] is not None
        weights.append(g.weight(k) if given or g.weights is None or default is None else float(default))
        data = f'<data key="d0">{text_of(g.weight(k))}</data>' if given else ""
        edges.append(
            f"<edge source={u} target={v}>{data}</edge>" if data else f"<edge source={u} target={v}/>"
        )
    lines += [*nodes, *edges, "</graph>", "</graphml>"]
    expected = g if g.weights is None else g._replace(weights=list(weights))
    return body_of(r, lines, None, blanks=False), r.choice(["g.graphml", "g.xml"]), expected.digest()


def gml(r: random.Random) -> Written:
    """Nested keys and values, labels with entities, ids out of order, numbers with and without exponents."""
    g = graph(r, missing=True)
    ids = r.sample(range(100), len(g.names))
    lines = ['Creator "a program"'] * (r.random() < 0.3)
    lines += ["graph ["] + ["  directed 0"] * (r.random() < 0.5)
    for name, at in zip(g.names, ids, strict=True):
        text = escape(name, {'"': "&quot;"}).encode("ascii", "xmlcharrefreplace").decode()
        lines += ["  node [", f"    id {at}", f'    label "{text}"', "  ]"]
    for k, (i, j) in enumerate(g.edges):
        lines += ["  edge [", f"    source {ids[i]}", f"    target {ids[j]}"]
        if g.weights is not None and g.weights[k] is not None:
            lines.append(f"    weight {text_of(g.weight(k))}")
        lines.append("  ]")
    return body_of(r, [*lines, "]"], None), r.choice(["g.gml", "g.txt"]), g.digest()


def gexf(r: random.Random) -> Written:
    """Nodes by their ids, weights of edges as attributes, labels that differ from ids."""
    g = graph(r, missing=True)
    kind = r.choice(["", ' defaultedgetype="undirected"', ' mode="static" defaultedgetype="undirected"'])
    version = r.choice(["1.2draft", "1.3"])
    space = {"1.2draft": "http://www.gexf.net/1.2draft", "1.3": "http://gexf.net/1.3"}[version]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<gexf xmlns="{space}" version="{version[:3]}">',
    ]
    lines += [f"<graph{kind}>", "<nodes>"]
    lines += [f'<node id={quoteattr(name)} label="{k}"/>' for k, name in enumerate(g.names)]
    lines += ["</nodes>", "<edges>"]
    for k in range(len(g.edges)):
        u, v = map(quoteattr, ends(g, k))
        given = g.weights is not None and g.weights[k] is not None
        weight = f' weight="{text_of(g.weight(k))}"' if given else ""
        lines.append(f'<edge id="{k}" source={u} target={v}{weight}/>')
    return body_of(r, [*lines, "</edges>", "</graph>", "</gexf>"], None, blanks=False), "g.gexf", g.digest()


def json_graph(r: random.Random) -> Written:
    """Node-link data, lists of edges in three spellings, mappings, Cytoscape, JSON Graph Format, adjacency data."""
    form = r.choice(
        ["links", "list", "objects", "lines", "mapping", "neighbours", "cytoscape", "jgf", "adjacency"]
    )
    listed = form in ("links", "cytoscape", "jgf", "adjacency")
    g = graph(r, isolated=listed, missing=form == "links")
    texts = form in ("mapping", "neighbours", "cytoscape", "jgf") or not g.numbers
    names = list(g.names) if texts else list(map(int, g.names))
    weight = [g.weight(k) for k in range(len(g.edges))]
    number = [int(w) if w.is_integer() and abs(w) < 2**53 else w for w in weight]
    rows = [
        [names[i], names[j]] + ([] if g.weights is None else [number[k]]) for k, (i, j) in enumerate(g.edges)
    ]
    source, target = (
        r.choice([("source", "target"), ("from", "to")])
        if form in ("objects", "lines")
        else ("source", "target")
    )
    objects = [
        {source: u, target: v, **({} if g.weights is None or g.weights[k] is None else {"weight": rest[0]})}
        for k, (u, v, *rest) in enumerate(rows)
    ]
    content: object = rows
    if form == "links":
        key = r.choice(["links", "edges"])
        content = {
            "directed": False,
            "multigraph": False,
            "graph": {},
            "nodes": [{"id": v} for v in names],
            key: objects,
        }
        content = {k: v for k, v in content.items() if k in ("nodes", key) or r.random() < 0.7}
    elif form in ("objects", "lines"):
        content = objects
    elif form in ("mapping", "neighbours"):
        plain = form == "neighbours"
        g = g._replace(weights=None) if plain else g
        found: dict[str, dict[str, float]] = {name: {} for name in g.names} if r.random() < 0.5 else {}
        both = r.random() < 0.4
        for k, (i, j) in enumerate(g.edges):
            found.setdefault(g.names[i], {})[g.names[j]] = number[k]
            if both:
                found.setdefault(g.names[j], {})[g.names[i]] = number[k]
        content = {u: list(row) for u, row in found.items()} if plain else found
    elif form == "cytoscape":
        content = {
            "elements": {
                "nodes": [{"data": {"id": v}} for v in names],
                "edges": [{"data": x} for x in objects],
            }
        }
    elif form == "jgf":
        edges = [
            {
                "source": x["source"],
                "target": x["target"],
                "metadata": {k: v for k, v in x.items() if k == "weight"},
            }
            for x in objects
        ]
        content = {"graph": {"directed": False, "nodes": {v: {} for v in names}, "edges": edges}}
    elif form == "adjacency":
        G = nx.Graph()
        G.add_nodes_from(names)
        for k, (i, j) in enumerate(g.edges):
            G.add_edge(names[i], names[j], **({} if g.weights is None else {"weight": number[k]}))
        content = nx.adjacency_data(G)
    ascii_only, indent = r.random() < 0.5, r.choice([None, 1, 4])
    if form == "lines":
        text = "\n".join(json.dumps(x, ensure_ascii=ascii_only) for x in objects)
    else:
        text = json.dumps(content, ensure_ascii=ascii_only, indent=indent)
    return text.encode(), r.choice(["g.json", "g.txt"]), g.digest()


def _nx(g: Drawn) -> nx.Graph:
    G = nx.Graph()
    G.add_nodes_from(range(len(g.names)))
    G.add_edges_from(g.edges)
    return G


def graph6(r: random.Random) -> Written:
    """One line, with the header or without."""
    g = graph(r, names="zero", weights="ones", most=80)
    return nx.to_graph6_bytes(_nx(g), header=r.random() < 0.5), "g.g6", g.digest()


def sparse6(r: random.Random) -> Written:
    """One line that begins with a colon, with the header or without."""
    g = graph(r, names="zero", weights="ones", most=80)
    return nx.to_sparse6_bytes(_nx(g), header=r.random() < 0.5), "g.s6", g.digest()


def npy(r: random.Random) -> Written:
    """A square matrix of any type that holds the weights, or edges in rows."""
    g = without_zeros(graph(r, names="zero"))
    file = io.BytesIO()
    whole = all(g.weight(k).is_integer() for k in range(len(g.edges)))
    if r.random() < 0.5 or len(g.edges) < 4:
        A = dense(g)
        types = ["f8", ">f8"] + (["i8", ">i8"] if whole else []) + (["?", "i1"] if g.weights is None else [])
        A = A.astype(r.choice(types))
        np.save(file, np.asfortranarray(A) if r.random() < 0.3 else A)
    else:
        g = without_zeros(graph(r, names="zero", isolated=False))
        while len(g.edges) < 4 or len({v for pair in g.edges for v in pair}) < len(g.names):
            g = without_zeros(graph(r, names="zero", isolated=False, least=5))
        rows = [[*pair, g.weight(k)] for k, pair in enumerate(g.edges)]
        np.save(file, np.array(rows) if g.weights is not None else np.array(g.edges))
    return file.getvalue(), r.choice(["g.npy", "g"]), g.digest()


def npz(r: random.Random) -> Written:
    """A sparse matrix in one of five layouts, or one array of numpy.savez."""
    g = without_zeros(graph(r, names="zero"))
    A, file = dense(g), io.BytesIO()
    if r.random() < 0.3:
        (np.savez if r.random() < 0.5 else np.savez_compressed)(file, A)
    else:
        make = r.choice([sp.csr_array, sp.csc_array, sp.coo_array, sp.bsr_array, sp.dia_array, sp.csr_matrix])
        sp.save_npz(file, make(A), compressed=r.random() < 0.5)
    return file.getvalue(), r.choice(["g.npz", "g"]), g.digest()
