"""What the system refused a run, read from an exception and from those that led to it."""

from __future__ import annotations

import errno

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
    while error is not None:
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
        error = error.__cause__ or error.__context__
    return None


def memory_limit() -> int | None:
    """Return the bytes of memory that the system allows this process (``ulimit -v``), None without a limit."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit
