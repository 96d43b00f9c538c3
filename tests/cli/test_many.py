"""Many graphs at once: records in a folder, a line a graph, the same bytes whoever works, bad files among good ones."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.catalogue import random_graph
from tests.cli.test_cli_process import PATIENCE, start

import derandkit
from derandkit.cli import main
from derandkit.cli.many import record_names
from derandkit.errors import InputError
from derandkit.graphs.writing import write_edgelist
from derandkit.runtime.cluster import QUIETLY
from derandkit.runtime.processes import spread

DATASETS = Path(__file__).parents[2] / "datasets"


def run(*arguments, code=0):
    outcome = CliRunner().invoke(main, ["maxcut", *map(str, arguments)])
    assert outcome.exit_code == code, outcome.output
    assert "Traceback" not in outcome.output
    return outcome


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_records_and_lines_are_those_of_single_runs_whoever_works(graphs, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    for file in graphs:
        run(file, "-o", alone / f"{file.name}.json", "--bound", "best")
    serial, parallel = tmp_path / "serial", tmp_path / "parallel"
    one = run(*graphs, "-o", serial, "--workers", "1", "--bound", "best")
    two = run(*graphs, "-o", f"{parallel}/", "--workers", "2", "--bound", "best")
    assert contents(serial) == contents(parallel) == contents(alone)
    assert set(contents(serial)) == {f"{file.name}.json" for file in graphs}
    lines = one.stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [str(file) for file in graphs]
    assert two.stdout == one.stdout.replace(str(serial), str(parallel))
    for file, line in zip(graphs, lines, strict=True):
        record = json.loads((serial / f"{file.name}.json").read_text())
        assert (
            f" cut {record['cut_value']:.9g}, upper bound {record['upper_bound']:.9g} certified, gap " in line
        )
        assert line.endswith(f", {record['status']} -> {serial / file.name}.json")
        assert derandkit.verify(record, file).ok
    loops = next(str(file) for file in graphs if file.name == "loops.edgelist")
    assert one.stderr == two.stderr
    assert one.stderr.splitlines() == [
        f"derandkit: {loops}: 1 edge is listed in both directions and adds up (--symmetrize max counts each once)",
        f"derandkit: {loops}: dropped 1 self-loop, which no cut counts",
        f"derandkit: {loops}: added 1 parallel edge to the first edge between the same vertices",
    ]


def test_the_same_bytes_from_a_dask_cluster(graphs, tmp_path):
    distributed = pytest.importorskip("distributed")
    here = run(*graphs, "-o", tmp_path / "here", "--workers", "1", "--method", "conditional")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, protocol="tcp", **QUIETLY
    ) as cluster:
        address = cluster.scheduler_address
        there = run(*graphs, "-o", tmp_path / "there", "--dask", address, "--method", "conditional")
        lone = run(graphs[0], "--dask", address)
    assert address.startswith("tcp://")
    assert contents(tmp_path / "here") == contents(tmp_path / "there")
    assert there.stdout == here.stdout.replace(str(tmp_path / "here"), str(tmp_path / "there"))
    assert lone.stdout.count("\n") == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_bad_files_get_a_line_and_the_others_are_solved(graphs, tmp_path, workers):
    bad = tmp_path / "bad.edgelist"
    bad.write_text("a b 1\nb c heavy\n")
    outcome = run(
        bad, graphs[0], tmp_path / "none", graphs[1], "-o", tmp_path / "out", "--workers", workers, code=2
    )
    assert outcome.stdout.count("\n") == 2
    errors = [line for line in outcome.stderr.splitlines() if "loops.edgelist: " not in line]
    assert errors == [
        f"derandkit: {bad}:2: weight 'heavy' is not a number",
        f"derandkit: {tmp_path / 'none'}: no such file",
    ]
    assert sorted(contents(tmp_path / "out")) == [f"{file.name}.json" for file in graphs[:2]]


def test_a_record_that_fails_its_check_is_said_and_exits_1(graphs, tmp_path, monkeypatch):
    honest = derandkit.MaxCutResult.to_dict
    monkeypatch.setattr(derandkit.MaxCutResult, "to_dict", lambda self: {**honest(self), "cut_value": 99})
    torus = DATASETS / "torus-10x10.rudy"
    outcome = run(torus, DATASETS / "petersen.edgelist", "-o", tmp_path / "out", "--workers", "1", code=1)
    assert f"derandkit: {torus}: check cut_value failed: " in outcome.stderr
    assert len(contents(tmp_path / "out")) == 2
    assert run(torus, DATASETS / "petersen.edgelist", "--workers", "1", "--no-verify").stderr == ""


def test_names_of_one_graph_in_two_folders_do_not_clash(tmp_path):
    files = []
    for place, text in (("a", "1 2\n"), ("b", "1 2\n2 3\n3 1\n")):
        (tmp_path / place).mkdir()
        files.append(tmp_path / place / "graph.edgelist")
        files[-1].write_text(text)
    run(*files, "-o", tmp_path / "out", "--workers", "1")
    cuts = {name: json.loads(text)["cut_value"] for name, text in contents(tmp_path / "out").items()}
    assert cuts == {"a_graph.edgelist.json": 1, "b_graph.edgelist.json": 2}


PART = st.text("aA_b", min_size=1, max_size=2)


@given(st.lists(st.lists(PART, min_size=1, max_size=3).map("/".join), min_size=1, max_size=6, unique=True))
def test_names_of_records_are_distinct_whatever_the_letters_case(paths):
    try:
        names = record_names(paths)
    except InputError:
        whole = {os.path.abspath(path).replace("/", "_").casefold() for path in paths}
        assert len(whole) < len(paths)  # only names that are one even with all their folders
        return
    assert len({name.casefold() for name in names}) == len(paths)
    for path, name in zip(paths, names, strict=True):
        assert name.endswith(f"{Path(path).name}.json")
        assert "/" not in name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--plot", "x.png"], "--plot is for one graph"),
        (["--format", "json"], "--format is for one graph"),
        (["-o", "-"], "name a folder"),
        (["-o", ""], "the name of the folder to write is empty"),
        (["--dask", ""], "the address of --dask is empty"),
        (["-o", "new/", "--dask", "tcp://127.0.0.1:9"], "no dask scheduler answers"),
        (["-o", "FILE"], "is a file; name a folder"),
        (["-o", "FILE/"], "is a file; name a folder"),
        (["-o", "no/such/folder/"], "the folder cannot be made"),
        (["--duality-gap", "0"], "not in the range 0.0<x<=0.1"),
        (["--relaxation", "cvxpy", "--duality-gap", "-1"], "not in the range 0.0<x<=0.1"),
        (["-"], "standard input cannot be one of several"),
        ([DATASETS / "petersen.edgelist"], "is named twice"),
        (["--dask", "tcp://127.0.0.1:9"], "no dask scheduler answers at 'tcp://127.0.0.1:9'"),
    ],
)
def test_what_is_wrong_with_the_call_is_said_before_any_work(options, message, tmp_path, monkeypatch):
    if "--dask" in options:
        pytest.importorskip("distributed")
        dask = pytest.importorskip("dask")
        monkeypatch.setattr(dask.config, "config", {**dask.config.config})
        dask.config.set({"distributed.comm.timeouts.connect": "1s"})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_text("1 2\n")
    given_options = [
        str(tmp_path / "FILE") + option[4:] if str(option).startswith("FILE") else option
        for option in options
    ]
    outcome = run(DATASETS / "petersen.edgelist", DATASETS / "torus-10x10.rudy", *given_options, code=2)
    assert outcome.stdout == ""
    assert message in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["FILE"], "also no folder that this run has made"


def test_a_record_does_not_overwrite_an_input(tmp_path):
    for name in ("graph", "graph.json"):
        (tmp_path / name).write_text("1 2\n")
    outcome = run(tmp_path / "graph", tmp_path / "graph.json", "-o", tmp_path, code=2)
    assert "would overwrite an input" in outcome.stderr
    assert set(contents(tmp_path).values()) == {b"1 2\n"}


def test_ctrl_c_keeps_what_is_complete_and_the_best_answer_so_far(graphs, tmp_path, monkeypatch):
    import derandkit.signs.relaxation.lowrank as relaxation

    honest, calls = relaxation.pull_norms, []

    def third_is_interrupted(*arguments, **options):
        if not calls and len(list((tmp_path / "out").iterdir())) == 2:
            calls.append(1)
            signal.raise_signal(signal.SIGINT)
        return honest(*arguments, **options)

    whole = run(*graphs, "-o", tmp_path / "whole", "--workers", "1")
    monkeypatch.setattr(relaxation, "pull_norms", third_is_interrupted)
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        outcome = run(*graphs, "-o", tmp_path / "out", "--workers", "1", code=130)
    finally:
        signal.signal(signal.SIGINT, previous)
    kept = contents(tmp_path / "out")
    assert calls
    complete = set(kept.items()) & set(contents(tmp_path / "whole").items())
    assert 2 <= len(complete) == len(kept) - 1 < len(graphs) - 1
    lines = outcome.stdout.replace(str(tmp_path / "out"), str(tmp_path / "whole")).splitlines()
    assert lines[:-1] == whole.stdout.splitlines()[: len(complete)]
    assert ", interrupted -> " in lines[-1]
    ((name, record),) = set(kept.items()) - complete
    (graph,) = (graph for graph in graphs if Path(graph).name == Path(name).stem)
    assert json.loads(record)["status"] == "interrupted"
    assert derandkit.verify(json.loads(record), derandkit.read_graph(graph)).ok
    said = f"derandkit: interrupted: {len(complete)} of {len(graphs)} graphs were complete"
    assert f"{said}; of 1 more this is the best answer so far\n" in outcome.stderr


ENDLESS = ("--duality-gap", "1e-13", "--max-sweeps", "100000000", "--workers", "2")


def endless_graph(folder):
    """A graph whose relaxation does not reach the gap of `ENDLESS` in any time a test has."""
    endless = folder / "endless.edgelist"
    with endless.open("w") as file:
        write_edgelist(random_graph(2500, 0.004, seed=1, weights="signs"), file)
    return endless


def wait_until(reached, process):
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)


def time_of_children(parent):
    """Return the processor time of each child so far, in clock ticks."""
    used = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == parent:
                    used[int(entry.name)] = int(fields[11])
    return used


def working_child(parent):
    """Return the child that uses processor time now: one that has compiled kernels and is idle may have used more."""
    before = time_of_children(parent)
    while True:
        time.sleep(0.05)
        gained = {pid: used - before.get(pid, used) for pid, used in time_of_children(parent).items()}
        if max(gained.values()) >= 20:
            return max(gained, key=gained.get)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGXCPU", "SIGSTOP and SIGUSR1"])
def test_what_is_sent_to_every_process_ends_the_work_and_loses_no_answer(tmp_path, name):
    """A terminal, ``timeout`` and batch systems do so: SIGTERM ended the workers, and their answers were lost.

    Workers that somebody has stopped before were waited for without end.
    """
    *stop, name = name.split(" and ")
    endless = endless_graph(tmp_path)
    out, quick = tmp_path / "out", DATASETS / "petersen.edgelist"
    process = start(
        "maxcut", endless, quick, "-o", out, *ENDLESS,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        wait_until(lambda: (out / f"{quick.name}.json").exists(), process)
        if stop:
            os.kill(working_child(process.pid), signal.SIGSTOP)
        os.killpg(process.pid, signal.Signals[name])
        stdout, stderr = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 128 + signal.Signals[name], stderr
    first, second = sorted(stdout.splitlines(), key=lambda line: ", interrupted -> " in line)
    assert first.startswith(f"{quick}: cut 12, ")
    assert second.startswith(f"{endless}: cut ")
    assert stderr == (
        "derandkit: interrupted: 1 of 2 graphs were complete; of 1 more this is the best answer so far\n"
    )
    assert {file.name for file in out.iterdir()} == {f"{quick.name}.json", f"{endless.name}.json"}
    assert derandkit.verify(out / f"{endless.name}.json", endless).ok


def name_the_lost(text):
    return f"lost {text}"


#: Tasks for `eval`, which every process has: the second one kills its process.
DEADLY = [("10",), ("__import__('os').kill(__import__('os').getpid(), 9)",), ("20",), ("30",)]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_worker_that_dies_takes_one_task_with_it():
    found = list(spread(eval, DEADLY, workers=2, lost=name_the_lost))
    assert found == [10, f"lost {DEADLY[1][0]}", 20, 30]
    with pytest.raises(InputError, match="a worker process died"):
        list(spread(eval, DEADLY, workers=2))


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_dask_worker_that_dies_takes_one_task_with_it():
    distributed, dask = pytest.importorskip("distributed"), pytest.importorskip("dask")
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=True, **QUIETLY, silence_logs=50
        ) as cluster,
        distributed.Client(cluster),
    ):
        found = list(spread(eval, DEADLY, workers=1, backend="dask", lost=name_the_lost))
    assert found == [10, f"lost {DEADLY[1][0]}", 20, 30]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_a_graph_whose_worker_is_killed_is_named_and_the_others_are_solved(tmp_path):
    endless = endless_graph(tmp_path)
    quick = DATASETS / "petersen.edgelist"
    process = start(
        "maxcut", endless, quick, DATASETS / "torus-10x10.rudy", "-o", tmp_path / "out", *ENDLESS,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_until(lambda: len(list((tmp_path / "out").glob("*.json"))) == 2, process)
        os.kill(working_child(process.pid), signal.SIGKILL)
        stdout, stderr = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 1, stderr
    assert [line.partition(": ")[0] for line in stdout.splitlines()] == [
        str(quick), str(DATASETS / "torus-10x10.rudy")
    ]  # fmt: skip
    assert stderr == (
        f"derandkit: {endless}: the worker process died, most likely because memory ran out; run fewer workers\n"
    )


PARENT = """
import os, time
from derandkit.runtime.processes import spread
def busy(seconds):
    os.write(1, b"%d\\n" % os.getpid())  # in one piece: two processes share the pipe
    x = 0
    while True:
        x += sum(range(10**6))
