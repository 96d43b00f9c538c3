"""Names of published instances, before they are looked up."""

from __future__ import annotations

from derandkit.errors import InputError
from derandkit.words.quoting import quoted


def checked_name(name: object, what: str) -> str:
    """Return a name that is text.

    Raises
    ------
    InputError
        It is something else.

    Examples
    --------
    >>> checked_name("G1", "a Gset graph")
    'G1'
    >>> checked_name(5, "a Gset graph")
    Traceback (most recent call last):
    derandkit.errors.InputError: the name of a Gset graph is text, got 5
    """
    if not isinstance(name, str):
        raise InputError(f"the name of {what} is text, got {quoted(name)}")
    return name
