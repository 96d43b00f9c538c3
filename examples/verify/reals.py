"""Real numbers as intervals of rationals: roots, angles, exponentials and the normal distribution, each enclosed.

Every operation returns an interval that contains the true result. Ends are rational numbers that are rounded outward to
`BITS` binary digits, so intervals stay short and no step needs an error analysis of its own.
"""

from fractions import Fraction
from functools import lru_cache
from math import isqrt

BITS = 128


def rounded(x, direction):
    """Round a rational to `BITS` binary digits: down for direction -1, up for +1."""
    shift = BITS - (x.numerator.bit_length() - x.denominator.bit_length())
    above, below = (x.numerator << max(shift, 0)), (x.denominator << max(-shift, 0))
    units = above // below if direction < 0 else -(-above // below)
    return Fraction(units, 1 << shift) if shift >= 0 else Fraction(units << -shift)


class Interval:
    """A closed interval ``[low, high]`` of rationals."""

    __slots__ = ("high", "low")

    def __init__(self, low, high=None):
        high = low if high is None else high
        self.low, self.high = rounded(Fraction(low), -1), rounded(Fraction(high), 1)

    @staticmethod
    def of(x):
        """Return an interval around a number."""
        return x if isinstance(x, Interval) else Interval(x)

    def __add__(self, other):
        other = Interval.of(other)
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self):
        return Interval(-self.high, -self.low)

    def __sub__(self, other):
        return self + -Interval.of(other)

    def __rsub__(self, other):
        return Interval.of(other) - self

    def __mul__(self, other):
        other = Interval.of(other)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other):
        other = Interval.of(other)
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError("the divisor may be zero")
        return self * Interval(1 / other.high, 1 / other.low)

    def __rtruediv__(self, other):
        return Interval.of(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __abs__(self):
        ends = sorted((abs(self.low), abs(self.high)))
        return Interval(0 if self.low <= 0 <= self.high else ends[0], ends[1])

    @property
    def middle(self):
        """A rational inside."""
        return (self.low + self.high) / 2

    def near(self, claim, allowed):
        """Whether a number is at most `allowed` away from some number inside."""
        return self.low - allowed <= Fraction(claim) <= self.high + allowed


def sqrt(x):
    """Return the square root of a number or an interval that is not negative."""
    x = Interval.of(x)

    def root(y, direction):
        shift = max(0, 2 * BITS - (y.numerator.bit_length() - y.denominator.bit_length()))
        shift += shift % 2
        units = (y.numerator << shift) // y.denominator
        exact = isqrt(units) ** 2 == units and units * y.denominator == y.numerator << shift
        return Fraction(isqrt(units) + (direction > 0 and not exact), 1 << shift // 2)

    return Interval(root(max(x.low, Fraction(0)), -1), root(x.high, 1))


def _small_arctan(t):
    # t^2 < 1/4000 after the halvings below: the terms alternate and fall, so the first one left out bounds the rest
    square, power, total = t * t, t, Interval(0)
    for k in range(10):
        total = total + power * Fraction((-1) ** k, 2 * k + 1)
        power = power * square
    rest = power.high / 21
    return Interval(total.low - rest, total.high + rest)


def arctan(t):
    """Return the arc tangent of a number from 0 to 1: the angle is halved six times, then the power series."""
    t = Interval.of(t)
    for _ in range(6):
        t = t / (1 + sqrt(1 + t * t))
    return 64 * _small_arctan(t)


#: Machin's formula: pi / 4 = 4 arctan(1/5) - arctan(1/239).
PI = 4 * (4 * arctan(Fraction(1, 5)) - arctan(Fraction(1, 239)))


@lru_cache(maxsize=100_000)
def angle(dot, squares):
    """Return the angle between two vectors: their scalar product, and the product of their squared lengths.

    With whole numbers ``squares - dot^2`` is exact, so the angle is as sharp near 0 and pi as elsewhere.
    """
    across = sqrt(squares - dot * dot)
    along = abs(dot)
    if across.high <= along:
        acute = arctan(across / along)
    else:
        acute = PI * Fraction(1, 2) - (arctan(Interval.of(along) / across))
    return acute if dot >= 0 else PI - acute


def _small_exp(x):
    # |x| <= 1/2: the terms left out are at most twice the first of them
    total, term = Interval(1), Interval(1)
    for k in range(1, 26):
        term = term * x * Fraction(1, k)
        total = total + term
    rest = 2 * abs(term).high
    return Interval(total.low - rest, total.high + rest)


#: log 2 = 2 artanh(1/3) = 2 sum 3^-(2k+1) / (2k+1); 1/9 of each term is left for the next.
_SUM = sum((Fraction(2, (2 * k + 1) * 3 ** (2 * k + 1)) for k in range(64)), Fraction(0))
LOG2 = Interval(_SUM, _SUM + Fraction(1, 3**127))
FARTHEST = 2048  # e to a smaller power is below every float


@lru_cache(maxsize=100_000)
def exp(x):
    """Return ``e^x`` of a rational: a power of two, and the series for what is left."""
    if x < -FARTHEST:
        return Interval(0, Fraction(1, 1 << FARTHEST))
    if x > FARTHEST:
        raise OverflowError("e to a power that no float has")
    n = round(x / LOG2.middle)
    small = _small_exp(Interval.of(x) - n * LOG2)
    return small * (Fraction(1 << n) if n >= 0 else Fraction(1, 1 << -n))


def log(x):
    """Return the logarithm of a positive number or interval: ``2 artanh((m - 1) / (m + 1))``, m from 1 to 2."""
    x = Interval.of(x)
    if x.low <= 0:
        raise ValueError("the logarithm of zero or less")
    n = x.low.numerator.bit_length() - x.low.denominator.bit_length()
    m = x * (Fraction(1, 1 << n) if n >= 0 else Fraction(1 << -n))
    t = (m - 1) / (m + 1)
    total, power, square = Interval(0), t, t * t
    for k in range(40):
        total = total + power * Fraction(2, 2 * k + 1)
        power = power * square
    rest = 3 * abs(power).high
    return Interval(total.low - rest, total.high + rest) + n * LOG2


@lru_cache(maxsize=100_000)
def erf_of_root(square):
    """Return ``erf(sqrt(y))`` for a rational y: ``2/sqrt(pi) sqrt(y) e^-y sum (2y)^k / (1 3 ... (2k+1))``."""
    if square > 40:  # 1 - erf(z) <= e^(-z^2)
        return Interval(1 - exp(-square).high, 1)
    term, total, k = Interval(1), Interval(1), 0
    while k < 2 * square or term.high > Fraction(1, 1 << 110):
        k += 1
        term = term * (2 * square) * Fraction(1, 2 * k + 1)
        total = total + term
    # from here each term is less than half of the one before
    total = Interval(total.low, total.high + 2 * term.high)
    return 2 * sqrt(square) * exp(-square) * total / sqrt(PI)


@lru_cache(maxsize=100_000)
def erfc_of_root(square):
    """Return ``1 - erf(sqrt(y))`` for a rational y, to almost all digits, however small it is.

    Far out ``e^-y / sqrt(pi)`` is divided by ``z + (1/2) / (z + 1 / (z + (3/2) / (z + ...)))``, z the root of y
    (Laplace), from a tail between z and what one more step makes of z.
    """
    if square <= 40:
        return 1 - erf_of_root(square)
    z = sqrt(square)
    tail = Interval(z.low, (z + 40 / z).high)
    for k in range(79, 0, -1):
        tail = z + Fraction(k, 2) / tail
    return exp(-square) / (sqrt(PI) * tail)


def erf(x, scale_squared=1):
    """Return ``erf(x / sqrt(scale_squared))`` of rationals; it is odd."""
    if x == 0:
        return Interval(0)
    value = erf_of_root(Fraction(x) ** 2 / scale_squared)
    return value if x > 0 else -value
