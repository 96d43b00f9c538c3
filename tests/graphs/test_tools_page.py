"""Every line of the two tables of tools in docs/inputs.md is run, or says itself that it is not."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from pathlib import Path

import dimod
import igraph as ig
import networkx as nx
import numpy as np
import pandas as pd
import pyarrow
import pytest
import rustworkx as rx
import scipy.sparse as sp
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "inputs.md").read_text(encoding="utf-8")
EDGES = [("a", "b", 5), ("b", "c", -3), ("a", "c", 2), ("c", "d e", 4)]
WANTED = dk.as_graph(EDGES).digest
NUMBERED = dk.as_graph([("abcd".index(u[0]), "abcd".index(v[0]), w) for u, v, w in EDGES])


def table(title):
    """First column -> second column of the table below a heading."""
    part = PAGE.partition(title)[2]
    rows = re.findall(r"(?m)^\| ([^|]+) \| (.+) \|$", part.partition("\n\n```")[0] if title == INTO else part)
    found = {}
    for tool, line in rows:
        if tool in ("what", "format", "doubt"):
            break
        if tool not in ("you have", "tool"):
            found[tool] = line
    return found


INTO, OUT = "## Graph input", "## Output of the answer"


def run(*arguments):
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def networkx_graph():
    G = nx.Graph()
    G.add_weighted_edges_from(EDGES)
    return G


def rustworkx_graph():
    G = rx.PyGraph()
    G.add_nodes_from(["a", "b", "c", "d e"])
    G.add_edges_from([("abcd".index(u[0]), "abcd".index(v[0]), w) for u, v, w in EDGES])
    return G


def r_says(folder, *lines):
    """Run lines of R in a folder."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not here")
    subprocess.run(
        ["Rscript", "-e", "; ".join(lines)], cwd=folder, check=True, capture_output=True, timeout=60
    )


R_EDGES = 'edges <- data.frame(source=c("a","b","a","c"), target=c("b","c","c","d e"), weight=c(5,-3,2,4))'


def into_python(_):
    frame = pd.DataFrame(EDGES, columns=["source", "target", "weight"])
    A = NUMBERED.to_scipy()
    yield "networkx", networkx_graph(), WANTED
    yield "igraph, rustworkx, graph-tool", ig.Graph.TupleList(EDGES, weights=True), WANTED
    yield "igraph, rustworkx, graph-tool", rustworkx_graph(), WANTED
    yield "pandas, polars, pyarrow", frame, WANTED
    yield "pandas, polars, pyarrow", frame.set_index(["source", "target"])["weight"], WANTED
    yield "pandas, polars, pyarrow", nx.to_pandas_adjacency(networkx_graph()), WANTED
    yield "pandas, polars, pyarrow", pyarrow.Table.from_pandas(frame), WANTED
    yield "records of NumPy", frame.to_records(index=False), WANTED
    yield "scipy", sp.csr_array(A), NUMBERED.digest
    yield "numpy, torch, jax", A.toarray(), NUMBERED.digest
    yield "Python", {(u, v): w for u, v, w in EDGES}, WANTED
    yield "Python", EDGES, WANTED
    yield "Python", frame.to_dict("records"), WANTED
    for write in (nx.node_link_data, nx.cytoscape_data, nx.adjacency_data):
        yield "data of JSON", write(networkx_graph()), WANTED
    yield "Python", {"a": {"b": 5, "c": 2}, "b": {"c": -3}, "c": {"d e": 4}}, WANTED
    yield "Python", {"a": [("b", 5), ("c", 2)], "b": [("c", -3)], "c": [("d e", 4)]}, WANTED
    ones = NUMBERED.unweighted()
    i, j, _ = ones.edges()
    yield "PyTorch Geometric", np.array([np.r_[i, j], np.r_[j, i]]), ones.digest
    yield "PyTorch Geometric", sp.find(A), NUMBERED.digest


def test_objects_of_every_tool_are_the_same_graph():
    seen = set()
    for tool, obj, digest in into_python(None):
        assert tool in table(INTO)
        assert dk.as_graph(obj).digest == digest, tool
        assert dk.maxcut(obj).cut_value == 11 - (digest == NUMBERED.unweighted().digest) * 8
        seen.add(tool)
    elsewhere = {"a digraph of any kind", "dimod", "R", "MATLAB, Octave", "Julia", "a spreadsheet"}
    assert seen | elsewhere == set(table(INTO))
    assert all("not run here" in table(INTO)[tool] for tool in ("MATLAB, Octave", "Julia"))


