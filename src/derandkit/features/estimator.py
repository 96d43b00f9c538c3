"""`DerandomizedFourierFeatures`: the features as a scikit-learn transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from derandkit.features.options import ALPHA, NU
from derandkit.points.cloud import PointCloud
from derandkit.points.transformer import PointTransformer
from derandkit.runtime.whole import all_or_nothing

if TYPE_CHECKING:
    from derandkit.features.options import KernelName, Method, Width
    from derandkit.features.result import FeaturesResult
    from derandkit.numerics.typing import FloatArray
    from derandkit.runtime.progress import OnProgress


class DerandomizedFourierFeatures(PointTransformer):
    """Features whose inner products are a Gaussian, Matern or rational quadratic kernel, without randomness.

    Use it where scikit-learn's `RBFSampler` would be used: in front of a linear model. The error of every fitted pair
    is measured at fit time; `score` measures it for other points.

    Parameters
    ----------
    n_features : int
        Number of features, even: a cosine and a sine for each frequency.
    gamma : float, "median" or "scale"
        Parameter gamma of the kernel ``exp(-gamma |x - y|^2)``, see `derandkit.random_features`.
    kernel, length_scale, nu, alpha
        Another kernel, see `derandkit.random_features`.
    method : {"lemma", "conditional"}
        The derandomizer, see `derandkit.random_features`.
    on_progress : callable, optional
        Called with a `derandkit.Progress` after every step of a fit.

    Attributes
    ----------
    frequencies_ : ndarray, shape (n_features / 2, d)
        The frequencies, one a row.
    mean_ : ndarray, shape (d,)
        What `transform` subtracts first; no inner product of features depends on it.
    gamma_ : float
        Parameter gamma of the kernel; ``1 / (2 length_scale^2)``.
    result_ : FeaturesResult
        Errors, promise, lower bound and certificate.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.sin(np.arange(300.0) ** 2).reshape(60, 5)
    >>> features = DerandomizedFourierFeatures(40).fit(X)
    >>> features.transform(X).shape
    (60, 40)
    >>> bool(-features.score(X) <= features.result_.chain.certified_rms)
    True
    """

    def __init__(
        self,
        n_features: int = 100,
        *,
        gamma: float | Width = "median",
        kernel: KernelName = "gaussian",
        length_scale: float | Literal["median"] = "median",
        nu: float = NU,
        alpha: float = ALPHA,
        method: Method = "lemma",
        on_progress: OnProgress | None = None,
    ) -> None:
        self.n_features = n_features
        self.gamma = gamma
        self.kernel = kernel
        self.length_scale = length_scale
        self.nu = nu
        self.alpha = alpha
        self.method = method
        self.on_progress = on_progress

    @all_or_nothing
    def fit(self, X: object, y: object = None) -> DerandomizedFourierFeatures:
        """Find the frequencies for the rows of X.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n, d)
            The points.
        y : ignored

        Returns
        -------
        DerandomizedFourierFeatures
            Itself.

        Raises
        ------
        InputError
            If the points or the parameters cannot be used (also a `ValueError`).
        """
        from derandkit.features.solve import random_features

        X = self._first_points(X)
        self.result_: FeaturesResult = random_features(
            PointCloud(X),
            self.n_features,
            gamma=self.gamma,
            kernel=self.kernel,
            length_scale=self.length_scale,
            nu=self.nu,
            alpha=self.alpha,
            method=self.method,
            on_progress=self.on_progress,
        )
        self.frequencies_: FloatArray = self.result_.frequencies
        self.mean_: FloatArray = self.result_.centre
        self.gamma_ = self.result_.gamma
        return self

    @property
    def _n_features_out(self) -> int:
        return self.result_.n_features

    def score(self, X: object, y: object = None) -> float:
        """Return minus the root mean square error of the kernel over all pairs of rows of X.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n, d)
            Points with at least two different rows.
        y : ignored

        Returns
        -------
        float
            Larger is better, 0 is the kernel itself.
        """
        from derandkit.features.measure import measure, scaled

        X = self._points(X)
        cloud, found = PointCloud(X), self.result_
        return -measure(cloud, scaled(cloud, found.gamma), found.frequencies, found.spectrum).rms
