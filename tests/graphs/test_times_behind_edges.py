"""Times behind the ends of edges are asked about, and other numbers are weights."""

from __future__ import annotations

import io

import pytest

import derandkit as dk
from derandkit.errors import InputError

EDGES = [(1, 2), (2, 3), (3, 4), (1, 4), (2, 4)]


def text(weights: list[object]) -> str:
    return "".join(f"{u} {v} {w}\n" for (u, v), w in zip(EDGES, weights, strict=True))


@pytest.mark.parametrize(
    ("times", "what"),
    [
        ([1082040961, 1082155839, 1082414391, 1082439619, 1082439756], "seconds since 1970"),
        ([1289241911.7, 1289241941.5, 1289243140.4, 1289245277.4, 1289254254.4], "seconds since 1970"),
        ([1580000010000 + 977 * k for k in range(5)], "milliseconds since 1970"),
        ([1580000010000000 + 977 * k for k in range(5)], "microseconds since 1970"),
        ([20200111, 20191230, 20200229, 20181003, 20201101], "dates"),
        ([1998, 2003, 2011, 2003, 2020], "years"),
    ],
)
def test_times_are_asked_about(times: list[object], what: str) -> None:
    with pytest.raises(InputError, match=what):
        dk.read_graph(io.StringIO(text(times)))
    assert dk.read_graph(io.StringIO(text(times)), weight=None).total_weight == 5
    assert dk.read_graph(io.StringIO(text(times)), input_format="edgelist").total_weight == pytest.approx(
        sum(times)
    )
    named = "source,target,weight\n" + text(times).replace(" ", ",")
    assert dk.read_graph(io.StringIO(named)).m == 5


@pytest.mark.parametrize(
    "weights",
    [
        [1998.5, 2003, 2011, 2003, 2020],
        [20200199, 20191230, 20200229, 20181003, 20201101],
        [1500, 2003, 2011, 2003, 2020],
        [10**9, 5, 10**9, 7, 10**9],
        [2000, 2000, 2000, 2000, 2000],
    ],
)
def test_other_numbers_are_weights(weights: list[object]) -> None:
    assert dk.read_graph(io.StringIO(text(weights))).total_weight == sum(weights)
