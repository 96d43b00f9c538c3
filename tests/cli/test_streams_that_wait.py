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
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from joblib.externals.loky.process_executor import TerminatedWorkerError
from tests.cli.test_cli_process import PATIENCE

import derandkit
from derandkit.cli import common, main, narration
from derandkit.comparison import run as comparison
from derandkit.content import read_bytes
from derandkit.errors import InputError
from derandkit.runtime import cluster, processes, streams
from derandkit.runtime.cluster import Cluster
from derandkit.runtime.processes import Team, spread
from derandkit.runtime.signals import Signals
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


@pytest.mark.parametrize("blocking", [False, True])
@pytest.mark.parametrize("buffering", [0, -1])
def test_standard_output_whose_reader_is_slow_gets_the_whole_answer(monkeypatch, buffering, blocking):
    """What a full pipe that does not block did not take was lost; without a buffer it was tried for ever."""
    read, write = os.pipe()
    os.set_blocking(write, blocking)
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


@pytest.mark.parametrize("late", [False, True])
def test_a_signal_ends_a_run_whose_answer_no_one_reads(late):
    """The first signal asked for the best answer so far, which was there; the write went on for ever."""
    code = (
        "import sys; from derandkit.cli.common import print_text; from derandkit.runtime import signals, streams\n"
        "signals.listen(); streams.PATIENCE = 0.3; entered = signals.waiting\n"
        "def waiting(**settings): print('waits', file=sys.stderr, flush=True); return entered(**settings)\n"
        "def flush(stream): print('prints', file=sys.stderr, flush=True)\n"
        "import derandkit.cli.common; derandkit.cli.common.waiting = waiting; derandkit.cli.common.flush = flush\n"
        "with signals.Signals(): print_text('x' * 2000000)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert child.stderr.readline() == "prints\n"
        assert not late or child.stderr.readline() == "waits\n"
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
        assert child.stderr.read().endswith("derandkit: interrupted while no one read the answer\n")
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        child.stderr.close()


def test_a_signal_leaves_an_answer_that_no_one_reads_where_there_is_more_to_do(monkeypatch):
    """Records of other graphs go to their folder."""
    read, write = full_pipe()
    monkeypatch.setattr(streams, "PATIENCE", 0.01)
    main_thread = threading.main_thread().ident
    with open(write, "wb", buffering=0) as raw, Signals() as signals:
        timer = threading.Timer(0.1, signal.pthread_kill, (main_thread, signal.SIGINT))
        methods = {"flush": lambda _: timer.start(), "isatty": bool, "fileno": lambda _: raw.fileno()}
        stream = type("Stream", (), {"buffer": raw, "encoding": "utf-8", **methods})()
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(InputError, match="interrupted while no one read it"):
            common.print_text("text", elsewhere=True)
        monkeypatch.undo()
        timer.join()
        assert signals.requested
    os.close(read)


def test_descriptors_of_any_number_are_waited_for():
    """`select.select` raises a ValueError from 1024 on."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < 1100:
        pytest.skip("the system allows no descriptor of that number")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 1100), before[1]))
    read, write = full_pipe()
    try:
        high = os.dup2(write, 1090)
        assert not streams.takes(high)
        os.read(read, 2**16)
        assert streams.takes(high, None)
        os.close(high)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        os.close(read)
        os.close(write)


def test_the_line_of_progress_is_gone_before_the_rows_are_printed(monkeypatch, tmp_path):
    """What `compare` said and printed on a terminal stood behind that line, which was drawn again meanwhile."""
    drawn = []

    @contextmanager
    def narrator(quiet):
        drawn.append(quiet)
        yield lambda _progress: None
        drawn.clear()

    def printed(_text, *, data):
        assert not drawn
        assert not data

    monkeypatch.setattr(narration, "narrator", narrator)
    monkeypatch.setattr("derandkit.cli.comparison.print_text", printed)
    monkeypatch.setattr("derandkit.cli.comparison.say", lambda text: printed(text, data=False))
    (tmp_path / "one.txt").write_text(TRIANGLE)
    done = CliRunner().invoke(main, ["compare", str(tmp_path / "one.txt"), "--methods", "greedy"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("first", [1, 2])
def test_a_file_that_is_refused_is_said_beside_an_interruption(monkeypatch, tmp_path, first):
    """Ctrl-C hid that the rows of a file were missing for another reason."""
    wing = comparison.PROBLEMS["maxcut"]
    seen = []

    def prepare(*arguments):
        seen.append(arguments)
        if len(seen) == first:
            signal.raise_signal(signal.SIGINT)
            raise InputError("holds a cake", path="cake.txt")
        return wing.prepare(*arguments)

    monkeypatch.setitem(comparison.PROBLEMS, "maxcut", comparison.dataclasses.replace(wing, prepare=prepare))
    names = ["one.txt", "cake.txt", "two.txt"]
    for name in names:
        (tmp_path / name).write_text(TRIANGLE)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["compare", *names, "--methods", "greedy", "--format", "json", "-q"])
    assert done.exit_code == 130
    end = "these are the instances that were complete" if first > 1 else None
    assert done.stderr.splitlines() == [
        "derandkit: cake.txt: holds a cake",
        f"derandkit: interrupted: {end}" if end else "derandkit: interrupted before there was an answer",
    ]
    assert [row["instance"] for row in json.loads(done.stdout or "[]")] == names[: first - 1]


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

    def shutdown(self, kill_workers):
        assert kill_workers

    def submit(self, _function, number):
        answer = self.answers[number]
        if isinstance(answer, Future):  # it ends later
            return answer
        future = Future()
        future.set_exception(answer) if isinstance(answer, Exception) else future.set_result(answer)
        return future


def stand_in(monkeypatch, answers):
    """Let pools that answer at once stand in for processes."""

    def made(self):
        pool = Pool(answers)
        self.pools[pool] = threading.Semaphore(0)
        return pool

    monkeypatch.setattr(processes._Processes, "__init__", lambda self, workers: vars(self).update(
        workers=workers, pools={}, free=[]))  # fmt: skip
    monkeypatch.setattr(processes._Processes, "made", made)


@pytest.mark.parametrize(
    "fault", [InputError("refused"), ValueError("a fault"), TerminatedWorkerError("killed")]
)
def test_results_that_end_beside_one_that_is_refused_are_not_lost(monkeypatch, fault):
    """Where several tasks ended in one look, the results behind the one that failed were dropped."""
    stand_in(monkeypatch, [fault, "b", "c"])
    found = spread(len, [(k,) for k in range(3)], workers=3, ordered=False)
    got = []
    with pytest.raises(InputError if isinstance(fault, TerminatedWorkerError) else type(fault)):
        got.extend(found)  # what comes before the error stays
    assert got == ["b", "c"]


@pytest.mark.parametrize("gently", [False, True])
def test_what_was_refused_before_a_run_is_stopped_is_said(monkeypatch, gently):
    """The run ended as if nothing had been refused."""
    stand_in(monkeypatch, [InputError("refused"), Future()])
    looks = []

    def stopped():
        looks.append(None)
        return len(looks) > 2

    monkeypatch.setattr(processes, "_wake", lambda _pool: None)

    def wait(running, **_):
        done = {future for future in running if future.done()}
        for future in running if not done else ():  # ends after the next look
            future.set_result("b")
        return done, None

    monkeypatch.setattr(processes, "wait", wait)
    got = []
    with pytest.raises(InputError, match="refused"):
        got.extend(spread(len, [(0,), (1,)], workers=2, ordered=False, stopped=stopped, gently=gently))
    assert got == (["b"] if gently else [])


class Client:
    """What stands for a cluster of dask: it answers at once, and its scheduler has a worker."""

    status, scheduler = "running", SimpleNamespace(identity=None)

    def __init__(self, answers):
        self.answers, self.cancelled = answers, []

    def submit(self, _function, number, pure):
        assert not pure
        answer = self.answers[number]
        return Answered(answer)

    def sync(self, *_arguments, **_options):
        return {"workers": {"tcp://one": {}}}

    def cancel(self, futures):
        self.cancelled += futures


class Answered:
    """A future of dask that is done."""

    def __init__(self, answer):
        self.answer = answer
        self.status = "error" if isinstance(answer, Exception) else "finished"

    def exception(self):
        return self.answer

    def result(self, timeout=None):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def dask(monkeypatch):
    modules = {
        "distributed": SimpleNamespace(wait=lambda futures, **_: SimpleNamespace(done=set(futures))),
        "distributed.scheduler": SimpleNamespace(KilledWorker=TerminatedWorkerError),
    }
    monkeypatch.setattr(cluster, "import_module", modules.__getitem__)


@pytest.mark.parametrize("fault", [InputError("refused"), ValueError("a fault")])
def test_results_of_a_cluster_beside_one_that_is_refused_are_not_lost(dask, fault):
    """The results behind the one that failed were dropped."""
    found = Team(Cluster(Client([fault, "b", "c"])).run).run(len, [(k,) for k in range(3)], ordered=False)
    got = []
    with pytest.raises(type(fault)):
        got.extend(found)
    assert got == ["b", "c"]


def test_what_a_cluster_was_not_given_is_said_where_it_is_stopped(dask):
    class Tasks(list):
        def __getitem__(self, k):
            if k == 1:
                raise InputError("refused")
            return super().__getitem__(k)

    team = Team(Cluster(Client(["a"])).run)
    with pytest.raises(InputError, match="refused"):
        list(team.run(len, Tasks([(0,), (1,)]), stopped=lambda: True))


def test_a_file_that_goes_while_it_is_looked_at_is_named_in_one_line(monkeypatch, tmp_path):
    """It was a traceback, with exit code 1."""

    def gone(*_arguments, **_options):
        raise FileNotFoundError(2, "No such file or directory", "gone.txt")

    (tmp_path / "one.txt").write_text(TRIANGLE)
    monkeypatch.setattr(common, "keep_inputs", gone)
    done = CliRunner().invoke(main, ["maxcut", str(tmp_path / "one.txt")])
    assert done.exit_code == 2
    assert done.stderr == "derandkit: gone.txt: cannot be used: No such file or directory\n"
