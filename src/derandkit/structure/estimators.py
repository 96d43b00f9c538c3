"""`StructureRegressor` and `StructureClassifier`: structure discovery as scikit-learn estimators."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from derandkit.errors import InputError, MissingDependencyError
from derandkit.given.entries import refuse_lost, refuse_texts
from derandkit.given.rows import texts_of
from derandkit.missing import with_gaps
from derandkit.options import check_choice, check_whole
from derandkit.points.frames import check_names, listed_rows, names_of, refuse_index
from derandkit.points.objects import check_index_of_rows
from derandkit.points.transformer import Transformer
from derandkit.runtime.whole import all_or_nothing
from derandkit.structure.data import RegressionData
from derandkit.structure.intake.inputs import refuse_target_among
from derandkit.structure.intake.names import class_entries, classes_and_codes
from derandkit.structure.intake.targets import Task, meaning, read_targets, refuse_missing_classes
from derandkit.structure.options import FEWEST_ROWS, check_flag
from derandkit.structure.student import Student
from derandkit.structure.training.forward import forward

try:
    from sklearn.base import ClassifierMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError:
    raise MissingDependencyError("scikit-learn", "sklearn") from None

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray
    from derandkit.runtime.progress import OnProgress
    from derandkit.structure.choices import Activation, Loss, MethodName
    from derandkit.structure.result import StructureResult


class _StructureEstimator(Transformer):
    """What both estimators share: the fit, and the map to the directions."""

    def __init__(
        self,
        n_components: int | None = None,
        *,
        width: int = 16,
        depth: int = 2,
        activation: Activation = "tanh",
        penalty: float | Literal["auto"] = "auto",
        upper_penalty: float | None = None,
        method: MethodName = "lemma",
        max_steps: int | None = None,
        refit: bool = True,
        stream: int = 0,
        on_progress: OnProgress | None = None,
    ) -> None:
        self.n_components = n_components
        self.width = width
        self.depth = depth
        self.activation = activation
        self.penalty = penalty
        self.upper_penalty = upper_penalty
        self.method = method
        self.max_steps = max_steps
        self.refit = refit
        self.stream = stream
        self.on_progress = on_progress

    def _taken(self, X: object, y: object, sample_weight: object) -> tuple[object, object, object]:
        """Keep the names of the columns of a fit; refuse doubts, and return what scikit-learn is to check."""
        refuse_index(X)
        self._names = names_of(X)
        X = listed_rows(X)
        refuse_target_among(X, y)
        check_index_of_rows(X, y=y, sample_weight=sample_weight)
        X, y, sample_weight = with_gaps(X), with_gaps(y), with_gaps(sample_weight)
        refuse_texts(X, "X")
        refuse_texts(sample_weight, "sample_weight")
        refuse_lost(X, "X")
        refuse_lost(sample_weight, "sample_weight")
        return X, y, sample_weight

    def _fit(
        self, X: FloatArray, y: Any, weights: Any, loss: Loss | None, task: Task, standardise: bool | None
    ) -> None:
        from derandkit.structure.heldout.refit import Refitted, refit
        from derandkit.structure.solve import discover_structure

        check_flag("refit", self.refit)
        names = getattr(self, "feature_names_in_", None)
        data = RegressionData(
            X,
            y,
            None if names is None else texts_of(names),
            standardise,
            task=task,
            weights=None if weights is None else _check_sample_weight(weights, X, dtype=np.float64),
        )
        student = Student(width=self.width, depth=self.depth, activation=self.activation, stream=self.stream)
        most = min(data.dimension, int(self.width))
        wanted = self.n_components
        if wanted is not None:
            check_whole("n_components", wanted, 1)
        loss = data.loss if loss is None else loss
        result: StructureResult = discover_structure(
            data,
            student,
            loss=loss,
            penalty=self.penalty,
            upper_penalty=self.upper_penalty,
            rank=wanted if wanted is None or wanted > X.shape[1] else min(wanted, most),
            method=self.method,
            max_steps=self.max_steps,
            controls=False,
            on_progress=self.on_progress,
        )
        network = Refitted(result.W, result.b, result.theta, result.span, data.whitening)
        if self.refit:
            network = refit(
                data, student, loss, result,
                method=self.method, max_steps=self.max_steps, on_progress=self.on_progress,
            )  # fmt: skip
        self.result_, (W, b, theta, span, (mean, scale, matrix)) = result, network
        self._parameters = (W, b, theta)
        self.mean_, self._matrix = mean, matrix / scale[:, None]
        self._outputs, self._target = data.outputs, data.units
        self._student = student
        self.components_ = np.einsum("qj,ij->qi", span, self._matrix)
        self.n_components_ = len(self.components_)
        # of the standardised columns, along the directions that are kept
        kept = np.einsum("nd,qd->nq", W, span)
        columns = np.einsum("nq,qj,ij->ni", kept, span, matrix)
        shares = np.sum(columns**2, axis=0)
        total = float(shares.sum())
        self.feature_importances_: FloatArray = shares / total if total > 0 else shares
        if not result.status.ok:
            warnings.warn(f"{type(self).__name__}: {result.message}", ConvergenceWarning, stacklevel=4)

    @property
    def _n_features_out(self) -> int:
        return self.n_components_

    def transform(self, X: Any) -> FloatArray:
        """Return the coordinates of rows along the directions that the network kept.

        Parameters
        ----------
        X : array_like, shape (m, d)
            Rows in the units of the fit.

        Returns
        -------
        ndarray, shape (m, n_components)
            ``(X - mean_) components_^T``: uncorrelated, and of variance 1, on the rows of the fit; without `refit` on
            the three quarters of them that were trained on.
        """
        X = self._checked(X)
        return np.asarray((X - self.mean_) @ self.components_.T)

    def _checked(self, X: object) -> FloatArray:
        """Check rows that have to be like those of the fit."""
        check_is_fitted(self)
        rows = with_gaps(listed_rows(X))
        refuse_texts(rows, "X")
        refuse_lost(rows, "X")
        checked: FloatArray = validate_data(self, rows, reset=False, dtype=np.float64)
        # scikit-learn does not look at numbers of columns; an estimator that 0.3.0 saved has no names
        check_names(X, getattr(self, "_names", None))
        return checked

    def _outputs_of(self, X: object) -> FloatArray:
        rows = self._checked(X)
        found = forward(self._student, *self._parameters, (rows - self.mean_) @ self._matrix, self._outputs)
        return meaning(found, self.result_.settings.loss, *self._target)


class _Scored:
    """The score of scikit-learn, of rows that belong together."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the score of scikit-learn: R^2 of numbers, the share of right classes.

        Parameters
        ----------
        X, y, sample_weight : object
            Rows, targets and weights, as of the fit.

        Raises
        ------
        InputError
            Indexes of two of them disagree.
        """
        check_index_of_rows(X, y=y, sample_weight=sample_weight)
        y = class_entries(y) if isinstance(self, ClassifierMixin) else y
        return float(super().score(X, y, sample_weight=sample_weight))  # type: ignore[misc]


class StructureRegressor(_Scored, RegressorMixin, _StructureEstimator):  # type: ignore[misc, unused-ignore]
    """Regression by a network that forgets the directions of the inputs that the targets do not depend on.

    Three quarters of the rows are trained on; the others measure the fit (`result_`), and no choice depends on them.
    Then training goes on with all rows (`refit`): predictions and directions come from there.

    Parameters
    ----------
    n_components : int, optional
        Number of directions to keep; by default chosen by the loss on folds of the training rows.
    width, depth, activation, stream
        The network, see `derandkit.Student`.
    penalty, upper_penalty, method, max_steps
        See `derandkit.discover_structure`; by default both penalties are chosen on folds of the training rows.
    refit : bool
        Whether training goes on with all rows after the fit was measured. False keeps the network of `result_`, which
        has seen three quarters of them.
    loss : {"squared", "huber"}
        The loss.
    on_progress : callable, optional
        Called with a `derandkit.Progress` after every step.

    Attributes
    ----------
    components_ : ndarray, shape (n_components, d)
        The directions: what `transform` multiplies ``X - mean_`` with.
    mean_ : ndarray, shape (d,)
        Mean of the rows that were trained on: all, or without `refit` three quarters of them.
    feature_importances_ : ndarray, shape (d,)
        Share of each standardised column in the squared weights of the first layer along the directions; the sum is 1,
        or 0 if nothing was kept.
    result_ : StructureResult
        The record of the fit to three quarters of the rows: losses on the others beside those of the mean and of a
        linear model, status, certificate. With `refit` it is about the network before that.
    n_components_, n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    Warns
    -----
    ConvergenceWarning
        If the status of the result is not ok, for instance "nothing found".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((200, 4))
    >>> model = StructureRegressor(1, width=4, penalty=0.01, upper_penalty=0.001).fit(X, np.tanh(X[:, 0] - X[:, 1]))
    >>> model.feature_importances_.round(1).tolist(), bool(model.score(X, np.tanh(X[:, 0] - X[:, 1])) > 0.95)
    ([0.5, 0.5, 0.0, 0.0], True)
    """

    def __init__(
        self,
        n_components: int | None = None,
        *,
        width: int = 16,
        depth: int = 2,
        activation: Activation = "tanh",
        penalty: float | Literal["auto"] = "auto",
        upper_penalty: float | None = None,
        loss: Literal["squared", "huber"] = "squared",
        method: MethodName = "lemma",
        max_steps: int | None = None,
        refit: bool = True,
        stream: int = 0,
        on_progress: OnProgress | None = None,
    ) -> None:
        super().__init__(
            n_components, width=width, depth=depth, activation=activation, penalty=penalty,
            upper_penalty=upper_penalty, method=method, max_steps=max_steps, refit=refit, stream=stream,
            on_progress=on_progress,
        )  # fmt: skip
        self.loss = loss

    @all_or_nothing
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array_like, shape (m, d)
            Inputs.
        y : array_like, shape (m,), (m, 1) or (m, k)
            Targets.
        sample_weight : array_like, shape (m,), optional
            How much each row counts.

        Returns
        -------
        StructureRegressor
            Itself.

        Raises
        ------
        InputError
            If the rows or the parameters cannot be used (also a `ValueError`).
        """
        check_choice("loss", self.loss, ("squared", "huber"))
        X, y, sample_weight = self._taken(X, y, sample_weight)
        refuse_lost(y, "y")
        X, y = validate_data(
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True, ensure_min_samples=FEWEST_ROWS
        )
        self._column = y.ndim == 2 and y.shape[1] == 1
        self._fit(X, y, sample_weight, self.loss, "numbers", True)
        return self

    def predict(self, X: object) -> FloatArray:
        """Return predicted targets.

        Parameters
        ----------
        X : array_like, shape (m, d)
            Inputs.

        Returns
        -------
        ndarray
            Of the shape of the targets of the fit.
        """
        found = self._outputs_of(X)
        return found[:, None] if self._column else found

    def __sklearn_tags__(self) -> object:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


