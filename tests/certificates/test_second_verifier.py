"""The second verifier, in plain Python, and `verify`: they agree on every honest and on every forged record."""

from __future__ import annotations

import copy
import functools
import json
import subprocess
import sys

import numpy as np
import pytest
from tests.collection import collection
from tests.leaves import leaves, replaced, value_at
from tests.legs import some_then_all
from tests.mutations import sealed_again
from tests.second import FOLDER, agreed_refusals, second, second_report

import derandkit as dk
from derandkit.records import decode_array, encode_array, has_signed_zero, seal, sealed
from derandkit.status import CutStatus, EmbeddingStatus, QuadraticStatus

NAMES = [
    "cut/petersen", "cut/signed", "cut/real", "cut/complete", "cut/grid", "cut/words", "cut/sparse", "cut/negative",
    "cut/edge", "cut/field", "cut/decided", "cut/signed+search", "cut/sparse+search+cycle", "cut/real+cycle",
    "cut/complete+best", "cut/grid+best+search", "cut/words+conditional", "cut/field+best", "cut/decided+cycle",
    "cut/cases", "cut/interrupted", "cut/petersen+branch", "cut/petersen+estimated",
    "cut/real+branch", "cut/real+estimated", "cut/tested", "cut/real+tested", "constrained/fixed", "constrained/pairs",
    "constrained/both", "constrained/real", "constrained/turned", "constrained/alone", "ranked/plain",
    "ranked/constrained", "embedding/certified", "embedding/single",
    "embedding/isometry", "embedding/promise", "embedding/duplicates", "embedding/offset", "embedding/alone",
    "embedding/mean", "embedding/probability", "embedding/conditional", "embedding/isometric", "embedding/eps",
    "embedding/ridge", "embedding/wide", "embedding/sparse", "embedding/mean4",
    "features/plain", "features/single", "features/repeated", "features/matern", "features/wide", "features/sparse",
    "features/rational",
    "signs/ising", "signs/glass", "signs/qubo", "signs/max2sat", "signs/hard", "signs/maxdicut", "signs/balance",
    "signs/thresholds", "signs/given", "signs/target", "signs/off", "signs/up", "signs/ones", "signs/norm",
    "signs/triangles",
    "signs/triangles-arcs", "signs/searched",
]  # fmt: skip


def both(record, instance):
    """Return what the two verifiers say, as two reports."""
    return dk.verify(record, instance), second_report(record, instance)


def both_ok(record, instance):
    """Return whether each of the verifiers accepts a record; one of no known kind is refused before any check."""
    try:
        first = dk.verify(record, instance).ok
    except dk.InputError:
        first = False
    return first, record["schema"] in kinds() and second_report(record, instance).ok


@functools.cache
def kinds():
    return list({record["schema"] for record, _ in collection().values()})


def test_the_names_are_those_of_the_collection():
    assert list(collection()) == NAMES


def test_it_is_plain_and_every_file_is_short():
    for file in FOLDER.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300, file.name
        assert max(map(len, text.splitlines())) <= 120, file.name
        for word in ("numpy", "scipy", "import derandkit", "from derandkit"):
            assert word not in text, (file.name, word)


def test_every_kind_of_proof_is_in_the_collection():
    found = {
        node["kind"]
        for record, _ in collection().values()
        for node in nodes(record.get("certificate", {}).get("proof"))
    }
    assert found == set(second().proofs.KEYS)


def nodes(value):
    if isinstance(value, dict):
        if "kind" in value:
            yield value
        for item in value.values():
            yield from nodes(item)


@functools.cache
def honest(name):
    """Return what the two verifiers say about a record of the collection."""
    return both(*collection()[name])


@pytest.mark.parametrize("name", NAMES)
def test_both_accept_honest_records(name):
    first, other = honest(name)
    assert first.ok, first
    assert other.ok, str(other)


@pytest.mark.parametrize("name", NAMES)
def test_each_statement_has_the_same_standing(name):
    """What one of them shows as not checked, the other does not call proven."""
    first, other = honest(name)
    shown = {check: verdict for check, verdict, _ in other.lines}
    for check in first.checks:
        if check.name in shown:
            assert (check.verdict.value == "not checked") == (shown[check.name] == "not checked"), check.name


@some_then_all
@pytest.mark.parametrize("name", NAMES)
def test_a_record_holds_for_its_own_instance_only(name, every):
    record, instance = collection()[name]
    for other_name, (_, other) in list(collection().items())[::every]:
        same_kind = other_name.partition("/")[0] == name.partition("/")[0] and type(other) is type(instance)
        if same_kind and other is not instance:
            first, second_one = both(record, other)
            assert not first.ok
            assert not second_one.ok


