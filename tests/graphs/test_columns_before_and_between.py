"""Weights, years and codes before or between the ends; matrices of three rows whose names or entries leave doubt."""

import pytest
from tests import inputs
from tests.inputs import refused

import derandkit as dk

EDGES = [("10", "20"), ("20", "35"), ("10", "35"), ("35", "7")]
YEARS = ["2020", "2021", "2022", "2023"]


def read(folder, text, **options):
    return dk.read_graph(inputs.write(folder, text, "g.csv"), **options)


@pytest.mark.parametrize("sign", [",", ";", "\t", " "])
@pytest.mark.parametrize("values", [YEARS, ["100000", "250000", "5", "8"], ["1", "-1", "1", "-1"]])
def test_numbers_before_or_between_the_ends(tmp_path, sign, values):
    before = "".join(sign.join([w, u, v]) + "\n" for w, (u, v) in zip(values, EDGES, strict=True))
    between = "".join(sign.join([u, w, v]) + "\n" for w, (u, v) in zip(values, EDGES, strict=True))
    last = "".join(sign.join([u, v, w]) + "\n" for w, (u, v) in zip(values, EDGES, strict=True))

    assert "the first column may hold the weights" in refused(read, tmp_path, before)
    assert "the second column may hold the weights" in refused(read, tmp_path, between)
    asked = read(tmp_path, between, input_format="edgelist")
    assert asked.m + asked.merged_edges == 4
    assert read(tmp_path, last, input_format="edgelist").total_weight == sum(map(int, values))
    rows = [(int(w), int(u), int(v)) for w, (u, v) in zip(values, EDGES, strict=True)]
    assert "the first column may hold the weights" in refused(dk.as_graph, rows)


@pytest.mark.parametrize("text", ["1,007,008\n0,008,009\n1,007,009\n", "007;2020;008\n008;2021;009\n"])
def test_codes_with_leading_zeros(tmp_path, text):
    assert "may be a vertex like '007'" in refused(read, tmp_path, text)
    assert read(tmp_path, "007,008,1\n008,009,2\n").total_weight == 3
    assert read(tmp_path, "7,8,01\n8,9,02\n").total_weight == 3


@pytest.mark.parametrize("cell", ["0.5**", "ns", "<.01", "5 km", "5%", "$5", "1:30"])
def test_a_named_matrix_with_an_entry_that_is_no_number(tmp_path, cell):
    text = f",a,b,c\na,1,{cell},3\nb,{cell},1,2\nc,3,2,1\n"
    assert f"the table is no square matrix of numbers: line 2 has '{cell}'" in refused(read, tmp_path, text)


def test_other_names_beside_the_rows(tmp_path):
    rows = "a,0,5,2\nb,5,0,3\nc,2,3,0\n"
    assert "hold numbers and the rows have names, such as 'a'" in refused(
        read, tmp_path, ",V1,V2,V3\n" + rows
    )
    assert read(tmp_path, ",source,target,weight\n" + rows).m == 2
    for blank in ("", "x"):
        twice = "".join(f"{blank},{line}\n" for line in rows.split())
        assert "the first two columns have no names" in refused(read, tmp_path, ",,a,b,c\n" + twice)
        assert read(tmp_path, ",,source,target,weight\n" + twice).m == 2


@pytest.mark.parametrize("count", [3, 4, 6])
@pytest.mark.parametrize("name", ["", "e", "edge"])
def test_numbers_and_names_of_few_edges(tmp_path, count, name):
    ends = [("1", "4"), ("1", "5"), ("2", "3"), ("2", "5"), ("3", "4"), ("4", "6")][:count]
    text = "".join(f"{name}{k} {u} {v}\n" for k, (u, v) in enumerate(ends, 1))
    assert "the first column may n" in refused(read, tmp_path, text)
    rows = [(f"{name}{k}" if name else k, int(u), int(v)) for k, (u, v) in enumerate(ends, 1)]
    assert refused(dk.as_graph, rows)
    assert read(tmp_path, text, input_format="edgelist").n > 2


def test_names_with_a_colon_in_lists_of_neighbours(tmp_path):
    for options in ({"input_format": "adjlist"}, {}):
        assert "colon" in refused(read, tmp_path, "A: B C\nB: C\nC: D\n", **options)
    assert read(tmp_path, "A B C\nB C\nC D\n", input_format="adjlist").m == 4
