"""What speaks against an estimated bound beside a cut above it: a direction in which its matrix is negative.

An estimate cannot be proven, but a bad one can be refuted cheaply. Nothing found is no proof, so the statement stays
"not checked".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray

#: Products with the matrix that look for a negative direction.
STEPS = 40


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
        norm = float(np.sqrt((image * image).sum()))
        if norm <= 1e-10 * (1.0 + abs(alphas[0])) or len(alphas) == min(STEPS, graph.n):
            break
        betas.append(norm)
        basis.append(image / norm)
    _, columns = eigh_tridiagonal(
        np.array(alphas), np.array(betas[: len(alphas) - 1]), select="i", select_range=(0, 0)
    )
    direction = sum(float(c) * v for c, v in zip(columns[:, 0], basis, strict=False))
    return float(
        (direction * (A @ direction + diagonal * direction)).sum() / (np.asarray(direction) ** 2).sum()
    )
