"""One problem and one network: the steps from training to the controls, as `derandkit.structure.solve` calls them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.vectors import norm
from derandkit.runtime import lapack
from derandkit.runtime.clock import current
from derandkit.runtime.progress import OnProgress, Progress
from derandkit.status import StructureStatus
from derandkit.structure.data import RegressionData
from derandkit.structure.measure import (
    ERROR_DIGITS,
    effective_rank,
    evaluate,
    leading_directions,
    lemma_measurements,
    principal_angles,
    reference_measurements,
    settled,
    shares,
    singular_values,
    split,
)
from derandkit.structure.methods import StochasticGradient, as_method, train
from derandkit.structure.student import Student
from derandkit.structure.teacher import Teacher
from derandkit.structure.training.curvature import largest_curvature
from derandkit.structure.training.objective import BEYOND, NetworkObjective, refuse_overflow

if TYPE_CHECKING:
    from collections.abc import Collection

    from derandkit.engine.law import GaussianSampler
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonObject
    from derandkit.structure.methods import Trained
    from derandkit.structure.training.network import Network

    Problem = Teacher | RegressionData

#: A descent starts on this share of the nodes, and finishes on all of them.
COARSE = 8
#: What progress reports call the training of a control.
CONTROLS = {"frozen_bias": "train with frozen bias", "no_penalty": "train without penalty"}
#: With fewer coarse nodes than this, there is no coarse stage.
FEWEST_COARSE = 2048
#: Of data with more training rows than this, a descent starts on as many, and penalties are chosen on them.
MOST_COARSE = 1 << 16
#: Rows of a history that a record holds.
MOST_ROWS = 100_000


class History:
    """Rows of a run, with a triangular factor of W where the span is only known at the end.

    Of more rows than a record holds, every second one is kept, then every fourth and so on, and always the last one.
    """

    def __init__(self, span: FloatArray | None) -> None:
        self._span, self._seen, self._every = span, 0, 1
        self._rows: list[tuple[float, float, float]] = []
        self._parts: list[Any] = []

    def see(self, evaluations: int, risk: float, penalised: float, W: FloatArray) -> None:
        """Keep a row."""
        if self._rows and (self._seen - 1) % self._every:  # the last one was kept for being the last
            del self._rows[-1], self._parts[-1]
        self._rows.append((float(evaluations), risk, penalised))
        if self._span is None:
            self._parts.append(W.copy() if len(W) <= W.shape[1] else lapack.triangle(W))
        else:
            parallel, perp = split(W, self._span)
            self._parts.append((norm(parallel), norm(perp)))
        self._seen += 1
        if len(self._rows) > MOST_ROWS:  # an even number, and the last row is one of those that stay
            del self._rows[1::2], self._parts[1::2]
            self._every *= 2

    def __len__(self) -> int:
        return self._seen

    def columns(self, span: FloatArray) -> dict[str, tuple[float, ...]]:
        """Return the rows by column."""
        rows = [tuple(row) for row in zip(*self._rows, strict=True)] or [(), (), ()]
        pairs = self._parts
        if self._span is None:
            pairs = [tuple(map(norm, split(R, span))) for R in pairs]
        names = ("evaluations", "risk", "penalised")
        columns = {name: tuple(settled(x) for x in row) for name, row in zip(names, rows, strict=True)}
        for k, name in enumerate(("w_par", "w_perp")):
            columns[name] = tuple(settled(pair[k]) for pair in pairs)
        return columns


class Run:
    """One problem and one network: everything that the main run and its controls share."""

    def __init__(
        self,
        problem: Problem,
        student: Student,
        network: Network,
        loss: object,
        frozen: Collection[str],
        upper_penalty: float,
        on_progress: OnProgress,
    ) -> None:
        self.problem, self.student, self.network, self.loss = problem, student, network, loss
        self.upper_penalty, self.report = upper_penalty, on_progress
        self.stages = self._stages(frozen)
        self.objective = self.stages[-1]
        W, b = student.first_layer(problem.dimension)
        self.start = (W, b, network.start)
        refuse_overflow(self.objective, self.law())

    def _stages(self, frozen: Collection[str]) -> list[NetworkObjective]:
        problem, samples = self.problem, []
        whole = problem.training()
        if isinstance(problem, RegressionData):
            if len(whole.weights) > MOST_COARSE:
                samples.append(problem.coarse(MOST_COARSE))
        elif whole.kind == "sobol" and problem.nodes >= COARSE * FEWEST_COARSE:
            samples.append(replace(problem, nodes=problem.nodes // COARSE).training())
        samples.append(whole)
        return [NetworkObjective(self.network, sample, frozen, self.upper_penalty) for sample in samples]

    def law(self) -> GaussianSampler:
        """Return the distribution of the first layer at the start."""
        return self.objective.law(*self.start)

    def derandomize(
        self,
        law: GaussianSampler,
        record: Any,
        penalty: float,
        stage: str,
        stages: list[NetworkObjective] | None = None,
    ) -> tuple[Trained, History]:
        """Train every parameter from a distribution, on each objective of `stages` in turn (those of the run)."""
        stages = self.stages if stages is None else stages
        history = History(self.problem.span)

        def observe(evaluations: int, risk: float, penalised: float, W: FloatArray) -> None:
            history.see(evaluations, risk, penalised, W)
            self.report(Progress(stage, risk, step=len(history)))

        for objective in stages:
            objective.evaluations = objective.products = 0
        return train(stages, law, record, penalty, observe, self.problem.draw), history

    def round(self, law: GaussianSampler, rank: int | None) -> FloatArray:
        """Return the directions that are kept: the teacher's span, for data the leading directions of W."""
        if self.problem.span is not None:
            return self.problem.span
        W = self.objective.parameters(law)[0]
        if rank is None:
            values = singular_values(W)
            rank = min(max(1, round(effective_rank(values))), values.size)
        return leading_directions(W, rank)

    def certify(self, trained: Trained, span: FloatArray, penalty: float) -> JsonObject:
        """Measure the trained network on nodes that it was not trained on."""
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
        evaluation = evaluate(
            replicates,
            law,
            lambda number, risk: self.report(Progress("evaluate", risk, step=number, total=len(replicates))),
        )
        loss, loss_error = evaluation.estimate(lambda risk, *_: risk)
        gradient, gradient_error = evaluation.estimate(
            lambda _r, dF, mean, _h: math.hypot(norm(dF + 2.0 * penalty * W), norm(mean))
        )
        known = self.problem.span is not None
        strengths = singular_values(np.einsum("nd,qd->nq", W, span))
        q = min(len(span), *W.shape)
        found: JsonObject = {
            "w_perp": settled(norm(perp)),
            "w_perp_start": settled(start),
            "w_par": settled(norm(parallel)),
            "ratio": settled(norm(perp) / start) if start > 0 else 0.0,
            "singular_values": values.tolist(),
            "effective_rank": effective_rank(values),
            "principal_angles": principal_angles(leading_directions(W, q), span) if known else None,
            "strengths": strengths.tolist(),
            "column_weights": None if known else column_weights(self.problem, span),
            "loss": settled(loss),
            "loss_error": settled(loss_error, ERROR_DIGITS),
            "training_loss": settled(self.objective.loss(law)),
            "gradient_norm": settled(math.hypot(norm(dW), norm(self.objective.mean_gradient(law)))),
            "population_gradient_norm": settled(gradient),
            "population_gradient_norm_error": settled(gradient_error, ERROR_DIGITS),
            "evaluations": trained.evaluations,
            **reference_measurements(
                self.loss,
                self.objective.sample,
                [o.sample for o in replicates],
                evaluation.risks.tolist(),
            ),
            **lemma_measurements(evaluation, W, span, penalty, smooth=self.student.smooth),
        }
        wrong = [name for name, x in found.items() if isinstance(x, float) and not math.isfinite(x)]
        if wrong:
            raise InputError(f"{wrong[0].replace('_', ' ')} of the trained network {BEYOND}")
        return found

    def controls(
        self, record: Any, trained: Trained, span: FloatArray, penalty: float, ratio: float, *, wanted: bool
    ) -> JsonObject:
        """Return what is left of ``W_perp`` without the ingredients of the lemma."""
        decay = self._decay(record, trained, penalty)
        interrupted = trained.status is StructureStatus.INTERRUPTED
        out: JsonObject = {
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
            stages = self._stages(what)
            found, _ = self.derandomize(stages[-1].law(*self.start), method, lam, CONTROLS[name], stages)
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

    def _decay(self, record: object, trained: Trained, penalty: float) -> JsonObject:
        steps = trained.evaluations
        if isinstance(record, StochasticGradient):
            if record.optimizer == "adam":
                reason = "Adam divides the penalty's gradient by a running scale, so there is no formula"
                return {"left": None, "step_size": record.step_size, "steps": steps, "reason": reason}
            size = record.step_size
        else:
            # gradient descent could take this step at the start or at the end: the longer one, in the control's favour
            probe = self.objective if isinstance(self.problem, RegressionData) else self.stages[0]
            ends = [largest_curvature(probe, law) for law in (probe.law(*self.start), trained.law)]
            ends = [x for x in ends if x > 0 and math.isfinite(x)]
            size = 1.0 / (min(ends) + 2.0 * penalty) if ends else 1.0
        factor = abs(1.0 - 2.0 * size * penalty)
        return {"left": settled(factor**steps), "step_size": settled(size), "steps": steps, "reason": None}


def column_weights(data: Any, span: FloatArray) -> list[list[float]]:
    """Return the directions of a span as unit weights of the standardised columns of the data."""
    return [[settled(weight) for weight in row] for row in data.features(span).tolist()]
