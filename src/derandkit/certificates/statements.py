"""What a kind of record states, in one table: the claims, how far a check of each reaches, and what that rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import Enum

from derandkit.certificates.checks import Verdict, VerificationCheck, checked, read_as, same_json
from derandkit.records import JsonMapping, has_signed_zero, seal
from derandkit.versions import CURRENT
from derandkit.words.quoting import printable

Finding = tuple[bool | Verdict, str]

PROVEN = (Verdict.PROVEN,)
RECOMPUTED = (Verdict.RECOMPUTED,)
NOT_CHECKED = (Verdict.NOT_CHECKED,)
#: Characters of an entry that a report shows in full; a digest has 64.
_LONGEST = 40


@dataclass(frozen=True)
class Statement:
    """One row of a table: a claim of a record and what `verify` can say of it.

    Parameters
    ----------
    name : str
        Name of the check.
    says : str
        What the record claims.
    reach : tuple of Verdict
        What a record that holds can get here. The first one is the verdict of a check that returns True.
    rests_on : str
        What the verdict rests on, and when it is which.
    headline : bool
        Whether `verify` is ok only if this is proven or recomputed. Where a record does not make the statement (an
        estimated bound, vectors that were left out) nothing rests on it; the report then says "not checked".
    """

    name: str
    says: str
    reach: tuple[Verdict, ...]
    rests_on: str
    headline: bool = True

    @property
    def verdict(self) -> str:
        """The words of the verdicts, as the page has them."""
        return " / ".join(verdict.value for verdict in self.reach)


#: Rows that tables of several kinds share.
SEAL = Statement("seal", "the file is as it was written", PROVEN, "SHA-256")
SCHEMA_FORM = Statement("schema", "the record has the published form", PROVEN, "fields, types and sizes")
KEYS_FORM = Statement("form", "the record has its form", PROVEN, "every key that belongs there, and no other")
POINTS = Statement("points", "it is about these points", PROVEN, "SHA-256 of shape, type and bytes")
COLUMNS = Statement(
    "columns",
    "names of the columns",
    (Verdict.PROVEN, Verdict.NOT_CHECKED),
    "those of the points, if they are a table with names; else not checked, and then the record does not hold",
)
READING = Statement("provenance", "what the input was read as", NOT_CHECKED, "length only", headline=False)


def ending(numbers: str, inner: str) -> Statement:
    """Return the row of a status that two numbers and the status of a record within the record decide.

    Parameters
    ----------
    numbers : str
        The two numbers.
    inner : str
        The key of the inner record.

    Examples
    --------
    >>> ending("value and bound", "cut").verdict
    'proven / recomputed / not checked'
    """
    return Statement(
        "status",
        "how the run ended, the message, optimality",
        (Verdict.PROVEN, Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
        f"optimality is derived from {numbers}; any other end is that of `{inner}`, and reaches as far as "
        f"`{inner}.status`: not checked for an interrupted run",
    )


def check_ending(
    record: JsonMapping, inner: JsonMapping, inside: VerificationCheck, optimal: bool, message: str | None
) -> Finding:
    """Compare a status with optimality, and else with the end of the record within the record.

    Parameters
    ----------
    record : mapping
        The outer record.
    inner : mapping
        The record within it.
    inside : VerificationCheck
        The check of the status of `inner`. The outer statement reaches as far, unless the solution is optimal.
    optimal : bool
        Whether the solution of the outer record meets its certified bound.
    message : str or None
        The message of the status that the outer record names; None if there is no such status.

    Examples
    --------
    >>> ends = {"status": "interrupted", "message": "interrupted: ...", "proven_optimal": False}
    >>> inside = VerificationCheck("status", Verdict.NOT_CHECKED, "", headline=False)
    >>> verdict, detail = check_ending(ends, ends, inside, False, ends["message"])
    >>> verdict.value, detail
    ('not checked', "'interrupted' is how the inner run ended; proven optimal: False")
    """
    if message is None:
        return False, f"{record['status']!r:.60} is no status of this version of a record"
    ended = inner["status"]
    expected = "optimal" if optimal else "solved" if ended == "optimal" else ended
    source = "follows from the numbers" if optimal else "is how the inner run ended"
    if ended == "optimal" and not optimal:
        source = "follows: the inner cut is optimal, the numbers are apart"
    text = f"{expected!r} {source}; proven optimal: {optimal}"
    same = (record["status"], record["message"]) == (expected, message) and record[
        "proven_optimal"
    ] is optimal
    return (Verdict.PROVEN if optimal else inside.verdict) if same else Verdict.FAILED, text


def message_of(statuses: type[Enum], status: str) -> str | None:
    """Return the message of a status that a record names, or None if there is no such status.

    Examples
    --------
    >>> message_of(Verdict, "proven"), message_of(Verdict, "gap_not_reached")
    ('proven', None)
    """
    found = statuses.__members__.get(status.upper())
    return None if found is None else str(found.value)


_watch: ContextVar[Callable[[str], None] | None] = ContextVar("watch", default=None)


@contextmanager
def watched(report: Callable[[str], None]) -> Iterator[None]:
    """Report the name of every check that begins in a block.

    Parameters
    ----------
    report : callable
        Called with the name.

    Examples
    --------
    >>> with watched(print):
    ...     check = StatementTable("kind", (SEAL,)).check("seal", lambda: (True, ""))
    seal
    """
    token = _watch.set(report)
    try:
        yield
    finally:
        _watch.reset(token)


def beginning(name: str) -> None:
    """Report that a check begins, where somebody watches; for work that stands before its check, too.

    Parameters
    ----------
    name : str
        The statement.
    """
    report = _watch.get()
    if report is not None:
        report(name)


@dataclass(frozen=True)
class StatementTable:
    """Every statement of one kind of record.

    Parameters
    ----------
    schema : str
        The kind, as the record names it.
    rows : tuple of Statement
        In the order in which they are checked.
    inside : mapping of str to tuple of StatementTable
        Records within the record, by the prefix of the names of their checks: the tables that such a record may have.

    Examples
    --------
    >>> row = Statement("n", "number of vertices", PROVEN, "counting")
    >>> table = StatementTable("a-kind", (row,))
    >>> check = table.check("n", lambda n: (n == 3, f"{n} found"), 3)
    >>> check.name, check.verdict.value, check.detail
    ('n', 'proven', '3 found')
    """

    schema: str
    rows: tuple[Statement, ...]
    inside: Mapping[str, tuple[StatementTable, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Statement:
        return next(row for row in self.rows if row.name == name)

    def __iter__(self) -> Iterator[Statement]:
        return iter(self.rows)

    def check(
        self, name: str, check: Callable[..., Finding], *arguments: object, headline: bool = True
    ) -> VerificationCheck:
        """Run the check of one statement on a record that may be malformed in any way.

        Parameters
        ----------
        name : str
            The statement.
        check : callable
            Called with `arguments`; returns a verdict and a detail. True stands for the first verdict in the table.
        *arguments : object
            What the check needs.
        headline : bool
            False where this record does not make the statement, so that nothing can rest on it.

        Returns
        -------
        VerificationCheck
            See `derandkit.certificates.checks.checked`.
        """
        row = self[name]
        beginning(name)
        return checked(name, check, *arguments, headline=row.headline and headline, holds=row.reach[0])

    def unclaimed(self, name: str, version: int) -> VerificationCheck:
        """Return the check of a statement that an older version does not make: nothing rests on it.

        Parameters
        ----------
        name : str
            The statement.
        version : int
            Version of the record.
        """
        row = self[name]
        return VerificationCheck(
            row.name, Verdict.NOT_CHECKED, f"not claimed by version {version}", headline=False
        )

    def statement_of(self, name: str) -> Statement | None:
        """Return the row behind the name of a check, that of a record within the record included.

        Parameters
        ----------
        name : str
            Name of a check, for example ``"cut.seal"``.

        Returns
        -------
        Statement or None
            None if no row has this name.
        """
        own = [row for row in self.rows if row.name == name]
        prefix, _, rest = name.partition(".")
        within = (table.statement_of(rest) for table in self.inside.get(prefix, ()))
        return own[0] if own else next((row for row in within if row is not None), None)


def within(prefix: str, checks: Iterable[VerificationCheck]) -> list[VerificationCheck]:
    """Return the checks of a record within a record, each under a name with the prefix.

    Parameters
    ----------
    prefix : str
        The key of the inner record.
    checks : iterable of VerificationCheck
        Its checks.

    Examples
    --------
    >>> [check.name for check in within("cut", [VerificationCheck("seal", Verdict.PROVEN, "as it was written")])]
    ['cut.seal']
    """
    return [replace(check, name=f"{prefix}.{check.name}") for check in checks]


def check_seal(written: JsonMapping) -> Finding:
    """Compare the seal of a record, as the file has it, with the hash of the rest.

    In a record of the newest version no zero has a sign, so that equal results are equal bytes.

    Parameters
    ----------
    written : mapping
        The record in its own version.

    Examples
    --------
    >>> check_seal({"seal": "abc"})
    (False, 'the content hashes to ca3d163bab05..., not the seal')
    """
    found = seal(written)
    same = found == written["seal"]
    newest = CURRENT.get(written.get("schema", ""))
    if same and written.get("schema_version") == newest and has_signed_zero(written):
        return False, "it holds -0.0, and zero is written 0.0"
    return same, "the file is as it was written" if same else (
        f"the content hashes to {found[:12]}..., not the seal"
    )


def another(noun: str, claimed: JsonMapping, found: JsonMapping) -> str | None:
    """Return how an instance differs from the one that a record is about, or None if it is that one.

    Parameters
    ----------
    noun : str
        What the instance is, after "another": "graph".
    claimed : mapping
        What the record says of its instance.
    found : mapping
        The same entries for the instance that is given; other entries of `claimed` are not compared.

    Examples
    --------
    >>> another("graph", {"n": 100, "m": 200}, {"n": 10, "m": 200})
    'the record is about another graph: n 100 (here 10)'
    >>> another("graph", {"n": 10, "reading": None}, {"n": 10}) is None
    True
    """
    wrong = [key for key, value in found.items() if not same_json(claimed[key], value)]
    if not wrong:
        return None
    parts = (f"{key} {_short(claimed[key])} (here {_short(found[key])})" for key in wrong)
    return f"the record is about another {noun}: {', '.join(parts)}"


def _short(value: object) -> str:
    """Return an entry as a report has it: of a digest the beginning."""
    text = printable(f"{value}")
    return f"{text[:12]}..." if len(text) > _LONGEST else text


def check_reading(written: JsonMapping, about: JsonMapping, own: str | None = None) -> Finding:
    """Report what the record says its input was read as, which cannot be checked.

    Parameters
    ----------
    written : mapping
        The record in its own version.
    about : mapping
        Its part that describes the instance.
    own : str, optional
        How the instance was read for this check.
    """
    return Verdict.NOT_CHECKED, read_as(written, about, own)
