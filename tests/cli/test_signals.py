"""What the command line does with signals, a lack of memory and a full disk, as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.interrupts import VERBS, moments
from click.testing import CliRunner
from tests.cli.test_cli_process import PATIENCE, PETERSEN, command

import derandkit
from derandkit.cli import main
from derandkit.runtime import signals

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")


#: Every verb without options, and some of the others.
SOME = [name for k, name in enumerate(VERBS) if " " not in name or k % 6 == 0]


@pytest.mark.parametrize("name", SOME)
def test_a_signal_at_any_moment_ends_in_a_true_line(name):
    """A few moments; `benchmarks/interrupts.py` takes hundreds of each command."""
    _, wrong, _ = moments(name, 1, first=200)
    assert wrong == []


@pytest.fixture
def pressed_twice(monkeypatch):
    """SIGINT twice as the relaxation begins."""
    import derandkit.signs.solve as solve

    honest, calls = solve.relax_cut, []

    def interrupted(*arguments, **options):
        if not calls:
            calls.append(1)
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return honest(*arguments, **options)

    monkeypatch.setattr(solve, "relax_cut", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield calls
    signal.signal(signal.SIGINT, before)


def test_a_second_signal_within_the_grace_is_the_same_request(pressed_twice, monkeypatch, tmp_path):
    monkeypatch.setattr(signals, "GRACE", float("inf"))
    file = tmp_path / "cut.json"
    outcome = CliRunner().invoke(main, ["maxcut", str(PETERSEN), "-o", str(file), "--quiet"])
    assert pressed_twice
    assert outcome.exit_code == 130
    assert outcome.stderr.startswith("derandkit: interrupted: th")  # the best so far, or complete
    assert outcome.stderr.count("\n") == 1
    assert derandkit.verify(file, PETERSEN).ok


def test_a_second_signal_after_the_grace_ends_at_once(pressed_twice, monkeypatch, tmp_path):
    monkeypatch.setattr(signals, "GRACE", -1.0)
    outcome = CliRunner().invoke(main, ["maxcut", str(PETERSEN), "-o", str(tmp_path / "cut.json"), "--quiet"])
    assert pressed_twice
    assert outcome.exit_code == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="signals of POSIX")
def test_a_limit_of_processor_time_that_is_said_again_is_the_same_request(monkeypatch):
    """The system sends SIGXCPU every second from the limit on; a run has until the hard limit to end."""
    ended = []
    monkeypatch.setattr(signals, "_end", ended.append)
    monkeypatch.setattr(signals, "GRACE", -1.0)
    with signals.Signals() as working:
        working.arrived(signal.SIGXCPU)
        working.arrived(signal.SIGXCPU)
        assert (working.requested, ended) == (True, [])
        working.arrived(signal.SIGUSR1)
        assert ended == ["interrupted twice: ended at once"]


@pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGALRM", "SIGVTALRM", "SIGPROF"])
def test_an_alarm_asks_for_the_best_answer_so_far(monkeypatch, tmp_path, name):
    """A run whose program had set an alarm ended without a line or a record."""
    import derandkit.signs.solve as solve

    number = getattr(signal, name)
    honest = solve.relax_cut
    # the alarm of the process itself: it survives that another program takes its place
    monkeypatch.setattr(solve, "relax_cut", lambda *a, **o: (signal.raise_signal(number), honest(*a, **o))[1])
    before = signal.getsignal(number)
    signal.signal(number, signal.SIG_DFL)
    try:
        file = tmp_path / "cut.json"
        outcome = CliRunner().invoke(main, ["maxcut", str(PETERSEN), "-o", str(file), "--quiet"])
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert outcome.exit_code == 128 + number
    assert outcome.stderr.startswith("derandkit: interrupted: th")
    assert derandkit.verify(file, PETERSEN).ok


@pytest.mark.parametrize("inside", [False, True])
def test_an_alarm_that_a_program_listens_to_stays_its_own(inside):
    """Whoever has set a handler, before a verb or within it, still has it afterwards."""
    heard = []
    before = signal.getsignal(signal.SIGALRM)
    own = lambda number, _: heard.append(number)  # noqa: E731
    signal.signal(signal.SIGALRM, signal.SIG_DFL if inside else own)
    try:
        with signals.Signals() as working:
            if inside:
                signal.signal(signal.SIGALRM, own)
            signal.raise_signal(signal.SIGALRM)
        assert (heard, working.requested) == ([signal.SIGALRM], False)
        assert signal.getsignal(signal.SIGALRM) is own
    finally:
        signal.signal(signal.SIGALRM, before)


#: Ends at once while workers of a cluster have the descriptor of standard error.
SILENT = """
import sys
from derandkit.runtime import signals
from derandkit.runtime.streams import own_errors
signals.listen()
with own_errors():
    signals._end("interrupted twice: ended at once")
