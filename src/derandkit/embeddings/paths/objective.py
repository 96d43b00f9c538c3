"""The Gaussian objectives of an embedding: expected loss over maps ``A = M + sigma G``, in closed form.

For the engine: ``derandomize(objective, objective.start(), method=LemmaDescent())``. The wing's own descent
(`derandkit.embeddings.paths.lemma`) specialises that method to a schedule of sharpness and to whitened maps. On 200
Gaussian points in 64 dimensions, mapped to 20, the wing takes 1.0 s of CPU time and ends at a scaled distortion of
0.277; the engine, at the one sharpness of eps = 0.3, takes 0.5 s for 301 steps and ends at 0.50.

A solution is a map, flattened row by row; its distribution is ``N(M, sigma^2 I)``. For a unit secant v the ratio
``|A v|^2`` is ``sigma^2`` times a non-central chi-square variable, so both losses here have closed forms: the
two-sided exponential (its moments) and the violation itself (its tails). Both depend on M through the ratios
``|M v|^2`` only, which makes every derivative a Laplacian product.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.guarantee import sharpness
from derandkit.embeddings.paths.lemma import closed_form
from derandkit.embeddings.paths.secants import coincidence_floor, images_and_ratios, pulled_back
from derandkit.engine.law import GaussianSampler, check_sampler, checked_directions, isotropic_variance
from derandkit.errors import InputError
from derandkit.options import check_real, check_whole
from derandkit.points.files import as_point_cloud

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


LARGEST = 4096


class _PairObjective:
    """A sum over pairs of a function of the ratio ``|M v|^2`` and of ``sigma^2``.

    Subclasses supply `terms`: the function and its first two derivatives in the ratio.
    """

    #: Conditional expectations would need distributions with some entries revealed: no closed form is known here.
    isotropic_only = True

    def __init__(self, X: object, k: int, eps: float) -> None:
        from derandkit.embeddings.kernels.pairs import inverse_squared_distances

        cloud = as_point_cloud(X)
        if cloud.distinct.size > LARGEST:
            raise InputError(
                f"the objective keeps every pair, so it takes at most {LARGEST} points, got {cloud.distinct.size}"
            )
        check_whole("k", k, 1)
        check_real("eps", eps)
        if eps < 0.0:
            raise InputError(f"eps is not negative, got {eps}")
        self.k = int(k)
        self.eps = float(eps)
        self.points: FloatArray = cloud.centred()
        m = self.points.shape[0]
        self.inverse: FloatArray = np.empty(m * (m - 1) // 2)
        XT = np.ascontiguousarray(self.points.T)
        inverse_squared_distances(XT, 0, m, coincidence_floor(self.points), self.inverse)

    @property
    def dimension(self) -> int:
        """Number of entries k d of a map."""
        return self.k * int(self.points.shape[1])

    def start(self) -> GaussianSampler:
        """Return the random projection: mean 0, variance 1/k."""
        return GaussianSampler(np.zeros(self.dimension), float(np.sqrt(1.0 / self.k)))

    def terms(self, ratios: FloatArray, sigma2: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the loss of every pair and its first two derivatives in the ratio; 0 or NaN for a NaN ratio.

        Parameters
        ----------
        ratios : ndarray, shape (p,)
            Squared length of the image of each secant, which has length 1.
        sigma2 : float
            Variance of an entry of the map.
        """
        raise TypeError("a pair objective defines its terms")

    def value(self, sampler: GaussianSampler) -> float:
        """Return ``F(sigma, M)``, infinite where the expectation is; O(m^2 k + m k d) operations."""
        variance = isotropic_variance(sampler)
        if not self._is_finite(variance):
            return math.inf
        values, _, _ = self.terms(self._images_and_ratios(sampler)[1], variance)
        return float(np.nansum(values))

    def mean_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return ``dF/dM``, flattened, shape (k d,)."""
        Y, ratios = self._images_and_ratios(sampler)
        _, first, _ = self.terms(ratios, isotropic_variance(sampler))
        return np.ascontiguousarray(pulled_back(self.points, Y, 2.0 * first * self.inverse).T).ravel()

    def curvature(self, sampler: GaussianSampler, directions: FloatArray) -> FloatArray:
        """Return ``H @ directions`` for directions of shape (k d, p), H the Hessian in M."""
        directions = checked_directions(directions, self.dimension)
        from derandkit.embeddings.kernels.pairs import bent_pass
        from derandkit.numerics.dense import product, transposed_product

        Y, ratios = self._images_and_ratios(sampler)
        _, first, second = self.terms(ratios, isotropic_variance(sampler))
        out = np.empty_like(directions)
        D, back = np.empty_like(Y), np.empty((self.points.shape[1], self.k))
        for p in range(directions.shape[1]):
            product(self.points, self._transposed(directions[:, p]), D)
            G = np.zeros_like(Y)
            bent_pass(Y, D, 2.0 * first * self.inverse, 4.0 * second * self.inverse**2, G)
            transposed_product(self.points, G, back)
            out[:, p] = back.T.ravel()
        return out

    def curvature_trace(self, sampler: GaussianSampler) -> float:
        """Return the trace of H: ``sum 2 k f' + 4 r f''`` over pairs. ``dF/dsigma`` is sigma times it.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        _, ratios = self._images_and_ratios(sampler)
        _, first, second = self.terms(ratios, isotropic_variance(sampler))
        return float(np.nansum(2.0 * self.k * first + 4.0 * ratios * second))

    def _is_finite(self, variance: float) -> bool:
        """Whether the expectation exists at this variance."""
        return True

    def _transposed(self, flat: FloatArray) -> FloatArray:
        if flat.size != self.dimension:
            raise InputError(f"a map has {self.dimension} entries, got {flat.size}")
        return np.ascontiguousarray(flat.reshape(self.k, -1).T)

    def _images_and_ratios(self, sampler: GaussianSampler) -> tuple[FloatArray, FloatArray]:
        check_sampler(sampler)
        return images_and_ratios(self.points, self._transposed(sampler.mean), self.inverse)


