"""A table of which one end alone has a name of ends, or two pairs of columns may be the ends."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

WORDS = [["A", "B"], ["B", "C"], ["C", "A"]]


def readings(frame: pd.DataFrame, **options: object) -> list[dk.WeightedGraph]:
    files = [
        dk.read_graph(io.StringIO(frame.to_csv(index=False, sep=sep)), header=True, **options)
        for sep in ",\t"
    ]
    return [dk.as_graph(frame, **options), dk.as_graph(frame.to_dict("records"), **options), *files]


@pytest.mark.parametrize(
    "ends", [("gene", "Target"), ("Source", "gene"), ("From", "gene"), ("gene", "To"), ("drug", "tgt")]
)
def test_an_end_that_has_a_name_of_ends_is_never_left_out(ends: tuple[str, str]) -> None:
    right = dk.as_graph([(u, v, w) for (u, v), w in zip(WORDS, (5, 3, 4), strict=True)]).digest
    three = pd.DataFrame(WORDS, columns=ends).assign(MI=[5, 3, 4])
    assert {graph.digest for graph in readings(three)} == {right}
    four = three.assign(pvalue=[0.01, 0.02, 0.5])
    assert {graph.digest for graph in readings(four, weight="MI")} == {right}
    named = four.rename(columns={"MI": "weight"})
    assert {graph.digest for graph in readings(named)} == {right}
    assert {graph.digest for graph in readings(four)} == {right}  # p-values are no weights
    with pytest.raises(InputError, match="'MI' and 'score' hold numbers"):
        dk.as_graph(four.rename(columns={"pvalue": "score"}))


def test_two_other_columns_of_words_beside_one_end_are_asked_about() -> None:
    frame = pd.DataFrame(WORDS, columns=["gene", "target"]).assign(tissue=["x", "y", "x"], MI=[5, 3, 4])
    with pytest.raises(InputError, match="it is not clear which of the columns"):
        dk.as_graph(frame)


@pytest.mark.parametrize("pair", [("start", "end"), ("departure", "arrival"), ("from", "to")])
def test_times_and_two_columns_of_vertices_are_asked_about(pair: tuple[str, str]) -> None:
    frame = pd.DataFrame(WORDS, columns=["person", "friend"]).assign(
        **dict(zip(pair, ([1, 2, 3], [2, 5, 4]), strict=True))
    )
    for obj in (frame, io.StringIO(frame.to_csv(index=False))):
        with pytest.raises(InputError, match=f"may be 'person' and 'friend', or '{pair[0]}' and '{pair[1]}'"):
            dk.as_graph(obj)
    apart = frame.assign(person=["x", "y", "z"])  # no word stands in both columns
    assert dk.as_graph(apart).m == 3
    names = frame.rename(columns={"person": f"{pair[0]}_name", "friend": f"{pair[1]}_name"})
    assert dk.as_graph(names).reading.columns == pair
