"""Where results are written: never half, and never in place of what is no file."""

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from derandkit.cli import main
from derandkit.errors import InputError
from derandkit.records import write_atomically
from derandkit.runtime.signals import Signals

ROOT = Path(__file__).parents[2]
PETERSEN = str(ROOT / "datasets" / "petersen.edgelist")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, links and modes of POSIX")


def test_a_pipe_is_written_into_and_stays(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    done = CliRunner().invoke(main, ["maxcut", PETERSEN, "-o", str(pipe)])
    reader.join(timeout=60)
    assert done.exit_code == 0, done.output
    assert read[0].startswith("{")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]


def test_a_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    link, target = tmp_path / "link.json", tmp_path / "there" / "cut.json"
    link.symlink_to(target)
    for text in ("new", "newer"):
        write_atomically(link, text)
        assert link.is_symlink()
        assert target.read_text() == text


def test_a_device_is_written_into_and_stays(tmp_path):
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        device.write_bytes(b"")
    except OSError:
        pytest.skip("nodes cannot be made or used here")
    write_atomically(device, "text")
    assert stat.S_ISCHR(device.stat().st_mode)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_keeps_its_mode(tmp_path, mode):
    file = tmp_path / "cut.json"
    file.write_text("old")
    file.chmod(mode)
    write_atomically(file, "new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", mode)


@pytest.mark.skipif(not hasattr(os, "chown"), reason="owners of POSIX")
def test_a_file_keeps_its_owner_where_the_system_allows_it(tmp_path):
    """A user could no longer read the file that the administrator had written anew."""
    file = tmp_path / "cut.json"
    file.write_text("old")
    try:
        os.chown(file, 1234, 4321)
    except OSError:
        pytest.skip("only the administrator gives files away")
    write_atomically(file, "new")
    found = file.stat()
    assert (file.read_text(), found.st_uid, found.st_gid) == ("new", 1234, 4321)


@pytest.mark.skipif(not hasattr(os, "fchown"), reason="owners of POSIX")
def test_a_link_that_takes_the_place_of_the_new_file_changes_no_other_file(tmp_path, monkeypatch):
    """Who owns the folder could give himself any file of the administrator that writes there."""
    other, file = tmp_path / "other", tmp_path / "cut.json"
    other.write_text("secret")
    other.chmod(0o600)
    file.write_text("old")
    file.chmod(0o666)
    honest = os.stat

    def swapped(path, *arguments, **options):
        for name in os.listdir(tmp_path):
            if name.startswith(".cut.json."):
                os.unlink(tmp_path / name)
                os.symlink(other, tmp_path / name)
        return honest(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", swapped)
    write_atomically(file, "new")
    monkeypatch.setattr(os, "stat", honest)
    assert (stat.S_IMODE(other.stat().st_mode), other.read_text()) == (0o600, "secret")


@pytest.fixture
def folder_of_others():
    """A folder that everybody may write, worked in by a user that is not the administrator."""
    if not hasattr(os, "setresuid"):
        pytest.skip("users of POSIX")
    before = os.getresuid()
    for graphs in ([PETERSEN], [PETERSEN, PETERSEN]):  # imports what this user may not read afterwards
        CliRunner().invoke(main, ["maxcut", *graphs])
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        if before[0] == 0:
            os.setresuid(65534, 65534, 0)
        try:
            yield Path(folder)
        finally:
            os.setresuid(*before)


def test_a_file_that_may_not_be_written_is_refused_before_any_work_and_stays(folder_of_others):
    """Its folder lets the user replace it: read-only files were overwritten, and those of others."""
    (folder_of_others / "g.txt").write_text("0 1\n")
    file = folder_of_others / "cut.json"
    file.write_text("old")
    file.chmod(0o444)
    line = "no permission to write this file; name another one, or change its mode"
    with pytest.raises(InputError, match=line):
        write_atomically(file, "new")
    graph = str(folder_of_others / "g.txt")
    outcome = CliRunner().invoke(main, ["maxcut", graph, "-o", str(file)])
    assert (outcome.exit_code, outcome.stderr) == (2, f"derandkit: {file}: {line}\n")
    (folder_of_others / "g.txt.json").write_text("old")
    (folder_of_others / "g.txt.json").chmod(0o444)
    (folder_of_others / "h.txt").write_text("0 1\n")
    both = [graph, str(folder_of_others / "h.txt")]
    outcome = CliRunner().invoke(main, ["maxcut", *both, "-o", str(folder_of_others)])
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr == f"derandkit: {folder_of_others / 'g.txt.json'}: {line}\n"
    assert {entry.name for entry in folder_of_others.iterdir()} == {
        "cut.json",
        "g.txt",
        "g.txt.json",
        "h.txt",
    }
    assert file.read_text() == "old"


def test_a_name_of_the_greatest_length(tmp_path):
    """The temporary file beside it has a shorter name."""
    file = tmp_path / ("ü" * 125 + ".json")
    write_atomically(file, "new")
    assert [entry.name for entry in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, call):
    file = tmp_path / "cut.json"
    file.write_text("old")

    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(InputError, match="cannot be written: No space left"):
        write_atomically(file, "new")
    assert file.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["cut.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output_is_no_success(unbuffered):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "derandkit", "maxcut", PETERSEN],
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert "standard output cannot be written" in done.stderr


def test_a_signal_ends_the_wait_for_the_reader_of_a_pipe(tmp_path, monkeypatch):
    """Python goes on with a call that a signal has interrupted: the process waited until a second one came."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def nobody_reads(path, *_):
        assert os.fspath(path) == os.fspath(pipe)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("the call went on")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patched, Signals() as signals:
            patched.setattr(os, "open", nobody_reads)
            with pytest.raises(InputError, match="cannot be written: interrupted while no one read it"):
                write_atomically(pipe, "answer")
            assert signals.requested
            patched.setattr("derandkit.runtime.streams.is_output", lambda _: True)
            patched.setattr("derandkit.records.is_output", lambda _: True)
            patched.setattr(os, "write", lambda *_: signal.raise_signal(signal.SIGINT))
            with pytest.raises(KeyboardInterrupt):  # there is no other place for the answer
                write_atomically("/dev/fd/1", "answer")
    finally:
        signal.signal(signal.SIGINT, before)


def test_no_path_is_made_absolute_by_its_words():
    """``link/../g.txt`` is another file than the words say; `derandkit.runtime.streams.absolute` asks the system."""
    words = ("abspath(", "normpath(")
    found = [
        str(file) for file in (ROOT / "src").rglob("*.py") if any(word in file.read_text() for word in words)
    ]
    assert not found
