"""Every Python block of the documentation runs, and the README shows what the commands print."""

from __future__ import annotations

import ast
import json
import re
import shlex
from fractions import Fraction
from functools import cache, partial
from importlib import import_module
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner

from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import largest_possible_cut, proven_bound
from derandkit.cli import main
from derandkit.graphs.graph import WeightedGraph
from derandkit.signs.proofs.branching.tree import branch_and_bound
from derandkit.signs.proofs.cycles.bound import cycle_bound
from derandkit.signs.rounding import exact_cut

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: Pages whose consoles run as they stand, from the folder of the repository; those of other pages name files of yours.
SHOWN = [ROOT / "README.md", *sorted((ROOT / "docs").glob("first-*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_python_blocks_run_in_order(page, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datasets").symlink_to(ROOT / "datasets")
    text = page.read_text(encoding="utf-8")
    found = list(re.finditer(r"^```python\n(.*?)^```", text, flags=re.M | re.S))
    if any("from_jax" in block[1] or "import jax" in block[1] for block in found):
        pytest.importorskip("jax")
    namespace: dict[str, object] = {"__name__": "documentation"}
    printed = []
    for block in found:
        above = "\n" * (text.count("\n", 0, block.start()) + 1)  # a traceback then shows the line of the page
        lines = (above + block[1]).split("\n")
        for part in ast.parse(above + block[1]).body:
            exec(compile(ast.Module([part], []), str(page), "exec"), namespace)
            printed.append(capsys.readouterr().out)
            comment = lines[part.end_lineno - 1][part.end_col_offset :].strip().removeprefix("# ")
            if comment and ast.unparse(part).startswith("print(") and are_values(comment):
                assert printed[-1].split() == comment.split(), f"{page.name}, line {part.lineno}"
    if page.name in {"tutorial.md", "engine.md"}:
        assert any(printed)


def are_values(comment: str) -> bool:
    """Whether a comment behind a print is what it prints, numbers and truth values, and no remark."""
    words = re.sub(r"[][(){},']", " ", comment).split()
    return all(re.fullmatch(r"-?[0-9][0-9.e+-]*|True|False|None", word) for word in words)


def test_values_behind_a_print_are_compared_and_remarks_are_not():
    """A page said 0.87856 where 0.87857 is printed."""
    assert all(map(are_values, ["0.87857 133.6", "[-1, 1] True", "(3, 2) 1e-09"]))
    assert not any(map(are_values, ["small, see below", "about 3", "0.5 on average"]))


@cache
def exists(dotted: str) -> bool:
    """Whether a dotted name leads to a module of the package or to something in it."""
    parts = dotted.split(".")
    for k in range(len(parts), 0, -1):
        try:
            thing: object = import_module(".".join(parts[:k]))
        except ModuleNotFoundError:
            continue
        for part in parts[k:]:
            # fields without a default value stand in the annotations alone
            if not hasattr(thing, part) and part not in getattr(thing, "__annotations__", ()):
                return False
            thing = getattr(thing, part, None)
        return True
    return False


def dotted_names(text: str) -> set[str]:
    return set(re.findall(r"\bderandkit(?:\.[A-Za-z_]\w*)+", text))


def test_a_name_that_is_not_there_is_noticed():
    assert exists("derandkit.maxcut")
    assert exists("derandkit.graphs.graph.WeightedGraph.cut_value")
    assert not exists("derandkit.graphs.graph.WeightedGraph.weigh")
    assert not exists("derandkit.jl.objective")


@pytest.mark.parametrize("folder", ["docs", "src", "benchmarks", "datasets"])
def test_every_dotted_name_of_pages_and_docstrings_exists(folder):
    files = [file for kind in ("*.md", "*.py") for file in sorted((ROOT / folder).rglob(kind))]
    files += [ROOT / "README.md", ROOT / "CHANGELOG.md"] if folder == "docs" else []
    assert files
    missing = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in files
        for name in dotted_names(file.read_text(encoding="utf-8"))
        if not exists(name)
    }
    assert missing == set()


def test_every_test_that_a_page_names_exists():
    tests = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("*.py"))
    named = {
        name
        for page in PAGES
        for name in re.findall(r"\btest_\w+\b(?!\.py)", page.read_text(encoding="utf-8"))
    }
    assert named
    assert {name for name in named if f"def {name}(" not in tests} == set()


