"""Files of several problems: a record says which one it is about, and `verify` compares that with the one it found."""

from __future__ import annotations

import json

import pytest
from tests.mutations import sealed_again

import derandkit as dk
from derandkit.datasets import problems as about
from derandkit.datasets.problems import _beside
from derandkit.models import files, formats

TWO = "2\n3 3\n1 1 5\n2 2 -1\n1 2 -2\n3 3\n1 1 50\n2 2 -10\n1 3 -20\n"
ALIKE = "2\n" + 2 * "3 3\n1 1 5\n2 2 -1\n1 2 -2\n"


def solved(folder, text, problem):
    """Return the record of one problem of a file, and the file."""
    file = folder / "problems.txt"
    file.write_text(text)
    model = dk.read_model(file, input_format="beasley", instance=problem).model
    return json.loads(dk.optimize(model).to_json()), file


def line(report, name):
    return next(check for check in report.checks if check.name == name).detail


@pytest.mark.parametrize("text", [TWO, ALIKE], ids=["two", "alike"])
@pytest.mark.parametrize("problem", [1, 2])
def test_the_report_says_which_problem_of_the_file_was_checked(tmp_path, text, problem):
    record, file = solved(tmp_path, text, problem)
    report = dk.verify(record, file)
    assert report.ok
    assert line(report, "instance").endswith(f"problem {problem} of 2 of the file")


def test_a_file_of_many_problems_is_read_once(tmp_path, monkeypatch):
    """It was read again for each problem: 4000 of them, 40 kB, took verify 154 s."""
    reads, read = [], files.read_content

    def counted(name):
        reads.append(name)
        return read(name)

    for module in (files, about):
        monkeypatch.setattr(module, "read_content", counted)
    path = tmp_path / "many.txt"
    problems = "".join(f"2 1\n1 2 {k}\n" for k in range(1, 301))
    path.write_text(f"300\n{problems}")
    model = dk.read_model(path, input_format="beasley", instance=300).model
    result = dk.optimize(model)
    reads.clear()
    assert dk.verify(result, path).ok
    many = list(files.read_problems(path))
    assert [found.model.digest for found in many[::99]] == [
        dk.read_model(path, input_format="beasley", instance=k).model.digest for k in (1, 100, 199, 298)
    ]
    assert many[6].reading == dk.read_model(path, input_format="beasley", instance=7).reading
    reads.clear()
    other = dk.minimize_qubo([[1.0, -3.0], [0.0, 1.0]])
    with pytest.raises(dk.InputError):
        dk.verify(other, path)
    assert len(reads) <= 5


@pytest.mark.parametrize("said", ["problem 2 of 2", "problem 1 of 3", "problem 77 of 99"])
def test_a_record_that_names_another_problem_fails(tmp_path, said):
    record, file = solved(tmp_path, TWO, 1)
    record["instance"]["reading"] = f"OR-Library file, {said}, pairs count twice, maximized"
    report = dk.verify(sealed_again(record), file)
    assert report.failed == ("instance",)
    assert line(report, "instance").endswith(f"problem 1 of 2 of the file, the record says {said}")


def test_a_record_that_names_none_is_shown_the_one_that_was_found(tmp_path):
    record, file = solved(tmp_path, TWO, 2)
    record["instance"]["reading"] = None
    report = dk.verify(sealed_again(record), file)
    assert report.ok
    assert line(report, "instance").endswith("problem 2 of 2 of the file")


def test_a_graph_that_was_read_in_another_way_is_said(tmp_path):
    file = tmp_path / "square.edgelist"
    file.write_text("a b\nb c\nc d\nd a\n")
    record = json.loads(dk.maxcut(file).to_json())
    assert "for this check as" not in line(dk.verify(record, file), "provenance")
    record["graph"]["reading"] = "GraphML"
    report = dk.verify(sealed_again(record), file)
    assert report.ok
    assert "input read as: GraphML; for this check as: edge list" in line(report, "provenance")


def test_short_lines_that_announce_many_variables_have_a_limit(monkeypatch):
    monkeypatch.setattr(formats, "MOST_VARIABLES", 2500)
    read = formats.beasley_models(["9", *["1000 0"] * 9], "many")
    assert [next(read)[0].n for _ in range(3)] == [1000] * 3
    with pytest.raises(dk.InputError, match="more than 2500 variables"):
        next(read)


def test_a_reading_that_is_not_that_of_the_file_alone_is_said_with_the_other(tmp_path):
    """A file that says vartype=SPIN, read as a matrix by an option: the report named the matrix only."""
    file = tmp_path / "glass.coo"
    file.write_text("# vartype=SPIN\n0 1 2\n1 2 3\n0 2 4\n")
    for kind, own in (
        ("matrix", " (without options the file is read as COO lines, spin variables"),
        ("auto", None),
    ):
        record = json.loads(dk.optimize(dk.read_model(file, input_format=kind).model).to_json())
        report = dk.verify(record, file)
        assert report.ok
        said = line(report, "provenance")
        assert ("without options" in said) == (own is not None)
        assert own is None or own in said
        assert ("; read as matrix Q" in line(report, "instance")) == (own is not None)
        assert "for this check as" not in said


def test_the_ending_of_a_file_decides_how_it_is_read_and_verify_says_so(tmp_path):
    """A record about a .sparse file held for the same lines called .gsg, a spin glass with another optimum."""
    file, other = tmp_path / "t.sparse", tmp_path / "t.gsg"
    for path in (file, other):
        path.write_text("4 4\n1 2 1\n2 3 -1\n3 4 1\n1 4 2\n")
    record = json.loads(dk.optimize(dk.read_model(file).model).to_json())
    assert "read as" not in line(dk.verify(record, file), "instance")
    shown = line(dk.verify(record, other), "instance")
    assert "read as Biq Mac sparse file" in shown
    assert "(without options the file is read as spin glass" in shown


def test_what_sums_lose_is_said_once_beside_another_reading(tmp_path):
    file, other = tmp_path / "sums.coo", tmp_path / "plain.coo"
    file.write_text("# vartype=SPIN\n0 1 500000000000000.0\n0 1 -0.01\n")
    other.write_text("# vartype=SPIN\n0 1 2\n")
    found, plain = dk.read_model(file), dk.read_model(other)
    assert found.reading.count("sums are rounded") == 1
    reading = str(_beside(found, plain).reading)
    assert reading.count("sums are rounded") == 1
    assert f"(without options the file is read as {plain.reading})" in reading
