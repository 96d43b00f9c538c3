"""Hyperplane rounding by conditional expectations (Mahajan and Ramesh): the engine's method on the expected cut.

The distribution of the cut is ``sign(V x + tau xi)``. Its Gaussian coordinates are revealed one by one along the
principal axes of ``V``, largest first. While one is revealed, what is left of each edge is one number, the correlation
of the residual rows; it does not depend on the revealed value t, so `CutObjective.line_values` computes it once a
coordinate, and the expected cut at a whole grid of t costs one bivariate normal probability an edge and a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine import ConditionalExpectations, run_method
from derandkit.engine.law import GaussianSampler
from derandkit.errors import InputError
from derandkit.numerics.axes import principal_axes
from derandkit.signs.objective import CutObjective
from derandkit.status import DerandomizationStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray

#: Private noise of each vertex while coordinates are revealed, for rows of unit length.
REVEAL_SMOOTHING = 1e-4


@dataclass(frozen=True, eq=False)
class Revealed:
    """A distribution without spread, and the reveals that led to it.

    Parameters
    ----------
    mean : ndarray, shape (n,)
        What was revealed: ``V x`` for the chosen x. The private noise is left.
    expectations : tuple of float
        Expected cut at the start and after each reveal; never falling, up to `slack`.
    spread_norms : tuple of float
        ``|W|`` at the same points.
    slack : float
        What the 1-D searches lost in all, normally 0.
    identity_gap : float
        Largest relative gap between the Gauss-Hermite average of a line and the value before its reveal.
    interrupted : bool
        Whether a request to stop made the rest of the searches coarse.
    early : bool
        Whether the rest of the spread was dropped, at no loss, because the work had to end.
    """

    mean: FloatArray
    expectations: tuple[float, ...]
    spread_norms: tuple[float, ...]
    slack: float
    identity_gap: float
    interrupted: bool
    early: bool = False


def reveal_all(
    graph: WeightedGraph,
    vectors: FloatArray,
    *,
    mean: FloatArray | None = None,
    nodes: int = 25,
    refine: int = 16,
    smoothing: float = REVEAL_SMOOTHING,
    on_reveal: Callable[[float, float], None] | None = None,
) -> Revealed:
    """Choose the Gaussian coordinates of hyperplane rounding one by one, each where the expected cut is largest.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    vectors : ndarray, shape (n, r)
        Rows of the relaxation, of order one.
    mean : ndarray, shape (n,), optional
        Thresholds: the mean at the start, zero by default.
    nodes : int
        Gauss-Hermite nodes at which each coordinate is tried first.
    refine : int
        Golden-section evaluations around the best node.
    smoothing : float
        Private noise tau > 0 of each vertex, against rows of unit length.
    on_reveal : callable, optional
        Called with the expected cut and ``|W|`` at the start and after each reveal. A request to stop, from here or
        from the user, drops the rest of the spread or makes the remaining searches coarse; it loses nothing.

    Returns
    -------
    Revealed
        The final means with the expectation at every step.

    Raises
    ------
    InputError
        If the smoothing is not positive or there are fewer than three nodes.

    Notes
    -----
    ``m (nodes + refine)`` bivariate normals a coordinate, and ``m r^2 / 2`` multiply-adds in all for the covariances.
    The last coordinate faces a step function (but for the private noise), which an exact sweep over the ``n`` points
    where a vertex changes sides also searches.

    References
    ----------
    Mahajan and Ramesh, SIAM J. Comput. 28 (1999) 1641-1663; Plackett, Biometrika 41 (1954).

    Examples
    --------
    >>> from derandkit.graphs.graph import WeightedGraph
    >>> triangle = WeightedGraph.from_edges([0, 1, 2], [1, 2, 0])
    >>> angles = 2 * np.pi * np.arange(3) / 3
    >>> found = reveal_all(triangle, np.stack([np.cos(angles), np.sin(angles)], axis=1))
    >>> [round(value, 3) for value in found.expectations]
    [2.0, 2.0, 2.0]
    """
    if not smoothing > 0:
        raise InputError(f"the smoothing must be positive, got {smoothing}")
    axes, masses = principal_axes(vectors)
    begin = np.zeros(graph.n) if mean is None else mean
    law = GaussianSampler(begin, axes[:, masses > 1e-30 * masses[:1].sum()])
    outcome = run_method(
        CutObjective(graph, smoothing),
        law,
        ConditionalExpectations(nodes=nodes, refine=refine, order="given"),
        on_step=None if on_reveal is None else lambda step: on_reveal(-step.value, step.spread_norm),
    )
    return Revealed(
        mean=outcome.sampler.mean,
        expectations=tuple(-value for value in outcome.history["objective"]),
        spread_norms=outcome.history["spread_norm"],
        slack=outcome.slack,
        identity_gap=outcome.stats["identity_gap"],
        interrupted=outcome.status is DerandomizationStatus.INTERRUPTED,
        early=outcome.stats.get("finished_by") == "contraction",
    )
