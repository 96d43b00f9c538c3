"""Every function that can take long reports through one keyword, with one type, and what it reports makes sense."""

from __future__ import annotations

import inspect
import math
import typing

import networkx as nx
import numpy as np
import pytest

import derandkit
from derandkit.embeddings.estimator import DerandomizedProjection
from derandkit.errors import InputError
from derandkit.runtime.clock import Clock
from derandkit.runtime.interrupts import reporting
from derandkit.runtime.progress import OnProgress, Progress

#: Functions that solve, search or prove; the quadratic ones hand `**options` on to `optimize`.
LONG = (
    "branch_and_bound", "compare", "cycle_bound", "derandomize", "discover_structure", "embed", "maxcut",
    "optimize", "random_features", "relax_cut", "search_cut", "triangle_bound", "verify", "DerandomizedFourierFeatures",
    "DerandomizedProjection", "StructureClassifier", "StructureRegressor",
)  # fmt: skip
HANDED_ON = (
    "cut_norm", "frustration", "max2sat", "maxdicut", "maximize_bilinear", "maximize_ising", "maximize_qubo",
    "minimize_ising", "minimize_qubo", "optimize_with_cardinality",
)  # fmt: skip
GRAPH = nx.gnp_random_graph(24, 0.4, seed=1)
POINTS = np.sin(np.arange(400.0) ** 2).reshape(40, 10)
SMALL = derandkit.Teacher("tanh", 2, 1, nodes=512, evaluation_nodes=512)


def public_callables():
    for name in derandkit.__all__:
        value = getattr(derandkit, name)
        if callable(value):
            yield name, value


def annotation(function, name):
    """The type of a parameter, resolved where the function stands."""
    function = inspect.unwrap(function.__init__ if inspect.isclass(function) else function)
    text = function.__annotations__[name]
    names = {**vars(inspect.getmodule(function)), "OnProgress": OnProgress}
    return eval(text, names) if isinstance(text, str) else text


@pytest.mark.parametrize("name", LONG)
def test_every_long_function_has_the_keyword(name):
    parameter = inspect.signature(getattr(derandkit, name)).parameters["on_progress"]
    assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
    assert parameter.default is None
    assert annotation(getattr(derandkit, name), "on_progress") == OnProgress | None


def test_quadratic_functions_hand_it_on():
    from derandkit.quadratic.solve import Options

    hints = Options.__annotations__
    text = hints["on_progress"]
    assert "OnProgress | None" in str(getattr(text, "__forward_arg__", text))
    for name in HANDED_ON:
        parameters = inspect.signature(getattr(derandkit, name)).parameters.values()
        assert any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters), name


def test_no_function_reports_under_another_name():
    """What takes `time_limit` or `on_interrupt` can take long: it reports too. No other keyword reports progress."""
    for name, value in public_callables():
        try:
            parameters = inspect.signature(value).parameters
        except ValueError:
            continue
        if {"time_limit", "on_interrupt"} & set(parameters) and name != "SearchEffort":
            assert "on_progress" in parameters, name
        assert not {"on_step", "callback", "progress", "verbose"} & set(parameters), name


def test_the_list_is_complete():
    found = {
        name
        for name, value in public_callables()
        if not (inspect.isclass(value) and issubclass(value, BaseException))
        and "on_progress" in inspect.signature(value).parameters
    }
    assert found == set(LONG)
    assert typing.get_args(OnProgress)[0] == [Progress]


