"""The example package: definitions, enumeration, forged records, and what it may import."""

from __future__ import annotations

import ast
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit as dk
from balanced_trial import Trial, balance, check
from balanced_trial.__main__ import main
from balanced_trial.solve import one_by_one

HERE = Path(__file__).parent
NAMES = ("Ann", "Bob", "Cem", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon")
PEOPLE = Trial.standardized(
    NAMES,
    {"age": [34, 51, 28, 45, 39, 62, 23, 57, 31, 48], "weight": [61, 88, 70, 79, 55, 91, 64, 73, 58, 84]},
)


def all_groups(trial):
    for signs in itertools.product((1, -1), repeat=len(trial.people)):
        yield dict(zip(trial.people, signs))


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=6))
@settings(max_examples=15, deadline=None)
def test_the_energy_of_the_model_is_the_imbalance(numbers):
    a, b = zip(*numbers)
    trial = Trial(NAMES[: len(a)], {"a": a, "b": b})
    model = trial.model()
    every = [trial.imbalance(groups) for groups in all_groups(trial)]
    assert every == [model.exact_value(groups) for groups in all_groups(trial)]
    assert sum(every) == trial.coins * len(every)  # what coins give on average
    assert trial.imbalance(one_by_one(trial)) <= trial.coins


def test_the_answer_is_the_best_of_all_and_its_record_holds():
    result = balance(PEOPLE)
    best = min(PEOPLE.imbalance(groups) for groups in all_groups(PEOPLE))
    assert result.imbalance == PEOPLE.imbalance(result.groups) == best
    assert result.bound <= best <= result.coins
    assert all(check(result.record, PEOPLE).values())
    assert json.dumps(result.record) == json.dumps(balance(PEOPLE).record)  # nothing is random


FORGERIES = {
    "trial": lambda r: {**r, "trial": "0" * 64},
    "imbalance": lambda r: {**r, "imbalance": r["imbalance"] - 4},
    "coins": lambda r: {**r, "coins": r["coins"] + 1},
    "bound": lambda r: {**r, "bound": r["bound"] + 1},
    "proven_optimal": lambda r: {**r, "proven_optimal": not r["proven_optimal"]},
    "model": lambda r: {**r, "model": {**r["model"], "bound": r["model"]["bound"] + 1}},
    "form": lambda r: {key: value for key, value in r.items() if key != "coins"},
    "promise": lambda r: {**r, "groups": dict.fromkeys(NAMES, 1)},
}


@pytest.fixture(scope="module")
def honest():
    return balance(PEOPLE).record


@pytest.mark.parametrize("statement", FORGERIES)
def test_a_forged_record_fails_with_the_name_of_the_statement(honest, statement):
    assert check(FORGERIES[statement](honest), PEOPLE)[statement] is False


@pytest.mark.parametrize("rubbish", [None, 5, "x", [], {}, True, 1e400])
def test_rubbish_in_any_place_is_refused_and_raises_nothing(honest, rubbish):
    assert not all(check(rubbish, PEOPLE).values())
    for field in honest:
        if honest[field] is not rubbish:
            assert not all(check({**honest, field: rubbish}, PEOPLE).values()), field


def test_a_record_about_other_people_is_refused(honest):
    other = Trial(NAMES, {trait: numbers[::-1] for trait, numbers in PEOPLE.traits.items()})
    holds = check(honest, other)
    assert not holds["trial"]
    assert not holds["model"]


def test_the_command(tmp_path, capsys):
    table, record = tmp_path / "people.csv", tmp_path / "trial.json"
    table.write_text("name,age\nAnn,30\nBob,50\nCem,20\nDan,40\n")
    assert main([str(table), "-o", str(record)]) == 0
    assert "proven optimal" in capsys.readouterr().out
    assert main([str(table), "--check", str(record)]) == 0
    assert "FAILED" not in capsys.readouterr().out
    record.write_text(record.read_text().replace('"imbalance": 0', '"imbalance": 4'))
    assert main([str(table), "--check", str(record)]) == 1
    table.write_text("name,age\nAnn,30\nBob,old\n")
    assert main([str(table)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_public_names_are_all_it_takes_from_derandkit():
    modules = [
        node
        for file in (HERE / "balanced_trial").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
    ]
    imported = {name.name for node in modules if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in modules if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if name.startswith("derandkit")} == {"derandkit"}
    used = {
        node.attr
        for node in modules
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "dk"
    }
    assert used <= set(dk.__all__)
    assert "optimize" in used


BAD_TABLES = {
    "name,age,age\nAnn,30,1\nBob,50,2\n": "two columns are called 'age'",
    "name,size\nAnn,30\nBob,50\n": "a trait is called 'size'",
    "Ann,30\nBob,50\nCem,20\n": "the first line has a number",
    "name,age\nAnn,30\nAnn,50\n": "two people have the same name",
    "name,age\nAnn,1_0\nBob,50\n": "line 2 has '1_0'",
    "name,age\nAnn,\u0663\nBob,50\n": "line 2 has '\u0663'",
    "name,age\nAnn,1e200\nBob,-1e200\n": "too small or too large",
    "name,age\nAnn,1e-200\nBob,-1e-200\n": "too small or too large",
    "name,age\nAnn,1e999\nBob,1\n": "no finite number",
    'name,age\n"Ann,30\nBob,50\n': "unexpected end of data",
    f"name,age\nAnn,{'1' * 200_000}\nBob,50\n": "field larger than field limit",
    "": "two people and a trait",
}


@pytest.mark.parametrize("text", BAD_TABLES, ids=range(len(BAD_TABLES)))
def test_a_table_that_cannot_be_used_is_refused_in_one_line(tmp_path, capsys, text):
    table = tmp_path / "people.csv"
    table.write_text(text, encoding="utf-8")
    assert main([str(table)]) == 2
    said = capsys.readouterr().err
    assert BAD_TABLES[text] in said
    assert said.count("\n") == 1


def test_a_record_that_names_a_file_or_is_nested_too_deep_is_refused(tmp_path, capsys, honest):
    table, inner = tmp_path / "people.csv", tmp_path / "model.json"
    inner.write_text(json.dumps(honest["model"]))
    assert check({**honest, "model": str(inner)}, PEOPLE) == {"form": False}
    table.write_text("name,age\nAnn,30\nBob,50\n")
    inner.write_text("[" * 100_000)
    assert main([str(table), "--check", str(inner)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
