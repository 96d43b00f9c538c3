"""Light kernels: both lanes give the same bits, and a small first run compiles nothing."""

from __future__ import annotations

import ast
import inspect
import os
import pkgutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import networkx as nx
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit as dk
from derandkit.numerics.light import ALLOWANCE, LightKernel, light
from derandkit.signs.gaussian_kernels import bivariate_cdf, normal_cdf

DATASETS = Path(__file__).parents[2] / "datasets"


def light_kernels() -> dict[str, LightKernel[..., Any]]:
    """All of them, by module and name."""
    found = {}
    for info in pkgutil.walk_packages(dk.__path__, "derandkit."):
        if "kernels" in info.name or info.name.startswith(("derandkit.numerics", "derandkit.signs")):
            for name, value in vars(import_module(info.name)).items():
                if isinstance(value, LightKernel) and value.py_func.__module__ == info.name:
                    found[f"{info.name}.{name}"] = value
    return found


LIGHT = light_kernels()


def bits(value: object) -> object:
    """What two lanes must agree on: types, and every bit."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, tuple):
        return tuple(bits(part) for part in value)
    return type(value), float(value).hex() if isinstance(value, float) else value


def copied(args: tuple[Any, ...]) -> list[Any]:
    """Copies of the arrays; two views of one memory stay that."""
    kept: dict[tuple[int, int], Any] = {}
    copies = []
    for a in args:
        if isinstance(a, np.ndarray) and a.size:
            place = a.__array_interface__["data"][0], a.nbytes
            a = kept.setdefault(place, a.copy(order="K")).view(a.dtype)
        copies.append(a)
    return copies


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Run every call of a light kernel in both lanes; collect which kernels were called."""
    seen = set()

    def both(self: LightKernel[..., Any], *args: Any) -> object:
        copies = copied(args)
        monkeypatch.setattr(LightKernel, "__call__", LightKernel.interpret)  # what it calls, too
        plain = self.interpret(*copies)
        monkeypatch.setattr(LightKernel, "__call__", both)
        result = self.compiled(*args)
        assert bits(plain) == bits(result), self.py_func
        for copy, arg in zip(copies, args, strict=True):
            assert bits(copy) == bits(arg), self.py_func
        seen.add(f"{self.py_func.__module__}.{self.py_func.__name__}")
        return result

    monkeypatch.setattr(LightKernel, "__call__", both)
    return seen


def signed(G: nx.Graph[int], seed: int, scale: float = 1.0) -> nx.Graph[int]:
    """Weights of both signs, no two alike."""
    rng = np.random.default_rng(seed)
    for _, _, data in G.edges(data=True):
        data["weight"] = scale * float(rng.standard_normal())
    return G


def cut(graph: nx.Graph[int], bound: Literal["auto", "best"] = "auto") -> object:
    """A whole record."""
    return dk.maxcut(graph, bound=bound).to_dict()


def corpus() -> Iterator[tuple[str, Callable[[], object]]]:
    """Small runs that differ in structure, weights and method."""
    graphs = {
        "karate": nx.karate_club_graph(),
        "petersen": nx.petersen_graph(),
        "path": nx.path_graph(7),
        "tree": nx.balanced_tree(2, 3),
        "cycle": nx.cycle_graph(9),
        "complete": nx.complete_graph(11),
        "grid": nx.grid_2d_graph(5, 5, periodic=True),
        "cubic": nx.random_regular_graph(3, 20, seed=1),
        "signed": signed(nx.gnp_random_graph(18, 0.4, seed=2), 3),
        "huge": signed(nx.gnp_random_graph(12, 0.5, seed=4), 5, 1e200),
        "tiny": signed(nx.gnp_random_graph(12, 0.5, seed=6), 7, 1e-200),
        "parts": nx.disjoint_union(nx.cycle_graph(5), signed(nx.complete_graph(6), 8)),
        "nothing": nx.empty_graph(3),
    }
    for name, graph in graphs.items():
        graph = nx.convert_node_labels_to_integers(graph)
        yield name, partial(cut, graph)
    yield "bound", partial(cut, graphs["cubic"], "best")
    points = np.random.default_rng(9).standard_normal((14, 6))
    yield "points", lambda: dk.embed(points, n_components=2).to_dict()
    yield (
        "points that coincide",
        lambda: dk.embed(np.vstack([points, 1e9 + points[:3], points[:2]]), n_components=3).to_dict(),
    )


RUNS = dict(corpus())


def test_both_lanes_of_every_call_agree(compared: set[str]) -> None:
    for run in RUNS.values():
        run()
    called = {f"{k.py_func.__module__}.{n}" for k in LIGHT.values() for n in k.py_func.__code__.co_names}
    assert sorted(set(LIGHT) - compared - called) == []