def agree(name, seeds):
    record, instance = collection()[name]
    return agreed_refusals(record, seeds, lambda forged: both_ok(forged, instance))


@pytest.mark.parametrize("name", NAMES)
def test_both_agree_on_changed_records(name):
    assert agree(name, range(4)) >= 1


@pytest.mark.parametrize("name", NAMES)
def test_both_agree_on_many_changed_records(name):
    assert agree(name, range(100, 125)) >= 6


ENDS = {
    # kind, keys of the records whose end is changed, and what becomes of the outer statement
    "all": ("graph", ("contracted", None), "not checked"),
    "the outer one": ("graph", (None,), "FAILED"),
    "the inner one": ("graph", ("contracted",), "FAILED"),
    "all of signs": ("qubo", ("cut", None), "not checked"),
    "the outer one of signs": ("qubo", (None,), "FAILED"),
}


@functools.cache
def solved(kind):
    """Return a record that is solved and not optimal, so that it could as well be that of an interrupted run."""
    w = np.random.default_rng(3).uniform(1.0, 3.0, (9, 9)).round(3).tolist()
    if kind == "graph":
        graph = dk.as_graph([(i, j, w[i][j]) for i in range(9) for j in range(i)])
        return dk.maxcut(graph, fixed={0: 0, 3: 1}, search=None, bound="sdp").to_json(), graph
    model = dk.QuadraticModel.from_qubo({(i, j): w[i][j] - 2.0 for i in range(9) for j in range(i + 1)})
    return dk.optimize(model, search=None, bound="sdp").to_json(), model


@pytest.mark.parametrize("name", ENDS)
def test_an_end_within_a_record_reaches_as_far_outside_as_inside(name):
    kind, keys, expected = ENDS[name]
    text, instance = solved(kind)
    record = json.loads(text)
    assert record["status"] == "solved"
    for key in keys:
        own = record if key is None else record[key]
        messages = QuadraticStatus if own["schema"] == "derandkit-quadratic" else CutStatus
        own.update(status="interrupted", message=messages.INTERRUPTED.value)
        own["seal"] = seal(own)
    record["seal"] = seal(record)
    first, other = both(record, instance)
    assert {check.name: check.verdict.value for check in first.checks}["status"] == expected
    assert other.verdict("status") == expected
    assert first.ok == other.ok == (expected != "FAILED")


# --- forgeries that once succeeded, or that need several changes at once -------------------------------------------
def forged(name, *changes):
    """Return a record with some places changed, sealed again, and its instance."""
    record, instance = collection()[name]
    record = copy.deepcopy(record)
    for path, value in changes:
        keys = path.split(".")
        value_at(record, keys[:-1])[keys[-1]] = value(value_at(record, keys)) if callable(value) else value
    return sealed_again(record), instance


def huge_column(matrix):
    """Put 1e160 into the matrix, as in the first forgery of an embedding."""
    table = decode_array(matrix).copy()
    table[0, 0] = 1e160
    return encode_array(table, "<f8")


