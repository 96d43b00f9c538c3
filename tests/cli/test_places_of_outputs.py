"""Where an output cannot stand is said before the work; a run that is refused leaves nothing behind."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner

import derandkit
from derandkit.cli import main
from derandkit.errors import InputError
from derandkit.records import write_atomically
from derandkit.runtime import unfinished

TRIANGLE = "0 1\n1 2\n0 2\n"


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def graph(tmp_path):
    path = tmp_path / "one.txt"
    path.write_text(TRIANGLE)
    return path


def refused_everywhere(graph, target, words):
    """One line before the work: as an output, as a record among several, and of a result."""
    before = target.read_bytes()
    (graph.parent / "two.txt").write_text(TRIANGLE)
    for done in (
        call("maxcut", graph, "-o", target),
        call("maxcut", graph, "--plot", target),
        call("maxcut", graph, graph.parent / "two.txt", "-o", f"{target.parent}/"),
        call("generate", "-rnd_graph 5 50 1", "-o", target),
    ):
        assert done.exit_code == 2
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        assert words in done.stderr
        assert "one.txt.json" in done.stderr
    with pytest.raises(InputError, match=words):
        write_atomically(target, "{}")
    assert target.read_bytes() == before
    assert sorted(path.name for path in target.parent.iterdir()) == ["one.txt.json"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners of POSIX")
def test_a_file_of_somebody_else_in_a_folder_that_keeps_it_is_refused(graph, tmp_path, monkeypatch):
    """The run ended, and then: Operation not permitted."""
    target = tmp_path / "shared" / "one.txt.json"
    target.parent.mkdir()
    target.write_text("{}")
    target.chmod(0o666)
    assert call("maxcut", graph, "-o", target).exit_code == 0
    target.parent.chmod(0o1777)
    assert call("maxcut", graph, "-o", target).exit_code == 0  # both are ours
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(target).st_uid + 1)
    refused_everywhere(graph, target, "sticky")


def test_a_mount_point_is_refused(graph, tmp_path, monkeypatch):
    """The run ended, and then: Device or resource busy."""
    target = tmp_path / "of its own" / "one.txt.json"
    target.parent.mkdir()
    target.write_text("{}")
    mounts = tmp_path / "mountinfo"
    escaped = str(target.resolve()).replace(" ", "\\040")
    mounts.write_text(f"22 1 8:1 / / rw - ext4 /dev/root rw\n23 22 8:1 /x {escaped} rw - ext4 /dev/root rw\n")
    monkeypatch.setattr(unfinished, "MOUNTS", str(mounts))
    refused_everywhere(graph, target, "is a mount point")
    monkeypatch.setattr(unfinished, "MOUNTS", str(tmp_path / "none"))  # another system
    assert call("maxcut", graph, "-o", target).exit_code == 0


@pytest.mark.parametrize("text", ["a b\n", "0 1 x\n"])
def test_a_folder_in_which_nothing_was_written_goes_again(graph, tmp_path, text):
    """Where no graph could be read, an empty folder stayed."""
    for name in ("bad.txt", "worse.txt"):
        (tmp_path / name).write_text(f"{text}0 0 0 0 0\n")
    done = call(
        "maxcut", tmp_path / "bad.txt", tmp_path / "worse.txt", "-o", f"{tmp_path}/out/", "--workers", 1
    )
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()
    done = call("maxcut", tmp_path / "bad.txt", graph, "-o", f"{tmp_path}/out/", "--workers", 1)
    assert done.exit_code == 2
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["one.txt.json"]
    (tmp_path / "mine").mkdir()
    assert call("maxcut", tmp_path / "bad.txt", "-o", f"{tmp_path}/mine/", "--workers", 1).exit_code == 2
    assert (tmp_path / "mine").exists()


def test_an_empty_name_is_refused_as_one(graph):
    """It was called a directory."""
    result = derandkit.maxcut(graph)
    for write in (result.save, lambda name: derandkit.write_report(result, name, graph)):
        with pytest.raises(InputError, match="the name of the file to write is empty"):
            write("")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_in_place_of_a_result_are_refused_with_both_readings(graph, tmp_path, kind):
    """A name in bytes had "no schema"."""
    result = derandkit.maxcut(graph)
    for given in (os.fsencode(tmp_path / "cut.json"), result.to_json().encode()):
        with pytest.raises(InputError, match="bytes may be either"):
            derandkit.verify(kind(given), graph)
    with pytest.raises(InputError, match="got int"):
        derandkit.verify(5, graph)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is always full")
@pytest.mark.parametrize(
    "arguments",
    [["maxcut", "one.txt"], ["qubo", "m.qubo"], ["embed", "p.csv", "-k", "1"]],
    ids=lambda words: words[0],
)
def test_a_page_does_not_name_a_record_that_was_not_written(graph, tmp_path, monkeypatch, arguments):
    """It said how to check a file that is not there, or is an older one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.qubo").write_text("p qubo 0 2 2 1\n0 0 1\n1 1 1\n0 1 -3\n")
    (tmp_path / "p.csv").write_text("0 1\n1 2\n3 5\n")
    done = call(*arguments, "-o", "/dev/full", "--report", "page.html", "-q")
    assert done.exit_code == 2
    page = (tmp_path / "page.html").read_text()
    assert "/dev/full" not in page
    assert "The record of this answer was not kept" in page
    assert json.loads(done.stdout)["seal"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is always full")
def test_a_graph_that_cannot_be_written_is_one_line(tmp_path, monkeypatch):
    """It comes again from its recipe, so nothing is printed in its place, and nothing is half-written."""
    done = call("generate", "-rnd_graph 5 50 1", "-o", "/dev/full")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "derandkit: /dev/full: cannot be written: No space left on device\n"

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "old.rudy").write_text("old\n")
    for name in ("new.rudy", "old.rudy"):
        done = call("generate", "-rnd_graph 5 50 1", "-o", tmp_path / name)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr == f"derandkit: {tmp_path / name}: cannot be written: No space left on device\n"
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("old.rudy", "old\n")]
