"""Networks of roads in DIMACS format, missing ties in small matrices, and one rounded number among vertices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import derandkit as dk

ROADS = "c roads\np sp 3 4\na 1 2 803\na 2 1 803\na 2 3 5\na 3 2 5\n"


def written(tmp_path, text, name):
    file = tmp_path / name
    file.write_text(text)
    return file


def test_roads_that_are_listed_in_both_directions_count_once(tmp_path):
    graph = dk.read_graph(written(tmp_path, ROADS, "r.gr"))
    assert (graph.n, graph.m, graph.total_weight) == (3, 2, 808)
    assert any("listed in both directions and counts once" in remark for remark in graph.reading.remarks)
    assert dk.read_graph(tmp_path / "r.gr", symmetrize="sum").total_weight == 1616


@pytest.mark.parametrize("change", [("a 3 2 5", "a 3 2 6"), ("a 3 2 5", "a 3 1 5"), ("p sp", "p max")])
def test_other_arcs_are_asked_about(change, tmp_path):
    with pytest.raises(dk.InputError, match="the graph is directed"):
        dk.read_graph(written(tmp_path, ROADS.replace(*change), "r.gr"))


def test_the_arcs_of_roads_stay_arcs(tmp_path):
    assert dk.maxdicut(written(tmp_path, ROADS, "r.gr")).value == 808


@pytest.mark.parametrize("n", [4, 5, 7])
@pytest.mark.parametrize("code", [9, 99, -9])
def test_a_missing_tie_in_a_matrix_of_zeros_and_ones(n, code, tmp_path):
    A = np.zeros((n, n), dtype=int)
    for k in range(n - 1):
        A[k, k + 1] = A[k + 1, k] = 1
    A[0, n - 1] = A[n - 1, 0] = code
    text = "".join(" ".join(map(str, row)) + "\n" for row in A)
    with pytest.raises(dk.InputError, match="may stand for a missing weight"):
        dk.read_graph(written(tmp_path, text, "A.txt"))


@pytest.mark.parametrize("name", ["1.23457E+11", "9.87E+12", "1.23457e+07"])
def test_one_number_that_a_spreadsheet_rounded_is_asked_about(name, tmp_path):
    if name == "9.87E+12":
        assert dk.read_graph(written(tmp_path, f"source,target\n{name},5\n5,6\n", "x.csv")).n == 3
        return
    text = f"source,target\n{name},5\n{name},6\n7,5\n{name},8\n"
    file = written(tmp_path, text, "x.csv")
    with pytest.raises(dk.InputError, match=f"{name.replace('+', '.')}', which a spreadsheet has made"):
        dk.read_graph(file)
    with pytest.raises(dk.InputError, match=r"which a spreadsheet has made|written as a floating-point"):
        dk.as_graph(pd.read_csv(file, dtype=str))
