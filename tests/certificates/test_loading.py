"""What `load` refuses: a value of another type in a record of any kind and version, in one line that can be printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.collection import collection
from tests.leaves import leaves, places, replaced
from tests.legs import thinned

import derandkit as dk
from derandkit.loading import KINDS
from derandkit.records import sealed
from derandkit.schemas.reader import misfit, published
from derandkit.versions import EARLIER, claims_less, upgraded

FOLDER = Path(__file__).parents[1] / "data" / "records"
OLD = sorted(path.name for path in FOLDER.glob("*-[0-9]-*.json"))
#: Values of every JSON type, some that cannot be printed or are no float.
ODD = [
    None,
    True,
    -1,
    1.5,
    10**400,
    "\x1b[2J\u202e",
    [],
    {},
    [[None]],
    {"base64": "", "dtype": "<f8", "shape": [0, 5]},
]


def hostile(record):
    """Yield copies of a record with an odd value at one place after another, two of them at each."""
    for k, path in enumerate(places(record)):
        if len(path) < 3 or k % 17 == 0:
            yield path, sealed(replaced(record, path, ODD[k % len(ODD)]))


def shown(result):
    result.to_json()
    return f"{result!r}{result}{result._repr_html_()}"


def hold(record, file):
    """Load hostile copies of a record: each is refused in one line, or can be shown, in printable characters."""
    refused = 0
    for path, forged in hostile(record):
        file.write_text(json.dumps(forged), encoding="utf-8")
        try:
            text = shown(dk.load(file))
        except dk.InputError as error:
            refused, text = refused + 1, str(error)
            assert "\n" not in text, path
        assert "\x1b" not in text, path
        assert "\u202e" not in text, path
    assert refused > 10


@pytest.mark.parametrize("name", thinned(OLD, 5))
def test_a_hostile_old_record_is_refused_in_one_line(name, tmp_path):
    hold(json.loads((FOLDER / name).read_text(encoding="utf-8")), tmp_path / "record.json")


@pytest.mark.parametrize(
    "name", ["constrained/both", "signs/max2sat", "embedding/certified", "features/plain"]
)
def test_a_hostile_record_is_refused_in_one_line(name, tmp_path):
    record, _ = collection()[name]
    hold(json.loads(json.dumps(record)), tmp_path / "record.json")


def test_every_leaf_of_another_type_is_refused():
    record = json.loads((FOLDER / "maxcut-2-petersen.json").read_text(encoding="utf-8"))
    kind = dk.MaxCutResult
    for path, value in leaves(record):
        if path[0] in ("partition", "certificate"):
            continue  # labels are of any type, and proofs are read by what checks them
        other = [value] if not isinstance(value, list) else 1.5
        with pytest.raises(dk.InputError, match="is not "):
            kind.from_json(json.dumps(replaced(record, path, other)))


def test_every_published_rule_is_known():
    assert set(published()) == set(KINDS)
    for name, rule in published().items():
        assert misfit({}, rule).startswith("the record has no"), name


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ({"oneOf": [{"type": "null"}, {"type": "string"}]}, None, 1),
        ({"oneOf": [{"type": "integer"}, {"minimum": 0}]}, -1, 1),
        ({"prefixItems": [{"type": "string"}], "items": False}, ["a"], ["a", 1]),
        (
            {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
            ["a", 1, 2, 3],
            ["a", 1, 2.0, 3],
        ),
        ({"items": {"type": "integer", "maximum": 3}}, [1, 3, 2, 0], [1, 4, 2, 0]),
        ({"items": {"type": "string", "maxLength": 3}}, ["a", "bcd", "b"], ["a", "bcde", "b"]),
        ({"items": {"enum": [0, 1]}}, [0, 1, 1, 0], [0, 2, 1, 0]),
        ({"exclusiveMaximum": 3}, 2, 3),
        ({"minLength": 1}, "a", ""),
        ({"maxProperties": 1}, {"a": 1}, {"a": 1, "b": 2}),
        ({"additionalProperties": {"type": "integer"}}, {"a": 1}, {"a": None}),
        ({"type": ["string", "null"]}, None, 1),
    ],
)
def test_rules_of_a_schema_are_read_as_they_are_meant(rule, good, bad):
    assert misfit(good, rule) is None
    assert misfit(bad, rule) is not None


def changed(value):
    """Return another value of the same type, or None."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * 1.25 + 0.5
    return f"{value}x" if isinstance(value, str) else None


CURRENT_ONES = [name for name in OLD if not claims_less(json.loads((FOLDER / name).read_text()))]


@pytest.mark.parametrize("name", CURRENT_ONES)
def test_a_record_that_load_accepts_is_written_again_as_it_was(name, tmp_path):
    """A forged `message` or `n_components` was dropped by `load`: `verify` of the result held, and of the file not."""
    record = json.loads((FOLDER / name).read_text())
    paths = [
        (path, value) for path, value in leaves(record) if path[0] not in ("schema", "schema_version", "seal")
    ]
    for k, (path, value) in enumerate(paths):
        if len(path) > 1 and k % (1 + len(paths) // 25):
            continue
        new = changed(value)
        if new is None:
            continue
        other = replaced(record, path, new)
        file, forged = tmp_path / "r.json", sealed(other) if "seal" in record else other
        file.write_text(json.dumps(forged), encoding="utf-8")
        try:
            again = dk.load(file).to_dict()
        except dk.InputError:
            continue
        now = upgraded(forged)
        assert json.loads(json.dumps(without_seals(again))) == without_seals(now), path


def without_seals(value):
    if isinstance(value, dict):
        return {key: without_seals(part) for key, part in value.items() if key != "seal"}
    return [without_seals(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", OLD)
def test_what_a_result_does_not_hold_is_refused_by_name(name, tmp_path):
    record, file = json.loads((FOLDER / name).read_text()), tmp_path / "r.json"
    has_seal = "seal" in record
    forged = [("seal", {**record, "seal": "0" * 64})] if has_seal else []
    if "message" in record:
        other = {**record, "message": "the best there is"}
        forged.append(("message", sealed(other) if has_seal else other))
    if name == "embedding-4-cloud.json":
        forged.append(("n_components", sealed({**record, "n_components": record["n_components"] + 1})))
    assert forged
    for key, other in forged:
        file.write_text(json.dumps(other), encoding="utf-8")
        with pytest.raises(dk.InputError, match=f"'{key}' is"):
            dk.load(file)
    file.write_text(json.dumps(record), encoding="utf-8")
    dk.load(file)


def test_messages_of_an_earlier_release_are_read(tmp_path):
    """They are true and say less: `verify` holds them, and `load` refused the records as forged."""
    flat = dk.embed([[0.0, 1.0], [2.0, 2.0], [5.0, 7.0]], n_components=2)
    fixed = dk.minimize_qubo({(0, 1): 1.0, (0, 0): -2.0, (1, 1): -1.0}, fixed={1: 1})
    assert {flat.message, fixed.message} == set(EARLIER.values())
    for result in (flat, fixed):
        record = result.to_dict()
        (record["message"],) = [old for old, new in EARLIER.items() if new == result.message]
        file = tmp_path / "r.json"
        file.write_text(json.dumps(sealed(record)), encoding="utf-8")
        assert dk.load(file).message == result.message
    record = dk.minimize_qubo({(0, 1): 1.0, (0, 0): -2.0}).to_dict()
    assert record["message"] in EARLIER
    (tmp_path / "r.json").write_text(json.dumps(sealed({**record, "message": EARLIER[record["message"]]})))
    with pytest.raises(dk.InputError, match="'message' is"):
        dk.load(tmp_path / "r.json")
