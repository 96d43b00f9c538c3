"""A word of an option may be a text of NumPy or of an enumeration: it is the text that it is, also in records."""

from __future__ import annotations

import enum

import numpy as np
import pytest

import derandkit as dk

X = np.random.default_rng(0).standard_normal((30, 4))
EDGES = [("a", "b", 1), ("b", "c", 2), ("c", "a", 3)]
QUBO = {(0, 1): 1, (0, 0): -1}
TEACHER = dk.Teacher("tanh", 2, nodes=1024, evaluation_nodes=2048)

CALLS = {
    "objective": lambda w: dk.embed(X, n_components=2, objective=w("max"), holdout=False).to_json(),
    "mean": lambda w: dk.embed(
        X, n_components=2, objective=w("mean"), method=w("lemma"), holdout=False
    ).to_json(),
    "new points": lambda w: dk.embed(X, n_components=2, new_points=w("neighbours"), holdout=False).to_json(),
    "kernel": lambda w: dk.random_features(X, 4, kernel=w("matern"), length_scale=w("median")).to_json(),
    "width": lambda w: dk.random_features(X, 4, gamma=w("scale"), method=w("lemma")).to_json(),
    "cut": lambda w: dk.maxcut(
        EDGES, relaxation=w("lowrank"), method=w("lemma"), bound=w("sdp"), search=w("quick")
    ).to_json(),
    "weight": lambda w: dk.maxcut([("a", "b", {"km": 2})], weight=w("km")).to_json(),
    "relation": lambda w: dk.maxcut(EDGES, pairs=[("a", "b", w("same"))]).to_json(),
    "symmetrize": lambda w: dk.maxcut(np.array([[0, 1], [3, 0]]), symmetrize=w("sum")).to_json(),
    "problem": lambda w: dk.minimize_qubo(QUBO, bound=w("best"), relaxation=w("triangles")).to_json(),
    "sense": lambda w: repr(dk.QuadraticModel.from_qubo(QUBO, sense=w("maximize"))),
    "order": lambda w: repr(dk.ConditionalExpectations(order=w("given"))),
    "student": lambda w: repr(dk.Student(4, activation=w("gelu"), start=w("balanced"))),
    "teacher": lambda w: repr(dk.Teacher(w("tanh"), 2, inputs=w("uniform"))),
    "task": lambda w: repr(dk.RegressionData(X, X[:, 0], task=w("numbers"))),
    "compared": lambda w: repr(
        [row.method for row in dk.compare({"g": dk.as_graph(EDGES)}, methods=[w("greedy")], rng=0)]
    ),
    "loss": lambda w: dk.discover_structure(
        TEACHER, dk.Student(4), loss=w("squared"), method=w("lemma"), max_steps=1, controls=False
    ).to_json(),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_text_of_numpy_is_the_word_that_it_is(name):
    """``objective=np.str_("max")`` was none of max, mean and mean4; did you mean max?"""
    assert CALLS[name](np.str_) == CALLS[name](str)


@pytest.mark.parametrize("name", CALLS)
def test_a_member_of_an_enumeration_of_texts_is_the_word_that_it_is(name):
    """The type was known by its name, ``str_``; other texts than those of NumPy were refused."""

    def word(text):
        return enum.Enum("Words", {"IT": text}, type=str).IT

    assert CALLS[name](word) == CALLS[name](str)


def test_a_wrong_text_of_numpy_is_refused():
    with pytest.raises(dk.InputError, match="did you mean 'max'"):
        dk.embed(X, n_components=2, objective=np.str_("maxx"))
