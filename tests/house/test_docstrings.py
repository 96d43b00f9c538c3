"""Docstrings of the public names: complete sections in numpydoc's form, with examples that show their output.

The examples themselves run as doctests (``--doctest-modules``).
"""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import re
import textwrap
from functools import cache
from pathlib import Path

import pytest

import derandkit
from derandkit import errors
from derandkit.engine.method import Method

NAMES = sorted(name for name in derandkit.__all__ if not name.startswith("__"))
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(derandkit, name))]
CLASSES = [name for name in NAMES if inspect.isclass(getattr(derandkit, name))]
HEADINGS = (
    "Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns", "See Also", "Notes", "References", "Examples",
)  # fmt: skip


def sections(documented) -> dict[str, str]:
    """Headings of a docstring, in their order, with what is below each."""
    text = inspect.cleandoc(documented.__doc__ or "") + "\n"
    found = re.finditer(
        r"^([A-Z][A-Za-z ]+)\n-{3,}\n(.*?)(?=^[A-Z][A-Za-z ]+\n-{3,}\n|\Z)", text, re.M | re.S
    )
    return {match[1]: match[2] for match in found}


def documented(section: str) -> list[str]:
    """Names that a section of parameters describes."""
    lines = [line for line in section.splitlines() if line and not line[0].isspace()]
    return [name.strip().lstrip("*") for line in lines for name in line.split(" :")[0].split(",")]


def parameters(function) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


@pytest.mark.parametrize("name", NAMES)
def test_sections_are_known_and_in_order(name):
    found = list(sections(getattr(derandkit, name)))
    assert set(found) <= set(HEADINGS)
    assert found == sorted(found, key=HEADINGS.index)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_is_a_sentence_on_one_line(name):
    first, *rest = inspect.cleandoc(getattr(derandkit, name).__doc__).splitlines()
    assert first.endswith((".", "?"))
    assert first[0].isupper() or not first[0].isalpha()
    assert not rest or not rest[0]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_say_what_goes_in_what_comes_out_and_what_is_raised(name):
    function = getattr(derandkit, name)
    found = sections(function)
    assert sorted(documented(found.get("Parameters", ""))) == sorted(parameters(function))
    assert {"Returns", "Raises", "Examples"} <= set(found) or inspect.signature(
        function
    ).return_annotation == "None"


@pytest.mark.parametrize("name", NAMES)
def test_examples_show_output(name):
    example = sections(getattr(derandkit, name)).get("Examples", "")
    code = [line for line in example.splitlines() if line.startswith((">>>", "..."))]
    assert code
    assert len(code) < len([line for line in example.splitlines() if line.strip()]), "no output is shown"
    assert "+SKIP" not in example


@pytest.mark.parametrize("name", CLASSES)
def test_classes_describe_their_fields(name):
    kind = getattr(derandkit, name)
    if issubclass(kind, enum.Enum | BaseException) or getattr(kind, "_is_protocol", False):
        return
    known = {entry for base in kind.__mro__ for entry in documented(sections(base).get("Parameters", ""))}
    expected = {entry for entry in parameters(kind) if not entry.startswith("_")} - {"args", "fields"}
    assert expected <= known, expected - known


@pytest.mark.parametrize("name", CLASSES)
def test_public_methods_have_docstrings(name):
    kind = getattr(derandkit, name)
    for method, function in vars(kind).items():
        if not method.startswith("_") and (inspect.isroutine(function) or isinstance(function, property)):
            assert inspect.getdoc(getattr(kind, method)), f"{name}.{method}"


def own_methods(kind):
    """Public methods of a class and its bases in the package, as functions, with the class that defines each."""
    for base in kind.__mro__:
        if base.__module__.split(".")[0] == "derandkit":
            for name, entry in vars(base).items():
                function = entry.__func__ if isinstance(entry, (classmethod, staticmethod)) else entry
                if not name.startswith("_") and inspect.isfunction(function):
                    yield name, function


@pytest.mark.parametrize("name", CLASSES)
def test_methods_describe_their_parameters(name):
    """A method that does what a base, or the protocol of objectives or methods, asks for may leave it to that."""
    kind = getattr(derandkit, name)
    asked = [*kind.__mro__, derandkit.GaussianObjective, Method]
    for method, function in own_methods(kind):
        texts = [vars(base)[method] for base in asked if method in vars(base)]
        known = {entry for text in texts for entry in documented(sections(text).get("Parameters", ""))}
        assert set(parameters(function)) <= known, f"{name}.{method}"
        own = documented(sections(function).get("Parameters", ""))
        assert set(own) <= set(parameters(function)), f"{name}.{method}"


PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
ERRORS = {name for name, kind in vars(errors).items() if inspect.isclass(kind)}


