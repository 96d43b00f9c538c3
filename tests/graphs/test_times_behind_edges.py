"""Times behind the ends of edges are asked about, and other numbers are weights."""

from __future__ import annotations

import io

import pandas as pd
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
        ([45000, 45012.5, 44000, 46000, 45001], "days since 1900"),
        ([0, 20, 20, 40, 3600], "times or numbers of rows"),
        ([0, 1, 2, 3, 4], "times or numbers of rows"),
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
        [2 * 10**9, 5, 2 * 10**9, 7, 2 * 10**9],
        [2000, 2000, 2000, 2000, 2000],
        [45000, 45012.5, 4400, 46000, 45001],
        [0, 20, 20, 10, 3600],
        [0, 0, 1, 1, 1],
        [0, 0.5, 1, 1.5, 2],
        [1, 2, 3, 4, 5],
        [1, 200, 20_000, 30_000, 40_000],
    ],
)
def test_other_numbers_are_weights(weights: list[object]) -> None:
    assert dk.read_graph(io.StringIO(text(weights))).total_weight == sum(weights)


LONG = [(k, k + 1) for k in range(12)]


@pytest.mark.parametrize("times", [range(1, 13), [31220 + 20 * k for k in range(12)]])
def test_many_numbers_that_only_grow_are_asked_about(times) -> None:
    rows = "".join(f"v{u} v{v} {w}\n" for (u, v), w in zip(LONG, times, strict=True))
    with pytest.raises(InputError, match="times or numbers of rows"):
        dk.read_graph(io.StringIO(rows))
    turned = "".join(f"v{u} v{v} {w}\n" for (u, v), w in zip(LONG, reversed(times), strict=True))
    assert dk.read_graph(io.StringIO(turned)).total_weight == sum(times)


@pytest.mark.parametrize(
    ("name", "values", "what"),
    [
        ("when", [20200111, 20200112, 20200113], "dates"),
        ("when", [1580000010, 1580000011, 1580000012], "seconds since 1970"),
        ("row", [0, 1, 2], "numbers of rows"),
    ],
)
def test_columns_of_other_names_are_asked_about(name: str, values: list[int], what: str) -> None:
    frame = pd.DataFrame({"person": ["a", "b", "c"], "friend": ["b", "c", "a"], name: values})
    for given in (frame, io.StringIO(frame.to_csv(index=False)), io.StringIO(frame.to_csv())):
        with pytest.raises(InputError, match=f"in column '{name}'.*{what}"):
            dk.as_graph(given)
    assert dk.as_graph(frame, weight=name).total_weight == sum(values)
    assert dk.as_graph(frame, weight=None).total_weight == 3
    assert dk.as_graph(frame.rename(columns={name: "weight"})).total_weight == sum(values)


@pytest.mark.parametrize(
    "day",
    [
        "2013-12-31",
        "31.12.2013",
        "12/31/2013",
        "2013-12",
        "2013Q4",
        "16:39",
        "2013-12-31T16:39:58Z",
        "5-Jan-2020",
    ],
)
def test_dates_as_text_are_no_weights_and_may_be_left_out(day: str) -> None:
    rows = f"a,b,{day}\nb,c,{day}\n"
    with pytest.raises(InputError, match=r"holds dates or times.*--unweighted"):
        dk.read_graph(io.StringIO(rows))
    graph = dk.read_graph(io.StringIO(rows), weight=None)
    assert graph.digest == dk.as_graph([("a", "b"), ("b", "c")]).digest
    assert graph.reading is not None
    assert graph.reading.remarks == ("the third column, the time, is not used",)
    with pytest.raises(InputError, match="weight 'friend' is not a number"):
        dk.read_graph(io.StringIO("a,b,friend\nb,c,friend\n"), weight=None)  # perhaps a triple
