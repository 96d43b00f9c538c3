"""The objective of a Gaussian distribution, and what a problem has to supply for it.

For ``F(W, b) = E[g(W x + b)]`` Stein's identity gives ``dF/dW = H W`` with ``H = d2F/db2``, so a problem supplies
three things: the value, the gradient in the mean, and the action of ``H`` on vectors. Everything else in this
package, the lemma's descent and its certificate included, is built from these three. `QuadratureObjective` makes them
from a plain function ``g`` with fixed nodes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from derandkit.engine.answers import refuse_mixed_rows, shaped
from derandkit.engine.differences import EPSILON, Differences, Resolution, differences, missed
from derandkit.engine.law import check_sampler, checked_directions
from derandkit.errors import InputError, MissingDependencyError
from derandkit.numerics.quadrature import KINDS, RuleKind
from derandkit.options import check_choice, check_real, check_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from derandkit.engine.law import GaussianSampler
    from derandkit.numerics.quadrature import Rule
    from derandkit.numerics.typing import FloatArray


@runtime_checkable
class GaussianObjective(Protocol):
    """What a problem supplies: ``F(W, b) = E[g(W x + b)]`` to be minimised, with two derivatives in ``b``.

    The three methods must describe the same function; `derandkit.check_objective` tests that on a given distribution.

    Further methods are used where they exist:

    - ``spread_gradient(sampler) -> ndarray, shape (n, r)`` (a float ``dF/dsigma`` for isotropic spread) replaces
      Stein's identity, which an expectation over a finite sample satisfies only approximately;
    - ``curvature_trace(sampler) -> float`` serves isotropic spread, because ``dF/dsigma = sigma tr(H)``;
    - ``line_values(sampler, direction, steps) -> ndarray`` returns ``F(W, b + t direction)`` for many t at once;
    - ``line_candidates(sampler, direction) -> ndarray`` returns further t that are worth a look on that line;
    - ``curvature_bounds(sampler) -> (low, high)`` encloses the eigenvalues of H, where that is cheap;
    - ``isotropic_only``, True where the closed form holds for an isotropic spread alone, which conditional expectations
      would break up;
    - ``gradient_resolution(sampler)`` returns what derivatives that are differences resolve, or None;
    - ``curvature_by_differences``, True where second derivatives are differences;
    - ``pointwise(points) -> ndarray, shape (m,)`` returns ``g`` at the rows of its argument, for sampling.

    Examples
    --------
    >>> import derandkit
    >>> graph = derandkit.as_graph([("a", "b")])
    >>> isinstance(derandkit.CutObjective(graph, 0.1), derandkit.GaussianObjective)
    True
    """

    @property
    def dimension(self) -> int:
        """Number of coordinates n of a solution."""
        ...

    def value(self, sampler: GaussianSampler) -> float:
        """Return ``F(W, b)``.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        ...

    def mean_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return ``dF/db``, shape (n,).

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        ...

    def curvature(self, sampler: GaussianSampler, directions: FloatArray) -> FloatArray:
        """Return ``H @ directions`` for ``directions`` of shape (n, p), with ``H = d2F/db2``.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        directions : ndarray, shape (n, p)
            The vectors.
        """
        ...


@dataclass
class _Last:
    """What was computed for the last spread and for the last sampler."""

    spread: FloatArray | float = 0.0
    n: int = -1
    shifts: tuple[Rule, FloatArray] | None = None
    sampler: GaussianSampler | None = None
    gradients: FloatArray | None = None
    differences: Differences | None = None
    #: Functions that were seen to look at each row alone.
    checked: set[str] = field(default_factory=set)


