"""The mean of ``|ratio - 1|^p`` over all pairs: value, promise, lower bound and derivatives, each enclosed."""

from fractions import Fraction
from functools import cached_property

import promises
from forms import KEPT_OR_NOT, UNKEPT, true_of
from measured import UNIT, independent, squared
from reals import Interval, sqrt
from report import NOT_CHECKED, RECOMPUTED, need, numbers
from spectra import DIGITS, all_at_least, eigenvalues, product
from stretches import steep

POWERS = {"mean": 2, "mean4": 4}
TOLERANCE = Fraction(1, 10**7)  # of derivatives, which nothing rests on
LOST = Fraction(1, 10**4)  # of the size of the derivatives: beyond this error they are not shown
CLOSE = Fraction(1e-11)  # of the greatest centred norm: the objective has left out pairs that are nearer
BITS = 90
LEAST_WEIGHT = Fraction(1, 2**256)  # of the greatest


def average_of(record, found):
    """Return what a record claims about a mean, with the pairs; None if it is about the worst pair."""
    claimed, objective = record.get("mean"), record.get("objective", "max")
    need((claimed is None) == (objective == "max"), "a mean objective has a mean, the other one has none")
    if claimed is None:
        return None
    need(POWERS[objective] == claimed["power"], "the power is not that of the objective")
    return Average(claimed, found, record["n_components"], record["margin"])


class Average:
    """What a record claims about a mean, and the pairs it was measured on."""

    def __init__(self, claimed, found, k, margin):
        self.claimed, self.found, self.k, self.margin = claimed, found, k, Fraction(margin)
        self.power = claimed["power"]
        self.mass = [Fraction(1)] * len(found.points)
        if claimed["weights"] is not None:
            self.mass = [Fraction(q) for q in numbers(claimed["weights"])]
            good = len(self.mass) == len(found.points) and min(self.mass) >= 0 and max(self.mass) == 1
            good = good and all(q == 0 or q >= LEAST_WEIGHT for q in self.mass)
            need(good and sum(q > 0 for q in self.mass) > 1, "the weights cannot be used")

    @cached_property
    def root(self):
        """The p-th root of the weighted mean."""
        top, whole = Interval(0), Interval(0)
        for (i, j), off in self.found.offs.items():
            q, power = self.mass[i] * self.mass[j], Interval(off) * off
            top, whole = top + q * (power if self.power == 2 else power * power), whole + q
        return self.rooted(top / whole)

    def rooted(self, x):
        root = sqrt(Interval(max(x.low, Fraction(0)), x.high))
        return root if self.power == 2 else sqrt(root)

    @property
    def promise(self):
        return self.rooted(Interval(promises.mean(self.k, self.power)))

    @property
    def kept(self):
        """Whether the promise is kept, as it is written and as it is."""
        claimed = max(Fraction(self.claimed["certified"]), self.root.high) <= Fraction(
            self.claimed["promised"]
        )
        return claimed and self.root.high <= self.promise.low

    @property
    def messages(self):
        """What may be said of the promise where it is not kept for sure."""
        least = Fraction(self.claimed["value"]) - 4 * self.margin
        promise = max(Fraction(self.claimed["promised"]), self.promise.high)
        return true_of(UNKEPT, KEPT_OR_NOT, self.root.low, least, promise)

    def value(self):
        claimed, root, promise = self.claimed, self.root, self.promise
        need(
            root.low - self.margin <= claimed["value"] <= root.high + self.margin,
            f"it is {float(root.high):.12g}",
        )
        certified = Fraction(claimed["certified"])
        need(root.high <= certified, "what is certified is too small")
        spare = 4 * self.margin + root.high / 10**9
        need(certified <= root.high + spare, "what is certified is too large to say anything")
        need(claimed["lower_bound"] <= claimed["value"] <= certified, "the numbers are not in order")
        need(
            promise.near(claimed["promised"], 8 * UNIT * promise.high),
            f"promised is {float(promise.high):.9g}",
        )
        text = (
            f"{float(root.high):.12g} over {len(self.found.offs)} pairs, promised {float(promise.high):.6g}"
        )
        if self.claimed["weights"] is None:
            return text
        count = sum(q > 0 for q in self.mass)
        return f"{text}; pairs are weighted by the record: {count} of {len(self.mass)} points count"

    def bound(self):
        """Eckart and Young for the Gram matrix of the points ``u_i (x_i - c)``, u_i^2 = q_i / R_i."""
        m, claimed = len(self.found.points), self.claimed["lower_bound"]
        if len(self.found.offs) < m * (m - 1) // 2:
            need(claimed == 0, "pairs were left out, so there is none")
            return "none"
        far = [Fraction(0)] * m
        for (i, j), square in self.found.squares.items():
            if self.mass[i] and self.mass[j]:  # points without a weight have no part in it
                far[i], far[j] = max(far[i], square), max(far[j], square)
        weights = [q / f if q else q for q, f in zip(self.mass, far)]
        whole = sum(weights)
        columns = list(zip(*self.found.points))
        middle = [sum(w * x for w, x in zip(weights, column)) / whole for column in columns]
        away = [[x - c for x, c in zip(row, middle)] for row in self.found.points]
        # X' diag(u^2) X has the eigenvalues of the Gram matrix but for zeros
        spread = [
            [sum(w * row[a] * row[b] for w, row in zip(weights, away)) for b in range(len(middle))]
            for a in range(len(middle))
        ]
        square = sum(x * x for row in spread for x in row)
        largest = eigenvalues(spread, self.k, Fraction(1, 2**110))
        tail = Interval(square) - sum((Interval(*pair) * Interval(*pair) for pair in largest), Interval(0))
        tail = sqrt(Interval(max(tail.low, Fraction(0)), max(tail.high, Fraction(0))))
        if self.k >= len(spread):
            tail = Interval(0)
        pairs = (sum(self.mass) ** 2 - squared(self.mass)) / 2  # exact
        own = tail * sqrt(Fraction(2) / pairs)
        # a bound above the mean as it was measured is lowered to it
        least = min(own.high * (1 - DIGITS) - Fraction(1e-9), Fraction(self.claimed["value"]))
        need(least <= claimed <= own.low, f"it is {float(own.low):.9g}")
        return f"{float(own.low):.9g}"

    def stationary(self, matrix, rank):
        """Compare with ``C = 2 mean f' v v'``: the gradient is A C, and no curvature is below its least eigenvalue."""
        near = CLOSE**2 * max(map(squared, self.found.centred))
        near = any(square <= near for square in self.found.squares.values())
        figures = self.claimed["gradient"], self.claimed["curvature"]
        need(None not in figures or near, "there are no derivatives")
        need(figures.count(None) != 1, "one of two derivatives is missing")
        # C is a mean over unit secants, whatever pairs it is taken over; twice that, since secants are rounded
        most = 4 * self.power * self.found.distortion ** (self.power - 1) + Fraction(1, 10**12)
        length = sqrt(sum(squared(map(Fraction, row)) for row in matrix))
        if None not in figures:
            good = figures[0] <= most * length.high and abs(Fraction(figures[1])) <= most
            need(good, "no derivative is so large beside these distortions")
        if near:
            return NOT_CHECKED, "pairs are too near each other for derivatives to be known"
        basis = independent(self.found.centred)
        matrix = [[Fraction(a) for a in row] for row in matrix]
        d, rows, size, whole = len(basis[0]), self.found.points, Fraction(0), Fraction(0)
        # the solver works in coordinates that were rounded in the size of the cloud: how far that moves C
        drift, stretch = Fraction(0), sum(squared(row) for row in matrix)
        coarse = (8 * (d + 8) * UNIT) ** 2 * max(map(squared, self.found.centred))
        C = [[Fraction(0)] * d for _ in range(d)]
        for (i, j), ratio in self.found.ratios.items():
            q = self.mass[i] * self.mass[j]
            slope = short(2 * self.power * q * (ratio - 1) ** (self.power - 1))
            weight, away = short(slope / self.found.squares[i, j]), [x - y for x, y in zip(rows[i], rows[j])]
            for a in range(d):
                for b in range(a + 1):
                    C[a][b] += weight * away[a] * away[b]
            size, whole = size + abs(slope), whole + q
            per = sqrt(coarse / self.found.squares[i, j]).high
            bend = 4 * self.power * (self.power - 1) * q * short((ratio - 1) ** (self.power - 2))
            drift += short(per * (4 * abs(slope) + bend * stretch * (2 + per)))
        C = [[C[max(a, b)][min(a, b)] / whole for b in range(d)] for a in range(d)]
        hidden = drift > LOST * size
        off = (TOLERANCE * size + (4 if hidden else 1) * drift) / whole + Fraction(1, 10**12)
        gradient = sqrt(sum(squared(row) for row in product(matrix, C)))
        reach = off * length + Fraction(1, 10**12)
        need(abs(Fraction(self.claimed["gradient"]) - gradient.high) <= reach.high, "the gradient is another")
        claimed, more = Fraction(self.claimed["curvature"]), len(basis) != rank
        some = steep(self.found.centred) if hidden or more else basis
        inner, own = product(product(some, C), some), product(some, some)
        need(all_at_least(inner, claimed - off, own), "the curvature can be smaller")
        if hidden:
            return NOT_CHECKED, "the points differ so much in distance that rounding hides the derivatives"
        if more:
            return NOT_CHECKED, "the points span more dimensions by a little than the record counts"
        need(not all_at_least(inner, claimed + off, own), "no curvature is so small")
        return RECOMPUTED, f"gradient {float(gradient.high):.6g}, curvature at least {float(claimed):.6g}"


def short(x):
    """Round a rational to some ninety binary digits."""
    if not x:
        return x
    shift = BITS - (x.numerator.bit_length() - x.denominator.bit_length())
    return Fraction(round(x * Fraction(2) ** shift)) / Fraction(2) ** shift
