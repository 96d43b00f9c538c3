"""Structure of networks, from a target to the directions that a network keeps: the theorem as prose.

Relax values of the network to its risk, take the first layer on Gaussian inputs as a Gaussian distribution,
derandomize it (train every parameter until the spread that the target does not need is gone), round what is left to the
directions that are kept, and certify: evaluate elsewhere, with the controls beside it. `_discover` has these steps in
this order, as `derandkit.signs.solve` and `derandkit.embeddings.solve` have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from derandkit.errors import InputError
from derandkit.parts.structure import Controls, Measurements, Selection, StudentRecord, TrainingSettings
from derandkit.runtime.clock import current, stage
from derandkit.runtime.interrupts import OnInterrupt, deliver, entry, reporting
from derandkit.runtime.progress import OnProgress, Progress
from derandkit.structure.data import RegressionData
from derandkit.structure.heldout.parts import counting
from derandkit.structure.heldout.selection import Choice, choose
from derandkit.structure.intake.targets import are_probabilities, standardised, task_of
from derandkit.structure.measure import finding
from derandkit.structure.methods import StochasticGradient, as_method
from derandkit.structure.options import DATA_WIDTH, check_options
from derandkit.structure.result import StructureResult
from derandkit.structure.run import MOST_COARSE, Run
from derandkit.structure.student import Student
from derandkit.structure.teacher import Teacher
from derandkit.structure.training.network import build
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from derandkit.engine.method import Method
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonObject
    from derandkit.structure.choices import Freezable, Loss, MethodName
    from derandkit.structure.methods import Trained
    from derandkit.structure.run import History
    from derandkit.structure.training.losses import Jax
    from derandkit.structure.training.network import Network

    Problem = Teacher | RegressionData

#: Part of a limit of time that the choice of penalties may take, so that some is left for the training.
CHOICE_SHARE = 0.75


def discover_structure(
    teacher_or_data: object,
    student: Student | None = None,
    *,
    loss: Loss | Callable[[Jax, Jax], Jax] | None = None,
    penalty: float | Literal["auto"] | None = None,
    method: MethodName | Method | StochasticGradient = "lemma",
    max_steps: int | None = None,
    frozen: Collection[Freezable] = (),
    upper_penalty: float | None = None,
    rank: int | None = None,
    controls: bool = True,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
    on_interrupt: OnInterrupt = "raise",
    throw: bool = False,
) -> StructureResult:
    """Train all parameters of a network, and report what its first layer kept and forgot.

    Parameters
    ----------
    teacher_or_data : Teacher, RegressionData, pair (X, y) or triple (X, y, weights)
        The problem. Data are whitened, and a quarter of the rows is kept back.
    student : Student, optional
        The network; 32 units of tanh, one hidden layer, by default; 16 units for data.
    loss : {"squared", "logistic", "huber", "softmax"} or callable, optional
        By default logistic for data with two classes, softmax for more, otherwise squared: what targets stand for is
        recognised from their values, see `RegressionData`, and the table says so. ``"squared"`` reads them as
        numbers, ``"softmax"`` as classes. ``"logistic"`` takes 0 and 1, or probabilities between them, of all rows.
        A callable is a JAX function of (prediction, target), of shape (k,) each with k outputs.
    penalty : float or "auto", optional
        Coefficient of ``|W|_F^2``; 0 is allowed, and then the lemma says nothing. ``"auto"``, the default for data,
        chooses this and `upper_penalty` by the loss on rows kept back from the training rows; it does not depend
        on the rows on which the result is measured. Of more than 65 536 training rows as many are used for it. For
        teachers 1e-4 by default.
    method : str or record
        ``"lemma"``, ``"hessian"``, ``"sgd"``, ``"adam"``, or a record: `LemmaDescent`, `HessianDescent`,
        `PerturbedGradientDescent` (the paper's algorithm 1), `StochasticGradient`.
    max_steps : int, optional
        Most steps; of the lemma's descent most rounds, see `LemmaDescent` (1500, on coarse nodes or 65 536 rows if
        there are more, and a quarter of that on all).
    frozen : collection of {"bias", "upper"}
        Parts of the network that are not trained.
    upper_penalty : float, optional
        Coefficient of ``|theta|^2`` on the parameters above the first layer: chosen with ``penalty="auto"``, otherwise
        0 by default. Without it the risk need not have a minimiser, and from depth 3 on has none: W can shrink while
        the next layer grows.
    rank : int, optional
        For data: number of directions to keep. By default chosen by the loss on rows kept back if the penalties are,
        otherwise the rounded effective rank of W.
    controls : bool
        Whether to train again with a frozen bias, and without penalty. Weight decay alone is always computed.
    time_limit : float, optional
        Seconds after which training stops at its last point and the controls that are not finished are left out; the
        result then depends on the machine. The choice of penalties may take three quarters of them.
    on_progress : callable, optional
        Called with a `derandkit.Progress` after every step; its value is the risk.
    on_interrupt : {"raise", "return"}
        Ctrl-C ends the training: the exception `Interrupted` carries the result of the best point so far, or it is
        returned.
    throw : bool
        Raise `ConvergenceError` (which carries the result) unless ``status.ok``.

    Returns
    -------
    StructureResult
        The same bytes every time, for every method without an ``rng``.

    Raises
    ------
    InputError
        If the problem, the network or an option cannot be used.
    MissingDependencyError
        If jax is not installed: ``pip install derandkit[structure]``.
    ConvergenceError
        See `throw`.
    Interrupted
        See `on_interrupt`.

    Notes
    -----
    A gradient costs O(N n (d + n (depth - 2))) for N nodes. Everything claimed of the population is evaluated on
    nodes that were not trained on, with a standard error.

    References
    ----------
    Tsikouras, Pantis, Mitliagkas, Tzamos, ICLR 2026 (arXiv 2510.19382), section 4, theorems 4.1 and 4.2.

    Examples
    --------
    >>> from derandkit import Student, Teacher
    >>> result = discover_structure(Teacher("tanh", 2), Student(width=4), controls=False)
    >>> result.ratio < 0.01, result.lemma_bound >= result.w_perp
    (True, True)
    """
    problem = as_problem(teacher_or_data, loss)
    if student is None:
        student = Student() if problem.span is not None else Student(width=DATA_WIDTH)
    if loss is None:
        loss = problem.loss if isinstance(problem, RegressionData) else "squared"
    check_options(
        loss=loss, penalty=penalty, method=method, max_steps=max_steps, frozen=frozen,
        upper_penalty=upper_penalty, rank=rank, controls=controls,
    )  # fmt: skip
    _check(problem, student, loss, rank)
    if penalty == "auto" and isinstance(problem, Teacher):
        raise InputError("penalty 'auto' is chosen on rows of data; give a teacher's penalty as a number")
    outputs = problem.outputs if isinstance(problem, RegressionData) else 1
    network = build(student, loss, problem.dimension, outputs)
    asked = Asked(
        problem, student, network, loss, penalty, method, max_steps, frozen, upper_penalty,
        None if rank is None else int(rank), controls,
    )  # fmt: skip
    with entry(time_limit, on_interrupt=on_interrupt, throw=throw) as clock:
        result = _discover(asked, reporting(clock, on_progress))
    result = deliver(clock, result, on_interrupt)
    return result.require() if throw else result


@dataclass(frozen=True, eq=False)
class Asked:
    """The checked options of a call; the fields are those of `discover_structure`, with the network built."""

    problem: Problem
    student: Student
    network: Network
    loss: Loss | Callable[[Jax, Jax], Jax]
    penalty: float | Literal["auto"] | None
    method: MethodName | Method | StochasticGradient
    max_steps: int | None
    frozen: Collection[Freezable]
    upper_penalty: float | None
    rank: int | None
    controls: bool


def _discover(asked: Asked, report: OnProgress) -> StructureResult:
    """Go through the steps; every one hands its result to the next."""
    choice = choose_penalties(asked, report)
    penalty, upper_penalty, rank = settle(asked, choice)
    method = as_method(asked.method, penalty, asked.max_steps)
    # relax: from values of the network to its risk, an expectation that is smooth in every parameter
    run = relax(asked, upper_penalty, report)
    # Gaussian distribution: on Gaussian inputs the first layer W x + b is one, with mean b and spread W
    law = run.law()
    # derandomize: descend until no spread is left that the target does not need
    trained, history = run.derandomize(law, method, penalty, "train")
    # round: what is left of W, to the directions that are kept
    span = run.round(trained.law, rank)
    # certify: measure on nodes that were not trained on, and put the controls beside it
    measured = run.certify(trained, span, penalty)
    beside = run.controls(method, trained, span, penalty, measured["ratio"], wanted=asked.controls)
    return compose(asked, run, choice, method, penalty, trained, span, measured, beside, history)


def relax(asked: Asked, upper_penalty: float, report: OnProgress) -> Run:
    """Make the risk of the network, with its nodes, an objective of the distribution of the first layer."""
    return Run(asked.problem, asked.student, asked.network, asked.loss, asked.frozen, upper_penalty, report)


def compose(
    asked: Asked,
    run: Run,
    choice: Choice | None,
    method: object,
    penalty: float,
    trained: Trained,
    span: FloatArray,
    measured: JsonObject,
    beside: JsonObject,
    history: History,
) -> StructureResult:
    """Put the numbers together: the network, what was measured, the controls beside it, how it ended."""
    status = trained.status
    if asked.problem.span is None:
        status = finding(
            status,
            measured,
            counting(sample.mass for sample in asked.problem.evaluation()),
            auto=choice is not None,
            shortened=choice is not None and bool(choice.table.get("shortened")),
        )
    W, b, theta = run.objective.parameters(trained.law)
    return StructureResult(
        status=status,
        ended=trained.status,
        selection=None if choice is None else Selection.of(choice.table),
        W=W,
        b=b,
        theta=theta,
        W_start=run.start[0],
        span=span,
        problem={
            **asked.problem.describe(),
            "digest": asked.problem.digest,
            "reading": asked.problem.reading,
            **_read_as(asked.problem, asked.loss),
        },
        student=StudentRecord.of(asked.student.describe()),
        settings=TrainingSettings(
            loss=asked.loss if isinstance(asked.loss, str) else "user",
            penalty=float(penalty),
            upper_penalty=float(run.upper_penalty),
            method=name_of(method),
            frozen=tuple(run.objective.frozen),
            gaussian=asked.problem.gaussian,
            smooth=asked.student.smooth,
            rank=asked.rank,
            max_steps=None if asked.max_steps is None else int(asked.max_steps),
        ),
        **Measurements.of(measured),
        controls=Controls.of(beside),
        history=history.columns(span),
        stats=trained.stats,
    )


def choose_penalties(asked: Asked, report: OnProgress) -> Choice | None:
    """Choose penalties and the number of directions on rows kept back; None where they are given."""
    wanted = asked.penalty == "auto" or (asked.penalty is None and asked.problem.span is None)
    if not wanted or isinstance(asked.problem, Teacher):
        return None
    left = current().seconds_left
    with stage(None if left == math.inf else max(CHOICE_SHARE * left, 1e-9)):
        return choose(
            asked.problem, asked.student, asked.network,
            frozen=asked.frozen, upper_penalty=asked.upper_penalty, rank=asked.rank, most_rows=MOST_COARSE,
            report=lambda loss, step, total: report(
                Progress("choose penalties", loss, step=step, total=total)
            ),
        )  # fmt: skip


def settle(asked: Asked, choice: Choice | None) -> tuple[float, float, int | None]:
    """Return both penalties and the number of directions: chosen, given, or the default."""
    if choice is not None:
        return float(choice.penalty), float(choice.upper_penalty), choice.rank
    penalty = 1e-4 if asked.penalty is None else float(asked.penalty)
    return penalty, 0.0 if asked.upper_penalty is None else float(asked.upper_penalty), asked.rank


def as_problem(teacher_or_data: object, loss: object = None) -> Problem:
    """Return a teacher or regression data; a pair (X, y), or (X, y, weights), becomes the latter.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(teacher_or_data, (Teacher, RegressionData)):
        return teacher_or_data
    if isinstance(teacher_or_data, (tuple, list)) and len(teacher_or_data) in (2, 3):
        X, y, *weights = teacher_or_data
        return RegressionData(
            X, y, standardise=standardised(loss), task=task_of(loss), weights=weights[0] if weights else None
        )
    raise InputError(f"the problem is a Teacher, or data (X, y), got {type(teacher_or_data).__name__}")