@cache
def on_the_page() -> list[str]:
    """Every function and class that the page of the interface lists, and the exported names of the data sets."""
    names = re.findall(r"^[.][.] auto(?:function|class|exception):: (\S+)$", PAGE, re.M)
    datasets = importlib.import_module("derandkit.datasets").__all__
    return [
        *dict.fromkeys([*names, *(f"derandkit.datasets.{name}" for name in datasets)]),
        "derandkit.dimod.DerandkitSampler",
    ]


def test_every_exported_data_set_is_on_the_page():
    for name in importlib.import_module("derandkit.datasets").__all__:
        assert re.search(rf"^[.][.] auto(function|class):: derandkit[.]datasets[.]{name}$", PAGE, re.M), name


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((-1, 50, 1), "n"), ((0, 50, 1), "n"), (("a", 50, 1), "n"), ((True, 50, 1), "n"), ((5, 0, 1), "density"),
     ((5, 101, 1), "density"), ((5, float("nan"), 1), "density"), ((5, 50, 0), "seed"), ((5, 50, 1.5), "seed"),
     ((5, 50, 2**31 - 1), "seed")],
)  # fmt: skip
def test_numbers_out_of_range_make_no_data_set(arguments, name):
    with pytest.raises(errors.InputError, match=rf"^{name} is an integer"):
        importlib.import_module("derandkit.datasets").palubeckis(*arguments)


def test_the_page_of_the_files_names_tests_that_exist():
    root = Path(__file__).parents[2]
    named = re.findall(
        r"`(tests/[\w/]+[.]py)`", (root / "datasets" / "README.md").read_text(encoding="utf-8")
    )
    assert named
    assert [name for name in named if not (root / name).exists()] == []


def resolve(name: str):
    """Return what a dotted name stands for; the optional packages may be missing."""
    module, _, rest = name.rpartition(".")
    if module == "derandkit.dimod":
        pytest.importorskip("dimod")
    return getattr(importlib.import_module(module), rest)


def callables(name: str):
    """Return a listed function, or the public methods of a listed class, each with what may document it."""
    thing = resolve(name)
    if not inspect.isclass(thing):
        return [(name, inspect.unwrap(thing), [thing])]
    asked = [*thing.__mro__, derandkit.GaussianObjective, Method]
    return [
        (
            f"{name}.{method}",
            function,
            [function, *(vars(base)[method] for base in asked if method in vars(base))],
        )
        for method, function in own_methods(thing)
    ]


