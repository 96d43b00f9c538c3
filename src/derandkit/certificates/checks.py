"""What a verification is: named checks, each with the numbers it compared and how far it reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from derandkit.certificates.work import WorkError
from derandkit.errors import VerificationError
from derandkit.records import MOST_CHARACTERS, JsonMapping
from derandkit.tables import Tabled, counted, html_table
from derandkit.words.digits import digits_above
from derandkit.words.quoting import clipped, printable

#: What a malformed record can make a check raise; anything else is a fault of the check, or a lack of memory.
MALFORMED = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    np.linalg.LinAlgError,
)


class Verdict(Enum):
    """How far a check reaches; the value is the word that is printed."""

    PROVEN = "proven"  #: follows from exact arithmetic or from a rigorous bound, whoever wrote the record
    RECOMPUTED = "recomputed"  #: agrees with what this check worked out, within the interval it states
    NOT_CHECKED = "not checked"  #: provenance, or a claim about something that the checker does not have
    FAILED = "FAILED"  #: the record says something else than was found

    @property
    def holds(self) -> bool:
        """Whether the claim was found true."""
        return self in (Verdict.PROVEN, Verdict.RECOMPUTED)


#: Characters of the numbers or the reason beside a verdict: what a record says in it, and a whole reading.
_MOST_OF_A_DETAIL = 1000
#: A number that is known to no better than this share of what it is compared with says nothing.
WIDEST = 1e-5


def proven(holds: bool) -> Verdict:
    """Return the verdict on what is proven where it holds.

    Examples
    --------
    >>> proven(True).value, proven(False).value
    ('proven', 'FAILED')
    """
    return Verdict.PROVEN if holds else Verdict.FAILED


def vague(width: float, size: float) -> bool:
    """Whether an interval is so wide that a claim in it means nothing; true too where the width is not known.

    Parameters
    ----------
    width : float
        How far the recomputed number may be off.
    size : float
        What the claim is about: the size of the number, or of the numbers that it is compared with.

    Notes
    -----
    A claim in a vague interval is not checked, which is not ok where the headline rests on it. The same rule holds in
    every check that recomputes in floating point.

    Examples
    --------
    >>> vague(1e-12, 33.0), vague(33.0, 33.0), vague(float("nan"), 1.0), vague(0.0, 0.0)
    (False, True, True, False)
    """
    return not width <= WIDEST * size + 1e-290


@dataclass(frozen=True)
class VerificationCheck:
    """One statement of a record, and what became of it.

    Parameters
    ----------
    name : str
        The statement, for example ``"cut_value"``.
    verdict : Verdict
        Proven, recomputed, not checked, or failed.
    detail : str
        The numbers that were compared, or why the statement could not be checked.
    headline : bool
        Whether the headline of the record rests on it: such a statement has to be proven or recomputed.
    error_probability : float
        Chance that a false statement passes this check, over coins that the checker tosses; 0 for a deterministic one.

    Examples
    --------
    >>> import derandkit
    >>> check = derandkit.verify(derandkit.maxcut([("a", "b")]), [("a", "b")]).checks[0]
    >>> check.name, check.verdict.value, check.passed
    ('seal', 'proven', True)
    """

    name: str
    verdict: Verdict
    detail: str
    headline: bool = True
    error_probability: float = 0.0

    def __post_init__(self) -> None:
        # it may quote a record, which may be long
        object.__setattr__(self, "detail", clipped(self.detail, _MOST_OF_A_DETAIL))

    @property
    def passed(self) -> bool:
        """Whether the statement holds, or is one that nothing rests on and that was not checked."""
        return self.verdict.holds or (self.verdict is Verdict.NOT_CHECKED and not self.headline)


@dataclass(frozen=True)
class Verification(Tabled):
    """The outcome of `derandkit.verify`; true exactly if it is ok.

    Parameters
    ----------
    checks : tuple of VerificationCheck
        Every statement that was looked at, in order.

    Examples
    --------
    >>> seal = VerificationCheck("seal", Verdict.PROVEN, "the file is as it was written")
    >>> cut = VerificationCheck("cut_value", Verdict.FAILED, "10 claimed, 9 found")
    >>> outcome = Verification((seal, cut))
    >>> outcome.ok, outcome.failed
    (False, ('cut_value',))
    >>> bool(outcome), Verification((seal,)), outcome
    (False, Verification(ok; 1 check), Verification(not ok: cut_value; 2 checks))
    """

    checks: tuple[VerificationCheck, ...]

    @property
    def ok(self) -> bool:
        """Whether everything that the headline rests on is proven or recomputed, and nothing failed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def strict(self) -> bool:
        """Whether it is ok without any check that could err by chance."""
        return self.ok and self.error_probability == 0.0

    @property
    def error_probability(self) -> float:
        """Bound on the chance that something false passed: the sum over the checks that toss coins."""
        return min(1.0, sum(check.error_probability for check in self.checks))

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the statements that are false, or that the headline rests on and that could not be checked."""
        return tuple(check.name for check in self.checks if not check.passed)

    @property
    def not_checked(self) -> tuple[str, ...]:
        """Names of the statements that were not checked."""
        return tuple(check.name for check in self.checks if check.verdict is Verdict.NOT_CHECKED)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        verdict = (
            "ok" if self.ok else f"not ok: {', '.join(self.failed)}" if self.checks else "nothing checked"
        )
        return f"Verification({verdict[:200]}; {counted(len(self.checks), 'check')})"

    def raise_if_failed(self) -> Verification:
        """Return the verification itself if it is ok.

        Raises
        ------
        VerificationError
            If it is not; names what failed.
        """
        if not self.ok:
            details = "; ".join(f"{c.name}: {printable(c.detail)}" for c in self.checks if not c.passed)
            raise VerificationError(f"the record does not hold: {details or 'nothing was checked'}", self)
        return self

    def worst_first(self) -> Verification:
        """Return the same checks, the failed ones first, then those not checked, recomputed, proven.

        Examples
        --------
        >>> seal = VerificationCheck("seal", Verdict.PROVEN, "the file is as it was written")
        >>> status = VerificationCheck("status", Verdict.NOT_CHECKED, "interrupted", headline=False)
        >>> [check.name for check in Verification((seal, status)).worst_first().checks]
        ['status', 'seal']
        """
        order = [Verdict.FAILED, Verdict.NOT_CHECKED, Verdict.RECOMPUTED, Verdict.PROVEN]
        return Verification(tuple(sorted(self.checks, key=lambda check: order.index(check.verdict))))

    def table_rows(self) -> list[tuple[str, ...]]:
        """Return the rows of the table: statement, verdict and detail of each check."""
        return [(check.name, check.verdict.value, check.detail) for check in self.checks]

    def _repr_html_(self) -> str:
        return html_table(self.summary, self.table_rows())

    def __str__(self) -> str:
        names = max((len(check.name) for check in self.checks), default=0)
        verdicts = max((len(check.verdict.value) for check in self.checks), default=0)
        lines = [
            f"{check.verdict.value:<{verdicts}}  {check.name:<{names}}  {printable(check.detail)}".rstrip()
            for check in self.checks
        ]
        return "\n".join([*lines, "", self.summary])

    @property
    def summary(self) -> str:
        """One line: whether the record holds, and how many statements got which verdict."""
        counts = [(verdict.value, sum(c.verdict is verdict for c in self.checks)) for verdict in Verdict]
        outcome = "holds" if self.ok else "does not hold"
        if self.ok and any(c.name.endswith("constraints") for c in self.checks):
            outcome += ", for what obeys its constraints only"
        if any(c.name.endswith("upper_bound") and c.verdict is Verdict.NOT_CHECKED for c in self.checks):
            outcome += ", but its upper bound is estimated: not proven" if self.ok else ""
        if self.ok and self.error_probability:
            outcome += f" but for an error probability of {digits_above(self.error_probability, 3)}"
        return f"the record {outcome}: {', '.join(f'{count} {word}' for word, count in counts if count)}"


def same_json(claimed: Any, expected: Any) -> bool:
    """Whether two JSON values have one text: 14.0 is not 14, true is not 1, and -0.0 is not 0.0.

    Examples
    --------
    >>> same_json({"n": [14, 1]}, {"n": [14, 1]}), same_json({"n": [14.0, 1]}, {"n": [14, 1]})
    (True, False)
    >>> same_json(-0.0, 0.0), same_json(True, 1)
    (False, False)
    """
    if isinstance(expected, Mapping):
        same = isinstance(claimed, Mapping) and set(claimed) == set(expected)
        return same and all(same_json(claimed[key], value) for key, value in expected.items())
    if isinstance(expected, (list, tuple)):
        same = isinstance(claimed, (list, tuple)) and len(claimed) == len(expected)
        return same and all(same_json(a, b) for a, b in zip(claimed, expected, strict=True))
    if isinstance(expected, float):
        return type(claimed) is float and repr(claimed) == repr(expected)
    return type(claimed) is type(expected) and bool(claimed == expected)


def is_reading(value: object) -> bool:
    r"""Whether a value can stand where a record says how its input was read: null, or a short line.

    Examples
    --------
    >>> is_reading(None), is_reading("edge list"), is_reading("edge\nlist"), is_reading(1)
    (True, True, False, False)
    """
    return value is None or (type(value) is str and 0 < len(value) <= MOST_CHARACTERS and value.isprintable())


def read_as(written: JsonMapping, about: JsonMapping, own: str | None = None) -> str:
    """Return the reading of a record as words of a report, which cannot be checked.

    Parameters
    ----------
    written : mapping
        The record as the file has it.
    about : mapping
        Its part that describes the instance, in the form of the current version.
    own : str, optional
        How the instance was read for this check; it is said where it differs.

    Examples
    --------
    >>> read_as({"schema_version": 3}, {"reading": "edge list, tab-separated"})
    'input read as: edge list, tab-separated'
    >>> read_as({"schema_version": 3}, {"reading": "edge list"}, "rudy file")
    'input read as: edge list; for this check as: rudy file'
    >>> read_as({"schema_version": 2}, {"reading": None})
    'how the input was read is not claimed (version 2)'
    >>> read_as({"schema_version": 3}, {"reading": None}, "matrix Q of x'Qx")
    "how the input was read is not claimed (version 3); for this check as: matrix Q of x'Qx"
    """
    reading = about["reading"]
    if reading is None:
        said = f"how the input was read is not claimed (version {written['schema_version']})"
        return said if own is None else f"{said}; for this check as: {printable(own)}"
    if own is not None and own.startswith(f"{reading} ("):  # it goes on to say what the file is otherwise
        return f"input read as: {printable(own)}"
    if own is None or own == reading:
        return f"input read as: {printable(reading)}"
    # the words of a record leave room for those of this check
    return f"input read as: {clipped(printable(reading), 200)}; for this check as: {printable(own)}"


def checked(
    name: str,
    check: Callable[..., tuple[bool | Verdict, str]],
    *arguments: object,
    headline: bool = True,
    holds: Verdict = Verdict.RECOMPUTED,
) -> VerificationCheck:
    """Run a check on a record that may be malformed in any way.

    Parameters
    ----------
    name : str
        The statement.
    check : callable
        Called with `arguments`; returns a verdict and a detail. True stands for `holds`, False for `Verdict.FAILED`.
    *arguments : object
        What the check needs.
    headline : bool
        Whether the headline of the record rests on it.
    holds : Verdict
        What True stands for.

    Returns
    -------
    VerificationCheck
        A check that raises because the record is malformed fails, with the reason.

    Examples
    --------
    >>> checked("n", lambda record: (record["n"] == 3, "3 found"), {}).detail
    "cannot be read: KeyError: 'n'"
    >>> checked("n", lambda record: (record["n"] ** 2 == 3.0, "3 found"), {"n": 1e200}).detail
    'cannot be read: numbers that are made of it are beyond the range of doubles'
    """
    try:
        with np.errstate(all="ignore"):  # an overflow of absurd claims is no news; the comparison fails
            verdict, detail = check(*arguments)
    except WorkError as error:
        return VerificationCheck(name, Verdict.FAILED, str(error), headline)
    except MALFORMED as error:
        reason = f"{type(error).__name__}: {printable(' '.join(str(error).split())[:200])}"
        if isinstance(error, OverflowError):  # its words are those of the C library
            reason = "numbers that are made of it are beyond the range of doubles"
        return VerificationCheck(name, Verdict.FAILED, f"cannot be read: {reason}", headline)
    if not isinstance(verdict, Verdict):
        verdict = holds if verdict else Verdict.FAILED
    return VerificationCheck(name, verdict, detail, headline)


def rests_on(question: Callable[..., bool], *arguments: object) -> bool:
    """Whether the headline of a record rests on a statement; also where a malformed record leaves that open.

    Parameters
    ----------
    question : callable
        Called with `arguments`, parts of a record that may be malformed in any way.
    *arguments : object
        What it needs.

    Examples
    --------
    >>> rests_on(lambda record: record["loss"] > 1.0, {"loss": 0.5})
    False
    >>> rests_on(lambda record: record["loss"] > 1.0, {"loss": None})
    True
    """
    try:
        with np.errstate(all="ignore"):
            return bool(question(*arguments))
    except MALFORMED:
        return True
