"""The picture of the architecture shows the imports as they are, and pages import what is public."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest
from docs import draw_house, draw_lemma, draw_limits, draw_summary, list_names
from tests.house.test_layers import graph, room
from tests.legs import FEWER
from tests.slow import LONG, SLOW

import derandkit
import derandkit.datasets

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


#: What stands at the top level: anything else belongs in a folder, or was committed by accident.
TOP = {
    ".ci", ".github", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "CITATION.cff", "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md", "benchmarks", "conda", "conftest.py",
    "datasets", "docs", "examples", "pyproject.toml", "src", "tests",
}  # fmt: skip


def test_nothing_stands_at_the_top_level_that_does_not_belong_there():
    """Only in a clone: an archive of the sources has no list of files, and a folder in use has others."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    listed = subprocess.run(
        [git, "ls-tree", "--name-only", "HEAD"], cwd=ROOT, check=True, capture_output=True
    )
    assert set(listed.stdout.decode().split()) == TOP


def test_the_picture_lists_the_imports_that_the_layers_test_finds():
    """Two readings of the sources; the picture's is its own."""
    faces = {"__init__", "__main__"}
    found = {
        (room(name, "derandkit"), room(target, "derandkit"))
        for name, targets in graph().items()
        for target in targets
    }
    found = {(a, b) for a, b in found if a != b and not faces & {a, b}}
    text = draw_house.PICTURE.read_text(encoding="utf-8")
    listed = set(re.findall(r"^(\w+) -&gt; (\w+)$", text, flags=re.M))
    assert listed == found, "run python docs/draw_house.py"
    assert text == draw_house.picture(draw_house.edges())


def test_the_picture_of_the_lemma_is_what_the_code_does():
    kept = draw_lemma.PICTURE.read_text(encoding="utf-8")
    assert draw_lemma.agree(kept, draw_lemma.picture()), "run python docs/draw_lemma.py"
    assert not draw_lemma.agree(kept, kept.replace(">534<", ">533<", 1))
    assert not draw_lemma.agree(
        kept, re.sub(r'cx="(\d+)', lambda hit: f'cx="{int(hit[1]) + 9}', kept, count=1)
    )


def test_the_summary_is_drawn_from_the_stored_results():
    kept = draw_summary.PICTURE.read_text(encoding="utf-8")
    assert kept == draw_summary.picture(), "run python docs/draw_summary.py"
    stored = [row for source in draw_summary.SOURCES for row in draw_summary.rows(source)]
    # what the page says of the picture
    for row in stored:
        others = {name: x for name, x in row.places.items() if name not in ("lemma", "best value known")}
        assert row.places["lemma"] > max(others.values())
        assert max(row.places.values()) <= 1.0


def test_the_limits_of_the_theorem_are_drawn_from_the_stored_results():
    for chart in draw_limits.CHARTS:
        kept = (draw_limits.FIGURES / f"limits-{chart.name}.svg").read_text(encoding="utf-8")
        assert kept == draw_limits.picture(chart), "run python docs/draw_limits.py"
    curves = {chart.name: draw_limits.points(chart)[1] for chart in draw_limits.CHARTS}
    # what the page says of the pictures
    assert max(curves["penalties"]["1000 steps"]) < 0.025 < 0.5 < curves["penalties"]["50 steps"][0]
    stops = curves["stops"]
    assert all(
        w <= bound <= 4 * w for w, bound in zip(stops["W_perp"], stops["bound along the rows"], strict=True)
    )
    assert curves["links"]["He_4, along"][-1] == 0.0 < 1.0 < curves["links"]["He_2, along"][-1]


def test_the_list_of_names_is_that_of_the_code():
    page = list_names.PAGE.read_text(encoding="utf-8")
    assert list_names.written(page) == page, "run python docs/list_names.py"
    listed = set(re.findall(r"^\| `(\w+)` \|", page, flags=re.M))
    assert listed >= {name for name in derandkit.__all__ if callable(getattr(derandkit, name))} - {
        name for name in dir(derandkit) if isinstance(getattr(derandkit, name), type)
        and issubclass(getattr(derandkit, name), BaseException)
    }  # fmt: skip
    said = re.findall(r"^\| `\w+` \| ([^|]*) \| [^|]* \| `", page.partition("## Flags")[0], flags=re.M)
    assert said
    assert all(said), "an option of a public function is not documented"


def test_lines_point_down_and_are_not_said_twice():
    lines = {("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")}
    assert draw_house.levels(lines) == {"a": 2, "b": 1, "c": 0, "d": 1}
    assert draw_house.necessary(lines) == lines - {("a", "c")}
    with pytest.raises(ValueError, match="imports itself"):
        draw_house.levels({("a", "b"), ("b", "a")})


def test_every_form_of_import_is_a_line(tmp_path):
    (tmp_path / "upper").mkdir()
    (tmp_path / "upper" / "one.py").write_text(
        "def f():\n    from derandkit import lower\n    return lower\n"
    )
    (tmp_path / "middle.py").write_text(
        "import derandkit.lower\nfrom derandkit.upper.one import f\nimport numpy\n"
    )
    (tmp_path / "lower.py").write_text("")
    (tmp_path / "__init__.py").write_text("import derandkit.upper\n")
    assert draw_house.edges(tmp_path) == {("upper", "lower"), ("middle", "lower"), ("middle", "upper")}