class ExponentialObjective(_PairObjective):
    """Expected two-sided exponential loss ``sum_v E[e^{mu (r - 1 - eps)} + e^{mu (1 - eps - r)}]``.

    An upper bound on the expected number of pairs beyond eps, in closed form; r is the ratio of the squared distances
    of a pair after and before.

    Parameters
    ----------
    X : array_like, PointCloud or path, shape (n, d)
        The points.
    k : int
        Number of rows of the map.
    eps : float
        Target distortion of squared distances.
    mu : float, optional
        Sharpness; by default ``k eps / (2 (1 + eps))``, at which the random projection has the smallest bound on the
        pairs that it stretches.

    Raises
    ------
    InputError
        If the points cannot be used or there are more than 4096, or neither eps nor mu is positive.

    Notes
    -----
    The value is infinite unless ``2 mu sigma^2 < 1``. At the default sharpness the random projection has a value below
    1 from scikit-learn's ``johnson_lindenstrauss_min_dim`` on. A descent that does not raise it ends at one map whose
    value is below 1 too, and a single pair beyond eps would make that at least 1.

    Examples
    --------
    >>> objective = ExponentialObjective(np.eye(4), 40, mu=10.0, eps=0.9)
    >>> law = objective.start()
    >>> round(objective.value(law), 6)
    0.040155
    """

    def __init__(self, X: object, k: int, *, eps: float = 0.0, mu: float | None = None) -> None:
        super().__init__(X, k, eps)
        if mu is None:
            mu = sharpness(self.k, self.eps)
        check_real("mu", mu)
        if not mu > 0.0:
            raise InputError(f"mu is positive, got {mu}; give a positive eps, or mu itself")
        self.mu = float(mu)

    def _is_finite(self, variance: float) -> bool:
        return 2.0 * self.mu * variance < 1.0

    def terms(self, ratios: FloatArray, sigma2: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return each pair's expected exponential, and its first and second derivative in the squared length.

        Parameters
        ----------
        ratios : ndarray, shape (p,)
            Squared length of the image of each secant, which has length 1.
        sigma2 : float
            Variance of an entry of the map.

        Raises
        ------
        InputError
            The expectation is infinite, and has no derivatives.
        """
        if not self._is_finite(sigma2):
            raise InputError(
                f"the expectation is infinite: 2 mu sigma^2 = {2.0 * self.mu * sigma2:.6g} is not below 1"
            )
        au, cu, al, cl = closed_form(self.mu, sigma2, self.k, self.eps)
        up = np.exp(cu + au * ratios)
        down = np.exp(cl - al * ratios)
        return up + down, au * up - al * down, au * au * up + al * al * down


class ProbabilityObjective(_PairObjective):
    """Expected number of pairs beyond eps: the sum of violation probabilities (NeurIPS 2024).

    Parameters
    ----------
    X : array_like, PointCloud or path, shape (n, d)
        The points.
    k : int
        Number of rows of the map.
    eps : float
        Distortion that counts as a violation.

    Raises
    ------
    InputError
        If the points cannot be used or there are more than 4096.

    Notes
    -----
    A pair costs O(sqrt(r) / sigma) terms of a Poisson mixture. At ``sigma = 0`` the value is the number of violated
    pairs and the derivatives are zero almost everywhere: use it with positive spread.

    References
    ----------
    Tsikouras, Caramanis, Tzamos, NeurIPS 2024 (arXiv 2412.07242).

    Examples
    --------
    >>> objective = ProbabilityObjective(np.eye(4), 3, 0.5)
    >>> round(objective.value(objective.start()), 6)
    3.18012
    """

    def __init__(self, X: object, k: int, eps: float) -> None:
        super().__init__(X, k, eps)

    def terms(self, ratios: FloatArray, sigma2: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return each pair's violation probability, and its first and second derivative in the squared length.

        Parameters
        ----------
        ratios : ndarray, shape (p,)
            Squared length of the image of each secant, which has length 1.
        sigma2 : float
            Variance of an entry of the map.
        """
        from derandkit.embeddings.kernels.chi_square import violation_terms

        value, first, second = np.zeros_like(ratios), np.zeros_like(ratios), np.zeros_like(ratios)
        if sigma2 == 0.0:
            value[np.abs(ratios - 1.0) > self.eps] = 1.0
            return value, first, second
        violation_terms(ratios, self.k, sigma2, self.eps, value, first, second)
        return value, first, second