list(spread(busy, [(0,), (1,)], workers=2))
"""


def alive(pid):
    """Whether there is such a process that has not ended; one may end between two looks at it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_the_process_that_started_them(number):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        workers = [int(parent.stdout.readline()) for _ in range(2)]
        assert all(map(alive, workers))
        parent.send_signal(number)
        parent.wait(timeout=PATIENCE)
        end = time.monotonic() + PATIENCE
        while any(map(alive, workers)):
            assert time.monotonic() < end
            time.sleep(0.02)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)
        parent.stdout.close()
        parent.wait()


def test_work_that_is_given_up_ends_without_a_word():
    results = spread(time.sleep, [(0.0,), (600.0,)], workers=2, ordered=False)
    assert next(results) is None
    results.close()  # the test would go on for ten minutes if the work did


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_workers_never_hear_that_the_work_shall_end_from_their_first_instruction_on():
    """A second tracker of resources let Ctrl-C through to the worker that was started with it: a traceback."""
    code = (
        "from derandkit.runtime.processes import spread\n"
        "held = \"{n.name for n in __import__('signal').pthread_sigmask(0, [])} \"\\\n"
        "    \" == {'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGPROF'}\"\n"
        "print(list(spread(eval, [(held,)] * 3, workers=3)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[True, True, True]\n", done.stderr
