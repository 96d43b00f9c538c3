"""What a problem of this wing is: it writes itself down as quadratic terms, and says what a solution does."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, TypeAlias

from derandkit.errors import InputError
from derandkit.models.files import ModelFile
from derandkit.models.model import QuadraticModel
from derandkit.models.terms import Coefficients
from derandkit.numerics.ranges import sums_in_range

if TYPE_CHECKING:
    from derandkit.models.terms import Terms
    from derandkit.numerics.typing import SignArray
    from derandkit.records import JsonMapping


class SignProblem(Protocol):
    """A problem whose value is a quadratic function of signs or bits."""

    @property
    def kind(self) -> str:
        """Name of the problem in its record."""

    @property
    def n(self) -> int:
        """Number of variables."""

    @property
    def labels(self) -> Sequence[Hashable]:
        """The variables in canonical order."""

    @property
    def digest(self) -> str:
        """Names the instance, in hex."""

    def terms(self) -> Terms:
        """Return the value as quadratic terms."""

    def exact_value(self, solution: SignArray) -> Fraction:
        """Return the value of a solution by the definition of the problem, without rounding."""

    def figures(self, solution: SignArray) -> JsonMapping:
        """Return what a solution does, in the words of the problem."""


#: What this wing solves.
Instance: TypeAlias = QuadraticModel | SignProblem


def as_model(instance: Instance) -> tuple[QuadraticModel, Fraction]:
    """Return the model of an instance, and how far its values can be from those of the instance."""
    if isinstance(instance, QuadraticModel):
        return instance, Fraction(0)
    if isinstance(instance, ModelFile):
        raise InputError(
            "optimize takes a model; pass the attribute model of what derandkit.read_model returns"
        )
    if not hasattr(instance, "terms"):
        raise InputError(
            f"optimize takes a QuadraticModel, Clauses, Arcs or SignedGraph, got {type(instance).__name__}; "
            "for a matrix, a mapping or a dimod model use minimize_qubo or minimize_ising"
        )
    terms = instance.terms()
    with sums_in_range():
        model = terms.model()
    return model, terms.slack(model)


def exact_coefficients(instance: Instance, model: QuadraticModel) -> Coefficients:
    """Return the coefficients of an instance before its model rounds them."""
    return Coefficients.of(model) if isinstance(instance, QuadraticModel) else instance.terms().exact(model)