@dataclass(frozen=True, eq=False)
class QuadratureObjective:
    """The Gaussian objective of a plain function, by fixed deterministic nodes.

    Parameters
    ----------
    g : callable
        Maps points, shape (m, n), to values, shape (m,).
    dimension : int
        n.
    gradient : callable, optional
        Maps points, shape (m, n), to gradients, shape (m, n); central differences of `g` otherwise.
    hessian_product : callable, optional
        Maps points (m, n) and one direction (n,) to ``Hess g(z) v``, shape (m, n); central differences of the gradient
        otherwise.
    nodes : int
        Number of integration nodes at most; at least 8.
    rule : {"auto", "tensor", "sparse", "sobol"}
        Kind of nodes: products of Gauss-Hermite nodes, a sparse grid of them, or Sobol points; "auto" takes
        products where at least 7 nodes an axis fit, else Sobol points.
    scale : float
        Smallest size of a coordinate of z that matters; the steps of differences are relative to it, or to the
        largest coordinate if that is larger.

    Raises
    ------
    InputError
        If a parameter is out of range; a callable returns a wrong shape, masked entries, or a series whose index does
        not count the points; or its answer for a point depends on the other points, which the first call looks at.

    Notes
    -----
    The nodes ``x_k`` live in the r dimensions of the distribution (zero columns of ``W`` are left out), so
    ``F = sum_k w_k g(W x_k + b)``. Stein's identity and the dependence on ``W W^T`` alone hold up to quadrature error;
    the gradient in ``W`` is therefore that of the sum itself. `quadrature_error` says how much to trust a value.

    Examples
    --------
    >>> from derandkit import GaussianSampler
    >>> quartic = QuadratureObjective(lambda z: z[:, 0] ** 4, dimension=1)
    >>> law = GaussianSampler([1.0], [[2.0]])
    >>> round(quartic.value(law), 9)  # 1 + 6 * 4 + 3 * 16
    73.0
    >>> quartic.quadrature_error(law) < 1e-9
    True
    """

    g: Callable[[FloatArray], ArrayLike]
    dimension: int = field(kw_only=True)
    gradient: Callable[[FloatArray], ArrayLike] | None = field(default=None, kw_only=True)
    hessian_product: Callable[[FloatArray, FloatArray], ArrayLike] | None = field(default=None, kw_only=True)
    nodes: int = field(default=4096, kw_only=True)
    rule: RuleKind = field(default="auto", kw_only=True)
    scale: float = field(default=1.0, kw_only=True)
    _last: _Last = field(default_factory=lambda: _Last(), init=False, repr=False)

    def __post_init__(self) -> None:
        if not callable(self.g):
            raise InputError("g must be a function from points, shape (m, n), to values, shape (m,)")
        check_whole("dimension", self.dimension)
        check_whole("nodes", self.nodes, 8)
        object.__setattr__(self, "rule", check_choice("rule", self.rule, KINDS))
        check_real("scale", self.scale)
        if not self.scale > 0:
            raise InputError(f"scale must be positive and finite, got {self.scale}")

    def value(self, sampler: GaussianSampler) -> float:
        """Return the weighted sum of g over the nodes."""
        rule, shifts = self._shifts(sampler)
        return rule.mean(self.pointwise(sampler.mean + shifts))

    def quadrature_error(self, sampler: GaussianSampler) -> float:
        """Return an estimate of the error of `value`: its distance from the value of a coarser rule of the same kind.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        from derandkit.numerics.quadrature import gaussian_rules

        W = _columns(sampler)
        _, coarse = gaussian_rules(W.shape[1], self.nodes, self.rule)
        shifts = np.einsum("kr,nr->kn", coarse.nodes, W)
        return abs(self.value(sampler) - coarse.mean(self.pointwise(sampler.mean + shifts)))

    def mean_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return the weighted sum of the gradients of g, shape (n,)."""
        rule, gradients = self._gradients(sampler)
        return _mean(rule, gradients)

    def spread_gradient(self, sampler: GaussianSampler) -> FloatArray | float:
        """Return ``sum_k w_k grad g(z_k) x_k^T``, the exact gradient of the sum in ``W`` (or in sigma).

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        rule, gradients = self._gradients(sampler)
        if isinstance(sampler.spread, float):
            if sampler.spread == 0.0:
                return 0.0
            return float(np.einsum("k,kn,kn->", rule.weights, gradients, rule.nodes))
        out = np.zeros(sampler.spread.shape)
        out[:, sampler.spread.any(axis=0)] = np.einsum("k,kn,kr->nr", rule.weights, gradients, rule.nodes)
        return out

    def curvature(self, sampler: GaussianSampler, directions: FloatArray) -> FloatArray:
        """Return ``H @ directions`` with H the weighted sum of the Hessians of g, shape (n, p)."""
        directions = checked_directions(directions, self.dimension)
        out = np.zeros(directions.shape)
        for p in range(directions.shape[1]):
            length = float(np.sqrt(np.einsum("i,i->", directions[:, p], directions[:, p])))
            if length > 0:
                out[:, p] = length * self._product(sampler, directions[:, p] / length)
        return out

    def gradient_resolution(self, sampler: GaussianSampler) -> Resolution | None:
        """Return how far derivatives by differences may be off at a distribution; None where a gradient was given.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        if self.gradient is not None:
            return None
        rule, _ = self._gradients(sampler)
        found = self._last.differences
        assert found is not None
        entries = math.sqrt(self.dimension * (1.0 + rule.nodes.shape[1])) * float(
            np.sum(np.abs(rule.weights))
        )
        size = found.size
        # a difference of differences is off by the error of each over its step
        bend = size / found.reach if self.hessian_product is None else 0.0
        curvature = 1.5 * found.error / found.outer / bend if bend > 0.0 else 0.0
        beyond = 0.0
        if not rule.nodes.shape[1]:
            beyond = missed(self.pointwise, sampler.mean, found, self.scale)
        return Resolution(entries * found.error, entries * size, curvature, entries * beyond)

    @property
    def curvature_by_differences(self) -> bool:
        """Whether second derivatives are differences, so that the curvature is an estimate."""
        return self.hessian_product is None

    def pointwise(self, points: FloatArray) -> FloatArray:
        """Return g at each row of `points`, shape (m,).

        Parameters
        ----------
        points : ndarray, shape (m, n)
            One point a row.
        """
        points = np.atleast_2d(points)
        return self._rows("g", self.g, points, (points.shape[0],))

    def line_values(self, sampler: GaussianSampler, direction: FloatArray, steps: FloatArray) -> FloatArray:
        """Return ``F(W, b + t direction)`` for each t in `steps`.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        direction : ndarray, shape (n,)
            Where the mean moves.
        steps : ndarray, shape (p,)
            How far, in multiples of the direction.
        """
        rule, shifts = self._shifts(sampler)
        return np.array([rule.mean(self.pointwise(sampler.mean + t * direction + shifts)) for t in steps])

    def _product(self, sampler: GaussianSampler, direction: FloatArray) -> FloatArray:
        rule, shifts = self._shifts(sampler)
        points = sampler.mean + shifts
        if self.hessian_product is not None:
            product = self.hessian_product
            along = self._rows("hessian_product", lambda z: product(z, direction), points, points.shape)
            return _mean(rule, along)
        if self.gradient is not None:
            h = self._reach(points) * EPSILON ** (1 / 3)
            change = self._gradients_at(points + h * direction) - self._gradients_at(points - h * direction)
            return _mean(rule, change / (2.0 * h))
        # differences of differences: a longer step against the noise, fourth order against the truncation
        self._gradients(sampler)
        found = self._last.differences
        assert found is not None
        step, h = found.step if found.change is not None else None, found.outer
        near, far = (
            self._gradients_at(points + t * direction, step)
            - self._gradients_at(points - t * direction, step)
            for t in (h, 2.0 * h)
        )
        return _mean(rule, (8.0 * near - far) / (12.0 * h))

    def _shifts(self, sampler: GaussianSampler) -> tuple[Rule, FloatArray]:
        """Return the rule and ``W x_k`` for each node; the last one is kept."""
        from derandkit.numerics.quadrature import gaussian_rules

        check_sampler(sampler)
        last = self._last
        if last.shifts is not None and last.spread is sampler.spread and last.n == sampler.dimension:
            return last.shifts
        if sampler.dimension != self.dimension:
            raise InputError(
                f"the distribution has {sampler.dimension} coordinates, the objective {self.dimension}"
            )
        W = _columns(sampler)
        rule, _ = gaussian_rules(W.shape[1], self.nodes, self.rule)
        shifts = rule, np.einsum("kr,nr->kn", rule.nodes, W)
        last.spread, last.n, last.shifts = sampler.spread, sampler.dimension, shifts
        last.sampler = last.gradients = None
        return shifts

    def _gradients(self, sampler: GaussianSampler) -> tuple[Rule, FloatArray]:
        """Return the rule and the gradient of g at each node of the distribution; the last ones are kept."""
        rule, shifts = self._shifts(sampler)
        last = self._last
        if last.gradients is None or last.sampler is not sampler:
            points, last.differences = sampler.mean + shifts, None
            if self.gradient is None:
                last.differences = self._differences(points)
                last.sampler, last.gradients = sampler, last.differences.gradients
            else:
                last.sampler, last.gradients = sampler, self._gradients_at(points)
        return rule, last.gradients

    def _reach(self, points: FloatArray) -> float:
        """Return the size of a coordinate that steps of differences are relative to."""
        return max(self.scale, float(np.max(np.abs(points), initial=0.0)))

    def _gradients_at(self, points: FloatArray, step: float | None = None) -> FloatArray:
        if self.gradient is not None:
            return self._rows("gradient", self.gradient, points, points.shape)
        return self._differences(points, step).gradients

    def _rows(
        self,
        name: str,
        function: Callable[[FloatArray], ArrayLike],
        points: FloatArray,
        shape: tuple[int, ...],
    ) -> FloatArray:
        """Return the answer of a function, whose rows are looked at alone the first time."""
        if name in self._last.checked or len(points) < 2:
            return shaped(name, function(points), shape)
        kept = points.copy()  # it may change what it is given
        found = shaped(name, function(points), shape)
        self._last.checked.add(name)
        refuse_mixed_rows(function, kept, found, name)
        return found

    def _differences(self, points: FloatArray, step: float | None = None) -> Differences:
        return differences(self.pointwise, points, self._reach(points), step)


