"""Names with escapes in every verb and every format it writes: nothing that acts reaches a terminal or a browser."""

from __future__ import annotations

import itertools
import json
import os
import stat
import subprocess

import networkx as nx
import numpy as np
import pytest
from tests.cli.test_cli_process import PATIENCE, command
from tests.cli.test_hostile_text import EVIL, evil_graph, harmless, run

#: What may stand in one line of a text file.
INLINE = "".join(c for c in EVIL if c not in "\n\r\x00\u2028,")


def graph_file(folder):
    file = folder / "graph.json"
    file.write_text(json.dumps(nx.node_link_data(evil_graph(), edges="links")))
    return file


def arcs_file(folder):
    file = folder / "arcs.json"
    arcs = nx.DiGraph([(f"{EVIL}1", f"{EVIL}2"), (f"{EVIL}2", f"{EVIL}3"), (f"{EVIL}1", f"{EVIL}3")])
    file.write_text(json.dumps(nx.node_link_data(arcs, edges="links")))
    return file


def model_file(folder, vartype):
    """Linear terms and couplings of variables with such names, as dimod writes them."""
    dimod = pytest.importorskip("dimod")
    pairs = {
        (f"{EVIL}{i}", f"{EVIL}{j}"): (-1) ** (i + j) * (i + 2 * j + 1)
        for i, j in itertools.combinations(range(5), 2)
    }
    model = dimod.BinaryQuadraticModel({f"{EVIL}0": 1.5}, pairs, 0.0, vartype)
    file = folder / "model.json"
    file.write_text(json.dumps(model.to_serializable()))
    return file


def points_file(folder):
    file = folder / "points.csv"
    numbers = np.random.default_rng(0).standard_normal((30, 3))
    lines = [f"{INLINE},x{INLINE},y{INLINE},target{INLINE}"]
    lines += [f"{INLINE}{k},{a:.4f},{b:.4f},{c:.4f}" for k, (a, b, c) in enumerate(numbers.tolist())]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


#: Verb -> its input, the options that it needs, and the formats that it prints.
VERBS = {
    "maxcut": (graph_file, (), ("text", "json", "tsv")),
    "balance": (graph_file, (), ("text", "json", "tsv")),
    "maxdicut": (arcs_file, (), ("text", "json", "tsv")),
    "ising": (lambda folder: model_file(folder, "SPIN"), (), ("text", "json", "tsv")),
    "qubo": (lambda folder: model_file(folder, "BINARY"), (), ("text", "json", "tsv")),
    "embed": (points_file, ("-k", "1", "--label", INLINE), ("text", "json", "tsv")),
    "features": (points_file, ("-n", "2", "--label", INLINE), ("text", "json", "tsv")),
    "compare": (graph_file, ("--methods", "lemma,greedy"), ("text", "json", "csv")),
}
CASES = [(verb, way) for verb, (_, _, ways) in VERBS.items() for way in (*ways, "html", "svg")]


@pytest.mark.parametrize(("verb", "way"), CASES)
def test_no_verb_writes_what_acts(verb, way, tmp_path):
    make, options, _ = VERBS[verb]
    file, extra = make(tmp_path), ()
    record = tmp_path / f"out {INLINE.replace('/', '')}.json"
    if way in ("html", "svg"):
        if way == "svg":
            pytest.importorskip("matplotlib")
        picture = tmp_path / f"page.{way}"
        extra = ("--report" if way == "html" else "--plot", picture)
    else:
        extra = ("--format", way)
    if verb != "compare":
        extra = (*extra, "-o", record)
    outcome = run(verb, file, *options, *extra)
    if way == "svg" and "No such option" in outcome.stderr:
        pytest.skip(f"{verb} draws nothing")
    assert outcome.exit_code in (0, 2)
    if outcome.exit_code == 2:  # refused by name, in one line
        assert outcome.stderr.count("\n") == 1
        assert way == "svg", outcome.stderr
        return
    if way in ("html", "svg"):
        harmless(picture.read_text(encoding="utf-8"), html=True)
    if record.exists():
        run("verify", record, file)


@pytest.mark.parametrize("verb", [*VERBS, "info"])
def test_an_answer_of_any_verb_that_is_lost_is_no_success(verb, tmp_path):
    """Standard output is a device that is always full."""
    node = tmp_path / "full"
    try:
        os.mknod(node, 0o600 | stat.S_IFCHR, os.makedev(1, 7))
        full = node.open("w")
    except OSError:
        pytest.skip("needs a device of one's own")
    make, options, _ = VERBS.get(verb, (None, (), ()))
    arguments = [verb, *([] if make is None else [str(make(tmp_path))]), *options, "-q"]
    with full:
        done = subprocess.run(
            command(*(arguments[:-1] if verb == "info" else arguments)), stdout=full, stderr=subprocess.PIPE,
            text=True, timeout=PATIENCE,
        )  # fmt: skip
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("derandkit: read ")]
    assert lines[-1].startswith("derandkit: standard output cannot be written: "), lines
    assert stat.S_ISCHR(os.stat(node).st_mode)
