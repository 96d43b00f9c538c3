"""The parts of results: typed fields that also read as mappings, frozen, equal by content."""

import copy
import dataclasses
import pickle
from importlib import import_module
from pathlib import Path

import pytest
from tests.catalogue import SHORT, random_graph

import derandkit as dk
from derandkit.parts.part import Part

GRAPH = random_graph(11, 0.5)


@pytest.fixture(scope="module")
def result():
    return dk.maxcut(GRAPH, search=SHORT, bound="best")


PARTS = ("chain", "guarantee", "stationarity", "certificate", "bound", "relaxation", "search", "graph")


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_the_object_in_the_record(result, name):
    part, record = getattr(result, name), result.to_dict()[name]
    assert part.to_dict() == record == part
    assert type(part).of(record) == part
    names = [field.name for field in dataclasses.fields(part)]
    assert list(part) == [key for key in names if part.__dict__[key] is not None or key not in part.optional]
    for key, value in part.items():
        assert getattr(part, key) is part[key] is value
    for again in (copy.deepcopy(part), pickle.loads(pickle.dumps(part))):
        assert again == part
        assert hash(again) == hash(part)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(part, next(iter(part)), None)
    with pytest.raises(KeyError):
        part["no such field"]


@pytest.mark.parametrize("name", PARTS)
def test_a_part_with_other_keys_is_refused(result, name):
    record = result.to_dict()[name]
    kind = type(getattr(result, name))
    key = next(iter(record))
    with pytest.raises(ValueError, match=f"a {kind.__name__} without {key}"):
        kind.of({k: v for k, v in record.items() if k != key})
    with pytest.raises(ValueError, match=f"a {kind.__name__} with surprise"):
        kind.of({**record, "surprise": 1})


@pytest.mark.parametrize("wing", ["cuts", "embeddings", "structure"])
def test_every_part_is_on_the_page_of_the_interface(wing):
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    module = import_module(f"derandkit.parts.{wing}")
    for name, kind in vars(module).items():
        if isinstance(kind, type) and kind.__module__ == module.__name__:
            assert f"derandkit.parts.{wing}.{name}\n" in page


@pytest.mark.parametrize(
    "name", ["structure-2-data.json", "structure-2-teacher.json", "embedding-2-cloud.json"]
)
def test_parts_of_other_results_are_the_objects_in_their_records(name):
    result = dk.load(Path(__file__).parents[1] / "data" / "records" / name)
    record = result.to_dict()
    found = {key: value for key in vars(result) if isinstance(value := getattr(result, key), Part)}
    assert len(found) >= 3
    for key, part in found.items():
        assert part.to_dict() == record[key]
        assert pickle.loads(pickle.dumps(part)) == part
    if name.startswith("structure"):
        figures = result.figures.to_dict()
        claimed = {key: record.get(key) for key in figures}  # version 2 has no bound along the rows
        assert claimed == figures
        assert result.figures.ratio == result.ratio == record["ratio"]


def test_a_constrained_cut_has_the_parts_of_the_whole_graph():
    found = dk.maxcut(GRAPH, fixed={GRAPH.labels[0]: 0, GRAPH.labels[1]: 0})
    assert found.chain.cut_value == found.cut_value
    assert found.chain.dual_bound - found.contracted.chain.dual_bound == float(found.constant)
    assert found.graph.n == found.contracted.graph.n + 1
