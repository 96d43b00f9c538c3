"""Weights that may be days, parents of roots, codes that are rare, and relations and triangles in tuples."""

from __future__ import annotations

import io
import random

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.spatial import ConvexHull

import derandkit as dk

PAIRS = list(nx.gnm_random_graph(14, 40, seed=3).edges)
SCALE = [random.Random(0).randint(1, 5) for _ in PAIRS]


def remarks(obj: object) -> str:
    reading = dk.as_graph(obj).reading
    assert reading is not None
    return "; ".join(reading.remarks)


def lines(rows: list[tuple[object, ...]]) -> io.StringIO:
    return io.StringIO("".join(" ".join(map(str, row)) + "\n" for row in rows))


def weighted(values: list[float]) -> list[tuple[object, ...]]:
    return [(*pair, value) for pair, value in zip(PAIRS, values, strict=True)]


def forms(values: list[float]) -> list[object]:
    """Return one list of edges as a file, tuples, an array, a frame, a mapping and a graph."""
    rows = weighted(values)
    graph = nx.Graph()
    graph.add_weighted_edges_from(rows)
    frame = pd.DataFrame(rows, columns=["source", "target", "weight"])
    return [lines(rows), rows, np.array(rows), frame, {row[:2]: row[2] for row in rows}, graph]


@pytest.mark.parametrize("code", [9, 8, 10, 11, 99, -9])
def test_a_rare_code_beside_few_answers_is_said_in_every_form(code: int) -> None:
    values = [*SCALE[:-1], code]
    graph = nx.from_edgelist(PAIRS)
    nx.set_edge_attributes(graph, dict(zip(PAIRS, values, strict=True)), "weight")
    A = nx.to_numpy_array(graph)
    for form in (*forms(values), A, A.tolist(), sp.csr_array(A), pd.DataFrame(A)):
        assert f"the weight {code} was read as a number" in remarks(form)


def test_ties_that_cannot_change_are_said_beside_ones() -> None:
    ones = [1.0] * len(PAIRS)
    for code in (10, 11):
        assert f"the weight {code} was read as a number" in remarks(weighted([*ones[:-1], code]))
    assert "the weight 9 was read" in remarks(sp.csr_array(matrix([*ones[:-1], 9])))


def matrix(values: list[float]) -> np.ndarray:
    A = np.zeros((14, 14))
    for (u, v), value in zip(PAIRS, values, strict=True):
        A[u, v] = A[v, u] = value
    return A


@pytest.mark.parametrize("values", [[*SCALE[:-1], 6], [*SCALE[:-1], 12], [*SCALE[:-3], 9, 9, 9]])
def test_the_next_number_a_far_one_and_a_frequent_one_are_weights(values: list[float]) -> None:
    for form in forms(values):
        assert "was read as a number" not in remarks(form)


DAYS = {
    "modified Julian days": [58849 + 11 * k for k in range(len(PAIRS))],
    "days since 1970": [18263 + 11 * k for k in range(len(PAIRS))],
    "years with parts of one": [round(2015 + 0.083 * k, 3) for k in range(len(PAIRS))],
}


@pytest.mark.parametrize("what", DAYS)
def test_weights_that_lie_as_days_do_are_read_and_said(what: str) -> None:
    random.Random(1).shuffle(values := list(DAYS[what]))
    for form in forms(values)[:3]:
        assert f"may be {what}" in remarks(form)
    assert f"may be {what}" in remarks(dict(zip(PAIRS, values, strict=True)))
    assert "may be" not in remarks(forms(values)[3])  # a column called weight
    clock = pd.DataFrame(weighted(values), columns=["source", "target", "t"])
    with pytest.raises(dk.InputError, match=rf"the numbers in column 't', such as .* may be {what}"):
        dk.as_graph(clock)
    assert dk.as_graph(clock, weight="t").m == len(PAIRS)


@pytest.mark.parametrize("step", [100, 0.5])
def test_prices_as_large_as_days_are_weights(step: float) -> None:
    values = [12_000 + step * (7 * k % 40) for k in range(len(PAIRS))]
    assert all("may be" not in remarks(form) for form in forms(values))


DATES = {
    "dates, as year, month and day of two digits each": [200111, 191230, 200228, 210704, 180101, 220915],
    "months, as year and month": [202001, 201912, 202108, 202203, 201807, 201811],
    "days, as year and number of the day": [2020000 + 37 * k for k in range(1, 10)] + [2019365, 2021007],
}


