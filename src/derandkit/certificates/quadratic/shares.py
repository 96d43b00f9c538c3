"""Which share of a relaxation with triangle inequalities a start has at least, for every problem of a kind."""

from __future__ import annotations

from fractions import Fraction

from derandkit.certificates.quadratic.problems import hard_total
from derandkit.models.clauses import Clauses


def guaranteed_share(instance: object) -> Fraction | None:
    """Return the share of the relaxation with triangles that a start has at least, where one is proven.

    Examples
    --------
    >>> guaranteed_share(Clauses.from_clauses([(1, 2)], weights=[-1])) is None
    True
    """
    return None


def shift_of(instance: object) -> Fraction:
    """Return what is added to values so that they are sums over clauses: hard ones count as penalties otherwise.

    Examples
    --------
    >>> shift_of(Clauses.from_clauses([(1, 2), (1,)], hard=[1]))
    Fraction(2, 1)
    """
    return hard_total(instance) if isinstance(instance, Clauses) else Fraction(0)
