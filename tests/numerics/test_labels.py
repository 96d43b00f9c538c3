"""Labels as JSON: every kind comes back, no two labels share a text, and nothing depends on the run."""

from __future__ import annotations

import datetime
import enum
import json
import uuid
from decimal import Decimal
from fractions import Fraction

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import derandkit
from derandkit.errors import InputError
from derandkit.graphs.files import as_graph
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.label_json import ForeignLabel, json_of, label_of
from derandkit.graphs.labels import label_lines, plain_label


class Color(enum.Enum):
    RED = 1
    BLUE = 2


ATOMS = st.one_of(
    st.none(),
    st.integers(),
    # whole numbers beyond 2^53 may have been rounded, and are refused
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not 2.0**53 <= abs(x) <= 2.0**64),
    st.text(st.characters(codec="utf-8"), max_size=4),
    st.binary(max_size=3),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.fractions(),
    st.complex_numbers(allow_nan=False, allow_infinity=False),
    st.uuids(),
    st.sampled_from(Color),
)
LABELS = st.recursive(
    ATOMS,
    lambda inner: st.tuples(inner) | st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=5,
)


@given(LABELS)
def test_every_label_comes_back(label):
    label = plain_label(label)
    text = json.dumps(json_of(label))
    again = label_of(json.loads(text), enums=[Color])
    assert again == label
    assert hash(again) == hash(label)
    assert json.dumps(json_of(again)) == text


@given(LABELS, LABELS)
def test_labels_that_differ_have_texts_that_differ(one, two):
    one, two = plain_label(one), plain_label(two)
    if one != two:
        assert json_of(one) != json_of(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (frozenset({1}), "{1}"),
        (frozenset({"a, b"}), frozenset({"a", "b"})),
        (datetime.date(2026, 1, 1), "2026-01-01"),
        (b"ab", "b'ab'"),
        (Color.RED, "Color.RED"),
        (Fraction(1, 2), Decimal("0.50")),
        ((1, 2), "(1, 2)"),
        ((np.int64(1),), ("1",)),
    ],
)
def test_digests_tell_kinds_of_labels_apart(one, two):
    assert as_graph([(one, "z")]).digest != as_graph([(two, "z")]).digest


def test_digests_agree_on_labels_that_are_equal():
    assert as_graph([((np.int64(1), 2.0), "z")]).digest == as_graph([((1, 2), "z")]).digest
    assert as_graph([(frozenset({True}), "z")]).digest == as_graph([(frozenset({1}), "z")]).digest


@pytest.mark.parametrize(
    "nodes",
    [
        [(0, 0), (0, 1), (1, 0), (1, 1)],
        [frozenset({1, 2}), frozenset({2, 3}), frozenset({3}), frozenset()],
        [datetime.date(2026, 1, k) for k in range(1, 5)],
        [b"a", b"b", b"c", b"d"],
        [uuid.UUID(int=k) for k in range(4)],
        [("x",), "None", 0, 0.5],
    ],
)
def test_a_result_gives_its_labels_back(nodes):
    graph = nx.relabel_nodes(nx.cycle_graph(4), dict(enumerate(nodes)))
    result = derandkit.maxcut(graph)
    again = type(result).from_json(result.to_json())
    assert [set(side) for side in again.partition] == [set(side) for side in result.partition]
    assert set().union(*again.partition) == set(nodes)
    assert derandkit.verify(again, graph).ok


def test_what_cannot_come_back_says_what_it_was():
    stamp = pd.Timestamp("2026-01-31 12:00:00.000000001")
    label = label_of(json_of(stamp))
    kind = f"{pd.Timestamp.__module__}.{pd.Timestamp.__qualname__}"  # a private module in older versions
    assert label == ForeignLabel("other", kind, "2026-01-31 12:00:00.000000001")
    assert label_of(json_of(Color.RED)) == ForeignLabel("enum", f"{__name__}.Color", "RED")
    assert json_of(label) == json_of(stamp)


class Twin:
    """Two of these differ and read alike."""

    def __str__(self):
        return "twin"


def test_labels_that_nothing_tells_apart_are_refused():
    with pytest.raises(InputError, match=r"two vertex labels of type Twin read 'twin'"):
        WeightedGraph.from_edges([0], [1], labels=[Twin(), Twin()])
    with pytest.raises(InputError, match="not a finite number"):
        as_graph([((1, float("nan")), "x", 2)])


@pytest.mark.parametrize(
    "value",
    [True, {}, {"date": 1}, {"date": "x"}, {"bytes": "zz"}, {"unknown": 1}, {"enum": ["a"]}, {"frozenset": 1},
     {"frozenset": [{}]}, {"date": "2026-01-01", "time": "12:00"}, {"fraction": "1/0"}, {"decimal": "x"},
     {"complex": [1, 2, 3]}, {"timedelta": ["x"]}, {"uuid": "1"}, {"other": [1, 2]}],
)  # fmt: skip
def test_what_is_no_label_is_refused(value):
    with pytest.raises(InputError, match="is not a vertex label"):
        label_of(value)


def test_nesting_without_end_is_refused():
    value: list = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(InputError, match="nested too deeply"):
        label_of(value)


def test_plain_labels_keep_their_bytes():
    lines = b"".join(label_lines(("a", 1, 0.5, None, (1, "b"))))
    assert lines == b'"a"\n1\n0.5\nnull\n[1, "b"]\n'
