"""Signs of edges in a column of their own are read or asked about, and never left out beside sizes."""

from __future__ import annotations

import io
import json

import networkx as nx
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

ENDS = {"source": ["a", "b", "a"], "target": ["b", "c", "c"]}


def forms(frame: pd.DataFrame) -> list[object]:
    records = frame.to_dict("records")
    G = nx.from_pandas_edgelist(frame, edge_attr=True)
    return [
        frame,
        records,
        io.StringIO(frame.to_csv(index=False)),
        io.StringIO(frame.to_csv(index=False, sep="\t")),
        io.StringIO(json.dumps(records)),
        io.StringIO("\n".join(nx.generate_gml(G))),
        G,
    ]


@pytest.mark.parametrize(
    ("signs", "name"),
    [([-1, 1, 1], "sign"), (["-", "+", "+"], "effect"), (["negative", "positive", "positive"], "polarity")],
)
def test_signs_beside_sizes_are_asked_about(signs: list[object], name: str) -> None:
    frame = pd.DataFrame({**ENDS, "weight": [3, 2, 2], name: signs})
    for obj in forms(frame):
        with pytest.raises(InputError, match=f"'{name}' may hold the signs of the weights") as caught:
            dk.as_graph(obj)
        assert f"--weight {name} or --weight weight" in str(caught.value)
    for weight, total in ((name, 1), ("weight", 7)):
        assert all(dk.as_graph(obj, weight=weight).total_weight == total for obj in forms(frame)[1:5])
    assert dk.frustration(frame, weight=name).value == 1
    assert dk.as_graph(frame, weight=None).total_weight == 3


@pytest.mark.parametrize("name", ["type", "sign", "label"])
def test_marks_for_signs_are_weights_whatever_their_name(name: str) -> None:
    frame = pd.DataFrame({**ENDS, name: ["+", "+", "-"]})
    for obj in forms(frame):
        graph = dk.as_graph(obj)
        assert graph.total_weight == 1
        assert any(repr(name) in remark for remark in graph.reading.remarks)
    assert dk.frustration(frame).value == 1


def test_a_column_type_of_ones_is_asked_about() -> None:
    frame = pd.DataFrame({**ENDS, "type": [1, 1, -1]})
    for obj in forms(frame):
        with pytest.raises(InputError, match="'type' holds 1 and -1: the signs of the edges, or two kinds"):
            dk.as_graph(obj)
    for weight, total in (("type", 1), (None, 3)):
        assert all(dk.as_graph(obj, weight=weight).total_weight == total for obj in forms(frame))


@pytest.mark.parametrize(
    "columns",
    [
        {"weight": [3, -2, 2], "sign": [1, -1, 1]},  # the weights have their signs
        {"weight": [3, 2, 2], "sign": [1, 1, 1]},
        {"weight": [3, 2, 2], "strand": ["+", "-", "+"]},
        {"weight": [3, 2, 2], "type": ["Undirected"] * 3},
        {"weight": [3, 2, 2], "shift": [1, -1, 1]},
        {"weight": [3, 2, 2], "type": ["road", "rail", "road"]},
    ],
)
def test_other_columns_leave_no_doubt(columns: dict[str, list[object]]) -> None:
    frame = pd.DataFrame({**ENDS, **columns})
    for obj in forms(frame):
        assert dk.as_graph(obj).total_weight == sum(columns["weight"])


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"weight": [1, 2, 1], "sign": [-1, -1, -1]}, "'sign' may hold the signs of the weights"),
        ({"sign": ["P", "N", "N"]}, "'sign' may hold the signs of the edges in words"),
        ({"sign": ["friend", "enemy", "enemy"]}, "'sign' may hold the signs of the edges in words"),
        ({"polarity": [1, 0, 1]}, "'polarity' holds 1 and 0, which may be signs"),
        ({"negative": [0, 1, 0]}, "'negative' holds 1 and 0, which may be signs"),
    ],
)
def test_signs_of_one_kind_in_words_and_of_one_and_zero_are_asked_about(columns, words):
    for obj in forms(pd.DataFrame({**ENDS, **columns})):
        with pytest.raises(InputError, match=words):
            dk.as_graph(obj)


def test_columns_that_are_named_as_weights_are_read():
    for columns, name, total in (
        ({"sign": [1, 0, 1]}, "sign", 2),
        ({"weight": [3, 2, 2], "sign": list("PNN")}, "weight", 7),
    ):
        for obj in forms(pd.DataFrame({**ENDS, **columns})):
            assert dk.as_graph(obj, weight=name).total_weight == total
    for obj in forms(pd.DataFrame({**ENDS, "sign": list("PNN")})):
        assert dk.as_graph(obj, weight=None).total_weight == 3
    for obj in forms(pd.DataFrame({**ENDS, "weight": [0, 1, 1]})):
        assert dk.as_graph(obj).total_weight == 2
    for obj in forms(pd.DataFrame({**ENDS, "sign": [-1, -1, -1]})):
        assert dk.as_graph(obj).total_weight == -3


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("relation", "friend", "enemy"),
        ("type", "trust", "distrust"),
        ("interaction", "activation", "inhibition"),
        ("sign", "Ally", "Rival"),
        ("relationship", "like", "dislike"),
        ("kind", "plus", "minus"),
    ],
)
def test_signs_in_words_are_asked_about_and_read_where_they_are_named(
    name: str, one: str, other: str
) -> None:
    frame = pd.DataFrame({**ENDS, name: [one, one, other]})
    for obj in forms(frame):
        with pytest.raises(InputError, match=f"'{name}' may hold the signs of the edges in words, '{one}'"):
            dk.as_graph(obj)
    for obj in forms(frame):
        graph = dk.as_graph(obj, weight=name)
        assert graph.total_weight == 1
        assert f"'{one}' and '{other}' weigh 1 and -1" in graph.reading.remarks
    assert dk.frustration(frame, weight=name).value == 1
    assert all(dk.as_graph(obj, weight=None).total_weight == 3 for obj in forms(frame))
    sized = pd.DataFrame({**ENDS, "weight": [3, 2, 2], name: [one, one, other]})
    for obj in forms(sized):
        with pytest.raises(InputError, match=f"'{name}' may hold the signs of the weights in words"):
            dk.as_graph(obj)
    assert all(dk.as_graph(obj, weight="weight").total_weight == 7 for obj in forms(sized))


@pytest.mark.parametrize("values", [[1, 0, 1], [True, False, True], ["yes", "no", "no"]])
@pytest.mark.parametrize("name", ["is_negative", "hostile", "sign"])
def test_truths_about_signs_are_never_left_out(name: str, values: list[object]) -> None:
    for obj in forms(pd.DataFrame({**ENDS, "weight": [3, 2, 2], name: values})):
        with pytest.raises(InputError, match=f"'{name}' is true of some edges|'{name}' may hold the signs"):
            dk.as_graph(obj)
    for obj in forms(pd.DataFrame({**ENDS, name: values})):
        with pytest.raises(InputError, match=f"'{name}' (is true of some|holds 1 and 0|may hold the signs)"):
            dk.as_graph(obj)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("relation", ["friend", "colleague", "enemy"]),
        ("oneway", ["n", "n", "n"]),
        ("type", ["conflict", "conflict", "conflict"]),
        ("paved", ["yes", "no", "no"]),
        ("event", ["support", "support", "support"]),
    ],
)
def test_other_words_are_no_signs(name: str, values: list[object]) -> None:
    for obj in forms(pd.DataFrame({**ENDS, name: values})):
        graph = dk.as_graph(obj)
        assert graph.total_weight == 3
        assert any(name in remark for remark in graph.reading.remarks)


@pytest.mark.parametrize(("name", "values"), [("km", ["5", "3", "-2"]), ("sign", ["+1", "-1", "+1"])])
def test_numbers_as_text_are_never_left_out(name: str, values: list[object]) -> None:
    frame = pd.DataFrame({**ENDS, name: values})
    for obj in (frame, frame.to_dict("records"), nx.from_pandas_edgelist(frame, edge_attr=True)):
        with pytest.raises(InputError, match=f"'{name}' holds numbers as text"):
            dk.as_graph(obj)
        assert dk.as_graph(obj, weight=None).total_weight == 3
    numbers = frame.astype({name: float})
    assert dk.as_graph(numbers).total_weight == sum(map(float, values))
