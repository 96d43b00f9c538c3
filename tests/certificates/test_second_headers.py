"""A first line of numbers: the second verifier follows the record, and asks wherever derandkit asks."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from tests.mutations import sealed_again
from tests.second import FOLDER, second, second_report

import derandkit as dk
from derandkit.records import canonical_json, sealed

BELOW = "2.5,3.5\n4.5,1.5\n9.25,0.5\n"
WIDE = "0.5,0.1,0.7\n0.3,0.9,0.2\n0.2,0.25,0.1\n0.4,0.35,0.6\n0.8,0.15,0.3\n"
ASKED = {
    "numbers of pandas": f"0,1\n{BELOW}",
    "years": f"2019,2020,2021\n{WIDE}",
    "wavenumbers": f"900.5,800.5,700.5\n{WIDE}",
    "a grid": f"0.1,0.2,0.30000000000000004\n{WIDE}",
    "octaves": "125,250,500,1000\n1,200,600,900\n130,120,700,1100\n110,260,80,950\n",
    "genes": f"1007,1003,2044\n{WIDE}",
    "one column": "2000\n0.5\n0.25\n0.75\n0.1\n",
    "zero above one column": "0\n0.5\n-0.25\n0.75\n0.1\n",
    "sizes": "3.0,2.0\n" + BELOW,
    "a size": "4\n3\n1\n9\n7\n",
    "two levels": f"0,0,1\n1,2,1\n{WIDE}",
}
POINTS = {
    "two": "5,1\n2,3\n1,9\n",
    "one like the others": f"0.6,0.2,0.4\n{WIDE}",
    "a grid of rows": "1,3,5\n2,5,4\n3,4,5\n9,1,2\n",
    "one column": "0.3\n0.5\n0.25\n0.75\n0.1\n",
}


def asks(function, *arguments):
    """Return whether an instance is refused."""
    try:
        function(*arguments)
    except (dk.InputError, *second().report.MALFORMED):
        return True
    return False


def test_a_record_that_says_how_its_file_was_read_is_followed(tmp_path):
    file = tmp_path / "p.csv"
    file.write_text(ASKED["numbers of pandas"])
    for header in (True, False):
        record = json.loads(dk.embed(dk.read_points(file, header=header), n_components=1).to_json())
        assert dk.verify(record, file).ok
        assert second_report(record, file).ok
        assert second_report(record, file).verdict("points") == "proven"


def test_names_that_a_file_has_lost_are_missed(tmp_path):
    """The first point of such a file is no header, whatever the record says."""
    file, bare = tmp_path / "p.csv", tmp_path / "bare.csv"
    file.write_text(f"7,8\n{BELOW}")
    bare.write_text(BELOW)
    record = json.loads(dk.embed(dk.read_points(file, header=True), n_components=1).to_json())
    assert second_report(record, file).ok
    assert second_report(record, bare).failed == ["columns"]
    with pytest.raises(dk.InputError, match="there is no column '7'"):
        dk.verify(record, bare)


@pytest.mark.parametrize("name", ASKED)
def test_a_line_that_may_be_names_is_asked_about(name, tmp_path):
    file = tmp_path / "p.csv"
    file.write_text(ASKED[name])
    assert asks(dk.read_points, file)
    with pytest.raises(second().report.Refused, match=r"first (line|two lines)"):
        second().files.read("points", ASKED[name])


@pytest.mark.parametrize("name", POINTS)
def test_a_line_that_is_a_point_is_read(name, tmp_path):
    file = tmp_path / "p.csv"
    file.write_text(POINTS[name])
    points = dk.read_points(file)
    assert second().files.read("points", POINTS[name]).digest == points.digest


def test_the_command_asks_where_the_record_does_not_say(tmp_path):
    """It took the line for a point, and said that a record of three points is wrong or one of four is right."""
    file, result = tmp_path / "p.csv", tmp_path / "e.json"
    file.write_text(ASKED["numbers of pandas"])
    record = json.loads(dk.embed(dk.read_points(file, header=False), n_components=1).to_json())
    for reading in ("numbers", "a header line", "a table with a header line without a header line"):
        record["points"]["reading"] = reading
        result.write_text(canonical_json(sealed_again(record)))
        with pytest.raises(dk.InputError, match="the first line reads 0, 1: names of columns"):
            dk.verify(record, file)
        ended = subprocess.run(
            [sys.executable, FOLDER, result, file], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 2
        assert "the first line reads 0, 1: names of columns, or a point?" in ended.stderr


def word(draw, style):
    """Return a number as it may be written."""
    return (
        str(draw.randint(-9, 9)),
        f"{draw.uniform(-5, 5):.2f}",
        f"{draw.random():.3f}",
        f"{draw.randint(0, 9)}.0",
        str(draw.choice([0, 1, 2, 5, 100, 0.5, 0.1])),
    )[style]


def top(draw, width, count):
    """Return a first line: numbers in order, on a grid, of other sizes, sizes of the table, or a point."""
    start, step = draw.choice([0, 1, 400, 0.1, -1]), draw.choice([0.1, 1, 2, 0.25])
    lines = (
        [str(k) for k in range(width)],
        [str(round(start + k * step, 9)) for k in range(width)],
        [str(draw.choice([1, 3, 125]) * 2**k) for k in range(width)],
        [*map(str, (count, width)), *(word(draw, 0) for _ in range(3))][:width],
        [str(x) for x in sorted(draw.sample(range(50), width))],
        [str(x) for x in sorted(draw.sample(range(5000), width), reverse=True)],
        [str(x) for x in draw.sample(range(5000), width)],
        [word(draw, draw.randrange(5)) for _ in range(width)],
    )
    return draw.choice(lines)


def test_whatever_derandkit_asks_about_is_asked_about(tmp_path):
    file, both, ours = tmp_path / "p.csv", 0, 0
    for number in range(400):
        draw = random.Random(number)
        width, count = draw.randint(1, 5), draw.choice([2, 3, 4, 5, 8])
        styles = [draw.randrange(5)] * width if draw.random() < 0.6 else draw.choices(range(5), k=width)
        rows = [top(draw, width, count), *([word(draw, k) for k in styles] for _ in range(count))]
        if draw.random() < 0.2:
            rows = [sorted(row, key=float) for row in rows]
        text = "".join(",".join(row) + "\n" for row in rows)
        file.write_text(text)
        if asks(dk.read_points, file):
            both += 1
            assert asks(second().files.read, "points", text), text
        elif not asks(second().files.read, "points", text):
            ours += 1
            assert second().files.read("points", text).digest == dk.read_points(file).digest
    assert both > 100
    assert ours > 100


def test_a_first_point_that_a_record_takes_for_names_is_said(tmp_path):
    """Who chooses the reading of a record could leave out the first point: both verifiers name the line."""
    file = tmp_path / "p.csv"
    file.write_text(POINTS["one like the others"])
    record = json.loads(dk.embed(dk.read_points(file, header=True), n_components=2).to_json())
    said = "0.6, 0.2, 0.4; a first line of numbers, which the record takes for names"
    assert [check.detail for check in dk.verify(record, file).checks if check.name == "columns"] == [said]
    assert [text for name, _, text in second_report(record, file).lines if name == "columns"] == [said]
    file.write_text(f"1,2,3\n{WIDE}")  # as frames count columns
    record = json.loads(dk.embed(dk.read_points(file, header=True), n_components=2).to_json())
    said = "1, 2, 3; a first line of numbers, which the record takes for names, or one of names that repeat"
    assert [check.detail for check in dk.verify(record, file).checks if check.name == "columns"] == [said]
    assert [text for name, _, text in second_report(record, file).lines if name == "columns"] == [said]


@pytest.mark.parametrize("solve", [dk.embed, lambda X, **k: dk.random_features(X, 2)])
def test_a_first_line_of_whole_numbers_is_said_whatever_the_record_says_of_it(solve, tmp_path):
    """A point was left out: no note for whole numbers, and the report repeated the words of the record only."""
    table = np.random.default_rng(1).integers(-90, 90, size=(12, 4))
    table[0] = [900, 2, 45, 81]
    file = tmp_path / "ints.csv"
    np.savetxt(file, table, fmt="%d", delimiter=",")
    record = json.loads(solve(dk.PointCloud(table[1:].astype(float)), n_components=2).to_json())
    denied = "comma-separated table of points only, no names, unlike one with a header line"
    about = {**record["points"], "columns": ["900", "2", "45", "81"], "reading": denied}
    record = sealed({**record, "points": about})
    details = {check.name: check.detail for check in dk.verify(record, file).checks}
    said = "900, 2, 45, 81; a first line of numbers, which the record takes for names"
    assert details["columns"] == f"{said}, or one of names that repeat"
    assert details["provenance"].endswith(
        f"{denied}; for this check as: comma-separated table with a header line, 4 columns: 900 2 45 81"
    )
    assert [text for name, _, text in second_report(record, file).lines if name == "columns"] in ([said], [])


@pytest.mark.filterwarnings("ignore:the numbers have decimal commas")
@pytest.mark.parametrize("sep", [";", "\t", " ", '","'])
def test_a_first_line_of_numbers_with_decimal_commas_is_said(sep, tmp_path):
    """Names were looked at for decimal points only, so that a first point went unseen."""
    ends = '"' if '"' in sep else ""
    rows = np.random.default_rng(0).standard_normal((12, 3)).round(3).astype(str).tolist()
    file = tmp_path / "p.csv"
    file.write_text("".join(f"{ends}{sep.join(row)}{ends}\n".replace(".", ",") for row in rows))
    assert len(dk.read_points(file).points) == 12
    record = json.loads(dk.embed(dk.read_points(file, header=True), n_components=2).to_json())
    assert record["points"]["n"] == 11
    details = {check.name: check.detail for check in dk.verify(record, file).checks}
    assert details["columns"].endswith("; a first line of numbers, which the record takes for names")
    with pytest.raises(second().refusals.Refused):
        second_report(record, file)


def test_a_table_in_memory_has_no_first_line():
    frame = pd.DataFrame(np.sin(np.arange(30.0) ** 2).reshape(10, 3), columns=["900", "2.5", "45"])
    result = dk.embed(frame, n_components=2)
    details = {check.name: check.detail for check in dk.verify(result, frame).checks}
    assert details["columns"] == "900, 2.5, 45"


def test_a_reader_that_has_seen_enough_ends_the_report_quietly(tmp_path):
    file, result = tmp_path / "p.csv", tmp_path / "e.json"
    file.write_text(WIDE)
    dk.embed(file, n_components=2).save(result)
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(
        [sys.executable, FOLDER, result, file], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (ended.returncode, ended.stderr) == (0, b"")
