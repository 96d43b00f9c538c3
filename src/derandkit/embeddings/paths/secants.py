"""The pairs of a point cloud as one smooth function of the map: exponential sums, their gradients, their extremes.

A map is handled as its transpose ``P`` (r x k) in whitened coordinates of the span. Whitening by the scatter of
the unit secants turns the curvature of every objective at the start into a multiple of the identity, which is
what makes a few hundred quasi-Newton steps enough. All sums are Laplacian products, O(n^2 k) a step, in an order
that does not depend on threads.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.numerics.hashing import hashed_normals
from derandkit.points.cloud import COINCIDENCE
from derandkit.runtime.threads import in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray

DEFAULT_RIDGE = 1.0
"""Taken where no held-out pairs say otherwise: 0 to 9 per cent above the smallest distortion of the fitted points."""

_SUBSPACE_SWEEPS = 30
_BLOCKED_FROM = 1024  # points from which a pass is cut into _BLOCKS blocks of rows
_BLOCKS = 8
_HOPELESS = 300.0  # in the exponent: a trial map this much worse is given up


class Sum(NamedTuple):
    """An exponential sum at one map, in logarithms, and the extremes of the ratios there."""

    value: float
    gradient: FloatArray
    top: float
    largest: float
    smallest: float

    @property
    def scaled_distortion(self) -> float:
        """Largest ``|r - 1|`` after the best rescaling of the map; 1 if every point goes to one."""
        total = self.largest + self.smallest
        return (self.largest - self.smallest) / total if total > 0.0 else 1.0

    @property
    def rescaling(self) -> float:
        """Factor on the map that centres the ratios on 1."""
        total = self.largest + self.smallest
        return float(np.sqrt(2.0 / total)) if total > 0.0 else 1.0


class Pass(NamedTuple):
    """One pass over pairs: the shifted sum, the largest exponent, the extremes, the gradient in the images."""

    total: float
    top: float
    largest: float
    smallest: float
    gradient: FloatArray


class Whitening:
    """Coordinates in which the scatter of unit secants is close to the identity.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Points in coordinates of their span.
    inverse : ndarray, shape (m (m - 1) / 2,)
        Packed inverse squared distances; NaN where points coincide.
    ridge : float
        Added to the scatter, of its mean eigenvalue. A descent moves furthest along directions that the secants hardly
        see; the ridge holds it back there, since other points may differ in just those directions.
    """

    def __init__(self, Z: FloatArray, inverse: FloatArray, ridge: float = DEFAULT_RIDGE) -> None:
        from derandkit.embeddings.kernels.pairs import scatter_pass
        from derandkit.numerics.dense import cholesky, transposed_product

        r = Z.shape[1]
        G = np.zeros_like(Z)
        scatter_pass(Z, inverse, G)
        S = np.empty((r, r))
        transposed_product(Z, G, S)
        S = 0.5 * (S + S.T)
        self.scatter: FloatArray = S / np.trace(S)
        L = self.scatter + ridge / r * np.eye(r)
        cholesky(L)
        self.factor: FloatArray = L

    def points(self, Z: FloatArray) -> FloatArray:
        """Whitened coordinates ``L^{-1} z`` of every row z."""
        from derandkit.numerics.dense import solve_lower

        out = np.array(Z)
        solve_lower(self.factor, out)
        return out

    def matrix(self, P: FloatArray) -> FloatArray:
        """Return the map (k x r) on span coordinates whose whitened transpose is ``P``."""
        from derandkit.numerics.dense import solve_lower_transposed

        out = np.array(P)
        solve_lower_transposed(self.factor, out)
        return np.ascontiguousarray(out.T)

    def transposed(self, M: FloatArray) -> FloatArray:
        """Whitened transpose ``L^T M^T`` of a map (k x r) on span coordinates."""
        from derandkit.numerics.dense import product

        out = np.empty((M.shape[1], M.shape[0]))
        product(np.ascontiguousarray(self.factor.T), np.ascontiguousarray(M.T), out)
        return out

    def leading(self, k: int) -> FloatArray:
        """Orthonormal rows (k x r) close to the leading eigenspace of the secant scatter.

        Subspace iteration from hashed rows: fixed work, no LAPACK. Full convergence is not needed, a start is.
        """
        from derandkit.numerics.dense import orthonormalise, product

        r = self.scatter.shape[0]
        B = hashed_normals(k, r)
        out = np.empty((k, r))
        orthonormalise(B)
        for _ in range(_SUBSPACE_SWEEPS):
            product(B, self.scatter, out)
            B, out = out, B
            orthonormalise(B)
        return B


class Secants:
    """All pairs of a set of points, as exponential sums of the map.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Points in coordinates of their span, no two rows equal.
    ridge : float
        See `Whitening`.

    Notes
    -----
    Stores m (m - 1) / 2 inverse squared distances; for large clouds hand in landmarks and let the active set of
    `derandkit.embeddings.paths.active` supply the other pairs.
    """

    def __init__(self, Z: FloatArray, ridge: float = DEFAULT_RIDGE) -> None:
        from derandkit.embeddings.kernels.pairs import inverse_squared_distances

        m = Z.shape[0]
        self.coordinates = np.ascontiguousarray(Z)
        self.inverse: FloatArray = np.empty(m * (m - 1) // 2)
        ZT = np.ascontiguousarray(Z.T)
        floor = coincidence_floor(Z)
        inverse_squared_distances(ZT, 0, m, floor, self.inverse)
        self.whitening = Whitening(self.coordinates, self.inverse, ridge)
        self.white: FloatArray = self.whitening.points(self.coordinates)
        self.evaluations = 0

    @property
    def n_pairs(self) -> int:
        """Number of pairs that do not coincide."""
        return int(np.count_nonzero(~np.isnan(self.inverse)))

    @property
    def rank(self) -> int:
        """Dimension r of the span."""
        return int(self.coordinates.shape[1])

    def evaluate(self, P: FloatArray, coefficients: FloatArray, shift: float | None = None) -> Sum:
        """Logarithm of the exponential sum at the map with whitened transpose `P`.

        Parameters
        ----------
        P : ndarray, shape (r, k)
            The map.
        coefficients : ndarray, shape (4,)
            ``(au, cu, al, cl)``: the sum over pairs of ``exp(cu + au r) + exp(cl - al r)``.
        shift : float, optional
            Largest exponent at the previous map. With it, a map whose sum is larger by hundreds of orders of
            magnitude is given up early with value infinity.

        Returns
        -------
        Sum
            Value, gradient in P and extremes.
        """
        self.evaluations += 1
        return log_sum(self.white, P, coefficients, shift, self.pass_over)

    def pass_over(self, Y: FloatArray, coefficients: FloatArray, shift: float) -> Pass:
        """One pass over the pairs, from the images Y (m x k) of the points."""
        from derandkit.embeddings.kernels.pairs import exponential_pass

        m = Y.shape[0]
        YT = np.ascontiguousarray(Y.T)
        blocks = row_blocks(m, _BLOCKS if m >= _BLOCKED_FROM else 1)
        G = [np.zeros_like(Y) for _ in blocks]
        stats = [np.empty(4) for _ in blocks]

        def work(b: int) -> None:
            exponential_pass(Y, YT, self.inverse, coefficients, *blocks[b], shift, G[b], stats[b])

        in_order(work, len(blocks))
        return combine(G, stats)


def log_sum(
    white: FloatArray, P: FloatArray, coefficients: FloatArray, shift: float | None, run: Callable[..., Pass]
) -> Sum:
    """Images of all points, one pass over the pairs at a safe shift, and the gradient in the map."""
    from derandkit.numerics.dense import product, transposed_product

    Y = np.empty((white.shape[0], P.shape[1]))
    product(white, P, Y)
    level = 0.0 if shift is None else shift
    while True:
        found = run(Y, coefficients, level)
        if not (np.isfinite(found.top) and np.isfinite(found.largest)):
            return Sum(np.inf, P, np.inf, np.inf, 0.0)
        if shift is not None and found.top > level + _HOPELESS:
            return Sum(np.inf, P, found.top, found.largest, found.smallest)
        if level - 3.0 <= found.top <= level + _HOPELESS:
            break
        level = found.top
    D = np.empty_like(P)
    transposed_product(white, found.gradient, D)
    D /= found.total
    return Sum(level + float(np.log(found.total)), D, found.top, found.largest, found.smallest)


def combine(G: list[FloatArray], stats: list[FloatArray]) -> Pass:
    """Add the blocks of a pass in order."""
    total = 0.0
    for s in stats:
        total += float(s[0])
    with np.errstate(invalid="ignore", over="ignore"):  # a hopeless trial map overflows; it is given up later
        for extra in G[1:]:
            G[0] += extra
    return Pass(
        total,
        max((float(s[1]) for s in stats), default=-np.inf),
        max((float(s[2]) for s in stats), default=-np.inf),
        min((float(s[3]) for s in stats), default=np.inf),
        G[0],
    )


def images_and_ratios(
    points: FloatArray, P: FloatArray, inverse: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Images (m x k) of all points under the map with transpose `P`, and the packed ratios of all pairs.

    `inverse` holds the packed inverse squared distances; a ratio is NaN where they are.
    """
    from derandkit.embeddings.kernels.pairs import packed_ratios
    from derandkit.numerics.dense import product

    Y = np.empty((points.shape[0], P.shape[1]))
    product(points, P, Y)
    ratios = np.empty_like(inverse)
    packed_ratios(np.ascontiguousarray(Y.T), inverse, ratios)
    return Y, ratios


