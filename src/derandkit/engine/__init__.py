"""Derandomizers: ways from a Gaussian distribution to a single solution along which the objective does not get worse.

`derandomize` runs one of the methods, which are frozen records of their parameters, and returns a `Derandomization`:
the solution, its value beside the value at the start, the history, and the second-order numbers from which the
lemma bounds the spread that could be left.
"""

from __future__ import annotations

from derandkit.engine.method import Method, Step
from derandkit.engine.methods.conditional import ConditionalExpectations
from derandkit.engine.methods.hessian import HessianDescent
from derandkit.engine.methods.lemma import LemmaDescent
from derandkit.engine.methods.perturbed import PerturbationSchedule, PerturbedGradientDescent
from derandkit.engine.methods.sampling import RandomSampling
from derandkit.engine.outcome import Derandomization, DerandomizationHistory, Stationarity
from derandkit.engine.solve import derandomize, run_method
from derandkit.status import DerandomizationStatus

__all__ = [
    "ConditionalExpectations",
    "Derandomization",
    "DerandomizationHistory",
    "DerandomizationStatus",
    "HessianDescent",
    "LemmaDescent",
    "Method",
    "PerturbationSchedule",
    "PerturbedGradientDescent",
    "RandomSampling",
    "Stationarity",
    "Step",
    "derandomize",
    "run_method",
]