FORGERIES = {
    "the distortion is understated": ("embedding/certified", [("distortion", 0.01), ("chain.distortion", 0.01)]),
    "an entry so large that squares overflow": ("embedding/certified", [("matrix", huge_column)]),
    "an isometry that is none": (
        "embedding/certified",
        [("status", "isometry"), ("message", EmbeddingStatus.ISOMETRY.value)],
    ),
    "a margin that hides the distortion": ("embedding/certified", [("margin", 0.5)]),
    "a lower bound above the truth": ("embedding/certified", [("lower_bound", lambda x: x * 1.01)]),
    "a bound on new points that is better": ("embedding/certified", [("heldout.max", lambda x: 0.9 * x)]),
    "optimal, but not proven": (
        "cut/real+estimated",
        [
            ("status", "optimal"),
            ("message", CutStatus.OPTIMAL.value),
            ("proven_optimal", True),
        ],
    ),
    "another bound": (
        "cut/signed",
        [("upper_bound", lambda x: x - 1), ("bound.dual_bound", lambda x: x - 1.0)],
    ),
    "a certified estimate": ("cut/real+estimated", [("bound_status", "certified"), ("bound.status", "certified")]),
    "14.0 for 14": ("cut/petersen", [("graph.n", float)]),
    "a rank without limit": ("cut/petersen", [("relaxation.rank", 10**9)]),
    "a proof for another method": ("cut/petersen+branch", [("bound.proof_method", "odd-cycle")]),
    "constraints that are not obeyed": ("constrained/fixed", [("constraints.fixed", lambda x: [[x[0][0], 1], *x[1:]])]),
    "a constraint on no vertex": ("constrained/pairs", [("constraints.pairs", lambda x: [[1, "who", "same"], *x[1:]])]),
    "a cut that stands twice": ("ranked/plain", [("cuts", lambda x: [x[0], *x])]),
    "a value that is not reached": ("signs/ising", [("value", lambda x: x - 1), ("bound", lambda x: x - 1)]),
    "a problem in another direction": ("signs/qubo", [("sense", "maximize")]),
    "a clause that is not violated": ("signs/max2sat", [("figures.violated", [])]),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_both_refuse_forgeries(name):
    record, instance = forged(FORGERIES[name][0], *FORGERIES[name][1])
    first, other = both(record, instance)
    assert not first.ok
    assert not other.ok


# --- the command ------------------------------------------------------------------------------------------------------
def run(*arguments):
    command = [sys.executable, "-I", str(FOLDER), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


TEXTS = {
    "cut": ("0 1 2\n1 2 -1\n0 2 1.5\n2 3 1\n", lambda path: dk.maxcut(path, bound="cycle")),
    "constrained": ("0 1 2\n1 2 -1\n0 2 1.5\n2 3 1\n", lambda path: dk.maxcut(path, fixed={0: 1})),
    "ranked": ("a b 2\nb c 1\na c 1\n", lambda path: dk.maxcut(path, solutions=2)),
    "points": ("1.5,2\n3,-4\n0.5,0.25\n7,1\n", lambda path: dk.embed(path, n_components=1)),
    "ising": ("# vartype=SPIN\n0 0 0.5\n0 1 1\n1 2 -2\n", lambda path: dk.optimize(dk.read_model(path).model)),
    "max2sat": ("p wcnf 3 3 9\n9 1 2 0\n2 -1 3 0\n1 -3 0\n", lambda path: dk.optimize(dk.read_clauses(path))),
    "maxdicut": ("0 1 2.5\n1 2 1\n2 0 3\n", lambda path: dk.maxdicut([(0, 1, 2.5), (1, 2, 1), (2, 0, 3)])),
    "balance": ("a b 2\nb c -1\na c 1\n", lambda path: dk.frustration([("a", "b", 2), ("b", "c", -1), ("a", "c", 1)])),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_it_runs_from_the_command_line(name, tmp_path):
    text, solve = TEXTS[name]
    instance, file = (
        tmp_path / ("x.csv" if name == "points" else "x.coo" if name == "ising" else "x.txt"),
        tmp_path / "r.json",
    )
    instance.write_text(text)
    result = solve(str(instance))
    file.write_text(result.to_json())
    outcome = run(file, instance)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert outcome.stdout.endswith("the record holds\n")
    changed = json.loads(result.to_json())
    changed["n" if name == "points" else "sealed"] = 1
    file.write_text(json.dumps(changed))
    outcome = run(file, instance)
    assert outcome.returncode == 1
    assert "FAILED" in outcome.stdout


@pytest.mark.parametrize(
    "text", ["", "[1]", "{}", '{"schema": 1, "schema": 2}', '{"a": NaN}', '{"a": "\\ud800"}', "[" * 9000]
)
def test_what_cannot_be_read_ends_with_two(tmp_path, text):
    (tmp_path / "r.json").write_text(text)
    outcome = run(tmp_path / "r.json", tmp_path / "r.json")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert len(outcome.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "name",
    ["cut/real", "constrained/real", "ranked/plain", "embedding/single", "features/single", "signs/glass"],
)
def test_a_zero_with_a_sign_is_refused(name):
    """It is zero written in a second way; a record of an older version may hold it, and no writer does."""
    record, instance = collection()[name]
    assert not has_signed_zero(record)
    for path in some_zeros(record):
        forged = sealed_again(replaced(record, path, -0.0))
        assert both_ok(forged, instance) == (False, False), path
        assert has_signed_zero(forged)
        assert not has_signed_zero(sealed(forged))


def some_zeros(record):
    """Return the places of two floats that are zero, or else of any two."""
    floats = [path for path, value in leaves(record) if type(value) is float]
    zeros = [path for path in floats if value_at(record, path) == 0.0]
    return (zeros or floats)[:2]
