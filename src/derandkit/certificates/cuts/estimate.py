"""What speaks against an estimated bound beside a cut above it: a direction in which its matrix is negative.

An estimate cannot be proven, but a bad one can be refuted cheaply. Nothing found is no proof, so the statement stays
"not checked".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.cuts.psd import prove_positive_semidefinite
from derandkit.numerics.ranges import scaled_by
from derandkit.numerics.vectors import norm

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray

#: Share of an estimated bound that it may lack; the solver raises its estimates by more than their uncertainty.
MOST_LACKING = 1e-4
#: Up to so many vertices a factorisation takes a fraction of a second, and an estimate is checked by one.
PROVABLE = 1500
#: Products with the matrix that look for a negative direction.
STEPS = 40


def objections(graph: WeightedGraph, diagonal: FloatArray, spare: float) -> tuple[bool, str]:
    """Return whether something speaks against an estimated bound, and what was found out about it.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    diagonal : ndarray, shape (n,)
        The dual diagonal of the estimate.
    spare : float
        How much too low the bound may be.

    Notes
    -----
    Forty products with the matrix; up to `PROVABLE` vertices also a dense factorisation, which proves the bound that is
    higher by `spare`, or the estimate is refused.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> objections(WeightedGraph.from_edges([0], [1]), np.array([1.0, 1.0]), 1e-6)
    (False, 'a bound that is 1e-06 higher is proven')
    """
    lack = -most_negative(graph, diagonal) * graph.n / 4.0
    if not lack <= spare:
        return True, f"the dual matrix is negative in a direction: the bound lacks {lack:.3g}"
    if int((graph.degrees > 0).sum()) > PROVABLE:
        return False, f"the bound is not seen to lack more than {spare:.2g}"
    raised = diagonal + 4.0 * spare / graph.n
    proven = prove_positive_semidefinite(graph.adjacency(), raised, "dense-cholesky").proven
    return not proven, f"a bound that is {spare:.2g} higher {'is' if proven else 'cannot be'} proven"


def most_negative(graph: WeightedGraph, diagonal: FloatArray) -> float:
    """Return the smallest Rayleigh quotient of ``A + Diag(d)`` that a few Lanczos steps find.

    It is at least the smallest eigenvalue, whatever the rounding did to the direction.

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> round(most_negative(WeightedGraph.from_edges([0, 1], [1, 2]), np.zeros(3)), 6)
    -1.414214
    """
    from scipy.linalg import eigh_tridiagonal

    A = graph.adjacency()
    largest = max(float(np.abs(graph.weights).max(initial=0.0)), float(np.abs(diagonal).max()))
    exponent = math.frexp(largest)[1]  # squares of weights beyond 1e154 overflow, and those of 1e-160 vanish
    A.data, diagonal = np.ldexp(A.data, -exponent), np.ldexp(diagonal, -exponent)
    vector = 1.0 + 0.5 * np.sin(np.arange(graph.n) + 1.0)
    basis = [vector / np.sqrt((vector * vector).sum())]
    alphas: list[float] = []
    betas: list[float] = []
    for _ in range(min(STEPS, graph.n)):
        image = A @ basis[-1] + diagonal * basis[-1]
        alphas.append(float((image * basis[-1]).sum()))
        for _ in range(2):
            for previous in basis:
                image = image - float((image * previous).sum()) * previous
        size = norm(image)
        if size <= 1e-10 * (1.0 + abs(alphas[0])) or len(alphas) == min(STEPS, graph.n):
            break
        betas.append(size)
        basis.append(image / size)
    _, columns = eigh_tridiagonal(
        np.array(alphas), np.array(betas[: len(alphas) - 1]), select="i", select_range=(0, 0)
    )
    direction = sum(float(c) * v for c, v in zip(columns[:, 0], basis, strict=False))
    found = (direction * (A @ direction + diagonal * direction)).sum() / (np.asarray(direction) ** 2).sum()
    return scaled_by(float(found), exponent)
