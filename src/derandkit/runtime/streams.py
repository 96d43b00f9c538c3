"""Standard streams that the caller has closed (``2>&-``), or that stop taking what is written, cost no answer."""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import re
import select
import stat
import sys
from typing import TYPE_CHECKING, TextIO

from derandkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import ReadableBuffer


def reserve() -> None:
    """Give each closed standard stream its descriptor back, before a file takes it, and let standard error lose lines.

    Python has None for such a stream, and the next file that is opened gets its number. Standard error goes nowhere,
    as was asked for; standard output fails when it is written, since an answer that is lost is no success.

    Lines on standard error are about the answer and are not the answer. Where they cannot be written (the reader of a
    pipe has gone, a disk is full, a terminal was closed), they are dropped, and the run goes on.
    """
    for number, name, flags in (
        (0, "stdin", os.O_RDONLY),
        (1, "stdout", os.O_RDONLY),
        (2, "stderr", os.O_WRONLY),
    ):
        if getattr(sys, name) is None:
            place = os.open(os.devnull, flags)
            if place == number:
                os.set_inheritable(place, True)  # workers have the same three streams
            else:
                os.dup2(place, number)
                os.close(place)
            setattr(sys, name, _stream(number))
    sys.stderr = lossy(sys.stderr)


def _stream(number: int) -> TextIO:
    return open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)


@contextlib.contextmanager
def own_output() -> Iterator[None]:
    """Keep standard output to this process while the block runs: what its workers print there is dropped.

    What a worker finds comes back through a pipe. One that cannot start, since memory has run out, prints why, and
    that would stand among the lines of the answer.
    """
    before = sys.stdout
    if not _has_descriptor(before, 1):  # a program, or a test, has put another stream there
        yield
        return
    before.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(kept, "w", closefd=False)), encoding=before.encoding, errors=before.errors
    )
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # said by whoever has written
            sys.stdout.close()
        sys.stdout = before
        os.dup2(kept, 1)
        os.close(kept)


@contextlib.contextmanager
def own_errors() -> Iterator[None]:
    """Keep standard error to this process while the block runs: what the workers of a cluster print there is dropped.

    Where memory has run out each of them prints pages; what ends the run is said in a line.
    """
    before = sys.stderr
    if not _has_descriptor(before, 2) or codecs.lookup(before.encoding).name in _MARKED:
        yield
        return
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = _lossy(kept, before.encoding)
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = before
        os.dup2(kept, 2)
        os.close(kept)


#: Encodings whose streams begin with a mark of the order of bytes: a second stream would write a second one.
_MARKED = ("utf-8-sig", "utf-16", "utf-32")


def _has_descriptor(stream: TextIO, number: int) -> bool:
    try:
        return stream.fileno() == number
    except (OSError, ValueError, AttributeError):
        return False


class _Lossy(io.FileIO):
    """A file that takes everything, and drops what cannot be written."""

    def write(self, data: ReadableBuffer, /) -> int:
        size = memoryview(data).nbytes
        with contextlib.suppress(OSError):
            while True:
                written: int | None = super().write(data)
                if written is not None:
                    return written
                takes(self.fileno(), None)  # a pipe that does not block, and is full
        return size


def lossy(stream: TextIO) -> TextIO:
    """Return a stream of text over the same descriptor that drops what cannot be written, and raises nothing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryFile("r") as file:  # open to be read
    ...     print("lost", file=lossy(file), flush=True)
    """
    return _lossy(stream.fileno(), stream.encoding)


def _lossy(descriptor: int, encoding: str) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(_Lossy(descriptor, "w", closefd=False)),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=True,
        write_through=True,
    )


#: Where the system lists the open descriptors of this process; ``/dev/stdout`` and ``/dev/fd/3`` lead there.
_OPEN = r"(?:/proc/{}(?:/task/[0-9]+)?|/dev)/fd/([0-9]+)"
_MOST_LINKS = 40


