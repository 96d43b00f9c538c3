"""Ways to find directions of a table side by side: how well few numbers a row predict the rows kept back.

Every method sees the training rows of a `derandkit.structure.data.RegressionData` and turns rows into coordinates. One
judge for all, a Gaussian kernel regression on these coordinates, predicts the rows kept back. The value is the share of
the variance of their targets that is left, ``1 - R^2``: 0 is perfect, 1 is what the mean leaves.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias, Unpack

import numpy as np

from derandkit.comparison.contract import Method
from derandkit.errors import InputError
from derandkit.points.files import refuse_choice
from derandkit.runtime.progress import OnProgress
from derandkit.structure.data import RegressionData

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.comparison.options import Sense
    from derandkit.numerics.typing import FloatArray
    from derandkit.points.columns import TableOptions
    from derandkit.records import JsonMapping

#: Folds of the lasso's penalty.
FOLDS = 4
#: Share of targets below which differences of them are rounding.
_ROUNDING = 2.0**-40

NETWORK = (
    "forgets directions that the target does not need; penalties are chosen on folds of the training rows"
)
SLICES = "finds directions along which slice means of Gaussian inputs move, not those of even links (Li 1991)"
VARIANCES = "sees even links of Gaussian inputs too, and needs many rows (Cook and Weisberg 1991)"
HESSIAN = "the mean curvature of Gaussian inputs, which odd links do not have (Li 1992)"
GRADIENTS = "the mean gradient outer product of a kernel machine, one round of a recursive feature machine"
COVARIANCE = "directions of covariance with the target, linear links only"
VARIANCE = "blind to the target"
COLUMNS = "whole columns, as many as a linear model with an absolute penalty keeps"
EVERYTHING = "no reduction: what the judge makes of all inputs"

#: Coordinates of the training rows and of the rows kept back.
Coordinates: TypeAlias = "tuple[FloatArray, FloatArray]"


@dataclass(frozen=True, eq=False)
class Table:
    """An instance.

    Parameters
    ----------
    data : RegressionData
        The table.
    rank : int or None
        Number of directions; None leaves the choice to the network's folds.
    """

    data: RegressionData
    rank: int | None


@dataclass(frozen=True, eq=False)
class Unexplained:
    """What a method left.

    Parameters
    ----------
    value : float or None
        Share of the variance of the rows kept back; None where the method was not run.
    stats : mapping
        ``implementation``: why it was not run.
    """

    value: float | None
    stats: JsonMapping


@dataclass(frozen=True, eq=False)
class TableCase:
    """A table with the number of directions that all methods keep.

    Parameters
    ----------
    data : RegressionData
        The table.
    rank : int
        Number of directions.
    whitened, columns : tuple of ndarray
        Training rows and rows kept back: whitened, and as standardised columns.
    targets : tuple of ndarray, shapes (m, k)
        Their targets, in units of the training rows; k is 1, or the number of classes.
    """

    data: RegressionData
    rank: int
    whitened: Coordinates
    columns: Coordinates
    targets: Coordinates

    #: Little is to be left.
    sense: ClassVar[Sense] = "minimize"
    #: A share has no arbitrary constant.
    spread: ClassVar[None] = None

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.data.X)

    @property
    def bound(self) -> tuple[float, str]:
        """Nothing is left at best."""
        return 0.0, "certified"

    @property
    def expectation(self) -> None:
        """None: no method is the rounding of another."""
        return

    @property
    def varied(self) -> bool:
        """Whether the targets of the rows kept back vary by more than rounding: else there is nothing to explain."""
        kept = self.targets[1]
        widest = float(np.max(np.abs(kept - kept[0])))
        return widest > _ROUNDING * float(np.max(np.abs(kept))) and _variation(kept) > 0.0

    @property
    def order(self) -> FloatArray:
        """One number for each training row, for methods that cut rows into slices: the target, or the class."""
        y = self.targets[0]
        return y[:, 0] if y.shape[1] == 1 else y.argmax(axis=1).astype(np.float64)


def load(
    instance: object,
    *,
    target: str | int | None = None,
    n_components: int | None = None,
    **chosen: Unpack[TableOptions],
) -> Table:
    """Read a table.

    Parameters
    ----------
    instance : path, RegressionData, or pair (X, y)
        The table.
    target : str or int, optional
        The column to predict, of a file.
    n_components : int, optional
        Number of directions.
    **chosen
        How a file is read: ``columns``, ``drop``, ``label`` and ``header``, see `RegressionData.from_file`.

    Raises
    ------
    InputError
        If the table cannot be used, has several targets a row or weights, or `target` is missing or one too many.

    Examples
    --------
    >>> X = np.sin(np.arange(60.0) ** 2).reshape(20, 3)
    >>> load((X, X[:, 0])).data.dimension
    3
    """
    if isinstance(instance, (str, os.PathLike)):
        if target is None:
            raise InputError(f"{os.fspath(instance)}: which column is to be predicted? give target")
        data = RegressionData.from_file(instance, target, **chosen)
    elif target is not None:
        raise InputError(
            "target names a column of a file; leave it out for data in memory, and pass RegressionData(X, y): of a "
            f"frame RegressionData(frame.drop(columns={target!r}), frame[{target!r}])"
        )
    elif isinstance(instance, RegressionData):
        data = instance
    elif isinstance(instance, (tuple, list)) and len(instance) == 2:
        data = RegressionData(*instance)
    else:
        raise InputError(
            "a table is a file, derandkit.RegressionData(X, y), or a pair (X, y) in a list of instances, got "
            f"{type(instance).__name__}"
        )
    if not isinstance(instance, (str, os.PathLike)):
        refuse_choice(**chosen)
    if data.weights is not None or (data.classes is None and data.outputs > 1):
        raise InputError("ways to find directions are compared for one target a row, and without weights")
    if n_components is not None and not 1 <= n_components <= data.dimension:
        raise InputError(f"n_components must be between 1 and {data.dimension}, got {n_components}")
    return Table(data, n_components)


def prepare(
    instance: Table, duality_gap: float, draws: int, on_progress: OnProgress | None = None
) -> TableCase:
    """Choose the number of directions where it is not given; `duality_gap` and `draws` are for other problems."""
    data, rank = instance.data, instance.rank
    if rank is None:
        from derandkit.structure.solve import discover_structure

        rank = len(discover_structure(data, controls=False, on_progress=on_progress).span)
    samples = [data.training(), *data.evaluation()]
    whitened = samples[0].points, np.concatenate([sample.points for sample in samples[1:]])
    targets = [np.reshape(sample.targets, (len(sample.points), -1)) for sample in samples]
    mean, scale, _ = data.whitening
    columns = [(data.X[rows] - mean) / scale for rows in data.rows]
    return TableCase(
        data, rank, whitened, (columns[0], columns[1]), (targets[0], np.concatenate(targets[1:]))
    )


def judged(case: TableCase, found: Coordinates) -> Unexplained:
    """Predict the rows kept back from coordinates, and return the share of their variance that is left."""
    from derandkit.structure.baselines import KernelRidge
    from derandkit.structure.measure import settled

    (A, B), (y, t) = found, case.targets
    scale = A.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    A, B = A / scale, B / scale
    if not A.any():  # nothing is kept, and the mean is all that is known
        guess = np.broadcast_to(y.mean(axis=0), t.shape)
    else:
        guess = np.column_stack([KernelRidge(A, column).predict(B) for column in y.T])
    return Unexplained(settled(float(np.sum((t - guess) ** 2)) / _variation(t)), {})


def _variation(targets: FloatArray) -> float:
    """Return the sum of the squares of targets about their means."""
    return float(np.sum((targets - targets.mean(axis=0)) ** 2))


def network(case: TableCase) -> Coordinates:
    """Return coordinates along the directions of `derandkit.discover_structure`."""
    from derandkit.structure.solve import discover_structure

    span = discover_structure(case.data, rank=case.rank, controls=False).span
    return along(case.whitened, span)


def along(rows: Coordinates, directions: FloatArray) -> Coordinates:
    """Return the coordinates of training rows and of rows kept back along directions, shape (q, d)."""
    first, second = (np.einsum("kd,qd->kq", part, directions) for part in rows)
    return first, second


def gradients(case: TableCase) -> Coordinates:
    """Return coordinates along the mean gradient outer product of a kernel machine."""
    from derandkit.structure.baselines import average_gradient_outer_product

    return along(
        case.whitened, average_gradient_outer_product(case.whitened[0], case.targets[0][:, 0], case.rank)
    )


def sliced(case: TableCase, *, variances: bool) -> Coordinates:
    """Return coordinates along the directions of sliced inverse regression, or of sliced variances."""
    from derandkit.structure.baselines import sliced_average_variance, sliced_inverse_regression

    method = sliced_average_variance if variances else sliced_inverse_regression
    return along(case.whitened, method(case.whitened[0], case.order, case.rank))


def hessian(case: TableCase) -> Coordinates:
    """Return coordinates along the principal Hessian directions."""
    from derandkit.structure.baselines import principal_hessian_directions

    return along(case.whitened, principal_hessian_directions(case.whitened[0], case.targets[0], case.rank))


def principal(case: TableCase) -> Coordinates:
    """Return coordinates along the principal components of the standardised columns."""
    from derandkit.structure.baselines import principal_directions

    return along(case.columns, principal_directions(case.columns[0], case.rank))


def partial_least_squares(case: TableCase) -> Coordinates:
    """Return scores of scikit-learn's partial least squares on the standardised columns."""
    from sklearn.cross_decomposition import PLSRegression

    machine = PLSRegression(case.rank, scale=False).fit(case.columns[0], case.targets[0])
    return machine.transform(case.columns[0]), machine.transform(case.columns[1])


