"""Contracts of all public functions: options in words, `throw`, `rng`, and one name for an option everywhere."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import types
import typing
from collections.abc import Collection, Iterable

import networkx as nx
import numpy as np
import pytest

import derandkit
import derandkit.datasets
from derandkit.errors import ConvergenceError, InputError

EVERYTHING = {
    **{name: getattr(derandkit.datasets, name) for name in derandkit.datasets.__all__},
    **{name: getattr(derandkit, name) for name in derandkit.__all__},
}
GRAPH = nx.petersen_graph()
POINTS = np.sin(np.arange(60.0) ** 2).reshape(12, 5)
LAW = derandkit.GaussianSampler(np.zeros(2), np.eye(2))
WAVES = derandkit.QuadratureObjective(lambda z: np.cos(z).sum(axis=1), dimension=2)


class Untouched:
    """An instance that must not be looked at: options are refused before any work."""

    def __getattribute__(self, name):
        if name == "__class__":
            return object.__getattribute__(self, name)
        raise AssertionError(f"the instance was looked at: {name}")


#: A call of every function and class with words for an option, on an instance that must not be read where there is one.
CALLS = {
    "maxcut": lambda **o: derandkit.maxcut(Untouched(), **o),
    "relax_cut": lambda **o: derandkit.relax_cut(Untouched(), **o),
    "search_cut": lambda **o: derandkit.search_cut(Untouched(), None, **o),
    "branch_and_bound": lambda **o: derandkit.branch_and_bound(Untouched(), **o),
    "cycle_bound": lambda **o: derandkit.cycle_bound(Untouched(), **o),
    "triangle_bound": lambda **o: derandkit.triangle_bound(Untouched(), **o),
    "optimize": lambda **o: derandkit.optimize(Untouched(), **o),
    "frustration": lambda **o: derandkit.frustration(Untouched(), **o),
    "verify": lambda **o: derandkit.verify(Untouched(), Untouched(), **o),
    "embed": lambda **o: derandkit.embed(Untouched(), n_components=2, **o),
    "random_features": lambda **o: derandkit.random_features(Untouched(), 2, **o),
    "scan_pairs": lambda **o: derandkit.scan_pairs(Untouched(), None, **o),
    "FourierObjective": lambda **o: derandkit.FourierObjective(Untouched(), 2, **o),
    "DerandomizedFourierFeatures": lambda **o: derandkit.DerandomizedFourierFeatures(2, **o).fit(POINTS),
    "DerandomizedProjection": lambda **o: derandkit.DerandomizedProjection(2, **o).fit(POINTS),
    "RegressionData": lambda **o: derandkit.RegressionData(Untouched(), None, **o),
    "StructureClassifier": lambda **o: derandkit.StructureClassifier(**o).fit(POINTS, np.arange(12) % 2),
    "StructureRegressor": lambda **o: derandkit.StructureRegressor(**o).fit(POINTS, np.arange(12.0)),
    "certify_network": lambda **o: derandkit.certify_network(Untouched(), Untouched(), None, **o),
    "discover_structure": lambda **o: derandkit.discover_structure(derandkit.Teacher("tanh", 2), **o),
    "derandomize": lambda **o: derandkit.derandomize(WAVES, LAW, **o),
    "compare": lambda **o: derandkit.compare([Untouched()], **o),
    "as_graph": lambda **o: derandkit.as_graph(str(nx), **o),
    "read_graph": lambda **o: derandkit.read_graph("missing.txt", **o),
    "read_model": lambda **o: derandkit.read_model("missing.coo", **o),
    "family": lambda **o: derandkit.datasets.family(n=9, **o),
    "family_recipe": lambda **o: derandkit.datasets.family_recipe(n=9, **o),
    "Teacher": lambda **o: derandkit.Teacher(**{"link": "tanh", "dimension": 2, **o}),
    "Student": lambda **o: derandkit.Student(**o),
    "StochasticGradient": lambda **o: derandkit.StochasticGradient(**o),
    "ConditionalExpectations": lambda **o: derandkit.ConditionalExpectations(**o),
    "QuadratureObjective": lambda **o: derandkit.QuadratureObjective(np.sin, dimension=2, **o),
    "QuadraticModel": lambda **o: derandkit.QuadraticModel(
        derandkit.WeightedGraph.from_edges([0], [1]), np.zeros(2), **o
    ),
}  # fmt: skip
#: Words that say what something is and are no choice of the caller.
NO_OPTION = {
    ("QuadraticResult", "sense"), ("QuadraticResult", "vartype"), ("VerificationCheck", "verdict"), ("maxcut", "pairs"),
}  # fmt: skip


def words_of(hint):
    """All words of the literals in a type, and whether several may be given."""
    several = typing.get_origin(hint) in (Collection, Iterable, list, tuple)
    if typing.get_origin(hint) is typing.Literal:
        return [word for word in typing.get_args(hint) if isinstance(word, str)], False
    words = []
    for part in typing.get_args(hint):
        if part is not types.NoneType and not isinstance(part, (list, str)):
            found, many = words_of(part)
            words += found
            several |= many and bool(found)
    return words, several and bool(words)


def hints_of(value):
    """Types of the parameters of a function or class, names that exist only for type checkers included."""
    function = inspect.unwrap(value)
    function = function.__init__ if inspect.isclass(function) else function
    module = inspect.getmodule(value if inspect.isclass(value) else function)
    names = names_of(module)
    for key, text in getattr(function, "__annotations__", {}).items():
        if isinstance(text, str):
            try:
                yield key, eval(text, names)
            except NameError:
                continue  # an alias of the module that exists for type checkers alone, and no words
        else:
            yield key, text


@functools.cache
def names_of(module):
    """Names that a module knows, those for type checkers included."""
    names = dict(vars(module))
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if alias.name != "*" and (alias.asname or alias.name) not in names:
                    source = importlib.import_module(node.module)
                    if hasattr(source, alias.name):
                        names[alias.asname or alias.name] = getattr(source, alias.name)
    # an alias that is written as a text stands for JSON, and has no words
    return {name: object if isinstance(value, str) else value for name, value in names.items()}


def options():
    """Every public option that takes words: function, option, words, whether several may be given."""
    for name, value in EVERYTHING.items():
        if not callable(value) or (inspect.isclass(value) and issubclass(value, BaseException)):
            continue
        for option, hint in hints_of(value):
            words, several = words_of(hint)
            if words and option != "return" and (name, option) not in NO_OPTION:
                yield name, option, tuple(dict.fromkeys(words)), several


OPTIONS = list(options())


def test_the_options_that_take_words_are_found():
    found = {(name, option) for name, option, _, _ in OPTIONS}
    assert found >= {
        ("maxcut", "search"), ("maxcut", "bound"), ("maxcut", "method"), ("maxcut", "relaxation"),
        ("maxcut", "on_interrupt"), ("embed", "method"), ("embed", "complement"), ("discover_structure", "loss"),
        ("discover_structure", "method"), ("discover_structure", "frozen"), ("discover_structure", "penalty"),
        ("compare", "backend"), ("compare", "problem"), ("compare", "methods"), ("compare", "local_search"),
        ("branch_and_bound", "bound"), ("optimize", "bound"), ("Student", "activation"), ("Teacher", "link"),
        ("Teacher", "inputs"), ("read_model", "vartype"), ("as_graph", "input_format"), ("read_graph", "symmetrize"),
    }  # fmt: skip
    assert {name for name, *_ in OPTIONS} <= set(CALLS)


@pytest.mark.parametrize(("name", "option", "words", "several"), OPTIONS, ids=lambda x: str(x)[:24])
def test_a_wrong_word_is_refused_before_any_work(name, option, words, several):
    if name in ("discover_structure", "Teacher", "Student", "StochasticGradient") or name.startswith(
        "Structure"
    ):
        pytest.importorskip("jax")
    if name == "DerandomizedProjection" or name.startswith("Structure"):
        pytest.importorskip("sklearn")
    right = max(words, key=len)
    wrong = right[:-2] + right[-1]
    given = [wrong] if several else wrong
    with pytest.raises(InputError) as caught:
        CALLS[name](**{option: given})
    message = str(caught.value)
    assert message.startswith(f"{option}={wrong!r} is not one of "), message
    for word in words:
        if name != "compare" or option != "methods":  # those of the other problem do not count
            assert word in message
    assert f"did you mean {right!r}?" in message or name == "compare"
    assert "\n" not in message


def test_a_wrong_relation_of_a_pair_names_the_nearest():
    with pytest.raises(InputError, match="='oposite' is not one of same, opposite; did you mean 'opposite'"):
        derandkit.maxcut(GRAPH, pairs=[(0, 1, "oposite")])


# -- throw and rng --------------------------------------------------------------------------------------------------

THROW = ("derandomize", "discover_structure", "embed", "maxcut", "optimize", "random_features")


def test_throw_is_wherever_a_result_has_a_status():
    found = {
        name
        for name, value in EVERYTHING.items()
        if callable(value) and not inspect.isclass(value) and "throw" in inspect.signature(value).parameters
    }
    assert found == set(THROW)
    statuses = {
        name
        for name, value in EVERYTHING.items()
        if inspect.isfunction(inspect.unwrap(value))
        and inspect.signature(value).return_annotation
        in (
            "MaxCutResult",
            "QuadraticResult",
            "CardinalityResult",
            "CutNorm",
            "EmbeddingResult",
            "FeaturesResult",
            "StructureResult",
            "Derandomization",
        )
    }
    quadratic = {
        "cut_norm", "frustration", "max2sat", "maxdicut", "maximize_bilinear", "maximize_ising", "maximize_qubo",
        "minimize_ising", "minimize_qubo", "optimize_with_cardinality",
    }  # fmt: skip
    assert statuses == set(THROW) | quadratic
    for name in THROW:
        parameter = inspect.signature(EVERYTHING[name]).parameters["throw"]
        assert parameter.default is False
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY


def stop(progress):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "call",
    [
        lambda **o: derandkit.maxcut(nx.gnp_random_graph(40, 0.5, seed=1), max_sweeps=1, bound="sdp", **o),
        lambda **o: derandkit.embed(
            np.sin(np.arange(400.0) ** 2).reshape(40, 10), n_components=3, on_progress=stop, on_interrupt="return", **o
        ),
        lambda **o: derandkit.minimize_qubo(
            np.triu(np.sin(np.arange(2500.0) ** 2).reshape(50, 50)), on_progress=stop, on_interrupt="return", **o
        ),
        lambda **o: derandkit.derandomize(
            derandkit.QuadratureObjective(lambda z: z[:, 0], dimension=1),
            derandkit.GaussianSampler([0.0], [[1.0]]), **o
        ),
    ],
    ids=["maxcut", "embed", "minimize_qubo", "derandomize"],
)  # fmt: skip
def test_throw_raises_exactly_when_the_status_is_not_ok(call):
    result = call()
    assert not result.status.ok
    with pytest.raises(ConvergenceError, match=f"^{result.message[:20]}") as caught:
        call(throw=True)
    assert caught.value.result.status is result.status
    with pytest.raises(ConvergenceError):
        result.require()


def test_rng_is_none_by_default_and_only_where_something_is_random():
    found = {}
    for name, value in EVERYTHING.items():
        if callable(value) and not (inspect.isclass(value) and issubclass(value, BaseException)):
            parameters = inspect.signature(value).parameters
            assert not {"seed_", "random_state", "generator"} & set(parameters)
            if "rng" in parameters:
                found[name] = parameters["rng"].default
    assert found == dict.fromkeys(
        ("PerturbedGradientDescent", "RandomSampling", "StochasticGradient", "compare", "verify")
    )


def test_comparisons_with_a_seed_repeat_and_without_one_do_not():
    graph = {"g": nx.gnp_random_graph(40, 0.5, seed=1)}

    def values(**rng):
        rows = derandkit.compare(graph, methods=["hyperplane"], draws=3, **rng)
        return [row.value for row in rows]

    assert values(rng=5) == values(rng=5)
    assert len({tuple(values()) for _ in range(3)}) > 1


# -- tables and old names ---------------------------------------------------------------------------------------------


def test_tables_of_methods_have_the_names_of_their_literals():
    from derandkit.comparison import options as words
    from derandkit.comparison.problems import PROBLEMS
    from derandkit.signs import options as signs
    from derandkit.signs.improve import PROOFS
    from derandkit.signs.search.search import WORK
    from derandkit.signs.solve import METHODS
    from derandkit.structure.choices import LINK_NAMES
    from derandkit.structure.teacher import LINKS

    assert tuple(PROBLEMS) == words.PROBLEM_NAMES
    assert tuple(PROBLEMS["maxcut"].methods) == words.CUT_METHODS
    assert tuple(PROBLEMS["embedding"].methods) == words.EMBEDDING_METHODS
    assert tuple(PROBLEMS["features"].methods) == words.FEATURE_METHODS
    assert tuple(PROBLEMS["max2sat"].methods) == words.QUADRATIC_METHODS
    assert tuple(METHODS) == signs.DERANDOMIZERS
    assert tuple(PROOFS) == (*signs.BOUNDS, "brief")  # a plan of `optimize`, which users do not choose
    assert tuple(WORK) == signs.EFFORTS
    assert tuple(LINKS) == LINK_NAMES


# -- renamed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new"), sorted(derandkit._RENAMED.items()))
def test_old_names_work_with_a_warning_that_names_the_new_one(old, new):
    with pytest.warns(
        DeprecationWarning, match=rf"^derandkit\.{old} is now derandkit\.{new}; .* version 0\.4\.0$"
    ) as caught:
        value = getattr(derandkit, old)
    assert value is getattr(derandkit, new)
    assert value.__name__ == new
    assert caught[0].filename == __file__
    with pytest.warns(DeprecationWarning, match=new):
        exec(f"from derandkit import {old}", {})
    assert old not in derandkit.__all__
    assert old not in dir(derandkit)


def test_the_page_of_the_interface_lists_old_names_beside_new_ones():
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    for old, new in derandkit._RENAMED.items():
        assert f"| `{old}` | `derandkit.{new}` |" in page


def test_a_name_that_never_was_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Statuses'"):
        derandkit.Statuses  # noqa: B018
