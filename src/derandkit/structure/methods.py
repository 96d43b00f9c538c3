"""Ways to train: the engine's descents on all parameters, and stochastic gradients for comparison.

The descents are `derandkit.LemmaDescent`, `HessianDescent` and `PerturbedGradientDescent` as they are; see
`derandkit.structure.training.objective` for how all parameters become one distribution. Plain, minibatch and Adam
gradient steps are optax's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.engine import HessianDescent, LemmaDescent, PerturbedGradientDescent, run_method
from derandkit.errors import InputError, MissingDependencyError
from derandkit.numerics.vectors import norm
from derandkit.options import check_choice, check_rng, generator
from derandkit.runtime.clock import current
from derandkit.status import DerandomizationStatus, StructureStatus
from derandkit.structure.choices import METHODS, NEEDS_CONSTANTS, OPTIMIZERS, Optimizer
from derandkit.structure.options import MOST_STEPS, real, whole
from derandkit.structure.training.curvature import Joint, leave_saddle, leave_slope, price
from derandkit.structure.training.network import double_precision
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derandkit.engine.law import GaussianSampler
    from derandkit.engine.method import Step
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonObject
    from derandkit.structure.teacher import Sample
    from derandkit.structure.training.losses import Jax
    from derandkit.structure.training.objective import NetworkObjective

    Observer = Callable[[int, float, float, FloatArray], None]
    Draw = Callable[[int, np.random.Generator, int | None], Sample]

#: The engine's descents want a positive penalty; this one adds nothing in double precision.
NO_PENALTY = 1e-300
#: Saddles of the joint risk that one run leaves.
SADDLES = 8
#: A gradient below this share of the risk's at the start is called small; the checker allows twice as much.
SMALL = 5e-4
#: How often a descent begins again where it ended with a gradient that is not small, and where the risk still falls.
AGAIN, SLOPES = 4, 40
#: In the second case it ends below this share of the gradient there: the rounding of one much smaller is as large.
NEAR = 1e-2
#: Minibatch steps compiled into one call, and recorded as one row of the history; and inputs of a batch at most.
CHUNK, MOST_IN_BATCH = 200, 1 << 20
_STATUS = {
    DerandomizationStatus.CONVERGED: StructureStatus.STATIONARY,
    DerandomizationStatus.DETERMINISTIC: StructureStatus.STATIONARY,
    DerandomizationStatus.STATIONARY: StructureStatus.STATIONARY,
    DerandomizationStatus.STEP_LIMIT: StructureStatus.STEP_LIMIT,
    DerandomizationStatus.INTERRUPTED: StructureStatus.INTERRUPTED,
    DerandomizationStatus.STALLED: StructureStatus.STALLED,
    DerandomizationStatus.NOT_FINITE: StructureStatus.DIVERGED,
    DerandomizationStatus.UNBOUNDED: StructureStatus.DIVERGED,
}


@dataclass(frozen=True)
class StochasticGradient:
    """Plain, minibatch or Adam gradient steps with L2 penalty: what most people train with, as a comparison.

    Parameters
    ----------
    optimizer : {"sgd", "adam"}
        The optax update.
    step_size : float
        Of all parameters.
    bias_step : float, optional
        Of the first layer's bias, if another.
    batch : int or None
        Inputs a step; None takes the gradient over all training nodes.
    steps : int
        Number of steps.
    rng : numpy.random.Generator, int or None
        Source of the minibatches. With None the result is the same every time: rows of data come in a hashed order,
        each once before any comes again; inputs of a teacher, and noise, are drawn with a fixed seed.
    noise_threshold, noise : float
        Perturbation as in the published experiment: when the gradient in W is below the threshold, Gaussian numbers
        of this size are added to W and b.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> StochasticGradient("sgd", step_size=0.05, batch=64, steps=100, rng=0).optimizer
    'sgd'
    """

    optimizer: Optimizer = "sgd"
    step_size: float = 0.05
    bias_step: float | None = None
    batch: int | None = 50
    steps: int = 10_000
    rng: np.random.Generator | int | None = None
    noise_threshold: float = 0.0
    noise: float = 0.005

    def __post_init__(self) -> None:
        object.__setattr__(self, "optimizer", check_choice("optimizer", self.optimizer, OPTIMIZERS))
        check_rng(self.rng)
        for name in ("step_size", "bias_step", "noise"):
            value = getattr(self, name)
            if not (real(value) and value > 0) and not (name == "bias_step" and value is None):
                raise InputError(f"{name} must be positive and finite, got {quoted(value)}")
        if not (real(self.noise_threshold) and self.noise_threshold >= 0):
            raise InputError(f"noise_threshold must not be negative, got {quoted(self.noise_threshold)}")
        if not (whole(self.steps) and 0 <= self.steps <= MOST_STEPS):
            raise InputError(f"steps must be a whole number from 0 to 10^12, got {quoted(self.steps)}")
        if self.batch is not None and not (whole(self.batch) and 1 <= self.batch <= MOST_IN_BATCH):
            raise InputError(
                f"a batch holds 1 to {MOST_IN_BATCH} inputs, and None stands for all nodes, got {quoted(self.batch)}"
            )


@dataclass(frozen=True, eq=False)
class Trained:
    """Where training stopped.

    Parameters
    ----------
    law : GaussianSampler
        The parameters.
    status : StructureStatus
        Why it stopped.
    evaluations : int
        Gradients that were computed (of any number of nodes).
    stats : dict
        Counts.
    """

    law: GaussianSampler
    status: StructureStatus
    evaluations: int
    stats: JsonObject = field(default_factory=dict)


def as_method(method: object, penalty: float, max_steps: int | None) -> Any:
    """Return a method as its record, with the penalty of this run.

    Raises
    ------
    InputError
        If there is no such method, or a record brings a penalty of its own that differs.
    """
    if isinstance(method, np.ndarray):
        raise InputError("method is a name or a method, got an array")
    lam = penalty if penalty > 0 else NO_PENALTY
    if method == "lemma":
        limit = 1500 if max_steps is None else max_steps
        return LemmaDescent(penalty=lam, tolerance=1e-7, max_steps=limit, memory=20, finish=False)
    if method == "hessian":
        return HessianDescent(penalty=lam, max_steps=2000 if max_steps is None else max_steps, finish=False)
    if method == "perturbed":
        raise InputError(NEEDS_CONSTANTS)
    if method in ("sgd", "adam"):
        record = StochasticGradient(optimizer=method, step_size=0.05 if method == "sgd" else 1e-3)
        return record if max_steps is None else replace(record, steps=max_steps)
    if isinstance(method, (LemmaDescent, HessianDescent, PerturbedGradientDescent)):
        if method.penalty not in (None, penalty):
            raise InputError(f"the method has penalty {method.penalty}, the run {penalty}; give it once")
        limit = method.max_steps if max_steps is None else max_steps
        return replace(method, penalty=lam, finish=False, max_steps=limit)
    if isinstance(method, StochasticGradient):
        return method if max_steps is None else replace(method, steps=max_steps)
    check_choice("method", method, METHODS, also="a record such as LemmaDescent()")
    raise AssertionError(method)


def train(
    stages: Sequence[NetworkObjective],
    law: GaussianSampler,
    method: Any,
    penalty: float,
    observe: Observer,
    draw: Draw,
    saddles_left: int = SADDLES,
) -> Trained:
    """Train all parameters from a start.

    Parameters
    ----------
    stages : sequence of NetworkObjective
        Coarse nodes first, the nodes of the run last. Only descents use the coarse ones.
    law : GaussianSampler
        The start.
    method : record
        What `as_method` returned.
    penalty : float
        Coefficient of ``|W|^2``.
    observe : callable
        Called with (gradients so far, risk, penalised risk, W) after every accepted step.
    draw : callable
        Returns inputs, targets and weights for minibatches.
    saddles_left : int
        Saddles of the joint risk that are left at most; with 0 they are not looked for.

    Returns
    -------
    Trained
        The last point; the best one if the run diverged or was interrupted.
    """
    if isinstance(method, StochasticGradient):
        return _Stochastic(stages[-1], method, penalty, observe, draw).run(law)
    status, before, saddles, slopes, again, start = StructureStatus.STEP_LIMIT, 0, 0, 0, 0, law
    stats = {"steps": 0, "saddles_left": 0}
    waiting, how = list(stages), method
    # on the nodes of the run the rest of the way is short
    left = [method.max_steps] * (len(stages) - 1) + [method.max_steps // (4 if len(stages) > 1 else 1)]
    while waiting:
        objective, limit = waiting.pop(0), left.pop(0)
        objective.evaluations = 0
        reached: list[GaussianSampler] = []

        def watch(
            step: Step,
            objective: NetworkObjective = objective,
            before: int = before,
            reached: list[GaussianSampler] = reached,
        ) -> None:
            if step.law is not None:
                reached[:] = [step.law]
                W = objective.parameters(step.law)[0]
                # the engine's tiny penalty would be all that is left of a risk of zero
                penalised = step.penalised if penalty > 0 else step.value
                observe(before + objective.evaluations, step.value, penalised, W)

        outcome = run_method(objective, law, replace(how, max_steps=limit), on_step=watch, figures=False)
        unresolved = "gradient_resolution" in outcome.stats  # by the values; `_is_small` judges them
        status = StructureStatus.STATIONARY if unresolved else _STATUS[outcome.status]
        # an interrupt before the first step makes the engine reveal the distribution, which is no answer here
        if reached:
            law = _lower(objective, penalty, outcome.sampler, reached[0])
            if law is not reached[0]:  # the last row is the point that is kept
                risk, W = objective.value(law), objective.parameters(law)[0]
                observe(before + objective.evaluations, risk, risk + price(penalty, law), W)
        before += objective.evaluations
        for name in stats:
            stats[name] += int(outcome.stats.get(name, 0))
        if status in (StructureStatus.INTERRUPTED, StructureStatus.DIVERGED):
            break
        if current().stopped:
            status = StructureStatus.TIME_LIMIT
            break
        rest = limit - int(outcome.stats.get("steps", 0))
        # from a low point the penalised risk may fall while the risk rises, where the engine moves back
        ended = slopes > 0 and rest > 0 and status is StructureStatus.STEP_LIMIT
        if waiting or not (status is StructureStatus.STATIONARY or ended):
            continue
        status = StructureStatus.STEP_LIMIT  # what is not stationary yet is not called so
        lower, worth, coarser = law, True, False
        # where the last nodes are rows, the risk on some of them may bend another way
        joint = Joint(stages[-1] if stages[-1].sample.kind == "rows" else stages[0], penalty)
        if not _is_small(objective, penalty, start, law):
            # a large penalty makes the first gradients large, and what is left of the risk's is small beside them
            again, worth = again + 1, again < AGAIN
        elif saddles_left and (below := leave_saddle(joint, law)) is not None:
            lower, saddles, worth = below, saddles + 1, saddles < saddles_left and below is not law
            stats["saddles_left"] += int(worth and rest > 0)
        elif (below := leave_slope(joint, law)) is not None:
            # a start of a large risk makes the last gradients, and the last falls of the values, small beside its own
            lower, slopes, worth = below, slopes + 1, slopes < SLOPES
            coarser = isinstance(method, LemmaDescent)
        else:
            status, worth = StructureStatus.STATIONARY, False
        if worth and rest > 0:
            law, waiting, left = lower, [objective], [rest]
            how = replace(method, tolerance=max(NEAR, method.tolerance)) if coarser else method
    stats["products"] = sum(objective.products for objective in stages)
    return Trained(law, status, before, stats)


def _is_small(
    objective: NetworkObjective, penalty: float, start: GaussianSampler, law: GaussianSampler
) -> bool:
    """Whether a gradient is small by that of the risk at the start, in which the penalties have no part."""
    n, decay = objective.network.width, 2.0 * penalty
    dW = objective.spread_gradient(law)[:n] + decay * objective.parameters(law)[0]
    here = math.hypot(norm(dW), norm(objective.mean_gradient(law)))
    first = math.hypot(norm(objective.spread_gradient(start)[:n]), norm(objective.risk_gradient(start)))
    return here <= SMALL * (first or decay * norm(objective.parameters(start)[0]))


def _lower(
    objective: NetworkObjective, penalty: float, answer: GaussianSampler, reached: GaussianSampler
) -> GaussianSampler:
    """Return the last point of a descent; the engine's answer if it is lower, or the last one is not finite.

    The engine promises a risk no worse than at the start. Here the penalised risk is what falls, and the risk alone
    may rise on the way.
    """
    if answer.rank != objective.inputs:
        return reached
    values = [objective.value(law) + price(penalty, law) for law in (answer, reached)]
    return answer if not values[1] <= values[0] else reached


class _Stochastic:
    """One run of `StochasticGradient`."""

    def __init__(
        self,
        objective: NetworkObjective,
        method: StochasticGradient,
        penalty: float,
        observe: Observer,
        draw: Draw,
    ) -> None:
        try:
            self.optax = import_module("optax")
        except ImportError:
            raise MissingDependencyError("optax", "structure") from None
        self.jax = import_module("jax")
        self.objective, self.method, self.penalty = objective, method, penalty
        self.observe, self.draw = observe, draw
        self.rng = generator(0 if method.rng is None else method.rng)

    def run(self, law: GaussianSampler) -> Trained:
        with double_precision():
            return self._run(law)

    def _run(self, law: GaussianSampler) -> Trained:
        jax, objective, method = self.jax, self.objective, self.method
        jnp = jax.numpy
        optimizer = self._optimizer()
        parameters = tuple(jnp.asarray(a) for a in objective.parameters(law))
        state = optimizer.init(dict(zip("Wbt", parameters, strict=True)))
        chunk = jax.jit(self._chunk(optimizer))
        best, noisy, done = law, 0, 0
        best_value = objective.value(law) + price(self.penalty, law)
        status = StructureStatus.TRAINED
        tree = dict(zip("Wbt", parameters, strict=True))
        # the risk of a full batch comes with its gradient, so every step of it is seen
        stride = 1 if method.batch is None else CHUNK
        for first in range(0, method.steps, stride):
            count = min(stride, method.steps - first)
            if method.batch is None:
                tree, state, fired = *self._whole_batch(optimizer, tree, state, law), 0
            else:
                tree, state, fired = self._advance(chunk, tree, state, first, count, method.batch)
            arrays = [np.asarray(tree[key], dtype=np.float64) for key in "Wbt"]
            if not all(np.isfinite(a).all() for a in arrays):
                status, law = StructureStatus.DIVERGED, best
                break
            law, done, noisy = objective.law(*arrays), first + count, noisy + fired
            risk = objective.value(law)
            value = risk + price(self.penalty, law)
            if not math.isfinite(value) or value > 1e12:
                status, law = StructureStatus.DIVERGED, best
                break
            if value < best_value:
                best, best_value = law, value
            self.observe(done, risk, value, arrays[0])
            if current().stopped:
                law = best
                halted = current().interrupted
                status = StructureStatus.INTERRUPTED if halted else StructureStatus.TIME_LIMIT
                break
        return Trained(law, status, done, {"steps": done, "perturbations": noisy})

    def _optimizer(self) -> Jax:
        method, optax = self.method, self.optax
        make = optax.sgd if method.optimizer == "sgd" else optax.adam
        bias = method.step_size if method.bias_step is None else method.bias_step
        steps = {"W": make(method.step_size), "b": make(bias), "t": make(method.step_size)}
        return optax.multi_transform(steps, {key: key for key in steps})

    def _masked(self, gradient: JsonObject) -> JsonObject:
        jnp = self.jax.numpy
        for key, name in (("b", "bias"), ("t", "upper")):
            if name in self.objective.frozen:
                gradient[key] = jnp.zeros_like(gradient[key])
        return gradient

    def _chunk(self, optimizer: Jax) -> Callable[..., Jax]:
        jax, objective, method = self.jax, self.objective, self.method
        jnp, lam = jax.numpy, self.penalty

        def risk(tree: Jax, X: Jax, y: Jax, w: Jax) -> Jax:
            mean = objective.network.mean_loss(tree["W"], tree["b"], tree["t"], X, y, w)
            return mean + lam * jnp.sum(tree["W"] ** 2) + objective.upper_penalty * jnp.sum(tree["t"] ** 2)

        def step(carry: Jax, batch: Jax) -> Jax:
            tree, state = carry
            X, y, w, eW, eb = batch
            gradient = self._masked(jax.grad(risk)(tree, X, y, w))
            update, state = optimizer.update(gradient, state, tree)
            tree = self.optax.apply_updates(tree, update)
            small = jnp.sqrt(jnp.sum(gradient["W"] ** 2)) < method.noise_threshold
            tree = {**tree, "W": tree["W"] + small * eW, "b": tree["b"] + small * eb}
            return (tree, state), small

        return lambda tree, state, batches: jax.lax.scan(step, (tree, state), batches)

    def _whole_batch(self, optimizer: Jax, tree: Jax, state: Jax, law: GaussianSampler) -> tuple[Jax, Jax]:
        """Make one step of the gradient over all nodes."""
        objective, n = self.objective, self.objective.network.width
        mean = objective.mean_gradient(law)
        dW = objective.spread_gradient(law)[:n] + 2.0 * self.penalty * objective.parameters(law)[0]
        gradient = {"W": dW, "b": mean[:n], "t": mean[n:]}
        update, state = optimizer.update(gradient, state, tree)
        return self.optax.apply_updates(tree, update), state

    def _advance(
        self, chunk: Jax, tree: Jax, state: Jax, first: int, count: int, size: int
    ) -> tuple[Jax, Jax, int]:
        """Make some minibatch steps in one compiled call, from step `first` on."""
        objective, method = self.objective, self.method
        n, d = objective.network.width, objective.inputs
        X, y, w = self.draw(count * size, self.rng, first * size if method.rng is None else None)[:3]
        shape = (count, n, d) if method.noise_threshold > 0 else (count, 1, 1)
        eW = self.rng.standard_normal(shape) if method.noise_threshold > 0 else np.zeros(shape)
        eb = self.rng.standard_normal(shape[:2]) if method.noise_threshold > 0 else np.zeros((count, 1))
        batches = X.reshape(count, size, d), y.reshape(count, size, *y.shape[1:]), w.reshape(count, size)
        (tree, state), small = chunk(tree, state, (*batches, method.noise * eW, method.noise * eb))
        return tree, state, int(np.sum(np.asarray(small)))