def name_of(record: object) -> str:
    """Return the name of a method as results show it."""
    if isinstance(record, StochasticGradient):
        batch = "full batch" if record.batch is None else f"batch {record.batch}"
        return f"{record.optimizer}, {batch}, step {record.step_size:g}"
    return type(record).__name__


def _read_as(problem: Problem, loss: object) -> JsonObject:
    """Return what a loss makes of the targets of data, where their description does not say it."""
    shares = isinstance(problem, RegressionData) and are_probabilities(problem.y, loss)
    return {"probabilities": True} if shares else {}


def _check(problem: Problem, student: object, loss: object, rank: int | None) -> None:
    if not isinstance(student, Student):
        raise InputError(f"the student is a Student, got {type(student).__name__}")
    most = min(problem.dimension, int(student.width))
    if rank is not None and problem.span is not None:
        raise InputError("rank belongs to data; what a teacher depends on is known")
    if rank is not None and rank > most:
        raise InputError(f"rank must be between 1 and {most}, got {quoted(rank)}")
    if isinstance(problem, RegressionData) and isinstance(loss, str):
        _check_loss(problem, loss)
    elif loss == "softmax":
        raise InputError(
            "the softmax loss is for data with three or more classes, and a teacher has one output"
        )
    if loss == "logistic":
        _check_shares(problem)


