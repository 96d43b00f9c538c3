"""Records that older versions wrote (`tests/data/records`): they load, show and verify, and no changed claim passes.

The number in a name is the version. ``maxcut-2``, ``embedding-1``, ``structure-1`` and ``derandomization-1`` are what
release 0.1 wrote; ``constrained-cut-2``, ``embedding-4``, ``features-2``, ``maxcut-3``, ``quadratic-3`` and
``structure-4`` are what release 0.2 wrote, and ``network-3`` is what release 0.3 wrote; the others were made between
them.
"""

import copy
import json
from pathlib import Path

import pytest
from tests.leaves import changed
from tests.legs import some_then_all

import derandkit as dk
from derandkit.records import sealed
from derandkit.versions import CURRENT, claims_less, upgraded

FOLDER = Path(__file__).parents[1] / "data" / "records"
FILES = sorted(path.name for path in FOLDER.glob("*-[0-9]-*.json"))
#: A record of a trained network needs the network: `tests/structure/test_structure_rows.py`.
CHECKED = [name for name in FILES if not name.startswith(("derandomization", "network"))]

#: The instance of a record, by the last word of its name.
INSTANCES = {
    "balance": "signed.edgelist",
    "cloud": "cloud.csv",
    "conditional": "reals.edgelist",
    "data": "table.csv",
    "isometry": "points.csv",
    "max2sat": "clauses.cnf",
    "petersen": "petersen.edgelist",
    "points": "points.csv",
    "qubo": "model.qubo",
    "signed": "signed.edgelist",
    "stopped": "reals.edgelist",
    "teacher": "teacher.toml",
}
#: Leaves that nothing rests on: how the answer was found. They are typed and bounded, and shown as not checked.
PROVENANCE = {
    "constrained-cut": ("graph.reading",),
    "embedding": (
        "complement", "history", "method", "stats", "ridge", "heldout.siblings", "points.reading",
    ),
    "features": ("history", "method", "points.reading", "stats"),
    "maxcut": (
        "bound.reason", "graph.reading", "history", "method", "relaxation.duality_gap", "relaxation.gap",
        "relaxation.method", "relaxation.sweeps", "search", "stationarity.penalty",
    ),
    "quadratic": ("instance.reading",),
    "ranked-cuts": (),
    "structure": (
        "controls", "evaluations", "history", "settings.method", "settings.max_steps", "problem.reading",
        "settings.rank", "stats",
    ),
}  # fmt: skip


def read(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def instance(name):
    return FOLDER / INSTANCES[name.removesuffix(".json").rpartition("-")[2]]


def kind(name):
    return name.rpartition("-")[0].rpartition("-")[0]


def test_there_are_records_of_every_older_version():
    found = {(record["schema"], record["schema_version"]) for record in map(read, FILES)}
    older = {(schema, version) for schema, current in CURRENT.items() for version in range(1, current)}
    assert older - {("derandkit-maxcut", 1)} <= found  # no release wrote version 1 of a cut


@pytest.mark.parametrize("name", FILES)
def test_an_old_record_loads_and_shows(name):
    record, result = read(name), dk.load(FOLDER / name)
    status = record.get("best", record)["status"]
    assert result.status.name.lower().replace("duality_gap_not", "gap_not") == status
    assert len(str(result).splitlines()) > 3
    assert "None" not in str(result)
    again = type(result).from_json(result.to_json())
    assert again == result
    written = result.to_dict()
    # what claims less than the current version is kept as it is; the others are written anew
    expected = record if claims_less(record) else sealed_parts(upgraded(record))
    if kind(name) == "derandomization":
        del expected["seal"]  # is not sealed
    assert written == expected


def sealed_parts(record):
    """A record and the records in it, sealed again."""
    parts = {name: sealed(record[name]) for name in ("best", "contracted", "cut") if name in record}
    if "best" in parts:
        parts["best"] = sealed_parts(parts["best"])
    return sealed({**record, **parts})


@pytest.mark.parametrize("name", CHECKED)
def test_an_old_record_verifies_and_what_it_does_not_claim_is_said(name):
    record = read(name)
    outcome = dk.verify(FOLDER / name, instance(name))
    assert outcome.ok, str(outcome)
    assert dk.verify(dk.load(FOLDER / name), instance(name)).ok
    details = {check.name: check.detail for check in outcome.checks}
    version = record["schema_version"]
    about = next(
        (record[part] for part in ("points", "problem", "instance", "graph") if record.get(part)), {}
    )
    if reading := about.get("reading"):
        assert f"input read as: {reading}" in details["provenance"]
    elif kind(name) != "ranked-cuts":
        assert f"how the input was read is not claimed (version {version})" in details["provenance"]
    if claims_less(record):
        unclaimed = {
            check.name
            for check in outcome.checks
            if check.detail.startswith(f"not claimed by version {version}")
        }
        assert (
            unclaimed
            == {
                "embedding": {"output", "span_stretch", "stretch"},
                "structure": {1: {"rows", "references"}, 4: set()}.get(version, {"rows"}),
            }[kind(name)]
        )
        assert unclaimed <= set(outcome.not_checked)


def refused(record, name):
    """Whether verify finds a record false, or cannot even read the instance by what it says."""
    try:
        return not dk.verify(record, instance(name)).ok
    except dk.InputError:
        return True


def leaves(value, path=()):
    """One leaf for each name: entries of a list are stood for by the first."""
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list) and value:
        yield from leaves(value[0], (*path, 0))
    else:
        yield path, value


@some_then_all
@pytest.mark.parametrize("name", CHECKED)
def test_no_changed_leaf_of_an_old_record_passes(name, every):
    record = read(name)
    spared = PROVENANCE[kind(name)]
    tried = 0
    for path, value in list(leaves(record))[CHECKED.index(name) % every :: every]:
        if path == ("seal",):
            continue
        forged = copy.deepcopy(record)
        target = forged
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = changed(value, share=0.01, least=0.5, longer=True)
        assert refused(forged, name), path  # the seal notices
        words = ".".join(key for key in path if isinstance(key, str))
        if words == "worst_pair" and "isometry" in name:
            continue  # all pairs are as far off, but for rounding
        if words == "schema_version" and name == "structure-4-teacher.json":
            continue  # parts of nodes are equal, so that all that version 5 says is true of it
        if not any(words == spare or words.startswith(f"{spare}.") for spare in spared):
            assert refused(sealed(forged), name), words
        tried += 1
    assert tried > 5 // every


@pytest.mark.parametrize("name", CHECKED)
def test_no_key_of_an_old_record_can_be_left_out_or_added(name):
    record = read(name)
    for key in record:
        less = {other: value for other, value in record.items() if other != key}
        if key != "schema":
            assert refused(sealed(less) if key != "seal" else less, name), key
    for key in set(upgraded(record)) - set(record):
        assert refused(sealed({**record, key: None}), name), key
    assert refused(sealed({**record, "surprise": 1}), name)