#: What pages may import from, and the names that these have. The sampler needs dimod, so its name is written out.
PUBLIC = {
    "derandkit": {*derandkit.__all__, "datasets", "dimod"},
    "derandkit.datasets": set(derandkit.datasets.__all__),
    "derandkit.dimod": {"DerandkitSampler"},
}


def private_uses(code):
    """Modules and names of the package that a piece of code uses and that are not public."""
    found, modules = [], {}
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == "derandkit":
                    found += [alias.name] * (alias.name not in PUBLIC)
                    modules[alias.asname or "derandkit"] = alias.name if alias.asname else "derandkit"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "derandkit":
            names = PUBLIC.get(node.module or "")
            found += [
                f"{node.module}.{alias.name}" for alias in node.names if alias.name not in (names or ())
            ]
            modules |= {
                alias.asname or alias.name: f"derandkit.{alias.name}"
                for alias in node.names
                if f"{node.module}.{alias.name}" in PUBLIC
            }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            module = modules[node.value.id]
            if node.attr not in PUBLIC[module] and not node.attr.startswith("__"):
                found.append(f"{module}.{node.attr}")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_use_only_what_is_public(page):
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```python\n(.*?)^ *```", text, flags=re.M | re.S)
    assert [use for block in blocks for use in private_uses(textwrap.dedent(block))] == []


def public_docstrings():
    """Docstrings that the page of the interface shows: of public names, and of public methods of public classes."""
    for name in ("", "datasets."):
        module = derandkit.datasets if name else derandkit
        for key in module.__all__:
            value = getattr(module, key)
            yield f"{name}{key}", inspect.getdoc(value) or ""
            if inspect.isclass(value):
                for attribute, member in inspect.getmembers(value):
                    if not attribute.startswith("_") and (callable(member) or isinstance(member, property)):
                        yield f"{name}{key}.{attribute}", inspect.getdoc(member) or ""


def test_examples_of_public_names_use_only_what_is_public():
    parser = doctest.DocTestParser()
    wrong = {
        name: uses
        for name, text in public_docstrings()
        if (uses := private_uses("".join(example.source for example in parser.get_examples(text))))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("code", "uses"),
    [
        ("from derandkit import maxcut, datasets\ndatasets.gset('G1')", []),
        ("import derandkit as dk\ndk.maxcut(1); dk.datasets.gset('G1')", []),
        ("from derandkit import graphs", ["derandkit.graphs"]),
        ("import derandkit.engine", ["derandkit.engine"]),
        ("from derandkit.engine import LemmaDescent", ["derandkit.engine.LemmaDescent"]),
        ("import derandkit\nderandkit.records.seal", ["derandkit.records"]),
        ("from derandkit.datasets import rudy, families", ["derandkit.datasets.families"]),
        ("import derandkit as dk\ndk.Effort()", ["derandkit.Effort"]),
    ],
)
def test_private_uses_are_found(code, uses):
    assert private_uses(code) == uses


def test_pages_say_what_is_public():
    for page in ("docs/api.md", "docs/architecture.md"):
        text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
        for module in PUBLIC:
            assert f"`{module}`" in text, (page, module)
        assert "may move between versions" in text


def test_every_public_name_is_on_the_page_of_the_interface():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^\.\. auto\w+:: derandkit\.(\w+)$", page, flags=re.M))
    assert shown == set(derandkit.__all__) - {"__version__"}
    recipes = set(re.findall(r"^\.\. auto\w+:: derandkit\.datasets\.(\w+)$", page, flags=re.M))
    assert recipes <= set(derandkit.datasets.__all__)


def test_every_slow_test_that_is_named_exists():
    files = {file.stem: file for file in (ROOT / "tests").rglob("test_*.py")}
    for file, names in [*SLOW.items(), *LONG.items(), *FEWER.items()]:
        found = files[file].read_text(encoding="utf-8")
        for name in names:
            assert f"def {name.partition('[')[0]}(" in found, f"{file}: {name}"
            page = re.search(r"\[(.*\.md)", name)
            assert page is None or page[1] in {file.name for file in PAGES}


def test_solvers_call_lapack_in_one_thread():
    """Records of 150 columns differed with the number of threads: `derandkit.runtime.lapack` runs in one."""
    # a picture, a rule of few nodes, and the solver of cvxpy, which follows the BLAS by itself
    allowed = {
        "plots/structure.py", "numerics/quadrature.py", "runtime/lapack.py", "signs/relaxation/semidefinite.py"
    }  # fmt: skip
    pattern = re.compile(r"np\.linalg\.(?!LinAlgError|norm\b)\w+")
    found = {
        name: pattern.findall(file.read_text(encoding="utf-8"))
        for file in (ROOT / "src" / "derandkit").rglob("*.py")
        if not (name := file.relative_to(ROOT / "src" / "derandkit").as_posix()).startswith("certificates/")
        and name not in allowed
    }
    assert {name: calls for name, calls in found.items() if calls} == {}
