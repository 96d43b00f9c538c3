"""What a frozen object has computed and keeps, because it is asked for often."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Known:
    """Results that a frozen object keeps. A pickle or a deep copy of the object begins without them.

    Examples
    --------
    >>> known = Known()
    >>> known.once("answer", lambda: 42), known.once("answer", lambda: 43)
    (42, 42)
    """

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[str, object] = {}

    def once(self, name: str, compute: Callable[[], T]) -> T:
        """Return the result of this name; it is computed at the first call."""
        if name not in self._found:
            self._found[name] = compute()
        return cast("T", self._found[name])

    def __reduce__(self) -> tuple[type[Known], tuple[()]]:
        return Known, ()
