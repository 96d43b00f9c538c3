"""How runs end: `ok` has one meaning in every enumeration, and exit codes have one for every verb."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit.status
from derandkit.cli import main
from derandkit.runtime.clock import running
from derandkit.status import RunStatus

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ends.md").read_text(encoding="utf-8")
ENUMERATIONS = {
    "cut": derandkit.status.CutStatus,
    "quadratic problem": derandkit.status.QuadraticStatus,
    "embedding": derandkit.status.EmbeddingStatus,
    "features": derandkit.status.FeaturesStatus,
    "network": derandkit.status.StructureStatus,
    "trained network": derandkit.status.NetworkStatus,
    "engine": derandkit.status.DerandomizationStatus,
}
#: Every member of every enumeration, once: whether it is ok.
OK = {
    "OPTIMAL": True, "SOLVED": True, "BOUND_TESTED": True, "BOUND_ESTIMATED": True,
    "ISOMETRY": True, "GUARANTEED": True, "CERTIFIED": True,
    "TRAINED": True, "STATIONARY": True, "CONVERGED": True, "DETERMINISTIC": True, "SAMPLED": True,
    "DUALITY_GAP_NOT_REACHED": False, "STEP_LIMIT": False, "TIME_LIMIT": False, "STALLED": False, "NOT_FINITE": False,
    "UNBOUNDED": False,
    "DIVERGED": False, "NOTHING_FOUND": False, "OVERFITTED": False, "INTERRUPTED": False,
    "BOUNDED": True, "NO_BOUND": False, "CONTRADICTED": False,
}  # fmt: skip
MEMBERS = [member for status in ENUMERATIONS.values() for member in status]


def test_no_enumeration_is_forgotten():
    found = {
        value
        for value in vars(derandkit.status).values()
        if isinstance(value, type) and issubclass(value, Enum) and value not in (Enum, RunStatus)
    }
    assert found == set(ENUMERATIONS.values())
    assert {member.name for member in MEMBERS} == set(OK)


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_ok_follows_from_the_name_alone(member):
    assert isinstance(member, RunStatus)
    assert member.ok is OK[member.name]
    assert type(member).ok is RunStatus.ok
    words, _, rest = member.value.partition(":")
    assert words == member.name.lower().replace("_", " ")
    assert rest.strip()


def test_the_page_lists_every_status():
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \| (yes|no) \|$", PAGE, flags=re.M)
    listed = {
        (name.upper(), kind, answer == "yes")
        for name, kinds, answer in rows
        for kind in (ENUMERATIONS if kinds == "all" else kinds.split(", "))
    }
    assert listed == {
        (member.name, kind, member.ok) for kind, status in ENUMERATIONS.items() for member in status
    }


# -- exit codes -----------------------------------------------------------------------------------------------------

GOOD, LATE, BAD, STOPPED = "ok", "not ok", "bad input", "interrupted"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ends")
    (folder / "graph.txt").write_text("a b 1\nb c 1\nc a 1\nc d 2\n", encoding="utf-8")
    (folder / "signed.txt").write_text("a b 1\nb c 1\nc a -1\n", encoding="utf-8")
    i, j = np.nonzero(np.triu(np.sin(np.arange(3600.0) ** 2).reshape(60, 60) > 0.2, 1))
    (folder / "dense.txt").write_text("".join(f"{a} {b}\n" for a, b in zip(i, j, strict=True)), "utf-8")
    (folder / "arcs.txt").write_text("a b\nb c\nc a\n", encoding="utf-8")
    (folder / "model.coo").write_text("# vartype=SPIN\n0 0 0.5\n0 1 1\n1 2 1\n0 2 1\n", encoding="utf-8")
    glass = np.triu(np.sin(np.arange(6400.0) ** 2).reshape(80, 80), 1)
    i, j = np.nonzero(glass)
    lines = "".join(f"{a} {b} {glass[a, b]:.6f}\n" for a, b in zip(i, j, strict=True))
    (folder / "glass.coo").write_text("# vartype=SPIN\n" + lines, encoding="utf-8")
    (folder / "bits.coo").write_text("# vartype=BINARY\n0 0 -1\n1 1 -1\n0 1 2\n", encoding="utf-8")
    (folder / "clauses.cnf").write_text("p cnf 2 3\n1 2 0\n-1 2 0\n1 -2 0\n", encoding="utf-8")
    np.save(folder / "points.npy", np.sin(np.arange(400.0) ** 2).reshape(40, 10))
    np.save(folder / "bad.npy", np.full((5, 3), np.nan))
    (folder / "bad.txt").write_text("a b x y z ? !\n", encoding="utf-8")
    return folder


#: Verb and end: arguments and exit code. Verbs without an end of that kind have no entry.
CASES = {
    ("maxcut", GOOD): (["graph.txt"], 0),
    ("maxcut", LATE): (["dense.txt", "--max-sweeps", "1", "--search", "none", "--bound", "sdp"], 1),
    ("maxcut", BAD): (["missing.txt"], 2),
    ("maxcut", STOPPED): (["dense.txt"], 130),
    ("ising", GOOD): (["model.coo"], 0),
    ("ising", BAD): (["missing.coo"], 2),
    ("ising", STOPPED): (["glass.coo"], 130),
    ("qubo", GOOD): (["bits.coo"], 0),
    ("qubo", BAD): (["missing.coo"], 2),
    ("max2sat", GOOD): (["clauses.cnf"], 0),
    ("max2sat", BAD): (["bad.txt"], 2),
    ("maxdicut", GOOD): (["arcs.txt"], 0),
    ("maxdicut", BAD): (["missing.txt"], 2),
    ("balance", GOOD): (["signed.txt"], 0),
    ("balance", BAD): (["missing.txt"], 2),
    ("embed", GOOD): (["points.npy", "-k", "4", "--no-holdout"], 0),
    ("embed", BAD): (["bad.npy", "-k", "2"], 2),
    ("embed", STOPPED): (["points.npy", "-k", "4"], 130),
    ("features", GOOD): (["points.npy", "-n", "4"], 0),
    ("features", BAD): (["points.npy", "-n", "5"], 2),
    ("features", STOPPED): (["points.npy", "-n", "4"], 130),
    ("structure", GOOD): (["--teacher", "tanh", "--dim", "2", "--width", "4", "--no-controls"], 0),
    ("structure", LATE): (
        ["--teacher", "tanh", "--dim", "2", "--width", "4", "--no-controls", "--max-steps", "2"], 1,
    ),
    ("structure", BAD): (["--teacher", "tanh"], 2),
    ("structure", STOPPED): (["--teacher", "tanh", "--dim", "2", "--width", "4", "--no-controls"], 130),
    ("compare", GOOD): (["graph.txt", "--methods", "greedy"], 0),
    ("compare", BAD): (["graph.txt", "--methods", "gready"], 2),
    ("verify", GOOD): (["graph.json", "graph.txt"], 0),
    ("verify", LATE): (["graph.json", "signed.txt"], 1),
    ("verify", BAD): (["missing.json", "graph.txt"], 2),
    ("generate", GOOD): (["G11", "-o", "G11.txt"], 0),
    ("generate", BAD): (["G999"], 2),
    ("info", GOOD): ([], 0),
    ("info", BAD): (["--unknown"], 2),
}  # fmt: skip


def call(verb, arguments):
    return CliRunner().invoke(main, [verb, *arguments])


@pytest.mark.parametrize(("verb", "end"), CASES, ids=lambda x: x.replace(" ", "-"))
def test_an_exit_code_means_the_same_for_every_verb(verb, end, files, monkeypatch):
    if verb == "structure":
        pytest.importorskip("jax")
    monkeypatch.chdir(files)
    if verb == "verify" and not (files / "graph.json").exists():
        assert call("maxcut", ["graph.txt", "-o", "graph.json"]).exit_code == 0
    arguments, code = CASES[verb, end]
    if end == STOPPED:
        stop_at_first_report(monkeypatch)
    result = call(verb, arguments)
    assert result.exit_code == code, result.output
    assert ("derandkit" in result.stderr) >= (code != 0), "a code other than 0 has its line"
    if code == 2:
        assert len(result.stderr.strip().splitlines()) == 1
        assert result.stdout == ""


def stop_at_first_report(monkeypatch):
    """Ask for the best answer so far as soon as there is a first report, as Ctrl-C does."""
    from derandkit.runtime import interrupts

    honest = interrupts.reporting

    def stopping(clock, on_progress):
        def stop(progress):
            running().stop()

        return honest(clock, stop if on_progress is not None else None)

    for module in (
        "derandkit.signs.solve", "derandkit.cuts.solve", "derandkit.embeddings.solve", "derandkit.features.solve",
        "derandkit.structure.solve",
    ):  # fmt: skip
        monkeypatch.setattr(f"{module}.reporting", stopping)


def test_every_verb_has_its_cases():
    assert {verb for verb, end in CASES if end == GOOD} == set(main.commands)
    assert {verb for verb, end in CASES if end == BAD} == set(main.commands)


def test_several_graphs_leave_with_the_greatest_code(files, monkeypatch):
    monkeypatch.chdir(files)
    many = ["graph.txt", "dense.txt", "--workers", "1", "--search", "none", "--bound", "sdp"]
    assert call("maxcut", many).exit_code == 0
    assert call("maxcut", [*many, "--max-sweeps", "1"]).exit_code == 1
    assert call("maxcut", ["missing.txt", *many, "--max-sweeps", "1"]).exit_code == 2


def test_the_page_lists_the_exit_codes():
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, flags=re.M)]
    assert codes == [0, 1, 2, 130]
