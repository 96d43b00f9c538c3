"""Kernels of two points and cosines of phases, enclosed: what the errors of random Fourier features are made of."""

from fractions import Fraction

from measured import UNIT
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


def taken_off(record, longest, promised, m, d):
    """Return what a solver may take off a promise for its rounding, or leave of it."""
    D = record["n_features"] // 2
    # what the rounding of centred points may do to close ones, and that of sums
    spare = Fraction(1, 2**40) * promised.high + (64 + 8 * longest / sqrt(2 * D).low) * UNIT
    if record["kernel"] != "gaussian":
        # there the promise is the root of a difference of numbers near 1, and rounding takes from the difference
        lost = (64 * longest + 40 * d + 20 * m + 2000) * UNIT
        spare += lost / (2 * D) / promised.low
    return spare


def in_doubles(record, kernels, m, d):
    """Return which share of the mean of ``1 + k(2 d) - 2 k(d)^2`` doubles may lose, with bounds on both sides.

    It is ``4 f(d) - f(2 d) - 2 f(d)^2`` with ``f = 1 - k``, and moves by ``12 f`` times what f loses of itself.
    """
    sums = 4 * m + 128
    if record["kernel"] == "gaussian":
        return 5 * (5 * (d + 16) + sums) * UNIT
    less = sum(1 - kernel.low for kernel in kernels)
    # 2 D times the square of the promise; for these kernels the record is at most a share of 1e-5 off
    mean = len(kernels) * record["n_features"] * Fraction(record["promised"]) ** 2
    return 5 * (13 * (d + 100) * less / mean + sums) * UNIT


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
