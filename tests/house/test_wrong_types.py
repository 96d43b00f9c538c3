"""Every parameter of every public function refuses what it cannot use in one line: no TypeError from inside."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import DerandkitError, InputError, OptionError

pytest.importorskip("matplotlib")
#: What hardly any parameter takes.
WRONG = (
    object(),
    {"a": [1]},
    [None],
    "wrong",
    1.5,
    -3,
    b"x",
    (1, 2, 3),
    float("nan"),
    True,
    None,
    np.zeros((2, 2, 2)),
    "",
    1e300,
    10**400,
    -(10**400),
)
EDGES = [(0, 1), (1, 2), (2, 0), (2, 3)]
Q = {("a", "b"): 1.0, ("a", "a"): -1.0}
X = np.random.default_rng(0).normal(size=(30, 4))
#: Options that the functions with ``**options`` hand on.
HANDED_ON = ("fixed", "start", "target", "method", "search", "bound", "relaxation", "time_limit", "on_progress",
             "on_interrupt", "throw")  # fmt: skip
#: Those that need an extra which not every installation has, and are refused by its name.
EXTRAS = {"certify_network", "discover_structure", "from_jax"}


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """Return arguments and keywords with which each function works."""
    folder = tmp_path_factory.mktemp("files")
    graph, model = dk.as_graph(EDGES), dk.QuadraticModel.from_qubo(Q)
    cut, minimum, embedded = dk.maxcut(graph), dk.minimize_qubo(Q), dk.embed(X, n_components=2, holdout=False)
    objective = dk.QuadratureObjective(lambda z: (z**2).sum(axis=1), dimension=2)
    sampler = dk.GaussianSampler([1.0, 1.0], np.eye(2))
    for name, text in (
        ("g.txt", "1 2\n2 3\n"),
        ("c.cnf", "p cnf 2 1\n1 2 0\n"),
        ("q.qubo", "p qubo 0 2 2 1\n0 0 1\n1 1 -1\n0 1 2\n"),
    ):
        (folder / name).write_text(text)
    np.save(folder / "x.npy", X)
    cut.save(folder / "r.json")
    ising = ({"a": 1.0}, {("a", "b"): 1.0})
    return {
        "as_graph": (EDGES,), "bilinear_model": (X[:4],), "branch_and_bound": (graph,),
        "check_objective": (objective, sampler), "compare": ([EDGES],), "cut_norm": (X[:4],),
        "cut_norm_model": (X[:4],),
        "cycle_bound": (graph,), "derandomize": (objective, sampler),
        "embed": (X, {"n_components": 2, "holdout": False}),
        "frustration": ([(0, 1, 1), (1, 2, -1)],), "johnson_lindenstrauss_min_dim": (100, 0.5), "min_dim": (100, 0.5),
        "load": (folder / "r.json",), "max2sat": ([(1, 2)],), "maxcut": (EDGES,), "maxdicut": (EDGES,),
        "maximize_bilinear": (X[:4],), "maximize_ising": ising, "minimize_ising": ising, "maximize_qubo": (Q,),
        "minimize_qubo": (Q,), "measure_rows": (X, embedded), "optimize": (model,),
        "optimize_with_cardinality": (model, 1), "with_cardinality": (model, 1), "plot_cut": (graph, cut),
        "plot_quadratic": (minimum, Q), "random_features": (X, 4), "read_clauses": (folder / "c.cnf",),
        "read_graph": (folder / "g.txt",), "read_model": (folder / "q.qubo",), "read_points": (folder / "x.npy",),
        "relax_cut": (graph,), "sample_rows": (X, 4), "scan_pairs": (X, embedded),
        "search_cut": (graph, np.ones(4, dtype=np.int8)), "triangle_bound": (graph,), "verify": (cut, graph),
        "write_report": (cut, folder / "r.html"),
    }  # fmt: skip


FUNCTIONS = sorted(
    name for name in dk.__all__ if callable(getattr(dk, name)) and not inspect.isclass(getattr(dk, name))
)


@pytest.mark.parametrize("name", sorted({*FUNCTIONS} - EXTRAS))
def test_every_parameter_is_checked(calls, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a name such as "wrong" may be written
    function = getattr(dk, name)
    arguments = list(calls[name])
    keywords = arguments.pop() if isinstance(arguments[-1], dict) and name == "embed" else {}
    parameters = inspect.signature(function).parameters.values()
    placed = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    named = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    if any(p.kind is p.VAR_KEYWORD for p in parameters) and name != "compare":
        named += HANDED_ON
    said: list[str] = []
    for parameter in named:
        for wrong in WRONG:
            given, options = list(arguments), dict(keywords)
            if parameter in placed[: len(given)]:
                given[placed.index(parameter)] = wrong
            else:
                options[parameter] = wrong
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    function(*given, **options)
                except DerandkitError as error:
                    said.append(str(error))
                except Exception as error:
                    raise AssertionError(f"{name}({parameter}={wrong!r}): {error!r}") from error
    assert said
    assert not [line for line in said if "\n" in line]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: dk.maxcut(EDGES, header=False),
            r"maxcut\(\) has no option 'header'; pass derandkit.as_graph\(",
        ),
        (
            lambda: dk.minimize_qubo(Q, sense="max"),
            r"minimize_qubo\(\) has no option 'sense'; minimize_... and maximize_",
        ),
        (lambda: dk.minimize_qubo(Q, solutions=3), "derandkit.maxcut has it"),
        (lambda: dk.maxdicut(EDGES, searches="quick"), "did you mean 'search'"),
        (
            lambda: dk.max2sat([(1, 2)], foo=1),
            r"max2sat\(\) has no option 'foo'; it has clauses, weights, hard, fixed",
        ),
    ],
)
def test_an_option_that_is_none_says_where_it_is(call, words):
    with pytest.raises(OptionError, match=words):
        call()
    with pytest.raises(TypeError):
        call()
    with pytest.raises(InputError):
        call()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: dk.GaussianSampler("x", 1.0), "no array of numbers"),
        (lambda: dk.GaussianSampler([1.0, 2.0], [[1.0], [2.0, 3.0]]), "no array of numbers"),
        (lambda: dk.SearchEffort(work="x"), "work is a finite number, got 'x'"),
        (lambda: dk.SearchEffort(trajectories=1.5), "trajectories must be a whole number"),
        (lambda: dk.MeanObjective(X, "2"), "k must be a whole number from 1 on, got '2'"),
        (lambda: dk.ProbabilityObjective(X, None, 0.5), "k must be a whole number from 1 on, got None"),
        (lambda: dk.SignedGraph(EDGES), "graph must be of the type WeightedGraph, as derandkit.as_graph"),
    ],
)
def test_classes_refuse_wrong_types_too(make, words):
    with pytest.raises(InputError, match=words):
        make()
