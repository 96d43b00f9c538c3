"""The expected cut of a Gaussian distribution, in closed form.

Vertices take the sides ``sign(W x + b + tau xi)``; the private noise ``tau xi`` smooths the sign and is n further
columns of spread that are never stored. The objective is *minus* the expected weight of the cut, so it is to be
minimised. At ``W = 0`` the sides are independent, the value is multilinear in their probabilities, and a greedy pass
(`CutObjective.round`) turns it into a cut that is at least as heavy as the expectation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.law import check_sampler, checked_directions
from derandkit.errors import InputError
from derandkit.numerics.jit import read_only
from derandkit.options import check_real
from derandkit.signs.gaussian_kernels import (
    correlations,
    cut_curvature,
    cut_mean_gradient,
    gershgorin,
    hessian_product,
    line_expectations,
    standardise,
)
from derandkit.signs.kernels import flip_sweep, greedy_round

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from derandkit.engine.law import GaussianSampler
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray, SignArray


#: Steps of a line that are taken at a time; memory is two numbers a vertex and a step.
LINE_BLOCK = 200


@dataclass(frozen=True, eq=False)
class CutObjective:
    """Minus the expected weight of the cut ``sign(W x + b + tau xi)``; a `GaussianObjective`.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    smoothing : float
        The standard deviation ``tau >= 0`` of the private noise of each vertex.

    Raises
    ------
    InputError
        If the smoothing is negative or not finite.

    Notes
    -----
    With ``sd_i^2 = |w_i|^2 + tau^2``, ``h_i = b_i / sd_i``, ``r_ij = w_i . w_j / (sd_i sd_j)``:
    ``Pr[s_i != s_j] = Phi(h_i) + Phi(h_j) - 2 Phi2(h_i, h_j; r_ij)``. One bivariate normal an edge for the value,
    one exp and one erf an arc for the gradient, and ``2 m`` entries of curvature.

    Examples
    --------
    One edge whose ends are opposite with certainty, and one whose ends are independent coins:

    >>> import numpy as np
    >>> from derandkit import WeightedGraph, GaussianSampler
    >>> edge = WeightedGraph.from_edges([0], [1])
    >>> CutObjective(edge, 0.0).value(GaussianSampler([0, 0], [[1.0], [-1.0]]))
    -1.0
    >>> CutObjective(edge, 1.0).value(GaussianSampler([0, 0], np.zeros((2, 0))))
    -0.5
    """

    graph: WeightedGraph
    smoothing: float
    _last: dict[str, object] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        check_real("smoothing", self.smoothing)
        if not self.smoothing >= 0:
            raise InputError(f"the smoothing is a standard deviation, got {self.smoothing}")

    @property
    def dimension(self) -> int:
        """Number of vertices."""
        return self.graph.n

    def with_smoothing(self, smoothing: float) -> CutObjective:
        """Return the objective of the same graph at another smoothing.

        Parameters
        ----------
        smoothing : float
            Standard deviation of the noise at each vertex, positive.
        """
        return CutObjective(self.graph, smoothing)

    def _standard(self, sampler: GaussianSampler) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return ``(sd, h, rho)``; value, gradient and curvature at one distribution share them."""
        check_sampler(sampler)
        if self._last.get("sampler") is sampler:
            return self._last["standard"]  # type: ignore[return-value]
        if sampler.dimension != self.graph.n:
            raise InputError(
                f"the distribution has {sampler.dimension} coordinates, the graph {self.graph.n} vertices"
            )
        graph, tau = self.graph, self.smoothing
        spread = sampler.spread
        if isinstance(spread, float):  # independent columns: more private noise
            tau, W = math.hypot(tau, spread), np.zeros((sampler.dimension, 0))
        else:
            W = spread
        sd, h, rho = np.empty(graph.n), np.empty(graph.n), np.zeros(graph.indices.size)
        standardise(W, sampler.mean, tau, sd, h)
        if W.shape[1]:
            correlations(graph.indptr, graph.indices, W, sd, np.empty(graph.n, dtype=np.int64), rho)
        self._last["sampler"], self._last["standard"] = sampler, (sd, h, rho)
        return sd, h, rho

    def _line(self, sampler: GaussianSampler, direction: FloatArray, steps: FloatArray) -> FloatArray:
        """Return the expected cut at means ``b + t direction``."""
        graph = self.graph
        sd, _, rho = self._standard(sampler)
        out = np.empty(steps.size)
        for a in range(0, steps.size, LINE_BLOCK):
            part = steps[a : a + LINE_BLOCK]
            h, moment = np.empty((graph.n, part.size)), np.empty((graph.n, part.size))
            arcs = graph.indptr, graph.indices, graph.weights
            line = sampler.mean, np.ascontiguousarray(direction, dtype=np.float64), part
            line_expectations(*arcs, sd, rho, *line, h, moment, np.empty((3, 20)), out[a : a + part.size])
        return out

    def expectation(self, sampler: GaussianSampler) -> float:
        """Return the expected weight of the cut, in the units of the weights.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        return float(self._line(sampler, np.zeros(self.graph.n), np.zeros(1))[0])

    def value(self, sampler: GaussianSampler) -> float:
        """Return minus the expected weight of the cut."""
        return -self.expectation(sampler)

    def line_values(self, sampler: GaussianSampler, direction: FloatArray, steps: FloatArray) -> FloatArray:
        """Return `value` at means ``b + t direction`` for each t in `steps`, shape (k,).

        The correlations are those of the spread: they are computed once for a distribution and all its lines. With this
        method the engine's `ConditionalExpectations` is the algorithm of Mahajan and Ramesh.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        direction : ndarray, shape (n,)
            Where the mean moves.
        steps : ndarray, shape (p,)
            How far, in multiples of the direction.
        """
        return -self._line(sampler, direction, np.ascontiguousarray(steps, dtype=np.float64))

    def line_candidates(self, sampler: GaussianSampler, direction: FloatArray) -> FloatArray:
        """Return steps t worth a look on the line ``b + t direction``, shape (0,) or (1,).

        Without spread the line is a step function but for the private noise: a vertex changes sides where its mean
        crosses zero. A sweep over these crossings finds the greatest of the n + 1 cuts exactly; the t returned lies
        halfway between two crossings. O(n log n + m). With spread there is nothing to sweep.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        direction : ndarray, shape (n,)
            Where the mean moves.
        """
        if not sampler.is_deterministic:
            return np.zeros(0)
        mean, graph = sampler.mean, self.graph
        moving = np.flatnonzero(direction != 0.0)
        crossing = -mean[moving] / direction[moving]
        order = np.argsort(crossing, kind="stable")
        edges = crossing[order]
        if edges.size == 0:
            return np.zeros(1)
        ends = np.concatenate([[min(edges[0], 0.0) - 1.0], edges, [max(edges[-1], 0.0) + 1.0]])
        apart = (np.diff(ends)[1:] > 1e-9).astype(np.int8)
        signs = np.where(mean + ends[0] * direction >= 0.0, 1, -1).astype(np.int8)
        flips = flip_sweep(graph.indptr, graph.indices, graph.weights, moving[order], apart, signs)
        return np.array([0.5 * (ends[flips] + ends[flips + 1])])

    def pointwise(self, points: FloatArray) -> FloatArray:
        """Return minus the weight of the cut ``sign(z)`` for each row z of `points` (zero counts as +).

        Parameters
        ----------
        points : ndarray, shape (m, n)
            One point a row.
        """
        i, j, w = self.graph.edges()
        return np.array([-float(np.sum(w[(z[i] >= 0) != (z[j] >= 0)])) for z in np.atleast_2d(points)])

    def mean_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return the gradient in b, shape (n,)."""
        graph = self.graph
        gradient = np.empty(graph.n)
        cut_mean_gradient(graph.indptr, graph.indices, graph.weights, *self._standard(sampler), gradient)
        return gradient

    def _curvature_arrays(self, sampler: GaussianSampler) -> tuple[FloatArray, FloatArray]:
        graph = self.graph
        standard = self._standard(sampler)
        if self._last.get("curved") is not sampler:
            arrays = np.empty(graph.indices.size), np.empty(graph.n)
            cut_curvature(graph.indptr, graph.indices, graph.weights, *standard, *arrays)
            self._last["curved"], self._last["curvature"] = sampler, arrays
        return self._last["curvature"]  # type: ignore[return-value]

    def curvature(self, sampler: GaussianSampler, directions: FloatArray) -> FloatArray:
        """Return ``H @ directions``, shape (n, p)."""
        directions = checked_directions(directions, self.dimension)
        out = np.empty(directions.shape)
        graph = self.graph
        hessian_product(
            graph.indptr,
            graph.indices,
            *self._curvature_arrays(sampler),
            read_only(np.ascontiguousarray(directions, dtype=np.float64)),
            out,
        )
        return out

    def curvature_bounds(self, sampler: GaussianSampler) -> tuple[float, float]:
        """Return two numbers between which all eigenvalues of ``H`` lie, by Gershgorin's discs; O(m).

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        low, high = gershgorin(self.graph.indptr, *self._curvature_arrays(sampler))
        return (low, high) if self.graph.n else (0.0, 0.0)

    def curvature_trace(self, sampler: GaussianSampler) -> float:
        """Return ``tr(H)``.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        return math.fsum(self._curvature_arrays(sampler)[1])

    def hessian(self, sampler: GaussianSampler) -> csr_array:
        """Return ``H`` as a sparse matrix with the graph's pattern plus a diagonal.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        from scipy.sparse import csr_array, diags_array

        graph = self.graph
        offdiagonal, diagonal = self._curvature_arrays(sampler)
        matrix = csr_array((offdiagonal, graph.indices, graph.indptr), shape=(graph.n, graph.n))
        return csr_array(matrix + diags_array(diagonal))

    def round(self, sampler: GaussianSampler) -> SignArray:
        """Turn a distribution without spread into sides, losing nothing against its expectation.

        Parameters
        ----------
        sampler : GaussianSampler
            A deterministic distribution; the private noise is what is rounded away.

        Returns
        -------
        ndarray of int8, shape (n,)
            Sides +-1 whose cut is at least the expected cut of the distribution (exactly; in floating point up to the
            rounding of the sums that decide near ties).

        Raises
        ------
        InputError
            If the distribution still has spread.
        """
        if not sampler.is_deterministic:
            raise InputError("only a distribution without spread can be rounded vertex by vertex")
        from scipy.special import erf

        _, h, _ = self._standard(sampler)
        moments = np.asarray(erf(h / math.sqrt(2.0)), dtype=np.float64)
        graph = self.graph
        greedy_round(graph.indptr, graph.indices, graph.weights, moments)
        return moments.astype(np.int8)
