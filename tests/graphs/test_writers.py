"""Every writer of networkx, igraph, pandas, SciPy, NumPy and this package, through a file and back.

The table says for each writer what comes back: the same graph, or one without weights or with numbers for labels where
the format has none; or that the file is refused, and how it is named. The lists of writers are read from the libraries,
so that a writer which is not in the table fails the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.sparse as sp

from derandkit.errors import InputError
from derandkit.graphs import files
from derandkit.graphs.files import as_graph, read_graph
from derandkit.graphs.writing import write_edgelist, write_rudy

WORDS = [
    ("ann", "bob", 5.0), ("bob", "cid", -3.0), ("ann", "cid", 2.0),
    ("cid", "dora", 4.0), ("dora", "eve", 1.0), ("ann", "eve", 2.5),
]  # fmt: skip
NUMBERS = [(0, 1, 5.0), (1, 2, -3.0), (0, 2, 2.0), (2, 3, 4.0), (3, 4, 1.0), (0, 4, 2.5)]


class Case(NamedTuple):
    """What a writer takes, how it is called, and what comes back."""

    takes: str
    write: Callable[..., object]
    back: str  # "same", "ones", "numbered", "numbered from 1", "numbered ones", or words of the refusal
    extension: str = ".txt"


def _named(g: igraph.Graph) -> str | None:
    return "name" if "name" in g.vs.attributes() else None


def _max_flow(g: igraph.Graph, path: str) -> None:
    g.es["capacity"], g["source"], g["target"] = g.es["weight"], 0, 1
    g.write_dimacs(path)


def _text(write: Callable[..., object]) -> Callable[..., None]:
    def to(obj: object, path: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            write(obj, file)

    return to


def _bytes(write: Callable[..., object]) -> Callable[..., None]:
    def to(obj: object, path: str) -> None:
        with open(path, "wb") as file:
            write(file, obj)

    return to


def _json(data: Callable[..., object]) -> Callable[..., None]:
    return _text(lambda G, file: json.dump(data(G), file))


CASES: dict[str, Case] = {
    **{
        f"networkx.write_{name}": Case("networkx", getattr(nx, f"write_{name}"), "same")
        for name in ("gml", "graphml", "graphml_xml", "gexf", "pajek", "edgelist", "weighted_edgelist")
    },
    "networkx.write_graphml_lxml": Case("networkx", nx.write_graphml_lxml, "same"),
    "networkx.write_multiline_adjlist": Case("networkx", nx.write_multiline_adjlist, "same"),
    "networkx.write_adjlist": Case("networkx", nx.write_adjlist, "ones"),
    "networkx.write_graph6": Case("numbered networkx", nx.write_graph6, "numbered ones"),
    "networkx.write_sparse6": Case("numbered networkx", nx.write_sparse6, "numbered ones"),
    "networkx.write_latex": Case("networkx", nx.write_latex, "LaTeX"),
    "networkx.write_network_text": Case("networkx", nx.write_network_text, "a drawing of networkx"),
    "networkx.adjacency_data": Case("networkx", _json(nx.adjacency_data), "same"),
    "networkx.cytoscape_data": Case("networkx", _json(nx.cytoscape_data), "same"),
    "networkx.node_link_data": Case("networkx", _json(nx.node_link_data), "same"),
    "networkx.tree_data": Case(
        "networkx", _json(lambda G: nx.tree_data(nx.bfs_tree(G, next(iter(G))), next(iter(G)))), "no graph"
    ),
    "igraph.write_graphml": Case("igraph", igraph.Graph.write_graphml, "same"),
    "igraph.write_graphmlz": Case("igraph", igraph.Graph.write_graphmlz, "same"),
    "igraph.write_gml": Case("igraph", igraph.Graph.write_gml, "same"),
    "igraph.write_ncol": Case(
        "igraph", lambda g, path: g.write_ncol(path, names=_named(g), weights="weight"), "same", ".ncol"
    ),
    "igraph.write_lgl": Case(
        "igraph", lambda g, path: g.write_lgl(path, names=_named(g), weights="weight"), "same", ".lgl"
    ),
    "igraph.write_pajek": Case("igraph", igraph.Graph.write_pajek, "same, or numbered from 1"),
    "igraph.write_dot": Case("igraph", igraph.Graph.write_dot, "same, or numbered"),
    "igraph.write_edgelist": Case("igraph", igraph.Graph.write_edgelist, "numbered ones"),
    "igraph.write_adjacency": Case("igraph", igraph.Graph.write_adjacency, "numbered ones"),
    "igraph.write_dimacs": Case("igraph", _max_flow, "the graph is directed"),
    "igraph.write_leda": Case("igraph", lambda g, path: g.write_leda(path, names=_named(g)), "a LEDA graph"),
    "igraph.write_pickle": Case("igraph", igraph.Graph.write_pickle, "a Python pickle"),
    "igraph.write_picklez": Case("igraph", igraph.Graph.write_picklez, "a Python pickle"),
    "igraph.write_svg": Case("igraph", lambda g, path: g.write_svg(path, layout="circle"), "XML"),
    "pandas.to_csv": Case("edges", pd.DataFrame.to_csv, "same"),
    "pandas.to_csv without index": Case("edges", lambda F, path: F.to_csv(path, index=False), "same"),
    "pandas.to_csv with tabs": Case("edges", lambda F, path: F.to_csv(path, sep="\t"), "same"),
    "pandas.to_csv with commas in numbers": Case(
        "edges", lambda F, path: F.to_csv(path, sep=";", decimal=","), "same"
    ),
    "pandas.to_csv of a matrix": Case("frame", pd.DataFrame.to_csv, "same"),
    "pandas.to_csv of a matrix with tabs": Case("frame", lambda F, path: F.to_csv(path, sep="\t"), "same"),
    "pandas.to_string": Case("edges", lambda F, path: F.to_string(path, index=False), "same"),
    "pandas.to_string of a matrix": Case("frame", pd.DataFrame.to_string, "same"),
    **{
        f"pandas.to_json {orient} {of}": Case(
            of, lambda F, path, orient=orient: F.to_json(path, orient=orient), "same"
        )
        for orient in ("columns", "index", "split", "table")
        for of in ("edges", "frame")
    },
    "pandas.to_json": Case("edges", pd.DataFrame.to_json, "same"),
    "pandas.to_json records": Case("edges", lambda F, path: F.to_json(path, orient="records"), "same"),
    "pandas.to_json values": Case("edges", lambda F, path: F.to_json(path, orient="values"), "same"),
    "pandas.to_html": Case("edges", pd.DataFrame.to_html, "XML"),
    "pandas.to_latex": Case("edges", pd.DataFrame.to_latex, "LaTeX"),
    "pandas.to_pickle": Case("edges", pd.DataFrame.to_pickle, "a Python pickle"),
    "pandas.to_stata": Case("edges", pd.DataFrame.to_stata, "a Stata file"),
    "pandas.to_parquet": Case("edges", pd.DataFrame.to_parquet, "same"),
    "pandas.to_feather": Case("edges", pd.DataFrame.to_feather, "same"),
    "pandas.to_orc": Case("edges", pd.DataFrame.to_orc, "an ORC file"),
    "numpy.save": Case("numpy", _bytes(np.save), "numbered"),
    "numpy.savez": Case("numpy", _bytes(np.savez), "numbered"),
    "numpy.savez_compressed": Case("numpy", _bytes(np.savez_compressed), "numbered"),
    "numpy.savetxt": Case("numpy", lambda A, path: np.savetxt(path, A), "numbered"),
    "numpy.savetxt with commas": Case(
        "numpy", lambda A, path: np.savetxt(path, A, delimiter=","), "numbered"
    ),
    "numpy.tofile": Case("numpy", lambda A, path: A.tofile(path), "binary"),
    "numpy, repr": Case("numpy", _text(lambda A, file: file.write(repr(A))), "the Python text of an array"),
    "scipy.mmwrite": Case("sparse", _bytes(scipy.io.mmwrite), "numbered from 1"),
    "scipy.mmwrite of an array": Case("numpy", _bytes(scipy.io.mmwrite), "numbered from 1"),
    "scipy.savemat": Case("sparse", lambda A, path: scipy.io.savemat(path, {"A": A}), "numbered from 1", ".mat"),
    "scipy.savemat of an array": Case(
        "numpy",
        lambda A, path: scipy.io.savemat(path, {"A": A, "n": 1}, do_compression=True),
        "numbered from 1",
        ".mat",
    ),
    "scipy.hb_write": Case(
        "sparse", lambda A, path: scipy.io.hb_write(path, sp.csc_matrix(A)), "a Harwell-Boeing matrix"
    ),
    "scipy.save_npz": Case("sparse", _bytes(sp.save_npz), "numbered"),
    "derandkit.write_edgelist": Case("graph", _text(write_edgelist), "same"),
    "derandkit.write_rudy": Case("graph", _text(write_rudy), "numbered from 1"),
}  # fmt: skip
#: Writers that need a package which is not among those of the tests, or a server.
ELSEWHERE = {
    "pandas": {
        "to_clipboard",
        "to_excel",
        "to_gbq",
        "to_hdf",
        "to_iceberg",
        "to_markdown",
        "to_sql",
        "to_xml",
    },
}
#: Methods of frames that begin with ``to_`` and write no file.
NO_WRITERS = {"to_dict", "to_numpy", "to_period", "to_records", "to_timestamp", "to_xarray"}


def graph_of(edges: list[tuple[object, object, float]]) -> nx.Graph:
    G = nx.Graph()
    G.add_weighted_edges_from(edges)
    return G


def igraph_of(edges: list[tuple[object, object, float]]) -> igraph.Graph:
    if edges is WORDS:
        return igraph.Graph.TupleList(edges, weights=True)
    g = igraph.Graph(n=5, edges=[(u, v) for u, v, _ in edges])
    g.es["weight"] = [w for _, _, w in edges]
    return g


HELD = {
    "networkx": graph_of,
    "numbered networkx": lambda edges: nx.convert_node_labels_to_integers(graph_of(edges)),
    "igraph": igraph_of,
    "edges": lambda edges: pd.DataFrame(edges, columns=["source", "target", "weight"]),
    "frame": lambda edges: nx.to_pandas_adjacency(graph_of(edges)),
    "numpy": lambda edges: nx.to_numpy_array(graph_of(edges)),
    "sparse": lambda edges: nx.to_scipy_sparse_array(graph_of(edges), format="coo"),
    "graph": lambda edges: as_graph(graph_of(edges)),
}


def expected(back: str, edges: list[tuple[object, object, float]]) -> list[str]:
    G = graph_of(edges)
    return [
        as_graph(H, weight=None if "ones" in word else "weight").digest
        for word, H in (
            ("same", G),
            ("ones", G),
            ("numbered", nx.convert_node_labels_to_integers(G)),
            ("numbered ones", nx.convert_node_labels_to_integers(G)),
            ("numbered from 1", nx.convert_node_labels_to_integers(G, 1)),
        )
        if word in back.split(", or ")
    ]


@pytest.mark.filterwarnings(  # igraph leaves a file of its own open
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("edges", [WORDS, NUMBERS], ids=["words", "numbers"])
@pytest.mark.parametrize("name", CASES)
def test_what_is_written_comes_back(tmp_path, name, edges):
    case = CASES[name]
    path = tmp_path / f"g{case.extension}"
    case.write(HELD[case.takes](edges), str(path))
    wanted = expected(case.back, edges)
    if not wanted:
        with pytest.raises(InputError, match=case.back):
            read_graph(path)
    else:
        assert read_graph(path).digest in wanted


def writers(library: str) -> set[str]:
    """Names of what writes files, as the library has them."""
    named = {
        "networkx": [name for name in dir(nx) if name.startswith("write_")]
        + [name for name in dir(nx.readwrite.json_graph) if name.endswith("_data")],
        "igraph": [name for name in dir(igraph.Graph) if name.startswith("write_")],
        "pandas": [name for name in dir(pd.DataFrame) if name.startswith("to_") and name not in NO_WRITERS],
        "numpy": [name for name in dir(np) if name.startswith("save")],
        "scipy": [name for name in (*dir(scipy.io), *dir(sp)) if name.endswith("write") or "save" in name],
        "derandkit": [name for name in dir(files) if name.startswith("write_")],
    }
    return set(named[library])


@pytest.mark.parametrize("library", ["networkx", "igraph", "pandas", "numpy", "scipy", "derandkit"])
def test_no_writer_is_missing(library):
    tried = {name.partition(".")[2].split()[0] for name in CASES if name.startswith(f"{library}.")}
    assert writers(library) - tried - ELSEWHERE.get(library, set()) == set()


def test_lgl_files_and_comments_are_distinguished(tmp_path):
    text = "# a\nb 5\nc 2.5\n# b\nc -3\n"
    file = tmp_path / "g.txt"
    file.write_text(text)
    with pytest.raises(InputError, match=r"'# a' may be a comment or, as in LGL files, a vertex"):
        read_graph(file)
    lgl = read_graph(file, input_format="lgl")
    assert lgl.digest == as_graph([("a", "b", 5), ("a", "c", 2.5), ("b", "c", -3)]).digest
    assert read_graph(file, comments="#", input_format="edgelist").m == 3
    with pytest.raises(InputError, match="a name and its value, or an edge"):
        read_graph(file, comments="#")
    file.write_text("# a\nb\nc\n# b\nc\n")
    assert read_graph(file).digest == as_graph([("a", "b"), ("a", "c"), ("b", "c")]).digest
    file.write_text("# edges\n1 2\n2 3\n")
    assert read_graph(file).m == 2
    for bad, words in (("b 5\n# a\nc 1\n", "above the first"), ("# a\nb 5\nc\n", "others have none")):
        file.write_text(bad)
        with pytest.raises(InputError, match=words):
            read_graph(file, input_format="lgl")
