"""Hyperplanes with thresholds: where one vertex stands for the constant 1, sides may lean towards it.

The relaxation puts vertex i at ``mu_i = v_0 . v_i`` from the reference 0. A random hyperplane separates the two with a
chance that bends with ``arccos``; here each side equals the reference's with chance ``(1 + beta mu_i) / 2``, linear in
``mu_i``, and the rest of each vector, perpendicular to ``v_0``, says how sides go together (Lewin, Livnat and Zwick
2002 for MAX-2SAT). That is a Gaussian distribution with a mean, so every derandomizer takes it as it is. No value of
beta is the best for all graphs; several are tried beside the plain hyperplane, and the greatest expectation wins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.law import GaussianSampler
from derandkit.numerics.sums import exact_sum
from derandkit.signs.objective import CutObjective
from derandkit.signs.values import expected_hyperplane_cut

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray

#: Leanings that are tried; 0.94 is the one for which Lewin, Livnat and Zwick prove their constant.
BETAS = (1.0, 0.97, 0.94, 0.85, 0.7, 0.5)
#: A rest shorter than this has no direction: the vector is that of the reference or its opposite, and its side certain.
#: Vectors in single precision are equal or further apart.
SHORTEST = 1e-10
#: Mean of what is certain, in standard deviations.
CERTAIN = 40.0
#: Stands for a mean of zero, by which nothing can be divided.
TINY = 1e-300
#: Numbers of rows that are worked on at a time.
BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class Start:
    """The distribution from which a derandomizer starts.

    Parameters
    ----------
    law : GaussianSampler
        The distribution.
    expectation : float
        Its expected cut.
    hyperplane : float
        The expected cut of a plain random hyperplane of the same vectors: never above `expectation`.
    beta : float or None
        How far sides lean; None for the plain hyperplane.
    reference : int or None
        The vertex to which they lean.
    """

    law: GaussianSampler
    expectation: float
    hyperplane: float
    beta: float | None
    reference: int | None


def threshold_law(vectors: FloatArray, reference: int, beta: float) -> GaussianSampler:
    """Return the distribution in which vertex i is on the side of the reference with chance ``(1 + beta mu_i) / 2``.

    Parameters
    ----------
    vectors : ndarray, shape (n, r)
        Unit rows.
    reference : int
        The vertex that stands for the constant; its own side is certain.
    beta : float
        How far sides lean, from 0 (not at all) to 1.

    Returns
    -------
    GaussianSampler
        Rows of spread have unit length, but for vertices whose side is certain.

    Examples
    --------
    >>> law = threshold_law(np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]), 0, 1.0)
    >>> law.mean.round(3).tolist(), law.spread.round(3).tolist()
    ([40.0, 0.0, 0.842], [[0.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    """
    from scipy.special import ndtri

    first = vectors[reference]
    mu = np.clip(np.einsum("ij,j->i", vectors, first), -1.0, 1.0)
    rest = vectors - mu[:, None] * first
    length = np.sqrt(np.einsum("ij,ij->i", rest, rest))
    random = length > SHORTEST
    random[reference] = False
    spread = np.where(random[:, None], rest / np.where(random, length, 1.0)[:, None], 0.0)
    mean = np.clip(ndtri(0.5 * (1.0 + beta * mu)), -CERTAIN, CERTAIN)
    mean = np.where(random, mean, np.where(mu < 0.0, -CERTAIN, CERTAIN))
    return GaussianSampler(mean, spread)


def expected_leaning_cut(graph: WeightedGraph, law: GaussianSampler) -> float:
    """Return the expected cut of ``sign(W x + b)`` to almost all digits, also where rows are nearly parallel.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    law : GaussianSampler
        Rows of spread have unit length or are zero; where one is zero the sign of its mean is certain.

    Notes
    -----
    `CutObjective` takes correlations from scalar products, which near one keep half of the digits of an angle. Here
    half the angle between two rows comes from the chords ``|w_i - w_j| / 2`` and ``|w_i + w_j| / 2``, and the chance
    that signs are apart from Owen's T function, which is what is left when both marginal chances are taken off:
    ``2 T(h, (k - h cos t) / (h sin t)) + 2 T(k, (h - k cos t) / (k sin t))``, or one less that where h and k differ
    in sign (Owen, Ann. Math. Statist. 27 (1956)). O(m r).

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> edge = WeightedGraph.from_edges([0], [1])
    >>> expected_leaning_cut(edge, GaussianSampler([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]))
    0.5
    >>> expected_leaning_cut(edge, GaussianSampler([9.0, 0.0], [[0.0, 0.0], [0.0, 1.0]]))
    0.5
    """
    from scipy.special import ndtr, owens_t

    i, j, weights = graph.edges()
    spread, mean = law.dense_spread(), law.mean
    sure = np.asarray(~spread.any(axis=1))
    b = np.where(sure, np.where(mean < 0.0, -CERTAIN, CERTAIN), np.where(mean == 0.0, TINY, mean))
    rare = np.where(sure, 0.0, ndtr(-np.abs(b)))  # chance of the side against the mean
    less, more = np.empty(i.size), np.empty(i.size)
    step = max(1, BLOCK // max(1, spread.shape[1]))
    for k in range(0, i.size, step):
        first, second = spread[i[k : k + step]], spread[j[k : k + step]]
        less[k : k + step] = 0.5 * np.sqrt(np.square(first - second).sum(axis=1))
        more[k : k + step] = 0.5 * np.sqrt(np.square(first + second).sum(axis=1))
    x, y = b[i], b[j]
    far = (x < 0.0) != (y < 0.0)
    turning = less * more > 0.0
    acute = less <= more
    sine = np.where(turning, 2.0 * less * more, 1.0)
    with np.errstate(over="ignore"):
        slope = np.where(acute, (y - x) / x + 2.0 * less**2, (y + x) / x - 2.0 * more**2) / sine
        other = np.where(acute, (x - y) / y + 2.0 * less**2, (x + y) / y - 2.0 * more**2) / sine
    total = 2.0 * (owens_t(x, slope) + owens_t(y, other))
    odd = np.maximum(
        np.where(far, -total, total), 0.0
    )  # the chance that the pair is not as its means have it
    p, q = rare[i], rare[j]
    odd = np.where(turning, odd, np.where(acute != far, np.abs(p - q), p + q))
    odd = np.where(sure[i] | sure[j], np.maximum(p, q), odd)
    return exact_sum(np.concatenate([weights[far], weights * np.where(far, -odd, odd)]))


def best_start(graph: WeightedGraph, vectors: FloatArray, reference: int | None) -> Start:
    """Return the start with the greatest expected cut: the plain hyperplane, or thresholds with one of `BETAS`.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    vectors : ndarray, shape (n, r)
        Unit rows of the relaxation.
    reference : int or None
        The vertex that stands for the constant; without one there are no thresholds.

    Notes
    -----
    One bivariate normal an edge for every beta, ``O(m (r + 20))``.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> path = WeightedGraph.from_edges([0, 0, 1], [1, 2, 2], [1.0, 1.0, -1.0])
    >>> vectors = np.array([[1.0, 0.0], [-0.6, 0.8], [-0.8, 0.6]])
    >>> start = best_start(path, vectors, 0)
    >>> start.beta, round(start.hyperplane, 4), round(start.expectation, 4)
    (1.0, 1.4097, 1.6)
    """
    plain = expected_hyperplane_cut(graph, vectors)
    hyperplane = GaussianSampler(np.zeros(graph.n), vectors)
    best = Start(hyperplane, plain, plain, None, reference)
    if reference is None:
        return best
    objective = CutObjective(graph, 0.0)
    for beta in BETAS:
        law = threshold_law(vectors, reference, beta)
        expectation = objective.expectation(law)
        if math.isfinite(expectation) and expectation > best.expectation:
            best = Start(law, expectation, plain, beta, reference)
    if best.beta is None:
        return best
    best = replace(best, expectation=expected_leaning_cut(graph, best.law))
    return best if best.expectation > plain else replace(best, law=hyperplane, expectation=plain, beta=None)
