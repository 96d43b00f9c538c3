"""Standard streams that the caller has closed or that are full, and compiled kernels that are damaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner
from tests.cli.test_cli_process import PATIENCE, PETERSEN, command

from derandkit.cli import main
from derandkit.runtime.streams import lossy


def shell(line, *arguments):
    """Run the command line by a shell, which closes streams as ``2>&-`` says; return code, output and error lines."""
    done = subprocess.run(
        ["sh", "-c", f'"$@" {line}', "sh", *command(*arguments)],
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_closed_standard_error_costs_no_answer(tmp_path):
    file = tmp_path / "cut.json"
    code, out, _ = shell("2>&-", "maxcut", PETERSEN, "-o", file, "--format", "tsv")
    assert code == 0
    assert out.count("\n") == 10
    assert file.exists()


@pytest.mark.parametrize("closed", ["2>&-", "<&- 2>&-"])
def test_workers_need_no_stream_that_is_closed(tmp_path, closed):
    names = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for name in names:
        name.write_text("a b\nb c\nc a\n")
    code, out, _ = shell(closed, "maxcut", *names, "-o", tmp_path / "records", "--workers", "2")
    assert code == 0
    assert [line.partition(": ")[2].partition(",")[0] for line in out.splitlines()] == ["cut 2", "cut 2"]
    assert sorted(file.name for file in (tmp_path / "records").iterdir()) == ["one.txt.json", "two.txt.json"]


def broken(*arguments):
    """Run the command line with a standard error whose reader has gone; return code and output."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            command(*arguments), stdout=subprocess.PIPE, stderr=writer, text=True, timeout=PATIENCE
        )
    finally:
        os.close(writer)
    return done.returncode, done.stdout


def test_a_standard_error_that_takes_nothing_costs_no_answer(tmp_path):
    """The line about the reading comes before any work: it ended the run."""
    file = tmp_path / "cut.json"
    code, out = broken("maxcut", PETERSEN, "-o", file)
    assert (code, out[:3]) == (0, "cut")
    assert file.exists()
    assert broken("maxcut", tmp_path / "none.txt") == (2, "")
    assert broken("maxcut", "--no-such-option") == (2, "")
    names = [tmp_path / "one.txt", tmp_path / "none.txt", tmp_path / "two.txt"]
    for name in names[::2]:
        name.write_text("a b\nb c\nc a\n")
    for workers in (1, 2):
        code, out = broken("maxcut", *names, "-o", tmp_path / f"records{workers}", "--workers", workers)
        assert (code, out.count("cut 2")) == (2, 2)


def test_a_pipe_that_does_not_block_is_waited_for():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    text = "x" * 200_000 + "\n"
    found = []

    def read():
        with open(reader) as pipe:
            found.append(pipe.read())

    thread = threading.Thread(target=read)
    with open(writer, "w") as pipe:
        stream = lossy(pipe)
        thread.start()
        stream.write(text)
        stream.flush()
    thread.join()
    assert found == [text]


@pytest.mark.parametrize("arguments", [("maxcut", PETERSEN, "-q"), ("info",), ("--help",), ("--version",)])
def test_an_answer_that_is_lost_is_no_success(arguments):
    code, _, err = shell(">&-", *arguments)
    assert code == 2
    assert err == "derandkit: standard output cannot be written: Bad file descriptor\n"


#: Reading a module with this name fails as a disk or a network that is gone makes it fail: the error names no file.
GONE = """
import importlib._bootstrap_external as loader, os, sys, types
own = types.SimpleNamespace(**vars(loader._io))
class Gone:
    def __init__(self, path):
        self.path, self.file = path, vars(sys.modules["_io"])["open_code"](path)
    def __enter__(self):
        return self.file
    def __exit__(self, *_):
        self.file.close()
        folder, name = sys.argv[1].split(".")
        if f"{os.sep}{folder}{os.sep}" in self.path and f"{os.sep}{name}." in self.path:  # the compiled one too
            raise OSError(5, "Input/output error")
own.open_code = Gone
loader._io = own
from derandkit.cli import main
main(sys.argv[2:], prog_name="derandkit")
"""


def test_a_part_of_the_program_that_cannot_be_loaded_is_named():
    """It was said of standard output that it cannot be written, and the answer was lost."""
    done = subprocess.run(
        [sys.executable, "-c", GONE, "cuts.table", "maxcut", str(PETERSEN), "-q"],
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    said = "a part of the program cannot be loaded: Input/output error; the record is printed in place of the table"
    assert done.stderr.endswith(f"table.py: {said}\n")
    assert json.loads(done.stdout)["cut_value"] == 12


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), BrokenPipeError(32, "Broken pipe")])
def test_only_what_is_written_to_standard_output_is_said_to_be(error, monkeypatch):
    """Any error of the system without a file was, and one of a pipe ended with 0."""
    import derandkit.cli.cuts as cuts

    def failing(*_, **__):
        raise error

    monkeypatch.setattr(cuts, "read_graph_file", failing)
    outcome = CliRunner().invoke(main, ["maxcut", str(PETERSEN)])
    assert outcome.exit_code == 2
    line = f"derandkit: a call of the system failed: {error.strerror} (in {__file__}, line "
    assert outcome.stderr.startswith(line), outcome.stderr


@pytest.mark.skipif(not hasattr(os, "set_blocking"), reason="pipes of POSIX")
@pytest.mark.parametrize("first", [0, 15])
def test_a_pipe_that_does_not_block_is_read_to_its_end(first):
    """What was there at the moment was read as the whole graph, and half of its cut called proven optimal."""
    text = "".join(f"{i} {j}\n" for i in range(9) for j in range(i)).encode()
    out, into = os.pipe()
    os.set_blocking(out, False)
    command = [sys.executable, "-m", "derandkit", "maxcut", "-", "--format", "json"]
    with subprocess.Popen(command, stdin=out, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        os.close(out)
        os.write(into, text[:first])
        assert process.stderr is not None
        with pytest.raises(subprocess.TimeoutExpired):  # it waits for the rest, however long that takes
            process.wait(2.0)
        os.write(into, text[first:])
        os.close(into)
        answer, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert json.loads(answer)["cut_value"] == 20


def test_closed_standard_input_is_empty():
    code, _, err = shell("<&-", "maxcut", "-")
    assert code == 2
    assert err == "derandkit: <stdin>: the file is empty\n"


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_damaged_kernels_are_compiled_again(tmp_path, ending):
    module = tmp_path / "doubled.py"
    module.write_text(
        "from derandkit.numerics.jit import kernel\n"
        "@kernel\ndef double(x):\n    return 2.0 * x\n"
        "print(double(21.0), double.stats.cache_hits)\n"
    )

    def run():
        done = subprocess.run(
            [sys.executable, module], capture_output=True, text=True, timeout=PATIENCE,
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels")},
        )  # fmt: skip
        return done.stdout, done.stderr

    fresh = ("42.0 Counter()\n", "")
    assert run() == fresh
    (file,) = tmp_path.rglob(f"*.{ending}")
    file.write_bytes(b"garbage\n")
    assert run() == fresh
    assert run()[0].startswith("42.0 Counter({")  # and kept again


@pytest.mark.skipif(sys.platform == "win32", reason="a current folder stays there")
def test_a_current_folder_that_was_removed_is_named(tmp_path):
    line = f'cd "{tmp_path}"; mkdir gone; cd gone; rmdir ../gone; exec "$@"'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *command("maxcut", PETERSEN, "-q", "-o", tmp_path / "cut.json")],
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "derandkit: the current folder does not exist any more; change to one that does\n"
