"""`DerandomizedProjection`: the embedding as a scikit-learn transformer."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import refuse_lost, refuse_texts
from derandkit.points.cloud import PointCloud
from derandkit.points.frames import check_names, listed_rows, names_of
from derandkit.points.rows import RowSample
from derandkit.points.transformer import PointTransformer, available_if
from derandkit.runtime import lapack
from derandkit.runtime.whole import all_or_nothing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.embeddings.options import Complement, Method, NewPoints, Objective
    from derandkit.embeddings.result import EmbeddingResult
    from derandkit.numerics.typing import FloatArray, SingleArray
    from derandkit.points.rows import Rows
    from derandkit.runtime.progress import OnProgress

SAMPLED = 2048
"""Rows that `DerandomizedProjection.partial_fit` keeps, whatever comes."""

_FITTED = ("result_", "components_", "mean_", "n_components_", "inverse_components_", "_back")


def _has_partial_fit(projection: object) -> bool:
    if getattr(projection, "objective", "max") == "max":
        raise AttributeError(
            "the worst pair is not one of a sample; partial_fit needs objective='mean' or 'mean4'"
        )
    return True


class DerandomizedProjection(PointTransformer):
    """Linear map to few dimensions that keeps all pairwise distances of the fitted points, without randomness.

    Use it where scikit-learn's `GaussianRandomProjection` would be used. The distortion of every fitted pair is
    measured at fit time; for other points `result_.heldout` is an estimate and `score` a measurement.

    Parameters
    ----------
    n_components : int or "auto"
        Number of dimensions. "auto" takes the smallest found with distortion at most `eps`.
    eps : float
        Largest distortion of squared distances for "auto", in (0, 1).
    objective : {"max", "mean", "mean4"}
        What is minimised, see `derandkit.embed`. A mean is better for neighbours of new points; it needs a number of
        dimensions.
    method : {"lemma", "probability", "minimax", "conditional"}
        The derandomizer, see `derandkit.embed`.
    holdout : bool or float
        Whether, and with which fraction, to estimate the distortion of unseen pairs.
    new_points : {"distances", "neighbours"}
        Purpose of the map for points that were not fitted, see `derandkit.embed`.
    complement : {"balanced", "isometric", "zero"}, optional
        What the map does to directions in which the fitted points do not differ; by default decided by `new_points`.
    ridge : float, optional
        Keeps the map small in directions in which the points hardly differ, see `derandkit.embed`.
    compute_inverse_components : bool
        Keep the map back as `inverse_components_`.
    on_progress : callable, optional
        Called with a `derandkit.Progress` after every stage of a fit.

    Attributes
    ----------
    components_ : ndarray, shape (k, d)
        The map, in the type of the fitted points. `transform` uses the map in double precision.
    mean_ : ndarray, shape (d,)
        What `transform` subtracts first: the mean of the different fitted points.
    n_components_ : int
        Number of dimensions.
    result_ : EmbeddingResult
        Distortion, lower bound, guarantee and certificate.
    n_samples_seen_ : int
        For a mean objective: rows of the fit and of all calls of `partial_fit` since.
    inverse_components_ : ndarray, shape (d, k)
        Only with ``compute_inverse_components=True``: the map back, see `inverse_transform`.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    Notes
    -----
    Of a large sparse table only the columns in which some row is not zero are expanded for the fit, and a few rows at a
    time in `transform`.

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
        objective: Objective = "max",
        method: Method = "lemma",
        holdout: bool | float = False,
        new_points: NewPoints = "distances",
        complement: Complement | None = None,
        ridge: float | None = None,
        compute_inverse_components: bool = False,
        on_progress: OnProgress | None = None,
    ) -> None:
        self.n_components = n_components
        self.eps = eps
        self.objective = objective
        self.method = method
        self.holdout = holdout
        self.new_points = new_points
        self.complement = complement
        self.ridge = ridge
        self.compute_inverse_components = compute_inverse_components
        self.on_progress = on_progress

    @all_or_nothing
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
        X = self._first_points(X)
        for name in ("_sample", "n_samples_seen_", *_FITTED):  # of an earlier fit
            self.__dict__.pop(name, None)
        if self.objective != "max":
            self._take(X)
        return self._fit(X)

    @available_if(_has_partial_fit)
    @all_or_nothing
    def partial_fit(self, X: object, y: object = None) -> DerandomizedProjection:
        """Go on with more rows; for a mean objective.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n, d)
            Rows that follow those before.
        y : ignored

        Returns
        -------
        DerandomizedProjection
            Itself.

        Raises
        ------
        InputError
            If the rows have another number of columns, or cannot be used (also a `ValueError`).

        Notes
        -----
        2048 rows are kept: those whose numbers, counted over all calls since the first one or since `fit`, have the
        least hash values. The map is fitted to them when something of it is read, so a call takes O(n) operations
        and O(2048 d) memory. The same rows give the same bytes, however they are cut into calls; up to 2048 rows they
        are those of `fit`.
        The certificate speaks of the rows that are kept; `derandkit.measure_rows` measures all of them.

        Examples
        --------
        >>> X = np.sin(np.arange(300.0) ** 2).reshape(30, 10)
        >>> projection = DerandomizedProjection(4, objective="mean")
        >>> for rows in (X[:7], X[7:]):
        ...     _ = projection.partial_fit(rows)
        >>> projection.n_samples_seen_, projection.result_.points.n
        (30, 30)
        >>> bool((projection.components_ == DerandomizedProjection(4, objective="mean").fit(X).components_).all())
        True
        """
        first = "_sample" not in self.__dict__
        self._take(self._first_points(X, least=1) if first else self._points(X))
        for name in _FITTED:
            self.__dict__.pop(name, None)
        return self

    def _take(self, X: NDArray[np.floating]) -> None:
        """Count rows, and keep those of the sample."""
        sample = copy.copy(self.__dict__.get("_sample", RowSample(SAMPLED)))
        sample.add(X.tocsr() if hasattr(X, "tocsr") else X)
        self._sample: RowSample = sample
        self.n_samples_seen_: int = sample.seen

    def __getattr__(self, name: str) -> Any:
        """Fit to the rows of `partial_fit` when something of the fit is read."""
        sample = self.__dict__.get("_sample")
        if name not in _FITTED or sample is None or "result_" in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._fit_sample(sample)
        return getattr(self, name)

    @all_or_nothing
    def _fit_sample(self, sample: RowSample) -> None:
        if self.objective == "max":
            raise InputError(
                "objective='max' was set after partial_fit, and the worst pair is not one of a sample: set it to "
                "'mean' or 'mean4', or call fit with all rows"
            )
        self._fit(sample.rows())

    def _fit(self, X: Rows) -> DerandomizedProjection:
        """Find the map for checked rows."""
        from derandkit.embeddings.solve import embed

        auto = self.n_components == "auto"
        cloud = PointCloud(X)
        self.result_: EmbeddingResult = embed(
            cloud,
            n_components=None if auto else self.n_components,  # type: ignore[arg-type]
            eps=self.eps if auto else None,
            objective=self.objective,
            method=self.method,
            holdout=self.holdout,
            new_points=self.new_points,
            complement=self.complement,
            ridge=self.ridge,
            on_progress=self.on_progress,
        )
        self.components_ = self.result_.matrix.astype(X.dtype)
        self.mean_ = self.result_.centre
        self.n_components_ = self.result_.n_components
        if not auto and self.n_components_ > X.shape[1]:
            warnings.warn(
                f"n_components={self.n_components_} is larger than the {X.shape[1]} features: "
                "the map is an isometry and saves nothing",
                UserWarning,
                stacklevel=4,
            )
        self._back: FloatArray = cloud.wide(way_back(cloud.centred(), cloud.cut(self.result_.matrix)).T).T
        if self.compute_inverse_components:
            self.inverse_components_ = self._back.astype(X.dtype)
        return self

    @property
    def _n_features_out(self) -> int:
        return self.n_components_

    def inverse_transform(self, X: Any) -> FloatArray | SingleArray:
        """Map images back, by least squares on the fitted points.

        Parameters
        ----------
        X : array_like, shape (n, k)
            Images.

        Returns
        -------
        ndarray, shape (n, d)
            ``mean_ + X B``, where B has the smallest squared error over the fitted points. It is the inverse, to
            rounding, where the map is an isometry of the points; and ``transform`` of what is returned gives X back
            where k is at most the rank of the points.

        Raises
        ------
        InputError
            The images have another number of columns than the map has dimensions (also a `ValueError`), or the names
            that `get_feature_names_out` gives in another order.
        """
        from sklearn.utils import check_array
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self)
        refuse_texts(X, "X")
        refuse_lost(X, "X")
        own = self.get_feature_names_out().tolist()
        if set(names_of(X) or ()) == set(own):
            check_names(X, own, "the images")
        check_names(X, None, "the images")
        X = check_array(listed_rows(X), dtype=[np.float64, np.float32], accept_sparse=("csr", "csc"))
        if X.shape[1] != self.n_components_:
            raise InputError(f"images of this map have {self.n_components_} columns, these have {X.shape[1]}")
        back = self.mean_ + np.asarray(X @ self._back.T, dtype=np.float64)
        return back.astype(X.dtype)

    def score(self, X: object, y: object = None) -> float:
        """Return minus what the objective makes small, on X: larger is better, 0 is an isometry.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n, d)
            Points with at least two different rows.
        y : ignored

        Returns
        -------
        float
            ``-max |r - 1|`` over all pairs, r the ratio of their squared distances after and before, or minus the
            root of the mean of ``|r - 1|^p`` for a mean objective.

        Raises
        ------
        InputError
            Fewer than two different rows, or entries that are not finite numbers.
        """
        from derandkit.embeddings.measure import measure

        X = self._points(X)
        found = measure(PointCloud(X), self.result_.matrix)
        roots = {"mean": found.mean_square**0.5, "mean4": found.mean_fourth**0.25}
        return -float(roots.get(self.objective, found.distortion))


def way_back(X: FloatArray, matrix: FloatArray) -> FloatArray:
    """Return the map (d x k) from images to points with the smallest squared error over the given points.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        Centred points.
    matrix : ndarray, shape (k, d)
        The map.

    Returns
    -------
    ndarray, shape (d, k)
        The shortest such map, if there are several. O(m k (k + d)) operations.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0], [-1.0, -2.0]])
    >>> way_back(X, np.array([[1.0, 0.0]])).round(12).tolist()
    [[1.0], [2.0]]
    """
    X = X - np.mean(X, axis=0)
    return np.asarray(lapack.lstsq(X @ matrix.T, X, 1e-12).T)
