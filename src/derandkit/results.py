"""What all results share: equality by content, saving, and how a notebook shows them.

A result is its record: two results are equal if and only if their records are. Pictures are drawn by a higher layer,
and the front of the package says which (`derandkit._PICTURES`); a result knows no drawing.
"""

from __future__ import annotations

import os
import sys
from abc import abstractmethod
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import ClassVar, Self

from derandkit.errors import ConvergenceError
from derandkit.records import JsonMapping, JsonObject, canonical_json, parse_record, write_atomically
from derandkit.status import RunStatus
from derandkit.tables import Tabled, html_table
from derandkit.versions import rebuilding, refuse_unheld

#: A row of a table: a name and a text. A row of two empty cells divides what counts from the numbers of the run.
Row = tuple[str, ...]


class Result(Tabled):
    """Base of every result.

    A subclass has a ``schema``, a ``status``, ``to_dict`` (the record), ``of_record`` (the way back) and ``table_rows``
    (what its table shows).

    Examples
    --------
    >>> import derandkit
    >>> one, other = (derandkit.maxcut([("a", "b")]) for _ in range(2))
    >>> one == other, len({one, other})
    (True, 1)
    """

    __slots__ = ()

    #: The kind of record, as it names itself.
    schema: ClassVar[str]
    #: How the run ended.
    status: RunStatus

    @property
    def message(self) -> str:
        """The text of the status."""
        return str(self.status.value)

    def require(self) -> Self:
        """Return the result if its status is ok.

        Raises
        ------
        ConvergenceError
            It is not; the error carries the result.
        """
        if not self.status.ok:
            raise ConvergenceError(self.message, self)
        return self

    @abstractmethod
    def to_dict(self) -> JsonObject:
        """Return the record."""

    def to_json(self) -> str:
        """Return the canonical JSON text: sorted keys, no times, no paths, equal bytes for equal results."""
        return canonical_json(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild a result from its JSON text; only its form is checked, `derandkit.verify` checks its claims.

        Labels come back as they were: numbers, words, tuples, frozen sets, dates and bytes; others as their text until
        the instance is given (`derandkit.load`).

        Parameters
        ----------
        text : str
            What `to_json` wrote, now or in an older version.

        Returns
        -------
        result
            Equal to the one that was written.

        Raises
        ------
        InputError
            If the text is not a record of this kind, of a version that can be read and in its published form; or if it
            says something that a result does not hold, such as a message that is not that of its status, so that it
            would be written otherwise than it was read; it names the key.
        """
        with rebuilding(text, cls.schema) as (record, original):
            result = cls.of_record(record, original)
            repr(result), result.table_rows()  # values that do not fit each other are met here, and refused
            same = result if original is None else cls.of_record(record, None)
            refuse_unheld(parse_record(text), record, same.to_dict(), less=original is not None)
            return result

    @classmethod
    def _of_part(cls, text: str) -> Self:
        """Rebuild a result from a record that stands in another one, which is compared as a whole."""
        with rebuilding(text, cls.schema) as (record, original):
            return cls.of_record(record, original)

    @classmethod
    @abstractmethod
    def of_record(cls, record: JsonMapping, original: JsonObject | None) -> Self:
        """Rebuild a result from its record.

        Parameters
        ----------
        record : mapping
            In the form of the current version.
        original : mapping or None
            The record as it was written, where that claims less than the current version.
        """

    @abstractmethod
    def table_rows(self) -> Sequence[Row]:
        """Return the rows of the table that a notebook shows."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the record to a file, whole or not at all; `derandkit.load` reads it back.

        Parameters
        ----------
        path : str or PathLike
            The file; one that exists is replaced.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        write_atomically(path, self.to_json())

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self is other or self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def _repr_html_(self) -> str:
        schema = self.to_dict()["schema"]
        picture = None
        pictures: dict[str, tuple[str, str]] = vars(sys.modules["derandkit"])["_PICTURES"]
        if schema in pictures:
            module, function = pictures[schema]
            draw: Callable[[object], str | None] = getattr(import_module(module), function)
            picture = draw(self)
        return html_table(repr(self), self.table_rows(), picture)