"""


def test_the_last_line_is_said_where_workers_are_silenced():
    done = subprocess.run([sys.executable, "-c", SILENT], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (130, "derandkit: interrupted twice: ended at once\n")


#: Writes over a file, and is killed before it is whole.
KILLED = """
import os, signal, sys
import derandkit.records as records
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.Signals[sys.argv[2]])
from derandkit.runtime.signals import listen
listen()
records.write_atomically(sys.argv[1], "new" * 100000)
"""


@pytest.mark.parametrize(
    ("name", "left"), [("SIGKILL", 2), ("SIGTERM", 1), ("SIGHUP", 1), ("SIGXCPU", 1), ("SIGALRM", 1)]
)
def test_a_signal_while_a_file_is_written_leaves_the_old_one(name, left, tmp_path):
    """And no other file, unless the process had no time to remove it."""
    file = tmp_path / "cut.json"
    file.write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(file), name], capture_output=True, text=True, timeout=PATIENCE
    )
    number = signal.Signals[name]
    assert done.returncode == (-number if name == "SIGKILL" else 128 + number)
    assert file.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == left
    assert done.stderr == ("" if left == 2 else "derandkit: interrupted before there was an answer\n")


#: Is ended by a signal as soon as its temporary file is there.
OPENED = """
import os, signal, sys
import derandkit.records as records
from derandkit.runtime.signals import listen
honest = os.open
def opened(path, flags, *mode):
    descriptor = honest(path, flags, *mode)
    if flags & os.O_CREAT:
        signal.raise_signal(signal.SIGTERM)
    return descriptor
listen()
os.open = opened
records.write_atomically(sys.argv[1], "new")
"""


def test_a_signal_as_a_file_is_opened_leaves_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", OPENED, str(tmp_path / "cut.json")], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (143, "derandkit: interrupted before there was an answer\n")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_as_a_graph_is_renamed_finds_the_run_complete(monkeypatch, tmp_path):
    """Between the name of a file and the exit of the run that wrote it."""
    honest = os.replace

    def renamed(*arguments):
        honest(*arguments)
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(os, "replace", renamed)
    outcome = CliRunner().invoke(main, ["generate", "pm1d_80.0", "-o", str(tmp_path / "g.rudy")])
    signal.signal(signal.SIGINT, before)
    assert (outcome.exit_code, outcome.stderr) == (130, "derandkit: interrupted: the run was complete\n")
    assert [entry.name for entry in tmp_path.iterdir()] == ["g.rudy"]


def test_two_processes_with_one_output_and_one_cold_cache_write_one_whole_record(tmp_path):
    file = tmp_path / "cut.json"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    both = [
        subprocess.Popen(
            command("maxcut", PETERSEN, "-o", file, "--quiet"),
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    outcomes = [process.communicate(timeout=PATIENCE) for process in both]
    assert [process.returncode for process in both] == [0, 0], outcomes
    assert outcomes[0] == outcomes[1]
    assert json.loads(file.read_text())["cut_value"] == 12
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["cut.json", "kernels"]


@pytest.mark.parametrize("megabytes", [150, 250, 400, 700])
def test_too_little_memory_is_one_line(megabytes, tmp_path):
    """A graph whose dense certificate does not fit the address space that the process may have."""
    pytest.importorskip("resource")
    file = tmp_path / "cut.json"
    limit = f"import resource, os, sys; resource.setrlimit(resource.RLIMIT_AS, ({megabytes} << 20,) * 2);"
    start = limit + "os.execv(sys.argv[1], sys.argv[1:])"
    graph = tmp_path / "g.edgelist"
    graph.write_text("".join(f"{k} {(7 * k + j) % 9000}\n" for k in range(9000) for j in (1, 3, 5)))
    done = subprocess.run(
        [sys.executable, "-c", start, *command("maxcut", graph, "-o", file, "--quiet", "--max-sweeps", "3")],
        capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "check " not in done.stderr  # a lack of memory is no fault of a record
    if done.returncode not in (0, 1):  # it fitted
        assert done.returncode == 2
        last = done.stderr.splitlines()[-1]
        unchecked = last == "derandkit: the record was not checked: not enough memory"
        assert unchecked or last.startswith("derandkit: not enough memory")
        assert file.exists() == unchecked


@pytest.mark.parametrize(
    "module", ["runtime", "runtime.signals", "options", "errors", "runtime.clock", "runtime.streams", "cli"]
)
def test_ctrl_c_during_start_up_is_one_line(module):
    """The signal comes as a module is looked for, with Python's own handler in place as in a terminal."""
    code = f"""
import runpy, signal, sys
class Finder:
    def find_spec(name, path=None, target=None):
        if name == "derandkit.{module}":
            signal.raise_signal(signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Finder)
sys.argv = ["derandkit", "--version"]
runpy.run_module("derandkit", run_name="__main__")
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert (process.returncode, process.stdout) == (130, "")
    assert process.stderr == "derandkit: interrupted before there was an answer\n"


def test_a_signal_while_the_answer_goes_out_says_so(monkeypatch):
    """The last byte was out, and the line said that there was no answer."""
    said = []
    monkeypatch.setattr(signals, "_answered", False)
    monkeypatch.setattr(signals, "_received", [])
    monkeypatch.setattr(signals, "_end", said.append)
    signals._handle(signal.SIGINT, None)
    with signals.writing():
        signals._handle(signal.SIGINT, None)
    signals._received.clear()
    signals._handle(signal.SIGINT, None)
    assert said == [
        "interrupted before there was an answer",
        "interrupted while the answer was written",
        "interrupted: the run was complete",
    ]
    monkeypatch.setattr(signals, "_answered", False)
    with pytest.raises(OSError, match="full"), signals.writing():
        raise OSError("full")
    signals._handle(signal.SIGINT, None)
    assert said[-1] == "interrupted before there was an answer"
