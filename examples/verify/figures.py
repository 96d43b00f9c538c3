"""Sums over the edges of a graph, enclosed, and how they are printed: never narrower or lower than they are."""

from decimal import ROUND_CEILING, Context
from fractions import Fraction

from reals import Interval
from report import float_above, total

WIDEST = Fraction(1, 300_000)  # share of a figure to which it has to be known
UNIT, LEAST = Fraction(1, 2**53), Fraction(1, 2**1074)  # one rounding, and the least float above zero


class Figure(Interval):
    """A sum over the edges, enclosed, and how far off somebody who adds up in double precision may be."""

    __slots__ = ("least", "spare")

    @classmethod
    def of(cls, terms):
        """Add up terms (weight, far, share, off): the share of a weight that counts, or is missing where it is far.

        `off` is how far somebody's share may be off. A heavy edge excuses its own rounding only.
        """
        terms = list(terms)
        ends = [[], []]
        for w, far, share, _ in terms:
            signed = -w if far else w
            for side, x in zip(ends, (share.low, share.high) if signed >= 0 else (share.high, share.low)):
                side.append(signed * x + (w if far else 0))
        figure = cls(*map(total, ends))
        figure.least = (2 * len(terms) + 8) * LEAST  # what products of tiny numbers lose
        off = total(abs(w) * (off + 2 * UNIT * share.high) for w, _, share, off in terms)
        figure.spare = off + 4 * UNIT * abs(figure).high + figure.least
        return figure

    @property
    def width(self):
        """How far a claim that agrees may be from the number: what is not known of it, and what a claim may lose."""
        return self.high - self.low + self.spare

    def clear(self, *others):
        """Whether the figure is known well enough, beside those it is compared with, for a claim to say anything."""
        return self.width - self.least <= WIDEST * max(abs(self.middle), *(abs(Fraction(x)) for x in others))

    def shown(self):
        """Return a number inside, and how far from it a claim may be."""
        middle = float(self.middle)
        return f"{middle!r} +- {rounded_up(self.width + abs(Fraction(middle) - self.middle))}"


def rounded_up(size):
    """Return a number that is not negative with two digits, never below it."""
    context = Context(prec=2, rounding=ROUND_CEILING)
    return f"{context.divide(size.numerator, size.denominator):.2g}" if size else "0"


def never_below(exact):
    """Return an upper bound in digits that are not below it."""
    return str(exact) if exact.denominator == 1 else repr(float_above(exact))
