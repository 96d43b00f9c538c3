"""Blanks inside cells: what separates the columns where two signs would do."""

from __future__ import annotations

import io

import pytest

import derandkit as dk
from derandkit.errors import InputError

TRIANGLE = dk.as_graph([("Area 1", "Area 2"), ("Area 2", "Area 3"), ("Area 1", "Area 3")]).digest
NAMES = {",": "comma", ";": "semicolon", "|": "bar"}


@pytest.mark.parametrize("mark", NAMES)
def test_names_that_end_in_numbers_are_not_split(mark: str) -> None:
    text = "".join(f"Area {u}{mark}Area {v}\n" for u, v in ((1, 2), (2, 3), (1, 3)))
    with pytest.raises(InputError, match=f"may be separated by blank or {NAMES[mark]}, as in .*--separator"):
        dk.read_graph(io.StringIO(text))
    assert dk.read_graph(io.StringIO(text), separator=NAMES[mark]).digest == TRIANGLE
    assert dk.read_graph(io.StringIO(text.replace(mark, "\t"))).digest == TRIANGLE


@pytest.mark.parametrize(
    "text",
    [
        "A,B,5 Jan 2020\nB,C,6 Jan 2020\n", "A,B,Jan 5 2020\nB,C,Jan 6 2020\n", "1 2,3 4\n3 4,5 6\n",
        "1 000,2 000\n2 000,3 000\n", "x 1.5,y 2.5\ny 2.5,z 3.5\n", "X\tZone 1\nY\tZone 2\n",
        "X\tZone 1\nY\tZone 2\nX\tZone 2\nZ\tZone 3\nX\tZone 3\n", "A,B,2013-12-31 16:39\nB,C,2013-12-31 16:40\n",
    ],
)  # fmt: skip
def test_two_signs_that_part_all_lines_are_asked_about(text: str) -> None:
    with pytest.raises(InputError, match=r"may be separated by blank or (comma|tab)"):
        dk.read_graph(io.StringIO(text))


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("Smith,John Doe,Jane 3\nDoe,Jane Roe,Jim 4\n", [("Smith,John", "Doe,Jane", 3), ("Doe,Jane", "Roe,Jim", 4)]),
        ("sp|P1 sp|Q1 3\nsp|Q1 sp|R1 4\n", [("sp|P1", "sp|Q1", 3), ("sp|Q1", "sp|R1", 4)]),
        ("A B 3,5\nB C 4,5\n", [("A", "B", 3.5), ("B", "C", 4.5)]),
        ("A, B, 5\nB, C, 4\n", [("A", "B", 5), ("B", "C", 4)]),
        ("1\t2 3\n2\t3 4\n3\t4 5\n4\t1 9\n", [(1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 1, 9)]),
        ("New York\tBoston\t3\nBoston\tLos Angeles\t4\n", [("New York", "Boston", 3), ("Boston", "Los Angeles", 4)]),
    ],
)  # fmt: skip
def test_what_leaves_no_doubt_is_read(text: str, edges: list[tuple[object, ...]]) -> None:
    assert dk.read_graph(io.StringIO(text)).digest == dk.as_graph(edges).digest


def test_tabs_part_a_table_whose_dates_hold_blanks() -> None:
    text = (
        "SOURCE_SUBREDDIT\tTARGET_SUBREDDIT\tPOST_ID\tTIMESTAMP\tLINK_SENTIMENT\n"
        "league\tteamred\t1u4nrps\t2013-12-31 16:39:58\t1\nlol\tredd\t1u4qkd\t2013-12-31 18:18:37\t-1\n"
    )
    assert (
        dk.read_graph(io.StringIO(text)).digest
        == dk.as_graph([("league", "teamred", 1), ("lol", "redd", -1)]).digest
    )
    named = "source\ttarget\ttime\nA\tB\t2013-12-31 16:39:58\nB\tC\t2013-12-31 18:18:37\n"
    assert dk.read_graph(io.StringIO(named)).digest == dk.as_graph([("A", "B"), ("B", "C")]).digest
    bare = named.partition("\n")[2]
    with pytest.raises(InputError, match="the third column holds dates or times"):
        dk.read_graph(io.StringIO(bare))
    assert (
        dk.read_graph(io.StringIO(bare), weight=None).digest == dk.as_graph([("A", "B"), ("B", "C")]).digest
    )
