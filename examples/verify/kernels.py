"""Kernels of two points and cosines of phases, enclosed: what the errors of random Fourier features are made of."""

from fractions import Fraction

from reals import PI, Interval, exp, log, rounded, sqrt
from report import FORMS

#: What version 2 says beside: other kernels, each with one parameter.
SINCE_2 = {
    "kernel": {"gaussian", "matern", "rational_quadratic"},
    "nu": lambda value: value is None or (type(value) is float and value in (0.5, 1.5, 2.5)),
    "alpha": lambda value: value is None or (FORMS["positive"](value) and 0.1 <= value <= 1000),
}
#: Binary digits of cosines in whole numbers, and one in such units.
DIGITS = 160
ONE = 1 << DIGITS
PARAMETERS = {"gaussian": None, "matern": "nu", "rational_quadratic": "alpha"}


def scalar(x, y):
    """Return the scalar product of two rows of rationals."""
    return sum((a * b for a, b in zip(x, y)), Fraction(0))


def power_of_e(x):
    """Return ``e^x`` of an interval of numbers up to 0."""
    x = Interval.of(x)
    return Interval(
        exp(rounded(x.low, -1)).low if x.low else 1, exp(rounded(x.high, 1)).high if x.high else 1
    )


def kernel_at(record, x):
    """Return the kernel of a record where ``gamma |x - y|^2`` is the rational x."""
    name = record["kernel"]
    if name == "gaussian":
        return exp(rounded(-x, 1)) if x else Interval(1)
    parameter = Fraction(record[PARAMETERS[name]])
    if name == "rational_quadratic":
        return power_of_e(-parameter * log(1 + x / parameter))
    t = 2 * sqrt(parameter * x)
    factor = {1: Interval(1), 3: 1 + t, 5: 1 + t + t * t * Fraction(1, 3)}[int(2 * parameter)]
    return factor * power_of_e(-t)


def cosine(x):
    """Return the cosine of a rational: whole turns are taken off, and the series alternates once its terms fall."""
    turns = round(x / (2 * PI.middle))
    y = x - turns * (2 * PI)
    at = round(y.middle * ONE)
    # |y| < 4, so each of 33 terms is off by less than 8 units, and those left out are less than one
    square, term, found = at * at >> DIGITS, ONE, ONE
    for k in range(1, 34):
        term = -(term * square >> DIGITS) // ((2 * k - 1) * 2 * k)
        found += term
    off = (y.high - y.low) / 2 + Fraction(1024, ONE)  # no cosine changes faster than its phase
    return Interval(Fraction(found, ONE) - off, Fraction(found, ONE) + off)
