"""Bad input: exit code 2, one line on stderr that says what and where, nothing on stdout, nothing written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

import derandkit
from derandkit.cli import main

MATRIX = "%%MatrixMarket matrix coordinate real general\n"
FILES = {
    "empty": (b"", "the file is empty"),
    "comments": (b"# nothing\n", "holds only comments"),
    "weight": (b"a b 1\nb c heavy\n", ":2: weight 'heavy' is not a number"),
    "nan": (b"a b 1\n\nb c nan\n", ":3: weight 'nan' is not finite"),
    "infinite": (b"a b inf\n", ":1: weight 'inf' is not finite"),
    "overflow": (b"a b 1e999\n", ":1: weight '1e999' is too large"),
    "columns": (b"a b 1\nb c\n", ":2: 2 columns"),
    "four": (b"a b 1 2\n", ":1: 4 columns"),
    "header": (b"3 5\n1 2 1\n2 3 1\n", ":1: the header says 5 edges, the file has 2"),
    "range": (b"3 2\n1 2 1\n2 9 1\n", ":3: vertex 9 is not in 1..3"),
    "asymmetric": (MATRIX.encode() + b"2 2 2\n1 2 1\n2 1 5\n", "symmetric"),
    "rectangular": (MATRIX.encode() + b"2 3 1\n1 2 1\n", "square"),
    "binary": (b"\x00\x01\x02\xff" * 64, "binary"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(64), "the file is a picture"),
    "broken": (b"caf\xe9 \x81 1\n", ":1: not UTF-8"),
    "header.csv": (b"person,friend\nA,B\nB,C\n", ":1: 'person friend' looks like column names, or an edge"),
    "matrix.csv": (b"0,4,1\n4,0,1\n1,1,0\n", "--input-format matrix or edgelist"),
    "qubo.txt": (b"c x\np qubo 0 2 1 1\n0 0 -1\n0 1 2\n", "is a QUBO, not a graph"),
    "gzip": (b"\x1f\x8b\x08\x00rubbish", "gzip data is damaged"),
    "npz": (b"PK\x03\x04rubbish", "cannot be read as a matrix"),
    "directed.graphml": (b'<graphml><graph edgedefault="directed"></graph></graphml>', "directed"),
    "xml.graphml": (b"<graphml><graph", ":1: not well-formed XML"),
    "words.npz": (b"a b\n", "the name says npz but the content is a table"),
}


def refused(*arguments, folder, stdin=None, answer=""):
    """The line on stderr, after checking that nothing else happened; an answer that cannot be stored is printed."""
    before = sorted(folder.rglob("*"))
    outcome = CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)
    assert outcome.exit_code == 2, outcome.output
    assert outcome.stdout.startswith(answer) if answer else outcome.stdout == ""
    assert outcome.stderr.startswith("derandkit: ")
    lines = outcome.stderr.splitlines()  # what a graph was read as is no error
    assert len([line for line in lines if not line.startswith("derandkit: read ")]) == 1
    assert "Traceback" not in outcome.stderr
    assert sorted(folder.rglob("*")) == before
    return outcome.stderr


@pytest.fixture
def graph(tmp_path):
    file = tmp_path / "good.edgelist"
    file.write_text("a b 1\nb c 2\n")
    return file


@pytest.mark.parametrize("name", sorted(FILES))
def test_files_that_are_no_graph(tmp_path, name):
    content, message = FILES[name]
    file = tmp_path / name
    file.write_bytes(content)
    line = refused("maxcut", file, "-o", tmp_path / "out.json", "--plot", tmp_path / "p.png", folder=tmp_path)
    assert line.startswith(f"derandkit: {file}")
    assert message in line


def test_missing_file_and_directory(tmp_path):
    assert "no such file" in refused("maxcut", tmp_path / "none", folder=tmp_path)
    assert "is a directory" in refused("maxcut", tmp_path, folder=tmp_path)
    assert "no such file" in refused("verify", tmp_path / "none.json", tmp_path / "none", folder=tmp_path)
    assert "is a directory" in refused("verify", tmp_path, tmp_path / "none", folder=tmp_path)


def test_names_that_no_file_can_have(tmp_path):
    assert "cannot be read" in refused("maxcut", tmp_path / ("x" * 5000), folder=tmp_path)


def test_empty_standard_input(tmp_path):
    assert "<stdin>: the file is empty" in refused("maxcut", "-", folder=tmp_path, stdin="")


@pytest.mark.parametrize("option", ["-o", "--plot"])
def test_targets_that_cannot_be_written(tmp_path, graph, option):
    suffix = ".png"
    assert "does not exist" in refused(
        "maxcut", graph, option, tmp_path / "no" / f"x{suffix}", folder=tmp_path
    )
    assert "is a directory" in refused("maxcut", graph, option, tmp_path, folder=tmp_path)
    assert "does not exist" in refused("maxcut", graph, option, graph / f"x{suffix}", folder=tmp_path)
    assert "--format json" in refused("maxcut", graph, option, "-", folder=tmp_path)
    before = graph.read_bytes()
    assert "is the input itself" in refused("maxcut", graph, option, graph, folder=tmp_path)
    assert graph.read_bytes() == before


@pytest.mark.parametrize("option", ["-o", "--save-config", "--report"])
def test_a_table_that_a_configuration_names_is_not_written_over(tmp_path, option):
    """Only the file on the command line was guarded, and the user's data became a record."""
    table = tmp_path / "d.csv"
    table.write_text("a,b,y\n1,2,3\n2,1,4\n3,5,6\n")
    (tmp_path / "c.toml").write_text('[data]\ntable = "d.csv"\ntarget = "y"\n')
    before = table.read_bytes()
    line = refused("structure", tmp_path / "c.toml", option, table, folder=tmp_path)
    assert "is the input itself" in line
    assert table.read_bytes() == before