def own_descriptor(path: str | os.PathLike[str]) -> int | None:
    """Return the descriptor of this process that a path leads to, such as ``/dev/stdout``; None for any other path.

    What it leads to has another name, or none: a pipe has none, and a file that is renamed over is lost to whoever
    holds the descriptor.

    Examples
    --------
    >>> own_descriptor("/dev/fd/7"), own_descriptor("cut.json")
    (7, None)
    """
    with contextlib.suppress(OSError):
        for place in _followed(os.fspath(path)):
            if found := re.fullmatch(_OPEN.format(os.getpid()), place):
                return int(found[1])
    return None


def destination(path: str | os.PathLike[str]) -> str:
    """Return the absolute path of the file that a path leads to, which need not exist; its folder does.

    A folder is looked up as the system does it: by the words alone ``none/../g.txt`` is ``g.txt``, also where there is
    no folder ``none``, and the program writes over a file that no other program finds under that name.

    Raises
    ------
    OSError
        The folder does not exist, is none or may not be entered, or links lead back to themselves.

    Examples
    --------
    >>> destination("none/../g.txt")
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: ...
    """
    *_, last = _followed(os.fspath(path))
    return last


def absolute(path: str) -> str:
    """Return an absolute path for a path, which need not lead anywhere, that leads to the same file from every folder.

    What is before the last ``..`` is looked up, as the system does it; `os.path.abspath` goes by the words alone, and
    behind a link to a folder ``link/../g.txt`` is another file. Links after it keep their names.

    Examples
    --------
    >>> absolute("g.txt") == os.path.join(os.getcwd(), "g.txt"), absolute("/none/g.txt")
    (True, '/none/g.txt')
    """
    parts = path.split(os.sep) if os.altsep is None else path.replace(os.altsep, os.sep).split(os.sep)
    if os.pardir in parts:
        after = len(parts) - parts[::-1].index(os.pardir)
        path = os.path.join(os.path.realpath(os.sep.join(parts[:after])), *parts[after:])
    return path if os.path.isabs(path) else os.path.join(os.getcwd(), path)


def refuse_stream(path: str) -> None:
    """Refuse a pipe, a socket or a device where a file is read a second time: who opens it again may wait for ever.

    Raises
    ------
    InputError
        It is one; of a path that leads nowhere the reader says why, and ``-`` is for the caller to decide.

    Examples
    --------
    >>> refuse_stream(os.devnull)
    Traceback (most recent call last):
    derandkit.errors.InputError: /dev/null: is a pipe or a device, and is read more than once here; write it to a file
    """
    if path == "-":  # standard input, whatever has that name
        return
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InputError(
            "is a pipe or a device, and is read more than once here; write it to a file", path=path
        )


