"""The second verifier on records that older versions wrote: it agrees with `verify` on each, honest and changed."""

from __future__ import annotations

import pytest
from tests.certificates.test_old_records import CHECKED, FILES, FOLDER, instance, read
from tests.certificates.test_second_verifier import run
from tests.legs import some_then_all
from tests.second import agreed_refusals, second_report

import derandkit as dk

HERE = [name for name in CHECKED if not name.startswith("structure")]
NOT_HERE = sorted(set(FILES) - set(HERE))


def test_only_networks_and_derandomizations_are_left_out():
    schemas = {read(name)["schema"] for name in NOT_HERE}
    assert schemas == {"derandkit-structure", "derandkit-network", "derandkit-derandomization"}


@pytest.mark.parametrize("name", HERE)
def test_both_accept_an_old_record_with_the_same_standing(name):
    record = read(name)
    first, other = dk.verify(FOLDER / name, instance(name)), second_report(record, instance(name))
    assert first.ok, str(first)
    assert other.ok, str(other)
    shown = {check: (verdict, text) for check, verdict, text in other.lines}
    for check in first.checks:
        if check.name in shown:
            verdict, text = shown[check.name]
            assert (check.verdict.value == "not checked") == (verdict == "not checked"), check.name
            assert (check.detail == "not claimed by version 1") == (text == "not claimed by version 1"), (
                check.name
            )


def both_ok(forged, name):
    """Return whether each of them accepts a record; what names no known kind is refused before any check."""
    try:
        first = dk.verify(forged, instance(name)).ok
    except dk.InputError:
        first = False
    same_kind = all(forged.get(key) == read(name).get(key) for key in ("schema", "kind"))
    return first, same_kind and second_report(forged, instance(name)).ok


@some_then_all
@pytest.mark.parametrize("name", HERE)
def test_both_agree_on_changed_old_records(name, every):
    seeds = range(0, 80, 40 if every > 2 else 4)
    assert agreed_refusals(read(name), seeds, lambda forged: both_ok(forged, name))


@pytest.mark.parametrize("name", [name for name in HERE if name.startswith(("embedding-1", "quadratic"))])
def test_the_command_reads_an_old_record(name):
    outcome = run(FOLDER / name, instance(name))
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    "name", ["structure-1-teacher.json", "structure-2-data.json", "derandomization-1-well.json"]
)
def test_of_other_kinds_it_says_in_one_line_that_nothing_is_checked(name):
    outcome = run(FOLDER / name, instance(name) if name in CHECKED else FOLDER / name)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(f"{FOLDER / name}: is not checked here: ")
    assert len(outcome.stderr.splitlines()) == 1
