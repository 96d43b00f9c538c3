"""Many graphs at once: what is kept where a record, standard output, a graph or a file cannot be used."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from pathlib import Path

from click.testing import CliRunner
from tests.cli.test_many import contents, run

import derandkit
from derandkit import records
from derandkit.cli import main
from derandkit.cli.many import record_names
from derandkit.errors import InputError
from derandkit.runtime import streams


def test_a_record_that_cannot_be_written_is_one_line_and_the_others_go_on(tmp_path, monkeypatch):
    """The whole run ended there: later graphs were not solved, and earlier ones not shown."""
    monkeypatch.chdir(tmp_path)
    for name in "abc":
        Path(f"{name}.edgelist").write_text("x y 1\ny z 2\n")
    Path("out/b.edgelist.json").mkdir(parents=True)
    names = [f"{name}.edgelist" for name in "abc"]
    done = run(*names, "-o", "out", "--workers", 1, code=2)
    assert done.stderr.splitlines() == [
        "derandkit: out/b.edgelist.json: is no regular file, so no record can take its place"
    ]
    assert not Path("out/a.edgelist.json").exists()  # said before any work
    shutil.rmtree("out")
    honest = records.write_atomically

    def full(path, data):
        if Path(path).name.startswith("b"):
            raise InputError("cannot be written: No space left on device", path=str(path))
        honest(path, data)

    monkeypatch.setattr(records, "write_atomically", full)
    done = run(*names, "-o", "out", "--workers", 1, "--quiet", code=2)
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines if line[0] not in "{} "] == names
    assert "-> out/b" not in done.stdout
    assert (
        "out/b.edgelist.json: cannot be written: No space left on device; the record is printed"
        in done.stderr
    )
    printed = "".join(f"{line}\n" for line in lines if line[0] in "{} ")
    Path("b.json").write_text(printed)
    assert derandkit.verify("b.json", "b.edgelist").ok
    assert lines[1].startswith("b.edgelist: cut ")
    assert lines[2] == "{"  # below its line
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.edgelist.json", "c.edgelist.json"]


def test_a_record_is_not_written_where_standard_output_goes(graphs, tmp_path, monkeypatch):
    """The lines that were printed vanished with the file that the record was renamed over."""
    folder = tmp_path / "records"
    folder.mkdir()
    with (folder / record_names(map(str, graphs[:2]))[0]).open("w") as stream:
        stream.write("lines")
        stream.flush()
        found = streams.stream_of(stream.name)
        monkeypatch.setattr(sys, "stderr", stream)
        assert (found, streams.stream_of(stream.name)) == (None, "standard error")
        monkeypatch.setattr("derandkit.cli.many.stream_of", lambda _: "standard output")
        outcome = run(*graphs[:2], "-o", folder, code=2)
    assert "is where standard output goes; name another folder" in outcome.stderr
    assert list(contents(folder).values()) == [b"lines"]


def test_a_current_folder_that_goes_costs_no_answer(graphs, tmp_path, monkeypatch):
    """A second process could not start, and the run ended with no answer."""
    import derandkit.runtime.processes as processes

    honest, calls = processes._Processes.made, []

    def gone(self):
        pool = honest(self)
        if calls:
            monkeypatch.setattr(
                pool, "submit", lambda *_: (_ for _ in ()).throw(FileNotFoundError(2, "gone"))
            )
        calls.append(1)
        return pool

    monkeypatch.setattr(processes._Processes, "made", gone)
    outcome = run(*graphs[:2], "-o", tmp_path / "out", "--workers", "2", "--quiet", code=0)
    assert len(calls) >= 2
    assert outcome.stdout.count("\n") == 2


def test_two_records_are_not_one_file(graphs, tmp_path):
    folder = tmp_path / "records"
    folder.mkdir()
    one, other = (folder / name for name in record_names(map(str, graphs[:2])))
    one.symlink_to(other.name)
    outcome = run(*graphs[:2], "-o", folder, code=2)
    assert "a link leads to the file of another record; remove it, or name another folder" in outcome.output
    assert not other.exists()


def test_records_go_on_where_standard_output_is_full(graphs, tmp_path, monkeypatch):
    def full(_text, *, elsewhere):
        assert elsewhere
        raise InputError("standard output cannot be written: No space left on device")

    monkeypatch.setattr("derandkit.cli.many.print_text", full)
    folder = tmp_path / "records"
    outcome = run(*graphs, "-o", folder, "--workers", "1", code=2)
    assert "derandkit: standard output cannot be written: No space left on device\n" in outcome.stderr
    assert sorted(contents(folder)) == sorted(record_names(map(str, graphs)))


def test_a_fault_in_one_graph_leaves_the_others(graphs, tmp_path, monkeypatch):
    """An OverflowError ended the run with a traceback, and no graph had an answer."""
    import derandkit.cuts.solve as solve

    honest, calls = solve.maxcut, []

    def second_fails(*arguments, **options):
        calls.append(1)
        if len(calls) == 2:
            raise OverflowError("math range error")
        return honest(*arguments, **options)

    monkeypatch.setattr(solve, "maxcut", second_fails)
    outcome = run(*graphs, "-o", tmp_path / "out", "--workers", "1", code=1)
    assert (
        f"{graphs[1]}: there is no answer (OverflowError: math range error); please report it\n"
        in outcome.stderr
    )
    assert len(contents(tmp_path / "out")) == len(graphs) - 1


def test_files_that_cannot_be_used_are_not_complete(graphs, tmp_path, monkeypatch):
    import derandkit.cuts.solve as solve

    honest = solve.maxcut

    def interrupted(*arguments, **options):
        signal.raise_signal(signal.SIGINT)
        return honest(*arguments, **options)

    monkeypatch.setattr(solve, "maxcut", interrupted)
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        outcome = run(tmp_path / "missing", graphs[0], "-o", tmp_path / "out", "--workers", "1", code=130)
    finally:
        signal.signal(signal.SIGINT, previous)
    whole = int(", interrupted -> " not in outcome.stdout)  # a small graph may be optimal all the same
    assert outcome.stdout.count("\n") == 1
    assert f"interrupted: {whole} of 2 graphs were complete" in outcome.stderr


def test_the_graph_that_is_solved_is_the_one_that_is_named_also_behind_a_link(tmp_path, monkeypatch):
    """By the words alone ``link/../g.txt`` is ``g.txt``, and for the system it is not: another graph was solved."""
    monkeypatch.chdir(tmp_path)
    Path("real/deep").mkdir(parents=True)
    Path("link").symlink_to("real/deep")
    Path("real/g.txt").write_text("0 1\n1 2\n0 2\n")  # a triangle
    Path("g.txt").write_text("0 1\n1 2\n2 3\n3 4\n")
    outcome = CliRunner().invoke(main, ["maxcut", "link/../g.txt", "g.txt", "--workers", "1", "-o", "out"])
    assert outcome.exit_code == 0, outcome.output
    assert "link/../g.txt: cut 2," in outcome.stdout
    cuts = {file.name: json.loads(file.read_text())["cut_value"] for file in Path("out").iterdir()}
    assert cuts == {"real_g.txt.json": 2, f"{tmp_path.name}_g.txt.json": 4}
