"""A regression problem from a table: whitened inputs, standardised targets, and rows kept back to judge by."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import warnings
from collections.abc import Sized
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from derandkit.errors import InputError, in_file
from derandkit.numerics.hashing import hashed_order
from derandkit.options import check_choice, check_whole, path_name
from derandkit.points.cloud import type_name
from derandkit.points.columns import refuse_unwritable
from derandkit.points.frames import all_names, check_frame, check_names, named_table, refuse_numbers_of_rows
from derandkit.points.objects import check_index_of_rows, refuse_rounded
from derandkit.points.suspects.names import names_read
from derandkit.records import JsonObject, short_line
from derandkit.runtime import lapack
from derandkit.structure.intake.faint import beside_their_size, constant_target
from derandkit.structure.intake.inputs import input_table, numbers_of, refuse_target_among
from derandkit.structure.intake.repeats import different_inputs, parts_of, split_rows
from derandkit.structure.intake.targets import (
    TASKS,
    Targets,
    Task,
    meaning,
    one_hot,
    read_targets,
    two_classes,
)
from derandkit.structure.intake.whitening import ROUNDING, Whitening, moments, whitening_of
from derandkit.structure.options import check_flag
from derandkit.structure.teacher import Sample
from derandkit.words.quoting import one_line

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray
    from derandkit.points.columns import Columns
    from derandkit.structure.intake.names import ClassName


#: Weights of rows below this share of the greatest one are refused.
LEAST_WEIGHT = 1e-100


@dataclass(frozen=True, eq=False, repr=False)
class RegressionData:
    """Inputs and targets, with the rows split by a hash of their position.

    Parameters
    ----------
    X : array_like, shape (m, d)
        Inputs, one row each.
    y : array_like, shape (m,), (m, 1) or (m, k)
        Targets: numbers, k numbers a row, or classes (text, or whole numbers from 0 or 1 on); see `task`.
    names : sequence of str, optional
        Names of the columns of X; those of a data frame by default.
    standardise : bool, optional
        Whether targets are scaled to mean 0 and variance 1, so that a penalty means the same for any unit. By default
        all targets but 0 and 1, which are two classes and go with the logistic loss.
    target : str or int, optional
        What the column of the targets is called in the table they come from.
    reading : str, optional
        How the input was read, in words; by default the types of `X` and `y`.
    task : {"numbers", "classes"}, optional
        What the targets stand for. By default text, and three to twenty whole numbers from 0 or 1 on with at least five
        rows each, stand for classes, as 0 and 1 do; the table of a result says so.
    weights : array_like, shape (m,), optional
        How much each row counts, in all losses and not in the whitening; rows of weight zero are left out.

    Raises
    ------
    InputError
        If the shapes do not fit, an entry is not finite or beyond 1e150, there are fewer than 10 rows or 4 different
        ones, or nothing varies.

    Notes
    -----
    Inputs are centred, divided by their standard deviations and rotated and scaled to the identity as covariance
    (of the training rows). Directions in which the inputs do not vary are left out, and so are columns that deviate by
    less than 1e-13 of their largest entry and directions with less than 1e-10 of the largest variance; `describe` and
    the table of a result name those that are not constant. Rows with equal inputs stand on one side of the split.

    Examples
    --------
    >>> x = np.sin(np.arange(400.0) ** 2).reshape(100, 4)
    >>> data = RegressionData(x, x[:, 0] - 2 * x[:, 1])
    >>> data.dimension, data.training().points.shape, len(data.evaluation())
    (4, (75, 4), 8)
    """

    X: Any
    y: Any
    names: tuple[str, ...] | None = None
    standardise: bool | None = None
    target: str | int | None = None
    reading: str | None = None
    task: Task | None = None
    weights: Any = None
    _rows: tuple[IntArray, IntArray] = field(init=False)
    _numbers: IntArray = field(init=False)
    _moments: tuple[FloatArray, FloatArray] = field(init=False)
    _target: tuple[Any, Any] = field(init=False)
    _classes: tuple[ClassName, ...] | None = field(init=False)

    def __post_init__(self) -> None:
        if self.task is not None:
            object.__setattr__(self, "task", check_choice("task", self.task, TASKS))
        if self.standardise is not None:
            check_flag("standardise", self.standardise)
        check_index_of_rows(self.X, y=self.y, weights=self.weights)
        refuse_target_among(self.X, self.y)
        found = named_table(self.X)
        if self.reading is None:
            object.__setattr__(self, "reading", short_line(f"{type_name(self.X)} and {type_name(self.y)}"))
        if found is not None and found.names is not None:
            check_frame(found, beside_target=True)
        refuse_numbers_of_rows(self.X, "pass frame.to_numpy()")
        if self.names is None and found is not None:
            object.__setattr__(self, "names", all_names(self.X) or found.names)
        X, targets = input_table(self.X if found is None else found.table), read_targets(self.y, self.task)
        refuse_rounded(self.X, X, range(X.shape[1]))
        if X.shape[0] != len(targets.values):
            raise InputError(
                f"{X.shape[0]} rows of inputs and {len(targets.values)} targets do not fit each other"
            )
        if self.weights is not None:
            X, targets = self._weigh(X, targets)
        y = targets.values
        if self.standardise is None or targets.classes is not None:
            object.__setattr__(self, "standardise", targets.classes is None and not two_classes(y))
        if self.names is not None and not isinstance(self.names, Sized):
            raise InputError(f"names are those of the columns, in a list; got a {type(self.names).__name__}")
        if self.names is not None and len(self.names) != X.shape[1]:
            raise InputError(f"{len(self.names)} names for {X.shape[1]} columns")
        refuse_unwritable(self.names or (), "column")
        refuse_unwritable((self.target, *(targets.classes or ())), "target")
        numbers = different_inputs(X)
        train, held = split_rows(targets, numbers)
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "task", "numbers" if targets.classes is None else "classes")
        object.__setattr__(self, "_classes", targets.classes)
        object.__setattr__(self, "_rows", (train, held))
        object.__setattr__(self, "_numbers", numbers)
        object.__setattr__(self, "_moments", moments(X[train]))
        if not self._moments[1].any():
            raise InputError(f"no column of the inputs varies{beside_their_size(X[train], ROUNDING)}")
        middle, spread = moments(y[train])
        if not np.all(spread > 0):
            raise InputError(f"{constant_target(spread)} not vary{beside_their_size(y[train], ROUNDING)}")
        object.__setattr__(self, "_target", (middle, spread) if self.standardise else (0.0, 1.0))

    def __repr__(self) -> str:
        return f"RegressionData(m={len(self.X)}, d={self.X.shape[1]}, {self.task})"

    def _weigh(self, X: FloatArray, targets: Targets) -> tuple[FloatArray, Targets]:
        """Check the weights, and leave out rows of weight zero."""
        weights = numbers_of(self.weights, "the weights must be numbers", "the weights")
        if weights.shape != (X.shape[0],):
            raise InputError(f"{X.shape[0]} rows need as many weights, got the shape {weights.shape}")
        if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.max(initial=0.0) > 0):
            raise InputError("weights are finite and not negative, and some are positive")
        rows = weights > 0
        if float(weights[rows].min()) < LEAST_WEIGHT * float(weights.max()):
            raise InputError(
                f"the weights span more than {1 / LEAST_WEIGHT:g}, so that sums of some lose all digits; give the "
                "rows with the least ones the weight 0"
            )
        object.__setattr__(self, "weights", weights[rows] / weights.max())
        return np.ascontiguousarray(X[rows]), Targets(targets.values[rows], targets.classes)

    @property
    def classes(self) -> tuple[ClassName, ...] | None:
        """The classes in the order of the outputs; None for numbers."""
        if self._classes is None and self.loss == "logistic":
            return (0, 1)
        return self._classes

    @property
    def outputs(self) -> int:
        """Number of outputs that a network needs: one, one for each class of three and more, or one for each target."""
        if self._classes is not None:
            return len(self._classes) if len(self._classes) > 2 else 1
        return 1 if self.y.ndim == 1 else int(self.y.shape[1])

    @cached_property
    def _white(self) -> Whitening:
        """The whitening, which most of the work is about: a table that is only compared by its digest needs none."""
        return whitening_of(self.X[self._rows[0]], *self._moments)

    @property
    def dimension(self) -> int:
        """Number of whitened inputs."""
        return int(self._white.matrix.shape[1])

    @property
    def loss(self) -> Literal["squared", "logistic", "softmax"]:
        """The loss that suits the targets: logistic for two classes, softmax for more."""
        if self._classes is not None and len(self._classes) > 2:
            return "softmax"
        return "logistic" if not self.standardise and two_classes(self.y) else "squared"

    @property
    def span(self) -> None:
        """Which directions matter is not known."""
        return None

    @property
    def gaussian(self) -> bool:
        """Whether the inputs are the ones the lemma is about: not known of data."""
        return False

    @property
    def rows(self) -> tuple[IntArray, IntArray]:
        """Numbers of the rows to train on, and of those kept back."""
        return self._rows

    def whiten(self, X: object) -> FloatArray:
        """Return inputs in whitened coordinates, shape (m, dimension).

        Parameters
        ----------
        X : array_like, shape (m, d)
            Inputs in the units of the table.

        Raises
        ------
        InputError
            They cannot be used, or a frame names its columns otherwise.
        """
        check_names(X, names_read(self.names, self.reading))
        mean, scale, matrix = self.whitening
        return np.asarray(np.einsum("ki,ij->kj", (input_table(X) - mean) / scale, matrix))

    def features(self, directions: FloatArray) -> FloatArray:
        """Return whitened directions as unit weights of the standardised columns, shape (q, d).

        Parameters
        ----------
        directions : ndarray, shape (q, dimension)
            Directions in whitened coordinates.
        """
        rows = np.einsum("qj,ij->qi", directions, self._white.matrix)
        return np.asarray(rows / np.sqrt(np.sum(rows * rows, axis=1, keepdims=True)))

    def training(self) -> Sample:
        """Return the rows to train on."""
        return self._sample(self._rows[0])

    def evaluation(self) -> tuple[Sample, ...]:
        """Return the rows kept back, in parts that count by the sums of their weights."""
        return tuple(self._sample(part) for part in parts_of(self._rows[1], self._numbers))

    def with_all_rows(self) -> RegressionData:
        """Return the same data with every row among those to train on, and whitened by all of them.

        The rows kept back are then no evidence any more: a fit to this is to be judged before. Of all whitened
        coordinates these are the closest to the ones here.
        """
        mean, scale, matrix = self.whitening
        standard = (self.X - mean) / scale
        centre = standard.mean(axis=0)
        Z = np.einsum("ki,ij->kj", standard - centre, matrix)
        values, vectors = lapack.eigh(np.einsum("ki,kj->ij", Z, Z) / len(Z))
        root = np.einsum("ij,j,kj->ik", vectors, 1.0 / np.sqrt(values), vectors)
        whole = copy.copy(self)
        object.__setattr__(whole, "_rows", (np.arange(len(self.X)), self._rows[1]))
        white = Whitening(
            mean + scale * centre, scale, np.einsum("ij,jk->ik", matrix, root), self._white.faint
        )
        object.__setattr__(whole, "_white", white)
        return whole

    def _sample(self, rows: IntArray) -> Sample:
        shift, unit = self._target
        targets = (self.y[rows] - shift) / unit
        if self._classes is not None and len(self._classes) > 2:
            targets = one_hot(targets, len(self._classes))
        weights = np.ones(len(rows)) if self.weights is None else self.weights[rows]
        mass = float(weights.sum())
        return Sample(self.whiten(self.X[rows]), targets, weights / mass, "rows", mass, self._numbers[rows])

    def predicted(self, outputs: FloatArray) -> FloatArray:
        """Return what outputs of a network mean in units of the targets: numbers, or probabilities of the classes.

        Parameters
        ----------
        outputs : ndarray, shape (m,) or (m, k)
            Outputs.

        Returns
        -------
        ndarray, shape (m,) or (m, k) for numbers, (m, number of classes) for classes
        """
        return meaning(outputs, self.loss, *self.units)

    @property
    def units(self) -> tuple[Any, Any]:
        """Shift and unit of the targets: numbers for one target, of shape (k,) for several."""
        return self._target

    @property
    def whitening(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Mean, scale and matrix: whitened inputs are ``((X - mean) / scale) matrix``, shapes (d,), (d,), (d, k)."""
        return self._white[:3]

    def draw(self, size: int, rng: np.random.Generator, first: int | None) -> Sample:
        """Return training rows for minibatches.

        Parameters
        ----------
        size : int
            How many.
        rng : numpy.random.Generator
            Draws rows with replacement.
        first : int or None
            If a number: the rows come without a draw instead, every row once in a hashed order, then every row in
            another order and so on, from this position on.

        Returns
        -------
        Sample
            Weights have the mean 1 over all training rows.
        """
        check_whole("size", size, 1)
        train = self._rows[0]
        m = len(train)
        if first is None:
            rows = train[rng.integers(m, size=size)]
        else:
            passes = range(first // m, (first + size - 1) // m + 1)
            orders = np.concatenate([hashed_order(m, number * m) for number in passes])
            rows = train[orders[first % m : first % m + size]]
        weights = np.ones(size)
        if self.weights is not None:
            weights = self.weights[rows] / float(self.weights[train].mean())
        return self._sample(rows)._replace(weights=weights)

    def coarse(self, most: int) -> Sample:
        """Return the first training rows of a hashed order, at most so many, to begin with.

        Parameters
        ----------
        most : int
            How many at most; all of them are returned in their order if there are no more.
        """
        check_whole("most", most, 1)
        train = self._rows[0]
        if len(train) <= most:
            return self.training()
        return self._sample(np.sort(train[hashed_order(len(train))[:most]]))

    def describe(self) -> JsonObject:
        """Return what the data are, as JSON values; some of them only where there are any."""
        more: JsonObject = {}
        if self._classes is not None:
            more["classes"] = list(self._classes)
        elif self.outputs > 1:
            more["outputs"] = self.outputs
        if self.weights is not None:
            more["weighted"] = True
        if repeated := len(self.X) - int(self._numbers.max()) - 1:
            more["repeated"] = repeated
        if self._white.faint is not None:
            more["faint"] = self._white.faint
        return {
            "kind": "data",
            "rows": int(self.X.shape[0]),
            "columns": int(self.X.shape[1]),
            "dimension": self.dimension,
            "names": None if self.names is None else list(self.names),
            "standardise": bool(self.standardise),
            "target": self.target,
            **more,
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the numbers."""
        what = f"{self.X.shape[0]} {self.X.shape[1]} {self.standardise}"
        if self._classes is not None or self.outputs > 1:
            what += f" {json.dumps(self._classes)} {self.outputs}"
        body = f"derandkit regression {what}\n".encode("ascii") + self.X.tobytes() + self.y.tobytes()
        if self.weights is not None:
            body += b"weights" + self.weights.tobytes()
        return hashlib.sha256(body).hexdigest()

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        target: str | int,
        *,
        standardise: bool | None = None,
        task: Task | None = None,
        columns: Columns = None,
        drop: Columns = None,
        label: str | int | None = None,
        header: bool | None = None,
    ) -> RegressionData:
        """Read a table (csv, tsv, npy or parquet) and take one column as the target.

        Parameters
        ----------
        path : str or PathLike
            The file; see `derandkit.read_points` for the formats.
        target : str or int
            Name of the target's column in the header line, or its position from 0; negative ones count from the end.
            It may hold text, which stands for classes; all other columns hold numbers.
        standardise, task
            As in the class.
        columns, drop : sequence of str or int, or text with commas, optional
            The columns to use as inputs, or to leave out: names, or numbers from 1.
        label : str or int, optional
            A column that names the rows and is no input; it may hold text.
        header : bool, optional
            Whether the first line of a text names the columns, see `derandkit.read_points`.

        Raises
        ------
        InputError
            If the file cannot be read, or has no such column.

        Warns
        -----
        UserWarning
            If something was left out of the file, or decided about it.
        """
        from derandkit.structure.intake.table import read_target_table

        name = path_name(path)
        table = read_target_table(path, target, columns, drop, header, label=label)
        for note in table.notes:
            warnings.warn(one_line(note), UserWarning, stacklevel=2)
        with in_file(name):
            return cls(table.X, table.y, table.names, standardise, table.target, table.reading, task)
