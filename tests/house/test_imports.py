"""Start-up: nothing heavy is imported before it is needed, and the sceptic's room never needs the solver."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
HEAVY = {"cvxpy", "jax", "matplotlib", "networkx", "numba", "numpy", "rich", "scipy", "sklearn"}
SOLVER = ("derandkit.signs", "derandkit.engine", "derandkit.cuts.solve")
#: The words of options, which the command line shows: they solve nothing and import nothing.
WORDS = {"derandkit.signs", "derandkit.signs.options"}


def loaded_after(code):
    """Modules that a fresh interpreter holds after `code`, and what it printed."""
    script = f"import sys\ntry:\n    exec({code!r})\nexcept SystemExit: pass\nprint('\\0'.join(['', *sys.modules]))"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    text, *modules = done.stdout.rstrip("\n").split("\0")
    return set(modules), text


def command(*arguments):
    return f"from derandkit.cli import main; main({list(arguments)!r}, prog_name='derandkit')"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import derandkit", ""),
        ("import derandkit; print(derandkit.__version__, dir(derandkit))", "maxcut"),
        ("from derandkit import InputError", ""),
        (command("--help"), "maxcut"),
        (command("maxcut", "--help"), "--relaxation"),
        (command("verify", "--help"), "RESULT"),
        (command("--version"), "version"),
    ],
)
def test_start_up_loads_nothing_heavy(code, said):
    modules, text = loaded_after(code)
    assert said in text
    assert not {name.partition(".")[0] for name in modules} & HEAVY


def test_the_front_of_the_package_loads_nothing():
    """What it loads runs before the command line listens to Ctrl-C."""
    modules, _ = loaded_after("import derandkit")
    assert not [name for name in modules if name.startswith("derandkit.")]


def test_bad_targets_are_refused_before_anything_heavy_is_loaded():
    modules, _ = loaded_after(command("maxcut", "graph", "-o", "no/such/folder/x.json"))
    assert not {name.partition(".")[0] for name in modules} & HEAVY


def test_a_cut_loads_only_what_it_uses():
    """No plotting, no conic solver, no estimator, and no terminal library in a pipe."""
    modules, _ = loaded_after(command("maxcut", str(SOURCE.parent / "datasets" / "petersen.edgelist")))
    assert not {name.partition(".")[0] for name in modules} & {
        "cvxpy",
        "jax",
        "matplotlib",
        "rich",
        "sklearn",
    }


def test_verification_loads_no_solver(tmp_path):
    import derandkit

    graph = SOURCE.parent / "datasets" / "petersen.edgelist"
    file = tmp_path / "cut.json"
    file.write_text(derandkit.maxcut(graph).to_json())
    modules, text = loaded_after(command("verify", str(file), str(graph)))
    assert "the record holds" in text
    assert not [name for name in modules if name.startswith(SOLVER) and name not in WORDS]
    assert not {name.partition(".")[0] for name in modules} & {
        "numba",
        "cvxpy",
        "matplotlib",
        "rich",
        "sklearn",
    }


def test_every_public_name_resolves():
    import derandkit

    for name in derandkit.__all__:
        assert getattr(derandkit, name) is not None
    assert not hasattr(derandkit, "no_such_name")
