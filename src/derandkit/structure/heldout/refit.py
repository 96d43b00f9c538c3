"""A last training on all rows, those that judged the fit included, under the penalties of that fit.

A penalty on ``|W|^2`` pulls along the whitened axes. Axes of other rows than those that are trained on would pull away
from what these rows show, the more so the larger the penalty is; so all rows are whitened anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.runtime.interrupts import deliver, entry, reporting
from derandkit.structure.methods import as_method
from derandkit.structure.run import Run
from derandkit.structure.training.network import build

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray
    from derandkit.runtime.progress import OnProgress
    from derandkit.structure.choices import Loss, MethodName
    from derandkit.structure.data import RegressionData
    from derandkit.structure.result import StructureResult
    from derandkit.structure.student import Student


class Refitted(NamedTuple):
    """The network after the last training, and the directions that it keeps.

    Parameters
    ----------
    W : ndarray, shape (n, d)
        Weights of the first layer, of whitened inputs.
    b : ndarray, shape (n,)
        Its bias.
    theta : ndarray, shape (p,)
        Parameters of the layers above.
    span : ndarray, shape (q, d)
        The directions, orthonormal rows.
    whitening : tuple of ndarray
        Mean, scale and matrix of the coordinates, see `derandkit.RegressionData.whitening`.
    """

    W: FloatArray
    b: FloatArray
    theta: FloatArray
    span: FloatArray
    whitening: tuple[FloatArray, FloatArray, FloatArray]


def refit(
    problem: RegressionData,
    student: Student,
    loss: Loss,
    result: StructureResult,
    *,
    method: MethodName,
    max_steps: int | None,
    on_progress: OnProgress | None,
) -> Refitted:
    """Go on from a result with all rows, whitened by all of them: the same penalties and number of directions.

    Parameters
    ----------
    problem : RegressionData
        The data of the result.
    student, loss, method, max_steps
        Those of the result.
    result : StructureResult
        Where the training starts. Its loss on rows kept back is about this network, not about the one that is returned,
        for which no row is left that could judge it.
    on_progress : callable, optional
        Called with a `derandkit.Progress` after every step.

    Raises
    ------
    Interrupted
        Ctrl-C; carries `result`.
    """
    settings = result.settings
    network = build(student, loss, problem.dimension, problem.outputs)
    whole = problem.with_all_rows()
    with entry() as clock:
        run = Run(
            whole, student, network, loss, settings.frozen, settings.upper_penalty,
            reporting(clock, on_progress),
        )  # fmt: skip
        law = run.objective.law(*carried(result.W, result.b, problem, whole), result.theta)
        record = as_method(method, settings.penalty, max_steps)
        trained, _ = run.derandomize(law, record, settings.penalty, "train on all rows", [run.objective])
        span = run.round(trained.law, len(result.span))
    deliver(clock, result, "raise")
    return Refitted(*run.objective.parameters(trained.law), span, whole.whitening)


def carried(
    W: FloatArray, b: FloatArray, problem: RegressionData, whole: RegressionData
) -> tuple[FloatArray, FloatArray]:
    """Return the first layer that is to the coordinates of all rows what one is to those of a problem.

    Parameters
    ----------
    W : ndarray, shape (n, d)
        Weights of inputs in the coordinates of `problem`.
    b : ndarray, shape (n,)
        Their bias.
    problem, whole : RegressionData
        The data, and `derandkit.RegressionData.with_all_rows` of them.

    Returns
    -------
    tuple of ndarray
        Weights and bias.
    """
    old, new = problem.whiten(problem.X), whole.whiten(whole.X)
    centre = old.mean(axis=0)
    # the new ones are white, so these are the old ones in terms of them
    root = np.einsum("ki,kj->ij", new, old - centre) / len(new)
    return np.einsum("nj,ij->ni", W, root), b + np.einsum("nj,j->n", W, centre)
