"""Files that are being written: a process that ends at once removes them; and those that none can be renamed over."""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from derandkit.runtime.streams import destination

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES: list[str] = []

#: Where Linux lists what is mounted, as this process sees it; elsewhere no file is mounted on another.
MOUNTS = "/proc/self/mountinfo"


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


def unmovable(path: str | os.PathLike[str]) -> str | None:
    """Say what keeps a regular file in its place, so that no other can be renamed over it; None where nothing does.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     print(unmovable(file.name))
    None
    """
    try:
        place = destination(path)
        folder, owner = os.stat(os.path.dirname(place)), os.stat(place).st_uid
    except OSError:  # it has gone meanwhile
        return None
    me = os.geteuid() if hasattr(os, "geteuid") else 0
    if folder.st_mode & stat.S_ISVTX and me not in (0, owner, folder.st_uid):
        return "is somebody else's file in a folder that keeps files for their owners (sticky, as /tmp is)"
    return "is a mount point" if place in _mounted() else None


def _mounted() -> set[str]:
    """Return where something is mounted."""
    try:
        with open(MOUNTS, encoding="utf-8", errors="surrogateescape") as file:
            places = [words[4] for line in file if len(words := line.split(" ")) > 4]
    except OSError:
        return set()
    return {re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), place) for place in places}


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
