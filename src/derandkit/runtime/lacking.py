"""What the system refused a run, read from an exception and from those that led to it."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from derandkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Words of libraries for memory that ran out, where the exception is not a MemoryError.
_MEMORY = ("failed to map segment", "Cannot allocate memory", "can't start new thread")


def lacking(error: BaseException | None) -> str | None:
    """Return what there is too little of, in words, or None where an exception says nothing of that kind.

    Libraries replace an exception by another one, so those that led to it are read too.

    Examples
    --------
    >>> lacking(MemoryError())
    'not enough memory'
    >>> lacking(OSError(errno.EMFILE, "Too many open files"))
    'not enough open files (see ulimit -n)'
    >>> print(lacking(ValueError("3 is no name")))
    None
    """
    waiting, seen = [error], set()
    while waiting:
        error = waiting.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        number = error.errno if isinstance(error, OSError) else None
        text = str(error)
        if (
            isinstance(error, MemoryError)
            or number == errno.ENOMEM
            or any(words in text for words in _MEMORY)
        ):
            return "not enough memory"
        if number in (errno.EMFILE, errno.ENFILE):
            return "not enough open files (see ulimit -n)"
        if number == errno.EAGAIN:
            return "not enough processes (see ulimit -u)"
        waiting += [error.__context__, error.__cause__]
    return None


def folder_gone(error: BaseException) -> str | None:
    """Return that the current folder is no more, where an exception says so: that of `os.getcwd` names no file.

    Examples
    --------
    >>> folder_gone(FileNotFoundError(errno.ENOENT, "No such file or directory"))
    'the current folder does not exist any more; change to one that does'
    >>> folder_gone(FileNotFoundError(errno.ENOENT, "No such file or directory", "g.txt")) is None
    True
    """
    gone = isinstance(error, FileNotFoundError) and error.filename is None
    return "the current folder does not exist any more; change to one that does" if gone else None


class ScarceError(InputError):
    """The system refuses what a run needs: another thread, another process."""


@contextmanager
def needing(what: str) -> Iterator[None]:
    """Turn the errors of what cannot be made in a block into one line that says what there is too little of.

    Parameters
    ----------
    what : str
        What the block makes.

    Raises
    ------
    ScarceError
        `lacking` knows the reason of an error; other errors pass.

    Examples
    --------
    >>> with needing("another thread"):
    ...     raise RuntimeError("can't start new thread")
    Traceback (most recent call last):
    derandkit.runtime.lacking.ScarceError: not enough memory for another thread
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        found = lacking(error)
        if found is None:
            raise
        raise ScarceError(f"{found} for {what}") from None


def memory_limit() -> int | None:
    """Return the bytes of memory that the system allows this process (``ulimit -v``), None without a limit."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit
