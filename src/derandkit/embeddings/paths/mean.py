"""The mean objectives: the expected mean of ``|r - 1|^p`` over pairs, p = 2 or 4, in closed form.

For ``A = M + sigma G`` the ratio of a unit secant v is ``sigma^2`` times a non-central chi-square variable with k
degrees of freedom. With ``m = |M v|^2`` its cumulants are ``kappa_n = 2^(n-1) (n-1)! sigma^(2n) (k + n m / sigma^2)``,
so with ``mu = m + k sigma^2 - 1``

    E (r - 1)^2 = mu^2 + kappa_2
    E (r - 1)^4 = mu^4 + 6 mu^2 kappa_2 + 4 mu kappa_3 + 3 kappa_2^2 + kappa_4,

polynomials in m. At ``M = 0, sigma^2 = 1/k`` they are ``2/k`` and ``12/k^2 + 48/k^3``, whatever the points are. A
descent that does not rise ends at a map with at most that: the promise. Nothing has to be smoothed.

``M = 0`` is a saddle, and the k rows of M leave it by k equally steep ways. One step leaves it by all of them: along
the leading directions of the secants, with half of the best variance. From there the engine's `LemmaDescent` runs.
"""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.embeddings.bound import mean_lower_bound
from derandkit.embeddings.options import POWERS
from derandkit.embeddings.paths.secants import Whitening, coincidence_floor, row_blocks
from derandkit.engine.law import GaussianSampler, checked_directions, isotropic_variance
from derandkit.engine.methods.lemma import LemmaDescent
from derandkit.engine.methods.single import single_solution
from derandkit.engine.solve import run_method
from derandkit.errors import InputError
from derandkit.numerics.vectors import norm
from derandkit.options import check_whole
from derandkit.parts.embeddings import MeanDistortion
from derandkit.parts.part import EncodedArray
from derandkit.points.files import as_point_cloud
from derandkit.points.objects import check_index_of_rows
from derandkit.records import encode_array
from derandkit.runtime import lapack
from derandkit.runtime.threads import in_order
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.embeddings.measure import Ratios
    from derandkit.embeddings.options import Objective, Power
    from derandkit.engine.method import Step
    from derandkit.engine.outcome import Derandomization
    from derandkit.numerics.typing import FloatArray
    from derandkit.points.cloud import PointCloud

LARGEST = 4096
"""Most points: an inverse squared distance is kept for every pair."""

STEPS = 150
"""Steps of the descent: later ones lower the mean by 1 per cent and serve new points no better."""

_BLOCKED_FROM, _BLOCKS = 512, 8
_UNIT = 2.0**-53


def promised_mean(k: int, power: Power) -> float:
    """Return the expected ``|r - 1|^p`` of every pair under a random projection to k dimensions.

    Examples
    --------
    >>> promised_mean(50, 2), round(promised_mean(10, 4), 12)
    (0.04, 0.168)
    """
    return 2.0 / k if power == 2 else 12.0 / k**2 + 48.0 / k**3


def polynomial(k: int, variance: float, power: Power) -> FloatArray:
    """Coefficients of ``E (r - 1)^p`` in ``x = m - 1``, lowest power first, always five of them.

    Parameters
    ----------
    k : int
        Number of rows of the map.
    variance : float
        sigma^2.
    power : {2, 4}
        p.

    Examples
    --------
    >>> polynomial(3, 0.0, 2)
    array([0., 0., 1., 0., 0.])
    """
    s = variance
    out = np.zeros(5)
    mu = np.array([k * s, 1.0])
    square = np.convolve(mu, mu)
    # the cumulants as polynomials in x = m - 1
    second = np.array([2.0 * k * s**2 + 4.0 * s, 4.0 * s])
    if power == 2:
        out[:3] += square
        out[:2] += second
        return out
    third = np.array([8.0 * k * s**3 + 24.0 * s**2, 24.0 * s**2])
    fourth = np.array([48.0 * k * s**4 + 192.0 * s**3, 192.0 * s**3])
    out += np.convolve(square, square)
    out[:4] += 6.0 * np.convolve(square, second)
    out[:3] += 4.0 * np.convolve(mu, third) + 3.0 * np.convolve(second, second)
    out[:2] += fourth
    return out


class _State(NamedTuple):
    """What one pass computes at a distribution."""

    sampler: GaussianSampler
    images: FloatArray
    coefficients: FloatArray
    value: float
    slope: float
    bend: float
    gradient: FloatArray


class PairPowers:
    """The mean objective of points given in coordinates; `MeanObjective` reads them.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        Different points, centred, in any orthonormal coordinates.
    k : int
        Number of rows of the map.
    power : {2, 4}
        p.
    mass : ndarray, shape (m,), optional
        Weights q of the points, not negative: the pair (i, j) counts ``q_i q_j`` times.
    """

    #: Conditional expectations would need distributions with some entries revealed.
    isotropic_only = True

    def __init__(self, Z: FloatArray, k: int, power: Power = 2, mass: FloatArray | None = None) -> None:
        from derandkit.embeddings.kernels.pairs import inverse_squared_distances

        m = Z.shape[0]
        if m > LARGEST:
            raise InputError(f"the objective keeps every pair, so it takes at most {LARGEST} points, got {m}")
        check_whole("k", k, 1)
        if not isinstance(power, (int, float, np.number)) or power not in (2, 4):
            raise InputError(f"the power is 2 or 4, got {quoted(power)}")
        self.points: FloatArray = np.ascontiguousarray(Z)
        self.k = int(k)
        self.power: Power = power
        self.mass: FloatArray = np.ones(m) if mass is None else np.ascontiguousarray(mass)
        self.inverse: FloatArray = np.empty(m * (m - 1) // 2)
        inverse_squared_distances(np.ascontiguousarray(Z.T), 0, m, coincidence_floor(Z), self.inverse)
        self._blocks = row_blocks(m, _BLOCKS if m >= _BLOCKED_FROM else 1)
        self._last: _State | None = None
        self.evaluations = 0
        self.total = 1.0
        everything = GaussianSampler(np.zeros(self.dimension), 0.0)
        self.total = self._pass(everything, np.array([1.0, 0.0, 0.0, 0.0, 0.0])).value
        if not self.total > 0.0:
            raise InputError("no pair of different points has a positive weight")

    @property
    def dimension(self) -> int:
        """Number of entries k r of a map."""
        return self.k * int(self.points.shape[1])

    def start(self) -> GaussianSampler:
        """Return the random projection: mean 0, variance 1/k; its value is what a mean objective promises."""
        return GaussianSampler(np.zeros(self.dimension), float(np.sqrt(1.0 / self.k)))

    def value(self, sampler: GaussianSampler) -> float:
        """Return the weighted mean over pairs of ``E |r - 1|^p``; O(m^2 k + m k r) operations."""
        return self._at(sampler).value

    def mean_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return ``dF/dM``, flattened, shape (k r,)."""
        return self._at(sampler).gradient

    def curvature_trace(self, sampler: GaussianSampler) -> float:
        """Return the trace of the Hessian in M: the mean of ``2 k f' + 4 r f''``.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        here = self._at(sampler)
        return 2.0 * self.k * here.slope + 4.0 * here.bend

    def curvature(self, sampler: GaussianSampler, directions: FloatArray) -> FloatArray:
        """Return ``H @ directions`` for directions of shape (k r, p), H the Hessian in M."""
        directions = checked_directions(directions, self.dimension)
        from derandkit.embeddings.kernels.powers import power_bend_pass
        from derandkit.numerics.dense import product

        here = self._at(sampler)
        Y, YT = here.images, np.ascontiguousarray(here.images.T)
        out = np.empty(directions.shape)
        D = np.empty_like(Y)
        for p in range(directions.shape[1]):
            product(self.points, self._transposed(directions[:, p]), D)
            DT = np.ascontiguousarray(D.T)
            G = [np.zeros_like(Y) for _ in self._blocks]

            def work(b: int, DT: FloatArray = DT, G: list[FloatArray] = G) -> None:
                block = self._blocks[b]
                power_bend_pass(Y, YT, D, DT, self.inverse, self.mass, here.coefficients, *block, G[b])

            in_order(work, len(self._blocks))
            out[:, p] = self._pulled_back(G)
        return out

    def curvature_bounds(self, sampler: GaussianSampler) -> tuple[float, float]:
        """Return two numbers between which all eigenvalues of the Hessian in M lie.

        ``H = I_k (x) C + 4 mean f'' (M v (x) v)(M v (x) v)'`` with ``C = 2 mean f' v v'``. For every spread f is convex
        in the ratio, so the second part is not negative, and its trace is ``4 mean r f''``: the smallest eigenvalue of
        C, an r x r matrix, bounds that of H from below, and the largest plus that trace bounds it from above.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        from derandkit.embeddings.kernels.powers import power_scatter
        from derandkit.numerics.dense import transposed_product

        here = self._at(sampler)
        G = np.zeros_like(self.points)
        YT = np.ascontiguousarray(here.images.T)
        power_scatter(self.points, YT, self.inverse, self.mass, here.coefficients, G)
        C = np.empty((self.points.shape[1],) * 2)
        transposed_product(self.points, G, C)
        C = (C + C.T) / (2.0 * self.total)
        values = lapack.eigvalsh(C)
        off = 64.0 * (self.points.shape[0] + C.shape[0]) * _UNIT * float(np.sum(np.abs(values)))
        return float(values[0]) - off, float(values[-1]) + off + 4.0 * here.bend

    def _transposed(self, flat: FloatArray) -> FloatArray:
        if flat.size != self.dimension:
            raise InputError(f"a map has {self.dimension} entries, got {flat.size}")
        return np.ascontiguousarray(flat.reshape(self.k, -1).T)

    def _at(self, sampler: GaussianSampler) -> _State:
        """Return what is known at a distribution; the last one is kept, since the engine asks three times."""
        if self._last is None or self._last.sampler is not sampler:
            self._last = self._pass(sampler, polynomial(self.k, isotropic_variance(sampler), self.power))
        return self._last

    def _pass(self, sampler: GaussianSampler, coefficients: FloatArray) -> _State:
        from derandkit.embeddings.kernels.powers import power_pass
        from derandkit.numerics.dense import product

        self.evaluations += 1
        Y = np.empty((self.points.shape[0], self.k))
        product(self.points, self._transposed(sampler.mean), Y)
        YT = np.ascontiguousarray(Y.T)
        G = [np.zeros_like(Y) for _ in self._blocks]
        sums = np.zeros((len(self._blocks), 3))

        def work(b: int) -> None:
            power_pass(Y, YT, self.inverse, self.mass, coefficients, *self._blocks[b], G[b], sums[b])

        in_order(work, len(self._blocks))
        value, slope, bend = np.add.accumulate(sums, axis=0)[-1] / self.total
        figures = float(value), float(slope), float(bend)
        return _State(sampler, Y, coefficients, *figures, self._pulled_back(G))

    def moments(self, M: FloatArray) -> FloatArray:
        """Return the weighted means over pairs of ``|M v|^(2 j)``, j from 0 to 4, for a map of shape (k, r).

        Parameters
        ----------
        M : ndarray, shape (k, r)
            The map, in coordinates of the span.
        """
        law = GaussianSampler(M.ravel(), 0.0)
        rows = [[float(comb(j, i)) for i in range(5)] for j in range(5)]  # m^j = (1 + x)^j
        return np.array([self._pass(law, np.array(row)).value for row in rows])

    def _pulled_back(self, G: list[FloatArray]) -> FloatArray:
        """Return the gradient in the map of what has the gradient sum(G) in the images."""
        from derandkit.numerics.dense import transposed_product

        for extra in G[1:]:
            G[0] += extra
        D = np.empty((self.points.shape[1], self.k))
        transposed_product(self.points, G[0], D)
        return np.ascontiguousarray(D.T).ravel() / self.total


class MeanObjective(PairPowers):
    """Expected mean of ``|r - 1|^p`` over all pairs, ``r = |A (x - y)|^2 / |x - y|^2``, for a Gaussian map A.

    Parameters
    ----------
    X : array_like, sparse matrix, PointCloud or path, shape (n, d)
        The points.
    k : int
        Number of rows of the map.
    power : {2, 4}
        p.
    pair_weights : array_like, shape (n,), optional
        Weights q of the points, not negative: the pair (i, j) counts ``q_i q_j`` times.

    Raises
    ------
    InputError
        If the points or weights cannot be used, or there are more than 4096 different points.

    Notes
    -----
    A polynomial of degree p in the squared lengths ``|M v|^2``: no smoothing is needed. A solution is a map of R^d,
    flattened row by row. At `start`, the random projection, the value is ``2/k`` or ``12/k^2 + 48/k^3`` for any points.

    Examples
    --------
    >>> objective = MeanObjective(np.eye(4), 50)
    >>> round(objective.value(objective.start()), 12)
    0.04
    """

    def __init__(self, X: object, k: int, *, power: Power = 2, pair_weights: object | None = None) -> None:
        cloud = as_point_cloud(X)
        check_index_of_rows(X, pair_weights=pair_weights)
        mass = None if pair_weights is None else cloud.masses(pair_weights)
        super().__init__(cloud.centred(), k, power, mass)


def leave_saddle(objective: PairPowers) -> GaussianSampler:
    """Return the distribution that the descent starts from: about the leading directions, with half the variance.

    The variance is half of ``1/(k + 2)``, the best one at ``M = 0`` for p = 2. The size t of M is the best of a fixed
    geometric grid: with the moments of the ratios, the value is a polynomial in t^2. Where no size is better than the
    random projection itself, that is returned.
    """
    k = objective.k
    outward = Whitening(objective.points, objective.inverse).leading(k)
    moments = objective.moments(outward)
    variance = 0.5 / (k + 2)
    shifted = polynomial(k, variance, objective.power)
    plain = np.array(
        [float(np.sum([shifted[j] * comb(j, i) * (-1.0) ** (j - i) for j in range(5)])) for i in range(5)]
    )
    sizes = 0.05 * 1.05 ** np.arange(80)
    values = np.sum(plain * moments * (sizes * sizes)[:, None] ** np.arange(5), axis=1)
    best = int(np.argmin(values))
    if values[best] >= promised_mean(k, objective.power):
        return objective.start()
    return GaussianSampler((sizes[best] * outward).ravel(), float(np.sqrt(variance)))


def descend(
    objective: PairPowers, steps: int = STEPS, on_step: Callable[[Step], None] | None = None
) -> Derandomization:
    """Run the lemma's descent from the saddle at the random projection to one map.

    A distribution that is left (the steps ran out early, or the run was stopped) is replaced by one of its maps that is
    no worse than its mean: maps from hashed normal numbers are tried in a fixed order.
    """
    found = run_method(
        objective, leave_saddle(objective), LemmaDescent(max_steps=steps), on_step=on_step, figures=False
    )
    return single_solution(objective, found)


def mean_distortion(
    objective: Objective,
    Z: FloatArray,
    M: FloatArray,
    ratios: Ratios,
    mass: FloatArray | None,
    cloud: PointCloud,
) -> MeanDistortion:
    """Put the measured mean beside its lower bound, its promise, and the second-order numbers of the map.

    Parameters
    ----------
    objective : {"mean", "mean4"}
        Which mean.
    Z : ndarray, shape (m, r)
        Different points in coordinates of their span.
    M : ndarray, shape (k, r)
        The map there.
    ratios : Ratios
        What was measured, with the weights.
    mass : ndarray, shape (m,), or None
        Weights of the points.
    cloud : PointCloud
        The points.

    Returns
    -------
    MeanDistortion
        The p-th root of a mean changes by at most the greatest change of a ratio (Minkowski), so the margin of the
        ratios covers it; the rest is the rounding of the sums.
    """
    power, k = POWERS[objective], M.shape[0]
    mean = ratios.mean_square if power == 2 else ratios.mean_fourth
    value = mean ** (1.0 / power)
    gradient = curvature = None
    if Z.shape[0] <= LARGEST and not ratios.close:  # close pairs count in the mean and not in its derivatives
        here, pairs = GaussianSampler(M.ravel(), 0.0), PairPowers(Z, k, power, mass)
        gradient, curvature = norm(pairs.mean_gradient(here)), pairs.curvature_bounds(here)[0]
    return MeanDistortion(
        power=power,
        lower_bound=min(mean_lower_bound(cloud.centring().given, k, mass), value),
        value=value,
        certified=value * (1.0 + (4 * len(Z) + 64) * _UNIT) + ratios.margin,
        promised=promised_mean(k, power) ** (1.0 / power),
        weights=None if mass is None else EncodedArray.of(encode_array(mass, "<f8")),
        gradient=gradient,
        curvature=curvature,
    )
