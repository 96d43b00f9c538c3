"""The command line as a process: pipes, terminals, signals."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import networkx as nx
import pytest
from click.testing import CliRunner

from derandkit.cli import main

ROOT = Path(__file__).parents[2]
PETERSEN = ROOT / "datasets" / "petersen.edgelist"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", "COLUMNS": "100"}
PATIENCE = 90.0

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")


def command(*arguments):
    return [sys.executable, "-m", "derandkit", *map(str, arguments)]


#: A test runner in the background ignores SIGINT, and so would its children. Mended in the child's own program: a
#: `preexec_fn` would fork this process, which may have loaded jax and its threads.
LISTEN = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"


def start(*arguments, **options):
    """Start the program as a child that SIGINT reaches; the options are those of `subprocess.Popen`."""
    listening = [sys.executable, "-c", LISTEN, *command(*arguments)]
    return subprocess.Popen(listening, env=ENVIRONMENT, **options)


class Terminal:
    """A pseudo-terminal, and what was written to it."""

    def __init__(self):
        self.ours, self.theirs = os.openpty()
        self.text = ""

    def read(self, until):
        """Read until `until()` holds or the other end is closed."""
        end = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < end, self.text
            if select.select([self.ours], [], [], 0.05)[0]:
                try:
                    chunk = os.read(self.ours, 65536)
                except OSError:  # Linux: the other end was closed
                    break
                if not chunk:
                    break
                self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", chunk.decode())

    def close(self):
        os.close(self.ours)


@contextmanager
def on_terminal(*arguments):
    """Run with stderr on a terminal and stdout in a file: the process, the terminal, and what reads the file."""
    terminal = Terminal()
    with tempfile.TemporaryFile("w+") as out:
        process = start(*arguments, stdout=out, stderr=terminal.theirs)
        os.close(terminal.theirs)

        def finish():
            terminal.read(lambda: False)
            process.wait(timeout=PATIENCE)
            out.seek(0)
            return out.read()

        try:
            yield process, terminal, finish
        finally:
            process.kill()
            process.wait()
            terminal.close()


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    """A toroidal grid whose relaxation takes half a minute or more at the gap the tests ask for."""
    side = 60
    lines = [f"{side * side} {2 * side * side}\n"]
    for k in range(2 * side * side):
        v, down = divmod(k, 2)
        row, column = divmod(v, side)
        u = ((row + down) % side) * side + (column + 1 - down) % side
        lines.append(f"{v + 1} {u + 1} {1 - 2 * (((k + 1) ** 2 * 2654435761 >> 31) & 1)}\n")
    file = tmp_path_factory.mktemp("endless") / "torus.rudy"
    file.write_text("".join(lines))
    return file


LONG = ("--duality-gap", "1e-13", "--max-sweeps", "100000000")


READ = f"derandkit: read {PETERSEN} as edge list, blank-separated, 3 columns: u v weight\n"


def test_a_pipe_gets_data_and_stderr_one_line():
    done = subprocess.run(
        command("maxcut", PETERSEN, "--format", "json"), env=ENVIRONMENT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, READ)
    assert json.loads(done.stdout)["cut_value"] == 12
    assert "\x1b" not in done.stdout


def test_what_is_said_of_an_input_stands_above_the_progress(tmp_path):
    """It is held until the work has begun; then the line of the progress is there already."""
    file = tmp_path / "g.txt"
    file.write_text("a a 1\na b 2\na b 3\nb c 1\n")
    with on_terminal("maxcut", file) as (process, terminal, finish):
        finish()
    assert process.returncode == 0
    lines = re.split(r"[\r\n]+", terminal.text)
    assert "derandkit: dropped 1 self-loop, which no cut counts" in lines
    assert sum(line.startswith("derandkit: read ") for line in lines) == 1


def test_a_terminal_shows_stage_value_bound_and_noise():
    torus = ROOT / "datasets" / "torus-10x10.rudy"
    with on_terminal("maxcut", torus, "--format", "tsv") as (process, terminal, finish):
        out = finish()
    assert process.returncode == 0
    assert out.count("\n") == 100
    assert "\x1b" not in out
    assert re.search(r"starting +loading kernels \(a first run compiles them\)", terminal.text)
    shown = re.findall(
        r"(relax|derandomize|certify) +value ([-\d.e+]+)  bound ([-\d.e+]+|inf)  randomness left (\d+)%",
        terminal.text,
    )
    assert shown
    stage, value, bound, noise = shown[-1]
    assert (stage, float(value), int(noise)) == ("certify", 68.0, 0)
    assert float(value) <= float(bound)


def test_a_terminal_shows_cut_bound_gap_and_seconds_while_a_proof_is_sought(tmp_path):
    file = tmp_path / "cubic.edgelist"
    nx.write_edgelist(nx.random_regular_graph(3, 300, seed=1), file, data=False)
    with on_terminal("maxcut", file, "--bound", "cycle") as (process, terminal, finish):
        finish()
    assert process.returncode == 0
    shown = re.findall(r"prove +best ([\d.]+)  bound ([\d.]+)  gap ([\d.]+)% \S+ (\d+) s", terminal.text)
    lines = [tuple(map(float, line)) for line in shown]
    assert lines
    for (cut, bound, gap, seconds), (later, lower, smaller, after) in itertools.pairwise(lines):
        assert cut <= later
        assert lower <= bound
        assert smaller <= gap
        assert seconds <= after
    # the clock does not begin anew with a stage
    earlier = [
        int(seconds) for seconds in re.findall(r"(?:relax|derandomize)[^\r\n]*? (\d+) s", terminal.text)
    ]
    assert not earlier or lines[0][3] >= earlier[-1]


def test_statements_are_broken_on_a_terminal_and_not_in_a_pipe(tmp_path):
    cut = tmp_path / "cut.json"
    subprocess.run(command("maxcut", PETERSEN, "-o", cut), check=True, capture_output=True, env=ENVIRONMENT)
    piped = subprocess.run(
        command("verify", cut, PETERSEN), check=True, capture_output=True, text=True, env=ENVIRONMENT
    ).stdout
    terminal = Terminal()
    process = start("verify", cut, PETERSEN, stdout=terminal.theirs, stderr=subprocess.DEVNULL)
    os.close(terminal.theirs)
    terminal.read(lambda: False)
    assert process.wait(timeout=PATIENCE) == 0
    terminal.close()
    shown = terminal.text.replace("\r\n", "\n")
    assert max(map(len, piped.splitlines())) > 100 >= max(map(len, shown.splitlines()))
    assert shown.split() == piped.split()  # the same words in the same order


def test_quiet_is_silent_on_a_terminal():
    with on_terminal("maxcut", PETERSEN, "--quiet") as (process, terminal, finish):
        assert finish().startswith("cut  ")
    assert (process.returncode, terminal.text) == (0, "")


def test_ctrl_c_writes_the_best_answer_so_far_verified(endless, tmp_path):
    file = tmp_path / "cut.json"
    with on_terminal("maxcut", endless, "-o", file, "--format", "json", *LONG) as (process, terminal, finish):
        terminal.read(lambda: "relax " in terminal.text)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGINT)
        out = finish()
    assert process.returncode == 130, terminal.text
    assert "derandkit: interrupted: this is the best answer so far" in terminal.text
    assert "Traceback" not in terminal.text
    assert "failed" not in terminal.text
    assert out == file.read_text()
    record = json.loads(out)
    assert record["status"] == "interrupted"
    assert record["chain"]["cut_value"] >= record["chain"]["start_expectation"] > 0
    checked = CliRunner().invoke(main, ["verify", str(file), str(endless)])
    assert checked.exit_code == 0, checked.output
    assert [entry.name for entry in tmp_path.iterdir()] == ["cut.json"]


def test_many_presses_of_ctrl_c_leave_nothing_half_written(endless, tmp_path):
    """Presses within a second are one request, which ends with the answer; a later one gives it up."""
    file = tmp_path / "cut.json"
    with on_terminal("maxcut", endless, "-o", file, *LONG) as (process, terminal, finish):
        terminal.read(lambda: "relax " in terminal.text)
        while process.poll() is None:
            os.kill(process.pid, signal.SIGINT)
            time.sleep(0.02)
        out = finish()
    assert process.returncode in (130, -signal.SIGINT)  # the latter if one arrives while Python shuts down
    if out:
        assert process.returncode == 130
        assert json.loads(file.read_text())["status"] == "interrupted"
    else:
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["text", "json", "tsv"])
def test_a_reader_that_goes_away_is_no_error(verb):
    process = start("maxcut", PETERSEN, "--format", verb, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=PATIENCE), error) == (0, READ.encode())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_in_one_line():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command("maxcut", PETERSEN), env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr.startswith(f"{READ}derandkit: standard output cannot be written: ")
    assert done.stderr.count("\n") == 2


@pytest.mark.parametrize(
    ("place", "options"),
    [
        ("derandkit.signs.relaxation.lowrank.pull_norms", []),
        ("derandkit.signs.solve.relax_cut", []),
        ("derandkit.signs.solve.relax_cut", ["--max-sweeps", "20"]),
        ("derandkit.signs.derandomize.conditional.principal_axes", ["--method", "conditional"]),
    ],
)
def test_wherever_ctrl_c_falls_there_is_an_answer(monkeypatch, tmp_path, place, options):
    """Also where the solver cannot stop half-way and the first run is lost."""
    module, _, name = place.rpartition(".")
    honest, calls = getattr(importlib.import_module(module), name), []

    def interrupted_once(*arguments, **keywords):
        calls.append(1)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGINT)
        return honest(*arguments, **keywords)

    monkeypatch.setattr(place, interrupted_once)
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        file = tmp_path / "cut.json"
        torus = str(ROOT / "datasets" / "torus-10x10.rudy")
        outcome = CliRunner().invoke(main, ["maxcut", torus, "-o", str(file), *options])
    finally:
        signal.signal(signal.SIGINT, previous)
    assert calls
    assert outcome.exit_code == 130, outcome.output
    assert outcome.stderr.splitlines()[1:] == ["derandkit: interrupted: this is the best answer so far"]
    assert json.loads(file.read_text())["status"] == "interrupted"
    assert CliRunner().invoke(main, ["verify", str(file), torus]).exit_code == 0


def test_ctrl_c_near_the_end_lets_the_run_complete(monkeypatch, tmp_path):
    import derandkit.cuts.solve as wing

    honest = wing.certify

    def interrupted(*arguments, **options):
        signal.raise_signal(signal.SIGINT)
        return honest(*arguments, **options)

    whole = CliRunner().invoke(main, ["maxcut", str(PETERSEN), "--format", "json"])
    monkeypatch.setattr(wing, "certify", interrupted)
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        outcome = CliRunner().invoke(main, ["maxcut", str(PETERSEN), "--format", "json"])
    finally:
        signal.signal(signal.SIGINT, previous)
    assert (outcome.exit_code, outcome.stdout) == (130, whole.stdout)
    assert outcome.stderr.splitlines()[1:] == ["derandkit: interrupted: the run was complete"]