@pytest.mark.parametrize("option", ["--report", "--plot"])
@pytest.mark.parametrize("verb", ["maxcut", "balance"])
def test_a_start_is_not_written_over_by_a_page_or_a_picture(tmp_path, graph, verb, option):
    start = tmp_path / "r.png"
    graph.write_text("a b 1\nb c 1\n")
    start.write_text("a 0\nb 1\nc 0\n" if verb == "maxcut" else "a 1\nb -1\nc 1\n")
    before = start.read_bytes()
    assert "is the input itself" in refused(verb, graph, "--start", start, option, start, folder=tmp_path)
    assert start.read_bytes() == before


def test_both_targets_may_not_be_one_file(tmp_path, graph):
    line = refused("maxcut", graph, "-o", tmp_path / "x.png", "--plot", tmp_path / "x.png", folder=tmp_path)
    assert "name the same file" in line


def test_a_folder_without_permission(tmp_path, graph, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # an administrator may write everywhere
    assert "no permission" in refused("maxcut", graph, "-o", tmp_path / "x.json", folder=tmp_path)


def test_an_existing_file_survives_a_failed_write(tmp_path, graph, monkeypatch):
    target = tmp_path / "x.json"
    target.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    line = refused("maxcut", graph, "-o", target, folder=tmp_path, answer="{\n")
    assert "No space left on device; the record is printed in place of the table" in line
    assert target.read_text() == "old"
    columns = ("maxcut", graph, "-o", target, "--format", "tsv")
    line = refused(*columns, folder=tmp_path, answer="{\n")  # columns have the sides, and no certificate
    assert line.endswith("No space left on device; the record is printed in place of the columns\n")


def test_a_record_that_cannot_be_written_is_printed_and_verifies(tmp_path, graph, monkeypatch):
    """The table that was printed has no sides: the answer was lost."""
    honest = os.replace
    monkeypatch.setattr(os, "replace", lambda *_: os.open(tmp_path / "nowhere" / "x", os.O_RDONLY))
    done = CliRunner().invoke(main, ["maxcut", str(graph), "-o", str(tmp_path / "x.json")])
    monkeypatch.setattr(os, "replace", honest)
    assert done.exit_code == 2
    (tmp_path / "x.json").write_text(done.stdout)
    assert derandkit.verify(tmp_path / "x.json", graph).ok


@pytest.mark.parametrize("name", ["x.xyz", "x", "x.txt", "x.jpg"])
def test_plot_suffixes_are_known_before_any_work(tmp_path, graph, name, monkeypatch):
    monkeypatch.setattr("derandkit.cli.cuts.read_graph_file", lambda *_: pytest.fail("work was begun"))
    line = refused("maxcut", graph, "-o", tmp_path / "out.json", "--plot", tmp_path / name, folder=tmp_path)
    assert "pdf, png, svg" in line


def test_missing_matplotlib_is_known_before_any_work(tmp_path, graph, monkeypatch):
    monkeypatch.setattr("derandkit.plots.style.find_spec", lambda _: None)
    line = refused("maxcut", graph, "--plot", tmp_path / "x.png", folder=tmp_path)
    assert "pip install 'derandkit[plot]'" in line


def test_options_out_of_range(tmp_path):
    big = "\n".join(f"{k} {k + 1}" for k in range(300))
    line = refused("maxcut", "-", "--relaxation", "cvxpy", folder=tmp_path, stdin=big)
    assert "at most 200 vertices" in line


def test_a_format_that_does_not_fit_the_content(tmp_path, graph):
    assert "--input-format" in refused("maxcut", graph, "--input-format", "graphml", folder=tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [["maxcut"], ["maxcut", "g", "--method", "magic"], ["maxcut", "g", "--format", "xml"], ["verify", "r.json"],
     ["maxcut", "g", "--max-sweeps", "0"], ["maxcut", "g", "--duality-gap", "wide"],
     ["no-such-verb"], ["--no-such-option"]],
)  # fmt: skip
def test_bad_usage_exits_2(arguments):
    outcome = CliRunner().invoke(main, arguments)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr.count("\n") == 1
    assert outcome.stderr.startswith("derandkit") and "--help)" in outcome.stderr  # noqa: PT018


def test_no_memory_is_said_in_one_line(tmp_path, graph, monkeypatch):
    def huge(*_, **__):
        raise MemoryError

    monkeypatch.setattr("derandkit.cuts.solve.maxcut", huge)
    assert "not enough memory" in refused("maxcut", graph, folder=tmp_path)


@pytest.mark.parametrize("verb", ["maxcut", "maxdicut", "balance", "embed"])
@pytest.mark.parametrize("seconds", ["nan", "inf", "0", "-1"])
def test_a_limit_of_time_is_checked_before_the_file_is_read(verb, seconds):
    """The file does not exist: whoever reads it first says so."""
    outcome = CliRunner().invoke(main, [verb, "missing.edgelist", "--time-limit", seconds])
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"derandkit {verb}: Invalid value for '--time-limit'")
    assert outcome.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--duality-gap", "0"], "Invalid value for '--duality-gap'"),
        (["--duality-gap", "-1"], "Invalid value for '--duality-gap'"),
        (["--duality-gap", "nan"], "Invalid value for '--duality-gap'"),
        (["--duality-gap", "1"], "Invalid value for '--duality-gap'"),
        (["--fix", "a", "0", "--fix", "a", "1"], "--fix puts a vertex on both sides"),
    ],
)
def test_options_that_need_no_graph_are_checked_before_it_is_read(options, message):
    outcome = CliRunner().invoke(main, ["maxcut", "missing.edgelist", *options])
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (2, 1)
    assert message in outcome.stderr


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["maxcut", "g", "--fix", "a"], "derandkit maxcut"),
        (["maxcut", "g", "--output"], "derandkit maxcut"),
        (["--nothing"], "derandkit"),
        (["nothing", "maxcut"], "derandkit"),
    ],
)
def test_errors_of_the_parser_name_the_command(words, name):
    outcome = CliRunner().invoke(main, words)
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"{name}: ")
    assert outcome.stderr.endswith(f"(see {name} --help)\n")