def size_of(path: str) -> int:
    """Return the bytes of a regular file; 0 of what is none, or is not there any more, which the reader says.

    Examples
    --------
    >>> size_of("no such file"), size_of(os.devnull)
    (0, 0)
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _followed(place: str) -> Iterator[str]:
    """Give an absolute path and those that it leads to, from link to link: folders without links, and one name."""
    for _ in range(_MOST_LINKS):
        folder, name = os.path.split(place)
        folder = folder or os.curdir
        if not stat.S_ISDIR(os.stat(folder).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder)
        place = os.path.join(os.path.realpath(folder), name)
        yield place
        if not os.path.islink(place):
            return
        place = os.path.join(os.path.dirname(place), os.readlink(place))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), place)


def same_file(path: str, other: str | os.PathLike[str] | TextIO) -> bool:
    """Whether a path leads to a regular file that another path, or a stream, leads to; ``-`` is standard input.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w") as file:
    ...     same_file(file.name, file), same_file(file.name, "-"), same_file(file.name, file.name)
    (True, False, True)
    """
    stream = sys.stdin if isinstance(other, (str, os.PathLike)) and os.fspath(other) == "-" else other
    try:
        found = os.stat(path)
        status = os.stat(stream if isinstance(stream, (str, os.PathLike)) else stream.fileno())
    except (OSError, ValueError, AttributeError):
        return False  # one does not exist, or a program has put something else in place of a stream
    return stat.S_ISREG(found.st_mode) and os.path.samestat(found, status)


def stream_of(path: str) -> str | None:
    """Return which standard stream goes to the file that a path leads to; what it gets is lost in a new file there."""
    streams = {"standard output": sys.stdout, "standard error": sys.stderr}
    return next((name for name, stream in streams.items() if same_file(path, stream)), None)


def is_output(descriptor: int) -> bool:
    """Whether a descriptor leads where standard output does: what does not go through one does not through the other.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryFile() as file:
    ...     is_output(file.fileno())
    False
    """
    try:
        return os.path.samestat(os.fstat(descriptor), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError, AttributeError):  # a program has put another stream there
        return False


#: Bytes that a pipe takes at once where it takes any.
_PIECE = 512 if os.name != "posix" else select.PIPE_BUF
#: Seconds in which a reader that is there makes room.
PATIENCE = 1.0


def write_all(
    descriptor: int,
    payload: bytes,
    stalled: Callable[[], contextlib.AbstractContextManager[None]] | None = None,
) -> None:
    """Write everything into a descriptor, in order; no buffer is left that waits for a reader when an error ends it.

    Parameters
    ----------
    descriptor : int
        Where to.
    payload : bytes
        What is written.
    stalled : callable, optional
        Returns the context in which a reader is waited for that has made no room for a second.

    Raises
    ------
    OSError
        It is not open for writing, or takes no more.
    """
    rest = memoryview(payload)
    whole = stalled is None or stat.S_ISREG(os.fstat(descriptor).st_mode)
    while rest:
        if not whole and not takes(descriptor, PATIENCE):
            with stalled() if stalled is not None else contextlib.nullcontext():
                takes(descriptor, None)
        try:
            rest = rest[os.write(descriptor, rest if whole else rest[:_PIECE]) :]
        except BlockingIOError:  # a pipe that does not block, and is full
            takes(descriptor, PATIENCE)


def write_into(path: str | os.PathLike[str], payload: bytes) -> None:
    """Write into what is no regular file, such as a device or a pipe, which waits for its reader.

    Raises
    ------
    OSError
        It cannot be opened, or takes no more.
    """
    descriptor = os.open(path, os.O_WRONLY)
    try:
        write_all(descriptor, payload)
    finally:
        os.close(descriptor)


def takes(descriptor: int, seconds: float | None = 0.0) -> bool:
    """Whether a descriptor takes a line within some time; a pipe that is full and a terminal that is held do not.

    Parameters
    ----------
    descriptor : int
        Of any number: `select.select` knows those below 1024 alone.
    seconds : float, optional
        How long it is waited for; None is without end.

    Examples
    --------
    >>> read, write = os.pipe()
    >>> takes(write)
    True
    >>> os.close(read), os.close(write)
    (None, None)
    """
    if os.name != "posix":
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([], [descriptor], [], seconds)[1])
    found = select.poll()
    found.register(descriptor, select.POLLOUT)
    return bool(found.poll(None if seconds is None else 1000.0 * seconds))


def write_to(descriptor: int, payload: bytes) -> None:
    """Write into a descriptor that somebody else closes, behind what this process has written to its streams.

    Raises
    ------
    OSError
        It is not open for writing, or takes no more.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(
            AttributeError, ValueError, OSError
        ):  # none, closed, or full: it has its own errors
            flush(stream)
    write_all(descriptor, payload)


def flush(stream: TextIO) -> None:
    """Let a stream write what its buffer holds, and wait where it leads to a pipe that does not block and is full."""
    while True:
        try:
            stream.flush()
        except BlockingIOError:
            takes(stream.fileno(), None)
        else:
            return
