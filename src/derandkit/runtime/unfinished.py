"""Files that are being written: a process that ends at once removes them."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES: list[str] = []


@contextmanager
def unfinished(path: str) -> Iterator[None]:
    """Name a temporary file while it is written; it is removed where the block is left by an exception.

    Examples
    --------
    >>> import os, tempfile
    >>> descriptor, path = tempfile.mkstemp()
    >>> os.close(descriptor)
    >>> with unfinished(path):
    ...     discard()
    >>> os.path.exists(path)
    False
    """
    _FILES.append(path)
    try:
        yield
    except BaseException:
        _remove(path)
        raise
    finally:
        _FILES.remove(path)


def discard() -> None:
    """Remove what is being written, for a process that ends without leaving its blocks."""
    for path in _FILES:
        _remove(path)


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
