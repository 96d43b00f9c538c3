"""Which share of a relaxation with triangle inequalities a start has at least, for every problem of a kind."""

from __future__ import annotations

from fractions import Fraction

from derandkit.certificates.quadratic.problems import hard_total
from derandkit.models.clauses import Clauses

#: Proven for clauses of two literals with beta = 0.94; Lewin, Livnat and Zwick state 0.94016 for the best beta.
CLAUSE = Fraction(94, 100)


def guaranteed_share(instance: object) -> Fraction | None:
    """Return the share of the relaxation with triangles that a start has at least, where one is proven.

    Notes
    -----
    A clause of one literal is satisfied with chance ``(1 + beta mu) / 2``, at least the share `CLAUSE` of its part
    ``(1 + mu) / 2`` for beta equal to that share. Of two literals `derandkit.certificates.quadratic.least_share` proves
    it. The start is the best of several, that one among them.

    Examples
    --------
    >>> guaranteed_share(Clauses.from_clauses([(1, 2)]))
    Fraction(47, 50)
    >>> guaranteed_share(Clauses.from_clauses([(1, 2)], weights=[-1])) is None
    True
    """
    if isinstance(instance, Clauses) and (instance.weights >= 0.0).all():
        return CLAUSE
    return None


def shift_of(instance: object) -> Fraction:
    """Return what is added to values so that they are sums over clauses: hard ones count as penalties otherwise.

    Examples
    --------
    >>> shift_of(Clauses.from_clauses([(1, 2), (1,)], hard=[1]))
    Fraction(2, 1)
    """
    return hard_total(instance) if isinstance(instance, Clauses) else Fraction(0)