def _mean(rule: Rule, rows: FloatArray) -> FloatArray:
    """Return the weighted sum of rows, in a fixed order."""
    return np.asarray(np.einsum("k,kn->n", rule.weights, rows), dtype=np.float64)


def _columns(sampler: GaussianSampler) -> FloatArray:
    """Return W without its zero columns."""
    W = sampler.dense_spread()
    return W[:, W.any(axis=0)]


def from_jax(g: Callable[[Any], Any], *, dimension: int, nodes: int = 4096) -> QuadratureObjective:
    """Make a `QuadratureObjective` whose derivatives are taken by automatic differentiation.

    Parameters
    ----------
    g : callable
        A JAX function of one point, shape (n,), with a scalar value; it is vectorised and compiled here, in double
        precision.
    dimension : int
        n.
    nodes : int
        Number of integration nodes at most.

    Returns
    -------
    QuadratureObjective
        Gradients by reverse mode, products with the Hessian by forward over reverse mode.

    Raises
    ------
    InputError
        If a number is out of range, or the function does not return a number.
    MissingDependencyError
        If jax is not installed (extra ``structure``).

    Examples
    --------
    >>> objective = from_jax(lambda z: z[0] ** 2, dimension=1)
    >>> from derandkit import GaussianSampler
    >>> round(objective.value(GaussianSampler([1.0], [[2.0]])), 9)  # 1 + 4
    5.0
    """
    if not callable(g):
        raise InputError("g must be a function from one point, shape (n,), to a number")
    try:
        jax = import_module("jax")
    except ImportError:
        raise MissingDependencyError("jax", "structure") from None

    # the context manager moved to the top level when the experimental one was retired
    home = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")
    values = jax.jit(jax.vmap(g))
    gradients = jax.jit(jax.vmap(jax.grad(g)))
    products = jax.jit(
        jax.vmap(lambda z, v: jax.jvp(jax.grad(g), (z,), (v,))[1], in_axes=(0, None)),
    )

    def call(function: Callable[..., ArrayLike], *arguments: FloatArray) -> FloatArray:
        with home.enable_x64(True):
            return np.asarray(function(*arguments), dtype=np.float64)

    objective = QuadratureObjective(
        lambda points: call(values, points),
        dimension=dimension,
        gradient=lambda points: call(gradients, points),
        hessian_product=lambda points, direction: call(products, points, direction),
        nodes=nodes,
    )
    objective._last.checked.update(("g", "gradient", "hessian_product"))  # made row by row
    return objective
