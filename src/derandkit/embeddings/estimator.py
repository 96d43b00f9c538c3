"""`DerandomizedProjection`: the embedding as a scikit-learn transformer."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.errors import MissingDependencyError
from derandkit.points.cloud import PointCloud

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise MissingDependencyError("scikit-learn", "sklearn") from None

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.embeddings.result import EmbeddingResult


class DerandomizedProjection(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """Linear map to few dimensions that keeps all pairwise distances of the fitted points, without randomness.

    Use it where scikit-learn's `GaussianRandomProjection` would be used. The distortion of every fitted pair is
    measured at fit time; for other points `result_.heldout` is an estimate and `score` a measurement.

    Parameters
    ----------
    n_components : int or "auto"
        Number of dimensions. "auto" takes the smallest found with distortion at most `eps`.
    eps : float
        Largest distortion of squared distances for "auto", in (0, 1).
    method : {"lemma", "probability", "minimax", "conditional"}
        The derandomizer, see `derandkit.embed`.
    holdout : bool or float
        Whether, and with which fraction, to estimate the distortion of unseen pairs.
    complement : {"balanced", "isometric", "zero"}
        What the map does to directions no fitted point has.
    compute_inverse_components : bool
        Compute the pseudo-inverse at fit time.

    Attributes
    ----------
    components_ : ndarray, shape (k, d)
        The map, in the type of the fitted points.
    n_components_ : int
        Number of dimensions.
    result_ : EmbeddingResult
        Distortion, lower bound, guarantee and certificate.
    inverse_components_ : ndarray, shape (d, k)
        Only with ``compute_inverse_components=True``.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    Notes
    -----
    Sparse input is expanded for the fit and stays sparse in
    `transform`.

    Examples
    --------
    >>> X = np.sin(np.arange(300.0) ** 2).reshape(30, 10)
    >>> projection = DerandomizedProjection(8).fit(X)
    >>> projection.transform(X).shape
    (30, 8)
    >>> bool(-projection.score(X) <= projection.result_.distortion + projection.result_.margin)
    True
    """

    def __init__(
        self,
        n_components: int | str = "auto",
        *,
        eps: float = 0.1,
        method: str = "lemma",
        holdout: bool | float = False,
        complement: str = "balanced",
        compute_inverse_components: bool = False,
    ) -> None:
        self.n_components = n_components
        self.eps = eps
        self.method = method
        self.holdout = holdout
        self.complement = complement
        self.compute_inverse_components = compute_inverse_components

    def fit(self, X: Any, y: Any = None) -> DerandomizedProjection:
        """Find the map for the rows of X.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n, d)
            The points.
        y : ignored

        Returns
        -------
        DerandomizedProjection
            Itself.

        Raises
        ------
        InputError
            If the points or the parameters cannot be used (also a `ValueError`).
        """
        from derandkit.embeddings.solve import embed

        X = validate_data(
            self, X, accept_sparse=["csr", "csc"], dtype=[np.float64, np.float32], ensure_min_samples=2
        )
        auto = self.n_components == "auto"
        self.result_: EmbeddingResult = embed(
            PointCloud(X),
            n_components=None if auto else self.n_components,  # type: ignore[arg-type]
            eps=self.eps if auto else None,
            method=self.method,
            holdout=self.holdout,
            complement=self.complement,
        )
        self.components_ = self.result_.matrix.astype(X.dtype)
        self.n_components_ = self.result_.n_components
        if not auto and self.n_components_ > X.shape[1]:
            warnings.warn(
                f"n_components={self.n_components_} is larger than the {X.shape[1]} features: "
                "the map is an isometry and saves nothing",
                UserWarning,
                stacklevel=2,
            )
        if self.compute_inverse_components:
            self.inverse_components_ = self._inverse()
        return self

    @property
    def _n_features_out(self) -> int:
        return self.n_components_

    def transform(self, X: Any) -> NDArray[Any]:
        """Map points.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n, d)
            Points; the certificate speaks of the fitted ones only.

        Returns
        -------
        ndarray, shape (n, k)
            float32 for float32 input.
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False, dtype=[np.float64, np.float32])
        return np.asarray(X @ self.components_.T.astype(X.dtype))

    def inverse_transform(self, X: Any) -> NDArray[Any]:
        """Map images back by the pseudo-inverse: the shortest point with that image.

        Parameters
        ----------
        X : array_like, shape (n, k)
            Images.

        Returns
        -------
        ndarray, shape (n, d)
        """
        from sklearn.utils import check_array

        check_is_fitted(self)
        X = check_array(X, dtype=[np.float64, np.float32], accept_sparse=("csr", "csc"))
        inverse = self.inverse_components_ if self.compute_inverse_components else self._inverse()
        return np.asarray(X @ inverse.T.astype(X.dtype))

    def _inverse(self) -> NDArray[Any]:
        return np.asarray(np.linalg.pinv(self.components_))

    def score(self, X: Any, y: Any = None) -> float:
        """Return minus the distortion on X: larger is better, 0 is an isometry.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n, d)
            Points with at least two different rows.
        y : ignored

        Returns
        -------
        float
            ``-max |r - 1|`` over all pairs.
        """
        from derandkit.embeddings.measure import measure

        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False, dtype=[np.float64, np.float32])
        return -measure(PointCloud(X), self.result_.matrix).distortion

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
