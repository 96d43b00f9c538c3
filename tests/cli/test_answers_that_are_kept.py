"""No part of an answer is lost, and no input: full disks beside each format, streams that are files, pipes, signals."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.inputs import FILES

import derandkit as dk
from derandkit.cli import main
from derandkit.plots.layout import file_positions

#: What a run prints that has no place for one of its files, by format: columns have the images, and no map.
PAIRS = [
    ("maxcut g.edgelist -o FULL", "tsv", "record"),
    ("maxcut g.edgelist --report FULL.html", "tsv", "record"),
    ("maxcut g.edgelist --plot FULL.svg", "tsv", "record"),
    ("maxcut g.edgelist -o room --plot FULL.svg", "tsv", "columns"),
    ("qubo q.coo --plot FULL.svg", "tsv", "record"),
    ("embed p.csv -k 2 --plot FULL.svg", "tsv", "record"),
    ("maxcut g.edgelist -o room --report FULL.html", "text", "table"),
    ("qubo q.coo -o FULL", "tsv", "record"),
    ("embed p.csv -k 2 -o FULL", "tsv", "record"),
    ("embed p.csv -k 2 --embedded FULL.npy", "tsv", "columns"),
    ("embed p.csv -k 2 --embedded FULL.npy", "text", "record"),
    ("embed p.csv -k 2 --embedded FULL.npy", "json", "record"),
    ("embed p.csv -k 2 -o room --embedded FULL.npy", "text", "table"),
    ("embed p.csv -k 2 -o FULL --embedded room.npy", "tsv", "record"),
    ("features p.csv -n 4 --features FULL.npy", "text", "record"),
    ("features p.csv -n 4 -o FULL --features room.npy", "tsv", "record"),
]


@pytest.mark.parametrize(("line", "printed", "found"), PAIRS)
def test_the_answer_is_printed_in_full_where_no_file_has_it(folder, monkeypatch, line, printed, found):
    """Map, bound and chain were lost where images, pages or pictures could not be written beside columns."""
    honest = os.replace

    def replaced(source, target):
        if "FULL" in str(target):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        honest(source, target)

    monkeypatch.setattr(os, "replace", replaced)
    outcome = CliRunner().invoke(main, [*line.split(), "--format", printed, "-q"])
    assert outcome.exit_code == 2
    assert outcome.stderr.count("\n") == 1
    assert outcome.stdout.startswith("{\n") == (found == "record")
    instead = {"text": "table", "tsv": "columns"}.get(printed, "") if found == "record" else ""
    assert outcome.stderr.endswith(
        f"No space left on device{f'; the record is printed in place of the {instead}' if instead else ''}\n"
    )
    if found == "record":
        Path("said.json").write_text(outcome.stdout)
        assert dk.verify("said.json", line.split()[1]).ok
    elif found == "columns":
        assert "\t" in outcome.stdout
    else:
        assert dk.verify("room", line.split()[1]).ok


@pytest.mark.parametrize(
    ("line", "printed", "broken"),
    [
        ("maxcut g.edgelist", "text", "derandkit.tables.aligned"),
        ("maxcut g.edgelist --solutions 3 -o room", "tsv", "derandkit.cuts.table.columns_tsv"),
        ("qubo q.coo", "text", "derandkit.quadratic.result.QuadraticResult.__str__"),
        ("qubo q.coo", "tsv", "derandkit.quadratic.table.solution_tsv"),
        ("embed p.csv -k 2", "text", "derandkit.embeddings.result.EmbeddingResult.__str__"),
    ],
)
@pytest.mark.parametrize("fault", [ImportError("libz.so.1: cannot open shared object file"), MemoryError()])
def test_an_answer_that_cannot_be_shown_as_a_table_is_printed_as_its_record(
    folder, monkeypatch, line, printed, broken, fault
):
    """A module that the table needs and that could not be loaded took the answer with it."""

    def fails(*_, **__):
        raise fault

    monkeypatch.setattr(broken, fails)
    outcome = CliRunner().invoke(main, [*line.split(), "--format", printed, "-q"])
    assert outcome.exit_code == 2
    assert outcome.stderr.count("\n") == 1
    place = "table" if printed == "text" else "columns"
    assert outcome.stderr.endswith(f"; the record is printed in place of the {place}\n")
    (folder / "printed.json").write_text(outcome.stdout)
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert dk.verify("printed.json", line.split()[1]).ok


@pytest.mark.parametrize(
    "error", [MemoryError(), ValueError("a fault\nof a library"), FileNotFoundError(2, "gone")]
)
def test_no_error_beside_the_answer_costs_it(folder, monkeypatch, error):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr("derandkit.reports.report.result_page", broken)
    outcome = CliRunner().invoke(main, ["maxcut", "g.edgelist", "--report", "r.html", "-q"])
    assert (outcome.exit_code, outcome.stdout[:2]) == (2, "{\n")
    assert outcome.stderr.startswith("derandkit: not all was done beside the answer: ")
    assert outcome.stderr.count("\n") == 1


#: Commands that read standard input, and the name of a file that they write.
FROM_INPUT = {
    "maxcut - -o": "g.edgelist",
    "maxcut - --report": "g.edgelist",
    "maxdicut - -o": "g.edgelist",
    "balance - -o": "g.edgelist",
    "ising - -o": "i.coo",
    "qubo - --report": "q.coo",
    "max2sat - --report": "c.cnf",
    "embed - -k 2 -o": "p.csv",
    "embed - -k 2 --embedded": "p.csv",
    "features - -n 4 --features": "p.csv",
    "structure --data - --target 4 -o": "p.csv",
    "structure --data /dev/stdin --target 4 --save-config": "p.csv",
    "compare - --report": "g.edgelist",
}


@pytest.mark.parametrize("line", FROM_INPUT)
@pytest.mark.parametrize("linked", [False, True])
def test_the_file_behind_standard_input_is_not_written_over(folder, monkeypatch, capsys, line, linked):
    """``-`` was no path, so that the answer took the place of the instance it is about."""
    name = FROM_INPUT[line]
    kept = "in"
    Path(kept).write_text(FILES[name])
    if linked:
        Path("link").symlink_to(kept)
    with Path(kept).open() as stream:
        monkeypatch.setattr("derandkit.runtime.streams.sys.stdin", stream)
        if "/dev/stdin" in line:
            line = line.replace("/dev/stdin", f"/proc/self/fd/{stream.fileno()}")
        target = "link" if linked else kept
        code = main.main([*line.split(), target], standalone_mode=False)
    said = f"derandkit: {target}: is the input itself; name another file to write\n"
    assert (code, capsys.readouterr().err) == (2, said)
    assert Path(kept).read_text() == FILES[name]


@pytest.mark.parametrize("option", [name.split()[-1] for name in ("-o", "--report", "--plot")])
def test_no_file_is_put_in_the_place_of_standard_output(folder, option):
    """The columns that were printed went to a file that no name leads to any more."""
    target = Path({"-o": "out.json", "--report": "out.html", "--plot": "out.svg"}[option])
    command = [
        sys.executable,
        "-m",
        "derandkit",
        "maxcut",
        "g.edgelist",
        "--format",
        "tsv",
        option,
        target.name,
    ]
    with target.open("w") as stream:
        done = subprocess.run(command, stdout=stream, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"derandkit: {target}: is where standard output goes; name another file to write\n"
    assert target.read_text() == ""


def test_a_descriptor_and_a_file_that_it_leads_to_are_one_output(folder):
    with Path("log").open("w") as stream:
        place = f"/dev/fd/{stream.fileno()}"
        outcome = CliRunner().invoke(main, ["maxcut", "g.edgelist", "-o", "log", "--report", place])
    assert outcome.exit_code == 2
    assert "--output and --report name the same file" in outcome.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="signals that end the wait for a pipe")
def test_a_record_that_a_pipe_did_not_take_is_printed_after_a_signal(folder):
    """The answer was dropped, with standard output open beside it."""
    os.mkfifo("pipe")
    started = threading.Timer(0, lambda: None)

    def ends(*_):
        import derandkit.runtime.signals as signals

        while not signals._waiting:
            started.finished.wait(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=ends, daemon=True)
    thread.start()
    try:
        outcome = CliRunner().invoke(main, ["maxcut", "g.edgelist", "-o", "pipe", "-q"])
    finally:
        signal.signal(signal.SIGINT, before)
        thread.join(timeout=60)
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines() == [
        "derandkit: pipe: cannot be written: interrupted while no one read it; the record is printed in place of the "
        "table",
        "derandkit: interrupted: the run was complete",
    ]
    Path("said.json").write_text(outcome.stdout)
    assert dk.verify("said.json", "g.edgelist").ok


def test_a_graph_from_a_pipe_is_read_once(folder):
    """For positions of vertices a named pipe was opened again, and the answer waited for a second writer."""
    os.mkfifo("pipe")
    assert file_positions("pipe", ["a"]) is None


@pytest.mark.parametrize(
    "line",
    [
        "maxcut",
        "embed -k 2",
        "features -n 4",
        "ising",
        "qubo",
        "max2sat",
        "maxdicut",
        "balance",
        "structure",
        "compare",
    ],
)
def test_an_empty_name_of_an_input_is_shown(folder, line):
    outcome = CliRunner().invoke(main, [*line.split(), ""])
    assert (outcome.exit_code, outcome.stderr) == (2, "derandkit: '': no such file\n")
