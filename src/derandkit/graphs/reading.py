"""The reading of a graph: its format in words, and what was assumed, dropped or added up."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from derandkit.errors import InputError
from derandkit.graphs.assembly import ARCS
from derandkit.graphs.formats import (
    AUTO_WEIGHT,
    FORMATS,
    SYMMETRIZE,
    GraphFormat,
    GraphReader,
    Symmetrize,
    WeightName,
)
from derandkit.options import check_choice
from derandkit.records import MOST_CHARACTERS, short_line
from derandkit.words.quoting import one_line, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Separators by name, as messages and ``--separator`` name them.
SEPARATORS = {"blank": b"", "tab": b"\t", "comma": b",", "semicolon": b";", "bar": b"|"}


def check_symmetrize(how: object) -> None:
    """Refuse a word that says nothing of how two directions become one edge; None is none.

    Raises
    ------
    InputError
        The word is unknown.
    """
    if how is not None:
        check_choice("symmetrize", how, SYMMETRIZE)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says about the input; None leaves it to the reader.

    Parameters
    ----------
    input_format : str or GraphReader
        One of `derandkit.graphs.formats.FORMATS`, or a reader of another package.
    weight : str or None
        Column or attribute with the weights, which must be there. By default ``"weight"``, or where there is none the
        only other column or attribute of numbers. None: every edge weighs 1.
    header : bool, optional
        Whether the first line of a table names its columns.
    separator : str, optional
        What separates columns: a character, or ``blank``, ``tab``, ``comma``, ``semicolon``, ``bar``.
    comments : str, optional
        Signs that begin a comment line, ``"#%"`` by default; ``"none"`` for no comments.
    symmetrize : {"sum", "mean", "max"}, optional
        How the weights of the two directions become one, where the input is directed.
    arcs : bool
        Whether a directed graph is wanted, whose directions stay apart; `symmetrize` is ``"arcs"`` then.

    Raises
    ------
    InputError
        An option is none of these.
    """

    input_format: GraphFormat | GraphReader = "auto"
    weight: WeightName = AUTO_WEIGHT
    header: bool | None = None
    separator: str | None = None
    comments: str | None = None
    symmetrize: Symmetrize | None = None
    arcs: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.input_format, GraphReader):
            object.__setattr__(
                self,
                "input_format",
                check_choice("input_format", self.input_format, FORMATS, also="a GraphReader"),
            )
        if not self.arcs:
            check_symmetrize(self.symmetrize)
        if self.weight is not None and self.weight is not AUTO_WEIGHT and not isinstance(self.weight, str):
            raise InputError(f"weight is {quoted(self.weight)}; it names a column or attribute, or is None")
        if self.header is not None and not isinstance(self.header, bool):
            raise InputError(f"header is {quoted(self.header)}; it is True, False or None")
        if self.comments is not None and (not isinstance(self.comments, str) or not self.comments.isascii()):
            raise InputError(f"comments is {quoted(self.comments)}; give signs such as '#', or 'none'")
        if isinstance(self.weight, str):  # a text of NumPy would show
            object.__setattr__(self, "weight", str.__str__(self.weight))
        self.separator_bytes  # noqa: B018  checks it
        if self.arcs:
            object.__setattr__(self, "symmetrize", ARCS)

    @property
    def combined(self) -> tuple[str, ...]:
        """What has to be said of a directed graph that becomes an undirected one."""
        return combining(self.symmetrize)

    @property
    def separator_bytes(self) -> bytes | None:
        """The separator as bytes; empty for blanks, None if it was not given."""
        if self.separator is None:
            return None
        if not isinstance(self.separator, str):
            raise InputError(
                f"separator is {quoted(self.separator)}; give one character or {', '.join(SEPARATORS)}"
            )
        given = {"\\t": "tab", " ": "blank", "": "blank"}.get(self.separator, self.separator)
        if given in SEPARATORS:
            return SEPARATORS[given]
        if len(given) != 1 or not given.isascii() or given.isalnum() or given in "\n\r\"'+-.":
            raise InputError(
                f"separator is {quoted(self.separator)}; give one character or {', '.join(SEPARATORS)}"
            )
        return given.encode()

    @property
    def comment_signs(self) -> bytes:
        """Signs that begin a comment line."""
        if self.comments is None:
            return b"#%"
        return b"" if self.comments == "none" else self.comments.encode()


