"""Parts of results: named, typed fields in place of mappings, and the objects of JSON that they are in a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

from derandkit.records import canonical_json, decode_array
from derandkit.tables import short_repr

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping, JsonObject


@dataclass(frozen=True, eq=False)
class Part(Mapping[str, Any]):
    """Base of the parts of results: a frozen dataclass that also reads as the mapping which it is in a record.

    ``result.chain.dual_bound`` and ``result.chain["dual_bound"]`` are the same number; the first has a type.

    Examples
    --------
    >>> from derandkit.parts.cuts import SearchRecord
    >>> part = SearchRecord.of({"work": 100, "runs": 2, "kernel_n": 8, "kernel_m": 12})
    >>> part.runs, part["runs"], dict(part) == part.to_dict()
    (2, 2, True)
    >>> SearchRecord.of({"work": 100})
    Traceback (most recent call last):
        ...
    ValueError: a SearchRecord without kernel_m, kernel_n, runs
    """

    #: Fields that a record leaves out where they are None.
    optional: ClassVar[frozenset[str]] = frozenset()
    #: Fields that are parts themselves, or lists of parts.
    inner: ClassVar[Mapping[str, type[Part]]] = {}

    def __init_subclass__(cls) -> None:
        if "__repr__" not in vars(cls):  # a dataclass keeps one that stands in its class
            cls.__repr__ = short_repr  # type: ignore[method-assign]

    @classmethod
    def of(cls, record: JsonMapping) -> Self:
        """Return the part that an object of a record describes.

        Parameters
        ----------
        record : mapping
            The object, with the fields of the class as keys.

        Raises
        ------
        ValueError
            If keys are missing or unknown.
        """
        names = {field.name for field in fields(cls)}
        if missing := sorted(names - set(record) - cls.optional):
            raise ValueError(f"a {cls.__name__} without {', '.join(missing)}")
        if unknown := sorted(map(str, set(record) - names)):
            raise ValueError(f"a {cls.__name__} with {', '.join(unknown)}")
        return cls(**{name: _read(record.get(name), cls.inner.get(name)) for name in names})

    @classmethod
    def maybe(cls, record: JsonMapping | None) -> Self | None:
        """Return the part that an object describes, or None for null.

        Parameters
        ----------
        record : mapping or None
            As for `of`.
        """
        return None if record is None else cls.of(record)

    def to_dict(self) -> JsonObject:
        """Return the object of JSON that stands in a record."""
        return {name: _written(value) for name, value in self.items()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return self.to_dict() == (other.to_dict() if isinstance(other, Part) else other)

    def __hash__(self) -> int:
        return hash(canonical_json(self.to_dict()))

    def __getitem__(self, name: str) -> Any:
        if name not in self.__dict__:
            raise KeyError(name)
        return self.__dict__[name]

    def __iter__(self) -> Iterator[str]:
        return (
            name for name, value in self.__dict__.items() if value is not None or name not in self.optional
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _read(value: Any, kind: type[Part] | None) -> Any:
    """Return a value of a record as a field holds it: lists become tuples, so that a part does not change."""
    if isinstance(value, list):
        return tuple(_read(item, kind) for item in value)
    return value if kind is None or value is None else kind.of(value)


def _written(value: object) -> Any:
    if isinstance(value, Part):
        return value.to_dict()
    return [_written(item) for item in value] if isinstance(value, (list, tuple)) else value


def part_or_none(part: Part | None) -> JsonObject | None:
    """Return the object of a part that there may be."""
    return None if part is None else part.to_dict()


@dataclass(frozen=True, eq=False)
class EncodedArray(Part):
    """An array as a record keeps it.

    Parameters
    ----------
    base64 : str
        Its little-endian bytes in C order.
    dtype : {"<f4", "<f8", "<i4", "<i8"}
        The type of its numbers.
    shape : tuple of int
        Its axes.

    Examples
    --------
    >>> import numpy as np
    >>> from derandkit.records import encode_array
    >>> array = EncodedArray.of(encode_array(np.array([0.5, -1.0]), "<f4"))
    >>> array, array.decoded().tolist()
    (EncodedArray(dtype='<f4', shape=(2,)), [0.5, -1.0])
    """

    base64: str
    dtype: str
    shape: tuple[int, ...]

    def __repr__(self) -> str:
        """Return type and shape: the text of the numbers is long, and says nothing to a reader."""
        return f"EncodedArray(dtype={self.dtype!r}, shape={self.shape!r})"

    def decoded(self) -> FloatArray:
        """Return the array in double precision.

        Raises
        ------
        ValueError
            If the text does not fit the shape.
        """
        return decode_array(self.to_dict())