class StructureClassifier(_Scored, ClassifierMixin, _StructureEstimator):  # type: ignore[misc, unused-ignore]
    """Classification by a network that forgets the directions of the inputs that the classes do not depend on.

    Two classes are trained with the logistic loss, more with the softmax. Three quarters of the rows are trained on;
    the others measure the fit (`result_`), and no choice depends on them. Then training goes on with all rows
    (`refit`): predictions and directions come from there.

    Parameters
    ----------
    n_components : int, optional
        Number of directions to keep; by default chosen by the loss on folds of the training rows.
    width, depth, activation, stream
        The network, see `derandkit.Student`.
    penalty, upper_penalty, method, max_steps
        See `derandkit.discover_structure`; by default both penalties are chosen on folds of the training rows.
    refit : bool
        Whether training goes on with all rows after the fit was measured. False keeps the network of `result_`, which
        has seen three quarters of them.
    on_progress : callable, optional
        Called with a `derandkit.Progress` after every step.

    Attributes
    ----------
    classes_ : ndarray, shape (k,)
        The classes, in the order of `predict_proba`.
    components_, mean_, feature_importances_, result_, n_components_, n_features_in_, feature_names_in_
        See `StructureRegressor`.

    Warns
    -----
    ConvergenceWarning
        If the status of the result is not ok, for instance "nothing found".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((200, 4))
    >>> y = np.where(X[:, 0] > X[:, 1], "left", "right")
    >>> model = StructureClassifier(1, width=4, penalty=0.01, upper_penalty=0.001).fit(X, y)
    >>> model.classes_.tolist(), bool(model.score(X, y) > 0.95), model.transform(X).shape
    (['left', 'right'], True, (200, 1))
    """

    @all_or_nothing
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array_like, shape (m, d)
            Inputs.
        y : array_like, shape (m,) or (m, 1)
            Classes.
        sample_weight : array_like, shape (m,), optional
            How much each row counts.

        Returns
        -------
        StructureClassifier
            Itself.

        Raises
        ------
        InputError
            If the rows or the parameters cannot be used, or there is one class only (also a `ValueError`).
        """
        X, y, sample_weight = self._taken(X, y, sample_weight)
        if y is not None:  # scikit-learn's own check says that a target is needed
            refuse_missing_classes(y)
            y = class_entries(y)
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=FEWEST_ROWS)
        check_classification_targets(y)
        if sample_weight is not None:  # rows of weight zero are as good as absent, and so are their classes
            sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
            rows = sample_weight != 0
            X, y, sample_weight = X[rows], y[rows], sample_weight[rows]
        self.classes_, codes = classes_and_codes(y)
        self._fit(X, self._named(y, codes), sample_weight, None, "classes", None)
        return self

    def _named(self, y: Any, codes: IntArray) -> Any:
        """Return the targets, so that the record names the classes; codes where it cannot name them."""
        try:
            named = read_targets(y, "classes")
        except InputError:  # a class that is called "none"
            return codes.astype(np.float64)
        return y if (named.values == codes).all() else codes.astype(np.float64)

    def predict_proba(self, X: object) -> FloatArray:
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : array_like, shape (m, d)
            Inputs.

        Returns
        -------
        ndarray, shape (m, number of classes)
            Rows of sum 1, in the order of `classes_`.
        """
        return self._outputs_of(X)

    def predict(self, X: object) -> object:
        """Return the most probable classes.

        Parameters
        ----------
        X : array_like, shape (m, d)
            Inputs.

        Returns
        -------
        ndarray, shape (m,)
            Classes.
        """
        shares = self._outputs_of(X)
        return self.classes_[shares.argmax(axis=1)]