def combining(symmetrize: str | None) -> tuple[str, ...]:
    """Return what has to be said where two directions become one weight.

    Examples
    --------
    >>> combining("mean"), combining(None)
    (('the weight of an edge is the mean of both directions',), ())
    """
    named = symmetrize in SYMMETRIZE
    return (f"the weight of an edge is the {symmetrize} of both directions",) if named else ()


#: How the sentence about rounded sums ends; it is the end of the reading.
_ROUNDED = "; value and bound are those of the rounded sums"


@dataclass(frozen=True, slots=True)
class Lost:
    """What rounding took off the sums of several numbers of one term.

    Parameters
    ----------
    amount : Fraction
        Sum of the rounding errors of all sums.
    example : str
        One of the sums; empty where none is named.

    Examples
    --------
    >>> print(Lost(Fraction(1, 4), "3e+15, 0.25 of 'x'"))
    sums are rounded, by 0.25 in all (3e+15, 0.25 of 'x'); value and bound are those of the rounded sums
    """

    amount: Fraction
    example: str

    def __str__(self) -> str:
        example = f" ({one_line(self.example):.150})" if self.example else ""
        return f"sums are rounded, by {float(self.amount):.3g} in all{example}{_ROUNDED}"


def shown_numbers(numbers: Sequence[float]) -> str:
    """Return the first three numbers of a sum as an example.

    Examples
    --------
    >>> shown_numbers([0.1, 0.2]), shown_numbers([1.0, 2.0, 3.0, 4.0])
    ('0.1, 0.2', '1.0, 2.0, 3.0, ...')
    """
    return ", ".join(map(repr, numbers[:3])) + ", ..." * (len(numbers) > 3)


def added_up(numbers: Iterable[Fraction], of: str) -> tuple[Fraction, Lost | None]:
    """Return the sum of the parts of a constant, and what is lost where it becomes a float64.

    Examples
    --------
    >>> added_up([Fraction(1, 2), Fraction(1, 4)], "the offset")
    (Fraction(3, 4), None)
    >>> print(added_up([Fraction(5 * 10**14), Fraction(1, 100)], "the offset")[1])
    sums are rounded, by 0.01 in all (500000000000000.0, 0.01 of the offset); value and bound are those of the rounded sums
    """  # noqa: E501
    used = [number for number in numbers if number]
    total = sum(used, Fraction(0))
    if len(used) < 2 or total.denominator == 1 or abs(total) > 10**308:
        return total, None  # integers are kept or refused
    off = abs(total - Fraction(float(total)))
    if not off or Fraction(float(total)) == sum((Fraction(float(x)) for x in used), Fraction(0)):
        return total, None  # exact as it is written, or for the numbers as float64 holds them
    return total, Lost(off, f"{shown_numbers([float(x) for x in used])} of {of}")


def both_lost(one: Lost | None, other: Lost | None) -> Lost | None:
    """Return what two groups of sums lose together.

    Examples
    --------
    >>> both_lost(Lost(Fraction(1, 4), "a"), Lost(Fraction(1, 2), "b"))
    Lost(amount=Fraction(3, 4), example='a')
    """
    if one is None or other is None:
        return one or other
    return Lost(one.amount + other.amount, one.example)


def of_rounded_sums(reading: str | None) -> bool:
    """Whether the reading in a record says that sums were rounded (`Lost`), so that its value is exact for those.

    Examples
    --------
    >>> lost = Lost(Fraction(1, 4), "3e+15, 0.25 of 'x'")
    >>> of_rounded_sums(recorded(Reading("LP file", lost=lost))), of_rounded_sums("LP file"), of_rounded_sums(None)
    (True, False, False)
    """
    return reading is not None and "sums are rounded, by " in reading and reading.endswith(_ROUNDED)


