"""Eigenvalues of symmetric rational matrices without rounding: how many lie below a number (Sylvester's inertia)."""

from fractions import Fraction
from math import copysign, hypot, isfinite, lcm

from report import need

from proofs import is_semidefinite

DIGITS = Fraction(2e-5)  # six significant digits, rounded outward


def product(rows, others):
    """Return the matrix of all scalar products of two lists of rows."""
    return [[sum(a * b for a, b in zip(x, y)) for y in others] for x in rows]


def gram(rows):
    """Return the smaller of ``X X'`` and ``X' X``: they have the same eigenvalues but for zeros."""
    columns = [list(column) for column in zip(*rows)]
    return product(rows, rows) if len(rows) <= len(columns) else product(columns, columns)


def combined(matrix, factor, other=None, weight=Fraction(0)):
    """Return ``factor M + weight N``; N is the identity unless given."""
    n = len(matrix)
    return [
        [factor * matrix[i][j] + weight * (other[i][j] if other else int(i == j)) for j in range(n)]
        for i in range(n)
    ]


def all_at_least(matrix, bound, other=None):
    """Whether no eigenvalue of M (of the pencil M, N) is below a number."""
    return is_semidefinite(combined(matrix, Fraction(1), other, -Fraction(bound)))


def all_at_most(matrix, bound, other=None):
    """Whether no eigenvalue of M (of the pencil M, N) is above a number."""
    return is_semidefinite(combined(matrix, Fraction(-1), other, Fraction(bound)))


def count_above(matrix, bound):
    """Return how many eigenvalues are above a number: the positive pivots of an elimination of ``M - bound``."""
    rows, positive = combined(matrix, 1, None, -bound), 0
    unit = lcm(*(x.denominator for row in rows for x in row))
    rows, before = [[int(x * unit) for x in row] for row in rows], 1
    while rows:
        k = next((k for k in range(len(rows)) if rows[k][k]), None)
        if k is None:
            # all diagonal entries are zero: each entry that is not hides one positive and one negative eigenvalue
            pair = next(((i, j) for i in range(len(rows)) for j in range(i) if rows[i][j]), None)
            if pair is None:
                return positive
            i, j = pair  # adding row and column j to i makes a pivot of it
            rows[i] = [x + y for x, y in zip(rows[i], rows[j])]
            for row in rows:
                row[i] += row[j]
            k = i
        pivot, first = rows[k][k], rows[k]
        positive += (pivot > 0) == (before > 0)
        rest = [i for i in range(len(rows)) if i != k]
        rows = [[(pivot * rows[i][j] - rows[i][k] * first[j]) // before for j in rest] for i in rest]
        before = pivot
    return positive


def guesses(matrix):
    """Return about the eigenvalues, largest first, in floats (Jacobi's rotations): only a start of the search."""
    rows, n = [list(map(float, row)) for row in matrix], len(matrix)
    nothing = 1e-17 * sum(abs(rows[i][i]) for i in range(n))
    for _ in range(10):
        pairs = [(p, q) for p in range(n) for q in range(p + 1, n) if abs(rows[p][q]) > nothing]
        for p, q in pairs:
            x, y = rows[p][q], (rows[q][q] - rows[p][p]) / 2
            t = (x / (y + copysign(hypot(x, y), y))) if x else 0.0
            c = 1 / hypot(1.0, t)
            s = t * c
            rows[p], rows[q] = (
                [c * a - s * b for a, b in zip(rows[p], rows[q])],
                [s * a + c * b for a, b in zip(rows[p], rows[q])],
            )
            for row in rows:
                row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
        if not pairs:
            break
    return sorted((rows[i][i] for i in range(n)), reverse=True)


def eigenvalues(matrix, largest, accuracy=Fraction(1, 2**46)):
    """Return enclosures [low, high] of the first eigenvalues of a semidefinite matrix, the largest first, by bisection.

    Each is as wide as a share `accuracy` of the trace at most. Entries are rounded to whole steps before, so that all
    counts are made in short integers: that moves no eigenvalue by more than the norm of what was rounded (Weyl).
    """
    trace, n = sum((Fraction(matrix[k][k]) for k in range(len(matrix))), Fraction(0)), len(matrix)
    if not trace:
        return [(Fraction(0), Fraction(0))] * min(largest, n)
    scale = Fraction(2) ** (trace.numerator.bit_length() - trace.denominator.bit_length() + 1)
    step = accuracy * scale / (8 * n)
    whole = [[round(x / step) for x in row] for row in matrix]
    top, enough, moved = int(scale / step) + n, 4 * n, n * step / 2
    known, found, reach = {0: None, top: 0}, [], max(2 * n, top >> 48)
    for k, guess in enumerate(guesses(whole)[:largest]):
        near = {int(guess) - reach, int(guess) + reach} if isfinite(guess) else set()
        known |= {point: count_above(whole, point) for point in near - set(known) if 0 < point < top}
        low = max(point for point, count in known.items() if count is None or count > k)
        high = min(point for point, count in known.items() if count is not None and count <= k)
        while high - low > enough:
            middle = (low + high) // 2
            known[middle] = count_above(whole, middle)
            low, high = (middle, high) if known[middle] > k else (low, middle)
        found.append((max(low * step - moved, Fraction(0)), high * step + moved))
    return found


def outward(claimed, matrix, other=None, smallest_is_zero=False):
    """Refuse a stretch that does not hold, or is much wider than it has to be; by inertia, without eigenvalues."""
    small, large = Fraction(claimed["smallest"]), Fraction(claimed["largest"])
    spare = large / 10**9
    need(all_at_most(matrix, large, other), "something is stretched more")
    wide = large and all_at_most(matrix, (large - spare) * (1 - DIGITS), other)
    need(not wide, "nothing is stretched so much")
    if smallest_is_zero:
        need(small == 0, "a direction is lost, so the smallest is 0")
        return
    need(small == 0 or all_at_least(matrix, small, other), "something is stretched less")
    need(
        not all_at_least(matrix, (small + spare) * (1 + 2 * DIGITS) + spare, other),
        "all is stretched more",
    )


def dimensions(spread):
    """Return how many singular values of points are above 1e-12 of the largest one, from the squares of them."""
    (top,) = eigenvalues(spread, 1, Fraction(1, 2**30))
    return count_above(spread, Fraction(1e-12) ** 2 * top[0])