def test_problems_of_other_kinds():
    D = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a")])
    assert dk.maxdicut(D).value == 1
    bits = dimod.BinaryQuadraticModel({"a": -1}, {("a", "b"): 2}, "BINARY")
    assert dk.minimize_qubo(bits).value == -1
    assert dk.minimize_ising(bits.change_vartype("SPIN", inplace=False)).value == -1


def test_files_of_r(tmp_path):
    assert table(INTO)["R"].startswith('`write.csv(edges, "g.csv")` or `write.table(edges, "g.txt")`')
    r_says(tmp_path, R_EDGES, 'write.csv(edges, "g.csv")', 'write.table(edges, "g.txt")')
    for name in ("g.csv", "g.txt"):
        assert dk.as_graph(tmp_path / name).digest == WANTED
        assert run("maxcut", tmp_path / name, "-q").startswith("cut          11 ")


@pytest.mark.parametrize(("separator", "comma"), [(",", False), (";", False), (";", True), ("\t", False)])
def test_a_sheet_saved_as_csv(tmp_path, separator, comma):
    rows = [("from", "to", "km"), *((u, v, f"{w + 0.5}") for u, v, w in EDGES)]
    with open(tmp_path / "g.csv", "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerows([tuple(x.replace(".", ",") if comma else x for x in row) for row in rows])
    assert dk.as_graph(tmp_path / "g.csv").total_weight == 10


def test_the_answer_in_every_tool(tmp_path):
    seen = {"Julia", "graph-tool", "R"}  # the first says it is not run, the others have tests of their own
    lines = table(OUT)
    G = networkx_graph()
    result = dk.maxcut(G)
    exec_line(lines["networkx"], nx=nx, G=G, result=result)
    assert sum(w for u, v, w in G.edges(data="weight") if G.nodes[u]["side"] != G.nodes[v]["side"]) == 11
    g = ig.Graph.TupleList(EDGES, weights=True)
    clusters = eval_line(lines["igraph"], ig=ig, G=g, result=dk.maxcut(g))
    assert sum(e["weight"] for e, cut in zip(g.es, clusters.crossing(), strict=True) if cut) == 11
    R = rustworkx_graph()
    sides = exec_line(lines["rustworkx"], G=R, result=dk.maxcut(R))["sides"]
    assert sum(w for u, v, w in R.weighted_edge_list() if sides[u] != sides[v]) == 11
    nodes = pd.DataFrame({"size": [1, 2, 3, 4]}, index=["d e", "c", "b", "a"])
    nodes["side"] = result.to_series()
    assert nodes["side"].to_dict() == result.sides
    assert result.to_frame().set_index("node")["side"].to_dict() == result.sides
    A = NUMBERED.to_scipy().toarray()
    s = dk.maxcut(A).signs
    assert eval("(A.sum() - s @ A @ s) / 4", {"A": A, "s": s}) == 11
    assert "`(A.sum() - s @ A @ s) / 4`" in lines["numpy, scipy"]
    sampleset = exec_line(lines["dimod"], dimod=dimod, result=result)["sampleset"]
    assert sampleset.first.energy == -11
    assert sampleset.first.sample == result.sides
    (tmp_path / "g.csv").write_text("source,target,weight\na,b,5\nb,c,-3\na,c,2\nc,d e,4\n")
    cut = run("maxcut", tmp_path / "g.csv", "-q", "--format", "tsv")
    rows = list(csv.reader(cut.splitlines(), delimiter="\t"))
    assert {u: int(side) for u, side in rows} == result.sides
    seen |= {"networkx", "igraph", "rustworkx", "pandas", "numpy, scipy", "dimod", "a spreadsheet"}
    assert seen == set(lines)
    assert "not run here" in lines["Julia"]
    assert "where graph-tool is installed" in lines["graph-tool"]


def test_the_answer_in_r(tmp_path):
    (tmp_path / "g.csv").write_text("source,target,weight\na,b,5\nb,c,-3\na,c,2\nc,d e,4\nc,it's #1,1\n")
    (tmp_path / "cut.tsv").write_text(run("maxcut", tmp_path / "g.csv", "-q", "--format", "tsv"))
    line = re.search(r"`(.+)`", table(OUT)["R"])[1]
    r_says(tmp_path, line, 'write.csv(sides, "back.csv", row.names=FALSE)')
    back = pd.read_csv(tmp_path / "back.csv")
    assert dict(zip(back["node"], back["side"], strict=True)) == dk.maxcut(tmp_path / "g.csv").sides


def eval_line(line, **names):
    """Value of the expression that stands in a row of the page."""
    return eval(re.search(r"`(.+?)`", line)[1], names)


def exec_line(line, **names):
    """Names after the statement that stands in a row of the page."""
    exec(re.search(r"`(.+?)`", line)[1], names)
    return names
