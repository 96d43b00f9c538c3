"""Deterministic nodes for Gaussian expectations: Gauss-Hermite, sparse grids, Sobol points.

Every rule is a pair ``(x, w)``: nodes in ``R^r`` (one a row) and weights that sum to one. In low dimension the
tensor product of Gauss-Hermite rules is exact for high degrees; a Smolyak sparse grid carries that to moderate
dimension at the price of some negative weights; beyond, unscrambled Sobol points through the inverse normal
distribution, mirrored at the origin, keep every weight positive.

A rule that is optimised over should have positive weights: then the sum is an average of values of ``g`` and cannot
fall below the smallest of them, whereas a descent finds and exploits the negative weights of a sparse grid. So the
automatic choice is a tensor grid or Sobol points, and a sparse grid is there for those who ask for it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from derandkit.errors import InputError
from derandkit.options import check_choice

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


#: Most nodes of a 1-D rule; more would have weights that underflow.
LONGEST = 64
#: A tensor grid with fewer nodes an axis gives way to Sobol points.
SHORTEST = 7
#: Kinds of nodes.
RuleKind: TypeAlias = Literal["auto", "tensor", "sparse", "sobol"]
KINDS: tuple[RuleKind, ...] = get_args(RuleKind)


@dataclass(frozen=True, eq=False)
class Rule:
    """Nodes and weights for ``E[f(x)]``, ``x ~ N(0, I_r)``, with a coarser rule to judge them by.

    Parameters
    ----------
    nodes : ndarray, shape (m, r)
        One node a row.
    weights : ndarray, shape (m,)
        They sum to one; those of a sparse grid may be negative.
    kind : str
        ``"tensor"``, ``"sparse"`` or ``"sobol"``.
    """

    nodes: FloatArray
    weights: FloatArray
    kind: str

    def mean(self, values: FloatArray) -> float:
        """Return the weighted sum of values at the nodes, correctly rounded."""
        return math.fsum(self.weights * values)


@lru_cache(maxsize=64)
def gauss_hermite(count: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes (increasing) and weights of the Gauss-Hermite rule for the standard normal law.

    Parameters
    ----------
    count : int
        Number of nodes; polynomials up to degree ``2 count - 1`` are integrated exactly.

    Returns
    -------
    nodes, weights : ndarray, shape (count,)
        Exactly symmetric, read-only; the weights sum to one.

    Raises
    ------
    InputError
        If the count is not between 1 and 200.

    Notes
    -----
    Eigenvalues of the Jacobi matrix (Golub and Welsch 1969) polished by Newton steps on the normalised Hermite
    functions, which do not overflow; the weights come from the same functions.

    Examples
    --------
    >>> x, w = gauss_hermite(3)
    >>> x.round(12), w.round(12)
    (array([-1.73205081,  0.        ,  1.73205081]), array([0.16666667, 0.66666667, 0.16666667]))
    """
    if not 1 <= count <= 200:
        raise InputError(f"a Gauss-Hermite rule has 1 to 200 nodes, got {count}")
    k = np.sqrt(np.arange(1, count, dtype=np.float64))
    x = np.linalg.eigvalsh(np.diag(k, 1) + np.diag(k, -1))
    for _ in range(4):
        values = _hermite(x, count)
        x = x - values[count] / (math.sqrt(count) * values[count - 1])
    x = (x - x[::-1]) / 2.0 + 0.0
    values = _hermite(x, count)
    w = 1.0 / np.einsum("kj,kj->j", values[:count], values[:count])
    w = (w + w[::-1]) / 2.0
    w = w / math.fsum(w)
    x.setflags(write=False)
    w.setflags(write=False)
    return x, w


def _hermite(x: FloatArray, degree: int) -> FloatArray:
    """Return the orthonormal Hermite polynomials 0..degree at x, shape (degree + 1, x.size)."""
    values = np.zeros((degree + 1, x.size))
    values[0] = 1.0
    if degree:
        values[1] = x
    for k in range(1, degree):
        values[k + 1] = (x * values[k] - math.sqrt(k) * values[k - 1]) / math.sqrt(k + 1)
    return values


def tensor_rule(dimension: int, count: int) -> Rule:
    """Return the tensor product of `count`-point Gauss-Hermite rules.

    Examples
    --------
    >>> rule = tensor_rule(2, 3)
    >>> rule.nodes.shape, round(rule.mean(rule.nodes[:, 0] ** 2 * rule.nodes[:, 1] ** 4), 12)
    ((9, 2), 3.0)
    """
    x, w = gauss_hermite(count)
    nodes = np.array(list(itertools.product(x, repeat=dimension))).reshape(-1, dimension)
    weights = np.ones(1)
    for _ in range(dimension):
        weights = np.multiply.outer(weights, w).reshape(-1)
    return Rule(nodes, weights, "tensor")


def sparse_rule(dimension: int, level: int) -> Rule:
    """Return the Smolyak sparse grid of level `level` from Gauss-Hermite rules with 1, 3, 5, ... nodes.

    Parameters
    ----------
    dimension : int
        r.
    level : int
        0 is the single node at the origin; level L is exact for total degree ``2 L + 1``.

    Returns
    -------
    Rule
        Equal nodes are merged; weights may be negative.

    References
    ----------
    Smolyak 1963; combination formula of Wasilkowski and Wozniakowski, J. Complexity 11 (1995) 1-56.

    Examples
    --------
    >>> rule = sparse_rule(6, 2)
    >>> round(rule.mean(rule.nodes[:, 0] ** 2 * rule.nodes[:, 5] ** 2), 12)
    1.0
    """
    merged: dict[tuple[float, ...], list[float]] = {}
    for total in range(max(0, level - dimension + 1), level + 1):
        sign = (-1) ** (level - total) * math.comb(dimension - 1, level - total)
        for index in _compositions(total, dimension):
            active = [k for k in range(dimension) if index[k]]
            rules = [gauss_hermite(2 * index[k] + 1) for k in active]
            for choice in itertools.product(*(range(rule[0].size) for rule in rules)):
                node = [0.0] * dimension
                weight = float(sign)
                for k, rule, j in zip(active, rules, choice, strict=True):
                    node[k] = float(rule[0][j])
                    weight *= float(rule[1][j])
                merged.setdefault(tuple(node), []).append(weight)
    keys = sorted(merged)
    weights = np.array([math.fsum(merged[key]) for key in keys])
    return Rule(np.array(keys).reshape(-1, dimension), weights, "sparse")


