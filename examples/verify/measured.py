"""All pairs of points under a map, measured without rounding."""

from fractions import Fraction
from math import ceil, lcm

from reals import Interval, sqrt
from report import need, total
from spectra import eigenvalues, product

UNIT = Fraction(1, 2**53)
TINY = Fraction(1, 2**1075)
SINGLE, DOUBLE = Fraction(2 - 2.0**-23) * 2**127, Fraction(2 - 2.0**-52) * 2**1023  # the greatest numbers
MOST_WRITTEN = 2**1000
NEAR = Fraction(1, 2**200)  # of the size of the cloud: of pairs that are nearer a record may state nothing


class Measured:
    """All pairs of different points under a map, in whole numbers.

    `ratios` maps pairs of places (among the different points) to ratios.
    """

    def __init__(self, points, matrix):
        self.points = [[Fraction(x) for x in row] for row in points]
        m, images = len(self.points), product(self.points, [[Fraction(a) for a in row] for row in matrix])
        middle = [total(column) / m for column in zip(*self.points)]
        self.centred = [[x - c for x, c in zip(row, middle)] for row in self.points]
        points_unit, points = whole(self.points)
        images_unit, images = whole(images)
        factor = Fraction(points_unit, images_unit) ** 2
        self.squares, self.ratios = {}, {}
        for i in range(m):
            for j in range(i + 1, m):
                square = distance(points[i], points[j])
                self.squares[i, j] = Fraction(square, points_unit**2)
                self.ratios[i, j] = factor * Fraction(distance(images[i], images[j]), square)
        need(self.ratios, "all points are equal")
        self.offs = {pair: abs(ratio - 1) for pair, ratio in self.ratios.items()}
        self.sorted = sorted(self.offs.values())

    @property
    def distortion(self):
        """The greatest |ratio - 1|."""
        return self.sorted[-1]

    @property
    def nearest(self):
        """The least distance, beside the greatest entry of the centred points."""
        return sqrt(min(self.squares.values())).high / max(abs(x) for row in self.centred for x in row)

    @property
    def mean(self):
        """The mean |ratio - 1|."""
        return total(self.sorted) / len(self.sorted)

    def quantile(self, level):
        """Return the least figure that a share `level` of the pairs does not exceed."""
        return self.sorted[ceil(level * len(self.sorted)) - 1]

    def written(self, matrix, centre, single):
        """Enclose the distortion of images once they are rounded; None if they leave their precision or it is huge."""
        d, step = len(matrix[0]), []
        k = max(sum(any(row) for row in matrix), 1)  # a row of zeros gives exact zeros
        size = [[abs(Fraction(a)) for a in row] for row in matrix]
        exact = [[Fraction(a) for a in row] for row in matrix]
        reach = sqrt(squared(map(sum, size)))
        top = max(abs(x) for row in [centre, *self.points] for x in row)
        for row in self.points:
            away = [x - c for x, c in zip(row, centre)]
            off = Fraction(1.01) * (d + 4) * UNIT * sqrt(squared(*product([list(map(abs, away))], size)))
            (image,) = product([away], exact)
            if max(map(abs, image)) > (SINGLE if single else DOUBLE):
                return None
            if single:
                off = off + sqrt(squared(image)) / 2**24 + sqrt(k) / 2**150
            else:  # images of the size of the least numbers are rounded to multiples of 2^-1074
                off = off + sqrt(k) * TINY
            # a row is scaled to the order of 1 before it is mapped, and halved before if it is near the limits
            off = off + (reach + d * sqrt(k)) * (max(map(abs, away)) / 2**1070)
            step.append(off + (reach / 2**1073 if top >= 2**1022 else 0))
        worst = Interval(0)
        for (i, j), ratio in self.ratios.items():
            reach, root = (step[i] + step[j]) / sqrt(self.squares[i, j]), sqrt(ratio)
            up, down = root + reach, root - reach
            down = Interval(max(down.low, Fraction(0)), max(down.high, Fraction(0)))
            for off in (up * up - 1, 1 - down * down):
                worst = Interval(max(worst.low, off.low), max(worst.high, off.high))
        return worst if worst.high <= MOST_WRITTEN else None


def whole(table):
    """Return a common denominator and the numerators of a table."""
    unit = lcm(*(x.denominator for row in table for x in row))
    return unit, [[int(x * unit) for x in row] for row in table]


def squared(row):
    """Return the squared length of a row."""
    return sum(x * x for x in row)


def distance(x, y):
    """Return the squared distance of two rows."""
    return sum((a - b) ** 2 for a, b in zip(x, y))


def different(table):
    """Return the rows without repetitions, in the order of their first occurrence."""
    return list(dict.fromkeys(table))


def independent(table):
    """Return rows that span what all rows span, by elimination."""
    basis, reduced = [], []
    for row in table:
        rest = list(row)
        for other, place in reduced:
            if rest[place]:
                factor = rest[place] / other[place]
                rest = [x - factor * y for x, y in zip(rest, other)]
        place = next((k for k, x in enumerate(rest) if x), None)
        if place is not None:
            basis.append(row)
            reduced.append((rest, place))
    return basis


def lower_bound(spread, squares, k):
    """Enclose the bound on the distortion of any map to k dimensions: Mirsky's inequality, and trace against norm."""
    trace = total(spread[i][i] for i in range(len(spread)))
    square = total(x * x for row in spread for x in row)
    largest = eigenvalues(spread, k, Fraction(1, 2**110))
    tail = Interval(square) - sum(
        (Interval(low, high) * Interval(low, high) for low, high in largest), Interval(0)
    )
    tail = sqrt(Interval(max(tail.low, Fraction(0)), max(tail.high, Fraction(0))))
    if k >= len(spread):
        tail = Interval(0)
    length, root = sqrt(2 * total(s * s for s in squares)), sqrt(k)
    first, second = 2 * tail / length, (trace - root * sqrt(square)) / (trace + root * length / 2)
    return Interval(max(first.low, second.low, Fraction(0)), max(first.high, second.high, Fraction(0)))