@pytest.mark.parametrize("what", DATES)
def test_numbers_written_from_parts_of_a_date_are_asked_about(what: str) -> None:
    values = [DATES[what][k % len(DATES[what])] for k in range(len(PAIRS))]
    for form in forms(values)[:3]:
        with pytest.raises(dk.InputError, match=f"may be {what}, or weights"):
            dk.as_graph(form)
    assert dk.as_graph(forms(values)[3]).total_weight == sum(values)
    random.Random(2).shuffle(values)
    assert dk.as_graph(weighted([value + 55 for value in values])).total_weight > sum(values)


def test_random_weights_of_six_digits_are_no_dates() -> None:
    for seed in range(20):
        q = random.Random(seed)
        assert dk.as_graph(weighted([q.randint(10_000, 990_000) for _ in PAIRS])).m == len(PAIRS)


PARENTS = [(2, 1), (3, 1), (4, 2), (5, 3), (6, 3)]


def test_zero_as_the_parent_of_a_root_is_said_or_asked_about() -> None:
    rows = [(1, 0), *PARENTS]
    for form in (lines(rows), rows, np.array(rows)):
        assert "0 stands once, beside 1: no parent" in remarks(form)
    for names in (["node", "parent"], ["id", "parent_id"]):
        with pytest.raises(dk.InputError, match=rf"0 stands in the column '{names[1]}' alone: no parent"):
            dk.as_graph(pd.DataFrame(rows, columns=names))
    with pytest.raises(dk.InputError, match="vertex -1 may stand for none"):
        dk.as_graph(pd.DataFrame([(1, -1), *PARENTS], columns=["node", "parent"]).assign(weight=2.5))
    forest = pd.DataFrame([(1, 0), (7, 0), *PARENTS], columns=["node", "parent"])
    assert "0 stands in the column 'parent' alone" in remarks(forest)
    assert remarks(pd.DataFrame(PARENTS, columns=["node", "parent"])) == ""


@pytest.mark.parametrize(
    "rows",
    [
        [(k + 1, k) for k in range(8)],  # a path
        [(1, 0), (2, 0), (3, 1), (4, 1)],  # the root has two children
        [(0, 1), *PARENTS],
        [(1, 0), *PARENTS, (6, 5)],
    ],
)
def test_trees_with_a_vertex_zero_are_read_as_they_are(rows: list[tuple[int, int]]) -> None:
    assert remarks(rows) == ""
    assert dk.as_graph(rows).m == len(rows)


def test_relations_and_hulls_in_tuples_are_asked_about_as_in_arrays() -> None:
    codes = [(1, 11537, 0), (1, 21616, -1), (2, 35, -1), (2, 36, 0)]
    for form in (codes, np.array(codes)):
        with pytest.raises(dk.InputError, match="codes of two kinds of relations"):
            dk.as_graph(form)
    named = pd.DataFrame(codes, columns=["source", "target", "rel"])
    for form in ({(u, v): w for u, v, w in codes}, named):
        assert "as codes of relations are" in remarks(form)
    assert "codes" not in remarks(named.rename(columns={"rel": "weight"}))
    hull = ConvexHull(np.random.default_rng(1).normal(size=(40, 3))).simplices.tolist()
    for form in (hull, list(map(tuple, hull)), np.array(hull)):
        with pytest.raises(dk.InputError, match=r"triangles of a .*pass \{\(u, v\): weight\}"):
            dk.as_graph(form)
    assert dk.as_graph({(u, v): w for u, v, w in hull}).n == len({x for row in hull for x in row[:2]})


def test_numbers_that_grow_are_said_in_memory_and_asked_about_in_files() -> None:
    for values in ([*range(40)], [*range(1, 41)], [10_000 + 7 * k for k in range(40)]):
        file, tuples, array, _, mapping, _ = forms(values)
        with pytest.raises(dk.InputError, match="may be times or numbers of rows, or weights"):
            dk.as_graph(file)
        for form in (tuples, array, mapping):
            assert "never fall: if they are times or numbers of rows" in remarks(form)
        random.Random(0).shuffle(values)
        assert "never fall" not in remarks(weighted(values))


def test_columns_without_names_are_asked_about_as_arrays_are() -> None:
    for values in ([2000 + k % 20 for k in range(40)], [43831 + 9 * k for k in range(40)]):
        for form in (np.array(weighted(values)), pd.DataFrame(weighted(values))):
            with pytest.raises(dk.InputError, match=r"may be (years|dates as a spreadsheet)"):
                dk.as_graph(form)


def test_the_end_of_a_list_is_said_of_frames_too() -> None:
    rows = [(u + 1, v + 1, w) for (u, v), w in zip(PAIRS, SCALE, strict=True)]
    frame = pd.DataFrame([*rows, (0, 0, 0)], columns=["source", "target", "weight"])
    assert "the last row joins 0 to itself" in remarks(frame)
