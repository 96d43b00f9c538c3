"""How much work a check may make before it gives up, so that a small hostile file cannot occupy a machine.

One rule for all checks: the work is known or counted before it is done, the limit follows from the size of the instance
and not from anything that the record says, and whoever trusts a record enough raises it (``--allow-work``).
"""

from __future__ import annotations

import math

from derandkit.errors import DerandkitError

#: Steps of exact arithmetic on small integers that every proof may take; about ten seconds.
PROOF_STEPS = 40_000_000
#: And so many more for each vertex and edge of the graph.
STEPS_EACH = 200
#: Numbers that the encoded arrays of a proof may hold together, and so many more for each vertex and edge.
PROOF_ENTRIES = 1_000_000
ENTRIES_EACH = 200
#: Numbers of a map beyond as many rows as columns, and `ENTRIES_EACH` more for each number of the instance.
ARRAY_ENTRIES = 10_000_000
#: Multiply-adds of matrices in single steps of exact arithmetic.
MULTIPLY_ADDS = 4000
#: Bits of an integer that are handled in one step.
BITS = 512


class WorkError(DerandkitError):
    """A check would take more work than it is allowed to."""


class Budget:
    """Steps that are left for a check.

    Parameters
    ----------
    limit : float
        Steps that it may take.
    what : str
        What takes them, for the message.
    allow_work : float
        How many times the limit is allowed.

    Examples
    --------
    >>> budget = Budget(10.0, "the proof")
    >>> budget.spend(4.0)
    >>> budget.spend(7.0)
    Traceback (most recent call last):
        ...
    derandkit.certificates.work.WorkError: refused: the proof takes more than 10 steps; raise --allow-work above 1
    """

    __slots__ = ("allow_work", "left", "limit", "what")

    def __init__(self, limit: float, what: str, allow_work: float = 1.0) -> None:
        self.limit, self.what, self.allow_work = limit * allow_work, what, allow_work
        self.left = self.limit

    def spend(self, steps: float) -> None:
        """Take steps.

        Raises
        ------
        WorkError
            There are not so many left.
        """
        self.left -= steps
        if not self.left >= 0.0:
            raise WorkError(
                f"refused: {self.what} takes more than {self.limit:.3g} steps; "
                f"raise --allow-work above {self.allow_work:g}"
            )


def refuse_beyond(
    work: float, limit: float, what: str, allow_work: float = 1.0, *, unit: str = "operations"
) -> None:
    """Refuse work that is known beforehand.

    Raises
    ------
    WorkError
        It is more than the limit.

    Examples
    --------
    >>> refuse_beyond(2e9, 1e9, "a pass")
    Traceback (most recent call last):
        ...
    derandkit.certificates.work.WorkError: refused unseen: a pass would take 2e+09 operations, 1e+09 are allowed; raise --allow-work to 2
    """  # noqa: E501
    if not work <= limit * allow_work:
        raise WorkError(
            f"refused unseen: {what} would take {work:.3g} {unit}, {limit * allow_work:.3g} are allowed; "
            f"raise --allow-work to {math.ceil(work / limit) if math.isfinite(work) else 'inf'}"
        )


def refuse_rows(rows: float, points: float, columns: float, what: str, allow_work: float = 1.0) -> None:
    """Refuse a map of points with far more rows than they have columns and numbers, before it is decoded.

    Raises
    ------
    WorkError
        Its rows beyond the columns have more than `ARRAY_ENTRIES`, and `ENTRIES_EACH` more for each number.

    Examples
    --------
    >>> refuse_rows(5e6, 4, 3, "the map")
    Traceback (most recent call last):
        ...
    derandkit.certificates.work.WorkError: refused unseen: the map would take 1.5e+07 numbers, 1e+07 are allowed; raise --allow-work to 2
    """  # noqa: E501
    beyond, limit = max(0.0, rows - columns) * columns, ARRAY_ENTRIES + ENTRIES_EACH * points * columns
    refuse_beyond(beyond, limit, what, max(1.0, allow_work), unit="numbers")  # less work needs no less memory


def bits_of(*integers: int, shift: int = 0) -> float:
    """Return how many steps integers of this length take, at least one.

    Parameters
    ----------
    *integers : int
        The integers.
    shift : int
        By how many bits they will be shifted to the left before they are used.

    Examples
    --------
    >>> bits_of(7), bits_of(1 << 1023), bits_of(1, shift=1023)
    (1.0, 2.0, 2.0)
    """
    return max(1.0, (max((abs(x).bit_length() for x in integers), default=0) + shift) / BITS)
