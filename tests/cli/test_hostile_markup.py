"""Names from files in pages and in notebooks: parsed as HTML, there is no element and no attribute but ours."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from pathlib import Path

import numpy as np
import pytest
from tests.markup import OURS, Elements
from tests.mutations import sealed_again

import derandkit as dk
from derandkit.reports.report import comparison_page, result_page

#: Each begins with a word that no page has, and ends or opens what it may stand in.
HOSTILE = [
    "evilone<script>alert(1)</script>",
    'eviltwo"><img src=x onerror=alert(1)>',
    "evilthree' onload='alert(1)",
    "evilfour</td></table><iframe src=//e.x>",
    "evilfive--><svg/onload=alert(1)>",
    "evilsix&lt;b&gt;&#60;i&#62;",
    "evilseven]]><a href=javascript:alert(1)>",
    "evileight</title></style></code><style>*{}",
    "evilnine\u202e\u2066\x1b[31m<u>",
]


def shown(text):
    """Parse a page; no name may obey, and what a terminal would obey is written out."""
    words = " ".join(Elements(text).words)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    return words


def ring(n):
    return [(HOSTILE[k], HOSTILE[(k + 1) % n], (-1) ** k * (k + 1)) for k in range(n)]


def points(names):
    rows = np.random.default_rng(1).normal(size=(12, len(names)))
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(rows, columns=names)


def network():
    pytest.importorskip("jax")
    X = np.random.default_rng(1).normal(size=(80, 3))
    kinds = [HOSTILE[5], HOSTILE[6]]  # names of classes
    y = np.array([kinds[int(x > 0)] for x in X[:, 0]])
    data = dk.RegressionData(X, y, names=tuple(HOSTILE[:3]), target=HOSTILE[3])
    return dk.discover_structure(data, dk.Student(width=3), max_steps=2, controls=False), data


@functools.cache
def case(name):
    """Return a result about names that are markup, and its instance."""
    if name == "cut":
        graph = dk.as_graph(ring(9))
        return dk.maxcut(graph), graph
    if name == "ranked":
        graph = dk.as_graph(ring(9))
        return dk.maxcut(graph, solutions=3, fixed={HOSTILE[0]: 0}), graph
    if name == "balance":
        graph = dk.SignedGraph(dk.as_graph(ring(9)))
        return dk.optimize(graph), graph
    if name == "dicut":
        arcs = dk.Arcs.from_arcs(ring(9))
        return dk.optimize(arcs), arcs
    if name in ("ising", "qubo"):
        J = {(u, v): w for u, v, w in ring(9)}
        make = dk.QuadraticModel.from_ising if name == "ising" else dk.QuadraticModel.from_qubo
        model = make({HOSTILE[0]: 1}, J) if name == "ising" else make(J | {(HOSTILE[0],) * 2: -3})
        return dk.optimize(model, fixed={HOSTILE[1]: 1}), model
    if name == "embedding":
        frame = points(HOSTILE[:8])
        return dk.embed(frame, n_components=2), frame
    if name == "features":
        frame = points(HOSTILE[:8])
        return dk.random_features(frame, 8), frame
    return network()


CASES = ["cut", "ranked", "balance", "dicut", "ising", "qubo", "embedding", "features", "structure"]


@pytest.mark.parametrize("name", CASES)
def test_pages_have_our_elements_alone(name):
    result, instance = case(name)
    held = [*HOSTILE, '<b>"', "'><i>"]
    for failing in (False, True):
        record = json.loads(result.to_json())
        if failing:
            record = sealed_again({**record, HOSTILE[1]: HOSTILE[0]})
        outcome = dk.verify(record, instance)
        assert outcome.ok is not failing
        given = None if name in ("embedding", "features", "structure") else instance
        shown(result_page(result, given, outcome=outcome, source=held[0], record=f"{held[1]}.json"))
        shown(outcome._repr_html_())


@pytest.mark.parametrize("name", CASES)
def test_what_notebooks_show_has_our_elements_alone(name):
    result, instance = case(name)
    shown(result._repr_html_())
    for field in dataclasses.fields(result) if dataclasses.is_dataclass(result) else ():
        part = getattr(result, field.name)
        if hasattr(part, "_repr_html_"):
            shown(part._repr_html_())
    if hasattr(instance, "_repr_html_") and name not in ("embedding", "features"):
        shown(instance._repr_html_())


@pytest.mark.parametrize("kind", ["cuts", "points"])
def test_comparisons_have_our_elements_alone(kind):
    if kind == "cuts":
        rows = dk.compare({HOSTILE[0]: dk.as_graph(ring(9)), HOSTILE[7]: dk.as_graph(ring(5))}, draws=2)
    else:
        clouds = {HOSTILE[k]: dk.PointCloud(points(HOSTILE[:4])) for k in (0, 7)}
        rows = dk.compare(clouds, problem="embedding", draws=2, n_components=2)
    assert "script>" in shown(comparison_page(rows))


def test_a_name_that_is_markup_is_noticed():
    """The parser can fail: a page that forgot to escape one name."""
    result, instance = case("cut")
    text = result_page(result, instance, source=HOSTILE[0])
    escaped = next(x for x in re.findall(r"evilone[^\n<]*", text))
    for name in (HOSTILE[k] for k in (0, 3, 6)):
        with pytest.raises(AssertionError):
            shown(text.replace(escaped, name, 1))


def test_the_elements_of_the_table_are_those_of_the_pages():
    sources = "".join(p.read_text() for p in Path(dk.__file__).parent.glob("reports/*.py"))
    assert {tag for tag in OURS if f"<{tag}" not in sources} <= {"html", "style"}
