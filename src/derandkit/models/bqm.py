"""Models of dimod, taken apart and made."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple

from derandkit.errors import InputError
from derandkit.graphs.weights import exact_float


class Parts(NamedTuple):
    """What a dimod model consists of."""

    linear: dict[Hashable, float]
    quadratic: dict[tuple[Hashable, Hashable], float]
    offset: float
    vartype: str


def dimod_parts(bqm: object, wanted: str | None = None) -> Parts | None:
    """Take a dimod model apart, for which dimod is not needed; None for anything else.

    Raises
    ------
    InputError
        Its variables are not of the kind `wanted`.
    """
    names = ("linear", "quadratic", "offset", "vartype")
    if isinstance(bqm, Mapping) or not all(hasattr(bqm, name) for name in names):
        return None
    linear, quadratic, offset, kind = (getattr(bqm, name) for name in names)
    if not hasattr(kind, "name"):
        return None
    found = str(kind.name).lower()
    if wanted not in (None, found):
        other = "minimize_ising" if found == "spin" else "minimize_qubo"
        raise InputError(
            f"the model has {found} variables: pass it to {other}, or change_vartype({str(wanted).upper()!r}) first"
        )
    return Parts(dict(linear), dict(quadratic), exact_float(offset), found)


def made_of(parts: Parts) -> object:
    """Make a dimod ``BinaryQuadraticModel``.

    Raises
    ------
    MissingDependencyError
        dimod is not installed.
    """
    from importlib import import_module

    try:
        dimod = import_module("dimod")
    except ImportError:
        from derandkit.errors import MissingDependencyError

        raise MissingDependencyError("dimod", "dimod") from None
    return dimod.BinaryQuadraticModel(parts.linear, parts.quadratic, parts.offset, parts.vartype.upper())
