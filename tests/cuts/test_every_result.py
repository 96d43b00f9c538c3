"""Every public class of results: copied, pickled, compared by content, shown in a notebook, saved."""

from __future__ import annotations

import copy
import datetime
import functools
import inspect
import pickle
from html.parser import HTMLParser

import networkx as nx
import numpy as np
import pytest
from tests.cuts.test_results import OTHERS, other_result, solved

import derandkit as dk
from derandkit.results import Result
from derandkit.tables import Tabled

LABELS = [(0, "a"), datetime.date(2024, 2, 29), np.int64(7), frozenset({1, 2}), "word"]
PAIRS = list(zip(LABELS, LABELS[1:] + LABELS[:1], strict=True))
#: Classes whose results are made in the tests of their own, with their packages.
ELSEWHERE = {"NetworkCertificate"}


@functools.cache
def made(name):
    """A result of a class, made from labels of many kinds where it has labels."""
    rows = np.arange(24.0).reshape(6, 4) ** 2
    return {
        "MaxCutResult": lambda: dk.maxcut(PAIRS),
        "ConstrainedCutResult": lambda: dk.maxcut(PAIRS, fixed={LABELS[0]: 0, LABELS[1]: 0}),
        "RankedCutsResult": lambda: dk.maxcut(PAIRS, solutions=2),
        "QuadraticResult": lambda: dk.minimize_ising({LABELS[0]: 1}, dict.fromkeys(PAIRS, 2)),
        "EmbeddingResult": lambda: solved("embedding"),
        "StructureResult": lambda: solved("structure"),
        "Derandomization": lambda: solved("derandomization"),
        "FeaturesResult": lambda: dk.random_features(rows, n_features=4),
    }[name]()


RECORDED = (
    "MaxCutResult", "ConstrainedCutResult", "RankedCutsResult", "QuadraticResult", "EmbeddingResult", "StructureResult",
    "Derandomization", "FeaturesResult",
)  # fmt: skip


def result(kind):
    return made(kind) if kind in RECORDED else other_result(kind)


def test_every_public_class_of_results_is_made_here():
    public = {getattr(dk, name) for name in dk.__all__ if inspect.isclass(getattr(dk, name))}
    classes = {item.__name__ for item in public if issubclass(item, Tabled) and not inspect.isabstract(item)}
    kinds = {type(result(kind)).__name__ for kind in (*RECORDED, *OTHERS)}
    assert classes - kinds == ELSEWHERE
    assert {item.__name__ for item in public if issubclass(item, Result)} <= {*RECORDED, *ELSEWHERE}


@pytest.mark.parametrize("kind", [*RECORDED, *OTHERS])
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda item: pickle.loads(pickle.dumps(item))])
def test_copies_are_equal(kind, again):
    one = result(kind)
    other = again(one)
    assert one == other
    assert hash(one) == hash(other)
    assert {one: 1}[other] == 1
    assert str(one) == str(other)
    assert one != 3


@pytest.mark.parametrize("kind", OTHERS)
def test_results_that_differ_are_unequal(kind):
    others = [result(other) for other in (*RECORDED, *OTHERS) if other != kind]
    assert result(kind) not in others


def test_results_of_other_graphs_are_unequal():
    one, other = (dk.relax_cut([("a", "b", weight)]) for weight in (1, 2))
    assert one != other
    assert one == dk.relax_cut([("a", "b", 1)])
    assert len({one, other, dk.relax_cut([("a", "b", 1)])}) == 2


@pytest.mark.parametrize("kind", RECORDED)
def test_what_is_saved_comes_back(tmp_path, kind):
    one = result(kind)
    one.save(tmp_path / "record.json")
    again = dk.load(tmp_path / "record.json")
    assert type(again) is type(one)
    assert again == one
    assert again.to_json() == one.to_json()


@pytest.mark.parametrize("kind", ["MaxCutResult", "ConstrainedCutResult", "RankedCutsResult"])
def test_labels_of_many_kinds_come_back(tmp_path, kind):
    one = result(kind)
    one.save(tmp_path / "record.json")
    for again in (dk.load(tmp_path / "record.json"), dk.load(tmp_path / "record.json", PAIRS)):
        assert again.labels == one.labels
        assert again.sides == one.sides
        assert set(again.sides) == set(LABELS)
    assert again.cut_edges() == one.cut_edges()
    assert again.membership == one.membership
    assert again.to_series().to_dict() == one.sides
    assert sorted(again.to_frame()["side"]) == sorted(one.membership)
    graph = one.instance.to_networkx()
    nx.set_node_attributes(graph, one.sides, "side")
    assert nx.get_node_attributes(graph, "side") == one.sides


class Balanced(HTMLParser):
    """Checks that every element is closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        """An element of one tag stays closed."""

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", [*RECORDED, *OTHERS])
def test_a_notebook_shows_it(kind):
    Balanced(result(kind)._repr_html_())
    assert "\n" not in repr(result(kind)) or kind in OTHERS
