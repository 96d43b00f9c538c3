"""Vertices that may be one, exports without edges, files that are cut short, tables that a database draws."""

import functools

import pytest
from tests import inputs
from tests.inputs import refused

from derandkit import as_graph


def read(folder, text, **options):
    return as_graph(inputs.write(folder, text, "g.csv"), **options)


refusal = functools.partial(refused, read)


@pytest.mark.parametrize(
    "line", ["source,target", "source,target,weight", "Source Target", "from\tto", "u v"]
)
def test_an_export_without_edges_is_no_edge(tmp_path, line):
    text = refusal(tmp_path, line + "\n")
    assert "column names and no edges, or an edge" in text
    assert "--no-header" in text
    assert "a header and no edges" in refusal(tmp_path, line + "\n", header=True)
    if len(line.replace(",", " ").split()) == 2:
        assert read(tmp_path, line + "\n", header=False).m == 1


@pytest.mark.parametrize(
    ("one", "other"), [("1", "01"), ("1", "+1"), ("0", "-0"), ("-1", "-01"), ("10", "010")]
)
@pytest.mark.parametrize("mark", [" ", ",", "\t"])
def test_two_spellings_of_a_whole_number(tmp_path, one, other, mark):
    for pairs in (
        [(one, "2"), ("2", "3"), (other, "3")],
        [(one, "b"), ("b", "c"), (other, "c"), ("b", "d"), ("c", "d")],
    ):
        text = "".join(f"{u}{mark}{v}{mark}5\n" for u, v in pairs)
        assert f"{one!r} and {other!r} may be one vertex or two" in refusal(tmp_path, text)
    assert read(tmp_path, f"001{mark}002{mark}5\n002{mark}003{mark}5\n").labels == ("001", "002", "003")
    assert read(tmp_path, f"-1{mark}1{mark}5\n1{mark}3{mark}5\n").n == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "a\u00a0"),
        ("a", "\u200ba"),
        ("a", "a "),
        ("a b", "a\u00a0b"),
        ("a b", "a  b"),
        ("\u00e9", "e\u0301"),
    ],
)
def test_words_that_look_alike(tmp_path, one, other):
    text = f'source,target,weight\n"{one}",x,3\n"{other}",y,4\n'
    assert "may be one vertex or two" in refusal(tmp_path, text)
    assert read(tmp_path, text.replace(f'"{other}"', "z")).n == 4
    if not one.count(" ") and not other.count(" "):
        words = f"s {one}\n{other} q\ns q\ns r\nq r\n"
        assert "may be" in refusal(tmp_path, words)


def test_words_that_differ_stay_apart(tmp_path):
    assert read(tmp_path, "\u00e9 b\ne b\n\u00c9 b\nE b\nb c\ne c\n").n == 6


@pytest.mark.parametrize(
    "head", ["% sym unweighted\n% 10 5 5\n", "# Nodes: 5 Edges: 10\n", "% asym signed\n% 10 5 5\n"]
)
def test_fewer_edges_than_announced(tmp_path, head):
    body = "1 2 1\n2 3 1\n1 5 -1\n3 4 1\n5 4 1\n"
    text = refusal(tmp_path, head + body)
    assert "announce 10 edges, but the file has 5" in text
    assert read(tmp_path, head.replace("10", "5") + body).m == 5
    assert read(tmp_path, head.replace("10", "4") + body).m == 5
    assert read(tmp_path, head + body, comments="#%").m == 5


def test_rules_of_dashes(tmp_path):
    g = read(tmp_path, "source\ttarget\n------\t------\na\tb\nb\tc\n")
    assert g.labels == ("a", "b", "c")
    assert "the rule of dashes below the header was left out" in g.reading.remarks
    drawn = " source | target | weight \n--------+--------+--------\n a      | b      |      3\n(1 row)\n"
    assert "as a database prints it" in refusal(tmp_path, drawn)
    assert "as a database prints it" in refusal(
        tmp_path, "+---+---+\n| u | v |\n+---+---+\n| a | b |\n+---+---+\n"
    )
