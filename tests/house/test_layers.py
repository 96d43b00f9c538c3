"""The order of the house: every import points down, no two modules import each other, and the checker stands apart.

Imports are read from the sources, those inside functions and under ``TYPE_CHECKING`` included: a lazy import upward is
an upward import.
"""

from __future__ import annotations

import ast
import functools
from collections import Counter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"

#: From the top: a package may import those in lines below its own, and itself. Packages of one line are independent.
LAYERS = (
    ("__main__",),
    ("cli",),
    ("__init__",),
    ("reports",),
    ("plots",),
    ("comparison", "dimod", "loading", "verification"),
    ("quadratic",),
    ("cuts", "embeddings", "features", "structure"),
    ("signs",),
    ("engine", "certificates", "datasets"),
    ("models",),
    ("graphs", "points"),
    ("parts", "results"),
    ("arrays", "given", "versions"),
    ("schemas",),
    ("records",),
    ("content", "runtime"),
    ("numerics", "tables", "missing", "numerals"),
    ("options",),
    ("status", "errors"),
    ("words",),
)

#: The same inside the core.
SIGNS = (
    ("solve", "models"),
    ("improve",),
    ("balanced", "baselines"),
    ("derandomize",),
    ("proofs",),
    ("relaxation",),
    ("search",),
    ("contraction", "objective", "rounding", "values"),
    ("gaussian_kernels", "kernels", "large_kernels", "listed", "options"),
)

#: What the checker may import beside itself: nothing that solves.
CHECKER = {
    "arrays",
    "given",
    "models",
    "graphs",
    "points",
    "content",
    "records",
    "schemas",
    "versions",
    "numerics",
    "status",
    "tables",
    "errors",
    "words",
}


def module_name(file: Path) -> str:
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in sorted(SOURCE.rglob("*.py"))}


def imports(name: str) -> set[str]:
    """Modules of the package that a module imports, wherever in its text."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {full if full in MODULES else node.module for full in whole}
    return {target for target in found if target in MODULES} - {name}


@functools.cache
def graph() -> dict[str, set[str]]:
    """Modules -> modules that they import; found once, and not while tests are collected."""
    return {name: imports(name) for name in MODULES}


def room(name: str, prefix: str) -> str:
    rest = name.removeprefix(prefix).lstrip(".")
    return rest.partition(".")[0] or "__init__"


def upward(layers, prefix):
    """Imports of modules below `prefix` that do not point down."""
    rank = {package: level for level, line in enumerate(layers) for package in line}
    wrong = []
    for name, targets in graph().items():
        if not name.startswith(prefix):
            continue
        here = room(name, prefix)
        if prefix != "derandkit" and here == "__init__":
            continue
        assert here in rank, f"{name} has no place among the layers of {prefix}"
        for target in targets:
            if not target.startswith(prefix + "."):
                continue
            there = room(target, prefix)
            if there != here and rank[there] <= rank[here]:
                wrong.append(f"{name} -> {target}")
    return sorted(wrong)


def test_every_import_points_down():
    assert upward(LAYERS, "derandkit") == []


def test_every_import_inside_the_core_points_down():
    assert upward(SIGNS, "derandkit.signs") == []


def test_nothing_imports_the_public_face_but_the_command_line():
    """Version and public names are read by `cli` alone; below it, modules import what they use from where it stands."""
    readers = [name for name, targets in graph().items() if "derandkit" in targets]
    assert [name for name in readers if room(name, "derandkit") != "cli"] == []


def test_the_checker_imports_no_solver():
    inside = [name for name in graph() if room(name, "derandkit") == "certificates"]
    wrong = {
        f"{name} -> {target}"
        for name in inside
        for target in graph()[name]
        if room(target, "derandkit") not in CHECKER | {"certificates"}
    }
    assert wrong == set()


#: What a solver may ask the checker: whether a proof holds, and for how much. All formulas are its own.
PROOFS = (
    "derandkit.certificates.proofs.",
    "derandkit.certificates.cuts.psd",
    "derandkit.certificates.cuts.coins",
)
#: Rooms that solve.
SOLVERS = {"engine", "signs", "cuts", "quadratic", "embeddings", "features", "structure"}
#: These hand an instance to the checker, and what it calls back.
ASKED = {"derandkit.structure.trained.again"}


def test_what_solves_asks_the_checker_for_proofs_alone():
    """A formula that solver and checker share would be wrong in both, and no check could notice."""
    assert all(any(name.startswith(proof) for name in MODULES) for proof in PROOFS)
    wrong = [
        f"{name} -> {target}"
        for name, targets in graph().items()
        if room(name, "derandkit") in SOLVERS and name not in ASKED
        for target in targets
        if room(target, "derandkit") == "certificates" and not target.startswith(PROOFS)
    ]
    assert wrong == []


def cycles():
    """Groups of modules that import each other, by Tarjan's algorithm."""
    index, low, stack, groups = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in sorted(graph()[v]):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            group = []
            while not group or group[-1] != v:
                group.append(stack.pop())
            if len(group) > 1:
                groups.append(sorted(group))

    for v in graph():
        if v not in index:
            visit(v)
    return groups


def test_no_two_modules_import_each_other():
    assert cycles() == []


def test_no_folder_is_too_full_and_no_file_too_long():
    sizes = Counter(file.parent for name, file in MODULES.items() if file.name != "__init__.py")
    assert {str(folder.relative_to(SOURCE)): n for folder, n in sizes.items() if n > 15} == {}
    assert {name: n for name, file in MODULES.items() if (n := file.read_text().count("\n")) > 450} == {}


@pytest.mark.parametrize("wing", ["cuts", "embeddings", "features", "structure"])
def test_a_wing_has_the_rooms_of_a_wing(wing):
    folder = SOURCE / "derandkit" / wing
    assert {"solve.py", "result.py", "table.py"} <= {file.name for file in folder.iterdir()}
