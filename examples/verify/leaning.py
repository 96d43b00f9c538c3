"""Hyperplanes with thresholds: the chance that two sides are apart, by an integral over the angle between their rests.

With ``mu`` the scalar product of a unit vector and the reference's, its side is the reference's with chance
``p = (1 + beta mu) / 2``. What is left of two vectors, perpendicular to the reference and at angle t, makes their sides
signs of normals with correlation cos t and thresholds h, k. Plackett (1954): their chance to be apart is
``p + q - 2 p q - (1 / pi) integral of exp(-(h^2 + k^2 - 2 h k cos x) / (2 sin^2 x)) over x from t to pi / 2``.

Here is computed in double precision; every chance comes with how far off it may be.
"""

from math import atan2, cosh, erfc, exp, fsum, log, pi, sin, sinh, sqrt
from statistics import NormalDist

SHORTEST = 1e-10  # of a rest that has a direction
UNIT = 2.0**-53
STEP = 1 / 64  # of the quadrature, in its own variable
ENDS = 220  # steps to either side


def nodes():
    """Return places in (0, 1), measured from the nearer end with the sign of that end, and weights."""
    found = []
    for k in range(-ENDS, ENDS + 1):
        x = k * STEP
        inner = pi / 2 * sinh(x)
        weight = pi / 2 * cosh(x) / cosh(inner) ** 2 / 2
        found.append((1 / (1 + exp(2 * abs(inner))), k > 0, weight, k % 2 == 0, k % 4 == 0))
    return found


NODES = nodes()


def integral(h, k, t):
    """Return the integral of Plackett's formula from t to a right angle, and how far off it may be."""
    length, levels = pi / 2 - t, ([], [], [])  # each with half of the places of the one before
    for place, late, weight, *coarser in NODES:
        x = pi / 2 - length * place if late else t + length * place
        if sin(x) == 0.0:
            continue
        if x < pi / 2:
            top = (h - k) ** 2 + 4 * h * k * sin(x / 2) ** 2
        else:
            top = (h + k) ** 2 - 4 * h * k * sin((pi - x) / 2) ** 2
        value = weight * exp(-max(top, 0.0) / (2 * sin(x) ** 2))
        for level, there in zip(levels, (True, *coarser)):
            if there:
                level.append(value)
    best, middle, rough = (length * STEP * 2**k * fsum(level) for k, level in enumerate(levels))
    return best, error(abs(best - middle), abs(best - rough)) + 1e-13


def error(near, far):
    """Return how far off the best of three sums is, from its distance to the other two: digits double each time."""
    if near == 0.0 or far >= 1.0 or near >= far:
        return near
    return min(near, 100 * max(near**2, near ** (log(near) / log(far))))


class Leaning:
    """The distribution of a record: what every vertex does, and every pair."""

    def __init__(self, vectors, reference, beta):
        self.off = (4 * len(vectors[0]) + 40) * UNIT
        unit = [scaled(row) for row in vectors]
        first, self.sides = unit[reference], []
        for k, row in enumerate(unit):
            mu = max(-1.0, min(1.0, dot(row, first)))
            rest = [a - mu * b for a, b in zip(row, first)]
            length = sqrt(dot(rest, rest))
            minor = (1 - beta * abs(mu)) / 2
            # so near to the limit rounding decides whether a side is certain: both readings then count
            either = minor if k != reference and abs(length - SHORTEST) <= 4 * self.off else 0.0
            if k == reference or length <= SHORTEST:
                self.sides.append((1.0 if k == reference or mu >= 0 else 0.0, None, None, either, 0.0))
                continue
            h = -NormalDist().inv_cdf(minor) if minor > 0 else 40.0
            missed = abs(erfc(h / sqrt(2)) / 2 - minor) + beta * self.off / 2 + 4 * UNIT
            chance, h = (1 - minor, h) if mu >= 0 else (minor, -h)
            self.sides.append((chance, h, [x / length for x in rest], missed + either, self.off / length))

    def apart(self, i, j):
        """Return the chance that two sides are apart, and how far off it may be."""
        (p, h, a, missed, turned), (q, k, b, lost, bent) = self.sides[i], self.sides[j]
        if a is None or b is None:
            return p + q - 2 * p * q, missed + lost + 4 * UNIT
        less, more = ([x + sign * y for x, y in zip(a, b)] for sign in (-1, 1))
        t = 2 * atan2(sqrt(dot(less, less)), sqrt(dot(more, more)))
        found, error = integral(h, k, t)
        least = min(p, 1 - p, q, 1 - q)
        chance = min(1.0, max(0.0, p + q - 2 * p * q - found / pi))
        return chance, missed + lost + min((turned + bent) / pi, 2 * least) + error


def dot(x, y):
    """Return the scalar product of two lists."""
    return fsum(a * b for a, b in zip(x, y))


def scaled(row):
    """Return a row at unit length; a row of zeros stands for the first axis."""
    largest = max(map(abs, row))
    if largest == 0.0:
        return [1.0] + [0.0] * (len(row) - 1)
    row = [x / largest for x in row]
    length = sqrt(dot(row, row))
    return [x / length for x in row]