def test_no_page_or_docstring_names_a_page_that_is_not_there():
    files = [*PAGES, *(ROOT / "src").rglob("*.py"), ROOT / "CHANGELOG.md"]
    here = {file.name for file in ROOT.rglob("*.md")}
    missing = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in files
        for name in re.findall(r"\b[\w-]+\.md\b", file.read_text(encoding="utf-8"))
        if name not in here
    }
    assert missing == set()


CONSOLES = [(page, k) for page in SHOWN for k in range(len(blocks(page, "console")))]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with the data that ships; files that one block writes are there for the next."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "datasets").symlink_to(ROOT / "datasets")
    return folder


@pytest.mark.parametrize(("page", "block"), CONSOLES, ids=lambda x: getattr(x, "name", str(x)))
def test_pages_show_what_the_commands_print(page, block, desk, monkeypatch):
    """A line of three dots stands for lines that are left out."""
    monkeypatch.chdir(desk)
    steps = re.split(r"^\$ derandkit ", blocks(page, "console")[block], flags=re.M)[1:]
    assert steps
    for step in steps:
        command, _, shown = step.partition("\n")
        result = CliRunner().invoke(main, shlex.split(command, comments=True))
        assert result.exit_code == 0, result.output
        if shown:
            assert agrees(result.stdout, shown), result.stdout


def agrees(printed: str, shown: str) -> bool:
    pattern = ".*".join(
        re.escape(numbers_to_six_digits(part)) for part in re.split(r"^\.\.\.\n", shown, flags=re.M)
    )
    return re.fullmatch(pattern, numbers_to_six_digits(printed), flags=re.S) is not None


def test_three_dots_stand_for_lines_and_nothing_else():
    assert agrees("a 1.0000001\nb\nc\n", "a 1.0\n...\nc\n")
    assert agrees("a\n", "a\n")
    assert not agrees("a\nb\n", "a\n")
    assert not agrees("a\nb\n", "...\nc\n")
    assert not agrees("a\nb\n", "b\n...\n")


def numbers_to_six_digits(text: str) -> str:
    # the last digits may differ between kinds of processors
    return re.sub(r"\d+\.\d+", lambda m: f"{float(m.group()):.6g}", text)


def test_the_check_of_the_certificates_page_accepts_and_rejects(tmp_path):
    namespace: dict[str, object] = {}
    exec(blocks(ROOT / "docs" / "certificates.md", "python")[0], namespace)
    check = namespace["check"]
    graph = ROOT / "datasets" / "petersen.edgelist"
    edges = [tuple(int(x) for x in line.split()) for line in graph.read_text().splitlines() if line[0] != "#"]
    target = tmp_path / "cut.json"
    assert CliRunner().invoke(main, ["maxcut", str(graph), "-o", str(target)]).exit_code == 0
    record = json.loads(target.read_text())
    assert check(record, edges) == "checked"
    wrong = {**record, "cut_value": record["cut_value"] + 1}
    with pytest.raises(AssertionError):
        check(wrong, edges)
    with pytest.raises((AssertionError, np.linalg.LinAlgError)):
        check(record, edges[1:])


