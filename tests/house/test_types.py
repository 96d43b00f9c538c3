"""A user's program passes strict type checkers, and its faults are found: the package carries its types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "data" / "typing" / "program.py"
MYPY = ("-m", "mypy", "--strict", "--follow-imports=silent", "--config-file=")
PYRIGHT = ("-m", "pyright")
#: What a user may get wrong, and what has to be in the message.
FAULTS = {
    ("result.upper_bound - 1", "result.uper_bound - 1"): "uper_bound",
    ('bound="cycle"', 'bound="cycles"'): "bound",
    ('search="quick"', "searching=None"): "searching",
    ("glass.value + 1.0", 'glass.value + "1"'): "+",
    ("def progress(state: dk.Progress)", "def progress(state: str)"): "on_progress",
    ("LemmaDescent()", "LemmaDescent"): "method",
}


def complaints(command: tuple[str, ...], folder: Path, text: str, number: int = 0) -> list[str]:
    """Check a program in a folder; lines of the checker that name the program.

    Every text has a file of its own: mypy remembers a file by its time and size.
    """
    name = f"program{number}.py"
    (folder / name).write_text(text, encoding="utf-8")
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT / "src")]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    environment = {**os.environ, "MYPYPATH": str(ROOT / "src"), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(
        [sys.executable, *command, name],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    found = [line for line in done.stdout.splitlines() if "error:" in line or "- error" in line]
    assert done.returncode == (1 if found else 0), done.stdout + done.stderr
    return found


@pytest.mark.parametrize("command", [MYPY, PYRIGHT], ids=["mypy", "pyright"])
def test_a_program_of_a_user_passes_and_its_faults_are_found(tmp_path, command):
    pytest.importorskip(command[1])
    text = PROGRAM.read_text(encoding="utf-8")
    assert complaints(command, tmp_path, text) == []
    for number, ((right, wrong), word) in enumerate(FAULTS.items(), 1):
        assert right in text
        found = complaints(command, tmp_path, text.replace(right, wrong, 1), number)
        assert any(word in line for line in found), (wrong, found)
