"""The expected cut of hyperplanes with thresholds, a second writing: by Owen's T function, with an error bound an edge.

With ``mu_i`` the scalar product of the unit vectors of i and the reference, side i is that of the reference with chance
``p_i = (1 + beta mu_i) / 2``. What is left of the vectors, perpendicular to the reference and at angle t, says how two
sides go together: they are signs of normals with correlation ``cos t`` and thresholds ``h = Phi^-1(p)``. Owen (1956):
``Pr[s_i != s_j] = 2 T(h, a) + 2 T(k, b) + [h k < 0]`` with ``a = (k / h - cos t) / sin t`` and b likewise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.cuts.arithmetic import SPECIAL, unit_rows, weighted_sum
from derandkit.certificates.intervals import UNIT, Interval

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import BoolArray, FloatArray

#: A rest shorter than this has no direction, and the side of its vertex is certain.
SHORTEST = 1e-10
#: Numbers of vectors that are worked on at a time.
_BLOCK = 4_000_000


def threshold_expectation(graph: WeightedGraph, vectors: FloatArray, reference: int, beta: float) -> Interval:
    """Return the expected cut of hyperplanes with thresholds.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    vectors : ndarray of float64, shape (n, r)
        Rows of any finite length; a row of zeros stands for the first axis.
    reference : int
        The vertex whose side is certain.
    beta : float
        How far sides lean to it, from 0 to 1.

    Raises
    ------
    ValueError
        A row is so long or so short that its length cannot be computed.

    Notes
    -----
    The probability of an edge changes by at most the changes of the two ``p``, and by the change of the angle over pi;
    by the latter no more than twice the smaller ``min(p, 1 - p)``, as the other side is nearly certain. Where it is not
    known whether a side is certain, it changes by at most ``min(p, 1 - p)``.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> edge = WeightedGraph.from_edges([0, 1], [1, 2])
    >>> rows = np.array([[0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]])
    >>> threshold_expectation(edge, rows, 0, 1.0).contains(1.5)
    True
    """
    from scipy.special import erfc, ndtri

    rows = unit_rows(vectors)
    off = (4 * rows.shape[1] + 40) * UNIT  # of a scalar product, and of every rest in length

    mu = np.clip(np.einsum("ij,j->i", rows, rows[reference]), -1.0, 1.0)
    rest = rows - mu[:, None] * rows[reference]
    length = np.sqrt(np.einsum("ij,ij->i", rest, rest))
    certain = length <= SHORTEST
    certain[reference] = True
    # so near to the limit rounding decides whether a side is certain: both readings then count
    unknown = np.abs(length - SHORTEST) <= 4.0 * off
    unknown[reference] = False
    mu[reference] = 1.0
    rest = rest / np.where(certain, 1.0, length)[:, None]
    turned = np.where(certain, 0.0, off / np.where(certain, 1.0, length))  # error of a direction, as an angle

    # chance of the less likely side of every vertex, and which side is the likely one
    minor = np.where(certain, 0.0, 0.5 * (1.0 - beta * np.abs(mu)))
    h = np.where(certain, 40.0, np.minimum(-ndtri(minor), 40.0)) * np.where(mu < 0.0, -1.0, 1.0)
    h = np.where(h == 0.0, 1e-300, h)
    # what the quantile means exactly differs from the chance by its rounding
    missed = np.where(certain, 0.0, np.abs(0.5 * erfc(np.abs(h) / math.sqrt(2.0)) - minor) + 0.5 * beta * off)
    missed += np.where(unknown, 0.5 * (1.0 - beta * np.abs(mu)), 0.0)

    i, j, weights = graph.edges()
    share, error = np.empty(i.size), np.empty(i.size)
    step = max(1, _BLOCK // max(1, rows.shape[1]))
    for start in range(0, i.size, step):
        one, two = i[start : start + step], j[start : start + step]
        sine, cosine = (
            0.5 * np.sqrt(np.einsum("ij,ij->i", x, x)) for x in (rest[one] - rest[two], rest[one] + rest[two])
        )
        found = _apart(h[one], h[two], sine, cosine, minor[one], minor[two], certain[one] | certain[two])
        share[start : start + step] = found
        angle = np.minimum((turned[one] + turned[two]) / math.pi, 2.0 * np.minimum(minor[one], minor[two]))
        rounding = 4.0 * SPECIAL * np.minimum(found + np.minimum(minor[one], minor[two]), 1.0)
        error[start : start + step] = np.minimum(missed[one] + missed[two] + angle + rounding, 1.0)
    far = (h[i] < 0.0) != (h[j] < 0.0)
    return weighted_sum(weights, share, error, far)


def _apart(
    h: FloatArray,
    k: FloatArray,
    sine: FloatArray,
    cosine: FloatArray,
    first: FloatArray,
    second: FloatArray,
    certain: BoolArray,
) -> FloatArray:
    """Return the chance that two sides are not as their thresholds have them, from half the angle between the rests.

    Sides with thresholds of one sign are then apart, those of different signs together.
    """
    from scipy.special import owens_t

    near = sine <= cosine
    angle = np.where(sine * cosine > 0.0, 2.0 * sine * cosine, 1.0)
    same = (h > 0.0) == (k > 0.0)

    def slope(x: FloatArray, y: FloatArray) -> FloatArray:
        # y / x - cos t, where cos t is near 1 or near -1 without cancellation
        with np.errstate(over="ignore"):
            return np.asarray(
                np.where(near, (y - x) / x + 2.0 * sine**2, (y + x) / x - 2.0 * cosine**2) / angle
            )

    total = 2.0 * (owens_t(h, slope(h, k)) + owens_t(k, slope(k, h)))
    chance = np.where(same, total, -total)
    # rests that are parallel: one normal decides both sides
    parallel = ~certain & ~(sine * cosine > 0.0)
    agree = np.where(near, same, ~same)
    chance = np.where(parallel, np.where(agree, np.abs(first - second), first + second), chance)
    # a certain side: what the other one does
    return np.asarray(np.where(certain, np.maximum(first, second), np.maximum(chance, 0.0)))