def pulled_back(points: FloatArray, Y: FloatArray, weights: FloatArray) -> FloatArray:
    """Gradient in the transpose of the map of a sum over pairs of functions of ``|y_i - y_j|^2``.

    `weights` holds twice the derivative of each pair's function, packed; zero and NaN weights are skipped.
    """
    from derandkit.embeddings.kernels.pairs import weighted_pass
    from derandkit.numerics.dense import transposed_product

    G = np.zeros_like(Y)
    weighted_pass(Y, weights, G)
    out = np.empty((points.shape[1], Y.shape[1]))
    transposed_product(points, G, out)
    return out


def coincidence_floor(Z: FloatArray) -> float:
    """Squared distance at or below which two points coincide."""
    return COINCIDENCE * COINCIDENCE * float(np.max(np.add.accumulate(Z * Z, axis=1)[:, -1]))


def row_blocks(m: int, count: int) -> list[tuple[int, int]]:
    """Cut the rows of a triangle of pairs into blocks with about equally many pairs.

    Examples
    --------
    >>> row_blocks(10, 2)
    [(0, 3), (3, 9)]
    """
    pairs = m * (m - 1) // 2
    edges = [0]
    done = 0
    for i in range(m - 1):
        done += m - 1 - i
        if done * count >= pairs * len(edges):
            edges.append(i + 1)
    edges[-1] = m - 1
    return [(a, b) for a, b in pairwise(edges) if b > a]
