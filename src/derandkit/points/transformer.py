"""What transformers of points share, as scikit-learn wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from derandkit.errors import MissingDependencyError
from derandkit.given.entries import in_native_order, refuse_lost, refuse_texts
from derandkit.numerics.sparse import checked_sparse
from derandkit.points.frames import check_names, listed_rows, names_of, plain_array, refuse_index
from derandkit.points.objects import refuse_no_rows
from derandkit.points.suspects.pairs import refuse_pairs
from derandkit.runtime.whole import all_or_nothing

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils import metaestimators
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise MissingDependencyError("scikit-learn", "sklearn") from None

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray, SingleArray

Method = TypeVar("Method", bound="Callable[..., object]")


def available_if(condition: Callable[[object], bool]) -> Callable[[Method], Method]:
    """Return scikit-learn's decorator of a method that some parameters do without, with types."""
    found: Callable[[Method], Method] = metaestimators.available_if(condition)
    return found


class _Fitted(Protocol):
    """A result that has an image of every point."""

    def transform(self, X: NDArray[np.floating], /) -> FloatArray | SingleArray:
        """Return the images of points."""
        ...


def _entries(X: object) -> object:
    """Return what scikit-learn is to check: no entry that it would make another number of."""
    # of another order of bytes scikit-learn makes doubles, also where they are of single precision
    found = in_native_order(checked_sparse(plain_array(listed_rows(X))))
    refuse_texts(found, "X")
    refuse_lost(found, "X")
    return found


class Transformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """A transformer of scikit-learn that a call which fails leaves as it was."""

    @all_or_nothing
    def fit_transform(self, /, X: object, y: object = None, **fit_params: object) -> FloatArray | SingleArray:
        """Fit, and return the images of the rows of the fit.

        Parameters
        ----------
        X, y, fit_params : object
            As of `fit`.

        Returns
        -------
        ndarray, shape (n, k)
            What `transform` returns.
        """
        found: FloatArray | SingleArray = super().fit_transform(X, y, **fit_params)
        return found


class PointTransformer(Transformer):
    """A transformer whose `result_` maps points; they may be sparse, and single precision stays."""

    result_: _Fitted

    def _first_points(self, X: object, least: int = 2) -> NDArray[np.floating]:
        """Check the points of a fit, two at least unless more are to come."""
        refuse_no_rows(X)
        refuse_index(X)
        self._names = names_of(X)
        checked: NDArray[np.floating] = validate_data(
            self,
            _entries(X),
            accept_sparse=["csr", "csc"],
            dtype=[np.float64, np.float32],
            ensure_min_samples=least,
        )
        if isinstance(checked, np.ndarray) and least > 1:  # blocks of a stream are square by chance
            refuse_pairs(checked, "derandkit.PointCloud of them, for the functions")
        return checked

    def _points(self, X: object) -> NDArray[np.floating]:
        """Check points that have to be like those of the fit."""
        check_is_fitted(self)
        refuse_no_rows(X)
        checked: NDArray[np.floating] = validate_data(
            self, _entries(X), accept_sparse=["csr", "csc"], reset=False, dtype=[np.float64, np.float32]
        )
        check_names(X, getattr(self, "_names", None))  # scikit-learn does not look at numbers of columns
        return checked

    def transform(self, X: object) -> FloatArray | SingleArray:
        """Map points.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n, d)
            Points; the certificate is about the fitted ones only.

        Returns
        -------
        ndarray, shape (n, k)
            float32 for float32 input.
        """
        points = self._points(X)  # first: it says what is not fitted
        return self.result_.transform(points)

    def __sklearn_tags__(self) -> object:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