def sparse_size(dimension: int, level: int) -> int:
    """Return an upper bound on the nodes of `sparse_rule`: nodes away from the origin are not shared.

    Examples
    --------
    >>> sparse_size(6, 2) >= sparse_rule(6, 2).weights.size
    True
    """
    # coefficient of z^total in (1 + 2 z + 4 z^2 + 6 z^3 + ...)^dimension summed over totals: nodes without the centre
    single = [1] + [2 * k for k in range(1, level + 1)]
    counts = [1] + [0] * level
    for _ in range(dimension):
        counts = [sum(counts[i] * single[t - i] for i in range(t + 1)) for t in range(level + 1)]
    return sum(counts)


def _compositions(total: int, parts: int) -> list[tuple[int, ...]]:
    """Return the tuples of `parts` non-negative integers with the given sum, in lexicographic order."""
    if parts == 1:
        return [(total,)]
    return [(k, *rest) for k in range(total + 1) for rest in _compositions(total - k, parts - 1)]


def sobol_rule(dimension: int, exponent: int) -> Rule:
    """Return ``2^exponent`` unscrambled Sobol points and their mirror images under the inverse normal distribution.

    Parameters
    ----------
    dimension : int
        r, at most 21201 (the limit of scipy's direction numbers).
    exponent : int
        The rule has ``2^(exponent + 1)`` nodes of equal weight; odd functions are integrated exactly.

    Returns
    -------
    Rule
        Columns are scaled so that ``E[x_i^2] = 1`` exactly.

    Raises
    ------
    InputError
        If the dimension is beyond scipy's table.

    References
    ----------
    Sobol 1967; direction numbers of Joe and Kuo, SIAM J. Sci. Comput. 30 (2008) 2635-2654.

    Examples
    --------
    >>> rule = sobol_rule(30, 6)
    >>> rule.nodes.shape, round(rule.mean(rule.nodes[:, 7] ** 2), 12)
    ((128, 30), 1.0)
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    if dimension > qmc.Sobol.MAXDIM:
        raise InputError(
            f"Sobol points exist up to dimension {qmc.Sobol.MAXDIM}, the distribution has rank {dimension}"
        )
    points = qmc.Sobol(dimension, scramble=False, rng=0).random_base2(exponent)
    half = np.asarray(ndtri(points + 0.5 / points.shape[0]), dtype=np.float64)
    half = half / np.sqrt(np.einsum("ij,ij->j", half, half) / half.shape[0])
    nodes = np.concatenate((half, -half))
    return Rule(nodes, np.full(nodes.shape[0], 1.0 / nodes.shape[0]), "sobol")


@lru_cache(maxsize=32)
def gaussian_rules(dimension: int, budget: int, kind: str = "auto") -> tuple[Rule, Rule]:
    """Return the best rule of at most `budget` nodes, and a coarser one of the same kind to estimate its error by.

    Parameters
    ----------
    dimension : int
        r.
    budget : int
        Most nodes; at least 8.
    kind : {"auto", "tensor", "sparse", "sobol"}
        ``"auto"`` takes a tensor grid if at least 7 nodes an axis fit, else Sobol points.

    Returns
    -------
    fine, coarse : Rule
        For r = 0 both are the single point.

    Raises
    ------
    InputError
        If the kind is unknown, or the budget is too small for it.

    Examples
    --------
    >>> [gaussian_rules(r, 4096)[0].kind for r in (1, 4, 8)], gaussian_rules(8, 4096, "sparse")[0].weights.size
    (['tensor', 'tensor', 'sobol'], 1105)
    """
    kind = check_choice("rule", kind, KINDS)
    if budget < 8:
        raise InputError(f"a budget of at least 8 nodes is needed, got {budget}")
    if dimension == 0:
        point = Rule(np.zeros((1, 0)), np.ones(1), "tensor")
        return point, point
    count = min(LONGEST, int(round(budget ** (1.0 / dimension), 9)))
    if kind == "auto":
        kind = "tensor" if dimension == 1 or count >= SHORTEST else "sobol"
    if kind == "tensor":
        if count < 2:
            raise InputError(
                f"a tensor grid in dimension {dimension} needs {2**dimension} nodes, got {budget}"
            )
        fine, coarse = tensor_rule(dimension, count), tensor_rule(dimension, max(1, count - 1 - count // 4))
    elif kind == "sparse":
        level = max((k for k in range(12) if sparse_size(dimension, k) <= budget), default=0)
        if level < 1:
            raise InputError(
                f"a sparse grid in dimension {dimension} needs {sparse_size(dimension, 1)} nodes, got {budget}"
            )
        fine, coarse = sparse_rule(dimension, level), sparse_rule(dimension, level - 1)
    else:
        exponent = int(math.log2(budget)) - 1
        fine, coarse = sobol_rule(dimension, exponent), sobol_rule(dimension, exponent - 1)
    for rule in (fine, coarse):
        rule.nodes.setflags(write=False)
        rule.weights.setflags(write=False)
    return fine, coarse
