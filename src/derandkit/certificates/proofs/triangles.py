"""The leaf ``semidefinite`` of a proof: weak duality of the semidefinite relaxation with triangles and pentagons.

Let ``x_uv`` be +1 where the vertices u and v are on the same side of a cut, -1 where they are not. Among three vertices
at most two pairs differ, and either none or two do, so with signs that multiply to one

    1 + p x_ij + q x_ik + r x_jk  >=  0,        (p, q, r) one of (+,+,+), (-,-,+), (-,+,-), (+,-,-).

Likewise the sum of five signs is odd, so its square is at least one: with any signs ``b`` of five vertices

    2 + sum_{u < v} b_u b_v x_uv  >=  0,        a pentagon, over its ten pairs.

A cut weighs ``(W - sum a_uv x_uv) / 2``, sums over the edges, ``W`` their total weight. Take multipliers ``g_t >= 0``
on triangles and ``h_t >= 0`` on pentagons, subtract them times the signs from the weights of the pairs, and let ``M``
be the symmetric matrix of the weights that this leaves. If ``M + Diag(d)`` is positive semidefinite then
``2 sum M_uv x_uv >= -sum d``, so

    cut  <=  (2 W + sum d + 2 sum g + 4 sum h) / 4.

Record: the exponent ``unit``; ``diagonal``, one integer for each vertex that is left, in increasing order;
``triangles``, rows ``(i, j, k, flip)`` with ``i < j < k`` and flip 0 for no negative sign, 1, 2 or 3 where the two
signs of i's, j's or k's pairs are negative; ``multipliers``, non-negative integers. With pentagons also ``pentagons``,
rows ``(i, j, k, l, m, flips)`` with ascending vertices, where the bits 1 to 4 of flips say which of j, k, l, m have
``b = -1`` (i has +1), and ``pentagon_multipliers``. Integers count units of ``2**unit``. Each of them is a list, or an
array of `derandkit.records`.

Everything is exact but semidefiniteness, which a floating-point Cholesky factorisation proves for nearby doubles; what
the doubles miss is taken off the diagonal beforehand.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.cuts.psd import prove_positive_semidefinite
from derandkit.certificates.proofs.integers import checked_unit, listed_integers, whole_numbers
from derandkit.certificates.work import MULTIPLY_ADDS, bits_of
from derandkit.records import JsonMapping

if TYPE_CHECKING:
    from derandkit.certificates.proofs.exact import ExactGraph

#: A dense factorisation of larger order is refused.
ORDER_LIMIT = 8000
#: What a proof consists of, and what it has with pentagons.
KEYS = {"kind", "unit", "diagonal", "triangles", "multipliers"}
PENTAGON_KEYS = {"pentagons", "pentagon_multipliers"}
#: Signs of x_ij, x_ik, x_jk by flip.
SIGNS = ((1, 1, 1), (-1, -1, 1), (-1, 1, -1), (1, -1, -1))


def semidefinite_bound(graph: ExactGraph, proof: JsonMapping) -> Fraction:
    """Check a semidefinite leaf and return the bound that it proves, offset included.

    Parameters
    ----------
    graph : ExactGraph
        The graph; not changed.
    proof : mapping
        Keys ``kind``, ``unit``, ``diagonal``, ``triangles``, ``multipliers``; or these and ``pentagons``,
        ``pentagon_multipliers``.

    Returns
    -------
    Fraction
        ``offset + (2 W + sum d + 2 sum g + 4 sum h) / 4``.

    Raises
    ------
    ValueError, LookupError, TypeError
        Something is malformed, or semidefiniteness cannot be proven.

    Notes
    -----
    A dense Cholesky factorisation, and integer arithmetic linear in the edges and the pairs of all rows.

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
    if set(proof) - PENTAGON_KEYS != KEYS or 0 < len(set(proof) & PENTAGON_KEYS) < 2:
        raise ValueError(
            "a proof of kind 'semidefinite' has the keys kind, unit, diagonal, triangles, multipliers, and none or "
            "both of pentagons, pentagon_multipliers"
        )
    vertices = sorted(graph.neighbours)
    diagonal = listed_integers(proof["diagonal"], "diagonal")
    triangles, multipliers = _weighted(proof, "triangles", "multipliers", 4)
    empty: tuple[list[list[int]], list[int]] = ([], [])
    with_pentagons = "pentagons" in proof
    pentagons, heavier = _weighted(proof, "pentagons", "pentagon_multipliers", 6) if with_pentagons else empty
    unit = checked_unit(proof["unit"])
    if len(diagonal) != len(vertices):
        raise ValueError(f"{len(diagonal)} diagonal entries for {len(vertices)} vertices")
    if len(vertices) > ORDER_LIMIT:
        raise ValueError(f"a matrix of order {len(vertices)} is not factorised; the largest is {ORDER_LIMIT}")
    order = float(len(vertices))
    # everything in units of 2**-finest from here: a short integer in a coarse unit is a long one in a fine unit
    finest = max(graph.shift, -unit)
    ours, theirs = finest + unit, finest - graph.shift
    pairs = 10.0 * len(triangles) * bits_of(*multipliers, shift=ours)
    pairs += 33.0 * len(pentagons) * bits_of(*heavier, shift=ours)
    pairs += order * bits_of(*diagonal, shift=ours) + graph.size() * bits_of(shift=theirs)
    graph.spend(pairs + order**3 / 3.0 / MULTIPLY_ADDS)
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
    for (*corners, flips), units in zip(pentagons, heavier, strict=True):
        ascending = all(u < v for u, v in pairwise(corners))
        if not (ascending and all(v in number for v in corners) and 0 <= flips < 32 and flips % 2 == 0):
            raise ValueError(
                f"({', '.join(map(str, corners))}, {flips}) is not a pentagon of vertices that are left"
            )
        h = units << ours
        total += 4 * h
        for a, c in combinations(range(5), 2):
            pair = number[corners[a]], number[corners[c]]
            alike = (flips >> a) % 2 == (flips >> c) % 2
            entries[pair] = entries.get(pair, 0) - (h if alike else -h)
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


def _weighted(proof: JsonMapping, name: str, weights: str, size: int) -> tuple[list[list[int]], list[int]]:
    """Read rows of so many integers and their multipliers."""
    rows, multipliers = _rows(proof[name], name, size), listed_integers(proof[weights], weights)
    if len(multipliers) != len(rows):
        raise ValueError(f"{len(rows)} {name} with {len(multipliers)} multipliers")
    if min(multipliers, default=0) < 0:
        raise ValueError("a multiplier is negative")
    return rows, multipliers


def _rows(value: object, name: str, size: int) -> list[list[int]]:
    if isinstance(value, dict):
        if list(value.get("shape", ()))[1:] != [size]:  # an array without rows has a shape, too
            raise ValueError(f"{name} is not an array of rows of {size} integers")
        value = whole_numbers(value, 2)
    if not isinstance(value, list) or not all(
        isinstance(row, list) and len(row) == size and all(type(x) is int for x in row) for row in value
    ):
        raise ValueError(f"{name} is not a list of rows of {size} integers")
    return value
