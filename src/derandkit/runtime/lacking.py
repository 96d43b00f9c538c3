"""What the system refused a run, read from an exception and from those that led to it."""

from __future__ import annotations

import errno
import os
import sys
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


def failed_call(error: OSError) -> InputError:
    """Return what a call of the system was for that failed without the name of a file, as far as that can be known.

    Python loads parts of a program when they are needed first; reading or closing the file of one names no file.

    Examples
    --------
    >>> str(failed_call(OSError(errno.EIO, "Input/output error")))
    'a call of the system failed: Input/output error'
    >>> try:
    ...     os.read(-1, 1)
    ... except OSError as error:
    ...     print(str(failed_call(error)).partition(" (in ")[0])
    a call of the system failed: Bad file descriptor
    """
    last, loaded, step = None, None, error.__traceback__
    while step is not None:
        code, last = step.tb_frame.f_code, step
        if code.co_name == "get_data" and "importlib" in code.co_filename:
            loaded = step.tb_frame.f_locals.get("path")
        step = step.tb_next
    reason = error.strerror or str(error) or type(error).__name__
    if loaded is not None:
        return InputError(f"a part of the program cannot be loaded: {reason}", path=str(loaded))
    where = "" if last is None else f" (in {last.tb_frame.f_code.co_filename}, line {last.tb_lineno})"
    return InputError(f"a call of the system failed: {reason}{where}")


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


#: No permission, and no room: why a semaphore cannot be made.
_FORBIDDEN = (errno.EACCES, errno.EPERM)
_NO_SEMAPHORE = (*_FORBIDDEN, errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC))


@contextmanager
def sharing(*, tried: bool = False) -> Iterator[None]:
    """Turn the error of a semaphore that cannot be made in a block into one line; Linux has them in ``/dev/shm``.

    Parameters
    ----------
    tried : bool
        Make one before the block. Libraries that start processes warn, or fail in other words, where that fails.

    Raises
    ------
    ScarceError
        None can be made; errors that name a file pass, and so does a permission that is missing for a process.

    Examples
    --------
    >>> with sharing(tried=True):
    ...     raise OSError(errno.ENOSPC, "No space left on device")
    Traceback (most recent call last):
    derandkit.runtime.lacking.ScarceError: no worker process can be started: its semaphores...
    """
    reason = _no_semaphore() if tried else None
    if reason is None:
        try:
            yield
        except OSError as error:
            if error.filename is not None or error.errno not in _NO_SEMAPHORE:
                raise
            if error.errno in _FORBIDDEN and _no_semaphore() is None:
                raise
            reason = error
        else:
            return
    where = ", which are files in /dev/shm," if sys.platform == "linux" else ""
    raise ScarceError(
        f"no worker process can be started: its semaphores{where} cannot be made ({reason.strerror}); "
        "make room there, or run one worker"
    ) from None


def _no_semaphore() -> OSError | None:
    """Return why no semaphore can be made, None if one can."""
    if os.name != "posix":
        return None
    from multiprocessing import get_context

    try:
        get_context("fork").Semaphore(0)  # has no name once it is there, so no process has to remove it
    except OSError as error:
        found = error.filename is None and error.errno in (*_NO_SEMAPHORE, errno.ENOENT)
        if not found:
            raise
        return error
    return None


def memory_limit() -> int | None:
    """Return the bytes of memory that the system allows this process (``ulimit -v``), None without a limit."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit
