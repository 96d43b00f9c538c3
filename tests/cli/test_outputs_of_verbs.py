"""Every option of every command that names a file to write: devices, pipes, links, modes, full and read-only disks."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main

EMBED = ["embed", "p.csv", "-k", "2", "--method", "conditional"]
#: What is written -> the command, up to the name of the file.
COMMANDS = {
    "maxcut": ["maxcut", "g.edgelist", "-o"],
    "maxcut --report": ["maxcut", "g.edgelist", "--report"],
    "balance": ["balance", "g.edgelist", "-o"],
    "maxdicut": ["maxdicut", "g.edgelist", "-o"],
    "ising": ["ising", "i.coo", "-o"],
    "qubo": ["qubo", "q.coo", "-o"],
    "max2sat": ["max2sat", "c.cnf", "-o"],
    "embed": [*EMBED, "-o"],
    "embed --embedded": [*EMBED, "--embedded"],
    "features": ["features", "p.csv", "-n", "4", "-o"],
    "features --features": ["features", "p.csv", "-n", "4", "--features"],
    "structure": ["structure", "t.toml", "-o"],
    "structure --save-config": ["structure", "t.toml", "--save-config"],
    "compare --report": ["compare", "g.edgelist", "--methods", "greedy", "--report"],
    "generate": ["generate", "G1", "-o"],
}
#: What has a record, which is printed where a part of the answer cannot be written; settings are none.
RECORDS = [
    name for name in COMMANDS if name not in ("generate", "compare --report", "structure --save-config")
]
#: Exit codes that are not 0: two steps are few for a network.
DONE = {"structure": 1, "structure --save-config": 1}
#: What the quick leg looks at.
QUICK = ("maxcut", "ising")
each = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in COMMANDS]
)


def ending(name):
    """Images and features are arrays of NumPy, and their files are called so."""
    return (
        ".npy"
        if name.startswith("embed --") or name.endswith("--features")
        else ".html"
        if "report" in name
        else ""
    )


def run(name, target):
    if name.startswith("structure"):
        pytest.importorskip("jax")
    return CliRunner().invoke(main, [*COMMANDS[name], target])


def refused(name, target, folder, words, *, solved=False):
    """Run a command that cannot write: exit code 2, one line, and no other file than before.

    Where that comes out when the problem is solved, the answer is printed as if nothing had been.
    """
    before = {path.name for path in folder.iterdir()}
    outcome = run(name, target)
    assert outcome.exit_code == 2, outcome.output
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    lines = [line for line in outcome.stderr.splitlines() if not line.startswith("derandkit: read ")]
    assert len(lines) == 1 + (solved and name in DONE), lines
    assert words in lines[0]
    assert lines[0].isprintable()
    assert {path.name for path in folder.iterdir()} == before
    assert bool(outcome.stdout) == (solved and name != "generate")
    return outcome.stdout


def without_times(text):
    """A table of a comparison shows seconds, and the others the process of the first run."""
    return re.sub(r"\d+\.\d+", "", text)


@each
def test_a_full_device_is_said_and_stays(folder, name):
    target = f"full{ending(name)}"
    try:
        os.mknod(target, 0o600 | stat.S_IFCHR, os.makedev(1, 7))
        Path(target).open("rb").close()
    except OSError:
        pytest.skip("needs a device of one's own")
    said = refused(name, target, folder, "No space left", solved=True)
    assert stat.S_ISCHR(os.stat(target).st_mode)
    shown = run(name, f"room{ending(name)}").stdout
    if name in RECORDS:  # a table has no sides, solution or map
        assert "; the record is printed in place of the table" in run(name, target).stderr
        assert said == CliRunner().invoke(main, [*COMMANDS[name][:-1], "--format", "json"]).stdout
    elif name == "generate":
        assert said == shown
    else:
        assert without_times(said) == without_times(shown)


@each
def test_a_pipe_gets_all_and_stays(folder, name):
    target, found = f"pipe{ending(name)}", []
    os.mkfifo(target)
    reader = threading.Thread(target=lambda: found.append(Path(target).read_bytes()), daemon=True)
    reader.start()
    outcome = run(name, target)
    reader.join(timeout=60)
    assert outcome.exit_code == DONE.get(name, 0), outcome.output
    assert stat.S_ISFIFO(os.stat(target).st_mode)
    run(name, f"file{ending(name)}")
    assert found[0]
    timed = "report" in name  # a report of a comparison shows seconds
    assert timed or found[0] == Path(f"file{ending(name)}").read_bytes()


@each
def test_a_link_and_the_mode_stay(folder, name):
    kept, link = Path(f"kept{ending(name)}"), Path(f"link{ending(name)}")
    kept.write_text("old")
    kept.chmod(0o600)
    link.symlink_to(kept)
    assert run(name, str(link)).exit_code == DONE.get(name, 0)
    assert link.is_symlink()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_bytes() not in (b"", b"old")


@each
@pytest.mark.parametrize(
    ("call", "number"), [("fsync", errno.ENOSPC), ("replace", errno.EACCES), ("open", errno.EROFS)]
)
def test_a_disk_that_refuses_leaves_the_old_file(folder, monkeypatch, name, call, number):
    target = Path(f"out{ending(name)}")
    target.write_text("old")

    def broken(*arguments, **options):
        raise OSError(number, os.strerror(number))

    if call == "open":  # no temporary file beside an output
        honest = os.open

        def opened(path, flags, *mode, **options):
            return (
                broken()
                if flags & os.O_EXCL and str(folder) in str(path)
                else honest(path, flags, *mode, **options)
            )

        monkeypatch.setattr(os, call, opened)
    else:
        monkeypatch.setattr(os, call, broken)
    with contextlib.suppress(ImportError):
        refused(name, str(target), folder, os.strerror(number), solved=True)
    assert target.read_text() == "old"


@each
@pytest.mark.parametrize("place", ["nowhere", "nowhere/..", "old/.."])
def test_a_folder_that_is_not_there_is_said(folder, name, place):
    """By its words ``nowhere/../g.txt`` is ``g.txt``, which was written over, also where that was the input itself."""
    old = Path(f"old{ending(name)}")
    old.write_text("old")
    place = place.replace("old", old.name)
    refused(name, f"{place}/{old.name}", folder, f"the folder '{place}' does not exist")
    assert old.read_text() == "old"


@pytest.mark.parametrize("place", ["nowhere/..", "g.txt/..", "turn/.."])
def test_an_input_under_another_name_is_not_written_over(tmp_path, monkeypatch, place):
    """A link to another folder is followed before ``..`` is, as the system does it."""
    monkeypatch.chdir(tmp_path)
    Path("far/deep").mkdir(parents=True)
    Path("turn").symlink_to("far/deep")
    for file in ("g.txt", "far/g.txt"):
        Path(file).write_text("a b\nb c\nc a\n")
    read = "far/g.txt" if place == "turn/.." else "g.txt"
    outcome = CliRunner().invoke(main, ["maxcut", read, "-o", f"{place}/g.txt"])
    assert outcome.exit_code == 2
    assert ("is the input itself" if place == "turn/.." else "does not exist") in outcome.stderr
    with pytest.raises(dk.InputError, match=r"cannot be written: (No such file|Not a dir)"):
        dk.maxcut([("a", "b")]).save("nowhere/../g.txt" if place == "turn/.." else f"{place}/g.txt")
    assert Path("g.txt").read_text() == Path("far/g.txt").read_text() == "a b\nb c\nc a\n"


def test_every_option_that_writes_is_in_the_table():
    """A new command, or a new option that names a file to write, has to stand in the table above."""
    words = {"--output", "--report", "--embedded", "--features", "--save-config"}
    known = {
        (command[0], "--output" if command[-1] == "-o" else command[-1]) for command in COMMANDS.values()
    }
    reports = {verb for verb, option in known if option == "--report"}
    assert {
        "maxcut",
        "compare",
    } <= reports  # one page for cuts, one for comparisons: the others share their code
    for verb, command in main.commands.items():
        for option in (option for parameter in command.params for option in parameter.opts):
            if option in words - {"--report"}:
                assert (verb, option) in known


@pytest.mark.skipif(sys.platform != "linux", reason="how the system lists open descriptors")
@pytest.mark.parametrize(
    ("target", "redirected", "code"),
    [
        ("/dev/stdout", "| cat >> log", 0),
        ("/dev/stdout", ">> log", 0),
        ("/proc/self/fd/1", ">> log", 0),
        ("link", ">> log", 0),
        ("/dev/stderr", "2>> log", 0),
        ("/dev/fd/7", "7>> log", 0),
        ("/dev/fd/9", ">> log", 2),
        ("/dev/fd/0", ">> log < g.txt", 2),
    ],
)
def test_descriptors_are_written_into_and_files_behind_them_not_replaced(tmp_path, target, redirected, code):
    """Pipes had no name to write to, after all work was done; of a file what stood in it and the answer were lost."""
    (tmp_path / "g.txt").write_text("a b\nb c\nc a\n")
    (tmp_path / "log").write_text("precious\n")
    (tmp_path / "link").symlink_to("/dev/stdout")
    shell = f"set -o pipefail; {sys.executable} -m derandkit maxcut g.txt -q -o {target} {redirected}"
    run = subprocess.run(
        ["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == code, run.stderr
    log = (tmp_path / "log").read_text()
    assert log.startswith("precious\n")
    assert log.count('"schema": "derandkit-maxcut"') == (code == 0)
    assert "upper bound" in log + run.stdout or code
    assert "cannot be written: Bad file descriptor" in run.stderr or not code
