"""Is this objective what it claims to be? Checks on a given distribution, before a derandomizer relies on it.

A wrong gradient does not make a derandomizer lie, because values are compared at the end; it makes it slow or idle.
The checks here say which of the promises of a `GaussianObjective` is broken: the two derivatives by differences, the
symmetry of the curvature, Stein's identity by differences in ``W``, and the reveal identity by Gauss-Hermite nodes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.engine.evaluation import CountedObjective
from derandkit.engine.law import GaussianSampler
from derandkit.errors import InputError
from derandkit.numerics.axes import principal_columns
from derandkit.numerics.hashing import hashed_direction
from derandkit.numerics.quadrature import gauss_hermite
from derandkit.numerics.vectors import inner, norm
from derandkit.options import check_kind, check_real
from derandkit.tables import Tabled, counted, html_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.engine.objective import GaussianObjective
    from derandkit.numerics.typing import FloatArray


EPSILON = float(np.finfo(float).eps)
#: Directions that are tried: the coordinate axes up to this many, then hashed ones.
AXES, HASHED = 8, 4
REVEAL_NODES = 41


@dataclass(frozen=True)
class ObjectiveCheck:
    """One promise, and how well it is kept.

    Parameters
    ----------
    name : str
        Which promise.
    error : float
        Largest error found, relative to the size of the numbers compared.
    tolerance : float
        What was allowed.
    required : bool
        False for identities that hold only approximately for this objective; they are reported, not judged.
    detail : str
        What was compared.
    """

    name: str
    error: float
    tolerance: float
    required: bool
    detail: str

    @property
    def ok(self) -> bool:
        """Whether the error is within the tolerance, or the promise is not required."""
        return not self.required or self.error <= self.tolerance

    @property
    def verdict(self) -> str:
        """``"ok"`` or ``"FAILED"``, or ``"reported"`` where nothing is required."""
        return ("ok" if self.error <= self.tolerance else "FAILED") if self.required else "reported"

    def __str__(self) -> str:
        return f"{self.name:<18} {self.verdict:<8} error {self.error:.1e} (allowed {self.tolerance:.0e})  {self.detail}"


@dataclass(frozen=True)
class ObjectiveReport(Tabled):
    """What `check_objective` found.

    Parameters
    ----------
    objective : str
        Name of the objective's type.
    checks : tuple of ObjectiveCheck
        One for each promise.
    """

    objective: str
    checks: tuple[ObjectiveCheck, ...]

    @property
    def ok(self) -> bool:
        """Whether every required promise is kept."""
        return all(check.ok for check in self.checks)

    @property
    def failures(self) -> tuple[str, ...]:
        """Names of the promises that are broken."""
        return tuple(check.name for check in self.checks if not check.ok)

    def __repr__(self) -> str:
        return f"ObjectiveReport({self.summary}; {counted(len(self.checks), 'check')})"

    def __getitem__(self, name: str) -> ObjectiveCheck:
        return next(check for check in self.checks if check.name == name)

    @property
    def summary(self) -> str:
        """One line: whether the objective keeps its promises."""
        return f"{self.objective} " + (
            "keeps its promises" if self.ok else f"breaks: {', '.join(self.failures)}"
        )

    def table_rows(self) -> list[tuple[str, ...]]:
        """Return the rows of the table: promise, verdict, error and what was compared."""
        return [
            (
                check.name,
                check.verdict,
                f"error {check.error:.1e} (allowed {check.tolerance:.0e})",
                check.detail,
            )
            for check in self.checks
        ]

    def _repr_html_(self) -> str:
        return html_table(self.summary, self.table_rows())

    def __str__(self) -> str:
        return "\n".join([self.summary, *(f"  {check}" for check in self.checks)])


def check_objective(
    objective: GaussianObjective, sampler: GaussianSampler, *, step: float = 1.0, tolerance: float = 1e-4
) -> ObjectiveReport:
    """Test an objective's derivatives and identities at a distribution.

    Parameters
    ----------
    objective : GaussianObjective
        What to test.
    sampler : GaussianSampler
        Where; a distribution in general position (no zero gradient, some spread) shows most.
    step : float
        Scale of a coordinate for the steps of the differences.
    tolerance : float
        Relative error allowed in differences; the reveal identity is allowed the same.

    Returns
    -------
    ObjectiveReport
        Checks ``value``, ``mean gradient``, ``curvature``, ``symmetry``; with spread also ``spread gradient``
        (``dF/dW``, by Stein's identity or the objective's own method), ``stein``, ``rotation`` (F depends on ``W W^T``
        only) and ``reveal``; an objective that is ``isotropic_only`` has no ``reveal``. For an objective with its own
        ``spread_gradient`` the last three are reported, not judged: over a finite sample they hold only approximately.

    Raises
    ------
    InputError
        If a method is missing or returns a wrong shape, or the step is not positive.

    Notes
    -----
    Differences are central, fourth order (Richardson), along coordinate axes and fixed hashed directions; about 100
    values and 60 gradients. Errors are relative to the largest number of the kind compared.

    Examples
    --------
    >>> from derandkit import QuadratureObjective
    >>> wrong = QuadratureObjective(lambda z: np.sin(z[:, 0]), gradient=lambda z: np.sin(z), dimension=1)
    >>> report = check_objective(wrong, GaussianSampler([0.3], [[0.5]]))
    >>> report.ok, report.failures[0]
    (False, 'mean gradient')
    """
    check_kind("sampler", sampler, GaussianSampler, "derandkit.GaussianSampler(mean, spread)")
    check_real("step", step)
    check_real("tolerance", tolerance)
    if not step > 0:
        raise InputError(f"step must be positive and finite, got {step}")
    if getattr(objective, "dimension", sampler.dimension) != sampler.dimension:
        raise InputError(
            f"{type(objective).__name__} has dimension {objective.dimension}, the distribution {sampler.dimension}"
        )
    inspection = _Inspection(objective, sampler, step, tolerance)
    return ObjectiveReport(type(objective).__name__, tuple(inspection.checks()))


class _Inspection:
    """One run of `check_objective`."""

    def __init__(
        self, objective: GaussianObjective, sampler: GaussianSampler, step: float, tolerance: float
    ) -> None:
        self.problem = CountedObjective(objective)
        self.sampler = sampler
        self.step = step
        self.tolerance = tolerance
        self.value = self.problem.value(sampler)
        self.own_spread_gradient = hasattr(objective, "spread_gradient")

    def checks(self) -> list[ObjectiveCheck]:
        """Run every check that applies; a value that is not finite ends the inspection."""
        finite = ObjectiveCheck(
            "value", 0.0 if math.isfinite(self.value) else math.inf, 0.0, True, f"F = {self.value:.6g}"
        )
        if not finite.ok or self.sampler.dimension == 0:
            return [finite]
        found = [finite, self._mean_gradient(), self._curvature(), self._symmetry()]
        if not self.sampler.is_deterministic:
            found.append(self._spread_gradient())
            if not self.sampler.is_isotropic:
                found += [self._stein(), self._rotation()]
            if not self.problem.isotropic_only:  # a revealed coordinate leaves a spread that is not isotropic
                found.append(self._reveal())
        return found

    def _directions(self) -> FloatArray:
        """Return unit directions, one a row: the first axes, then hashed ones."""
        n = self.sampler.dimension
        axes = np.eye(n)[: min(n, AXES)]
        if n <= AXES:
            return axes
        wave = hashed_direction(n)
        turned = np.array([np.roll(wave, k * (n // HASHED)) for k in range(HASHED)])
        return np.concatenate((axes, turned))

    def _slope(self, function: Callable[[float], FloatArray | float], h: float) -> FloatArray:
        """Return the derivative at 0 by fourth-order central differences."""
        near = np.asarray(function(h)) - np.asarray(function(-h))
        far = np.asarray(function(2 * h)) - np.asarray(function(-2 * h))
        return np.asarray((8.0 * near - far) / (12.0 * h), dtype=np.float64)

    def _moved(self, direction: FloatArray, t: float) -> GaussianSampler:
        return self.sampler.with_mean(self.sampler.mean + t * direction)

    def _h(self) -> float:
        return float(EPSILON**0.2) * self.step

    def _mean_gradient(self) -> ObjectiveCheck:
        gradient = self.problem.mean_gradient(self.sampler)
        errors, sizes = [0.0], [norm(gradient)]
        for v in self._directions():
            slope = float(self._slope(lambda t, v=v: self.problem.value(self._moved(v, t)), self._h()))  # type: ignore[misc]
            errors.append(abs(inner(gradient, v) - slope))
            sizes.append(abs(slope))
        return self._check("mean gradient", errors, sizes, "dF/db against differences of the value")

    def _curvature(self) -> ObjectiveCheck:
        errors, sizes = [0.0], [0.0]
        for v in self._directions():
            product = self.problem.curvature(self.sampler, v[:, None])[:, 0]
            change = self._slope(
                lambda t, v=v: self.problem.mean_gradient(self._moved(v, t)),  # type: ignore[misc]
                self._h(),
            )
            errors.append(norm(product - change))
            sizes += [norm(product), norm(change)]
        return self._check("curvature", errors, sizes, "H v against differences of dF/db")

    def _symmetry(self) -> ObjectiveCheck:
        directions = self._directions()
        products = np.einsum(
            "pn,nq->pq", directions, self.problem.curvature(self.sampler, directions.T.copy())
        )
        return self._check(
            "symmetry", [norm(products - products.T) / 2.0], [norm(products)], "u'Hv against v'Hu"
        )

    def _turns(self) -> list[FloatArray]:
        """Return unit changes of W: single entries of large rows, and W itself."""
        W = self.sampler.dense_spread()
        wave = hashed_direction(W.size).reshape(W.shape)
        return [W / norm(W), wave]

    def _spread_gradient(self) -> ObjectiveCheck:
        gradient = self.problem.spread_gradient(self.sampler)
        if isinstance(self.sampler.spread, float) and isinstance(gradient, float):
            sigma = self.sampler.spread
            h = min(self._h(), sigma / 4.0)
            slope = float(self._slope(lambda t: self.problem.value(self.sampler.with_spread(sigma + t)), h))
            return self._check(
                "spread gradient", [abs(gradient - slope)], [abs(gradient), abs(slope)], "dF/dsigma"
            )
        errors, sizes = self._against_differences(np.asarray(gradient))
        return self._check("spread gradient", errors, sizes, "dF/dW against differences of the value")

    def _against_differences(self, gradient: FloatArray) -> tuple[list[float], list[float]]:
        W = self.sampler.dense_spread()
        errors, sizes = [], [norm(gradient)]
        for turn in self._turns():
            slope = float(
                self._slope(
                    lambda t, turn=turn: self.problem.value(self.sampler.with_spread(W + t * turn)),  # type: ignore[misc]
                    self._h(),
                )
            )
            errors.append(abs(inner(gradient, turn) - slope))
            sizes.append(abs(slope))
        return errors, sizes

    def _stein(self) -> ObjectiveCheck:
        product = self.problem.curvature(self.sampler, self.sampler.dense_spread())
        errors, sizes = self._against_differences(product)
        return self._check("stein", errors, sizes, "H W against differences of the value in W", False)

    def _rotation(self) -> ObjectiveCheck:
        turned = self.sampler.with_spread(principal_columns(self.sampler.dense_spread()))
        # a reflection in a fixed direction mixes all columns, whatever the principal axes are
        W = turned.dense_spread()
        mirror = hashed_direction(W.shape[1])
        mirrored = turned.with_spread(W - 2.0 * np.outer(np.einsum("ij,j->i", W, mirror), mirror))
        errors = [abs(self.problem.value(law) - self.value) for law in (turned, mirrored)]
        return self._check("rotation", errors, [self._variation()], "F at W Q, Q orthogonal", False)

    def _reveal(self) -> ObjectiveCheck:
        W = principal_columns(self.sampler.dense_spread())
        t, weights = gauss_hermite(REVEAL_NODES)
        rest = GaussianSampler(self.sampler.mean, W[:, 1:])
        values = self.problem.line_values(rest, np.ascontiguousarray(W[:, 0]), t)
        errors = [abs(math.fsum(weights * values) - self.value)]
        return self._check("reveal", errors, [self._variation()], "average over one coordinate", False)

    def _variation(self) -> float:
        """Return the size of F that errors of F are relative to."""
        return max(abs(self.value), abs(self.problem.value(self.sampler.deterministic()) - self.value))

    def _check(
        self, name: str, errors: list[float], sizes: list[float], detail: str, required: bool = True
    ) -> ObjectiveCheck:
        largest = max(sizes)
        # below this a difference of values is rounding noise
        noise = 1e3 * EPSILON * max(abs(self.value), 1e-300) / self._h()
        error = max((e if math.isfinite(e) else math.inf) for e in errors)
        relative = error / max(largest, noise / self.tolerance, 1e-300) if error > 0 else 0.0
        return ObjectiveCheck(
            name, relative, self.tolerance, required or not self.own_spread_gradient, detail
        )