def cases():
    signs = np.ones(24, dtype=np.int8)
    graph = derandkit.as_graph(GRAPH)
    waves = derandkit.QuadratureObjective(lambda z: np.cos(z).sum(axis=1), dimension=2)
    law = derandkit.GaussianSampler(np.zeros(2), np.eye(2))
    search = derandkit.SearchEffort(work=2_000_000)
    return {
        "maxcut": lambda f: derandkit.maxcut(GRAPH, search=search, bound="best", on_progress=f),
        "relax_cut": lambda f: derandkit.relax_cut(GRAPH, on_progress=f),
        "search_cut": lambda f: derandkit.search_cut(graph, signs, effort=search, on_progress=f),
        "cycle_bound": lambda f: derandkit.cycle_bound(graph, on_progress=f),
        "triangle_bound": lambda f: derandkit.triangle_bound(graph, on_progress=f),
        "branch_and_bound": lambda f: derandkit.branch_and_bound(graph, on_progress=f),
        "derandomize": lambda f: derandkit.derandomize(waves, law, on_progress=f),
        "embed": lambda f: derandkit.embed(POINTS, n_components=4, on_progress=f),
        "DerandomizedProjection": lambda f: DerandomizedProjection(4, on_progress=f).fit(POINTS),
        "compare": lambda f: derandkit.compare({"g": GRAPH}, methods=["lemma", "greedy"], on_progress=f),
        "optimize": lambda f: derandkit.minimize_qubo(np.triu(np.ones((30, 30))) - 8 * np.eye(30), on_progress=f),
        "max2sat": lambda f: derandkit.max2sat([(1, 2), (-1, 2), (1, -2), (-1, -2)], on_progress=f),
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(cases()))
def test_every_long_function_reports(name):
    rows = []
    cases()[name](rows.append)
    assert rows, name
    assert {type(row) for row in rows} == {Progress}
    for row in rows:
        assert row.stage
        assert row.elapsed > 0.0
        assert row.done is None or 0.0 <= row.done <= 1.0
        assert row.total is None or row.step <= row.total
    assert [row.elapsed for row in rows] == sorted(row.elapsed for row in rows)


def test_structure_reports_after_training_too():
    """Evaluation takes long on many nodes: the last stage of training is not the last thing that is seen."""
    pytest.importorskip("jax")
    rows = []
    derandkit.discover_structure(SMALL, derandkit.Student(width=4), on_progress=rows.append)
    stages = list(dict.fromkeys(row.stage for row in rows))
    assert stages == ["train", "evaluate", "train with frozen bias", "train without penalty"]
    assert [row.done for row in rows if row.stage == "evaluate"][-1] == 1.0


def test_embeddings_report_before_and_after_the_fit():
    rows = []
    X = np.sin(np.arange(1320.0) ** 2).reshape(110, 12)
    derandkit.embed(X, n_components=4, on_progress=rows.append)
    stages = list(dict.fromkeys(row.stage for row in rows))
    assert stages[0].startswith("choose ridge, 1 of 2: ")
    assert "derandomize" in stages
    assert stages[-1].startswith("hold out, ")


def test_quadratic_functions_report_values_of_the_problem():
    """Not of the cut: the best value seen at the end is that of the result, and every bound is one on it."""
    Q = np.triu(np.sin(np.arange(900.0) ** 2).reshape(30, 30))
    rows = []
    result = derandkit.minimize_qubo(Q, on_progress=rows.append)
    best = min(row.value for row in rows if row.stage in ("search", "prove", "certify"))
    assert best == pytest.approx(result.value, abs=1e-9)
    assert all(row.bound <= result.value + 1e-6 for row in rows if row.bound is not None)


@pytest.mark.parametrize("workers", [1, 2])
def test_comparisons_count_rows_with_any_number_of_processes(workers):
    graphs = {"a": GRAPH, "folder/b": nx.petersen_graph()}
    rows = []
    derandkit.compare(graphs, methods=["lemma", "greedy"], workers=workers, on_progress=rows.append)
    assert rows[-1].stage == "b: greedy"  # a file is named without its folders
    assert (rows[-1].step, rows[-1].total, rows[-1].done) == (4, 4, 1.0)


def test_a_record_of_progress_is_frozen_and_time_is_no_part_of_it():
    one, other = Progress("relax", 1.0, elapsed=1.0), Progress("relax", 1.0, elapsed=2.0)
    assert one == other
    with pytest.raises(AttributeError):
        one.value = 2.0
    assert math.isnan(Progress("a: b", math.nan).value)


def test_what_a_callback_raises_ends_the_call():
    def fail(progress):
        raise InputError("enough")

    with pytest.raises(InputError, match="enough"):
        reporting(Clock(), fail)(Progress("relax", 1.0))


def test_the_old_keyword_of_the_engine_still_works():
    waves = derandkit.QuadratureObjective(lambda z: np.cos(z).sum(axis=1), dimension=1)
    rows = []
    with pytest.warns(DeprecationWarning, match=r"derandomize\(on_progress=\.\.\.\)"):
        derandkit.derandomize(waves, derandkit.GaussianSampler([0.0], [[1.0]]), on_step=rows.append)
    assert rows[0].stage == "derandomize"
    assert isinstance(rows[0].law, derandkit.GaussianSampler)