def raised(function) -> set[str]:
    """Return the errors of the package that stand after ``raise`` in a function, nested ones left out."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    names, left = set(), list(ast.iter_child_nodes(definition))
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if (
            isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Call)
            and isinstance(node.exc.func, ast.Name)
        ):
            names.add(node.exc.func.id)
        left.extend(ast.iter_child_nodes(node))
    return names & ERRORS


@pytest.mark.parametrize("name", on_the_page())
def test_parameters_are_complete_and_in_order(name):
    for called, function, texts in callables(name):
        described = [documented(sections(text).get("Parameters", "")) for text in texts]
        assert parameters(function) in described, called


@pytest.mark.parametrize("name", on_the_page())
def test_what_is_returned_is_said(name):
    """In a section, or in the first line of a method; a constructor says what it builds from."""
    for called, function, texts in callables(name):
        given = inspect.signature(function).return_annotation
        if "." in function.__qualname__ and given in ("Self", function.__qualname__.split(".")[0]):
            continue
        first = (function.__doc__ or "").startswith("Return ") and "." in function.__qualname__
        assert first or given == "None" or any("Returns" in sections(text) for text in texts), called


@pytest.mark.parametrize("name", on_the_page())
def test_errors_that_are_raised_are_described(name):
    for called, function, texts in callables(name):
        described = "".join(sections(text).get("Raises", "") for text in texts)
        missing = {error for error in raised(function) if not re.search(rf"^{error}\b", described, re.M)}
        assert not missing, f"{called}: {missing}"


@pytest.mark.parametrize("name", on_the_page())
def test_everything_on_the_page_has_an_example(name):
    thing = resolve(name)
    example = sections(thing).get("Examples", "")
    code = [line for line in example.splitlines() if line.startswith((">>>", "..."))]
    assert code
    assert len(code) < len([line for line in example.splitlines() if line.strip()]), "no output is shown"


#: Names in backquotes that belong to others, or to what a docstring speaks of.
ELSEWHERE = {
    "RBFSampler", "GaussianRandomProjection", "Matern", "RationalQuadratic", "ValueError", "KeyboardInterrupt",
    "numpy.random.default_rng", "set_{method}_request", "LemmaDescent()", "on_progress", "model", "complete",
    "triangles", "fixed", "start", "labels",
}  # fmt: skip


def texts_of(name: str):
    """Docstrings of a public name and of its own methods and properties, with what may document their words."""
    thing = getattr(derandkit, name)
    yield name, thing, [thing]
    for base in thing.__mro__ if inspect.isclass(thing) else ():
        if base.__module__.split(".")[0] != "derandkit":
            continue
        for method, entry in vars(base).items():
            function = getattr(entry, "__func__", getattr(entry, "fget", entry))
            if not method.startswith("_") and inspect.isroutine(function) and function.__doc__:
                yield f"{name}.{method}", function, [function, thing]


def resolves(name: str) -> bool:
    """Whether a dotted name is public: of the package, of its data sets or parts, or a member of a public class."""
    home, _, rest = name.removeprefix("derandkit.").partition(".")
    if home in ("datasets", "parts", "dimod"):
        module, _, last = name.rpartition(".")
        return hasattr(importlib.import_module(module), last)
    return home in NAMES and (
        not rest or rest in dir(getattr(derandkit, home)) + parameters(getattr(derandkit, home))
    )


@pytest.mark.parametrize("name", NAMES)
def test_names_in_backquotes_are_there_and_public(name):
    for called, text, homes in texts_of(name):
        prose = re.sub(r"^\s*(>>>|[.]{3}).*$", "", inspect.cleandoc(text.__doc__ or ""), flags=re.M)
        known = {
            entry for home in homes for section in sections(home).values() for entry in documented(section)
        }
        known |= {entry for home in homes for entry in dir(home)} | {
            entry
            for home in homes
            if callable(home) and not issubclass_of_enum(home)
            for entry in parameters(home)
        }
        for word in re.findall(r"`([^`\s]+)`", re.sub(r"``.*?``", "", prose, flags=re.S)):
            if word.startswith("derandkit."):
                assert resolves(word), f"{called}: {word}"
            else:
                first = word.split(".")[0]
                assert word in ELSEWHERE or first in known or first in NAMES or word.endswith("_"), (
                    f"{called}: {word}"
                )


def issubclass_of_enum(home) -> bool:
    return inspect.isclass(home) and issubclass(home, enum.Enum | BaseException)


@pytest.mark.parametrize("name", NAMES)
def test_a_ratio_of_distances_is_said_to_be_one_of_squares(name):
    for called, text, homes in texts_of(name):
        if re.search(r"\br - 1\b", text.__doc__ or ""):
            assert any("squared" in (home.__doc__ or "") for home in homes), called


@pytest.mark.parametrize("name", NAMES)
def test_what_is_returned_is_described(name):
    """Not by its type alone; what builds an object of its class, or returns itself, says all by that."""
    for called, text, _ in texts_of(name):
        given = sections(text).get("Returns", "")
        own = given.strip() in (
            "Figure",
            name,
            "QuadraticResult",
            "WeightedGraph",
            "matplotlib.figure.Figure",
        )
        ndarray = given.startswith(("ndarray, shape", "i, j"))
        assert not given or own or ndarray or re.search(r"^ +\S", given, re.M), called


def test_a_function_that_raises_is_seen():
    """The reader of ``raise`` finds what is there, and not what a nested function raises."""
    assert raised(inspect.unwrap(derandkit.maxcut)) == {"InputError"}


def test_no_module_hides_a_name_of_the_data_sets():
    """A module that is imported later than the package takes the place of a function of its name."""
    datasets = importlib.import_module("derandkit.datasets")
    for file in Path(datasets.__file__).parent.glob("[a-z]*.py"):
        importlib.import_module(f"derandkit.datasets.{file.stem}")
    assert not [name for name in datasets.__all__ if inspect.ismodule(getattr(datasets, name))]
    one, other = (datasets.palubeckis(20, 50, 1) for _ in range(2))
    assert one.digest == other.digest


#: What public functions return that is no result: data to solve, a picture, numbers.
NO_RESULTS = {
    "WeightedGraph", "PointCloud", "QuadraticModel", "ModelFile", "Clauses", "QuadratureObjective", "Figure",
    "FloatArray", "None", "int | IntArray", "Any", "list[ComparisonRow]",
}  # fmt: skip


def test_every_class_of_results_has_a_table_for_notebooks():
    functions = filter(inspect.isfunction, (getattr(derandkit, name) for name in derandkit.__all__))
    returned = {inspect.signature(function).return_annotation: function for function in functions}
    assert {"CutRelaxation", "SearchOutcome", "CutNorm", "Verification"} <= returned.keys()
    for name in returned.keys() - NO_RESULTS:
        home = inspect.getmodule(inspect.unwrap(returned[name]))
        kind = vars(home).get(name) or getattr(derandkit, name, None)
        assert issubclass(kind, derandkit.tables.Tabled), name