@pytest.mark.parametrize("threads", ["0", "-1", "many", "2.0"])
def test_a_number_of_threads_that_numba_does_not_take(monkeypatch, threads):
    monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
    done = CliRunner().invoke(main, ["generate", "pm1d_80.0"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"derandkit: NUMBA_NUM_THREADS is {threads!r}; give a number of threads from 1 on\n"


@pytest.mark.parametrize("date", ["today", "1e3", "-5", "1_0", " 5", "253402300800", "9" * 20, "9" * 5000])
def test_a_date_that_is_none(monkeypatch, date):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
    done = CliRunner().invoke(main, ["generate", "pm1d_80.0"])
    assert (done.exit_code, done.stdout) == (2, "")
    begin = f"derandkit: SOURCE_DATE_EPOCH is {date[:40]!r}; give seconds since 1970 up to 253402300799, or unset it"
    assert done.stderr == f"{begin}\n"


@pytest.mark.parametrize("date", ["", "0", "253402300799"])
def test_dates_that_libraries_take(tmp_path, date):
    (tmp_path / "g.edgelist").write_text("0 1 2\n1 2 3\n")
    command = [
        sys.executable,
        "-m",
        "derandkit",
        "maxcut",
        "g.edgelist",
        "--plot",
        "g.svg",
        "--format",
        "tsv",
    ]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "SOURCE_DATE_EPOCH": date}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "0\t0\n1\t1\n2\t0\n")
    assert (tmp_path / "g.svg").stat().st_size > 0


def test_a_check_for_which_memory_ends_says_nothing_about_the_record(tmp_path, graph, monkeypatch):
    """Six statements of a correct record were said to have failed, as they could not be read."""
    record = tmp_path / "r.json"
    assert CliRunner().invoke(main, ["maxcut", str(graph), "-o", str(record)]).exit_code == 0
    whole = record.read_bytes()

    def huge(*_):
        raise MemoryError

    monkeypatch.setattr("derandkit.certificates.cuts.record._Examiner.check_chain", huge)
    outcome = CliRunner().invoke(main, ["verify", str(record), str(graph)])
    assert (outcome.exit_code, outcome.stderr) == (
        2,
        "derandkit: not enough memory for an instance of this size\n",
    )
    with pytest.raises(MemoryError):
        derandkit.verify(record, graph)
    record.unlink()
    outcome = CliRunner().invoke(main, ["maxcut", str(graph), "-q", "-o", str(record)])
    assert outcome.exit_code == 2
    assert outcome.stderr == "derandkit: the record was not checked: not enough memory\n"
    assert "cut " in outcome.stdout
    assert record.read_bytes() == whole
    both = [graph, shutil.copy(graph, tmp_path / "copy.edgelist")]
    outcome = CliRunner().invoke(
        main, ["maxcut", *map(str, both), "-o", str(tmp_path / "out"), "--workers", "1"]
    )
    assert outcome.exit_code == 2
    assert outcome.stderr.count("the record was not checked: not enough memory\n") == 2
    assert len(list((tmp_path / "out").iterdir())) == 2
