"""What a table is, looked at again: inputs that count as constant although they vary, and targets under a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from derandkit.certificates.rows import numbered_rows
from derandkit.certificates.structure.rounding import UNIT
from derandkit.tables import first_names
from derandkit.words.columns import column_names

if TYPE_CHECKING:
    from derandkit.certificates.structure.recomputed import Samples
    from derandkit.numerics.typing import FloatArray, IntArray
    from derandkit.records import JsonMapping

#: A column is used where the matrix of the whitening has more than this of it; the rows have variance 1 there.
_USED = 1e-8
#: Variation up to so many units in the last place of the entries is rounding; within a factor of two it may be either.
_ULPS, _EITHER = 8.0, 2.0


class Whitened(Protocol):
    """A table of inputs, and how it is whitened."""

    @property
    def X(self) -> FloatArray:  # noqa: N802
        """Inputs, one row each."""

    @property
    def rows(self) -> tuple[IntArray, IntArray]:
        """Numbers of the rows to train on, and of those kept back."""

    @property
    def whitening(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Mean, scale and matrix."""


class LeftOut(NamedTuple):
    """What whitening leaves out.

    Parameters
    ----------
    columns : list of int
        Columns that are not constant.
    few, many : int
        Directions of the other columns in which the rows vary by more than rounding: at least, and at most.
    """

    columns: list[int]
    few: int
    many: int

    def fits(self, claimed: object, old: bool = False) -> bool:
        """Whether a record claims this; those of old versions may claim nothing.

        Examples
        --------
        >>> LeftOut([1], 0, 0).fits(None), LeftOut([1], 0, 0).fits(None, old=True), LeftOut([], 0, 1).fits(None)
        (False, True, True)
        """
        if claimed is None:
            return old or not (self.columns or self.few)
        if not isinstance(claimed, dict) or set(claimed) != {"columns", "directions"}:
            return False
        at, count = claimed["columns"], claimed["directions"]
        return at == self.columns and type(count) is int and self.few <= count <= self.many

    def words(self, problem: JsonMapping) -> str:
        """Return what is left out in words; empty if nothing is."""
        names = column_names(problem["names"], problem["columns"], problem["target"])
        parts = [first_names([names[k] for k in self.columns])] if self.columns else []
        if self.many:
            total = problem["dimension"] + self.many
            parts.append(f"{self.many} of {total} directions")
        return f"; counted as constant though not: {' and '.join(parts)}" if parts else ""


def on_both_sides(problem: Whitened) -> bool:
    """Whether a row that is kept back has the inputs of one that is trained on.

    Examples
    --------
    >>> from types import SimpleNamespace as Table
    >>> X, back = np.array([[1.0], [2.0], [1.0]]), np.array([0])
    >>> on_both_sides(Table(X=X, rows=(np.array([1, 2]), back))), on_both_sides(Table(X=X, rows=(np.array([1]), back)))
    (True, False)
    """
    number, (train, held) = numbered_rows(problem.X), problem.rows
    return bool(np.isin(number[held], number[train]).any())


def read_as_probabilities(y: FloatArray, loss: str) -> bool:
    """Whether a loss takes the targets of a table as probabilities: the logistic one, some that lie between 0 and 1.

    Examples
    --------
    >>> [read_as_probabilities(np.array([0.0, y]), "logistic") for y in (1.0, 0.5)]
    [False, True]
    """
    return loss == "logistic" and bool(((y > 0.0) & (y < 1.0)).any())


def wrong_loss(samples: Samples, loss: str) -> str | None:
    """Return why targets are none of a loss; None where they are, and under a loss of the user's own.

    Parameters
    ----------
    samples : Samples
        The problem with its nodes, to train on and kept back.
    loss : str
        The loss that a record names.

    Examples
    --------
    >>> from types import SimpleNamespace as Table
    >>> numbers, classes = Table(span=None, task="numbers", outputs=1), Table(span=None, task="classes", classes="ab")
    >>> inside, outside = Table(targets=np.array([0.3, 1.0])), Table(targets=np.array([0.0, -5.0]))
    >>> wrong_loss(Table(problem=numbers, training=inside, evaluation=(inside,)), "logistic")
    >>> wrong_loss(Table(problem=numbers, training=inside, evaluation=(inside, outside)), "logistic")
    'a target under the logistic loss is -5, and not between 0 and 1'
    >>> wrong_loss(Table(problem=classes), "squared")
    'the loss of 2 classes is logistic, not squared'
    """
    if loss == "user":
        return None
    problem, data = samples.problem, samples.problem.span is None
    if data and problem.task == "classes":
        own = "logistic" if len(problem.classes) == 2 else "softmax"
        if loss != own:
            return f"the loss of {len(problem.classes)} classes is {own}, not {loss}"
    elif loss == "softmax":
        return "the softmax loss is of classes, and the targets are numbers"
    if loss != "logistic":
        return None
    if data and problem.outputs != 1:
        return f"the logistic loss is of one output, and there are {problem.outputs}"
    for part in (samples.training, *samples.evaluation):
        outside = part.targets[~((part.targets >= 0.0) & (part.targets <= 1.0))]
        if outside.size:
            return f"a target under the logistic loss is {float(outside[0]):g}, and not between 0 and 1"
    return None


def left_out(problem: Whitened) -> LeftOut:
    """Return what the whitening of a table leaves out of its training rows."""
    matrix, rows = problem.whitening[2], problem.X[problem.rows[0]]
    used = np.abs(matrix).max(axis=1) > _USED
    columns = np.flatnonzero((np.ptp(rows, axis=0) > 0) & ~used).tolist()
    if int(used.sum()) == matrix.shape[1]:
        return LeftOut(columns, 0, 0)
    seen = rows[:, used]
    # the mean of differences has all digits that an offset would cost
    apart = seen - seen[0]
    apart = apart / np.abs(apart).max(axis=0)
    apart = apart - apart.mean(axis=0)
    sizes = np.sqrt(np.mean(apart**2, axis=0))
    spread = np.linalg.svd(apart / sizes, compute_uv=False)[matrix.shape[1] :] / np.sqrt(len(rows))
    ulps = np.abs(seen).max(axis=0) / np.abs(seen - seen[0]).max(axis=0) / sizes
    rounding = _ULPS * UNIT * float(np.sqrt(np.sum(ulps**2)))
    few, many = (int(np.sum(spread > limit * rounding)) for limit in (_EITHER, 1.0 / _EITHER))
    return LeftOut(columns, few, many)
