"""Third columns that name one of the two ends, such as who won, are no weights."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

GAMES = [(1, 2, 1), (2, 3, 3), (3, 4, 3), (1, 4, 4), (2, 4, 2)]


@pytest.mark.parametrize(
    "header", ["", "player1,player2,winner", "source,target,winner", "team_a,team_b,champion"]
)
def test_who_won_is_no_weight(header: str) -> None:
    text = "".join(",".join(map(str, row)) + "\n" for row in GAMES)
    frame = pd.DataFrame(GAMES, columns=header.split(",") if header else None)
    given = [io.StringIO((header + "\n" if header else "") + text), frame]
    for held in given if header else [*given, GAMES, np.array(GAMES)]:
        with pytest.raises(
            InputError, match="is one of its two ends: a vertex, such as who won, or a weight"
        ):
            dk.as_graph(held)
    assert dk.as_graph(frame, weight=None).total_weight == 5
    total = sum(w for *_, w in GAMES)
    assert dk.as_graph({(u, v): w for u, v, w in GAMES}).total_weight == total
    if header:
        assert dk.as_graph(frame, weight=header.split(",")[2]).total_weight == total
    assert dk.as_graph(io.StringIO("source,target,weight\n" + text)).total_weight == total


@pytest.mark.parametrize(
    "edges",
    [
        [(2, 1, 2), (2, 3, 3), (3, 4, 4), (1, 4, 4)],  # the greater end of each
        [(2, 1, 1), (2, 3, 2), (4, 3, 3), (1, 4, 1)],
        [(1, 2, 1), (2, 3, 2), (3, 4, 3), (4, 1, 4)],  # the first one of each
        [(1, 2, 1), (2, 3, 3), (3, 4, 5), (1, 4, 4)],
        [(1, 2, 1), (2, 3, 3), (1, 3, 3)],
    ],
)
def test_weights_that_depend_on_the_ends_are_weights(edges: list[tuple[int, int, int]]) -> None:
    text = "".join(" ".join(map(str, row)) + "\n" for row in edges)
    for held in (edges, io.StringIO(text)) if len(edges) > 3 else (edges,):
        assert dk.as_graph(held).total_weight == sum(w for *_, w in edges)