@settings(max_examples=200)
@given(
    *(st.floats(-45.0, 45.0) for _ in range(2)),
    st.one_of(st.floats(-1.0, 1.0), st.sampled_from([-1.0, 0.0, 1.0])),
)
def test_both_lanes_take_functions_from_one_library(h: float, k: float, rho: float) -> None:
    for distribution, args in ((normal_cdf, (h,)), (bivariate_cdf, (h, k, rho))):
        assert isinstance(distribution, LightKernel)
        assert bits(distribution.interpret(*args)) == bits(distribution.compiled(*args))


@pytest.mark.parametrize("name", ["karate", "signed", "huge"])
def test_a_run_as_python_has_the_result_of_the_compiled_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LightKernel, "__call__", LightKernel.interpret)
    plain = RUNS[name]()
    monkeypatch.setattr(LightKernel, "__call__", lambda self, *args: self.compiled(*args))
    assert RUNS[name]() == plain


@pytest.mark.parametrize("name", LIGHT)
def test_a_light_kernel_does_only_what_both_lanes_do_alike(name: str) -> None:
    tree = ast.parse(textwrap.dedent(inspect.getsource(LIGHT[name].py_func)))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Pow | ast.MatMult), "powers are those of a library"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
            assert node.attr in {"empty", "inf", "int64", "nan", "sqrt", "uint64"}, node.attr


def test_no_kernel_assigns_an_array_to_a_slice() -> None:
    # numba compiles the message for arrays that do not fit: 3 s in `diagonalise`, which takes 0.5 s
    found = []
    for file in Path(dk.__path__[0]).rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for function in ast.walk(ast.parse(text)) if "@kernel" in text else ():
            if isinstance(function, ast.FunctionDef) and "kernel" in map(
                ast.unparse, function.decorator_list
            ):
                for node in ast.walk(function):
                    if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Constant):
                        targets = [part for target in node.targets for part in ast.walk(target)]
                        if any(isinstance(part, ast.Slice) for part in targets):
                            found.append(f"{file.name}:{node.lineno}")
    assert found == []


def fresh() -> LightKernel[..., Any]:
    """A light kernel that no cache knows."""

    def total(x: Any) -> float:
        s = 0.0
        for i in range(x.size):
            s += x[i]
        return s

    made = light(lambda x: x.size)(numba.njit(total))
    assert isinstance(made, LightKernel)
    return made


def test_a_kernel_is_compiled_when_its_allowance_is_spent() -> None:
    made, x = fresh(), np.ones(7 * ALLOWANCE // 10)
    for _ in range(4):
        made(x)
    assert made.left is not None
    lines = (made.left + 4 * x.size) / ALLOWANCE
    assert lines == int(lines) > 2
    assert made.compiled.signatures == []
    while made.left >= x.size:
        made(x)
    assert made.compiled.signatures == []
    assert made(x) == x.size
    assert len(made.compiled.signatures) == 1
    made(x[:1])  # and stays compiled
    assert made.left < 0


def test_one_call_beyond_the_allowance_is_compiled_at_once() -> None:
    made = fresh()
    assert made(np.ones(100 * ALLOWANCE)) == 100 * ALLOWANCE
    assert len(made.compiled.signatures) == 1


def test_single_precision_is_compiled() -> None:
    made = fresh()
    tenths = np.full(100, 0.1, dtype=np.float32)
    assert made(tenths) == made.compiled(tenths) == sum(map(float, tenths))
    assert made(np.full(3, 0.5)) == 1.5


def test_results_are_pythons_own_types() -> None:
    made = light(lambda x: 1)(numba.njit(lambda x: (x[0], x.size, x[0] > 0.0)))
    assert [type(part) for part in made(np.ones(1))] == [float, int, bool]


def compiled_by(folder: Path, *arguments: str) -> int:
    """How many functions a command leaves in an empty cache."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    command = [sys.executable, "-m", "derandkit", *arguments]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return len(list(folder.rglob("*.nbi")))


def test_a_small_first_run_compiles_nothing(tmp_path: Path) -> None:
    file = tmp_path / "karate.edgelist"
    nx.write_edgelist(nx.karate_club_graph(), file, data=False)
    assert compiled_by(tmp_path / "cache", "maxcut", str(file)) == 0


def test_the_first_command_of_the_readme_compiles_what_it_works_with(tmp_path: Path) -> None:
    torus = str(DATASETS / "torus-10x10.rudy")
    assert compiled_by(tmp_path, "maxcut", torus) <= 14
