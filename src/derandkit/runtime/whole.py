"""Methods that change an object as a whole or not at all."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Own = TypeVar("Own")
Arguments = ParamSpec("Arguments")
Found = TypeVar("Found")


def all_or_nothing(
    method: Callable[Concatenate[Own, Arguments], Found],
) -> Callable[Concatenate[Own, Arguments], Found]:
    """Let a method work on a shallow copy of its object, which gets the attributes that changed when it has returned.

    Where the method ends in any exception, and until it has returned, the object is as it was: a fit that failed leaves
    no names of columns beside the map of an earlier one. The method has to give the copy new attributes, and may not
    change what is shared with the object.

    Parameters
    ----------
    method : callable
        The method; where it returns its object, the one of the call is returned.

    Examples
    --------
    >>> class Count:
    ...     seen = 0
    ...
    ...     @all_or_nothing
    ...     def add(self, number):
    ...         self.seen += 1
    ...         self.last = 1 / number
    ...         return self
    >>> count = Count()
    >>> count.add(2) is count, vars(count)
    (True, {'seen': 1, 'last': 0.5})
    >>> count.add(0)
    Traceback (most recent call last):
    ZeroDivisionError: division by zero
    >>> vars(count)
    {'seen': 1, 'last': 0.5}
    """

    @wraps(method)
    def whole(self: Own, /, *arguments: Arguments.args, **named: Arguments.kwargs) -> Found:
        before = dict(vars(self))
        work = object.__new__(type(self))
        vars(work).update(before)
        found = method(work, *arguments, **named)
        after = vars(work)
        # what a callback wrote to the object in the meantime stays
        kept = {name: value for name, value in vars(self).items() if name in after or name not in before}
        changed = {
            name: value for name, value in after.items() if name not in before or value is not before[name]
        }
        self.__dict__ = {**kept, **changed}  # in one step
        return self if found is work else found  # type: ignore[return-value]

    return whole