def _check_shares(problem: Problem) -> None:
    """Refuse targets that are no probabilities: of all rows, also of those kept back, and of all nodes.

    Below 0 and above 1 the logistic loss has no minimum, and may be negative.
    """
    if isinstance(problem, RegressionData):
        shift, unit = problem.units
        parts: Iterable[FloatArray] = [(problem.y - shift) / unit]
    else:
        parts = (sample.targets for sample in (problem.training(), *problem.evaluation()))
    for targets in parts:
        outside = targets[(targets < 0.0) | (targets > 1.0)]
        if outside.size:
            raise InputError(
                f"the logistic loss needs targets in [0, 1], and one is {outside[0]:g}; make the teacher binary, or "
                "code the classes 0 and 1, not standardised"
            )


def _check_loss(problem: RegressionData, loss: str) -> None:
    """Refuse a loss that does not fit what the targets stand for."""
    several = "" if problem.classes is None else f"{len(problem.classes)} classes"
    if problem.task == "classes" and loss != problem.loss:
        raise InputError(f"the targets are {several}; their loss is {problem.loss}, got {loss}")
    if loss == "softmax" and problem.loss != "softmax":
        raise InputError("the softmax loss needs three or more classes")
    if loss == "logistic" and problem.outputs > 1:
        raise InputError(f"the logistic loss is for two classes, and there are {problem.outputs} outputs")
