"""The parts of a structure record decoded, and the sums over its nodes, computed once and by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.certificates.structure.networks import LOSSES, sums
from derandkit.records import decode_array

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


def size(M: FloatArray) -> float:
    """Return the Frobenius norm."""
    return float(np.linalg.norm(M))


def least(H: FloatArray) -> float:
    """Return the smallest eigenvalue of a symmetric matrix."""
    return float(np.linalg.eigvalsh(H)[0])


class Recomputed:
    """A record with its arrays decoded, and its problem; the expensive sums are computed once."""

    def __init__(self, record: Mapping[str, Any], problem: Any) -> None:
        self.record, self.problem = record, problem
        arrays = {
            name: decode_array(record["parameters"][name]) for name in ("W", "W_start", "b", "span", "theta")
        }
        self.W, self.W_start, self.b = arrays["W"], arrays["W_start"], arrays["b"]
        self.span, self.theta = arrays["span"], arrays["theta"]
        self.student, self.settings = record["student"], record["settings"]
        self.penalty, self.upper = self.settings["penalty"], self.settings["upper_penalty"]
        self.builtin = self.student["kind"] == "built-in" and self.settings["loss"] in LOSSES
        self._passes: list[Any] | None = None

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
        b = np.zeros_like(b) if "bias" in self.settings["frozen"] else b
        theta = theta + 2.0 * self.upper * at
        return np.concatenate((b, np.zeros_like(theta) if "upper" in self.settings["frozen"] else theta))

    def passes(self) -> list[Any]:
        """Return the sums on every replicate of the evaluation nodes."""
        if self._passes is None:
            second = bool(self.settings["smooth"])
            loss, student = self.settings["loss"], self.student
            self._passes = [
                sums(student, loss, self.parameters(), sample, second=second)
                for sample in self.problem.evaluation()
            ]
            self._grid = self.problem.training().kind == "grid"
        return self._passes

    def estimate(
        self, functional: Callable[[float, FloatArray, FloatArray, FloatArray], float]
    ) -> tuple[float, float]:
        """Return a functional of the averages and its error: by the coarser grid, or by the jackknife."""
        parts = [
            (p.risk, p.W, self.mean_gradient(p.b, p.theta, self.theta), p.curvature) for p in self.passes()
        ]
        if self._grid:
            fine, coarse = functional(*parts[0]), functional(*parts[1])
            return fine, abs(fine - coarse)
        R = len(parts)
        columns = list(zip(*parts, strict=True))
        value = functional(*(sum(c) / R for c in columns))
        left = [functional(*((sum(c) - c[k]) / (R - 1) for c in columns)) for k in range(R)]
        middle = sum(left) / R
        return value, math.sqrt((R - 1) / R * sum((x - middle) ** 2 for x in left))