def test_the_check_of_the_proofs_page_agrees_with_the_verifier_and_rejects():
    namespace: dict[str, object] = {}
    exec(blocks(ROOT / "docs" / "proofs.md", "python")[0], namespace)
    possible = namespace["greatest_possible"]
    edges = [(u, v, 3 if (u + v) % 4 else -1) for u in range(6) for v in range(u)]
    cycles = {
        "kind": "cycles",
        "lengths": [3, 3],
        "vertices": [1, 3, 5, 1, 4, 5],
        "multipliers": [5, 3],
        "unit": -1,
    }
    leaves = [{"kind": "positive"}, cycles]
    trees = [{"kind": "branch", "pair": [0, 2], "same": a, "opposite": b} for a in leaves for b in leaves]
    small = [(u, v, w) for u, v, w in edges if v or u in (2, 3, 4)]
    cut_down = [{"kind": "eliminate", "vertices": [0], "then": tree} for tree in leaves]
    for instance, proof in [(edges, t) for t in leaves + trees] + [(small, t) for t in cut_down]:
        exact = ExactGraph.from_edges(6, [(u, v, float(w)) for u, v, w in instance])
        expected = largest_possible_cut(exact, proven_bound(exact.copy(), proof))
        assert possible(instance, proof) == expected
    for change in (
        {"vertices": [1, 3, 5, 1, 4, 1]},
        {"multipliers": [5, -3]},
        {"lengths": [3, 2]},
        {"kind": "x"},
    ):
        with pytest.raises((AssertionError, LookupError)):
            possible(edges, {**cycles, **change})
    with pytest.raises(AssertionError):
        possible(edges, cut_down[0])


def test_set_up_commands_of_the_readme_are_what_ci_runs():
    setup = blocks(ROOT / "README.md", "bash")
    assert len(setup) == 2
    assert "datasets/" in setup[0]
    assert "pytest" in setup[1]
    assert "n==2" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    named = re.search(r"datasets/\S+", setup[0])
    assert named is not None
    assert (ROOT / named.group()).exists()


@pytest.mark.parametrize(
    "weights",
    [[1.0], [-1.0, 1.0], [1e-9, 3e-9], [1e11, -2e11], [1e-9, 1e11, -1.0], [0.3, -0.7, 0.1], [6.0, -2.0]],
    ids=str,
)
@pytest.mark.parametrize("name", ["torus", "dense", "sparse", "cubic"])
def test_the_program_of_the_two_pages_checks_every_tree(name, weights):
    """As branching.md says: with two more kinds in place of the last assert."""
    proofs = blocks(ROOT / "docs" / "proofs.md", "python")[0]
    leaf = '    assert proof["kind"] == "cycles"\n'
    assert leaf in proofs
    more = "".join(
        f'    if proof["kind"] == "{kind}":\n        return {kind}(W, proof)\n'
        for kind in ("semidefinite", "cases")
    )
    program: dict[str, object] = {}
    exec(proofs.replace(leaf, more + leaf), program)
    page: dict[str, object] = {}
    for block in blocks(ROOT / "docs" / "branching.md", "python"):
        if block.startswith(("import base64", "def pairs_of")):
            exec(block, page)
    program.update({kind: page[kind] for kind in ("semidefinite", "cases")})
    built, bound = {
        "torus": (nx.convert_node_labels_to_integers(nx.grid_2d_graph(6, 7, periodic=True)), cycle_bound),
        "dense": (nx.gnp_random_graph(24, 0.6, seed=3), partial(branch_and_bound, node_limit=7)),
        "sparse": (
            nx.gnp_random_graph(30, 0.4, seed=3),
            partial(branch_and_bound, bound="cycle", node_limit=7),
        ),
        "cubic": (nx.random_regular_graph(3, 300, seed=0), partial(branch_and_bound, node_limit=7)),
    }[name]
    edges = [(u, v, weights[k % len(weights)]) for k, (u, v) in enumerate(sorted(built.edges))]
    i, j, w = zip(*edges, strict=True)
    graph = WeightedGraph.from_edges(i, j, w)
    found = bound(graph)
    proof = json.loads(json.dumps(found.proof))
    W = {v: {} for v in range(graph.n)}
    for u, v, weight in edges:
        W[u][v] = W[v][u] = Fraction(weight)
    assert program["proven"](W, proof) == found.exact
    possible = program["greatest_possible"](edges, proof)
    assert exact_cut(graph, found.signs) <= possible <= found.exact
    assert possible == largest_possible_cut(ExactGraph.from_graph(graph), found.exact)
