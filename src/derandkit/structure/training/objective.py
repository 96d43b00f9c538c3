"""The risk of a student as a Gaussian objective, all parameters included.

The engine knows distributions ``W x + b``. Further parameters theta are joined to the mean, and the spread gets rows of
zeros for them: the distribution of ``(W x + b, theta)``. The engine's descents then train everything at once, leave
saddles along negative curvature in (b, theta), and need no change. On fixed nodes Stein's identity is only approximate,
so the gradient in W is taken directly.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.engine.law import GaussianSampler
from derandkit.errors import InputError
from derandkit.numerics.vectors import inner, norm
from derandkit.structure.choices import FREEZABLE

if TYPE_CHECKING:
    from collections.abc import Collection

    from derandkit.numerics.typing import FloatArray
    from derandkit.structure.teacher import Sample
    from derandkit.structure.training.network import Blocks, Network


#: What is said of numbers that no double holds.
BEYOND = (
    "is beyond the range of doubles; use fewer layers, another activation or start, or smaller inputs and targets "
    "(standardise them)"
)


class _At(NamedTuple):
    """What is known where the objective was asked last: loss, penalty on theta, gradients with it and without."""

    sampler: GaussianSampler
    loss: float
    penalty: float
    spread: FloatArray
    mean: FloatArray
    risen: FloatArray


class NetworkObjective:
    """``F(W, (b, theta)) = sum_k w_k loss(phi(W x_k + b; theta), y_k)``, a `derandkit.GaussianObjective`.

    Parameters
    ----------
    network : Network
        The compiled student.
    sample : Sample
        Nodes, targets and weights.
    frozen : collection of {"bias", "upper"}
        Parameters that are not trained: their gradient is zero.
    upper_penalty : float
        Coefficient of ``|theta|^2``, part of F. The lemma allows any: theta may enter as it likes.

    Raises
    ------
    InputError
        If something else is to be frozen.
    """

    def __init__(
        self, network: Network, sample: Sample, frozen: Collection[str] = (), upper_penalty: float = 0.0
    ) -> None:
        unknown = sorted(set(frozen) - set(FREEZABLE))
        if unknown:
            raise InputError(f"what can be frozen is 'bias' and 'upper', got {unknown[0]!r}")
        self.network = network
        self.sample = sample
        self.frozen = tuple(name for name in FREEZABLE if name in frozen)
        self.upper_penalty = float(upper_penalty)
        self.inputs = int(sample.points.shape[1])
        self.evaluations = 0
        self.products = 0
        self._blocks: tuple[Blocks, ...] = network.blocks(sample)
        self._last: _At | None = None

    def reset(self, upper_penalty: float) -> None:
        """Take another penalty of the upper layers, and forget what was computed under the last one."""
        self.upper_penalty = float(upper_penalty)
        self._last = None

    @property
    def dimension(self) -> int:
        """Units of the first layer and parameters above it."""
        return self.network.width + self.network.start.size

    def law(self, W: FloatArray, b: FloatArray, theta: FloatArray) -> GaussianSampler:
        """Return the distribution that stands for the parameters."""
        spread = np.zeros((self.dimension, self.inputs))
        spread[: self.network.width] = W
        return GaussianSampler(np.concatenate((b, theta)), spread)

    def parameters(self, law: GaussianSampler) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return (W, b, theta) of a distribution; columns of W that it lacks are zero."""
        n, W = self.network.width, law.dense_spread()
        if W.shape[1] < self.inputs:
            W = np.pad(W, ((0, 0), (0, self.inputs - W.shape[1])))
        return W[:n], law.mean[:n], law.mean[n:]

    def value(self, sampler: GaussianSampler) -> float:
        """Return the risk; its gradient is kept, because it costs little more."""
        here = self._at(sampler)
        return here.loss + here.penalty

    def loss(self, sampler: GaussianSampler) -> float:
        """Return the risk without the penalty on theta, as it is summed: to take a large one off again would round."""
        return self._at(sampler).loss

    def mean_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return the gradient in (b, theta), shape (n + p,)."""
        return self._at(sampler).mean

    def risk_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return the gradient in (b, theta) without that of the penalty on theta, shape (n + p,)."""
        return self._at(sampler).risen

    def spread_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return the gradient in W, below it the rows of zeros, shape (n + p, d)."""
        return self._at(sampler).spread

    def curvature(self, sampler: GaussianSampler, directions: FloatArray) -> FloatArray:
        """Return the Hessian in (b, theta) times directions, shape (n + p, m)."""
        W, b, theta = self.parameters(sampler)
        out = np.zeros(directions.shape)
        for k in range(directions.shape[1]):
            direction = self._masked(directions[:, k])
            if direction.any():
                db, dtheta = direction[: b.size], direction[b.size :]
                product = self.network.product(W, b, theta, db, dtheta, self._blocks)
                bent = np.concatenate(product)
                bent[b.size :] += 2.0 * self.upper_penalty * dtheta
                out[:, k] = self._masked(bent)
                self.products += 1
        return out

    def joint_product(self, sampler: GaussianSampler, direction: FloatArray) -> FloatArray:
        """Return the whole Hessian, in (W, b, theta), times a direction of as many entries, by forward mode."""
        W, b, theta = self.parameters(sampler)
        first = W.size + b.size
        dW, db, dtheta = direction[: W.size].reshape(W.shape), direction[W.size : first], direction[first:]
        HW, Hb, Htheta = self.network.joint_product(W, b, theta, dW, db, dtheta, self._blocks)
        mean = self._masked(np.concatenate((Hb, Htheta + 2.0 * self.upper_penalty * dtheta)))
        return np.concatenate((HW.ravel(), mean))

    def bias_curvature(self, sampler: GaussianSampler) -> FloatArray:
        """Return the Hessian in b, shape (n, n)."""
        H = self.network.bias_curvature(*self.parameters(sampler), self._blocks)
        return np.asarray((H + H.T) / 2.0)

    def _at(self, sampler: GaussianSampler) -> _At:
        if self._last is None or self._last.sampler is not sampler:
            W, b, theta = self.parameters(sampler)
            risk, (dW, db, dtheta) = self.network.risk_and_gradient(W, b, theta, self._blocks)
            risen = self._masked(np.concatenate((db, dtheta)))
            dtheta = dtheta + 2.0 * self.upper_penalty * theta
            self.evaluations += 1
            spread = np.zeros((self.dimension, sampler.rank))
            spread[: self.network.width] = dW[:, : sampler.rank]
            added = self.upper_penalty * inner(theta, theta)
            mean = self._masked(np.concatenate((db, dtheta)))
            self._last = _At(sampler, float(risk), added, spread, mean, risen)
        return self._last

    def _masked(self, vector: FloatArray) -> FloatArray:
        if not self.frozen:
            return vector
        n, out = self.network.width, vector.copy()
        if "bias" in self.frozen:
            out[:n] = 0.0
        if "upper" in self.frozen:
            out[n:] = 0.0
        return out


def refuse_overflow(objective: NetworkObjective, start: GaussianSampler) -> None:
    """Refuse a network whose risk, or its gradient, is no number at the start: no descent leads back from there.

    Raises
    ------
    InputError
        It says what makes the numbers smaller.

    Examples
    --------
    >>> from derandkit.structure.training.network import build
    >>> from derandkit import Student, Teacher
    >>> student, teacher = Student(width=16, depth=12, activation="hermite2"), Teacher("tanh", 2)
    >>> network = build(student, "squared", 2)
    >>> objective = NetworkObjective(network, teacher.training())
    >>> refuse_overflow(objective, objective.law(*student.first_layer(2), network.start))
    Traceback (most recent call last):
    derandkit.errors.InputError: the risk of the network at the start, or its gradient, is beyond the range of ...
    """
    slopes = norm(objective.spread_gradient(start)), norm(objective.mean_gradient(start))
    if not all(map(math.isfinite, (objective.value(start), *slopes))):
        raise InputError(f"the risk of the network at the start, or its gradient, {BEYOND}")