def lasso(case: TableCase) -> Coordinates:
    """Return the columns that scikit-learn's lasso keeps; of several classes, one choice for all outputs."""
    from sklearn.linear_model import MultiTaskLassoCV

    from derandkit.structure.intake.repeats import consecutive_folds

    numbers = case.data.training().numbers
    assert numbers is not None
    folds = consecutive_folds(numbers, FOLDS)
    machine = MultiTaskLassoCV(cv=folds, max_iter=10_000).fit(case.columns[0], case.targets[0])
    kept = np.flatnonzero(np.any(machine.coef_ != 0.0, axis=0))
    if not kept.size:
        return case.columns[0][:, :1] * 0.0, case.columns[1][:, :1] * 0.0
    return case.columns[0][:, kept], case.columns[1][:, kept]


def warm_up() -> None:
    """Nothing to do: JAX compiles a network for the shape of its table."""


def _method(
    find: Callable[[TableCase], Coordinates], guarantee: str, *, outputs: int | None = None
) -> Method:
    """Return a method that judges coordinates; `outputs` is the most columns of targets it can use."""

    def run(case: TableCase, rng: np.random.Generator, local_search: bool) -> Unexplained:
        if outputs is not None and case.targets[0].shape[1] > outputs:
            return Unexplained(
                None, {"implementation": "not run: made for one number a row, not for classes"}
            )
        if not case.varied:
            return Unexplained(
                None, {"implementation": "not run: the target does not vary in the rows kept back"}
            )
        try:
            found = find(case)
        except ModuleNotFoundError as error:
            if error.name is None or not error.name.startswith("sklearn"):
                raise
            return Unexplained(None, {"implementation": "not run: scikit-learn is not installed"})
        return judged(case, found)

    return Method(run, guarantee)


DIRECTIONS: dict[str, Method] = {
    "network": _method(network, NETWORK),
    "sir": _method(lambda case: sliced(case, variances=False), SLICES),
    "save": _method(lambda case: sliced(case, variances=True), VARIANCES),
    "phd": _method(hessian, HESSIAN),
    "agop": _method(gradients, GRADIENTS, outputs=1),
    "pls": _method(partial_least_squares, COVARIANCE),
    "pca": _method(principal, VARIANCE),
    "lasso": _method(lasso, COLUMNS),
    "all": _method(lambda case: case.whitened, EVERYTHING),
}
