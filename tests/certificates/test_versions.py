"""Records of older versions: read in the form of the current one, checked, and refused once a leaf is changed."""

import copy
import json

import pytest
from tests.catalogue import random_graph
from tests.collection import collection

import derandkit as dk
from derandkit.certificates.cuts.record import verify_maxcut
from derandkit.records import sealed
from derandkit.versions import CURRENT, REWORDED, STEPS, upgraded

OLD_WORDS = {
    "duality gap not reached: the cut and the bound hold, the relaxation stopped before it was met; raise max_sweeps "
    "or loosen duality_gap": "gap not reached: the cut and the bound hold, the relaxation stopped before its duality "
    "gap was met; raise max_sweeps or loosen gap",
}


def of_version_2(record):
    """A cut record as version 2 wrote it."""
    old = copy.deepcopy(record)
    old["schema_version"] = 2
    old["chain"]["upper_bound"] = old["chain"].pop("dual_bound")
    old["relaxation"]["gap"] = old["relaxation"].pop("duality_gap")
    old["relaxation"]["gap_reached"] = old["relaxation"].pop("duality_gap_reached")
    del old["graph"]["reading"]
    old["status"] = old["status"].replace("duality_", "")
    old["message"] = OLD_WORDS.get(old["message"], old["message"])
    return sealed(old)


@pytest.fixture(params=[{}, {"max_sweeps": 1, "duality_gap": 1e-9}], ids=["solved", "stopped"])
def case(request):
    graph = random_graph(12, 0.5, weights="reals")
    return graph, dk.maxcut(graph, **request.param).to_dict()


def test_a_record_of_version_2_verifies_and_says_what_it_does_not_claim(case):
    graph, record = case
    outcome = dk.verify(of_version_2(record), graph)
    assert outcome.ok, str(outcome)
    details = {check.name: check.detail for check in outcome.checks}
    assert "version 2" in details["form"]
    assert "not claimed (version 2)" in details["provenance"]


def test_it_loads_as_the_same_result(case, tmp_path):
    graph, record = case
    (tmp_path / "old.json").write_text(json.dumps(of_version_2(record)))
    again = dk.load(tmp_path / "old.json").to_dict()
    record["graph"]["reading"] = None
    assert again == sealed(record)
    assert dk.verify(again, graph).ok


def test_names_of_another_version_are_refused(case):
    graph, record = case
    old = of_version_2(record)
    for forged in (
        {**old, "schema_version": 3},
        {**record, "schema_version": 2},
        {**old, "chain": {**old["chain"], "dual_bound": old["chain"]["upper_bound"]}},
        {**old, "chain": record["chain"]},
        {**old, "relaxation": record["relaxation"]},
        {**old, "graph": {**old["graph"], "reading": None}},
        {**old, "schema_version": 1},
        {**old, "schema_version": 4},
        {**old, "schema_version": "2"},
        {**old, "schema_version": True},
    ):
        failed = [check.name for check in verify_maxcut(sealed(forged), graph) if not check.passed]
        assert "form" in failed


def test_every_step_leads_to_the_current_version():
    for schema, version in STEPS:
        assert upgraded({"schema": schema, "schema_version": version})["schema_version"] == CURRENT[schema]


@pytest.mark.parametrize("record", [{}, {"schema": []}, {"schema": "derandkit-maxcut", "chain": 3}])
def test_what_is_no_record_stays_what_it_is(record):
    assert upgraded(record) == record


def test_the_old_keyword_is_taken_with_a_warning():
    graph = random_graph(8, 0.5)
    with pytest.warns(DeprecationWarning, match=r"maxcut\(gap=...\) is now maxcut\(duality_gap=...\)"):
        old = dk.maxcut(graph, gap=1e-3)
    assert old == dk.maxcut(graph, duality_gap=1e-3)
    with pytest.raises(dk.InputError, match="its new name"):
        dk.relax_cut(graph, gap=1e-3, duality_gap=1e-3)


def test_the_reading_of_a_file_is_in_the_record(tmp_path):
    (tmp_path / "g.csv").write_text("source,target,weight\na,b,2\nb,c,3\n")
    result = dk.maxcut(tmp_path / "g.csv")
    assert result.graph["reading"].startswith("edge list, comma-separated, 3 columns")
    outcome = dk.verify(result, tmp_path / "g.csv")
    assert outcome.ok
    assert result.graph["reading"] in {check.name: check.detail for check in outcome.checks}["provenance"]
    assert str(tmp_path) not in result.to_json()


@pytest.mark.parametrize("version", ["\x1b[2J", "2\n3", 99])
def test_a_version_that_is_none_is_named_in_printable_characters(version):
    text = json.dumps({"schema": "derandkit-maxcut", "schema_version": version})
    with pytest.raises(dk.InputError, match="is not 2 or 3") as error:
        dk.MaxCutResult.from_json(text)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("name", ["cut/petersen", "embedding/certified", "features/plain"])
def test_a_record_without_a_version_is_told_so(name, tmp_path):
    """It said that version None is not 2 or 3."""
    record, instance = collection()[name]
    record = {key: value for key, value in record.items() if key != "schema_version"}
    (tmp_path / "r.json").write_text(json.dumps(record))
    with pytest.raises(dk.InputError, match="the record has no 'schema_version'; it is "):
        dk.load(tmp_path / "r.json")
    details = " ".join(check.detail for check in dk.verify(record, instance).checks if not check.passed)
    assert "the record has no 'schema_version'; it is " in details
    assert "None" not in details


@pytest.mark.parametrize("version", [None, "3", 3.0, True, 99, [3], "\x1b[2J"])
def test_a_version_of_another_type_is_shown_as_it_stands(version, tmp_path):
    record, graph = collection()["cut/petersen"]
    record = sealed({**record, "schema_version": version})
    (tmp_path / "r.json").write_text(json.dumps(record))
    with pytest.raises(dk.InputError) as refused:
        dk.load(tmp_path / "r.json")
    assert "\x1b" not in str(refused.value)
    assert "form" in dk.verify(record, graph).failed


@pytest.mark.parametrize("status", [dk.StructureStatus.NOTHING_FOUND, dk.StructureStatus.OVERFITTED])
def test_messages_of_older_structures_are_read_and_not_those_in_new_ones(status):
    (old,) = (before for before, now in REWORDED.items() if now == status.value)
    record = {"schema": "derandkit-structure", "status": status.name.lower(), "message": old}
    assert upgraded({**record, "schema_version": 4})["message"] == status.value
    assert upgraded({**record, "schema_version": CURRENT[record["schema"]]})["message"] == old
