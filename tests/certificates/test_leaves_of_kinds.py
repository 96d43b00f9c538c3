"""Each leaf of each kind of record made null or another type, and sealed again: the command ends in lines."""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tests.leaves import leaves, replaced
from tests.legs import some_then_all

import derandkit as dk
from derandkit.certificates.kinds import KINDS
from derandkit.cli import main
from derandkit.records import sealed

#: What comes in the place of a leaf; the first one everywhere, the others where `every` is one.
VALUES = (None, -1, 1.5, "solved", True, [], {}, 10**400)
NUMBERS = np.random.default_rng(0).standard_normal((40, 4))


def csv(table, head=""):
    return head + "".join(",".join(map(repr, map(float, row))) + "\n" for row in table)


def fitted():
    return np.column_stack((NUMBERS[:, :3], np.tanh(NUMBERS[:, 0])))


EDGES = "1 2\n2 3\n3 1\n3 4\n4 5\n5 1 \n"
STRUCTURE = ("structure", "--target", "y", "--width", "3", "--max-steps", "20", "--no-controls")
#: Name -> the command without file and output, name of the instance, its text.
COMMANDS = {
    "maxcut": (("maxcut",), "g.edgelist", EDGES),
    "constrained": (("maxcut", "--fix", "1", "0"), "g.edgelist", EDGES),
    "ranked": (("maxcut", "--solutions", "3"), "g.edgelist", EDGES),
    "embedding": (("embed", "-k", "2"), "p.csv", csv(NUMBERS[:12], "a,b,c,d\n")),
    "features": (("features", "-n", "4"), "p.csv", csv(NUMBERS[:9], "a,b,c,d\n")),
    "quadratic": (("qubo",), "q.qubo", "p qubo 0 3 3 2\n0 0 -1\n1 1 -1\n2 2 -2\n0 1 2\n1 2 1.5\n"),
    "found": ((*STRUCTURE, "--penalty", "1e-2", "--data"), "t.csv", csv(fitted(), "a,b,c,y\n")),
    "overfitted": ((*STRUCTURE, "--penalty", "1e-4", "--data"), "t.csv", csv(NUMBERS, "a,b,c,y\n")),
    "nothing found": (
        (*STRUCTURE, "--penalty", "1", "--upper-penalty", "10", "--data"), "t.csv", csv(NUMBERS, "a,b,c,y\n"),
    ),
}  # fmt: skip


@functools.cache
def solved(name):
    """Return the record of a command."""
    if name.split()[0] in ("found", "overfitted", "nothing"):
        pytest.importorskip("jax")
    command, path, text = COMMANDS[name]
    with tempfile.TemporaryDirectory() as folder:
        instance, record = Path(folder, path), Path(folder, "r.json")
        instance.write_text(text, encoding="utf-8")
        outcome = CliRunner().invoke(main, [*command, str(instance), "-o", str(record), "-q"])
        assert outcome.exit_code in (0, 1), outcome.output
        return json.loads(record.read_text(encoding="utf-8"))


def verified(tmp_path, name, record, *options):
    """Return the outcome of `derandkit verify` of a record and the instance of a command."""
    _, path, text = COMMANDS[name]
    instance, file = tmp_path / path, tmp_path / "r.json"
    instance.write_text(text, encoding="utf-8")
    file.write_text(json.dumps(record), encoding="utf-8")
    return CliRunner().invoke(main, ["verify", str(file), str(instance), *options])


def kinds():
    return {solved(name)["schema"] for name in COMMANDS} | {certified()[0]["schema"]}


@functools.cache
def certified():
    """Return the record of a trained network, which the command line does not check, and its instance."""
    jnp = pytest.importorskip("jax.numpy")
    X, y = NUMBERS[:, :3], np.tanh(NUMBERS[:, 0])
    W, b, V = np.array([[2.0, 0.3, 0.0], [0.0, 0.5, 1.0]]), np.zeros(2), np.array([1.0, 0.5])
    about = (X, y, lambda z: jnp.tanh(z) @ V, W, b)
    found = dk.certify_network(about[2], X, y, weights=W, bias=b, penalty=0.5, directions=[[1, 0, 0]])
    return json.loads(found.to_json()), about


def changed(record, every):
    """Yield records with one leaf changed, and which; of a list the first entry stands for all."""
    paths = [path for path, _ in leaves(record) if not any(type(key) is int and key > 0 for key in path)]
    for path in paths[::every]:
        for value in VALUES[:1] if every > 2 else VALUES:
            forged = replaced(record, path, value)
            forged = forged if path == ("seal",) else sealed_or_not(forged)
            yield f"{'.'.join(map(str, path))} = {value!r:.20}", forged


def sealed_or_not(record):
    try:
        return sealed(record)
    except ValueError:  # an integer that JSON readers refuse
        return record


def test_every_kind_is_among_them():
    assert kinds() == set(KINDS)


@some_then_all
@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_ends_in_lines_whatever_a_leaf_is(name, every, tmp_path):
    for what, forged in changed(solved(name), every):
        outcome = verified(tmp_path, name, forged)
        assert outcome.exit_code in (0, 1, 2), what
        assert outcome.exception is None or isinstance(outcome.exception, SystemExit), what
        assert "Traceback" not in outcome.output, what
        if outcome.exit_code == 2:
            assert len(outcome.stderr.splitlines()) == 1, what


@pytest.mark.parametrize("every", [pytest.param(20, id="some"), pytest.param(2, id="half")])
def test_verification_ends_in_a_report_whatever_a_leaf_of_a_trained_network_is(every):
    record, about = certified()
    for what, forged in changed(record, every):
        try:
            outcome = dk.verify(forged, about)
        except dk.InputError:
            continue
        assert str(outcome.worst_first()), what


@pytest.mark.parametrize("name", ["overfitted", "nothing found"])
def test_a_missing_loss_of_the_mean_is_reported(name, tmp_path):
    """How far the headline rests on the status was asked outside of any check, and ended in a traceback."""
    record = solved(name)
    assert record["status"] == name.replace(" ", "_")
    outcome = verified(tmp_path, name, sealed({**record, "mean_training_loss": None}), "-q")
    assert outcome.exit_code == 1
    assert {"references", "status"} <= set(outcome.stdout.split())