@dataclass(frozen=True, slots=True)
class Reading:
    """How an input was read.

    Parameters
    ----------
    format : str
        In words: ``"edge list"``, ``"adjacency matrix"``, ``"networkx Graph"``.
    separator : str
        What separates the columns of a table, by name; empty otherwise.
    columns : tuple of str
        The columns that were used, in the order of ends and weight.
    header_lines : int
        Lines that name columns or sizes.
    weight : str or None
        Column or attribute that gave the weights; None where every edge weighs 1.
    remarks : tuple of str
        What was assumed or left out, a sentence each.
    weighed : bool
        Whether marks among the weights were looked for before parallel edges added up, and are not again.
    lost : Lost, optional
        What rounding took off sums of several numbers of one term; None where all sums are exact.

    Examples
    --------
    >>> print(Reading("edge list", separator="tab", columns=("u", "v", "weight"), header_lines=1))
    edge list, tab-separated, 3 columns: u v weight; 1 header line
    """

    format: str
    separator: str = ""
    columns: tuple[str, ...] = ()
    header_lines: int = 0
    weight: str | None = None
    remarks: tuple[str, ...] = field(default=())
    weighed: bool = field(default=False, repr=False, compare=False)
    lost: Lost | None = None

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "remarks", tuple(map(one_line, self.remarks))
        )  # they quote names of the input

    def __str__(self) -> str:
        return "; ".join(filter(None, (self._words(), str(self.lost or ""))))

    def _words(self) -> str:
        """Return the reading without what sums lost."""
        parts = [self.format] if self.format else []
        if self.separator:
            parts.append(f"{self.separator}-separated")
        if self.columns:
            names = " ".join(re.sub(r"\s+", _one_blank, name).strip() for name in self.columns)
            parts.append(f"{len(self.columns)} columns: {names}")
        elif self.weight is not None:
            parts.append(f"weights from {self.weight!r}")
        text = ", ".join(parts)
        if self.header_lines:
            text += f"; {self.header_lines} header line{'s' * (self.header_lines != 1)}"
        return text


def _one_blank(found: re.Match[str]) -> str:
    """Return one blank in place of those that end a line or a column; others stay as they are."""
    return " " if set(found[0]) & set("\r\n\t") else found[0]


def with_lost(reading: Reading | None, rounded: float) -> Reading | None:
    """Return the reading of something whose sums lost a number more; None where there is neither.

    Examples
    --------
    >>> print(with_lost(Reading("edge list"), 0.25))
    edge list; sums are rounded, by 0.25 in all; value and bound are those of the rounded sums
    >>> with_lost(None, 0.0) is None
    True
    """
    if not rounded:
        return reading
    known = reading or Reading("")
    return replace(known, lost=both_lost(known.lost, Lost(Fraction(rounded), "")))


def recorded(reading: Reading | None, rounded: float = 0.0) -> str | None:
    r"""Return the reading in a record: one line, cut off after 500 characters; None if not known.

    Parameters
    ----------
    reading : Reading or None
        How the input was read, where that is known.
    rounded : float
        What sums of parallel edges lost (`derandkit.graphs.graph.WeightedGraph.rounded`).

    Examples
    --------
    >>> recorded(None, 0.25)
    'sums are rounded, by 0.25 in all; value and bound are those of the rounded sums'
    >>> recorded(Reading("edge list", columns=("u", "v\n"), weight="w")), recorded(Reading("a\tb"))
    ('edge list, 2 columns: u v', 'a\\tb')
    """
    reading = with_lost(reading, rounded)
    if reading is None:
        return None
    text = short_line(str(reading))
    if reading.lost is None or of_rounded_sums(text):
        return text
    end = short_line(f"; {reading.lost}")  # a long reading is cut before it
    return text[: MOST_CHARACTERS - len(end) - 3] + "..." + end


def said_of_bare(bare: int, count: int) -> tuple[str, ...]:
    """Say how many edges have no weight, and weigh 1, where others have one.

    Examples
    --------
    >>> said_of_bare(1, 3), said_of_bare(3, 3)
    (('1 of 3 edges has no weight and weighs 1',), ())
    """
    if not 0 < bare < count:
        return ()
    verbs = "has no weight and weighs" if bare == 1 else "have no weight and weigh"
    return (f"{bare} of {count} edges {verbs} 1",)
