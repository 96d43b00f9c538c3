"""A regression problem from a table: whitened inputs, standardised targets, and rows kept back to judge by."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from derandkit.content import read_content
from derandkit.errors import InputError
from derandkit.numerics.hashing import hashed_order
from derandkit.points.cloud import type_name
from derandkit.records import JsonObject, short_line
from derandkit.structure.options import check_flag, whole
from derandkit.structure.teacher import Sample

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray


#: Every fourth row, in a hashed order, is kept back.
HOLDOUT = 0.25
#: The rows kept back are judged in this many parts, whose spread gives the standard error.
PARTS = 8
#: Fewer rows would leave nothing to learn from.
FEWEST_ROWS = 40
#: Larger numbers are refused: their squares, and losses of them, are beyond the range of numbers.
LARGEST = 1e150
#: A column whose standard deviation is below this share of its largest entry is constant but for rounding.
ROUNDING = 1e-13
#: Names of a header that an error message lists.
NAMED = 12
#: A direction of the inputs with less than this share of the largest variance counts as none.
COLLINEAR = 1e-10


@dataclass(frozen=True, eq=False)
class RegressionData:
    """Inputs and targets, with the rows split by a hash of their position.

    Parameters
    ----------
    X : array_like, shape (m, d)
        Inputs, one row each.
    y : array_like, shape (m,) or (m, 1)
        Targets; 0 and 1 for the logistic loss.
    names : sequence of str, optional
        Names of the columns of X; those of a data frame by default.
    standardise : bool, optional
        Whether targets are scaled to mean 0 and variance 1, so that a penalty means the same for any unit. By default
        all targets but 0 and 1, which are two classes and go with the logistic loss.
    target : str or int, optional
        What the column of the targets is called in the table they come from.
    reading : str, optional
        What the input was taken for, in words; by default the types of `X` and `y`.

    Raises
    ------
    InputError
        If the shapes do not fit, an entry is not finite or beyond 1e150, there are fewer than 40 rows, or nothing
        varies.

    Notes
    -----
    Inputs are centred, divided by their standard deviations and rotated and scaled to the identity as covariance
    (of the training rows). Directions in which the inputs do not vary are left out.

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
    _rows: tuple[IntArray, IntArray] = field(init=False, repr=False)
    _whitening: tuple[FloatArray, FloatArray, FloatArray] = field(init=False, repr=False)
    _target: tuple[float, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.standardise is not None:
            check_flag("standardise", self.standardise)
        if self.names is None and hasattr(self.X, "columns"):
            object.__setattr__(self, "names", tuple(map(str, self.X.columns)))
        if self.reading is None:
            object.__setattr__(self, "reading", short_line(f"{type_name(self.X)} and {type_name(self.y)}"))
        X, y = _table(self.X), _column(self.y)
        if self.standardise is None:
            object.__setattr__(self, "standardise", not two_classes(y))
        if X.shape[0] != y.size:
            raise InputError(f"{X.shape[0]} rows of inputs and {y.size} targets do not fit each other")
        if X.shape[0] < FEWEST_ROWS:
            raise InputError(f"{X.shape[0]} rows are too few; at least {FEWEST_ROWS} are needed")
        if self.names is not None and len(self.names) != X.shape[1]:
            raise InputError(f"{len(self.names)} names for {X.shape[1]} columns")
        order = hashed_order(X.shape[0])
        kept = round(HOLDOUT * X.shape[0])
        train, held = np.sort(order[kept:]), np.sort(order[:kept])
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "_rows", (train, held))
        mean, scale = _moments(X[train])
        varies = scale > 0
        scale = np.where(varies, scale, 1.0)
        Z = np.where(varies, (X[train] - mean) / scale, 0.0)
        values, vectors = np.linalg.eigh(np.einsum("ki,kj->ij", Z, Z) / len(train))
        kept_axes = values > COLLINEAR * values[-1]
        if not varies.any():
            raise InputError("no column of the inputs varies")
        axes = vectors[:, kept_axes][:, ::-1]
        axes = axes * np.where(np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], 0) < 0, -1.0, 1.0)
        object.__setattr__(self, "_whitening", (mean, scale, axes / np.sqrt(values[kept_axes][::-1])))
        middle, spread = _moments(y[train])
        shift, unit = (float(middle), float(spread)) if self.standardise else (0.0, 1.0)
        if not spread > 0:
            raise InputError("the targets do not vary")
        object.__setattr__(self, "_target", (shift, unit))

    @property
    def dimension(self) -> int:
        """Number of whitened inputs."""
        return int(self._whitening[2].shape[1])

    @property
    def loss(self) -> Literal["squared", "logistic"]:
        """The loss that suits the targets: logistic for the classes 0 and 1 as they are."""
        return "logistic" if not self.standardise and two_classes(self.y) else "squared"

    @property
    def span(self) -> None:
        """Which directions matter is not known."""
        return None

    @property
    def gaussian(self) -> bool:
        """Whether the inputs are the ones the lemma speaks of: not known of data."""
        return False

    def whiten(self, X: object) -> FloatArray:
        """Return inputs in whitened coordinates, shape (m, dimension).

        Parameters
        ----------
        X : array_like, shape (m, d)
            Inputs in the units of the table.
        """
        mean, scale, matrix = self._whitening
        return np.asarray(np.einsum("ki,ij->kj", (_table(X) - mean) / scale, matrix))

    def features(self, directions: FloatArray) -> FloatArray:
        """Return whitened directions as unit weights of the standardised columns, shape (q, d).

        Parameters
        ----------
        directions : ndarray, shape (q, dimension)
            Directions in whitened coordinates.
        """
        rows = np.einsum("qj,ij->qi", directions, self._whitening[2])
        return np.asarray(rows / np.sqrt(np.sum(rows * rows, axis=1, keepdims=True)))

    def training(self) -> Sample:
        """Return the rows to train on."""
        return self._sample(self._rows[0])

    def evaluation(self) -> tuple[Sample, ...]:
        """Return the rows kept back, in parts."""
        return tuple(self._sample(part) for part in np.array_split(self._rows[1], PARTS))

    def _sample(self, rows: IntArray) -> Sample:
        shift, unit = self._target
        targets = (self.y[rows] - shift) / unit
        return Sample(self.whiten(self.X[rows]), targets, np.full(len(rows), 1.0 / len(rows)), "rows")

    def draw(self, size: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return training rows drawn with replacement, for the stochastic methods that serve as comparison.

        Parameters
        ----------
        size : int
            How many.
        rng : numpy.random.Generator
            Source of the numbers.
        """
        sample = self.training()
        rows = rng.integers(len(sample.targets), size=size)
        return sample.points[rows], sample.targets[rows]

    def describe(self) -> JsonObject:
        """Return what the data are, as JSON values."""
        return {
            "kind": "data",
            "rows": int(self.X.shape[0]),
            "columns": int(self.X.shape[1]),
            "dimension": self.dimension,
            "names": None if self.names is None else list(self.names),
            "standardise": bool(self.standardise),
            "target": self.target,
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the numbers."""
        head = f"derandkit regression {self.X.shape[0]} {self.X.shape[1]} {self.standardise}\n".encode(
            "ascii"
        )
        return hashlib.sha256(head + self.X.tobytes() + self.y.tobytes()).hexdigest()

    @classmethod
    def from_file(
        cls, path: str | os.PathLike[str], target: str | int, *, standardise: bool | None = None
    ) -> RegressionData:
        """Read a table of numbers (csv, tsv, npy or parquet) and take one column as the target.

        Parameters
        ----------
        path : str or PathLike
            The file; see `derandkit.points.files.read_points` for the formats.
        target : str or int
            Name of the target's column in the header line, or its position from 0; negative ones count from the end.
        standardise : bool
            As in the class.

        Raises
        ------
        InputError
            If the file cannot be read, or has no such column.
        """
        from derandkit.points.files import read_points

        name = os.fspath(path)
        cloud = read_points(path)
        table = np.asarray(cloud.points, dtype=np.float64)
        header = _header(name, table.shape[1])
        if isinstance(target, str) and header is not None and target in header:
            column = header.index(target)
        else:
            column = _position(target, header, name)
            if not -table.shape[1] <= column < table.shape[1]:
                raise InputError(f"there is no column {column}; it has {table.shape[1]}", path=name)
            column %= table.shape[1]
        others = [k for k in range(table.shape[1]) if k != column]
        if not others:
            raise InputError("has one column only; a target needs inputs", path=name)
        names = None if header is None else tuple(header[k] for k in others)
        try:
            return cls(
                np.ascontiguousarray(table[:, others]),
                table[:, column].copy(),
                names,
                standardise,
                target,
                short_line(f"{cloud.reading}; target: column {column + 1}"),
            )
        except InputError as error:
            raise InputError(error.message, path=name) from None


def two_classes(y: FloatArray) -> bool:
    """Return whether targets are 0 and 1, and both occur: two classes, for the logistic loss.

    Examples
    --------
    >>> two_classes(np.array([0.0, 1.0, 1.0])), two_classes(np.array([0.0, 1.0, 2.0])), two_classes(np.ones(3))
    (True, False, False)
    """
    return bool(np.isin(y, (0.0, 1.0)).all()) and bool((y == 0).any()) and bool((y == 1).any())


def _position(target: str | int, header: list[str] | None, path: str) -> int:
    """Return the position that a target stands for which is no name of the header."""
    import difflib

    if not isinstance(target, str) and not whole(target):
        raise InputError(f"the target is a name or a position of a column, got {target!r:.60}", path=path)
    try:
        return int(target)
    except ValueError:
        if header is None:
            known = "it has no header line, so give a position from 0"
        elif near := difflib.get_close_matches(str(target), header, n=3, cutoff=0.5):
            known = f"did you mean {' or '.join(map(repr, near))}?"
        else:
            known = f"it has {', '.join(header[:NAMED])}{', ...' if len(header) > NAMED else ''}"
        raise InputError(f"there is no column {target!r}; {known}", path=path) from None


def _moments(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of columns; a deviation that is only rounding is 0."""
    # scaled by powers of two, which changes no digit, so that squares neither overflow nor vanish
    size = np.exp2(np.frexp(np.abs(X).max(axis=0))[1].astype(np.float64))
    mean, deviation = (X / size).mean(axis=0), (X / size).std(axis=0)
    return mean * size, np.where(deviation > ROUNDING, deviation, 0.0) * size


def _header(name: str, width: int) -> list[str] | None:
    """Return the names of the columns: the first line of a text table, if it holds names, or those of parquet."""
    import csv

    data = b"" if name == "-" else read_content(name)[0]
    if data.startswith(b"PAR1"):
        from pyarrow import BufferReader
        from pyarrow.parquet import read_schema

        # the index of a data frame that was saved with it is no column, and the reader leaves it out
        stored = [field for field in read_schema(BufferReader(data)).names if field != "__index_level_0__"]
        return stored if len(stored) == width else None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    first = next(lines, "")
    mark = next((m for m in ("\t", ",", ";") if m in first), None)
    fields = next(csv.reader([first], delimiter=mark), []) if mark else first.split()
    fields = [field.strip() for field in fields]
    try:
        [float(field) for field in fields]
    except ValueError:
        return fields if len(fields) == width else None
    return None


def _table(X: object) -> FloatArray:
    table = _numbers(X, "the inputs must be a table of numbers")
    if table.ndim != 2 or table.shape[1] < 1:
        raise InputError(f"the inputs must have shape (rows, columns), got {table.shape}")
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise InputError(
            f"the input in row {row}, column {column} is {table[row, column]}; inputs are finite"
        )
    if np.abs(table).max(initial=0.0) > LARGEST:
        row, column = np.argwhere(np.abs(table) > LARGEST)[0]
        raise InputError(f"the input in row {row}, column {column} is beyond {LARGEST:g}; change its unit")
    return table


def _numbers(values: object, message: str) -> FloatArray:
    try:
        array = np.asarray(values)
        if array.dtype.kind != "c":
            return np.array(array, dtype=np.float64, order="C")
    except (TypeError, ValueError):
        raise InputError(message) from None
    raise InputError(f"{message}, got complex ones")


def _column(y: object) -> FloatArray:
    column = _numbers(y, "the targets must be numbers")
    if column.ndim == 2 and column.shape[1] == 1:
        column = np.ascontiguousarray(column[:, 0])
    if column.ndim != 1:
        raise InputError(f"the targets must have shape (rows,) or (rows, 1), got {column.shape}")
    if not np.isfinite(column).all():
        row = int(np.argmin(np.isfinite(column)))
        raise InputError(f"the target in row {row} is {column[row]}; targets are finite")
    if np.abs(column).max(initial=0.0) > LARGEST:
        row = int(np.argmax(np.abs(column)))
        raise InputError(f"the target in row {row} is beyond {LARGEST:g}; change its unit")
    return column
