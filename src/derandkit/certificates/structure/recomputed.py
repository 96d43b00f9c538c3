"""The parts of a structure record decoded, and the sums over its nodes, computed once and by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from derandkit.certificates.structure.networks import Pass
from derandkit.certificates.structure.passes import bounds, sums
from derandkit.certificates.structure.references.constants import best_constant
from derandkit.certificates.structure.references.linear import linear_model
from derandkit.certificates.structure.rounding import TINY, UNIT, length, length_bound
from derandkit.certificates.structure.several import LOSSES
from derandkit.records import JsonMapping, decode_array

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derandkit.certificates.structure.networks import Sample
    from derandkit.certificates.structure.references.model import Reference
    from derandkit.numerics.typing import FloatArray

#: Of more training rows than this, a descent begins on as many.
MOST_COARSE = 1 << 16
#: Numbers are stored to ten digits, errors to six: half a unit of the last digit, at its largest relative size.
ROUNDED, ROUNDED_ERROR = 5.1e-10, 5.1e-6
#: Two writings of one formula in double precision differ by less than this share of the terms they add up.
SLACK = 2e-13
#: How far a standard error may be off, in widths of the figures that it is made of. Each figure is off by a width at
#: most in the record and once more here. On a grid the error is a difference of two figures: 4 widths. The jackknife
#: over R parts is ``sqrt((R - 1) / R)`` times a distance from the mean: changes of 2 widths move it by
#: ``sqrt((R - 1) / R) * 2 sqrt(R)`` at most, which is 5.3 widths for 8 parts; half of the figures each way reach it.
#: The rest of the 6 is for the rounding of the sum of squares.
SPREAD = 6.0
#: The same for the gain, in slacks: an average of R - 1 figures may be off by one of them, which moves the error by
#: ``sqrt(R - 1)`` slacks at most: 2.7 for 8 parts.
GAIN_SPREAD = 3.0


def near(claimed: object, found: float | None, slack: float, rounded: float = ROUNDED) -> bool:
    """Return whether a claim lies in the interval around what was found: its rounding, and `slack`.

    What is not finite is stored as None.
    """
    if found is None or not math.isfinite(found):
        return claimed is None
    return type(claimed) is float and abs(claimed - found) <= rounded * abs(found) + slack


def size(M: FloatArray) -> float:
    """Return the Frobenius norm."""
    return length(M)


def least(H: FloatArray) -> float:
    """Return the smallest eigenvalue of a symmetric matrix."""
    return float(np.linalg.eigvalsh(H)[0])


class Part:
    """Averages over some evaluation nodes with bounds on their rounding errors: what numbers are made of.

    Parameters
    ----------
    found, error : Pass
        The averages, and a bound on the error of every entry.
    """

    def __init__(self, case: Recomputed, found: Pass, error: Pass) -> None:
        self.risk, self.W, self.curvature = found.risk, found.W, found.curvature
        self.mean = case.mean_gradient(found.b, found.theta, case.theta)
        self.risk_error, self.W_error, self.curvature_error = error.risk, error.W, error.curvature
        self.mean_error = case.mean_gradient_error(error.b, error.theta, self.mean)

    def gradient(self, case: Recomputed) -> tuple[float, float]:
        """Return the norm of the gradient of the penalised risk in all parameters, and how far off it may be."""
        decay = 2.0 * case.penalty * case.W
        found = math.hypot(size(self.W + decay), size(self.mean))
        errors = np.append((self.W_error + 2.0 * UNIT * np.abs(decay) + TINY).ravel(), self.mean_error)
        return found, length_bound(errors, found, errors.size)


class Samples:
    """The nodes of a problem, each made once.

    Parameters
    ----------
    problem : Teacher or RegressionData
        The problem.
    alike : bool
        Whether all parts of rows count the same, as they do in records before version 5.
    """

    def __init__(self, problem: Any, alike: bool = False) -> None:
        self.problem, self.alike = problem, alike

    @cached_property
    def training(self) -> Sample:
        """The training nodes."""
        sample: Sample = self.problem.training()
        return sample

    @cached_property
    def evaluation(self) -> tuple[Sample, ...]:
        """The nodes, or rows, that are kept back, in parts."""
        return tuple(self.problem.evaluation())

    @cached_property
    def masses(self) -> list[float]:
        """What each part counts: the sum of the weights of its rows."""
        return [1.0 if self.alike else float(part.mass) for part in self.evaluation]

    @property
    def counting(self) -> int:
        """As how many even parts they count: the square of the sum of the masses over the sum of their squares."""
        return round(math.fsum(self.masses) ** 2 / math.fsum(mass * mass for mass in self.masses))

    @property
    def said(self) -> str:
        """What figures of old records are means of, in words; empty where it makes no difference."""
        uneven = self.alike and len({part.mass for part in self.evaluation}) > 1
        return (
            f"; means of {len(self.evaluation)} parts that count the same, not of the rows" if uneven else ""
        )

    @cached_property
    def coarse(self) -> Sample:
        """The nodes that a descent starts on: an eighth of many Sobol nodes, or all there are."""
        many = self.problem.span is not None and self.problem.nodes >= 8 * 2048
        if many and self.training.kind == "sobol":
            sample: Sample = replace(self.problem, nodes=self.problem.nodes // 8).training()
            return sample
        return self.training

    @cached_property
    def first(self) -> tuple[Sample, ...]:
        """Where a descent may begin: on the coarse nodes; of many rows on some, and before version 0.2 on all."""
        if self.problem.span is not None or len(self.training.weights) <= MOST_COARSE:
            return (self.coarse,)
        return self.problem.coarse(MOST_COARSE), self.training


class Recomputed:
    """A record with its arrays decoded, and its problem; the expensive sums are computed once."""

    def __init__(self, record: JsonMapping, problem: Any, samples: Samples | None = None) -> None:
        self.record, self.problem, self.samples = record, problem, samples or Samples(problem)
        arrays = {
            name: decode_array(record["parameters"][name]) for name in ("W", "W_start", "b", "span", "theta")
        }
        self.W, self.W_start, self.b = arrays["W"], arrays["W_start"], arrays["b"]
        self.given_span, self.theta = arrays["span"], arrays["theta"]
        # a teacher has its own directions: a span that is a little off would hide what a large W has beside them
        own = problem.span is not None and problem.span.shape == self.given_span.shape
        self.span: FloatArray = problem.span if own else self.given_span
        self.student, self.settings = record["student"], record["settings"]
        self.penalty, self.upper = self.settings["penalty"], self.settings["upper_penalty"]
        self.builtin = self.student["kind"] == "built-in" and self.settings["loss"] in LOSSES
        self.outputs = 1 if problem.span is not None else int(problem.outputs)
        self._passes: list[Pass] | None = None
        self._parts: list[Part] | None = None
        self._end: Part | None = None

    @cached_property
    def by_weight(self) -> Recomputed:
        """The same with parts of the rows that count by their weights, whatever the version of the record."""
        other = Recomputed(self.record, self.problem)
        other._passes = self.passes()  # sums within each part
        return other

    def split(self, M: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the parts of the rows in and orthogonal to the span, which may be everything."""
        if self.span.shape[0] == self.span.shape[1]:
            return M.copy(), np.zeros_like(M)
        P = self.span.T @ self.span
        parallel = M @ P
        rest = M - parallel
        return parallel, rest - rest @ P

    def parameters(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return W, b and theta."""
        return self.W, self.b, self.theta

    def mean_gradient(self, b: FloatArray, theta: FloatArray, at: FloatArray) -> FloatArray:
        """Gradient in (b, theta) at parameters theta = `at`, without what was frozen."""
        return self.unfrozen(b, theta + 2.0 * self.upper * at)

    def unfrozen(self, b: FloatArray, theta: FloatArray) -> FloatArray:
        """Return (b, theta) as one vector, with zeros for what was frozen."""
        b = np.zeros_like(b) if "bias" in self.settings["frozen"] else b
        return np.concatenate((b, np.zeros_like(theta) if "upper" in self.settings["frozen"] else theta))

    def mean_gradient_error(self, b: FloatArray, theta: FloatArray, found: FloatArray) -> FloatArray:
        """Bound the error of `mean_gradient` from those of its parts; what was frozen is left out, whatever it is."""
        theta = theta + 4.0 * UNIT * self.upper * np.abs(self.theta) + TINY
        return self.unfrozen(b, theta) + UNIT * np.abs(found)

    def training(self) -> Sample:
        """Return the training nodes."""
        return self.samples.training

    def evaluation(self) -> tuple[Sample, ...]:
        """Return the evaluation nodes."""
        return self.samples.evaluation

    def at_end(self) -> Part:
        """Return the averages over the training nodes, without curvature."""
        if self._end is None:
            what = self.student, self.settings["loss"], self.parameters(), self.training()
            self._end = Part(self, sums(*what, second=False), bounds(*what, second=False))
        return self._end

    @cached_property
    def _scale(self) -> float:
        constant, sample = self.references()[0], self.training()
        found = constant(sample) - constant.width(sample)
        return found if 0.0 < found < math.inf else 0.0

    def scale(self) -> float:
        """Return what a loss is held against: that of the best constant, on the training nodes.

        That of predicting zero would grow with the offset of the targets, which a record may keep, and hide any figure.
        The least that it can be, and zero where it is not known: a figure is then held against its own size only.
        """
        return self._scale

    def residual_error(self) -> float:
        """Bound the rounding of a constant less a target."""
        return 64.0 * UNIT * float(np.abs(self.training().targets).max(initial=0.0))

    def coarse(self) -> Sample:
        """Return the nodes on which largest curvatures and saddles are looked for."""
        return self.samples.coarse

    def first(self) -> tuple[Sample, ...]:
        """Return the nodes on which a descent may have begun; any of them will do."""
        return self.samples.first

    def vector(self, W: FloatArray, b: FloatArray, theta: FloatArray) -> FloatArray:
        """Return parameters as one vector."""
        return np.concatenate((W.ravel(), b, theta))

    def average(self, values: list[float]) -> tuple[float, float]:
        """Return a number and its error from its values on the evaluation nodes."""
        if self.training().kind == "grid":
            return values[0], abs(values[0] - values[1])
        found = [
            sum(share * values[k] for k, share in shares.items()) for shares in _shares(self.samples.masses)
        ]
        return found[0], _jackknife(found[1:])

    def references(self) -> tuple[Reference, Reference]:
        """Return the best constant and a linear model with ridge 1e-3: the losses of both are functions of nodes."""
        return self._references

    @cached_property
    def _references(self) -> tuple[Reference, Reference]:
        loss, sample = self.settings["loss"], self.training()
        loss = loss if loss in LOSSES else "squared"
        constant = best_constant(loss, sample)
        return constant, linear_model(loss, sample, constant.offset)

    def passes(self) -> list[Pass]:
        """Return the sums on every replicate of the evaluation nodes."""
        if self._passes is None:
            second = bool(self.settings["smooth"])
            loss, student = self.settings["loss"], self.student
            self._passes = [
                sums(student, loss, self.parameters(), sample, second=second) for sample in self.evaluation()
            ]
        return self._passes

    def parts(self) -> list[Part]:
        """Return the averages that numbers are made of: the finer and the coarser grid, or all and all but one."""
        if self._parts is None:
            found, second = self.passes(), bool(self.settings["smooth"])
            what = self.student, self.settings["loss"], self.parameters()
            errors = [bounds(*what, sample, second=second) for sample in self.evaluation()]
            if self.training().kind != "grid":
                sizes = [one.sizes for one in found]
                sizes, found, errors = (_leave_out(x, self.samples.masses) for x in (sizes, found, errors))
                if self.samples.alike:
                    # old releases subtracted one replicate from the sum of all, which rounds at the size of that
                    sizes = [sizes[0]] * len(sizes)
                share = (2.0 * len(found) + 6.0) * UNIT
                errors = [error.wider(share, each, TINY) for error, each in zip(errors, sizes, strict=True)]
            self._parts = [Part(self, *pair) for pair in zip(found, errors, strict=True)]
        return self._parts

    def estimate(self, functional: Callable[[Part], tuple[float, float]]) -> Estimate:
        """Return a functional of the averages, its error (by the coarser grid or the jackknife), and its width."""
        values, widths = zip(*map(functional, self.parts()), strict=True)
        if self.training().kind == "grid":
            return Estimate(values[0], abs(values[0] - values[1]), widths[0], float(np.max(widths)))
        return Estimate(values[0], _jackknife(values[1:]), widths[0], float(np.max(widths)))


class Estimate(NamedTuple):
    """A number on the nodes, or rows, that are kept back.

    Parameters
    ----------
    value, error : float
        The number and its standard error.
    width : float
        How far the number may be off by rounding.
    widest : float
        The same of every part that the error is made of.
    """

    value: float
    error: float
    width: float
    widest: float


def _jackknife(values: Sequence[float]) -> float:
    """Return the standard error from values without one part each: the delete-a-group jackknife.

    Losses may be so large, or so small, that squares of their differences are beyond the range of doubles.

    Examples
    --------
    >>> _jackknife([1.0, 3.0]), _jackknife([1e200, 3e200]), _jackknife([1e-200, 3e-200])
    (1.0, 1e+200, 1e-200)
    """
    R = len(values)
    middle = sum(values) / R
    apart = [abs(x - middle) for x in values]
    unit = max(apart)
    if unit == 0.0:
        return 0.0
    return unit * math.sqrt((R - 1) / R * sum((x / unit) ** 2 for x in apart))


def _shares(masses: list[float]) -> list[dict[int, float]]:
    """Return the shares of all parts in the sum of their masses, then those of all parts but one.

    Examples
    --------
    >>> _shares([3.0, 1.0])
    [{0: 0.75, 1: 0.25}, {1: 1.0}, {0: 1.0}]
    """
    kept = [[k for k in range(len(masses)) if k != out] for out in range(-1, len(masses))]
    totals = [math.fsum(masses[k] for k in parts) for parts in kept]
    return [{k: masses[k] / total for k in parts} for parts, total in zip(kept, totals, strict=True)]


def _leave_out(passes: list[Pass], masses: list[float]) -> list[Pass]:
    """Return the average of all passes by their masses, then those of all but one."""
    columns = list(zip(*passes, strict=True))
    return [
        Pass(*(sum(share * column[k] for k, share in shares.items()) for column in columns))
        for shares in _shares(masses)
    ]
