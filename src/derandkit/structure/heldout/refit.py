"""A last training on all rows, those that judged the fit included, under the penalties of that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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
    """

    W: FloatArray
    b: FloatArray
    theta: FloatArray
    span: FloatArray


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
    """Go on from a result with all rows: the same coordinates, penalties and number of directions.

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
    with entry() as clock:
        run = Run(
            problem.with_all_rows(), student, network, loss, settings.frozen, settings.upper_penalty,
            reporting(clock, on_progress),
        )  # fmt: skip
        law = run.objective.law(result.W, result.b, result.theta)
        record = as_method(method, settings.penalty, max_steps)
        trained, _ = run.derandomize(law, record, settings.penalty, "train on all rows", [run.objective])
        span = run.round(trained.law, len(result.span))
    deliver(clock, result, "raise")
    return Refitted(*run.objective.parameters(trained.law), span)
