"""What a dimension promises for any points: the expected number of violated pairs of a random projection, bounded."""

from fractions import Fraction

from reals import Interval, exp, log


def sharpness(k, eps):
    """Return the exponent ``k eps / (2 (1 + eps))``."""
    return k * eps / (2 * (1 + eps))


def log_sum(exponents):
    """Enclose ``log sum e^x``; the greatest is taken out first."""
    exponents = [Interval.of(x) for x in exponents]
    top = max(x.high for x in exponents)
    parts = Interval(0)
    for x in exponents:
        parts = parts + Interval(exp(x.low - top).low, exp(x.high - top).high)
    return top + log(parts)


def mean(k, power):
    """Return the expected ``|ratio - 1|^p`` of any pair under a random projection."""
    return Fraction(2, k) if power == 2 else Fraction(12, k**2) + Fraction(48, k**3)


def start(pairs, k, eps):
    """Enclose the logarithm of the bound: ``log pairs + log (e^upper + e^lower)``, Chernoff for chi-squared lengths."""
    if eps <= 0:
        return log(Fraction(pairs)) + log(Fraction(2))
    mu = sharpness(k, eps)
    upper = -mu * (1 + eps) - log(1 - 2 * mu / k) * Fraction(k, 2)
    lower = mu * (1 - eps) - log(1 + 2 * mu / k) * Fraction(k, 2)
    return log(Fraction(pairs)) + log_sum([upper, lower])
