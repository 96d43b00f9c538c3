"""What a map does to the span of points: stretches of pairs, of directions that are known, and of the whole span."""

from fractions import Fraction

from measured import independent
from report import NOT_CHECKED, RECOMPUTED, need
from spectra import all_at_least, all_at_most, count_above, eigenvalues, outward, product

# of the square of the longest row: what is left of a row below it is no direction that is known
FLATTEST = 1e-12


def span_stretch(record, found, matrix, spread):
    """Check what is claimed of the span; where it is not known as a whole, then of what it holds for sure."""
    claimed, space = record["stretch"]["span"], record["stretch"]["space"]
    need(claimed["largest"] <= space["largest"], "larger on the span than in the space")
    small, large = Fraction(claimed["smallest"]), Fraction(claimed["largest"])
    ratios = found.ratios.values()
    need(small <= min(ratios) and max(ratios) <= large, "a pair is outside, and every pair lies in the span")
    matrix, basis = [[Fraction(a) for a in row] for row in matrix], independent(found.centred)
    (top,) = eigenvalues(spread, 1, Fraction(1, 2**20))
    flat = count_above(spread, top[1] / 10**12) < len(basis)
    if not flat and len(basis) == record["points"]["rank"]:
        images = product(basis, matrix)
        outward(claimed, product(images, images), product(basis, basis))
        return RECOMPUTED, "by the inertia of a pencil"
    some = steep(found.centred)
    images = product(some, matrix)
    own, lengths = product(images, images), product(some, some)
    need(all_at_most(own, large, lengths), "something in the span is stretched more")
    need(small == 0 or all_at_least(own, small, lengths), "something in the span is stretched less")
    if flat:
        return NOT_CHECKED, "the span is flat"
    return NOT_CHECKED, "the points span more dimensions by a little than the record counts"


def steep(rows):
    """Return rows, each far from the span of those before it, by elimination in floats: which they are proves nothing.

    >>> steep([[Fraction(3), Fraction(0)], [Fraction(2), Fraction(1, 10**9)], [Fraction(1), Fraction(2)]])
    [[Fraction(3, 1), Fraction(0, 1)], [Fraction(1, 1), Fraction(2, 1)]]
    """
    size = max(abs(x) for row in rows for x in row)
    rest, chosen, least = [[float(x / size) for x in row] for row in rows], [], 0.0
    while True:
        lengths = [sum(x * x for x in row) for row in rest]
        k = max(range(len(rest)), key=lengths.__getitem__)
        if lengths[k] <= least:
            return chosen
        least = least or FLATTEST * lengths[k]
        chosen.append(rows[k])
        first, length = rest[k], lengths[k]
        shares = [sum(x * y for x, y in zip(row, first)) / length for row in rest]
        rest = [[x - share * y for x, y in zip(row, first)] for row, share in zip(rest, shares)]
