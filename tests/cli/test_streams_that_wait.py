"""Pipes that are full, that do not block or that can be read once, and what ends beside a task: no answer is lost."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.cli.test_cli_process import PATIENCE

import derandkit
from derandkit.cli import common, main
from derandkit.comparison import run as comparison
from derandkit.content import read_bytes
from derandkit.errors import InputError
from derandkit.runtime import processes
from derandkit.runtime.processes import spread
from derandkit.structure.data import RegressionData

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")

TRIANGLE = "0 1\n1 2\n0 2\n"


def read_slowly(read):
    """Return a thread and the list of what it reads, a little at a time and late."""
    got = []

    def work():
        threading.Event().wait(0.2)
        while piece := os.read(read, 4096):
            got.append(piece)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, got


@pytest.mark.parametrize("buffering", [0, -1])
def test_standard_output_that_does_not_block_gets_the_whole_answer(monkeypatch, buffering):
    """What a full pipe did not take at once was lost; without a buffer (``python -u``) it was tried for ever."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    thread, got = read_slowly(read)
    text = "0123456789" * 20000
    with open(write, "wb", buffering=buffering) as raw:
        stream = type(
            "Stream", (), {"buffer": raw, "encoding": "utf-8", "flush": raw.flush, "isatty": bool}
        )()
        monkeypatch.setattr(sys, "stdout", stream)
        common.print_text(text, data=True)
        monkeypatch.undo()
    thread.join(timeout=PATIENCE)
    os.close(read)
    assert b"".join(got).decode() == text


def test_a_record_goes_to_a_descriptor_whatever_stands_in_place_of_the_streams(monkeypatch, tmp_path):
    """None, a closed stream and one without ``flush`` were errors of Python."""
    result = derandkit.maxcut([("a", "b")])
    closed = (tmp_path / "closed").open("w")
    closed.close()
    for place in (None, closed, object()):
        with (tmp_path / "cut.json").open("w") as file:
            monkeypatch.setattr(sys, "stdout", place)
            result.save(f"/dev/fd/{file.fileno()}")
            monkeypatch.undo()
        assert derandkit.load(tmp_path / "cut.json") == result


def test_standard_input_is_what_a_program_has_put_there(monkeypatch):
    monkeypatch.setattr(sys, "stdin", StringIO(TRIANGLE))
    assert read_bytes("-") == (TRIANGLE.encode(), "-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="no standard input"):
        read_bytes("-")


def test_a_bad_record_under_a_name_in_bytes_is_refused_in_one_line(tmp_path):
    path = os.fsencode(tmp_path / "bad.json")
    Path(os.fsdecode(path)).write_text('{"schema": "cake"}')
    with pytest.raises(InputError, match=r"bad\.json"):
        derandkit.load(path)


@pytest.mark.parametrize(
    "arguments", [["compare", "--target", "y"], ["structure", "--target", "1", "--data"]]
)
def test_what_is_read_more_than_once_is_no_pipe(tmp_path, arguments):
    """A named pipe was opened again, and waited for ever; a pipe was called empty."""
    os.mkfifo(tmp_path / "pipe.csv")
    done = CliRunner().invoke(main, [*arguments, str(tmp_path / "pipe.csv")])
    assert done.exit_code == 2
    assert "is a pipe or a device" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_table_and_a_model_in_a_pipe_are_refused_in_python(tmp_path):
    os.mkfifo(tmp_path / "pipe.qubo")
    with pytest.raises(InputError, match="is a pipe or a device"):
        RegressionData.from_file(tmp_path / "pipe.qubo", "y")
    with pytest.raises(InputError, match="is a pipe or a device"):
        derandkit.compare([tmp_path / "pipe.qubo"])


def full_pipe():
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096) if hasattr(fcntl, "F_SETPIPE_SZ") else None
    os.set_blocking(write, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(write, b"x" * size)
        except BlockingIOError:
            pass
    os.set_blocking(write, True)
    return read, write


def test_a_signal_ends_a_run_whose_standard_error_is_a_full_pipe():
    """The last line waited for a reader, and no signal but SIGKILL was heard."""
    read, write = full_pipe()
    code = (
        "import os, signal; from derandkit.runtime.signals import listen; listen()\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=write, text=True)
    try:
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        os.close(read)
        os.close(write)


def test_memory_that_ends_in_one_instance_keeps_the_rows_before_it(monkeypatch, tmp_path):
    """The rows of all instances before it were thrown away."""
    wing = comparison.PROBLEMS["maxcut"]
    seen = []

    def prepare(*arguments):
        seen.append(arguments)
        if len(seen) == 2:
            raise MemoryError
        return wing.prepare(*arguments)

    monkeypatch.setitem(comparison.PROBLEMS, "maxcut", comparison.dataclasses.replace(wing, prepare=prepare))
    names = ["one.txt", "two.txt"]
    for name in names:
        (tmp_path / name).write_text(TRIANGLE)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["compare", *names, "--methods", "greedy", "--format", "json", "-q"])
    assert done.exit_code == 2
    assert [row["instance"] for row in json.loads(done.stdout)] == ["one.txt"]
    assert "not enough memory for the instance two.txt" in done.stderr


class Pool:
    """What stands for a process: it answers at once."""

    def __init__(self, answers):
        self.answers = answers

    def submit(self, _function, number):
        future = Future()
        answer = self.answers[number]
        future.set_exception(answer) if isinstance(answer, Exception) else future.set_result(answer)
        return future


@pytest.mark.parametrize("fault", [InputError("refused"), ValueError("a fault")])
def test_results_that_end_beside_one_that_is_refused_are_not_lost(monkeypatch, fault):
    """Where several tasks ended in one look, the results behind the one that failed were dropped."""
    answers = [fault, "b", "c"]
    monkeypatch.setattr(processes._Processes, "__init__", lambda self, workers: vars(self).update(
        workers=workers, pools={}, free=[]))  # fmt: skip
    monkeypatch.setattr(processes._Processes, "made", lambda self: Pool(answers))
    found = spread(len, [(k,) for k in range(3)], workers=3, ordered=False)
    got = []
    with pytest.raises(type(fault)):
        got.extend(found)  # what comes before the error stays
    assert got == ["b", "c"]


def test_a_file_that_goes_while_it_is_looked_at_is_named_in_one_line(monkeypatch, tmp_path):
    """It was a traceback, with exit code 1."""

    def gone(*_arguments, **_options):
        raise FileNotFoundError(2, "No such file or directory", "gone.txt")

    (tmp_path / "one.txt").write_text(TRIANGLE)
    monkeypatch.setattr(common, "keep_inputs", gone)
    done = CliRunner().invoke(main, ["maxcut", str(tmp_path / "one.txt")])
    assert done.exit_code == 2
    assert done.stderr == "derandkit: gone.txt: cannot be used: No such file or directory\n"
