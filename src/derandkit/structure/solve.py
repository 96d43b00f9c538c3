"""The theorem as prose: take a problem, train every parameter, evaluate elsewhere, put the controls beside it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from derandkit.errors import ConvergenceError, InputError
from derandkit.numerics.vectors import norm
from derandkit.runtime.clock import current
from derandkit.runtime.interrupts import OnInterrupt, asking, deliver, entry
from derandkit.runtime.progress import Progress
from derandkit.status import StructureStatus
from derandkit.structure.data import RegressionData
from derandkit.structure.heldout.selection import choose
from derandkit.structure.measure import (
    ERROR_DIGITS,
    effective_rank,
    evaluate,
    finding,
    leading_directions,
    lemma_figures,
    principal_angles,
    reference_figures,
    settled,
    shares,
    singular_values,
    split,
)
from derandkit.structure.methods import StochasticGradient, as_method, largest_curvature, train
from derandkit.structure.options import DATA_WIDTH, check_options
from derandkit.structure.result import StructureResult
from derandkit.structure.student import Student
from derandkit.structure.teacher import Teacher
from derandkit.structure.training.network import build
from derandkit.structure.training.objective import NetworkObjective

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from derandkit.engine.law import GaussianSampler
    from derandkit.numerics.typing import FloatArray
    from derandkit.structure.methods import Trained
    from derandkit.structure.training.network import Network

    Problem = Teacher | RegressionData

#: A descent starts on this share of the nodes, and finishes on all of them.
COARSE = 8
#: With fewer coarse nodes than this, there is no coarse stage.
FEWEST_COARSE = 2048


def discover_structure(
    teacher_or_data: Any,
    student: Student | None = None,
    *,
    loss: str | Callable[[Any, Any], Any] | None = None,
    penalty: float | Literal["auto"] | None = None,
    method: Any = "lemma",
    max_steps: int | None = None,
    frozen: Collection[str] = (),
    upper_penalty: float | None = None,
    rank: int | None = None,
    controls: bool = True,
    time_limit: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_interrupt: OnInterrupt = "raise",
    throw: bool = False,
) -> StructureResult:
    """Train all parameters of a network, and report what its first layer kept and forgot.

    Parameters
    ----------
    teacher_or_data : Teacher, RegressionData or pair (X, y)
        The problem. Data are whitened, and a quarter of the rows is kept back.
    student : Student, optional
        The network; 32 units of tanh, one hidden layer, by default; 16 units for data.
    loss : {"squared", "logistic", "huber"} or callable, optional
        By default logistic for data with targets 0 and 1, otherwise squared.
        A callable is a JAX function of (prediction, target).
    penalty : float or "auto", optional
        Coefficient of ``|W|_F^2``; 0 is allowed, and then the lemma says nothing. ``"auto"``, the default for data,
        chooses this and `upper_penalty` by the loss on rows kept back from the training rows; the rows that judge the
        result take no part in it. For teachers 1e-4 by default.
    method : str or record
        ``"lemma"``, ``"hessian"``, ``"sgd"``, ``"adam"``, or a record: `LemmaDescent`, `HessianDescent`,
        `PerturbedGradientDescent` (the paper's algorithm 1), `derandkit.structure.methods.StochasticGradient`.
    max_steps : int, optional
        Accepted steps at most (1500 for the lemma's descent, on coarse nodes, and a quarter of that on all nodes).
    frozen : collection of {"bias", "upper"}
        What is not trained.
    upper_penalty : float, optional
        Coefficient of ``|theta|^2`` on the parameters above the first layer: chosen with ``penalty="auto"``, otherwise
        0 by default. From depth 3 on the risk has no
        minimiser without it: W can shrink while the next layer grows.
    rank : int, optional
        For data: number of directions to keep. By default chosen by the loss on rows kept back if the penalties are,
        otherwise the rounded effective rank of W.
    controls : bool
        Whether to train again with a frozen bias, and without penalty. Weight decay alone is always computed.
    time_limit : float, optional
        Seconds after which training stops at its last point and the controls that are not finished are left out; the
        result then depends on the machine.
    on_progress : callable, optional
        Called with the stage and the risk after every step.
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
    >>> from derandkit.structure.student import Student
    >>> from derandkit.structure.teacher import Teacher
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
    asked = None if rank is None else int(rank)
    network = build(student, loss, problem.dimension)
    with entry(time_limit, on_interrupt=on_interrupt) as clock:
        report = asking(clock, on_progress)
        choice = None
        if penalty == "auto" or (penalty is None and problem.span is None):
            if isinstance(problem, Teacher):
                raise InputError(
                    "penalty 'auto' is chosen on rows of data; give a teacher's penalty as a number"
                )
            choice = choose(
                problem, student, network,
                frozen=frozen, upper_penalty=upper_penalty, rank=rank,
                report=lambda loss: report(Progress("penalties", loss)),
            )  # fmt: skip
            penalty, upper_penalty, rank = choice.penalty, choice.upper_penalty, choice.rank
        penalty = 1e-4 if penalty is None else float(penalty)
        upper_penalty = 0.0 if upper_penalty is None else float(upper_penalty)
        record = as_method(method, penalty, max_steps)
        run = _Run(problem, student, network, loss, frozen, upper_penalty, report)
        trained, history = run.train(record, penalty, "train")
        span = run.span(trained.law, rank)
        figures = run.figures(trained, span, penalty)
        beside = run.controls(record, trained, span, penalty, figures["ratio"], wanted=controls)
        W, b, theta = run.objective.parameters(trained.law)
        status = trained.status
        if problem.span is None:
            status = finding(status, figures, auto=choice is not None)
        result = StructureResult(
            status=status,
            ended=trained.status,
            selection=None if choice is None else choice.table,
            W=W,
            b=b,
            theta=theta,
            W_start=run.start[0],
            span=span,
            problem={**problem.describe(), "digest": problem.digest},
            student=student.describe(),
            settings={
                "loss": loss if isinstance(loss, str) else "user",
                "penalty": float(penalty),
                "upper_penalty": float(upper_penalty),
                "method": name_of(record),
                "frozen": list(run.objective.frozen),
                "gaussian": problem.gaussian,
                "smooth": student.smooth,
                "rank": asked,
                "max_steps": None if max_steps is None else int(max_steps),
            },
            figures=figures,
            controls=beside,
            history=history.columns(span),
            stats=trained.stats,
        )
    result = deliver(clock, result, on_interrupt)
    if throw and not result.status.ok:
        raise ConvergenceError(result.message, result)
    return result


def as_problem(teacher_or_data: Any, loss: Any = None) -> Problem:
    """Return a teacher or regression data; a pair (X, y) becomes the latter.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(teacher_or_data, (Teacher, RegressionData)):
        return teacher_or_data
    if isinstance(teacher_or_data, (tuple, list)) and len(teacher_or_data) == 2:
        X, y = teacher_or_data
        return RegressionData(X, y, standardise=None if loss is None else loss != "logistic")
    raise InputError(f"the problem is a Teacher, or data (X, y), got {type(teacher_or_data).__name__}")


def name_of(record: Any) -> str:
    """Return the name of a method as results show it."""
    if isinstance(record, StochasticGradient):
        batch = "full batch" if record.batch is None else f"batch {record.batch}"
        return f"{record.optimizer}, {batch}, step {record.step_size:g}"
    return type(record).__name__


def column_weights(data: Any, span: FloatArray) -> list[list[float]]:
    """Return the directions of a span as unit weights of the standardised columns of the data."""
    return [[settled(weight) for weight in row] for row in data.features(span).tolist()]


def _check(problem: Problem, student: Any, loss: Any, rank: int | None) -> None:
    if not isinstance(student, Student):
        raise InputError(f"the student is a Student, got {type(student).__name__}")
    most = min(problem.dimension, int(student.width))
    if rank is not None and problem.span is not None:
        raise InputError("rank belongs to data; what a teacher depends on is known")
    if rank is not None and rank > most:
        raise InputError(f"rank must be between 1 and {most}, got {rank}")
    if loss == "logistic":
        targets = problem.training().targets
        if not (targets.min() >= 0.0 and targets.max() <= 1.0):
            raise InputError(
                "the logistic loss needs targets in [0, 1]; make the teacher binary, or code the classes 0 and 1"
            )


class _History:
    """Rows of a run, with a triangular factor of W where the span is only known at the end."""

    def __init__(self, span: FloatArray | None) -> None:
        self._span = span
        self._rows: list[tuple[float, float, float]] = []
        self._parts: list[Any] = []

    def see(self, evaluations: int, risk: float, penalised: float, W: FloatArray) -> None:
        self._rows.append((float(evaluations), risk, penalised))
        if self._span is None:
            self._parts.append(W.copy() if len(W) <= W.shape[1] else np.linalg.qr(W, mode="r"))
        else:
            parallel, perp = split(W, self._span)
            self._parts.append((norm(parallel), norm(perp)))

    def columns(self, span: FloatArray) -> dict[str, tuple[float, ...]]:
        rows = [tuple(row) for row in zip(*self._rows, strict=True)] or [(), (), ()]
        pairs = self._parts
        if self._span is None:
            pairs = [tuple(map(norm, split(R, span))) for R in pairs]
        names = ("evaluations", "risk", "penalised")
        figures = {name: tuple(settled(x) for x in row) for name, row in zip(names, rows, strict=True)}
        for k, name in enumerate(("w_par", "w_perp")):
            figures[name] = tuple(settled(pair[k]) for pair in pairs)
        return figures


class _Run:
    """One problem and one network: everything that the main run and its controls share."""

    def __init__(
        self,
        problem: Problem,
        student: Student,
        network: Network,
        loss: Any,
        frozen: Collection[str],
        upper_penalty: float,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.problem, self.student, self.network, self.loss = problem, student, network, loss
        self.upper_penalty, self.on_progress = upper_penalty, on_progress
        self.stages = self._stages(frozen)
        self.objective = self.stages[-1]
        W, b = student.first_layer(problem.dimension)
        self.start = (W, b, network.start)

    def _stages(self, frozen: Collection[str]) -> list[NetworkObjective]:
        problem, samples = self.problem, []
        whole = problem.training()
        if isinstance(problem, Teacher) and whole.kind == "sobol" and problem.nodes >= COARSE * FEWEST_COARSE:
            samples.append(replace(problem, nodes=problem.nodes // COARSE).training())
        samples.append(whole)
        return [NetworkObjective(self.network, sample, frozen, self.upper_penalty) for sample in samples]

    def train(
        self, record: Any, penalty: float, stage: str, frozen: Collection[str] | None = None
    ) -> tuple[Trained, _History]:
        """Train from the start; `frozen` replaces what the run froze."""
        stages = self.stages if frozen is None else self._stages(frozen)
        history = _History(self.problem.span)

        def observe(evaluations: int, risk: float, penalised: float, W: FloatArray) -> None:
            history.see(evaluations, risk, penalised, W)
            if self.on_progress is not None:
                self.on_progress(Progress(stage, risk))

        law = stages[-1].law(*self.start)
        for objective in stages:
            objective.evaluations = objective.products = 0
        return train(stages, law, record, penalty, observe, self.problem.draw), history

    def span(self, law: GaussianSampler, rank: int | None) -> FloatArray:
        """Return the teacher's span; for data the leading directions of W."""
        if self.problem.span is not None:
            return self.problem.span
        W = self.objective.parameters(law)[0]
        if rank is None:
            values = singular_values(W)
            rank = min(max(1, round(effective_rank(values))), values.size)
        return leading_directions(W, rank)

    def figures(self, trained: Trained, span: FloatArray, penalty: float) -> dict[str, Any]:
        """Measure the trained network."""
        law, n = trained.law, self.network.width
        W = self.objective.parameters(law)[0]
        parallel, perp = split(W, span)
        start = norm(split(self.start[0], span)[1])
        values = singular_values(W)
        dW = self.objective.spread_gradient(law)[:n] + 2.0 * penalty * W
        replicates = [
            NetworkObjective(self.network, sample, self.objective.frozen, self.upper_penalty)
            for sample in self.problem.evaluation()
        ]
        evaluation = evaluate(replicates, law)
        theta = self.objective.parameters(law)[2]
        upper = self.upper_penalty * float(np.einsum("i,i->", theta, theta))
        loss, loss_error = evaluation.estimate(lambda risk, *_: risk)
        gradient, gradient_error = evaluation.estimate(
            lambda _r, dF, mean, _h: math.hypot(norm(dF + 2.0 * penalty * W), norm(mean))
        )
        known = self.problem.span is not None
        strengths = singular_values(np.einsum("nd,qd->nq", W, span))
        q = min(len(span), *W.shape)
        return {
            "w_perp": settled(norm(perp)),
            "w_perp_start": settled(start),
            "w_par": settled(norm(parallel)),
            "ratio": settled(norm(perp) / start) if start > 0 else 0.0,
            "singular_values": values.tolist(),
            "effective_rank": effective_rank(values),
            "principal_angles": principal_angles(leading_directions(W, q), span) if known else None,
            "strengths": strengths.tolist(),
            "column_weights": None if known else column_weights(self.problem, span),
            "loss": settled(loss - upper),
            "loss_error": settled(loss_error, ERROR_DIGITS),
            "training_loss": settled(self.objective.value(law) - upper),
            "gradient_norm": settled(math.hypot(norm(dW), norm(self.objective.mean_gradient(law)))),
            "population_gradient_norm": settled(gradient),
            "population_gradient_norm_error": settled(gradient_error, ERROR_DIGITS),
            "evaluations": trained.evaluations,
            **reference_figures(
                self.loss,
                self.objective.sample,
                [o.sample for o in replicates],
                (evaluation.risks - upper).tolist(),
            ),
            **lemma_figures(evaluation, W, span, penalty, smooth=self.student.smooth),
        }

    def controls(
        self, record: Any, trained: Trained, span: FloatArray, penalty: float, ratio: float, *, wanted: bool
    ) -> dict[str, Any]:
        """Return what is left of ``W_perp`` without the ingredients of the lemma."""
        decay = self._decay(record, trained, penalty)
        interrupted = trained.status is StructureStatus.INTERRUPTED
        out: dict[str, Any] = {
            "decay": decay,
            "shares": shares(ratio, decay["left"], None),
            "frozen_bias": None,
            "no_penalty": None,
        }
        if not wanted or interrupted or current().stopped:
            return out
        start = norm(split(self.start[0], span)[1])
        frozen = (*self.objective.frozen, "bias")
        for name, lam, what in (("frozen_bias", penalty, frozen), ("no_penalty", 0.0, self.objective.frozen)):
            if isinstance(record, StochasticGradient):
                method = record
            else:
                method = as_method(replace(record, penalty=None), lam, record.max_steps)
            found, _ = self.train(method, lam, name, what)
            if found.status is StructureStatus.INTERRUPTED or current().stopped:
                # half a control would look like a whole one
                return out
            W = self.objective.parameters(found.law)[0]
            perp = norm(split(W, span)[1])
            out[name] = {
                "ratio": settled(perp / start) if start > 0 else 0.0,
                "w_perp": settled(perp),
                "w_par": settled(norm(split(W, span)[0])),
                "training_loss": settled(self.objective.value(found.law)),
                "evaluations": found.evaluations,
                "status": found.status.name.lower(),
            }
        out["shares"] = shares(ratio, decay["left"], out["no_penalty"]["ratio"])
        return out

    def _decay(self, record: Any, trained: Trained, penalty: float) -> dict[str, Any]:
        steps = trained.evaluations
        if isinstance(record, StochasticGradient):
            if record.optimizer == "adam":
                reason = "Adam divides the penalty's gradient by a running scale, so there is no formula"
                return {"left": None, "step_size": record.step_size, "steps": steps, "reason": reason}
            size = record.step_size
        else:
            # gradient descent could take this step at the start or at the end: the longer one, in the control's favour
            probe = self.stages[0]
            ends = [largest_curvature(probe, law) for law in (probe.law(*self.start), trained.law)]
            ends = [x for x in ends if x > 0 and math.isfinite(x)]
            size = 1.0 / (min(ends) + 2.0 * penalty) if ends else 1.0
        factor = abs(1.0 - 2.0 * size * penalty)
        return {"left": settled(factor**steps), "step_size": settled(size), "steps": steps, "reason": None}
