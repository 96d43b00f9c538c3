"""Solvers from elsewhere on quadratic models, each within a given time: what a Python user would reach for.

A solver that is not installed, or that cannot take a model, answers with a note instead of a solution.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import wraps
from importlib import import_module
from threading import Timer
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from derandkit.signs.models import LARGEST_SCALE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized
    from types import ModuleType

    from derandkit.models.model import QuadraticModel
    from derandkit.numerics.typing import SignArray


@dataclass(frozen=True)
class Found:
    """What a solver found.

    Parameters
    ----------
    solution : ndarray of int8, shape (n,), or None
        Values in the order of the model's labels; None if there is none.
    note : str
        What else there is to know.
    seconds : float or None
        Wall time with the conversion of the model, without loading the package; None if it was not run.
    """

    solution: SignArray | None
    note: str = ""
    seconds: float | None = None


class Drawn(Protocol):
    """A sample of dimod: values by variable, and the energy."""

    @property
    def sample(self) -> Mapping[int, int]:
        """Values by variable."""

    @property
    def energy(self) -> float:
        """The value to be minimised."""


class SampleSet(Protocol):
    """Samples of dimod, as the samplers of D-Wave and OpenJij return them."""

    @property
    def first(self) -> Drawn:
        """The sample with the least energy."""

    @property
    def record(self) -> Sized:
        """The table of all samples, one a row."""


#: Takes a model, seconds and a seed.
Peer: TypeAlias = Callable[["QuadraticModel", float, int], Found]

#: Sweeps of a single annealing run: the default of both packages.
SWEEPS = 1000


def _needs(module: str, package: str) -> Callable[[Callable[..., Found]], Peer]:
    """Return a decorator that hands a module to a solver, or says that its package is not installed."""

    def decorate(solve: Callable[..., Found]) -> Peer:
        @wraps(solve)
        def run(model: QuadraticModel, seconds: float, seed: int) -> Found:
            try:
                loaded = import_module(module)
            except ImportError:
                return Found(None, f"not run: {package} is not installed")
            begin = time.perf_counter()
            found = solve(loaded, model, seconds, seed)
            return replace(found, seconds=time.perf_counter() - begin)

        return run

    return decorate


def _numbered(model: QuadraticModel) -> object:
    """Return the function as a dimod model of numbered variables, to be minimised."""
    dimod = import_module("dimod")
    sign = 1.0 if model.sense == "minimize" else -1.0
    i, j, c = model.couplings.edges()
    bqm = dimod.BinaryQuadraticModel(model.vartype.upper())
    bqm.add_linear_from(enumerate((sign * model.linear).tolist()))
    bqm.add_quadratic_from(zip(i.tolist(), j.tolist(), (sign * c).tolist(), strict=True))
    return bqm


def _first(samples: SampleSet, n: int) -> SignArray:
    sample = samples.first.sample
    return np.array([sample[k] for k in range(n)], dtype=np.int8)


@_needs("dwave.samplers", "dwave-samplers")
def tabu(samplers: ModuleType, model: QuadraticModel, seconds: float, seed: int) -> Found:
    """Run the tabu search of dwave-samplers, once, for the whole time."""
    bqm = _numbered(model)
    timeout = max(1, round(1000 * seconds))
    return Found(_first(samplers.TabuSampler().sample(bqm, timeout=timeout, seed=seed), model.n))


@_needs("dwave.samplers", "dwave-samplers")
def annealing(samplers: ModuleType, model: QuadraticModel, seconds: float, seed: int) -> Found:
    """Repeat the simulated annealing of dwave-samplers, a thousand sweeps a run, until the time is over."""
    bqm = _numbered(model)

    def run(reads: int, stream: int, end: float) -> SampleSet:
        with warnings.catch_warnings():  # of a model whose terms are all 0
            warnings.simplefilter("ignore", UserWarning)
            samples: SampleSet = samplers.SimulatedAnnealingSampler().sample(
                bqm,
                num_reads=reads,
                num_sweeps=SWEEPS,
                seed=stream,
                interrupt_function=lambda: time.perf_counter() > end,
            )
        return samples

    return _repeated(run, model.n, seconds, seed)


@_needs("openjij", "openjij")
def openjij(package: ModuleType, model: QuadraticModel, seconds: float, seed: int) -> Found:
    """Repeat the simulated annealing of OpenJij, a thousand sweeps a run, until the time is over."""
    bqm = _numbered(model)

    def run(reads: int, stream: int, end: float) -> SampleSet:
        samples: SampleSet = package.SASampler().sample(bqm, num_reads=reads, num_sweeps=SWEEPS, seed=stream)
        return samples

    return _repeated(run, model.n, seconds, seed)


def _repeated(run: Callable[[int, int, float], SampleSet], n: int, seconds: float, seed: int) -> Found:
    """Draw in batches that double while a batch fits into half of what is left of the time."""
    begin = time.perf_counter()
    best: SampleSet | None = None
    reads, done, last = 1, 0, 0.0
    while best is None or time.perf_counter() + last < begin + seconds:
        start = time.perf_counter()
        found = run(reads, (seed + done) % (2**31 - 1), begin + seconds)
        last = time.perf_counter() - start
        done += len(found.record)
        if best is None or found.first.energy < best.first.energy:
            best = found
        left = begin + seconds - time.perf_counter()
        if 4.0 * last < left:
            reads, last = 2 * reads, 2.0 * last
    return Found(_first(best, n), f"{done} runs")


@dataclass(frozen=True)
class Posiform:
    """A model as non-negative integer weights of conjunctions of one or two literals, to be minimised.

    Parameters
    ----------
    weights : list of int
        Positive.
    terms : list of tuple of int
        Literals as SAT tools write them: v for variable v (from 1), -v for its negation.
    """

    weights: list[int]
    terms: list[tuple[int, ...]]


def posiform(model: QuadraticModel) -> Posiform | None:
    """Return the model in units of a power of two as a posiform; None where that makes no integers.

    The value is the posiform times a unit, plus a constant.

    Examples
    --------
    >>> from derandkit.models.model import QuadraticModel
    >>> posiform(QuadraticModel.from_qubo({("x", "y"): -2, ("x", "x"): 1}))
    Posiform(weights=[2, 1], terms=[(1, -2), (-1,)])
    """
    sign = 1 if model.sense == "minimize" else -1
    pairs = {
        (a, b): sign * Fraction(w)
        for a, b, w in zip(*(x.tolist() for x in model.couplings.edges()), strict=True)
    }
    linear = [sign * Fraction(w) for w in model.linear.tolist()]
    if model.vartype == "spin":  # s = 2 x - 1
        linear = [2 * w for w in linear]
        for (a, b), w in pairs.items():
            linear[a] -= 2 * w
            linear[b] -= 2 * w
        pairs = {pair: 4 * w for pair, w in pairs.items()}
    weights: list[Fraction] = []
    terms: list[tuple[int, ...]] = []
    for (a, b), w in pairs.items():
        if w > 0:
            weights.append(w)
            terms.append((a + 1, b + 1))
        elif w < 0:  # -|w| x y = -|w| x + |w| x (1 - y)
            weights.append(-w)
            terms.append((a + 1, -b - 1))
            linear[a] += w
    for v, w in enumerate(linear, 1):
        if w != 0:
            weights.append(abs(w))
            terms.append((v if w > 0 else -v,))
    unit = max((w.denominator for w in weights), default=1)
    if unit > LARGEST_SCALE or sum(weights) * unit >= 2**53:
        return None
    return Posiform([int(w * unit) for w in weights], terms)


NO_INTEGERS = "not run: it takes integers, and the coefficients are none"


@_needs("pysat.examples.rc2", "python-sat")
def rc2(package: ModuleType, model: QuadraticModel, seconds: float, seed: int) -> Found:
    """Solve the model as weighted MaxSAT by the core-guided RC2; it has no answer before it ends."""
    form = posiform(model)
    if form is None:
        return Found(None, NO_INTEGERS)
    problem = import_module("pysat.formula").WCNF()
    for weight, term in zip(form.weights, form.terms, strict=True):
        problem.append([-literal for literal in term], weight=weight)
    with package.RC2(problem) as solver:
        timer = Timer(seconds, solver.interrupt)
        timer.start()
        try:
            found = solver.compute(expect_interrupt=True)
        finally:
            timer.cancel()
        if found is None:
            return Found(None, f"no answer in {seconds:.1f} s")
        true = set(found)
    low = -1 if model.vartype == "spin" else 0
    values = [1 if v in true else low for v in range(1, model.n + 1)]
    return Found(np.array(values, dtype=np.int8), "proven optimal")


@_needs("ortools.sat.python.cp_model", "ortools")
def cp_sat(package: ModuleType, model: QuadraticModel, seconds: float, seed: int) -> Found:
    """Solve the model by OR-Tools' CP-SAT with one worker, a Boolean for every product."""
    form = posiform(model)
    if form is None:
        return Found(None, NO_INTEGERS)
    problem = package.CpModel()
    bits = [problem.new_bool_var(f"x{k}") for k in range(model.n)]

    def literal(v: int) -> Any:
        return bits[v - 1] if v > 0 else bits[-v - 1].negated()

    costs = []
    for weight, term in zip(form.weights, form.terms, strict=True):
        if len(term) == 1:
            costs.append(weight * literal(term[0]))
        else:
            both = problem.new_bool_var("")
            problem.add_bool_or([both, *(literal(-v) for v in term)])
            costs.append(weight * both)
    problem.minimize(sum(costs))
    solver = package.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    status = solver.solve(problem)
    if status not in (package.OPTIMAL, package.FEASIBLE):
        return Found(None, f"no answer in {seconds:.1f} s")
    low = -1 if model.vartype == "spin" else 0
    values = [1 if solver.value(bit) else low for bit in bits]
    note = "proven optimal" if status == package.OPTIMAL else f"bound not met in {seconds:.1f} s"
    return Found(np.array(values, dtype=np.int8), note)
