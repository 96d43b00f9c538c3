"""The leaf ``semidefinite`` of a proof: weak duality of the semidefinite relaxation with triangle inequalities.

Let ``x_uv`` be +1 where the vertices u and v are on the same side of a cut, -1 where they are not. Among three vertices
at most two pairs differ, and either none or two do, so with signs that multiply to one

    1 + p x_ij + q x_ik + r x_jk  >=  0,        (p, q, r) one of (+,+,+), (-,-,+), (-,+,-), (+,-,-).

A cut weighs ``(W - sum a_uv x_uv) / 2``, sums over the edges, ``W`` their total weight. Take multipliers ``g_t >= 0``
on such triangles, subtract ``g_t`` times their signs from the weights of their pairs, and let ``M`` be the symmetric
matrix of the weights that this leaves. If ``M + Diag(d)`` is positive semidefinite then
``2 sum M_uv x_uv >= -sum d``, so

    cut  <=  (2 W + sum d + 2 sum g) / 4.

Record: the exponent ``unit``; ``diagonal``, one integer for each vertex that is left, in increasing order;
``triangles``, rows ``(i, j, k, flip)`` with ``i < j < k`` and flip 0 for no negative sign, 1, 2 or 3 where the two
signs of i's, j's or k's pairs are negative; ``multipliers``, non-negative integers. Integers count units of
``2**unit``. Each of the three is a list, or an array of `derandkit.records`.

Everything is exact but semidefiniteness, which a floating-point Cholesky factorisation proves for nearby doubles; what
the doubles miss is taken off the diagonal beforehand.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.cuts.psd import prove_positive_semidefinite
from derandkit.certificates.proofs.integers import checked_unit, listed_integers, whole_numbers
from derandkit.certificates.work import MULTIPLY_ADDS, bits_of
from derandkit.records import JsonMapping, decode_array

if TYPE_CHECKING:
    from derandkit.certificates.proofs.exact import ExactGraph

#: A dense factorisation of larger order is refused.
ORDER_LIMIT = 8000
#: Signs of x_ij, x_ik, x_jk by flip.
SIGNS = ((1, 1, 1), (-1, -1, 1), (-1, 1, -1), (1, -1, -1))


def semidefinite_bound(graph: ExactGraph, proof: JsonMapping) -> Fraction:
    """Check a semidefinite leaf and return the bound that it proves, offset included.

    Parameters
    ----------
    graph : ExactGraph
        The graph; not changed.
    proof : mapping
        Keys ``kind``, ``unit``, ``diagonal``, ``triangles``, ``multipliers``.

    Returns
    -------
    Fraction
        ``offset + (2 W + sum d + 2 sum g) / 4``.

    Raises
    ------
    ValueError, LookupError, TypeError
        Something is malformed, or semidefiniteness cannot be proven.

    Notes
    -----
    A dense Cholesky factorisation, and integer arithmetic linear in the edges and three times the triangles.

    Examples
    --------
    >>> from derandkit.certificates.proofs.exact import ExactGraph
    >>> triangle = ExactGraph.from_edges(3, [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0)])
    >>> record = {"kind": "semidefinite", "unit": -2, "diagonal": [5, 5, 5], "triangles": [], "multipliers": []}
    >>> semidefinite_bound(triangle, record)  # without triangles the best is 9/4
    Fraction(39, 16)
    >>> record |= {"diagonal": [0, 0, 0], "triangles": [[0, 1, 2, 0]], "multipliers": [4]}
    >>> semidefinite_bound(triangle, record)
    Fraction(2, 1)
    """
    if set(proof) != {"kind", "unit", "diagonal", "triangles", "multipliers"}:
        raise ValueError(
            "a proof of kind 'semidefinite' has the keys kind, unit, diagonal, triangles, multipliers"
        )
    vertices = sorted(graph.neighbours)
    diagonal = listed_integers(proof["diagonal"], "diagonal")
    triangles = _rows(proof["triangles"])
    multipliers = listed_integers(proof["multipliers"], "multipliers")
    unit = checked_unit(proof["unit"])
    if len(diagonal) != len(vertices):
        raise ValueError(f"{len(diagonal)} diagonal entries for {len(vertices)} vertices")
    if len(multipliers) != len(triangles):
        raise ValueError(f"{len(triangles)} triangles with {len(multipliers)} multipliers")
    if min(multipliers, default=0) < 0:
        raise ValueError("a multiplier is negative")
    if len(vertices) > ORDER_LIMIT:
        raise ValueError(f"a matrix of order {len(vertices)} is not factorised; the largest is {ORDER_LIMIT}")
    order = float(len(vertices))
    graph.spend(10.0 * len(triangles) * bits_of(*multipliers) + order**3 / 3.0 / MULTIPLY_ADDS)
    # everything in units of 2**-finest from here
    finest = max(graph.shift, -unit)
    ours, theirs = finest + unit, finest - graph.shift
    number = {v: k for k, v in enumerate(vertices)}
    entries = {(number[u], number[v]): w << theirs for u, v, w in graph.edges()}
    total = 2 * sum(entries.values())
    for (i, j, k, flip), units in zip(triangles, multipliers, strict=True):
        if not (i < j < k and i in number and j in number and k in number and 0 <= flip <= 3):
            raise ValueError(f"({i}, {j}, {k}, {flip}) is not a triangle of vertices that are left")
        g = units << ours
        total += 2 * g
        a, b, c = number[i], number[j], number[k]
        p, q, r = SIGNS[flip]
        entries[a, b] = entries.get((a, b), 0) - p * g
        entries[a, c] = entries.get((a, c), 0) - q * g
        entries[b, c] = entries.get((b, c), 0) - r * g
    d = [units << ours for units in diagonal]
    total += sum(d)
    _prove(entries, d)
    return Fraction(graph.offset, 1 << graph.shift) + Fraction(total, 4 << finest)


def _prove(entries: dict[tuple[int, int], int], diagonal: list[int]) -> None:
    """Prove ``M + Diag(d) >= 0`` for integers, or raise ValueError.

    The matrix is scaled by a power of two and rounded to doubles; the absolute sums of what rounding took away,
    subtracted from the diagonal first, make the difference diagonally dominant, hence semidefinite.
    """
    from scipy.sparse import csr_array

    largest = max(map(abs, entries.values()), default=0)
    bits = max(largest, max(map(abs, diagonal), default=0)).bit_length()
    slack = [0] * len(diagonal)
    ends, values = [], []
    for (a, b), entry in entries.items():
        x = entry / (1 << bits)  # correctly rounded
        lost = abs(entry - _times_power(x, bits))
        slack[a] += lost
        slack[b] += lost
        ends.append((a, b))
        values.append(x)
    safe = []
    for units, lost in zip(diagonal, slack, strict=True):
        x = (units - lost) / (1 << bits)
        safe.append(x if _times_power(x, bits) <= units - lost else math.nextafter(x, -math.inf))
    row, column = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    data = np.array(values)
    order = len(diagonal)
    both = np.concatenate([row, column]), np.concatenate([column, row])
    matrix = csr_array((np.concatenate([data, data]), both), shape=(order, order))
    attempt = prove_positive_semidefinite(matrix, np.array(safe), "dense-cholesky")
    if not attempt.proven:
        raise ValueError(f"the matrix is not proven semidefinite: {attempt.detail}")


def _times_power(x: float, bits: int) -> int:
    """Return ``x * 2**bits`` rounded up to an integer; exact where x came from an integer over that power."""
    numerator, denominator = x.as_integer_ratio()
    return -((-numerator << bits) // denominator)


def _rows(value: object) -> list[list[int]]:
    if isinstance(value, dict):
        array = decode_array(value)
        if array.shape[1:] != (4,):  # an array without rows has a shape, too
            raise ValueError("triangles is not an array of rows of four integers")
        value = whole_numbers(array, 2)
    if not isinstance(value, list) or not all(
        isinstance(row, list) and len(row) == 4 and all(type(x) is int for x in row) for row in value
    ):
        raise ValueError("triangles is not a list of rows of four integers")
    return value
